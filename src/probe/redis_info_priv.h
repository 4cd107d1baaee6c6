/* probe/redis_info_priv.h - the text of INFO: "# Section" and "key:value" lines. Unknown lines are
 * skipped, no line is trusted to end. */
#ifndef GOODGO_PROBE_REDIS_INFO_PRIV_H
#define GOODGO_PROBE_REDIS_INFO_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

struct info {
    const char *s;
    size_t n;
};

/* The next "key:value" line from *at on; false at the end. Key and value point into info. */
struct info_line {
    const char *key, *value;
    size_t key_n, value_n;
};
bool info_next(const struct info *info, size_t *at, struct info_line *ret_line);
bool info_has_section(const struct info *info, const char *name);
/* The value of a key as a string in a; NULL when absent. */
const char *info_string(const struct info *info, const char *key, struct arena *a);
bool info_double(const struct info *info, const char *key, double *ret_d);
/* "calls=12,usec=34": the number behind name=; false when absent. */
bool info_part(const char *value, size_t n, const char *name, double *ret_d);

#endif
