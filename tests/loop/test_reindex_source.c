/* tests/loop/test_reindex_source.c - the database's side of a reindex on a real PostgreSQL: one
 * snapshot, every change since it, whoever made it, and both sides held against each other. */
#define _GNU_SOURCE /* close_range of pg_server.h */
#include "loop/misbehave.h"
#include "pg_server.h"
#include "src/act/reindex_priv.h"

/* The two tables as far as the reindex reads them; a point serves as a geometry. */
static const char schema[] =
    "CREATE FUNCTION st_y(p point) RETURNS float8 LANGUAGE sql AS 'SELECT p[1]';"
    "CREATE FUNCTION st_x(p point) RETURNS float8 LANGUAGE sql AS 'SELECT p[0]';"
    "CREATE TABLE \"Property\" (id text PRIMARY KEY, title text DEFAULT 'T', description text "
    "DEFAULT 'D', \"propertyType\" text DEFAULT 'HOUSE', \"areaM2\" float8 DEFAULT 50.5, bedrooms "
    "int, bathrooms int, floors int, direction text, address text DEFAULT 'a', ward text DEFAULT "
    "'w', district text DEFAULT 'd', city text DEFAULT 'c', location point DEFAULT '(106.7,10.7)',"
    "\"projectName\" text, amenities text[]);"
    "CREATE TABLE \"Listing\" (id text PRIMARY KEY, \"propertyId\" text, \"agentId\" text, "
    "\"sellerId\" text DEFAULT 's', \"transactionType\" text DEFAULT 'SALE', status text DEFAULT "
    "'ACTIVE', \"priceVND\" bigint DEFAULT 9007199254740993, \"pricePerM2\" float8, "
    "\"viewCount\" int DEFAULT 0, \"saveCount\" int DEFAULT 0, \"publishedAt\" timestamp(3) "
    "DEFAULT "
    "'2026-04-11 09:30:00.999');"
    "INSERT INTO \"Property\" (id) SELECT 'p' || i FROM generate_series(10, 49) i;"
    "INSERT INTO \"Listing\" (id, \"propertyId\", status) SELECT 'l' || i, 'p' || i,"
    " CASE WHEN i % 4 = 0 THEN 'SOLD' ELSE 'ACTIVE' END FROM generate_series(10, 49) i";

static struct arena arena;
static struct err err;
static struct settings settings;

TEST(starts_a_server) {
    arena_init(&arena);
    pg_server_start();
    pg_run("postgres", schema);
    settings.has_postgres = true;
    settings.postgres = pg.target;
}

static void source_to(struct source *s, bool active_only) {
    bool ok = source_open(s, &settings, active_only, -1, &arena, &err);
    if (!ok)
        printf("%s\n", err.why);
    CU_ASSERT_TRUE_FATAL(ok);
}

/* What a stream has, as "id id ..." in its order. */
static bool collect(void *ctx, const char *line, size_t n) {
    struct str *out = ctx;
    str_printf(out, "%s%.*s", out->len ? " " : "", (int)strcspn(line, "\t\n"), line);
    (void)n;
    return true;
}

static const char *ids_of(struct source *s, const char *where) {
    struct str out;
    str_init(&out, 65536);
    CU_ASSERT_TRUE(source_documents(s, where, ORDER_BY_ID, collect, &out, NULL, &err));
    const char *copy = arena_strdup(&arena, str_get(&out));
    str_done(&out);
    return copy;
}

static bool first_line(void *ctx, const char *line, size_t n) {
    struct str *out = ctx;
    struct doc_maker m;
    doc_maker_init(&m);
    if (!out->len)
        CU_ASSERT_TRUE(doc_from_copy(&m, line, n, out));
    doc_maker_done(&m);
    return true;
}

TEST(a_row_becomes_a_document) {
    struct source s;
    struct str out;
    str_init(&out, 65536);
    source_to(&s, false);
    CU_ASSERT_TRUE(source_begin(&s, NULL, &err));
    CU_ASSERT_TRUE(
        source_documents(&s, "l.\"id\" = 'l10'", ORDER_NONE, first_line, &out, NULL, &err));
    CHECK_STR(str_get(&out),
              "{\"id\":\"l10\",\"listingId\":\"l10\",\"propertyId\":\"p10\",\"title\":\"T\","
              "\"description\":\"D\",\"propertyType\":\"HOUSE\",\"transactionType\":\"SALE\","
              "\"priceVND\":9007199254740993,\"areaM2\":50.5,\"bedrooms\":0,\"bathrooms\":0,"
              "\"floors\":0,\"direction\":\"\",\"address\":\"a\",\"ward\":\"w\",\"district\":\"d\","
              "\"city\":\"c\",\"location\":[10.7,106.7],\"agentId\":\"\",\"sellerId\":\"s\","
              "\"status\":\"ACTIVE\",\"publishedAt\":1775899800,\"viewCount\":0,\"saveCount\":0,"
              "\"projectName\":\"\",\"amenities\":[]}\n");
    str_done(&out);
    source_close(&s);
}

TEST(counts_and_rows_are_of_one_snapshot_and_one_rule) {
    struct source s;
    struct status_counts all, active;
    source_to(&s, false);
    CU_ASSERT_TRUE(source_begin(&s, &all, &err));
    pg_run("postgres", "UPDATE \"Listing\" SET status = 'SOLD' WHERE id = 'l11'");
    CU_ASSERT_EQUAL(all.total, 40);
    CHECK_STR(ids_of(&s, "l.\"status\" = 'SOLD'"), "l12 l16 l20 l24 l28 l32 l36 l40 l44 l48");
    CU_ASSERT_TRUE(source_end(&s, &err));
    source_close(&s);
    pg_run("postgres", "UPDATE \"Listing\" SET status = 'ACTIVE' WHERE id = 'l11'");
    source_to(&s, true);
    CU_ASSERT_TRUE(source_begin(&s, &active, &err));
    CU_ASSERT_EQUAL(active.total, 30);
    CHECK_STR(ids_of(&s, "l.\"id\" < 'l14'"), "l10 l11 l13");
    source_close(&s);
}

TEST(the_snapshot_cannot_write) {
    struct source s;
    source_to(&s, false);
    CU_ASSERT_TRUE(source_begin(&s, NULL, &err));
    CU_ASSERT_FALSE(pgsession_run(s.pg, "DELETE FROM \"Listing\"", 0, &err));
    CHECK_STR(pgsession_sqlstate(s.pg), "25006");
    source_close(&s);
}

static const char *changed(struct source *s, const char *table, const char *xmin) {
    struct str out;
    str_init(&out, 65536);
    CU_ASSERT_TRUE(source_changed_ids(s, table, xmin, collect, &out, &err));
    const char *copy = arena_strdup(&arena, str_get(&out));
    str_done(&out);
    return copy;
}

/* A transaction that began before the snapshot and committed after it is the one to miss. */
TEST(every_change_since_a_snapshot_is_found) {
    struct source s;
    struct pgsession *slow = pg_open("postgres");
    CU_ASSERT_TRUE(pgsession_run(
        slow, "BEGIN; UPDATE \"Property\" SET title = 'x' WHERE id = 'p20'", 0, &err));
    pg_run("postgres", "UPDATE \"Listing\" SET \"viewCount\" = 1 WHERE id = 'l31'");
    source_to(&s, false);
    CU_ASSERT_TRUE(source_begin(&s, NULL, &err));
    const char *xmin = s.xmin; /* older than l31's: once more does no harm */
    CU_ASSERT_TRUE(source_end(&s, &err));
    pg_run("postgres", "UPDATE \"Listing\" SET \"viewCount\" = 1 WHERE id = 'l30'");
    pg_run("postgres", "INSERT INTO \"Listing\" (id, \"propertyId\") VALUES ('l05', 'p10')");
    CU_ASSERT_TRUE(pgsession_run(slow, "COMMIT", 0, &err));
    pgsession_close(slow);
    CU_ASSERT_TRUE(source_begin(&s, NULL, &err));
    CHECK_STR(changed(&s, "Listing", xmin), "l31 l30 l05");
    CHECK_STR(changed(&s, "Property", xmin), "p20");
    CHECK_STR(ids_of(&s, source_changed_since(&arena, xmin)), "l05 l20 l30 l31");
    CHECK_STR(changed(&s, "Listing", s.xmin), "");
    source_close(&s);
}

TEST(what_lives_again_is_kept) {
    static const char *const ids[] = {"l10", "gone", "l12", "it's"};
    bool keep[4];
    struct source s;
    source_to(&s, false);
    CU_ASSERT_TRUE(source_living(&s, ids, 4, keep, &err));
    CU_ASSERT_TRUE(keep[0] && !keep[1] && keep[2] && !keep[3]);
    pg_run("postgres", "INSERT INTO \"Listing\" (id, \"propertyId\") VALUES ('it''s', 'p10')");
    CU_ASSERT_TRUE(source_living(&s, ids, 4, keep, &err));
    CU_ASSERT_TRUE(keep[3]);
    source_close(&s);
    source_to(&s, true);
    CU_ASSERT_TRUE(source_living(&s, ids, 4, keep, &err));
    CU_ASSERT_TRUE(keep[0] && !keep[2]); /* sold: not what an index of the active ones holds */
    source_close(&s);
    pg_run("postgres", "DELETE FROM \"Listing\" WHERE id IN ('it''s', 'l05')");
}

struct walk {
    struct doc_maker maker;
    struct str out;
    uint32_t last, n, n_back;
};

static bool walk_on(void *ctx, const char *line, size_t n) {
    struct walk *w = ctx;
    str_clear(&w->out);
    CU_ASSERT_TRUE(doc_from_copy(&w->maker, line, n, &w->out));
    w->n_back += w->maker.block < w->last;
    w->last = w->maker.block;
    w->n++;
    return true;
}

static struct walk walk(struct source *s, const char *where) {
    struct walk w = {0};
    doc_maker_init(&w.maker);
    str_init(&w.out, 65536);
    CU_ASSERT_TRUE(source_documents(s, where, ORDER_IN_PLACE, walk_on, &w, NULL, &err));
    str_done(&w.out);
    doc_maker_done(&w.maker);
    return w;
}

TEST(the_table_is_read_in_its_own_order_and_from_any_block_on) {
    struct source s;
    pg_run("postgres",
           "INSERT INTO \"Listing\" (id, \"propertyId\") SELECT 'm' || 9000 - i, 'p' || 10 +"
           " i % 40 FROM generate_series(1, 5000) i; ANALYZE; ALTER DATABASE postgres SET"
           " min_parallel_table_scan_size = 0; UPDATE \"Listing\" SET status = 'SOLD'"
           " WHERE id = 'l10'");
    source_to(&s, false);
    CU_ASSERT_TRUE(source_begin(&s, NULL, &err));
    struct walk all = walk(&s, NULL), rest = walk(&s, "l.ctid >= '(20,0)'"),
                before = walk(&s, "l.ctid < '(20,0)'");
    CU_ASSERT_EQUAL(all.n, 5040);
    CU_ASSERT_EQUAL(all.n_back, 0);
    CU_ASSERT_TRUE(all.last > 40);
    CU_ASSERT_EQUAL(rest.n + before.n, all.n);
    CU_ASSERT_EQUAL(before.last, 19);
    source_close(&s);
    pg_run("postgres", "DELETE FROM \"Listing\" WHERE id LIKE 'm%'");
}

TEST(a_table_that_was_rewritten_is_another_file) {
    struct source s, again;
    source_to(&s, false);
    pg_run("postgres", "VACUUM FULL \"Listing\"");
    source_to(&again, false);
    CU_ASSERT_NOT_EQUAL(strcmp(s.file, again.file), 0);
    CHECK_STR(s.identity, again.identity);
    source_close(&s);
    source_close(&again);
}

/* ---- against an index ---- */

static struct str exported; /* the answer to an export, and how many documents it claims to have */
static int documents;

static void serve_index(struct bad_server *s, int fd) {
    char buf[8192], head[128], look[128];
    while (bad_read(s, fd, buf, sizeof buf) > 0) {
        bool is_export = strstr(buf, "/documents/export") != NULL;
        snprintf(look, sizeof look, "{\"created_at\":1,\"num_documents\":%d}", documents);
        snprintf(head, sizeof head, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n",
                 is_export ? exported.len : strlen(look));
        bad_puts(fd, head);
        bad_puts(fd, is_export ? str_get(&exported) : look);
    }
}

static bool to_index(void *ctx, const char *line, size_t n) {
    return doc_from_copy(ctx, line, n, &exported);
}

/* The index holds what the database held, but: l15 is missing, l16 has another price, l17 other
 * view counts, and two are surplus. */
static void fill_index(struct source *s) {
    struct doc_maker m;
    doc_maker_init(&m);
    str_init(&exported, 1 << 20);
    str_puts(&exported, "{\"id\":\"zz\"}\n");
    CU_ASSERT_TRUE(source_documents(s, "l.\"id\" <> 'l15'", ORDER_NONE, to_index, &m, NULL, &err));
    str_puts(&exported, "{\"title\":\"x\",\"id\":\"l1\"}");
    doc_maker_done(&m);
    documents = 41;
    pg_run("postgres", "UPDATE \"Listing\" SET \"priceVND\" = 1 WHERE id = 'l16';"
                       "UPDATE \"Listing\" SET \"viewCount\" = 99 WHERE id = 'l17'");
}

static const char *listed(const struct id_list *l) {
    const char *ids[100];
    struct str out;
    size_t at = 0;
    str_init(&out, 65536);
    uint32_t n = id_list_next(l, &at, ids, 100);
    for (uint32_t i = 0; i < n; i++)
        str_printf(&out, "%s%s", i ? " " : "", ids[i]);
    const char *copy = arena_strdup(&arena, str_get(&out));
    str_done(&out);
    return copy;
}

TEST(both_sides_are_held_against_each_other) {
    struct bad_server server;
    struct source s;
    struct index x;
    struct comparison c;
    struct id_list surplus, wrong;
    char url[64];
    bad_start(&server, serve_index);
    snprintf(url, sizeof url, "http://127.0.0.1:%u", server.port);
    settings.typesense_url = url;
    settings.typesense_key = "k";
    CU_ASSERT_TRUE_FATAL(index_open(&x, &settings, -1, &err));
    source_to(&s, false);
    fill_index(&s);
    CU_ASSERT_TRUE(source_begin(&s, NULL, &err));
    id_list_init(&surplus);
    id_list_init(&wrong);
    CU_ASSERT_TRUE(compare_whole(&(struct compare_request){.index = &x,
                                                           .collection = "listings",
                                                           .source = &s,
                                                           .dir = pg.dir,
                                                           .content = true,
                                                           .surplus = &surplus,
                                                           .wrong = &wrong},
                                 &c, &err));
    CU_ASSERT_EQUAL(c.database, 40);
    CU_ASSERT_EQUAL(c.index, 41);
    CU_ASSERT_EQUAL(c.missing, 1);
    CU_ASSERT_EQUAL(c.stale, 1);
    CU_ASSERT_EQUAL(c.counters, 1);
    CU_ASSERT_EQUAL(c.surplus, 2);
    CHECK_STR(listed(&surplus), "l1 zz");
    CHECK_STR(listed(&wrong), "l15 l16");
    documents = 5000; /* an export that ended early proves nothing about the rest */
    CU_ASSERT_FALSE(compare_whole(
        &(struct compare_request){
            .index = &x, .collection = "listings", .source = &s, .dir = pg.dir},
        &c, &err));
    CU_ASSERT_EQUAL(err.code, E_CLOSED);
    id_list_done(&surplus);
    id_list_done(&wrong);
    str_done(&exported);
    source_close(&s);
    index_close(&x);
    bad_stop(&server);
}

TEST(stops_the_server) {
    pg_server_stop();
    arena_done(&arena);
}

SUITE(reindex_source, T(starts_a_server), T(a_row_becomes_a_document),
      T(counts_and_rows_are_of_one_snapshot_and_one_rule), T(the_snapshot_cannot_write),
      T(every_change_since_a_snapshot_is_found), T(what_lives_again_is_kept),
      T(the_table_is_read_in_its_own_order_and_from_any_block_on),
      T(a_table_that_was_rewritten_is_another_file), T(both_sides_are_held_against_each_other),
      T(stops_the_server))
