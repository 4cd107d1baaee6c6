/* app/cmd_snapshot.c - `goodgo snapshot [-o F]`: everything once, as one goodgo.snapshot/1
 * document. */
#include "app/command.h"
#include "io/file.h"

int cmd_snapshot(struct app_context *app) {
    struct snapshot *s = app_ask_once(app, 0);
    struct str out;
    struct err err;
    int code = EXIT_DONE;
    str_init(&out, SNAPSHOT_MAX_BYTES);
    snapshot_write(s, &out);
    if (out.toobig) {
        err_set(&err, E_TOO_BIG, "snapshot", "", "the readings take more than %zu bytes",
                SNAPSHOT_MAX_BYTES);
        code = app_fail(&err, EXIT_FAILED);
    } else if (app->options.output) {
        if (!writefile(app->options.output, str_get(&out), out.len, &err))
            code = app_fail(&err, EXIT_FAILED);
    } else if (!app_print(&out)) {
        code = EXIT_FAILED;
    }
    str_done(&out);
    snapshot_unref(s);
    return code;
}
