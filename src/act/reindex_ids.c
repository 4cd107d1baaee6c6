/* act/reindex_ids.c - millions of ids with their digests in byte order: io/sorter.h with the words
 * of the reindex. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "io/sorter.h"
#include "reindex_priv.h"

#define MEMORY_BYTES ((size_t)8 << 20)

struct ids {
    struct sorter *sorter;
};

struct ids *ids_new(const char *dir, struct err *err) {
    struct sorter *sorter = sorter_new(dir, "reindex", MEMORY_BYTES, err);
    if (!sorter)
        return NULL;
    struct ids *s = mem_alloc(sizeof *s);
    s->sorter = sorter;
    return s;
}

void ids_free(struct ids *s) {
    if (!s)
        return;
    sorter_free(s->sorter);
    free(s);
}

int id_compare(const char *a, size_t a_n, const char *b, size_t b_n) {
    return bytes_compare(a, a_n, b, b_n);
}

bool ids_add(struct ids *s, const char *id, size_t n, const struct doc_digest *digest,
             struct err *err) {
    static const struct doc_digest none;
    return sorter_add(s->sorter, id, n, digest ? digest : &none, sizeof none, err);
}

bool ids_next(struct ids *s, struct id_entry *ret, bool *ret_end, struct err *err) {
    struct sorted now;
    if (!sorter_next(s->sorter, &now, ret_end, err))
        return false;
    if (!*ret_end) {
        *ret = (struct id_entry){.id = now.key, .n = now.key_n};
        memcpy(&ret->digest, now.data, sizeof ret->digest);
    }
    return true;
}
