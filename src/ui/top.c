/* ui/top.c - row one: which platform, how it may be touched, what time it is, how many services are
 * ill; row two: the screens, the ill ones marked. */
#include <stdio.h>
#include <string.h>

#include "frame_priv.h"
#include "ui/draw.h"

struct part {
    char text[64];
    enum role role;
    int rank; /* the highest goes first when the row is too narrow; 0 = not there */
    int gap;  /* blanks before it */
};

static void part_set(struct part *p, int rank, enum role role, const char *text) {
    str_copy(p->text, sizeof p->text, text);
    p->rank = *text ? rank : 0;
    p->role = role;
    p->gap = 2;
}

static void part_context(const struct frame *f, struct part *p) {
    char upper[sizeof f->s->context], text[48];
    size_t i = 0;
    for (; f->s->context[i] && i + 1 < sizeof upper; i++) {
        char c = f->s->context[i];
        upper[i] = c >= 'a' && c <= 'z' ? (char)(c - 32) : c;
    }
    upper[i] = 0;
    snprintf(text, sizeof text, "[%s]", upper);
    part_set(p, 1, f->s->production ? ROLE_CONTEXT_PROD : ROLE_CONTEXT, text);
    p->gap = 0;
}

/* A window that is open counts down where READ-ONLY stood. */
static void part_armed(const struct frame *f, struct part *p) {
    char text[48];
    int64_t left_s = (f->ui->acts.armed_until_mono_ms - f->now_mono_ms + 999) / 1000;
    if (acts_armed(f->ui, f->now_mono_ms)) {
        snprintf(text, sizeof text, " ARMED %02d:%02d ", (int)(left_s / 60), (int)(left_s % 60));
        part_set(p, 2, ROLE_ALARM, text);
    } else {
        part_set(p, 7, ROLE_TEXT, "READ-ONLY");
    }
    p->gap = 1;
}

static void part_mode(const struct frame *f, struct part *p) {
    char text[48], age[24];
    if (!f->ui->frozen) {
        part_armed(f, p);
        return;
    }
    format_age(f->now_mono_ms - f->s->now_mono_ms, age, sizeof age);
    snprintf(text, sizeof text, "** FROZEN -%s **", age);
    part_set(p, 2, ROLE_MATCH, text);
    p->gap = 1;
}

static void part_clock(const struct frame *f, struct part *p) {
    char text[48], minutes[8] = "";
    int offset = f->s->utc_offset_s;
    int64_t local = f->s->now_wall_ms / 1000 + offset;
    int day = (int)(((local % 86400) + 86400) % 86400);
    int away = (offset < 0 ? -offset : offset) / 60 % 6000;
    if (away % 60)
        snprintf(minutes, sizeof minutes, ":%02d", away % 60);
    snprintf(text, sizeof text, "%02d:%02d:%02d%c%02d%s", day / 3600, day / 60 % 60, day % 60,
             offset < 0 ? '-' : '+', away / 60, minutes);
    part_set(p, 4, ROLE_TEXT, text);
}

static void part_link(const struct frame *f, struct part *p) {
    char text[48] = "";
    double ms = f->ui->link_rtt_ms;
    if (ms >= 0 && ms < 1e6)
        snprintf(text, sizeof text, "link %.0fms", ms);
    part_set(p, 8, ms >= 500 ? ROLE_WARNING : ROLE_DIM, text);
}

/* The shortest interval in use: what "live" means on this screen. */
static void part_poll(const struct frame *f, struct part *p) {
    char text[48] = "";
    uint32_t least = 0;
    for (int i = 0; i < SERVICE_COUNT; i++) {
        const struct section *sec = f->s->sections[i];
        if (sec->health != HEALTH_OFF && sec->interval_ms && (!least || sec->interval_ms < least))
            least = sec->interval_ms;
    }
    if (least)
        snprintf(text, sizeof text, "poll %us", least < 1000 ? 1 : least / 1000);
    part_set(p, 9, ROLE_DIM, f->ui->frozen ? "" : text);
}

static void part_count(struct part *p, int rank, const char *word, uint32_t n, enum role role) {
    char text[48];
    snprintf(text, sizeof text, "%s %u", word, n);
    part_set(p, rank, n ? role : ROLE_DIM, text);
    p->gap = 1;
}

/* A calm platform says so in one word; an ill one counts by how bad it is. */
static void parts_counts(const struct frame *f, struct part *p) {
    uint32_t counts[HEALTH_COUNT];
    snapshot_count(f->s, counts);
    part_count(&p[0], 3, "CRIT", counts[HEALTH_CRITICAL], ROLE_ALARM);
    part_count(&p[1], 3, "WARN", counts[HEALTH_WARNING], ROLE_WARNING);
    part_count(&p[2], 5, "??", counts[HEALTH_UNKNOWN], ROLE_UNKNOWN);
    part_count(&p[3], 6, "ok", counts[HEALTH_OK], ROLE_OK);
    p[0].gap = 2;
    if (!counts[HEALTH_UNKNOWN])
        p[2].rank = 0;
}

static int parts_width(const struct part *parts, size_t n) {
    int w = 0;
    for (size_t i = 0; i < n; i++)
        if (parts[i].rank)
            w += parts[i].gap + (int)text_cols(parts[i].text, strlen(parts[i].text));
    return w;
}

static void parts_fit(struct part *parts, size_t n, int w) {
    while (parts_width(parts, n) > w) {
        size_t last = 0;
        for (size_t i = 1; i < n; i++)
            if (parts[i].rank > parts[last].rank)
                last = i;
        if (last == 0)
            return;
        parts[last].rank = 0;
    }
}

void draw_context_row(const struct frame *f) {
    struct part parts[9] = {0};
    part_context(f, &parts[0]);
    part_mode(f, &parts[1]);
    part_clock(f, &parts[2]);
    part_link(f, &parts[3]);
    part_poll(f, &parts[4]);
    parts_counts(f, &parts[5]);
    parts_fit(parts, ARRAY_LEN(parts), f->b->w);
    struct rect r = {0, 0, f->b->w, 1};
    int x = 0;
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        if (!parts[i].rank)
            continue;
        x += parts[i].gap;
        x += draw_lit(f->b, r, x, 0, parts[i].text, parts[i].role);
    }
}

/* --- the screens --- */

static const struct tab {
    enum action action;
    const char *label;
} tabs[] = {
    {ACT_VIEW_1, "Over"},  {ACT_VIEW_2, "Alerts"}, {ACT_VIEW_3, "Pg"},  {ACT_VIEW_4, "Pool"},
    {ACT_VIEW_5, "Redis"}, {ACT_VIEW_6, "Search"}, {ACT_VIEW_7, "Pay"}, {ACT_VIEW_8, "Backup"},
    {ACT_VIEW_9, "Prom"},  {ACT_VIEW_0, "About"},
};

static const struct tab *tab_of(const struct view *v) {
    for (size_t i = 0; i < ARRAY_LEN(tabs); i++)
        if (strcmp(action_table[tabs[i].action].name, v->id) == 0)
            return &tabs[i];
    return NULL;
}

static enum health view_mark(const struct frame *f, const struct view *v) {
    if (v->mark)
        return v->mark(f->s);
    return v->has_service ? section_shown_health(f->s->sections[v->service], f->s->now_mono_ms)
                          : HEALTH_OFF;
}

/* The sign stands where a blank would: marking a tab moves nothing. */
static int draw_tab(const struct frame *f, struct rect r, int x, const char *key, const char *label,
                    const struct view *v) {
    static const char signs[HEALTH_COUNT][2] = {" ", " ", "?", "~", "!"};
    bool here = frame_view(f) == v;
    enum health mark = view_mark(f, v);
    bool ill = mark >= HEALTH_UNKNOWN;
    int start = x;
    x += draw_lit(f->b, r, x, r.y, key, ROLE_KEY);
    x += draw_lit(f->b, r, x, r.y, signs[mark], role_of_health(mark));
    x += draw_lit(f->b, r, x, r.y, label, ill ? role_of_health(mark) : ROLE_DIM);
    if (here)
        cell_recolour(f->b, (struct rect){start, r.y, x - start, 1}, ROLE_SELECTED);
    return x - start;
}

static int numbered_tabs(const struct frame *f, struct rect r, int short_cols) {
    int x = 0;
    for (size_t i = 0; i < ARRAY_LEN(tabs); i++) {
        char key[24], label[24];
        const struct view *v = view_find(action_table[tabs[i].action].name, NULL);
        if (!v)
            continue;
        first_key(f, tabs[i].action, key, sizeof key);
        bool cut = short_cols && frame_view(f) != v;
        str_copy(label, cut ? (size_t)short_cols + 1 : sizeof label, tabs[i].label);
        x += draw_tab(f, r, x, key, label, v) + 1;
    }
    return x;
}

/* Every screen where there is room, else the numbered ones and the current one. */
void draw_tabs(const struct frame *f, int y) {
    struct rect r = {0, y, f->b->w, 1};
    bool wide = f->b->w >= 140, other = !tab_of(frame_view(f));
    int x = numbered_tabs(f, r, f->b->w < 78 || (other && f->b->w < 100) ? 3 : 0);
    for (uint32_t i = 0; i < n_views; i++)
        if (!tab_of(views[i]) && (wide || views[i] == frame_view(f)))
            x += draw_tab(f, r, x, "", wide ? views[i]->id : views[i]->title, views[i]) + 1;
}
