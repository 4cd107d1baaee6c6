/* act/archive_tar.c - an archive in tar format: its members, held against its table of contents.
 * Before pg_restore reads it, for that never comes to an end with one that is cut short. Pure. */
#include <limits.h>
#include <string.h>

#include "archive_priv.h"
#include "base/str.h"

#define BLOCK       512
#define NAME_SIZE   100 /* of a header's fields, where they are */
#define SIZE_AT     124
#define SIZE_SIZE   12
#define SUM_AT      148
#define SUM_SIZE    8
#define MEMBERS_MAX 4000000u
#define LIST_MAX    (64 * 1024 * 1024)
#define SCRIPT      "restore.sql" /* for people: pg_restore does not read it */

/* Octal digits, or from 8 GiB on binary behind a mark; < 0 = neither. */
static int64_t number_of(const uint8_t *field, size_t size) {
    int64_t n = 0;
    size_t i = 0;
    if (*field == 0x80) {
        for (i = 1; i < size && n <= INT64_MAX >> 8; i++)
            n = n << 8 | field[i];
        return i == size ? n : -1;
    }
    while (i < size && field[i] == ' ')
        i++;
    if (i == size || field[i] < '0' || field[i] > '7')
        return -1;
    for (; i < size && field[i] >= '0' && field[i] <= '7'; i++)
        n = n << 3 | (field[i] - '0');
    return n;
}

static bool is_empty(const uint8_t *block) {
    for (size_t i = 0; i < BLOCK; i++)
        if (block[i])
            return false;
    return true;
}

/* The sum is of all bytes, with blanks where it stands itself. */
static bool read_header(const uint8_t *block, char name[NAME_SIZE + 1], int64_t *ret_size) {
    int64_t sum = 0, size = number_of(block + SIZE_AT, SIZE_SIZE);
    for (size_t i = 0; i < BLOCK; i++)
        sum += i >= SUM_AT && i < SUM_AT + SUM_SIZE ? ' ' : block[i];
    memcpy(name, block, NAME_SIZE);
    name[NAME_SIZE] = '\0';
    *ret_size = size;
    return size >= 0 && sum == number_of(block + SUM_AT, SUM_SIZE) && member_name_fits(name);
}

static bool cut_short(const struct bytes_in *in, const char *where, struct err *err) {
    return err_set(err, E_PROTOCOL, "archive.extent", in->target,
                   "the file ends at byte %lld, %s: it is cut short", (long long)in->size, where);
}

/* Two empty blocks, and nothing behind them. */
static bool read_end(struct bytes_in *in, struct err *err) {
    uint8_t block[BLOCK] = {0};
    bytes_in_take(in, block, BLOCK);
    int64_t at = bytes_in_position(in);
    if (in->ended || !is_empty(block))
        return cut_short(in, "before the mark of its end", err);
    return at == in->size || err_set(err, E_PROTOCOL, "archive.extent", in->target,
                                     "%lld bytes follow the last member, from byte %lld: something "
                                     "was appended",
                                     (long long)(in->size - at), (long long)at);
}

static bool read_members(struct bytes_in *in, struct arena *a, struct members *m, struct err *err) {
    uint8_t block[BLOCK] = {0};
    char name[NAME_SIZE + 1];
    uint32_t cap = 0;
    for (;;) {
        struct member one = {.name = NULL};
        int64_t at = bytes_in_position(in);
        bytes_in_take(in, block, BLOCK);
        if (in->ended)
            return cut_short(in, "before the mark of its end", err);
        if (is_empty(block))
            return read_end(in, err);
        if (!read_header(block, name, &one.size_bytes) || m->n == MEMBERS_MAX)
            return err_set(err, E_PROTOCOL, "archive.extent", in->target,
                           "no member begins at byte %lld, where one must: it is damaged there",
                           (long long)at);
        one.name = arena_strdup(a, name);
        one.at = at + BLOCK;
        bytes_in_skip(in, one.size_bytes);
        bytes_in_skip(in, (BLOCK - one.size_bytes % BLOCK) % BLOCK);
        if (in->ended)
            return cut_short(in, arena_printf(a, "inside %s", name), err);
        m->at = arena_grow(a, m->at, m->n, &cap, 64, sizeof *m->at);
        m->at[m->n++] = one;
    }
}

static bool claim_list(struct bytes_in *in, struct members *m, const char *name, struct arena *a,
                       struct err *err) {
    const struct member *list = members_find(m, name);
    if (!list || list->size_bytes > LIST_MAX)
        return err_set(err, E_PROTOCOL, "archive.members", in->target,
                       "the list of large objects in it is %s", list ? "too large" : "missing");
    char *text = arena_alloc(a, (size_t)list->size_bytes + 1);
    bytes_in_seek(in, list->at);
    bytes_in_take(in, text, (size_t)list->size_bytes);
    return members_claim_blobs(m, text, (size_t)list->size_bytes, in->target, err);
}

static bool is_list(const struct toc_entry *e) {
    return e->had_data && !strcmp(e->entry.type, "BLOBS");
}

/* In a tar file it has another name than the table of contents says: since 17 one for each. */
static const char *list_name(const struct members *m, const struct toc_entry *e, struct arena *a) {
    const char *own = arena_printf(a, "blobs_%d.toc", e->entry.id);
    return members_find(m, own) ? own : "blobs.toc";
}

static bool claim_all(struct bytes_in *in, struct toc *t, struct members *m, struct arena *a,
                      struct err *err) {
    struct member *script = members_find(m, SCRIPT);
    if (script)
        script->claimed = true;
    for (uint32_t i = 0; i < t->n; i++)
        if (is_list(&t->entries[i]))
            t->entries[i].file = list_name(m, &t->entries[i], a);
    if (!members_claim_toc(m, t, in->target, err))
        return false;
    for (uint32_t i = 0; i < t->n; i++)
        if (is_list(&t->entries[i]) && !claim_list(in, m, t->entries[i].file, a, err))
            return false;
    return members_all_claimed(m, in->target, err);
}

bool tar_walk(struct bytes_in *in, struct toc *t, struct arena *a, struct err *err) {
    struct members m = {0};
    int64_t toc_end = bytes_in_position(in);
    bytes_in_seek(in, 0);
    bool ok = read_members(in, a, &m, err);
    if (ok) {
        members_sort(&m);
        const struct member *first = members_find(&m, TOC_NAME);
        ok = first && first->at + first->size_bytes == toc_end
                 ? claim_all(in, t, &m, a, err)
                 : err_set(err, E_PROTOCOL, "archive.extent", in->target,
                           "the table of contents is not as long as the tar file says: it is "
                           "damaged before byte %lld",
                           (long long)toc_end);
    }
    return bytes_in_verdict(in, ok, err);
}
