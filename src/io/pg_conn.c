/* io/pg_conn.c - what every connection of ours to PostgreSQL is begun with; see pg_conn_priv.h. */
#include "pg_conn_priv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/pgsession.h"

static void notice_ignore(void *ctx, const char *message) {
    /* the default prints to stderr: into the screen, or into a job's log without a time */
}

static void join(char *buf, size_t size, const char *part) {
    size_t at = strlen(buf);
    snprintf(buf + at, size - at, "%s%s", at ? "," : "", part);
}

static const char *sslmode_of(const struct pg_target *t) {
    return t->sslmode ? t->sslmode : "prefer";
}

/* PGTZ, PGDATESTYLE and PGGEQO go to the server behind all that a caller says, and PgBouncer
 * refuses the last; a pg_restore that inherits PGHOSTADDR writes into a server that nobody looked
 * at. */
void pg_env_forget(void) {
    static const char *const names[] = {"PGHOST",
                                        "PGHOSTADDR",
                                        "PGPORT",
                                        "PGDATABASE",
                                        "PGUSER",
                                        "PGPASSWORD",
                                        "PGSERVICE",
                                        "PGOPTIONS",
                                        "PGTARGETSESSIONATTRS",
                                        "PGTZ",
                                        "PGGEQO",
                                        "PGDATESTYLE",
                                        "PGCLIENTENCODING",
                                        "PG_COLOR"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        unsetenv(names[i]);
}

void pg_tls_env(struct arena *a, const struct pg_target *t, const char **env) {
    const struct {
        const char *name, *value;
    } set[] = {{"PGSSLMODE", sslmode_of(t)},
               {"PGSSLROOTCERT", t->sslrootcert},
               {"PGSSLCERT", t->sslcert},
               {"PGSSLKEY", t->sslkey}};
    while (*env)
        env++;
    for (size_t i = 0; i < ARRAY_LEN(set); i++)
        if (set[i].value)
            *env++ = arena_printf(a, "%s=%s", set[i].name, set[i].value);
    *env = NULL;
}

/* Not empty, or OpenSSL would ask for the phrase of a locked key at the terminal, and wait. */
#define NO_PASSPHRASE "-"

PGconn *pg_conn_start(const struct pg_target *t, const char *application_name,
                      const struct dns_answer *a, const char *options) {
    char port[8], hosts[1200] = "", addresses[256] = "";
    snprintf(port, sizeof port, "%u", t->port ? t->port : 5432);
    for (uint32_t i = 0; a && i < a->n; i++) {
        join(hosts, sizeof hosts, t->host);
        join(addresses, sizeof addresses, a->addresses[i]);
    }
    const struct {
        const char *key, *value;
    } set[] = {{"host", *hosts ? hosts : t->host},
               {"hostaddr", addresses},
               {"port", port},
               {"dbname", t->dbname},
               {"user", t->user},
               {"password", t->password},
               {"sslmode", sslmode_of(t)},
               {"sslrootcert", t->sslrootcert},
               {"sslcert", t->sslcert},
               {"sslkey", t->sslkey},
               {"sslpassword", t->sslkey ? NO_PASSPHRASE : NULL},
               {"gssencmode", "disable"}, /* it blocks */
               {"application_name", application_name},
               {"client_encoding", "UTF8"},
               {"keepalives", "1"},
               {"keepalives_idle", "30"},
               {"keepalives_interval", "10"},
               {"target_session_attrs", "any"},
               {"options", options}};
    const char *keys[ARRAY_LEN(set) + 1] = {0}, *values[ARRAY_LEN(set) + 1] = {0};
    for (size_t i = 0; i < ARRAY_LEN(set); i++) {
        keys[i] = set[i].key;
        values[i] = set[i].value;
    }
    PGconn *conn = PQconnectStartParams(keys, values, 0);
    if (!conn)
        abort();
    PQsetNoticeProcessor(conn, notice_ignore, NULL);
    PQsetErrorVerbosity(conn, PQERRORS_VERBOSE); /* the only way to the SQLSTATE of a login */
    PQsetnonblocking(conn, 1);
    return conn;
}
