/* term/pen.c - the pen between curses and the terminal: reads SGR (ECMA-48 8.3.117) and character
 * set changes out of the stream, keeps what they amount to, and writes the shortest way there. */
#include "pen_priv.h"

#include <stdio.h>
#include <string.h>

#define ESC    '\033'
#define UNREAD BIT(0) /* something that only a reset turns off */
#define BITS   0x1beu /* of 1 2 3 4 5 7 8: bold dim italic underline blink reverse hidden */

void pen_forget(struct pen *p) {
    p->known = false;
    p->charset = 0;
}

/* --- from the terminal's language --- */

/* What turns an attribute off: 22 both weights, the others their own. */
static uint16_t attrs_of_off(int n) {
    return n == 22 ? BIT(1) | BIT(2) : n >= 23 && n <= 28 ? BIT(n - 20) & BITS : 0;
}

/* "38;5;n", "38;2;r;g;b" or "38:...": how many fields of the sequence are this colour. */
static int colour_fields(const char *field, size_t n) {
    const char *next = memchr(field, ';', n);
    if (memchr(field, ':', next ? (size_t)(next - field) : n) || !next)
        return 1;
    return next[1] == '5' ? 3 : next[1] == '2' ? 5 : 1;
}

static size_t fields_len(const char *field, size_t n, int count) {
    size_t at = 0;
    for (; at < n; at++)
        if (field[at] == ';' && --count == 0)
            break;
    return at;
}

static bool colour_set(char colour[24], const char *field, size_t n) {
    if (n >= 24)
        return false;
    memcpy(colour, field, n);
    colour[n] = 0;
    return true;
}

/* One field (of an extended colour: all of its fields); false when it is not understood. */
static bool style_apply(struct pen_style *s, int number, const char *field, size_t n) {
    if (number == 0)
        *s = (struct pen_style){0};
    else if (number < 9 && (BITS & BIT(number)))
        s->attrs |= (uint16_t)BIT(number);
    else if (attrs_of_off(number))
        s->attrs &= (uint16_t)~attrs_of_off(number);
    else if (number == 39 || number == 49)
        (number == 39 ? s->fg : s->bg)[0] = 0;
    else if ((number >= 30 && number <= 38) || (number >= 90 && number <= 97))
        return colour_set(s->fg, field, n);
    else if ((number >= 40 && number <= 48) || (number >= 100 && number <= 107))
        return colour_set(s->bg, field, n);
    else
        return number == 10; /* the first font: the linux console names it with each change */
    return true;
}

static int field_number(const char *field, size_t n) {
    int number = 0;
    for (size_t i = 0; i < n && char_is_digit(field[i]) && number < 1000; i++)
        number = number * 10 + field[i] - '0';
    return number;
}

static bool style_read(struct pen_style *s, const char *fields, size_t n) {
    bool all = true;
    for (size_t at = 0; at <= n;) {
        const char *field = fields + at;
        int number = field_number(field, n - at);
        int count = number == 38 || number == 48 ? colour_fields(field, n - at) : 1;
        size_t len = fields_len(field, n - at, count);
        all &= style_apply(s, number, field, len);
        at += len + 1;
    }
    return all;
}

/* --- and back --- */

#define CHANGE_MAX 96 /* eight attributes and two colours */

static bool style_same(const struct pen_style *a, const struct pen_style *b) {
    return a->attrs == b->attrs && strcmp(a->fg, b->fg) == 0 && strcmp(a->bg, b->bg) == 0;
}

/* The sequence that turns `from` into `to`, where nothing has to be turned off. */
static size_t change_write(char buf[CHANGE_MAX], const char *start, const struct pen_style *from,
                           const struct pen_style *to) {
    size_t n = strlen(start);
    memcpy(buf, start, n);
    for (int bit = 1; bit <= 8; bit++)
        if (to->attrs & ~from->attrs & BIT(bit))
            n += (size_t)snprintf(buf + n, CHANGE_MAX - n, "%s%d", buf[n - 1] == '[' ? "" : ";",
                                  bit);
    if (strcmp(from->fg, to->fg) != 0)
        n += (size_t)snprintf(buf + n, CHANGE_MAX - n, "%s%s", buf[n - 1] == '[' ? "" : ";",
                              *to->fg ? to->fg : "39");
    if (strcmp(from->bg, to->bg) != 0)
        n += (size_t)snprintf(buf + n, CHANGE_MAX - n, "%s%s", buf[n - 1] == '[' ? "" : ";",
                              *to->bg ? to->bg : "49");
    buf[n++] = 'm';
    return n;
}

/* An attribute is only ever turned off by a reset: not every terminal knows the single ones. */
static void pen_sync(struct pen *p, struct str *out) {
    static const struct pen_style plain;
    char fresh[CHANGE_MAX], more[CHANGE_MAX];
    if (p->known && style_same(&p->actual, &p->wanted))
        return;
    bool to_plain = style_same(&p->wanted, &plain);
    size_t n_fresh = change_write(fresh, to_plain ? "\033[" : "\033[0", &plain, &p->wanted);
    size_t n_more = sizeof more;
    if (p->known && !(p->actual.attrs & ~p->wanted.attrs))
        n_more = change_write(more, "\033[", &p->actual, &p->wanted);
    str_add(out, n_more < n_fresh ? more : fresh, n_more < n_fresh ? n_more : n_fresh);
    p->actual = p->wanted;
    p->known = true;
}

/* --- the stream --- */

/* One sequence, one control character, or all the text up to the next. */
static size_t item_len(const char *s, size_t n) {
    size_t i = 1;
    if (s[0] == ESC && n > 1 && s[1] == '[') {
        for (i = 2; i < n && (s[i] < 0x40 || s[i] > 0x7e); i++)
            continue;
        return i < n ? i + 1 : n;
    }
    if (s[0] == ESC)
        return n > 2 && (s[1] == '(' || s[1] == ')') ? 3 : n > 1 ? 2 : 1;
    if ((unsigned char)s[0] < 0x20)
        return 1;
    while (i < n && (unsigned char)s[i] >= 0x20)
        i++;
    return i;
}

static bool is_sgr(const char *s, size_t n) {
    return n > 2 && s[0] == ESC && s[1] == '[' && s[n - 1] == 'm' &&
           (s[2] == 'm' || (s[2] >= '0' && s[2] <= ';'));
}

/* 'B' for a change to the usual set, another letter for one to another set, 0 for none. */
static char charset_of(const char *s, size_t n) {
    if (n == 3 && s[0] == ESC && s[1] == '(')
        return s[2];
    return n == 1 && *s == 017 ? 'B' : n == 1 && *s == 016 ? '0' : 0;
}

/* Moving the cursor looks the same in any colour; erasing and scrolling do not. */
static bool only_moves(const char *s, size_t n) {
    if (n == 1)
        return *s == '\b' || *s == '\r' || *s == '\a';
    return s[0] == ESC && s[1] == '[' && strchr("ABCDEFGHdf`r", s[n - 1]);
}

void pen_squeeze(struct pen *p, const char *bytes, size_t n, struct str *out) {
    for (size_t i = 0, len; i < n; i += len) {
        const char *item = bytes + i;
        len = item_len(item, n - i);
        char charset = charset_of(item, len);
        bool sgr = is_sgr(item, len);
        if (sgr && style_read(&p->wanted, item + 2, len - 3))
            continue;
        if (charset && charset == p->charset)
            continue;
        if (charset)
            p->charset = charset;
        else if (!only_moves(item, len))
            pen_sync(p, out);
        str_add(out, item, len);
        if (sgr) { /* it passed unread */
            p->wanted.attrs |= UNREAD;
            p->actual = p->wanted;
        }
    }
}
