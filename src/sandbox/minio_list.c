/* sandbox/minio_list.c - lists of buckets, and of the objects in one: by prefix, folded at a
 * delimiter, a page at a time. */
#include "minio_priv.h"

#include <ctype.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_KEYS_LISTED = 1000 };

static void add_key(struct text *t, const char *s, bool url) {
    if (!url) {
        text_add_xml(t, s);
        return;
    }
    for (; *s; s++) {
        unsigned char c = (unsigned char)*s;
        if (isalnum(c) || strchr("-_.*~/", c)) {
            text_add(t, s, 1);
        } else if (c == ' ') {
            text_puts(t, "+");
        } else {
            text_addf(t, "%%%02X", c);
        }
    }
}

static void add_element(struct text *t, const char *name, const char *s, bool url) {
    text_addf(t, "<%s>", name);
    add_key(t, s, url);
    text_addf(t, "</%s>", name);
}

static void add_object(struct text *t, const struct object *o, bool url, bool with_owner) {
    char when[32];
    clock_iso(o->blob.modified_ms, when, sizeof when);
    text_puts(t, "<Contents>");
    add_element(t, "Key", o->key, url);
    text_addf(t, "<LastModified>%s</LastModified><ETag>&#34;%s&#34;</ETag><Size>%zu</Size>", when,
              o->blob.etag, o->blob.size);
    text_addf(t, "%s<StorageClass>STANDARD</StorageClass></Contents>",
              with_owner ? minio_owner : "");
}

struct listing {
    const char *prefix, *delimiter, *after;
    size_t max_keys;
    bool url, v2;
    struct text contents, prefixes, next;
    size_t n;
    bool truncated;
};

/* The part up to the delimiter behind the prefix, or 0 where there is none. */
static size_t common_prefix(const struct listing *l, const char *key) {
    size_t n = strlen(l->prefix);
    const char *cut = *l->delimiter ? strstr(key + n, l->delimiter) : NULL;
    return cut ? (size_t)(cut - key) + strlen(l->delimiter) : 0;
}

static void list_bucket(struct listing *l, const struct bucket *b) {
    size_t at = object_at(b, *l->after ? l->after : l->prefix);
    size_t prefix_size = strlen(l->prefix);
    for (; at < b->n; at++) {
        const struct object *o = &b->object[at];
        if (strncmp(o->key, l->prefix, prefix_size) != 0) {
            if (strcmp(o->key, l->prefix) > 0) {
                break;
            }
            continue;
        }
        size_t common = common_prefix(l, o->key);
        bool seen = *l->after && (strcmp(o->key, l->after) <= 0 ||
                                  (common && strncmp(o->key, l->after, common) == 0));
        bool repeated =
            common && l->next.size == common && strncmp(l->next.data, o->key, common) == 0;
        if (seen || repeated) {
            continue;
        }
        if (l->n == l->max_keys) {
            l->truncated = true;
            break;
        }
        l->n++;
        l->next.size = 0;
        text_add(&l->next, o->key, common ? common : strlen(o->key));
        if (common) {
            text_puts(&l->prefixes, "<CommonPrefixes>");
            add_element(&l->prefixes, "Prefix", l->next.data, l->url);
            text_puts(&l->prefixes, "</CommonPrefixes>");
        } else {
            add_object(&l->contents, o, l->url, !l->v2);
        }
    }
    l->truncated = l->truncated && l->max_keys > 0;
}

static void base64(const char *s, size_t size, struct text *t) {
    unsigned char *out = malloc(size * 2 + 8);
    if (out) {
        int n = EVP_EncodeBlock(out, (const unsigned char *)s, (int)size);
        text_add(t, out, (size_t)n);
        free(out);
    }
}

static bool unbase64(const char *s, struct text *t) {
    size_t n = strlen(s);
    unsigned char *out = malloc(n + 4);
    int size = n && n % 4 == 0 && out ? EVP_DecodeBlock(out, (const unsigned char *)s, (int)n) : -1;
    if (size >= 0) {
        size_t padding = (size_t)(s[n - 1] == '=') + (size_t)(n > 1 && s[n - 2] == '=');
        text_add(t, out, (size_t)size - padding);
    }
    free(out);
    return size >= 0;
}

static void add_listing(struct text *t, const struct listing *l, const struct bucket *b,
                        const char *token) {
    text_addf(t, "<Name>%s</Name>", b->name);
    add_element(t, "Prefix", l->prefix, l->url);
    if (l->v2 && token) {
        text_addf(t, "<ContinuationToken>%s</ContinuationToken>", token);
    }
    if (!l->v2) {
        add_element(t, "Marker", l->after, l->url);
    }
    if (l->truncated && l->v2) {
        text_puts(t, "<NextContinuationToken>");
        base64(l->next.data, l->next.size, t);
        text_puts(t, "</NextContinuationToken>");
    } else if (l->truncated) {
        add_element(t, "NextMarker", l->next.data, l->url);
    }
    if (l->v2) {
        text_addf(t, "<KeyCount>%zu</KeyCount>", l->n);
    }
    text_addf(t, "<MaxKeys>%zu</MaxKeys>", l->max_keys);
    if (*l->delimiter) {
        add_element(t, "Delimiter", l->delimiter, l->url);
    }
    text_addf(t, "<IsTruncated>%s</IsTruncated>", l->truncated ? "true" : "false");
    text_add(t, l->contents.data, l->contents.size);
    text_add(t, l->prefixes.data, l->prefixes.size);
    text_puts(t, l->url ? "<EncodingType>url</EncodingType></ListBucketResult>"
                        : "</ListBucketResult>");
}

static const char *param_or(const struct http_request *req, const char *name,
                            const char *fallback) {
    const char *v = http_param(req, name);
    return v ? v : fallback;
}

void list_objects(struct http_request *req, const struct bucket *b) {
    int64_t max_keys = MAX_KEYS_LISTED;
    const char *given = http_param(req, "max-keys");
    const char *token = http_param(req, "continuation-token");
    struct text after = {0};
    struct listing l = {
        .prefix = param_or(req, "prefix", ""),
        .delimiter = param_or(req, "delimiter", ""),
        .v2 = strcmp(param_or(req, "list-type", ""), "2") == 0,
        .url = strcmp(param_or(req, "encoding-type", ""), "url") == 0,
    };
    if (given && *given &&
        (!string_to_i64(given, &max_keys) || max_keys < 0 || max_keys > INT32_MAX)) {
        minio_error(req, S3_BAD_MAX_KEYS);
        return;
    }
    if (l.v2 && token && !unbase64(token, &after)) {
        minio_error(req, S3_BAD_TOKEN);
        return;
    }
    if (!after.size) {
        text_puts(&after, param_or(req, l.v2 ? "start-after" : "marker", ""));
    }
    l.after = after.data;
    l.max_keys = max_keys > MAX_KEYS_LISTED ? MAX_KEYS_LISTED : (size_t)max_keys;
    list_bucket(&l, b);
    minio_xml_begin(req, "ListBucketResult");
    add_listing(&req->reply, &l, b, token);
    text_done(&l.contents);
    text_done(&l.prefixes);
    text_done(&l.next);
    text_done(&after);
}

void list_buckets(struct http_request *req) {
    int i = 0;
    char when[32];
    minio_xml_begin(req, "ListAllMyBucketsResult");
    text_addf(&req->reply, "%s<Buckets>", minio_owner);
    for (const struct bucket *b = bucket_at(0); b; b = bucket_at(++i)) {
        clock_iso(b->created_ms, when, sizeof when);
        text_addf(&req->reply, "<Bucket><Name>%s</Name><CreationDate>%s</CreationDate></Bucket>",
                  b->name, when);
    }
    text_puts(&req->reply, "</Buckets></ListAllMyBucketsResult>");
}
