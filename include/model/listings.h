/* model/listings.h - the search collection `listings` as the runbook describes it: 26 fields. The
 * Typesense probe holds the live schema against it, the reindex creates it. */
#ifndef GOODGO_MODEL_LISTINGS_H
#define GOODGO_MODEL_LISTINGS_H

#include <stdbool.h>
#include <stdint.h>

#define LISTINGS_COLLECTION "listings"
#define LISTINGS_N_FIELDS   26u

enum { FIELD_FACET = 1, FIELD_SORT = 2, FIELD_OPTIONAL = 4 };
struct listings_field {
    const char *name, *type; /* of Typesense */
    unsigned flags;
};
extern const struct listings_field listings_fields[LISTINGS_N_FIELDS];
bool listings_has_field(const char *name);

#endif
