/* sandbox/httpd.h - one HTTP service of the sandbox: a loopback port, a handler, and the faults
 * that can be put on it. A thin layer over libmicrohttpd: a thread per connection, so a handler may
 * block without holding up the others. Knows nothing of what any stand-in answers. */
#ifndef GOODGO_SANDBOX_HTTPD_H
#define GOODGO_SANDBOX_HTTPD_H

#include "http_request.h"
#include "platform.h"

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
