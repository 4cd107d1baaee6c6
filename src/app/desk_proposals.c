/* app/desk_proposals.c - see desk_proposals_priv.h. */
#include "desk_proposals_priv.h"

#include <stdlib.h>

#include "act/recon_out.h"
#include "base/clock.h"
#include "base/mem.h"
#include "own_readings_priv.h"

#define LOOK_MS      1000
#define LOOK_SLOW_MS 5000
#define FULL_LOOK_MS 30000 /* a file that was edited in its place changes no directory */
#define PAYMENTS_MS  15000

struct section *proposals_section(const struct settings *s, const char *state_dir,
                                  bool with_payments, struct arena *a) {
    struct proposal *list;
    struct proposal_versions versions;
    struct person me;
    struct err err, why_not;
    struct own_proposals o = {.me = &me};
    int64_t mono_ms = clock_mono_ms(), wall_ms = clock_wall_ms();
    person_here(&me);
    if (!proposal_list(state_dir, a, &list, &o.n, &err))
        return own_failed(&err, mono_ms);
    o.list = list;
    if (with_payments) {
        bool told = proposal_versions(s, list, o.n, wall_ms / 1000, a, &versions, &why_not);
        o.versions = told ? &versions : NULL;
        o.why_not = told ? NULL : &why_not;
    }
    return own_proposals(&o, mono_ms, wall_ms);
}

/* What a thread reads. Its settings are a copy: it may outlive the console's. */
struct proposals_look {
    struct arena arena;
    struct settings settings;
    const char *state_dir;
    bool with_payments;
    uint64_t mark;
    struct section *section; /* NULL: nothing has changed */
};

struct proposal_watch {
    struct app_context *app;
    struct engine *engine;
    const struct ui_state *ui;
    struct workers *workers;
    struct loop_timer *timer;
    struct desk_hooks hooks;
    bool shown, looking, asking;
    uint64_t mark;
    int64_t taken_mono_ms, asked_mono_ms;
};

static void look_free(void *arg) {
    struct proposals_look *k = arg;
    if (k->section)
        section_unref(k->section);
    arena_done(&k->arena);
    free(k);
}

static void look_work(void *arg) {
    struct proposals_look *k = arg;
    uint64_t before = k->mark;
    k->mark =
        proposal_list_mark(k->state_dir); /* before the list: what comes later is seen later */
    if (k->with_payments || k->mark != before)
        k->section = proposals_section(&k->settings, k->state_dir, k->with_payments, &k->arena);
}

static void look_done(void *ctx, void *arg) {
    struct proposal_watch *w = ctx;
    struct proposals_look *k = arg;
    *(k->with_payments ? &w->asking : &w->looking) = false;
    if (k->section) {
        bool again = !k->with_payments && w->mark != k->mark;
        w->mark = k->mark;
        w->taken_mono_ms = clock_mono_ms();
        if (again) /* its payments are looked at at once */
            w->asked_mono_ms = 0;
        engine_set_own(w->engine, OWN_PROPOSALS, k->section);
        k->section = NULL; /* the snapshot's now */
        w->hooks.changed(w->hooks.ctx);
        loop_timer_again(w->timer, w->shown ? 1 : LOOK_SLOW_MS, 0);
    }
    look_free(k);
}

static const char *copied(struct arena *a, const char *s) {
    return s ? arena_strdup(a, s) : NULL;
}

static bool look(struct proposal_watch *w, bool with_payments, bool full) {
    const struct settings *s = w->app->settings;
    struct proposals_look *k = mem_zeroed(sizeof *k);
    arena_init(&k->arena);
    k->state_dir = arena_strdup(&k->arena, w->app->state_dir);
    k->with_payments = with_payments;
    k->mark = full ? 0 : w->mark;
    k->settings.has_postgres = s->has_postgres;
    k->settings.postgres = s->postgres;
    const char **texts[] = {&k->settings.postgres.host,    &k->settings.postgres.dbname,
                            &k->settings.postgres.user,    &k->settings.postgres.password,
                            &k->settings.postgres.sslmode, &k->settings.postgres.sslrootcert,
                            &k->settings.postgres.sslcert, &k->settings.postgres.sslkey};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        *texts[i] = copied(&k->arena, *texts[i]);
    if (workers_start(w->workers, look_work, look_done, look_free, w, k))
        return true;
    look_free(k);
    return false;
}

static void on_timer(void *ctx) {
    struct proposal_watch *w = ctx;
    int64_t now = clock_mono_ms();
    if (!w->ui->frozen) {
        bool full = !w->mark || now - w->taken_mono_ms >= FULL_LOOK_MS;
        bool due = !w->asked_mono_ms || now - w->asked_mono_ms >= PAYMENTS_MS;
        if (!w->looking)
            w->looking = look(w, false, full);
        if (w->shown && due && w->mark && !w->asking) {
            w->asking = look(w, true, false);
            w->asked_mono_ms = now;
        }
    }
    loop_timer_again(w->timer, w->shown ? LOOK_MS : LOOK_SLOW_MS, 0);
}

void proposal_watch_show(struct proposal_watch *w, bool shown) {
    bool sooner = shown && !w->shown;
    w->shown = shown;
    if (sooner)
        loop_timer_again(w->timer, 1, 0);
}

struct proposal_watch *proposal_watch_new(struct loop *l, struct app_context *app,
                                          struct engine *engine, const struct ui_state *ui,
                                          struct workers *workers, const struct desk_hooks *hooks) {
    struct proposal_watch *w = mem_zeroed(sizeof *w);
    w->app = app;
    w->engine = engine;
    w->ui = ui;
    w->workers = workers;
    w->hooks = *hooks;
    w->timer = loop_timer_start(l, 300, 0, on_timer, w);
    return w;
}

void proposal_watch_free(struct proposal_watch *w) {
    if (!w)
        return;
    loop_timer_close(w->timer);
    free(w);
}
