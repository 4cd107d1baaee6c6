/* io/loop_priv.h - what the drivers of io/ need of the loop: the uv loop itself, and descriptor
 * watches for libraries that own their sockets (libpq, curl). */
#ifndef GOODGO_IO_LOOP_PRIV_H
#define GOODGO_IO_LOOP_PRIV_H

#include <uv.h>

#include "io/loop.h"

uv_loop_t *loop_uv(struct loop *l);
/* Says who runs now; a slow turn is blamed on the last one. `name` is a static string. */
void loop_mark(struct loop *l, const char *name);

enum { WATCH_READ = 1, WATCH_WRITE = 2, WATCH_ERROR = 4 };
/* WATCH_ERROR is a wake-up, not a verdict: enter the library, it will find the error itself. The
 * watch has stopped by then and must be set again. */
typedef void (*watch_fn)(void *ctx, int events);

struct watch;
struct watch *watch_new(struct loop *l, const char *name, watch_fn fn, void *ctx);
/* Watches fd, another number than before included; events 0 stops. */
void watch_set(struct watch *w, int fd, int events);
void watch_close(struct watch *w); /* before the library closes its fd; NULL is fine */

#endif
