/* probe/web.c - the Next.js front end: does / answer with a page of its own. A short probe; copy it
 * for a new one. Runbook: GET /, 30 s interval, 5 s time-out, 3 retries, 15 s start; the console
 * asks each 10 s. A redirect is followed within the address (to a language, for example): half of
 * the platform answers / with one, so that it alone proves nothing.
 *
 * Metrics: status (HTTP), title (text), page_bytes, load_ms. Table: pages(path, status, load_ms,
 * bytes, title). */
#include "codec/probe.h"

#include <string.h>

#include "base/shell.h"
#include "http_priv.h"

#define SLOW_MS       3000.0
#define REDIRECTS_MAX 3

static const struct column page_columns[] = {
    {"path", "PATH", UNIT_NONE, 0, 0},       {"status", "HTTP", UNIT_NONE, 5, 0},
    {"load_ms", "LOADED IN", UNIT_MS, 9, 0}, {"bytes", "SIZE", UNIT_BYTES, 8, 1},
    {"title", "TITLE", UNIT_NONE, 0, 2},
};

static const char *page_path(const struct probe_run *run) {
    return run->cursor ? run->cursor : "/";
}

static bool page_request(struct probe_run *run, struct exchange *ex) {
    return ask_get(run, ex, run->settings->web_url, page_path(run));
}

static bool wrong_page(struct probe_run *run, const struct http_reply *r, struct err *err) {
    const char *url = probe_url(run, run->settings->web_url, page_path(run));
    bool is_json = r->body_len && (r->body[0] == '{' || r->body[0] == '[');
    if (is_json) {
        err_set(err, E_WRONG_THING, "http.answer", url,
                "JSON answers here (HTTP %d), not the web front: PORT and WEB_PORT swapped?",
                r->status);
        err->todo = "PORT and WEB_PORT may be swapped: set GOODGO_WEB_URL";
        return false;
    }
    probe_http_unexpected(run, url, r, "a web page", err);
    if (err->code == E_WRONG_THING || !answer_is_html(r))
        return false;
    if (r->status == 500 || r->status == 503) /* the right thing, and it fails */
        err->todo = "see the log of web; it fails so while the API is away";
    if (r->status == 503)
        err->code = E_NOT_READY;
    return false;
}

/* Where a redirect leads within our own address; NULL for another place, or none. */
static const char *own_path(const struct probe_run *run, const struct http_reply *r) {
    const char *to = http_reply_header(r, "location"), *base = run->settings->web_url;
    size_t n = strlen(base);
    if (!to)
        return NULL;
    if (strncmp(to, base, n) == 0 && to[n] == '/')
        to += n;
    return to[0] == '/' && to[1] != '/' ? to : NULL;
}

/* True when the redirect is followed, or leads to where we may not look. */
static bool page_moved(struct probe_run *run, const struct http_reply *r, struct reading *out) {
    const char *path = own_path(run, r);
    const char *to = http_reply_header(r, "location");
    enum service who;
    if (r->status < 301 || r->status > 308 || !to)
        return false;
    if (path && run->page + 1 < REDIRECTS_MAX) {
        run->cursor = arena_strndup(run->arena, path, strnlen(path, 1000));
        run->again = true;
        return true;
    }
    if (path || (answer_who(r, &who) && who != SERVICE_web))
        return false;
    reading_int(out, "status", UNIT_NONE, r->status);
    reading_finding(out, HEALTH_WARNING, "moved", "set GOODGO_WEB_URL to where the page is",
                    "the front page is elsewhere: %.100s", to);
    return true;
}

static bool is_next(const struct http_reply *r) {
    enum service who;
    return answer_is_html(r) && answer_who(r, &who) && who == SERVICE_web;
}

static bool foreign_page(struct probe_run *run, const struct http_reply *r, struct err *err) {
    char piece[60];
    enum service service;
    const char *who = answer_who(r, &service);
    answer_piece(r, piece, sizeof piece);
    return err_set(err, E_WRONG_THING, "http.answer",
                   probe_url(run, run->settings->web_url, page_path(run)),
                   "a web page of %s answers here, not the web front (Next.js): %s",
                   who ? who : "somebody else", piece);
}

static void add_page(struct probe_run *run, struct reading *out, const struct reply *reply) {
    struct table *t =
        reading_add_table(out, "pages", "Pages", page_columns, ARRAY_LEN(page_columns));
    struct row *row = table_add_row(out, t, page_path(run), HEALTH_OK);
    if (!row)
        return;
    row_text(out, row, 0, page_path(run));
    row_int(row, 1, reply->http.status);
    row_real(row, 2, reply->took_ms);
    row_int(row, 3, (int64_t)reply->http.body_len);
    row_text(out, row, 4, reading_string(out, "title"));
}

static bool page_parse(struct probe_run *run, const struct reply *reply, struct reading *out,
                       struct err *err) {
    const struct http_reply *r = &reply->http;
    const char *title;
    size_t n;
    if (page_moved(run, r, out))
        return true;
    if (r->status != 200 || !answer_is_html(r))
        return wrong_page(run, r, err);
    if (!is_next(r))
        return foreign_page(run, r, err);
    reading_int(out, "status", UNIT_NONE, r->status);
    reading_int(out, "page_bytes", UNIT_BYTES, (int64_t)r->body_len);
    reading_real(out, "load_ms", UNIT_MS, reply->took_ms);
    if (answer_title(r, &title, &n))
        reading_text(out, "title", title, n < 200 ? n : 200);
    add_page(run, out, reply);
    return true;
}

static const struct probe_stage stages[] = {
    {"page", 0, REDIRECTS_MAX, true, page_request, page_parse},
};

static bool configured(const struct settings *s, const char **ret_why_not) {
    *ret_why_not = "no address: set GOODGO_WEB_URL";
    return s->web_url != NULL;
}

static void judge(struct probe_run *run, struct reading *r, struct verdict *v) {
    char load[24], size[32];
    double ms;
    show_ms(r, "load_ms", load, sizeof load);
    show_metric(r, "page_bytes", size, sizeof size);
    v->summary = text_printf(run->arena, "page in %s  %s", load, size);
    if (reading_number(r, "load_ms", &ms) && ms > SLOW_MS)
        reading_finding(r, HEALTH_WARNING, "slow", "see whether the API is slow too",
                        "the front page took %s", load);
    judge_by_findings(run, r, v);
}

static void shell(const struct settings *s, const char *table, struct str *out) {
    str_puts(out, "curl -sS -m 5 -o /dev/null -w '%{http_code} %{time_total}\\n' ");
    shell_put(out, "%s/", s->web_url ? s->web_url : "");
}

static const enum service depends[] = {SERVICE_api, SERVICE_COUNT};

extern const struct probe probe_web;
const struct probe probe_web = {
    .service = SERVICE_web,
    .title = "Web",
    .purpose = "Next.js front end: does the front page load, and how fast",
    .interval_ms = 10000,
    .timeout_ms = 5000,
    .retries = 3,
    .start_period_ms = 15000,
    .depends = depends,
    .stages = stages,
    .n_stages = ARRAY_LEN(stages),
    .key_metric = "load_ms",
    .configured = configured,
    .judge = judge,
    .shell = shell,
    .endpoint_name = "GOODGO_WEB_URL",
};
