/* sandbox/search_documents.c - the documents of a collection: a hash table of their texts by id,
 * and the four ways to write one. */
#include "search_priv.h"

#include "clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void search_verdict(struct search_result *ret, int status, const char *format, ...) {
    va_list args;
    va_start(args, format);
    vsnprintf(ret->message, sizeof ret->message, format, args);
    va_end(args);
    ret->status = status;
}

/* ---- the table of documents ---- */

static size_t hash_of(const char *s) {
    uint64_t h = 1469598103934665603u;
    for (; *s; s++) {
        h = (h ^ (unsigned char)*s) * 1099511628211u;
    }
    return (size_t)h;
}

static struct search_doc **slot_of(const struct search_collection *c, const char *id) {
    struct search_doc **at = &c->bucket[hash_of(id) % c->n_buckets];
    while (*at && strcmp((*at)->id, id) != 0) {
        at = &(*at)->next;
    }
    return at;
}

static void grow(struct search_collection *c) {
    size_t n = c->n_buckets * 4;
    struct search_doc **bucket = calloc(n, sizeof *bucket);
    if (!bucket) {
        return;
    }
    for (size_t i = 0; i < c->n_buckets; i++) {
        for (struct search_doc *d = c->bucket[i], *next; d; d = next) {
            next = d->next;
            struct search_doc **to = &bucket[hash_of(d->id) % n];
            d->next = *to;
            *to = d;
        }
    }
    free(c->bucket);
    c->bucket = bucket;
    c->n_buckets = n;
}

static void doc_free(struct search_doc *d) {
    free(d->id);
    free(d->json);
    free(d);
}

struct search_collection *collection_new(const cJSON *schema, struct search_result *ret) {
    struct search_collection *c = calloc(1, sizeof *c);
    if (!c) {
        abort();
    }
    if (!schema_read(c, schema, ret)) {
        free(c);
        return NULL;
    }
    c->created_s = clock_wall_ms() / 1000;
    c->n_buckets = 1024;
    c->bucket = calloc(c->n_buckets, sizeof *c->bucket);
    if (!c->bucket) {
        abort();
    }
    ret->status = 201;
    return c;
}

void collection_free(struct search_collection *c) {
    if (!c) {
        return;
    }
    for (size_t i = 0; i < c->n_buckets; i++) {
        struct search_doc *d = c->bucket[i];
        while (d) {
            struct search_doc *next = d->next;
            doc_free(d);
            d = next;
        }
    }
    free(c->bucket);
    cJSON_Delete(c->synonyms);
    cJSON_Delete(c->overrides);
    free(c);
}

const struct search_doc *collection_doc(const struct search_collection *c, const char *id) {
    return *slot_of(c, id);
}

bool collection_remove(struct search_collection *c, const char *id) {
    struct search_doc **at = slot_of(c, id);
    struct search_doc *d = *at;
    if (!d) {
        return false;
    }
    *at = d->next;
    doc_free(d);
    c->n_docs--;
    return true;
}

/* ---- writing ---- */

/* The members of `change` laid over the stored document. */
static cJSON *merged(const struct search_doc *old, const cJSON *change) {
    cJSON *d = cJSON_Parse(old->json);
    const cJSON *item = NULL;
    cJSON_ArrayForEach(item, change) {
        cJSON_DeleteItemFromObjectCaseSensitive(d, item->string);
        if (!cJSON_IsNull(item)) {
            cJSON_AddItemToObject(d, item->string, cJSON_Duplicate(item, 1));
        }
    }
    return d;
}

static const char *document_id(struct search_collection *c, cJSON *document,
                               struct search_result *ret) {
    const cJSON *id = cJSON_GetObjectItemCaseSensitive(document, "id");
    if (id && !cJSON_IsString(id)) {
        search_verdict(ret, 400, "Document's `id` field should be a string.");
        return NULL;
    }
    if (id && !*id->valuestring) {
        search_verdict(ret, 400, "The `id` should not be empty.");
        return NULL;
    }
    if (id) {
        return id->valuestring;
    }
    char made[32];
    snprintf(made, sizeof made, "%llu", (unsigned long long)c->next_seq);
    while (collection_doc(c, made)) { /* a client has given the number itself */
        snprintf(made, sizeof made, "%llu", (unsigned long long)++c->next_seq);
    }
    const cJSON *added = cJSON_AddStringToObject(document, "id", made);
    return cJSON_GetStringValue(added);
}

/* Takes `json`. */
static const struct search_doc *store(struct search_collection *c, const char *id, char *json) {
    struct search_doc **at = slot_of(c, id);
    if (!json) {
        abort();
    }
    if (*at) {
        free((*at)->json);
        (*at)->json = json;
        return *at;
    }
    struct search_doc *d = calloc(1, sizeof *d);
    if (!d) {
        abort();
    }
    *d = (struct search_doc){.id = string_copy(id), .json = json, .seq = c->next_seq++};
    *at = d;
    if (++c->n_docs > c->n_buckets * 2) {
        grow(c);
    }
    return d;
}

void collection_write(struct search_collection *c, cJSON *document, const char *text, size_t size,
                      enum write_action action, struct search_result *ret,
                      const struct search_doc **ret_doc) {
    if (!cJSON_IsObject(document)) {
        search_verdict(ret, 400, "Bad JSON: not a properly formed document.");
        return;
    }
    bool as_sent = text && cJSON_GetObjectItemCaseSensitive(document, "id") && text[0] == '{' &&
                   text[size - 1] == '}';
    const char *id = document_id(c, document, ret);
    if (!id) {
        return;
    }
    const struct search_doc *old = collection_doc(c, id);
    if (old && action == WRITE_CREATE) {
        search_verdict(ret, 409, "A document with id %s already exists.", id);
        return;
    }
    if (!old && action == WRITE_UPDATE) {
        search_verdict(ret, 404, "Could not find a document with id: %s", id);
        return;
    }
    bool merge = old && (action == WRITE_UPDATE || action == WRITE_EMPLACE);
    cJSON *whole = merge ? merged(old, document) : document;
    if (schema_fits(c, whole, ret)) {
        /* cJSON prints fifteen digits of a number: as it was sent it stays exact, and is faster. */
        const struct search_doc *d = store(
            c, id, as_sent && !merge ? string_copy_n(text, size) : cJSON_PrintUnformatted(whole));
        ret->status = old ? 200 : 201;
        if (ret_doc) {
            *ret_doc = d;
        }
    }
    if (merge) {
        cJSON_Delete(whole);
    }
}
