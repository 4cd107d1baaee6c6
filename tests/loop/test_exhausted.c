/* tests/loop/test_exhausted.c - waits of a process that has no descriptor left: each ends at once,
 * and says so instead of a time-out. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "act/archive.h"
#include "base/clock.h"
#include "harness.h"
#include "io/file.h"
#include "io/peer.h"
#include "misbehave.h"

#define WAIT_MS (2 * PATIENCE_MS)

static struct rlimit before;

/* No descriptor above those that are open can be had, but `spare`. */
static void exhaust_but(rlim_t spare) {
    struct rlimit none;
    CU_ASSERT_EQUAL_FATAL(getrlimit(RLIMIT_NOFILE, &before), 0);
    none = before;
    int next = dup(STDOUT_FILENO);
    CU_ASSERT_TRUE_FATAL(next >= 0);
    close(next);
    none.rlim_cur = (rlim_t)next + spare;
    CU_ASSERT_EQUAL_FATAL(setrlimit(RLIMIT_NOFILE, &none), 0);
}

static void exhaust(void) {
    exhaust_but(0);
}

static void recover(void) {
    CU_ASSERT_EQUAL(setrlimit(RLIMIT_NOFILE, &before), 0);
}

TEST(who_knocks_cannot_be_let_in) {
    struct person who;
    struct err err;
    char name[48];
    int listener, knocks, fd;
    snprintf(name, sizeof name, "goodgo.test-exhausted.%ld", (long)getpid());
    CU_ASSERT_TRUE_FATAL(peer_listen(name, &listener, &err));
    CU_ASSERT_TRUE_FATAL(peer_connect(name, &knocks, &who, &err));
    int64_t began = clock_mono_ms();
    exhaust();
    CU_ASSERT_FALSE(peer_accept(listener, began + WAIT_MS, -1, &fd, &who, &err));
    recover();
    CU_ASSERT_EQUAL(err.code, E_IO);
    CHECK_STR(err.why, strerror(EMFILE));
    CU_ASSERT_TRUE(clock_mono_ms() - began < WAIT_MS / 2);
    CU_ASSERT_TRUE_FATAL(peer_accept(listener, clock_mono_ms() + WAIT_MS, -1, &fd, &who, &err));
    close(fd);
    close(knocks);
    close(listener);
}

TEST(a_directory_is_not_said_to_hang) {
    struct err err;
    exhaust();
    CU_ASSERT_FALSE(dir_answers("/", WAIT_MS, &err));
    recover();
    CU_ASSERT_EQUAL(err.code, E_IO);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.why, strerror(EMFILE)));
    CU_ASSERT_TRUE(dir_answers("/", WAIT_MS, &err));
}

TEST(a_backup_is_not_said_to_be_unreadable) {
    struct drive d;
    struct exchange ex = {
        .kind = EXCHANGE_FILES,
        .files = {.dir = TEST_DIR "/vectors", .prefix = "", .suffix = ".json", .head_bytes = 5}};
    for (rlim_t spare = 0; spare < 2; spare++) { /* of its directory, and of no file in it */
        drive_init(&d);
        exhaust_but(spare);
        check_fails(&d, &ex, PATIENCE_MS, E_INTERNAL);
        recover();
        CHECK_STR(d.reply.err.why, "too many open files");
        CU_ASSERT_PTR_NOT_NULL(strstr(d.reply.err.todo, "ulimit -n"));
        drive_finish(&d);
    }
}

/* It would be removed as one that a dead process left. */
TEST(a_lock_that_cannot_be_looked_at_is_held) {
    struct err err;
    char path[64];
    int fd;
    snprintf(path, sizeof path, "/tmp/goodgo-test-exhausted.%ld", (long)getpid());
    CU_ASSERT_TRUE_FATAL(file_lock(path, &fd, &err));
    exhaust();
    bool held = file_is_locked(path);
    recover();
    CU_ASSERT_TRUE(held);
    close(fd);
    CU_ASSERT_FALSE(file_is_locked(path));
    unlink(path);
}

TEST(a_program_that_cannot_be_started_is_not_said_to_be_broken) {
    struct err err;
    struct arena a;
    const char *path;
    int version;
    arena_init(&a);
    exhaust_but(1); /* its directory can be read */
    CU_ASSERT_FALSE(pg_tool_find("pg_dump", 0, &a, &path, &version, &err));
    recover();
    CU_ASSERT_EQUAL(err.code, E_IO);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.why, strerror(EMFILE)));
    arena_done(&a);
}

SUITE(exhausted, T(who_knocks_cannot_be_let_in), T(a_directory_is_not_said_to_hang),
      T(a_backup_is_not_said_to_be_unreadable), T(a_lock_that_cannot_be_looked_at_is_held),
      T(a_program_that_cannot_be_started_is_not_said_to_be_broken))
