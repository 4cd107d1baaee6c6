/* act/cancel_session.c - cancels what one database session runs, or ends the session (R136). The
 * number of a process says little: it is signalled only while it is still the session that was
 * shown, started at the same moment and with the same statement. */
#include <string.h>

#include "act/act.h"
#include "base/clock.h"
#include "io/ask.h"
#include "io/pgsession.h"
#include "model/value.h"

#define CONNECT_MS 10000u
#define QUERY_MS   10000u
#define WAIT_MS    10000
#define LOOK_MS    100u

static const struct act_option options[] = {
    {"terminate", NULL, "end the session, not only its statement"}, {NULL, NULL, NULL}};

struct target_session {
    const char *pid, *user, *application, *client, *kind, *state, *started, *statement, *text;
    int64_t running_s;
};

static const char look_sql[] =
    "SELECT pid, usename, application_name, coalesce(host(client_addr), 'socket') AS client,"
    " backend_type, state, backend_start::text AS started, md5(query) AS statement, query,"
    " coalesce(extract(epoch from now() - query_start), 0)::bigint AS running"
    " FROM pg_stat_activity WHERE pid = $1::int AND pid <> pg_backend_pid()";

/* *ret_found false: there is no such session. */
static bool look(struct pgsession *s, const char *pid, struct arena *a, struct target_session *ret,
                 bool *ret_found, struct err *err) {
    struct pg_rows rows;
    const struct pg_statement st = {
        .sql = look_sql, .params = &pid, .n_params = 1, .timeout_ms = QUERY_MS};
    if (!pgsession_exec(s, &st, a, &rows, err))
        return false;
    *ret_found = rows.n_rows == 1;
    *ret = (struct target_session){.pid = pid,
                                   .user = pg_cell(&rows, 0, "usename"),
                                   .application = pg_cell(&rows, 0, "application_name"),
                                   .client = pg_cell(&rows, 0, "client"),
                                   .kind = pg_cell(&rows, 0, "backend_type"),
                                   .state = pg_cell(&rows, 0, "state"),
                                   .started = pg_cell(&rows, 0, "started"),
                                   .statement = pg_cell(&rows, 0, "statement"),
                                   .text = pg_cell(&rows, 0, "query")};
    if (*ret_found && !pg_cell_i64(&rows, 0, "running", &ret->running_s))
        ret->running_s = 0;
    return true;
}

static bool check(const struct target_session *t, bool terminate, struct err *err) {
    if (!t->started || !t->statement)
        return err_set(err, E_AUTH, "pg.query", t->pid,
                       "this role may not see that session: it needs pg_monitor");
    if (!t->kind || strcmp(t->kind, "client backend") != 0)
        return err_set(err, E_CONFIG, "cancel-session", t->pid,
                       "is PostgreSQL's own process (%s), no session of a client",
                       t->kind ? t->kind : "unknown");
    if (terminate || (t->state && strcmp(t->state, "active") == 0))
        return true;
    err_set(err, E_CONFIG, "cancel-session", t->pid, "runs nothing now (%s): nothing to cancel",
            t->state ? t->state : "no state");
    err->todo = "the same with --terminate behind the PID shows what ending it would do";
    return false;
}

static void describe(const struct act_input *in, const struct target_session *t, bool terminate,
                     struct plan *p) {
    bool in_transaction = t->state && strncmp(t->state, "idle in transaction", 19) == 0;
    p->tier = TIER_CHANGES;
    p->count = 1;
    p->target = arena_printf(in->arena, "session %s", t->pid);
    plan_fact(p, "server", "%s:%u", in->settings->postgres.host, in->settings->postgres.port);
    plan_fact(p, "session", "%s of %s, since %s", t->pid, t->user ? t->user : "?", t->started);
    plan_fact(p, "statement", "%s", t->statement);
    plan_change(p, "session %s of %s from %s (%s) is %s", t->pid, t->user ? t->user : "?",
                t->client, t->application && *t->application ? t->application : "no name",
                t->state ? t->state : "of no state");
    plan_change(p, "its statement, %s old: %.120s", DURATION(t->running_s), t->text ? t->text : "");
    plan_change(p, terminate ? "ends the session: its transaction is rolled back, its client "
                               "gets an error and must connect again"
                             : "cancels the statement: it fails with an error, the session stays");
    if (terminate && in_transaction)
        plan_warning(p, "it is in a transaction: what was not committed is lost");
    plan_command(p, "psql " PLAN_DATABASE " -c 'SELECT pg_%s_backend(%s)'",
                 terminate ? "terminate" : "cancel", t->pid);
}

static bool cancel_plan(const struct act_input *in, struct plan *p, struct err *err) {
    struct pgsession *s = NULL;
    struct target_session t;
    int64_t n;
    bool found, terminate = act_argument(in, "terminate") != NULL;
    const char *pid = act_argument(in, "pid");
    if (!in->settings->has_postgres)
        return err_set(err, E_CONFIG, "cancel-session", "postgres", "this context has no database");
    if (!pid || !str_to_i64(pid, 1, INT32_MAX, &n))
        return err_set(err, E_CONFIG, "cancel-session", "PID", "give the number of a session");
    if (!pgsession_open(&in->settings->postgres, "goodgo cancel", CONNECT_MS, -1, &s, err))
        return false;
    bool ok = look(s, pid, in->arena, &t, &found, err);
    pgsession_close(s);
    if (ok && !found)
        return err_set(err, E_CONFIG, "cancel-session", pid, "there is no such session any more");
    ok = ok && check(&t, terminate, err);
    if (ok)
        describe(in, &t, terminate, p);
    return ok;
}

/* In one statement with the check, so that nothing can come in between. */
static bool signal_it(struct pgsession *s, struct arena *a, bool terminate,
                      const struct target_session *t, struct err *err) {
    const char *params[] = {t->pid, t->started, t->statement};
    struct pg_rows rows;
    const char *sql = arena_printf(a,
                                   "SELECT pg_%s_backend(pid) AS sent FROM pg_stat_activity WHERE"
                                   " pid = $1::int AND backend_start = $2::timestamptz AND"
                                   " md5(query) = $3",
                                   terminate ? "terminate" : "cancel");
    const struct pg_statement st = {
        .sql = sql, .params = params, .n_params = 3, .timeout_ms = QUERY_MS};
    if (!pgsession_exec(s, &st, a, &rows, err))
        return false;
    const char *sent = pg_cell(&rows, 0, "sent");
    if (rows.n_rows != 1)
        return err_set(err, E_NOT_READY, "cancel-session", t->pid,
                       "is another session now, or runs something else: nothing was done");
    return (sent && *sent == 't') ||
           err_set(err, E_AUTH, "pg.query", t->pid, "the signal was refused");
}

static bool is_over(const struct target_session *before, const struct target_session *now,
                    bool found, bool terminate) {
    if (!found || !now->started || strcmp(now->started, before->started) != 0)
        return true;
    return !terminate && (!now->state || strcmp(now->state, "active") != 0 ||
                          strcmp(now->statement, before->statement) != 0);
}

static bool wait_for_it(struct job *j, struct pgsession *s, const struct target_session *t,
                        bool terminate, struct err *err) {
    int64_t start = clock_mono_ms();
    struct ask *pause = ask_new("goodgo cancel", job_cancel_fd(j));
    bool ok = true, over = false;
    while (ok && !over && clock_mono_ms() - start < WAIT_MS) {
        struct target_session now;
        bool found;
        ok = look(s, t->pid, job_arena(j), &now, &found, err);
        over = ok && is_over(t, &now, found, terminate);
        ok = ok && (over || ask_pause(pause, LOOK_MS, err));
    }
    ask_free(pause);
    if (ok && over)
        job_result(j, terminate ? "ended" : "cancelled", "after %lld ms",
                   (long long)(clock_mono_ms() - start));
    else if (ok)
        ok = err_set(err, E_TIMEOUT, "cancel-session", t->pid,
                     "got the signal and has not reacted in %d s: it waits for something that "
                     "cannot be interrupted",
                     WAIT_MS / 1000);
    return ok;
}

static bool cancel_run(struct job *j, const struct plan *p, struct err *err) {
    struct pgsession *s = NULL;
    struct target_session t;
    bool found, terminate = plan_argument(p, "terminate") != NULL;
    const char *pid = plan_argument(p, "pid");
    if (!pgsession_open(&job_settings(j)->postgres, "goodgo cancel", CONNECT_MS, job_cancel_fd(j),
                        &s, err))
        return false;
    bool ok = look(s, pid, job_arena(j), &t, &found, err);
    if (ok && !found)
        ok = err_set(err, E_NOT_READY, "cancel-session", pid, "ended by itself meanwhile");
    ok = ok && check(&t, terminate, err) && signal_it(s, job_arena(j), terminate, &t, err) &&
         wait_for_it(j, s, &t, terminate, err);
    pgsession_close(s);
    return ok;
}

static const struct act_remains remains[] = {
    {NULL,
     "whether {target} got the signal is not known: its state and statement on the PostgreSQL "
     "screen tell, or SELECT * FROM pg_stat_activity; it may be sent again"},
    {NULL, NULL},
};

extern const struct act act_cancel_session;
const struct act act_cancel_session = {
    .id = "cancel-session",
    .title = "Cancel or end a database session",
    .help = "cancel what one database session runs; --terminate ends the session",
    .example = "goodgo cancel-session 4711 --dry-run",
    .operand = "pid",
    .options = options,
    .view = "postgres",
    .rows = "sessions|blocking",
    .remains = remains,
    .plan = cancel_plan,
    .run = cancel_run,
};
