/* tests/odd_database.h - a database with what makes two copies of one table look different, or one
 * table hard to name. After pg_server.h. */
#ifndef GOODGO_TESTS_ODD_DATABASE_H
#define GOODGO_TESTS_ODD_DATABASE_H

#include "pg_server.h"

static const char odd_database_sql[] =
    "CREATE EXTENSION postgis;"
    "CREATE TYPE \"Mood\" AS ENUM ('SAD', 'it''s \"ok\"', 'HAPPY');"
    "CREATE TABLE \"User\" (\"id\" text PRIMARY KEY, \"dropped\" int, \"mood\" \"Mood\" NOT NULL,"
    " \"createdAt\" timestamptz, \"plain\" timestamp(3), d date, i interval, f8 float8, f4 float4,"
    " n numeric, b bytea, j jsonb, tags text[], place geometry(Point, 4326), u uuid, ok bool,"
    " double_it float8 GENERATED ALWAYS AS (f8 * 2) STORED, r regclass);"
    "ALTER TABLE \"User\" DROP COLUMN \"dropped\";"
    "INSERT INTO \"User\" (id, mood, \"createdAt\", plain, d, i, f8, f4, n, b, j, tags, place, u, "
    "ok, r) SELECT 'id' || g, (enum_range(NULL::\"Mood\"))[1 + g % 3],"
    " '2026-04-11 00:00:00.123456+07'::timestamptz + g * interval '1 hour', '2026-01-01'::timestamp"
    " + g * interval '1 ms', '2026-01-01'::date + g, g * interval '1 day 1 s', g / 3.0::float8,"
    " (g / 7.0)::float4, g::numeric / 3, decode(md5(g::text), 'hex'), jsonb_build_object('a', g,"
    " 'b', E'tab\\there'), ARRAY['x,y', '{' || g || '}', NULL], ST_SetSRID(ST_MakePoint(105 + g /"
    " 1000.0, 21), 4326), md5(g::text)::uuid, g % 2 = 0, '\"User\"'::regclass FROM "
    "generate_series(1, 3000) "
    "g;"
    "INSERT INTO \"User\" (id, mood, f8) VALUES ('nan', 'SAD', 'NaN'), ('inf', 'SAD', '-Infinity'),"
    " ('null', 'SAD', NULL), ('same', 'SAD', 0);"
    "CREATE TABLE texts (t text);"
    "INSERT INTO texts VALUES (''), (NULL), (E'\\\\.'), ('\\N'), (E'a\\tb\\nc\\rd\\\\e\\bf'),"
    " ('same'), ('same'), (E'\\n\\n'), ('Nguyễn Thị Hương'), (repeat('long ', 100000)), ('COPY x "
    "(a) "
    "FROM stdin;'), (E'\\\\.\\nCOPY public.texts (t) FROM stdin;');"
    "CREATE TABLE empty (a int, b text);"
    "CREATE TABLE \"no columns\" ();"
    "INSERT INTO \"no columns\" SELECT FROM generate_series(1, 5);"
    "CREATE TABLE only_generated (a int GENERATED ALWAYS AS (7) STORED);"
    "INSERT INTO only_generated SELECT FROM generate_series(1, 3);"
    "CREATE SCHEMA \"odd \"\"schema\"\".x\";"
    "CREATE TABLE \"odd \"\"schema\"\".x\".\"a \"\"b\"\", (c)\" (\"select\" int, \"x\"\"y, z\" int,"
    " \"new\nline\" text, \"Ünï\" text);"
    "INSERT INTO \"odd \"\"schema\"\".x\".\"a \"\"b\"\", (c)\" VALUES (1, 2, 'three', 'four');"
    "CREATE TABLE \"line\nbreak (x\" (a int); INSERT INTO \"line\nbreak (x\" VALUES (1), (2);"
    "CREATE TABLE part (day date, v int) PARTITION BY RANGE (day);"
    "CREATE TABLE part_1 PARTITION OF part FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');"
    "CREATE TABLE part_2 PARTITION OF part FOR VALUES FROM ('2026-02-01') TO ('2026-03-01');"
    "INSERT INTO part SELECT '2026-01-01'::date + g % 59, g FROM generate_series(1, 500) g;"
    "CREATE TABLE parent (a int); CREATE TABLE child (b int) INHERITS (parent);"
    "INSERT INTO parent SELECT generate_series(1, 5000); INSERT INTO child VALUES (2, 3);"
    "CREATE UNLOGGED TABLE unlogged (a int); INSERT INTO unlogged VALUES (1);"
    "CREATE TEMP TABLE temporary_one (a int);"
    "CREATE VIEW a_view AS SELECT * FROM texts;"
    "CREATE MATERIALIZED VIEW seen AS SELECT * FROM parent;"
    "CREATE TABLE secret_rows (a int); INSERT INTO secret_rows VALUES (1);"
    "ALTER TABLE secret_rows ENABLE ROW LEVEL SECURITY;"
    "CREATE TABLE toasted (id int, doc text); ALTER TABLE toasted ALTER doc SET STORAGE EXTERNAL;"
    "INSERT INTO toasted SELECT g, repeat(md5(g::text), 300) FROM generate_series(1, 300) g;";

/* The database `name`, with defaults that would show in the text of a row. */
static inline void odd_database_make(const char *name) {
    char sql[400];
    snprintf(sql, sizeof sql, "CREATE DATABASE %s", name);
    pg_run("postgres", sql);
    snprintf(sql, sizeof sql,
             "ALTER DATABASE %s SET timezone = 'Asia/Ho_Chi_Minh';"
             "ALTER DATABASE %s SET datestyle = 'SQL, DMY';"
             "ALTER DATABASE %s SET intervalstyle = 'iso_8601';"
             "ALTER DATABASE %s SET extra_float_digits = -3",
             name, name, name, name);
    pg_run("postgres", sql);
    pg_run(name, odd_database_sql);
}

static inline int pg_tool(const char *tool, const char *const *arguments, uint32_t n) {
    char exe[160], host[80], port[24];
    const char *argv[24] = {exe, host, port, "--username=goodgo", "--no-password"};
    snprintf(exe, sizeof exe, "%s/%s", pg.bin, tool);
    snprintf(host, sizeof host, "--host=%s", pg.dir);
    snprintf(port, sizeof port, "--port=%u", pg.port);
    for (uint32_t i = 0; i < n; i++)
        argv[5 + i] = arguments[i];
    return pg_spawn_wait(argv);
}

/* As the backup does it. */
static inline void odd_database_dump(const char *name, const char *file) {
    char path[160];
    snprintf(path, sizeof path, "--file=%s", file);
    const char *arguments[] = {"--format=custom", "--compress=6", path, name};
    setenv("PGTZ", "UTC", 1);
    CU_ASSERT_EQUAL_FATAL(pg_tool("pg_dump", arguments, 4), 0);
    unsetenv("PGTZ");
}

static inline void odd_database_restore(const char *file, const char *name) {
    char dbname[100], sql[100];
    snprintf(sql, sizeof sql, "CREATE DATABASE %s", name);
    pg_run("postgres", sql);
    snprintf(dbname, sizeof dbname, "--dbname=%s", name);
    const char *arguments[] = {dbname, "--exit-on-error", file};
    CU_ASSERT_EQUAL_FATAL(pg_tool("pg_restore", arguments, 3), 0);
}

#endif
