/* probe/loki.c - the log store: is it ready, how much comes in, how much of it is bad. Runbook:
 * GET /ready, 15 s interval, 5 retries; the time-out is not given, so 5 s. For 15 to 20 s after its
 * start it answers 503. Its errors are plain text. The console asks each 10 s, the count of lines
 * each 15 s over one minute, the newest bad lines each 15 s, the labels each 60 s.
 *
 * Metrics: ready (bool), ready_ms, version, labels (count), lines_per_s, errors_per_min, limit
 * (entries per query, of the runbook). Tables: labels(label), levels(level, lines),
 * lines(time, service, level, line): warnings and worse of the last 15 minutes, newest first. */
#include "codec/probe.h"

#include <assert.h>
#include <string.h>

#include "base/shell.h"
#include "codec/loglines.h"
#include "http_priv.h"

#define MAX_LABELS    200
#define MAX_LEVELS    50
#define MAX_LINES     40
#define ENTRIES_LIMIT 5000 /* max_entries_limit_per_query of the runbook */

static const char tenant_todo[] = "auth_enabled is on: Loki wants X-Scope-OrgID, which the runbook "
                                  "does not have";

static struct json *read_json(struct probe_run *run, const struct reply *reply, const char *path,
                              const char *expected, struct err *err) {
    const char *url = probe_url(run, run->settings->loki_url, path);
    struct json *j = answer_json(run, url, &reply->http, expected, err);
    if (!j)
        err_advise(err, E_AUTH, tenant_todo);
    /* It has said that it is Loki, so what it refuses is the question; its errors are plain text.
     */
    if (!j && reply->http.status == 400 && !answer_is_html(&reply->http)) {
        err->code = E_FAILING;
        err->todo = "see limits_config: a limit of it is lower than what is asked";
    }
    return j;
}

static bool ready_request(struct probe_run *run, struct exchange *ex) {
    return ask_get(run, ex, run->settings->loki_url, "/ready");
}

static bool ready_parse(struct probe_run *run, const struct reply *reply, struct reading *out,
                        struct err *err) {
    const char *url = probe_url(run, run->settings->loki_url, "/ready");
    const struct http_reply *r = &reply->http;
    char piece[40];
    answer_piece(r, piece, sizeof piece);
    /* Promtail says "Ready", Prometheus a sentence. */
    bool ready = r->status == 200 && strcmp(piece, "ready") == 0;
    if (!ready) {
        probe_http_unexpected(run, url, r, "\"ready\" of Loki", err);
        return err_advise(err, E_NOT_READY, "normal for 20 s after its start; then see its log");
    }
    reading_int(out, "ready", UNIT_BOOL, 1);
    reading_real(out, "ready_ms", UNIT_MS, reply->took_ms);
    reading_int(out, "limit", UNIT_COUNT, ENTRIES_LIMIT);
    return true;
}

static bool version_request(struct probe_run *run, struct exchange *ex) {
    return ask_get(run, ex, run->settings->loki_url, "/loki/api/v1/status/buildinfo");
}

static bool version_parse(struct probe_run *run, const struct reply *reply, struct reading *out,
                          struct err *err) {
    struct json *j =
        read_json(run, reply, "/loki/api/v1/status/buildinfo", "its build information", err);
    if (!j)
        return false;
    take_text(out, j, "version", "version");
    json_free(j);
    return true;
}

/* ---- labels ---- */

static const struct column label_columns[] = {{"label", "LABEL", UNIT_NONE, 0, 0}};

static bool labels_request(struct probe_run *run, struct exchange *ex) {
    return ask_get(run, ex, run->settings->loki_url, "/loki/api/v1/labels");
}

/* `data` is missing where there is no label at all. */
static bool labels_parse(struct probe_run *run, const struct reply *reply, struct reading *out,
                         struct err *err) {
    struct json *j = read_json(run, reply, "/loki/api/v1/labels", "its labels", err);
    if (!j)
        return false;
    const struct json *data = json_get(j, "data");
    struct table *t =
        reading_add_table(out, "labels", "Labels", label_columns, ARRAY_LEN(label_columns));
    reading_int(out, "labels", UNIT_COUNT, json_is_array(data) ? (int64_t)json_size(data) : 0);
    for (const struct json *l = json_first(data); l && t->n_rows < MAX_LABELS; l = json_next(l)) {
        const char *label = json_string(l, "");
        struct row *row = label ? table_add_row(out, t, label, HEALTH_OFF) : NULL;
        if (row)
            row_text(out, row, 0, label);
    }
    if (json_size(data) > t->n_total)
        t->n_total = (uint32_t)json_size(data);
    json_free(j);
    return true;
}

/* ---- lines of the last minute by level ---- */

#define LEVELS_QUERY "sum by (level) (count_over_time({service=~\".+\"}[1m]))"

static const struct column level_columns[] = {
    {"level", "LEVEL", UNIT_NONE, 0, 0},
    {"lines", "LINES PER MIN", UNIT_COUNT, 9, 0},
};

static const char *levels_path(struct probe_run *run) {
    return arena_printf(run->arena, "/loki/api/v1/query?query=%s",
                        ask_encode(run->arena, LEVELS_QUERY));
}

static bool levels_request(struct probe_run *run, struct exchange *ex) {
    return ask_get(run, ex, run->settings->loki_url, levels_path(run));
}

static bool is_error_level(const char *level) {
    return log_level_of(level) >= LOG_LEVEL_ERROR;
}

static void add_level(struct reading *out, struct table *t, const char *level, double lines) {
    struct row *row = table_add_row(
        out, t, level, is_error_level(level) && lines > 0 ? HEALTH_WARNING : HEALTH_OFF);
    row_text(out, row, 0, level);
    row_int(row, 1, int_of(lines));
}

static bool levels_parse(struct probe_run *run, const struct reply *reply, struct reading *out,
                         struct err *err) {
    struct json *j = read_json(run, reply, levels_path(run), "a count of lines", err);
    if (!j)
        return false;
    struct table *t =
        reading_add_table(out, "levels", "Levels", level_columns, ARRAY_LEN(level_columns));
    const struct json *result = json_get(j, "data.result");
    double total = 0, errors = 0, levelled = 0;
    for (const struct json *s = json_first(result); s && t->n_rows < MAX_LEVELS; s = json_next(s)) {
        double lines;
        int64_t ignored;
        const char *level = json_string(s, "metric.level");
        if (!json_double(s, "value[1]", &lines) || !count_from(lines, &ignored))
            continue;
        if (level && level[0])
            levelled += lines;
        else
            level = "(none)";
        total += lines;
        errors += is_error_level(level) ? lines : 0;
        add_level(out, t, level, lines);
    }
    if (json_is_array(result)) {
        reading_real(out, "lines_per_s", UNIT_PER_SECOND, total / 60);
        if (levelled > 0 || total <= 0) /* where no line says how bad it is, none is known to be */
            reading_int(out, "errors_per_min", UNIT_COUNT, int_of(errors));
    }
    json_free(j);
    return true;
}

/* ---- the newest lines that are warnings or worse ---- */

/* Loki's own clock says what now is: by ours, five minutes slow, the newest would be missing. */
#define LINES_SINCE "15m"
static const struct log_question bad_lines = {.level = LOG_LEVEL_WARN};

static void add_lines_query(struct str *out) {
    bool fits = log_query(&bad_lines, out); /* no outside text is in it */
    assert(fits);
    (void)fits;
}

static const struct column line_columns[] = {
    {"time", "TIME", UNIT_TIME, 0, 1},
    {"service", "SERVICE", UNIT_NONE, 0, 0},
    {"level", "LEVEL", UNIT_NONE, 0, 0},
    {"line", "LINE", UNIT_NONE, 20, 0},
};

static const char *lines_path(struct probe_run *run) {
    struct str query;
    str_init(&query, LOG_QUERY_MAX);
    add_lines_query(&query);
    const char *path = arena_printf(run->arena,
                                    "/loki/api/v1/query_range?query=%s&limit=%d&direction=backward"
                                    "&since=" LINES_SINCE,
                                    ask_encode(run->arena, str_get(&query)), MAX_LINES);
    str_done(&query);
    return path;
}

static bool lines_request(struct probe_run *run, struct exchange *ex) {
    return ask_get(run, ex, run->settings->loki_url, lines_path(run));
}

/* What is said, and for whom. */
static const char *line_words(struct probe_run *run, const struct log_line *l) {
    return arena_printf(run->arena, "%.400s%s%.200s%s%.64s", l->message ? l->message : "",
                        l->url ? "  " : "", l->url ? l->url : "", l->correlation_id ? "  id " : "",
                        l->correlation_id ? l->correlation_id : "");
}

static void add_line(struct probe_run *run, struct reading *out, struct table *t,
                     const struct log_line *l) {
    const char *key = arena_printf(run->arena, "%lld %u", (long long)l->at_ns, t->n_rows);
    bool bad = l->level && is_error_level(l->level);
    struct row *row = table_add_row(out, t, key, bad ? HEALTH_WARNING : HEALTH_OFF);
    if (!row)
        return;
    row_int(row, 0, l->at_ns / 1000000000);
    row_text(out, row, 1, l->service ? l->service : "-");
    row_text(out, row, 2, l->level ? l->level : "-");
    row_text(out, row, 3, line_words(run, l));
}

static bool lines_parse(struct probe_run *run, const struct reply *reply, struct reading *out,
                        struct err *err) {
    struct json *j = read_json(run, reply, lines_path(run), "lines of a log", err);
    struct log_lines lines;
    if (!j)
        return false;
    log_lines_take(j, run->arena, &lines);
    json_free(j);
    struct table *t =
        reading_add_table(out, "lines", "Lines", line_columns, ARRAY_LEN(line_columns));
    for (uint32_t i = 0; i < lines.n && i < MAX_LINES; i++)
        add_line(run, out, t, &lines.list[i]);
    return true;
}

static const struct probe_stage stages[] = {
    {"ready", 0, 0, true, ready_request, ready_parse},
    {"levels", 15000, 0, false, levels_request, levels_parse},
    {"lines", 15000, 0, false, lines_request, lines_parse},
    {"labels", 60000, 0, false, labels_request, labels_parse},
    {"version", 60000, 0, false, version_request, version_parse},
};
static const struct stage_words stage_words[] = {
    {"levels", "lines by level"},
    {NULL, NULL},
};

static bool configured(const struct settings *s, const char **ret_why_not) {
    *ret_why_not = "no address: set GOODGO_LOKI_URL";
    return s->loki_url != NULL;
}

static void judge(struct probe_run *run, struct reading *r, struct verdict *v) {
    char lines[32], errors[32];
    double n;
    show_metric(r, "lines_per_s", lines, sizeof lines);
    show_metric(r, "errors_per_min", errors, sizeof errors);
    v->summary = text_printf(run->arena, "ready  lines %s  errors %s", lines,
                             reading_number(r, "errors_per_min", &n)
                                 ? arena_printf(run->arena, "%s/min", errors)
                                 : "not known");
    if (reading_number(r, "labels", &n) && n == 0)
        reading_finding(r, HEALTH_WARNING, "no_labels", "see promtail: nothing was sent yet",
                        "it holds no log line");
    judge_by_findings(run, r, v);
}

static void shell(const struct settings *s, const char *table, struct str *out) {
    static const struct shell_words paths[] = {
        {"lines", "/loki/api/v1/query_range"},
        {"levels", "/loki/api/v1/query"},
        {"labels", "/loki/api/v1/labels"},
        {NULL, "/ready"},
    };
    str_puts(out, "curl -sS -m 5 ");
    shell_put(out, "%s%s", s->loki_url ? s->loki_url : "", shell_pick(paths, table));
    if (str_is(table, "levels"))
        str_puts(out, " -G --data-urlencode 'query=" LEVELS_QUERY "'");
    if (!str_is(table, "lines"))
        return;
    str_puts(out, " -G -d since=" LINES_SINCE " -d limit=40 --data-urlencode 'query=");
    add_lines_query(out);
    str_putc(out, '\'');
}

extern const struct probe probe_loki;
const struct probe probe_loki = {
    .service = SERVICE_loki,
    .title = "Loki",
    .purpose = "log store: ready, lines and errors coming in",
    .interval_ms = 10000,
    .timeout_ms = 5000,
    .retries = 5,
    .start_period_ms = 20000,
    .stages = stages,
    .n_stages = ARRAY_LEN(stages),
    .stage_words = stage_words,
    .key_metric = "lines_per_s",
    .configured = configured,
    .judge = judge,
    .shell = shell,
    .endpoint_name = "GOODGO_LOKI_URL",
};
