/* act/manifest.c - one JSON document beside each archive. Strict on the way in: a drill decides by
 * it what is damage, so a manifest that is itself damaged must not be half believed. */
#include "act/manifest.h"

#include <string.h>

#include "base/clock.h"
#include "base/jsonw.h"
#include "base/text.h"
#include "io/file.h"
#include "manifest_priv.h"
#include "wire/backup.h"
#include "wire/json.h"

#define SCHEMA      "goodgo.manifest/1"
#define BYTES_MAX   (64u * 1024u * 1024u)
#define TABLES_MAX  100000u
#define CATALOG_MAX 1000000u
#define WALL_MS_MAX INT64_C(253402300799000) /* the end of the year 9999 */

/* --- writing --- */

static void put_string(struct jsonw *w, const char *key, const char *value) {
    jsonw_put_string(w, key, value ? value : "");
}

static void put_head(struct jsonw *w, const struct manifest *m) {
    char taken[40];
    clock_iso8601(m->taken_wall_ms, taken, sizeof taken);
    put_string(w, "schema", SCHEMA);
    put_string(w, "file", m->file);
    put_string(w, "sha256", m->sha256);
    jsonw_put_int(w, "sizeBytes", m->size_bytes);
    put_string(w, "taken", taken);
    jsonw_put_int(w, "tookMs", m->took_ms);
    put_string(w, "database", m->database);
    put_string(w, "systemIdentifier", m->system_identifier);
    jsonw_put_int(w, "serverVersion", m->server_version);
    put_string(w, "serverVersionText", m->server_version_text);
    put_string(w, "toolVersion", m->tool_version);
    put_string(w, "compression", m->compression);
}

static void put_table(struct jsonw *w, const struct content_table *t) {
    char hex[33];
    content_hex(&t->sum, hex);
    jsonw_open(w, '{');
    put_string(w, "schema", t->schema);
    put_string(w, "name", t->name);
    put_string(w, "columns", t->columns);
    jsonw_put_int(w, "rows", (int64_t)t->sum.rows);
    jsonw_put_int(w, "bytes", (int64_t)t->sum.bytes);
    put_string(w, "sum", hex);
    jsonw_close(w, '}');
}

static void put_definition(struct jsonw *w, const struct catalog_item *item) {
    jsonw_open(w, '{');
    put_string(w, "kind", item->kind);
    put_string(w, "name", item->name);
    put_string(w, "definition", item->definition);
    jsonw_close(w, '}');
}

static void put_money(struct jsonw *w, const struct pair *p) {
    jsonw_open(w, '{');
    put_string(w, "status", p->name);
    put_string(w, "total", p->value);
    jsonw_close(w, '}');
}

void manifest_print(const struct manifest *m, struct str *json) {
    struct jsonw w;
    jsonw_init(&w, json, JSONW_INDENTED);
    jsonw_open(&w, '{');
    put_head(&w, m);
    jsonw_key(&w, "tables");
    jsonw_open(&w, '[');
    for (uint32_t i = 0; i < m->content.n; i++)
        put_table(&w, &m->content.tables[i]);
    jsonw_close(&w, ']');
    jsonw_key(&w, "definitions");
    jsonw_open(&w, '[');
    for (uint32_t i = 0; i < m->catalog.n; i++)
        put_definition(&w, &m->catalog.items[i]);
    jsonw_close(&w, ']');
    jsonw_key(&w, "money");
    jsonw_open(&w, '[');
    for (uint32_t i = 0; i < m->money.n; i++)
        put_money(&w, &m->money.at[i]);
    jsonw_close(&w, ']');
    jsonw_close(&w, '}');
}

bool manifest_write(const char *path, const struct manifest *m, struct err *err) {
    struct str json;
    str_init(&json, BYTES_MAX);
    manifest_print(m, &json);
    bool ok =
        !json.toobig || err_set(err, E_TOO_BIG, "manifest.write", path_tail(path),
                                "it would be over %u MiB: too many definitions", BYTES_MAX >> 20);
    ok = ok && writefile(path, str_get(&json), json.len, err);
    str_done(&json);
    return ok;
}

/* --- reading --- */

struct reader {
    struct arena *a;
    const char *wrong; /* what is not as it must be; NULL = nothing so far */
};

static const char *get_string(struct reader *r, const struct json *j, const char *key) {
    const char *s = json_string(j, key);
    if (!s && !r->wrong)
        r->wrong = key;
    return arena_strdup(r->a, s ? s : "");
}

static int64_t get_int(struct reader *r, const struct json *j, const char *key) {
    int64_t n = 0;
    if (!json_i64(j, key, 0, JSON_EXACT_MAX, &n) && !r->wrong)
        r->wrong = key;
    return n;
}

static void wrong_unless(struct reader *r, bool good, const char *what) {
    if (!good && !r->wrong)
        r->wrong = what;
}

static const struct json *get_list(struct reader *r, const struct json *j, const char *key,
                                   uint32_t max, uint32_t *ret_n) {
    const struct json *list = json_get(j, key);
    bool good = list && json_is_array(list) && json_size(list) <= max;
    wrong_unless(r, good, key);
    *ret_n = good ? (uint32_t)json_size(list) : 0;
    return good ? json_first(list) : NULL;
}

static bool is_sha256(const char *hex) {
    return strlen(hex) == 64 && strspn(hex, "0123456789abcdef") == 64;
}

static void get_head(struct reader *r, const struct json *j, struct manifest *m) {
    wrong_unless(r, !strcmp(get_string(r, j, "schema"), SCHEMA), "schema");
    m->file = get_string(r, j, "file");
    wrong_unless(r, m->file[0] && !strchr(m->file, '/'), "file");
    m->sha256 = get_string(r, j, "sha256");
    wrong_unless(r, is_sha256(m->sha256), "sha256");
    m->size_bytes = get_int(r, j, "sizeBytes");
    wrong_unless(r, clock_parse_rfc3339(get_string(r, j, "taken"), &m->taken_wall_ms), "taken");
    wrong_unless(r, m->taken_wall_ms >= 0 && m->taken_wall_ms <= WALL_MS_MAX, "taken");
    m->took_ms = get_int(r, j, "tookMs");
    m->database = get_string(r, j, "database");
    m->system_identifier = get_string(r, j, "systemIdentifier");
    int64_t version = get_int(r, j, "serverVersion");
    wrong_unless(r, version <= INT32_MAX, "serverVersion");
    m->server_version = (int)(version & INT32_MAX);
    m->server_version_text = get_string(r, j, "serverVersionText");
    m->tool_version = get_string(r, j, "toolVersion");
    m->compression = get_string(r, j, "compression");
}

static struct content_table get_table(struct reader *r, const struct json *j) {
    struct content_table t = {.schema = get_string(r, j, "schema"),
                              .name = get_string(r, j, "name"),
                              .columns = get_string(r, j, "columns")};
    wrong_unless(r, content_parse(get_string(r, j, "sum"), &t.sum), "sum");
    t.sum.rows = (uint64_t)get_int(r, j, "rows");
    t.sum.bytes = (uint64_t)get_int(r, j, "bytes");
    t.estimated_bytes = (int64_t)t.sum.bytes;
    return t;
}

static bool table_after(const struct content_table *t, const struct content_table *before) {
    int by_schema = strcmp(before->schema, t->schema);
    return by_schema < 0 || (by_schema == 0 && strcmp(before->name, t->name) < 0);
}

static void get_tables(struct reader *r, const struct json *j, struct content *ret) {
    uint32_t n;
    const struct json *at = get_list(r, j, "tables", TABLES_MAX, &n);
    ret->tables = arena_alloc(r->a, ((size_t)n + 1) * sizeof *ret->tables);
    for (; at && !r->wrong; at = json_next(at)) {
        struct content_table *t = &ret->tables[ret->n];
        *t = get_table(r, at);
        wrong_unless(r, !ret->n || table_after(t, t - 1), "tables (their order)");
        ret->n++;
    }
}

static bool item_after(const struct catalog_item *i, const struct catalog_item *before) {
    int by_kind = strcmp(before->kind, i->kind);
    return by_kind < 0 || (by_kind == 0 && strcmp(before->name, i->name) <= 0);
}

static void get_definitions(struct reader *r, const struct json *j, struct catalog *ret) {
    uint32_t n;
    const struct json *at = get_list(r, j, "definitions", CATALOG_MAX, &n);
    ret->items = arena_alloc(r->a, ((size_t)n + 1) * sizeof *ret->items);
    for (; at && !r->wrong; at = json_next(at)) {
        struct catalog_item *i = &ret->items[ret->n];
        *i = (struct catalog_item){get_string(r, at, "kind"), get_string(r, at, "name"),
                                   get_string(r, at, "definition")};
        wrong_unless(r, !ret->n || item_after(i, i - 1), "definitions (their order)");
        ret->n++;
    }
}

static void get_money(struct reader *r, const struct json *j, struct pairs *ret) {
    uint32_t n;
    const struct json *at = get_list(r, j, "money", PLAN_MAX_PAIRS, &n);
    for (; at && !r->wrong; at = json_next(at)) {
        const char *status = get_string(r, at, "status");
        ret->at[ret->n++] = (struct pair){status, get_string(r, at, "total")};
    }
}

bool manifest_parse(const char *json, size_t n, struct arena *a, struct manifest *ret,
                    struct err *err) {
    struct manifest m = {0};
    struct reader r = {.a = a};
    if (!text_is_utf8(json, n)) /* names would be shown, and sorted, as others than they are */
        return err_set(err, E_PROTOCOL, "manifest.read", "", "it is not UTF-8");
    struct json *root = json_parse(json, n, BYTES_MAX, err);
    if (!root)
        return false;
    get_head(&r, root, &m);
    get_tables(&r, root, &m.content);
    get_definitions(&r, root, &m.catalog);
    get_money(&r, root, &m.money);
    json_free(root);
    if (r.wrong)
        return err_set(err, E_PROTOCOL, "manifest.read", "", "\"%s\" is missing or wrong", r.wrong);
    *ret = m;
    return true;
}

bool manifest_read(const char *path, struct arena *a, struct manifest *ret, struct err *err) {
    struct file_content f;
    struct err why;
    if (!readfile(a, path, BYTES_MAX, &f, err))
        return false;
    if (manifest_parse(f.bytes, f.len, a, ret, &why))
        return true;
    return err_set(err, why.code, "manifest.read", path_tail(path), "%s", why.why);
}

const char *manifest_path(struct arena *a, const char *archive_path) {
    return arena_printf(a, "%s" BACKUP_MANIFEST, archive_path);
}
