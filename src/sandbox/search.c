/* sandbox/search.c - one search over a collection: its parameters, which documents match, and in
 * what order. Documents are kept as text and parsed where a query looks inside them: slower than
 * the real one, but small and never out of step. */
#include "search_priv.h"

#include "clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ---- the parameters ---- */

static const char *param(const cJSON *params, const char *name) {
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(params, name));
}

static bool unsigned_param(const cJSON *params, const char *name, int64_t fallback, int64_t *ret_v,
                           struct search_result *ret) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(params, name);
    *ret_v = fallback;
    if (cJSON_IsNumber(item) && item->valuedouble >= 0 && item->valuedouble <= UINT32_MAX) {
        *ret_v = (int64_t)item->valuedouble;
        return true;
    }
    if (!item || (cJSON_IsString(item) && string_to_i64(item->valuestring, ret_v) && *ret_v >= 0 &&
                  *ret_v <= UINT32_MAX)) {
        return true;
    }
    search_verdict(ret, 400, "Parameter `%s` must be an unsigned integer.", name);
    return false;
}

/* Calls `each` for every comma-separated part; stops where it says false. */
static bool each_part(const char *list, struct search *s, struct search_result *ret,
                      bool (*each)(struct search *s, const char *part, struct search_result *ret)) {
    int depth = 0;
    while (list && *list) {
        size_t n = 0;
        while (list[n] && (depth || list[n] != ',')) {
            depth += list[n] == '(' ? 1 : list[n] == ')' ? -1 : 0;
            n++;
        }
        char *part = search_trimmed(list, n);
        bool ok = !*part || each(s, part, ret);
        free(part);
        if (!ok) {
            return false;
        }
        list += n + (list[n] == ',');
    }
    return true;
}

static bool add_by(struct search *s, const char *part, struct search_result *ret) {
    const struct search_field *f = collection_field(s->c, part);
    if (!f) {
        search_verdict(ret, 404, "Could not find a field named `%s` in the schema.", part);
        return false;
    }
    if (f->kind != KIND_STRING) {
        search_verdict(ret, 400, "Field `%s` should be a string or a string array.", part);
        return false;
    }
    if (s->n_by < MAX_QUERY_BY) {
        s->by[s->n_by++] = f;
    }
    return true;
}

static bool add_facet(struct search *s, const char *part, struct search_result *ret) {
    const struct search_field *f = collection_field(s->c, part);
    if (!f || !f->facet) {
        search_verdict(ret, 404, "Could not find a facet field named `%s` in the schema.", part);
        return false;
    }
    if (s->n_facets < MAX_FACETS) {
        s->facet[s->n_facets++] = f;
    }
    return true;
}

static bool add_sort(struct search *s, const char *part, struct search_result *ret) {
    char name[SEARCH_NAME];
    const char *colon = strrchr(part, ':');
    bool ascending = colon && strcasecmp(colon, ":asc") == 0;
    if (!colon || (!ascending && strcasecmp(colon, ":desc") != 0) || s->n_sorts == MAX_SORTS) {
        search_verdict(ret, 400, "Parameter `sort_by` is malformed.");
        return false;
    }
    size_t n = strcspn(part, "(:");
    snprintf(name, sizeof name, "%.*s", (int)n, part);
    struct search_sort *sort = &s->sort[s->n_sorts];
    *sort = (struct search_sort){.ascending = ascending};
    if (strcmp(name, "_text_match") == 0) {
        return true;
    }
    sort->field = collection_field(s->c, name);
    if (!sort->field || !sort->field->sort) {
        search_verdict(ret, 404, "Could not find a field named `%s` in the schema for sorting.",
                       name);
        return false;
    }
    if (part[n] == '(') {
        char *end = NULL;
        sort->distance = true;
        sort->lat = strtod(part + n + 1, &end);
        sort->lng = strtod(end + strspn(end, ", "), NULL);
    }
    s->n_sorts++;
    return true;
}

static bool search_read(struct search *s, const cJSON *params, struct search_result *ret) {
    const char *by = param(params, "query_by");
    s->q = param(params, "q");
    bool star = s->q && strcmp(s->q, "*") == 0;
    if (!star && (!by || !*by)) {
        search_verdict(ret, 400, "No search fields specified for the query.");
        return false;
    }
    if (!s->q) {
        search_verdict(ret, 400, "Parameter `q` is required.");
        return false;
    }
    if (!each_part(by, s, ret, add_by) ||
        !each_part(param(params, "facet_by"), s, ret, add_facet) ||
        !each_part(param(params, "sort_by"), s, ret, add_sort) ||
        !unsigned_param(params, "per_page", 10, &s->per_page, ret) ||
        !unsigned_param(params, "page", 1, &s->page, ret) ||
        !unsigned_param(params, "max_facet_values", 10, &s->max_facet_values, ret)) {
        return false;
    }
    if (s->per_page > 250) {
        search_verdict(ret, 422, "Only upto 250 hits can be fetched per page.");
        return false;
    }
    s->page = s->page ? s->page : 1;
    s->include_fields = param(params, "include_fields");
    s->exclude_fields = param(params, "exclude_fields");
    const struct search_field *f = collection_field(s->c, s->c->default_sort);
    if (!s->n_sorts && f) {
        s->sort[s->n_sorts++] = (struct search_sort){.field = f};
    }
    return true;
}

/* ---- matching and order ---- */

bool search_is_star(const struct search *s) {
    return strcmp(s->q, "*") == 0;
}

static bool field_has(const cJSON *v, const char *word) {
    const cJSON *item = NULL;
    if (cJSON_IsString(v)) {
        return search_words_in(word, v->valuestring);
    }
    cJSON_ArrayForEach(item, v) {
        if (cJSON_IsString(item) && search_words_in(word, item->valuestring)) {
            return true;
        }
    }
    return false;
}

/* Every word of q somewhere in the fields asked for. */
static bool text_matches(const struct search *s, const cJSON *doc) {
    char word[256];
    const char *at = s->q;
    if (search_is_star(s)) {
        return true;
    }
    for (at += strspn(at, " "); *at; at += strspn(at, " ")) {
        size_t n = strcspn(at, " ");
        bool found = false;
        snprintf(word, sizeof word, "%.*s", (int)n, at);
        for (int i = 0; i < s->n_by && !found; i++) {
            found = field_has(cJSON_GetObjectItemCaseSensitive(doc, s->by[i]->name), word);
        }
        if (!found) {
            return false;
        }
        at += n;
    }
    return true;
}

static double sort_key(const struct search_sort *sort, const cJSON *doc) {
    const cJSON *v = cJSON_GetObjectItemCaseSensitive(doc, sort->field->name);
    double key = 0;
    if (sort->distance && cJSON_IsArray(v) && v->child && v->child->next) {
        key = search_distance_km(sort->lat, sort->lng, v->child->valuedouble,
                                 v->child->next->valuedouble);
    } else {
        key = cJSON_IsNumber(v) ? v->valuedouble : cJSON_IsTrue(v);
    }
    return sort->ascending ? key : -key;
}

static int by_keys(const void *a, const void *b) {
    const struct search_hit *x = a, *y = b;
    for (int i = 0; i < MAX_SORTS; i++) {
        if (x->key[i] != y->key[i]) {
            return x->key[i] < y->key[i] ? -1 : 1;
        }
    }
    return x->doc->seq < y->doc->seq ? 1 : -1;
}

/* Every document counted by its facets and nothing else: the usual question of a monitor. */
static bool only_facets(const struct search *s) {
    return s->n_facets == 1 && !s->per_page && search_is_star(s);
}

static size_t score(const struct search *s, const struct search_doc **docs, size_t n,
                    struct search_hit *hits, struct facet *facets) {
    size_t kept = 0;
    bool look = s->n_sorts || s->n_facets || !search_is_star(s);
    if (only_facets(s)) {
        for (size_t i = 0; i < n; i++) {
            facet_add_doc(facets, 0, s->facet[0], docs[i]);
        }
        return n;
    }
    for (size_t i = 0; i < n; i++) {
        cJSON *doc = look ? cJSON_Parse(docs[i]->json) : NULL;
        if (!look || text_matches(s, doc)) {
            struct search_hit *h = &hits[kept++];
            *h = (struct search_hit){.doc = docs[i]};
            for (int k = 0; k < s->n_sorts; k++) {
                h->key[k] = sort_key(&s->sort[k], doc);
            }
            for (int k = 0; k < s->n_facets; k++) {
                facet_add(facets, k, s->facet[k], doc);
            }
        }
        cJSON_Delete(doc);
    }
    qsort(hits, kept, sizeof *hits, by_keys);
    return kept;
}

void collection_search(const struct search_collection *c, const cJSON *params, struct text *t,
                       struct search_result *ret) {
    uint64_t started_ms = clock_mono_ms();
    struct search s = {.c = c};
    size_t n = 0;
    ret->status = 200;
    if (!search_read(&s, params, ret)) {
        return;
    }
    const struct search_doc **docs = collection_filter(c, param(params, "filter_by"), &n, ret);
    if (!docs) {
        return;
    }
    struct search_hit *hits = calloc(n + 1, sizeof *hits);
    struct facet *facets = facets_new(s.n_facets);
    if (!hits) {
        abort();
    }
    n = score(&s, docs, n, hits, facets);
    search_add_reply(t, &s, hits, n, facets, started_ms);
    facets_free(facets, s.n_facets);
    free(hits);
    free(docs);
}
