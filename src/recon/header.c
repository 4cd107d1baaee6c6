/* recon/header.c - the row that names the columns, found by folded words; and which bank's it is.
 */
#include "statement_priv.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"

void header_fold(struct str *out, const char *s) {
    struct str folded;
    str_init(&folded, 4 * STATEMENT_MAX_RECORD);
    text_fold(&folded, s);
    bool gap = false;
    char before = '/'; /* no blank at the beginning either */
    for (const char *at = str_get(&folded); *at; at++) {
        bool blank = strchr(" \t\r\n", *at) || (unsigned char)*at == 0x7f;
        if (!blank) {
            if (gap && before != '/' && *at != '/')
                str_putc(out, ' ');
            str_putc(out, *at);
            before = *at;
        }
        gap = blank || (gap && blank);
    }
    str_done(&folded);
}

bool header_holds(const char *folded, const char *words) {
    char word[80];
    while (words && *words) {
        size_t n = strcspn(words, "|");
        if (n && n < sizeof word) {
            memcpy(word, words, n);
            word[n] = '\0';
            /* "=debit": nothing else may stand beside it. */
            if (word[0] == '=' ? !strcmp(folded, word + 1) : strstr(folded, word) != NULL)
                return true;
        }
        words += n + (words[n] == '|');
    }
    return false;
}

static bool fits(const struct statement_layout *l, const struct str *folded, uint32_t n,
                 struct header *ret) {
    bool taken[STATEMENT_MAX_CELLS] = {false};
    ret->layout = l;
    ret->found = 0;
    for (int i = 0; i < COLUMN_COUNT; i++)
        ret->at[i] = -1;
    for (uint32_t c = 0; c < l->n_columns; c++) {
        const struct statement_column *column = &l->columns[c];
        for (uint32_t i = 0; i < n && ret->at[column->role] < 0; i++)
            if (!taken[i] && header_holds(str_get(&folded[i]), column->words)) {
                ret->at[column->role] = (int)i;
                taken[i] = true;
                ret->found++;
            }
        if (ret->at[column->role] < 0 && !column->optional)
            return false;
    }
    return true;
}

static void find_with(const struct statement_layout *const *layouts, uint32_t n, const char *record,
                      size_t n_bytes, char separator, struct header *best) {
    struct cell cells[STATEMENT_MAX_CELLS];
    struct str folded[STATEMENT_MAX_CELLS];
    struct header h = {.separator = separator};
    uint32_t n_cells;
    char *copy = mem_alloc(n_bytes + 1);
    memcpy(copy, record, n_bytes);
    bool split = record_split(copy, n_bytes, separator, 1, cells, &n_cells) && n_cells > 1;
    h.n_cells = split ? n_cells : 0;
    for (uint32_t i = 0; split && i < n_cells; i++) {
        str_init(&folded[i], STATEMENT_MAX_RECORD);
        header_fold(&folded[i], cells[i].s);
    }
    for (uint32_t i = 0; split && i < n; i++)
        if (fits(layouts[i], folded, n_cells, &h) && h.found > best->found)
            *best = h;
    for (uint32_t i = 0; split && i < n_cells; i++)
        str_done(&folded[i]);
    free(copy);
}

bool header_find(const struct statement_layout *const *layouts, uint32_t n, const char *record,
                 size_t n_bytes, char separator, struct header *ret) {
    static const char separators[] = {',', ';', '\t'};
    struct header best = {0};
    for (size_t i = 0; i < sizeof separators; i++)
        if (!separator || separator == separators[i])
            find_with(layouts, n, record, n_bytes, separators[i], &best);
    if (best.found)
        *ret = best;
    return best.found > 0;
}
