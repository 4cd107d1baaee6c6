/* app/job_words.c - jobs for people and for programs; see job_words_priv.h. */
#include "job_words_priv.h"

#include "base/clock.h"

static void add_value(struct str *out, const char *before, struct value v, enum unit unit,
                      int64_t now_wall_s) {
    char buf[32];
    value_format(v, unit, now_wall_s, buf, sizeof buf);
    str_printf(out, "%s%s", before, buf);
}

static enum unit rate_unit(enum unit unit) {
    return unit == UNIT_BYTES ? UNIT_BYTES_PER_SECOND : UNIT_PER_SECOND;
}

void job_progress_line(const struct job_info *j, int64_t now_wall_s, struct str *out) {
    str_puts(out, *j->stage ? j->stage : job_state_name(j->state));
    if (j->total > 0)
        str_printf(out, "  %d%%", (int)((double)j->done * 100 / (double)j->total));
    if (j->done > 0 || j->total > 0)
        add_value(out, "  ", value_int(j->done), j->unit, now_wall_s);
    if (j->total > 0)
        add_value(out, " of ", value_int(j->total), j->unit, now_wall_s);
    if (j->rate_per_s > 0)
        add_value(out, "  ", value_real(j->rate_per_s), rate_unit(j->unit), now_wall_s);
    if (j->eta_s >= 0) {
        add_value(out, "  ETA ", value_int(int_of(j->eta_s + 0.5)), UNIT_SECONDS, now_wall_s);
        add_value(out, " +-", value_int(int_of(j->eta_error_s + 0.5)), UNIT_SECONDS, now_wall_s);
    }
    if (j->note)
        str_printf(out, "  %s", j->note);
}

static void add_time(struct str *out, const char *name, int64_t wall_ms) {
    char time[40];
    if (!wall_ms)
        return;
    clock_iso8601(wall_ms / 1000 * 1000, time, sizeof time);
    str_printf(out, "%-9s %s\n", name, time);
}

void job_result_words(const struct pair *result, struct str *out) {
    int64_t n;
    if (str_to_i64(result->value, INT64_MIN, INT64_MAX, &n))
        str_puts(out, GROUPED(n));
    else
        str_puts(out, result->value);
}

void job_details(const struct job_info *j, int64_t now_wall_s, struct str *out) {
    str_printf(out, "job       %s\nstate     %s", j->id, job_state_name(j->state));
    if (j->state == JOB_RUNNING || (j->state == JOB_WAITING && *j->stage)) {
        str_puts(out, "  ");
        job_progress_line(j, now_wall_s, out);
    }
    str_printf(out, "\naction    %s in %s, on %s\nplan      %s\nby        %s\n", j->action,
               j->context, j->target, j->plan_id, j->who);
    add_time(out, "planned", j->created_wall_ms);
    add_time(out, "started", j->started_wall_ms);
    add_time(out, "ended", j->ended_wall_ms);
    if (j->started_wall_ms && j->ended_wall_ms)
        add_value(out, "took      ", value_int((j->ended_wall_ms - j->started_wall_ms) / 1000),
                  UNIT_SECONDS, now_wall_s);
    if (j->started_wall_ms && j->ended_wall_ms)
        str_putc(out, '\n');
    if (j->why)
        str_printf(out, "why       %s\n", j->why);
    for (uint32_t i = 0; i < j->by_hand.n; i++)
        str_printf(out, "by hand   %s\n", j->by_hand.at[i]);
    for (uint32_t i = 0; i < j->result.n; i++) {
        str_printf(out, "%-9s ", j->result.at[i].name);
        job_result_words(&j->result.at[i], out);
        str_putc(out, '\n');
    }
}

static void put_progress(struct jsonw *w, const struct job_info *j) {
    jsonw_key(w, "progress");
    jsonw_open(w, '{');
    jsonw_put_string(w, "stage", *j->stage ? j->stage : NULL);
    jsonw_put_string(w, "unit", unit_name(j->unit));
    jsonw_put_int(w, "done", j->done);
    jsonw_put_int_if(w, "total", j->total > 0, j->total);
    jsonw_put_real_if(w, "ratePerS", j->rate_per_s >= 0, j->rate_per_s);
    jsonw_put_real_if(w, "etaS", j->eta_s >= 0, j->eta_s);
    jsonw_put_real_if(w, "etaErrorS", j->eta_error_s >= 0, j->eta_error_s);
    jsonw_put_string(w, "note", j->note);
    jsonw_close(w, '}');
}

void job_json(const struct job_info *j, struct jsonw *w) {
    const char *const texts[][2] = {
        {"id", j->id},           {"action", j->action}, {"state", job_state_name(j->state)},
        {"context", j->context}, {"target", j->target}, {"plan", j->plan_id},
        {"who", j->who},         {"why", j->why},
    };
    jsonw_open(w, '{');
    jsonw_put_strings(w, texts, ARRAY_LEN(texts));
    jsonw_put_time(w, "plannedAt", j->created_wall_ms);
    jsonw_put_time(w, "startedAt", j->started_wall_ms);
    jsonw_put_time(w, "endedAt", j->ended_wall_ms);
    bool known = job_state_is_end(j->state) && j->state != JOB_UNKNOWN && j->exit_code >= 0;
    jsonw_put_int_if(w, "exitCode", known, j->exit_code);
    put_progress(w, j);
    jsonw_key(w, "runnerDied");
    jsonw_bool(w, j->runner_died);
    jsonw_key(w, "byHand");
    jsonw_open(w, '[');
    for (uint32_t i = 0; i < j->by_hand.n; i++)
        jsonw_string(w, j->by_hand.at[i]);
    jsonw_close(w, ']');
    jsonw_key(w, "result");
    jsonw_open(w, '{');
    for (uint32_t i = 0; i < j->result.n; i++)
        jsonw_put_string(w, j->result.at[i].name, j->result.at[i].value);
    jsonw_close(w, '}');
    jsonw_close(w, '}');
}
