/* app/cmd_complete.c - `goodgo complete -- WORDS`: what the completions of the shells ask. */
#include "app/command.h"

#include "complete_priv.h"

int cmd_complete(struct app_context *app) {
    struct str out;
    str_init(&out, 1u << 18);
    complete_words(app, app->argv, app->argc, &out);
    int code = app_print(&out) ? EXIT_DONE : EXIT_FAILED;
    str_done(&out);
    return code;
}
