/* model/events.c - finds what changed between two sections of a service, and keeps the list. */
#include "model/events.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"

#define RESTART_SLACK_S 5 /* an uptime in whole seconds may seem to go back by one */

static const char *const kind_names[EVENT_KIND_COUNT] = {
    [EVENT_HEALTH] = "health",
    [EVENT_ALERT] = "alert",
    [EVENT_RESTART] = "restart",
    [EVENT_VERSION] = "version",
};

const char *event_kind_name(enum event_kind k) {
    return (unsigned)k < EVENT_KIND_COUNT ? kind_names[k] : "health";
}

bool event_kind_parse(const char *name, enum event_kind *ret_kind) {
    int i = str_index(kind_names, EVENT_KIND_COUNT, name);
    if (i >= 0)
        *ret_kind = (enum event_kind)i;
    return i >= 0;
}

struct events *events_ref(struct events *e) {
    if (e)
        e->refs++;
    return e;
}

void events_unref(struct events *e) {
    if (e && --e->refs == 0)
        free(e);
}

struct events *events_with(struct events *old, const struct event *e) {
    uint32_t kept = !old ? 0 : old->n < EVENTS_MAX ? old->n : EVENTS_MAX - 1;
    struct events *list = mem_alloc(sizeof *list + (kept + 1) * sizeof list->list[0]);
    list->refs = 1;
    list->n = kept + 1;
    list->list[0] = *e;
    if (kept)
        memcpy(&list->list[1], old->list, kept * sizeof list->list[0]);
    events_unref(old);
    return list;
}

struct events *events_until(const struct events *e, int64_t wall_ms) {
    uint32_t later = 0;
    while (e && later < e->n && e->list[later].wall_ms > wall_ms)
        later++;
    if (!e || later == e->n)
        return NULL;
    struct events *list = mem_alloc(sizeof *list + (e->n - later) * sizeof list->list[0]);
    list->refs = 1;
    list->n = e->n - later;
    memcpy(list->list, &e->list[later], list->n * sizeof list->list[0]);
    return list;
}

/* --- what changed --- */

struct change {
    struct events *list;
    const struct section *before, *after;
    int64_t wall_ms;
};

static void add(struct change *c, enum event_kind kind, enum health health, const char *subject,
                const char *from, const char *to, const char *why) {
    struct event e = {
        .wall_ms = c->wall_ms, .kind = kind, .service = c->after->service, .health = health};
    /* All of these came through text_clean(): cutting again is all that is left to do. */
    text_clean_into(e.subject, sizeof e.subject, subject, strlen(subject));
    text_clean_into(e.from, sizeof e.from, from, strlen(from));
    text_clean_into(e.to, sizeof e.to, to, strlen(to));
    text_clean_into(e.why, sizeof e.why, why, strlen(why));
    c->list = events_with(c->list, &e);
}

static void note_health(struct change *c) {
    const struct section *before = c->before, *after = c->after;
    bool first = before->tried_mono_ms == 0;
    if (first ? after->health <= HEALTH_OK : before->health == after->health)
        return;
    char why[256] = "";
    struct str s;
    str_init(&s, sizeof why - 1);
    if (after->caused_by)
        str_printf(&s, "symptom of %s: ", after->caused_by);
    str_puts(&s, after->summary.s ? after->summary.s : "");
    str_copy(why, sizeof why, str_get(&s));
    str_done(&s);
    add(c, EVENT_HEALTH, after->health, service_name(after->service),
        first ? "not asked" : health_name(before->health), health_name(after->health), why);
}

static const char *cell_word(const struct table *t, const struct row *row, const char *column) {
    int c = table_column(t, column);
    return c >= 0 && row->cells[c].kind == VALUE_TEXT ? row->cells[c].t.s : "";
}

/* What only waits to fire comes and goes; that it fired, and that it ended, is news. */
static bool fires(const struct table *t, const struct row *row) {
    return row && strcmp(cell_word(t, row, "state"), "firing") == 0;
}

/* Of a list that is cut, what is not there may stand behind the cut. */
static bool is_told(const struct table *t, const struct row *row) {
    return row || t->n_total <= t->n_rows;
}

static void note_alerts(struct change *c) {
    const struct table *was = reading_table(&c->before->reading, "alerts");
    const struct table *is = reading_table(&c->after->reading, "alerts");
    if (!was || !is) /* what fired before we looked did not begin now */
        return;
    for (uint32_t i = 0; i < is->n_rows; i++) {
        const struct row *row = &is->rows[i], *old = table_row(was, row->key.s);
        if (fires(is, row) && !fires(was, old) && is_told(was, old))
            add(c, EVENT_ALERT, row->health, cell_word(is, row, "name"),
                old ? cell_word(was, old, "state") : "inactive", "firing",
                cell_word(is, row, "summary"));
    }
    for (uint32_t i = 0; i < was->n_rows; i++) {
        const struct row *row = &was->rows[i], *now = table_row(is, row->key.s);
        if (fires(was, row) && !fires(is, now) && is_told(is, now))
            add(c, EVENT_ALERT, HEALTH_OK, cell_word(was, row, "name"), "firing", "resolved",
                cell_word(was, row, "summary"));
    }
}

/* Its uptime went back, or it is shorter than the time since it was read: who was down for longer
 * than it had been up shows no less. A question that is asked rarely repeats its answer. */
static bool restarted(const struct change *c, double before_s, double after_s) {
    double passed_s = (double)(c->after->taken_mono_ms - c->before->taken_mono_ms) / 1000;
    double least_s = before_s > passed_s ? before_s : passed_s;
    return after_s != before_s && after_s + RESTART_SLACK_S < least_s;
}

static void note_restart(struct change *c) {
    double before, after;
    char from[32], to[32];
    if (!reading_number(&c->before->reading, "uptime_s", &before) ||
        !reading_number(&c->after->reading, "uptime_s", &after) || !restarted(c, before, after))
        return;
    value_format(value_real(before), UNIT_SECONDS, 0, from, sizeof from);
    value_format(value_real(after), UNIT_SECONDS, 0, to, sizeof to);
    add(c, EVENT_RESTART, c->after->health, service_name(c->after->service), from, to,
        "it was started again: its uptime says so");
}

static void note_version(struct change *c) {
    const char *before = reading_string(&c->before->reading, "version");
    const char *after = reading_string(&c->after->reading, "version");
    if (before && after && *before && *after && strcmp(before, after) != 0)
        add(c, EVENT_VERSION, c->after->health, service_name(c->after->service), before, after,
            "another version answers");
}

struct events *events_between(struct events *old, const struct section *before,
                              const struct section *after, int64_t wall_ms) {
    struct change c = {old, before, after, wall_ms};
    if (!after->tried_mono_ms) /* nobody has looked yet */
        return c.list;
    note_health(&c);
    /* A failed attempt repeats the old reading: there is nothing to compare. */
    if (after->failed || !after->has_reading)
        return c.list;
    note_alerts(&c);
    if (before->has_reading) {
        note_restart(&c);
        note_version(&c);
    }
    return c.list;
}
