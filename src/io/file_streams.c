/* io/file_streams.c - no file and no connection gets the number of a standard stream. */
#include "io/file.h"

#include <fcntl.h>

/* The lowest free number is the one just found free. Opened the wrong way round: reading and
 * writing fail with EBADF. */
bool file_guard_streams(void) {
    for (int fd = 0; fd <= 2; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY) != fd)
            return false;
    return true;
}
