/* sandbox/httpd.c - the server of every stand-in: libmicrohttpd daemons on the loopback that answer
 * through a handler, and the six faults. */
#include "httpd.h"

#include "clock.h"
#include "loopback.h"
#include "say.h"

#include <errno.h>
#include <microhttpd.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

enum listener {
    LISTENER_CLOSED,
    LISTENER_HTTP,
    LISTENER_GARBAGE,
};

struct httpd {
    struct httpd_config config;
    enum listener listener;
    struct MHD_Daemon *daemon;
    pthread_t garbage_thread;
    int garbage_listen, garbage_wake;
    bool complained; /* a port that cannot be reopened is named once, not ten times a second */

    pthread_mutex_t lock; /* guards the three below */
    pthread_cond_t changed;
    struct sandbox_fault fault;
    bool closing;
};

/* ---- answering ---- */

static bool client_has_gone(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    char byte;
    return info && recv(info->connect_fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

static bool fault_same(struct sandbox_fault a, struct sandbox_fault b) {
    return a.mode == b.mode && a.arg == b.arg;
}

/* Holds the request while a hang or slow fault is on. False: close without an answer. */
static bool wait_out_fault(struct httpd *h, struct http_request *req) {
    uint64_t start_ms = clock_mono_ms();
    bool answer = true;
    pthread_mutex_lock(&h->lock);
    struct sandbox_fault at_start = h->fault;
    bool hang = at_start.mode == FAULT_HANG;
    if (hang || at_start.mode == FAULT_SLOW) {
        uint64_t until_ms = start_ms + (hang ? 3600000u : (uint64_t)(unsigned)at_start.arg);
        while (!h->closing && fault_same(h->fault, at_start) && clock_mono_ms() < until_ms) {
            uint64_t left_ms = until_ms - clock_mono_ms();
            uint64_t slice_ms = left_ms < 1000 ? left_ms : 1000;
            struct timespec until = clock_deadline(slice_ms);
            pthread_cond_timedwait(&h->changed, &h->lock, &until);
            if (client_has_gone(req->connection)) {
                answer = false;
                break;
            }
        }
        answer = answer && !hang && !h->closing;
    }
    pthread_mutex_unlock(&h->lock);
    return answer;
}

struct chunks {
    char *data;
    size_t size;
};

static ssize_t chunk_read(void *cls, uint64_t pos, char *buf, size_t max) {
    const struct chunks *c = cls;
    if (pos >= c->size) {
        return MHD_CONTENT_READER_END_OF_STREAM;
    }
    size_t n = c->size - (size_t)pos < max ? c->size - (size_t)pos : max;
    memcpy(buf, c->data + pos, n);
    return (ssize_t)n;
}

static void chunk_free(void *cls) {
    struct chunks *c = cls;
    free(c->data);
    free(c);
}

/* The reply's text changes hands: afterwards the library frees it. */
static struct MHD_Response *response_of(struct http_request *req) {
    char *data = req->reply.data;
    size_t size = req->reply.size;
    req->reply = (struct text){0};
    if (!req->chunked || !size || req->status == 204) {
        if (!size) {
            free(data);
            return MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
        }
        return MHD_create_response_from_buffer(size, data, MHD_RESPMEM_MUST_FREE);
    }
    struct chunks *c = malloc(sizeof *c);
    if (!c) {
        abort();
    }
    *c = (struct chunks){data, size};
    return MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 16384, chunk_read, c, chunk_free);
}

static enum MHD_Result send_reply(struct httpd *h, struct http_request *req) {
    struct MHD_Response *response = response_of(req);
    if (!response) {
        return MHD_NO;
    }
    if (h->config.server_header) {
        MHD_add_response_header(response, "Server", h->config.server_header);
    }
    if (req->content_type) {
        MHD_add_response_header(response, "Content-Type", req->content_type);
    }
    for (int i = 0; i < req->n_headers; i++) {
        MHD_add_response_header(response, req->header_name[i], req->header_value[i]);
    }
    enum MHD_Result r = MHD_queue_response(req->connection, (unsigned)req->status, response);
    MHD_destroy_response(response);
    return r;
}

static bool fault_error_status(struct httpd *h, int *ret_status) {
    pthread_mutex_lock(&h->lock);
    bool on = h->fault.mode == FAULT_ERROR;
    *ret_status = h->fault.arg >= 200 && h->fault.arg <= 599 ? h->fault.arg : 503;
    pthread_mutex_unlock(&h->lock);
    return on;
}

static enum MHD_Result answer(struct httpd *h, struct http_request *req) {
    int status = 0;
    if (!wait_out_fault(h, req)) {
        return MHD_NO;
    }
    if (fault_error_status(h, &status)) {
        req->status = status;
        h->config.error_body(req, status);
        req->status = status;
    } else if (req->body_too_large) {
        http_reply(req, 413, "text/plain; charset=utf-8", "Request Entity Too Large\n");
    } else {
        h->config.handle(req);
    }
    return send_reply(h, req);
}

static enum MHD_Result on_access(void *cls, struct MHD_Connection *connection, const char *url,
                                 const char *method, const char *version, const char *upload_data,
                                 size_t *upload_data_size, void **con_cls) {
    struct httpd *h = cls;
    struct http_request *req = *con_cls;
    (void)url;
    (void)version;
    if (!req) {
        return MHD_NO;
    }
    if (!req->method) {
        req->method = method;
        req->connection = connection;
        return MHD_YES;
    }
    if (*upload_data_size) {
        if (req->body.size + *upload_data_size > h->config.max_body_bytes) {
            req->body_too_large = true;
        } else {
            text_add(&req->body, upload_data, *upload_data_size);
        }
        *upload_data_size = 0;
        return MHD_YES;
    }
    return answer(h, req);
}

static void *on_target(void *cls, const char *target, struct MHD_Connection *connection) {
    (void)cls;
    (void)connection;
    return http_request_new(target);
}

static void on_completed(void *cls, struct MHD_Connection *connection, void **con_cls,
                         enum MHD_RequestTerminationCode code) {
    (void)cls;
    (void)connection;
    (void)code;
    http_request_free(*con_cls);
    *con_cls = NULL;
}

/* Targets are decoded by http_request_new(): the library's own decoding would lose %2F. */
static size_t no_unescape(void *cls, struct MHD_Connection *connection, char *s) {
    (void)cls;
    (void)connection;
    return strlen(s);
}

/* ---- listening ---- */

static int listen_on(uint16_t port) {
    int fd = loopback_bind(port, 0);
    if (fd >= 0 && listen(fd, 128) != 0) {
        int saved = errno;
        close(fd);
        errno = saved;
        return -1;
    }
    return fd;
}

static void set_closing(struct httpd *h, bool closing) {
    pthread_mutex_lock(&h->lock);
    h->closing = closing;
    pthread_cond_broadcast(&h->changed);
    pthread_mutex_unlock(&h->lock);
}

static bool open_http(struct httpd *h) {
    int fd = listen_on(h->config.port);
    if (fd < 0) {
        return false;
    }
    set_closing(h, false);
    h->daemon = MHD_start_daemon(
        MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_THREAD_PER_CONNECTION | MHD_USE_POLL |
            MHD_USE_ITC,
        h->config.port, NULL, NULL, on_access, h, MHD_OPTION_LISTEN_SOCKET, fd,
        MHD_OPTION_URI_LOG_CALLBACK, on_target, NULL, MHD_OPTION_NOTIFY_COMPLETED, on_completed,
        NULL, MHD_OPTION_UNESCAPE_CALLBACK, no_unescape, NULL, MHD_OPTION_THREAD_STACK_SIZE,
        (size_t)(512 * 1024), MHD_OPTION_CONNECTION_LIMIT, 256u, MHD_OPTION_CONNECTION_TIMEOUT, 75u,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)(64 * 1024), MHD_OPTION_END);
    if (!h->daemon) {
        close(fd);
        return false;
    }
    return true;
}

static void answer_garbage(int fd) {
    char in[1024];
    unsigned char out[192];
    struct pollfd p = {.fd = fd, .events = POLLIN};
    if (poll(&p, 1, 200) > 0) {
        ssize_t n = recv(fd, in, sizeof in, MSG_DONTWAIT);
        (void)n;
    }
    if (getrandom(out, sizeof out, 0) == (ssize_t)sizeof out) {
        out[0] |= 0x80; /* never by chance the start of something readable */
        ssize_t n = send(fd, out, sizeof out, MSG_NOSIGNAL);
        (void)n;
    }
    shutdown(fd, SHUT_WR);
    close(fd);
}

static void *garbage_loop(void *arg) {
    const struct httpd *h = arg;
    struct pollfd p[2] = {{.fd = h->garbage_listen, .events = POLLIN},
                          {.fd = h->garbage_wake, .events = POLLIN}};
    while (poll(p, 2, -1) >= 0 || errno == EINTR) {
        if (p[1].revents) {
            break;
        }
        int fd = accept4(h->garbage_listen, NULL, NULL, SOCK_CLOEXEC);
        if (fd >= 0) {
            answer_garbage(fd);
        }
    }
    return NULL;
}

static bool open_garbage(struct httpd *h) {
    h->garbage_listen = listen_on(h->config.port);
    h->garbage_wake = eventfd(0, EFD_CLOEXEC);
    if (h->garbage_listen < 0 || h->garbage_wake < 0 ||
        pthread_create(&h->garbage_thread, NULL, garbage_loop, h) != 0) {
        if (h->garbage_listen >= 0) {
            close(h->garbage_listen);
        }
        if (h->garbage_wake >= 0) {
            close(h->garbage_wake);
        }
        return false;
    }
    return true;
}

static void close_listener(struct httpd *h) {
    if (h->listener == LISTENER_HTTP) {
        set_closing(h, true);
        MHD_stop_daemon(h->daemon);
        h->daemon = NULL;
    } else if (h->listener == LISTENER_GARBAGE) {
        uint64_t one = 1;
        ssize_t n = write(h->garbage_wake, &one, sizeof one);
        (void)n;
        pthread_join(h->garbage_thread, NULL);
        close(h->garbage_listen);
        close(h->garbage_wake);
    }
    h->listener = LISTENER_CLOSED;
}

static void set_listener(struct httpd *h, enum listener want) {
    if (h->listener == want) {
        return;
    }
    close_listener(h);
    bool ok = want == LISTENER_CLOSED || (want == LISTENER_HTTP ? open_http(h) : open_garbage(h));
    if (ok) {
        h->listener = want;
        h->complained = false;
    } else if (!h->complained) {
        h->complained = true;
        say("%s cannot listen on 127.0.0.1:%u: %s", sandbox_service_names[h->config.service],
            (unsigned)h->config.port, strerror(errno));
    }
}

struct httpd *httpd_new(const struct httpd_config *config) {
    struct httpd *h = calloc(1, sizeof *h);
    if (!h) {
        return NULL;
    }
    h->config = *config;
    pthread_mutex_init(&h->lock, NULL);
    clock_cond_init(&h->changed);
    set_listener(h, LISTENER_HTTP);
    if (h->listener != LISTENER_HTTP) {
        httpd_free(h);
        return NULL;
    }
    return h;
}

void httpd_free(struct httpd *h) {
    if (!h) {
        return;
    }
    close_listener(h);
    pthread_cond_destroy(&h->changed);
    pthread_mutex_destroy(&h->lock);
    free(h);
}

static enum listener listener_for(struct sandbox_fault fault) {
    switch (fault.mode) {
    case FAULT_STOP:
        return LISTENER_CLOSED;
    case FAULT_GARBAGE:
        return LISTENER_GARBAGE;
    case FAULT_FLAP:
        return clock_mono_ms() / 2000 % 2 ? LISTENER_CLOSED : LISTENER_HTTP;
    default:
        return LISTENER_HTTP;
    }
}

void httpd_apply(struct httpd *h, struct sandbox_fault fault) {
    pthread_mutex_lock(&h->lock);
    if (!fault_same(h->fault, fault)) {
        h->fault = fault;
        pthread_cond_broadcast(&h->changed);
    }
    pthread_mutex_unlock(&h->lock);
    set_listener(h, listener_for(fault));
}
