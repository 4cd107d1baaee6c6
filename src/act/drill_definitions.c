/* act/drill_definitions.c - the definitions that were restored against those that should be there.
 * A difference that is the place's own is told, but is none of the archive: it holds no version of
 * an extension, and another PostgreSQL words the same view otherwise. */
#include <string.h>

#include "base/str.h"
#include "drill_priv.h"

#define SHOWN_MAX 5
#define MAJOR     10000

const char *expectation_source(const struct expectation *e) {
    return e->live ? "source database" : "the manifest";
}

struct listing {
    struct str text;
    uint32_t n;
    bool by_place; /* what is other is not of the archive */
    bool other;    /* something is */
    bool harmless; /* all of it: nothing is missing, nor other by the archive */
};

static void list_difference(void *ctx, enum catalog_change change,
                            const struct catalog_item *expected, const struct catalog_item *found) {
    static const char *const words[] = {[CATALOG_MISSING] = "missing",
                                        [CATALOG_EXTRA] = "not expected",
                                        [CATALOG_DIFFERS] = "other"};
    struct listing *l = ctx;
    const struct catalog_item *item = expected ? expected : found;
    l->other |= change == CATALOG_DIFFERS;
    if (change == CATALOG_MISSING || (change == CATALOG_DIFFERS && !l->by_place))
        l->harmless = false;
    if (l->n++ >= SHOWN_MAX)
        return;
    str_printf(&l->text, " %s %s", item->name, words[change]);
    if (change == CATALOG_DIFFERS && found && expected)
        str_printf(&l->text, " (%.80s, was %.80s)", found->definition, expected->definition);
    str_putc(&l->text, ';');
}

static const struct {
    const char *kind, *check, *noun;
    bool later; /* manifests of older consoles have none of these: then it is not asked */
    bool place; /* which version there is, the place decides */
    bool words; /* each major version has its own */
} definitions[] = {
    {.kind = "column", .check = "Columns", .noun = "columns"},
    {.kind = "enum", .check = "Enum types", .noun = "enum types"},
    {.kind = "index", .check = "Indexes", .noun = "indexes"},
    {.kind = "constraint", .check = "Constraints", .noun = "constraints"},
    {.kind = "sequence", .check = "Sequences", .noun = "sequences"},
    {.kind = "view", .check = "Views", .noun = "views", .later = true, .words = true},
    {.kind = "function", .check = "Functions", .noun = "functions", .later = true},
    {.kind = "trigger", .check = "Triggers", .noun = "triggers", .later = true},
    {.kind = "extension", .check = "Extensions", .noun = "extensions", .place = true},
    {.kind = "migration", .check = "Migrations", .noun = "migrations"},
};

/* Why what differs is none of the archive. */
static const char *reason(const struct expectation *e, size_t i, int version, struct arena *a) {
    if (definitions[i].place)
        return " no archive holds their versions, the place's packages decide";
    return arena_printf(a, " PostgreSQL %d here words them otherwise than %d", version / MAJOR,
                        e->server_version / MAJOR);
}

static void check_kind(struct drill_report *r, const struct expectation *e,
                       const struct catalog *found, int version, size_t i) {
    bool other = e->server_version && e->server_version / MAJOR != version / MAJOR;
    struct listing l = {.by_place = definitions[i].place || (definitions[i].words && other),
                        .harmless = true};
    str_init(&l.text, 800);
    catalog_compare(&e->catalog, found, definitions[i].kind, list_difference, &l);
    if (!l.n)
        report_add(r, CHECK_PASS, definitions[i].check, "All %u %s as in %s",
                   catalog_count(&e->catalog, definitions[i].kind), definitions[i].noun,
                   expectation_source(e));
    else
        report_add(r, l.harmless ? CHECK_WARNING : CHECK_FAIL, definitions[i].check,
                   "%u differ from %s:%s%s", l.n, expectation_source(e), str_get(&l.text),
                   l.harmless && l.other ? reason(e, i, version, r->arena) : "");
    str_done(&l.text);
}

void check_definitions(struct drill_report *r, const struct expectation *e,
                       const struct catalog *found, int version) {
    for (size_t i = 0; i < ARRAY_LEN(definitions); i++)
        if (!definitions[i].later || catalog_count(&e->catalog, definitions[i].kind))
            check_kind(r, e, found, version, i);
}

void check_large_objects(struct drill_report *r, const struct expectation *e,
                         const struct archive_toc *toc) {
    for (uint32_t i = 0; e->live && i < toc->n; i++)
        if (!strcmp(toc->entries[i].type, "BLOBS")) {
            report_add(r, CHECK_WARNING, "Large objects",
                       "there are some, and what they hold was not compared: without a manifest "
                       "nothing says that the file is the one that was written");
            return;
        }
}
