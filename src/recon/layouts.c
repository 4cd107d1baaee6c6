/* recon/layouts.c - the layouts, from layouts.def, and those that the config describes:
 *
 *   ocb; date=Ngày giao dịch; ref=Số GD; credit=Ghi có; debit=Ghi nợ; content=Diễn giải
 *   vnpay; order=Mã đơn; tx=Mã GD; amount=Số tiền; status=Trạng thái; date=Ngày; paid=Thành công
 */
#include "statement_priv.h"

#include <string.h>

#define LAYOUT(id) extern const struct statement_layout layout_##id;
#include "layouts.def"
#undef LAYOUT

const struct statement_layout *const statement_layouts[] = {
#define LAYOUT(id) &layout_##id,
#include "layouts.def"
#undef LAYOUT
};
const uint32_t n_statement_layouts = ARRAY_LEN(statement_layouts);

static const char *const roles[COLUMN_COUNT] = {
    [COLUMN_DATE] = "date",       [COLUMN_REF] = "ref",           [COLUMN_DEBIT] = "debit",
    [COLUMN_CREDIT] = "credit",   [COLUMN_AMOUNT] = "amount",     [COLUMN_FEE] = "fee",
    [COLUMN_TAX] = "tax",         [COLUMN_BALANCE] = "balance",   [COLUMN_CONTENT] = "content",
    [COLUMN_ACCOUNT] = "account", [COLUMN_PROVIDER] = "provider", [COLUMN_ORDER] = "order",
    [COLUMN_TX] = "tx",           [COLUMN_STATUS] = "status",     [COLUMN_TYPE] = "type",
};
static const char *const states[PAY_STATUS_COUNT] = {"missing",   "pending", "processing",
                                                     "completed", "failed",  "refunded"};

static const char *word(struct arena *a, const char *s, size_t n) {
    struct str folded;
    str_init(&folded, STATEMENT_MAX_RECORD);
    header_fold(&folded, arena_strndup(a, s, n));
    const char *copy = arena_strndup(a, str_get(&folded), folded.len);
    str_done(&folded);
    return copy;
}

static bool set(struct statement_layout *l, struct statement_column *columns, const char *name,
                const char *value, const char *where, struct err *err) {
    int64_t unit;
    int role = str_index(roles, COLUMN_COUNT, name),
        state = str_index(states, PAY_STATUS_COUNT, name);
    if (role >= 0 && l->n_columns < COLUMN_COUNT) {
        columns[l->n_columns++] =
            (struct statement_column){(enum statement_role)role, value, false};
        return true;
    }
    if (state >= 0 && l->gateway) {
        l->status[state] = value;
        return true;
    }
    if (!strcmp(name, "refunds") && l->gateway) {
        l->refunds = value;
        return true;
    }
    if (!strcmp(name, "unit") && l->gateway && str_to_i64(value, 1, 1000, &unit)) {
        l->unit = (uint32_t)unit;
        return true;
    }
    return err_set(err, E_CONFIG, "config", where, "%.40s is no column of this kind of file", name);
}

static bool has(const struct statement_layout *l, enum statement_role role) {
    for (uint32_t i = 0; i < l->n_columns; i++)
        if (l->columns[i].role == role)
            return true;
    return false;
}

static bool complete(const struct statement_layout *l, const char *where, struct err *err) {
    bool ok = has(l, COLUMN_DATE) && (has(l, COLUMN_AMOUNT) || has(l, COLUMN_CREDIT));
    if (l->gateway)
        ok = ok && has(l, COLUMN_AMOUNT) && has(l, COLUMN_ORDER) && has(l, COLUMN_STATUS) &&
             l->status[PAY_COMPLETED];
    if (ok)
        return true;
    return err_set(err, E_CONFIG, "config", where, "%s",
                   l->gateway ? "needs date=, order=, amount=, status= and completed="
                              : "needs date=, and amount= or credit=");
}

bool statement_layout_parse(struct arena *a, const char *line, bool gateway, const char *where,
                            struct statement_layout *ret, struct err *err) {
    struct statement_column *columns = arena_alloc(a, COLUMN_COUNT * sizeof *columns);
    size_t n = strcspn(line, ";");
    *ret = (struct statement_layout){.gateway = gateway, .columns = columns};
    ret->id = ret->title = word(a, line, n);
    const struct pay_provider *p = gateway ? pay_provider_find(ret->id) : NULL;
    ret->provider = p ? p->stored : NULL; /* NULL: a column says */
    ret->dated_order = p && p->habits.dated_orders;
    if (!*ret->id || strchr(ret->id, '='))
        return err_set(err, E_CONFIG, "config", where, "begins with a name, then ';'");
    for (line += n; *line; line += n) {
        line += *line == ';';
        n = strcspn(line, ";");
        const char *equals = memchr(line, '=', n);
        if (!equals) {
            if (!*word(a, line, n))
                continue;
            return err_set(err, E_CONFIG, "config", where, "expected COLUMN=HEADER between ';'");
        }
        const char *value = word(a, equals + 1, n - (size_t)(equals + 1 - line));
        if (!set(ret, columns, word(a, line, (size_t)(equals - line)), value, where, err))
            return false;
    }
    if (gateway && !ret->provider && !has(ret, COLUMN_PROVIDER))
        return err_set(err, E_CONFIG, "config", where,
                       "begins with vnpay, momo or zalopay, or has provider=");
    return complete(ret, where, err);
}
