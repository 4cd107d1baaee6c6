/* views/findings_panel.c - what the probes found, worst first, each with its next step. A remark
 * that asks for nothing urgent has two dots, not "ok": it is something to know. What an answer
 * found that is too old has "??": nobody knows whether it still is so. */
#include "panels_priv.h"

#include <string.h>

#define SIGN_COLS 3
#define NAME_COLS 11

static bool wanted(const struct section *sec, const struct section *own) {
    return sec->has_reading && sec->health != HEALTH_OFF && (!own || sec == own);
}

static enum health shown_health(const struct finding *f, enum freshness fresh) {
    return f->health > HEALTH_OK && fresh == FRESH_OLD ? HEALTH_UNKNOWN : f->health;
}

static int draw_sign(struct cellbuf *b, struct rect r, enum health h) {
    if (h > HEALTH_OK)
        return draw_health(b, r, r.x, r.y, h);
    return draw_lit(b, r, r.x, r.y, b->ascii ? ".." : "\xc2\xb7\xc2\xb7", ROLE_DIM);
}

static bool on_one_line(const struct finding *f, int cols) {
    return !f->todo.len || (int)f->what.cols + 2 + (int)f->todo.cols <= cols;
}

/* A long finding wraps over two lines and its advice takes one or two of its own. */
static int finding_lines(const struct finding *f, int cols) {
    if (on_one_line(f, cols) && (int)f->what.cols <= cols)
        return 1;
    int what = text_lines(f->what, cols), todo = text_lines(f->todo, cols - 2);
    return (what > 2 ? 2 : what) + (todo > 2 ? 2 : todo);
}

static int draw_one(struct cellbuf *b, struct rect r, const struct finding *f, const char *name,
                    enum freshness fresh) {
    draw_sign(b, r, shown_health(f, fresh));
    int x = r.x + SIGN_COLS;
    if (name) {
        draw_lit(b, (struct rect){x, r.y, NAME_COLS, 1}, x, r.y, name, ROLE_TEXT);
        x += NAME_COLS + 1;
    }
    enum role role = f->health > HEALTH_OK && fresh < FRESH_LATE ? ROLE_TEXT : ROLE_DIM;
    struct rect room = {x, r.y, r.x + r.w - x, r.h < 2 ? r.h : 2};
    if (room.w < 8)
        return 1;
    if (on_one_line(f, room.w)) {
        x += draw_text(b, room, x, r.y, f->what, role);
        draw_text(b, room, x + 2, r.y, f->todo, ROLE_ACCENT);
        return 1;
    }
    int used = draw_wrapped(b, room, f->what, role);
    struct rect advice = {room.x + 2, r.y + used, room.w - 2, r.h - used < 2 ? r.h - used : 2};
    return used + draw_wrapped(b, advice, f->todo, ROLE_ACCENT);
}

/* --- those of one service, of all --- */

struct found {
    const struct snapshot *s;
    const struct section *own, *failed[SERVICE_COUNT], *of; /* `of`: whose the last one was */
    uint32_t n_failed;
    enum freshness fresh; /* of the last one */
    struct finding made;
};

/* One reason for all that is silent stands above: see lines_panel.c. */
static void look_at_causes(struct found *l) {
    uint32_t causes;
    const struct section *first = first_cause(l->s, &causes);
    if (snapshot_silent(l->s) || snapshot_cut_off(l->s))
        return;
    for (uint32_t i = 0; i < SERVICE_COUNT; i++) {
        const struct section *sec = l->s->sections[i];
        if (sec->failed && !sec->caused_by && sec->health != HEALTH_OFF && sec != first)
            l->failed[l->n_failed++] = sec;
    }
}

static struct found look(const struct snapshot *s, const struct section *own) {
    struct found l = {.s = s, .own = own};
    if (!own)
        look_at_causes(&l);
    return l;
}

static const struct finding *failure(struct found *l, const struct section *sec) {
    const char *todo = next_step(sec);
    size_t n = todo ? strlen(todo) : 0;
    l->of = sec;
    l->fresh = FRESH_GOOD;
    l->made = (struct finding){.health = sec->health, .code = "failed", .what = sec->summary};
    l->made.todo = (struct text){todo ? todo : "", (uint32_t)n, n ? text_cols(todo, n) : 0};
    return &l->made;
}

/* The i-th: the other causes, then what was found, service by service. NULL behind the last. */
static const struct finding *found_at(struct found *l, uint32_t i) {
    if (i < l->n_failed)
        return failure(l, l->failed[i]);
    i -= l->n_failed;
    for (uint32_t k = 0; k < SERVICE_COUNT; k++) {
        l->of = l->s->sections[k];
        l->fresh = section_freshness(l->of, l->s->now_mono_ms);
        uint32_t n = wanted(l->of, l->own) ? l->of->reading.n_findings : 0;
        if (i < n)
            return &l->of->reading.findings[i];
        i -= n;
    }
    return NULL;
}

int draw_findings(struct cellbuf *b, struct rect r, const struct snapshot *s,
                  const struct section *own) {
    int used = 0;
    struct found l = look(s, own);
    const struct finding *f;
    for (int worst = HEALTH_CRITICAL; worst >= HEALTH_OFF; worst--)
        for (uint32_t i = 0; (f = found_at(&l, i)); i++)
            if ((int)shown_health(f, l.fresh) == worst && used < r.h)
                used += draw_one(b, rect_below(r, used), f,
                                 own ? NULL : service_name(l.of->service), l.fresh);
    return used;
}

int findings_lines(const struct snapshot *s, const struct section *own, int w) {
    int lines = 0, cols = w - SIGN_COLS - (own ? 0 : NAME_COLS + 1);
    struct found l = look(s, own);
    const struct finding *f;
    for (uint32_t i = 0; (f = found_at(&l, i)); i++)
        lines += cols < 8 ? 1 : finding_lines(f, cols);
    return lines;
}

uint32_t findings_count(const struct snapshot *s) {
    uint32_t n = 0;
    struct found l = look(s, NULL);
    while (found_at(&l, n))
        n++;
    return n;
}
