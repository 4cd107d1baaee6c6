/* views/help.c - the keys of the screen that was left, then every key from the table of named
 * actions, so that help cannot lie; then the signs. */
#include "base/attr.h"
#include "panels_priv.h"
#include "ui/keys.h"

#define KEYS_COLS 13
#define PAGE_COLS 58 /* two columns of it stand on a screen of 120 */
#define ONE_COLS  78 /* where one has the screen to itself */
#define SAID_SIZE 200

static const struct view *asked_from(const struct ui_state *ui) {
    return ui->n_trail ? views[ui->trail[ui->n_trail - 1] % n_views]
                       : views[ui->last_view % n_views];
}

static void put(struct page *p, const char *keys, const char *what) {
    page_line(p);
    page_piece(p, 1, ROLE_KEY, "%s", keys);
    page_wrapped(p, KEYS_COLS, p->cols - KEYS_COLS, ROLE_TEXT, text_cleanz(p->arena, what));
}

static void put_keys(struct page *p, const struct keymap *m, enum action a, const char *what) {
    char keys[96], said[SAID_SIZE];
    keymap_describe(m, a, keys, sizeof keys);
    keymap_say(m, what, said, sizeof said);
    put(p, keys, said);
}

static const char *pane_names(const struct view *v, struct arena *a) {
    const char *names = NULL;
    for (uint32_t i = 0; v->panel && i < v->panel->n_panes; i++)
        names = names ? arena_printf(a, "%s, %s", names, v->panel->panes[i].title)
                      : v->panel->panes[i].title;
    return names;
}

static const char *column_names(const struct view *v, const struct snapshot *s,
                                const struct ui_state *ui, struct arena *a) {
    const char *names = NULL;
    const struct table *t = v->table(s, ui, a); /* of its first pane: help itself has but one */
    for (uint32_t c = 0; t && c < t->n_columns; c++)
        if (table_sorts_by(t, c))
            names =
                names ? arena_printf(a, "%s, %s", names, t->columns[c].title) : t->columns[c].title;
    return names;
}

static void put_more(struct page *p, const char *words) {
    if (!words || !*words)
        return;
    page_line(p);
    page_wrapped(p, KEYS_COLS, p->cols - KEYS_COLS, ROLE_DIM, text_cleanz(p->arena, words));
}

static void put_screen(struct page *p, const struct snapshot *s, const struct ui_state *ui,
                       const struct keymap *m) {
    const struct view *v = asked_from(ui);
    char said[SAID_SIZE];
    page_heading(p, arena_printf(p->arena, "ON %s", v->title));
    keymap_say(m, v->about ? v->about : "", said, sizeof said);
    put_more(p, said);
    if (v->open)
        put_keys(p, m, ACT_OPEN, "open what the row stands for");
    if (v->panes && v->panes(s, ui) > 1) {
        const char *names = pane_names(v, p->arena);
        put_keys(p, m, ACT_NEXT_PANE,
                 names ? "the next table of this screen:" : "the next table of this screen");
        put_more(p, names);
    }
    if (v->table) {
        put_keys(p, m, ACT_DETAILS, "the row in full");
        put_keys(p, m, ACT_FILTER, "show only rows with a word");
        put_keys(p, m, ACT_SORT_RIGHT, "sort by the next column, or :sort and its name:");
        put_more(p, column_names(v, s, ui, p->arena));
    }
    if (v->page)
        put_keys(p, m, ACT_FILTER, "search in the text");
    if (v->grows) {
        put_keys(p, m, ACT_FOLLOW, "stay at its end as it grows, or not");
        put_keys(p, m, ACT_WRAP, "wrap long lines, or cut them");
        put_keys(p, m, ACT_NEXT_ERROR, "the next line with a problem");
    }
    put_keys(p, m, ACT_SHELL, "the same as a shell command");
    if (acts_of_view(ui, v->id, 0))
        put_keys(p, m, ACT_ACTS, "what may be done from here");
}

static void put_group(struct page *p, const struct keymap *m, enum action_group group,
                      const char *title) {
    page_heading(p, title);
    for (uint32_t a = 0; a < ACTION_COUNT; a++) {
        if (action_table[a].group == group)
            put_keys(p, m, (enum action)a, action_table[a].help);
    }
}

static void put_signs(struct page *p) {
    static const struct {
        enum health health;
        const char *meaning;
    } signs[] = {
        {HEALTH_OK, "answered in time and nothing stands out"},
        {HEALTH_WARNING, "warning: degraded, or something wants a look"},
        {HEALTH_CRITICAL, "critical: down, refused, or at a hard limit"},
        {HEALTH_UNKNOWN, "unknown: no answer yet, or too old to believe"},
        {HEALTH_OFF, "off: this platform does not have the service"},
    };
    page_heading(p, "SIGNS");
    for (size_t i = 0; i < ARRAY_LEN(signs); i++) {
        page_line(p);
        page_piece(
            p, 1, signs[i].health == HEALTH_CRITICAL ? ROLE_ALARM : role_of_health(signs[i].health),
            "%s", health_sign(signs[i].health));
        page_piece(p, KEYS_COLS, ROLE_TEXT, "%s", signs[i].meaning);
    }
    put(p, "! ~ ?", "on a tab: critical, warning, unknown");
}

static const struct page *help_page(const struct snapshot *s, const struct ui_state *ui,
                                    struct arena *scratch) {
    static const char *const titles[GROUP_COUNT] = {[GROUP_MOVE] = "MOVE",
                                                    [GROUP_SCREENS] = "SCREENS",
                                                    [GROUP_TABLES] = "TABLES AND TEXTS",
                                                    [GROUP_CONSOLE] = "CONSOLE"};
    struct keymap *defaults = arena_alloc(scratch, sizeof *defaults);
    const struct keymap *m = ui->keymap;
    if (!m) {
        keymap_init(defaults);
        m = defaults;
    }
    struct page *p = arena_alloc(scratch, sizeof *p);
    page_init(p, scratch, page_cols(ui, ui->body_cols < 2 * PAGE_COLS ? ONE_COLS : PAGE_COLS));
    char said[SAID_SIZE];
    keymap_say(m, "No single key changes the platform; {back} goes back, {filter} finds", said,
               sizeof said);
    page_line(p);
    page_wrapped(p, 0, p->cols, ROLE_DIM, text_cleanz(scratch, said));
    put_screen(p, s, ui, m);
    for (int g = 0; g < GROUP_COUNT; g++)
        put_group(p, m, (enum action_group)g, titles[g]);
    put_signs(p);
    return p;
}

static void help_draw(struct cellbuf *b, struct rect r, const struct snapshot *s,
                      struct ui_state *ui) {
    struct arena scratch;
    arena_init(&scratch);
    draw_page(b, r, help_page(s, ui, &scratch), ui);
    arena_done(&scratch);
}

extern const struct view view_help;
const struct view view_help = {
    .id = "help",
    .title = "Help",
    .about = "all keys, the signs and what they mean",
    .draw = help_draw,
    .page = help_page,
    .command = "goodgo keys",
};
