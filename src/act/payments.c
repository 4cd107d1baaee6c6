/* act/payments.c - see act/payments.h. Pages go by key, never by OFFSET: a row that comes or goes
 * in between moves no other. */
#include "act/payments.h"

#include <stdio.h>
#include <string.h>

#include "io/pgsession.h"

bool payments_open(const struct settings *s, int cancel_fd, struct pgsession **ret,
                   struct err *err) {
    char sql[96];
    if (!s->has_postgres)
        return err_set(err, E_CONFIG, "payments", "DATABASE_URL",
                       "is not set, and payments are read from that database");
    if (!pgsession_open(&s->postgres, "goodgo-payments", PAYMENTS_TIMEOUT_MS, cancel_fd, ret, err))
        return false;
    snprintf(sql, sizeof sql, "SET default_transaction_read_only = on; SET statement_timeout = %u",
             PAYMENTS_TIMEOUT_MS);
    if (pgsession_run(*ret, sql, PAYMENTS_TIMEOUT_MS, err))
        return true;
    pgsession_close(*ret);
    return false;
}

bool payments_page(struct pgsession *s, const struct pay_filter *f, struct arena *arena,
                   struct pay_row **ret_rows, uint32_t *ret_n, struct err *err) {
    struct pay_statement q;
    struct pg_rows rows = {0};
    struct pay_filter page = *f;
    page.limit = f->limit && f->limit < PAYMENTS_PAGE ? f->limit : PAYMENTS_PAGE;
    pay_rows_statement(&page, arena, &q);
    const struct pg_statement st = {.sql = q.sql,
                                    .params = q.params,
                                    .n_params = q.n_params,
                                    .max_rows = PAYMENTS_PAGE,
                                    .timeout_ms = PAYMENTS_TIMEOUT_MS};
    if (!pgsession_exec(s, &st, arena, &rows, err))
        return false;
    struct pay_row *all = arena_alloc(arena, (rows.n_rows + 1) * sizeof *all);
    for (uint32_t i = 0; i < rows.n_rows; i++)
        if (!pay_row_read(&rows, i, &all[i], err))
            return false;
    *ret_rows = all;
    *ret_n = rows.n_rows;
    return true;
}

bool payments_find(struct pgsession *s, const char *key, uint32_t most, struct arena *arena,
                   struct pay_row **ret_rows, uint32_t *ret_n, struct err *err) {
    struct pay_filter f = {.key = key, .newest_first = true, .limit = most};
    *ret_n = 0;
    for (unsigned step = PAY_KEY_OURS; step < PAY_KEY_STEPS && !*ret_n; step++) {
        f.key_step = (enum pay_key_step)step;
        if (!payments_page(s, &f, arena, ret_rows, ret_n, err))
            return false;
    }
    return true;
}

bool payments_by_id(struct pgsession *s, const char *id, struct arena *arena,
                    const struct pay_row **ret, uint32_t *ret_n, struct err *err) {
    struct pay_filter f = {
        .key_step = PAY_KEY_OURS, .key = id, .newest_first = true, .limit = PAYMENTS_PAGE};
    struct pay_row *rows;
    *ret = NULL;
    if (!payments_page(s, &f, arena, &rows, ret_n, err))
        return false;
    for (uint32_t i = 0; i < *ret_n && !*ret; i++)
        if (!strcmp(rows[i].id, id))
            *ret = &rows[i];
    return true;
}

/* One page; *ret_again when another may follow. */
static bool each_of_page(struct pgsession *s, struct pay_filter *f, struct arena *page,
                         struct arena *cursor, bool (*on_row)(void *ctx, const struct pay_row *row),
                         void *ctx, bool *ret_again, struct err *err) {
    struct pay_row *rows;
    uint32_t n;
    *ret_again = false;
    if (!payments_page(s, f, page, &rows, &n, err))
        return false;
    for (uint32_t i = 0; i < n; i++)
        if (!on_row(ctx, &rows[i]))
            return true;
    if (n < f->limit)
        return true;
    arena_clear(cursor);
    f->after = arena_strdup(cursor, rows[n - 1].created);
    f->after_id = arena_strdup(cursor, rows[n - 1].id);
    *ret_again = true;
    return true;
}

bool payments_each(struct pgsession *s, const struct pay_filter *f,
                   bool (*on_row)(void *ctx, const struct pay_row *row), void *ctx,
                   struct err *err) {
    struct arena page, cursor;
    struct pay_filter at = *f;
    bool again = true, ok = true;
    at.limit = f->limit && f->limit < PAYMENTS_PAGE ? f->limit : PAYMENTS_PAGE;
    arena_init(&page);
    arena_init(&cursor);
    while (ok && again) {
        ok = each_of_page(s, &at, &page, &cursor, on_row, ctx, &again, err);
        arena_clear(&page);
    }
    arena_done(&page);
    arena_done(&cursor);
    return ok;
}
