/* act/store_fetch.c - a backup out of the bucket: in ranges, under a temporary name, held against
 * size and digest, synced, and only then under its own name. A directory file by file, each against
 * the list that the manifest's digest is of. */
#include "store_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "act/archive.h"
#include "act/backups.h"
#include "act/manifest.h"
#include "archive_priv.h"
#include "io/file.h"
#include "wire/backup.h"
#include "wire/digest.h"

struct fetch {
    struct store *store;
    struct job *job;
    struct arena *arena;
    const char *path, *part;
    struct store_copy copy;
    int lock_fd; /* of the part: tells a living writer from a dead one */
    /* The object at hand. */
    const char *key;
    int fd;
    int64_t from, at, before;   /* before: bytes of those that came before it */
    int error;                  /* errno of writing */
    struct http_reply manifest; /* body_len 0 = there is none */
};

/* ---- one object ---- */

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
                           .key = f->key,
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
        ok = err_set(err, E_PROTOCOL, "store.fetch", f->key,
                     "the store sent %lld bytes of a range of %lld", (long long)(f->at - f->from),
                     (long long)n);
    arena_done(&a);
    return ok;
}

static bool get_object(struct fetch *f, const char *key, int64_t size_bytes, struct err *err) {
    f->key = key;
    f->from = f->at = 0;
    while (f->from < size_bytes) {
        int64_t left = size_bytes - f->from;
        if (!get_range(f, left < (int64_t)PART_BYTES ? left : (int64_t)PART_BYTES, err))
            return false;
        f->from = f->at;
        job_progress(f->job, f->before + f->at, NULL);
    }
    f->before += size_bytes;
    return true;
}

/* One that fits into memory; true without a body where it is not there. */
static bool get_small(struct fetch *f, const char *suffix, struct http_reply *ret,
                      struct err *err) {
    struct store_call c = {.method = "GET",
                           .key = arena_printf(f->arena, "%s%s", f->copy.name, suffix)};
    if (!store_send(f->store, f->arena, &c, ret, err))
        return false;
    if (ret->status == 404)
        ret->body_len = 0;
    return ret->status == 404 || store_accepted(f->store, "store.fetch", ret, err);
}

static bool digest_is(const char *key, const char *hex, const char *sha256, struct err *err) {
    return strcmp(hex, sha256) == 0 ||
           err_set(err, E_PROTOCOL, "store.verify", key,
                   "SHA-256 %.12s... is not the %.12s... that was put there", hex, sha256);
}

/* ---- one file ---- */

static bool open_file(struct fetch *f, struct err *err) {
    if (!file_lock(f->part, &f->lock_fd, err))
        return false;
    if (f->lock_fd < 0)
        return err_set(err, E_IO, "store.fetch", f->part, "somebody else is writing it");
    f->fd = f->lock_fd;
    return ftruncate(f->fd, 0) == 0 ||
           err_set(err, E_IO, "store.fetch", f->part, "%s", strerror(errno));
}

/* By the digest that was told at the upload: without one there is nothing to hold it against. */
static bool fetch_file(struct fetch *f, struct err *err) {
    char hex[DIGEST_HEX_SIZE];
    if (!*f->copy.sha256)
        return err_set(err, E_PROTOCOL, "store.verify", f->copy.name,
                       "has no digest in the store: it was not put there by goodgo");
    if (!get_small(f, BACKUP_MANIFEST, &f->manifest, err) || !open_file(f, err))
        return false;
    job_stage(f->job, "fetch", UNIT_BYTES, f->copy.size_bytes);
    if (!get_object(f, f->copy.name, f->copy.size_bytes, err))
        return false;
    job_stage(f->job, "checksum", UNIT_NONE, 0);
    return archive_sha256(f->part, job_cancel_fd(f->job), hex, err) &&
           digest_is(f->copy.name, hex, f->copy.sha256, err);
}

/* ---- a directory ---- */

static const char *told_by_manifest(struct fetch *f) {
    struct backup_manifest m;
    struct err ignored;
    struct json *j = json_parse(f->manifest.body, f->manifest.body_len, BACKUP_NOTE_MAX, &ignored);
    backup_manifest_read(j, f->arena, &m);
    json_free(j);
    return m.sha256;
}

/* The list of its files: whose digest is the manifest's, or neither is believed. */
static bool get_list(struct fetch *f, struct store_files *ret, struct err *err) {
    struct http_reply r;
    char hex[DIGEST_HEX_SIZE];
    const char *index = arena_printf(f->arena, "%s" BACKUP_INDEX, f->copy.name);
    if (!get_small(f, BACKUP_INDEX, &r, err) || !get_small(f, BACKUP_MANIFEST, &f->manifest, err))
        return false;
    if (!r.body_len)
        return err_set(err, E_PROTOCOL, "store.fetch", index,
                       "is missing in the store: the copy is not whole");
    if (!f->manifest.body_len)
        return err_set(err, E_PROTOCOL, "store.fetch",
                       arena_printf(f->arena, "%s" BACKUP_MANIFEST, f->copy.name),
                       "is missing in the store: nothing tells what the copy must be");
    digest_sha256_hex(r.body, r.body_len, hex);
    const char *told = f->copy.sha256 = told_by_manifest(f);
    if (strcmp(hex, told) != 0)
        return err_set(err, E_PROTOCOL, "store.verify", index,
                       "SHA-256 %.12s... is not the %.12s... of the manifest", hex, told);
    return store_index_read(r.body, r.body_len, index, f->arena, ret, err) &&
           store_files_look(f->store, f->arena, f->copy.name, ret, err);
}

/* What a dead one left under that name goes first. */
static bool open_directory(struct fetch *f, struct err *err) {
    if (access(f->part, F_OK) == 0 && !file_is_locked(f->part) &&
        !backups_remove_part(f->part, err))
        return false;
    if (!dir_lock(f->part, &f->lock_fd, err))
        return false;
    return f->lock_fd >= 0 ||
           err_set(err, E_IO, "store.fetch", f->part, "somebody else is writing it");
}

static bool fetch_member(struct fetch *f, const struct store_file *one, struct err *err) {
    char hex[DIGEST_HEX_SIZE];
    const char *key = arena_printf(f->arena, "%s/%s", f->copy.name, one->name);
    f->fd = openat(f->lock_fd, one->name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (f->fd < 0)
        return err_set(err, E_IO, "store.fetch", one->name, "%s", strerror(errno));
    bool ok = get_object(f, key, one->there_bytes, err) &&
              archive_digest(f->fd, one->name, job_cancel_fd(f->job), hex, err) &&
              digest_is(key, hex, one->sha256, err);
    close(f->fd);
    f->fd = -1;
    return ok;
}

static bool fetch_directory(struct fetch *f, struct err *err) {
    struct store_files files = {.n = 0};
    int64_t total = 0;
    if (!get_list(f, &files, err) || !open_directory(f, err))
        return false;
    for (uint32_t i = 0; i < files.n; i++)
        total += files.at[i].there_bytes;
    job_stage(f->job, "fetch", UNIT_BYTES, total);
    for (uint32_t i = 0; i < files.n; i++)
        if (!fetch_member(f, &files.at[i], err))
            return false;
    job_stage(f->job, "checksum", UNIT_NONE, 0);
    return true;
}

/* ---- all of it ---- */

/* The manifest first: an archive under its final name has the one it came with. */
static bool publish(struct fetch *f, struct err *err) {
    struct archive_head head;
    const char *manifest = manifest_path(f->arena, f->path);
    bool with = f->manifest.body_len > 0;
    if (!archive_head(f->part, &head, err) ||
        (with && !writefile(manifest, f->manifest.body, f->manifest.body_len, err)))
        return false;
    if (file_publish(f->part, f->path, PUBLISH_NEW, err))
        return true;
    if (with)
        unlink(manifest);
    return false;
}

bool store_fetch(struct store *st, struct job *j, const char *name, const char *path,
                 struct err *err) {
    struct fetch f = {.store = st,
                      .job = j,
                      .arena = job_arena(j),
                      .path = path,
                      .part = arena_printf(job_arena(j), "%s.part", path),
                      .lock_fd = -1,
                      .fd = -1};
    if (!store_look(st, f.arena, name, &f.copy, err))
        return false;
    job_in_hand(j, "part", f.part);
    job_in_hand(j, "archive", f.path);
    bool ok = (backup_is_directory(name) ? fetch_directory(&f, err) : fetch_file(&f, err)) &&
              publish(&f, err);
    if (!ok && f.lock_fd >= 0)
        backups_drop_part(f.part, j);
    if (f.lock_fd >= 0)
        close(f.lock_fd);
    if (!ok)
        return false;
    job_result(j, "file", "%s", path);
    job_result(j, "bytes", "%lld", (long long)f.before);
    job_result(j, "sha256", "%s", f.copy.sha256);
    return true;
}
