/* act/eta.h - how long a stage will still take, learnt from earlier runs of the same action on the
 * same target (STATE/history.jsonl) and from the present rate. Pure. */
#ifndef GOODGO_ACT_ETA_H
#define GOODGO_ACT_ETA_H

#include <stdint.h>

#define ETA_MAX_RUNS 20
struct eta_history {
    double ms_per_unit[ETA_MAX_RUNS]; /* of earlier runs of this stage, newest first */
    uint32_t n;
};
/* Units a second of the present stage; -1 when nothing is done, and in its first second until a
 * hundredth is: what a start takes says nothing of the rest. A total of 0 is one not known. */
double eta_rate_per_s(int64_t done, int64_t total, int64_t elapsed_ms);
/* Seconds left and how far off that may be (half the spread of what was seen before, growing with
 * how little is known); both -1 when nothing is known. */
void eta_estimate(const struct eta_history *h, int64_t done, int64_t total, int64_t elapsed_ms,
                  double *ret_left_s, double *ret_error_s);

#endif
