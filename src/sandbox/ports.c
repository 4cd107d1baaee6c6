/* sandbox/ports.c - which ports of 127.0.0.1 one platform has. It takes a block of them and keeps
 * it, held by the names of two local sockets that die with their process: `up` has the one until
 * the platform listens, `serve` the other as long as it runs. So two platforms that start together
 * never choose the same port, and none takes the port of a service that another has stopped. */
#include "lifecycle.h"

#include "loopback.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { FIRST_FREE_PORT = 10000, BLOCK_PORTS = 64, BLOCK_TRIES = 400 };

static bool port_free(uint16_t port) {
    int fd = loopback_bind(port, 0);
    bool ok = fd >= 0 && listen(fd, 1) == 0;
    if (fd >= 0) {
        close(fd);
    }
    return ok;
}

static uint32_t random_u32(void) {
    uint32_t n = 0;
    if (getrandom(&n, sizeof n, 0) != sizeof n) {
        abort();
    }
    return n;
}

/* ---- blocks ---- */

/* Below the kernel's range for outgoing connections: a port of ours that is closed for a while (the
 * fault `stop`) must not be handed to somebody's connection. */
static uint32_t free_port_limit(void) {
    char text[64];
    unsigned low = 32768;
    if (read_file("/proc/sys/net/ipv4/ip_local_port_range", text, sizeof text) &&
        sscanf(text, "%u", &low) == 1 && low > FIRST_FREE_PORT + 2000 && low <= 65536) {
        return low;
    }
    return 32768;
}

/* A descriptor whose life is the claim; -1 where another process has it. */
static int claim(uint32_t block, const char *who) {
    struct sockaddr_un a = {.sun_family = AF_UNIX}; /* a leading zero byte: no file */
    int n = snprintf(a.sun_path + 1, sizeof a.sun_path - 1, "goodgo-sandbox.ports.%u.%s",
                     (unsigned)block, who);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && bind(fd, (struct sockaddr *)&a,
                        (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)n)) < 0) {
        close(fd);
        fd = -1;
    }
    return fd;
}

static bool claim_for_start(uint32_t block) {
    int held = claim(block, "up"), running = held < 0 ? -1 : claim(block, "serve");
    if (running >= 0) {
        close(running);
        return true; /* `held` stays open until this process ends */
    }
    if (held >= 0) {
        close(held);
    }
    return false;
}

void ports_keep(const struct platform *p) {
    uint32_t port = 0;
    for (int i = 0; i < SB_N_SERVICES; i++) {
        port = p->backend[i] ? p->backend[i] : port ? port : p->port[i];
    }
    if (port >= FIRST_FREE_PORT) {
        claim((port - FIRST_FREE_PORT) / BLOCK_PORTS, "serve"); /* open as long as we live */
    }
}

/* ---- choosing ---- */

struct chooser {
    uint32_t next, end; /* in our block */
    uint32_t base;      /* of --port-base; 0 = none */
};

static bool next_free(struct chooser *c, uint16_t *ret, struct why *why) {
    while (c->next < c->end) {
        *ret = (uint16_t)c->next++;
        if (port_free(*ret)) {
            return true;
        }
    }
    return why_set(why, "too many of the ports %u to %u are taken on 127.0.0.1",
                   (unsigned)(c->end - BLOCK_PORTS), (unsigned)(c->end - 1));
}

static bool place(struct chooser *c, const char *name, int offset, uint16_t *ret, struct why *why) {
    if (!c->base) {
        return next_free(c, ret, why);
    }
    *ret = (uint16_t)(c->base + (uint32_t)offset);
    return port_free(*ret) ||
           why_set(why, "port %u (%s) is taken: choose another --port-base or leave it out",
                   (unsigned)*ret, name);
}

static bool fill(struct chooser *c, struct platform *p, const bool wanted[SB_N_SERVICES],
                 struct why *why) {
    for (int i = 0; i < SB_N_SERVICES; i++) {
        if (wanted[i] && !place(c, sandbox_service_names[i], i, &p->port[i], why)) {
            return false;
        }
    }
    if (wanted[SB_MINIO] &&
        !place(c, "minio console", SB_N_SERVICES, &p->minio_console_port, why)) {
        return false;
    }
    for (int i = 0; i < SB_N_SERVICES; i++) {
        if (wanted[i] && service_is_real(i) && !next_free(c, &p->backend[i], why)) {
            return false;
        }
    }
    return true;
}

bool ports_choose(struct platform *p, const bool wanted[SB_N_SERVICES], uint32_t base,
                  struct why *why) {
    uint32_t n_blocks = (free_port_limit() - FIRST_FREE_PORT) / BLOCK_PORTS;
    for (int i = 0; i < BLOCK_TRIES; i++) {
        uint32_t block = random_u32() % n_blocks, first = FIRST_FREE_PORT + block * BLOCK_PORTS;
        struct chooser c = {.next = first, .end = first + BLOCK_PORTS, .base = base};
        if (base && base < c.end && base + BLOCK_PORTS > first) {
            continue; /* the caller's own ports are not ours to give to the backends */
        }
        if (claim_for_start(block)) {
            return fill(&c, p, wanted, why);
        }
    }
    return why_set(why, "every block of ports is held by another sandbox");
}
