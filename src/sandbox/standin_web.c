/* sandbox/standin_web.c - the web front (Next.js): one page, which fails the way a server-rendered
 * page does while the API refuses connections. */
#include "standins.h"

#include "loopback.h"

#include <pthread.h>

static const char page[] =
    "<!DOCTYPE html><html lang=\"vi\"><head><meta charSet=\"utf-8\"/>"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>"
    "<title>GoodGo</title></head><body><div id=\"__next\"><main><h1>GoodGo</h1>"
    "<p>Mua bán, cho thuê nhà đất</p></main></div></body></html>";

static const char broken_page[] =
    "<!DOCTYPE html><html><head><meta charSet=\"utf-8\"/><title>500: Internal Server Error</title>"
    "</head><body><div><h1>500</h1><h2>Internal Server Error.</h2></div></body></html>";

static const char missing_page[] =
    "<!DOCTYPE html><html><head><meta charSet=\"utf-8\"/><title>404: This page could not be found."
    "</title></head><body><div><h1>404</h1><h2>This page could not be found.</h2></div></body>"
    "</html>";

/* Loopback: a connect answers at once, or is refused at once. */
static bool api_accepts(void) {
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static uint64_t asked_ms;
    static bool accepts;
    pthread_mutex_lock(&lock);
    if (!asked_ms || clock_mono_ms() - asked_ms >= 1000) {
        accepts = loopback_accepts(standins_platform()->port[SB_API], 0);
        asked_ms = clock_mono_ms();
    }
    bool yes = accepts;
    pthread_mutex_unlock(&lock);
    return yes;
}

static void web_headers(struct http_request *req) {
    http_reply_header(req, "X-Powered-By", "Next.js");
    http_reply_header(req, "Cache-Control", "private, no-cache, no-store, max-age=0");
    http_reply_header(req, "Vary", "RSC, Next-Router-State-Tree, Accept-Encoding");
}

void web_handle(struct http_request *req) {
    const bool home = http_is(req, "GET", "/");
    const bool up = !standins_platform()->port[SB_API] || api_accepts();
    web_headers(req);
    if (home && up) {
        http_reply(req, 200, "text/html; charset=utf-8", page);
    } else if (home) {
        http_reply(req, 500, "text/html; charset=utf-8", broken_page);
    } else {
        http_reply(req, 404, "text/html; charset=utf-8", missing_page);
    }
}

void web_error_body(struct http_request *req, int status) {
    http_replyf(
        req, status, "text/html; charset=utf-8",
        "<!DOCTYPE html><html><head><title>%d</title></head><body><h1>%d</h1></body></html>",
        status, status);
}
