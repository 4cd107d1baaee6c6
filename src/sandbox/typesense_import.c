/* sandbox/typesense_import.c - documents as JSON lines, into the Typesense stand-in and out of it;
 * the collection of listings that the API keeps there. */
#include "typesense_priv.h"

#include "say.h"

#include <stdlib.h>
#include <string.h>

/* ---- import ---- */

struct import {
    struct search_collection *c;
    enum write_action action;
    bool return_id, return_doc;
    size_t failed;
};

static void import_line(struct import *im, const char *line, size_t size, struct text *out) {
    struct search_result r = {0};
    const struct search_doc *d = NULL;
    cJSON *document = cJSON_ParseWithLength(line, size);
    if (document) {
        collection_write(im->c, document, line, size, im->action, &r, &d);
    } else {
        search_verdict(
            &r, 400,
            "Bad JSON: [json.exception.parse_error.101] parse error at line 1, column %zu: "
            "syntax error while parsing value",
            size + 1);
    }
    /* Here, not before: who creates a document without an id is given one. */
    const cJSON *id = cJSON_GetObjectItemCaseSensitive(document, "id");
    text_puts(out, out->size ? "\n{" : "{");
    if (d) {
        if (im->return_doc) {
            text_addf(out, "\"document\":%s,", d->json);
        }
    } else {
        char *raw = string_copy_n(line, size);
        im->failed++;
        text_addf(out, "\"code\":%d,\"document\":", r.status);
        text_add_json(out, raw);
        text_puts(out, ",\"error\":");
        text_add_json(out, r.message);
        text_puts(out, ",");
        free(raw);
    }
    if (im->return_id && cJSON_IsString(id)) {
        text_puts(out, "\"id\":");
        text_add_json(out, id->valuestring);
        text_puts(out, ",");
    }
    text_addf(out, "\"success\":%s}", d ? "true" : "false");
    cJSON_Delete(document);
}

static bool is_blank(const char *s, size_t size) {
    while (size && (*s == ' ' || *s == '\t' || *s == '\r')) {
        s++;
        size--;
    }
    return size == 0;
}

static void import_lines(struct import *im, const char *lines, size_t size, struct text *out) {
    for (size_t at = 0; at < size;) {
        const char *stop = memchr(lines + at, '\n', size - at);
        size_t n = stop ? (size_t)(stop - lines) - at : size - at;
        if (!is_blank(lines + at, n)) {
            import_line(im, lines + at, n, out);
        }
        at += n + 1;
    }
}

static bool flag_param(const struct http_request *req, const char *name) {
    const char *v = http_param(req, name);
    return v && strcmp(v, "true") == 0;
}

void documents_import(struct http_request *req) {
    const char *batch = http_param(req, "batch_size");
    int64_t batch_size = 40;
    struct import im = {.action = WRITE_CREATE};
    if (!document_action(req, &im.action)) {
        return;
    }
    if (batch && (!string_to_i64(batch, &batch_size) || batch_size <= 0)) {
        typesense_message(req, 400, "Parameter `batch_size` must be a positive integer.");
        return;
    }
    im.c = typesense_collection(req);
    if (im.c) {
        im.return_id = flag_param(req, "return_id");
        im.return_doc = flag_param(req, "return_doc");
        http_reply(req, 200, "text/plain; charset=utf-8", "");
        import_lines(&im, req->body.data, req->body.size, &req->reply);
    }
}

/* ---- export ---- */

void documents_export(struct http_request *req) {
    const struct search_collection *c = typesense_collection(req);
    struct search_result r = {0};
    size_t n = 0;
    if (!c) {
        return;
    }
    const struct search_doc **docs = collection_filter(c, http_param(req, "filter_by"), &n, &r);
    if (!docs) {
        typesense_reply_verdict(req, &r);
        return;
    }
    http_reply(req, 200, "text/plain; charset=utf-8", "");
    for (size_t i = n; i-- > 0;) { /* oldest first */
        text_puts(&req->reply, docs[i]->json);
        text_puts(&req->reply, i ? "\n" : "");
    }
    free(docs);
}

/* ---- what the API does to it ---- */

static const char listings_schema[] =
    "{\"name\":\"listings\",\"default_sorting_field\":\"publishedAt\",\"fields\":["
    "{\"name\":\"listingId\",\"type\":\"string\"},{\"name\":\"propertyId\",\"type\":\"string\"},"
    "{\"name\":\"title\",\"type\":\"string\"},{\"name\":\"description\",\"type\":\"string\"},"
    "{\"name\":\"propertyType\",\"type\":\"string\",\"facet\":true},"
    "{\"name\":\"transactionType\",\"type\":\"string\",\"facet\":true},"
    "{\"name\":\"priceVND\",\"type\":\"int64\",\"sort\":true},"
    "{\"name\":\"pricePerM2\",\"type\":\"float\",\"optional\":true},"
    "{\"name\":\"areaM2\",\"type\":\"float\"},"
    "{\"name\":\"bedrooms\",\"type\":\"int32\",\"facet\":true},"
    "{\"name\":\"bathrooms\",\"type\":\"int32\",\"facet\":true},"
    "{\"name\":\"floors\",\"type\":\"int32\"},"
    "{\"name\":\"direction\",\"type\":\"string\",\"facet\":true},"
    "{\"name\":\"address\",\"type\":\"string\"},"
    "{\"name\":\"ward\",\"type\":\"string\",\"facet\":true},"
    "{\"name\":\"district\",\"type\":\"string\",\"facet\":true},"
    "{\"name\":\"city\",\"type\":\"string\",\"facet\":true},"
    "{\"name\":\"location\",\"type\":\"geopoint\"},{\"name\":\"agentId\",\"type\":\"string\"},"
    "{\"name\":\"sellerId\",\"type\":\"string\"},"
    "{\"name\":\"status\",\"type\":\"string\",\"facet\":true},"
    "{\"name\":\"publishedAt\",\"type\":\"int64\",\"sort\":true},"
    "{\"name\":\"viewCount\",\"type\":\"int32\"},{\"name\":\"saveCount\",\"type\":\"int32\"},"
    "{\"name\":\"projectName\",\"type\":\"string\",\"facet\":true},"
    "{\"name\":\"amenities\",\"type\":\"string[]\",\"facet\":true}]}";

void typesense_ensure_listings(void) {
    struct search_result r = {0};
    cJSON *schema = cJSON_Parse(listings_schema);
    typesense_lock();
    if (!collections_resolve("listings")) {
        struct search_collection *c = collection_new(schema, &r);
        if (c && !collections_add(c)) {
            collection_free(c);
        }
    }
    typesense_unlock();
    cJSON_Delete(schema);
}

bool typesense_upsert_listings(const char *json_lines, size_t size) {
    struct text out = {0};
    struct import im = {.action = WRITE_UPSERT};
    if (standins_scenarios().disk_full_search) {
        return false;
    }
    typesense_lock();
    im.c = collections_resolve("listings");
    if (im.c) {
        import_lines(&im, json_lines, size, &out);
        node_count_write();
    }
    typesense_unlock();
    if (im.failed) {
        say("%zu listings could not be indexed: %.300s", im.failed, out.data);
    }
    text_done(&out);
    return im.c != NULL;
}
