/* tests/unit/test_config.c - the console's own settings: each type, each range, file and line. */
#include "harness.h"

#include <stdlib.h>
#include <string.h>

#include "app/config.h"
#include "base/str.h"

static struct arena arena;
static struct config config;
static struct err err;

static bool parse_n(const char *s, size_t n) {
    config_init(&config);
    return config_parse(&config, &arena, "/home/me/.config/goodgo/config", s, n, &err);
}

static bool parse(const char *s) {
    return parse_n(s, strlen(s));
}

static void refused(const char *text, const char *line, const char *why) {
    CU_ASSERT_FALSE(parse(text));
    CU_ASSERT_EQUAL(err.code, E_CONFIG);
    CHECK_STR(strrchr(err.target, ':'), line);
    CHECK_STR(err.why, why);
}

TEST(defaults_are_the_runbooks) {
    CU_ASSERT_TRUE(parse(""));
    CHECK_STR(config.theme, "dark");
    CU_ASSERT_PTR_NULL(config.state_dir);
    CU_ASSERT_FALSE(config.mouse);
    CU_ASSERT_TRUE(config.bell && config.runbook_defaults);
    CU_ASSERT_EQUAL(config.backup_warn_age_s, 26 * 3600); /* R85 */
    CU_ASSERT_EQUAL(config.backup_copies_keep_days, 0);   /* copies stay */
    CU_ASSERT_EQUAL(config.drill_warn_age_s, 8 * 86400);  /* R106 */
    CU_ASSERT_EQUAL(config.backup_critical_age_s, 50 * 3600);
    CU_ASSERT_EQUAL(config.second_person_wait_s, 15 * 60);
    CU_ASSERT(config.replay.most == 20 && config.replay.max_age_s == 7 * 86400 &&
              config.replay.pause_ms == 2000);
    CU_ASSERT(config.window_days == 7 && config.settle_days == 3);
    CU_ASSERT_EQUAL(config.poll[SERVICE_api].interval_ms, 0);
}

TEST(every_setting_is_read) {
    CU_ASSERT_TRUE(parse("\xEF\xBB\xBF"
                         "# comment\r\n\r\n theme = light \r\n"
                         "state_dir=/var/lib/goodgo\nmouse = yes\nbell = no\n"
                         "runbook_defaults = no\nbackup.warn_age_s = 60\n"
                         "backup.critical_age_s = 31536000\ndrill.warn_age_s = 61\n"
                         "poll.pg-backup.interval_ms = 3600000\npoll.api.timeout_ms = 50\n"
                         "poll.api.retries = 100\nkeys.sort-next = > F6\nkeys.help =\n"
                         "theme = mono"));
    CHECK_STR(config.theme, "mono"); /* the last counts */
    CHECK_STR(config.state_dir, "/var/lib/goodgo");
    CU_ASSERT_TRUE(config.mouse && !config.bell && !config.runbook_defaults);
    CU_ASSERT_EQUAL(config.backup_warn_age_s, 60);
    CU_ASSERT_EQUAL(config.backup_critical_age_s, 31536000);
    CU_ASSERT_EQUAL(config.drill_warn_age_s, 61);
    CU_ASSERT_EQUAL(config.poll[SERVICE_pg_backup].interval_ms, 3600000);
    CU_ASSERT_EQUAL(config.poll[SERVICE_api].timeout_ms, 50);
    CU_ASSERT_EQUAL(config.poll[SERVICE_api].retries, 100);
    CU_ASSERT_EQUAL(config.n_keys, 2);
    CHECK_STR(config.keys[0].action, "sort-next");
    CHECK_STR(config.keys[0].keys, "> F6");
    CHECK_STR(config.keys[1].keys, "");
}

TEST(a_file_that_is_not_utf8_is_named_with_what_converts_it) {
    CU_ASSERT_FALSE(parse_n("\xFF\xFEt\0h\0e\0", 8));
    CHECK_STR(err.why, "it is UTF-16LE, and only UTF-8 is read");
    CHECK_STR(err.todo, "`iconv -f UTF-16LE -t UTF-8 FILE >NEW` makes UTF-8 of it");
}

TEST(each_range_is_kept) {
    refused("poll.api.interval_ms = 499", ":1", "interval_ms is a number from 500 to 3600000");
    refused("poll.api.interval_ms = 3600001", ":1", "interval_ms is a number from 500 to 3600000");
    refused("poll.api.timeout_ms = 49", ":1", "timeout_ms is a number from 50 to 60000");
    refused("poll.api.retries = 0", ":1", "retries is a number from 1 to 100");
    refused("backup.warn_age_s = 59", ":1", "backup.warn_age_s is a number from 60 to 31536000");
    refused("backup.critical_age_s = -1", ":1",
            "backup.critical_age_s is a number from 60 to 31536000");
    refused("drill.warn_age_s = 1h", ":1", "drill.warn_age_s is a number from 60 to 31536000");
    refused("poll.api.retries = 0x5", ":1", "retries is a number from 1 to 100");
    refused("poll.api.retries =", ":1", "retries is a number from 1 to 100");
    refused("\n\nmouse = true", ":3", "mouse is yes or no");
    refused("bell = y", ":1", "bell is yes or no");
    refused("runbook_defaults =", ":1", "runbook_defaults is yes or no");
}

TEST(a_directory_is_a_whole_path_and_no_text_is_empty) {
    refused("state_dir = ~/goodgo", ":1", "state_dir is a path that begins with /");
    refused("state_dir = state", ":1", "state_dir is a path that begins with /");
    refused("state_dir =", ":1", "state_dir is a path that begins with /");
    refused("theme =", ":1", "theme is empty: leave the line out");
    refused("second_person.group =", ":1", "second_person.group is empty: leave the line out");
}

TEST(both_ends_of_a_range_are_in_it_and_nothing_beyond) {
    static const struct {
        const char *key;
        long long min, max;
    } rows[] = {
        {"poll.redis.interval_ms", 500, 3600000}, {"poll.redis.timeout_ms", 50, 60000},
        {"poll.redis.retries", 1, 100},           {"backup.warn_age_s", 60, 31536000},
        {"backup.critical_age_s", 60, 31536000},  {"backup.copies_keep_days", 0, 36500},
        {"drill.warn_age_s", 60, 31536000},       {"second_person.tier", 0, 3},
        {"second_person.wait_s", 1, 86400},       {"payments.replay_most", 1, REPLAY_MOST_EVER},
        {"payments.replay_age_s", 60, 31536000},  {"payments.replay_pause_ms", 0, 60000},
        {"payments.window_days", 0, 60},          {"payments.settle_days", 1, 60},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        for (int n = 0; n < 4; n++) {
            char line[80];
            const long long values[] = {rows[i].min - 1, rows[i].min, rows[i].max, rows[i].max + 1};
            snprintf(line, sizeof line, "%s = %lld", rows[i].key, values[n]);
            bool taken = parse(line);
            if (taken != (n == 1 || n == 2))
                printf("\n    %s\n", line);
            CU_ASSERT_EQUAL(taken, n == 1 || n == 2);
        }
    arena_done(&arena);
}

TEST(unknown_names_are_refused_with_file_and_line) {
    refused("theme = dark\ncolour = red\n", ":2", "there is no setting \"colour\"");
    refused("nonsense", ":1", "expected key = value");
    refused("= x", ":1", "there is no setting \"\"");
    refused("poll.mysql.retries = 5", ":1", "poll.mysql.retries names no service");
    refused("poll.retries = 5", ":1", "poll.retries names no service");
    refused("poll.api.speed = 5", ":1", "poll.SERVICE. takes interval_ms, timeout_ms or retries");
    CU_ASSERT_FALSE(parse_n("theme = a\0b\n", 12));
    CHECK_STR(err.why, "a NUL byte inside a line");
    CU_ASSERT_FALSE(parse_n("\0", 1));
    CU_ASSERT_TRUE(str_starts(err.target, "/home/me/.config/goodgo/config:1"));
    char path[200];
    memset(path, 'd', sizeof path);
    memcpy(path + sizeof path - 8, "/config", 8);
    CU_ASSERT_FALSE(config_parse(&config, &arena, path, "x", 1, &err));
    CHECK_STR(strrchr(err.target, '/'), "/config:1");
}

TEST(lists_of_lines_are_bounded) {
    struct str s;
    str_init(&s, 1 << 16);
    for (int i = 0; i < CONFIG_MAX_HISTORY; i++)
        str_printf(&s, "payments.history = line %d\n", i);
    CU_ASSERT_TRUE(parse(str_get(&s)));
    CU_ASSERT_EQUAL(config.n_history, CONFIG_MAX_HISTORY);
    CHECK_STR(config.history[1].line, "line 1");
    CU_ASSERT_PTR_NOT_NULL(strstr(config.history[1].where, ":2"));
    str_puts(&s, "payments.history = one more\n");
    refused(str_get(&s), ":33", "more than 32 payments.history lines");
    str_clear(&s);
    for (int i = 0; i < CONFIG_MAX_KEYS; i++)
        str_printf(&s, "keys.a%d = x\n", i);
    CU_ASSERT_TRUE(parse(str_get(&s)));
    str_puts(&s, "keys.more = x\n");
    refused(str_get(&s), ":65", "more than 64 keys lines");
    str_done(&s);
    arena_done(&arena);
}

TEST(layouts_of_files_are_kept_as_they_stand) {
    CU_ASSERT_TRUE(parse("payments.statement = ocb; date=a\npayments.gateway = momo; date=b\n"
                         "payments.reference_prefix = GGB\npayments.window_days = 0\n"
                         "payments.settle_days = 60"));
    CU_ASSERT_EQUAL(config.n_layouts, 2);
    CHECK_STR(config.layouts[0].line, "ocb; date=a");
    CU_ASSERT_TRUE(!config.layouts[0].gateway && config.layouts[1].gateway);
    CHECK_STR(strrchr(config.layouts[1].where, ':'), ":2");
    CHECK_STR(config.reference_prefix, "GGB");
    CU_ASSERT_TRUE(config.window_days == 0 && config.settle_days == 60);
    refused("payments.settle_days = 0", ":1", "payments.settle_days is a number from 1 to 60");
    struct str s;
    str_init(&s, 1 << 16);
    for (int i = 0; i <= CONFIG_MAX_LAYOUTS; i++)
        str_puts(&s, "payments.statement = x\n");
    refused(str_get(&s), ":33", "more than 32 layouts of files");
    str_done(&s);
}

SUITE(config, T(layouts_of_files_are_kept_as_they_stand), T(defaults_are_the_runbooks),
      T(every_setting_is_read), T(a_file_that_is_not_utf8_is_named_with_what_converts_it),
      T(each_range_is_kept), T(both_ends_of_a_range_are_in_it_and_nothing_beyond),
      T(a_directory_is_a_whole_path_and_no_text_is_empty),
      T(unknown_names_are_refused_with_file_and_line), T(lists_of_lines_are_bounded))
