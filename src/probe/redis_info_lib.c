/* probe/redis_info_lib.c - reads the text of INFO; see redis_info_priv.h. */
#include "redis_info_priv.h"

#include <string.h>

#include "base/str.h"

static bool number_of(const char *s, size_t n, double *ret_d) {
    char buf[40];
    if (n && s[n - 1] == '%') /* "100.19%" */
        n--;
    if (!n || n >= sizeof buf || memchr(s, '\0', n))
        return false;
    memcpy(buf, s, n);
    buf[n] = '\0';
    double d;
    if (!str_to_double(buf, &d) || d - d != 0) /* NaN and infinities are no figures */
        return false;
    *ret_d = d;
    return true;
}

bool info_next(const struct info *info, size_t *at, struct info_line *ret_line) {
    while (*at < info->n) {
        const char *line = info->s + *at;
        size_t left = info->n - *at;
        const char *end = memchr(line, '\n', left);
        size_t n = end ? (size_t)(end - line) : left;
        *at += end ? n + 1 : n;
        while (n && line[n - 1] == '\r')
            n--;
        const char *colon = n && line[0] != '#' ? memchr(line, ':', n) : NULL;
        if (!colon || colon == line)
            continue;
        *ret_line = (struct info_line){.key = line,
                                       .key_n = (size_t)(colon - line),
                                       .value = colon + 1,
                                       .value_n = n - (size_t)(colon - line) - 1};
        return true;
    }
    return false;
}

bool info_has_section(const struct info *info, const char *name) {
    size_t name_n = strlen(name);
    for (size_t at = 0; at < info->n;) {
        const char *line = info->s + at, *end = memchr(line, '\n', info->n - at);
        size_t n = end ? (size_t)(end - line) : info->n - at;
        if (n >= 2 + name_n && line[0] == '#' && memcmp(line + 2, name, name_n) == 0)
            return true;
        at += n + 1;
    }
    return false;
}

static bool find(const struct info *info, const char *key, struct info_line *ret_line) {
    size_t n = strlen(key), at = 0;
    while (info_next(info, &at, ret_line))
        if (ret_line->key_n == n && memcmp(ret_line->key, key, n) == 0)
            return true;
    return false;
}

const char *info_string(const struct info *info, const char *key, struct arena *a) {
    struct info_line line;
    if (!find(info, key, &line))
        return NULL;
    return arena_strndup(a, line.value, line.value_n < 200 ? line.value_n : 200);
}

bool info_double(const struct info *info, const char *key, double *ret_d) {
    struct info_line line;
    return find(info, key, &line) && number_of(line.value, line.value_n, ret_d);
}

bool info_part(const char *value, size_t n, const char *name, double *ret_d) {
    size_t name_n = strlen(name);
    for (size_t at = 0; at < n;) {
        const char *part = value + at, *comma = memchr(part, ',', n - at);
        size_t part_n = comma ? (size_t)(comma - part) : n - at;
        if (part_n > name_n && part[name_n] == '=' && memcmp(part, name, name_n) == 0)
            return number_of(part + name_n + 1, part_n - name_n - 1, ret_d);
        at += part_n + 1;
    }
    return false;
}
