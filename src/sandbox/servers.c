/* sandbox/servers.c - the real servers of the sandbox, all of them: are they installed, started in
 * which order, started again where they died. They listen behind the relay (relay.c) on private
 * ports; the ports of .env are the relay's. */
#include "servers_priv.h"

#include "array.h"

#include <stdio.h>
#include <unistd.h>

enum { AGAIN_MS = 10000 };

bool servers_installed(const bool wanted[SB_N_SERVICES], struct why *why) {
    static const struct {
        int service;
        const char *path, *package;
    } rows[] = {
        {SB_PGBOUNCER, PGBOUNCER_PATH, "pgbouncer"},
        {SB_REDIS, REDIS_PATH, "redis-server"},
        {SB_PROMETHEUS, PROMETHEUS_PATH, "prometheus"},
        {SB_ALERTMANAGER, ALERTMANAGER_PATH, "prometheus-alertmanager"},
    };
    if (wanted[SB_POSTGRES] && !postgres_installed(why)) {
        return false;
    }
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (wanted[rows[i].service] && access(rows[i].path, X_OK) < 0) {
            return why_set(why, "%s is missing: install the Debian package %s", rows[i].path,
                           rows[i].package);
        }
    }
    return true;
}

struct row {
    int service;
    bool (*start)(struct sandbox *, struct proc *, struct why *);
    bool (*again)(struct sandbox *, struct proc *, struct why *); /* with the data there are */
};

/* The quick ones first: they get ready while initdb works. */
static const struct row rows[] = {
    {SB_REDIS, start_redis, start_redis},
    {SB_ALERTMANAGER, start_alertmanager, start_alertmanager},
    {SB_PROMETHEUS, start_prometheus, start_prometheus},
    {SB_POSTGRES, start_postgres, launch_postgres},
    {SB_PGBOUNCER, start_pgbouncer, start_pgbouncer},
};

enum { N_ROWS = ARRAY_LEN(rows) };

static bool settle(struct sandbox *sb, int service, const struct proc *proc, progress_fn progress,
                   void *ctx, struct why *why) {
    char line[96];
    uint64_t began = clock_mono_ms();
    if (!wait_ready(sb, service, proc, why)) {
        return false;
    }
    snprintf(line, sizeof line, "%s is ready", sandbox_service_names[service]);
    progress(ctx, line);
    if (service != SB_POSTGRES) {
        return true;
    }
    if (!database_fill(sb, why)) {
        return false;
    }
    snprintf(line, sizeof line, "the database is filled (%.1f s)",
             (double)(clock_mono_ms() - began) / 1000);
    progress(ctx, line);
    return true;
}

bool servers_start(struct sandbox *sb, progress_fn progress, void *ctx, struct why *why) {
    struct proc procs[N_ROWS];
    for (int i = 0; i < N_ROWS; i++) {
        if (sb->p.port[rows[i].service] && !rows[i].start(sb, &procs[i], why)) {
            return false;
        }
    }
    if (!relay_start(&sb->p)) {
        return why_set(why, "the relay could not listen; see %s/log/serve.log", sb->p.dir);
    }
    for (int i = 0; i < N_ROWS; i++) {
        if (sb->p.port[rows[i].service] &&
            !settle(sb, rows[i].service, &procs[i], progress, ctx, why)) {
            return false;
        }
    }
    return true;
}

/* The children of a killed postmaster hold its memory for a moment: a new one refuses until then.
 */
static bool start_again(struct sandbox *sb, const struct row *row, struct why *why) {
    struct proc proc = {.pid = 0};
    uint64_t until = clock_mono_ms() + AGAIN_MS;
    while (!row->again(sb, &proc, why) || !wait_ready(sb, row->service, &proc, why)) {
        if (proc_alive(&proc) || clock_mono_ms() >= until) {
            return false;
        }
        clock_pause_ms(100);
    }
    return true;
}

bool servers_revive(struct sandbox *sb, int service, struct why *why) {
    for (int i = 0; i < N_ROWS; i++) {
        struct proc proc;
        bool meant = service < 0 || service == rows[i].service;
        if (meant && sb->p.port[rows[i].service] &&
            !proc_find(sb->p.dir, sandbox_service_names[rows[i].service], &proc) &&
            !start_again(sb, &rows[i], why)) {
            return false;
        }
    }
    return true;
}
