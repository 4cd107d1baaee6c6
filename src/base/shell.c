/* base/shell.c - quoting for a POSIX shell; see base/shell.h. */
#include "base/shell.h"

#include <stdarg.h>
#include <string.h>

#define PLAIN                                                                                      \
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"                               \
    "_-./:,@%+="
#define WORD_MAX ((size_t)64 << 10)

static void put_quoted(struct str *out, const char *word) {
    str_putc(out, '\'');
    for (; *word; word++)
        if (*word == '\'')
            str_puts(out, "'\\''"); /* ends the quotes, one quote, begins them again */
        else
            str_putc(out, *word);
    str_putc(out, '\'');
}

static void put_word(struct str *out, const char *word) {
    /* zsh looks for a command of the name behind a leading "=". */
    if (*word && *word != '=' && strspn(word, PLAIN) == strlen(word))
        str_puts(out, word);
    else
        put_quoted(out, word);
}

void shell_put(struct str *out, const char *fmt, ...) {
    struct str word;
    va_list args;
    str_init(&word, WORD_MAX);
    va_start(args, fmt);
    str_vprintf(&word, fmt, args);
    va_end(args);
    out->toobig = out->toobig || word.toobig;
    put_word(out, str_get(&word));
    str_done(&word);
}

const char *shell_word(struct arena *a, const char *word) {
    struct str out;
    str_init(&out, 4 * WORD_MAX + 3);
    put_word(&out, word);
    const char *ret = arena_strdup(a, str_get(&out));
    str_done(&out);
    return ret;
}
