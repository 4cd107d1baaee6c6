/* app/pgurl.c - reads postgresql://user:password@host:port/database?options. */
#include "app/pgurl.h"

#include <string.h>

#include "base/str.h"

static int hex_digit(char c) {
    return c >= '0' && c <= '9'                 ? c - '0'
           : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10
                                                : -1;
}

/* Percent-decoded copy; NULL for a broken escape or an encoded NUL. */
static const char *decoded(struct arena *a, const char *s, size_t n) {
    char *out = arena_alloc(a, n + 1);
    size_t at = 0;
    for (size_t i = 0; i < n; i++) {
        if (s[i] != '%') {
            out[at++] = s[i];
            continue;
        }
        if (n - i < 3)
            return NULL;
        int h = hex_digit(s[i + 1]), l = hex_digit(s[i + 2]);
        if (h < 0 || l < 0 || (h == 0 && l == 0))
            return NULL;
        out[at++] = (char)(h * 16 + l);
        i += 2;
    }
    return out;
}

static bool bad(struct err *err, const char *why) {
    return err_set(err, E_CONFIG, "config.database_url", "", "%s", why);
}

static bool read_authority(struct pgurl *u, struct arena *a, const char *s, size_t n,
                           struct err *err) {
    const char *at = NULL;
    for (size_t i = 0; i < n; i++)
        if (s[i] == '@')
            at = s + i; /* the last one: a password may hold an @ that nobody encoded */
    if (at) {
        const char *colon = memchr(s, ':', (size_t)(at - s));
        u->target.user = decoded(a, s, (size_t)((colon ? colon : at) - s));
        if (colon)
            u->target.password = decoded(a, colon + 1, (size_t)(at - colon - 1));
        if (!u->target.user || (colon && !u->target.password))
            return bad(err, "a broken %-escape in user or password");
        n -= (size_t)(at + 1 - s);
        s = at + 1;
    }
    const char *port = NULL, *end = s + n;
    if (n && *s == '[') {
        const char *close = memchr(s, ']', n);
        if (!close)
            return bad(err, "'[' without ']' in the host");
        u->target.host = arena_strndup(a, s + 1, (size_t)(close - s - 1));
        port = close + 1 < end && close[1] == ':' ? close + 2 : NULL;
    } else {
        const char *colon = memchr(s, ':', n);
        u->target.host = decoded(a, s, (size_t)((colon ? colon : end) - s));
        port = colon ? colon + 1 : NULL;
    }
    if (!u->target.host)
        return bad(err, "a broken %-escape in the host");
    long long number = 5432;
    if (port && !str_to_i64(arena_strndup(a, port, (size_t)(end - port)), 1, 65535, &number))
        return bad(err, "the port is not a number from 1 to 65535");
    u->target.port = (uint16_t)number;
    return true;
}

static void take_option(struct pgurl *u, struct arena *a, const char *name, const char *value) {
    if (!strcmp(name, "sslmode"))
        u->target.sslmode = value;
    else if (!strcmp(name, "host") && value[0])
        u->target.host = value; /* a Unix socket's directory */
    else if (!strcmp(name, "pgbouncer"))
        u->target.pooler = !strcmp(value, "true");
    if (!strcmp(name, "schema"))
        u->schema = value;
    if (strcmp(name, "sslmode") && strcmp(name, "host"))
        u->dropped = u->dropped ? arena_printf(a, "%s, %s", u->dropped, name) : name;
}

static bool read_options(struct pgurl *u, struct arena *a, const char *s, struct err *err) {
    while (*s) {
        size_t n = strcspn(s, "&");
        const char *equals = memchr(s, '=', n);
        size_t name_n = equals ? (size_t)(equals - s) : n;
        const char *name = decoded(a, s, name_n);
        const char *value = equals ? decoded(a, equals + 1, n - name_n - 1) : "";
        if (!name || !value)
            return bad(err, "a broken %-escape in an option");
        take_option(u, a, name, value);
        s += n + (s[n] == '&');
    }
    return true;
}

bool pgurl_parse(struct pgurl *u, struct arena *a, const char *url, struct err *err) {
    struct pgurl out = {.target = {.port = 5432}};
    const char *s = strstr(url, "://");
    size_t scheme = s ? (size_t)(s - url) : 0;
    if (!((scheme == 8 && !strncmp(url, "postgres", 8)) ||
          (scheme == 10 && !strncmp(url, "postgresql", 10))))
        return bad(err, "it should begin with postgresql://");
    s += 3;
    size_t n = strcspn(s, "/?");
    if (!read_authority(&out, a, s, n, err))
        return false;
    s += n;
    if (*s == '/') {
        size_t name_n = strcspn(++s, "?");
        out.target.dbname = decoded(a, s, name_n);
        if (!out.target.dbname)
            return bad(err, "a broken %-escape in the database name");
        s += name_n;
    }
    if (*s == '?' && !read_options(&out, a, s + 1, err))
        return false;
    if (!out.target.host || !out.target.host[0])
        return bad(err, "it names no host");
    *u = out;
    return true;
}
