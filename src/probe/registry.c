/* probe/registry.c - the probes by service, from model/probes.def. */
#include "codec/probe.h"

#define PROBE(id, name) extern const struct probe probe_##id;
#include "model/probes.def"
#undef PROBE

const struct probe *const probes[SERVICE_COUNT] = {
#define PROBE(id, name) [SERVICE_##id] = &probe_##id,
#include "model/probes.def"
#undef PROBE
};
