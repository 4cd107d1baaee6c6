/* tests/unit/test_probe_judged.c - from figures to findings, over all probes: which figure says
 * what, how bad it is, and what the line in words is. */
#include "harness.h"

#include <stdlib.h>

#include "tests/probe_harness.h"

static const struct settings dev = {.typesense_key = "k",
                                    .minio_access_key = "a",
                                    .minio_secret_key = "s",
                                    .pool_size = 20,
                                    .pool_max_client_conn = 100,
                                    .redis = {.password = "p"}};
static const struct settings aged = {.production = true,
                                     .backup_warn_age_s = 1000,
                                     .backup_critical_age_s = 2000,
                                     .drill_warn_age_s = 3000};
static const struct settings prod = {.production = true, .redis = {.password = "p"}};

/* "name=value ..." into metrics; a value that is no number is a text. */
static void set_metrics(struct probe_bench *b, struct reading *r, const char *list) {
    while (*list) {
        size_t n = strcspn(list, " "), name_n = strcspn(list, "=");
        const char *name = arena_strndup(&b->arena, list, name_n);
        const char *value = arena_strndup(&b->arena, list + name_n + 1, n - name_n - 1);
        char *end;
        double d = strtod(value, &end);
        if (*end)
            reading_textz(r, name, value);
        else if (d == (double)(int64_t)d)
            reading_int(r, name, UNIT_COUNT, (int64_t)d);
        else
            reading_real(r, name, UNIT_NONE, d);
        list += n + (list[n] == ' ');
    }
}

static const struct judged {
    enum service service;
    const struct settings *settings;
    const char *now, *before; /* before: the metrics of ten seconds ago */
    const char *code;         /* the finding; NULL = none */
    enum health health;
} rows[] = {
    {SERVICE_api, &dev, "live=1 live_ms=2", "", NULL, HEALTH_OK},
    {SERVICE_api, &dev, "live=0", "", "not_live", HEALTH_CRITICAL},
    {SERVICE_api, &dev, "live=1 live_ms=2001", "", "slow", HEALTH_WARNING},
    {SERVICE_api, &dev, "ready=0", "", "not_ready", HEALTH_CRITICAL},
    {SERVICE_api, &dev, "ready=0 db=0", "", "database_down", HEALTH_CRITICAL},
    {SERVICE_api, &dev, "ready=0 redis=0", "", "redis_down", HEALTH_WARNING},
    {SERVICE_web, &dev, "load_ms=3001 page_bytes=5", "", "slow", HEALTH_WARNING},
    {SERVICE_web, &dev, "load_ms=9.5", "", NULL, HEALTH_OK},
    {SERVICE_ai_services, &dev, "live=0 says=loading", "", "not_healthy", HEALTH_WARNING},
    {SERVICE_ai_services, &dev, "live=0", "", "not_healthy", HEALTH_WARNING},
    {SERVICE_postgres, &dev, "connections_pct=81", "", "connections", HEALTH_WARNING},
    {SERVICE_postgres, &dev, "longest_wait_s=11", "", "blocked", HEALTH_WARNING},
    {SERVICE_postgres, &dev, "longest_wait_s=61", "", "blocked", HEALTH_CRITICAL},
    {SERVICE_postgres, &dev, "checksum_failures=1", "", "checksums", HEALTH_WARNING},
    {SERVICE_postgres, &dev, "in_recovery=1", "", "in_recovery", HEALTH_WARNING},
    {SERVICE_postgres, &dev, "hit_pct=50 blks_read=20000", "blks_read=0", "cache_hit",
     HEALTH_WARNING},
    {SERVICE_postgres, &dev, "hit_pct=50 blks_read=20000", "", NULL, HEALTH_OK},
    {SERVICE_pgbouncer, &dev, "maxwait_s=6", "", "maxwait", HEALTH_CRITICAL},
    {SERVICE_pgbouncer, &dev, "cl_waiting=3", "cl_waiting=1", "pool_waiting", HEALTH_WARNING},
    {SERVICE_pgbouncer, &dev, "cl_waiting=3", "cl_waiting=0", NULL, HEALTH_OK},
    {SERVICE_pgbouncer, &dev, "cl_active=81", "", "clients", HEALTH_WARNING},
    {SERVICE_pgbouncer, &dev, "cl_active=100", "", "clients", HEALTH_CRITICAL},
    {SERVICE_pgbouncer, &prod, "cl_active=100", "", NULL, HEALTH_OK}, /* 200 unless told */
    {SERVICE_pgbouncer, &dev, "cl_active=20 cl_waiting=61", "", "clients", HEALTH_WARNING},
    {SERVICE_pgbouncer, &dev, "cl_active=20 cl_waiting=80", "", "clients", HEALTH_CRITICAL},
    {SERVICE_pgbouncer, &dev, "paused=1", "", "paused", HEALTH_CRITICAL},
    {SERVICE_redis, &dev, "maxmemory=0", "", "no_limit", HEALTH_WARNING},
    {SERVICE_redis, &dev, "rejected=15", "rejected=5", "rejected", HEALTH_OK},
    {SERVICE_redis, &dev, "rejected_per_s=1", "", "rejected", HEALTH_WARNING},
    {SERVICE_redis, &dev, "evicted_per_s=2", "", "evictions", HEALTH_WARNING},
    {SERVICE_redis, &dev, "evicted=2", "", "evicted_before", HEALTH_OK},
    {SERVICE_redis, &dev, "aof_ok=0", "", "aof", HEALTH_CRITICAL},
    {SERVICE_redis, &dev, "aof_rewrite_ok=0", "", "aof_rewrite", HEALTH_WARNING},
    {SERVICE_redis, &dev, "rdb_ok=0", "", "rdb", HEALTH_WARNING},
    {SERVICE_redis, &dev, "aof_enabled=0", "", NULL, HEALTH_OK},
    {SERVICE_redis, &prod, "aof_enabled=0", "", "aof_off", HEALTH_WARNING},
    {SERVICE_redis, &dev, "loading=1", "", "loading", HEALTH_WARNING},
    {SERVICE_redis, &dev, "role=slave", "", "replica", HEALTH_WARNING},
    {SERVICE_redis, &dev, "master_link=down", "", "master_link", HEALTH_CRITICAL},
    {SERVICE_redis, &dev, "policy=noeviction used_pct=99", "", "memory", HEALTH_CRITICAL},
    {SERVICE_redis, &dev, "policy=noeviction used_pct=95", "", "memory", HEALTH_WARNING},
    {SERVICE_redis, &dev, "policy=allkeys-lru used_pct=99", "", NULL, HEALTH_OK},
    {SERVICE_typesense, &dev, "ok=0", "", "not_ok", HEALTH_CRITICAL},
    {SERVICE_typesense, &prod, "ok=1", "", "no_key", HEALTH_WARNING},
    {SERVICE_typesense, &dev, "disk_used_pct=91", "", "disk", HEALTH_WARNING},
    {SERVICE_typesense, &dev, "disk_used_pct=96", "", "disk", HEALTH_CRITICAL},
    {SERVICE_typesense, &dev, "queued_writes=501", "", "write_lag", HEALTH_WARNING},
    {SERVICE_typesense, &dev, "pending_write_batches=501", "", "write_lag", HEALTH_WARNING},
    {SERVICE_typesense, &dev, "state=CANDIDATE", "", "state", HEALTH_WARNING},
    {SERVICE_typesense, &dev, "state=FOLLOWER", "", NULL, HEALTH_OK},
    {SERVICE_minio, &prod, "live=1", "", "no_key", HEALTH_OK},
    {SERVICE_minio, &dev, "ready=0", "", "not_ready", HEALTH_CRITICAL},
    {SERVICE_minio, &dev, "ready=1 cluster=0", "", "no_quorum", HEALTH_CRITICAL},
    {SERVICE_loki, &dev, "labels=0", "", "no_labels", HEALTH_WARNING},
    {SERVICE_promtail, &dev, "dropped_entries=50", "dropped_entries=0", "dropping", HEALTH_WARNING},
    {SERVICE_promtail, &dev, "dropped_entries=50", "dropped_entries=50", NULL, HEALTH_OK},
    {SERVICE_promtail, &dev, "lag_bytes=11000000", "", "lag", HEALTH_WARNING},
    {SERVICE_promtail, &dev, "targets_active=0", "", "no_targets", HEALTH_WARNING},
    {SERVICE_prometheus, &dev, "p99_s=1.5", "", "p99_high", HEALTH_WARNING},
    {SERVICE_prometheus, &dev, "p99_s=3.5", "", "p99_high", HEALTH_CRITICAL},
    {SERVICE_prometheus, &dev, "error_pct=1.5", "", "errors_high", HEALTH_WARNING},
    {SERVICE_grafana, &dev, "database=failing version=10", "", "database", HEALTH_CRITICAL},
    {SERVICE_grafana, &dev, "database=ok", "login_refused=1", "auth", HEALTH_WARNING},
    {SERVICE_pg_backup, &prod, "newest_age_s=60 last_proof_age_s=60", "", NULL, HEALTH_OK},
    {SERVICE_pg_backup, &prod, "newest_age_s=60 last_proof_age_s=700000", "", "proof_old",
     HEALTH_WARNING},
};

static enum health judged(struct probe_bench *b, const struct judged *row) {
    bench_init(b, probes[row->service], row->settings);
    b->previous->has_reading = true;
    b->previous->taken_mono_ms = b->run.now_mono_ms - 10000;
    set_metrics(b, &b->reading, row->now);
    set_metrics(b, &b->previous->reading, row->before);
    return bench_judge(b);
}

TEST(each_figure_says_what_it_means) {
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct judged *row = &rows[i];
        struct probe_bench b;
        enum health health = judged(&b, row);
        bool said = row->code && bench_finding(&b, row->code);
        bool odd = row->code && !strcmp(row->code, "rejected") && row->health == HEALTH_OK;
        if (health != row->health || (row->code && !said && !odd))
            printf("\n    %s with %s is %s, %s: %s\n", b.probe->title, row->now,
                   health_name(health), row->code ? row->code : "", b.verdict.summary.s);
        CU_ASSERT_EQUAL(health, row->health);
        CU_ASSERT_TRUE(!row->code || said || odd);
        CU_ASSERT_TRUE(b.verdict.summary.cols > 0 && b.verdict.summary.cols <= 60);
        CU_ASSERT_TRUE(bench_is_clean(&b, true));
        bench_done(&b);
    }
}

/* A limit is what is still allowed: one step over it the row above or below begins. */
TEST(at_its_limit_a_figure_is_as_it_was_below_it) {
    static const struct judged at[] = {
        {SERVICE_api, &dev, "live=1 live_ms=2000", "", NULL, HEALTH_OK},
        {SERVICE_web, &dev, "load_ms=3000", "", NULL, HEALTH_OK},
        {SERVICE_postgres, &dev, "connections_pct=80", "", NULL, HEALTH_OK},
        {SERVICE_postgres, &dev, "connections_pct=95", "", NULL, HEALTH_WARNING},
        {SERVICE_postgres, &dev, "longest_wait_s=10", "", NULL, HEALTH_OK},
        {SERVICE_postgres, &dev, "longest_wait_s=60", "", NULL, HEALTH_WARNING},
        {SERVICE_postgres, &dev, "oldest_idle_in_tx_s=300", "", NULL, HEALTH_OK},
        {SERVICE_postgres, &dev, "oldest_idle_in_tx_s=3600", "", NULL, HEALTH_WARNING},
        {SERVICE_postgres, &dev, "oldest_idle_in_tx_s=3601", "", NULL, HEALTH_CRITICAL},
        {SERVICE_postgres, &dev, "longest_xact_s=600", "", NULL, HEALTH_OK},
        {SERVICE_postgres, &dev, "longest_xact_s=601", "", NULL, HEALTH_WARNING},
        {SERVICE_postgres, &dev, "oldest_prepared_s=600", "", NULL, HEALTH_OK},
        {SERVICE_postgres, &dev, "oldest_prepared_s=601", "", NULL, HEALTH_WARNING},
        {SERVICE_postgres, &dev, "replay_lag_s=60", "", NULL, HEALTH_OK},
        {SERVICE_postgres, &dev, "replay_lag_s=600", "", NULL, HEALTH_WARNING},
        {SERVICE_postgres, &dev, "replay_lag_s=601", "", NULL, HEALTH_CRITICAL},
        {SERVICE_postgres, &dev, "migrations_failed=0 migrations_pending=0", "", NULL, HEALTH_OK},
        {SERVICE_postgres, &dev, "migrations_pending=1", "", NULL, HEALTH_WARNING},
        {SERVICE_postgres, &dev, "migrations_failed=1", "", NULL, HEALTH_CRITICAL},
        {SERVICE_postgres, &dev, "hit_pct=90 blks_read=20000", "blks_read=0", NULL, HEALTH_OK},
        {SERVICE_postgres, &dev, "hit_pct=50 blks_read=10000", "blks_read=0", NULL, HEALTH_OK},
        {SERVICE_pgbouncer, &dev, "maxwait_s=5", "", NULL, HEALTH_OK},
        {SERVICE_pgbouncer, &dev, "cl_active=80", "", NULL, HEALTH_OK},
        {SERVICE_redis, &dev, "policy=noeviction used_pct=90", "", NULL, HEALTH_WARNING},
        {SERVICE_redis, &dev, "policy=noeviction used_pct=98", "", NULL, HEALTH_WARNING},
        {SERVICE_redis, &dev, "evicted_per_s=0 evicted=0 rejected_per_s=0", "", NULL, HEALTH_OK},
        {SERVICE_typesense, &dev, "disk_used_pct=90", "", NULL, HEALTH_OK},
        {SERVICE_typesense, &dev, "disk_used_pct=95", "", NULL, HEALTH_WARNING},
        {SERVICE_typesense, &dev, "queued_writes=500 pending_write_batches=500", "", NULL,
         HEALTH_OK},
        {SERVICE_promtail, &dev, "lag_bytes=10485760", "", NULL, HEALTH_OK},
        {SERVICE_prometheus, &dev, "p99_s=1", "", NULL, HEALTH_OK},
        {SERVICE_prometheus, &dev, "p99_s=3", "", NULL, HEALTH_WARNING},
        {SERVICE_prometheus, &dev, "error_pct=1", "", NULL, HEALTH_OK},
        {SERVICE_pg_backup, &aged, "newest_age_s=1000 last_proof_age_s=3000", "", NULL, HEALTH_OK},
        {SERVICE_pg_backup, &aged, "newest_age_s=1001 last_proof_age_s=1", "", NULL,
         HEALTH_WARNING},
        {SERVICE_pg_backup, &aged, "newest_age_s=2000 last_proof_age_s=1", "", NULL,
         HEALTH_WARNING},
        {SERVICE_pg_backup, &aged, "newest_age_s=2001 last_proof_age_s=1", "", NULL,
         HEALTH_CRITICAL},
        {SERVICE_pg_backup, &aged, "newest_age_s=1 last_proof_age_s=3001", "", NULL,
         HEALTH_WARNING},
        {SERVICE_pg_backup, &aged, "newest_age_s=-600 last_proof_age_s=1", "", NULL, HEALTH_OK},
        {SERVICE_pg_backup, &aged, "newest_age_s=-601 last_proof_age_s=1", "", NULL,
         HEALTH_WARNING},
    };
    for (size_t i = 0; i < ARRAY_LEN(at); i++) {
        struct probe_bench b;
        enum health health = judged(&b, &at[i]);
        if (health != at[i].health)
            printf("\n    %s with %s is %s\n", b.probe->title, at[i].now, health_name(health));
        CU_ASSERT_EQUAL(health, at[i].health);
        bench_done(&b);
    }
}

TEST(the_worst_finding_is_the_line_in_words) {
    struct probe_bench b;
    bench_init(&b, probes[SERVICE_redis], &dev);
    set_metrics(&b, &b.reading, "evicted_per_s=2 aof_ok=0 rdb_ok=0");
    CU_ASSERT_EQUAL(bench_judge(&b), HEALTH_CRITICAL);
    CHECK_STR(b.verdict.summary.s, "writing the append-only file failed: writes are refused");
    bench_done(&b);
}

/* All that a context may name, with secrets that must not get into a shell line. */
static const struct settings full = {
    .api_url = "http://a",
    .web_url = "http://w",
    .ai_url = "http://i",
    .typesense_url = "http://t",
    .minio_url = "http://m",
    .prometheus_url = "http://p",
    .loki_url = "http://l",
    .promtail_url = "http://q",
    .grafana_url = "http://g",
    .typesense_key = "S3CRET",
    .minio_access_key = "S3CRET",
    .minio_secret_key = "S3CRET",
    .minio_bucket = "b",
    .grafana_token = "S3CRET",
    .grafana_password = "S3CRET",
    .has_postgres = true,
    .has_pgbouncer = true,
    .has_redis = true,
    .postgres = {.host = "db", .port = 5432, .dbname = "goodgo", .user = "u", .password = "S3CRET"},
    .pooled = {.host = "db",
               .port = 6432,
               .dbname = "goodgo",
               .user = "u",
               .password = "S3CRET",
               .pooler = true},
    .pool_console = {.host = "db",
                     .port = 6432,
                     .dbname = "pgbouncer",
                     .user = "u",
                     .password = "S3CRET",
                     .pooler = true},
    .redis = {"r", 6379, "u", "S3CRET"},
    .backup_dir = "/backups",
};

/* A table that is read by a question of its own shows that one. */
static const struct pane_of {
    enum service service;
    const char *table, *words;
} panes[] = {
    {SERVICE_postgres, "blocking", "pg_blocking_pids"},
    {SERVICE_postgres, "settings", "pg_settings"},
    {SERVICE_postgres, "tables", "pg_stat_user_tables"},
    {SERVICE_postgres, "migrations", "_prisma_migrations"},
    {SERVICE_postgres, "sessions", "pg_stat_activity"},
    {SERVICE_pgbouncer, "config", "SHOW CONFIG"},
    {SERVICE_pgbouncer, "pools", "SHOW POOLS"},
    {SERVICE_redis, "slowlog", "SLOWLOG GET"},
    {SERVICE_redis, "prefixes", "--scan"},
    {SERVICE_typesense, "status_drift", "facet_by=status"},
    {SERVICE_minio, "prefixes", "list-type=2"},
    {SERVICE_minio, "buckets", " http://m/"},
    {SERVICE_loki, "lines", "query_range"},
    {SERVICE_prometheus, "rules", "/api/v1/rules"},
    {SERVICE_prometheus, "targets", "/api/v1/targets"},
    {SERVICE_COUNT, NULL, NULL},
};

TEST(each_probe_knows_what_it_needs_and_how_to_ask_by_hand) {
    for (int i = 0; i < SERVICE_COUNT; i++) {
        static const struct settings none;
        const struct probe *p = probes[i];
        const char *why = NULL;
        char line[600];
        CU_ASSERT_FALSE(p->configured(&none, &why));
        CU_ASSERT_PTR_NOT_NULL(why);
        CU_ASSERT_TRUE(p->configured(&full, &why));
        CU_ASSERT_PTR_NOT_NULL(p->endpoint_name);
        bench_shell(p, &full, "", line, sizeof line);
        CU_ASSERT_PTR_NULL(strstr(line, "S3CRET"));
        CU_ASSERT_TRUE(strlen(line) > 10 && strlen(line) < 500);
        for (const struct pane_of *pane = panes; pane->table; pane++) {
            if (pane->service != (enum service)i)
                continue;
            char own[600];
            bench_shell(p, &full, pane->table, own, sizeof own);
            CU_ASSERT_PTR_NOT_NULL(strstr(own, pane->words));
            CU_ASSERT_PTR_NULL(strstr(own, "S3CRET"));
            CU_ASSERT_TRUE(strlen(own) < 500);
        }
        bench_shell(p, &none, "", line,
                    sizeof line); /* and with nothing set it says nothing wrong */
        CU_ASSERT_PTR_NULL(strstr(line, "(null)"));
    }
}

/* Whoever names a database or a directory must not have a command run by who pastes the line. */
TEST(no_name_gets_out_of_its_word) {
    static const char name[] = "a'; touch /tmp/x; $(id) `id`";
    const struct settings odd = {
        .api_url = name,
        .web_url = name,
        .ai_url = name,
        .typesense_url = name,
        .minio_url = name,
        .minio_bucket = name,
        .prometheus_url = name,
        .loki_url = name,
        .promtail_url = name,
        .grafana_url = name,
        .postgres = {.host = name, .port = 5432, .dbname = name, .user = name},
        .pool_console = {.host = name, .port = 6432, .dbname = name, .user = name, .pooler = true},
        .redis = {name, 6379, name, NULL},
        .backup_dir = name};
    for (int i = 0; i < SERVICE_COUNT; i++) {
        char line[1000];
        bench_shell(probes[i], &odd, "", line, sizeof line);
        CU_ASSERT_PTR_NULL(strstr(line, name));
        CU_ASSERT_PTR_NOT_NULL(strstr(line, "'a'\\''; touch /tmp/x; $(id) `id`"));
    }
}

/* An essential stage's failure is told by its error alone. */
TEST(words_for_a_stage_are_of_one_that_may_fail_alone) {
    for (int i = 0; i < SERVICE_COUNT; i++) {
        const struct probe *p = probes[i];
        for (const struct stage_words *w = p->stage_words; w && w->stage; w++) {
            uint32_t k = 0;
            while (k < p->n_stages && strcmp(p->stages[k].name, w->stage) != 0)
                k++;
            CU_ASSERT_TRUE(k < p->n_stages && !p->stages[k].essential);
        }
    }
    CHECK_STR(probes[SERVICE_pgbouncer]->stage_words[0].stage, "select1");
}

SUITE(probe_judged, T(words_for_a_stage_are_of_one_that_may_fail_alone),
      T(no_name_gets_out_of_its_word), T(each_figure_says_what_it_means),
      T(at_its_limit_a_figure_is_as_it_was_below_it), T(the_worst_finding_is_the_line_in_words),
      T(each_probe_knows_what_it_needs_and_how_to_ask_by_hand))
