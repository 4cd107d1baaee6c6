/* app/pay_show_priv.h - all that is known of one payment: the row, its messages, its history and
 * its log lines. Gathered by pay_show.c and pay_history.c, said by pay_show_words.c. */
#ifndef GOODGO_APP_PAY_SHOW_PRIV_H
#define GOODGO_APP_PAY_SHOW_PRIV_H

#include "app/command.h"
#include "codec/loglines.h"
#include "codec/payreplay.h"

struct pgsession;

/* One thing that happened to it: in our own trail, or in the platform's AdminAuditLog. */
struct pay_event {
    int64_t wall_ms;
    const char *source; /* "trail" "AdminAuditLog" */
    const char *what, *who, *why;
};

#define PAY_EVENTS_MAX 40
#define PAY_LINES_MAX  20

struct pay_story {
    struct pay_row row;
    struct pay_verdict verdict;
    bool is_told;             /* its gateway was asked in the last half day, and settled it */
    struct pay_answer told;   /* what it said then */
    struct pay_replay replay; /* may it be replayed, as far as we know without its gateway? */
    struct pay_event events[PAY_EVENTS_MAX]; /* newest first */
    uint32_t n_events;
    const char *history_missing; /* why there is less history than there could be; NULL */
    struct log_lines logs;
    const char *logs_missing; /* why there are none; NULL = they were asked for */
};

/* Neither fails: what cannot be had is said in `..._missing`. */
void pay_history(struct app_context *app, struct pgsession *session, struct pay_story *st);
void pay_logs(struct app_context *app, int64_t now_wall_s, struct pay_story *st);

void pay_story_json(const struct pay_story *all, uint32_t n, const char *key, int64_t now_wall_s,
                    struct str *out);
void pay_story_text(const struct pay_story *st, int64_t now_wall_s, struct str *out);

#endif
