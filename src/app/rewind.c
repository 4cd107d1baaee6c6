/* app/rewind.c - going back in time while the screen is frozen; see rewind_priv.h. */
#include "rewind_priv.h"

#include <stdio.h>

#include "base/str.h"
#include "ui/draw.h"

void rewind_keep(struct rewind *r, const struct snapshot *s) {
    past_keep(&r->past, s);
}

void rewind_end(struct rewind *r) {
    snapshot_unref(r->live);
    r->live = NULL;
    r->back = 0;
}

void rewind_free(struct rewind *r) {
    rewind_end(r);
    past_clear(&r->past);
}

/* What happened between the newest kept moment and the freeze is not lost: step 0 is the freeze. */
static bool show(struct rewind *r, uint32_t back, struct snapshot **shown) {
    struct snapshot *live = r->live ? r->live : *shown;
    struct snapshot *s = back ? past_at(&r->past, back, live) : snapshot_ref(live);
    if (!s)
        return false;
    if (!r->live)
        r->live = snapshot_ref(live);
    snapshot_unref(*shown);
    *shown = s;
    r->back = back;
    return true;
}

static void say(const struct rewind *r, const struct snapshot *shown, char *text, size_t size) {
    char ago[16];
    format_age(r->live->now_wall_ms - shown->now_wall_ms, ago, sizeof ago);
    if (!r->back)
        str_copy(text, size, "the moment of the freeze; {freeze} goes on");
    else
        snprintf(
            text, size,
            "%s before the freeze, step %u of %u; {step-on} and {step-back} step, {freeze} goes on",
            ago, r->back, r->past.n);
}

bool rewind_step(struct rewind *r, int by, struct snapshot **shown, char *text, size_t size) {
    if (by > 0 && !r->back) {
        str_copy(text, size, "this is the moment of the freeze; {freeze} goes on");
        return false;
    }
    if (!show(r, by > 0 ? r->back - 1 : r->back + 1, shown)) {
        str_copy(text, size,
                 r->back ? "nothing older is kept: a quarter of an hour at the most"
                         : "nothing older is kept yet");
        return false;
    }
    say(r, *shown, text, size);
    return true;
}

bool rewind_to(struct rewind *r, const char *when, struct snapshot **shown, char *text,
               size_t size) {
    int64_t wall_ms;
    const struct snapshot *live = r->live ? r->live : *shown;
    if (!past_parse_time(when, live, &wall_ms)) {
        str_copy(text, size, "a time is 14:28, 14:28:30, or 5m and 90s ago");
        return false;
    }
    uint32_t back = past_find(&r->past, wall_ms);
    if (wall_ms < live->now_wall_ms && !back) {
        str_copy(text, size, "nothing so old is kept: a quarter of an hour at the most");
        return false;
    }
    if (!show(r, wall_ms >= live->now_wall_ms ? 0 : back, shown))
        return false;
    say(r, *shown, text, size);
    return true;
}
