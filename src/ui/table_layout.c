/* ui/table_layout.c - which columns of a table fit into a width, and how wide each is. */
#include "table_priv.h"

#include <string.h>

#define AUTO_COLS 40 /* widest a column grows by its content */
#define CUT_COLS  16 /* so much of a text is worth more than a blank */
#define LACK_COLS 12 /* more is a text that may be cut */

static bool column_right(const struct column *c, const struct table *t, uint32_t i) {
    if (c->unit != UNIT_NONE)
        return true;
    for (uint32_t r = 0; r < t->n_rows && r < 50; r++)
        if (t->rows[r].cells[i].kind != VALUE_NONE)
            return t->rows[r].cells[i].kind != VALUE_TEXT;
    return false;
}

struct text cell_text(const struct value *v, enum unit unit, int64_t now_wall_s, char *buf,
                      size_t size) {
    if (v->kind == VALUE_TEXT)
        return v->t;
    if (v->kind == VALUE_NONE)
        str_copy(buf, size, "-");
    else
        value_format(*v, unit, now_wall_s, buf, size);
    uint32_t len = (uint32_t)strlen(buf);
    return (struct text){buf, len, text_cols(buf, len)};
}

static int natural_width(const struct table *t, uint32_t c, const uint32_t *rows, uint32_t n,
                         int64_t now_wall_s) {
    /* One column more than the title: room for the sort mark. */
    int width = (int)strlen(t->columns[c].title) + 1;
    for (uint32_t i = 0; i < n && i < 500; i++) {
        char buf[32];
        struct text shown =
            cell_text(&t->rows[rows[i]].cells[c], t->columns[c].unit, now_wall_s, buf, sizeof buf);
        if ((int)shown.cols > width)
            width = (int)shown.cols;
    }
    if (width > AUTO_COLS && width > t->columns[c].min_cols)
        width = t->columns[c].min_cols > AUTO_COLS ? t->columns[c].min_cols : AUTO_COLS;
    return width;
}

/* Of what stands beside the table only where there is room, a column of nothing is none. */
static bool is_idle(const struct table *t, uint32_t c, const uint32_t *rows, uint32_t n) {
    for (uint32_t i = 0; i < n; i++)
        if (t->rows[rows[i]].cells[c].kind != VALUE_NONE)
            return false;
    return t->columns[c].drop >= DROP_ALONE;
}

static int layout_total(const struct table_layout *l) {
    int total = l->lead;
    for (uint32_t c = 0; c < l->n; c++)
        total += l->width[c] ? l->width[c] + 1 : 0;
    return total > 0 ? total - 1 : 0;
}

/* Shrinks columns that have a smaller agreed width, the widest first; false when none can. */
static bool layout_shrink(struct table_layout *l, const struct table *t, int over) {
    uint32_t best = MAX_COLUMNS;
    for (uint32_t c = 0; c < l->n; c++) {
        int least = t->columns[c].min_cols ? t->columns[c].min_cols : l->width[c];
        if (l->width[c] > least && (best == MAX_COLUMNS || l->width[c] > l->width[best]))
            best = c;
    }
    if (best == MAX_COLUMNS)
        return false;
    int room = l->width[best] - t->columns[best].min_cols;
    l->width[best] -= room < over ? room : over;
    return true;
}

static bool layout_drop(struct table_layout *l, const struct table *t) {
    uint32_t best = MAX_COLUMNS;
    for (uint32_t c = 0; c < l->n; c++)
        if (l->width[c] && t->columns[c].drop &&
            (best == MAX_COLUMNS || t->columns[c].drop >= t->columns[best].drop))
            best = c;
    if (best == MAX_COLUMNS)
        return false;
    l->width[best] = 0;
    return true;
}

/* What was shrunk for columns that went after all gets back the little that it lacks: "reconci..."
 * beside a blank would be half a word for nothing. */
static void layout_restore(struct table_layout *l, const int natural[MAX_COLUMNS], int spare) {
    for (uint32_t c = 0; c < l->n; c++) {
        int lack = natural[c] - l->width[c];
        if (l->right[c] || !l->width[c] || lack <= 0 || lack > LACK_COLS || lack > spare)
            continue;
        l->width[c] += lack;
        spare -= lack;
    }
}

/* What was dropped whole may still be read in part: the first of the texts takes the room that is
 * left. */
static void layout_bring_back(struct table_layout *l, const struct table *t, int spare) {
    uint32_t best = MAX_COLUMNS;
    for (uint32_t c = 0; c < l->n && spare > CUT_COLS; c++)
        if (!l->width[c] && !l->right[c] && t->columns[c].drop < DROP_ALONE &&
            (best == MAX_COLUMNS || t->columns[c].drop < t->columns[best].drop))
            best = c;
    if (best != MAX_COLUMNS)
        l->width[best] = spare - 1 < AUTO_COLS ? spare - 1 : AUTO_COLS;
}

/* Nothing more to drop: the widest text gives way, then the columns run out of the right edge. */
static bool layout_squeeze(struct table_layout *l, int over) {
    uint32_t best = MAX_COLUMNS;
    for (uint32_t c = 0; c < l->n; c++)
        if (!l->right[c] && l->width[c] > 8 &&
            (best == MAX_COLUMNS || l->width[c] > l->width[best]))
            best = c;
    if (best == MAX_COLUMNS)
        return false;
    int room = l->width[best] - 8;
    l->width[best] -= room < over ? room : over;
    return true;
}

/* A text column that was capped gets the room that is left over. */
static void layout_widen(struct table_layout *l, const struct table *t, const uint32_t *rows,
                         uint32_t n, int spare) {
    for (uint32_t c = 0; c < l->n && spare > 0; c++) {
        if (l->right[c] || l->width[c] < AUTO_COLS)
            continue;
        int widest = 0;
        for (uint32_t i = 0; i < n && i < 500; i++) {
            const struct value *v = &t->rows[rows[i]].cells[c];
            if (v->kind == VALUE_TEXT && (int)v->t.cols > widest)
                widest = (int)v->t.cols;
        }
        int more = widest - l->width[c];
        more = more < 0 ? 0 : more > spare ? spare : more;
        l->width[c] += more;
        spare -= more;
    }
}

void layout_make(struct table_layout *l, const struct table *t, const uint32_t *rows, uint32_t n,
                 int w, int64_t now_wall_s, bool marks) {
    memset(l, 0, sizeof *l);
    l->n = t->n_columns < MAX_COLUMNS ? t->n_columns : MAX_COLUMNS;
    for (uint32_t i = 0; i < t->n_rows && !l->sign; i++)
        l->sign = t->rows[i].health != HEALTH_OFF;
    l->lead = l->sign ? 3 : marks ? 2 : 0;
    int natural[MAX_COLUMNS] = {0};
    for (uint32_t c = 0; c < l->n; c++) {
        l->right[c] = column_right(&t->columns[c], t, c);
        l->width[c] = natural[c] = natural_width(t, c, rows, n, now_wall_s);
        if (l->width[c] < t->columns[c].min_cols && !l->right[c])
            l->width[c] = t->columns[c].min_cols;
        if (is_idle(t, c, rows, n))
            l->width[c] = natural[c] = 0;
    }
    for (int over; (over = layout_total(l) - w) > 0;)
        if (!layout_shrink(l, t, over) && !layout_drop(l, t) && !layout_squeeze(l, over))
            break;
    layout_bring_back(l, t, w - layout_total(l));
    layout_widen(l, t, rows, n, w - layout_total(l));
    layout_restore(l, natural, w - layout_total(l));
}
