/* sandbox/loki_ring.c - the lines of the Loki stand-in: the newest in a ring, in order of time,
 * with the labels that Promtail would give them. */
#include "loki_priv.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { RING_LINES = 50000 };

static struct {
    pthread_mutex_t lock;
    struct log_line *line; /* a ring: `first` is the oldest */
    size_t first, n;
    uint64_t lines, bytes;
} ring = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* ---- labels ---- */

const char *const loki_label_names[N_LABELS] = {"component", "container", "context",
                                                "job",       "level",     "service"};
static const char *const containers[] = {
    [SB_API] = "goodgo-api-1",
    [SB_WEB] = "goodgo-web-1",
    [SB_AI] = "goodgo-ai-services-1",
};

static const char *level_name(uint8_t level) {
    static const char *const names[] = {"trace", "debug", "info", "warn", "error", "fatal"};
    return level >= 10 && level <= 60 ? names[level / 10 - 1] : "unknown";
}

const char *line_label(const struct log_line *l, enum label label) {
    switch (label) {
    case LABEL_COMPONENT:
    case LABEL_SERVICE:
        return sandbox_service_names[l->service];
    case LABEL_CONTAINER:
        return containers[l->service];
    case LABEL_CONTEXT:
        return l->context;
    case LABEL_JOB:
        return "docker";
    default:
        return level_name(l->level);
    }
}

const char *line_label_named(const struct log_line *l, const char *name) {
    for (int i = 0; i < N_LABELS; i++) {
        if (strcmp(name, loki_label_names[i]) == 0) {
            return line_label(l, (enum label)i);
        }
    }
    return "";
}

bool loki_same_stream(const struct log_line *a, const struct log_line *b, unsigned mask) {
    for (int i = 0; i < N_LABELS; i++) {
        if (mask & 1u << i &&
            strcmp(line_label(a, (enum label)i), line_label(b, (enum label)i)) != 0) {
            return false;
        }
    }
    return true;
}

void loki_add_labels(struct text *t, const struct log_line *l, unsigned mask) {
    int n = 0;
    text_puts(t, "{");
    for (int i = 0; i < N_LABELS; i++) {
        if (mask & 1u << i) {
            text_addf(t, "%s\"%s\":\"%s\"", n++ ? "," : "", loki_label_names[i],
                      line_label(l, (enum label)i));
        }
    }
    text_puts(t, "}");
}

/* ---- the ring ---- */

void ring_lock(void) {
    pthread_mutex_lock(&ring.lock);
}

void ring_unlock(void) {
    pthread_mutex_unlock(&ring.lock);
}

struct log_line *ring_line(size_t i) {
    return &ring.line[(ring.first + i) % RING_LINES];
}

size_t ring_find(uint64_t at_ns) {
    size_t lo = 0, hi = ring.n;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (ring_line(mid)->at_ns < at_ns) {
            lo = mid + 1;
        } else {
            hi = mid;
        }
    }
    return lo;
}

void loki_push(struct log_line line) {
    ring_lock();
    if (!ring.line) {
        ring_unlock();
        free(line.text);
        return;
    }
    if (ring.n == RING_LINES) {
        free(ring_line(0)->text);
        ring.first = (ring.first + 1) % RING_LINES;
        ring.n--;
    }
    /* Kept in order: a line made up a few microseconds late slides down. */
    size_t at = ring.n++;
    while (at > 0 && ring_line(at - 1)->at_ns > line.at_ns) {
        *ring_line(at) = *ring_line(at - 1);
        at--;
    }
    *ring_line(at) = line;
    ring.lines++;
    ring.bytes += strlen(line.text);
    pthread_mutex_unlock(&ring.lock);
}

void loki_totals(uint64_t *ret_lines, uint64_t *ret_bytes) {
    pthread_mutex_lock(&ring.lock);
    *ret_lines = ring.lines;
    *ret_bytes = ring.bytes;
    pthread_mutex_unlock(&ring.lock);
}

bool ring_init(void) {
    ring.line = calloc(RING_LINES, sizeof *ring.line);
    return ring.line != NULL;
}

void ring_done(void) {
    pthread_mutex_lock(&ring.lock);
    for (size_t i = 0; i < ring.n; i++) {
        free(ring_line(i)->text);
    }
    free(ring.line);
    ring.line = NULL;
    ring.n = 0;
    pthread_mutex_unlock(&ring.lock);
}
