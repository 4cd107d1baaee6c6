/* views/overview.c - the whole platform on one screen: the services, what an incident commander
 * asks next, and where there is height the traffic of the last 15 minutes, what was found and what
 * changed. */
#include "panels_priv.h"

#include "base/attr.h"

#define CHART_ROWS_MIN 6
#define CHART_ROWS_MAX 14
#define LIST_ROWS_MIN  7 /* of the services, with their heading */
#define CAUSE_ROWS     4 /* a rule, the cause, the next step: wanted more than the last well ones */

static const struct vital traffic[] = {
    {"prometheus/request_rate", "requests", NULL},
    {"prometheus/error_pct", "5xx answers", NULL},
    {"prometheus/p95_s", "p95", NULL},
};
static const struct vital stores[] = {
    {"postgres/connections", "pg connections", NULL},
    {"pgbouncer/cl_waiting", "pool waiting", NULL},
    {"redis/ops_per_s", "redis ops", NULL},
    {"typesense/search_ms", "search time", NULL},
};

/* A rule with a title and how many there are, then as many lines as fit. */
static void draw_list(struct cellbuf *b, struct rect r, const struct snapshot *s, const char *title,
                      uint32_t n,
                      int (*draw)(struct cellbuf *, struct rect, const struct snapshot *,
                                  const struct section *)) {
    char count[32] = "";
    if (r.h < 2)
        return;
    draw_rule(b, r, r.y, title);
    value_format(value_int(n), UNIT_COUNT, 0, count, sizeof count);
    if (n)
        draw_right(b, r, r.y, ROLE_DIM, " %s ", count);
    if (!draw(b, rect_below(r, 1), s, NULL))
        draw_lit(b, r, r.x, r.y + 1, "nothing stands out", ROLE_DIM);
}

static void list_findings(struct cellbuf *b, struct rect r, const struct snapshot *s) {
    draw_list(b, r, s, "FINDINGS", findings_count(s), draw_findings);
}

static void list_changes(struct cellbuf *b, struct rect r, const struct snapshot *s,
                         struct ui_state *ui) {
    ui->news_shown = r.h >= 2;
    draw_list(b, r, s, "RECENT CHANGES", s->events ? s->events->n : 0, draw_changes);
}

/* Findings and changes: side by side on a wide screen, else one above the other, each with a line
 * more than half as long as the other needs none. */
static void draw_lists(struct cellbuf *b, struct rect r, const struct snapshot *s,
                       struct ui_state *ui) {
    if (r.w >= 150) {
        list_findings(b, rect_part(r, 0, 2, 2), s);
        list_changes(b, rect_part(r, 1, 2, 2), s, ui);
        return;
    }
    int findings = findings_lines(s, NULL, r.w), changes = changes_lines(s, NULL);
    findings = (findings ? findings : 1) + 1;
    int half = r.h / 2, room = r.h - (changes + 1 < half ? changes + 1 : half);
    struct rect top = {r.x, r.y, r.w, findings < room ? findings : room};
    list_findings(b, top, s);
    list_changes(b, rect_below(r, top.h), s, ui);
}

/* Rows that the two lists would like to have. */
static int lists_rows(const struct snapshot *s, int w) {
    int findings = findings_lines(s, NULL, w >= 150 ? w / 2 - 1 : w);
    int changes = changes_lines(s, NULL);
    findings = findings ? findings : 1;
    changes = changes > 10 ? 10 : changes;
    return w >= 150 ? 1 + (findings > changes ? findings : changes) : 2 + findings + changes;
}

static int draw_strip(struct cellbuf *b, struct rect r, const struct snapshot *s, int rows,
                      const struct vital *charts, uint32_t n) {
    if (rows > CHART_ROWS_MAX)
        rows = CHART_ROWS_MAX;
    if (rows < CHART_ROWS_MIN || r.w < 72)
        return 0;
    struct rect strip = {r.x, r.y + 1, r.w, rows - 1};
    int used = draw_charts(b, strip, s, s->sections[SERVICE_prometheus], charts, n);
    if (used)
        draw_rule(b, r, r.y, NULL);
    return used ? used + 1 : 0;
}

/* What is left below the lines: the traffic, a second row of charts when the lists leave room for
 * it, the lists. */
static void draw_rest(struct cellbuf *b, struct rect r, const struct snapshot *s,
                      struct ui_state *ui) {
    bool read = false;
    for (uint32_t i = 0; i < SERVICE_COUNT; i++)
        read |= s->sections[i]->has_reading || s->sections[i]->failed;
    if (!read) {
        draw_empty(b, r, "the first answers are on their way");
        return;
    }
    int lists = lists_rows(s, r.w), least = r.h / 3 < lists ? r.h / 3 : lists;
    int spare = r.h - lists, strips = spare >= 2 * CHART_ROWS_MIN ? 2 : 1;
    int rows = spare / strips > r.h - least ? r.h - least : spare / strips;
    if (rows < CHART_ROWS_MIN && r.h - least >= CHART_ROWS_MIN)
        rows = CHART_ROWS_MIN;
    r = rect_below(r, draw_strip(b, r, s, rows, traffic, ARRAY_LEN(traffic)));
    if (strips > 1)
        r = rect_below(r, draw_strip(b, r, s, rows, stores, ARRAY_LEN(stores)));
    draw_lists(b, r, s, ui);
}

static void overview_draw(struct cellbuf *b, struct rect r, const struct snapshot *s,
                          struct ui_state *ui) {
    int keep = has_cause(s) && r.h >= LIST_ROWS_MIN + CAUSE_ROWS ? CAUSE_ROWS : 0;
    r = rect_below(r, draw_services(b, (struct rect){r.x, r.y, r.w, r.h - keep}, s, ui));
    if (r.h < 2)
        return;
    draw_rule(b, r, r.y, NULL);
    r = rect_below(r, 1);
    r = rect_below(r, draw_lines(b, r, s, ui));
    if (r.h >= 3)
        draw_rest(b, r, s, ui);
}

extern const struct view view_overview;
const struct view view_overview = {
    .id = "overview",
    .title = "Overview",
    .about = "every service, worst first; a symptom hangs folded under its cause",
    .draw = overview_draw,
    .table = services_table,
    .open = services_open,
};
