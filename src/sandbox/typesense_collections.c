/* sandbox/typesense_collections.c - the collections of the Typesense stand-in: found by name or
 * alias, made, changed and dropped. What one of them does is in search*.c. */
#include "typesense_priv.h"

#include <string.h>

enum { MAX_COLLECTIONS = 64 };

static struct {
    struct search_collection *collection[MAX_COLLECTIONS]; /* newest first */
    int n;
} kept;

/* ---- look-ups ---- */

static int index_of(const char *name) {
    for (int i = 0; i < kept.n; i++) {
        if (strcmp(kept.collection[i]->name, name) == 0) {
            return i;
        }
    }
    return -1;
}

/* A real collection hides an alias of the same name; an alias may point at an alias. */
static int resolved_index(const char *name) {
    for (int depth = 0; name && depth < 8; depth++) {
        int i = index_of(name);
        if (i >= 0) {
            return i;
        }
        name = alias_target(name);
    }
    return -1;
}

static struct search_collection *at_index(int i) {
    return i < 0 ? NULL : kept.collection[i];
}

struct search_collection *collections_find(const char *name) {
    return at_index(index_of(name));
}

struct search_collection *collections_resolve(const char *name) {
    return at_index(resolved_index(name));
}

struct search_collection *typesense_collection(struct http_request *req) {
    struct search_collection *c = collections_resolve(req->segment[1]);
    if (!c) {
        typesense_message(req, 404, "Collection not found");
    }
    return c;
}

bool collections_add(struct search_collection *c) {
    if (kept.n == MAX_COLLECTIONS) {
        return false;
    }
    memmove(kept.collection + 1, kept.collection, (size_t)kept.n * sizeof kept.collection[0]);
    kept.collection[0] = c;
    kept.n++;
    return true;
}

void collections_done(void) {
    for (int i = 0; i < kept.n; i++) {
        collection_free(kept.collection[i]);
    }
    kept.n = 0;
}

/* ---- routes ---- */

/* An unsigned parameter, where it is there. */
static bool list_param(struct http_request *req, const char *name, const char *title,
                       int64_t *value) {
    const char *text = http_param(req, name);
    if (text && (!string_to_i64(text, value) || *value < 0)) {
        typesense_message(req, 400, "%s param should be unsigned integer.", title);
        return false;
    }
    return true;
}

void collections_list(struct http_request *req) {
    const char *exclude = http_param(req, "exclude_fields");
    bool with_fields = !exclude || !strstr(exclude, "fields");
    int64_t limit = MAX_COLLECTIONS, offset = 0;
    if (!list_param(req, "limit", "Limit", &limit) ||
        !list_param(req, "offset", "Offset", &offset)) {
        return;
    }
    if (http_param(req, "offset") && offset >= kept.n) {
        typesense_message(req, 400, "Invalid offset param.");
        return;
    }
    http_reply(req, 200, typesense_json, "[");
    for (int64_t i = offset; i < kept.n && i - offset < limit; i++) {
        text_puts(&req->reply, i > offset ? "," : "");
        collection_add_json(&req->reply, kept.collection[i], with_fields);
    }
    text_puts(&req->reply, "]");
}

void collection_create(struct http_request *req) {
    struct search_result r = {0};
    cJSON *schema = http_body_json(req);
    if (!schema) {
        typesense_message(req, 400, "Bad JSON.");
        return;
    }
    const char *name = cJSON_GetStringValue(cJSON_GetObjectItem(schema, "name"));
    if (name && collections_find(name)) {
        typesense_message(req, 409, "A collection with name `%s` already exists.", name);
    } else if (kept.n == MAX_COLLECTIONS) {
        typesense_message(req, 422, "Rejecting write: running out of resource type: OUT_OF_MEMORY");
    } else {
        struct search_collection *c = collection_new(schema, &r);
        if (c) {
            collections_add(c);
            http_reply(req, 201, typesense_json, "");
            collection_add_json(&req->reply, c, true);
        } else {
            typesense_reply_verdict(req, &r);
        }
    }
    cJSON_Delete(schema);
}

void collection_get(struct http_request *req) {
    struct search_collection *c = typesense_collection(req);
    if (c) {
        http_reply(req, 200, typesense_json, "");
        collection_add_json(&req->reply, c, true);
    }
}

void collection_drop(struct http_request *req) {
    int i = resolved_index(req->segment[1]);
    if (i < 0) {
        typesense_message(req, 404, "No collection with name `%s` found.", req->segment[1]);
        return;
    }
    struct search_collection *c = kept.collection[i];
    http_reply(req, 200, typesense_json, "");
    collection_add_json(&req->reply, c, true);
    kept.n--;
    memmove(kept.collection + i, kept.collection + i + 1,
            (size_t)(kept.n - i) * sizeof kept.collection[0]);
    collection_free(c);
}

static bool patch_field(struct search_collection *c, const cJSON *change, struct search_result *r) {
    const char *name = cJSON_GetStringValue(cJSON_GetObjectItem(change, "name"));
    const struct search_field *old = name ? collection_field(c, name) : NULL;
    struct search_field field;
    if (cJSON_IsTrue(cJSON_GetObjectItem(change, "drop"))) {
        if (!old) {
            search_verdict(r, 400, "Field `%s` is not part of collection schema.",
                           name ? name : "");
            return false;
        }
        size_t at = (size_t)(old - c->field);
        memmove(c->field + at, c->field + at + 1, ((size_t)c->n_fields - at - 1) * sizeof *old);
        c->n_fields--;
        return true;
    }
    if (old) {
        search_verdict(
            r, 400,
            "Field `%s` is already part of the schema: To change this field, drop it first "
            "before adding it back to the schema.",
            name);
        return false;
    }
    if (!search_field_read(change, &field, r)) {
        return false;
    }
    if (!field.optional && c->n_docs) {
        search_verdict(
            r, 400,
            "Field `%s` has been declared in the schema, but is not found in the documents "
            "already present in the collection. If you still want to add this field, set it "
            "as `optional: true`.",
            field.name);
        return false;
    }
    if (c->n_fields == SEARCH_MAX_FIELDS) {
        search_verdict(r, 400, "Too many fields.");
        return false;
    }
    c->field[c->n_fields++] = field;
    return true;
}

/* All of the changes or none. */
static void patch_fields(struct search_collection *c, const cJSON *fields,
                         struct search_result *r) {
    struct search_field before[SEARCH_MAX_FIELDS];
    int n_before = c->n_fields;
    const cJSON *field = NULL;
    memcpy(before, c->field, sizeof before);
    cJSON_ArrayForEach(field, fields) {
        if (!patch_field(c, field, r)) {
            memcpy(c->field, before, sizeof before);
            c->n_fields = n_before;
            return;
        }
    }
}

void collection_patch(struct http_request *req) {
    struct search_collection *c = typesense_collection(req);
    struct search_result r = {.status = 200};
    if (!c) {
        return;
    }
    cJSON *body = http_body_json(req);
    if (!body) {
        typesense_message(req, 400, "Bad JSON.");
        return;
    }
    patch_fields(c, cJSON_GetObjectItem(body, "fields"), &r);
    if (r.status == 200) {
        typesense_reply_json(req, 200, body);
    } else {
        typesense_reply_verdict(req, &r);
    }
    cJSON_Delete(body);
}
