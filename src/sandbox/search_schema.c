/* sandbox/search_schema.c - the schema of a collection: read from JSON, held against documents, and
 * told as JSON. */
#include "search_priv.h"

#include "array.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- reading ---- */

static const struct {
    const char *name;
    enum field_kind kind;
} types[] = {{"string", KIND_STRING}, {"int32", KIND_INT},   {"int64", KIND_INT},
             {"float", KIND_FLOAT},   {"bool", KIND_BOOL},   {"geopoint", KIND_GEO},
             {"object", KIND_ANY},    {"string*", KIND_ANY}, {"auto", KIND_ANY}};

static bool read_type(struct search_field *f) {
    size_t n = strlen(f->type);
    f->array = n > 2 && strcmp(f->type + n - 2, "[]") == 0;
    for (size_t i = 0; i < ARRAY_LEN(types); i++) {
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
        search_verdict(ret, 400,
                       "Wrong format for `fields`. It should be an array of objects containing "
                       "`name`, `type`, `optional` and `facet` properties.");
        return false;
    }
    snprintf(f->name, sizeof f->name, "%s", name);
    snprintf(f->type, sizeof f->type, "%s", type);
    if (strlen(type) >= sizeof f->type || !read_type(f)) {
        search_verdict(
            ret, 400,
            "Field `%s` has an invalid data type `%s`, see docs for supported data types.", name,
            type);
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
        search_verdict(ret, 400,
                       "Default sorting field is defined as `%s` but is not found in the schema.",
                       name);
        return false;
    }
    if (!f->sort || f->array) {
        search_verdict(ret, 400, "Default sorting field `%s` is not a sortable type.", name);
        return false;
    }
    snprintf(c->default_sort, sizeof c->default_sort, "%s", name);
    return true;
}

bool schema_read(struct search_collection *c, const cJSON *schema, struct search_result *ret) {
    const char *name = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(schema, "name"));
    const cJSON *fields = cJSON_GetObjectItemCaseSensitive(schema, "fields");
    const cJSON *field = NULL;
    if (!name) {
        search_verdict(ret, 400, "Parameter `name` is required.");
        return false;
    }
    if (!*name || strlen(name) >= sizeof c->name) {
        search_verdict(ret, 400, "Parameter `name` must be a non-empty string.");
        return false;
    }
    if (!cJSON_IsArray(fields) || !fields->child) {
        search_verdict(ret, 400, "Parameter `fields` is required.");
        return false;
    }
    snprintf(c->name, sizeof c->name, "%s", name);
    cJSON_ArrayForEach(field, fields) {
        if (c->n_fields == SEARCH_MAX_FIELDS) {
            search_verdict(ret, 400, "Too many fields.");
            return false;
        }
        if (!search_field_read(field, &c->field[c->n_fields], ret)) {
            return false;
        }
        c->n_fields++;
    }
    return read_default_sort(c, schema, ret);
}

/* ---- does a document fit? ---- */

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
        search_verdict(ret, 400, "Field `%s` must be an array.", f->name);
    } else if (!fits) {
        const char *word = strncmp(f->type, "int32", 5) == 0   ? "an int32"
                           : strncmp(f->type, "int64", 5) == 0 ? "an int64"
                                                               : words[f->kind];
        search_verdict(ret, 400, "Field `%s` must be %s.", f->name, word);
    }
    return fits;
}

bool schema_fits(const struct search_collection *c, const cJSON *document,
                 struct search_result *ret) {
    for (int i = 0; i < c->n_fields; i++) {
        const struct search_field *f = &c->field[i];
        const cJSON *v = cJSON_GetObjectItemCaseSensitive(document, f->name);
        if (v && !cJSON_IsNull(v)) {
            if (!field_fits(f, v, ret)) {
                return false;
            }
        } else if (strcmp(f->name, c->default_sort) == 0) {
            search_verdict(
                ret, 400,
                "Field `%s` has been declared as a default sorting field, but is not found in "
                "the document.",
                f->name);
            return false;
        } else if (!f->optional) {
            search_verdict(
                ret, 400,
                "Field `%s` has been declared in the schema, but is not found in the document.",
                f->name);
            return false;
        }
    }
    return true;
}

/* ---- as JSON ---- */

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
