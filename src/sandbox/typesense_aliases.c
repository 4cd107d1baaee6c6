/* sandbox/typesense_aliases.c - second names of collections in the Typesense stand-in. */
#include "typesense_priv.h"

#include <stdio.h>
#include <string.h>

enum { MAX_ALIASES = 64 };

static struct alias { char name[SEARCH_NAME], collection[SEARCH_NAME]; } alias[MAX_ALIASES];
static int n_aliases;

static struct alias *alias_find(const char *name) {
    for (int i = 0; i < n_aliases; i++) {
        if (strcmp(alias[i].name, name) == 0) {
            return &alias[i];
        }
    }
    return NULL;
}

const char *alias_target(const char *name) {
    const struct alias *a = alias_find(name);
    return a ? a->collection : NULL;
}

static void add_alias(struct text *t, const struct alias *a) {
    text_puts(t, "{\"collection_name\":");
    text_add_json(t, a->collection);
    text_puts(t, ",\"name\":");
    text_add_json(t, a->name);
    text_puts(t, "}");
}

void aliases_list(struct http_request *req) {
    http_reply(req, 200, typesense_json, "{\"aliases\":[");
    for (int i = 0; i < n_aliases; i++) {
        text_puts(&req->reply, i ? "," : "");
        add_alias(&req->reply, &alias[i]);
    }
    text_puts(&req->reply, "]}");
}

void alias_put(struct http_request *req) {
    cJSON *body = http_body_json(req);
    const char *to = cJSON_GetStringValue(cJSON_GetObjectItem(body, "collection_name"));
    const char *name = req->segment[1];
    struct alias *a = alias_find(name);
    if (!to) {
        typesense_message(req, 400,
                          body ? "Parameter `collection_name` is required." : "Bad JSON.");
    } else if (collections_find(name)) {
        typesense_message(req, 500, "Name `%s` conflicts with an existing collection name.", name);
    } else if (!a && n_aliases == MAX_ALIASES) {
        typesense_message(req, 422, "Rejecting write: running out of resource type: OUT_OF_MEMORY");
    } else {
        a = a ? a : &alias[n_aliases++];
        snprintf(a->name, sizeof a->name, "%s", name);
        snprintf(a->collection, sizeof a->collection, "%s", to);
        http_reply(req, 200, typesense_json, "");
        add_alias(&req->reply, a);
    }
    cJSON_Delete(body);
}

void alias_get(struct http_request *req) {
    const struct alias *a = alias_find(req->segment[1]);
    if (!a) {
        typesense_message(req, 404, "Not Found");
        return;
    }
    http_reply(req, 200, typesense_json, "");
    add_alias(&req->reply, a);
}

void alias_delete(struct http_request *req) {
    struct alias *a = alias_find(req->segment[1]);
    alias_get(req);
    if (a) {
        *a = alias[--n_aliases];
    }
}
