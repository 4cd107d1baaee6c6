/* app/help_priv.h - help from the tables that read the command line. */
#ifndef GOODGO_APP_HELP_PRIV_H
#define GOODGO_APP_HELP_PRIV_H

#include "app/command.h"

#define HELP_ACT_PROTOCOL                                                                          \
    "A plan is shown first, and nothing is done before its word was typed. The work is a job "     \
    "that "                                                                                        \
    "outlives the terminal."

/* `goodgo --help` (the screen's) and `goodgo COMMAND --help`. */
void help_text(struct arena *a, const struct command *c, struct str *out);

#endif
