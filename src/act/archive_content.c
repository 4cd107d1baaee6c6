/* act/archive_content.c - sums the lines of each table's COPY in an archive. The blocks of the
 * custom format are read by ourselves, several at once; of the other formats pg_restore writes the
 * data as a script. There a COPY is known by the very statement that the table of contents has for
 * the table: no line of data and no odd name can be taken for one. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "archive_priv.h"
#include "base/str.h"
#include "drill_priv.h"
#include "io/cancel.h"
#include "io/child.h"
#include "io/pgsession.h"
#include "io/worker.h"

#define LINE_MAX_BYTES (64u * 1024u * 1024u)
#define TELL_BYTES     (1024u * 1024u)
#define READERS_MAX    4

struct source {
    struct toc_entry *entry;
    struct content_table table;
    bool own; /* its definition is in the archive too: not an extension's */
    bool read;
};

struct script { /* or a block of the custom format, which is of one table */
    struct arena *arena;
    struct source *sources; /* in the order of the table of contents, as in the script */
    uint32_t n, next;       /* next: where to look first */
    struct source *open;    /* whose lines these are */
    struct str line;        /* begun in an earlier piece of output */
    struct str statement;   /* lines of a COPY whose names have newlines */
    uint64_t n_bytes, n_told;
    bool (*on_bytes)(void *ctx, uint64_t bytes, const char *table);
    void *ctx;
    bool in_block, stray, too_long; /* stray: a line behind the end of a block's rows */
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
    s->stray |= s->in_block && n > 0;
    if (s->in_block || (!s->statement.len && (n < 5 || memcmp(line, "COPY ", 5) != 0)))
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

/* False where one line is larger than we hold. */
static bool script_split(struct script *s, const char *bytes, size_t n) {
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
    return !s->too_long;
}

static bool on_script(void *ctx, const char *bytes, size_t n) {
    struct script *s = ctx;
    return script_split(s, bytes, n) && script_tell(s);
}

/* --- what pg_restore writes --- */

static bool too_long(const char *path, struct err *err) {
    return err_set(err, E_TOO_BIG, "archive.content", path, "a row is larger than %u MiB",
                   LINE_MAX_BYTES >> 20);
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
        return too_long(path, err);
    if (ran && result.exit_code != 0)
        return err_set(err, E_PROTOCOL, "archive.content", path, "in the data of %s: %s",
                       s->open ? s->open->table.name : "no table", result.last_line);
    return ran;
}

/* --- the blocks of the custom format --- */

struct block {
    const struct toc_entry *entry;
    struct source *source; /* NULL = large objects */
};

struct blocks { /* of all readers */
    const char *path;
    const struct toc *toc;
    int cancel_fd;
    struct script *script; /* who is told, and of what */
    pthread_t teller;      /* the caller's thread: only that one tells */
    struct block *at;      /* largest first: the last ones to be read are small */
    uint32_t n;
    atomic_uint_fast32_t next;
    atomic_uint_fast64_t n_bytes;
    atomic_bool failed;
    pthread_mutex_t lock; /* of err */
    struct err err;       /* the first one */
};

struct reader {
    struct blocks *all;
    struct script script; /* its lines; nothing else is another's */
    struct side_work work;
};

static bool reader_goes_on(const struct reader *r) {
    return !atomic_load(&r->all->failed) && !cancel_asked(r->all->cancel_fd);
}

static bool on_rows(void *ctx, const char *bytes, size_t n) {
    struct reader *r = ctx;
    struct script *s = &r->script, *told = r->all->script;
    uint64_t before = s->n_bytes;
    bool ok = script_split(s, bytes, n) && !s->stray && reader_goes_on(r);
    uint64_t total = atomic_fetch_add(&r->all->n_bytes, s->n_bytes - before);
    if (!ok || !pthread_equal(pthread_self(), r->all->teller))
        return ok;
    told->n_bytes = total + s->n_bytes - before;
    told->open = s->open;
    return script_tell(told);
}

static bool on_large_object(void *ctx, const char *bytes, size_t n) {
    return bytes && n && reader_goes_on(ctx);
}

/* What block_read() saw is damage of its own kind; the rest is of the lines. */
static bool rows_verdict(const struct reader *r, const struct source *src, bool read,
                         struct err *err) {
    const struct script *s = &r->script;
    const char *path = path_tail(r->all->path);
    if (s->too_long)
        return too_long(path, err);
    if (s->stray || (read && s->line.len))
        return err_set(err, E_PROTOCOL, "archive.content", path,
                       "the data of %s.%s go on behind the end of its rows", src->table.schema,
                       src->table.name);
    if (read && s->open)
        return err_set(err, E_PROTOCOL, "archive.content", path,
                       "the rows of %s.%s do not come to an end", src->table.schema,
                       src->table.name);
    return read;
}

static bool reader_read(struct reader *r, struct bytes_in *in, const struct block *b,
                        struct err *err) {
    struct source *src = b->source;
    enum toc_packing packing = r->all->toc->packing;
    if (!src)
        return block_read(in, packing, b->entry, on_large_object, r, err);
    src->read = true;
    r->script.open = src;
    bool read = block_read(in, packing, b->entry, on_rows, r, err);
    return rows_verdict(r, src, read, err);
}

static void blocks_fail(struct blocks *all, const struct err *err) {
    pthread_mutex_lock(&all->lock);
    if (!atomic_exchange(&all->failed, true))
        all->err = *err;
    pthread_mutex_unlock(&all->lock);
}

static void *reader_run(void *arg) {
    struct reader *r = arg;
    struct blocks *all = r->all;
    struct bytes_in in;
    struct err err;
    bool ok = archive_bytes(all->path, &in, &err);
    if (!ok) {
        blocks_fail(all, &err);
        return NULL;
    }
    str_init(&r->script.line, LINE_MAX_BYTES);
    for (uint32_t i; ok && (i = (uint32_t)atomic_fetch_add(&all->next, 1)) < all->n;)
        if (!(ok = reader_read(r, &in, &all->at[i], &err)))
            blocks_fail(all, &err);
    str_done(&r->script.line);
    bytes_in_done(&in);
    return NULL;
}

static int block_compare(const void *a, const void *b) {
    const struct toc_entry *x = ((const struct block *)a)->entry,
                           *y = ((const struct block *)b)->entry;
    return x->size != y->size ? (x->size < y->size ? 1 : -1) : (x->at > y->at) - (x->at < y->at);
}

static void blocks_list(struct blocks *all) {
    struct script *s = all->script;
    all->at = arena_alloc(s->arena, ((size_t)all->toc->n + 1) * sizeof *all->at);
    for (uint32_t i = 0, next = 0; i < all->toc->n; i++) {
        const struct toc_entry *e = &all->toc->entries[i];
        struct source *src = next < s->n && s->sources[next].entry == e ? &s->sources[next] : NULL;
        next += src != NULL;
        if (e->seen)
            all->at[all->n++] = (struct block){e, src};
    }
    qsort(all->at, all->n, sizeof *all->at, block_compare);
}

static bool blocks_run(struct script *s, const struct toc *t, const char *path, int cancel_fd,
                       struct err *err) {
    struct blocks all = {
        .path = path, .toc = t, .cancel_fd = cancel_fd, .script = s, .teller = pthread_self()};
    struct reader readers[READERS_MAX] = {{.all = &all, .script.in_block = true}};
    uint32_t n = parallel_jobs() < READERS_MAX ? parallel_jobs() : READERS_MAX;
    pthread_mutex_init(&all.lock, NULL);
    blocks_list(&all);
    for (uint32_t i = 1; i < n; i++) {
        readers[i] = readers[0];
        side_work_begin(&readers[i].work, reader_run, &readers[i]);
    }
    reader_run(&readers[0]);
    for (uint32_t i = 1; i < n; i++)
        side_work_end(&readers[i].work);
    pthread_mutex_destroy(&all.lock);
    if (all.failed)
        *err = all.err;
    s->open = NULL;
    return !all.failed;
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
                           "there are no rows of %s.%s in it", s->sources[i].table.schema,
                           s->sources[i].table.name);
    return true;
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

bool archive_content(const struct archive_reading *r, struct arena *a, struct content *ret,
                     struct err *err) {
    struct toc t;
    struct script s = {.arena = a, .on_bytes = r->on_bytes, .ctx = r->ctx};
    const char *target = path_tail(r->path);
    if (!archive_read_toc(r->path, true, r->cancel_fd, a, &t, err) ||
        !pg_tool_reads(r->pg_restore, r->path, t.minor, err) || !script_expect(&s, &t, target, err))
        return false;
    str_init(&s.line, LINE_MAX_BYTES);
    str_init(&s.statement, LINE_MAX_BYTES);
    bool ours = t.format == TOC_CUSTOM && t.packing != PACKED_OTHER;
    bool ok = (ours ? blocks_run(&s, &t, r->path, r->cancel_fd, err)
                    : script_run(&s, r->path, r->pg_restore, r->cancel_fd, err)) &&
              script_complete(&s, target, err);
    str_done(&s.line);
    str_done(&s.statement);
    if (ok)
        script_result(&s, ret);
    return ok;
}
