/* views/lines_panel.c - what an incident commander asks after the list of services, one line each:
 * the cause, the traffic, the alerts, the backup, and what this platform does not have. */
#include "panels_priv.h"

#include <string.h>

#include "base/attr.h"
#include "base/clock.h"
#include "ui/keys.h"

#define LABEL_COLS 8
#define LATE_MS    10000 /* as the column AGE: what is younger says <10s there */

static int label(struct cellbuf *b, struct rect r, const char *word, enum role role) {
    draw_lit(b, r, r.x, r.y, word, role);
    return r.x + LABEL_COLS;
}

/* --- cause --- */

/* How many they are, and their names where they are wanted. */
static uint32_t symptoms_of(const struct snapshot *s, enum service cause, struct str *names) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < SERVICE_COUNT; i++) {
        const char *by = s->sections[i]->caused_by;
        if (!by || strcmp(by, service_name(cause)) != 0)
            continue;
        if (names)
            str_printf(names, "%s%s", n ? ", " : "", service_name((enum service)i));
        n++;
    }
    return n;
}

/* Prometheus that answers only passes on what its alerts say of others. */
static bool is_messenger(const struct section *sec) {
    return sec->service == SERVICE_prometheus && !sec->failed;
}

static bool explains_more(const struct snapshot *s, const struct section *a,
                          const struct section *b) {
    if (is_messenger(a) != is_messenger(b))
        return is_messenger(b);
    uint32_t of_a = symptoms_of(s, a->service, NULL), of_b = symptoms_of(s, b->service, NULL);
    return of_a != of_b ? of_a > of_b : a->since_mono_ms < b->since_mono_ms;
}

/* What is nobody's symptom, and critical itself or by its symptoms: a database that only says that
 * it starts. The one that most others hang on, then the one that fell ill first; a messenger last.
 */
const struct section *first_cause(const struct snapshot *s, uint32_t *ret_causes) {
    const struct section *first = NULL;
    *ret_causes = 0;
    for (uint32_t i = 0; i < SERVICE_COUNT; i++) {
        const struct section *sec = s->sections[i];
        if (sec->caused_by || snapshot_weight(s, (enum service)i) != HEALTH_CRITICAL)
            continue;
        ++*ret_causes;
        if (!first || explains_more(s, sec, first))
            first = sec;
    }
    return first;
}

bool has_cause(const struct snapshot *s) {
    uint32_t causes;
    return snapshot_silent(s) || snapshot_cut_off(s) || first_cause(s, &causes);
}

/* "CAUSE? this machine's own network or load: none of 12 services answers" */
static void draw_silence(struct cellbuf *b, struct rect r, uint32_t n_silent) {
    int x = label(b, r, "CAUSE?", ROLE_ALARM);
    x += draw_lit(b, r, x, r.y, "this machine's own network or load", ROLE_CRITICAL);
    draw_fmt(b, r, x, r.y, ROLE_TEXT, ": none of %u services answers", n_silent);
}

/* "CAUSE? this machine's own network: no way to 3 services: redis, minio, loki" */
static void draw_cut_off(struct cellbuf *b, struct rect r, uint32_t bits) {
    uint32_t n = 0;
    int x = label(b, r, "CAUSE?", ROLE_ALARM);
    x += draw_lit(b, r, x, r.y, "this machine's own network", ROLE_CRITICAL);
    x += draw_fmt(b, r, x, r.y, ROLE_TEXT, ": no way to %d services:", __builtin_popcount(bits));
    for (uint32_t i = 0; i < SERVICE_COUNT; i++)
        if (bits & BIT(i))
            x += draw_fmt(b, r, x, r.y, ROLE_TEXT, "%s %s", n++ ? "," : "",
                          service_name((enum service)i));
}

/* What stands behind the sentence: " -> api, web", " -> 2 symptoms" or "  and 1 more", in at most
 * `room` columns; else nothing, for the list has it and this sentence stands nowhere else. */
static void put_tail(struct str *out, const struct snapshot *s, const struct section *sec,
                     uint32_t causes, bool ascii, int room) {
    struct str names;
    const char *arrow = ascii ? "->" : "\xe2\x86\x92";
    str_init(&names, 200);
    uint32_t n = symptoms_of(s, sec->service, &names);
    if (n && (int)names.len + 4 <= room)
        str_printf(out, " %s %s", arrow, str_get(&names));
    else if (n > 1 && room >= 15)
        str_printf(out, " %s %u symptoms", arrow, n);
    else if (!n && causes > 1 && room >= 14)
        str_printf(out, "  and %u more", causes - 1);
    str_done(&names);
}

/* "CAUSE? pgbouncer since 14:27:55: pool app full -> api, web": first the sentence, whole, then
 * since when, which the list tells too, then who follows from it. */
static void draw_culprit(struct cellbuf *b, struct rect r, const struct snapshot *s,
                         const struct section *sec, uint32_t causes) {
    struct str tail;
    char since[CLOCK_DAY_SIZE];
    int end = r.x + r.w, cols = 2 + (int)sec->summary.cols;
    clock_day_time((s->now_wall_ms - (s->now_mono_ms - sec->since_mono_ms)) / 1000, s->utc_offset_s,
                   since);
    int x = label(b, r, "CAUSE?", ROLE_ALARM);
    if (is_messenger(sec))
        x += draw_lit(b, r, x, r.y, "not sure, alerts of ", ROLE_DIM);
    x += draw_fmt(b, r, x, r.y, ROLE_CRITICAL, "%s", service_name(sec->service));
    if (sec->since_mono_ms && x + 7 + (int)strlen(since) + cols <= end)
        x += draw_fmt(b, r, x, r.y, ROLE_DIM, " since %s", since);
    x += draw_lit(b, r, x, r.y, ": ", ROLE_DIM);
    x += draw_parts(b, r, x, r.y, sec->summary, ROLE_TEXT);
    str_init(&tail, 250);
    put_tail(&tail, s, sec, causes, b->ascii, end - x);
    draw_fmt(b, r, x, r.y, ROLE_ACCENT, "%s", str_get(&tail));
    str_done(&tail);
}

static int draw_cause(struct cellbuf *b, struct rect r, const struct snapshot *s,
                      const struct ui_state *ui) {
    (void)ui;
    uint32_t causes, n_silent = snapshot_silent(s), cut_off = snapshot_cut_off(s);
    const struct section *sec = first_cause(s, &causes);
    if (n_silent)
        draw_silence(b, r, n_silent);
    else if (cut_off)
        draw_cut_off(b, r, cut_off);
    else if (sec)
        draw_culprit(b, r, s, sec, causes);
    return n_silent || cut_off || sec;
}

const char *next_step(const struct section *sec) {
    if (sec->failed)
        return sec->err.todo ? sec->err.todo : err_todo(sec->err.code, sec->err.op);
    for (int worst = HEALTH_CRITICAL; worst >= HEALTH_WARNING; worst--)
        for (uint32_t i = 0; i < sec->reading.n_findings; i++)
            if ((int)sec->reading.findings[i].health == worst && sec->reading.findings[i].todo.len)
                return sec->reading.findings[i].todo.s;
    return NULL;
}

/* Where what stands before it, up to column x, leaves room; and where there is a key. */
static void draw_press(struct cellbuf *b, struct rect r, int x, const struct ui_state *ui,
                       enum action a) {
    char key[24];
    keymap_first(ui->keymap, a, key, sizeof key);
    if (*key && x + 7 + (int)strlen(key) < r.x + r.w)
        draw_right(b, r, r.y, ROLE_KEY, "press %s", key);
}

static int draw_next_step(struct cellbuf *b, struct rect r, const struct snapshot *s,
                          const struct ui_state *ui) {
    (void)ui;
    uint32_t causes;
    const struct section *sec = first_cause(s, &causes);
    const char *todo = snapshot_silent(s)    ? SNAPSHOT_SILENT_TODO
                       : snapshot_cut_off(s) ? SNAPSHOT_CUT_OFF_TODO
                       : sec                 ? next_step(sec)
                                             : NULL;
    if (!todo)
        return 0;
    int x = label(b, r, "NEXT", ROLE_TITLE);
    struct text said = {todo, (uint32_t)strlen(todo), text_cols(todo, strlen(todo))};
    return draw_wrapped(b, (struct rect){x, r.y, r.x + r.w - x, r.h < 2 ? r.h : 2}, said,
                        ROLE_TEXT);
}

/* --- the others --- */

static int64_t age_ms(const struct snapshot *s, const struct section *sec) {
    return s->now_mono_ms - sec->taken_mono_ms;
}

/* The line of a source that failed from the start is there too: where it were missing, nothing
 * would seem to be wrong. */
static bool never_read(const struct section *sec) {
    return sec->failed && !sec->has_reading;
}

/* Figures of a source that has been silent for too long are no figures: "none firing" least of all.
 */
static bool draw_unknown(struct cellbuf *b, struct rect r, int x, const struct snapshot *s,
                         const struct section *sec) {
    bool never = never_read(sec);
    if (!never && section_freshness(sec, s->now_mono_ms) != FRESH_OLD)
        return false;
    x += draw_lit(b, r, x, r.y, "?? ", ROLE_UNKNOWN);
    x += draw_lit(b, r, x, r.y, never ? "not known: no answer yet" : "not known: last read ",
                  ROLE_DIM);
    if (!never)
        draw_ago(b, r, x, r.y, age_ms(s, sec));
    return true;
}

static bool is_late(const struct snapshot *s, const struct section *sec) {
    return sec->failed || section_freshness(sec, s->now_mono_ms) >= FRESH_LATE;
}

/* "25s ago " behind figures that are late, where there is room. */
static int draw_late(struct cellbuf *b, struct rect r, int x, const struct snapshot *s,
                     const struct section *sec) {
    bool shown = is_late(s, sec) && age_ms(s, sec) >= LATE_MS && x + 8 <= r.x + r.w;
    return shown ? draw_ago(b, r, x, r.y, age_ms(s, sec)) : 0;
}

static int draw_traffic(struct cellbuf *b, struct rect r, const struct snapshot *s,
                        const struct ui_state *ui) {
    (void)ui;
    static const struct {
        const char *metric, *label;
    } signals[] = {{"request_rate", "requests"},
                   {"error_pct", "5xx"},
                   {"p50_s", "p50"},
                   {"p95_s", "p95"},
                   {"p99_s", "p99"}};
    const struct section *sec = s->sections[SERVICE_prometheus];
    if (!find_metric(s, sec, "p99_s") && !never_read(sec))
        return 0;
    bool stale = is_late(s, sec);
    int x = label(b, r, "TRAFFIC", ROLE_TITLE), end = x;
    if (draw_unknown(b, r, x, s, sec))
        return 1;
    for (uint32_t i = 0; i < ARRAY_LEN(signals); i++) {
        char number[32];
        double value = 0;
        const struct metric *m = find_metric(s, sec, signals[i].metric);
        format_metric(s, sec, signals[i].metric, number, sizeof number);
        bool errors = i == 1 && m && value_number(m->value, &value) && value >= 1;
        x += draw_fmt(b, r, x, r.y, ROLE_DIM, "%s ", signals[i].label);
        draw_lit(b, r, x, r.y, number, stale ? ROLE_DIM : errors ? ROLE_CRITICAL : ROLE_TEXT);
        end = x + (int)strlen(number) + 2;
        x += 9;
    }
    draw_late(b, r, end, s, sec);
    return 1;
}

static int draw_alerts(struct cellbuf *b, struct rect r, const struct snapshot *s,
                       const struct ui_state *ui) {
    const struct section *sec = s->sections[SERVICE_prometheus];
    const struct table *alerts = reading_table(&sec->reading, "alerts");
    if (!alerts && !never_read(sec))
        return 0;
    int x = label(b, r, "ALERTS", ROLE_TITLE);
    if (draw_unknown(b, r, x, s, sec))
        return 1;
    if (!alerts->n_rows) {
        x += draw_lit(b, r, x, r.y, "none pending or firing", ROLE_DIM) + 2;
        draw_late(b, r, x, s, sec);
        return 1;
    }
    double firing = 0, pending = 0;
    reading_number(&sec->reading, "alerts_firing", &firing);
    reading_number(&sec->reading, "alerts_pending", &pending);
    enum role role = role_of_health(alerts->rows[0].health);
    x += draw_fmt(b, r, x, r.y, role, "%.0f firing, %.0f pending", firing, pending) + 2;
    x += draw_late(b, r, x, s, sec);
    struct rect names = r;
    names.w -= 9;
    for (uint32_t i = 0; i < alerts->n_rows && x < names.x + names.w; i++)
        x += draw_fmt(b, names, x, r.y, ROLE_TEXT, "%s%s", i ? ", " : "", alerts->rows[i].key.s);
    draw_press(b, r, names.x, ui, ACT_VIEW_2);
    return 1;
}

/* Only where there is something to do: who has nothing stuck wants no line of it. */
static int draw_money(struct cellbuf *b, struct rect r, const struct snapshot *s,
                      const struct ui_state *ui) {
    const struct section *sec = s->own[OWN_PAYMENTS];
    char vnd[32], oldest[32];
    double n = 0;
    reading_number(&sec->reading, "to_act", &n);
    if (n < 1 && !never_read(sec))
        return 0;
    format_metric(s, sec, "to_act_vnd", vnd, sizeof vnd);
    format_metric(s, sec, "oldest_s", oldest, sizeof oldest);
    int x = label(b, r, "MONEY", ROLE_ALARM);
    if (draw_unknown(b, r, x, s, sec))
        return 1;
    x += draw_fmt(b, r, x, r.y, ROLE_CRITICAL, "%.0f payment%s to act on", n, n < 2 ? "" : "s");
    x += draw_fmt(b, r, x, r.y, ROLE_TEXT, "  %s VND   oldest %s", vnd, oldest);
    x += 2 + draw_late(b, r, x + 2, s, sec);
    draw_press(b, r, x, ui, ACT_VIEW_7);
    return 1;
}

static int draw_backup(struct cellbuf *b, struct rect r, const struct snapshot *s,
                       const struct ui_state *ui) {
    const struct section *sec = s->sections[SERVICE_pg_backup];
    const struct metric *newest = find_metric(s, sec, "newest_age_s");
    if (!newest && !never_read(sec))
        return 0;
    char age[32], size[32], proven[32];
    format_metric(s, sec, "newest_age_s", age, sizeof age);
    format_metric(s, sec, "newest_bytes", size, sizeof size);
    format_metric(s, sec, "last_proof_age_s", proven, sizeof proven);
    bool never = strcmp(proven, "-") == 0;
    int x = label(b, r, "BACKUP", ROLE_TITLE);
    if (draw_unknown(b, r, x, s, sec))
        return 1;
    x += draw_fmt(b, r, x, r.y, ROLE_TEXT, "newest %s old, %s   ", age, size);
    if (never)
        x += draw_lit(b, r, x, r.y, "restore never proven", ROLE_WARNING);
    else
        x += draw_fmt(b, r, x, r.y, ROLE_TEXT, "restore proven %s ago", proven);
    draw_press(b, r, x, ui, ACT_VIEW_8);
    return 1;
}

static int draw_off(struct cellbuf *b, struct rect r, const struct snapshot *s,
                    const struct ui_state *ui) {
    (void)ui;
    bool any = false;
    int x = r.x + LABEL_COLS;
    for (uint32_t i = 0; i < SERVICE_COUNT; i++) {
        const struct section *sec = s->sections[i];
        if (sec->health != HEALTH_OFF)
            continue;
        if (!any)
            label(b, r, "OFF", ROLE_TITLE);
        x += draw_fmt(b, r, x, r.y, ROLE_OFF, "%s%s", any ? ", " : "", service_name(sec->service));
        any = true;
    }
    if (any)
        draw_lit(b, r, x, r.y, "  not of this platform", ROLE_OFF);
    return any;
}

int draw_lines(struct cellbuf *b, struct rect r, const struct snapshot *s,
               const struct ui_state *ui) {
    static int (*const lines[])(struct cellbuf *, struct rect, const struct snapshot *,
                                const struct ui_state *) = {
        draw_cause, draw_next_step, draw_traffic, draw_alerts, draw_money, draw_backup, draw_off};
    int used = 0;
    for (uint32_t i = 0; i < ARRAY_LEN(lines) && used < r.h; i++)
        used += lines[i](b, rect_below(r, used), s, ui);
    return used;
}
