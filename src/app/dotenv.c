/* app/dotenv.c - parses the platform's .env: KEY=value lines with `export`, quotes, comments, CRLF,
 * a BOM, and ${VAR} expansion from earlier lines. Pure: bytes in, names and values out. */
#include "app/dotenv.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"

#define VALUE_MAX ((size_t)65536)

struct reader {
    const char *at, *end;
    uint32_t line;
    const char *file;
    struct env *env;
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

static void set(struct env *e, const char *name, const char *value, uint32_t line) {
    struct env_entry *old = find(e, name);
    if (old) {
        old->value = value;
        old->line = line;
        old->duplicate = true;
        return;
    }
    if (e->n == e->cap) {
        uint32_t cap = e->cap ? e->cap * 2 : 64;
        struct env_entry *more = arena_alloc(e->arena, cap * sizeof *more);
        if (e->n)
            memcpy(more, e->entries, e->n * sizeof *more);
        e->entries = more;
        e->cap = cap;
    }
    e->entries[e->n++] = (struct env_entry){.name = name, .value = value, .line = line};
}

static bool fail(const struct reader *r, struct err *err, const char *why) {
    char target[160];
    size_t n = strlen(r->file);
    /* The end of a long path is what tells files apart. */
    const char *tail = n > 80 ? r->file + n - 80 : r->file;
    struct str at;
    str_init(&at, sizeof target - 1);
    str_printf(&at, "%s:%u", tail, r->line);
    str_copy(target, sizeof target, str_get(&at));
    str_done(&at);
    return err_set(err, E_CONFIG, "config.env", target, "%s", why);
}

static bool name_char(char c, bool first) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' ||
           (!first && ((c >= '0' && c <= '9') || c == '.'));
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

/* ${NAME} and ${NAME:-other}; an unknown name is empty, as in dotenv-expand. `$` alone is itself.
 */
static void expand(struct reader *r, struct str *out) {
    const char *close = memchr(r->at, '}', (size_t)(r->end - r->at));
    const char *newline = memchr(r->at, '\n', (size_t)(r->end - r->at));
    if (!close || (newline && newline < close)) {
        str_putc(out, *r->at++);
        return;
    }
    struct reader inner = *r;
    inner.at += 2;
    const char *name = take_name(&inner);
    const char *value = name ? env_get(r->env, name) : NULL;
    if (!name)
        str_add(out, r->at, (size_t)(close + 1 - r->at));
    else if (value)
        str_puts(out, value);
    else if (inner.at + 2 <= close && inner.at[0] == ':' && inner.at[1] == '-')
        str_add(out, inner.at + 2, (size_t)(close - inner.at - 2));
    r->at = close + 1;
}

static bool starts_expansion(const struct reader *r) {
    return r->at + 1 < r->end && r->at[0] == '$' && r->at[1] == '{';
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

/* A quoted value may span lines. */
static bool quoted(struct reader *r, struct str *out, struct err *err) {
    char quote = *r->at++;
    uint32_t opened = r->line;
    while (r->at < r->end && *r->at != quote) {
        if (*r->at == '\n')
            r->line++;
        if (quote == '"' && *r->at == '\\')
            escape(r, out);
        else if (quote == '"' && starts_expansion(r))
            expand(r, out);
        else
            str_putc(out, *r->at++);
    }
    if (r->at == r->end) {
        r->line = opened;
        return fail(r, err, "a quote is opened and never closed");
    }
    r->at++;
    skip_blanks(r);
    if (r->at < r->end && *r->at != '\n' && *r->at != '\r' && *r->at != '#')
        return fail(r, err, "something stands after the closing quote");
    return true;
}

static void bare(struct reader *r, struct str *out) {
    while (r->at < r->end && *r->at != '\n' && *r->at != '\r') {
        bool comment = *r->at == '#' && (out->len == 0 || r->at[-1] == ' ' || r->at[-1] == '\t');
        if (comment)
            break;
        if (starts_expansion(r))
            expand(r, out);
        else
            str_putc(out, *r->at++);
    }
    while (out->len && (out->s[out->len - 1] == ' ' || out->s[out->len - 1] == '\t'))
        out->s[--out->len] = 0;
}

static bool value(struct reader *r, struct str *out, struct err *err) {
    skip_blanks(r);
    if (r->at < r->end && (*r->at == '"' || *r->at == '\'')) {
        if (!quoted(r, out, err))
            return false;
    } else {
        bare(r, out);
    }
    skip_line(r);
    if (out->toobig)
        return fail(r, err, "the value is longer than 64 KiB");
    if (out->len && memchr(out->s, 0, out->len))
        return fail(r, err, "a NUL byte inside a value");
    return true;
}

static bool take_export(struct reader *r) {
    if (r->end - r->at > 7 && !strncmp(r->at, "export", 6) && (r->at[6] == ' ' || r->at[6] == '\t'))
        r->at += 7;
    skip_blanks(r);
    return true;
}

static bool line(struct reader *r, struct err *err) {
    skip_blanks(r);
    if (r->at == r->end || *r->at == '\n' || *r->at == '\r' || *r->at == '#') {
        skip_line(r);
        return true;
    }
    take_export(r);
    uint32_t at_line = r->line;
    const char *name = take_name(r);
    skip_blanks(r);
    if (!name || r->at == r->end || *r->at != '=')
        return fail(r, err, "expected NAME=value");
    r->at++;
    struct str out;
    str_init(&out, VALUE_MAX);
    bool ok = value(r, &out, err);
    if (ok)
        set(r->env, name, arena_strdup(r->env->arena, str_get(&out)), at_line);
    str_done(&out);
    return ok;
}

bool env_parse(struct env *e, const char *file, const char *bytes, size_t n, struct err *err) {
    struct reader r = {.at = bytes, .end = bytes + n, .line = 1, .file = file, .env = e};
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
