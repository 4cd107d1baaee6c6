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
#include "base/shell.h"
#include "codec/payrow.h"

#define ROWS_MAX  300    /* each costs a digest or two on the loop that answers keys */
#define VERIFY_MS 300000 /* of those credited: up to 60 ms of digests, so not each time */
#define TOTAL_MAX 64     /* providers x statuses */

static bool ask(struct probe_run *run, struct exchange *ex, const char *sql, uint32_t max_rows) {
    return exchange_query(ex, &run->settings->postgres, sql, max_rows);
}

/* ---- rows ---- */

enum {
    P_CLASS,
    P_ID,
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
    [P_ID] = {"id", "PAYMENT", UNIT_NONE, 0, 5},
    [P_AGE] = {"age", "AGE", UNIT_TIME, 6, 0},
    [P_PROVIDER] = {"provider", "PROVIDER", UNIT_NONE, 8, 3},
    [P_AMOUNT] = {"amount_vnd", "VND", UNIT_VND, 11, 0},
    [P_STATUS] = {"status", "OURS", UNIT_NONE, 10, 6},
    [P_SAYS] = {"says", "PROVIDER SAYS", UNIT_NONE, 13, 4},
    [P_SIG] = {"signature", "SIG", UNIT_NONE, 3, 2},
    [P_HEALS] = {"heals", "HEALS BY ITSELF?", UNIT_NONE, 0, 1},
    [P_TYPE] = {"type", "FOR", UNIT_NONE, 0, 8},
    [P_TX] = {"provider_tx", "TRANSACTION", UNIT_NONE, 0, 7},
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
    uint32_t heals[PAY_HEALS_EXPECTED + 1];
    int64_t n, vnd, oldest_wall_s;
    const char *healing; /* in words */
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
    row_text(out, row, P_ID, p->id);
    row_int(row, P_AGE, p->created_wall_ms / 1000);
    row_text(out, row, P_PROVIDER,
             strcmp(p->provider, PAY_TRANSFER) ? p->gateway ? p->gateway->title : p->provider
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
    row_text(out, row, P_COMMAND,
             arena_printf(out->arena, "goodgo payments show %s", shell_word(out->arena, p->id)));
}

static void sum_up(struct class_sum *sum, const struct pay_row *p, const struct pay_verdict *v) {
    int64_t made = p->created_wall_ms / 1000;
    sum->n++;
    sum->vnd = int_add(sum->vnd, p->amount_vnd);
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
        row_text(out, row, C_HEALS, sums[c].healing);
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
        act.vnd = int_add(act.vnd, sums[c].vnd);
        if (!act.oldest_wall_s || sums[c].oldest_wall_s < act.oldest_wall_s)
            act.oldest_wall_s = sums[c].oldest_wall_s;
    }
    reading_int(out, "to_act", UNIT_COUNT, act.n);
    reading_int(out, "to_act_vnd", UNIT_VND, act.vnd);
    if (act.n)
        reading_int(out, "oldest_s", UNIT_SECONDS, now_wall_s - act.oldest_wall_s);
}

/* --- of an answer --- */

struct judged {
    struct pay_row *rows;
    struct pay_verdict *verdicts;
    uint32_t n;
};

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

/* Worst class first, and within one the oldest first. */
static void put_payments(struct reading *out, const char *name, const struct judged *j) {
    struct table *t =
        reading_add_table(out, name, "Payments", payment_columns, ARRAY_LEN(payment_columns));
    for (unsigned c = 0; c < PAY_CLASS_SETTLED; c++)
        for (uint32_t i = j->n; i-- > 0;)
            if (j->verdicts[i].cls == (enum pay_class)c)
                put_payment(out, t, &j->rows[i], &j->verdicts[i]);
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
    struct class_sum sums[PAY_CLASS_COUNT] = {0};
    struct judged j;
    int64_t open = 0;
    if (!judge_rows(run, &reply->pg, &j, err))
        return false;
    for (uint32_t i = 0; i < j.n; i++) {
        open += !pay_status_is_final(j.rows[i].status);
        sum_up(&sums[j.verdicts[i].cls], &j.rows[i], &j.verdicts[i]);
    }
    for (unsigned c = 0; c < PAY_CLASS_COUNT; c++)
        sums[c].healing = healing(&sums[c], run->arena);
    put_classes(out, sums);
    put_payments(out, "payments", &j);
    put_act(out, sums, run->now_wall_ms / 1000);
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
    put_payments(out, "credited", &j);
    reading_int(out, "verified", UNIT_COUNT, j.n);
    reading_int(out, "verified_cut", UNIT_BOOL, j.n == ROWS_MAX);
    return true;
}

static unsigned class_of(const struct row *row) {
    unsigned c = 0;
    while (c < PAY_CLASS_SETTLED && strcmp(pay_class_info[c].title, row->cells[P_CLASS].t.s) != 0)
        c++;
    return c;
}

static bool has_key(const struct table *t, const char *key) {
    for (uint32_t i = 0; i < t->n_rows; i++)
        if (!strcmp(t->rows[i].key.s, key))
            return true;
    return false;
}

/* The sums as they were put, and these rows: none of their classes heals by itself. */
static void sums_of(const struct table *classes, const struct table *more, const struct table *all,
                    struct class_sum sums[PAY_CLASS_COUNT]) {
    enum pay_class c;
    for (uint32_t i = 0; i < classes->n_rows; i++) {
        const struct row *row = &classes->rows[i];
        if (pay_class_parse(row->key.s, &c))
            sums[c] = (struct class_sum){.n = row->cells[C_N].i,
                                         .vnd = row->cells[C_VND].i,
                                         .oldest_wall_s = row->cells[C_OLDEST].i,
                                         .healing = row->cells[C_HEALS].t.s};
    }
    for (uint32_t i = 0; i < more->n_rows; i++) {
        const struct row *row = &more->rows[i];
        struct class_sum *sum = &sums[class_of(row)];
        if (has_key(all, row->key.s))
            continue;
        sum->healing = sum->n ? sum->healing : "never";
        sum->n++;
        sum->vnd = int_add(sum->vnd, row->cells[P_AMOUNT].i);
        if (!sum->oldest_wall_s || row->cells[P_AGE].i < sum->oldest_wall_s)
            sum->oldest_wall_s = row->cells[P_AGE].i;
    }
}

static void copy_class(struct reading *out, struct table *to, const struct table *from, unsigned c,
                       const struct table *but) {
    for (uint32_t i = 0; i < from->n_rows; i++) {
        const struct row *row = &from->rows[i];
        if (class_of(row) == c && !(but && has_key(but, row->key.s)))
            memcpy(table_add_row(out, to, row->key.s, row->health)->cells, row->cells,
                   from->n_columns * sizeof *row->cells);
    }
}

/* They join the classes and the payments; one that was not credited yet a moment ago, or is
 * refunded by now, is there already. */
static void join_credited(const struct probe_run *run, struct reading *r) {
    const struct table *classes = reading_table(r, "classes"), *open = reading_table(r, "payments");
    const struct table *credited = reading_table(r, "credited");
    struct class_sum sums[PAY_CLASS_COUNT] = {0};
    if (!classes || !open || !credited || !credited->n_rows)
        return;
    sums_of(classes, credited, open, sums);
    put_classes(r, sums);
    put_act(r, sums, run->now_wall_ms / 1000);
    struct table *t =
        reading_add_table(r, "payments", "Payments", payment_columns, ARRAY_LEN(payment_columns));
    for (unsigned c = 0; c < PAY_CLASS_SETTLED; c++) {
        copy_class(r, t, open, c, NULL);
        copy_class(r, t, credited, c, open);
    }
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
    join_credited(run, r);
    const struct table *t = reading_table(r, "classes");
    const struct metric *vnd = reading_metric(r, "to_act_vnd"); /* a double would round it */
    double to_act = 0, oldest = 0, open = 0, read = 0;
    char amount[32], age[32];
    for (uint32_t i = 0; t && i < t->n_rows; i++)
        if (t->rows[i].health >= HEALTH_UNKNOWN)
            v->health = health_worse(v->health, t->rows[i].health);
    reading_number(r, "to_act", &to_act);
    reading_number(r, "oldest_s", &oldest);
    value_format(vnd ? vnd->value : value_none(), UNIT_VND, 0, amount, sizeof amount);
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

static void shell(const struct settings *s, const char *table, struct str *out) {
    (void)s;
    (void)table;
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
