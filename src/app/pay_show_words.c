/* app/pay_show_words.c - one payment as the document goodgo.payments.show/1, and as lines. */
#include "pay_show_priv.h"

#include <string.h>

#include "base/shell.h"
#include "base/text.h"
#include "pay_words_priv.h"

#define LABEL_COLS 13
#define VALUE_MAX  600

/* --- what may be done --- */

struct next_act {
    const char *act, *why_not; /* NULL = it may be done */
    const char *command;
};

#define NEXT_ACTS 4

static uint32_t next_acts(const struct pay_story *st, struct arena *a,
                          struct next_act ret[NEXT_ACTS]) {
    const struct pay_provider *p = st->row.gateway;
    const char *none = "no message is stored with it", *id = shell_word(a, st->row.id);
    const bool due = st->replay.verdict == PAY_REPLAY_YES;
    ret[0] = (struct next_act){"verify", st->verdict.message ? NULL : none,
                               arena_printf(a, "goodgo payments verify %s", id)};
    ret[1] = (struct next_act){
        "ask", p && p->gateway ? NULL : "it has no gateway that can be asked",
        arena_printf(a, "goodgo payments ask %s --provider %s", id, p ? p->id : "ID")};
    ret[2] = (struct next_act){"replay", due ? NULL : st->replay.why,
                               arena_printf(a, "goodgo payments replay %s", id)};
    if (strcmp(st->row.provider, PAY_TRANSFER) != 0)
        return NEXT_ACTS - 1;
    bool done = pay_status_is_final(st->row.status);
    ret[3] = (struct next_act){
        "settle-transfer",
        done ? arena_printf(a, "already done: it is %s", st->row.status_text) : NULL,
        arena_printf(a,
                     "goodgo payments settle-transfer %s --ref REF --amount %lld --evidence FILE",
                     id, (long long)st->row.amount_vnd)};
    return NEXT_ACTS;
}

/* --- JSON --- */

/* The members of another document's object, as they would stand alone. */
static void put_verification(struct jsonw *w, const struct pay_result *r) {
    jsonw_key(w, "verification");
    if (r)
        pay_result_json(r, w);
    else
        jsonw_null(w);
}

/* Null where nothing is kept: ask it. */
static void put_gateway(struct jsonw *w, const struct pay_story *st) {
    const struct pay_answer *r = &st->told;
    jsonw_key(w, "gateway");
    if (!st->is_told) {
        jsonw_null(w);
        return;
    }
    jsonw_open(w, '{');
    jsonw_put_string(w, "said", pay_said_name(r->said));
    jsonw_put_string(w, "reason", r->reason);
    jsonw_put_string(w, "status", pay_status_name(r->status));
    jsonw_put_string(w, "providerTxId", r->provider_tx_id);
    jsonw_put_int_if(w, "amountVnd", r->has_amount, r->amount_vnd);
    jsonw_put_int(w, "refundedVnd", r->refunded_vnd);
    jsonw_put_bool(w, "isSigned", r->is_signed);
    jsonw_close(w, '}');
}

static void put_events(struct jsonw *w, const struct pay_story *st) {
    jsonw_key(w, "history");
    jsonw_open(w, '[');
    for (uint32_t i = 0; i < st->n_events; i++) {
        jsonw_open(w, '{');
        jsonw_put_time(w, "time", st->events[i].wall_ms);
        jsonw_put_string(w, "source", st->events[i].source);
        jsonw_put_string(w, "what", st->events[i].what);
        jsonw_put_string(w, "who", st->events[i].who);
        jsonw_put_string(w, "why", st->events[i].why);
        jsonw_close(w, '}');
    }
    jsonw_close(w, ']');
    jsonw_put_string(w, "historyMissing", st->history_missing);
}

static void put_lines(struct jsonw *w, const struct pay_story *st) {
    jsonw_key(w, "logs");
    jsonw_open(w, '[');
    for (uint32_t i = 0; i < st->logs.n; i++) {
        jsonw_open(w, '{');
        jsonw_put_time(w, "time", st->logs.list[i].at_ns / 1000000);
        jsonw_put_string(w, "service", st->logs.list[i].service);
        jsonw_put_string(w, "level", st->logs.list[i].level);
        jsonw_put_string(w, "line", st->logs.list[i].message);
        jsonw_close(w, '}');
    }
    jsonw_close(w, ']');
    jsonw_put_string(w, "logsMissing", st->logs_missing);
}

static void put_acts(struct jsonw *w, const struct pay_story *st) {
    struct arena a;
    struct next_act next[NEXT_ACTS];
    arena_init(&a);
    uint32_t n = next_acts(st, &a, next);
    jsonw_key(w, "acts");
    jsonw_open(w, '[');
    for (uint32_t i = 0; i < n; i++) {
        jsonw_open(w, '{');
        jsonw_put_string(w, "act", next[i].act);
        jsonw_put_bool(w, "allowed", !next[i].why_not);
        jsonw_put_string(w, "whyNot", next[i].why_not);
        jsonw_put_string(w, "command", next[i].command);
        jsonw_close(w, '}');
    }
    jsonw_close(w, ']');
    arena_done(&a);
}

void pay_story_json(const struct pay_story *all, uint32_t n, const char *key, int64_t now_wall_s,
                    struct str *out) {
    struct jsonw w;
    jsonw_init(&w, out, JSONW_INDENTED);
    jsonw_open(&w, '{');
    jsonw_put_string(&w, "schema", "goodgo.payments.show/1");
    jsonw_put_time(&w, "time", now_wall_s * 1000);
    jsonw_put_string(&w, "key", key);
    jsonw_key(&w, "payments");
    jsonw_open(&w, '[');
    for (uint32_t i = 0; i < n; i++) {
        jsonw_open(&w, '{');
        pay_row_json(&all[i].row, &w);
        pay_verdict_json(&all[i].row, &all[i].verdict, now_wall_s, &w);
        put_verification(&w, all[i].verdict.callback);
        put_gateway(&w, &all[i]);
        put_events(&w, &all[i]);
        put_lines(&w, &all[i]);
        put_acts(&w, &all[i]);
        jsonw_close(&w, '}');
    }
    jsonw_close(&w, ']');
    jsonw_close(&w, '}');
}

/* --- lines --- */

static void add_line(struct str *out, const char *label, const char *value) {
    char clean[VALUE_MAX];
    if (!value || !*value)
        return;
    text_clean_into(clean, sizeof clean, value, strlen(value));
    str_printf(out, "%-*s %s\n", LABEL_COLS, label, clean);
}

static void add_time(struct str *out, const char *label, int64_t wall_ms, int64_t now_wall_s) {
    char there[40], age[32];
    pay_time_text(wall_ms / 1000, there, sizeof there);
    pay_age(now_wall_s - wall_ms / 1000, age, sizeof age);
    str_printf(out, "%-*s %s (%s ago)\n", LABEL_COLS, label, there, age);
}

static void add_row(struct str *out, const struct pay_row *row, int64_t now_wall_s) {
    char vnd[40];
    pay_amount(row->amount_vnd, vnd, sizeof vnd);
    add_line(out, "payment", row->id);
    add_line(out, "status", row->status_text);
    str_printf(out, "%-*s %s VND\n", LABEL_COLS, "amount", vnd);
    add_line(out, "provider", row->provider);
    add_line(out, "for", row->type);
    add_line(out, "user", row->user_id);
    add_line(out, "deal", row->transaction_id);
    add_line(out, "transaction", row->provider_tx_id);
    add_line(out, "idempotency", row->idempotency_key);
    add_time(out, "made", row->created_wall_ms, now_wall_s);
    add_time(out, "changed", row->updated_wall_ms, now_wall_s);
}

static void add_verdict(struct str *out, const struct pay_row *row, const struct pay_verdict *v) {
    char heals[48];
    const struct pay_class_info *info = &pay_class_info[v->cls];
    pay_heals_text(row, v, heals, sizeof heals);
    str_printf(out, "%-*s %s: %s\n", LABEL_COLS, "class", info->title, info->what);
    add_line(out, "why", v->why);
    add_line(out, "heals itself", heals);
    add_line(out, "replay makes", pay_status_name(v->predicted));
    add_line(out, "what to do", info->todo);
}

static void add_event(struct str *out, const struct pay_event *e) {
    char there[40];
    pay_time_text(e->wall_ms / 1000, there, sizeof there);
    str_printf(out, "  %s  %-13s %s  %s%s%s\n", there, e->source, e->what ? e->what : "-",
               e->who ? e->who : "", e->why ? "  " : "", e->why ? e->why : "");
}

static void add_log(struct str *out, const struct log_line *l) {
    char there[40];
    pay_time_text(l->at_ns / 1000000000, there, sizeof there);
    str_printf(out, "  %s  %-10s %-5s %s\n", there, l->service ? l->service : "-",
               l->level ? l->level : "-", l->message ? l->message : "");
}

static void add_gateway(struct str *out, const struct pay_story *st) {
    const struct pay_answer *r = &st->told;
    const struct pay_provider *p = st->row.gateway;
    char vnd[GROUPED_SIZE];
    str_puts(out, "\nGateway\n");
    if (!p || !p->gateway) {
        str_puts(out, "  it has none that can be asked\n");
        return;
    }
    if (!st->is_told) {
        str_printf(out, "  %s has settled nothing in the last half day that we asked it\n",
                   p->title);
        return;
    }
    str_printf(out, "  %s %s", p->title,
               r->said == PAY_SAID_UNKNOWN ? "has no such order" : pay_status_name(r->status));
    if (r->has_amount)
        str_printf(out, ", %s VND", int_grouped(r->amount_vnd, vnd));
    if (r->refunded_vnd)
        str_printf(out, ", of it refunded %s VND", int_grouped(r->refunded_vnd, vnd));
    if (r->provider_tx_id)
        str_printf(out, ", transaction %s", r->provider_tx_id);
    str_printf(out, ": %s\n", r->reason);
}

static void add_acts(struct str *out, const struct pay_story *st) {
    struct arena a;
    struct next_act next[NEXT_ACTS];
    arena_init(&a);
    uint32_t n = next_acts(st, &a, next);
    str_puts(out, "\nNext\n");
    for (uint32_t i = 0; i < n; i++)
        if (next[i].why_not)
            str_printf(out, "  no %s: %s\n", next[i].act, next[i].why_not);
        else
            add_line(out, "  you may", next[i].command);
    arena_done(&a);
}

void pay_story_text(const struct pay_story *st, int64_t now_wall_s, struct str *out) {
    add_row(out, &st->row, now_wall_s);
    add_verdict(out, &st->row, &st->verdict);
    str_printf(out, "\nMessage (%u stored)\n", st->verdict.n_messages);
    if (st->verdict.callback)
        pay_report_text(st->verdict.callback, out);
    else
        add_line(out, "  none", st->verdict.why);
    if (st->verdict.callback && st->verdict.callback->valid)
        pay_raw_text(st->verdict.callback, out);
    add_gateway(out, st);
    str_puts(out, "\nHistory\n");
    for (uint32_t i = 0; i < st->n_events; i++)
        add_event(out, &st->events[i]);
    if (!st->n_events && !st->history_missing)
        str_puts(out, "  nobody has touched it: neither our trail nor AdminAuditLog names it\n");
    add_line(out, "  incomplete", st->history_missing);
    str_puts(out, "\nLog lines\n");
    for (uint32_t i = 0; i < st->logs.n; i++)
        add_log(out, &st->logs.list[i]);
    if (!st->logs.n && !st->logs_missing)
        str_puts(out, "  no line names it\n");
    add_line(out, "  none", st->logs_missing);
    add_acts(out, st);
}
