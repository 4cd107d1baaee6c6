/* ui/input.h - a key changes the ui state, or asks the app for something. Pure: no terminal, no
 * I/O. */
#ifndef GOODGO_UI_INPUT_H
#define GOODGO_UI_INPUT_H

#include "model/snapshot.h"
#include "ui/keys.h"
#include "ui/state.h"

enum ui_request {
    UI_NOTHING,
    UI_REDRAW,
    UI_FULL_REDRAW,
    UI_QUIT,
    UI_REFRESH,
    UI_FREEZE,
    UI_STEP, /* argument: "back" or "on" */
    UI_TIME, /* argument: "14:28", "5m" */
    UI_PIN,
    UI_COPY,
    UI_SAVE,
    UI_SNAPSHOT,
    UI_SUSPEND,
    UI_THEME,
    UI_MOUSE,
    UI_SHELL,
    UI_ARM,       /* argument: the reason */
    UI_PLAN,      /* argument: "backup --dir /x" */
    UI_RUN,       /* the same, its plan's word was typed */
    UI_LEAVE_PLAN /* nobody waits any more for the plan that was asked for */
};
/* `body` is the area the view was last drawn into (for pages and mouse). */
enum ui_request ui_key(struct ui_state *ui, const struct keymap *m, struct key k,
                       const struct snapshot *s, int body_rows, char *argument,
                       size_t argument_size);
/* The service that the screen, or its selected row, speaks of; false when it speaks of none. */
bool ui_service(const struct snapshot *s, const struct ui_state *ui, enum service *ret_service);
/* Name of the table that has the keys' attention, as its reading has it; "" for none. */
void ui_table_name(const struct snapshot *s, const struct ui_state *ui, char *buf, size_t size);
/* What `y` copies: the marked rows, else the selected one, as tab-separated lines; all of a
 * text. */
void ui_copy_text(const struct snapshot *s, struct ui_state *ui, struct str *out);

/* The sub-command that gives the same: the selected row's, where it has a column "command", else
 * the screen's; false where a service's own tool does (probe->shell). */
bool ui_subcommand(const struct snapshot *s, struct ui_state *ui, char *buf, size_t size);

/* The commands that may follow `:` beside the screens' names, for `goodgo keys` and the manual
 * page. A NULL help is another name of the one before; false past the last. */
bool ui_command_at(uint32_t i, const char **ret_name, const char **ret_help);

#endif
