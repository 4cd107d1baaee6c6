/* sandbox/text.h - texts that grow, and copies of texts. Running out of memory aborts the process:
 * a test platform has no better answer, so nothing here can fail. */
#ifndef GOODGO_SANDBOX_TEXT_H
#define GOODGO_SANDBOX_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A growing text. All storage is its own; text_done() frees it. */
struct text {
    char *data; /* always NUL-terminated once something was added, else NULL */
    size_t size, cap;
};

void text_add(struct text *t, const void *data, size_t size);
void text_puts(struct text *t, const char *s);
void text_addf(struct text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_vaddf(struct text *t, const char *format, va_list args);
void text_done(struct text *t);
/* Adds `s` as a JSON string with its quotes. */
void text_add_json(struct text *t, const char *s);
/* Adds `s` with the five characters of XML escaped the way Go does. */
void text_add_xml(struct text *t, const char *s);

/* Copies for free(), never NULL; the second copies at most `size` bytes. */
char *string_copy(const char *s);
char *string_copy_n(const char *s, size_t size);
/* A whole number and nothing else; `s` may be NULL. */
bool string_to_i64(const char *s, int64_t *ret_value);
/* Lower-case hexadecimal with its NUL: `out` holds 2 * size + 1. */
void hex_write(const unsigned char *bytes, size_t size, char *out);

#endif
