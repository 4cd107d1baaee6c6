/* engine/engine_priv.h - the engine's three parts: probes.c (who is asked when), run.c (one run
 * through its stages), publish.c (sections into the snapshot). One struct asker per service. */
#ifndef GOODGO_ENGINE_PRIV_H
#define GOODGO_ENGINE_PRIV_H

#include "engine/probes.h"

#define STAGES_MAX       16
#define INTERVAL_DEFAULT 15000u
#define TIMEOUT_DEFAULT  5000u
#define RETRIES_DEFAULT  3u
#define RETRY_MIN_MS     1000u
#define FOCUS_MS         2000u
#define ASKERS           (SERVICE_COUNT + OWN_COUNT) /* the console's own readings behind the services */

/* What a stage read last; kept between runs where the stage is asked less often than the probe. */
struct fragment {
    struct arena arena;
    struct reading reading;
    int64_t taken_mono_ms;
};

struct stage_state {
    struct fragment *kept;    /* goes into the section */
    struct fragment *pending; /* being read, page by page */
    bool failed;              /* in this run: err becomes a finding */
    bool unasked;             /* in this run: the answers before it took the time */
    uint32_t refusals;        /* answers in a row that were a failure */
    int64_t failed_mono_ms;   /* the last failure */
    struct err err;
};

struct asker {
    struct engine *engine;
    const struct probe *probe;
    enum service service; /* from SERVICE_COUNT on: the own reading service - SERVICE_COUNT */
    bool enabled;         /* configured and selected: it is asked */
    struct link *link;
    struct loop_timer *timer;
    bool running;
    struct arena arena; /* of the run */
    struct probe_run run;
    uint32_t stage;
    int64_t started_mono_ms, deadline_mono_ms, given_ms; /* given: to the exchange in flight */
    int64_t starts_mono_ms; /* it listens again since then, and has not answered well yet; or 0 */
    double latency_ms, slowest_ms;
    struct stage_state stages[STAGES_MAX];
};

struct engine {
    struct loop *loop;
    const struct settings *settings;
    struct link_hub *hub;
    struct snapshot *snapshot; /* the newest */
    struct asker askers[ASKERS];
    engine_changed_fn changed;
    void *ctx;
    uint32_t focus; /* bit set of askers */
    bool started, paused, closed;
    uint32_t random;
    int64_t measured_mono_ms; /* of the process's load */
    struct self_stats self;
};

/* probes.c */
/* The newest section of what it asks for. */
struct section *asker_section(const struct asker *a);
const char *asker_name(const struct asker *a);
uint32_t asker_interval_ms(const struct asker *a);
uint32_t asker_timeout_ms(const struct asker *a);
uint32_t asker_retries(const struct asker *a);
/* Interval, back-off and jitter: from one question to the next. */
uint32_t asker_delay_ms(struct asker *a, uint32_t failures);
void asker_schedule(struct asker *a);

/* run.c */
void asker_run(struct asker *a); /* does nothing while one is in flight */
void asker_drop(struct asker *a);
void asker_judge_again(struct asker *a); /* of a good reading only */

/* publish.c */
uint32_t probe_depends(const struct probe *p); /* bit set; p may be NULL */
void publish_off(struct asker *a, const char *why);
void publish_section(struct asker *a, struct section *sec); /* as it is; takes it over */
/* Joins the kept fragments and the judgement into a section. */
void publish_reading(struct asker *a);
/* The same reading, of the same age, with the judgement of now. */
void publish_judged_again(struct asker *a);
/* The last good reading again, with the new error. */
void publish_failure(struct asker *a, const struct err *err);
void engine_note_error(struct engine *e, const struct err *err);

#endif
