/* act/remains_priv.h - what a job whose runner died may have left, in sentences with its real
 * names.
 */
#ifndef GOODGO_ACT_REMAINS_PRIV_H
#define GOODGO_ACT_REMAINS_PRIV_H

#include "act/act.h"

/* Those of `rows` that fit the job's stage and whose names are known, into *ret. */
void remains_tell(const struct act_remains *rows, const struct plan *p, const struct job_info *j,
                  struct arena *a, struct lines *ret);

#endif
