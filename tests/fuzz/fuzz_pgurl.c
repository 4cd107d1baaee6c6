/* tests/fuzz/fuzz_pgurl.c - any bytes as a URL: refused without being repeated, or whole. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "app/pgurl.h"
#include "app/url.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena a;
    struct url url;
    struct pgurl pg;
    struct err err = {0};
    arena_init(&a);
    const char *text = arena_strndup(&a, (const char *)data, size);
    bool is_url = url_parse(&url, &a, text, "fuzz", &err);
    if (is_url ? !url.host || !url.scheme[0] : !err.why[0] || err.target[0])
        abort();
    bool is_pg = pgurl_parse(&pg, &a, text, &err);
    if (is_pg && (!is_url || !pg.target.host[0] || !pg.target.port))
        abort();
    if (is_pg && pg.dropped && strlen(pg.dropped) > 400)
        abort();
    arena_done(&a);
    return 0;
}
