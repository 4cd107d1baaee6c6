/* act/csv_file.c - see act/csv_file.h. Rows are gathered in blocks: a row costs no system call. A
 * full block is summed and written by a thread while the next one is filled. */
#include "act/csv_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "codec/recon.h"
#include "io/file.h"
#include "io/worker.h"
#include "wire/digest.h"

#define BLOCK ((size_t)1 << 20)

struct csv_file {
    char temporary[4096];
    const char *op, *path;
    int fd;
    bool in_row; /* a cell of this row is there already */
    struct str block;
    struct str leaving; /* the writer's while it works, and the digest */
    struct side_work writer;
    int write_errno;
    struct digest *digest;
};

static bool fail(const struct csv_file *c, struct err *err) {
    return err_set(err, E_IO, c->op, c->path, "%s", strerror(errno));
}

static void *write_block(void *arg) {
    struct csv_file *c = arg;
    const char *at = str_get(&c->leaving);
    size_t n = c->leaving.len;
    digest_add(c->digest, at, n);
    while (n && !c->write_errno) {
        ssize_t w = write(c->fd, at, n);
        if (w < 0 && errno == EINTR)
            continue;
        if (w <= 0)
            c->write_errno = w < 0 ? errno : ENOSPC;
        else
            at += w, n -= (size_t)w;
    }
    str_clear(&c->leaving);
    return NULL;
}

static bool flush_end(struct csv_file *c, struct err *err) {
    side_work_end(&c->writer);
    errno = c->write_errno;
    return !c->write_errno || fail(c, err);
}

static bool flush(struct csv_file *c, struct err *err) {
    if (!flush_end(c, err))
        return false;
    struct str swap = c->leaving;
    c->leaving = c->block;
    c->block = swap;
    side_work_begin(&c->writer, write_block, c);
    return true;
}

struct csv_file *csv_file_open(const char *op, const char *path, const char *head,
                               struct err *err) {
    struct csv_file *c = mem_zeroed(sizeof *c);
    c->op = op;
    c->path = path;
    errno = ENAMETOOLONG;
    bool fits =
        snprintf(c->temporary, sizeof c->temporary, "%s.XXXXXX", path) < (int)sizeof c->temporary;
    c->fd = fits ? mkstemp(c->temporary) : -1; /* mode 0600 */
    if (c->fd < 0) {
        fail(c, err);
        free(c);
        return NULL;
    }
    c->digest = digest_sha256_new();
    str_init(&c->block, 2 * BLOCK);
    str_init(&c->leaving, 2 * BLOCK);
    str_printf(&c->block, "\xEF\xBB\xBF%s\r\n", head);
    return c;
}

static void begin_cell(struct csv_file *c) {
    if (c->in_row)
        str_putc(&c->block, ',');
    c->in_row = true;
}

void csv_file_text(struct csv_file *c, const char *s) {
    begin_cell(c);
    recon_csv_cell(&c->block, s ? s : "");
}

void csv_file_int(struct csv_file *c, bool has, int64_t value) {
    begin_cell(c);
    if (has)
        str_int(&c->block, value);
}

bool csv_file_end_row(struct csv_file *c, struct err *err) {
    str_puts(&c->block, "\r\n");
    c->in_row = false;
    return c->block.len < BLOCK || flush(c, err);
}

bool csv_file_close(struct csv_file *c, bool keep, char sha256[65], struct err *err) {
    bool ok = keep && flush(c, err);
    ok = flush_end(c, ok ? err : &(struct err){0}) && ok;
    digest_hex(c->digest, sha256);
    if (close(c->fd) != 0 && ok)
        ok = fail(c, err);
    ok = ok && file_publish(c->temporary, c->path, true, err);
    if (!ok)
        unlink(c->temporary);
    str_done(&c->block);
    str_done(&c->leaving);
    free(c);
    return ok || !keep;
}
