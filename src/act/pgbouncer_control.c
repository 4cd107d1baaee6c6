/* act/pgbouncer_control.c - RELOAD, PAUSE and RESUME in PgBouncer's admin console (R31). The
 * console takes the simple protocol and one command at a time; PAUSE answers only when every server
 * connection is free, so it gets a deadline, and is taken back when that passes. */
#include <string.h>

#include "act/act.h"
#include "base/shell.h"
#include "io/ask.h"

#define SHOW_MS    5000u
#define WAIT_S     30u
#define WAIT_MAX_S 3600
#define NAME_BYTES "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"

static const struct act_option options[] = {
    {"db", "NAME", "PAUSE, RESUME: this database only"},
    {"wait", "S", "PAUSE: how long it may take before it is taken back (default 30)"},
    {NULL, NULL, NULL}};

enum verb { RELOAD, PAUSE, RESUME };
static const char *const verbs[] = {"RELOAD", "PAUSE", "RESUME"};

struct order {
    enum verb verb;
    const char *db; /* NULL = all */
    uint32_t wait_s;
    const char *sql; /* "PAUSE goodgo" */
};

static bool read_order(const struct pairs *given, struct arena *a, struct order *o,
                       struct err *err) {
    const struct act_input in = {.arguments = given};
    const char *verb = act_argument(&in, "command"), *wait = act_argument(&in, "wait");
    int64_t n = WAIT_S;
    size_t i = 0;
    *o = (struct order){.db = act_argument(&in, "db")};
    while (i < ARRAY_LEN(verbs) && (!verb || strcmp(verb, verbs[i]) != 0))
        i++;
    if (i == ARRAY_LEN(verbs))
        return err_set(err, E_CONFIG, "pgbouncer-control", "COMMAND",
                       "is RELOAD, PAUSE or RESUME, in capitals");
    if (wait && !str_to_i64(wait, 1, WAIT_MAX_S, &n))
        return err_set(err, E_CONFIG, "pgbouncer-control", "--wait", "is from 1 to %d seconds",
                       WAIT_MAX_S);
    if (o->db && (i == RELOAD || !*o->db || strlen(o->db) > 63 || o->db[strspn(o->db, NAME_BYTES)]))
        return err_set(err, E_CONFIG, "pgbouncer-control", "--db",
                       i == RELOAD ? "RELOAD is for all databases" : "is no database's name");
    o->verb = (enum verb)i;
    o->wait_s = (uint32_t)n;
    o->sql = o->db ? arena_printf(a, "%s %s", verbs[i], o->db) : verbs[i];
    return true;
}

static bool admin(struct ask *ask, const struct settings *s, const char *sql, uint32_t timeout_ms,
                  struct arena *a, struct pg_rows *ret, struct err *err) {
    struct reply reply;
    struct exchange ex = {0};
    exchange_query(&ex, &s->pool_admin, sql, 1000);
    if (!ask_once(ask, &ex, a, timeout_ms, &reply, err))
        return false;
    *ret = reply.pg;
    return true;
}

/* ---- plan ---- */

struct clients {
    int64_t active, waiting, servers;
    const char *paused; /* of the database asked for; NULL where it is not said */
    const char *query_wait;
    bool known_db;
};

static void add(const struct pg_rows *r, uint32_t row, const char *column, int64_t *sum) {
    int64_t n;
    if (pg_cell_i64(r, row, column, &n))
        *sum += n;
}

static bool survey(struct ask *ask, const struct act_input *in, const struct order *o,
                   struct clients *c, struct err *err) {
    struct pg_rows pools, databases, config;
    *c = (struct clients){0};
    if (!admin(ask, in->settings, "SHOW POOLS", SHOW_MS, in->arena, &pools, err) ||
        !admin(ask, in->settings, "SHOW DATABASES", SHOW_MS, in->arena, &databases, err) ||
        !admin(ask, in->settings, "SHOW CONFIG", SHOW_MS, in->arena, &config, err))
        return false;
    for (uint32_t i = 0; i < pools.n_rows; i++) {
        const char *db = pg_cell(&pools, i, "database");
        if (!db || strcmp(db, "pgbouncer") == 0 || (o->db && strcmp(db, o->db) != 0))
            continue;
        add(&pools, i, "cl_active", &c->active);
        add(&pools, i, "cl_waiting", &c->waiting);
        add(&pools, i, "sv_active", &c->servers);
    }
    for (uint32_t i = 0; i < databases.n_rows; i++) {
        const char *name = pg_cell(&databases, i, "name");
        if (!o->db || !name || strcmp(name, o->db) != 0)
            continue;
        c->known_db = true;
        c->paused = pg_cell(&databases, i, "paused");
    }
    for (uint32_t i = 0; i < config.n_rows; i++) {
        const char *key = pg_cell(&config, i, "key");
        if (key && strcmp(key, "query_wait_timeout") == 0)
            c->query_wait = pg_cell(&config, i, "value");
    }
    return true;
}

static bool check(const struct order *o, const struct clients *c, struct err *err) {
    bool paused = c->paused && strcmp(c->paused, "1") == 0;
    if (o->db && (!c->known_db || strcmp(o->db, "pgbouncer") == 0))
        return err_set(err, E_CONFIG, "pgbouncer-control", o->db, "is no database of this pooler");
    if (o->verb == PAUSE && paused)
        return err_set(err, E_CONFIG, "pgbouncer-control", o->db, "is paused already");
    if (o->verb == RESUME && o->db && !paused)
        return err_set(err, E_CONFIG, "pgbouncer-control", o->db, "is not paused");
    return true;
}

static void describe(const struct order *o, const struct clients *c, struct plan *p) {
    const char *whose = o->db ? arena_printf(p->arena, "database %s", o->db) : "every database";
    plan_change(p, "now, of %s: %s active, %s waiting, %s in use", whose,
                COUNTED(c->active, "client"), GROUPED(c->waiting),
                COUNTED(c->servers, "server connection"));
    switch (o->verb) {
    case RELOAD:
        plan_change(p,
                    "reads pgbouncer.ini and userlist.txt again; clients stay connected, and new "
                    "settings hold for connections made from then on");
        break;
    case PAUSE:
        plan_change(p,
                    "lets running transactions end, then holds back every new one of %s until "
                    "RESUME",
                    whose);
        plan_change(p,
                    "makes %s wait in the next query, which fails after query_wait_timeout (%s s)",
                    COUNTED(c->active + c->waiting, "client"), c->query_wait ? c->query_wait : "?");
        plan_change(p, "takes it back with RESUME when it is not in force after %u s", o->wait_s);
        plan_warning(p, "the API answers with errors while its pool is paused");
        break;
    case RESUME:
        plan_change(p, "lets %s of %s go on at once", COUNTED(c->waiting, "waiting client"), whose);
        break;
    }
}

static bool control_plan(const struct act_input *in, struct plan *p, struct err *err) {
    const struct settings *s = in->settings;
    struct order o;
    struct clients c;
    if (!read_order(in->arguments, in->arena, &o, err))
        return false;
    if (!s->has_pgbouncer)
        return err_set(err, E_CONFIG, "pgbouncer-control", "pgbouncer", "this context has none");
    if (!s->pool_admin.password)
        return err_set(err, E_CONFIG, "pgbouncer-control", "PGBOUNCER_ADMIN_PASSWORD",
                       "is not set: the stats user may only look");
    struct ask *ask = ask_new("goodgo-control", -1);
    bool ok = survey(ask, in, &o, &c, err) && check(&o, &c, err);
    ask_free(ask);
    if (!ok)
        return false;
    p->tier = TIER_CHANGES;
    p->count = 1;
    p->target = arena_printf(in->arena, "pgbouncer %s", s->pooled.dbname ? s->pooled.dbname : "");
    plan_fact(p, "pooler", "%s:%u", s->pool_admin.host, s->pool_admin.port);
    plan_fact(p, "command", "%s", o.sql);
    if (c.paused)
        plan_fact(p, "paused", "%s", c.paused);
    describe(&o, &c, p);
    plan_command(p,
                 "PGPASSWORD=\"${PGBOUNCER_ADMIN_PASSWORD}\" psql -X -h %s -p %u -U "
                 "pgbouncer_admin -d pgbouncer -c %s",
                 shell_word(p->arena, s->pool_admin.host), s->pool_admin.port,
                 shell_word(p->arena, o.sql));
    return true;
}

/* ---- run ---- */

/* PAUSE stays in force, or on its way, when its connection goes: only RESUME takes it back. */
static void take_back(struct job *j, const struct order *o) {
    struct ask *ask = ask_new("goodgo-control", -1);
    struct pg_rows rows;
    struct err err;
    const char *sql = o->db ? arena_printf(job_arena(j), "RESUME %s", o->db) : "RESUME";
    if (admin(ask, job_settings(j), sql, SHOW_MS, job_arena(j), &rows, &err)) {
        job_log(j, "%s: taken back", sql);
        job_result(j, "taken_back", "%s", sql);
    } else {
        job_log(j, "%s failed (%s): look at the console yourself, clients may be waiting", sql,
                err.why);
        job_result(j, "taken_back", "no: %s", err.why);
    }
    ask_free(ask);
}

static bool control_run(struct job *j, const struct plan *p, struct err *err) {
    struct order o;
    struct pg_rows rows;
    if (!read_order(&p->arguments, job_arena(j), &o, err))
        return false;
    struct ask *ask = ask_new("goodgo-control", job_cancel_fd(j));
    uint32_t timeout_ms = o.verb == PAUSE ? o.wait_s * 1000 : SHOW_MS;
    const char *resume =
        arena_printf(job_arena(j), "RESUME%s%s", o.db ? " --db " : "", o.db ? o.db : "");
    if (o.verb == PAUSE)
        job_in_hand(j, "resume", resume);
    bool ok = admin(ask, job_settings(j), o.sql, timeout_ms, job_arena(j), &rows, err);
    ask_free(ask);
    if (!ok && o.verb == PAUSE && (err->code == E_TIMEOUT || err->code == E_CANCELLED)) {
        take_back(j, &o);
        if (err->code == E_TIMEOUT)
            err_set(err, E_TIMEOUT, "pgbouncer-control", o.sql,
                    "transactions went on for %u s: it was taken back", o.wait_s);
    }
    if (!ok && err->code == E_PROTOCOL) /* "already suspended/paused": its own words */
        err->todo = "goodgo status --only pgbouncer, or SHOW DATABASES there, tells what is paused";
    if (ok)
        job_result(j, "done", "%s", o.sql);
    if (ok && o.verb == PAUSE)
        job_result(j, "next", "goodgo pgbouncer-control %s", resume);
    return ok;
}

static const struct act_remains remains[] = {
    {NULL, "whether {target} took the command is not known: SHOW DATABASES there, or goodgo status "
           "--only pgbouncer, tells what is paused; RELOAD and RESUME may be given again"},
    {NULL, "{command} stays in force, or on its way, though the job is dead, and clients may be "
           "waiting: goodgo pgbouncer-control {resume}"},
    {NULL, NULL},
};

extern const struct act act_pgbouncer_control;
const struct act act_pgbouncer_control = {
    .id = "pgbouncer-control",
    .title = "Reload, pause or resume PgBouncer",
    .help = "RELOAD, PAUSE or RESUME in PgBouncer's admin console",
    .example = "goodgo pgbouncer-control RELOAD --dry-run",
    .operand = "command",
    .options = options,
    .view = "pgbouncer",
    .rows = "",
    .remains = remains,
    .plan = control_plan,
    .run = control_run,
};
