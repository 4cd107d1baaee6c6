/* views/row_panel.c - the selected row of a table, told in full below it: a line for each of its
 * words, as long as there is room. */
#include "panels_priv.h"

#include <string.h>

#define VALUE_ROWS 4 /* of one value */
#define LABEL_COLS 9

const struct value *row_value(const struct table *t, const struct row *row, const char *name) {
    int c = table_column(t, name);
    return c >= 0 ? &row->cells[c] : NULL;
}

const char *row_word(const struct table *t, const struct row *row, const char *name) {
    const struct value *v = row_value(t, row, name);
    return v && v->kind == VALUE_TEXT ? v->t.s : "";
}

const char *job_is_over(const struct table *jobs, const struct row *row) {
    const char *state = row ? row_word(jobs, row, "state") : NULL;
    if (!state)
        return "no job is here that could be cancelled";
    return strcmp(state, "running") == 0 || strcmp(state, "waiting") == 0
               ? NULL
               : "this job has ended: there is nothing to cancel";
}

static int draw_line(struct cellbuf *b, struct rect r, const char *label, const char *text,
                     enum role role) {
    if (!*text || r.h < 1)
        return 0;
    int x = r.x + draw_fmt(b, r, r.x, r.y, ROLE_DIM, "%-*s ", LABEL_COLS, label);
    uint32_t len = (uint32_t)strlen(text);
    struct text t = {text, len, text_cols(text, len)};
    struct rect room = {x, r.y, r.x + r.w - x, r.h < VALUE_ROWS ? r.h : VALUE_ROWS};
    int used = draw_wrapped(b, room, t, role);
    return used > 0 ? used : 1;
}

void draw_row_lines(struct cellbuf *b, struct rect r, const struct table *t, const struct row *row,
                    const struct row_line *lines, size_t n) {
    for (size_t i = 0; i < n && r.h > 0; i++)
        r = rect_below(
            r, draw_line(b, r, lines[i].label, row_word(t, row, lines[i].column), lines[i].role));
}
