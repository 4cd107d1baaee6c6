/* sandbox/search.c - documents, schema checks, filters, sorting and facets of the Typesense
 * stand-in. Documents are kept as text and parsed where a query looks inside them: slower than the
 * real one, but small and never out of step. */
#include "search.h"
#include "standins.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { MAX_TERMS = 24, MAX_VALUES = 32, MAX_FACETS = 8, MAX_FACET_VALUES = 512, MAX_SORTS = 3 };

static void verdict(struct search_result *ret, int status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void verdict(struct search_result *ret, int status, const char *format, ...) {
    va_list args;
    va_start(args, format);
    vsnprintf(ret->message, sizeof ret->message, format, args);
    va_end(args);
    ret->status = status;
}

/* ---- schema ---- */

static const struct {
    const char *name;
    enum field_kind kind;
} types[] = {{"string", KIND_STRING}, {"int32", KIND_INT},   {"int64", KIND_INT},
             {"float", KIND_FLOAT},   {"bool", KIND_BOOL},   {"geopoint", KIND_GEO},
             {"object", KIND_ANY},    {"string*", KIND_ANY}, {"auto", KIND_ANY}};

static bool read_type(struct search_field *f) {
    size_t n = strlen(f->type);
    f->array = n > 2 && strcmp(f->type + n - 2, "[]") == 0;
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (strlen(types[i].name) == n - (f->array ? 2 : 0) &&
            strncmp(f->type, types[i].name, n - (f->array ? 2 : 0)) == 0) {
            f->kind = types[i].kind;
            return true;
        }
    }
    return false;
}

static bool flag(const cJSON *json, const char *name, bool fallback) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(json, name);
    return cJSON_IsBool(item) ? cJSON_IsTrue(item) : fallback;
}

bool search_field_read(const cJSON *json, struct search_field *f, struct search_result *ret) {
    const char *name = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, "name"));
    const char *type = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, "type"));
    *f = (struct search_field){0};
    if (!name || !*name || strlen(name) >= sizeof f->name || !type) {
        verdict(ret, 400,
                "Wrong format for `fields`. It should be an array of objects containing "
                "`name`, `type`, `optional` and `facet` properties.");
        return false;
    }
    snprintf(f->name, sizeof f->name, "%s", name);
    snprintf(f->type, sizeof f->type, "%s", type);
    if (strlen(type) >= sizeof f->type || !read_type(f)) {
        verdict(ret, 400,
                "Field `%s` has an invalid data type `%s`, see docs for supported data types.",
                name, type);
        return false;
    }
    bool number =
        f->kind == KIND_INT || f->kind == KIND_FLOAT || f->kind == KIND_BOOL || f->kind == KIND_GEO;
    f->facet = flag(json, "facet", false);
    f->optional = flag(json, "optional", f->kind == KIND_ANY);
    f->index = flag(json, "index", true);
    f->sort = flag(json, "sort", number && !f->array);
    f->infix = flag(json, "infix", false);
    f->store = flag(json, "store", true);
    return true;
}

const struct search_field *collection_field(const struct search_collection *c, const char *name) {
    for (int i = 0; i < c->n_fields; i++) {
        if (strcmp(c->field[i].name, name) == 0) {
            return &c->field[i];
        }
    }
    return NULL;
}

static bool read_default_sort(struct search_collection *c, const cJSON *schema,
                              struct search_result *ret) {
    const char *name =
        cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(schema, "default_sorting_field"));
    if (!name || !*name) {
        return true;
    }
    const struct search_field *f = collection_field(c, name);
    if (!f) {
        verdict(ret, 400,
                "Default sorting field is defined as `%s` but is not found in the schema.", name);
        return false;
    }
    if (!f->sort || f->array) {
        verdict(ret, 400, "Default sorting field `%s` is not a sortable type.", name);
        return false;
    }
    snprintf(c->default_sort, sizeof c->default_sort, "%s", name);
    return true;
}

static bool read_schema(struct search_collection *c, const cJSON *schema,
                        struct search_result *ret) {
    const char *name = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(schema, "name"));
    const cJSON *fields = cJSON_GetObjectItemCaseSensitive(schema, "fields");
    const cJSON *field = NULL;
    if (!name) {
        verdict(ret, 400, "Parameter `name` is required.");
        return false;
    }
    if (!*name || strlen(name) >= sizeof c->name) {
        verdict(ret, 400, "Parameter `name` must be a non-empty string.");
        return false;
    }
    if (!cJSON_IsArray(fields) || !fields->child) {
        verdict(ret, 400, "Parameter `fields` is required.");
        return false;
    }
    snprintf(c->name, sizeof c->name, "%s", name);
    cJSON_ArrayForEach(field, fields) {
        if (c->n_fields == SEARCH_MAX_FIELDS) {
            verdict(ret, 400, "Too many fields.");
            return false;
        }
        if (!search_field_read(field, &c->field[c->n_fields], ret)) {
            return false;
        }
        c->n_fields++;
    }
    return read_default_sort(c, schema, ret);
}

struct search_collection *collection_new(const cJSON *schema, struct search_result *ret) {
    struct search_collection *c = calloc(1, sizeof *c);
    if (!c) {
        abort();
    }
    if (!read_schema(c, schema, ret)) {
        free(c);
        return NULL;
    }
    c->created_s = clock_wall_ms() / 1000;
    c->n_buckets = 1024;
    c->bucket = calloc(c->n_buckets, sizeof *c->bucket);
    if (!c->bucket) {
        abort();
    }
    ret->status = 201;
    return c;
}

static void doc_free(struct search_doc *d) {
    free(d->id);
    free(d->json);
    free(d);
}

void collection_free(struct search_collection *c) {
    if (!c) {
        return;
    }
    for (size_t i = 0; i < c->n_buckets; i++) {
        struct search_doc *d = c->bucket[i];
        while (d) {
            struct search_doc *next = d->next;
            doc_free(d);
            d = next;
        }
    }
    free(c->bucket);
    cJSON_Delete(c->synonyms);
    cJSON_Delete(c->overrides);
    free(c);
}

static const char *yes_no(bool b) {
    return b ? "true" : "false";
}

static void add_field(struct text *t, const struct search_field *f) {
    text_addf(t,
              "{\"facet\":%s,\"index\":%s,\"infix\":%s,\"locale\":\"\",\"name\":", yes_no(f->facet),
              yes_no(f->index), yes_no(f->infix));
    text_add_json(t, f->name);
    text_addf(t, ",\"optional\":%s,\"sort\":%s,\"stem\":false,\"store\":%s,\"type\":\"%s\"}",
              yes_no(f->optional), yes_no(f->sort), yes_no(f->store), f->type);
}

void collection_add_json(struct text *t, const struct search_collection *c, bool with_fields) {
    text_addf(t,
              "{\"created_at\":%llu,\"default_sorting_field\":", (unsigned long long)c->created_s);
    text_add_json(t, c->default_sort);
    text_puts(t, ",\"enable_nested_fields\":false,");
    if (with_fields) {
        text_puts(t, "\"fields\":[");
        for (int i = 0; i < c->n_fields; i++) {
            text_puts(t, i ? "," : "");
            add_field(t, &c->field[i]);
        }
        text_puts(t, "],");
    }
    text_puts(t, "\"name\":");
    text_add_json(t, c->name);
    text_addf(t, ",\"num_documents\":%zu,\"symbols_to_index\":[],\"token_separators\":[]}",
              c->n_docs);
}

/* ---- documents ---- */

static size_t hash_of(const char *s) {
    uint64_t h = 1469598103934665603u;
    for (; *s; s++) {
        h = (h ^ (unsigned char)*s) * 1099511628211u;
    }
    return (size_t)h;
}

static struct search_doc **slot_of(const struct search_collection *c, const char *id) {
    struct search_doc **at = &c->bucket[hash_of(id) % c->n_buckets];
    while (*at && strcmp((*at)->id, id) != 0) {
        at = &(*at)->next;
    }
    return at;
}

static void grow(struct search_collection *c) {
    size_t n = c->n_buckets * 4;
    struct search_doc **bucket = calloc(n, sizeof *bucket);
    if (!bucket) {
        return;
    }
    for (size_t i = 0; i < c->n_buckets; i++) {
        for (struct search_doc *d = c->bucket[i], *next; d; d = next) {
            next = d->next;
            struct search_doc **to = &bucket[hash_of(d->id) % n];
            d->next = *to;
            *to = d;
        }
    }
    free(c->bucket);
    c->bucket = bucket;
    c->n_buckets = n;
}

const struct search_doc *collection_doc(const struct search_collection *c, const char *id) {
    return *slot_of(c, id);
}

bool collection_remove(struct search_collection *c, const char *id) {
    struct search_doc **at = slot_of(c, id);
    struct search_doc *d = *at;
    if (!d) {
        return false;
    }
    *at = d->next;
    doc_free(d);
    c->n_docs--;
    return true;
}

static bool value_fits(const struct search_field *f, const cJSON *v) {
    switch (f->kind) {
    case KIND_STRING:
        return cJSON_IsString(v);
    case KIND_INT:
        return cJSON_IsNumber(v) && floor(v->valuedouble) == v->valuedouble;
    case KIND_FLOAT:
        return cJSON_IsNumber(v);
    case KIND_BOOL:
        return cJSON_IsBool(v);
    case KIND_GEO:
        return cJSON_IsArray(v) && cJSON_GetArraySize(v) == 2 && cJSON_IsNumber(v->child) &&
               cJSON_IsNumber(v->child->next);
    default:
        return true;
    }
}

static bool field_fits(const struct search_field *f, const cJSON *v, struct search_result *ret) {
    static const char *const words[] = {
        "a string", "an integer", "a float", "a bool", "a 2 element array: [lat, lng]", "valid"};
    bool fits = f->array ? cJSON_IsArray(v) : value_fits(f, v);
    const cJSON *item = NULL;
    if (fits && f->array) {
        cJSON_ArrayForEach(item, v) {
            fits = fits && value_fits(f, item);
        }
    }
    if (!fits && f->array) {
        verdict(ret, 400, "Field `%s` must be an array.", f->name);
    } else if (!fits) {
        const char *word = strncmp(f->type, "int32", 5) == 0   ? "an int32"
                           : strncmp(f->type, "int64", 5) == 0 ? "an int64"
                                                               : words[f->kind];
        verdict(ret, 400, "Field `%s` must be %s.", f->name, word);
    }
    return fits;
}

static bool document_fits(const struct search_collection *c, const cJSON *d,
                          struct search_result *ret) {
    for (int i = 0; i < c->n_fields; i++) {
        const struct search_field *f = &c->field[i];
        const cJSON *v = cJSON_GetObjectItemCaseSensitive(d, f->name);
        if (v && !cJSON_IsNull(v)) {
            if (!field_fits(f, v, ret)) {
                return false;
            }
        } else if (strcmp(f->name, c->default_sort) == 0) {
            verdict(ret, 400,
                    "Field `%s` has been declared as a default sorting field, but is not found in "
                    "the document.",
                    f->name);
            return false;
        } else if (!f->optional) {
            verdict(ret, 400,
                    "Field `%s` has been declared in the schema, but is not found in the document.",
                    f->name);
            return false;
        }
    }
    return true;
}

/* The members of `change` laid over the stored document. */
static cJSON *merged(const struct search_doc *old, const cJSON *change) {
    cJSON *d = cJSON_Parse(old->json);
    const cJSON *item = NULL;
    cJSON_ArrayForEach(item, change) {
        cJSON_DeleteItemFromObjectCaseSensitive(d, item->string);
        if (!cJSON_IsNull(item)) {
            cJSON_AddItemToObject(d, item->string, cJSON_Duplicate(item, 1));
        }
    }
    return d;
}

static const char *document_id(struct search_collection *c, cJSON *document,
                               struct search_result *ret) {
    const cJSON *id = cJSON_GetObjectItemCaseSensitive(document, "id");
    if (id && !cJSON_IsString(id)) {
        verdict(ret, 400, "Document's `id` field should be a string.");
        return NULL;
    }
    if (id && !*id->valuestring) {
        verdict(ret, 400, "The `id` should not be empty.");
        return NULL;
    }
    if (id) {
        return id->valuestring;
    }
    char made[32];
    snprintf(made, sizeof made, "%llu", (unsigned long long)c->next_seq);
    const cJSON *added = cJSON_AddStringToObject(document, "id", made);
    return cJSON_GetStringValue(added);
}

/* Takes `json`. */
static const struct search_doc *store(struct search_collection *c, const char *id, char *json) {
    struct search_doc **at = slot_of(c, id);
    if (!json) {
        abort();
    }
    if (*at) {
        free((*at)->json);
        (*at)->json = json;
        return *at;
    }
    struct search_doc *d = calloc(1, sizeof *d);
    if (!d) {
        abort();
    }
    *d = (struct search_doc){.id = strdup(id), .json = json, .seq = c->next_seq++};
    *at = d;
    if (++c->n_docs > c->n_buckets * 2) {
        grow(c);
    }
    return d;
}

void collection_write(struct search_collection *c, cJSON *document, const char *text, size_t size,
                      enum write_action action, struct search_result *ret,
                      const struct search_doc **ret_doc) {
    if (!cJSON_IsObject(document)) {
        verdict(ret, 400, "Bad JSON: not a properly formed document.");
        return;
    }
    bool as_sent = text && cJSON_GetObjectItemCaseSensitive(document, "id") && text[0] == '{' &&
                   text[size - 1] == '}';
    const char *id = document_id(c, document, ret);
    if (!id) {
        return;
    }
    const struct search_doc *old = collection_doc(c, id);
    if (old && action == WRITE_CREATE) {
        verdict(ret, 409, "A document with id %s already exists.", id);
        return;
    }
    if (!old && action == WRITE_UPDATE) {
        verdict(ret, 404, "Could not find a document with id: %s", id);
        return;
    }
    bool merge = old && (action == WRITE_UPDATE || action == WRITE_EMPLACE);
    cJSON *whole = merge ? merged(old, document) : document;
    if (document_fits(c, whole, ret)) {
        /* cJSON prints fifteen digits of a number: as it was sent it stays exact, and is faster. */
        const struct search_doc *d =
            store(c, id, as_sent && !merge ? strndup(text, size) : cJSON_PrintUnformatted(whole));
        ret->status = old ? 200 : 201;
        if (ret_doc) {
            *ret_doc = d;
        }
    }
    if (merge) {
        cJSON_Delete(whole);
    }
}

/* ---- filters ---- */

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

static char *trimmed(const char *from, size_t n) {
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
    return strndup(from, n);
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
        verdict(ret, 400, "Error with filter field `%s`: Not %s.", t->field->name,
                t->field->kind == KIND_FLOAT          ? "a float"
                : strncmp(t->field->type, "int64", 5) ? "an int32"
                                                      : "an int64");
        return false;
    }
    return true;
}

static bool term_add_value(struct term *t, const char *from, size_t n, struct search_result *ret) {
    if (t->n_values == MAX_VALUES) {
        verdict(ret, 400, "Too many values in the filter query.");
        return false;
    }
    char *v = trimmed(from, n);
    if (!v || !*v) {
        free(v);
        verdict(ret, 400, "Error with filter field `%s`: Filter value cannot be empty.",
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
        at = end + strspn(end, ", ");
        if (end == s || (i < 2 && *end != ',')) {
            verdict(ret, 400,
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

static bool term_values(struct term *t, const char *s, size_t n, struct search_result *ret) {
    if (n >= 2 && s[0] == '[' && s[n - 1] == ']') {
        const char *at = s + 1, *end = s + n - 1;
        while (at <= end) {
            size_t size = 0;
            bool quoted = false;
            while (at + size < end && (quoted || at[size] != ',')) {
                quoted ^= at[size] == '`';
                size++;
            }
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
    for (size_t i = 0; i < sizeof ops / sizeof ops[0]; i++) {
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
    char *whole = trimmed(s, n);
    char *colon = whole ? strchr(whole, ':') : NULL;
    bool ok = false;
    if (!colon || colon == whole) {
        verdict(ret, 400, "Could not parse the filter query.");
        free(whole);
        return false;
    }
    char *name = trimmed(whole, (size_t)(colon - whole));
    t->field = collection_field(c, name);
    if (!t->field && strcmp(name, "id") != 0) {
        verdict(ret, 400, "Could not find a filter field named `%s` in the schema.", name);
    } else {
        const char *at = colon + 1;
        at += strspn(at, " ");
        read_op(t, &at);
        at += strspn(at, " ");
        ok = t->field && t->field->kind == KIND_GEO ? *at == '(' && term_geo(t, at, ret)
                                                    : term_values(t, at, strlen(at), ret);
        if (!ok && ret->status < 400) {
            verdict(ret, 400, "Could not parse the filter query.");
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
            verdict(ret, 400, "Could not parse the filter query.");
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
            verdict(ret, 400, "Could not parse the filter query.");
            return false;
        }
    }
    return true;
}

static bool words_in(const char *value, const char *text) {
    return strcasestr(text, value) != NULL;
}

static bool holds_string(const struct term *t, const char *have) {
    for (int k = 0; k < t->n_values; k++) {
        bool exact = t->exact || !t->field; /* an id always */
        if (exact ? strcasecmp(t->value[k], have) == 0 : words_in(t->value[k], have)) {
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

static double distance_km(double lat1, double lng1, double lat2, double lng2) {
    const double rad = 3.14159265358979323846 / 180;
    double a = sin((lat2 - lat1) * rad / 2), b = sin((lng2 - lng1) * rad / 2);
    double h = a * a + cos(lat1 * rad) * cos(lat2 * rad) * b * b;
    return 2 * 6371.0 * asin(sqrt(h));
}

static bool holds_one(const struct term *t, const cJSON *v) {
    if (t->op == TERM_GEO) {
        return cJSON_IsArray(v) && v->child && v->child->next &&
               distance_km(t->low[0], t->high[0], v->child->valuedouble,
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

struct hit {
    const struct search_doc *doc;
    double key[MAX_SORTS];
};

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

static const struct search_doc **docs_by_id(const struct search_collection *c, const char *filter,
                                            size_t *ret_n) {
    const char *at = strchr(filter, '[') + 1, *end = filter + strlen(filter) - 1;
    const struct search_doc **docs = calloc(strlen(filter), sizeof *docs);
    size_t n = 0;
    if (!docs) {
        abort();
    }
    while (at < end) {
        size_t size = 0;
        bool quoted = false;
        while (at + size < end && (quoted || at[size] != ',')) {
            quoted ^= at[size] == '`';
            size++;
        }
        char *id = trimmed(at, size);
        const struct search_doc *d = id ? collection_doc(c, id) : NULL;
        if (d) {
            docs[n++] = d;
        }
        free(id);
        at += size + 1;
    }
    qsort(docs, n, sizeof *docs, newest_first);
    *ret_n = n;
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

/* ---- searching ---- */

struct sort {
    const struct search_field *field; /* NULL: _text_match, which leaves the order */
    bool ascending, distance;
    double lat, lng;
};

struct search {
    const struct search_collection *c;
    const char *q;
    const struct search_field *by[16];
    int n_by;
    struct sort sort[MAX_SORTS];
    int n_sorts;
    const struct search_field *facet[MAX_FACETS];
    int n_facets;
    int64_t per_page, page, max_facet_values;
};

static const char *param(const cJSON *params, const char *name) {
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(params, name));
}

static bool unsigned_param(const cJSON *params, const char *name, int64_t fallback, int64_t *ret_v,
                           struct search_result *ret) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(params, name);
    *ret_v = fallback;
    if (cJSON_IsNumber(item) && item->valuedouble >= 0) {
        *ret_v = (int64_t)item->valuedouble;
        return true;
    }
    if (!item || (cJSON_IsString(item) && string_to_i64(item->valuestring, ret_v) && *ret_v >= 0)) {
        return true;
    }
    verdict(ret, 400, "Parameter `%s` must be an unsigned integer.", name);
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
        char *part = trimmed(list, n);
        bool ok = part && (!*part || each(s, part, ret));
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
        verdict(ret, 404, "Could not find a field named `%s` in the schema.", part);
        return false;
    }
    if (f->kind != KIND_STRING) {
        verdict(ret, 400, "Field `%s` should be a string or a string array.", part);
        return false;
    }
    if (s->n_by < 16) {
        s->by[s->n_by++] = f;
    }
    return true;
}

static bool add_facet(struct search *s, const char *part, struct search_result *ret) {
    const struct search_field *f = collection_field(s->c, part);
    if (!f || !f->facet) {
        verdict(ret, 404, "Could not find a facet field named `%s` in the schema.", part);
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
        verdict(ret, 400, "Parameter `sort_by` is malformed.");
        return false;
    }
    size_t n = strcspn(part, "(:");
    snprintf(name, sizeof name, "%.*s", (int)n, part);
    struct sort *sort = &s->sort[s->n_sorts];
    *sort = (struct sort){.ascending = ascending};
    if (strcmp(name, "_text_match") == 0) {
        return true;
    }
    sort->field = collection_field(s->c, name);
    if (!sort->field || !sort->field->sort) {
        verdict(ret, 404, "Could not find a field named `%s` in the schema for sorting.", name);
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
        verdict(ret, 400, "No search fields specified for the query.");
        return false;
    }
    if (!s->q) {
        verdict(ret, 400, "Parameter `q` is required.");
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
        verdict(ret, 422, "Only upto 250 hits can be fetched per page.");
        return false;
    }
    s->page = s->page ? s->page : 1;
    const struct search_field *f = collection_field(s->c, s->c->default_sort);
    if (!s->n_sorts && f) {
        s->sort[s->n_sorts++] = (struct sort){.field = f};
    }
    return true;
}

static bool field_has(const cJSON *v, const char *word) {
    const cJSON *item = NULL;
    if (cJSON_IsString(v)) {
        return words_in(word, v->valuestring);
    }
    cJSON_ArrayForEach(item, v) {
        if (cJSON_IsString(item) && words_in(word, item->valuestring)) {
            return true;
        }
    }
    return false;
}

/* Every word of q somewhere in the fields asked for. */
static bool text_matches(const struct search *s, const cJSON *doc) {
    char word[256];
    const char *at = s->q;
    if (strcmp(s->q, "*") == 0) {
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

static double sort_key(const struct sort *sort, const cJSON *doc) {
    const cJSON *v = cJSON_GetObjectItemCaseSensitive(doc, sort->field->name);
    double key = 0;
    if (sort->distance && cJSON_IsArray(v) && v->child && v->child->next) {
        key = distance_km(sort->lat, sort->lng, v->child->valuedouble, v->child->next->valuedouble);
    } else {
        key = cJSON_IsNumber(v) ? v->valuedouble : cJSON_IsTrue(v);
    }
    return sort->ascending ? key : -key;
}

static int by_keys(const void *a, const void *b) {
    const struct hit *x = a, *y = b;
    for (int i = 0; i < MAX_SORTS; i++) {
        if (x->key[i] != y->key[i]) {
            return x->key[i] < y->key[i] ? -1 : 1;
        }
    }
    return x->doc->seq < y->doc->seq ? 1 : -1;
}

/* ---- facets ---- */

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
        f->value[f->n++] = (struct facet_value){strdup(s), 1};
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
        s = yes_no(cJSON_IsTrue(v));
    }
    if (s) {
        facet_count(f, s);
    }
}

static int most_first(const void *a, const void *b) {
    const struct facet_value *x = a, *y = b;
    return x->count != y->count ? (x->count < y->count ? 1 : -1) : strcmp(x->value, y->value);
}

static void add_facet_json(struct text *t, struct facet *f, const char *name, int64_t max) {
    qsort(f->value, (size_t)f->n, sizeof f->value[0], most_first);
    text_puts(t, "{\"counts\":[");
    for (int i = 0; i < f->n && i < max; i++) {
        text_addf(t, "%s{\"count\":%zu,\"highlighted\":", i ? "," : "", f->value[i].count);
        text_add_json(t, f->value[i].value);
        text_puts(t, ",\"value\":");
        text_add_json(t, f->value[i].value);
        text_puts(t, "}");
    }
    text_addf(t, "],\"field_name\":\"%s\",\"sampled\":false,\"stats\":{", name);
    if (f->numbers) {
        text_addf(t, "\"avg\":%.15g,\"max\":%.15g,\"min\":%.15g,\"sum\":%.15g,",
                  f->sum / (double)f->numbers, f->max, f->min, f->sum);
    }
    text_addf(t, "\"total_values\":%d}}", f->n);
}

static void facet_add(struct facet *f, const struct search_field *field, const cJSON *doc) {
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

/* ---- the reply ---- */

static void add_highlight(struct text *list, struct text *object, const char *field,
                          const char *text, const char *word) {
    const char *at = strcasestr(text, word);
    if (!at) {
        return;
    }
    size_t n = strlen(word);
    char *token = strndup(at, n);
    struct text snippet = {0}, body = {0};
    text_add(&snippet, text, (size_t)(at - text));
    text_addf(&snippet, "<mark>%s</mark>%s", token, at + n);
    text_puts(&body, "\"matched_tokens\":[");
    text_add_json(&body, token);
    text_puts(&body, "],\"snippet\":");
    text_add_json(&body, snippet.data);
    text_addf(list, "%s{\"field\":\"%s\",%s}", list->size ? "," : "", field, body.data);
    text_addf(object, "%s\"%s\":{%s}", object->size ? "," : "", field, body.data);
    text_done(&snippet);
    text_done(&body);
    free(token);
}

static void keep_named(cJSON *doc, const char *names, bool keep) {
    cJSON *next = NULL;
    for (cJSON *item = doc->child; names && item; item = next) {
        next = item->next;
        const char *at = names;
        bool named = false;
        size_t n = strlen(item->string);
        while (!named && (at = strstr(at, item->string))) {
            named = (at == names || strchr(", ", at[-1])) && (!at[n] || strchr(", ", at[n]));
            at += n;
        }
        if (named != keep) {
            cJSON_Delete(cJSON_DetachItemViaPointer(doc, item));
        }
    }
}

static void add_hit(struct text *t, const struct search *s, const struct search_doc *d,
                    const cJSON *params) {
    struct text list = {0}, object = {0};
    char word[256];
    cJSON *doc = cJSON_Parse(d->json);
    bool star = strcmp(s->q, "*") == 0;
    snprintf(word, sizeof word, "%.*s", (int)strcspn(s->q, " "), s->q);
    for (int i = 0; !star && i < s->n_by; i++) {
        const cJSON *v = cJSON_GetObjectItemCaseSensitive(doc, s->by[i]->name);
        if (cJSON_IsString(v)) {
            add_highlight(&list, &object, s->by[i]->name, v->valuestring, word);
        }
    }
    keep_named(doc, param(params, "include_fields"), true);
    keep_named(doc, param(params, "exclude_fields"), false);
    char *json = cJSON_PrintUnformatted(doc);
    text_addf(t, "{\"document\":%s,\"highlight\":{%s},\"highlights\":[%s]", json ? json : "{}",
              object.size ? object.data : "", list.size ? list.data : "");
    /* A number beyond 2^53, as the real one sends it. */
    text_puts(t, star ? "}" : ",\"text_match\":578730123365187705}");
    free(json);
    cJSON_Delete(doc);
    text_done(&list);
    text_done(&object);
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

/* Every document counted by its facets and nothing else: the usual question of a monitor. */
static bool only_facets(const struct search *s) {
    return s->n_facets == 1 && !s->per_page && strcmp(s->q, "*") == 0;
}

static size_t score(const struct search *s, const struct search_doc **docs, size_t n,
                    struct hit *hits, struct facet *facets) {
    size_t kept = 0;
    bool look = s->n_sorts || s->n_facets || strcmp(s->q, "*") != 0;
    if (only_facets(s)) {
        for (; kept < n; kept++) {
            if (!facet_add_quickly(&facets[0], s->facet[0], docs[kept])) {
                cJSON *doc = cJSON_Parse(docs[kept]->json);
                facet_add(&facets[0], s->facet[0], doc);
                cJSON_Delete(doc);
            }
        }
        return n;
    }
    for (size_t i = 0; i < n; i++) {
        cJSON *doc = look ? cJSON_Parse(docs[i]->json) : NULL;
        if (!look || text_matches(s, doc)) {
            struct hit *h = &hits[kept++];
            *h = (struct hit){.doc = docs[i]};
            for (int k = 0; k < s->n_sorts; k++) {
                h->key[k] = sort_key(&s->sort[k], doc);
            }
            for (int k = 0; k < s->n_facets; k++) {
                facet_add(&facets[k], s->facet[k], doc);
            }
        }
        cJSON_Delete(doc);
    }
    qsort(hits, kept, sizeof *hits, by_keys);
    return kept;
}

static void add_reply(struct text *t, const struct search *s, const struct hit *hits, size_t n,
                      struct facet *facets, const cJSON *params, uint64_t started_ms) {
    size_t from = (size_t)(s->page - 1) * (size_t)s->per_page;
    text_puts(t, "{\"facet_counts\":[");
    for (int k = 0; k < s->n_facets; k++) {
        text_puts(t, k ? "," : "");
        add_facet_json(t, &facets[k], s->facet[k]->name, s->max_facet_values);
    }
    text_addf(t, "],\"found\":%zu,\"hits\":[", n);
    for (size_t i = from; i < n && i < from + (size_t)s->per_page; i++) {
        text_puts(t, i > from ? "," : "");
        add_hit(t, s, hits[i].doc, params);
    }
    text_addf(t, "],\"out_of\":%zu,\"page\":%lld,\"request_params\":{\"collection_name\":",
              s->c->n_docs, (long long)s->page);
    text_add_json(t, s->c->name);
    text_puts(t, ",\"first_q\":");
    text_add_json(t, s->q);
    text_addf(t, ",\"per_page\":%lld,\"q\":", (long long)s->per_page);
    text_add_json(t, s->q);
    text_addf(t, "},\"search_cutoff\":false,\"search_time_ms\":%llu}",
              (unsigned long long)(clock_mono_ms() - started_ms));
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
    struct hit *hits = calloc(n + 1, sizeof *hits);
    struct facet *facets = calloc(MAX_FACETS, sizeof *facets);
    if (!hits || !facets) {
        abort();
    }
    n = score(&s, docs, n, hits, facets);
    add_reply(t, &s, hits, n, facets, params, started_ms);
    for (int k = 0; k < s.n_facets; k++) {
        for (int i = 0; i < facets[k].n; i++) {
            free(facets[k].value[i].value);
        }
    }
    free(facets);
    free(hits);
    free(docs);
}
