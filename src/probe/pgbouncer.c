/* probe/pgbouncer.c - the connection pool: who waits, how long, its settings against the runbook,
 * and whether a statement gets through it. The console speaks the simple protocol only, one command
 * a query; columns are found by name, since 1.15 to 1.26 insert and rename them. SHOW FDS (keys)
 * and SHOW CLIENTS (as long as there are clients) are never asked here.
 *
 * Metrics: cl_active, cl_waiting, sv_active, sv_idle, maxwait_s, pools, pool_size, pool_used_pct,
 * xacts, wait_us, xact_per_s, avg_wait_ms, select1_ms, paused, version (text), clients_max. Tables:
 * pools, databases, stats, lists, state(key, value),
 * config(setting, expected, found, default, meaning): those of the runbook, then those that differ
 * from their defaults. */
#include "codec/probe.h"

#include <string.h>

#include "bouncer_priv.h"
#include "http_priv.h"
#include "rows_priv.h"

#define STATE_SINCE 11900 /* SHOW STATE is an error before */
#define MAX_ROWS    500

enum { IS_PAUSED = BIT(0) }; /* noted by SHOW STATE */

bool bouncer_ask(struct probe_run *run, struct exchange *ex, const char *sql) {
    return exchange_query(ex, &run->settings->pool_console, sql, MAX_ROWS);
}

const char *bouncer_target_name(const struct probe_run *run) {
    return probe_target(run, run->settings->pool_console.host, run->settings->pool_console.port);
}

bool bouncer_unexpected(const struct probe_run *run, const char *column, struct err *err) {
    return rows_unexpected(bouncer_target_name(run), column, err);
}

/* ---- state: a global PAUSE shows nowhere else ---- */

static const struct column state_columns[] = {
    {"key", "STATE", UNIT_NONE, 0, 0},
    {"value", "IS", UNIT_NONE, 0, 0},
};

static bool state_request(struct probe_run *run, struct exchange *ex) {
    return bouncer_ask(run, ex, "SHOW STATE") && run->server_version >= STATE_SINCE;
}

static bool state_parse(struct probe_run *run, const struct reply *reply, struct reading *out,
                        struct err *err) {
    const struct pg_rows *rows = &reply->pg;
    bool stopped = false;
    if (!rows_has_column(rows, "key"))
        return bouncer_unexpected(run, "key", err);
    for (uint32_t i = 0; i < rows->n_rows; i++) {
        const char *key = pg_cell(rows, i, "key"), *value = pg_cell(rows, i, "value");
        if (key && value && (strcmp(key, "paused") == 0 || strcmp(key, "suspended") == 0))
            stopped |= strcmp(value, "yes") == 0;
    }
    if (stopped)
        run->notes |= IS_PAUSED;
    reading_int(out, "paused", UNIT_BOOL, stopped);
    rows_table(out, "state", "State", state_columns, ARRAY_LEN(state_columns), rows, "key", NULL);
    return true;
}

/* ---- through the pool: only this proves the server behind it ---- */

/* Of a stopped pool it is known that nothing gets through; each try would count in cl_waiting long
 * after it has hung up. */
static bool is_paused(const struct probe_run *run) {
    return (run->notes & IS_PAUSED) || metric_is_yes(&run->previous->reading, "paused");
}

static bool select1_request(struct probe_run *run, struct exchange *ex) {
    const struct pg_target *t = &run->settings->pooled;
    return exchange_query(ex, t, "SELECT 1 AS one", 1) && t->host && t->dbname && !is_paused(run);
}

static bool select1_parse(struct probe_run *run, const struct reply *reply, struct reading *out,
                          struct err *err) {
    const char *one = pg_cell(&reply->pg, 0, "one");
    if (!one || strcmp(one, "1") != 0)
        return err_set(err, E_PROTOCOL, "pg.answer", bouncer_target_name(run),
                       "SELECT 1 through the pool did not answer 1");
    reading_real(out, "select1_ms", UNIT_MS, reply->took_ms);
    return true;
}

/* Two connections are kept, the console's and the pool's: nobody logs in again and again. */
static const struct probe_stage stages[] = {
    {"pools", 0, 0, true, bouncer_pools_request, bouncer_pools_parse},
    {"stats", 0, 0, false, bouncer_stats_request, bouncer_stats_parse},
    {"state", 0, 0, false, state_request, state_parse},
    {"databases", 30000, 0, false, bouncer_databases_request, bouncer_databases_parse},
    {"lists", 30000, 0, false, bouncer_lists_request, bouncer_lists_parse},
    {"config", 60000, 0, false, bouncer_config_request, bouncer_config_parse},
    {"select1", 0, 0, false, select1_request, select1_parse},
};
static const struct stage_words stage_words[] = {
    {"select1", "the answer to SELECT 1"},
    {NULL, NULL},
};

/* ---- judgement ---- */

/* The fullest pool: servers in use against the pool's size of its database. */
static void set_pool_use(const struct probe_run *run, struct reading *r) {
    const struct table *pools = reading_table(r, "pools"), *dbs = reading_table(r, "databases");
    double fallback = run->settings->pool_size ? run->settings->pool_size : POOL_SIZE_DEFAULT;
    double worst_size = fallback, worst = 0;
    for (uint32_t i = 0; pools && i < pools->n_rows; i++) {
        const char *name = table_string(pools, i, "database");
        double used, size = fallback, d;
        for (uint32_t k = 0; dbs && k < dbs->n_rows; k++) {
            const char *db = table_string(dbs, k, "name");
            if (name && db && strcmp(name, db) == 0 && table_number(dbs, k, "pool_size", &d) &&
                d > 0)
                size = d;
        }
        if (!table_number(pools, i, "sv_active", &used) || used / size < worst)
            continue;
        worst = used / size;
        worst_size = size;
    }
    reading_real(r, "pool_size", UNIT_COUNT, worst_size);
    reading_real(r, "pool_used_pct", UNIT_PERCENT, 100 * worst);
}

static void judge_waiting(const struct probe_run *run, struct reading *r) {
    double now, before, wait_s;
    char wait[32];
    show_metric(r, "maxwait_s", wait, sizeof wait);
    if (reading_number(r, "maxwait_s", &wait_s) && wait_s > MAXWAIT_CRITICAL_S)
        reading_finding(r, HEALTH_CRITICAL, "maxwait",
                        "see Pools, then Sessions and Blocking tree of postgres: who holds them?",
                        "a client waits %s for a connection", wait);
    /* A client that is stuck in login waits with maxwait 0, so the number of them counts too. One
     * reading is a burst, two are not. */
    if (reading_number(r, "cl_waiting", &now) && now > 0 && run->previous->has_reading &&
        reading_number(&run->previous->reading, "cl_waiting", &before) && before > 0)
        reading_finding(r, HEALTH_WARNING, "pool_waiting",
                        "see Pools; raise PGBOUNCER_POOL_SIZE only if postgres has room",
                        "%s waiting for a connection", COUNTED(int_of(now), "client"));
}

static void judge_databases(const struct probe_run *run, struct reading *r) {
    const struct table *t = reading_table(r, "databases");
    const char *ours = run->settings->pooled.dbname;
    for (uint32_t i = 0; t && i < t->n_rows; i++) {
        const char *name = table_string(t, i, "name");
        double paused = 0, disabled = 0;
        bool stopped = (table_number(t, i, "paused", &paused) && paused > 0) ||
                       (table_number(t, i, "disabled", &disabled) && disabled > 0);
        bool is_ours = !ours || (name && strcmp(name, ours) == 0);
        if (!name || !stopped)
            continue;
        t->rows[i].health = is_ours ? HEALTH_CRITICAL : HEALTH_WARNING;
        reading_finding(r, t->rows[i].health, "database_stopped",
                        paused > 0 ? "`RESUME` it in the admin console"
                                   : "`ENABLE` it in the admin console",
                        "database %.60s is %s", name, paused > 0 ? "paused" : "disabled");
        if (is_ours)
            reading_int(r, "paused", UNIT_BOOL, 1);
    }
}

/* Whoever waits for a server holds a client connection too: in an exhausted pool most of them do.
 */
static void judge_limits(const struct probe_run *run, struct reading *r) {
    double pct, clients = 0, waiting = 0, max = MAX_CLIENTS_DEFAULT;
    if (reading_number(r, "pool_used_pct", &pct) && pct >= 90)
        reading_finding(r, HEALTH_WARNING, "pool_full",
                        "see Sessions of postgres: what keeps the connections busy?",
                        "%.0f %% of a pool are in use", pct);
    if (run->settings->pool_max_client_conn)
        max = run->settings->pool_max_client_conn;
    reading_number(r, "clients_max", &max);
    reading_number(r, "cl_active", &clients);
    if (reading_number(r, "cl_waiting", &waiting))
        clients += waiting;
    if (clients > 0.8 * max)
        reading_finding(r, clients >= max ? HEALTH_CRITICAL : HEALTH_WARNING, "clients",
                        "find who opens them; raise PGBOUNCER_MAX_CLIENT_CONN",
                        "%s of %s client connections are used", GROUPED(int_of(clients)),
                        GROUPED(int_of(max)));
}

static void judge_config(struct reading *r) {
    const struct table *t = reading_table(r, "config");
    const char *first = NULL;
    uint32_t n = 0;
    for (uint32_t i = 0; t && i < t->n_rows; i++) {
        if (t->rows[i].health != HEALTH_WARNING)
            continue;
        first = first ? first : t->rows[i].key.s;
        n++;
    }
    if (n)
        reading_finding(r, HEALTH_WARNING, "config_drift",
                        "compare pgbouncer.ini with the runbook, then `RELOAD`",
                        "%u setting%s not as in the runbook, for example %s", n,
                        n == 1 ? " is" : "s are", first);
}

/* A wrong password or database is ours to mend; of everything else the pool or postgres knows. */
static void judge_select1(struct reading *r) {
    const struct finding *f = reading_finding_of(r, "stage_select1");
    if (!f)
        return;
    bool ours = strstr(f->what.s, "authentication failed") || strstr(f->what.s, "no such");
    reading_finding(r, HEALTH_CRITICAL, "select1",
                    ours ? "check user, password and database in DATABASE_URL"
                         : "is postgres up, is the pool full or paused? see postgres first",
                    ours ? "the pool does not let us in for SELECT 1"
                         : "SELECT 1 does not get through the pool");
}

static void judge(struct probe_run *run, struct reading *r, struct verdict *v) {
    char clients[32], waiting[32], ms[32];
    if (metric_is_yes(r, "paused"))
        reading_finding(r, HEALTH_CRITICAL, "paused", "`RESUME` in the admin console",
                        "the pool is paused: no statement gets through");
    if (run->server_version < STATE_SINCE) /* there is none to read, and never will be */
        probe_table(r, "state", "State", state_columns, ARRAY_LEN(state_columns));
    judge_databases(run, r); /* the cause goes before what follows from it */
    judge_select1(r);
    set_pool_use(run, r);
    judge_waiting(run, r);
    judge_limits(run, r);
    judge_config(r);
    show_metric(r, "cl_active", clients, sizeof clients);
    show_metric(r, "cl_waiting", waiting, sizeof waiting);
    show_ms(r, "select1_ms", ms, sizeof ms);
    v->summary =
        text_printf(run->arena, "%s clients  %s waiting  SELECT 1 %s", clients, waiting, ms);
    judge_by_findings(run, r, v);
}

static bool configured(const struct settings *s, const char **ret_why_not) {
    *ret_why_not = "not in this profile: dev talks to postgres directly";
    return s->has_pgbouncer;
}

static const struct shell_words questions[] = {
    {"databases", "SHOW DATABASES"}, {"lists", "SHOW LISTS"}, {"stats", "SHOW STATS"},
    {"config", "SHOW CONFIG"},       {"state", "SHOW STATE"}, {NULL, "SHOW POOLS"},
};

static void shell(const struct settings *s, const char *table, struct str *out) {
    rows_shell(out, "PGBOUNCER_STATS_PASSWORD", &s->pool_console, 6432,
               shell_pick(questions, table));
}

static const enum service depends[] = {SERVICE_postgres, SERVICE_COUNT};

extern const struct probe probe_pgbouncer;
const struct probe probe_pgbouncer = {
    .service = SERVICE_pgbouncer,
    .title = "PgBouncer",
    .purpose = "connection pool: who waits, is it paused, does SELECT 1 get through",
    .interval_ms = 5000,
    .timeout_ms = 5000,
    .retries = 5,
    .start_period_ms = 30000,
    .depends = depends,
    .stages = stages,
    .n_stages = ARRAY_LEN(stages),
    .stage_words = stage_words,
    .key_metric = "cl_waiting",
    .configured = configured,
    .judge = judge,
    .shell = shell,
    .endpoint_name = "GOODGO_PGBOUNCER_HOST",
};
