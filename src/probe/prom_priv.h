/* probe/prom_priv.h - Prometheus's API between prometheus.c and prom_past_lib.c. */
#ifndef GOODGO_PROBE_PROM_PRIV_H
#define GOODGO_PROBE_PROM_PRIV_H

#include "codec/probe.h"
#include "wire/json.h"

/* The runbook's queries; the traffic is first. */
struct prom_preset {
    const char *metric;
    enum unit unit;
    const char *expression;
};
#define PROM_PRESETS 10
extern const struct prom_preset prom_presets[PROM_PRESETS];

bool prom_ask(struct probe_run *run, struct exchange *ex, const char *path);
/* The document (to be freed) and its `data`; NULL with err for anything but success. */
struct json *prom_data(struct probe_run *run, const struct reply *reply, const char *path,
                       const struct json **ret_data, struct err *err);
/* The first n presets in one expression, encoded for a URL; each series says its preset. */
const char *prom_query(struct probe_run *run, size_t n);

/* The stage `past`. */
bool prom_past_request(struct probe_run *run, struct exchange *ex);
bool prom_past_parse(struct probe_run *run, const struct reply *reply, struct reading *out,
                     struct err *err) MUST_CHECK;

#endif
