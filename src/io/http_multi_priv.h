/* io/http_multi_priv.h - the multi that all HTTP exchanges of a hub share. */
#ifndef GOODGO_IO_HTTP_MULTI_PRIV_H
#define GOODGO_IO_HTTP_MULTI_PRIV_H

#include <curl/curl.h>

#include "addresses_priv.h"

struct http {
    struct link_hub *hub;
    CURLM *multi;
    struct loop_timer *timer;
};

struct http_call;
/* http.c: curl has done with this call; one that was aborted meanwhile is left alone. */
void http_call_completed(struct http_call *c, CURLcode rc);

#endif
