/* probe/bouncer_figures_lib.c - what the admin console counts: clients and servers of each pool,
 * what went through it, its databases, its lists. */
#include "bouncer_priv.h"

#include <string.h>

#include "http_priv.h"
#include "rows_priv.h"

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

bool bouncer_pools_request(struct probe_run *run, struct exchange *ex) {
    return bouncer_ask(run, ex, "SHOW POOLS");
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

bool bouncer_pools_parse(struct probe_run *run, const struct reply *reply, struct reading *out,
                         struct err *err) {
    const struct pg_rows *rows = &reply->pg;
    if (!is_bouncer(rows)) {
        const char *text = rows->server_version_text ? rows->server_version_text : "";
        err_set(err, E_WRONG_THING, "pg.answer", bouncer_target_name(run),
                "PostgreSQL %.40s answers here, not PgBouncer's console", text);
        err->todo = "GOODGO_PGBOUNCER_PORT (6432) may point at the server's port (5432)";
        return false;
    }
    if (!rows_has_column(rows, "cl_waiting"))
        return bouncer_unexpected(run, "cl_waiting", err);
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

bool bouncer_stats_request(struct probe_run *run, struct exchange *ex) {
    return bouncer_ask(run, ex, "SHOW STATS");
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

bool bouncer_stats_parse(struct probe_run *run, const struct reply *reply, struct reading *out,
                         struct err *err) {
    const struct pg_rows *rows = &reply->pg;
    if (!rows_has_column(rows, "total_xact_count"))
        return bouncer_unexpected(run, "total_xact_count", err);
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

bool bouncer_databases_request(struct probe_run *run, struct exchange *ex) {
    return bouncer_ask(run, ex, "SHOW DATABASES");
}

bool bouncer_databases_parse(struct probe_run *run, const struct reply *reply, struct reading *out,
                             struct err *err) {
    const struct pg_rows *rows = &reply->pg;
    if (!rows_has_column(rows, "pool_size"))
        return bouncer_unexpected(run, "pool_size", err);
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

bool bouncer_lists_request(struct probe_run *run, struct exchange *ex) {
    return bouncer_ask(run, ex, "SHOW LISTS");
}

bool bouncer_lists_parse(struct probe_run *run, const struct reply *reply, struct reading *out,
                         struct err *err) {
    if (!rows_has_column(&reply->pg, "items"))
        return bouncer_unexpected(run, "items", err);
    rows_table(out, "lists", "Lists", list_columns, ARRAY_LEN(list_columns), &reply->pg, "list",
               NULL);
    return true;
}
