/* app/pay_ask.c - `goodgo payments ask ORDER`: what the provider's gateway says of an order, or
 * with --kind refund of a refund. Changes nothing. */
#include "payments_priv.h"

#include <string.h>

#include "act/gateway.h"
#include "act/payments.h"
#include "app/accounts.h"
#include "base/clock.h"
#include "io/pgsession.h"
#include "pay_words_priv.h"

/* Our row of the order; without one, and no error, *ret_n is 0. */
static bool find_row(struct app_context *app, const char *order, struct pay_row **ret,
                     uint32_t *ret_n, struct err *err) {
    struct pgsession *s = NULL;
    struct pay_filter f = {
        .key_step = PAY_KEY_OURS, .key = order, .newest_first = true, .limit = 1};
    if (!payments_open(app->settings, -1, &s, err))
        return false;
    bool ok = payments_page(s, &f, &app->arena, ret, ret_n, err);
    pgsession_close(s);
    return ok;
}

/* Another gateway does not know the order, which must not read as "not paid". */
static bool suits(struct pay_question *q, const struct pay_row *row, struct err *err) {
    bool asked = row->gateway && row->gateway->gateway;
    if (!q->provider && asked)
        q->provider = row->gateway;
    if (q->provider && q->provider == row->gateway)
        return true;
    err_set(err, E_CONFIG, "payments.ask", q->order, "is a payment of %s%s", row->provider,
            asked ? "" : ", which has no gateway that can be asked");
    err->todo = asked ? "leave --provider out, or name that one" : "goodgo payments show tells it";
    return false;
}

/* The time of the request to pay: as given, else that of our row, which knows the gateway too. */
static bool find_created(struct app_context *app, struct pay_question *q, struct err *err) {
    struct pay_row *rows;
    uint32_t n = 0;
    const char *given = app->options.day;
    q->created_wall_s = clock_wall_ms() / 1000;
    if (given && !accounts_time(given, &q->created_wall_s))
        return payments_usage(err, "--day",
                              "is a day (2026-10-09) or a time (2026-10-09T17:30:00+07:00)");
    if (given || q->what == PAY_ASK_REFUND)
        return true;
    if (!app->settings->has_postgres) {
        err_set(err, E_CONFIG, "payments.ask", q->order,
                "is known by its number and the day it was made on, and there is no database to "
                "look that up in");
        err->todo = "say --day 2026-10-09";
        return false;
    }
    if (!find_row(app, q->order, &rows, &n, err))
        return false;
    if (!n) {
        err_set(err, E_CONFIG, "payments.ask", q->order, "is no payment of ours");
        err->todo = "look at the number; of one that our database does not have, say --day too";
        return false;
    }
    q->created_wall_s = rows[0].created_wall_ms / 1000;
    return suits(q, &rows[0], err);
}

static bool read_question(struct app_context *app, struct pay_question *q, struct err *err) {
    const struct options *o = &app->options;
    q->order = app->argv[0];
    q->provider = o->provider ? pay_provider_find(o->provider) : NULL;
    const char *can = pay_provider_ids(&app->arena, true);
    if (o->provider && !q->provider)
        return err_set(err, E_CONFIG, "payments", o->provider, "is none of %s", can);
    if (o->kind && strcmp(o->kind, "refund") != 0 && strcmp(o->kind, "payment") != 0)
        return payments_usage(err, "--kind", "is payment or refund");
    q->what = o->kind && !strcmp(o->kind, "refund") ? PAY_ASK_REFUND : PAY_ASK_PAYMENT;
    if (!find_created(app, q, err))
        return false;
    return q->provider || err_set(err, E_CONFIG, "payments", "ask",
                                  "needs --provider, one of %s, for a refund, or with --day", can);
}

int pay_ask_cmd(struct app_context *app) {
    struct pay_question q = {0};
    struct pay_answer r;
    struct str out;
    struct err err;
    if (!read_question(app, &q, &err))
        return app_fail(&err, EXIT_USAGE);
    struct gateway_asker *g = gateway_open(app->settings, app->state_dir, -1);
    bool asked = gateway_ask(g, &q, GATEWAY_ANEW, &app->arena, &r, &err);
    gateway_close(g);
    if (!asked)
        return app_fail(&err, EXIT_USAGE);
    str_init(&out, 1u << 16);
    if (app->json)
        pay_answer_json(&q, &r, &out);
    else
        pay_answer_text(&q, &r, &out);
    bool says = r.said == PAY_SAID_OPEN || r.said == PAY_SAID_FINAL;
    int code = !app_print(&out) ? EXIT_USAGE : says ? EXIT_DONE : EXIT_FAILED;
    str_done(&out);
    return code;
}
