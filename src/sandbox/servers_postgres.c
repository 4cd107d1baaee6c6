/* sandbox/servers_postgres.c - PostgreSQL: which version there is, its cluster, its configuration,
 * its start and what a killed one leaves behind. */
#include "servers_priv.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/shm.h>
#include <unistd.h>

enum { INITDB_MS = 60000, MAX_SOCKET_DIR = 80 };

/* ---- the programs ---- */

static uint32_t postgres_major(void) {
    uint32_t best = 0;
    DIR *d = opendir("/usr/lib/postgresql");
    struct dirent *e;
    while (d && (e = readdir(d))) {
        char path[300];
        uint32_t major;
        int n = snprintf(path, sizeof path, "/usr/lib/postgresql/%.60s/bin/initdb", e->d_name);
        if (n > 0 && parse_u32(e->d_name, 13, 99, &major) && major > best &&
            access(path, X_OK) == 0) {
            best = major;
        }
    }
    if (d) {
        closedir(d);
    }
    return best;
}

bool postgres_bin(char *out, size_t size) {
    uint32_t major = postgres_major();
    snprintf(out, size, "/usr/lib/postgresql/%u/bin", major);
    return major > 0;
}

bool postgres_installed(struct why *why) {
    char path[128];
    uint32_t major = postgres_major();
    if (!major) {
        return why_set(why, "PostgreSQL 13 or later is not installed: install the Debian package "
                            "postgresql");
    }
    snprintf(path, sizeof path, "/usr/share/postgresql/%u/extension/postgis.control", major);
    return access(path, R_OK) == 0 ||
           why_set(why,
                   "PostGIS is not installed: install the Debian package postgresql-%u-postgis-3",
                   major);
}

/* ---- the cluster ---- */

static bool run_initdb(const struct sandbox *sb, const char *bin, const char *data,
                       struct why *why) {
    char program[200], password_file[600], option[640];
    struct proc proc;
    snprintf(program, sizeof program, "%s/initdb", bin);
    if (!work_path(sb, "initdb-password", password_file, sizeof password_file) ||
        !write_file(password_file, 0600, "%s\n", sb->p.db_password) ||
        !give_to_servers(sb, password_file)) {
        return why_set(why, "the password file of initdb cannot be written: %s", strerror(errno));
    }
    snprintf(option, sizeof option, "--pwfile=%s", password_file);
    const char *const argv[] = {program,
                                "-D",
                                data,
                                "-U",
                                sb->p.db_user,
                                option,
                                "-A",
                                "scram-sha-256",
                                "-E",
                                "UTF8",
                                "--locale=C.UTF-8",
                                "--no-sync",
                                NULL};
    struct spawn s = {.name = "initdb", .argv = argv, .ordinary_user = true, .keep_fd = -1};
    bool ok = proc_spawn(sb, &s, &proc, why);
    if (ok && !proc_wait_done(&proc, INITDB_MS)) {
        ok = fail_with_log(sb, "initdb", "failed", why);
    }
    unlink(password_file);
    return ok;
}

/* fsync and full_page_writes are off while the database is filled; then database.c turns them on.
 */
static bool configure_postgres(const struct sandbox *sb, const char *data, const char *sockets,
                               struct why *why) {
    char path[700];
    path_join(path, sizeof path, data, "postgresql.auto.conf");
    bool ok = write_file(
        path, 0600,
        "listen_addresses = '127.0.0.1'\nport = %u\nunix_socket_directories = '%s'\n"
        "max_connections = 100\nshared_buffers = 64MB\ndynamic_shared_memory_type = mmap\n"
        "fsync = off\nsynchronous_commit = off\nfull_page_writes = off\njit = off\n"
        "wal_level = minimal\nmax_wal_senders = 0\nmax_wal_size = 1GB\n"
        "track_io_timing = on\nlog_line_prefix = '%%m [%%p] %%q%%u@%%d '\n"
        "log_lock_waits = on\ntimezone = 'UTC'\nlog_timezone = 'UTC'\n",
        (unsigned)sb->p.backend[SB_POSTGRES], strlen(sockets) <= MAX_SOCKET_DIR ? sockets : "");
    if (!ok || !give_to_servers(sb, path)) {
        return why_set(why, "%s: %s", path, strerror(errno));
    }
    return true;
}

bool launch_postgres(struct sandbox *sb, struct proc *ret, struct why *why) {
    char bin[128], program[200], data[600];
    if (!postgres_bin(bin, sizeof bin) || !work_path(sb, "postgres", data, sizeof data)) {
        return why_set(why, "the programs of PostgreSQL are gone");
    }
    snprintf(program, sizeof program, "%s/postgres", bin);
    const char *const argv[] = {program, "-D", data, NULL};
    return server_spawn(sb, SB_POSTGRES, argv, true, ret, why);
}

bool start_postgres(struct sandbox *sb, struct proc *ret, struct why *why) {
    char bin[128], data[600], sockets[600];
    if (!postgres_bin(bin, sizeof bin) ||
        !make_server_dir(sb, "postgres", true, 0700, data, sizeof data) ||
        !make_server_dir(sb, "run", true, 0711, sockets, sizeof sockets)) {
        return why_set(why, "the data directory of postgres cannot be made: %s", strerror(errno));
    }
    return run_initdb(sb, bin, data, why) && configure_postgres(sb, data, sockets, why) &&
           launch_postgres(sb, ret, why);
}

/* A killed postmaster cannot remove its System V segment; its pid file names it. */
void postgres_forget_memory(const char *work) {
    char path[700], text[1024];
    int id, line = 0;
    if (snprintf(path, sizeof path, "%s/postgres/postmaster.pid", work) >= (int)sizeof path ||
        !read_file(path, text, sizeof text)) {
        return;
    }
    for (const char *s = text; (s = strchr(s, '\n')); s++) {
        if (++line == 6 && sscanf(s + 1, "%*u %d", &id) == 1) {
            struct shmid_ds ds;
            if (shmctl(id, IPC_STAT, &ds) == 0 && ds.shm_nattch == 0) {
                shmctl(id, IPC_RMID, NULL);
            }
        }
    }
}
