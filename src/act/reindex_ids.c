/* act/reindex_ids.c - millions of ids with their digests in byte order, in bounded memory: sorted
 * runs in a file without a name (it goes with the process), merged while they are read. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "io/file.h"
#include "reindex_priv.h"

#define RUN_BYTES   ((size_t)4 << 20)
#define RUN_MAX_IDS (RUN_BYTES / 48)
#define READ_BYTES  ((size_t)32 << 10)
#define RUNS_MAX    1024u

/* On disk and in memory: a head, then the bytes of the id. */
struct head {
    struct doc_digest digest;
    uint32_t n;
};

struct run {
    off_t at, end;   /* in the file: what was not read yet */
    char *buffer;    /* READ_BYTES; of the run in memory: NULL */
    size_t pos, len; /* in the buffer */
    struct id_entry now;
    bool ended;
};

struct ids {
    int fd;
    off_t size;
    char *bytes;
    size_t used;
    char **sorted; /* heads in `bytes` */
    size_t n, next;
    struct run *runs;
    uint32_t n_runs;
    uint32_t *heap; /* runs by their present id, smallest first */
    uint32_t n_heap;
    uint64_t total;
    bool started;
};

/* Its name is gone at once: the file goes with the process. */
static int open_nameless(const char *dir) {
    char name[4096];
    if (snprintf(name, sizeof name, "%s/.ids.XXXXXX", dir) >= (int)sizeof name)
        return -1;
    int fd = mkstemp(name);
    if (fd >= 0) {
        unlink(name);
        fcntl(fd, F_SETFD, FD_CLOEXEC);
    }
    return fd;
}

struct ids *ids_new(const char *dir, struct err *err) {
    if (!dir_make(dir, err))
        return NULL;
    int fd = open_nameless(dir);
    if (fd < 0) {
        err_set(err, E_IO, "reindex", dir, "no temporary file: %s", strerror(errno));
        return NULL;
    }
    struct ids *s = mem_zeroed(sizeof *s);
    s->fd = fd;
    s->bytes = mem_alloc(RUN_BYTES);
    s->sorted = mem_alloc(RUN_MAX_IDS * sizeof *s->sorted);
    s->runs = mem_alloc(sizeof *s->runs);
    return s;
}

void ids_free(struct ids *s) {
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

uint64_t ids_count(const struct ids *s) {
    return s->total;
}

int id_compare(const char *a, size_t a_n, const char *b, size_t b_n) {
    int order = memcmp(a, b, a_n < b_n ? a_n : b_n);
    return order ? order : (a_n > b_n) - (a_n < b_n);
}

static int by_id(const void *a, const void *b) {
    const char *x = *(char *const *)a, *y = *(char *const *)b;
    struct head hx, hy;
    memcpy(&hx, x, sizeof hx);
    memcpy(&hy, y, sizeof hy);
    return id_compare(x + sizeof hx, hx.n, y + sizeof hy, hy.n);
}

static bool write_all(struct ids *s, const char *bytes, size_t n, struct err *err) {
    while (n) {
        ssize_t done = pwrite(s->fd, bytes, n, s->size);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return err_set(err, E_IO, "reindex", "temporary file", "cannot be written: %s",
                           strerror(errno));
        bytes += done;
        n -= (size_t)done;
        s->size += done;
    }
    return true;
}

static struct run *run_new(struct ids *s) {
    struct run *runs = mem_grow(s->runs, (s->n_runs + 1) * sizeof *runs);
    s->runs = runs;
    runs[s->n_runs] = (struct run){0};
    return &runs[s->n_runs++];
}

static bool spill(struct ids *s, struct err *err) {
    char *out = mem_alloc(READ_BYTES);
    size_t used = 0;
    bool ok = s->n_runs < RUNS_MAX ||
              err_set(err, E_TOO_BIG, "reindex", "ids", "more ids than can be compared");
    qsort(s->sorted, s->n, sizeof *s->sorted, by_id);
    off_t at = s->size;
    for (size_t i = 0; i < s->n && ok; i++) {
        struct head h;
        memcpy(&h, s->sorted[i], sizeof h);
        size_t n = sizeof h + h.n;
        if (used + n > READ_BYTES) {
            ok = write_all(s, out, used, err);
            used = 0;
        }
        memcpy(out + used, s->sorted[i], n);
        used += n;
    }
    ok = ok && write_all(s, out, used, err);
    free(out);
    if (ok) {
        struct run *r = run_new(s);
        r->at = at;
        r->end = s->size;
        s->n = s->used = 0;
    }
    return ok;
}

bool ids_add(struct ids *s, const char *id, size_t n, const struct doc_digest *digest,
             struct err *err) {
    struct head h = {.n = (uint32_t)n};
    if (n > IDS_MAX_BYTES)
        return err_set(err, E_TOO_BIG, "reindex", "ids", "an id of %zu bytes", n);
    if ((s->used + sizeof h + n > RUN_BYTES || s->n == RUN_MAX_IDS) && !spill(s, err))
        return false;
    if (digest)
        h.digest = *digest;
    char *to = s->bytes + s->used;
    memcpy(to, &h, sizeof h);
    memcpy(to + sizeof h, id, n);
    s->sorted[s->n++] = to;
    s->used += sizeof h + n;
    s->total++;
    return true;
}

/* ---- reading ---- */

static bool run_fill(struct ids *s, struct run *r, struct err *err) {
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
            return err_set(err, E_IO, "reindex", "temporary file", "cannot be read: %s",
                           got ? strerror(errno) : "it ended early");
        r->len += (size_t)got;
        r->at += got;
    }
    return true;
}

static void entry_at(const char *bytes, struct id_entry *ret) {
    struct head h;
    memcpy(&h, bytes, sizeof h);
    *ret = (struct id_entry){bytes + sizeof h, h.n, h.digest};
}

static bool run_next(struct ids *s, struct run *r, struct err *err) {
    if (!r->buffer) { /* the last run never left the memory */
        r->ended = s->next == s->n;
        if (!r->ended)
            entry_at(s->sorted[s->next++], &r->now);
        return true;
    }
    if (r->len - r->pos < sizeof(struct head) + IDS_MAX_BYTES && !run_fill(s, r, err))
        return false;
    r->ended = r->pos == r->len;
    if (!r->ended) {
        entry_at(r->buffer + r->pos, &r->now);
        r->pos += sizeof(struct head) + r->now.n;
    }
    return true;
}

static bool run_before(const struct ids *s, uint32_t a, uint32_t b) {
    const struct id_entry *x = &s->runs[a].now, *y = &s->runs[b].now;
    return id_compare(x->id, x->n, y->id, y->n) < 0;
}

static void heap_down(struct ids *s, uint32_t i) {
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

static bool start(struct ids *s, struct err *err) {
    s->started = true;
    for (uint32_t i = 0; i < s->n_runs; i++)
        s->runs[i].buffer = mem_alloc(READ_BYTES);
    qsort(s->sorted, s->n, sizeof *s->sorted, by_id);
    run_new(s);
    s->heap = mem_zeroed((s->n_runs + 1) * sizeof *s->heap);
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

bool ids_next(struct ids *s, struct id_entry *ret, bool *ret_end, struct err *err) {
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
