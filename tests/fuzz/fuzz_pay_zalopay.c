/* tests/fuzz/fuzz_pay_zalopay.c - the parser and verifier of zalopay over any bytes. */
#include "pay_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    return fuzz_provider("zalopay", data, size);
}
