/* wire/json.h - cJSON behind checked getters. A path is "a.b[0].c". Parsing refuses trailing bytes,
 * depth over 64, more than 2,000,000 values and documents over max_bytes. json_i64 is exact or
 * fails: a number has to lie within JSON_EXACT_MAX, a string that is an integer may use all 64
 * bits. The document is freed by json_free(). */
#ifndef GOODGO_WIRE_JSON_H
#define GOODGO_WIRE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/attr.h"
#include "base/err.h"

struct json; /* a node; the root owns the rest */

/* From 2^53 on a double no longer tells which integer was meant. Also the most that a document of
 * ours may say in a number, or it could not be read again. */
#define JSON_EXACT_MAX INT64_C(9007199254740991)

struct json *json_parse(const char *bytes, size_t n, size_t max_bytes, struct err *err) MUST_CHECK;
void json_free(struct json *root);

/* Every getter takes NULL for "absent", so that a missing member need not be looked for first. */
const struct json *json_get(const struct json *j, const char *path); /* path "" is j itself */
bool json_is_object(const struct json *j);
bool json_is_array(const struct json *j);
bool json_is_null(const struct json *j);
/* Children of an object or array in order: for (c = json_first(j); c; c = json_next(c)). */
const struct json *json_first(const struct json *j);
const struct json *json_next(const struct json *j);
size_t json_size(const struct json *j);
const char *json_key(const struct json *j);                      /* of a member, else NULL */
const char *json_string(const struct json *j, const char *path); /* NULL unless a string */
bool json_i64(const struct json *j, const char *path, int64_t min, int64_t max,
              int64_t *ret_n) MUST_CHECK;
/* A number, or a string that is one (str_to_double). */
bool json_double(const struct json *j, const char *path, double *ret_d) MUST_CHECK;
bool json_bool(const struct json *j, const char *path, bool *ret_b) MUST_CHECK;
bool json_is_true(const struct json *j, const char *path); /* false for all else, also absent */
/* The child whose member "name" is that text; NULL when there is none. */
const struct json *json_named(const struct json *list, const char *name);

#endif
