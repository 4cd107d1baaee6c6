/* tests/loop/test_loop.c - timers, deferred calls, descriptors, signals, the watchdog, directories,
 * workers. */
#include <ftw.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "io/worker.h"
#include "loop/misbehave.h"

struct seen {
    struct loop *loop;
    struct loop_timer *timer;
    struct loop_poll *poll;
    int n, order[4], fd;
};

static void count(void *ctx) {
    struct seen *s = ctx;
    s->n++;
}

static bool three(void *ctx) {
    return ((struct seen *)ctx)->n >= 3;
}

static bool one(void *ctx) {
    return ((struct seen *)ctx)->n >= 1;
}

static bool never(void *ctx) {
    return false;
}

TEST(a_timer_repeats_until_closed) {
    struct seen s = {.loop = loop_new()};
    s.timer = loop_timer_start(s.loop, 1, 5, count, &s);
    CU_ASSERT_TRUE(loop_run_until(s.loop, three, &s, PATIENCE_MS));
    loop_timer_close(s.timer);
    int n = s.n;
    loop_run_until(s.loop, never, &s, 30);
    CU_ASSERT_EQUAL(s.n, n);
    loop_free(s.loop);
}

/* A process that gets no processor for a while: what was due meanwhile is late. */
static bool after_a_while(void *ctx) {
    struct seen *s = ctx;
    int64_t start = clock_mono_ms();
    while (!s->n && clock_mono_ms() - start < 5) {
    }
    return s->n >= 1;
}

TEST(what_was_due_before_the_turn_does_not_sleep_first) {
    struct seen s = {.loop = loop_new()}, late = s;
    int64_t start = clock_mono_ms();
    late.timer =
        loop_timer_start(s.loop, PATIENCE_MS, 0, count, &late); /* else it ends the sleep */
    CU_ASSERT_FALSE(loop_run_until(s.loop, after_a_while, &s, 1));
    s.timer = loop_timer_start(s.loop, 1, 0, count, &s);
    CU_ASSERT_TRUE(loop_run_until(s.loop, after_a_while, &s, 60000));
    CU_ASSERT_EQUAL(late.n, 0);
    CU_ASSERT_TRUE(clock_mono_ms() - start < PATIENCE_MS);
    loop_timer_close(s.timer);
    loop_timer_close(late.timer);
    loop_free(s.loop);
}

static void close_self(void *ctx) {
    struct seen *s = ctx;
    s->n++;
    loop_timer_close(s->timer);
}

TEST(a_timer_may_close_itself) {
    struct seen s = {.loop = loop_new()};
    s.timer = loop_timer_start(s.loop, 0, 1, close_self, &s);
    CU_ASSERT_FALSE(loop_run_until(s.loop, never, &s, 30));
    CU_ASSERT_EQUAL(s.n, 1);
    loop_free(s.loop);
}

static void defer_again(void *ctx) {
    struct seen *s = ctx;
    s->n++;
    loop_defer(s->loop, count, s);
}

TEST(deferred_calls_run_without_any_event) {
    struct seen s = {.loop = loop_new()};
    loop_defer(s.loop, defer_again, &s);
    loop_defer(s.loop, count, &s);
    CU_ASSERT_EQUAL(s.n, 0);
    CU_ASSERT_TRUE(loop_run_until(s.loop, three, &s, PATIENCE_MS));
    loop_free(s.loop);
}

static void defer_count(void *ctx) {
    loop_defer(((struct seen *)ctx)->loop, count, ctx);
}

TEST(a_call_deferred_by_a_timer_does_not_sleep_first) {
    struct seen s = {.loop = loop_new()};
    int64_t start = clock_mono_ms();
    s.timer = loop_timer_start(s.loop, 0, 0, defer_count, &s);
    CU_ASSERT_TRUE(loop_run_until(s.loop, one, &s, PATIENCE_MS));
    CU_ASSERT_TRUE(clock_mono_ms() - start < PATIENCE_MS / 2); /* that sleep has no other end */
    loop_timer_close(s.timer);
    loop_free(s.loop);
}

TEST(free_runs_what_is_still_deferred) {
    struct seen s = {.loop = loop_new()};
    loop_defer(s.loop, defer_again, &s);
    loop_free(s.loop);
    CU_ASSERT_EQUAL(s.n, 2);
}

static void read_one(void *ctx) {
    struct seen *s = ctx;
    char c;
    s->n += read(s->fd, &c, 1) >= 0;
}

TEST(a_poll_fires_when_readable) {
    struct seen s = {.loop = loop_new()};
    int fds[2];
    CU_ASSERT_FATAL(pipe(fds) == 0);
    s.fd = fds[0];
    s.poll = loop_poll_start(s.loop, fds[0], read_one, &s);
    CU_ASSERT_FALSE(loop_run_until(s.loop, one, &s, 20));
    CU_ASSERT_EQUAL(write(fds[1], "x", 1), 1);
    CU_ASSERT_TRUE(loop_run_until(s.loop, one, &s, PATIENCE_MS));
    loop_poll_close(s.poll);
    loop_free(s.loop);
    close(fds[0]);
    close(fds[1]);
}

static void on_signal(void *ctx, int signum) {
    ((struct seen *)ctx)->n += signum == SIGUSR1;
}

TEST(a_signal_arrives_as_a_turn) {
    struct seen s = {.loop = loop_new()};
    struct loop_signal *sig = loop_signal_start(s.loop, SIGUSR1, on_signal, &s);
    raise(SIGUSR1);
    CU_ASSERT_TRUE(loop_run_until(s.loop, one, &s, PATIENCE_MS));
    loop_signal_close(sig);
    loop_free(s.loop);
}

static void hog(void *ctx) {
    struct seen *s = ctx;
    poll(NULL, 0, 80);
    s->n++;
}

TEST(the_watchdog_sees_a_callback_that_blocks) {
    struct seen s = {.loop = loop_new()};
    s.timer = loop_timer_start(s.loop, 1, 0, hog, &s);
    CU_ASSERT_TRUE(loop_run_until(s.loop, one, &s, PATIENCE_MS));
    /* one; where the machine itself is slow each turn may be, and is counted once */
    CU_ASSERT(loop_slow_turns(s.loop) >= 1 && loop_slow_turns(s.loop) <= loop_wakeups(s.loop));
    CHECK_STR(loop_slow_name(s.loop), "timer");
    loop_timer_close(s.timer);
    loop_free(s.loop);
}

TEST(idle_means_no_wakeups) {
    struct drive d;
    drive_init(&d);
    loop_run_until(d.loop, drive_never, &d, 20);
    uint64_t before = loop_wakeups(d.loop);
    loop_run_until(d.loop, drive_never, &d, 200);
    CU_ASSERT_TRUE(loop_wakeups(d.loop) - before <= 2);
    drive_finish(&d);
}

static void put_file(const char *dir, const char *name, const char *text) {
    char path[300];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *f = fopen(path, "w");
    CU_ASSERT_FATAL(f != NULL);
    fputs(text, f);
    fclose(f);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *walk) {
    return remove(path);
}

static void remove_tree(const char *dir) {
    CU_ASSERT_EQUAL(nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
}

/* a_3 is a link out of the directory, a_4 a pipe that would block a reader. */
TEST(lists_the_newest_files_and_opens_only_regular_ones) {
    char dir[] = "/tmp/goodgo-test-XXXXXX", path[300];
    struct drive d;
    CU_ASSERT_FATAL(mkdtemp(dir) != NULL);
    put_file(dir, "a_1.dump", "PGDMP old");
    put_file(dir, "a_2.dump", "PGDMP new");
    put_file(dir, "b.txt", "no");
    snprintf(path, sizeof path, "%s/a_3.dump", dir);
    CU_ASSERT_EQUAL(symlink("/etc/passwd", path), 0);
    snprintf(path, sizeof path, "%s/a_4.dump", dir);
    CU_ASSERT_EQUAL(mkfifo(path, 0600), 0);
    drive_init(&d);
    struct exchange ex = {
        .kind = EXCHANGE_FILES,
        .files = {.dir = dir, .prefix = "a_", .suffix = ".dump", .max_files = 3, .head_bytes = 5}};
    drive_send(&d, &ex, PATIENCE_MS);
    const struct file_list *l = &d.reply.files;
    CU_ASSERT_TRUE_FATAL(d.reply.ok && l->n_entries == 3);
    CU_ASSERT_EQUAL(l->n_total, 4);
    CHECK_STR(l->entries[0].name, "a_4.dump");
    CU_ASSERT_EQUAL(l->entries[0].kind, 'o');
    CU_ASSERT_EQUAL(l->entries[1].kind, 'l');
    CU_ASSERT_EQUAL(l->entries[1].head_len, 0);
    CU_ASSERT_EQUAL(memcmp(l->entries[2].head, "PGDMP", 5), 0);
    CU_ASSERT_TRUE(l->entries[2].readable && l->total_bytes == 18 && l->free_bytes > 0);
    drive_finish(&d);
    remove_tree(dir);
}

TEST(reads_small_files_whole_and_no_part_of_larger_ones) {
    char dir[] = "/tmp/goodgo-test-XXXXXX";
    struct drive d;
    CU_ASSERT_FATAL(mkdtemp(dir) != NULL);
    put_file(dir, "a_1.dump", "{\"result\": \"pass\"}");
    put_file(dir, "a_2.dump", "0123456789012345678901234");
    drive_init(&d);
    struct exchange ex = {
        .kind = EXCHANGE_FILES,
        .files = {
            .dir = dir, .prefix = "a_", .suffix = ".dump", .max_files = 3, .content_bytes = 24}};
    drive_send(&d, &ex, PATIENCE_MS);
    const struct file_list *l = &d.reply.files;
    CU_ASSERT_TRUE_FATAL(d.reply.ok && l->n_entries == 2);
    CU_ASSERT_PTR_NULL(l->entries[0].content);
    CU_ASSERT_EQUAL(l->entries[1].content_len, 18);
    CHECK_STR(l->entries[1].content, "{\"result\": \"pass\"}");
    drive_finish(&d);
    remove_tree(dir);
}

TEST(looks_into_directories_that_are_asked_for) {
    char dir[] = "/tmp/goodgo-test-XXXXXX", path[300];
    struct drive d;
    CU_ASSERT_FATAL(mkdtemp(dir) != NULL);
    for (int i = 1; i <= 3; i++) {
        snprintf(path, sizeof path, "%s/a_%d.dir", dir, i);
        CU_ASSERT_EQUAL(mkdir(path, 0700), 0);
        put_file(path, "data", "12345");
        if (i == 1)
            put_file(path, "toc.dat", "PGDMP");
    }
    snprintf(path, sizeof path, "%s/a_2.dir/toc.dat", dir);
    CU_ASSERT_EQUAL(symlink("../a_1.dir/toc.dat", path), 0);
    put_file(dir, "a_0.dump", "PGDMP");
    drive_init(&d);
    struct exchange ex = {.kind = EXCHANGE_FILES,
                          .files = {.dir = dir,
                                    .prefix = "a_",
                                    .suffix = ".dump",
                                    .max_files = 9,
                                    .head_bytes = 5,
                                    .dir_suffix = ".dir",
                                    .dir_head = "toc.dat"}};
    drive_send(&d, &ex, PATIENCE_MS);
    const struct file_list *l = &d.reply.files;
    CU_ASSERT_TRUE_FATAL(d.reply.ok && l->n_entries == 4);
    CU_ASSERT_EQUAL(l->total_bytes, 10 + 5 + 5 + 5);
    CHECK_STR(l->entries[2].name, "a_1.dir");
    CU_ASSERT(l->entries[2].kind == 'd' && l->entries[2].size_bytes == 10);
    CU_ASSERT_EQUAL(l->entries[2].head_len, 5);
    for (int i = 0; i < 2; i++) /* a link, and none: no first bytes, and not unreadable */
        CU_ASSERT(l->entries[i].head_len == 0 && l->entries[i].readable &&
                  l->entries[i].size_bytes == 5);
    drive_finish(&d);
    remove_tree(dir);
}

TEST(a_missing_directory_is_an_io_error) {
    struct drive d;
    drive_init(&d);
    struct exchange ex = {.kind = EXCHANGE_FILES, .files = {.dir = "/no/such/directory"}};
    check_fails(&d, &ex, PATIENCE_MS, E_IO);
    drive_finish(&d);
}

/* --- workers --- */

struct errand {
    pthread_t by;
    int *n_done, *n_freed;
    struct errand *then; /* started when this one is done */
    struct workers *workers;
};

static void errand_work(void *job) {
    ((struct errand *)job)->by = pthread_self();
}

static void errand_free(void *job) {
    ++*((struct errand *)job)->n_freed;
}

static void errand_done(void *ctx, void *job) {
    struct errand *e = job;
    (void)ctx;
    ++*e->n_done;
    if (e->then)
        CU_ASSERT_TRUE(
            workers_start(e->workers, errand_work, errand_done, errand_free, NULL, e->then));
}

static bool two_are_done(void *ctx) {
    return *(int *)ctx == 2;
}

TEST(a_worker_that_is_done_takes_the_next_task) {
    struct loop *l = loop_new();
    struct workers *w = workers_new(l);
    int n_done = 0, n_freed = 0;
    struct errand second = {.n_done = &n_done, .n_freed = &n_freed};
    struct errand first = {.n_done = &n_done, .n_freed = &n_freed, .then = &second, .workers = w};
    CU_ASSERT_TRUE(workers_start(w, errand_work, errand_done, errand_free, NULL, &first));
    CU_ASSERT_TRUE(loop_run_until(l, two_are_done, &n_done, PATIENCE_MS));
    CU_ASSERT_TRUE(pthread_equal(first.by, second.by));
    CU_ASSERT_EQUAL(n_freed, 0); /* they are done's */
    workers_free(w);             /* and the one that waits goes */
    loop_free(l);
}

SUITE(loop, T(a_worker_that_is_done_takes_the_next_task), T(a_timer_repeats_until_closed),
      T(what_was_due_before_the_turn_does_not_sleep_first), T(a_timer_may_close_itself),
      T(deferred_calls_run_without_any_event), T(a_call_deferred_by_a_timer_does_not_sleep_first),
      T(free_runs_what_is_still_deferred), T(a_poll_fires_when_readable),
      T(a_signal_arrives_as_a_turn), T(the_watchdog_sees_a_callback_that_blocks),
      T(idle_means_no_wakeups), T(lists_the_newest_files_and_opens_only_regular_ones),
      T(reads_small_files_whole_and_no_part_of_larger_ones),
      T(looks_into_directories_that_are_asked_for), T(a_missing_directory_is_an_io_error))
