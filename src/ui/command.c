/* ui/command.c - the words after `:`: screens by name and a few commands, their completion, and the
 * nearest name of a word that is none. */
#include <stdio.h>
#include <string.h>

#include "acts_priv.h"
#include "input_priv.h"
#include "ui/theme.h"

enum command {
    C_QUIT,
    C_REFRESH,
    C_THEME,
    C_MOUSE,
    C_FREEZE,
    C_TIME,
    C_HELP,
    C_SAVE,
    C_SORT,
    C_FILTER,
    C_CONTEXT,
    C_ARM,
    C_DISARM
};
enum argument { ARG_NONE, ARG_TEXT, ARG_THEME, ARG_COLUMN };
static const struct command_word {
    const char *name;
    enum command what;
    enum argument argument;
    const char *help; /* NULL = another name of the one above */
} commands[] = {
    {"quit", C_QUIT, ARG_NONE, "leave; jobs go on"},
    {"q", C_QUIT, ARG_NONE, NULL},
    {"refresh", C_REFRESH, ARG_NONE, "ask again now"},
    {"theme", C_THEME, ARG_THEME, "colours; without a name the next one"},
    {"mouse", C_MOUSE, ARG_TEXT, "mouse on or off"},
    {"freeze", C_FREEZE, ARG_NONE, "freeze every screen, or go on"},
    {"time", C_TIME, ARG_TEXT, "go back to a time, frozen: time 14:28, time 5m"},
    {"help", C_HELP, ARG_NONE, "all keys, this screen's first"},
    {"keys", C_HELP, ARG_NONE, NULL},
    {"save", C_SAVE, ARG_NONE, "save this screen as a text file"},
    {"sort", C_SORT, ARG_COLUMN, "sort by a column; without one as the service has it"},
    {"filter", C_FILTER, ARG_TEXT, "show only rows with a word; without one all"},
    {"ctx", C_CONTEXT, ARG_TEXT, "which platform this is"},
    {"arm", C_ARM, ARG_TEXT, "allow acts for a while: arm 5m REASON"},
    {"disarm", C_DISARM, ARG_NONE, "read-only again"},
};

static const struct command_word *command_find(const char *word, size_t n) {
    for (size_t i = 0; i < ARRAY_LEN(commands); i++)
        if (strlen(commands[i].name) == n && strncmp(commands[i].name, word, n) == 0)
            return &commands[i];
    return NULL;
}

/* --- running --- */

#define SLIPS_MAX 2 /* letters of a slip of the finger */

static const char *word_at(uint32_t i) {
    if (i < n_views)
        return views[i]->id;
    return i - n_views < ARRAY_LEN(commands) ? commands[i - n_views].name : NULL;
}

/* "postgres, pgbouncer": the screens whose names begin so. */
static uint32_t views_like(const char *word, struct str *names) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < n_views; i++)
        if (str_starts(views[i]->id, word))
            str_printf(names, "%s%s", n++ ? ", " : "", views[i]->id);
    return n;
}

/* NULL where nothing is so near that it was meant. */
static const char *nearest_word(const char *word) {
    const char *best = NULL;
    uint32_t best_off = SLIPS_MAX + 1;
    for (uint32_t i = 0; word_at(i); i++) {
        uint32_t off = str_edits(word, word_at(i));
        if (off >= best_off || off >= strlen(word))
            continue;
        best = word_at(i);
        best_off = off;
    }
    return best;
}

static enum ui_request command_unknown(struct input *in, const char *word) {
    struct str text;
    const char *best = nearest_word(word);
    str_init(&text, sizeof in->ui->notice - 1);
    str_printf(&text, "'%.40s' begins ", word);
    if (views_like(word, &text) < 2) {
        str_clear(&text);
        str_printf(&text, "no screen or command is called '%.40s'; %s%s", word,
                   best ? "did you mean " : ": and Tab show them", best ? best : "");
    }
    notice(in, true, str_get(&text), "");
    str_done(&text);
    return UI_REDRAW;
}

static enum ui_request command_filter(struct input *in, const char *text) {
    struct table_state *ts = ui_table(in->ui, in->ui->pane);
    if (view_now(in->ui)->table)
        text_clean_into(ts->filter, sizeof ts->filter, text, strlen(text));
    else
        notice(in, true, "nothing to filter on this screen", "");
    return UI_REDRAW;
}

static enum ui_request command_context(struct input *in) {
    char text[100];
    snprintf(text, sizeof text, "this console looks at %s; another one: ", in->s->context);
    notice(in, false, text, "goodgo --context NAME");
    return UI_REDRAW;
}

/* `mouse off` where it is off already leaves it so. */
static enum ui_request command_mouse(struct input *in, const char *rest) {
    bool on = strcmp(rest, "on") == 0, off = strcmp(rest, "off") == 0;
    if (*rest && !on && !off) {
        notice(in, true, "mouse takes on or off, or nothing to change it", "");
        return UI_REDRAW;
    }
    in->ui->mouse = *rest ? on : !in->ui->mouse;
    return UI_MOUSE;
}

/* Words that would be passed over were meant for something: nothing is done instead. */
static enum ui_request command_surplus(struct input *in, const char *word, const char *rest) {
    char text[160];
    snprintf(text, sizeof text, "nothing may follow :%.24s; not done because of '%.60s'", word,
             rest);
    notice(in, true, text, "");
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
        return command_mouse(in, rest);
    case C_FREEZE:
        return act_freeze(in);
    case C_TIME:
        return go_time(in, rest);
    case C_HELP:
        act_help(in);
        return UI_REDRAW;
    case C_SAVE:
        return UI_SAVE;
    case C_FILTER:
        return command_filter(in, rest);
    case C_CONTEXT:
        return command_context(in);
    case C_ARM:
        return acts_arm(in, rest);
    case C_DISARM:
        return acts_disarm(in);
    case C_SORT:
    default:
        return sort_by_name(in, rest);
    }
}

enum ui_request command_run(struct input *in, const char *line) {
    char word[64];
    line += strspn(line, " ");
    size_t n = strcspn(line, " ");
    str_copy(word, n + 1 < sizeof word ? n + 1 : sizeof word, line);
    if (!n)
        return UI_REDRAW;
    /* An exact command wins over a screen's prefix; `help` is both, the screen. */
    const struct command_word *command = command_find(word, strlen(word));
    char rest[UI_INPUT_MAX];
    str_copy(rest, sizeof rest, line + n + strspn(line + n, " "));
    for (size_t end = strlen(rest); end && rest[end - 1] == ' ';)
        rest[--end] = 0;
    if (command && command->argument == ARG_NONE && *rest)
        return command_surplus(in, command->name, rest);
    if (command)
        return command_do(in, command->what, rest);
    if (acts_knows(in->ui, line))
        return acts_line(in, line);
    uint32_t view;
    if (!view_find(word, &view))
        return command_unknown(in, word);
    if (*rest)
        return command_surplus(in, views[view]->id, rest);
    view_go(in, view);
    return UI_REDRAW;
}

/* --- completion --- */

struct finder {
    struct candidates *c;
    const char *stem;
    size_t n_stem;
};

static void offer(struct finder *f, const char *word, const char *what) {
    if (strncmp(word, f->stem, f->n_stem) == 0 && f->c->n < ARRAY_LEN(f->c->list))
        f->c->list[f->c->n++] = (struct candidate){word, what};
}

static void offer_words(struct finder *f) {
    for (uint32_t i = 0; i < n_views; i++)
        offer(f, views[i]->id, views[i]->title);
    for (size_t i = 0; i < ARRAY_LEN(commands); i++)
        if (commands[i].help && commands[i].what != C_HELP)
            offer(f, commands[i].name, commands[i].help);
}

static void offer_columns(struct finder *f, const struct ui_state *ui, const struct snapshot *s,
                          struct arena *scratch) {
    const struct view *v = view_now(ui);
    const struct table *t = v->table ? v->table(s, ui, scratch) : NULL;
    for (uint32_t i = 0; t && i < t->n_columns; i++)
        if (table_sorts_by(t, i))
            offer(f, t->columns[i].name, t->columns[i].title);
}

void candidates_find(struct candidates *c, const struct ui_state *ui, const struct snapshot *s,
                     struct arena *scratch) {
    c->n = 0;
    size_t first = strcspn(ui->input, " ");
    bool second = ui->input[first] == ' ';
    c->at = second ? (uint32_t)(first + 1) : 0;
    /* While Tab goes through the list, the list stays that of the letters typed by hand. */
    size_t typed = ui->cycle ? ui->typed : strlen(ui->input);
    struct finder f = {c, ui->input + c->at, typed > c->at ? typed - c->at : 0};
    const struct command_word *command = second ? command_find(ui->input, first) : NULL;
    if (!second)
        offer_words(&f);
    else if (command && command->argument == ARG_THEME)
        for (uint32_t i = 0; i < theme_count(); i++)
            offer(&f, theme_name_at(i), "theme");
    else if (command && command->argument == ARG_COLUMN)
        offer_columns(&f, ui, s, scratch);
    c->chosen = ui->cycle && ui->cycle <= c->n ? ui->cycle - 1 : c->n;
}

static size_t common_length(const struct candidates *c) {
    size_t n = strlen(c->list[0].word);
    for (uint32_t i = 1; i < c->n; i++) {
        size_t same = 0;
        while (same < n && c->list[i].word[same] == c->list[0].word[same])
            same++;
        n = same;
    }
    return n;
}

/* Forward with Tab, backward with Shift-Tab; past the end comes the first again. */
static void cycle(struct ui_state *ui, const struct candidates *c, bool back) {
    if (!ui->cycle)
        ui->typed = (uint32_t)strlen(ui->input);
    ui->cycle = back ? (ui->cycle > 1 ? ui->cycle - 1 : c->n) : ui->cycle % c->n + 1;
    line_set(ui, c->at, c->list[ui->cycle - 1].word);
}

/* What the candidates have in common first; then one after the other. */
void complete(struct input *in) {
    struct ui_state *ui = in->ui;
    struct candidates c;
    struct arena scratch;
    char common[64];
    arena_init(&scratch);
    candidates_find(&c, ui, in->s, &scratch);
    if (!c.n) {
        notice(in, true, "nothing begins with ", ui->input + c.at);
    } else if (ui->cycle || (c.n > 1 && common_length(&c) <= strlen(ui->input + c.at))) {
        cycle(ui, &c, in->key.code == KEYC_BACKTAB);
    } else {
        str_copy(common,
                 common_length(&c) + 1 < sizeof common ? common_length(&c) + 1 : sizeof common,
                 c.list[0].word);
        line_set(ui, c.at, common);
        const struct command_word *command = command_find(ui->input, strlen(ui->input));
        if (c.n == 1 && command && command->argument != ARG_NONE)
            line_set(ui, (uint32_t)strlen(ui->input), " ");
    }
    arena_done(&scratch);
}

bool ui_command_at(uint32_t i, const char **ret_name, const char **ret_help) {
    if (i >= ARRAY_LEN(commands))
        return false;
    *ret_name = commands[i].name;
    *ret_help = commands[i].help;
    return true;
}
