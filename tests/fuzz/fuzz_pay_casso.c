/* tests/fuzz/fuzz_pay_casso.c - the parser and verifier of casso over any bytes. */
#include "pay_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    return fuzz_provider("casso", data, size);
}
