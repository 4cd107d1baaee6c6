/* app/pay_ask.c - `goodgo payments ask ORDER --provider ID`: what the provider's gateway says of an
 * order, or with --kind refund of a refund. Changes nothing. */
#include "payments_priv.h"

#include <string.h>

#include "act/gateway.h"
#include "act/payments.h"
#include "app/accounts.h"
#include "base/clock.h"
#include "io/pgsession.h"

/* The time of the request to pay: as given, else that of our row, where there is one. */
static bool find_created(struct app_context *app, struct pay_question *q, struct err *err) {
    struct pgsession *s = NULL;
    struct pay_row *rows;
    uint32_t n;
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
    struct pay_filter f = {.key_step = PAY_KEY_OURS, .key = q->order, .newest_first = true};
    f.limit = 1;
    if (!payments_open(app->settings, -1, &s, err))
        return false;
    bool ok = payments_page(s, &f, &app->arena, &rows, &n, err);
    pgsession_close(s);
    if (ok && n) {
        q->created_wall_s = rows[0].created_wall_ms / 1000;
    } else if (ok) {
        ok = err_set(err, E_CONFIG, "payments.ask", q->order, "is no payment of ours");
        err->todo = "look at the number; of one that our database does not have, say --day too";
    }
    return ok;
}

static bool read_question(struct app_context *app, struct pay_question *q, struct err *err) {
    const struct options *o = &app->options;
    q->order = app->argv[0];
    q->provider = o->provider ? pay_provider_find(o->provider) : NULL;
    if (!q->provider)
        return payments_usage(err, "ask", "needs --provider vnpay, momo or zalopay");
    if (o->kind && strcmp(o->kind, "refund") != 0 && strcmp(o->kind, "payment") != 0)
        return payments_usage(err, "--kind", "is payment or refund");
    q->what = o->kind && !strcmp(o->kind, "refund") ? PAY_ASK_REFUND : PAY_ASK_PAYMENT;
    return find_created(app, q, err);
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
