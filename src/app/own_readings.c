/* app/own_readings.c - jobs, trail and the report of a reconciliation as readings, so that views
 * draw them like any other table. */
#include "own_readings_priv.h"

#include <string.h>

#include "codec/reconreport.h"
#include "job_words_priv.h"

#define LOG_LINES 500

enum {
    J_STATE,
    J_ACTION,
    J_STAGE,
    J_PCT,
    J_ETA,
    J_STARTED,
    J_TOOK,
    J_WHO,
    J_PROGRESS,
    J_WHY,
    J_BY_HAND,
    J_BY_HAND_LAST = J_BY_HAND + 4, /* a sentence each */
    J_RESULT,
    J_TARGET,
    J_CONTEXT,
    J_PLAN,
    J_LOG,
    J_COMMAND
};
static const struct column job_columns[] = {
    [J_STATE] = {"state", "STATE", UNIT_NONE, 9, 0},
    [J_ACTION] = {"action", "ACT", UNIT_NONE, 9, 0},
    [J_STAGE] = {"stage", "STAGE", UNIT_NONE, 8, 2},
    [J_PCT] = {"pct", "DONE", UNIT_PERCENT, 6, 1},
    [J_ETA] = {"eta_s", "ETA", UNIT_SECONDS, 6, 1},
    [J_STARTED] = {"started", "AGO", UNIT_TIME, 6, 1},
    [J_TOOK] = {"took_s", "TOOK", UNIT_SECONDS, 6, 3},
    [J_WHO] = {"who", "BY", UNIT_NONE, 0, 4},
    [J_PROGRESS] = {"progress", "PROGRESS", UNIT_NONE, 0, 9},
    [J_WHY] = {"why", "WHY", UNIT_NONE, 0, 5},
    [J_BY_HAND] = {"by_hand", "BY HAND", UNIT_NONE, 0, 9},
    [J_BY_HAND + 1] = {"by_hand2", "AND", UNIT_NONE, 0, 9},
    [J_BY_HAND + 2] = {"by_hand3", "AND", UNIT_NONE, 0, 9},
    [J_BY_HAND + 3] = {"by_hand4", "AND", UNIT_NONE, 0, 9},
    [J_BY_HAND + 4] = {"by_hand5", "AND", UNIT_NONE, 0, 9},
    [J_RESULT] = {"result", "RESULT", UNIT_NONE, 0, 8},
    [J_TARGET] = {"target", "TARGET", UNIT_NONE, 0, 9},
    [J_CONTEXT] = {"context", "CONTEXT", UNIT_NONE, 0, 9},
    [J_PLAN] = {"plan", "PLAN", UNIT_NONE, 0, 9},
    [J_LOG] = {"log", "LOG", UNIT_NONE, 0, 9},
    [J_COMMAND] = {"command", "COMMAND", UNIT_NONE, 0, 9},
};

static enum health job_health(const struct job_info *j) {
    switch (j->state) {
    case JOB_DONE: /* by the trail alone: something may be left to do by hand */
        return j->runner_died ? HEALTH_WARNING : HEALTH_OK;
    case JOB_FAILED:
        return HEALTH_CRITICAL;
    case JOB_UNKNOWN:
        return HEALTH_UNKNOWN;
    case JOB_REFUSED:
    case JOB_CANCELLED:
        return HEALTH_WARNING;
    default:
        return HEALTH_OFF; /* at work: neither good nor bad yet */
    }
}

static void put_progress(struct reading *out, struct row *row, const struct job_info *j,
                         int64_t now_wall_s) {
    struct str line;
    if (j->state != JOB_RUNNING)
        return;
    str_init(&line, 400);
    job_progress_line(j, now_wall_s, &line);
    row_text(out, row, J_PROGRESS, str_get(&line));
    str_done(&line);
    if (j->total > 0)
        row_real(row, J_PCT, (double)j->done * 100 / (double)j->total);
    if (j->eta_s >= 0)
        row_int(row, J_ETA, int_of(j->eta_s + 0.5));
}

static void put_result(struct reading *out, struct row *row, const struct job_info *j) {
    struct str text;
    str_init(&text, 900);
    for (uint32_t i = 0; i < j->result.n; i++) {
        str_printf(&text, "%s%s: ", i ? "; " : "", j->result.at[i].name);
        job_result_words(&j->result.at[i], &text);
    }
    if (j->result.n)
        row_text(out, row, J_RESULT, str_get(&text));
    str_done(&text);
}

static void put_job(struct reading *out, struct table *t, const struct job_info *j,
                    const char *state_dir, int64_t now_wall_s) {
    struct row *row = table_add_row(out, t, j->id, job_health(j));
    int64_t end_ms = j->ended_wall_ms ? j->ended_wall_ms : now_wall_s * 1000;
    row_text(out, row, J_STATE, job_state_name(j->state));
    row_text(out, row, J_ACTION, j->action);
    if (*j->stage && !job_state_is_end(j->state))
        row_text(out, row, J_STAGE, j->stage);
    if (j->started_wall_ms) {
        row_int(row, J_STARTED, j->started_wall_ms / 1000);
        if (j->state != JOB_UNKNOWN)
            row_int(row, J_TOOK, (end_ms - j->started_wall_ms) / 1000);
    }
    row_text(out, row, J_WHO, j->who);
    row_text(out, row, J_WHY, j->why);
    row_text(out, row, J_TARGET, j->target);
    row_text(out, row, J_CONTEXT, *j->context ? j->context : NULL);
    row_text(out, row, J_PLAN, j->plan_id);
    row_text(out, row, J_LOG, job_path(out->arena, state_dir, j->id, "log"));
    row_text(out, row, J_COMMAND, arena_printf(out->arena, "goodgo jobs show %s", j->id));
    for (uint32_t i = 0; i < j->by_hand.n && J_BY_HAND + i <= J_BY_HAND_LAST; i++)
        row_text(out, row, J_BY_HAND + i, j->by_hand.at[i]);
    put_progress(out, row, j, now_wall_s);
    put_result(out, row, j);
}

struct section *own_section(int64_t now_mono_ms, int64_t now_wall_ms) {
    struct section *sec = section_new(SERVICE_COUNT);
    sec->has_reading = true;
    sec->health = HEALTH_OK;
    sec->taken_mono_ms = sec->tried_mono_ms = now_mono_ms;
    sec->taken_wall_ms = now_wall_ms;
    return sec;
}

struct section *own_jobs(const struct job_info *jobs, uint32_t n, const char *state_dir,
                         int64_t now_mono_ms, int64_t now_wall_ms) {
    struct section *sec = own_section(now_mono_ms, now_wall_ms);
    struct reading *out = &sec->reading;
    struct table *t = reading_add_table(out, "jobs", "Jobs", job_columns,
                                        sizeof job_columns / sizeof *job_columns);
    uint32_t n_running = 0;
    for (uint32_t i = 0; i < n; i++) {
        put_job(out, t, &jobs[i], state_dir, now_wall_ms / 1000);
        n_running += jobs[i].state == JOB_RUNNING || jobs[i].state == JOB_WAITING;
    }
    reading_int(out, "running", UNIT_COUNT, n_running);
    return sec;
}

/* ---- the log of one job ---- */

static const struct column log_columns[] = {{"line", "LINE", UNIT_NONE, 0, 0}};

/* Only the last lines; the first of what was cut is half a line. */
static const char *first_line(const struct job_log *log) {
    const char *end = log->bytes + log->n, *at = end;
    for (int lines = 0; at > log->bytes; at--)
        if (at[-1] == '\n' && at != end && ++lines == LOG_LINES)
            return at;
    const char *half = log->cut ? memchr(at, '\n', log->n) : NULL;
    return half ? half + 1 : at;
}

struct section *own_log(const struct job_log *log, int64_t now_mono_ms, int64_t now_wall_ms) {
    struct section *sec = own_section(now_mono_ms, now_wall_ms);
    struct reading *out = &sec->reading;
    struct table *t = reading_add_table(out, "lines", "Log", log_columns, 1);
    const char *end = log->bytes + log->n, *at = first_line(log);
    reading_textz(out, "job", log->id);
    reading_int(out, "cut", UNIT_BOOL, at > log->bytes || log->cut);
    while (at < end) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        size_t n = (size_t)((newline ? newline : end) - at);
        struct row *row =
            table_add_row(out, t, arena_printf(out->arena, "%u", t->n_rows), HEALTH_OFF);
        row_text(out, row, 0, arena_strndup(out->arena, at, n));
        at += n + 1;
    }
    return sec;
}

struct section *own_failed(const struct err *err, int64_t now_mono_ms) {
    struct section *sec = section_new(SERVICE_COUNT);
    sec->failed = true;
    sec->health = HEALTH_UNKNOWN;
    sec->err = *err;
    sec->tried_mono_ms = now_mono_ms;
    return sec;
}

/* ---- a day that was closed ---- */

struct section *own_reconciliation(const struct recon_job *job, int64_t now_mono_ms,
                                   int64_t now_wall_ms) {
    struct section *sec = own_section(now_mono_ms, now_wall_ms);
    struct reading *out = &sec->reading;
    struct err err;
    if (!recon_report_read(job->bytes, job->n, out, &err)) {
        section_unref(sec);
        return own_failed(&err, now_mono_ms);
    }
    reading_textz(out, "job", job->id);
    if (job->command)
        reading_textz(out, "command", job->command);
    reading_int(out, "ended", UNIT_TIME, job->ended_wall_ms / 1000);
    const struct table *t = reading_table(out, "categories");
    for (uint32_t i = 0; i < t->n_rows; i++)
        sec->health = health_worse(sec->health, t->rows[i].health);
    return sec;
}

/* ---- the trail ---- */

enum {
    A_SEQ,
    A_TIME,
    A_EVENT,
    A_ACTION,
    A_OUTCOME,
    A_WHO,
    A_REASON,
    A_WHY,
    A_TARGET,
    A_JOB,
    A_HASH
};
static const struct column audit_columns[] = {
    [A_SEQ] = {"seq", "NO", UNIT_COUNT, 5, 3},
    [A_TIME] = {"time", "AGO", UNIT_TIME, 8, 0},
    [A_EVENT] = {"event", "EVENT", UNIT_NONE, 8, 0},
    [A_ACTION] = {"action", "ACT", UNIT_NONE, 8, 0},
    [A_OUTCOME] = {"outcome", "OUTCOME", UNIT_NONE, 9, 0},
    [A_WHO] = {"who", "BY", UNIT_NONE, 0, 1},
    [A_REASON] = {"reason", "REASON", UNIT_NONE, 0, 2},
    [A_WHY] = {"why", "WHY", UNIT_NONE, 0, 4},
    [A_TARGET] = {"target", "TARGET", UNIT_NONE, 0, 5},
    [A_JOB] = {"job", "JOB", UNIT_NONE, 0, 6},
    [A_HASH] = {"hash", "HASH", UNIT_NONE, 0, 9},
};

static void put_record(struct reading *out, struct table *t, const struct audit_record *r) {
    bool bad = r->outcome && strcmp(r->outcome, "done") != 0;
    struct row *row = table_add_row(out, t, arena_printf(out->arena, "%lld", (long long)r->seq),
                                    bad ? HEALTH_WARNING : HEALTH_OK);
    row_int(row, A_SEQ, r->seq);
    row_int(row, A_TIME, r->wall_ms / 1000);
    row_text(out, row, A_EVENT, r->event);
    row_text(out, row, A_ACTION, r->action);
    row_text(out, row, A_OUTCOME, r->outcome);
    row_text(out, row, A_WHO, r->who);
    row_text(out, row, A_REASON, r->reason);
    row_text(out, row, A_WHY, r->why);
    row_text(out, row, A_TARGET, r->target);
    row_text(out, row, A_JOB, r->job_id);
    row_text(out, row, A_HASH, r->hash);
}

struct section *own_audit(const struct audit_record *records, uint32_t n,
                          const struct audit_verdict *verdict, int64_t now_mono_ms,
                          int64_t now_wall_ms) {
    struct section *sec = own_section(now_mono_ms, now_wall_ms);
    struct reading *out = &sec->reading;
    struct table *t = reading_add_table(out, "records", "Trail", audit_columns,
                                        sizeof audit_columns / sizeof *audit_columns);
    for (uint32_t i = 0; i < n; i++)
        put_record(out, t, &records[i]);
    reading_int(out, "records", UNIT_COUNT, verdict->n_records);
    if (!verdict->ok)
        reading_textz(out, "broken", verdict->err.why);
    return sec;
}
