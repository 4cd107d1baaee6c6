/* tests/unit/test_jsontext.c - JSON as it was written: literals stay, texts are exact, names that
 * stand twice are noticed, and what RFC 8259 does not have is refused. */
#include "harness.h"

#include <string.h>

#include "wire/jsontext.h"

static struct arena arena;

static const struct jsontext *parse(const char *s, const char **ret_duplicate) {
    struct err err;
    return jsontext_parse(&arena, s, strlen(s), ret_duplicate, &err);
}

static const char *text(const char *doc, const char *name) {
    const struct jsontext *j = jsontext_get(parse(doc, NULL), name);
    return j ? j->text : NULL;
}

static const char *written(const char *doc, unsigned how) {
    struct str out;
    str_init(&out, 4096);
    jsontext_write(parse(doc, NULL), how, &out);
    const char *s = arena_strdup(&arena, str_get(&out));
    str_done(&out);
    return s;
}

TEST(keeps_numbers_as_they_were_written) {
    CHECK_STR(text("{\"n\":9007199254740993}", "n"), "9007199254740993");
    CHECK_STR(text("{\"n\": -0.50e+3 }", "n"), "-0.50e+3");
    CHECK_STR(text("{\"n\":0}", "n"), "0");
    CHECK_STR(text("{\"n\":null}", "n"), "null");
    arena_done(&arena);
}

TEST(decodes_texts_exactly) {
    CHECK_STR(text("{\"s\":\"a\\\"b\\\\c\\/d\\n\\u00e1\\ud83d\\ude00 \"}", "s"),
              "a\"b\\c/d\n\xC3\xA1\xF0\x9F\x98\x80 ");
    CHECK_STR(text("{\"\\u0073\":\"\"}", "s"), "");
    CHECK_STR(text("{\"s\":\"Th\xC3\xA0nh\"}", "s"), "Th\xC3\xA0nh");
    arena_done(&arena);
}

/* The first and the last of each length in UTF-8, there and back. */
TEST(every_length_of_a_letter_begins_and_ends_where_it_should) {
    static const struct {
        const char *escaped, *bytes;
        bool ascii; /* stands as it is where only ASCII may */
    } rows[] = {
        {"\\u0020", " ", true},
        {"\\u007f", "\x7f", true},
        {"\\u0080", "\xC2\x80", false},
        {"\\u07ff", "\xDF\xBF", false},
        {"\\u0800", "\xE0\xA0\x80", false},
        {"\\u103f", "\xE1\x80\xBF", false},
        {"\\ud7ff", "\xED\x9F\xBF", false},
        {"\\ue000", "\xEE\x80\x80", false},
        {"\\uffff", "\xEF\xBF\xBF", false},
        {"\\ud800\\udc00", "\xF0\x90\x80\x80", false},
        {"\\ud8ff\\udfff", "\xF1\x8F\xBF\xBF", false},
        {"\\udbff\\udfff", "\xF4\x8F\xBF\xBF", false},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const char *doc = arena_printf(&arena, "\"%s\"", rows[i].escaped);
        const char *plain = arena_printf(&arena, "\"%s\"", rows[i].bytes);
        CHECK_STR(written(doc, 0), plain);
        CHECK_STR(written(plain, JSONTEXT_ASCII), rows[i].ascii ? plain : doc);
    }
    CU_ASSERT_PTR_NULL(parse("\"\\ud83dx\\ude00\"", NULL));
    CU_ASSERT_PTR_NULL(parse("\"\\ud83d\\nde00\"", NULL));
    CU_ASSERT_PTR_NULL(parse("\"\\ud83d\\ue000\"", NULL));
    arena_done(&arena);
}

TEST(notices_names_that_stand_twice_at_any_level) {
    const char *twice = NULL;
    CU_ASSERT_PTR_NOT_NULL(parse("{\"a\":1,\"b\":{\"c\":1},\"d\":[{\"c\":1}]}", &twice));
    CU_ASSERT_PTR_NULL(twice);
    CU_ASSERT_PTR_NOT_NULL(parse("{\"a\":1,\"b\":[{\"c\":1,\"\\u0063\":2}]}", &twice));
    CHECK_STR(twice, "c");
    arena_done(&arena);
}

TEST(refuses_what_json_does_not_have) {
    static const char *const broken[] = {
        "",
        " ",
        "{",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "[1,]",
        "{'a':1}",
        "{\"a\":01}",
        "{\"a\":1.}",
        "{\"a\":.5}",
        "{\"a\":+1}",
        "{\"a\":-}",
        "{\"a\":1e}",
        "{\"a\":NaN}",
        "{\"a\":\"\\x\"}",
        "\"\\u12\"",
        "\"\\ud83d\"",
        "\"\\ude00\"",
        "\"\\ud83d\\u0041\"",
        "\"\\u0000\"",
        "\"a\nb\"",
        "\"\xff\"",
        "\"\xed\xa0\x80\"",
        "\"a",
        "\"a\\",
        "{} {}",
        "{}x",
        "nulL",
        "{\"a\":1 \"b\":2}",
    };
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++)
        if (parse(broken[i], NULL)) {
            printf("\n    accepted %s\n", broken[i]);
            CU_FAIL("accepted broken JSON");
        }
    struct err err;
    CU_ASSERT_PTR_NULL(jsontext_parse(&arena, "{\"a\0\":1}", 8, NULL, &err));
    arena_done(&arena);
}

TEST(bounds_depth_and_number_of_values) {
    char deep[200], wide[3 * 5000 + 8];
    memset(deep, '[', 100);
    memset(deep + 100, ']', 100);
    struct err err;
    CU_ASSERT_PTR_NULL(jsontext_parse(&arena, deep, 200, NULL, &err));
    CU_ASSERT_PTR_NOT_NULL(jsontext_parse(&arena, deep + 40, 120, NULL, &err));
    size_t n = 0;
    wide[n++] = '[';
    for (int i = 0; i < 5000; i++) {
        wide[n++] = '1';
        wide[n++] = i < 4999 ? ',' : ']';
    }
    CU_ASSERT_PTR_NULL(jsontext_parse(&arena, wide, n, NULL, &err));
    arena_done(&arena);
}

TEST(writes_a_document_in_the_ways_that_signers_do) {
    static const char doc[] =
        "{\"b\":\"a/b\",\"a\":{\"z\":1.50,\"y\":[true,\"\\u00e1\\n\\ud83d\\ude00\"]}}";
    CHECK_STR(written(doc, 0),
              "{\"b\":\"a/b\",\"a\":{\"z\":1.50,\"y\":[true,\"\xC3\xA1\\n\xF0\x9F\x98\x80\"]}}");
    CHECK_STR(written(doc, JSONTEXT_SORTED | JSONTEXT_SLASHES | JSONTEXT_ASCII),
              "{\"a\":{\"y\":[true,\"\\u00e1\\n\\ud83d\\ude00\"],\"z\":1.50},\"b\":\"a\\/b\"}");
    CHECK_STR(written("{\"a\":1,\"b\":[2,3]}", JSONTEXT_SPACED), "{\"a\": 1, \"b\": [2, 3]}");
    CHECK_STR(written("\"\\u0001\\u001f\\u007f\"", 0), "\"\\u0001\\u001f\x7f\"");
    arena_done(&arena);
}

SUITE(jsontext, T(keeps_numbers_as_they_were_written), T(decodes_texts_exactly),
      T(every_length_of_a_letter_begins_and_ends_where_it_should),
      T(notices_names_that_stand_twice_at_any_level), T(refuses_what_json_does_not_have),
      T(bounds_depth_and_number_of_values), T(writes_a_document_in_the_ways_that_signers_do))
