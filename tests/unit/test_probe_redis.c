/* tests/unit/test_probe_redis.c - the Redis probe against scripted replies. */
#include "tests/harness.h"
#include "tests/probe_redis.h"

extern const struct probe probe_redis;

static const struct settings dev = {.has_redis = true, .redis = {.host = "cache", .port = 6379}};
static const struct settings prod = {
    .has_redis = true,
    .production = true,
    .redis = {.host = "cache", .port = 6379, .user = "console", .password = "s3cret"}};

#define INFO                                                                                       \
    "# Server\r\nredis_version:7.0.15\r\nuptime_in_seconds:300\r\n# Memory\r\n"                    \
    "used_memory:134217728\r\nused_memory_peak_perc:100.19%\r\nmaxmemory:268435456\r\n"            \
    "maxmemory_policy:allkeys-lru\r\nmem_fragmentation_ratio:1.12\r\n# Clients\r\n"                \
    "connected_clients:9\r\nblocked_clients:1\r\n# Stats\r\ninstantaneous_ops_per_sec:42\r\n"      \
    "keyspace_hits:90\r\nkeyspace_misses:10\r\nevicted_keys:5\r\nrejected_connections:0\r\n"       \
    "# Persistence\r\nloading:0\r\naof_enabled:1\r\naof_last_write_status:ok\r\n"                  \
    "aof_last_bgrewrite_status:ok\r\nrdb_last_bgsave_status:ok\r\n# "                              \
    "Replication\r\nrole:master\r\n"                                                               \
    "# Commandstats\r\n"                                                                           \
    "cmdstat_get:calls=100,usec=300,usec_per_call=3.00,rejected_calls=0,failed_calls=0\r\n"        \
    "cmdstat_config|get:calls=1,usec=700,usec_per_call=700.00,rejected_calls=0,failed_calls=2\r\n" \
    "# Errorstats\r\nerrorstat_OOM:count=3\r\n# Keyspace\r\n"                                      \
    "db0:keys=40,expires=30,avg_ttl=60000\r\ndb3:keys=2,expires=0,avg_ttl=0\r\n"

static bool feed_info(struct probe_bench *b, const char *info) {
    return bench_redis(b, "info", redis_text(REDIS_STRING, info));
}

TEST(reads_info) {
    struct probe_bench b;
    bench_init(&b, &probe_redis, &dev);
    CU_ASSERT_TRUE(feed_info(&b, INFO));
    CU_ASSERT_EQUAL(bench_number(&b, "used_pct"), 50);
    CU_ASSERT_EQUAL(bench_number(&b, "hit_pct"), 90);
    CU_ASSERT_EQUAL(bench_number(&b, "keys"), 42);
    CU_ASSERT_EQUAL(bench_number(&b, "aof_ok"), 1);
    CU_ASSERT_EQUAL(bench_number(&b, "evicted_per_s"), -999);
    CHECK_STR(bench_text(&b, "version"), "7.0.15");
    CHECK_STR(bench_text(&b, "policy"), "allkeys-lru");
    CHECK_STR(bench_cell(&b, "commands", 0, "command"), "config|get");
    CHECK_STR(bench_cell(&b, "commands", 0, "share"), "70");
    CHECK_STR(bench_cell(&b, "commands", 0, "failed"), "2");
    CHECK_STR(bench_cell(&b, "errors", 0, "error"), "OOM");
    CHECK_STR(bench_cell(&b, "keyspace", 0, "ttl_share"), "75");
    CU_ASSERT_EQUAL(bench_judge(&b), HEALTH_OK);
    CHECK_STR(b.verdict.summary.s, "128 MB of 256 MB  42/s  hit 90.0%");
    bench_done(&b);
}

/* Of 7.4: one more part of a database, and the word that the table of errors is full. */
TEST(reads_what_later_versions_add) {
    struct probe_bench b;
    bench_init(&b, &probe_redis, &dev);
    CU_ASSERT_TRUE(
        feed_info(&b, "redis_version:7.4.1\r\nused_memory_peak_perc:100.19%\r\nloading:1\r\n"
                      "loading_loaded_perc:12.50\r\nerrorstat_ERRORSTATS_DISABLED:count=1\r\n"
                      "db0:keys=4,expires=3,avg_ttl=0,subexpiry=2\r\n"));
    CU_ASSERT_EQUAL(bench_number(&b, "keys"), 4);
    CU_ASSERT_EQUAL(bench_number(&b, "loading_pct"), 12.5);
    CHECK_STR(bench_cell(&b, "errors", 0, "error"), "ERRORSTATS_DISABLED");
    CHECK_STR(bench_cell(&b, "keyspace", 0, "ttl_share"), "75");
    CU_ASSERT_EQUAL(bench_judge(&b), HEALTH_WARNING);
    CU_ASSERT_PTR_NOT_NULL(bench_finding(&b, "loading"));
    bench_done(&b);
}

TEST(a_part_is_found_by_its_whole_name) {
    struct probe_bench b;
    bench_init(&b, &probe_redis, &dev);
    CU_ASSERT_TRUE(feed_info(&b, "redis_version:7.0.15\r\n\r\n:x\r\n"
                                 "cmdstat_get:other=9,calls=7,kept=3,usec=70,usec_per_call=10.00\n"
                                 "cmdstat_no:calls=1\ndb0:kept=9,keys=4,expiring=3,expires=1"));
    CU_ASSERT_EQUAL(bench_rows(&b, "commands"), 1);
    CHECK_STR(bench_cell(&b, "commands", 0, "calls"), "7");
    CHECK_STR(bench_cell(&b, "commands", 0, "usec_per_call"), "10");
    CHECK_STR(bench_cell(&b, "keyspace", 0, "keys"), "4");
    CHECK_STR(bench_cell(&b, "keyspace", 0, "expires"), "1");
    bench_done(&b);
}

/* Of the last ten seconds; of the whole life where nothing was read in them. */
TEST(hits_are_those_of_the_last_interval) {
    static const struct {
        const char *info;
        double pct;
    } rows[] = {{"keyspace_hits:190\nkeyspace_misses:110\n", 90},
                {"keyspace_hits:100\nkeyspace_misses:100\n", 50},
                {"keyspace_hits:100\nkeyspace_misses:300\n", 0},
                {"keyspace_hits:30\nkeyspace_misses:10\n", 75}, /* it was started again */
                {"keyspace_hits:0\nkeyspace_misses:0\n", -999}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct probe_bench b;
        bench_init(&b, &probe_redis, &dev);
        b.previous->has_reading = true;
        b.previous->taken_mono_ms = b.run.now_mono_ms - 10000;
        reading_int(&b.previous->reading, "hits", UNIT_COUNT, 100);
        reading_int(&b.previous->reading, "misses", UNIT_COUNT, 100);
        CU_ASSERT_TRUE(
            feed_info(&b, arena_printf(&b.arena, "redis_version:7.0.15\n%s", rows[i].info)));
        CU_ASSERT_EQUAL(bench_number(&b, "hit_pct"), rows[i].pct);
        bench_done(&b);
    }
}

/* A rewrite that failed for want of memory refuses no write; one on a full disk does. */
TEST(a_failed_rewrite_is_not_a_failed_write) {
    struct probe_bench b;
    bench_init(&b, &probe_redis, &dev);
    CU_ASSERT_TRUE(feed_info(&b, "redis_version:7.0.15\r\naof_last_write_status:ok\r\n"
                                 "aof_last_bgrewrite_status:err\r\n"));
    CU_ASSERT_EQUAL(bench_number(&b, "aof_ok"), 1);
    CU_ASSERT_EQUAL(bench_judge(&b), HEALTH_WARNING);
    CU_ASSERT_PTR_NOT_NULL(bench_finding(&b, "aof_rewrite"));
    CU_ASSERT_PTR_NULL(bench_finding(&b, "aof"));
    bench_done(&b);
}

/* stop-writes-on-bgsave-error is no figure of INFO; that writes were refused is. */
TEST(a_failed_snapshot_that_stops_writes_is_critical) {
    struct probe_bench b;
    bench_init(&b, &probe_redis, &dev);
    CU_ASSERT_TRUE(feed_info(&b, "redis_version:7.0.15\nrdb_last_bgsave_status:err\n"));
    CU_ASSERT_EQUAL(bench_judge(&b), HEALTH_WARNING);
    CHECK_STR(bench_finding(&b, "rdb")->what.s, "the last snapshot failed");
    bench_done(&b);
    bench_init(&b, &probe_redis, &dev);
    CU_ASSERT_TRUE(feed_info(&b, "redis_version:7.0.15\nrdb_last_bgsave_status:err\n"
                                 "errorstat_MISCONF:count=12\n"));
    CU_ASSERT_EQUAL(bench_judge(&b), HEALTH_CRITICAL);
    CHECK_STR(bench_finding(&b, "rdb")->what.s,
              "the last snapshot failed, and writes were refused for it");
    bench_done(&b);
}

TEST(a_sentinel_is_no_redis) {
    struct probe_bench b;
    bench_init(&b, &probe_redis, &dev);
    CU_ASSERT_FALSE(feed_info(&b, "redis_version:7.0.15\r\nredis_mode:sentinel\r\n"));
    CU_ASSERT_EQUAL(b.err.code, E_WRONG_THING);
    CHECK_STR(b.err.why, "a Sentinel answers here, which holds no data");
    CU_ASSERT_FALSE(feed_info(&b, "redis_version:7.2.4\r\nserver_name:valkey\r\n"
                                  "valkey_version:9.1.2\r\nserver_mode:sentinel\r\n"));
    CU_ASSERT_EQUAL(b.err.code, E_WRONG_THING);
    CU_ASSERT_TRUE(feed_info(&b, "redis_version:7.0.15\r\nredis_mode:standalone\r\n"));
    bench_done(&b);
}

/* Twenty of them are listed. */
TEST(commands_are_counted_though_they_are_cut) {
    struct probe_bench b;
    struct str info;
    bench_init(&b, &probe_redis, &dev);
    str_init(&info, 4000);
    str_puts(&info, "redis_version:7.0.15\n");
    for (int i = 0; i < 25; i++)
        str_printf(&info, "cmdstat_c%d:calls=1,usec=%d,usec_per_call=1\n", i, i);
    CU_ASSERT_TRUE(feed_info(&b, str_get(&info)));
    CU_ASSERT_EQUAL(reading_table(&b.reading, "commands")->n_rows, 20);
    CU_ASSERT_EQUAL(reading_table(&b.reading, "commands")->n_total, 25);
    bench_done(&b);
    str_done(&info);
}

TEST(valkey_is_named) {
    struct probe_bench b;
    bench_init(&b, &probe_redis, &dev);
    CU_ASSERT_TRUE(
        feed_info(&b, "redis_version:7.2.4\nserver_name:valkey\nvalkey_version:8.1.1\n"));
    CHECK_STR(bench_text(&b, "version"), "Valkey 8.1.1");
    bench_done(&b);
}

TEST(tells_wrong_password_missing_right_and_loading_apart) {
    static const struct {
        const char *reply;
        enum err_code code;
        const char *todo;
    } cases[] = {
        {"NOAUTH Authentication required.", E_AUTH, "REDIS_PASSWORD"},
        {"WRONGPASS invalid username-password pair or user is disabled.", E_AUTH, "wrong"},
        {"-NOPERM this user has no permissions to run the 'info' command", E_AUTH, "ACL"},
        {"LOADING Redis is loading the dataset in memory", E_NOT_READY, "wait"},
        {"ERR invalid password", E_AUTH, "wrong"}, /* before 6 */
        {"DENIED Redis is running in protected mode because protected mode is enabled", E_AUTH,
         "protected mode"},
        {"ERR max number of clients reached", E_NOT_READY, "maxclients"},
        {"BUSY Redis is busy running a script. You can only call SCRIPT KILL", E_NOT_READY,
         "SCRIPT KILL"},
        {"MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
         E_NOT_READY, "replication"},
        {"ERR unknown command 'INFO'", E_PROTOCOL, ""},
    };
    struct probe_bench b;
    bench_init(&b, &probe_redis, &dev);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        CU_ASSERT_FALSE(bench_redis(&b, "info", redis_text(REDIS_ERROR, cases[i].reply)));
        CU_ASSERT_EQUAL(b.err.code, cases[i].code);
        CU_ASSERT_PTR_NOT_NULL(strstr(b.err.todo, cases[i].todo));
    }
    bench_done(&b);
}

TEST(something_else_that_speaks_the_protocol_is_the_wrong_thing) {
    struct probe_bench b;
    bench_init(&b, &probe_redis, &dev);
    CU_ASSERT_FALSE(feed_info(&b, "hello"));
    CU_ASSERT_EQUAL(b.err.code, E_WRONG_THING);
    CU_ASSERT_FALSE(bench_redis(&b, "info", redis_integer(4)));
    CU_ASSERT_FALSE(bench_redis(&b, "info", (struct redis_val){.type = REDIS_NIL}));
    bench_done(&b);
}

TEST(rising_evictions_are_a_warning_and_old_ones_are_not) {
    struct probe_bench b;
    bench_init(&b, &probe_redis, &dev);
    reading_int(&b.previous->reading, "evicted", UNIT_COUNT, 0);
    reading_int(&b.previous->reading, "hits", UNIT_COUNT, 40);
    reading_int(&b.previous->reading, "misses", UNIT_COUNT, 10);
    b.previous->has_reading = true;
    b.previous->taken_mono_ms = b.run.now_mono_ms - 5000;
    CU_ASSERT_TRUE(feed_info(&b, INFO));
    CU_ASSERT_EQUAL(bench_number(&b, "evicted_per_s"), 1);
    CU_ASSERT_EQUAL(bench_number(&b, "hit_pct"), 100);
    CU_ASSERT_EQUAL(bench_judge(&b), HEALTH_WARNING);
    CU_ASSERT_PTR_NOT_NULL(bench_finding(&b, "evictions"));
    bench_done(&b);
}

TEST(judges_memory_by_policy) {
    struct probe_bench b;
    bench_init(&b, &probe_redis, &dev);
    CU_ASSERT_TRUE(feed_info(&b, "redis_version:7.0.15\nused_memory:995\nmaxmemory:1000\n"
                                 "maxmemory_policy:noeviction\n"));
    CU_ASSERT_EQUAL(bench_judge(&b), HEALTH_CRITICAL);
    CU_ASSERT_PTR_NOT_NULL(bench_finding(&b, "policy"));
    bench_done(&b);
    bench_init(&b, &probe_redis, &dev);
    CU_ASSERT_TRUE(feed_info(&b, "redis_version:7.0.15\nused_memory:995\nmaxmemory:1000\n"
                                 "maxmemory_policy:allkeys-lru\n"));
    CU_ASSERT_EQUAL(bench_judge(&b), HEALTH_OK);
    bench_done(&b);
}

TEST(production_wants_a_password_and_the_append_only_file) {
    struct probe_bench b;
    struct settings open = prod;
    open.redis.password = NULL;
    bench_init(&b, &probe_redis, &open);
    CU_ASSERT_TRUE(feed_info(&b, "redis_version:7.0.15\naof_enabled:0\n"));
    bench_judge(&b);
    CU_ASSERT_PTR_NOT_NULL(bench_finding(&b, "no_password"));
    CU_ASSERT_PTR_NOT_NULL(bench_finding(&b, "aof_off"));
    bench_done(&b);
}

TEST(absurd_info_stays_unknown) {
    struct probe_bench b;
    bench_init(&b, &probe_redis, &dev);
    CU_ASSERT_TRUE(
        feed_info(&b, "redis_version:7\nused_memory:-5\nmaxmemory:1e400\n:x\nkeys\n"
                      "connected_clients:nan\ndb0:keys=1e300,expires=\ndb:keys=1\ndb1x:keys=5\n"
                      "cmdstat_:usec=\ncmdstat_x:usec=-1\nerrorstat_:\nloading:maybe"));
    CU_ASSERT_EQUAL(bench_number(&b, "used_memory"), -999);
    CU_ASSERT_EQUAL(bench_number(&b, "clients"), -999);
    CU_ASSERT_EQUAL(bench_number(&b, "keys"), -999);
    bench_judge(&b);
    bench_done(&b);
}

TEST(the_slow_log_keeps_name_and_key_only) {
    const struct redis_val argv[] = {redis_text(REDIS_STRING, "SET"),
                                     redis_text(REDIS_STRING, "session:1"),
                                     redis_text(REDIS_STRING, "{\"token\":1}")};
    const struct redis_val entry[] = {redis_integer(7),
                                      redis_integer(1795334000),
                                      redis_integer(12500),
                                      redis_array(argv, 3),
                                      redis_text(REDIS_STRING, "10.0.0.3:5000"),
                                      redis_text(REDIS_STRING, "")};
    const struct redis_val entries[] = {redis_array(entry, 6), redis_integer(4),
                                        redis_array(entry, 3)};
    struct probe_bench b;
    bench_init(&b, &probe_redis, &dev);
    CU_ASSERT_TRUE(bench_redis(&b, "slowlog", redis_array(entries, 3)));
    CU_ASSERT_EQUAL(bench_rows(&b, "slowlog"), 1);
    CHECK_STR(bench_cell(&b, "slowlog", 0, "command"), "SET session:1 (+1)");
    CHECK_STR(bench_cell(&b, "slowlog", 0, "ms"), "12.5");
    CU_ASSERT_FALSE(bench_redis(&b, "slowlog", redis_integer(1)));
    bench_done(&b);
}

/* An entry of the slow log with these arguments; its command as shown. */
static const char *slow_command(struct probe_bench *b, const struct redis_val *argv, size_t n) {
    const struct redis_val entry[] = {redis_integer(1), redis_integer(2), redis_integer(3),
                                      redis_array(argv, n)};
    const struct redis_val entries[] = {redis_array(entry, 4)};
    CU_ASSERT_TRUE(bench_redis(b, "slowlog", redis_array(entries, 1)));
    return bench_cell(b, "slowlog", 0, "command");
}

TEST(the_slow_log_has_odd_commands_and_shows_no_password) {
    const struct redis_val get[] = {redis_text(REDIS_STRING, "GET"), redis_text(REDIS_STRING, "k")},
                           auth[] = {redis_text(REDIS_STRING, "auth"),
                                     redis_text(REDIS_STRING, "s3cret")},
                           odd[] = {redis_integer(5), redis_integer(6)};
    const struct redis_val entry[] = {redis_integer(1), redis_integer(2), redis_integer(3),
                                      redis_text(REDIS_STRING, "no list")};
    const struct redis_val entries[] = {redis_array(entry, 4)};
    struct probe_bench b;
    bench_init(&b, &probe_redis, &dev);
    CHECK_STR(slow_command(&b, get, 2), "GET k");
    CHECK_STR(slow_command(&b, auth, 2), "auth ");
    CHECK_STR(slow_command(&b, odd, 2), "? ");
    CHECK_STR(slow_command(&b, NULL, 0), "? ");
    CU_ASSERT_TRUE(bench_redis(&b, "slowlog", redis_array(entries, 1)));
    CHECK_STR(bench_cell(&b, "slowlog", 0, "command"), "?");
    bench_done(&b);
}

TEST(answers_of_another_shape_are_refused) {
    const struct redis_val cursor = redis_text(REDIS_STRING, "0"), nil = {.type = REDIS_NIL};
    const struct redis_val three[] = {cursor, redis_array(NULL, 0), cursor},
                           number[] = {redis_integer(0), redis_array(NULL, 0)},
                           no_list[] = {cursor, cursor};
    const struct redis_val all[] = {nil,
                                    redis_integer(INT64_MIN),
                                    cursor,
                                    redis_array(NULL, 0),
                                    redis_array(three, 3),
                                    redis_array(number, 2),
                                    redis_array(no_list, 2),
                                    redis_text(REDIS_ERROR, "ERR unknown \033command")};
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        for (uint32_t k = 0; k < probe_redis.n_stages; k++) {
            struct probe_bench b;
            bench_init(&b, &probe_redis, &dev);
            bool ok = bench_redis(&b, probe_redis.stages[k].name, all[i]);
            bool is_log = k == 1 && all[i].type == REDIS_ARRAY;
            CU_ASSERT_EQUAL(ok, is_log);
            CU_ASSERT_TRUE(bench_is_clean(&b, ok));
            bench_done(&b);
        }
    /* Keys that are none are passed over. */
    const struct redis_val keys[] = {nil, redis_integer(3), redis_text(REDIS_STRING, "a:b")};
    const struct redis_val page[] = {cursor, redis_array(keys, 3)};
    struct probe_bench b;
    bench_init(&b, &probe_redis, &dev);
    CU_ASSERT_TRUE(bench_redis(&b, "prefixes", redis_array(page, 2)));
    CU_ASSERT_EQUAL(bench_number(&b, "keys_scanned"), 1);
    bench_done(&b);
}

TEST(every_value_of_info_may_be_anything) {
    static const char *const values[] = {
        "",        "-1",   "9223372036854775807", "1e999",       "nan",
        "\033[2J", "\xff", "keys=-1,expires=x",   "calls=,usec="};
    static const char whole[] = INFO;
    for (const char *line = whole; *line; line += strcspn(line, "\n") + 1) {
        const char *colon = strchr(line, ':');
        for (size_t i = 0; colon && i < ARRAY_LEN(values); i++) {
            struct probe_bench b;
            bench_init(&b, &probe_redis, &prod);
            const char *info = arena_printf(&b.arena, "%.*s%s%s", (int)(colon + 1 - whole), whole,
                                            values[i], colon + 1 + strcspn(colon + 1, "\r\n"));
            bool ok = feed_info(&b, info);
            bench_judge(&b);
            CU_ASSERT_TRUE(ok);
            CU_ASSERT_TRUE(bench_is_clean(&b, ok));
            bench_done(&b);
        }
    }
}

TEST(scans_pages_until_the_cursor_is_0_and_counts_by_prefix) {
    const struct redis_val keys[] = {
        redis_text(REDIS_STRING, "session:a"), redis_text(REDIS_STRING, "session:b"),
        redis_text(REDIS_STRING, "plain"), redis_text(REDIS_STRING, "0a1b2c3d-44:x"),
        redis_text(REDIS_STRING, "cach\033e:1")};
    const struct redis_val first[] = {redis_text(REDIS_STRING, "17"), redis_array(keys, 5)};
    const struct redis_val last[] = {redis_text(REDIS_STRING, "0"), redis_array(keys, 1)};
    struct probe_bench b;
    bench_init(&b, &probe_redis, &dev);
    CU_ASSERT_TRUE(bench_redis(&b, "prefixes", redis_array(first, 2)));
    CHECK_STR(b.ex.redis.argv[1], "0");
    CU_ASSERT_TRUE(b.run.again);
    CU_ASSERT_EQUAL(bench_number(&b, "prefixes_sampled"), 1);
    b.run.page = 1;
    CU_ASSERT_TRUE(bench_redis(&b, "prefixes", redis_array(last, 2)));
    CHECK_STR(b.ex.redis.argv[1], "17");
    CU_ASSERT_FALSE(b.run.again);
    CU_ASSERT_EQUAL(bench_number(&b, "prefixes_sampled"), 0);
    CHECK_STR(bench_cell(&b, "prefixes", 0, "prefix"), "session:");
    CHECK_STR(bench_cell(&b, "prefixes", 0, "share"), "50");
    CHECK_STR(bench_cell(&b, "prefixes", 1, "prefix"), "(no prefix)");
    CHECK_STR(bench_cell(&b, "prefixes", 2, "prefix"), "(identifiers)");
    CU_ASSERT_PTR_NULL(strchr(bench_cell(&b, "prefixes", 3, "prefix"), '\033'));
    bench_done(&b);
}

TEST(many_prefixes_are_folded) {
    struct probe_bench b;
    struct redis_val keys[500];
    bench_init(&b, &probe_redis, &dev);
    for (int i = 0; i < 500; i++)
        keys[i] = redis_text(REDIS_STRING, arena_printf(&b.arena, "p%d:x", i));
    const struct redis_val page[] = {redis_text(REDIS_STRING, "0"), redis_array(keys, 500)};
    CU_ASSERT_TRUE(bench_redis(&b, "prefixes", redis_array(page, 2)));
    CU_ASSERT_EQUAL(bench_rows(&b, "prefixes"), 201);
    CHECK_STR(bench_cell(&b, "prefixes", 200, "keys"), "300");
    bench_done(&b);
}

TEST(keys_is_never_asked_and_the_shell_line_has_no_secret) {
    struct probe_bench b;
    char line[400];
    bench_init(&b, &probe_redis, &prod);
    for (uint32_t i = 0; i < probe_redis.n_stages; i++) {
        CU_ASSERT_TRUE(bench_request(&b, probe_redis.stages[i].name));
        CU_ASSERT_STRING_NOT_EQUAL(b.ex.redis.argv[0], "KEYS");
    }
    bench_shell(&probe_redis, &prod, "", line, sizeof line);
    CU_ASSERT_PTR_NULL(strstr(line, "s3cret"));
    CU_ASSERT_PTR_NOT_NULL(strstr(line, "${REDIS_PASSWORD}"));
    bench_done(&b);
}

SUITE(probe_redis, T(a_failed_rewrite_is_not_a_failed_write), T(reads_info),
      T(reads_what_later_versions_add), T(a_part_is_found_by_its_whole_name),
      T(hits_are_those_of_the_last_interval), T(a_failed_snapshot_that_stops_writes_is_critical),
      T(a_sentinel_is_no_redis), T(commands_are_counted_though_they_are_cut), T(valkey_is_named),
      T(tells_wrong_password_missing_right_and_loading_apart),
      T(something_else_that_speaks_the_protocol_is_the_wrong_thing),
      T(rising_evictions_are_a_warning_and_old_ones_are_not), T(judges_memory_by_policy),
      T(production_wants_a_password_and_the_append_only_file), T(absurd_info_stays_unknown),
      T(the_slow_log_keeps_name_and_key_only),
      T(the_slow_log_has_odd_commands_and_shows_no_password),
      T(answers_of_another_shape_are_refused), T(every_value_of_info_may_be_anything),
      T(scans_pages_until_the_cursor_is_0_and_counts_by_prefix), T(many_prefixes_are_folded),
      T(keys_is_never_asked_and_the_shell_line_has_no_secret))
