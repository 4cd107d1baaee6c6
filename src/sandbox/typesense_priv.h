/* sandbox/typesense_priv.h - what the files of the Typesense stand-in share. Each keeps its own
 * part of the state (collections, aliases, keys, figures); one lock, held by whoever answers a
 * request, guards them all. */
#ifndef GOODGO_SANDBOX_TYPESENSE_PRIV_H
#define GOODGO_SANDBOX_TYPESENSE_PRIV_H

#include "search.h"
#include "standins.h"

/* ---- standin_typesense.c ---- */
extern const char typesense_json[]; /* the content type of nearly all */
void typesense_lock(void);
void typesense_unlock(void);
void typesense_message(struct http_request *req, int status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void typesense_reply_verdict(struct http_request *req, const struct search_result *r);
void typesense_reply_json(struct http_request *req, int status, const cJSON *tree);

/* ---- typesense_collections.c ---- */
/* By its own name, or NULL. */
struct search_collection *collections_find(const char *name);
/* By its own name or an alias's, or NULL. */
struct search_collection *collections_resolve(const char *name);
/* The one that the path names; NULL, with the reply made, where there is none. */
struct search_collection *typesense_collection(struct http_request *req);
/* Takes the collection; false where there is no room. */
bool collections_add(struct search_collection *c);
void collections_done(void);
void collections_list(struct http_request *req);
void collection_create(struct http_request *req);
void collection_get(struct http_request *req);
void collection_patch(struct http_request *req);
void collection_drop(struct http_request *req);

/* ---- typesense_aliases.c ---- */
/* The name that the alias stands for, or NULL. */
const char *alias_target(const char *name);
void aliases_list(struct http_request *req);
void alias_get(struct http_request *req);
void alias_put(struct http_request *req);
void alias_delete(struct http_request *req);

/* ---- typesense_extras.c ---- */
void extras_list(struct http_request *req);
void extra_put(struct http_request *req);
void extra_delete(struct http_request *req);

/* ---- typesense_documents.c ---- */
/* Of a name that is none: false, and the reply is made. */
bool document_action(struct http_request *req, enum write_action *ret_action);
void document_create(struct http_request *req);
void document_get(struct http_request *req);
void document_patch(struct http_request *req);
void document_delete(struct http_request *req);
void documents_delete(struct http_request *req);
void documents_search(struct http_request *req);
void multi_search(struct http_request *req);

/* ---- typesense_import.c ---- */
void documents_import(struct http_request *req);
void documents_export(struct http_request *req);

/* ---- typesense_keys.c ---- */
bool keys_allow(const char *given, const char *action, const char *collection);
void keys_done(void);
void keys_list(struct http_request *req);
void key_create(struct http_request *req);
void key_get(struct http_request *req);
void key_delete(struct http_request *req);

/* ---- typesense_node.c ---- */
enum traffic_kind { TRAFFIC_SEARCH, TRAFFIC_IMPORT, TRAFFIC_WRITE, TRAFFIC_DELETE, N_TRAFFIC };

/* One request that took so long; `kind` is -1 for none of the four. */
void node_count_request(int kind, uint64_t ms);
void node_count_write(void);
void node_health(struct http_request *req);
void node_debug(struct http_request *req);
void node_status(struct http_request *req);
void node_stats(struct http_request *req);
void node_metrics(struct http_request *req);

#endif
