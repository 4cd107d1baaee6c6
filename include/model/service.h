/* model/service.h - the runbook's inventory, in the order of include/model/probes.def. A new probe
 * is one file and one line there: the enum, the tables and the build lists all come from that line.
 */
#ifndef GOODGO_MODEL_SERVICE_H
#define GOODGO_MODEL_SERVICE_H

#include <stdbool.h>

enum service {
#define PROBE(id, name) SERVICE_##id,
#include "model/probes.def"
#undef PROBE
    SERVICE_COUNT
};

const char *service_name(enum service s); /* "pg-backup", as in the inventory */
bool service_parse(const char *name, enum service *ret_service);

#endif
