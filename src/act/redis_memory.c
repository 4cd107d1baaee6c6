/* act/redis_memory.c - where Redis' memory goes (R137): MEMORY STATS and the server's own opinion
 * of itself. Changes nothing. */
#include <string.h>

#include "act/act.h"
#include "base/shell.h"
#include "base/text.h"
#include "io/ask.h"

#define ASK_MS    10000u
#define LINES_MAX 20

static bool ask_redis(struct ask *ask, const struct settings *s, const char *a1, const char *a2,
                      struct arena *a, struct redis_val *ret, struct err *err) {
    struct reply reply;
    struct exchange ex = {.kind = EXCHANGE_REDIS,
                          .redis = {.target = s->redis, .argc = 2, .argv = {a1, a2}}};
    if (!ask_once(ask, &ex, a, ASK_MS, &reply, err))
        return false;
    *ret = reply.redis;
    if (ret->type != REDIS_ERROR)
        return true;
    bool auth = str_starts(ret->s, "NOAUTH") || str_starts(ret->s, "WRONGPASS") ||
                str_starts(ret->s, "NOPERM");
    return err_set(err, auth ? E_AUTH : E_NOT_READY, "redis.memory", s->redis.host, "%s", ret->s);
}

static bool memory_plan(const struct act_input *in, struct plan *p, struct err *err) {
    const struct settings *s = in->settings;
    if (!s->has_redis)
        return err_set(err, E_CONFIG, "redis.memory", "redis", "this context has no Redis");
    p->tier = TIER_READ;
    p->count = 1;
    p->target = "redis";
    plan_fact(p, "server", "%s:%u", s->redis.host, s->redis.port);
    plan_change(p, "asks for MEMORY STATS and MEMORY DOCTOR; changes nothing");
    const char *host = shell_word(p->arena, s->redis.host);
    plan_command(p, "REDISCLI_AUTH=\"${REDIS_PASSWORD}\" redis-cli -h %s -p %u MEMORY STATS", host,
                 s->redis.port);
    plan_command(p, "REDISCLI_AUTH=\"${REDIS_PASSWORD}\" redis-cli -h %s -p %u MEMORY DOCTOR", host,
                 s->redis.port);
    return true;
}

/* What the reply calls it, what we call it, and how it is shown. */
static const struct {
    const char *name, *result;
    enum unit unit;
} rows[] = {
    {"total.allocated", "used", UNIT_BYTES},
    {"peak.allocated", "peak", UNIT_BYTES},
    {"peak.percentage", "of_peak", UNIT_PERCENT},
    {"startup.allocated", "at_start", UNIT_BYTES},
    {"overhead.total", "overhead", UNIT_BYTES},
    {"clients.normal", "clients", UNIT_BYTES},
    {"replication.backlog", "backlog", UNIT_BYTES},
    {"aof.buffer", "aof_buffer", UNIT_BYTES},
    {"dataset.bytes", "dataset", UNIT_BYTES},
    {"dataset.percentage", "of_used", UNIT_PERCENT},
    {"keys.count", "keys", UNIT_COUNT},
    {"keys.bytes-per-key", "bytes_per_key", UNIT_BYTES},
    {"allocator-fragmentation.ratio", "fragmentation", UNIT_NONE},
    {"rss-overhead.bytes", "rss_overhead", UNIT_BYTES},
};

static bool number_of(const struct redis_val *v, double *ret) {
    if (v->type == REDIS_INTEGER) {
        *ret = (double)v->integer;
        return true;
    }
    return (v->type == REDIS_STRING || v->type == REDIS_STATUS) && str_to_double(v->s, ret);
}

static void report_stats(struct job *j, const struct redis_val *stats) {
    for (size_t r = 0; r < ARRAY_LEN(rows); r++)
        for (size_t i = 0; i + 1 < stats->n_items; i += 2) {
            const struct redis_val *name = &stats->items[i];
            double d;
            char text[40];
            if (!name->s || strcmp(name->s, rows[r].name) != 0 ||
                !number_of(&stats->items[i + 1], &d))
                continue;
            value_format(value_real(d), rows[r].unit, 0, text, sizeof text);
            job_result(j, rows[r].result, "%s", text);
        }
}

static void report_doctor(struct job *j, const struct redis_val *doctor) {
    const char *at = doctor->s ? doctor->s : "";
    for (int i = 0; *at && i < LINES_MAX; i++) {
        size_t n = strcspn(at, "\r\n");
        if (n)
            job_result(j, "doctor", "%.*s", (int)(n < 900 ? n : 900), at);
        at += n + strspn(at + n, "\r\n");
    }
}

static bool memory_run(struct job *j, const struct plan *p, struct err *err) {
    const struct settings *s = job_settings(j);
    struct redis_val stats, doctor;
    struct ask *ask = ask_new("goodgo-memory", job_cancel_fd(j));
    bool ok = ask_redis(ask, s, "MEMORY", "STATS", job_arena(j), &stats, err) &&
              ask_redis(ask, s, "MEMORY", "DOCTOR", job_arena(j), &doctor, err);
    ask_free(ask);
    if (ok && stats.type != REDIS_ARRAY)
        ok = err_set(err, E_PROTOCOL, "redis.memory", s->redis.host, "MEMORY STATS is no list");
    if (ok) {
        report_stats(j, &stats);
        report_doctor(j, &doctor);
    }
    return ok;
}

static const struct act_remains remains[] = {
    {NULL, "{target} was only asked, and nothing is changed: run it again"},
    {NULL, NULL},
};

extern const struct act act_redis_memory;
const struct act act_redis_memory = {
    .id = "redis-memory",
    .title = "Where Redis' memory goes",
    .help = "MEMORY STATS and the server's own opinion of itself",
    .view = "redis",
    .remains = remains,
    .plan = memory_plan,
    .run = memory_run,
};
