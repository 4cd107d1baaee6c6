/* tests/fuzz/fuzz_config.c - any bytes as the settings file: refused with file and line (as a whole
 * where it is no UTF-8 at all), or every value within its range; its keys are then bound, or
 * refused with a sentence. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "app/config.h"
#include "base/text.h"
#include "ui/keys.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct config *c) {
    struct keymap m;
    struct err err = {0};
    keymap_init(&m);
    for (int i = 0; i < SERVICE_COUNT; i++)
        if (c->poll[i].retries > 100 || c->poll[i].interval_ms > 3600000 ||
            c->poll[i].timeout_ms > 60000)
            abort();
    if (!c->theme || c->n_keys > CONFIG_MAX_KEYS || c->backup_warn_age_s < 60)
        abort();
    for (uint32_t i = 0; i < c->n_keys; i++)
        if (!keymap_set(&m, c->keys[i].action, c->keys[i].keys, &err) && !err.why[0])
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena a;
    struct config c;
    struct err err = {0};
    arena_init(&a);
    config_init(&c);
    if (config_parse(&c, &a, "fuzz", (const char *)data, size, &err))
        check(&c);
    else if (!err.why[0] ||
             (text_wide((const char *)data, size) ? strcmp(err.target, "fuzz") != 0
                                                  : strncmp(err.target, "fuzz:", 5) != 0))
        abort();
    arena_done(&a);
    return 0;
}
