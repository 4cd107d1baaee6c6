/* pay/vnpay_priv.h - what VNPay's signatures are made over; see vnpay_text_lib.c. */
#ifndef GOODGO_PAY_VNPAY_PRIV_H
#define GOODGO_PAY_VNPAY_PRIV_H

#include "pay_priv.h"

/* The variants of struct pay_kind, each list ended by a NULL: of calls and payment URLs, and of the
 * transaction API. */
extern const struct pay_variant vnpay_call_variants[], vnpay_api_variants[];

#endif
