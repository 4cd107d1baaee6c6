/* act/store_upload.c - an archive into the bucket, in parts. Each part's SHA-256 is in its
 * signature, so the store itself refuses one that was damaged on its way; afterwards the object's
 * size and the sum over its parts are held against our own. */
#include "store_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/jsonw.h"
#include "base/mem.h"
#include "base/str.h"
#include "io/file.h"
#include "wire/backup.h"
#include "wire/digest.h"

#define PARTS_WANTED 9000 /* S3 takes 10,000 */
#define RECORD_MAX   ((size_t)64 << 10)
#define MD5_BYTES    16

struct upload {
    struct store *store;
    struct job *job;
    struct arena *arena;
    const char *path, *key, *sha256, *record;
    const char *id; /* NULL before it was begun */
    int fd, record_fd;
    int64_t size_bytes;
    size_t part_bytes;
    unsigned n_parts;
    unsigned char *buffer;
    unsigned char *sums; /* MD5 of each part */
};

static const char *name_of(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static void md5_hex(const unsigned char md5[MD5_BYTES], char hex[33]) {
    for (int i = 0; i < MD5_BYTES; i++)
        snprintf(hex + 2 * i, 3, "%02x", md5[i]);
}

/* ---- the bucket ---- */

static bool make_bucket(struct upload *u, struct err *err) {
    struct http_reply r;
    struct store_call c = {.method = "HEAD"};
    if (!store_send(u->store, u->arena, &c, &r, err))
        return false;
    if (r.status != 404)
        return store_accepted(u->store, "store.bucket", &r, err);
    c = (struct store_call){.method = "PUT", .body = "", .body_len = 0};
    if (!store_send(u->store, u->arena, &c, &r, err) ||
        !store_accepted(u->store, "store.make_bucket", &r, err))
        return false;
    job_result(u->job, "bucket", "%s, made for it", store_bucket(u->store));
    return true;
}

/* ---- the record, by which a later run finds the parts of one that died ---- */

static bool write_record(struct upload *u, struct err *err) {
    struct str json;
    struct jsonw w;
    str_init(&json, RECORD_MAX);
    jsonw_init(&w, &json, false);
    jsonw_open(&w, '{');
    jsonw_put_string(&w, "bucket", store_bucket(u->store));
    jsonw_put_string(&w, "key", u->key);
    jsonw_put_string(&w, "uploadId", u->id);
    jsonw_close(&w, '}');
    bool ok = pwrite(u->record_fd, str_get(&json), json.len, 0) == (ssize_t)json.len &&
              fsync(u->record_fd) == 0;
    str_done(&json);
    return ok || err_set(err, E_IO, "store.record", u->record, "%s", strerror(errno));
}

static bool begin(struct upload *u, struct err *err) {
    struct http_reply r;
    struct store_call c = {.method = "POST",
                           .key = u->key,
                           .query = "uploads=",
                           .body = "",
                           .meta_sha256 = u->sha256,
                           .once = true};
    if (!file_lock(u->record, &u->record_fd, err))
        return false;
    if (u->record_fd < 0)
        return err_set(err, E_IO, "store.upload", u->record, "another upload of it is running");
    if (!store_send(u->store, u->arena, &c, &r, err) ||
        !store_accepted(u->store, "store.begin", &r, err))
        return false;
    u->id = store_upload_id(r.body, r.body_len, u->arena);
    return u->id ? write_record(u, err)
                 : err_set(err, E_PROTOCOL, "store.begin", u->key, "the store gave no id");
}

/* ---- the parts ---- */

static bool read_part(struct upload *u, int64_t at, size_t n, struct err *err) {
    for (size_t got = 0; got < n;) {
        ssize_t more = pread(u->fd, u->buffer + got, n - got, (off_t)at + (off_t)got);
        if (more <= 0)
            return err_set(err, E_IO, "store.upload", u->path, "%s",
                           more < 0 ? strerror(errno) : "it became shorter meanwhile");
        got += (size_t)more;
    }
    return true;
}

static bool send_part(struct upload *u, unsigned number, size_t n, struct err *err) {
    struct arena a;
    struct http_reply r;
    unsigned char md5[DIGEST_MAX_BYTES];
    arena_init(&a);
    struct store_call c = {
        .method = "PUT",
        .key = u->key,
        .query = arena_printf(&a, "partNumber=%u&uploadId=%s", number, store_encode(&a, u->id)),
        .body = u->buffer,
        .body_len = n};
    digest_plain(DIGEST_MD5, "", 0, u->buffer, n, md5);
    memcpy(u->sums + (size_t)(number - 1) * MD5_BYTES, md5, MD5_BYTES);
    bool ok =
        store_send(u->store, &a, &c, &r, err) && store_accepted(u->store, "store.part", &r, err);
    arena_done(&a);
    return ok;
}

static bool send_parts(struct upload *u, struct err *err) {
    for (unsigned i = 0; i < u->n_parts; i++) {
        int64_t at = (int64_t)i * (int64_t)u->part_bytes, left = u->size_bytes - at;
        size_t n = left < (int64_t)u->part_bytes ? (size_t)left : u->part_bytes;
        if (!read_part(u, at, n, err) || !send_part(u, i + 1, n, err))
            return false;
        job_progress(u->job, at + (int64_t)n, NULL);
    }
    return true;
}

/* A 200 may hold an <Error>: joining begins before the answer is known. */
static bool complete(struct upload *u, struct err *err) {
    struct http_reply r;
    struct str xml;
    char hex[33];
    str_init(&xml, (size_t)4 << 20);
    str_puts(&xml, "<CompleteMultipartUpload>");
    for (unsigned i = 0; i < u->n_parts; i++) {
        md5_hex(u->sums + (size_t)i * MD5_BYTES, hex);
        str_printf(&xml, "<Part><PartNumber>%u</PartNumber><ETag>\"%s\"</ETag></Part>", i + 1, hex);
    }
    str_puts(&xml, "</CompleteMultipartUpload>");
    struct store_call c = {.method = "POST",
                           .key = u->key,
                           .query =
                               arena_printf(u->arena, "uploadId=%s", store_encode(u->arena, u->id)),
                           .body = str_get(&xml),
                           .body_len = xml.len,
                           .once = true};
    bool ok = store_send(u->store, u->arena, &c, &r, err) &&
              store_accepted(u->store, "store.complete", &r, err);
    str_done(&xml);
    return ok;
}

/* S3's sum of an object in parts: the MD5 of the parts' MD5s, and how many they are. */
static bool verify(struct upload *u, struct err *err) {
    struct store_object o;
    unsigned char md5[DIGEST_MAX_BYTES];
    char hex[33];
    digest_plain(DIGEST_MD5, "", 0, u->sums, (size_t)u->n_parts * MD5_BYTES, md5);
    md5_hex(md5, hex);
    const char *expected = arena_printf(u->arena, "%s-%u", hex, u->n_parts);
    if (!store_look(u->store, u->arena, u->key, &o, err))
        return false;
    if (o.size_bytes != u->size_bytes)
        return err_set(err, E_PROTOCOL, "store.verify", u->key,
                       "the store holds %lld bytes of %lld", (long long)o.size_bytes,
                       (long long)u->size_bytes);
    if (!strstr(o.etag, expected))
        return err_set(err, E_PROTOCOL, "store.verify", u->key, "the store's sum is %s, ours is %s",
                       o.etag, expected);
    if (strcmp(o.sha256, u->sha256) != 0)
        return err_set(err, E_PROTOCOL, "store.verify", u->key,
                       "the store did not keep the digest that was sent with it");
    return true;
}

/* ---- what is left behind ---- */

/* On a connection of its own: a cancelled job's sends nothing more. True where nothing is left. */
static bool abort_upload(const struct settings *s, struct arena *a, const char *key, const char *id,
                         struct err *err) {
    struct store *st = NULL;
    struct http_reply r;
    struct store_call c = {.method = "DELETE",
                           .key = key,
                           .query = arena_printf(a, "uploadId=%s", store_encode(a, id))};
    bool ok = store_open(s, -1, &st, err) && store_send(st, a, &c, &r, err) &&
              (r.status == 404 || store_accepted(st, "store.abort", &r, err));
    store_close(st);
    return ok;
}

static void give_up(struct upload *u) {
    struct err why;
    if (u->id && !abort_upload(store_settings(u->store), u->arena, u->key, u->id, &why))
        job_log(u->job, "the parts of %s stay until the next upload: %s", u->key, why.why);
    else if (u->record_fd >= 0)
        unlink(u->record);
}

uint32_t store_leftovers(const char *dir, struct arena *a, const char **names, uint32_t max) {
    const char **all = arena_alloc(a, max * sizeof *all);
    uint32_t n = 0, n_all = readnames(a, dir, UPLOAD_RECORD, all, max);
    int64_t ignored_s;
    for (uint32_t i = 0; i < n_all; i++)
        if (backup_time_of_name(all[i], &ignored_s) &&
            !file_is_locked(arena_printf(a, "%s/%s" UPLOAD_RECORD, dir, all[i])))
            names[n++] = all[i];
    return n;
}

/* One whose upload was not begun yet has an empty record. */
static bool clear_one(struct job *j, const char *path, struct err *err) {
    struct file_content f;
    struct arena *a = job_arena(j);
    const char *key, *id;
    return readfile(a, path, RECORD_MAX, &f, err) &&
           store_record_read(f.bytes, f.len, a, &key, &id, err) &&
           (!key || abort_upload(job_settings(j), a, key, id, err));
}

void store_clear_leftovers(struct job *j, const char *dir) {
    const char *names[64];
    struct err err;
    uint32_t n = store_leftovers(dir, job_arena(j), names, ARRAY_LEN(names));
    for (uint32_t i = 0; i < n; i++) {
        const char *path = arena_printf(job_arena(j), "%s/%s" UPLOAD_RECORD, dir, names[i]);
        if (!clear_one(j, path, &err))
            job_log(j, "the parts of %s stay in the store: %s", names[i], err.why);
        else if (unlink(path) == 0)
            job_result(j, "aborted", "the upload of %s, left by one that died", names[i]);
    }
}

/* ---- all of it ---- */

static bool open_source(struct upload *u, struct err *err) {
    struct stat st;
    u->fd = open(u->path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (u->fd < 0 || fstat(u->fd, &st) != 0)
        return err_set(err, E_IO, "store.upload", u->path, "%s", strerror(errno));
    u->size_bytes = st.st_size;
    u->part_bytes = PART_BYTES;
    while ((int64_t)u->part_bytes * PARTS_WANTED < u->size_bytes)
        u->part_bytes *= 2;
    u->n_parts = (unsigned)((u->size_bytes + (int64_t)u->part_bytes - 1) / (int64_t)u->part_bytes);
    u->buffer = mem_alloc(u->part_bytes);
    u->sums = mem_alloc((size_t)u->n_parts * MD5_BYTES + 1);
    job_stage(u->job, "upload", UNIT_BYTES, u->size_bytes);
    return u->n_parts > 0 || err_set(err, E_IO, "store.upload", u->path, "is empty");
}

/* Small and whole in one request; the archive first, which is what the manifest tells of. */
static bool send_manifest(struct upload *u, struct err *err) {
    struct file_content f;
    struct http_reply r;
    const char *path = arena_printf(u->arena, "%s" BACKUP_MANIFEST, u->path);
    if (access(path, F_OK) != 0)
        return true;
    if (!readfile(u->arena, path, BACKUP_NOTE_MAX, &f, err))
        return false;
    struct store_call c = {.method = "PUT",
                           .key = arena_printf(u->arena, "%s" BACKUP_MANIFEST, u->key),
                           .body = f.bytes,
                           .body_len = f.len};
    return store_send(u->store, u->arena, &c, &r, err) &&
           store_accepted(u->store, "store.manifest", &r, err);
}

bool store_upload(struct store *st, struct job *j, const char *path, const char *sha256,
                  struct err *err) {
    struct upload u = {.store = st,
                       .job = j,
                       .arena = job_arena(j),
                       .path = path,
                       .key = name_of(path),
                       .sha256 = sha256,
                       .record = arena_printf(job_arena(j), "%s" UPLOAD_RECORD, path),
                       .fd = -1,
                       .record_fd = -1};
    bool ok = open_source(&u, err) && make_bucket(&u, err) && begin(&u, err) &&
              send_parts(&u, err) && complete(&u, err) && verify(&u, err) && send_manifest(&u, err);
    if (ok)
        unlink(u.record);
    else
        give_up(&u);
    if (ok)
        job_result(j, "copy", "%s/%s in %u parts, size and sum verified", store_bucket(st), u.key,
                   u.n_parts);
    if (u.fd >= 0)
        close(u.fd);
    if (u.record_fd >= 0)
        close(u.record_fd);
    free(u.buffer);
    free(u.sums);
    return ok;
}
