/* base/str.h - a growing byte string with a cap given at birth, so nothing an outsider feeds can
 * grow without bound. Past the cap further bytes are dropped and `toobig` is set. */
#ifndef GOODGO_BASE_STR_H
#define GOODGO_BASE_STR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/attr.h"

struct str {
    char *s; /* always NUL-terminated once anything was added; NULL before */
    size_t len, cap, max;
    bool toobig;
};

void str_init(struct str *b, size_t max_bytes); /* allocates nothing yet */
void str_done(struct str *b);                   /* frees; it may be initialised again */
void str_clear(struct str *b);                  /* empty and not too big; keeps its memory */
void str_add(struct str *b, const char *bytes, size_t n);
void str_puts(struct str *b, const char *s);
void str_putc(struct str *b, char c);
void str_int(struct str *b, int64_t n); /* as "%lld", which a million of them would wait for */
/* "-1,204,033": every digit that a person compares. */
#define GROUPED_SIZE 28
char *int_grouped(int64_t n, char buf[GROUPED_SIZE]); /* buf */
/* The same inside of a sentence for people; it lives to the end of the block. What is typed back,
 * hashed or read by a program stays plain. */
#define GROUPED(n) int_grouped((int64_t)(n), (char[GROUPED_SIZE]){0})
/* "1 row", "0 rows", "5,000 rows", in the same way: a noun in the singular whose plural ends in s.
 */
#define COUNTED_SIZE (GROUPED_SIZE + 40)
char *int_counted(int64_t n, const char *noun, char buf[COUNTED_SIZE]); /* buf */
#define COUNTED(n, noun) int_counted((int64_t)(n), noun, (char[COUNTED_SIZE]){0})
/* A figure as a whole number, its fraction cut off: the nearest where it does not fit, which a cast
 * may make anything of; 0 for what is no number. */
int64_t int_of(double d);
int64_t int_add(int64_t a, int64_t b); /* of outside figures: where it does not fit, the nearest */
void str_printf(struct str *b, const char *fmt, ...) PRINTF_LIKE(2, 3);
void str_vprintf(struct str *b, const char *fmt, va_list args) PRINTF_LIKE(2, 0);
const char *str_get(const struct str *b); /* "" when empty; until the next change */

/* Bounded copy into a fixed buffer; always terminates; returns false when cut. */
bool str_copy(char *dst, size_t size, const char *src);
/* Whole-string decimal integer within [min, max]; no sign tricks, no spaces, no overflow. */
bool str_to_i64(const char *s, int64_t min, int64_t max, int64_t *ret_n) MUST_CHECK;
/* Whole string; NaN, +Inf and -Inf too, as Prometheus prints them. */
bool str_to_double(const char *s, double *ret_d) MUST_CHECK;
bool str_is(const char *s, const char *word); /* s may be NULL, which is no word */
/* Where `name` stands among the n names; -1 = nowhere. No name may be NULL. */
int str_index(const char *const *names, uint32_t n, const char *name);
bool str_starts(const char *s, const char *prefix);
bool char_is_digit(char c); /* 0 to 9, in any locale */
int hex_digit(char c);      /* its value; -1 = it is none */
/* What stands behind the last slash of a path: all of it where there is none. */
const char *path_name(const char *path);
/* Its end, as much as an error's target holds: that is what tells long paths apart. */
const char *path_tail(const char *path);
/* Letters to change, add or leave out to make b of a, for "did you mean"; of short words. */
uint32_t str_edits(const char *a, const char *b);

#endif
