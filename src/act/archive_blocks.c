/* act/archive_blocks.c - the text in the data blocks of an archive in custom format, decompressed
 * by ourselves: at a third of what a pg_restore costs that writes it into a pipe, and several
 * blocks at once. Pure: of bytes that toc_walk() went through before. */
#include <limits.h>
#include <stdlib.h>
#include <zlib.h>

#include "archive_priv.h"
#include "base/mem.h"

#define OUT_SIZE 65536

struct unpack {
    struct bytes_in *in;
    const struct toc_entry *entry;
    bool (*on_bytes)(void *ctx, const char *bytes, size_t n);
    void *ctx;
    bool packed, ended, stopped;
    z_stream z;
    char *out;
};

static bool give(struct unpack *u, const char *bytes, size_t n) {
    u->stopped = n && !u->on_bytes(u->ctx, bytes, n);
    return !u->stopped;
}

/* Bytes behind the end of the compressed stream are damage too. */
static bool inflate_run(struct unpack *u, const uint8_t *bytes, size_t n) {
    z_stream *z = &u->z;
    z->next_in = (Bytef *)(uintptr_t)bytes;
    z->avail_in = (uInt)n;
    do {
        if (u->ended)
            return false;
        z->next_out = (Bytef *)u->out;
        z->avail_out = OUT_SIZE;
        int code = inflate(z, Z_NO_FLUSH);
        if (code == Z_BUF_ERROR && !z->avail_in)
            return true; /* all was given before: it only wants more */
        if (code != Z_OK && code != Z_STREAM_END)
            return false;
        u->ended = code == Z_STREAM_END;
        if (!give(u, u->out, OUT_SIZE - z->avail_out))
            return false;
    } while (z->avail_in || (!z->avail_out && !u->ended));
    return true;
}

/* One text: pieces, each with its length, up to one of no length. */
static bool read_pieces(struct unpack *u) {
    const uint8_t *bytes;
    u->ended = true; /* of no piece at all */
    for (int64_t n; (n = bytes_in_int(u->in)) != 0;) {
        if (n < 0 || u->in->ended)
            return false;
        if (u->ended && u->packed && u->z.total_in)
            return false;
        u->ended = false;
        for (size_t part; n > 0; n -= (int64_t)part) {
            part = bytes_in_run(u->in, n < INT_MAX ? (size_t)n : INT_MAX, &bytes);
            if (!part ||
                !(u->packed ? inflate_run(u, bytes, part) : give(u, (const char *)bytes, part)))
                return false;
        }
    }
    return !u->in->ended && (u->ended || !u->packed);
}

static bool read_block(struct unpack *u) {
    bytes_in_seek(u->in, u->entry->at);
    int type = bytes_in_byte(u->in);
    if (bytes_in_int(u->in) != u->entry->entry.id || u->in->ended)
        return false;
    if (type == BLOCK_DATA)
        return read_pieces(u);
    while (bytes_in_int(u->in) != 0) /* the OID of a large object */
        if (u->in->ended || !read_pieces(u) || inflateReset(&u->z) != Z_OK)
            return false;
    return !u->in->ended;
}

bool block_read(struct bytes_in *in, enum toc_packing packing, const struct toc_entry *e,
                bool (*on_bytes)(void *ctx, const char *bytes, size_t n), void *ctx,
                struct err *err) {
    struct unpack u = {.in = in,
                       .entry = e,
                       .on_bytes = on_bytes,
                       .ctx = ctx,
                       .packed = packing == PACKED_ZLIB,
                       .out = mem_alloc(OUT_SIZE)};
    bool ok = inflateInit(&u.z) == Z_OK && read_block(&u);
    if (!ok && u.stopped)
        err_set(err, E_CANCELLED, "archive.content", in->target, "stopped as asked");
    else if (!ok)
        err_set(err, E_PROTOCOL, "archive.content", in->target,
                "the data of %s.%s are damaged before byte %lld: %s", e->entry.schema,
                e->entry.name, (long long)bytes_in_position(in),
                u.z.msg ? u.z.msg : "they do not decompress to their end");
    inflateEnd(&u.z);
    free(u.out);
    return bytes_in_verdict(in, ok, err);
}
