/* ui/input.c - one key in, one change of the ui state or one request out: which handler a key goes
 * to. Prompts take all keys while they are open, panels take a few. */
#include "ui/input.h"

#include <stdio.h>

#include "acts_priv.h"
#include "input_priv.h"

#define NOTICE_MS 5000
#define ROW_STEP  4 /* columns; the lowest screen shows two */

const struct view *view_now(const struct ui_state *ui) {
    return views[ui->view % n_views];
}

void notice(struct input *in, bool bad, const char *text, const char *more) {
    char said[sizeof in->ui->notice];
    keymap_say(in->m, text, said, sizeof said);
    snprintf(in->ui->notice, sizeof in->ui->notice, "%s%s", said, more);
    in->ui->notice_bad = bad;
    in->ui->notice_until_mono_ms = in->now_mono_ms + NOTICE_MS;
}

enum ui_request no_use(struct input *in, const char *why) {
    notice(in, false, why, "");
    return UI_REDRAW;
}

enum ui_request request(struct input *in, enum ui_request what, const char *argument) {
    if (in->argument && in->argument_size)
        str_copy(in->argument, in->argument_size, argument);
    return what;
}

static enum ui_request act_ask(struct input *in) {
    static const enum ui_request asks[ACTION_COUNT] = {
        [ACT_REFRESH] = UI_REFRESH,   [ACT_REDRAW] = UI_FULL_REDRAW,
        [ACT_COPY] = UI_COPY,         [ACT_SHELL] = UI_SHELL,
        [ACT_SAVE] = UI_SAVE,         [ACT_SUSPEND] = UI_SUSPEND,
        [ACT_SNAPSHOT] = UI_SNAPSHOT, [ACT_PIN] = UI_PIN};
    return asks[in->action];
}

static enum ui_request act_copy(struct input *in) {
    struct focus f;
    focus_open(&f, in->ui, in->s);
    bool page = view_now(in->ui)->page, none = !page && !f.n, hidden = !page && f.n && f.ts->marks;
    for (uint32_t i = 0; i < f.n && hidden; i++)
        hidden = !marks_have(f.ts->marks, f.t->rows[f.rows[i]].key.s);
    focus_close(&f);
    if (none)
        return no_use(in, "there is no row to copy; {save-screen} saves the screen");
    if (hidden)
        return no_use(in, "the filter hides the marked rows: {back} clears it");
    return act_ask(in);
}

static enum ui_request (*const handlers[ACTION_COUNT])(struct input *) = {
    [ACT_DOWN] = act_move,
    [ACT_UP] = act_move,
    [ACT_HALF_DOWN] = act_move,
    [ACT_HALF_UP] = act_move,
    [ACT_PAGE_DOWN] = act_move,
    [ACT_PAGE_UP] = act_move,
    [ACT_TOP] = act_move,
    [ACT_BOTTOM] = act_move,
    [ACT_OPEN] = act_open,
    [ACT_DETAILS] = act_details,
    [ACT_LOGS] = act_logs,
    [ACT_BACK] = act_back,
    [ACT_NEXT_PANE] = act_pane,
    [ACT_PREVIOUS_PANE] = act_pane,
    [ACT_LAST_VIEW] = act_other_view,
    [ACT_FILTER] = act_filter,
    [ACT_NEXT_MATCH] = act_match,
    [ACT_PREVIOUS_MATCH] = act_match,
    [ACT_NEXT_ERROR] = act_error,
    [ACT_PREVIOUS_ERROR] = act_error,
    [ACT_FOLLOW] = act_follow,
    [ACT_WRAP] = act_wrap,
    [ACT_MARK] = act_mark,
    [ACT_SORT_LEFT] = act_sort,
    [ACT_SORT_RIGHT] = act_sort,
    [ACT_SORT_INVERT] = act_sort,
    [ACT_COMMAND] = act_command,
    [ACT_HELP] = act_help,
    [ACT_REFRESH] = act_ask,
    [ACT_REDRAW] = act_ask,
    [ACT_FREEZE] = act_freeze,
    [ACT_STEP_BACK] = act_step,
    [ACT_STEP_ON] = act_step,
    [ACT_GO_TIME] = act_go_time,
    [ACT_PIN] = act_ask,
    [ACT_COPY] = act_copy,
    [ACT_SHELL] = act_ask,
    [ACT_SAVE] = act_ask,
    [ACT_SNAPSHOT] = act_ask,
    [ACT_ACTS] = act_acts,
    [ACT_VIEW_1] = act_view,
    [ACT_VIEW_2] = act_view,
    [ACT_VIEW_3] = act_view,
    [ACT_VIEW_4] = act_view,
    [ACT_VIEW_5] = act_view,
    [ACT_VIEW_6] = act_view,
    [ACT_VIEW_7] = act_view,
    [ACT_VIEW_8] = act_view,
    [ACT_VIEW_9] = act_view,
    [ACT_VIEW_0] = act_view,
    [ACT_VIEW_CHANGES] = act_view,
    [ACT_VIEW_COMPARE] = act_view,
    [ACT_VIEW_RECONCILIATION] = act_view,
    [ACT_VIEW_PROPOSALS] = act_proposals,
    [ACT_VIEW_JOBS] = act_view,
    [ACT_NEXT_VIEW] = act_other_view,
    [ACT_PREVIOUS_VIEW] = act_other_view,
    [ACT_SUSPEND] = act_ask,
    [ACT_CANCEL] = act_cancel,
};

/* --- panels: the command of a service, a row in full --- */

static enum ui_request panel_close(struct input *in) {
    in->ui->show_shell = in->ui->show_row = false;
    return UI_REDRAW;
}

/* A row in full follows the selection; where it is longer than the screen its pages are turned. */
static enum ui_request row_move(struct input *in) {
    uint32_t *scroll = &in->ui->row_scroll;
    switch (in->action) {
    case ACT_PAGE_DOWN:
    case ACT_HALF_DOWN:
        *scroll += ROW_STEP;
        return UI_REDRAW;
    case ACT_PAGE_UP:
    case ACT_HALF_UP:
        *scroll -= *scroll < ROW_STEP ? *scroll : ROW_STEP;
        return UI_REDRAW;
    default:
        *scroll = 0;
        return act_move(in);
    }
}

enum ui_request covered(struct input *in) {
    char key[24], text[100];
    key_format(in->key, key, sizeof key);
    snprintf(text, sizeof text, "%.23s does nothing while this is open; {back} leaves it", key);
    return no_use(in, text);
}

static enum ui_request panel_key(struct input *in) {
    switch (in->action) {
    case ACT_COPY:
    case ACT_SAVE:
    case ACT_SNAPSHOT:
        return act_ask(in);
    case ACT_BACK:
    case ACT_SHELL:
    case ACT_DETAILS:
    case ACT_CANCEL:
    case ACT_OPEN:
        return panel_close(in);
    default:
        return in->ui->show_row && handlers[in->action] == act_move ? row_move(in) : covered(in);
    }
}

/* --- the mouse --- */

static enum ui_request mouse_click(struct input *in) {
    struct ui_state *ui = in->ui;
    struct key k = in->key;
    for (uint32_t p = 0; p < UI_MAX_PANES; p++) {
        struct table_state *ts = ui_table(ui, p);
        if (k.mouse_y < ts->rows_y || k.mouse_y >= ts->rows_y + ts->rows_h ||
            k.mouse_x < ts->rows_x || k.mouse_x >= ts->rows_x + ts->rows_w)
            continue;
        if (ui->pane != p)
            ui->opened_from = 0;
        ui->pane = p;
        struct focus f;
        focus_open(&f, ui, in->s);
        focus_select(&f, (int64_t)ts->scroll + k.mouse_y - ts->rows_y);
        focus_close(&f);
        hold_order(in);
        return UI_REDRAW;
    }
    return UI_NOTHING;
}

static enum ui_request mouse_key(struct input *in) {
    switch (in->key.mouse_button) {
    case 1:
        return mouse_click(in);
    case 4:
        return move_by(in, -3);
    case 5:
        return move_by(in, 3);
    default:
        return UI_NOTHING;
    }
}

/* A wrong key says so, and where the right ones are; it never does anything. */
static enum ui_request unbound(struct input *in) {
    char key[24], text[100];
    key_format(in->key, key, sizeof key);
    snprintf(text, sizeof text, "%.23s is no key here; {help} shows them all", key);
    return no_use(in, text);
}

enum ui_request ui_key(struct ui_state *ui, const struct keymap *m, struct key k,
                       const struct snapshot *s, int body_rows, char *argument,
                       size_t argument_size) {
    struct input in = {ui, m, k, s, body_rows, argument, argument_size, 0, ACTION_COUNT};
    in.now_mono_ms = ui->now_mono_ms ? ui->now_mono_ms : s->now_mono_ms;
    request(&in, UI_NOTHING, "");
    if (ui->prompt != PROMPT_NONE)
        return prompt_key(&in);
    in.action = keymap_find(m, k);
    if (in.action != ACT_CANCEL)
        ui->quit_asked = false;
    if (k.code == KEYC_MOUSE)
        return mouse_key(&in);
    if (in.action == ACTION_COUNT || !handlers[in.action])
        return unbound(&in);
    if (in.action == ACT_SUSPEND || in.action == ACT_REDRAW) /* whatever is open */
        return act_ask(&in);
    if (ui->acts.step != ACTS_NONE)
        return acts_key(&in);
    if (ui->show_shell || ui->show_row)
        return panel_key(&in);
    return handlers[in.action](&in);
}

/* --- what `y` copies --- */

static void copy_cell(struct value v, enum unit unit, int64_t now_wall_s, struct str *out) {
    char buf[32] = "-";
    if (v.kind == VALUE_TEXT) {
        str_puts(out, v.t.s);
        return;
    }
    if (v.kind != VALUE_NONE)
        value_format(v, unit, now_wall_s, buf, sizeof buf);
    str_puts(out, buf);
}

static void copy_row(const struct table *t, const struct row *row, int64_t now_wall_s,
                     struct str *out) {
    if (out->len)
        str_putc(out, '\n');
    for (uint32_t c = 0; c < t->n_columns; c++) {
        if (c)
            str_putc(out, '\t');
        copy_cell(row->cells[c], t->columns[c].unit, now_wall_s, out);
    }
}

static void copy_page(const struct view *v, const struct snapshot *s, const struct ui_state *ui,
                      struct str *out) {
    struct arena scratch;
    arena_init(&scratch);
    page_text(v->page(s, ui, &scratch), out);
    arena_done(&scratch);
}

void ui_copy_text(const struct snapshot *s, struct ui_state *ui, struct str *out) {
    struct focus f;
    if (ui->show_shell) {
        str_puts(out, ui->shell);
        return;
    }
    if (view_now(ui)->page) {
        copy_page(view_now(ui), s, ui, out);
        return;
    }
    focus_open(&f, ui, s);
    for (uint32_t i = 0; f.t && i < f.n && !ui->show_row; i++)
        if (marks_have(f.ts->marks, f.t->rows[f.rows[i]].key.s))
            copy_row(f.t, &f.t->rows[f.rows[i]], s->now_wall_ms / 1000, out);
    if (!out->len && f.n && f.t)
        copy_row(f.t, &f.t->rows[f.rows[f.at]], s->now_wall_ms / 1000, out);
    focus_close(&f);
}

static bool row_command(const struct snapshot *s, struct ui_state *ui, char *buf, size_t size) {
    struct focus f;
    focus_open(&f, ui, s);
    const struct row *row = f.n && f.t ? &f.t->rows[f.rows[f.at]] : NULL;
    int c = row ? table_column(f.t, "command") : -1;
    bool found =
        c >= 0 && row->cells[c].kind == VALUE_TEXT && str_copy(buf, size, row->cells[c].t.s);
    focus_close(&f);
    return found;
}

bool ui_subcommand(const struct snapshot *s, struct ui_state *ui, char *buf, size_t size) {
    const struct view *v = view_now(ui);
    if (v->has_service) /* a column of that name is its own: what Redis ran, for one */
        return false;
    if (row_command(s, ui, buf, size) || (v->shell && v->shell(s, ui, buf, size)))
        return true;
    return v->command && str_copy(buf, size, v->command);
}
