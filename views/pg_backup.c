/* views/pg_backup.c - the catalogue of dumps with their grades; how far back a loss would reach
 * (RPO), how long a recovery was proven to take (RTO); what is at work and what is due. Enter goes
 * into the selected dump: its tables by its manifest, the checks of its last drill. */
#include "panels_priv.h"

#include <string.h>

#include "base/attr.h"

#define ROWS_BOTH 28

enum { PANE_BACKUPS, PANE_CONTENTS, PANE_CHECKS, N_PANES };

static const struct vital vitals[] = {
    {"newest_age_s", "newest", NULL},  {"newest_bytes", "size", NULL},
    {"count", "kept", NULL},           {"total_bytes", "in all", NULL},
    {"free_bytes", "free", NULL},      {"last_proof_age_s", "last proof", NULL},
    {"recovery_ms", "recovery", NULL}, {"newest_name", "file", NULL},
};
static const struct pane panes[N_PANES] = {
    [PANE_BACKUPS] = {"backups", "Backups",
                      "no backup yet: the first is due at 02:00 UTC, and {acts} takes one now", 0,
                      NULL},
    [PANE_CONTENTS] = {"contents", "Contents",
                       "no manifest that could be read: goodgo backup writes one", 0, NULL},
    [PANE_CHECKS] = {"checks", "Drill",
                     "no drill of this one came to a verdict: {acts}, then verify", 0, NULL},
};
static const struct service_panel panel = {.service = SERVICE_pg_backup,
                                           .vitals = vitals,
                                           .n_vitals = ARRAY_LEN(vitals),
                                           .panes = panes,
                                           .n_panes = N_PANES,
                                           .charts = {{"newest_bytes", "newest", NULL},
                                                      {"free_bytes", "free", NULL},
                                                      {"total_bytes", "in all", NULL}}};

static const struct section *source(const struct snapshot *s) {
    return s->sections[SERVICE_pg_backup];
}

/* "38m", "-" where there is none. */
static const char *figure(const struct snapshot *s, const struct table *t, const struct row *row,
                          const char *column, struct arena *a) {
    char buf[40] = "-";
    int c = table_column(t, column);
    if (c >= 0 && row->cells[c].kind != VALUE_NONE)
        value_format(row->cells[c], t->columns[c].unit, s->now_wall_ms / 1000, buf, sizeof buf);
    return arena_strdup(a, buf);
}

/* ---- which of them have a copy ---- */

static const struct column copy_column = {"copy", "COPY", UNIT_NONE, 5, 3};

/* Of the same name and size: what an upload leaves, and nothing else does. */
static const char *copy_of(const struct snapshot *s, const struct table *t, const struct row *row) {
    const struct section *store = s->sections[SERVICE_minio];
    const struct table *copies = reading_table(&store->reading, "copies");
    const struct metric *capped = reading_metric(&store->reading, "copies_capped");
    const struct value *size = row_value(t, row, "size");
    if (store->health == HEALTH_OFF)
        return "-"; /* there is no store */
    if (!copies || !size || store->failed || section_freshness(store, s->now_mono_ms) == FRESH_OLD)
        return "??";
    for (uint32_t i = 0; i < copies->n_rows; i++)
        if (strcmp(copies->rows[i].key.s, row->key.s) == 0 &&
            value_compare(copies->rows[i].cells[1], *size) == 0)
            return "minio";
    return capped && capped->value.i ? "??" : "none";
}

static void insert_cell(struct row *row, uint32_t at, uint32_t n, struct value v, struct arena *a) {
    struct value *cells = arena_alloc(a, (n + 1) * sizeof *cells);
    memcpy(cells, row->cells, at * sizeof *cells);
    memcpy(cells + at + 1, row->cells + at, (n - at) * sizeof *cells);
    cells[at] = v;
    row->cells = cells;
}

/* The catalogue with a column that the object storage has the answer to, before RESTORED. */
static const struct table *with_copies(const struct table *t, const struct snapshot *s,
                                       struct arena *a) {
    struct table *copy = arena_alloc(a, sizeof *copy);
    struct column *columns = arena_alloc(a, (t->n_columns + 1) * sizeof *columns);
    uint32_t at = 0;
    while (at < t->n_columns && strcmp(t->columns[at].name, "restored") != 0)
        at++;
    memcpy(columns, t->columns, at * sizeof *columns);
    memcpy(columns + at + 1, t->columns + at, (t->n_columns - at) * sizeof *columns);
    columns[at] = copy_column;
    *copy = *t;
    copy->columns = columns;
    copy->n_columns++;
    copy->rows = arena_alloc(a, (t->n_rows + 1) * sizeof *copy->rows);
    for (uint32_t i = 0; i < t->n_rows; i++) {
        copy->rows[i] = t->rows[i];
        insert_cell(&copy->rows[i], at, t->n_columns,
                    value_text(text_cleanz(a, copy_of(s, t, &t->rows[i]))), a);
    }
    return copy;
}

/* NULL before there is one. */
static const struct table *catalogue(const struct snapshot *s, struct arena *a) {
    const struct table *t = reading_table(&source(s)->reading, "backups");
    return t ? with_copies(t, s, a) : NULL;
}

/* ---- of the selected dump alone ---- */

static const char *selected_name(const struct table *t, const struct ui_state *ui) {
    uint32_t view;
    if (!t || !view_find("pg-backup", &view))
        return "";
    const struct row *row = table_selected_row(t, &ui->tables[view][PANE_BACKUPS]);
    return row ? row->key.s : "";
}

/* Without the first column, which says whose row it is. */
static struct table *rows_of(const struct table *t, const char *dump, struct arena *a) {
    struct table *part = arena_alloc(a, sizeof *part);
    *part = *t;
    part->columns++;
    part->n_columns--;
    part->rows = arena_alloc(a, (t->n_rows + 1) * sizeof *part->rows);
    part->n_rows = 0;
    for (uint32_t i = 0; i < t->n_rows; i++) {
        if (t->rows[i].cells[0].kind != VALUE_TEXT || strcmp(t->rows[i].cells[0].t.s, dump) != 0)
            continue;
        part->rows[part->n_rows] = t->rows[i];
        part->rows[part->n_rows++].cells++;
    }
    part->n_total = part->n_rows;
    return part;
}

static struct section narrowed(const struct snapshot *s, const struct ui_state *ui,
                               struct arena *a) {
    struct section sec = *source(s);
    const struct reading *all = &source(s)->reading;
    const struct table *dumps = catalogue(s, a);
    const char *dump = selected_name(dumps, ui);
    sec.reading.tables = arena_alloc(a, N_PANES * sizeof(struct table *));
    sec.reading.n_tables = 0;
    for (uint32_t i = 0; i < N_PANES; i++) {
        const struct table *t = i == PANE_BACKUPS ? dumps : reading_table(all, panes[i].table);
        if (!t)
            continue;
        struct table *copy = arena_alloc(a, sizeof *copy);
        *copy = *t;
        sec.reading.tables[sec.reading.n_tables++] =
            i == PANE_BACKUPS || !t->n_columns ? copy : rows_of(t, dump, a);
    }
    return sec;
}

static const struct table *backup_table(const struct snapshot *s, const struct ui_state *ui,
                                        struct arena *scratch) {
    struct section sec = narrowed(s, ui, scratch);
    return pane_table(&sec, &panes[ui->pane % N_PANES], scratch);
}

static uint32_t backup_panes(const struct snapshot *s, const struct ui_state *ui) {
    (void)s;
    (void)ui;
    return N_PANES;
}

static const struct view *backup_open(const struct snapshot *s, struct ui_state *ui) {
    struct arena a;
    arena_init(&a);
    const struct table *t = backup_table(s, ui, &a);
    if (ui->pane % N_PANES == PANE_BACKUPS)
        ui->pane = PANE_CONTENTS;
    else
        ui->show_row = t && table_selected_row(t, ui_table(ui, ui->pane));
    arena_done(&a);
    return NULL;
}

/* Whatever table has the keys, it is the dump that an act of this screen is done to. */
static void backup_operands(const struct snapshot *s, struct ui_state *ui, bool many,
                            struct str *out) {
    struct arena a;
    (void)many;
    arena_init(&a);
    str_puts(out, selected_name(catalogue(s, &a), ui));
    arena_done(&a);
}

/* ---- RPO, RTO ---- */

/* Pieces in a row, and below one another where it is too narrow. */
struct flow {
    struct cellbuf *b;
    struct rect r;
    int x, rows;
};

static void flow_add(struct flow *f, enum role role, const char *text) {
    int w = (int)strlen(text);
    if (f->x > f->r.x && f->x + w > f->r.x + f->r.w) {
        f->x = f->r.x;
        f->rows++;
    }
    if (f->rows <= f->r.h)
        f->x += draw_fmt(f->b, f->r, f->x, f->r.y + f->rows - 1, role, "%s", text) + 3;
}

static bool over(const struct reading *r, const char *metric, const char *goal) {
    double a, b;
    return reading_number(r, metric, &a) && reading_number(r, goal, &b) && a > b;
}

static int draw_goals(struct cellbuf *b, struct rect r, const struct snapshot *s, struct arena *a) {
    char age[32], goal[32], proof_age[32], proof_goal[32], took[32], free[32];
    const struct section *sec = source(s);
    const struct reading *reading = &sec->reading;
    struct flow f = {b, r, r.x, 1};
    format_metric(s, sec, "newest_age_s", age, sizeof age);
    format_metric(s, sec, "rpo_goal_s", goal, sizeof goal);
    format_metric(s, sec, "last_proof_age_s", proof_age, sizeof proof_age);
    format_metric(s, sec, "proof_goal_s", proof_goal, sizeof proof_goal);
    format_metric(s, sec, "recovery_ms", took, sizeof took);
    format_metric(s, sec, "free_bytes", free, sizeof free);
    bool proven = reading_metric(reading, "last_proof_age_s") != NULL;
    flow_add(&f, over(reading, "newest_age_s", "rpo_goal_s") ? ROLE_WARNING : ROLE_TEXT,
             arena_printf(a, "RPO now %s (goal %s)", age, goal));
    flow_add(&f, ROLE_TEXT,
             reading_metric(reading, "recovery_ms") ? arena_printf(a, "RTO proven %s", took)
                                                    : "RTO not proven");
    flow_add(
        &f, !proven || over(reading, "last_proof_age_s", "proof_goal_s") ? ROLE_WARNING : ROLE_TEXT,
        proven ? arena_printf(a, "restore proven %s ago (goal %s)", proof_age, proof_goal)
               : "restore never proven");
    flow_add(&f, ROLE_DIM, arena_printf(a, "free %s", free));
    return f.rows < r.h ? f.rows : r.h;
}

/* ---- what is at work ---- */

static int draw_jobs(struct cellbuf *b, struct rect r, const struct snapshot *s) {
    static const char *const acts[] = {"backup", "verify", "restore"};
    static const char *const states[] = {"planned", "waiting", "running"};
    const struct table *t = reading_table(&s->own[OWN_JOBS]->reading, "jobs");
    int used = 0;
    for (uint32_t i = 0; t && i < t->n_rows && used < 2; i++) {
        const struct row *row = &t->rows[i];
        const char *act = row_word(t, row, "action"), *state = row_word(t, row, "state");
        bool ours = false, at_work = false;
        for (size_t k = 0; k < 3; k++) {
            ours |= strcmp(act, acts[k]) == 0;
            at_work |= strcmp(state, states[k]) == 0;
        }
        if (ours && at_work)
            draw_fmt(b, r, r.x, r.y + used++, ROLE_KEY, "JOB  %s %s  %s  %s", act, state,
                     row_word(t, row, "progress"), row->key.s);
    }
    return used;
}

/* ---- what is due ---- */

static const char *due_in(const struct reading *r, const char *age, const char *goal,
                          struct arena *a) {
    double is, most;
    bool known = reading_number(r, age, &is) && reading_number(r, goal, &most);
    return known ? arena_strdup(a, DURATION(int_of(most - is))) : "a while";
}

static const char *next_act(const struct snapshot *s, struct arena *a) {
    const struct reading *r = &source(s)->reading;
    const char *grade = reading_string(r, "newest_grade");
    if (source(s)->failed || section_freshness(source(s), s->now_mono_ms) == FRESH_OLD)
        return "not known: so it was when the directory last answered";
    if (!reading_metric(r, "newest_age_s"))
        return "take the first backup: {acts}, then backup";
    if (grade && *grade == 'F')
        return "do not trust the newest: {acts}, backup; then {acts}, verify";
    if (over(r, "newest_age_s", "rpo_goal_s"))
        return "a backup is overdue: {acts}, then backup";
    if (!reading_metric(r, "last_proof_age_s") || over(r, "last_proof_age_s", "proof_goal_s"))
        return "prove the newest: {acts}, then verify";
    return arena_printf(a, "nothing due: backup within %s, drill within %s",
                        due_in(r, "newest_age_s", "rpo_goal_s", a),
                        due_in(r, "last_proof_age_s", "proof_goal_s", a));
}

/* ---- one dump ---- */

static const struct row *note_of(const struct table *t, const char *dump, const char *kind) {
    for (uint32_t i = 0; t && i < t->n_rows; i++)
        if (strcmp(row_word(t, &t->rows[i], "file"), dump) == 0 &&
            strcmp(row_word(t, &t->rows[i], "kind"), kind) == 0)
            return &t->rows[i];
    return NULL;
}

static int draw_line(struct cellbuf *b, struct rect r, const char *label, enum role role,
                     const char *text) {
    if (r.h < 1)
        return 0;
    int x = r.x + draw_fmt(b, r, r.x, r.y, ROLE_DIM, "%-9s ", label);
    draw_fmt(b, r, x, r.y, role, "%s", text);
    return 1;
}

static int draw_proof(struct cellbuf *b, struct rect r, const struct snapshot *s,
                      const struct table *t, const struct row *row, struct arena *a) {
    const char *result = row_word(t, row, "result"), *why = row_word(t, row, "why");
    bool passed = strcmp(result, "pass") == 0;
    int used = draw_line(
        b, r, "drill", passed ? ROLE_OK : ROLE_WARNING,
        arena_printf(a, "%s %s ago, recovered in %s, on %s against %s: %s passed, %s failed",
                     result, figure(s, t, row, "at", a), figure(s, t, row, "recovery_ms", a),
                     row_word(t, row, "place"), row_word(t, row, "against"),
                     figure(s, t, row, "passed", a), figure(s, t, row, "failed", a)));
    return used + (*why ? draw_line(b, rect_below(r, used), "why", ROLE_WARNING, why) : 0);
}

static int draw_dump(struct cellbuf *b, struct rect r, const struct snapshot *s, const char *dump,
                     struct arena *a) {
    const struct table *t = reading_table(&source(s)->reading, "notes");
    const struct row *manifest = note_of(t, dump, ".manifest.json");
    const struct row *proof = note_of(t, dump, ".proof.json");
    const struct row *attempt = note_of(t, dump, ".attempt.json");
    int used = draw_line(b, r, "dump", ROLE_TITLE, dump);
    if (manifest && *row_word(t, manifest, "sha256")) {
        used +=
            draw_line(b, rect_below(r, used), "manifest", ROLE_TEXT,
                      arena_printf(a, "%s in %s tables, dumped in %s",
                                   arena_printf(a, "%s rows", figure(s, t, manifest, "rows", a)),
                                   figure(s, t, manifest, "tables", a),
                                   figure(s, t, manifest, "took_ms", a)));
        used +=
            draw_line(b, rect_below(r, used), "sha-256", ROLE_DIM, row_word(t, manifest, "sha256"));
    }
    if (proof)
        used += draw_proof(b, rect_below(r, used), s, t, proof, a);
    if (attempt)
        used += draw_proof(b, rect_below(r, used), s, t, attempt, a);
    return used;
}

/* ---- the screen ---- */

/* The list has the screen while it has the keys, a dump that was opened has it otherwise; a high
 * screen has both. */
static int draw_top(struct cellbuf *b, struct rect r, const struct snapshot *s,
                    const struct ui_state *ui, struct arena *a) {
    if (ui->pane % N_PANES != PANE_BACKUPS)
        return draw_dump(b, r, s, selected_name(catalogue(s, a), ui), a);
    struct rect goals = {r.x, r.y, r.w, r.h < 8 ? 1 : r.h < 14 ? 2 : 4};
    int used = draw_goals(b, goals, s, a);
    used += draw_jobs(b, rect_below(r, used), s);
    struct rect found = rect_below(r, used);
    found.h = r.h < 16 ? 1 : r.h / 3;
    used += draw_findings(b, found, s, source(s));
    return used + (r.h >= ROWS_BOTH
                       ? draw_dump(b, rect_below(r, used), s, selected_name(catalogue(s, a), ui), a)
                       : 0);
}

static void backup_draw(struct cellbuf *b, struct rect r, const struct snapshot *s,
                        struct ui_state *ui) {
    struct arena scratch;
    const struct section *sec = source(s);
    struct rect rest = rect_below(r, draw_head(b, r, s, sec));
    if (!sec->has_reading) {
        draw_no_reading(b, rest, sec);
        return;
    }
    arena_init(&scratch);
    rest = rect_below(rest, draw_top(b, rest, s, ui, &scratch));
    int next = rest.h > 5 ? 1 : 0;
    struct section shown = narrowed(s, ui, &scratch);
    draw_panes(b, (struct rect){rest.x, rest.y, rest.w, rest.h - next}, s, ui, &shown, panes,
               N_PANES);
    if (next) {
        struct rect low = {rest.x, rest.y + rest.h - 1, rest.w, 1};
        int x = low.x + draw_lit(b, low, low.x, low.y, "NEXT  ", ROLE_TITLE);
        draw_said(b, low, x, low.y, next_act(s, &scratch), ROLE_TEXT);
    }
    arena_done(&scratch);
}

extern const struct view view_pg_backup;
const struct view view_pg_backup = {
    .id = "pg-backup",
    .title = "Backups",
    .about = "the dumps, their grades, and when one was last proven to restore; {open} opens one",
    .has_service = true,
    .service = SERVICE_pg_backup,
    .panel = &panel,
    .draw = backup_draw,
    .table = backup_table,
    .panes = backup_panes,
    .open = backup_open,
    .operands = backup_operands,
};
