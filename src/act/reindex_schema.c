/* act/reindex_schema.c - collections and aliases: what stands behind the name `listings`, and the
 * few changes to it. The traps: a real collection hides an alias of its name; deleting by an
 * alias's name deletes the collection behind it, so only real names are ever deleted. */
#include <string.h>

#include "base/jsonw.h"
#include "model/listings.h"
#include "reindex_priv.h"
#include "wire/json.h"
#include "wire/url.h"

#define ANSWER_MAX ((size_t)32 << 20)

static struct json *ask_json(struct index *x, const char *method, const char *path,
                             const char *body, struct err *err) {
    struct http_reply r;
    if (!index_ask(x, method, path, body, body ? strlen(body) : 0, &r, err))
        return NULL;
    struct json *j = json_parse(r.body, r.body_len, ANSWER_MAX, err);
    if (!j)
        err_set(err, E_WRONG_THING, "search", x->url, "%.60s is answered by no JSON", path);
    return j;
}

static const char *collection_path(struct arena *a, const char *name, const char *rest) {
    struct str s;
    str_init(&s, 4096);
    str_puts(&s, "/collections/");
    url_escape(&s, name, strlen(name));
    str_puts(&s, rest);
    const char *path = arena_strdup(a, str_get(&s));
    str_done(&s);
    return path;
}

/* ---- looking ---- */

static bool is_ours(const char *name) {
    size_t n = sizeof LISTINGS_COLLECTION;
    return str_starts(name, LISTINGS_COLLECTION "_") && strlen(name) == n + 14 &&
           strspn(name + n, "0123456789") == 14;
}

static const char *target_of(const struct json *aliases, const char *name) {
    return json_string(json_named(json_get(aliases, "aliases"), name), "collection_name");
}

static void resolve(const struct json *collections, const struct json *aliases, struct arena *a,
                    struct index_look *ret) {
    const char *name = LISTINGS_COLLECTION, *target = target_of(aliases, name);
    if (json_named(collections, name)) {
        ret->kind = INDEX_COLLECTION;
        ret->real = name;
        ret->shadowed = target ? arena_strdup(a, target) : NULL;
        return;
    }
    for (int depth = 0; target && depth < 8; depth++) {
        if (json_named(collections, target)) {
            ret->kind = INDEX_ALIAS;
            ret->real = arena_strdup(a, target);
            return;
        }
        ret->dangling = arena_strdup(a, target);
        target = target_of(aliases, target);
    }
}

static void look_around(const struct json *collections, const struct json *aliases, struct arena *a,
                        struct index_look *ret) {
    const struct json *list = json_get(aliases, "aliases");
    for (const struct json *c = json_first(list); c; c = json_next(c)) {
        const char *name = json_string(c, "name"), *to = json_string(c, "collection_name");
        if (name && to && ret->real && strcmp(to, ret->real) == 0 &&
            strcmp(name, LISTINGS_COLLECTION) != 0)
            ret->other_alias = arena_strdup(a, name);
    }
    for (const struct json *c = json_first(collections); c; c = json_next(c)) {
        const char *name = json_string(c, "name");
        bool used = !name || !is_ours(name) || (ret->real && strcmp(name, ret->real) == 0);
        for (const struct json *l = json_first(list); l && !used; l = json_next(l)) {
            const char *to = json_string(l, "collection_name");
            used = to && strcmp(to, name) == 0;
        }
        if (!used && ret->n_leftovers < ARRAY_LEN(ret->leftovers))
            ret->leftovers[ret->n_leftovers++] = arena_strdup(a, name);
    }
}

/* The same JSON again. */
static void copy_json(struct jsonw *w, const struct json *j) {
    double d;
    bool b;
    if (json_is_object(j) || json_is_array(j)) {
        bool object = json_is_object(j);
        jsonw_open(w, object ? '{' : '[');
        for (const struct json *c = json_first(j); c; c = json_next(c)) {
            if (object)
                jsonw_key(w, json_key(c));
            copy_json(w, c);
        }
        jsonw_close(w, object ? '}' : ']');
    } else if (json_string(j, "")) {
        jsonw_string(w, json_string(j, ""));
    } else if (json_bool(j, "", &b)) {
        jsonw_bool(w, b);
    } else if (json_double(j, "", &d)) {
        jsonw_real(w, d);
    } else {
        jsonw_null(w);
    }
}

/* What a new collection shall have as the old one has it. */
static void take_settings(const struct json *c, struct arena *a, struct index_look *ret) {
    static const char *const kept[] = {"token_separators", "symbols_to_index",
                                       "enable_nested_fields", "metadata"};
    struct str s;
    const char *sorting = json_string(c, "default_sorting_field");
    ret->default_sorting_field = sorting ? arena_strdup(a, sorting) : NULL;
    str_init(&s, 65536);
    for (size_t i = 0; i < ARRAY_LEN(kept); i++) {
        struct jsonw w;
        const struct json *v = json_get(c, kept[i]);
        if (!v || json_is_null(v))
            continue;
        str_printf(&s, ",\"%s\":", kept[i]);
        jsonw_init(&w, &s, JSONW_LINE);
        copy_json(&w, v);
    }
    ret->settings = arena_strdup(a, str_get(&s));
    str_done(&s);
}

/* Synonyms and overrides belong to the collection. A server without them answers 404. */
static bool count_extras(struct index *x, const char *real, const char *what, uint32_t *ret_n,
                         struct arena *a, struct err *err) {
    struct json *j =
        ask_json(x, "GET", collection_path(a, real, arena_printf(a, "/%s", what)), NULL, err);
    *ret_n = j ? (uint32_t)json_size(json_get(j, what)) : 0;
    bool ok = j || x->status == 404;
    json_free(j);
    return ok;
}

bool index_look_closer(struct index *x, const char *real, struct arena *a, struct index_look *ret,
                       struct err *err) {
    struct json *c = ask_json(x, "GET", collection_path(a, real, ""), NULL, err);
    if (!c)
        return false;
    bool ok = json_i64(c, "num_documents", 0, INT64_MAX, &ret->documents) &&
              json_is_array(json_get(c, "fields"));
    if (ok) {
        if (!json_i64(c, "created_at", 0, INT64_MAX, &ret->created_s))
            ret->created_s = 0;
        index_schema_diff(json_get(c, "fields"), a, ret);
        take_settings(c, a, ret);
    } else {
        err_set(err, E_WRONG_THING, "search", x->url, "what answers there is no Typesense");
    }
    json_free(c);
    return ok && count_extras(x, real, "synonyms", &ret->n_synonyms, a, err) &&
           count_extras(x, real, "overrides", &ret->n_overrides, a, err);
}

bool index_look(struct index *x, struct arena *a, struct index_look *ret, struct err *err) {
    *ret = (struct index_look){.kind = INDEX_MISSING};
    struct json *collections = ask_json(x, "GET", "/collections?exclude_fields=fields", NULL, err);
    if (!collections)
        return false;
    struct json *aliases = ask_json(x, "GET", "/aliases", NULL, err);
    bool ok = aliases != NULL;
    if (ok && !json_is_array(collections))
        ok = err_set(err, E_WRONG_THING, "search", x->url, "what answers there is no Typesense");
    if (ok) {
        resolve(collections, aliases, a, ret);
        look_around(collections, aliases, a, ret);
    }
    json_free(collections);
    json_free(aliases);
    return ok && (!ret->real || index_look_closer(x, ret->real, a, ret, err));
}

bool index_created(struct index *x, const char *real, int64_t *ret_created_s,
                   int64_t *ret_documents, struct err *err) {
    struct json *j = ask_json(x, "GET", collection_path(&x->arena, real, ""), NULL, err);
    if (!j)
        return false;
    bool ok = json_i64(j, "created_at", 0, INT64_MAX, ret_created_s) &&
              json_i64(j, "num_documents", 0, INT64_MAX, ret_documents);
    json_free(j);
    return ok || err_set(err, E_PROTOCOL, "search", x->url, "%.60s has no count", real);
}

/* ---- counts ---- */

static bool read_counts(const struct json *j, struct status_counts *ret) {
    const struct json *counts = json_get(j, "facet_counts[0].counts");
    int64_t found;
    *ret = (struct status_counts){0};
    if (!json_i64(j, "found", 0, INT64_MAX, &found))
        return false;
    for (const struct json *c = json_first(counts); c; c = json_next(c)) {
        int64_t n;
        const char *status = json_string(c, "value");
        if (status && json_i64(c, "count", 0, INT64_MAX, &n))
            status_counts_add(ret, status, n);
    }
    ret->total = found;
    return true;
}

bool index_counts(struct index *x, const char *collection, struct status_counts *ret,
                  struct err *err) {
    const char *path = collection_path(&x->arena, collection,
                                       "/documents/search?facet_by=status&max_facet_values=100"
                                       "&per_page=0&q=%2A&query_by=title");
    struct json *j = ask_json(x, "GET", path, NULL, err);
    if (!j)
        return false;
    bool ok = read_counts(j, ret);
    json_free(j);
    return ok ||
           err_set(err, E_PROTOCOL, "search", x->url, "a search was answered without a count");
}

/* ---- changing ---- */

bool index_create(struct index *x, const char *name, const struct index_look *like,
                  struct err *err) {
    struct http_reply r;
    struct str body;
    str_init(&body, 1 << 20);
    index_schema_json(&body, name, like);
    bool ok = index_ask(x, "POST", "/collections", body.s, body.len, &r, err);
    str_done(&body);
    return ok;
}

bool index_drop(struct index *x, const char *real, struct err *err) {
    struct http_reply r;
    bool ok = index_ask(x, "DELETE", collection_path(&x->arena, real, ""), NULL, 0, &r, err);
    return ok || x->status == 404; /* gone is what was wanted */
}

bool index_point_alias(struct index *x, const char *real, struct err *err) {
    struct http_reply r;
    struct jsonw w;
    struct str body;
    str_init(&body, 4096);
    jsonw_init(&w, &body, JSONW_LINE);
    jsonw_open(&w, '{');
    jsonw_put_string(&w, "collection_name", real);
    jsonw_close(&w, '}');
    bool ok = index_ask(x, "PUT", "/aliases/" LISTINGS_COLLECTION, body.s, body.len, &r, err);
    str_done(&body);
    return ok;
}

static bool copy_one(struct index *x, const char *to, const char *what, const struct json *item,
                     struct arena *a, struct err *err) {
    struct http_reply r;
    struct jsonw w;
    struct str body, path;
    const char *id = json_string(item, "id");
    if (!id)
        return true;
    str_init(&body, 1 << 20);
    str_init(&path, 4096);
    jsonw_init(&w, &body, JSONW_LINE);
    copy_json(&w, item);
    str_printf(&path, "%s/%s/", collection_path(a, to, ""), what);
    url_escape(&path, id, strlen(id));
    bool ok = index_ask(x, "PUT", str_get(&path), body.s, body.len, &r, err);
    str_done(&body);
    str_done(&path);
    return ok;
}

bool index_copy_extras(struct index *x, const char *from, const char *to, struct err *err) {
    static const char *const kinds[] = {"synonyms", "overrides"};
    struct arena a;
    bool ok = true;
    arena_init(&a);
    for (size_t i = 0; i < ARRAY_LEN(kinds) && ok; i++) {
        const char *path = collection_path(&a, from, arena_printf(&a, "/%s", kinds[i]));
        struct json *j = ask_json(x, "GET", path, NULL, err);
        ok = j || x->status == 404;
        const struct json *list = json_get(j, kinds[i]);
        for (const struct json *item = json_first(list); item && ok; item = json_next(item))
            ok = copy_one(x, to, kinds[i], item, &a, err);
        json_free(j);
    }
    arena_done(&a);
    return ok;
}
