/* app/cmd_payments.c - `goodgo payments ...`: which of its sub-commands, each in a file of its own.
 */
#include <string.h>

#include "payments_priv.h"

static const struct verb {
    const char *name;
    int least, most; /* words behind the name */
    int (*run)(struct app_context *app);
} verbs[] = {
    {"list", 0, 0, pay_list_cmd},
    {"show", 1, 1, pay_show_cmd},
    {"verify", 0, 1, pay_verify_cmd},
    {"ask", 1, 1, pay_ask_cmd},
    {"replay", 1, REPLAY_MOST_EVER, pay_replay_cmd},
    {"settle-transfer", 1, 1, pay_settle_cmd},
    {"kinds", 0, 0, pay_kinds_cmd},
    {"reconcile", 0, 0, pay_reconcile_cmd},
    {"proposals", 0, 0, pay_proposals_cmd},
    {"approve", 1, 1, pay_approve_cmd},
};

bool payments_usage(struct err *err, const char *what, const char *why) {
    return err_set(err, E_CONFIG, "payments", what, "%s", why);
}

int cmd_payments(struct app_context *app) {
    struct err err;
    for (size_t i = 0; app->argc && i < ARRAY_LEN(verbs); i++)
        if (!strcmp(app->argv[0], verbs[i].name) && app->argc - 1 >= verbs[i].least &&
            app->argc - 1 <= verbs[i].most)
            return verbs[i].run(app);
    payments_usage(
        &err, app->argc ? app->argv[app->argc - 1] : "",
        "say: goodgo payments list, show KEY, verify ID, verify --provider ID --raw FILE");
    return app_fail(&err, EXIT_USAGE);
}
