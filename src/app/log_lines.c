/* app/log_lines.c - lines of a log out of Loki: the address that asks, and what it answers. Pure.
 */
#include "pay_show_priv.h"

#include <string.h>

#include "base/text.h"
#include "wire/json.h"
#include "wire/url.h"

#define ANSWER_MAX ((size_t)4 << 20)
#define LINE_COLS  300

/* Inside a text of LogQL only these two need an escape. */
static void add_quoted(struct str *out, const char *s) {
    str_putc(out, '"');
    for (; *s; s++) {
        if (*s == '"' || *s == '\\')
            str_putc(out, '\\');
        str_putc(out, *s);
    }
    str_putc(out, '"');
}

const char *log_lines_url(struct arena *a, const char *base, const char *text, int64_t from_wall_s,
                          int64_t until_wall_s) {
    struct str query, url;
    for (const char *s = text; *s; s++)
        if ((unsigned char)*s < 0x20)
            return NULL;
    str_init(&query, 2048);
    str_init(&url, 8192);
    str_puts(&query, "{service=~\".+\"} |= ");
    add_quoted(&query, text);
    str_printf(&url, "%s/loki/api/v1/query_range?query=", base);
    url_escape(&url, str_get(&query), query.len);
    str_printf(&url, "&limit=%d&direction=backward&start=%lld000000000&end=%lld000000000",
               LOG_LINES_MAX, (long long)from_wall_s, (long long)until_wall_s);
    const char *whole =
        *text && !query.toobig && !url.toobig ? arena_strdup(a, str_get(&url)) : NULL;
    str_done(&query);
    str_done(&url);
    return whole;
}

static const char *label(struct arena *a, const struct json *stream, const char *path) {
    const char *s = json_string(stream, path);
    return s && *s ? text_clean(a, s, strlen(s), 40).s : NULL;
}

/* What Pino says; another program's line as it is. */
static const char *words(struct arena *a, const char *line) {
    struct err ignored;
    struct json *j = *line == '{' ? json_parse(line, strlen(line), ANSWER_MAX, &ignored) : NULL;
    const char *msg = json_string(j, "msg");
    const char *said = msg ? msg : line;
    struct text t = text_clean(a, said, strlen(said), LINE_COLS);
    json_free(j);
    return t.s;
}

/* Loki answers by stream: all of them in one order, the newest first. */
static void take(struct log_line *lines, uint32_t *n, struct log_line line) {
    uint32_t at = *n;
    while (at > 0 && lines[at - 1].wall_ms < line.wall_ms)
        at--;
    if (at == LOG_LINES_MAX)
        return;
    uint32_t move = *n < LOG_LINES_MAX ? (*n)++ - at : LOG_LINES_MAX - 1 - at;
    memmove(&lines[at + 1], &lines[at], move * sizeof line);
    lines[at] = line;
}

bool log_lines_read(const char *bytes, size_t n, struct arena *a,
                    struct log_line ret[LOG_LINES_MAX], uint32_t *ret_n, struct err *err) {
    struct json *j = json_parse(bytes, n, ANSWER_MAX, err);
    if (!j)
        return false;
    const struct json *result = json_get(j, "data.result");
    *ret_n = 0;
    for (const struct json *s = json_first(result); s; s = json_next(s))
        for (const struct json *v = json_first(json_get(s, "values")); v; v = json_next(v)) {
            const char *line = json_string(v, "[1]");
            int64_t at_ns;
            if (line && json_i64(v, "[0]", 0, INT64_MAX, &at_ns))
                take(ret, ret_n,
                     (struct log_line){at_ns / 1000000, label(a, s, "stream.service"),
                                       label(a, s, "stream.level"), words(a, line)});
        }
    bool is_answer = json_is_array(result);
    json_free(j);
    return is_answer || err_set(err, E_PROTOCOL, "loki.lines", "", "no lines of a log");
}
