/* probe/stage_priv.h - a stage whose two halves are in another file than its probe's table; what
 * they owe is said at struct probe_stage (codec/probe.h). */
#ifndef GOODGO_PROBE_STAGE_PRIV_H
#define GOODGO_PROBE_STAGE_PRIV_H

#include "codec/probe.h"

/* STAGE(pg_tables): pg_tables_request() and pg_tables_parse(). */
#define STAGE(name)                                                                                \
    bool name##_request(struct probe_run *run, struct exchange *ex);                               \
    bool name##_parse(struct probe_run *run, const struct reply *reply, struct reading *out,       \
                      struct err *err) MUST_CHECK

#endif
