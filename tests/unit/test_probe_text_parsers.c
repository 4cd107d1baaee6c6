/* tests/unit/test_probe_text_parsers.c - the Prometheus exposition and the XML scanner, on good and
 * on broken text. */
#include "harness.h"

#include <math.h>
#include <string.h>

#include "src/probe/promtext_priv.h"
#include "src/probe/xml_priv.h"

TEST(reads_samples_labels_and_odd_numbers) {
    static const char text[] = "# HELP a b\n# TYPE a counter\na 1\n"
                               "b{x=\"q\\\"}\\n\",y=\"2\"} 2.5 1700000000000\r\n"
                               "c{le=\"+Inf\"} +Inf\nd NaN\n"
                               "broken\n{} 1\ne{x=\"open 1\nf{} 1e3";
    struct promtext p;
    struct promtext_sample s;
    char value[16];
    promtext_init(&p, text, sizeof text - 1);
    CU_ASSERT(promtext_next(&p, &s) && promtext_is(&s, "a") && s.value == 1);
    CU_ASSERT(promtext_next(&p, &s) && promtext_is(&s, "b") && s.value == 2.5);
    CU_ASSERT(promtext_label(&s, "x", value, sizeof value));
    CHECK_STR(value, "q\"}\n");
    CU_ASSERT(promtext_label(&s, "y", value, sizeof value));
    CHECK_STR(value, "2");
    CU_ASSERT_FALSE(promtext_label(&s, "z", value, sizeof value));
    CU_ASSERT(promtext_next(&p, &s) && isinf(s.value));
    CU_ASSERT(promtext_next(&p, &s) && isnan(s.value));
    CU_ASSERT(promtext_next(&p, &s) && promtext_is(&s, "f") && s.value == 1000);
    CU_ASSERT_FALSE(promtext_next(&p, &s));
    CU_ASSERT_EQUAL(p.n_broken, 3);
    CU_ASSERT_EQUAL(p.n_samples, 5);
}

TEST(cuts_a_label_to_its_buffer) {
    struct promtext p;
    struct promtext_sample s;
    char value[4];
    promtext_init(&p, "a{x=\"abcdef\"} 1", 15);
    CU_ASSERT(promtext_next(&p, &s) && promtext_label(&s, "x", value, sizeof value));
    CHECK_STR(value, "abc");
}

static struct xml doc(const char *s) {
    return (struct xml){s, strlen(s)};
}

TEST(walks_repeated_elements) {
    struct xml d =
        doc("<?xml version=\"1.0\"?><R xmlns=\"u\"><C><Key>a</Key></C><Cx/><C><Key>b&amp;"
            "&#34;&#x41;</Key></C><C/></R>");
    struct xml c;
    char key[16];
    size_t at = 0;
    CU_ASSERT_TRUE(xml_root_is(d, "R"));
    CU_ASSERT_FALSE(xml_root_is(d, "C"));
    CU_ASSERT(xml_next(d, &at, "C", &c) && xml_string(c, "Key", key, sizeof key));
    CHECK_STR(key, "a");
    CU_ASSERT(xml_next(d, &at, "C", &c) && xml_string(c, "Key", key, sizeof key));
    CHECK_STR(key, "b&\"A");
    CU_ASSERT(xml_next(d, &at, "C", &c) && c.n == 0);
    CU_ASSERT_FALSE(xml_next(d, &at, "C", &c));
}

TEST(survives_broken_xml) {
    static const char *const broken[] = {"",
                                         "<",
                                         "<C",
                                         "<C>",
                                         "<C><Key",
                                         "<C><Key>a</Key",
                                         "<C></Key></C",
                                         "</C>",
                                         "<C/",
                                         "<!--",
                                         "<?",
                                         "<C>&#99999999999;</C>",
                                         "<C>&</C>"};
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
        struct xml c;
        char key[8];
        size_t at = 0, turns = 0;
        (void)xml_root_is(doc(broken[i]), "C");
        while (xml_next(doc(broken[i]), &at, "C", &c) && turns++ < 10)
            (void)xml_string(c, "Key", key, sizeof key);
        CU_ASSERT(turns < 10);
    }
}

TEST(refuses_what_does_not_fit) {
    char small[3];
    CU_ASSERT_FALSE(xml_string(doc("<K>abc</K>"), "K", small, sizeof small));
    CU_ASSERT_TRUE(xml_string(doc("<K>ab</K>"), "K", small, sizeof small));
}

SUITE(probe_text_parsers, T(reads_samples_labels_and_odd_numbers), T(cuts_a_label_to_its_buffer),
      T(walks_repeated_elements), T(survives_broken_xml), T(refuses_what_does_not_fit))
