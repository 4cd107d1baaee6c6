/* wire/url.c - percent-encoding; see wire/url.h. */
#include "wire/url.h"

#include <string.h>

void url_escape(struct str *out, const char *s, size_t n) {
    static const char plain[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~";
    for (size_t i = 0; i < n; i++)
        if (s[i] && strchr(plain, s[i]))
            str_putc(out, s[i]);
        else
            str_printf(out, "%%%02X", (unsigned char)s[i]);
}
