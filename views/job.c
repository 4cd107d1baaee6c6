/* views/job.c - one job: what is known of it, and the end of its log, which grows while it runs. */
#include "panels_priv.h"

#include <string.h>

#include "base/attr.h"
#include "ui/keys.h"

#define LABEL_COLS 10
#define ONE_COLUMN 1000 /* a log is read from top to bottom, however wide the screen is */

static const struct reading *log_of(const struct snapshot *s) {
    return &s->own[OWN_LOG]->reading;
}

/* The one that was opened, else the one whose log was read, else the newest. */
static const char *shown_id(const struct snapshot *s, const struct ui_state *ui) {
    const struct table *jobs = reading_table(&s->own[OWN_JOBS]->reading, "jobs");
    const char *read = reading_string(log_of(s), "job");
    return *ui->job ? ui->job : read ? read : jobs && jobs->n_rows ? jobs->rows[0].key.s : "";
}

/* ---- what is known of it ---- */

static void put_fact(struct page *p, int cols, const char *label, enum role role,
                     const char *text) {
    if (!*text)
        return;
    page_line(p);
    page_piece(p, 0, ROLE_DIM, "%s", label);
    page_wrapped(p, LABEL_COLS, cols - LABEL_COLS, role, text_cleanz(p->arena, text));
}

/* Any cell in words, "" where it is not known. */
static const char *cell(struct page *p, const struct snapshot *s, const struct table *jobs,
                        const struct row *row, const char *column) {
    char buf[64] = "";
    const struct value *v = row_value(jobs, row, column);
    if (v && v->kind == VALUE_TEXT)
        return v->t.s;
    for (uint32_t c = 0; v && v->kind != VALUE_NONE && c < jobs->n_columns; c++)
        if (strcmp(jobs->columns[c].name, column) == 0)
            value_format(*v, jobs->columns[c].unit, s->now_wall_ms / 1000, buf, sizeof buf);
    return arena_strdup(p->arena, buf);
}

/* "a here, or goodgo jobs cancel ID": the key where this console has acts. */
static void put_way_to_stop(struct page *p, int cols, const struct ui_state *ui,
                            const struct table *jobs, const struct row *row) {
    char key[24] = "";
    if (job_is_over(jobs, row))
        return;
    if (acts_of_view(ui, "job", 0))
        keymap_first(ui->keymap, ACT_ACTS, key, sizeof key);
    put_fact(p, cols, "to stop", ROLE_DIM,
             arena_printf(p->arena, "%s%sgoodgo jobs cancel %s", key, *key ? " here, or " : "",
                          row->key.s));
}

static void put_facts(struct page *p, int cols, const struct snapshot *s, const struct ui_state *ui,
                      const struct table *jobs, const struct row *row) {
    static const struct row_line facts[] = {
        {"stage", "stage", ROLE_TEXT},     {"pct", "done", ROLE_TEXT},
        {"eta_s", "ends in", ROLE_TEXT},   {"progress", "progress", ROLE_TEXT},
        {"started", "began", ROLE_TEXT},   {"took_s", "took", ROLE_TEXT},
        {"why", "why", ROLE_TEXT},         {"by_hand", "by hand", ROLE_WARNING},
        {"by_hand2", "", ROLE_WARNING},    {"by_hand3", "", ROLE_WARNING},
        {"by_hand4", "", ROLE_WARNING},    {"by_hand5", "", ROLE_WARNING},
        {"result", "result", ROLE_TEXT},   {"target", "target", ROLE_TEXT},
        {"context", "context", ROLE_TEXT}, {"who", "by", ROLE_TEXT},
        {"plan", "plan", ROLE_TEXT},       {"log", "log", ROLE_DIM},
    };
    page_line(p);
    page_piece(p, 0, ROLE_TITLE, "%s", row_word(jobs, row, "action"));
    page_piece(p, LABEL_COLS, role_of_health(row->health), "%s", row_word(jobs, row, "state"));
    page_piece(p, LABEL_COLS + 11, ROLE_DIM, "%s", row->key.s);
    for (size_t i = 0; i < ARRAY_LEN(facts); i++) {
        const char *words = cell(p, s, jobs, row, facts[i].column);
        if (strcmp(facts[i].column, "started") == 0 && *words)
            words = arena_printf(p->arena, "%s ago", words);
        put_fact(p, cols, facts[i].label, facts[i].role, words);
    }
    put_way_to_stop(p, cols, ui, jobs, row);
}

/* ---- the log ---- */

static bool has_word(const char *line, const char *const *words) {
    for (; *words; words++)
        if (text_contains(line, *words))
            return true;
    return false;
}

/* By the words of the programs that write here: psql, pg_dump, pg_restore, ourselves. */
static enum role line_role(const char *line) {
    static const char *const bad[] = {"error:", "fatal:", "panic:", "failed", NULL};
    static const char *const odd[] = {"warning", "refused", "cancel", NULL};
    return has_word(line, bad) ? ROLE_CRITICAL : has_word(line, odd) ? ROLE_WARNING : ROLE_TEXT;
}

static void put_log(struct page *p, int cols, const struct snapshot *s, const struct ui_state *ui,
                    const char *id) {
    const char *read = reading_string(log_of(s), "job");
    const struct table *lines = reading_table(log_of(s), "lines");
    const struct metric *cut = reading_metric(log_of(s), "cut");
    page_heading(p, cut && cut->value.i ? "THE END OF ITS LOG" : "ITS LOG");
    if (!read || !lines || strcmp(read, id) != 0 || !lines->n_rows) {
        bool none = read && lines && strcmp(read, id) == 0;
        page_line(p);
        page_piece(p, 0, ROLE_DIM, "%s", none ? "it has said nothing yet" : "it is being read");
        return;
    }
    for (uint32_t i = 0; i < lines->n_rows; i++) {
        struct text t = lines->rows[i].cells[0].t;
        bool known = lines->rows[i].cells[0].kind == VALUE_TEXT;
        page_line(p);
        if (known)
            page_wrapped(p, 0, ui->unwrapped ? ONE_COLUMN : cols, line_role(t.s), t);
    }
}

static const struct page *job_page(const struct snapshot *s, const struct ui_state *ui,
                                   struct arena *scratch) {
    const struct table *jobs = reading_table(&s->own[OWN_JOBS]->reading, "jobs");
    const char *id = shown_id(s, ui);
    const struct row *row = table_row(jobs, id);
    struct page *p = arena_alloc(scratch, sizeof *p);
    int cols = ui->body_cols > LABEL_COLS + 8 ? ui->body_cols : 80;
    page_init(p, scratch, ONE_COLUMN);
    if (row) {
        put_facts(p, cols, s, ui, jobs, row);
        put_log(p, cols, s, ui, id);
        return p;
    }
    char none[80];
    keymap_say(ui->keymap, "no jobs yet: {acts} on the screen of a service starts one", none,
               sizeof none);
    page_line(p);
    page_piece(p, 0, ROLE_DIM, "%s",
               *id && !jobs ? "the job directories are being read"
               : *id        ? "this job is not there any more"
                            : none);
    return p;
}

static void job_draw(struct cellbuf *b, struct rect r, const struct snapshot *s,
                     struct ui_state *ui) {
    struct arena scratch;
    arena_init(&scratch);
    draw_page(b, r, job_page(s, ui, &scratch), ui);
    arena_done(&scratch);
}

static bool job_shell(const struct snapshot *s, const struct ui_state *ui, char *buf, size_t size) {
    const struct table *jobs = reading_table(&s->own[OWN_JOBS]->reading, "jobs");
    const struct row *row = table_row(jobs, shown_id(s, ui));
    const char *command = row ? row_word(jobs, row, "command") : "";
    return *command && str_copy(buf, size, command);
}

/* What an act of this screen is done to: this job. */
static void job_operands(const struct snapshot *s, struct ui_state *ui, bool many,
                         struct str *out) {
    (void)many;
    str_puts(out, shown_id(s, ui));
}

static const char *job_no_acts(const struct snapshot *s, struct ui_state *ui) {
    const struct table *jobs = reading_table(&s->own[OWN_JOBS]->reading, "jobs");
    return job_is_over(jobs, table_row(jobs, shown_id(s, ui)));
}

extern const struct view view_job;
const struct view view_job = {
    .id = "job",
    .title = "Job",
    .about = "one job and its log as it grows; {open} on Jobs opens it",
    .draw = job_draw,
    .page = job_page,
    .grows = true,
    .command = "goodgo jobs show",
    .shell = job_shell,
    .operands = job_operands,
    .no_acts = job_no_acts,
};
