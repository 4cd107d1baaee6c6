/* tests/probe_harness.h - one stage of a probe fed with one scripted reply, and the judgement over
 * several. No server, no clock: a probe is a pure codec. Header only; used by test_probe_*.c and
 * the probe fuzzers.
 *
 *     struct probe_bench b;
 *     bench_init(&b, &probe_web, &settings);
 *     CU_ASSERT_TRUE(bench_http(&b, "page", 200, "<html>..."));
 *     bench_judge(&b);
 *     CHECK_STR(bench_text(&b, "title"), "GoodGo");
 *     bench_done(&b);
 */
#ifndef GOODGO_TESTS_PROBE_HARNESS_H
#define GOODGO_TESTS_PROBE_HARNESS_H

#include <stdio.h>
#include <string.h>

#include "codec/probe.h"

struct probe_bench {
    const struct probe *probe;
    struct arena arena;
    struct probe_run run;
    struct reading reading;
    struct exchange ex; /* of the last stage asked */
    struct err err;     /* of the last parse that failed */
    struct verdict verdict;
    struct section *previous;
    struct snapshot *snapshot;
};

static inline void bench_init(struct probe_bench *b, const struct probe *p,
                              const struct settings *settings) {
    memset(b, 0, sizeof *b);
    b->probe = p;
    arena_init(&b->arena);
    reading_init(&b->reading, &b->arena);
    b->previous = section_new(p->service);
    b->snapshot = snapshot_new("test", false);
    b->run = (struct probe_run){.settings = settings,
                                .arena = &b->arena,
                                .previous = b->previous,
                                .snapshot = b->snapshot,
                                .now_mono_ms = 1000000,
                                .now_wall_ms = 1795334400000};
}

static inline void bench_done(struct probe_bench *b) {
    section_unref(b->previous);
    snapshot_unref(b->snapshot);
    arena_done(&b->arena);
}

static inline const struct probe_stage *bench_stage(const struct probe_bench *b, const char *name) {
    for (uint32_t i = 0; i < b->probe->n_stages; i++)
        if (strcmp(b->probe->stages[i].name, name) == 0)
            return &b->probe->stages[i];
    fprintf(stderr, "no stage \"%s\" in %s\n", name, b->probe->title);
    return NULL;
}

/* Asks: false where the stage says it does not apply. */
static inline bool bench_request(struct probe_bench *b, const char *stage) {
    const struct probe_stage *s = bench_stage(b, stage);
    memset(&b->ex, 0, sizeof b->ex);
    return s && s->request(&b->run, &b->ex);
}

/* Feeds a reply of any kind to a stage (asked first); false where parse() refuses it, or the stage
 * does not apply. */
static inline bool bench_reply(struct probe_bench *b, const char *stage,
                               const struct reply *reply) {
    const struct probe_stage *s = bench_stage(b, stage);
    memset(&b->err, 0, sizeof b->err);
    b->run.again = false;
    if (!bench_request(b, stage))
        return false;
    return s->parse(&b->run, reply, &b->reading, &b->err);
}

static inline bool bench_http_headers(struct probe_bench *b, const char *stage, int status,
                                      const char *body, size_t n, struct http_header *headers,
                                      size_t n_headers) {
    struct reply r = {.kind = EXCHANGE_HTTP, .ok = true, .took_ms = 1.5};
    r.http = (struct http_reply){.status = status,
                                 .body = arena_strndup(&b->arena, body, n),
                                 .body_len = n,
                                 .headers = headers,
                                 .n_headers = n_headers};
    return bench_reply(b, stage, &r);
}

static inline bool bench_http(struct probe_bench *b, const char *stage, int status,
                              const char *body) {
    return bench_http_headers(b, stage, status, body, strlen(body), NULL, 0);
}

static inline enum health bench_judge(struct probe_bench *b) {
    b->verdict = (struct verdict){.health = HEALTH_OK, .summary = TEXT_LIT("")};
    for (uint32_t i = 0; i < b->reading.n_findings; i++)
        b->verdict.health = health_worse(b->verdict.health, b->reading.findings[i].health);
    b->probe->judge(&b->run, &b->reading, &b->verdict);
    return b->verdict.health;
}

/* The value of a metric as a number; -999 where it is absent, a text or not known. */
static inline double bench_number(const struct probe_bench *b, const char *metric) {
    double d;
    return reading_number(&b->reading, metric, &d) ? d : -999;
}

static inline const char *bench_text(const struct probe_bench *b, const char *metric) {
    return reading_string(&b->reading, metric);
}

/* The text of a cell, or its number printed; NULL where there is none. */
static inline const char *bench_cell(struct probe_bench *b, const char *table, uint32_t row,
                                     const char *column) {
    const struct table *t = reading_table(&b->reading, table);
    if (!t || row >= t->n_rows)
        return NULL;
    for (uint32_t c = 0; c < t->n_columns; c++) {
        if (strcmp(t->columns[c].name, column) != 0)
            continue;
        const struct value *v = &t->rows[row].cells[c];
        double d;
        if (v->kind == VALUE_TEXT)
            return v->t.s;
        return value_number(*v, &d) ? arena_printf(&b->arena, "%.10g", d) : NULL;
    }
    return NULL;
}

static inline uint32_t bench_rows(const struct probe_bench *b, const char *table) {
    const struct table *t = reading_table(&b->reading, table);
    return t ? t->n_rows : 0;
}

/* Nothing in it commands a terminal, hides or is broken: cleaning it again changes nothing. */
static inline bool text_is_clean(struct arena *a, const char *s) {
    return strcmp(text_cleanz(a, s).s, s) == 0;
}

static inline bool bench_table_is_clean(struct probe_bench *b, const struct table *t) {
    bool clean = t->n_rows <= t->n_total;
    for (uint32_t r = 0; r < t->n_rows; r++) {
        clean = clean && text_is_clean(&b->arena, t->rows[r].key.s);
        for (uint32_t c = 0; c < t->n_columns; c++)
            if (t->rows[r].cells[c].kind == VALUE_TEXT)
                clean = clean && text_is_clean(&b->arena, t->rows[r].cells[c].t.s);
    }
    return clean;
}

/* What a screen, a JSON document or a log would show of it is clean; a refusal is a sentence. */
static inline bool bench_is_clean(struct probe_bench *b, bool parsed) {
    const struct reading *r = &b->reading;
    bool clean = parsed || (b->err.code != E_NONE && b->err.why[0]);
    clean = clean && text_is_clean(&b->arena, b->err.why);
    clean = clean && text_is_clean(&b->arena, b->err.target);
    clean = clean && text_is_clean(&b->arena, b->verdict.summary.s ? b->verdict.summary.s : "");
    for (uint32_t i = 0; i < r->n_metrics; i++)
        if (r->metrics[i].value.kind == VALUE_TEXT)
            clean = clean && text_is_clean(&b->arena, r->metrics[i].value.t.s);
    for (uint32_t i = 0; i < r->n_tables; i++)
        clean = clean && bench_table_is_clean(b, r->tables[i]);
    for (uint32_t i = 0; i < r->n_findings; i++)
        clean = clean && r->findings[i].code[0] && r->findings[i].what.s[0] &&
                text_is_clean(&b->arena, r->findings[i].what.s) &&
                text_is_clean(&b->arena, r->findings[i].todo.s);
    return clean;
}

/* What `Y` shows of the table, into buf. */
static inline void bench_shell(const struct probe *p, const struct settings *s, const char *table,
                               char *buf, size_t size) {
    struct str out;
    str_init(&out, size);
    p->shell(s, table, &out);
    str_copy(buf, size, str_get(&out));
    str_done(&out);
}

static inline const struct finding *bench_finding(const struct probe_bench *b, const char *code) {
    for (uint32_t i = 0; i < b->reading.n_findings; i++)
        if (strcmp(b->reading.findings[i].code, code) == 0)
            return &b->reading.findings[i];
    return NULL;
}

#endif
