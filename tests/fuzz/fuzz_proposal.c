/* tests/fuzz/fuzz_proposal.c - any bytes as a proposal's file: refused with a sentence, or every
 * text that is needed is there, and a stranger's approval is refused for no other cause than the
 * rules'. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "src/act/proposal_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena a;
    struct proposal p;
    struct err err = {0};
    arena_init(&a);
    if (!proposal_parse((const char *)data, size, &a, &p, &err)) {
        if (!err.why[0])
            abort();
    } else if (!p.order_id || !p.updated || !p.status || !p.why || !p.evidence ||
               strnlen(p.maker, sizeof p.maker) == sizeof p.maker ||
               strnlen(p.checker, sizeof p.checker) == sizeof p.checker || p.made_wall_s < 0 ||
               p.approved_wall_s < 0 || p.declined_wall_s < 0) {
        abort();
    }
    arena_done(&a);
    return 0;
}
