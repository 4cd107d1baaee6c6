/* recon/category.c - the categories, what to do about each, and which one an order is in by what
 * the database and its gateway say. */
#include "codec/recon.h"

#include <string.h>

const struct recon_category_info recon_category_info[RECON_CATEGORIES] = {
    [RECON_MATCHED] = {"MATCHED", "nothing", false},
    [RECON_NOT_PAID] = {"NOT_PAID", "nothing: no money moved", false},
    [RECON_NOT_CHECKED] = {"NOT_CHECKED", "hand in the gateway's file or the statement", false},
    [RECON_UNSETTLED] = {"UNSETTLED", "wait: the bank still has time", false},
    [RECON_SUGGESTED] = {"SUGGESTED", "propose, and have a second person approve", true},
    [RECON_REFUND_CANDIDATE] = {"REFUND_CANDIDATE", "is it the refund of this order?", true},
    [RECON_FEE_DIFFERENCE] = {"FEE_DIFFERENCE", "compare the fee with the contract", true},
    [RECON_UNMATCHED] = {"UNMATCHED", "find whose money it is by amount and time", true},
    [RECON_MISSING_IN_STATEMENT] = {"MISSING_IN_STATEMENT",
                                    "claim it from the gateway or the customer", true},
    [RECON_MISSING_IN_DB] = {"MISSING_IN_DB", "find the order by amount and time, or refund", true},
    [RECON_MISSING_AT_GATEWAY] = {"MISSING_AT_GATEWAY", "check terminal and environment", true},
    [RECON_STATUS_MISMATCH] = {"STATUS_MISMATCH", "verify and replay; a transfer: settle-transfer",
                               true},
    [RECON_AMOUNT_MISMATCH] = {"AMOUNT_MISMATCH", "hold it, decide by hand", true},
    [RECON_DUPLICATE] = {"DUPLICATE", "propose a refund", true},
};

/* --- what to do about one --- */

static const char *todo_mismatch(const struct recon_case *c) {
    if (!pay_status_is_open(c->ours) || c->theirs == PAY_REFUNDED)
        return c->transfer ? "give it back, or two people correct it by hand"
                           : "ask again; if it stays so, two people correct it by hand";
    return c->transfer      ? "goodgo payments settle-transfer, by its statement"
           : c->has_gateway ? "verify and replay; no callback stored: have it sent again"
                            : "ask its gateway, then replay the callback";
}

static const char *todo_approved(const struct recon_case *c) {
    return c->transfer && pay_status_is_open(c->ours)
               ? "goodgo payments settle-transfer, by its statement"
           : pay_status_is_open(c->ours) ? "ask its gateway, then replay the callback"
                                         : "nothing: it is booked, and two people agree";
}

const char *recon_todo(const struct recon_case *c) {
    switch (c->category) {
    case RECON_STATUS_MISMATCH:
        return todo_mismatch(c);
    case RECON_SUGGESTED:
        return c->approved ? todo_approved(c) : recon_category_info[c->category].todo;
    case RECON_MISSING_IN_STATEMENT:
        return c->transfer ? "claim it from the customer" : "claim it from the gateway";
    case RECON_NOT_CHECKED:
        return c->transfer ? "hand in the bank's statement"
                           : "hand in its gateway's file, or ask: --gateway live";
    default:
        return recon_category_info[c->category].todo;
    }
}

/* --- which one it is --- */

static enum recon_category say(const char **ret_why, const char *why, enum recon_category c) {
    *ret_why = why;
    return c;
}

enum recon_category recon_compare(const struct recon_order *order, const struct recon_gateway *g,
                                  struct recon_sources sources, const char **ret_why) {
    if (!sources.gateway)
        return say(ret_why, "its gateway's file was not handed in", RECON_NOT_CHECKED);
    if (!g || !g->known) {
        if (pay_status_has_money(order->status))
            return say(ret_why, "paid here, not known to the gateway", RECON_MISSING_AT_GATEWAY);
        if (pay_status_is_open(order->status) && order->expired)
            return say(ret_why, "open past its time, not known to the gateway",
                       RECON_MISSING_AT_GATEWAY);
        return say(ret_why, "not paid here, not known to the gateway", RECON_NOT_PAID);
    }
    if (g->amount_vnd != order->amount_vnd &&
        (pay_status_has_money(g->status) || pay_status_has_money(order->status)))
        return say(ret_why, "the gateway has another amount", RECON_AMOUNT_MISMATCH);
    if (g->status == order->status)
        return pay_status_has_money(g->status)
                   ? say(ret_why, "database and gateway agree", RECON_MATCHED)
                   : say(ret_why, "not paid at either", RECON_NOT_PAID);
    if (pay_status_is_open(g->status) && pay_status_is_open(order->status))
        return say(ret_why, "not decided at either", RECON_NOT_PAID);
    if (g->status == PAY_COMPLETED)
        return say(ret_why,
                   pay_status_is_open(order->status)
                       ? "paid at the gateway, open here: a lost callback"
                   : order->status == PAY_FAILED ? "paid at the gateway, failed here: late success"
                                                 : "refunded here, not at the gateway",
                   RECON_STATUS_MISMATCH);
    if (g->status == PAY_REFUNDED)
        return say(ret_why, "refunded at the gateway, not here", RECON_STATUS_MISMATCH);
    return say(ret_why,
               pay_status_has_money(order->status) ? "paid here, not paid at the gateway"
                                                   : "the gateway has another state",
               RECON_STATUS_MISMATCH);
}

static const bool ends_plain[256] = {
    ['\0'] = true, ['"'] = true, [','] = true, ['\r'] = true, ['\n'] = true};

void recon_csv_cell(struct str *out, const char *s) {
    bool formula = *s == '=' || *s == '+' || *s == '-' || *s == '@' || *s == '\t' || *s == '\r';
    /* A number of ours may be negative, and is none that a spreadsheet computes. */
    if (*s == '-' && s[1] && strspn(s + 1, "0123456789") == strlen(s + 1))
        formula = false;
    size_t n = 0;
    while (!ends_plain[(unsigned char)s[n]])
        n++;
    if (!formula && !s[n]) {
        str_add(out, s, n);
        return;
    }
    str_putc(out, '"');
    if (formula)
        str_putc(out, '\'');
    for (; *s; s++) {
        if (*s == '"')
            str_putc(out, '"');
        str_putc(out, *s);
    }
    str_putc(out, '"');
}
