/* views/proposals.c - suggested matches that wait for a second person: who proposed which, whether
 * the payment is still the same, and the selected one in words. Payments leads here. */
#include "panels_priv.h"

#include "base/attr.h"

static const struct pane panes[] = {
    {"proposals", "Proposals", "nothing is proposed: goodgo payments reconcile --propose does", 0,
     NULL},
};

static const struct section *source(const struct snapshot *s) {
    return s->own[OWN_PROPOSALS];
}

static const struct table *proposals_table(const struct snapshot *s, const struct ui_state *ui,
                                           struct arena *scratch) {
    (void)ui;
    return pane_table(source(s), &panes[0], scratch);
}

/* "2 wait for a second person, 1 of them for you to decide" */
static int draw_counts(struct cellbuf *b, struct rect r, const struct snapshot *s,
                       const struct section *sec) {
    double waiting = 0, yours = 0, left_out = 0;
    reading_number(&sec->reading, "waiting", &waiting);
    reading_number(&sec->reading, "for_you", &yours);
    struct rect room = {r.x, r.y, r.w - 5, 1};
    int x =
        draw_fmt(b, room, r.x, r.y, yours > 0 ? ROLE_WARNING : ROLE_DIM,
                 "%.0f wait for a second person, %.0f of them for you to decide", waiting, yours);
    if (reading_number(&sec->reading, "left_out", &left_out))
        draw_fmt(b, room, r.x + x, r.y, ROLE_WARNING, ", and %.0f more are not here", left_out);
    draw_age(b, r, r.x + r.w - 4, r.y, sec, s->now_mono_ms);
    return 1;
}

static void draw_selected(struct cellbuf *b, struct rect r, const struct table *t,
                          const struct row *row) {
    static const struct row_line lines[] = {
        {"decide", "you", ROLE_TITLE},    {"checker", "decided", ROLE_TEXT},
        {"why", "why", ROLE_TEXT},        {"evidence", "evidence", ROLE_TEXT},
        {"now", "it is now", ROLE_TEXT},  {"then", "it was", ROLE_TEXT},
        {"change", "changes", ROLE_TEXT}, {"maker", "by", ROLE_TEXT},
        {"reason", "for", ROLE_TEXT},     {"command", "its plan", ROLE_KEY},
    };
    draw_rule(b, r, r.y, "PROPOSAL");
    draw_row_lines(b, rect_below(r, 1), t, row, lines, ARRAY_LEN(lines));
}

static void proposals_draw(struct cellbuf *b, struct rect r, const struct snapshot *s,
                           struct ui_state *ui) {
    const struct section *sec = source(s);
    if (sec->failed)
        r = rect_below(r, draw_failure(b, r, sec));
    if (!sec->has_reading) {
        if (!sec->failed)
            draw_empty(b, r, "the proposals are being read");
        return;
    }
    r = rect_below(r, draw_counts(b, r, s, sec));
    const struct table *t = proposals_table(s, ui, NULL);
    const struct row *row = t ? table_selected_row(t, ui_table(ui, 0)) : NULL;
    int detail = row && r.h > 12 ? (r.h > 24 ? 12 : r.h / 2) : 0;
    draw_panes(b, (struct rect){r.x, r.y, r.w, r.h - detail}, s, ui, sec, panes, ARRAY_LEN(panes));
    if (detail)
        draw_selected(b, (struct rect){r.x, r.y + r.h - detail, r.w, detail}, t, row);
}

static enum health proposals_mark(const struct snapshot *s) {
    const struct section *sec = source(s);
    bool told = sec->has_reading || sec->failed;
    return told && sec->health > HEALTH_OK ? sec->health : HEALTH_OFF;
}

extern const struct view view_proposals;
const struct view view_proposals = {
    .id = "proposals",
    .title = "Proposals",
    .about = "suggested matches that wait for a second person's word, or had it",
    .command = "goodgo payments proposals",
    .draw = proposals_draw,
    .table = proposals_table,
    .mark = proposals_mark,
};
