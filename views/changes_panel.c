/* views/changes_panel.c - the newest changes in a few lines; views/changes.c shows them all. */
#include "panels_priv.h"

static bool wanted(const struct event *e, const struct section *own) {
    return !own || e->service == own->service;
}

int draw_changes(struct cellbuf *b, struct rect r, const struct snapshot *s,
                 const struct section *own) {
    int used = 0;
    for (uint32_t i = 0; s->events && i < s->events->n && used < r.h; i++)
        if (wanted(&s->events->list[i], own))
            draw_event(b, r, r.x, r.y + used++, &s->events->list[i], s->utc_offset_s);
    if (!used && r.h > 0) {
        int64_t up_ms = s->now_wall_ms - s->self.started_wall_ms;
        char age[16];
        format_age(s->self.started_wall_ms ? up_ms - up_ms % 60000 : 0, age, sizeof age);
        draw_fmt(b, r, r.x, r.y, ROLE_DIM, up_ms < 60000 ? "none so far" : "none in the last %s",
                 age);
        used = 1;
    }
    return used;
}

int changes_lines(const struct snapshot *s, const struct section *own) {
    int n = 0;
    for (uint32_t i = 0; s->events && i < s->events->n; i++)
        n += wanted(&s->events->list[i], own);
    return n ? n : 1;
}
