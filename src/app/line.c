/* app/line.c - how long the line to the person's terminal takes: a question every ten seconds, the
 * answer's time smoothed. An answer that is late counts as it grows; a terminal that never answers
 * is asked no more. */
#include "line_priv.h"

#include "term/term.h"

#define EVERY_MS  10000
#define LATE_MS   1000
#define TRIES_MAX 3
#define OLD_SHARE 0.6

void line_init(struct line_meter *m) {
    *m = (struct line_meter){.rtt_ms = -1, .asked_mono_ms = -EVERY_MS};
}

void line_tick(struct line_meter *m, struct term *t, int64_t now_mono_ms) {
    int64_t since = now_mono_ms - m->asked_mono_ms;
    if (m->waits && m->rtt_ms >= 0 && since > LATE_MS && (double)since > m->rtt_ms)
        m->rtt_ms = (double)since;
    if (since < EVERY_MS || (m->rtt_ms < 0 && m->n_asked >= TRIES_MAX))
        return;
    m->waits = term_ask(t);
    m->asked_mono_ms = now_mono_ms;
    m->n_asked += m->waits;
}

bool line_look(struct line_meter *m, struct term *t, int64_t now_mono_ms) {
    if (!term_answered(t) || !m->waits)
        return false;
    double took = (double)(now_mono_ms - m->asked_mono_ms);
    bool late = took > LATE_MS;
    m->rtt_ms = m->rtt_ms < 0 || late ? took : m->rtt_ms * OLD_SHARE + took * (1 - OLD_SHARE);
    m->waits = false;
    term_escape_delay((uint32_t)m->rtt_ms);
    return true;
}
