/* act/manifest_priv.h - the manifest's text, apart from its file. */
#ifndef GOODGO_ACT_MANIFEST_PRIV_H
#define GOODGO_ACT_MANIFEST_PRIV_H

#include "act/manifest.h"
#include "base/str.h"

void manifest_print(const struct manifest *m, struct str *json);
bool manifest_parse(const char *json, size_t n, struct arena *a, struct manifest *ret,
                    struct err *err) MUST_CHECK;

#endif
