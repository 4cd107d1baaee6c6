/* tests/fuzz/fuzz_query.c - any bytes as an answer of Prometheus to `goodgo query`. The first byte
 * picks the form and the status. JSON that is printed is JSON. */
#include <stdint.h>
#include <stdlib.h>

#include "app/query.h"
#include "wire/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena a;
    struct str out;
    struct err err = {0};
    bool empty;
    if (!size)
        return 0;
    enum query_form form = data[0] & 1 ? QUERY_JSON : data[0] & 4 ? QUERY_PLAIN : QUERY_DRAWN;
    arena_init(&a);
    str_init(&out, 1 << 20);
    const char *body = arena_strndup(&a, (const char *)data + 1, size - 1);
    struct http_reply r = {.status = data[0] & 2 ? 503 : 200, .body = body, .body_len = size - 1};
    bool ok =
        query_answer(&(struct query_asked){"http://h", "up", form}, &r, &a, &out, &empty, &err);
    if (!ok && !err.why[0])
        abort();
    if (ok && form == QUERY_JSON) {
        struct json *j = json_parse(str_get(&out), out.len, out.len, &err);
        if (!json_string(j, "schema"))
            abort();
        json_free(j);
    }
    str_done(&out);
    arena_done(&a);
    return 0;
}
