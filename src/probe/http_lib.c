/* probe/http_lib.c - asks and reads for HTTP codecs; see http_priv.h. Every body is outside data:
 * bounded by its length, cleaned before it is kept. */
#include "http_priv.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/str.h"
#include "wire/url.h"

#define HEAD_BYTES  65536 /* how far a title is looked for */
#define EXACT_COUNT 9007199254740992.0

bool ask_get(struct probe_run *run, struct exchange *ex, const char *base, const char *path) {
    ex->kind = EXCHANGE_HTTP;
    ex->http.url = probe_url(run, base, path);
    return true;
}

void ask_header(struct exchange *ex, const char *name, const char *value) {
    if (!value || !value[0])
        return;
    for (size_t i = 0; i < HTTP_MAX_HEADERS; i++) {
        if (ex->http.headers[i].name)
            continue;
        ex->http.headers[i] = (struct http_header){name, value};
        return;
    }
}

const char *ask_encode(struct arena *a, const char *s) {
    size_t n = strlen(s);
    struct str out;
    str_init(&out, n * 3);
    url_escape(&out, s, n);
    const char *copy = arena_strndup(a, str_get(&out), out.len);
    str_done(&out);
    return copy;
}

static const char *find_nocase(const char *s, size_t n, const char *what) {
    size_t k = strlen(what);
    for (size_t i = 0; i + k <= n; i++)
        if (strncasecmp(s + i, what, k) == 0)
            return s + i;
    return NULL;
}

static size_t skip_space(const struct http_reply *r) {
    size_t i = 0;
    while (i < r->body_len && memchr(" \t\r\n", r->body[i], 4))
        i++;
    return i;
}

bool answer_is_html(const struct http_reply *r) {
    const char *type = http_reply_header(r, "content-type");
    if (type && strncasecmp(type, "text/html", 9) == 0)
        return true;
    size_t i = skip_space(r), n = r->body_len - i;
    if (n > 256)
        n = 256;
    return n && r->body[i] == '<' &&
           (find_nocase(r->body + i, n, "<!doctype html") || find_nocase(r->body + i, n, "<html"));
}

bool answer_title(const struct http_reply *r, const char **ret_title, size_t *ret_n) {
    size_t n = r->body_len < HEAD_BYTES ? r->body_len : HEAD_BYTES;
    const char *open = n ? find_nocase(r->body, n, "<title") : NULL;
    if (!open)
        return false;
    const char *end = r->body + n;
    const char *start = memchr(open, '>', (size_t)(end - open));
    if (!start)
        return false;
    start++;
    const char *close = find_nocase(start, (size_t)(end - start), "</title");
    if (!close)
        return false;
    *ret_title = start;
    *ret_n = (size_t)(close - start);
    return true;
}

void answer_piece(const struct http_reply *r, char *buf, size_t size) {
    const char *s;
    size_t n;
    buf[0] = 0;
    if (!r->body || !r->body_len)
        return;
    if (!answer_is_html(r) || !answer_title(r, &s, &n)) {
        size_t skip = skip_space(r);
        s = r->body + skip;
        n = r->body_len - skip;
    }
    if (n > size - 1)
        n = size - 1;
    while (n && memchr(" \t\r\n", s[n - 1], 4))
        n--;
    text_clean_into(buf, size, s, n);
}

static bool header_has(const struct http_reply *r, const char *lower_name, const char *word) {
    const char *value = http_reply_header(r, lower_name);
    return value && strstr(value, word) != NULL;
}

/* Headers first: a proxy may take them away, but nobody else adds them. Then what stands in the
 * first bytes of a body of nobody else. */
const char *answer_who(const struct http_reply *r, enum service *ret_service) {
    static const struct {
        enum service service;
        const char *name, *header, *word;
    } by_header[] = {
        {SERVICE_minio, "MinIO", "server", "MinIO"},
        {SERVICE_ai_services, "a FastAPI service (AI?)", "server", "uvicorn"},
        {SERVICE_api, "a NestJS service (the API?)", "x-powered-by", "Express"},
        {SERVICE_web, "the web front", "x-powered-by", "Next.js"},
        {SERVICE_grafana, "Grafana", "location", "/login"},
        {SERVICE_prometheus, "Prometheus", "location", "/graph"},
        {SERVICE_promtail, "Promtail", "location", "/targets"},
    };
    static const struct {
        enum service service;
        const char *name, *word;
    } by_body[] = {
        {SERVICE_minio, "MinIO", "<Error><Code>"},
        {SERVICE_web, "the web front", "/_next/"},
        {SERVICE_web, "the web front", "id=\"__next\""},
        {SERVICE_web, "the web front", "This page could not be found"},
        {SERVICE_grafana, "Grafana", "\"messageId\":"},
        {SERVICE_api, "a NestJS service (the API?)", "\"statusCode\":"},
        {SERVICE_ai_services, "a FastAPI service (AI?)", "{\"detail\":"},
        {SERVICE_typesense, "Typesense", "x-typesense-api-key"},
        {SERVICE_grafana, "Grafana", "<title>Grafana</title>"},
        {SERVICE_prometheus, "Prometheus", "<title>Prometheus"},
        {SERVICE_promtail, "Promtail", "<title>Promtail"},
        {SERVICE_COUNT, "Alertmanager", "<title>Alertmanager</title>"},
    };
    for (size_t i = 0; i < ARRAY_LEN(by_header); i++)
        if (header_has(r, by_header[i].header, by_header[i].word)) {
            *ret_service = by_header[i].service;
            return by_header[i].name;
        }
    for (size_t i = 0; r->body && i < ARRAY_LEN(by_body); i++)
        if (strstr(r->body, by_body[i].word)) {
            *ret_service = by_body[i].service;
            return by_body[i].name;
        }
    return NULL;
}

struct json *answer_json(const struct probe_run *run, const char *url, const struct http_reply *r,
                         const char *expected, struct err *err) {
    if (r->status != 200) {
        probe_http_unexpected(run, url, r, expected, err);
        return NULL;
    }
    struct err why = {0};
    struct json *j = json_parse(r->body ? r->body : "", r->body_len, PROBE_MAX_JSON_BYTES, &why);
    if (j)
        return j;
    char piece[100];
    answer_piece(r, piece, sizeof piece);
    if (!piece[0])
        err_set(err, E_WRONG_THING, "http.answer", url, "an empty body, expected %s", expected);
    else if (answer_is_html(r))
        err_set(err, E_WRONG_THING, "http.answer", url, "a web page \"%s\", expected %s", piece,
                expected);
    else
        err_set(err, E_WRONG_THING, "http.answer", url, "no JSON, expected %s, got: %s", expected,
                piece);
    return NULL;
}

bool err_advise(struct err *err, enum err_code code, const char *todo) {
    if (err->code == code)
        err->todo = todo;
    return false;
}

void take_real(struct reading *out, const struct json *j, const char *path, const char *metric,
               enum unit unit) {
    double d;
    if (json_double(j, path, &d))
        reading_real(out, metric, unit, d);
}

void take_count(struct reading *out, const struct json *j, const char *path, const char *metric,
                enum unit unit) {
    double d;
    int64_t n;
    if (json_double(j, path, &d) && count_from(d, &n))
        reading_int(out, metric, unit, n);
}

void take_text(struct reading *out, const struct json *j, const char *path, const char *metric) {
    const char *s = json_string(j, path);
    if (s)
        reading_text(out, metric, s, strnlen(s, 200));
}

struct table *probe_table(struct reading *r, const char *name, const char *title,
                          const struct column *columns, size_t n_columns) {
    for (uint32_t i = 0; i < r->n_tables; i++)
        if (strcmp(r->tables[i]->name, name) == 0)
            return r->tables[i];
    return reading_add_table(r, name, title, columns, n_columns);
}

bool metric_is_no(const struct reading *r, const char *name) {
    double d;
    return reading_number(r, name, &d) && d == 0;
}

bool metric_is_yes(const struct reading *r, const char *name) {
    double d;
    return reading_number(r, name, &d) && d != 0;
}

bool count_from(double d, int64_t *ret_n) {
    if (!(d >= 0 && d <= EXACT_COUNT))
        return false;
    *ret_n = (int64_t)d;
    return true;
}

void show_ms(const struct reading *r, const char *name, char *buf, size_t size) {
    double ms;
    if (!reading_number(r, name, &ms))
        str_copy(buf, size, "-");
    else
        snprintf(buf, size, ms < 10 ? "%.1fms" : "%.0fms", ms);
}

void show_metric(const struct reading *r, const char *name, char *buf, size_t size) {
    const struct metric *m = reading_metric(r, name);
    if (m)
        value_format(m->value, m->unit, 0, buf, size);
    else
        str_copy(buf, size, "-");
}

void show_counted(const struct reading *r, const char *name, const char *noun, char *buf,
                  size_t size) {
    double n;
    if (reading_number(r, name, &n))
        str_copy(buf, size, COUNTED(int_of(n), noun));
    else
        snprintf(buf, size, "- %ss", noun);
}

void judge_by_findings(struct probe_run *run, const struct reading *r, struct verdict *v) {
    const struct finding *worst = NULL;
    for (uint32_t i = 0; i < r->n_findings; i++) {
        const struct finding *f = &r->findings[i];
        v->health = health_worse(v->health, f->health);
        if (!worst ||
            (f->health != worst->health && health_worse(f->health, worst->health) == f->health))
            worst = f;
    }
    if (worst && (worst->health == HEALTH_WARNING || worst->health == HEALTH_CRITICAL))
        v->summary = text_clean(run->arena, worst->what.s, worst->what.len, 60);
}
