/* model/value.h - one figure or word of a reading, and the units that figures come in. */
#ifndef GOODGO_MODEL_VALUE_H
#define GOODGO_MODEL_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

enum unit {
    UNIT_NONE,
    UNIT_COUNT,
    UNIT_BYTES,
    UNIT_MS,      /* milliseconds, real */
    UNIT_SECONDS, /* a duration */
    UNIT_PERCENT, /* 0..100 */
    UNIT_PER_SECOND,
    UNIT_BYTES_PER_SECOND,
    UNIT_BOOL,
    UNIT_VND,
    UNIT_TIME,  /* wall clock, seconds since the epoch */
    UNIT_STATE, /* HEALTH_COUNT less a health: the worst is the lowest */
    UNIT_MIXED, /* each row has one of its own: there is no order of them */
    UNIT_COUNT_OF_UNITS
};
const char *unit_name(enum unit u); /* "", "count", "bytes", ... stable, in JSON */
bool unit_parse(const char *name, enum unit *ret_unit);

enum value_kind { VALUE_NONE, VALUE_INT, VALUE_REAL, VALUE_TEXT };
struct value {
    enum value_kind kind; /* NONE = not known: drawn as "-", null in JSON; never as 0 */
    union {
        int64_t i;
        double r;
        struct text t;
    };
};
struct value value_int(int64_t i);
struct value value_real(double r); /* NaN and infinities become NONE */
struct value value_text(struct text t);
struct value value_none(void);
bool value_number(struct value v, double *ret_d); /* false for NONE and TEXT */
/* For people: "1.2 GB", "98.4%", "1,204"; a duration is "3m07s" or "2d17h" in tables and sentences
 * alike, unless it stands beside a setting that is in seconds. `now_wall_s` turns UNIT_TIME into an
 * age. A number takes at most 23 characters; a text is cut to fit, never inside a character. */
void value_format(struct value v, enum unit unit, int64_t now_wall_s, char *buf, size_t size);
/* A duration inside of a sentence, as it is spelt everywhere; it lives to the end of the block. */
#define DURATION_SIZE 32
char *duration_text(int64_t seconds, char buf[DURATION_SIZE]); /* buf */
#define DURATION(seconds) duration_text((int64_t)(seconds), (char[DURATION_SIZE]){0})
int value_compare(struct value a, struct value b); /* NONE last; numbers, then text by code point */

#endif
