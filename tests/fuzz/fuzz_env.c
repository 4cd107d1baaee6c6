/* tests/fuzz/fuzz_env.c - any bytes as an env file: refused with file and line, or read; what was
 * read makes settings and a report, and no report holds a secret. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "app/envcheck.h"
#include "app/settings.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_values(const struct env *e) {
    size_t total = 0;
    for (uint32_t i = 0; i < e->n; i++) {
        size_t n = strlen(e->entries[i].value);
        total += n;
        if (n > 65536 || !e->entries[i].line || !e->entries[i].name[0])
            abort();
    }
    if (total > e->total_bytes)
        abort();
}

/* Four letters at the most, and only of a long one. */
static void check_report(struct arena *a, const struct env *e, const struct config *c) {
    struct env_report r;
    envcheck(&r, a, e, c, &(struct env_place){"fuzz.env", NULL, 0600});
    for (uint32_t i = 0; i < r.n_lines; i++) {
        const char *v = env_get(e, r.lines[i].name), *shown = r.lines[i].shown;
        bool secret = strstr(r.lines[i].name, "PASSWORD") || strstr(r.lines[i].name, "_SECRET");
        if (secret && v && shown && strlen(v) > 8 && strstr(shown, v))
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena a;
    struct env e;
    struct settings s;
    struct config c;
    struct err err = {0};
    arena_init(&a);
    env_init(&e, &a);
    config_init(&c);
    if (!env_parse(&e, "fuzz.env", (const char *)data, size, &err)) {
        if (!err.why[0] || strncmp(err.target, "fuzz.env:", 9) != 0)
            abort();
    } else {
        check_values(&e);
        check_report(&a, &e, &c);
        if (!settings_make(&s, &a, &e, &c, NULL, &err) && !err.why[0])
            abort();
    }
    arena_done(&a);
    return 0;
}
