/* tests/loop/test_catalog.c - definitions of a database: the same after a restore, whoever asks,
 * and every change of one seen. */
#include "act/catalog.h"
#include "base/str.h"
#include "odd_database.h"

static struct arena arena;
static struct err err;

static const char definitions_sql[] =
    "CREATE TABLE \"_prisma_migrations\" (id varchar(36) PRIMARY KEY, checksum varchar(64) NOT "
    "NULL,"
    " finished_at timestamptz, migration_name varchar(255) NOT NULL, logs text, rolled_back_at"
    " timestamptz, started_at timestamptz NOT NULL DEFAULT now(), applied_steps_count int);"
    "INSERT INTO \"_prisma_migrations\" (id, checksum, finished_at, migration_name, rolled_back_at,"
    " started_at) VALUES ('a', 'c1', now(), '1_init', NULL, '2026-01-01'),"
    " ('b', 'c2', NULL, '2_more', now(), '2026-01-02'),"
    " ('c', 'c3', now(), '2_more', NULL, '2026-01-03'), ('d', 'c4', NULL, '3_last', NULL, now());"
    "CREATE TABLE orders (id serial PRIMARY KEY, \"userId\" text NOT NULL REFERENCES \"User\" (id)"
    " ON DELETE CASCADE, amount numeric(10, 2) DEFAULT 0 CHECK (amount >= 0),"
    " mood \"Mood\" DEFAULT 'HAPPY', note text COLLATE \"C\", n int GENERATED ALWAYS AS IDENTITY);"
    "CREATE INDEX orders_mood ON orders (mood, \"userId\") WHERE mood = 'HAPPY';"
    "CREATE INDEX user_place ON \"User\" USING gist (place);"
    "CREATE INDEX part_day ON part (day); ALTER TABLE part ADD CHECK (v >= 0);"
    "CREATE VIEW happy AS SELECT id, amount FROM orders WHERE mood = 'HAPPY';"
    "CREATE MATERIALIZED VIEW totals AS SELECT \"userId\", sum(amount) AS s FROM orders GROUP BY 1;"
    "CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';"
    "CREATE FUNCTION half(x int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT x / 2';"
    "CREATE FUNCTION half(x numeric) RETURNS numeric LANGUAGE sql IMMUTABLE AS 'SELECT x / 2';"
    "CREATE AGGREGATE joined(text) (SFUNC = textcat, STYPE = text, INITCOND = '');"
    "CREATE TRIGGER touched BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION touch();"
    "CREATE DOMAIN percent AS int CHECK (VALUE BETWEEN 0 AND 100);";

static struct catalog read_catalog(const char *dbname, const char *before) {
    struct catalog c = {0};
    struct pgsession *s = pg_open(dbname);
    CU_ASSERT_TRUE_FATAL(pgsession_run(s, before, 0, &err));
    bool ok = catalog_read(s, &arena, &c, &err);
    if (!ok)
        printf("\n%s\n", err.why);
    CU_ASSERT_TRUE_FATAL(ok);
    pgsession_close(s);
    return c;
}

static const char *definition(const struct catalog *c, const char *kind, const char *name) {
    for (uint32_t i = 0; i < c->n; i++)
        if (!strcmp(c->items[i].kind, kind) && !strcmp(c->items[i].name, name))
            return c->items[i].definition;
    return "(none)";
}

static void note(void *ctx, enum catalog_change change, const struct catalog_item *expected,
                 const struct catalog_item *found) {
    static const char *const words[] = {"-", "+", "~"};
    const struct catalog_item *i = expected ? expected : found;
    str_printf(ctx, "%s%s %s;", words[change], i->kind, i->name);
}

static const char *difference(const struct catalog *a, const struct catalog *b, const char *kind) {
    struct str s;
    str_init(&s, 65536);
    uint32_t n = catalog_compare(a, b, kind, note, &s);
    const char *text = arena_printf(&arena, "%u: %s", n, str_get(&s));
    str_done(&s);
    return text;
}

TEST(makes_an_odd_database) {
    arena_init(&arena);
    pg_server_start();
    odd_database_make("odd");
    pg_run("odd", definitions_sql);
}

TEST(definitions_are_texts) {
    struct catalog c = read_catalog("odd", "");
    CHECK_STR(definition(&c, "table", "orders"), "table");
    CHECK_STR(definition(&c, "table", "unlogged"), "unlogged table");
    CHECK_STR(definition(&c, "table", "part"), "partitioned by RANGE (day)");
    CHECK_STR(definition(&c, "table", "part_1"),
              "table partition FOR VALUES FROM ('2026-01-01') TO ('2026-02-01')");
    CHECK_STR(definition(&c, "table", "odd \"schema\".x.a \"b\", (c)"), "table");
    CHECK_STR(definition(&c, "table", "spatial_ref_sys"), "(none)");
    CHECK_STR(definition(&c, "column", "orders.amount"), "numeric(10,2) default 0");
    CHECK_STR(definition(&c, "column", "orders.mood"),
              "public.\"Mood\" default 'HAPPY'::public.\"Mood\"");
    CHECK_STR(definition(&c, "column", "orders.note"), "text collate \"C\"");
    CHECK_STR(definition(&c, "column", "orders.n"), "integer not null identity always");
    CHECK_STR(definition(&c, "column", "orders.id"),
              "integer not null default nextval('public.orders_id_seq'::regclass)");
    CHECK_STR(definition(&c, "column", "User.double_it"),
              "double precision generated (f8 * (2)::double precision)");
    CHECK_STR(definition(&c, "column", "User.place"), "public.geometry(Point,4326)");
    CHECK_STR(definition(&c, "enum", "Mood"), "'SAD', 'it''s \"ok\"', 'HAPPY'");
    CHECK_STR(
        definition(&c, "index", "orders_mood"),
        "CREATE INDEX orders_mood ON public.orders USING btree (mood, \"userId\") WHERE (mood "
        "= 'HAPPY'::public.\"Mood\")");
    CHECK_STR(definition(&c, "constraint", "orders.orders_userId_fkey"),
              "FOREIGN KEY (\"userId\") REFERENCES public.\"User\"(id) ON DELETE CASCADE");
    CHECK_STR(definition(&c, "constraint", "orders.orders_amount_check"),
              "CHECK ((amount >= (0)::numeric))");
    CHECK_STR(definition(&c, "constraint", "percent.percent_check"),
              "CHECK (((VALUE >= 0) AND (VALUE <= 100)))");
    CHECK_STR(definition(&c, "sequence", "orders_id_seq"),
              "integer start 1 increment 1 min 1 max 2147483647 cache 1");
    CU_ASSERT_PTR_NOT_NULL(strstr(definition(&c, "view", "happy"), "FROM public.orders"));
    CU_ASSERT_EQUAL(strncmp(definition(&c, "view", "totals"), "materialized ", 13), 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(definition(&c, "function", "half(x integer)"), "SELECT x / 2"));
    CU_ASSERT_PTR_NOT_NULL(strstr(definition(&c, "function", "half(x numeric)"), "numeric"));
    CHECK_STR(definition(&c, "function", "joined(text)"), "aggregate text");
    CHECK_STR(definition(&c, "trigger", "orders.touched"),
              "CREATE TRIGGER touched BEFORE UPDATE ON public.orders FOR EACH ROW EXECUTE FUNCTION "
              "public.touch()");
    CU_ASSERT_EQUAL(catalog_count(&c, "function"), 4); /* none of PostGIS' hundreds */
    CU_ASSERT_TRUE(definition(&c, "extension", "postgis")[0] >= '2');
    CHECK_STR(definition(&c, "migration", "1_init"), "finished c1");
    CHECK_STR(definition(&c, "migration", "2_more"), "rolled back c2, finished c3");
    CHECK_STR(definition(&c, "migration", "3_last"), "unfinished c4");
    CU_ASSERT_EQUAL(catalog_count(&c, "migration"), 3);
    CU_ASSERT_EQUAL(catalog_count(&c, NULL), c.n);
}

TEST(is_the_same_whoever_asks_and_after_a_restore) {
    char file[100];
    struct catalog a = read_catalog("odd", ""), b = read_catalog("odd", "SET search_path = x, y");
    CHECK_STR(difference(&a, &b, NULL), "0: ");
    snprintf(file, sizeof file, "%s/odd.dump", pg.dir);
    odd_database_dump("odd", file);
    odd_database_restore(file, "odd_again");
    pg_run("odd_again", "SELECT nextval('orders_id_seq')");
    b = read_catalog("odd_again", "");
    CHECK_STR(difference(&a, &b, NULL), "0: ");
}

TEST(leaves_the_session_as_it_was) {
    struct pg_rows rows;
    struct catalog c;
    struct pgsession *s = pg_open("odd");
    CU_ASSERT_TRUE(pgsession_run(s, "SET search_path = \"a b\", public; BEGIN READ ONLY", 0, &err));
    CU_ASSERT_TRUE(catalog_read(s, &arena, &c, &err));
    CU_ASSERT_TRUE(pgsession_rows(s, "SHOW search_path", 0, &arena, &rows, &err));
    CHECK_STR(rows.cells[0][0], "\"a b\", public");
    pgsession_close(s);
}

TEST(sees_every_change_and_tells_what_kind) {
    struct catalog a = read_catalog("odd", ""), b;
    pg_run("odd_again", "ALTER INDEX orders_mood RENAME TO orders_mood_2;"
                        "ALTER TYPE \"Mood\" ADD VALUE 'ANGRY' BEFORE 'HAPPY';"
                        "ALTER TABLE orders ALTER note DROP DEFAULT, ALTER amount DROP DEFAULT;"
                        "ALTER TABLE orders DROP CONSTRAINT \"orders_userId_fkey\";"
                        "ALTER TABLE orders ADD CONSTRAINT \"orders_userId_fkey\" FOREIGN KEY"
                        " (\"userId\") REFERENCES \"User\" (id);"
                        "ALTER TABLE orders ALTER \"userId\" DROP NOT NULL;"
                        "DROP TABLE unlogged; CREATE TABLE added (x int);"
                        "DROP INDEX user_place; ALTER SEQUENCE orders_id_seq CYCLE;"
                        "CREATE OR REPLACE VIEW happy AS SELECT id, amount FROM orders;"
                        "ALTER TABLE orders DISABLE TRIGGER touched; DROP FUNCTION half(numeric);"
                        "CREATE OR REPLACE FUNCTION half(x int) RETURNS int LANGUAGE sql IMMUTABLE"
                        " AS 'SELECT x / 3';"
                        "UPDATE _prisma_migrations SET finished_at = NULL WHERE id = 'a'");
    b = read_catalog("odd_again", "");
    CHECK_STR(difference(&a, &b, NULL),
              "17: +column added.x;~column orders.amount;~column orders.userId;-column unlogged.a;"
              "~constraint orders.orders_userId_fkey;~enum Mood;~function half(x "
              "integer);-function half(x numeric);-index orders_mood;+index "
              "orders_mood_2;-index user_place;~migration 1_init;~sequence orders_id_seq;"
              "+table added;-table unlogged;~trigger orders.touched;~view happy;");
    CHECK_STR(difference(&a, &b, "index"),
              "3: -index orders_mood;+index orders_mood_2;-index user_place;");
    CU_ASSERT_EQUAL(catalog_compare(&a, &b, "extension", NULL, NULL), 0);
}

TEST(a_database_without_migrations_has_none) {
    struct catalog c = read_catalog("template1", "");
    CU_ASSERT_EQUAL(catalog_count(&c, "migration"), 0);
    CU_ASSERT_EQUAL(catalog_count(&c, "extension"), 1);
    pg_run("odd", "DROP TABLE _prisma_migrations; CREATE TABLE _prisma_migrations (id int)");
    c = read_catalog("odd", "");
    CU_ASSERT_EQUAL(catalog_count(&c, "migration"), 0);
}

SUITE(catalog, T(makes_an_odd_database), T(definitions_are_texts),
      T(is_the_same_whoever_asks_and_after_a_restore), T(leaves_the_session_as_it_was),
      T(sees_every_change_and_tells_what_kind), T(a_database_without_migrations_has_none))
