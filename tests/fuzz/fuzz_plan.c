/* tests/fuzz/fuzz_plan.c - any bytes as a job's plan: what is taken for one is written back byte
 * for byte, can be printed, and differs from itself in nothing. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "act/plan.h"
#include "base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct plan *p, struct arena *a) {
    struct plan again;
    struct str first, second;
    struct err err;
    char word[64];
    str_init(&first, (size_t)1 << 24);
    str_init(&second, (size_t)1 << 24);
    plan_write(p, &first);
    if (!plan_read(&again, a, str_get(&first), first.len, &err))
        abort();
    plan_write(&again, &second);
    if (strcmp(str_get(&first), str_get(&second)) != 0 || strcmp(p->id, again.id) != 0)
        abort();
    plan_print(p, &second);
    (void)plan_difference(p, &again, a);
    plan_word(p, word, sizeof word);
    if (!plan_word_fits(p, word))
        abort();
    str_done(&first);
    str_done(&second);
}

/* One word per line; its first letter says where it goes. */
static void make(struct plan *p, struct arena *a, const char *text) {
    plan_init(p, a, "backup", "prod", TIER_CHANGES);
    p->target = "database goodgo";
    while (*text) {
        size_t n = strcspn(text, "\n");
        const char *word = arena_strndup(a, text + 1, n ? n - 1 : 0);
        if (*text == 'c')
            plan_change(p, "%s", word);
        else if (*text == 'w')
            plan_warning(p, "%s", word);
        else if (*text == 'f')
            plan_fact(p, "fact", "%s", word);
        else if (*text == 't')
            p->target = word;
        else if (*text == 'a' && p->arguments.n < PLAN_MAX_PAIRS &&
                 text_is_utf8(word, strlen(word)))
            p->arguments.at[p->arguments.n++] = (struct pair){"dir", word};
        text += n + (text[n] == '\n');
    }
    plan_seal(p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena a;
    struct plan p;
    struct err err = {0};
    arena_init(&a);
    const char *text = arena_strndup(&a, (const char *)data, size);
    if (size && *text != '{') {
        make(&p, &a, text);
        check(&p, &a);
    } else if (plan_read(&p, &a, text, size, &err)) {
        check(&p, &a);
    } else if (!err.why[0]) {
        abort();
    }
    arena_done(&a);
    return 0;
}
