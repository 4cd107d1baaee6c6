/* act/reindex_steps.c - the steps that both modes are made of: filling a collection, and removing
 * what is too much. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "io/file.h"
#include "model/listings.h"
#include "reindex_priv.h"

#define SAVE_EACH_MS 2000
#define CHUNK        128u

/* ---- filling ---- */

static void save_checkpoint(void *ctx, uint32_t block, uint64_t n) {
    struct reindex *r = ctx;
    struct err err;
    int64_t now = clock_mono_ms();
    if (now - r->saved_mono_ms < SAVE_EACH_MS)
        return;
    r->saved_mono_ms = now;
    struct checkpoint c = r->at;
    c.block = block;
    c.done += (int64_t)n;
    c.wall_ms = clock_wall_ms();
    if (!checkpoint_write(r->checkpoint_path, &c, &err))
        job_log(r->job, "the checkpoint was not written: %s: an interruption would start anew",
                err.why);
}

bool reindex_stream(struct reindex *r, const char *collection, const char *where, bool main_stream,
                    uint64_t *ret_rows, struct err *err) {
    struct importer *im = importer_new(r->job, &r->x, collection, r->batch_docs);
    if (main_stream) {
        importer_on_batch(im, save_checkpoint, r);
        importer_show_progress(im);
    }
    bool ok = source_documents(&r->source, where, main_stream ? ORDER_IN_PLACE : ORDER_NONE,
                               importer_line, im, ret_rows, err);
    if (ok || importer_stopped(im))
        ok = importer_finish(im, err);
    r->n_imported += importer_sent(im);
    r->n_refused += importer_failed(im);
    importer_report(im);
    importer_free(im);
    return ok;
}

static bool fill_rest(struct reindex *r, const char *collection, int64_t block, struct err *err) {
    if (!block)
        return reindex_stream(r, collection, NULL, true, NULL, err);
    const char *changed = source_changed_since(r->arena, r->at.xmin);
    const char *before =
        arena_printf(r->arena, "l.ctid < '(%lld,0)' AND (%s)", (long long)block, changed);
    const char *rest = arena_printf(r->arena, "l.ctid >= '(%lld,0)'", (long long)block);
    uint64_t n = 0;
    if (!reindex_stream(r, collection, before, false, &n, err))
        return false;
    job_log(r->job, "%s of the listings done before changed since and were sent again", GROUPED(n));
    return reindex_stream(r, collection, rest, true, NULL, err);
}

bool reindex_fill(struct reindex *r, const char *collection, const char *mode, struct err *err) {
    struct status_counts counts;
    struct checkpoint old, now = {.collection = collection,
                                  .mode = mode,
                                  .identity = r->source.identity,
                                  .file = r->source.file,
                                  .staging = r->at.staging,
                                  .active_only = r->source.active_only,
                                  .wall_ms = clock_wall_ms()};
    int64_t documents;
    if (!index_created(&r->x, collection, &now.created_s, &documents, err) ||
        !source_begin(&r->source, &counts, err))
        return false;
    bool resume =
        checkpoint_read(r->checkpoint_path, r->arena, &old) && checkpoint_fits(&old, &now);
    now.xmin = resume ? old.xmin : r->source.xmin;
    now.block = resume ? old.block : 0;
    now.done = resume ? old.done : 0;
    r->at = now;
    if (!checkpoint_write(r->checkpoint_path, &now, err))
        return false;
    job_stage(r->job, "import", UNIT_COUNT, counts.total > now.done ? counts.total - now.done : 0);
    if (resume) {
        job_log(r->job, "goes on at block %lld of the table, %s into the run before",
                (long long)old.block, COUNTED(old.done, "document"));
        job_result(r->job, "resumed_after", "%s", COUNTED(old.done, "document"));
    }
    if (!fill_rest(r, collection, now.block, err) || !source_end(&r->source, err))
        return false;
    /* Whole now: a later run shall not skip what was refused this time. */
    r->at.block = 0;
    return checkpoint_write(r->checkpoint_path, &r->at, err);
}

/* ---- removing ---- */

bool reindex_share_ok(const struct reindex *r, uint64_t surplus, uint64_t documents,
                      struct err *err) {
    double pct = documents ? 100.0 * (double)surplus / (double)documents : 0;
    if (pct <= r->max_removed_pct)
        return true;
    err_set(err, E_CONFIG, "reindex.share", LISTINGS_COLLECTION,
            "%s of %s documents (%.1f %%) have no listing in this database, and at most %g %% "
            "may be removed",
            GROUPED(surplus), GROUPED(documents), pct, r->max_removed_pct);
    err->todo = "is DATABASE_URL_DIRECT this platform's? if they shall go: --max-removed-share";
    return false;
}

/* What goes is kept in the job's directory: importing that file undoes the removal. */
struct removed {
    int fd;
    int error;       /* errno of the first line that could not be written */
    struct str line; /* with its end, so that a runner that dies leaves whole ones */
};

static bool keep_line(void *ctx, const char *line, size_t n) {
    struct removed *kept = ctx;
    str_clear(&kept->line);
    str_add(&kept->line, line, n);
    str_putc(&kept->line, '\n');
    bool ok = file_write_all(kept->fd, str_get(&kept->line), kept->line.len);
    kept->error = ok ? 0 : errno;
    return ok;
}

static bool not_kept(int number, struct err *err) {
    return err_set(err, E_IO, "reindex", "removed.jsonl",
                   "cannot be written (%s): nothing was removed without it", strerror(number));
}

static bool remove_chunk(struct reindex *r, const char *collection, const char *const *ids,
                         uint32_t n, struct removed *kept, struct err *err) {
    bool living[CHUNK];
    const char *gone[CHUNK];
    uint32_t n_gone = 0;
    if (!source_living(&r->source, ids, n, living, err))
        return false;
    for (uint32_t i = 0; i < n; i++)
        if (!living[i])
            gone[n_gone++] = ids[i];
    if (n_gone < n)
        job_log(r->job, "%s listings came while this ran: their documents stay",
                GROUPED(n - n_gone));
    if (!index_fetch(&r->x, collection, gone, n_gone, keep_line, kept, err))
        return kept->error && not_kept(kept->error, err);
    if (fsync(kept->fd) != 0)
        return not_kept(errno, err);
    return index_delete(&r->x, collection, gone, n_gone, &r->n_removed, err);
}

bool reindex_remove(struct reindex *r, const char *collection, const struct id_list *surplus,
                    struct err *err) {
    const char *ids[CHUNK];
    size_t at = 0;
    uint64_t done = 0;
    bool ok = true;
    if (!surplus->n)
        return true;
    const char *path = arena_printf(r->arena, "%s/removed.jsonl", job_dir(r->job));
    struct removed kept = {
        .fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600)};
    if (kept.fd < 0)
        return err_set(err, E_IO, "reindex", path, "%s", strerror(errno));
    str_init(&kept.line, DOC_MAX_BYTES + 1);
    file_share(kept.fd, path);
    job_stage(r->job, "remove", UNIT_COUNT, (int64_t)surplus->n);
    job_in_hand(r->job, "removed", path);
    for (uint32_t n; ok && (n = id_list_next(surplus, &at, ids, CHUNK));) {
        ok = remove_chunk(r, collection, ids, n, &kept, err);
        done += n;
        job_progress(r->job, (int64_t)done, NULL);
    }
    close(kept.fd);
    str_done(&kept.line);
    if (r->n_removed)
        job_log(r->job, "%s removed, and kept in %s", COUNTED(r->n_removed, "document"), path);
    return ok;
}
