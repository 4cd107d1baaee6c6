/* act/reindex_index.c - Typesense as the reindex needs it: questions with back-off, exports that
 * stream, documents by id. Nothing is sent twice blindly: what was not refused outright is for the
 * caller to check. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "reindex_priv.h"
#include "wire/json.h"
#include "wire/url.h"

#define ASK_TIMEOUT_MS    60000u
#define EXPORT_TIMEOUT_MS (6u * 3600u * 1000u)
#define ANSWER_MAX        ((size_t)32 << 20)
#define BACK_OFF_FIRST_MS 500u
#define BACK_OFF_MOST_MS  30000u
#define URL_BYTES_MAX     ((size_t)128 << 10)
#define URL_MAX           3800u /* of a filter; the server takes some 4000 in a query */

bool index_open(struct index *x, const struct settings *s, int cancel_fd, struct err *err) {
    *x = (struct index){.url = s->typesense_url, .key = s->typesense_key};
    if (!x->url)
        return err_set(err, E_CONFIG, "search", "TYPESENSE_HOST", "is not set");
    if (!x->key)
        return err_set(err, E_CONFIG, "search", "TYPESENSE_API_KEY", "is not set");
    arena_init(&x->arena);
    str_init(&x->whole_url, URL_BYTES_MAX);
    x->ask = ask_new("goodgo-reindex", cancel_fd);
    return true;
}

void index_close(struct index *x) {
    ask_free(x->ask);
    if (x->ask) {
        arena_done(&x->arena);
        str_done(&x->whole_url);
    }
    x->ask = NULL;
}

/* ---- answers that are not what was wanted ---- */

/* {"message": "..."}, put together without escaping by the server: often no JSON at all. */
static void message_of(const struct http_reply *r, char *buf, size_t size) {
    struct err ignored;
    struct json *j = json_parse(r->body, r->body_len, ANSWER_MAX, &ignored);
    const char *s = json_string(j, "message");
    if (s)
        text_clean_into(buf, size, s, strlen(s));
    else
        text_clean_into(buf, size, r->body, r->body_len < 120 ? r->body_len : 120);
    json_free(j);
}

bool index_is_away(enum err_code code) {
    return code == E_REFUSED || code == E_UNREACHABLE;
}

bool index_is_retryable(int status, const char *body) {
    return status == 503 || status == 429 ||
           (status == 422 && (strstr(body, "Rejecting write") || strstr(body, "Skipping writes") ||
                              strstr(body, "in progress")));
}

bool index_refuse(const struct index *x, const char *path, const struct http_reply *r,
                  struct err *err) {
    char words[160];
    message_of(r, words, sizeof words);
    if (r->status == 401 || r->status == 403) {
        err_set(err, E_AUTH, "search", x->url, "HTTP %d: %s", r->status, words);
        err->todo = "check TYPESENSE_API_KEY against the key the server was started with";
    } else if (index_is_retryable(r->status, words)) {
        err_set(err, E_NOT_READY, "search", x->url, "HTTP %d: %s", r->status, words);
        err->todo = r->status == 422
                        ? "free disk or memory on its host, then start the reindex again: it goes "
                          "on where it was"
                        : "it starts, lags or limits: wait, then start the reindex again";
    } else {
        err_set(err, E_PROTOCOL, "search", x->url, "%.60s: HTTP %d: %s", path, r->status, words);
    }
    return false;
}

/* ---- waiting ---- */

bool index_back_off(struct index *x, uint32_t *attempt, int64_t start_mono_ms, const char *why,
                    struct err *err) {
    uint32_t ms = *attempt < 6 ? BACK_OFF_FIRST_MS << *attempt : BACK_OFF_MOST_MS;
    /* Scattered by half: two consoles must not come back together. */
    uint32_t scatter = (uint32_t)((uint64_t)clock_mono_ms() * 2654435761u >> 7) % (ms / 2 + 1);
    int64_t left = start_mono_ms + x->patience_ms - clock_mono_ms();
    if (left <= 0)
        return false;
    ms = ms - ms / 4 + scatter;
    ms = (int64_t)ms > left ? (uint32_t)left : ms;
    if (x->note) {
        char words[200];
        snprintf(words, sizeof words, "waits %.1f s: %.150s", ms / 1000.0, why);
        x->note(x->note_ctx, words);
    }
    ++*attempt;
    return ask_pause(x->ask, ms ? ms : 1, err);
}

/* Clears the arena: `path` may be in it and is copied before. NULL = the path of last time. */
static struct exchange request(struct index *x, const char *method, const char *path,
                               const char *body, size_t body_n) {
    struct exchange ex = {.kind = EXCHANGE_HTTP};
    if (path) {
        str_clear(&x->whole_url);
        str_printf(&x->whole_url, "%s%s", x->url, path);
    }
    arena_clear(&x->arena);
    ex.http = (struct http_request){.method = method,
                                    .url = str_get(&x->whole_url),
                                    .body = body,
                                    .body_len = body_n,
                                    .max_body_bytes = ANSWER_MAX};
    ex.http.headers[0] = (struct http_header){"X-TYPESENSE-API-KEY", x->key};
    ex.http.headers[1] = (struct http_header){
        "Content-Type", body && *body == '{' ? "application/json" : "text/plain"};
    return ex;
}

struct exchange index_import_exchange(struct index *x, const char *path, const char *body,
                                      size_t body_n) {
    return request(x, "POST", path, body, body_n);
}

bool index_ask(struct index *x, const char *method, const char *path, const char *body,
               size_t body_n, struct http_reply *ret, struct err *err) {
    int64_t start = clock_mono_ms();
    for (uint32_t attempt = 0;;) {
        struct reply reply;
        struct err why;
        x->status = 0;
        struct exchange ex = request(x, method, attempt ? NULL : path, body, body_n);
        uint32_t timeout_ms = body ? x->reply_timeout_ms : ASK_TIMEOUT_MS;
        bool answered = ask_once(x->ask, &ex, &x->arena, timeout_ms, &reply, &why);
        if (answered) {
            *ret = reply.http;
            x->status = ret->status;
            if (x->status >= 200 && x->status <= 299)
                return true;
            index_refuse(x, str_get(&x->whole_url) + strlen(x->url), ret, &why);
        }
        *err = why;
        bool again = answered ? why.code == E_NOT_READY : index_is_away(why.code);
        if (!again || !index_back_off(x, &attempt, start, why.why, err))
            return false;
    }
}

/* ---- exports ---- */

struct lines_in {
    struct str part; /* the beginning of a line whose end has not come yet */
    bool (*on_line)(void *ctx, const char *line, size_t n);
    void *ctx;
    uint64_t n_lines;
    bool stopped;
};

static bool take_line(struct lines_in *in, const char *line, size_t n) {
    if (!n)
        return true;
    in->n_lines++;
    in->stopped = !in->on_line(in->ctx, line, n);
    return !in->stopped;
}

static bool on_piece(void *ctx, const char *bytes, size_t n) {
    struct lines_in *in = ctx;
    const char *end = bytes + n;
    while (bytes < end) {
        const char *stop = memchr(bytes, '\n', (size_t)(end - bytes));
        size_t len = (size_t)((stop ? stop : end) - bytes);
        if (!stop || in->part.len)
            str_add(&in->part, bytes, len);
        if (in->part.toobig)
            return false;
        if (stop && in->part.len) {
            bool go_on = take_line(in, in->part.s, in->part.len);
            str_clear(&in->part);
            if (!go_on)
                return false;
        } else if (stop && !take_line(in, bytes, len)) {
            return false;
        }
        bytes += len + (stop != NULL);
    }
    return true;
}

static bool export_once(struct index *x, const char *path, struct lines_in *in, struct err *err) {
    struct reply reply;
    x->status = 0;
    struct exchange ex = request(x, "GET", path, NULL, 0);
    ex.http.on_body = on_piece;
    ex.http.body_ctx = in;
    if (!ask_once(x->ask, &ex, &x->arena, EXPORT_TIMEOUT_MS, &reply, err)) {
        if (in->part.toobig)
            return err_set(err, E_TOO_BIG, "search", x->url, "a document is over %zu bytes",
                           DOC_MAX_BYTES);
        return false;
    }
    x->status = reply.http.status;
    if (x->status != 200)
        return index_refuse(x, path, &reply.http, err);
    take_line(in, str_get(&in->part), in->part.len); /* the last has no newline */
    return in->stopped ? err_set(err, E_CANCELLED, "search", x->url, "the export was stopped")
                       : true;
}

bool index_export(struct index *x, const char *collection, const char *query,
                  bool (*on_line)(void *ctx, const char *line, size_t n), void *ctx,
                  uint64_t *ret_lines, struct err *err) {
    struct lines_in in = {.on_line = on_line, .ctx = ctx};
    struct str path;
    int64_t start = clock_mono_ms();
    bool ok = false, again = true;
    str_init(&path, 16384);
    str_puts(&path, "/collections/");
    url_escape(&path, collection, strlen(collection));
    str_printf(&path, "/documents/export%s%s", query ? "?" : "", query ? query : "");
    str_init(&in.part, DOC_MAX_BYTES);
    for (uint32_t attempt = 0; !ok && again;) {
        struct err why;
        ok = export_once(x, str_get(&path), &in, &why);
        again = !ok && !in.n_lines && (why.code == E_NOT_READY || index_is_away(why.code));
        if (!ok)
            *err = why;
        if (again)
            again = index_back_off(x, &attempt, start, why.why, err);
    }
    if (ok && ret_lines)
        *ret_lines = in.n_lines;
    str_done(&in.part);
    str_done(&path);
    return ok;
}

/* ---- documents by id ---- */

static bool is_simple(const char *id) {
    return *id &&
           !id[strspn(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")];
}

uint32_t index_id_filter(struct str *filter, const char *const *ids, uint32_t n) {
    uint32_t taken = 0;
    struct str escaped;
    str_init(&escaped, 65536);
    str_puts(filter, "filter_by=id%3A%5B");
    for (size_t used = 0; taken < n && taken < INDEX_MAX_IDS; taken++) {
        bool simple = is_simple(ids[taken]);
        str_clear(&escaped);
        str_puts(&escaped, simple ? "" : "%60");
        url_escape(&escaped, ids[taken], strlen(ids[taken]));
        str_puts(&escaped, simple ? "" : "%60");
        used += escaped.len + 3;
        /* One that is longer than all of them together goes alone; a backtick cannot be quoted. */
        if (strchr(ids[taken], '`') || (taken && used > URL_MAX))
            break;
        str_puts(filter, taken ? "%2C" : "");
        str_add(filter, escaped.s, escaped.len);
    }
    str_puts(filter, "%5D");
    str_done(&escaped);
    return taken;
}

static void document_path(struct str *path, const char *collection, const char *id) {
    str_puts(path, "/collections/");
    url_escape(path, collection, strlen(collection));
    str_puts(path, "/documents/");
    url_escape(path, id, strlen(id));
}

/* GET or DELETE of one document whose id cannot stand in a filter. 404 = it is not there. */
static bool one_document(struct index *x, const char *method, const char *collection,
                         const char *id, struct http_reply *ret, bool *ret_there, struct err *err) {
    struct str path;
    str_init(&path, 16384);
    document_path(&path, collection, id);
    bool ok = index_ask(x, method, str_get(&path), NULL, 0, ret, err);
    str_done(&path);
    *ret_there = ok;
    return ok || x->status == 404;
}

bool index_fetch(struct index *x, const char *collection, const char *const *ids, uint32_t n,
                 bool (*on_line)(void *ctx, const char *line, size_t n), void *ctx,
                 struct err *err) {
    for (uint32_t at = 0; at < n;) {
        struct str query;
        struct http_reply r;
        bool ok, there;
        str_init(&query, 65536);
        uint32_t taken = index_id_filter(&query, ids + at, n - at);
        if (taken) {
            ok = index_export(x, collection, str_get(&query), on_line, ctx, NULL, err);
        } else {
            ok = one_document(x, "GET", collection, ids[at], &r, &there, err) &&
                 (!there || on_line(ctx, r.body, r.body_len));
            taken = 1;
        }
        str_done(&query);
        if (!ok)
            return false;
        at += taken;
    }
    return true;
}

static bool delete_by_filter(struct index *x, const char *collection, const char *filter,
                             int64_t *ret_n, struct err *err) {
    struct str path;
    struct http_reply r;
    str_init(&path, 65536);
    str_puts(&path, "/collections/");
    url_escape(&path, collection, strlen(collection));
    str_printf(&path, "/documents?%s", filter);
    bool ok = index_ask(x, "DELETE", str_get(&path), NULL, 0, &r, err);
    if (ok) {
        struct json *j = json_parse(r.body, r.body_len, ANSWER_MAX, err);
        ok = j && json_i64(j, "num_deleted", 0, INT64_MAX, ret_n);
        if (j && !ok)
            err_set(err, E_PROTOCOL, "search", x->url, "a deletion was answered without a count");
        json_free(j);
    }
    str_done(&path);
    return ok;
}

bool index_delete(struct index *x, const char *collection, const char *const *ids, uint32_t n,
                  uint64_t *ret_deleted, struct err *err) {
    for (uint32_t at = 0; at < n;) {
        struct str query;
        struct http_reply r;
        int64_t deleted = 0;
        bool ok, there;
        str_init(&query, 65536);
        uint32_t taken = index_id_filter(&query, ids + at, n - at);
        if (taken) {
            ok = delete_by_filter(x, collection, str_get(&query), &deleted, err);
        } else {
            ok = one_document(x, "DELETE", collection, ids[at], &r, &there, err);
            deleted = ok && there;
            taken = 1;
        }
        str_done(&query);
        if (!ok)
            return false;
        *ret_deleted += (uint64_t)deleted;
        at += taken;
    }
    return true;
}

/* ---- load and counts ---- */

bool index_queued(struct index *x, int64_t *ret_queued, struct err *err) {
    struct http_reply r;
    if (!index_ask(x, "GET", "/status", NULL, 0, &r, err))
        return false;
    struct json *j = json_parse(r.body, r.body_len, ANSWER_MAX, err);
    if (!j)
        return false;
    if (!json_i64(j, "queued_writes", 0, INT64_MAX, ret_queued))
        *ret_queued = 0; /* older servers do not say */
    json_free(j);
    return true;
}
