/* io/spawn.c - a program beside the loop over uv_spawn: two pipes, a deadline, and an end that is
 * told when the process has ended and both pipes are empty, or were given up at the deadline. */
#include "io/spawn.h"

#include <signal.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/str.h"
#include "loop_priv.h"

#define OUT_MAX    ((size_t)1 << 20)
#define ERRORS_MAX ((size_t)16 << 10)
#define GRACE_MS   2000 /* between TERM and KILL */

struct stream {
    uv_pipe_t pipe;
    struct spawn *owner;
    struct str text;
    char chunk[16384];
};

struct spawn {
    struct loop *loop;
    uv_process_t process;
    struct stream out, errors;
    struct loop_timer *deadline;
    spawn_done_fn done; /* NULL once cancelled */
    void *ctx;
    int exit_code;
    bool timed_out, exited;
    int n_open; /* process and pipes that are not closed yet */
};

static void spawn_end(struct spawn *s) {
    struct spawn_result result = {.exit_code = s->timed_out ? -1 : s->exit_code,
                                  .out = str_get(&s->out.text),
                                  .errors = str_get(&s->errors.text),
                                  .out_len = s->out.text.len,
                                  .errors_len = s->errors.text.len};
    loop_timer_close(s->deadline);
    if (s->done)
        s->done(s->ctx, &result);
    str_done(&s->out.text);
    str_done(&s->errors.text);
    free(s);
}

static void one_closed(struct spawn *s) {
    if (--s->n_open == 0)
        spawn_end(s);
}

static void process_closed(uv_handle_t *h) {
    one_closed(h->data);
}

static void pipe_closed(uv_handle_t *h) {
    one_closed(((struct stream *)h->data)->owner);
}

static void on_exit_of(uv_process_t *p, int64_t status, int signum) {
    struct spawn *s = p->data;
    loop_mark(s->loop, "spawn.exit");
    s->exited = true;
    s->exit_code = signum ? 128 + signum : (int)status;
    uv_close((uv_handle_t *)p, process_closed);
}

static void give_chunk(uv_handle_t *h, size_t suggested, uv_buf_t *buf) {
    struct stream *st = h->data;
    (void)suggested;
    *buf = uv_buf_init(st->chunk, sizeof st->chunk);
}

static void on_read(uv_stream_t *h, ssize_t n, const uv_buf_t *buf) {
    struct stream *st = h->data;
    loop_mark(st->owner->loop, "spawn.read");
    if (n > 0)
        str_add(&st->text, buf->base, (size_t)n); /* past the cap it is dropped, but still read */
    else if (n < 0)
        uv_close((uv_handle_t *)h, pipe_closed);
}

/* Once it has been reaped its number may be somebody else's. */
static void spawn_signal(struct spawn *s, int number) {
    if (!s->exited)
        uv_process_kill(&s->process, number);
}

/* Whom the program started may hold the other ends long after it. */
static void streams_close(struct spawn *s) {
    struct stream *const streams[] = {&s->out, &s->errors};
    for (size_t i = 0; i < ARRAY_LEN(streams); i++)
        if (!uv_is_closing((uv_handle_t *)&streams[i]->pipe))
            uv_close((uv_handle_t *)&streams[i]->pipe, pipe_closed);
}

static void on_deadline(void *ctx) {
    struct spawn *s = ctx;
    s->timed_out = !s->exited;
    spawn_signal(s, SIGKILL);
    streams_close(s);
}

static void stream_init(struct spawn *s, struct stream *st, size_t max) {
    st->owner = s;
    st->pipe.data = st;
    str_init(&st->text, max);
    uv_pipe_init(loop_uv(s->loop), &st->pipe, 0);
}

struct spawn *spawn_start(struct loop *l, const char *const *argv, uint32_t timeout_ms,
                          spawn_done_fn done, void *ctx, struct err *err) {
    struct spawn *s = mem_zeroed(sizeof *s);
    *s = (struct spawn){.loop = l, .done = done, .ctx = ctx, .n_open = 3};
    stream_init(s, &s->out, OUT_MAX);
    stream_init(s, &s->errors, ERRORS_MAX);
    uv_stdio_container_t stdio[3] = {
        {.flags = UV_IGNORE},
        {.flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE, .data.stream = (uv_stream_t *)&s->out.pipe},
        {.flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE,
         .data.stream = (uv_stream_t *)&s->errors.pipe}};
    uv_process_options_t options = {.exit_cb = on_exit_of,
                                    .file = argv[0],
                                    .args = (char **)(uintptr_t)argv,
                                    .stdio = stdio,
                                    .stdio_count = 3};
    s->process.data = s;
    s->deadline = loop_timer_new(l, on_deadline, s);
    int code = uv_spawn(loop_uv(l), &s->process, &options);
    if (code != 0) {
        err_set(err, E_IO, "spawn", argv[0], "%s", uv_strerror(code));
        s->done = NULL;
        uv_close((uv_handle_t *)&s->process, process_closed);
        uv_close((uv_handle_t *)&s->out.pipe, pipe_closed);
        uv_close((uv_handle_t *)&s->errors.pipe, pipe_closed);
        return NULL;
    }
    uv_read_start((uv_stream_t *)&s->out.pipe, give_chunk, on_read);
    uv_read_start((uv_stream_t *)&s->errors.pipe, give_chunk, on_read);
    loop_timer_again(s->deadline, timeout_ms, 0);
    return s;
}

void spawn_cancel(struct spawn *s) {
    if (!s)
        return;
    s->done = NULL;
    spawn_signal(s, SIGKILL);
    streams_close(s);
}

void spawn_stop(struct spawn *s) {
    if (!s)
        return;
    s->done = NULL;
    spawn_signal(s, SIGTERM);
    loop_timer_again(s->deadline, GRACE_MS, 0);
}

void spawn_leave(struct spawn *s) {
    if (!s)
        return;
    s->done = NULL;
    if (!s->exited)
        uv_close((uv_handle_t *)&s->process, process_closed);
    s->exited = true;
    streams_close(s);
}
