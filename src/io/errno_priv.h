/* io/errno_priv.h - what an errno says of the console, and not of whom it asked. */
#ifndef GOODGO_IO_ERRNO_PRIV_H
#define GOODGO_IO_ERRNO_PRIV_H

#include <errno.h>
#include <stdbool.h>

/* No descriptor is left: nothing was asked of anybody, and no file is unreadable for it. */
static inline bool is_out_of_files(long number) {
    return number == EMFILE || number == ENFILE;
}

#endif
