/* sandbox/typesense_extras.c - synonyms and overrides in the Typesense stand-in: kept by id with
 * their collection and gone with it. They are told again, not applied. */
#include "typesense_priv.h"

#include <string.h>

static cJSON **extras_of(struct search_collection *c, const char *kind) {
    return strcmp(kind, "synonyms") == 0 ? &c->synonyms : &c->overrides;
}

void extras_list(struct http_request *req) {
    struct search_collection *c = typesense_collection(req);
    const cJSON *item = NULL;
    if (!c) {
        return;
    }
    cJSON *tree = cJSON_CreateObject();
    cJSON *list = cJSON_AddArrayToObject(tree, req->segment[2]);
    cJSON_ArrayForEach(item, *extras_of(c, req->segment[2])) {
        cJSON_AddItemToArray(list, cJSON_Duplicate(item, 1));
    }
    typesense_reply_json(req, 200, tree);
    cJSON_Delete(tree);
}

void extra_put(struct http_request *req) {
    struct search_collection *c = typesense_collection(req);
    bool synonym = strcmp(req->segment[2], "synonyms") == 0;
    if (!c) {
        return;
    }
    cJSON *body = http_body_json(req);
    if (!cJSON_IsObject(body)) {
        typesense_message(req, 400, "Bad JSON.");
    } else if (synonym && !cJSON_IsArray(cJSON_GetObjectItem(body, "synonyms"))) {
        typesense_message(req, 400, "Could not find an array of `synonyms`");
    } else if (!synonym && !cJSON_IsObject(cJSON_GetObjectItem(body, "rule"))) {
        typesense_message(req, 400, "Missing `rule` definition.");
    } else {
        cJSON **extras = extras_of(c, req->segment[2]);
        cJSON_DeleteItemFromObjectCaseSensitive(body, "id");
        cJSON_AddStringToObject(body, "id", req->segment[3]);
        typesense_reply_json(req, 200, body);
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

void extra_delete(struct http_request *req) {
    struct search_collection *c = typesense_collection(req);
    if (!c) {
        return;
    }
    cJSON *extras = *extras_of(c, req->segment[2]);
    if (!cJSON_GetObjectItemCaseSensitive(extras, req->segment[3])) {
        typesense_message(req, 404, "Could not find that `id`.");
        return;
    }
    cJSON_DeleteItemFromObjectCaseSensitive(extras, req->segment[3]);
    http_reply(req, 200, typesense_json, "{\"id\":");
    text_add_json(&req->reply, req->segment[3]);
    text_puts(&req->reply, "}");
}
