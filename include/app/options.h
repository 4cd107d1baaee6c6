/* app/options.h - command-line options from one table. */
#ifndef GOODGO_APP_OPTIONS_H
#define GOODGO_APP_OPTIONS_H

#include "app/command.h"

/* Operands are moved behind the options (getopt_long); the first is argv[*ret_first_operand]. */
bool options_parse(struct options *o, int argc, char **argv, int *ret_first_operand,
                   struct err *err) MUST_CHECK;
void options_help(struct str *out);

#endif
