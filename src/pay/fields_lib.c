/* pay/fields_lib.c - reads the fields of a message: names, numbers, times, codes, and the texts
 * that are signed over a fixed list of fields. */
#include "pay_priv.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"

/* --- names --- */

static void copy_piece(char *dst, size_t size, const char *s, size_t n) {
    assert(n < size); /* our own tables */
    memcpy(dst, s, n);
    dst[n] = 0;
}

bool pay_word_next(const char **list, struct pay_word *ret) {
    const char *s = *list ? *list + strspn(*list, " ") : "";
    size_t n = strcspn(s, " "), name_n = strcspn(s, "/= ");
    if (!n)
        return false;
    *ret = (struct pay_word){.name = ""};
    copy_piece(ret->name, sizeof ret->name, s, name_n);
    if (s[name_n] == '/')
        copy_piece(ret->older, sizeof ret->older, s + name_n + 1, n - name_n - 1);
    else if (s[name_n] == '=')
        copy_piece(ret->setting, sizeof ret->setting, s + name_n + 1, n - name_n - 1);
    *list = s + n;
    return true;
}

static const char *text_of(const struct jsontext *j) {
    return j && (j->type == JSONTEXT_STRING || j->type == JSONTEXT_NUMBER) ? j->text : NULL;
}

static const struct jsontext *document(const struct pay_check *c) {
    return c->nested ? c->nested : c->message;
}

const char *pay_get_word(const struct pay_check *c, const struct pay_word *w) {
    const char *text = text_of(jsontext_get(document(c), w->name));
    return text || !w->older[0] ? text : text_of(jsontext_get(document(c), w->older));
}

const char *pay_get(const struct pay_check *c, const char *names) {
    struct pay_word w;
    return names && pay_word_next(&names, &w) ? pay_get_word(c, &w) : NULL;
}

const char *pay_word_value(const struct pay_check *c, const struct pay_word *w) {
    if (w->setting[0])
        return pay_account_get(c->provider, c->account, w->setting);
    return pay_get_word(c, w);
}

/* --- numbers and times --- */

bool pay_parse_i64(const char *s, int64_t min, int64_t max, int64_t *ret) {
    const char *digits = s && *s == '-' ? s + 1 : s;
    return s && strlen(digits) <= 18 && !(digits[0] == '0' && digits[1]) &&
           str_to_i64(s, min, max, ret);
}

bool pay_number(struct pay_check *c, const char *names, int64_t min, int64_t max, int64_t *ret) {
    const char *s = pay_get(c, names);
    if (pay_parse_i64(s, min, max, ret))
        return true;
    pay_refuse(c, PAY_BAD_FIELD, "%s is %s, where a whole number is due", names, pay_quoted(c, s));
    return false;
}

void pay_read_amount(struct pay_check *c, const char *names, int64_t least) {
    struct pay_result *r = c->result;
    r->has_amount = pay_number(c, names, least, PAY_VND_MAX, &r->amount_vnd);
}

void pay_read_tx(struct pay_check *c, const char *names, int64_t most) {
    int64_t number;
    if (pay_number(c, names, 0, most, &number))
        c->result->provider_tx_id = pay_get(c, names);
}

bool pay_time_vietnam(const char *s, int64_t *ret_wall_s) {
    char text[40], again[40];
    int64_t wall_ms;
    if (!s || strlen(s) != 14 || s[strspn(s, "0123456789")])
        return false;
    snprintf(text, sizeof text, "%.4s-%.2s-%.2sT%.2s:%.2s:%.2sZ", s, s + 4, s + 6, s + 8, s + 10,
             s + 12);
    if (!clock_parse_rfc3339(text, &wall_ms))
        return false;
    clock_iso8601(wall_ms, again, sizeof again);
    if (strcmp(text, again) != 0)
        return false; /* 31 February */
    *ret_wall_s = wall_ms / 1000 - CLOCK_VIETNAM_S;
    return true;
}

void pay_stamp_vietnam(int64_t wall_s, char out[15]) {
    char text[40];
    size_t n = 0;
    clock_iso8601((wall_s + CLOCK_VIETNAM_S) * 1000, text, sizeof text);
    for (const char *s = text; *s && n < 14; s++)
        if (char_is_digit(*s))
            out[n++] = *s;
    out[n] = 0;
}

const struct pay_code *pay_code_find(const struct pay_code *table, const char *code) {
    for (; code && table->code; table++)
        if (!strcmp(table->code, code))
            return table;
    return NULL;
}

/* --- signed fields --- */

uint32_t pay_missing(struct pay_check *c) {
    const char *list = c->kind->fields;
    struct pay_word w;
    uint32_t n = 0;
    while (pay_word_next(&list, &w))
        if (!pay_word_value(c, &w)) {
            pay_names_add(c->arena, &c->result->trace.missing, arena_strdup(c->arena, w.name));
            n++;
        }
    return n;
}

bool pay_base_fields(struct pay_check *c, uint32_t turn, struct str *out) {
    const char *list = c->kind->fields;
    struct pay_word w;
    if (turn)
        return false;
    for (bool first = true; pay_word_next(&list, &w); first = false) {
        const char *value = pay_word_value(c, &w);
        if (!value && !c->kind->absent_is_empty)
            return false;
        if (!first)
            str_putc(out, c->kind->joint);
        if (c->kind->joint == '&')
            str_printf(out, "%s=", w.name);
        str_puts(out, value ? value : "");
    }
    return true;
}

bool pay_base_given(struct pay_check *c, uint32_t turn, struct str *out) {
    if (!turn)
        str_puts(out, c->base);
    return !turn;
}
