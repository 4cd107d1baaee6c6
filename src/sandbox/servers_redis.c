/* sandbox/servers_redis.c - Redis: its configuration and its start. */
#include "servers_priv.h"

bool start_redis(struct sandbox *sb, struct proc *ret, struct why *why) {
    char data[600], conf[600];
    bool ok = make_server_dir(sb, "redis", false, 0700, data, sizeof data) &&
              work_path(sb, "redis.conf", conf, sizeof conf) &&
              write_file(conf, 0600,
                         "bind 127.0.0.1\nport %u\nrequirepass %s\nmaxmemory 256mb\n"
                         "maxmemory-policy allkeys-lru\nappendonly yes\nappendfsync everysec\n"
                         "save \"\"\ndir %s\ndaemonize no\nlogfile \"\"\n",
                         (unsigned)sb->p.backend[SB_REDIS], sb->p.redis_password, data);
    if (!ok) {
        return config_failed(why, "redis");
    }
    const char *const argv[] = {REDIS_PATH, conf, NULL};
    return server_spawn(sb, SB_REDIS, argv, false, ret, why);
}
