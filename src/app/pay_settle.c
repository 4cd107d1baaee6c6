/* app/pay_settle.c - `goodgo payments settle-transfer ID`: the act of that name, with a whole path
 * for the evidence, since its job runs elsewhere. */
#include "payments_priv.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

int pay_settle_cmd(struct app_context *app) {
    struct pairs *arguments = &app->options.arguments;
    char full[PATH_MAX];
    for (uint32_t i = 0; i < arguments->n; i++)
        if (!strcmp(arguments->at[i].name, "evidence") && realpath(arguments->at[i].value, full))
            arguments->at[i].value = arena_strdup(&app->arena, full);
    return app_act(app, act_find("settle-transfer"));
}
