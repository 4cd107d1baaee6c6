/* views/reconciliation.c - a day that was closed three ways: its categories, worst first, with what
 * to do; the exceptions; days and providers; what was read; every row, a page at a time. Enter on a
 * category or a day shows its rows, and on a row all of it. The report is a job's: `a` starts one.
 */
#include "panels_priv.h"

#include <string.h>

#include "base/attr.h"
#include "ui/keys.h"

enum { PANE_CATEGORIES, PANE_EXCEPTIONS, PANE_DAYS, PANE_SOURCES, PANE_ROWS };
static const struct pane panes[] = {
    [PANE_CATEGORIES] = {"categories", "Categories", "nothing was read", 0, NULL},
    [PANE_EXCEPTIONS] = {"rows", "Exceptions", "no exception among what was checked", 0, NULL},
    [PANE_DAYS] = {"days", "Days", "no payment was made, and no money moved", 0, NULL},
    [PANE_SOURCES] = {"sources", "Sources", "nothing was read", 0, NULL},
    [PANE_ROWS] = {"page", "Every row", "no such row is kept here", PANE_FOLDED, NULL},
};

#define DETAIL_ROWS_LEAST 15 /* of the body, for the selected row to be told in words */
#define LABEL_COLS        10

static const struct section *source(const struct snapshot *s) {
    return s->own[OWN_RECONCILIATION];
}

static uint32_t pane_now(const struct ui_state *ui) {
    return ui->pane % ARRAY_LEN(panes);
}

static const struct table *recon_table(const struct snapshot *s, const struct ui_state *ui,
                                       struct arena *scratch) {
    return pane_table(source(s), &panes[pane_now(ui)], scratch);
}

static uint32_t recon_panes(const struct snapshot *s, const struct ui_state *ui) {
    (void)s;
    (void)ui;
    return ARRAY_LEN(panes);
}

static const struct row *row_now(const struct snapshot *s, struct ui_state *ui,
                                 const struct table **ret) {
    *ret = recon_table(s, ui, NULL);
    return *ret ? table_selected_row(*ret, ui_table(ui, pane_now(ui))) : NULL;
}

/* --- above the tables --- */

static const char *metric_text(const struct section *sec, const char *name, int64_t now_wall_s,
                               char buf[32]) {
    const struct metric *m = reading_metric(&sec->reading, name);
    str_copy(buf, 32, "-");
    if (m && m->value.kind != VALUE_NONE)
        value_format(m->value, m->unit, now_wall_s, buf, 32);
    return buf;
}

/* The last day that was asked for, or that has a row; "" where it is the first. */
static const char *last_day(const struct section *sec, const char *first) {
    const struct table *t = reading_table(&sec->reading, "days");
    const char *last = reading_string(&sec->reading, "to");
    if (!last)
        last = t && t->n_rows ? row_word(t, &t->rows[t->n_rows - 1], "day") : "";
    return strcmp(last, first) > 0 ? last : "";
}

/* A piece is there whole or not at all: half an amount is another amount. */
static int draw_piece(struct cellbuf *b, struct rect r, int x, enum role role, const char *label,
                      const char *text, const char *unit) {
    size_t bytes = strlen(label) + strlen(text) + strlen(unit);
    if (x + (int)bytes > r.x + r.w)
        return 0;
    int used = draw_fmt(b, r, x, r.y, ROLE_DIM, "%s", label);
    return used + draw_fmt(b, r, x + used, r.y, role, "%s%s", text, unit) + 2;
}

/* "2026-11-25  exceptions 12  difference -842,746,000 VND  rows 265  as of ...    made 5m ago" */
static int draw_sums(struct cellbuf *b, struct rect r, const struct snapshot *s,
                     const struct section *sec) {
    char buf[32];
    int64_t now = s->now_wall_ms / 1000;
    const char *from = reading_string(&sec->reading, "from"),
               *as_of = reading_string(&sec->reading, "as_of");
    const char *until = last_day(sec, from ? from : "");
    double exceptions = 0;
    reading_number(&sec->reading, "exceptions", &exceptions);
    struct rect room = {r.x, r.y, r.w > 36 ? r.w - 15 : r.w, 1};
    int x = r.x;
    x += draw_piece(b, room, x, ROLE_TITLE, "", from ? from : "-", "") - (*until ? 1 : 0);
    x += *until ? draw_piece(b, room, x, ROLE_TITLE, "to ", until, "") : 0;
    x += draw_piece(b, room, x, exceptions > 0 ? ROLE_CRITICAL : ROLE_OK, "exceptions ",
                    metric_text(sec, "exceptions", now, buf), "");
    x += draw_piece(b, room, x, ROLE_TEXT, "difference ",
                    metric_text(sec, "difference_vnd", now, buf), " VND");
    x += draw_piece(b, room, x, ROLE_TEXT, "rows ", metric_text(sec, "rows", now, buf), "");
    draw_piece(b, room, x, ROLE_DIM, "as of ", as_of ? as_of : "-", "");
    if (room.w < r.w)
        draw_right(b, r, r.y, ROLE_DIM, "made %s ago", metric_text(sec, "ended", now, buf));
    return 1;
}

/* The newest job of this act, where it is not the one whose report is shown. */
static int draw_newer(struct cellbuf *b, struct rect r, const struct snapshot *s) {
    const struct table *jobs = reading_table(&s->own[OWN_JOBS]->reading, "jobs");
    const char *shown = reading_string(&source(s)->reading, "job");
    const struct row *row = NULL;
    for (uint32_t i = 0; jobs && !row && i < jobs->n_rows; i++)
        if (strcmp(row_word(jobs, &jobs->rows[i], "action"), "reconcile") == 0)
            row = &jobs->rows[i];
    if (!row || r.h < 1 || (shown && strcmp(row->key.s, shown) == 0))
        return 0;
    const char *state = row_word(jobs, row, "state"), *why = row_word(jobs, row, "why"),
               *progress = row_word(jobs, row, "progress");
    bool at_work = row->health == HEALTH_OFF;
    draw_fmt(b, r, r.x, r.y, at_work ? ROLE_ACCENT : ROLE_WARNING, "%s: %s  %s",
             at_work ? "one is being made" : "the newest run", state, *why ? why : progress);
    return 1;
}

/* What of this run is not on this screen, and where it is. */
static int draw_doubts(struct cellbuf *b, struct rect r, const struct section *sec) {
    double left_out = 0, not_kept = 0;
    char n[GROUPED_SIZE];
    int used = 0;
    if (reading_number(&sec->reading, "left_out", &left_out) && left_out >= 1 && r.h > used) {
        int x = r.x + draw_fmt(b, r, r.x, r.y, ROLE_WARNING, "%s more exceptions are behind",
                               int_grouped(int_of(left_out), n));
        draw_said(b, r, x, r.y + used++, " their category: {open} on it", ROLE_WARNING);
    }
    if (reading_number(&sec->reading, "rows_not_kept", &not_kept) && not_kept >= 1 && r.h > used)
        draw_fmt(b, r, r.x, r.y + used++, ROLE_WARNING,
                 "the last %s rows of the report are not kept here: --csv FILE has them",
                 int_grouped(int_of(not_kept), n));
    return used;
}

/* --- every row: a page of them is here --- */

static double page_number(const struct section *sec, const char *name) {
    double n = 0;
    reading_number(&sec->reading, name, &n);
    return n;
}

/* Whether the rows that are here are those that were asked for. */
static bool page_is_here(const struct section *sec, const struct ui_state *ui) {
    const char *of = reading_string(&sec->reading, "page_of");
    return of && strcmp(of, *ui->rows.of ? ui->rows.of : "all") == 0 &&
           page_number(sec, "page") == (double)ui->rows.page;
}

/* "MATCHED: rows 1,001 to 2,000 of 45,210; past the last come the next" */
static int draw_page_line(struct cellbuf *b, struct rect r, const struct section *sec,
                          const struct ui_state *ui) {
    const struct table *t = reading_table(&sec->reading, "page");
    const char *of = reading_string(&sec->reading, "page_of"),
               *missing = reading_string(&sec->reading, "page_missing");
    double first = page_number(sec, "page_first"), last = first - 1 + (t ? t->n_rows : 0);
    if (!t || !of || r.h < 1)
        return 0;
    if (missing)
        draw_fmt(b, r, r.x, r.y, ROLE_WARNING, "the rows of this run cannot be read: %s", missing);
    else if (!page_is_here(sec, ui))
        draw_said(
            b, r,
            r.x + draw_fmt(b, r, r.x, r.y, ROLE_ACCENT, "%s: ", *ui->rows.of ? ui->rows.of : "all"),
            r.y, ui->frozen ? "frozen; {freeze} goes on and reads them" : "being read",
            ROLE_ACCENT);
    else if (last < first)
        draw_fmt(b, r, r.x, r.y, ROLE_WARNING,
                 "%s: the other rows are not kept: reconcile with --csv FILE", of);
    else
        draw_said(b, r,
                  r.x + draw_fmt(b, r, r.x, r.y, ROLE_DIM, "%s: rows %s to %s of %s", of,
                                 GROUPED(int_of(first)), GROUPED(int_of(last)),
                                 GROUPED(t->n_total)),
                  r.y,
                  t->n_total > t->n_rows ? "; {filter} and {sort-left} {sort-right} look at these, "
                                           "{down} past the last reads on"
                                         : "",
                  ROLE_DIM);
    return 1;
}

/* --- below them --- */

static int draw_side(struct cellbuf *b, struct rect r, const struct table *t, const struct row *row,
                     const char *label, const char *vnd, const char *more, const char *no) {
    const struct value *v = row_value(t, row, vnd);
    bool known = v && v->kind == VALUE_INT;
    char amount[32] = "-";
    if (r.h < 1)
        return 0;
    if (known)
        value_format(*v, UNIT_VND, 0, amount, sizeof amount);
    draw_lit(b, r, r.x, r.y, label, ROLE_DIM);
    int x = r.x + LABEL_COLS;
    x += draw_fmt(b, r, x, r.y, known ? ROLE_TEXT : ROLE_DIM, "%18s%s", amount,
                  known ? " VND" : "    ");
    x += 2 + draw_fmt(b, r, x + 2, r.y, ROLE_TEXT, "%s", row_word(t, row, more));
    if (*no && *row_word(t, row, no))
        draw_fmt(b, r, x + 2, r.y, ROLE_DIM, "%s", row_word(t, row, no));
    return 1;
}

static void draw_payment(struct cellbuf *b, struct rect r, const struct table *t,
                         const struct row *row) {
    static const struct row_line lines[] = {
        {"why", "why", ROLE_TEXT},           {"todo", "do", ROLE_TITLE},
        {"evidence", "evidence", ROLE_TEXT}, {"command", "all of it", ROLE_KEY},
        {"proposal", "proposal", ROLE_TEXT}, {"resolution", "it is", ROLE_TEXT},
        {"maker", "made by", ROLE_TEXT},     {"checker", "approved", ROLE_TEXT},
    };
    r = rect_below(r, draw_side(b, r, t, row, "ours", "db_vnd", "db_status", ""));
    r = rect_below(
        r, draw_side(b, r, t, row, "gateway", "gateway_vnd", "gateway_status", "provider_tx"));
    r = rect_below(r, draw_side(b, r, t, row, "statement", "bank_vnd", "", ""));
    r = rect_below(r, draw_side(b, r, t, row, "difference", "difference_vnd", "", ""));
    draw_row_lines(b, r, t, row, lines, ARRAY_LEN(lines));
}

static bool is_of_rows(const struct ui_state *ui) {
    return pane_now(ui) == PANE_EXCEPTIONS || pane_now(ui) == PANE_ROWS;
}

static int detail_rows(const struct ui_state *ui, int h) {
    static const int rows[ARRAY_LEN(panes)] = {
        [PANE_CATEGORIES] = 3, [PANE_EXCEPTIONS] = 8, [PANE_ROWS] = 8};
    if (h < DETAIL_ROWS_LEAST)
        return 0;
    return is_of_rows(ui) && h >= 30 ? 12 : rows[pane_now(ui)];
}

static void draw_selected(struct cellbuf *b, struct rect r, const struct snapshot *s,
                          struct ui_state *ui) {
    static const struct row_line of_category[] = {{"todo", "do", ROLE_TITLE},
                                                  {"kept", "payments", ROLE_DIM}};
    const struct table *t;
    const struct row *row = row_now(s, ui, &t);
    bool payment = is_of_rows(ui);
    draw_rule(b, r, r.y, payment ? "PAYMENT" : "CATEGORY");
    if (row && payment)
        draw_payment(b, rect_below(r, 1), t, row);
    else if (row)
        draw_row_lines(b, rect_below(r, 1), t, row, of_category, ARRAY_LEN(of_category));
}

/* --- the whole --- */

static void draw_none(struct cellbuf *b, struct rect r, const struct snapshot *s,
                      const struct ui_state *ui) {
    const struct section *sec = source(s);
    r = rect_below(r, draw_newer(b, r, s));
    if (sec->failed)
        draw_failure(b, r, sec);
    else
        draw_empty(b, r,
                   s->own[OWN_JOBS]->has_reading
                       ? "no day was reconciled here lately: {acts} starts it"
                       : "the job directories are being read");
}

/* The page before has come, and was left at its end. */
static void take_last_row(const struct section *sec, struct ui_state *ui) {
    const struct table *t = reading_table(&sec->reading, "page");
    struct table_state *ts = ui_table(ui, PANE_ROWS);
    if (!ui->rows.from_end || !t || !t->n_rows || !page_is_here(sec, ui))
        return;
    ui->rows.from_end = false;
    str_copy(ts->selected, sizeof ts->selected, t->rows[t->n_rows - 1].key.s);
}

static void recon_draw(struct cellbuf *b, struct rect r, const struct snapshot *s,
                       struct ui_state *ui) {
    const struct section *sec = source(s);
    if (!sec->has_reading) {
        draw_none(b, r, s, ui);
        return;
    }
    take_last_row(sec, ui);
    r = rect_below(r, draw_sums(b, r, s, sec));
    r = rect_below(r, draw_newer(b, r, s));
    r = rect_below(r, pane_now(ui) == PANE_ROWS ? draw_page_line(b, r, sec, ui)
                                                : draw_doubts(b, r, sec));
    int detail = detail_rows(ui, r.h);
    draw_panes(b, (struct rect){r.x, r.y, r.w, r.h - detail}, s, ui, sec, panes, ARRAY_LEN(panes));
    if (detail)
        draw_selected(b, (struct rect){r.x, r.y + r.h - detail, r.w, detail}, s, ui);
}

/* --- keys --- */

static void at_first(struct table_state *ts) {
    *ts->selected = 0;
    ts->selected_index = ts->scroll = 0;
}

static void show_exceptions(struct ui_state *ui, const char *filter) {
    struct table_state *ts = ui_table(ui, PANE_EXCEPTIONS);
    str_copy(ts->filter, sizeof ts->filter, filter);
    at_first(ts);
    ui->pane = PANE_EXCEPTIONS;
}

static void show_rows(struct ui_state *ui, const char *of) {
    struct table_state *ts = ui_table(ui, PANE_ROWS);
    str_copy(ui->rows.of, sizeof ui->rows.of, strcmp(of, "all") == 0 ? "" : of);
    ui->rows.page = 0;
    ui->rows.from_end = false;
    *ts->filter = 0;
    at_first(ts);
    ui->pane = PANE_ROWS;
}

/* From a category or a day to its rows: exceptions are all here, but where some were left out. */
static const struct view *recon_open(const struct snapshot *s, struct ui_state *ui) {
    const struct table *t;
    const struct row *row = row_now(s, ui, &t);
    uint32_t pane = pane_now(ui);
    if (!row || (pane != PANE_CATEGORIES && pane != PANE_DAYS)) {
        ui->show_row = row != NULL;
        return NULL;
    }
    bool here = row->health >= HEALTH_WARNING && page_number(source(s), "left_out") < 1;
    if (here)
        show_exceptions(ui, row_word(t, row, pane == PANE_DAYS ? "day" : "category"));
    else
        show_rows(ui, row->key.s);
    return NULL;
}

/* To the page before or behind, and there to the row beside the one that was left. */
static bool recon_beyond(const struct snapshot *s, struct ui_state *ui, int step) {
    const struct section *sec = source(s);
    const struct table *t = reading_table(&sec->reading, "page");
    struct table_state *ts = ui_table(ui, PANE_ROWS);
    if (pane_now(ui) != PANE_ROWS || !t || !page_is_here(sec, ui))
        return false;
    bool more = page_number(sec, "page_first") - 1 + t->n_rows < t->n_total && t->n_rows;
    if (step > 0 ? !more : !ui->rows.page)
        return false;
    ui->rows.page = step > 0 ? ui->rows.page + 1 : ui->rows.page - 1;
    *ts->filter = 0;
    at_first(ts);
    ui->rows.from_end = step < 0;
    return true;
}

static bool recon_shell(const struct snapshot *s, const struct ui_state *ui, char *buf,
                        size_t size) {
    const char *command = reading_string(&source(s)->reading, "command");
    (void)ui;
    return command && str_copy(buf, size, command);
}

static enum health recon_mark(const struct snapshot *s) {
    const struct section *sec = source(s);
    return sec->has_reading && sec->health > HEALTH_OK ? sec->health
           : sec->failed                               ? HEALTH_UNKNOWN
                                                       : HEALTH_OFF;
}

extern const struct view view_reconciliation;
const struct view view_reconciliation = {
    .id = "reconciliation",
    .title = "Reconciliation",
    .about = "the last day that was closed: database, gateways and banks, to the dong",
    .draw = recon_draw,
    .table = recon_table,
    .panes = recon_panes,
    .mark = recon_mark,
    .open = recon_open,
    .beyond = recon_beyond,
    .command = "goodgo payments reconcile",
    .shell = recon_shell,
};
