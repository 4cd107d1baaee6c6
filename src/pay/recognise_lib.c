/* pay/recognise_lib.c - which kind of message the bytes are: from their form, from the names that
 * mark a kind, and from what was asked for. */
#include "pay_priv.h"

#include <string.h>

enum shape { SHAPE_TEXT, SHAPE_JSON, SHAPE_HTTP };

static const char *skip_blanks(const char *s, const char *end) {
    while (s < end && (*s == ' ' || *s == '\t' || *s == '\r' || *s == '\n'))
        s++;
    return s;
}

/* Lines, and then one that opens an object. */
static bool looks_http(const char *s, const char *end) {
    for (; s + 1 < end; s++)
        if (s[0] == '\n' && s[1] == '{')
            return true;
    return false;
}

static enum shape shape_of(const struct pay_request *q) {
    const char *s = q->bytes, *end = s + q->n;
    const char *first = skip_blanks(s, end);
    if (first < end && (*first == '{' || *first == '['))
        return SHAPE_JSON;
    return looks_http(s, end) ? SHAPE_HTTP : SHAPE_TEXT;
}

static unsigned forms_of(enum shape shape) {
    static const unsigned forms[] = {
        [SHAPE_TEXT] = PAY_FORM_QUERY | PAY_FORM_BASE,
        [SHAPE_JSON] = PAY_FORM_JSON | PAY_FORM_HTTP,
        [SHAPE_HTTP] = PAY_FORM_HTTP,
    };
    return forms[shape];
}

static bool is_auto(const struct pay_request *q) {
    return !q->kind || !strcmp(q->kind, "auto");
}

static bool is_named(const struct pay_kind *k, const char *name) {
    return !strcmp(k->name, name) || (k->also && !strcmp(k->also, name));
}

static bool has_marks(const struct pay_check *c, const struct pay_kind *k) {
    const char *list = k->marks;
    struct pay_word w;
    while (pay_word_next(&list, &w)) {
        const struct jsontext *j = jsontext_get(c->message, w.name);
        if (!j || (w.setting[0] && strcmp(j->text, w.setting) != 0))
            return false;
    }
    return true;
}

static bool parse(struct pay_check *c, unsigned form) {
    c->message = NULL;
    c->raw_names = c->raw_values = NULL;
    c->result->trace.duplicated.n = 0;
    switch (form) {
    case PAY_FORM_QUERY:
        return pay_form_query(c);
    case PAY_FORM_JSON:
        return pay_form_json(c, c->request->bytes, c->request->n);
    case PAY_FORM_HTTP:
        return pay_form_http(c);
    default:
        return pay_form_base(c);
    }
}

/* Two kinds whose signed texts have the same shape are told apart by the credentials that stand in
 * them, and by the number of parts: joints inside a value are taken only from a kind that was
 * named. */
static bool fits_base(const struct pay_check *c) {
    const char *list = c->kind->fields;
    struct pay_word w;
    size_t parts = 0, joints = 0;
    for (; pay_word_next(&list, &w); parts++) {
        const struct jsontext *j = w.setting[0] ? jsontext_get(c->message, w.name) : NULL;
        const char *ours = j ? pay_word_value(c, &w) : NULL;
        if (j && (!ours || strcmp(j->text, ours) != 0))
            return false;
    }
    for (const char *s = c->base; *s; s++)
        joints += *s == c->kind->joint;
    return c->kind->joint != '|' || !is_auto(c->request) || joints + 1 == parts;
}

struct candidate {
    const struct pay_kind *kind;
    unsigned form;
    enum pay_failure failure;
    const char *reason;
};

/* Parses as this kind and form would have it. What does not parse as one may well parse as another,
 * so a failure is kept aside. */
static bool matches(struct pay_check *c, struct candidate *at) {
    c->kind = at->kind;
    c->result->failure = PAY_OK;
    bool parsed = parse(c, at->form);
    at->failure = c->result->failure;
    at->reason = c->result->reason;
    c->result->failure = PAY_OK;
    return parsed && has_marks(c, at->kind) && (at->form != PAY_FORM_BASE || fits_base(c));
}

/* The first kind of the table that the bytes are; else the first of the asked name whose form they
 * have. Without either, c->kind is NULL and the failure is that of the first form. */
static void recognise(struct pay_check *c, unsigned allowed) {
    struct candidate at = {0}, first = {0}, parsed = {0};
    for (uint32_t i = 0; i < c->provider->n_kinds; i++) {
        at.kind = &c->provider->kinds[i];
        if (!is_auto(c->request) && !is_named(at.kind, c->request->kind))
            continue;
        for (at.form = PAY_FORM_QUERY; at.form <= PAY_FORM_HTTP; at.form <<= 1) {
            if (!(at.kind->forms & allowed & at.form))
                continue;
            if (matches(c, &at))
                return;
            first = first.kind ? first : at;
            parsed = parsed.kind || at.failure != PAY_OK ? parsed : at;
        }
    }
    c->kind = parsed.kind ? parsed.kind : first.kind;
    if (parsed.kind) {
        (void)parse(c, parsed.form); /* also when it stays nameless: its fields are shown */
    } else {
        c->result->failure = first.failure;
        c->result->reason = first.reason;
    }
    if (is_auto(c->request))
        c->kind = NULL;
}

/* "a query string or a JSON object" */
static const char *form_names(const struct pay_check *c, const char *kind) {
    static const char *const names[] = {"a query string", "a JSON object",
                                        "the signed text with its signature on a line behind it",
                                        "header lines with a JSON object behind them"};
    const char *joined = NULL;
    for (unsigned i = 0; i < ARRAY_LEN(names); i++)
        for (uint32_t k = 0; k < c->provider->n_kinds; k++)
            if (is_named(&c->provider->kinds[k], kind) && c->provider->kinds[k].forms & BIT(i)) {
                joined = joined ? arena_printf(c->arena, "%s or %s", joined, names[i]) : names[i];
                break;
            }
    return joined;
}

void pay_find_kind(struct pay_check *c) {
    const struct pay_request *q = c->request;
    if (q->n > PAY_MAX_BYTES)
        pay_refuse(c, PAY_TOO_BIG, "%zu bytes; at most %d are read", q->n, PAY_MAX_BYTES);
    else if (skip_blanks(q->bytes, q->bytes + q->n) == q->bytes + q->n)
        pay_refuse(c, PAY_MALFORMED, "nothing was handed in");
    else
        recognise(c, forms_of(shape_of(q)));
    if (c->result->failure != PAY_OK || c->kind)
        return;
    if (is_auto(q))
        pay_refuse(c, PAY_UNKNOWN_KIND, "none of the messages of %s that we know",
                   c->provider->title);
    else
        pay_refuse(c, PAY_MALFORMED, "a %s of %s is %s", q->kind, c->provider->title,
                   form_names(c, q->kind));
}

bool pay_kind_known(const struct pay_request *q, struct err *err) {
    struct str names;
    bool known = is_auto(q);
    str_init(&names, 180);
    for (uint32_t i = 0; i < q->provider->n_kinds; i++) {
        const struct pay_kind *k = &q->provider->kinds[i];
        known = known || is_named(k, q->kind);
        str_printf(&names, "%s, ", k->name);
    }
    if (!known) {
        err_set(err, E_CONFIG, "payments", q->kind, "is no kind of %s; it has %sauto",
                q->provider->title, str_get(&names));
        err->todo = "goodgo payments kinds tells what each of them is";
    }
    str_done(&names);
    return known;
}
