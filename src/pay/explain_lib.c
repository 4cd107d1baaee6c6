/* pay/explain_lib.c - why a signature does not fit: tries known mistakes of keys, schemes, texts
 * and values, and names the one that needs the fewest of them. What is made here is compared and
 * forgotten; nothing of it is shown. */
#include "base/mem.h"
#include "pay_priv.h"

#include <stdlib.h>
#include <string.h>

#define MAX_TEXTS      256
#define MAX_KEYS       64
#define MAX_DEVIATIONS 3
#define MAX_FOUND      3     /* that explain equally well */
#define LARGE_TEXT     16384 /* of a larger one only single mistakes are tried */

struct text_try {
    struct str text;
    unsigned accepted;
    const char *mistake;
};
struct key_try {
    const char *bytes, *mistake;
    size_t n;
};
struct search {
    struct pay_check *c;
    struct text_try texts[MAX_TEXTS];
    struct key_try keys[MAX_KEYS];
    uint32_t n_texts, n_keys, group; /* group: where the texts of changed values begin */
    uint32_t best; /* deviations of what was found; MAX_DEVIATIONS + 1 = nothing yet */
    struct pay_names found;
};

/* --- texts --- */

/* Does this text explain nothing new? It may be the right one, or made before by the same group: of
 * the wrong ways to make a text the first is named, and so of the changed values. */
static bool is_old_text(struct search *s, const struct str *text, unsigned accepted) {
    for (uint32_t i = 0; i < s->n_texts; i++) {
        struct text_try *t = &s->texts[i];
        bool right = t->accepted & BIT(s->c->scheme);
        if ((i < s->group && !right) || t->text.len != text->len ||
            memcmp(str_get(&t->text), str_get(text), text->len) != 0)
            continue;
        t->accepted |= accepted;
        return true;
    }
    return false;
}

static void add_text(struct search *s, struct str *text, unsigned accepted, const char *mistake) {
    if (s->n_texts == MAX_TEXTS || is_old_text(s, text, accepted))
        str_done(text);
    else
        s->texts[s->n_texts++] = (struct text_try){*text, accepted, mistake};
}

static void add_variants(struct search *s) {
    for (const struct pay_variant *v = s->c->kind->variants; v->base; v++)
        for (uint32_t turn = 0; turn < MAX_TEXTS; turn++) {
            struct str text;
            str_init(&text, 4 * PAY_MAX_BYTES);
            if (!v->base(s->c, turn, &text)) {
                str_done(&text);
                break;
            }
            add_text(s, &text, v->accepted, v->mistake);
        }
}

/* --- values: the message again with one thing changed --- */

/* A copy of the members, to be changed freely. */
static struct jsontext *copy_members(struct arena *a, const struct jsontext *message) {
    struct jsontext *root = arena_alloc(a, sizeof *root), **tail = &root->first;
    *root = *message;
    root->first = NULL;
    for (const struct jsontext *j = message->first; j; j = j->next) {
        *tail = arena_alloc(a, sizeof **tail);
        **tail = *j;
        tail = &(*tail)->next;
        *tail = NULL;
    }
    return root;
}

/* The text that `changed` would have been signed as. */
static void add_changed(struct search *s, const struct jsontext *changed, const char *mistake) {
    struct pay_check again = *s->c;
    const struct pay_variant *v = again.kind->variants;
    struct str text;
    again.message = changed;
    again.raw_names = again.raw_values = NULL;
    while (v->base && !(v->accepted & BIT(again.scheme)))
        v++;
    str_init(&text, 4 * PAY_MAX_BYTES);
    if (v->base && v->base(&again, 0, &text))
        add_text(s, &text, 0, mistake);
    else
        str_done(&text);
}

static void add_edit(struct search *s, const struct pay_edit *edit) {
    struct jsontext *copy = copy_members(s->c->arena, s->c->message);
    bool any = false;
    for (struct jsontext *at = copy->first; at; at = at->next) {
        struct jsontext before = *at;
        if (!pay_edit_member(s->c, edit, at))
            continue;
        any = true;
        if (edit->one_at_a_time) {
            add_changed(s, copy, edit->mistake);
            *at = before;
        }
    }
    if (any && !edit->one_at_a_time)
        add_changed(s, copy, edit->mistake);
}

static void make_texts(struct search *s) {
    for (uint32_t i = 0; i < s->n_texts; i++)
        str_done(&s->texts[i].text);
    s->n_texts = s->group = 0;
    add_variants(s);
    s->group = s->n_texts;
    struct pay_edit edit;
    for (uint32_t i = 0; !s->c->base && pay_edit_row(i, &edit); i++)
        add_edit(s, &edit);
}

/* --- keys --- */

static void add_key(struct search *s, const char *bytes, size_t n, const char *mistake) {
    for (uint32_t i = 0; i < s->n_keys; i++)
        if (s->keys[i].n == n && !memcmp(s->keys[i].bytes, bytes, n))
            return;
    if (s->n_keys < MAX_KEYS)
        s->keys[s->n_keys++] = (struct key_try){bytes, mistake, n};
}

static void add_text_key(struct search *s, const char *text, const char *mistake) {
    add_key(s, text, strlen(text), mistake);
}

static const char *cased(struct arena *a, const char *key, bool upper) {
    char *s = arena_strdup(a, key);
    for (char *p = s; *p; p++)
        if (upper ? *p >= 'a' && *p <= 'z' : *p >= 'A' && *p <= 'Z')
            *p ^= 32;
    return s;
}

static void add_key_slips(struct search *s, const char *key) {
    struct arena *a = s->c->arena;
    unsigned char *raw = arena_alloc(a, strlen(key) + 1);
    size_t n;
    add_text_key(s, arena_printf(a, "%s\n", key), "the signer's key ends with a line break");
    add_text_key(s, arena_printf(a, "%s\r\n", key), "the signer's key ends with a line break");
    add_text_key(s, arena_printf(a, "%s ", key), "the signer's key ends with a blank");
    add_text_key(s, arena_printf(a, " %s", key), "the signer's key begins with a blank");
    add_text_key(s, arena_printf(a, "\"%s\"", key), "the signer's key has quotes around it");
    add_text_key(s, arena_printf(a, "'%s'", key), "the signer's key has quotes around it");
    add_text_key(s, pay_trimmed(a, key),
                 "our key has blanks or a line break around it: look at the env file");
    add_text_key(s, cased(a, key, true), "the signer's key is in upper case");
    add_text_key(s, cased(a, key, false), "the signer's key is in lower case");
    if (hex_decode(key, strlen(key), raw, strlen(key), &n))
        add_key(s, (const char *)raw, n, "the signer decodes the hexadecimal key to bytes first");
}

static void add_other_secrets(struct search *s, const struct pay_account *account) {
    const struct pay_provider *p = s->c->provider;
    for (uint32_t i = 0; i < p->n_settings; i++)
        if (p->settings[i].role == PAY_SECRET && account->values[i])
            add_text_key(s, account->values[i],
                         arena_printf(s->c->arena, "signed with %s, where %s is due",
                                      p->settings[i].env_name, s->c->kind->secret));
}

/* --- the search --- */

static const char *join(struct search *s, const char *x, const char *y) {
    return !x ? y : !y ? x : arena_printf(s->c->arena, "%s; and %s", x, y);
}

static void try_one(struct search *s, const struct key_try *key, enum pay_scheme scheme,
                    const struct text_try *text, const char *account_mistake) {
    bool other_scheme = scheme != s->c->scheme, other_text = !(text->accepted & BIT(scheme));
    uint32_t deviations = (account_mistake || key->mistake) + other_scheme + other_text;
    uint32_t most = text->text.len > LARGE_TEXT ? 1 : MAX_DEVIATIONS;
    if (deviations > most || deviations > s->best ||
        !pay_fits(scheme, key->bytes, key->n, &text->text, s->c->mac))
        return;
    const char *how = join(s, account_mistake, key->mistake);
    if (other_scheme)
        how = join(s, how,
                   arena_printf(s->c->arena, "signed by %s, and %s is configured",
                                pay_scheme_name(scheme), pay_scheme_name(s->c->scheme)));
    if (other_text)
        how = join(s, how, text->mistake);
    if (deviations < s->best)
        s->found.n = 0;
    s->best = deviations;
    if (how && s->found.n < MAX_FOUND && !pay_names_have(&s->found, how))
        pay_names_add(s->c->arena, &s->found, how);
}

static void try_account(struct search *s, const struct pay_account *account, const char *mistake) {
    const char *key = pay_account_get(s->c->provider, account, s->c->kind->secret);
    if (!key)
        return;
    s->c->account = account;
    s->n_keys = 0;
    make_texts(s);
    add_text_key(s, key, NULL);
    if (!mistake)
        add_key_slips(s, key);
    add_other_secrets(s, account);
    for (uint32_t k = 0; k < s->n_keys; k++)
        for (int scheme = 0; scheme < PAY_SCHEME_COUNT; scheme++)
            for (uint32_t t = 0; t < s->n_texts; t++)
                if (pay_scheme_size((enum pay_scheme)scheme) == s->c->mac_n)
                    try_one(s, &s->keys[k], (enum pay_scheme)scheme, &s->texts[t], mistake);
}

static const char *account_mistake(const struct pay_check *c, const struct pay_account *account) {
    return account == c->account || !account->until_wall_s
               ? NULL
               : arena_printf(c->arena,
                              "signed with our key \"%s\", which is no longer in use: say with "
                              "--received when the message came in",
                              account->name);
}

void pay_explain(struct pay_check *c) {
    const struct pay_account *ours = c->account;
    struct search *s = mem_zeroed(sizeof *s);
    s->c = c;
    s->best = MAX_DEVIATIONS + 1;
    for (uint32_t i = 0; i < c->settings->n_pay_accounts; i++) {
        const struct pay_account *account = &c->settings->pay_accounts[i];
        c->account = ours;
        if (!strcmp(account->provider, c->provider->id))
            try_account(s, account, account_mistake(c, account));
    }
    for (uint32_t i = 0; i < c->provider->n_test_accounts; i++)
        try_account(s, &c->provider->test_accounts[i],
                    "signed with a published test key: it came from the test gateway, or from "
                    "anybody");
    for (uint32_t i = 0; i < s->n_texts; i++)
        str_done(&s->texts[i].text);
    c->result->trace.mistakes = s->found;
    c->account = ours;
    free(s);
}
