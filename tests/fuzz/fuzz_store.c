/* tests/fuzz/fuzz_store.c - any bytes as an answer of the object storage, as the record of an
 * upload and as the list of a directory's files: copies by their names only, texts that end, a
 * token that asks for more, files that lie in the directory. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/act/store_priv.h"
#include "wire/backup.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct arena a;

static void take(void *ctx, const struct store_object *o) {
    if (o->size_bytes < 0)
        abort();
    store_copies_add(ctx, &a, o);
}

static void take_upload(void *ctx, const char *key, const char *id) {
    if (!*id)
        abort();
}

static void read_list(const char *bytes, size_t size) {
    struct store_files f;
    struct err err = {0};
    if (!store_index_read(bytes, size, "x", &a, &f, &err)) {
        if (!err.why[0])
            abort();
        return;
    }
    for (uint32_t i = 0; i < f.n; i++)
        if (strchr(f.at[i].name, '/') || f.at[i].name[0] == '.' ||
            store_files_find(&f, f.at[i].name) != &f.at[i])
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct err err = {0};
    char code[64], message[200];
    const char *token = NULL, *key, *id;
    struct store_copies all = {.n = 0};
    int64_t ignored_s;
    char *copy = malloc(size ? size : 1); /* exact size: an overrun is seen */
    if (!copy)
        abort();
    if (size)
        memcpy(copy, data, size);
    arena_init(&a);
    all.at = arena_alloc(&a, STORE_COPIES_MAX * sizeof *all.at);
    if (store_page_read(copy, size, &a, take, &all, &token) && token && !*token)
        abort();
    for (uint32_t i = 0; i < all.n; i++)
        if (!backup_time_of_name(all.at[i].name, &ignored_s) || all.at[i].size_bytes < 0)
            abort();
    if (!store_error_read(copy, size, code, message) && (*code || *message))
        abort();
    if (strnlen(code, sizeof code) == sizeof code ||
        strnlen(message, sizeof message) == sizeof message)
        abort();
    (void)store_upload_id(copy, size, &a);
    (void)!store_uploads_read(copy, size, &a, take_upload, NULL);
    read_list(copy, size);
    if (!store_record_read(copy, size, &a, &key, &id, &err)) {
        if (!err.why[0])
            abort();
    } else if (!key != !id) {
        abort();
    }
    arena_done(&a);
    free(copy);
    return 0;
}
