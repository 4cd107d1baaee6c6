/* sandbox/traffic_priv.h - what the threads of the traffic share: how a line is logged, and the
 * little that one of them tells the others. */
#ifndef GOODGO_SANDBOX_TRAFFIC_PRIV_H
#define GOODGO_SANDBOX_TRAFFIC_PRIV_H

#include "standins.h"

enum { TRAFFIC_CALL_MS = 2500 }; /* what a call to the database or the cache may take */

/* ---- traffic_log.c ---- */
struct request_line {
    enum api_route route;
    int status;
    double seconds;
    uint64_t at_ns;
};

/* `format` makes what follows `"component":...,` up to the closing brace. */
void traffic_log(uint64_t at_ns, int level, enum sandbox_service service, const char *context,
                 const char *format, ...) __attribute__((format(printf, 5, 6)));
/* The lines that one request leaves, in all the services it went through. */
void traffic_log_request(const struct request_line *r);

/* ---- traffic_pulse.c ---- */
/* Two quiet hours of log lines, up to now. */
void pulse_history(void);
void *pulse_main(void *arg);

/* ---- traffic_work.c ---- */
void *work_main(void *arg);
/* Did the last call fail, and is there no connection? */
bool work_db_down(void);
bool work_cache_down(void);

/* ---- traffic_index.c ---- */
void *index_main(void *arg);
/* The first walk over the database is done. */
bool index_is_whole(void);

#endif
