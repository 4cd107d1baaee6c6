/* pay/verify.c - the one order in which every message is verified: size, form, kind, duplicates,
 * signature, merchant, fields, then what it says. The providers fill in the steps; see codec/pay.h.
 */
#include "pay_priv.h"

#include <string.h>

static enum pay_scheme scheme_of(const struct pay_check *c, const struct pay_account *account) {
    return c->provider->scheme ? c->provider->scheme(account) : c->kind->scheme;
}

/* --- before the signature --- */

static void note_duplicates(struct pay_check *c) {
    struct pay_names *names = &c->result->trace.duplicated;
    for (const struct jsontext *j = c->message->first; j; j = j->next)
        for (const struct jsontext *k = j->next; k; k = k->next)
            if (!strcmp(j->name, k->name) && !pay_names_have(names, pay_masked(c, j->name)))
                pay_names_add(c->arena, names, pay_masked(c, j->name));
    if (names->n)
        pay_refuse(c, PAY_DUPLICATE_FIELD,
                   "%s stands twice: software that takes the first and software that takes the "
                   "last would read two different messages",
                   pay_names_join(c->arena, names));
}

static void open_nested(struct pay_check *c) {
    const struct jsontext *message = c->message, *inner = jsontext_get(message, c->kind->nested);
    bool text = c->kind->nested_is_text;
    if (!inner)
        pay_refuse(c, PAY_MISSING_FIELD, "%s is missing", c->kind->nested);
    else if (text && inner->type != JSONTEXT_STRING)
        pay_refuse(c, PAY_MALFORMED,
                   "%s is not a text: the text that was sent is signed, so what was parsed and "
                   "written again cannot be verified",
                   c->kind->nested);
    else if (!text && inner->type != JSONTEXT_OBJECT)
        pay_refuse(c, PAY_MALFORMED, "%s is not an object", c->kind->nested);
    else if (text && pay_form_json(c, inner->text, strlen(inner->text)))
        c->nested = c->message;
    else if (!text)
        c->nested = inner;
    c->message = message;
}

/* What must be set before this kind can be verified at all. */
static bool ready(const struct pay_check *c, struct err *err) {
    const char *list = c->kind->fields;
    struct pay_word w;
    const char *needed[8] = {c->kind->secret, c->kind->merchant ? c->provider->merchant : NULL};
    size_t n = 2;
    while (pay_word_next(&list, &w) && n < ARRAY_LEN(needed))
        if (w.setting[0])
            needed[n++] = arena_strdup(c->arena, w.setting);
    for (size_t i = 0; i < n; i++)
        if (needed[i] && !pay_account_get(c->provider, c->account, needed[i]))
            return err_set(err, E_CONFIG, "config.env", needed[i],
                           "is not set, and a %s of %s cannot be verified without it",
                           c->kind->name, c->provider->title);
    return true;
}

static bool names_test_host(const struct pay_provider *p, const char *url) {
    const char *list = p->test_hosts;
    struct pay_word w;
    while (url && pay_word_next(&list, &w))
        if (strstr(url, w.name))
            return true;
    return false;
}

const char *pay_test_key(struct arena *a, const struct pay_provider *p,
                         const struct pay_account *account) {
    for (uint32_t i = 0; i < p->n_settings; i++) {
        const char *ours = account->values[i], *name = p->settings[i].env_name;
        if (!ours || p->settings[i].role == PAY_CHOICE)
            continue;
        if (p->settings[i].role == PAY_URL && names_test_host(p, ours))
            return arena_printf(a,
                                "%s is the test gateway, in a production context: its key proves "
                                "nothing about real money",
                                name);
        for (uint32_t t = 0; t < p->n_test_accounts; t++)
            if (p->test_accounts[t].values[i] && !strcmp(p->test_accounts[t].values[i], ours))
                return arena_printf(a,
                                    "%s is a published test credential of %s, in a production "
                                    "context: anybody can sign with it",
                                    name, p->title);
    }
    return NULL;
}

static void refuse_test_keys(struct pay_check *c) {
    const char *why = pay_test_key(c->arena, c->provider, c->account);
    if (why)
        pay_refuse(c, PAY_TEST_KEY, "%s", why);
}

/* Fields as they came: which are empty, which were written in another way than the rule's. */
static void trace_fields(struct pay_check *c) {
    struct str text;
    uint32_t i = 0;
    str_init(&text, 4 * PAY_MAX_BYTES);
    for (const struct jsontext *j = c->message->first; j; j = j->next, i++) {
        const char *name = pay_masked(c, j->name);
        if (j->type == JSONTEXT_STRING && !j->text[0])
            pay_names_add(c->arena, &c->result->trace.empty, name);
        if (!c->raw_values)
            continue;
        str_clear(&text);
        pay_encode(j->text, "+", &text);
        if (strcmp(str_get(&text), c->raw_values[i]) != 0)
            pay_names_add(c->arena, &c->result->trace.reencoded, name);
    }
    str_done(&text);
}

static void trace_unsigned(struct pay_check *c) {
    for (const struct jsontext *j = c->message->first; j; j = j->next)
        if (!pay_names_have(&c->result->trace.signed_fields, pay_masked(c, j->name)) &&
            strcmp(j->name, c->kind->signature) != 0)
            pay_names_add(c->arena, &c->result->trace.unsigned_fields, pay_masked(c, j->name));
}

/* --- the signature --- */

static bool try_account(struct pay_check *c, const struct pay_account *account) {
    const char *key = pay_account_get(c->provider, account, c->kind->secret);
    struct str text;
    bool fits = false;
    c->account = account;
    c->scheme = scheme_of(c, account);
    if (!key || c->mac_n != pay_scheme_size(c->scheme))
        return false;
    str_init(&text, 4 * PAY_MAX_BYTES);
    for (const struct pay_variant *v = c->kind->variants; v->base && !fits; v++) {
        bool more = v->accepted & BIT(c->scheme);
        for (uint32_t turn = 0; more && !fits; turn++) {
            str_clear(&text);
            more = v->base(c, turn, &text);
            fits = more && pay_fits(c->scheme, key, strlen(key), &text, c->mac);
        }
    }
    str_done(&text);
    return fits;
}

/* Of today, or of the time when the message came in, as the caller knows it. */
static bool counts(const struct pay_check *c, const struct pay_account *a) {
    int64_t at = c->request->received_wall_s;
    return !strcmp(a->provider, c->provider->id) &&
           (!a->until_wall_s || (at && at >= a->from_wall_s && at < a->until_wall_s));
}

static void check_signature(struct pay_check *c) {
    const struct pay_account *current = c->account;
    enum pay_scheme configured = c->scheme;
    size_t digits = c->signature ? strlen(c->signature) : 0;
    for (uint32_t i = 0; i < c->settings->n_pay_accounts; i++) {
        const struct pay_account *account = &c->settings->pay_accounts[i];
        if (!counts(c, account) || !try_account(c, account))
            continue;
        c->result->trace.account = account->name;
        c->result->trace.scheme = pay_scheme_name(c->scheme);
        return;
    }
    c->account = current;
    c->scheme = configured;
    if (!c->mac_n)
        pay_refuse(c, PAY_BAD_SIGNATURE, "%s is %zu characters, where %zu hexadecimal ones are due",
                   c->kind->signature, digits, 2 * pay_scheme_size(configured));
    else if (c->mac_n != pay_scheme_size(configured))
        pay_refuse(c, PAY_BAD_SIGNATURE, "%s has %zu digits, %s has %zu", c->kind->signature,
                   digits, pay_scheme_name(configured), 2 * pay_scheme_size(configured));
    else
        pay_refuse(c, PAY_BAD_SIGNATURE, "%s is not what our key makes of these fields",
                   c->kind->signature);
}

static void find_signature(struct pay_check *c) {
    const struct jsontext *j = jsontext_get(c->message, c->kind->signature);
    c->signature = j && j->type == JSONTEXT_STRING && j->text[0] ? j->text : NULL;
    if (c->signature && c->kind->unwrap && !c->kind->unwrap(c))
        pay_refuse(c, PAY_BAD_SIGNATURE, "%s is not in its form", c->kind->signature);
    else if (!c->signature)
        pay_refuse(c, PAY_MISSING_SIGNATURE, "%s is missing%s%s", c->kind->signature,
                   c->kind->when_missing ? ": " : "",
                   c->kind->when_missing ? c->kind->when_missing : "");
    else if (!hex_decode(c->signature, strlen(c->signature), c->mac, sizeof c->mac, &c->mac_n))
        c->mac_n = 0;
}

/* The text as it should be: which fields, in which order. Its fingerprint lets two programs compare
 * what they sign; secrets in it are "****". */
static void trace_base(struct pay_check *c) {
    const struct pay_variant *v = c->kind->variants;
    const char *list = c->kind->fields;
    struct pay_trace *t = &c->result->trace;
    struct pay_word w;
    struct str text;
    while (v->base && !(v->accepted & BIT(c->scheme)))
        v++;
    while (pay_word_next(&list, &w))
        pay_names_add(c->arena, &t->signed_fields, arena_strdup(c->arena, w.name));
    str_init(&text, 4 * PAY_MAX_BYTES);
    c->tracing = !t->signed_fields.n;
    if (v->base && v->base(c, 0, &text)) {
        const char *shown = pay_masked(c, str_get(&text));
        digest_sha256_hex(shown, strlen(shown), t->base_sha256);
    }
    c->tracing = false;
    str_done(&text);
}

/* --- behind the signature --- */

static void check_merchant(struct pay_check *c) {
    const char *ours = c->provider->merchant
                           ? pay_account_get(c->provider, c->account, c->provider->merchant)
                           : NULL;
    const char *theirs = pay_get(c, c->kind->merchant);
    if (c->kind->merchant && (!theirs || !ours || strcmp(theirs, ours) != 0))
        pay_refuse(c, PAY_MERCHANT_MISMATCH, "signed with our key, but for merchant %s; ours is %s",
                   pay_quoted(c, theirs), pay_quoted(c, ours));
}

static void check_required(struct pay_check *c) {
    const char *list = c->kind->required;
    struct pay_word w;
    while (pay_word_next(&list, &w)) {
        const char *value = pay_get_word(c, &w);
        const char *ours = w.setting[0] ? pay_word_value(c, &w) : NULL;
        if (!value || !*value)
            pay_names_add(c->arena, &c->result->trace.missing, arena_strdup(c->arena, w.name));
        else if (ours && strcmp(value, ours) != 0)
            pay_refuse(c, PAY_BAD_FIELD, "%s is not ours", w.name);
    }
    if (c->result->trace.missing.n)
        pay_refuse(c, PAY_MISSING_FIELD, "%s is missing or empty",
                   pay_names_join(c->arena, &c->result->trace.missing));
}

/* Nobody but the provider can repair a signature; but most that do not fit were made or carried by
 * our own side's mistakes. */
static bool is_explicable(const struct pay_check *c) {
    enum pay_failure f = c->result->failure;
    return c->request->explain && c->mac_n && (f == PAY_BAD_SIGNATURE || f == PAY_MISSING_FIELD) &&
           !c->result->trace.account;
}

/* What the codes mean is no reason of what is refused: "paid" would stand beside INVALID. */
static void read_message(struct pay_check *c) {
    c->kind->read(c);
    if (c->result->failure != PAY_OK)
        c->result->reason = c->refusal;
}

static void check_message(struct pay_check *c) {
    struct pay_result *r = c->result;
    r->trace.scheme = pay_scheme_name(c->scheme);
    if (c->settings->production)
        refuse_test_keys(c);
    trace_fields(c);
    if (r->failure == PAY_OK)
        find_signature(c);
    if (r->failure == PAY_OK && !c->kind->absent_is_empty && pay_missing(c))
        pay_refuse(c, PAY_MISSING_FIELD, "%s is signed, and missing or null here",
                   pay_names_join(c->arena, &r->trace.missing));
    if (c->signature)
        trace_base(c);
    trace_unsigned(c);
    if (r->failure == PAY_OK)
        check_signature(c);
    if (r->failure == PAY_OK && c->settings->production)
        refuse_test_keys(c); /* of the past, too: it may be those that fit */
    if (is_explicable(c))
        pay_explain(c);
    if (r->failure == PAY_OK)
        check_merchant(c);
    if (r->failure == PAY_OK)
        check_required(c);
    if (r->failure == PAY_OK)
        read_message(c);
}

/* What is not valid says nothing: only `raw` keeps its claims. */
static void conclude(struct pay_check *c) {
    struct pay_result *r = c->result;
    r->kind = c->kind ? c->kind->name : NULL;
    r->valid = r->failure == PAY_OK;
    r->raw = pay_shown(c);
    if (!r->valid) {
        r->order_id = r->provider_tx_id = r->note = NULL;
        r->is_success = r->has_amount = r->has_pay_time = false;
        r->status = PAY_STATUS_NONE;
    }
    r->order_id = r->order_id ? pay_masked(c, r->order_id) : NULL;
    r->provider_tx_id = r->provider_tx_id ? pay_masked(c, r->provider_tx_id) : NULL;
}

bool pay_verify(const struct pay_request *q, const struct settings *s, struct arena *a,
                struct pay_result *ret, struct err *err) {
    static const struct pay_account nothing = {.name = "current"};
    struct pay_check c = {
        .request = q, .settings = s, .provider = q->provider, .arena = a, .result = ret};
    *ret = (struct pay_result){.provider = q->provider->id};
    c.account = pay_account_current(s, q->provider->id);
    if (!c.account)
        c.account = &nothing;
    if (!pay_kind_known(q, err))
        return false;
    pay_find_kind(&c);
    if (ret->failure == PAY_OK)
        note_duplicates(&c);
    if (ret->failure == PAY_OK && !c.kind->signature)
        pay_refuse(&c, PAY_UNSIGNED,
                   "%s: only TLS proves it, so ask again rather than trust a copy", c.kind->help);
    if (ret->failure == PAY_OK && c.kind->nested)
        open_nested(&c);
    if (ret->failure == PAY_OK)
        note_duplicates(&c); /* inside, too */
    if (ret->failure == PAY_OK) {
        c.scheme = scheme_of(&c, c.account);
        if (!ready(&c, err))
            return false;
        check_message(&c);
    }
    conclude(&c);
    return true;
}
