/* sandbox/search.h - the documents of the Typesense stand-in: collections with a schema that is
 * enforced, filters, sorting, facets. No HTTP here; the caller holds the lock. */
#ifndef GOODGO_SANDBOX_SEARCH_H
#define GOODGO_SANDBOX_SEARCH_H

#include "text.h"

#include <cjson/cJSON.h>

enum { SEARCH_MAX_FIELDS = 64, SEARCH_NAME = 128 };

enum field_kind { KIND_STRING, KIND_INT, KIND_FLOAT, KIND_BOOL, KIND_GEO, KIND_ANY };

struct search_field {
    char name[SEARCH_NAME], type[16];
    enum field_kind kind;
    bool array, facet, optional, index, sort, infix, store;
};

struct search_doc {
    struct search_doc *next; /* in its bucket */
    char *id, *json;
    uint64_t seq;
};

struct search_collection {
    char name[SEARCH_NAME];
    char default_sort[SEARCH_NAME];
    uint64_t created_s;
    struct search_field field[SEARCH_MAX_FIELDS];
    int n_fields;
    struct search_doc **bucket;
    size_t n_buckets, n_docs;
    uint64_t next_seq;
    cJSON *synonyms, *overrides; /* objects by id; NULL before the first */
};

/* A verdict: status 200 or 201, else the HTTP status and the sentence. */
struct search_result {
    int status;
    char message[400];
};

void search_verdict(struct search_result *ret, int status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

struct search_collection *collection_new(const cJSON *schema, struct search_result *ret);
void collection_free(struct search_collection *c);
/* One field from its JSON, with its defaults. */
bool search_field_read(const cJSON *json, struct search_field *field, struct search_result *ret);
const struct search_field *collection_field(const struct search_collection *c, const char *name);
void collection_add_json(struct text *t, const struct search_collection *c, bool with_fields);

enum write_action { WRITE_CREATE, WRITE_UPSERT, WRITE_UPDATE, WRITE_EMPLACE };

/* Writes one document; `document` may be changed (an id is made up where it has none). `text` is
 * what it was parsed from, or NULL. `*ret_doc`, where not NULL, receives what is stored now. */
void collection_write(struct search_collection *c, cJSON *document, const char *text, size_t size,
                      enum write_action action, struct search_result *ret,
                      const struct search_doc **ret_doc);
const struct search_doc *collection_doc(const struct search_collection *c, const char *id);
bool collection_remove(struct search_collection *c, const char *id);

/* Every document the filter lets through, newest first; the caller frees the array. NULL with a
 * sentence in `ret` where the filter is wrong. `filter` may be NULL. */
const struct search_doc **collection_filter(const struct search_collection *c, const char *filter,
                                            size_t *ret_n, struct search_result *ret);

/* Runs a search; `params` is an object of strings and numbers. Adds the reply to `t` where
 * ret->status is 200. */
void collection_search(const struct search_collection *c, const cJSON *params, struct text *t,
                       struct search_result *ret);

#endif
