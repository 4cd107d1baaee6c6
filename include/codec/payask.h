/* codec/payask.h - asking a payment gateway what it knows of a payment: the signed question, and
 * what the answer says. Pure: bytes, credentials, times and a fresh request number are handed in;
 * act/gateway.h sends them. An answer is one of six things, and only two of them say anything of
 * the money: what is no answer is never taken for "not paid". */
#ifndef GOODGO_CODEC_PAYASK_H
#define GOODGO_CODEC_PAYASK_H

#include "codec/pay.h"

#define PAY_ANSWER_MAX 65536 /* bytes; an answer has some hundred */
#define PAY_ORDER_MAX  100

enum pay_ask_what {
    PAY_ASK_PAYMENT,
    PAY_ASK_REFUND /* by the number of the refund */
};

struct pay_question {
    const struct pay_provider *provider;
    enum pay_ask_what what;
    const char *order;      /* ours, or as the gateway knows it; of a refund its own number */
    int64_t created_wall_s; /* of the request to pay: some orders are unique per day only */
    int64_t now_wall_ms;
    const char *request_id; /* never used before; at most 32 letters and digits */
};

/* What is sent. No key stands in it. */
struct pay_post {
    const char *url, *content_type, *body;
};

enum pay_said {
    PAY_SAID_NOTHING, /* no answer, an error, "too soon": nothing of the payment */
    PAY_SAID_INVALID, /* an answer that the gateway did not sign, or of something else */
    PAY_SAID_REFUSED, /* it does not take our question: credentials, address or form */
    PAY_SAID_UNKNOWN, /* it has no such order; not the same as "not paid" */
    PAY_SAID_OPEN,    /* not final: it may still be paid, or not */
    PAY_SAID_FINAL,
    PAY_SAID_COUNT
};
const char *pay_said_name(enum pay_said s); /* "final" */

struct pay_answer {
    enum pay_said said;
    const char *code;   /* the gateway's own, "00/01/00"; NULL = none came */
    const char *reason; /* one sentence; clean */
    const char *note;   /* a caution; NULL = none */
    bool is_signed;     /* by the gateway; else only TLS vouches for it */
    bool retry;         /* asked again later, it may say more */
    bool silent;        /* no answer came, not even one that says nothing */
    /* Only where it is open or final. */
    enum pay_status status; /* of a refund: REFUNDED, PROCESSING or FAILED */
    const char *provider_tx_id;
    bool has_amount, has_pay_time;
    int64_t amount_vnd, pay_time_wall_s;
    int64_t refunded_vnd; /* of a payment, so far */
};

struct pay_ask; /* pay_priv.h */

/* How a provider's gateway is asked: a part of struct pay_provider. */
struct pay_gateway {
    const char *url;                        /* name of the setting with its address */
    const char *payment_path, *refund_path; /* behind it; NULL = that cannot be asked there */
    const char *content_type;
    /* Our own limits: its answer's deadline, the least time between two questions, the first pause
     * after "too soon" or an outage, and the longest it grows to. */
    uint32_t timeout_ms, pause_ms, back_off_ms, back_off_most_ms;
    bool (*make)(struct pay_ask *k, struct str *body, struct err *err);
    void (*read)(struct pay_ask *k);
};

/* False: what is asked for is wrong, a credential is not set, or it would go where it must not: a
 * test gateway or a published key in production, or an address without TLS. */
bool pay_ask_make(const struct pay_question *q, const struct settings *s, struct arena *a,
                  struct pay_post *ret, struct err *err) MUST_CHECK;
/* What came back. Never fails: what cannot be read says nothing. */
void pay_ask_read(const struct pay_question *q, const struct settings *s, struct arena *a,
                  int http_status, const char *bytes, size_t n, struct pay_answer *ret);

/* The document goodgo.payments.ask/1, and the same for people. */
void pay_answer_json(const struct pay_question *q, const struct pay_answer *r, struct str *out);
void pay_answer_text(const struct pay_question *q, const struct pay_answer *r, struct str *out);

#endif
