/* sandbox/http_request.h - one request and the reply being made to it: what arrived, with the bytes
 * as sent (signatures need them), and what is to be said. No sockets here. */
#ifndef GOODGO_SANDBOX_HTTP_REQUEST_H
#define GOODGO_SANDBOX_HTTP_REQUEST_H

#include "text.h"

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>

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
/* Does the Content-Type begin with this one? */
bool http_type_is(const struct http_request *req, const char *type);
/* A query parameter, or NULL. */
const char *http_param(const struct http_request *req, const char *name);
/* A whole number in `lo`..`hi`, or `fallback` where it is absent or no such number. */
int64_t http_param_i64(const struct http_request *req, const char *name, int64_t fallback,
                       int64_t lo, int64_t hi);
/* Adds the pairs of a query string or a posted form. */
void http_add_params(struct http_request *req, const char *query);
/* The body as JSON, for cJSON_Delete(); NULL where it is none. */
cJSON *http_body_json(const struct http_request *req);
bool http_is(const struct http_request *req, const char *method, const char *path);

void http_reply(struct http_request *req, int status, const char *content_type, const char *body);
void http_replyf(struct http_request *req, int status, const char *content_type, const char *format,
                 ...) __attribute__((format(printf, 4, 5)));
void http_reply_header(struct http_request *req, const char *name, const char *value);

/* For the server: a request from its target, and its end. */
struct http_request *http_request_new(const char *target);
void http_request_free(struct http_request *req);

/* Decodes %XX in place; '+' becomes a space where `form`. Returns the new length. */
size_t http_unescape(char *s, bool form);

#endif
