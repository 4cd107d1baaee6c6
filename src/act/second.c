/* act/second.c - a question and its answer, a line each:
 *   show                  ->  the plan, "goodgo.plan/1" on one line
 *   yes PLAN-ID           ->  taken | refused WHY
 *   no PLAN-ID REASON     ->  taken | refused WHY
 * A connection is one exchange, so a reader who thinks for ten minutes holds nothing up. */
#include "act/second.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "io/peer.h"

#define NAME_PREFIX "goodgo.second."
#define LINE_MS     2000
#define ASK_MAX     1024
#define PLAN_MAX    ((size_t)1 << 20)
#define ANSWER_MAX  1024

bool second_needed(const struct settings *s, const struct plan *p) {
    return s->second_person_tier && p->tier >= s->second_person_tier;
}

/* ---- the runner's side ---- */

struct asking {
    const struct second_wait *wait;
    const struct plan *plan;
    struct person asker, visitor;
    int fd; /* the visitor's */
    enum { UNDECIDED, AGREED, DECLINED } outcome;
    const char *reason;
};

static bool answer(const struct asking *q, const char *bytes, size_t n) {
    struct err ignored;
    return peer_write(q->fd, bytes, n, LINE_MS, &ignored) &&
           peer_write(q->fd, "\n", 1, LINE_MS, &ignored);
}

static void show_plan(const struct asking *q) {
    struct str json;
    str_init(&json, PLAN_MAX);
    plan_write(q->plan, &json);
    for (size_t i = 0; i < json.len;
         i++) /* newlines are between tokens only: JSON escapes others */
        if (json.s[i] == '\n')
            json.s[i] = ' ';
    answer(q, str_get(&json), json.len);
    str_done(&json);
}

static const char *why_not(const struct asking *q, struct arena *a, const char *plan_id) {
    const char *group = q->wait->settings->second_person_group;
    if (q->visitor.id == q->asker.id)
        return "you are the one who asks: it takes somebody else";
    if (group && !person_in_group(&q->visitor, group))
        return arena_printf(a, "you are not in the group %s", group);
    if (strcmp(plan_id, q->plan->id) != 0)
        return "that is another plan than the one that waits";
    return NULL;
}

/* What was decided, or why it was not: the sentence for the log, in a. NULL: somebody only looked.
 */
static const char *hear(struct asking *q, struct arena *a, const char *line) {
    char verb[8] = "", plan_id[PLAN_ID_SIZE] = "";
    int rest = 0;
    if (strcmp(line, "show") == 0) {
        show_plan(q);
        return NULL;
    }
    sscanf(line, "%7s %16s %n", verb, plan_id, &rest);
    bool yes = strcmp(verb, "yes") == 0;
    if (!yes && strcmp(verb, "no") != 0)
        return NULL;
    const char *refusal = why_not(q, a, plan_id);
    const char *reply = refusal ? arena_printf(a, "refused %s", refusal) : "taken";
    /* An answer that its giver did not get was not given. */
    if (!answer(q, reply, strlen(reply)) || refusal)
        return arena_printf(a, "%s said %s, and may not: %s", q->visitor.login, verb,
                            refusal ? refusal : "the line broke");
    q->outcome = yes ? AGREED : DECLINED;
    q->reason = rest && line[rest] ? text_cleanz(q->plan->arena, line + rest).s : NULL;
    return NULL;
}

static bool settle(const struct asking *q, const char **ret_who, struct err *err) {
    *ret_who = arena_strdup(q->plan->arena, q->visitor.login);
    if (q->outcome == AGREED)
        return true;
    err_set(err, E_AUTH, "act.second", q->plan->action, "%s said no%s%s: nothing was done",
            q->visitor.login, q->reason ? ", " : "", q->reason ? q->reason : "");
    err->todo = "speak with them, then plan again";
    return false;
}

static bool nobody(const struct asking *q, struct err *err) {
    if (err->code != E_TIMEOUT)
        return false;
    err_set(err, E_TIMEOUT, "act.second", q->plan->action,
            "no second person agreed within %u s: nothing was done",
            q->wait->settings->second_person_wait_s);
    err->todo = "somebody else on this machine: goodgo jobs approve";
    return false;
}

/* One visitor, in an arena of his own: nobody's knocking makes the plan grow. */
static void receive(struct asking *q) {
    const char *line, *sentence = NULL;
    struct err ignored;
    struct arena a;
    arena_init(&a);
    if (peer_read_line(q->fd, &a, ASK_MAX, LINE_MS, &line, &ignored))
        sentence = hear(q, &a, line);
    if (sentence)
        q->wait->told(q->wait->data, sentence);
    arena_done(&a);
    close(q->fd);
}

bool second_ask(const struct second_wait *w, const char **ret_who, struct err *err) {
    struct asking q = {.wait = w, .plan = w->plan};
    int64_t until = clock_mono_ms() + (int64_t)w->settings->second_person_wait_s * 1000;
    char waits[128];
    int listener;
    person_here(&q.asker);
    if (!peer_listen(arena_printf(w->plan->arena, NAME_PREFIX "%s", w->job_id), &listener, err))
        return false;
    snprintf(waits, sizeof waits, "waits for a second person: goodgo jobs approve %s", w->job_id);
    w->told(w->data, waits);
    while (q.outcome == UNDECIDED &&
           peer_accept(listener, until, w->cancel_fd, &q.fd, &q.visitor, err))
        receive(&q);
    close(listener);
    return q.outcome != UNDECIDED ? settle(&q, ret_who, err) : nobody(&q, err);
}

/* ---- the other side ---- */

uint32_t second_list(struct arena *a, const char **job_ids, uint32_t max) {
    uint32_t n = peer_names(a, NAME_PREFIX, job_ids, max);
    for (uint32_t i = 0; i < n; i++)
        job_ids[i] += strlen(NAME_PREFIX);
    return n;
}

static bool exchange(const char *job_id, const char *question, size_t max, struct arena *a,
                     struct person *ret_from, const char **ret_line, struct err *err) {
    int fd;
    if (!peer_connect(arena_printf(a, NAME_PREFIX "%s", job_id), &fd, ret_from, err)) {
        err_set(err, E_CONFIG, "act.second", job_id,
                "does not wait for a second person (any more)");
        err->todo = "goodgo jobs approve lists what does";
        return false;
    }
    bool ok = peer_write(fd, question, strlen(question), LINE_MS, err) &&
              peer_write(fd, "\n", 1, LINE_MS, err) &&
              peer_read_line(fd, a, max, LINE_MS, ret_line, err);
    close(fd);
    return ok;
}

bool second_look(const char *job_id, struct arena *a, struct second_request *ret, struct err *err) {
    struct person from;
    const char *json;
    *ret = (struct second_request){.job_id = job_id};
    if (!exchange(job_id, "show", PLAN_MAX, a, &from, &json, err) ||
        !plan_read(&ret->plan, a, json, strlen(json), err))
        return false;
    ret->from = arena_strdup(a, from.login);
    return true;
}

bool second_decide(const struct second_request *r, bool agree, const char *reason, struct arena *a,
                   struct err *err) {
    struct person from;
    const char *line;
    const char *question =
        arena_printf(a, "%s %s %s", agree ? "yes" : "no", r->plan.id, reason ? reason : "");
    if (!exchange(r->job_id, question, ANSWER_MAX, a, &from, &line, err))
        return false;
    if (strcmp(line, "taken") == 0)
        return true;
    const char *why =
        str_starts(line, "refused ") ? line + strlen("refused ") : "it did not answer";
    return err_set(err, E_AUTH, "act.second", r->job_id, "%s", text_cleanz(a, why).s);
}
