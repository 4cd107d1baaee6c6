/* app/logs.c - asks Loki for lines; see logs_priv.h. Its refusals are plain text, in its own words.
 */
#include "logs_priv.h"

#include <string.h>

#include "base/text.h"
#include "wire/json.h"

#define WORDS_COLS 160

static const char *first_words(struct arena *a, const struct http_reply *r) {
    size_t n = 0;
    while (n < r->body_len && r->body[n] != '\n')
        n++;
    return n ? text_clean(a, r->body, n, WORDS_COLS).s : "an empty answer";
}

/* What is not an answer of lines, by what it is. */
static bool refused(const struct http_reply *r, const char *target, struct arena *a,
                    struct err *err) {
    const char *words = first_words(a, r);
    enum err_code code = r->status == 401 || r->status == 403   ? E_AUTH
                         : r->status == 400                     ? E_CONFIG
                         : r->status == 429 || r->status == 503 ? E_NOT_READY
                         : r->status >= 500                     ? E_FAILING
                                                                : E_WRONG_THING;
    err_set(err, code, "loki.lines", target, "HTTP %d: %s", r->status, words);
    if (code == E_CONFIG)
        err->todo = "correct the pattern, or ask for less: --range, --tail";
    return false;
}

bool logs_ask(struct ask *ask, const struct logs_asked *q, uint32_t timeout_ms, struct arena *a,
              struct log_lines *ret, struct err *err) {
    struct reply reply;
    const char *url = log_url(a, q->loki_url, q->query, q->span, q->limit);
    struct exchange ex = {.kind = EXCHANGE_HTTP,
                          .http = {.url = url, .max_body_bytes = LOG_ANSWER_MAX}};
    *ret = (struct log_lines){0};
    if (!url)
        return err_set(err, E_CONFIG, "loki.lines", "", "what is looked for is too long");
    if (!ask_once(ask, &ex, a, timeout_ms, &reply, err))
        return false;
    if (reply.http.status != 200)
        return refused(&reply.http, q->loki_url, a, err);
    if (log_lines_read(reply.http.body, reply.http.body_len, a, ret, err)) {
        ret->n = ret->n < q->limit ? ret->n : q->limit;
        return true;
    }
    return err_set(err, E_WRONG_THING, "loki.lines", q->loki_url,
                   "an answer that is not Loki's: %s", first_words(a, &reply.http));
}

const char *logs_services(struct ask *ask, const char *loki_url, uint32_t timeout_ms,
                          struct arena *a) {
    struct reply reply;
    struct err ignored;
    struct str names;
    struct exchange ex = {.kind = EXCHANGE_HTTP};
    ex.http.url = arena_printf(a, "%s/loki/api/v1/label/service/values", loki_url);
    if (!ask_once(ask, &ex, a, timeout_ms, &reply, &ignored) || reply.http.status != 200)
        return "";
    struct json *j = json_parse(reply.http.body, reply.http.body_len, LOG_ANSWER_MAX, &ignored);
    str_init(&names, 400);
    for (const struct json *v = json_first(json_get(j, "data")); v; v = json_next(v))
        str_printf(&names, "%s%s", names.len ? " " : "",
                   text_cleanz(a, json_string(v, "") ? json_string(v, "") : "").s);
    const char *copy = arena_strdup(a, str_get(&names));
    str_done(&names);
    json_free(j);
    return copy;
}
