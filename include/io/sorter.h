/* io/sorter.h - any number of records in byte order of their keys, in bounded memory: sorted runs
 * in a file without a name (it goes with the process), merged while they are read. Records of one
 * key come in byte order of what they hold, so the outcome does not depend on the order they were
 * added in. */
#ifndef GOODGO_IO_SORTER_H
#define GOODGO_IO_SORTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define SORTER_MAX_KEY  2048u
#define SORTER_MAX_DATA 8192u

struct sorted {
    const char *key, *data; /* until the next sorter_next(); not terminated */
    size_t key_n, data_n;
};

struct sorter;
/* `dir` is made where missing. NULL and an error where it can hold no file. `op` begins the errors
 * and is static. Records take up to `memory_bytes`, taken as they come: the more, the fewer runs.
 */
struct sorter *sorter_new(const char *dir, const char *op, size_t memory_bytes, struct err *err);
void sorter_free(struct sorter *s); /* NULL is fine */
bool sorter_add(struct sorter *s, const void *key, size_t key_n, const void *data, size_t data_n,
                struct err *err) MUST_CHECK;
/* Nothing may be added once reading began. */
bool sorter_next(struct sorter *s, struct sorted *ret, bool *ret_end, struct err *err) MUST_CHECK;

/* The next record is the first again. */
void sorter_rewind(struct sorter *s);

/* Byte order, the shorter first. */
int bytes_compare(const char *a, size_t a_n, const char *b, size_t b_n);

#endif
