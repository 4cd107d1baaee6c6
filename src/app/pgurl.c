/* app/pgurl.c - reads postgresql://user:password@host:port/database?options. */
#include "app/pgurl.h"

#include <string.h>

#include "app/url.h"
#include "base/str.h"
#include "base/text.h"

#define OP "config.database_url"

static bool bad(struct err *err, const char *why) {
    return err_set(err, E_CONFIG, OP, "", "%s", why);
}

static void take_option(struct pgurl *u, struct arena *a, const char *name, const char *value) {
    if (!strcmp(name, "sslmode")) {
        u->target.sslmode = value;
        return;
    }
    if (!strcmp(name, "host") && value[0]) {
        u->target.host = value; /* a Unix socket's directory */
        return;
    }
    if (!strcmp(name, "pgbouncer"))
        u->target.pooler = !strcmp(value, "true");
    else if (!strcmp(name, "schema"))
        u->schema = value;
    const char *clean = text_clean(a, name, strlen(name), 40).s;
    if (!u->dropped)
        u->dropped = clean;
    else if (strlen(u->dropped) < 200) /* enough for a note */
        u->dropped = arena_printf(a, "%s, %s", u->dropped, clean);
}

static const char *unless_empty(const char *s) {
    return s && s[0] ? s : NULL;
}

static bool read_options(struct pgurl *u, struct arena *a, const char *s, struct err *err) {
    while (*s) {
        size_t n = strcspn(s, "&");
        const char *equals = memchr(s, '=', n);
        size_t name_n = equals ? (size_t)(equals - s) : n;
        const char *name = url_decoded(a, s, name_n);
        const char *value = equals ? url_decoded(a, equals + 1, n - name_n - 1) : "";
        if (!name || !value)
            return bad(err, "a broken %-escape in an option");
        if (name[0])
            take_option(u, a, name, value);
        s += n + (s[n] == '&');
    }
    return true;
}

bool pgurl_parse(struct pgurl *u, struct arena *a, const char *url, struct err *err) {
    struct url parts;
    if (!str_starts(url, "postgresql://") && !str_starts(url, "postgres://"))
        return bad(err, "it should begin with postgresql://");
    if (!url_parse(&parts, a, url, OP, err))
        return false;
    struct pgurl out = {.target = {.host = parts.host,
                                   .port = parts.port ? parts.port : 5432,
                                   .dbname = unless_empty(parts.path),
                                   .user = unless_empty(parts.user),
                                   .password = parts.password}};
    if (parts.query && !read_options(&out, a, parts.query, err))
        return false;
    if (!out.target.host[0])
        return bad(err, "it names no host");
    *u = out;
    return true;
}
