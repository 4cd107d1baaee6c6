/* io/answers.c - does a directory answer? open() and readdir() of a network file system whose
 * server is gone wait in the kernel for as long as it pleases; asked on a thread that may be left
 * behind, they cost the caller no more than its patience. */
#include "file_priv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "base/clock.h"
#include "base/mem.h"
#include "offload_priv.h"

/* What is wrong with a directory that does answer is the caller's to find out. */
static void look(void *job) {
    struct stat st;
    struct statvfs fs;
    if (stat(job, &st) != 0 || !S_ISDIR(st.st_mode))
        return;
    DIR *d = opendir(job);
    if (!d)
        return;
    (void)readdir(d);
    (void)fstatvfs(dirfd(d), &fs);
    closedir(d);
}

bool dir_answers(const char *dir, uint32_t patience_ms, struct err *err) {
    char *job = mem_strdup(dir);
    const char *end_of_name = path_tail(dir);
    enum wait_end end = offload(look, free, job, clock_mono_ms() + patience_ms, -1);
    if (end == WAIT_UNSTARTED)
        return err_set(err, E_IO, "directory.look", end_of_name, "no thread to look with: %s",
                       strerror(errno));
    if (end != WAIT_DONE)
        return err_set(err, E_TIMEOUT, "directory.look", end_of_name,
                       "does not answer within %u ms: is it a network file system whose server is "
                       "gone?",
                       patience_ms);
    free(job);
    return true;
}
