/* act/settle_evidence.c - see settle_priv.h: one pass over the file, for its SHA-256 and its rows.
 */
#include <string.h>
#include <strings.h>

#include "act/reconcile.h"
#include "base/text.h"
#include "io/file.h"
#include "settle_priv.h"

#define OP "payments.settle"

struct reading_of {
    struct evidence *e;
    const char *ref;
    int64_t amount_vnd;
    struct statement *statement;
    struct digest *digest;
    struct err why; /* it is no statement */
    bool unread, any;
    int fit;             /* of the line that was taken: see fit_of() */
    uint32_t line_alike; /* the first credit of this amount, with another reference */
    char ref_alike[48];
    char own_ref[80];
};

static bool is_word_byte(char c) {
    return char_is_digit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* As a word of its own: FT2612 is not in FT26123. */
static bool holds(const char *content, const char *ref) {
    size_t n = strlen(ref);
    for (const char *s = content; *s; s++)
        if ((s == content || !is_word_byte(s[-1])) && strncasecmp(s, ref, n) == 0 &&
            !is_word_byte(s[n]))
            return true;
    return false;
}

/* How well a line is that of the reference; 0: not at all. Some banks have it in the text alone,
 * but a line whose text names another one is not that one. */
static int fit_of(const struct reading_of *r, const struct statement_row *row) {
    bool own = strcasecmp(row->ref, r->ref) == 0;
    if (!own && !holds(row->content, r->ref))
        return 0;
    return 1 + (own ? 2 : 0) + (row->amount_vnd == r->amount_vnd ? 1 : 0);
}

static void take_line(struct reading_of *r, const struct statement_row *row, int fit) {
    bool own = strcasecmp(row->ref, r->ref) == 0;
    r->fit = fit;
    r->e->line = row->line;
    r->e->amount_vnd = row->amount_vnd;
    text_clean_into(r->own_ref, sizeof r->own_ref, row->ref, own ? 0 : strlen(row->ref));
}

static bool on_row(void *ctx, const struct statement_row *row, struct err *err) {
    struct reading_of *r = ctx;
    int fit = fit_of(r, row);
    const char *name = *row->ref ? row->ref : row->content;
    if (fit && row->amount_vnd < 0) {
        r->e->line_out = row->line;
    } else if (fit > r->fit) {
        take_line(r, row, fit);
    } else if (!r->line_alike && row->amount_vnd == r->amount_vnd) {
        r->line_alike = row->line;
        text_clean_into(r->ref_alike, sizeof r->ref_alike, name, strlen(name));
    }
    return true;
}

static bool on_part(void *ctx, const char *bytes, size_t n, struct err *err) {
    struct reading_of *r = ctx;
    r->any = r->any || n;
    digest_add(r->digest, bytes, n);
    r->unread = r->unread || !statement_feed(r->statement, bytes, n, &r->why);
    return true;
}

static bool find(struct reading_of *r, struct err *err) {
    const struct evidence *e = r->e;
    if (e->line)
        return true;
    if (e->line_out)
        err_set(err, E_CONFIG, OP, r->ref, "is money that goes out, in line %u of %s", e->line_out,
                e->name);
    else if (r->line_alike)
        err_set(err, E_CONFIG, OP, r->ref,
                "is the reference of no line of %s; its line %u has this amount: %s", e->name,
                r->line_alike, r->ref_alike);
    else
        err_set(err, E_CONFIG, OP, r->ref,
                "is the reference of no line of %s, and no line of it has this amount", e->name);
    err->todo = "type what the statement says, or name the right statement";
    return false;
}

static bool read_rows(struct reading_of *r, const char *path, struct arena *a, struct err *err) {
    struct statement_summary sum;
    if (!readfile_parts(path, on_part, r, err))
        return false;
    digest_hex(r->digest, r->e->sha256);
    r->digest = NULL;
    if (!r->any) {
        err_set(err, E_CONFIG, OP, "--evidence", "is empty: it proves nothing");
        err->todo = "name the bank's statement";
        return false;
    }
    r->unread = r->unread || !statement_end(r->statement, &sum, &r->why);
    r->e->own_ref = *r->own_ref ? arena_strdup(a, r->own_ref) : NULL;
    if (!r->unread)
        return find(r, err);
    r->e->unread = arena_strdup(a, r->why.why);
    r->e->line = r->e->line_out = 0;
    return true;
}

bool evidence_read(const struct act_input *in, const char *path, const char *ref,
                   int64_t amount_vnd, struct evidence *ret, struct err *err) {
    struct reconcile_request q;
    *ret = (struct evidence){.name = text_cleanz(in->arena, path_name(path)).s};
    if (!reconcile_request_make(in->settings, in->state_dir, in->arena, &q, err))
        return false;
    const struct statement_layout **banks =
        arena_alloc(in->arena, (q.n_layouts + 1) * sizeof *banks);
    struct reading_of r = {.e = ret, .ref = ref, .amount_vnd = amount_vnd};
    r.statement = statement_new(ret->name, banks, reconcile_layouts(&q, false, banks), on_row, &r);
    r.digest = digest_sha256_new();
    bool ok = read_rows(&r, path, in->arena, err);
    digest_free(r.digest);
    statement_free(r.statement);
    return ok;
}
