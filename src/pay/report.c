/* pay/report.c - a verification as the document goodgo.payments.verify/1, and as lines for people.
 */
#include "pay_priv.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/jsonw.h"
#include "base/text.h"

#define LABEL_COLS  16
#define LINE_COLS   100
#define LINE_BYTES  1200 /* of a line for people; our own sentences are shorter */
#define VALUE_BYTES 200  /* of a value that claims */

/* --- JSON --- */

static void put_names(struct jsonw *w, const char *key, const struct pay_names *names) {
    jsonw_key(w, key);
    jsonw_open(w, '[');
    for (uint32_t i = 0; i < names->n; i++)
        jsonw_string(w, names->at[i]);
    jsonw_close(w, ']');
}

/* Every value as the text that it was signed as: ids beyond 2^53 survive readers that have only
 * doubles. */
static void put_raw(struct jsonw *w, const struct jsontext *j) {
    bool object = j && j->type == JSONTEXT_OBJECT;
    if (!j || (j->type == JSONTEXT_WORD && !strcmp(j->text, "null"))) {
        jsonw_null(w);
        return;
    }
    if (!object && j->type != JSONTEXT_ARRAY) {
        jsonw_string(w, j->text);
        return;
    }
    jsonw_open(w, object ? '{' : '[');
    for (const struct jsontext *c = j->first; c; c = c->next) {
        if (object)
            jsonw_key(w, c->name);
        put_raw(w, c);
    }
    jsonw_close(w, object ? '}' : ']');
}

static void put_outcome(struct jsonw *w, const struct pay_result *r) {
    char time[40];
    jsonw_put_string(w, "orderId", r->order_id);
    jsonw_put_string(w, "providerTxId", r->provider_tx_id);
    jsonw_put_bool(w, "isSuccess", r->is_success);
    jsonw_put_string(w, "status", pay_status_name(r->status));
    jsonw_put_int_if(w, "amountVnd", r->has_amount, r->amount_vnd);
    if (r->has_pay_time)
        clock_iso8601(r->pay_time_wall_s * 1000, time, sizeof time);
    jsonw_put_string(w, "payTimeUtc", r->has_pay_time ? time : NULL);
    jsonw_put_string(w, "reason", r->reason);
    jsonw_put_string(w, "note", r->note);
}

static void put_trace(struct jsonw *w, const struct pay_trace *t) {
    jsonw_key(w, "trace");
    jsonw_open(w, '{');
    jsonw_put_string(w, "scheme", t->scheme);
    jsonw_put_string(w, "account", t->account);
    put_names(w, "signed", &t->signed_fields);
    put_names(w, "unsigned", &t->unsigned_fields);
    put_names(w, "missing", &t->missing);
    put_names(w, "duplicated", &t->duplicated);
    put_names(w, "empty", &t->empty);
    put_names(w, "reencoded", &t->reencoded);
    put_names(w, "mistakes", &t->mistakes);
    jsonw_put_string(w, "baseSha256", t->base_sha256[0] ? t->base_sha256 : NULL);
    jsonw_close(w, '}');
}

void pay_result_json(const struct pay_result *r, struct jsonw *w) {
    jsonw_open(w, '{');
    jsonw_put_string(w, "schema", "goodgo.payments.verify/1");
    jsonw_put_bool(w, "valid", r->valid);
    jsonw_put_string(w, "provider", r->provider);
    jsonw_put_string(w, "kind", r->kind);
    put_outcome(w, r);
    jsonw_key(w, "rawData");
    put_raw(w, r->raw);
    put_trace(w, &r->trace);
    jsonw_close(w, '}');
}

void pay_report_json(const struct pay_result *r, struct str *out) {
    struct jsonw w;
    jsonw_init(&w, out, JSONW_INDENTED);
    pay_result_json(r, &w);
}

/* --- lines --- */

static void add_clean(struct str *out, const char *s, size_t most) {
    char clean[LINE_BYTES];
    text_clean_into(clean, most, s, strlen(s));
    str_puts(out, clean);
    if (strlen(s) >= most)
        str_puts(out, "...");
}

static void add_line(struct str *out, const char *label, const char *value) {
    if (!value)
        return;
    str_printf(out, "%-*s", LABEL_COLS, label);
    add_clean(out, value, LINE_BYTES);
    str_putc(out, '\n');
}

static void add_amount(struct str *out, const struct pay_result *r) {
    char vnd[GROUPED_SIZE];
    if (r->has_amount)
        str_printf(out, "%-*s%s VND\n", LABEL_COLS, "amount", int_grouped(r->amount_vnd, vnd));
}

void pay_two_times(int64_t wall_s, char *buf, size_t size) {
    char utc[40], there[40];
    clock_iso8601(wall_s * 1000, utc, sizeof utc);
    clock_iso8601((wall_s + CLOCK_VIETNAM_S) * 1000, there, sizeof there);
    snprintf(buf, size, "%s (%.10s %.8s in Vietnam)", utc, there, there + 11);
}

static void add_time(struct str *out, const struct pay_result *r) {
    char both[PAY_TWO_TIMES_SIZE];
    if (!r->has_pay_time)
        return;
    pay_two_times(r->pay_time_wall_s, both, sizeof both);
    add_line(out, r->is_success ? "paid at" : "its time", both);
}

/* As many names on a line as fit. */
static void add_names(struct str *out, const char *label, const struct pay_names *names) {
    size_t start = out->len;
    if (!names->n)
        return;
    str_printf(out, "%-*s", LABEL_COLS, label);
    for (uint32_t i = 0; i < names->n; i++) {
        bool full = i && out->len - start + 1 + strlen(names->at[i]) > LINE_COLS;
        if (full) {
            str_putc(out, '\n');
            start = out->len;
            str_printf(out, "%*s", LABEL_COLS, "");
        } else if (i) {
            str_putc(out, ' ');
        }
        add_clean(out, names->at[i], VALUE_BYTES);
    }
    str_putc(out, '\n');
}

static void add_raw(struct str *out, const struct jsontext *j, unsigned depth) {
    for (const struct jsontext *c = j->first; c; c = c->next) {
        str_printf(out, "%*s", (int)(2 * depth), "");
        add_clean(out, c->name ? c->name : "-", VALUE_BYTES);
        str_puts(out, c->first ? "\n" : " = ");
        if (c->first) {
            add_raw(out, c, depth + 1);
            continue;
        }
        add_clean(out, c->text, VALUE_BYTES);
        str_putc(out, '\n');
    }
}

void pay_raw_text(const struct pay_result *r, struct str *out) {
    if (r->raw)
        add_raw(out, r->raw, 1);
}

static void add_verdict(struct str *out, const struct pay_result *r) {
    str_printf(out, "%-*s%s %s", LABEL_COLS, r->valid ? "VALID" : "INVALID", r->provider,
               r->kind ? r->kind : "message");
    if (r->valid)
        str_printf(out, ", %s, key: %s", r->trace.scheme, r->trace.account);
    str_putc(out, '\n');
}

static void add_explanation(struct str *out, const struct pay_result *r) {
    for (uint32_t i = 0; i < r->trace.mistakes.n; i++)
        add_line(out, i ? "or if" : "it fits if", r->trace.mistakes.at[i]);
    if (r->failure == PAY_BAD_SIGNATURE && !r->trace.mistakes.n)
        add_line(out, "it fits if",
                 "no mistake that we know: another key signed it, or something signed was changed");
}

void pay_report_text(const struct pay_result *r, struct str *out) {
    add_verdict(out, r);
    add_line(out, "order", r->order_id);
    add_line(out, "transaction", r->provider_tx_id);
    add_amount(out, r);
    if (r->valid)
        str_printf(out, "%-*s%s%s\n", LABEL_COLS, "status",
                   r->status ? pay_status_name(r->status) : "no change",
                   r->status && r->display_only ? ", and changes no order" : "");
    add_time(out, r);
    add_line(out, "reason", r->reason);
    add_line(out, "note", r->note);
    add_explanation(out, r);
    add_line(out, "scheme", r->valid ? NULL : r->trace.scheme);
    add_names(out, "signed", &r->trace.signed_fields);
    add_names(out, "not signed", &r->trace.unsigned_fields);
    add_names(out, "missing", &r->trace.missing);
    add_names(out, "twice", &r->trace.duplicated);
    add_names(out, "empty", &r->trace.empty);
    add_names(out, "re-encoded", &r->trace.reencoded);
    add_line(out, "text SHA-256", r->trace.base_sha256[0] ? r->trace.base_sha256 : NULL);
    if (!r->raw || r->valid)
        return;
    str_puts(out, "\nWhat it claims, proven by nothing:\n");
    pay_raw_text(r, out);
}
