/* pay/text_lib.c - what may be shown of a message: no secret, no signature that would be good for
 * anything. */
#include "pay_priv.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

#define MASK         "****"
#define SHOWN_DIGITS 8
#define QUOTED_COLS  40
#define SHORT_SECRET 5 /* a secret of fewer letters is masked only where it is the whole text */
#define REASON_MAX   1024

static const char *const failures[PAY_FAILURE_COUNT] = {
    [PAY_OK] = "OK",
    [PAY_TOO_BIG] = "TOO_BIG",
    [PAY_MALFORMED] = "MALFORMED",
    [PAY_UNKNOWN_KIND] = "UNKNOWN_KIND",
    [PAY_DUPLICATE_FIELD] = "DUPLICATE_FIELD",
    [PAY_UNSIGNED] = "UNSIGNED",
    [PAY_TEST_KEY] = "TEST_KEY",
    [PAY_MISSING_FIELD] = "MISSING_FIELD",
    [PAY_MISSING_SIGNATURE] = "MISSING_SIGNATURE",
    [PAY_BAD_SIGNATURE] = "BAD_SIGNATURE",
    [PAY_AMBIGUOUS] = "AMBIGUOUS",
    [PAY_MERCHANT_MISMATCH] = "MERCHANT_MISMATCH",
    [PAY_BAD_FIELD] = "BAD_FIELD",
};
static const char *const statuses[PAY_STATUS_COUNT] = {
    [PAY_PENDING] = "PENDING", [PAY_PROCESSING] = "PROCESSING", [PAY_COMPLETED] = "COMPLETED",
    [PAY_FAILED] = "FAILED",   [PAY_REFUNDED] = "REFUNDED",
};

const char *pay_status_name(enum pay_status s) {
    return statuses[s];
}

bool pay_status_is_open(enum pay_status s) {
    return s == PAY_PENDING || s == PAY_PROCESSING;
}

bool pay_status_has_money(enum pay_status s) {
    return s == PAY_COMPLETED || s == PAY_REFUNDED;
}

const char *pay_order_undated(const char *order) {
    bool dated = strspn(order, "0123456789") == 6 && order[6] == '_' && order[7];
    return dated ? order + 7 : order;
}

/* --- masks --- */

/* `s` with each `secret` in it replaced; s itself when there is none. */
static const char *mask_one(struct arena *a, const char *s, const char *secret) {
    size_t n = strlen(secret);
    if (!n || (n < SHORT_SECRET && strcmp(s, secret)))
        return s;
    const char *found = strstr(s, secret);
    if (!found)
        return s;
    struct str out;
    str_init(&out, 4 * PAY_MAX_BYTES);
    for (; found; s = found + n, found = strstr(s, secret)) {
        str_add(&out, s, (size_t)(found - s));
        str_puts(&out, MASK);
    }
    str_puts(&out, s);
    s = arena_strdup(a, str_get(&out));
    str_done(&out);
    return s;
}

static const char *mask_account(struct arena *a, const struct pay_provider *p,
                                const struct pay_account *account, const char *s) {
    for (uint32_t i = 0; i < p->n_settings; i++)
        if (p->settings[i].role == PAY_SECRET && account->values[i])
            s = mask_one(a, s, account->values[i]);
    return s;
}

const char *pay_hide(struct arena *a, const struct settings *settings, const char *s) {
    for (uint32_t i = 0; i < settings->n_pay_accounts; i++) {
        const struct pay_account *account = &settings->pay_accounts[i];
        const struct pay_provider *p = pay_provider_find(account->provider);
        if (p)
            s = mask_account(a, p, account, s);
    }
    return s;
}

const char *pay_masked(const struct pay_check *c, const char *s) {
    s = pay_hide(c->arena, c->settings, s);
    for (uint32_t i = 0; i < c->provider->n_test_accounts; i++)
        s = mask_account(c->arena, c->provider, &c->provider->test_accounts[i], s);
    return s;
}

const char *pay_trimmed(struct arena *a, const char *s) {
    s += strspn(s, " \t\r\n");
    size_t n = strlen(s);
    while (n && strchr(" \t\r\n", s[n - 1]))
        n--;
    return arena_strndup(a, s, n);
}

/* Masked before it is cut: half a secret is a secret too. */
const char *pay_quoted(const struct pay_check *c, const char *s) {
    struct text shown = text_clean(c->arena, s ? pay_masked(c, s) : "",
                                   s ? strlen(pay_masked(c, s)) : 0, QUOTED_COLS);
    return arena_printf(c->arena, "\"%s\"", shown.s);
}

bool pay_is_signature(const char *name) {
    for (uint32_t i = 0; i < n_pay_providers; i++)
        for (uint32_t k = 0; k < pay_providers[i]->n_kinds; k++) {
            const char *field = pay_providers[i]->kinds[k].signature;
            if (field && !strcmp(field, name))
                return true;
        }
    return false;
}

/* "t=1,v1=0123456789abcdef" as "t=1,v1=01234567... (16 characters)" */
static const char *cut_signature(const struct pay_check *c, const char *text) {
    const char *digits = c->signature ? strstr(text, c->signature) : NULL;
    size_t from = digits ? (size_t)(digits - text) : 0, n = strlen(text) - from;
    if (n <= SHOWN_DIGITS)
        return text;
    return arena_printf(c->arena, "%.*s... (%zu characters)", (int)(from + SHOWN_DIGITS), text, n);
}

static struct jsontext *copy_masked(const struct pay_check *c, const struct jsontext *j) {
    struct jsontext *copy = arena_alloc(c->arena, sizeof *copy), **tail = &copy->first;
    *copy = (struct jsontext){.type = j->type};
    copy->name = j->name ? pay_masked(c, j->name) : NULL;
    copy->text = pay_masked(c, j->text);
    for (const struct jsontext *child = j->first; child; child = child->next) {
        *tail = copy_masked(c, child);
        tail = &(*tail)->next;
    }
    return copy;
}

const struct jsontext *pay_shown(const struct pay_check *c) {
    struct jsontext *root = c->message ? copy_masked(c, c->message) : NULL;
    for (struct jsontext **at = root ? &root->first : NULL; at && *at; at = &(*at)->next) {
        struct jsontext *next = (*at)->next;
        const char *name = (*at)->name ? (*at)->name : "";
        if (pay_is_signature(name))
            (*at)->text = cut_signature(c, (*at)->text);
        if (c->nested && c->kind->nested_is_text && !strcmp(name, c->kind->nested)) {
            *at = copy_masked(c, c->nested);
            (*at)->name = name;
            (*at)->next = next;
        }
    }
    return root;
}

void pay_refuse(struct pay_check *c, enum pay_failure f, const char *fmt, ...) {
    char sentence[REASON_MAX], clean[REASON_MAX];
    va_list args;
    if (c->result->failure != PAY_OK)
        return;
    va_start(args, fmt);
    vsnprintf(sentence, sizeof sentence, fmt, args);
    va_end(args);
    const char *masked = pay_masked(c, sentence);
    text_clean_into(clean, sizeof clean, masked, strlen(masked));
    c->result->failure = f;
    c->result->reason = c->refusal = arena_printf(c->arena, "%s: %s", failures[f], clean);
}

/* --- lists of names --- */

void pay_names_add(struct arena *a, struct pay_names *names, const char *name) {
    names->at = arena_grow(a, names->at, names->n, &names->cap, 16, sizeof *names->at);
    names->at[names->n++] = name;
}

bool pay_names_have(const struct pay_names *names, const char *name) {
    for (uint32_t i = 0; i < names->n; i++)
        if (!strcmp(names->at[i], name))
            return true;
    return false;
}

const char *pay_names_join(struct arena *a, const struct pay_names *names) {
    struct str out;
    str_init(&out, REASON_MAX);
    for (uint32_t i = 0; i < names->n; i++)
        str_printf(&out, "%s%s", i ? ", " : "", names->at[i]);
    const char *joined = arena_strdup(a, str_get(&out));
    str_done(&out);
    return joined;
}
