/* tests/probe_rows.h - rows of PostgreSQL and PgBouncer written as text, for test_probe_*.c and the
 * fuzzer: columns and cells are split by '|', rows by '\n', a cell "\\N" is NULL. */
#ifndef GOODGO_TESTS_PROBE_ROWS_H
#define GOODGO_TESTS_PROBE_ROWS_H

#include "tests/probe_harness.h"

static inline uint32_t text_split(struct arena *a, const char *s, size_t n, char sep,
                                  const char ***ret_parts) {
    uint32_t count = 1, i = 0;
    for (size_t k = 0; k < n; k++)
        count += s[k] == sep;
    const char **parts = arena_alloc(a, (count + 1) * sizeof *parts);
    while (i < count) {
        const char *end = n ? memchr(s, sep, n) : NULL;
        size_t part = end ? (size_t)(end - s) : n;
        parts[i++] = arena_strndup(a, s, part);
        s += part + (end ? 1 : 0);
        n -= part + (end ? 1 : 0);
    }
    *ret_parts = parts;
    return count;
}

static inline struct pg_rows rows_from_text(struct arena *a, int version, const char *version_text,
                                            const char *columns, const char *text) {
    struct pg_rows rows = {.server_version = version, .server_version_text = version_text};
    const char **lines = NULL;
    rows.n_cols = text_split(a, columns, strlen(columns), '|', &rows.names);
    rows.n_rows = *text ? text_split(a, text, strlen(text), '\n', &lines) : 0;
    rows.cells = arena_alloc(a, (rows.n_rows + 1) * sizeof *rows.cells);
    for (uint32_t r = 0; r < rows.n_rows; r++) {
        const char **cells;
        uint32_t n = text_split(a, lines[r], strlen(lines[r]), '|', &cells);
        rows.cells[r] = arena_alloc(a, (rows.n_cols + 1) * sizeof *cells);
        for (uint32_t c = 0; c < rows.n_cols && c < n; c++)
            rows.cells[r][c] = strcmp(cells[c], "\\N") == 0 ? NULL : cells[c];
    }
    return rows;
}

/* Feeds rows to a stage. */
static inline bool bench_pg(struct probe_bench *b, const char *stage, int version,
                            const char *version_text, const char *columns, const char *text) {
    struct reply r = {.kind = EXCHANGE_PG, .ok = true, .took_ms = 2};
    r.pg = rows_from_text(&b->arena, version, version_text, columns, text);
    return bench_reply(b, stage, &r);
}

#endif
