/* io/sort_slots_priv.h - records in memory, put in order of their keys, then of what they hold. */
#ifndef GOODGO_IO_SORT_SLOTS_PRIV_H
#define GOODGO_IO_SORT_SLOTS_PRIV_H

#include <stddef.h>
#include <stdint.h>

/* In memory and on disk: a head, then the bytes of the key, then those of the data. */
struct sort_head {
    uint32_t key_n, data_n;
};

/* Eight bytes of the key beside the record: most comparisons need no more, and miss no cache. */
struct sort_slot {
    uint64_t word; /* of a new slot: sort_word(key, n, 0) */
    const char *head;
};

/* The eight bytes from there on, so that numbers compare as bytes do; zeros behind the end. */
uint64_t sort_word(const char *key, size_t n, size_t from);
/* `spare`: room for as many. The words are not those of before. */
void sort_slots(struct sort_slot *slots, size_t n, struct sort_slot *spare);

#endif
