/* ui/top.c - row one: which platform, how it may be touched, what time it is, how many services are
 * ill; row two: the screens, the ill ones marked. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
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

/* A window that is open is told in the past too: what acts, acts now. */
static void parts_mode(const struct frame *f, struct part *armed, struct part *frozen) {
    char text[48], age[24];
    if (!f->ui->frozen || acts_armed(f->ui, f->now_mono_ms))
        part_armed(f, armed);
    if (!f->ui->frozen)
        return;
    format_age(f->now_mono_ms - f->s->now_mono_ms, age, sizeof age);
    snprintf(text, sizeof text, "** FROZEN -%s **", age);
    part_set(frozen, 2, ROLE_MATCH, text);
    frozen->gap = 1;
}

static void part_clock(const struct frame *f, struct part *p) {
    char text[48], time[CLOCK_DAY_SIZE], minutes[8] = "";
    int offset = f->s->utc_offset_s;
    int away = (offset < 0 ? -offset : offset) / 60 % 6000;
    if (away % 60)
        snprintf(minutes, sizeof minutes, ":%02d", away % 60);
    clock_day_time(f->s->now_wall_ms / 1000, offset, time);
    snprintf(text, sizeof text, "%s%c%02d%s", time, offset < 0 ? '-' : '+', away / 60, minutes);
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
    struct part parts[10] = {0};
    part_context(f, &parts[0]);
    parts_mode(f, &parts[1], &parts[2]);
    part_clock(f, &parts[3]);
    part_link(f, &parts[4]);
    part_poll(f, &parts[5]);
    parts_counts(f, &parts[6]);
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
    const char *label, *brief; /* brief: of three letters at the most, and cut from there on */
} tabs[] = {
    {ACT_VIEW_1, "Over", "Ovr"},  {ACT_VIEW_2, "Alerts", "Alr"}, {ACT_VIEW_3, "Pg", "Pg"},
    {ACT_VIEW_4, "Pool", "Pgb"},  {ACT_VIEW_5, "Redis", "Red"},  {ACT_VIEW_6, "Search", "Src"},
    {ACT_VIEW_7, "Pay", "Pay"},   {ACT_VIEW_8, "Backup", "Bak"}, {ACT_VIEW_9, "Prom", "Prm"},
    {ACT_VIEW_0, "About", "Abt"},
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

#define LABEL_COLS 24 /* or more: not cut */

/* A numbered tab as it is drawn. */
struct cut_tab {
    const struct view *view;
    char key[24], label[LABEL_COLS];
};

/* How the labels are cut, from the widest to the narrowest. */
static const struct cut {
    size_t others, shown; /* columns of a label */
} cuts[] = {{LABEL_COLS, LABEL_COLS}, {3, LABEL_COLS}, {3, 3}, {0, LABEL_COLS}};

static bool cut_tab(const struct frame *f, const struct tab *tab, const struct cut *cut,
                    struct cut_tab *ret) {
    ret->view = view_find(action_table[tab->action].name, NULL);
    if (!ret->view)
        return false;
    keymap_first(f->keymap, tab->action, ret->key, sizeof ret->key);
    size_t cols = frame_view(f) == ret->view ? cut->shown : cut->others;
    bool whole = cols >= LABEL_COLS;
    str_copy(ret->label, whole ? LABEL_COLS : cols + 1, whole ? tab->label : tab->brief);
    return true;
}

static int tabs_width(const struct frame *f, const struct cut *cut) {
    struct cut_tab t;
    int w = 0;
    for (size_t i = 0; i < ARRAY_LEN(tabs); i++)
        if (cut_tab(f, &tabs[i], cut, &t))
            w += (int)(strlen(t.key) + strlen(t.label)) + 2;
    return w - 1;
}

/* The longest labels with which the name of the screen that is shown fits too: a newcomer looks for
 * it here. */
static const struct cut *find_cut(const struct frame *f) {
    size_t i = 0;
    int name = tab_of(frame_view(f)) ? 0 : (int)strlen(frame_view(f)->title) + 2;
    while (i + 1 < ARRAY_LEN(cuts) && tabs_width(f, &cuts[i]) + name > f->b->w)
        i++;
    return &cuts[i];
}

static bool all_fit(const struct frame *f) {
    int w = tabs_width(f, &cuts[0]);
    for (uint32_t i = 0; i < n_views; i++)
        if (!tab_of(views[i]))
            w += (int)strlen(views[i]->id) + 2;
    return w <= f->b->w;
}

/* Every screen where there is room, else the numbered ones and the current one. */
void draw_tabs(const struct frame *f, int y) {
    struct rect r = {0, y, f->b->w, 1};
    struct cut_tab t;
    bool wide = all_fit(f);
    const struct cut *cut = wide ? &cuts[0] : find_cut(f);
    int x = 0;
    for (size_t i = 0; i < ARRAY_LEN(tabs); i++)
        if (cut_tab(f, &tabs[i], cut, &t))
            x += draw_tab(f, r, x, t.key, t.label, t.view) + 1;
    for (uint32_t i = 0; i < n_views; i++)
        if (!tab_of(views[i]) && (wide || views[i] == frame_view(f)))
            x += draw_tab(f, r, x, "", wide ? views[i]->id : views[i]->title, views[i]) + 1;
}
