/* tests/fuzz/fuzz_archive_toc.c - head, table of contents and data blocks of an archive over any
 * bytes, and what the blocks hold: stays inside, ends. */
#include <stdint.h>
#include <stdlib.h>

#include "../../src/act/archive_priv.h"

#define TEXT_MAX (1024u * 1024u)

/* A small block can hold much: it is stopped. */
static bool on_text(void *ctx, const char *bytes, size_t n) {
    size_t *total = ctx;
    if (!bytes || !n)
        abort();
    *total += n;
    return *total < TEXT_MAX;
}

static void read_blocks(struct bytes_in *in, const struct toc *t) {
    struct err err;
    size_t total = 0;
    for (uint32_t i = 0; i < t->n && total < TEXT_MAX; i++)
        if (t->entries[i].seen && t->packing != PACKED_OTHER &&
            block_read(in, t->packing, &t->entries[i], on_text, &total, &err) &&
            bytes_in_position(in) != t->entries[i].at + t->entries[i].size)
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena a;
    struct bytes_in in;
    struct toc t;
    struct err err;
    uint8_t *copy = malloc(size ? size : 1); /* its own block: a byte too far is seen */
    if (!copy)
        abort();
    for (size_t i = 0; i < size; i++)
        copy[i] = data[i];
    arena_init(&a);
    bytes_in_memory(&in, copy, size, "fuzz");
    if (toc_read(&in, &a, &t, &err) && toc_walk(&in, &t, -1, &err)) {
        for (uint32_t i = 0; i < t.n; i++)
            if (t.entries[i].had_data && t.entries[i].state == TOC_AT_KNOWN && !t.entries[i].seen)
                abort();
        read_blocks(&in, &t);
    }
    bytes_in_done(&in);
    bytes_in_memory(&in, copy, size, "fuzz");
    bytes_in_seek(&in, 512);
    if (toc_read(&in, &a, &t, &err) && tar_walk(&in, &t, &a, &err) && size % 512)
        abort();
    bytes_in_done(&in);
    arena_done(&a);
    free(copy);
    return 0;
}
