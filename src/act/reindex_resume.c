/* act/reindex_resume.c - the checkpoint: how far an import came, of what, into what. It is bound to
 * its inputs; the next run goes on behind it and sends again what changed since. */
#include <ctype.h>
#include <string.h>

#include "base/jsonw.h"
#include "io/file.h"
#include "reindex_priv.h"
#include "wire/json.h"

#define CHECKPOINT_SCHEMA "goodgo.reindex/1"
#define CHECKPOINT_BYTES  16384u
#define VALID_MS          (24 * 3600 * 1000LL)

static const struct {
    const char *key;
    size_t offset;
} texts[] = {
    {"identity", offsetof(struct checkpoint, identity)},
    {"file", offsetof(struct checkpoint, file)},
    {"collection", offsetof(struct checkpoint, collection)},
    {"mode", offsetof(struct checkpoint, mode)},
    {"xmin", offsetof(struct checkpoint, xmin)},
    {"staging", offsetof(struct checkpoint, staging)},
};
static const struct {
    const char *key;
    size_t offset;
} numbers[] = {
    {"createdAt", offsetof(struct checkpoint, created_s)},
    {"time", offsetof(struct checkpoint, wall_ms)},
    {"done", offsetof(struct checkpoint, done)},
    {"block", offsetof(struct checkpoint, block)},
};

static const char **text_at(struct checkpoint *c, size_t i) {
    return (const char **)((char *)c + texts[i].offset);
}

static int64_t *number_at(struct checkpoint *c, size_t i) {
    return (int64_t *)((char *)c + numbers[i].offset);
}

const char *checkpoint_path(struct arena *a, const char *state_dir, const char *context) {
    char *path = arena_printf(a, "%s/reindex.%s.json", state_dir, context);
    for (char *s = path + strlen(state_dir) + 1; *s; s++)
        if (!isalnum((unsigned char)*s) && !strchr("._-", *s))
            *s = '_';
    return path;
}

bool checkpoint_read(const char *path, struct arena *a, struct checkpoint *ret) {
    struct file_content f;
    struct err ignored;
    *ret = (struct checkpoint){0};
    if (!readfile(a, path, CHECKPOINT_BYTES, &f, &ignored) || !f.regular)
        return false;
    struct json *j = json_parse(f.bytes, f.len, CHECKPOINT_BYTES, &ignored);
    const char *schema = json_string(j, "schema");
    bool ok = schema && strcmp(schema, CHECKPOINT_SCHEMA) == 0 &&
              json_bool(j, "activeOnly", &ret->active_only);
    for (size_t i = 0; i < ARRAY_LEN(texts) && ok; i++) {
        const char *s = json_string(j, texts[i].key);
        *text_at(ret, i) = s ? arena_strdup(a, s) : "";
    }
    for (size_t i = 0; i < ARRAY_LEN(numbers) && ok; i++)
        ok = json_i64(j, numbers[i].key, 0, INT64_MAX, number_at(ret, i));
    json_free(j);
    return ok;
}

bool checkpoint_write(const char *path, const struct checkpoint *c, struct err *err) {
    struct checkpoint copy = *c;
    struct str out;
    struct jsonw w;
    str_init(&out, CHECKPOINT_BYTES);
    jsonw_init(&w, &out, JSONW_INDENTED);
    jsonw_open(&w, '{');
    jsonw_put_string(&w, "schema", CHECKPOINT_SCHEMA);
    jsonw_put_bool(&w, "activeOnly", c->active_only);
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        const char *s = *text_at(&copy, i);
        jsonw_put_string(&w, texts[i].key, s ? s : "");
    }
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
        jsonw_put_int(&w, numbers[i].key, *number_at(&copy, i));
    jsonw_close(&w, '}');
    bool ok = writefile(path, str_get(&out), out.len, err);
    str_done(&out);
    return ok;
}

bool checkpoint_fits(const struct checkpoint *c, const struct checkpoint *now) {
    return c->block > 0 && c->xmin && *c->xmin && strcmp(c->identity, now->identity) == 0 &&
           strcmp(c->file, now->file) == 0 && strcmp(c->mode, now->mode) == 0 &&
           strcmp(c->collection, now->collection) == 0 && c->created_s == now->created_s &&
           c->active_only == now->active_only && now->wall_ms - c->wall_ms < VALID_MS &&
           now->wall_ms >= c->wall_ms;
}
