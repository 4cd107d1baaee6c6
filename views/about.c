/* views/about.c - the console's own load: what it asks, what it dropped, what went wrong last. The
 * watcher must not hurt the patient, and must be able to prove it. */
#include "base/attr.h"
#include "ui/draw.h"
#include "ui/view.h"

#define LABEL_COLS 14
#define PAGE_COLS  70

static void put_number(struct page *p, const char *label, int64_t n, enum unit unit,
                       const char *meaning) {
    char number[32];
    value_format(value_int(n), unit, 0, number, sizeof number);
    page_line(p);
    page_piece(p, 0, ROLE_DIM, "%s", label);
    page_piece(p, LABEL_COLS, ROLE_TEXT, "%10s", number);
    page_piece(p, LABEL_COLS + 12, ROLE_DIM, "%s", meaning);
}

/* In the first minute what there was so far: the burst of the start would be told as a rate. */
static int64_t per_minute(uint64_t n, int64_t up_ms) {
    return up_ms > 60000 ? int_of((double)n * 60000.0 / (double)up_ms) : (int64_t)n;
}

static void put_load(struct page *p, const struct snapshot *s) {
    const struct self_stats *self = &s->self;
    int64_t up_ms = s->now_wall_ms - self->started_wall_ms;
    const struct {
        const char *label;
        int64_t n;
        enum unit unit;
        const char *meaning;
    } rows[] = {
        {"running for", up_ms / 1000, UNIT_SECONDS, "since the console was started"},
        {"memory", self->rss_bytes, UNIT_BYTES, "resident"},
        {"processor", self->cpu_ms / 1000, UNIT_SECONDS, "of one core, in all"},
        {"questions", (int64_t)self->exchanges, UNIT_COUNT, "asked of the platform in all"},
        {"per minute", per_minute(self->exchanges, up_ms), UNIT_COUNT,
         "over thirteen services, on connections of their own"},
        {"failed", (int64_t)self->failures, UNIT_COUNT, "of those"},
        {"late replies", (int64_t)self->late_replies, UNIT_COUNT,
         "came after the deadline and were dropped"},
        {"frames", (int64_t)self->frames, UNIT_COUNT, "drawn"},
        {"to terminal", (int64_t)self->bytes_out, UNIT_BYTES, "sent over the line"},
        {"wake-ups", per_minute(self->wakeups, up_ms), UNIT_COUNT, "per minute"},
    };
    page_heading(p, "OWN LOAD");
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        put_number(p, rows[i].label, rows[i].n, rows[i].unit, rows[i].meaning);
}

static void put_error(struct page *p, const struct snapshot *s, uint32_t i) {
    char age[16], sentence[600];
    format_age(s->now_wall_ms - s->self.last_error_wall_ms[i], age, sizeof age);
    err_sentence(&s->self.last_errors[i], sentence, sizeof sentence);
    page_line(p);
    page_piece(p, 0, ROLE_DIM, "%6s ago", age);
    page_wrapped(p, 12, p->cols - 12, ROLE_TEXT, text_cleanz(p->arena, sentence));
}

static void put_errors(struct page *p, const struct snapshot *s) {
    page_heading(p, "LAST ERRORS");
    for (uint32_t i = 0; i < s->self.n_last_errors && i < ARRAY_LEN(s->self.last_errors); i++)
        put_error(p, s, i);
    if (s->self.n_last_errors)
        return;
    page_line(p);
    page_piece(p, 0, ROLE_DIM, "none since the start");
}

static void put_polling(struct page *p, const struct snapshot *s) {
    page_heading(p, "POLLING");
    for (uint32_t i = 0; i < SERVICE_COUNT; i++) {
        const struct section *sec = s->sections[i];
        enum health shown = section_shown_health(sec, s->now_mono_ms);
        page_line(p);
        page_piece(p, 0, ROLE_TEXT, "%s", service_name(sec->service));
        page_piece(p, LABEL_COLS, role_of_health(shown), "%s", health_sign(shown));
        if (sec->health == HEALTH_OFF)
            page_piece(p, LABEL_COLS + 4, ROLE_OFF, "not asked: %s", sec->summary.s);
        else
            page_piece(p, LABEL_COLS + 4, ROLE_DIM, "every %s, %u asked, %u failed",
                       DURATION(sec->interval_ms / 1000), sec->asked, sec->lost);
    }
}

static const struct page *about_page(const struct snapshot *s, const struct ui_state *ui,
                                     struct arena *scratch) {
    struct page *p = arena_alloc(scratch, sizeof *p);
    page_init(p, scratch, page_cols(ui, PAGE_COLS));
    put_load(p, s);
    put_polling(p, s);
    put_errors(p, s);
    return p;
}

static void about_draw(struct cellbuf *b, struct rect r, const struct snapshot *s,
                       struct ui_state *ui) {
    struct arena scratch;
    arena_init(&scratch);
    draw_page(b, r, about_page(s, ui, &scratch), ui);
    arena_done(&scratch);
}

extern const struct view view_about;
const struct view view_about = {
    .id = "about",
    .title = "About this console",
    .about = "what the console itself costs, and what went wrong last",
    .draw = about_draw,
    .page = about_page,
    .command = "goodgo snapshot --for 1m | jq .self",
};
