/* sandbox/traffic_work.c - the work of the platform: what its visitors do in the database and the
 * cache, each call with a deadline, so that the thread outlives any server it talks to. */
#include "traffic_priv.h"

#include <stdatomic.h>
#include <stdio.h>

enum { WORK_EVERY_MS = 330, IMPORT_MAX = 600 };

static atomic_bool db_down, cache_down;

bool work_db_down(void) {
    return atomic_load(&db_down);
}

bool work_cache_down(void) {
    return atomic_load(&cache_down);
}

/* ---- the database ---- */

struct worker {
    struct db db;
    struct cache cache;
    uint64_t turn;
    unsigned imported; /* while the index is behind */
};

static bool run_sql(struct worker *w, const char *sql, int n, const char *const *params) {
    bool ok = db_ok(&w->db, sql, n, params, TRAFFIC_CALL_MS);
    atomic_store(&db_down, !ok && !w->db.conn);
    return ok;
}

static void view_listing(struct worker *w) {
    run_sql(w,
            "UPDATE \"Listing\" SET \"viewCount\" = \"viewCount\" + 1 WHERE id = (SELECT "
            "id FROM \"Listing\" WHERE status = 'ACTIVE' ORDER BY \"publishedAt\" DESC "
            "NULLS LAST OFFSET floor(random() * 40) LIMIT 1)",
            0, NULL);
}

static void read_listings(struct worker *w) {
    run_sql(w,
            "SELECT l.id, p.title, l.\"priceVND\" FROM \"Listing\" l JOIN \"Property\" p "
            "ON p.id = l.\"propertyId\" WHERE l.status = 'ACTIVE' ORDER BY "
            "l.\"publishedAt\" DESC NULLS LAST LIMIT 20",
            0, NULL);
}

static void send_inquiry(struct worker *w) {
    char id[26];
    dice_cuid(id);
    const char *const params[] = {id};
    run_sql(w,
            "INSERT INTO \"Inquiry\" (id, \"listingId\", \"userId\", message) SELECT $1, "
            "l.id, l.\"sellerId\", 'Căn này còn không ạ?' FROM \"Listing\" l WHERE "
            "l.status = 'ACTIVE' OFFSET floor(random() * 20) LIMIT 1",
            1, params);
}

static const char new_listing_sql[] =
    "WITH src AS (SELECT l.\"agentId\", l.\"sellerId\", l.\"transactionType\", l.\"priceVND\", "
    "l.\"pricePerM2\", p.* FROM \"Listing\" l JOIN \"Property\" p ON p.id = l.\"propertyId\" "
    "ORDER BY l.\"createdAt\" DESC OFFSET floor(random() * 30) LIMIT 1), prop AS (INSERT INTO "
    "\"Property\" (id, \"propertyType\", title, description, address, ward, district, city, "
    "location, \"areaM2\", bedrooms, bathrooms, floors, direction, amenities, \"projectName\", "
    "\"updatedAt\") SELECT $1, \"propertyType\", title, description, address, ward, district, "
    "city, location, \"areaM2\", bedrooms, bathrooms, floors, direction, amenities, "
    "\"projectName\", now() AT TIME ZONE 'UTC' FROM src) INSERT INTO \"Listing\" (id, "
    "\"propertyId\", \"agentId\", \"sellerId\", \"transactionType\", status, \"priceVND\", "
    "\"pricePerM2\", \"publishedAt\", \"createdAt\", \"updatedAt\") SELECT $2, $1, \"agentId\", "
    "\"sellerId\", \"transactionType\", 'ACTIVE', \"priceVND\", \"pricePerM2\", now() AT TIME ZONE "
    "'UTC', now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC' FROM src";

static void new_listing(struct worker *w) {
    char property[26], listing[26];
    dice_cuid(property);
    dice_cuid(listing);
    const char *const params[] = {property, listing};
    if (run_sql(w, new_listing_sql, 2, params)) {
        api_count_listing();
    }
}

/* An index that is behind shows when there is something to be behind of: an agency imports its
 * listings meanwhile. */
static void import_listings(struct worker *w) {
    if (!standins_scenarios().search_behind) {
        w->imported = 0;
    }
    for (int i = 0; standins_scenarios().search_behind && w->imported < IMPORT_MAX && i < 5; i++) {
        new_listing(w);
        w->imported++;
    }
}

static void new_payment(struct worker *w) {
    static const char *const names[] = {"VNPAY", "MOMO", "ZALOPAY"};
    static const char *const ends[] = {"COMPLETED", "COMPLETED", "COMPLETED", "FAILED"};
    char id[26], key[26];
    dice_cuid(id);
    dice_cuid(key);
    const char *provider = names[dice(3)];
    const char *status = ends[dice(4)];
    char amount[24];
    snprintf(amount, sizeof amount, "%u000", 50 + dice(950));
    const char *const params[] = {id, provider, amount, status, key};
    bool ok =
        run_sql(w,
                "INSERT INTO \"Payment\" (id, \"userId\", provider, type, \"amountVND\", "
                "status, \"providerTxId\", \"idempotencyKey\", \"createdAt\", \"updatedAt\") "
                "SELECT $1, l.\"sellerId\", $2::\"PaymentProvider\", 'LISTING_FEE', "
                "$3::bigint, $4::\"PaymentStatus\", 'TX' || $5, $5, now() AT TIME ZONE 'UTC', "
                "now() AT TIME ZONE 'UTC' FROM \"Listing\" l ORDER BY l.\"createdAt\" DESC "
                "OFFSET floor(random() * 30) LIMIT 1",
                5, params);
    if (ok) {
        api_count_payment(provider, status);
    }
}

static void database_turn(struct worker *w) {
    view_listing(w);
    if (w->turn % 3 == 0) {
        read_listings(w);
    }
    if (w->turn % 20 == 5) {
        send_inquiry(w);
    }
    if (w->turn % 60 == 30) {
        new_listing(w);
    }
    import_listings(w);
    if (w->turn % 45 == 20) {
        new_payment(w);
    }
    if (w->turn % 90 == 60) {
        api_count_signup();
    }
}

/* ---- the cache ---- */

static void cache_turn(struct worker *w) {
    unsigned user = dice(400), query = dice(200);
    redisReply *r = cache_command(&w->cache, TRAFFIC_CALL_MS, "GET cache:search:%u", query);
    bool ok = r != NULL;
    bool missed = r && r->type == REDIS_REPLY_NIL;
    if (r) {
        freeReplyObject(r);
    }
    r = !ok ? NULL
        : missed && w->turn % 2
            ? cache_command(&w->cache, TRAFFIC_CALL_MS, "SETEX cache:search:%u 300 [%u,%u,%u]",
                            query, user, query, user + query)
        : w->turn % 5 == 0
            ? cache_command(&w->cache, TRAFFIC_CALL_MS,
                            "SETEX sess:%u 604800 {\"userId\":\"u%u\",\"role\":\"BUYER\"}", user,
                            user)
        : w->turn % 5 == 1 ? cache_command(&w->cache, TRAFFIC_CALL_MS, "INCR counter:views")
                           : cache_command(&w->cache, TRAFFIC_CALL_MS, "SETEX rate:10.0.0.%u 60 %u",
                                           dice(250), dice(60));
    ok = r != NULL;
    if (r) {
        freeReplyObject(r);
    }
    atomic_store(&cache_down, !ok);
}

/* ---- the thread ---- */

void *work_main(void *arg) {
    const struct platform *p = standins_platform();
    struct worker w = {0};
    (void)arg;
    while (standins_sleep_ms(WORK_EVERY_MS)) {
        w.turn++;
        if (!standins_reachable(SB_API)) {
            continue;
        }
        if (p->port[SB_POSTGRES]) {
            database_turn(&w);
        }
        if (p->port[SB_REDIS]) {
            cache_turn(&w);
        }
    }
    db_done(&w.db);
    cache_done(&w.cache);
    return NULL;
}
