/* app/pay_list_csv.c - `goodgo payments list --csv FILE`: every payment that was found, for
 * finance; which file it was is in the audit trail. */
#include <stdio.h>
#include <string.h>

#include "act/audit.h"
#include "act/csv_file.h"
#include "base/text.h"
#include "pay_list_priv.h"
#include "pay_words_priv.h"

#define OP "payments.csv"

static const char head[] =
    "payment_id,business_date,created_at,updated_at,provider,type,status,amount_vnd,class,category,"
    "heals_by_itself,provider_tx_id,message_status,message_amount_vnd,user_id,transaction_id,why,"
    "what_to_do";

/* What the database holds may be long, and may be meant for a terminal. */
static void put_text(struct csv_file *f, const char *s) {
    char clean[1024] = "";
    if (s)
        text_clean_into(clean, sizeof clean, s, strlen(s));
    csv_file_text(f, clean);
}

static bool put_row(struct csv_file *f, const struct pay_item *item, struct err *err) {
    const struct pay_row *row = &item->row;
    const struct pay_verdict *v = &item->verdict;
    const struct pay_class_info *info = &pay_class_info[v->cls];
    const struct pay_result *r = v->callback && v->callback->valid ? v->callback : NULL;
    char created[40], updated[40], day[16];
    pay_time_text(row->created_wall_ms / 1000, created, sizeof created);
    pay_time_text(row->updated_wall_ms / 1000, updated, sizeof updated);
    snprintf(day, sizeof day, "%.10s", created);
    put_text(f, row->id);
    csv_file_text(f, day);
    csv_file_text(f, created);
    csv_file_text(f, updated);
    put_text(f, row->provider);
    put_text(f, row->type);
    put_text(f, row->status_text);
    csv_file_int(f, true, row->amount_vnd);
    csv_file_text(f, info->id);
    csv_file_text(f, info->category);
    csv_file_text(f, v->cls == PAY_CLASS_SETTLED ? "" : pay_heals_name(v->heals));
    put_text(f, row->provider_tx_id);
    csv_file_text(f, r ? pay_status_name(r->status) : "");
    csv_file_int(f, r && r->has_amount, r ? r->amount_vnd : 0);
    put_text(f, row->user_id);
    put_text(f, row->transaction_id);
    put_text(f, v->why);
    csv_file_text(f, info->todo);
    return csv_file_end_row(f, err);
}

static bool note(const struct app_context *app, const struct pay_list *l, struct err *err) {
    struct actor actor;
    char rows[16];
    struct audit_record r = {.event = "result",
                             .action = "payments.list",
                             .context = app->settings->context,
                             .target = app->options.csv,
                             .outcome = "done"};
    snprintf(rows, sizeof rows, "%u", l->n);
    r.details.at[r.details.n++] = (struct pair){"rows", rows};
    r.details.at[r.details.n++] = (struct pair){"sha256", l->csv_sha256};
    actor_here(&actor);
    return audit_append(app->state_dir, &actor, &r, err);
}

bool pay_list_csv(const struct app_context *app, struct pay_list *l, struct err *err) {
    struct csv_file *f = csv_file_open(OP, app->options.csv, head, err);
    if (!f)
        return false;
    bool ok = true;
    for (uint32_t i = 0; ok && i < l->n; i++)
        ok = put_row(f, l->items[i], err);
    if (!csv_file_close(f, ok, l->csv_sha256, ok ? err : &(struct err){0}))
        ok = false;
    return ok && note(app, l, err);
}
