/* io/file_priv.h - what file.c, file_read.c, file_lock.c, file_share.c and dir.c share. Where a
 * bool is false, errno says why. */
#ifndef GOODGO_IO_FILE_PRIV_H
#define GOODGO_IO_FILE_PRIV_H

#include <dirent.h>

#include "io/file.h"

#define PATH_SIZE 4096

/* E_IO with errno's sentence; false, so that `return file_fail(...)`. */
bool file_fail(struct err *err, const char *op, const char *path);

bool fd_sync(int fd);
bool path_sync(const char *path);
/* A new name is on disk only once its directory is. */
bool parent_sync(const char *path);
/* A file, or a flat directory (pg_dump -Fd) with all files in it. */
bool tree_sync(const char *path);

/* Below a directory that file_share_below() named. */
bool file_is_shared(const char *path);
/* Whether `fd` is still what `path` names: a lock on a file that was removed holds nobody off. */
bool file_still_named(int fd, const char *path);
/* A directory, no link to one; NULL where it cannot be opened. */
DIR *dir_open_at(int dir_fd, const char *name);

#endif
