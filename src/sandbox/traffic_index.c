/* sandbox/traffic_index.c - keeps the search index in step with the database, as the API does: one
 * walk over the whole of it, from then on what has changed. */
#include "traffic_priv.h"

#include <stdatomic.h>
#include <stdio.h>

enum { INDEX_EVERY_MS = 2000, INDEX_CHUNK = 500, ROWS_MS = 10000 };

static atomic_bool whole;

#define DOCUMENT_SQL                                                                               \
    "json_strip_nulls(json_build_object('id', l.id, 'listingId', l.id, 'propertyId', p.id, "       \
    "'title', p.title, 'description', p.description, 'propertyType', p.\"propertyType\", "         \
    "'transactionType', l.\"transactionType\", 'priceVND', l.\"priceVND\", 'pricePerM2', "         \
    "l.\"pricePerM2\", 'areaM2', p.\"areaM2\", 'bedrooms', coalesce(p.bedrooms, 0), 'bathrooms', " \
    "coalesce(p.bathrooms, 0), 'floors', coalesce(p.floors, 0), 'direction', "                     \
    "coalesce(p.direction::text, ''), 'address', p.address, 'ward', p.ward, 'district', "          \
    "p.district, 'city', p.city, 'location', json_build_array(ST_Y(p.location), "                  \
    "ST_X(p.location)), 'agentId', coalesce(l.\"agentId\", ''), 'sellerId', l.\"sellerId\", "      \
    "'status', l.status, 'publishedAt', "                                                          \
    "coalesce(floor(extract(epoch from l.\"publishedAt\"))::bigint, 0), 'viewCount', "             \
    "l.\"viewCount\", 'saveCount', l.\"saveCount\", 'projectName', "                               \
    "coalesce(p.\"projectName\", ''), 'amenities', coalesce(p.amenities, '{}')))::text"

#define FROM_SQL " FROM \"Listing\" l JOIN \"Property\" p ON p.id = l.\"propertyId\" "

struct indexer {
    struct db db;
    bool ensured, whole_done;
    char after[64];                       /* the last id of the first walk */
    char watermark[40], watermark_id[64]; /* everything changed up to here is indexed */
};

static bool index_rows(const PGresult *r) {
    struct text lines = {0};
    for (int i = 0; i < PQntuples(r); i++) {
        text_puts(&lines, PQgetvalue(r, i, 1));
        text_puts(&lines, "\n");
    }
    bool ok = !lines.size || typesense_upsert_listings(lines.data, lines.size);
    text_done(&lines);
    return ok;
}

static bool start_watermark(struct indexer *x) {
    PGresult *r = db_query(&x->db, "SELECT (now() AT TIME ZONE 'UTC')::timestamp(3)::text", 0, NULL,
                           TRAFFIC_CALL_MS);
    if (r) {
        snprintf(x->watermark, sizeof x->watermark, "%s", PQgetvalue(r, 0, 0));
        PQclear(r);
    }
    return r != NULL;
}

/* The first walk, in the order of ids, a chunk at a time. */
static bool index_next_chunk(struct indexer *x) {
    if (!*x->watermark && !start_watermark(x)) {
        return false;
    }
    char limit[16];
    snprintf(limit, sizeof limit, "%d", INDEX_CHUNK);
    const char *const params[] = {x->after, limit};
    PGresult *r = db_query(
        &x->db, "SELECT l.id, " DOCUMENT_SQL FROM_SQL "WHERE l.id > $1 ORDER BY l.id LIMIT $2::int",
        2, params, ROWS_MS);
    if (!r) {
        return false;
    }
    bool ok = index_rows(r);
    int n = PQntuples(r);
    if (ok && n) {
        snprintf(x->after, sizeof x->after, "%s", PQgetvalue(r, n - 1, 0));
    }
    x->whole_done = ok && n < INDEX_CHUNK;
    PQclear(r);
    return ok;
}

/* Ordered by time and id: a bulk change gives thousands of rows one time. A row's time is that of
 * its transaction's start: one that is committed late lies behind rows that are there already, so
 * the newest seconds are left to settle. */
static void index_changes(struct indexer *x) {
    const char *const params[] = {x->watermark, x->watermark_id};
    PGresult *r = db_query(&x->db,
                           "SELECT l.id, " DOCUMENT_SQL ", l.\"updatedAt\"::text" FROM_SQL
                           "WHERE (l.\"updatedAt\", l.id) > ($1::timestamp(3), $2) AND "
                           "l.\"updatedAt\" < now() AT TIME ZONE 'UTC' - interval '3 seconds' "
                           "ORDER BY l.\"updatedAt\", l.id LIMIT 1000",
                           2, params, ROWS_MS);
    int n = r ? PQntuples(r) : 0;
    if (n && index_rows(r)) {
        snprintf(x->watermark, sizeof x->watermark, "%s", PQgetvalue(r, n - 1, 2));
        snprintf(x->watermark_id, sizeof x->watermark_id, "%s", PQgetvalue(r, n - 1, 0));
    }
    PQclear(r);
}

void *index_main(void *arg) {
    struct indexer x = {0};
    unsigned pause_ms = 200;
    (void)arg;
    while (standins_sleep_ms(pause_ms)) {
        pause_ms = INDEX_EVERY_MS;
        if (!standins_reachable(SB_TYPESENSE) || !standins_reachable(SB_API)) {
            continue;
        }
        if (!x.ensured) {
            typesense_ensure_listings();
            x.ensured = true;
        }
        if (!x.whole_done) {
            pause_ms = index_next_chunk(&x) ? 20 : 1000;
            atomic_store(&whole, x.whole_done);
        } else if (!standins_scenarios().search_behind) {
            index_changes(&x);
        }
    }
    db_done(&x.db);
    return NULL;
}

bool index_is_whole(void) {
    return atomic_load(&whole);
}
