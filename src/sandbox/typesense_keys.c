/* sandbox/typesense_keys.c - the keys of the Typesense stand-in: made, listed, dropped, and asked
 * what they allow. */
#include "typesense_priv.h"

#include <math.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_KEYS = 64, KEY_SIZE = 64, MADE_KEY = 32 };
#define NEVER_S 64723363199 /* what the real one gives a key without an end */

static struct key {
    int id;
    char value[KEY_SIZE];
    int64_t expires_at_s;
    cJSON *json; /* as it was sent, without the value */
} key[MAX_KEYS];
static int n_keys, next_id;

/* ---- routes ---- */

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

void keys_list(struct http_request *req) {
    http_reply(req, 200, typesense_json, "{\"keys\":[");
    for (int i = 0; i < n_keys; i++) {
        text_puts(&req->reply, i ? "," : "");
        add_key(&req->reply, &key[i]);
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
           : n_keys == MAX_KEYS ? "Too many keys."
                                : NULL;
}

void key_create(struct http_request *req) {
    cJSON *body = http_body_json(req);
    const char *problem = key_problem(body);
    if (problem) {
        typesense_message(req, 400, "%s", problem);
        cJSON_Delete(body);
        return;
    }
    struct key *k = &key[n_keys++];
    const char *value = cJSON_GetStringValue(cJSON_GetObjectItem(body, "value"));
    const cJSON *expires = cJSON_GetObjectItem(body, "expires_at");
    *k = (struct key){.id = next_id++, .expires_at_s = NEVER_S, .json = body};
    if (cJSON_IsNumber(expires)) {
        k->expires_at_s = (int64_t)fmax(0, fmin(expires->valuedouble, NEVER_S));
    } else {
        cJSON_AddNumberToObject(body, "expires_at", (double)k->expires_at_s);
    }
    if (value && *value) {
        snprintf(k->value, sizeof k->value, "%s", value);
    } else {
        dice_word(k->value, MADE_KEY);
    }
    cJSON_DeleteItemFromObject(body, "value");
    cJSON_AddNumberToObject(body, "id", k->id);
    if (!cJSON_GetObjectItem(body, "autodelete")) {
        cJSON_AddBoolToObject(body, "autodelete", 0);
    }
    cJSON *whole = cJSON_Duplicate(body, 1);
    cJSON_AddStringToObject(whole, "value", k->value);
    typesense_reply_json(req, 201, whole);
    cJSON_Delete(whole);
}

static struct key *key_by_id(const char *text) {
    int64_t id = -1;
    bool number = string_to_i64(text, &id);
    for (int i = 0; number && i < n_keys; i++) {
        if (key[i].id == id) {
            return &key[i];
        }
    }
    return NULL;
}

void key_get(struct http_request *req) {
    const struct key *k = key_by_id(req->segment[1]);
    if (!k) {
        typesense_message(req, 404, "Not found.");
        return;
    }
    http_reply(req, 200, typesense_json, "");
    add_key(&req->reply, k);
}

void key_delete(struct http_request *req) {
    struct key *k = key_by_id(req->segment[1]);
    if (!k) {
        typesense_message(req, 404, "Not found.");
        return;
    }
    http_replyf(req, 200, typesense_json, "{\"id\":%d}", k->id);
    cJSON_Delete(k->json);
    *k = key[--n_keys];
}

/* ---- what a key allows ---- */

/* A pattern stands for whole names. */
static bool pattern_fits(const char *pattern, const char *name) {
    char whole[SEARCH_NAME + 8];
    regex_t re;
    int n = snprintf(whole, sizeof whole, "^(%s)$", pattern);
    if (n >= (int)sizeof whole || regcomp(&re, whole, REG_EXTENDED | REG_NOSUB) != 0) {
        return false;
    }
    bool fits = regexec(&re, name, 0, NULL, 0) == 0;
    regfree(&re);
    return fits;
}

/* documents:* */
static bool is_group_of(const char *group, const char *action) {
    size_t n = strlen(group);
    return n > 2 && strcmp(group + n - 2, ":*") == 0 && strncmp(group, action, n - 1) == 0;
}

static bool list_allows(const cJSON *list, const char *wanted,
                        bool (*fits)(const char *listed, const char *wanted)) {
    const cJSON *item = NULL;
    cJSON_ArrayForEach(item, list) {
        const char *s = cJSON_GetStringValue(item);
        if (s && (strcmp(s, "*") == 0 || strcmp(s, wanted) == 0 || fits(s, wanted))) {
            return true;
        }
    }
    return false;
}

bool keys_allow(const char *given, const char *action, const char *collection) {
    if (!given) {
        return false;
    }
    if (*standins_platform()->typesense_api_key &&
        strcmp(given, standins_platform()->typesense_api_key) == 0) {
        return true;
    }
    for (int i = 0; i < n_keys; i++) {
        const struct key *k = &key[i];
        if (strcmp(k->value, given) == 0 && k->expires_at_s > (int64_t)(clock_wall_ms() / 1000)) {
            return list_allows(cJSON_GetObjectItem(k->json, "actions"), action, is_group_of) &&
                   list_allows(cJSON_GetObjectItem(k->json, "collections"), collection,
                               pattern_fits);
        }
    }
    return false;
}

void keys_done(void) {
    for (int i = 0; i < n_keys; i++) {
        cJSON_Delete(key[i].json);
    }
    n_keys = 0;
}
