/* ui/draw.c - text, rules, boxes, bars and sparklines into cells; everything clips to its rect. */
#include "ui/draw.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "draw_priv.h"

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

/* One column of a shape: UTF-8, or its ASCII stand-in. */
static int put_shape(struct cellbuf *b, int x, int y, const char *utf8, char ascii,
                     enum role role) {
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

void draw_box(struct cellbuf *b, struct rect r, const char *title) {
    if (r.w < 2 || r.h < 2)
        return;
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
}

void draw_empty(struct cellbuf *b, struct rect r, const char *sentence) {
    if (r.w < 1 || r.h < 1)
        return;
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

static const char *const spark_utf8[] = {"\xe2\x96\x81", "\xe2\x96\x82", "\xe2\x96\x83",
                                         "\xe2\x96\x84", "\xe2\x96\x85", "\xe2\x96\x86",
                                         "\xe2\x96\x87", "\xe2\x96\x88"};
static const char spark_ascii[] = "..--=+#@";

static double highest(const float *points, uint32_t first, uint32_t n) {
    double max = 0;
    for (uint32_t i = first; i < n; i++)
        if (isfinite(points[i]) && (double)points[i] > max)
            max = (double)points[i];
    return max;
}

void draw_sparkline(struct cellbuf *b, struct rect r, int x, int y, int w, const float *points,
                    uint32_t n, enum role role) {
    if (!inside_row(r, y) || w <= 0)
        return;
    uint32_t shown = n < (uint32_t)w ? n : (uint32_t)w, first = n - shown;
    double max = highest(points, first, n);
    int left = x + w - (int)shown;
    for (uint32_t i = 0; i < shown; i++) {
        float v = points[first + i];
        int at = left + (int)i;
        if (!isfinite(v) || at < r.x || at >= r.x + r.w)
            continue;
        double level = max > 0 && v > 0 ? (double)v / max * 7.999 : 0;
        int step = level < 0 ? 0 : level > 7 ? 7 : (int)level;
        put_shape(b, at, y, spark_utf8[step], spark_ascii[step], role);
    }
}

/* Bytes of the next line of at most w columns; *ret_next is where the one after it begins. */
static size_t wrap_line(const char *s, size_t n, int w, size_t *ret_next) {
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

int draw_wrapped(struct cellbuf *b, struct rect r, struct text t, enum role role) {
    int lines = 0;
    if (r.w < 1 || !t.s)
        return 0;
    for (size_t at = 0; at < t.len && lines < r.h; lines++) {
        size_t next;
        size_t len = wrap_line(t.s + at, t.len - at, r.w, &next);
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
    return draw_lit(b, r, x, y, health_sign(h), role_of_health(h));
}

void format_age(int64_t ms, char *buf, size_t size) {
    int64_t s = ms < 0 ? 0 : ms / 1000;
    if (s < 60)
        snprintf(buf, size, "%ds", (int)s);
    else if (s < 3600)
        snprintf(buf, size, "%dm%02ds", (int)(s / 60), (int)(s % 60));
    else if (s < 86400)
        snprintf(buf, size, "%dh%02dm", (int)(s / 3600), (int)(s / 60 % 60));
    else
        snprintf(buf, size, "%dd%02dh", (int)(s / 86400 > 99999 ? 99999 : s / 86400),
                 (int)(s / 3600 % 24));
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

int draw_age(struct cellbuf *b, struct rect r, int x, int y, const struct section *sec,
             int64_t now_mono_ms) {
    char age[16];
    enum freshness f = section_freshness(sec, now_mono_ms);
    if (f == FRESH_NONE)
        return draw_lit(b, r, x, y, "   -", ROLE_DIM);
    if (f == FRESH_OLD)
        return draw_lit(b, r, x, y, "  ??", ROLE_UNKNOWN);
    format_short_age(now_mono_ms - sec->taken_mono_ms, age, sizeof age);
    return draw_fmt(b, r, x, y, f == FRESH_LATE ? ROLE_DIM : ROLE_TEXT, "%4s", age);
}
