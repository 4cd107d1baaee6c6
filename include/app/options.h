/* app/options.h - command-line options from one table. */
#ifndef GOODGO_APP_OPTIONS_H
#define GOODGO_APP_OPTIONS_H

#include "app/command.h"

struct option_info {
    const char *name;  /* without "--" */
    char letter;       /* 0 = none */
    const char *value; /* "FILE", "text|ansi|svg"; NULL for a flag. Words as in struct command */
    const char *help;
    bool global; /* every command takes it, whether it needs it or not */
};

/* Operands are moved behind the options (getopt_long); the first is argv[*ret_first_operand]. */
bool options_parse(struct options *o, int argc, char **argv, int *ret_first_operand,
                   struct err *err) MUST_CHECK;
/* The command that the line names, whatever else is wrong with it; NULL where it names none. */
const struct command *options_command(int argc, char **argv);
/* Refuses what was given and is neither global nor the command's own. */
bool options_suit(const struct options *o, const struct command *c, struct err *err) MUST_CHECK;

/* The rows of the table; false past the last. */
bool options_at(uint32_t i, struct option_info *ret);
/* What the help of `c` shows: the options of its act, its own, and the global ones that change what
 * it does. False past the last. */
bool options_of(const struct command *c, uint32_t i, struct option_info *ret);

#endif
