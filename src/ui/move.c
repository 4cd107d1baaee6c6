/* ui/move.c - within a screen: the selection follows its row's key, sorting goes through the
 * columns, e and E jump to what is a problem, n and N to hits in a text. */

#include "input_priv.h"
#include "ui/draw.h"

#define HOLD_MS 5000
#define FAR     10000000

void focus_open(struct focus *f, struct ui_state *ui, const struct snapshot *s) {
    static uint32_t rows[TABLE_ROWS_MAX];
    *f = (struct focus){.rows = rows};
    arena_init(&f->scratch);
    f->ts = ui_table(ui, ui->pane);
    const struct view *v = view_now(ui);
    f->t = v->table ? v->table(s, ui, &f->scratch) : NULL;
    if (f->t)
        f->n = table_view_rows(f->t, f->ts, rows, TABLE_ROWS_MAX);
    f->at = f->t ? table_selected(f->t, f->ts, rows, f->n) : 0;
}

void focus_close(struct focus *f) {
    arena_done(&f->scratch);
}

void focus_select(struct focus *f, int64_t at) {
    if (!f->n)
        return;
    at = at < 0 ? 0 : at >= f->n ? f->n - 1 : at;
    f->ts->selected_index = (uint32_t)at;
    str_copy(f->ts->selected, sizeof f->ts->selected, f->t->rows[f->rows[at]].key.s);
}

void hold_order(struct input *in) {
    if (in->now_mono_ms >= in->ui->held_until_mono_ms)
        snapshot_worst_first(in->s, in->ui->held_order);
    in->ui->held_until_mono_ms = in->now_mono_ms + HOLD_MS;
}

static void scroll_by(struct input *in, int64_t by) {
    uint32_t *at = &in->ui->scroll_text[in->ui->view % UI_MAX_VIEWS];
    int64_t to = (int64_t)*at + by;
    if (by < 0) /* who looks back wants to stand still there */
        in->ui->follow = false;
    *at = to < 0 ? 0 : to > 1000000 ? 1000000 : (uint32_t)to;
}

static bool at_the_edge(const struct focus *f, int64_t by) {
    bool far = by <= -FAR || by >= FAR; /* "first" and "last" are of what is here */
    return !far && (by < 0 ? f->at == 0 : f->at + 1 >= f->n);
}

enum ui_request move_by(struct input *in, int64_t by) {
    const struct view *v = view_now(in->ui);
    if (!v->table) {
        scroll_by(in, by);
        return UI_REDRAW;
    }
    hold_order(in);
    struct focus f;
    focus_open(&f, in->ui, in->s);
    bool left = v->beyond && at_the_edge(&f, by) && v->beyond(in->s, in->ui, by < 0 ? -1 : 1);
    if (!left)
        focus_select(&f, (int64_t)f.at + by);
    focus_close(&f);
    return UI_REDRAW;
}

static int page_rows(const struct input *in) {
    return in->body_rows > 2 ? in->body_rows - 2 : 1;
}

enum ui_request act_page(struct input *in) {
    return move_by(in, in->action == ACT_MARK ? page_rows(in) : -page_rows(in));
}

enum ui_request act_move(struct input *in) {
    int page = page_rows(in);
    switch (in->action) {
    case ACT_DOWN:
        return move_by(in, 1);
    case ACT_UP:
        return move_by(in, -1);
    case ACT_HALF_DOWN:
        return move_by(in, (page + 1) / 2);
    case ACT_HALF_UP:
        return move_by(in, -(page + 1) / 2);
    case ACT_PAGE_DOWN:
        return move_by(in, page);
    case ACT_PAGE_UP:
        return move_by(in, -page);
    case ACT_TOP:
        return move_by(in, -FAR);
    default:
        return move_by(in, FAR);
    }
}

/* --- e and E, n and N --- */

static bool is_problem(enum health h) {
    return h == HEALTH_UNKNOWN || h == HEALTH_WARNING || h == HEALTH_CRITICAL;
}

static enum ui_request line_error(struct input *in, int step) {
    struct ui_state *ui = in->ui;
    struct arena scratch;
    arena_init(&scratch);
    const struct page *p = view_now(ui)->page(in->s, ui, &scratch);
    if (page_problem(p, ui->search_line, step, &ui->search_line)) {
        ui->search_moved = ui->on_problem = true;
        ui->follow = false;
    } else {
        notice(in, false, "no problem line here", "");
    }
    arena_done(&scratch);
    return UI_REDRAW;
}

enum ui_request act_error(struct input *in) {
    int step = in->action == ACT_NEXT_ERROR ? 1 : -1;
    struct focus f;
    if (view_now(in->ui)->page)
        return line_error(in, step);
    focus_open(&f, in->ui, in->s);
    bool found = false;
    int64_t n = f.n, at = f.at;
    for (int64_t i = 1; i <= n && !found; i++) {
        int64_t row = (at + step * i % n + n) % n;
        found = is_problem(f.t->rows[f.rows[row]].health);
        if (found)
            focus_select(&f, row);
    }
    focus_close(&f);
    if (!found)
        notice(in, false, "no problem row here", "");
    hold_order(in);
    return UI_REDRAW;
}

/* A hit takes back what was said of a search before it. */
void search_on(struct input *in, const struct page *p, uint32_t from, int step) {
    struct ui_state *ui = in->ui;
    ui->on_problem = false;
    bool hit = p->n && page_find(p, ui->search, from, step, &ui->search_line);
    if (hit)
        *ui->notice = 0;
    else if (*ui->search)
        notice(in, true, "nowhere here: ", ui->search);
    ui->search_moved |= hit;
    ui->follow &= !hit;
}

enum ui_request act_match(struct input *in) {
    int step = in->action == ACT_NEXT_MATCH ? 1 : -1;
    struct ui_state *ui = in->ui;
    struct arena scratch;
    if (!view_now(ui)->page) {
        notice(in, false, "a search is for texts; {next-error} goes to the next problem row", "");
        return UI_REDRAW;
    }
    if (!*ui->search) {
        notice(in, false, "search first: {filter} and a word", "");
        return UI_REDRAW;
    }
    arena_init(&scratch);
    search_on(in, view_now(ui)->page(in->s, ui, &scratch), ui->search_line, step);
    arena_done(&scratch);
    return UI_REDRAW;
}

/* --- texts that grow --- */

/* The cursor follows its row; let go, it stays at the first, where lists have what is new. */
static enum ui_request table_follow(struct input *in) {
    struct table_state *ts = ui_table(in->ui, in->ui->pane);
    *ts->selected = 0;
    ts->selected_index = ts->scroll = 0;
    notice(in, false, "at the first row, whatever comes", "");
    return UI_REDRAW;
}

enum ui_request act_follow(struct input *in) {
    if (view_now(in->ui)->table)
        return table_follow(in);
    if (!view_now(in->ui)->grows) {
        notice(in, false, "{follow} follows a log as it grows: {open} on a job opens one", "");
        return UI_REDRAW;
    }
    in->ui->follow = !in->ui->follow;
    notice(in, false, in->ui->follow ? "at the end, as it grows" : "standing still", "");
    return UI_REDRAW;
}

enum ui_request act_wrap(struct input *in) {
    if (!view_now(in->ui)->grows) {
        notice(in, false, "{wrap} wraps the lines of a log; {details} shows a row in full", "");
        return UI_REDRAW;
    }
    in->ui->unwrapped = !in->ui->unwrapped;
    notice(in, false, in->ui->unwrapped ? "long lines are cut" : "long lines are wrapped", "");
    return UI_REDRAW;
}

/* --- sorting --- */

/* -1, the probe's own order, is one of the stops; a column that has no room here is none: its order
 * would be one that nobody sees. */
static int next_sort(const struct focus *f, int step) {
    int n = (int)f->t->n_columns, column = f->ts->sort_column;
    do
        column = (column + 1 + step) % (n + 1) - 1;
    while (column >= 0 && (!table_sorts_by(f->t, (uint32_t)column) ||
                           (f->ts->shown && !(f->ts->shown & BIT(column)))));
    return column;
}

enum ui_request act_sort(struct input *in) {
    struct focus f;
    focus_open(&f, in->ui, in->s);
    int n = f.t ? (int)f.t->n_columns : 0;
    bool invert = in->action == ACT_SORT_INVERT;
    if (f.t && invert && f.ts->sort_column < 0) {
        focus_close(&f);
        return no_use(in, "sort by a column first, then the order can be inverted");
    }
    if (f.t && invert)
        f.ts->sort_descending = !f.ts->sort_descending;
    else if (f.t)
        f.ts->sort_column = next_sort(&f, in->action == ACT_SORT_RIGHT ? 1 : n);
    if (f.t && f.ts->sort_column >= 0)
        notice(in, false, f.ts->sort_descending ? "highest first: " : "lowest first: ",
               f.t->columns[f.ts->sort_column].title);
    else if (f.t)
        notice(in, false, "in the order of the service itself", "");
    focus_close(&f);
    return n ? UI_REDRAW : no_use(in, "nothing to sort on this screen");
}

enum ui_request sort_by_name(struct input *in, const char *column) {
    struct focus f;
    focus_open(&f, in->ui, in->s);
    int found = -1;
    for (uint32_t c = 0; f.t && c < f.t->n_columns && found < 0 && *column; c++)
        if (table_sorts_by(f.t, c) && (text_contains(f.t->columns[c].title, column) ||
                                       text_contains(f.t->columns[c].name, column)))
            found = (int)c;
    if (f.t && (found >= 0 || !*column))
        f.ts->sort_column = found;
    else if (f.t)
        notice(in, true, "this table has no column to sort by called ", column);
    else
        notice(in, true, "nothing to sort on this screen", "");
    focus_close(&f);
    return UI_REDRAW;
}
