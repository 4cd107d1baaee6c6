/* tests/bench/ptymeter.c - runs a terminal program on a pseudo-terminal and measures it from
 * outside: the first frames, then a window in which nobody touches it, then keys, then frozen.
 * Between the keys one goes through `cat` on a terminal beside it: the price of the pty itself,
 * under the same load. Prints one JSON object.
 *
 *     ptymeter [-w COLS] [-h ROWS] [-o SETTLE_S] [-s SECONDS] [-t ROWS:TEXT]... [-k "KEY KEY ..."]
 *              [-n PRESSES] [-z FREEZE_KEY] -- COMMAND [ARG...]
 *
 * -t: when TEXT stands in so many rows. A KEY may begin with ^[ for Escape.
 */
#define _GNU_SOURCE
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "child.h"

#define TEXTS_MAX   4
#define PRESSES_MAX 1000
#define FROZEN_S    6

struct options {
    int w, h, presses, n_texts;
    double settle_s, seconds;
    const char *keys, *freeze;
    struct {
        int rows;
        const char *text;
    } texts[TEXTS_MAX];
};

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double part_of(const double *sorted, int n, double part) {
    return n ? sorted[(int)(part * (n - 1) + 0.5)] : -1;
}

static void print_start(struct child *c, const struct options *o) {
    double at[TEXTS_MAX];
    for (int i = 0; i < o->n_texts; i++)
        at[i] = child_wait_text(c, o->texts[i].rows, o->texts[i].text, 10000);
    do
        child_read_for(c, 100);
    while (!c->first_frame_ms && now_ms() - c->started_ms < 3000);
    printf("{\"first_frame_ms\":%.1f,\"texts_ms\":[", c->first_frame_ms);
    for (int i = 0; i < o->n_texts; i++)
        if (at[i] >= 0)
            printf("%s%.1f", i ? "," : "", at[i]);
        else
            printf("%snull", i ? "," : "");
    printf("]");
}

static void print_traffic(const struct child *from, const struct child *to, double s) {
    uint64_t bytes = to->bytes - from->bytes, bursts = to->bursts - from->bursts;
    uint64_t floor_bytes = to->floor_bytes - from->floor_bytes;
    printf(",\"seconds\":%.1f,\"bytes_per_s\":%.1f,\"refreshes_per_s\":%.2f,"
           "\"bytes_per_refresh\":%.0f,\"overdraw\":%.2f,\"cells_per_refresh\":%.1f",
           s, (double)bytes / s, (double)bursts / s, bursts ? (double)bytes / (double)bursts : 0,
           floor_bytes ? (double)bytes / (double)floor_bytes : 0,
           bursts ? (double)(to->cells - from->cells) / (double)bursts : 0);
}

/* What grew in the second half of the window is a leak; in the first it may be a warm-up. */
static void print_steady(struct child *c, const struct options *o) {
    if (o->seconds <= 0)
        return;
    child_read_for(c, o->settle_s * 1000); /* the start-up is not the steady state */
    struct child from = *c;
    struct usage before = child_usage(c);
    double start = now_ms();
    child_read_for(c, o->seconds * 500);
    struct usage half = child_usage(c);
    child_read_for(c, o->seconds * 500);
    double s = (now_ms() - start) / 1000;
    struct usage after = child_usage(c);
    print_traffic(&from, c, s);
    printf(",\"cpu_ms_per_s\":%.3f,\"wakeups_per_s\":%.2f,\"rss_mb\":%.2f,\"pss_mb\":%.2f,"
           "\"rss_growth_kb\":[%ld,%ld],\"pss_growth_kb\":[%ld,%ld]",
           (after.cpu_ms - before.cpu_ms) / s, (double)(after.wakeups - before.wakeups) / s,
           (double)after.rss_kb / 1024, (double)after.pss_kb / 1024, half.rss_kb - before.rss_kb,
           after.rss_kb - half.rss_kb, half.pss_kb - before.pss_kb, after.pss_kb - half.pss_kb);
}

/* The i-th key of "j k ^[[A", over and over. */
static size_t key_at(const char *keys, int i, char key[32]) {
    const char *at = keys + strspn(keys, " ");
    for (; i > 0; i--) {
        at += strcspn(at, " ");
        at += strspn(at, " ");
        at = *at ? at : keys + strspn(keys, " ");
    }
    bool escape = at[0] == '^' && at[1] == '[';
    return (size_t)snprintf(key, 32, "%s%.*s", escape ? "\033" : "",
                            (int)strcspn(at, " ") - (escape ? 2 : 0), at + (escape ? 2 : 0));
}

/* One key and the time to the first byte of an answer; -1 when none came in a second. */
static double press(struct child *c, const char *key, size_t n) {
    uint64_t before = c->bytes;
    double start = now_ms();
    bool any;
    if (!child_press(c, key, n))
        return -1;
    while (c->bytes == before && now_ms() - start < 1000 && child_read(c, 100, &any))
        continue;
    return c->bytes != before ? now_ms() - start : -1;
}

static void print_latency(const char *name, double *ms, int n) {
    qsort(ms, (size_t)n, sizeof *ms, by_value);
    printf(",\"%s_median_ms\":%.2f,\"%s_p99_ms\":%.2f", name, part_of(ms, n, 0.5), name,
           part_of(ms, n, 0.99));
}

static void print_keys(struct child *c, const struct options *o) {
    static double ours[PRESSES_MAX], pty[PRESSES_MAX];
    int answered = 0, echoed = 0;
    struct child cat;
    /* Raw: else the kernel's echo answers, and no program has to wake up. */
    static const char *const cat_argv[] = {"sh", "-c", "stty raw -echo && exec cat", NULL};
    char key[32];
    if (!o->presses || !child_start(&cat, 80, 24, cat_argv))
        return;
    child_read_for(&cat, 200);
    for (int i = 0; i < o->presses; i++) {
        child_read_for(c, 15 + (i * 37) % 40); /* not in step with any refresh */
        double ms = press(c, key, key_at(o->keys, i, key));
        if (ms >= 0)
            ours[answered++] = ms;
        ms = press(&cat, "x", 1);
        if (ms >= 0)
            pty[echoed++] = ms;
    }
    child_end(&cat);
    printf(",\"keys_sent\":%d,\"keys_answered\":%d", o->presses, answered);
    print_latency("key", ours, answered);
    print_latency("pty", pty, echoed);
}

static void print_frozen(struct child *c, const struct options *o) {
    if (!o->freeze)
        return;
    child_press(c, o->freeze, 1);
    child_read_for(c, 6000); /* its notice goes, and what was in flight ends */
    struct usage before = child_usage(c);
    uint64_t bytes = c->bytes;
    child_read_for(c, FROZEN_S * 1000);
    struct usage after = child_usage(c);
    printf(
        ",\"frozen_wakeups_per_s\":%.2f,\"frozen_cpu_ms_per_s\":%.3f,\"frozen_bytes_per_s\":%.1f",
        (double)(after.wakeups - before.wakeups) / FROZEN_S,
        (after.cpu_ms - before.cpu_ms) / FROZEN_S, (double)(c->bytes - bytes) / FROZEN_S);
}

static bool read_options(struct options *o, int argc, char **argv) {
    int option;
    while ((option = getopt(argc, argv, "+w:h:o:s:t:k:n:z:")) != -1) {
        if (option == 'w')
            o->w = (int)strtol(optarg, NULL, 10);
        else if (option == 'h')
            o->h = (int)strtol(optarg, NULL, 10);
        else if (option == 'o')
            o->settle_s = strtod(optarg, NULL);
        else if (option == 's')
            o->seconds = strtod(optarg, NULL);
        else if (option == 'k')
            o->keys = optarg;
        else if (option == 'n')
            o->presses = (int)strtol(optarg, NULL, 10);
        else if (option == 'z')
            o->freeze = optarg;
        else if (option == 't' && o->n_texts < TEXTS_MAX && strchr(optarg, ':')) {
            o->texts[o->n_texts].rows = (int)strtol(optarg, NULL, 10);
            o->texts[o->n_texts++].text = strchr(optarg, ':') + 1;
        } else {
            return false;
        }
    }
    return optind < argc && o->presses <= PRESSES_MAX && o->w > 0 && o->h > 0 &&
           o->keys[strspn(o->keys, " ")];
}

int main(int argc, char **argv) {
    struct options o = {.w = 120, .h = 40, .settle_s = 3, .seconds = 10, .keys = "j k"};
    struct child c;
    setlocale(LC_CTYPE, "C.UTF-8");
    if (!read_options(&o, argc, argv)) {
        fprintf(stderr, "usage: see the head of ptymeter.c\n");
        return 2;
    }
    if (!child_start(&c, o.w, o.h, (const char *const *)argv + optind))
        return 1;
    print_start(&c, &o);
    print_steady(&c, &o);
    print_keys(&c, &o);
    print_frozen(&c, &o);
    printf(",\"bursts\":%llu,\"bytes\":%llu}\n", (unsigned long long)c.bursts,
           (unsigned long long)c.bytes);
    child_end(&c);
    return 0;
}
