/* views/redis.c - cache and sessions: memory against its limit, evictions, slow commands, key
 * space. Data only: service_panel.c draws it. */
#include "panels_priv.h"

static const struct vital vitals[] = {
    {"used_memory", "memory", "maxmemory"},
    {"policy", "policy", NULL},
    {"evicted", "evicted", NULL},
    {"ops_per_s", "ops", NULL},
    {"hit_pct", "hit", NULL},
    {"evicted_per_s", "evicted/s", NULL},
    {"clients", "clients", "maxclients"},
    {"blocked_clients", "blocked", NULL},
    {"rejected", "rejected", NULL},
    {"keys", "keys", NULL},
    {"expired", "expired", NULL},
    {"fragmentation", "fragm", NULL},
    {"aof_enabled", "AOF", NULL},
    {"aof_ok", "AOF ok", NULL},
    {"rdb_ok", "RDB ok", NULL},
    {"unsaved_changes", "unsaved", NULL},
    {"used_memory_peak", "peak", NULL},
    {"replicas", "replicas", NULL},
    {"role", "role", NULL},
    {"uptime_s", "up", NULL},
    {"version", "version", NULL},
};
static const struct pane panes[] = {
    {"commands", "Commands", "none yet", 52, NULL},
    {"keyspace", "Databases", "empty", 50, NULL},
    {"prefixes", "Keys by prefix", "no key", 36, NULL},
    {"slowlog", "Slow log", "no slow command", 0, NULL},
    {"errors", "Errors", "no error reply since the start", 40, NULL},
};

SERVICE_VIEW(redis, "redis", "Redis",
             "cache and sessions: memory against its limit, evictions, slow commands, key space",
             vitals, panes,
             .charts = {{"used_memory", "memory", NULL},
                        {"ops_per_s", "ops", NULL},
                        {"hit_pct", "hit ratio", NULL}},
             .rate = "ops_per_s", .trouble = {"evicted_per_s", "evicted", NULL});
