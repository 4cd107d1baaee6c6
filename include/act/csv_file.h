/* act/csv_file.h - a file for finance: CSV as RFC 4180 has it, UTF-8 with a mark, no cell that a
 * spreadsheet takes for a formula. It is whole under its name or not there, mode 0600; its SHA-256
 * is for the trail. */
#ifndef GOODGO_ACT_CSV_FILE_H
#define GOODGO_ACT_CSV_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "wire/digest.h"

struct csv_file;

/* Written beside `path` (which must stay) until it is closed. `head` names the columns, with commas
 * between; `op` is a static string for errors. NULL with err when it cannot be made. */
struct csv_file *csv_file_open(const char *op, const char *path, const char *head, struct err *err);
void csv_file_text(struct csv_file *c, const char *s);          /* one cell; NULL = empty */
void csv_file_int(struct csv_file *c, bool has, int64_t value); /* !has: empty */
bool csv_file_end_row(struct csv_file *c, struct err *err) MUST_CHECK;
/* Frees it. keep false: nothing is left behind, and that is no error. Kept, it is on disk and has
 * its name. */
bool csv_file_close(struct csv_file *c, bool keep, char sha256[DIGEST_HEX_SIZE],
                    struct err *err) MUST_CHECK;

#endif
