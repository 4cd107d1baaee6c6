/* act/content_scan.c - reads every table by COPY on several connections and sums it. All of them
 * see one snapshot: the caller's, or one that the first exports. That, and sums that do not depend
 * on the order of rows, allow a large table to be read in pieces by page range, so that one table
 * that is most of the database does not leave the other connections idle. */
#include "act/content.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "content_priv.h"
#include "io/pgsession.h"
#include "wire/exchange.h"

#define WORKERS_MAX  16
#define SET_UP_MS    15000u
#define PIECE_BYTES  (64 * 1024 * 1024)
#define TELL_BYTES   65536
#define PAUSE_BYTES  (1024 * 1024) /* a gentle scan pauses after so many */
#define PAUSE_MAX_MS 100

struct piece {
    uint32_t table;
    int64_t table_bytes;
    int64_t from_page, to_page; /* to_page < 0 = to the end */
};

struct worker {
    struct content_scan *scan;
    pthread_t thread;
    struct pgsession *session;
    struct arena arena;
    const char *encoding;   /* of the database: pg_dump writes that */
    struct content_sum sum; /* of the present piece */
    uint64_t untold_bytes;
    uint64_t unpaused_bytes;
    int64_t awake_mono_ms; /* since the last pause */
};

struct content_scan {
    struct pg_target target;
    struct content *content;
    struct piece *pieces; /* largest table first */
    uint32_t n_pieces;
    uint32_t n_workers; /* those whose thread runs */
    struct worker workers[WORKERS_MAX];
    int stop_fd, wait_fd; /* wait_fd is readable when stop_fd or the caller's cancel is */
    atomic_uint_fast64_t n_bytes;
    atomic_uint_fast32_t n_tables, next_piece;
    atomic_bool gentle;

    pthread_mutex_t lock; /* of all below, and of the tables' sums */
    pthread_cond_t changed;
    uint32_t *pieces_left; /* per table */
    char snapshot[64];
    uint32_t n_joined; /* workers that have taken the snapshot */
    bool failed;
    struct err err;
};

/* The first error is kept, and stops everybody. */
static void scan_fail(struct content_scan *s, const struct err *err) {
    uint64_t one = 1;
    pthread_mutex_lock(&s->lock);
    if (!s->failed)
        s->err = *err;
    s->failed = true;
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->lock);
    if (write(s->stop_fd, &one, sizeof one) < 0)
        abort(); /* an eventfd always takes it */
}

/* --- one snapshot for all --- */

static bool session_set_up(struct worker *w, const char *begin, struct err *err) {
    struct pg_rows rows;
    /* As pg_dump: names qualified, and an error rather than rows that a policy hides. */
    if (!pgsession_run(w->session, begin, SET_UP_MS, err) ||
        !pgsession_rows(w->session,
                        "SET search_path = ''; SET row_security = off;"
                        " SELECT pg_catalog.getdatabaseencoding() AS encoding",
                        SET_UP_MS, &w->arena, &rows, err))
        return false;
    const char *encoding = pg_cell(&rows, 0, "encoding");
    w->encoding = pg_quote_text(&w->arena, encoding ? encoding : "UTF8");
    return true;
}

static const char begin_sql[] = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

static bool snapshot_export(struct worker *w, struct err *err) {
    struct content_scan *s = w->scan;
    struct pg_rows rows;
    if (!session_set_up(w, begin_sql, err) ||
        !pgsession_rows(w->session, "SELECT pg_catalog.pg_export_snapshot() AS id", SET_UP_MS,
                        &w->arena, &rows, err))
        return false;
    const char *id = pg_cell(&rows, 0, "id");
    pthread_mutex_lock(&s->lock);
    bool fits = id && str_copy(s->snapshot, sizeof s->snapshot, id);
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->lock);
    return fits || err_set(err, E_PROTOCOL, "content.scan", "", "the server exported no snapshot");
}

/* Until the first worker has exported one; false when the scan failed meanwhile. */
static bool snapshot_wait(struct content_scan *s, char snapshot[64]) {
    pthread_mutex_lock(&s->lock);
    while (!s->failed && !s->snapshot[0])
        pthread_cond_wait(&s->changed, &s->lock);
    bool there = !s->failed;
    str_copy(snapshot, sizeof s->snapshot, s->snapshot);
    pthread_mutex_unlock(&s->lock);
    return there;
}

static bool snapshot_import(struct worker *w, const char *snapshot, struct err *err) {
    const char *sql = arena_printf(&w->arena, "%s; SET TRANSACTION SNAPSHOT %s", begin_sql,
                                   pg_quote_text(&w->arena, snapshot));
    return session_set_up(w, sql, err);
}

static bool worker_join(struct worker *w, bool exports, struct err *err) {
    struct content_scan *s = w->scan;
    char snapshot[64];
    if (exports && !snapshot_export(w, err))
        return false;
    if (!exports) {
        if (!snapshot_wait(s, snapshot))
            return err_set(err, E_CANCELLED, "content.scan", "", "another connection failed");
        if (!snapshot_import(w, snapshot, err))
            return false;
    }
    pthread_mutex_lock(&s->lock);
    s->n_joined++;
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->lock);
    return true;
}

/* A snapshot ends with the transaction that exported it: the first stays until all have it. */
static void worker_wait_for_all(struct content_scan *s) {
    pthread_mutex_lock(&s->lock);
    while (!s->failed && s->n_joined < s->n_workers)
        pthread_cond_wait(&s->changed, &s->lock);
    pthread_mutex_unlock(&s->lock);
}

/* --- reading --- */

static const char *piece_sql(struct worker *w, const struct content_table *t,
                             const struct piece *p) {
    struct arena *a = &w->arena;
    const char *table =
        arena_printf(a, "%s.%s", pg_quote_name(a, t->schema), pg_quote_name(a, t->name));
    if (p->from_page == 0 && p->to_page < 0)
        return t->columns[0]
                   ? arena_printf(a, "COPY %s (%s) TO STDOUT (ENCODING %s)", table, t->columns,
                                  w->encoding)
                   : arena_printf(a, "COPY %s TO STDOUT (ENCODING %s)", table, w->encoding);
    const char *end =
        p->to_page < 0 ? "" : arena_printf(a, " AND ctid < '(%lld,0)'", (long long)p->to_page);
    return arena_printf(a,
                        "COPY (SELECT %s FROM ONLY %s WHERE ctid >= '(%lld,0)'%s)"
                        " TO STDOUT (ENCODING %s)",
                        t->columns, table, (long long)p->from_page, end, w->encoding);
}

/* As long as the reading took. The server's end stops too, when the socket between is full. */
static void worker_pause(struct worker *w) {
    int64_t now = clock_mono_ms(), ms = now - w->awake_mono_ms;
    ms = ms < PAUSE_MAX_MS ? ms : PAUSE_MAX_MS;
    nanosleep(&(struct timespec){.tv_nsec = ms * 1000000}, NULL);
    w->awake_mono_ms = now + ms;
    w->unpaused_bytes = 0;
}

static void worker_tell(struct worker *w) {
    atomic_fetch_add(&w->scan->n_bytes, w->untold_bytes);
    w->unpaused_bytes += w->untold_bytes;
    w->untold_bytes = 0;
    if (w->unpaused_bytes > PAUSE_BYTES && atomic_load(&w->scan->gentle))
        worker_pause(w);
}

static bool on_line(void *ctx, const char *line, size_t n) {
    struct worker *w = ctx;
    content_add(&w->sum, line, n && line[n - 1] == '\n' ? n - 1 : n);
    w->untold_bytes += n;
    if (w->untold_bytes > TELL_BYTES)
        worker_tell(w);
    return true;
}

static void piece_done(struct worker *w, const struct piece *p) {
    struct content_scan *s = w->scan;
    atomic_fetch_add(&s->n_bytes, w->untold_bytes);
    w->untold_bytes = 0;
    pthread_mutex_lock(&s->lock);
    content_merge(&s->content->tables[p->table].sum, &w->sum);
    bool last = --s->pieces_left[p->table] == 0;
    pthread_mutex_unlock(&s->lock);
    if (last)
        atomic_fetch_add(&s->n_tables, 1);
}

static bool worker_read(struct worker *w, struct err *err) {
    struct content_scan *s = w->scan;
    for (;;) {
        uint32_t i = (uint32_t)atomic_fetch_add(&s->next_piece, 1);
        if (i >= s->n_pieces)
            return true;
        const struct piece *p = &s->pieces[i];
        w->sum = (struct content_sum){0};
        if (!pgsession_copy_out(w->session, piece_sql(w, &s->content->tables[p->table], p), on_line,
                                w, NULL, err))
            return false;
        piece_done(w, p);
    }
}

static void *worker_thread(void *arg) {
    struct worker *w = arg;
    struct content_scan *s = w->scan;
    struct err err;
    bool exports = w == s->workers && !s->snapshot[0];
    w->awake_mono_ms = clock_mono_ms();
    arena_init(&w->arena);
    bool ok =
        pgsession_open(&s->target, "goodgo content", SET_UP_MS, s->wait_fd, &w->session, &err) &&
        worker_join(w, exports, &err) && worker_read(w, &err);
    if (!ok)
        scan_fail(s, &err);
    else if (exports)
        worker_wait_for_all(s);
    pgsession_close(w->session);
    arena_done(&w->arena);
    return NULL;
}

/* --- pieces --- */

static int64_t pages_per_piece(const struct content_table *t) {
    int64_t pages = t->heap_pages;
    if (!t->columns[0] || t->estimated_bytes <= PIECE_BYTES)
        return 0;
    int64_t n = (t->estimated_bytes + PIECE_BYTES - 1) / PIECE_BYTES;
    return n < pages ? (pages + n - 1) / n : 0;
}

static uint32_t pieces_of(const struct content_table *t) {
    int64_t step = pages_per_piece(t);
    return step ? (uint32_t)((t->heap_pages + step - 1) / step) : 1;
}

/* The last piece has no end: rows may have been added since the pages were counted. */
static void pieces_cut(struct content_scan *s, uint32_t table) {
    const struct content_table *t = &s->content->tables[table];
    uint32_t n = s->pieces_left[table] = pieces_of(t);
    int64_t step = pages_per_piece(t);
    for (uint32_t i = 0; i < n; i++)
        s->pieces[s->n_pieces++] =
            (struct piece){table, t->estimated_bytes, i * step, i + 1 < n ? (i + 1) * step : -1};
}

static int piece_compare(const void *a, const void *b) {
    const struct piece *x = a, *y = b;
    if (x->table_bytes != y->table_bytes)
        return x->table_bytes < y->table_bytes ? 1 : -1;
    if (x->table != y->table)
        return x->table < y->table ? -1 : 1;
    return x->from_page < y->from_page ? -1 : x->from_page > y->from_page;
}

static void pieces_make(struct content_scan *s) {
    size_t n = 1;
    for (uint32_t i = 0; i < s->content->n; i++)
        n += pieces_of(&s->content->tables[i]);
    s->pieces = mem_zeroed(n * sizeof *s->pieces);
    s->pieces_left = mem_zeroed(((size_t)s->content->n + 1) * sizeof *s->pieces_left);
    for (uint32_t i = 0; i < s->content->n; i++) {
        s->content->tables[i].sum = (struct content_sum){0};
        pieces_cut(s, i);
    }
    qsort(s->pieces, s->n_pieces, sizeof *s->pieces, piece_compare);
}

/* --- start and finish --- */

/* One descriptor for two reasons to stop. */
static bool wait_make(struct content_scan *s, int cancel_fd) {
    struct epoll_event e = {.events = EPOLLIN};
    s->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    s->wait_fd = epoll_create1(EPOLL_CLOEXEC);
    return s->stop_fd >= 0 && s->wait_fd >= 0 &&
           epoll_ctl(s->wait_fd, EPOLL_CTL_ADD, s->stop_fd, &e) == 0 &&
           (cancel_fd < 0 || epoll_ctl(s->wait_fd, EPOLL_CTL_ADD, cancel_fd, &e) == 0);
}

/* Threads take no signals: those belong to the job. */
static bool workers_start(struct content_scan *s, uint32_t n) {
    sigset_t all, old;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    pthread_mutex_lock(&s->lock); /* n_workers is final before anybody counts up to it */
    for (uint32_t i = 0; i < n; i++) {
        struct worker *w = &s->workers[s->n_workers];
        w->scan = s;
        if (pthread_create(&w->thread, NULL, worker_thread, w) != 0)
            break;
        s->n_workers++;
    }
    pthread_mutex_unlock(&s->lock);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    return s->n_workers > 0;
}

struct content_scan *content_scan_start(const struct pg_target *target, const char *snapshot,
                                        uint32_t n_workers, int cancel_fd,
                                        struct content *content) {
    struct err err;
    struct content_scan *s = mem_zeroed(sizeof *s);
    s->target = *target;
    s->content = content;
    s->stop_fd = s->wait_fd = -1;
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->changed, NULL);
    str_copy(s->snapshot, sizeof s->snapshot, snapshot ? snapshot : "");
    pieces_make(s);
    uint32_t n = n_workers < WORKERS_MAX ? n_workers : WORKERS_MAX;
    n = n < s->n_pieces ? n : s->n_pieces;
    if (!wait_make(s, cancel_fd) || !workers_start(s, n ? n : 1)) {
        err_set(&err, E_IO, "content.scan", "", "no thread or descriptor can be had");
        s->failed = true;
        s->err = err;
    }
    return s;
}

void content_scan_be_gentle(struct content_scan *scan) {
    atomic_store(&scan->gentle, true);
}

void content_scan_progress(const struct content_scan *scan, uint64_t *ret_bytes,
                           uint32_t *ret_tables) {
    /* A worker tells its bytes first: read the other way round, so that the bytes are never fewer
     * than those of the tables. */
    *ret_tables = (uint32_t)atomic_load(&scan->n_tables);
    *ret_bytes = atomic_load(&scan->n_bytes);
}

bool content_scan_finish(struct content_scan *scan, struct err *err) {
    atomic_store(&scan->gentle, false);
    for (uint32_t i = 0; i < scan->n_workers; i++)
        pthread_join(scan->workers[i].thread, NULL);
    bool ok = !scan->failed;
    if (!ok && err)
        *err = scan->err;
    if (scan->stop_fd >= 0)
        close(scan->stop_fd);
    if (scan->wait_fd >= 0)
        close(scan->wait_fd);
    pthread_cond_destroy(&scan->changed);
    pthread_mutex_destroy(&scan->lock);
    free(scan->pieces);
    free(scan->pieces_left);
    free(scan);
    return ok;
}
