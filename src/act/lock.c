/* act/lock.c - both halves of the lock of a target. The file says who holds it; the database's
 * half is an advisory lock of a session that names the job as its application. */
#include "act/lock.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "act/audit.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "io/file.h"
#include "io/pgsession.h"
#include "wire/digest.h"

#define TRY_GAP_MS      250
#define CONNECT_MS      5000
#define QUERY_MS        5000
#define APPLICATION_MAX 63 /* NAMEDATALEN - 1 */

struct lock {
    int fd;
    struct pgsession *session;
};

struct wish {
    const struct settings *settings;
    const char *target, *job_id, *path;
    struct arena *arena;
    int cancel_fd;
};

static bool is_name_byte(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || char_is_digit(c) || c == '-' ||
           c == '_' || c == '.';
}

static const char *lock_path(struct arena *a, const char *state_dir, const char *context,
                             const char *target) {
    char *name = arena_printf(a, "%s-%s", context, target);
    for (char *c = name; *c; c++)
        if (!is_name_byte(*c))
            *c = '-';
    return arena_printf(a, "%s/locks/%.150s.lock", state_dir, name);
}

static bool held(struct err *err, const char *target, const char *by) {
    err_set(err, E_NOT_READY, "lock.take", target, "is held by %s", by);
    err->todo = "wait for it, or watch it: goodgo jobs attach last";
    return false;
}

/* ---- the file ---- */

static void say_holder(const struct wish *w, int fd) {
    char who[320], time[40];
    struct actor actor;
    actor_here(&actor);
    actor_text(&actor, who, sizeof who);
    clock_iso8601(clock_wall_ms() / 1000 * 1000, time, sizeof time);
    file_lock_note(fd, arena_printf(w->arena, "job %s of %s since %s\n", w->job_id, who, time));
}

static bool take_file(const struct wish *w, struct lock *l, struct err *err) {
    struct err ignored;
    struct file_content f;
    if (!file_lock(w->path, &l->fd, err))
        return false;
    if (l->fd >= 0) {
        say_holder(w, l->fd);
        return true;
    }
    const char *by = "another job";
    if (readfile(w->arena, w->path, 4096, &f, &ignored) && f.len)
        by = text_cleanz(w->arena, f.bytes).s;
    return held(err, w->target, by);
}

/* ---- the database ---- */

/* 64 bits of the target's hash, as PostgreSQL's bigint. */
static const char *advisory_key(struct arena *a, const char *target) {
    char hex[DIGEST_HEX_SIZE];
    const char *text = arena_printf(a, "goodgo %s", target);
    digest_sha256_hex(text, strlen(text), hex);
    hex[16] = 0;
    return arena_printf(a, "%lld", (long long)strtoull(hex, NULL, 16));
}

static const char holder_sql[] =
    "SELECT coalesce(a.application_name, '?') || ' from '"
    " || coalesce(host(a.client_addr), 'a local socket')"
    " || ' since ' || to_char(a.backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')"
    " AS holder FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid"
    " WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1"
    " AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    " AND (l.classid::bigint << 32 | l.objid::bigint) = $1::bigint LIMIT 1";

static bool say_database_holder(const struct wish *w, struct lock *l, const char *key,
                                struct err *err) {
    struct pg_rows rows;
    struct err ignored;
    const char *by = NULL;
    const struct pg_statement st = {
        .sql = holder_sql, .params = &key, .n_params = 1, .timeout_ms = QUERY_MS};
    if (pgsession_exec(l->session, &st, w->arena, &rows, &ignored) && rows.n_rows)
        by = pg_cell(&rows, 0, "holder");
    return held(err, w->target, by ? by : "another session");
}

static bool take_database(const struct wish *w, struct lock *l, bool *ret_reached,
                          struct err *err) {
    struct pg_rows rows;
    const char *key = advisory_key(w->arena, w->target);
    char name[APPLICATION_MAX + 1];
    snprintf(name, sizeof name, "goodgo job %.52s", w->job_id);
    *ret_reached = l->session || pgsession_open(&w->settings->postgres, name, CONNECT_MS,
                                                w->cancel_fd, &l->session, err);
    const struct pg_statement st = {.sql = "SELECT pg_try_advisory_lock($1::bigint)::int AS ok",
                                    .params = &key,
                                    .n_params = 1,
                                    .timeout_ms = QUERY_MS};
    if (!*ret_reached || !pgsession_exec(l->session, &st, w->arena, &rows, err))
        return false;
    const char *ok = pg_cell(&rows, 0, "ok");
    return (ok && *ok == '1') || say_database_holder(w, l, key, err);
}

/* ---- both ---- */

static bool take_both(const struct wish *w, struct lock *l, struct err *err) {
    bool reached = false;
    if (l->fd < 0 && !take_file(w, l, err))
        return false;
    if (!w->settings->has_postgres || take_database(w, l, &reached, err))
        return true;
    return !reached && err->code != E_CANCELLED;
}

static bool wait_a_moment(int cancel_fd) {
    struct pollfd p = {.fd = cancel_fd, .events = POLLIN};
    return poll(&p, 1, TRY_GAP_MS) == 0;
}

bool lock_take(const struct lock_request *q, struct lock **ret, struct err *err) {
    struct arena a;
    struct lock *l = mem_zeroed(sizeof *l);
    l->fd = -1;
    arena_init(&a);
    int64_t until = clock_mono_ms() + q->wait_ms;
    struct wish w = {.settings = q->settings,
                     .target = q->target,
                     .job_id = q->job_id,
                     .path = lock_path(&a, q->state_dir, q->settings->context, q->target),
                     .arena = &a,
                     .cancel_fd = q->cancel_fd};
    bool ok = dir_make(arena_printf(&a, "%s/locks", q->state_dir), err);
    while (ok && !(ok = take_both(&w, l, err))) {
        if (err->code != E_NOT_READY || clock_mono_ms() >= until)
            break;
        if (!wait_a_moment(q->cancel_fd)) {
            err_set(err, E_CANCELLED, "lock.take", q->target,
                    "cancelled while it waited for the lock");
            break;
        }
        ok = true;
    }
    arena_done(&a);
    if (!ok) {
        lock_free(l);
        return false;
    }
    *ret = l;
    return true;
}

void lock_free(struct lock *l) {
    if (!l)
        return;
    pgsession_close(l->session);
    if (l->fd >= 0)
        close(l->fd);
    free(l);
}
