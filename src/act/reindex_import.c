/* act/reindex_import.c - documents into the index, a batch at a time: one is filled while the one
 * before is on its way. Every document is accounted for. A batch is sent again only when it was
 * refused outright; after a time-out or a lost connection the index is asked what arrived. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/jsonw.h"
#include "base/mem.h"
#include "io/file.h"
#include "reindex_priv.h"
#include "wire/url.h"

#define PUMP_EACH        16u
#define QUEUE_EACH_MS    2000
#define QUEUE_MANY       500 /* the server itself refuses above this lag */
#define GIVE_UP_FAILURES 2000u

struct importer {
    struct job *job;
    struct index *x;
    const char *collection, *path;
    uint32_t batch_docs;
    struct doc_maker maker;
    struct batch batches[2], *filling, *sent;
    bool in_flight, progress, stopped, unordered;
    uint32_t block; /* of the last row */
    uint64_t n_sent, n_failed, n_listed;
    struct import_errors errors;
    FILE *failures;
    int64_t queue_mono_ms;
    void (*on_batch)(void *ctx, uint32_t block, uint64_t n);
    void *on_batch_ctx;
    struct arena arena; /* of a batch */
    struct err err;
};

/* ---- failures ---- */

static bool open_failures(struct importer *im) {
    const char *path = arena_printf(job_arena(im->job), "%s/failed.jsonl", job_dir(im->job));
    im->failures = fopen(path, "ae");
    if (im->failures)
        file_share(fileno(im->failures), path);
    return im->failures != NULL;
}

static void list_failure(struct importer *im, int code, const char *error, const char *id) {
    struct str line;
    struct jsonw w;
    if (im->n_listed >= FAILURES_MAX)
        return;
    if (!im->failures && !open_failures(im))
        return; /* the count and the groups are in the log all the same */
    str_init(&line, 8192);
    jsonw_init(&w, &line, JSONW_LINE);
    jsonw_open(&w, '{');
    jsonw_put_string(&w, "id", id);
    jsonw_put_int(&w, "code", code);
    jsonw_put_string(&w, "error", error);
    jsonw_close(&w, '}');
    fprintf(im->failures, "%s\n", str_get(&line));
    im->n_listed++;
    str_done(&line);
}

static void count_failure(struct importer *im, int code, const char *error, const char *id) {
    im->n_failed++;
    import_errors_add(&im->errors, code, error, id);
    list_failure(im, code, error, id);
}

/* The verdicts come in the order of the lines. */
struct verdicts {
    struct importer *im;
    const char *line, *end; /* the document that the next verdict is about */
    uint32_t n_failed;
};

static void on_verdict(void *ctx, uint32_t i, bool ok, int code, const char *error) {
    struct verdicts *v = ctx;
    const char *id = "?";
    if (v->line >= v->end)
        return; /* more verdicts than documents: told by the count */
    size_t n = doc_line_length(v->line, v->end);
    if (!ok) {
        if (!doc_line_id(v->line, n, &v->im->arena, &id))
            id = "?";
        count_failure(v->im, code, error, id);
        v->n_failed++;
    }
    v->line += n;
}

/* ---- one batch ---- */

static struct exchange batch_exchange(struct importer *im, const struct batch *b) {
    return index_import_exchange(im->x, im->path, str_get(&b->lines), b->lines.len);
}

enum next { NEXT_DONE, NEXT_FAIL, NEXT_AGAIN, NEXT_LOOK };

static enum next judge_answer(struct importer *im, const struct batch *b, const struct reply *r,
                              struct err *why) {
    const char *line = str_get(&b->lines);
    if (r->http.status != 200) {
        index_refuse(im->x, im->path, &r->http, why);
        return why->code == E_NOT_READY ? NEXT_AGAIN : NEXT_FAIL;
    }
    struct verdicts v = {im, line, line + b->lines.len, 0};
    struct import_errors before = im->errors;
    uint64_t failed = im->n_failed;
    uint32_t n = import_reply_read(r->http.body, r->http.body_len, on_verdict, &v);
    if (n == b->n)
        return NEXT_DONE;
    im->errors = before; /* an answer that ended early tells of nothing for sure */
    im->n_failed = failed;
    err_set(why, E_PROTOCOL, "search", im->x->url, "%u verdicts about %u documents", n, b->n);
    return NEXT_LOOK;
}

static enum next judge_silence(const struct err *why) {
    switch (why->code) {
    case E_REFUSED:
    case E_UNREACHABLE:
        return NEXT_AGAIN; /* nobody listened: nothing arrived */
    case E_TIMEOUT:
    case E_CLOSED:
    case E_PROTOCOL:
    case E_WRONG_THING:
        return NEXT_LOOK;
    default:
        return NEXT_FAIL;
    }
}

/* From the first answer, or the lack of one, until every document of the batch is accounted for. */
static bool batch_settle(struct importer *im, struct batch *b, struct err *err) {
    struct reply reply;
    struct err why;
    int64_t start = clock_mono_ms();
    uint32_t attempt = 0;
    bool answered = ask_end(im->x->ask, &reply, &why);
    for (;;) {
        enum next next = answered ? judge_answer(im, b, &reply, &why) : judge_silence(&why);
        if (next == NEXT_DONE)
            return true;
        *err = why;
        if (next == NEXT_FAIL)
            return false;
        if (next == NEXT_AGAIN && !index_back_off(im->x, &attempt, start, why.why, err))
            return false;
        if (next == NEXT_LOOK &&
            !batch_find_missing(im->job, im->x, im->collection, b, why.why, err))
            return false;
        if (!b->n)
            return true;
        struct exchange ex = batch_exchange(im, b);
        answered = ask_once(im->x->ask, &ex, &im->x->arena, im->x->reply_timeout_ms, &reply, &why);
    }
}

/* ---- the stream ---- */

static bool queue_is_short(struct importer *im, struct err *err) {
    int64_t queued = 0, start = clock_mono_ms();
    if (start - im->queue_mono_ms < QUEUE_EACH_MS)
        return true;
    for (uint32_t attempt = 0;;) {
        char why[80];
        if (!index_queued(im->x, &queued, err))
            return false;
        im->queue_mono_ms = clock_mono_ms();
        if (queued <= QUEUE_MANY)
            return true;
        snprintf(why, sizeof why, "%s writes are queued there", GROUPED(queued));
        err_set(err, E_NOT_READY, "search", im->x->url, "%s", why);
        if (!index_back_off(im->x, &attempt, start, why, err))
            return false;
    }
}

static void tell_batch(struct importer *im, uint32_t block) {
    if (im->progress)
        job_progress(im->job, (int64_t)im->n_sent, NULL);
    if (im->on_batch && !im->unordered)
        im->on_batch(im->on_batch_ctx, block, im->n_sent);
}

static bool settle_sent(struct importer *im, struct err *err) {
    if (!im->in_flight)
        return true;
    struct batch *b = im->sent;
    uint32_t n = b->n;
    im->in_flight = false;
    arena_clear(&im->arena);
    if (!batch_settle(im, b, err))
        return false;
    im->n_sent += n;
    tell_batch(im, b->block);
    str_clear(&b->lines);
    b->n = 0;
    if (im->n_failed > GIVE_UP_FAILURES && im->n_failed == im->n_sent)
        return err_set(err, E_PROTOCOL, "reindex", im->collection,
                       "the first %s documents were all refused: %.90s", GROUPED(im->n_failed),
                       im->errors.groups[0].error);
    return queue_is_short(im, err);
}

static bool send_filled(struct importer *im, struct err *err) {
    if (!settle_sent(im, err))
        return false;
    if (!im->filling->n)
        return true;
    struct exchange ex = batch_exchange(im, im->filling);
    ask_begin(im->x->ask, &ex, &im->x->arena, im->x->reply_timeout_ms);
    im->in_flight = true;
    im->sent = im->filling;
    im->filling = im->filling == &im->batches[0] ? &im->batches[1] : &im->batches[0];
    return true;
}

static bool add_document(struct importer *im, const char *line, size_t n) {
    struct batch *b = im->filling;
    size_t before = b->lines.len;
    if (!doc_from_copy(&im->maker, line, n, &b->lines))
        return err_set(&im->err, E_PROTOCOL, "reindex", "COPY",
                       "a row has another number of columns than was asked for");
    if (b->lines.toobig) {
        struct str id;
        const char *tab = memchr(line, '\t', n);
        str_init(&id, IDS_MAX_BYTES);
        doc_copy_text(line, tab ? (size_t)(tab - line) : 0, &id);
        count_failure(im, 0, "the document is over 16 MiB", str_get(&id));
        str_done(&id);
        b->lines.len = before;
        b->lines.toobig = false;
        im->n_sent++;
        return true;
    }
    b->n++;
    b->block = im->maker.block;
    im->unordered = im->unordered || b->block < im->block; /* then no block says what is done */
    im->block = b->block;
    return true;
}

bool importer_line(void *ctx, const char *line, size_t n) {
    struct importer *im = ctx;
    bool ok = add_document(im, line, n);
    const struct batch *b = im->filling;
    if (ok && (b->n >= im->batch_docs || b->lines.len >= BATCH_BYTES))
        ok = send_filled(im, &im->err);
    else if (ok && im->in_flight && b->n % PUMP_EACH == 0)
        ask_pump(im->x->ask);
    im->stopped = !ok;
    return ok;
}

bool importer_finish(struct importer *im, struct err *err) {
    if (im->stopped) {
        *err = im->err;
        return false;
    }
    if (send_filled(im, err) && settle_sent(im, err)) {
        if (im->failures && fflush(im->failures) != 0)
            job_log(im->job, "the list of refused documents is not whole: %s", strerror(errno));
        return true;
    }
    return false;
}

/* ---- life ---- */

struct importer *importer_new(struct job *j, struct index *x, const char *collection,
                              uint32_t batch_docs) {
    struct importer *im = mem_zeroed(sizeof *im);
    struct str path;
    im->job = j;
    im->x = x;
    im->collection = collection;
    im->batch_docs = batch_docs;
    str_init(&path, 4096);
    str_puts(&path, "/collections/");
    url_escape(&path, collection, strlen(collection));
    str_puts(&path, "/documents/import?action=upsert");
    im->path = arena_strdup(job_arena(j), str_get(&path));
    str_done(&path);
    doc_maker_init(&im->maker);
    arena_init(&im->arena);
    for (int i = 0; i < 2; i++)
        str_init(&im->batches[i].lines, BATCH_BYTES + DOC_MAX_BYTES);
    im->filling = &im->batches[0];
    return im;
}

void importer_free(struct importer *im) {
    if (!im)
        return;
    if (im->failures)
        fclose(im->failures);
    doc_maker_done(&im->maker);
    arena_done(&im->arena);
    for (int i = 0; i < 2; i++)
        str_done(&im->batches[i].lines);
    free(im);
}

void importer_on_batch(struct importer *im, void (*fn)(void *ctx, uint32_t block, uint64_t n),
                       void *ctx) {
    im->on_batch = fn;
    im->on_batch_ctx = ctx;
}

void importer_show_progress(struct importer *im) {
    im->progress = true;
}

bool importer_stopped(const struct importer *im) {
    return im->stopped;
}

uint64_t importer_sent(const struct importer *im) {
    return im->n_sent;
}

uint64_t importer_failed(const struct importer *im) {
    return im->n_failed;
}

void importer_report(const struct importer *im) {
    const struct import_errors *e = &im->errors;
    if (!im->n_failed)
        return;
    for (uint32_t i = 0; i < e->n_groups; i++) {
        const struct import_group *g = &e->groups[i];
        job_log(im->job, "%s refused (%d): %s, first %s", GROUPED(g->n), g->code, g->error, g->id);
        if (i < 5)
            job_result(im->job, "refused_because", "%s: %s (first %s)", GROUPED(g->n), g->error,
                       g->id);
    }
    if (e->n_others)
        job_log(im->job, "%s refused for other reasons", GROUPED(e->n_others));
    job_result(im->job, "refused_list", "%s/failed.jsonl (%s of %s)", job_dir(im->job),
               GROUPED(im->n_listed), GROUPED(im->n_failed));
}
