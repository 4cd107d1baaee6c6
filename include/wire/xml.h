/* wire/xml.h - a bounded scanner for the flat XML of S3 answers: finds elements by name,
 * without a tree, attributes, namespaces or external anything. Views point into the body. */
#ifndef GOODGO_WIRE_XML_H
#define GOODGO_WIRE_XML_H

#include <stdbool.h>
#include <stddef.h>

struct xml {
    const char *s;
    size_t n;
};
/* The root element has this name (an XML declaration and comments before it are skipped). */
bool xml_root_is(struct xml doc, const char *name);
/* The content of the next <name>...</name> at or behind *at; moves *at behind it. */
bool xml_next(struct xml doc, size_t *at, const char *name, struct xml *ret_content);
/* The first <name> inside, decoded into buf (entities &amp; &lt; &gt; &quot; &apos; &#n;); false
 * when there is none or it does not fit. */
bool xml_string(struct xml doc, const char *name, char *buf, size_t size);

#endif
