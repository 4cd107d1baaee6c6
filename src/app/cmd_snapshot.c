/* app/cmd_snapshot.c - `goodgo snapshot [--for TIME] [-o FILE]`: everything, as one
 * goodgo.snapshot/1 document. */
#include "app/command.h"
#include "app/query.h"
#include "io/file.h"

#define MAX_WATCH_S 86400

int cmd_snapshot(struct app_context *app) {
    int64_t watch_s = 0;
    struct str out;
    struct err err;
    if (app->options.watch_for &&
        (!query_range_parse(app->options.watch_for, &watch_s) || watch_s > MAX_WATCH_S)) {
        err_set(&err, E_CONFIG, "snapshot", app->options.watch_for,
                "a time to watch is a number and s, m or h, at most 24h");
        return app_fail(&err, EXIT_USAGE);
    }
    struct snapshot *s =
        watch_s ? app_ask_for(app, (uint32_t)watch_s) : app_ask_once(app, APP_EVERYTHING);
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
