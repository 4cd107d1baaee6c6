/* sandbox/http_request.c - the target of a request taken apart, its parameters and headers looked
 * up, and the reply put together. */
#include "http_request.h"

#include "clock.h"

#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static int hex_digit(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

size_t http_unescape(char *s, bool form) {
    char *to = s;
    for (const char *from = s; *from; from++) {
        int hi = *from == '%' ? hex_digit(from[1]) : -1;
        int lo = hi >= 0 ? hex_digit(from[2]) : -1;
        if (lo >= 0) {
            *to++ = (char)(hi * 16 + lo);
            from += 2;
        } else {
            *to++ = form && *from == '+' ? ' ' : *from;
        }
    }
    *to = 0;
    return (size_t)(to - s);
}

void http_add_params(struct http_request *req, const char *query) {
    while (*query && req->n_params < HTTP_MAX_PARAMS) {
        size_t size = strcspn(query, "&");
        const char *equals = memchr(query, '=', size);
        size_t name_size = equals ? (size_t)(equals - query) : size;
        if (size) {
            struct http_param *p = &req->param[req->n_params++];
            p->name = string_copy_n(query, name_size);
            p->value = equals ? string_copy_n(equals + 1, size - name_size - 1) : string_copy("");
            http_unescape(p->name, true);
            http_unescape(p->value, true);
        }
        query += size + (query[size] == '&');
    }
}

static void request_split_path(struct http_request *req) {
    const char *at = req->raw_path;
    while (*at && req->n_segments < HTTP_MAX_SEGMENTS) {
        at += *at == '/';
        size_t size = strcspn(at, "/");
        if (size || at[size]) {
            char *segment = string_copy_n(at, size);
            http_unescape(segment, false);
            req->segment[req->n_segments++] = segment;
        }
        at += size;
    }
}

struct http_request *http_request_new(const char *target) {
    struct http_request *req = calloc(1, sizeof *req);
    if (!req) {
        abort();
    }
    char *copy = string_copy(target);
    req->target = copy;
    size_t path_size = strcspn(copy, "?");
    req->raw_path = string_copy_n(copy, path_size);
    req->raw_query = copy[path_size] ? copy + path_size + 1 : copy + path_size;
    req->path = string_copy_n(req->raw_path, path_size);
    http_unescape(req->path, false);
    request_split_path(req);
    http_add_params(req, req->raw_query);
    req->arrived_ms = clock_mono_ms();
    req->status = 200;
    return req;
}

void http_request_free(struct http_request *req) {
    if (!req) {
        return;
    }
    free((char *)req->target);
    free(req->raw_path);
    free(req->path);
    for (int i = 0; i < req->n_segments; i++) {
        free(req->segment[i]);
    }
    for (int i = 0; i < req->n_params; i++) {
        free(req->param[i].name);
        free(req->param[i].value);
    }
    for (int i = 0; i < req->n_headers; i++) {
        free(req->header_name[i]);
        free(req->header_value[i]);
    }
    text_done(&req->body);
    text_done(&req->reply);
    free(req);
}

const char *http_header(const struct http_request *req, const char *name) {
    return MHD_lookup_connection_value(req->connection, MHD_HEADER_KIND, name);
}

struct each_header {
    void (*each)(void *ctx, const char *name, const char *value);
    void *ctx;
};

static enum MHD_Result each_header(void *cls, enum MHD_ValueKind kind, const char *name,
                                   const char *value) {
    const struct each_header *e = cls;
    (void)kind;
    e->each(e->ctx, name, value ? value : "");
    return MHD_YES;
}

void http_headers_each(const struct http_request *req,
                       void (*each)(void *ctx, const char *name, const char *value), void *ctx) {
    struct each_header e = {each, ctx};
    MHD_get_connection_values(req->connection, MHD_HEADER_KIND, each_header, &e);
}

bool http_type_is(const struct http_request *req, const char *type) {
    const char *have = http_header(req, "Content-Type");
    return have && strncasecmp(have, type, strlen(type)) == 0;
}

const char *http_param(const struct http_request *req, const char *name) {
    for (int i = 0; i < req->n_params; i++) {
        if (strcmp(req->param[i].name, name) == 0) {
            return req->param[i].value;
        }
    }
    return NULL;
}

int64_t http_param_i64(const struct http_request *req, const char *name, int64_t fallback,
                       int64_t lo, int64_t hi) {
    int64_t v = 0;
    if (!string_to_i64(http_param(req, name), &v) || v < lo || v > hi) {
        return fallback;
    }
    return v;
}

cJSON *http_body_json(const struct http_request *req) {
    return req->body.size ? cJSON_ParseWithLength(req->body.data, req->body.size) : NULL;
}

bool http_is(const struct http_request *req, const char *method, const char *path) {
    bool same = strcmp(req->method, method) == 0 ||
                (strcmp(method, "GET") == 0 && strcmp(req->method, "HEAD") == 0);
    return same && strcmp(req->path, path) == 0;
}

void http_reply(struct http_request *req, int status, const char *content_type, const char *body) {
    req->status = status;
    req->content_type = content_type;
    req->reply.size = 0;
    text_puts(&req->reply, body);
}

void http_replyf(struct http_request *req, int status, const char *content_type, const char *format,
                 ...) {
    http_reply(req, status, content_type, "");
    va_list args;
    va_start(args, format);
    text_vaddf(&req->reply, format, args);
    va_end(args);
}

void http_reply_header(struct http_request *req, const char *name, const char *value) {
    if (req->n_headers < HTTP_MAX_HEADERS) {
        req->header_name[req->n_headers] = string_copy(name);
        req->header_value[req->n_headers++] = string_copy(value);
    }
}
