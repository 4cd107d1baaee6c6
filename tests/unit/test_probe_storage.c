/* tests/unit/test_probe_storage.c - Typesense and MinIO: wrong key, degraded, drift, paging. */
#include "harness.h"
#include "probe_harness.h"

extern const struct probe probe_typesense, probe_minio;
static const struct settings settings = {.typesense_url = "http://ts:8108",
                                         .typesense_key = "k",
                                         .minio_url = "http://s3:9000",
                                         .minio_access_key = "a",
                                         .minio_secret_key = "s",
                                         .minio_bucket = "goodgo-media"};

static const struct health_case {
    const char *stage;
    int status;
    const char *body;
    bool ok;
    enum err_code code;
} rows[] = {
    {"health", 200, "{\"ok\":true}", true, E_NONE},
    {"health", 200, "{\"ok\":true,\"resource_error\":\"OUT_OF_DISK\"}", true, E_NONE},
    {"health", 503, "{\"ok\":false}", false, E_NOT_READY},
    {"health", 503, "{\"message\":\"Not Ready or Lagging\"}", false, E_NOT_READY},
    {"health", 200, "{\"status\":\"ok\"}", false, E_WRONG_THING},
    {"health", 200, "<html><title>x</title>", false, E_WRONG_THING},
    {"health", 200, "", false, E_WRONG_THING},
    {"health", 404, "404 page not found\n", false, E_WRONG_THING},
    {"stats", 401, "{\"message\":\"Forbidden - a valid `x-typesense-api-key` header\"}", false,
     E_AUTH},
    {"stats", 200, "{\"pending_write_batches\":\"7\",\"search_latency_ms\":1e999}", true, E_NONE},
    {"stats", 200, "{}", true, E_NONE},
    {"stats", 200, "{\"message\": \"un\"quoted\"}", false, E_WRONG_THING},
    {"listings", 404, "{\"message\":\"Not Found\"}", true, E_NONE},
    {"collections", 200, "{\"a\":[]}", false, E_WRONG_THING},
    {"collections", 200, "[]", true, E_NONE},
    {"facet", 200, "{\"facet_counts\":[]}", true, E_NONE},
    {"facet", 400, "{\"message\":\"Could not find a facet field\"}", false, E_WRONG_THING},
};

TEST(typesense_classifies_every_answer) {
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct probe_bench b;
        bench_init(&b, &probe_typesense, &settings);
        bool ok = bench_http(&b, rows[i].stage, rows[i].status, rows[i].body);
        if (ok != rows[i].ok || b.err.code != rows[i].code)
            fprintf(stderr, "row %zu: ok %d code %d %s\n", i, ok, b.err.code, b.err.why);
        CU_ASSERT_EQUAL(ok, rows[i].ok);
        CU_ASSERT_EQUAL(b.err.code, rows[i].code);
        bench_done(&b);
    }
}

TEST(a_wrong_key_says_which_setting) {
    struct probe_bench b;
    bench_init(&b, &probe_typesense, &settings);
    CU_ASSERT_FALSE(bench_http(&b, "stats", 401, "{\"message\":\"Forbidden\"}"));
    CU_ASSERT_PTR_NOT_NULL(strstr(b.err.todo, "TYPESENSE_API_KEY"));
    CHECK_STR(b.err.why, "not let in (HTTP 401): Forbidden");
    CU_ASSERT_FALSE(bench_http(&b, "stats", 401, "{\"message\": \"un\"quoted\"}\n"));
    CHECK_STR(b.err.why, "not let in (HTTP 401): {\"message\": \"un\"quoted\"}");
    CU_ASSERT_FALSE(bench_http(&b, "stats", 403, ""));
    CHECK_STR(b.err.why, "not let in (HTTP 403)");
    CU_ASSERT_FALSE(bench_http(&b, "stats", 401, "<html><title>401 of nginx</title></html>"));
    CHECK_STR(b.err.why, "not let in (HTTP 401): 401 of nginx");
    CHECK_STR(b.ex.http.headers[0].name, "X-TYPESENSE-API-KEY");
    bench_done(&b);
}

TEST(a_full_disk_is_degraded_not_down) {
    struct probe_bench b;
    bench_init(&b, &probe_typesense, &settings);
    CU_ASSERT_TRUE(
        bench_http(&b, "health", 200, "{\"ok\":true,\"resource_error\":\"OUT_OF_DISK\"}"));
    CU_ASSERT_EQUAL(bench_judge(&b), HEALTH_WARNING);
    CHECK_STR(bench_text(&b, "resource_error"), "OUT_OF_DISK");
    bench_done(&b);
}

TEST(metrics_given_as_texts_are_numbers) {
    struct probe_bench b;
    bench_init(&b, &probe_typesense, &settings);
    CU_ASSERT_TRUE(bench_http(&b, "metrics", 200,
                              "{\"typesense_memory_active_bytes\":\"47738880\","
                              "\"system_disk_used_bytes\":\"75\",\"system_disk_total_bytes\":"
                              "\"100\",\"system_memory_total_bytes\":\"x\"}"));
    CU_ASSERT_EQUAL(bench_number(&b, "memory_bytes"), 47738880);
    CU_ASSERT_EQUAL(bench_number(&b, "disk_used_pct"), 75);
    CU_ASSERT_EQUAL(bench_number(&b, "memory_total_bytes"), -999);
    bench_done(&b);
}

TEST(schema_differences_are_rows) {
    struct probe_bench b;
    bench_init(&b, &probe_typesense, &settings);
    CU_ASSERT_TRUE(bench_http(&b, "listings", 200,
                              "{\"num_documents\":5,\"fields\":["
                              "{\"name\":\"listingId\",\"type\":\"int32\"},"
                              "{\"name\":\"city\",\"type\":\"string\",\"facet\":false},"
                              "{\"name\":\"priceVND\",\"type\":\"int64\",\"sort\":true},"
                              "{\"name\":\"extra\",\"type\":\"bool\"},{},7]}"));
    CU_ASSERT_EQUAL(bench_number(&b, "documents"), 5);
    CU_ASSERT_EQUAL(bench_number(&b, "schema_problems"), 25); /* 23 missing, one type, one facet */
    CHECK_STR(bench_cell(&b, "schema_diff", 0, "problem"), "other type");
    CU_ASSERT_EQUAL(bench_rows(&b, "schema_diff"), 26);
    CU_ASSERT_PTR_NOT_NULL(bench_finding(&b, "schema_diff"));
    bench_done(&b);
}

static void give_database(struct probe_bench *b, int64_t total, int64_t active) {
    static const struct column columns[] = {{"status", "S", UNIT_NONE, 0, 0},
                                            {"count", "C", UNIT_COUNT, 0, 0}};
    struct section *sec = b->snapshot->sections[SERVICE_postgres];
    sec->has_reading = true;
    reading_int(&sec->reading, "listings_total", UNIT_COUNT, total);
    struct table *t = reading_add_table(&sec->reading, "listing_status", "L", columns, 2);
    struct row *row = table_add_row(&sec->reading, t, "ACTIVE", HEALTH_OFF);
    row_text(&sec->reading, row, 0, "ACTIVE");
    row_int(row, 1, active);
}

static void begin_drift(struct probe_bench *b, int64_t documents, int64_t total) {
    bench_init(b, &probe_typesense, &settings);
    give_database(b, total, total);
    CU_ASSERT_TRUE(bench_http(b, "health", 200, "{\"ok\":true}"));
    CU_ASSERT_TRUE(bench_http(
        b, "facet", 200,
        arena_printf(&b->arena,
                     "{\"facet_counts\":[{\"counts\":[{\"count\":%lld,\"value\":\"ACTIVE\"},"
                     "{\"count\":3,\"value\":\"SOLD\"}]}]}",
                     (long long)documents)));
    reading_int(&b->reading, "documents", UNIT_COUNT, documents);
}

static enum health judge_with(struct probe_bench *b, int64_t documents, int64_t total) {
    begin_drift(b, documents, total);
    return bench_judge(b);
}

TEST(drift_follows_its_share) {
    static const struct {
        int64_t documents, total;
        enum health health;
    } drifts[] = {{5000, 5000, HEALTH_OK},       {5004, 5000, HEALTH_OK},
                  {4900, 5000, HEALTH_WARNING},  {4000, 5000, HEALTH_CRITICAL},
                  {0, 30, HEALTH_CRITICAL},      {0, 0, HEALTH_OK},
                  {5700, 5000, HEALTH_CRITICAL}, {95, 100, HEALTH_WARNING}};
    for (size_t i = 0; i < ARRAY_LEN(drifts); i++) {
        struct probe_bench b;
        CU_ASSERT_EQUAL(judge_with(&b, drifts[i].documents, drifts[i].total), drifts[i].health);
        CU_ASSERT_EQUAL(bench_number(&b, "drift"), drifts[i].documents - drifts[i].total);
        CHECK_STR(bench_cell(&b, "status_drift", 1, "status"), "SOLD");
        CHECK_STR(bench_cell(&b, "status_drift", 1, "difference"), "3");
        CU_ASSERT(b.verdict.summary.cols <= 60);
        bench_done(&b);
    }
}

/* 2^63 as a double is one more than an integer holds: a cast made the least one of it. */
TEST(an_absurd_count_is_a_large_drift_not_a_negative_one) {
    struct probe_bench b;
    CU_ASSERT_EQUAL(judge_with(&b, INT64_MAX, 30), HEALTH_CRITICAL);
    CU_ASSERT(bench_number(&b, "drift") > 9e18);
    bench_done(&b);
}

TEST(a_database_that_does_not_answer_is_no_measure) {
    for (int i = 0; i < 2; i++) {
        struct probe_bench b;
        begin_drift(&b, 4000, 5000);
        struct section *db = b.snapshot->sections[SERVICE_postgres];
        db->failed = i == 0;
        db->has_reading = i == 0;
        CU_ASSERT_EQUAL(bench_judge(&b), HEALTH_OK);
        CU_ASSERT_EQUAL(bench_number(&b, "drift"), -999);
        bench_done(&b);
    }
}

/* Ten million rows are estimated, not counted: a few per cent are no drift, and no figure is. */
TEST(drift_against_an_estimate_is_told_only_where_it_is_large) {
    static const struct {
        int64_t documents;
        enum health health;
        const char *code;
    } drifts[] = {{10000000, HEALTH_OK, "drift_not_exact"}, {9300000, HEALTH_OK, "drift_not_exact"},
                  {8500000, HEALTH_WARNING, "drift"},       {12000000, HEALTH_WARNING, "drift"},
                  {4000000, HEALTH_CRITICAL, "drift"},      {0, HEALTH_CRITICAL, "drift"}};
    for (size_t i = 0; i < ARRAY_LEN(drifts); i++) {
        struct probe_bench b;
        begin_drift(&b, drifts[i].documents, 10000000);
        reading_int(&b.snapshot->sections[SERVICE_postgres]->reading, "listings_estimated",
                    UNIT_BOOL, 1);
        CU_ASSERT_EQUAL(bench_judge(&b), drifts[i].health);
        CU_ASSERT_PTR_NOT_NULL(bench_finding(&b, drifts[i].code));
        CU_ASSERT_EQUAL(bench_number(&b, "drift"), -999);
        bench_done(&b);
    }
}

/* The database section is a neighbour's: its tables may look otherwise one day. */
TEST(drift_needs_tables_of_the_known_shape) {
    static const struct column odd[] = {{"status", "S", UNIT_NONE, 0, 0},
                                        {"total", "T", UNIT_COUNT, 0, 0}};
    static const struct column known[] = {{"status", "S", UNIT_NONE, 0, 0},
                                          {"count", "C", UNIT_COUNT, 0, 0}};
    for (int i = 0; i < 2; i++) {
        struct probe_bench b;
        bench_init(&b, &probe_typesense, &settings);
        struct reading *db = &b.snapshot->sections[SERVICE_postgres]->reading;
        b.snapshot->sections[SERVICE_postgres]->has_reading = true;
        reading_int(db, "listings_total", UNIT_COUNT, 5);
        struct table *t = reading_add_table(db, "listing_status", "L", i ? known : odd, 2);
        row_int(table_add_row(db, t, "x", HEALTH_OFF), 0, 7); /* a status that is no text */
        reading_int(&b.reading, "documents", UNIT_COUNT, 5);
        CU_ASSERT_TRUE(bench_http(&b, "facet", 200, "{\"facet_counts\":[]}"));
        CU_ASSERT_EQUAL(bench_judge(&b), HEALTH_OK);
        CU_ASSERT_EQUAL(bench_number(&b, "drift"), 0);
        CU_ASSERT_EQUAL(bench_rows(&b, "status_drift"), 0);
        bench_done(&b);
    }
}

/* ---- MinIO ---- */

static struct http_header minio_headers[] = {{"server", "MinIO"},
                                             {"x-minio-server-status", "offline"}};

TEST(minio_alive_is_an_empty_200_of_minio) {
    struct probe_bench b;
    bench_init(&b, &probe_minio, &settings);
    CU_ASSERT_TRUE(bench_http_headers(&b, "live", 200, "", 0, minio_headers, 1));
    CU_ASSERT_FALSE(bench_http(&b, "live", 200, ""));
    CU_ASSERT_EQUAL(b.err.code, E_WRONG_THING);
    CU_ASSERT_FALSE(bench_http(&b, "live", 200, "<!doctype html><title>MinIO Console</title>"));
    CU_ASSERT_PTR_NOT_NULL(strstr(b.err.todo, "9001"));
    CU_ASSERT_FALSE(bench_http(&b, "live", 503, "<Error><Code>ServerBusy</Code></Error>"));
    CU_ASSERT_EQUAL(b.err.code, E_NOT_READY);
    bench_done(&b);
}

TEST(minio_ready_reads_the_header) {
    struct probe_bench b;
    bench_init(&b, &probe_minio, &settings);
    CU_ASSERT_TRUE(bench_http_headers(&b, "ready", 200, "", 0, minio_headers, 2));
    CU_ASSERT_EQUAL(bench_number(&b, "ready"), 0);
    CU_ASSERT_EQUAL(bench_judge(&b), HEALTH_CRITICAL);
    CU_ASSERT_TRUE(bench_http_headers(&b, "ready", 200, "", 0, minio_headers, 1));
    CU_ASSERT_EQUAL(bench_number(&b, "ready"), 1);
    bench_done(&b);
}

/* Without its users it serves nobody, though every drive is there. */
TEST(minio_says_what_of_the_cluster_is_away) {
    struct http_header iam[] = {{"server", "MinIO"}, {"x-minio-server-status", "iam-offline"}};
    struct probe_bench b;
    bench_init(&b, &probe_minio, &settings);
    CU_ASSERT_TRUE(bench_http_headers(&b, "cluster", 503, "", 0, iam, 2));
    CU_ASSERT_EQUAL(bench_judge(&b), HEALTH_CRITICAL);
    CU_ASSERT_PTR_NULL(bench_finding(&b, "no_quorum"));
    const struct finding *f = bench_finding(&b, "cluster_status");
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    CHECK_STR(f->what.s, "it serves nobody: iam-offline");
    bench_done(&b);
    bench_init(&b, &probe_minio, &settings);
    CU_ASSERT_TRUE(bench_http_headers(&b, "cluster", 503, "", 0, iam, 1));
    bench_judge(&b);
    CU_ASSERT_PTR_NOT_NULL(bench_finding(&b, "no_quorum"));
    CU_ASSERT_FALSE(
        bench_http_headers(&b, "ready", 503, "<Error><Code>ServerBusy</Code></Error>", 38, iam, 1));
    CU_ASSERT_EQUAL(b.err.code, E_NOT_READY); /* overloaded: its drives are well */
    bench_done(&b);
}

#define LIST(more, contents)                                                                       \
    "<?xml version=\"1.0\"?><ListBucketResult><IsTruncated>" more                                  \
    "</IsTruncated><NextContinuationToken>a+/=</NextContinuationToken>" contents                   \
    "</ListBucketResult>"
#define OBJECT(key, size) "<Contents><Key>" key "</Key><Size>" size "</Size></Contents>"

TEST(minio_counts_over_pages_with_a_sorted_query) {
    struct probe_bench b;
    bench_init(&b, &probe_minio, &settings);
    CU_ASSERT_TRUE(
        bench_http(&b, "objects", 200, LIST("true", OBJECT("p/1", "10") OBJECT("q/1", "5"))));
    CU_ASSERT_TRUE(b.run.again);
    CU_ASSERT_EQUAL(bench_number(&b, "capped"), 1); /* should the next page not be asked for */
    CU_ASSERT_TRUE(b.ex.http.sigv4);
    b.run.page = 1;
    CU_ASSERT_TRUE(
        bench_http(&b, "objects", 200, LIST("false", OBJECT("p/2", "90") OBJECT("top", "bad"))));
    CHECK_STR(b.ex.http.url, "http://s3:9000/goodgo-media?continuation-token=a%2B%2F%3D&list-type=2"
                             "&max-keys=1000");
    CU_ASSERT_FALSE(b.run.again);
    CU_ASSERT_EQUAL(bench_number(&b, "objects"), 4);
    CU_ASSERT_EQUAL(bench_number(&b, "bytes"), 105);
    CHECK_STR(bench_cell(&b, "prefixes", 0, "prefix"), "p/");
    CHECK_STR(bench_cell(&b, "prefixes", 0, "bytes"), "100");
    CHECK_STR(bench_cell(&b, "prefixes", 0, "objects"), "2");
    CHECK_STR(bench_cell(&b, "prefixes", 2, "prefix"), "(top)");
    CHECK_STR(bench_cell(&b, "prefixes", 2, "objects"), "1");
    CU_ASSERT_EQUAL(bench_number(&b, "capped"), 0);
    bench_done(&b);
}

/* A prefix that has its row keeps it when the table is full. */
TEST(minio_folds_only_prefixes_that_have_no_row) {
    struct probe_bench b;
    struct str list;
    bench_init(&b, &probe_minio, &settings);
    str_init(&list, 1 << 16);
    str_puts(&list, "<ListBucketResult><IsTruncated>false</IsTruncated>");
    for (int i = 0; i < 2 * 203; i++)
        str_printf(&list, "<Contents><Key>p%03d/%d</Key><Size>7</Size></Contents>", i / 2, i);
    str_puts(&list, "</ListBucketResult>");
    CU_ASSERT_TRUE(bench_http(&b, "objects", 200, str_get(&list)));
    str_done(&list);
    CU_ASSERT_EQUAL_FATAL(bench_rows(&b, "prefixes"), 201);
    CHECK_STR(bench_cell(&b, "prefixes", 199, "prefix"), "p199/");
    CHECK_STR(bench_cell(&b, "prefixes", 199, "objects"), "2");
    CHECK_STR(bench_cell(&b, "prefixes", 200, "prefix"), "(others)");
    CHECK_STR(bench_cell(&b, "prefixes", 200, "objects"), "6");
    CHECK_STR(bench_cell(&b, "prefixes", 200, "bytes"), "42");
    CU_ASSERT_EQUAL(bench_number(&b, "objects"), 406);
    bench_done(&b);
}

TEST(minio_stops_at_the_cap_and_says_so) {
    struct probe_bench b;
    bench_init(&b, &probe_minio, &settings);
    b.run.page = 9;
    CU_ASSERT_TRUE(bench_http(&b, "objects", 200, LIST("true", OBJECT("p/1", "10"))));
    CU_ASSERT_FALSE(b.run.again);
    CU_ASSERT_EQUAL(bench_number(&b, "capped"), 1);
    bench_done(&b);
}

static const struct settings with_backups = {.minio_url = "http://s3:9000",
                                             .minio_access_key = "a",
                                             .minio_secret_key = "s",
                                             .backup_dir = "/b",
                                             .backup_bucket = "goodgo-backups"};

TEST(minio_counts_a_directory_s_copy_from_its_last_object_on) {
    struct probe_bench b;
    bench_init(&b, &probe_minio, &with_backups);
    CU_ASSERT_TRUE(bench_http(
        &b, "copies", 200,
        LIST("false", OBJECT("goodgo_20260410_020000.dir/toc.dat", "10") /* its last is missing */
             OBJECT("goodgo_20260411_020000.dir.manifest.json", "5")
                 OBJECT("goodgo_20260411_020000.dir.sha256", "7")
                     OBJECT("goodgo_20260411_020000.dir/3012.dat.gz", "30")
                         OBJECT("goodgo_20260411_020000.dir/toc.dat", "12"))));
    CU_ASSERT_EQUAL_FATAL(reading_table(&b.reading, "copies")->n_rows, 1);
    CHECK_STR(bench_cell(&b, "copies", 0, "name"), "goodgo_20260411_020000.dir");
    CHECK_STR(bench_cell(&b, "copies", 0, "bytes"), "42");
    bench_done(&b);
}

TEST(minio_lists_copies_of_backups_and_nothing_else_of_their_bucket) {
    struct probe_bench b;
    bench_init(&b, &probe_minio, &with_backups);
    CU_ASSERT_TRUE(bench_http(&b, "copies", 200,
                              LIST("true", OBJECT("goodgo_20260410_020000.sql.gz", "10")
                                               OBJECT("goodgo_20260410_020000.sql.gz.manifest.json",
                                                      "5") OBJECT("goodgo_notes.txt", "7"))));
    CHECK_STR(b.ex.http.url,
              "http://s3:9000/goodgo-backups?list-type=2&max-keys=1000&prefix=goodgo_");
    CU_ASSERT_TRUE(b.run.again);
    b.run.page = 1;
    CU_ASSERT_TRUE(bench_http(&b, "copies", 200,
                              LIST("false", OBJECT("goodgo_20260411_020000.sql.gz", "20"))));
    CHECK_STR(b.ex.http.url, "http://s3:9000/goodgo-backups?continuation-token=a%2B%2F%3D"
                             "&list-type=2&max-keys=1000&prefix=goodgo_");
    CU_ASSERT_EQUAL(reading_table(&b.reading, "copies")->n_rows, 2);
    CHECK_STR(bench_cell(&b, "copies", 1, "name"), "goodgo_20260411_020000.sql.gz");
    CHECK_STR(bench_cell(&b, "copies", 1, "bytes"), "20");
    CU_ASSERT_EQUAL(bench_number(&b, "copies_capped"), 0);
    bench_done(&b);
}

/* No bucket: nobody ever copied one. A key that may not look: not known, and no fault of MinIO. */
TEST(minio_without_a_bucket_of_backups_is_no_failure) {
    struct probe_bench b;
    bench_init(&b, &probe_minio, &with_backups);
    CU_ASSERT_TRUE(bench_http(&b, "copies", 403, "<Error><Code>AccessDenied</Code></Error>"));
    CU_ASSERT_PTR_NULL(reading_table(&b.reading, "copies"));
    CU_ASSERT_EQUAL(b.reading.findings[0].health, HEALTH_OK);
    CU_ASSERT_TRUE(bench_http(&b, "copies", 404, "<Error><Code>NoSuchBucket</Code></Error>"));
    CU_ASSERT_EQUAL(reading_table(&b.reading, "copies")->n_rows, 0);
    CU_ASSERT_FALSE(bench_http(&b, "copies", 404, "<html>not here</html>"));
    CU_ASSERT_EQUAL(b.err.code, E_WRONG_THING);
    bench_done(&b);
    bench_init(&b, &probe_minio, &settings); /* no backups, no question */
    CU_ASSERT_FALSE(bench_request(&b, "copies"));
    bench_done(&b);
}

static const struct s3_case {
    int status;
    const char *body;
    bool ok;
    enum err_code code;
    const char *todo;
} s3_rows[] = {
    {403, "<Error><Code>SignatureDoesNotMatch</Code></Error>", false, E_AUTH, "MINIO_SECRET_KEY"},
    {403, "<Error><Code>RequestTimeTooSkewed</Code></Error>", false, E_AUTH, "clocks"},
    {404, "<?xml?><Error><Code>NoSuchBucket</Code></Error>", true, E_NONE, NULL},
    {503, "<Error><Code>XMinioServerNotInitialized</Code></Error>", false, E_NOT_READY, NULL},
    {400, "<Error><Code>AuthorizationHeaderMalformed</Code></Error>", false, E_PROTOCOL, NULL},
    {200, "<html></html>", false, E_WRONG_THING, NULL},
    {200, "", false, E_WRONG_THING, NULL},
    {200, "{}", false, E_WRONG_THING, NULL},
};

TEST(minio_s3_errors_say_their_code) {
    for (size_t i = 0; i < ARRAY_LEN(s3_rows); i++) {
        struct probe_bench b;
        bench_init(&b, &probe_minio, &settings);
        bool ok = bench_http(&b, "objects", s3_rows[i].status, s3_rows[i].body);
        CU_ASSERT_EQUAL(ok, s3_rows[i].ok);
        CU_ASSERT_EQUAL(b.err.code, s3_rows[i].code);
        if (s3_rows[i].todo)
            CU_ASSERT_PTR_NOT_NULL(strstr(b.err.todo ? b.err.todo : "", s3_rows[i].todo));
        bench_done(&b);
    }
}

TEST(no_shell_line_holds_a_secret) {
    static const struct settings secret = {.typesense_url = "http://t",
                                           .typesense_key = "S3CRET",
                                           .minio_url = "http://m",
                                           .minio_secret_key = "S3CRET",
                                           .minio_access_key = "S3CRET",
                                           .grafana_url = "http://g",
                                           .grafana_token = "S3CRET",
                                           .grafana_password = "S3CRET"};
    static const enum service services[] = {SERVICE_typesense, SERVICE_minio, SERVICE_grafana};
    for (size_t i = 0; i < ARRAY_LEN(services); i++) {
        char line[512];
        bench_shell(probes[services[i]], &secret, "", line, sizeof line);
        CU_ASSERT_PTR_NULL(strstr(line, "S3CRET"));
        CU_ASSERT_PTR_NOT_NULL(strstr(line, "${"));
    }
}

/* What the policy and the role of docs/OPERATIONS.md allow is all that is asked. */
TEST(minio_and_grafana_are_asked_no_more_than_their_rights_allow) {
    static const struct settings all = {.minio_url = "http://s3:9000",
                                        .minio_access_key = "a",
                                        .minio_secret_key = "s",
                                        .minio_bucket = "goodgo-media",
                                        .backup_dir = "/b",
                                        .backup_bucket = "goodgo-backups",
                                        .grafana_url = "http://g:3000",
                                        .grafana_token = "t"};
    static const char *const allowed[] = {
        "http://s3:9000/minio/health/",            /* open to all */
        "http://s3:9000/?",                        /* s3:ListAllMyBuckets */
        "http://s3:9000/goodgo-media?list-type=2", /* s3:ListBucket */
        "http://s3:9000/goodgo-media?continuation-token=",
        "http://s3:9000/goodgo-backups?list-type=2",
        "http://s3:9000/goodgo-backups?continuation-token=",
        "http://g:3000/api/health",  /* open to all */
        "http://g:3000/api/search?", /* Viewer */
    };
    static const enum service services[] = {SERVICE_minio, SERVICE_grafana};
    for (size_t k = 0; k < ARRAY_LEN(services); k++)
        for (uint32_t i = 0; i < 2 * probes[services[k]]->n_stages; i++) {
            const struct probe *p = probes[services[k]];
            struct probe_bench b;
            bool fits = false;
            bench_init(&b, p, &all);
            b.run.page = i % 2; /* a first page, and a second */
            b.run.cursor = i % 2 ? "x" : NULL;
            CU_ASSERT_TRUE(bench_request(&b, p->stages[i / 2].name));
            const char *url = arena_printf(&b.arena, "%s?", b.ex.http.url);
            for (size_t a = 0; a < ARRAY_LEN(allowed) && !fits; a++)
                fits = strncmp(url, allowed[a], strlen(allowed[a])) == 0;
            if (!fits)
                printf("\n    %s\n", b.ex.http.url);
            CU_ASSERT_TRUE(fits);
            CU_ASSERT(!b.ex.http.method || strcmp(b.ex.http.method, "GET") == 0);
            bench_done(&b);
        }
}

SUITE(probe_storage, T(typesense_classifies_every_answer), T(a_wrong_key_says_which_setting),
      T(a_full_disk_is_degraded_not_down), T(metrics_given_as_texts_are_numbers),
      T(schema_differences_are_rows), T(drift_follows_its_share),
      T(an_absurd_count_is_a_large_drift_not_a_negative_one),
      T(a_database_that_does_not_answer_is_no_measure),
      T(drift_against_an_estimate_is_told_only_where_it_is_large),
      T(drift_needs_tables_of_the_known_shape), T(minio_alive_is_an_empty_200_of_minio),
      T(minio_ready_reads_the_header), T(minio_says_what_of_the_cluster_is_away),
      T(minio_counts_over_pages_with_a_sorted_query), T(minio_stops_at_the_cap_and_says_so),
      T(minio_folds_only_prefixes_that_have_no_row), T(minio_s3_errors_say_their_code),
      T(minio_counts_a_directory_s_copy_from_its_last_object_on),
      T(minio_lists_copies_of_backups_and_nothing_else_of_their_bucket),
      T(minio_without_a_bucket_of_backups_is_no_failure), T(no_shell_line_holds_a_secret),
      T(minio_and_grafana_are_asked_no_more_than_their_rights_allow))
