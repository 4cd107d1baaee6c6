/* probe/pgbouncer.c - the connection pool: who waits, how long, its settings against the runbook,
 * and whether a statement gets through it. The console speaks the simple protocol only, one command
 * a query; columns are found by name, since 1.18 to 1.25 insert and rename them. SHOW FDS (keys)
 * and SHOW CLIENTS (as long as there are clients) are never asked here.
 *
 * Metrics: cl_active, cl_waiting, sv_active, sv_idle, maxwait_s, pools, pool_size, pool_used_pct,
 * xacts, wait_us, xact_per_s, avg_wait_ms, select1_ms, paused, version (text), clients_max. Tables:
 * pools, databases, stats, lists, state(key, value),
 * config(setting, expected, found, default, meaning): those of the runbook, then those that differ
 * from their defaults. */
#include "codec/probe.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "http_priv.h"
#include "rows_priv.h"

#define STATE_SINCE         11900 /* SHOW STATE is an error before */
#define POOL_SIZE_DEFAULT   20
#define MAX_CLIENTS_DEFAULT 200
#define MAX_ROWS            500
#define MAXWAIT_CRITICAL_S  5

static bool ask(struct probe_run *run, struct exchange *ex, const char *sql) {
    return exchange_query(ex, &run->settings->pool_console, sql, MAX_ROWS);
}

static const char *target_name(const struct probe_run *run) {
    return probe_target(run, run->settings->pool_console.host, run->settings->pool_console.port);
}

static bool unexpected(const struct probe_run *run, const char *column, struct err *err) {
    return rows_unexpected(target_name(run), column, err);
}

static bool is_console_row(const struct pg_rows *rows, uint32_t row, const char *column) {
    const char *name = pg_cell(rows, row, column);
    return name && strcmp(name, "pgbouncer") == 0;
}

/* ---- pools ---- */

static const struct column pool_columns[] = {
    {"database", "DATABASE", UNIT_NONE, 0, 0},     {"user", "USER", UNIT_NONE, 0, 1},
    {"cl_active", "CLIENTS", UNIT_COUNT, 7, 0},    {"cl_waiting", "WAITING", UNIT_COUNT, 7, 0},
    {"sv_active", "SERVERS", UNIT_COUNT, 7, 0},    {"sv_idle", "IDLE", UNIT_COUNT, 5, 2},
    {"sv_used", "USED", UNIT_COUNT, 5, 4},         {"sv_login", "LOGIN", UNIT_COUNT, 5, 3},
    {"maxwait_s", "MAX WAIT", UNIT_SECONDS, 8, 0}, {"pool_mode", "MODE", UNIT_NONE, 0, 5},
};
enum { POOL_MAXWAIT = 8 };

static bool pools_request(struct probe_run *run, struct exchange *ex) {
    return ask(run, ex, "SHOW POOLS");
}

/* "1.23.1/bouncer"; a PostgreSQL says "15.3 (Debian)". */
static bool is_bouncer(const struct pg_rows *rows) {
    return rows->server_version_text && strstr(rows->server_version_text, "/bouncer");
}

static void set_version(const struct pg_rows *rows, struct reading *out) {
    const char *text = rows->server_version_text;
    const char *slash = strchr(text, '/');
    reading_text(out, "version", text, slash ? (size_t)(slash - text) : strlen(text));
}

static double maxwait_of(const struct pg_rows *rows, uint32_t i) {
    struct value s, us;
    double seconds = 0, micros = 0;
    if (rows_number(rows, i, "maxwait", UNIT_SECONDS, &s))
        value_number(s, &seconds);
    if (rows_number(rows, i, "maxwait_us", UNIT_SECONDS, &us))
        value_number(us, &micros);
    return seconds + micros / 1e6;
}

static void sum_pools(struct reading *out, const struct table *t) {
    static const char *const names[] = {"cl_active", "cl_waiting", "sv_active", "sv_idle"};
    double n, longest = 0;
    for (size_t k = 0; k < ARRAY_LEN(names); k++) {
        double sum = 0;
        int64_t count;
        for (uint32_t i = 0; i < t->n_rows; i++)
            if (table_number(t, i, names[k], &n))
                sum += n;
        if (count_from(sum, &count))
            reading_int(out, names[k], UNIT_COUNT, count);
    }
    for (uint32_t i = 0; i < t->n_rows; i++)
        if (table_number(t, i, "maxwait_s", &n) && n > longest)
            longest = n;
    reading_int(out, "pools", UNIT_COUNT, t->n_rows);
    reading_real(out, "maxwait_s", UNIT_SECONDS, longest);
}

static bool pools_parse(struct probe_run *run, const struct reply *reply, struct reading *out,
                        struct err *err) {
    const struct pg_rows *rows = &reply->pg;
    if (!is_bouncer(rows)) {
        const char *text = rows->server_version_text ? rows->server_version_text : "";
        err_set(err, E_WRONG_THING, "pg.answer", target_name(run),
                "PostgreSQL %.40s answers here, not PgBouncer's console", text);
        err->todo = "GOODGO_PGBOUNCER_PORT (6432) may point at the server's port (5432)";
        return false;
    }
    if (!rows_has_column(rows, "cl_waiting"))
        return unexpected(run, "cl_waiting", err);
    run->server_version = rows->server_version;
    set_version(rows, out);
    struct table *t =
        reading_add_table(out, "pools", "Pools", pool_columns, ARRAY_LEN(pool_columns));
    for (uint32_t i = 0; i < rows->n_rows; i++) {
        struct row *row = is_console_row(rows, i, "database")
                              ? NULL
                              : rows_add_row(out, t, rows, i, "database", "user");
        double waiting, wait_s = maxwait_of(rows, i);
        if (!row)
            continue;
        row_real(row, POOL_MAXWAIT, wait_s);
        if (table_number(t, t->n_rows - 1, "cl_waiting", &waiting) && waiting > 0)
            row->health = wait_s > MAXWAIT_CRITICAL_S ? HEALTH_CRITICAL : HEALTH_WARNING;
    }
    sum_pools(out, t);
    return true;
}

/* ---- stats ---- */

static const struct column stats_columns[] = {
    {"database", "DATABASE", UNIT_NONE, 0, 0},
    {"total_xact_count", "TRANSACTIONS", UNIT_COUNT, 12, 0},
    {"total_query_count", "QUERIES", UNIT_COUNT, 9, 1},
    {"total_received", "RECEIVED", UNIT_BYTES, 9, 3},
    {"total_sent", "SENT", UNIT_BYTES, 9, 4},
    {"avg_xact_ms", "TX TIME", UNIT_MS, 8, 0},
    {"avg_query_ms", "QUERY TIME", UNIT_MS, 10, 2},
    {"avg_wait_ms", "WAIT", UNIT_MS, 8, 0},
};
enum { STATS_XACT_MS = 5, STATS_QUERY_MS = 6, STATS_WAIT_MS = 7 };

static bool stats_request(struct probe_run *run, struct exchange *ex) {
    return ask(run, ex, "SHOW STATS");
}

static bool number(const struct pg_rows *rows, uint32_t row, const char *column, double *ret_d) {
    struct value v;
    return rows_number(rows, row, column, UNIT_COUNT, &v) && value_number(v, ret_d);
}

static double total(const struct pg_rows *rows, const char *column) {
    double sum = 0, d;
    for (uint32_t i = 0; i < rows->n_rows; i++)
        if (!is_console_row(rows, i, "database") && number(rows, i, column, &d))
            sum += d;
    return sum;
}

/* avg_wait_time changed its meaning in 1.23, so the average is made from the totals. */
static void set_rates(const struct probe_run *run, const struct pg_rows *rows,
                      struct reading *out) {
    double xacts = total(rows, "total_xact_count"), wait_us = total(rows, "total_wait_time");
    double xact_rate, wait_rate;
    reading_real(out, "xacts", UNIT_COUNT, xacts);
    reading_real(out, "wait_us", UNIT_NONE, wait_us);
    if (!probe_rate(run, "xacts", xacts, &xact_rate))
        return;
    reading_real(out, "xact_per_s", UNIT_PER_SECOND, xact_rate);
    if (xact_rate > 0 && probe_rate(run, "wait_us", wait_us, &wait_rate))
        reading_real(out, "avg_wait_ms", UNIT_MS, wait_rate / xact_rate / 1000);
}

static void set_average(struct row *row, uint32_t column, const struct pg_rows *rows, uint32_t i,
                        const char *time, const char *count) {
    double us, n;
    if (number(rows, i, time, &us) && number(rows, i, count, &n) && n > 0)
        row_real(row, column, us / n / 1000);
}

static bool stats_parse(struct probe_run *run, const struct reply *reply, struct reading *out,
                        struct err *err) {
    const struct pg_rows *rows = &reply->pg;
    if (!rows_has_column(rows, "total_xact_count"))
        return unexpected(run, "total_xact_count", err);
    struct table *t =
        reading_add_table(out, "stats", "Stats", stats_columns, ARRAY_LEN(stats_columns));
    for (uint32_t i = 0; i < rows->n_rows; i++) {
        struct row *row = is_console_row(rows, i, "database")
                              ? NULL
                              : rows_add_row(out, t, rows, i, "database", NULL);
        if (!row)
            continue;
        set_average(row, STATS_XACT_MS, rows, i, "total_xact_time", "total_xact_count");
        set_average(row, STATS_QUERY_MS, rows, i, "total_query_time", "total_query_count");
        set_average(row, STATS_WAIT_MS, rows, i, "total_wait_time", "total_xact_count");
    }
    set_rates(run, rows, out);
    return true;
}

/* ---- state: a global PAUSE shows nowhere else ---- */

static const struct column state_columns[] = {
    {"key", "STATE", UNIT_NONE, 0, 0},
    {"value", "IS", UNIT_NONE, 0, 0},
};

static bool state_request(struct probe_run *run, struct exchange *ex) {
    return ask(run, ex, "SHOW STATE") && run->server_version >= STATE_SINCE;
}

static bool state_parse(struct probe_run *run, const struct reply *reply, struct reading *out,
                        struct err *err) {
    const struct pg_rows *rows = &reply->pg;
    bool stopped = false;
    if (!rows_has_column(rows, "key"))
        return unexpected(run, "key", err);
    for (uint32_t i = 0; i < rows->n_rows; i++) {
        const char *key = pg_cell(rows, i, "key"), *value = pg_cell(rows, i, "value");
        if (key && value && (strcmp(key, "paused") == 0 || strcmp(key, "suspended") == 0))
            stopped |= strcmp(value, "yes") == 0;
    }
    reading_int(out, "paused", UNIT_BOOL, stopped);
    rows_table(out, "state", "State", state_columns, ARRAY_LEN(state_columns), rows, "key", NULL);
    return true;
}

/* ---- databases ---- */

static const struct column database_columns[] = {
    {"name", "DATABASE", UNIT_NONE, 0, 0},
    {"host", "HOST", UNIT_NONE, 0, 1},
    {"port", "PORT", UNIT_NONE, 0, 2},
    {"pool_mode", "MODE", UNIT_NONE, 0, 4},
    {"pool_size", "POOL SIZE", UNIT_COUNT, 9, 0},
    {"reserve", "RESERVE", UNIT_COUNT, 7, 3},
    {"current_connections", "CONNECTIONS", UNIT_COUNT, 11, 0},
    {"max_connections", "MOST", UNIT_COUNT, 5, 6},
    {"paused", "PAUSED", UNIT_BOOL, 6, 0},
    {"disabled", "DISABLED", UNIT_BOOL, 8, 5},
};
enum { DATABASE_RESERVE = 5 };

static bool databases_request(struct probe_run *run, struct exchange *ex) {
    return ask(run, ex, "SHOW DATABASES");
}

static bool databases_parse(struct probe_run *run, const struct reply *reply, struct reading *out,
                            struct err *err) {
    const struct pg_rows *rows = &reply->pg;
    if (!rows_has_column(rows, "pool_size"))
        return unexpected(run, "pool_size", err);
    /* renamed in 1.24 */
    const char *reserve =
        rows_has_column(rows, "reserve_pool") ? "reserve_pool" : "reserve_pool_size";
    struct table *t = reading_add_table(out, "databases", "Databases", database_columns,
                                        ARRAY_LEN(database_columns));
    for (uint32_t i = 0; i < rows->n_rows; i++) {
        struct row *row =
            is_console_row(rows, i, "name") ? NULL : rows_add_row(out, t, rows, i, "name", NULL);
        struct value v;
        if (row && rows_number(rows, i, reserve, UNIT_COUNT, &v))
            row->cells[DATABASE_RESERVE] = v;
    }
    return true;
}

/* ---- lists ---- */

static const struct column list_columns[] = {
    {"list", "LIST", UNIT_NONE, 0, 0},
    {"items", "ITEMS", UNIT_COUNT, 8, 0},
};

static bool lists_request(struct probe_run *run, struct exchange *ex) {
    return ask(run, ex, "SHOW LISTS");
}

static bool lists_parse(struct probe_run *run, const struct reply *reply, struct reading *out,
                        struct err *err) {
    if (!rows_has_column(&reply->pg, "items"))
        return unexpected(run, "items", err);
    rows_table(out, "lists", "Lists", list_columns, ARRAY_LEN(list_columns), &reply->pg, "list",
               NULL);
    return true;
}

/* ---- config against the runbook ---- */

static const struct expected {
    const char *key, *value; /* value NULL = from our own settings */
    const char *meaning;
} expected_config[] = {
    {"pool_mode", "transaction", "the platform relies on transaction pooling"},
    {"default_pool_size", NULL, "PGBOUNCER_POOL_SIZE"},
    {"max_client_conn", NULL, "PGBOUNCER_MAX_CLIENT_CONN"},
    {"reserve_pool_size", "5", ""},
    {"server_connect_timeout", "15", ""},
    {"server_idle_timeout", "600", ""},
    {"server_lifetime", "3600", ""},
    {"query_wait_timeout", "120", ""},
    {"query_timeout", "0", ""},
};

static const struct column config_columns[] = {
    {"setting", "SETTING", UNIT_NONE, 0, 0}, {"expected", "RUNBOOK", UNIT_NONE, 0, 0},
    {"found", "FOUND", UNIT_NONE, 8, 0},     {"default", "DEFAULT", UNIT_NONE, 8, 2},
    {"meaning", "MEANING", UNIT_NONE, 0, 1},
};

static bool config_request(struct probe_run *run, struct exchange *ex) {
    return ask(run, ex, "SHOW CONFIG");
}

static const char *expected_value(const struct probe_run *run, const struct expected *e) {
    const struct settings *s = run->settings;
    if (e->value)
        return e->value;
    if (strcmp(e->key, "default_pool_size") == 0)
        return arena_printf(run->arena, "%u", s->pool_size ? s->pool_size : POOL_SIZE_DEFAULT);
    return arena_printf(run->arena, "%u",
                        s->pool_max_client_conn ? s->pool_max_client_conn : MAX_CLIENTS_DEFAULT);
}

/* "120" and "120.0" are one value. */
static bool same_value(const char *a, const char *b) {
    double x, y;
    return strcmp(a, b) == 0 || (str_to_double(a, &x) && str_to_double(b, &y) && x == y);
}

static const char *config_cell(const struct pg_rows *rows, const char *key, const char *column) {
    for (uint32_t i = 0; i < rows->n_rows; i++) {
        const char *cell = pg_cell(rows, i, "key");
        if (cell && strcmp(cell, key) == 0)
            return pg_cell(rows, i, column);
    }
    return NULL;
}

static void add_setting(struct reading *out, struct table *t, enum health health,
                        const char *const cells[ARRAY_LEN(config_columns)]) {
    struct row *row = table_add_row(out, t, cells[0], health);
    for (uint32_t c = 0; row && c < ARRAY_LEN(config_columns); c++)
        row_text(out, row, c, cells[c]);
}

static void add_expected(struct probe_run *run, const struct pg_rows *rows, struct reading *out,
                         struct table *t) {
    for (size_t i = 0; i < ARRAY_LEN(expected_config); i++) {
        const struct expected *e = &expected_config[i];
        const char *want = expected_value(run, e), *found = config_cell(rows, e->key, "value");
        bool same = found && same_value(found, want);
        add_setting(out, t, same ? HEALTH_OK : HEALTH_WARNING,
                    (const char *[]){e->key, want, found ? found : "(not told)",
                                     config_cell(rows, e->key, "default"), e->meaning});
    }
}

static bool is_expected(const char *key) {
    for (size_t i = 0; i < ARRAY_LEN(expected_config); i++)
        if (strcmp(expected_config[i].key, key) == 0)
            return true;
    return false;
}

/* Somebody set it: of the runbook it is not, but who looks for a cause wants to know. */
static void add_changed(const struct pg_rows *rows, struct reading *out, struct table *t) {
    for (uint32_t i = 0; i < rows->n_rows; i++) {
        const char *key = pg_cell(rows, i, "key"), *found = pg_cell(rows, i, "value");
        const char *usual = pg_cell(rows, i, "default");
        if (key && found && usual && !same_value(found, usual) && !is_expected(key))
            add_setting(out, t, HEALTH_OK, (const char *[]){key, "-", found, usual, ""});
    }
}

static bool config_parse(struct probe_run *run, const struct reply *reply, struct reading *out,
                         struct err *err) {
    const char *max = config_cell(&reply->pg, "max_client_conn", "value");
    long long n;
    if (!rows_has_column(&reply->pg, "key"))
        return unexpected(run, "key", err);
    if (max && str_to_i64(max, 1, 10000000, &n))
        reading_int(out, "clients_max", UNIT_COUNT, n);
    struct table *t =
        reading_add_table(out, "config", "Config", config_columns, ARRAY_LEN(config_columns));
    add_expected(run, &reply->pg, out, t);
    add_changed(&reply->pg, out, t);
    return true;
}

/* ---- through the pool: only this proves the server behind it ---- */

static bool select1_request(struct probe_run *run, struct exchange *ex) {
    const struct pg_target *t = &run->settings->pooled;
    return exchange_query(ex, t, "SELECT 1 AS one", 1) && t->host && t->dbname;
}

static bool select1_parse(struct probe_run *run, const struct reply *reply, struct reading *out,
                          struct err *err) {
    const char *one = pg_cell(&reply->pg, 0, "one");
    if (!one || strcmp(one, "1") != 0)
        return err_set(err, E_PROTOCOL, "pg.answer", target_name(run),
                       "SELECT 1 through the pool did not answer 1");
    reading_real(out, "select1_ms", UNIT_MS, reply->took_ms);
    return true;
}

/* Two connections are kept, the console's and the pool's: nobody logs in again and again. */
static const struct probe_stage stages[] = {
    {"pools", 0, 0, true, pools_request, pools_parse},
    {"stats", 0, 0, false, stats_request, stats_parse},
    {"state", 0, 0, false, state_request, state_parse},
    {"databases", 30000, 0, false, databases_request, databases_parse},
    {"lists", 30000, 0, false, lists_request, lists_parse},
    {"config", 60000, 0, false, config_request, config_parse},
    {"select1", 0, 0, false, select1_request, select1_parse},
};

/* ---- judgement ---- */

static const struct finding *find_finding(const struct reading *r, const char *code) {
    for (uint32_t i = 0; i < r->n_findings; i++)
        if (strcmp(r->findings[i].code, code) == 0)
            return &r->findings[i];
    return NULL;
}

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
    if (reading_number(r, "maxwait_s", &wait_s) && wait_s > MAXWAIT_CRITICAL_S)
        reading_finding(r, HEALTH_CRITICAL, "maxwait",
                        "see Pools, then Sessions and Blocking tree of postgres: who holds them?",
                        "a client waits %.0f s for a connection", wait_s);
    /* A client that is stuck in login waits with maxwait 0, so the number of them counts too. One
     * reading is a burst, two are not. */
    if (reading_number(r, "cl_waiting", &now) && now > 0 && run->previous->has_reading &&
        reading_number(&run->previous->reading, "cl_waiting", &before) && before > 0)
        reading_finding(r, HEALTH_WARNING, "pool_waiting",
                        "see Pools; raise PGBOUNCER_POOL_SIZE only if postgres has room",
                        "%.0f clients wait for a connection", now);
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

static void judge_limits(const struct probe_run *run, struct reading *r) {
    double pct, clients, max = MAX_CLIENTS_DEFAULT;
    if (reading_number(r, "pool_used_pct", &pct) && pct >= 90)
        reading_finding(r, HEALTH_WARNING, "pool_full",
                        "see Sessions of postgres: what keeps the connections busy?",
                        "%.0f %% of a pool are in use", pct);
    if (run->settings->pool_max_client_conn)
        max = run->settings->pool_max_client_conn;
    reading_number(r, "clients_max", &max);
    if (reading_number(r, "cl_active", &clients) && clients > 0.8 * max)
        reading_finding(r, clients >= max ? HEALTH_CRITICAL : HEALTH_WARNING, "clients",
                        "find who opens them; raise PGBOUNCER_MAX_CLIENT_CONN",
                        "%.0f of %.0f client connections are used", clients, max);
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
    const struct finding *f = find_finding(r, "stage_select1");
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
    judge_select1(r);
    set_pool_use(run, r);
    judge_waiting(run, r);
    judge_databases(run, r);
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

static void shell(const struct settings *s, const char *table, char *buf, size_t size) {
    const struct pg_target *t = &s->pool_console;
    snprintf(buf, size,
             "PGPASSWORD=${PGBOUNCER_STATS_PASSWORD} psql -X -h '%s' -p %u -U '%s' -d pgbouncer "
             "-c '%s'",
             t->host ? t->host : "", t->port ? t->port : 6432, t->user ? t->user : "",
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
    .key_metric = "cl_waiting",
    .configured = configured,
    .judge = judge,
    .shell = shell,
    .endpoint_name = "GOODGO_PGBOUNCER_HOST",
};
