/* recon/statement.c - from bytes to records: each a header, an entry (statement_entry.c), or
 * something between them. See codec/statement.h. */
#include "statement_priv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"

#define OP         "statement"
#define WORDS_OPEN "so du dau|opening balance|so du ban dau"
#define WORDS_END  "so du cuoi|closing balance|ending balance"
#define WORDS_ACCT "so tai khoan|tai khoan so|account no|account number|so tk"

struct statement *statement_new(const char *file, const struct statement_layout *const *layouts,
                                uint32_t n_layouts, statement_row_fn on_row, void *ctx) {
    struct statement *s = mem_zeroed(sizeof *s);
    s->file = file;
    s->layouts = layouts;
    s->n_layouts = n_layouts;
    s->on_row = on_row;
    s->ctx = ctx;
    s->line = s->record_line = 1;
    str_init(&s->decoded, (size_t)1 << 30); /* as large as what is fed */
    str_init(&s->record, STATEMENT_MAX_RECORD);
    str_init(&s->cells, 3 * STATEMENT_MAX_RECORD);
    balance_begin(&s->balance);
    return s;
}

void statement_free(struct statement *s) {
    if (!s)
        return;
    str_done(&s->decoded);
    str_done(&s->record);
    str_done(&s->cells);
    free(s);
}

bool statement_fail(const struct statement *s, uint32_t line, uint32_t column, const char *why,
                    const char *what, struct err *err) {
    char at[96];
    size_t n = strlen(s->file);
    snprintf(at, sizeof at, "%s:%u:%u", n > 60 ? s->file + n - 60 : s->file, line, column);
    return what ? err_set(err, E_PROTOCOL, OP, at, "\"%.60s\" %s", what, why)
                : err_set(err, E_PROTOCOL, OP, at, "%s", why);
}

bool statement_fail_cell(const struct statement *s, const struct cell *c, const char *why,
                         struct err *err) {
    return statement_fail(s, c->line, c->column, why, c->s, err);
}

bool cell_is_blank(const char *s) {
    return s[strspn(s, " \t\r\n")] == '\0';
}

/* --- what stands around the rows --- */

/* Digits of the account, from behind its name in this cell or from the next one that has some. */
static void take_account(struct statement *s, const struct cell *cells, uint32_t n, uint32_t i) {
    const char *at = strchr(cells[i].s, ':');
    for (uint32_t k = i; k < n; k++, at = k < n ? cells[k].s : NULL) {
        char digits[sizeof s->account];
        size_t used = 0;
        for (; at && *at && used + 1 < sizeof digits; at++) {
            if (char_is_digit(*at))
                digits[used++] = *at;
            else if (used && *at != ' ' && *at != '-' && *at != '.')
                break;
        }
        digits[used] = '\0';
        if (used >= 6) {
            str_copy(s->account, sizeof s->account, digits);
            return;
        }
    }
}

/* The amount behind such words: in this cell after a colon, or in one to the right. */
static bool amount_beside(const struct cell *cells, uint32_t n, uint32_t i, int64_t *ret) {
    const char *why, *colon = strchr(cells[i].s, ':');
    if (colon && statement_amount(colon + 1, ret, &why))
        return true;
    for (uint32_t k = i + 1; k < n; k++)
        if (!cell_is_blank(cells[k].s))
            return statement_amount(cells[k].s, ret, &why);
    return false;
}

static bool close_sheet(struct statement *s, const struct cell *at, struct err *err) {
    int64_t expected = 0;
    char why[120];
    bool ok = balance_close(&s->balance, &expected);
    s->proved += s->balance.proved;
    if (!ok) {
        const char *makes = !s->balance.has_closing ? "the rows begin with another opening balance,"
                            : !s->balance.has_opening ? "is another balance than the rows end with,"
                                                      : "opening balance and rows make";
        snprintf(why, sizeof why, "%s %lld: a row is missing or changed", makes,
                 (long long)expected);
        statement_fail(s, at ? at->line : s->line, at ? at->column : 1, why, at ? at->s : NULL,
                       err);
    }
    balance_begin(&s->balance);
    return ok;
}

static bool take_aside(struct statement *s, const struct cell *cells, uint32_t n, struct err *err) {
    struct str folded;
    bool ok = true;
    str_init(&folded, STATEMENT_MAX_RECORD);
    for (uint32_t i = 0; ok && i < n; i++) {
        str_clear(&folded);
        header_fold(&folded, cells[i].s);
        const char *text = str_get(&folded);
        struct balance *b = &s->balance;
        if (header_holds(text, WORDS_OPEN))
            b->has_opening = amount_beside(cells, n, i, &b->opening) || b->has_opening;
        else if (header_holds(text, WORDS_END) && amount_beside(cells, n, i, &b->closing)) {
            b->has_closing = true;
            if (b->rows)
                ok = close_sheet(s, &cells[i], err);
        } else if (header_holds(text, WORDS_ACCT))
            take_account(s, cells, n, i);
    }
    str_done(&folded);
    return ok;
}

/* --- records --- */

/* A file that is not UTF-8 is Windows-1258 from its first such record on. */
static void to_utf8(struct statement *s) {
    struct str out;
    enum encoding *e = &s->decoder.encoding;
    if (*e == ENCODING_UTF8 && !text_is_utf8(s->record.s, s->record.len))
        *e = ENCODING_1258;
    if (*e != ENCODING_1258)
        return;
    str_init(&out, 3 * STATEMENT_MAX_RECORD);
    encoding_from_1258(s->record.s, s->record.len, &out);
    str_done(&s->record);
    s->record = out;
    s->record.max = STATEMENT_MAX_RECORD > out.len ? STATEMENT_MAX_RECORD : out.len;
}

/* Above the header: the one that stands most often, for a comma is also in amounts. */
static char guess_separator(const struct str *record) {
    static const char separators[] = {'\t', ';', ','};
    size_t count[3] = {0}, best = 2;
    for (size_t i = 0; i < record->len; i++)
        for (size_t k = 0; k < 3; k++)
            count[k] += record->s[i] == separators[k];
    for (size_t k = 3; k-- > 0;)
        if (count[k] && count[k] >= count[best])
            best = k;
    return separators[best];
}

static bool take_header(struct statement *s) {
    struct header found;
    char separator = s->header.layout ? s->header.separator : '\0';
    if (!header_find(s->layouts, s->n_layouts, s->record.s, s->record.len, separator, &found))
        return false;
    s->header = found;
    s->status_text[0] = '\0';
    s->state.separator = found.separator;
    return true;
}

static bool is_line_end(char c) {
    return c == '\r' || c == '\n' || c == '\0';
}

static bool take_record(struct statement *s, struct err *err) {
    struct cell cells[STATEMENT_MAX_CELLS];
    uint32_t n;
    while (s->record.len && is_line_end(s->record.s[s->record.len - 1]))
        s->record.s[--s->record.len] = '\0';
    if (!s->record.len)
        return true;
    if (memchr(s->record.s, '\0', s->record.len))
        return statement_fail(s, s->record_line, 1, "a NUL byte: this is no text", NULL, err);
    to_utf8(s);
    char separator = s->header.layout ? s->header.separator : guess_separator(&s->record);
    str_clear(&s->cells);
    str_add(&s->cells, s->record.s, s->record.len); /* splitting spoils it */
    if (!record_split(s->cells.s, s->cells.len, separator, s->record_line, cells, &n))
        return statement_fail(s, s->record_line, 1, "more than 64 cells in a row", NULL, err);
    if (entry_begins(s, cells, n))
        return entry_take(s, cells, n, err);
    if (take_header(s)) /* of the next account, where one came before */
        return !s->balance.rows || close_sheet(s, NULL, err);
    s->sum.skipped++;
    return take_aside(s, cells, n, err);
}

static bool is_no_text(const struct statement *s) {
    const char *r = str_get(&s->record);
    return s->record_line == 1 && s->record.len >= 4 &&
           (!memcmp(r, "PK\3\4", 4) || !memcmp(r, "\xD0\xCF\x11\xE0", 4) || !memcmp(r, "<htm", 4) ||
            !memcmp(r, "<!DO", 4) || !memcmp(r, "<tab", 4));
}

/* Adds a part of a record, its last one where `ends`. */
static bool take_part(struct statement *s, const char *bytes, size_t n, bool ends,
                      struct err *err) {
    str_add(&s->record, bytes, n);
    if (is_no_text(s))
        return statement_fail(s, 1, 1, "a workbook or a web page: save it as CSV first", NULL, err);
    if (s->record.toobig)
        return statement_fail(s, s->record_line, 1, "a row over 64 KiB: is a quote never closed?",
                              NULL, err);
    if (!ends)
        return true;
    bool ok = take_record(s, err);
    str_clear(&s->record);
    s->record_line = s->line;
    return ok;
}

static uint32_t count_lines(const char *s, size_t n) {
    uint32_t lines = 0;
    for (const char *end = s + n; (s = memchr(s, '\n', (size_t)(end - s))); s++)
        lines++;
    return lines;
}

static bool fail_encoding(const struct statement *s, const struct text_wide *wide,
                          struct err *err) {
    char why[80];
    snprintf(why, sizeof why, "the file is %s, which is not read", wide->name);
    statement_fail(s, 1, 1, why, NULL, err);
    err->todo = wide->todo;
    return false;
}

static bool feed(struct statement *s, const char *bytes, size_t n, bool end, struct err *err) {
    str_clear(&s->decoded);
    decoder_feed(&s->decoder, bytes, n, end, &s->decoded);
    if (s->decoder.refused)
        return fail_encoding(s, s->decoder.refused, err);
    const char *text = str_get(&s->decoded);
    for (size_t from = 0, part; from < s->decoded.len; from += part) {
        bool ends;
        part = record_scan(&s->state, text + from, s->decoded.len - from, &ends);
        s->line += count_lines(text + from, part);
        if (!take_part(s, text + from, part, ends, err))
            return false;
    }
    return true;
}

bool statement_feed(struct statement *s, const char *bytes, size_t n, struct err *err) {
    return feed(s, bytes, n, false, err);
}

bool statement_end(struct statement *s, struct statement_summary *ret, struct err *err) {
    if (!feed(s, "", 0, true, err))
        return false;
    if (s->state.quoted && !s->state.was_quote)
        return statement_fail(s, s->record_line, 1, "the file ends inside quotes", NULL, err);
    if (s->record.len && !take_record(s, err))
        return false;
    if (!s->header.layout)
        return statement_fail(
            s, s->line, 1,
            "no header row of a known layout was found; see payments.statement and "
            "payments.gateway in PAYMENTS.md",
            NULL, err);
    if (!close_sheet(s, NULL, err))
        return false;
    s->sum.layout = s->header.layout;
    s->sum.encoding = encoding_name(s->decoder.encoding);
    s->sum.proved = s->proved;
    *ret = s->sum;
    return true;
}
