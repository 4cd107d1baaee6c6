/* engine/run.c - one run of a probe: its stages in order over one link, within one deadline. A
 * stage's reading grows in its own arena and replaces the kept one only when the stage is complete.
 */
#include "engine_priv.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"

static void run_next(struct asker *a);

/* --- fragments --- */

static void fragment_free(struct fragment *f) {
    if (!f)
        return;
    arena_done(&f->arena);
    free(f);
}

static struct fragment *fragment_new(void) {
    struct fragment *f = mem_zeroed(sizeof *f);
    arena_init(&f->arena);
    reading_init(&f->reading, &f->arena);
    return f;
}

static void stage_drop_pending(struct stage_state *st) {
    fragment_free(st->pending);
    st->pending = NULL;
}

static void stage_keep_pending(struct stage_state *st) {
    fragment_free(st->kept);
    st->kept = st->pending;
    st->pending = NULL;
    st->refusals = 0;
    if (st->kept)
        st->kept->taken_mono_ms = clock_mono_ms();
}

static void stage_drop(struct stage_state *st) {
    stage_drop_pending(st);
    fragment_free(st->kept);
    st->kept = NULL;
}

/* --- the end of a run --- */

static void run_end(struct asker *a) {
    struct section *previous = (struct section *)a->run.previous;
    struct snapshot *snapshot = (struct snapshot *)a->run.snapshot;
    a->run.previous = NULL;
    a->run.snapshot = NULL;
    a->running = false;
    section_unref(previous);
    snapshot_unref(snapshot);
    arena_done(&a->arena);
    for (uint32_t i = 0; i < STAGES_MAX; i++)
        stage_drop_pending(&a->stages[i]);
}

static void run_finish(struct asker *a, const struct err *err) {
    if (err)
        publish_failure(a, err);
    else
        publish_reading(a);
    run_end(a);
    if (!a->engine->closed)
        asker_schedule(a);
}

/* --- stages --- */

static const struct probe_stage *run_stage(const struct asker *a) {
    return &a->probe->stages[a->stage];
}

static void stage_advance(struct asker *a) {
    a->stage++;
    a->run.again = false;
    a->run.cursor = NULL;
    a->run.page = 0;
}

static bool stage_failed(struct asker *a, const struct err *err) {
    struct stage_state *st = &a->stages[a->stage];
    a->engine->self.failures++;
    if (run_stage(a)->essential) {
        run_finish(a, err);
        return false;
    }
    engine_note_error(a->engine, err);
    stage_drop(st);
    st->failed = true;
    st->failed_mono_ms = clock_mono_ms();
    st->err = *err;
    stage_advance(a);
    return true;
}

static bool stage_wants_page(struct asker *a) {
    uint32_t max_pages = run_stage(a)->max_pages ? run_stage(a)->max_pages : 1;
    if (!a->run.again || a->run.page + 1 >= max_pages)
        return false;
    a->run.again = false;
    a->run.page++;
    return true;
}

/* A time-out at the end of a slow run is short: alone it would read as an impatient one. */
static void explain_timeout(const struct asker *a, struct err *err) {
    char why[sizeof err->why];
    uint32_t timeout_ms = asker_timeout_ms(a);
    if (err->code != E_TIMEOUT || a->given_ms * 4 > (int64_t)timeout_ms * 3)
        return;
    str_copy(why, sizeof why, err->why);
    snprintf(err->why, sizeof err->why,
             "%.80s, all that was left of %u ms after an answer of %.0f ms", why, timeout_ms,
             a->slowest_ms);
}

/* It said no, or more than is taken: it would again. Silence says nothing of the next time. */
static bool is_refusal(const struct reply *reply) {
    return reply->ok || reply->err.code == E_TOO_BIG ||
           (reply->kind == EXCHANGE_PG && reply->pg.sqlstate[0]);
}

static bool stage_parse(struct asker *a, const struct reply *reply, struct err *err) {
    struct stage_state *st = &a->stages[a->stage];
    a->run.kept = st->kept ? &st->kept->reading : NULL;
    a->run.kept_mono_ms = st->kept ? st->kept->taken_mono_ms : 0;
    bool ok = run_stage(a)->parse(&a->run, reply, &st->pending->reading, err);
    a->run.kept = NULL;
    return ok;
}

static void stage_done(void *ctx, const struct reply *reply) {
    struct asker *a = ctx;
    struct stage_state *st = &a->stages[a->stage];
    struct err err = {0};
    a->run.now_mono_ms = clock_mono_ms();
    a->run.now_wall_ms = clock_wall_ms();
    if (run_stage(a)->essential && a->latency_ms < 0)
        a->latency_ms = reply->took_ms;
    if (reply->took_ms > a->slowest_ms)
        a->slowest_ms = reply->took_ms;
    bool ok = reply->ok && stage_parse(a, reply, &err);
    if (!ok) {
        if (!reply->ok)
            err = reply->err;
        explain_timeout(a, &err);
        st->refusals = is_refusal(reply) ? st->refusals + 1 : 0;
        if (stage_failed(a, &err))
            run_next(a);
        return;
    }
    if (!stage_wants_page(a)) {
        stage_keep_pending(st);
        stage_advance(a);
    }
    run_next(a);
}

/* Time for this exchange: an extra must leave half of what is left to an essential stage behind it.
 */
static int64_t stage_time_ms(const struct asker *a) {
    int64_t left = a->deadline_mono_ms - clock_mono_ms();
    if (run_stage(a)->essential)
        return left;
    for (uint32_t i = a->stage + 1; i < a->probe->n_stages; i++)
        if (a->probe->stages[i].essential)
            return left / 2;
    return left;
}

/* Within a tenth, since the timer's own jitter must not make a stage miss its turn. */
static bool stage_is_young(const struct asker *a, int64_t at_mono_ms) {
    uint32_t every_ms = run_stage(a)->every_ms;
    return clock_mono_ms() - at_mono_ms < (int64_t)every_ms - every_ms / 10;
}

/* A question that is asked rarely is so because it costs: refused a second time (too many rows for
 * the server's time-out, a right that is missing) it waits for its turn, and the finding stays. */
static bool stage_rests(struct asker *a) {
    struct stage_state *st = &a->stages[a->stage];
    st->failed = st->refusals > 1 && stage_is_young(a, st->failed_mono_ms);
    return st->failed;
}

static bool stage_is_fresh(struct asker *a) {
    const struct fragment *kept = a->stages[a->stage].kept;
    if (a->run.page)
        return false;
    return kept ? stage_is_young(a, kept->taken_mono_ms) : stage_rests(a);
}

/* At the pace of this run's answers it cannot be in time: cutting it off would cost the connection
 * and say of this stage what is true of the whole. What it read before stays. */
static void stage_skip(struct asker *a) {
    struct stage_state *st = &a->stages[a->stage];
    stage_drop_pending(st);
    st->unasked = true;
    stage_advance(a);
}

/* Pages after the first take no more than half of the run, or who answers slowly would be listed
 * for nothing each time. What is read by then is kept: the codec says of each page whether more is
 * to come. */
static bool stage_has_enough(const struct asker *a, int64_t time_ms) {
    return a->run.page && !run_stage(a)->essential && time_ms * 2 < (int64_t)asker_timeout_ms(a);
}

/* True when the run waits for an answer (or has ended). */
static bool stage_begin(struct asker *a) {
    struct exchange ex = {0};
    struct stage_state *st = &a->stages[a->stage];
    if (stage_is_fresh(a)) {
        stage_advance(a);
        return false;
    }
    if (!run_stage(a)->request(&a->run, &ex)) {
        if (a->run.page)
            stage_keep_pending(st);
        else
            stage_drop(st);
        stage_advance(a);
        return false;
    }
    int64_t time_ms = stage_time_ms(a);
    if (stage_has_enough(a, time_ms)) {
        stage_keep_pending(st);
        stage_advance(a);
        return false;
    }
    if (!run_stage(a)->essential && (double)time_ms < a->slowest_ms) {
        stage_skip(a);
        return false;
    }
    if (time_ms < 1) {
        struct err err;
        err_set(&err, E_TIMEOUT, "probe.stage", asker_name(a), "the run's %u ms were used up",
                asker_timeout_ms(a));
        return !stage_failed(a, &err);
    }
    if (!st->pending)
        st->pending = fragment_new();
    a->engine->self.exchanges++;
    a->given_ms = time_ms;
    link_send(a->link, &ex, &a->arena, (uint32_t)time_ms, stage_done, a);
    return true;
}

static void run_next(struct asker *a) {
    while (a->stage < a->probe->n_stages && a->stage < STAGES_MAX)
        if (stage_begin(a))
            return;
    if (a->latency_ms < 0)
        a->latency_ms = 0;
    run_finish(a, NULL);
}

static void run_begin(struct asker *a) {
    struct engine *e = a->engine;
    a->running = true;
    arena_init(&a->arena);
    a->run = (struct probe_run){.settings = e->settings,
                                .arena = &a->arena,
                                .previous = section_ref(asker_section(a)),
                                .snapshot = snapshot_ref(e->snapshot),
                                .now_mono_ms = clock_mono_ms(),
                                .now_wall_ms = clock_wall_ms()};
}

void asker_run(struct asker *a) {
    if (a->running || !a->enabled || a->engine->closed)
        return;
    run_begin(a);
    a->stage = 0;
    a->latency_ms = -1;
    a->slowest_ms = 0;
    a->started_mono_ms = a->run.now_mono_ms;
    a->deadline_mono_ms = a->started_mono_ms + asker_timeout_ms(a);
    for (uint32_t i = 0; i < STAGES_MAX; i++)
        a->stages[i].failed = a->stages[i].unasked = false;
    loop_timer_stop(a->timer);
    run_next(a);
}

void asker_judge_again(struct asker *a) {
    const struct section *sec = asker_section(a);
    if (a->running || !sec->has_reading || sec->failed)
        return;
    run_begin(a);
    publish_judged_again(a);
    run_end(a);
}

void asker_drop(struct asker *a) {
    if (a->running)
        run_end(a);
    for (uint32_t i = 0; i < STAGES_MAX; i++)
        stage_drop(&a->stages[i]);
}
