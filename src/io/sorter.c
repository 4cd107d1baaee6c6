/* io/sorter.c - an external merge sort; see sorter.h. */
#include "io/sorter.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "io/file.h"

#define RUN_BYTES  ((size_t)4 << 20)
#define RUN_MAX    (RUN_BYTES / 32)
#define READ_BYTES ((size_t)32 << 10)
#define RUNS_MAX   1024u

/* On disk and in memory: a head, then the bytes of the key, then those of the data. */
struct head {
    uint32_t key_n, data_n;
};

/* The first bytes of the key beside the record: most comparisons need no more, and miss no cache.
 */
struct slot {
    uint64_t prefix;
    char *head;
};

struct run {
    off_t from;      /* in the file: its first byte */
    off_t at, end;   /* what was not read yet */
    char *buffer;    /* READ_BYTES; of the run in memory: NULL */
    size_t pos, len; /* in the buffer */
    struct sorted now;
    uint64_t prefix; /* of its key */
    bool ended;
};

struct sorter {
    const char *op;
    int fd;
    off_t size;
    char *bytes;
    size_t used;
    struct slot *sorted; /* heads in `bytes` */
    size_t n, next;
    struct run *runs;
    uint32_t n_runs;
    uint32_t *heap; /* runs by their present record, smallest first */
    uint32_t n_heap;
    uint64_t total;
    bool started;
};

/* Its name is gone at once: the file goes with the process. */
static int open_nameless(const char *dir) {
    char name[4096];
    if (snprintf(name, sizeof name, "%s/.sort.XXXXXX", dir) >= (int)sizeof name)
        return -1;
    int fd = mkstemp(name);
    if (fd >= 0) {
        unlink(name);
        fcntl(fd, F_SETFD, FD_CLOEXEC);
    }
    return fd;
}

struct sorter *sorter_new(const char *dir, const char *op, struct err *err) {
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
    s->bytes = mem_alloc(RUN_BYTES);
    s->sorted = mem_alloc(RUN_MAX * sizeof *s->sorted);
    s->runs = mem_alloc(sizeof *s->runs);
    return s;
}

void sorter_free(struct sorter *s) {
    if (!s)
        return;
    for (uint32_t i = 0; i < s->n_runs; i++)
        free(s->runs[i].buffer);
    close(s->fd);
    free(s->bytes);
    free(s->sorted);
    free(s->runs);
    free(s->heap);
    free(s);
}

uint64_t sorter_count(const struct sorter *s) {
    return s->total;
}

int bytes_compare(const char *a, size_t a_n, const char *b, size_t b_n) {
    int order = memcmp(a, b, a_n < b_n ? a_n : b_n);
    return order ? order : (a_n > b_n) - (a_n < b_n);
}

static int head_compare(const char *x, const char *y) {
    struct head hx, hy;
    memcpy(&hx, x, sizeof hx);
    memcpy(&hy, y, sizeof hy);
    x += sizeof hx;
    y += sizeof hy;
    int order = bytes_compare(x, hx.key_n, y, hy.key_n);
    return order ? order : bytes_compare(x + hx.key_n, hx.data_n, y + hy.key_n, hy.data_n);
}

static uint64_t prefix_of(const char *key, size_t n) {
    uint64_t prefix = 0;
    for (size_t i = 0; i < sizeof prefix; i++)
        prefix = prefix << 8 | (i < n ? (unsigned char)key[i] : 0);
    return prefix;
}

static int by_key(const void *a, const void *b) {
    const struct slot *x = a, *y = b;
    if (x->prefix != y->prefix)
        return x->prefix < y->prefix ? -1 : 1;
    return head_compare(x->head, y->head);
}

static bool write_all(struct sorter *s, const char *bytes, size_t n, struct err *err) {
    while (n) {
        ssize_t done = pwrite(s->fd, bytes, n, s->size);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return err_set(err, E_IO, s->op, "temporary file", "cannot be written: %s",
                           strerror(errno));
        bytes += done;
        n -= (size_t)done;
        s->size += done;
    }
    return true;
}

static struct run *run_new(struct sorter *s) {
    struct run *runs = mem_grow(s->runs, (s->n_runs + 1) * sizeof *runs);
    s->runs = runs;
    runs[s->n_runs] = (struct run){0};
    return &runs[s->n_runs++];
}

static bool spill(struct sorter *s, struct err *err) {
    char *out = mem_alloc(READ_BYTES);
    size_t used = 0;
    bool ok = s->n_runs < RUNS_MAX ||
              err_set(err, E_TOO_BIG, s->op, "temporary file", "more records than can be sorted");
    qsort(s->sorted, s->n, sizeof *s->sorted, by_key);
    off_t at = s->size;
    for (size_t i = 0; i < s->n && ok; i++) {
        struct head h;
        memcpy(&h, s->sorted[i].head, sizeof h);
        size_t n = sizeof h + h.key_n + h.data_n;
        if (used + n > READ_BYTES) {
            ok = write_all(s, out, used, err);
            used = 0;
        }
        memcpy(out + used, s->sorted[i].head, n);
        used += n;
    }
    ok = ok && write_all(s, out, used, err);
    free(out);
    if (ok) {
        struct run *r = run_new(s);
        r->from = r->at = at;
        r->end = s->size;
        s->n = s->used = 0;
    }
    return ok;
}

bool sorter_add(struct sorter *s, const void *key, size_t key_n, const void *data, size_t data_n,
                struct err *err) {
    struct head h = {(uint32_t)key_n, (uint32_t)data_n};
    if (key_n > SORTER_MAX_KEY || data_n > SORTER_MAX_DATA)
        return err_set(err, E_TOO_BIG, s->op, "temporary file", "a key of %zu with %zu bytes",
                       key_n, data_n);
    size_t n = sizeof h + key_n + data_n;
    if ((s->used + n > RUN_BYTES || s->n == RUN_MAX) && !spill(s, err))
        return false;
    char *to = s->bytes + s->used;
    memcpy(to, &h, sizeof h);
    if (key_n)
        memcpy(to + sizeof h, key, key_n);
    if (data_n)
        memcpy(to + sizeof h + key_n, data, data_n);
    s->sorted[s->n++] = (struct slot){prefix_of(key, key_n), to};
    s->used += n;
    s->total++;
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
    struct head h;
    memcpy(&h, bytes, sizeof h);
    bytes += sizeof h;
    r->now = (struct sorted){bytes, bytes + h.key_n, h.key_n, h.data_n};
    r->prefix = prefix_of(bytes, h.key_n);
}

static bool run_next(struct sorter *s, struct run *r, struct err *err) {
    if (!r->buffer) { /* the last run never left the memory */
        r->ended = s->next == s->n;
        if (!r->ended)
            record_at(s->sorted[s->next++].head, r);
        return true;
    }
    if (r->len - r->pos < sizeof(struct head) + SORTER_MAX_KEY + SORTER_MAX_DATA &&
        r->at < r->end && !run_fill(s, r, err))
        return false;
    r->ended = r->pos == r->len;
    if (!r->ended) {
        record_at(r->buffer + r->pos, r);
        r->pos += sizeof(struct head) + r->now.key_n + r->now.data_n;
    }
    return true;
}

static bool run_before(const struct sorter *s, uint32_t a, uint32_t b) {
    const struct run *x = &s->runs[a], *y = &s->runs[b];
    if (x->prefix != y->prefix)
        return x->prefix < y->prefix;
    int order = bytes_compare(x->now.key, x->now.key_n, y->now.key, y->now.key_n);
    return (order ? order : bytes_compare(x->now.data, x->now.data_n, y->now.data, y->now.data_n)) <
           0;
}

static void heap_down(struct sorter *s, uint32_t i) {
    for (;;) {
        uint32_t least = i;
        for (uint32_t c = 2 * i + 1; c <= 2 * i + 2 && c < s->n_heap; c++)
            if (run_before(s, s->heap[c], s->heap[least]))
                least = c;
        if (least == i)
            return;
        uint32_t swap = s->heap[i];
        s->heap[i] = s->heap[least];
        s->heap[least] = swap;
        i = least;
    }
}

static bool first_records(struct sorter *s, struct err *err) {
    s->n_heap = 0;
    for (uint32_t i = 0; i < s->n_runs; i++) {
        if (!run_next(s, &s->runs[i], err))
            return false;
        if (!s->runs[i].ended)
            s->heap[s->n_heap++] = i;
    }
    for (uint32_t i = s->n_heap; i-- > 0;)
        heap_down(s, i);
    return true;
}

static bool start(struct sorter *s, struct err *err) {
    s->started = true;
    if (!s->heap) {
        for (uint32_t i = 0; i < s->n_runs; i++)
            s->runs[i].buffer = mem_alloc(READ_BYTES);
        qsort(s->sorted, s->n, sizeof *s->sorted, by_key);
        run_new(s);
        s->heap = mem_zeroed((s->n_runs + 1) * sizeof *s->heap);
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
    } else if (s->n_heap) { /* the one handed out last time is done with */
        struct run *r = &s->runs[s->heap[0]];
        if (!run_next(s, r, err))
            return false;
        if (r->ended)
            s->heap[0] = s->heap[--s->n_heap];
        heap_down(s, 0);
    }
    *ret_end = s->n_heap == 0;
    if (!*ret_end)
        *ret = s->runs[s->heap[0]].now;
    return true;
}
