/* sandbox/httpd.h - one HTTP service of the sandbox: a loopback port, a handler, and the faults
 * that can be put on it. A thin layer over libmicrohttpd: a thread per connection, so a handler may
 * block without holding up the others. Knows nothing of what any stand-in answers. */
#ifndef GOODGO_SANDBOX_HTTPD_H
#define GOODGO_SANDBOX_HTTPD_H

#include "platform.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A growing text. All storage is its own; text_done() frees it. Appending aborts the process where
 * memory runs out: a test platform has no better answer. */
struct text {
    char *data; /* always NUL-terminated once something was added, else NULL */
    size_t size, cap;
};

void text_add(struct text *t, const void *data, size_t size);
void text_puts(struct text *t, const char *s);
void text_addf(struct text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_vaddf(struct text *t, const char *format, va_list args);
void text_done(struct text *t);

enum {
    HTTP_MAX_SEGMENTS = 12,
    HTTP_MAX_PARAMS = 64,
    HTTP_MAX_HEADERS = 24,
};

struct http_param {
    char *name, *value; /* decoded */
};

/* One request and the reply being made to it. Everything lives until the reply is sent. */
struct http_request {
    const char *method;
    const char *target;    /* as sent, with the query */
    char *raw_path;        /* as sent, without the query */
    const char *raw_query; /* as sent, behind the '?'; "" where there is none */
    char *path;            /* decoded */
    char *segment[HTTP_MAX_SEGMENTS];
    int n_segments; /* decoded parts of the path; more than the maximum are cut */
    struct http_param param[HTTP_MAX_PARAMS];
    int n_params;
    struct text body;
    bool body_too_large;
    uint64_t arrived_ms; /* monotonic */

    int status; /* the reply: 200 unless the handler says otherwise */
    const char *content_type;
    struct text reply;
    bool chunked; /* no Content-Length */
    char *header_name[HTTP_MAX_HEADERS], *header_value[HTTP_MAX_HEADERS];
    int n_headers;

    void *connection; /* the library's handle, for http_header() */
};

/* The request's header by name without regard to case; NULL where it is absent. */
const char *http_header(const struct http_request *req, const char *name);
/* Calls `each` for every request header of this name in order (there may be several). */
void http_headers_each(const struct http_request *req,
                       void (*each)(void *ctx, const char *name, const char *value), void *ctx);
/* A query parameter, or NULL. */
const char *http_param(const struct http_request *req, const char *name);
/* A whole number in `lo`..`hi`, or `fallback` where it is absent or no such number. */
int64_t http_param_i64(const struct http_request *req, const char *name, int64_t fallback,
                       int64_t lo, int64_t hi);
/* Adds the pairs of a query string or a posted form. */
void http_add_params(struct http_request *req, const char *query);
bool http_is(const struct http_request *req, const char *method, const char *path);

void http_reply(struct http_request *req, int status, const char *content_type, const char *body);
void http_replyf(struct http_request *req, int status, const char *content_type, const char *format,
                 ...) __attribute__((format(printf, 4, 5)));
void http_reply_header(struct http_request *req, const char *name, const char *value);

/* Decodes %XX in place; '+' becomes a space where `form`. Returns the new length. */
size_t http_unescape(char *s, bool form);
bool http_parse_i64(const char *s, int64_t *ret_value);
/* Adds `s` as a JSON string with its quotes. */
void text_add_json(struct text *t, const char *s);
/* Adds `s` with the five characters of XML escaped the way Go does. */
void text_add_xml(struct text *t, const char *s);

uint64_t clock_mono_ms(void);
uint64_t clock_wall_ms(void);
/* 2026-04-11T10:30:00.123Z of a wall time in ms. */
void clock_iso(uint64_t wall_ms, char *out, size_t size);

typedef void (*http_handler)(struct http_request *req);
/* Fills in a plausible body for an error the fault file asks for. */
typedef void (*http_error_body)(struct http_request *req, int status);

struct httpd;

struct httpd_config {
    enum sandbox_service service;
    uint16_t port;
    size_t max_body_bytes;
    const char *server_header; /* sent with every reply, may be NULL */
    http_handler handle;
    http_error_body error_body;
};

/* Listens on 127.0.0.1:port. NULL, with a sentence on stderr, where that fails. */
struct httpd *httpd_new(const struct httpd_config *config);
void httpd_free(struct httpd *h);
/* Puts the fault on (or takes it off): closes, opens, or answers differently from now on. Called
 * every 100 ms from one thread; does nothing where nothing changed. */
void httpd_apply(struct httpd *h, struct sandbox_fault fault);

#endif
