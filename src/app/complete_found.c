/* app/complete_found.c - what completion finds on this machine: jobs, proposals and backups, where
 * the words typed so far say that they are. Nothing is asked over a network, and what cannot be
 * read has nothing to offer. */
#include "complete_found_priv.h"

#include <string.h>

#include "act/backups.h"
#include "act/recon_out.h"
#include "act/second.h"
#include "app/options.h"
#include "base/clock.h"
#include "io/file.h"

#define JOBS_MAX    30  /* more are no choice */
#define PATIENCE_MS 500 /* a person waits for Tab; a directory of a network may hang */
#define WORDS_MAX   64

bool found_open(struct app_context *app, char *const *words, int n) {
    char goodgo[] = "goodgo", *argv[WORDS_MAX + 1] = {goodgo};
    int argc = 1, first;
    struct err ignored;
    for (int i = 0; i < n && argc < WORDS_MAX; i++)
        if (strcmp(words[i], "=") != 0) /* bash cuts "--state-dir=D" in three */
            argv[argc++] = words[i];
    return options_parse(&app->options, argc, argv, &first, &ignored) && app_look(app, &ignored);
}

static const char *ago(struct arena *a, int64_t wall_ms) {
    return arena_printf(a, "%s ago", DURATION((clock_wall_ms() - wall_ms) / 1000));
}

/* "backup of goodgo, done, 2h05m ago": since it is so. */
static const char *about_job(struct arena *a, const struct job_info *j) {
    int64_t at_wall_ms = j->ended_wall_ms     ? j->ended_wall_ms
                         : j->started_wall_ms ? j->started_wall_ms
                                              : j->created_wall_ms;
    return arena_printf(a, "%s of %s, %s%s%s", j->action, j->target, job_state_name(j->state),
                        at_wall_ms ? ", " : "", at_wall_ms ? ago(a, at_wall_ms) : "");
}

static void jobs_found(struct app_context *app, bool to_cancel, found_fn found, void *ctx) {
    struct job_info *jobs;
    struct err ignored;
    uint32_t n;
    if (!job_list(app->state_dir, &app->arena, JOBS_MAX, &jobs, &n, &ignored))
        return;
    for (uint32_t i = 0; i < n; i++)
        if (!to_cancel || job_may_cancel(&jobs[i], &ignored))
            found(ctx, jobs[i].id, about_job(&app->arena, &jobs[i]));
}

/* Those of anybody on this machine that wait, for who agrees is another person. */
static void waiting_found(struct app_context *app, found_fn found, void *ctx) {
    const char *ids[JOBS_MAX];
    uint32_t n = second_list(&app->arena, ids, JOBS_MAX);
    for (uint32_t i = 0; i < n; i++)
        found(ctx, ids[i], "waits for a second person");
}

void found_jobs(struct app_context *app, const struct command *c, found_fn found, void *ctx) {
    if (strcmp(command_word(c), "approve") == 0 || strcmp(command_word(c), "decline") == 0)
        waiting_found(app, found, ctx);
    else
        jobs_found(app, strcmp(c->name, CANCEL_COMMAND) == 0, found, ctx);
}

void found_proposals(struct app_context *app, found_fn found, void *ctx) {
    struct proposal *list;
    struct err ignored;
    char vnd[GROUPED_SIZE];
    uint32_t n;
    if (!proposal_list(app->state_dir, &app->arena, &list, &n, &ignored))
        return;
    for (uint32_t i = 0; i < n; i++)
        if (!list[i].approved_wall_s && !list[i].declined_wall_s)
            found(ctx, list[i].id,
                  arena_printf(&app->arena, "%s, %s VND, by %s", list[i].order_id,
                               int_grouped(list[i].db_vnd, vnd), list[i].maker));
}

bool found_backups(struct app_context *app, found_fn found, void *ctx) {
    const char *dir = app->settings->backup_dir;
    int64_t now_wall_s = clock_wall_ms() / 1000;
    struct backup_file *files;
    struct err ignored;
    uint32_t n;
    if (!dir || !dir_answers(dir, PATIENCE_MS, &ignored) ||
        !backups_list(dir, &app->arena, now_wall_s, app->config.drill_warn_age_s, &files, &n,
                      &ignored))
        return false;
    for (uint32_t i = 0; i < n; i++)
        found(ctx, files[i].name,
              arena_printf(&app->arena, "grade %c, %s", files[i].grade,
                           ago(&app->arena, files[i].taken_wall_s * 1000)));
    return n > 0;
}
