/* engine/publish.c - turns the end of a run into a section, and a section into a snapshot: health
 * of failures by R69, symptoms folded under their failed dependency by R15. */
#include "engine_priv.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"

/* How an error code reads as a one-line summary, and how sure it is: a hard failure is critical at
 * once or at the second time, a soft one after `retries`. */
static const struct {
    const char *words;
    bool hard;
} failures[E_COUNT] = {
    [E_NONE] = {"failed", false},
    [E_REFUSED] = {"connection refused", true},
    [E_UNREACHABLE] = {"no way there from here", true},
    [E_RESOLVE] = {"name not resolved", false},
    [E_TIMEOUT] = {"timed out", false},
    [E_CLOSED] = {"connection lost", true},
    [E_AUTH] = {"not let in", true},
    [E_NOT_READY] = {"not ready", false},
    [E_FAILING] = {"it fails", false},
    [E_WRONG_THING] = {"something else answers here", true},
    [E_PROTOCOL] = {"broken answer", false},
    [E_TOO_BIG] = {"answer too big", false},
    [E_TLS] = {"TLS failed", true},
    [E_CONFIG] = {"settings are wrong", true},
    [E_IO] = {"cannot be read", true},
    [E_CANCELLED] = {"cancelled", false},
    [E_INTERNAL] = {"internal error", false},
};

/* Nobody listened, and now somebody does: from here its start period runs (R69), in which it need
 * not answer well yet. What no waiting mends is not excused by it. */
static void note_start(struct asker *a, const struct section *old, enum err_code code) {
    if (old->failed && old->err.code == E_REFUSED && code != E_REFUSED)
        a->starts_mono_ms = clock_mono_ms();
    else if (code == E_REFUSED)
        a->starts_mono_ms = 0;
}

static bool is_starting(const struct asker *a, enum err_code code) {
    bool mends = code == E_TIMEOUT || code == E_FAILING || code == E_CLOSED;
    return mends && a->starts_mono_ms &&
           clock_mono_ms() - a->starts_mono_ms < a->probe->start_period_ms;
}

static enum health failure_health(const struct asker *a, const struct section *old,
                                  enum err_code code, uint32_t n_failures) {
    uint32_t retries = asker_retries(a);
    if (code == E_NOT_READY)
        return HEALTH_WARNING;
    if (code == E_INTERNAL)
        return HEALTH_UNKNOWN; /* the console has no descriptor left: that says nothing of it */
    if (is_starting(a, code))
        return HEALTH_WARNING;
    if (!old->has_reading)
        return HEALTH_CRITICAL; /* it never answered: nothing to wait for, in `status` least of all
                                 */
    if (failures[code].hard && retries > 2)
        retries = 2;
    return n_failures >= retries ? HEALTH_CRITICAL : HEALTH_UNKNOWN;
}

/* --- causes --- */

static const char slow_answers[] = "slow_answers"; /* the finding's code */

/* A service that only says that it is not ready fails its dependants as one does that is away. */
static bool section_is_down(const struct section *sec) {
    if (sec->failed && sec->err.code == E_INTERNAL)
        return false; /* the console could not ask it */
    return sec->health == HEALTH_CRITICAL || (sec->failed && sec->health >= HEALTH_UNKNOWN);
}

/* It answers, and does not let the console in: whoever has credentials of their own gets through.
 */
static bool keeps_only_us_out(const struct section *cause, const struct section *symptom) {
    bool same_fault = symptom->failed && symptom->err.code == E_AUTH;
    return cause->failed && cause->err.code == E_AUTH && !same_fault;
}

/* It refuses the console's key, is another program, or could not be asked: no service that it needs
 * makes it do that, unless that one has the same fault. */
static bool is_its_own_fault(const struct section *symptom, const struct section *cause) {
    enum err_code code = symptom->failed ? symptom->err.code : E_NONE;
    bool same_fault = cause->failed && cause->err.code == code;
    return (code == E_AUTH || code == E_WRONG_THING || code == E_TLS || code == E_INTERNAL) &&
           !same_fault;
}

/* Slow answers, and a key that is refused, explain what a dependant complains of, not why it does
 * not answer itself. */
static bool explains(const struct section *cause, const struct section *symptom) {
    if (symptom->failed && (keeps_only_us_out(cause, symptom) || is_its_own_fault(symptom, cause)))
        return false;
    return section_is_down(cause) ||
           (!symptom->failed && reading_finding_of(&cause->reading, slow_answers));
}

/* A dependency's own cause goes before the dependency, unless that is the asker itself. */
static const char *root_of(const struct engine *e, enum service of, enum service asks) {
    const char *cause = e->snapshot->sections[of]->caused_by;
    return cause && cause != service_name(asks) ? cause : service_name(of);
}

static const char *dependency_cause(const struct engine *e, const struct section *sec,
                                    const struct probe *p) {
    for (const enum service *d = p->depends; d && *d != SERVICE_COUNT; d++)
        if (*d != sec->service && explains(e->snapshot->sections[*d], sec))
            return root_of(e, *d, sec->service);
    return NULL;
}

static bool is_named(const struct probe_echo *echoes, const char *finding) {
    while (echoes->finding && strcmp(echoes->finding, finding) != 0)
        echoes++;
    return echoes->finding != NULL;
}

/* Whom a finding names is its only excuse; one that names nobody may come from any dependency. */
static const char *finding_cause(const struct engine *e, const struct section *sec,
                                 const struct probe *p, const char *finding) {
    if (!is_named(p->echoes, finding))
        return dependency_cause(e, sec, p);
    for (const struct probe_echo *echo = p->echoes; echo->finding; echo++)
        if (strcmp(echo->finding, finding) == 0 && explains(e->snapshot->sections[echo->of], sec))
            return root_of(e, echo->of, sec->service);
    return NULL;
}

/* All that is not well only repeats that others are down; the worst of it says which, and what
 * names it before what does not. */
static const char *echoed_cause(const struct engine *e, const struct section *sec,
                                const struct probe *p) {
    const char *cause = NULL;
    int best = -1;
    for (uint32_t i = 0; i < sec->reading.n_findings; i++) {
        const struct finding *f = &sec->reading.findings[i];
        if (f->health < HEALTH_UNKNOWN)
            continue;
        const char *of_this = finding_cause(e, sec, p, f->code);
        if (!of_this)
            return NULL;
        int weight = (int)f->health * 2 + is_named(p->echoes, f->code);
        if (weight > best)
            cause = of_this;
        best = weight > best ? weight : best;
    }
    return cause;
}

/* Where no way leads to a service, nothing is known of it, and no other service explains that. */
static const char *cause_of(const struct engine *e, const struct section *sec,
                            const struct probe *p) {
    bool ill = sec->health >= HEALTH_UNKNOWN && (sec->failed || sec->health != HEALTH_UNKNOWN);
    bool no_way = sec->failed && sec->err.code == E_UNREACHABLE;
    if (!p || !ill || no_way || snapshot_silent(e->snapshot))
        return NULL;
    bool says_itself = p->echoes && !sec->failed;
    return says_itself ? echoed_cause(e, sec, p) : dependency_cause(e, sec, p);
}

/* A copy to be changed before it is published; the reading is copied into its own arena. */
static struct section *section_copy(const struct section *old) {
    struct section *sec = section_new(old->service);
    sec->health = old->health;
    sec->summary = text_clean(&sec->arena, old->summary.s ? old->summary.s : "", old->summary.len,
                              TEXT_MAX_COLS);
    sec->has_reading = old->has_reading;
    sec->failed = old->failed;
    sec->err = old->err;
    sec->failures = old->failures;
    sec->asked = old->asked;
    sec->lost = old->lost;
    sec->taken_mono_ms = old->taken_mono_ms;
    sec->taken_wall_ms = old->taken_wall_ms;
    sec->tried_mono_ms = old->tried_mono_ms;
    sec->since_mono_ms = old->since_mono_ms;
    sec->latency_ms = old->latency_ms;
    sec->interval_ms = old->interval_ms;
    sec->caused_by = old->caused_by;
    sec->key_metric = old->key_metric;
    sec->next_mono_ms = old->next_mono_ms;
    sec->last_err = old->last_err;
    sec->last_err_wall_ms = old->last_err_wall_ms;
    sec->depends = old->depends;
    section_keep_series(sec, old, false);
    reading_append(&sec->reading, &old->reading);
    return sec;
}

static void engine_replace(struct engine *e, struct section *sec) {
    struct snapshot *old = e->snapshot;
    e->snapshot = snapshot_with(old, sec);
    snapshot_note_changes(e->snapshot, old->sections[sec->service], clock_wall_ms());
    snapshot_unref(old);
}

void publish_section(struct asker *a, struct section *sec) {
    struct engine *e = a->engine;
    struct snapshot *old = e->snapshot;
    if (a->service < SERVICE_COUNT) {
        engine_replace(e, sec);
        return;
    }
    e->snapshot = snapshot_with_own(old, (enum own)(a->service - SERVICE_COUNT), sec);
    snapshot_unref(old);
}

static void engine_tell(struct engine *e, enum service s) {
    if (e->changed && !e->closed)
        e->changed(e->ctx, s);
}

/* A root that went down or came back changes what its dependants say, and theirs. One pass per
 * possible length of a chain. */
static void engine_fold_causes(struct engine *e) {
    bool again = true;
    for (int pass = 0; pass < SERVICE_COUNT && again; pass++) {
        again = false;
        for (int s = 0; s < SERVICE_COUNT; s++) {
            const struct section *sec = e->snapshot->sections[s];
            const char *cause = cause_of(e, sec, e->askers[s].probe);
            if (cause == sec->caused_by || !e->started)
                continue;
            struct section *copy = section_copy(sec);
            copy->caused_by = cause;
            engine_replace(e, copy);
            engine_tell(e, (enum service)s);
            again = true;
        }
    }
}

/* Who compares itself with a service has waited for its first reading. */
static void judge_those_beside(struct engine *e, enum service s) {
    for (uint32_t i = 0; i < SERVICE_COUNT; i++) {
        const struct probe *p = e->askers[i].probe;
        for (const enum service *b = p ? p->beside : NULL; b && *b != SERVICE_COUNT; b++)
            if (*b == s)
                asker_judge_again(&e->askers[i]);
    }
}

/* Failures in a row are one illness: it began with the first, not when it was called critical. */
static int64_t since_of(const struct section *old, const struct section *sec) {
    bool goes_on = old->health == sec->health || (old->failed && sec->failed);
    return goes_on && old->since_mono_ms ? old->since_mono_ms : sec->tried_mono_ms;
}

static void section_publish(struct asker *a, const struct section *old, struct section *sec) {
    struct engine *e = a->engine;
    bool first = sec->has_reading && !old->has_reading;
    sec->interval_ms = asker_interval_ms(a);
    sec->key_metric = a->probe ? a->probe->key_metric : NULL;
    sec->depends = probe_depends(a->probe);
    sec->next_mono_ms = sec->tried_mono_ms + asker_delay_ms(a, sec->failures);
    sec->since_mono_ms = since_of(old, sec);
    sec->caused_by = cause_of(e, sec, a->probe);
    publish_section(a, sec);
    engine_fold_causes(e);
    if (first)
        judge_those_beside(e, a->service);
    engine_tell(e, a->service);
}

/* --- public --- */

uint32_t probe_depends(const struct probe *p) {
    uint32_t bits = 0;
    for (const enum service *d = p ? p->depends : NULL; d && *d != SERVICE_COUNT; d++)
        bits |= BIT(*d);
    return bits;
}

void publish_off(struct asker *a, const char *why) {
    struct section *sec = section_new(a->service < SERVICE_COUNT ? a->service : SERVICE_COUNT);
    sec->health = HEALTH_OFF;
    sec->summary = text_cleanz(&sec->arena, why ? why : "not configured");
    sec->key_metric = a->probe ? a->probe->key_metric : NULL;
    sec->depends = probe_depends(a->probe);
    publish_section(a, sec);
}

/* "stage_<name>" that lives as long as the process, as a finding's code must: sections are copied
 * and outlive the engine. As many as there are stages in the probe table. */
static const char *stage_code(const char *stage_name) {
    static struct code {
        struct code *next;
        char text[64];
    } * codes;
    char text[64];
    snprintf(text, sizeof text, "stage_%s", stage_name);
    for (const struct code *c = codes; c; c = c->next)
        if (strcmp(c->text, text) == 0)
            return c->text;
    struct code *c = mem_zeroed(sizeof *c);
    memcpy(c->text, text, sizeof text);
    c->next = codes;
    codes = c;
    return c->text;
}

static const char *stage_said(const struct probe *p, uint32_t i) {
    for (const struct stage_words *w = p->stage_words; w && w->stage; w++)
        if (strcmp(w->stage, p->stages[i].name) == 0)
            return w->words;
    return p->stages[i].name;
}

static void stage_finding(struct asker *a, struct reading *r, uint32_t i) {
    const struct err *err = &a->stages[i].err;
    reading_finding(r, HEALTH_WARNING, stage_code(a->probe->stages[i].name),
                    err->todo ? err->todo : err_todo(err->code, err->op), "%s not read: %s: %s",
                    stage_said(a->probe, i), err->target, err->why);
}

/* One sentence for all of them: it is one fact. */
static void unasked_finding(struct asker *a, struct reading *r) {
    char names[200] = "";
    size_t at = 0;
    for (uint32_t i = 0; i < a->probe->n_stages && i < STAGES_MAX; i++)
        if (a->stages[i].unasked && at < sizeof names)
            at += (size_t)snprintf(names + at, sizeof names - at, "%s%s", at ? ", " : "",
                                   stage_said(a->probe, i));
    if (at)
        reading_finding(r, HEALTH_WARNING, slow_answers,
                        "look at its load and at the network path; older figures stay meanwhile",
                        "an answer takes %.0f ms, so that in %u ms no time was left for: %s",
                        a->slowest_ms, asker_timeout_ms(a), names);
}

/* A healthy answer of four seconds is no health. Only where nothing else is said: a probe that
 * knows better what is slow there has said it. */
static void late_finding(struct asker *a, struct section *sec, struct verdict *v) {
    uint32_t timeout_ms = asker_timeout_ms(a);
    if (sec->latency_ms * 2 <= timeout_ms)
        return;
    v->health = HEALTH_WARNING;
    v->summary = text_printf(&sec->arena, "its answer takes %.0f ms of the %u ms it is given",
                             sec->latency_ms, timeout_ms);
    reading_add_finding(&sec->reading, v->health, slow_answers, v->summary,
                        TEXT_LIT("look at its load and at the network path"));
}

static enum health reading_worst(const struct reading *r) {
    enum health worst = HEALTH_OK;
    for (uint32_t i = 0; i < r->n_findings; i++)
        worst = health_worse(worst, r->findings[i].health);
    return worst;
}

/* Beside what the others have said by now, not what they had when this run began. */
static void section_judge(struct asker *a, struct section *sec) {
    struct snapshot *began = (struct snapshot *)a->run.snapshot;
    a->run.snapshot = snapshot_ref(a->engine->snapshot);
    snapshot_unref(began);
    struct verdict v = {.health = reading_worst(&sec->reading), .summary = TEXT_LIT("")};
    if (a->probe->judge)
        a->probe->judge(&a->run, &sec->reading, &v);
    if (v.health == HEALTH_OK && reading_worst(&sec->reading) == HEALTH_OK)
        late_finding(a, sec, &v);
    sec->health = health_worse(v.health, reading_worst(&sec->reading)); /* findings of judge too */
    sec->summary =
        text_clean(&sec->arena, v.summary.s ? v.summary.s : "", v.summary.len, TEXT_MAX_COLS);
}

static void section_add_kept(struct section *sec, const struct fragment *kept) {
    uint32_t first = sec->reading.n_tables;
    int64_t behind_ms = sec->taken_mono_ms - kept->taken_mono_ms;
    reading_append(&sec->reading, &kept->reading);
    for (uint32_t i = first; i < sec->reading.n_tables; i++)
        sec->reading.tables[i]->behind_ms = behind_ms > 0 ? (uint32_t)behind_ms : 0;
}

static void section_join_stages(struct asker *a, struct section *sec) {
    for (uint32_t i = 0; i < a->probe->n_stages && i < STAGES_MAX; i++) {
        if (a->stages[i].kept)
            section_add_kept(sec, a->stages[i].kept);
        if (a->stages[i].failed)
            stage_finding(a, &sec->reading, i);
    }
    unasked_finding(a, &sec->reading);
}

void publish_reading(struct asker *a) {
    const struct section *old = a->run.previous; /* held by the run */
    struct section *sec = section_new(old->service);
    sec->tried_mono_ms = sec->taken_mono_ms = clock_mono_ms();
    section_join_stages(a, sec);
    a->starts_mono_ms = 0;
    sec->has_reading = true;
    sec->latency_ms = a->latency_ms;
    sec->taken_wall_ms = clock_wall_ms();
    a->run.now_mono_ms = sec->taken_mono_ms;
    a->run.now_wall_ms = sec->taken_wall_ms;
    section_judge(a, sec);
    sec->asked = old->asked + 1;
    sec->lost = old->lost;
    section_keep_series(sec, old, true);
    sec->last_err = old->last_err;
    sec->last_err_wall_ms = old->last_err_wall_ms;
    section_publish(a, old, sec);
}

void publish_judged_again(struct asker *a) {
    const struct section *old = a->run.previous;
    struct section *sec = section_copy(old);
    reading_init(&sec->reading, &sec->arena); /* without what the first judgement added */
    section_join_stages(a, sec);
    section_judge(a, sec);
    section_publish(a, old, sec);
}

void publish_failure(struct asker *a, const struct err *err) {
    const struct section *old = asker_section(a);
    enum err_code code = err->code < E_COUNT ? err->code : E_INTERNAL;
    struct section *sec = section_copy(old);
    sec->failed = true;
    sec->err = sec->last_err = *err;
    sec->last_err_wall_ms = clock_wall_ms();
    sec->failures = old->failures + 1;
    sec->asked = old->asked + 1;
    sec->lost = old->lost + 1;
    sec->tried_mono_ms = clock_mono_ms();
    note_start(a, old, code);
    sec->health = failure_health(a, old, code, sec->failures);
    /* "connection refused: connection refused" says it twice. */
    bool repeats = text_contains(err->why, failures[code].words);
    sec->summary = !err->why[0] ? text_cleanz(&sec->arena, failures[code].words)
                   : repeats    ? text_cleanz(&sec->arena, err->why)
                             : text_printf(&sec->arena, "%s: %s", failures[code].words, err->why);
    engine_note_error(a->engine, err);
    struct section *held = section_ref((struct section *)old); /* outlives its snapshot below */
    section_publish(a, held, sec);
    section_unref(held);
}

/* Newest first. An err holds no secret by its own rule. */
void engine_note_error(struct engine *e, const struct err *err) {
    struct self_stats *s = &e->self;
    size_t n = ARRAY_LEN(s->last_errors);
    memmove(s->last_errors + 1, s->last_errors, (n - 1) * sizeof *s->last_errors);
    memmove(s->last_error_wall_ms + 1, s->last_error_wall_ms,
            (n - 1) * sizeof *s->last_error_wall_ms);
    s->last_errors[0] = *err;
    s->last_error_wall_ms[0] = clock_wall_ms();
    if (s->n_last_errors < n)
        s->n_last_errors++;
}
