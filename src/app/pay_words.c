/* app/pay_words.c - see pay_words_priv.h. */
#include "pay_words_priv.h"

#include <strings.h>

#include "model/reading.h"

const char *pay_provider_ids(struct arena *a, bool can_be_asked) {
    const char *ids = "";
    for (uint32_t i = 0; i < n_pay_providers; i++)
        if (!can_be_asked || pay_providers[i]->gateway)
            ids = arena_printf(a, "%s%s%s", ids, *ids ? ", " : "", pay_providers[i]->id);
    return ids;
}

void pay_amount(int64_t vnd, char *buf, size_t size) {
    value_format(value_int(vnd), UNIT_VND, 0, buf, size);
}

void pay_age(int64_t seconds, char *buf, size_t size) {
    value_format(value_int(seconds > 0 ? seconds : 0), UNIT_SECONDS, 0, buf, size);
}

const char *pay_heals_name(enum pay_heals h) {
    return h == PAY_HEALS_EXPECTED ? "expected" : h == PAY_HEALS_MAYBE ? "maybe" : "never";
}

void pay_row_json(const struct pay_row *row, struct jsonw *w) {
    char day[40];
    pay_time_text(row->created_wall_ms / 1000, day, sizeof day);
    day[10] = 0;
    jsonw_put_string(w, "id", row->id);
    jsonw_put_string(w, "userId", row->user_id);
    jsonw_put_string(w, "transactionId", row->transaction_id);
    jsonw_put_string(w, "provider", row->provider);
    jsonw_put_string(w, "type", row->type);
    jsonw_put_string(w, "status", row->status_text);
    jsonw_put_int(w, "amountVnd", row->amount_vnd);
    jsonw_put_string(w, "providerTxId", row->provider_tx_id);
    jsonw_put_string(w, "idempotencyKey", row->idempotency_key);
    jsonw_put_string(w, "businessDay", day);
    jsonw_put_time(w, "createdAt", row->created_wall_ms);
    jsonw_put_time(w, "updatedAt", row->updated_wall_ms);
}

static void put_callback(struct jsonw *w, const struct pay_result *r) {
    jsonw_key(w, "callback");
    if (!r) {
        jsonw_null(w);
        return;
    }
    jsonw_open(w, '{');
    jsonw_put_bool(w, "valid", r->valid);
    jsonw_put_string(w, "kind", r->kind);
    jsonw_put_string(w, "orderId", r->order_id);
    jsonw_put_string(w, "providerTxId", r->provider_tx_id);
    jsonw_put_string(w, "status", pay_status_name(r->status));
    jsonw_put_int_if(w, "amountVnd", r->has_amount, r->amount_vnd);
    jsonw_put_time(w, "payTime", r->has_pay_time ? r->pay_time_wall_s * 1000 : 0);
    jsonw_close(w, '}');
}

void pay_verdict_json(const struct pay_row *row, const struct pay_verdict *v, int64_t now_wall_s,
                      struct jsonw *w) {
    const struct pay_class_info *info = &pay_class_info[v->cls];
    jsonw_put_int(w, "ageS", now_wall_s - row->created_wall_ms / 1000);
    jsonw_put_string(w, "class", info->id);
    jsonw_put_string(w, "category", info->category);
    jsonw_put_string(w, "why", v->why);
    jsonw_put_string(w, "todo", info->todo);
    jsonw_put_string(w, "healsByItself",
                     v->cls == PAY_CLASS_SETTLED ? NULL : pay_heals_name(v->heals));
    jsonw_put_int_if(w, "triesLeft", v->tries_most > 0, v->tries_left);
    jsonw_put_time(w, "nextTryAt", v->next_wall_s * 1000);
    jsonw_put_time(w, "mayHealUntil", v->heals == PAY_HEALS_NEVER ? 0 : v->until_wall_s * 1000);
    jsonw_put_string(w, "replayWouldMakeIt", pay_status_name(v->predicted));
    jsonw_put_int(w, "messages", v->n_messages);
    put_callback(w, v->callback);
}

bool pay_provider_word(const char *word, const char **ret_stored, struct err *err) {
    struct str names;
    str_init(&names, 190);
    for (uint32_t i = 0; i < n_pay_providers; i++) {
        const struct pay_provider *p = pay_providers[i];
        if (!strcasecmp(word, p->id) || !strcasecmp(word, p->stored)) {
            *ret_stored = p->stored;
            str_done(&names);
            return true;
        }
        str_printf(&names, "%s%s", i ? ", " : "", p->stored);
    }
    err_set(err, E_CONFIG, "payments", word, "is no payment provider; there are %s",
            str_get(&names));
    str_done(&names);
    return false;
}
