/* act/block_file.h - a large file of lines, written in blocks: a line costs no system call. It is
 * whole under its name or not there, mode 0600 (below a shared directory the group's too), and its
 * SHA-256 is known at the end. What a killed writer of it left is removed by the next one. */
#ifndef GOODGO_ACT_BLOCK_FILE_H
#define GOODGO_ACT_BLOCK_FILE_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/str.h"
#include "wire/digest.h"

struct block_file;

/* Written beside `path` (which must stay) until it is closed; `op` is a static string for errors.
 * NULL with err when it cannot be made. */
struct block_file *block_file_open(const char *op, const char *path, struct err *err);
/* Where the next line is added, with its end; no line may be longer than a megabyte. */
struct str *block_file_text(struct block_file *f);
bool block_file_end_line(struct block_file *f, struct err *err) MUST_CHECK;
/* Frees it. keep false: nothing is left behind, and that is no error. Kept, it is on disk and has
 * its name. */
bool block_file_close(struct block_file *f, bool keep, char sha256[DIGEST_HEX_SIZE],
                      struct err *err) MUST_CHECK;

#endif
