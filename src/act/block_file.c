/* act/block_file.c - see act/block_file.h. A full block is summed and written by a thread while the
 * next one is filled. */
#include "act/block_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "io/file.h"
#include "io/worker.h"
#include "wire/digest.h"

#define BLOCK ((size_t)1 << 20)

struct block_file {
    char *temporary;
    const char *op, *path;
    int fd;
    struct str block;
    struct str leaving; /* the writer's while it works, and the digest */
    struct side_work writer;
    int write_errno;
    struct digest *digest;
};

static bool fail(const struct block_file *f, struct err *err) {
    return err_set(err, E_IO, f->op, f->path, "%s", strerror(errno));
}

static void *write_block(void *arg) {
    struct block_file *f = arg;
    digest_add(f->digest, str_get(&f->leaving), f->leaving.len);
    if (!f->write_errno && !file_write_all(f->fd, str_get(&f->leaving), f->leaving.len))
        f->write_errno = errno;
    str_clear(&f->leaving);
    return NULL;
}

static bool flush_end(struct block_file *f, struct err *err) {
    side_work_end(&f->writer);
    errno = f->write_errno;
    return !f->write_errno || fail(f, err);
}

static bool flush(struct block_file *f, struct err *err) {
    if (!flush_end(f, err))
        return false;
    struct str swap = f->leaving;
    f->leaving = f->block;
    f->block = swap;
    side_work_begin(&f->writer, write_block, f);
    return true;
}

struct block_file *block_file_open(const char *op, const char *path, struct err *err) {
    char *temporary;
    int fd = file_temporary(path, &temporary, err);
    if (fd < 0)
        return NULL;
    struct block_file *f = mem_zeroed(sizeof *f);
    *f = (struct block_file){.temporary = temporary, .op = op, .path = path, .fd = fd};
    f->digest = digest_sha256_new();
    str_init(&f->block, 2 * BLOCK);
    str_init(&f->leaving, 2 * BLOCK);
    return f;
}

struct str *block_file_text(struct block_file *f) {
    return &f->block;
}

bool block_file_end_line(struct block_file *f, struct err *err) {
    return f->block.len < BLOCK || flush(f, err);
}

bool block_file_close(struct block_file *f, bool keep, char sha256[DIGEST_HEX_SIZE],
                      struct err *err) {
    bool ok = keep && flush(f, err);
    ok = flush_end(f, ok ? err : &(struct err){0}) && ok;
    digest_hex(f->digest, sha256);
    ok = ok && file_publish(f->temporary, f->path, PUBLISH_OVER, err);
    if (!ok)
        unlink(f->temporary);
    close(f->fd); /* it was locked until it had its name */
    free(f->temporary);
    str_done(&f->block);
    str_done(&f->leaving);
    free(f);
    return ok || !keep;
}
