/* sandbox/search_facets.c - how often each value of a field occurs among the hits, and what its
 * numbers come to. */
#include "search_priv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_FACET_VALUES = 512 };

struct facet_value {
    char *value;
    size_t count;
};

struct facet {
    struct facet_value value[MAX_FACET_VALUES];
    int n;
    double min, max, sum;
    size_t numbers;
};

static void facet_count(struct facet *f, const char *s) {
    for (int i = 0; i < f->n; i++) {
        if (strcmp(f->value[i].value, s) == 0) {
            f->value[i].count++;
            return;
        }
    }
    if (f->n < MAX_FACET_VALUES) {
        f->value[f->n++] = (struct facet_value){string_copy(s), 1};
    }
}

static void facet_add_one(struct facet *f, const cJSON *v) {
    char number[32];
    const char *s = cJSON_GetStringValue(v);
    if (cJSON_IsNumber(v)) {
        f->min = f->numbers && f->min < v->valuedouble ? f->min : v->valuedouble;
        f->max = f->numbers && f->max > v->valuedouble ? f->max : v->valuedouble;
        f->sum += v->valuedouble;
        f->numbers++;
        snprintf(number, sizeof number, "%.15g", v->valuedouble);
        s = number;
    } else if (cJSON_IsBool(v)) {
        s = cJSON_IsTrue(v) ? "true" : "false";
    }
    if (s) {
        facet_count(f, s);
    }
}

static int most_first(const void *a, const void *b) {
    const struct facet_value *x = a, *y = b;
    return x->count != y->count ? (x->count < y->count ? 1 : -1) : strcmp(x->value, y->value);
}

void facet_add(struct facet *facets, int i, const struct search_field *field, const cJSON *doc) {
    struct facet *f = &facets[i];
    const cJSON *v = cJSON_GetObjectItemCaseSensitive(doc, field->name);
    const cJSON *item = NULL;
    if (!field->array) {
        facet_add_one(f, v);
        return;
    }
    cJSON_ArrayForEach(item, v) {
        facet_add_one(f, item);
    }
}

/* A string member of a flat document without parsing it: inside a string every quote is escaped, so
 * the sequence cannot be part of one. False where only a parser can tell. */
static bool facet_add_quickly(struct facet *f, const struct search_field *field,
                              const struct search_doc *d) {
    char key[SEARCH_NAME + 8];
    snprintf(key, sizeof key, "\"%s\":\"", field->name);
    const char *at = field->kind == KIND_STRING && !field->array ? strstr(d->json, key) : NULL;
    size_t n = at ? strcspn(at + strlen(key), "\\\"") : 0;
    if (!at || n >= SEARCH_NAME || at[strlen(key) + n] != '"') {
        return false;
    }
    char value[SEARCH_NAME];
    memcpy(value, at + strlen(key), n);
    value[n] = 0;
    facet_count(f, value);
    return true;
}

void facet_add_json(struct text *t, struct facet *facets, int i, const char *name, int64_t max) {
    struct facet *f = &facets[i];
    qsort(f->value, (size_t)f->n, sizeof f->value[0], most_first);
    text_puts(t, "{\"counts\":[");
    for (int k = 0; k < f->n && k < max; k++) {
        text_addf(t, "%s{\"count\":%zu,\"highlighted\":", k ? "," : "", f->value[k].count);
        text_add_json(t, f->value[k].value);
        text_puts(t, ",\"value\":");
        text_add_json(t, f->value[k].value);
        text_puts(t, "}");
    }
    text_puts(t, "],\"field_name\":");
    text_add_json(t, name);
    text_puts(t, ",\"sampled\":false,\"stats\":{");
    if (f->numbers) {
        text_addf(t, "\"avg\":%.15g,\"max\":%.15g,\"min\":%.15g,\"sum\":%.15g,",
                  f->sum / (double)f->numbers, f->max, f->min, f->sum);
    }
    text_addf(t, "\"total_values\":%d}}", f->n);
}

void facet_add_doc(struct facet *facets, int i, const struct search_field *field,
                   const struct search_doc *d) {
    if (!facet_add_quickly(&facets[i], field, d)) {
        cJSON *doc = cJSON_Parse(d->json);
        facet_add(facets, i, field, doc);
        cJSON_Delete(doc);
    }
}

struct facet *facets_new(int n) {
    struct facet *facets = calloc((size_t)n + 1, sizeof *facets);
    if (!facets) {
        abort();
    }
    return facets;
}

void facets_free(struct facet *facets, int n) {
    for (int i = 0; i < n; i++) {
        for (int k = 0; k < facets[i].n; k++) {
            free(facets[i].value[k].value);
        }
    }
    free(facets);
}
