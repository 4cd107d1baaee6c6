/* tests/fuzz/fuzz_statement.c - any bytes as a statement, whole and byte by byte: the same rows,
 * all amounts within bounds, errors that point at a line; any line as a layout of the config. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "codec/recon.h"
#include "codec/statement.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen {
    uint64_t rows, sum;
};

static struct recon_filter *filter;

static void on_ref(void *ctx, const char *ref, size_t n) {
    const struct recon_text *t = ctx;
    if (ref < t->s || ref + n > t->s + t->n || n < RECON_MIN_REF || n > RECON_MAX_REF)
        abort();
}

static void read_content(const char *content) {
    struct recon_text t;
    recon_normal(&t, content);
    if (t.n > RECON_MAX_CONTENT || strlen(t.s) != t.n)
        abort();
    recon_references(&t, filter, on_ref, &t);
    (void)recon_almost(&t, "ORD5001", 7);
    (void)recon_has_prefix(&t, "ORD");
}

static bool on_row(void *ctx, const struct statement_row *r, struct err *err) {
    struct seen *s = ctx;
    if (r->amount_vnd > STATEMENT_MAX_VND || r->amount_vnd < -STATEMENT_MAX_VND || !r->account ||
        !r->ref || !r->content || r->day < 0)
        abort();
    read_content(r->content);
    s->rows++;
    s->sum = s->sum * 31 + (uint64_t)r->amount_vnd + (uint64_t)r->day + strlen(r->content);
    return true;
}

static bool read_by(const char *bytes, size_t n, size_t step, struct seen *seen) {
    struct statement_summary sum;
    struct err err = {0};
    *seen = (struct seen){0};
    struct statement *s =
        statement_new("fuzz", statement_layouts, n_statement_layouts, on_row, seen);
    bool ok = true;
    for (size_t at = 0; ok && at < n; at += step)
        ok = statement_feed(s, bytes + at, n - at < step ? n - at : step, &err);
    ok = ok && statement_end(s, &sum, &err);
    statement_free(s);
    if (!ok && (!err.why[0] || strncmp(err.target, "fuzz:", 5) != 0))
        abort();
    if (ok && (sum.rows != seen->rows || !sum.layout))
        abort();
    return ok;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (!filter) {
        filter = recon_filter_new();
        recon_filter_add(filter, "ORD5001", 7);
    }
    struct seen whole, bytewise;
    struct statement_layout l;
    struct err err;
    struct arena a;
    char *copy = malloc(size + 1); /* exact size: an overrun is seen */
    if (size)
        memcpy(copy, data, size);
    bool one = read_by(copy, size, size ? size : 1, &whole);
    bool two = read_by(copy, size, 1, &bytewise);
    if (one != two || whole.rows != bytewise.rows || whole.sum != bytewise.sum)
        abort();
    copy[size] = '\0';
    arena_init(&a);
    for (int gateway = 0; gateway < 2; gateway++)
        if (statement_layout_parse(&a, copy, gateway, "fuzz:1", &l, &err) && !l.n_columns)
            abort();
    arena_done(&a);
    free(copy);
    return 0;
}
