/* tests/fuzz/fuzz_json.c - any bytes as JSON: refused with a sentence, or a tree that can be
 * walked, asked for anything and written again by our own writer into JSON that reads the same. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/jsonw.h"
#include "wire/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void copy(struct jsonw *w, const struct json *j);

static void copy_children(struct jsonw *w, const struct json *j, char open, char close) {
    jsonw_open(w, open);
    for (const struct json *c = json_first(j); c; c = json_next(c)) {
        if (open == '{')
            jsonw_key(w, json_key(c));
        copy(w, c);
    }
    jsonw_close(w, close);
}

static void copy(struct jsonw *w, const struct json *j) {
    int64_t n;
    double d;
    bool b;
    if (json_is_object(j))
        copy_children(w, j, '{', '}');
    else if (json_is_array(j))
        copy_children(w, j, '[', ']');
    else if (json_string(j, ""))
        jsonw_string(w, json_string(j, ""));
    else if (json_i64(j, "", INT64_MIN, INT64_MAX, &n))
        jsonw_int(w, n);
    else if (json_double(j, "", &d))
        jsonw_real(w, d);
    else if (json_bool(j, "", &b))
        jsonw_bool(w, b);
    else
        jsonw_null(w);
}

static void ask(const struct json *j) {
    static const char *const paths[] = {"",       "a",      "a.b",           "[0]",
                                        "a[1].b", "[0][0]", "data.result[0]"};
    int64_t n;
    double d;
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        (void)json_string(j, paths[i]);
        (void)json_double(j, paths[i], &d);
        if (json_i64(j, paths[i], -10, 10, &n) && (n < -10 || n > 10))
            abort();
    }
}

static struct str written(const struct json *j) {
    struct str out;
    struct jsonw w;
    str_init(&out, 16u << 20);
    jsonw_init(&w, &out, JSONW_LINE);
    copy(&w, j);
    return out;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct err err = {0};
    struct json *j = json_parse((const char *)data, size, 1 << 20, &err);
    if (!j) {
        if (!err.why[0])
            abort();
        return 0;
    }
    ask(j);
    struct str first = written(j);
    struct json *back = json_parse(str_get(&first), first.len, 16u << 20, &err);
    if (!back)
        abort();
    struct str second = written(back);
    if (first.len != second.len || memcmp(first.s, second.s, first.len) != 0)
        abort();
    str_done(&first);
    str_done(&second);
    json_free(back);
    json_free(j);
    return 0;
}
