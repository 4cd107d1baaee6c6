/* ui/prompt.c - the line at the bottom: editing, history, and what typing does at once (filter and
 * search work while the word grows). */
#include <string.h>

#include "cell_priv.h"
#include "acts_priv.h"
#include "input_priv.h"

void prompt_open(struct input *in, enum prompt p, const char *text) {
    struct ui_state *ui = in->ui;
    ui->prompt = p;
    line_set(ui, 0, text);
    ui->history_at = ui->n_history;
    ui->cycle = 0;
}

enum ui_request act_filter(struct input *in) {
    const struct view *v = view_now(in->ui);
    if (v->page)
        prompt_open(in, PROMPT_SEARCH, in->ui->search);
    else if (v->table)
        prompt_open(in, PROMPT_FILTER, ui_table(in->ui, in->ui->pane)->filter);
    else
        notice(in, true, "nothing to filter on this screen", "");
    return UI_REDRAW;
}

enum ui_request act_command(struct input *in) {
    prompt_open(in, PROMPT_COMMAND, "");
    return UI_REDRAW;
}

/* --- history --- */

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
    line_set(ui, 0, past ? "" : ui->history[ui->history_at]);
}

/* --- editing a line --- */

void line_set(struct ui_state *ui, uint32_t at, const char *word) {
    str_copy(ui->input + at, sizeof ui->input - at, word);
    ui->cursor = (uint32_t)strlen(ui->input);
}

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
    if (text_is_unsafe(code) || (code >= 0xd800 && code <= 0xdfff))
        return;
    size_t n = text_encode(code, utf8);
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

static void edit_ctrl(struct ui_state *ui, uint32_t code) {
    switch (code) {
    case 'u':
        edit_remove(ui, 0, ui->cursor);
        break;
    case 'w':
        edit_word_back(ui);
        break;
    case 'a':
        ui->cursor = 0;
        break;
    case 'e':
        ui->cursor = (uint32_t)strlen(ui->input);
        break;
    case 'h':
        edit_remove(ui, edit_before(ui), ui->cursor);
        break;
    case 'k':
        ui->input[ui->cursor] = 0;
        break;
    default:
        break;
    }
}

static void edit_special(struct ui_state *ui, uint32_t code) {
    switch (code) {
    case KEYC_LEFT:
        ui->cursor = edit_before(ui);
        break;
    case KEYC_RIGHT:
        ui->cursor = edit_after(ui);
        break;
    case KEYC_HOME:
        ui->cursor = 0;
        break;
    case KEYC_END:
        ui->cursor = (uint32_t)strlen(ui->input);
        break;
    case KEYC_BACKSPACE:
        edit_remove(ui, edit_before(ui), ui->cursor);
        break;
    case KEYC_DELETE:
        edit_remove(ui, ui->cursor, edit_after(ui));
        break;
    case KEYC_UP:
    case KEYC_DOWN:
        if (ui->prompt == PROMPT_CONFIRM)
            acts_scroll(ui, code == KEYC_UP ? -1 : 1);
        history_show(ui, code == KEYC_UP ? -1 : 1);
        break;
    case KEYC_PGUP:
    case KEYC_PGDN:
        if (ui->prompt == PROMPT_CONFIRM)
            acts_page(ui, code == KEYC_PGUP ? -1 : 1);
        break;
    default:
        break;
    }
}

/* --- what typing does at once --- */

static void search_apply(struct input *in) {
    struct ui_state *ui = in->ui;
    struct arena scratch;
    text_clean_into(ui->search, sizeof ui->search, ui->input, strlen(ui->input));
    arena_init(&scratch);
    const struct page *p = view_now(ui)->page(in->s, ui, &scratch);
    /* From the last line on, so that the first hit of the text is found first. */
    search_on(in, p, p->n - 1, 1);
    arena_done(&scratch);
}

static void prompt_apply(struct input *in) {
    struct ui_state *ui = in->ui;
    if (ui->prompt == PROMPT_FILTER) {
        struct table_state *ts = ui_table(ui, ui->pane);
        text_clean_into(ts->filter, sizeof ts->filter, ui->input, strlen(ui->input));
    } else if (ui->prompt == PROMPT_SEARCH && view_now(ui)->page) {
        search_apply(in);
    }
}

static void edit_key(struct input *in) {
    struct ui_state *ui = in->ui;
    uint32_t code = in->key.code;
    if (code == KEYC_TAB || code == KEYC_BACKTAB) {
        if (ui->prompt == PROMPT_COMMAND)
            complete(in);
        return;
    }
    ui->cycle = 0;
    if (in->key.ctrl)
        edit_ctrl(ui, code);
    else if (code < KEY_NONE && !in->key.alt)
        edit_insert(ui, code);
    else
        edit_special(ui, code);
    prompt_apply(in);
}

static void prompt_cancel(struct ui_state *ui) {
    if (ui->prompt == PROMPT_CONFIRM)
        acts_leave(ui);
    if (ui->prompt == PROMPT_FILTER)
        *ui_table(ui, ui->pane)->filter = 0;
    if (ui->prompt == PROMPT_SEARCH)
        *ui->search = 0;
    ui->prompt = PROMPT_NONE;
}

enum ui_request prompt_key(struct input *in) {
    struct ui_state *ui = in->ui;
    struct key k = in->key;
    bool empty_back = k.code == KEYC_BACKSPACE && !*ui->input && ui->prompt != PROMPT_CONFIRM;
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
    if (ui->prompt == PROMPT_CONFIRM)
        return acts_confirm(in);
    bool command = ui->prompt == PROMPT_COMMAND, act = ui->prompt == PROMPT_ACT;
    ui->prompt = PROMPT_NONE;
    if (act) /* never in the history: what acts is typed afresh */
        return acts_line(in, ui->input);
    if (!command)
        return UI_REDRAW;
    if (!acts_knows(ui, ui->input))
        history_add(ui);
    return command_run(in, ui->input);
}
