/* wire/url.h - bytes as a part of a URL. */
#ifndef GOODGO_WIRE_URL_H
#define GOODGO_WIRE_URL_H

#include <stddef.h>

#include "base/str.h"

/* All but A-Z a-z 0-9 - _ . ~ as %XX: good inside a path segment and inside a query value. */
void url_escape(struct str *out, const char *s, size_t n);

#endif
