/* pay/pay_priv.h - what the providers share: one message under verification, and the helpers that
 * read it. Texts are valid UTF-8 without NUL once parsed, so C strings serve. */
#ifndef GOODGO_PAY_PRIV_H
#define GOODGO_PAY_PRIV_H

#include "codec/pay.h"
#include "codec/payask.h"
#include "wire/digest.h"

#define PAY_TIME_MAX_MS INT64_C(253402300799999) /* the end of the year 9999 */

struct pay_check {
    const struct pay_request *request;
    const struct settings *settings;
    const struct pay_provider *provider;
    const struct pay_kind *kind;
    const struct pay_account *account; /* whose credentials are being tried */
    enum pay_scheme scheme;            /* what is being tried */
    struct arena *arena;
    const struct jsontext *message; /* an object; of a query string all members are texts */
    const char *const *raw_names;   /* as received, one per member; NULL unless a query string */
    const char *const *raw_values;
    const struct jsontext *nested;       /* the object at kind->nested */
    const char *base;                    /* the signed text itself, where that was handed in */
    const char *signature;               /* its digits as received; NULL = none */
    unsigned char mac[DIGEST_MAX_BYTES]; /* those digits as bytes */
    size_t mac_n;                        /* 0 = they are not hexadecimal */
    const char *stamp;                   /* what unwrap() found beside the digits */
    bool tracing;        /* base() notes what it signs, where no list of fields does */
    const char *refusal; /* the sentence that decided; result->reason may be written over since */
    struct pay_result *result;
};

/* One question to a gateway, and its answer. */
struct pay_ask {
    const struct pay_question *question;
    const struct pay_provider *provider;
    const struct settings *settings;
    const struct pay_account *account; /* today's */
    struct arena *arena;
    const char *order; /* as the gateway knows it */
    int http_status;
    const char *bytes;
    size_t n;
    const struct jsontext *doc; /* the answer: an object */
    struct pay_answer *answer;
};

/* --- text and masks (text_lib.c) --- */
/* The message is not valid: the first call decides. The sentence is masked and cleaned. */
void pay_refuse(struct pay_check *c, enum pay_failure f, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* Every secret that we hold replaced by "****". */
const char *pay_masked(const struct pay_check *c, const char *s);
const char *pay_hide(struct arena *a, const struct settings *settings, const char *s);
const char *pay_trimmed(struct arena *a, const char *s); /* without blanks and line ends around */
/* The same as pay_masked() in quotes, cleaned and cut, for a sentence; NULL is "". */
const char *pay_quoted(const struct pay_check *c, const char *s);
/* A copy of what was handed in, fit to be shown: masked, signatures cut. */
const struct jsontext *pay_shown(const struct pay_check *c);
/* The name of a field or header with the signature, of any provider. */
bool pay_is_signature(const char *name);
void pay_names_add(struct arena *a, struct pay_names *names, const char *name);
bool pay_names_have(const struct pay_names *names, const char *name);
/* "a, b, c" */
const char *pay_names_join(struct arena *a, const struct pay_names *names);

/* --- parsing what was received (form_lib.c) --- */
/* Each fills message (and base, signature ...) or refuses with PAY_MALFORMED. */
bool pay_form_query(struct pay_check *c);
bool pay_form_json(struct pay_check *c, const char *bytes, size_t n);
bool pay_form_http(struct pay_check *c);
bool pay_form_base(struct pay_check *c);
/* Once, not twice: "%252B" is "%2B". NULL for a bad escape, a NUL, or what is not UTF-8. */
const char *pay_decode(struct arena *a, const char *s, size_t n);
/* Adds s as a form does: A-Z a-z 0-9 - _ . as they are, blank as `blank`, the rest as %XX. */
void pay_encode(const char *s, const char *blank, struct str *out);

/* --- which kind (recognise_lib.c) --- */
/* False with err, which lists the kinds, when the provider has none of the asked name. */
bool pay_kind_known(const struct pay_request *q, struct err *err) MUST_CHECK;
/* Parses the bytes and sets kind, or refuses. */
void pay_find_kind(struct pay_check *c);

/* --- fields (fields_lib.c) --- */
/* One word of a list of names: `name` or else `older`, or from `setting`; "" where not given. */
struct pay_word {
    char name[40], older[40], setting[40];
};
bool pay_word_next(const char **list, struct pay_word *ret);
/* The text of a member of the document that counts (nested where there is one), by word; NULL when
 * it is absent or neither text nor number. */
const char *pay_get(const struct pay_check *c, const char *names);
const char *pay_get_word(const struct pay_check *c, const struct pay_word *w);
/* A whole number as a signature allows it: digits, no exponent, no leading zero. */
bool pay_parse_i64(const char *s, int64_t min, int64_t max, int64_t *ret);
/* The other way: the time in Vietnam as yyyyMMddHHmmss. */
void pay_stamp_vietnam(int64_t wall_s, char out[15]);
/* Same of a field; refuses with PAY_BAD_FIELD when it is something else. */
bool pay_number(struct pay_check *c, const char *names, int64_t min, int64_t max, int64_t *ret);
/* Same of an amount that is dong already, into the result. */
void pay_read_amount(struct pay_check *c, const char *names, int64_t least);
/* Same of the provider's transaction number, which stays the text that it is. */
void pay_read_tx(struct pay_check *c, const char *names, int64_t most);
/* A time for people: ours, and as the gateway's customers have it. */
#define PAY_TWO_TIMES_SIZE 80
void pay_two_times(int64_t wall_s, char *buf, size_t size); /* (report.c) */
/* yyyyMMddHHmmss in Vietnam (GMT+7, no daylight saving). */
bool pay_time_vietnam(const char *s, int64_t *ret_wall_s);
/* The value that a word stands for: of our settings or of the message; NULL when absent. */
const char *pay_word_value(const struct pay_check *c, const struct pay_word *w);
/* Signed fields that are not there, into trace.missing. */
uint32_t pay_missing(struct pay_check *c);
/* base() of a kind with `fields` and `joint`. */
bool pay_base_fields(struct pay_check *c, uint32_t turn, struct str *out);
/* base() of PAY_FORM_BASE. */
bool pay_base_given(struct pay_check *c, uint32_t turn, struct str *out);

/* A code of the provider: what it means, and what our status becomes. A table ends with a NULL. */
struct pay_code {
    const char *code, *meaning;
    enum pay_status status;
};
const struct pay_code *pay_code_find(const struct pay_code *table, const char *code);

/* --- signatures (sign_lib.c) --- */
size_t pay_scheme_size(enum pay_scheme scheme); /* bytes of a signature */
/* Is `mac` what `key` makes of the text? */
bool pay_fits(enum pay_scheme scheme, const void *key, size_t key_n, const struct str *text,
              const unsigned char *mac);

/* Adds its lower-case digits. */
void pay_sign(enum pay_scheme scheme, const void *key, size_t key_n, const struct str *text,
              struct str *out);
/* Why these are credentials of a test: published, or for a test gateway; NULL = they are not.
 * (verify.c) */
const char *pay_test_key(struct arena *a, const struct pay_provider *p,
                         const struct pay_account *account);

/* --- asking (ask_lib.c) --- */
const char *pay_ask_setting(const struct pay_ask *k, const char *env_name);
void pay_ask_sign(const struct pay_ask *k, enum pay_scheme scheme, const char *key_name,
                  const struct str *text, struct str *out);
/* The text of a member of the answer; NULL when it is absent or neither text nor number. */
const char *pay_ask_get(const struct pay_ask *k, const char *name);
bool pay_ask_number(const struct pay_ask *k, const char *name, int64_t min, int64_t max,
                    int64_t *ret);
/* What the answer is; the sentence is masked and cleaned. */
void pay_ask_say(struct pay_ask *k, enum pay_said said, bool retry, const char *fmt, ...)
    PRINTF_LIKE(4, 5);
/* The same by the status: NONE says nothing, PENDING and PROCESSING are open. */
void pay_ask_settle(struct pay_ask *k, enum pay_status status, const char *reason);

/* --- explaining (explain_lib.c; the changes in edits_lib.c) --- */
/* A change that is known to happen to values on their way, undone. */
struct pay_edit {
    uint32_t row;
    bool one_at_a_time; /* one member, else all of them together */
    const char *mistake;
};
bool pay_edit_row(uint32_t i, struct pay_edit *ret); /* false behind the last */
/* Changes a copied member; false when it stays as it is. */
bool pay_edit_member(const struct pay_check *c, const struct pay_edit *edit, struct jsontext *at);
/* Fills trace.mistakes with what would explain the signature. */
void pay_explain(struct pay_check *c);

#endif
