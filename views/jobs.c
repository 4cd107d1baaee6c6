/* views/jobs.c - what runs, what ran and how it ended: the list, and the selected job in full with
 * its progress. Jobs belong to no screen: they go on whatever becomes of this one. */
#include "panels_priv.h"

#include "base/attr.h"

static const struct pane panes[] = {
    {"jobs", "Jobs", "no jobs yet: {acts} on the screen of a service starts one", 0, NULL},
};

static const struct section *source(const struct snapshot *s) {
    return s->own[OWN_JOBS];
}

static const struct table *jobs_table(const struct snapshot *s, const struct ui_state *ui,
                                      struct arena *scratch) {
    (void)ui;
    return pane_table(source(s), &panes[0], scratch);
}

/* "[##########----------] 41%": the same picture in every terminal. */
static int draw_progress(struct cellbuf *b, struct rect r, const struct table *t,
                         const struct row *row) {
    double pct;
    const struct value *v = row_value(t, row, "pct");
    if (!v || !value_number(*v, &pct))
        return 0;
    int w = r.w - 8 < 50 ? r.w - 8 : 50;
    int64_t done = int_of(pct / 100 * w + 0.5);
    if (w < 5)
        return 0;
    draw_lit(b, r, r.x, r.y, "[", ROLE_DIM);
    for (int i = 0; i < w; i++)
        draw_lit(b, r, r.x + 1 + i, r.y, i < done ? "#" : "-", i < done ? ROLE_OK : ROLE_DIM);
    draw_fmt(b, r, r.x + 1 + w, r.y, ROLE_DIM, "] %.0f%%", pct);
    return 1;
}

static void draw_selected(struct cellbuf *b, struct rect r, const struct table *t,
                          const struct row *row) {
    static const struct row_line lines[] = {
        {"progress", "progress", ROLE_TEXT},
        {"why", "why", ROLE_WARNING},
        {"by_hand", "by hand", ROLE_WARNING},
        {"by_hand2", "", ROLE_WARNING},
        {"by_hand3", "", ROLE_WARNING},
        {"by_hand4", "", ROLE_WARNING},
        {"by_hand5", "", ROLE_WARNING},
        {"result", "result", ROLE_TEXT},
        {"target", "target", ROLE_TEXT},
        {"context", "context", ROLE_TEXT},
        {"who", "by", ROLE_TEXT},
        {"plan", "plan", ROLE_TEXT},
        {"log", "log", ROLE_TEXT},
    };
    r = rect_below(r, draw_progress(b, r, t, row));
    draw_row_lines(b, r, t, row, lines, ARRAY_LEN(lines));
}

static void jobs_draw(struct cellbuf *b, struct rect r, const struct snapshot *s,
                      struct ui_state *ui) {
    const struct section *sec = source(s);
    const struct table *t = jobs_table(s, ui, NULL);
    const struct row *row = t ? table_selected_row(t, ui_table(ui, 0)) : NULL;
    if (!sec->has_reading) {
        draw_empty(b, r, sec->failed ? sec->err.why : "the job directories are being read");
        return;
    }
    int detail = row && r.h > 12 ? r.h / 2 : 0;
    draw_panes(b, (struct rect){r.x, r.y, r.w, r.h - detail}, s, ui, sec, panes, ARRAY_LEN(panes));
    if (!detail)
        return;
    struct rect low = {r.x, r.y + r.h - detail, r.w, detail};
    draw_rule(b, low, low.y, "SELECTED");
    draw_selected(b, rect_below(low, 1), t, row);
}

/* The tab shows that something runs, or ended badly a moment ago. */
static enum health jobs_mark(const struct snapshot *s) {
    const struct table *t = reading_table(&source(s)->reading, "jobs");
    return t && t->n_rows ? t->rows[0].health : HEALTH_OFF;
}

/* Its log, at the end of it. */
static const struct view *jobs_open(const struct snapshot *s, struct ui_state *ui) {
    const struct table *t = jobs_table(s, ui, NULL);
    const struct row *row = t ? table_selected_row(t, ui_table(ui, 0)) : NULL;
    if (!row)
        return NULL;
    str_copy(ui->job, sizeof ui->job, row->key.s);
    return view_find("job", NULL);
}

static const char *jobs_no_acts(const struct snapshot *s, struct ui_state *ui) {
    const struct table *t = jobs_table(s, ui, NULL);
    return job_is_over(t, t ? table_selected_row(t, ui_table(ui, 0)) : NULL);
}

extern const struct view view_jobs;
const struct view view_jobs = {
    .id = "jobs",
    .title = "Jobs",
    .about = "what runs, what ran and how it ended; {open} shows the log; they go on without us",
    .command = "goodgo jobs list",
    .draw = jobs_draw,
    .table = jobs_table,
    .mark = jobs_mark,
    .open = jobs_open,
    .no_acts = jobs_no_acts,
};
