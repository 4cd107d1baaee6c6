/* sandbox/standin_typesense.c - Typesense 27.1 over HTTP: the order of its checks, its routes, keys
 * and aliases, and its error sentences. What a collection does is in search.c. */
#include "search.h"
#include "standins.h"

#include <pthread.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/statvfs.h>
#include <unistd.h>

static const char json[] = "application/json; charset=utf-8";
static const char plain[] = "text/plain; charset=utf-8";

enum { MAX_COLLECTIONS = 64, MAX_ALIASES = 64, MAX_KEYS = 64, WINDOW_S = 10 };

struct alias {
    char name[SEARCH_NAME], collection[SEARCH_NAME];
};

struct key {
    int id;
    char value[64];
    int64_t expires_at;
    cJSON *json; /* as it was sent, without the value */
};

enum traffic_kind { TRAFFIC_SEARCH, TRAFFIC_IMPORT, TRAFFIC_WRITE, TRAFFIC_DELETE, N_TRAFFIC };

/* One second of figures; the stats are over the last ten. */
struct second {
    uint64_t at_s;
    unsigned all, count[N_TRAFFIC];
    uint64_t total_ms[N_TRAFFIC];
};

static struct {
    pthread_mutex_t lock;
    struct search_collection *collection[MAX_COLLECTIONS]; /* newest first */
    int n_collections;
    struct alias alias[MAX_ALIASES];
    int n_aliases;
    struct key key[MAX_KEYS];
    int n_keys, next_key;
    struct second second[WINDOW_S + 1];
    uint64_t writes;
} ts = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* ---- replies ---- */

static void message(struct http_request *req, int status, const char *words) {
    /* Put together without escaping, as the real one does. */
    http_replyf(req, status, json, "{\"message\": \"%s\"}", words);
}

static void reply_result(struct http_request *req, const struct search_result *r) {
    message(req, r->status, r->message);
}

static void reply_json(struct http_request *req, int status, cJSON *tree) {
    char *s = cJSON_PrintUnformatted(tree);
    http_reply(req, status, json, s ? s : "{}");
    free(s);
}

static cJSON *body_json(struct http_request *req) {
    return cJSON_Parse(req->body.data ? req->body.data : "");
}

/* ---- look-ups ---- */

static const struct alias *alias_find(const char *name) {
    for (int i = 0; i < ts.n_aliases; i++) {
        if (strcmp(ts.alias[i].name, name) == 0) {
            return &ts.alias[i];
        }
    }
    return NULL;
}

static int collection_index(const char *name) {
    for (int i = 0; i < ts.n_collections; i++) {
        if (strcmp(ts.collection[i]->name, name) == 0) {
            return i;
        }
    }
    return -1;
}

/* A real collection hides an alias of the same name; an alias may point at an alias. */
static int resolve_index(const char *name) {
    for (int depth = 0; depth < 8; depth++) {
        int i = collection_index(name);
        const struct alias *a = i < 0 ? alias_find(name) : NULL;
        if (!a) {
            return i;
        }
        name = a->collection;
    }
    return -1;
}

static struct search_collection *resolve(struct http_request *req) {
    int i = resolve_index(req->segment[1]);
    if (i < 0) {
        message(req, 404, "Collection not found");
        return NULL;
    }
    return ts.collection[i];
}

/* ---- collections ---- */

static void collections_list(struct http_request *req) {
    const char *exclude = http_param(req, "exclude_fields");
    bool with_fields = !exclude || !strstr(exclude, "fields");
    int64_t limit = MAX_COLLECTIONS, offset = 0;
    const char *limit_text = http_param(req, "limit"), *offset_text = http_param(req, "offset");
    if (limit_text && (!string_to_i64(limit_text, &limit) || limit < 0)) {
        message(req, 400, "Limit param should be unsigned integer.");
        return;
    }
    if (offset_text && (!string_to_i64(offset_text, &offset) || offset < 0)) {
        message(req, 400, "Offset param should be unsigned integer.");
        return;
    }
    if (offset_text && offset >= ts.n_collections) {
        message(req, 400, "Invalid offset param.");
        return;
    }
    http_reply(req, 200, json, "[");
    for (int64_t i = offset; i < ts.n_collections && i < offset + limit; i++) {
        text_puts(&req->reply, i > offset ? "," : "");
        collection_add_json(&req->reply, ts.collection[i], with_fields);
    }
    text_puts(&req->reply, "]");
}

static void insert_collection(struct search_collection *c) {
    memmove(ts.collection + 1, ts.collection, (size_t)ts.n_collections * sizeof ts.collection[0]);
    ts.collection[0] = c;
    ts.n_collections++;
}

static void collection_create(struct http_request *req) {
    struct search_result r = {0};
    char words[SEARCH_NAME + 64];
    cJSON *schema = body_json(req);
    if (!schema) {
        message(req, 400, "Bad JSON.");
        return;
    }
    const char *name = cJSON_GetStringValue(cJSON_GetObjectItem(schema, "name"));
    if (name && collection_index(name) >= 0) {
        snprintf(words, sizeof words, "A collection with name `%.*s` already exists.", SEARCH_NAME,
                 name);
        message(req, 409, words);
    } else if (ts.n_collections == MAX_COLLECTIONS) {
        message(req, 422, "Rejecting write: running out of resource type: OUT_OF_MEMORY");
    } else {
        struct search_collection *c = collection_new(schema, &r);
        if (c) {
            insert_collection(c);
            http_reply(req, 201, json, "");
            collection_add_json(&req->reply, c, true);
        } else {
            reply_result(req, &r);
        }
    }
    cJSON_Delete(schema);
}

static void collection_get(struct http_request *req) {
    struct search_collection *c = resolve(req);
    if (c) {
        http_reply(req, 200, json, "");
        collection_add_json(&req->reply, c, true);
    }
}

static void collection_drop(struct http_request *req) {
    int i = resolve_index(req->segment[1]);
    if (i < 0) {
        char words[512];
        snprintf(words, sizeof words, "No collection with name `%s` found.", req->segment[1]);
        message(req, 404, words);
        return;
    }
    struct search_collection *c = ts.collection[i];
    http_reply(req, 200, json, "");
    collection_add_json(&req->reply, c, true);
    ts.n_collections--;
    memmove(ts.collection + i, ts.collection + i + 1,
            (size_t)(ts.n_collections - i) * sizeof ts.collection[0]);
    collection_free(c);
}

static bool patch_field(struct search_collection *c, const cJSON *change, struct search_result *r) {
    const char *name = cJSON_GetStringValue(cJSON_GetObjectItem(change, "name"));
    const struct search_field *old = name ? collection_field(c, name) : NULL;
    struct search_field field;
    if (cJSON_IsTrue(cJSON_GetObjectItem(change, "drop"))) {
        if (!old) {
            r->status = 400;
            snprintf(r->message, sizeof r->message, "Field `%s` is not part of collection schema.",
                     name ? name : "");
            return false;
        }
        size_t at = (size_t)(old - c->field);
        memmove(c->field + at, c->field + at + 1, ((size_t)c->n_fields - at - 1) * sizeof *old);
        c->n_fields--;
        return true;
    }
    if (old) {
        r->status = 400;
        snprintf(r->message, sizeof r->message,
                 "Field `%s` is already part of the schema: To change this field, drop it first "
                 "before adding it back to the schema.",
                 name);
        return false;
    }
    if (!search_field_read(change, &field, r)) {
        return false;
    }
    if (!field.optional && c->n_docs) {
        r->status = 400;
        snprintf(r->message, sizeof r->message,
                 "Field `%s` has been declared in the schema, but is not found in the documents "
                 "already present in the collection. If you still want to add this field, set it "
                 "as `optional: true`.",
                 field.name);
        return false;
    }
    if (c->n_fields < SEARCH_MAX_FIELDS) {
        c->field[c->n_fields++] = field;
    }
    return true;
}

static void collection_patch(struct http_request *req) {
    struct search_collection *c = resolve(req);
    cJSON *body = body_json(req);
    const cJSON *fields = cJSON_GetObjectItem(body, "fields");
    const cJSON *field = NULL;
    struct search_result r = {.status = 200};
    if (c && !body) {
        message(req, 400, "Bad JSON.");
    } else if (c) {
        cJSON_ArrayForEach(field, fields) {
            if (!patch_field(c, field, &r)) {
                break;
            }
        }
        if (r.status == 200) {
            reply_json(req, 200, body);
        } else {
            reply_result(req, &r);
        }
    }
    cJSON_Delete(body);
}

/* ---- documents ---- */

static void not_found_id(struct http_request *req, const char *id) {
    http_replyf(req, 404, json, "{\"message\": \"Could not find a document with id: %s\"}", id);
}

static enum write_action action_of(const char *name, bool *ret_known) {
    static const char *const names[] = {"create", "upsert", "update", "emplace"};
    *ret_known = true;
    for (int i = 0; i < 4; i++) {
        if (strcmp(name, names[i]) == 0) {
            return (enum write_action)i;
        }
    }
    *ret_known = false;
    return WRITE_CREATE;
}

static void write_one(struct http_request *req, cJSON *document, enum write_action action,
                      int ok_status) {
    struct search_collection *c = resolve(req);
    struct search_result r = {0};
    const struct search_doc *d = NULL;
    if (!c) {
        return;
    }
    if (!document) {
        message(req, 400, "Bad JSON.");
        return;
    }
    collection_write(c, document, NULL, 0, action, &r, &d);
    if (d) {
        http_reply(req, ok_status, json, d->json);
    } else {
        reply_result(req, &r);
    }
}

static void document_create(struct http_request *req) {
    const char *action = http_param(req, "action");
    bool known = false;
    enum write_action a = action_of(action ? action : "create", &known);
    cJSON *document = body_json(req);
    if (!known) {
        message(req, 400, "Parameter `action` must be a create|update|upsert.");
    } else {
        write_one(req, document, a, 201);
    }
    cJSON_Delete(document);
}

static void document_get(struct http_request *req) {
    const struct search_collection *c = resolve(req);
    const struct search_doc *d = c ? collection_doc(c, req->segment[3]) : NULL;
    if (d) {
        http_reply(req, 200, json, d->json);
    } else if (c) {
        not_found_id(req, req->segment[3]);
    }
}

static void document_patch(struct http_request *req) {
    cJSON *document = body_json(req);
    if (cJSON_IsObject(document)) {
        cJSON_DeleteItemFromObject(document, "id");
        cJSON_AddStringToObject(document, "id", req->segment[3]);
    }
    write_one(req, document, WRITE_UPDATE, 200);
    cJSON_Delete(document);
}

static void document_delete(struct http_request *req) {
    struct search_collection *c = resolve(req);
    const struct search_doc *d = c ? collection_doc(c, req->segment[3]) : NULL;
    if (d) {
        http_reply(req, 200, json, d->json);
        collection_remove(c, req->segment[3]);
    } else if (c) {
        not_found_id(req, req->segment[3]);
    }
}

static void documents_delete(struct http_request *req) {
    struct search_collection *c = resolve(req);
    const char *filter = http_param(req, "filter_by");
    struct search_result r = {0};
    size_t n = 0;
    if (!c) {
        return;
    }
    if (!filter || !*filter) {
        message(req, 400, "Parameter `filter_by` must be provided.");
        return;
    }
    const struct search_doc **docs = collection_filter(c, filter, &n, &r);
    if (!docs) {
        reply_result(req, &r);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        collection_remove(c, docs[i]->id);
    }
    free(docs);
    http_replyf(req, 200, json, "{\"num_deleted\":%zu}", n);
}

struct import {
    struct search_collection *c;
    enum write_action action;
    bool return_id, return_doc;
    size_t failed;
};

static void import_line(struct import *im, const char *line, size_t size, struct text *out) {
    struct search_result r = {0};
    const struct search_doc *d = NULL;
    cJSON *document = cJSON_ParseWithLength(line, size);
    if (document) {
        collection_write(im->c, document, line, size, im->action, &r, &d);
    } else {
        r.status = 400;
        snprintf(r.message, sizeof r.message,
                 "Bad JSON: [json.exception.parse_error.101] parse error at line 1, column %zu: "
                 "syntax error while parsing value",
                 size + 1);
    }
    /* Here, not before: who creates a document without an id is given one. */
    const cJSON *id = cJSON_GetObjectItemCaseSensitive(document, "id");
    text_puts(out, out->size ? "\n{" : "{");
    if (d) {
        if (im->return_doc) {
            text_addf(out, "\"document\":%s,", d->json);
        }
    } else {
        char *raw = strndup(line, size);
        im->failed++;
        text_addf(out, "\"code\":%d,\"document\":", r.status);
        text_add_json(out, raw ? raw : "");
        text_puts(out, ",\"error\":");
        text_add_json(out, r.message);
        text_puts(out, ",");
        free(raw);
    }
    if (im->return_id && cJSON_IsString(id)) {
        text_puts(out, "\"id\":");
        text_add_json(out, id->valuestring);
        text_puts(out, ",");
    }
    text_addf(out, "\"success\":%s}", d ? "true" : "false");
    cJSON_Delete(document);
}

static void import_lines(struct import *im, const char *at, size_t size, struct text *out) {
    const char *end = at + size;
    while (at < end) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        size_t n = (size_t)((stop ? stop : end) - at);
        size_t blank = 0;
        while (blank < n && strchr(" \t\r", at[blank])) {
            blank++;
        }
        if (blank < n) {
            import_line(im, at, n, out);
        }
        at += n + 1;
    }
}

static bool flag_param(const struct http_request *req, const char *name) {
    const char *v = http_param(req, name);
    return v && strcmp(v, "true") == 0;
}

static void documents_import(struct http_request *req) {
    const char *action = http_param(req, "action");
    const char *batch = http_param(req, "batch_size");
    int64_t batch_size = 40;
    bool known = false;
    struct import im = {.action = action_of(action ? action : "create", &known)};
    if (!known) {
        message(req, 400, "Parameter `action` must be a create|update|upsert.");
        return;
    }
    if (batch && (!string_to_i64(batch, &batch_size) || batch_size <= 0)) {
        message(req, 400, "Parameter `batch_size` must be a positive integer.");
        return;
    }
    im.c = resolve(req);
    if (im.c) {
        im.return_id = flag_param(req, "return_id");
        im.return_doc = flag_param(req, "return_doc");
        http_reply(req, 200, plain, "");
        import_lines(&im, req->body.data, req->body.size, &req->reply);
    }
}

static void documents_export(struct http_request *req) {
    const struct search_collection *c = resolve(req);
    struct search_result r = {0};
    size_t n = 0;
    if (!c) {
        return;
    }
    const struct search_doc **docs = collection_filter(c, http_param(req, "filter_by"), &n, &r);
    if (!docs) {
        reply_result(req, &r);
        return;
    }
    http_reply(req, 200, plain, "");
    for (size_t i = n; i-- > 0;) { /* oldest first */
        text_puts(&req->reply, docs[i]->json);
        text_puts(&req->reply, i ? "\n" : "");
    }
    free(docs);
}

/* ---- synonyms and overrides: the collection's own, gone with it ---- */

static cJSON **extras_of(struct search_collection *c, const char *kind) {
    return strcmp(kind, "synonyms") == 0 ? &c->synonyms : &c->overrides;
}

static void extras_list(struct http_request *req) {
    struct search_collection *c = resolve(req);
    const cJSON *item = NULL;
    if (!c) {
        return;
    }
    cJSON *tree = cJSON_CreateObject();
    cJSON *list = cJSON_AddArrayToObject(tree, req->segment[2]);
    cJSON_ArrayForEach(item, *extras_of(c, req->segment[2])) {
        cJSON_AddItemToArray(list, cJSON_Duplicate(item, 1));
    }
    reply_json(req, 200, tree);
    cJSON_Delete(tree);
}

static void extra_put(struct http_request *req) {
    struct search_collection *c = resolve(req);
    cJSON *body = c ? body_json(req) : NULL;
    bool synonym = strcmp(req->segment[2], "synonyms") == 0;
    if (!c) {
        return;
    }
    if (!cJSON_IsObject(body)) {
        message(req, 400, "Bad JSON.");
    } else if (synonym && !cJSON_IsArray(cJSON_GetObjectItem(body, "synonyms"))) {
        message(req, 400, "Could not find an array of `synonyms`");
    } else if (!synonym && !cJSON_IsObject(cJSON_GetObjectItem(body, "rule"))) {
        message(req, 400, "Missing `rule` definition.");
    } else {
        cJSON **extras = extras_of(c, req->segment[2]);
        cJSON_DeleteItemFromObjectCaseSensitive(body, "id");
        cJSON_AddStringToObject(body, "id", req->segment[3]);
        reply_json(req, 200, body);
        if (synonym && !cJSON_GetObjectItem(body, "root")) {
            cJSON_AddStringToObject(body, "root", "");
        }
        *extras = *extras ? *extras : cJSON_CreateObject();
        cJSON_DeleteItemFromObjectCaseSensitive(*extras, req->segment[3]);
        cJSON_AddItemToObject(*extras, req->segment[3], body);
        return;
    }
    cJSON_Delete(body);
}

static void extra_delete(struct http_request *req) {
    struct search_collection *c = resolve(req);
    if (!c) {
        return;
    }
    cJSON *extras = *extras_of(c, req->segment[2]);
    if (!cJSON_GetObjectItemCaseSensitive(extras, req->segment[3])) {
        message(req, 404, "Could not find that `id`.");
        return;
    }
    cJSON_DeleteItemFromObjectCaseSensitive(extras, req->segment[3]);
    http_reply(req, 200, json, "{\"id\":");
    text_add_json(&req->reply, req->segment[3]);
    text_puts(&req->reply, "}");
}

/* ---- searching ---- */

static cJSON *params_of(const struct http_request *req) {
    cJSON *params = cJSON_CreateObject();
    for (int i = 0; i < req->n_params; i++) {
        cJSON_DeleteItemFromObjectCaseSensitive(params, req->param[i].name);
        cJSON_AddStringToObject(params, req->param[i].name, req->param[i].value);
    }
    return params;
}

static void documents_search(struct http_request *req) {
    struct search_result r = {0};
    if (strlen(req->raw_query) > 4000) {
        message(req, 400,
                "Query string exceeds max allowed length of 4000. Use the /multi_search end-point "
                "for larger payloads.");
        return;
    }
    const struct search_collection *c = resolve(req);
    if (!c) {
        return;
    }
    cJSON *params = params_of(req);
    http_reply(req, 200, json, "");
    collection_search(c, params, &req->reply, &r);
    if (r.status != 200) {
        reply_result(req, &r);
    }
    cJSON_Delete(params);
}

static void multi_one(struct http_request *req, const cJSON *search) {
    struct search_result r = {.status = 404, .message = "Collection not found"};
    const char *name = cJSON_GetStringValue(cJSON_GetObjectItem(search, "collection"));
    int i = name ? resolve_index(name) : -1;
    cJSON *params = params_of(req);
    const cJSON *item = NULL;
    struct text t = {0};
    cJSON_ArrayForEach(item, search) {
        cJSON_DeleteItemFromObjectCaseSensitive(params, item->string);
        cJSON_AddItemToObject(params, item->string, cJSON_Duplicate(item, 1));
    }
    if (i >= 0) {
        collection_search(ts.collection[i], params, &t, &r);
    }
    if (r.status == 200) {
        text_add(&req->reply, t.data, t.size);
    } else {
        text_addf(&req->reply, "{\"code\":%d,\"error\":", r.status);
        text_add_json(&req->reply, r.message);
        text_puts(&req->reply, "}");
    }
    text_done(&t);
    cJSON_Delete(params);
}

static void multi_search(struct http_request *req) {
    cJSON *body = body_json(req);
    const cJSON *searches = cJSON_GetObjectItem(body, "searches");
    const cJSON *search = NULL;
    if (!body) {
        message(req, 400, "Bad JSON.");
    } else if (!cJSON_IsArray(searches)) {
        message(req, 400, "Missing `searches` array.");
    } else {
        http_reply(req, 200, json, "{\"results\":[");
        cJSON_ArrayForEach(search, searches) {
            text_puts(&req->reply, search == searches->child ? "" : ",");
            multi_one(req, search);
        }
        text_puts(&req->reply, "]}");
    }
    cJSON_Delete(body);
}

/* ---- aliases ---- */

static void add_alias(struct text *t, const struct alias *a) {
    text_puts(t, "{\"collection_name\":");
    text_add_json(t, a->collection);
    text_puts(t, ",\"name\":");
    text_add_json(t, a->name);
    text_puts(t, "}");
}

static void aliases_list(struct http_request *req) {
    http_reply(req, 200, json, "{\"aliases\":[");
    for (int i = 0; i < ts.n_aliases; i++) {
        text_puts(&req->reply, i ? "," : "");
        add_alias(&req->reply, &ts.alias[i]);
    }
    text_puts(&req->reply, "]}");
}

static void alias_put(struct http_request *req) {
    cJSON *body = body_json(req);
    const char *to = cJSON_GetStringValue(cJSON_GetObjectItem(body, "collection_name"));
    const char *name = req->segment[1];
    struct alias *a = (struct alias *)alias_find(name);
    if (!to) {
        message(req, 400, body ? "Parameter `collection_name` is required." : "Bad JSON.");
    } else if (collection_index(name) >= 0) {
        http_replyf(req, 500, json,
                    "{\"message\": \"Name `%s` conflicts with an existing collection name.\"}",
                    name);
    } else if (!a && ts.n_aliases == MAX_ALIASES) {
        message(req, 422, "Rejecting write: running out of resource type: OUT_OF_MEMORY");
    } else {
        a = a ? a : &ts.alias[ts.n_aliases++];
        snprintf(a->name, sizeof a->name, "%s", name);
        snprintf(a->collection, sizeof a->collection, "%s", to);
        http_reply(req, 200, json, "");
        add_alias(&req->reply, a);
    }
    cJSON_Delete(body);
}

static void alias_get(struct http_request *req) {
    const struct alias *a = alias_find(req->segment[1]);
    if (!a) {
        message(req, 404, "Not Found");
        return;
    }
    http_reply(req, 200, json, "");
    add_alias(&req->reply, a);
}

static void alias_delete(struct http_request *req) {
    struct alias *a = (struct alias *)alias_find(req->segment[1]);
    alias_get(req);
    if (a) {
        *a = ts.alias[--ts.n_aliases];
    }
}

/* ---- keys ---- */

static void add_key(struct text *t, const struct key *k) {
    cJSON *tree = cJSON_Duplicate(k->json, 1);
    char prefix[5];
    snprintf(prefix, sizeof prefix, "%.4s", k->value);
    cJSON_AddStringToObject(tree, "value_prefix", prefix);
    char *s = cJSON_PrintUnformatted(tree);
    text_puts(t, s ? s : "{}");
    free(s);
    cJSON_Delete(tree);
}

static void keys_list(struct http_request *req) {
    http_reply(req, 200, json, "{\"keys\":[");
    for (int i = 0; i < ts.n_keys; i++) {
        text_puts(&req->reply, i ? "," : "");
        add_key(&req->reply, &ts.key[i]);
    }
    text_puts(&req->reply, "]}");
}

static const char *key_problem(const cJSON *body) {
    const cJSON *actions = cJSON_GetObjectItem(body, "actions");
    const cJSON *collections = cJSON_GetObjectItem(body, "collections");
    return !body                                       ? "Bad JSON."
           : !cJSON_GetObjectItem(body, "description") ? "Could not find a `description` key."
           : !actions                                  ? "Could not find a `actions` key."
           : !collections                              ? "Could not find a `collections` key."
           : !cJSON_IsArray(actions) || !cJSON_IsString(actions->child)
               ? "Wrong format for `actions`. It should be an array of string."
           : !cJSON_IsArray(collections) || !cJSON_IsString(collections->child)
               ? "Wrong format for `collections`. It should be an array of string."
           : ts.n_keys == MAX_KEYS ? "Too many keys."
                                   : NULL;
}

static void key_create(struct http_request *req) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    cJSON *body = body_json(req);
    const char *problem = key_problem(body);
    if (problem) {
        message(req, 400, problem);
        cJSON_Delete(body);
        return;
    }
    struct key *k = &ts.key[ts.n_keys++];
    const char *value = cJSON_GetStringValue(cJSON_GetObjectItem(body, "value"));
    const cJSON *expires = cJSON_GetObjectItem(body, "expires_at");
    *k = (struct key){.id = ts.next_key++, .expires_at = 64723363199, .json = body};
    if (cJSON_IsNumber(expires)) {
        k->expires_at = (int64_t)expires->valuedouble;
    } else {
        cJSON_AddNumberToObject(body, "expires_at", (double)k->expires_at);
    }
    for (int i = 0; i < 32; i++) {
        k->value[i] = digits[dice(62)];
    }
    if (value && *value) {
        snprintf(k->value, sizeof k->value, "%s", value);
    }
    cJSON_DeleteItemFromObject(body, "value");
    cJSON_AddNumberToObject(body, "id", k->id);
    if (!cJSON_GetObjectItem(body, "autodelete")) {
        cJSON_AddBoolToObject(body, "autodelete", 0);
    }
    cJSON *whole = cJSON_Duplicate(body, 1);
    cJSON_AddStringToObject(whole, "value", k->value);
    reply_json(req, 201, whole);
    cJSON_Delete(whole);
}

static struct key *key_by_id(const char *text) {
    int64_t id = -1;
    string_to_i64(text, &id);
    for (int i = 0; i < ts.n_keys; i++) {
        if (ts.key[i].id == id) {
            return &ts.key[i];
        }
    }
    return NULL;
}

static void key_get(struct http_request *req) {
    const struct key *k = key_by_id(req->segment[1]);
    if (!k) {
        message(req, 404, "Not found.");
        return;
    }
    http_reply(req, 200, json, "");
    add_key(&req->reply, k);
}

static void key_delete(struct http_request *req) {
    struct key *k = key_by_id(req->segment[1]);
    if (!k) {
        message(req, 404, "Not found.");
        return;
    }
    http_replyf(req, 200, json, "{\"id\":%d}", k->id);
    cJSON_Delete(k->json);
    *k = ts.key[--ts.n_keys];
}

static bool list_allows(const cJSON *list, const char *wanted, bool pattern) {
    const cJSON *item = NULL;
    cJSON_ArrayForEach(item, list) {
        const char *s = cJSON_GetStringValue(item);
        size_t n = s ? strlen(s) : 0;
        if (!s) {
            continue;
        }
        if (strcmp(s, "*") == 0 || strcmp(s, wanted) == 0) {
            return true;
        }
        if (!pattern && n > 2 && strcmp(s + n - 2, ":*") == 0 && strncmp(s, wanted, n - 1) == 0) {
            return true; /* documents:* */
        }
        char whole[SEARCH_NAME + 8];
        regex_t re;
        snprintf(whole, sizeof whole, "^(%.*s)$", SEARCH_NAME, s);
        if (pattern && regcomp(&re, whole, REG_EXTENDED | REG_NOSUB) == 0) {
            bool fits = regexec(&re, wanted, 0, NULL, 0) == 0;
            regfree(&re);
            if (fits) {
                return true;
            }
        }
    }
    return false;
}

static bool key_allows(const char *given, const char *action, const char *collection) {
    if (!given) {
        return false;
    }
    if (*standins_platform()->typesense_api_key &&
        strcmp(given, standins_platform()->typesense_api_key) == 0) {
        return true;
    }
    for (int i = 0; i < ts.n_keys; i++) {
        const struct key *k = &ts.key[i];
        if (strcmp(k->value, given) == 0 && k->expires_at > (int64_t)(clock_wall_ms() / 1000)) {
            return list_allows(cJSON_GetObjectItem(k->json, "actions"), action, false) &&
                   list_allows(cJSON_GetObjectItem(k->json, "collections"), collection, true);
        }
    }
    return false;
}

/* ---- the node ---- */

static void health(struct http_request *req) {
    http_reply(req, 200, json,
               standins_scenarios().disk_full_search
                   ? "{\"ok\":true,\"resource_error\":\"OUT_OF_DISK\"}"
                   : "{\"ok\":true}");
}

static void debug(struct http_request *req) {
    http_reply(req, 200, json, "{\"state\":1,\"version\":\"27.1\"}");
}

static void status(struct http_request *req) {
    http_replyf(req, 200, json,
                "{\"committed_index\":%llu,\"queued_writes\":0,\"state\":\"LEADER\"}",
                (unsigned long long)ts.writes + 1);
}

static void stats(struct http_request *req) {
    static const char *const names[N_TRAFFIC] = {"search", "import", "write", "delete"};
    static const char search_path[] = "GET /collections/listings/documents/search";
    unsigned all = 0, count[N_TRAFFIC] = {0};
    uint64_t total_ms[N_TRAFFIC] = {0}, now_s = clock_mono_ms() / 1000;
    for (int i = 0; i <= WINDOW_S; i++) {
        const struct second *s = &ts.second[i];
        for (int k = 0; s->at_s + WINDOW_S > now_s && s->at_s && k < N_TRAFFIC; k++) {
            all += k == 0 ? s->all : 0;
            count[k] += s->count[k];
            total_ms[k] += s->total_ms[k];
        }
    }
    http_reply(req, 200, json, "{\"cache_hit_ratio\":0.0,");
    for (int k = 0; k < N_TRAFFIC; k++) {
        text_addf(&req->reply, "\"%s_latency_ms\":%.2f,\"%s_requests_per_second\":%.1f,", names[k],
                  count[k] ? (double)total_ms[k] / count[k] : 0.0, names[k],
                  count[k] / (double)WINDOW_S);
    }
    if (count[TRAFFIC_SEARCH]) {
        text_addf(&req->reply,
                  "\"latency_ms\":{\"%s\":%.2f},\"requests_per_second\":{\"%s\":%.1f},",
                  search_path, (double)total_ms[TRAFFIC_SEARCH] / count[TRAFFIC_SEARCH],
                  search_path, count[TRAFFIC_SEARCH] / (double)WINDOW_S);
    } else {
        text_puts(&req->reply, "\"latency_ms\":{},\"requests_per_second\":{},");
    }
    text_addf(&req->reply,
              "\"overloaded_requests_per_second\":0,\"pending_write_batches\":0,"
              "\"total_requests_per_second\":%.1f}",
              all / (double)WINDOW_S);
}

static void count_request(int kind, uint64_t ms) {
    uint64_t now_s = clock_mono_ms() / 1000;
    struct second *s = &ts.second[now_s % (WINDOW_S + 1)];
    if (s->at_s != now_s) {
        *s = (struct second){.at_s = now_s};
    }
    s->all++;
    if (kind >= 0) {
        s->count[kind]++;
        s->total_ms[kind] += ms;
    }
}

void typesense_note_search(unsigned ms) {
    pthread_mutex_lock(&ts.lock);
    count_request(TRAFFIC_SEARCH, ms);
    pthread_mutex_unlock(&ts.lock);
}

static uint64_t meminfo_bytes(const char *name) {
    char line[128];
    unsigned long long kib = 0;
    FILE *f = fopen("/proc/meminfo", "re");
    while (f && fgets(line, sizeof line, f)) {
        size_t n = strlen(name);
        if (strncmp(line, name, n) == 0 && line[n] == ':') {
            kib = strtoull(line + n + 1, NULL, 10);
            break;
        }
    }
    if (f) {
        fclose(f);
    }
    return kib * 1024;
}

static uint64_t own_memory(void) {
    unsigned long long total = 0, resident = 0;
    FILE *f = fopen("/proc/self/statm", "re");
    if (f) {
        int n = fscanf(f, "%llu %llu", &total, &resident);
        resident = n == 2 ? resident : 0;
        fclose(f);
    }
    return resident * (uint64_t)sysconf(_SC_PAGESIZE);
}

static void metrics(struct http_request *req) {
    struct statvfs fs;
    uint64_t disk_total = 0, disk_used = 0;
    if (statvfs("/", &fs) == 0) {
        disk_total = (uint64_t)fs.f_blocks * fs.f_frsize;
        disk_used = disk_total - (uint64_t)fs.f_bfree * fs.f_frsize;
    }
    if (standins_scenarios().disk_full_search) {
        disk_used = disk_total - disk_total / 100;
    }
    uint64_t total = meminfo_bytes("MemTotal"), free_bytes = meminfo_bytes("MemAvailable");
    uint64_t swap = meminfo_bytes("SwapTotal"), swap_free = meminfo_bytes("SwapFree");
    unsigned long long own = own_memory();
    http_replyf(
        req, 200, json,
        "{\"system_cpu1_active_percentage\":\"%u.00\",\"system_cpu_active_percentage\":"
        "\"%u.00\",\"system_disk_total_bytes\":\"%llu\",\"system_disk_used_bytes\":\"%llu\","
        "\"system_memory_total_bytes\":\"%llu\",\"system_memory_total_swap_bytes\":\"%llu\","
        "\"system_memory_used_bytes\":\"%llu\",\"system_memory_used_swap_bytes\":\"%llu\",",
        2 + dice(9), 2 + dice(9), (unsigned long long)disk_total, (unsigned long long)disk_used,
        (unsigned long long)total, (unsigned long long)swap,
        (unsigned long long)(total - free_bytes), (unsigned long long)(swap - swap_free));
    text_addf(&req->reply,
              "\"system_network_received_bytes\":\"540176699\",\"system_network_sent_bytes\":"
              "\"1033880\",\"typesense_memory_active_bytes\":\"%llu\","
              "\"typesense_memory_allocated_bytes\":\"%llu\",\"typesense_memory_fragmentation_ratio"
              "\":\"0.06\",\"typesense_memory_mapped_bytes\":\"%llu\","
              "\"typesense_memory_metadata_bytes\":\"7937792\",\"typesense_memory_resident_bytes\":"
              "\"%llu\",\"typesense_memory_retained_bytes\":\"16400384\"}",
              own, own - own / 16, own * 2, own);
}

static void success(struct http_request *req) {
    http_reply(req, 200, json, "{\"success\":true}");
}

static void snapshot(struct http_request *req) {
    http_reply(req, 201, json, "{\"success\":true}");
}

/* ---- routes ---- */

struct route {
    const char *method, *path; /* a ':' part stands for anything */
    const char *action;        /* NULL: no key asked for */
    http_handler answer;
    bool write;
    int kind; /* enum traffic_kind, or -1 */
};

static const struct route routes[] = {
    {"GET", "health", NULL, health, false, -1},
    {"GET", "debug", "debug:list", debug, false, -1},
    {"GET", "status", "status:list", status, false, -1},
    {"GET", "stats.json", "stats.json:list", stats, false, -1},
    {"GET", "metrics.json", "metrics.json:list", metrics, false, -1},
    {"POST", "operations/snapshot", "operations:create", snapshot, false, -1},
    {"POST", "operations/db/compact", "operations:create", success, false, -1},
    {"POST", "operations/cache/clear", "operations:create", success, false, -1},
    {"POST", "multi_search", "documents:search", multi_search, false, TRAFFIC_SEARCH},
    {"GET", "collections", "collections:list", collections_list, false, -1},
    {"POST", "collections", "collections:create", collection_create, true, TRAFFIC_WRITE},
    {"GET", "collections/:", "collections:get", collection_get, false, -1},
    {"PATCH", "collections/:", "collections:update", collection_patch, true, TRAFFIC_WRITE},
    {"DELETE", "collections/:", "collections:delete", collection_drop, false, TRAFFIC_DELETE},
    {"POST", "collections/:/documents", "documents:create", document_create, true, TRAFFIC_WRITE},
    {"DELETE", "collections/:/documents", "documents:delete", documents_delete, false,
     TRAFFIC_DELETE},
    {"POST", "collections/:/documents/import", "documents:import", documents_import, true,
     TRAFFIC_IMPORT},
    {"GET", "collections/:/documents/export", "documents:export", documents_export, false, -1},
    {"GET", "collections/:/documents/search", "documents:search", documents_search, false,
     TRAFFIC_SEARCH},
    {"GET", "collections/:/documents/:", "documents:get", document_get, false, -1},
    {"PATCH", "collections/:/documents/:", "documents:update", document_patch, true, TRAFFIC_WRITE},
    {"DELETE", "collections/:/documents/:", "documents:delete", document_delete, false,
     TRAFFIC_DELETE},
    {"GET", "collections/:/synonyms", "synonyms:list", extras_list, false, -1},
    {"PUT", "collections/:/synonyms/:", "synonyms:create", extra_put, true, TRAFFIC_WRITE},
    {"DELETE", "collections/:/synonyms/:", "synonyms:delete", extra_delete, false, TRAFFIC_DELETE},
    {"GET", "collections/:/overrides", "overrides:list", extras_list, false, -1},
    {"PUT", "collections/:/overrides/:", "overrides:create", extra_put, true, TRAFFIC_WRITE},
    {"DELETE", "collections/:/overrides/:", "overrides:delete", extra_delete, false,
     TRAFFIC_DELETE},
    {"GET", "aliases", "aliases:list", aliases_list, false, -1},
    {"GET", "aliases/:", "aliases:get", alias_get, false, -1},
    {"PUT", "aliases/:", "aliases:create", alias_put, true, TRAFFIC_WRITE},
    {"DELETE", "aliases/:", "aliases:delete", alias_delete, false, TRAFFIC_DELETE},
    {"GET", "keys", "keys:list", keys_list, false, -1},
    {"POST", "keys", "keys:create", key_create, true, -1},
    {"GET", "keys/:", "keys:get", key_get, false, -1},
    {"DELETE", "keys/:", "keys:delete", key_delete, false, -1},
};

static bool route_fits(const struct route *r, const struct http_request *req) {
    const char *at = r->path;
    if (strcmp(r->method, req->method) != 0) {
        return false;
    }
    for (int i = 0; i < req->n_segments; i++) {
        size_t n = strcspn(at, "/");
        bool any = n == 1 && *at == ':';
        if (!n ||
            (!any && (strlen(req->segment[i]) != n || strncmp(req->segment[i], at, n) != 0)) ||
            (any && !*req->segment[i])) {
            return false;
        }
        at += n + (at[n] == '/');
    }
    return !*at && req->n_segments > 0;
}

static const struct route *route_find(const struct http_request *req) {
    for (size_t i = 0; i < sizeof routes / sizeof routes[0]; i++) {
        if (route_fits(&routes[i], req)) {
            return &routes[i];
        }
    }
    return NULL;
}

static void route_run(const struct route *r, struct http_request *req) {
    const char *given = http_header(req, "X-TYPESENSE-API-KEY");
    bool named = req->n_segments > 1 && strcmp(req->segment[0], "collections") == 0;
    given = given ? given : http_param(req, "x-typesense-api-key");
    if (r->action && !key_allows(given, r->action, named ? req->segment[1] : "*")) {
        message(req, 401, "Forbidden - a valid `x-typesense-api-key` header must be sent.");
    } else if (r->write && standins_scenarios().disk_full_search) {
        message(req, 422, "Rejecting write: running out of resource type: OUT_OF_DISK");
    } else {
        r->answer(req);
        ts.writes += r->write;
    }
    count_request(r->kind, clock_mono_ms() - req->arrived_ms);
}

void typesense_handle(struct http_request *req) {
    const struct route *r = route_find(req);
    req->chunked = true;
    http_reply_header(req, "Access-Control-Allow-Origin", "*");
    if (!r) {
        message(req, 404, "Not Found");
        return;
    }
    pthread_mutex_lock(&ts.lock);
    route_run(r, req);
    pthread_mutex_unlock(&ts.lock);
}

void typesense_error_body(struct http_request *req, int code) {
    bool is_health = strcmp(req->path, "/health") == 0;
    if (is_health && code == 503) {
        http_reply(req, code, json, "{\"ok\":false}");
        return;
    }
    message(req, code,
            code == 503   ? "Not Ready or Lagging"
            : code == 401 ? "Forbidden - a valid `x-typesense-api-key` header must be sent."
            : code == 429 ? "Rate limit exceeded or blocked"
            : code == 422 ? "Rejecting write: running out of resource type: OUT_OF_DISK"
            : code == 408 ? "Request Timeout"
                          : "Could not find a leader.");
}

/* ---- what the API does to it ---- */

static const char listings_schema[] =
    "{\"name\":\"listings\",\"default_sorting_field\":\"publishedAt\",\"fields\":["
    "{\"name\":\"listingId\",\"type\":\"string\"},{\"name\":\"propertyId\",\"type\":\"string\"},"
    "{\"name\":\"title\",\"type\":\"string\"},{\"name\":\"description\",\"type\":\"string\"},"
    "{\"name\":\"propertyType\",\"type\":\"string\",\"facet\":true},"
    "{\"name\":\"transactionType\",\"type\":\"string\",\"facet\":true},"
    "{\"name\":\"priceVND\",\"type\":\"int64\",\"sort\":true},"
    "{\"name\":\"pricePerM2\",\"type\":\"float\",\"optional\":true},"
    "{\"name\":\"areaM2\",\"type\":\"float\"},"
    "{\"name\":\"bedrooms\",\"type\":\"int32\",\"facet\":true},"
    "{\"name\":\"bathrooms\",\"type\":\"int32\",\"facet\":true},"
    "{\"name\":\"floors\",\"type\":\"int32\"},"
    "{\"name\":\"direction\",\"type\":\"string\",\"facet\":true},"
    "{\"name\":\"address\",\"type\":\"string\"},"
    "{\"name\":\"ward\",\"type\":\"string\",\"facet\":true},"
    "{\"name\":\"district\",\"type\":\"string\",\"facet\":true},"
    "{\"name\":\"city\",\"type\":\"string\",\"facet\":true},"
    "{\"name\":\"location\",\"type\":\"geopoint\"},{\"name\":\"agentId\",\"type\":\"string\"},"
    "{\"name\":\"sellerId\",\"type\":\"string\"},"
    "{\"name\":\"status\",\"type\":\"string\",\"facet\":true},"
    "{\"name\":\"publishedAt\",\"type\":\"int64\",\"sort\":true},"
    "{\"name\":\"viewCount\",\"type\":\"int32\"},{\"name\":\"saveCount\",\"type\":\"int32\"},"
    "{\"name\":\"projectName\",\"type\":\"string\",\"facet\":true},"
    "{\"name\":\"amenities\",\"type\":\"string[]\",\"facet\":true}]}";

void typesense_ensure_listings(void) {
    struct search_result r = {0};
    cJSON *schema = cJSON_Parse(listings_schema);
    pthread_mutex_lock(&ts.lock);
    if (resolve_index("listings") < 0 && ts.n_collections < MAX_COLLECTIONS) {
        struct search_collection *c = collection_new(schema, &r);
        if (c) {
            insert_collection(c);
        }
    }
    pthread_mutex_unlock(&ts.lock);
    cJSON_Delete(schema);
}

bool typesense_upsert_listings(const char *json_lines, size_t size) {
    struct text out = {0};
    struct import im = {.action = WRITE_UPSERT};
    if (standins_scenarios().disk_full_search) {
        return false;
    }
    pthread_mutex_lock(&ts.lock);
    int i = resolve_index("listings");
    if (i >= 0) {
        im.c = ts.collection[i];
        import_lines(&im, json_lines, size, &out);
        ts.writes++;
    }
    pthread_mutex_unlock(&ts.lock);
    if (im.failed) {
        fprintf(stderr, "goodgo-sandbox: %zu listings could not be indexed: %.300s\n", im.failed,
                out.data);
    }
    text_done(&out);
    return i >= 0;
}

bool typesense_init(void) {
    return true;
}

void typesense_done(void) {
    for (int i = 0; i < ts.n_collections; i++) {
        collection_free(ts.collection[i]);
    }
    for (int i = 0; i < ts.n_keys; i++) {
        cJSON_Delete(ts.key[i].json);
    }
    ts.n_collections = ts.n_keys = 0;
}
