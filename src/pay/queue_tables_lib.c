/* pay/queue_tables_lib.c - payments and their classes as tables of a reading. */
#include "queue_priv.h"

#include <string.h>

#include "base/shell.h"
#include "base/str.h"

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
    if (!yes || !maybe)
        return arena_printf(a, yes ? "%u expected" : "%u maybe", yes + maybe);
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

void queue_put_payments(struct reading *out, const char *name, const struct judged *j) {
    struct table *t =
        reading_add_table(out, name, "Payments", payment_columns, ARRAY_LEN(payment_columns));
    for (unsigned c = 0; c < PAY_CLASS_SETTLED; c++)
        for (uint32_t i = j->n; i-- > 0;)
            if (j->verdicts[i].cls == (enum pay_class)c)
                put_payment(out, t, &j->rows[i], &j->verdicts[i]);
}

void queue_put_open(struct reading *out, const struct judged *j, int64_t now_wall_s) {
    struct class_sum sums[PAY_CLASS_COUNT] = {0};
    for (uint32_t i = 0; i < j->n; i++)
        sum_up(&sums[j->verdicts[i].cls], &j->rows[i], &j->verdicts[i]);
    for (unsigned c = 0; c < PAY_CLASS_COUNT; c++)
        sums[c].healing = healing(&sums[c], out->arena);
    put_classes(out, sums);
    queue_put_payments(out, "payments", j);
    put_act(out, sums, now_wall_s);
}

/* ---- what is credited joins them ---- */

static unsigned class_of(const struct row *row) {
    unsigned c = 0;
    while (c < PAY_CLASS_SETTLED && strcmp(pay_class_info[c].title, row->cells[P_CLASS].t.s) != 0)
        c++;
    return c;
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
        if (table_row(all, row->key.s))
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
        if (class_of(row) == c && !table_row(but, row->key.s))
            memcpy(table_add_row(out, to, row->key.s, row->health)->cells, row->cells,
                   from->n_columns * sizeof *row->cells);
    }
}

void queue_join_credited(struct reading *r, int64_t now_wall_s) {
    const struct table *classes = reading_table(r, "classes"), *open = reading_table(r, "payments");
    const struct table *credited = reading_table(r, "credited");
    struct class_sum sums[PAY_CLASS_COUNT] = {0};
    if (!classes || !open || !credited || !credited->n_rows)
        return;
    sums_of(classes, credited, open, sums);
    put_classes(r, sums);
    put_act(r, sums, now_wall_s);
    struct table *t =
        reading_add_table(r, "payments", "Payments", payment_columns, ARRAY_LEN(payment_columns));
    for (unsigned c = 0; c < PAY_CLASS_SETTLED; c++) {
        copy_class(r, t, open, c, NULL);
        copy_class(r, t, credited, c, open);
    }
}
