/* app/saver_priv.h - files that the screen saves into the state directory, written on a thread: a
 * disk that hangs must not hang the keys. */
#ifndef GOODGO_APP_SAVER_PRIV_H
#define GOODGO_APP_SAVER_PRIV_H

#include "app/command.h"
#include "base/str.h"
#include "io/loop.h"

struct saver;
/* `said` is told where a file went, or why it did not. */
struct saver *saver_new(struct loop *l, const struct app_context *app,
                        void (*said)(void *ctx, const char *what, bool bad), void *ctx);
void saver_free(struct saver *s); /* NULL is fine; what is being written is written to its end */
/* `words` go before what is said: "sent to the terminal, and ". Empties `bytes`. */
void saver_save(struct saver *s, const char *words, const char *name, struct str *bytes);

#endif
