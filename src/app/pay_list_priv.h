/* app/pay_list_priv.h - the payments that `goodgo payments list` has found, and how it says them.
 */
#ifndef GOODGO_APP_PAY_LIST_PRIV_H
#define GOODGO_APP_PAY_LIST_PRIV_H

#include "app/command.h"
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
    bool narrowed;    /* by the caller: that nothing is found says nothing of the others */
    struct pay_item **items;
    uint32_t n, cap;
    uint32_t limit;                   /* that are shown */
    uint64_t n_scanned;               /* rows that were looked at */
    uint64_t n_credited;              /* of them: credited ones, looked at for their messages */
    bool cut;                         /* there are more open ones than were looked at */
    bool credited_cut;                /* the same of the credited ones */
    char csv_sha256[DIGEST_HEX_SIZE]; /* "" = no file was written */
};

/* All that was found, to the file of --csv, which the audit trail then knows. */
bool pay_list_csv(const struct app_context *app, struct pay_list *l, struct err *err) MUST_CHECK;

void pay_list_json(const struct pay_list *l, struct str *out);
void pay_list_text(const struct pay_list *l, struct str *out);

#endif
