/* pay/ask_lib.c - what all gateways have in common when they are asked; see codec/payask.h. */
#include "pay_priv.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/jsonw.h"
#include "base/text.h"

static const char *const said_names[PAY_SAID_COUNT] = {
    "nothing", "invalid", "refused", "unknown_order", "open", "final",
};

const char *pay_said_name(enum pay_said s) {
    return said_names[s];
}

/* --- the question --- */

static bool is_word(const char *s, size_t most, const char *more) {
    size_t n = strlen(s);
    for (const char *p = s; *p; p++)
        if (!(char_is_digit(*p) || (*p >= 'A' && *p <= 'Z') || (*p >= 'a' && *p <= 'z') ||
              strchr(more, *p)))
            return false;
    return n && n <= most;
}

static bool check_question(const struct pay_question *q, struct err *err) {
    if (!is_word(q->order, PAY_ORDER_MAX, "-_."))
        return err_set(err, E_CONFIG, "payments.ask", q->order,
                       "is no order number: letters, digits and - _ . only, %d at the most",
                       PAY_ORDER_MAX);
    if (!is_word(q->request_id, 32, ""))
        return err_set(err, E_INTERNAL, "payments.ask", q->request_id, "is no request number");
    return true;
}

/* Unsigned answers are worth what TLS is worth; only this machine needs none, and no production is
 * on it. */
static bool check_address(const struct settings *s, const char *name, const char *url,
                          struct err *err) {
    static const char *const local[] = {"http://127.0.0.1:", "http://localhost:", "http://[::1]:"};
    if (str_starts(url, "https://"))
        return true;
    for (size_t i = 0; i < ARRAY_LEN(local) && !s->production; i++)
        if (str_starts(url, local[i]))
            return true;
    return err_set(err, E_CONFIG, "config.env", name,
                   "is no https:// address: nobody would vouch for the answer");
}

static bool check_account(const struct pay_ask *k, struct err *err) {
    const struct pay_provider *p = k->provider;
    for (uint32_t i = 0; i < p->n_settings; i++)
        if (!p->settings[i].optional && p->settings[i].role != PAY_CHOICE && !k->account->values[i])
            return err_set(err, E_CONFIG, "config.env", p->settings[i].env_name,
                           "is not set, and %s cannot be asked without it", p->title);
    const char *why = k->settings->production ? pay_test_key(k->arena, p, k->account) : NULL;
    return !why || err_set(err, E_CONFIG, "payments.ask", p->title, "%s", why);
}

const char *pay_ask_setting(const struct pay_ask *k, const char *env_name) {
    return pay_account_get(k->provider, k->account, env_name);
}

void pay_ask_sign(const struct pay_ask *k, enum pay_scheme scheme, const char *key_name,
                  const struct str *text, struct str *out) {
    const char *key = pay_ask_setting(k, key_name);
    pay_sign(scheme, key, strlen(key), text, out);
}

static const char *order_of(struct arena *a, const struct pay_question *q) {
    char stamp[15];
    const char *s = q->order;
    if (!q->provider->habits.dated_orders || q->what == PAY_ASK_REFUND || pay_order_undated(s) != s)
        return s;
    pay_stamp_vietnam(q->created_wall_s, stamp);
    return arena_printf(a, "%.6s_%s", stamp + 2, s);
}

static void start(struct pay_ask *k, const struct pay_question *q, const struct settings *s,
                  struct arena *a) {
    static const struct pay_account nothing = {.name = "current"};
    *k = (struct pay_ask){.question = q, .provider = q->provider, .settings = s, .arena = a};
    k->account = pay_account_current(s, q->provider->id);
    if (!k->account)
        k->account = &nothing;
    k->order = order_of(a, q);
}

bool pay_ask_make(const struct pay_question *q, const struct settings *s, struct arena *a,
                  struct pay_post *ret, struct err *err) {
    const struct pay_gateway *g = q->provider->gateway;
    struct pay_ask k;
    struct str body;
    if (!g)
        return err_set(err, E_CONFIG, "payments.ask", q->provider->id,
                       "has no gateway to be asked");
    const char *path = q->what == PAY_ASK_REFUND ? g->refund_path : g->payment_path;
    if (!path)
        return err_set(err, E_CONFIG, "payments.ask", q->provider->id,
                       "tells of refunds in its answer about the payment: ask for that");
    if (!check_question(q, err))
        return false;
    start(&k, q, s, a);
    const char *url = pay_ask_setting(&k, g->url);
    if (!url)
        return err_set(err, E_CONFIG, "config.env", g->url, "is not set: where is %s to be asked?",
                       q->provider->title);
    if (!check_account(&k, err) || !check_address(s, g->url, url, err))
        return false;
    str_init(&body, 16384);
    bool ok = g->make(&k, &body, err);
    ret->url = arena_printf(a, "%s%s", url, path);
    ret->content_type = g->content_type;
    ret->body = arena_strdup(a, str_get(&body));
    str_done(&body);
    return ok;
}

/* --- the answer --- */

void pay_ask_say(struct pay_ask *k, enum pay_said said, bool retry, const char *fmt, ...) {
    va_list args;
    char text[400];
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    k->answer->said = said;
    k->answer->retry = retry;
    k->answer->reason = text_cleanz(k->arena, pay_hide(k->arena, k->settings, text)).s;
}

void pay_ask_settle(struct pay_ask *k, enum pay_status status, const char *reason) {
    bool open = pay_status_is_open(status);
    pay_ask_say(k,
                status == PAY_STATUS_NONE ? PAY_SAID_NOTHING
                : open                    ? PAY_SAID_OPEN
                                          : PAY_SAID_FINAL,
                status == PAY_STATUS_NONE || open, "%s", reason);
    k->answer->status = status;
}

const char *pay_ask_get(const struct pay_ask *k, const char *name) {
    const struct jsontext *j = k->doc ? jsontext_get(k->doc, name) : NULL;
    return j && (j->type == JSONTEXT_STRING || j->type == JSONTEXT_NUMBER) ? j->text : NULL;
}

bool pay_ask_number(const struct pay_ask *k, const char *name, int64_t min, int64_t max,
                    int64_t *ret) {
    return pay_parse_i64(pay_ask_get(k, name), min, max, ret);
}

/* An object without a name that stands twice; else it is said what is wrong. */
static void parse(struct pay_ask *k) {
    const char *twice = NULL;
    struct err err;
    struct jsontext *j =
        k->n <= PAY_ANSWER_MAX ? jsontext_parse(k->arena, k->bytes, k->n, &twice, &err) : NULL;
    if (k->http_status >= 500 || k->http_status == 429)
        pay_ask_say(k, PAY_SAID_NOTHING, true, "HTTP %d", k->http_status);
    else if (!j || j->type != JSONTEXT_OBJECT)
        pay_ask_say(k, k->http_status == 200 ? PAY_SAID_INVALID : PAY_SAID_NOTHING,
                    k->http_status != 404, "HTTP %d with %s", k->http_status,
                    k->n > PAY_ANSWER_MAX ? "more than an answer can be"
                    : k->n                ? "something that is no JSON object"
                                          : "nothing in it");
    else if (twice)
        pay_ask_say(k, PAY_SAID_INVALID, false, "%s stands twice in the answer", twice);
    else
        k->doc = j;
}

/* Only what is settled keeps facts, and only an orderly answer settles anything. */
static void conclude(struct pay_ask *k) {
    struct pay_answer *r = k->answer;
    bool says = r->said == PAY_SAID_OPEN || r->said == PAY_SAID_FINAL;
    if (r->said == PAY_SAID_FINAL && k->http_status != 200)
        pay_ask_say(k, PAY_SAID_INVALID, true, "HTTP %d, and yet an answer that settles",
                    k->http_status);
    if (!says || r->said == PAY_SAID_INVALID) {
        r->status = PAY_STATUS_NONE;
        r->provider_tx_id = NULL;
        r->has_amount = r->has_pay_time = false;
        r->refunded_vnd = 0;
    }
    if (r->code)
        r->code = text_cleanz(k->arena, pay_hide(k->arena, k->settings, r->code)).s;
}

void pay_ask_read(const struct pay_question *q, const struct settings *s, struct arena *a,
                  int http_status, const char *bytes, size_t n, struct pay_answer *ret) {
    struct pay_ask k;
    *ret = (struct pay_answer){.reason = "no answer"};
    start(&k, q, s, a);
    k.http_status = http_status;
    k.bytes = bytes;
    k.n = n;
    k.answer = ret;
    parse(&k);
    if (k.doc)
        q->provider->gateway->read(&k);
    conclude(&k);
}

/* --- reports --- */

void pay_answer_json(const struct pay_question *q, const struct pay_answer *r, struct str *out) {
    struct jsonw w;
    char at[40];
    jsonw_init(&w, out, JSONW_INDENTED);
    jsonw_open(&w, '{');
    const char *const texts[][2] = {
        {"schema", "goodgo.payments.ask/1"},
        {"provider", q->provider->id},
        {"asked", q->what == PAY_ASK_REFUND ? "refund" : "payment"},
        {"order", q->order},
        {"said", pay_said_name(r->said)},
        {"code", r->code},
        {"reason", r->reason},
        {"note", r->note},
        {"status", pay_status_name(r->status)},
        {"providerTxId", r->provider_tx_id},
    };
    jsonw_put_strings(&w, texts, ARRAY_LEN(texts));
    jsonw_put_int_if(&w, "amountVnd", r->has_amount, r->amount_vnd);
    jsonw_put_int(&w, "refundedVnd", r->refunded_vnd);
    jsonw_key(&w, "payTimeUtc");
    clock_iso8601(r->pay_time_wall_s * 1000, at, sizeof at);
    jsonw_string(&w, r->has_pay_time ? at : NULL);
    jsonw_put_bool(&w, "isSigned", r->is_signed);
    jsonw_put_bool(&w, "retry", r->retry);
    jsonw_key(&w, "askedAtUtc");
    clock_iso8601(q->now_wall_ms, at, sizeof at);
    jsonw_string(&w, at);
    jsonw_close(&w, '}');
}

static void line(struct str *out, const char *name, const char *value) {
    if (value)
        str_printf(out, "%-13s %s\n", name, value);
}

/* A refund has a number that looks like an order, and fails as a payment does: it is named. */
static void add_head(const struct pay_question *q, const struct pay_answer *r, struct str *out) {
    static const char *const words[PAY_SAID_COUNT] = {
        "says nothing of it", "is not to be trusted",  "refuses the question",
        "has no such",        "says: not decided yet", "says",
    };
    const char *status = pay_status_name(r->status);
    bool refund = q->what == PAY_ASK_REFUND;
    const char *what = refund ? "refund" : "order";
    str_printf(out, "%s %s", q->provider->title, words[r->said]);
    if (r->said == PAY_SAID_UNKNOWN)
        str_printf(out, " %s", what);
    if (status)
        str_printf(out, " %s%s", status, refund ? " of this refund" : "");
    str_putc(out, '\n');
    line(out, what, q->order);
}

void pay_answer_text(const struct pay_question *q, const struct pay_answer *r, struct str *out) {
    char text[PAY_TWO_TIMES_SIZE], vnd[GROUPED_SIZE];
    add_head(q, r, out);
    line(out, "transaction", r->provider_tx_id);
    if (r->has_amount) {
        snprintf(text, sizeof text, "%s VND", int_grouped(r->amount_vnd, vnd));
        line(out, "amount", text);
    }
    if (r->refunded_vnd) {
        snprintf(text, sizeof text, "%s VND", int_grouped(r->refunded_vnd, vnd));
        line(out, "refunded", text);
    }
    if (r->has_pay_time) {
        pay_two_times(r->pay_time_wall_s, text, sizeof text);
        line(out, r->status == PAY_COMPLETED ? "paid at" : "its time", text);
    }
    line(out, "code", r->code);
    line(out, "reason", r->reason);
    line(out, "note", r->note);
    if (r->said != PAY_SAID_NOTHING) /* then there is no word of it to be proved */
        line(out, "proved by",
             r->said == PAY_SAID_INVALID ? "nothing: believe none of it"
             : r->is_signed              ? "its signature"
                                         : "TLS alone: it signs no answer");
}
