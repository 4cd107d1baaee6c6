/* io/wait_priv.h - waiting for one descriptor, with a deadline and a way out: for code that may
 * block (sub-commands, jobs), never on the loop. */
#ifndef GOODGO_IO_WAIT_PRIV_H
#define GOODGO_IO_WAIT_PRIV_H

#include <stdint.h>

/* UNSTARTED is of offload() alone. */
enum wait_end { WAIT_DONE, WAIT_TIMEOUT, WAIT_CANCELLED, WAIT_UNSTARTED };

/* Waits for events (POLLIN, POLLOUT) of fd. until_mono_ms 0 = no deadline; cancel_fd < 0 = none. A
 * cancel is seen first, even where fd is ready. */
enum wait_end wait_for(int fd, short events, int64_t until_mono_ms, int cancel_fd);

#endif
