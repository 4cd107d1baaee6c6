/* pay/queue_lib.c - what is open or contradicts its messages, as a reading for the screen. Two
 * statements: the newest rows, at most ROWS_MAX of them, for a backlog of years must not hide what
 * broke a minute ago; and how many there are in all.
 *
 * Metrics: open, open_vnd (of all that are open), open_read (of those in the tables), unread (open
 * ones that are older than those), credited_24h, credited_24h_vnd, to_act, to_act_vnd, oldest_s (of
 * those that want an act). Tables: classes (key: the class), payments (key: the payment's id),
 * totals (key: provider/status). */
#include "codec/payqueue.h"

#include <stdio.h>
#include <string.h>

#include "codec/payrow.h"

#define ROWS_MAX  300 /* each costs a digest or two on the loop that answers keys */
#define TOTAL_MAX 64  /* providers x statuses */
#define DAY_S     86400

static bool ask(struct probe_run *run, struct exchange *ex, const char *sql, uint32_t max_rows) {
    return exchange_query(ex, &run->settings->postgres, sql, max_rows);
}

/* ---- rows ---- */

enum {
    P_CLASS,
    P_AGE,
    P_PROVIDER,
    P_AMOUNT,
    P_STATUS,
    P_SAYS,
    P_SIG,
    P_HEALS,
    P_TYPE,
    P_TX,
    P_USER,
    P_WHY,
    P_TODO,
    P_MADE,
    P_REPLAY,
    P_COMMAND
};
static const struct column payment_columns[] = {
    [P_CLASS] = {"class", "CLASS", UNIT_NONE, 17, 0},
    [P_AGE] = {"age", "AGE", UNIT_TIME, 6, 0},
    [P_PROVIDER] = {"provider", "PROVIDER", UNIT_NONE, 8, 3},
    [P_AMOUNT] = {"amount_vnd", "VND", UNIT_VND, 11, 0},
    [P_STATUS] = {"status", "OURS", UNIT_NONE, 10, 5},
    [P_SAYS] = {"says", "PROVIDER SAYS", UNIT_NONE, 13, 4},
    [P_SIG] = {"signature", "SIG", UNIT_NONE, 3, 2},
    [P_HEALS] = {"heals", "HEALS BY ITSELF?", UNIT_NONE, 0, 1},
    [P_TYPE] = {"type", "FOR", UNIT_NONE, 0, 7},
    [P_TX] = {"provider_tx", "TRANSACTION", UNIT_NONE, 0, 6},
    [P_USER] = {"user", "USER", UNIT_NONE, 0, 9},
    [P_WHY] = {"why", "WHY", UNIT_NONE, 0, 9},
    [P_TODO] = {"todo", "WHAT TO DO", UNIT_NONE, 0, 9},
    [P_MADE] = {"created", "MADE (VIETNAM)", UNIT_NONE, 0, 9},
    [P_REPLAY] = {"replay", "A REPLAY", UNIT_NONE, 0, 9},
    [P_COMMAND] = {"command", "COMMAND", UNIT_NONE, 0, 9},
};

enum { C_CLASS, C_N, C_VND, C_OLDEST, C_HEALS, C_TODO, C_WHAT, C_CATEGORY, C_COMMAND };
static const struct column class_columns[] = {
    [C_CLASS] = {"class", "CLASS", UNIT_NONE, 17, 0},
    [C_N] = {"n", "N", UNIT_COUNT, 5, 0},
    [C_VND] = {"vnd", "VND", UNIT_VND, 11, 0},
    [C_OLDEST] = {"oldest", "OLDEST", UNIT_TIME, 6, 1},
    [C_HEALS] = {"heals", "HEALS BY ITSELF?", UNIT_NONE, 0, 2},
    [C_TODO] = {"todo", "WHAT TO DO", UNIT_NONE, 0, 3},
    [C_WHAT] = {"what", "WHAT IT IS", UNIT_NONE, 0, 9},
    [C_CATEGORY] = {"category", "CATEGORY", UNIT_NONE, 0, 9},
    [C_COMMAND] = {"command", "COMMAND", UNIT_NONE, 0, 9},
};

struct class_sum {
    uint32_t n, heals[PAY_HEALS_EXPECTED + 1];
    int64_t vnd, oldest_wall_s;
};

static enum health health_of(enum pay_class c) {
    static const enum health by_rank[] = {HEALTH_OK, HEALTH_OFF, HEALTH_WARNING, HEALTH_CRITICAL};
    return by_rank[pay_class_info[c].rank];
}

static const char *says(const struct pay_verdict *v, struct arena *a) {
    const struct pay_result *r = v->callback;
    if (!r)
        return v->cls == PAY_CLASS_NOT_VERIFIED ? "not judged" : "nothing";
    if (!r->valid)
        return "not authentic";
    const char *word = r->display_only                ? "browser only"
                       : r->is_success                ? "paid"
                       : r->status == PAY_FAILED      ? "failed"
                       : r->status == PAY_STATUS_NONE ? "nothing final"
                                                      : "not final";
    char hour[40] = "";
    if (r->has_pay_time)
        pay_time_text(r->pay_time_wall_s, hour, sizeof hour);
    return *hour ? arena_printf(a, "%s %.5s", word, hour + 11) : word;
}

static const char *signature(const struct pay_verdict *v) {
    if (!v->callback)
        return v->cls == PAY_CLASS_NOT_VERIFIED ? "??" : "-";
    return v->callback->valid ? "ok" : "BAD";
}

static const char *replay(const struct pay_verdict *v, struct arena *a) {
    if (v->predicted == PAY_STATUS_NONE)
        return "changes nothing";
    return arena_printf(a, "%s makes it %s",
                        v->heals == PAY_HEALS_EXPECTED ? "is not due yet:" : "is due:",
                        pay_status_name(v->predicted));
}

static void put_payment(struct reading *out, struct table *t, const struct pay_row *p,
                        const struct pay_verdict *v) {
    const struct pay_result *r = v->callback && v->callback->valid ? v->callback : NULL;
    char heals[48], made[40];
    struct row *row = table_add_row(out, t, p->id, health_of(v->cls));
    pay_heals_text(p, v, heals, sizeof heals);
    pay_time_text(p->created_wall_ms / 1000, made, sizeof made);
    row_text(out, row, P_CLASS, pay_class_info[v->cls].title);
    row_int(row, P_AGE, p->created_wall_ms / 1000);
    row_text(out, row, P_PROVIDER,
             strcmp(p->provider, "BANK_TRANSFER") ? p->gateway ? p->gateway->title : p->provider
                                                  : "bank");
    row_int(row, P_AMOUNT, p->amount_vnd);
    row_text(out, row, P_STATUS, p->status_text);
    row_text(out, row, P_SAYS, says(v, out->arena));
    row_text(out, row, P_SIG, signature(v));
    row_text(out, row, P_HEALS, heals);
    row_text(out, row, P_TYPE, p->type);
    row_text(out, row, P_TX, r && r->provider_tx_id ? r->provider_tx_id : p->provider_tx_id);
    row_text(out, row, P_USER, p->user_id);
    row_text(out, row, P_WHY, v->why);
    row_text(out, row, P_TODO, pay_class_info[v->cls].todo);
    row_text(out, row, P_MADE, made);
    row_text(out, row, P_REPLAY, replay(v, out->arena));
    row_text(out, row, P_COMMAND, arena_printf(out->arena, "goodgo payments show %s", p->id));
}

static void sum_up(struct class_sum *sum, const struct pay_row *p, const struct pay_verdict *v) {
    int64_t made = p->created_wall_ms / 1000;
    sum->n++;
    sum->vnd += p->amount_vnd;
    sum->heals[v->heals]++;
    if (!sum->oldest_wall_s || made < sum->oldest_wall_s)
        sum->oldest_wall_s = made;
}

static const char *healing(const struct class_sum *sum, struct arena *a) {
    uint32_t yes = sum->heals[PAY_HEALS_EXPECTED], maybe = sum->heals[PAY_HEALS_MAYBE];
    if (!yes && !maybe)
        return "never";
    if (yes == sum->n)
        return "all expected";
    return arena_printf(a, "%u expected, %u maybe", yes, maybe);
}

static void put_classes(struct reading *out, const struct class_sum sums[PAY_CLASS_COUNT]) {
    struct table *t =
        reading_add_table(out, "classes", "Classes", class_columns, ARRAY_LEN(class_columns));
    for (unsigned c = 0; c < PAY_CLASS_COUNT; c++) {
        if (!sums[c].n || c == PAY_CLASS_SETTLED)
            continue;
        struct row *row = table_add_row(out, t, pay_class_info[c].id, health_of((enum pay_class)c));
        row_text(out, row, C_CLASS, pay_class_info[c].title);
        row_int(row, C_N, sums[c].n);
        row_int(row, C_VND, sums[c].vnd);
        row_int(row, C_OLDEST, sums[c].oldest_wall_s);
        row_text(out, row, C_HEALS, healing(&sums[c], out->arena));
        row_text(out, row, C_TODO, pay_class_info[c].todo);
        row_text(out, row, C_WHAT, pay_class_info[c].what);
        row_text(out, row, C_CATEGORY, pay_class_info[c].category);
        row_text(out, row, C_COMMAND,
                 arena_printf(out->arena, "goodgo payments list --class %s", pay_class_info[c].id));
    }
}

static void put_act(struct reading *out, const struct class_sum sums[PAY_CLASS_COUNT],
                    int64_t now_wall_s) {
    struct class_sum act = {.n = 0};
    for (unsigned c = 0; c < PAY_CLASS_COUNT; c++) {
        if (pay_class_info[c].rank < 3 || !sums[c].n)
            continue;
        act.n += sums[c].n;
        act.vnd += sums[c].vnd;
        if (!act.oldest_wall_s || sums[c].oldest_wall_s < act.oldest_wall_s)
            act.oldest_wall_s = sums[c].oldest_wall_s;
    }
    reading_int(out, "to_act", UNIT_COUNT, act.n);
    reading_int(out, "to_act_vnd", UNIT_VND, act.vnd);
    if (act.n)
        reading_int(out, "oldest_s", UNIT_SECONDS, now_wall_s - act.oldest_wall_s);
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

/* Worst class first, and within one the oldest first. */
static bool rows_parse(struct probe_run *run, const struct reply *reply, struct reading *out,
                       struct err *err) {
    const struct pg_rows *rows = &reply->pg;
    struct class_sum sums[PAY_CLASS_COUNT] = {0};
    struct pay_row *all = arena_alloc(run->arena, (rows->n_rows + 1) * sizeof *all);
    struct pay_verdict *verdicts = arena_alloc(run->arena, (rows->n_rows + 1) * sizeof *verdicts);
    int64_t now_wall_s = run->now_wall_ms / 1000, open = 0;
    for (uint32_t i = 0; i < rows->n_rows; i++) {
        if (!pay_row_read(rows, i, &all[i], err))
            return false;
        open += !pay_status_is_final(all[i].status);
        pay_classify(&all[i], run->settings, now_wall_s, false, run->arena, &verdicts[i]);
        sum_up(&sums[verdicts[i].cls], &all[i], &verdicts[i]);
    }
    put_classes(out, sums);
    struct table *t =
        reading_add_table(out, "payments", "Payments", payment_columns, ARRAY_LEN(payment_columns));
    for (unsigned c = 0; c < PAY_CLASS_SETTLED; c++)
        for (uint32_t i = rows->n_rows; i-- > 0;)
            if (verdicts[i].cls == (enum pay_class)c)
                put_payment(out, t, &all[i], &verdicts[i]);
    put_act(out, sums, now_wall_s);
    reading_int(out, "open_read", UNIT_COUNT, open);
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
    const struct table *t = reading_table(r, "classes");
    double to_act = 0, vnd = 0, oldest = 0, open = 0, read = 0;
    char amount[32], age[32];
    for (uint32_t i = 0; t && i < t->n_rows; i++)
        if (t->rows[i].health >= HEALTH_UNKNOWN)
            v->health = health_worse(v->health, t->rows[i].health);
    reading_number(r, "to_act", &to_act);
    reading_number(r, "to_act_vnd", &vnd);
    reading_number(r, "oldest_s", &oldest);
    value_format(value_int((int64_t)vnd), UNIT_VND, 0, amount, sizeof amount);
    value_format(value_int((int64_t)oldest), UNIT_SECONDS, 0, age, sizeof age);
    v->summary = to_act > 0 ? text_printf(run->arena, "%.0f to act on, %s VND, oldest %s", to_act,
                                          amount, age)
                            : text_cleanz(run->arena, "nothing to act on");
    if (!reading_number(r, "open", &open) || !reading_number(r, "open_read", &read) || open <= read)
        return;
    reading_int(r, "unread", UNIT_COUNT, (int64_t)(open - read));
    v->health = health_worse(v->health, HEALTH_WARNING);
    v->summary =
        text_printf(run->arena, "%s, among the newest %.0f of %.0f open", v->summary.s, read, open);
}

static bool configured(const struct settings *s, const char **ret_why_not) {
    *ret_why_not = "DATABASE_URL is not set";
    return s->has_postgres;
}

static void shell(const struct settings *s, const char *table, char *buf, size_t size) {
    (void)s;
    (void)table;
    snprintf(buf, size, "goodgo payments list");
}

static const enum service depends[] = {SERVICE_postgres, SERVICE_COUNT};
static const struct probe_stage stages[] = {
    {.name = "rows", .essential = true, .request = rows_request, .parse = rows_parse},
    {.name = "totals", .request = totals_request, .parse = totals_parse},
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
