/* tests/unit/test_readfile.c - files, pipes and everything else that a name may stand for: read
 * whole and bounded, written whole or not at all. */
#include "harness.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/file.h"

static char dir[64];
static struct arena arena;
static struct file_content content;
static struct err err;

static const char *path(const char *name) {
    static char buf[2][160];
    static int at;
    at = !at;
    snprintf(buf[at], sizeof buf[at], "%s/%s", dir, name);
    return buf[at];
}

static void begin(void) {
    str_copy(dir, sizeof dir, "/tmp/goodgo-readfile.XXXXXX");
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(dir));
}

static void end(void) {
    static const char *const names[] = {"f", "link", "fifo", "big", "dev", "d", "log"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        remove(path(names[i]));
    CU_ASSERT_EQUAL(rmdir(dir), 0); /* and nothing temporary is left behind */
    arena_done(&arena);
}

static bool put(const char *name, const char *text) {
    return writefile(path(name), text, strlen(text), &err);
}

static bool get(const char *name, size_t max) {
    memset(&content, 0, sizeof content);
    return readfile_within(&arena, path(name), max, 50, &content, &err);
}

TEST(a_file_is_written_whole_for_its_user_alone) {
    begin();
    CU_ASSERT_TRUE(put("f", "hello\n"));
    CU_ASSERT_TRUE(get("f", 100));
    CHECK_STR(content.bytes, "hello\n");
    CU_ASSERT_EQUAL(content.len, 6);
    CU_ASSERT_EQUAL(content.mode, 0600);
    CU_ASSERT_TRUE(content.regular);
    CU_ASSERT_TRUE(put("f", "")); /* and replaced */
    CU_ASSERT_TRUE(readfile(&arena, path("f"), 100, &content, &err));
    CU_ASSERT_EQUAL(content.len, 0);
    CU_ASSERT_TRUE(put("f", "keep"));
    CU_ASSERT_EQUAL(symlink(path("f"), path("link")), 0);
    CU_ASSERT_TRUE(get("link", 100)); /* a link is followed */
    CHECK_STR(content.bytes, "keep");
    CU_ASSERT_TRUE(put("link", "new")); /* and stays one */
    struct stat st;
    CU_ASSERT_TRUE(lstat(path("link"), &st) == 0 && S_ISLNK(st.st_mode));
    CU_ASSERT_TRUE(get("f", 100));
    CHECK_STR(content.bytes, "new");
    end();
}

TEST(more_than_the_cap_is_refused) {
    begin();
    CU_ASSERT_TRUE(put("f", "12345"));
    CU_ASSERT_TRUE(get("f", 5));
    CU_ASSERT_FALSE(get("f", 4));
    CU_ASSERT_EQUAL(err.code, E_TOO_BIG);
    CHECK_STR(err.why, "larger than 4 bytes");
    CHECK_STR(err.todo, "it is far larger than it should be: is this the right file?");
    CU_ASSERT_EQUAL(symlink("/dev/zero", path("dev")), 0);
    CU_ASSERT_FALSE(get("dev", 100000)); /* as large as one likes */
    CU_ASSERT_EQUAL(err.code, E_TOO_BIG);
    end();
}

TEST(what_cannot_be_read_is_said) {
    begin();
    CU_ASSERT_FALSE(get("none", 100));
    CU_ASSERT_EQUAL(err.code, E_IO);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.target, "/none"));
    CU_ASSERT_EQUAL(mkdir(path("d"), 0700), 0);
    CU_ASSERT_FALSE(get("d", 100));
    CHECK_STR(err.why, "Is a directory");
    char longer[300];
    memset(longer, 'x', sizeof longer - 1);
    longer[sizeof longer - 1] = 0;
    CU_ASSERT_FALSE(readfile(&arena, longer, 100, &content, &err));
    CU_ASSERT_EQUAL(strlen(err.target), 90); /* the end of the name */
    end();
}

TEST(a_fifo_without_a_writer_does_not_hang) {
    begin();
    CU_ASSERT_EQUAL(mkfifo(path("fifo"), 0600), 0);
    CU_ASSERT_FALSE(get("fifo", 100));
    CHECK_STR(err.why, "nothing came to read in time: does anybody write into it?");
    CU_ASSERT_FALSE(put("fifo", "x")); /* nor one without a reader */
    CU_ASSERT_EQUAL(err.code, E_IO);
    end();
}

static void *feed(void *fifo) {
    FILE *f = fopen(fifo, "w");
    for (int i = 0; f && i < 1000; i++) {
        fprintf(f, "%0100d", i);
        if (i % 100 == 0)
            fflush(f); /* in pieces, with pauses of the scheduler's choice */
    }
    if (f)
        fclose(f);
    return NULL;
}

TEST(a_pipe_is_read_to_its_end_however_slowly_it_comes) {
    pthread_t writer;
    char fifo[160];
    begin();
    str_copy(fifo, sizeof fifo, path("fifo"));
    CU_ASSERT_EQUAL(mkfifo(fifo, 0600), 0);
    CU_ASSERT_EQUAL_FATAL(pthread_create(&writer, NULL, feed, fifo), 0);
    CU_ASSERT_TRUE(readfile(&arena, fifo, 1 << 20, &content, &err));
    pthread_join(writer, NULL);
    CU_ASSERT_EQUAL(content.len, 100000);
    CU_ASSERT_FALSE(content.regular);
    end();
}

TEST(a_growing_file_is_read_as_far_as_the_cap) {
    begin();
    CU_ASSERT_TRUE(put("big", "x"));
    FILE *f = fopen(path("big"), "a");
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    for (int i = 0; i < 40000; i++)
        fputc('y', f);
    fflush(f);
    CU_ASSERT_TRUE(get("big", 40001));
    fputc('z', f);
    fflush(f);
    CU_ASSERT_FALSE(get("big", 40001));
    fclose(f);
    end();
}

static atomic_int n_interrupted; /* which a handler may count in, and another thread read */
static struct {
    pthread_t writer;
    int fd;
    size_t n_read;
} late;

static void interrupted(int signo) {
    n_interrupted++;
}

/* Interrupts the writer, who waits for room, before it gives any. */
static void *read_late(void *ctx) {
    char buf[4096];
    ssize_t n;
    while (n_interrupted < 20) {
        pthread_kill(late.writer, SIGUSR1);
        usleep(2000);
    }
    while ((n = read(late.fd, buf, sizeof buf)) > 0)
        late.n_read += (size_t)n;
    return NULL;
}

TEST(a_write_that_signals_interrupt_goes_on) {
    static char bytes[300000];
    struct sigaction before, now = {.sa_handler = interrupted}; /* no SA_RESTART */
    pthread_t reader;
    int fds[2];
    CU_ASSERT_EQUAL_FATAL(pipe(fds), 0);
    late.writer = pthread_self();
    late.fd = fds[0];
    sigaction(SIGUSR1, &now, &before);
    CU_ASSERT_EQUAL_FATAL(pthread_create(&reader, NULL, read_late, NULL), 0);
    CU_ASSERT_TRUE(file_write_all(fds[1], bytes, sizeof bytes));
    close(fds[1]);
    pthread_join(reader, NULL);
    CU_ASSERT_EQUAL(late.n_read, sizeof bytes);
    close(fds[0]);
    sigaction(SIGUSR1, &before, NULL);
}

TEST(a_device_is_written_to_and_not_replaced) {
    struct stat st;
    begin();
    CU_ASSERT_EQUAL(symlink("/dev/null", path("dev")), 0);
    CU_ASSERT_TRUE(put("dev", "gone"));
    CU_ASSERT_EQUAL(lstat(path("dev"), &st), 0);
    CU_ASSERT_TRUE(S_ISLNK(st.st_mode));
    CU_ASSERT_EQUAL(stat("/dev/null", &st), 0);
    CU_ASSERT_TRUE(S_ISCHR(st.st_mode));
    remove(path("dev"));
    CU_ASSERT_EQUAL(symlink("/dev/full", path("dev")), 0);
    CU_ASSERT_FALSE(put("dev", "x"));
    CHECK_STR(err.why, "No space left on device");
    end();
}

TEST(what_cannot_be_written_leaves_nothing_behind) {
    begin();
    CU_ASSERT_FALSE(writefile("/nonexistent/dir/f", "x", 1, &err));
    CU_ASSERT_EQUAL(err.code, E_IO);
    CU_ASSERT_EQUAL(mkdir(path("d"), 0700), 0);
    CU_ASSERT_FALSE(put("d", "x"));
    CHECK_STR(err.why, "Is a directory");
    CU_ASSERT_TRUE(put("f", "old"));
    struct rlimit before, small = {4, RLIM_INFINITY};
    getrlimit(RLIMIT_FSIZE, &before);
    small.rlim_max = before.rlim_max;
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &small); /* as good as a full disk */
    CU_ASSERT_FALSE(put("f", "much longer"));
    setrlimit(RLIMIT_FSIZE, &before);
    CHECK_STR(err.why, "File too large");
    CU_ASSERT_TRUE(get("f", 100));
    CHECK_STR(content.bytes, "old"); /* what was there stays */
    char longer[5000];
    memset(longer, 'x', sizeof longer - 1);
    longer[sizeof longer - 1] = 0;
    CU_ASSERT_FALSE(writefile(longer, "x", 1, &err));
    CHECK_STR(err.why, "the path is too long");
    end();
}

struct parts {
    uint32_t n;
    size_t bytes;
    uint32_t stop_at;
};

static bool on_part(void *ctx, const char *bytes, size_t n, struct err *e) {
    struct parts *p = ctx;
    p->n++;
    p->bytes += n;
    return p->n != p->stop_at || err_set(e, E_CANCELLED, "test", "part", "stopped");
}

TEST(a_large_file_comes_in_parts_and_may_be_stopped) {
    static char large[200000];
    struct parts all = {0}, two = {.stop_at = 2}, none = {0};
    begin();
    memset(large, 'x', sizeof large);
    CU_ASSERT_TRUE(writefile(path("big"), large, sizeof large, &err));
    CU_ASSERT_TRUE(readfile_parts(path("big"), on_part, &all, &err));
    CU_ASSERT_EQUAL(all.bytes, sizeof large);
    CU_ASSERT_TRUE(all.n >= 4);
    CU_ASSERT_FALSE(readfile_parts(path("big"), on_part, &two, &err));
    CU_ASSERT_EQUAL(err.code, E_CANCELLED);
    CU_ASSERT_EQUAL(two.n, 2);
    CU_ASSERT_FALSE(readfile_parts(path("nothing here"), on_part, &none, &err));
    CU_ASSERT_EQUAL(err.code, E_IO);
    CU_ASSERT_FALSE(readfile_parts("/", on_part, &none, &err)); /* a directory has no bytes */
    CU_ASSERT_EQUAL(none.n, 0);
    end();
}

TEST(of_a_large_file_only_the_end_is_read) {
    struct file_content f;
    begin();
    CU_ASSERT_TRUE(writefile(path("log"), "first\nsecond\n", 13, &err));
    CU_ASSERT_TRUE(readfile_end(&arena, path("log"), 7, &f, &err));
    CU_ASSERT_EQUAL(f.len, 7);
    CU_ASSERT_STRING_EQUAL(f.bytes, "second\n");
    CU_ASSERT_TRUE(readfile_end(&arena, path("log"), 100, &f, &err));
    CU_ASSERT_STRING_EQUAL(f.bytes, "first\nsecond\n");
    CU_ASSERT_FALSE(readfile_end(&arena, path("nothing here"), 7, &f, &err));
    CU_ASSERT_EQUAL(err.code, E_IO);
    CU_ASSERT_FALSE(readfile_end(&arena, "/dev/null", 7, &f, &err)); /* has no end */
    CU_ASSERT_EQUAL(err.code, E_IO);
    end();
}

SUITE(readfile, T(of_a_large_file_only_the_end_is_read),
      T(a_large_file_comes_in_parts_and_may_be_stopped),
      T(a_file_is_written_whole_for_its_user_alone), T(more_than_the_cap_is_refused),
      T(what_cannot_be_read_is_said), T(a_fifo_without_a_writer_does_not_hang),
      T(a_pipe_is_read_to_its_end_however_slowly_it_comes),
      T(a_growing_file_is_read_as_far_as_the_cap), T(a_write_that_signals_interrupt_goes_on),
      T(a_device_is_written_to_and_not_replaced), T(what_cannot_be_written_leaves_nothing_behind))
