/* pay/casso.c - Casso: tells of bank transfers. Its webhook is signed over a time stamp and the
 * body written again as PHP does: names sorted, no blanks, "\/" and \uXXXX. */
#include "pay_priv.h"

#include <string.h>

static const struct pay_setting settings[] = {
    {"GOODGO_CASSO_KEY", PAY_SECRET, NULL, false},
};

/* "t=1727948258788,v1=ed0a..." */
static bool unwrap(struct pay_check *c) {
    const char *text = c->signature, *comma;
    if (!str_starts(text, "t=") || !(comma = strstr(text, ",v1=")))
        return false;
    c->stamp = arena_strndup(c->arena, text + 2, (size_t)(comma - text) - 2);
    c->signature = comma + 4;
    return c->stamp[0] && !c->stamp[strspn(c->stamp, "0123456789")];
}

/* The body alone, without the header that stands among its members. */
static struct jsontext body(const struct pay_check *c) {
    struct jsontext j = *c->message;
    if (j.first && !strcmp(j.first->name, c->kind->signature))
        j.first = j.first->next;
    return j;
}

static bool stamped(struct pay_check *c, unsigned how, struct str *out) {
    struct jsontext j = body(c);
    str_printf(out, "%s.", c->stamp);
    jsontext_write(&j, how, out);
    return true;
}

static bool as_php(struct pay_check *c, uint32_t turn, struct str *out) {
    struct jsontext j = body(c);
    for (const struct jsontext *m = j.first; m && c->tracing; m = m->next)
        pay_names_add(c->arena, &c->result->trace.signed_fields, pay_masked(c, m->name));
    return !turn && stamped(c, JSONTEXT_SORTED | JSONTEXT_SLASHES | JSONTEXT_ASCII, out);
}
static bool as_script(struct pay_check *c, uint32_t turn, struct str *out) {
    return !turn && stamped(c, JSONTEXT_SORTED, out);
}
static bool unsorted(struct pay_check *c, uint32_t turn, struct str *out) {
    return turn < 2 && stamped(c, turn ? JSONTEXT_SLASHES | JSONTEXT_ASCII : 0, out);
}
static bool without_stamp(struct pay_check *c, uint32_t turn, struct str *out) {
    struct jsontext j = body(c);
    if (!turn)
        jsontext_write(&j, JSONTEXT_SORTED | JSONTEXT_SLASHES | JSONTEXT_ASCII, out);
    return !turn;
}

static const struct pay_variant variants[] = {
    {BIT(PAY_HMAC_SHA512), NULL, as_php},
    {0, "the signer writes the body as JavaScript does, where Casso escapes as PHP does",
     as_script},
    {0, "the signer does not sort the names of the body", unsorted},
    {0, "the signer leaves the time stamp out", without_stamp},
    {0, NULL, NULL},
};

/* A credit on our account. Whose order it pays is for the matching rules to say, so nothing here is
 * a success; and nobody promises a zone for transactionDateTime, so it stays in the raw data. */
static void read_webhook(struct pay_check *c) {
    struct pay_result *r = c->result;
    r->provider_tx_id = pay_get(c, "reference");
    pay_read_amount(c, "amount", -PAY_VND_MAX);
    r->reason = r->amount_vnd < 0 ? "a debit of our account" : "a credit to our account";
    r->note = "a transfer names no order: its content is matched when the day is reconciled";
}

static const struct pay_kind kinds[] = {
    {.name = "webhook",
     .also = "casso_webhook_v2",
     .help = "Casso's call to our server",
     .forms = PAY_FORM_HTTP,
     .marks = "data",
     .nested = "data",
     .signature = "X-Casso-Signature",
     .when_missing = "hand in its header line, then the body",
     .secret = "GOODGO_CASSO_KEY",
     .absent_is_empty = true,
     .required = "reference amount",
     .scheme = PAY_HMAC_SHA512,
     .variants = variants,
     .unwrap = unwrap,
     .read = read_webhook},
};

const struct pay_provider pay_casso = {
    .id = "casso",
    .title = "Casso",
    .stored = PAY_TRANSFER,
    .settings = settings,
    .n_settings = ARRAY_LEN(settings),
    .kinds = kinds,
    .n_kinds = ARRAY_LEN(kinds),
};
