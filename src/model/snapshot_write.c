/* model/snapshot_write.c - a snapshot as one JSON document, "goodgo.snapshot/1". What is written
 * here is read by snapshot_read.c: change both. */
#include <stdio.h>

#include "base/clock.h"
#include "base/jsonw.h"
#include "model/snapshot.h"
#include "wire/json.h"

static void write_err(struct jsonw *w, const char *key, const struct err *err) {
    jsonw_key(w, key);
    if (err->code == E_NONE) {
        jsonw_null(w);
        return;
    }
    jsonw_open(w, '{');
    jsonw_put_string(w, "code", err_code_name(err->code));
    jsonw_put_string(w, "op", err->op);
    jsonw_put_string(w, "target", err->target);
    jsonw_put_string(w, "why", err->why);
    jsonw_put_string(w, "todo", err->todo);
    jsonw_close(w, '}');
}

static void write_value(struct jsonw *w, struct value v) {
    char digits[24];
    switch (v.kind) {
    case VALUE_INT:
        if (v.i >= -JSON_EXACT_MAX && v.i <= JSON_EXACT_MAX) {
            jsonw_int(w, v.i);
            break;
        }
        snprintf(digits, sizeof digits, "%lld", (long long)v.i); /* a number would be read wrong */
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
        jsonw_put_string(w, "name", r->metrics[i].name);
        jsonw_put_string(w, "unit", unit_name(r->metrics[i].unit));
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
        jsonw_put_string(w, "name", t->columns[c].name);
        jsonw_put_string(w, "title", t->columns[c].title);
        jsonw_put_string(w, "unit", unit_name(t->columns[c].unit));
        jsonw_put_int(w, "minCols", t->columns[c].min_cols);
        jsonw_put_int(w, "drop", t->columns[c].drop);
        jsonw_close(w, '}');
    }
    jsonw_close(w, ']');
}

static void write_row(struct jsonw *w, const struct table *t, const struct row *row) {
    jsonw_open(w, '{');
    jsonw_put_string(w, "key", row->key.s);
    jsonw_put_string(w, "health", health_name(row->health));
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
        jsonw_put_string(w, "name", t->name);
        jsonw_put_string(w, "title", t->title);
        jsonw_put_int(w, "total", t->n_total);
        if (t->behind_ms)
            jsonw_put_int(w, "behindMs", t->behind_ms);
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
        jsonw_put_string(w, "health", health_name(r->findings[i].health));
        jsonw_put_string(w, "code", r->findings[i].code);
        jsonw_put_string(w, "what", r->findings[i].what.s);
        jsonw_put_string(w, "todo", r->findings[i].todo.s);
        jsonw_close(w, '}');
    }
    jsonw_close(w, ']');
}

/* Only from the first point on: most series of a young console are mostly empty. */
static void write_trend(struct jsonw *w, const struct trend *t) {
    uint32_t first = 0;
    while (first < TREND_POINTS && t->points[first] != t->points[first])
        first++;
    jsonw_put_int(w, "lastBucket", t->last_bucket);
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
        jsonw_put_string(w, "name", sec->series[i].name);
        jsonw_put_string(w, "unit", unit_name(sec->series[i].unit));
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
    jsonw_put_string(w, "service", name);
    jsonw_put_string(w, "health", health_name(sec->health));
    jsonw_put_string(w, "summary", sec->summary.s);
    jsonw_put_bool(w, "hasReading", sec->has_reading);
    jsonw_put_bool(w, "failed", sec->failed);
    write_err(w, "error", &sec->err);
    jsonw_put_int(w, "failures", sec->failures);
    jsonw_put_int(w, "asked", sec->asked);
    jsonw_put_int(w, "lost", sec->lost);
    jsonw_put_int(w, "takenMonoMs", sec->taken_mono_ms);
    jsonw_put_int(w, "takenWallMs", sec->taken_wall_ms);
    jsonw_put_int(w, "triedMonoMs", sec->tried_mono_ms);
    jsonw_put_int(w, "sinceMonoMs", sec->since_mono_ms);
    jsonw_put_int(w, "nextMonoMs", sec->next_mono_ms);
    write_err(w, "lastError", &sec->last_err);
    jsonw_put_int(w, "lastErrorWallMs", sec->last_err_wall_ms);
    write_depends(w, sec);
    jsonw_put_real(w, "latencyMs", sec->latency_ms);
    jsonw_put_int(w, "intervalMs", sec->interval_ms);
    jsonw_put_string(w, "causedBy", sec->caused_by);
    jsonw_put_string(w, "keyMetric", sec->key_metric);
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
    jsonw_put_int(w, "startedWallMs", self->started_wall_ms);
    jsonw_put_int(w, "exchanges", (int64_t)self->exchanges);
    jsonw_put_int(w, "failures", (int64_t)self->failures);
    jsonw_put_int(w, "lateReplies", (int64_t)self->late_replies);
    jsonw_put_int(w, "frames", (int64_t)self->frames);
    jsonw_put_int(w, "bytesOut", (int64_t)self->bytes_out);
    jsonw_put_int(w, "wakeups", (int64_t)self->wakeups);
    jsonw_put_int(w, "rssBytes", self->rss_bytes);
    jsonw_put_int(w, "cpuMs", self->cpu_ms);
    jsonw_key(w, "lastErrors");
    jsonw_open(w, '[');
    for (uint32_t i = 0; i < self->n_last_errors && i < ARRAY_LEN(self->last_errors); i++) {
        jsonw_open(w, '{');
        jsonw_put_int(w, "wallMs", self->last_error_wall_ms[i]);
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
        const char *const words[][2] = {{"kind", event_kind_name(e->kind)},
                                        {"service", service_name(e->service)},
                                        {"health", health_name(e->health)},
                                        {"subject", e->subject},
                                        {"from", e->from},
                                        {"to", e->to},
                                        {"why", e->why}};
        jsonw_open(w, '{');
        jsonw_put_int(w, "wallMs", e->wall_ms);
        jsonw_put_strings(w, words, ARRAY_LEN(words));
        jsonw_close(w, '}');
    }
    jsonw_close(w, ']');
}

static void write_head(struct jsonw *w, const struct snapshot *s) {
    char time[40];
    clock_iso8601(s->now_wall_ms, time, sizeof time);
    jsonw_put_string(w, "schema", "goodgo.snapshot/1");
    jsonw_put_string(w, "context", s->context);
    jsonw_put_bool(w, "production", s->production);
    jsonw_put_string(w, "time", time);
    jsonw_put_int(w, "nowWallMs", s->now_wall_ms);
    jsonw_put_int(w, "nowMonoMs", s->now_mono_ms);
    jsonw_put_int(w, "utcOffsetS", s->utc_offset_s);
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
    jsonw_init(&w, out, JSONW_INDENTED);
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
    jsonw_init(&w, out, JSONW_LINE);
    jsonw_open(&w, '{');
    write_head(&w, s);
    write_sections(&w, s, false);
    jsonw_close(&w, '}');
}
