/* tests/loop/test_spawn.c - programs beside the loop: output, errors, exit codes, deadlines. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

/* A program whose number stands in a file, and whether it still lives a while after the end of the
 * spawn that `end` makes. */
static bool lives_after(void (*end)(struct spawn *), const char *script, uint32_t wait_ms) {
    char path[] = "/tmp/goodgo-spawn.XXXXXX", text[200];
    struct answer a = {0};
    struct err err;
    long pid = 0;
    int fd = mkstemp(path);
    CU_ASSERT_FATAL(fd >= 0);
    struct loop *l = loop_new();
    snprintf(text, sizeof text, "%s; echo $$ >%s; while :; do sleep 0.05; done", script, path);
    const char *argv[] = {"/bin/sh", "-c", text, NULL};
    struct spawn *s = spawn_start(l, argv, 60000, take, &a, &err);
    for (int i = 0; i < 300 && pid < 2; i++) {
        char digits[16] = "";
        loop_run_until(l, never, NULL, 10);
        pid = pread(fd, digits, sizeof digits - 1, 0) > 0 ? strtol(digits, NULL, 10) : 0;
    }
    CU_ASSERT_TRUE_FATAL(pid > 1);
    end(s);
    loop_run_until(l, never, NULL, wait_ms);
    bool lives = kill((pid_t)pid, 0) == 0;
    CU_ASSERT_EQUAL(a.n, 0);
    loop_free(l);
    if (lives)
        kill((pid_t)pid, SIGKILL);
    close(fd);
    unlink(path);
    return lives;
}

TEST(a_stopped_one_is_gone_at_once_and_reaped) {
    CU_ASSERT_FALSE(lives_after(spawn_stop, ":", 300));
}

TEST(one_that_does_not_listen_is_killed_after_a_grace) {
    CU_ASSERT_TRUE(lives_after(spawn_stop, "trap '' TERM", 300));
    CU_ASSERT_FALSE(lives_after(spawn_stop, "trap '' TERM", 2500));
}

TEST(one_that_is_left_goes_on) {
    CU_ASSERT_TRUE(lives_after(spawn_leave, "trap '' PIPE", 300));
}

SUITE(spawn, T(both_outputs_and_the_exit_code_arrive), T(a_signal_is_told_from_an_exit),
      T(what_takes_too_long_is_killed), T(output_is_cut_and_the_program_still_ends),
      T(standard_input_is_empty), T(a_missing_program_is_an_error_at_once),
      T(a_cancelled_one_is_silent), T(a_stopped_one_is_gone_at_once_and_reaped),
      T(one_that_does_not_listen_is_killed_after_a_grace), T(one_that_is_left_goes_on))
