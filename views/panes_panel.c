/* views/panes_panel.c - the tables of a screen. Where there is height all of them stand one above
 * the other (narrow ones side by side), the focused one with the most rows, an empty one as one
 * line; where there is not, one table and the others' names. */
#include "panels_priv.h"

#include <string.h>

#define PANE_GAP   2
#define ROWS_LEAST 2     /* of a table that is not focused */
#define INDENT_MAX 6     /* of a tree: how much deeper it goes BLOCKED BY tells */
#define STACK_ROWS 18    /* below that one table, unless all of them fit */
#define BEHIND_MS  10000 /* so much older than the head says: the table has an age of its own */
#define AGO_COLS   9

/* --- trees --- */

static int64_t depth_of(const struct table *t, uint32_t row, int column) {
    double d = 0;
    return row < t->n_rows && value_number(t->rows[row].cells[column], &d) ? int_of(d) : 0;
}

/* Is a brother below, before the tree goes back up? */
static bool has_brother(const struct table *t, uint32_t row, int column) {
    int64_t depth = depth_of(t, row, column);
    for (uint32_t i = row + 1; i < t->n_rows && depth_of(t, i, column) >= depth; i++)
        if (depth_of(t, i, column) == depth)
            return true;
    return false;
}

static struct text branch(struct arena *a, const struct table *t, uint32_t row, int column) {
    int64_t depth = depth_of(t, row, column);
    const char *text = t->rows[row].cells[0].kind == VALUE_TEXT ? t->rows[row].cells[0].t.s : "";
    if (depth < 1)
        return text_cleanz(a, text);
    int indent = depth > INDENT_MAX ? INDENT_MAX : (int)depth - 1;
    return text_printf(a, "%*s%s%s", indent, "",
                       has_brother(t, row, column) ? "\xe2\x94\x9c" : "\xe2\x94\x94", text);
}

/* A copy whose first column shows the tree: the root first, whom it blocks below it. */
static const struct table *as_tree(const struct table *t, const char *depth, struct arena *a) {
    int column = table_column(t, depth);
    if (column < 0 || !t->n_columns)
        return t;
    struct table *tree = arena_alloc(a, sizeof *tree);
    struct column *columns = arena_alloc(a, t->n_columns * sizeof *columns);
    memcpy(columns, t->columns, t->n_columns * sizeof *columns);
    columns[0].min_cols = 0; /* is never shrunk: half a process id is another one */
    *tree = *t;
    tree->columns = columns;
    tree->rows = arena_alloc(a, t->n_rows * sizeof *tree->rows);
    for (uint32_t i = 0; i < t->n_rows; i++) {
        tree->rows[i] = t->rows[i];
        tree->rows[i].cells = arena_alloc(a, t->n_columns * sizeof *tree->rows[i].cells);
        memcpy(tree->rows[i].cells, t->rows[i].cells, t->n_columns * sizeof *t->rows[i].cells);
        tree->rows[i].cells[0] = value_text(branch(a, t, i, column));
    }
    return tree;
}

const struct table *pane_table(const struct section *sec, const struct pane *p,
                               struct arena *scratch) {
    const struct table *t = reading_table(&sec->reading, p->table);
    return t && p->depth && scratch ? as_tree(t, p->depth, scratch) : t;
}

/* --- one pane --- */

struct stack {
    struct cellbuf *b;
    const struct snapshot *s;
    struct ui_state *ui;
    const struct section *sec;
    const struct pane *panes;
    uint32_t n, focused;
    struct arena *scratch;
};

static uint32_t pane_rows(const struct stack *st, uint32_t i) {
    const struct table *t = reading_table(&st->sec->reading, st->panes[i].table);
    return t ? t->n_rows : 0;
}

static bool is_folded(const struct stack *st, uint32_t i) {
    return st->panes[i].cols == PANE_FOLDED && i != st->focused;
}

static int pane_cols(const struct stack *st, uint32_t i) {
    return st->panes[i].cols == PANE_FOLDED ? 0 : st->panes[i].cols;
}

static const char *pane_empty(const struct stack *st, uint32_t i) {
    if (section_freshness(st->sec, st->s->now_mono_ms) == FRESH_OLD)
        return "not known: its last answer is too old";
    if (reading_table(&st->sec->reading, st->panes[i].table))
        return st->panes[i].empty;
    return st->sec->has_reading ? "not read yet: it is asked less often" : "no reading yet";
}

/* "[Sessions 5]": the brackets are the focus, also without colours. */
static int draw_pane_name(const struct stack *st, struct rect r, int x, uint32_t i) {
    const struct table *t = reading_table(&st->sec->reading, st->panes[i].table);
    bool focused = i == st->focused;
    enum role role = focused ? ROLE_KEY : ROLE_TITLE;
    int start = x;
    x += draw_fmt(st->b, r, x, r.y, role, focused ? "[%s" : " %s", st->panes[i].title);
    if (t)
        x += draw_fmt(st->b, r, x, r.y, ROLE_DIM, " %s", GROUPED(t->n_total));
    return x + draw_lit(st->b, r, x, r.y, focused ? "]" : " ", role) - start;
}

/* The head's age is that of the newest answer; this table may be asked once a minute. */
static int draw_pane_age(const struct stack *st, struct rect r, int x, uint32_t i) {
    const struct table *t = reading_table(&st->sec->reading, st->panes[i].table);
    if (!t || t->behind_ms < BEHIND_MS || x + AGO_COLS > r.x + r.w)
        return 0;
    int gap = i == st->focused ? draw_lit(st->b, r, x, r.y, " ", ROLE_DIM) : 0;
    int64_t age_ms = st->s->now_mono_ms - st->sec->taken_mono_ms + t->behind_ms;
    return gap + draw_ago(st->b, r, x + gap, r.y, age_ms);
}

static void draw_pane_table(const struct stack *st, struct rect r, uint32_t i, unsigned look) {
    const struct table *t = pane_table(st->sec, &st->panes[i], st->scratch);
    draw_table(st->b, r, t, ui_table(st->ui, i), st->s->now_wall_ms / 1000,
               look | (i == st->focused ? TABLE_FOCUSED : 0), pane_empty(st, i));
}

/* On the line of its name, from column x on; where that is too short and there is room, below. */
static void draw_calm(const struct stack *st, struct rect r, int x, uint32_t i) {
    const char *words = pane_rows(st, i) ? "{next-pane} shows them" : pane_empty(st, i);
    if (r.h > 2 && x + 2 + (int)text_cols(words, strlen(words)) > r.x + r.w) {
        draw_empty(st->b, rect_below(r, 1), words);
        return;
    }
    x += draw_lit(st->b, r, x, r.y, " ", ROLE_DIM);
    x += draw_said(st->b, r, x, r.y, words, ROLE_DIM);
    draw_lit(st->b, r, x, r.y, " ", ROLE_DIM);
}

static void draw_stacked(const struct stack *st, struct rect r, uint32_t i) {
    draw_rule(st->b, r, r.y, NULL);
    int x = r.x + 1 + draw_pane_name(st, r, r.x + 1, i);
    x += draw_pane_age(st, r, x, i);
    if (!pane_rows(st, i) || is_folded(st, i))
        draw_calm(st, r, x, i);
    else
        draw_pane_table(st, rect_below(r, 1), i, TABLE_COUNT_ABOVE);
}

/* --- the stack --- */

/* Panes that stand side by side, and how high they are. */
struct slot {
    uint8_t panes[UI_MAX_PANES];
    uint32_t n;
    int need, rows, left; /* left = columns that are free */
    bool focused;
};
struct slots {
    struct slot list[UI_MAX_PANES];
    uint32_t n;
};

static int pane_need(const struct stack *st, uint32_t i) {
    uint32_t rows = pane_rows(st, i);
    if (!rows && st->n == 1)
        return 4; /* nobody else wants the room, and its sentence may be long */
    return rows && !is_folded(st, i) ? 2 + (int)(rows > 400 ? 400 : rows) : 1;
}

/* Beside the panes before it where it fits, else in a slot of its own. */
static void slots_add(struct slots *slots, const struct stack *st, uint32_t i, int w, int cols) {
    struct slot *slot = slots->n ? &slots->list[slots->n - 1] : NULL;
    bool beside = slot && cols && slot->left >= cols + PANE_GAP;
    if (!beside) {
        slot = &slots->list[slots->n++];
        *slot = (struct slot){.left = cols ? w + PANE_GAP : 0};
    }
    int need = pane_need(st, i);
    slot->panes[slot->n++] = (uint8_t)i;
    slot->left -= cols + PANE_GAP;
    slot->need = need > slot->need ? need : slot->need;
    slot->focused |= i == st->focused;
}

/* Those that have something to show first; the calm ones below, one line each. */
static void make_slots(const struct stack *st, int w, struct slots *slots) {
    slots->n = 0;
    for (uint32_t i = 0; i < st->n; i++)
        if (pane_rows(st, i))
            slots_add(slots, st, i, w, pane_cols(st, i));
    uint32_t full = slots->n;
    for (uint32_t i = 0; i < st->n; i++) {
        if (pane_rows(st, i))
            continue;
        if (full && slots->n == full)
            slots->list[full - 1].left = 0; /* never beside a table */
        slots_add(slots, st, i, w, w >= 120 ? w / 2 - PANE_GAP : 0);
    }
}

static int least_rows(const struct slot *slot, int h) {
    int least = slot->focused ? (h / 3 > 5 ? h / 3 : 5) : 2 + ROWS_LEAST;
    least = slot->need < least ? slot->need : least;
    return slot->focused && least > h ? h : least;
}

/* The focused one always, the others in their order while they fit. Returns rows that are left. */
static int choose_slots(struct slots *slots, int h) {
    int left = h;
    for (uint32_t i = 0; i < slots->n; i++)
        if (slots->list[i].focused)
            left -= slots->list[i].rows = least_rows(&slots->list[i], h);
    for (uint32_t i = 0; i < slots->n; i++) {
        int least = least_rows(&slots->list[i], h);
        if (slots->list[i].focused || least > left)
            continue;
        slots->list[i].rows = least;
        left -= least;
    }
    return left;
}

/* First the focused one gets what it needs, up to half; then all row by row. */
static void share_rows(struct slots *slots, int h, int left) {
    for (uint32_t i = 0; i < slots->n; i++) {
        struct slot *slot = &slots->list[i];
        while (slot->focused && left > 0 && slot->rows < slot->need && slot->rows < h / 2)
            slot->rows++, left--;
    }
    for (bool more = true; more && left > 0;) {
        more = false;
        for (uint32_t i = 0; i < slots->n && left > 0; i++) {
            struct slot *slot = &slots->list[i];
            if (slot->rows && slot->rows < slot->need)
                slot->rows++, left--, more = true;
        }
    }
}

static void draw_slot(const struct stack *st, struct rect r, const struct slot *slot) {
    int x = r.x;
    for (uint32_t i = 0; i < slot->n; i++) {
        uint32_t pane = slot->panes[i];
        int cols = pane_rows(st, pane) ? pane_cols(st, pane) : r.w / 2 - PANE_GAP;
        int w = i + 1 == slot->n ? r.x + r.w - x : cols;
        draw_stacked(st, (struct rect){x, r.y, w, slot->rows}, pane);
        x += w + PANE_GAP;
    }
}

static bool all_shown(const struct slots *slots) {
    for (uint32_t i = 0; i < slots->n; i++)
        if (!slots->list[i].rows)
            return false;
    return true;
}

static int pane_name_cols(const struct stack *st, uint32_t i) {
    const struct table *t = reading_table(&st->sec->reading, st->panes[i].table);
    char count[16] = "";
    if (t)
        value_format(value_int(t->n_total), UNIT_NONE, 0, count, sizeof count);
    return (int)strlen(st->panes[i].title) + 3 + (t ? (int)strlen(count) + 1 : 0);
}

/* The names of all; those at the left give way until the focused one is on the screen. */
static int draw_names(const struct stack *st, struct rect r) {
    uint32_t first = 0;
    int cols = 0, x = r.x;
    for (uint32_t i = 0; i <= st->focused; i++)
        cols += pane_name_cols(st, i);
    while (first < st->focused && cols > r.w - 2)
        cols -= pane_name_cols(st, first++);
    if (first)
        x += draw_lit(st->b, r, x, r.y, "<", ROLE_KEY);
    for (uint32_t i = first; i < st->n && x < r.x + r.w; i++)
        x += draw_pane_name(st, r, x, i) + 1;
    if (x <= r.x + r.w - AGO_COLS)
        draw_pane_age(st, r, r.x + r.w - AGO_COLS, st->focused);
    return 1;
}

/* Too low for more than one table. */
static int draw_one(const struct stack *st, struct rect r) {
    draw_pane_table(st, rect_below(r, draw_names(st, r)), st->focused, 0);
    return r.h;
}

static int draw_stack(const struct stack *st, struct rect r) {
    struct slots slots;
    int top = r.y;
    make_slots(st, r.w, &slots);
    int left = choose_slots(&slots, r.h);
    bool all = all_shown(&slots);
    if (!all && r.h < STACK_ROWS)
        return draw_one(st, r);
    if (!all) { /* the names of all stand above those that fit */
        for (uint32_t i = 0; i < slots.n; i++)
            slots.list[i].rows = 0;
        r = rect_below(r, draw_names(st, r));
        left = choose_slots(&slots, r.h);
    }
    share_rows(&slots, r.h, left);
    for (uint32_t i = 0; i < slots.n; i++) {
        int rows = slots.list[i].rows;
        if (rows > 0)
            draw_slot(st, (struct rect){r.x, r.y, r.w, rows}, &slots.list[i]);
        r = rect_below(r, rows);
    }
    return r.y - top;
}

int draw_panes(struct cellbuf *b, struct rect r, const struct snapshot *s, struct ui_state *ui,
               const struct section *sec, const struct pane *panes, uint32_t n) {
    struct arena scratch;
    if (!n || r.h < 2)
        return 0;
    n = n < UI_MAX_PANES ? n : UI_MAX_PANES;
    arena_init(&scratch);
    struct stack st = {b, s, ui, sec, panes, n, ui->pane % n, &scratch};
    int used = sec->has_reading ? draw_stack(&st, r) : draw_one(&st, r);
    arena_done(&scratch);
    return used;
}

int panes_rows(const struct section *sec, const struct pane *panes, uint32_t n, int w) {
    struct stack st = {.sec = sec, .panes = panes, .n = n < UI_MAX_PANES ? n : UI_MAX_PANES};
    struct slots slots;
    int rows = 0;
    make_slots(&st, w, &slots);
    for (uint32_t i = 0; i < slots.n; i++)
        rows += slots.list[i].need;
    return rows;
}
