/* app/cmd_payments.c - `goodgo payments verify`: one message of a payment provider, held against
 * the credentials of the env file. */
#include <string.h>

#include "app/accounts.h"
#include "app/command.h"
#include "base/jsonw.h"
#include "codec/pay.h"
#include "io/file.h"

#define READ_MAX ((size_t)1 << 20) /* beyond PAY_MAX_BYTES, so that too much is a verdict */

static bool usage(struct err *err, const char *what, const char *why) {
    return err_set(err, E_CONFIG, "payments", what, "%s", why);
}

static const char *provider_ids(struct arena *a) {
    const char *ids = "";
    for (uint32_t i = 0; i < n_pay_providers; i++)
        ids = arena_printf(a, "%s%s%s", ids, i ? ", " : "", pay_providers[i]->id);
    return ids;
}

static bool make_request(struct app_context *app, struct pay_request *q, struct err *err) {
    const struct options *o = &app->options;
    struct file_content f;
    if (!o->provider || !o->raw)
        return usage(err, "verify",
                     "needs --provider ID and --raw FILE; --raw - reads standard input");
    q->provider = pay_provider_find(o->provider);
    if (!q->provider)
        return err_set(err, E_CONFIG, "payments", o->provider,
                       "is no payment provider; there are %s", provider_ids(&app->arena));
    if (o->received && !accounts_time(o->received, &q->received_wall_s))
        return usage(err, "--received",
                     "is a day (2026-10-09) or a time (2026-10-09T17:30:00+07:00)");
    if (!readfile(&app->arena, o->raw, READ_MAX, &f, err))
        return false;
    q->bytes = f.bytes;
    q->n = f.len;
    q->kind = o->kind;
    q->explain = true;
    return true;
}

static int verify(struct app_context *app) {
    struct pay_request q = {0};
    struct pay_result r;
    struct str out;
    struct err err;
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

static void kinds_json(struct str *out) {
    struct jsonw w;
    jsonw_init(&w, out, true);
    jsonw_open(&w, '{');
    jsonw_key(&w, "schema");
    jsonw_string(&w, "goodgo.payments.kinds/1");
    jsonw_key(&w, "kinds");
    jsonw_open(&w, '[');
    for (uint32_t p = 0; p < n_pay_providers; p++)
        for (uint32_t k = 0; k < pay_providers[p]->n_kinds; k++) {
            jsonw_open(&w, '{');
            jsonw_key(&w, "provider");
            jsonw_string(&w, pay_providers[p]->id);
            jsonw_key(&w, "kind");
            jsonw_string(&w, pay_providers[p]->kinds[k].name);
            jsonw_key(&w, "help");
            jsonw_string(&w, pay_providers[p]->kinds[k].help);
            jsonw_close(&w, '}');
        }
    jsonw_close(&w, ']');
    jsonw_close(&w, '}');
}

static int kinds(struct app_context *app) {
    struct str out;
    str_init(&out, 1u << 16);
    if (app->json)
        kinds_json(&out);
    for (uint32_t p = 0; !app->json && p < n_pay_providers; p++)
        for (uint32_t k = 0; k < pay_providers[p]->n_kinds; k++)
            str_printf(&out, "%-10s %-18s %s\n", pay_providers[p]->id,
                       pay_providers[p]->kinds[k].name, pay_providers[p]->kinds[k].help);
    int code = app_print(&out) ? EXIT_DONE : EXIT_FAILED;
    str_done(&out);
    return code;
}

static const struct verb {
    const char *name;
    int (*run)(struct app_context *app);
} verbs[] = {
    {"verify", verify},
    {"kinds", kinds},
};

int cmd_payments(struct app_context *app) {
    struct err err;
    for (size_t i = 0; app->argc == 1 && i < ARRAY_LEN(verbs); i++)
        if (!strcmp(app->argv[0], verbs[i].name))
            return verbs[i].run(app);
    usage(&err, app->argc ? app->argv[app->argc - 1] : "",
          "say: goodgo payments verify --provider ID --raw FILE");
    return app_fail(&err, EXIT_USAGE);
}
