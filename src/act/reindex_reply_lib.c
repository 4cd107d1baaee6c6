/* act/reindex_reply_lib.c - what an import answers: one line per document, under HTTP 200 even
 * where all failed, without a last newline, at times with a blank first line, and with error
 * sentences that may quote the document and so be no JSON. Pure. */
#include <string.h>

#include "base/text.h"
#include "reindex_priv.h"
#include "wire/json.h"

static const char ok_line[] = "{\"success\":true}";

/* Digits differ from document to document: "column 57", "the length 130". */
static void sentence_key(const char *error, char *buf, size_t size) {
    size_t at = 0;
    for (const char *s = error; *s && at + 1 < size; s++) {
        bool digit = char_is_digit(*s);
        if (digit && at && buf[at - 1] == '#')
            continue;
        buf[at++] = digit ? '#' : *s;
    }
    buf[at] = '\0';
}

void import_errors_add(struct import_errors *e, int code, const char *error, const char *id) {
    char key[IMPORT_ERROR_SIZE], other[IMPORT_ERROR_SIZE];
    sentence_key(error, key, sizeof key);
    for (uint32_t i = 0; i < e->n_groups; i++) {
        sentence_key(e->groups[i].error, other, sizeof other);
        if (e->groups[i].code == code && strcmp(other, key) == 0) {
            e->groups[i].n++;
            return;
        }
    }
    if (e->n_groups == IMPORT_GROUPS) {
        e->n_others++;
        return;
    }
    struct import_group *g = &e->groups[e->n_groups++];
    *g = (struct import_group){.code = code, .n = 1};
    text_clean_into(g->error, sizeof g->error, error, strlen(error));
    text_clean_into(g->id, sizeof g->id, id, strlen(id));
}

static bool is_blank(const char *s, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (!strchr(" \t\r", s[i]))
            return false;
    return true;
}

static bool contains(const char *s, size_t n, const char *part) {
    size_t m = strlen(part);
    for (size_t i = 0; i + m <= n; i++)
        if (memcmp(s + i, part, m) == 0)
            return true;
    return false;
}

typedef void (*reply_fn)(void *ctx, uint32_t i, bool ok, int code, const char *error);

/* No JSON: the verdict stands at the end of the line, behind whatever broke it. */
static void read_broken(const char *s, size_t n, uint32_t i, reply_fn fn, void *ctx) {
    char words[IMPORT_ERROR_SIZE];
    size_t tail = n < 24 ? n : 24;
    bool ok = contains(s + n - tail, tail, "\"success\":true");
    text_clean_into(words, sizeof words, s, n < 140 ? n : 140);
    fn(ctx, i, ok, 0, ok ? "" : words);
}

static void read_line(const char *s, size_t n, uint32_t i, reply_fn fn, void *ctx) {
    struct err ignored;
    int64_t code = 0;
    bool ok = false;
    if (n == sizeof ok_line - 1 && memcmp(s, ok_line, n) == 0) {
        fn(ctx, i, true, 0, "");
        return;
    }
    struct json *j = json_parse(s, n, DOC_MAX_BYTES * 2, &ignored);
    if (!json_is_object(j) || !json_bool(j, "success", &ok)) {
        json_free(j);
        read_broken(s, n, i, fn, ctx);
        return;
    }
    const char *error = json_string(j, "error");
    if (!json_i64(j, "code", 0, 999, &code))
        code = 0;
    fn(ctx, i, ok, (int)code, ok ? "" : error ? error : "refused without a reason");
    json_free(j);
}

uint32_t import_reply_read(const char *body, size_t n,
                           void (*fn)(void *ctx, uint32_t i, bool ok, int code, const char *error),
                           void *ctx) {
    uint32_t i = 0;
    const char *end = body + n;
    while (body < end) {
        const char *stop = memchr(body, '\n', (size_t)(end - body));
        size_t len = (size_t)((stop ? stop : end) - body);
        if (!is_blank(body, len))
            read_line(body, len, i++, fn, ctx);
        body += len + 1;
    }
    return i;
}
