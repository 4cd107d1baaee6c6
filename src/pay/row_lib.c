/* pay/row_lib.c - the statement that reads payments, and its rows as values; see codec/payrow.h. */
#include "codec/payrow.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"

/* The sub-query walks the index of providerTxId; "0" is what VNPay says where there is none. */
static const char select_from[] =
    "SELECT p.\"id\", p.\"userId\", p.\"transactionId\", p.\"provider\"::text AS \"provider\","
    " p.\"type\"::text AS \"type\", p.\"status\"::text AS \"status\", p.\"amountVND\","
    " p.\"providerTxId\", p.\"idempotencyKey\", p.\"createdAt\"::text AS \"created\","
    " p.\"updatedAt\"::text AS \"updated\","
    " floor(extract(epoch FROM p.\"createdAt\") * 1000)::bigint AS \"createdMs\","
    " floor(extract(epoch FROM p.\"updatedAt\") * 1000)::bigint AS \"updatedMs\","
    " pg_catalog.left(p.\"callbackData\"::text, 65535) AS \"callback\","
    " pg_catalog.octet_length(p.\"callbackData\"::text) AS \"callbackBytes\","
    " (SELECT count(*) FROM (SELECT 1 FROM public.\"Payment\" d"
    " WHERE d.\"providerTxId\" = p.\"providerTxId\" AND d.\"provider\" = p.\"provider\""
    " AND d.\"id\" <> p.\"id\" AND d.\"providerTxId\" <> '0' LIMIT 10) x) AS \"sameTx\""
    " FROM public.\"Payment\" p";

/* --- the statement --- */

struct builder {
    struct arena *arena;
    struct str sql;
    struct pay_statement *out;
    bool has_where;
};

/* "$3", where a text goes. */
static const char *param(struct builder *b, const char *value) {
    b->out->params[b->out->n_params++] = value;
    return arena_printf(b->arena, "$%u", b->out->n_params);
}

static void and_where(struct builder *b) {
    str_puts(&b->sql, b->has_where ? " AND " : " WHERE ");
    b->has_where = true;
}

/* An integer of our own; text goes through param(). */
static const char *at(struct builder *b, int64_t wall_s) {
    return arena_printf(b->arena, "(timestamp 'epoch' + %lld * interval '1 second')",
                        (long long)wall_s);
}

static void where_statuses(struct builder *b, unsigned statuses) {
    const char *joint = "";
    and_where(b);
    str_puts(&b->sql, "p.\"status\" IN (");
    for (unsigned s = PAY_PENDING; s < PAY_STATUS_COUNT; s++)
        if (statuses & BIT(s)) {
            str_printf(&b->sql, "%s'%s'", joint, pay_status_name((enum pay_status)s));
            joint = ", ";
        }
    str_puts(&b->sql, ")");
}

static void where_key(struct builder *b, const struct pay_filter *f) {
    and_where(b);
    if (f->key_step == PAY_KEY_USER) {
        str_printf(&b->sql, "p.\"userId\" = %s", param(b, f->key));
    } else if (f->key_step == PAY_KEY_OURS) {
        const char *key = param(b, f->key), *ours = param(b, pay_order_undated(f->key));
        str_printf(&b->sql,
                   "(p.\"id\" IN (%s, %s) OR p.\"providerTxId\" = %s OR p.\"transactionId\" = %s)",
                   key, ours, key, key);
    } else {
        const char *key = param(b, f->key);
        str_printf(&b->sql,
                   "(p.\"idempotencyKey\" = %s OR position(%s in p.\"callbackData\"::text) > 0)",
                   key, key);
    }
}

static void where_suspects(struct builder *b, int64_t from_wall_s) {
    and_where(b);
    str_printf(&b->sql,
               "(p.\"status\" IN ('PENDING', 'PROCESSING') OR (p.\"createdAt\" >= %s AND "
               "((p.\"status\" = 'FAILED' AND p.\"callbackData\" IS NOT NULL) OR "
               "(p.\"status\" = 'COMPLETED' AND p.\"providerTxId\" <> '0' AND EXISTS (SELECT 1 "
               "FROM public.\"Payment\" d WHERE d.\"providerTxId\" = p.\"providerTxId\" AND "
               "d.\"provider\" = p.\"provider\" AND d.\"id\" <> p.\"id\")))))",
               at(b, from_wall_s));
}

static void where(struct builder *b, const struct pay_filter *f) {
    if (f->key_step != PAY_KEY_NONE)
        where_key(b, f);
    if (f->provider) {
        and_where(b);
        str_printf(&b->sql, "p.\"provider\"::text = %s", param(b, f->provider));
    }
    if (f->statuses)
        where_statuses(b, f->statuses);
    if (f->with_message) {
        and_where(b);
        str_puts(&b->sql, "p.\"callbackData\" IS NOT NULL");
    }
    if (f->suspects) {
        where_suspects(b, f->from_wall_s);
    } else if (f->from_wall_s) {
        and_where(b);
        str_printf(&b->sql, "p.\"createdAt\" >= %s", at(b, f->from_wall_s));
    }
    if (f->before_wall_s) {
        and_where(b);
        str_printf(&b->sql, "p.\"createdAt\" < %s", at(b, f->before_wall_s));
    }
    if (f->after) {
        const char *made = param(b, f->after), *id = param(b, f->after_id);
        and_where(b);
        str_printf(&b->sql, "(p.\"createdAt\", p.\"id\") %s (%s::timestamp, %s)",
                   f->newest_first ? "<" : ">", made, id);
    }
}

void pay_rows_statement(const struct pay_filter *f, struct arena *a, struct pay_statement *ret) {
    struct builder b = {.arena = a, .out = ret};
    const char *way = f->newest_first ? " DESC" : "";
    *ret = (struct pay_statement){.sql = NULL};
    str_init(&b.sql, 8192);
    str_puts(&b.sql, select_from);
    where(&b, f);
    str_printf(&b.sql, " ORDER BY %sp.\"createdAt\"%s, p.\"id\"%s LIMIT %u",
               f->open_first ? "p.\"status\" IN ('PENDING', 'PROCESSING') DESC, " : "", way, way,
               f->limit);
    ret->sql = arena_strdup(a, str_get(&b.sql));
    str_done(&b.sql);
}

void pay_credited_filter(const struct pay_filter *of, struct pay_filter *ret) {
    *ret = *of;
    ret->suspects = ret->open_first = false;
    ret->statuses = BIT(PAY_COMPLETED);
    ret->with_message = ret->newest_first = true;
}

bool pay_credited_is_new(const struct pay_row *row) {
    return row->n_same_tx == 0;
}

/* --- its rows --- */

bool pay_status_is_final(enum pay_status s) {
    return s == PAY_COMPLETED || s == PAY_FAILED || s == PAY_REFUNDED;
}

bool pay_status_parse(const char *name, enum pay_status *ret) {
    for (unsigned s = PAY_PENDING; s < PAY_STATUS_COUNT; s++)
        if (!strcmp(pay_status_name((enum pay_status)s), name)) {
            *ret = (enum pay_status)s;
            return true;
        }
    return false;
}

const struct pay_provider *pay_provider_stored(const char *stored) {
    for (uint32_t i = 0; i < n_pay_providers; i++)
        if (!strcmp(pay_providers[i]->stored, stored))
            return pay_providers[i];
    return NULL;
}

static bool wrong(struct err *err, const char *column) {
    return err_set(err, E_PROTOCOL, "payments.row", column,
                   "the answer lacks it, or it is not what this column holds");
}

static bool read_texts(const struct pg_rows *rows, uint32_t i, struct pay_row *row,
                       struct err *err) {
    const struct {
        const char *column, **to;
        bool optional;
    } texts[] = {
        {"id", &row->id, false},
        {"userId", &row->user_id, false},
        {"transactionId", &row->transaction_id, true},
        {"provider", &row->provider, false},
        {"type", &row->type, false},
        {"status", &row->status_text, false},
        {"providerTxId", &row->provider_tx_id, true},
        {"idempotencyKey", &row->idempotency_key, true},
        {"created", &row->created, false},
        {"updated", &row->updated, false},
        {"callback", &row->callback, true},
    };
    for (size_t k = 0; k < ARRAY_LEN(texts); k++) {
        const char *cell = pg_cell(rows, i, texts[k].column);
        if (!cell && !texts[k].optional)
            return wrong(err, texts[k].column);
        *texts[k].to = cell;
    }
    return true;
}

static bool read_numbers(const struct pg_rows *rows, uint32_t i, struct pay_row *row,
                         struct err *err) {
    const struct {
        const char *column;
        int64_t *to;
    } numbers[] = {
        {"amountVND", &row->amount_vnd},
        {"createdMs", &row->created_wall_ms},
        {"updatedMs", &row->updated_wall_ms},
    };
    int64_t n = 0;
    for (size_t k = 0; k < ARRAY_LEN(numbers); k++)
        if (!pg_cell_i64(rows, i, numbers[k].column, numbers[k].to))
            return wrong(err, numbers[k].column);
    if (!pg_cell_i64(rows, i, "sameTx", &n) || n < 0 || n > 10)
        return wrong(err, "sameTx");
    row->n_same_tx = (uint32_t)n;
    row->callback_n = row->callback ? strlen(row->callback) : 0;
    if (row->callback && !pg_cell_i64(rows, i, "callbackBytes", &n))
        return wrong(err, "callbackBytes");
    row->callback_cut =
        row->callback && (n != (int64_t)row->callback_n || row->callback_n > PAY_MAX_BYTES);
    return true;
}

bool pay_row_read(const struct pg_rows *rows, uint32_t i, struct pay_row *ret, struct err *err) {
    struct pay_row row = {.status = PAY_STATUS_NONE};
    if (!read_texts(rows, i, &row, err) || !read_numbers(rows, i, &row, err))
        return false;
    if (!pay_status_parse(row.status_text, &row.status))
        return err_set(err, E_PROTOCOL, "payments.row", row.id, "has the status \"%s\"",
                       row.status_text);
    row.gateway = pay_provider_stored(row.provider);
    *ret = row;
    return true;
}

/* --- days in Vietnam --- */

bool pay_day_parse(const char *day, int64_t *ret_from_wall_s, int64_t *ret_before_wall_s) {
    char text[40];
    int64_t wall_ms;
    if (strlen(day) != 10)
        return false;
    snprintf(text, sizeof text, "%sT00:00:00+07:00", day);
    if (!clock_parse_rfc3339(text, &wall_ms))
        return false;
    *ret_from_wall_s = wall_ms / 1000;
    *ret_before_wall_s = wall_ms / 1000 + DAY_S;
    return true;
}

void pay_time_text(int64_t wall_s, char *buf, size_t size) {
    char utc[40];
    clock_iso8601((wall_s + CLOCK_VIETNAM_S) * 1000, utc, sizeof utc);
    snprintf(buf, size, "%.19s+07:00", utc);
}
