/* codec/pay.h - a payment provider is a pure codec: what it is configured by, which messages it
 * signs and how, and what they say. No I/O, no clock, no globals: bytes, credentials and times are
 * handed in. One file src/pay/<id>.c and one line in src/pay/providers.def; docs/ADDING.md has the
 * recipe, src/pay/casso.c is the shortest example. */
#ifndef GOODGO_CODEC_PAY_H
#define GOODGO_CODEC_PAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/jsonw.h"
#include "base/str.h"
#include "codec/settings.h"
#include "wire/digest.h"
#include "wire/jsontext.h"

#define PAY_MAX_BYTES  65536                     /* of one message; a callback has some hundred */
#define PAY_MAX_FIELDS 256                       /* of one query string */
#define PAY_VND_MAX    INT64_C(1000000000000000) /* no amount that a gateway tells is larger */

/* The payments that no gateway calls back about: only the bank knows. As the database has it. */
#define PAY_TRANSFER "BANK_TRANSFER"
/* What a console that settles one leaves in place of a message: a person's evidence, and this. */
#define PAY_SETTLED_BY      "settledBy"
#define PAY_SETTLED_CONSOLE "goodgo-console"

/* --- what a provider is configured by --- */

enum pay_setting_role { PAY_ID, PAY_SECRET, PAY_CHOICE, PAY_URL };
struct pay_setting {
    const char *env_name; /* as in the env file */
    enum pay_setting_role role;
    const char *choices; /* of a PAY_CHOICE: "A|B", the first is meant when nothing is set */
    bool optional;       /* nothing is refused for want of it */
};

/* --- how a message is signed --- */

/* PREFIX: the digest of secret + text, as VNPay did before its version 2.1.0. */
enum pay_scheme {
    PAY_HMAC_SHA256,
    PAY_HMAC_SHA512,
    PAY_PREFIX_SHA256,
    PAY_PREFIX_MD5,
    PAY_SCHEME_COUNT
};
const char *pay_scheme_name(enum pay_scheme scheme); /* "HMAC-SHA256" */

/* The forms in which a message may be handed in, as bits of pay_kind.forms. */
enum {
    PAY_FORM_QUERY = 1, /* a=1&b=2, with or without '?' or a URL in front */
    PAY_FORM_JSON = 2,  /* one object */
    PAY_FORM_BASE = 4,  /* the text that was signed, then the signature on a line of its own */
    PAY_FORM_HTTP = 8   /* header lines, then a JSON object */
};

struct pay_check;

/* One way to make the text that is signed. The accepted ones decide; the others are known mistakes,
 * tried only to explain a failure. */
struct pay_variant {
    unsigned accepted;   /* bits of enum pay_scheme; 0 = a mistake */
    const char *mistake; /* what it means when this one fits; NULL where accepted */
    /* Adds the text of attempt `turn` (0, 1, ...) to out; false = there is no such attempt. */
    bool (*base)(struct pay_check *c, uint32_t turn, struct str *out);
};

/* Lists of names are words: "a b". "a/b" is a, else b (an older spelling). Among `fields`,
 * "name=SETTING" takes its value from our settings and not from the message; among `required`, name
 * must have the value of that setting; among `marks`, "name=text" must have that very text. */
struct pay_kind {
    const char *name, *also; /* as in --kind; the other name for it or NULL */
    const char *help;        /* what it is, for people */
    unsigned forms;
    const char *marks;     /* names that tell this kind from the others */
    const char *nested;    /* the member with the object that counts; NULL = the message itself */
    bool nested_is_text;   /* it is a text that holds JSON, else an object */
    const char *signature; /* name of the field or header with it; NULL = it is never signed */
    const char *when_missing; /* what a missing signature means; NULL = nothing more */
    const char *secret;       /* name of the setting with the key */
    const char *fields;       /* what is signed, in order; NULL = the variants know */
    char joint;               /* '&': name=value&..., '|': value|...; 0 = the variants know */
    bool absent_is_empty;     /* a signed field may be missing: it counts as "" */
    const char *merchant;     /* name of the field with our merchant id; NULL = there is none */
    const char *required;     /* must be there and not empty, beside the signed fields */
    const char *amount;       /* name of the field with the amount; for explanations */
    enum pay_scheme scheme;   /* where provider->scheme does not say */
    const struct pay_variant *variants; /* ends with base == NULL */
    /* Takes the signature's digits out of its field; NULL = they are all of it. */
    bool (*unwrap)(struct pay_check *c);
    /* What the message says, once it is authentic and ours; calls pay_refuse() where it is not well
     * formed. */
    void (*read)(struct pay_check *c);
};

/* How it calls us again where we did not answer as it wants, and how long a customer may pay. */
struct pay_habits {
    uint32_t retries, retry_s; /* 0 = not published */
    uint32_t window_s;         /* from our request to its expiry; 0 = not known */
    bool dated_orders;         /* its order number is yymmdd, a low line and ours */
};

struct pay_gateway; /* codec/payask.h */

struct pay_provider {
    const char *id;                     /* "vnpay": file, symbol, --provider */
    const char *title;                  /* "VNPay" */
    const char *stored;                 /* PaymentProvider in the platform's database */
    const struct pay_setting *settings; /* at most PAY_MAX_SETTINGS */
    uint32_t n_settings;
    const char *merchant;   /* name of the setting with our merchant id; NULL = there is none */
    const char *test_hosts; /* words: parts of gateway host names where no real money moves */
    const struct pay_account *test_accounts; /* published test credentials; never good for money */
    uint32_t n_test_accounts;
    struct pay_habits habits;
    const struct pay_kind *kinds;
    uint32_t n_kinds;
    enum pay_scheme (*scheme)(const struct pay_account *a); /* NULL = the kinds say */
    const struct pay_gateway *gateway; /* what it can be asked; NULL = nothing */
};

extern const struct pay_provider *const pay_providers[]; /* pay/registry.c */
extern const uint32_t n_pay_providers;
const struct pay_provider *pay_provider_find(const char *id); /* NULL when there is none */
/* Its place in provider->settings; -1 when there is none of that name. */
int pay_setting_index(const struct pay_provider *p, const char *env_name);
/* NULL when it is not set. */
const char *pay_account_get(const struct pay_provider *p, const struct pay_account *a,
                            const char *env_name);

/* Today's of that provider; NULL when there is none. */
const struct pay_account *pay_account_current(const struct settings *s, const char *provider);

/* --- verifying --- */

enum pay_failure {
    PAY_OK,
    PAY_TOO_BIG,
    PAY_MALFORMED,
    PAY_UNKNOWN_KIND, /* the bytes are none of the provider's messages */
    PAY_DUPLICATE_FIELD,
    PAY_UNSIGNED, /* this kind of message never carries a signature */
    PAY_TEST_KEY, /* published test credentials, or a test gateway, in production */
    PAY_MISSING_FIELD,
    PAY_MISSING_SIGNATURE,
    PAY_BAD_SIGNATURE,
    PAY_AMBIGUOUS, /* a value that could move text between signed fields unseen */
    PAY_MERCHANT_MISMATCH,
    PAY_BAD_FIELD,
    PAY_FAILURE_COUNT
};

/* As in the platform's database; NONE = the message says nothing that may change it. */
enum pay_status {
    PAY_STATUS_NONE,
    PAY_PENDING,
    PAY_PROCESSING,
    PAY_COMPLETED,
    PAY_FAILED,
    PAY_REFUNDED,
    PAY_STATUS_COUNT
};
const char *pay_status_name(enum pay_status s); /* NULL for NONE */
bool pay_status_is_open(enum pay_status s);     /* neither paid nor failed so far */
bool pay_status_has_money(enum pay_status s);   /* paid, if only to be given back */
/* "261010_cmabc" -> "cmabc": some number an order by the day, a low line and our id. */
const char *pay_order_undated(const char *order);

struct pay_names {
    const char **at;
    uint32_t n, cap;
};

/* How it was verified; says nothing that a secret could be found from. */
struct pay_trace {
    const char *scheme;  /* "HMAC-SHA512" */
    const char *account; /* whose key fitted: "current", "history 1"; NULL when none did */
    struct pay_names signed_fields; /* in the order they were signed in */
    struct pay_names missing, duplicated, empty, reencoded, unsigned_fields;
    char base_sha256[DIGEST_HEX_SIZE]; /* of the signed text; "" when it could not be made */
    struct pay_names mistakes;         /* that would explain the signature, each equally well */
};

struct pay_result {
    const char *provider, *kind; /* kind: NULL when it was not recognised */
    bool valid;                  /* authentic, well formed and addressed to us */
    enum pay_failure failure;
    const char *reason; /* why not valid, else what the provider's code means; clean text */
    const char *note;   /* a caution that goes with a valid message; NULL = none */
    /* Only where valid. */
    const char *order_id, *provider_tx_id; /* NULL = the message has none */
    bool is_success;
    bool display_only; /* a browser brought it: it may be shown, and changes no order */
    enum pay_status status;
    bool has_amount, has_pay_time;
    int64_t amount_vnd, pay_time_wall_s;
    /* What was handed in, parsed; secrets masked, signatures cut. NULL when it could not be. */
    const struct jsontext *raw;
    struct pay_trace trace;
};

struct pay_request {
    const struct pay_provider *provider;
    const char *kind; /* NULL or "auto" = told from the bytes */
    const char *bytes;
    size_t n;
    /* When the message came in, where that is known from elsewhere; 0 = not. Only then does a key
     * of the past count: a message cannot vouch for its own date. */
    int64_t received_wall_s;
    bool explain; /* look for known mistakes; costs some hundred digests */
};

/* False only for wrong use or set-up: no such kind, or a credential that is not set. Every verdict
 * about the message is in *ret, whose strings live in the arena or are static. */
bool pay_verify(const struct pay_request *q, const struct settings *s, struct arena *a,
                struct pay_result *ret, struct err *err) MUST_CHECK;

/* The document goodgo.payments.verify/1, and the same for people. */
void pay_report_json(const struct pay_result *r, struct str *out);
void pay_report_text(const struct pay_result *r, struct str *out);
/* Its parts: the document inside another one, and the fields of the message as lines. */
void pay_result_json(const struct pay_result *r, struct jsonw *w);
void pay_raw_text(const struct pay_result *r, struct str *out);

#endif
