/* act/second.h - the second person of an act that destroys: the job waits, before its lock and its
 * first effect, for the consent of somebody else on this machine. Asked for where the config has
 * `second_person.tier`; given with `goodgo jobs approve`. The consent is for one plan id, and the
 * runner plans again afterwards: what changed meanwhile is refused as ever. Both sides learn from
 * the kernel who the other is (io/peer.h), and one person is never two. */
#ifndef GOODGO_ACT_SECOND_H
#define GOODGO_ACT_SECOND_H

#include <stdbool.h>
#include <stdint.h>

#include "act/plan.h"
#include "codec/settings.h"

bool second_needed(const struct settings *s, const struct plan *p);

/* The runner's side. */
struct second_wait {
    const struct settings *settings;
    const struct plan *plan;
    const char *job_id;
    int cancel_fd;
    /* Called once it can be answered, and for each one who came and may not decide. */
    void (*told)(void *data, const char *sentence);
    void *data;
};
/* Waits. False: E_TIMEOUT nobody came, E_AUTH somebody said no, E_CANCELLED; err says who and why.
 * *ret_who is the login that agreed, in the plan's arena. */
bool second_ask(const struct second_wait *w, const char **ret_who, struct err *err) MUST_CHECK;

/* The other side. */
struct second_request {
    const char *job_id;
    const char *from; /* login of who asks, as the kernel knows it */
    struct plan plan;
};
/* Jobs of this machine that wait for somebody; at most max. */
uint32_t second_list(struct arena *a, const char **job_ids, uint32_t max);
bool second_look(const char *job_id, struct arena *a, struct second_request *ret,
                 struct err *err) MUST_CHECK;
/* False where the runner does not take it: its sentence says why. */
bool second_decide(const struct second_request *r, bool agree, const char *reason, struct arena *a,
                   struct err *err) MUST_CHECK;

#endif
