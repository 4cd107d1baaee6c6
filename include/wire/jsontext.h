/* wire/jsontext.h - JSON where the exact bytes count: a signed document. Numbers stay the text they
 * were written as, strings are decoded exactly, a name that stands twice in one object is noticed
 * at any level. Stricter than wire/json.h, which reads the answers of back-ends: RFC 8259 to the
 * letter, valid UTF-8 only, no NUL, no lone surrogate. */
#ifndef GOODGO_WIRE_JSONTEXT_H
#define GOODGO_WIRE_JSONTEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

enum jsontext_type {
    JSONTEXT_OBJECT,
    JSONTEXT_ARRAY,
    JSONTEXT_STRING,
    JSONTEXT_NUMBER,
    JSONTEXT_WORD
};

struct jsontext {
    enum jsontext_type type;       /* JSONTEXT_WORD: true, false, null */
    const char *name;              /* of a member, decoded; else NULL */
    const char *text;              /* string: decoded; number and word: as written; else "" */
    struct jsontext *first, *next; /* children in their order */
};

#define JSONTEXT_MAX_NODES 4096

/* All nodes live in the arena. *ret_duplicate (may be NULL) is the first name that stands twice in
 * one object, or NULL: that is no error here, for a caller wants to say it in its own way. */
struct jsontext *jsontext_parse(struct arena *a, const char *bytes, size_t n,
                                const char **ret_duplicate, struct err *err) MUST_CHECK;
/* The child of that name; NULL when absent or j is no object. */
const struct jsontext *jsontext_get(const struct jsontext *j, const char *name);

/* How a document may be written back. Numbers and words stay as they are. */
enum {
    JSONTEXT_SORTED = 1,  /* members by name, in byte order, at every level */
    JSONTEXT_SLASHES = 2, /* '/' as "\/" */
    JSONTEXT_ASCII = 4,   /* everything beyond ASCII as \uXXXX */
    JSONTEXT_SPACED = 8,  /* ", " and ": " between, as Python does */
};
void jsontext_write(const struct jsontext *j, unsigned how, struct str *out);

#endif
