/* act/plan.c - plans: built line by line, sealed with a hash, written as JSON and read back. */
#include "act/plan.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/jsonw.h"
#include "base/text.h"
#include "wire/digest.h"
#include "wire/json.h"

#define SCHEMA         "goodgo.plan/1"
#define JSON_MAX       ((size_t)1 << 20)
#define LINE_MAX_BYTES ((size_t)64 << 10)

const char *pairs_find(const struct pairs *pairs, const char *name) {
    for (uint32_t i = 0; i < pairs->n; i++)
        if (strcmp(pairs->at[i].name, name) == 0)
            return pairs->at[i].value;
    return NULL;
}

static PRINTF_LIKE(2, 0) const char *format_clean(struct arena *a, const char *fmt, va_list args) {
    struct str line;
    str_init(&line, LINE_MAX_BYTES);
    str_vprintf(&line, fmt, args);
    const char *ret = text_cleanz(a, str_get(&line)).s;
    str_done(&line);
    return ret;
}

static void lines_add(struct lines *l, const char *line) {
    if (l->n == PLAN_MAX_LINES)
        l->n_left_out++;
    else
        l->at[l->n++] = line;
}

/* Lengths in front, so that no two lists of values share one text. */
static void hash_text(struct str *out, const char *s) {
    str_printf(out, "%zu:%s,", strlen(s), s);
}

static bool pairs_add(struct pairs *pairs, const char *name, const char *value) {
    if (pairs->n == PLAN_MAX_PAIRS)
        return false;
    pairs->at[pairs->n++] = (struct pair){name, value};
    return true;
}

/* What does not fit decides the outcome too: the last one stands for it, as a sum. */
static void fold_fact(struct plan *p, const char *name, const char *value) {
    struct pair *last = &p->facts.at[PLAN_MAX_PAIRS - 1];
    char hex[DIGEST_HEX_SIZE];
    struct str all;
    str_init(&all, 3 * LINE_MAX_BYTES);
    hash_text(&all, last->name);
    hash_text(&all, last->value);
    hash_text(&all, name);
    hash_text(&all, value);
    digest_sha256_hex(str_get(&all), all.len, hex);
    str_done(&all);
    *last = (struct pair){"further facts", arena_strdup(p->arena, hex)};
}

void plan_init(struct plan *p, struct arena *arena, const char *action, const char *context,
               enum tier tier) {
    *p = (struct plan){.arena = arena,
                       .action = action,
                       .context = context,
                       .target = "",
                       .tier = tier,
                       .count = 1};
}

void plan_fact(struct plan *p, const char *name, const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    const char *value = format_clean(p->arena, fmt, args);
    va_end(args);
    if (!pairs_add(&p->facts, name, value))
        fold_fact(p, name, value);
}

#define LINE_ADDER(function, member)                                                               \
    void function(struct plan *p, const char *fmt, ...) {                                          \
        va_list args;                                                                              \
        va_start(args, fmt);                                                                       \
        lines_add(&p->member, format_clean(p->arena, fmt, args));                                  \
        va_end(args);                                                                              \
    }
LINE_ADDER(plan_change, changes)
LINE_ADDER(plan_command, commands)
LINE_ADDER(plan_warning, warnings)

static void hash_pairs(struct str *out, const struct pairs *pairs) {
    str_puts(out, ";");
    for (uint32_t i = 0; i < pairs->n; i++) {
        if (strcmp(pairs->at[i].name, PLAN_REASON) == 0)
            continue; /* why it is done does not decide what is done */
        hash_text(out, pairs->at[i].name);
        hash_text(out, pairs->at[i].value);
    }
}

void plan_seal(struct plan *p) {
    char hex[DIGEST_HEX_SIZE];
    struct str out;
    /* Cleaned as the reader does it: the name of a database may be anything. */
    p->target = text_cleanz(p->arena, p->target).s;
    str_init(&out, JSON_MAX);
    hash_text(&out, p->action);
    hash_text(&out, p->context);
    hash_text(&out, p->target);
    str_printf(&out, "%d,%lld,", (int)p->tier, (long long)p->count);
    hash_pairs(&out, &p->arguments);
    hash_pairs(&out, &p->facts);
    digest_sha256_hex(str_get(&out), out.len, hex);
    str_done(&out);
    str_copy(p->id, sizeof p->id, hex);
}

const char *plan_argument(const struct plan *p, const char *name) {
    return pairs_find(&p->arguments, name);
}

/* ---- JSON ---- */

static void write_pairs(struct jsonw *w, const char *key, const struct pairs *pairs) {
    jsonw_key(w, key);
    jsonw_open(w, '{');
    for (uint32_t i = 0; i < pairs->n; i++)
        jsonw_put_string(w, pairs->at[i].name, pairs->at[i].value);
    jsonw_close(w, '}');
}

static void write_left_out(struct jsonw *w, const struct plan *p) {
    jsonw_key(w, "leftOut");
    jsonw_open(w, '{');
    jsonw_put_int(w, "changes", p->changes.n_left_out);
    jsonw_put_int(w, "commands", p->commands.n_left_out);
    jsonw_put_int(w, "warnings", p->warnings.n_left_out);
    jsonw_close(w, '}');
}

static void write_lines(struct jsonw *w, const char *key, const struct lines *lines) {
    jsonw_key(w, key);
    jsonw_open(w, '[');
    for (uint32_t i = 0; i < lines->n; i++)
        jsonw_string(w, lines->at[i]);
    jsonw_close(w, ']');
}

void plan_write(const struct plan *p, struct str *json) {
    char word[128];
    struct jsonw w;
    plan_word(p, word, sizeof word);
    jsonw_init(&w, json, JSONW_INDENTED);
    jsonw_open(&w, '{');
    jsonw_put_string(&w, "schema", SCHEMA);
    jsonw_put_string(&w, "id", p->id);
    jsonw_put_string(&w, "action", p->action);
    jsonw_put_string(&w, "context", p->context);
    jsonw_put_string(&w, "target", p->target);
    jsonw_put_int(&w, "tier", p->tier);
    jsonw_put_int(&w, "count", p->count);
    jsonw_put_string(&w, "confirm", word);
    write_pairs(&w, "arguments", &p->arguments);
    write_pairs(&w, "facts", &p->facts);
    write_lines(&w, "changes", &p->changes);
    write_lines(&w, "commands", &p->commands);
    write_lines(&w, "warnings", &p->warnings);
    write_left_out(&w, p);
    jsonw_close(&w, '}');
}

static bool read_pairs(struct plan *p, const struct json *j, const char *key, struct pairs *pairs) {
    const struct json *object = json_get(j, key);
    if (!json_is_object(object))
        return false;
    for (const struct json *c = json_first(object); c; c = json_next(c)) {
        const char *value = json_string(c, "");
        if (!value ||
            !pairs_add(pairs, text_cleanz(p->arena, json_key(c)).s, arena_strdup(p->arena, value)))
            return false;
    }
    return true;
}

static bool read_lines(struct plan *p, const struct json *j, const char *key, struct lines *lines) {
    const struct json *array = json_get(j, key);
    if (!json_is_array(array))
        return false;
    for (const struct json *c = json_first(array); c; c = json_next(c)) {
        const char *line = json_string(c, "");
        if (!line)
            return false;
        lines_add(lines, text_cleanz(p->arena, line).s);
    }
    /* Of what was left out only the number is kept; plans of older versions do not say it. */
    const struct json *left_out = json_get(j, "leftOut");
    int64_t n = 0;
    if (left_out && !json_i64(left_out, key, 0, UINT32_MAX - lines->n_left_out, &n))
        return false;
    lines->n_left_out += (uint32_t)n;
    return true;
}

static bool read_text(struct plan *p, const struct json *j, const char *key, const char **ret) {
    const char *s = json_string(j, key);
    if (s)
        *ret = text_cleanz(p->arena, s).s;
    return s != NULL;
}

static bool read_document(struct plan *p, const struct json *j) {
    const char *schema = json_string(j, "schema"), *id = NULL;
    int64_t tier, count;
    if (!schema || strcmp(schema, SCHEMA) != 0 || !read_text(p, j, "id", &id) ||
        !read_text(p, j, "action", &p->action) || !read_text(p, j, "context", &p->context) ||
        !read_text(p, j, "target", &p->target) ||
        !json_i64(j, "tier", TIER_READ, TIER_DESTROYS, &tier) ||
        !json_i64(j, "count", 0, INT64_MAX, &count))
        return false;
    p->tier = (enum tier)tier;
    p->count = count;
    if (!read_pairs(p, j, "arguments", &p->arguments) || !read_pairs(p, j, "facts", &p->facts) ||
        !read_lines(p, j, "changes", &p->changes) || !read_lines(p, j, "commands", &p->commands) ||
        !read_lines(p, j, "warnings", &p->warnings))
        return false;
    plan_seal(p);
    return strcmp(p->id, id) == 0;
}

bool plan_read(struct plan *p, struct arena *arena, const char *json, size_t n, struct err *err) {
    struct json *j = json_parse(json, n, JSON_MAX, err);
    if (!j)
        return false;
    plan_init(p, arena, "", "", TIER_READ);
    bool ok = read_document(p, j);
    json_free(j);
    return ok || err_set(err, E_PROTOCOL, "plan.read", p->action,
                         "is not a plan of this program, or was edited after it was made");
}

/* ---- for people ---- */

static void print_lines(struct str *out, const char *heading, const char *sign,
                        const struct lines *lines) {
    if (lines->n)
        str_printf(out, "%s\n", heading);
    for (uint32_t i = 0; i < lines->n; i++)
        str_printf(out, "  %s%s\n", sign, lines->at[i]);
    if (lines->n_left_out)
        str_printf(out, "  ... and %u more\n", lines->n_left_out);
}

static const char *const tier_words[] = {
    [TIER_READ] = "reads only",
    [TIER_HARMLESS] = "harmless",
    [TIER_CHANGES] = "changes the platform",
    [TIER_DESTROYS] = "destroys, or moves money",
};

void plan_print(const struct plan *p, struct str *out) {
    str_printf(out, "PLAN %s  %s in %s  tier %d: %s\n", p->id, p->action, p->context, (int)p->tier,
               tier_words[p->tier]);
    str_printf(out, "on %s\n", p->target);
    print_lines(out, "what it does:", "- ", &p->changes);
    print_lines(out, "the same by hand:", "$ ", &p->commands);
    print_lines(out, "mind:", "! ", &p->warnings);
}

static void differ(struct str *out, const char *name, const char *was, const char *is) {
    if (strcmp(was ? was : "-", is ? is : "-") != 0)
        str_printf(out, "%s%s: was %s, is now %s", out->len ? "; " : "", name, was ? was : "-",
                   is ? is : "-");
}

static void differ_pairs(struct str *out, const struct pairs *was, const struct pairs *is) {
    for (uint32_t i = 0; i < was->n; i++)
        differ(out, was->at[i].name, was->at[i].value, pairs_find(is, was->at[i].name));
    for (uint32_t i = 0; i < is->n; i++)
        if (!pairs_find(was, is->at[i].name))
            differ(out, is->at[i].name, NULL, is->at[i].value);
}

const char *plan_difference(const struct plan *agreed, const struct plan *now,
                            struct arena *arena) {
    char was[32], is[32];
    struct str out;
    str_init(&out, 4096);
    snprintf(was, sizeof was, "%lld", (long long)agreed->count);
    snprintf(is, sizeof is, "%lld", (long long)now->count);
    differ(&out, "count", was, is);
    differ(&out, "context", agreed->context, now->context);
    differ(&out, "target", agreed->target, now->target);
    differ_pairs(&out, &agreed->arguments, &now->arguments);
    differ_pairs(&out, &agreed->facts, &now->facts);
    const char *text = text_cleanz(arena, str_get(&out)).s;
    str_done(&out);
    return *text ? text : "its tier";
}

void plan_word(const struct plan *p, char *buf, size_t size) {
    snprintf(buf, size, "%s %lld", p->context, (long long)p->count);
}

bool plan_word_fits(const struct plan *p, const char *typed) {
    char word[128];
    plan_word(p, word, sizeof word);
    if (strcmp(typed, word) == 0)
        return true;
    char *space = strrchr(word, ' ');
    if (space)
        *space = ':';
    return strcmp(typed, word) == 0;
}
