/* app/desk_command.c - see desk_command_priv.h. */
#include "desk_command_priv.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/attr.h"

void command_line_add(struct command_line *c, const char *word) {
    if (c->n + 1 < (int)ARRAY_LEN(c->argv))
        c->argv[c->n++] = word;
}

/* Words are split at blanks, and kept whole in quotes, also in those of a command that a plan told
 * for a shell; there is no shell and no expansion. */
static void add_words(struct command_line *c, const char *line) {
    str_copy(c->words, sizeof c->words, line);
    for (char *at = c->words; *at && c->n < COMMAND_WORDS_MAX;) {
        at += strspn(at, " ");
        if (!*at)
            break;
        const char end[] = {*at == '"' || *at == '\'' ? *at : ' ', '\0'};
        at += *end != ' ';
        command_line_add(c, at);
        at += strcspn(at, end);
        if (*at)
            *at++ = 0;
    }
}

/* After an upgrade the kernel says " (deleted)" behind the name of the program that this screen is:
 * the one that is on disk now is another. */
static bool find_program(struct command_line *c, const char **ret_why) {
    ssize_t len = readlink("/proc/self/exe", c->program, sizeof c->program - 1);
    c->program[len > 0 ? len : 0] = 0;
    bool replaced = strstr(c->program, " (deleted)") != NULL;
    *ret_why = replaced ? "goodgo was replaced while this screen was open: {quit} quits, start it "
                          "again; nothing was done"
                        : strerror(errno);
    return len > 0 && !replaced;
}

bool command_line_make(struct command_line *c, const struct app_context *app, const char *line,
                       const char **ret_why) {
    const struct options *o = &app->options;
    const char *const given[][2] = {{"--env-file", app->env_path},
                                    {"--context", o->context},
                                    {"--config", o->config_file},
                                    {"--state-dir", app->state_dir}};
    if (!find_program(c, ret_why))
        return false;
    c->n = 0;
    command_line_add(c, c->program);
    for (size_t i = 0; i < ARRAY_LEN(given); i++)
        if (given[i][1]) {
            command_line_add(c, given[i][0]);
            command_line_add(c, given[i][1]);
        }
    add_words(c, line);
    return true;
}
