/* tests/fuzz/fuzz_pay_momo.c - the parser and verifier of momo over any bytes. */
#include "pay_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    return fuzz_provider("momo", data, size);
}
