/* tests/loop/test_second.c - a job that waits for its second person, and somebody who knocks all
 * the time: he is told why he may not, and the plan that waits does not grow by him. */
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "act/second.h"
#include "harness.h"

#define KNOCKS 200

struct waiting {
    struct second_wait wait;
    struct plan plan;
    struct arena arena;
    struct settings settings;
    char job_id[40];
    int cancel[2];
    uint32_t n_told, n_said;
    bool listed_when_said;
    bool agreed;
    struct err err;
};

static bool is_listed(const char *job_id) {
    struct arena a;
    const char *ids[64];
    bool found = false;
    arena_init(&a);
    for (uint32_t i = 0, n = second_list(&a, ids, 64); i < n; i++)
        found = found || strcmp(ids[i], job_id) == 0;
    arena_done(&a);
    return found;
}

static void on_told(void *data, const char *sentence) {
    struct waiting *w = data;
    w->n_told += strstr(sentence, "said yes, and may not: you are the one who asks") != NULL;
    if (str_starts(sentence, "waits for a second person: goodgo jobs approve test-")) {
        w->n_said++;
        w->listed_when_said = is_listed(w->job_id);
    }
}

static void *wait_for_one(void *data) {
    struct waiting *w = data;
    const char *who;
    w->wait = (struct second_wait){&w->settings, &w->plan, w->job_id, w->cancel[0], on_told, w};
    w->agreed = second_ask(&w->wait, &who, &w->err);
    return NULL;
}

static void knock(const struct waiting *w) {
    struct second_request r;
    struct arena a;
    struct err err;
    arena_init(&a);
    CU_ASSERT_TRUE_FATAL(second_look(w->job_id, &a, &r, &err));
    CHECK_STR(r.plan.id, w->plan.id);
    CU_ASSERT_FALSE(second_decide(&r, true, "because it is a long way home", &a, &err));
    CU_ASSERT_EQUAL(err.code, E_AUTH);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.why, "it takes somebody else"));
    arena_done(&a);
}

TEST(one_who_may_not_decide_costs_the_plan_nothing) {
    static struct waiting w;
    pthread_t thread;
    arena_init(&w.arena);
    plan_init(&w.plan, &w.arena, "replay", "dev", TIER_DESTROYS);
    w.plan.target = "payments";
    plan_seal(&w.plan);
    w.settings.second_person_wait_s = 600; /* it is cancelled long before */
    snprintf(w.job_id, sizeof w.job_id, "test-%ld", (long)getpid());
    CU_ASSERT_EQUAL_FATAL(pipe(w.cancel), 0);
    CU_ASSERT_EQUAL_FATAL(pthread_create(&thread, NULL, wait_for_one, &w), 0);
    for (int i = 0; i < PATIENCE_MS && !is_listed(w.job_id); i++)
        usleep(1000);
    knock(&w);
    size_t used = w.arena.used_bytes;
    for (int i = 1; i < KNOCKS; i++)
        knock(&w);
    CU_ASSERT_EQUAL_FATAL(write(w.cancel[1], "x", 1), 1);
    pthread_join(thread, NULL);
    CU_ASSERT_EQUAL(w.arena.used_bytes, used);
    CU_ASSERT_EQUAL(w.n_told, KNOCKS);
    CU_ASSERT_EQUAL(w.n_said, 1);
    CU_ASSERT_TRUE(w.listed_when_said);
    CU_ASSERT_FALSE(w.agreed);
    CU_ASSERT_EQUAL(w.err.code, E_CANCELLED);
    close(w.cancel[0]);
    close(w.cancel[1]);
    arena_done(&w.arena);
}

SUITE(second, T(one_who_may_not_decide_costs_the_plan_nothing))
