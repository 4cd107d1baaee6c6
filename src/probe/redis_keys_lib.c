/* probe/redis_keys_lib.c - the key space by prefix: a bounded SCAN, page by page, never KEYS. */
#include "redis_priv.h"

#include <string.h>

#include "http_priv.h"

#define MAX_PREFIXES 200
#define MAX_PREFIX   48

static const struct column prefix_columns[] = {
    {"prefix", "PREFIX", UNIT_NONE, 0, 0},
    {"keys", "KEYS", UNIT_COUNT, 8, 0},
    {"share", "SHARE", UNIT_PERCENT, 7, 0},
};

bool redis_prefixes_request(struct probe_run *run, struct exchange *ex) {
    const char *argv[] = {"SCAN", run->page && run->cursor ? run->cursor : "0", "COUNT", "500"};
    return redis_ask(run, ex, 4, argv);
}

/* A part that is an identifier would make a prefix of every key. */
static bool is_identifier(const char *s, size_t n) {
    size_t digits = 0;
    for (size_t i = 0; i < n; i++) {
        bool hex = char_is_digit(s[i]) || (s[i] >= 'a' && s[i] <= 'f') || s[i] == '-';
        if (!hex)
            return false;
        digits += char_is_digit(s[i]);
    }
    return n >= 8 && digits;
}

static const char *prefix_of(struct probe_run *run, const struct redis_val *key) {
    const char *colon = memchr(key->s, ':', key->len);
    size_t n = colon ? (size_t)(colon - key->s) : 0;
    if (!colon)
        return "(no prefix)";
    if (is_identifier(key->s, n))
        return "(identifiers)";
    char clean[MAX_PREFIX + 1];
    text_clean_into(clean, sizeof clean, key->s, n);
    return arena_printf(run->arena, "%s:", clean);
}

static struct row *prefix_row(struct reading *out, struct table *t, const char *prefix) {
    for (uint32_t i = 0; i < t->n_rows; i++)
        if (strcmp(t->rows[i].cells[0].t.s, prefix) == 0)
            return &t->rows[i];
    if (t->n_rows >= MAX_PREFIXES && strcmp(prefix, "(other)") != 0)
        return prefix_row(out, t, "(other)");
    struct row *row = table_add_row(out, t, prefix, HEALTH_OK);
    row->cells[0] = value_text(text_cleanz(out->arena, prefix));
    row_int(row, 1, 0);
    return row;
}

static void count_keys(struct probe_run *run, struct reading *out, struct table *t,
                       const struct redis_val *keys) {
    double scanned = 0;
    reading_number(out, "keys_scanned", &scanned);
    for (size_t i = 0; i < keys->n_items; i++) {
        if (keys->items[i].type != REDIS_STRING || !keys->items[i].s)
            continue;
        prefix_row(out, t, prefix_of(run, &keys->items[i]))->cells[1].i++;
        scanned++;
    }
    reading_int(out, "keys_scanned", UNIT_COUNT, int_of(scanned));
    for (uint32_t i = 0; i < t->n_rows; i++)
        if (scanned > 0)
            row_real(&t->rows[i], 2, 100 * (double)t->rows[i].cells[1].i / scanned);
}

bool redis_prefixes_parse(struct probe_run *run, const struct reply *reply, struct reading *out,
                          struct err *err) {
    const struct redis_val *v = &reply->redis;
    if (v->type == REDIS_ERROR)
        return redis_error_reply(run, v, err);
    if (v->type != REDIS_ARRAY || v->n_items != 2 || v->items[0].type != REDIS_STRING ||
        !v->items[0].s || v->items[1].type != REDIS_ARRAY)
        return err_set(err, E_PROTOCOL, "redis.answer", redis_target_name(run),
                       "SCAN did not answer a cursor and keys");
    struct table *t =
        probe_table(out, "prefixes", "Keys", prefix_columns, ARRAY_LEN(prefix_columns));
    count_keys(run, out, t, &v->items[1]);
    bool more = strcmp(v->items[0].s, "0") != 0;
    run->again = more;
    run->cursor = arena_strdup(run->arena, v->items[0].s);
    reading_int(out, "prefixes_sampled", UNIT_BOOL, more); /* the last page's word counts */
    return true;
}
