/* sandbox/servers_priv.h - what the files of the real servers share: where the programs are, how
 * one is started, and when it is ready. */
#ifndef GOODGO_SANDBOX_SERVERS_PRIV_H
#define GOODGO_SANDBOX_SERVERS_PRIV_H

#include "lifecycle.h"

#define PGBOUNCER_PATH    "/usr/sbin/pgbouncer"
#define REDIS_PATH        "/usr/bin/redis-server"
#define PROMETHEUS_PATH   "/usr/bin/prometheus"
#define ALERTMANAGER_PATH "/usr/bin/prometheus-alertmanager"

/* ---- servers_start.c: what every one of them needs ---- */
/* A name in the directory of the servers' data. */
bool work_path(const struct sandbox *sb, const char *name, char *out, size_t size);
/* To the user that a server runs as which refuses root. */
bool give_to_servers(const struct sandbox *sb, const char *path);
bool make_server_dir(const struct sandbox *sb, const char *name, bool ordinary, mode_t mode,
                     char *out, size_t size);
/* `ordinary`: it refuses root. */
bool server_spawn(const struct sandbox *sb, int service, const char *const *argv, bool ordinary,
                  struct proc *ret, struct why *why);
/* False, with what errno says. */
bool config_failed(struct why *why, const char *server);
/* False, with the end of the log of `name`. */
bool fail_with_log(const struct sandbox *sb, const char *name, const char *what, struct why *why);

/* ---- servers_ready.c ---- */
/* Until it answers in its own protocol; false where it ended or took too long. */
bool wait_ready(const struct sandbox *sb, int service, const struct proc *proc, struct why *why);

/* ---- servers_postgres.c ---- */
bool postgres_installed(struct why *why);
bool start_postgres(struct sandbox *sb, struct proc *ret, struct why *why);
/* With the data there are. */
bool launch_postgres(struct sandbox *sb, struct proc *ret, struct why *why);

/* ---- servers_pgbouncer.c, servers_redis.c, servers_prometheus.c, servers_alertmanager.c ---- */
bool start_pgbouncer(struct sandbox *sb, struct proc *ret, struct why *why);
bool start_redis(struct sandbox *sb, struct proc *ret, struct why *why);
bool start_prometheus(struct sandbox *sb, struct proc *ret, struct why *why);
bool start_alertmanager(struct sandbox *sb, struct proc *ret, struct why *why);

#endif
