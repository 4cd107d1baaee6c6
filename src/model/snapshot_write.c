/* model/snapshot_write.c - a snapshot as one JSON document, "goodgo.snapshot/1". What is written
 * here is read by snapshot_read.c: change both. */
#include <stdio.h>

#include "base/clock.h"
#include "base/jsonw.h"
#include "model/snapshot.h"

/* From here on a reader of JSON that uses doubles would get another integer: written as text. */
#define MAX_EXACT (INT64_C(1) << 53)

static void write_err(struct jsonw *w, const char *key, const struct err *err) {
    jsonw_key(w, key);
    if (err->code == E_NONE) {
        jsonw_null(w);
        return;
    }
    jsonw_open(w, '{');
    jsonw_key(w, "code");
    jsonw_string(w, err_code_name(err->code));
    jsonw_key(w, "op");
    jsonw_string(w, err->op);
    jsonw_key(w, "target");
    jsonw_string(w, err->target);
    jsonw_key(w, "why");
    jsonw_string(w, err->why);
    jsonw_key(w, "todo");
    jsonw_string(w, err->todo);
    jsonw_close(w, '}');
}

static void write_value(struct jsonw *w, struct value v) {
    char digits[24];
    switch (v.kind) {
    case VALUE_INT:
        if (v.i > -MAX_EXACT && v.i < MAX_EXACT) {
            jsonw_int(w, v.i);
            break;
        }
        snprintf(digits, sizeof digits, "%lld", (long long)v.i);
        jsonw_open(w, '[');
        jsonw_string(w, digits);
        jsonw_close(w, ']');
        break;
    case VALUE_REAL: /* wrapped, so that 2.0 does not come back as an integer */
        jsonw_open(w, '[');
        jsonw_real(w, v.r);
        jsonw_close(w, ']');
        break;
    case VALUE_TEXT:
        jsonw_string(w, v.t.s);
        break;
    default:
        jsonw_null(w);
        break;
    }
}

static void write_metrics(struct jsonw *w, const struct reading *r) {
    jsonw_key(w, "metrics");
    jsonw_open(w, '[');
    for (uint32_t i = 0; i < r->n_metrics; i++) {
        jsonw_open(w, '{');
        jsonw_key(w, "name");
        jsonw_string(w, r->metrics[i].name);
        jsonw_key(w, "unit");
        jsonw_string(w, unit_name(r->metrics[i].unit));
        jsonw_key(w, "value");
        write_value(w, r->metrics[i].value);
        jsonw_close(w, '}');
    }
    jsonw_close(w, ']');
}

static void write_columns(struct jsonw *w, const struct table *t) {
    jsonw_key(w, "columns");
    jsonw_open(w, '[');
    for (uint32_t c = 0; c < t->n_columns; c++) {
        jsonw_open(w, '{');
        jsonw_key(w, "name");
        jsonw_string(w, t->columns[c].name);
        jsonw_key(w, "title");
        jsonw_string(w, t->columns[c].title);
        jsonw_key(w, "unit");
        jsonw_string(w, unit_name(t->columns[c].unit));
        jsonw_key(w, "minCols");
        jsonw_int(w, t->columns[c].min_cols);
        jsonw_key(w, "drop");
        jsonw_int(w, t->columns[c].drop);
        jsonw_close(w, '}');
    }
    jsonw_close(w, ']');
}

static void write_row(struct jsonw *w, const struct table *t, const struct row *row) {
    jsonw_open(w, '{');
    jsonw_key(w, "key");
    jsonw_string(w, row->key.s);
    jsonw_key(w, "health");
    jsonw_string(w, health_name(row->health));
    jsonw_key(w, "cells");
    jsonw_open(w, '[');
    for (uint32_t c = 0; c < t->n_columns; c++)
        write_value(w, row->cells[c]);
    jsonw_close(w, ']');
    jsonw_close(w, '}');
}

static void write_tables(struct jsonw *w, const struct reading *r) {
    jsonw_key(w, "tables");
    jsonw_open(w, '[');
    for (uint32_t i = 0; i < r->n_tables; i++) {
        const struct table *t = r->tables[i];
        jsonw_open(w, '{');
        jsonw_key(w, "name");
        jsonw_string(w, t->name);
        jsonw_key(w, "title");
        jsonw_string(w, t->title);
        jsonw_key(w, "total");
        jsonw_int(w, t->n_total);
        write_columns(w, t);
        jsonw_key(w, "rows");
        jsonw_open(w, '[');
        for (uint32_t k = 0; k < t->n_rows; k++)
            write_row(w, t, &t->rows[k]);
        jsonw_close(w, ']');
        jsonw_close(w, '}');
    }
    jsonw_close(w, ']');
}

static void write_findings(struct jsonw *w, const struct reading *r) {
    jsonw_key(w, "findings");
    jsonw_open(w, '[');
    for (uint32_t i = 0; i < r->n_findings; i++) {
        jsonw_open(w, '{');
        jsonw_key(w, "health");
        jsonw_string(w, health_name(r->findings[i].health));
        jsonw_key(w, "code");
        jsonw_string(w, r->findings[i].code);
        jsonw_key(w, "what");
        jsonw_string(w, r->findings[i].what.s);
        jsonw_key(w, "todo");
        jsonw_string(w, r->findings[i].todo.s);
        jsonw_close(w, '}');
    }
    jsonw_close(w, ']');
}

static void write_number(struct jsonw *w, const char *key, int64_t n) {
    jsonw_key(w, key);
    jsonw_int(w, n);
}

/* Only from the first point on: most series of a young console are mostly empty. */
static void write_trend(struct jsonw *w, const struct trend *t) {
    uint32_t first = 0;
    while (first < TREND_POINTS && t->points[first] != t->points[first])
        first++;
    write_number(w, "lastBucket", t->last_bucket);
    jsonw_key(w, "points");
    jsonw_open(w, '[');
    for (uint32_t i = first; i < TREND_POINTS; i++)
        jsonw_real(w, (double)t->points[i]);
    jsonw_close(w, ']');
}

static void write_series(struct jsonw *w, const struct section *sec) {
    jsonw_key(w, "series");
    jsonw_open(w, '[');
    for (uint32_t i = 0; i < sec->n_series; i++) {
        jsonw_open(w, '{');
        jsonw_key(w, "name");
        jsonw_string(w, sec->series[i].name);
        jsonw_key(w, "unit");
        jsonw_string(w, unit_name(sec->series[i].unit));
        write_trend(w, &sec->series[i].trend);
        jsonw_close(w, '}');
    }
    jsonw_close(w, ']');
}

static void write_depends(struct jsonw *w, const struct section *sec) {
    jsonw_key(w, "depends");
    jsonw_open(w, '[');
    for (int i = 0; i < SERVICE_COUNT; i++)
        if (sec->depends & BIT(i))
            jsonw_string(w, service_name((enum service)i));
    jsonw_close(w, ']');
}

static void write_section(struct jsonw *w, const char *name, const struct section *sec,
                          bool trends) {
    jsonw_open(w, '{');
    jsonw_key(w, "service");
    jsonw_string(w, name);
    jsonw_key(w, "health");
    jsonw_string(w, health_name(sec->health));
    jsonw_key(w, "summary");
    jsonw_string(w, sec->summary.s);
    jsonw_key(w, "hasReading");
    jsonw_bool(w, sec->has_reading);
    jsonw_key(w, "failed");
    jsonw_bool(w, sec->failed);
    write_err(w, "error", &sec->err);
    write_number(w, "failures", sec->failures);
    write_number(w, "asked", sec->asked);
    write_number(w, "lost", sec->lost);
    write_number(w, "takenMonoMs", sec->taken_mono_ms);
    write_number(w, "takenWallMs", sec->taken_wall_ms);
    write_number(w, "triedMonoMs", sec->tried_mono_ms);
    write_number(w, "sinceMonoMs", sec->since_mono_ms);
    write_number(w, "nextMonoMs", sec->next_mono_ms);
    write_err(w, "lastError", &sec->last_err);
    write_number(w, "lastErrorWallMs", sec->last_err_wall_ms);
    write_depends(w, sec);
    jsonw_key(w, "latencyMs");
    jsonw_real(w, sec->latency_ms);
    write_number(w, "intervalMs", sec->interval_ms);
    jsonw_key(w, "causedBy");
    jsonw_string(w, sec->caused_by);
    jsonw_key(w, "keyMetric");
    jsonw_string(w, sec->key_metric);
    if (trends)
        write_series(w, sec);
    write_metrics(w, &sec->reading);
    write_tables(w, &sec->reading);
    write_findings(w, &sec->reading);
    jsonw_close(w, '}');
}

static void write_self(struct jsonw *w, const struct self_stats *self) {
    jsonw_key(w, "self");
    jsonw_open(w, '{');
    write_number(w, "startedWallMs", self->started_wall_ms);
    write_number(w, "exchanges", (int64_t)self->exchanges);
    write_number(w, "failures", (int64_t)self->failures);
    write_number(w, "lateReplies", (int64_t)self->late_replies);
    write_number(w, "frames", (int64_t)self->frames);
    write_number(w, "bytesOut", (int64_t)self->bytes_out);
    write_number(w, "wakeups", (int64_t)self->wakeups);
    write_number(w, "rssBytes", self->rss_bytes);
    write_number(w, "cpuMs", self->cpu_ms);
    jsonw_key(w, "lastErrors");
    jsonw_open(w, '[');
    for (uint32_t i = 0; i < self->n_last_errors && i < ARRAY_LEN(self->last_errors); i++) {
        jsonw_open(w, '{');
        write_number(w, "wallMs", self->last_error_wall_ms[i]);
        write_err(w, "error", &self->last_errors[i]);
        jsonw_close(w, '}');
    }
    jsonw_close(w, ']');
    jsonw_close(w, '}');
}

static void write_events(struct jsonw *w, const struct events *events) {
    jsonw_key(w, "events");
    jsonw_open(w, '[');
    for (uint32_t i = 0; events && i < events->n; i++) {
        const struct event *e = &events->list[i];
        const struct {
            const char *key, *word;
        } words[] = {{"kind", event_kind_name(e->kind)},
                     {"service", service_name(e->service)},
                     {"health", health_name(e->health)},
                     {"subject", e->subject},
                     {"from", e->from},
                     {"to", e->to},
                     {"why", e->why}};
        jsonw_open(w, '{');
        write_number(w, "wallMs", e->wall_ms);
        for (size_t k = 0; k < ARRAY_LEN(words); k++) {
            jsonw_key(w, words[k].key);
            jsonw_string(w, words[k].word);
        }
        jsonw_close(w, '}');
    }
    jsonw_close(w, ']');
}

static void write_head(struct jsonw *w, const struct snapshot *s) {
    char time[40];
    clock_iso8601(s->now_wall_ms, time, sizeof time);
    jsonw_key(w, "schema");
    jsonw_string(w, "goodgo.snapshot/1");
    jsonw_key(w, "context");
    jsonw_string(w, s->context);
    jsonw_key(w, "production");
    jsonw_bool(w, s->production);
    jsonw_key(w, "time");
    jsonw_string(w, time);
    write_number(w, "nowWallMs", s->now_wall_ms);
    write_number(w, "nowMonoMs", s->now_mono_ms);
    write_number(w, "utcOffsetS", s->utc_offset_s);
}

static void write_sections(struct jsonw *w, const struct snapshot *s, bool trends) {
    jsonw_key(w, "sections");
    jsonw_open(w, '[');
    for (uint32_t i = 0; i < SERVICE_COUNT; i++)
        write_section(w, service_name((enum service)i), s->sections[i], trends);
    jsonw_close(w, ']');
}

void snapshot_write(const struct snapshot *s, struct str *out) {
    struct jsonw w;
    jsonw_init(&w, out, true);
    jsonw_open(&w, '{');
    write_head(&w, s);
    write_self(&w, &s->self);
    write_sections(&w, s, true);
    jsonw_key(&w, "own");
    jsonw_open(&w, '[');
    for (uint32_t i = 0; i < OWN_COUNT; i++)
        write_section(&w, own_name((enum own)i), s->own[i], true);
    jsonw_close(&w, ']');
    write_events(&w, s->events);
    jsonw_close(&w, '}');
}

void snapshot_write_services(const struct snapshot *s, struct str *out) {
    struct jsonw w;
    jsonw_init(&w, out, false);
    jsonw_open(&w, '{');
    write_head(&w, s);
    write_sections(&w, s, false);
    jsonw_close(&w, '}');
}
