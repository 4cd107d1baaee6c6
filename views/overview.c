/* views/overview.c - the whole platform on one screen: worst first in an order that holds still
 * under the cursor, symptoms below their cause, then what an incident commander asks next: cause,
 * alerts, search, backup. */
#include "base/attr.h"
#include "ui/draw.h"
#include "ui/view.h"

enum { COL_STATE, COL_SERVICE, COL_FOR, COL_LATENCY, COL_SUMMARY, COL_AGE };
static const struct column columns[] = {
    [COL_STATE] = {"state", "ST", UNIT_NONE, 2, 0},
    [COL_SERVICE] = {"service", "SERVICE", UNIT_NONE, 11, 0},
    [COL_FOR] = {"for", "FOR", UNIT_SECONDS, 6, 1},
    [COL_LATENCY] = {"latency", "LATENCY", UNIT_MS, 7, 2},
    [COL_SUMMARY] = {"summary", "KEY NUMBER", UNIT_NONE, 0, 0},
    [COL_AGE] = {"age", "AGE", UNIT_SECONDS, 4, 0},
};

/* Where the columns of one frame begin; a width of 0 leaves the column out. */
struct layout {
    int service, since, latency, summary, summary_w, trend, trend_w, age;
};

static struct layout layout_for(int w) {
    struct layout l = {.service = 4, .age = w - 4};
    int x = l.service + 12;
    if (w >= 60) {
        l.since = x;
        x += 7;
    }
    if (w >= 72) {
        l.latency = x;
        x += 8;
    }
    l.summary = x;
    l.trend_w = w >= 140 ? 45 : w >= 100 ? 30 : w >= 76 ? 15 : 0;
    l.trend = l.age - l.trend_w - 1;
    l.summary_w = (l.trend_w ? l.trend : l.age) - l.summary - 1;
    return l;
}

/* Symptoms go below their cause, so that the first line is where to look. */
static void order_services(const struct snapshot *s, const struct ui_state *ui,
                           enum service order[SERVICE_COUNT]) {
    if (ui->held_until_mono_ms <= s->now_mono_ms) {
        snapshot_worst_first(s, order);
        return;
    }
    for (uint32_t i = 0; i < SERVICE_COUNT; i++)
        order[i] = ui->held_order[i];
}

static void add_row(struct reading *out, struct table *t, const struct snapshot *s,
                    enum service service) {
    const struct section *sec = s->sections[service];
    enum health shown = section_shown_health(sec, s->now_mono_ms);
    struct row *row = table_add_row(out, t, service_name(service), shown);
    if (!row)
        return;
    row_int(row, COL_STATE, HEALTH_COUNT - (int)shown);
    row_text(out, row, COL_SERVICE, service_name(service));
    if (sec->since_mono_ms)
        row_int(row, COL_FOR, (s->now_mono_ms - sec->since_mono_ms) / 1000);
    if (sec->has_reading)
        row_real(row, COL_LATENCY, sec->latency_ms);
    row_text(out, row, COL_SUMMARY, sec->summary.s);
    if (sec->taken_mono_ms)
        row_int(row, COL_AGE, (s->now_mono_ms - sec->taken_mono_ms) / 1000);
}

static const struct table *overview_table(const struct snapshot *s, const struct ui_state *ui,
                                          struct arena *scratch) {
    struct reading *out = arena_alloc(scratch, sizeof *out);
    reading_init(out, scratch);
    struct table *t = reading_add_table(out, "services", "Services", columns, ARRAY_LEN(columns));
    enum service order[SERVICE_COUNT];
    order_services(s, ui, order);
    for (uint32_t i = 0; i < SERVICE_COUNT; i++)
        if (s->sections[order[i]]->health != HEALTH_OFF)
            add_row(out, t, s, order[i]);
    return t;
}

static void draw_heading(struct cellbuf *b, struct rect r, struct layout l) {
    struct rect line = {r.x, r.y, r.w, 1};
    draw_fill(b, line, ROLE_HEADER);
    draw_lit(b, line, r.x + 1, r.y, "ST", ROLE_HEADER);
    draw_lit(b, line, r.x + l.service, r.y, "SERVICE", ROLE_HEADER);
    if (l.since)
        draw_lit(b, line, r.x + l.since, r.y, "FOR", ROLE_HEADER);
    if (l.latency)
        draw_lit(b, line, r.x + l.latency, r.y, "LATENCY", ROLE_HEADER);
    draw_lit(b, line, r.x + l.summary, r.y, "KEY NUMBER", ROLE_HEADER);
    if (l.trend_w)
        draw_lit(b, line, r.x + l.trend, r.y, "15 MIN TREND", ROLE_HEADER);
    draw_lit(b, line, r.x + l.age, r.y, " AGE", ROLE_HEADER);
}

static void draw_since(struct cellbuf *b, struct rect r, int x, const struct snapshot *s,
                       const struct section *sec) {
    char since[16];
    if (!sec->since_mono_ms)
        return;
    format_age(s->now_mono_ms - sec->since_mono_ms, since, sizeof since);
    draw_fmt(b, r, x, r.y, ROLE_DIM, "%6s", since);
}

static void draw_latency(struct cellbuf *b, struct rect r, int x, const struct section *sec) {
    char latency[32] = "-";
    if (sec->has_reading && !sec->failed)
        value_format(value_real(sec->latency_ms), UNIT_MS, 0, latency, sizeof latency);
    draw_fmt(b, r, x, r.y, ROLE_DIM, "%7s", latency);
}

static void draw_summary(struct cellbuf *b, struct rect r, struct layout l,
                         const struct section *sec) {
    struct rect cell = {r.x + l.summary, r.y, l.summary_w, 1};
    int x = cell.x;
    if (sec->caused_by)
        x += draw_fmt(b, cell, x, r.y, ROLE_ACCENT, "symptom of %s  ", sec->caused_by);
    draw_text(b, cell, x, r.y, sec->summary,
              sec->health == HEALTH_OK ? ROLE_TEXT : role_of_health(sec->health));
}

static void draw_service(struct cellbuf *b, struct rect r, struct layout l,
                         const struct snapshot *s, const struct section *sec, bool selected) {
    enum health shown = section_shown_health(sec, s->now_mono_ms);
    if (shown == HEALTH_CRITICAL)
        draw_lit(b, r, r.x, r.y, "!", ROLE_CRITICAL);
    draw_health(b, r, r.x + 1, r.y, shown);
    draw_fmt(b, r, r.x + l.service, r.y, sec->caused_by ? ROLE_DIM : ROLE_TEXT, "%s",
             service_name(sec->service));
    if (l.since)
        draw_since(b, r, r.x + l.since, s, sec);
    if (l.latency)
        draw_latency(b, r, r.x + l.latency, sec);
    draw_summary(b, r, l, sec);
    const struct trend *trend = section_trend(sec, sec->key_metric);
    if (l.trend_w && trend) {
        uint32_t points = (uint32_t)l.trend_w < TREND_POINTS ? (uint32_t)l.trend_w : TREND_POINTS;
        draw_sparkline(b, r, r.x + l.trend, r.y, l.trend_w, trend->points + (TREND_POINTS - points),
                       points, ROLE_GRAPH);
    }
    draw_age(b, r, r.x + l.age, r.y, sec, s->now_mono_ms);
    if (selected)
        cell_select(b, r);
}

static bool same_key(struct text key, const char *selected) {
    uint32_t i = 0;
    while (key.s[i] && key.s[i] == selected[i])
        i++;
    return key.s[i] == selected[i];
}

static uint32_t selected_row(const struct table *t, const struct table_state *ts,
                             const uint32_t *indices, uint32_t n) {
    for (uint32_t i = 0; i < n; i++)
        if (same_key(t->rows[indices[i]].key, ts->selected))
            return i;
    return ts->selected[0] && n ? (ts->selected_index < n ? ts->selected_index : n - 1) : 0;
}

/* The services in table order from `first`, as many as fit. Returns rows used. */
static int draw_services(struct cellbuf *b, struct rect r, const struct snapshot *s,
                         struct ui_state *ui) {
    struct arena scratch;
    arena_init(&scratch);
    const struct table *t = overview_table(s, ui, &scratch);
    uint32_t indices[SERVICE_COUNT];
    uint32_t n = table_view_rows(t, ui_table(ui, 0), indices, SERVICE_COUNT);
    uint32_t selected = selected_row(t, ui_table(ui, 0), indices, n);
    uint32_t room = r.h > 0 ? (uint32_t)r.h : 0;
    uint32_t first = selected >= room && room ? selected - room + 1 : 0;
    struct layout l = layout_for(r.w);
    int used = 0;
    for (uint32_t i = first; i < n && used < r.h; i++, used++) {
        enum service service;
        if (service_parse(t->rows[indices[i]].key.s, &service))
            draw_service(b, (struct rect){r.x, r.y + used, r.w, 1}, l, s, s->sections[service],
                         i == selected);
    }
    if (n == 0 && r.h > 0) {
        draw_empty(b, (struct rect){r.x, r.y, r.w, 1}, "no service matches the filter");
        used = 1;
    }
    arena_done(&scratch);
    return used;
}

/* "CAUSE? pgbouncer ... -> api, web  2 symptoms folded"; "not sure" where a source is missing. */
static bool draw_cause(struct cellbuf *b, struct rect r, const struct snapshot *s) {
    const char *root = NULL;
    uint32_t symptoms = 0;
    for (uint32_t i = 0; i < SERVICE_COUNT; i++)
        if (s->sections[i]->caused_by) {
            root = root ? root : s->sections[i]->caused_by;
            symptoms++;
        }
    enum service service;
    if (!root || !service_parse(root, &service))
        return false;
    int x = r.x + draw_lit(b, r, r.x, r.y, "CAUSE?  ", ROLE_TITLE);
    x += draw_fmt(b, r, x, r.y, ROLE_CRITICAL, "%s ", root);
    x += draw_text(b, r, x, r.y, s->sections[service]->summary, ROLE_TEXT);
    draw_fmt(b, r, x, r.y, ROLE_DIM, "  %u symptom%s below it", symptoms, symptoms == 1 ? "" : "s");
    return true;
}

static bool draw_alerts_line(struct cellbuf *b, struct rect r, const struct snapshot *s) {
    const struct section *sec = s->sections[SERVICE_prometheus];
    const struct table *alerts = reading_table(&sec->reading, "alerts");
    if (!alerts)
        return false;
    int x = r.x + draw_lit(b, r, r.x, r.y, "ALERTS  ", ROLE_TITLE);
    if (!alerts->n_rows) {
        draw_lit(b, r, x, r.y, "none pending or firing", ROLE_DIM);
        return true;
    }
    x += draw_fmt(b, r, x, r.y, role_of_health(alerts->rows[0].health), "%u  ", alerts->n_total);
    draw_text(b, r, x, r.y, alerts->rows[0].key, ROLE_TEXT);
    draw_right(b, r, r.y, ROLE_KEY, "press 2");
    return true;
}

static bool draw_golden_signals(struct cellbuf *b, struct rect r, const struct snapshot *s) {
    static const struct {
        const char *metric, *label;
    } signals[] = {{"request_rate", "requests"},
                   {"error_pct", "5xx"},
                   {"p50_s", "p50"},
                   {"p95_s", "p95"},
                   {"p99_s", "p99"}};
    const struct reading *reading = &s->sections[SERVICE_prometheus]->reading;
    if (!reading_metric(reading, "p99_s"))
        return false;
    int x = r.x + draw_lit(b, r, r.x, r.y, "TRAFFIC ", ROLE_TITLE);
    for (uint32_t i = 0; i < ARRAY_LEN(signals); i++) {
        const struct metric *m = reading_metric(reading, signals[i].metric);
        char number[32] = "no data";
        if (m && m->value.kind != VALUE_NONE)
            value_format(m->value, m->unit, 0, number, sizeof number);
        x += draw_fmt(b, r, x, r.y, ROLE_DIM, "%s ", signals[i].label);
        x += draw_fmt(b, r, x, r.y, ROLE_TEXT, "%s   ", number);
    }
    return true;
}

static bool draw_backup_line(struct cellbuf *b, struct rect r, const struct snapshot *s) {
    const struct section *sec = s->sections[SERVICE_pg_backup];
    const struct metric *newest = reading_metric(&sec->reading, "newest_age_s");
    const struct metric *bytes = reading_metric(&sec->reading, "newest_bytes");
    const struct metric *proof = reading_metric(&sec->reading, "last_proof_age_s");
    if (!newest || !bytes)
        return false;
    char age[32], size[32], proven[32] = "never";
    value_format(newest->value, newest->unit, 0, age, sizeof age);
    value_format(bytes->value, bytes->unit, 0, size, sizeof size);
    if (proof && proof->value.kind != VALUE_NONE)
        value_format(proof->value, proof->unit, 0, proven, sizeof proven);
    int x = r.x + draw_lit(b, r, r.x, r.y, "BACKUP  ", ROLE_TITLE);
    draw_fmt(b, r, x, r.y, ROLE_TEXT, "newest %s old, %s   restore proven: %s", age, size, proven);
    draw_right(b, r, r.y, ROLE_KEY, "press 8");
    return true;
}

static bool draw_off_line(struct cellbuf *b, struct rect r, const struct snapshot *s) {
    int x = r.x;
    for (uint32_t i = 0; i < SERVICE_COUNT; i++) {
        if (s->sections[i]->health != HEALTH_OFF)
            continue;
        x += draw_lit(b, r, x, r.y, x == r.x ? "OFF     " : "  ", x == r.x ? ROLE_TITLE : ROLE_OFF);
        x += draw_fmt(b, r, x, r.y, ROLE_OFF, "%s", service_name((enum service)i));
    }
    return x > r.x;
}

static void overview_draw(struct cellbuf *b, struct rect r, const struct snapshot *s,
                          struct ui_state *ui) {
    static bool (*const lines[])(struct cellbuf *, struct rect, const struct snapshot *) = {
        draw_cause, draw_golden_signals, draw_alerts_line, draw_backup_line, draw_off_line};
    if (r.h < 1)
        return;
    if (r.h > 4) { /* on a tiny screen every row is a service */
        draw_heading(b, r, layout_for(r.w));
        r.y++, r.h--;
    }
    int used = draw_services(b, r, s, ui);
    r.y += used, r.h -= used;
    if (r.h < 2)
        return;
    draw_rule(b, r, r.y, NULL);
    r.y++, r.h--;
    for (uint32_t i = 0; i < ARRAY_LEN(lines) && r.h > 0; i++)
        if (lines[i](b, (struct rect){r.x, r.y, r.w, 1}, s))
            r.y++, r.h--;
}

static const struct view *overview_open(const struct snapshot *s, struct ui_state *ui) {
    struct arena scratch;
    arena_init(&scratch);
    const struct table *t = overview_table(s, ui, &scratch);
    uint32_t indices[SERVICE_COUNT];
    uint32_t n = table_view_rows(t, ui_table(ui, 0), indices, SERVICE_COUNT);
    const struct view *view = NULL;
    if (n)
        view =
            view_find(t->rows[indices[selected_row(t, ui_table(ui, 0), indices, n)]].key.s, NULL);
    arena_done(&scratch);
    return view;
}

extern const struct view view_overview;
const struct view view_overview = {
    .id = "overview",
    .title = "Overview",
    .draw = overview_draw,
    .table = overview_table,
    .open = overview_open,
};
