/* ui/table.c - draws a table: heading with the sort mark, rows, the selection bar, and how many
 * there are when they do not fit. One thread: the scratch indices are static. */
#include "table_priv.h"

#include <string.h>

#include "draw_priv.h"

#define HEADLESS 0x100u /* of the look: no heading stands between the rows and the row above */

void draw_sort_mark(struct cellbuf *b, struct rect r, int x, int y, bool descending) {
    if (x >= r.x && x < r.x + r.w)
        put_shape(b, x, y, descending ? "\xe2\x96\xbc" : "\xe2\x96\xb2", descending ? 'v' : '^',
                  ROLE_KEY);
}

/* A heading and, in the sorted column, the way the order goes. */
static void draw_title(struct cellbuf *b, int x, int y, int end, const char *title, bool sorted,
                       bool descending) {
    x += draw_bytes(b, x, y, end - sorted, title, strlen(title), ROLE_HEADER);
    if (sorted && x < end)
        draw_sort_mark(b, (struct rect){x, y, 1, 1}, x, y, descending);
}

static void draw_heading(struct cellbuf *b, struct rect r, const struct table_layout *l,
                         const struct table *t, const struct table_state *ts) {
    int x = r.x + l->lead, end = r.x + r.w;
    draw_fill(b, (struct rect){r.x, r.y, r.w, 1}, ROLE_HEADER);
    for (uint32_t c = 0; c < l->n; c++) {
        int w = l->width[c];
        if (!w)
            continue;
        bool sorted = ts->sort_column == (int)c;
        int cols = (int)strlen(t->columns[c].title) + sorted;
        int pad = l->right[c] && cols < w ? w - cols : 0;
        int stop = x + w < end ? x + w : end;
        if (x + pad < stop)
            draw_title(b, x + pad, r.y, stop, t->columns[c].title, sorted, ts->sort_descending);
        x += w + 1;
    }
}

static void draw_row(struct cellbuf *b, struct rect r, int y, const struct table_layout *l,
                     const struct table *t, const struct row *row, int64_t now_wall_s) {
    int x = r.x + l->lead, end = r.x + r.w;
    if (l->sign && row->health > HEALTH_OK) /* a well row needs no sign: the others stand out */
        draw_health(b, r, r.x, y, row->health);
    bool bad = row->health == HEALTH_CRITICAL || row->health == HEALTH_WARNING;
    for (uint32_t c = 0; c < l->n && x < end; c++) {
        int w = l->width[c];
        if (!w)
            continue;
        char buf[32];
        struct text shown =
            cell_text(&row->cells[c], t->columns[c].unit, now_wall_s, buf, sizeof buf);
        int pad = l->right[c] && (int)shown.cols < w ? w - (int)shown.cols : 0;
        int stop = x + w < end ? x + w : end;
        enum role role = row->cells[c].kind == VALUE_NONE ? ROLE_DIM
                         : bad && c == 0                  ? role_of_health(row->health)
                                                          : ROLE_TEXT;
        if (x + pad < stop)
            draw_bytes(b, x + pad, y, stop, shown.s, shown.len, role);
        x += w + 1;
    }
}

/* Where the selected row is now; the neighbour of one that is gone takes over. */
static uint32_t find_selected(const struct table *t, struct table_state *ts, const uint32_t *rows,
                              uint32_t n) {
    ts->selected_index = table_selected(t, ts, rows, n);
    if (*ts->selected)
        str_copy(ts->selected, sizeof ts->selected, t->rows[rows[ts->selected_index]].key.s);
    return ts->selected_index;
}

static void scroll_to(struct table_state *ts, uint32_t at, uint32_t n, uint32_t height) {
    if (at < ts->scroll)
        ts->scroll = at;
    if (at >= ts->scroll + height)
        ts->scroll = at - height + 1;
    uint32_t most = n > height ? n - height : 0;
    if (ts->scroll > most)
        ts->scroll = most;
}

/* The rows of a table that pass its filter, in their order, and how they are drawn. */
struct drawing {
    struct cellbuf *b;
    const struct table *t;
    struct table_state *ts;
    const uint32_t *rows;
    uint32_t n;
    int64_t now_wall_s;
    unsigned look;
};

/* An act and a copy take those marked rows that the filter leaves. */
static void say_marked(struct str *s, const struct drawing *d) {
    const struct marks *marks = d->ts->marks;
    uint32_t here = 0;
    for (uint32_t i = 0; i < d->n; i++)
        here += marks_have(marks, d->t->rows[d->rows[i]].key.s);
    str_printf(s, "marked %s", GROUPED(marks->n));
    if (here < marks->n)
        str_printf(s, ", %s here", GROUPED(here));
    str_puts(s, "  ");
}

static void draw_count(const struct drawing *d, struct rect r, int y, uint32_t last) {
    const struct table_state *ts = d->ts;
    uint32_t first = ts->scroll + 1;
    uint32_t total = d->t->n_total > d->t->n_rows ? d->t->n_total : d->t->n_rows;
    char range[64];
    struct str s;
    str_init(&s, sizeof range - 1);
    if (ts->marks)
        say_marked(&s, d);
    if (first == 1 && last == d->n)
        str_printf(&s, "%s of %s", GROUPED(d->n), GROUPED(total));
    else
        str_printf(&s, "%s-%s of %s", GROUPED(first), GROUPED(last),
                   GROUPED(*ts->filter ? d->n : total));
    str_copy(range, sizeof range, str_get(&s));
    str_done(&s);
    if (*ts->filter)
        draw_right(d->b, r, y, ROLE_ACCENT, " /%s  %s", ts->filter, range);
    else
        draw_right(d->b, r, y, ROLE_DIM, " %s", range);
}

/* On the rule above the heading, or on the last line of r. */
static void place_count(const struct drawing *d, struct rect r, uint32_t last) {
    int rule = r.y - (d->look & HEADLESS ? 1 : 2);
    if (d->look & TABLE_COUNT_ABOVE)
        draw_count(d, (struct rect){r.x, rule, r.w, 1}, rule, last);
    else
        draw_count(d, r, r.y + r.h - 1, last);
}

static void remember_rows(struct table_state *ts, struct rect r, uint32_t rows) {
    ts->rows_x = (int16_t)r.x;
    ts->rows_y = (int16_t)r.y;
    ts->rows_w = (int16_t)r.w;
    ts->rows_h = (int16_t)rows;
}

static bool is_counted(const struct drawing *d, struct rect r) {
    bool room = (d->look & TABLE_COUNT_ABOVE) || r.h > 1, capped = d->t->n_total > d->t->n_rows;
    return room && (d->n > (uint32_t)r.h || capped || *d->ts->filter || d->ts->marks);
}

static void draw_rows(const struct drawing *d, struct rect r, const struct table_layout *l) {
    const struct table *t = d->t;
    struct table_state *ts = d->ts;
    bool count = is_counted(d, r), above = (d->look & TABLE_COUNT_ABOVE) != 0;
    uint32_t height = (uint32_t)(r.h - (count && !above));
    uint32_t at = find_selected(t, ts, d->rows, d->n);
    scroll_to(ts, at, d->n, height);
    uint32_t last = ts->scroll + height < d->n ? ts->scroll + height : d->n;
    remember_rows(ts, r, last - ts->scroll);
    for (uint32_t i = ts->scroll; i < last; i++) {
        int y = r.y + (int)(i - ts->scroll);
        const struct row *row = &t->rows[d->rows[i]];
        draw_row(d->b, r, y, l, t, row, d->now_wall_s);
        if (marks_have(ts->marks, row->key.s))
            draw_lit(d->b, r, r.x + (l->sign ? 2 : 0), y, "*", ROLE_KEY);
        if ((d->look & TABLE_FOCUSED) && i == at) /* beside the sign, which keeps its colour */
            cell_recolour(d->b, (struct rect){r.x + l->lead, y, r.w - l->lead, 1}, ROLE_SELECTED);
    }
    r.h = (int)(last - ts->scroll) + 1;
    if (count)
        place_count(d, r, last);
}

/* The filter is named: the logs of a service come with one that nobody typed. */
static void draw_none_pass(const struct drawing *d, struct rect r) {
    draw_empty(d->b, r, "no row passes the filter: {back} clears it");
    d->ts->scroll = 0;
    if ((d->look & TABLE_COUNT_ABOVE) || r.h > 1)
        place_count(d, r, 0);
}

static uint32_t shown_columns(const struct table_layout *l) {
    uint32_t bits = 0;
    for (uint32_t c = 0; c < l->n; c++)
        if (l->width[c])
            bits |= BIT(c);
    return bits;
}

void draw_table(struct cellbuf *b, struct rect r, const struct table *t, struct table_state *ts,
                int64_t now_wall_s, unsigned look, const char *empty_sentence) {
    static uint32_t rows[TABLE_ROWS_MAX];
    struct table_layout l;
    ts->rows_h = 0;
    if (r.w < 1 || r.h < 1)
        return;
    uint32_t n = t ? table_view_rows(t, ts, rows, TABLE_ROWS_MAX) : 0;
    if (!t || !t->n_rows) {
        draw_empty(b, r, empty_sentence ? empty_sentence : "nothing to show");
        return;
    }
    layout_make(&l, t, rows, n, r.w, now_wall_s, ts->marks != NULL);
    ts->shown = shown_columns(&l);
    struct rect body = r;
    if (r.h > 1) {
        draw_heading(b, r, &l, t, ts);
        body = (struct rect){r.x, r.y + 1, r.w, r.h - 1};
    }
    const struct drawing d = {b, t, ts, rows, n, now_wall_s, look | (r.h > 1 ? 0 : HEADLESS)};
    if (n)
        draw_rows(&d, body, &l);
    else
        draw_none_pass(&d, body);
}
