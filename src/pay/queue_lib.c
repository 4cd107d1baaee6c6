/* pay/queue_lib.c - what is open or contradicts its messages, as a reading for the screen. Three
 * statements: the newest rows, at most ROWS_MAX of them, for a backlog of years must not hide what
 * broke a minute ago; now and then the newest that are credited, of which those are kept that their
 * messages contradict; and how many there are in all.
 *
 * Metrics: open, open_vnd (of all that are open), open_read (of those in the tables), unread (open
 * ones that are older than those), credited_24h, credited_24h_vnd, verified (of those credited),
 * verified_cut (there are more), to_act, to_act_vnd, oldest_s (of those that want an act). Tables:
 * classes (key: the class), payments (key: the payment's id), credited (those of the second
 * statement, once more), totals (key: provider/status). */
#include "codec/payqueue.h"

#include <string.h>

#include "base/clock.h"
#include "queue_priv.h"

#define ROWS_MAX  300    /* each costs a digest or two on the loop that answers keys */
#define VERIFY_MS 300000 /* of those credited: up to 60 ms of digests, so not each time */
#define TOTAL_MAX 64     /* providers x statuses */

static bool ask(struct probe_run *run, struct exchange *ex, const char *sql, uint32_t max_rows) {
    return exchange_query(ex, &run->settings->postgres, sql, max_rows);
}

/* ---- rows ---- */

static bool judge_rows(struct probe_run *run, const struct pg_rows *rows, struct judged *ret,
                       struct err *err) {
    int64_t now_wall_s = run->now_wall_ms / 1000;
    ret->n = rows->n_rows;
    ret->rows = arena_alloc(run->arena, (ret->n + 1) * sizeof *ret->rows);
    ret->verdicts = arena_alloc(run->arena, (ret->n + 1) * sizeof *ret->verdicts);
    for (uint32_t i = 0; i < ret->n; i++) {
        if (!pay_row_read(rows, i, &ret->rows[i], err))
            return false;
        pay_classify(&ret->rows[i], run->settings, now_wall_s, false, run->arena,
                     &ret->verdicts[i]);
    }
    return true;
}

static bool rows_request(struct probe_run *run, struct exchange *ex) {
    struct pay_filter f = {.suspects = true,
                           .from_wall_s = run->now_wall_ms / 1000 - DAY_S,
                           .newest_first = true,
                           .open_first = true,
                           .limit = ROWS_MAX};
    struct pay_statement q;
    pay_rows_statement(&f, run->arena, &q); /* it takes no texts, so it has no parameters */
    return ask(run, ex, q.sql, ROWS_MAX);
}

static bool rows_parse(struct probe_run *run, const struct reply *reply, struct reading *out,
                       struct err *err) {
    struct judged j;
    int64_t open = 0;
    if (!judge_rows(run, &reply->pg, &j, err))
        return false;
    for (uint32_t i = 0; i < j.n; i++)
        open += !pay_status_is_final(j.rows[i].status);
    queue_put_open(out, &j, run->now_wall_ms / 1000);
    reading_int(out, "open_read", UNIT_COUNT, open);
    return true;
}

/* ---- what is credited, and contradicted by its messages ---- */

static bool credited_request(struct probe_run *run, struct exchange *ex) {
    const struct pay_filter day = {.from_wall_s = run->now_wall_ms / 1000 - DAY_S,
                                   .limit = ROWS_MAX};
    struct pay_filter f;
    struct pay_statement q;
    pay_credited_filter(&day, &f);
    pay_rows_statement(&f, run->arena, &q);
    return ask(run, ex, q.sql, ROWS_MAX);
}

static bool credited_parse(struct probe_run *run, const struct reply *reply, struct reading *out,
                           struct err *err) {
    struct judged j;
    if (!judge_rows(run, &reply->pg, &j, err))
        return false;
    for (uint32_t i = 0; i < j.n; i++)
        if (!pay_credited_is_new(&j.rows[i]))
            j.verdicts[i].cls = PAY_CLASS_SETTLED; /* it is among the others */
    queue_put_payments(out, "credited", &j);
    reading_int(out, "verified", UNIT_COUNT, j.n);
    reading_int(out, "verified_cut", UNIT_BOOL, j.n == ROWS_MAX);
    return true;
}

/* ---- totals ---- */

enum { T_PROVIDER, T_STATUS, T_N, T_VND, T_OLDEST };
static const struct column total_columns[] = {
    [T_PROVIDER] = {"provider", "PROVIDER", UNIT_NONE, 13, 0},
    [T_STATUS] = {"status", "STATUS", UNIT_NONE, 10, 0},
    [T_N] = {"n", "N", UNIT_COUNT, 6, 0},
    [T_VND] = {"vnd", "VND", UNIT_VND, 14, 0},
    [T_OLDEST] = {"oldest", "OLDEST", UNIT_TIME, 6, 1},
};

static bool totals_request(struct probe_run *run, struct exchange *ex) {
    const char *sql = arena_printf(
        run->arena,
        "SELECT \"provider\"::text AS provider, \"status\"::text AS status, count(*) AS n,"
        " sum(\"amountVND\")::text AS vnd,"
        " floor(extract(epoch FROM min(\"createdAt\")))::bigint AS oldest FROM public.\"Payment\""
        " WHERE \"status\" IN ('PENDING', 'PROCESSING') OR \"createdAt\" >="
        " timestamp 'epoch' + %lld * interval '1 second' GROUP BY 1, 2 ORDER BY 1, 2",
        (long long)run->now_wall_ms / 1000 - DAY_S);
    return ask(run, ex, sql, TOTAL_MAX);
}

static bool totals_parse(struct probe_run *run, const struct reply *reply, struct reading *out,
                         struct err *err) {
    const struct pg_rows *rows = &reply->pg;
    int64_t open = 0, open_vnd = 0, credited = 0, credited_vnd = 0;
    struct table *t =
        reading_add_table(out, "totals", "Totals", total_columns, ARRAY_LEN(total_columns));
    for (uint32_t i = 0; i < rows->n_rows; i++) {
        const char *provider = pg_cell(rows, i, "provider"), *status = pg_cell(rows, i, "status");
        int64_t n, vnd, oldest;
        enum pay_status s;
        if (!provider || !status || !pg_cell_i64(rows, i, "n", &n) ||
            !pg_cell_i64(rows, i, "vnd", &vnd) || !pg_cell_i64(rows, i, "oldest", &oldest))
            return err_set(err, E_PROTOCOL, "payments.totals", "Payment",
                           "a sum that is no number of this size");
        struct row *row = table_add_row(
            out, t, arena_printf(run->arena, "%.40s/%.40s", provider, status), HEALTH_OFF);
        row_text(out, row, T_PROVIDER, provider);
        row_text(out, row, T_STATUS, status);
        row_int(row, T_N, n);
        row_int(row, T_VND, vnd);
        row_int(row, T_OLDEST, oldest);
        bool is_open = pay_status_parse(status, &s) && !pay_status_is_final(s);
        bool is_credited = !strcmp(status, "COMPLETED");
        open += is_open ? n : 0;
        credited += is_credited ? n : 0;
        if (__builtin_add_overflow(open_vnd, is_open ? vnd : 0, &open_vnd) ||
            __builtin_add_overflow(credited_vnd, is_credited ? vnd : 0, &credited_vnd))
            return err_set(err, E_PROTOCOL, "payments.totals", "Payment",
                           "the sums do not fit into 64 bits");
    }
    reading_int(out, "open", UNIT_COUNT, open);
    reading_int(out, "open_vnd", UNIT_VND, open_vnd);
    reading_int(out, "credited_24h", UNIT_COUNT, credited);
    reading_int(out, "credited_24h_vnd", UNIT_VND, credited_vnd);
    return true;
}

/* ---- judgement ---- */

/* "27 to act on, 419,418,000 VND, oldest 2d17h"; what was not read is not called well. */
static void judge(struct probe_run *run, struct reading *r, struct verdict *v) {
    queue_join_credited(r, run->now_wall_ms / 1000);
    const struct table *t = reading_table(r, "classes");
    const struct metric *vnd = reading_metric(r, "to_act_vnd"); /* a double would round it */
    double to_act = 0, oldest = 0, open = 0, read = 0;
    char amount[32];
    for (uint32_t i = 0; t && i < t->n_rows; i++)
        if (t->rows[i].health >= HEALTH_UNKNOWN)
            v->health = health_worse(v->health, t->rows[i].health);
    reading_number(r, "to_act", &to_act);
    reading_number(r, "oldest_s", &oldest);
    value_format(vnd ? vnd->value : value_none(), UNIT_VND, 0, amount, sizeof amount);
    v->summary = to_act > 0 ? text_printf(run->arena, "%.0f to act on, %s VND, oldest %s", to_act,
                                          amount, DURATION(int_of(oldest)))
                            : text_cleanz(run->arena, "nothing to act on");
    if (!reading_number(r, "open", &open) || !reading_number(r, "open_read", &read) || open <= read)
        return;
    reading_int(r, "unread", UNIT_COUNT, int_of(open - read));
    v->health = health_worse(v->health, HEALTH_WARNING);
    v->summary =
        text_printf(run->arena, "%s, among the newest %.0f of %.0f open", v->summary.s, read, open);
}

static bool configured(const struct settings *s, const char **ret_why_not) {
    *ret_why_not = "DATABASE_URL is not set";
    return s->has_postgres;
}

static void shell(const struct settings *s, const char *table, struct str *out) {
    str_puts(out, "goodgo payments list");
}

static const enum service depends[] = {SERVICE_postgres, SERVICE_COUNT};
static const struct probe_stage stages[] = {
    {.name = "rows", .essential = true, .request = rows_request, .parse = rows_parse},
    {.name = "totals", .request = totals_request, .parse = totals_parse},
    {.name = "credited",
     .every_ms = VERIFY_MS,
     .request = credited_request,
     .parse = credited_parse},
};

const struct probe pay_queue = {
    .service = SERVICE_COUNT,
    .title = "Payments",
    .purpose = "money that is stuck, and why",
    .interval_ms = 30000,
    .timeout_ms = 5000,
    .retries = 3,
    .depends = depends,
    .stages = stages,
    .n_stages = ARRAY_LEN(stages),
    .key_metric = "to_act",
    .configured = configured,
    .judge = judge,
    .shell = shell,
};
