/* ui/marks.c - rows that Space picked out of a table: by key, so that they stay marked while rows
 * come, go and change places. */
#include <string.h>

#include "input_priv.h"

static uint32_t mark_find(const struct marks *m, const char *key) {
    uint32_t i = 0;
    while (i < m->n && strcmp(m->keys[i], key) != 0)
        i++;
    return i;
}

bool marks_have(const struct marks *m, const char *key) {
    char cut[UI_KEY_MAX]; /* as long as marks_toggle() keeps it */
    str_copy(cut, sizeof cut, key);
    return m && mark_find(m, cut) < m->n;
}

void marks_clear(struct ui_state *ui) {
    if (ui->marks.n)
        ui->tables[ui->marks.view][ui->marks.pane].marks = NULL;
    ui->marks.n = 0;
}

static bool marks_toggle(struct ui_state *ui, const char *key) {
    struct marks *m = &ui->marks;
    struct table_state *ts = ui_table(ui, ui->pane);
    char cut[UI_KEY_MAX];
    str_copy(cut, sizeof cut, key);
    if (ts->marks != m)
        marks_clear(ui); /* those of another table */
    uint32_t at = mark_find(m, cut);
    if (at == m->n && m->n == UI_MARKS_MAX)
        return false;
    if (at == m->n)
        memcpy(m->keys[m->n++], cut, sizeof cut);
    else if (at != --m->n)
        memcpy(m->keys[at], m->keys[m->n], sizeof cut);
    m->view = ui->view % UI_MAX_VIEWS;
    m->pane = ui->pane % UI_MAX_PANES;
    ts->marks = m->n ? m : NULL;
    return true;
}

/* And on to the next row, so that Space Space Space marks three. */
enum ui_request act_mark(struct input *in) {
    struct focus f;
    if (view_now(in->ui)->page)
        return act_page(in);
    focus_open(&f, in->ui, in->s);
    if (!f.n)
        notice(in, false, "there is no row to mark", "");
    else if (!marks_toggle(in->ui, f.t->rows[f.rows[f.at]].key.s))
        notice(in, true, "no more rows can be marked: {back} takes all marks away", "");
    else
        focus_select(&f, (int64_t)f.at + 1);
    focus_close(&f);
    hold_order(in);
    return UI_REDRAW;
}
