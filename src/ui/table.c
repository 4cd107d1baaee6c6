/* ui/table.c - the table widget: which rows pass the filter and in which order, which columns fit,
 * and how both are drawn. One thread: the scratch indices are static. */
#include "ui/draw.h"

#include <stdlib.h>
#include <string.h>

#include "draw_priv.h"

#define MAX_ROWS    10000 /* as many as a probe may add */
#define MAX_COLUMNS 32
#define AUTO_COLS   40 /* widest a column grows by its content */

static bool cell_matches(const struct value *v, enum unit unit, const char *needle) {
    char shown[32];
    if (v->kind == VALUE_TEXT)
        return text_contains(v->t.s, needle);
    if (v->kind == VALUE_NONE || unit == UNIT_TIME)
        return false;
    value_format(*v, unit, 0, shown, sizeof shown);
    return text_contains(shown, needle);
}

static bool row_passes(const struct table *t, const struct row *row, const char *filter) {
    bool invert = *filter == '!';
    const char *needle = filter + invert;
    if (!*needle)
        return true;
    bool hit = text_contains(health_sign(row->health), needle) && row->health != HEALTH_OFF;
    for (uint32_t c = 0; c < t->n_columns && !hit; c++)
        hit = cell_matches(&row->cells[c], t->columns[c].unit, needle);
    return hit != invert;
}

/* qsort() has no context argument in C17. */
static struct {
    const struct table *t;
    uint32_t column;
    bool descending;
} sorting;

static int compare_rows(const void *pa, const void *pb) {
    uint32_t a = *(const uint32_t *)pa, b = *(const uint32_t *)pb;
    struct value va = sorting.t->rows[a].cells[sorting.column];
    struct value vb = sorting.t->rows[b].cells[sorting.column];
    int order = value_compare(va, vb);
    bool none = va.kind == VALUE_NONE || vb.kind == VALUE_NONE;
    if (sorting.descending && !none) /* unknown stays last either way */
        order = -order;
    return order ? order : a < b ? -1 : a > b;
}

uint32_t table_view_rows(const struct table *t, const struct table_state *ts, uint32_t *indices,
                         uint32_t max) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < t->n_rows && n < max; i++)
        if (row_passes(t, &t->rows[i], ts->filter))
            indices[n++] = i;
    if (ts->sort_column >= 0 && (uint32_t)ts->sort_column < t->n_columns && n > 1) {
        sorting.t = t;
        sorting.column = (uint32_t)ts->sort_column;
        sorting.descending = ts->sort_descending;
        qsort(indices, n, sizeof *indices, compare_rows);
    }
    return n;
}

static bool column_right(const struct column *c, const struct table *t, uint32_t i) {
    if (c->unit != UNIT_NONE)
        return true;
    for (uint32_t r = 0; r < t->n_rows && r < 50; r++)
        if (t->rows[r].cells[i].kind != VALUE_NONE)
            return t->rows[r].cells[i].kind != VALUE_TEXT;
    return false;
}

/* What a cell shows: the text itself, or the number in its unit in `buf`. */
static struct text cell_text(const struct value *v, enum unit unit, int64_t now_wall_s, char *buf,
                             size_t size) {
    if (v->kind == VALUE_TEXT)
        return v->t;
    if (v->kind == VALUE_NONE)
        str_copy(buf, size, "-");
    else
        value_format(*v, unit, now_wall_s, buf, size);
    uint32_t len = (uint32_t)strlen(buf);
    return (struct text){buf, len, text_cols(buf, len)};
}

struct layout {
    int width[MAX_COLUMNS]; /* 0 = dropped */
    bool right[MAX_COLUMNS];
    bool sign; /* the two letters of health in front */
    uint32_t n;
};

static int natural_width(const struct table *t, uint32_t c, const uint32_t *rows, uint32_t n,
                         int64_t now_wall_s) {
    /* One column more than the title: room for the sort mark. */
    int width = (int)strlen(t->columns[c].title) + 1;
    for (uint32_t i = 0; i < n && i < 500; i++) {
        char buf[32];
        struct text shown =
            cell_text(&t->rows[rows[i]].cells[c], t->columns[c].unit, now_wall_s, buf, sizeof buf);
        if ((int)shown.cols > width)
            width = (int)shown.cols;
    }
    if (width > AUTO_COLS && width > t->columns[c].min_cols)
        width = t->columns[c].min_cols > AUTO_COLS ? t->columns[c].min_cols : AUTO_COLS;
    return width;
}

static int layout_total(const struct layout *l) {
    int total = l->sign ? 3 : 0;
    for (uint32_t c = 0; c < l->n; c++)
        total += l->width[c] ? l->width[c] + 1 : 0;
    return total > 0 ? total - 1 : 0;
}

/* Shrinks columns that have a smaller agreed width, the widest first; false when none can. */
static bool layout_shrink(struct layout *l, const struct table *t, int over) {
    uint32_t best = MAX_COLUMNS;
    for (uint32_t c = 0; c < l->n; c++) {
        int least = t->columns[c].min_cols ? t->columns[c].min_cols : l->width[c];
        if (l->width[c] > least && (best == MAX_COLUMNS || l->width[c] > l->width[best]))
            best = c;
    }
    if (best == MAX_COLUMNS)
        return false;
    int room = l->width[best] - t->columns[best].min_cols;
    l->width[best] -= room < over ? room : over;
    return true;
}

static bool layout_drop(struct layout *l, const struct table *t) {
    uint32_t best = MAX_COLUMNS;
    for (uint32_t c = 0; c < l->n; c++)
        if (l->width[c] && t->columns[c].drop &&
            (best == MAX_COLUMNS || t->columns[c].drop >= t->columns[best].drop))
            best = c;
    if (best == MAX_COLUMNS)
        return false;
    l->width[best] = 0;
    return true;
}

/* Nothing more to drop: the widest text gives way, then the columns run out of the right edge. */
static bool layout_squeeze(struct layout *l, int over) {
    uint32_t best = MAX_COLUMNS;
    for (uint32_t c = 0; c < l->n; c++)
        if (!l->right[c] && l->width[c] > 8 &&
            (best == MAX_COLUMNS || l->width[c] > l->width[best]))
            best = c;
    if (best == MAX_COLUMNS)
        return false;
    int room = l->width[best] - 8;
    l->width[best] -= room < over ? room : over;
    return true;
}

/* A text column that was capped gets the room that is left over. */
static void layout_widen(struct layout *l, const struct table *t, const uint32_t *rows, uint32_t n,
                         int spare) {
    for (uint32_t c = 0; c < l->n && spare > 0; c++) {
        if (l->right[c] || l->width[c] < AUTO_COLS)
            continue;
        int widest = 0;
        for (uint32_t i = 0; i < n && i < 500; i++) {
            const struct value *v = &t->rows[rows[i]].cells[c];
            if (v->kind == VALUE_TEXT && (int)v->t.cols > widest)
                widest = (int)v->t.cols;
        }
        int more = widest - l->width[c];
        more = more < 0 ? 0 : more > spare ? spare : more;
        l->width[c] += more;
        spare -= more;
    }
}

static void layout_make(struct layout *l, const struct table *t, const uint32_t *rows, uint32_t n,
                        int w, int64_t now_wall_s) {
    memset(l, 0, sizeof *l);
    l->n = t->n_columns < MAX_COLUMNS ? t->n_columns : MAX_COLUMNS;
    for (uint32_t i = 0; i < t->n_rows && !l->sign; i++)
        l->sign = t->rows[i].health != HEALTH_OFF;
    for (uint32_t c = 0; c < l->n; c++) {
        l->right[c] = column_right(&t->columns[c], t, c);
        l->width[c] = natural_width(t, c, rows, n, now_wall_s);
        if (l->width[c] < t->columns[c].min_cols && !l->right[c])
            l->width[c] = t->columns[c].min_cols;
    }
    for (int over; (over = layout_total(l) - w) > 0;)
        if (!layout_shrink(l, t, over) && !layout_drop(l, t) && !layout_squeeze(l, over))
            break;
    layout_widen(l, t, rows, n, w - layout_total(l));
}

static void draw_heading(struct cellbuf *b, struct rect r, const struct layout *l,
                         const struct table *t, const struct table_state *ts) {
    int x = r.x + (l->sign ? 3 : 0), end = r.x + r.w;
    draw_fill(b, (struct rect){r.x, r.y, r.w, 1}, ROLE_HEADER);
    for (uint32_t c = 0; c < l->n; c++) {
        int w = l->width[c];
        if (!w)
            continue;
        char title[64];
        bool sorted = ts->sort_column == (int)c;
        str_copy(title, sizeof title - 2, t->columns[c].title);
        size_t len = strlen(title);
        if (sorted)
            title[len++] = ts->sort_descending ? 'v' : '^';
        title[len] = 0;
        int pad = l->right[c] && (int)len < w ? w - (int)len : 0;
        int stop = x + w < end ? x + w : end;
        if (x + pad < stop)
            draw_bytes(b, x + pad, r.y, stop, title, len, ROLE_HEADER);
        x += w + 1;
    }
}

static void draw_row(struct cellbuf *b, struct rect r, int y, const struct layout *l,
                     const struct table *t, const struct row *row, int64_t now_wall_s) {
    int x = r.x, end = r.x + r.w;
    if (l->sign) {
        if (row->health != HEALTH_OFF)
            draw_health(b, r, x, y, row->health);
        x += 3;
    }
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

/* Where the selected row is now. When its key is gone the neighbour at the old place takes over. */
static uint32_t find_selected(const struct table *t, struct table_state *ts, const uint32_t *rows,
                              uint32_t n) {
    uint32_t at = 0;
    bool found = !*ts->selected;
    for (uint32_t i = 0; i < n && *ts->selected; i++) {
        char key[UI_KEY_MAX];
        str_copy(key, sizeof key, t->rows[rows[i]].key.s);
        if (strcmp(key, ts->selected) == 0) {
            at = i;
            found = true;
            break;
        }
    }
    if (!found) {
        at = ts->selected_index < n ? ts->selected_index : n - 1;
        str_copy(ts->selected, sizeof ts->selected, t->rows[rows[at]].key.s);
    }
    ts->selected_index = at;
    return at;
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

static void draw_count(struct cellbuf *b, struct rect r, int y, const struct table *t,
                       const struct table_state *ts, uint32_t first, uint32_t last, uint32_t n) {
    uint32_t total = t->n_total > t->n_rows ? t->n_total : t->n_rows;
    char range[48];
    struct str s;
    str_init(&s, sizeof range - 1);
    if (first == 1 && last == n)
        str_printf(&s, "%u of %u", n, total);
    else
        str_printf(&s, "%u-%u of %u", first, last, *ts->filter ? n : total);
    str_copy(range, sizeof range, str_get(&s));
    str_done(&s);
    if (*ts->filter)
        draw_right(b, r, y, ROLE_DIM, "/%s  %s", ts->filter, range);
    else
        draw_right(b, r, y, ROLE_DIM, "%s", range);
}

static void draw_rows(struct cellbuf *b, struct rect r, const struct layout *l,
                      const struct table *t, struct table_state *ts, const uint32_t *rows,
                      uint32_t n, int64_t now_wall_s, bool focused) {
    bool capped = t->n_total > t->n_rows;
    bool count = r.h > 1 && (n > (uint32_t)r.h || capped || *ts->filter);
    uint32_t height = (uint32_t)(r.h - count);
    uint32_t at = find_selected(t, ts, rows, n);
    scroll_to(ts, at, n, height);
    uint32_t last = ts->scroll + height < n ? ts->scroll + height : n;
    ts->rows_x = (int16_t)r.x;
    ts->rows_y = (int16_t)r.y;
    ts->rows_w = (int16_t)r.w;
    ts->rows_h = (int16_t)(last - ts->scroll);
    for (uint32_t i = ts->scroll; i < last; i++) {
        int y = r.y + (int)(i - ts->scroll);
        draw_row(b, r, y, l, t, &t->rows[rows[i]], now_wall_s);
        if (focused && i == at)
            cell_select(b, (struct rect){r.x, y, r.w, 1});
    }
    if (count)
        draw_count(b, r, r.y + (int)(last - ts->scroll), t, ts, ts->scroll + 1, last, n);
}

void draw_table(struct cellbuf *b, struct rect r, const struct table *t, struct table_state *ts,
                int64_t now_wall_s, bool focused, const char *empty_sentence) {
    static uint32_t rows[MAX_ROWS];
    struct layout l;
    ts->rows_h = 0;
    if (r.w < 1 || r.h < 1)
        return;
    uint32_t n = t ? table_view_rows(t, ts, rows, MAX_ROWS) : 0;
    if (!t || !t->n_rows) {
        draw_empty(b, r, empty_sentence ? empty_sentence : "nothing to show");
        return;
    }
    layout_make(&l, t, rows, n, r.w, now_wall_s);
    struct rect body = r;
    if (r.h > 1) {
        draw_heading(b, r, &l, t, ts);
        body = (struct rect){r.x, r.y + 1, r.w, r.h - 1};
    }
    if (!n) {
        draw_empty(b, body, "no row passes the filter; / and Enter clears it");
        return;
    }
    draw_rows(b, body, &l, t, ts, rows, n, now_wall_s, focused);
}
