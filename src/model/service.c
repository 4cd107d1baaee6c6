/* model/service.c - the names of the inventory, from probes.def. */
#include "model/service.h"

#include "base/str.h"

static const char *const names[SERVICE_COUNT] = {
#define PROBE(id, name) [SERVICE_##id] = name,
#include "model/probes.def"
#undef PROBE
};

const char *service_name(enum service s) {
    return (unsigned)s < SERVICE_COUNT ? names[s] : "?";
}

bool service_parse(const char *name, enum service *ret_service) {
    int i = str_index(names, SERVICE_COUNT, name);
    if (i >= 0)
        *ret_service = (enum service)i;
    return i >= 0;
}
