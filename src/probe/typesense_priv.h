/* probe/typesense_priv.h - the search index held against what it should be. What each fills is
 * listed on top of typesense.c. */
#ifndef GOODGO_PROBE_TYPESENSE_PRIV_H
#define GOODGO_PROBE_TYPESENSE_PRIV_H

#include "codec/probe.h"
#include "wire/json.h"

#define TYPESENSE_MAX_ROWS 500 /* of a table */

/* typesense_schema_lib.c: the collection's fields against the runbook's. */
void typesense_schema(struct reading *out, const struct json *fields);
/* typesense_drift_lib.c: its documents against the database as the postgres section last saw it;
 * NULL = it did not. */
void typesense_drift(struct reading *r, const struct section *db_section);

#endif
