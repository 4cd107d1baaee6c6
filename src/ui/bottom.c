/* ui/bottom.c - the last two rows: a prompt, a notice or the latest change; and the keys that are
 * valid now, from the key table. */
#include <stdio.h>
#include <string.h>

#include "frame_priv.h"
#include "ui/draw.h"

#define NEWS_MS 600000 /* a change is news for ten minutes */

/* --- the prompt --- */

/* "12 of 30 rows": what the filter lets through, while it is typed. */
static void count_rows(const struct frame *f, char *buf, size_t size) {
    static uint32_t rows[TABLE_ROWS_MAX];
    const struct view *v = frame_view(f);
    struct arena scratch;
    arena_init(&scratch);
    const struct table *t = v->table ? v->table(f->s, f->ui, &scratch) : NULL;
    if (t)
        snprintf(buf, size, "%s of %s rows",
                 GROUPED(table_view_rows(t, ui_table(f->ui, f->ui->pane), rows, ARRAY_LEN(rows))),
                 GROUPED(t->n_rows));
    arena_done(&scratch);
}

static void count_lines(const struct frame *f, char *buf, size_t size) {
    const struct view *v = frame_view(f);
    struct arena scratch;
    arena_init(&scratch);
    uint32_t n = v->page ? page_count(v->page(f->s, f->ui, &scratch), f->ui->search) : 0;
    str_copy(buf, size, COUNTED(n, "line"));
    arena_done(&scratch);
}

static const char *prompt_sign(enum prompt p) {
    return p == PROMPT_COMMAND || p == PROMPT_ACT ? ":" : p == PROMPT_CONFIRM ? "> " : "/";
}

static void draw_prompt(const struct frame *f, int y) {
    const struct ui_state *ui = f->ui;
    struct rect r = {0, y, f->b->w, 1};
    char count[40] = "";
    size_t len = strlen(ui->input), from = 0;
    size_t cursor = ui->cursor < len ? ui->cursor : len;
    draw_fill(f->b, r, ROLE_INPUT);
    if (ui->prompt == PROMPT_FILTER)
        count_rows(f, count, sizeof count);
    else if (ui->prompt == PROMPT_SEARCH && *ui->search)
        count_lines(f, count, sizeof count);
    if (*count && r.w > 40) {
        draw_right(f->b, r, y, ROLE_DIM, "%s", count);
        r.w -= (int)strlen(count) + 1;
    }
    /* Long input slides left so that the cursor stays on the screen. */
    while (from < cursor && (int)text_cols(ui->input + from, cursor - from) > r.w - 3) {
        uint32_t cols;
        size_t n = text_cluster(ui->input + from, cursor - from, &cols);
        from += n ? n : 1;
    }
    int x = draw_lit(f->b, r, 0, y, prompt_sign(ui->prompt), ROLE_KEY);
    struct text before = {ui->input + from, (uint32_t)(cursor - from), 0};
    struct text after = {ui->input + cursor, (uint32_t)(len - cursor), 0};
    x += draw_text(f->b, r, x, y, before, ROLE_INPUT);
    draw_text(f->b, r, x, y, after, ROLE_INPUT);
    cell_recolour(f->b, (struct rect){x, y, 1, 1}, ROLE_SELECTED);
}

/* --- notice and news --- */

/* "20:11:58 redis ok -> critical: connection refused" */
static void draw_news(const struct frame *f, int y) {
    const struct events *events = f->s->events;
    if (f->ui->news_shown || !events || !events->n ||
        f->s->now_wall_ms - events->list[0].wall_ms > NEWS_MS)
        return;
    struct rect r = {0, y, f->b->w, 1};
    int x = 1 + draw_event(f->b, r, 1, y, &events->list[0], f->s->utc_offset_s);
    char key[24];
    keymap_first(f->keymap, ACT_VIEW_CHANGES, key, sizeof key);
    if (*key && x + 11 + (int)strlen(key) < r.w)
        draw_right(f->b, r, y, ROLE_DIM, "%s changes", key);
}

static bool has_notice(const struct frame *f) {
    return *f->ui->notice && f->now_mono_ms < f->ui->notice_until_mono_ms;
}

/* Where its second line begins: what a job was refused for seldom fits into one. */
static size_t notice_second(const struct frame *f) {
    size_t next, n = strlen(f->ui->notice);
    if ((int)text_cols(f->ui->notice, n) < f->b->w)
        return n;
    text_wrap(f->ui->notice, n, f->b->w > 2 ? f->b->w - 1 : 1, &next);
    return next;
}

static void draw_notice(const struct frame *f, int y, size_t from, size_t to) {
    struct rect r = {0, y, f->b->w, 1};
    draw_fill(f->b, r, ROLE_STATUS);
    draw_fmt(f->b, r, 1, y, f->ui->notice_bad ? ROLE_WARNING : ROLE_STATUS, "%.*s",
             (int)(to - from), f->ui->notice + from);
}

void draw_status(const struct frame *f, int y) {
    if (y < 0)
        return;
    if (f->ui->prompt != PROMPT_NONE) {
        draw_prompt(f, y);
        return;
    }
    bool shared = frame_rows(f->b->w, f->b->h).keys == y;
    if (!has_notice(f)) {
        if (!shared && f->b->h >= 8)
            draw_news(f, y);
        return;
    }
    bool alone = shared || frame_rows(f->b->w, f->b->h).keys < 0;
    draw_notice(f, y, 0, alone ? strlen(f->ui->notice) : notice_second(f));
}

/* --- keys --- */

struct hint {
    enum action action;
    const char *label;
};
static const struct hint hints_table[] = {
    {ACT_OPEN, "open"},       {ACT_ACTS, "acts"},     {ACT_VIEW_RECONCILIATION, "reconcile"},
    {ACT_FILTER, "filter"},   {ACT_HELP, "keys"},     {ACT_NEXT_PANE, "pane"},
    {ACT_COMMAND, "go"},      {ACT_FREEZE, "freeze"}, {ACT_STEP_BACK, "earlier"},
    {ACT_STEP_ON, "later"},   {ACT_SHELL, "command"}, {ACT_COPY, "copy"},
    {ACT_SORT_RIGHT, "sort"}, {ACT_REFRESH, "ask"},   {ACT_DETAILS, "row"},
    {ACT_LOGS, "logs"},       {ACT_MARK, "mark"},     {ACT_BACK, "back"},
};
static const struct hint hints_text[] = {
    {ACT_ACTS, "acts"},  {ACT_FOLLOW, "follow"}, {ACT_WRAP, "wrap"},      {ACT_NEXT_ERROR, "error"},
    {ACT_DOWN, "down"},  {ACT_UP, "up"},         {ACT_PAGE_DOWN, "page"}, {ACT_FILTER, "find"},
    {ACT_COMMAND, "go"}, {ACT_HELP, "keys"},     {ACT_SHELL, "command"},  {ACT_COPY, "copy"},
    {ACT_SAVE, "save"},  {ACT_BACK, "back"},
};
static const struct hint hints_search[] = {
    {ACT_NEXT_MATCH, "next"}, {ACT_PREVIOUS_MATCH, "previous"}, {ACT_FILTER, "another"},
    {ACT_DOWN, "down"},       {ACT_BACK, "end search"},
};
static const struct hint hints_shell[] = {
    {ACT_COPY, "copy"}, {ACT_SHELL, "close"}, {ACT_BACK, "close"}};
static const struct hint hints_row[] = {{ACT_DOWN, "next row"},
                                        {ACT_UP, "previous"},
                                        {ACT_PAGE_DOWN, "more of it"},
                                        {ACT_COPY, "copy"},
                                        {ACT_BACK, "close"}};
/* The way out early: what is cut is cut at the end. Keys that edit a line are the same for all. */
static const char hints_command[] = "Enter run  Esc cancel  Tab complete  Up Down history  "
                                    "Ctrl-U clear";
static const char hints_filter[] = "Enter keep  Esc cancel  !word inverts  Ctrl-U clear";
static const char hints_act[] = "Enter shows its plan  Esc cancel  Ctrl-U clear";
static const char hints_confirm[] = "the word and Enter run it  Esc leave  Up Down scroll";
static const char hints_menu[] = "{up} {down} choose  {back} leave  {open} goes on to its plan";
static const char hints_asked[] = "its plan is being made  {back} leave";
static const char hints_find[] =
    "Enter keep, then {next-match} {previous-match}  Esc cancel  Ctrl-U clear";

static bool on_overview(const struct frame *f) {
    return strcmp(frame_view(f)->id, "overview") == 0;
}

static bool hint_valid(const struct frame *f, const struct hint *h) {
    const struct view *v = frame_view(f);
    switch (h->action) {
    case ACT_NEXT_PANE:
        return v->panes && v->panes(f->s, f->ui) > 1;
    case ACT_ACTS:
        return acts_apply(f->ui, v, f->s) || (on_overview(f) && f->ui->acts.n);
    case ACT_VIEW_RECONCILIATION: /* where money is looked at, the way to the day that was closed */
        return strcmp(v->id, "payments") == 0;
    case ACT_STEP_BACK:
    case ACT_STEP_ON:
        return f->ui->frozen;
    case ACT_HELP:
        return strcmp(v->id, "help") != 0;
    case ACT_REFRESH:
        return !f->ui->frozen;
    case ACT_LOGS:
        return f->s->sections[SERVICE_loki]->health != HEALTH_OFF;
    case ACT_FOLLOW:
    case ACT_WRAP:
    case ACT_NEXT_ERROR:
        return v->grows;
    default:
        return true;
    }
}

static const char *hint_label(const struct frame *f, const struct hint *h) {
    if (h->action == ACT_FREEZE && f->ui->frozen)
        return "go on";
    if (h->action == ACT_FOLLOW && f->ui->follow)
        return "stand still";
    if (h->action == ACT_WRAP && !f->ui->unwrapped)
        return "cut";
    if (h->action == ACT_BACK && on_overview(f) && !f->ui->show_shell && !f->ui->show_row)
        return "quit";
    if (h->action == ACT_OPEN && !frame_view(f)->open)
        return "row";
    return h->label;
}

static bool hint_text(const struct frame *f, const struct hint *h, char *key, size_t size) {
    keymap_first(f->keymap, h->action, key, size);
    if (strcmp(hint_label(f, h), "quit") == 0)
        keymap_quit(f->keymap, key, size);
    return *key && hint_valid(f, h);
}

static int hint_width(const struct frame *f, const struct hint *h) {
    char key[24];
    return hint_text(f, h, key, sizeof key)
               ? (int)(text_cols(key, strlen(key)) + 1 + strlen(hint_label(f, h)))
               : 0;
}

/* As many as fit; the last one, the way out, always. */
static void draw_hints(const struct frame *f, int y, const struct hint *hints, size_t n) {
    struct rect r = {0, y, f->b->w, 1};
    int x = 0, out = hint_width(f, &hints[n - 1]);
    for (size_t i = 0; i < n; i++) {
        char key[24];
        int room = r.w - x - (i + 1 < n ? out + 2 : 0), w = hint_width(f, &hints[i]);
        if (!w || w > room)
            continue;
        hint_text(f, &hints[i], key, sizeof key);
        x += draw_lit(f->b, r, x, y, key, ROLE_KEY) + 1;
        x += draw_lit(f->b, r, x, y, hint_label(f, &hints[i]), ROLE_DIM) + 2;
    }
}

static void draw_prompt_hints(const struct frame *f, int y) {
    static const char *const texts[] = {[PROMPT_COMMAND] = hints_command,
                                        [PROMPT_FILTER] = hints_filter,
                                        [PROMPT_SEARCH] = hints_find,
                                        [PROMPT_ACT] = hints_act,
                                        [PROMPT_CONFIRM] = hints_confirm};
    draw_said(f->b, (struct rect){0, y, f->b->w, 1}, 0, y, texts[f->ui->prompt], ROLE_DIM);
}

void draw_keys(const struct frame *f, int y) {
    if (y < 0)
        return;
    const struct ui_state *ui = f->ui;
    size_t all = strlen(ui->notice), second = has_notice(f) ? notice_second(f) : all;
    if (ui->prompt != PROMPT_NONE && has_notice(f)) /* its own row has the prompt */
        draw_notice(f, y, 0, all);
    else if (second < all)
        draw_notice(f, y, second, all);
    else if (ui->prompt != PROMPT_NONE)
        draw_prompt_hints(f, y);
    else if (ui->acts.step != ACTS_NONE)
        draw_said(f->b, (struct rect){0, y, f->b->w, 1}, 0, y,
                  ui->acts.step == ACTS_MENU ? hints_menu : hints_asked, ROLE_DIM);
    else if (ui->show_shell)
        draw_hints(f, y, hints_shell, ARRAY_LEN(hints_shell));
    else if (ui->show_row)
        draw_hints(f, y, hints_row, ARRAY_LEN(hints_row));
    else if (frame_view(f)->table)
        draw_hints(f, y, hints_table, ARRAY_LEN(hints_table));
    else if (*ui->search)
        draw_hints(f, y, hints_search, ARRAY_LEN(hints_search));
    else
        draw_hints(f, y, hints_text, ARRAY_LEN(hints_text));
}
