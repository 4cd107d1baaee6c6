/* act/content.h - what a table holds, as a count and a sum that does not depend on the order of
 * rows: per line of COPY text (its newline left out) a 128-bit XXH3 hash, added modulo 2^128. The
 * hash mixes a whole line, so a value swapped between two rows changes the sum (a sum of linear row
 * hashes does not see it), and equal rows count twice. COPY text is the same from a live table,
 * from a restored one and out of pg_dump's archive, so one number compares all three. Sessions must
 * have the settings of io/pgsession.h. */
#ifndef GOODGO_ACT_CONTENT_H
#define GOODGO_ACT_CONTENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "codec/settings.h"

struct content_sum {
    uint64_t high, low; /* of 128 bits */
    uint64_t rows, bytes;
};
void content_add(struct content_sum *sum, const char *line, size_t n); /* without newline */
bool content_equal(const struct content_sum *a, const struct content_sum *b);
void content_hex(const struct content_sum *sum, char hex[33]);
bool content_parse(const char *hex, struct content_sum *ret_sum);

struct content_table {
    const char *schema, *name;
    const char *columns; /* quoted, comma-separated, in pg_dump's order; generated ones left out */
    int64_t estimated_bytes; /* with TOAST, without indexes */
    int64_t heap_pages;      /* 0 = is to be read in one piece */
    struct content_sum sum;
};
struct content {
    struct content_table *tables; /* by schema and name */
    uint32_t n;
};

/* NULL where there is no such table. */
const struct content_table *content_find(const struct content *c, const char *schema,
                                         const char *name);

/* Which tables there are (extensions' own left out, as pg_dump leaves them out). */
struct pgsession;
bool content_tables(struct pgsession *s, struct arena *a, struct content *ret,
                    struct err *err) MUST_CHECK;

/* Sums every table, largest first, over n_workers connections of threads of its own, all in one
 * snapshot: `snapshot` (pg_export_snapshot), or where that is NULL one of its own. `target` and
 * `content` must live until the end. Started, then polled: the caller may run a child meanwhile. */
struct content_scan;
struct content_scan *content_scan_start(const struct pg_target *target, const char *snapshot,
                                        uint32_t n_workers, int cancel_fd, struct content *content);
/* From now until it is waited for it reads half of the time only: the caller's child has work that
 * takes longer, and needs the cores. */
void content_scan_be_gentle(struct content_scan *scan);
/* Bytes and tables so far; callable at any time from the starting thread. */
void content_scan_progress(const struct content_scan *scan, uint64_t *ret_bytes,
                           uint32_t *ret_tables);
bool content_scan_finish(struct content_scan *scan,
                         struct err *err) MUST_CHECK; /* waits; frees the scan */

#endif
