/* act/reindex_schema_lib.c - the schema of `listings` as JSON and against a live one, and counts
 * per status. Pure. */
#include <string.h>

#include "base/jsonw.h"
#include "model/listings.h"
#include "reindex_priv.h"
#include "wire/json.h"

/* ---- schema ---- */

void index_schema_json(struct str *out, const char *name, const struct index_look *like) {
    struct jsonw w;
    jsonw_init(&w, out, JSONW_LINE);
    jsonw_open(&w, '{');
    jsonw_put_string(&w, "name", name);
    if (like->default_sorting_field && *like->default_sorting_field)
        jsonw_put_string(&w, "default_sorting_field", like->default_sorting_field);
    if (like->settings)
        str_puts(out, like->settings);
    jsonw_key(&w, "fields");
    jsonw_open(&w, '[');
    for (uint32_t i = 0; i < LISTINGS_N_FIELDS; i++) {
        const struct listings_field *f = &listings_fields[i];
        jsonw_open(&w, '{');
        jsonw_put_string(&w, "name", f->name);
        jsonw_put_string(&w, "type", f->type);
        static const struct {
            unsigned flag;
            const char *key;
        } flags[] = {{FIELD_FACET, "facet"}, {FIELD_SORT, "sort"}, {FIELD_OPTIONAL, "optional"}};
        for (size_t k = 0; k < ARRAY_LEN(flags); k++) {
            if (!(f->flags & flags[k].flag))
                continue;
            jsonw_put_bool(&w, flags[k].key, true);
        }
        jsonw_close(&w, '}');
    }
    jsonw_close(&w, ']');
    jsonw_close(&w, '}');
}

static void add_line(struct lines *l, const char *line) {
    if (l->n < PLAN_MAX_LINES)
        l->at[l->n++] = line;
    else
        l->n_left_out++;
}

static void diff_field(const struct json *fields, const struct listings_field *e, struct arena *a,
                       struct lines *l) {
    const struct json *f = json_named(fields, e->name);
    const char *type = json_string(f, "type");
    if (!f) {
        add_line(l, arena_printf(a, "%s (%s) is missing", e->name, e->type));
        return;
    }
    if (!type || strcmp(type, e->type) != 0)
        add_line(l, arena_printf(a, "%s is %.40s, the runbook says %s", e->name,
                                 type ? type : "of no type", e->type));
    if ((e->flags & FIELD_FACET) && !json_is_true(f, "facet"))
        add_line(l, arena_printf(a, "%s is no facet", e->name));
    if ((e->flags & FIELD_SORT) && !json_is_true(f, "sort"))
        add_line(l, arena_printf(a, "%s cannot be sorted by", e->name));
    if ((e->flags & FIELD_OPTIONAL) && !json_is_true(f, "optional"))
        add_line(l, arena_printf(a, "%s is required, the runbook says optional", e->name));
}

void index_schema_diff(const struct json *fields, struct arena *a, struct index_look *ret) {
    ret->counts_statuses = json_is_true(json_named(fields, "status"), "facet");
    for (uint32_t i = 0; i < LISTINGS_N_FIELDS; i++)
        diff_field(fields, &listings_fields[i], a, &ret->schema);
    for (const struct json *f = json_first(fields); f; f = json_next(f)) {
        const char *name = json_string(f, "name");
        if (!name || listings_has_field(name))
            continue;
        ret->n_extra++;
        add_line(&ret->schema, arena_printf(a, "%.60s is not in the runbook", name));
    }
}

/* ---- counts per status ---- */

void status_counts_add(struct status_counts *c, const char *status, int64_t n) {
    uint32_t i = 0;
    c->total += n;
    while (i < c->n && strcmp(c->at[i].status, status) < 0)
        i++;
    if (i < c->n && strcmp(c->at[i].status, status) == 0) {
        c->at[i].n += n;
        return;
    }
    if (c->n == STATUSES || !n)
        return;
    memmove(&c->at[i + 1], &c->at[i], (c->n - i) * sizeof c->at[0]);
    c->n++;
    str_copy(c->at[i].status, sizeof c->at[i].status, status);
    c->at[i].n = n;
}

int64_t status_counts_of(const struct status_counts *c, const char *status) {
    for (uint32_t i = 0; i < c->n; i++)
        if (strcmp(c->at[i].status, status) == 0)
            return c->at[i].n;
    return 0;
}

static void add_status(struct str *out, const char *status, int64_t n, const int64_t *other) {
    str_printf(out, "%s%s %s", out->len ? ", " : "", status, GROUPED(n));
    if (other)
        str_printf(out, " against %s", GROUPED(*other));
}

void status_counts_text(const struct status_counts *a, const struct status_counts *b,
                        struct str *out) {
    for (uint32_t i = 0; i < a->n; i++) {
        int64_t other = b ? status_counts_of(b, a->at[i].status) : 0;
        if (!b || other != a->at[i].n)
            add_status(out, a->at[i].status, a->at[i].n, b ? &other : NULL);
    }
    for (uint32_t i = 0; b && i < b->n; i++)
        if (!status_counts_of(a, b->at[i].status))
            add_status(out, b->at[i].status, 0, &b->at[i].n);
}
