/* app/url.h - the parts of a URL that names a server. Errors never repeat the URL: it may hold a
 * password. */
#ifndef GOODGO_APP_URL_H
#define GOODGO_APP_URL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

struct url {
    const char *scheme;
    const char *user, *password; /* decoded; NULL when not there */
    const char *host;            /* decoded, without the brackets of IPv6; "" when not there */
    uint16_t port;               /* 0 when not there */
    const char *path;            /* decoded, behind the first '/'; NULL when not there */
    const char *query;           /* as it stands behind '?'; NULL when not there */
};
/* scheme://[user[:password]@][host][:port][/path][?query]; a password may hold an '@' that nobody
 * encoded. `op` is that of the error. */
bool url_parse(struct url *u, struct arena *a, const char *text, const char *op,
               struct err *err) MUST_CHECK;
/* Percent-decoded copy; NULL for a broken escape or an encoded NUL. */
const char *url_decoded(struct arena *a, const char *s, size_t n);

#endif
