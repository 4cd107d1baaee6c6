/* app/logs_priv.h - asks Loki for lines of the logs, for sub-commands, which may wait. */
#ifndef GOODGO_APP_LOGS_PRIV_H
#define GOODGO_APP_LOGS_PRIV_H

#include "codec/loglines.h"
#include "io/ask.h"

struct logs_asked {
    const char *loki_url, *query; /* LogQL */
    struct log_span span;
    uint32_t limit; /* up to LOG_LIMIT_MAX: the newest so many */
};
/* False where Loki cannot be asked or refuses; its own words then. */
bool logs_ask(struct ask *ask, const struct logs_asked *q, uint32_t timeout_ms, struct arena *a,
              struct log_lines *ret, struct err *err) MUST_CHECK;
/* "api web": the services that have lines, by their label; "" where nobody tells. */
const char *logs_services(struct ask *ask, const char *loki_url, uint32_t timeout_ms,
                          struct arena *a);

#endif
