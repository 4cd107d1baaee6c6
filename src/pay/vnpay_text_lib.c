/* pay/vnpay_text_lib.c - the texts that VNPay's signatures are made over, as the versions have them
 * and as signers are known to get them wrong. */
#include "vnpay_priv.h"

#include <stdlib.h>
#include <string.h>

#define PREFIXED (BIT(PAY_PREFIX_SHA256) | BIT(PAY_PREFIX_MD5))
#define KEYED    BIT(PAY_HMAC_SHA512)

/* --- the text of a call: all its vnp_ fields --- */

enum {
    TEXT_PLAIN = 1,    /* values as they are, not url-encoded */
    TEXT_RECEIVED = 2, /* names and values as they came, not decoded */
    TEXT_EMPTY = 4,    /* with the empty ones */
    TEXT_UNSORTED = 8, /* in the order they came in */
    TEXT_TYPE = 16,    /* with vnp_SecureHashType */
    TEXT_OTHERS = 32   /* with fields that are not vnp_ */
};

struct entry {
    const char *name, *value, *raw_name, *raw_value;
};

static bool is_signed(const struct entry *e, unsigned how) {
    if (!strcmp(e->name, "vnp_SecureHash") || (!e->value[0] && !(how & TEXT_EMPTY)))
        return false;
    if (!strcmp(e->name, "vnp_SecureHashType"))
        return how & TEXT_TYPE;
    return str_starts(e->name, "vnp_") || how & TEXT_OTHERS;
}

static int by_name(const void *x, const void *y) {
    const struct entry *a = x, *b = y;
    return strcmp(a->name, b->name);
}

/* A null is an absent field; anything else that is no text stands as it was written, so that no
 * vnp_ field ever goes unsigned. */
static const char *value_of(const struct pay_check *c, const struct jsontext *j) {
    if (j->type == JSONTEXT_WORD)
        return strcmp(j->text, "null") ? j->text : "";
    if (j->type != JSONTEXT_OBJECT && j->type != JSONTEXT_ARRAY)
        return j->text;
    struct str out;
    str_init(&out, PAY_MAX_BYTES);
    jsontext_write(j, 0, &out);
    const char *s = arena_strdup(c->arena, str_get(&out));
    str_done(&out);
    return s;
}

static struct entry *entries(const struct pay_check *c, unsigned how, size_t *ret_n) {
    size_t n = 0, i = 0;
    for (const struct jsontext *j = c->message->first; j; j = j->next)
        n++;
    struct entry *list = arena_alloc(c->arena, (n + 1) * sizeof *list);
    n = 0;
    for (const struct jsontext *j = c->message->first; j; j = j->next, i++) {
        list[n] = (struct entry){j->name, value_of(c, j), j->name, j->text};
        if (c->raw_names) {
            list[n].raw_name = c->raw_names[i];
            list[n].raw_value = c->raw_values[i];
        }
        n += is_signed(&list[n], how);
    }
    if (!(how & TEXT_UNSORTED))
        qsort(list, n, sizeof *list, by_name);
    *ret_n = n;
    return list;
}

/* Punctuation that some signers leave as it is: `plain` beside letters, digits and "-_.". */
static void add_value(const char *s, const char *blank, const char *plain, struct str *out) {
    for (; *s; s++) {
        if (*plain && strchr(plain, *s))
            str_putc(out, *s);
        else
            pay_encode((char[]){*s, 0}, blank, out);
    }
}

static void add_call(struct pay_check *c, unsigned how, const char *blank, const char *plain,
                     struct str *out) {
    size_t n;
    const struct entry *list = entries(c, how, &n);
    for (size_t i = 0; i < n; i++) {
        if (i)
            str_putc(out, '&');
        if (how & TEXT_RECEIVED) {
            str_printf(out, "%s=%s", list[i].raw_name, list[i].raw_value);
        } else if (how & TEXT_PLAIN) {
            str_printf(out, "%s=%s", list[i].name, list[i].value);
        } else {
            add_value(list[i].name, blank, plain, out);
            str_putc(out, '=');
            add_value(list[i].value, blank, plain, out);
        }
        if (c->tracing)
            pay_names_add(c->arena, &c->result->trace.signed_fields, pay_masked(c, list[i].name));
    }
}

static bool call_encoded(struct pay_check *c, uint32_t turn, struct str *out) {
    if (!turn)
        add_call(c, 0, "+", "", out);
    return !turn;
}

/* The official samples differ in which punctuation they escape: take what was received. Where only
 * decoded values are left (a stored callback), what each of them would have sent. */
static bool call_received(struct pay_check *c, uint32_t turn, struct str *out) {
    static const char *const plain[] = {"*", "!()*", "!'()*~", "~"};
    if (c->raw_names) {
        if (!turn)
            add_call(c, TEXT_RECEIVED, "+", "", out);
        return !turn;
    }
    if (turn < ARRAY_LEN(plain))
        add_call(c, 0, "+", plain[turn], out);
    return turn < ARRAY_LEN(plain);
}

static bool call_plain(struct pay_check *c, uint32_t turn, struct str *out) {
    if (!turn)
        add_call(c, TEXT_PLAIN, "+", "", out);
    return !turn;
}

static bool call_percent_blank(struct pay_check *c, uint32_t turn, struct str *out) {
    if (!turn)
        add_call(c, 0, "%20", "", out);
    return !turn;
}

static bool call_both(struct pay_check *c, uint32_t turn, unsigned how, struct str *out) {
    if (turn < 2)
        add_call(c, how | (turn ? TEXT_PLAIN : 0), "+", "", out);
    return turn < 2;
}
static bool call_with_empty(struct pay_check *c, uint32_t turn, struct str *out) {
    return call_both(c, turn, TEXT_EMPTY, out);
}
static bool call_unsorted(struct pay_check *c, uint32_t turn, struct str *out) {
    return call_both(c, turn, TEXT_UNSORTED, out);
}
static bool call_with_type(struct pay_check *c, uint32_t turn, struct str *out) {
    return call_both(c, turn, TEXT_TYPE, out);
}
static bool call_with_others(struct pay_check *c, uint32_t turn, struct str *out) {
    return call_both(c, turn, TEXT_OTHERS, out);
}

const struct pay_variant vnpay_call_variants[] = {
    {KEYED, "the values were signed url-encoded, the rule of version 2.1.0", call_encoded},
    {KEYED, "the values were signed url-encoded, as they came", call_received},
    {PREFIXED, "the values were signed unencoded, the rule of version 2.0.x", call_plain},
    {0, "the signer writes a blank as %20, where VNPay writes '+'", call_percent_blank},
    {0, "the signer signs empty fields too", call_with_empty},
    {0, "the signer does not sort the fields", call_unsorted},
    {0, "the signer signs vnp_SecureHashType too", call_with_type},
    {0, "the signer signs fields that do not begin with vnp_", call_with_others},
    {0, NULL, NULL},
};

/* --- the text of the transaction API: a fixed list --- */

static bool api_sorted(struct pay_check *c, uint32_t turn, struct str *out) {
    return call_both(c, turn, 0, out);
}

const struct pay_variant vnpay_api_variants[] = {
    {KEYED | PREFIXED, NULL, pay_base_fields},
    {0, "signed over name=value pairs like a call, where the API joins values by '|'", api_sorted},
    {0, NULL, NULL},
};
