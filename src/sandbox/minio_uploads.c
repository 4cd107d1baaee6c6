/* sandbox/minio_uploads.c - objects that come in parts to the MinIO stand-in: begun, listed, put
 * together, given up. */
#include "minio_priv.h"

#include "sigv4.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { MAX_UPLOADS = 64, MAX_PARTS = 10000, MIN_PART_BYTES = 5 << 20, ID_SIZE = 64 };

struct part {
    int number;
    struct blob blob;
};

struct upload {
    char id[ID_SIZE + 1];
    char bucket[64];
    char *key, *type;
    struct meta meta;
    uint64_t started_ms;
    struct part *part; /* sorted by number */
    size_t n, cap;
};

static struct upload upload[MAX_UPLOADS];
static int n_uploads;

/* ---- the uploads that are going on ---- */

static struct upload *upload_find(const char *id, const char *bucket, const char *key) {
    for (int i = 0; i < n_uploads; i++) {
        struct upload *u = &upload[i];
        if (strcmp(u->id, id) == 0 && strcmp(u->bucket, bucket) == 0 && strcmp(u->key, key) == 0) {
            return u;
        }
    }
    return NULL;
}

static void upload_remove(struct upload *u) {
    for (size_t i = 0; i < u->n; i++) {
        blob_free(&u->part[i].blob);
    }
    free(u->part);
    free(u->key);
    free(u->type);
    meta_free(&u->meta);
    *u = upload[--n_uploads];
}

void uploads_drop(const char *bucket) {
    for (int i = n_uploads; i-- > 0;) {
        if (strcmp(upload[i].bucket, bucket) == 0) {
            upload_remove(&upload[i]);
        }
    }
}

void uploads_done(void) {
    while (n_uploads) {
        upload_remove(&upload[0]);
    }
}

/* ---- beginning, parts, lists ---- */

void upload_start(struct http_request *req, const struct bucket *b, const char *key) {
    const char *type = http_header(req, "Content-Type");
    if (n_uploads == MAX_UPLOADS) {
        minio_error(req, S3_FULL);
        return;
    }
    struct upload *u = &upload[n_uploads++];
    *u = (struct upload){.key = string_copy(key), .started_ms = clock_wall_ms()};
    u->type = type ? string_copy(type) : NULL;
    http_headers_each(req, meta_keep, &u->meta);
    snprintf(u->bucket, sizeof u->bucket, "%s", b->name);
    dice_word(u->id, ID_SIZE);
    minio_xml_begin(req, "InitiateMultipartUploadResult");
    minio_xml_add(&req->reply, "Bucket", b->name);
    minio_xml_add(&req->reply, "Key", key);
    text_addf(&req->reply, "<UploadId>%s</UploadId></InitiateMultipartUploadResult>", u->id);
}

static struct part *part_find(const struct upload *u, int number) {
    for (size_t i = 0; i < u->n; i++) {
        if (u->part[i].number == number) {
            return &u->part[i];
        }
    }
    return NULL;
}

static void upload_part(struct http_request *req, struct upload *u) {
    int number = (int)http_param_i64(req, "partNumber", 0, 1, MAX_PARTS);
    struct part part = {.number = number};
    if (!number) {
        minio_error(req, S3_BAD_PART);
        return;
    }
    if (!blob_make(&part.blob, req->body.data, req->body.size)) {
        minio_error(req, S3_FULL);
        return;
    }
    struct part *old = part_find(u, number);
    if (old) {
        blob_free(&old->blob);
        *old = part;
    } else {
        u->part = minio_grown(u->part, u->n, &u->cap, sizeof *u->part);
        size_t at = u->n++;
        for (; at > 0 && u->part[at - 1].number > number; at--) {
            u->part[at] = u->part[at - 1];
        }
        u->part[at] = part;
    }
    minio_etag_header(req, part.blob.etag);
}

static void list_parts(struct http_request *req, const struct upload *u) {
    minio_xml_begin(req, "ListPartsResult");
    minio_xml_add(&req->reply, "Bucket", u->bucket);
    minio_xml_add(&req->reply, "Key", u->key);
    text_addf(&req->reply,
              "<UploadId>%s</UploadId>%s<StorageClass>STANDARD</StorageClass>"
              "<PartNumberMarker>0</PartNumberMarker><NextPartNumberMarker>0</NextPartNumberMarker>"
              "<MaxParts>10000</MaxParts><IsTruncated>false</IsTruncated>",
              u->id, minio_owner);
    for (size_t i = 0; i < u->n; i++) {
        char when[32];
        clock_iso(u->part[i].blob.modified_ms, when, sizeof when);
        text_addf(&req->reply,
                  "<Part><PartNumber>%d</PartNumber><LastModified>%s</LastModified>"
                  "<ETag>&#34;%s&#34;</ETag><Size>%zu</Size></Part>",
                  u->part[i].number, when, u->part[i].blob.etag, u->part[i].blob.size);
    }
    text_puts(&req->reply, "</ListPartsResult>");
}

void list_uploads(struct http_request *req, const struct bucket *b) {
    minio_xml_begin(req, "ListMultipartUploadsResult");
    text_addf(&req->reply,
              "<Bucket>%s</Bucket><KeyMarker></KeyMarker>"
              "<UploadIdMarker></UploadIdMarker><NextKeyMarker></NextKeyMarker>"
              "<NextUploadIdMarker></NextUploadIdMarker><Prefix></Prefix>"
              "<MaxUploads>10000</MaxUploads><IsTruncated>false</IsTruncated>",
              b->name);
    for (int i = 0; i < n_uploads; i++) {
        const struct upload *u = &upload[i];
        char when[32];
        if (strcmp(u->bucket, b->name) != 0) {
            continue;
        }
        clock_iso(u->started_ms, when, sizeof when);
        text_puts(&req->reply, "<Upload>");
        minio_xml_add(&req->reply, "Key", u->key);
        text_addf(&req->reply,
                  "<UploadId>%s</UploadId><StorageClass></StorageClass>"
                  "<Initiated>%s</Initiated></Upload>",
                  u->id, when);
    }
    text_puts(&req->reply, "</ListMultipartUploadsResult>");
}

/* ---- the end of one ---- */

static bool etag_same(const char *given, const char *etag) {
    while (*given && !isxdigit((unsigned char)*given)) {
        given += strncmp(given, "&quot;", 6) == 0 ? 6 : strncmp(given, "&#34;", 5) == 0 ? 5 : 1;
    }
    return strncasecmp(given, etag, 32) == 0;
}

/* The sixteen bytes behind the hexadecimal of an MD5. */
static void add_md5(struct text *t, const char *etag) {
    for (int k = 0; k < 32; k += 2) {
        char two[3] = {etag[k], etag[k + 1], 0};
        unsigned char byte = (unsigned char)strtoul(two, NULL, 16);
        text_add(t, &byte, 1);
    }
}

/* The parts that were named, one behind the other, and what their ETag is made of. */
struct assembly {
    struct text whole, md5s;
    int n_parts;
};

/* Puts the parts named in the body together; -1 where that worked, else an enum s3_code. */
static int assemble(const struct upload *u, const char *body, struct assembly *a) {
    char *element = NULL;
    const struct part *last = NULL;
    int verdict = -1;
    while (verdict < 0 && (element = minio_xml_next(&body, "Part"))) {
        const char *in_number = element, *in_etag = element;
        char *number = minio_xml_next(&in_number, "PartNumber");
        char *etag = minio_xml_next(&in_etag, "ETag");
        int64_t n = 0;
        const struct part *p =
            string_to_i64(number, &n) && n > 0 && n <= MAX_PARTS ? part_find(u, (int)n) : NULL;
        if (!p || !etag || !etag_same(etag, p->blob.etag)) {
            verdict = S3_INVALID_PART;
        } else if (last && last->blob.size < MIN_PART_BYTES) {
            verdict = S3_TOO_SMALL;
        } else {
            text_add(&a->whole, p->blob.data, p->blob.size);
            add_md5(&a->md5s, p->blob.etag);
            last = p;
            a->n_parts++;
        }
        free(number);
        free(etag);
        free(element);
    }
    return verdict < 0 && !last ? S3_MALFORMED_XML : verdict;
}

/* A multipart ETag: the MD5 of the parts' MD5s, then their number. */
static void assembly_etag(const struct assembly *a, char *out, size_t size) {
    char md5[33];
    md5_hex(a->md5s.data, a->md5s.size, md5);
    snprintf(out, size, "%s-%d", md5, a->n_parts);
}

static void add_completed(struct http_request *req, const char *bucket, const struct object *o) {
    const char *host = http_header(req, "Host");
    struct text *t = &req->reply;
    minio_xml_begin(req, "CompleteMultipartUploadResult");
    text_puts(t, "<Location>http://");
    text_add_xml(t, host ? host : "");
    text_addf(t, "/%s/", bucket);
    text_add_xml(t, o->key);
    text_puts(t, "</Location>");
    minio_xml_add(t, "Bucket", bucket);
    minio_xml_add(t, "Key", o->key);
    text_addf(t, "<ETag>&#34;%s&#34;</ETag></CompleteMultipartUploadResult>", o->blob.etag);
}

static void upload_complete(struct http_request *req, struct bucket *b, struct upload *u) {
    struct assembly a = {.n_parts = 0};
    struct blob blob;
    int verdict = assemble(u, req->body.data ? req->body.data : "", &a);
    if (verdict >= 0) {
        minio_error(req, (enum s3_code)verdict);
    } else if (!blob_make(&blob, a.whole.data, a.whole.size)) {
        minio_error(req, S3_FULL);
    } else {
        assembly_etag(&a, blob.etag, sizeof blob.etag);
        struct object *o = object_put(b, u->key, u->type, blob);
        o->meta = u->meta;
        u->meta.n = 0; /* the object's now */
        add_completed(req, b->name, o);
        upload_remove(u);
    }
    text_done(&a.whole);
    text_done(&a.md5s);
}

void upload_call(struct http_request *req, struct bucket *b, const char *key, const char *id) {
    struct upload *u = upload_find(id, b->name, key);
    if (!u) {
        minio_error(req, S3_NO_UPLOAD);
    } else if (strcmp(req->method, "PUT") == 0) {
        upload_part(req, u);
    } else if (strcmp(req->method, "GET") == 0) {
        list_parts(req, u);
    } else if (strcmp(req->method, "POST") == 0) {
        upload_complete(req, b, u);
    } else if (strcmp(req->method, "DELETE") == 0) {
        upload_remove(u);
        req->status = 204;
    } else {
        minio_error(req, S3_METHOD);
    }
}
