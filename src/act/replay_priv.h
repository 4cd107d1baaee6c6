/* act/replay_priv.h - the two halves of a replay: what stands in the plan (replay.c) and what is
 * done (replay_run.c). */
#ifndef GOODGO_ACT_REPLAY_PRIV_H
#define GOODGO_ACT_REPLAY_PRIV_H

#include "act/act.h"
#include "codec/payreplay.h"

struct pgsession;

struct replay_item {
    struct pay_row row;
    struct pay_verdict verdict;
    bool asked; /* its gateway was, and this is what it said */
    struct pay_answer answer;
    struct pay_replay judged;
};
struct replay_list {
    struct replay_item *items; /* oldest first */
    uint32_t n;
};

/* The payments that the argument "ids" names, each once. */
bool replay_load(struct pgsession *db, const char *ids, const struct settings *s,
                 int64_t now_wall_s, struct arena *a, struct replay_list *ret,
                 struct err *err) MUST_CHECK;
/* One of them as it is now; false when it is gone. */
bool replay_look(struct pgsession *db, const char *id, struct arena *a, struct pay_row *ret,
                 struct err *err) MUST_CHECK;
bool replay_run(struct job *j, const struct plan *p, struct err *err) MUST_CHECK;

#endif
