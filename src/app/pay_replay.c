/* app/pay_replay.c - `goodgo payments replay ID...`: the act of that name, with all the ids as its
 * one argument. */
#include "payments_priv.h"

int pay_replay_cmd(struct app_context *app) {
    struct pairs *arguments = &app->options.arguments;
    struct err err;
    const char *ids = "";
    for (int i = 0; i < app->argc; i++)
        ids = arena_printf(&app->arena, "%s%s%s", ids, *ids ? " " : "", app->argv[i]);
    if (arguments->n == PLAN_MAX_PAIRS) {
        payments_usage(&err, "replay", "has too many options");
        return app_fail(&err, EXIT_USAGE);
    }
    arguments->at[arguments->n++] = (struct pair){"ids", ids};
    app->argc = 0;
    return app_act(app, act_find("replay"));
}
