/* act/job_events.c - the lines that a job leaves behind, as facts: events.jsonl of one,
 * history.jsonl of all. Trusts nothing in them. Pure; jobs.c reads the files. */
#include <string.h>

#include "base/text.h"
#include "job_priv.h"
#include "wire/json.h"

#define LINE_MAX 65536

static const char *text_of(struct arena *a, const struct json *j, const char *key) {
    const char *s = json_string(j, key);
    return s ? text_cleanz(a, s).s : NULL;
}

static void take_state(struct arena *a, const struct json *j, int64_t t, struct job_info *r) {
    int64_t n;
    const char *name = json_string(j, "state"), *why = text_of(a, j, "why");
    if (!name || !job_state_parse(name, &r->state))
        return;
    if (r->state == JOB_PLANNED)
        r->created_wall_ms = t;
    if (r->state == JOB_RUNNING)
        r->started_wall_ms = t;
    if (job_state_is_end(r->state))
        r->ended_wall_ms = t;
    if (json_i64(j, "pid", 1, INT32_MAX, &n))
        r->runner_pid = (long)n;
    if (json_i64(j, "exit", 0, 255, &n))
        r->exit_code = (int)n;
    if (why)
        r->why = why;
    if (json_string(j, "who"))
        r->who = text_of(a, j, "who");
}

static void take_stage(struct arena *a, const struct json *j, int64_t t, struct job_info *r,
                       struct job_recent *recent) {
    const char *unit = json_string(j, "unit");
    r->stage = text_of(a, j, "stage");
    r->note = NULL;
    r->done = r->total = 0;
    r->unit = UNIT_NONE;
    if (unit && !unit_parse(unit, &r->unit))
        r->unit = UNIT_NONE;
    if (!json_i64(j, "total", 0, INT64_MAX, &r->total))
        r->total = 0;
    *recent = (struct job_recent){t, t, true};
}

static void take_progress(struct arena *a, const struct json *j, int64_t t, struct job_info *r,
                          struct job_recent *recent) {
    const char *note = json_string(j, "note");
    if (!json_i64(j, "total", 0, INT64_MAX, &r->total) || r->done > r->total)
        r->total = 0; /* what was taken for the whole, as the last dump's size, is not */
    if (note)
        r->note = text_cleanz(a, note).s;
    recent->wall_ms = t;
}

static void take_results(struct arena *a, const struct json *j, struct job_info *r) {
    for (const struct json *c = json_first(json_get(j, "result")); c; c = json_next(c))
        if (r->result.n < PLAN_MAX_PAIRS && json_string(c, ""))
            r->result.at[r->result.n++] =
                (struct pair){text_cleanz(a, json_key(c)).s, text_cleanz(a, json_string(c, "")).s};
}

/* The newest word of each name counts. */
static void take_hand(struct arena *a, const struct json *j, struct job_info *r) {
    const char *name = text_of(a, j, "hand"), *value = text_of(a, j, "value");
    uint32_t i = 0;
    while (i < r->hand.n && strcmp(r->hand.at[i].name, name) != 0)
        i++;
    if (value && i < PLAN_MAX_PAIRS) {
        r->hand.at[i] = (struct pair){name, value};
        r->hand.n += i == r->hand.n;
    } else if (!value && i < r->hand.n) {
        r->hand.at[i] = r->hand.at[--r->hand.n];
    }
}

static void take_event(struct arena *a, const char *line, size_t n, struct job_info *r,
                       struct job_recent *recent) {
    struct err ignored;
    int64_t t;
    struct json *j = json_parse(line, n, LINE_MAX, &ignored);
    if (j && json_i64(j, "t", 0, INT64_MAX, &t)) {
        r->changed_wall_ms = t;
        if (json_string(j, "state"))
            take_state(a, j, t, r);
        else if (json_string(j, "stage"))
            take_stage(a, j, t, r, recent);
        else if (json_i64(j, "done", 0, INT64_MAX, &r->done))
            take_progress(a, j, t, r, recent);
        else if (json_string(j, "hand"))
            take_hand(a, j, r);
        else
            take_results(a, j, r);
    }
    json_free(j);
}

void job_events_read(const char *bytes, size_t n, struct arena *a, struct job_info *r,
                     struct job_recent *recent) {
    const char *end = bytes + n;
    for (const char *at = bytes, *newline; at < end; at = newline + 1) {
        newline = memchr(at, '\n', (size_t)(end - at));
        if (!newline)
            break; /* its writer is at it, or died */
        take_event(a, at, (size_t)(newline - at), r, recent);
    }
}

/* ---- estimates ---- */

static void learn_run(struct job_lore *l, const struct json *run) {
    bool behind = false;
    double later_ms = 0;
    int64_t total, ms;
    for (const struct json *s = json_first(json_get(run, "stages")); s; s = json_next(s)) {
        const char *name = json_string(s, "stage");
        if (!name || !json_i64(s, "total", 0, INT64_MAX, &total) ||
            !json_i64(s, "ms", 0, INT64_MAX, &ms))
            continue;
        if (behind)
            later_ms += (double)ms;
        if (strcmp(name, l->job->stage) == 0) {
            behind = true;
            if (total > 0 && l->stage.n < ETA_MAX_RUNS)
                l->stage.ms_per_unit[l->stage.n++] = (double)ms / (double)total;
        }
    }
    if (behind && !l->has_later) { /* newest first: the last run knows best */
        l->has_later = true;
        l->later_s = later_ms / 1000;
    }
}

void job_history_learn(struct job_lore *l, const char *bytes, size_t n) {
    struct err ignored;
    size_t end = n;
    while (end && l->stage.n < ETA_MAX_RUNS) {
        size_t stop = bytes[end - 1] == '\n' ? end - 1 : end, start = stop;
        while (start && bytes[start - 1] != '\n')
            start--;
        struct json *j = json_parse(bytes + start, stop - start, LINE_MAX, &ignored);
        const char *action = j ? json_string(j, "action") : NULL;
        const char *target = j ? json_string(j, "target") : NULL;
        if (action && target && strcmp(action, l->job->action) == 0 &&
            strcmp(target, l->job->target) == 0)
            learn_run(l, j);
        json_free(j);
        end = start;
    }
}
