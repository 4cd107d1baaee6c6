/* io/wait.c - the one poll() of code that may wait; see wait_priv.h. */
#include "wait_priv.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>

#include "base/clock.h"
#include "io/cancel.h"

static int ms_until(int64_t until_mono_ms) {
    int64_t left = until_mono_ms - clock_mono_ms();
    return !until_mono_ms ? -1 : left < 0 ? 0 : left > 1000000 ? 1000000 : (int)left;
}

enum wait_end wait_for(int fd, short events, int64_t until_mono_ms, int cancel_fd) {
    for (;;) {
        struct pollfd p[] = {{.fd = cancel_fd, .events = POLLIN}, {.fd = fd, .events = events}};
        int n = poll(p, 2, ms_until(until_mono_ms));
        if (n > 0 && p[0].revents)
            return WAIT_CANCELLED;
        if (n > 0)
            return WAIT_DONE;
        if (n == 0 && until_mono_ms && clock_mono_ms() >= until_mono_ms)
            return WAIT_TIMEOUT;
        if (n < 0 && errno != EINTR)
            abort();
    }
}

bool cancel_asked(int cancel_fd) {
    struct pollfd p = {.fd = cancel_fd, .events = POLLIN};
    return cancel_fd >= 0 && poll(&p, 1, 0) > 0;
}
