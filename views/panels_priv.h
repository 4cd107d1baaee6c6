/* views/panels_priv.h - the parts that screens are put together from. A part draws into the top of
 * the rect it is given and returns the rows it used. A service's screen is data (struct
 * service_panel): which numbers, which charts, which tables. */
#ifndef GOODGO_VIEWS_PANELS_PRIV_H
#define GOODGO_VIEWS_PANELS_PRIV_H

#include "ui/draw.h"
#include "ui/view.h"

/* A metric is named as its probe names it; "prometheus/p95_s" is one that another service knows. */
struct vital {
    const char *metric;
    const char *label; /* "connections" */
    const char *limit; /* metric of its maximum: drawn as a bar and "188/200"; NULL = none */
};
#define PANE_FOLDED 255 /* of cols: one line while it has not the focus, however wide */
struct pane {
    const char *table; /* name in the probe's reading */
    const char *title;
    const char *empty; /* the sentence when it has no rows */
    uint8_t cols;      /* wide enough: others may stand beside it; 0 = the whole width */
    const char *depth; /* column with the depth in a tree: the first column is indented by it */
};
#define PANEL_CHARTS    3
#define PANEL_SOMETIMES 3
struct service_panel {
    enum service service;
    const struct vital *vitals;
    uint32_t n_vitals;
    /* Behind those: what only some servers have (a standby), drawn where it is known. */
    struct vital sometimes[PANEL_SOMETIMES];
    const struct pane *panes;
    uint32_t n_panes;
    struct vital charts[PANEL_CHARTS]; /* the first stands for the service on Overview */
    const char *rate, *time;           /* on a wide Overview; NULL = it has none */
    struct vital trouble;              /* there too: the figure that should be 0 */
};

struct rect rect_below(struct rect r, int rows);
struct rect rect_part(struct rect r, int i, int n, int gap); /* the i-th of n columns */

/* The metric and who has it; NULL when it is not there. */
const struct metric *find_metric(const struct snapshot *s, const struct section *own,
                                 const char *name);
const struct series *find_series(const struct snapshot *s, const struct section *own,
                                 const char *name);
const struct trend *find_trend(const struct snapshot *s, const struct section *own,
                               const char *name);
/* "12.3 MB" or "-". */
void format_metric(const struct snapshot *s, const struct section *own, const char *name, char *buf,
                   size_t size);

/* services_panel.c, services_rows_panel.c: Overview's table. Its rows, the row that is selected,
 * and Enter on it. */
const struct table *services_table(const struct snapshot *s, const struct ui_state *ui,
                                   struct arena *scratch);
int draw_services(struct cellbuf *b, struct rect r, const struct snapshot *s, struct ui_state *ui);
const struct view *services_open(const struct snapshot *s, struct ui_state *ui);

/* lines_panel.c: cause, traffic, alerts, backup, what is off - one line each. */
int draw_lines(struct cellbuf *b, struct rect r, const struct snapshot *s,
               const struct ui_state *ui);
/* What is nobody's symptom and critical, the one that explains most; how many such there are. */
const struct section *first_cause(const struct snapshot *s, uint32_t *ret_causes);
bool has_cause(const struct snapshot *s);         /* a line says what, or that it is this machine */
const char *next_step(const struct section *sec); /* NULL where it knows none */

/* charts_panel.c: a row of charts side by side; nothing that has no trend is drawn. */
int draw_charts(struct cellbuf *b, struct rect r, const struct snapshot *s,
                const struct section *own, const struct vital *charts, uint32_t n);
/* The same in one line: names, figures and rows of blocks. */
int draw_sparks(struct cellbuf *b, struct rect r, const struct snapshot *s,
                const struct section *own, const struct vital *charts, uint32_t n);

/* findings_panel.c: worst first, with the next step; of one service, or of all (`own` NULL): then
 * also what does not answer and is neither a symptom nor the cause that stands above. */
int draw_findings(struct cellbuf *b, struct rect r, const struct snapshot *s,
                  const struct section *own);
int findings_lines(const struct snapshot *s, const struct section *own, int w);
uint32_t findings_count(const struct snapshot *s);

/* changes_panel.c: the newest changes, of one service or of all (`own` NULL). */
int draw_changes(struct cellbuf *b, struct rect r, const struct snapshot *s,
                 const struct section *own);
int changes_lines(const struct snapshot *s, const struct section *own);

/* vitals_panel.c */
int draw_vitals(struct cellbuf *b, struct rect r, const struct snapshot *s,
                const struct section *sec, const struct service_panel *p);

/* head_panel.c: name, state, age; relations; what failed and what to do. */
int draw_head(struct cellbuf *b, struct rect r, const struct snapshot *s,
              const struct section *sec);
/* What failed, why, what to do, and whose symptom it is. */
int draw_failure(struct cellbuf *b, struct rect r, const struct section *sec);
/* What to think of the figures below, where they are not fresh. */
int draw_staleness(struct cellbuf *b, struct rect r, const struct snapshot *s,
                   const struct section *sec);
/* The sentence in place of figures that there are none of. */
void draw_no_reading(struct cellbuf *b, struct rect r, const struct section *sec);

/* panes_panel.c: the tables, as many as fit, the focused one with the most rows. */
const struct table *pane_table(const struct section *sec, const struct pane *p,
                               struct arena *scratch);
int draw_panes(struct cellbuf *b, struct rect r, const struct snapshot *s, struct ui_state *ui,
               const struct section *sec, const struct pane *panes, uint32_t n);
int panes_rows(const struct section *sec, const struct pane *panes, uint32_t n, int w); /* wanted */

/* row_panel.c: the words of a row in full. */
struct row_line {
    const char *column, *label;
    enum role role;
};
const struct value *row_value(const struct table *t, const struct row *row, const char *name);
const char *row_word(const struct table *t, const struct row *row, const char *name); /* or "" */
/* Why a job cannot be cancelled; NULL where it can. `row` may be NULL. */
const char *job_is_over(const struct table *jobs, const struct row *row);
void draw_row_lines(struct cellbuf *b, struct rect r, const struct table *t, const struct row *row,
                    const struct row_line *lines, size_t n);

/* service_panel.c: all of the above, for one service. */
void service_panel_draw(struct cellbuf *b, struct rect r, const struct snapshot *s,
                        struct ui_state *ui, const struct service_panel *p);
const struct table *service_panel_table(const struct snapshot *s, const struct ui_state *ui,
                                        const struct service_panel *p, struct arena *scratch);

/* Defines view_<id> from a panel's data; the callbacks only bind the panel. More members of the
 * panel may follow: .charts = {...}, .rate = "..." */
#define SERVICE_VIEW(...) SERVICE_VIEW_WITH(NULL, __VA_ARGS__)
/* The same with operands() of its own, see struct view. */
#define SERVICE_VIEW_WITH(operands_, id_, name_, title_, about_, vitals_, panes_, ...)             \
    static const struct service_panel panel = {.service = SERVICE_##id_,                           \
                                               .vitals = vitals_,                                  \
                                               .n_vitals = ARRAY_LEN(vitals_),                     \
                                               .panes = panes_,                                    \
                                               .n_panes = ARRAY_LEN(panes_),                       \
                                               __VA_ARGS__};                                       \
    static void panel_draw(struct cellbuf *b, struct rect r, const struct snapshot *s,             \
                           struct ui_state *ui) {                                                  \
        service_panel_draw(b, r, s, ui, &panel);                                                   \
    }                                                                                              \
    static const struct table *panel_table(const struct snapshot *s, const struct ui_state *ui,    \
                                           struct arena *scratch) {                                \
        return service_panel_table(s, ui, &panel, scratch);                                        \
    }                                                                                              \
    static uint32_t panel_panes(const struct snapshot *s, const struct ui_state *ui) {             \
        (void)s;                                                                                   \
        (void)ui;                                                                                  \
        return panel.n_panes;                                                                      \
    }                                                                                              \
    extern const struct view view_##id_;                                                           \
    const struct view view_##id_ = {                                                               \
        .id = name_,                                                                               \
        .title = title_,                                                                           \
        .about = about_,                                                                           \
        .has_service = true,                                                                       \
        .service = SERVICE_##id_,                                                                  \
        .panel = &panel,                                                                           \
        .draw = panel_draw,                                                                        \
        .table = panel_table,                                                                      \
        .panes = panel_panes,                                                                      \
        .operands = operands_,                                                                     \
    }

#endif
