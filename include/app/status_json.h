/* app/status_json.h - the document of `goodgo status --json`, "goodgo.status/1": only additions,
 * ever. */
#ifndef GOODGO_APP_STATUS_JSON_H
#define GOODGO_APP_STATUS_JSON_H

#include "base/str.h"
#include "model/snapshot.h"

void status_json(const struct snapshot *s, uint32_t only, struct str *out);

#endif
