/* views/about.c - the console's own load: what it asks, what it dropped, what went wrong last. The
 * watcher must not hurt the patient, and must be able to prove it. */
#include "base/attr.h"
#include "ui/draw.h"
#include "ui/view.h"

struct line {
    struct rect r; /* what is left */
};

static void put_number(struct cellbuf *b, struct line *l, const char *label, int64_t n,
                       enum unit unit, const char *meaning) {
    char number[32];
    if (l->r.h < 1)
        return;
    value_format(value_int(n), unit, 0, number, sizeof number);
    int x = l->r.x + draw_fmt(b, l->r, l->r.x, l->r.y, ROLE_DIM, "%-16s", label);
    x += draw_fmt(b, l->r, x, l->r.y, ROLE_TEXT, "%10s  ", number);
    draw_fmt(b, l->r, x, l->r.y, ROLE_DIM, "%s", meaning);
    l->r.y++, l->r.h--;
}

static void put_rule(struct cellbuf *b, struct line *l, const char *title) {
    if (l->r.h < 1)
        return;
    draw_rule(b, l->r, l->r.y, title);
    l->r.y++, l->r.h--;
}

static void put_error(struct cellbuf *b, struct line *l, const struct snapshot *s, uint32_t i) {
    char age[16], sentence[600];
    if (l->r.h < 1)
        return;
    format_age(s->now_wall_ms - s->self.last_error_wall_ms[i], age, sizeof age);
    err_sentence(&s->self.last_errors[i], sentence, sizeof sentence);
    draw_fmt(b, l->r, l->r.x, l->r.y, ROLE_DIM, "%6s ago", age);
    struct arena scratch;
    arena_init(&scratch);
    struct rect room = {l->r.x + 12, l->r.y, l->r.w - 12, l->r.h < 3 ? l->r.h : 3};
    int used = draw_wrapped(b, room, text_cleanz(&scratch, sentence), ROLE_TEXT);
    arena_done(&scratch);
    l->r.y += used > 0 ? used : 1;
    l->r.h -= used > 0 ? used : 1;
}

static int64_t per_minute(uint64_t n, int64_t up_ms) {
    return up_ms > 0 ? (int64_t)((double)n * 60000.0 / (double)up_ms) : 0;
}

static void put_polling(struct cellbuf *b, struct line *l, const struct snapshot *s) {
    for (uint32_t i = 0; i < SERVICE_COUNT && l->r.h > 0; i++) {
        const struct section *sec = s->sections[i];
        char every[32];
        value_format(value_int(sec->interval_ms / 1000), UNIT_SECONDS, 0, every, sizeof every);
        int x = l->r.x +
                draw_fmt(b, l->r, l->r.x, l->r.y, ROLE_TEXT, "%-16s", service_name(sec->service));
        x += draw_health(b, l->r, x, l->r.y, section_shown_health(sec, s->now_mono_ms)) + 1;
        if (sec->health == HEALTH_OFF)
            draw_lit(b, l->r, x, l->r.y, "not asked", ROLE_OFF);
        else
            draw_fmt(b, l->r, x, l->r.y, ROLE_DIM, "every %s, %u failed in a row", every,
                     sec->failures);
        l->r.y++, l->r.h--;
    }
}

static void about_draw(struct cellbuf *b, struct rect r, const struct snapshot *s,
                       struct ui_state *ui) {
    struct line l = {r};
    const struct self_stats *self = &s->self;
    int64_t up_ms = s->now_wall_ms - self->started_wall_ms;
    (void)ui;
    put_rule(b, &l, "OWN LOAD");
    put_number(b, &l, "running for", up_ms / 1000, UNIT_SECONDS, "since the console was started");
    put_number(b, &l, "memory", self->rss_bytes, UNIT_BYTES, "resident");
    put_number(b, &l, "processor", self->cpu_ms / 1000, UNIT_SECONDS, "of one core, in all");
    put_number(b, &l, "questions", (int64_t)self->exchanges, UNIT_COUNT,
               "asked of the platform in all");
    put_number(b, &l, "per minute", per_minute(self->exchanges, up_ms), UNIT_COUNT,
               "over thirteen services, one connection each");
    put_number(b, &l, "failed", (int64_t)self->failures, UNIT_COUNT, "of those");
    put_number(b, &l, "late replies", (int64_t)self->late_replies, UNIT_COUNT,
               "came after the deadline and were dropped");
    put_number(b, &l, "frames", (int64_t)self->frames, UNIT_COUNT, "drawn");
    put_number(b, &l, "to terminal", (int64_t)self->bytes_out, UNIT_BYTES, "sent over the line");
    put_rule(b, &l, "LAST ERRORS");
    if (!self->n_last_errors && l.r.h > 0) {
        draw_lit(b, l.r, l.r.x, l.r.y, "none since the start", ROLE_DIM);
        l.r.y++, l.r.h--;
    }
    for (uint32_t i = 0; i < self->n_last_errors && i < ARRAY_LEN(self->last_errors); i++)
        put_error(b, &l, s, i);
    put_rule(b, &l, "POLLING");
    put_polling(b, &l, s);
}

extern const struct view view_about;
const struct view view_about = {.id = "about", .title = "About this console", .draw = about_draw};
