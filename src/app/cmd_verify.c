/* app/cmd_verify.c - `goodgo verify`: the restore drill as a job, or with --quick the archive
 * alone, here and now. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "act/backups.h"
#include "act/quick.h"
#include "app/command.h"
#include "base/clock.h"

static void say_progress(void *ctx, uint64_t done, uint64_t total, const char *table) {
    int64_t *said = ctx;
    if (!isatty(STDERR_FILENO) || clock_mono_ms() - *said < 200)
        return;
    *said = clock_mono_ms();
    fprintf(stderr, "\r\033[K%3.0f%%  %s", total ? 100.0 * (double)done / (double)total : 0.0,
            table);
}

static int quick(struct app_context *app) {
    int64_t said = 0;
    struct quick_progress progress = {say_progress, &said};
    struct quick_verdict v = {.passed = false};
    struct err err;
    const char *path;
    bool judged = backup_find(app->settings->backup_dir, app->argc ? app->argv[0] : "latest",
                              &app->arena, &path, &err) &&
                  quick_verify(path, -1, &progress, &app->arena, &v, &err);
    if (said)
        fputs("\r\033[K", stderr);
    int code = !judged                                       ? app_fail(&err, EXIT_USAGE)
               : !app_print(app->json ? &v.report : &v.text) ? EXIT_USAGE
               : v.passed                                    ? EXIT_DONE
                                                             : EXIT_FAILED;
    quick_verdict_done(&v);
    return code;
}

int cmd_verify(struct app_context *app) {
    for (uint32_t i = 0; i < app->options.arguments.n; i++)
        if (strcmp(app->options.arguments.at[i].name, "quick") == 0)
            return quick(app);
    return app_act(app, act_find("verify"));
}
