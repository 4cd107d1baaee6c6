/* model/service.c - the names of the inventory, from probes.def. */
#include "model/service.h"

#include <string.h>

static const char *const names[SERVICE_COUNT] = {
#define PROBE(id, name) [SERVICE_##id] = name,
#include "model/probes.def"
#undef PROBE
};

const char *service_name(enum service s) {
    return (unsigned)s < SERVICE_COUNT ? names[s] : "?";
}

bool service_parse(const char *name, enum service *ret_service) {
    for (unsigned i = 0; i < SERVICE_COUNT; i++)
        if (!strcmp(names[i], name)) {
            *ret_service = (enum service)i;
            return true;
        }
    return false;
}
