/* app/pay_show.c - `goodgo payments show KEY`: all that is known of the payments that a key stands
 * for. `goodgo payments verify ID`: the message that is stored with one. Read-only. */
#include "pay_show_priv.h"

#include "act/gateway.h"
#include "act/payments.h"
#include "base/clock.h"
#include "io/pgsession.h"
#include "payments_priv.h"

#define SHOW_MAX 10

static bool find(struct app_context *app, const char *key, uint32_t most, struct pgsession **ret,
                 struct pay_row **ret_rows, uint32_t *ret_n, struct err *err) {
    *ret_n = 0;
    if (!payments_open(app->settings, -1, ret, err))
        return false;
    bool asked = payments_find(*ret, key, most, &app->arena, ret_rows, ret_n, err);
    if (asked && *ret_n)
        return true;
    if (asked) { /* a database that does not tell is not one that has none */
        err_set(err, E_CONFIG, "payments", key, "stands for no payment");
        err->todo = "give an id, an order or transaction number, a user or an idempotency key";
    }
    pgsession_close(*ret);
    return false;
}

/* Nobody is asked: what is kept of the last question, whoever put it. */
static void recall(const struct app_context *app, struct gateway_asker *g, struct arena *a,
                   struct pay_story *st) {
    const struct pay_question q = {.provider = st->row.gateway,
                                   .order = st->row.id,
                                   .created_wall_s = st->row.created_wall_ms / 1000};
    st->is_told = q.provider && q.provider->gateway && gateway_is_set(app->settings, q.provider) &&
                  gateway_recall(g, &q, GATEWAY_SAID_TODAY, a, &st->told);
}

static int show(struct app_context *app, const struct pay_story *all, uint32_t n,
                int64_t now_wall_s) {
    struct str out;
    str_init(&out, (size_t)16 << 20);
    if (app->json)
        pay_story_json(all, n, app->argv[0], now_wall_s, &out);
    for (uint32_t i = 0; !app->json && i < n; i++) {
        str_puts(&out, i ? "\n" : "");
        pay_story_text(&all[i], now_wall_s, &out);
    }
    int code = app_print(&out) ? EXIT_DONE : EXIT_FAILED;
    str_done(&out);
    return code;
}

int pay_show_cmd(struct app_context *app) {
    int64_t now_wall_s = clock_wall_ms() / 1000;
    struct pgsession *session;
    struct pay_row *rows;
    struct err err;
    uint32_t n = 0;
    if (!find(app, app->argv[0], SHOW_MAX, &session, &rows, &n, &err))
        return app_fail(&err, n || err.code != E_CONFIG ? EXIT_FAILED : EXIT_USAGE);
    struct pay_story *all = arena_alloc(&app->arena, n * sizeof *all);
    struct gateway_asker *g = gateway_open(app->settings, app->state_dir, -1);
    for (uint32_t i = 0; i < n; i++) {
        all[i].row = rows[i];
        pay_classify(&rows[i], app->settings, now_wall_s, true, &app->arena, &all[i].verdict);
        pay_replay_judge(&rows[i], &all[i].verdict, NULL, now_wall_s,
                         app->settings->replay.max_age_s, &app->arena, &all[i].replay);
        recall(app, g, &app->arena, &all[i]);
        pay_history(app, session, &all[i]);
        pay_logs(app, now_wall_s, &all[i]);
    }
    gateway_close(g);
    pgsession_close(session);
    return show(app, all, n, now_wall_s);
}

/* --- verify ID --- */

static int report(struct app_context *app, const struct pay_result *r) {
    struct str out;
    str_init(&out, 1u << 22);
    if (app->json)
        pay_report_json(r, &out);
    else
        pay_report_text(r, &out);
    int code = !app_print(&out) ? EXIT_USAGE : r->valid ? EXIT_DONE : EXIT_FAILED;
    str_done(&out);
    return code;
}

int pay_verify_stored(struct app_context *app, const char *key) {
    struct pgsession *session;
    struct pay_row *rows;
    struct pay_verdict v;
    struct err err;
    uint32_t n = 0;
    if (!find(app, key, 2, &session, &rows, &n, &err))
        return app_fail(&err, EXIT_USAGE);
    pgsession_close(session);
    if (n > 1) {
        payments_usage(&err, key, "stands for more than one payment: name one by its id");
        return app_fail(&err, EXIT_USAGE);
    }
    pay_classify(&rows[0], app->settings, clock_wall_ms() / 1000, true, &app->arena, &v);
    if (v.callback)
        return report(app, v.callback);
    err_set(&err, E_CONFIG, "payments.verify", rows[0].id, "%s",
            v.message ? v.why : "no message is stored with it");
    if (!v.message)
        err.todo = "ask the gateway, or hand a message in with --raw";
    return app_fail(&err, EXIT_USAGE);
}
