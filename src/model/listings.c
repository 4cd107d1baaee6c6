/* model/listings.c - the table of listings.h, in the runbook's order. */
#include "model/listings.h"

#include <string.h>

const struct listings_field listings_fields[LISTINGS_N_FIELDS] = {
    {"listingId", "string", 0},
    {"propertyId", "string", 0},
    {"title", "string", 0},
    {"description", "string", 0},
    {"propertyType", "string", FIELD_FACET},
    {"transactionType", "string", FIELD_FACET},
    {"priceVND", "int64", FIELD_SORT},
    {"pricePerM2", "float", FIELD_OPTIONAL},
    {"areaM2", "float", 0},
    {"bedrooms", "int32", FIELD_FACET},
    {"bathrooms", "int32", FIELD_FACET},
    {"floors", "int32", 0},
    {"direction", "string", FIELD_FACET},
    {"address", "string", 0},
    {"ward", "string", FIELD_FACET},
    {"district", "string", FIELD_FACET},
    {"city", "string", FIELD_FACET},
    {"location", "geopoint", 0},
    {"agentId", "string", 0},
    {"sellerId", "string", 0},
    {"status", "string", FIELD_FACET},
    {"publishedAt", "int64", FIELD_SORT},
    {"viewCount", "int32", 0},
    {"saveCount", "int32", 0},
    {"projectName", "string", FIELD_FACET},
    {"amenities", "string[]", FIELD_FACET},
};

bool listings_has_field(const char *name) {
    for (uint32_t i = 0; i < LISTINGS_N_FIELDS; i++)
        if (strcmp(name, listings_fields[i].name) == 0)
            return true;
    return false;
}
