/* act/store_reply_lib.c - what the object storage says, a directory's last object, and the record
 * that an upload leaves: bytes of others, as values. */
#include <stdlib.h>
#include <string.h>

#include "archive_priv.h"
#include "base/str.h"
#include "store_priv.h"
#include "wire/backup.h"
#include "wire/json.h"
#include "wire/xml.h"

#define KEY_SIZE   1100
#define TOKEN_SIZE 4096
#define ID_SIZE    1024
#define HEX_DIGITS 64

/* ---- lists ---- */

static bool object_read(struct xml x, struct arena *a, struct store_object *ret) {
    char key[KEY_SIZE], size[32], etag[80] = "";
    int64_t bytes;
    if (!xml_string(x, "Key", key, sizeof key) || !xml_string(x, "Size", size, sizeof size) ||
        !str_to_i64(size, 0, INT64_MAX, &bytes))
        return false;
    if (!xml_string(x, "ETag", etag, sizeof etag))
        etag[0] = 0;
    *ret = (struct store_object){arena_strdup(a, key), arena_strdup(a, etag), bytes};
    return true;
}

bool store_page_read(const char *body, size_t n, struct arena *a,
                     void (*on_object)(void *ctx, const struct store_object *o), void *ctx,
                     const char **ret_token) {
    struct xml doc = {body ? body : "", n}, object;
    struct store_object o;
    char truncated[8] = "", token[TOKEN_SIZE];
    if (!xml_root_is(doc, "ListBucketResult"))
        return false;
    for (size_t at = 0; xml_next(doc, &at, "Contents", &object);)
        if (object_read(object, a, &o))
            on_object(ctx, &o);
    bool more = xml_string(doc, "IsTruncated", truncated, sizeof truncated) &&
                strcmp(truncated, "true") == 0 &&
                xml_string(doc, "NextContinuationToken", token, sizeof token);
    *ret_token = more && *token ? arena_strdup(a, token) : NULL;
    return true;
}

/* All objects of a copy come one after another. */
static struct store_copy *copy_of(struct store_copies *all, struct arena *a, const char *name) {
    if (all->n && strcmp(all->at[all->n - 1].name, name) == 0)
        return &all->at[all->n - 1];
    if (all->n == STORE_COPIES_MAX) {
        all->full = true;
        return NULL;
    }
    all->at[all->n] = (struct store_copy){.name = arena_strdup(a, name), .etag = "", .sha256 = ""};
    return &all->at[all->n++];
}

void store_copies_add(struct store_copies *all, struct arena *a, const struct store_object *o) {
    char name[BACKUP_NAME_SIZE];
    enum copy_part part = backup_copy_part(o->key, name);
    struct store_copy *c = part == COPY_NONE ? NULL : copy_of(all, a, name);
    if (!c)
        return;
    switch (part) {
    case COPY_ARCHIVE:
        c->whole = true;
        c->size_bytes = o->size_bytes;
        c->etag = o->etag;
        break;
    case COPY_MEMBER:
        c->n_files++;
        c->size_bytes =
            o->size_bytes > INT64_MAX - c->size_bytes ? INT64_MAX : c->size_bytes + o->size_bytes;
        break;
    case COPY_INDEX:
        c->indexed = true;
        break;
    default:
        c->manifest = true;
    }
}

/* ---- answers ---- */

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

bool store_uploads_read(const char *body, size_t n, struct arena *a,
                        void (*on_upload)(void *ctx, const char *key, const char *id), void *ctx) {
    struct xml doc = {body ? body : "", n}, upload;
    char key[KEY_SIZE], id[ID_SIZE];
    if (!xml_root_is(doc, "ListMultipartUploadsResult"))
        return false;
    for (size_t at = 0; xml_next(doc, &at, "Upload", &upload);)
        if (xml_string(upload, "Key", key, sizeof key) &&
            xml_string(upload, "UploadId", id, sizeof id) && *id)
            on_upload(ctx, arena_strdup(a, key), arena_strdup(a, id));
    return true;
}

bool store_record_read(const char *bytes, size_t n, struct arena *a, const char **ret_key,
                       const char **ret_id, struct err *err) {
    *ret_key = *ret_id = NULL;
    if (!n) /* its upload was not begun yet */
        return true;
    struct json *record = json_parse(bytes, n, UPLOAD_RECORD_MAX, err);
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

/* ---- a directory's last object ---- */

/* "<64 digits>  NAME"; false where it is nothing of the kind. */
static bool index_line(const char *line, size_t n, struct arena *a, struct store_file *ret) {
    static const char digits[] = "0123456789abcdef";
    if (n < HEX_DIGITS + 3 || memcmp(line + HEX_DIGITS, "  ", 2) != 0)
        return false;
    const char *hex = arena_strndup(a, line, HEX_DIGITS);
    const char *name = arena_strndup(a, line + HEX_DIGITS + 2, n - HEX_DIGITS - 2);
    *ret = (struct store_file){.name = name, .sha256 = hex};
    return strspn(hex, digits) == HEX_DIGITS && strlen(name) == n - HEX_DIGITS - 2 &&
           member_name_fits(name);
}

bool store_index_read(const char *bytes, size_t n, const char *target, struct arena *a,
                      struct store_files *ret, struct err *err) {
    struct store_files f = {.n = 0};
    f.at = arena_alloc(a, (n / (HEX_DIGITS + 4) + 1) * sizeof *f.at);
    for (size_t at = 0; at < n;) {
        const char *line = bytes + at, *end = memchr(line, '\n', n - at);
        if (!end || !index_line(line, (size_t)(end - line), a, &f.at[f.n]) ||
            (f.n && strcmp(f.at[f.n - 1].name, f.at[f.n].name) >= 0))
            return err_set(err, E_PROTOCOL, "store.index", target,
                           "is no list of a backup's files: line %u is damaged", f.n + 1);
        f.n++;
        at += (size_t)(end - line) + 1;
    }
    *ret = f;
    return f.n > 0 || err_set(err, E_PROTOCOL, "store.index", target, "is empty");
}

static int by_name(const void *x, const void *y) {
    return strcmp(((const struct store_file *)x)->name, ((const struct store_file *)y)->name);
}

struct store_file *store_files_find(const struct store_files *f, const char *name) {
    struct store_file key = {.name = name};
    return f->n ? bsearch(&key, f->at, f->n, sizeof *f->at, by_name) : NULL;
}
