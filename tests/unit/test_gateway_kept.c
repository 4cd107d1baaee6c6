/* tests/unit/test_gateway_kept.c - what gateways answered, kept for the next run: found again for
 * as long as it may be relied on, whoever wrote it; and of a file that is damaged, foreign or too
 * large nothing is believed that was not said. */
#include "harness.h"
#include "src/act/gateway_priv.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define NOW      INT64_C(1800000000000)
#define KEY      "0123456789abcdef01234567"
#define OTHER    "fedcba9876543210fedcba98"
#define MEGABYTE (1 << 20)

static char dir[64], path[96];
static struct kept *kept;
static struct arena arena;
static struct pay_answer found;

static const struct pay_answer paid = {.said = PAY_SAID_FINAL,
                                       .status = PAY_COMPLETED,
                                       .is_signed = true,
                                       .has_amount = true,
                                       .amount_vnd = 5900000,
                                       .refunded_vnd = 1000,
                                       .has_pay_time = true,
                                       .pay_time_wall_s = 1799999000,
                                       .provider_tx_id = "14422574",
                                       .code = "00/01/00"};
static const struct pay_answer unknown = {.said = PAY_SAID_UNKNOWN, .code = "91//"};

static void begin(void) {
    str_copy(dir, sizeof dir, "/tmp/goodgo-kept.XXXXXX");
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(dir));
    snprintf(path, sizeof path, "%s/dev.vnpay.kept", dir);
    kept = kept_open(path);
}

static void end(void) {
    kept_close(kept);
    unlink(path);
    CU_ASSERT_EQUAL(rmdir(dir), 0); /* nothing else was left there */
    arena_done(&arena);
}

/* Another process, which knows of the file what stands in it. */
static void reopen(void) {
    kept_close(kept);
    kept = kept_open(path);
}

static bool finds(const char *key, enum gateway_kept which, int64_t later_ms) {
    return kept_find(kept, key, which, NOW + later_ms, &arena, &found);
}

static bool has(const char *key) {
    return finds(key, GATEWAY_SAID_TODAY, 1000);
}

static void add_bytes(const char *bytes, size_t n) {
    FILE *f = fopen(path, "a");
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    CU_ASSERT_EQUAL(fwrite(bytes, 1, n, f), n);
    CU_ASSERT_EQUAL(fclose(f), 0);
}

static void add_text(const char *text) {
    add_bytes(text, strlen(text));
}

/* Of many keys the i-th; they are all over the place. */
static const char *key_of(uint32_t i) {
    static char key[KEPT_KEY_SIZE];
    snprintf(key, sizeof key, "%08x%016x", i * 2654435761u, i);
    return key;
}

static off_t size(void) {
    struct stat st;
    return stat(path, &st) == 0 ? st.st_size : -1;
}

/* --- what is found --- */

TEST(what_was_said_is_found_again_as_it_was_said) {
    struct stat st;
    begin();
    CU_ASSERT_FALSE(has(KEY)); /* there is no file yet */
    kept_add(kept, KEY, NOW, &paid);
    kept_add(kept, OTHER, NOW, &unknown);
    CU_ASSERT_EQUAL(stat(path, &st), 0);
    CU_ASSERT_EQUAL(st.st_mode & 0777, 0600);
    for (int i = 0; i < 2; i++, reopen()) {
        CU_ASSERT_TRUE_FATAL(has(KEY));
        CU_ASSERT_EQUAL(found.said, PAY_SAID_FINAL);
        CU_ASSERT_EQUAL(found.status, PAY_COMPLETED);
        CU_ASSERT_TRUE(found.is_signed && found.has_amount && found.has_pay_time);
        CU_ASSERT_EQUAL(found.amount_vnd, 5900000);
        CU_ASSERT_EQUAL(found.refunded_vnd, 1000);
        CU_ASSERT_EQUAL(found.pay_time_wall_s, 1799999000);
        CHECK_STR(found.provider_tx_id, "14422574");
        CHECK_STR(found.code, "00/01/00");
        CHECK_STR(found.reason, "00/01/00, as it said 1s ago");
        CU_ASSERT_TRUE_FATAL(has(OTHER));
        CU_ASSERT_EQUAL(found.said, PAY_SAID_UNKNOWN);
        CU_ASSERT_EQUAL(found.status, PAY_STATUS_NONE);
        CU_ASSERT_FALSE(found.is_signed || found.has_amount || found.has_pay_time);
        CU_ASSERT_PTR_NULL(found.provider_tx_id);
    }
    end();
}

TEST(what_was_not_told_is_not_told_later) {
    const struct pay_answer bare = {.said = PAY_SAID_FINAL, .status = PAY_FAILED};
    begin();
    kept_add(kept, KEY, NOW, &bare);
    CU_ASSERT_TRUE_FATAL(has(KEY));
    CU_ASSERT_EQUAL(found.status, PAY_FAILED);
    CU_ASSERT_FALSE(found.is_signed || found.has_amount || found.has_pay_time);
    CU_ASSERT_PTR_NULL(found.provider_tx_id);
    CU_ASSERT_PTR_NULL(found.code);
    end();
}

TEST(it_is_relied_on_for_as_long_as_its_use_allows) {
    const int64_t act_ms = GATEWAY_KEEP_S * 1000, day_ms = GATEWAY_KEEP_DAY_S * INT64_C(1000);
    begin();
    kept_add(kept, KEY, NOW, &paid);
    kept_add(kept, OTHER, NOW, &unknown);
    CU_ASSERT_FALSE(finds(KEY, GATEWAY_ANEW, 0));
    CU_ASSERT_TRUE(finds(KEY, GATEWAY_SETTLED, act_ms));
    CU_ASSERT_FALSE(finds(KEY, GATEWAY_SETTLED, act_ms + 1));
    CU_ASSERT_TRUE(finds(KEY, GATEWAY_SAID_TODAY, day_ms));
    CU_ASSERT_FALSE(finds(KEY, GATEWAY_SAID_TODAY, day_ms + 1));
    CU_ASSERT_FALSE(finds(KEY, GATEWAY_SAID_TODAY, -1)); /* a clock that was set back */
    CU_ASSERT_FALSE(finds(OTHER, GATEWAY_SETTLED, 0));   /* no such order: that settles nothing */
    CU_ASSERT_TRUE(finds(OTHER, GATEWAY_SAID_TODAY, day_ms));
    end();
}

TEST(only_what_settles_something_is_kept) {
    static const enum pay_said others[] = {PAY_SAID_NOTHING, PAY_SAID_OPEN, PAY_SAID_REFUSED,
                                           PAY_SAID_INVALID};
    begin();
    for (size_t i = 0; i < ARRAY_LEN(others); i++) {
        struct pay_answer r = paid;
        r.said = others[i];
        kept_add(kept, KEY, NOW, &r);
    }
    CU_ASSERT_EQUAL(size(), -1);
    end();
}

TEST(words_that_do_not_fit_into_a_line_are_not_kept) {
    char longest[64], longer[65];
    memset(longest, 'x', 63);
    memset(longer, 'x', 64);
    longest[63] = longer[64] = '\0';
    const char *const bad[] = {"", "two words", "two\nlines", "a\ttab", longer};
    begin();
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct pay_answer tx = paid, code = paid;
        tx.provider_tx_id = code.code = bad[i];
        kept_add(kept, KEY, NOW, &tx);
        kept_add(kept, KEY, NOW, &code);
    }
    CU_ASSERT_EQUAL(size(), -1);
    struct pay_answer fits = paid;
    fits.provider_tx_id = fits.code = longest;
    kept_add(kept, KEY, NOW, &fits);
    CU_ASSERT_TRUE_FATAL(has(KEY));
    CHECK_STR(found.provider_tx_id, longest);
    CHECK_STR(found.code, longest);
    end();
}

TEST(of_one_question_the_newest_answer_counts) {
    struct pay_answer refunded = paid;
    refunded.status = PAY_REFUNDED;
    begin();
    kept_add(kept, KEY, NOW - 5000, &unknown);
    kept_add(kept, KEY, NOW - 4000, &paid);
    kept_add(kept, KEY, NOW, &refunded);
    for (int i = 0; i < 2; i++, reopen()) {
        CU_ASSERT_TRUE_FATAL(has(KEY));
        CU_ASSERT_EQUAL(found.status, PAY_REFUNDED);
    }
    end();
}

TEST(thousands_are_found_one_by_one) {
    uint32_t n_found = 0;
    begin();
    for (uint32_t i = 0; i < 5000; i++) {
        struct pay_answer r = paid;
        r.amount_vnd = i;
        kept_add(kept, key_of(i), NOW, &r);
    }
    reopen();
    for (uint32_t i = 0; i < 5000; i++) {
        n_found += has(key_of(i)) && found.amount_vnd == i;
        arena_clear(&arena);
    }
    CU_ASSERT_EQUAL(n_found, 5000);
    CU_ASSERT_FALSE(has(OTHER));
    end();
}

/* The table knows sixteen digits of a key, and the line all of them. */
TEST(two_questions_that_begin_alike_are_never_taken_for_one) {
    static const char *const alike[] = {"00000000000000000000000a", "00000000000000000000000b",
                                        "00000000000000010000000c"};
    begin();
    kept_add(kept, alike[0], NOW, &paid);
    kept_add(kept, alike[1], NOW, &unknown);
    CU_ASSERT_FALSE(has(alike[0])); /* asked anew */
    CU_ASSERT_TRUE(has(alike[1]));
    CU_ASSERT_FALSE(has(alike[2]));
    end();
}

/* --- what others write, while we read --- */

#define LINE(key, tx) key " 1800000000000 3 5900000 0 1799999000 1 " tx " 00/01/00\n"

TEST(what_another_process_adds_is_seen_and_half_a_line_is_waited_for) {
    begin();
    kept_add(kept, KEY, NOW, &paid);
    CU_ASSERT_TRUE(has(KEY));
    const char *line = LINE(OTHER, "77");
    add_bytes(line, strlen(line) - 9);
    CU_ASSERT_FALSE(has(OTHER));
    add_text(line + strlen(line) - 9);
    CU_ASSERT_TRUE_FATAL(has(OTHER));
    CHECK_STR(found.provider_tx_id, "77");
    end();
}

TEST(a_file_that_was_swept_cut_or_removed_is_looked_at_anew) {
    char other[120];
    begin();
    kept_add(kept, KEY, NOW, &paid);
    CU_ASSERT_TRUE(has(KEY));
    snprintf(other, sizeof other, "%s.new", path);
    CU_ASSERT_EQUAL(rename(path, other), 0); /* its inode lives on: the next one is another */
    CU_ASSERT_FALSE(has(KEY));
    add_text(LINE(OTHER, "77"));
    CU_ASSERT_FALSE(has(KEY));
    CU_ASSERT_TRUE(has(OTHER));
    unlink(other);
    CU_ASSERT_EQUAL(truncate(path, 10), 0);
    CU_ASSERT_FALSE(has(OTHER));
    CU_ASSERT_EQUAL(truncate(path, 0), 0);
    add_text(LINE(KEY, "78"));
    CU_ASSERT_TRUE(has(KEY));
    CU_ASSERT_FALSE(has(OTHER));
    end();
}

/* Written over in its place by somebody else: its length says nothing. */
TEST(a_line_that_became_another_is_not_believed) {
    begin();
    kept_add(kept, KEY, NOW, &paid);
    CU_ASSERT_TRUE(has(KEY));
    int fd = open(path, O_WRONLY);
    CU_ASSERT_EQUAL(pwrite(fd, "f", 1, 0), 1);
    CU_ASSERT_FALSE(has(KEY));
    CU_ASSERT_EQUAL(pwrite(fd, "\n\n\n", 3, 0), 3);
    CU_ASSERT_FALSE(has(KEY));
    close(fd);
    end();
}

/* --- files that are damaged or foreign --- */

TEST(lines_that_are_none_are_passed_over_and_those_behind_them_are_found) {
    static const char *const bad[] = {
        "\n",
        "nonsense\n",
        KEY " 1800000000000 3 5900000 0 1799999000 1 77\n",
        KEY " 1800000000000 3 5900000 0 1799999000 1 77 00 more\n",
        KEY " 1800000000000 3 5900000 0 1799999000 1 77 00 \n",
        KEY " 1800000000000 3 5900000 x 1799999000 1 77 00\n",
        "0123456789ABCDEF01234567 1800000000000 3 1 0 -1 1 77 00\n",
        "0123456789abcdef0123456 1800000000000 3 1 0 -1 1 77 00\n",
        "0123456789abcdef012345678 1800000000000 3 1 0 -1 1 77 00\n",
        KEY " -1 3 1 0 -1 1 77 00\n",
        KEY " 1800000000000 -1 1 0 -1 1 77 00\n",
        KEY " 1800000000000 99 1 0 -1 1 77 00\n",
        KEY " 1800000000000 3 -2 0 -1 1 77 00\n",
        KEY " 1800000000000 3 1000000000000001 0 -1 1 77 00\n",
        KEY " 1800000000000 3 1 -1 -1 1 77 00\n",
        KEY " 1800000000000 3 1 1000000000000001 -1 1 77 00\n",
        KEY " 1800000000000 3 1 0 -2 1 77 00\n",
        KEY " 1800000000000 3 1 0 99999999999999999999 1 77 00\n",
    };
    begin();
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        add_text(bad[i]);
    CU_ASSERT_FALSE(has(KEY));
    add_text(LINE(OTHER, "77"));
    CU_ASSERT_TRUE(has(OTHER));
    CU_ASSERT_FALSE(has(KEY));
    reopen();
    CU_ASSERT_TRUE(has(OTHER));
    end();
}

TEST(zero_bytes_and_endless_lines_hide_nothing_behind_them) {
    char junk[3000];
    memset(junk, 'x', sizeof junk);
    begin();
    static const char zeroes[] = "0123\0\0\0\0 half a block of zeroes\n";
    add_bytes(zeroes, sizeof zeroes - 1);
    add_bytes(junk, sizeof junk);
    add_text(" " LINE(KEY, "77")); /* the end of an endless line is no line */
    add_text(LINE(OTHER, "78"));
    CU_ASSERT_TRUE(has(OTHER));
    CU_ASSERT_FALSE(has(KEY));
    end();
}

/* A writer that died in the middle, and the next one: neither's words may stand for the other's. */
TEST(an_answer_that_was_cut_off_is_not_completed_by_the_next_one) {
    const char *line = LINE(KEY, "77");
    begin();
    for (size_t n = 1; n < strlen(line); n++) {
        unlink(path);
        reopen();
        add_bytes(line, n);
        add_text(LINE(OTHER, "88"));
        CU_ASSERT_FALSE(has(KEY));
        CU_ASSERT_FALSE(has(OTHER)); /* both are asked once more */
    }
    end();
}

TEST(a_path_that_is_no_file_keeps_nothing_and_hurts_nobody) {
    begin();
    CU_ASSERT_EQUAL(mkdir(path, 0700), 0);
    kept_add(kept, KEY, NOW, &paid);
    CU_ASSERT_FALSE(has(KEY));
    CU_ASSERT_EQUAL(rmdir(path), 0);
    struct kept *nowhere = kept_open("/nonexistent/dev.vnpay.kept");
    kept_add(nowhere, KEY, NOW, &paid);
    CU_ASSERT_FALSE(kept_find(nowhere, KEY, GATEWAY_SAID_TODAY, NOW, &arena, &found));
    kept_close(nowhere);
    kept_close(NULL);
    end();
}

/* --- bounds --- */

TEST(a_file_too_large_to_be_read_is_begun_anew) {
    begin();
    add_text(LINE(OTHER, "77"));
    CU_ASSERT_EQUAL(truncate(path, (off_t)33 * MEGABYTE), 0);
    CU_ASSERT_FALSE(has(OTHER));
    kept_add(kept, KEY, NOW, &paid);
    CU_ASSERT_TRUE(size() > 0 && size() < 200);
    CU_ASSERT_TRUE(has(KEY));
    end();
}

/* `n` lines, ten seconds apart, the last of them at NOW; each key twice. */
static void many_lines(int n) {
    FILE *f = fopen(path, "a");
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    for (int i = n - 1; i >= 0; i--)
        fprintf(f, "%s %lld 3 %d 0 -1 1 77 00/01/00\n", key_of((uint32_t)i / 2),
                (long long)(NOW - i * INT64_C(10000)), i);
    CU_ASSERT_EQUAL(fclose(f), 0);
}

TEST(what_is_too_old_is_taken_out_once_a_file_is_large) {
    begin();
    many_lines(1000);
    off_t small = size();
    kept_add(kept, OTHER, NOW, &paid);
    CU_ASSERT_TRUE(size() > small); /* nothing is taken out of a small one */
    many_lines(20000);
    CU_ASSERT_TRUE(size() > MEGABYTE);
    kept_add(kept, OTHER, NOW, &paid);
    CU_ASSERT_TRUE(size() > MEGABYTE); /* once in a process */
    reopen();
    kept_add(kept, KEY, NOW, &paid);
    CU_ASSERT_TRUE(size() < MEGABYTE / 4);
    CU_ASSERT_TRUE(has(KEY));
    CU_ASSERT_TRUE(has(OTHER));
    CU_ASSERT_TRUE(size() > 100000);
    CU_ASSERT_TRUE(has(key_of(0)) && found.amount_vnd == 0); /* the newest of two */
    CU_ASSERT_TRUE(has(key_of(2000)));
    CU_ASSERT_FALSE(has(key_of(8000))); /* a day old */
    struct stat st;
    CU_ASSERT_EQUAL(stat(path, &st), 0);
    CU_ASSERT_EQUAL(st.st_mode & 0777, 0600);
    end();
}

static void limit(rlim_t bytes) {
    struct rlimit l = {.rlim_cur = bytes, .rlim_max = RLIM_INFINITY};
    signal(SIGXFSZ, SIG_IGN);
    CU_ASSERT_EQUAL(setrlimit(RLIMIT_FSIZE, &l), 0);
}

TEST(a_full_disk_loses_an_answer_and_no_other) {
    begin();
    kept_add(kept, KEY, NOW, &paid);
    off_t one = size();
    limit((rlim_t)one + 20); /* takes a part of a line */
    kept_add(kept, OTHER, NOW, &paid);
    CU_ASSERT_EQUAL(size(), one);
    limit((rlim_t)one); /* takes nothing */
    kept_add(kept, OTHER, NOW, &paid);
    limit(RLIM_INFINITY);
    CU_ASSERT_EQUAL(size(), one);
    CU_ASSERT_TRUE(has(KEY));
    CU_ASSERT_FALSE(has(OTHER));
    end();
}

TEST(a_file_that_cannot_be_swept_is_begun_anew) {
    begin();
    many_lines(30000);
    limit(2000);
    kept_add(kept, KEY, NOW, &paid);
    limit(RLIM_INFINITY);
    CU_ASSERT_TRUE(size() > 0 && size() < 200);
    CU_ASSERT_TRUE(has(KEY));
    end();
}

SUITE(gateway_kept, T(what_was_said_is_found_again_as_it_was_said),
      T(what_was_not_told_is_not_told_later), T(it_is_relied_on_for_as_long_as_its_use_allows),
      T(only_what_settles_something_is_kept), T(words_that_do_not_fit_into_a_line_are_not_kept),
      T(of_one_question_the_newest_answer_counts), T(thousands_are_found_one_by_one),
      T(two_questions_that_begin_alike_are_never_taken_for_one),
      T(what_another_process_adds_is_seen_and_half_a_line_is_waited_for),
      T(a_file_that_was_swept_cut_or_removed_is_looked_at_anew),
      T(a_line_that_became_another_is_not_believed),
      T(lines_that_are_none_are_passed_over_and_those_behind_them_are_found),
      T(zero_bytes_and_endless_lines_hide_nothing_behind_them),
      T(an_answer_that_was_cut_off_is_not_completed_by_the_next_one),
      T(a_path_that_is_no_file_keeps_nothing_and_hurts_nobody),
      T(a_file_too_large_to_be_read_is_begun_anew),
      T(what_is_too_old_is_taken_out_once_a_file_is_large),
      T(a_full_disk_loses_an_answer_and_no_other), T(a_file_that_cannot_be_swept_is_begun_anew))
