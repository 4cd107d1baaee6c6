/* act/recon_read.c - the files of gateways and banks, each read once in parts, on a thread beside
 * the payments; their content is kept as a sum, for the report says what it was made from. */
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "io/file.h"
#include "recon_priv.h"
#include "wire/digest.h"

struct input {
    struct recon *r;
    const char *name; /* without directories: the report must not depend on where it was */
    bool gateway;
    struct statement *statement;
    struct digest *digest;
    struct str where; /* FILE:LINE of the present row */
};

/* --- gateways --- */

static bool know_provider(struct recon *r, const char *provider, int64_t day, struct err *err) {
    uint32_t i = 0;
    while (i < r->n_providers && strcmp(r->providers[i], provider) != 0)
        i++;
    if (i == RECON_PROVIDERS || strlen(provider) >= sizeof r->providers[0])
        return err_set(err, E_PROTOCOL, RECON_OP, provider, "is one provider too many");
    if (i == r->n_providers) {
        str_copy(r->providers[r->n_providers++], sizeof r->providers[0], provider);
        r->first_day[i] = r->last_day[i] = day;
    }
    r->first_day[i] = day < r->first_day[i] ? day : r->first_day[i];
    r->last_day[i] = day > r->last_day[i] ? day : r->last_day[i];
    return true;
}

bool recon_add_paid(struct recon *r, const struct recon_paid *x, struct err *err) {
    struct packer p;
    char key[RECON_MAX_REF + 1];
    if (!know_provider(r, x->provider, x->day, err))
        return false;
    r->report->read.gateway_vnd = int_add(r->report->read.gateway_vnd, x->amount_vnd);
    if (x->wall_s > r->paid_as_of_wall_s)
        r->paid_as_of_wall_s = x->wall_s;
    pack_start(&p, 'G');
    paid_pack(&p, x);
    size_t key_n = recon_order_key(*x->order_id ? x->order_id : x->tx_id, key);
    return sorter_add(r->paid, key, key_n, p.b, p.n, err);
}

/* Nothing bounds a file: what is beyond is told as of no order that is here. */
#define REFUNDED_MOST 20000u

static void keep_refunded(struct recon_files *f, const char *order_id) {
    if (f->n_refunded == REFUNDED_MOST)
        return;
    if (f->n_refunded == f->cap_refunded) {
        f->cap_refunded = f->cap_refunded ? 2 * f->cap_refunded : 64;
        f->refunded = mem_grow(f->refunded, f->cap_refunded * sizeof *f->refunded);
    }
    f->refunded[f->n_refunded++] = mem_strdup(order_id);
}

static bool on_paid(struct input *in, const struct statement_row *row, const char *where,
                    struct err *err) {
    struct recon_paid x = {.provider = row->provider,
                           .order_id = row->order_id,
                           .tx_id = row->tx_id,
                           .where = where,
                           .day = row->day,
                           .wall_s = row->wall_s,
                           .amount_vnd = row->amount_vnd,
                           .fee_vnd = row->fee_vnd,
                           .status = row->status};
    if (x.status == PAY_REFUNDED && recon_day_in(in->r, x.day))
        keep_refunded(&in->r->files, x.order_id);
    return recon_add_paid(in->r, &x, err);
}

/* --- banks --- */

/* Same account, reference, day and amount: the same entry in another export. Without a reference
 * the balance and the content have to tell. */
static size_t identity(const struct statement_row *row, char key[SORTER_MAX_KEY]) {
    struct packer p;
    pack_start(&p, '\0');
    p.n = 0;
    pack_text(&p, row->account);
    key_i64(p.b + p.n, row->day);
    p.n += 8;
    pack_text(&p, row->ref);
    key_i64(p.b + p.n, row->amount_vnd);
    p.n += 8;
    if (!*row->ref) {
        pack_i64(&p, row->has_balance ? row->balance_vnd : 0);
        pack_text(&p, row->content);
    }
    size_t n = p.n < SORTER_MAX_KEY ? p.n : SORTER_MAX_KEY;
    memcpy(key, p.b, n);
    return n;
}

static bool on_entry(struct input *in, const struct statement_row *row, const char *where,
                     struct err *err) {
    struct recon *r = in->r;
    struct packer p;
    char key[SORTER_MAX_KEY];
    struct recon_line x = {.seq = row->line,
                           .day = row->day,
                           .amount_vnd = row->amount_vnd,
                           .fee_vnd = row->fee_vnd,
                           .account = row->account,
                           .ref = row->ref,
                           .content = row->content,
                           .where = where};
    if (row->day > r->statement_last_day)
        r->statement_last_day = row->day;
    pack_start(&p, 'L');
    pack_text(&p, in->name);
    line_pack(&p, &x);
    return sorter_add(r->lines, key, identity(row, key), p.b, p.n, err);
}

/* --- files --- */

static bool on_row(void *ctx, const struct statement_row *row, struct err *err) {
    struct input *in = ctx;
    str_clear(&in->where);
    str_puts(&in->where, in->name);
    str_putc(&in->where, ':');
    str_int(&in->where, row->line);
    const char *where = str_get(&in->where);
    return in->gateway ? on_paid(in, row, where, err) : on_entry(in, row, where, err);
}

static bool on_part(void *ctx, const char *bytes, size_t n, struct err *err) {
    struct input *in = ctx;
    digest_add(in->digest, bytes, n);
    return !recon_stopped(in->r, err) && statement_feed(in->statement, bytes, n, err);
}

static bool read_file(struct recon *r, const char *path, bool gateway,
                      const struct statement_layout *const *layouts, uint32_t n, struct err *err) {
    struct statement_summary sum = {0};
    struct recon_file *f = &r->report->files[r->report->n_files++];
    const char *name = f->name;
    struct input in = {.r = r, .name = name, .gateway = gateway};
    in.statement = statement_new(in.name, layouts, n, on_row, &in);
    in.digest = digest_sha256_new();
    str_init(&in.where, RECON_WHERE_SIZE - 1);
    bool ok = readfile_parts(path, on_part, &in, err) && statement_end(in.statement, &sum, err);
    *f = (struct recon_file){.name = name,
                             .kind = gateway ? "gateway" : "statement",
                             .layout = sum.layout ? sum.layout->id : "",
                             .encoding = sum.encoding,
                             .rows = sum.rows,
                             .skipped = sum.skipped,
                             .proved = sum.proved};
    digest_hex(in.digest, f->sha256);
    statement_free(in.statement);
    str_done(&in.where);
    return ok;
}

uint32_t reconcile_layouts(const struct reconcile_request *q, bool gateway,
                           const struct statement_layout **ret) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < q->n_layouts; i++)
        if (q->layouts[i]->gateway == gateway)
            ret[n++] = q->layouts[i];
    return n;
}

static int by_sum(const struct recon_file *a, const struct recon_file *b) {
    int kind = strcmp(a->kind, b->kind), name = strcmp(a->name, b->name);
    return kind ? kind : name ? name : strcmp(a->sha256, b->sha256);
}

/* The order they were named in is no part of the input. */
static void sort_files(struct reconcile_report *report) {
    for (uint32_t i = 1; i < report->n_files; i++)
        for (uint32_t k = i; k > 0 && by_sum(&report->files[k], &report->files[k - 1]) < 0; k--) {
            struct recon_file swap = report->files[k];
            report->files[k] = report->files[k - 1];
            report->files[k - 1] = swap;
        }
}

/* Evidence is FILE:LINE, and the same entry in two files is told by their names. */
static bool names_differ(const struct reconcile_request *q, struct err *err) {
    const char *names[2 * RECONCILE_MAX_FILES];
    uint32_t n = 0;
    for (uint32_t i = 0; i < q->n_gateways; i++)
        names[n++] = path_name(q->gateways[i]);
    for (uint32_t i = 0; i < q->n_statements; i++)
        names[n++] = path_name(q->statements[i]);
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t k = 0; k < i; k++)
            if (!strcmp(names[i], names[k]))
                return err_set(err, E_CONFIG, RECON_OP, names[i],
                               "two files have this name: give one another");
    return true;
}

static void *read_files(void *arg) {
    struct recon *r = arg;
    const struct reconcile_request *q = r->q;
    struct recon_files *f = &r->files;
    bool ok = true;
    for (uint32_t i = 0; ok && i < q->n_gateways; i++)
        ok = read_file(r, q->gateways[i], true, f->of_gateways, f->n_of_gateways, &f->err);
    for (uint32_t i = 0; ok && i < q->n_statements; i++)
        ok = read_file(r, q->statements[i], false, f->of_banks, f->n_of_banks, &f->err);
    sort_files(r->report);
    atomic_store(&f->failed, !ok);
    return NULL;
}

/* The arena is not shared: names and layouts are there before. */
bool recon_files_begin(struct recon *r, struct err *err) {
    const struct reconcile_request *q = r->q;
    struct recon_files *f = &r->files;
    uint32_t n = q->n_gateways + q->n_statements;
    if (!names_differ(q, err))
        return false;
    f->of_gateways = arena_alloc(r->arena, (q->n_layouts + 1) * sizeof *f->of_gateways);
    f->of_banks = arena_alloc(r->arena, (q->n_layouts + 1) * sizeof *f->of_banks);
    f->n_of_gateways = reconcile_layouts(q, true, f->of_gateways);
    f->n_of_banks = reconcile_layouts(q, false, f->of_banks);
    r->report->files = arena_alloc(r->arena, (n + 1) * sizeof *r->report->files);
    for (uint32_t i = 0; i < n; i++)
        r->report->files[i].name =
            arena_strdup(r->arena, path_name(i < q->n_gateways ? q->gateways[i]
                                                               : q->statements[i - q->n_gateways]));
    recon_stage(r, "files", n);
    side_work_begin(&f->work, read_files, r);
    return true;
}

bool recon_files_end(struct recon *r, struct err *err) {
    side_work_end(&r->files.work);
    if (!atomic_load(&r->files.failed))
        return true;
    *err = r->files.err;
    return false;
}
