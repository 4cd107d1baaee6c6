/* model/snapshot_read.c - reads what snapshot_write.c writes. The file is outside data: shapes and
 * types are checked, texts are cleaned again, sizes are capped, and strings that are static in a
 * probe become copies in the section's arena. A member that is absent or of a wrong type counts as
 * not known; a list that is none, or a document that would not fit into memory, is refused. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "model/snapshot.h"
#include "wire/json.h"

#define MAX_ITEMS   1000 /* metrics or findings that are looked at; model/reading.c keeps fewer */
#define MAX_TABLES  32   /* of one section */
#define MAX_CELLS   1000000 /* of one document */
#define MAX_COLUMNS 64
#define MAX_WORD    64

struct reader {
    struct err *err;
    bool refused;
    const char *list; /* "sections" or "own" */
    uint32_t section; /* the index in it, for errors */
    uint32_t n_cells;
};

static void refuse(struct reader *rd, const char *member, const char *why) {
    char path[80];
    snprintf(path, sizeof path, "%s[%u].%s", rd->list, rd->section, member);
    if (!rd->refused)
        err_set(rd->err, E_PROTOCOL, "snapshot", path, "%s", why);
    rd->refused = true;
}

/* A member that is a list where it is there at all; NULL when it is not, or is empty. */
static const struct json *items(struct reader *rd, const struct json *j, const char *member) {
    const struct json *list = json_get(j, member);
    if (list && !json_is_array(list))
        refuse(rd, member, "should be a list");
    return json_is_array(list) ? json_first(list) : NULL;
}

/* A name: cleaned and bounded, in the arena. NULL stays NULL. */
static const char *word(struct arena *a, const struct json *j, const char *path) {
    const char *s = json_string(j, path);
    return s ? text_clean(a, s, strlen(s), MAX_WORD).s : NULL;
}

static const char *word_or_empty(struct arena *a, const struct json *j, const char *path) {
    const char *s = word(a, j, path);
    return s ? s : "";
}

static int64_t number(const struct json *j, const char *path, int64_t min, int64_t max) {
    int64_t n = 0;
    return json_i64(j, path, min, max, &n) ? n : 0;
}

static int64_t time_ms(const struct json *j, const char *path) {
    return number(j, path, 0, INT64_C(1) << 52);
}

static enum health read_health(const struct json *j, const char *path) {
    enum health h = HEALTH_UNKNOWN;
    const char *name = json_string(j, path);
    return name && health_parse(name, &h) ? h : HEALTH_UNKNOWN;
}

static enum unit read_unit(const struct json *j) {
    enum unit u = UNIT_NONE;
    const char *name = json_string(j, "unit");
    return name && unit_parse(name, &u) ? u : UNIT_NONE;
}

static void read_err(struct arena *a, const struct json *j, struct err *err) {
    enum err_code code = E_INTERNAL;
    const char *name = json_string(j, "code"), *target = json_string(j, "target");
    if (!name || !err_code_parse(name, &code))
        return;
    const char *why = json_string(j, "why"), *todo = json_string(j, "todo");
    err_set(err, code, word_or_empty(a, j, "op"), target ? target : "", "%s", why ? why : "");
    err->todo = todo ? text_cleanz(a, todo).s : NULL;
}

/* Wrapped in a list: a real, or as text an integer that JSON's numbers cannot hold. */
static struct value read_wrapped(const struct json *j) {
    double d;
    int64_t n;
    if (json_string(j, ""))
        return json_i64(j, "", INT64_MIN, INT64_MAX, &n) ? value_int(n) : value_none();
    return json_double(j, "", &d) ? value_real(d) : value_none();
}

static struct value read_value(struct arena *a, const struct json *j) {
    double d;
    int64_t n;
    const char *s = json_string(j, "");
    if (s)
        return value_text(text_cleanz(a, s));
    if (json_is_array(j))
        return read_wrapped(json_first(j));
    if (json_i64(j, "", INT64_MIN, INT64_MAX, &n))
        return value_int(n);
    return json_double(j, "", &d) ? value_real(d) : value_none();
}

static void read_metrics(struct reader *rd, struct reading *r, const struct json *section) {
    uint32_t n = 0;
    for (const struct json *j = items(rd, section, "metrics"); j && n < MAX_ITEMS;
         j = json_next(j), n++) {
        const char *name = word(r->arena, j, "name");
        if (name)
            reading_set(r, name, read_unit(j), read_value(r->arena, json_get(j, "value")));
    }
}

static uint32_t read_columns(struct reader *rd, struct reading *r, const struct json *table,
                             struct column *columns) {
    uint32_t n = 0;
    for (const struct json *j = items(rd, table, "columns"); j && n < MAX_COLUMNS; j = json_next(j))
        columns[n++] = (struct column){
            word_or_empty(r->arena, j, "name"), word_or_empty(r->arena, j, "title"), read_unit(j),
            (uint8_t)number(j, "minCols", 0, 200), (uint8_t)number(j, "drop", 0, 200)};
    return n;
}

static void read_row(struct reader *rd, struct reading *r, struct table *t, const struct json *j) {
    const char *key = json_string(j, "key");
    struct row *row = table_add_row(r, t, key, read_health(j, "health"));
    const struct json *cell = items(rd, j, "cells");
    for (uint32_t c = 0; cell && c < t->n_columns; c++, cell = json_next(cell))
        row->cells[c] = read_value(r->arena, cell);
    rd->n_cells += t->n_columns + 1;
    if (rd->n_cells > MAX_CELLS)
        refuse(rd, "tables", "more than 1,000,000 cells");
}

static void read_table(struct reader *rd, struct reading *r, const struct json *j) {
    struct column *columns = arena_alloc(r->arena, MAX_COLUMNS * sizeof *columns);
    uint32_t n = read_columns(rd, r, j, columns);
    struct table *t = reading_add_table(r, word_or_empty(r->arena, j, "name"),
                                        word_or_empty(r->arena, j, "title"), columns, n);
    for (const struct json *row = items(rd, j, "rows"); row && !rd->refused; row = json_next(row))
        read_row(rd, r, t, row);
    int64_t total = number(j, "total", 0, UINT32_MAX);
    if (total > t->n_total)
        t->n_total = (uint32_t)total;
    t->behind_ms = (uint32_t)number(j, "behindMs", 0, UINT32_MAX);
}

static void read_tables(struct reader *rd, struct reading *r, const struct json *section) {
    uint32_t n = 0;
    for (const struct json *t = items(rd, section, "tables"); t && !rd->refused; t = json_next(t)) {
        if (n++ == MAX_TABLES)
            refuse(rd, "tables", "more than 32 tables");
        else
            read_table(rd, r, t);
    }
}

static void read_findings(struct reader *rd, struct reading *r, const struct json *section) {
    uint32_t n = 0;
    for (const struct json *j = items(rd, section, "findings"); j && n < MAX_ITEMS;
         j = json_next(j), n++)
        reading_add_finding(r, read_health(j, "health"), word_or_empty(r->arena, j, "code"),
                            text_cleanz(r->arena, json_string(j, "what")),
                            text_cleanz(r->arena, json_string(j, "todo")));
}

/* The points end at lastBucket: what was empty before the first one is not written. */
static void read_trend(struct reader *rd, struct trend *t, const struct json *j) {
    size_t n = json_size(json_get(j, "points"));
    size_t i = n < TREND_POINTS ? TREND_POINTS - n : 0;
    trend_init(t);
    t->last_bucket = time_ms(j, "lastBucket");
    for (const struct json *p = items(rd, j, "points"); p && i < TREND_POINTS;
         p = json_next(p), i++) {
        double d;
        if (json_double(p, "", &d) && d > -1e30 && d < 1e30)
            t->points[i] = (float)d;
    }
}

static void read_series(struct reader *rd, struct section *sec, const struct json *section) {
    const struct json *j = items(rd, section, "series");
    sec->series = arena_alloc(&sec->arena, SECTION_SERIES_MAX * sizeof *sec->series);
    for (; j && sec->n_series < SECTION_SERIES_MAX; j = json_next(j)) {
        const char *name = word(&sec->arena, j, "name");
        if (!name)
            continue;
        sec->series[sec->n_series].name = name;
        sec->series[sec->n_series].unit = read_unit(j);
        read_trend(rd, &sec->series[sec->n_series++].trend, j);
    }
}

static uint32_t read_depends(struct reader *rd, const struct json *section) {
    uint32_t bits = 0;
    for (const struct json *j = items(rd, section, "depends"); j; j = json_next(j)) {
        enum service service;
        const char *name = json_string(j, "");
        if (name && service_parse(name, &service))
            bits |= BIT(service);
    }
    return bits;
}

static double latency_ms(const struct json *j) {
    double d;
    return json_double(j, "latencyMs", &d) && d >= 0 && d < 1e12 ? d : 0;
}

static void read_section(struct reader *rd, struct section *sec, const struct json *j) {
    struct arena *a = &sec->arena;
    sec->health = read_health(j, "health");
    sec->summary = text_cleanz(a, json_string(j, "summary"));
    sec->has_reading = json_is_true(j, "hasReading");
    sec->failed = json_is_true(j, "failed");
    read_err(a, json_get(j, "error"), &sec->err);
    sec->failures = (uint32_t)number(j, "failures", 0, UINT32_MAX);
    sec->asked = (uint32_t)number(j, "asked", 0, UINT32_MAX);
    sec->lost = (uint32_t)number(j, "lost", 0, UINT32_MAX);
    sec->taken_mono_ms = time_ms(j, "takenMonoMs");
    sec->taken_wall_ms = time_ms(j, "takenWallMs");
    sec->tried_mono_ms = time_ms(j, "triedMonoMs");
    sec->since_mono_ms = time_ms(j, "sinceMonoMs");
    sec->next_mono_ms = time_ms(j, "nextMonoMs");
    read_err(a, json_get(j, "lastError"), &sec->last_err);
    sec->last_err_wall_ms = time_ms(j, "lastErrorWallMs");
    sec->depends = read_depends(rd, j);
    sec->latency_ms = latency_ms(j);
    sec->interval_ms = (uint32_t)number(j, "intervalMs", 0, 86400000);
    sec->caused_by = word(a, j, "causedBy");
    sec->key_metric = word(a, j, "keyMetric");
    read_series(rd, sec, j);
    read_metrics(rd, &sec->reading, j);
    read_tables(rd, &sec->reading, j);
    read_findings(rd, &sec->reading, j);
}

/* The errors of the self statistics have no arena of their own: they borrow that of the first
 * section. */
static void read_self(struct arena *a, struct self_stats *self, const struct json *j) {
    self->started_wall_ms = time_ms(j, "startedWallMs");
    self->exchanges = (uint64_t)time_ms(j, "exchanges");
    self->failures = (uint64_t)time_ms(j, "failures");
    self->late_replies = (uint64_t)time_ms(j, "lateReplies");
    self->frames = (uint64_t)time_ms(j, "frames");
    self->bytes_out = (uint64_t)time_ms(j, "bytesOut");
    self->wakeups = (uint64_t)time_ms(j, "wakeups");
    self->rss_bytes = time_ms(j, "rssBytes");
    self->cpu_ms = time_ms(j, "cpuMs");
    for (const struct json *e = json_first(json_get(j, "lastErrors"));
         e && self->n_last_errors < ARRAY_LEN(self->last_errors); e = json_next(e)) {
        self->last_error_wall_ms[self->n_last_errors] = time_ms(e, "wallMs");
        read_err(a, json_get(e, "error"), &self->last_errors[self->n_last_errors++]);
    }
}

/* Services that this version does not know are passed over; the last of two of one name counts. */
static void read_sections(struct reader *rd, struct snapshot *s, const struct json *list) {
    for (const struct json *j = json_first(list); j && !rd->refused;
         j = json_next(j), rd->section++) {
        enum service service;
        const char *name = json_string(j, "service");
        if (!name)
            refuse(rd, "service", "should be a service's name");
        if (!name || !service_parse(name, &service))
            continue;
        section_unref(s->sections[service]);
        s->sections[service] = section_new(service);
        read_section(rd, s->sections[service], j);
    }
}

static void read_own(struct reader *rd, struct snapshot *s, const struct json *list) {
    rd->list = "own";
    rd->section = 0;
    for (const struct json *j = json_first(list); j && !rd->refused;
         j = json_next(j), rd->section++) {
        const char *name = json_string(j, "service");
        for (uint32_t i = 0; name && i < OWN_COUNT; i++) {
            if (strcmp(name, own_name((enum own)i)) != 0)
                continue;
            section_unref(s->own[i]);
            s->own[i] = section_new(SERVICE_COUNT);
            read_section(rd, s->own[i], j);
        }
    }
}

static void clean_word(char *dst, size_t size, const struct json *j, const char *path) {
    const char *s = json_string(j, path);
    text_clean_into(dst, size, s ? s : "", s ? strlen(s) : 0);
}

static bool read_event(const struct json *j, struct event *e) {
    const char *kind = json_string(j, "kind"), *service = json_string(j, "service");
    if (!kind || !event_kind_parse(kind, &e->kind) || !service ||
        !service_parse(service, &e->service))
        return false;
    e->wall_ms = time_ms(j, "wallMs");
    e->health = read_health(j, "health");
    clean_word(e->subject, sizeof e->subject, j, "subject");
    clean_word(e->from, sizeof e->from, j, "from");
    clean_word(e->to, sizeof e->to, j, "to");
    clean_word(e->why, sizeof e->why, j, "why");
    return true;
}

/* Written newest first and added in front one by one: the list is turned round on the way in. */
static struct events *read_events(const struct json *list) {
    struct event *read = mem_alloc(EVENTS_MAX * sizeof *read);
    struct events *events = NULL;
    uint32_t n = 0;
    for (const struct json *j = json_first(list); j && n < EVENTS_MAX; j = json_next(j)) {
        read[n] = (struct event){0};
        n += read_event(j, &read[n]);
    }
    while (n > 0)
        events = events_with(events, &read[--n]);
    free(read);
    return events;
}

static bool is_snapshot(const struct json *root) {
    const char *schema = json_string(root, "schema");
    return schema && !strcmp(schema, "goodgo.snapshot/1") &&
           json_is_array(json_get(root, "sections"));
}

struct snapshot *snapshot_read(const char *bytes, size_t n, struct err *err) {
    struct reader rd = {.err = err, .list = "sections"};
    struct json *root = json_parse(bytes, n, SNAPSHOT_MAX_BYTES, err);
    if (!root)
        return NULL;
    if (!is_snapshot(root)) {
        err_set(err, E_PROTOCOL, "snapshot", "", "not a goodgo.snapshot/1 document");
        json_free(root);
        return NULL;
    }
    const char *context = json_string(root, "context");
    struct snapshot *s = snapshot_new(context ? context : "?", json_is_true(root, "production"));
    s->now_wall_ms = time_ms(root, "nowWallMs");
    s->now_mono_ms = time_ms(root, "nowMonoMs");
    s->utc_offset_s = (int)number(root, "utcOffsetS", -50400, 50400);
    read_sections(&rd, s, json_get(root, "sections"));
    read_own(&rd, s, json_get(root, "own"));
    s->events = read_events(json_get(root, "events"));
    read_self(&s->sections[0]->arena, &s->self, json_get(root, "self"));
    json_free(root);
    if (!rd.refused)
        return s;
    snapshot_unref(s);
    return NULL;
}
