/* act/gateway_kept.c - see gateway_priv.h. A line is "KEY WALL_MS STATUS AMOUNT REFUNDED
 * PAID_WALL_S SIGNED TX CODE"; in memory there is of each only where it stands. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "gateway_priv.h"
#include "io/file.h"
#include "model/value.h"

#define LINE_MAX_BYTES 512u
#define FILE_MAX_BYTES ((off_t)32 << 20) /* some 200,000 answers */
#define SWEEP_BYTES    ((off_t)1 << 20)  /* from here on what is too old is taken out */
#define FIRST_SLOTS    1024u
#define TIME_MAX_S     INT64_C(1000000000000000)

struct slot {
    uint64_t key; /* its first 16 digits; 0 = free */
    off_t at;     /* of the newest line */
};
struct kept {
    char *path;
    struct slot *slots; /* a power of two, at most half of them taken */
    uint32_t n_slots, n;
    ino_t ino;
    off_t read; /* up to here, at the end of a line */
    bool swept;
};

struct line {
    char key[KEPT_KEY_SIZE], tx[64], code[64];                   /* "-" where there is none */
    long long at_wall_ms, amount_vnd, refunded_vnd, paid_wall_s; /* -1 = not told */
    int status, is_signed;                                       /* status 0: no such order */
};

struct kept *kept_open(const char *path) {
    struct kept *k = mem_zeroed(sizeof *k);
    k->path = mem_strdup(path);
    return k;
}

void kept_close(struct kept *k) {
    if (!k)
        return;
    free(k->slots);
    free(k->path);
    free(k);
}

/* --- lines --- */

static bool is_sane(const struct line *l) {
    return strlen(l->key) == KEPT_KEY_SIZE - 1 &&
           strspn(l->key, "0123456789abcdef") == KEPT_KEY_SIZE - 1 && l->at_wall_ms >= 0 &&
           l->status >= PAY_STATUS_NONE && l->status < PAY_STATUS_COUNT && l->amount_vnd >= -1 &&
           l->amount_vnd <= PAY_VND_MAX && l->refunded_vnd >= 0 && l->refunded_vnd <= PAY_VND_MAX &&
           l->paid_wall_s >= -1 && l->paid_wall_s <= TIME_MAX_S;
}

/* Whole, and nothing behind it: of a line that was cut off, with the next one glued to it, the
 * words would be those of two answers. */
static bool line_read(const char *text, struct line *ret) {
    int end = 0;
    return sscanf(text, "%24s %lld %d %lld %lld %lld %d %63s %63s%n", ret->key, &ret->at_wall_ms,
                  &ret->status, &ret->amount_vnd, &ret->refunded_vnd, &ret->paid_wall_s,
                  &ret->is_signed, ret->tx, ret->code, &end) == 9 &&
           text[end] == '\n' && is_sane(ret);
}

static bool line_is_good(const struct line *l, enum gateway_kept which, int64_t now_wall_ms) {
    int64_t most_s = which == GATEWAY_SAID_TODAY ? GATEWAY_KEEP_DAY_S : GATEWAY_KEEP_S;
    bool settles = l->status != PAY_STATUS_NONE || which == GATEWAY_SAID_TODAY;
    return settles && l->at_wall_ms <= now_wall_ms && now_wall_ms - l->at_wall_ms <= most_s * 1000;
}

static void line_write(struct str *out, const struct line *l) {
    str_printf(out, "%s %lld %d %lld %lld %lld %d %s %s\n", l->key, l->at_wall_ms, l->status,
               l->amount_vnd, l->refunded_vnd, l->paid_wall_s, l->is_signed, l->tx, l->code);
}

/* --- where they stand --- */

static uint64_t number_of(const char *key) {
    char digits[17];
    str_copy(digits, sizeof digits, key);
    uint64_t n = strtoull(digits, NULL, 16);
    return n ? n : 1;
}

static struct slot *slot_of(struct kept *k, uint64_t key) {
    uint32_t i = (uint32_t)(key ^ key >> 32) & (k->n_slots - 1);
    while (k->slots[i].key && k->slots[i].key != key)
        i = (i + 1) & (k->n_slots - 1);
    return &k->slots[i];
}

static void slots_grow(struct kept *k) {
    struct kept old = *k;
    k->n_slots = old.n_slots ? 2 * old.n_slots : FIRST_SLOTS;
    k->slots = mem_zeroed(k->n_slots * sizeof *k->slots);
    for (uint32_t i = 0; i < old.n_slots; i++)
        if (old.slots[i].key)
            *slot_of(k, old.slots[i].key) = old.slots[i];
    free(old.slots);
}

static void note_line(struct kept *k, const char *text, off_t at) {
    struct line l;
    if (!line_read(text, &l))
        return;
    if (2 * (k->n + 1) > k->n_slots)
        slots_grow(k);
    uint64_t key = number_of(l.key);
    struct slot *s = slot_of(k, key);
    k->n += s->key == 0;
    *s = (struct slot){key, at};
}

static void forget(struct kept *k, ino_t ino) {
    if (k->n_slots)
        memset(k->slots, 0, k->n_slots * sizeof *k->slots);
    k->n = 0;
    k->read = 0;
    k->ino = ino;
}

/* Whole lines only: what has no end yet is being written, or its writer died. */
static void read_lines(struct kept *k, FILE *f) {
    char *text = NULL;
    size_t cap = 0;
    ssize_t n;
    while ((n = getline(&text, &cap, f)) > 0 && text[n - 1] == '\n') {
        note_line(k, text, k->read);
        k->read += n;
    }
    free(text);
}

/* Another process may have added to it, or have swept it, which gives it another inode. */
static void look(struct kept *k) {
    struct stat st;
    FILE *f = fopen(k->path, "re");
    if (!f)
        return;
    if (fstat(fileno(f), &st) == 0 && st.st_size <= FILE_MAX_BYTES) {
        if (st.st_ino != k->ino || st.st_size < k->read)
            forget(k, st.st_ino);
        if (st.st_size > k->read && fseeko(f, k->read, SEEK_SET) == 0)
            read_lines(k, f);
    }
    fclose(f);
}

static bool line_at(const struct kept *k, off_t at, struct line *ret) {
    char text[LINE_MAX_BYTES] = "";
    int fd = open(k->path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd >= 0 ? pread(fd, text, sizeof text - 2, at) : -1;
    if (fd >= 0)
        close(fd);
    text[strcspn(text, "\n") + 1] = '\0'; /* what follows are other lines */
    return n > 0 && line_read(text, ret);
}

/* --- looking and adding --- */

static void answer_of(const struct line *l, int64_t now_wall_ms, struct arena *a,
                      struct pay_answer *ret) {
    bool known = l->status != PAY_STATUS_NONE;
    *ret = (struct pay_answer){.said = known ? PAY_SAID_FINAL : PAY_SAID_UNKNOWN,
                               .status = (enum pay_status)l->status,
                               .is_signed = l->is_signed != 0,
                               .has_amount = l->amount_vnd >= 0,
                               .amount_vnd = l->amount_vnd,
                               .refunded_vnd = l->refunded_vnd,
                               .has_pay_time = l->paid_wall_s >= 0,
                               .pay_time_wall_s = l->paid_wall_s};
    ret->provider_tx_id = strcmp(l->tx, "-") ? arena_strdup(a, l->tx) : NULL;
    ret->code = strcmp(l->code, "-") ? arena_strdup(a, l->code) : NULL;
    ret->reason = arena_printf(a, "%s, as it said %s ago", l->code,
                               DURATION((now_wall_ms - l->at_wall_ms) / 1000));
}

bool kept_find(struct kept *k, const char *key, enum gateway_kept which, int64_t now_wall_ms,
               struct arena *a, struct pay_answer *ret) {
    struct line l;
    if (which == GATEWAY_ANEW)
        return false;
    look(k);
    const struct slot *s = k->n ? slot_of(k, number_of(key)) : NULL;
    if (!s || !s->key || !line_at(k, s->at, &l) || strcmp(l.key, key) != 0 ||
        !line_is_good(&l, which, now_wall_ms))
        return false;
    answer_of(&l, now_wall_ms, a, ret);
    return true;
}

/* A line that is the newest of its key, and may still be asked for. */
static bool is_wanted(struct kept *k, const char *text, off_t at, int64_t now_wall_ms) {
    struct line l;
    return line_read(text, &l) && line_is_good(&l, GATEWAY_SAID_TODAY, now_wall_ms) &&
           slot_of(k, number_of(l.key))->at == at;
}

static void copy_wanted(struct kept *k, FILE *f, int64_t now_wall_ms, struct str *out) {
    char *text = NULL;
    size_t cap = 0;
    ssize_t n;
    for (off_t at = 0; (n = getline(&text, &cap, f)) > 0; at += n)
        if (is_wanted(k, text, at, now_wall_ms))
            str_puts(out, text);
    free(text);
}

/* Once in a process, so that a file of many days does not grow for ever. One that is too large to
 * be read is not ours, or is of no use any more: everything is asked once more, then. */
static void sweep(struct kept *k, int64_t now_wall_ms) {
    struct stat st;
    struct str out;
    struct err ignored;
    k->swept = true;
    if (stat(k->path, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > FILE_MAX_BYTES)
        unlink(k->path);
    look(k);
    FILE *f = k->n && k->read > SWEEP_BYTES ? fopen(k->path, "re") : NULL;
    if (!f)
        return;
    str_init(&out, (size_t)FILE_MAX_BYTES);
    copy_wanted(k, f, now_wall_ms, &out);
    fclose(f);
    if (out.toobig || !writefile(k->path, str_get(&out), out.len, &ignored))
        unlink(k->path);
    str_done(&out);
}

/* A word of a line, whole. */
static bool fits(const char *word) {
    return !word || (*word && strlen(word) < sizeof((struct line *)NULL)->tx &&
                     !word[strcspn(word, " \t\r\n\v\f")]);
}

/* A full disk may take a part of it: that is taken away, and those before it stay. */
static void append(const char *path, const struct str *line) {
    int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return;
    off_t before = lseek(fd, 0, SEEK_END);
    if (write(fd, str_get(line), line->len) != (ssize_t)line->len && ftruncate(fd, before) != 0)
        unlink(path);
    close(fd);
}

void kept_add(struct kept *k, const char *key, int64_t now_wall_ms, const struct pay_answer *r) {
    if ((r->said != PAY_SAID_FINAL && r->said != PAY_SAID_UNKNOWN) || !fits(r->code) ||
        !fits(r->provider_tx_id))
        return;
    bool known = r->said == PAY_SAID_FINAL;
    struct line l = {.at_wall_ms = now_wall_ms,
                     .amount_vnd = known && r->has_amount ? r->amount_vnd : -1,
                     .refunded_vnd = known ? r->refunded_vnd : 0,
                     .paid_wall_s = known && r->has_pay_time ? r->pay_time_wall_s : -1,
                     .status = known ? (int)r->status : PAY_STATUS_NONE,
                     .is_signed = r->is_signed};
    struct str out;
    if (!k->swept)
        sweep(k, now_wall_ms);
    str_copy(l.key, sizeof l.key, key);
    str_copy(l.tx, sizeof l.tx, known && r->provider_tx_id ? r->provider_tx_id : "-");
    str_copy(l.code, sizeof l.code, r->code ? r->code : "-");
    str_init(&out, LINE_MAX_BYTES - 1);
    line_write(&out, &l);
    append(k->path, &out);
    str_done(&out);
}
