/* app/ask.c - the engine run once for a sub-command: everything at the same time, until all have
 * answered or their own deadlines have passed; and the list of services on a command line. */
#include <signal.h>
#include <string.h>
#include <sys/select.h>
#include <time.h>

#include "app/command.h"
#include "codec/payqueue.h"
#include "desk_look_priv.h"
#include "desk_proposals_priv.h"
#include "engine/probes.h"
#include "io/link.h"

#define LIMIT_MS                                                                                   \
    60000 /* every probe has its own deadline; this one only guards against our own faults */

static volatile sig_atomic_t interrupted;

static void on_signal(int signum) {
    (void)signum;
    interrupted = 1;
}

static void catch_signals(void) {
    struct sigaction action = {.sa_handler = on_signal};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

bool app_interrupted(uint32_t wait_ms) {
    struct timespec wait = {wait_ms / 1000, (long)(wait_ms % 1000) * 1000000};
    sigset_t ours, before;
    sigemptyset(&ours);
    sigaddset(&ours, SIGINT);
    sigaddset(&ours, SIGTERM);
    /* Blocked between the look and the wait: a signal in between would wait the wait out. */
    sigprocmask(SIG_BLOCK, &ours, &before);
    catch_signals();
    if (!interrupted)
        pselect(0, NULL, NULL, NULL, &wait, &before);
    sigprocmask(SIG_SETMASK, &before, NULL);
    return interrupted != 0;
}

static void ignore_change(void *ctx, enum service s) {
    (void)ctx;
    (void)s;
}

static bool all_tried(void *ctx) {
    return engine_all_tried(ctx) || interrupted;
}

static bool stopped(void *ctx) {
    (void)ctx;
    return interrupted != 0;
}

/* A database that did not answer just now is not waited for once more. */
static void add_proposals(struct app_context *app, struct engine *engine) {
    struct snapshot *s = engine_snapshot(engine);
    bool answers = s->sections[SERVICE_postgres]->has_reading;
    snapshot_unref(s);
    engine_set_own(engine, OWN_PROPOSALS,
                   proposals_section(app->settings, app->state_dir, answers, &app->arena));
}

/* What the screen reads on a thread: here nobody waits for a key meanwhile. */
static void add_jobs(struct app_context *app, struct engine *engine) {
    struct look *k = look_new(app->state_dir);
    k->log_wanted = true;
    look_work(k);
    look_publish(k, engine);
    look_free(k);
}

/* One engine on a loop of its own. */
struct asking {
    struct loop *loop;
    struct engine *engine;
    struct loop_signal *signals[2];
};

static void asking_begin(struct asking *k, struct app_context *app, uint32_t only) {
    k->loop = loop_new();
    k->engine = engine_new(k->loop, app->settings, only & APP_SERVICES, ignore_change, NULL);
    k->signals[0] = k->signals[1] = NULL;
}

static void on_loop_signal(void *ctx, int signum) {
    (void)ctx;
    on_signal(signum);
}

/* By the loop, which sleeps through a signal that only sets a flag. */
static void asking_until_signal(struct asking *k) {
    k->signals[0] = loop_signal_start(k->loop, SIGINT, on_loop_signal, NULL);
    k->signals[1] = loop_signal_start(k->loop, SIGTERM, on_loop_signal, NULL);
}

static void asking_end(struct asking *k) {
    for (size_t i = 0; i < ARRAY_LEN(k->signals); i++)
        if (k->signals[i])
            loop_signal_close(k->signals[i]);
    engine_free(k->engine);
    loop_free(k->loop);
}

static struct snapshot *asking_look(struct asking *k, struct app_context *app, uint32_t only) {
    if (only & ENGINE_OWN(OWN_JOBS))
        add_jobs(app, k->engine);
    if (only & ENGINE_OWN(OWN_PROPOSALS))
        add_proposals(app, k->engine);
    return engine_snapshot(k->engine);
}

static void asking_start(struct asking *k, uint32_t only) {
    if (only & ENGINE_OWN(OWN_PAYMENTS))
        engine_watch(k->engine, OWN_PAYMENTS, &pay_queue);
    engine_start(k->engine);
}

struct snapshot *app_ask_once(struct app_context *app, uint32_t only) {
    struct asking k;
    asking_begin(&k, app, only);
    asking_start(&k, only);
    loop_run_until(k.loop, all_tried, k.engine, LIMIT_MS);
    struct snapshot *s = asking_look(&k, app, only);
    asking_end(&k);
    return s;
}

struct snapshot *app_ask_for(struct app_context *app, uint32_t seconds) {
    struct asking k;
    asking_begin(&k, app, APP_EVERYTHING);
    asking_until_signal(&k);
    asking_start(&k, APP_EVERYTHING);
    loop_run_until(k.loop, stopped, k.engine, seconds * 1000);
    struct snapshot *s = asking_look(&k, app, APP_EVERYTHING);
    asking_end(&k);
    return s;
}

void app_ask_on(struct app_context *app, uint32_t only, uint32_t every_ms,
                bool (*each)(void *ctx, struct snapshot *s), void *ctx) {
    struct asking k;
    asking_begin(&k, app, only);
    asking_until_signal(&k);
    engine_focus(k.engine, APP_SERVICES);
    asking_start(&k, only);
    loop_run_until(k.loop, all_tried, k.engine, LIMIT_MS);
    bool more = !interrupted;
    while (more) {
        struct snapshot *s = engine_snapshot(k.engine);
        more = each(ctx, s);
        snapshot_unref(s);
        more = more && !loop_run_until(k.loop, stopped, k.engine, every_ms);
    }
    asking_end(&k);
}

bool app_service(const char *word, enum service *ret) {
    return service_parse(strcmp(word, "backup") == 0 ? "pg-backup" : word, ret);
}

bool app_services(const char *list, uint32_t *ret_bits, struct err *err) {
    uint32_t bits = 0;
    while (*list) {
        char name[64];
        enum service service;
        size_t n = strcspn(list, ",");
        if (n >= sizeof name)
            n = sizeof name - 1;
        memcpy(name, list, n);
        name[n] = 0;
        if (!app_service(name, &service))
            return err_set(err, E_CONFIG, "options --only", *name ? name : "''",
                           "is not a service of the inventory");
        bits |= BIT(service);
        list += strcspn(list, ",");
        list += *list == ',';
    }
    if (!bits)
        return err_set(err, E_CONFIG, "options", "--only", "names no service of the inventory");
    *ret_bits = bits;
    return true;
}
