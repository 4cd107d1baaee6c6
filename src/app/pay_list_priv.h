/* app/pay_list_priv.h - the payments that `goodgo payments list` has found, and how it says them.
 */
#ifndef GOODGO_APP_PAY_LIST_PRIV_H
#define GOODGO_APP_PAY_LIST_PRIV_H

#include "base/str.h"
#include "codec/payrow.h"

struct pay_item {
    struct pay_row row; /* without its callback */
    struct pay_verdict verdict;
};

enum pay_age { PAY_AGE_QUARTER, PAY_AGE_HOUR, PAY_AGE_DAY, PAY_AGE_OLDER, PAY_AGE_COUNT };

struct pay_list {
    struct arena *arena;
    const struct settings *settings;
    int64_t now_wall_s;
    unsigned classes; /* bits of enum pay_class; 0 = all but the settled, or all where asked for */
    struct pay_item **items;
    uint32_t n, cap;
    uint32_t limit;     /* that are shown */
    uint64_t n_scanned; /* rows that were looked at */
    bool cut;           /* there are more than were looked at */
};

void pay_list_json(const struct pay_list *l, struct str *out);
void pay_list_text(const struct pay_list *l, struct str *out);

#endif
