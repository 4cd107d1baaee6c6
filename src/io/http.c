/* io/http.c - one HTTP exchange: an easy handle of curl on the hub's multi. Names are resolved by
 * io/dns.c and handed over with CURLOPT_RESOLVE: joining curl's own resolver thread would block the
 * close. No redirects, no proxy, http and https only; body and headers are capped. */
#include "http_multi_priv.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "errno_priv.h"

#ifndef GOODGO_VERSION
#define GOODGO_VERSION "0"
#endif
#define BODY_DEFAULT_MAX (2u * 1024u * 1024u)
#define BODY_MAX         (64u * 1024u * 1024u)
#define HEADERS_MAX      64
#define HEADER_BYTES_MAX 8192

struct http_call {
    struct http *http;
    CURL *easy; /* kept between exchanges */
    struct curl_slist *headers, *resolve;
    bool busy, added;
    char host[256], port[8];
    char target[96];
    char message[CURL_ERROR_SIZE];
    const struct http_request *rq;
    struct str body;
    size_t body_max;
    struct addresses addresses;
    int out_of_files; /* the errno: curl does not tell why it got no socket; 0 = it got one */
    bool stopped;     /* the taker of a streamed body wants no more */
    struct http_header *reply_headers;
    size_t n_headers, header_bytes;
    struct arena *arena;
    driver_done_fn done;
    void *ctx;
};

/* --- curl's end of an exchange --- */

static const struct {
    CURLcode curl;
    enum err_code code;
    const char *why; /* NULL = curl's own words */
} curl_errors[] = {
    {CURLE_UNSUPPORTED_PROTOCOL, E_WRONG_THING, "this is not HTTP; is it https?"},
    {CURLE_URL_MALFORMAT, E_CONFIG, NULL},
    {CURLE_COULDNT_RESOLVE_HOST, E_RESOLVE, NULL},
    {CURLE_COULDNT_CONNECT, E_REFUSED, "connection refused"},
    {CURLE_WEIRD_SERVER_REPLY, E_WRONG_THING, "this is not HTTP"},
    {CURLE_OPERATION_TIMEDOUT, E_TIMEOUT, NULL},
    {CURLE_GOT_NOTHING, E_WRONG_THING,
     "closed without a word: no HTTP server, or a proxy that has lost it"},
    {CURLE_SSL_CONNECT_ERROR, E_TLS, NULL},
    {CURLE_PEER_FAILED_VERIFICATION, E_TLS, NULL},
    {CURLE_SSL_CERTPROBLEM, E_TLS, NULL},
    {CURLE_SSL_CIPHER, E_TLS, NULL},
    {CURLE_SSL_CACERT_BADFILE, E_TLS, NULL},
    {CURLE_RECV_ERROR, E_CLOSED, "the connection was reset"},
    {CURLE_SEND_ERROR, E_CLOSED, "the connection was reset"},
    {CURLE_PARTIAL_FILE, E_CLOSED, "the answer ended in the middle"},
    {CURLE_HTTP2, E_PROTOCOL, NULL},
    {CURLE_HTTP2_STREAM, E_PROTOCOL, NULL},
    {CURLE_BAD_CONTENT_ENCODING, E_PROTOCOL, NULL},
    {CURLE_FILESIZE_EXCEEDED, E_TOO_BIG, NULL},
};

/* curl has one code for a lost connection and for bytes that it cannot make sense of; its own words
 * tell them apart. False where the code alone says enough. */
static bool call_error_by_words(struct http_call *c, CURLcode rc, struct err *err) {
    if (c->body.toobig)
        err_set(err, E_TOO_BIG, "http.request", c->target, "the body is over %zu bytes",
                c->body_max);
    else if (rc == CURLE_OUT_OF_MEMORY || strstr(c->message, "Too large response headers"))
        err_set(err, E_TOO_BIG, "http.request", c->target, "the header of the answer has no end");
    else if (rc == CURLE_RECV_ERROR && c->message[0] && !strstr(c->message, "Recv failure"))
        err_set(err, E_PROTOCOL, "http.request", c->target, "%s", c->message);
    else
        return false;
    return true;
}

static enum err_code code_of_errno(long number) {
    bool no_way = number == ENETUNREACH || number == EHOSTUNREACH || number == ENETDOWN;
    if (is_out_of_files(number))
        return E_INTERNAL;
    return no_way ? E_UNREACHABLE : number == ETIMEDOUT ? E_TIMEOUT : E_REFUSED;
}

static void call_error(struct http_call *c, CURLcode rc, struct err *err) {
    const char *own = c->message[0] ? c->message : curl_easy_strerror(rc);
    if (call_error_by_words(c, rc, err))
        return;
    if (c->stopped) {
        err_set(err, E_CANCELLED, "http.request", c->target, "the answer was not wanted any more");
        return;
    }
    long os_errno = c->out_of_files;
    if (!os_errno)
        curl_easy_getinfo(c->easy, CURLINFO_OS_ERRNO, &os_errno);
    if (rc == CURLE_COULDNT_CONNECT && os_errno && os_errno != ECONNREFUSED) {
        err_set(err, code_of_errno(os_errno), "http.connect", c->target, "%s",
                uv_strerror(-(int)os_errno));
        return;
    }
    for (size_t i = 0; i < ARRAY_LEN(curl_errors); i++) {
        if (curl_errors[i].curl != rc)
            continue;
        err_set(err, curl_errors[i].code,
                rc == CURLE_COULDNT_CONNECT ? "http.connect" : "http.request", c->target, "%s",
                curl_errors[i].why ? curl_errors[i].why : own);
        return;
    }
    err_set(err, E_PROTOCOL, "http.request", c->target, "%s", own);
}

static void call_detach(struct http_call *c) {
    if (c->added)
        curl_multi_remove_handle(c->http->multi, c->easy);
    c->added = false;
    curl_slist_free_all(c->headers);
    curl_slist_free_all(c->resolve);
    c->headers = c->resolve = NULL;
}

static void call_end(struct http_call *c) {
    addresses_stop(&c->addresses);
    call_detach(c);
    str_done(&c->body);
    c->busy = false;
}

static void call_finish(struct http_call *c, const struct reply *reply) {
    call_end(c);
    c->done(c->ctx, reply);
}

static void call_fail(struct http_call *c, enum err_code code, const char *op, const char *why) {
    struct reply reply = {.kind = EXCHANGE_HTTP};
    err_set(&reply.err, code, op, c->target, "%s", why);
    call_finish(c, &reply);
}

void http_call_completed(struct http_call *c, CURLcode rc) {
    if (!c->busy)
        return;
    struct reply reply = {.kind = EXCHANGE_HTTP};
    if (rc != CURLE_OK || c->body.toobig) {
        call_error(c, rc, &reply.err);
        call_finish(c, &reply);
        return;
    }
    long status = 0;
    curl_easy_getinfo(c->easy, CURLINFO_RESPONSE_CODE, &status);
    reply.ok = true;
    reply.http.status = (int)status;
    reply.http.body = arena_strndup(c->arena, str_get(&c->body), c->body.len);
    reply.http.body_len = c->body.len;
    reply.http.headers = c->reply_headers;
    reply.http.n_headers = c->n_headers;
    call_finish(c, &reply);
}

/* --- data callbacks --- */

static size_t on_body(char *bytes, size_t size, size_t n, void *ctx) {
    struct http_call *c = ctx;
    long status = 0;
    if (c->rq->on_body)
        curl_easy_getinfo(c->easy, CURLINFO_RESPONSE_CODE, &status);
    if (status >= 200 && status <= 299) {
        c->stopped = !c->rq->on_body(c->rq->body_ctx, bytes, n * size);
        return c->stopped ? 0 : n * size;
    }
    str_add(&c->body, bytes, n * size);
    return c->body.toobig ? 0 : n * size;
}

static size_t on_header(char *bytes, size_t size, size_t n, void *ctx) {
    struct http_call *c = ctx;
    size_t len = size * n;
    if (len >= 5 && memcmp(bytes, "HTTP/", 5) == 0) {
        c->n_headers = c->header_bytes = 0; /* a 100 Continue went before */
        return len;
    }
    const char *colon = memchr(bytes, ':', len);
    if (!colon || c->n_headers >= HEADERS_MAX || c->header_bytes + len > HEADER_BYTES_MAX)
        return len;
    size_t name_len = (size_t)(colon - bytes);
    char *name = arena_strndup(c->arena, bytes, name_len);
    for (size_t i = 0; i < name_len; i++)
        name[i] = (char)tolower((unsigned char)name[i]);
    const char *value = colon + 1, *end = bytes + len;
    while (value < end && (*value == ' ' || *value == '\t'))
        value++;
    while (end > value && isspace((unsigned char)end[-1]))
        end--;
    c->reply_headers[c->n_headers++] =
        (struct http_header){name, arena_strndup(c->arena, value, (size_t)(end - value))};
    c->header_bytes += len;
    return len;
}

static int on_connected(void *ctx, char *peer, char *own, int peer_port, int own_port) {
    struct http_call *c = ctx;
    addresses_stop(&c->addresses);
    return CURL_PREREQFUNC_OK;
}

static curl_socket_t on_open(void *ctx, curlsocktype purpose, struct curl_sockaddr *to) {
    struct http_call *c = ctx;
    int fd = socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
    if (fd < 0 && is_out_of_files(errno)) /* any other address may still do */
        c->out_of_files = errno;
    return fd;
}

/* --- a request into an easy handle --- */

/* A line break in it, of a key that was pasted wrongly, would make two headers of it. */
static bool headers_are_safe(const struct http_request *rq) {
    for (size_t i = 0; i < HTTP_MAX_HEADERS && rq->headers[i].name; i++)
        if (strpbrk(rq->headers[i].name, "\r\n") || strpbrk(rq->headers[i].value, "\r\n"))
            return false;
    return true;
}

static void call_set_headers(struct http_call *c) {
    for (size_t i = 0; i < HTTP_MAX_HEADERS && c->rq->headers[i].name; i++) {
        const struct http_header *h = &c->rq->headers[i];
        c->headers =
            curl_slist_append(c->headers, arena_printf(c->arena, "%s: %s", h->name, h->value));
    }
    /* A large body waits up to a second for "100 Continue", which not every server sends. Signed
     * requests must not carry the empty header that suppresses it: it would be signed too. */
    if (c->rq->body && !c->rq->sigv4)
        c->headers = curl_slist_append(c->headers, "Expect:");
    curl_easy_setopt(c->easy, CURLOPT_HTTPHEADER, c->headers);
}

static void call_set_method(struct http_call *c) {
    const struct http_request *rq = c->rq;
    if (rq->body) {
        curl_easy_setopt(c->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)rq->body_len);
        curl_easy_setopt(c->easy, CURLOPT_POSTFIELDS, rq->body);
    }
    if (rq->method && strcmp(rq->method, "HEAD") == 0)
        curl_easy_setopt(c->easy, CURLOPT_NOBODY, 1L);
    else if (rq->method && strcmp(rq->method, "GET") != 0)
        curl_easy_setopt(c->easy, CURLOPT_CUSTOMREQUEST, rq->method);
}

static void call_set_auth(struct http_call *c) {
    const struct http_request *rq = c->rq;
    if (!rq->user && !rq->password)
        return;
    curl_easy_setopt(c->easy, CURLOPT_USERNAME, rq->user ? rq->user : "");
    curl_easy_setopt(c->easy, CURLOPT_PASSWORD, rq->password ? rq->password : "");
    if (rq->sigv4)
        curl_easy_setopt(c->easy, CURLOPT_AWS_SIGV4, "aws:amz:us-east-1:s3");
    else
        curl_easy_setopt(c->easy, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
}

static void call_set_options(struct http_call *c) {
    CURL *e = c->easy;
    curl_easy_reset(e); /* keeps connections */
    curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(e, CURLOPT_PRIVATE, c);
    curl_easy_setopt(e, CURLOPT_ERRORBUFFER, c->message);
    curl_easy_setopt(e, CURLOPT_URL, c->rq->url);
    curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(e, CURLOPT_PROXY, ""); /* an http_proxy of the shell would see our keys */
    curl_easy_setopt(e, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(e, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(e, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(e, CURLOPT_USERAGENT, "goodgo/" GOODGO_VERSION);
    curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(e, CURLOPT_WRITEDATA, c);
    curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(e, CURLOPT_HEADERDATA, c);
    curl_easy_setopt(e, CURLOPT_OPENSOCKETFUNCTION, on_open);
    curl_easy_setopt(e, CURLOPT_OPENSOCKETDATA, c);
    curl_easy_setopt(e, CURLOPT_DNS_CACHE_TIMEOUT, 30L);
    curl_easy_setopt(e, CURLOPT_PREREQFUNCTION, on_connected);
    curl_easy_setopt(e, CURLOPT_PREREQDATA, c);
    call_set_headers(c);
    call_set_method(c);
    call_set_auth(c);
}

/* "+host:port:a,b": the plus lets curl forget the addresses with its cache. */
static void call_set_addresses(struct http_call *c, const struct dns_answer *a) {
    char line[600];
    size_t at = (size_t)snprintf(line, sizeof line, "+%s:%s:", c->host, c->port);
    for (uint32_t i = 0; i < a->n && at < sizeof line; i++) {
        bool v6 = strchr(a->addresses[i], ':') != NULL;
        at += (size_t)snprintf(line + at, sizeof line - at, "%s%s%s%s", i ? "," : "", v6 ? "[" : "",
                               a->addresses[i], v6 ? "]" : "");
    }
    c->resolve = curl_slist_append(NULL, line);
    curl_easy_setopt(c->easy, CURLOPT_RESOLVE, c->resolve);
}

/* What it was at before, if anything, was silent. */
static void call_connect(void *ctx) {
    struct http_call *c = ctx;
    unsigned char bytes[16];
    bool literal = c->host[0] == '[' || inet_pton(AF_INET, c->host, bytes) == 1;
    call_detach(c);
    call_set_options(c);
    if (!literal)
        call_set_addresses(c, &c->addresses.left);
    c->added = curl_multi_add_handle(c->http->multi, c->easy) == CURLM_OK;
    if (!c->added)
        call_fail(c, E_INTERNAL, "http.request", "curl refuses the request");
}

static void call_unresolved(void *ctx, const char *why) {
    call_fail(ctx, E_RESOLVE, "http.resolve", why);
}

/* Host and port as curl itself will read them from the URL; false when it is none. */
static bool call_read_url(struct http_call *c) {
    CURLU *u = curl_url();
    char *scheme = NULL, *host = NULL, *port = NULL;
    bool ok = u && curl_url_set(u, CURLUPART_URL, c->rq->url, 0) == CURLUE_OK &&
              curl_url_get(u, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
              (strcmp(scheme, "http") == 0 || strcmp(scheme, "https") == 0) &&
              curl_url_get(u, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
              curl_url_get(u, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) == CURLUE_OK &&
              str_copy(c->host, sizeof c->host, host) && str_copy(c->port, sizeof c->port, port);
    curl_free(scheme);
    curl_free(host);
    curl_free(port);
    curl_url_cleanup(u);
    if (ok)
        snprintf(c->target, sizeof c->target, "%.80s:%s", c->host, c->port);
    return ok;
}

/* --- driver --- */

static void *call_open(struct link_hub *h, const char *application_name) {
    struct http_call *c = mem_zeroed(sizeof *c);
    c->http = h->http;
    addresses_init(&c->addresses, h, call_connect, call_unresolved, c);
    c->easy = curl_easy_init();
    if (!c->easy)
        abort();
    return c;
}

static void call_prepare(struct http_call *c, const struct http_request *rq, struct arena *arena) {
    c->rq = rq;
    c->arena = arena;
    c->busy = true;
    c->stopped = false;
    c->out_of_files = 0;
    c->message[0] = '\0';
    c->n_headers = c->header_bytes = 0;
    c->reply_headers = arena_alloc(arena, HEADERS_MAX * sizeof *c->reply_headers);
    c->body_max = rq->max_body_bytes ? rq->max_body_bytes : BODY_DEFAULT_MAX;
    if (c->body_max > BODY_MAX)
        c->body_max = BODY_MAX;
    str_init(&c->body, c->body_max);
    str_copy(c->target, sizeof c->target, "the URL");
}

static void call_start(void *state, const struct exchange *ex, struct arena *arena,
                       uint32_t timeout_ms, driver_done_fn done, void *ctx) {
    struct http_call *c = state;
    c->done = done;
    c->ctx = ctx;
    call_prepare(c, &ex->http, arena);
    if (!call_read_url(c)) {
        call_fail(c, E_CONFIG, "http.request", "this is not an http:// or https:// URL");
        return;
    }
    if (!headers_are_safe(c->rq)) {
        call_fail(c, E_CONFIG, "http.request", "a line break stands in a key or token");
        return;
    }
    if (c->host[0] == '[')
        call_connect(c);
    else
        addresses_find(&c->addresses, c->host, timeout_ms);
}

static void call_abort(void *state, uint32_t timeout_ms, struct reply *reply) {
    struct http_call *c = state;
    if (!c->busy)
        return;
    if (reply && c->addresses.wait)
        err_set(&reply->err, E_RESOLVE, "http.resolve", c->target,
                "the resolver did not answer in %u ms", timeout_ms);
    else if (reply)
        err_set(&reply->err, E_TIMEOUT, "http.request", c->target,
                c->n_headers ? "the answer was not complete in %u ms" : "no answer in %u ms",
                timeout_ms);
    call_end(c);
}

static void call_close(void *state) {
    struct http_call *c = state;
    call_abort(c, 0, NULL);
    addresses_done(&c->addresses);
    curl_easy_cleanup(c->easy);
    free(c);
}

const struct driver http_driver = {call_open, call_start, call_abort, call_close};
