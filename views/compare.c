/* views/compare.c - what is different between two moments: the pinned one (m) and the one that is
 * shown, now or in the past. First whose state changed, then what is remarked, alerts, versions and
 * other words, and last the figures, the greatest change first. */
#include "panels_priv.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/clock.h"

#define FIGURES_MAX 60
#define LEAST_PCT   10 /* a smaller change of a figure is its breathing */
#define LEAST_COUNT 3

enum { COL_WHO, COL_WHAT, COL_BEFORE, COL_AFTER };
static const struct column columns[] = {
    [COL_WHO] = {"service", "WHO", UNIT_NONE, 11, 0},
    [COL_WHAT] = {"what", "WHAT", UNIT_NONE, 16, 0},
    [COL_BEFORE] = {"before", "BEFORE", UNIT_NONE, 8, 0},
    [COL_AFTER] = {"after", "AFTER", UNIT_NONE, 14, 0},
};

struct pair {
    const struct snapshot *before, *after;
    struct reading *out;
    struct table *t;
};

/* `name` tells the rows of one service apart; `what` is what people call it. */
static void add(struct pair *p, enum health health, const char *who, const char *name,
                const char *what, const char *before, const char *after) {
    const char *key = arena_printf(p->out->arena, "%s %s", who, name);
    struct row *row = table_add_row(p->out, p->t, key, health);
    row_text(p->out, row, COL_WHO, who);
    row_text(p->out, row, COL_WHAT, what);
    row_text(p->out, row, COL_BEFORE, before);
    row_text(p->out, row, COL_AFTER, after);
}

static const struct section *of(const struct snapshot *s, int service) {
    return s->sections[service];
}

/* ---- states, remarks, alerts ---- */

static void add_states(struct pair *p) {
    for (int i = 0; i < SERVICE_COUNT; i++) {
        enum health a = section_shown_health(of(p->before, i), p->before->now_mono_ms);
        enum health b = section_shown_health(of(p->after, i), p->after->now_mono_ms);
        if (a != b)
            add(p, b, service_name((enum service)i), "state", "state", health_name(a),
                health_name(b));
    }
}

static void add_findings(struct pair *p) {
    for (int i = 0; i < SERVICE_COUNT; i++) {
        const struct reading *a = &of(p->before, i)->reading, *b = &of(p->after, i)->reading;
        const char *who = service_name((enum service)i);
        for (uint32_t k = 0; k < b->n_findings; k++)
            if (!reading_finding_of(a, b->findings[k].code))
                add(p, b->findings[k].health, who, b->findings[k].code, "finding", "-",
                    b->findings[k].what.s);
        for (uint32_t k = 0; k < a->n_findings; k++)
            if (!reading_finding_of(b, a->findings[k].code))
                add(p, HEALTH_OFF, who, a->findings[k].code, "finding", a->findings[k].what.s, "-");
    }
}

static void add_alerts(struct pair *p) {
    const struct table *a = reading_table(&of(p->before, SERVICE_prometheus)->reading, "alerts");
    const struct table *b = reading_table(&of(p->after, SERVICE_prometheus)->reading, "alerts");
    for (uint32_t i = 0; b && i < b->n_rows; i++)
        if (!table_row(a, b->rows[i].key.s))
            add(p, b->rows[i].health, "alert", b->rows[i].key.s, b->rows[i].key.s, "-", "there");
    for (uint32_t i = 0; a && i < a->n_rows; i++)
        if (!table_row(b, a->rows[i].key.s))
            add(p, HEALTH_OFF, "alert", a->rows[i].key.s, a->rows[i].key.s, "there", "-");
}

/* ---- words and figures ---- */

static bool is_word(const struct metric *m) {
    return m->value.kind == VALUE_TEXT || m->unit == UNIT_BOOL;
}

/* As the service's own screen calls it: "long tx", for "longest_xact_s". */
static const char *label_of(enum service service, const char *metric) {
    const struct view *v = view_find(service_name(service), NULL);
    const struct service_panel *panel = v ? v->panel : NULL;
    for (uint32_t i = 0; panel && i < panel->n_vitals; i++)
        if (strcmp(panel->vitals[i].metric, metric) == 0)
            return panel->vitals[i].label;
    for (uint32_t i = 0; panel && i < PANEL_SOMETIMES && panel->sometimes[i].metric; i++)
        if (strcmp(panel->sometimes[i].metric, metric) == 0)
            return panel->sometimes[i].label;
    return metric;
}

static void add_metric(struct pair *p, int service, const struct metric *a,
                       const struct metric *b) {
    enum service owner = (enum service)service;
    char before[120], after[120];
    value_format(a->value, a->unit, p->before->now_wall_ms / 1000, before, sizeof before);
    value_format(b->value, b->unit, p->after->now_wall_ms / 1000, after, sizeof after);
    add(p, HEALTH_OFF, service_name(owner), b->name, label_of(owner, b->name), before, after);
}

struct figure {
    int service;
    const struct metric *before, *after;
    double share; /* of the greater one */
};
struct figures {
    struct figure list[FIGURES_MAX];
    uint32_t n;
};

static int greatest_first(const void *x, const void *y) {
    double a = ((const struct figure *)x)->share, b = ((const struct figure *)y)->share;
    return (a < b) - (a > b);
}

/* Durations only pass, and rates and times are never twice the same. */
static void take_figure(struct figures *f, int service, const struct metric *a,
                        const struct metric *b) {
    double x, y;
    bool stands = b->unit == UNIT_COUNT || b->unit == UNIT_BYTES || b->unit == UNIT_PERCENT ||
                  b->unit == UNIT_VND;
    if (!stands || !value_number(a->value, &x) || !value_number(b->value, &y))
        return;
    double most = fmax(fabs(x), fabs(y)), share = most > 0 ? fabs(y - x) / most : 0;
    if (share * 100 < LEAST_PCT || fabs(y - x) < LEAST_COUNT || f->n == FIGURES_MAX)
        return;
    f->list[f->n++] = (struct figure){service, a, b, share};
}

static void add_metrics(struct pair *p) {
    struct figures figures = {.n = 0};
    for (int i = 0; i < SERVICE_COUNT; i++) {
        const struct reading *a = &of(p->before, i)->reading, *b = &of(p->after, i)->reading;
        for (uint32_t k = 0; k < b->n_metrics; k++) {
            const struct metric *m = &b->metrics[k], *old = reading_metric(a, m->name);
            if (old && is_word(m) && value_compare(old->value, m->value) != 0)
                add_metric(p, i, old, m);
            else if (old && !is_word(m))
                take_figure(&figures, i, old, m);
        }
    }
    qsort(figures.list, figures.n, sizeof *figures.list, greatest_first);
    for (uint32_t i = 0; i < figures.n; i++)
        add_metric(p, figures.list[i].service, figures.list[i].before, figures.list[i].after);
}

/* ---- the screen ---- */

/* The older one first: who pinned the present may go back from there. */
static bool moments(const struct snapshot *s, const struct ui_state *ui, struct pair *p) {
    bool turned = ui->pin && ui->pin->now_mono_ms > s->now_mono_ms;
    p->before = turned ? s : ui->pin;
    p->after = turned ? ui->pin : s;
    return ui->pin != NULL;
}

static const struct table *compare_table(const struct snapshot *s, const struct ui_state *ui,
                                         struct arena *scratch) {
    struct pair p;
    if (!moments(s, ui, &p))
        return NULL;
    p.out = arena_alloc(scratch, sizeof *p.out);
    reading_init(p.out, scratch);
    p.t = reading_add_table(p.out, "differences", "Difference", columns, ARRAY_LEN(columns));
    add_states(&p);
    add_findings(&p);
    add_alerts(&p);
    add_metrics(&p);
    return p.t;
}

static int draw_clock(struct cellbuf *b, struct rect r, int x, const struct snapshot *s) {
    char time[CLOCK_DAY_SIZE];
    clock_day_time(s->now_wall_ms / 1000, s->utc_offset_s, time);
    return draw_fmt(b, r, x, r.y, ROLE_TITLE, "%s", time);
}

/* "14:28:30, and 5m12s later at 14:33:42" */
static void draw_moments(struct cellbuf *b, struct rect r, const struct snapshot *s,
                         const struct ui_state *ui) {
    char apart[24];
    struct pair p;
    if (!moments(s, ui, &p))
        return;
    format_age(p.after->now_mono_ms - p.before->now_mono_ms, apart, sizeof apart);
    int x = r.x + draw_clock(b, r, r.x, p.before);
    x += draw_fmt(b, r, x, r.y, ROLE_DIM, ", and %s later at ", apart);
    x += draw_clock(b, r, x, p.after);
    draw_lit(b, r, x, r.y, p.after == ui->pin ? " (pinned)" : "", ROLE_DIM);
}

static void compare_draw(struct cellbuf *b, struct rect r, const struct snapshot *s,
                         struct ui_state *ui) {
    struct arena scratch;
    if (!ui->pin) {
        draw_empty(b, r,
                   "no moment is pinned: {pin} pins the one that is shown, now or in the past");
        return;
    }
    arena_init(&scratch);
    draw_moments(b, r, s, ui);
    draw_table(b, rect_below(r, 1), compare_table(s, ui, &scratch), ui_table(ui, 0),
               s->now_wall_ms / 1000, TABLE_FOCUSED, "nothing that counts is different");
    arena_done(&scratch);
}

extern const struct view view_compare;
const struct view view_compare = {
    .id = "compare",
    .title = "What changed",
    .about = "what is different between the pinned moment ({pin}) and the one that is shown",
    .draw = compare_draw,
    .table = compare_table,
    .command = "goodgo snapshot -o 1.json; goodgo snapshot -o 2.json; "
               "diff <(jq . 1.json) <(jq . 2.json)",
};
