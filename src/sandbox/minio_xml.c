/* sandbox/minio_xml.c - the little of XML that S3 needs: the beginning of a reply, an element put
 * in, an element taken out. */
#include "minio_priv.h"

#include "array.h"

#include <stdio.h>
#include <string.h>

const char minio_xml[] = "application/xml";
const char minio_owner[] =
    "<Owner><ID>02d6176db174dc93cb1b899f7c6078f08654445fe8cf1b6ce98d8855f66bdbf4</ID>"
    "<DisplayName>minio</DisplayName></Owner>";

void minio_xml_begin(struct http_request *req, const char *element) {
    http_replyf(req, 200, minio_xml,
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                "<%s xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">",
                element);
}

void minio_xml_add(struct text *t, const char *name, const char *text) {
    text_addf(t, "<%s>", name);
    text_add_xml(t, text);
    text_addf(t, "</%s>", name);
}

char *minio_xml_next(const char **at, const char *name) {
    char open[48], close[48];
    snprintf(open, sizeof open, "<%s>", name);
    snprintf(close, sizeof close, "</%s>", name);
    const char *from = strstr(*at, open);
    const char *to = from ? strstr(from, close) : NULL;
    if (!to) {
        return NULL;
    }
    from += strlen(open);
    *at = to + strlen(close);
    return string_copy_n(from, (size_t)(to - from));
}

void minio_xml_unescape(char *s) {
    static const struct {
        const char *entity;
        char c;
    } entities[] = {{"&amp;", '&'},   {"&lt;", '<'},  {"&gt;", '>'},  {"&quot;", '"'},
                    {"&apos;", '\''}, {"&#34;", '"'}, {"&#39;", '\''}};
    char *to = s;
    while (*s) {
        char c = *s;
        size_t n = 1;
        for (size_t i = 0; c == '&' && i < ARRAY_LEN(entities); i++) {
            size_t size = strlen(entities[i].entity);
            if (strncmp(s, entities[i].entity, size) == 0) {
                c = entities[i].c;
                n = size;
            }
        }
        *to++ = c;
        s += n;
    }
    *to = 0;
}
