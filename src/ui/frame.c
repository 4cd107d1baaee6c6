/* ui/frame.c - the frame around every view: context row, screens, rule, body, notice or prompt,
 * keys, and the command panel. On small terminals the screens' line goes first, then the rule, then
 * the keys; the context stays to the last column. */
#include "ui/view.h"

#include <stdio.h>
#include <string.h>

#include "frame_priv.h"
#include "ui/draw.h"
#include "ui/keys.h"

struct frame {
    struct cellbuf *b;
    const struct snapshot *s;
    struct ui_state *ui;
    const struct keymap *keymap;
    int64_t now_mono_ms;
};

struct frame_rows frame_rows(int w, int h) {
    struct frame_rows f = {.tabs = -1, .rule = -1, .status = h > 1 ? h - 1 : -1, .keys = -1};
    bool small = h < 12 || w < 60;
    int top = 1;
    if (!small)
        f.tabs = top++;
    if (!small || h >= 10)
        f.rule = top++;
    int bottom = h;
    if (h >= 8)
        f.keys = --bottom;
    if (!small)
        f.status = --bottom;
    f.body = (struct rect){0, top < h ? top : h, w, bottom > top ? bottom - top : 0};
    return f;
}

struct part {
    char text[64];
    enum role role;
    int rank; /* the highest goes first when the row is too narrow */
};

static void part_set(struct part *p, int rank, enum role role, const char *text) {
    str_copy(p->text, sizeof p->text, text);
    p->rank = *text ? rank : 0;
    p->role = role;
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
}

static void part_mode(const struct frame *f, struct part *p) {
    char text[48], age[24];
    if (!f->ui->frozen) {
        part_set(p, 6, ROLE_TEXT, f->ui->read_only ? "READ-ONLY" : "");
        return;
    }
    format_age(f->now_mono_ms - f->s->now_mono_ms, age, sizeof age);
    snprintf(text, sizeof text, "** FROZEN -%s **", age);
    part_set(p, 2, ROLE_WARNING, text);
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
    if (f->ui->link_rtt_ms >= 0 && f->ui->link_rtt_ms < 1e6)
        snprintf(text, sizeof text, "link %.0fms", f->ui->link_rtt_ms);
    part_set(p, 7, ROLE_DIM, text);
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
    part_set(p, 8, ROLE_DIM, f->ui->frozen ? "" : text);
}

static void part_count(struct part *p, const char *word, uint32_t n, enum role bad) {
    char text[48];
    snprintf(text, sizeof text, "%s %u", word, n);
    part_set(p, 3, n ? bad : ROLE_DIM, text);
}

/* Two blanks between parts, one inside the counts. */
static int part_gap(size_t i) {
    return i == 1 || i == 6 ? 1 : i ? 2 : 0;
}

static int parts_width(const struct part *parts, size_t n) {
    int w = 0;
    for (size_t i = 0; i < n; i++)
        if (parts[i].rank)
            w += part_gap(i) + (int)text_cols(parts[i].text, strlen(parts[i].text));
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

static void draw_context_row(const struct frame *f) {
    struct part parts[7];
    uint32_t counts[HEALTH_COUNT];
    snapshot_count(f->s, counts);
    part_context(f, &parts[0]);
    part_mode(f, &parts[1]);
    part_clock(f, &parts[2]);
    part_link(f, &parts[3]);
    part_poll(f, &parts[4]);
    part_count(&parts[5], "CRIT", counts[HEALTH_CRITICAL], ROLE_CRITICAL);
    part_count(&parts[6], "WARN", counts[HEALTH_WARNING], ROLE_WARNING);
    parts_fit(parts, ARRAY_LEN(parts), f->b->w);
    struct rect r = {0, 0, f->b->w, 1};
    int x = 0;
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        if (!parts[i].rank)
            continue;
        x += x ? part_gap(i) : 0;
        x += draw_lit(f->b, r, x, 0, parts[i].text, parts[i].role);
    }
}

static const struct tab {
    enum action action;
    const char *label;
} tabs[] = {
    {ACT_VIEW_1, "Over"},  {ACT_VIEW_2, "Alerts"}, {ACT_VIEW_3, "Pg"},    {ACT_VIEW_4, "Pool"},
    {ACT_VIEW_5, "Redis"}, {ACT_VIEW_6, "Search"}, {ACT_VIEW_7, "Store"}, {ACT_VIEW_8, "Backup"},
    {ACT_VIEW_9, "Prom"},  {ACT_VIEW_0, "About"},
};

static bool tab_is(const struct tab *t, const struct view *v) {
    return strcmp(action_table[t->action].name, v->id) == 0;
}

static void first_key(const struct frame *f, enum action a, char *buf, size_t size) {
    char all[96];
    keymap_describe(f->keymap, a, all, sizeof all);
    size_t n = strcspn(all, " ");
    str_copy(buf, n + 1 < size ? n + 1 : size, all);
    if (!n)
        *buf = 0;
}

/* A screen without a number of its own says where it hangs. */
static void draw_breadcrumb(const struct frame *f, int y, const struct view *v) {
    struct rect r = {0, y, f->b->w, 1};
    int x = draw_lit(f->b, r, 0, y, "Overview > ", ROLE_DIM);
    x += draw_lit(f->b, r, x, y, v->title, ROLE_TITLE);
    char back[24], next[24], previous[24];
    first_key(f, ACT_BACK, back, sizeof back);
    first_key(f, ACT_NEXT_VIEW, next, sizeof next);
    first_key(f, ACT_PREVIOUS_VIEW, previous, sizeof previous);
    if (x + 44 < f->b->w)
        draw_right(f->b, r, y, ROLE_DIM, "%s %s other screens   %s back", previous, next, back);
}

static void draw_tabs(const struct frame *f, int y) {
    struct rect r = {0, y, f->b->w, 1};
    const struct view *v = views[f->ui->view % n_views];
    bool numbered = false;
    for (size_t i = 0; i < ARRAY_LEN(tabs); i++)
        numbered |= tab_is(&tabs[i], v);
    if (!numbered) {
        draw_breadcrumb(f, y, v);
        return;
    }
    /* Below 78 columns only the current screen keeps its whole name. */
    int x = 0;
    bool narrow = f->b->w < 78;
    for (size_t i = 0; i < ARRAY_LEN(tabs); i++) {
        char key[24], label[24];
        bool here = tab_is(&tabs[i], v);
        first_key(f, tabs[i].action, key, sizeof key);
        str_copy(label, narrow && !here ? 4 : sizeof label, tabs[i].label);
        int start = x;
        x += draw_lit(f->b, r, x, y, key, here ? ROLE_TITLE : ROLE_KEY);
        x += draw_fmt(f->b, r, x, y, here ? ROLE_TITLE : ROLE_DIM, " %s", label);
        if (here)
            cell_select(f->b, (struct rect){start, y, x - start, 1});
        x++;
    }
}

static void draw_prompt(const struct frame *f, int y) {
    const struct ui_state *ui = f->ui;
    struct rect r = {0, y, f->b->w, 1};
    size_t len = strlen(ui->input), from = 0;
    size_t cursor = ui->cursor < len ? ui->cursor : len;
    draw_fill(f->b, r, ROLE_INPUT);
    /* Long input slides left so that the cursor stays on the screen. */
    while (from < cursor && (int)text_cols(ui->input + from, cursor - from) > f->b->w - 3) {
        uint32_t cols;
        size_t n = text_cluster(ui->input + from, cursor - from, &cols);
        from += n ? n : 1;
    }
    int x = draw_lit(f->b, r, 0, y, ui->prompt == PROMPT_COMMAND ? ":" : "/", ROLE_KEY);
    struct text before = {ui->input + from, (uint32_t)(cursor - from), 0};
    struct text after = {ui->input + cursor, (uint32_t)(len - cursor), 0};
    x += draw_text(f->b, r, x, y, before, ROLE_INPUT);
    draw_text(f->b, r, x, y, after, ROLE_INPUT);
    cell_select(f->b, (struct rect){x, y, 1, 1});
}

/* The prompt, else the notice, else nothing; over the keys where they share a row. */
static void draw_status(const struct frame *f, int y) {
    if (y < 0)
        return;
    if (f->ui->prompt != PROMPT_NONE) {
        draw_prompt(f, y);
        return;
    }
    if (!*f->ui->notice || f->now_mono_ms >= f->ui->notice_until_mono_ms)
        return;
    struct rect r = {0, y, f->b->w, 1};
    draw_fill(f->b, r, ROLE_STATUS);
    draw_fmt(f->b, r, 1, y, f->ui->notice_bad ? ROLE_WARNING : ROLE_STATUS, "%s", f->ui->notice);
}

struct hint {
    enum action action;
    const char *label;
};
static const struct hint hints_table[] = {
    {ACT_OPEN, "open"},     {ACT_FILTER, "filter"}, {ACT_SORT_RIGHT, "sort"}, {ACT_HELP, "keys"},
    {ACT_COMMAND, "go"},    {ACT_FREEZE, "freeze"}, {ACT_REFRESH, "refresh"}, {ACT_COPY, "copy"},
    {ACT_SHELL, "command"}, {ACT_BACK, "back"},
};
static const struct hint hints_text[] = {
    {ACT_DOWN, "down"},  {ACT_UP, "up"},     {ACT_PAGE_DOWN, "page"}, {ACT_HELP, "keys"},
    {ACT_COMMAND, "go"}, {ACT_SAVE, "save"}, {ACT_BACK, "back"},
};
static const struct hint hints_panel[] = {
    {ACT_BACK, "close"}, {ACT_SHELL, "close"}, {ACT_COPY, "copy"}};
static const char hints_command[] = "Enter run  Tab complete  Up Down history  Ctrl-U clear  "
                                    "Esc cancel";
static const char hints_filter[] = "Enter keep  !word inverts  Ctrl-U clear  Esc cancel";

static bool hint_valid(const struct frame *f, const struct hint *h) {
    if (h->action == ACT_OPEN)
        return views[f->ui->view % n_views]->open != NULL;
    return true;
}

static const char *hint_label(const struct frame *f, const struct hint *h) {
    if (h->action == ACT_FREEZE && f->ui->frozen)
        return "go on";
    return h->label;
}

static void draw_hints(const struct frame *f, int y, const struct hint *hints, size_t n) {
    struct rect r = {0, y, f->b->w, 1};
    const struct view *v = views[f->ui->view % n_views];
    for (size_t i = 0, x = 0; i < n; i++) {
        char key[24];
        first_key(f, hints[i].action, key, sizeof key);
        const char *label = hint_label(f, &hints[i]);
        if (hints[i].action == ACT_BACK && strcmp(v->id, "overview") == 0 && !f->ui->show_shell) {
            str_copy(key, sizeof key, "q");
            label = "quit";
        }
        if (!*key || !hint_valid(f, &hints[i]))
            continue;
        size_t need = text_cols(key, strlen(key)) + 1 + strlen(label);
        if (x + need > (size_t)f->b->w)
            continue;
        x += (size_t)draw_lit(f->b, r, (int)x, y, key, ROLE_KEY) + 1;
        x += (size_t)draw_lit(f->b, r, (int)x, y, label, ROLE_DIM) + 2;
    }
}

static void draw_keys(const struct frame *f, int y) {
    if (y < 0)
        return;
    struct rect r = {0, y, f->b->w, 1};
    const struct view *v = views[f->ui->view % n_views];
    if (f->ui->prompt != PROMPT_NONE)
        draw_lit(f->b, r, 0, y, f->ui->prompt == PROMPT_COMMAND ? hints_command : hints_filter,
                 ROLE_DIM);
    else if (f->ui->show_shell)
        draw_hints(f, y, hints_panel, ARRAY_LEN(hints_panel));
    else if (v->table)
        draw_hints(f, y, hints_table, ARRAY_LEN(hints_table));
    else
        draw_hints(f, y, hints_text, ARRAY_LEN(hints_text));
}

static void draw_shell_panel(const struct frame *f, struct rect body) {
    struct rect box = {body.x, body.y, body.w, 0};
    uint32_t len = (uint32_t)strlen(f->ui->shell);
    int lines = (int)len / (body.w > 6 ? body.w - 4 : 2) + 2;
    box.h = lines + 4 < body.h ? lines + 4 : body.h;
    draw_box(f->b, box, "the same by hand (secrets masked)");
    struct rect in = {box.x + 2, box.y + 1, box.w - 4, box.h - 3};
    struct text t = {f->ui->shell, len, text_cols(f->ui->shell, len)};
    if (in.w > 0 && in.h > 0)
        draw_wrapped(f->b, in, t, ROLE_POPUP);
    char copy[24], back[24];
    first_key(f, ACT_COPY, copy, sizeof copy);
    first_key(f, ACT_BACK, back, sizeof back);
    struct rect inner = {box.x + 1, box.y, box.w - 2, box.h};
    if (box.h > 2)
        draw_fmt(f->b, inner, box.x + 2, box.y + box.h - 2, ROLE_DIM,
                 "%s copies it, %s leaves; nothing was run", copy, back);
}

void frame_draw(struct cellbuf *b, const struct snapshot *s, struct ui_state *ui) {
    static struct keymap defaults; /* made once: the same at each call */
    if (!defaults.n)
        keymap_init(&defaults);
    struct frame f = {b, s, ui, ui->keymap ? ui->keymap : &defaults,
                      ui->now_mono_ms ? ui->now_mono_ms : s->now_mono_ms};
    struct frame_rows rows = frame_rows(b->w, b->h);
    cellbuf_clear(b);
    for (uint32_t p = 0; p < UI_MAX_PANES; p++)
        ui_table(ui, p)->rows_h = 0;
    if (rows.body.h > 0)
        views[ui->view % n_views]->draw(b, rows.body, s, ui);
    if (ui->show_shell && rows.body.h > 0)
        draw_shell_panel(&f, rows.body);
    struct rect top = {0, 0, b->w, rows.body.y};
    draw_fill(b, top, ROLE_TEXT);
    draw_context_row(&f);
    if (rows.tabs >= 0)
        draw_tabs(&f, rows.tabs);
    if (rows.rule >= 0)
        draw_rule(b, (struct rect){0, 0, b->w, b->h}, rows.rule, NULL);
    draw_keys(&f, rows.keys);
    draw_status(&f, rows.status);
}
