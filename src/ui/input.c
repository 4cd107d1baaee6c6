/* ui/input.c - one key in, one change of the ui state or one request out. The current actions are a
 * table; prompts edit their own line. */
#include "ui/input.h"

#include <stdio.h>
#include <string.h>

#include "cell_priv.h"
#include "ui/draw.h"
#include "ui/theme.h"
#include "ui/view.h"

#define NOTICE_MS 5000
#define HOLD_MS   5000
#define MAX_ROWS  10000

struct input {
    struct ui_state *ui;
    const struct keymap *m;
    struct key key;
    const struct snapshot *s;
    int body_rows;
    char *argument;
    size_t argument_size;
    int64_t now_mono_ms;
    enum action action;
};

static const struct view *view_now(const struct ui_state *ui) {
    return views[ui->view % n_views];
}

static void notice(struct input *in, bool bad, const char *text, const char *more) {
    snprintf(in->ui->notice, sizeof in->ui->notice, "%s%s", text, more);
    in->ui->notice_bad = bad;
    in->ui->notice_until_mono_ms = in->now_mono_ms + NOTICE_MS;
}

static enum ui_request request(struct input *in, enum ui_request what, const char *argument) {
    if (in->argument && in->argument_size)
        str_copy(in->argument, in->argument_size, argument);
    return what;
}

/* The table with the keys' attention and its rows as shown; n = 0 when there is none. */
struct focus {
    struct arena scratch;
    const struct table *t;
    struct table_state *ts;
    uint32_t n, at;
};
static uint32_t focus_rows[MAX_ROWS]; /* one thread, one focus at a time */

static void focus_find(struct focus *f) {
    uint32_t at = f->ts->selected_index;
    f->at = !f->n ? 0 : !*f->ts->selected ? 0 : at < f->n ? at : f->n - 1;
    for (uint32_t i = 0; f->t && i < f->n && *f->ts->selected; i++) {
        char key[UI_KEY_MAX];
        str_copy(key, sizeof key, f->t->rows[focus_rows[i]].key.s);
        if (strcmp(key, f->ts->selected) == 0) {
            f->at = i;
            return;
        }
    }
}

static void focus_open(struct focus *f, struct ui_state *ui, const struct snapshot *s) {
    *f = (struct focus){0};
    arena_init(&f->scratch);
    f->ts = ui_table(ui, ui->pane);
    const struct view *v = view_now(ui);
    f->t = v->table ? v->table(s, ui, &f->scratch) : NULL;
    if (f->t)
        f->n = table_view_rows(f->t, f->ts, focus_rows, MAX_ROWS);
    focus_find(f);
}

static void focus_close(struct focus *f) {
    arena_done(&f->scratch);
}

static void focus_select(struct focus *f, int64_t at) {
    if (!f->n)
        return;
    at = at < 0 ? 0 : at >= f->n ? f->n - 1 : at;
    f->ts->selected_index = (uint32_t)at;
    str_copy(f->ts->selected, sizeof f->ts->selected, f->t->rows[focus_rows[at]].key.s);
}

/* The overview keeps its order while somebody moves in it. */
static void hold_order(struct input *in) {
    if (in->now_mono_ms >= in->ui->held_until_mono_ms)
        snapshot_worst_first(in->s, in->ui->held_order);
    in->ui->held_until_mono_ms = in->now_mono_ms + HOLD_MS;
}

static void scroll_by(struct input *in, int64_t by) {
    uint32_t *at = &in->ui->scroll_text[in->ui->view % 32];
    int64_t to = (int64_t)*at + by;
    *at = to < 0 ? 0 : to > 1000000 ? 1000000 : (uint32_t)to;
}

static enum ui_request move_by(struct input *in, int64_t by) {
    if (!view_now(in->ui)->table) {
        scroll_by(in, by);
        return UI_REDRAW;
    }
    hold_order(in);
    struct focus f;
    focus_open(&f, in->ui, in->s);
    focus_select(&f, (int64_t)f.at + by);
    focus_close(&f);
    return UI_REDRAW;
}

static enum ui_request act_move(struct input *in) {
    int page = in->body_rows > 2 ? in->body_rows - 2 : 1;
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
        return move_by(in, -10000000);
    default:
        return move_by(in, 10000000);
    }
}

static void view_go(struct input *in, uint32_t index) {
    if (index == in->ui->view)
        return;
    in->ui->last_view = in->ui->view;
    in->ui->view = index;
    in->ui->pane = 0;
}

static uint32_t view_index(const struct view *v) {
    uint32_t i = 0;
    while (i < n_views && views[i] != v)
        i++;
    return i < n_views ? i : 0;
}

static enum ui_request act_open(struct input *in) {
    const struct view *v = view_now(in->ui);
    const struct view *next = v->open ? v->open(in->s, in->ui) : NULL;
    if (!next || next == v)
        return UI_REDRAW;
    struct ui_state *ui = in->ui;
    if (ui->n_trail == ARRAY_LEN(ui->trail))
        memmove(ui->trail, ui->trail + 1, --ui->n_trail);
    ui->trail[ui->n_trail++] = (uint8_t)ui->view;
    view_go(in, view_index(next));
    return UI_REDRAW;
}

static uint32_t overview_index(void) {
    uint32_t i = 0;
    view_find("overview", &i);
    return i;
}

static bool on_overview(const struct ui_state *ui) {
    return ui->view == overview_index();
}

/* Panel, filter, screen: one step each. Only a letter quits: Esc and Left are pressed too often. */
static enum ui_request act_back(struct input *in) {
    struct ui_state *ui = in->ui;
    struct table_state *ts = ui_table(ui, ui->pane);
    if (*ts->filter && view_now(ui)->table) {
        *ts->filter = 0;
        return UI_REDRAW;
    }
    if (on_overview(ui))
        return in->key.code < KEY_NONE ? UI_QUIT : UI_NOTHING;
    uint32_t to = ui->n_trail ? ui->trail[--ui->n_trail] : overview_index();
    view_go(in, to == ui->view ? overview_index() : to);
    return UI_REDRAW;
}

static enum ui_request act_pane(struct input *in) {
    const struct view *v = view_now(in->ui);
    uint32_t n = v->panes ? v->panes(in->s, in->ui) : 1;
    if (n > UI_MAX_PANES)
        n = UI_MAX_PANES;
    if (n < 2)
        return UI_NOTHING;
    in->ui->pane = (in->ui->pane + (in->action == ACT_NEXT_PANE ? 1 : n - 1)) % n;
    return UI_REDRAW;
}

static enum ui_request act_view(struct input *in) {
    uint32_t i;
    if (!view_find(action_table[in->action].name, &i))
        return UI_NOTHING;
    in->ui->n_trail = 0;
    view_go(in, i);
    return UI_REDRAW;
}

static enum ui_request act_other_view(struct input *in) {
    uint32_t at = in->ui->view % n_views;
    in->ui->n_trail = 0;
    if (in->action == ACT_LAST_VIEW)
        view_go(in, in->ui->last_view % n_views);
    else
        view_go(in, (at + (in->action == ACT_NEXT_VIEW ? 1 : n_views - 1)) % n_views);
    return UI_REDRAW;
}

static enum ui_request act_help(struct input *in) {
    uint32_t i;
    struct ui_state *ui = in->ui;
    if (!view_find("help", &i) || i == ui->view)
        return UI_NOTHING;
    if (ui->n_trail < ARRAY_LEN(ui->trail))
        ui->trail[ui->n_trail++] = (uint8_t)ui->view;
    view_go(in, i);
    return UI_REDRAW;
}

static void prompt_open(struct input *in, enum prompt p, const char *text) {
    struct ui_state *ui = in->ui;
    ui->prompt = p;
    str_copy(ui->input, sizeof ui->input, text);
    ui->cursor = (uint32_t)strlen(ui->input);
    ui->history_at = ui->n_history;
}

static enum ui_request act_filter(struct input *in) {
    if (!view_now(in->ui)->table) {
        notice(in, true, "nothing to filter on this screen", "");
        return UI_REDRAW;
    }
    prompt_open(in, PROMPT_FILTER, ui_table(in->ui, in->ui->pane)->filter);
    return UI_REDRAW;
}

static enum ui_request act_command(struct input *in) {
    prompt_open(in, PROMPT_COMMAND, "");
    return UI_REDRAW;
}

static enum ui_request act_match(struct input *in) {
    struct focus f;
    focus_open(&f, in->ui, in->s);
    int step = in->action == ACT_NEXT_MATCH ? 1 : -1;
    bool found = false;
    int64_t n = f.n, at = f.at;
    for (int64_t i = 1; i <= n && !found; i++) {
        int64_t row = (at + step * i % n + n) % n;
        enum health h = f.t->rows[focus_rows[row]].health;
        if (h != HEALTH_UNKNOWN && h != HEALTH_WARNING && h != HEALTH_CRITICAL)
            continue;
        focus_select(&f, row);
        found = true;
    }
    focus_close(&f);
    if (!found)
        notice(in, false, "no problem row here", "");
    hold_order(in);
    return UI_REDRAW;
}

static enum ui_request act_sort(struct input *in) {
    struct focus f;
    focus_open(&f, in->ui, in->s);
    int n = f.t ? (int)f.t->n_columns : 0;
    if (f.t && in->action == ACT_SORT_INVERT)
        f.ts->sort_descending = !f.ts->sort_descending;
    else if (f.t) {
        /* -1, the probe's own order, is one of the stops. */
        int step = in->action == ACT_SORT_RIGHT ? 1 : n;
        f.ts->sort_column = (f.ts->sort_column + 1 + step) % (n + 1) - 1;
    }
    focus_close(&f);
    return n ? UI_REDRAW : UI_NOTHING;
}

static enum ui_request act_freeze(struct input *in) {
    in->ui->frozen = !in->ui->frozen;
    return UI_FREEZE;
}

static enum ui_request act_cancel(struct input *in) {
    if (!on_overview(in->ui))
        return act_back(in);
    if (in->ui->quit_asked)
        return UI_QUIT;
    in->ui->quit_asked = true;
    notice(in, false, "Ctrl-C again or q to quit", "");
    return UI_REDRAW;
}

static enum ui_request act_ask(struct input *in) {
    static const enum ui_request asks[ACTION_COUNT] = {
        [ACT_REFRESH] = UI_REFRESH, [ACT_REDRAW] = UI_FULL_REDRAW, [ACT_COPY] = UI_COPY,
        [ACT_SHELL] = UI_SHELL,     [ACT_SAVE] = UI_SAVE,          [ACT_SUSPEND] = UI_SUSPEND};
    return asks[in->action];
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
    [ACT_BACK] = act_back,
    [ACT_NEXT_PANE] = act_pane,
    [ACT_PREVIOUS_PANE] = act_pane,
    [ACT_LAST_VIEW] = act_other_view,
    [ACT_FILTER] = act_filter,
    [ACT_NEXT_MATCH] = act_match,
    [ACT_PREVIOUS_MATCH] = act_match,
    [ACT_SORT_LEFT] = act_sort,
    [ACT_SORT_RIGHT] = act_sort,
    [ACT_SORT_INVERT] = act_sort,
    [ACT_COMMAND] = act_command,
    [ACT_HELP] = act_help,
    [ACT_REFRESH] = act_ask,
    [ACT_REDRAW] = act_ask,
    [ACT_FREEZE] = act_freeze,
    [ACT_COPY] = act_ask,
    [ACT_SHELL] = act_ask,
    [ACT_SAVE] = act_ask,
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
    [ACT_NEXT_VIEW] = act_other_view,
    [ACT_PREVIOUS_VIEW] = act_other_view,
    [ACT_SUSPEND] = act_ask,
    [ACT_CANCEL] = act_cancel,
};

/* --- the command line --- */

enum command { C_QUIT, C_REFRESH, C_THEME, C_MOUSE, C_FREEZE, C_HELP, C_SAVE, C_SORT };
static const struct {
    const char *name;
    enum command what;
} commands[] = {{"q", C_QUIT},      {"quit", C_QUIT},   {"refresh", C_REFRESH},
                {"theme", C_THEME}, {"mouse", C_MOUSE}, {"freeze", C_FREEZE},
                {"help", C_HELP},   {"save", C_SAVE},   {"sort", C_SORT},
                {"keys", C_HELP}};

static const char *word_at(uint32_t i) {
    if (i < n_views)
        return views[i]->id;
    return i - n_views < ARRAY_LEN(commands) ? commands[i - n_views].name : NULL;
}

/* Letters to change, for "did you mean"; words are short. */
static uint32_t edits(const char *a, const char *b) {
    uint32_t row[40];
    size_t nb = strlen(b) < 39 ? strlen(b) : 39;
    for (size_t j = 0; j <= nb; j++)
        row[j] = (uint32_t)j;
    for (uint32_t i = 1; a[i - 1] && i < 40; i++) {
        uint32_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= nb; j++) {
            uint32_t up = row[j], least = diagonal + (a[i - 1] != b[j - 1]);
            if (up + 1 < least)
                least = up + 1;
            if (row[j - 1] + 1 < least)
                least = row[j - 1] + 1;
            diagonal = up;
            row[j] = least;
        }
    }
    return row[nb];
}

static enum ui_request command_unknown(struct input *in, const char *word) {
    const char *best = word_at(0);
    for (uint32_t i = 1; word_at(i); i++)
        if (edits(word, word_at(i)) < edits(word, best))
            best = word_at(i);
    char text[120];
    snprintf(text, sizeof text, "no screen or command is called '%.40s'; did you mean ", word);
    notice(in, true, text, best);
    return UI_REDRAW;
}

static enum ui_request command_sort(struct input *in, const char *column) {
    struct focus f;
    focus_open(&f, in->ui, in->s);
    int found = -1;
    for (uint32_t c = 0; f.t && c < f.t->n_columns && found < 0 && *column; c++)
        if (text_contains(f.t->columns[c].title, column) ||
            text_contains(f.t->columns[c].name, column))
            found = (int)c;
    if (f.t && (found >= 0 || !*column))
        f.ts->sort_column = found;
    else
        notice(in, true, "this table has no column ", column);
    focus_close(&f);
    return UI_REDRAW;
}

static enum ui_request command_do(struct input *in, enum command what, const char *rest) {
    switch (what) {
    case C_QUIT:
        return UI_QUIT;
    case C_REFRESH:
        return UI_REFRESH;
    case C_THEME:
        return request(in, UI_THEME, rest);
    case C_MOUSE:
        in->ui->mouse = !in->ui->mouse;
        return UI_MOUSE;
    case C_FREEZE:
        return act_freeze(in);
    case C_HELP:
        act_help(in);
        return UI_REDRAW;
    case C_SAVE:
        return UI_SAVE;
    case C_SORT:
    default:
        return command_sort(in, rest);
    }
}

static enum ui_request command_run(struct input *in, const char *line) {
    char word[64];
    line += strspn(line, " ");
    size_t n = strcspn(line, " ");
    str_copy(word, n + 1 < sizeof word ? n + 1 : sizeof word, line);
    if (!n)
        return UI_REDRAW;
    const char *rest = line + n + strspn(line + n, " ");
    uint32_t view;
    /* An exact command wins over a screen's prefix; `help` is both, the screen. */
    for (size_t i = 0; i < ARRAY_LEN(commands); i++)
        if (strcmp(commands[i].name, word) == 0)
            return command_do(in, commands[i].what, rest);
    if (!view_find(word, &view))
        return command_unknown(in, word);
    in->ui->n_trail = 0;
    view_go(in, view);
    return UI_REDRAW;
}

static void history_add(struct ui_state *ui) {
    uint32_t max = ARRAY_LEN(ui->history);
    if (!*ui->input || (ui->n_history && strcmp(ui->history[ui->n_history - 1], ui->input) == 0))
        return;
    if (ui->n_history == max)
        memmove(ui->history, ui->history + 1, sizeof ui->history[0] * --ui->n_history);
    str_copy(ui->history[ui->n_history++], UI_INPUT_MAX, ui->input);
}

static void history_show(struct ui_state *ui, int step) {
    if (ui->prompt != PROMPT_COMMAND || (step < 0 && !ui->history_at) ||
        (step > 0 && ui->history_at >= ui->n_history))
        return;
    ui->history_at += (uint32_t)step;
    bool past = ui->history_at >= ui->n_history;
    str_copy(ui->input, sizeof ui->input, past ? "" : ui->history[ui->history_at]);
    ui->cursor = (uint32_t)strlen(ui->input);
}

/* --- editing a line --- */

static void edit_remove(struct ui_state *ui, uint32_t from, uint32_t to) {
    memmove(ui->input + from, ui->input + to, strlen(ui->input + to) + 1);
    ui->cursor = from;
}

static uint32_t edit_before(const struct ui_state *ui) {
    uint32_t at = ui->cursor;
    while (at > 0 && ((unsigned char)ui->input[--at] & 0xc0) == 0x80)
        ;
    return at;
}

static uint32_t edit_after(const struct ui_state *ui) {
    uint32_t at = ui->cursor;
    if (ui->input[at])
        at++;
    while (((unsigned char)ui->input[at] & 0xc0) == 0x80)
        at++;
    return at;
}

static void edit_insert(struct ui_state *ui, uint32_t code) {
    char utf8[4];
    size_t len = strlen(ui->input);
    if (code_is_control(code) || (code >= 0xd800 && code <= 0xdfff))
        return;
    size_t n = utf8_encode(code, utf8);
    if (len + n >= sizeof ui->input)
        return;
    memmove(ui->input + ui->cursor + n, ui->input + ui->cursor, len - ui->cursor + 1);
    memcpy(ui->input + ui->cursor, utf8, n);
    ui->cursor += (uint32_t)n;
}

static void edit_word_back(struct ui_state *ui) {
    uint32_t end = ui->cursor, at = end;
    while (at > 0 && ui->input[at - 1] == ' ')
        at--;
    while (at > 0 && ui->input[at - 1] != ' ')
        at--;
    edit_remove(ui, at, end);
}

/* What may follow the words typed so far: theme names, else screens and commands. */
static const char *candidate(const char *line, uint32_t i) {
    if (str_starts(line, "theme "))
        return i < theme_count() ? theme_name_at(i) : NULL;
    return word_at(i);
}

static void complete(struct input *in) {
    struct ui_state *ui = in->ui;
    const char *start = strrchr(ui->input, ' ');
    start = start ? start + 1 : ui->input;
    if (start != ui->input && !str_starts(ui->input, "theme "))
        return;
    char common[64] = "", list[128] = "";
    uint32_t hits = 0;
    const char *word;
    for (uint32_t i = 0; (word = candidate(ui->input, i)); i++) {
        if (!str_starts(word, start) || (hits && strcmp(word, common) == 0))
            continue;
        if (!hits++)
            str_copy(common, sizeof common, word);
        size_t same = 0;
        while (common[same] && common[same] == word[same])
            same++;
        common[same] = 0;
        size_t used = strlen(list);
        snprintf(list + used, sizeof list - used, "%s ", word);
    }
    if (!hits) {
        notice(in, true, "nothing begins with ", start);
        return;
    }
    uint32_t at = (uint32_t)(start - ui->input);
    str_copy(ui->input + at, sizeof ui->input - at - 1, common);
    ui->cursor = (uint32_t)strlen(ui->input);
    if (hits == 1 && strcmp(common, "theme") == 0)
        edit_insert(ui, ' ');
    if (hits > 1)
        notice(in, false, list, "");
}

static void filter_apply(struct ui_state *ui) {
    if (ui->prompt == PROMPT_FILTER) {
        struct table_state *ts = ui_table(ui, ui->pane);
        text_clean_into(ts->filter, sizeof ts->filter, ui->input, strlen(ui->input));
    }
}

static bool edit_ctrl(struct ui_state *ui, uint32_t code) {
    switch (code) {
    case 'u':
        edit_remove(ui, 0, ui->cursor);
        return true;
    case 'w':
        edit_word_back(ui);
        return true;
    case 'a':
        ui->cursor = 0;
        return true;
    case 'e':
        ui->cursor = (uint32_t)strlen(ui->input);
        return true;
    case 'h':
        edit_remove(ui, edit_before(ui), ui->cursor);
        return true;
    case 'k':
        ui->input[ui->cursor] = 0;
        return true;
    default:
        return false;
    }
}

static void edit_key(struct input *in) {
    struct ui_state *ui = in->ui;
    uint32_t code = in->key.code;
    if (in->key.ctrl)
        edit_ctrl(ui, code);
    else if (code < KEY_NONE && !in->key.alt)
        edit_insert(ui, code);
    else if (code == KEYC_LEFT)
        ui->cursor = edit_before(ui);
    else if (code == KEYC_RIGHT)
        ui->cursor = edit_after(ui);
    else if (code == KEYC_HOME)
        ui->cursor = 0;
    else if (code == KEYC_END)
        ui->cursor = (uint32_t)strlen(ui->input);
    else if (code == KEYC_BACKSPACE)
        edit_remove(ui, edit_before(ui), ui->cursor);
    else if (code == KEYC_DELETE)
        edit_remove(ui, ui->cursor, edit_after(ui));
    else if (code == KEYC_UP || code == KEYC_DOWN)
        history_show(ui, code == KEYC_UP ? -1 : 1);
    else if (code == KEYC_TAB && ui->prompt == PROMPT_COMMAND)
        complete(in);
    filter_apply(ui);
}

static void prompt_cancel(struct ui_state *ui) {
    if (ui->prompt == PROMPT_FILTER)
        *ui_table(ui, ui->pane)->filter = 0;
    ui->prompt = PROMPT_NONE;
}

static enum ui_request prompt_key(struct input *in) {
    struct ui_state *ui = in->ui;
    struct key k = in->key;
    bool empty_back = k.code == KEYC_BACKSPACE && !*ui->input;
    if (k.code == KEYC_ESC || (k.ctrl && k.code == 'c') || empty_back) {
        prompt_cancel(ui);
        return UI_REDRAW;
    }
    if (k.ctrl && k.code == 'z')
        return UI_SUSPEND;
    if (k.ctrl && k.code == 'l')
        return UI_FULL_REDRAW;
    if (k.code != KEYC_ENTER) {
        edit_key(in);
        return UI_REDRAW;
    }
    bool command = ui->prompt == PROMPT_COMMAND;
    ui->prompt = PROMPT_NONE;
    if (!command)
        return UI_REDRAW;
    history_add(ui);
    return command_run(in, ui->input);
}

static enum ui_request panel_key(struct input *in) {
    switch (in->action) {
    case ACT_COPY:
    case ACT_SAVE:
    case ACT_SUSPEND:
    case ACT_REDRAW:
        return act_ask(in);
    case ACT_BACK:
    case ACT_SHELL:
    case ACT_CANCEL:
    case ACT_OPEN:
        in->ui->show_shell = false;
        return UI_REDRAW;
    default:
        return UI_NOTHING;
    }
}

static enum ui_request mouse_click(struct input *in) {
    struct ui_state *ui = in->ui;
    struct key k = in->key;
    for (uint32_t p = 0; p < UI_MAX_PANES; p++) {
        struct table_state *ts = ui_table(ui, p);
        if (k.mouse_y < ts->rows_y || k.mouse_y >= ts->rows_y + ts->rows_h ||
            k.mouse_x < ts->rows_x || k.mouse_x >= ts->rows_x + ts->rows_w)
            continue;
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
    if (ui->show_shell)
        return panel_key(&in);
    if (k.code == KEYC_MOUSE)
        return mouse_key(&in);
    if (in.action == ACTION_COUNT || !handlers[in.action])
        return UI_NOTHING;
    return handlers[in.action](&in);
}

void ui_copy_text(const struct snapshot *s, struct ui_state *ui, struct str *out) {
    struct focus f;
    if (ui->show_shell) {
        str_puts(out, ui->shell);
        return;
    }
    focus_open(&f, ui, s);
    if (!f.n)
        str_puts(out, view_now(ui)->title);
    const struct row *row = f.n && f.t ? &f.t->rows[focus_rows[f.at]] : NULL;
    for (uint32_t c = 0; row && c < f.t->n_columns; c++) {
        char buf[32] = "-";
        if (c)
            str_putc(out, '\t');
        if (row->cells[c].kind == VALUE_TEXT) {
            str_puts(out, row->cells[c].t.s);
            continue;
        }
        if (row->cells[c].kind != VALUE_NONE)
            value_format(row->cells[c], f.t->columns[c].unit, s->now_wall_ms / 1000, buf,
                         sizeof buf);
        str_puts(out, buf);
    }
    focus_close(&f);
}
