/* sandbox/search_filter.c - a filter expression (`a:=x && b:>5 || c:[p,q]`): read, held against
 * documents, and the documents that it lets through. */
#include "search_priv.h"

#include "array.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_TERMS = 24, MAX_VALUES = 32 };

enum term_op { TERM_EQ, TERM_NE, TERM_GT, TERM_GE, TERM_LT, TERM_LE, TERM_GEO };

struct term {
    const struct search_field *field; /* NULL: the id */
    enum term_op op;
    bool exact, or_before;
    char *value[MAX_VALUES];
    double low[MAX_VALUES], high[MAX_VALUES]; /* numbers; equal unless a range */
    int n_values;
};

struct filter {
    struct term term[MAX_TERMS];
    int n;
};

static void filter_done(struct filter *f) {
    for (int i = 0; i < f->n; i++) {
        for (int k = 0; k < f->term[i].n_values; k++) {
            free(f->term[i].value[k]);
        }
    }
}

/* ---- reading ---- */

char *search_trimmed(const char *from, size_t n) {
    while (n && isspace((unsigned char)*from)) {
        from++;
        n--;
    }
    while (n && isspace((unsigned char)from[n - 1])) {
        n--;
    }
    if (n >= 2 && from[0] == '`' && from[n - 1] == '`') {
        from++;
        n -= 2;
    }
    return string_copy_n(from, n);
}

static bool term_number(struct term *t, int k, struct search_result *ret) {
    const char *s = t->value[k];
    char *end = NULL;
    if (t->field->kind == KIND_BOOL) {
        t->low[k] = t->high[k] = strcmp(s, "true") == 0;
        return true;
    }
    /* Cut at the dots first: strtod() would take "5." of "5..6". */
    const char *dots = strstr(s, "..");
    char low[64];
    snprintf(low, sizeof low, "%.*s", dots ? (int)(dots - s) : (int)strlen(s), s);
    t->low[k] = t->high[k] = strtod(low, &end);
    bool bad = end == low || *end;
    if (dots) {
        t->high[k] = strtod(dots + 2, &end);
        bad = bad || end == dots + 2 || *end;
    }
    if (bad) {
        search_verdict(ret, 400, "Error with filter field `%s`: Not %s.", t->field->name,
                       t->field->kind == KIND_FLOAT          ? "a float"
                       : strncmp(t->field->type, "int64", 5) ? "an int32"
                                                             : "an int64");
        return false;
    }
    return true;
}

static bool term_add_value(struct term *t, const char *from, size_t n, struct search_result *ret) {
    if (t->n_values == MAX_VALUES) {
        search_verdict(ret, 400, "Too many values in the filter query.");
        return false;
    }
    char *v = search_trimmed(from, n);
    if (!*v) {
        free(v);
        search_verdict(ret, 400, "Error with filter field `%s`: Filter value cannot be empty.",
                       t->field ? t->field->name : "id");
        return false;
    }
    t->value[t->n_values++] = v;
    bool number = t->field && (t->field->kind == KIND_INT || t->field->kind == KIND_FLOAT ||
                               t->field->kind == KIND_BOOL);
    return !number || term_number(t, t->n_values - 1, ret);
}

/* (lat, lng, 5 km) */
static bool term_geo(struct term *t, const char *s, struct search_result *ret) {
    double v[3];
    char *end = NULL;
    const char *at = s + 1;
    for (int i = 0; i < 3; i++) {
        v[i] = strtod(at, &end);
        bool number = end != at;
        at = end + strspn(end, ", ");
        if (!number || (i < 2 && *end != ',')) {
            search_verdict(ret, 400,
                           "Value of filter field `%s`: must be in the `(-44.50, 170.29, 0.75 "
                           "km)` or (56.33, -65.97, 23.82, -127.82) format.",
                           t->field->name);
            return false;
        }
    }
    t->op = TERM_GEO;
    t->n_values = 0;
    t->low[0] = v[0];
    t->high[0] = v[1];
    t->low[1] = strncmp(at, "mi", 2) == 0 ? v[2] * 1.609344 : v[2];
    return true;
}

/* Up to the next comma outside of backticks. */
static size_t item_size(const char *at, const char *end) {
    size_t size = 0;
    bool quoted = false;
    while (at + size < end && (quoted || at[size] != ',')) {
        quoted ^= at[size] == '`';
        size++;
    }
    return size;
}

static bool term_values(struct term *t, const char *s, size_t n, struct search_result *ret) {
    if (n >= 2 && s[0] == '[' && s[n - 1] == ']') {
        const char *at = s + 1, *end = s + n - 1;
        while (at <= end) {
            size_t size = item_size(at, end);
            if (!term_add_value(t, at, size, ret)) {
                return false;
            }
            at += size + 1;
        }
        return true;
    }
    return term_add_value(t, s, n, ret);
}

static bool read_op(struct term *t, const char **at) {
    static const struct {
        const char *token;
        enum term_op op;
        bool exact;
    } ops[] = {{"!=", TERM_NE, true}, {"!", TERM_NE, false}, {">=", TERM_GE, true},
               {"<=", TERM_LE, true}, {">", TERM_GT, true},  {"<", TERM_LT, true},
               {"=", TERM_EQ, true},  {"", TERM_EQ, false}};
    for (size_t i = 0; i < ARRAY_LEN(ops); i++) {
        size_t n = strlen(ops[i].token);
        if (strncmp(*at, ops[i].token, n) == 0) {
            t->op = ops[i].op;
            t->exact = ops[i].exact;
            *at += n;
            return true;
        }
    }
    return false;
}

static bool read_term(const struct search_collection *c, struct term *t, const char *s, size_t n,
                      struct search_result *ret) {
    char *whole = search_trimmed(s, n);
    char *colon = strchr(whole, ':');
    bool ok = false;
    if (!colon || colon == whole) {
        search_verdict(ret, 400, "Could not parse the filter query.");
        free(whole);
        return false;
    }
    char *name = search_trimmed(whole, (size_t)(colon - whole));
    t->field = collection_field(c, name);
    if (!t->field && strcmp(name, "id") != 0) {
        search_verdict(ret, 400, "Could not find a filter field named `%s` in the schema.", name);
    } else {
        const char *at = colon + 1;
        at += strspn(at, " ");
        read_op(t, &at);
        at += strspn(at, " ");
        ok = t->field && t->field->kind == KIND_GEO ? *at == '(' && term_geo(t, at, ret)
                                                    : term_values(t, at, strlen(at), ret);
        if (!ok && ret->status < 400) {
            search_verdict(ret, 400, "Could not parse the filter query.");
        }
    }
    free(name);
    free(whole);
    return ok;
}

static bool filter_read(const struct search_collection *c, const char *s, struct filter *f,
                        struct search_result *ret) {
    bool or_before = false;
    *f = (struct filter){0};
    while (s && *s) {
        size_t n = 0;
        bool quoted = false;
        while (s[n] && (quoted || (strncmp(s + n, "&&", 2) != 0 && strncmp(s + n, "||", 2) != 0))) {
            quoted ^= s[n] == '`';
            n++;
        }
        if (f->n == MAX_TERMS) {
            search_verdict(ret, 400, "Could not parse the filter query.");
            return false;
        }
        struct term *t = &f->term[f->n++];
        t->or_before = or_before;
        if (!read_term(c, t, s, n, ret)) {
            return false;
        }
        or_before = s[n] == '|';
        s += n + (s[n] ? 2 : 0);
        if (n && !*s && s[-1] != ' ' && (s[-1] == '&' || s[-1] == '|')) {
            search_verdict(ret, 400, "Could not parse the filter query.");
            return false;
        }
    }
    return true;
}

/* ---- does a document hold? ---- */

bool search_words_in(const char *words, const char *text) {
    return strcasestr(text, words) != NULL;
}

static bool holds_string(const struct term *t, const char *have) {
    for (int k = 0; k < t->n_values; k++) {
        bool exact = t->exact || !t->field; /* an id always */
        if (exact ? strcasecmp(t->value[k], have) == 0 : search_words_in(t->value[k], have)) {
            return true;
        }
    }
    return false;
}

static bool holds_number(const struct term *t, double have) {
    for (int k = 0; k < t->n_values; k++) {
        double low = t->low[k], high = t->high[k];
        bool holds = t->op == TERM_GT   ? have > low
                     : t->op == TERM_GE ? have >= low
                     : t->op == TERM_LT ? have < low
                     : t->op == TERM_LE ? have <= low
                                        : have >= low && have <= high;
        if (holds) {
            return true;
        }
    }
    return false;
}

double search_distance_km(double lat1, double lng1, double lat2, double lng2) {
    const double rad = 3.14159265358979323846 / 180;
    double a = sin((lat2 - lat1) * rad / 2), b = sin((lng2 - lng1) * rad / 2);
    double h = a * a + cos(lat1 * rad) * cos(lat2 * rad) * b * b;
    return 2 * 6371.0 * asin(sqrt(h));
}

static bool holds_one(const struct term *t, const cJSON *v) {
    if (t->op == TERM_GEO) {
        return cJSON_IsArray(v) && v->child && v->child->next &&
               search_distance_km(t->low[0], t->high[0], v->child->valuedouble,
                                  v->child->next->valuedouble) <= t->low[1];
    }
    if (cJSON_IsString(v)) {
        return holds_string(t, v->valuestring);
    }
    return cJSON_IsBool(v) ? holds_number(t, cJSON_IsTrue(v))
                           : cJSON_IsNumber(v) && holds_number(t, v->valuedouble);
}

static bool term_holds(const struct term *t, const cJSON *doc) {
    const cJSON *v = cJSON_GetObjectItemCaseSensitive(doc, t->field ? t->field->name : "id");
    bool holds = false;
    const cJSON *item = NULL;
    if (t->field && t->field->array) {
        cJSON_ArrayForEach(item, v) {
            holds = holds || holds_one(t, item);
        }
    } else {
        holds = v && holds_one(t, v);
    }
    return t->op == TERM_NE ? !holds : holds;
}

/* && binds tighter than ||. */
static bool filter_holds(const struct filter *f, const cJSON *doc) {
    bool all = true;
    for (int i = 0; i < f->n; i++) {
        if (f->term[i].or_before) {
            if (all) {
                return true;
            }
            all = true;
        }
        all = all && term_holds(&f->term[i], doc);
    }
    return all;
}

/* ---- candidates ---- */

static int newest_first(const void *a, const void *b) {
    const struct search_doc *x = *(const struct search_doc *const *)a;
    const struct search_doc *y = *(const struct search_doc *const *)b;
    return x->seq < y->seq ? 1 : x->seq > y->seq ? -1 : 0;
}

static const struct search_doc **all_docs(const struct search_collection *c, size_t *ret_n) {
    const struct search_doc **docs = calloc(c->n_docs + 1, sizeof *docs);
    size_t n = 0;
    for (size_t i = 0; docs && i < c->n_buckets; i++) {
        for (const struct search_doc *d = c->bucket[i]; d; d = d->next) {
            docs[n++] = d;
        }
    }
    if (!docs) {
        abort();
    }
    qsort(docs, n, sizeof *docs, newest_first);
    *ret_n = n;
    return docs;
}

/* `id:[a,`b,c`]` and nothing else is looked up, not searched for: always exact, any number. */
static bool is_id_list(const char *filter) {
    size_t n = filter ? strlen(filter) : 0;
    return n > 5 && strncmp(filter, "id:", 3) == 0 && filter[n - 1] == ']' &&
           filter[3 + strspn(filter + 3, "= ")] == '[' && !strstr(filter, "&&") &&
           !strstr(filter, "||");
}

/* A document named twice is found once: who deletes what was found must not meet it again. */
static size_t without_repeats(const struct search_doc **docs, size_t n) {
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        if (!kept || docs[kept - 1] != docs[i]) {
            docs[kept++] = docs[i];
        }
    }
    return kept;
}

static const struct search_doc **docs_by_id(const struct search_collection *c, const char *filter,
                                            size_t *ret_n) {
    const char *at = strchr(filter, '[') + 1, *end = filter + strlen(filter) - 1;
    const struct search_doc **docs = calloc(strlen(filter), sizeof *docs);
    size_t n = 0;
    if (!docs) {
        abort();
    }
    while (at < end) {
        size_t size = item_size(at, end);
        char *id = search_trimmed(at, size);
        const struct search_doc *d = collection_doc(c, id);
        if (d) {
            docs[n++] = d;
        }
        free(id);
        at += size + 1;
    }
    qsort(docs, n, sizeof *docs, newest_first);
    *ret_n = without_repeats(docs, n);
    return docs;
}

const struct search_doc **collection_filter(const struct search_collection *c, const char *filter,
                                            size_t *ret_n, struct search_result *ret) {
    struct filter f;
    if (is_id_list(filter)) {
        return docs_by_id(c, filter, ret_n);
    }
    if (!filter_read(c, filter, &f, ret)) {
        filter_done(&f);
        return NULL;
    }
    size_t n = 0, kept = 0;
    const struct search_doc **docs = all_docs(c, &n);
    for (size_t i = 0; i < n; i++) {
        bool holds = true;
        if (f.n) {
            cJSON *d = cJSON_Parse(docs[i]->json);
            holds = filter_holds(&f, d);
            cJSON_Delete(d);
        }
        if (holds) {
            docs[kept++] = docs[i];
        }
    }
    filter_done(&f);
    *ret_n = kept;
    return docs;
}
