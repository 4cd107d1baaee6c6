/* sandbox/traffic_log.c - the Pino lines that the services write, as Promtail would bring them to
 * Loki. */
#include "traffic_priv.h"

#include <stdio.h>

static void correlation_id(char out[37]) {
    static const char hex[] = "0123456789abcdef";
    for (int i = 0; i < 36; i++) {
        out[i] = i == 8 || i == 13 || i == 18 || i == 23 ? '-' : hex[dice(16)];
    }
    out[14] = '4';
    out[36] = 0;
}

static void vlog(uint64_t at_ns, int level, enum sandbox_service service, const char *context,
                 const char *format, va_list args) {
    struct text t = {0};
    char time[32];
    clock_iso(at_ns / 1000000, time, sizeof time);
    text_addf(&t, "{\"level\":%d,\"time\":\"%s\",\"context\":\"%s\",\"component\":\"%s\",", level,
              time, context, sandbox_service_names[service]);
    text_vaddf(&t, format, args);
    text_puts(&t, "}");
    loki_push((struct log_line){at_ns, (uint8_t)level, (uint8_t)service, context, t.data});
}

void traffic_log(uint64_t at_ns, int level, enum sandbox_service service, const char *context,
                 const char *format, ...) {
    va_list args;
    va_start(args, format);
    vlog(at_ns, level, service, context, format, args);
    va_end(args);
}

void api_log(int level, const char *context, const char *format, ...) {
    va_list args;
    va_start(args, format);
    vlog(clock_wall_ns(), level, SB_API, context, format, args);
    va_end(args);
}

static void url_of(enum api_route route, char *out, size_t size) {
    char id[26];
    dice_cuid(id);
    if (route == ROUTE_LISTING) {
        snprintf(out, size, "/api/listings/%s", id);
    } else if (route == ROUTE_LISTINGS) {
        snprintf(out, size, "/api/listings?page=%u&limit=20", 1 + dice(9));
    } else {
        snprintf(out, size, "%s", api_routes[route].route);
    }
}

void traffic_log_request(const struct request_line *r) {
    const struct api_route_info *info = &api_routes[r->route];
    char id[37], url[96];
    correlation_id(id);
    url_of(r->route, url, sizeof url);
    unsigned ms = (unsigned)(r->seconds * 1000);
    int level = r->status >= 500 ? 50 : r->status >= 400 || ms > 1000 ? 40 : 30;
    const char *words = r->status >= 500   ? "request failed"
                        : r->status >= 400 ? "request rejected"
                        : ms > 1000        ? "slow request"
                                           : "request completed";
    if (r->status >= 500) {
        traffic_log(
            r->at_ns, 50, SB_API, info->context,
            "\"correlationId\":\"%s\",\"err\":{\"type\":\"%s\",\"message\":\"%s\"},"
            "\"msg\":\"%s threw\"",
            id, r->status == 503 ? "ServiceUnavailableException" : "InternalServerErrorException",
            r->status == 503 ? "Can't reach database server" : "Internal server error",
            info->context);
    }
    traffic_log(r->at_ns + 1000, level, SB_API, info->context,
                "\"correlationId\":\"%s\",\"method\":\"%s\",\"url\":\"%s\",\"statusCode\":%d,"
                "\"duration\":%u,\"msg\":\"%s\"",
                id, info->method, url, r->status, ms, words);
    if (dice(6) == 0) {
        traffic_log(
            r->at_ns + 2000, 30, SB_WEB, "NextServer",
            "\"correlationId\":\"%s\",\"method\":\"GET\",\"url\":\"/mua-ban\",\"statusCode\":200,"
            "\"duration\":%u,\"msg\":\"page rendered\"",
            id, 20 + ms + dice(60));
    }
    if (r->route == ROUTE_VALUATION) {
        traffic_log(
            r->at_ns + 2500, 30, SB_AI, "PriceModel",
            "\"correlationId\":\"%s\",\"method\":\"POST\",\"url\":\"/predict\",\"statusCode\":%d,"
            "\"duration\":%u,\"msg\":\"valuation computed\"",
            id, r->status, ms / 2);
    }
}
