/* app/consent.c - `goodgo jobs approve|decline [JOB]`: the second person's side of an act. */
#include <stdio.h>

#include "act/second.h"
#include "app/command.h"

#define WAITING_MAX 64

static int fail(const char *job_id, const char *why, const char *todo) {
    struct err err;
    err_set(&err, E_CONFIG, "jobs", job_id, "%s", why);
    err.todo = todo;
    return app_fail(&err, EXIT_USAGE);
}

/* The one that is meant: by its id or the beginning of it, or the only one there is. */
static const char *find(const char *given, const char *const *ids, uint32_t n) {
    const char *found = NULL;
    for (uint32_t i = 0; i < n; i++) {
        if (given && !str_starts(ids[i], given))
            continue;
        if (found)
            return NULL;
        found = ids[i];
    }
    return found;
}

static int not_one(const char *given, const char *const *ids, uint32_t n) {
    for (uint32_t i = 0; i < n; i++)
        fprintf(stderr, "waits: %s\n", ids[i]);
    if (given)
        return fail(given, "is not the beginning of exactly one job that waits for somebody",
                    "`goodgo jobs approve` lists those that wait on this machine");
    return fail("", n ? "more than one job waits for somebody" : "no job here waits for somebody",
                n ? "name one: goodgo jobs approve JOB"
                  : "the two are on one machine: is it this one? `goodgo jobs` lists those here");
}

static void show(const struct second_request *r) {
    struct str out;
    str_init(&out, 1u << 20);
    plan_print(&r->plan, &out);
    fprintf(stderr, "job       %s\nasked by  %s\n%s", r->job_id, r->from, str_get(&out));
    str_done(&out);
}

int app_consent(struct app_context *app, const char *given, bool agree) {
    const char *ids[WAITING_MAX];
    struct second_request r;
    struct err err;
    uint32_t n = second_list(&app->arena, ids, WAITING_MAX);
    const char *id = find(given, ids, n);
    if (!id)
        return not_one(given, ids, n);
    if (!second_look(id, &app->arena, &r, &err))
        return app_fail(&err, EXIT_FAILED);
    show(&r);
    if (app->options.dry_run)
        return EXIT_DONE;
    /* To say no is harmless, and may be urgent. */
    int code = agree ? app_confirm(app, &r.plan) : EXIT_DONE;
    if (code != EXIT_DONE)
        return code;
    if (!second_decide(&r, agree, app->options.reason, &app->arena, &err))
        return app_fail(&err, EXIT_REFUSED);
    fprintf(stderr, "%s: %s\n", agree ? "approved, and it goes on" : "declined, and it ends", id);
    return EXIT_DONE;
}
