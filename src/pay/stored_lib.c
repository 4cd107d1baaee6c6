/* pay/stored_lib.c - the provider's messages inside a stored "callbackData". Programs keep them in
 * many ways; see codec/payrow.h. What is none of those ways is no message. */
#include "codec/payrow.h"

#include <string.h>
#include <strings.h>

#include "pay_priv.h"

#define DEPTH_MAX 4 /* a list of envelopes with a text in it that is JSON */

struct finder {
    struct arena *arena;
    struct pay_message *messages;
    uint32_t n;
};

static void find_in(struct finder *f, const struct jsontext *j, unsigned depth);

/* A list that is too long loses its oldest ones: what came last counts. */
static void add(struct finder *f, const char *bytes, size_t n) {
    if (f->n == PAY_STORED_MAX)
        memmove(f->messages, f->messages + 1, --f->n * sizeof *f->messages);
    f->messages[f->n++] = (struct pay_message){bytes, n};
}

/* jsonb keeps values and not spelling; providers that sign the spelling send it as a text. */
static void add_object(struct finder *f, const struct jsontext *j) {
    struct str out;
    str_init(&out, 2 * PAY_MAX_BYTES);
    jsontext_write(j, 0, &out);
    if (!out.toobig)
        add(f, arena_strdup(f->arena, str_get(&out)), out.len);
    str_done(&out);
}

static bool has_signature(const struct jsontext *j) {
    for (const struct jsontext *m = j->first; m; m = m->next)
        if (pay_is_signature(m->name))
            return true;
    return false;
}

/* --- envelopes --- */

/* Casso's whole body is called "data" too. */
static bool is_envelope(const char *name, const struct jsontext *m) {
    return m->type == JSONTEXT_STRING || m->type == JSONTEXT_ARRAY ||
           (m->type == JSONTEXT_OBJECT && (strcmp(name, "data") != 0 || has_signature(m)));
}

static const struct jsontext *inside(const struct jsontext *j) {
    static const char *const names[] = {
        "raw",    "rawBody", "rawQuery", "rawData",   "raw_data", "body", "query",    "queryString",
        "params", "payload", "callback", "callbacks", "ipn",      "data", "messages", "history",
    };
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        const struct jsontext *m = jsontext_get(j, names[i]);
        if (m && is_envelope(names[i], m))
            return m;
    }
    return NULL;
}

/* The header that carries a provider's signature, as the line it came in; NULL where none does. */
static const char *signature_line(struct finder *f, const struct jsontext *headers) {
    for (const struct jsontext *h = headers ? headers->first : NULL; h; h = h->next)
        for (uint32_t p = 0; h->name && h->type == JSONTEXT_STRING && p < n_pay_providers; p++)
            for (uint32_t k = 0; k < pay_providers[p]->n_kinds; k++) {
                const struct pay_kind *kind = &pay_providers[p]->kinds[k];
                if (kind->forms & PAY_FORM_HTTP && kind->signature &&
                    !strcasecmp(kind->signature, h->name) && !strpbrk(h->text, "\r\n"))
                    return arena_printf(f->arena, "%s: %s\n", kind->signature, h->text);
            }
    return NULL;
}

static void add_with_header(struct finder *f, const char *line, const struct jsontext *body) {
    struct str out;
    str_init(&out, 2 * PAY_MAX_BYTES);
    str_puts(&out, line);
    if (body->type == JSONTEXT_STRING)
        str_puts(&out, body->text);
    else
        jsontext_write(body, 0, &out);
    if (!out.toobig)
        add(f, arena_strdup(f->arena, str_get(&out)), out.len);
    str_done(&out);
}

static bool is_evidence(const struct jsontext *j) {
    const struct jsontext *by = jsontext_get(j, PAY_SETTLED_BY);
    return by && by->type == JSONTEXT_STRING && !strcmp(by->text, PAY_SETTLED_CONSOLE) &&
           !has_signature(j);
}

static void find_in_object(struct finder *f, const struct jsontext *j, unsigned depth) {
    if (is_evidence(j))
        return;
    const struct jsontext *inner = has_signature(j) ? NULL : inside(j);
    const char *line = inner ? signature_line(f, jsontext_get(j, "headers")) : NULL;
    if (line && inner->type != JSONTEXT_ARRAY)
        add_with_header(f, line, inner);
    else if (inner)
        find_in(f, inner, depth + 1);
    else if (j->first)
        add_object(f, j);
}

/* A text is the message itself, byte for byte, unless it is JSON that only wraps one. */
static void find_in_text(struct finder *f, const struct jsontext *j, unsigned depth) {
    struct err ignored;
    size_t n = strlen(j->text);
    const char *first = j->text + strspn(j->text, " \t\r\n");
    const struct jsontext *inner = *first == '{' || *first == '['
                                       ? jsontext_parse(f->arena, j->text, n, NULL, &ignored)
                                       : NULL;
    bool wraps =
        inner && (inner->type == JSONTEXT_ARRAY || (!has_signature(inner) && inside(inner)));
    if (wraps)
        find_in(f, inner, depth + 1);
    else if (*first)
        add(f, j->text, n);
}

static void find_in(struct finder *f, const struct jsontext *j, unsigned depth) {
    if (depth > DEPTH_MAX)
        return;
    if (j->type == JSONTEXT_OBJECT)
        find_in_object(f, j, depth);
    else if (j->type == JSONTEXT_STRING)
        find_in_text(f, j, depth);
    for (const struct jsontext *m = j->type == JSONTEXT_ARRAY ? j->first : NULL; m; m = m->next)
        find_in(f, m, depth + 1);
}

uint32_t pay_stored_messages(const char *json, size_t n, struct arena *a,
                             struct pay_message ret[PAY_STORED_MAX]) {
    struct finder f = {.arena = a, .messages = ret};
    struct err ignored;
    const struct jsontext *j =
        n <= PAY_MAX_BYTES ? jsontext_parse(a, json, n, NULL, &ignored) : NULL;
    if (j)
        find_in(&f, j, 0);
    return f.n;
}
