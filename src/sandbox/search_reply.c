/* sandbox/search_reply.c - the reply to a search: facets, one page of hits with what matched in
 * them, and the question again. */
#include "search_priv.h"

#include "clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void add_highlight(struct text *list, struct text *object, const char *field,
                          const char *text, const char *word) {
    const char *at = strcasestr(text, word);
    if (!at) {
        return;
    }
    size_t n = strlen(word);
    char *token = string_copy_n(at, n);
    struct text snippet = {0}, body = {0};
    text_add(&snippet, text, (size_t)(at - text));
    text_addf(&snippet, "<mark>%s</mark>%s", token, at + n);
    text_puts(&body, "\"matched_tokens\":[");
    text_add_json(&body, token);
    text_puts(&body, "],\"snippet\":");
    text_add_json(&body, snippet.data);
    text_puts(list, list->size ? ",{\"field\":" : "{\"field\":");
    text_add_json(list, field);
    text_addf(list, ",%s}", body.data);
    text_puts(object, object->size ? "," : "");
    text_add_json(object, field);
    text_addf(object, ":{%s}", body.data);
    text_done(&snippet);
    text_done(&body);
    free(token);
}

/* Is the field one of a list with commas or blanks between? */
static bool list_names(const char *list, const char *name) {
    while (*list) {
        list += strspn(list, ", ");
        size_t n = strcspn(list, ", ");
        if (n && strlen(name) == n && strncmp(list, name, n) == 0) {
            return true;
        }
        list += n;
    }
    return false;
}

static void keep_named(cJSON *doc, const char *names, bool keep) {
    cJSON *next = NULL;
    for (cJSON *item = doc && names ? doc->child : NULL; item; item = next) {
        next = item->next;
        if (list_names(names, item->string) != keep) {
            cJSON_Delete(cJSON_DetachItemViaPointer(doc, item));
        }
    }
}

static void add_hit(struct text *t, const struct search *s, const struct search_doc *d) {
    struct text list = {0}, object = {0};
    char word[256];
    cJSON *doc = cJSON_Parse(d->json);
    bool star = search_is_star(s);
    const char *first = s->q + strspn(s->q, " ");
    snprintf(word, sizeof word, "%.*s", (int)strcspn(first, " "), first);
    for (int i = 0; !star && i < s->n_by; i++) {
        const cJSON *v = cJSON_GetObjectItemCaseSensitive(doc, s->by[i]->name);
        if (cJSON_IsString(v)) {
            add_highlight(&list, &object, s->by[i]->name, v->valuestring, word);
        }
    }
    keep_named(doc, s->include_fields, true);
    keep_named(doc, s->exclude_fields, false);
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

void search_add_reply(struct text *t, const struct search *s, const struct search_hit *hits,
                      size_t n, struct facet *facets, uint64_t started_ms) {
    size_t from = (size_t)(s->page - 1) * (size_t)s->per_page;
    text_puts(t, "{\"facet_counts\":[");
    for (int k = 0; k < s->n_facets; k++) {
        text_puts(t, k ? "," : "");
        facet_add_json(t, facets, k, s->facet[k]->name, s->max_facet_values);
    }
    text_addf(t, "],\"found\":%zu,\"hits\":[", n);
    for (size_t i = from; i < n && i < from + (size_t)s->per_page; i++) {
        text_puts(t, i > from ? "," : "");
        add_hit(t, s, hits[i].doc);
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
