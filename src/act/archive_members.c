/* act/archive_members.c - the files of an archive in directory or tar format, held against its
 * table of contents and its lists of large objects. Pure: archive_dir.c reads them from the disk,
 * archive_tar.c from a tar file. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "archive_priv.h"
#include "base/str.h"

#define NAME_MAX_BYTES 120

static int by_name(const void *a, const void *b) {
    return strcmp(((const struct member *)a)->name, ((const struct member *)b)->name);
}

void members_sort(struct members *m) {
    if (m->n)
        qsort(m->at, m->n, sizeof *m->at, by_name);
}

bool member_name_fits(const char *name) {
    size_t n = strlen(name);
    return n > 0 && n < NAME_MAX_BYTES && name[0] != '.' &&
           strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123"
                        "456789_.-") == n;
}

struct member *members_find(const struct members *m, const char *name) {
    struct member key = {.name = name};
    return m->n ? bsearch(&key, m->at, m->n, sizeof *m->at, by_name) : NULL;
}

/* A name of a table of contents is without what the compression adds. Of several pg_restore reads
 * the first alone, and so do we: the others stay unclaimed. */
static bool claim(struct members *m, const char *name) {
    static const char *const endings[] = {"", ".gz", ".lz4", ".zst"};
    char full[NAME_MAX_BYTES + 8];
    for (size_t i = 0; i < ARRAY_LEN(endings); i++) {
        snprintf(full, sizeof full, "%s%s", name, endings[i]);
        struct member *found = members_find(m, full);
        if (!found)
            continue;
        found->claimed = true;
        return true;
    }
    return false;
}

bool members_claim_toc(struct members *m, const struct toc *t, const char *target,
                       struct err *err) {
    if (!claim(m, TOC_NAME))
        return err_set(err, E_PROTOCOL, "archive.members", target,
                       "there is no " TOC_NAME " in it");
    for (uint32_t i = 0; i < t->n; i++) {
        const struct toc_entry *e = &t->entries[i];
        if (e->had_data && !claim(m, e->file))
            return err_set(err, E_PROTOCOL, "archive.members", target,
                           "the data of %s.%s are missing: there is no %s in it", e->entry.schema,
                           e->entry.name, e->file);
    }
    return true;
}

/* "16501 blob_16501.dat" up to n; false where it is nothing of the kind. */
static bool blob_line(const char *line, size_t n, char name[NAME_MAX_BYTES]) {
    size_t digits = 0;
    while (digits < n && char_is_digit(line[digits]))
        digits++;
    if (!digits || digits > 10 || digits == n || line[digits] != ' ')
        return false;
    n -= digits + 1;
    if (n >= NAME_MAX_BYTES)
        return false;
    memcpy(name, line + digits + 1, n);
    name[n] = '\0';
    return strlen(name) == n && member_name_fits(name);
}

bool members_claim_blobs(struct members *m, const char *list, size_t n, const char *target,
                         struct err *err) {
    char name[NAME_MAX_BYTES];
    for (size_t at = 0; at < n;) {
        const char *line = list + at, *end = memchr(line, '\n', n - at);
        if (!end || !blob_line(line, (size_t)(end - line), name))
            return err_set(err, E_PROTOCOL, "archive.members", target,
                           "the list of large objects is damaged at byte %zu", at);
        if (!claim(m, name))
            return err_set(err, E_PROTOCOL, "archive.members", target,
                           "a large object is missing: there is no %s in it", name);
        at += (size_t)(end - line) + 1;
    }
    return true;
}

bool members_all_claimed(const struct members *m, const char *target, struct err *err) {
    for (uint32_t i = 0; i < m->n; i++)
        if (!m->at[i].claimed)
            return err_set(err, E_PROTOCOL, "archive.members", target,
                           "%s is no part of the archive: something was put into it",
                           m->at[i].name);
    return true;
}
