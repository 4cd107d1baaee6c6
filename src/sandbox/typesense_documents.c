/* sandbox/typesense_documents.c - the documents of the Typesense stand-in over HTTP: one by its id,
 * all that a filter lets through, and searches. */
#include "typesense_priv.h"

#include "array.h"

#include <stdlib.h>
#include <string.h>

bool document_action(struct http_request *req, enum write_action *ret_action) {
    static const char *const names[] = {
        [WRITE_CREATE] = "create",
        [WRITE_UPSERT] = "upsert",
        [WRITE_UPDATE] = "update",
        [WRITE_EMPLACE] = "emplace",
    };
    const char *name = http_param(req, "action");
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        if (strcmp(name ? name : "create", names[i]) == 0) {
            *ret_action = (enum write_action)i;
            return true;
        }
    }
    typesense_message(req, 400, "Parameter `action` must be a create|update|upsert.");
    return false;
}

/* ---- one document ---- */

static void not_found_id(struct http_request *req, const char *id) {
    typesense_message(req, 404, "Could not find a document with id: %s", id);
}

static void write_one(struct http_request *req, cJSON *document, enum write_action action,
                      int ok_status) {
    struct search_collection *c = typesense_collection(req);
    struct search_result r = {0};
    const struct search_doc *d = NULL;
    if (!c) {
        return;
    }
    if (!document) {
        typesense_message(req, 400, "Bad JSON.");
        return;
    }
    collection_write(c, document, NULL, 0, action, &r, &d);
    if (d) {
        http_reply(req, ok_status, typesense_json, d->json);
    } else {
        typesense_reply_verdict(req, &r);
    }
}

void document_create(struct http_request *req) {
    enum write_action action = WRITE_CREATE;
    if (document_action(req, &action)) {
        cJSON *document = http_body_json(req);
        write_one(req, document, action, 201);
        cJSON_Delete(document);
    }
}

void document_get(struct http_request *req) {
    const struct search_collection *c = typesense_collection(req);
    const struct search_doc *d = c ? collection_doc(c, req->segment[3]) : NULL;
    if (d) {
        http_reply(req, 200, typesense_json, d->json);
    } else if (c) {
        not_found_id(req, req->segment[3]);
    }
}

void document_patch(struct http_request *req) {
    cJSON *document = http_body_json(req);
    if (cJSON_IsObject(document)) {
        cJSON_DeleteItemFromObject(document, "id");
        cJSON_AddStringToObject(document, "id", req->segment[3]);
    }
    write_one(req, document, WRITE_UPDATE, 200);
    cJSON_Delete(document);
}

void document_delete(struct http_request *req) {
    struct search_collection *c = typesense_collection(req);
    const struct search_doc *d = c ? collection_doc(c, req->segment[3]) : NULL;
    if (d) {
        http_reply(req, 200, typesense_json, d->json);
        collection_remove(c, req->segment[3]);
    } else if (c) {
        not_found_id(req, req->segment[3]);
    }
}

/* ---- many ---- */

void documents_delete(struct http_request *req) {
    struct search_collection *c = typesense_collection(req);
    const char *filter = http_param(req, "filter_by");
    struct search_result r = {0};
    size_t n = 0;
    if (!c) {
        return;
    }
    if (!filter || !*filter) {
        typesense_message(req, 400, "Parameter `filter_by` must be provided.");
        return;
    }
    const struct search_doc **docs = collection_filter(c, filter, &n, &r);
    if (!docs) {
        typesense_reply_verdict(req, &r);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        collection_remove(c, docs[i]->id);
    }
    free(docs);
    http_replyf(req, 200, typesense_json, "{\"num_deleted\":%zu}", n);
}

static cJSON *params_of(const struct http_request *req) {
    cJSON *params = cJSON_CreateObject();
    for (int i = 0; i < req->n_params; i++) {
        cJSON_DeleteItemFromObjectCaseSensitive(params, req->param[i].name);
        cJSON_AddStringToObject(params, req->param[i].name, req->param[i].value);
    }
    return params;
}

void documents_search(struct http_request *req) {
    struct search_result r = {0};
    if (strlen(req->raw_query) > 4000) {
        typesense_message(
            req, 400,
            "Query string exceeds max allowed length of 4000. Use the /multi_search end-point "
            "for larger payloads.");
        return;
    }
    const struct search_collection *c = typesense_collection(req);
    if (!c) {
        return;
    }
    cJSON *params = params_of(req);
    http_reply(req, 200, typesense_json, "");
    collection_search(c, params, &req->reply, &r);
    if (r.status != 200) {
        typesense_reply_verdict(req, &r);
    }
    cJSON_Delete(params);
}

static void multi_one(struct http_request *req, const cJSON *search) {
    struct search_result r = {.status = 404, .message = "Collection not found"};
    const char *name = cJSON_GetStringValue(cJSON_GetObjectItem(search, "collection"));
    const struct search_collection *c = name ? collections_resolve(name) : NULL;
    cJSON *params = params_of(req);
    const cJSON *item = NULL;
    struct text t = {0};
    cJSON_ArrayForEach(item, search) {
        cJSON_DeleteItemFromObjectCaseSensitive(params, item->string);
        cJSON_AddItemToObject(params, item->string, cJSON_Duplicate(item, 1));
    }
    if (c) {
        collection_search(c, params, &t, &r);
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

void multi_search(struct http_request *req) {
    cJSON *body = http_body_json(req);
    const cJSON *searches = cJSON_GetObjectItem(body, "searches");
    const cJSON *search = NULL;
    if (!body) {
        typesense_message(req, 400, "Bad JSON.");
    } else if (!cJSON_IsArray(searches)) {
        typesense_message(req, 400, "Missing `searches` array.");
    } else {
        http_reply(req, 200, typesense_json, "{\"results\":[");
        cJSON_ArrayForEach(search, searches) {
            text_puts(&req->reply, search == searches->child ? "" : ",");
            multi_one(req, search);
        }
        text_puts(&req->reply, "]}");
    }
    cJSON_Delete(body);
}
