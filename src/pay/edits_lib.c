/* pay/edits_lib.c - what is done to the values of a message on its way, undone: a table of changes
 * that pay_explain() tries. */
#include "pay_priv.h"

#include <string.h>

#include "base/text.h"

struct edit {
    struct arena *arena;
    const char *amount; /* the member that holds the amount */
    struct jsontext *at;
};

static const char *with_factor(const struct edit *e, bool times) {
    int64_t n;
    if (!e->amount || strcmp(e->at->name, e->amount) ||
        !pay_parse_i64(e->at->text, 1, (int64_t)1 << 50, &n) || (!times && n % 100))
        return NULL;
    return arena_printf(e->arena, "%lld", (long long)(times ? n * 100 : n / 100));
}
static const char *times_hundred(const struct edit *e) {
    return with_factor(e, true);
}
static const char *by_hundred(const struct edit *e) {
    return with_factor(e, false);
}

static const char *replaced(const struct edit *e, char from, char to) {
    char *s = arena_strdup(e->arena, e->at->text);
    for (char *p = strchr(s, from); p; p = strchr(p, from))
        *p = to;
    return s;
}
static const char *blanks_as_plus(const struct edit *e) {
    return replaced(e, ' ', '+');
}
static const char *plus_as_blanks(const struct edit *e) {
    return replaced(e, '+', ' ');
}

static const char *composed(const struct edit *e) {
    return text_normal(e->arena, e->at->text, true);
}
static const char *decomposed(const struct edit *e) {
    return text_normal(e->arena, e->at->text, false);
}

static const char *null_as_empty(const struct edit *e) {
    if (e->at->type != JSONTEXT_WORD || strcmp(e->at->text, "null") != 0)
        return NULL;
    e->at->type = JSONTEXT_STRING;
    return "";
}

static const char *encoded(const struct edit *e, const char *blank) {
    struct str out;
    str_init(&out, 4 * PAY_MAX_BYTES);
    pay_encode(e->at->text, blank, &out);
    const char *s = arena_strdup(e->arena, str_get(&out));
    str_done(&out);
    return s;
}
static const char *encoded_plus(const struct edit *e) {
    return encoded(e, "+");
}
static const char *encoded_percent(const struct edit *e) {
    return encoded(e, "%20");
}

static const char *decoded(const struct edit *e) {
    const char *s = pay_decode(e->arena, e->at->text, strlen(e->at->text));
    return s ? s : e->at->text;
}

/* What Java's US-ASCII does to Vietnamese: one '?' for a letter. */
static const char *ascii_only(const struct edit *e) {
    char *out = arena_alloc(e->arena, strlen(e->at->text) + 1);
    size_t n = 0;
    for (const char *s = e->at->text; *s; s++) {
        unsigned char c = (unsigned char)*s;
        if (c < 0x80 || c >= 0xC0)
            out[n++] = c < 0x80 ? *s : '?';
    }
    return out;
}

static const char *trimmed(const struct edit *e) {
    return pay_trimmed(e->arena, e->at->text);
}
static const char *blank_behind(const struct edit *e) {
    return arena_printf(e->arena, "%s ", e->at->text);
}
static const char *blank_before(const struct edit *e) {
    return arena_printf(e->arena, " %s", e->at->text);
}
static const char *line_behind(const struct edit *e) {
    return arena_printf(e->arena, "%s\n", e->at->text);
}

/* make() returns NULL where the member stays as it is. */
static const struct edit_row {
    const char *(*make)(const struct edit *e);
    bool one_at_a_time;
    const char *mistake;
} rows[] = {
    {null_as_empty, false, "an empty text was stored as null: what was received had \"\" there"},
    {times_hundred, false,
     "the amount was divided by 100 before it was verified: the text that was received is signed"},
    {by_hundred, false, "the amount was multiplied by 100: this provider signs whole dong"},
    {blanks_as_plus, false,
     "'+' was decoded to a blank once too often: a literal plus is %2B in a query string"},
    {plus_as_blanks, false, "'+' was not decoded: in a query string it is a blank"},
    {decoded, false, "the values were encoded twice on the way"},
    {encoded_plus, false, "the values were signed url-encoded, with '+' for a blank"},
    {encoded_percent, false, "the values were signed url-encoded, with %20 for a blank"},
    {composed, false,
     "Vietnamese letters were taken apart (NFD) on the way; composed ones are signed"},
    {decomposed, false, "Vietnamese letters were composed (NFC) on the way; NFD is signed"},
    {ascii_only, false, "the signer turns letters beyond ASCII into '?': it must encode in UTF-8"},
    {trimmed, false, "blanks around a value were added: without them it fits"},
    {blank_behind, true, "a blank at the end of a value was trimmed"},
    {blank_before, true, "a blank before a value was trimmed"},
    {line_behind, true, "a line break at the end of a value was trimmed"},
};

bool pay_edit_row(uint32_t i, struct pay_edit *ret) {
    if (i >= ARRAY_LEN(rows))
        return false;
    *ret = (struct pay_edit){i, rows[i].one_at_a_time, rows[i].mistake};
    return true;
}

bool pay_edit_member(const struct pay_check *c, const struct pay_edit *edit, struct jsontext *at) {
    const struct edit_row *row = &rows[edit->row];
    struct edit e = {c->arena, c->kind->amount, at};
    bool scalar = at->type == JSONTEXT_STRING || at->type == JSONTEXT_NUMBER;
    const char *made = scalar || row->make == null_as_empty ? row->make(&e) : NULL;
    if (!made || !strcmp(made, at->text) || !strcmp(at->name, c->kind->signature))
        return false;
    at->text = made;
    return true;
}
