/* app/saver.c - see saver_priv.h. */
#include "saver_priv.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "io/worker.h"
#include "look_priv.h"

struct saver {
    const struct app_context *app;
    struct workers *workers;
    void (*said)(void *ctx, const char *what, bool bad);
    void *ctx;
};

/* What a thread writes; it owns all of it. */
struct saving {
    char *state_dir;
    char words[40], name[96], path[512];
    struct str bytes;
    bool ok;
    struct err err;
};

static void saving_free(void *arg) {
    struct saving *w = arg;
    str_done(&w->bytes);
    free(w->state_dir);
    free(w);
}

static void saving_work(void *arg) {
    struct saving *w = arg;
    w->ok = look_save(w->state_dir, w->name, str_get(&w->bytes), w->bytes.len, w->path,
                      sizeof w->path, &w->err);
}

static void saving_done(void *ctx, void *arg) {
    struct saver *s = ctx;
    struct saving *w = arg;
    char text[700];
    snprintf(text, sizeof text, "%s%s %s", w->words,
             w->ok ? "saved to" : "not saved:", w->ok ? w->path : w->err.why);
    s->said(s->ctx, text, !w->ok);
    saving_free(w);
}

struct saver *saver_new(struct loop *l, const struct app_context *app,
                        void (*said)(void *ctx, const char *what, bool bad), void *ctx) {
    struct saver *s = mem_zeroed(sizeof *s);
    *s = (struct saver){app, workers_new(l), said, ctx};
    return s;
}

void saver_free(struct saver *s) {
    if (!s)
        return;
    workers_free(s->workers);
    free(s);
}

void saver_save(struct saver *s, const char *words, const char *name, struct str *bytes) {
    struct saving *w = mem_zeroed(sizeof *w);
    w->state_dir = mem_strdup(s->app->state_dir);
    str_copy(w->words, sizeof w->words, words);
    str_copy(w->name, sizeof w->name, name);
    w->bytes = *bytes;
    str_init(bytes, 0);
    if (workers_start(s->workers, saving_work, saving_done, saving_free, s, w))
        return;
    s->said(s->ctx, "not saved: what was saved before is still being written", true);
    saving_free(w);
}
