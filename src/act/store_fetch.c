/* act/store_fetch.c - an archive out of the bucket: in ranges, under a temporary name, held against
 * size and digest, synced, and only then under its own name. */
#include "store_priv.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "act/archive.h"
#include "act/manifest.h"
#include "io/file.h"
#include "wire/backup.h"

struct fetch {
    struct store *store;
    struct job *job;
    struct arena *arena;
    const char *path, *part;
    struct store_object object;
    int fd; /* of the part; locked: tells a living writer from a dead one */
    int64_t from, at;
    int error;                  /* errno of writing */
    struct http_reply manifest; /* body_len 0 = there is none */
};

static void restart(void *ctx) {
    struct fetch *f = ctx;
    f->at = f->from;
}

static bool take_bytes(void *ctx, const char *bytes, size_t n) {
    struct fetch *f = ctx;
    while (n) {
        ssize_t put = pwrite(f->fd, bytes, n, (off_t)f->at);
        if (put < 0) {
            f->error = errno;
            return false;
        }
        bytes += put;
        n -= (size_t)put;
        f->at += put;
    }
    return true;
}

static bool get_range(struct fetch *f, int64_t n, struct err *err) {
    struct arena a;
    struct http_reply r;
    arena_init(&a);
    struct store_call c = {.method = "GET",
                           .key = f->object.key,
                           .range = arena_printf(&a, "bytes=%lld-%lld", (long long)f->from,
                                                 (long long)(f->from + n - 1)),
                           .restart = restart,
                           .on_body = take_bytes,
                           .ctx = f};
    bool ok = store_send(f->store, &a, &c, &r, err);
    if (!ok && f->error)
        err_set(err, E_IO, "store.fetch", f->part, "%s", strerror(f->error));
    ok = ok && store_accepted(f->store, "store.fetch", &r, err);
    if (ok && f->at != f->from + n)
        ok = err_set(err, E_PROTOCOL, "store.fetch", f->object.key,
                     "the store sent %lld bytes of a range of %lld", (long long)(f->at - f->from),
                     (long long)n);
    arena_done(&a);
    return ok;
}

static bool get_all(struct fetch *f, struct err *err) {
    job_stage(f->job, "fetch", UNIT_BYTES, f->object.size_bytes);
    while (f->from < f->object.size_bytes) {
        int64_t left = f->object.size_bytes - f->from;
        if (!get_range(f, left < (int64_t)PART_BYTES ? left : (int64_t)PART_BYTES, err))
            return false;
        f->from = f->at;
        job_progress(f->job, f->at, NULL);
    }
    return true;
}

static bool get_manifest(struct fetch *f, struct err *err) {
    struct store_call c = {.method = "GET",
                           .key = arena_printf(f->arena, "%s" BACKUP_MANIFEST, f->object.key)};
    if (!store_send(f->store, f->arena, &c, &f->manifest, err))
        return false;
    if (f->manifest.status == 404)
        f->manifest.body_len = 0;
    return f->manifest.status == 404 ||
           store_accepted(f->store, "store.manifest", &f->manifest, err);
}

/* By the digest that was told at the upload: without one there is nothing to hold it against. */
static bool verify(struct fetch *f, struct err *err) {
    char hex[65];
    struct archive_head head;
    job_stage(f->job, "checksum", UNIT_NONE, 0);
    if (!*f->object.sha256)
        return err_set(err, E_PROTOCOL, "store.verify", f->object.key,
                       "has no digest in the store: it was not put there by goodgo");
    if (!archive_sha256(f->part, job_cancel_fd(f->job), hex, err))
        return false;
    if (strcmp(hex, f->object.sha256) != 0)
        return err_set(err, E_PROTOCOL, "store.verify", f->object.key,
                       "SHA-256 %.12s... is not the %.12s... that was put there", hex,
                       f->object.sha256);
    return archive_head(f->part, &head, err);
}

/* The manifest first: an archive under its final name has the one it came with. */
static bool publish(struct fetch *f, struct err *err) {
    const char *manifest = manifest_path(f->arena, f->path);
    bool with = f->manifest.body_len > 0;
    if (with && !writefile(manifest, f->manifest.body, f->manifest.body_len, err))
        return false;
    if (file_publish(f->part, f->path, false, err))
        return true;
    if (with)
        unlink(manifest);
    return false;
}

static bool open_part(struct fetch *f, struct err *err) {
    job_in_hand(f->job, "part", f->part);
    job_in_hand(f->job, "archive", f->path);
    if (!file_lock(f->part, &f->fd, err))
        return false;
    if (f->fd < 0)
        return err_set(err, E_IO, "store.fetch", f->part, "somebody else is writing it");
    return ftruncate(f->fd, 0) == 0 ||
           err_set(err, E_IO, "store.fetch", f->part, "%s", strerror(errno));
}

bool store_fetch(struct store *st, struct job *j, const char *key, const char *path,
                 struct err *err) {
    struct fetch f = {.store = st,
                      .job = j,
                      .arena = job_arena(j),
                      .path = path,
                      .part = arena_printf(job_arena(j), "%s.part", path),
                      .fd = -1};
    bool ok = store_look(st, f.arena, key, &f.object, err) && get_manifest(&f, err) &&
              open_part(&f, err) && get_all(&f, err) && verify(&f, err) && publish(&f, err);
    if (!ok && f.fd >= 0)
        unlink(f.part);
    if (f.fd >= 0)
        close(f.fd);
    if (!ok)
        return false;
    job_result(j, "file", "%s", path);
    job_result(j, "bytes", "%lld", (long long)f.object.size_bytes);
    job_result(j, "sha256", "%s", f.object.sha256);
    return true;
}
