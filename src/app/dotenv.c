/* app/dotenv.c - parses the platform's .env: KEY=value lines with `export`, quotes, comments, CRLF,
 * a BOM, and ${VAR} expansion from earlier lines, so that nothing recurses. What expansion may make
 * of a small file is capped. Pure: bytes in, names and values out. */
#include "app/dotenv.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "base/text.h"

#define VALUE_MAX ((size_t)65536)
#define TOTAL_MAX ((size_t)4 << 20)
#define NAMES_MAX 1000
#define OTHER_MAX 4096 /* of ${NAME:-other} */

struct reader {
    const char *at, *end;
    uint32_t line;
    const char *file;
    struct env *env;
    bool bare_hash, bare_dollar; /* in the value that was read last */
};

void env_init(struct env *e, struct arena *arena) {
    *e = (struct env){.arena = arena};
}

static struct env_entry *find(const struct env *e, const char *name) {
    for (uint32_t i = 0; i < e->n; i++)
        if (!strcmp(e->entries[i].name, name))
            return &e->entries[i];
    return NULL;
}

const struct env_entry *env_entry(const struct env *e, const char *name) {
    return find(e, name);
}

const char *env_get(const struct env *e, const char *name) {
    const struct env_entry *found = find(e, name);
    return found && found->value[0] ? found->value : NULL;
}

static bool fail(const struct reader *r, struct err *err, const char *why) {
    char target[96];
    size_t n = strlen(r->file);
    /* The end of a long path is what tells files apart. */
    snprintf(target, sizeof target, "%s:%u", n > 70 ? r->file + n - 70 : r->file, r->line);
    err_set(err, E_CONFIG, "config.env", target, "%s", why);
    err->todo = "correct that line: NAME=value, a value with blanks or # in quotes";
    return false;
}

static void add_entry(struct env *e, struct env_entry entry) {
    e->entries = arena_grow(e->arena, e->entries, e->n, &e->cap, 64, sizeof *e->entries);
    e->entries[e->n++] = entry;
}

static bool set(struct reader *r, const char *name, const struct str *value, uint32_t line,
                struct err *err) {
    struct env *e = r->env;
    struct env_entry *old = find(e, name);
    e->total_bytes += value->len;
    if (e->total_bytes > TOTAL_MAX)
        return fail(r, err, "the values are longer than 4 MiB together");
    if (!old && e->n == NAMES_MAX)
        return fail(r, err, "more than 1000 names");
    struct env_entry entry = {.name = name,
                              .value = arena_strndup(e->arena, str_get(value), value->len),
                              .line = line,
                              .duplicate = old != NULL,
                              .bare_hash = r->bare_hash,
                              .bare_dollar = r->bare_dollar};
    if (old)
        *old = entry;
    else
        add_entry(e, entry);
    return true;
}

static bool name_char(char c, bool first) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' ||
           (!first && (char_is_digit(c) || c == '.'));
}

static void skip_blanks(struct reader *r) {
    while (r->at < r->end && (*r->at == ' ' || *r->at == '\t'))
        r->at++;
}

static void skip_line(struct reader *r) {
    while (r->at < r->end && *r->at != '\n')
        r->at++;
}

static const char *take_name(struct reader *r) {
    const char *start = r->at;
    while (r->at < r->end && name_char(*r->at, r->at == start))
        r->at++;
    return r->at > start ? arena_strndup(r->env->arena, start, (size_t)(r->at - start)) : NULL;
}

/* ${NAME} and ${NAME:-other}; an unknown name is empty, as in dotenv-expand. What is neither stands
 * for itself. */
static void expand(struct reader *r, char quote, struct str *out) {
    struct reader inner = *r;
    inner.at += 2;
    const char *name = take_name(&inner), *other = inner.at;
    if (inner.end - other >= 2 && other[0] == ':' && other[1] == '-')
        other += 2;
    const char *close = other;
    while (other > inner.at && close < r->end && close - other < OTHER_MAX && *close != '}' &&
           *close != '\n' && *close != quote)
        close++;
    if (!name || close == r->end || *close != '}') {
        str_putc(out, *r->at++);
        return;
    }
    const char *value = env_get(r->env, name);
    if (value)
        str_puts(out, value);
    else
        str_add(out, other, (size_t)(close - other));
    r->at = close + 1;
}

static bool starts_expansion(const struct reader *r) {
    return r->at + 1 < r->end && r->at[0] == '$' && r->at[1] == '{';
}

static bool starts_name(const struct reader *r) {
    return r->at + 1 < r->end && r->at[0] == '$' && name_char(r->at[1], true);
}

static void escape(struct reader *r, struct str *out) {
    static const char from[] = "nrt\"\\$'", to[] = "\n\r\t\"\\$'";
    const char *found = r->at + 1 < r->end ? strchr(from, r->at[1]) : NULL;
    if (found && *found) {
        str_putc(out, to[found - from]);
        r->at += 2;
    } else {
        str_putc(out, *r->at++);
    }
}

/* Behind a value: nothing but a comment. Leaves the reader at the LF or at the end. */
static bool line_end(struct reader *r, struct err *err) {
    if (r->at < r->end && *r->at == '#')
        skip_line(r);
    else if (r->at < r->end && *r->at == '\r' && (r->at + 1 == r->end || r->at[1] == '\n'))
        r->at++;
    if (r->at == r->end || *r->at == '\n')
        return true;
    return fail(r, err,
                *r->at == '\r' ? "a carriage return inside the line: end lines with LF or CR LF"
                               : "something stands after the closing quote");
}

/* A quoted value may span lines. */
static bool quoted(struct reader *r, struct str *out, struct err *err) {
    char quote = *r->at++;
    uint32_t opened = r->line;
    while (r->at < r->end && *r->at != quote && !out->toobig) {
        if (*r->at == '\n')
            r->line++;
        r->bare_dollar |= quote == '"' && starts_name(r);
        if (quote == '"' && *r->at == '\\')
            escape(r, out);
        else if (quote == '"' && starts_expansion(r))
            expand(r, quote, out);
        else
            str_putc(out, *r->at++);
    }
    if (out->toobig)
        return true; /* said by value() */
    if (r->at == r->end) {
        r->line = opened;
        return fail(r, err, "a quote is opened and never closed");
    }
    r->at++;
    skip_blanks(r);
    return true;
}

static void bare(struct reader *r, struct str *out) {
    while (r->at < r->end && *r->at != '\n' && *r->at != '\r' && !out->toobig) {
        bool comment = *r->at == '#' && (out->len == 0 || r->at[-1] == ' ' || r->at[-1] == '\t');
        if (comment)
            break;
        r->bare_hash |= *r->at == '#';
        r->bare_dollar |= starts_name(r);
        if (starts_expansion(r))
            expand(r, 0, out);
        else
            str_putc(out, *r->at++);
    }
    while (out->len && (out->s[out->len - 1] == ' ' || out->s[out->len - 1] == '\t'))
        out->s[--out->len] = 0;
}

static bool value(struct reader *r, struct str *out, struct err *err) {
    r->bare_hash = r->bare_dollar = false;
    skip_blanks(r);
    if (r->at < r->end && (*r->at == '"' || *r->at == '\'' || *r->at == '`')) {
        if (!quoted(r, out, err))
            return false;
    } else {
        bare(r, out);
    }
    if (out->toobig)
        return fail(r, err, "the value is longer than 64 KiB");
    if (out->len && memchr(out->s, 0, out->len))
        return fail(r, err, "a NUL byte inside a value");
    return line_end(r, err);
}

static void skip_export(struct reader *r) {
    if (r->end - r->at > 7 && !strncmp(r->at, "export", 6) && (r->at[6] == ' ' || r->at[6] == '\t'))
        r->at += 7;
    skip_blanks(r);
}

static bool line(struct reader *r, struct err *err) {
    skip_blanks(r);
    if (r->at == r->end || *r->at == '\n' || *r->at == '\r' || *r->at == '#')
        return line_end(r, err);
    skip_export(r);
    uint32_t at_line = r->line;
    const char *name = take_name(r);
    skip_blanks(r);
    if (!name || r->at == r->end || *r->at != '=')
        return fail(r, err, "expected NAME=value");
    r->at++;
    struct str out;
    str_init(&out, VALUE_MAX);
    bool ok = value(r, &out, err) && set(r, name, &out, at_line, err);
    str_done(&out);
    return ok;
}

bool env_parse(struct env *e, const char *file, const char *bytes, size_t n, struct err *err) {
    struct reader r = {.at = bytes, .end = bytes + n, .line = 1, .file = file, .env = e};
    const struct text_wide *wide = text_wide(bytes, n);
    if (wide) {
        fail(&r, err, arena_printf(e->arena, "it is %s, and only UTF-8 is read", wide->name));
        err->todo = wide->todo;
        return false;
    }
    if (n >= 3 && !memcmp(bytes, "\xEF\xBB\xBF", 3))
        r.at += 3;
    while (r.at < r.end) {
        if (!line(&r, err))
            return false;
        if (r.at < r.end) {
            r.at++;
            r.line++;
        }
    }
    return true;
}
