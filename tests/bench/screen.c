/* tests/bench/screen.c - the reading half of the bench's terminal: bytes into cells. */
#include "screen.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#define PARAMS_MAX 24

struct csi {
    char mark; /* '?', '>' ... or 0 */
    char final;
    int n, params[PARAMS_MAX];
};

static struct screen_cell *at(const struct screen *s, int x, int y) {
    return &s->cells[(size_t)y * (size_t)s->w + (size_t)x];
}

/* Erasing paints with the background of the pen, as xterm does. */
static void blank(const struct screen *s, int y, int from, int to) {
    for (int x = from < 0 ? 0 : from; x < to && x < s->w; x++)
        *at(s, x, y) = (struct screen_cell){.width = 1, .style = {.bg = s->pen.bg}};
}

static void clear_all(struct screen *s) {
    for (int y = 0; y < s->h; y++)
        blank(s, y, 0, s->w);
}

void screen_init(struct screen *s, int w, int h) {
    *s = (struct screen){.w = w, .h = h, .bottom = h - 1};
    s->cells = calloc((size_t)w * (size_t)h, sizeof *s->cells);
    if (!s->cells)
        abort();
    clear_all(s);
}

void screen_done(struct screen *s) {
    free(s->cells);
    s->cells = NULL;
}

void screen_resize(struct screen *s, int w, int h) {
    struct screen old = *s;
    s->w = w, s->h = h;
    s->top = 0, s->bottom = h - 1;
    s->cells = calloc((size_t)w * (size_t)h, sizeof *s->cells);
    if (!s->cells)
        abort();
    clear_all(s);
    for (int y = 0; y < h && y < old.h; y++)
        memcpy(at(s, 0, y), at(&old, 0, y), (size_t)(w < old.w ? w : old.w) * sizeof *s->cells);
    s->x = s->x < w ? s->x : w - 1;
    s->y = s->y < h ? s->y : h - 1;
    free(old.cells);
}

void screen_copy(struct screen *to, const struct screen *from) {
    struct screen_cell *cells = to->cells;
    size_t n = (size_t)from->w * (size_t)from->h * sizeof *cells;
    cells = realloc(cells, n);
    if (!cells)
        abort();
    *to = *from;
    to->cells = cells;
    memcpy(cells, from->cells, n);
}

/* --- moving whole rows and parts of rows --- */

static void rows_up(struct screen *s, int top, int bottom, int n) {
    for (int y = top; y <= bottom; y++)
        if (y + n <= bottom)
            memcpy(at(s, 0, y), at(s, 0, y + n), (size_t)s->w * sizeof *s->cells);
        else
            blank(s, y, 0, s->w);
}

static void rows_down(struct screen *s, int top, int bottom, int n) {
    for (int y = bottom; y >= top; y--)
        if (y - n >= top)
            memcpy(at(s, 0, y), at(s, 0, y - n), (size_t)s->w * sizeof *s->cells);
        else
            blank(s, y, 0, s->w);
}

static void cells_right(struct screen *s, int n) {
    for (int x = s->w - 1; x >= s->x; x--)
        if (x - n >= s->x)
            *at(s, x, s->y) = *at(s, x - n, s->y);
    blank(s, s->y, s->x, s->x + n);
}

static void cells_left(struct screen *s, int n) {
    for (int x = s->x; x < s->w; x++)
        if (x + n < s->w)
            *at(s, x, s->y) = *at(s, x + n, s->y);
    blank(s, s->y, s->w - n > s->x ? s->w - n : s->x, s->w);
}

static void line_feed(struct screen *s) {
    if (s->y == s->bottom)
        rows_up(s, s->top, s->bottom, 1);
    else if (s->y < s->h - 1)
        s->y++;
}

static void reverse_feed(struct screen *s) {
    if (s->y == s->top)
        rows_down(s, s->top, s->bottom, 1);
    else if (s->y > 0)
        s->y--;
}

static void move_to(struct screen *s, int x, int y) {
    s->x = x < 0 ? 0 : x < s->w ? x : s->w - 1;
    s->y = y < 0 ? 0 : y < s->h ? y : s->h - 1;
    s->wraps = false;
}

/* --- printing --- */

static void add_mark(struct screen *s, const char *glyph) {
    int x = s->wraps ? s->x : s->x - 1;
    if (x < 0)
        return;
    struct screen_cell *c = at(s, x, s->y);
    if (c->width == 0 && x > 0)
        c--;
    size_t used = strlen(c->glyph);
    if (used + strlen(glyph) < sizeof c->glyph)
        memcpy(c->glyph + used, glyph, strlen(glyph) + 1);
}

static void print_glyph(struct screen *s, const char *glyph, int width) {
    if (width == 0) {
        add_mark(s, glyph);
        return;
    }
    if (s->wraps || s->x + width > s->w) {
        s->x = 0;
        line_feed(s);
    }
    s->wraps = false;
    if (s->insert)
        cells_right(s, width);
    struct screen_cell *c = at(s, s->x, s->y);
    *c = (struct screen_cell){.width = (uint8_t)width, .style = s->pen};
    snprintf(c->glyph, sizeof c->glyph, "%s", strcmp(glyph, " ") == 0 ? "" : glyph);
    if (width == 2 && s->x + 1 < s->w)
        c[1] = (struct screen_cell){.style = s->pen};
    snprintf(s->last, sizeof s->last, "%s", glyph);
    s->wraps = s->x + width >= s->w;
    s->x = s->wraps ? s->w - 1 : s->x + width;
}

static void print_character(struct screen *s, const char *bytes, size_t n) {
    char glyph[8] = "";
    wchar_t wide = L'?';
    mbstate_t state = {0};
    memcpy(glyph, bytes, n < 7 ? n : 7);
    size_t used = mbrtowc(&wide, bytes, n, &state);
    int width = used == n ? wcwidth(wide) : -1;
    print_glyph(s, width < 0 ? "?" : glyph, width < 0 ? 1 : width);
}

/* --- SGR --- */

static uint32_t extended_colour(const struct csi *c, int *i) {
    if (*i + 2 < c->n && c->params[*i + 1] == 5) {
        *i += 2;
        return 1 + (uint32_t)c->params[*i];
    }
    if (*i + 4 < c->n && c->params[*i + 1] == 2) {
        *i += 4;
        return 1u << 24 | (uint32_t)c->params[*i - 2] << 16 | (uint32_t)c->params[*i - 1] << 8 |
               (uint32_t)c->params[*i];
    }
    *i = c->n;
    return 0;
}

static void sgr_one(struct screen *s, const struct csi *c, int *i) {
    int p = c->params[*i];
    struct style *pen = &s->pen;
    if (p == 0)
        *pen = (struct style){0};
    else if (p < 10)
        pen->attrs |= (uint16_t)(1u << p);
    else if (p == 22)
        pen->attrs &= (uint16_t)~6u;
    else if (p > 22 && p < 30)
        pen->attrs &= (uint16_t) ~(1u << (p - 20));
    else if (p == 38 || p == 48)
        *(p == 38 ? &pen->fg : &pen->bg) = extended_colour(c, i);
    else if (p == 39 || p == 49)
        *(p == 39 ? &pen->fg : &pen->bg) = 0;
    else if (p >= 30 && p < 48)
        *(p < 40 ? &pen->fg : &pen->bg) = 1 + (uint32_t)p % 10;
    else if (p >= 90 && p < 108)
        *(p < 100 ? &pen->fg : &pen->bg) = 9 + (uint32_t)p % 10;
}

/* --- CSI --- */

static int param(const struct csi *c, int i, int fallback) {
    return i < c->n && c->params[i] > 0 ? c->params[i] : fallback;
}

static void set_mode(struct screen *s, int mode, bool on) {
    switch (mode) {
    case 1:
        s->app_cursor = on;
        break;
    case 25:
        s->cursor_hidden = !on;
        break;
    case 47:
    case 1047:
    case 1049:
        s->alternate = on;
        clear_all(s);
        break;
    case 1000:
    case 1002:
    case 1003:
        s->mouse = on;
        break;
    case 2004:
        s->paste = on;
        break;
    default:
        break;
    }
}

static void erase_display(struct screen *s, int how) {
    for (int y = 0; y < s->h; y++)
        if (how >= 2 || (how == 0 && y > s->y) || (how == 1 && y < s->y))
            blank(s, y, 0, s->w);
    if (how < 2)
        blank(s, s->y, how == 0 ? s->x : 0, how == 0 ? s->w : s->x + 1);
}

static void csi_rows(struct screen *s, char final, int n) {
    if (final == 'S')
        rows_up(s, s->top, s->bottom, n);
    else if (final == 'T')
        rows_down(s, s->top, s->bottom, n);
    else if (final == 'L')
        rows_down(s, s->y, s->bottom, n);
    else
        rows_up(s, s->y, s->bottom, n);
}

static void csi_move(struct screen *s, const struct csi *c) {
    int n = param(c, 0, 1);
    static const struct {
        char final;
        int dx, dy;
    } steps[] = {{'A', 0, -1}, {'B', 0, 1}, {'C', 1, 0}, {'D', -1, 0}, {'a', 1, 0}, {'e', 0, 1}};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        if (steps[i].final == c->final)
            move_to(s, s->x + steps[i].dx * n, s->y + steps[i].dy * n);
    if (c->final == 'H' || c->final == 'f')
        move_to(s, param(c, 1, 1) - 1, n - 1);
    else if (c->final == 'G' || c->final == '`')
        move_to(s, n - 1, s->y);
    else if (c->final == 'd')
        move_to(s, s->x, n - 1);
    else if (c->final == 'E')
        move_to(s, 0, s->y + n);
    else if (c->final == 'F')
        move_to(s, 0, s->y - n);
}

static void csi_edit(struct screen *s, const struct csi *c) {
    int n = param(c, 0, 1), how = param(c, 0, 0);
    switch (c->final) {
    case 'J':
        erase_display(s, how);
        break;
    case 'K':
        blank(s, s->y, how == 0 ? s->x : 0, how == 1 ? s->x + 1 : s->w);
        break;
    case 'X':
        blank(s, s->y, s->x, s->x + n);
        break;
    case '@':
        cells_right(s, n);
        break;
    case 'P':
        cells_left(s, n);
        break;
    case 'b':
        for (int i = 0; i < n && *s->last; i++)
            print_character(s, s->last, strlen(s->last));
        break;
    default:
        csi_rows(s, c->final, n);
        break;
    }
}

static void csi_run(struct screen *s, const struct csi *c) {
    if (c->mark == '?' && (c->final == 'h' || c->final == 'l')) {
        for (int i = 0; i < c->n; i++)
            set_mode(s, c->params[i], c->final == 'h');
    } else if (c->mark) {
        return;
    } else if (c->final == 'm') {
        for (int i = 0; i < c->n; i++)
            sgr_one(s, c, &i);
    } else if (c->final == 'r') {
        s->top = param(c, 0, 1) - 1;
        s->bottom = param(c, 1, s->h) - 1;
        if (s->bottom >= s->h || s->top >= s->bottom)
            s->top = 0, s->bottom = s->h - 1;
        move_to(s, 0, 0);
    } else if ((c->final == 'h' || c->final == 'l') && param(c, 0, 0) == 4) {
        s->insert = c->final == 'h';
    } else if (strchr("ABCDaeHfG`dEF", c->final)) {
        csi_move(s, c);
    } else if (strchr("JKX@PbSTLM", c->final)) {
        csi_edit(s, c);
    }
}

static void csi_read(struct screen *s) {
    struct csi c = {.n = 1};
    const char *p = s->sequence + 2;
    if (*p >= '<' && *p <= '?')
        c.mark = *p++;
    for (; *p && (*p < 0x40 || *p > 0x7e); p++) {
        if (*p >= '0' && *p <= '9' && c.params[c.n - 1] < 100000)
            c.params[c.n - 1] = c.params[c.n - 1] * 10 + *p - '0';
        else if ((*p == ';' || *p == ':') && c.n < PARAMS_MAX)
            c.n++;
        else if (*p == ' ' || *p == '!' || *p == '"' || *p == '$')
            return; /* cursor shapes, soft reset ...: not the picture's */
    }
    c.final = *p;
    csi_run(s, &c);
}

/* --- the stream --- */

static void escape_run(struct screen *s) {
    char kind = s->sequence[1];
    if (kind == '[')
        csi_read(s);
    else if (kind == '(')
        s->lines_drawn = s->sequence[2] == '0';
    else if (kind == 'M')
        reverse_feed(s);
    else if (kind == 'D' || kind == 'E')
        line_feed(s);
    else if (kind == '7')
        s->saved_x = s->x, s->saved_y = s->y;
    else if (kind == '8')
        move_to(s, s->saved_x, s->saved_y);
    else if (kind == '=' || kind == '>')
        s->app_keypad = kind == '=';
}

static bool escape_complete(const struct screen *s) {
    size_t n = s->n_sequence;
    char last = s->sequence[n - 1];
    if (n < 2)
        return false;
    if (s->sequence[1] == '[')
        return n > 2 && last >= 0x40 && last <= 0x7e;
    return strchr("()*+#% ", s->sequence[1]) ? n == 3 : true;
}

static void control(struct screen *s, char c) {
    if (c == '\n')
        line_feed(s);
    else if (c == '\r')
        move_to(s, 0, s->y);
    else if (c == '\b')
        move_to(s, s->x - 1, s->y);
    else if (c == '\t')
        move_to(s, (s->x / 8 + 1) * 8, s->y);
    else if (c == 016 || c == 017)
        s->lines_drawn = c == 016;
}

static size_t utf8_need(unsigned char lead) {
    return lead < 0xc0 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

static void feed_sequence(struct screen *s, char c) {
    if (s->n_sequence < sizeof s->sequence - 1)
        s->sequence[s->n_sequence++] = c;
    s->sequence[s->n_sequence] = 0;
    bool escape = s->sequence[0] == '\033';
    if (s->in_string) {
        size_t n = s->n_sequence;
        if (c == '\a' || (n > 2 && s->sequence[n - 2] == '\033' && c == '\\'))
            s->in_string = false, s->n_sequence = 0;
        else if (n == sizeof s->sequence - 1)
            s->n_sequence = 2; /* long: only its end matters */
    } else if (escape && s->n_sequence == 2 && strchr("]P_^X", c)) {
        s->in_string = true;
    } else if (escape && escape_complete(s)) {
        escape_run(s);
        s->n_sequence = 0;
    } else if (!escape && s->n_sequence >= utf8_need((unsigned char)s->sequence[0])) {
        print_character(s, s->sequence, s->n_sequence);
        s->n_sequence = 0;
    }
}

void screen_feed(struct screen *s, const char *bytes, size_t n) {
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)bytes[i];
        if (s->n_sequence || c == 0x1b || c >= 0x80)
            feed_sequence(s, bytes[i]);
        else if (c < 0x20)
            control(s, bytes[i]);
        else
            print_glyph(s, (const char[]){bytes[i], 0}, 1);
    }
}

void screen_row(const struct screen *s, int y, char *buf, size_t size) {
    size_t n = 0, end = 0;
    for (int x = 0; x < s->w && n + 13 < size; x++) {
        const struct screen_cell *c = at(s, x, y);
        if (c->width)
            n += (size_t)snprintf(buf + n, size - n, "%s", *c->glyph ? c->glyph : " ");
        end = *c->glyph ? n : end;
    }
    buf[end] = 0;
}

int screen_rows_with(const struct screen *s, const char *text) {
    char row[4096];
    int n = 0;
    for (int y = 0; y < s->h; y++) {
        screen_row(s, y, row, sizeof row);
        n += strstr(row, text) != NULL;
    }
    return n;
}

int screen_rows_filled(const struct screen *s) {
    char row[4096];
    int n = 0;
    for (int y = 0; y < s->h; y++) {
        screen_row(s, y, row, sizeof row);
        n += *row != 0;
    }
    return n;
}

bool screen_is_plain(const struct screen *s) {
    bool region = s->top != 0 || s->bottom != s->h - 1;
    bool pen = s->pen.attrs || s->pen.fg || s->pen.bg;
    return !s->alternate && !s->cursor_hidden && !s->mouse && !s->paste && !s->app_cursor &&
           !s->app_keypad && !s->insert && !s->lines_drawn && !region && !pen;
}
