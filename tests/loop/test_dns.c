/* tests/loop/test_dns.c - a resolver that hangs, put in place of libc's: it costs one exchange its
 * deadline and nothing else, not the loop, not the close, not the exit. */
#include <dirent.h>
#include <netdb.h>
#include <stdlib.h>

#include "loop/misbehave.h"

static atomic_int n_asked;
static atomic_bool release;

/* Instead of libc's, for the whole binary. "hung" hangs until release (or twice our patience). */
int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
                struct addrinfo **res) {
    atomic_fetch_add(&n_asked, 1);
    int64_t until = clock_mono_ms() + 2 * PATIENCE_MS;
    while (strncmp(node, "hung", 4) == 0 && !atomic_load(&release) && clock_mono_ms() < until)
        poll(NULL, 0, 10);
    return EAI_AGAIN;
}

static struct exchange exchange_to(enum exchange_kind kind, const char *host) {
    struct exchange ex = {.kind = kind};
    if (kind == EXCHANGE_REDIS)
        ex.redis = (struct redis_request){{.host = host, .port = 1}, 1, {"PING"}};
    else if (kind == EXCHANGE_HTTP)
        ex.http.url = "http://hung.test/";
    else
        ex.pg = (struct pg_request){{.host = host, .port = 1}, "select 1", 1};
    return ex;
}

TEST(a_hung_resolver_costs_the_deadline_only) {
    static const enum exchange_kind kinds[] = {EXCHANGE_REDIS, EXCHANGE_HTTP, EXCHANGE_PG};
    atomic_store(&release, false);
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        struct drive d;
        drive_init(&d);
        struct exchange ex = exchange_to(kinds[i], "hung.test");
        check_fails(&d, &ex, 150, E_RESOLVE);
        int64_t start = clock_mono_ms();
        drive_finish(&d); /* the thread still hangs */
        CU_ASSERT_TRUE(clock_mono_ms() - start < PATIENCE_MS);
    }
    atomic_store(&release, true);
}

static bool drive_was_late(void *ctx) {
    return link_hub_late_replies(((struct drive *)ctx)->hub) > 0;
}

TEST(a_late_answer_is_dropped_and_counted) {
    struct drive d;
    atomic_store(&release, false);
    drive_init(&d);
    struct exchange ex = exchange_to(EXCHANGE_REDIS, "hung.test");
    check_fails(&d, &ex, 100, E_RESOLVE);
    CU_ASSERT_EQUAL(link_hub_late_replies(d.hub), 0);
    atomic_store(&release, true);
    CU_ASSERT_TRUE(loop_run_until(d.loop, drive_was_late, &d, PATIENCE_MS));
    loop_run_until(d.loop, drive_never, &d, 20); /* a second one would come now */
    CU_ASSERT_EQUAL(link_hub_late_replies(d.hub), 1);
    drive_finish(&d);
}

TEST(one_question_per_name_and_failures_are_kept_a_while) {
    struct drive d;
    drive_init(&d);
    atomic_store(&n_asked, 0);
    int64_t start = clock_mono_ms();
    struct exchange ex = exchange_to(EXCHANGE_REDIS, "gone.test");
    for (int i = 0; i < 3; i++)
        check_fails(&d, &ex, PATIENCE_MS, E_RESOLVE);
    int64_t whiles = (clock_mono_ms() - start) / 2000; /* none, where the machine does not stall */
    CU_ASSERT(atomic_load(&n_asked) >= 1 && atomic_load(&n_asked) <= 1 + whiles);
    drive_finish(&d);
}

static int count_threads(void) {
    int n = 0;
    DIR *threads = opendir("/proc/self/task");
    for (struct dirent *e; threads && (e = readdir(threads));)
        n += *e->d_name != '.';
    if (threads)
        closedir(threads);
    return n;
}

static int n_at_first; /* this one, and what a sanitizer keeps beside it from the first other on */

static void *nothing(void *ctx) {
    return NULL;
}

static __attribute__((constructor)) void count_first(void) {
    pthread_t other;
    if (pthread_create(&other, NULL, nothing, NULL) == 0)
        pthread_join(other, NULL);
    n_at_first = count_threads();
}

/* Those that hung free what is theirs when they end, and that before the leak check. */
static bool is_alone(void) {
    int64_t until = clock_mono_ms() + PATIENCE_MS;
    while (clock_mono_ms() < until) {
        if (count_threads() == n_at_first)
            return true;
        poll(NULL, 0, 5);
    }
    return false;
}

TEST(too_many_hung_lookups_fail_at_once) {
    struct drive d;
    atomic_store(&release, false);
    drive_init(&d);
    for (int i = 0; i < 18; i++) {
        char host[32];
        snprintf(host, sizeof host, "hung%d.test", i);
        struct exchange ex = exchange_to(EXCHANGE_REDIS, host);
        check_fails(&d, &ex, 10, E_RESOLVE);
    }
    CU_ASSERT_PTR_NOT_NULL(strstr(d.reply.err.why, "still hang"));
    drive_finish(&d);
    atomic_store(&release, true);
    CU_ASSERT_TRUE(is_alone());
}

SUITE(dns, T(a_hung_resolver_costs_the_deadline_only), T(a_late_answer_is_dropped_and_counted),
      T(one_question_per_name_and_failures_are_kept_a_while), T(too_many_hung_lookups_fail_at_once))
