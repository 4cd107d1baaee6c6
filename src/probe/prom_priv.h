/* probe/prom_priv.h - Prometheus's API between prometheus.c and the files of its other stages. */
#ifndef GOODGO_PROBE_PROM_PRIV_H
#define GOODGO_PROBE_PROM_PRIV_H

#include "stage_priv.h"
#include "wire/json.h"

#define PROM_MAX_ROWS 1000 /* of a table */

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

/* "-" for NULL and "". */
const char *prom_or_dash(const char *s);

/* prom_targets_lib.c. The count of `up` comes first: it says how the targets are asked for. */
STAGE(prom_up);
STAGE(prom_targets);
void prom_judge_jobs(const struct probe_run *run, struct reading *r);
/* prom_alerts_lib.c */
STAGE(prom_alerts);
STAGE(prom_rules);
void prom_rules_by_alerts(struct reading *r); /* so that the two lists of a screen agree */
/* prom_past_lib.c */
STAGE(prom_past);

#endif
