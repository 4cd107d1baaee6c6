/* tests/fuzz/fuzz_store.c - any bytes as an answer of the object storage and as the record of an
 * upload: archives by their names only, texts that end, a token that asks for more. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/act/store_priv.h"
#include "wire/backup.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena a;
    struct err err = {0};
    char code[64], message[200];
    const char *token = NULL, *key, *id;
    struct store_objects all = {.n = 0};
    int64_t ignored_s;
    char *copy = malloc(size ? size : 1); /* exact size: an overrun is seen */
    if (!copy)
        abort();
    if (size)
        memcpy(copy, data, size);
    arena_init(&a);
    all.at = arena_alloc(&a, STORE_OBJECTS_MAX * sizeof *all.at);
    if (store_page_read(copy, size, &a, &all, &token) && token && !*token)
        abort();
    for (uint32_t i = 0; i < all.n; i++)
        if (!backup_time_of_name(all.at[i].key, &ignored_s) || all.at[i].size_bytes < 0)
            abort();
    if (!store_error_read(copy, size, code, message) && (*code || *message))
        abort();
    if (strnlen(code, sizeof code) == sizeof code ||
        strnlen(message, sizeof message) == sizeof message)
        abort();
    (void)store_upload_id(copy, size, &a);
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
