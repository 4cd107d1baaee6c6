/* app/pay_list_words.c - the list of payments as the document goodgo.payments.list/1 and as lines:
 * classes on top, then counts by provider, status and age, then the payments. */
#include "pay_list_priv.h"

#include <string.h>

#include "base/text.h"
#include "pay_words_priv.h"

static const struct {
    const char *name, *title;
    int64_t below_s;
} ages[PAY_AGE_COUNT] = {
    [PAY_AGE_QUARTER] = {"15m", "<15m", 900},
    [PAY_AGE_HOUR] = {"1h", "<1h", 3600},
    [PAY_AGE_DAY] = {"1d", "<1d", 86400},
    [PAY_AGE_OLDER] = {"older", "older", INT64_MAX},
};

struct sum {
    const char *provider, *status;
    uint32_t n, by_age[PAY_AGE_COUNT];
    int64_t vnd, vnd_by_age[PAY_AGE_COUNT], oldest_s;
    uint32_t heals[PAY_HEALS_EXPECTED + 1];
};

#define SUMS_MAX 64 /* providers x statuses */
struct sums {
    struct sum classes[PAY_CLASS_COUNT], all[SUMS_MAX];
    uint32_t n_all;
    int64_t vnd;
};

static void add(struct sum *s, const struct pay_item *item, int64_t now_wall_s) {
    int64_t age_s = now_wall_s - item->row.created_wall_ms / 1000;
    unsigned age = 0;
    while (age_s >= ages[age].below_s)
        age++;
    s->n++;
    s->vnd = int_add(s->vnd, item->row.amount_vnd);
    s->by_age[age]++;
    s->vnd_by_age[age] = int_add(s->vnd_by_age[age], item->row.amount_vnd);
    if (item->verdict.cls != PAY_CLASS_SETTLED)
        s->heals[item->verdict.heals]++;
    if (age_s > s->oldest_s)
        s->oldest_s = age_s;
}

static struct sum *of_provider(struct sums *s, const struct pay_row *row) {
    uint32_t i = 0;
    while (i < s->n_all && (strcmp(s->all[i].provider, row->provider) != 0 ||
                            strcmp(s->all[i].status, row->status_text) != 0))
        i++;
    if (i == s->n_all && i < SUMS_MAX)
        s->all[s->n_all++] = (struct sum){.provider = row->provider, .status = row->status_text};
    return &s->all[i < SUMS_MAX ? i : SUMS_MAX - 1];
}

static void add_all(const struct pay_list *l, struct sums *s) {
    *s = (struct sums){.n_all = 0};
    for (uint32_t i = 0; i < l->n; i++) {
        add(&s->classes[l->items[i]->verdict.cls], l->items[i], l->now_wall_s);
        add(of_provider(s, &l->items[i]->row), l->items[i], l->now_wall_s);
        s->vnd = int_add(s->vnd, l->items[i]->row.amount_vnd);
    }
}

/* --- JSON --- */

static void classes_json(const struct sums *s, struct jsonw *w) {
    jsonw_key(w, "classes");
    jsonw_open(w, '[');
    for (unsigned c = 0; c < PAY_CLASS_COUNT; c++) {
        const struct sum *sum = &s->classes[c];
        if (!sum->n)
            continue;
        jsonw_open(w, '{');
        jsonw_put_string(w, "class", pay_class_info[c].id);
        jsonw_put_string(w, "category", pay_class_info[c].category);
        jsonw_put_int(w, "count", sum->n);
        jsonw_put_int(w, "amountVnd", sum->vnd);
        jsonw_put_int(w, "oldestS", sum->oldest_s);
        jsonw_put_int(w, "healExpected", sum->heals[PAY_HEALS_EXPECTED]);
        jsonw_put_int(w, "healMaybe", sum->heals[PAY_HEALS_MAYBE]);
        jsonw_put_int(w, "healNever", sum->heals[PAY_HEALS_NEVER]);
        jsonw_put_string(w, "what", pay_class_info[c].what);
        jsonw_put_string(w, "todo", pay_class_info[c].todo);
        jsonw_close(w, '}');
    }
    jsonw_close(w, ']');
}

static void totals_json(const struct sums *s, struct jsonw *w) {
    jsonw_key(w, "totals");
    jsonw_open(w, '[');
    for (uint32_t i = 0; i < s->n_all; i++)
        for (unsigned age = 0; age < PAY_AGE_COUNT; age++) {
            if (!s->all[i].by_age[age])
                continue;
            jsonw_open(w, '{');
            jsonw_put_string(w, "provider", s->all[i].provider);
            jsonw_put_string(w, "status", s->all[i].status);
            jsonw_put_string(w, "age", ages[age].name);
            jsonw_put_int(w, "count", s->all[i].by_age[age]);
            jsonw_put_int(w, "amountVnd", s->all[i].vnd_by_age[age]);
            jsonw_close(w, '}');
        }
    jsonw_close(w, ']');
}

void pay_list_json(const struct pay_list *l, struct str *out) {
    struct jsonw w;
    struct sums s;
    add_all(l, &s);
    jsonw_init(&w, out, JSONW_INDENTED);
    jsonw_open(&w, '{');
    jsonw_put_string(&w, "schema", "goodgo.payments.list/1");
    jsonw_put_time(&w, "time", l->now_wall_s * 1000);
    jsonw_put_int(&w, "found", l->n);
    jsonw_put_int(&w, "amountVnd", s.vnd);
    jsonw_put_int(&w, "scanned", (int64_t)l->n_scanned);
    jsonw_put_bool(&w, "cut", l->cut);
    jsonw_put_int(&w, "credited", (int64_t)l->n_credited);
    jsonw_put_bool(&w, "creditedCut", l->credited_cut);
    jsonw_put_string(&w, "csvSha256", *l->csv_sha256 ? l->csv_sha256 : NULL);
    classes_json(&s, &w);
    totals_json(&s, &w);
    jsonw_key(&w, "payments");
    jsonw_open(&w, '[');
    for (uint32_t i = 0; i < l->n && i < l->limit; i++) {
        jsonw_open(&w, '{');
        pay_row_json(&l->items[i]->row, &w);
        pay_verdict_json(&l->items[i]->row, &l->items[i]->verdict, l->now_wall_s, &w);
        jsonw_close(&w, '}');
    }
    jsonw_close(&w, ']');
    jsonw_close(&w, '}');
}

/* --- lines --- */

static void classes_text(const struct sums *s, struct str *out) {
    char vnd[32], age[32];
    str_printf(out, "%-18s %6s %18s  %-7s %s\n", "CLASS", "N", "VND", "OLDEST", "WHAT TO DO");
    for (unsigned c = 0; c < PAY_CLASS_COUNT; c++) {
        const struct sum *sum = &s->classes[c];
        if (!sum->n)
            continue;
        pay_amount(sum->vnd, vnd, sizeof vnd);
        pay_age(sum->oldest_s, age, sizeof age);
        str_printf(out, "%-18s %6u %18s  %-7s %s\n", pay_class_info[c].title, sum->n, vnd, age,
                   pay_class_info[c].todo);
    }
}

static void totals_text(const struct sums *s, struct str *out) {
    char vnd[32], provider[24];
    str_printf(out, "\n%-13s %-10s %6s %18s", "PROVIDER", "STATUS", "N", "VND");
    for (unsigned age = 0; age < PAY_AGE_COUNT; age++)
        str_printf(out, " %6s", ages[age].title);
    str_putc(out, '\n');
    for (uint32_t i = 0; i < s->n_all; i++) {
        const struct sum *sum = &s->all[i];
        pay_amount(sum->vnd, vnd, sizeof vnd);
        text_clean_into(provider, sizeof provider, sum->provider, strlen(sum->provider));
        str_printf(out, "%-13s %-10s %6u %18s", provider, sum->status, sum->n, vnd);
        for (unsigned age = 0; age < PAY_AGE_COUNT; age++)
            str_printf(out, " %6u", sum->by_age[age]);
        str_putc(out, '\n');
    }
}

static void item_text(const struct pay_list *l, const struct pay_item *item, struct str *out) {
    char age[32], vnd[32], heals[48], id[80], provider[24];
    const struct pay_row *row = &item->row;
    pay_age(l->now_wall_s - row->created_wall_ms / 1000, age, sizeof age);
    pay_amount(row->amount_vnd, vnd, sizeof vnd);
    pay_heals_text(row, &item->verdict, heals, sizeof heals);
    text_clean_into(id, sizeof id, row->id, strlen(row->id));
    text_clean_into(provider, sizeof provider, row->provider, strlen(row->provider));
    str_printf(out, "%-18s %6s %18s  %-10s  %-13s %-20s %s\n",
               pay_class_info[item->verdict.cls].title, age, vnd, row->status_text, provider, heals,
               id);
}

static void cut_text(const struct pay_list *l, struct str *out) {
    if (l->cut)
        str_puts(out, "; there are more open ones: the oldest 20000 were looked at");
    if (l->credited_cut)
        str_puts(out, "; there are more credited ones: the newest 20000 were looked at");
}

void pay_list_text(const struct pay_list *l, struct str *out) {
    struct sums s;
    char vnd[32];
    add_all(l, &s);
    if (!l->n) {
        str_puts(out, l->narrowed ? "nothing: no payment is such a one; without conditions "
                                    "goodgo payments list shows all that is open"
                                  : "nothing: no payment is open, and none contradicts its "
                                    "messages");
        cut_text(l, out);
        str_putc(out, '\n');
        return;
    }
    classes_text(&s, out);
    totals_text(&s, out);
    str_printf(out, "\n%-18s %6s %18s  %-10s  %-13s %-20s %s\n", "CLASS", "AGE", "VND", "STATUS",
               "PROVIDER", "HEALS BY ITSELF?", "PAYMENT");
    for (uint32_t i = 0; i < l->n && i < l->limit; i++)
        item_text(l, l->items[i], out);
    pay_amount(s.vnd, vnd, sizeof vnd);
    str_printf(out, "\n%s, %s VND", COUNTED(l->n, "payment"), vnd);
    if (l->n > l->limit)
        str_printf(out, "; %s are shown, --limit shows more", GROUPED(l->limit));
    cut_text(l, out);
    str_puts(out, "; times of day are Vietnam's, +07");
    str_puts(out, "\ngoodgo payments show ID tells all of one\n");
}
