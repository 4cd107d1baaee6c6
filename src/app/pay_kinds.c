/* app/pay_kinds.c - `goodgo payments kinds`: every provider, and what can be verified of each. */
#include "payments_priv.h"

#include "base/jsonw.h"
#include "codec/pay.h"

static void kinds_json(struct str *out) {
    struct jsonw w;
    jsonw_init(&w, out, JSONW_INDENTED);
    jsonw_open(&w, '{');
    jsonw_put_string(&w, "schema", "goodgo.payments.kinds/1");
    jsonw_key(&w, "kinds");
    jsonw_open(&w, '[');
    for (uint32_t p = 0; p < n_pay_providers; p++)
        for (uint32_t k = 0; k < pay_providers[p]->n_kinds; k++) {
            jsonw_open(&w, '{');
            jsonw_put_string(&w, "provider", pay_providers[p]->id);
            jsonw_put_string(&w, "kind", pay_providers[p]->kinds[k].name);
            jsonw_put_string(&w, "help", pay_providers[p]->kinds[k].help);
            jsonw_close(&w, '}');
        }
    jsonw_close(&w, ']');
    jsonw_close(&w, '}');
}

int pay_kinds_cmd(struct app_context *app) {
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
