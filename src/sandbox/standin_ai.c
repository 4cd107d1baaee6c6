/* sandbox/standin_ai.c - the AI services (FastAPI behind uvicorn): health and the framework's own
 * error bodies. */
#include "standins.h"

#include <string.h>

static const char json[] = "application/json";

void ai_handle(struct http_request *req) {
    if (strcmp(req->path, "/health") != 0) {
        http_reply(req, 404, json, "{\"detail\":\"Not Found\"}");
    } else if (strcmp(req->method, "GET") != 0) {
        http_reply_header(req, "Allow", "GET");
        http_reply(req, 405, json, "{\"detail\":\"Method Not Allowed\"}");
    } else {
        http_reply(req, 200, json,
                   "{\"status\":\"healthy\",\"service\":\"ai-services\","
                   "\"models\":{\"price\":\"loaded\",\"nlp\":\"loaded\"}}");
    }
}

void ai_error_body(struct http_request *req, int status) {
    if (status == 500) {
        http_reply(req, status, "text/plain; charset=utf-8", "Internal Server Error");
    } else {
        http_replyf(req, status, json, "{\"detail\":\"Error %d\"}", status);
    }
}
