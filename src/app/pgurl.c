/* app/pgurl.c - reads postgresql://user:password@host:port/database?options. */
#include "app/pgurl.h"

#include <string.h>
#include <unistd.h>

#include "app/url.h"
#include "base/str.h"
#include "base/text.h"

#define OP "config.database_url"

static bool bad(struct err *err, const char *why) {
    return err_set(err, E_CONFIG, OP, "", "%s", why);
}

/* What an option names, before all of them are known: two of Prisma's are libpq's in another sense.
 */
struct tls {
    const char *rootcert, *cert, *key;
    bool strict; /* sslaccept=strict: Prisma is to check the server */
};

static void drop(struct pgurl *u, struct arena *a, const char *name) {
    const char *clean = text_clean(a, name, strlen(name), 40).s;
    if (!u->dropped)
        u->dropped = clean;
    else if (strlen(u->dropped) < 200) /* enough for a note */
        u->dropped = arena_printf(a, "%s, %s", u->dropped, clean);
}

static bool take_tls(struct tls *tls, const char *name, const char *value) {
    const char **texts[] = {&tls->rootcert, &tls->cert, &tls->key};
    static const char *const names[] = {"sslrootcert", "sslcert", "sslkey"};
    int i = str_index(names, ARRAY_LEN(names), name);
    if (i >= 0)
        *texts[i] = value;
    return i >= 0;
}

static bool is_there(const char *path) {
    return path[0] == '/' && access(path, R_OK) == 0;
}

static const char *file_or_note(struct pgurl *u, struct arena *a, const char *name,
                                const char *path) {
    if (!path || is_there(path))
        return path;
    u->file_missing = true;
    drop(u, a, arena_printf(a, "%s (%s)", name, path[0] == '/' ? "no such file" : "no whole path"));
    return NULL;
}

static void settle_tls(struct pgurl *u, struct arena *a, const struct tls *tls) {
    struct pg_target *t = &u->target;
    bool checks = tls->strict || (t->sslmode && str_starts(t->sslmode, "verify-"));
    t->sslrootcert = file_or_note(u, a, "sslrootcert", tls->rootcert);
    if (tls->cert && tls->key) {
        t->sslcert = file_or_note(u, a, "sslcert", tls->cert);
        t->sslkey = file_or_note(u, a, "sslkey", tls->key);
        if (!t->sslcert || !t->sslkey) /* one without the other is of no use */
            t->sslcert = t->sslkey = NULL;
    } else if (tls->key) {
        drop(u, a, "sslkey (no sslcert)");
    } else if (tls->cert && !tls->rootcert && checks) {
        t->sslrootcert = file_or_note(u, a, "sslcert", tls->cert);
    } else if (tls->cert) {
        drop(u, a, "sslcert");
    }
}

/* libpq's own sentence would repeat the value, and an & in a password makes an option of its end.
 */
static bool sslmode_is_known(const char *mode) {
    static const char *const modes[] = {"disable", "allow",     "prefer",
                                        "require", "verify-ca", "verify-full"};
    return !mode || str_index(modes, ARRAY_LEN(modes), mode) >= 0;
}

static const char *unless_empty(const char *s) {
    return s && s[0] ? s : NULL;
}

static void take_option(struct pgurl *u, struct tls *tls, struct arena *a, const char *name,
                        const char *value) {
    if (take_tls(tls, name, value))
        return;
    if (!strcmp(name, "sslmode")) {
        u->target.sslmode = unless_empty(value);
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
    else if (!strcmp(name, "sslaccept"))
        tls->strict = !strcmp(value, "strict");
    drop(u, a, name);
}

static bool read_options(struct pgurl *u, struct arena *a, const char *s, struct err *err) {
    struct tls tls = {0};
    while (*s) {
        size_t n = strcspn(s, "&");
        const char *equals = memchr(s, '=', n);
        size_t name_n = equals ? (size_t)(equals - s) : n;
        const char *name = url_decoded(a, s, name_n);
        const char *value = equals ? url_decoded(a, equals + 1, n - name_n - 1) : "";
        if (!name || !value)
            return bad(err, "a broken %-escape in an option");
        if (name[0])
            take_option(u, &tls, a, name, value);
        s += n + (s[n] == '&');
    }
    if (!sslmode_is_known(u->target.sslmode))
        return bad(err, "its sslmode is none of disable, allow, prefer, require, verify-ca, "
                        "verify-full");
    settle_tls(u, a, &tls);
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
