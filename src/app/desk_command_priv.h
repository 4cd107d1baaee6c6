/* app/desk_command_priv.h - how the desk asks for a plan or a job: this program once more, with the
 * options that this console was started with, and the words of a line. */
#ifndef GOODGO_APP_DESK_COMMAND_PRIV_H
#define GOODGO_APP_DESK_COMMAND_PRIV_H

#include <limits.h>
#include <stdbool.h>

#include "app/command.h"
#include "ui/state.h"

#define COMMAND_WORDS_MAX 32 /* of the line; as many as half of it may stand around them */

struct command_line {
    char program[PATH_MAX], words[UI_INPUT_MAX];
    const char *argv[COMMAND_WORDS_MAX + COMMAND_WORDS_MAX / 2];
    int n;
};

/* False: *ret_why is a sentence, in which {quit} stands for its key. argv points into c and app. */
bool command_line_make(struct command_line *c, const struct app_context *app, const char *line,
                       const char **ret_why);
void command_line_add(struct command_line *c, const char *word);

#endif
