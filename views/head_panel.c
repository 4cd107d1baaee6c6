/* views/head_panel.c - the top of a service's screen: its name, state and age; what it needs and
 * who needs it; when it was asked and will be; what failed, why, and what to do. */
#include "panels_priv.h"

#include <string.h>

#include "base/attr.h"

#define ERROR_ROWS    5
#define RELATED_GAP   3
#define SCHEDULE_COLS 28 /* "asked every 60s, next in 56s" */
#define NEEDED_COLS   16 /* below it nothing but a cut word would stand there */

static int draw_name(struct cellbuf *b, struct rect r, const struct snapshot *s,
                     const struct section *sec) {
    enum health shown = section_shown_health(sec, s->now_mono_ms);
    char since[16];
    int x = r.x + draw_fmt(b, r, r.x, r.y, ROLE_TITLE, "%s ", service_name(sec->service));
    x += draw_health(b, r, x, r.y, shown);
    if (sec->since_mono_ms && shown != HEALTH_OFF) {
        int64_t ms = s->now_mono_ms - sec->since_mono_ms;
        format_age(ms < 60000 ? ms : ms - ms % 60000, since, sizeof since);
        x += draw_fmt(b, r, x, r.y, ROLE_DIM, " for %s", since);
    }
    struct rect room = r;
    room.w = r.w > 24 ? r.w - 6 : r.w;
    if (sec->tried_mono_ms && !sec->failed)
        draw_parts(b, room, x + 2, r.y, sec->summary,
                   shown == HEALTH_OK ? ROLE_TEXT : role_of_health(shown));
    if (r.w > 24 && shown != HEALTH_OFF)
        draw_age(b, r, r.x + r.w - 4, r.y, sec, s->now_mono_ms);
    return 1;
}

/* --- relations --- */

static int draw_related(struct cellbuf *b, struct rect r, int x, const struct snapshot *s,
                        const char *word, uint32_t services) {
    int start = x;
    x += draw_fmt(b, r, x, r.y, ROLE_DIM, "%s ", word);
    for (int i = 0, n = 0; i < SERVICE_COUNT; i++) {
        if (!(services & BIT(i)))
            continue;
        enum health h = section_shown_health(s->sections[i], s->now_mono_ms);
        x += draw_lit(b, r, x, r.y, n++ ? ", " : "", ROLE_DIM);
        x += draw_fmt(b, r, x, r.y, h > HEALTH_OK ? role_of_health(h) : ROLE_TEXT, "%s",
                      service_name((enum service)i));
        if (h > HEALTH_OK)
            x += draw_fmt(b, r, x, r.y, role_of_health(h), " %s", health_sign(h));
    }
    return x - start;
}

/* What draw_related() would like to use, with the gap before it. */
static int related_cols(const struct snapshot *s, const char *word, uint32_t services) {
    int cols = RELATED_GAP + (int)strlen(word) - 1;
    for (int i = 0; i < SERVICE_COUNT; i++)
        if (services & BIT(i))
            cols += 2 + (int)strlen(service_name((enum service)i)) +
                    (section_shown_health(s->sections[i], s->now_mono_ms) > HEALTH_OK ? 3 : 0);
    return services ? cols : 0;
}

static uint32_t dependants(const struct snapshot *s, enum service service) {
    uint32_t bits = 0;
    for (int i = 0; i < SERVICE_COUNT; i++)
        if (s->sections[i]->depends & BIT(service))
            bits |= BIT(i);
    return bits;
}

/* Of those that this platform has. */
static uint32_t present(const struct snapshot *s, uint32_t services) {
    uint32_t bits = 0;
    for (int i = 0; i < SERVICE_COUNT; i++)
        if ((services & BIT(i)) && s->sections[i]->health != HEALTH_OFF)
            bits |= BIT(i);
    return bits;
}

/* "asked every 5s, next in 3s": its second half only where the relations leave room for it. */
static int draw_schedule(struct cellbuf *b, struct rect r, int x, const struct snapshot *s,
                         const struct section *sec, bool roomy) {
    int64_t left = sec->next_mono_ms - s->now_mono_ms;
    int start = x;
    if (!sec->interval_ms)
        return 0;
    x += draw_fmt(b, r, x, r.y, ROLE_DIM, "asked every %us", (unsigned)(sec->interval_ms / 1000));
    if (left >= 500 && left < 600000 && roomy)
        x += draw_fmt(b, r, x, r.y, ROLE_DIM, ", next in %us", (unsigned)((left + 500) / 1000));
    if (sec->lost)
        x += draw_fmt(b, r, x, r.y, ROLE_WARNING, ", %u of %u failed", sec->lost, sec->asked);
    return x - start;
}

static int draw_relations(struct cellbuf *b, struct rect r, const struct snapshot *s,
                          const struct section *sec) {
    if (r.h < 1 || r.w < 60)
        return 0;
    uint32_t needs = present(s, sec->depends);
    uint32_t needed_by = present(s, dependants(s, sec->service));
    int others = related_cols(s, "needs", needs) + related_cols(s, "needed by", needed_by);
    int x = r.x;
    x += draw_schedule(b, r, x, s, sec, r.w - others >= SCHEDULE_COLS);
    if (needs)
        x += draw_related(b, r, x + (x > r.x ? RELATED_GAP : 0), s, "needs", needs) + RELATED_GAP;
    if (needed_by && r.x + r.w - x >= NEEDED_COLS)
        x += draw_related(b, r, x + (x > r.x ? RELATED_GAP : 0), s, "needed by", needed_by);
    return x > r.x;
}

/* --- errors --- */

int draw_failure(struct cellbuf *b, struct rect r, const struct section *sec) {
    char sentence[600];
    struct arena scratch;
    struct rect room = r;
    room.h = r.h < ERROR_ROWS ? r.h : ERROR_ROWS;
    err_sentence(&sec->err, sentence, sizeof sentence);
    arena_init(&scratch);
    int rows = draw_wrapped(b, room, text_cleanz(&scratch, sentence), role_of_health(sec->health));
    arena_done(&scratch);
    if (sec->caused_by && rows < r.h)
        draw_fmt(b, r, r.x, r.y + rows++, ROLE_ACCENT, "a symptom of %s: look there first",
                 sec->caused_by);
    return rows;
}

/* "last failure 12m ago: no answer in 5 s" of one that answers again. */
static int draw_last_failure(struct cellbuf *b, struct rect r, const struct snapshot *s,
                             const struct section *sec) {
    char age[16];
    if (!sec->last_err_wall_ms)
        return 0;
    int64_t ms = s->now_wall_ms - sec->last_err_wall_ms;
    format_age(ms < 60000 ? ms : ms - ms % 60000, age, sizeof age);
    draw_fmt(b, r, r.x, r.y, ROLE_DIM, "last failure %s ago: %s %s", age, sec->last_err.target,
             sec->last_err.why);
    return 1;
}

int draw_staleness(struct cellbuf *b, struct rect r, const struct snapshot *s,
                   const struct section *sec) {
    enum freshness f = section_freshness(sec, s->now_mono_ms);
    char age[16];
    if (f < FRESH_LATE)
        return 0;
    format_age(s->now_mono_ms - sec->taken_mono_ms, age, sizeof age);
    draw_fmt(b, r, r.x, r.y, f == FRESH_OLD ? ROLE_UNKNOWN : ROLE_WARNING,
             f == FRESH_OLD ? "the figures below are %s old: do not rely on them"
                            : "the figures below are %s old, the next answer is late",
             age);
    return 1;
}

int draw_head(struct cellbuf *b, struct rect r, const struct snapshot *s,
              const struct section *sec) {
    int used = draw_name(b, r, s, sec);
    if (sec->health == HEALTH_OFF)
        return used;
    if (r.h >= 12)
        used += draw_relations(b, rect_below(r, used), s, sec);
    if (sec->failed && used < r.h)
        used += draw_failure(b, rect_below(r, used), sec);
    else if (r.h >= 16)
        used += draw_last_failure(b, rect_below(r, used), s, sec);
    if (used < r.h)
        used += draw_staleness(b, rect_below(r, used), s, sec);
    return used;
}

/* Sentences in the middle of an empty screen, a blank line between them. */
static void draw_sentences(struct cellbuf *b, struct rect r, const char *const *lines, size_t n) {
    int y = r.y + (r.h > 9 ? r.h / 3 : 0);
    for (size_t i = 0; i < n && y < r.y + r.h; i++, y += 2)
        draw_empty(b, (struct rect){r.x, y, r.w, 1}, lines[i]);
}

void draw_no_reading(struct cellbuf *b, struct rect r, const struct section *sec) {
    const char *const off[] = {
        "not part of this platform: it is not asked, and nothing is wrong",
        sec->summary.s,
        "set it in the .env and start the console again; `goodgo env check` knows every name",
    };
    static const char *const never[] = {
        "it has given no figures since the console was started",
        "{show-command} shows how to ask it by hand",
    };
    if (sec->health == HEALTH_OFF)
        draw_sentences(b, r, off, ARRAY_LEN(off));
    else if (sec->failed)
        draw_sentences(b, r, never, ARRAY_LEN(never));
    else if (sec->tried_mono_ms)
        draw_empty(b, r, "no figures in its answer");
    else
        draw_empty(b, r, "asked just now: the first answer is on its way");
}
