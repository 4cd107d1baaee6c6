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
    CU_ASSERT_TRUE(loop_run_until(l, answered, &a, 2 * PATIENCE_MS));
    loop_run_until(l, never, NULL, 20);
    CU_ASSERT_EQUAL(a.n, 1);
    loop_free(l);
    return a;
}

TEST(both_outputs_and_the_exit_code_arrive) {
    struct answer a = run("echo plan; echo trouble >&2; exit 3", PATIENCE_MS);
    CHECK_STR(a.out, "plan\n");
    CHECK_STR(a.errors, "trouble\n");
    CU_ASSERT_EQUAL(a.exit_code, 3);
}

TEST(a_signal_is_told_from_an_exit) {
    CU_ASSERT_EQUAL(run("kill -TERM $$", PATIENCE_MS).exit_code, 128 + 15);
}

TEST(what_takes_too_long_is_killed) {
    struct answer a = {0};
    for (uint32_t ms = 200; ms < PATIENCE_MS && !a.out[0]; ms *= 2) { /* until it had begun */
        a = run("echo begun; exec sleep 600", ms);
        CU_ASSERT_EQUAL(a.exit_code, -1);
    }
    CHECK_STR(a.out, "begun\n");
}

/* The pipe is held by one whom it started: done must not wait for that one. */
TEST(what_a_child_of_it_holds_open_ends_with_the_time_too) {
    static const char *const scripts[] = {"sleep 30 & echo $!; exit 3", "sleep 30 & echo $!; wait"};
    static const int codes[] = {3, -1};
    for (size_t i = 0; i < ARRAY_LEN(scripts); i++) {
        long pid = 0;
        for (uint32_t ms = 200; ms < PATIENCE_MS && pid < 2; ms *= 2) { /* until it had begun */
            struct answer a = run(scripts[i], ms);
            pid = strtol(a.out, NULL, 10);
            CU_ASSERT_TRUE(a.exit_code == codes[i] || pid < 2);
        }
        CU_ASSERT_TRUE_FATAL(pid > 1);
        CU_ASSERT_EQUAL(kill((pid_t)pid, SIGKILL), 0); /* it was there still */
    }
}

TEST(output_is_cut_and_the_program_still_ends) {
    struct answer a = run("head -c 3000000 /dev/zero | tr '\\0' x", PATIENCE_MS);
    CU_ASSERT_EQUAL(a.out_len, 1u << 20);
    CU_ASSERT_EQUAL(a.exit_code, 0);
}

TEST(standard_input_is_empty) {
    CU_ASSERT_EQUAL(run("read x && exit 1; exit 0", PATIENCE_MS).exit_code, 0);
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
    loop_run(l); /* until all of it is closed */
    CU_ASSERT_EQUAL(a.n, 0);
    loop_free(l);
}

/* A program that never ends by itself. It has set its traps when its number stands in the file. */
struct program {
    struct loop *loop;
    struct spawn *spawn;
    struct answer answer;
    char path[32], said[64];
    pid_t pid;
};

static void program_look(struct program *p) {
    FILE *f = fopen(p->path, "r");
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    p->said[fread(p->said, 1, sizeof p->said - 1, f)] = '\0';
    fclose(f);
}

static bool program_is_up(void *ctx) {
    struct program *p = ctx;
    program_look(p);
    p->pid = strchr(p->said, '\n') ? (pid_t)strtol(p->said, NULL, 10) : 0;
    return p->pid > 1;
}

static bool program_is_gone(void *ctx) {
    return kill(((struct program *)ctx)->pid, 0) != 0;
}

/* Looks again and again, though nothing happens on the loop. */
static bool comes(struct program *p, bool (*what)(void *)) {
    int64_t until = clock_mono_ms() + PATIENCE_MS;
    while (!loop_run_until(p->loop, what, p, 10) && clock_mono_ms() < until)
        continue;
    return what(p);
}

static void program_start(struct program *p, const char *traps) {
    char text[200];
    struct err err;
    *p = (struct program){.path = "/tmp/goodgo-spawn.XXXXXX", .loop = loop_new()};
    int fd = mkstemp(p->path);
    CU_ASSERT_FATAL(fd >= 0);
    close(fd);
    snprintf(text, sizeof text, "%s; echo $$ >>$0; while :; do sleep 0.05; done", traps);
    const char *argv[] = {"/bin/sh", "-c", text, p->path, NULL};
    p->spawn = spawn_start(p->loop, argv, 20 * PATIENCE_MS, take, &p->answer, &err);
    CU_ASSERT_TRUE_FATAL(comes(p, program_is_up));
}

static void program_end(struct program *p) {
    if (!program_is_gone(p))
        kill(p->pid, SIGKILL);
    loop_run(p->loop); /* until its pipes are closed too: its last sleep holds them a moment more */
    CU_ASSERT_EQUAL(p->answer.n, 0);
    loop_free(p->loop);
    unlink(p->path);
}

TEST(a_stopped_one_is_asked_to_end_and_reaped) {
    struct program p;
    program_start(&p, "trap 'echo asked >>$0; exit' TERM");
    spawn_stop(p.spawn);
    CU_ASSERT_TRUE(comes(&p, program_is_gone));
    program_look(&p);
    CU_ASSERT_PTR_NOT_NULL(strstr(p.said, "\nasked\n"));
    program_end(&p);
}

TEST(one_that_does_not_listen_is_killed_after_a_grace) {
    struct program p;
    program_start(&p, "trap '' TERM");
    int64_t start = clock_mono_ms();
    spawn_stop(p.spawn);
    CU_ASSERT_TRUE(comes(&p, program_is_gone));
    CU_ASSERT_TRUE(clock_mono_ms() - start >= 1900);
    program_end(&p);
}

TEST(one_that_is_left_goes_on) {
    struct program p;
    program_start(&p, "trap '' PIPE");
    spawn_leave(p.spawn);
    loop_run_until(p.loop, never, NULL, 300);
    CU_ASSERT_FALSE(program_is_gone(&p));
    program_end(&p);
}

SUITE(spawn, T(both_outputs_and_the_exit_code_arrive), T(a_signal_is_told_from_an_exit),
      T(what_takes_too_long_is_killed), T(what_a_child_of_it_holds_open_ends_with_the_time_too),
      T(output_is_cut_and_the_program_still_ends), T(standard_input_is_empty),
      T(a_missing_program_is_an_error_at_once), T(a_cancelled_one_is_silent),
      T(a_stopped_one_is_asked_to_end_and_reaped),
      T(one_that_does_not_listen_is_killed_after_a_grace), T(one_that_is_left_goes_on))
