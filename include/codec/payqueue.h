/* codec/payqueue.h - the money that is stuck as one of the console's own readings (OWN_PAYMENTS):
 * asked for and judged as a service is, though it is none. See pay/queue_lib.c for its names. */
#ifndef GOODGO_CODEC_PAYQUEUE_H
#define GOODGO_CODEC_PAYQUEUE_H

#include "codec/probe.h"

extern const struct probe pay_queue;

#endif
