/* tests/loop/test_child.c - programs run by jobs: their output, their end, and that nothing of them
 * is left whatever happened. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/str.h"
#include "harness.h"
#include "io/child.h"
#include "io/file.h"

struct seen {
    struct str out, err;
    int ticks, stop_after_ticks;
    size_t bytes, stop_after_bytes;
    int cancel; /* written to at the first output; 0 = none */
};

static bool on_stdout(void *ctx, const char *bytes, size_t n) {
    struct seen *s = ctx;
    str_add(&s->out, bytes, n);
    s->bytes += n;
    if (s->cancel)
        CU_ASSERT_EQUAL(write(s->cancel, "c", 1), 1);
    return !s->stop_after_bytes || s->bytes < s->stop_after_bytes;
}
static void on_stderr(void *ctx, const char *line) {
    struct seen *s = ctx;
    str_printf(&s->err, "[%s]", line);
}
static bool on_tick(void *ctx) {
    struct seen *s = ctx;
    return ++s->ticks != s->stop_after_ticks;
}

static void seen_init(struct seen *s) {
    memset(s, 0, sizeof *s);
    str_init(&s->out, 65536);
    str_init(&s->err, 65536);
}
static void seen_done(struct seen *s) {
    str_done(&s->out);
    str_done(&s->err);
}

/* A script is the easiest program to write for a test; the console itself never starts a shell. */
static struct child_spec script(struct seen *s, const char *argv[4], const char *text) {
    argv[0] = "/bin/sh";
    argv[1] = "-c";
    argv[2] = text;
    argv[3] = NULL;
    return (struct child_spec){.argv = argv,
                               .stdout_fd = -1,
                               .on_stdout = on_stdout,
                               .on_stderr = on_stderr,
                               .ctx = s,
                               .cancel_fd = -1};
}

static int open_descriptors(void) {
    int n = 0;
    DIR *d = opendir("/proc/self/fd");
    while (d && readdir(d))
        n++;
    if (d)
        closedir(d);
    return n;
}

static bool alive(long pid) {
    char path[64], text[256] = "";
    snprintf(path, sizeof path, "/proc/%ld/stat", pid);
    FILE *f = fopen(path, "re");
    if (!f)
        return false;
    size_t n = fread(text, 1, sizeof text - 1, f);
    fclose(f);
    text[n] = '\0';
    const char *end = strrchr(text, ')');
    return end && end[2] != 'Z' && end[2] != 'X';
}

/* Kill and exit are seen a moment later; true once it is gone. */
static bool gone(long pid) {
    int64_t until = clock_mono_ms() + PATIENCE_MS;
    while (alive(pid) && clock_mono_ms() < until)
        nanosleep(&(struct timespec){0, 2000000}, NULL);
    return !alive(pid);
}

TEST(hands_over_output_lines_and_exit_code) {
    struct seen s;
    struct child_result r;
    struct err err = {0};
    const char *argv[4];
    seen_init(&s);
    struct child_spec spec = script(&s, argv, "printf 'a\\nb'; printf 'x\\r\\ny\\nz' >&2; exit 3");
    CU_ASSERT_TRUE(child_run(&spec, &r, &err));
    CU_ASSERT_EQUAL(r.exit_code, 3);
    CU_ASSERT_FALSE(r.stopped);
    CHECK_STR(str_get(&s.out), "a\nb");
    CHECK_STR(str_get(&s.err), "[x][y][z]");
    CHECK_STR(r.last_line, "z");
    seen_done(&s);
}

TEST(keeps_the_reason_not_the_detail_after_it) {
    struct seen s;
    struct child_result r;
    struct err err = {0};
    const char *argv[4];
    seen_init(&s);
    struct child_spec spec =
        script(&s, argv,
               "echo 'pg_dump: error: no' >&2; echo 'pg_dump: detail: Query was: x' >&2; echo >&2");
    spec.on_stderr = NULL;
    CU_ASSERT_TRUE(child_run(&spec, &r, &err));
    CHECK_STR(r.last_line, "pg_dump: error: no");
    seen_done(&s);
}

TEST(cuts_a_line_at_4_kib) {
    struct seen s;
    struct child_result r;
    struct err err = {0};
    const char *argv[4];
    seen_init(&s);
    struct child_spec spec =
        script(&s, argv, "head -c 10000 /dev/zero | tr '\\0' x >&2; printf '\\nnext\\n' >&2");
    CU_ASSERT_TRUE(child_run(&spec, &r, &err));
    CU_ASSERT_EQUAL(s.err.len, 1 + 4096 + 1 + 6);
    CHECK_STR(str_get(&s.err) + 1 + 4096, "][next]");
    seen_done(&s);
}

TEST(passes_all_bytes_of_much_output) {
    struct seen s;
    struct child_result r;
    struct err err = {0};
    const char *argv[4];
    seen_init(&s);
    struct child_spec spec = script(&s, argv, "head -c 30000000 /dev/zero");
    CU_ASSERT_TRUE(child_run(&spec, &r, &err));
    CU_ASSERT_EQUAL(s.bytes, 30000000);
    seen_done(&s);
}

TEST(writes_output_into_a_descriptor) {
    struct seen s;
    struct child_result r;
    struct err err = {0};
    const char *argv[4];
    char name[] = "/tmp/goodgo-test-child.XXXXXX", text[16] = "";
    int fd = mkstemp(name);
    seen_init(&s);
    struct child_spec spec = script(&s, argv, "echo into");
    spec.stdout_fd = fd;
    CU_ASSERT_TRUE(child_run(&spec, &r, &err));
    CU_ASSERT_EQUAL(pread(fd, text, sizeof text, 0), 5);
    CHECK_STR(text, "into\n");
    CU_ASSERT_EQUAL(s.bytes, 0);
    close(fd);
    unlink(name);
    seen_done(&s);
}

TEST(replaces_variables_of_the_environment) {
    struct seen s;
    struct child_result r;
    struct err err = {0};
    const char *argv[4];
    seen_init(&s);
    setenv("GOODGO_TEST_KEPT", "kept", 1);
    setenv("PGPASSWORD", "old", 1);
    struct child_spec spec =
        script(&s, argv, "echo $GOODGO_TEST_KEPT $PGPASSWORD; env | grep -c ^PGPASSWORD=");
    spec.env[0] = "PGPASSWORD=s3cret";
    CU_ASSERT_TRUE(child_run(&spec, &r, &err));
    CHECK_STR(str_get(&s.out), "kept s3cret\n1\n");
    unsetenv("PGPASSWORD");
    seen_done(&s);
}

TEST(gives_the_child_no_other_descriptor_and_no_input) {
    struct seen s;
    struct child_result r;
    struct err err = {0};
    const char *argv[4];
    seen_init(&s);
    int leak = dup(1); /* without close-on-exec, as a library may open one */
    struct child_spec spec = script(&s, argv, "cat; ls /proc/self/fd | wc -l");
    CU_ASSERT_TRUE(child_run(&spec, &r, &err));
    CHECK_STR(str_get(&s.out), "4\n"); /* 0 1 2 and that of ls itself */
    close(leak);
    seen_done(&s);
}

TEST(says_why_it_could_not_start) {
    struct seen s;
    struct child_result r;
    struct err err = {0};
    seen_init(&s);
    const char *argv[] = {"/nonexistent/pg_dump", NULL};
    struct child_spec spec = {.argv = argv, .stdout_fd = -1, .ctx = &s, .cancel_fd = -1};
    CU_ASSERT_FALSE(child_run(&spec, &r, &err));
    CU_ASSERT_EQUAL(err.code, E_IO);
    CHECK_STR(err.target, "/nonexistent/pg_dump");
    CU_ASSERT_PTR_NOT_NULL(strstr(err.why, "No such file"));
    CU_ASSERT_FALSE(child_detach(argv, "/dev/null", &err));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.why, "No such file"));
    seen_done(&s);
}

TEST(leaves_no_descriptor_open_and_no_zombie) {
    struct seen s;
    struct child_result r;
    struct err err = {0};
    const char *argv[4], *none[] = {"/nonexistent", NULL};
    seen_init(&s);
    struct child_spec spec = script(&s, argv, "echo x");
    int before = open_descriptors();
    for (int i = 0; i < 20; i++)
        CU_ASSERT_TRUE(child_run(&spec, &r, &err));
    spec.argv = none;
    for (int i = 0; i < 20; i++)
        CU_ASSERT_FALSE(child_run(&spec, &r, &err));
    CU_ASSERT_EQUAL(open_descriptors(), before);
    CU_ASSERT_EQUAL(waitpid(-1, NULL, WNOHANG), -1);
    CU_ASSERT_EQUAL(errno, ECHILD);
    seen_done(&s);
}

TEST(cancel_ends_the_whole_group) {
    struct seen s;
    struct child_result r;
    struct err err = {0};
    const char *argv[4];
    int cancel[2];
    seen_init(&s);
    CU_ASSERT_EQUAL_FATAL(pipe(cancel), 0);
    s.cancel = cancel[1];
    struct child_spec spec = script(&s, argv, "sleep 100 & echo $!; wait");
    spec.cancel_fd = cancel[0];
    int64_t from = clock_mono_ms();
    CU_ASSERT_FALSE(child_run(&spec, &r, &err));
    CU_ASSERT_EQUAL(err.code, E_CANCELLED);
    CU_ASSERT_TRUE(r.stopped);
    CU_ASSERT_EQUAL(r.exit_code, 128 + SIGTERM); /* the polite one was enough */
    CU_ASSERT(clock_mono_ms() - from < PATIENCE_MS);
    CU_ASSERT_TRUE(gone(strtol(str_get(&s.out), NULL, 10)));
    close(cancel[0]);
    close(cancel[1]);
    seen_done(&s);
}

TEST(cancel_is_polite_to_the_whole_group_first) {
    struct seen s;
    struct child_result r;
    struct err err = {0};
    const char *argv[4];
    int cancel[2];
    seen_init(&s);
    CU_ASSERT_EQUAL_FATAL(pipe(cancel), 0);
    s.cancel = cancel[1];
    struct child_spec spec = script(&s, argv,
                                    "trap : TERM; sh -c 'trap \"echo termed >&2; exit\" TERM; "
                                    "echo up; sleep 100 & wait' & wait; wait");
    spec.cancel_fd = cancel[0];
    CU_ASSERT_FALSE(child_run(&spec, &r, &err));
    CHECK_STR(str_get(&s.err), "[termed]");
    close(cancel[0]);
    close(cancel[1]);
    seen_done(&s);
}

TEST(leaves_nothing_of_the_group_behind) {
    struct seen s;
    struct child_result r;
    struct err err = {0};
    const char *argv[4];
    seen_init(&s);
    struct child_spec spec = script(&s, argv, "sleep 100 & echo $!");
    CU_ASSERT_TRUE(child_run(&spec, &r, &err));
    CU_ASSERT_TRUE(gone(strtol(str_get(&s.out), NULL, 10)));
    seen_done(&s);
}

TEST(output_can_stop_it) {
    struct seen s;
    struct child_result r;
    struct err err = {0};
    const char *argv[4];
    seen_init(&s);
    s.stop_after_bytes = 1;
    struct child_spec spec = script(&s, argv, "sleep 100 & echo $!; wait");
    CU_ASSERT_FALSE(child_run(&spec, &r, &err));
    CU_ASSERT_EQUAL(err.code, E_CANCELLED);
    CU_ASSERT_TRUE(gone(strtol(str_get(&s.out), NULL, 10)));
    seen_done(&s);
}

TEST(tick_can_stop_it) {
    struct seen s;
    struct child_result r;
    struct err err = {0};
    const char *argv[4];
    seen_init(&s);
    s.stop_after_ticks = 3;
    struct child_spec spec = script(&s, argv, "sleep 100");
    spec.tick = on_tick;
    spec.tick_ms = 20;
    CU_ASSERT_FALSE(child_run(&spec, &r, &err));
    CU_ASSERT_EQUAL(err.code, E_CANCELLED);
    CU_ASSERT(s.ticks >= 3);
    seen_done(&s);
}

TEST(ticks_while_output_floods) {
    struct seen s;
    struct child_result r;
    struct err err = {0};
    const char *argv[4];
    seen_init(&s);
    s.stop_after_ticks = 5;
    struct child_spec spec = script(&s, argv, "exec cat /dev/zero");
    spec.tick = on_tick;
    spec.tick_ms = 10;
    CU_ASSERT_FALSE(child_run(&spec, &r, &err));
    CU_ASSERT(s.bytes > 0);
    seen_done(&s);
}

/* It is asked to end once it is deaf to that. */
TEST(kills_what_ignores_a_polite_end) {
    struct seen s;
    struct child_result r;
    struct err err = {0};
    const char *argv[4];
    int cancel[2];
    seen_init(&s);
    CU_ASSERT_EQUAL_FATAL(pipe(cancel), 0);
    s.cancel = cancel[1];
    struct child_spec spec = script(&s, argv, "trap '' TERM; echo up; while :; do sleep 0.1; done");
    spec.cancel_fd = cancel[0];
    int64_t from = clock_mono_ms();
    CU_ASSERT_FALSE(child_run(&spec, &r, &err));
    int64_t took = clock_mono_ms() - from;
    CU_ASSERT_EQUAL(err.code, E_CANCELLED);
    CU_ASSERT_EQUAL(r.exit_code, 128 + SIGKILL);
    CU_ASSERT(took >= 5000 && took < PATIENCE_MS);
    close(cancel[0]);
    close(cancel[1]);
    seen_done(&s);
}

TEST(a_deadline_ends_it) {
    struct seen s;
    struct child_result r;
    struct err err = {0};
    const char *argv[4];
    seen_init(&s);
    struct child_spec spec = script(&s, argv, "exec sleep 100");
    spec.timeout_ms = 200;
    int64_t from = clock_mono_ms();
    CU_ASSERT_FALSE(child_run(&spec, &r, &err));
    int64_t took = clock_mono_ms() - from;
    CU_ASSERT_EQUAL(err.code, E_TIMEOUT);
    CU_ASSERT_EQUAL(r.exit_code, 128 + SIGTERM);
    CU_ASSERT(took >= 200 && took < PATIENCE_MS);
    seen_done(&s);
}

/* A grandchild in a session of its own keeps the pipe: the run ends with the program all the same.
 */
TEST(does_not_wait_for_who_left_the_group) {
    struct seen s;
    struct child_result r;
    struct err err = {0};
    const char *argv[4];
    seen_init(&s);
    struct child_spec spec = script(&s, argv, "setsid sleep 100 & echo $!");
    int64_t from = clock_mono_ms();
    CU_ASSERT_TRUE(child_run(&spec, &r, &err));
    CU_ASSERT(clock_mono_ms() - from < PATIENCE_MS);
    long pid = strtol(str_get(&s.out), NULL, 10);
    if (pid > 1)
        kill((pid_t)pid, SIGKILL);
    seen_done(&s);
}

TEST(dies_with_a_parent_that_is_killed) {
    int out[2];
    char text[32] = "";
    CU_ASSERT_EQUAL_FATAL(pipe(out), 0);
    pid_t parent = fork();
    if (parent == 0) {
        struct child_result r;
        struct err err;
        const char *argv[] = {"/bin/sh", "-c", "echo $$; exec sleep 100", NULL};
        struct child_spec spec = {.argv = argv, .stdout_fd = out[1], .cancel_fd = -1};
        _exit(child_run(&spec, &r, &err) ? 0 : 1);
    }
    CU_ASSERT(read(out[0], text, sizeof text - 1) > 0);
    long pid = strtol(text, NULL, 10);
    CU_ASSERT_FATAL(pid > 1);
    CU_ASSERT_TRUE(alive(pid));
    kill(parent, SIGKILL);
    waitpid(parent, NULL, 0);
    CU_ASSERT_TRUE(gone(pid));
    close(out[0]);
    close(out[1]);
}

TEST(detached_program_outlives_its_starter_in_a_session_of_its_own) {
    char log[] = "/tmp/goodgo-test-detach.XXXXXX", text[256] = "";
    int fd = mkstemp(log);
    const char *argv[] = {"/bin/sh", "-c",
                          "read x || echo eof; echo oops >&2; ps -o sid= -p $$; echo $$; "
                          "exec sleep 100",
                          NULL};
    pid_t starter = fork();
    if (starter == 0) {
        struct err err;
        _exit(child_detach(argv, log, &err) ? 0 : 1);
    }
    int status = -1;
    waitpid(starter, &status, 0);
    CU_ASSERT_EQUAL(status, 0);
    int64_t until = clock_mono_ms() + PATIENCE_MS;
    int lines = 0;
    while (lines < 4 && clock_mono_ms() < until) {
        ssize_t n = pread(fd, text, sizeof text - 1, 0);
        text[n > 0 ? n : 0] = '\0';
        lines = 0;
        for (const char *s = text; *s; s++)
            lines += *s == '\n';
        nanosleep(&(struct timespec){0, 2000000}, NULL);
    }
    long sid = 0, pid = 0;
    CU_ASSERT_EQUAL(sscanf(text, "eof\noops\n%ld\n%ld\n", &sid, &pid), 2);
    CU_ASSERT_FATAL(pid > 1);
    CU_ASSERT_TRUE(alive(pid));
    CU_ASSERT(sid > 1 && sid != getsid(0));
    CU_ASSERT_TRUE(file_is_locked(log)); /* by it: its starter is gone */
    kill((pid_t)pid, SIGKILL);
    until = clock_mono_ms() + PATIENCE_MS;
    while (file_is_locked(log) && clock_mono_ms() < until)
        nanosleep(&(struct timespec){0, 2000000}, NULL);
    CU_ASSERT_FALSE(file_is_locked(log));
    close(fd);
    unlink(log);
}

SUITE(child, T(hands_over_output_lines_and_exit_code), T(keeps_the_reason_not_the_detail_after_it),
      T(cuts_a_line_at_4_kib), T(passes_all_bytes_of_much_output),
      T(writes_output_into_a_descriptor), T(replaces_variables_of_the_environment),
      T(gives_the_child_no_other_descriptor_and_no_input), T(says_why_it_could_not_start),
      T(leaves_no_descriptor_open_and_no_zombie), T(cancel_ends_the_whole_group),
      T(cancel_is_polite_to_the_whole_group_first), T(leaves_nothing_of_the_group_behind),
      T(output_can_stop_it), T(tick_can_stop_it), T(ticks_while_output_floods),
      T(kills_what_ignores_a_polite_end), T(a_deadline_ends_it),
      T(does_not_wait_for_who_left_the_group), T(dies_with_a_parent_that_is_killed),
      T(detached_program_outlives_its_starter_in_a_session_of_its_own))
