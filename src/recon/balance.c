/* recon/balance.c - the proof that no row of a statement is missing or changed. Banks differ in the
 * order of rows and in whether fee and tax are apart from the amount, and none says which: every
 * way is tried, and one must fit from the first row to the last. */
#include "base/str.h"
#include "statement_priv.h"

enum { OLDEST_FIRST = 1, NEWEST_FIRST = 2, WITH_FEE = 4 };
#define WAYS 8 /* of these bits; those with both or no order are never set */

static bool is_way(unsigned way) {
    return (way & 3) == OLDEST_FIRST || (way & 3) == NEWEST_FIRST;
}

void balance_begin(struct balance *b) {
    *b = (struct balance){0};
    for (unsigned way = 0; way < WAYS; way++)
        b->ways |= is_way(way) ? 1u << way : 0;
}

static int64_t net_of(unsigned way, int64_t amount, int64_t fee) {
    return way & WITH_FEE ? amount - fee : amount;
}

/* What the balance of this row should be, from that of the row before it in the file. */
static int64_t expected(const struct balance *b, unsigned way, const struct statement_row *row) {
    if (way & OLDEST_FIRST)
        return b->last + net_of(way, row->amount_vnd, row->fee_vnd);
    return b->last - net_of(way, b->last_net, b->last_fee);
}

bool balance_row(struct balance *b, const struct statement_row *row, int64_t *ret_expected) {
    b->rows++;
    b->sum = int_add(b->sum, row->amount_vnd);
    b->sum_fee = int_add(b->sum_fee, row->fee_vnd);
    if (!row->has_balance)
        return true;
    unsigned left = 0;
    for (unsigned way = 0; way < WAYS; way++) {
        if (!(b->ways >> way & 1) || (b->started && expected(b, way, row) != row->balance_vnd))
            continue;
        left |= 1u << way;
    }
    for (unsigned way = WAYS; way-- > 0 && b->started;)
        if (b->ways >> way & 1)
            *ret_expected = expected(b, way, row);
    b->proved += b->started && left;
    b->ways = left;
    b->with_balance++;
    if (!b->started) {
        b->first = row->balance_vnd;
        b->first_net = row->amount_vnd;
        b->first_fee = row->fee_vnd;
    }
    b->started = true;
    b->last = row->balance_vnd;
    b->last_net = row->amount_vnd;
    b->last_fee = row->fee_vnd;
    return left != 0;
}

/* Where every row has its balance, the opening one goes before the oldest and the closing one is
 * that of the newest: each of them alone shows a file that begins or ends too late. */
static bool ends_fit(const struct balance *b, int64_t *ret_expected) {
    for (unsigned way = WAYS; way-- > 0;) {
        if (!(b->ways >> way & 1))
            continue;
        bool oldest_first = way & OLDEST_FIRST;
        int64_t before = oldest_first ? b->first - net_of(way, b->first_net, b->first_fee)
                                      : b->last - net_of(way, b->last_net, b->last_fee);
        int64_t after = oldest_first ? b->last : b->first;
        if ((!b->has_opening || b->opening == before) && (!b->has_closing || b->closing == after))
            return true;
        *ret_expected = b->has_closing ? after : before;
    }
    return false;
}

bool balance_close(struct balance *b, int64_t *ret_expected) {
    bool all = b->rows && b->with_balance == b->rows;
    if (all && b->has_opening != b->has_closing)
        return ends_fit(b, ret_expected);
    if (!b->has_opening || !b->has_closing)
        return true;
    *ret_expected = int_add(b->opening, b->sum);
    if (b->closing != *ret_expected && b->closing != int_add(*ret_expected, -b->sum_fee))
        return false;
    b->proved = b->rows;
    return true;
}
