/* probe/prom_targets_lib.c - what Prometheus scrapes, and what does not answer it. */
#include "prom_priv.h"

#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "http_priv.h"

/* The list has some KB of each target, which nobody can trim: of more than these only the ones that
 * are down are asked for, as the series `up` has them. */
#define TARGETS_LISTED_MAX 200
#define START_S            30

enum { UP_COUNTED = BIT(0), MANY_TARGETS = BIT(1) }; /* noted by the count */

#define COUNT_UP(n, health)                                                                        \
    "label_replace(count(up == " n "), \"health\", \"" health "\", \"\", \"\")"
#define UP_QUERY COUNT_UP("1", "up") " or " COUNT_UP("0", "down")

static const char *query_path(struct probe_run *run, const char *query) {
    return arena_printf(run->arena, "/api/v1/query?query=%s&timeout=3s",
                        ask_encode(run->arena, query));
}

bool prom_up_request(struct probe_run *run, struct exchange *ex) {
    return prom_ask(run, ex, query_path(run, UP_QUERY));
}

/* A health that no target has has no series either. */
bool prom_up_parse(struct probe_run *run, const struct reply *reply, struct reading *out,
                   struct err *err) {
    const struct json *data;
    struct json *j = prom_data(run, reply, "/api/v1/query", &data, err);
    if (!j)
        return false;
    double n;
    int64_t count, up = 0, down = 0;
    const struct json *result = json_get(data, "result");
    for (const struct json *s = json_first(result); s; s = json_next(s)) {
        if (!json_double(s, "value[1]", &n) || !count_from(n, &count))
            continue;
        if (str_is(json_string(s, "metric.health"), "up"))
            up = count;
        else
            down = count;
    }
    run->notes |= UP_COUNTED;
    if (up + down > TARGETS_LISTED_MAX) {
        run->notes |= MANY_TARGETS;
        reading_int(out, "targets_many", UNIT_BOOL, 1);
        reading_int(out, "targets_up", UNIT_COUNT, up);
        reading_int(out, "targets_down", UNIT_COUNT, down);
    }
    json_free(j);
    return true;
}

static const struct column target_columns[] = {
    {"job", "JOB", UNIT_NONE, 0, 0},       {"instance", "INSTANCE", UNIT_NONE, 0, 0},
    {"health", "HEALTH", UNIT_NONE, 7, 0}, {"last_scrape_age", "SCRAPED", UNIT_SECONDS, 7, 1},
    {"error", "ERROR", UNIT_NONE, 0, 2},
};

static bool has_many(const struct probe_run *run) {
    return run->notes & UP_COUNTED ? (run->notes & MANY_TARGETS) != 0
                                   : metric_is_yes(&run->previous->reading, "targets_many");
}

static const char *targets_path(struct probe_run *run) {
    return has_many(run) ? query_path(run, "up == 0") : "/api/v1/targets?state=active";
}

bool prom_targets_request(struct probe_run *run, struct exchange *ex) {
    return prom_ask(run, ex, targets_path(run));
}

static struct row *add_target(struct probe_run *run, struct reading *out, struct table *t,
                              const struct json *labels, const char *health) {
    const char *job = prom_or_dash(json_string(labels, "job"));
    const char *instance = prom_or_dash(json_string(labels, "instance"));
    bool up = strcmp(health, "up") == 0, down = strcmp(health, "down") == 0;
    struct row *row = table_add_row(out, t, arena_printf(run->arena, "%s %s", job, instance),
                                    up     ? HEALTH_OK
                                    : down ? HEALTH_WARNING
                                           : HEALTH_UNKNOWN);
    row_text(out, row, 0, job);
    row_text(out, row, 1, instance);
    row_text(out, row, 2, health);
    return row;
}

static bool is_api(const char *job) {
    return strstr(job, "api") != NULL;
}

static void add_listed(struct probe_run *run, struct reading *out, struct table *t,
                       const struct json *j) {
    const char *health = prom_or_dash(json_string(j, "health"));
    const char *scraped = json_string(j, "lastScrape");
    struct row *row = add_target(run, out, t, json_get(j, "labels"), health);
    int64_t at_ms;
    /* Never scraped is the year 1. */
    if (scraped && clock_parse_rfc3339(scraped, &at_ms) && at_ms > 0 && at_ms <= run->now_wall_ms)
        row_int(row, 3, (run->now_wall_ms - at_ms) / 1000);
    row_text(out, row, 4, json_string(j, "lastError"));
    /* Only of the API it says nothing new while the API is away. */
    if (row->health == HEALTH_WARNING)
        reading_finding(out, HEALTH_WARNING,
                        is_api(row->cells[0].t.s) ? "target_down" : "other_target_down",
                        "see why that address does not answer", "it cannot scrape %.30s at %.40s",
                        row->cells[0].t.s, row->cells[1].t.s);
}

static void take_listed(struct probe_run *run, struct reading *out, struct table *t,
                        const struct json *active) {
    int64_t up = 0, down = 0, unscraped = 0;
    for (const struct json *a = json_first(active); a; a = json_next(a)) {
        const char *health = json_string(a, "health");
        up += str_is(health, "up");
        down += str_is(health, "down");
        unscraped += str_is(health, "unknown"); /* it has just begun: of that nobody is down */
        if (t->n_rows < PROM_MAX_ROWS)
            add_listed(run, out, t, a);
        else
            t->n_total++;
    }
    reading_int(out, "targets_up", UNIT_COUNT, up);
    reading_int(out, "targets_down", UNIT_COUNT, down);
    reading_int(out, "targets_unscraped", UNIT_COUNT, unscraped);
}

/* One sentence for all of them; why they do not answer only Prometheus's own page says. */
static void take_down(struct probe_run *run, struct reading *out, struct table *t,
                      const struct json *result) {
    for (const struct json *s = json_first(result); s && t->n_rows < PROM_MAX_ROWS;
         s = json_next(s))
        add_target(run, out, t, json_get(s, "metric"), "down");
    t->n_total = (uint32_t)json_size(result);
    if (t->n_rows)
        reading_finding(out, HEALTH_WARNING, "targets_down",
                        "see /targets of Prometheus for what each of them says",
                        "it cannot scrape %zu of its targets, for example %.30s at %.40s",
                        json_size(result), t->rows[0].cells[0].t.s, t->rows[0].cells[1].t.s);
}

bool prom_targets_parse(struct probe_run *run, const struct reply *reply, struct reading *out,
                        struct err *err) {
    const struct json *data;
    struct json *j = prom_data(run, reply, targets_path(run), &data, err);
    if (!j)
        return false;
    struct table *t =
        reading_add_table(out, "targets", "Targets", target_columns, ARRAY_LEN(target_columns));
    if (has_many(run))
        take_down(run, out, t, json_get(data, "result"));
    else
        take_listed(run, out, t, json_get(data, "activeTargets"));
    json_free(j);
    return true;
}

/* A job that the configuration lost is down nowhere, and its alerts are silent for good. A start
 * has no targets for some seconds. */
void prom_judge_jobs(const struct probe_run *run, struct reading *r) {
    static const char todo[] = "see scrape_configs in monitoring/prometheus/prometheus.yml";
    const struct table *t = reading_table(r, "targets");
    double uptime_s;
    if (!t || t->n_rows == PROM_MAX_ROWS || metric_is_yes(r, "targets_many") ||
        !reading_number(r, "uptime_s", &uptime_s) || uptime_s < START_S)
        return;
    for (uint32_t i = 0; i < t->n_rows; i++)
        if (is_api(t->rows[i].cells[0].t.s))
            return;
    if (t->n_rows == 0)
        reading_finding(r, HEALTH_WARNING, "no_targets", todo, "it scrapes nothing");
    else if (run->settings->api_url)
        reading_finding(r, HEALTH_WARNING, "api_not_scraped", todo,
                        "no job of its targets is that of the API (goodgo-api)");
}
