/* codec/probe.h - a probe is a pure codec: stages of "request out, reply in", then a judgement. No
 * I/O, no clock, no globals: the engine (engine/probes.h) drives it. See docs/ADDING.md for the
 * recipe and src/probe/web.c for the shortest example. */
#ifndef GOODGO_CODEC_PROBE_H
#define GOODGO_CODEC_PROBE_H

#include "base/arena.h"
#include "base/err.h"
#include "model/reading.h"
#include "model/section.h"
#include "codec/settings.h"
#include "model/snapshot.h"
#include "wire/exchange.h"

struct probe_run {
    const struct settings *settings;
    struct arena *arena;             /* scratch and requests: lives until the run ends */
    const struct section *previous;  /* the section published before; has_reading may be false */
    const struct snapshot *snapshot; /* the other services as they are now (drift, dependencies) */
    /* During parse(): what this stage read the last time, and when; NULL where it did not. */
    const struct reading *kept;
    int64_t kept_mono_ms;
    int64_t now_mono_ms, now_wall_ms;
    int server_version; /* a stage may note what a later one needs, here and in bits of its own */
    uint32_t notes;
    /* Paging: parse() sets again = true (and keeps what it needs in cursor, from arena) to be asked
     * once more. */
    bool again;
    const char *cursor;
    uint32_t page; /* 0, 1, 2 ... of this stage; bounded by stage->max_pages */
};

struct probe_stage {
    const char *name;
    uint32_t every_ms;  /* not more often; the last result is kept between. 0 = each run */
    uint32_t max_pages; /* 0 = 1 */
    bool essential;     /* its failure is the section's failure and ends the run */
    /* Fills ex; false = not applicable here (skipped, not an error). */
    bool (*request)(struct probe_run *run, struct exchange *ex);
    /* Reads a reply with ok == true into out. Returns false with err for an answer that means
     * failure (401, wrong thing, not ready). For a non-essential stage the err becomes a finding.
     */
    bool (*parse)(struct probe_run *run, const struct reply *reply, struct reading *out,
                  struct err *err);
};

/* What a stage asks for, in words for people: "select1 not read" is none. */
struct stage_words {
    const char *stage, *words; /* "select1", "the answer to SELECT 1" */
};

/* What judge() decides. reading already holds all stages; judge may add metrics and findings. */
struct verdict {
    enum health health;  /* starts as the worst finding, at least OK */
    struct text summary; /* one line, for people */
};

/* A finding that only repeats what another service's failure says already: "a scrape fails". One
 * that may come from several has a row for each, the nearest first. */
struct probe_echo {
    const char *finding; /* its code */
    enum service of;
};

struct probe {
    enum service service;
    const char *title;                /* "PostgreSQL" */
    const char *purpose;              /* one line for Help */
    uint32_t interval_ms, timeout_ms; /* R69 */
    uint32_t retries;                 /* R69: failures in a row before it is critical */
    uint32_t start_period_ms;         /* R69 */
    const enum service *depends;      /* R15; ends with SERVICE_COUNT; NULL = none */
    const enum service *beside;       /* whose readings judge() looks at; ends like depends */
    const struct probe_echo *echoes;  /* ends with a NULL finding; NULL = none */
    const struct probe_stage *stages;
    uint32_t n_stages;
    const struct stage_words *stage_words; /* ends with a NULL stage; others go by their names */
    const char *key_metric;                /* see struct section */
    bool (*configured)(const struct settings *s, const char **ret_why_not);
    void (*judge)(struct probe_run *run, struct reading *reading, struct verdict *v);
    /* The equivalent shell command for `Y`, secrets masked as ${NAME}, other words quoted
     * (base/shell.h). `table` is the one that has the keys' attention, "" for none: where it has
     * a question of its own, that. */
    void (*shell)(const struct settings *s, const char *table, struct str *out);
    const char *endpoint_name; /* setting that moves it: "GOODGO_API_URL" */
    bool own_url; /* which is a name of this probe alone: settings->urls[service] has its value */
};

/* Which question a table is read by. Ends with the words for any other, whose table is NULL. */
struct shell_words {
    const char *table, *words;
};
const char *shell_pick(const struct shell_words *list, const char *table); /* probe/common.c */

extern const struct probe *const probes[SERVICE_COUNT]; /* probe/registry.c */

/* Helpers for codecs (probe/common.c). */
/* A metric as this stage's last reading has it, and in judge() run->previous, and when that was;
 * false on the first reading. */
bool probe_before(const struct probe_run *run, const char *metric, double *ret_value,
                  int64_t *ret_mono_ms);
/* Per-second rate of a counter metric against the stage's last reading, and in judge() against
 * run->previous; false on the first reading, a restart or no time passed. */
bool probe_rate(const struct probe_run *run, const char *counter_name, double now_value,
                double *ret_per_s);
/* Sets `metric` to that rate of the counter that `out` has; leaves it unset without one. */
void probe_rate_metric(const struct probe_run *run, struct reading *out, const char *counter_name,
                       const char *metric);
/* Classifies an HTTP answer that is not what was expected: 401 and 403 E_AUTH, 408, 429 and 503
 * E_NOT_READY, a proxy's page of 503 and any other 5xx E_FAILING, else E_WRONG_THING. Names url, a
 * piece of the body (of a refused key nothing but what is said of it) and, where it gives itself
 * away, the service that answers in its place. Always false. */
bool probe_http_unexpected(const struct probe_run *run, const char *url, const struct http_reply *r,
                           const char *expected, struct err *err);
/* base + path, and "db1:5432", both in run->arena. */
const char *probe_url(struct probe_run *run, const char *base, const char *path);
const char *probe_target(const struct probe_run *run, const char *host, uint16_t port);

#endif
