/* tests/unit/test_probe_text_parsers.c - what several probes share: the Prometheus exposition, XML,
 * INFO, and the helpers around HTTP, on good and on broken text. */
#include "harness.h"

#include <math.h>
#include <string.h>

#include "src/probe/http_priv.h"
#include "src/probe/promtext_priv.h"
#include "src/probe/redis_info_priv.h"
#include "src/probe/rows_priv.h"
#include "wire/xml.h"

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

TEST(labels_that_are_none_end_the_search) {
    struct promtext p;
    struct promtext_sample s;
    char value[8];
    static const char *const broken[] = {"a{x} 1", "a{x=} 1", "a{x=y} 1", "a{,,} 1", "a{x=\"} 1"};
    for (size_t i = 0; i < ARRAY_LEN(broken); i++) {
        promtext_init(&p, broken[i], strlen(broken[i]));
        if (promtext_next(&p, &s))
            CU_ASSERT_FALSE(promtext_label(&s, "z", value, sizeof value));
    }
    promtext_init(&p, NULL, 5); /* an answer without a body */
    CU_ASSERT_FALSE(promtext_next(&p, &s));
    promtext_init(&p, "a{x=\"\\", 7); /* cut inside an escape */
    CU_ASSERT_FALSE(promtext_next(&p, &s));
    CU_ASSERT_EQUAL(p.n_broken, 1);
}

TEST(references_become_characters_or_are_replaced) {
    static const char *const rows[][2] = {
        {"&lt;&gt;&quot;&apos;", "<>\"'"},
        {"&#65;&#x42;&#X43;", "ABC"},
        {"&#xaD;&#xBf;", "\302\255\302\277"},
        {"&#7853;&#x1F600;", "\341\272\255\360\237\230\200"},
        {"&#0;", "\357\277\275"},
        {"&#xD800;", "\357\277\275"},
        {"&#1114112;", "\357\277\275"},
        {"&#x;", "\357\277\275"},
        {"&#12a;", "\357\277\275"},
        {"&unknown;", "\357\277\275"},
        {"a & b", "a & b"},
        {"&amp", "&amp"},
        {"&thisisfartoolong;", "&thisisfartoolong;"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char text[80], value[40];
        snprintf(text, sizeof text, "<K>%s</K>", rows[i][0]);
        CU_ASSERT_TRUE(xml_string(doc(text), "K", value, sizeof value));
        CHECK_STR(value, rows[i][1]);
    }
    char small[3];
    CU_ASSERT_FALSE(xml_string(doc("<K>&#7853;</K>"), "K", small, sizeof small));
    CU_ASSERT_FALSE(xml_string(doc("<K>a&#65;</K>"), "K", small, 2));
}

TEST(info_lines_are_keys_and_numbers) {
    static const char text[] = "# Server\r\nrss:12\r\nperc:99.5%\r\n:x\r\nword\r\ncut:1";
    struct info info = {text, sizeof text - 1};
    struct arena a;
    double d = 0;
    arena_init(&a);
    CU_ASSERT_TRUE(info_double(&info, "rss", &d) && d == 12);
    CU_ASSERT_TRUE(info_double(&info, "perc", &d) && d == 99.5);
    CU_ASSERT_TRUE(info_double(&info, "cut", &d) && d == 1);
    CU_ASSERT_FALSE(info_double(&info, "word", &d));
    CU_ASSERT_FALSE(info_double(&info, "rs", &d));
    CHECK_STR(info_string(&info, "perc", &a), "99.5%");
    CU_ASSERT_PTR_NULL(info_string(&info, "none", &a));
    CU_ASSERT_TRUE(info_part("calls=1,usec=20,x=", 18, "usec", &d) && d == 20);
    CU_ASSERT_FALSE(info_part("calls=1,usec=20,x=", 18, "x", &d));
    CU_ASSERT_FALSE(info_part("calls=1,usec=20,x=", 18, "us", &d));
    CU_ASSERT_FALSE(info_part("a=inf", 5, "a", &d));
    arena_done(&a);
}

TEST(headers_are_added_while_there_is_room) {
    struct exchange ex = {.kind = EXCHANGE_HTTP};
    ask_header(&ex, "a", NULL);
    ask_header(&ex, "a", "");
    CU_ASSERT_PTR_NULL(ex.http.headers[0].name);
    for (int i = 0; i < 2 * HTTP_MAX_HEADERS; i++)
        ask_header(&ex, "n", i == 1 ? "second" : "v");
    CHECK_STR(ex.http.headers[1].value, "second");
    CHECK_STR(ex.http.headers[HTTP_MAX_HEADERS - 1].name, "n");
}

static struct http_reply page(const char *body) {
    return (struct http_reply){.status = 200, .body = body, .body_len = strlen(body)};
}

TEST(a_page_is_known_by_its_type_or_its_first_words) {
    struct http_header html = {"content-type", "Text/HTML; charset=utf-8"};
    struct http_reply r = page("anything");
    CU_ASSERT_FALSE(answer_is_html(&r));
    r.headers = &html;
    r.n_headers = 1;
    CU_ASSERT_TRUE(answer_is_html(&r));
    r = page(" \r\n<!DOCTYPE HTML>");
    CU_ASSERT_TRUE(answer_is_html(&r));
    r = page("<Error>");
    CU_ASSERT_FALSE(answer_is_html(&r));
    r = (struct http_reply){.status = 200};
    CU_ASSERT_FALSE(answer_is_html(&r));
}

TEST(the_piece_of_an_answer_is_its_title_or_its_first_words) {
    static const char *const rows[][2] = {
        {"<html><title>Grafana\n</title>", "Grafana"},
        {"<html><title", "<html><title"},
        {"<html><title>open", "<html><title>open"},
        {"  \n plain words \n", "plain words"},
        {"\033[31mred", "?[31mred"},
        {"", ""},
        {" \n ", ""},
    };
    char piece[40];
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct http_reply r = page(rows[i][0]);
        answer_piece(&r, piece, sizeof piece);
        CHECK_STR(piece, rows[i][1]);
    }
}

TEST(cells_of_a_table_are_found_by_name) {
    static const struct column columns[] = {{"a", "A", UNIT_NONE, 0, 0}};
    struct arena a;
    struct reading r;
    double d;
    arena_init(&a);
    reading_init(&r, &a);
    struct table *t = reading_add_table(&r, "t", "T", columns, 1);
    row_text(&r, table_add_row(&r, t, "k", HEALTH_OK), 0, "x");
    CHECK_STR(table_string(t, 0, "a"), "x");
    CU_ASSERT_PTR_NULL(table_string(t, 0, "b"));
    CU_ASSERT_PTR_NULL(table_string(t, 1, "a"));
    CU_ASSERT_PTR_NULL(table_string(NULL, 0, "a"));
    CU_ASSERT_FALSE(table_number(t, 0, "a", &d));
    arena_done(&a);
}

SUITE(probe_text_parsers, T(reads_samples_labels_and_odd_numbers), T(cuts_a_label_to_its_buffer),
      T(walks_repeated_elements), T(survives_broken_xml), T(refuses_what_does_not_fit),
      T(labels_that_are_none_end_the_search), T(references_become_characters_or_are_replaced),
      T(info_lines_are_keys_and_numbers), T(headers_are_added_while_there_is_room),
      T(a_page_is_known_by_its_type_or_its_first_words),
      T(the_piece_of_an_answer_is_its_title_or_its_first_words),
      T(cells_of_a_table_are_found_by_name))
