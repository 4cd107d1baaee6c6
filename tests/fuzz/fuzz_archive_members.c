/* tests/fuzz/fuzz_archive_members.c - any names in a directory, and any list of large objects in
 * it: stays inside, and calls nothing whole that has a file nobody speaks of. The names stand a
 * line each before the first NUL, the list behind it. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/act/archive_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Every second name is also one that the table of contents speaks of. */
static void names(struct arena *a, const char *text, struct members *m, struct toc *t) {
    while (*text && m->n < 200) {
        size_t n = strcspn(text, "\n");
        const char *name = arena_strndup(a, text, n);
        if (m->n % 2 && member_name_fits(name))
            t->entries[t->n++] = (struct toc_entry){
                .entry = {.schema = "s", .name = "n"}, .had_data = true, .file = name};
        m->at[m->n++] = (struct member){.name = name};
        text += n + (text[n] == '\n');
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena a;
    struct err err;
    arena_init(&a);
    const char *text = arena_strndup(&a, (const char *)data, size);
    size_t used = strlen(text) < size ? strlen(text) + 1 : size;
    struct members m = {.at = arena_alloc(&a, 200 * sizeof *m.at)};
    struct toc t = {.entries = arena_alloc(&a, 200 * sizeof *t.entries)};
    names(&a, text, &m, &t);
    members_sort(&m);
    size_t n_list = size - used;
    char *list = malloc(n_list ? n_list : 1); /* its own block: a byte too far is seen */
    if (!list)
        abort();
    memcpy(list, data + used, n_list);
    if (members_claim_toc(&m, &t, "fuzz", &err) &&
        members_claim_blobs(&m, list, n_list, "fuzz", &err) &&
        members_all_claimed(&m, "fuzz", &err))
        for (uint32_t i = 0; i < m.n; i++)
            if (!m.at[i].claimed)
                abort();
    free(list);
    arena_done(&a);
    return 0;
}
