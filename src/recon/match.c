/* recon/match.c - references of orders in what customers wrote into a bank transfer, and banks cut,
 * upper-cased and wrapped. See codec/recon.h. */
#include "codec/recon.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"

#define FILTER_BLOCKS ((uint64_t)1 << 16) /* of 64 bytes: one reference is in one of them */
#define BLOCK_BITS    512u
#define PROBES        6

void recon_normal(struct recon_text *t, const char *content) {
    struct str folded;
    bool border = true;
    str_init(&folded, 4 * RECON_MAX_CONTENT);
    text_fold(&folded, content);
    t->n = 0;
    for (const char *s = str_get(&folded); *s && t->n < RECON_MAX_CONTENT; s++) {
        char c = *s >= 'a' && *s <= 'z' ? (char)(*s - 'a' + 'A') : *s;
        bool kept = char_is_digit(c) || (c >= 'A' && c <= 'Z');
        if (kept) {
            t->border[t->n] = border;
            t->s[t->n++] = c;
        }
        border = !kept;
    }
    t->border[t->n] = true;
    t->s[t->n] = '\0';
    str_done(&folded);
}

/* Between letter i-1 and letter i. */
static bool may_part(const struct recon_text *t, uint32_t i) {
    return t->border[i] || char_is_digit(t->s[i - 1]) != char_is_digit(t->s[i]);
}

/* --- the filter: a set of bits per reference --- */

struct recon_filter {
    size_t shortest, longest; /* of all; 0 = there is none */
    unsigned char bits[FILTER_BLOCKS][BLOCK_BITS / 8];
};

struct recon_filter *recon_filter_new(void) {
    return mem_zeroed(sizeof(struct recon_filter));
}

void recon_filter_free(struct recon_filter *f) {
    free(f);
}

static uint64_t hash_step(uint64_t h, char c) {
    return (h ^ (unsigned char)c) * UINT64_C(0x100000001b3);
}
#define HASH_START UINT64_C(0xcbf29ce484222325)

/* Where its bits are, and which: one look into memory for all of them. */
static size_t block_of(uint64_t h) {
    return h * UINT64_C(0x9e3779b97f4a7c15) >> 32 & (FILTER_BLOCKS - 1);
}

static unsigned probe_of(uint64_t h, unsigned i) {
    uint64_t mixed = (h ^ h >> 29) * UINT64_C(0xff51afd7ed558ccd);
    return (unsigned)(mixed >> (10 + 9 * i)) & (BLOCK_BITS - 1);
}

void recon_filter_add(struct recon_filter *f, const char *ref, size_t n) {
    uint64_t h = HASH_START;
    for (size_t i = 0; i < n; i++)
        h = hash_step(h, ref[i]);
    f->shortest = !f->longest || n < f->shortest ? n : f->shortest;
    f->longest = n > f->longest ? n : f->longest;
    unsigned char *bits = f->bits[block_of(h)];
    for (unsigned i = 0; i < PROBES; i++)
        bits[probe_of(h, i) / 8] |= (unsigned char)(1u << probe_of(h, i) % 8);
}

static bool passes(const struct recon_filter *f, uint64_t h) {
    const unsigned char *bits = f->bits[block_of(h)];
    unsigned i = 0;
    while (i < PROBES && bits[probe_of(h, i) / 8] >> probe_of(h, i) % 8 & 1)
        i++;
    return i == PROBES;
}

void recon_references(const struct recon_text *t, const struct recon_filter *f,
                      void (*found)(void *ctx, const char *ref, size_t n), void *ctx) {
    size_t least = f->shortest > RECON_MIN_REF ? f->shortest : RECON_MIN_REF;
    size_t most = f->longest < RECON_MAX_REF ? f->longest : RECON_MAX_REF;
    for (uint32_t from = 0; from + least <= t->n; from++) {
        if (from && !may_part(t, from))
            continue;
        uint64_t h = HASH_START;
        for (uint32_t to = from + 1; to <= t->n && to - from <= most; to++) {
            h = hash_step(h, t->s[to - 1]);
            if (to - from >= least && may_part(t, to) && passes(f, h))
                found(ctx, t->s + from, to - from);
        }
    }
}

/* --- almost --- */

static char plain_shape(char c) {
    return c == 'O' ? '0' : c == 'I' ? '1' : c == 'S' ? '5' : c == 'B' ? '8' : c;
}

static bool same_shape(const char *a, const char *b, size_t n) {
    size_t i = 0;
    while (i < n && plain_shape(a[i]) == plain_shape(b[i]))
        i++;
    return i == n;
}

/* One edit at the most; |a_n - b_n| is at most one. */
static bool one_edit(const char *a, size_t a_n, const char *b, size_t b_n) {
    size_t i = 0, shorter = a_n < b_n ? a_n : b_n;
    while (i < shorter && a[i] == b[i])
        i++;
    if (a_n == b_n)
        return i == a_n || !memcmp(a + i + 1, b + i + 1, a_n - i - 1);
    return a_n > b_n ? !memcmp(a + i + 1, b + i, b_n - i) : !memcmp(a + i, b + i + 1, a_n - i);
}

bool recon_almost(const struct recon_text *t, const char *ref, size_t n) {
    if (n < RECON_MIN_REF)
        return false;
    for (uint32_t from = 0; from < t->n; from++) {
        if (from && !may_part(t, from))
            continue;
        for (size_t len = n - 1; len <= n + 1 && from + len <= t->n; len++) {
            if (!may_part(t, from + (uint32_t)len))
                continue;
            const char *s = t->s + from;
            if ((len == n && same_shape(s, ref, n)) || one_edit(s, len, ref, n))
                return true;
        }
    }
    return false;
}

bool recon_has_prefix(const struct recon_text *t, const char *prefix) {
    size_t n = strlen(prefix);
    for (uint32_t i = 0; n && i + n < t->n; i++)
        if (t->border[i] && !memcmp(t->s + i, prefix, n))
            return true;
    return false;
}
