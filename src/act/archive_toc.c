/* act/archive_toc.c - reads the head, the table of contents and the data blocks of pg_dump's
 * formats 1.12 to 1.16 (PostgreSQL 9.6 to 18). Integers are a sign byte and four bytes, least
 * first; strings an integer length (negative = none) and their bytes. Every length is checked
 * against what is left of the file before anything is made of it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "archive_priv.h"
#include "base/mem.h"
#include "io/cancel.h"

#define BUFFER_SIZE (256 * 1024)
#define ENTRIES_MAX 2000000
#define ENTRY_MIN   60 /* bytes of the smallest entry: bounds the count by the size */
#define STRING_MAX  (64 * 1024 * 1024)
#define STRINGS_MAX (256 * 1024 * 1024)
#define INT_SIZE    4
#define OFFSET_SIZE 8

/* --- bytes --- */

void bytes_in_file(struct bytes_in *in, int fd, int64_t size, const char *target) {
    *in = (struct bytes_in){.fd = fd, .size = size, .target = target};
    in->buffer = mem_alloc(BUFFER_SIZE);
    in->bytes = in->buffer;
}

void bytes_in_memory(struct bytes_in *in, const void *bytes, size_t n, const char *target) {
    *in =
        (struct bytes_in){.fd = -1, .size = (int64_t)n, .target = target, .bytes = bytes, .len = n};
}

void bytes_in_done(struct bytes_in *in) {
    free(in->buffer);
    if (in->fd >= 0)
        close(in->fd);
}

bool bytes_in_verdict(const struct bytes_in *in, bool ok, struct err *err) {
    if (in->error)
        return err_set(err, E_IO, "archive.read", in->target, "%s behind byte %lld",
                       strerror(in->error), (long long)in->bytes_at);
    return ok;
}

int64_t bytes_in_position(const struct bytes_in *in) {
    return in->bytes_at + (int64_t)in->at;
}

void bytes_in_seek(struct bytes_in *in, int64_t at) {
    if (in->fd < 0) {
        in->at = at < in->size ? (size_t)at : in->len;
        return;
    }
    in->bytes_at = at;
    in->at = in->len = 0;
}

static int64_t left(const struct bytes_in *in) {
    return in->size - bytes_in_position(in);
}

static bool fill(struct bytes_in *in) {
    ssize_t n = 0;
    if (in->at < in->len)
        return true;
    if (in->fd >= 0) {
        in->bytes_at += (int64_t)in->len;
        in->at = in->len = 0;
        do
            n = pread(in->fd, in->buffer, BUFFER_SIZE, in->bytes_at);
        while (n < 0 && errno == EINTR);
        in->len = n > 0 ? (size_t)n : 0;
        in->error = n < 0 ? errno : in->error;
    }
    in->ended = n <= 0;
    return !in->ended;
}

int bytes_in_byte(struct bytes_in *in) {
    return fill(in) ? in->bytes[in->at++] : 0;
}

size_t bytes_in_run(struct bytes_in *in, size_t max, const uint8_t **ret) {
    if (!fill(in))
        return 0;
    size_t n = in->len - in->at < max ? in->len - in->at : max;
    *ret = in->bytes + in->at;
    in->at += n;
    return n;
}

void bytes_in_take(struct bytes_in *in, void *to, size_t n) {
    for (uint8_t *at = to; n && fill(in);) {
        size_t part = in->len - in->at < n ? in->len - in->at : n;
        memcpy(at, in->bytes + in->at, part);
        in->at += part;
        at += part;
        n -= part;
    }
}

void bytes_in_skip(struct bytes_in *in, int64_t n) {
    if (n > left(in)) {
        in->ended = true;
        return;
    }
    int64_t here = (int64_t)(in->len - in->at);
    if (n <= here) {
        in->at += (size_t)n;
        return;
    }
    in->bytes_at = bytes_in_position(in) + n;
    in->at = in->len = 0;
}

int64_t bytes_in_int(struct bytes_in *in) {
    int sign = bytes_in_byte(in);
    int64_t n = 0;
    for (int i = 0; i < INT_SIZE; i++)
        n |= (int64_t)bytes_in_byte(in) << (8 * i);
    return sign ? -n : n;
}

/* --- strings --- */

struct reading {
    struct bytes_in *in;
    struct arena *arena;
    size_t n_strings; /* bytes made so far */
    int64_t beyond;   /* data must be there, behind the end of the file; 0 = no */
    bool broken;
};

/* NULL = none, or broken. A NUL inside would end it for us, not for pg_restore: refused. */
static const char *read_string(struct reading *r, bool keep) {
    int64_t n = bytes_in_int(r->in);
    if (n < 0 || r->in->ended)
        return NULL;
    if (n > left(r->in) || n > STRING_MAX) {
        r->in->ended |= n > left(r->in);
        r->broken = true;
        return NULL;
    }
    if (!keep) {
        bytes_in_skip(r->in, n);
        return "";
    }
    r->n_strings += (size_t)n;
    if (r->n_strings > STRINGS_MAX) {
        r->broken = true;
        return NULL;
    }
    char *s = arena_alloc(r->arena, (size_t)n + 1);
    bytes_in_take(r->in, s, (size_t)n);
    r->broken |= memchr(s, 0, (size_t)n) != NULL;
    return s;
}

static const char *read_text(struct reading *r) {
    const char *s = read_string(r, true);
    return s ? s : "";
}

static bool toc_broken(const struct reading *r, const char *where, struct err *err) {
    if (r->in->ended)
        return err_set(err, E_PROTOCOL, "archive.toc", r->in->target,
                       "the file ends at byte %lld, inside %s: it is cut short",
                       (long long)r->in->size, where);
    if (r->beyond)
        return err_set(err, E_PROTOCOL, "archive.toc", r->in->target,
                       "the file ends at byte %lld, data must be at byte %lld: it is cut short",
                       (long long)r->in->size, (long long)r->beyond);
    return err_set(err, E_PROTOCOL, "archive.toc", r->in->target, "%s is damaged before byte %lld",
                   where, (long long)bytes_in_position(r->in));
}

/* --- head --- */

static bool read_magic(struct reading *r, struct toc *t, struct err *err) {
    char magic[5] = "";
    bytes_in_take(r->in, magic, sizeof magic);
    int major = bytes_in_byte(r->in);
    t->minor = bytes_in_byte(r->in);
    bytes_in_byte(r->in); /* revision */
    int int_size = bytes_in_byte(r->in), offset_size = bytes_in_byte(r->in);
    t->format = bytes_in_byte(r->in);
    if (r->in->ended || memcmp(magic, "PGDMP", sizeof magic) != 0)
        return toc_broken(r, "the head", err);
    if (major != 1 || t->minor < ARCHIVE_OLDEST_MINOR || t->minor > ARCHIVE_NEWEST_MINOR)
        return err_set(err, E_WRONG_THING, "archive.toc", r->in->target,
                       "archive format %d.%d: 1.%d to 1.%d are known", major, t->minor,
                       ARCHIVE_OLDEST_MINOR, ARCHIVE_NEWEST_MINOR);
    r->broken |= int_size != INT_SIZE || offset_size != OFFSET_SIZE;
    return true;
}

static void read_created(struct reading *r, struct toc *t) {
    int64_t at[7]; /* second minute hour day month year dst, of the dumper's zone */
    for (int i = 0; i < 7; i++)
        at[i] = bytes_in_int(r->in);
    for (int i = 0; i < 6; i++)
        r->broken |= at[i] < 0 || at[i] > 9999;
    t->created = r->broken
                     ? ""
                     : arena_printf(r->arena, "%04lld-%02lld-%02lld %02lld:%02lld:%02lld",
                                    (long long)at[5] + 1900, (long long)at[4] + 1, (long long)at[3],
                                    (long long)at[2], (long long)at[1], (long long)at[0]);
}

/* Since 1.15 the method, before that the level. */
static void read_packing(struct reading *r, struct toc *t) {
    int64_t n = t->minor >= 15 ? bytes_in_byte(r->in) : bytes_in_int(r->in);
    t->packing = !n ? PACKED_NOT : t->minor < 15 || n == 1 /* gzip */ ? PACKED_ZLIB : PACKED_OTHER;
}

static bool read_head(struct reading *r, struct toc *t, struct err *err) {
    if (!read_magic(r, t, err))
        return false;
    read_packing(r, t);
    read_created(r, t);
    t->database = read_text(r);
    t->dumped_from = read_text(r);
    t->dumped_by = read_text(r);
    return (!r->broken && !r->in->ended) || toc_broken(r, "the head", err);
}

/* --- entries --- */

static void read_offset(struct reading *r, struct toc_entry *e) {
    int state = bytes_in_byte(r->in);
    uint8_t bytes[OFFSET_SIZE] = {0};
    uint64_t at = 0;
    bytes_in_take(r->in, bytes, sizeof bytes);
    for (int i = 0; i < OFFSET_SIZE; i++)
        at |= (uint64_t)bytes[i] << (8 * i);
    r->broken |= state < TOC_AT_UNKNOWN || state > TOC_NO_DATA;
    if (state == TOC_AT_KNOWN && at >= (uint64_t)r->in->size) {
        r->broken = true;
        r->beyond = (int64_t)(at & INT64_MAX);
    }
    e->state = (enum toc_state)state;
    e->at = (int64_t)at;
}

/* pg_restore would open whatever stands here, also outside the directory. */
static void read_file_name(struct reading *r, const struct toc *t, struct toc_entry *e) {
    e->file = read_text(r);
    if (t->format == TOC_MEMBERS)
        r->broken |= e->had_data ? !member_name_fits(e->file) : *e->file != '\0';
}

static void read_entry(struct reading *r, const struct toc *t, struct toc_entry *e) {
    int64_t id = bytes_in_int(r->in);
    r->broken |= id <= 0 || id > INT32_MAX;
    e->entry.id = (int)id;
    e->had_data = bytes_in_int(r->in) != 0;
    read_string(r, false); /* OID of its catalogue */
    read_string(r, false); /* OID */
    e->entry.name = read_text(r);
    e->entry.type = read_text(r);
    bytes_in_int(r->in);   /* section */
    read_string(r, false); /* definition */
    read_string(r, false); /* how to drop it */
    e->copy = read_text(r);
    e->entry.schema = read_text(r);
    read_string(r, false); /* tablespace */
    if (t->minor >= 14)
        read_string(r, false); /* access method */
    if (t->minor >= 16)
        bytes_in_int(r->in); /* kind of relation */
    e->entry.owner = read_text(r);
    read_string(r, false); /* WITH OIDS */
    while (!r->broken && !r->in->ended && read_string(r, false)) {
        /* what it depends on */
    }
    e->state = e->had_data ? TOC_AT_UNKNOWN : TOC_NO_DATA;
    if (t->format == TOC_CUSTOM)
        read_offset(r, e);
    else
        read_file_name(r, t, e);
}

static bool read_toc(struct bytes_in *in, struct arena *a, struct toc *ret, struct err *err) {
    struct reading r = {.in = in, .arena = a};
    struct toc t = {0};
    if (!read_head(&r, &t, err))
        return false;
    int64_t n = bytes_in_int(in);
    if (in->ended)
        return toc_broken(&r, "the table of contents", err);
    if (n < 0 || n > ENTRIES_MAX || n > left(in) / ENTRY_MIN)
        return err_set(
            err, E_PROTOCOL, "archive.toc", in->target,
            "the table of contents claims %lld entries, which %lld bytes cannot hold: it "
            "is damaged or cut short",
            (long long)n, (long long)left(in));
    t.entries = arena_alloc(a, ((size_t)n + 1) * sizeof *t.entries);
    while (t.n < n) {
        read_entry(&r, &t, &t.entries[t.n]);
        if (r.broken || in->ended)
            return toc_broken(&r, "the table of contents", err);
        t.n++;
    }
    *ret = t;
    return true;
}

bool toc_read(struct bytes_in *in, struct arena *a, struct toc *ret, struct err *err) {
    return bytes_in_verdict(in, read_toc(in, a, ret, err), err);
}

/* --- data blocks --- */

struct walk {
    struct bytes_in *in;
    struct toc_entry **by_id; /* those that have data */
    uint32_t n, n_seen;
    int cancel_fd;
};

static int entry_compare(const void *a, const void *b) {
    int x = (*(struct toc_entry *const *)a)->entry.id,
        y = (*(struct toc_entry *const *)b)->entry.id;
    return x < y ? -1 : x > y;
}

static struct toc_entry *walk_find(const struct walk *w, int64_t id) {
    struct toc_entry key = {.entry.id = (int)id}, *key_at = &key;
    if (id <= 0 || id > INT32_MAX || !w->n)
        return NULL;
    struct toc_entry **at = bsearch(&key_at, w->by_id, w->n, sizeof *w->by_id, entry_compare);
    return at ? *at : NULL;
}

/* Pieces of compressed text, each with its length, up to one of no length. */
static bool walk_pieces(struct walk *w) {
    for (int64_t n; (n = bytes_in_int(w->in)) != 0;) {
        if (n < 0 || w->in->ended)
            return false;
        bytes_in_skip(w->in, n);
        if (w->in->ended)
            return false;
    }
    return !w->in->ended;
}

static bool walk_blobs(struct walk *w) {
    while (bytes_in_int(w->in) != 0)
        if (w->in->ended || !walk_pieces(w))
            return false;
    return !w->in->ended;
}

static bool walk_stray(const struct walk *w, int64_t at, struct err *err) {
    if (w->n_seen == w->n)
        return err_set(err, E_PROTOCOL, "archive.extent", w->in->target,
                       "%lld bytes follow the last data block, from byte %lld: something was "
                       "appended",
                       (long long)(w->in->size - at), (long long)at);
    return err_set(err, E_PROTOCOL, "archive.extent", w->in->target,
                   "no data block begins at byte %lld, where one must: it is damaged there",
                   (long long)at);
}

static bool walk_block(struct walk *w, struct err *err) {
    int64_t at = bytes_in_position(w->in);
    int type = bytes_in_byte(w->in);
    struct toc_entry *e = walk_find(w, bytes_in_int(w->in));
    if (!e || e->seen || (type != BLOCK_DATA && type != BLOCK_BLOBS))
        return walk_stray(w, at, err);
    if (e->state == TOC_AT_KNOWN && e->at != at)
        return err_set(err, E_PROTOCOL, "archive.extent", w->in->target,
                       "the data of %s.%s are at byte %lld, the table of contents says %lld",
                       e->entry.schema, e->entry.name, (long long)at, (long long)e->at);
    e->seen = true;
    e->at = at;
    w->n_seen++;
    bool whole = type == BLOCK_DATA ? walk_pieces(w) : walk_blobs(w);
    e->size = bytes_in_position(w->in) - at;
    if (whole)
        return true;
    if (w->in->ended)
        return err_set(err, E_PROTOCOL, "archive.extent", w->in->target,
                       "the file ends at byte %lld, inside the data of %s.%s: it is cut short",
                       (long long)w->in->size, e->entry.schema, e->entry.name);
    return err_set(err, E_PROTOCOL, "archive.extent", w->in->target,
                   "the data of %s.%s are damaged before byte %lld", e->entry.schema, e->entry.name,
                   (long long)bytes_in_position(w->in));
}

static bool walk_missing(const struct walk *w, struct err *err) {
    for (uint32_t i = 0; i < w->n; i++)
        if (!w->by_id[i]->seen)
            return err_set(err, E_PROTOCOL, "archive.extent", w->in->target,
                           "the file ends at byte %lld, before the data of %s.%s: it is cut short",
                           (long long)w->in->size, w->by_id[i]->entry.schema,
                           w->by_id[i]->entry.name);
    return true;
}

static bool walk_all(struct walk *w, struct err *err) {
    while (left(w->in) > 0) {
        if (cancel_asked(w->cancel_fd))
            return err_set(err, E_CANCELLED, "archive.extent", w->in->target, "stopped as asked");
        if (!walk_block(w, err))
            return false;
    }
    return walk_missing(w, err);
}

bool toc_walk(struct bytes_in *in, struct toc *t, int cancel_fd, struct err *err) {
    struct walk w = {.in = in, .cancel_fd = cancel_fd};
    w.by_id = mem_zeroed(((size_t)t->n + 1) * sizeof *w.by_id);
    for (uint32_t i = 0; i < t->n && t->format == TOC_CUSTOM; i++)
        if (t->entries[i].state == TOC_AT_KNOWN ||
            (t->entries[i].state == TOC_AT_UNKNOWN && t->entries[i].had_data))
            w.by_id[w.n++] = &t->entries[i];
    qsort(w.by_id, w.n, sizeof *w.by_id, entry_compare);
    bool ok = walk_all(&w, err);
    free(w.by_id);
    return bytes_in_verdict(in, ok, err);
}
