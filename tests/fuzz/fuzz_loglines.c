/* tests/fuzz/fuzz_loglines.c - any bytes as Loki's answer, and as what is looked for in the logs:
 * its lines are clean and in order, and no text gets out of its quotes in LogQL. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "codec/loglines.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(const char *s) {
    if (s && !text_is_utf8(s, strlen(s)))
        abort();
    for (; s && *s; s++)
        if ((unsigned char)*s < 0x20)
            abort();
}

static void read_answer(const char *bytes, size_t n, struct arena *a) {
    struct log_lines lines;
    struct err err;
    if (!log_lines_read(bytes, n, a, &lines, &err))
        return;
    for (uint32_t i = 0; i < lines.n; i++) {
        const struct log_line *l = &lines.list[i];
        if (i && l[-1].at_ns < l->at_ns)
            abort();
        check_text(l->service);
        check_text(l->level);
        check_text(l->context);
        check_text(l->message);
        check_text(l->correlation_id);
        check_text(l->method);
        check_text(l->url);
    }
}

/* Outside of its quotes the query has nothing of ours: `{service=""} |= "" |~ ""`. */
static void ask(const char *text) {
    static const char bare[] = "{service=} |=  |~ ";
    const struct log_question q = {.service = text, .text = text, .pattern = text};
    struct str query, outside;
    bool quoted = false;
    str_init(&query, LOG_QUERY_MAX);
    str_init(&outside, LOG_QUERY_MAX);
    bool ok = log_query(&q, &query);
    for (const char *s = str_get(&query); ok && *s; s++) {
        if (quoted && *s == '\\' && s[1])
            s++;
        else if (*s == '"')
            quoted = !quoted;
        else if (!quoted)
            str_putc(&outside, *s);
    }
    if (ok && (quoted || strcmp(str_get(&outside), bare) != 0))
        abort();
    str_done(&query);
    str_done(&outside);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena a;
    char *copy = malloc(size + 1); /* exact size and its NUL: an overrun is seen */
    if (size)
        memcpy(copy, data, size);
    copy[size] = 0;
    arena_init(&a);
    read_answer(copy, size, &a);
    ask(copy);
    free(copy);
    arena_done(&a);
    return 0;
}
