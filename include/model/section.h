/* model/section.h - one reading of one back-end, with its age and its error. Immutable once
 * published, counted by reference, owns its arena. A failed probe publishes the last good reading
 * again with the new error: a view never blanks because a host blinked. */
#ifndef GOODGO_MODEL_SECTION_H
#define GOODGO_MODEL_SECTION_H

#include <stdbool.h>
#include <stdint.h>
#include "base/arena.h"
#include "base/err.h"
#include "model/reading.h"
#include "model/service.h"

#define SECTION_SERIES_MAX 48

struct section {
    uint32_t refs;
    struct arena arena;
    enum service service;
    enum health health;  /* as judged, OFF when the context does not have it */
    struct text summary; /* one line; for OFF the reason */
    bool has_reading;    /* false until the first good answer */
    bool failed;         /* the newest attempt failed: err says how; reading is the last good one */
    struct err err;
    uint32_t failures;                    /* in a row */
    uint32_t asked, lost;                 /* attempts since the console started, and failed ones */
    int64_t taken_mono_ms, taken_wall_ms; /* of the reading; 0 before the first */
    int64_t tried_mono_ms;                /* of the newest attempt */
    int64_t since_mono_ms;                /* its health is as it is, or it fails, since then */
    int64_t next_mono_ms;                 /* when it is asked again; 0 = not known */
    struct err last_err;                  /* the newest failure, kept when it answers again */
    int64_t last_err_wall_ms;             /* 0 = it has not failed since the console started */
    uint32_t depends;                     /* bit set of the services it needs (R15) */
    double latency_ms;                    /* of the essential exchange */
    uint32_t interval_ms;   /* how often it is asked: an age over 2x dims, over 4x turns to ?? */
    const char *caused_by;  /* the failed dependency that explains it; static; NULL = none */
    const char *key_metric; /* the metric whose trend stands for the service; may be NULL */
    struct series *series;  /* in the arena: every figure of the reading, 15 minutes back */
    uint32_t n_series;
    struct reading reading;
};

struct section *section_new(enum service s);
struct section *section_ref(struct section *sec);
void section_unref(struct section *sec);

/* The trend of a metric, or NULL when none is kept. */
const struct series *section_series(const struct section *sec, const char *metric);
const struct trend *section_trend(const struct section *sec, const char *metric);
/* Takes the trends of `old` over and, with `record`, adds the figures of sec's own reading. */
void section_keep_series(struct section *sec, const struct section *old, bool record);

enum freshness { FRESH_NONE, FRESH_GOOD, FRESH_LATE, FRESH_OLD };
enum freshness section_freshness(const struct section *sec, int64_t now_mono_ms);
/* What the screen shows: OFF and failures stay; a reading that is OLD is UNKNOWN whatever it said.
 */
enum health section_shown_health(const struct section *sec, int64_t now_mono_ms);

#endif
