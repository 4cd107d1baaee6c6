/* model/reading.c - metrics, tables and findings in an arena; see reading.h. */
#include "model/reading.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/attr.h"

#define MAX_METRICS  512u
#define MAX_TABLES   32u
#define MAX_FINDINGS 128u
#define MAX_PAST     16u
#define MAX_ROWS     10000u
#define MAX_KEY_COLS 95u

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
    for (unsigned i = 0; i < HEALTH_COUNT; i++)
        if (!strcmp(health_names[i], name)) {
            *ret_health = (enum health)i;
            return true;
        }
    return false;
}

enum health health_worse(enum health a, enum health b) {
    return a > b ? a : b;
}

static const char *const unit_names[UNIT_COUNT_OF_UNITS] = {
    [UNIT_NONE] = "",
    [UNIT_COUNT] = "count",
    [UNIT_BYTES] = "bytes",
    [UNIT_MS] = "ms",
    [UNIT_SECONDS] = "seconds",
    [UNIT_PERCENT] = "percent",
    [UNIT_PER_SECOND] = "per_second",
    [UNIT_BYTES_PER_SECOND] = "bytes_per_second",
    [UNIT_BOOL] = "bool",
    [UNIT_VND] = "vnd",
    [UNIT_TIME] = "time",
};

const char *unit_name(enum unit u) {
    return (unsigned)u < UNIT_COUNT_OF_UNITS ? unit_names[u] : "";
}

bool unit_parse(const char *name, enum unit *ret_unit) {
    for (unsigned i = 0; i < UNIT_COUNT_OF_UNITS; i++)
        if (!strcmp(unit_names[i], name)) {
            *ret_unit = (enum unit)i;
            return true;
        }
    return false;
}

/* --- values --- */

struct value value_int(int64_t i) {
    return (struct value){.kind = VALUE_INT, .i = i};
}

struct value value_real(double r) {
    /* NaN and infinities are not figures: r - r is 0 only for finite r. */
    return r - r == 0 ? (struct value){.kind = VALUE_REAL, .r = r} : value_none();
}

struct value value_text(struct text t) {
    return (struct value){.kind = VALUE_TEXT, .t = t};
}

struct value value_none(void) {
    return (struct value){.kind = VALUE_NONE};
}

bool value_number(struct value v, double *ret_d) {
    if (v.kind != VALUE_INT && v.kind != VALUE_REAL)
        return false;
    *ret_d = v.kind == VALUE_INT ? (double)v.i : v.r;
    return true;
}

int value_compare(struct value a, struct value b) {
    double x, y;
    bool an = value_number(a, &x), bn = value_number(b, &y);
    if (a.kind == VALUE_INT && b.kind == VALUE_INT)
        return (a.i > b.i) - (a.i < b.i);
    if (an && bn)
        return (x > y) - (x < y);
    if (a.kind == VALUE_TEXT && b.kind == VALUE_TEXT)
        return strcmp(a.t.s, b.t.s);
    /* numbers, then text, then what is not known */
    int ra = an ? 0 : a.kind == VALUE_TEXT ? 1 : 2, rb = bn ? 0 : b.kind == VALUE_TEXT ? 1 : 2;
    return ra - rb;
}

/* "1,204,033": VND and counts keep every digit that a person compares. */
static void format_grouped(int64_t n, char *buf, size_t size) {
    char digits[32], out[48];
    snprintf(digits, sizeof digits, "%llu",
             n < 0 ? 0ULL - (unsigned long long)n : (unsigned long long)n);
    size_t len = strlen(digits), at = 0;
    if (n < 0)
        out[at++] = '-';
    for (size_t i = 0; i < len; i++) {
        if (i && (len - i) % 3 == 0)
            out[at++] = ',';
        out[at++] = digits[i];
    }
    out[at] = 0;
    snprintf(buf, size, "%s", out);
}

static void format_scaled(double d, double step, const char *const *suffixes, size_t n, char *buf,
                          size_t size) {
    size_t i = 0;
    while ((d >= step || d <= -step) && i + 1 < n) {
        d /= step;
        i++;
    }
    double magnitude = d < 0 ? -d : d;
    snprintf(buf, size,
             i == 0 || magnitude >= 100 ? "%.0f%s"
             : magnitude >= 10          ? "%.1f%s"
                                        : "%.2f%s",
             d, suffixes[i]);
}

static void format_bytes(double d, const char *per, char *buf, size_t size) {
    static const char *const suffixes[] = {" B", " KB", " MB", " GB", " TB", " PB"};
    char scaled[32];
    format_scaled(d, 1024, suffixes, ARRAY_LEN(suffixes), scaled, sizeof scaled);
    snprintf(buf, size, "%s%s", scaled, per);
}

static void format_count(double d, char *buf, size_t size) {
    static const char *const suffixes[] = {"", "k", "M", "G", "T"};
    if (d > -100000 && d < 100000)
        format_grouped((int64_t)d, buf, size);
    else
        format_scaled(d, 1000, suffixes, ARRAY_LEN(suffixes), buf, size);
}

static void format_duration(double seconds, char *buf, size_t size) {
    const char *sign = seconds < 0 ? "-" : "";
    if (seconds < 0)
        seconds = -seconds;
    if (seconds > 1e11)
        seconds = 1e11;
    long long s = (long long)seconds;
    if (s < 1 && seconds > 0)
        snprintf(buf, size, "%s%.0fms", sign, seconds * 1000);
    else if (s < 10 && seconds != (double)s)
        snprintf(buf, size, "%s%.1fs", sign, seconds);
    else if (s < 60)
        snprintf(buf, size, "%s%llds", sign, s);
    else if (s < 3600)
        snprintf(buf, size, "%s%lldm%02llds", sign, s / 60, s % 60);
    else if (s < 86400)
        snprintf(buf, size, "%s%lldh%02lldm", sign, s / 3600, s / 60 % 60);
    else
        snprintf(buf, size, "%s%lldd%02lldh", sign, s / 86400, s / 3600 % 24);
}

static void format_ms(double ms, char *buf, size_t size) {
    if (ms < 10 && ms > -10)
        snprintf(buf, size, "%.1fms", ms);
    else if (ms < 1000 && ms > -1000)
        snprintf(buf, size, "%.0fms", ms);
    else
        format_duration(ms / 1000, buf, size);
}

static void format_plain(struct value v, char *buf, size_t size) {
    if (v.kind == VALUE_INT)
        format_grouped(v.i, buf, size);
    else
        snprintf(buf, size, v.r > -100 && v.r < 100 ? "%.2f" : "%.0f", v.r);
}

void value_format(struct value v, enum unit unit, int64_t now_wall_s, char *buf, size_t size) {
    char out[64] = "-";
    double d;
    if (v.kind == VALUE_TEXT) {
        snprintf(buf, size, "%s", v.t.s);
        return;
    }
    if (value_number(v, &d)) {
        switch (unit) {
        case UNIT_BYTES:
            format_bytes(d, "", out, sizeof out);
            break;
        case UNIT_BYTES_PER_SECOND:
            format_bytes(d, "/s", out, sizeof out);
            break;
        case UNIT_MS:
            format_ms(d, out, sizeof out);
            break;
        case UNIT_SECONDS:
            format_duration(d, out, sizeof out);
            break;
        case UNIT_TIME:
            format_duration((double)now_wall_s - d, out, sizeof out);
            break;
        case UNIT_PERCENT:
            snprintf(out, sizeof out, d > -1e6 && d < 1e6 ? "%.1f%%" : "%.2g%%", d);
            break;
        case UNIT_PER_SECOND:
            snprintf(out, sizeof out,
                     d < 10 && d > -10 ? "%.1f/s"
                     : d < 1e9         ? "%.0f/s"
                                       : "%.2g/s",
                     d);
            break;
        case UNIT_BOOL:
            snprintf(out, sizeof out, "%s", d != 0 ? "yes" : "no");
            break;
        case UNIT_VND:
            format_grouped(v.kind == VALUE_INT ? v.i : (int64_t)d, out, sizeof out);
            break;
        case UNIT_COUNT:
            format_count(d, out, sizeof out);
            break;
        default:
            format_plain(v, out, sizeof out);
            break;
        }
    }
    snprintf(buf, size, "%.*s", 23, out);
}

/* --- growing arrays in an arena: the old copy stays behind until the arena goes --- */

static void *grown(struct arena *a, void *old, uint32_t n, uint32_t *cap, size_t item) {
    if (n < *cap)
        return old;
    uint32_t more = *cap ? *cap * 2 : 8;
    void *p = arena_alloc(a, more * item);
    if (n && old)
        memcpy(p, old, (size_t)n * item);
    *cap = more;
    return p;
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
    r->metrics = grown(r->arena, r->metrics, r->n_metrics, &r->cap_metrics, sizeof *r->metrics);
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
    r->tables = grown(r->arena, r->tables, r->n_tables, &r->cap_tables, sizeof *r->tables);
    r->tables[r->n_tables++] = t;
    return t;
}

static bool key_taken(const struct table *t, const char *key) {
    for (uint32_t i = 0; i < t->n_rows; i++)
        if (!strcmp(t->rows[i].key.s, key))
            return true;
    return false;
}

static struct text unique_key(struct arena *a, const struct table *t, const char *key) {
    struct text clean = text_clean(a, key, strlen(key), MAX_KEY_COLS - 8);
    struct text unique = clean;
    for (uint32_t i = 2; i < 1000 && key_taken(t, unique.s); i++)
        unique = text_printf(a, "%s#%u", clean.s, i);
    return unique;
}

struct row *table_add_row(struct reading *r, struct table *t, const char *key, enum health health) {
    t->n_total++;
    if (t->n_rows >= MAX_ROWS)
        return NULL;
    t->rows = grown(r->arena, t->rows, t->n_rows, &t->cap_rows, sizeof *t->rows);
    struct row *row = &t->rows[t->n_rows];
    *row = (struct row){.health = health, .key = unique_key(r->arena, t, key ? key : "")};
    row->cells = arena_alloc(r->arena, t->n_columns * sizeof *row->cells);
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

static struct finding *add_finding(struct reading *r) {
    if (r->n_findings >= MAX_FINDINGS)
        return NULL;
    r->findings =
        grown(r->arena, r->findings, r->n_findings, &r->cap_findings, sizeof *r->findings);
    return &r->findings[r->n_findings++];
}

void reading_finding(struct reading *r, enum health health, const char *code, const char *todo,
                     const char *fmt, ...) {
    char what[512];
    va_list args;
    va_start(args, fmt);
    vsnprintf(what, sizeof what, fmt, args);
    va_end(args);
    struct finding *f = add_finding(r);
    if (f)
        *f = (struct finding){health, code, text_cleanz(r->arena, what),
                              text_cleanz(r->arena, todo)};
}

struct trend *reading_past(struct reading *r, const char *name, enum unit unit) {
    if (r->n_past >= MAX_PAST)
        return NULL;
    r->past = grown(r->arena, r->past, r->n_past, &r->cap_past, sizeof *r->past);
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
    for (uint32_t i = 0; i < src->n_findings; i++) {
        const struct finding *from = &src->findings[i];
        struct finding *f = add_finding(dst);
        if (f)
            *f = (struct finding){from->health, from->code, copy_text(dst->arena, from->what),
                                  copy_text(dst->arena, from->todo)};
    }
    for (uint32_t i = 0; i < src->n_past; i++) {
        struct trend *past = reading_past(dst, src->past[i].name, src->past[i].unit);
        if (past)
            *past = src->past[i].trend;
    }
}
