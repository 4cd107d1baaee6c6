/* probe/bouncer_config_lib.c - PgBouncer's settings: the runbook's first, then those that somebody
 * changed. */
#include "bouncer_priv.h"

#include <string.h>

#include "base/str.h"
#include "rows_priv.h"

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

bool bouncer_config_request(struct probe_run *run, struct exchange *ex) {
    return bouncer_ask(run, ex, "SHOW CONFIG");
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

bool bouncer_config_parse(struct probe_run *run, const struct reply *reply, struct reading *out,
                          struct err *err) {
    const char *max = config_cell(&reply->pg, "max_client_conn", "value");
    int64_t n;
    if (!rows_has_column(&reply->pg, "key"))
        return bouncer_unexpected(run, "key", err);
    if (max && str_to_i64(max, 1, 10000000, &n))
        reading_int(out, "clients_max", UNIT_COUNT, n);
    struct table *t =
        reading_add_table(out, "config", "Config", config_columns, ARRAY_LEN(config_columns));
    add_expected(run, &reply->pg, out, t);
    add_changed(&reply->pg, out, t);
    return true;
}
