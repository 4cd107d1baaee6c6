/* ui/page.c - text screens; see page.h. */
#include "ui/page.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "ui/draw.h"

#define MAX_LINES 2000u

void page_init(struct page *p, struct arena *arena) {
    *p = (struct page){.arena = arena};
}

void page_line(struct page *p) {
    if (p->n >= MAX_LINES)
        return;
    if (p->n == p->cap) {
        uint32_t cap = p->cap ? p->cap * 2 : 64;
        struct page_line *lines = arena_alloc(p->arena, cap * sizeof *lines);
        if (p->n)
            memcpy(lines, p->lines, p->n * sizeof *lines);
        p->lines = lines;
        p->cap = cap;
    }
    p->lines[p->n++] = (struct page_line){0};
}

void page_heading(struct page *p, const char *title) {
    if (p->n)
        page_line(p);
    page_line(p);
    page_piece(p, 0, ROLE_TITLE, "%s", title);
    p->lines[p->n - 1].heading = true;
}

static void add_piece(struct page *p, int x, enum role role, struct text t) {
    struct page_line *line = p->n ? &p->lines[p->n - 1] : NULL;
    if (line && line->n < PAGE_PIECES)
        line->pieces[line->n++] = (struct page_piece){t, (uint16_t)x, (uint8_t)role};
}

void page_piece(struct page *p, int x, enum role role, const char *fmt, ...) {
    char buf[1024];
    va_list args;
    va_start(args, fmt);
    vsnprintf(buf, sizeof buf, fmt, args);
    va_end(args);
    add_piece(p, x, role, text_cleanz(p->arena, buf));
}

void page_wrapped(struct page *p, int x, int cols, enum role role, struct text t) {
    bool first = true;
    for (size_t at = 0; at < t.len;) {
        size_t next, len = text_wrap(t.s + at, t.len - at, cols > 8 ? cols : 8, &next);
        if (!first)
            page_line(p);
        first = false;
        add_piece(p, x, role, (struct text){t.s + at, (uint32_t)len, text_cols(t.s + at, len)});
        at += next;
    }
}

/* --- search --- */

static bool piece_contains(const struct page_piece *piece, const char *needle) {
    char text[1024];
    size_t n = piece->text.len + 1 < sizeof text ? piece->text.len + 1 : sizeof text;
    str_copy(text, n, piece->text.s); /* a wrapped piece has no NUL of its own */
    return text_contains(text, needle);
}

static bool line_contains(const struct page_line *line, const char *needle) {
    for (uint32_t i = 0; i < line->n; i++)
        if (piece_contains(&line->pieces[i], needle))
            return true;
    return false;
}

bool page_find(const struct page *p, const char *needle, uint32_t from, int step,
               uint32_t *ret_line) {
    for (int64_t i = 1; *needle && i <= p->n; i++) {
        int64_t at = ((int64_t)from + step * i % p->n + p->n) % p->n;
        if (!line_contains(&p->lines[at], needle))
            continue;
        *ret_line = (uint32_t)at;
        return true;
    }
    return false;
}

uint32_t page_count(const struct page *p, const char *needle) {
    uint32_t n = 0;
    for (uint32_t i = 0; *needle && i < p->n; i++)
        n += line_contains(&p->lines[i], needle);
    return n;
}

/* --- drawing --- */

struct flow {
    uint32_t split;     /* lines of the first column; all of them where there is one */
    uint32_t rows;      /* of the longer column */
    int columns, width; /* of one column */
};

/* Two columns are cut at the heading nearest to the middle. */
static struct flow flow_for(const struct page *p, int w) {
    struct flow f = {p->n, p->n, 1, w};
    if (w < 2 * PAGE_COLUMNS - 12)
        return f;
    uint32_t best = 0;
    for (uint32_t i = 1; i < p->n; i++) {
        uint32_t off = i * 2 > p->n ? i * 2 - p->n : p->n - i * 2;
        uint32_t best_off = best * 2 > p->n ? best * 2 - p->n : p->n - best * 2;
        if (p->lines[i].heading && off < best_off)
            best = i;
    }
    if (!best)
        return f;
    uint32_t second = p->n - best;
    return (struct flow){best, best > second ? best : second, 2, (w - 2) / 2};
}

static uint32_t row_of(const struct flow *f, uint32_t line) {
    return line < f->split ? line : line - f->split;
}

static uint32_t scroll_for(const struct flow *f, int h, struct ui_state *ui) {
    uint32_t *scroll = &ui->scroll_text[ui->view % UI_MAX_VIEWS];
    uint32_t height = h > 0 ? (uint32_t)h : 1, most = f->rows > height ? f->rows - height : 0;
    if (ui->search_moved) {
        uint32_t row = row_of(f, ui->search_line);
        if (row < *scroll || row >= *scroll + height)
            *scroll = row > height / 3 ? row - height / 3 : 0;
        ui->search_moved = false;
    }
    if (*scroll > most)
        *scroll = most;
    return *scroll;
}

static void draw_line(struct cellbuf *b, struct rect r, const struct page_line *line,
                      const struct ui_state *ui, bool hit) {
    for (uint32_t i = 0; i < line->n; i++) {
        const struct page_piece *piece = &line->pieces[i];
        struct rect room = {r.x + piece->x, r.y, r.w - piece->x, 1};
        bool match = *ui->search && piece_contains(piece, ui->search);
        enum role role = match ? (hit ? ROLE_SELECTED : ROLE_MATCH) : (enum role)piece->role;
        if (line->heading && !match)
            draw_rule(b, r, r.y, piece->text.s);
        else if (room.w > 0)
            draw_text(b, room, room.x, r.y, piece->text, role);
    }
}

static void draw_column(struct cellbuf *b, struct rect r, const struct page *p, uint32_t first,
                        uint32_t end, uint32_t scroll, const struct ui_state *ui) {
    for (int y = 0; y < r.h; y++) {
        uint32_t line = first + scroll + (uint32_t)y;
        if (line >= end)
            return;
        draw_line(b, (struct rect){r.x, r.y + y, r.w, 1}, &p->lines[line], ui,
                  line == ui->search_line);
    }
}

void draw_page(struct cellbuf *b, struct rect r, const struct page *p, struct ui_state *ui) {
    if (r.w < 1 || r.h < 1)
        return;
    struct flow f = flow_for(p, r.w);
    bool more = f.rows > (uint32_t)r.h && r.h > 4;
    struct rect body = {r.x, r.y, r.w, r.h - more};
    uint32_t scroll = scroll_for(&f, body.h, ui);
    struct rect column = {body.x, body.y, f.width, body.h};
    draw_column(b, column, p, 0, f.split, scroll, ui);
    if (f.columns > 1) {
        column.x += f.width + 2;
        draw_column(b, column, p, f.split, p->n, scroll, ui);
    }
    uint32_t last = scroll + (uint32_t)body.h;
    if (more)
        draw_right(b, r, r.y + r.h - 1, ROLE_DIM, "lines %u-%u of %u", scroll + 1,
                   last < f.rows ? last : f.rows, f.rows);
}
