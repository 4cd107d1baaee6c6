/* tests/fuzz/fuzz_pay_vnpay.c - the parser and verifier of vnpay over any bytes. */
#include "pay_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    return fuzz_provider("vnpay", data, size);
}
