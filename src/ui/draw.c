/* ui/draw.c - text, rules, boxes, bars and sparklines into cells; everything clips to its rect. */
#include "ui/draw.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "draw_priv.h"
#include "ui/keys.h"

#define SAID_SIZE 256 /* of a sentence that names keys */

static bool inside_row(struct rect r, int y) {
    return y >= r.y && y < r.y + r.h;
}

/* Draws bytes up to column `end`, cutting with an ellipsis there. */
int draw_bytes(struct cellbuf *b, int x, int y, int end, const char *s, size_t n, enum role role) {
    int start = x;
    if (end > b->w)
        end = b->w;
    size_t at = 0;
    while (at < n) {
        uint32_t cols = 1;
        size_t len = (unsigned char)s[at] < 0x80 && (at + 1 == n || (unsigned char)s[at + 1] < 0x80)
                         ? 1
                         : text_cluster(s + at, n - at, &cols);
        if (!len)
            break;
        if (x + (int)cols >= end && x + (int)text_cols(s + at, n - at) > end) {
            if (x < end)
                x += cell_put(b, x, y, b->ascii ? "~" : "\xe2\x80\xa6", b->ascii ? 1 : 3, role);
            break;
        }
        x += cell_put(b, x, y, s + at, len, role);
        at += len;
    }
    return x - start;
}

int draw_text(struct cellbuf *b, struct rect r, int x, int y, struct text t, enum role role) {
    if (!inside_row(r, y) || x < r.x || x >= r.x + r.w || !t.s)
        return 0;
    return draw_bytes(b, x, y, r.x + r.w, t.s, t.len, role);
}

/* Bytes of the parts before the last one of these; 0 when there is but one. */
static uint32_t without_last_part(const char *s, uint32_t n) {
    while (n > 1 && !(s[n - 1] == ' ' && s[n - 2] == ' '))
        n--;
    if (n <= 1)
        return 0;
    while (n && s[n - 1] == ' ')
        n--;
    return n;
}

int draw_parts(struct cellbuf *b, struct rect r, int x, int y, struct text t, enum role role) {
    int room = r.x + r.w - x;
    uint32_t n = t.len;
    if (t.s && (int)text_cols(t.s, n) > room)
        do
            n = without_last_part(t.s, n);
        while (n && (int)text_cols(t.s, n) + 2 > room);
    if (!n || n == t.len)
        return draw_text(b, r, x, y, t, role);
    int used = draw_text(b, r, x, y, (struct text){t.s, n, text_cols(t.s, n)}, role);
    return used + 1 + draw_lit(b, r, x + used + 1, y, b->ascii ? "~" : "\xe2\x80\xa6", role);
}

int draw_lit(struct cellbuf *b, struct rect r, int x, int y, const char *literal, enum role role) {
    if (!inside_row(r, y) || x < r.x || x >= r.x + r.w)
        return 0;
    return draw_bytes(b, x, y, r.x + r.w, literal, strlen(literal), role);
}

int draw_fmt(struct cellbuf *b, struct rect r, int x, int y, enum role role, const char *fmt, ...) {
    char buf[1024];
    va_list args;
    va_start(args, fmt);
    vsnprintf(buf, sizeof buf, fmt, args);
    va_end(args);
    return draw_lit(b, r, x, y, buf, role);
}

int draw_right(struct cellbuf *b, struct rect r, int y, enum role role, const char *fmt, ...) {
    char buf[1024];
    va_list args;
    va_start(args, fmt);
    vsnprintf(buf, sizeof buf, fmt, args);
    va_end(args);
    int cols = (int)text_cols(buf, strlen(buf));
    int x = r.x + (cols < r.w ? r.w - cols : 0);
    return draw_lit(b, r, x, y, buf, role);
}

void draw_fill(struct cellbuf *b, struct rect r, enum role role) {
    for (int y = r.y; y < r.y + r.h; y++)
        for (int x = r.x; x < r.x + r.w; x++)
            cell_put(b, x, y, " ", 1, role);
}

int put_shape(struct cellbuf *b, int x, int y, const char *utf8, char ascii, enum role role) {
    return b->ascii ? cell_put(b, x, y, &ascii, 1, role)
                    : cell_put(b, x, y, utf8, strlen(utf8), role);
}

void draw_rule(struct cellbuf *b, struct rect r, int y, const char *title) {
    if (!inside_row(r, y))
        return;
    for (int x = r.x; x < r.x + r.w; x++)
        put_shape(b, x, y, "\xe2\x94\x80", '-', ROLE_RULE);
    if (!title || !*title || r.w < 8)
        return;
    struct rect room = {r.x + 4, y, r.w - 6, 1};
    int used = draw_lit(b, room, room.x, y, title, ROLE_TITLE);
    cell_put(b, r.x + 3, y, " ", 1, ROLE_RULE);
    cell_put(b, room.x + used, y, " ", 1, ROLE_RULE);
}

struct rect draw_box(struct cellbuf *b, struct rect r, const char *title) {
    struct rect in = {r.x + 2, r.y + 1, r.w - 4, r.h - 2};
    if (r.w < 2 || r.h < 2)
        return in;
    int right = r.x + r.w - 1, bottom = r.y + r.h - 1;
    draw_fill(b, r, ROLE_POPUP);
    draw_rule(b, r, r.y, title);
    draw_rule(b, r, bottom, NULL);
    for (int y = r.y + 1; y < bottom; y++) {
        put_shape(b, r.x, y, "\xe2\x94\x82", '|', ROLE_RULE);
        put_shape(b, right, y, "\xe2\x94\x82", '|', ROLE_RULE);
    }
    put_shape(b, r.x, r.y, "\xe2\x94\x8c", '+', ROLE_RULE);
    put_shape(b, right, r.y, "\xe2\x94\x90", '+', ROLE_RULE);
    put_shape(b, r.x, bottom, "\xe2\x94\x94", '+', ROLE_RULE);
    put_shape(b, right, bottom, "\xe2\x94\x98", '+', ROLE_RULE);
    return in;
}

int draw_said(struct cellbuf *b, struct rect r, int x, int y, const char *sentence,
              enum role role) {
    char said[SAID_SIZE];
    keymap_say(b->keymap, sentence, said, sizeof said);
    return draw_lit(b, r, x, y, said, role);
}

void draw_empty(struct cellbuf *b, struct rect r, const char *words) {
    char sentence[SAID_SIZE];
    if (r.w < 1 || r.h < 1)
        return;
    keymap_say(b->keymap, words, sentence, sizeof sentence);
    int cols = (int)text_cols(sentence, strlen(sentence));
    if (cols > r.w) {
        draw_wrapped(b, r, (struct text){sentence, (uint32_t)strlen(sentence), (uint32_t)cols},
                     ROLE_DIM);
        return;
    }
    draw_lit(b, r, r.x + (r.w - cols) / 2, r.y + (r.h - 1) / 3, sentence, ROLE_DIM);
}

void draw_bar(struct cellbuf *b, struct rect r, int x, int y, int w, double pct, enum role role) {
    if (!inside_row(r, y) || !(pct >= 0))
        return;
    double full = (pct > 100 ? 100 : pct) * w / 100;
    for (int i = 0; i < w && x + i < r.x + r.w; i++) {
        if (x + i < r.x)
            continue;
        if (i + 0.5 <= full)
            put_shape(b, x + i, y, "\xe2\x96\x88", '#', role);
        else
            put_shape(b, x + i, y, "\xe2\x96\x91", '-', ROLE_DIM);
    }
}

size_t text_wrap(const char *s, size_t n, int w, size_t *ret_next) {
    size_t at = 0, space = 0;
    int cols = 0;
    while (at < n) {
        uint32_t c = 1;
        size_t len = text_cluster(s + at, n - at, &c);
        if (!len)
            break;
        if (cols + (int)c > w) {
            bool at_space = s[at] == ' ';
            size_t end = at_space || !space ? at : space;
            *ret_next = end ? end : len;
            while (*ret_next < n && s[*ret_next] == ' ')
                (*ret_next)++;
            return end;
        }
        if (s[at] == ' ')
            space = at;
        cols += (int)c;
        at += len;
    }
    *ret_next = n;
    return at;
}

int text_lines(struct text t, int w) {
    int lines = 0;
    for (size_t at = 0, next; w > 0 && t.s && at < t.len; at += next, lines++)
        text_wrap(t.s + at, t.len - at, w, &next);
    return lines;
}

int draw_wrapped(struct cellbuf *b, struct rect r, struct text t, enum role role) {
    int lines = 0;
    if (r.w < 1 || !t.s)
        return 0;
    for (size_t at = 0; at < t.len && lines < r.h; lines++) {
        size_t next;
        size_t len = text_wrap(t.s + at, t.len - at, r.w, &next);
        bool cut = lines + 1 == r.h && at + next < t.len;
        /* The last line takes all that is left, so that its ellipsis says there is more. */
        draw_bytes(b, r.x, r.y + lines, r.x + r.w, t.s + at, cut ? t.len - at : len, role);
        at += next;
    }
    return lines;
}

enum role role_of_health(enum health h) {
    static const enum role roles[HEALTH_COUNT] = {[HEALTH_OFF] = ROLE_OFF,
                                                  [HEALTH_OK] = ROLE_OK,
                                                  [HEALTH_UNKNOWN] = ROLE_UNKNOWN,
                                                  [HEALTH_WARNING] = ROLE_WARNING,
                                                  [HEALTH_CRITICAL] = ROLE_CRITICAL};
    return (unsigned)h < HEALTH_COUNT ? roles[h] : ROLE_UNKNOWN;
}

int draw_health(struct cellbuf *b, struct rect r, int x, int y, enum health h) {
    return draw_lit(b, r, x, y, health_sign(h),
                    h == HEALTH_CRITICAL ? ROLE_ALARM : role_of_health(h));
}

int draw_event(struct cellbuf *b, struct rect r, int x, int y, const struct event *e,
               int utc_offset_s) {
    char time[CLOCK_DAY_SIZE];
    enum role role = role_of_health(e->health);
    int start = x;
    clock_day_time(e->wall_ms / 1000, utc_offset_s, time);
    x += draw_fmt(b, r, x, y, ROLE_DIM, "%s ", time);
    x += draw_fmt(b, r, x, y, ROLE_TEXT, "%s ", e->subject);
    x += draw_fmt(b, r, x, y, ROLE_DIM, "%s %s ", e->from, b->ascii ? "->" : "\xe2\x86\x92");
    x += draw_fmt(b, r, x, y, role, "%s", e->to);
    x += draw_fmt(b, r, x, y, ROLE_DIM, "  %s", e->why);
    return x - start;
}

void format_age(int64_t ms, char *buf, size_t size) {
    value_format(value_int(ms > 0 ? ms / 1000 : 0), UNIT_SECONDS, 0, buf, size);
}

/* At most four columns: a table of thirteen services has no room for more. */
static void format_short_age(int64_t ms, char *buf, size_t size) {
    int64_t s = ms < 0 ? 0 : ms / 1000;
    if (s < 100)
        snprintf(buf, size, "%ds", (int)s);
    else if (s < 6000)
        snprintf(buf, size, "%dm", (int)(s / 60));
    else if (s < 360000)
        snprintf(buf, size, "%dh", (int)(s / 3600));
    else
        snprintf(buf, size, "%dd", (int)(s / 86400 > 999 ? 999 : s / 86400));
}

/* What is fresh enough counts in steps of five: a board of thirteen ages that tick each second
 * would be most of what goes over the line, and tells nobody anything. */
static int64_t calm_age_s(int64_t ms) {
    int64_t s = ms < 0 ? 0 : ms / 1000;
    return s - s % 5;
}

int draw_ago(struct cellbuf *b, struct rect r, int x, int y, int64_t age_ms) {
    char age[16];
    format_short_age(calm_age_s(age_ms) * 1000, age, sizeof age);
    return draw_fmt(b, r, x, y, ROLE_DIM, "%s ago ", age);
}

int draw_age(struct cellbuf *b, struct rect r, int x, int y, const struct section *sec,
             int64_t now_mono_ms) {
    char age[16];
    int64_t age_ms = now_mono_ms - sec->taken_mono_ms;
    enum freshness f = section_freshness(sec, now_mono_ms);
    if (f == FRESH_NONE)
        return draw_lit(b, r, x, y, "   -", ROLE_DIM);
    if (f == FRESH_OLD)
        return draw_lit(b, r, x, y, "  ??", ROLE_UNKNOWN);
    if (f == FRESH_GOOD && age_ms < 10000)
        return draw_lit(b, r, x, y, "<10s", ROLE_DIM);
    format_short_age(f == FRESH_GOOD ? calm_age_s(age_ms) * 1000 : age_ms, age, sizeof age);
    return draw_fmt(b, r, x, y, f == FRESH_LATE ? ROLE_WARNING : ROLE_DIM, "%4s", age);
}
