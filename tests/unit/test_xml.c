/* tests/unit/test_xml.c - the scanner for the answers of an object store: whole names only,
 * entities as what they stand for, and nothing behind the last byte. */
#include "harness.h"

#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "wire/xml.h"

/* A copy of exactly this size, so that a sanitizer sees an overrun. Caller frees `s`. */
static struct xml copy(const char *text) {
    size_t n = strlen(text);
    char *s = malloc(n ? n : 1);
    if (!s)
        abort();
    memcpy(s, text, n);
    return (struct xml){s, n};
}

static bool root_is(const char *text, const char *name) {
    struct xml d = copy(text);
    bool is = xml_root_is(d, name);
    free((char *)d.s);
    return is;
}

/* The first <k> of the text in `size` bytes; NULL where there is none, or it does not fit. */
static const char *value_in(const char *text, size_t size) {
    static char buf[200];
    struct xml d = copy(text);
    char *exact = malloc(size);
    if (!exact)
        abort();
    bool found = xml_string(d, "k", exact, size);
    if (found)
        memcpy(buf, exact, strlen(exact) + 1);
    free(exact);
    free((char *)d.s);
    return found ? buf : NULL;
}

static const char *value(const char *text) {
    return value_in(text, 100);
}

TEST(the_root_is_what_stands_behind_the_prologue) {
    CU_ASSERT_TRUE(root_is("<a>", "a") && root_is("<a/>", "a") && root_is("\n <a b='1'>", "a"));
    CU_ASSERT_TRUE(root_is("<?xml version='1.0'?><!-- b --><a\t>", "a"));
    CU_ASSERT_TRUE(root_is("<a\r>", "a") && root_is("<a\n>", "a"));
    static const char *const others[] = {"",   "<",    "<a",     "<ab>", "< a>",
                                         "a>", "<?a>", "<b><a>", "<!",   "</a>"};
    for (size_t i = 0; i < ARRAY_LEN(others); i++)
        CU_ASSERT_FALSE(root_is(others[i], "a"));
}

TEST(an_element_is_found_by_its_whole_name) {
    CHECK_STR(value("<kk>1</kk><k>2</k>"), "2");
    CHECK_STR(value("<r><Ak>1</Ak><k>2</k></r>"), "2");
    CHECK_STR(value("<k a=\"x\">2</k>"), "2");
    CHECK_STR(value("<k><b>1</b></kk></k >"), "<b>1</b></kk>");
    CHECK_STR(value("<k></k>"), "");
    CHECK_STR(value("<k/><k>2</k>"), "");
    CHECK_STR(value("<k />"), "");
    static const char *const none[] = {"",   "<k>",   "<k>1",     "<k>1</",  "<k>1</k",
                                       "<k", "<k a=", "<K>1</K>", "</k>1<k>"};
    for (size_t i = 0; i < ARRAY_LEN(none); i++)
        CU_ASSERT_PTR_NULL(value(none[i]));
}

TEST(one_element_comes_after_the_other) {
    static const char *const each[] = {"1", "", "22", "3"};
    struct xml d = copy("<r><k>1</k><k/>x<k>22</k><other>9</other><k>3</k></r>"), content;
    size_t at = 0, n = 0;
    while (xml_next(d, &at, "k", &content)) {
        CU_ASSERT_TRUE_FATAL(n < ARRAY_LEN(each));
        CU_ASSERT_EQUAL(content.n, strlen(each[n]));
        CU_ASSERT_EQUAL(memcmp(content.s, each[n], content.n), 0);
        n++;
    }
    CU_ASSERT_EQUAL(n, ARRAY_LEN(each));
    CU_ASSERT_EQUAL(at, d.n);
    CU_ASSERT_FALSE(xml_next(d, &at, "k", &content));
    free((char *)d.s);
}

TEST(entities_are_what_they_stand_for) {
    static const char *const rows[][2] = {
        {"&amp;&lt;&gt;&quot;&apos;", "&<>\"'"},
        {"a&#34;b&#x22;c&#X4a;&#x4A;", "a\"b\"cJJ"},
        {"&#x1EAD;&#7853;", "\xE1\xBA\xAD\xE1\xBA\xAD"},
        {"&#x10FFFF;", "\xF4\x8F\xBF\xBF"},
        {"&#x110000;&#0;&#xd800;&#12a;&#;&#x;&nbsp;",
         "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"
         "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},
        {"a &amp", "a &amp"}, /* none without its end */
        {"a & more than one; b", "a & more than one; b"},
        {"&amp;amp;", "&amp;"}, /* once, not twice */
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char text[200];
        snprintf(text, sizeof text, "<k>%s</k>", rows[i][0]);
        CHECK_STR(value(text), rows[i][1]);
    }
}

TEST(what_does_not_fit_is_no_text) {
    CHECK_STR(value_in("<k>abc</k>", 4), "abc");
    CU_ASSERT_PTR_NULL(value_in("<k>abc</k>", 3));
    CHECK_STR(value_in("<k>a&#x1EAD;</k>", 5), "a\xE1\xBA\xAD");
    CU_ASSERT_PTR_NULL(value_in("<k>a&#x1EAD;</k>", 4));
    CHECK_STR(value_in("<k></k>", 1), "");
    CU_ASSERT_PTR_NULL(value_in("<k>a</k>", 1));
}

SUITE(xml, T(the_root_is_what_stands_behind_the_prologue), T(an_element_is_found_by_its_whole_name),
      T(one_element_comes_after_the_other), T(entities_are_what_they_stand_for),
      T(what_does_not_fit_is_no_text))
