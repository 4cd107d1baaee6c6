/* tests/fuzz/fuzz_reindex.c - COPY lines, import replies and exported documents of any bytes: the
 * parsers stay inside, end, and what we make of a COPY line is a document whose id can be read. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/act/reindex_priv.h"
#include "wire/json.h"

static void on_verdict(void *ctx, uint32_t i, bool ok, int code, const char *error) {
    struct import_errors *e = ctx;
    if (!ok)
        import_errors_add(e, code, error, "id");
    (void)i;
}

/* COPY text is valid UTF-8 and holds no NUL: nothing else reaches the maker. */
static bool is_copy_text(const uint8_t *data, size_t size) {
    for (size_t i = 0; i < size; i++)
        if (!data[i] || data[i] > 0x7e)
            return false;
    return true;
}

static void make_document(const char *line, size_t size) {
    struct doc_maker m;
    struct str out;
    struct arena a;
    struct doc_digest d;
    const char *id;
    arena_init(&a);
    doc_maker_init(&m);
    str_init(&out, DOC_MAX_BYTES);
    if (doc_from_copy(&m, line, size, &out)) {
        if (doc_line_length(out.s, out.s + out.len) != out.len)
            abort(); /* a document is one line, whatever is in it */
        if (!doc_line_id(out.s, out.len, &a, &id))
            abort();
    }
    (void)doc_digest(line, size, &d);
    (void)doc_line_id(line, size, &a, &id);
    str_done(&out);
    doc_maker_done(&m);
    arena_done(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct import_errors errors;
    char *copy = malloc(size ? size : 1); /* exact size: an overrun is seen */
    if (size)
        memcpy(copy, data, size);
    memset(&errors, 0, sizeof errors);
    (void)import_reply_read(copy, size, on_verdict, &errors);
    if (errors.n_groups > IMPORT_GROUPS)
        abort();
    if (is_copy_text(data, size))
        make_document(copy, size);
    free(copy);
    return 0;
}
