/* tests/unit/test_envcheck.c - the env file against the runbook: set, unset, placeholder,
 * contradictory; and never a secret (R107 to R127, the C rows). */
#include "harness.h"

#include <string.h>

#include "app/envcheck.h"
#include "base/str.h"

static struct arena arena;
static struct env env;
static struct env_report report;

static void check_at(const char *text, const struct env_place *place) {
    struct err err;
    arena_done(&arena);
    env_init(&env, &arena);
    CU_ASSERT_TRUE_FATAL(env_parse(&env, ".env", text, strlen(text), &err));
    struct config config;
    config_init(&config);
    envcheck(&report, &arena, &env, &config, place);
}

static void check_mode(const char *text, unsigned mode) {
    check_at(text, &(struct env_place){.path = "/etc/goodgo.env", .mode = mode});
}

static void check_context(const char *text, const char *context, unsigned mode) {
    check_at(text, &(struct env_place){"/etc/goodgo.env", context, mode});
}

static void check(const char *text) {
    check_mode(text, 0600);
}

static const struct env_line *line_of(const char *name) {
    static const struct env_line none = {.state = "(no line)"};
    for (uint32_t i = 0; i < report.n_lines; i++)
        if (!strcmp(report.lines[i].name, name))
            return &report.lines[i];
    return &none;
}

static void says(const char *text, const char *name, const char *state, enum health health) {
    check(text);
    const struct env_line *l = line_of(name);
    if (strcmp(l->state, state) || l->health != health)
        printf("\n    %s is %s, %s\n", name, l->state, health_name(l->health));
    CHECK_STR(l->state, state);
    CU_ASSERT_EQUAL(l->health, health);
    if (health > HEALTH_OK)
        CU_ASSERT_PTR_NOT_NULL(l->note);
}

static void shows(const char *text, const char *name, const char *shown) {
    check(text);
    CHECK_STR(line_of(name)->shown, shown);
}

#define SECRET "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijkl" /* 64 */
#define HEX    "0123456789abcdef0123456789ABCDEF0123456789abcdef0123456789abcdef"
#define GOOD                                                                                       \
    "NODE_ENV=development\nDB_HOST=db\nDB_PORT=5432\nDB_NAME=g\nDB_USER=u\nDB_PASSWORD=secretpw\n" \
    "DATABASE_URL=postgresql://u:secretpw@db:5432/g\n"                                             \
    "DATABASE_URL_DIRECT=postgresql://u:secretpw@db:5432/g\n"                                      \
    "REDIS_HOST=r\nREDIS_PORT=6379\nREDIS_URL=redis://r:6379\nTYPESENSE_HOST=t\n"                  \
    "TYPESENSE_API_KEY=k\nMINIO_ENDPOINT=m\nMINIO_ACCESS_KEY=a\nMINIO_SECRET_KEY=s\n"              \
    "JWT_SECRET=" SECRET "\nJWT_REFRESH_SECRET=x" SECRET "\n"

TEST(a_good_file_has_no_complaint) {
    check(GOOD);
    for (uint32_t i = 0; i < report.n_lines; i++)
        if (report.lines[i].health > HEALTH_OK)
            printf("\n    %s: %s\n", report.lines[i].name, report.lines[i].note);
    CU_ASSERT_EQUAL(report.n_errors, 0);
    CU_ASSERT_EQUAL(report.n_warnings, 0);
    CU_ASSERT_FALSE(report.refused);
    CU_ASSERT_EQUAL(line_of("DB_NAME")->line, 4);
    CHECK_STR(line_of("SENTRY_DSN")->state, "unset");
    CU_ASSERT_EQUAL(line_of("SENTRY_DSN")->health, HEALTH_OFF);
}

TEST(required_names_must_be_set) {
    check("");
    static const char *const all[] = {"DB_PASSWORD",      "DATABASE_URL",      "REDIS_HOST",
                                      "TYPESENSE_HOST",   "TYPESENSE_API_KEY", "MINIO_ENDPOINT",
                                      "MINIO_ACCESS_KEY", "MINIO_SECRET_KEY",  "NODE_ENV",
                                      "JWT_SECRET",       "JWT_REFRESH_SECRET"};
    for (size_t i = 0; i < ARRAY_LEN(all); i++) {
        CU_ASSERT_EQUAL(line_of(all[i])->health, HEALTH_CRITICAL);
        CHECK_STR(line_of(all[i])->note, "required, and not set");
    }
    CU_ASSERT_EQUAL(report.n_errors, ARRAY_LEN(all));
    says("REDIS_HOST=\n", "REDIS_HOST", "unset", HEALTH_CRITICAL); /* C46: empty is unset */
    says("", "KYC_ENCRYPTION_KEY", "unset", HEALTH_OFF);
    says("NODE_ENV=production", "KYC_ENCRYPTION_KEY", "unset", HEALTH_CRITICAL); /* R124 */
    says("GOODGO_CONTEXT=prod", "VNPAY_HASH_SECRET", "unset", HEALTH_CRITICAL);
    says("NODE_ENV=production", "REDIS_PASSWORD", "unset", HEALTH_CRITICAL);
}

TEST(placeholders_are_found_anywhere) {
    says("DB_PASSWORD=CHANGE_ME", "DB_PASSWORD", "placeholder", HEALTH_CRITICAL);
    says("SMTP_PASS=CHANGE_ME", "SMTP_PASS", "placeholder", HEALTH_WARNING);
    says("NODE_ENV=production\nSMTP_PASS=CHANGE_ME", "SMTP_PASS", "placeholder", HEALTH_CRITICAL);
    says("JWT_SECRET=<generate with: openssl rand -base64 48>", "JWT_SECRET", "placeholder",
         HEALTH_CRITICAL);
    says("DB_PASSWORD=CHANGE_ME\nDATABASE_URL=postgresql://u:${DB_PASSWORD}@h/d", "DATABASE_URL",
         "placeholder", HEALTH_CRITICAL);
    CHECK_STR(line_of("DATABASE_URL")->shown, "(placeholder)");
    says("MY_KEY=CHANGE_ME", "MY_KEY", "unknown", HEALTH_OFF);
    says("NODE_ENV=production\nMY_KEY=xCHANGE_MEx", "MY_KEY", "unknown",
         HEALTH_CRITICAL); /* R126 */
}

TEST(keys_are_long_enough) {
    says("JWT_SECRET=short", "JWT_SECRET", "set", HEALTH_WARNING); /* R113 */
    says("NODE_ENV=production\nJWT_SECRET=short", "JWT_SECRET", "set", HEALTH_CRITICAL);
    says("JWT_SECRET=" SECRET, "JWT_SECRET", "set", HEALTH_OK);
    says("JWT_SECRET=" SECRET "==", "JWT_SECRET", "set", HEALTH_OK);
    char shorter[] = "JWT_SECRET=" SECRET;
    shorter[sizeof shorter - 2] = 0; /* of 47 bytes */
    says(shorter, "JWT_SECRET", "set", HEALTH_WARNING);
    says("JWT_SECRET='" SECRET " no base64'", "JWT_SECRET", "set", HEALTH_WARNING);
    says("KYC_ENCRYPTION_KEY=" HEX, "KYC_ENCRYPTION_KEY", "set", HEALTH_OK); /* R124 */
    says("KYC_ENCRYPTION_KEY=" HEX "0", "KYC_ENCRYPTION_KEY", "set", HEALTH_CRITICAL);
    says("KYC_ENCRYPTION_KEY=" SECRET, "KYC_ENCRYPTION_KEY", "set", HEALTH_CRITICAL);
    says("JWT_SECRET=" SECRET "\nJWT_REFRESH_SECRET=" SECRET, "JWT_REFRESH_SECRET", "contradictory",
         HEALTH_WARNING);
}

TEST(numbers_and_ports_are_checked) {
    says("DB_PORT=0", "DB_PORT", "set", HEALTH_CRITICAL);
    says("DB_PORT=1", "DB_PORT", "set", HEALTH_OK);
    says("DB_PORT=65535", "DB_PORT", "set", HEALTH_OK);
    says("DB_PORT=65536", "DB_PORT", "set", HEALTH_CRITICAL);
    says("PGBOUNCER_POOL_SIZE=1", "PGBOUNCER_POOL_SIZE", "set", HEALTH_OK);
    says("SMTP_PORT=1025", "SMTP_PORT", "set", HEALTH_OK);
    says("REDIS_PORT=63790", "REDIS_PORT", "set", HEALTH_OK);
    says("REDIS_PORT=637900", "REDIS_PORT", "set", HEALTH_CRITICAL);
    says("PGBOUNCER_POOL_SIZE=0", "PGBOUNCER_POOL_SIZE", "set", HEALTH_CRITICAL);
    says("RETENTION_DAYS=week", "RETENTION_DAYS", "set", HEALTH_CRITICAL);
    says("NODE_ENV=prod", "NODE_ENV", "contradictory", HEALTH_WARNING);
}

TEST(names_that_contradict_each_other) {
    says("API_PORT=3000\nPORT=3001", "API_PORT", "contradictory", HEALTH_WARNING); /* C1 */
    says("API_PORT=3001\nPORT=3001", "API_PORT", "set", HEALTH_OK);
    says("WEB_PORT=3001\nPORT=3001", "WEB_PORT", "contradictory", HEALTH_WARNING); /* C2 */
    says("WEB_PORT=3000\nPORT=3001", "WEB_PORT", "set", HEALTH_OK);
    says("NEXT_PUBLIC_API_URL=http://localhost:3000\nPORT=3001", "NEXT_PUBLIC_API_URL",
         "contradictory", HEALTH_WARNING);
    says("NEXT_PUBLIC_API_URL=http://localhost:3000\nPORT=300", "NEXT_PUBLIC_API_URL",
         "contradictory", HEALTH_WARNING);
    says("NEXT_PUBLIC_API_URL=http://localhost:3001/v1\nPORT=3001", "NEXT_PUBLIC_API_URL", "set",
         HEALTH_OK);
    says("NEXT_PUBLIC_API_URL=https://api.goodgo.vn\nPORT=3001", "NEXT_PUBLIC_API_URL", "set",
         HEALTH_OK);
    says("RETENTION_DAYS=7\nBACKUP_RETENTION_DAYS=14", "RETENTION_DAYS", "contradictory",
         HEALTH_WARNING);                                                            /* C33 */
    says("GOOGLE_CLIENT_ID=x", "GOOGLE_CLIENT_ID", "contradictory", HEALTH_WARNING); /* R114 */
    says("ZALO_APP_SECRET=x", "ZALO_APP_SECRET", "contradictory", HEALTH_WARNING);
    says("ZALO_APP_SECRET=x\nZALO_APP_ID=y", "ZALO_APP_SECRET", "set", HEALTH_OK);
}

#define DIRECT "DATABASE_URL_DIRECT=postgresql://u:p@db:5432/g"

TEST(addresses_given_twice_must_agree) {
    static const char name[] = "DATABASE_URL_DIRECT";
    says(DIRECT "\nDB_HOST=other", name, "contradictory", HEALTH_WARNING);
    says(DIRECT "\nDB_PORT=5433", name, "contradictory", HEALTH_WARNING);
    says(DIRECT "\nDB_NAME=x", name, "contradictory", HEALTH_WARNING);
    says(DIRECT "\nDB_USER=x", name, "contradictory", HEALTH_WARNING);
    says(DIRECT "\nDB_HOST=db\nDB_PORT=5432\nDB_NAME=g\nDB_USER=u", name, "set", HEALTH_OK);
    says(DIRECT "?pgbouncer=true", name, "contradictory", HEALTH_WARNING); /* C14 */
    says("REDIS_URL=redis://a:1\nREDIS_HOST=a\nREDIS_PORT=2", "REDIS_URL", "contradictory",
         HEALTH_WARNING); /* C12 */
    says("REDIS_URL=redis://a\nREDIS_HOST=b", "REDIS_URL", "contradictory", HEALTH_WARNING);
    says("REDIS_URL=redis://a\nREDIS_HOST=a\nREDIS_PORT=2", "REDIS_URL", "set", HEALTH_OK);
}

TEST(database_urls_are_read_as_the_console_reads_them) {
    says("DATABASE_URL=mysql://h", "DATABASE_URL", "set", HEALTH_CRITICAL);
    CHECK_STR(line_of("DATABASE_URL")->note, "it should begin with postgresql://");
    says("DATABASE_URL=postgresql://h/d?schema=public&connection_limit=5", "DATABASE_URL", "set",
         HEALTH_OK);
    CHECK_STR(line_of("DATABASE_URL")->note,
              "not passed on to the database: schema, connection_limit");
    says("DATABASE_URL=postgresql://h/d?schema=tenant", "DATABASE_URL", "set", HEALTH_WARNING);
    CHECK_STR(line_of("DATABASE_URL")->note,
              "schema=tenant: the console reads the schema public alone");
}

TEST(sandboxes_of_gateways_do_not_belong_into_production) {
    static const char *const urls[] = {"VNPAY_BASE_URL=https://sandbox.vnpayment.vn/x",
                                       "MOMO_ENDPOINT=https://test-payment.momo.vn",
                                       "ZALOPAY_ENDPOINT=https://sb-openapi.zalopay.vn"};
    for (size_t i = 0; i < ARRAY_LEN(urls); i++) {
        char name[40], text[120];
        str_copy(name, strcspn(urls[i], "=") + 1, urls[i]);
        says(urls[i], name, "set", HEALTH_OK);
        snprintf(text, sizeof text, "NODE_ENV=production\n%s", urls[i]);
        says(text, name, "set", HEALTH_WARNING);
    }
    says("NODE_ENV=production\nMOMO_ENDPOINT=https://payment.momo.vn", "MOMO_ENDPOINT", "set",
         HEALTH_OK);
}

TEST(duplicates_and_unknown_names_are_said) {
    says("DB_HOST=a\nDB_HOST=b", "DB_HOST", "set", HEALTH_WARNING);
    CU_ASSERT_EQUAL(line_of("DB_HOST")->line, 2);
    CHECK_STR(line_of("DB_HOST")->shown, "b");
    says("REDIS_PORT=x\nREDIS_PORT=y", "REDIS_PORT", "set", HEALTH_CRITICAL); /* the worse note */
    says("DB_PASWORD=secret", "DB_PASWORD", "unknown", HEALTH_OFF);
    CU_ASSERT_PTR_NULL(line_of("DB_PASWORD")->shown); /* it may be a slip for a secret */
}

TEST(a_value_that_readers_disagree_about_is_said) {
    says("DB_PASSWORD=pass#word", "DB_PASSWORD", "set", HEALTH_WARNING);
    CHECK_HAS(line_of("DB_PASSWORD")->note, "put it in quotes");
    says("DB_PASSWORD='pass#word'", "DB_PASSWORD", "set", HEALTH_OK);
    says("DB_PASSWORD=password # the old one", "DB_PASSWORD", "set", HEALTH_OK);
    says("A=x#y\nDB_PASSWORD=password", "DB_PASSWORD", "set", HEALTH_OK);
    says("DB_PASSWORD=pa$word", "DB_PASSWORD", "set", HEALTH_WARNING);
    CHECK_HAS(line_of("DB_PASSWORD")->note, "which Docker Compose takes for a variable");
    says("DB_PASSWORD=\"pa$word\"", "DB_PASSWORD", "set", HEALTH_WARNING);
    says("DB_PASSWORD='pa$word'", "DB_PASSWORD", "set", HEALTH_OK);
    says("DB_PASSWORD=\"pa\\$word\"", "DB_PASSWORD", "set", HEALTH_OK);
    says("DB_PASSWORD=pa$1$", "DB_PASSWORD", "set", HEALTH_OK);
    says("A=x\nDB_PASSWORD=${A}y", "DB_PASSWORD", "set", HEALTH_OK);
}

TEST(secrets_are_masked_wherever_they_stand) {
    shows("DB_PASSWORD=short", "DB_PASSWORD", "****");
    shows("DB_PASSWORD=a-longer-secret", "DB_PASSWORD", "****cret");
    shows("DB_PASSWORD=elevensigns", "DB_PASSWORD", "****");
    shows("GOODGO_CASSO_KEY=a-longer-secret", "GOODGO_CASSO_KEY", "****cret");
    shows("DATABASE_URL=postgresql://u:topsecret@h:1/d?sslpassword=topsecret", "DATABASE_URL",
          "postgresql://u:****@h:1/d?...");
    shows("DATABASE_URL=postgresql://u:a@b:topsecret@h/d", "DATABASE_URL",
          "postgresql://u:****@h/d");
    shows("DATABASE_URL=postgresql://h/d?password=topsecret", "DATABASE_URL",
          "postgresql://h/d?...");
    shows("DATABASE_URL=topsecret", "DATABASE_URL", "****");
    shows("DATABASE_URL=u@topsecret", "DATABASE_URL", "****");
    shows("REDIS_URL=redis://:topsecret@r", "REDIS_URL", "redis://:****@r");
    shows("REDIS_URL=redis://r:6379", "REDIS_URL", "redis://r:6379");
    /* a password that somebody put where none belongs */
    shows("GOODGO_LOKI_URL=http://me:topsecret@h/", "GOODGO_LOKI_URL", "http://me:****@h/");
    shows("FRONTEND_URL=http://h/?token=topsecret", "FRONTEND_URL", "http://h/?...");
    shows("DB_HOST='a\033[2Jb'", "DB_HOST", "a?[2Jb");
}

TEST(what_the_console_refuses_is_an_error_here_too) {
    says("GOODGO_API_URL=127.0.0.1:3001", "GOODGO_API_URL", "set", HEALTH_CRITICAL);
    CHECK_STR(line_of("GOODGO_API_URL")->note, "should begin with http:// or https://");
    says("REDIS_HOST='local host'", "REDIS_HOST", "set", HEALTH_CRITICAL);
    says("TYPESENSE_HOST=http://t", "TYPESENSE_HOST", "set", HEALTH_CRITICAL);
    says("GOODGO_VNPAY_HASH_TYPE=md4", "GOODGO_VNPAY_HASH_TYPE", "set", HEALTH_CRITICAL);
    /* all of them, not only the first */
    check("GOODGO_LOKI_URL=x\nTYPESENSE_PROTOCOL=ftp\nGOODGO_WEB_URL=http://h/?t=1\n");
    CU_ASSERT_EQUAL(line_of("GOODGO_LOKI_URL")->health, HEALTH_CRITICAL);
    CU_ASSERT_EQUAL(line_of("TYPESENSE_PROTOCOL")->health, HEALTH_CRITICAL);
    CU_ASSERT_EQUAL(line_of("GOODGO_WEB_URL")->health, HEALTH_CRITICAL);
    says("MINIO_USE_SSL=1", "MINIO_USE_SSL", "set", HEALTH_WARNING);
    says("MINIO_USE_SSL=true", "MINIO_USE_SSL", "set", HEALTH_OK);
}

TEST(a_file_that_others_may_read_is_said_and_in_production_refused) {
    check_mode(GOOD, 0640);
    CU_ASSERT_EQUAL(report.n_warnings, 1);
    CU_ASSERT_FALSE(report.refused);
    CHECK_STR(line_of("(file)")->note,
              "others may read it, and it holds secrets: chmod 600 /etc/goodgo.env");
    check_mode("NODE_ENV=production", 0604);
    CU_ASSERT_TRUE(report.refused);
    CU_ASSERT_EQUAL(line_of("(file)")->health, HEALTH_CRITICAL);
    check_mode("NODE_ENV=production", 0700);
    CU_ASSERT_FALSE(report.refused);
    arena_done(&arena);
}

TEST(a_context_that_is_called_prod_is_production_here_too) {
    check_context("NODE_ENV=development\nSMTP_PASS=CHANGE_ME", "prod-eu", 0644);
    CU_ASSERT_EQUAL(line_of("SMTP_PASS")->health, HEALTH_CRITICAL);
    CU_ASSERT_TRUE(report.refused);
    check_context("SMTP_PASS=CHANGE_ME", "staging", 0644);
    CU_ASSERT_EQUAL(line_of("SMTP_PASS")->health, HEALTH_WARNING);
    CU_ASSERT_FALSE(report.refused);
    /* the name in the file wins, as it does on the screen */
    check_context("GOODGO_CONTEXT=staging\nSMTP_PASS=CHANGE_ME", "prod", 0600);
    CU_ASSERT_EQUAL(line_of("SMTP_PASS")->health, HEALTH_WARNING);
    arena_done(&arena);
}

TEST(a_context_that_calls_itself_otherwise_is_said) {
    check_context("GOODGO_CONTEXT=prod", "staging", 0600);
    CHECK_STR(line_of("GOODGO_CONTEXT")->state, "contradictory");
    CU_ASSERT_EQUAL(line_of("GOODGO_CONTEXT")->health, HEALTH_WARNING);
    CHECK_HAS(line_of("GOODGO_CONTEXT")->note, "is not the name of its file, staging");
    check_context("GOODGO_CONTEXT=prod", "prod", 0600);
    CHECK_STR(line_of("GOODGO_CONTEXT")->state, "set");
    check("GOODGO_CONTEXT=prod");
    CHECK_STR(line_of("GOODGO_CONTEXT")->state, "set");
    arena_done(&arena);
}

SUITE(envcheck, T(a_good_file_has_no_complaint), T(required_names_must_be_set),
      T(placeholders_are_found_anywhere), T(keys_are_long_enough), T(numbers_and_ports_are_checked),
      T(names_that_contradict_each_other), T(addresses_given_twice_must_agree),
      T(database_urls_are_read_as_the_console_reads_them),
      T(sandboxes_of_gateways_do_not_belong_into_production),
      T(duplicates_and_unknown_names_are_said), T(a_value_that_readers_disagree_about_is_said),
      T(secrets_are_masked_wherever_they_stand), T(what_the_console_refuses_is_an_error_here_too),
      T(a_file_that_others_may_read_is_said_and_in_production_refused),
      T(a_context_that_is_called_prod_is_production_here_too),
      T(a_context_that_calls_itself_otherwise_is_said))
