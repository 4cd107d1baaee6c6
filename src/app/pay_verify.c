/* app/pay_verify.c - `goodgo payments verify`: one message of a payment provider, held against the
 * credentials of the env file; handed in, or stored with a payment. */
#include "payments_priv.h"

#include "app/accounts.h"
#include "codec/pay.h"
#include "io/file.h"
#include "pay_words_priv.h"

#define READ_MAX ((size_t)1 << 20) /* beyond PAY_MAX_BYTES, so that too much is a verdict */

static bool make_request(struct app_context *app, struct pay_request *q, struct err *err) {
    const struct options *o = &app->options;
    struct file_content f;
    if (!o->provider || !o->raw)
        return payments_usage(
            err, "verify",
            "needs the ID of a payment, or --provider ID and --raw FILE; --raw - reads "
            "standard input");
    q->provider = pay_provider_find(o->provider);
    if (!q->provider) {
        err_set(err, E_CONFIG, "payments", o->provider, "is no payment provider; there are %s",
                pay_provider_ids(&app->arena, false));
        err->todo = "goodgo payments kinds lists them, with their messages";
        return false;
    }
    if (o->received && !accounts_time(o->received, &q->received_wall_s))
        return payments_usage(err, "--received",
                              "is a day (2026-10-09) or a time (2026-10-09T17:30:00+07:00)");
    if (!readfile(&app->arena, o->raw, READ_MAX, &f, err))
        return false;
    q->bytes = f.bytes;
    q->n = f.len;
    q->kind = o->kind;
    q->explain = true;
    return true;
}

int pay_verify_cmd(struct app_context *app) {
    struct pay_request q = {0};
    struct pay_result r;
    struct str out;
    struct err err;
    if (app->argc && !app->options.raw)
        return pay_verify_stored(app, app->argv[0]);
    if (app->argc) {
        payments_usage(&err, app->argv[0], "is a stored payment, and --raw another message");
        return app_fail(&err, EXIT_USAGE);
    }
    if (!make_request(app, &q, &err) || !pay_verify(&q, app->settings, &app->arena, &r, &err))
        return app_fail(&err, EXIT_USAGE);
    str_init(&out, 1u << 22);
    if (app->json)
        pay_report_json(&r, &out);
    else
        pay_report_text(&r, &out);
    int code = !app_print(&out) ? EXIT_USAGE : r.valid ? EXIT_DONE : EXIT_FAILED;
    str_done(&out);
    return code;
}
