/* act/content_priv.h - sums of parts: several readers of one table. */
#ifndef GOODGO_ACT_CONTENT_PRIV_H
#define GOODGO_ACT_CONTENT_PRIV_H

#include "act/content.h"

void content_merge(struct content_sum *sum, const struct content_sum *part);

#endif
