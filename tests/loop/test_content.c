/* tests/loop/test_content.c - sums of contents: what changes them, what must not, and that a live
 * table and a restored one have the same, however odd. */
#include <pthread.h>

#include "act/content.h"
#include "odd_database.h"

static struct arena arena;
static struct err err;

static struct content_sum sum_of(const char *const *lines, uint32_t n) {
    struct content_sum sum = {0};
    for (uint32_t i = 0; i < n; i++)
        content_add(&sum, lines[i], strlen(lines[i]));
    return sum;
}

static bool same(const char *const *a, const char *const *b, uint32_t n) {
    struct content_sum x = sum_of(a, n), y = sum_of(b, n);
    return content_equal(&x, &y);
}

TEST(sum_depends_on_rows_not_on_their_order) {
    const char *rows[] = {"1\ta", "2\tb", "3\tc"}, *order[] = {"3\tc", "1\ta", "2\tb"};
    const char *swapped[] = {"1\tb", "2\ta", "3\tc"}, *twice[] = {"1\ta", "2\tb", "2\tb"};
    const char *moved[] = {"1\tab", "2\t", "3\tc"};
    CU_ASSERT_TRUE(same(rows, order, 3));
    CU_ASSERT_FALSE(same(rows, swapped, 3));
    CU_ASSERT_FALSE(same(rows, twice, 3));
    CU_ASSERT_FALSE(same(rows, moved, 3));
    CU_ASSERT_FALSE(same(rows, order, 2));
}

/* A fixed value: a manifest must be readable by every later build, on every machine. */
TEST(sum_is_the_same_for_ever) {
    const char *rows[] = {"", "1\ta", "2\t\\N", "Nguyễn\t{1,2}"};
    struct content_sum sum = sum_of(rows, 4), back;
    char hex[33];
    content_hex(&sum, hex);
    CHECK_STR(hex, "3b0858a844c7171a84c7097129a52651");
    CU_ASSERT_EQUAL(sum.rows, 4);
    CU_ASSERT_EQUAL(sum.bytes, 1 + 4 + 5 + 15);
    CU_ASSERT_TRUE(content_parse(hex, &back));
    CU_ASSERT_EQUAL(back.high, sum.high);
    CU_ASSERT_EQUAL(back.low, sum.low);
}

TEST(parse_takes_32_hex_digits_only) {
    struct content_sum sum;
    CU_ASSERT_TRUE(content_parse("00000000000000000000000000000000", &sum));
    CU_ASSERT_FALSE(content_parse("", &sum));
    CU_ASSERT_FALSE(content_parse("0000000000000000000000000000000", &sum));
    CU_ASSERT_FALSE(content_parse("000000000000000000000000000000000", &sum));
    CU_ASSERT_FALSE(content_parse("0000000000000000000000000000000G", &sum));
    CU_ASSERT_FALSE(content_parse("0x000000000000000000000000000000", &sum));
}

TEST(makes_an_odd_database) {
    arena_init(&arena);
    pg_server_start();
    odd_database_make("odd");
}

static struct content list(const char *dbname) {
    struct content c = {0};
    struct pgsession *s = pg_open(dbname);
    CU_ASSERT_TRUE_FATAL(content_tables(s, &arena, &c, &err));
    pgsession_close(s);
    return c;
}

static bool scan(const char *dbname, const char *snapshot, uint32_t workers, int cancel_fd,
                 struct content *c) {
    struct pg_target t = pg.target;
    t.dbname = dbname;
    memset(&err, 0, sizeof err);
    return content_scan_finish(content_scan_start(&t, snapshot, workers, cancel_fd, c), &err);
}

static struct content scanned(const char *dbname, uint32_t workers) {
    struct content c = list(dbname);
    bool ok = scan(dbname, NULL, workers, -1, &c);
    if (!ok)
        printf("\n%s\n", err.why);
    CU_ASSERT_TRUE_FATAL(ok);
    return c;
}

static const struct content_table *find(const struct content *c, const char *name) {
    for (uint32_t i = 0; i < c->n; i++)
        if (!strcmp(c->tables[i].name, name))
            return &c->tables[i];
    return NULL;
}

static uint64_t rows_of(const struct content *c, const char *name) {
    const struct content_table *t = find(c, name);
    return t ? t->sum.rows : UINT64_MAX;
}

TEST(lists_tables_as_pg_dump_writes_them) {
    struct content c = list("odd");
    static const char *const names[] = {"a \"b\", (c)",   "User",       "child",          "empty",
                                        "line\nbreak (x", "no columns", "only_generated", "parent",
                                        "part_1",         "part_2",     "secret_rows",    "texts",
                                        "toasted",        "unlogged"};
    CU_ASSERT_EQUAL_FATAL(c.n, ARRAY_LEN(names));
    for (uint32_t i = 0; i < c.n; i++)
        CHECK_STR(c.tables[i].name, names[i]);
    CHECK_STR(c.tables[0].schema, "odd \"schema\".x");
    CHECK_STR(c.tables[0].columns, "\"select\", \"x\"\"y, z\", \"new\nline\", \"Ünï\"");
    CHECK_STR(find(&c, "User")->columns,
              "\"id\", \"mood\", \"createdAt\", \"plain\", \"d\", \"i\", \"f8\", \"f4\", \"n\", "
              "\"b\", \"j\", \"tags\", \"place\", \"u\", \"ok\", \"r\"");
    CHECK_STR(find(&c, "no columns")->columns, "");
    CHECK_STR(find(&c, "only_generated")->columns, "");
}

TEST(counts_every_table_once) {
    struct content c = scanned("odd", 3);
    CU_ASSERT_EQUAL(rows_of(&c, "User"), 3004);
    CU_ASSERT_EQUAL(rows_of(&c, "texts"), 12);
    CU_ASSERT_EQUAL(rows_of(&c, "empty"), 0);
    CU_ASSERT_EQUAL(rows_of(&c, "no columns"), 5);
    CU_ASSERT_EQUAL(rows_of(&c, "only_generated"), 3);
    CU_ASSERT_EQUAL(rows_of(&c, "part_1") + rows_of(&c, "part_2"), 500);
    CU_ASSERT_EQUAL(rows_of(&c, "parent"), 5000); /* not its child's */
    CU_ASSERT_EQUAL(rows_of(&c, "secret_rows"), 1);
}

static void check_same(const struct content *a, const struct content *b) {
    CU_ASSERT_EQUAL_FATAL(a->n, b->n);
    for (uint32_t i = 0; i < a->n; i++) {
        bool equal = content_equal(&a->tables[i].sum, &b->tables[i].sum);
        if (!equal)
            printf("\n    %s differs", a->tables[i].name);
        CU_ASSERT_TRUE(equal);
        CHECK_STR(a->tables[i].name, b->tables[i].name);
        CHECK_STR(a->tables[i].columns, b->tables[i].columns);
    }
}

TEST(a_restored_database_has_the_same_sums) {
    char file[100];
    snprintf(file, sizeof file, "%s/odd.dump", pg.dir);
    odd_database_dump("odd", file);
    odd_database_restore(file, "odd_again");
    struct content a = scanned("odd", 2), b = scanned("odd_again", 1);
    check_same(&a, &b);
    pg_run("odd_again", "UPDATE \"User\" SET f4 = f4 + 1 WHERE id = 'id7';"
                        "UPDATE toasted SET doc = doc || 'x' WHERE id = 5;");
    b = scanned("odd_again", 2);
    CU_ASSERT_FALSE(content_equal(&find(&a, "User")->sum, &find(&b, "User")->sum));
    CU_ASSERT_FALSE(content_equal(&find(&a, "toasted")->sum, &find(&b, "toasted")->sum));
    CU_ASSERT_TRUE(content_equal(&find(&a, "texts")->sum, &find(&b, "texts")->sum));
}

/* Two values change places: every column keeps its set of values. */
TEST(values_swapped_between_rows_change_the_sum) {
    struct content a = scanned("odd", 2);
    pg_run("odd", "UPDATE \"User\" u SET n = o.n FROM \"User\" o WHERE (u.id, o.id) IN"
                  " (('id1', 'id2'), ('id2', 'id1'))");
    struct content b = scanned("odd", 2);
    CU_ASSERT_FALSE(content_equal(&find(&a, "User")->sum, &find(&b, "User")->sum));
    CU_ASSERT_EQUAL(find(&a, "User")->sum.rows, find(&b, "User")->sum.rows);
}

TEST(a_large_table_in_pieces_has_the_sum_of_the_whole) {
    struct content whole = scanned("odd", 1), pieces = list("odd");
    for (uint32_t i = 0; i < pieces.n; i++)
        pieces.tables[i].estimated_bytes = INT64_C(1) << 29; /* so that it is cut */
    CU_ASSERT(find(&pieces, "User")->heap_pages > 20);
    CU_ASSERT_TRUE(scan("odd", NULL, 4, -1, &pieces));
    check_same(&whole, &pieces);
    pg_run("odd", "INSERT INTO toasted SELECT * FROM toasted"); /* behind the pages counted */
    whole = scanned("odd", 1);
    CU_ASSERT_TRUE(scan("odd", NULL, 4, -1, &pieces));
    check_same(&whole, &pieces);
}

TEST(a_snapshot_hides_what_came_later) {
    struct pg_rows rows;
    struct content before = scanned("odd", 2), c = list("odd");
    struct pgsession *keeper = pg_open("odd");
    CU_ASSERT_TRUE_FATAL(pgsession_rows(
        keeper, "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT pg_export_snapshot() AS id", 0,
        &arena, &rows, &err));
    pg_run("odd", "INSERT INTO texts VALUES ('later'); DELETE FROM part");
    CU_ASSERT_TRUE(scan("odd", pg_cell(&rows, 0, "id"), 3, -1, &c));
    check_same(&before, &c);
    pgsession_close(keeper);
    CU_ASSERT_FALSE(scan("odd", pg_cell(&rows, 0, "id"), 3, -1, &c));
    CU_ASSERT_EQUAL(scanned("odd", 2).n, before.n);
    c = scanned("odd", 2);
    CU_ASSERT_EQUAL(rows_of(&c, "texts"), 13);
}

TEST(the_first_error_stops_all) {
    struct content c = list("odd");
    pg_run("odd", "DROP TABLE empty");
    CU_ASSERT_FALSE(scan("odd", NULL, 3, -1, &c));
    CU_ASSERT_EQUAL(err.code, E_PROTOCOL);
    CHECK_STR(err.why, "relation \"public.empty\" does not exist");
    CU_ASSERT_FALSE(scan("nowhere", NULL, 3, -1, &c));
    CHECK_STR(err.why, "database \"nowhere\" does not exist");
}

static void *cancel_later(void *arg) {
    nanosleep(&(struct timespec){0, 200000000}, NULL);
    CU_ASSERT_EQUAL(write(*(int *)arg, "c", 1), 1);
    return NULL;
}

TEST(a_cancel_ends_a_scan_that_waits_for_a_lock) {
    int pipe_fd[2];
    pthread_t t;
    struct content c = list("odd");
    struct pgsession *holder = pg_open("odd");
    CU_ASSERT_TRUE(pgsession_run(holder, "BEGIN; LOCK TABLE texts", 0, &err));
    CU_ASSERT_EQUAL_FATAL(pipe(pipe_fd), 0);
    pthread_create(&t, NULL, cancel_later, &pipe_fd[1]);
    int64_t from = clock_mono_ms();
    CU_ASSERT_FALSE(scan("odd", NULL, 3, pipe_fd[0], &c));
    CU_ASSERT_EQUAL(err.code, E_CANCELLED);
    CU_ASSERT(clock_mono_ms() - from < 5000);
    pthread_join(t, NULL);
    pgsession_close(holder);
    close(pipe_fd[0]);
    close(pipe_fd[1]);
}

TEST(tells_how_far_it_is) {
    uint64_t bytes = 0, sum = 0;
    uint32_t tables = 0;
    struct content c = list("odd");
    struct pg_target t = pg.target;
    t.dbname = "odd";
    struct content_scan *s = content_scan_start(&t, NULL, 2, -1, &c);
    int64_t until = clock_mono_ms() + 20000;
    while (tables < c.n && clock_mono_ms() < until) {
        content_scan_progress(s, &bytes, &tables);
        nanosleep(&(struct timespec){0, 1000000}, NULL);
    }
    CU_ASSERT_TRUE(content_scan_finish(s, &err));
    for (uint32_t i = 0; i < c.n; i++)
        sum += c.tables[i].sum.bytes;
    CU_ASSERT_EQUAL(tables, c.n);
    CU_ASSERT_EQUAL(bytes, sum);
}

TEST(an_empty_database_is_a_content_of_nothing) {
    struct content c = scanned("template1", 4);
    CU_ASSERT_EQUAL(c.n, 0);
}

SUITE(content, T(sum_depends_on_rows_not_on_their_order), T(sum_is_the_same_for_ever),
      T(parse_takes_32_hex_digits_only), T(makes_an_odd_database),
      T(lists_tables_as_pg_dump_writes_them), T(counts_every_table_once),
      T(a_restored_database_has_the_same_sums), T(values_swapped_between_rows_change_the_sum),
      T(a_large_table_in_pieces_has_the_sum_of_the_whole), T(a_snapshot_hides_what_came_later),
      T(the_first_error_stops_all), T(a_cancel_ends_a_scan_that_waits_for_a_lock),
      T(tells_how_far_it_is), T(an_empty_database_is_a_content_of_nothing))
