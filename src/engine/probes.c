/* engine/probes.c - who is asked when: one timer and one link per configured service, jitter of a
 * tenth, quick first retries that back off, focus, pause, refresh. Idle means no timer but the next
 * question's.
 */
#include "engine/probes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "engine_priv.h"

/* --- the numbers of one service --- */

static uint32_t first_set(uint32_t a, uint32_t b, uint32_t c) {
    return a ? a : b ? b : c;
}

static bool is_own(const struct asker *a) {
    return a->service >= SERVICE_COUNT;
}

struct section *asker_section(const struct asker *a) {
    const struct snapshot *s = a->engine->snapshot;
    return is_own(a) ? s->own[a->service - SERVICE_COUNT] : s->sections[a->service];
}

const char *asker_name(const struct asker *a) {
    return is_own(a) ? own_name((enum own)(a->service - SERVICE_COUNT)) : service_name(a->service);
}

/* What the config says of it; of the console's own readings it says nothing. */
static struct poll_settings asker_poll(const struct asker *a) {
    return is_own(a) ? (struct poll_settings){0} : a->engine->settings->poll[a->service];
}

uint32_t asker_interval_ms(const struct asker *a) {
    uint32_t ms = first_set(asker_poll(a).interval_ms, a->probe ? a->probe->interval_ms : 0,
                            INTERVAL_DEFAULT);
    bool focused = (a->engine->focus & BIT(a->service)) != 0;
    return focused && ms > FOCUS_MS ? FOCUS_MS : ms;
}

uint32_t asker_timeout_ms(const struct asker *a) {
    uint32_t own = a->probe && a->probe->timeout_ms ? a->probe->timeout_ms : TIMEOUT_DEFAULT;
    return first_set(a->engine->settings->timeout_ms, asker_poll(a).timeout_ms, own);
}

uint32_t asker_retries(const struct asker *a) {
    return first_set(asker_poll(a).retries, a->probe ? a->probe->retries : 0, RETRIES_DEFAULT);
}

/* --- when --- */

/* xorshift: the askers only have to drift apart. */
static uint32_t engine_random(struct engine *e) {
    e->random ^= e->random << 13;
    e->random ^= e->random >> 17;
    e->random ^= e->random << 5;
    return e->random;
}

/* A failure is looked at again soon, then less and less soon, but never later than the interval: a
 * service that is back shows within one. */
uint32_t asker_delay_ms(struct asker *a, uint32_t failures) {
    uint32_t ms = asker_interval_ms(a);
    if (failures && failures < 3) {
        uint32_t soon = (ms / 4 > RETRY_MIN_MS ? ms / 4 : RETRY_MIN_MS) << (failures - 1);
        ms = soon < ms ? soon : ms;
    }
    uint32_t tenth = ms / 10;
    return ms - tenth + engine_random(a->engine) % (2 * tenth + 1);
}

static uint32_t ms_until(int64_t mono_ms) {
    int64_t left = mono_ms - clock_mono_ms();
    return left > 0 ? (uint32_t)left : 0;
}

void asker_schedule(struct asker *a) {
    if (!a->engine->paused)
        loop_timer_again(a->timer, ms_until(asker_section(a)->next_mono_ms), 0);
}

static void asker_due(void *ctx) {
    asker_run(ctx);
}

/* --- life --- */

static bool asker_is_configured(const struct asker *a, uint32_t only, const char **ret_why) {
    *ret_why = NULL;
    if (!a->probe) {
        *ret_why = "not built in";
        return false;
    }
    if (only && !(only & BIT(a->service))) {
        *ret_why = "not selected";
        return false;
    }
    return !a->probe->configured || a->probe->configured(a->engine->settings, ret_why);
}

static void asker_init(struct engine *e, enum service s, const struct probe *probe, uint32_t only) {
    struct asker *a = &e->askers[s];
    const char *why;
    a->probe = probe;
    a->enabled = asker_is_configured(a, only, &why);
    if (!a->enabled) {
        publish_off(a, why);
        return;
    }
    a->link = link_new(e->hub, "goodgo-console");
    a->timer = loop_timer_new(e->loop, asker_due, a);
    struct section *sec = section_new(is_own(a) ? SERVICE_COUNT : s);
    sec->health = HEALTH_UNKNOWN;
    sec->summary = text_cleanz(&sec->arena, "not asked yet");
    sec->interval_ms = asker_interval_ms(a);
    sec->key_metric = probe->key_metric;
    sec->depends = probe_depends(probe);
    publish_section(a, sec);
}

void engine_watch(struct engine *e, enum own o, const struct probe *probe) {
    asker_init(e, (enum service)(SERVICE_COUNT + o), probe, 0);
}

struct engine *engine_new_with(struct loop *l, const struct settings *settings, uint32_t only,
                               const struct probe *const table[SERVICE_COUNT],
                               engine_changed_fn changed, void *ctx) {
    struct engine *e = mem_zeroed(sizeof *e);
    e->loop = l;
    e->settings = settings;
    e->changed = changed;
    e->ctx = ctx;
    e->random = ((uint32_t)clock_mono_ms() ^ (uint32_t)getpid() << 16) | 1u;
    e->hub = link_hub_new(l);
    e->snapshot = snapshot_new(settings->context ? settings->context : "", settings->production);
    e->self.started_wall_ms = clock_wall_ms();
    for (int s = 0; s < ASKERS; s++)
        e->askers[s] = (struct asker){.engine = e, .service = (enum service)s};
    for (int s = 0; s < SERVICE_COUNT; s++)
        asker_init(e, (enum service)s, table[s], only);
    return e;
}

struct engine *engine_new(struct loop *l, const struct settings *settings, uint32_t only,
                          engine_changed_fn changed, void *ctx) {
    return engine_new_with(l, settings, only, probes, changed, ctx);
}

void engine_start(struct engine *e) {
    e->started = true;
    for (int s = 0; s < ASKERS; s++)
        if (e->askers[s].enabled)
            loop_timer_again(e->askers[s].timer, 0, 0);
}

static void engine_reap(void *ctx) {
    struct engine *e = ctx;
    for (int s = 0; s < ASKERS; s++)
        asker_drop(&e->askers[s]);
    link_hub_free(e->hub);
    snapshot_unref(e->snapshot);
    free(e);
}

void engine_free(struct engine *e) {
    if (!e || e->closed)
        return;
    e->closed = true;
    for (int s = 0; s < ASKERS; s++) {
        link_close(e->askers[s].link);
        loop_timer_close(e->askers[s].timer);
    }
    loop_defer(e->loop, engine_reap, e); /* an asker may be on the stack */
}

/* --- snapshot --- */

static int64_t process_rss_bytes(void) {
    char line[128] = "";
    FILE *f = fopen("/proc/self/statm", "re");
    if (!f)
        return 0;
    bool read = fgets(line, sizeof line, f) != NULL;
    fclose(f);
    char *second = read ? strchr(line, ' ') : NULL;
    char *end = second ? strchr(second + 1, ' ') : NULL;
    int64_t pages = 0;
    if (!end)
        return 0;
    *end = '\0';
    if (!str_to_i64(second + 1, 0, 1LL << 40, &pages))
        return 0;
    return pages * sysconf(_SC_PAGESIZE);
}

static void engine_measure(struct engine *e, int64_t now_mono_ms) {
    struct rusage u;
    e->self.late_replies = link_hub_late_replies(e->hub);
    e->self.wakeups = loop_wakeups(e->loop);
    if (e->measured_mono_ms && now_mono_ms - e->measured_mono_ms < 1000)
        return;
    e->measured_mono_ms = now_mono_ms;
    e->self.rss_bytes = process_rss_bytes();
    if (getrusage(RUSAGE_SELF, &u) == 0)
        e->self.cpu_ms = (int64_t)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000 +
                         (u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1000;
}

struct snapshot *engine_snapshot(struct engine *e) {
    int64_t mono_ms = clock_mono_ms(), wall_ms = clock_wall_ms();
    engine_measure(e, mono_ms);
    struct snapshot *s =
        snapshot_at(e->snapshot, mono_ms, wall_ms, clock_utc_offset_s(wall_ms / 1000));
    s->self = e->self; /* ours alone until it is returned */
    return s;
}

void engine_set_own(struct engine *e, enum own o, struct section *sec) {
    struct snapshot *old = e->snapshot;
    e->snapshot = snapshot_with_own(old, o, sec);
    snapshot_unref(old);
}

bool engine_all_tried(const struct engine *e) {
    for (int s = 0; s < ASKERS; s++)
        if (e->askers[s].enabled && asker_section(&e->askers[s])->tried_mono_ms == 0)
            return false;
    return true;
}

/* --- control --- */

/* Who asks by hand may have mended what was refused. */
static void asker_ask_now(struct asker *a) {
    for (uint32_t i = 0; i < STAGES_MAX; i++)
        a->stages[i].refusals = 0;
    loop_timer_again(a->timer, 0, 0);
}

void engine_refresh(struct engine *e, uint32_t services) {
    for (int s = 0; s < ASKERS; s++) {
        struct asker *a = &e->askers[s];
        if (a->enabled && !a->running && (!services || (services & BIT(s))))
            asker_ask_now(a);
    }
}

/* Due as if it had always been in focus; what is overdue is asked now. */
static void asker_refocus(struct asker *a) {
    const struct section *sec = asker_section(a);
    if (a->enabled && !a->running)
        loop_timer_again(a->timer, ms_until(sec->tried_mono_ms + asker_delay_ms(a, sec->failures)),
                         0);
}

void engine_focus(struct engine *e, uint32_t services) {
    uint32_t gained = services & ~e->focus;
    e->focus = services;
    for (int s = 0; s < ASKERS; s++)
        if ((gained & BIT(s)) && e->started && !e->paused)
            asker_refocus(&e->askers[s]);
}

void engine_pause(struct engine *e, bool paused) {
    bool resumed = e->paused && !paused;
    e->paused = paused;
    for (int s = 0; s < ASKERS; s++) {
        struct asker *a = &e->askers[s];
        if (a->enabled && paused)
            loop_timer_stop(a->timer);
        else if (resumed && e->started)
            asker_refocus(a);
    }
}

struct self_stats *engine_self(struct engine *e) {
    return &e->self;
}
