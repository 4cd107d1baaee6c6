/* wire/json.c - the only file that knows cJSON. A struct json is a cJSON node; nothing outside can
 * tell. */
#include "wire/json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "base/str.h"

#define MAX_DEPTH  64
#define MAX_VALUES 2000000 /* a node of cJSON takes 64 bytes however short its text */

static const cJSON *node(const struct json *j) {
    return (const cJSON *)(const void *)j;
}

static const struct json *wrap(const cJSON *n) {
    return (const struct json *)(const void *)n;
}

/* cJSON recurses up to 1000 deep and keeps every value: refuse before it starts. What stands inside
 * strings does not count. NULL when the document may be parsed, else what is too much. */
static const char *too_much(const char *s, size_t n) {
    size_t depth = 0, values = 1;
    bool quoted = false;
    for (size_t i = 0; i < n; i++) {
        if (quoted) {
            if (s[i] == '\\')
                i++;
            else if (s[i] == '"')
                quoted = false;
        } else if (s[i] == '"') {
            quoted = true;
        } else if (s[i] == '{' || s[i] == '[') {
            values++;
            if (++depth > MAX_DEPTH)
                return "nested too deep: more than 64 levels";
        } else if ((s[i] == '}' || s[i] == ']') && depth) {
            depth--;
        } else if (s[i] == ',' && ++values > MAX_VALUES) {
            return "more than 2,000,000 values";
        }
    }
    return NULL;
}

static bool blank_from(const char *s, const char *end) {
    while (s < end && (*s == ' ' || *s == '\t' || *s == '\n' || *s == '\r'))
        s++;
    return s >= end;
}

struct json *json_parse(const char *bytes, size_t n, size_t max_bytes, struct err *err) {
    if (n > max_bytes) {
        err_set(err, E_TOO_BIG, "json", "", "%zu bytes, at most %zu are read", n, max_bytes);
        return NULL;
    }
    const char *much = too_much(bytes, n);
    if (much) {
        err_set(err, E_PROTOCOL, "json", "", "%s", much);
        return NULL;
    }
    const char *end = NULL;
    cJSON *root = cJSON_ParseWithLengthOpts(bytes, n, &end, 0);
    if (!root) {
        size_t at = end ? (size_t)(end - bytes) : 0;
        err_set(err, E_PROTOCOL, "json", "", "not JSON at byte %zu of %zu", at, n);
        return NULL;
    }
    if (!blank_from(end, bytes + n)) {
        err_set(err, E_PROTOCOL, "json", "", "bytes after the document at byte %zu",
                (size_t)(end - bytes));
        cJSON_Delete(root);
        return NULL;
    }
    return (struct json *)(void *)root;
}

void json_free(struct json *root) {
    cJSON_Delete((cJSON *)(void *)root);
}

/* One path step: a member's name up to '.' or '[', or an index. Returns NULL at a miss. */
static const cJSON *step(const cJSON *at, const char **path) {
    if (**path == '[') {
        char *end;
        unsigned long i = strtoul(*path + 1, &end, 10);
        *path = *end == ']' ? end + 1 : end + strlen(end);
        return cJSON_IsArray(at) && i < 100000000 ? cJSON_GetArrayItem(at, (int)i) : NULL;
    }
    char name[128];
    size_t n = strcspn(*path, ".[");
    if (n >= sizeof name)
        return NULL;
    memcpy(name, *path, n);
    name[n] = 0;
    *path += n;
    return cJSON_IsObject(at) ? cJSON_GetObjectItemCaseSensitive(at, name) : NULL;
}

const struct json *json_get(const struct json *j, const char *path) {
    const cJSON *at = node(j);
    while (at && *path) {
        if (*path == '.')
            path++;
        at = step(at, &path);
    }
    return wrap(at);
}

bool json_is_object(const struct json *j) {
    return j && cJSON_IsObject(node(j));
}

bool json_is_array(const struct json *j) {
    return j && cJSON_IsArray(node(j));
}

bool json_is_null(const struct json *j) {
    return j && cJSON_IsNull(node(j));
}

const struct json *json_first(const struct json *j) {
    return j && (json_is_object(j) || json_is_array(j)) ? wrap(node(j)->child) : NULL;
}

const struct json *json_next(const struct json *j) {
    return j ? wrap(node(j)->next) : NULL;
}

size_t json_size(const struct json *j) {
    size_t n = 0;
    for (const struct json *c = json_first(j); c; c = json_next(c))
        n++;
    return n;
}

const char *json_key(const struct json *j) {
    return j ? node(j)->string : NULL;
}

const char *json_string(const struct json *j, const char *path) {
    const struct json *at = json_get(j, path);
    return at && cJSON_IsString(node(at)) ? node(at)->valuestring : NULL;
}

bool json_double(const struct json *j, const char *path, double *ret_d) {
    const struct json *at = json_get(j, path);
    if (!at)
        return false;
    if (cJSON_IsNumber(node(at))) {
        *ret_d = node(at)->valuedouble;
        return true;
    }
    return cJSON_IsString(node(at)) && str_to_double(node(at)->valuestring, ret_d);
}

bool json_i64(const struct json *j, const char *path, int64_t min, int64_t max, int64_t *ret_n) {
    const struct json *at = json_get(j, path);
    if (!at)
        return false;
    if (cJSON_IsString(node(at)))
        return str_to_i64(node(at)->valuestring, min, max, ret_n);
    double d = cJSON_IsNumber(node(at)) ? node(at)->valuedouble : NAN;
    if (!(fabs(d) <= (double)JSON_EXACT_MAX) || d != floor(d))
        return false;
    if ((int64_t)d < min || (int64_t)d > max)
        return false;
    *ret_n = (int64_t)d;
    return true;
}

bool json_bool(const struct json *j, const char *path, bool *ret_b) {
    const struct json *at = json_get(j, path);
    if (!at || !cJSON_IsBool(node(at)))
        return false;
    *ret_b = cJSON_IsTrue(node(at));
    return true;
}

bool json_is_true(const struct json *j, const char *path) {
    bool b;
    return json_bool(j, path, &b) && b;
}

const struct json *json_named(const struct json *list, const char *name) {
    for (const struct json *c = json_first(list); c; c = json_next(c)) {
        const char *found = json_string(c, "name");
        if (found && strcmp(found, name) == 0)
            return c;
    }
    return NULL;
}
