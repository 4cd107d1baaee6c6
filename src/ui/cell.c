/* ui/cell.c - the grid of cells and the last gate before the terminal: no control character, no
 * broken UTF-8 and no wide character cut in half ever gets into a cell. */
#include "ui/cell.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cell_priv.h"

#define MAX_W 1000
#define MAX_H 500

static const char *const role_names[ROLE_COUNT] = {
#define ROLE(id, name) [ROLE_##id] = name,
#include "ui/roles.def"
#undef ROLE
};

const char *role_name(enum role r) {
    return (unsigned)r < ROLE_COUNT ? role_names[r] : "?";
}

/* Base letters for lines without UTF-8: a Vietnamese name stays readable in ASCII. */
static const char latin_00c0[] = "AAAAAAACEEEEIIIIDNOOOOOxOUUUUYTsaaaaaaaceeeeiiiidnooooo/ouuuuyty";
static const char latin_0100[] =
    "AaAaAaCcCcCcCcDdDdEeEeEeEeEeGgGgGgGgHhHhIiIiIiIiIiIiJjKkkLlLlLlLlL"
    "lNnNnNnnNnOoOoOoOoRrRrRrSsSsSsSsTtTtTtUuUuUuUuUuUuWwYyYZzZzZzs";
static const char latin_1ea0[] =
    "AaAaAaAaAaAaAaAaAaAaAaAaEeEeEeEeEeEeEeEeIiIiOoOoOoOoOoOoOoOoOoOoOoOoUuUuUuUuUuUuUuYyYyYyYy";

static const struct {
    uint32_t code;
    char letter;
} ascii_extra[] = {
    {0x01a0, 'O'}, {0x01a1, 'o'}, {0x01af, 'U'},  {0x01b0, 'u'},  {0x2010, '-'}, {0x2011, '-'},
    {0x2013, '-'}, {0x2014, '-'}, {0x2018, '\''}, {0x2019, '\''}, {0x201c, '"'}, {0x201d, '"'},
    {0x2022, '*'}, {0x2026, '~'}, {0x00a0, ' '},  {0x00b7, '.'},  {0x00d7, 'x'}, {0x20ab, 'd'},
    {0x2190, '<'}, {0x2192, '>'}, {0x2191, '^'},  {0x2193, 'v'},  {0x2500, '-'}, {0x2502, '|'},
    {0x2014, '-'}, {0x25b2, '^'}, {0x25bc, 'v'},  {0x2588, '#'},  {0x2591, '.'},
};

static char ascii_letter(uint32_t c) {
    if (c >= 0x20 && c < 0x7f)
        return (char)c;
    if (c >= 0xc0 && c - 0xc0 < sizeof latin_00c0 - 1)
        return latin_00c0[c - 0xc0];
    if (c >= 0x100 && c - 0x100 < sizeof latin_0100 - 1)
        return latin_0100[c - 0x100];
    if (c >= 0x1ea0 && c - 0x1ea0 < sizeof latin_1ea0 - 1)
        return latin_1ea0[c - 0x1ea0];
    for (size_t i = 0; i < ARRAY_LEN(ascii_extra); i++)
        if (ascii_extra[i].code == c)
            return ascii_extra[i].letter;
    return '?';
}

static uint32_t utf8_lead(unsigned char c, size_t *ret_len) {
    *ret_len = c < 0x80 ? 1 : (c & 0xe0) == 0xc0 ? 2 : (c & 0xf0) == 0xe0 ? 3 : 4;
    static const unsigned char masks[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    return c & masks[*ret_len];
}

size_t utf8_decode(const char *s, size_t n, uint32_t *ret_code) {
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t len;
    if (!n || ((unsigned char)*s & 0xc0) == 0x80 || (unsigned char)*s > 0xf4)
        return 0;
    uint32_t c = utf8_lead((unsigned char)*s, &len);
    if (len > n)
        return 0;
    for (size_t i = 1; i < len; i++) {
        if (((unsigned char)s[i] & 0xc0) != 0x80)
            return 0;
        c = c << 6 | ((unsigned char)s[i] & 0x3f);
    }
    if (c < least[len] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
        return 0;
    *ret_code = c;
    return len;
}

void cellbuf_init(struct cellbuf *b) {
    *b = (struct cellbuf){0};
}

void cellbuf_done(struct cellbuf *b) {
    free(b->cells);
    *b = (struct cellbuf){0};
}

void cellbuf_resize(struct cellbuf *b, int w, int h) {
    w = w < 1 ? 1 : w > MAX_W ? MAX_W : w;
    h = h < 1 ? 1 : h > MAX_H ? MAX_H : h;
    size_t need = (size_t)w * (size_t)h;
    if (need > b->cap) {
        b->cells = mem_grow(b->cells, need * sizeof *b->cells);
        b->cap = need;
    }
    b->w = w;
    b->h = h;
    cellbuf_clear(b);
}

void cellbuf_clear(struct cellbuf *b) {
    size_t n = (size_t)b->w * (size_t)b->h;
    memset(b->cells, 0, n * sizeof *b->cells);
    for (size_t i = 0; i < n; i++)
        b->cells[i].width = 1;
}

static struct cell *cell_ref(const struct cellbuf *b, int x, int y) {
    if (x < 0 || y < 0 || x >= b->w || y >= b->h)
        return NULL;
    return &b->cells[(size_t)y * (size_t)b->w + (size_t)x];
}

const struct cell *cell_at(const struct cellbuf *b, int x, int y) {
    return cell_ref(b, x, y);
}

static void cell_set(struct cell *c, const char *bytes, size_t n, uint8_t width, enum role role) {
    memset(c, 0, sizeof *c);
    memcpy(c->utf8, bytes, n);
    c->width = width;
    c->role = (uint8_t)role;
}

/* What stays of a wide character when one half is drawn over is a blank, never half a glyph. */
static void cell_unjoin(struct cellbuf *b, int x, int y) {
    struct cell *c = cell_ref(b, x, y);
    if (c->width == 0 && x > 0)
        cell_set(c - 1, "", 0, 1, (enum role)c[-1].role);
    if (c->width == 2 && x + 1 < b->w)
        cell_set(c + 1, "", 0, 1, (enum role)c[1].role);
    c->width = 1;
}

/* As many whole code points of the cluster as a cell holds; 0 when one of them is not drawable. */
static size_t cluster_fit(const char *s, size_t n) {
    size_t used = 0;
    while (used < n) {
        uint32_t code;
        size_t len = utf8_decode(s + used, n - used, &code);
        if (!len || text_is_unsafe(code))
            return 0;
        if (used + len >= sizeof((struct cell *)0)->utf8)
            break;
        used += len;
    }
    return used;
}

static int cell_put_ascii(struct cell *c, char ch, enum role role) {
    if (ch == ' ')
        cell_set(c, "", 0, 1, role);
    else
        cell_set(c, &ch, 1, 1, role);
    return 1;
}

int cell_put(struct cellbuf *b, int x, int y, const char *cluster, size_t n, enum role role) {
    struct cell *c = cell_ref(b, x, y);
    if (!c || !n)
        return 0;
    if (n == 1) {
        cell_unjoin(b, x, y);
        char ch = *cluster >= 0x20 && *cluster < 0x7f ? *cluster : '?';
        return cell_put_ascii(c, ch, role);
    }
    uint32_t cols = 0, code = '?';
    size_t fit = cluster_fit(cluster, n);
    if (!fit) {
        cell_unjoin(b, x, y);
        return cell_put_ascii(c, '?', role);
    }
    text_cluster(cluster, n, &cols);
    if (cols == 0)
        return 0;
    cell_unjoin(b, x, y);
    if (cols > 1 && x + 1 >= b->w)
        return cell_put_ascii(c, ' ', role);
    if (cols > 1)
        cell_unjoin(b, x + 1, y);
    if (b->ascii) {
        utf8_decode(cluster, fit, &code);
        cell_put_ascii(c, ascii_letter(code), role);
        if (cols > 1)
            cell_put_ascii(c + 1, '?', role);
        return (int)cols;
    }
    cell_set(c, cluster, fit, (uint8_t)cols, role);
    if (cols > 1)
        cell_set(c + 1, "", 0, 0, role);
    return (int)cols;
}

void cell_recolour(struct cellbuf *b, struct rect r, enum role role) {
    for (int y = r.y; y < r.y + r.h; y++)
        for (int x = r.x; x < r.x + r.w; x++) {
            struct cell *c = cell_ref(b, x, y);
            if (c)
                c->role = (uint8_t)role;
        }
}
