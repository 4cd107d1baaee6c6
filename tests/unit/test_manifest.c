/* tests/unit/test_manifest.c - the manifest: written and read to the last byte, and nothing that is
 * damaged is half believed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../src/act/manifest_priv.h"
#include "harness.h"

static struct arena arena;
static struct err err;

static struct content_table tables[] = {
    {.schema = "odd \"schema\".x", .name = "line\nbreak", .columns = "\"a\", \"Ünï\""},
    {.schema = "public", .name = "Payment", .columns = "\"id\""},
    {.schema = "public", .name = "empty", .columns = ""},
};
static struct catalog_item items[] = {
    {"column", "Payment.id", "text not null default 'a\\\"b'"},
    {"enum", "Mood", "'SAD', 'it''s'"},
    {"index", "Payment_pkey", "CREATE UNIQUE INDEX"},
};

static struct manifest sample(void) {
    struct manifest m = {.file = "goodgo_20261125_020000.sql.gz",
                         .sha256 = "0123456789abcdef0123456789abcdef0123456789abcdef"
                                   "0123456789abcdef",
                         .size_bytes = INT64_C(9007199254740991),
                         .taken_wall_ms = INT64_C(1795571999123),
                         .took_ms = 27100,
                         .database = "goodgo",
                         .system_identifier = "7380000000000000001",
                         .server_version = 160004,
                         .server_version_text = "16.4 (Debian 16.4-1.pgdg120+1)",
                         .tool_version = "16.4",
                         .compression = "gzip:6",
                         .content = {tables, 3},
                         .catalog = {items, 3}};
    tables[1].sum = (struct content_sum){0};
    content_add(&tables[1].sum, "a\tb", 3);
    m.money.at[m.money.n++] = (struct pair){"COMPLETED", "1204 payments, 41300000 VND"};
    return m;
}

static const char *print(const struct manifest *m) {
    struct str s;
    str_init(&s, 1u << 20);
    manifest_print(m, &s);
    const char *text = arena_strdup(&arena, str_get(&s));
    str_done(&s);
    return text;
}

static bool parse(const char *text, struct manifest *ret) {
    return manifest_parse(text, strlen(text), &arena, ret, &err);
}

TEST(is_written_and_read_to_the_last_byte) {
    struct manifest m, back;
    char path[] = "/tmp/goodgo-test-manifest.XXXXXX";
    arena_init(&arena);
    m = sample();
    int fd = mkstemp(path);
    CU_ASSERT_FATAL(fd >= 0);
    CU_ASSERT_TRUE(manifest_write(path, &m, &err));
    CU_ASSERT_TRUE_FATAL(manifest_read(path, &arena, &back, &err));
    CHECK_STR(print(&back), print(&m));
    CU_ASSERT_EQUAL(back.taken_wall_ms, m.taken_wall_ms);
    CU_ASSERT_EQUAL(back.size_bytes, m.size_bytes);
    CU_ASSERT_EQUAL(back.content.n, 3);
    CU_ASSERT_TRUE(content_equal(&back.content.tables[1].sum, &tables[1].sum));
    CHECK_STR(back.content.tables[0].name, "line\nbreak");
    CHECK_STR(back.catalog.items[1].definition, "'SAD', 'it''s'");
    CHECK_STR(back.money.at[0].value, "1204 payments, 41300000 VND");
    close(fd);
    unlink(path);
    CU_ASSERT_FALSE(manifest_read(path, &arena, &back, &err));
    CU_ASSERT_EQUAL(err.code, E_IO);
    CHECK_STR(manifest_path(&arena, "/b/x.sql.gz"), "/b/x.sql.gz.manifest.json");
}

/* The document is a contract: keys are only ever added. */
TEST(has_the_keys_that_later_builds_will_look_for) {
    struct manifest m = sample();
    const char *text = print(&m);
    static const char *const parts[] = {"{\n  \"schema\": \"goodgo.manifest/1\",\n",
                                        "\"file\": \"goodgo_20261125_020000.sql.gz\"",
                                        "\"sizeBytes\": 9007199254740991",
                                        "\"taken\": \"2026-11-25T",
                                        "\"tookMs\": 27100",
                                        "\"systemIdentifier\": \"7380000000000000001\"",
                                        "\"serverVersion\": 160004",
                                        "\"toolVersion\": \"16.4\"",
                                        "\"compression\": \"gzip:6\"",
                                        "\"columns\": \"\\\"id\\\"\"",
                                        "\"rows\": 0",
                                        "\"sum\": \"00000000000000000000000000000000\"",
                                        "\"definitions\": [",
                                        "\"kind\": \"enum\"",
                                        "\"status\": \"COMPLETED\""};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        if (!strstr(text, parts[i]))
            CHECK_STR(text, parts[i]);
}

/* `from` in the sample replaced by `to`. */
static const char *changed(const char *from, const char *to) {
    struct manifest m = sample();
    const char *text = print(&m), *at = strstr(text, from);
    if (!at)
        printf("\n    no %s in %s", from, text);
    CU_ASSERT_PTR_NOT_NULL_FATAL(at);
    return arena_printf(&arena, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
}

TEST(takes_keys_it_does_not_know) {
    struct manifest m;
    CU_ASSERT_TRUE(parse(changed("{\n", "{ \"future\": [{}],"), &m));
}

TEST(refuses_what_is_damaged) {
    static const struct {
        const char *from, *to, *why;
    } cases[] = {
        {"goodgo.manifest/1", "goodgo.manifest/2", "schema"},
        {"\"file\": \"goodgo", "\"file\": \"../goodgo", "file"},
        {"\"file\": \"goodgo_20261125_020000.sql.gz\"", "\"file\": \"\"", "file"},
        {"\"rows\": 0", "\"rows\": \"9007199254740992\"", "rows"}, /* no number of ours */
        {"\"sha256\": \"0", "\"sha256\": \"", "sha256"},
        {"\"sha256\": \"0", "\"sha256\": \"G", "sha256"},
        {"9007199254740991", "-1", "sizeBytes"},
        {"9007199254740991", "1.5", "sizeBytes"},
        {"9007199254740991", "90071992547409919", "sizeBytes"},
        {"\"tookMs\": 27100,", "", "tookMs"},
        {"\"taken\": \"2026", "\"taken\": \"x2026", "taken"},
        {"\"serverVersion\": 160004", "\"serverVersion\": 16000400000", "serverVersion"},
        {"\"database\": \"goodgo\"", "\"database\": null", "database"},
        {"\"tables\": [", "\"tables\": [7, ", "schema"},
        {"\"tables\"", "\"tablets\"", "tables"},
        {"\"definitions\": [", "\"definitions\": 7, \"x\": [", "definitions"},
        {"\"database\": \"goodgo\"", "\"database\": \"good\377go\"", "UTF-8"},
        {"\"schema\": \"odd", "\"schema\": \"zodd", "order"},
        {"\"name\": \"Payment\"", "\"name\": \"empty\"", "order"},
        {"\"kind\": \"enum\"", "\"kind\": \"a\"", "order"},
        {"\"sum\": \"0", "\"sum\": \"", "sum"},
        {"\"rows\": 1", "\"rows\": \"one\"", "rows"},
        {"\"total\"", "\"sum\"", "total"},
        {"}\n", "", "JSON"},
        {"}\n", "} x", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct manifest m = {.took_ms = 42};
        bool taken = parse(changed(cases[i].from, cases[i].to), &m);
        if (taken || !strstr(err.why, cases[i].why))
            printf("\n    %s -> %s: %s", cases[i].from, cases[i].to, taken ? "taken" : err.why);
        CU_ASSERT_FALSE(taken);
        CU_ASSERT_PTR_NOT_NULL(strstr(err.why, cases[i].why));
        CU_ASSERT_EQUAL(m.took_ms, 42); /* untouched */
    }
}

TEST(refuses_more_than_it_can_hold) {
    struct manifest m = sample();
    struct str s;
    str_init(&s, 1u << 20);
    for (int i = 0; i < 65; i++)
        str_printf(&s, "{\"status\": \"s%d\", \"total\": \"\"}, ", i);
    CU_ASSERT_FALSE(
        parse(changed("\"money\": [", arena_printf(&arena, "\"money\": [%s", str_get(&s))), &m));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.why, "money"));
    str_done(&s);
}

SUITE(manifest, T(is_written_and_read_to_the_last_byte),
      T(has_the_keys_that_later_builds_will_look_for), T(takes_keys_it_does_not_know),
      T(refuses_what_is_damaged), T(refuses_more_than_it_can_hold))
