/* probe/redis_tables_lib.c - what INFO lists: commands by the time they took, errors, databases. */
#include "redis_priv.h"

#include <stdlib.h>
#include <string.h>

#include "http_priv.h"

#define MAX_COMMANDS   20
#define MAX_TABLE_ROWS 64

static const struct column command_columns[] = {
    {"command", "COMMAND", UNIT_NONE, 0, 0},       {"calls", "CALLS", UNIT_COUNT, 8, 0},
    {"usec_per_call", "US/CALL", UNIT_NONE, 8, 0}, {"share", "OF TIME", UNIT_PERCENT, 7, 0},
    {"failed", "FAILED", UNIT_COUNT, 6, 1},
};
static const struct column error_columns[] = {
    {"error", "ERROR", UNIT_NONE, 0, 0},
    {"count", "COUNT", UNIT_COUNT, 8, 0},
};
static const struct column keyspace_columns[] = {
    {"db", "DATABASE", UNIT_NONE, 0, 0},       {"keys", "KEYS", UNIT_COUNT, 8, 0},
    {"expires", "WITH TTL", UNIT_COUNT, 8, 1}, {"ttl_share", "TTL SHARE", UNIT_PERCENT, 9, 0},
    {"avg_ttl", "MEAN TTL", UNIT_MS, 8, 2},
};

struct command {
    struct info_line line;
    double usec;
};

static int slowest_first(const void *a, const void *b) {
    double x = ((const struct command *)a)->usec, y = ((const struct command *)b)->usec;
    return (x < y) - (x > y);
}

static bool has_prefix(const struct info_line *line, const char *prefix) {
    size_t n = strlen(prefix);
    return line->key_n > n && memcmp(line->key, prefix, n) == 0;
}

static struct row *add_named(struct probe_run *run, struct reading *out, struct table *t,
                             const struct info_line *line, size_t skip) {
    size_t n = line->key_n - skip < 60 ? line->key_n - skip : 60;
    const char *name = arena_strndup(run->arena, line->key + skip, n);
    struct row *row = table_add_row(out, t, name, HEALTH_OK);
    row_text(out, row, 0, name);
    return row;
}

static void put_count(struct row *row, uint32_t column, const struct info_line *line,
                      const char *part) {
    double d;
    int64_t n;
    if (info_part(line->value, line->value_n, part, &d) && count_from(d, &n))
        row_int(row, column, n);
}

static void take_commands(struct probe_run *run, const struct info *info, struct reading *out) {
    enum { PREFIX_N = sizeof "cmdstat_" - 1, MAX_SEEN = 512 };
    struct command *all = arena_alloc(run->arena, MAX_SEEN * sizeof *all);
    struct info_line line;
    size_t n = 0, at = 0;
    double sum = 0, d;
    while (n < MAX_SEEN && info_next(info, &at, &line)) {
        if (!has_prefix(&line, "cmdstat_") || !info_part(line.value, line.value_n, "usec", &d) ||
            d < 0)
            continue;
        all[n++] = (struct command){.line = line, .usec = d};
        sum += d;
    }
    if (n)
        qsort(all, n, sizeof *all, slowest_first);
    struct table *t =
        reading_add_table(out, "commands", "Commands", command_columns, ARRAY_LEN(command_columns));
    for (size_t i = 0; i < n && i < MAX_COMMANDS; i++) {
        struct row *row = add_named(run, out, t, &all[i].line, PREFIX_N);
        put_count(row, 1, &all[i].line, "calls");
        put_count(row, 4, &all[i].line, "failed_calls");
        if (info_part(all[i].line.value, all[i].line.value_n, "usec_per_call", &d) && d >= 0)
            row_real(row, 2, d);
        if (sum > 0)
            row_real(row, 3, 100 * all[i].usec / sum);
    }
    t->n_total = (uint32_t)n;
}

/* Of what is not counted "none" would be a claim. */
static void take_errors(struct probe_run *run, const struct info *info, struct reading *out) {
    struct table *t =
        reading_add_table(out, "errors", "Errors", error_columns, ARRAY_LEN(error_columns));
    struct info_line line;
    for (size_t at = 0; t->n_rows < MAX_TABLE_ROWS && info_next(info, &at, &line);)
        if (has_prefix(&line, "errorstat_"))
            put_count(add_named(run, out, t, &line, sizeof "errorstat_" - 1), 1, &line, "count");
    if (!t->n_rows && !info_has_section(info, "Errorstats"))
        row_text(out, table_add_row(out, t, "-", HEALTH_OFF), 0, "not counted before Redis 6.2");
}

static bool is_database(const struct info_line *line) {
    if (line->key_n < 3 || line->key_n > 7 || memcmp(line->key, "db", 2) != 0)
        return false;
    for (size_t i = 2; i < line->key_n; i++)
        if (!char_is_digit(line->key[i]))
            return false;
    return true;
}

static void take_keyspace(struct probe_run *run, const struct info *info, struct reading *out) {
    struct table *t = reading_add_table(out, "keyspace", "Databases", keyspace_columns,
                                        ARRAY_LEN(keyspace_columns));
    struct info_line line;
    double keys, expires, ttl, sum = 0;
    int64_t n;
    for (size_t at = 0; t->n_rows < MAX_TABLE_ROWS && info_next(info, &at, &line);) {
        if (!is_database(&line) || !info_part(line.value, line.value_n, "keys", &keys) || keys < 0)
            continue;
        struct row *row = add_named(run, out, t, &line, 0);
        sum += keys;
        put_count(row, 1, &line, "keys");
        put_count(row, 2, &line, "expires");
        if (keys > 0 && info_part(line.value, line.value_n, "expires", &expires) && expires >= 0)
            row_real(row, 3, 100 * expires / keys);
        if (info_part(line.value, line.value_n, "avg_ttl", &ttl) && ttl > 0)
            row_real(row, 4, ttl);
    }
    if (count_from(sum, &n))
        reading_int(out, "keys", UNIT_COUNT, n);
}

void redis_tables(struct probe_run *run, const struct info *info, struct reading *out) {
    take_commands(run, info, out);
    take_errors(run, info, out);
    take_keyspace(run, info, out);
}
