/* act/store.c - signed requests to the bucket of backups, its list, and one look at an object. The
 * signing is the library's; what is signed has to be sorted and encoded as S3 wants it, which is
 * done here. */
#include "store_priv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/text.h"
#include "io/ask.h"
#include "wire/backup.h"
#include "wire/digest.h"

#define CALL_MS   120000u /* a part of 8 MiB at 70 kB/s */
#define TRIES     3
#define REPLY_MAX ((size_t)4 << 20)
#define PAGES_MAX 100

struct store {
    struct ask *ask;
    const struct settings *settings;
    const char *bucket;
};

/* Plain in every URL: so no name needs encoding. */
static bool is_plain_name(const char *s, const char *also) {
    size_t n = strlen(s);
    static const char plain[] = "abcdefghijklmnopqrstuvwxyz0123456789.-";
    for (size_t i = 0; i < n; i++)
        if (!strchr(plain, s[i]) && !strchr(also, s[i]))
            return false;
    return n > 2 && n < 200;
}

bool store_open(const struct settings *s, int cancel_fd, struct store **ret, struct err *err) {
    const char *bucket = s->backup_bucket;
    if (!s->minio_url)
        return err_set(err, E_CONFIG, "store.open", "MINIO_ENDPOINT", "is not set: no store");
    if (!s->minio_access_key || !s->minio_secret_key)
        return err_set(err, E_CONFIG, "store.open", "MINIO_ACCESS_KEY",
                       "is not set, or MINIO_SECRET_KEY is not");
    if (!bucket || !is_plain_name(bucket, ""))
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
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.~";
    struct str out;
    str_init(&out, 3 * strlen(s) + 1);
    for (; *s; s++)
        if (strchr(plain, *s))
            str_putc(&out, *s);
        else
            str_printf(&out, "%%%02X", (unsigned)(unsigned char)*s);
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
    add_header(&ex->http, "x-amz-meta-sha256", c->meta_sha256);
    add_header(&ex->http, "range", c->range);
}

static bool may_pass(const struct err *err) {
    return err->code == E_TIMEOUT || err->code == E_CLOSED || err->code == E_REFUSED;
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

/* ---- the list ---- */

static int newest_first(const void *x, const void *y) {
    return strcmp(((const struct store_object *)y)->key, ((const struct store_object *)x)->key);
}

bool store_list(struct store *st, struct arena *a, struct store_object **ret, uint32_t *ret_n,
                struct err *err) {
    struct http_reply r;
    struct store_call c = {.method = "GET", .query = "list-type=2&prefix=" BACKUP_PREFIX};
    struct store_objects all = {.at = arena_alloc(a, STORE_OBJECTS_MAX * sizeof *all.at)};
    const char *token = "";
    for (int page = 0; page < PAGES_MAX && token; page++) {
        if (*token)
            c.query = arena_printf(a, "continuation-token=%s&list-type=2&prefix=" BACKUP_PREFIX,
                                   store_encode(a, token));
        if (!store_send(st, a, &c, &r, err))
            return false;
        if (r.status == 404)
            break;
        if (!store_accepted(st, "store.list", &r, err))
            return false;
        if (!store_page_read(r.body, r.body_len, a, &all, &token))
            return err_set(err, E_WRONG_THING, "store.list", st->bucket,
                           "the answer is no list of S3: is MINIO_PORT the API's port?");
    }
    if (all.n)
        qsort(all.at, all.n, sizeof *all.at, newest_first);
    *ret = all.at;
    *ret_n = all.n;
    return true;
}

bool store_look(struct store *st, struct arena *a, const char *key, struct store_object *ret,
                struct err *err) {
    struct http_reply r;
    long long size;
    struct store_call c = {.method = "HEAD", .key = key};
    if (!is_plain_name(key, "_"))
        return err_set(err, E_CONFIG, "store.look", key, "is no name of a backup");
    if (!store_send(st, a, &c, &r, err))
        return false;
    if (r.status == 404)
        return err_set(err, E_IO, "store.look", st->bucket, "holds no %s", key);
    if (!store_accepted(st, "store.look", &r, err))
        return false;
    const char *length = http_reply_header(&r, "content-length");
    const char *etag = http_reply_header(&r, "etag");
    const char *sha256 = http_reply_header(&r, "x-amz-meta-sha256");
    if (!length || !str_to_i64(length, 0, INT64_MAX, &size))
        return err_set(err, E_PROTOCOL, "store.look", key, "the store does not say its size");
    *ret = (struct store_object){key, size, etag ? etag : "", sha256 ? sha256 : ""};
    return true;
}
