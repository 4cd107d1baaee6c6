/* probe/typesense_schema_lib.c - the schema of listings against the runbook, field by field. */
#include "typesense_priv.h"

#include <string.h>

#include "model/listings.h"

static const struct column diff_columns[] = {
    {"field", "FIELD", UNIT_NONE, 0, 0},
    {"problem", "PROBLEM", UNIT_NONE, 0, 0},
    {"expected", "RUNBOOK", UNIT_NONE, 0, 1},
    {"found", "INDEX", UNIT_NONE, 0, 1},
};

static void add_problem(struct reading *out, struct table *t, enum health health, const char *field,
                        const char *problem, const char *expected, const char *found) {
    struct row *row = table_add_row(out, t, field, health);
    row_text(out, row, 0, field);
    row_text(out, row, 1, problem);
    row_text(out, row, 2, expected);
    row_text(out, row, 3, found);
}

static void diff_field(struct reading *out, struct table *t, const struct json *fields,
                       const struct listings_field *e) {
    const struct json *f = json_named(fields, e->name);
    if (!f) {
        add_problem(out, t, HEALTH_WARNING, e->name, "missing", e->type, NULL);
        return;
    }
    const char *type = json_string(f, "type");
    if (!type || strcmp(type, e->type) != 0)
        add_problem(out, t, HEALTH_WARNING, e->name, "other type", e->type, type);
    if ((e->flags & FIELD_FACET) && !json_is_true(f, "facet"))
        add_problem(out, t, HEALTH_WARNING, e->name, "not a facet", "facet", "no facet");
    if ((e->flags & FIELD_SORT) && !json_is_true(f, "sort"))
        add_problem(out, t, HEALTH_WARNING, e->name, "not sortable", "sort", "no sort");
    if ((e->flags & FIELD_OPTIONAL) && !json_is_true(f, "optional"))
        add_problem(out, t, HEALTH_WARNING, e->name, "required", "optional", "required");
}

static void diff_extra(struct reading *out, struct table *t, const struct json *fields) {
    for (const struct json *f = json_first(fields); f && t->n_rows < TYPESENSE_MAX_ROWS;
         f = json_next(f)) {
        const char *name = json_string(f, "name");
        if (name && !listings_has_field(name))
            add_problem(out, t, HEALTH_OFF, name, "not in the runbook", NULL,
                        json_string(f, "type"));
    }
}

void typesense_schema(struct reading *out, const struct json *fields) {
    struct table *t = reading_add_table(out, "schema_diff", "Schema against the runbook",
                                        diff_columns, ARRAY_LEN(diff_columns));
    for (size_t i = 0; i < LISTINGS_N_FIELDS; i++)
        diff_field(out, t, fields, &listings_fields[i]);
    uint32_t problems = t->n_rows;
    reading_int(out, "schema_problems", UNIT_COUNT, problems);
    diff_extra(out, t, fields);
    if (problems)
        reading_finding(
            out, HEALTH_WARNING, "schema_diff", "compare with the release of the API, then reindex",
            "the schema of listings differs from the runbook in %s", COUNTED(problems, "place"));
}
