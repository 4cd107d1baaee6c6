/* views/redis.c - cache and sessions: memory against its limit, evictions, slow commands, key
 * space. Data only: service_panel.c draws it. */
#include "service_panel_priv.h"

#include "base/attr.h"

static const struct vital vitals[] = {
    {"used_memory", "memory", "maxmemory"},
    {"policy", "policy", NULL},
    {"evicted", "evicted", NULL},
    {"evicted_per_s", "evicted/s", NULL},
    {"ops_per_s", "ops", NULL},
    {"hit_pct", "hit", NULL},
    {"clients", "clients", NULL},
    {"blocked_clients", "blocked", NULL},
    {"keys", "keys", NULL},
    {"fragmentation", "fragm", NULL},
    {"aof_enabled", "AOF", NULL},
    {"aof_ok", "AOF ok", NULL},
    {"rdb_ok", "RDB ok", NULL},
    {"role", "role", NULL},
    {"uptime_s", "up", NULL},
    {"version", "version", NULL},
};
static const struct pane panes[] = {
    {"slowlog", "Slow log", "no slow command"},
    {"prefixes", "Keys", "no key"},
    {"commands", "Commands", "none yet"},
    {"errors", "Errors", "no error reply since the start"},
    {"keyspace", "Databases", "empty"},
};

SERVICE_VIEW(redis, "redis", "Redis", vitals, panes);
