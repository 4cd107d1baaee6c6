/* ui/page.c - text screens; see page.h. */
#include "ui/page.h"

#include <stdarg.h>
#include <stdio.h>

#include "ui/draw.h"

#define MAX_LINES  2000u
#define COLS_LEAST 24 /* narrower, words would be all that is cut */

void page_init(struct page *p, struct arena *arena, int cols) {
    *p = (struct page){.arena = arena, .cols = cols};
}

int page_cols(const struct ui_state *ui, int wanted) {
    return ui->body_cols >= COLS_LEAST && ui->body_cols < wanted ? ui->body_cols : wanted;
}

void page_line(struct page *p) {
    if (p->n >= MAX_LINES)
        return;
    p->lines = arena_grow(p->arena, p->lines, p->n, &p->cap, 64, sizeof *p->lines);
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

static bool line_is_problem(const struct page_line *line) {
    for (uint32_t i = 0; i < line->n; i++)
        if (line->pieces[i].role == ROLE_CRITICAL || line->pieces[i].role == ROLE_WARNING)
            return true;
    return false;
}

/* The next line that contains the needle; NULL: that is a problem. */
static bool find(const struct page *p, const char *needle, uint32_t from, int step,
                 uint32_t *ret_line) {
    for (int64_t i = 1; i <= p->n; i++) {
        int64_t at = ((int64_t)from + step * i % p->n + p->n) % p->n;
        if (needle ? !line_contains(&p->lines[at], needle) : !line_is_problem(&p->lines[at]))
            continue;
        *ret_line = (uint32_t)at;
        return true;
    }
    return false;
}

bool page_find(const struct page *p, const char *needle, uint32_t from, int step,
               uint32_t *ret_line) {
    return *needle && find(p, needle, from, step, ret_line);
}

bool page_problem(const struct page *p, uint32_t from, int step, uint32_t *ret_line) {
    return find(p, NULL, from, step, ret_line);
}

uint32_t page_count(const struct page *p, const char *needle) {
    uint32_t n = 0;
    for (uint32_t i = 0; *needle && i < p->n; i++)
        n += line_contains(&p->lines[i], needle);
    return n;
}

static void line_text(const struct page_line *line, struct str *out) {
    uint32_t at = 0;
    for (uint32_t i = 0; i < line->n; i++) {
        const struct page_piece *piece = &line->pieces[i];
        if (piece->x > at)
            str_printf(out, "%*s", (int)(piece->x - at), "");
        str_printf(out, "%.*s", (int)piece->text.len, piece->text.s);
        at = piece->x + piece->text.cols;
    }
    str_putc(out, '\n');
}

void page_text(const struct page *p, struct str *out) {
    for (uint32_t i = 0; i < p->n && !out->toobig; i++)
        line_text(&p->lines[i], out);
}

/* --- drawing --- */

#define FLOW_MAX 3
#define FLOW_GAP 2

struct flow {
    uint32_t first[FLOW_MAX + 1]; /* line that each column begins with; the last is the end */
    uint32_t rows;                /* of the longest column */
    int columns, width;           /* of one column */
};

/* The heading nearest to line `at`, after line `from`; 0 when there is none. */
static uint32_t heading_near(const struct page *p, uint32_t at, uint32_t from) {
    uint32_t best = 0, best_off = UINT32_MAX;
    for (uint32_t i = from + 1; i < p->n; i++) {
        uint32_t off = i > at ? i - at : at - i;
        if (p->lines[i].heading && off < best_off) {
            best = i;
            best_off = off;
        }
    }
    return best;
}

/* As many columns as fit, each but the first beginning with a heading. */
static struct flow flow_for(const struct page *p, int w, int h) {
    struct flow f = {.columns = 1};
    int most = (w + FLOW_GAP) / (p->cols + FLOW_GAP);
    if (most > FLOW_MAX)
        most = FLOW_MAX;
    while (most > 1 && h > 0 && p->n <= (uint32_t)h * (uint32_t)(most - 1))
        most--; /* not more than it takes */
    for (int i = 1; i < most; i++) {
        uint32_t at = heading_near(p, p->n * (uint32_t)i / (uint32_t)most, f.first[f.columns - 1]);
        if (at)
            f.first[f.columns++] = at;
    }
    f.first[f.columns] = p->n;
    f.width = (w - FLOW_GAP * (f.columns - 1)) / f.columns;
    for (int i = 0; i < f.columns; i++)
        if (f.first[i + 1] - f.first[i] > f.rows)
            f.rows = f.first[i + 1] - f.first[i];
    return f;
}

static uint32_t row_of(const struct flow *f, uint32_t line) {
    int column = 0;
    while (column + 1 < f->columns && line >= f->first[column + 1])
        column++;
    return line - f->first[column];
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
    if (*scroll > most || ui->follow)
        *scroll = most;
    return *scroll;
}

static void draw_line(struct cellbuf *b, struct rect r, const struct page_line *line,
                      const struct ui_state *ui, bool hit) {
    for (uint32_t i = 0; i < line->n; i++) {
        const struct page_piece *piece = &line->pieces[i];
        struct rect room = {r.x + piece->x, r.y, r.w - piece->x, 1};
        bool match = *ui->search && piece_contains(piece, ui->search);
        bool here = hit && (match || ui->on_problem);
        enum role role = here ? ROLE_SELECTED : match ? ROLE_MATCH : (enum role)piece->role;
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
    struct flow f = flow_for(p, r.w, r.h);
    bool more = f.rows > (uint32_t)r.h && r.h > 4;
    struct rect body = {r.x, r.y, r.w, r.h - more};
    uint32_t scroll = scroll_for(&f, body.h, ui);
    for (int i = 0; i < f.columns; i++)
        draw_column(b, (struct rect){body.x + i * (f.width + FLOW_GAP), body.y, f.width, body.h}, p,
                    f.first[i], f.first[i + 1], scroll, ui);
    uint32_t last = scroll + (uint32_t)body.h;
    if (more)
        draw_right(b, r, r.y + r.h - 1, ROLE_DIM, "%slines %s-%s of %s",
                   ui->follow ? "following  " : "", GROUPED(scroll + 1),
                   GROUPED(last < f.rows ? last : f.rows), GROUPED(f.rows));
}
