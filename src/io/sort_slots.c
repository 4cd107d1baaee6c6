/* io/sort_slots.c - see io/sort_slots_priv.h. Eight bytes at a time: a merge sort by the words,
 * then those of one word by their next one. A record is looked at once a word, not once a
 * comparison, and records that come in order cost one look. */
#include "sort_slots_priv.h"

#include <endian.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "io/sorter.h"

#define WORD      sizeof(uint64_t)
#define BLOCK_MAX 12u /* as many are put in order by moving them */

uint64_t sort_word(const char *key, size_t n, size_t from) {
    uint64_t word = 0;
    if (from + WORD <= n)
        memcpy(&word, key + from, WORD);
    else if (from < n)
        memcpy(&word, key + from, n - from);
    return be64toh(word);
}

/* --- by their words --- */

static bool in_order(const struct sort_slot *s, size_t n) {
    size_t i = 1;
    while (i < n && s[i - 1].word <= s[i].word)
        i++;
    return i >= n;
}

static void insert(struct sort_slot *s, size_t n) {
    for (size_t i = 1; i < n; i++) {
        struct sort_slot x = s[i];
        size_t k = i;
        for (; k > 0 && s[k - 1].word > x.word; k--)
            s[k] = s[k - 1];
        s[k] = x;
    }
}

static void merge(const struct sort_slot *a, size_t a_n, const struct sort_slot *b, size_t b_n,
                  struct sort_slot *to) {
    const struct sort_slot *a_end = a + a_n, *b_end = b + b_n;
    while (a < a_end && b < b_end) { /* no branch: which side is next cannot be foretold */
        bool second = b->word < a->word;
        *to++ = *(second ? b : a);
        b += second;
        a += !second;
    }
    memcpy(to, a, (size_t)(a_end - a) * sizeof *to);
    memcpy(to + (a_end - a), b, (size_t)(b_end - b) * sizeof *to);
}

static void by_word(struct sort_slot *slots, size_t n, struct sort_slot *spare) {
    struct sort_slot *from = slots, *to = spare;
    if (in_order(slots, n))
        return;
    for (size_t i = 0; i < n; i += BLOCK_MAX)
        insert(slots + i, n - i < BLOCK_MAX ? n - i : BLOCK_MAX);
    for (size_t width = BLOCK_MAX; width < n; width *= 2) {
        for (size_t i = 0; i < n; i += 2 * width) {
            size_t a_n = n - i < width ? n - i : width;
            size_t b_n = n - i - a_n < width ? n - i - a_n : width;
            merge(from + i, a_n, from + i + a_n, b_n, to + i);
        }
        struct sort_slot *swap = from;
        from = to;
        to = swap;
    }
    if (from != slots)
        memcpy(slots, from, n * sizeof *slots);
}

/* --- those of one word --- */

static int by_all(const void *a, const void *b) {
    const char *x = ((const struct sort_slot *)a)->head, *y = ((const struct sort_slot *)b)->head;
    struct sort_head hx, hy;
    memcpy(&hx, x, sizeof hx);
    memcpy(&hy, y, sizeof hy);
    x += sizeof hx;
    y += sizeof hy;
    int order = bytes_compare(x, hx.key_n, y, hy.key_n);
    return order ? order : bytes_compare(x + hx.key_n, hx.data_n, y + hy.key_n, hy.data_n);
}

/* False where a key has none: zeros behind its end would be taken for its bytes. */
static bool take_words(struct sort_slot *slots, size_t n, size_t from) {
    for (size_t i = 0; i < n; i++) {
        struct sort_head h;
        memcpy(&h, slots[i].head, sizeof h);
        if (h.key_n <= from)
            return false;
        slots[i].word = sort_word(slots[i].head + sizeof h, h.key_n, from);
    }
    return true;
}

static void sort_from(struct sort_slot *slots, size_t n, size_t from, struct sort_slot *spare) {
    by_word(slots, n, spare);
    for (size_t i = 0, same; i < n; i += same) {
        uint64_t word = slots[i].word;
        for (same = 1; i + same < n && slots[i + same].word == word; same++)
            continue;
        if (same == 1)
            continue;
        if (take_words(slots + i, same, from + WORD))
            sort_from(slots + i, same, from + WORD, spare);
        else
            qsort(slots + i, same, sizeof *slots, by_all);
    }
}

void sort_slots(struct sort_slot *slots, size_t n, struct sort_slot *spare) {
    sort_from(slots, n, 0, spare);
}
