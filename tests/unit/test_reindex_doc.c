/* tests/unit/test_reindex_doc.c - listings as documents: COPY text to JSON, byte for byte, and what
 * counts as the same document. */
#include "harness.h"
#include "src/act/reindex_priv.h"

#include <stdio.h>
#include <string.h>

#include "model/listings.h"
#include "wire/json.h"

/* The 28 columns of a listing; a test changes one. */
enum { ID = 0, TITLE = 2, PRICE = 6, PER_M2 = 7, AREA = 8, BEDROOMS = 9, LAT = 17, LNG = 18 };
enum { AGENT = 19, PUBLISHED = 22, AMENITIES = 26, N_COLUMNS = 28 };
static const char *const usual[N_COLUMNS] = {"c1",         "p1",          "Nhà đẹp",
                                             "Gần chợ",    "HOUSE",       "SALE",
                                             "4500000000", "45.5",        "98.9",
                                             "3",          "2",           "4",
                                             "NORTH",      "12 Lê Lợi",   "Bến Nghé",
                                             "Quận 1",     "Hồ Chí Minh", "10.775",
                                             "106.7",      "a1",          "s1",
                                             "ACTIVE",     "1795336303",  "12",
                                             "3",          "Sala",        "{\"Hồ bơi\",gym}",
                                             "(12,3)"};

static const char *made(struct arena *a, int column, const char *value) {
    struct doc_maker m;
    struct str line, out;
    str_init(&line, 65536);
    str_init(&out, 65536);
    doc_maker_init(&m);
    for (int i = 0; i < N_COLUMNS; i++)
        str_printf(&line, "%s%s", i ? "\t" : "", i == column ? value : usual[i]);
    str_putc(&line, '\n');
    bool ok = doc_from_copy(&m, line.s, line.len, &out);
    const char *json = ok ? arena_strdup(a, str_get(&out)) : NULL;
    doc_maker_done(&m);
    str_done(&line);
    str_done(&out);
    return json;
}

/* The member of the document as the text it was written as; "-" where there is none. */
static void member_is(int column, const char *value, const char *member, const char *expected) {
    struct arena a;
    struct str key;
    char got[200] = "-";
    arena_init(&a);
    str_init(&key, 100);
    str_printf(&key, ",\"%s\":", member);
    const char *json = made(&a, column, value), *at = json ? strstr(json, key.s) : NULL;
    if (at) {
        at += key.len;
        bool list = strcmp(member, "amenities") == 0; /* the last one */
        const char *end = list ? at + strlen(at) - 2 : strstr(at, ",\"");
        snprintf(got, sizeof got, "%.*s", (int)(end - at), at);
    }
    CHECK_STR(got, expected);
    str_done(&key);
    arena_done(&a);
}

TEST(writes_every_field_of_the_schema_and_the_id) {
    struct arena a;
    arena_init(&a);
    CHECK_STR(made(&a, -1, NULL),
              "{\"id\":\"c1\",\"listingId\":\"c1\",\"propertyId\":\"p1\",\"title\":\"Nhà đẹp\","
              "\"description\":\"Gần chợ\",\"propertyType\":\"HOUSE\",\"transactionType\":\"SALE\","
              "\"priceVND\":4500000000,\"pricePerM2\":45.5,\"areaM2\":98.9,\"bedrooms\":3,"
              "\"bathrooms\":2,\"floors\":4,\"direction\":\"NORTH\",\"address\":\"12 Lê Lợi\","
              "\"ward\":\"Bến Nghé\",\"district\":\"Quận 1\",\"city\":\"Hồ Chí Minh\","
              "\"location\":[10.775,106.7],\"agentId\":\"a1\",\"sellerId\":\"s1\","
              "\"status\":\"ACTIVE\",\"publishedAt\":1795336303,\"viewCount\":12,\"saveCount\":3,"
              "\"projectName\":\"Sala\",\"amenities\":[\"Hồ bơi\",\"gym\"]}\n");
    struct err err;
    const char *json = made(&a, -1, NULL);
    struct json *j = json_parse(json, strlen(json), 65536, &err);
    for (uint32_t i = 0; i < LISTINGS_N_FIELDS; i++)
        CU_ASSERT_PTR_NOT_NULL(json_get(j, listings_fields[i].name));
    json_free(j);
    arena_done(&a);
}

static const struct {
    int column;
    const char *copy, *member, *json;
} members[] = {
    {TITLE, "a \"b\" c", "title", "\"a \\\"b\\\" c\""},
    {TITLE, "tab\\there", "title", "\"tab\\u0009here\""},
    {TITLE, "line\\nend\\r", "title", "\"line\\nend\\u000d\""},
    {TITLE, "back\\\\slash", "title", "\"back\\\\slash\""},
    {TITLE, "\\v\\b\\f", "title", "\"\\u000b\\u0008\\u000c\""},
    {TITLE, "bell \x07 end", "title", "\"bell \\u0007 end\""},
    {TITLE, "\\N", "title", "\"\""},        /* NULL */
    {TITLE, "\\\\N", "title", "\"\\\\N\""}, /* the two characters */
    {TITLE, "", "title", "\"\""},
    {PRICE, "9223372036854775807", "priceVND", "9223372036854775807"},
    {PRICE, "9007199254740993", "priceVND", "9007199254740993"}, /* no double can say it */
    {PRICE, "-1", "priceVND", "-1"},
    {PRICE, "many", "priceVND", "\"many\""}, /* no number: the index will refuse it, as JSON */
    {PRICE, "007", "priceVND", "\"007\""},
    {PER_M2, "\\N", "pricePerM2", "-"}, /* optional: left out */
    {PER_M2, "1e5", "pricePerM2", "1e5"},
    {PER_M2, "1.", "pricePerM2", "-"},
    {PER_M2, "-0.5e-7", "pricePerM2", "-0.5e-7"},
    {PER_M2, "1e", "pricePerM2", "-"},
    {PER_M2, "1e+20", "pricePerM2", "1e+20"},
    {PER_M2, "NaN", "pricePerM2", "-"},
    {PER_M2, "-Infinity", "pricePerM2", "-"},
    {AREA, "0.1", "areaM2", "0.1"},
    {BEDROOMS, "\\N", "bedrooms", "0"},
    {AGENT, "\\N", "agentId", "\"\""},
    {PUBLISHED, "\\N", "publishedAt", "0"},
    {LAT, "\\N", "location", "-"},
    {LNG, "NaN", "location", "-"},
    {LAT, "-33.8675", "location", "[-33.8675,106.7]"},
    {AMENITIES, "{}", "amenities", "[]"},
    {AMENITIES, "\\N", "amenities", "[]"},
    {AMENITIES, "{NULL,a,NULL}", "amenities", "[\"a\"]"},
    {AMENITIES, "{\"NULL\"}", "amenities", "[\"NULL\"]"},
    {AMENITIES, "{NULLable}", "amenities", "[\"NULLable\"]"},
    {AMENITIES, "{\"a,b\",\"c}d\"}", "amenities", "[\"a,b\",\"c}d\"]"},
    {AMENITIES, "{\"say \\\\\"hi\\\\\"\"}", "amenities", "[\"say \\\"hi\\\"\"]"},
    {AMENITIES, "{\"c:\\\\\\\\x\"}", "amenities", "[\"c:\\\\x\"]"},
    {AMENITIES, "{\"two\\nlines\"}", "amenities", "[\"two\\nlines\"]"},
    {AMENITIES, "{{a,b},{c,d}}", "amenities", "[\"a\",\"b\",\"c\",\"d\"]"},
    {AMENITIES, "{\"\"}", "amenities", "[\"\"]"},
};

TEST(every_value_has_its_json) {
    for (size_t i = 0; i < ARRAY_LEN(members); i++)
        member_is(members[i].column, members[i].copy, members[i].member, members[i].json);
}

TEST(refuses_a_line_with_another_number_of_columns) {
    struct doc_maker m;
    struct str out;
    doc_maker_init(&m);
    str_init(&out, 1000);
    CU_ASSERT_FALSE(doc_from_copy(&m, "a\tb\n", 4, &out));
    CU_ASSERT_FALSE(doc_from_copy(&m, "", 0, &out));
    struct arena a;
    arena_init(&a);
    CU_ASSERT_PTR_NULL(made(&a, TITLE, "one\ttoo many"));
    CU_ASSERT_EQUAL(out.len, 0);
    arena_done(&a);
    str_done(&out);
    doc_maker_done(&m);
}

TEST(the_id_is_found_in_our_lines_and_in_exported_ones) {
    static const struct {
        const char *line, *id;
    } rows[] = {
        {"{\"id\":\"c1\",\"title\":\"x\"}", "c1"},
        {"{\"id\":\"a\\\"b\",\"title\":\"x\"}", "a\"b"},
        {"{\"address\":\"12\",\"id\":\"c2\"}", "c2"},
        {"{\"id\":\"\"}", ""},
        {"{\"id\":7}", NULL},
        {"{\"id\":\"c3", NULL},
        {"[]", NULL},
        {"", NULL},
    };
    struct arena a;
    arena_init(&a);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const char *id = NULL;
        bool ok = doc_line_id(rows[i].line, strlen(rows[i].line), &a, &id);
        CU_ASSERT_EQUAL(ok, rows[i].id != NULL);
        if (ok && rows[i].id)
            CHECK_STR(id, rows[i].id);
    }
    arena_done(&a);
}

static struct doc_digest digest_of(const char *json) {
    struct doc_digest d = {0, 0};
    CU_ASSERT_TRUE(doc_digest(json, strlen(json), &d));
    return d;
}

TEST(a_document_is_the_same_in_any_order_and_shape_of_numbers) {
    struct doc_digest a = digest_of("{\"id\":\"1\",\"title\":\"Đ\",\"areaM2\":1000.0,"
                                    "\"location\":[1,2],\"amenities\":[\"a\",\"b\"]}");
    struct doc_digest b = digest_of("{\"amenities\":[\"a\",\"b\"],\"location\":[1.0,2e0],"
                                    "\"areaM2\":1e3,\"title\":\"\\u0110\",\"other\":1}");
    CU_ASSERT_EQUAL(a.content, b.content);
    CU_ASSERT_EQUAL(a.counters, b.counters);
}

TEST(prices_count_to_the_last_dong_and_fractions_to_what_can_matter) {
    CU_ASSERT_NOT_EQUAL(digest_of("{\"priceVND\":9007199254740990}").content,
                        digest_of("{\"priceVND\":9007199254740991}").content);
    CU_ASSERT_EQUAL(digest_of("{\"pricePerM2\":92000000.00000001}").content,
                    digest_of("{\"pricePerM2\":92000000}").content);
    CU_ASSERT_NOT_EQUAL(digest_of("{\"pricePerM2\":45.5}").content,
                        digest_of("{\"pricePerM2\":45.5001}").content);
}

static const char *const others[] = {
    "{\"title\":\"E\",\"areaM2\":5}",
    "{\"title\":\"D\",\"areaM2\":6}",
    "{\"title\":\"D\",\"areaM2\":\"5\"}",            /* a text is no number */
    "{\"title\":\"D\",\"areaM2\":5,\"bedrooms\":0}", /* 0 is not absent */
    "{\"title\":\"D\",\"areaM2\":5,\"amenities\":[]}",
    "{\"description\":\"D\",\"areaM2\":5}", /* the same value in another field */
    "{\"areaM2\":5}",
};

TEST(a_change_of_any_field_is_seen) {
    const char *ours = "{\"title\":\"D\",\"areaM2\":5}";
    char field[60];
    for (size_t i = 0; i < ARRAY_LEN(others); i++) {
        CU_ASSERT_NOT_EQUAL(digest_of(others[i]).content, digest_of(ours).content);
        CU_ASSERT_TRUE(
            doc_difference(ours, strlen(ours), others[i], strlen(others[i]), field, sizeof field));
    }
    CU_ASSERT_FALSE(doc_difference(ours, strlen(ours), ours, strlen(ours), field, sizeof field));
    CU_ASSERT_TRUE(
        doc_difference(ours, strlen(ours), others[1], strlen(others[1]), field, sizeof field));
    CHECK_STR(field, "areaM2");
}

TEST(counters_are_told_apart) {
    struct doc_digest a = digest_of("{\"title\":\"D\",\"viewCount\":1}"),
                      b = digest_of("{\"title\":\"D\",\"viewCount\":2}");
    CU_ASSERT_EQUAL(a.content, b.content);
    CU_ASSERT_NOT_EQUAL(a.counters, b.counters);
}

TEST(the_select_names_every_column_once) {
    struct str sql;
    uint32_t commas = 0;
    int depth = 0;
    str_init(&sql, 8192);
    doc_add_select(&sql, false);
    for (const char *s = sql.s; *s && !str_starts(s, " FROM \"Listing\""); s++) {
        depth += *s == '(' ? 1 : *s == ')' ? -1 : 0;
        commas += *s == ',' && depth == 0;
    }
    CU_ASSERT_EQUAL(commas + 1, N_COLUMNS);
    CU_ASSERT_PTR_NOT_NULL(strstr(sql.s, "ST_Y(p.\"location\"), ST_X(p.\"location\")"));
    str_done(&sql);
}

SUITE(reindex_doc, T(writes_every_field_of_the_schema_and_the_id), T(every_value_has_its_json),
      T(refuses_a_line_with_another_number_of_columns),
      T(the_id_is_found_in_our_lines_and_in_exported_ones),
      T(a_document_is_the_same_in_any_order_and_shape_of_numbers),
      T(prices_count_to_the_last_dong_and_fractions_to_what_can_matter),
      T(a_change_of_any_field_is_seen), T(counters_are_told_apart),
      T(the_select_names_every_column_once))
