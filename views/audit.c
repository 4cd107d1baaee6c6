/* views/audit.c - who did what, newest first, and whether the chain of the trail holds. */
#include "panels_priv.h"

#include "base/attr.h"

static const struct pane panes[] = {
    {"records", "Trail", "nothing was done yet", 0, NULL},
};

static const struct section *source(const struct snapshot *s) {
    return s->own[OWN_AUDIT];
}

static const struct table *audit_table(const struct snapshot *s, const struct ui_state *ui,
                                       struct arena *scratch) {
    (void)ui;
    return pane_table(source(s), &panes[0], scratch);
}

static int draw_chain(struct cellbuf *b, struct rect r, const struct section *sec) {
    const char *broken = reading_string(&sec->reading, "broken");
    double n = 0;
    reading_number(&sec->reading, "records", &n);
    if (broken)
        draw_fmt(b, r, r.x, r.y, ROLE_CRITICAL, "BROKEN after %s: %s",
                 COUNTED(int_of(n), "good record"), broken);
    else if (n < 1)
        draw_lit(b, r, r.x, r.y, "no record yet: nothing was planned or done here", ROLE_DIM);
    else
        draw_fmt(b, r, r.x, r.y, ROLE_DIM, "the chain of %s holds", COUNTED(int_of(n), "record"));
    return 1;
}

static void audit_draw(struct cellbuf *b, struct rect r, const struct snapshot *s,
                       struct ui_state *ui) {
    const struct section *sec = source(s);
    if (!sec->has_reading) {
        draw_empty(b, r, sec->failed ? sec->err.why : "the trail is being read");
        return;
    }
    r = rect_below(r, draw_chain(b, r, sec));
    draw_panes(b, r, s, ui, sec, panes, ARRAY_LEN(panes));
}

static enum health audit_mark(const struct snapshot *s) {
    return reading_string(&source(s)->reading, "broken") ? HEALTH_CRITICAL : HEALTH_OFF;
}

extern const struct view view_audit;
const struct view view_audit = {
    .id = "audit",
    .title = "Audit",
    .about = "who did what, when and why; a broken chain shows here",
    .command = "goodgo audit list",
    .draw = audit_draw,
    .table = audit_table,
    .mark = audit_mark,
};
