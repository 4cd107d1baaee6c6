/* app/envcheck.h - every name of the runbook's .env.example (R107 to R127) held against one file:
 * set, unset, placeholder or contradictory. Never gives away a secret: `shown` is "****abcd" at the
 * most. Pure. */
#ifndef GOODGO_APP_ENVCHECK_H
#define GOODGO_APP_ENVCHECK_H

#include "app/config.h"
#include "app/dotenv.h"
#include "model/reading.h"

struct env_line {
    const char *name, *state; /* "set" "unset" "placeholder" "contradictory" "unknown" */
    const char *shown; /* the value where it is no secret, masked where it is; NULL when unset */
    const char *note;  /* what is wrong and what to do; NULL */
    enum health health;
    bool required;
    uint32_t line;
};
struct env_report {
    struct env_line *lines;
    uint32_t n_lines, n_errors, n_warnings;
    bool refused; /* a production file with secrets that others may read */
};
struct env_place {
    const char *path;
    const char *context; /* the file is that of this one (--context); NULL */
    unsigned mode;       /* permission bits */
};
/* What settings_make() would refuse is an error here too. */
void envcheck(struct env_report *r, struct arena *a, const struct env *e,
              const struct config *config, const struct env_place *place);

/* The table itself, and what payment providers and probes declare beside it, for `goodgo env names`
 * and goodgo.env(5). */
struct env_name {
    const char *name; /* NULL: `help` is the title of the names that follow */
    const char *help;
    bool secret, required, required_prod;
};
bool env_name_at(uint32_t i, struct env_name *ret); /* false past the last */

#endif
