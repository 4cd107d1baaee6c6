/* tests/fuzz/fuzz_xml.c - the XML scanner over any bytes: stays inside, ends. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "wire/xml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *copy = malloc(size ? size : 1);
    char text[64];
    struct xml content;
    size_t at = 0;
    if (size)
        memcpy(copy, data, size);
    struct xml doc = {copy, size};
    (void)xml_root_is(doc, "ListBucketResult");
    (void)xml_string(doc, "NextContinuationToken", text, sizeof text);
    while (xml_next(doc, &at, "Contents", &content))
        (void)xml_string(content, "Key", text, sizeof text);
    free(copy);
    return 0;
}
