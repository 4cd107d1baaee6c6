/* views/changes.c - everything that changed since the console was started, newest first: who fell
 * ill or got well, alerts, restarts, versions. Enter opens the service. */
#include "panels_priv.h"

#include <string.h>

#include "base/attr.h"
#include "base/clock.h"

#define HINT_COLS 78 /* below it the hint would end in the middle of a word */

enum { COL_TIME, COL_AGE, COL_WHAT, COL_SUBJECT, COL_FROM, COL_TO, COL_WHY };
static const struct column columns[] = {
    [COL_TIME] = {"time", "TIME", UNIT_NONE, 8, 0},
    [COL_AGE] = {"age", "AGO", UNIT_SECONDS, 6, 2},
    [COL_WHAT] = {"kind", "WHAT", UNIT_NONE, 7, 3},
    [COL_SUBJECT] = {"subject", "WHO", UNIT_NONE, 11, 0},
    [COL_FROM] = {"from", "FROM", UNIT_NONE, 8, 1},
    [COL_TO] = {"to", "TO", UNIT_NONE, 8, 0},
    [COL_WHY] = {"why", "WHY", UNIT_NONE, 16, 0},
};

static void add_event(struct reading *out, struct table *t, const struct snapshot *s,
                      const struct event *e) {
    const char *key = arena_printf(out->arena, "%s %lld %s", service_name(e->service),
                                   (long long)e->wall_ms, e->subject);
    struct row *row = table_add_row(out, t, key, e->health);
    char time[CLOCK_DAY_SIZE];
    clock_day_time(e->wall_ms / 1000, s->utc_offset_s, time);
    row_text(out, row, COL_TIME, time);
    /* Where this machine's clock was set back it is of the future: just now, as far as one knows.
     */
    row_int(row, COL_AGE, s->now_wall_ms > e->wall_ms ? (s->now_wall_ms - e->wall_ms) / 1000 : 0);
    row_text(out, row, COL_WHAT, event_kind_name(e->kind));
    row_text(out, row, COL_SUBJECT, e->subject);
    row_text(out, row, COL_FROM, e->from);
    row_text(out, row, COL_TO, e->to);
    row_text(out, row, COL_WHY, e->why);
}

static const struct table *changes_table(const struct snapshot *s, const struct ui_state *ui,
                                         struct arena *scratch) {
    (void)ui;
    struct reading *out = arena_alloc(scratch, sizeof *out);
    reading_init(out, scratch);
    struct table *t =
        reading_add_table(out, "changes", "Recent change", columns, ARRAY_LEN(columns));
    for (uint32_t i = 0; s->events && i < s->events->n; i++)
        add_event(out, t, s, &s->events->list[i]);
    return t;
}

static void changes_draw(struct cellbuf *b, struct rect r, const struct snapshot *s,
                         struct ui_state *ui) {
    struct arena scratch;
    arena_init(&scratch);
    const struct table *t = changes_table(s, ui, &scratch);
    if (r.h > 6 && t->n_rows) {
        int x = r.x + draw_fmt(b, r, r.x, r.y, ROLE_DIM, "%u since the start, at most %u are kept",
                               t->n_rows, (unsigned)EVENTS_MAX);
        if (r.w >= HINT_COLS)
            draw_said(b, r, x, r.y, "; {filter} filters, {open} opens the service", ROLE_DIM);
        r = rect_below(r, 1);
    }
    draw_table(b, r, t, ui_table(ui, 0), s->now_wall_ms / 1000, TABLE_FOCUSED,
               "nothing has changed since the console was started");
    ui->news_shown = true;
    arena_done(&scratch);
}

static const struct view *changes_open(const struct snapshot *s, struct ui_state *ui) {
    struct arena scratch;
    char name[UI_KEY_MAX];
    uint32_t indices[EVENTS_MAX];
    const struct view *view = NULL;
    arena_init(&scratch);
    const struct table *t = changes_table(s, ui, &scratch);
    const struct table_state *ts = ui_table(ui, 0);
    uint32_t n = table_view_rows(t, ts, indices, ARRAY_LEN(indices));
    if (n) {
        const char *key = *ts->selected ? ts->selected : t->rows[indices[0]].key.s;
        str_copy(name, strcspn(key, " ") + 1, key);
        view = view_find(name, NULL);
    }
    arena_done(&scratch);
    return view;
}

extern const struct view view_changes;
const struct view view_changes = {
    .id = "changes",
    .title = "Recent changes",
    .about = "who fell ill or got well, alerts, restarts and new versions, newest first",
    .draw = changes_draw,
    .table = changes_table,
    .open = changes_open,
    .command = "goodgo status --watch",
};
