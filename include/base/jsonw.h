/* base/jsonw.h - writes JSON into a struct str: escapes, commas and nesting are its business,
 * 64-bit integers stay exact (which cJSON's doubles cannot), and a broken call order trips an
 * assertion. */
#ifndef GOODGO_BASE_JSONW_H
#define GOODGO_BASE_JSONW_H

#include <stdbool.h>
#include <stdint.h>
#include "base/str.h"

struct jsonw {
    struct str *out;
    uint32_t depth;
    bool need_comma, indent, after_key;
};

enum jsonw_form {
    JSONW_LINE,    /* all of it in one */
    JSONW_INDENTED /* a value a line, two blanks a level */
};
/* `out` stays the caller's; whether the document fitted into its cap is out->toobig. */
void jsonw_init(struct jsonw *w, struct str *out, enum jsonw_form form);
void jsonw_open(struct jsonw *w, char bracket);  /* '{' or '[' */
void jsonw_close(struct jsonw *w, char bracket); /* '}' or ']' */
void jsonw_key(struct jsonw *w, const char *key);
/* NULL writes null; invalid UTF-8 becomes U+FFFD, and what drives or reorders a terminal an
 * escape. */
void jsonw_string(struct jsonw *w, const char *s);
void jsonw_int(struct jsonw *w, int64_t n);
/* The shortest that reads back as d; NaN and infinities write null. */
void jsonw_real(struct jsonw *w, double d);
void jsonw_bool(struct jsonw *w, bool b);
void jsonw_null(struct jsonw *w);
/* A value that a writer of ours has made, as it is. */
void jsonw_raw(struct jsonw *w, const char *json, size_t n);
/* A key with its value. */
void jsonw_put_string(struct jsonw *w, const char *key, const char *s);
void jsonw_put_int(struct jsonw *w, const char *key, int64_t n);
void jsonw_put_real(struct jsonw *w, const char *key, double d);
void jsonw_put_bool(struct jsonw *w, const char *key, bool b);
/* Keys with their texts, in order; a NULL text is null. */
void jsonw_put_strings(struct jsonw *w, const char *const (*pairs)[2], size_t n);
/* Null where it is not known. */
void jsonw_put_int_if(struct jsonw *w, const char *key, bool known, int64_t n);
void jsonw_put_real_if(struct jsonw *w, const char *key, bool known, double d);
/* What is not known is null: an empty text, the time 0 (else ISO 8601, UTC). */
void jsonw_put_known(struct jsonw *w, const char *key, const char *s);
void jsonw_put_time(struct jsonw *w, const char *key, int64_t wall_ms);

#endif
