/* tests/unit/test_probe_recorded.c - what real servers answered, as recorded, and what changes from
 * version to version: PostgreSQL 13 to 18, PgBouncer 1.15 to 1.26, Prometheus 2.24 to 3.5,
 * Typesense 27 and 29, Redis 6.0 to 8, Valkey 8 and 9. */
#include "harness.h"

#include "tests/fixture.h"
#include "tests/probe_redis.h"
#include "tests/probe_rows.h"

static const struct settings settings = {.typesense_url = "http://t",
                                         .typesense_key = "k",
                                         .minio_url = "http://m",
                                         .minio_access_key = "a",
                                         .minio_secret_key = "s",
                                         .minio_bucket = "photos",
                                         .loki_url = "http://l",
                                         .promtail_url = "http://q",
                                         .prometheus_url = "http://p",
                                         .pooled = {.host = "h", .dbname = "demo"}};

static bool feed(struct probe_bench *b, const char *stage, int status, const char *name) {
    bool ok = bench_http(b, stage, status, fixture(&b->arena, name));
    CU_ASSERT_TRUE(bench_is_clean(b, ok));
    return ok;
}

TEST(loki_3_4) {
    struct probe_bench b;
    bench_init(&b, probes[SERVICE_loki], &settings);
    CU_ASSERT_FALSE(feed(&b, "ready", 503, "loki-3.4/starting.txt"));
    CU_ASSERT_EQUAL(b.err.code, E_NOT_READY);
    CU_ASSERT_FALSE(feed(&b, "levels", 400, "loki-3.4/parse_error.txt"));
    CU_ASSERT_PTR_NOT_NULL(strstr(b.err.why, "parse error at line 1"));
    CU_ASSERT_TRUE(feed(&b, "levels", 200, "loki-3.4/levels.json"));
    CHECK_STR(bench_cell(&b, "levels", 0, "level"), "(none)"); /* no label of that name */
    CHECK_STR(bench_cell(&b, "levels", 0, "lines"), "37");
    CU_ASSERT_TRUE(feed(&b, "labels", 200, "loki-3.4/labels.json"));
    CU_ASSERT_EQUAL(bench_number(&b, "labels"), 4);
    CU_ASSERT_TRUE(feed(&b, "labels", 200, "loki-3.4/labels_empty.json"));
    CU_ASSERT_EQUAL(bench_number(&b, "labels"), 0);
    CU_ASSERT_TRUE(feed(&b, "version", 200, "loki-3.4/buildinfo.json"));
    CHECK_STR(bench_text(&b, "version"), "3.4.6");
    bench_done(&b);
}

TEST(prometheus_2_53) {
    struct probe_bench b;
    bench_init(&b, probes[SERVICE_prometheus], &settings);
    CU_ASSERT_TRUE(feed(&b, "targets", 200, "prometheus-2.53/targets.json"));
    CU_ASSERT_EQUAL(bench_number(&b, "targets_down"), 1);
    CU_ASSERT_EQUAL(bench_number(&b, "targets_up"), 0);
    CHECK_STR(bench_cell(&b, "targets", 1, "health"), "unknown");
    CU_ASSERT_TRUE(feed(&b, "series", 200, "prometheus-2.53/tsdb.json"));
    CU_ASSERT_EQUAL(bench_number(&b, "series"), 5);
    CU_ASSERT_TRUE(feed(&b, "version", 200, "prometheus-2.53/buildinfo.json"));
    CHECK_STR(bench_text(&b, "version"), "2.53.3+ds1");
    CU_ASSERT_TRUE(feed(&b, "rules", 200, "prometheus-2.53/no_rules.json"));
    CU_ASSERT_TRUE(feed(&b, "alerts", 200, "prometheus-2.53/no_alerts.json"));
    CU_ASSERT_FALSE(feed(&b, "presets", 400, "prometheus-2.53/parse_error.json"));
    bench_judge(&b);
    CU_ASSERT_PTR_NOT_NULL(bench_finding(&b, "no_rules"));
    CU_ASSERT_PTR_NOT_NULL(bench_finding(&b, "other_target_down"));
    bench_done(&b);
}

/* 2.42 counts no dropped targets and sends no warnings; 2.51 sends both. */
TEST(prometheus_2_42_and_2_51_alike) {
    static const char *const targets[] = {
        "{\"status\":\"success\",\"data\":{\"activeTargets\":[{\"labels\":{\"job\":\"a\","
        "\"instance\":\"i\"},\"health\":\"up\"}],\"droppedTargets\":[]}}",
        "{\"status\":\"success\",\"data\":{\"activeTargets\":[{\"labels\":{\"job\":\"a\","
        "\"instance\":\"i\"},\"health\":\"up\",\"scrapeInterval\":\"15s\"}],\"droppedTargets\":[],"
        "\"droppedTargetCounts\":{\"a\":7}},\"warnings\":[\"PromQL info: x\"]}"};
    for (size_t i = 0; i < ARRAY_LEN(targets); i++) {
        struct probe_bench b;
        bench_init(&b, probes[SERVICE_prometheus], &settings);
        CU_ASSERT_TRUE(bench_http(&b, "targets", 200, targets[i]));
        CU_ASSERT_EQUAL(bench_number(&b, "targets_up"), 1);
        CU_ASSERT_EQUAL(bench_rows(&b, "targets"), 1);
        /* An empty head has the extremes of 64 bits as its times. */
        CU_ASSERT_TRUE(
            bench_http(&b, "series", 200,
                       "{\"status\":\"success\",\"data\":{\"headStats\":{\"numSeries\":0,"
                       "\"minTime\":9223372036854775807,"
                       "\"maxTime\":-9223372036854775808}}}"));
        CU_ASSERT_EQUAL(bench_number(&b, "series"), 0);
        bench_done(&b);
    }
}

/* The same alert fires in both, at the same target. */
TEST(prometheus_2_24_and_3_5) {
    static const struct {
        const char *dir, *version;
        double series;
        const char *value;
    } rows[] = {{"prometheus-2.24", "2.24.1+ds", 796, "9.88372093"},
                {"prometheus-3.5", "3.5.3+ds1", 1006, "9.852216749"}};
    static const char *const stages[][2] = {{"targets", "targets"},     {"alerts", "alerts"},
                                            {"rules", "rules"},         {"version", "buildinfo"},
                                            {"runtime", "runtimeinfo"}, {"series", "tsdb"}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct probe_bench b;
        bench_init(&b, probes[SERVICE_prometheus], &settings);
        for (size_t s = 0; s < ARRAY_LEN(stages); s++)
            CU_ASSERT_TRUE(feed(&b, stages[s][0], 200,
                                arena_printf(&b.arena, "%s/%s.json", rows[i].dir, stages[s][1])));
        CU_ASSERT_EQUAL(bench_number(&b, "targets_up"), 2);
        CHECK_STR(bench_cell(&b, "targets", 0, "job"), "goodgo-api");
        CU_ASSERT_EQUAL(bench_number(&b, "alerts_firing"), 1);
        CHECK_STR(bench_cell(&b, "alerts", 0, "name"), "ApiErrorRate5xxHigh");
        CHECK_STR(bench_cell(&b, "alerts", 0, "value"), rows[i].value);
        CHECK_STR(bench_cell(&b, "rules", 0, "state"), "firing");
        CHECK_STR(bench_cell(&b, "rules", 0, "for"), "5");
        CHECK_STR(bench_text(&b, "version"), rows[i].version);
        CHECK_STR(bench_text(&b, "retention"), "15d");
        CU_ASSERT_EQUAL(bench_number(&b, "series"), rows[i].series);
        bench_done(&b);
    }
}

TEST(minio_2025) {
    struct http_header quorum[] = {{"server", "MinIO"}, {"x-minio-write-quorum", "1"}};
    struct http_header starting[] = {{"server", "MinIO"}, {"x-minio-server-status", "offline"}};
    struct probe_bench b;
    bench_init(&b, probes[SERVICE_minio], &settings);
    CU_ASSERT_TRUE(bench_http_headers(&b, "ready", 200, "", 0, starting, 2)); /* says 200 already */
    CU_ASSERT_EQUAL(bench_number(&b, "ready"), 0);
    CU_ASSERT_TRUE(bench_http_headers(&b, "cluster", 503, "", 0, starting, 2));
    CU_ASSERT_EQUAL(bench_number(&b, "cluster"), 0);
    CU_ASSERT_FALSE(feed(&b, "buckets", 503, "minio-2025/not_initialized.xml"));
    CU_ASSERT_EQUAL(b.err.code, E_NOT_READY);
    CU_ASSERT_FALSE(feed(&b, "buckets", 403, "minio-2025/wrong_secret.xml"));
    CHECK_STR(b.err.why, "HTTP 403 SignatureDoesNotMatch");
    CU_ASSERT_FALSE(feed(&b, "buckets", 403, "minio-2025/wrong_access_key.xml"));
    CU_ASSERT_EQUAL(b.err.code, E_AUTH);
    CU_ASSERT_TRUE(feed(&b, "objects", 404, "minio-2025/no_bucket.xml"));
    CU_ASSERT_PTR_NOT_NULL(bench_finding(&b, "no_bucket"));
    CU_ASSERT_TRUE(bench_http_headers(&b, "cluster", 200, "", 0, quorum, 2));
    CU_ASSERT_EQUAL(bench_number(&b, "write_quorum"), 1);
    CU_ASSERT_TRUE(feed(&b, "buckets", 200, "minio-2025/buckets.xml"));
    CHECK_STR(bench_cell(&b, "buckets", 0, "name"), "photos");
    CHECK_STR(bench_cell(&b, "buckets", 0, "created"), "1795336315");
    CU_ASSERT_TRUE(feed(&b, "objects", 200, "minio-2025/page1.xml"));
    CU_ASSERT_TRUE(b.run.again);
    b.run.page = 1;
    CU_ASSERT_TRUE(feed(&b, "objects", 200, "minio-2025/page2.xml"));
    CU_ASSERT_EQUAL(bench_number(&b, "objects"), 4);
    CHECK_STR(bench_cell(&b, "prefixes", 0, "prefix"), "many/");
    bench_done(&b);
}

TEST(minio_folds_long_and_many_prefixes) {
    struct probe_bench b;
    struct str body;
    char longer[400];
    memset(longer, 'p', sizeof longer - 1);
    longer[sizeof longer - 1] = 0;
    str_init(&body, 1 << 20);
    str_puts(&body, "<ListBucketResult>");
    for (int i = 0; i < 300; i++)
        str_printf(&body, "<Contents><Key>%d/x</Key><Size>1</Size></Contents>", i);
    str_printf(&body, "<Contents><Key>%s/1</Key></Contents>", longer);
    str_puts(&body, "</ListBucketResult>");
    bench_init(&b, probes[SERVICE_minio], &settings);
    CU_ASSERT_TRUE(bench_http(&b, "objects", 200, str_get(&body)));
    CU_ASSERT_EQUAL(bench_rows(&b, "prefixes"), 201);
    CHECK_STR(bench_cell(&b, "prefixes", 200, "prefix"), "(others)");
    CHECK_STR(bench_cell(&b, "prefixes", 200, "objects"), "101");
    bench_done(&b);
    str_clear(&body);
    str_puts(&body, "<ListBucketResult>");
    for (int i = 0; i < 5; i++)
        str_printf(&body, "<Contents><Key>%s/%d</Key><Size>2</Size></Contents>", longer, i);
    str_puts(&body, "</ListBucketResult>");
    bench_init(&b, probes[SERVICE_minio], &settings);
    CU_ASSERT_TRUE(bench_http(&b, "objects", 200, str_get(&body)));
    CU_ASSERT_EQUAL(bench_rows(&b, "prefixes"), 1); /* one row, found again each time */
    CHECK_STR(bench_cell(&b, "prefixes", 0, "bytes"), "10");
    bench_done(&b);
    str_done(&body);
}

TEST(typesense_29) {
    struct probe_bench b;
    bench_init(&b, probes[SERVICE_typesense], &settings);
    CU_ASSERT_TRUE(feed(&b, "health", 200, "typesense-29/health.json"));
    CU_ASSERT_FALSE(feed(&b, "stats", 401, "typesense-29/wrong_key.json"));
    CU_ASSERT_EQUAL(b.err.code, E_AUTH);
    CU_ASSERT_TRUE(feed(&b, "stats", 200, "typesense-29/stats.json"));
    CU_ASSERT_EQUAL(bench_number(&b, "search_rps"), 0);
    CU_ASSERT_TRUE(feed(&b, "metrics", 200, "typesense-29/metrics.json"));
    CU_ASSERT_EQUAL(bench_number(&b, "memory_bytes"), 47738880);
    CU_ASSERT_DOUBLE_EQUAL(bench_number(&b, "disk_used_pct"), 75.1, 0.1);
    CU_ASSERT_TRUE(feed(&b, "status", 200, "typesense-29/status.json"));
    CHECK_STR(bench_text(&b, "state"), "LEADER");
    CU_ASSERT_TRUE(feed(&b, "debug", 200, "typesense-29/debug.json"));
    CHECK_STR(bench_text(&b, "version"), "29.0");
    CU_ASSERT_TRUE(feed(&b, "collections", 200, "typesense-29/collections.json"));
    CHECK_STR(bench_cell(&b, "collections", 0, "name"), "products");
    CU_ASSERT_TRUE(feed(&b, "facet", 200, "typesense-29/facets.json"));
    CHECK_STR(bench_cell(&b, "search_status", 0, "documents"), "43");
    CU_ASSERT_TRUE(feed(&b, "listings", 200, "typesense-29/collection.json")); /* not ours */
    CU_ASSERT_TRUE(bench_number(&b, "schema_problems") > 20);
    CU_ASSERT_TRUE(feed(&b, "listings", 404, "typesense-29/no_collection.json"));
    CU_ASSERT_PTR_NOT_NULL(bench_finding(&b, "no_collection"));
    bench_done(&b);
}

/* 27 knows no stemming dictionaries, and says why it does not serve in a 503. */
TEST(typesense_27) {
    struct probe_bench b;
    bench_init(&b, probes[SERVICE_typesense], &settings);
    CU_ASSERT_FALSE(bench_http(&b, "health", 503, "{\"ok\":false}"));
    CU_ASSERT_EQUAL(b.err.code, E_NOT_READY);
    CU_ASSERT_FALSE(bench_http(&b, "listings", 503, "{ \"message\": \"Not Ready or Lagging\"}"));
    CU_ASSERT_EQUAL(b.err.code, E_NOT_READY);
    CU_ASSERT_TRUE(bench_http(&b, "listings", 200,
                              "{\"name\":\"listings\",\"num_documents\":5,\"fields\":[{\"name\":"
                              "\"title\",\"type\":\"string\",\"facet\":false,\"stem\":false}]}"));
    CU_ASSERT_EQUAL(bench_number(&b, "documents"), 5);
    CU_ASSERT_TRUE(bench_http(&b, "status", 200, "{\"state\":\"NOT_READY\"}"));
    CU_ASSERT_EQUAL(bench_judge(&b), HEALTH_WARNING);
    CU_ASSERT_PTR_NOT_NULL(bench_finding(&b, "state"));
    bench_done(&b);
}

TEST(redis_6_to_8_and_valkey_8_and_9) {
    static const struct {
        const char *file, *product, *version, *error;
        enum health health;
    } rows[] = {
        {"redis-6.0/info.txt", "Redis", "6.0.16", "not counted before Redis 6.2", HEALTH_OK},
        /* no limit, noeviction */
        {"redis-7.0/info.txt", "Redis", "7.0.15", NULL, HEALTH_WARNING},
        {"redis-8.0/info.txt", "Redis", "8.0.2", NULL, HEALTH_WARNING},
        {"valkey-8.1/info.txt", "Valkey", "Valkey 8.1.1", NULL, HEALTH_WARNING},
        {"valkey-9.1/info.txt", "Valkey", "Valkey 9.1.2", "WRONGTYPE", HEALTH_WARNING}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct probe_bench b;
        bench_init(&b, probes[SERVICE_redis], &settings);
        CU_ASSERT_TRUE(
            bench_redis(&b, "info", redis_text(REDIS_STRING, fixture(&b.arena, rows[i].file))));
        CHECK_STR(bench_text(&b, "product"), rows[i].product);
        CHECK_STR(bench_text(&b, "version"), rows[i].version);
        CU_ASSERT_TRUE(bench_number(&b, "used_memory") > 100000);
        CU_ASSERT_TRUE(bench_number(&b, "keys") > 0);
        CU_ASSERT_EQUAL(bench_rows(&b, "keyspace"), 1); /* db0_distrib_... is none */
        CU_ASSERT_TRUE(bench_rows(&b, "commands") > 2);
        CU_ASSERT_EQUAL(bench_rows(&b, "errors"), rows[i].error != NULL);
        if (rows[i].error)
            CHECK_STR(bench_cell(&b, "errors", 0, "error"), rows[i].error);
        CU_ASSERT_EQUAL(bench_judge(&b), rows[i].health);
        CU_ASSERT_TRUE(bench_is_clean(&b, true));
        bench_done(&b);
    }
}

static bool feed_pool_of(struct probe_bench *b, int version, const char *version_text,
                         const char *stage, const char *name) {
    const char *text = fixture(&b->arena, name), *rows = strchr(text, '\n');
    const char *columns = arena_strndup(&b->arena, text, (size_t)(rows - text));
    return bench_pg(b, stage, version, version_text, columns,
                    arena_strndup(&b->arena, rows + 1, strlen(rows + 1) - 1));
}

static bool feed_pool(struct probe_bench *b, const char *stage, const char *name) {
    return feed_pool_of(b, 12502, "1.25.2/bouncer", stage, name);
}

TEST(pgbouncer_1_25) {
    struct probe_bench b;
    bench_init(&b, probes[SERVICE_pgbouncer], &settings);
    CU_ASSERT_TRUE(feed_pool(&b, "pools", "pgbouncer-1.25/pools.txt"));
    CHECK_STR(bench_cell(&b, "pools", 0, "database"), "demo");
    CU_ASSERT_EQUAL(bench_rows(&b, "pools"), 1);
    CU_ASSERT_TRUE(feed_pool(&b, "stats", "pgbouncer-1.25/stats.txt"));
    CU_ASSERT_TRUE(feed_pool(&b, "databases", "pgbouncer-1.25/databases.txt"));
    CHECK_STR(bench_cell(&b, "databases", 0, "name"), "bad");
    CHECK_STR(bench_cell(&b, "databases", 0, "reserve"), "0");
    CU_ASSERT_TRUE(feed_pool(&b, "lists", "pgbouncer-1.25/lists.txt"));
    CU_ASSERT_TRUE(feed_pool(&b, "state", "pgbouncer-1.25/state.txt"));
    CU_ASSERT_EQUAL(bench_number(&b, "paused"), 0);
    CU_ASSERT_TRUE(feed_pool(&b, "config", "pgbouncer-1.25/config.txt"));
    CU_ASSERT_EQUAL(bench_number(&b, "clients_max"), 20);
    CHECK_STR(bench_cell(&b, "config", 1, "setting"), "default_pool_size");
    CHECK_STR(bench_cell(&b, "config", 1, "found"), "2");
    CHECK_STR(bench_cell(&b, "state", 0, "key"), "active");
    CHECK_STR(bench_cell(&b, "state", 0, "value"), "yes");
    CU_ASSERT_EQUAL(bench_judge(&b), HEALTH_WARNING);
    CU_ASSERT_EQUAL(bench_number(&b, "pool_size"), 2);
    bench_done(&b);
}

/* The oldest and the newest that were tried, in front of the sandbox's database. */
TEST(pgbouncer_1_15_and_1_26) {
    static const struct {
        int version;
        const char *text, *dir, *clients, *xacts;
    } rows[] = {{11500, "1.15.0/bouncer", "pgbouncer-1.15", "4", "6511"},
                {12601, "1.26.1/bouncer", "pgbouncer-1.26", "3", "6102"}};
    static const char *const stages[] = {"pools", "stats", "databases", "lists", "config", "state"};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct probe_bench b;
        bench_init(&b, probes[SERVICE_pgbouncer], &settings);
        for (size_t s = 0; s < ARRAY_LEN(stages) - (rows[i].version < 11900); s++)
            CU_ASSERT_TRUE(
                feed_pool_of(&b, rows[i].version, rows[i].text, stages[s],
                             arena_printf(&b.arena, "%s/%s.txt", rows[i].dir, stages[s])));
        CHECK_STR(bench_cell(&b, "pools", 0, "cl_active"), rows[i].clients);
        CHECK_STR(bench_cell(&b, "stats", 0, "total_xact_count"), rows[i].xacts);
        CHECK_STR(bench_cell(&b, "databases", 0, "reserve"), "5");
        CHECK_STR(bench_cell(&b, "databases", 0, "current_connections"), "2");
        CU_ASSERT_EQUAL(bench_rows(&b, "lists"), i ? 14 : 12);
        CU_ASSERT_EQUAL(bench_number(&b, "clients_max"), 200);
        CHECK_STR(bench_cell(&b, "config", 1, "found"), "20");
        CU_ASSERT_EQUAL(bench_number(&b, "paused"), i ? 0 : -999); /* not known */
        CU_ASSERT_EQUAL(bench_judge(&b), HEALTH_OK);
        CU_ASSERT_EQUAL(bench_number(&b, "pool_size"), 20);
        bench_done(&b);
    }
}

/* The columns that came and went; only names are stable. */
TEST(pgbouncer_1_18_to_1_25_alike) {
    static const struct {
        int version;
        const char *text, *stats, *databases, *values;
    } rows[] = {
        {11800, "1.18.0/bouncer", "", "reserve_pool", "5"},
        {12300, "1.23.1/bouncer", "|total_server_assignment_count", "reserve_pool|server_lifetime",
         "5|3600"},
        {12400, "1.24.0/bouncer", "|total_server_assignment_count",
         "reserve_pool_size|server_lifetime|load_balance_hosts", "5|3600|\\N"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct probe_bench b;
        bench_init(&b, probes[SERVICE_pgbouncer], &settings);
        const char *columns =
            arena_printf(&b.arena, "database%s|total_xact_count|total_wait_time", rows[i].stats);
        CU_ASSERT_TRUE(bench_pg(&b, "stats", rows[i].version, rows[i].text, columns,
                                i ? "demo|9|1000|70" : "demo|1000|70"));
        CU_ASSERT_EQUAL(bench_number(&b, "xacts"), 1000);
        CU_ASSERT_EQUAL(bench_number(&b, "wait_us"), 70);
        CU_ASSERT_TRUE(
            bench_pg(&b, "databases", rows[i].version, rows[i].text,
                     arena_printf(&b.arena, "name|pool_size|%s|paused", rows[i].databases),
                     arena_printf(&b.arena, "demo|20|%s|0", rows[i].values)));
        CHECK_STR(bench_cell(&b, "databases", 0, "reserve"), "5");
        b.run.server_version = rows[i].version;
        CU_ASSERT_EQUAL(bench_request(&b, "state"), rows[i].version >= 11900);
        bench_done(&b);
    }
}

/* No statement names a column or a view that its version does not have. */
TEST(postgresql_13_to_18_are_asked_for_what_they_have) {
    static const struct {
        int from, to; /* versions that do not have it */
        const char *name;
    } absent[] = {
        {130000, 139999, "waitstart"},         {130000, 139999, "pg_stat_progress_copy"},
        {130000, 169999, "tuples_skipped"},    {130000, 169999, "num_dead_item_ids"},
        {130000, 169999, "indexes_processed"}, {170000, 189999, "num_dead_tuples"},
        {130000, 189999, "buffers_backend"},   {130000, 169999, "synced"},
    };
    const struct probe *p = probes[SERVICE_postgres];
    for (int version = 130000; version < 190000; version += 10000)
        for (uint32_t s = 0; s < p->n_stages; s++) {
            struct probe_bench b;
            bench_init(&b, p, &settings);
            b.run.server_version = version;
            if (bench_request(&b, p->stages[s].name) && b.ex.kind == EXCHANGE_PG)
                for (size_t i = 0; i < ARRAY_LEN(absent); i++)
                    CU_ASSERT_FALSE(version >= absent[i].from && version <= absent[i].to &&
                                    strstr(b.ex.pg.sql, absent[i].name));
            bench_done(&b);
        }
    struct probe_bench b;
    bench_init(&b, p, &settings);
    CU_ASSERT_TRUE(bench_pg(&b, "activity", 120015, "12.15", "connections", "1"));
    CU_ASSERT_PTR_NOT_NULL(bench_finding(&b, "old_version"));
    bench_done(&b);
}

SUITE(probe_recorded, T(loki_3_4), T(prometheus_2_53), T(prometheus_2_42_and_2_51_alike),
      T(prometheus_2_24_and_3_5), T(minio_2025), T(minio_folds_long_and_many_prefixes),
      T(typesense_29), T(typesense_27), T(redis_6_to_8_and_valkey_8_and_9), T(pgbouncer_1_25),
      T(pgbouncer_1_15_and_1_26), T(pgbouncer_1_18_to_1_25_alike),
      T(postgresql_13_to_18_are_asked_for_what_they_have))
