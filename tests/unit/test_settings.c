/* tests/unit/test_settings.c - from names to typed settings: which name wins, what a context means,
 * what counts as not set (R107 to R127, C1, C12, C33, C44, C46). */
#include "harness.h"

#include <string.h>

#include "app/settings.h"

static struct arena arena;
static struct config config;
static struct settings settings;
static struct err err;

/* A sandbox names all it has, so nothing is looked for at the runbook's ports. */
#define SANDBOX "GOODGO_SANDBOX=/tmp/p\n"

static bool make_in(const char *text, const char *context) {
    struct env env;
    arena_done(&arena);
    env_init(&env, &arena);
    memset(&err, 0, sizeof err);
    if (!env_parse(&env, "test.env", text, strlen(text), &err))
        return false;
    return settings_make(&settings, &arena, &env, &config, context, &err);
}

static void make(const char *text) {
    config_init(&config);
    CU_ASSERT_TRUE_FATAL(make_in(text, NULL));
}

static void refused(const char *text, const char *name, const char *why) {
    config_init(&config);
    CU_ASSERT_FALSE(make_in(text, NULL));
    CU_ASSERT_EQUAL(err.code, E_CONFIG);
    CHECK_STR(err.target, name);
    CHECK_STR(err.why, why);
}

TEST(an_empty_dev_env_looks_at_the_runbooks_ports) {
    make("");
    CHECK_STR(settings.context, "dev");
    CU_ASSERT_EQUAL(settings.profile, PROFILE_DEV);
    CHECK_STR(settings.api_url, "http://localhost:3001");
    CHECK_STR(settings.web_url, "http://localhost:3000");
    CHECK_STR(settings.ai_url, "http://localhost:8000");
    CHECK_STR(settings.typesense_url, "http://localhost:8108");
    CHECK_STR(settings.minio_url, "http://localhost:9000");
    CHECK_STR(settings.minio_bucket, "goodgo-media");
    CHECK_STR(settings.backup_bucket, "goodgo-backups");
    CHECK_STR(settings.prometheus_url, "http://localhost:9090");
    CHECK_STR(settings.loki_url, "http://localhost:3100");
    CHECK_STR(settings.promtail_url, "http://localhost:9080");
    CHECK_STR(settings.grafana_url, "http://localhost:3002"); /* C44 */
    CU_ASSERT_PTR_NULL(settings.alertmanager_url);
    CU_ASSERT_TRUE(settings.has_postgres && settings.has_redis && !settings.has_pgbouncer);
    CHECK_STR(settings.postgres.host, "localhost");
    CHECK_STR(settings.postgres.user, "goodgo");
    CHECK_STR(settings.postgres.dbname, "goodgo");
    CU_ASSERT_EQUAL(settings.postgres.port, 5432);
    CU_ASSERT_EQUAL(settings.redis.port, 6379);
    CU_ASSERT_EQUAL(settings.pool_size, 20);
    CU_ASSERT_EQUAL(settings.pool_max_client_conn, 200);
    CU_ASSERT_EQUAL(settings.backup_retention_days, 7);
}

TEST(outside_dev_only_what_is_named_is_watched) {
    static const char *const all[] = {"NODE_ENV=production", "NODE_ENV=test", SANDBOX};
    for (size_t i = 0; i < ARRAY_LEN(all); i++) {
        make(all[i]);
        CU_ASSERT_PTR_NULL(settings.api_url);
        CU_ASSERT_PTR_NULL(settings.typesense_url);
        CU_ASSERT_PTR_NULL(settings.minio_url);
        CU_ASSERT_PTR_NULL(settings.grafana_url);
        CU_ASSERT_FALSE(settings.has_postgres || settings.has_redis || settings.has_pgbouncer);
    }
    config_init(&config);
    config.runbook_defaults = false;
    CU_ASSERT_TRUE(make_in("", NULL));
    CU_ASSERT_PTR_NULL(settings.api_url);
}

TEST(the_context_comes_from_the_file_then_the_option_then_node_env) {
    make("GOODGO_CONTEXT=staging\nNODE_ENV=production");
    CHECK_STR(settings.context, "staging");
    CU_ASSERT_TRUE(settings.production);
    CU_ASSERT_TRUE(make_in("GOODGO_CONTEXT=staging", "other"));
    CHECK_STR(settings.context, "staging");
    CU_ASSERT_FALSE(settings.production);
    CU_ASSERT_TRUE(make_in("NODE_ENV=test", "other"));
    CHECK_STR(settings.context, "other");
    CU_ASSERT_EQUAL(settings.profile, PROFILE_CI);
    make("NODE_ENV=production");
    CHECK_STR(settings.context, "prod");
    make("NODE_ENV=test");
    CHECK_STR(settings.context, "ci");
    make("GOODGO_CONTEXT=prod-eu"); /* the name alone is enough to be careful */
    CU_ASSERT_TRUE(settings.production);
}

TEST(the_context_is_a_name_that_every_screen_and_word_can_show) {
    static const char why[] = "is a name of at most 31 bytes, without control characters";
    refused("GOODGO_CONTEXT='prod\033[2J'", "GOODGO_CONTEXT", why);
    refused("GOODGO_CONTEXT=\"prod\\n1\"", "GOODGO_CONTEXT", why);
    refused("GOODGO_CONTEXT=\xff", "GOODGO_CONTEXT", why);
    refused("GOODGO_CONTEXT=a2345678901234567890123456789012", "GOODGO_CONTEXT", why);
    make("GOODGO_CONTEXT=a234567890123456789012345678901");
    make("GOODGO_CONTEXT='Đà Nẵng'");
    CHECK_STR(settings.context, "Đà Nẵng");
    CU_ASSERT_FALSE(make_in("", "prod\nprod"));
    CHECK_STR(err.target, "--context");
}

TEST(placeholders_are_as_good_as_unset) {
    make(SANDBOX "TYPESENSE_HOST=h\nTYPESENSE_API_KEY=CHANGE_ME\n"
                 "MINIO_ACCESS_KEY=<generate with: x>\nREDIS_HOST=\nDB_HOST=CHANGE_ME");
    CHECK_STR(settings.typesense_url, "http://h:8108");
    CU_ASSERT_PTR_NULL(settings.typesense_key);
    CU_ASSERT_PTR_NULL(settings.minio_access_key);
    CU_ASSERT_FALSE(settings.has_redis || settings.has_postgres);
}

TEST(the_api_listens_on_port_not_on_api_port) {
    make(SANDBOX "API_PORT=3000\nPORT=3101");
    CHECK_STR(settings.api_url, "http://localhost:3101");
    make(SANDBOX "API_PORT=3000\nPORT=3101\nGOODGO_API_URL=http://api.example:8080/v1///");
    CHECK_STR(settings.api_url, "http://api.example:8080/v1");
    make("API_PORT=3000");
    CHECK_STR(settings.api_url, "http://localhost:3001");
    refused("PORT=0", "PORT", "is not a port from 1 to 65535");
}

TEST(addresses_are_checked_and_hold_no_secret) {
    make("GOODGO_WEB_URL=https://[::1]:8443/\nGRAFANA_PORT=3999");
    CHECK_STR(settings.web_url, "https://[::1]:8443");
    CHECK_STR(settings.grafana_url, "http://localhost:3999");
    refused("GOODGO_WEB_URL=web:3000", "GOODGO_WEB_URL", "should begin with http:// or https://");
    refused("GOODGO_LOKI_URL=http://", "GOODGO_LOKI_URL", "names no host");
    refused("GOODGO_LOKI_URL=http:///x/", "GOODGO_LOKI_URL", "names no host");
    refused("GOODGO_LOKI_URL=http://h:99999", "GOODGO_LOKI_URL",
            "the port is not a number from 1 to 65535");
    refused("GOODGO_PROMETHEUS_URL=http://me:pw@h", "GOODGO_PROMETHEUS_URL",
            "is an address only: no user, no password, no query");
    refused("AI_SERVICE_URL=http://h/?token=x", "AI_SERVICE_URL",
            "is an address only: no user, no password, no query");
    refused("GOODGO_GRAFANA_URL=\"http://h/x y\"", "GOODGO_GRAFANA_URL",
            "holds a blank, a quote or a character that is not ASCII");
    refused("GOODGO_GRAFANA_URL=\"http://h/';id\"", "GOODGO_GRAFANA_URL",
            "holds a blank, a quote or a character that is not ASCII");
    refused("GOODGO_PROMTAIL_URL=http://qu\341\272\255n", "GOODGO_PROMTAIL_URL",
            "holds a blank, a quote or a character that is not ASCII");
    refused("GOODGO_ALERTMANAGER_URL=x", "GOODGO_ALERTMANAGER_URL",
            "should begin with http:// or https://");
    refused("GRAFANA_PORT=x", "GRAFANA_PORT", "is not a port from 1 to 65535");
}

TEST(hosts_are_hosts_alone) {
    make("TYPESENSE_HOST=::1\nTYPESENSE_PORT=8109\nTYPESENSE_PROTOCOL=https\n"
         "MINIO_ENDPOINT=minio.example\nMINIO_PORT=9443\nMINIO_USE_SSL=true\nMINIO_BUCKET=b");
    CHECK_STR(settings.typesense_url, "https://[::1]:8109");
    CHECK_STR(settings.minio_url, "https://minio.example:9443");
    CHECK_STR(settings.minio_bucket, "b");
    refused("TYPESENSE_HOST=http://h", "TYPESENSE_HOST",
            "is a host alone: no http://, no port, no path, no blank");
    refused("MINIO_ENDPOINT=h:9000", "MINIO_ENDPOINT",
            "is a host alone: no http://, no port, no path, no blank");
    refused("TYPESENSE_PROTOCOL=ftp", "TYPESENSE_PROTOCOL", "is http or https");
    refused("TYPESENSE_PORT=-1", "TYPESENSE_PORT", "is not a port from 1 to 65535");
    refused("MINIO_PORT=99999", "MINIO_PORT", "is not a port from 1 to 65535");
}

TEST(redis_is_made_of_its_parts_before_its_url) {
    make("REDIS_HOST=r\nREDIS_PORT=6380\nREDIS_PASSWORD=pw\nREDIS_URL=redis://x:1");
    CHECK_STR(settings.redis.host, "r");
    CU_ASSERT_EQUAL(settings.redis.port, 6380);
    CHECK_STR(settings.redis.password, "pw"); /* C12: the URL has none */
    make(SANDBOX "REDIS_URL=redis://me:pw@r2:6381/0");
    CU_ASSERT_TRUE(settings.has_redis);
    CHECK_STR(settings.redis.host, "r2");
    CU_ASSERT_EQUAL(settings.redis.port, 6381);
    CHECK_STR(settings.redis.user, "me");
    CHECK_STR(settings.redis.password, "pw");
    make(SANDBOX "REDIS_URL=redis://:urlpw@r2\nREDIS_PASSWORD=own\nREDIS_PORT=7000");
    CU_ASSERT_PTR_NULL(settings.redis.user);
    CHECK_STR(settings.redis.password, "own");
    CU_ASSERT_EQUAL(settings.redis.port, 7000);
    make(SANDBOX "REDIS_URL=redis://");
    CU_ASSERT_FALSE(settings.has_redis);
    refused("REDIS_URL=rediss://h", "REDIS_URL",
            "rediss:// needs TLS, which Debian 12's hiredis does not have");
    refused("REDIS_URL=h:6379", "REDIS_URL", "it is no URL: it should begin with scheme://");
    refused("REDIS_PORT=x", "REDIS_PORT", "is not a port from 1 to 65535");
}

#define DIRECT "DATABASE_URL_DIRECT=postgresql://a:b@db:5433/g?schema=public\n"

TEST(the_direct_url_wins_over_the_db_names) {
    make(SANDBOX DIRECT "DB_HOST=x\nDB_PORT=1\nDB_NAME=n\nDB_USER=u\nDB_PASSWORD=p");
    CHECK_STR(settings.postgres.host, "db");
    CU_ASSERT_EQUAL(settings.postgres.port, 5433);
    CHECK_STR(settings.postgres.dbname, "g");
    CHECK_STR(settings.postgres.password, "b");
    make(SANDBOX "DB_HOST=x\nDB_PORT=1\nDB_NAME=n\nDB_USER=u\nDB_PASSWORD=p\n"
                 "DATABASE_URL=postgresql://a:b@db/g");
    CHECK_STR(settings.postgres.host, "x");
    CU_ASSERT_EQUAL(settings.postgres.port, 1);
    CHECK_STR(settings.postgres.password, "p");
    make(SANDBOX "DATABASE_URL=postgresql://db/g\nDB_PASSWORD=p");
    CHECK_STR(settings.postgres.host, "db"); /* nothing pools it: it is direct */
    CHECK_STR(settings.postgres.password, "p");
    CHECK_STR(settings.postgres.user, "goodgo");
    CU_ASSERT_FALSE(settings.has_pgbouncer);
    make(SANDBOX "DATABASE_URL=postgresql://db:6432/g?pgbouncer=true");
    CU_ASSERT_FALSE(settings.has_postgres);
    CU_ASSERT_TRUE(settings.has_pgbouncer);
    refused("DB_PORT=x", "DB_PORT", "is not a port from 1 to 65535");
    refused("DATABASE_URL=mysql://h", "DATABASE_URL", "it should begin with postgresql://");
    refused("DATABASE_URL_DIRECT=postgresql://", "DATABASE_URL_DIRECT", "it names no host");
}

TEST(the_pool_is_where_the_url_differs_from_the_direct_one) {
    make(SANDBOX DIRECT "DATABASE_URL=postgresql://app:pw@pool:6432/g?pgbouncer=true\n"
                        "PGBOUNCER_STATS_PASSWORD=s\nPGBOUNCER_ADMIN_PASSWORD=a\n"
                        "PGBOUNCER_POOL_SIZE=30\nPGBOUNCER_MAX_CLIENT_CONN=400");
    CU_ASSERT_TRUE(settings.has_pgbouncer && settings.pooled.pooler && !settings.postgres.pooler);
    CHECK_STR(settings.pooled.host, "pool");
    CHECK_STR(settings.pooled.dbname, "g");
    CHECK_STR(settings.pool_console.dbname, "pgbouncer");
    CU_ASSERT_TRUE(settings.pool_console.pooler && settings.pool_admin.pooler);
    CHECK_STR(settings.pool_console.user, "pgbouncer_stats");
    CHECK_STR(settings.pool_console.password, "s");
    CU_ASSERT_EQUAL(settings.pool_size, 30);
    CU_ASSERT_EQUAL(settings.pool_max_client_conn, 400);
    make(SANDBOX DIRECT "DATABASE_URL=postgresql://a:b@db:5433/g");
    CU_ASSERT_FALSE(settings.has_pgbouncer); /* the same place: no pool */
    make(SANDBOX DIRECT "DATABASE_URL=postgresql://a:b@db:6432/g");
    CU_ASSERT(settings.has_pgbouncer && settings.pooled.port == 6432);
    make(SANDBOX DIRECT "DATABASE_URL=postgresql://a:b@pool:5433/g");
    CU_ASSERT(settings.has_pgbouncer && settings.pooled.port == 5433);
    make(SANDBOX DIRECT "GOODGO_PGBOUNCER_HOST=p\nPGBOUNCER_ADMIN_PASSWORD=a\n"
                        "PGBOUNCER_POOL_SIZE=0\nPGBOUNCER_MAX_CLIENT_CONN=x");
    CHECK_STR(settings.pooled.host, "p");
    CU_ASSERT_EQUAL(settings.pooled.port, 6432);
    CHECK_STR(settings.pool_console.user, "pgbouncer_admin");
    CHECK_STR(settings.pool_console.password, "a");
    CU_ASSERT_EQUAL(settings.pool_size, 20);
    CU_ASSERT_EQUAL(settings.pool_max_client_conn, 200);
    make(SANDBOX "GOODGO_PGBOUNCER_PORT=7000");
    CHECK_STR(settings.pooled.host, "localhost");
    CU_ASSERT_EQUAL(settings.pooled.port, 7000);
    refused(SANDBOX "GOODGO_PGBOUNCER_PORT=x", "GOODGO_PGBOUNCER_PORT",
            "is not a port from 1 to 65535");
}

TEST(backups_logins_and_poll_rates) {
    config_init(&config);
    config.poll[SERVICE_redis].interval_ms = 700;
    config.drill_warn_age_s = 99;
    config.backup_copies_keep_days = 30;
    CU_ASSERT_TRUE(make_in("BACKUP_DIR=/b\nREPORT_FILE=/b/r.json\nRETENTION_DAYS=3\n"
                           "GRAFANA_ADMIN_USER=admin\nGRAFANA_ADMIN_PASSWORD=x\n"
                           "GOODGO_GRAFANA_TOKEN=t\nTYPESENSE_API_KEY=k",
                           NULL));
    CHECK_STR(settings.backup_dir, "/b");
    CHECK_STR(settings.report_file, "/b/r.json");
    CU_ASSERT_EQUAL(settings.backup_retention_days, 3);
    CU_ASSERT_EQUAL(settings.drill_warn_age_s, 99);
    CU_ASSERT_EQUAL(settings.backup_copies_keep_days, 30);
    CHECK_STR(settings.grafana_user, "admin");
    CHECK_STR(settings.grafana_token, "t");
    CHECK_STR(settings.typesense_key, "k");
    CU_ASSERT_EQUAL(settings.poll[SERVICE_redis].interval_ms, 700);
    make("RETENTION_DAYS=3\nBACKUP_RETENTION_DAYS=14"); /* C33 */
    CU_ASSERT_EQUAL(settings.backup_retention_days, 14);
    arena_done(&arena);
}

TEST(the_state_directory_is_a_whole_path) {
    refused("GOODGO_STATE_DIR=~/state", "GOODGO_STATE_DIR", "is a path that begins with /");
    refused("GOODGO_STATE_DIR=state", "GOODGO_STATE_DIR", "is a path that begins with /");
    make("GOODGO_STATE_DIR=/var/lib/goodgo");
}

SUITE(settings, T(an_empty_dev_env_looks_at_the_runbooks_ports),
      T(outside_dev_only_what_is_named_is_watched),
      T(the_context_comes_from_the_file_then_the_option_then_node_env),
      T(the_context_is_a_name_that_every_screen_and_word_can_show),
      T(placeholders_are_as_good_as_unset), T(the_api_listens_on_port_not_on_api_port),
      T(addresses_are_checked_and_hold_no_secret), T(hosts_are_hosts_alone),
      T(redis_is_made_of_its_parts_before_its_url), T(the_direct_url_wins_over_the_db_names),
      T(the_pool_is_where_the_url_differs_from_the_direct_one), T(backups_logins_and_poll_rates),
      T(the_state_directory_is_a_whole_path))
