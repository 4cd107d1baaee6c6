/* act/store_put.c - one file as one object: whole in one request where it is small, else in parts.
 * Each request's SHA-256 is in its signature, so the store itself refuses what was damaged on its
 * way. */
#include "store_priv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "wire/digest.h"

#define PARTS_WANTED 9000 /* S3 takes 10,000 */

struct sending {
    struct store_put *p;
    const char *id;
    size_t part_bytes;
    unsigned char *buffer;
    unsigned char *sums; /* MD5 of each part */
    struct digest *all;
};

void store_md5_hex(const void *bytes, size_t n, char hex[33]) {
    unsigned char md5[DIGEST_MAX_BYTES];
    hex_encode(md5, digest_plain(DIGEST_MD5, "", 0, bytes, n, md5), hex);
}

bool store_etag_is(const char *there, const char *etag) {
    size_t n = strlen(etag);
    there += *there == '"';
    return strncmp(there, etag, n) == 0 && (!there[n] || strcmp(there + n, "\"") == 0);
}

static bool read_part(struct sending *s, int64_t at, size_t n, struct err *err) {
    for (size_t got = 0; got < n;) {
        ssize_t more = pread(s->p->fd, s->buffer + got, n - got, (off_t)at + (off_t)got);
        if (more <= 0)
            return err_set(err, E_IO, "store.upload", s->p->path, "%s",
                           more < 0 ? strerror(errno) : "it became shorter meanwhile");
        got += (size_t)more;
    }
    digest_add(s->all, s->buffer, n);
    return true;
}

/* ---- in one request ---- */

static bool send_whole(struct sending *s, struct err *err) {
    struct arena a;
    struct http_reply r;
    char hex[33];
    struct store_put *p = s->p;
    size_t n = (size_t)p->size_bytes;
    if (!read_part(s, 0, n, err))
        return false;
    store_md5_hex(s->buffer, n, hex);
    p->etag = arena_strdup(p->arena, hex);
    struct store_call c = {
        .method = "PUT", .key = p->key, .body = s->buffer, .body_len = n, .meta = {p->meta}};
    arena_init(&a);
    bool ok =
        store_send(p->store, &a, &c, &r, err) && store_accepted(p->store, "store.put", &r, err);
    arena_done(&a);
    if (ok && p->on_sent)
        p->on_sent(p->ctx, p->size_bytes);
    return ok;
}

/* ---- in parts ---- */

static bool begin(struct sending *s, struct err *err) {
    struct http_reply r;
    struct store_put *p = s->p;
    struct store_call c = {.method = "POST",
                           .key = p->key,
                           .query = "uploads=",
                           .body = "",
                           .meta = {p->meta},
                           .once = true};
    if (!store_send(p->store, p->arena, &c, &r, err) ||
        !store_accepted(p->store, "store.begin", &r, err))
        return false;
    s->id = store_upload_id(r.body, r.body_len, p->arena);
    return s->id ? p->on_id(p->ctx, p->key, s->id, err)
                 : err_set(err, E_PROTOCOL, "store.begin", p->key, "the store gave no id");
}

static bool send_part(struct sending *s, unsigned number, size_t n, struct err *err) {
    struct arena a;
    struct http_reply r;
    unsigned char md5[DIGEST_MAX_BYTES];
    arena_init(&a);
    struct store_call c = {
        .method = "PUT",
        .key = s->p->key,
        .query = arena_printf(&a, "partNumber=%u&uploadId=%s", number, store_encode(&a, s->id)),
        .body = s->buffer,
        .body_len = n};
    digest_plain(DIGEST_MD5, "", 0, s->buffer, n, md5);
    memcpy(s->sums + (size_t)(number - 1) * MD5_BYTES, md5, MD5_BYTES);
    bool ok = store_send(s->p->store, &a, &c, &r, err) &&
              store_accepted(s->p->store, "store.part", &r, err);
    arena_done(&a);
    return ok;
}

static bool send_parts(struct sending *s, struct err *err) {
    for (unsigned i = 0; i < s->p->n_parts; i++) {
        int64_t at = (int64_t)i * (int64_t)s->part_bytes, left = s->p->size_bytes - at;
        size_t n = left < (int64_t)s->part_bytes ? (size_t)left : s->part_bytes;
        if (!read_part(s, at, n, err) || !send_part(s, i + 1, n, err))
            return false;
        if (s->p->on_sent)
            s->p->on_sent(s->p->ctx, (int64_t)n);
    }
    return true;
}

/* A 200 may hold an <Error>: joining begins before the answer is known. */
static bool complete(struct sending *s, struct err *err) {
    struct http_reply r;
    struct str xml;
    struct store_put *p = s->p;
    str_init(&xml, (size_t)4 << 20);
    str_puts(&xml, "<CompleteMultipartUpload>");
    for (unsigned i = 0; i < p->n_parts; i++) {
        char etag[2 * MD5_BYTES + 1];
        hex_encode(s->sums + (size_t)i * MD5_BYTES, MD5_BYTES, etag);
        str_printf(&xml, "<Part><PartNumber>%u</PartNumber><ETag>\"%s\"</ETag></Part>", i + 1,
                   etag);
    }
    str_puts(&xml, "</CompleteMultipartUpload>");
    struct store_call c = {.method = "POST",
                           .key = p->key,
                           .query =
                               arena_printf(p->arena, "uploadId=%s", store_encode(p->arena, s->id)),
                           .body = str_get(&xml),
                           .body_len = xml.len,
                           .once = true};
    bool ok = store_send(p->store, p->arena, &c, &r, err) &&
              store_accepted(p->store, "store.complete", &r, err);
    str_done(&xml);
    return ok && p->on_id(p->ctx, p->key, NULL, err);
}

/* S3's sum of an object in parts: the MD5 of the parts' MD5s, and how many they are. */
static bool send_in_parts(struct sending *s, struct err *err) {
    char hex[33];
    struct store_put *p = s->p;
    while ((int64_t)s->part_bytes * PARTS_WANTED < p->size_bytes)
        s->part_bytes *= 2;
    p->n_parts = (unsigned)((p->size_bytes + (int64_t)s->part_bytes - 1) / (int64_t)s->part_bytes);
    s->buffer = mem_alloc(s->part_bytes);
    s->sums = mem_alloc((size_t)p->n_parts * MD5_BYTES);
    if (!begin(s, err) || !send_parts(s, err) || !complete(s, err))
        return false;
    store_md5_hex(s->sums, (size_t)p->n_parts * MD5_BYTES, hex);
    p->etag = arena_printf(p->arena, "%s-%u", hex, p->n_parts);
    return true;
}

bool store_put(struct store_put *p, struct err *err) {
    struct sending s = {.p = p, .part_bytes = PART_BYTES, .all = digest_sha256_new()};
    bool small = !p->in_parts && p->size_bytes <= (int64_t)PART_BYTES;
    if (small)
        s.buffer = mem_alloc((size_t)p->size_bytes + 1);
    bool ok = small ? send_whole(&s, err) : send_in_parts(&s, err);
    digest_hex(s.all, p->sha256);
    free(s.buffer);
    free(s.sums);
    return ok;
}
