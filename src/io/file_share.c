/* io/file_share.c - who may read what is made: this user alone, or below one directory its group.
 */
#include "file_priv.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/str.h"

static char shared[2][PATH_SIZE]; /* as it was named, and as it is; "" = nothing is shared */

void file_share_below(const char *dir) {
    struct stat st;
    bool is = stat(dir, &st) == 0 && (st.st_mode & S_ISGID) && (st.st_mode & S_IRGRP);
    char *real = is ? realpath(dir, NULL) : NULL;
    str_copy(shared[0], PATH_SIZE, real ? dir : "");
    str_copy(shared[1], PATH_SIZE, real ? real : "");
    free(real);
}

bool file_is_shared(const char *path) {
    for (int i = 0; i < 2; i++) {
        size_t n = strlen(shared[i]);
        if (n && strncmp(path, shared[i], n) == 0 && path[n] == '/')
            return true;
    }
    return false;
}

/* Whatever the umask is. Another's file stays as it is. */
void file_share(int fd, const char *path) {
    int ignored = fd >= 0 && file_is_shared(path) ? fchmod(fd, 0640) : 0;
    (void)ignored;
}
