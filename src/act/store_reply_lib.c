/* act/store_reply_lib.c - what the object storage says, and the record that an upload leaves: bytes
 * of others, as values. */
#include <string.h>

#include "base/str.h"
#include "store_priv.h"
#include "wire/backup.h"
#include "wire/json.h"
#include "wire/xml.h"

#define KEY_SIZE   1100
#define TOKEN_SIZE 4096
#define ID_SIZE    1024
#define RECORD_MAX ((size_t)65536)

static void take_object(struct xml object, struct arena *a, struct store_objects *all) {
    char key[KEY_SIZE], size[32], etag[80] = "";
    int64_t ignored_s;
    long long bytes;
    if (all->n == STORE_OBJECTS_MAX || !xml_string(object, "Key", key, sizeof key) ||
        !backup_time_of_name(key, &ignored_s) || backup_is_directory(key) ||
        !xml_string(object, "Size", size, sizeof size) || !str_to_i64(size, 0, INT64_MAX, &bytes))
        return;
    if (!xml_string(object, "ETag", etag, sizeof etag))
        etag[0] = 0;
    all->at[all->n++] =
        (struct store_object){arena_strdup(a, key), bytes, arena_strdup(a, etag), ""};
}

bool store_page_read(const char *body, size_t n, struct arena *a, struct store_objects *all,
                     const char **ret_token) {
    struct xml doc = {body ? body : "", n}, object;
    char truncated[8] = "", token[TOKEN_SIZE];
    if (!xml_root_is(doc, "ListBucketResult"))
        return false;
    for (size_t at = 0; xml_next(doc, &at, "Contents", &object);)
        take_object(object, a, all);
    bool more = xml_string(doc, "IsTruncated", truncated, sizeof truncated) &&
                strcmp(truncated, "true") == 0 &&
                xml_string(doc, "NextContinuationToken", token, sizeof token);
    *ret_token = more && *token ? arena_strdup(a, token) : NULL;
    return true;
}

bool store_error_read(const char *body, size_t n, char code[64], char message[200]) {
    struct xml doc = {body ? body : "", n};
    code[0] = message[0] = 0;
    if (!xml_root_is(doc, "Error"))
        return false;
    if (!xml_string(doc, "Code", code, 64))
        code[0] = 0;
    if (!xml_string(doc, "Message", message, 200))
        message[0] = 0;
    return true;
}

const char *store_upload_id(const char *body, size_t n, struct arena *a) {
    struct xml doc = {body ? body : "", n};
    char id[ID_SIZE];
    return xml_string(doc, "UploadId", id, sizeof id) && *id ? arena_strdup(a, id) : NULL;
}

bool store_record_read(const char *bytes, size_t n, struct arena *a, const char **ret_key,
                       const char **ret_id, struct err *err) {
    *ret_key = *ret_id = NULL;
    if (!n) /* its upload was not begun yet */
        return true;
    struct json *record = json_parse(bytes, n, RECORD_MAX, err);
    if (!record)
        return false;
    const char *key = json_string(record, "key"), *id = json_string(record, "uploadId");
    if (key && id) {
        *ret_key = arena_strdup(a, key);
        *ret_id = arena_strdup(a, id);
    }
    json_free(record);
    return true;
}
