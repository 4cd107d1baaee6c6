/* act/archive_content.c - lets pg_restore write the archive's data as a script and sums the lines
 * of each COPY. A COPY is known by the very statement that the table of contents has for the table:
 * no line of data and no odd name can be taken for one. */
#include <stdlib.h>
#include <string.h>

#include "archive_priv.h"
#include "base/str.h"
#include "io/child.h"
#include "io/pgsession.h"

#define LINE_MAX_BYTES (64u * 1024u * 1024u)
#define TELL_BYTES     (1024u * 1024u)

struct source {
    struct toc_entry *entry;
    struct content_table table;
    bool own; /* its definition is in the archive too: not an extension's */
    bool read;
};

struct script {
    struct arena *arena;
    struct source *sources; /* in the order of the table of contents, as in the script */
    uint32_t n, next;       /* next: where to look first */
    struct source *open;    /* whose lines these are */
    struct str line;        /* begun in an earlier piece of output */
    struct str statement;   /* lines of a COPY whose names have newlines */
    uint64_t n_bytes, n_told;
    bool (*on_bytes)(void *ctx, uint64_t bytes, const char *table);
    void *ctx;
    bool too_long;
};

/* --- the columns of a COPY statement --- */

/* The end of a name: quoted, with "" inside for ", or bare. */
static const char *name_end(const char *s) {
    if (*s != '"')
        return s + strcspn(s, "., ()\n");
    for (s++; *s; s++) {
        if (*s != '"')
            continue;
        if (s[1] != '"')
            return s + 1;
        s++;
    }
    return s;
}

static void name_quoted(struct str *out, const char *s, const char *end) {
    if (*s != '"')
        str_putc(out, '"');
    str_add(out, s, (size_t)(end - s));
    if (*s != '"')
        str_putc(out, '"');
}

/* "COPY public.t (a, \"B\") FROM stdin;" -> "\"a\", \"B\"". */
static const char *columns_of(struct arena *a, const char *copy) {
    struct str out;
    const char *at = name_end(copy + strlen("COPY "));
    if (*at == '.')
        at = name_end(at + 1);
    at += strspn(at, " ");
    str_init(&out, LINE_MAX_BYTES);
    while (*at == '(' || *at == ',') {
        at += 1 + strspn(at + 1, " ");
        const char *end = name_end(at);
        if (end == at)
            break;
        str_puts(&out, out.len ? ", " : "");
        name_quoted(&out, at, end);
        at = end;
    }
    const char *columns = arena_strdup(a, str_get(&out));
    str_done(&out);
    return columns;
}

/* --- which tables must come --- */

static int entry_order(const struct archive_entry *x, const struct archive_entry *y) {
    int by_schema = strcmp(x->schema, y->schema);
    return by_schema ? by_schema : strcmp(x->name, y->name);
}
static int entry_compare(const void *a, const void *b) {
    return entry_order(*(const struct archive_entry *const *)a,
                       *(const struct archive_entry *const *)b);
}
static int table_compare(const void *a, const void *b) {
    const struct content_table *x = a, *y = b;
    int by_schema = strcmp(x->schema, y->schema);
    return by_schema ? by_schema : strcmp(x->name, y->name);
}

static const struct archive_entry **list_tables(const struct toc *t, struct arena *a,
                                                uint32_t *ret_n) {
    const struct archive_entry **tables = arena_alloc(a, ((size_t)t->n + 1) * sizeof *tables);
    uint32_t n = 0;
    for (uint32_t i = 0; i < t->n; i++)
        if (!strcmp(t->entries[i].entry.type, "TABLE"))
            tables[n++] = &t->entries[i].entry;
    qsort(tables, n, sizeof *tables, entry_compare);
    *ret_n = n;
    return tables;
}

static bool script_expect(struct script *s, const struct toc *t, const char *path,
                          struct err *err) {
    uint32_t n_tables;
    const struct archive_entry **tables = list_tables(t, s->arena, &n_tables);
    s->sources = arena_alloc(s->arena, ((size_t)t->n + 1) * sizeof *s->sources);
    for (uint32_t i = 0; i < t->n; i++) {
        struct toc_entry *e = &t->entries[i];
        const struct archive_entry *key = &e->entry;
        if (strcmp(e->entry.type, "TABLE DATA") != 0)
            continue;
        if (!str_starts(e->copy, "COPY "))
            return err_set(err, E_WRONG_THING, "archive.content", path,
                           "%s.%s is there as INSERT, not as COPY: only a drill can check it",
                           e->entry.schema, e->entry.name);
        struct source *src = &s->sources[s->n++];
        src->entry = e;
        src->own = bsearch(&key, tables, n_tables, sizeof *tables, entry_compare) != NULL;
        src->table = (struct content_table){.schema = e->entry.schema,
                                            .name = e->entry.name,
                                            .columns = columns_of(s->arena, e->copy)};
    }
    return true;
}

/* --- the script --- */

/* The source whose statement is what was gathered; *ret_begins: one may yet become it. */
static struct source *script_find(struct script *s, bool *ret_begins) {
    const char *statement = str_get(&s->statement);
    size_t n = s->statement.len;
    *ret_begins = false;
    for (uint32_t i = 0; i < s->n; i++) {
        struct source *src = &s->sources[(s->next + i) % s->n];
        if (src->read || strncmp(src->entry->copy, statement, n) != 0)
            continue;
        if (!src->entry->copy[n])
            return src;
        *ret_begins = true;
    }
    return NULL;
}

static void line_outside(struct script *s, const char *line, size_t n) {
    bool begins;
    if (!s->statement.len && (n < 5 || memcmp(line, "COPY ", 5) != 0))
        return;
    str_add(&s->statement, line, n);
    str_putc(&s->statement, '\n');
    struct source *src = script_find(s, &begins);
    if (src) {
        src->read = true;
        s->open = src;
        s->next = (uint32_t)(src - s->sources) + 1;
    }
    if (src || !begins)
        str_clear(&s->statement);
}

static void line_take(struct script *s, const char *line, size_t n) {
    if (!s->open)
        line_outside(s, line, n);
    else if (n == 2 && line[0] == '\\' && line[1] == '.')
        s->open = NULL;
    else {
        content_add(&s->open->table.sum, line, n);
        s->n_bytes += n + 1;
    }
}

static bool script_tell(struct script *s) {
    if (!s->on_bytes || (s->n_bytes - s->n_told < TELL_BYTES && s->n_told))
        return true;
    s->n_told = s->n_bytes;
    const struct content_table *t = s->open ? &s->open->table : NULL;
    return s->on_bytes(s->ctx, s->n_bytes, t ? t->name : "");
}

static bool on_script(void *ctx, const char *bytes, size_t n) {
    struct script *s = ctx;
    const char *end = bytes + n;
    for (const char *newline; (newline = memchr(bytes, '\n', (size_t)(end - bytes)));) {
        size_t part = (size_t)(newline - bytes);
        if (s->line.len) {
            str_add(&s->line, bytes, part);
            line_take(s, s->line.s, s->line.len);
            s->too_long |= s->line.toobig;
            str_clear(&s->line);
        } else {
            line_take(s, bytes, part);
        }
        bytes = newline + 1;
    }
    str_add(&s->line, bytes, (size_t)(end - bytes));
    s->too_long |= s->line.toobig || s->statement.toobig;
    return !s->too_long && script_tell(s);
}

/* --- the verdict --- */

static bool script_complete(const struct script *s, const char *path, struct err *err) {
    if (s->open)
        return err_set(err, E_PROTOCOL, "archive.content", path,
                       "the rows of %s.%s do not come to an end", s->open->table.schema,
                       s->open->table.name);
    for (uint32_t i = 0; i < s->n; i++)
        if (!s->sources[i].read)
            return err_set(err, E_PROTOCOL, "archive.content", path,
                           "pg_restore gave no rows of %s.%s", s->sources[i].table.schema,
                           s->sources[i].table.name);
    return true;
}

static bool script_run(struct script *s, const char *path, const char *pg_restore, int cancel_fd,
                       struct err *err) {
    const char *const argv[] = {pg_restore, "--data-only", "--file=-", "--", path, NULL};
    struct child_result result;
    struct child_spec spec = {.argv = argv,
                              .env = {"LC_ALL=C"},
                              .stdout_fd = -1,
                              .on_stdout = on_script,
                              .ctx = s,
                              .cancel_fd = cancel_fd};
    bool ran = child_run(&spec, &result, err);
    if (s->too_long)
        return err_set(err, E_TOO_BIG, "archive.content", path, "a row is larger than %u MiB",
                       LINE_MAX_BYTES >> 20);
    if (ran && result.exit_code != 0)
        return err_set(err, E_PROTOCOL, "archive.content", path, "in the data of %s: %s",
                       s->open ? s->open->table.name : "no table", result.last_line);
    return ran && script_complete(s, path, err);
}

static void script_result(const struct script *s, struct content *ret) {
    struct content c = {.tables = arena_alloc(s->arena, ((size_t)s->n + 1) * sizeof *c.tables)};
    for (uint32_t i = 0; i < s->n; i++) {
        if (!s->sources[i].own)
            continue;
        c.tables[c.n] = s->sources[i].table;
        c.tables[c.n].estimated_bytes = (int64_t)c.tables[c.n].sum.bytes;
        c.n++;
    }
    qsort(c.tables, c.n, sizeof *c.tables, table_compare);
    *ret = c;
}

bool archive_content(const char *path, const char *pg_restore, int cancel_fd, struct arena *a,
                     bool (*on_bytes)(void *ctx, uint64_t bytes, const char *table), void *ctx,
                     struct content *ret, struct err *err) {
    struct toc t;
    struct script s = {.arena = a, .on_bytes = on_bytes, .ctx = ctx};
    size_t n = strlen(path);
    const char *target = n > 90 ? path + n - 90 : path;
    if (!archive_read_toc(path, true, cancel_fd, a, &t, err) ||
        !tool_reads(pg_restore, path, t.minor, err) || !script_expect(&s, &t, target, err))
        return false;
    str_init(&s.line, LINE_MAX_BYTES);
    str_init(&s.statement, LINE_MAX_BYTES);
    bool ok = script_run(&s, path, pg_restore, cancel_fd, err);
    str_done(&s.line);
    str_done(&s.statement);
    if (ok)
        script_result(&s, ret);
    return ok;
}
