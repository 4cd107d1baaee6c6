/* tests/unit/test_mem.c - memory is there, or the program ends at once. */
#include "harness.h"

#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/mem.h"

TEST(memory_comes_zeroed_where_asked_and_grows) {
    char *p = mem_zeroed(100);
    for (int i = 0; i < 100; i++)
        CU_ASSERT_EQUAL(p[i], 0);
    memset(p, 'x', 100);
    p = mem_grow(p, 100000);
    CU_ASSERT_EQUAL(p[99], 'x');
    free(p);
    p = mem_alloc(1);
    *p = 1;
    free(p);
    p = mem_strdup("a name");
    CHECK_STR(p, "a name");
    free(p);
}

static void take_all(int how) {
    struct arena a;
    arena_init(&a);
    if (how == 0)
        arena_alloc(&a, SIZE_MAX);
    else if (how == 1)
        arena_alloc(&a, SIZE_MAX / 2 - 100);
    else
        free(mem_grow(NULL, SIZE_MAX / 4));
}

TEST(what_cannot_be_had_ends_the_program) {
    for (int how = 0; how < 3; how++) {
        int ends[2], status = 0;
        char said[64] = "";
        CU_ASSERT_EQUAL_FATAL(pipe(ends), 0);
        pid_t child = fork();
        if (child == 0) {
            setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
            signal(SIGABRT, SIG_DFL);
            dup2(ends[1], STDERR_FILENO);
            take_all(how);
            _exit(0);
        }
        close(ends[1]);
        CU_ASSERT_TRUE(read(ends[0], said, sizeof said - 1) > 0);
        close(ends[0]);
        CU_ASSERT_EQUAL(waitpid(child, &status, 0), child);
        /* A sanitizer has an end, and words, of its own. */
        CU_ASSERT_TRUE(WIFSIGNALED(status) || WEXITSTATUS(status) != 0);
        if (WIFSIGNALED(status))
            CHECK_STR(said, "goodgo: out of memory\n");
    }
}

SUITE(mem, T(memory_comes_zeroed_where_asked_and_grows), T(what_cannot_be_had_ends_the_program))
