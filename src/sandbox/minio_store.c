/* sandbox/minio_store.c - the buckets and objects of the MinIO stand-in, in memory and sorted by
 * key, and the room they take. */
#include "minio_priv.h"

#include "sigv4.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { MAX_BUCKETS = 64, STORE_BYTES = 256 << 20 };

static struct {
    struct bucket bucket[MAX_BUCKETS];
    int n_buckets;
    size_t bytes;
} store;

/* ---- blobs and headers ---- */

void blob_free(struct blob *b) {
    store.bytes -= b->size;
    free(b->data);
    *b = (struct blob){0};
}

bool blob_make(struct blob *b, const char *data, size_t size) {
    char *copy = size <= STORE_BYTES - store.bytes ? malloc(size ? size : 1) : NULL;
    if (!copy) {
        return false;
    }
    *b = (struct blob){copy, size, "", clock_wall_ms()};
    if (size) {
        memcpy(copy, data, size);
    }
    md5_hex(data, size, b->etag);
    store.bytes += size;
    return true;
}

void meta_keep(void *meta, const char *name, const char *value) {
    struct meta *m = meta;
    if (strncasecmp(name, "x-amz-meta-", 11) == 0 && m->n < MINIO_MAX_META) {
        m->name[m->n] = string_copy(name);
        m->value[m->n++] = string_copy(value);
    }
}

void meta_free(struct meta *m) {
    for (int i = 0; i < m->n; i++) {
        free(m->name[i]);
        free(m->value[i]);
    }
    m->n = 0;
}

/* ---- buckets ---- */

struct bucket *bucket_find(const char *name) {
    for (int i = 0; name && i < store.n_buckets; i++) {
        if (strcmp(store.bucket[i].name, name) == 0) {
            return &store.bucket[i];
        }
    }
    return NULL;
}

struct bucket *bucket_at(int i) {
    return i < store.n_buckets ? &store.bucket[i] : NULL;
}

struct bucket *bucket_add(const char *name) {
    if (store.n_buckets == MAX_BUCKETS) {
        return NULL;
    }
    struct bucket *b = &store.bucket[store.n_buckets++];
    *b = (struct bucket){.created_ms = clock_wall_ms()};
    snprintf(b->name, sizeof b->name, "%s", name);
    return b;
}

void bucket_drop(struct bucket *b) {
    free(b->object);
    memmove(b, b + 1, (size_t)(&store.bucket[store.n_buckets] - (b + 1)) * sizeof *b);
    store.n_buckets--;
}

/* ---- objects ---- */

static void object_free(struct object *o) {
    blob_free(&o->blob);
    free(o->key);
    free(o->type);
    meta_free(&o->meta);
}

size_t object_at(const struct bucket *b, const char *key) {
    size_t lo = 0, hi = b->n;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (strcmp(b->object[mid].key, key) < 0) {
            lo = mid + 1;
        } else {
            hi = mid;
        }
    }
    return lo;
}

struct object *object_find(const struct bucket *b, const char *key) {
    size_t at = object_at(b, key);
    return at < b->n && strcmp(b->object[at].key, key) == 0 ? &b->object[at] : NULL;
}

void *minio_grown(void *array, size_t n, size_t *cap, size_t item) {
    if (n < *cap) {
        return array;
    }
    *cap = *cap ? *cap * 2 : 16;
    void *more = realloc(array, *cap * item);
    if (!more) {
        abort();
    }
    return more;
}

struct object *object_put(struct bucket *b, const char *key, const char *type, struct blob blob) {
    size_t at = object_at(b, key);
    if (at < b->n && strcmp(b->object[at].key, key) == 0) {
        object_free(&b->object[at]);
    } else {
        b->object = minio_grown(b->object, b->n, &b->cap, sizeof *b->object);
        memmove(b->object + at + 1, b->object + at, (b->n - at) * sizeof *b->object);
        b->n++;
    }
    b->object[at] = (struct object){.key = string_copy(key), .blob = blob};
    b->object[at].type = string_copy(type ? type : "application/octet-stream");
    return &b->object[at];
}

void object_remove(struct bucket *b, const char *key) {
    struct object *o = object_find(b, key);
    if (o) {
        size_t at = (size_t)(o - b->object);
        object_free(o);
        memmove(o, o + 1, (b->n - at - 1) * sizeof *o);
        b->n--;
    }
}

void store_done(void) {
    for (int i = 0; i < store.n_buckets; i++) {
        for (size_t k = 0; k < store.bucket[i].n; k++) {
            object_free(&store.bucket[i].object[k]);
        }
        free(store.bucket[i].object);
    }
    store.n_buckets = 0;
}
