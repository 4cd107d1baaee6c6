/* app/readfile.h - whole small files in, whole files out (temporary name, sync, rename). */
#ifndef GOODGO_APP_READFILE_H
#define GOODGO_APP_READFILE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

struct file_content {
    const char *bytes; /* in the arena */
    size_t len;
    unsigned mode; /* permission bits */
    bool regular;
};
bool readfile(struct arena *a, const char *path, size_t max_bytes, struct file_content *ret,
              struct err *err) MUST_CHECK;
bool writefile(const char *path, const char *bytes, size_t n,
               struct err *err) MUST_CHECK; /* mode 0600 */

#endif
