/* tests/fuzz/fuzz_job_events.c - any bytes as a job's events and as the history of all jobs: facts
 * that are in their range, texts that no terminal obeys. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/act/job_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(const char *s) {
    for (; s && *s; s++)
        if ((unsigned char)*s < ' ' || *s == 0x7f)
            abort();
}

static void check(const struct job_info *r) {
    check_text(r->stage);
    check_text(r->note);
    check_text(r->who);
    check_text(r->why);
    if ((unsigned)r->state >= JOB_STATE_COUNT || r->result.n > PLAN_MAX_PAIRS || r->done < 0 ||
        r->total < 0 || r->exit_code < 0 || r->exit_code > 255 || r->runner_pid < 0)
        abort();
    for (uint32_t i = 0; i < r->result.n; i++) {
        check_text(r->result.at[i].name);
        check_text(r->result.at[i].value);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena a;
    struct job_info r = {.action = "backup", .target = "database goodgo", .stage = "dump"};
    struct job_recent recent = {0, 0, false};
    struct job_lore lore = {.job = &r};
    char *copy = malloc(size ? size : 1); /* exact size: an overrun is seen */
    if (!copy)
        abort();
    if (size)
        memcpy(copy, data, size);
    arena_init(&a);
    job_history_learn(&lore, copy, size);
    if (lore.stage.n > ETA_MAX_RUNS || lore.later_s < 0)
        abort();
    job_events_read(copy, size, &a, &r, &recent);
    check(&r);
    arena_done(&a);
    free(copy);
    return 0;
}
