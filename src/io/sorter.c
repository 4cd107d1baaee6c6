/* io/sorter.c - an external merge sort; see sorter.h. A full batch is sorted and written by a
 * thread while the next one is filled; what is read comes from all runs, the smallest first. */
#define _GNU_SOURCE /* mkostemp */
#include "io/sorter.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "io/file.h"
#include "io/worker.h"
#include "sort_slots_priv.h"

#define READ_BYTES ((size_t)64 << 10)
#define RUNS_MAX   1024u
#define NOBODY     UINT32_MAX
#define RECORD_MAX (sizeof(struct sort_head) + SORTER_MAX_KEY + SORTER_MAX_DATA)

/* Records that are not yet in the file. */
struct batch {
    char *bytes;
    struct sort_slot *slots;
    size_t used, n;
};

struct run {
    off_t from;      /* in the file: its first byte */
    off_t at, end;   /* what was not read yet */
    char *buffer;    /* READ_BYTES; of the run in memory: NULL */
    size_t pos, len; /* in the buffer */
    struct sorted now;
    uint64_t word; /* of its key: the first */
    bool ended;
};

struct sorter {
    const char *op;
    int fd;
    size_t batch_bytes, batch_slots;
    struct batch batch;   /* what is added goes here */
    struct batch leaving; /* the spiller's while it works, and `size` too */
    off_t size;
    struct side_work spiller;
    bool spilled; /* how it ended */
    struct err spill_err;
    size_t next; /* in the batch, which is the last run */
    struct run *runs;
    uint32_t n_runs;
    uint32_t *tree; /* of runs: in each node the one that lost there, in the first who won */
    bool started;
};

/* Its name is gone at once: the file goes with the process. */
static int open_nameless(const char *dir) {
    char name[4096];
    if (snprintf(name, sizeof name, "%s/.sort.XXXXXX", dir) >= (int)sizeof name)
        return -1;
    int fd = mkostemp(name, O_CLOEXEC);
    if (fd < 0 || unlink(name) == 0)
        return fd;
    int why = errno; /* it would lie there for ever, with rows of payments in it */
    close(fd);
    errno = why;
    return -1;
}

struct sorter *sorter_new(const char *dir, const char *op, size_t memory_bytes, struct err *err) {
    if (!dir_make(dir, err))
        return NULL;
    int fd = open_nameless(dir);
    if (fd < 0) {
        err_set(err, E_IO, op, dir, "no temporary file: %s", strerror(errno));
        return NULL;
    }
    struct sorter *s = mem_zeroed(sizeof *s);
    s->op = op;
    s->fd = fd;
    size_t most = memory_bytes / 2; /* one is filled while the other is written */
    s->batch_bytes = most > RECORD_MAX ? most : RECORD_MAX;
    s->batch_slots = s->batch_bytes / 32;
    return s;
}

static void batch_make(struct sorter *s) {
    s->batch = (struct batch){.bytes = mem_alloc(s->batch_bytes),
                              .slots = mem_alloc(s->batch_slots * sizeof *s->batch.slots)};
}

static void batch_done(struct batch *b) {
    free(b->bytes);
    free(b->slots);
    *b = (struct batch){.n = 0};
}

void sorter_free(struct sorter *s) {
    if (!s)
        return;
    side_work_end(&s->spiller);
    for (uint32_t i = 0; i < s->n_runs; i++)
        free(s->runs[i].buffer);
    close(s->fd);
    batch_done(&s->batch);
    batch_done(&s->leaving);
    free(s->runs);
    free(s->tree);
    free(s);
}

int bytes_compare(const char *a, size_t a_n, const char *b, size_t b_n) {
    int order = memcmp(a, b, a_n < b_n ? a_n : b_n);
    return order ? order : (a_n > b_n) - (a_n < b_n);
}

static void batch_sort(struct batch *b) {
    struct sort_slot *spare = mem_alloc((b->n + 1) * sizeof *spare);
    sort_slots(b->slots, b->n, spare);
    free(spare);
}

/* ---- to the file ---- */

static bool write_all(struct sorter *s, const char *bytes, size_t n) {
    while (n) {
        ssize_t done = pwrite(s->fd, bytes, n, s->size);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return err_set(&s->spill_err, E_IO, s->op, "temporary file", "cannot be written: %s",
                           strerror(errno));
        bytes += done;
        n -= (size_t)done;
        s->size += done;
    }
    return true;
}

/* On its own thread: it has the batch that leaves, the file and how it ended to itself. */
static void *spill(void *arg) {
    struct sorter *s = arg;
    struct batch *b = &s->leaving;
    char *out = mem_alloc(READ_BYTES);
    size_t used = 0;
    s->spilled = true;
    batch_sort(b);
    for (size_t i = 0; i < b->n && s->spilled; i++) {
        struct sort_head h;
        memcpy(&h, b->slots[i].head, sizeof h);
        size_t n = sizeof h + h.key_n + h.data_n;
        if (used + n > READ_BYTES) {
            s->spilled = write_all(s, out, used);
            used = 0;
        }
        memcpy(out + used, b->slots[i].head, n);
        used += n;
    }
    s->spilled = s->spilled && write_all(s, out, used);
    free(out);
    return NULL;
}

static struct run *run_new(struct sorter *s) {
    s->runs = mem_grow(s->runs, (s->n_runs + 1) * sizeof *s->runs);
    s->runs[s->n_runs] = (struct run){0};
    return &s->runs[s->n_runs++];
}

static bool spill_end(struct sorter *s, struct err *err) {
    if (!s->leaving.n)
        return true;
    side_work_end(&s->spiller);
    if (!s->spilled) {
        *err = s->spill_err;
        return false;
    }
    struct run *r = run_new(s);
    r->from = r->at = s->n_runs > 1 ? s->runs[s->n_runs - 2].end : 0;
    r->end = s->size;
    s->leaving.n = s->leaving.used = 0;
    return true;
}

/* The full batch leaves, and there is an empty one to be filled. */
static bool spill_begin(struct sorter *s, struct err *err) {
    if (!spill_end(s, err))
        return false;
    if (s->n_runs == RUNS_MAX)
        return err_set(err, E_TOO_BIG, s->op, "temporary file", "more records than can be sorted");
    struct batch swap = s->leaving;
    s->leaving = s->batch;
    s->batch = swap;
    side_work_begin(&s->spiller, spill, s);
    return true;
}

static bool make_room(struct sorter *s, size_t n, struct err *err) {
    bool full = s->batch.used + n > s->batch_bytes || s->batch.n == s->batch_slots;
    if (full && s->batch.n && !spill_begin(s, err))
        return false;
    if (!s->batch.bytes)
        batch_make(s);
    return true;
}

bool sorter_add(struct sorter *s, const void *key, size_t key_n, const void *data, size_t data_n,
                struct err *err) {
    struct sort_head h = {(uint32_t)key_n, (uint32_t)data_n};
    if (key_n > SORTER_MAX_KEY || data_n > SORTER_MAX_DATA)
        return err_set(err, E_TOO_BIG, s->op, "temporary file", "a key of %zu with %zu bytes",
                       key_n, data_n);
    size_t n = sizeof h + key_n + data_n;
    if (!make_room(s, n, err))
        return false;
    char *to = s->batch.bytes + s->batch.used;
    memcpy(to, &h, sizeof h);
    if (key_n)
        memcpy(to + sizeof h, key, key_n);
    if (data_n)
        memcpy(to + sizeof h + key_n, data, data_n);
    s->batch.slots[s->batch.n++] = (struct sort_slot){sort_word(key, key_n, 0), to};
    s->batch.used += n;
    return true;
}

/* ---- reading ---- */

static bool run_fill(struct sorter *s, struct run *r, struct err *err) {
    memmove(r->buffer, r->buffer + r->pos, r->len - r->pos);
    r->len -= r->pos;
    r->pos = 0;
    while (r->len < READ_BYTES && r->at < r->end) {
        size_t want = READ_BYTES - r->len;
        if ((off_t)want > r->end - r->at)
            want = (size_t)(r->end - r->at);
        ssize_t got = pread(s->fd, r->buffer + r->len, want, r->at);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return err_set(err, E_IO, s->op, "temporary file", "cannot be read: %s",
                           got ? strerror(errno) : "it ended early");
        r->len += (size_t)got;
        r->at += got;
    }
    return true;
}

static void record_at(const char *bytes, struct run *r) {
    struct sort_head h;
    memcpy(&h, bytes, sizeof h);
    bytes += sizeof h;
    r->now = (struct sorted){bytes, bytes + h.key_n, h.key_n, h.data_n};
    r->word = sort_word(bytes, h.key_n, 0);
}

static bool run_next(struct sorter *s, struct run *r, struct err *err) {
    if (!r->buffer) { /* the last run never left the memory */
        r->ended = s->next == s->batch.n;
        if (!r->ended)
            record_at(s->batch.slots[s->next++].head, r);
        return true;
    }
    if (r->len - r->pos < RECORD_MAX && r->at < r->end && !run_fill(s, r, err))
        return false;
    r->ended = r->pos == r->len;
    if (!r->ended) {
        record_at(r->buffer + r->pos, r);
        r->pos += sizeof(struct sort_head) + r->now.key_n + r->now.data_n;
    }
    return true;
}

static bool run_before(const struct sorter *s, uint32_t a, uint32_t b) {
    const struct run *x = &s->runs[a], *y = &s->runs[b];
    if (x->ended || y->ended)
        return !x->ended;
    if (x->word != y->word)
        return x->word < y->word;
    int order = bytes_compare(x->now.key, x->now.key_n, y->now.key, y->now.key_n);
    return (order ? order : bytes_compare(x->now.data, x->now.data_n, y->now.data, y->now.data_n)) <
           0;
}

/* From its leaf up, against who lost there; with nobody yet it waits. */
static void tree_play(struct sorter *s, uint32_t run) {
    for (uint32_t i = (run + s->n_runs) / 2; i > 0; i /= 2) {
        uint32_t other = s->tree[i];
        if (other == NOBODY) {
            s->tree[i] = run;
            return;
        }
        if (run_before(s, other, run)) {
            s->tree[i] = run;
            run = other;
        }
    }
    s->tree[0] = run;
}

static bool first_records(struct sorter *s, struct err *err) {
    for (uint32_t i = 0; i < s->n_runs; i++)
        s->tree[i] = NOBODY;
    for (uint32_t i = 0; i < s->n_runs; i++) {
        if (!run_next(s, &s->runs[i], err))
            return false;
        tree_play(s, i);
    }
    return true;
}

static bool start(struct sorter *s, struct err *err) {
    s->started = true;
    if (!s->tree) {
        if (!spill_end(s, err))
            return false;
        batch_done(&s->leaving);
        for (uint32_t i = 0; i < s->n_runs; i++)
            s->runs[i].buffer = mem_alloc(READ_BYTES);
        batch_sort(&s->batch);
        run_new(s);
        s->tree = mem_alloc(s->n_runs * sizeof *s->tree);
    }
    return first_records(s, err);
}

void sorter_rewind(struct sorter *s) {
    s->started = false;
    s->next = 0;
    for (uint32_t i = 0; i < s->n_runs; i++) {
        struct run *r = &s->runs[i];
        r->at = r->from;
        r->pos = r->len = 0;
        r->ended = false;
    }
}

bool sorter_next(struct sorter *s, struct sorted *ret, bool *ret_end, struct err *err) {
    if (!s->started) {
        if (!start(s, err))
            return false;
    } else if (!s->runs[s->tree[0]].ended) { /* the one handed out last time is done with */
        if (!run_next(s, &s->runs[s->tree[0]], err))
            return false;
        tree_play(s, s->tree[0]);
    }
    const struct run *first = &s->runs[s->tree[0]];
    *ret_end = first->ended;
    if (!first->ended)
        *ret = first->now;
    return true;
}
