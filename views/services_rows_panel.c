/* views/services_rows_panel.c - the rows of Overview's table: worst first in an order that holds
 * still under the cursor, symptoms folded under their cause. Sorted or filtered it is a flat list.
 */
#include "services_priv.h"

#include <string.h>

#include "base/attr.h"

const struct column services_columns[COL_COUNT] = {
    [COL_STATE] = {"state", "ST", UNIT_STATE, 2, 0},
    [COL_SERVICE] = {"service", "SERVICE", UNIT_NONE, 11, 0},
    [COL_FOR] = {"for", "FOR", UNIT_SECONDS, 5, 1},
    [COL_LATENCY] = {"latency", "REPLY", UNIT_MS, 5, 2},
    [COL_SUMMARY] = {"summary", "KEY NUMBER", UNIT_NONE, 0, 0},
    [COL_RATE] = {"rate", "RATE", UNIT_PER_SECOND, 8, 3},
    [COL_TROUBLE] = {"trouble", "TROUBLE", UNIT_MIXED, 14, 4},
    [COL_TIME] = {"time", "TIME", UNIT_MS, 7, 5},
    [COL_VERSION] = {"version", "VERSION", UNIT_NONE, 12, 7},
    [COL_FAILED] = {"failed", "FAILED", UNIT_PERCENT, 7, 6},
    [COL_AGE] = {"age", "AGE", UNIT_SECONDS, 4, 0},
};

/* --- rows --- */

const struct service_panel *panel_of(const struct section *sec) {
    const struct view *v = view_find(service_name(sec->service), NULL);
    return v ? v->panel : NULL;
}

static struct value metric_value(const struct snapshot *s, const struct section *sec,
                                 const char *name) {
    const struct metric *m = name ? find_metric(s, sec, name) : NULL;
    return m ? m->value : value_none();
}

/* Of one service it is told in milliseconds and of another in seconds; they sort together. */
static struct value metric_ms(const struct snapshot *s, const struct section *sec,
                              const char *name) {
    const struct metric *m = name ? find_metric(s, sec, name) : NULL;
    double d;
    if (m && m->unit == UNIT_SECONDS && value_number(m->value, &d))
        return value_real(1000 * d);
    return metric_value(s, sec, name);
}

static void add_service(struct reading *out, struct table *t, const struct snapshot *s,
                        const struct section *sec) {
    const struct service_panel *p = panel_of(sec);
    enum health shown = section_shown_health(sec, s->now_mono_ms);
    struct row *row = table_add_row(out, t, service_name(sec->service), shown);
    if (!row)
        return;
    row_int(row, COL_STATE, HEALTH_COUNT - (int)shown);
    row_text(out, row, COL_SERVICE, service_name(sec->service));
    if (sec->since_mono_ms)
        row_int(row, COL_FOR, (s->now_mono_ms - sec->since_mono_ms) / 1000);
    if (sec->has_reading && !sec->failed)
        row_real(row, COL_LATENCY, sec->latency_ms);
    row_text(out, row, COL_SUMMARY, sec->summary.s);
    row->cells[COL_RATE] = metric_value(s, sec, p ? p->rate : NULL);
    row->cells[COL_TROUBLE] = metric_value(s, sec, p ? p->trouble.metric : NULL);
    row->cells[COL_TIME] = metric_ms(s, sec, p ? p->time : NULL);
    row_text(out, row, COL_VERSION, reading_string(&sec->reading, "version"));
    if (sec->asked)
        row_real(row, COL_FAILED, 100.0 * sec->lost / sec->asked);
    if (sec->taken_mono_ms)
        row_int(row, COL_AGE, (s->now_mono_ms - sec->taken_mono_ms) / 1000);
}

static bool is_symptom_of(const struct section *sec, const char *cause) {
    return sec->health != HEALTH_OFF && sec->caused_by && strcmp(sec->caused_by, cause) == 0;
}

/* "api, web"; returns how many. */
static uint32_t symptom_names(const struct snapshot *s, const enum service *order,
                              const char *cause, struct str *names) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < SERVICE_COUNT; i++)
        if (is_symptom_of(s->sections[order[i]], cause))
            str_printf(names, "%s%s", n++ ? ", " : "", service_name(order[i]));
    return n;
}

/* The key begins with the service's name, so that whoever wants the service of a row finds it. */
static void add_fold(struct reading *out, struct table *t, const char *cause, const char *names,
                     uint32_t n) {
    struct row *row =
        table_add_row(out, t, arena_printf(out->arena, "%s:symptoms", cause), HEALTH_OFF);
    if (!row)
        return;
    row_text(out, row, COL_SUMMARY,
             arena_printf(out->arena, "%s fold under %s (%u)", names, cause, n));
}

static void add_symptoms(struct reading *out, struct table *t, const struct snapshot *s,
                         const struct ui_state *ui, const enum service *order, enum service cause) {
    struct str names;
    str_init(&names, 200);
    uint32_t n = symptom_names(s, order, service_name(cause), &names);
    if (n)
        add_fold(out, t, service_name(cause), str_get(&names), n);
    str_done(&names);
    for (uint32_t i = 0; n && (ui->unfolded & BIT(cause)) && i < SERVICE_COUNT; i++)
        if (is_symptom_of(s->sections[order[i]], service_name(cause)))
            add_service(out, t, s, s->sections[order[i]]);
}

bool services_flat(const struct ui_state *ui) {
    const struct table_state *ts = &ui->tables[ui->view % UI_MAX_VIEWS][0];
    return *ts->filter || ts->sort_column >= 0;
}

bool hangs_below(const struct snapshot *s, const struct section *sec) {
    enum service cause;
    return sec->caused_by && service_parse(sec->caused_by, &cause) &&
           s->sections[cause]->health != HEALTH_OFF && !s->sections[cause]->caused_by;
}

static void order_services(const struct snapshot *s, const struct ui_state *ui,
                           enum service order[SERVICE_COUNT]) {
    if (ui->held_until_mono_ms <= s->now_mono_ms) {
        snapshot_worst_first(s, order);
        return;
    }
    for (uint32_t i = 0; i < SERVICE_COUNT; i++)
        order[i] = ui->held_order[i];
}

const struct table *services_table(const struct snapshot *s, const struct ui_state *ui,
                                   struct arena *scratch) {
    struct reading *out = arena_alloc(scratch, sizeof *out);
    reading_init(out, scratch);
    struct table *t = reading_add_table(out, "services", "Services", services_columns, COL_COUNT);
    enum service order[SERVICE_COUNT];
    bool flat = services_flat(ui);
    order_services(s, ui, order);
    for (uint32_t i = 0; i < SERVICE_COUNT; i++) {
        const struct section *sec = s->sections[order[i]];
        if (sec->health == HEALTH_OFF || (!flat && hangs_below(s, sec)))
            continue;
        add_service(out, t, s, sec);
        if (!flat)
            add_symptoms(out, t, s, ui, order, order[i]);
    }
    return t;
}

bool is_fold(const struct row *row, enum service *ret_cause) {
    char name[32];
    size_t n = strcspn(row->key.s, ":");
    str_copy(name, n + 1 < sizeof name ? n + 1 : sizeof name, row->key.s);
    return row->key.s[n] == ':' && service_parse(name, ret_cause);
}

/* A fold opens or closes in place; a service opens its screen. */
const struct view *services_open(const struct snapshot *s, struct ui_state *ui) {
    struct arena scratch;
    const struct view *view = NULL;
    enum service cause;
    arena_init(&scratch);
    const struct table *t = services_table(s, ui, &scratch);
    const struct row *row = table_selected_row(t, ui_table(ui, 0));
    if (row && is_fold(row, &cause))
        ui->unfolded ^= BIT(cause);
    else if (row)
        view = view_find(row->key.s, NULL);
    arena_done(&scratch);
    return view;
}
