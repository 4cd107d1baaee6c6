/* model/reading.c - metrics, tables and findings in an arena; see reading.h. */
#include "model/reading.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"

#define MAX_METRICS      512u
#define MAX_TABLES       32u
#define MAX_FINDINGS     128u
#define MAX_PAST         16u
#define MAX_ROWS         10000u
#define MAX_KEY_COLS     95u
#define MAX_SUFFIX_COLS  8u
#define MAX_FINDING_COLS 480u

static const char *const health_names[HEALTH_COUNT] = {
    [HEALTH_OFF] = "off",           [HEALTH_OK] = "ok",
    [HEALTH_UNKNOWN] = "unknown",   [HEALTH_WARNING] = "warning",
    [HEALTH_CRITICAL] = "critical",
};
static const char *const health_signs[HEALTH_COUNT] = {
    [HEALTH_OFF] = "--",     [HEALTH_OK] = "ok",       [HEALTH_UNKNOWN] = "??",
    [HEALTH_WARNING] = "WA", [HEALTH_CRITICAL] = "CR",
};

const char *health_name(enum health h) {
    return (unsigned)h < HEALTH_COUNT ? health_names[h] : "unknown";
}

const char *health_sign(enum health h) {
    return (unsigned)h < HEALTH_COUNT ? health_signs[h] : "??";
}

bool health_parse(const char *name, enum health *ret_health) {
    int i = str_index(health_names, HEALTH_COUNT, name);
    if (i >= 0)
        *ret_health = (enum health)i;
    return i >= 0;
}

enum health health_worse(enum health a, enum health b) {
    return a > b ? a : b;
}

void reading_init(struct reading *r, struct arena *arena) {
    *r = (struct reading){.arena = arena};
}

void reading_set(struct reading *r, const char *name, enum unit unit, struct value v) {
    for (uint32_t i = 0; i < r->n_metrics; i++)
        if (!strcmp(r->metrics[i].name, name)) {
            r->metrics[i] = (struct metric){name, unit, v};
            return;
        }
    if (r->n_metrics >= MAX_METRICS)
        return;
    r->metrics =
        arena_grow(r->arena, r->metrics, r->n_metrics, &r->cap_metrics, 8, sizeof *r->metrics);
    r->metrics[r->n_metrics++] = (struct metric){name, unit, v};
}

void reading_int(struct reading *r, const char *name, enum unit unit, int64_t i) {
    reading_set(r, name, unit, value_int(i));
}

void reading_real(struct reading *r, const char *name, enum unit unit, double d) {
    reading_set(r, name, unit, value_real(d));
}

void reading_text(struct reading *r, const char *name, const char *bytes, size_t n) {
    reading_set(r, name, UNIT_NONE, value_text(text_clean(r->arena, bytes, n, 200)));
}

void reading_textz(struct reading *r, const char *name, const char *s) {
    reading_text(r, name, s ? s : "", s ? strlen(s) : 0);
}

struct table *reading_add_table(struct reading *r, const char *name, const char *title,
                                const struct column *columns, size_t n_columns) {
    struct table *t = arena_alloc(r->arena, sizeof *t);
    *t = (struct table){
        .name = name, .title = title, .columns = columns, .n_columns = (uint32_t)n_columns};
    for (uint32_t i = 0; i < r->n_tables; i++)
        if (!strcmp(r->tables[i]->name, name)) {
            r->tables[i] = t;
            return t;
        }
    if (r->n_tables >= MAX_TABLES)
        return t; /* usable, but not part of the reading */
    r->tables = arena_grow(r->arena, r->tables, r->n_tables, &r->cap_tables, 8, sizeof *r->tables);
    r->tables[r->n_tables++] = t;
    return t;
}

/* --- keys of a table: a hash, for equal keys of a hostile answer must not cost n squared --- */

struct key_slot {
    const char *key; /* NULL = free */
    uint32_t next;   /* suffix to try for the next row of this key */
};
struct key_index {
    uint32_t n_slots, n_used; /* n_slots is a power of two */
    struct key_slot *slots;
};

/* The slot of key, or the free one where it belongs. */
static struct key_slot *key_slot(const struct key_index *x, const char *key) {
    uint32_t hash = 2166136261u; /* FNV-1a */
    for (const char *c = key; *c; c++)
        hash = (hash ^ (unsigned char)*c) * 16777619u;
    uint32_t i = hash & (x->n_slots - 1);
    while (x->slots[i].key && strcmp(x->slots[i].key, key) != 0)
        i = (i + 1) & (x->n_slots - 1);
    return &x->slots[i];
}

/* Room for two more keys at half load. */
static void key_index_grow(struct arena *a, struct key_index *x) {
    struct key_index old = *x;
    if ((x->n_used + 2) * 2 <= x->n_slots)
        return;
    x->n_slots = old.n_slots ? old.n_slots * 2 : 16;
    x->slots = arena_alloc(a, x->n_slots * sizeof *x->slots);
    for (uint32_t i = 0; i < old.n_slots; i++)
        if (old.slots[i].key)
            *key_slot(x, old.slots[i].key) = old.slots[i];
}

/* The key, cleaned; "key#2", "key#3" ... for the next rows of the same. A key that went through
 * here once comes back unchanged, so that a snapshot reads back as written. */
static struct text unique_key(struct arena *a, struct key_index *x, const char *key) {
    struct text clean = text_clean(a, key, strlen(key), MAX_KEY_COLS);
    key_index_grow(a, x);
    struct key_slot *first = key_slot(x, clean.s), *slot = first;
    struct text unique = clean, base;
    if (first->key) {
        base = text_clean(a, clean.s, clean.len, MAX_KEY_COLS - MAX_SUFFIX_COLS);
        while (slot->key) {
            unique = text_printf(a, "%s#%u", base.s, first->next++);
            slot = key_slot(x, unique.s);
        }
    }
    *slot = (struct key_slot){.key = unique.s, .next = 2};
    x->n_used++;
    return unique;
}

/* Of a copied table the rows are there before the index. */
static struct key_index *keys_of(struct arena *a, struct table *t) {
    if (t->keys)
        return t->keys;
    t->keys = arena_alloc(a, sizeof *t->keys);
    for (uint32_t i = 0; i < t->n_rows; i++) {
        key_index_grow(a, t->keys);
        *key_slot(t->keys, t->rows[i].key.s) = (struct key_slot){t->rows[i].key.s, 2};
        t->keys->n_used++;
    }
    return t->keys;
}

struct row *table_add_row(struct reading *r, struct table *t, const char *key, enum health health) {
    size_t cells_size = t->n_columns * sizeof(struct value);
    t->n_total++;
    if (t->n_rows >= MAX_ROWS) {
        struct value *cells = t->spare.cells ? t->spare.cells : arena_alloc(r->arena, cells_size);
        memset(cells, 0, cells_size);
        t->spare = (struct row){.health = health, .key = TEXT_LIT(""), .cells = cells};
        return &t->spare;
    }
    t->rows = arena_grow(r->arena, t->rows, t->n_rows, &t->cap_rows, 8, sizeof *t->rows);
    struct row *row = &t->rows[t->n_rows];
    row->health = health;
    row->key = unique_key(r->arena, keys_of(r->arena, t), key ? key : "");
    row->cells = arena_alloc(r->arena, cells_size);
    t->n_rows++;
    return row;
}

void row_int(struct row *row, uint32_t column, int64_t i) {
    row->cells[column] = value_int(i);
}

void row_real(struct row *row, uint32_t column, double d) {
    row->cells[column] = value_real(d);
}

void row_text(struct reading *r, struct row *row, uint32_t column, const char *s) {
    row->cells[column] = s ? value_text(text_clean(r->arena, s, strlen(s), 400)) : value_none();
}

void reading_add_finding(struct reading *r, enum health health, const char *code, struct text what,
                         struct text todo) {
    if (r->n_findings >= MAX_FINDINGS)
        return;
    r->findings =
        arena_grow(r->arena, r->findings, r->n_findings, &r->cap_findings, 8, sizeof *r->findings);
    r->findings[r->n_findings++] = (struct finding){health, code, what, todo};
}

void reading_finding(struct reading *r, enum health health, const char *code, const char *todo,
                     const char *fmt, ...) {
    char what[2048];
    va_list args;
    va_start(args, fmt);
    vsnprintf(what, sizeof what, fmt, args);
    va_end(args);
    reading_add_finding(r, health, code, text_clean(r->arena, what, strlen(what), MAX_FINDING_COLS),
                        text_cleanz(r->arena, todo));
}

struct trend *reading_past(struct reading *r, const char *name, enum unit unit) {
    if (r->n_past >= MAX_PAST)
        return NULL;
    r->past = arena_grow(r->arena, r->past, r->n_past, &r->cap_past, 8, sizeof *r->past);
    struct series *s = &r->past[r->n_past++];
    *s = (struct series){.name = name, .unit = unit};
    trend_init(&s->trend);
    return &s->trend;
}

const struct metric *reading_metric(const struct reading *r, const char *name) {
    for (uint32_t i = 0; i < r->n_metrics; i++)
        if (!strcmp(r->metrics[i].name, name))
            return &r->metrics[i];
    return NULL;
}

bool reading_number(const struct reading *r, const char *name, double *ret_d) {
    const struct metric *m = reading_metric(r, name);
    return m && value_number(m->value, ret_d);
}

const char *reading_string(const struct reading *r, const char *name) {
    const struct metric *m = reading_metric(r, name);
    return m && m->value.kind == VALUE_TEXT ? m->value.t.s : NULL;
}

const struct table *reading_table(const struct reading *r, const char *name) {
    for (uint32_t i = 0; i < r->n_tables; i++)
        if (!strcmp(r->tables[i]->name, name))
            return r->tables[i];
    return NULL;
}

const struct finding *reading_finding_of(const struct reading *r, const char *code) {
    for (uint32_t i = 0; i < r->n_findings; i++)
        if (!strcmp(r->findings[i].code, code))
            return &r->findings[i];
    return NULL;
}

const struct row *table_row(const struct table *t, const char *key) {
    for (uint32_t i = 0; t && i < t->n_rows; i++)
        if (!strcmp(t->rows[i].key.s, key))
            return &t->rows[i];
    return NULL;
}

int table_column(const struct table *t, const char *name) {
    for (uint32_t i = 0; t && i < t->n_columns; i++)
        if (!strcmp(t->columns[i].name, name))
            return (int)i;
    return -1;
}

bool table_sorts_by(const struct table *t, uint32_t column) {
    return column < t->n_columns && t->columns[column].unit != UNIT_MIXED;
}

/* --- deep copies --- */

static struct text copy_text(struct arena *a, struct text t) {
    if (t.s)
        t.s = arena_strndup(a, t.s, t.len);
    return t;
}

static struct value copy_value(struct arena *a, struct value v) {
    if (v.kind == VALUE_TEXT)
        v.t = copy_text(a, v.t);
    return v;
}

static void copy_table(struct reading *dst, const struct table *src) {
    struct table *t = reading_add_table(dst, src->name, src->title, src->columns, src->n_columns);
    t->n_rows = t->cap_rows = src->n_rows;
    t->n_total = src->n_total;
    t->behind_ms = src->behind_ms;
    t->rows = arena_alloc(dst->arena, src->n_rows * sizeof *t->rows);
    for (uint32_t i = 0; i < src->n_rows; i++) {
        const struct row *from = &src->rows[i];
        struct row *to = &t->rows[i];
        *to = (struct row){.health = from->health, .key = copy_text(dst->arena, from->key)};
        to->cells = arena_alloc(dst->arena, src->n_columns * sizeof *to->cells);
        for (uint32_t c = 0; c < src->n_columns; c++)
            to->cells[c] = copy_value(dst->arena, from->cells[c]);
    }
}

void reading_append(struct reading *dst, const struct reading *src) {
    for (uint32_t i = 0; i < src->n_metrics; i++)
        reading_set(dst, src->metrics[i].name, src->metrics[i].unit,
                    copy_value(dst->arena, src->metrics[i].value));
    for (uint32_t i = 0; i < src->n_tables; i++)
        copy_table(dst, src->tables[i]);
    for (uint32_t i = 0; i < src->n_findings; i++)
        reading_add_finding(dst, src->findings[i].health, src->findings[i].code,
                            copy_text(dst->arena, src->findings[i].what),
                            copy_text(dst->arena, src->findings[i].todo));
    for (uint32_t i = 0; i < src->n_past; i++) {
        struct trend *past = reading_past(dst, src->past[i].name, src->past[i].unit);
        if (past)
            *past = src->past[i].trend;
    }
}
