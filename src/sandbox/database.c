/* sandbox/database.c - fills the sandbox's database (schema, seed and keys are embedded texts) and
 * takes the backups that lie in DIR/backups from the start. Talks to the server behind the relay: a
 * fault must not spoil the start. */
#include "lifecycle.h"

#include "array.h"
#include "say.h"

#include <errno.h>
#include <fcntl.h>
#include <libpq-fe.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

extern const unsigned char sandbox_schema_sql[];
extern const unsigned char sandbox_seed_sql[];
extern const unsigned char sandbox_keys_sql[];

enum { SMALL_MS = 15000, SEED_MS = 40000, DUMP_MS = 600000, DAY_S = 86400, DUMP_HOUR_S = 7200 };

static PGconn *db_open(const struct sandbox *sb, const char *name) {
    char port[8];
    snprintf(port, sizeof port, "%u", (unsigned)sb->p.backend[SB_POSTGRES]);
    const char *const keys[] = {"host",     "port",    "dbname",          "user",
                                "password", "sslmode", "connect_timeout", NULL};
    const char *const values[] = {"127.0.0.1",       port,      name, sb->p.db_user,
                                  sb->p.db_password, "disable", "5",  NULL};
    return PQconnectdbParams(keys, values, 0);
}

static bool wait_result(PGconn *c, uint64_t until) {
    while (PQisBusy(c)) {
        uint64_t now = clock_mono_ms();
        struct pollfd p = {.fd = PQsocket(c), .events = POLLIN};
        if (now >= until || poll(&p, 1, (int)(until - now)) <= 0 || !PQconsumeInput(c)) {
            return false;
        }
    }
    return true;
}

/* Runs one text of any number of statements, in one transaction, within a time. */
static bool db_run(PGconn *c, const char *sql, unsigned timeout_ms, const char *what,
                   struct why *why) {
    uint64_t until = clock_mono_ms() + timeout_ms;
    bool ok = PQsendQuery(c, sql);
    while (ok && (ok = wait_result(c, until))) {
        PGresult *r = PQgetResult(c);
        if (!r) {
            return true;
        }
        ExecStatusType status = PQresultStatus(r);
        if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
            why_set(why, "%s failed: %s", what, PQresultErrorMessage(r));
            PQclear(r);
            return false;
        }
        PQclear(r);
    }
    return why_set(why, "%s: no answer within %u ms: %s", what, timeout_ms, PQerrorMessage(c));
}

static bool create_database(const struct sandbox *sb, struct why *why) {
    PGconn *c = db_open(sb, "postgres");
    char sql[300];
    bool ok = PQstatus(c) == CONNECTION_OK ||
              why_set(why, "postgres refused its own superuser: %s", PQerrorMessage(c));
    snprintf(sql, sizeof sql, "CREATE DATABASE %s TEMPLATE template0", sb->p.db_name);
    ok = ok && db_run(c, sql, SMALL_MS, "creating the database", why);
    PQfinish(c);
    return ok;
}

/* The seed signs the callbacks of stuck payments with this platform's own secrets. */
static bool set_up_session(PGconn *c, const struct sandbox *sb, struct why *why) {
    char sql[700];
    snprintf(sql, sizeof sql,
             "SET goodgo.scale = '%u'; SET goodgo.vnpay = '%s'; SET goodgo.momo = '%s'; "
             "SET goodgo.momo_access = '%s'; SET goodgo.zalopay = '%s'",
             sb->scale, sb->p.vnpay_hash_secret, sb->p.momo_secret_key, sb->p.momo_access_key,
             sb->p.zalopay_key2);
    return db_run(c, sql, SMALL_MS, "setting the session up", why);
}

/* Filling is quick because nothing waits for the disk. From here on a crash leaves the server
 * whole: a console that looks at it finds nothing to blame. Commits still do not wait for the disk,
 * so a killed server may lose the last ones. */
static bool make_durable(PGconn *c, struct why *why) {
    static const char *const statements[] = {
        "CHECKPOINT", /* what was written so far needs no syncing later */
        "ALTER SYSTEM SET fsync = on",
        "ALTER SYSTEM SET full_page_writes = on",
        "SELECT pg_reload_conf()",
    };
    bool ok = true;
    for (size_t i = 0; ok && i < ARRAY_LEN(statements); i++) {
        ok = db_run(c, statements[i], SMALL_MS, statements[i], why);
    }
    return ok;
}

/* What the payment gateways know of the seed's payments; see gateway.h. */
static bool write_gateways(PGconn *c, const struct sandbox *sb, struct why *why) {
    char path[600];
    path_join(path, sizeof path, sb->p.dir, "gateways");
    PGresult *r = PQexec(c, "SELECT line FROM gateway");
    FILE *f = fopen(path, "we");
    bool ok = f && PQresultStatus(r) == PGRES_TUPLES_OK;
    for (int i = 0; ok && i < PQntuples(r); i++) {
        fprintf(f, "%s\n", PQgetvalue(r, i, 0));
    }
    ok = ok && !ferror(f);
    ok = f && fclose(f) == 0 && ok;
    PQclear(r);
    return ok || why_set(why, "%s cannot be written: %s", path, PQerrorMessage(c));
}

/* Tables, rows, and only then indexes and foreign keys: kept up row by row they cost more than the
 * rows. */
static bool fill_tables(PGconn *c, const struct sandbox *sb, struct why *why) {
    const struct {
        const char *name;
        const unsigned char *sql;
        unsigned timeout_ms;
    } parts[] = {
        {"schema.sql", sandbox_schema_sql, SEED_MS},
        {"seed.sql", sandbox_seed_sql, SEED_MS + sb->scale * 20000},
        {"keys.sql", sandbox_keys_sql, SEED_MS + sb->scale * 20000},
    };
    bool ok = true;
    for (size_t i = 0; ok && i < ARRAY_LEN(parts); i++) {
        ok = db_run(c, (const char *)parts[i].sql, parts[i].timeout_ms, parts[i].name, why);
    }
    return ok;
}

bool database_fill(const struct sandbox *sb, struct why *why) {
    if (!create_database(sb, why)) {
        return false;
    }
    PGconn *c = db_open(sb, sb->p.db_name);
    bool ok = PQstatus(c) == CONNECTION_OK ||
              why_set(why, "the new database refuses: %s", PQerrorMessage(c));
    ok = ok && set_up_session(c, sb, why) && fill_tables(c, sb, why) &&
         write_gateways(c, sb, why) &&
         db_run(c, "ANALYZE", SEED_MS + sb->scale * 2000, "ANALYZE", why) && make_durable(c, why);
    PQfinish(c);
    return ok;
}

/* ---- backups ---- */

static bool run_pg_dump(const struct sandbox *sb, const char *file) {
    char bin[128], program[200], port[8], password[128], out[700];
    struct proc proc;
    struct why why;
    if (!postgres_bin(bin, sizeof bin)) {
        return false;
    }
    snprintf(program, sizeof program, "%s/pg_dump", bin);
    snprintf(port, sizeof port, "%u", (unsigned)sb->p.backend[SB_POSTGRES]);
    snprintf(password, sizeof password, "PGPASSWORD=%s", sb->p.db_password);
    snprintf(out, sizeof out, "--file=%s", file);
    const char *const argv[] = {program, "-Fc",         "-Z6", "-h",          "127.0.0.1",
                                "-p",    port,          "-U",  sb->p.db_user, "--no-password",
                                out,     sb->p.db_name, NULL};
    const char *const env[] = {password, "PGCONNECT_TIMEOUT=5", NULL};
    struct spawn s = {
        .name = "pg_dump", .argv = argv, .env = env, .keep_fd = -1, .end_with_parent = true};
    if (!proc_spawn(sb, &s, &proc, &why)) {
        say("%s", why.text);
        return false;
    }
    return proc_wait_done(&proc, DUMP_MS);
}

static void backup_name(const struct sandbox *sb, time_t at, char *out, size_t size) {
    struct tm tm;
    char stamp[24];
    gmtime_r(&at, &tm);
    strftime(stamp, sizeof stamp, "%Y%m%d_%H%M%S", &tm);
    snprintf(out, size, "%s/backups/goodgo_%s.sql.gz", sb->p.dir, stamp);
}

static bool copy_file(const char *from, const char *to, time_t modified) {
    char buffer[65536];
    ssize_t n = -1;
    int in = open(from, O_RDONLY | O_CLOEXEC);
    int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool ok = in >= 0 && out >= 0;
    while (ok && (n = read(in, buffer, sizeof buffer)) > 0) {
        ok = write(out, buffer, (size_t)n) == n;
    }
    const struct timespec times[2] = {{.tv_sec = modified}, {.tv_sec = modified}};
    ok = ok && n == 0 && futimens(out, times) == 0;
    if (in >= 0) {
        close(in);
    }
    if (out >= 0) {
        close(out);
    }
    return ok;
}

/* The dump gets its name when it is whole; the older one is yesterday's nightly run. */
int dump_main(const char *dir) {
    struct sandbox sb;
    struct why why;
    char part[600], now_name[700], old_name[700];
    time_t now = time(NULL), old = now - now % DAY_S - DAY_S + DUMP_HOUR_S;
    if (!sandbox_load(&sb, dir, &why)) {
        return say_code(EXIT_FAILED, "%s", why.text);
    }
    umask(077);
    path_join(part, sizeof part, dir, "backups/.part");
    backup_name(&sb, now, now_name, sizeof now_name);
    backup_name(&sb, old, old_name, sizeof old_name);
    if (nice(5) == -1 && errno) {
        errno = 0; /* slower is better here, but not needed */
    }
    if (!run_pg_dump(&sb, part) || !copy_file(part, old_name, old) || rename(part, now_name) < 0) {
        unlink(part);
        return say_code(EXIT_FAILED, "the backup failed; see %s/log/pg_dump.log", dir);
    }
    return EXIT_DONE;
}
