/* sandbox/loopback.h - sockets of 127.0.0.1, the only address the sandbox knows. */
#ifndef GOODGO_SANDBOX_LOOPBACK_H
#define GOODGO_SANDBOX_LOOPBACK_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

struct sockaddr_in loopback_address(uint16_t port);
/* Bound and not yet listening; `flags` is 0 or SOCK_NONBLOCK. -1, with errno, where that failed. */
int loopback_bind(uint16_t port, int flags);
/* A connected, non-blocking socket; -1 where nobody accepted within `timeout_ms`. */
int loopback_dial(uint16_t port, int timeout_ms);
bool loopback_accepts(uint16_t port, int timeout_ms);

#endif
