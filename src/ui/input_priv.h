/* ui/input_priv.h - the parts of the keys' side: input.c (which handler a key goes to), move.c
 * (within a screen), marks.c (marked rows), navigate.c (between screens), prompt.c (editing a
 * line), command.c (the `:` words and their completion). */
#ifndef GOODGO_UI_INPUT_PRIV_H
#define GOODGO_UI_INPUT_PRIV_H

#include "ui/input.h"
#include "ui/view.h"

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

/* input.c */
const struct view *view_now(const struct ui_state *ui);
void notice(struct input *in, bool bad, const char *text, const char *more);
enum ui_request request(struct input *in, enum ui_request what, const char *argument);
/* A key that can do nothing says why: silence looks like a console that hangs. */
enum ui_request no_use(struct input *in, const char *why);
enum ui_request covered(struct input *in); /* by a panel or a menu */

/* move.c: the table with the keys' attention and its rows as shown; n = 0 when there is none. One
 * focus at a time: the rows are static. */
struct focus {
    struct arena scratch;
    const struct table *t;
    struct table_state *ts;
    const uint32_t *rows;
    uint32_t n, at;
};
void focus_open(struct focus *f, struct ui_state *ui, const struct snapshot *s);
void focus_close(struct focus *f);
void focus_select(struct focus *f, int64_t at);
void hold_order(struct input *in); /* the overview keeps its order while somebody moves in it */
enum ui_request move_by(struct input *in, int64_t by);
enum ui_request act_move(struct input *in);
enum ui_request act_page(struct input *in); /* a text screen: a page on, or back with b */
enum ui_request act_match(struct input *in);
void search_on(struct input *in, const struct page *p, uint32_t from, int step);
enum ui_request act_error(struct input *in);
enum ui_request act_follow(struct input *in);
enum ui_request act_wrap(struct input *in);
enum ui_request act_sort(struct input *in);
enum ui_request sort_by_name(struct input *in, const char *column);

/* marks.c */
enum ui_request act_mark(struct input *in);

/* navigate.c */
/* The screen of the service that the row speaks of, where that one has acts; Esc comes back. */
bool view_open_acts(struct input *in);
void view_go(struct input *in, uint32_t index); /* afresh: Esc leads to Overview from there */
enum ui_request act_open(struct input *in);
enum ui_request act_details(struct input *in);
enum ui_request act_logs(struct input *in);
enum ui_request act_back(struct input *in);
enum ui_request act_cancel(struct input *in);
enum ui_request act_pane(struct input *in);
enum ui_request act_view(struct input *in);
enum ui_request act_other_view(struct input *in);
enum ui_request act_help(struct input *in);
enum ui_request act_proposals(struct input *in);
enum ui_request act_freeze(struct input *in);
enum ui_request act_step(struct input *in);
enum ui_request act_go_time(struct input *in);
enum ui_request go_time(struct input *in, const char *when);

/* prompt.c */
enum ui_request act_filter(struct input *in);
void prompt_open(struct input *in, enum prompt p, const char *text);
enum ui_request act_command(struct input *in);
enum ui_request prompt_key(struct input *in);
void line_set(struct ui_state *ui, uint32_t at, const char *word); /* replaces all from byte `at` */

/* command.c */
enum ui_request command_run(struct input *in, const char *line);
void complete(struct input *in);

/* What may follow the words typed so far. `what` says what the word is. */
struct candidate {
    const char *word, *what;
};
struct candidates {
    struct candidate list[64];
    uint32_t n, chosen; /* chosen = n: none */
    uint32_t at;        /* byte offset of the word in the line */
};
void candidates_find(struct candidates *c, const struct ui_state *ui, const struct snapshot *s,
                     struct arena *scratch);

#endif
