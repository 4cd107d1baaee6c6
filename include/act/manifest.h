/* act/manifest.h - what a backup held when it was taken: FILE.manifest.json beside the archive,
 * read in the dump's own snapshot, so that a later drill compares with what was dumped and not with
 * a source that moved on. "goodgo.manifest/1"; keys are only ever added. */
#ifndef GOODGO_ACT_MANIFEST_H
#define GOODGO_ACT_MANIFEST_H

#include <stdbool.h>
#include <stdint.h>

#include "act/catalog.h"
#include "act/content.h"
#include "act/plan.h"
#include "base/err.h"

struct manifest {
    const char *file;   /* the archive's name, without the path to it */
    const char *sha256; /* as archive_sha256() has it: of a directory, of all its files */
    int64_t size_bytes, taken_wall_ms, took_ms;
    const char *database, *system_identifier;
    int server_version;
    const char *server_version_text, *tool_version, *compression;
    struct content content;
    struct catalog catalog;
    struct pairs money; /* "COMPLETED" -> "1204 payments, 41300000 VND": count and sum per status */
};
bool manifest_write(const char *path, const struct manifest *m, struct err *err) MUST_CHECK;
bool manifest_read(const char *path, struct arena *a, struct manifest *ret,
                   struct err *err) MUST_CHECK;
const char *manifest_path(struct arena *a, const char *archive_path);

#endif
