/* probe/redis.c - cache, sessions, rate limits: INFO each run, SLOWLOG each 10 s, the key space by
 * prefix once a minute with a bounded SCAN (never KEYS). Valkey answers the same and is named. Only
 * a slow command's name and key are kept: its other arguments are the platform's data.
 *
 * Metrics: used_memory, maxmemory, used_pct, policy (text), ops_per_s, hits, misses, hit_pct,
 * clients, maxclients, blocked_clients, evicted, evicted_per_s, expired, rejected, rejected_per_s,
 * fragmentation, aof_enabled, aof_ok, aof_rewrite_ok, rdb_ok, loading, role (text), replicas,
 * version (text), product (text), uptime_s, keys, keys_scanned, prefixes_sampled. Tables:
 * slowlog(id, when, ms, command, client), prefixes(prefix, keys, share), commands(command, calls,
 * usec_per_call, share), errors(error, count), keyspace(db, keys, expires, ttl_share, avg_ttl). */
#include "codec/probe.h"

#include <string.h>
#include <strings.h>

#include "base/shell.h"
#include "base/str.h"
#include "http_priv.h"
#include "redis_priv.h"

#define MAX_INFO_BYTES (1u << 20)
#define SCAN_PAGES     40

bool redis_ask(struct probe_run *run, struct exchange *ex, int argc, const char *const *argv) {
    ex->kind = EXCHANGE_REDIS;
    ex->redis.target = run->settings->redis;
    ex->redis.argc = argc;
    for (int i = 0; i < argc; i++)
        ex->redis.argv[i] = argv[i];
    return true;
}

const char *redis_target_name(const struct probe_run *run) {
    return probe_target(run, run->settings->redis.host, run->settings->redis.port);
}

/* ---- what an error reply means ---- */

static const struct {
    const char *prefix;
    enum err_code code;
    const char *todo;
} error_replies[] = {
    {"NOAUTH", E_AUTH, "it wants a password: set REDIS_PASSWORD"},
    {"WRONGPASS", E_AUTH, "REDIS_PASSWORD is wrong, or the user is disabled: see ACL LIST"},
    {"NOPERM", E_AUTH, "the user's ACL lacks it: `ACL SETUSER <user> +info +slowlog|get +scan`"},
    {"DENIED", E_AUTH, "protected mode: it answers its own host only; set a password or `bind`"},
    {"ERR invalid password", E_AUTH, "REDIS_PASSWORD is wrong"},
    {"ERR max number of clients", E_NOT_READY, "raise maxclients, or find who holds connections"},
    {"LOADING", E_NOT_READY, "it reads its data from disk: wait, see loading in INFO"},
    {"BUSY", E_NOT_READY, "a script runs too long: SCRIPT KILL"},
    {"MASTERDOWN", E_NOT_READY, "the replica lost its master: see INFO replication"},
};

bool redis_error_reply(const struct probe_run *run, const struct redis_val *v, struct err *err) {
    const char *s = v->s ? v->s : "";
    const char *text = *s == '-' ? s + 1 : s;
    for (size_t i = 0; i < ARRAY_LEN(error_replies); i++) {
        if (!str_starts(text, error_replies[i].prefix))
            continue;
        err_set(err, error_replies[i].code, "redis.answer", redis_target_name(run), "%.150s", text);
        err->todo = error_replies[i].todo;
        return false;
    }
    return err_set(err, E_PROTOCOL, "redis.answer", redis_target_name(run), "%.150s", text);
}

/* ---- INFO ---- */

static const struct {
    const char *key, *metric;
    enum unit unit;
} info_metrics[] = {
    {"used_memory", "used_memory", UNIT_BYTES},
    {"used_memory_peak", "used_memory_peak", UNIT_BYTES},
    {"maxmemory", "maxmemory", UNIT_BYTES},
    {"instantaneous_ops_per_sec", "ops_per_s", UNIT_PER_SECOND},
    {"keyspace_hits", "hits", UNIT_COUNT},
    {"keyspace_misses", "misses", UNIT_COUNT},
    {"connected_clients", "clients", UNIT_COUNT},
    {"maxclients", "maxclients", UNIT_COUNT},
    {"blocked_clients", "blocked_clients", UNIT_COUNT},
    {"evicted_keys", "evicted", UNIT_COUNT},
    {"expired_keys", "expired", UNIT_COUNT},
    {"rejected_connections", "rejected", UNIT_COUNT},
    {"mem_fragmentation_ratio", "fragmentation", UNIT_NONE},
    {"aof_enabled", "aof_enabled", UNIT_BOOL},
    {"loading", "loading", UNIT_BOOL},
    {"loading_loaded_perc", "loading_pct", UNIT_PERCENT},
    {"connected_slaves", "replicas", UNIT_COUNT},
    {"uptime_in_seconds", "uptime_s", UNIT_SECONDS},
    {"rdb_changes_since_last_save", "unsaved_changes", UNIT_COUNT},
    {"latest_fork_usec", "fork_us", UNIT_COUNT},
};

/* INFO with several sections at once is 7.0 and later; `all` is every version's, some 10 KB. */
static bool info_request(struct probe_run *run, struct exchange *ex) {
    static const char *const argv[] = {"INFO", "all"};
    return redis_ask(run, ex, 2, argv);
}

static void take_metrics(const struct info *info, struct reading *out) {
    for (size_t i = 0; i < ARRAY_LEN(info_metrics); i++) {
        double d;
        int64_t n;
        enum unit unit = info_metrics[i].unit;
        if (!info_double(info, info_metrics[i].key, &d) || d < 0 || d > 1e18)
            continue;
        bool whole =
            unit == UNIT_COUNT || unit == UNIT_BYTES || unit == UNIT_BOOL || unit == UNIT_SECONDS;
        if (whole && count_from(d, &n))
            reading_int(out, info_metrics[i].metric, unit, n);
        else if (!whole)
            reading_real(out, info_metrics[i].metric, unit, d);
    }
}

static void take_version(struct probe_run *run, const struct info *info, struct reading *out) {
    const char *valkey = info_string(info, "valkey_version", run->arena);
    const char *redis = info_string(info, "redis_version", run->arena);
    reading_textz(out, "product", valkey ? "Valkey" : "Redis");
    if (valkey)
        reading_textz(out, "version", arena_printf(run->arena, "Valkey %s", valkey));
    else
        reading_textz(out, "version", redis);
}

static void take_text_of(struct probe_run *run, const struct info *info, const char *key,
                         struct reading *out, const char *metric) {
    const char *s = info_string(info, key, run->arena);
    if (s)
        reading_textz(out, metric, s);
}

/* "ok" or "err"; a missing one says nothing. */
static void take_status(struct probe_run *run, const struct info *info, struct reading *out,
                        const char *metric, const char *key) {
    const char *status = info_string(info, key, run->arena);
    if (status)
        reading_int(out, metric, UNIT_BOOL, strcmp(status, "ok") == 0);
}

/* Of the last interval where something was read, else since the start. */
static void set_hit_pct(const struct probe_run *run, struct reading *out) {
    double hits, misses, hit_rate, miss_rate;
    if (!reading_number(out, "hits", &hits) || !reading_number(out, "misses", &misses))
        return;
    if (probe_rate(run, "hits", hits, &hit_rate) && probe_rate(run, "misses", misses, &miss_rate) &&
        hit_rate + miss_rate > 0) {
        hits = hit_rate;
        misses = miss_rate;
    }
    if (hits + misses > 0)
        reading_real(out, "hit_pct", UNIT_PERCENT, 100 * hits / (hits + misses));
}

static void set_derived(const struct probe_run *run, struct reading *out) {
    double used, max;
    if (reading_number(out, "used_memory", &used) && reading_number(out, "maxmemory", &max) &&
        max > 0)
        reading_real(out, "used_pct", UNIT_PERCENT, 100 * used / max);
    probe_rate_metric(run, out, "evicted", "evicted_per_s");
    probe_rate_metric(run, out, "rejected", "rejected_per_s");
    set_hit_pct(run, out);
}

/* It answers PING and INFO as the server that it watches does, and holds no key. */
static bool is_sentinel(const struct probe_run *run, struct err *err) {
    err_set(err, E_WRONG_THING, "redis.answer", redis_target_name(run),
            "a Sentinel answers here, which holds no data");
    err->todo = "point REDIS_PORT (6379) at the server that it watches";
    return false;
}

static bool info_parse(struct probe_run *run, const struct reply *reply, struct reading *out,
                       struct err *err) {
    const struct redis_val *v = &reply->redis;
    if (v->type == REDIS_ERROR)
        return redis_error_reply(run, v, err);
    struct info info = {.s = v->s, .n = v->len < MAX_INFO_BYTES ? v->len : MAX_INFO_BYTES};
    if (v->type != REDIS_STRING || !v->s ||
        (!info_string(&info, "redis_version", run->arena) &&
         !info_string(&info, "valkey_version", run->arena)))
        return err_set(err, E_WRONG_THING, "redis.answer", redis_target_name(run),
                       "it speaks Redis's protocol, but INFO names no version");
    if (str_is(info_string(&info, "redis_mode", run->arena), "sentinel") ||
        str_is(info_string(&info, "server_mode", run->arena), "sentinel")) /* Valkey's word */
        return is_sentinel(run, err);
    take_version(run, &info, out);
    take_metrics(&info, out);
    take_text_of(run, &info, "maxmemory_policy", out, "policy");
    take_text_of(run, &info, "role", out, "role");
    take_text_of(run, &info, "master_link_status", out, "master_link");
    take_status(run, &info, out, "aof_ok", "aof_last_write_status");
    take_status(run, &info, out, "aof_rewrite_ok", "aof_last_bgrewrite_status");
    take_status(run, &info, out, "rdb_ok", "rdb_last_bgsave_status");
    set_derived(run, out);
    redis_tables(run, &info, out);
    return true;
}

/* ---- SLOWLOG ---- */

static const struct column slowlog_columns[] = {
    {"id", "ID", UNIT_NONE, 6, 3},         {"when", "WHEN", UNIT_TIME, 8, 0},
    {"ms", "TOOK", UNIT_MS, 8, 0},         {"command", "COMMAND", UNIT_NONE, 0, 0},
    {"client", "CLIENT", UNIT_NONE, 0, 2},
};

static bool slowlog_request(struct probe_run *run, struct exchange *ex) {
    static const char *const argv[] = {"SLOWLOG", "GET", "16"};
    return redis_ask(run, ex, 3, argv);
}

/* "SET session:ab12 (+3)". */
static const char *command_text(struct probe_run *run, const struct redis_val *argv) {
    const char *name = "?", *key = "";
    if (argv->type != REDIS_ARRAY)
        return name;
    if (argv->n_items > 0 && argv->items[0].s)
        name = argv->items[0].s;
    if (argv->n_items > 1 && argv->items[1].s && strcasecmp(name, "AUTH") != 0)
        key = argv->items[1].s; /* of AUTH it would be a password */
    if (argv->n_items > 2)
        return arena_printf(run->arena, "%.30s %.80s (+%zu)", name, key, argv->n_items - 2);
    return arena_printf(run->arena, "%.30s %.80s", name, key);
}

static void add_slow(struct probe_run *run, struct reading *out, struct table *t,
                     const struct redis_val *e) {
    if (e->type != REDIS_ARRAY || e->n_items < 4 || e->items[0].type != REDIS_INTEGER ||
        e->items[1].type != REDIS_INTEGER || e->items[2].type != REDIS_INTEGER)
        return;
    const char *id = arena_printf(run->arena, "%lld", (long long)e->items[0].integer);
    struct row *row = table_add_row(out, t, id, HEALTH_OK);
    row_text(out, row, 0, id);
    row_int(row, 1, e->items[1].integer);
    row_real(row, 2, (double)e->items[2].integer / 1000);
    row_text(out, row, 3, command_text(run, &e->items[3]));
    if (e->n_items > 4 && e->items[4].s)
        row_text(out, row, 4, e->items[4].s);
}

static bool slowlog_parse(struct probe_run *run, const struct reply *reply, struct reading *out,
                          struct err *err) {
    const struct redis_val *v = &reply->redis;
    if (v->type == REDIS_ERROR)
        return redis_error_reply(run, v, err);
    if (v->type != REDIS_ARRAY)
        return err_set(err, E_PROTOCOL, "redis.answer", redis_target_name(run),
                       "SLOWLOG did not answer a list");
    struct table *t =
        reading_add_table(out, "slowlog", "Slow log", slowlog_columns, ARRAY_LEN(slowlog_columns));
    for (size_t i = 0; i < v->n_items && i < 16; i++)
        add_slow(run, out, t, &v->items[i]);
    return true;
}

static const struct probe_stage stages[] = {
    {"info", 0, 0, true, info_request, info_parse},
    {"slowlog", 10000, 0, false, slowlog_request, slowlog_parse},
    {"prefixes", 60000, SCAN_PAGES, false, redis_prefixes_request, redis_prefixes_parse},
};
static const struct stage_words stage_words[] = {
    {"slowlog", "the slow log"},
    {"prefixes", "keys by prefix"},
    {NULL, NULL},
};

/* ---- judgement ---- */

static void judge_memory(const struct probe_run *run, struct reading *r) {
    const char *policy = reading_string(r, "policy");
    double pct, max;
    bool evicts_all = policy && str_starts(policy, "allkeys-");
    if (policy && strcmp(policy, "allkeys-lru") != 0)
        reading_finding(r, HEALTH_WARNING, "policy", "set maxmemory-policy allkeys-lru",
                        "maxmemory-policy is %.40s, the runbook has allkeys-lru", policy);
    if (reading_number(r, "maxmemory", &max) && max == 0)
        reading_finding(r, HEALTH_WARNING, "no_limit", "set maxmemory (prod 512mb, dev 256mb)",
                        "memory has no limit: it will take the host's");
    /* With allkeys-* a full memory is the normal state of a cache; without, writes fail at the end.
     */
    if (!evicts_all && reading_number(r, "used_pct", &pct) && pct > 90)
        reading_finding(r, pct > 98 ? HEALTH_CRITICAL : HEALTH_WARNING, "memory",
                        "see Keys by prefix: what grows? raise maxmemory, or set allkeys-lru",
                        "%.0f %% of memory is used, and nothing is evicted", pct);
}

static void judge_evictions(struct reading *r) {
    double evicted, per_s, rejected;
    if (reading_number(r, "evicted_per_s", &per_s) && per_s > 0)
        reading_finding(r, HEALTH_WARNING, "evictions",
                        "raise maxmemory: sessions are evicted like any other key",
                        "it evicts %.1f keys/s: sessions may be lost", per_s);
    else if (reading_number(r, "evicted", &evicted) && evicted > 0)
        reading_finding(r, HEALTH_OK, "evicted_before", "watch it; raise maxmemory if it goes on",
                        "%s evicted since its start, none now", COUNTED(int_of(evicted), "key"));
    if (reading_number(r, "rejected_per_s", &rejected) && rejected > 0)
        reading_finding(r, HEALTH_WARNING, "rejected", "raise maxclients, or find who holds them",
                        "it rejects connections (%.1f/s)", rejected);
}

/* stop-writes-on-bgsave-error, which is on where nobody turned it off, refuses all writes then. */
static void judge_snapshot(struct reading *r) {
    bool refuses = table_row(reading_table(r, "errors"), "MISCONF") != NULL;
    reading_finding(r, refuses ? HEALTH_CRITICAL : HEALTH_WARNING, "rdb",
                    "is its disk full, or memory short for fork?", "the last snapshot failed%s",
                    refuses ? ", and writes were refused for it" : "");
}

static void judge_persistence(const struct probe_run *run, struct reading *r) {
    if (metric_is_no(r, "aof_ok"))
        reading_finding(r, HEALTH_CRITICAL, "aof", "is its disk full? see its log",
                        "writing the append-only file failed: writes are refused");
    if (metric_is_no(r, "aof_rewrite_ok")) /* appending goes on: nothing is refused yet */
        reading_finding(r, HEALTH_WARNING, "aof_rewrite",
                        "is its disk full, or memory short for fork? see its log",
                        "the append-only file could not be rewritten: it grows on");
    if (metric_is_no(r, "rdb_ok"))
        judge_snapshot(r);
    if (run->settings->production && metric_is_no(r, "aof_enabled"))
        reading_finding(r, HEALTH_WARNING, "aof_off", "set appendonly yes",
                        "appendonly is off: a restart loses sessions");
    if (metric_is_yes(r, "loading"))
        reading_finding(r, HEALTH_WARNING, "loading", "wait", "it reads its data from disk");
}

static void judge_role(const struct probe_run *run, struct reading *r) {
    const char *role = reading_string(r, "role"), *link = reading_string(r, "master_link");
    if (role && strcmp(role, "slave") == 0)
        reading_finding(r, HEALTH_WARNING, "replica", "point REDIS_HOST at the master",
                        "it is a replica: it takes no writes");
    if (link && strcmp(link, "up") != 0)
        reading_finding(r, HEALTH_CRITICAL, "master_link", "see the master and the network",
                        "the replica has lost its master");
    if (run->settings->production && !run->settings->redis.password)
        reading_finding(r, HEALTH_WARNING, "no_password", "set requirepass and REDIS_PASSWORD",
                        "production without a password");
}

static void judge(struct probe_run *run, struct reading *r, struct verdict *v) {
    char used[32], max[32], ops[32], hit[32];
    judge_memory(run, r);
    judge_evictions(r);
    judge_persistence(run, r);
    judge_role(run, r);
    show_metric(r, "used_memory", used, sizeof used);
    show_metric(r, "maxmemory", max, sizeof max);
    show_metric(r, "ops_per_s", ops, sizeof ops);
    show_metric(r, "hit_pct", hit, sizeof hit);
    v->summary = text_printf(run->arena, "%s of %s  %s  hit %s", used, max, ops, hit);
    judge_by_findings(run, r, v);
}

static bool configured(const struct settings *s, const char **ret_why_not) {
    *ret_why_not = "no address: set REDIS_HOST or REDIS_URL";
    return s->has_redis;
}

static const struct shell_words questions[] = {
    {"commands", "INFO commandstats"},
    {"keyspace", "INFO keyspace"},
    {"prefixes", "--scan --count 200 | cut -d: -f1 | sort | uniq -c | sort -rn | head"},
    {"slowlog", "SLOWLOG GET 10"},
    {"errors", "INFO errorstats"},
    {NULL, "INFO"},
};

static void shell(const struct settings *s, const char *table, struct str *out) {
    const struct redis_target *t = &s->redis;
    str_puts(out, t->password ? "REDISCLI_AUTH=${REDIS_PASSWORD} redis-cli -h " : "redis-cli -h ");
    shell_put(out, "%s", t->host ? t->host : "");
    str_printf(out, " -p %u ", t->port ? t->port : 6379);
    if (t->user) {
        str_puts(out, "--user ");
        shell_put(out, "%s", t->user);
        str_putc(out, ' ');
    }
    str_puts(out, shell_pick(questions, table));
}

extern const struct probe probe_redis;
const struct probe probe_redis = {
    .service = SERVICE_redis,
    .title = "Redis",
    .purpose = "cache and sessions: memory, evictions, slow commands, key space",
    .interval_ms = 5000,
    .timeout_ms = 5000,
    .retries = 5,
    .start_period_ms = 10000,
    .stages = stages,
    .n_stages = ARRAY_LEN(stages),
    .stage_words = stage_words,
    .key_metric = "used_memory",
    .configured = configured,
    .judge = judge,
    .shell = shell,
    .endpoint_name = "REDIS_HOST",
};
