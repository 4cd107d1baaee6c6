/* io/file.h - local files: whole small files in, whole files out, and what must survive a power cut
 * (write, sync, rename, sync the directory). Blocking: for sub-commands, jobs and small files only.
 * Nothing here follows a FIFO or waits for one, but for the input that we were started with. */
#ifndef GOODGO_IO_FILE_H
#define GOODGO_IO_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

struct file_content {
    const char *bytes; /* in the arena */
    size_t len;
    unsigned mode; /* permission bits */
    bool regular;
};
/* "-" and /dev/stdin are standard input, /dev/fd/N what a shell handed on; both are read to their
 * end, and their bytes are waited for ten seconds. More than max_bytes is E_TOO_BIG. */
bool readfile(struct arena *a, const char *path, size_t max_bytes, struct file_content *ret,
              struct err *err) MUST_CHECK;
/* The same with another patience for bytes of a pipe. */
bool readfile_within(struct arena *a, const char *path, size_t max_bytes, int wait_ms,
                     struct file_content *ret, struct err *err) MUST_CHECK;
/* The end of a regular file: its last max_bytes, or all of it. */
bool readfile_end(struct arena *a, const char *path, size_t max_bytes, struct file_content *ret,
                  struct err *err) MUST_CHECK;
/* The whole in parts of at most 64 KiB, for what is too large to hold; on_part false stops it with
 * the handler's error. */
bool readfile_parts(const char *path,
                    bool (*on_part)(void *ctx, const char *bytes, size_t n, struct err *err),
                    void *ctx, struct err *err) MUST_CHECK;
/* Whole or not at all, mode 0600: temporary name beside it, sync, rename, sync of the directory. A
 * device or a FIFO under that name is written to. A temporary file whose writer was killed is
 * removed by the next writer of the same name. */
bool writefile(const char *path, const char *bytes, size_t n, struct err *err) MUST_CHECK;
/* writefile() in parts, for what is too large to hold: an open temporary file beside `path`, mode
 * 0600, which file_publish() gives its name while it is still open. *ret_name is the caller's, to
 * be freed. -1 where there can be none. */
int file_temporary(const char *path, char **ret_name, struct err *err) MUST_CHECK;
/* Whether `name` is a temporary name of a writer of the file called `of` (names, not paths). It is
 * locked (file_is_locked) while that writer lives. */
bool file_is_temporary(const char *name, const char *of);
/* Adds bytes at the end in one write and syncs; makes the file (0600) where it is missing. */
bool file_append(const char *path, const char *bytes, size_t n, struct err *err) MUST_CHECK;
/* Syncs `from`, gives it the name `to` (same file system), syncs the directory. */
enum publish {
    PUBLISH_NEW, /* an existing `to` is kept, and that is an error; no error leaves a new `to` */
    PUBLISH_OVER /* it is replaced */
};
bool file_publish(const char *from, const char *to, enum publish how, struct err *err) MUST_CHECK;
/* A name in a directory, but no directory itself. One that is not there is no error. */
bool file_remove(const char *path, struct err *err) MUST_CHECK;
/* What is made is this user's alone: 0600, 0700. Below this directory its group may read it too,
 * where the directory says so: readable by the group, and setgid. Once, before there are threads.
 */
void file_share_below(const char *dir);
/* Standard streams that are closed are opened so that using them fails as on a closed one; else the
 * next file or connection would have their number, and be printed into. First of all.
 * False without a /dev/null: then there is nowhere to say so. */
bool file_guard_streams(void) MUST_CHECK;
/* For those who open by themselves: what was made under that path, given to the group so; and all
 * of the bytes where the descriptor is, false with errno. */
void file_share(int fd, const char *path);
bool file_write_all(int fd, const char *bytes, size_t n) MUST_CHECK;
/* The directory and its parents. An existing one is fine. */
bool dir_make(const char *path, struct err *err) MUST_CHECK;
bool dir_is_dots(const char *name); /* "." or "..", which every listing has */
/* False where there is a directory in it, or it is none itself. */
bool dir_is_flat(const char *path, struct err *err) MUST_CHECK;
/* A flat directory, and all files in it: links in it are removed, not followed. Another stays as it
 * is. */
bool dir_remove(const char *path, struct err *err) MUST_CHECK;
/* False (E_TIMEOUT) when looking into the directory takes longer: its file system hangs. True says
 * nothing more, not even that it is there. To be asked before anything that would wait with it. */
bool dir_answers(const char *dir, uint32_t patience_ms, struct err *err) MUST_CHECK;
/* Takes a lock that lives as long as the descriptor (flock); the file is made where missing, 0600.
 * *ret_fd = -1 and true when another process holds it. Never waits. */
bool file_lock(const char *path, int *ret_fd, struct err *err) MUST_CHECK;
/* The same of a directory, which is made (0700) where it is missing. */
bool dir_lock(const char *path, int *ret_fd, struct err *err) MUST_CHECK;
/* The text of a locked file, for others to read. A word and no more: where it cannot be written the
 * lock is held all the same. */
void file_lock_note(int fd, const char *text);
/* Whether some process holds the lock of `path` now; false where the file is missing. True where
 * that cannot be seen (no descriptor, no right): what is not locked is removed as a dead one's. */
bool file_is_locked(const char *path);

/* The names in `dir` that end in `suffix`, without it, in order; how many. A directory that is not
 * there has none. */
uint32_t readnames(struct arena *a, const char *dir, const char *suffix, const char ***ret);

#endif
