/* act/recon_source.c - payments from PostgreSQL's direct server, in one read-only snapshot, as they
 * come from the disk: sorting is ours. */
#include <string.h>

#include "act/gateway.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "io/pgsession.h"
#include "recon_priv.h"

#define CONNECT_MS 10000u
#define QUERY_MS   60000u
#define COLUMNS    7

#define IS_TRANSFER "\"provider\"::text = '" PAY_TRANSFER "'"

struct reader {
    struct recon *r;
    int64_t n;
    struct err err;
    bool failed;
};

static char copy_escape(char c) {
    static const char from[] = "bfnrtv", to[] = "\b\f\n\r\t\v";
    const char *at = c ? strchr(from, c) : NULL;
    return at ? to[at - from] : c;
}

/* Nothing is escaped in it. */
static bool split_plain(char *line, size_t n, const char *fields[COLUMNS]) {
    uint32_t count = 0;
    char *end = line + n - (n && line[n - 1] == '\n');
    *end = '\0';
    for (char *tab; count < COLUMNS; line = tab + 1) {
        fields[count++] = line;
        tab = memchr(line, '\t', (size_t)(end - line));
        if (!tab)
            return count == COLUMNS;
        *tab = '\0';
    }
    return false;
}

/* Fields of a COPY line in place; \N is "". */
static bool split(char *line, size_t n, const char *fields[COLUMNS]) {
    uint32_t count = 0;
    char *out = line;
    for (uint32_t i = 0; i < COLUMNS; i++)
        fields[i] = "";
    if (!memchr(line, '\\', n))
        return split_plain(line, n, fields);
    fields[count++] = out;
    for (size_t i = 0; i < n && line[i] != '\n'; i++) {
        if (line[i] == '\t') {
            *out++ = '\0';
            if (count == COLUMNS)
                return false;
            fields[count++] = out;
        } else if (line[i] == '\\' && i + 1 < n) {
            i++;
            if (line[i] != 'N')
                *out++ = copy_escape(line[i]);
        } else {
            *out++ = line[i];
        }
    }
    *out = '\0';
    return count == COLUMNS;
}

static bool keep_to_ask(struct reader *d, const struct recon_payment *x) {
    struct recon *r = d->r;
    const struct pay_provider *p = pay_provider_stored(x->provider);
    if (!p || !gateway_is_set(r->q->settings, p))
        return true;
    if (r->n_to_ask == RECONCILE_LIVE_MOST)
        return err_set(&d->err, E_TOO_BIG, RECON_OP, "--gateway live",
                       "over %d payments to ask about, a second each: hand in the gateway's file",
                       RECONCILE_LIVE_MOST);
    if (r->n_to_ask == r->cap_to_ask) {
        r->cap_to_ask = r->cap_to_ask ? 2 * r->cap_to_ask : 256;
        r->to_ask = mem_grow(r->to_ask, r->cap_to_ask * sizeof *r->to_ask);
    }
    struct recon_payment *copy = &r->to_ask[r->n_to_ask++];
    *copy = *x;
    copy->id = arena_strdup(r->arena, x->id);
    copy->provider = p->stored;
    copy->tx_id = copy->updated = ""; /* those of the row do not outlive it */
    return true;
}

static bool add(struct reader *d, const char *const f[COLUMNS]) {
    struct recon *r = d->r;
    struct packer p;
    char key[RECON_MAX_REF + 1];
    int64_t amount, created;
    struct recon_payment x = {.id = f[0], .provider = f[1], .tx_id = f[4], .updated = f[6]};
    if (!str_to_i64(f[2], INT64_MIN, INT64_MAX, &amount) || !pay_status_parse(f[3], &x.status) ||
        !str_to_i64(f[5], INT64_MIN / 2, INT64_MAX / 2, &created))
        return err_set(&d->err, E_PROTOCOL, RECON_OP, f[0], "no row of a payment: %.30s %.30s",
                       f[2], f[3]);
    if (!strcmp(x.tx_id, "0"))
        x.tx_id = "";
    x.amount_vnd = amount;
    x.created_wall_s = created;
    x.day = (created + CLOCK_VIETNAM_S) / DAY_S;
    x.in_range = recon_day_in(r, x.day);
    if (created > r->as_of_wall_s)
        r->as_of_wall_s = created;
    if (x.in_range) {
        r->report->read.rows++;
        r->report->read.db_vnd = int_add(r->report->read.db_vnd, amount);
    }
    if (r->q->live && x.in_range && !keep_to_ask(d, &x))
        return false;
    size_t key_n = recon_order_key(x.id, key);
    recon_filter_add(r->refs, key, key_n);
    pack_start(&p, 'D');
    payment_pack(&p, &x);
    if (++d->n % 1000 == 0)
        recon_progress(r, d->n, NULL);
    return sorter_add(r->orders, key, key_n, p.b, p.n, &d->err);
}

static bool on_line(void *ctx, const char *line, size_t n) {
    struct reader *d = ctx;
    const char *fields[COLUMNS];
    char copy[4096];
    if (n >= sizeof copy)
        d->failed = !err_set(&d->err, E_TOO_BIG, RECON_OP, "payments", "a row of %zu bytes", n);
    if (!d->failed) {
        memcpy(copy, line, n);
        d->failed = !split(copy, n, fields) &&
                    !err_set(&d->err, E_PROTOCOL, RECON_OP, "payments", "a row of another shape");
    }
    d->failed = d->failed || !add(d, fields) || atomic_load(&d->r->files.failed);
    return !d->failed;
}

static const char *copy_where(struct arena *a, const char *where) {
    return arena_printf(
        a,
        "COPY (SELECT \"id\", \"provider\"::text, \"amountVND\", \"status\"::text, "
        "\"providerTxId\","
        " floor(extract(epoch FROM \"createdAt\"))::bigint, \"updatedAt\"::text FROM \"Payment\""
        " WHERE %s) TO STDOUT",
        where);
}

static const char *made(const struct recon *r, const char *than, int64_t day) {
    return arena_printf(r->arena, "\"createdAt\" %s to_timestamp(%lld) AT TIME ZONE 'UTC'", than,
                        (long long)(day * DAY_S - CLOCK_VIETNAM_S));
}

/* Orders from before these days may be paid in them; a line for one of these days may be for one of
 * the days after as well. A line of a bank that names an order names it however old it is. */
static const char *statement(const struct recon *r) {
    int64_t window = r->q->window_days + 1;
    return copy_where(r->arena, arena_printf(r->arena, "(%s%s) AND %s",
                                             made(r, ">=", r->q->from_day - window),
                                             r->q->n_statements ? " OR " IS_TRANSFER : "",
                                             made(r, "<", r->q->before_day + window)));
}

/* What a gateway gave back on these days may have been paid long before. */
static const char *refunded(const struct recon *r) {
    const struct recon_files *f = &r->files;
    struct str where;
    str_init(&where, (size_t)64 << 20);
    str_printf(&where, "%s AND NOT " IS_TRANSFER " AND \"id\" IN (",
               made(r, "<", r->q->from_day - r->q->window_days - 1));
    for (uint32_t i = 0; i < f->n_refunded; i++)
        str_printf(&where, "%s%s", i ? ", " : "", pg_quote_text(r->arena, f->refunded[i]));
    str_putc(&where, ')');
    const char *sql = copy_where(r->arena, str_get(&where));
    str_done(&where);
    return sql;
}

bool recon_read_payments(struct recon *r, struct err *err) {
    const struct settings *s = r->q->settings;
    struct reader d = {.r = r};
    struct pgsession *pg;
    uint64_t n = 0;
    recon_stage(r, "payments", 0);
    if (!s->has_postgres)
        return err_set(err, E_CONFIG, RECON_OP, "postgres", "this context has no database");
    if (!pgsession_open(&s->postgres, "goodgo reconcile", CONNECT_MS, r->q->cancel_fd, &pg, err))
        return false;
    bool ok = pgsession_run(pg, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", QUERY_MS, err) &&
              pgsession_copy_out(pg, statement(r), on_line, &d, &r->n_orders_read, err);
    side_work_end(&r->files.work); /* which orders were given back is known now */
    if (ok && r->files.n_refunded)
        ok = pgsession_copy_out(pg, refunded(r), on_line, &d, &n, err);
    r->n_orders_read += n;
    pgsession_close(pg);
    if (d.failed)
        *err = d.err;
    return ok && !d.failed;
}
