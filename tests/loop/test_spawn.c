/* tests/loop/test_spawn.c - programs beside the loop: output, errors, exit codes, deadlines. */
#include <stdlib.h>
#include <string.h>

#include "io/spawn.h"
#include "loop/misbehave.h"

struct answer {
    int n, exit_code;
    size_t out_len;
    char out[256], errors[256];
};

static void take(void *ctx, const struct spawn_result *r) {
    struct answer *a = ctx;
    a->n++;
    a->exit_code = r->exit_code;
    a->out_len = r->out_len;
    snprintf(a->out, sizeof a->out, "%.200s", r->out);
    snprintf(a->errors, sizeof a->errors, "%.200s", r->errors);
}

static bool answered(void *ctx) {
    return ((struct answer *)ctx)->n > 0;
}

static bool never(void *ctx) {
    return false;
}

static struct answer run(const char *script, uint32_t timeout_ms) {
    struct answer a = {0};
    struct err err;
    struct loop *l = loop_new();
    const char *argv[] = {"/bin/sh", "-c", script, NULL};
    CU_ASSERT_PTR_NOT_NULL(spawn_start(l, argv, timeout_ms, take, &a, &err));
    CU_ASSERT_EQUAL(a.n, 0);
    CU_ASSERT_TRUE(loop_run_until(l, answered, &a, 5000));
    loop_run_until(l, never, NULL, 20);
    CU_ASSERT_EQUAL(a.n, 1);
    loop_free(l);
    return a;
}

TEST(both_outputs_and_the_exit_code_arrive) {
    struct answer a = run("echo plan; echo trouble >&2; exit 3", 2000);
    CHECK_STR(a.out, "plan\n");
    CHECK_STR(a.errors, "trouble\n");
    CU_ASSERT_EQUAL(a.exit_code, 3);
}

TEST(a_signal_is_told_from_an_exit) {
    CU_ASSERT_EQUAL(run("kill -TERM $$", 2000).exit_code, 128 + 15);
}

TEST(what_takes_too_long_is_killed) {
    struct answer a = run("echo begun; exec sleep 60", 200);
    CU_ASSERT_EQUAL(a.exit_code, -1);
    CHECK_STR(a.out, "begun\n");
}

TEST(output_is_cut_and_the_program_still_ends) {
    struct answer a = run("head -c 3000000 /dev/zero | tr '\\0' x", 5000);
    CU_ASSERT_EQUAL(a.out_len, 1u << 20);
    CU_ASSERT_EQUAL(a.exit_code, 0);
}

TEST(standard_input_is_empty) {
    CU_ASSERT_EQUAL(run("read x && exit 1; exit 0", 2000).exit_code, 0);
}

TEST(a_missing_program_is_an_error_at_once) {
    struct answer a = {0};
    struct err err;
    struct loop *l = loop_new();
    const char *argv[] = {"/nonexistent", NULL};
    CU_ASSERT_PTR_NULL(spawn_start(l, argv, 1000, take, &a, &err));
    CU_ASSERT_EQUAL(err.code, E_IO);
    loop_run_until(l, never, NULL, 20);
    CU_ASSERT_EQUAL(a.n, 0);
    loop_free(l);
}

TEST(a_cancelled_one_is_silent) {
    struct answer a = {0};
    struct err err;
    struct loop *l = loop_new();
    const char *argv[] = {"/bin/sleep", "60", NULL};
    struct spawn *s = spawn_start(l, argv, 60000, take, &a, &err);
    spawn_cancel(s);
    loop_run_until(l, never, NULL, 200);
    CU_ASSERT_EQUAL(a.n, 0);
    loop_free(l);
}

SUITE(spawn, T(both_outputs_and_the_exit_code_arrive), T(a_signal_is_told_from_an_exit),
      T(what_takes_too_long_is_killed), T(output_is_cut_and_the_program_still_ends),
      T(standard_input_is_empty), T(a_missing_program_is_an_error_at_once),
      T(a_cancelled_one_is_silent))
