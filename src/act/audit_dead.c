/* act/audit_dead.c - intents of the trail whose runner died, held against their job directories. */
#include "act/audit.h"

#include "base/str.h"
#include "job_priv.h"

#define WHY_MAX 8192

/* The result stands before its intent: the newest come first. */
static bool has_end(const struct audit_record *records, uint32_t at) {
    for (uint32_t i = 0; i < at; i++)
        if (str_is(records[i].job_id, records[at].job_id) &&
            (str_is(records[i].event, "result") || str_is(records[i].event, "refused")))
            return true;
    return false;
}

static const char *whole_why(struct arena *a, const struct job_info *j) {
    struct str out;
    str_init(&out, WHY_MAX);
    str_puts(&out, j->why);
    for (uint32_t i = 0; i < j->by_hand.n; i++)
        str_printf(&out, "%s%s", i ? "; " : ": ", j->by_hand.at[i]);
    const char *why = arena_strdup(a, str_get(&out));
    str_done(&out);
    return why;
}

void audit_tell_dead(const char *state_dir, struct arena *a, struct audit_record *records,
                     uint32_t n) {
    struct job_info j;
    struct err ignored;
    struct audit_trail *trail = audit_trail_new(state_dir);
    for (uint32_t i = 0; i < n; i++) {
        struct audit_record *r = &records[i];
        if (!str_is(r->event, "intent") || !r->job_id || has_end(records, i) ||
            !job_look(state_dir, r->job_id, trail, a, &j, &ignored) || j.state != JOB_UNKNOWN ||
            !j.why)
            continue;
        r->outcome = job_state_name(JOB_UNKNOWN);
        r->why = whole_why(a, &j);
    }
    audit_trail_free(trail);
}
