/* app/pay_list.c - `goodgo payments list`: what is open or contradicts itself, worst first; or what
 * a filter names. Read-only. */
#include "pay_list_priv.h"

#include <stdlib.h>
#include <string.h>

#include "act/payments.h"
#include "app/query.h"
#include "base/clock.h"
#include "io/pgsession.h"
#include "pay_words_priv.h"
#include "payments_priv.h"

#define LIMIT_DEFAULT 200
#define SCAN_MAX      20000 /* of open ones, and again of credited ones: some 30 MB */

/* --- what is asked for --- */

/* "pending,FAILED" */
static bool read_statuses(struct arena *a, const char *list, unsigned *ret, struct err *err) {
    while (*list) {
        size_t n = strcspn(list, ",");
        char *word = arena_strndup(a, list, n);
        enum pay_status s;
        for (char *c = word; *c; c++)
            if (*c >= 'a' && *c <= 'z')
                *c = (char)(*c - 'a' + 'A');
        if (!pay_status_parse(word, &s))
            return err_set(err, E_CONFIG, "payments", word,
                           "is no status: PENDING, PROCESSING, COMPLETED, FAILED, REFUNDED");
        *ret |= BIT(s);
        list += n + (list[n] == ',');
    }
    return true;
}

static bool is_no_class(const char *word, struct err *err) {
    struct str ids;
    str_init(&ids, 512);
    for (unsigned c = 0; c < PAY_CLASS_COUNT; c++)
        str_printf(&ids, "%s%s", c ? ", " : "", pay_class_info[c].id);
    err_set(err, E_CONFIG, "payments", word, "is no class: %s", str_get(&ids));
    str_done(&ids);
    return false;
}

/* "stuck,PAID-NOT-CREDITED": also as the list itself writes them. */
static bool read_classes(struct arena *a, const char *list, unsigned *ret, struct err *err) {
    while (*list) {
        size_t n = strcspn(list, ",");
        char *word = arena_strndup(a, list, n);
        enum pay_class c;
        for (char *at = word; *at; at++)
            *at = *at == '-' ? '_' : *at >= 'A' && *at <= 'Z' ? (char)(*at - 'A' + 'a') : *at;
        if (!pay_class_parse(word, &c))
            return is_no_class(word, err);
        *ret |= BIT(c);
        list += n + (list[n] == ',');
    }
    return true;
}

/* --since: how far back settled ones are looked at. */
static bool read_since(const struct options *o, struct pay_list *l, struct pay_filter *f,
                       struct err *err) {
    int64_t before;
    if (!o->since)
        f->from_wall_s = l->now_wall_s - DAY_S;
    else if (!f->suspects)
        return payments_usage(err, "--since", "goes with neither --day nor --status");
    else if (!pay_day_parse(o->since, &f->from_wall_s, &before))
        return payments_usage(err, o->since, "is no day like 2026-10-09");
    return true;
}

static bool read_filter(struct app_context *app, struct pay_list *l, struct pay_filter *f,
                        struct err *err) {
    const struct options *o = &app->options;
    int64_t age_s;
    int64_t limit = LIMIT_DEFAULT;
    if (o->provider && !pay_provider_word(o->provider, &f->provider, err))
        return false;
    if (o->status && !read_statuses(&app->arena, o->status, &f->statuses, err))
        return false;
    if (o->pay_class && !read_classes(&app->arena, o->pay_class, &l->classes, err))
        return false;
    if (o->day && !pay_day_parse(o->day, &f->from_wall_s, &f->before_wall_s))
        return payments_usage(err, o->day, "is no day like 2026-10-09");
    if (o->limit && !str_to_i64(o->limit, 1, SCAN_MAX, &limit))
        return payments_usage(err, "--limit", "is a number from 1 to 20000");
    if (o->older_than && !query_range_parse(o->older_than, &age_s))
        return payments_usage(err, "--older-than", "is a time like 90s, 15m, 1h or 7d");
    if (o->older_than && (!f->before_wall_s || l->now_wall_s - age_s < f->before_wall_s))
        f->before_wall_s = l->now_wall_s - age_s;
    l->narrowed = o->provider || o->status || o->pay_class || o->day || o->older_than;
    l->limit = (uint32_t)limit;
    f->suspects = !o->status && !o->day;
    if ((f->suspects || o->since) && !read_since(o, l, f, err))
        return false;
    if (f->suspects && !l->classes)
        l->classes = ~BIT(PAY_CLASS_SETTLED);
    return true;
}

/* --- what is found --- */

static const char *copied(struct arena *a, const char *s) {
    return s ? arena_strdup(a, s) : NULL;
}

/* What the list shows of a callback, without its bytes. */
static struct pay_result *copy_result(struct arena *a, const struct pay_result *r) {
    struct pay_result *copy = arena_alloc(a, sizeof *copy);
    *copy = *r;
    copy->reason = copied(a, r->reason);
    copy->order_id = copied(a, r->order_id);
    copy->provider_tx_id = copied(a, r->provider_tx_id);
    copy->note = NULL;
    copy->raw = NULL;
    copy->trace = (struct pay_trace){0};
    return copy;
}

static void keep(struct pay_list *l, const struct pay_row *row, const struct pay_verdict *v) {
    struct arena *a = l->arena;
    struct pay_item *item = arena_alloc(a, sizeof *item);
    if (l->n == l->cap) {
        uint32_t cap = l->cap ? 2 * l->cap : 256;
        struct pay_item **more = arena_alloc(a, cap * sizeof(struct pay_item *));
        if (l->n)
            memcpy(more, l->items, l->n * sizeof(struct pay_item *));
        l->items = more;
        l->cap = cap;
    }
    item->row = *row;
    item->row.callback = NULL;
    const char **texts[] = {&item->row.id,       &item->row.user_id,
                            &item->row.provider, &item->row.transaction_id,
                            &item->row.type,     &item->row.status_text,
                            &item->row.created,  &item->row.provider_tx_id,
                            &item->row.updated,  &item->row.idempotency_key};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        *texts[i] = copied(a, *texts[i]);
    item->verdict = *v;
    item->verdict.message = NULL;
    item->verdict.why = copied(a, v->why);
    item->verdict.callback = v->callback ? copy_result(a, v->callback) : NULL;
    l->items[l->n++] = item;
}

static void judge(struct pay_list *l, const struct pay_row *row) {
    struct pay_verdict v;
    struct arena scratch;
    l->n_scanned++;
    arena_init(&scratch);
    pay_classify(row, l->settings, l->now_wall_s, false, &scratch, &v);
    if (!l->classes || l->classes & BIT(v.cls))
        keep(l, row, &v);
    arena_done(&scratch);
}

static bool on_row(void *ctx, const struct pay_row *row) {
    struct pay_list *l = ctx;
    l->cut = l->n_scanned == SCAN_MAX;
    if (!l->cut)
        judge(l, row);
    return !l->cut;
}

static bool on_credited(void *ctx, const struct pay_row *row) {
    struct pay_list *l = ctx;
    l->credited_cut = l->n_credited == SCAN_MAX;
    if (l->credited_cut)
        return false;
    l->n_credited++;
    if (pay_credited_is_new(row))
        judge(l, row);
    return true;
}

/* Behind the open ones, so that a busy day does not crowd those out. */
static bool each_credited(struct pgsession *s, struct pay_list *l, const struct pay_filter *f,
                          struct err *err) {
    const unsigned may_be = BIT(PAY_CLASS_AMOUNT_DIFFERS) | BIT(PAY_CLASS_DUPLICATE) |
                            BIT(PAY_CLASS_STATUS_DIFFERS) | BIT(PAY_CLASS_SETTLED);
    struct pay_filter credited;
    if (!(l->classes & may_be))
        return true;
    pay_credited_filter(f, &credited);
    return payments_each(s, &credited, on_credited, l, err);
}

/* By class, and in each the oldest first. */
static int worst_first(const void *a, const void *b) {
    const struct pay_item *x = *(struct pay_item *const *)a, *y = *(struct pay_item *const *)b;
    if (x->verdict.cls != y->verdict.cls)
        return x->verdict.cls < y->verdict.cls ? -1 : 1;
    if (x->row.created_wall_ms != y->row.created_wall_ms)
        return x->row.created_wall_ms < y->row.created_wall_ms ? -1 : 1;
    return strcmp(x->row.id, y->row.id);
}

static bool collect(struct app_context *app, struct pay_list *l, const struct pay_filter *f,
                    struct err *err) {
    struct pgsession *session;
    if (!payments_open(app->settings, -1, &session, err))
        return false;
    bool ok = payments_each(session, f, on_row, l, err) &&
              (!f->suspects || each_credited(session, l, f, err));
    pgsession_close(session);
    if (l->n)
        qsort(l->items, l->n, sizeof *l->items, worst_first);
    return ok;
}

int pay_list_cmd(struct app_context *app) {
    struct pay_list l = {
        .arena = &app->arena, .settings = app->settings, .now_wall_s = clock_wall_ms() / 1000};
    struct pay_filter f = {0};
    struct str out;
    struct err err;
    if (!read_filter(app, &l, &f, &err))
        return app_fail(&err, EXIT_USAGE);
    if (!collect(app, &l, &f, &err) || (app->options.csv && !pay_list_csv(app, &l, &err)))
        return app_fail(&err, EXIT_FAILED);
    str_init(&out, (size_t)64 << 20);
    if (app->json)
        pay_list_json(&l, &out);
    else
        pay_list_text(&l, &out);
    if (!app->json && app->options.csv)
        str_printf(&out, "%s: %s, SHA-256 %s\n", app->options.csv, COUNTED(l.n, "row"),
                   l.csv_sha256);
    int code = app_print(&out) ? EXIT_DONE : EXIT_FAILED;
    str_done(&out);
    return code;
}
