/* probe/promtail.c - the log shipper: what it follows, how far behind, what it lost. The runbook
 * has no probe for it (it follows loki), so GET /ready with loki's 15 s and 5 retries; the console
 * asks each 10 s. Not ready is 500 here, not 503. Only /metrics is for machines: its pages are
 * HTML.
 *
 * Metrics: ready (bool), targets_active, files_active, read_lines, read_bytes, file_bytes,
 * sent_entries, dropped_entries, lag_bytes, lines_per_s, unsent_lines (read since it sent any),
 * unsent_s (how long the first of those waits, at the least), version. Table: dropped(reason,
 * entries). */
#include "codec/probe.h"

#include <string.h>

#include "base/shell.h"
#include "http_priv.h"
#include "promtext_priv.h"

#define MAX_REASONS 50
#define MAX_FILES   256
#define LAG_MANY    (10 << 20) /* bytes behind before it is worth a word */
#define UNSENT_S    15   /* a batch waits a second until it is sent, unless one changed that */
#define UNSENT_MANY 1000 /* lines of a Promtail that never sent any */

static bool ready_request(struct probe_run *run, struct exchange *ex) {
    return ask_get(run, ex, run->settings->promtail_url, "/ready");
}

static bool ready_parse(struct probe_run *run, const struct reply *reply, struct reading *out,
                        struct err *err) {
    const struct http_reply *r = &reply->http;
    const char *url = probe_url(run, run->settings->promtail_url, "/ready");
    char piece[40];
    answer_piece(r, piece, sizeof piece);
    if (r->status == 200 && strcmp(piece, "Ready") == 0) { /* Loki says "ready" */
        reading_int(out, "ready", UNIT_BOOL, 1);
        reading_real(out, "ready_ms", UNIT_MS, reply->took_ms);
        return true;
    }
    probe_http_unexpected(run, url, r, "\"Ready\" of Promtail", err);
    if (r->status == 500 && strncmp(piece, "Not ready", 9) == 0)
        err->code = E_NOT_READY;
    return err_advise(err, E_NOT_READY,
                      "it finds no log to follow: see the docker socket and its scrape config");
}

/* ---- /metrics ---- */

static const struct total {
    const char *series, *metric;
    enum unit unit;
} totals[] = {
    {"promtail_targets_active_total", "targets_active", UNIT_COUNT},
    {"promtail_files_active_total", "files_active", UNIT_COUNT},
    {"promtail_read_lines_total", "read_lines", UNIT_COUNT},
    {"promtail_read_bytes_total", "read_bytes", UNIT_BYTES},
    {"promtail_file_bytes_total", "file_bytes", UNIT_BYTES},
    {"promtail_sent_entries_total", "sent_entries", UNIT_COUNT},
    {"promtail_dropped_entries_total", "dropped_entries", UNIT_COUNT},
};

static const struct column dropped_columns[] = {
    {"reason", "REASON", UNIT_NONE, 0, 0},
    {"entries", "ENTRIES", UNIT_COUNT, 9, 0},
};

static bool metrics_request(struct probe_run *run, struct exchange *ex) {
    return ask_get(run, ex, run->settings->promtail_url, "/metrics");
}

static void add_reason(struct reading *out, struct table *t, const struct promtext_sample *s) {
    char reason[80];
    int64_t n;
    if (t->n_rows >= MAX_REASONS || !count_from(s->value, &n) || n == 0 ||
        !promtext_label(s, "reason", reason, sizeof reason))
        return;
    struct row *row = table_add_row(out, t, reason, HEALTH_WARNING);
    row_text(out, row, 0, reason);
    row_int(row, 1, n);
}

/* How long each file is, and how much of it was read. The last one stands for all further files. */
struct followed {
    uint32_t n;
    struct followed_file {
        char path[160];
        double size, read;
    } list[MAX_FILES];
};

static struct followed_file *file_of(struct followed *f, const char *path) {
    for (uint32_t i = 0; i < f->n; i++)
        if (strcmp(f->list[i].path, path) == 0)
            return &f->list[i];
    if (f->n == MAX_FILES)
        return &f->list[MAX_FILES - 1];
    struct followed_file *file = &f->list[f->n++];
    *file = (struct followed_file){.size = 0};
    str_copy(file->path, sizeof file->path, path);
    return file;
}

static void note_file(struct followed *f, const struct promtext_sample *s) {
    bool size = promtext_is(s, "promtail_file_bytes_total");
    char path[sizeof f->list[0].path];
    if ((!size && !promtext_is(s, "promtail_read_bytes_total")) || !(s->value >= 0) ||
        !promtext_label(s, "path", path, sizeof path))
        return;
    struct followed_file *file = file_of(f, path);
    *(size ? &file->size : &file->read) += s->value;
}

/* A file that was cut is shorter than what was read of it: that is no lag, and makes none of
 * another file's good. */
static void set_lag(struct reading *out, const struct followed *f) {
    double lag = 0;
    for (uint32_t i = 0; i < f->n; i++)
        if (f->list[i].size > f->list[i].read)
            lag += f->list[i].size - f->list[i].read;
    if (f->n)
        reading_int(out, "lag_bytes", UNIT_BYTES, int_of(lag));
}

struct metrics {
    struct reading *out;
    struct table *dropped;
    struct followed *files;
    double sums[ARRAY_LEN(totals)];
    bool seen[ARRAY_LEN(totals)];
};

static void read_sample(struct metrics *m, const struct promtext_sample *s) {
    char version[60];
    for (size_t i = 0; i < ARRAY_LEN(totals); i++)
        if (promtext_is(s, totals[i].series) && s->value >= 0) {
            m->sums[i] += s->value;
            m->seen[i] = true;
        }
    note_file(m->files, s);
    if (promtext_is(s, "promtail_dropped_entries_total"))
        add_reason(m->out, m->dropped, s);
    if (promtext_is(s, "promtail_build_info") &&
        promtext_label(s, "version", version, sizeof version))
        reading_textz(m->out, "version", version);
}

/* False when nothing of Promtail was in the answer. */
static bool set_totals(const struct metrics *m) {
    bool any = false;
    for (size_t i = 0; i < ARRAY_LEN(totals); i++) {
        int64_t n;
        any = any || m->seen[i];
        if (m->seen[i] && count_from(m->sums[i], &n))
            reading_int(m->out, totals[i].metric, totals[i].unit, n);
    }
    return any;
}

/* Its readiness and its files know nothing of a Loki that takes no lines: what it read grows, and
 * what it sent stands still. */
static void set_unsent(const struct probe_run *run, struct reading *out) {
    double sent, read, sent_before, read_before, lines = 0, s = 0;
    int64_t at_mono_ms;
    if (!reading_number(out, "sent_entries", &sent) || !reading_number(out, "read_lines", &read) ||
        !probe_before(run, "sent_entries", &sent_before, &at_mono_ms) ||
        !probe_before(run, "read_lines", &read_before, &at_mono_ms))
        return;
    if (sent == sent_before && read >= read_before) {
        probe_before(run, "unsent_lines", &lines, &at_mono_ms);
        probe_before(run, "unsent_s", &s, &at_mono_ms);
        if (lines > 0)
            s += (double)(run->now_mono_ms - at_mono_ms) / 1000;
        lines += read - read_before;
    }
    reading_int(out, "unsent_lines", UNIT_COUNT, int_of(lines));
    reading_real(out, "unsent_s", UNIT_SECONDS, s);
}

static bool metrics_parse(struct probe_run *run, const struct reply *reply, struct reading *out,
                          struct err *err) {
    const struct http_reply *r = &reply->http;
    const char *url = probe_url(run, run->settings->promtail_url, "/metrics");
    struct metrics m = {.out = out};
    struct promtext p;
    struct promtext_sample s;
    if (r->status != 200 || answer_is_html(r))
        return probe_http_unexpected(run, url, r, "metrics", err);
    m.dropped =
        reading_add_table(out, "dropped", "Dropped", dropped_columns, ARRAY_LEN(dropped_columns));
    m.files = arena_alloc(run->arena, sizeof *m.files);
    m.files->n = 0;
    promtext_init(&p, r->body, r->body_len);
    while (promtext_next(&p, &s))
        read_sample(&m, &s);
    if (!set_totals(&m))
        return err_set(err, E_WRONG_THING, "http.answer", url, "no promtail_ metric in the answer");
    set_lag(out, m.files);
    set_unsent(run, out);
    probe_rate_metric(run, out, "read_lines", "lines_per_s");
    return true;
}

static const struct probe_stage stages[] = {
    {"ready", 0, 0, true, ready_request, ready_parse},
    {"metrics", 0, 0, false, metrics_request, metrics_parse}, /* each run: see probe_rate() */
};

static bool configured(const struct settings *s, const char **ret_why_not) {
    *ret_why_not = "no address: set GOODGO_PROMTAIL_URL";
    return s->promtail_url != NULL;
}

static void judge_unsent(struct reading *r) {
    static const char todo[] = "see its log: where does it push to, and what does that answer?";
    double s, read, sent;
    char lines[32];
    if (reading_number(r, "unsent_s", &s) && s >= UNSENT_S) {
        show_metric(r, "unsent_lines", lines, sizeof lines);
        reading_finding(r, HEALTH_WARNING, "sends_nothing", todo,
                        "it has sent nothing for %s, and read %s lines meanwhile", DURATION(s),
                        lines);
    } else if (reading_number(r, "read_lines", &read) && read >= UNSENT_MANY &&
               reading_number(r, "sent_entries", &sent) && sent == 0) {
        show_metric(r, "read_lines", lines, sizeof lines);
        reading_finding(r, HEALTH_WARNING, "sends_nothing", todo,
                        "it has read %s lines and never sent one", lines);
    }
}

static void judge_losses(struct probe_run *run, struct reading *r) {
    double dropped, lag, rate;
    if (reading_number(r, "dropped_entries", &dropped) &&
        probe_rate(run, "dropped_entries", dropped, &rate) && rate > 0)
        reading_finding(r, HEALTH_WARNING, "dropping", "see the reasons below and loki's limits",
                        "it drops log lines now, %.1f a second", rate);
    if (reading_number(r, "lag_bytes", &lag) && lag > LAG_MANY)
        reading_finding(r, HEALTH_WARNING, "lag", "see whether loki takes lines",
                        "it is %.0f MB behind the log files", lag / 1e6);
    if (metric_is_no(r, "targets_active"))
        reading_finding(r, HEALTH_WARNING, "no_targets", "see the docker socket, scrape config",
                        "it follows no container");
}

static void judge(struct probe_run *run, struct reading *r, struct verdict *v) {
    char targets[32], sent[32], dropped[32];
    show_counted(r, "targets_active", "target", targets, sizeof targets);
    show_metric(r, "sent_entries", sent, sizeof sent);
    show_metric(r, "dropped_entries", dropped, sizeof dropped);
    v->summary = text_printf(run->arena, "%s  sent %s  dropped %s", targets, sent, dropped);
    judge_losses(run, r);
    judge_unsent(r);
    judge_by_findings(run, r, v);
}

static void shell(const struct settings *s, const char *table, struct str *out) {
    const char *url = s->promtail_url ? s->promtail_url : "";
    str_puts(out, "curl -sS -m 5 ");
    shell_put(out, "%s/ready", url);
    str_puts(out, "; curl -sS -m 5 ");
    shell_put(out, "%s/metrics", url);
    str_puts(out, " | grep ^promtail_");
}

static const enum service depends[] = {SERVICE_loki, SERVICE_COUNT};

extern const struct probe probe_promtail;
const struct probe probe_promtail = {
    .service = SERVICE_promtail,
    .title = "Promtail",
    .purpose = "log shipper: what it follows, its lag and losses",
    .interval_ms = 10000,
    .timeout_ms = 5000,
    .retries = 5,
    .start_period_ms = 20000,
    .depends = depends,
    .stages = stages,
    .n_stages = ARRAY_LEN(stages),
    .key_metric = "lines_per_s",
    .configured = configured,
    .judge = judge,
    .shell = shell,
    .endpoint_name = "GOODGO_PROMTAIL_URL",
};
