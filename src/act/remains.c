/* act/remains.c - fills the sentences of an act's `remains` with what a job's events and plan say.
 * Pure: it looks at nothing but those. */
#include "remains_priv.h"

#include <string.h>

#include "base/str.h"

#define SENTENCE_MAX 2048

static bool fits(const char *stages, const char *stage) {
    size_t n = strlen(stage);
    for (const char *at = stages; at && *at; at += strcspn(at, "|"), at += *at == '|')
        if (strcspn(at, "|") == n && strncmp(at, stage, n) == 0)
            return true;
    return !stages;
}

static const char *known(const struct plan *p, const struct job_info *j, const char *name) {
    const struct pairs *const all[] = {&j->hand, &j->result, &p->facts, &p->arguments};
    for (size_t i = 0; i < ARRAY_LEN(all); i++) {
        const char *value = pairs_find(all[i], name);
        if (value)
            return value;
    }
    return strcmp(name, "target") == 0 ? p->target : NULL;
}

/* False where a name is not known. */
static bool fill(struct str *out, const char *text, const struct plan *p, const struct job_info *j,
                 struct arena *a) {
    for (const char *open; (open = strchr(text, '{')); text = strchr(open, '}') + 1) {
        const char *name = arena_strndup(a, open + 1, strcspn(open + 1, "}"));
        const char *value = known(p, j, name);
        if (!value)
            return false;
        str_printf(out, "%.*s%s", (int)(open - text), text, value);
    }
    str_puts(out, text);
    return true;
}

void remains_tell(const struct act_remains *rows, const struct plan *p, const struct job_info *j,
                  struct arena *a, struct lines *ret) {
    struct str out;
    str_init(&out, SENTENCE_MAX);
    for (; rows && rows->text && ret->n < PLAN_MAX_LINES; rows++) {
        str_clear(&out);
        if (fits(rows->stages, j->stage) && fill(&out, rows->text, p, j, a))
            ret->at[ret->n++] = arena_strdup(a, str_get(&out));
    }
    str_done(&out);
}
