/* app/url.c - splits a URL; see url.h. */
#include "app/url.h"

#include <string.h>

#include "base/str.h"

const char *url_decoded(struct arena *a, const char *s, size_t n) {
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

struct parser {
    struct url *u;
    struct arena *a;
    const char *op;
    struct err *err;
};

static bool bad(const struct parser *p, const char *why) {
    return err_set(p->err, E_CONFIG, p->op, "", "%s", why);
}

/* user[:password] */
static bool read_user(const struct parser *p, const char *s, const char *end) {
    const char *colon = memchr(s, ':', (size_t)(end - s));
    p->u->user = url_decoded(p->a, s, (size_t)((colon ? colon : end) - s));
    if (colon)
        p->u->password = url_decoded(p->a, colon + 1, (size_t)(end - colon - 1));
    if (!p->u->user || (colon && !p->u->password))
        return bad(p, "a broken %-escape in user or password");
    return true;
}

/* [::1]:port; *ret_port behind the colon, NULL when there is none. */
static bool read_ipv6(const struct parser *p, const char *s, const char *end,
                      const char **ret_port) {
    const char *close = memchr(s, ']', (size_t)(end - s));
    if (!close || (close + 1 < end && close[1] != ':'))
        return bad(p, "'[' without ']' in the host");
    p->u->host = arena_strndup(p->a, s + 1, (size_t)(close - s - 1));
    if (p->u->host[strspn(p->u->host, "0123456789abcdefABCDEF:.")] || !strchr(p->u->host, ':'))
        return bad(p, "between '[' and ']' an IPv6 address is expected");
    *ret_port = close + 1 < end ? close + 2 : NULL;
    return true;
}

static bool read_host(const struct parser *p, const char *s, const char *end) {
    const char *port = NULL;
    if (s < end && *s == '[') {
        if (!read_ipv6(p, s, end, &port))
            return false;
    } else {
        const char *colon = memchr(s, ':', (size_t)(end - s));
        p->u->host = url_decoded(p->a, s, (size_t)((colon ? colon : end) - s));
        port = colon ? colon + 1 : NULL;
    }
    if (!p->u->host)
        return bad(p, "a broken %-escape in the host");
    int64_t n = 0;
    if (port && !str_to_i64(arena_strndup(p->a, port, (size_t)(end - port)), 1, 65535, &n))
        return bad(p, "the port is not a number from 1 to 65535");
    p->u->port = (uint16_t)n;
    return true;
}

static bool read_authority(const struct parser *p, const char *s, const char *end) {
    const char *at = NULL;
    for (const char *c = s; c < end; c++)
        if (*c == '@')
            at = c;
    if (at && !read_user(p, s, at))
        return false;
    return read_host(p, at ? at + 1 : s, end);
}

bool url_parse(struct url *u, struct arena *a, const char *text, const char *op, struct err *err) {
    struct url out = {0};
    struct parser p = {&out, a, op, err};
    const char *s = strstr(text, "://");
    if (!s || s == text)
        return bad(&p, "it is no URL: it should begin with scheme://");
    out.scheme = arena_strndup(a, text, (size_t)(s - text));
    s += 3;
    const char *end = s + strcspn(s, "/?");
    if (!read_authority(&p, s, end))
        return false;
    if (*end == '/') {
        size_t n = strcspn(++end, "?");
        out.path = url_decoded(a, end, n);
        if (!out.path)
            return bad(&p, "a broken %-escape in the path");
        end += n;
    }
    if (*end == '?')
        out.query = arena_strdup(a, end + 1);
    *u = out;
    return true;
}
