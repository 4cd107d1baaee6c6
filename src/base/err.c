/* base/err.c - error names, the table of advice, and sentences. docs/ERRORS.md is printed from the
 * table. */
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "base/text.h"

static const char *const names[E_COUNT] = {
    [E_NONE] = "none",
    [E_REFUSED] = "refused",
    [E_RESOLVE] = "resolve",
    [E_TIMEOUT] = "timeout",
    [E_CLOSED] = "closed",
    [E_AUTH] = "auth",
    [E_NOT_READY] = "not_ready",
    [E_FAILING] = "failing",
    [E_WRONG_THING] = "wrong_thing",
    [E_PROTOCOL] = "protocol",
    [E_TOO_BIG] = "too_big",
    [E_TLS] = "tls",
    [E_CONFIG] = "config",
    [E_IO] = "io",
    [E_CANCELLED] = "cancelled",
    [E_INTERNAL] = "internal",
    [E_UNREACHABLE] = "unreachable",
};

#define COMMAND_HELP "`goodgo COMMAND --help` says what each command takes"
#define NO_FILES     "raise `ulimit -n` where the console is started: it needs fewer than a hundred"
#define NO_ARCHIVE   "`goodgo backups` lists the backups by name, with what each of them is"

/* The first row whose code and op prefix match; a row with an empty prefix is the code's general
 * advice. */
static const struct err_advice advice[] = {
    {E_REFUSED, "pg.",
     "is PostgreSQL or PgBouncer running there? `docker compose ps postgres pgbouncer`"},
    {E_REFUSED, "redis.", "is Redis running there? `docker compose ps redis`"},
    {E_REFUSED, "http.", "is the service running, and is its port in the env file right?"},
    {E_REFUSED, "", "is it running there? check host and port in the env file"},
    {E_UNREACHABLE, "", "`ip route` here: is the network or VPN up? then host and its firewall"},
    {E_RESOLVE, "", "check the host name in the env file, and this machine's resolver"},
    {E_TIMEOUT, "pg.",
     "look for locks and a full pool: screens postgres, pgbouncer; is the network path open?"},
    {E_TIMEOUT, "", "it accepts but does not answer: look at its log; is the network path open?"},
    {E_CLOSED, "", "it hung up in the middle: look at its log for a crash or a restart"},
    {E_AUTH, "pg.query",
     "the role lacks a right: `GRANT pg_monitor TO` it, and SELECT on the platform's tables"},
    {E_AUTH, "pg.",
     "check user and password: of the database in DATABASE_URL_DIRECT or DB_*, through the pool in "
     "DATABASE_URL, of its console in PGBOUNCER_STATS_PASSWORD"},
    {E_AUTH, "redis.", "check REDIS_PASSWORD, and the user's ACL"},
    {E_AUTH, "http.",
     "check its key, token or password in the env file; or a proxy before it asks for a login"},
    {E_AUTH, "", "check user, password or key in the env file"},
    {E_NOT_READY, "",
     "it says itself that it is starting or overloaded: wait, then look at its log"},
    {E_FAILING, "pg.",
     "it has run out of what it names: end idle sessions or raise the limit of connections; free "
     "memory or disk"},
    {E_FAILING, "",
     "it lives, and fails at what it was asked: look at its log, then at what it uses"},
    {E_WRONG_THING, "archive", NO_ARCHIVE},
    {E_WRONG_THING, "verify.plan", NO_ARCHIVE},
    {E_WRONG_THING, "restore.plan", NO_ARCHIVE},
    {E_WRONG_THING, "", "something else listens here: compare the port with the inventory"},
    {E_PROTOCOL, "pg.query",
     "a table or view is missing there: `prisma migrate status`; is it the right database?"},
    {E_PROTOCOL, "reconcile.report",
     "reconcile again: the job's report was changed, or another version of goodgo made it"},
    {E_PROTOCOL, "statement",
     "look at that place of the file: was it edited or cut? Export it again"},
    {E_PROTOCOL, "",
     "the answer breaks the service's contract: check its version and any proxy between"},
    {E_TOO_BIG, "file.", "it is far larger than it should be: is this the right file?"},
    {E_TOO_BIG, "", "the answer is far larger than it should be: is this the right service?"},
    {E_TLS, "pg.",
     "compare sslmode in the URL with what the server offers; your CA is sslrootcert of the URL, "
     "else where PGSSLROOTCERT says, else ~/.postgresql/root.crt"},
    {E_TLS, "",
     "check http against https, the certificate and the clock; a CA of your own belongs into this "
     "machine's store: `update-ca-certificates`"},
    {E_CONFIG, "payments", "`goodgo payments COMMAND --help` tells what it takes"},
    {E_CONFIG, "goodgo", "`goodgo --help` lists the commands"},
    {E_CONFIG, "act.plan", "`--dry-run` shows the plan as it is now"},
    {E_CONFIG, "job", "`goodgo jobs` lists them with their states"},
    {E_CONFIG, "theme", "`goodgo themes` lists them; the built-in ones show how one is written"},
    {E_CONFIG, "keys", "`goodgo keys` lists the actions and their keys"},
    {E_CONFIG, "tool",
     "install it (https://apt.postgresql.org has what this release lacks), or put it into PATH"},
    {E_CONFIG, "config.env", "`goodgo env check` names what is missing or wrong"},
    {E_CONFIG, "config", "`goodgo settings` lists what may stand in that file"},
    {E_CONFIG, "options", COMMAND_HELP},
    {E_CONFIG, "check", "`goodgo status` lists every service by its name"},
    {E_CONFIG, "query", COMMAND_HELP},
    {E_CONFIG, "logs", COMMAND_HELP},
    {E_CONFIG, "snapshot", COMMAND_HELP},
    {E_CONFIG, "audit", COMMAND_HELP},
    {E_CONFIG, "act", COMMAND_HELP},
    {E_CONFIG, "fetch", "`goodgo backups --remote` lists what the bucket has"},
    {E_CONFIG, "store.look", "`goodgo backups --remote` lists what the bucket has"},
    {E_CONFIG, "restore", COMMAND_HELP},
    {E_CONFIG, "reindex", COMMAND_HELP},
    {E_CONFIG, "cancel-session", "the screen postgres lists the sessions with their PIDs"},
    {E_CONFIG, "pgbouncer-control", COMMAND_HELP},
    {E_CONFIG, "", "`goodgo env check` names what is missing or wrong"},
    {E_IO, "archive.open",
     "`goodgo backups` lists those of BACKUP_DIR by name; another is named by its path"},
    {E_IO, "archive.read", "the disk does not give it back: see dmesg, and use another copy"},
    {E_IO, "", "check that the path exists and may be read or written by you"},
    {E_CANCELLED, "", "begin it again, or leave it"},
    {E_INTERNAL, "pg.connect", NO_FILES},
    {E_INTERNAL, "redis.connect", NO_FILES},
    {E_INTERNAL, "http.connect", NO_FILES},
    {E_INTERNAL, "files.scan", NO_FILES},
    {E_INTERNAL, "", "this is a fault of the console: please report it with `goodgo snapshot`"},
};

const struct err_advice *err_advice_table(unsigned *ret_n) {
    *ret_n = ARRAY_LEN(advice);
    return advice;
}

/* A reason is a clause: the sentence around it brings the full stop, where an outsider's reason, or
 * another err's sentence, ends with one already. */
static size_t clause_len(const char *why) {
    size_t n = strlen(why);
    while (n && strchr(". \t\r\n", why[n - 1]))
        n--;
    return n;
}

bool err_set(struct err *err, enum err_code code, const char *op, const char *target,
             const char *fmt, ...) {
    char why[512];
    va_list args;
    va_start(args, fmt);
    vsnprintf(why, sizeof why, fmt, args);
    va_end(args);
    if (!err)
        return false;
    *err = (struct err){.code = code, .op = op, .todo = err_todo(code, op)};
    text_clean_into(err->target, sizeof err->target, target ? target : "",
                    target ? strlen(target) : 0);
    text_clean_into(err->why, sizeof err->why, why, clause_len(why));
    if (!err->why[0]) /* an outsider's reason may be empty, or made of marks alone */
        str_copy(err->why, sizeof err->why, "no reason given");
    return false;
}

const char *err_code_name(enum err_code code) {
    return (unsigned)code < E_COUNT ? names[code] : "internal";
}

bool err_code_parse(const char *name, enum err_code *ret_code) {
    int i = str_index(names, E_COUNT, name);
    if (i >= 0)
        *ret_code = (enum err_code)i;
    return i >= 0;
}

const char *err_todo(enum err_code code, const char *op) {
    for (unsigned i = 0; i < ARRAY_LEN(advice); i++)
        if (advice[i].code == code && str_starts(op ? op : "", advice[i].op_prefix))
            return advice[i].todo;
    return "look at the log of the service";
}

void err_sentence(const struct err *err, char *buf, size_t size) {
    const char *op = err->op ? err->op : "";
    size_t n = strlen(err->why);
    bool ended = n && strchr("?!", err->why[n - 1]);
    char where[sizeof err->target + 80] = "";
    if (err->code != E_CANCELLED) /* what a person stopped failed nowhere */
        snprintf(where, sizeof where, "%s%s%s: ", op, err->target[0] ? " " : "", err->target);
    snprintf(buf, size, "%s%s%s%s%s", where, err->why, ended ? "" : ".", err->todo ? " Try: " : "",
             err->todo ? err->todo : "");
}
