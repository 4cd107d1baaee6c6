/* tests/loop/test_peer.c - two ends of a local socket: who is there, and what each wait costs. */
#include "harness.h"

#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "act/audit.h"
#include "base/clock.h"
#include "io/cancel.h"
#include "io/peer.h"

static char name[64];
static struct arena arena;
static struct err err;
static struct person who;
static int listener, theirs, ours;

static void begin(void) {
    arena_init(&arena);
    snprintf(name, sizeof name, "goodgo.test-peer.%ld", (long)getpid());
    CU_ASSERT_TRUE_FATAL(peer_listen(name, &listener, &err));
}

static void meet(void) {
    begin();
    CU_ASSERT_TRUE_FATAL(peer_connect(name, &theirs, &who, &err));
    CU_ASSERT_TRUE_FATAL(
        peer_accept(listener, clock_mono_ms() + PATIENCE_MS, -1, &ours, &who, &err));
}

static void end(void) {
    close(listener);
    arena_done(&arena);
}

static void part(void) {
    close(theirs);
    close(ours);
    end();
}

TEST(each_learns_who_the_other_is) {
    struct person here;
    meet();
    person_here(&here);
    CU_ASSERT_EQUAL(who.id, here.id);
    CHECK_STR(who.login, here.login);
    part();
}

/* Two threads of the screen ask at once: an answer that both share is nobody's. */
TEST(who_asks_who_is_here_changes_nobodys_answer) {
    struct person here;
    struct actor actor;
    char login[64];
    person_here(&here);
    uint32_t other = here.id ? 0 : 1;
    user_name(other, login, sizeof login);
    const struct passwd *shared = getpwuid(other);
    CU_ASSERT_PTR_NOT_NULL_FATAL(shared);
    person_here(&here);
    CHECK_STR(shared->pw_name, login);
    actor_here(&actor);
    CHECK_STR(shared->pw_name, login);
}

TEST(a_name_is_taken_once_and_listed_while_it_is) {
    const char *names[8];
    int second;
    begin();
    CU_ASSERT_FALSE(peer_listen(name, &second, &err));
    CU_ASSERT_EQUAL(peer_names(&arena, name, names, 8), 1);
    CHECK_STR(names[0], name);
    close(listener);
    CU_ASSERT_EQUAL(peer_names(&arena, name, names, 8), 0);
    CU_ASSERT_FALSE(peer_connect(name, &second, &who, &err));
    CU_ASSERT_EQUAL(err.code, E_REFUSED);
    arena_done(&arena);
}

TEST(nobody_comes_and_that_costs_the_deadline) {
    begin();
    int64_t start = clock_mono_ms();
    CU_ASSERT_FALSE(peer_accept(listener, start + 60, -1, &ours, &who, &err));
    CU_ASSERT_EQUAL(err.code, E_TIMEOUT);
    CU_ASSERT_TRUE(clock_mono_ms() - start >= 60);
    end();
}

TEST(a_cancel_ends_the_wait_though_somebody_knocks) {
    int cancel[2];
    begin();
    CU_ASSERT_EQUAL_FATAL(pipe(cancel), 0);
    CU_ASSERT_FALSE(cancel_asked(cancel[0]));
    CU_ASSERT_EQUAL(write(cancel[1], "x", 1), 1);
    CU_ASSERT_TRUE(cancel_asked(cancel[0]));
    CU_ASSERT_FALSE(cancel_asked(-1));
    CU_ASSERT_TRUE_FATAL(peer_connect(name, &theirs, &who, &err));
    CU_ASSERT_FALSE(
        peer_accept(listener, clock_mono_ms() + PATIENCE_MS, cancel[0], &ours, &who, &err));
    CU_ASSERT_EQUAL(err.code, E_CANCELLED);
    close(theirs);
    close(cancel[0]);
    close(cancel[1]);
    end();
}

TEST(a_line_may_come_in_pieces_and_loses_its_end) {
    const char *line = NULL;
    meet();
    CU_ASSERT_TRUE(peer_write(theirs, "sh", 2, PATIENCE_MS, &err));
    CU_ASSERT_TRUE(peer_write(theirs, "ow\nmore", 7, PATIENCE_MS, &err));
    CU_ASSERT_TRUE_FATAL(peer_read_line(ours, &arena, 100, PATIENCE_MS, &line, &err));
    CHECK_STR(line, "show");
    part();
}

TEST(silence_costs_the_deadline_and_an_end_does_not) {
    const char *line;
    meet();
    int64_t start = clock_mono_ms();
    CU_ASSERT_FALSE(peer_read_line(ours, &arena, 100, 60, &line, &err));
    CHECK_STR(err.why, "it said nothing");
    CU_ASSERT_TRUE(clock_mono_ms() - start >= 60);
    shutdown(theirs, SHUT_WR);
    start = clock_mono_ms();
    CU_ASSERT_FALSE(peer_read_line(ours, &arena, 100, 2 * PATIENCE_MS, &line, &err));
    CHECK_STR(err.why, "it went away");
    CU_ASSERT_TRUE(clock_mono_ms() - start < PATIENCE_MS);
    part();
}

TEST(a_line_without_an_end_is_not_held) {
    const char *line;
    meet();
    CU_ASSERT_TRUE(peer_write(theirs, "0123456789", 10, PATIENCE_MS, &err));
    CU_ASSERT_FALSE(peer_read_line(ours, &arena, 8, PATIENCE_MS, &line, &err));
    CHECK_STR(err.why, "its line has no end");
    part();
}

TEST(a_line_may_be_as_long_as_was_said_and_no_longer) {
    const char *line = NULL;
    meet();
    CU_ASSERT_TRUE(peer_write(theirs, "01234567\n", 9, PATIENCE_MS, &err));
    CU_ASSERT_TRUE_FATAL(peer_read_line(ours, &arena, 8, PATIENCE_MS, &line, &err));
    CHECK_STR(line, "01234567");
    CU_ASSERT_TRUE(peer_write(theirs, "012345678\n", 10, PATIENCE_MS, &err));
    CU_ASSERT_FALSE(peer_read_line(ours, &arena, 8, PATIENCE_MS, &line, &err));
    CHECK_STR(err.why, "its line has no end");
    CU_ASSERT_TRUE(peer_write(theirs, "01234567", 8, PATIENCE_MS, &err));
    shutdown(theirs, SHUT_WR); /* where its end might have come */
    CU_ASSERT_FALSE(peer_read_line(ours, &arena, 8, PATIENCE_MS, &line, &err));
    CHECK_STR(err.why, "it went away");
    part();
}

TEST(one_who_does_not_read_costs_the_deadline) {
    static char bytes[1 << 20]; /* more than a socket holds */
    meet();
    int64_t start = clock_mono_ms();
    CU_ASSERT_FALSE(peer_write(ours, bytes, sizeof bytes, 60, &err));
    CU_ASSERT_EQUAL(err.code, E_TIMEOUT);
    CU_ASSERT_TRUE(clock_mono_ms() - start >= 60);
    close(theirs);
    CU_ASSERT_FALSE(peer_write(ours, bytes, sizeof bytes, PATIENCE_MS, &err)); /* and no SIGPIPE */
    CU_ASSERT_EQUAL(err.code, E_IO);
    close(ours);
    end();
}

SUITE(peer, T(each_learns_who_the_other_is), T(who_asks_who_is_here_changes_nobodys_answer),
      T(a_name_is_taken_once_and_listed_while_it_is), T(nobody_comes_and_that_costs_the_deadline),
      T(a_cancel_ends_the_wait_though_somebody_knocks),
      T(a_line_may_come_in_pieces_and_loses_its_end),
      T(silence_costs_the_deadline_and_an_end_does_not), T(a_line_without_an_end_is_not_held),
      T(a_line_may_be_as_long_as_was_said_and_no_longer),
      T(one_who_does_not_read_costs_the_deadline))
