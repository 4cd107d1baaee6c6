/* views/payments.c - the money that is stuck: classes on top, worst first, the payments below, the
 * selected one in words. Enter on a class shows its payments alone; Esc shows all again. */
#include "panels_priv.h"

#include <string.h>

#include "base/attr.h"
#include "base/clock.h"

enum { PANE_CLASSES, PANE_PAYMENTS };
static const struct pane panes[] = {
    [PANE_CLASSES] = {"classes", "Classes", "no payment is open, and none contradicts its messages",
                      0, NULL},
    [PANE_PAYMENTS] = {"payments", "Payments", "nothing to look at", 0, NULL},
};

#define DETAIL_ROWS_LEAST 17 /* of the body, for the selected row to be told in words */

static const struct section *source(const struct snapshot *s) {
    return s->own[OWN_PAYMENTS];
}

static uint32_t pane_now(const struct ui_state *ui) {
    return ui->pane % ARRAY_LEN(panes);
}

static const struct table *payments_table(const struct snapshot *s, const struct ui_state *ui,
                                          struct arena *scratch) {
    return pane_table(source(s), &panes[pane_now(ui)], scratch);
}

static uint32_t payments_panes(const struct snapshot *s, const struct ui_state *ui) {
    (void)s;
    (void)ui;
    return ARRAY_LEN(panes);
}

/* --- above the tables --- */

/* "to act on 27  419,418,000 VND": whole or not at all, for half an amount is another amount. */
static int draw_sum(struct cellbuf *b, struct rect r, int x, const struct section *sec,
                    const char *label, const char *count, const char *vnd, enum role role) {
    const struct metric *n = reading_metric(&sec->reading, count),
                        *sum = reading_metric(&sec->reading, vnd);
    char number[32], amount[32];
    if (!n || !sum)
        return 0;
    value_format(n->value, n->unit, 0, number, sizeof number);
    value_format(sum->value, sum->unit, 0, amount, sizeof amount);
    bool with_vnd = x + (int)(strlen(label) + strlen(number) + strlen(amount)) + 7 <= r.x + r.w;
    if (x > r.x && !with_vnd)
        return 0;
    int cols = draw_fmt(b, r, x, r.y, ROLE_DIM, "%s ", label);
    cols += draw_fmt(b, r, x + cols, r.y, role, "%s", number);
    if (with_vnd)
        cols += draw_fmt(b, r, x + cols, r.y, ROLE_TEXT, "  %s VND", amount);
    return cols + 3;
}

/* Where the clock above is another than that of "paid 15:11" and "3/10 at 08:49" below. Returns the
 * columns it took on the right. */
static int draw_zone(struct cellbuf *b, struct rect room, const struct snapshot *s) {
    static const char said[] = "times are +07";
    if (s->utc_offset_s == CLOCK_VIETNAM_S || room.w < 50)
        return 0;
    draw_right(b, room, room.y, ROLE_DIM, "%s", said);
    return sizeof said;
}

static int draw_sums(struct cellbuf *b, struct rect r, const struct snapshot *s,
                     const struct section *sec) {
    double act = 0;
    reading_number(&sec->reading, "to_act", &act);
    struct rect room = {r.x, r.y, r.w - 5, 1};
    room.w -= draw_zone(b, room, s);
    int x = r.x;
    x += draw_sum(b, room, x, sec, "to act on", "to_act", "to_act_vnd",
                  act > 0 ? ROLE_CRITICAL : ROLE_OK);
    x += draw_sum(b, room, x, sec, "open", "open", "open_vnd", ROLE_TEXT);
    draw_sum(b, room, x, sec, "credited in 24h", "credited_24h", "credited_24h_vnd", ROLE_TEXT);
    draw_age(b, r, r.x + r.w - 4, r.y, sec, s->now_mono_ms);
    return 1;
}

/* What somebody proposed, and who has to decide it: a key leads there. */
static int draw_waiting(struct cellbuf *b, struct rect r, const struct snapshot *s) {
    const struct reading *proposals = &s->own[OWN_PROPOSALS]->reading;
    double waiting = 0, yours = 0;
    reading_number(proposals, "for_you", &yours);
    if (!reading_number(proposals, "waiting", &waiting) || waiting < 1 || r.h < 5)
        return 0;
    enum role role = yours > 0 ? ROLE_WARNING : ROLE_DIM;
    int x =
        r.x + draw_fmt(b, r, r.x, r.y, role,
                       "%.0f proposed for a second person, %.0f of them for you", waiting, yours);
    draw_said(b, r, x, r.y, ": {proposals} shows them", role);
    return 1;
}

/* A busy day has more credited payments than are verified here: that must not read as "all". */
static int draw_verified(struct cellbuf *b, struct rect r, const struct section *sec) {
    double n = 0, cut = 0;
    reading_number(&sec->reading, "verified", &n);
    if (!reading_number(&sec->reading, "verified_cut", &cut) || cut < 1 || r.h < 5)
        return 0;
    draw_fmt(b, r, r.x, r.y, ROLE_DIM,
             "of those credited the newest %s are verified: goodgo payments list takes more",
             GROUPED(int_of(n)));
    return 1;
}

/* What is not as it should be with these figures: the database, their age, or how many they are. */
static int draw_doubts(struct cellbuf *b, struct rect r, const struct snapshot *s,
                       const struct section *sec) {
    double unread = 0;
    int used = 0;
    if (sec->failed && r.h > 4)
        used += draw_failure(b, r, sec);
    if (reading_number(&sec->reading, "unread", &unread) && used < r.h)
        draw_fmt(b, r, r.x, r.y + used++, ROLE_WARNING,
                 "%s older open ones are not here: goodgo payments list", GROUPED(int_of(unread)));
    used += draw_verified(b, rect_below(r, used), sec);
    return used + draw_waiting(b, rect_below(r, used), s);
}

/* --- below them --- */

static void draw_selected(struct cellbuf *b, struct rect r, const struct snapshot *s,
                          struct ui_state *ui) {
    static const struct row_line of_class[] = {
        {"what", "it is", ROLE_TEXT},  {"todo", "do", ROLE_TITLE},
        {"heals", "heals", ROLE_TEXT}, {"category", "category", ROLE_DIM},
        {"command", "list", ROLE_KEY},
    };
    static const struct row_line of_payment[] = {
        {"why", "why", ROLE_TEXT},          {"todo", "do", ROLE_TITLE},
        {"command", "all of it", ROLE_KEY}, {"heals", "heals", ROLE_TEXT},
        {"replay", "a replay", ROLE_TEXT},  {"created", "made", ROLE_TEXT},
        {"type", "for", ROLE_TEXT},         {"provider_tx", "its no.", ROLE_TEXT},
        {"user", "user", ROLE_TEXT},
    };
    const struct table *t = payments_table(s, ui, NULL);
    const struct row *row = t ? table_selected_row(t, ui_table(ui, pane_now(ui))) : NULL;
    bool payment = pane_now(ui) == PANE_PAYMENTS;
    const char *what = payment ? "PAYMENT " : "CLASS ";
    char title[80];
    str_copy(title, sizeof title, what);
    str_copy(title + strlen(what), sizeof title - strlen(what), row ? row->key.s : "");
    draw_rule(b, r, r.y, title);
    if (row)
        draw_row_lines(b, rect_below(r, 1), t, row, payment ? of_payment : of_class,
                       payment ? ARRAY_LEN(of_payment) : ARRAY_LEN(of_class));
}

static void payments_draw(struct cellbuf *b, struct rect r, const struct snapshot *s,
                          struct ui_state *ui) {
    const struct section *sec = source(s);
    if (!sec->has_reading) {
        if (sec->failed && sec->health != HEALTH_OFF)
            r = rect_below(r, draw_failure(b, r, sec));
        draw_no_reading(b, r, sec);
        return;
    }
    if (r.h > 8)
        r = rect_below(r, draw_staleness(b, r, s, sec));
    r = rect_below(r, draw_sums(b, r, s, sec));
    r = rect_below(r, draw_doubts(b, r, s, sec));
    const struct table *t = reading_table(&sec->reading, "payments");
    int wanted = r.h < 30 ? 4 : pane_now(ui) == PANE_PAYMENTS ? 9 : 6;
    int detail = t && t->n_rows && r.h >= DETAIL_ROWS_LEAST ? wanted : 0;
    draw_panes(b, (struct rect){r.x, r.y, r.w, r.h - detail}, s, ui, sec, panes, ARRAY_LEN(panes));
    if (detail)
        draw_selected(b, (struct rect){r.x, r.y + r.h - detail, r.w, detail}, s, ui);
}

/* --- keys --- */

/* As many as one replay takes where the settings do not say otherwise. */
#define OPERANDS_MAX 20

/* Is it the class under the cursor, or one of those that are marked? */
static bool is_class_meant(const struct table *classes, const struct table_state *ts,
                           const char *name) {
    const struct row *at = table_selected_row(classes, ts);
    for (uint32_t i = 0; ts->marks && i < classes->n_rows; i++)
        if (!strcmp(row_word(classes, &classes->rows[i], "class"), name))
            return marks_have(ts->marks, classes->rows[i].key.s);
    return !ts->marks && at && !strcmp(row_word(classes, at, "class"), name);
}

/* Of classes: their oldest payments whose replay is due. A class is nothing that one act takes. */
static void payments_operands(const struct snapshot *s, struct ui_state *ui, bool many,
                              struct str *out) {
    const struct table *rows = reading_table(&source(s)->reading, "payments");
    const struct table *t = payments_table(s, ui, NULL);
    struct table_state *ts = ui_table(ui, pane_now(ui));
    const struct row *at = t ? table_selected_row(t, ts) : NULL;
    uint32_t n = 0;
    if (!at)
        return;
    if (pane_now(ui) == PANE_PAYMENTS) {
        str_puts(out, at->key.s);
        return;
    }
    for (uint32_t i = 0; many && rows && i < rows->n_rows && n < OPERANDS_MAX; i++) {
        const struct row *row = &rows->rows[i];
        bool due = str_starts(row_word(rows, row, "replay"), "is due") &&
                   is_class_meant(t, ts, row_word(rows, row, "class"));
        if (!due || out->len + row->key.len + 1 >= out->max)
            continue;
        str_printf(out, "%s%s", n++ ? "," : "", row->key.s);
    }
}

/* From a class to its payments; from a payment to all of it. */
static const struct view *payments_open(const struct snapshot *s, struct ui_state *ui) {
    struct table_state *payments = ui_table(ui, PANE_PAYMENTS);
    const struct table *t = payments_table(s, ui, NULL);
    const struct row *row = t ? table_selected_row(t, ui_table(ui, pane_now(ui))) : NULL;
    if (!row)
        return NULL;
    if (pane_now(ui) == PANE_PAYMENTS) {
        ui->show_row = true;
        return NULL;
    }
    str_copy(payments->filter, sizeof payments->filter, row_word(t, row, "class"));
    *payments->selected = 0;
    payments->scroll = 0;
    ui->pane = PANE_PAYMENTS;
    return NULL;
}

static enum health payments_mark(const struct snapshot *s) {
    const struct section *sec = source(s);
    enum health h = sec->has_reading ? section_shown_health(sec, s->now_mono_ms)
                    : sec->failed && sec->health != HEALTH_OFF ? HEALTH_UNKNOWN
                                                               : HEALTH_OFF;
    return h == HEALTH_OK ? HEALTH_OFF : h;
}

extern const struct view view_payments;
const struct view view_payments = {
    .id = "payments",
    .title = "Payments",
    .about = "money that is stuck, why, and whether it heals by itself",
    .draw = payments_draw,
    .table = payments_table,
    .panes = payments_panes,
    .mark = payments_mark,
    .open = payments_open,
    .command = "goodgo payments list",
    .operands = payments_operands,
};
