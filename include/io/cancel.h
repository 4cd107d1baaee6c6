/* io/cancel.h - how what takes long is told to end: a descriptor that becomes readable, and stays
 * so. Whoever waits looks at it beside what he waits for; whoever computes asks here now and then.
 */
#ifndef GOODGO_IO_CANCEL_H
#define GOODGO_IO_CANCEL_H

#include <stdbool.h>

/* Never waits. cancel_fd < 0 = nobody can ask. */
bool cancel_asked(int cancel_fd);

#endif
