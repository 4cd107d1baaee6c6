/* io/http_multi.c - curl's multi on the loop: its sockets are watched, its timer is one of ours. */
#include "http_multi_priv.h"

#include <stdlib.h>

#include "base/mem.h"

/* One socket of curl. Freed when curl takes it away, which may be inside our own callback. */
struct http_socket {
    struct http *http;
    struct watch *watch;
    curl_socket_t fd;
    int events;
};

static void http_reap_messages(struct http *m) {
    int left;
    CURLMsg *msg;
    while ((msg = curl_multi_info_read(m->multi, &left))) {
        struct http_call *c = NULL;
        CURLcode rc = msg->data.result;
        if (msg->msg != CURLMSG_DONE)
            continue;
        curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, (char **)&c);
        if (c)
            http_call_completed(c, rc); /* msg is gone after this */
    }
}

static void socket_ready(void *ctx, int events) {
    struct http_socket *s = ctx;
    struct http *m = s->http;
    int mask = (events & WATCH_READ ? CURL_CSELECT_IN : 0) |
               (events & WATCH_WRITE ? CURL_CSELECT_OUT : 0) |
               (events & WATCH_ERROR ? CURL_CSELECT_ERR : 0);
    int running;
    if (events & WATCH_ERROR)
        watch_set(s->watch, s->fd, s->events); /* uv stopped it; curl may still want it */
    curl_multi_socket_action(m->multi, s->fd, mask, &running); /* may free s */
    http_reap_messages(m);
}

static void socket_drop(struct http_socket *s) {
    watch_close(s->watch);
    free(s);
}

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *ctx, void *per_socket) {
    struct http *m = ctx;
    struct http_socket *s = per_socket;
    if (what == CURL_POLL_REMOVE) {
        if (s) {
            curl_multi_assign(m->multi, fd, NULL);
            socket_drop(s);
        }
        return 0;
    }
    if (!s) {
        s = mem_zeroed(sizeof *s);
        s->http = m;
        s->fd = fd;
        s->watch = watch_new(m->hub->loop, "http", socket_ready, s);
        curl_multi_assign(m->multi, fd, s);
    }
    s->events = (what & CURL_POLL_IN ? WATCH_READ : 0) | (what & CURL_POLL_OUT ? WATCH_WRITE : 0);
    watch_set(s->watch, fd, s->events);
    return 0;
}

static void timer_ready(void *ctx) {
    struct http *m = ctx;
    int running;
    loop_mark(m->hub->loop, "http");
    curl_multi_socket_action(m->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    http_reap_messages(m);
}

static int on_timer(CURLM *multi, long timeout_ms, void *ctx) {
    struct http *m = ctx;
    if (timeout_ms < 0)
        loop_timer_stop(m->timer);
    else
        loop_timer_again(m->timer, (uint32_t)timeout_ms, 0);
    return 0;
}

struct http *http_new(struct link_hub *h) {
    static bool ready;
    if (!ready && curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        abort();
    ready = true;
    struct http *m = mem_zeroed(sizeof *m);
    m->hub = h;
    m->multi = curl_multi_init();
    m->timer = loop_timer_new(h->loop, timer_ready, m);
    curl_multi_setopt(m->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl_multi_setopt(m->multi, CURLMOPT_SOCKETDATA, m);
    curl_multi_setopt(m->multi, CURLMOPT_TIMERFUNCTION, on_timer);
    curl_multi_setopt(m->multi, CURLMOPT_TIMERDATA, m);
    curl_multi_setopt(m->multi, CURLMOPT_MAXCONNECTS, 32L);
    return m;
}

void http_free(struct http *m) {
    if (!m)
        return;
    curl_multi_cleanup(m->multi);
    loop_timer_close(m->timer);
    free(m);
}
