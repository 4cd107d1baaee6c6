/* sandbox/search_priv.h - what the files of the search share: a filter in front, a query read into
 * parts, what it counts, and the reply. */
#ifndef GOODGO_SANDBOX_SEARCH_PRIV_H
#define GOODGO_SANDBOX_SEARCH_PRIV_H

#include "search.h"

enum { MAX_FACETS = 8, MAX_SORTS = 3, MAX_QUERY_BY = 16 };

/* ---- search_schema.c ---- */
/* Name, fields and default order of an empty collection. */
bool schema_read(struct search_collection *c, const cJSON *schema, struct search_result *ret);
bool schema_fits(const struct search_collection *c, const cJSON *document,
                 struct search_result *ret);

/* ---- search_filter.c ---- */
/* Without blanks and backticks around it; for free(). */
char *search_trimmed(const char *from, size_t n);
bool search_words_in(const char *words, const char *text);
double search_distance_km(double lat1, double lng1, double lat2, double lng2);

/* ---- search.c: a query, read ---- */
struct search_sort {
    const struct search_field *field;
    bool ascending, distance;
    double lat, lng; /* where the distance is from */
};

struct search {
    const struct search_collection *c;
    const char *q;
    const struct search_field *by[MAX_QUERY_BY];
    int n_by;
    struct search_sort sort[MAX_SORTS];
    int n_sorts;
    const struct search_field *facet[MAX_FACETS];
    int n_facets;
    int64_t per_page, page, max_facet_values;
    const char *include_fields, *exclude_fields; /* NULL: all, none */
};

struct search_hit {
    const struct search_doc *doc;
    double key[MAX_SORTS];
};

bool search_is_star(const struct search *s);

/* ---- search_facets.c ---- */
struct facet;
/* `n` counters; never NULL. */
struct facet *facets_new(int n);
void facets_free(struct facet *facets, int n);
void facet_add(struct facet *facets, int i, const struct search_field *field, const cJSON *doc);
/* The same from the text of a document; parses it only where it must. */
void facet_add_doc(struct facet *facets, int i, const struct search_field *field,
                   const struct search_doc *d);
void facet_add_json(struct text *t, struct facet *facets, int i, const char *name, int64_t max);

/* ---- search_reply.c ---- */
void search_add_reply(struct text *t, const struct search *s, const struct search_hit *hits,
                      size_t n, struct facet *facets, uint64_t started_ms);

#endif
