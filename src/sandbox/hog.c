/* sandbox/hog.c - the scenario pool-exhaustion: forty clients that hold every pooled connection.
 * The first locks a row and sits idle in its transaction, the others wait for that row, the rest
 * wait for a server connection. Runs until it is ended; a lost client comes back a second later. */
#include "lifecycle.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <string.h>

enum { N_CLIENTS = 40, LOOK_MS = 200, RETRY_MS = 1000 };

struct client {
    PGconn *conn;
    uint64_t retry_at;
};

static const char hold_sql[] = "BEGIN; SELECT \"id\" FROM \"Listing\" WHERE \"id\" = "
                               "(SELECT min(\"id\") FROM \"Listing\") FOR UPDATE";
static const char wait_sql[] =
    "BEGIN; UPDATE \"Listing\" SET \"viewCount\" = \"viewCount\" + 1 WHERE \"id\" = "
    "(SELECT min(\"id\") FROM \"Listing\")";

static PGconn *open_client(const struct sandbox *sb) {
    char port[8];
    snprintf(port, sizeof port, "%u", (unsigned)sb->p.port[SB_PGBOUNCER]);
    const char *const keys[] = {"host",     "port",    "dbname",          "user",
                                "password", "sslmode", "connect_timeout", "application_name",
                                NULL};
    const char *const values[] = {
        "127.0.0.1", port, sb->p.db_name, sb->p.db_user, sb->p.db_password,
        "disable",   "2",  "goodgo-api",  NULL};
    return PQconnectdbParams(keys, values, 0);
}

static void client_keep(const struct sandbox *sb, struct client *c, const char *sql) {
    if (c->conn && PQstatus(c->conn) == CONNECTION_OK && PQconsumeInput(c->conn)) {
        while (!PQisBusy(c->conn)) {
            PGresult *r = PQgetResult(c->conn);
            if (!r) {
                return;
            }
            PQclear(r);
        }
        return;
    }
    if (clock_mono_ms() < c->retry_at) {
        return;
    }
    PQfinish(c->conn);
    c->conn = open_client(sb);
    c->retry_at = clock_mono_ms() + RETRY_MS;
    if (PQstatus(c->conn) == CONNECTION_OK) {
        PQsendQuery(c->conn, sql);
    }
}

int hog_main(const char *dir) {
    struct sandbox sb;
    struct why why;
    struct client clients[N_CLIENTS];
    memset(clients, 0, sizeof clients);
    if (!sandbox_load(&sb, dir, &why) || !sb.p.port[SB_PGBOUNCER]) {
        return EXIT_FAILED;
    }
    while (has_marker(dir)) {
        for (int i = 0; i < N_CLIENTS; i++) {
            client_keep(&sb, &clients[i], i ? wait_sql : hold_sql);
            if (i == 0) {
                clock_pause_ms(20); /* the holder must be the first to reach the row */
            }
        }
        clock_pause_ms(LOOK_MS);
    }
    return EXIT_DONE;
}
