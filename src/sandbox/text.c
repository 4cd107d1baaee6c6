/* sandbox/text.c - the growing text, its JSON and XML forms, and copies that cannot fail. */
#include "text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static _Noreturn void out_of_memory(void) {
    fputs("goodgo-sandbox: out of memory\n", stderr);
    abort();
}

static void text_reserve(struct text *t, size_t more) {
    size_t need = t->size + more + 1;
    if (need <= t->cap) {
        return;
    }
    size_t cap = t->cap ? t->cap : 256;
    while (cap < need) {
        cap *= 2;
    }
    char *data = realloc(t->data, cap);
    if (!data) {
        out_of_memory();
    }
    t->data = data;
    t->cap = cap;
}

void text_add(struct text *t, const void *data, size_t size) {
    text_reserve(t, size);
    if (size) {
        memcpy(t->data + t->size, data, size);
    }
    t->size += size;
    t->data[t->size] = 0;
}

void text_puts(struct text *t, const char *s) {
    text_add(t, s, strlen(s));
}

void text_vaddf(struct text *t, const char *format, va_list args) {
    if (!format) {
        return;
    }
    va_list again;
    va_copy(again, args);
    int need = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (need < 0) {
        return;
    }
    text_reserve(t, (size_t)need);
    vsnprintf(t->data + t->size, (size_t)need + 1, format, args);
    t->size += (size_t)need;
}

void text_addf(struct text *t, const char *format, ...) {
    va_list args;
    va_start(args, format);
    text_vaddf(t, format, args);
    va_end(args);
}

void text_done(struct text *t) {
    free(t->data);
    *t = (struct text){0};
}

void text_add_json(struct text *t, const char *s) {
    text_puts(t, "\"");
    for (; *s; s++) {
        unsigned char c = (unsigned char)*s;
        if (c == '"' || c == '\\') {
            text_addf(t, "\\%c", c);
        } else if (c == '\n') {
            text_puts(t, "\\n");
        } else if (c < 0x20) {
            text_addf(t, "\\u%04x", c);
        } else {
            text_add(t, s, 1);
        }
    }
    text_puts(t, "\"");
}

void text_add_xml(struct text *t, const char *s) {
    for (; *s; s++) {
        switch (*s) {
        case '<':
            text_puts(t, "&lt;");
            break;
        case '>':
            text_puts(t, "&gt;");
            break;
        case '&':
            text_puts(t, "&amp;");
            break;
        case '"':
            text_puts(t, "&#34;");
            break;
        case '\'':
            text_puts(t, "&#39;");
            break;
        default:
            text_add(t, s, 1);
        }
    }
}

char *string_copy_n(const char *s, size_t size) {
    char *copy = strndup(s, size);
    if (!copy) {
        out_of_memory();
    }
    return copy;
}

char *string_copy(const char *s) {
    return string_copy_n(s, strlen(s));
}

bool string_to_i64(const char *s, int64_t *ret_value) {
    if (!s || !*s || strchr(" \t+", *s)) {
        return false;
    }
    char *end = NULL;
    errno = 0;
    long long v = strtoll(s, &end, 10);
    if (errno || *end) {
        return false;
    }
    *ret_value = v;
    return true;
}

void hex_write(const unsigned char *bytes, size_t size, char *out) {
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < size; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15];
    }
    out[2 * size] = 0;
}
