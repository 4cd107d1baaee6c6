/* act/store.c - signed requests to the bucket of backups. The signing is the library's; what is
 * signed has to be sorted and encoded as S3 wants it, which is done here. */
#include "store_priv.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "io/ask.h"
#include "wire/backup.h"
#include "wire/digest.h"
#include "wire/url.h"

#define CALL_MS   120000u /* a part of 8 MiB at 70 kB/s */
#define TRIES     3
#define REPLY_MAX BACKUP_NOTE_MAX

struct store {
    struct ask *ask;
    const struct settings *settings;
    const char *bucket;
};

/* Plain in every URL, and so are the keys of copies: none needs encoding. */
static bool is_plain_name(const char *s) {
    size_t n = strlen(s);
    return n > 2 && n < 200 && strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789.-") == n;
}

bool store_open(const struct settings *s, int cancel_fd, struct store **ret, struct err *err) {
    const char *bucket = s->backup_bucket;
    if (!s->minio_url)
        return err_set(err, E_CONFIG, "store.open", "MINIO_ENDPOINT", "is not set: no store");
    if (!s->minio_access_key || !s->minio_secret_key)
        return err_set(err, E_CONFIG, "store.open", "MINIO_ACCESS_KEY",
                       "is not set, or MINIO_SECRET_KEY is not");
    if (!bucket || !is_plain_name(bucket))
        return err_set(err, E_CONFIG, "store.open", "GOODGO_BACKUP_BUCKET",
                       "is no name of a bucket: small letters, digits, dots and dashes");
    struct store *st = mem_zeroed(sizeof *st);
    st->ask = ask_new("goodgo backup", cancel_fd);
    st->settings = s;
    st->bucket = bucket;
    *ret = st;
    return true;
}

void store_close(struct store *st) {
    if (!st)
        return;
    ask_free(st->ask);
    free(st);
}

const char *store_bucket(const struct store *st) {
    return st->bucket;
}

const struct settings *store_settings(const struct store *st) {
    return st->settings;
}

const char *store_encode(struct arena *a, const char *s) {
    struct str out;
    str_init(&out, 3 * strlen(s) + 1);
    url_escape(&out, s, strlen(s));
    const char *encoded = arena_strdup(a, str_get(&out));
    str_done(&out);
    return encoded;
}

/* ---- one request ---- */

static void add_header(struct http_request *rq, const char *name, const char *value) {
    size_t i = 0;
    while (i < HTTP_MAX_HEADERS && rq->headers[i].name)
        i++;
    if (value && i < HTTP_MAX_HEADERS)
        rq->headers[i] = (struct http_header){name, value};
}

static void make_request(const struct store *st, struct arena *a, const struct store_call *c,
                         struct exchange *ex) {
    char hex[DIGEST_HEX_SIZE];
    digest_sha256_hex(c->body ? c->body : "", c->body_len, hex);
    ex->kind = EXCHANGE_HTTP;
    ex->http = (struct http_request){
        .method = c->method,
        .url =
            arena_printf(a, "%s/%s%s%s%s%s", st->settings->minio_url, st->bucket, c->key ? "/" : "",
                         c->key ? c->key : "", c->query ? "?" : "", c->query ? c->query : ""),
        .user = st->settings->minio_access_key,
        .password = st->settings->minio_secret_key,
        .sigv4 = true,
        .body = c->body,
        .body_len = c->body_len,
        .max_body_bytes = REPLY_MAX,
        .on_body = c->on_body,
        .body_ctx = c->ctx};
    add_header(&ex->http, "x-amz-content-sha256", arena_strdup(a, hex));
    add_header(&ex->http, "content-type", c->body ? "application/octet-stream" : NULL);
    for (size_t i = 0; i < META_MAX && c->meta[i].value; i++)
        add_header(&ex->http, c->meta[i].name, c->meta[i].value);
    add_header(&ex->http, "range", c->range);
}

static bool may_pass(const struct err *err) {
    return err->code == E_TIMEOUT || err->code == E_CLOSED || err->code == E_REFUSED ||
           err->code == E_UNREACHABLE;
}

bool store_send(struct store *st, struct arena *a, const struct store_call *c,
                struct http_reply *ret, struct err *err) {
    static const uint32_t pause_ms[TRIES] = {1000, 4000, 0};
    for (int i = 0; i < TRIES; i++) {
        struct exchange ex;
        struct reply reply;
        if (c->restart)
            c->restart(c->ctx);
        make_request(st, a, c, &ex);
        bool sent = ask_once(st->ask, &ex, a, CALL_MS, &reply, err);
        bool busy = sent && (reply.http.status == 503 || reply.http.status == 429);
        if (sent)
            *ret = reply.http;
        if ((sent && !busy) || (!sent && !may_pass(err)) || c->once || i + 1 == TRIES)
            return sent;
        if (!ask_pause(st->ask, pause_ms[i], err))
            return false;
    }
    return false;
}

bool store_accepted(const struct store *st, const char *what, const struct http_reply *r,
                    struct err *err) {
    char code[64], message[200];
    bool is_error = store_error_read(r->body, r->body_len, code, message);
    if (r->status >= 200 && r->status <= 299 && !is_error)
        return true;
    enum err_code kind = r->status == 401 || r->status == 403   ? E_AUTH
                         : r->status == 503 || r->status == 429 ? E_NOT_READY
                         : r->status == 507                     ? E_IO
                                                                : E_PROTOCOL;
    err_set(err, kind, what, st->bucket, "the store answers %d %s %s", r->status, code, message);
    if (kind == E_AUTH)
        err->todo = "check MINIO_ACCESS_KEY and MINIO_SECRET_KEY, and what they may do";
    return false;
}
