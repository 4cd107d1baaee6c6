/* codec/settings.h - the platform as the .env and the console's config describe it, resolved and
 * typed. Made by app/config; read by probes. Strings are NULL when not set; memory belongs to the
 * maker and outlives every user. */
#ifndef GOODGO_CODEC_SETTINGS_H
#define GOODGO_CODEC_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>
#include "model/service.h"
#include "wire/exchange.h"

enum profile { PROFILE_DEV, PROFILE_PROD, PROFILE_CI };

/* How one service is asked; 0 = the probe's own default (the runbook's). */
struct poll_settings {
    uint32_t interval_ms, timeout_ms, retries;
};

/* The credentials of one payment provider, as they are or as they once were. */
#define PAY_MAX_SETTINGS 8
struct pay_account {
    const char *provider;                 /* its id */
    const char *name;                     /* "current", "history 1"; for people */
    int64_t from_wall_s, until_wall_s;    /* of one that is no longer used; until = 0: in use */
    const char *values[PAY_MAX_SETTINGS]; /* in the order of its pay_provider.settings */
};

/* How far one replay of payments may go. */
#define REPLAY_MOST_EVER 50
struct replay_settings {
    uint32_t most, max_age_s, pause_ms;
};

/* How a day is closed (act/reconcile.h); the lines as statement_layout_parse() reads them. */
struct layout_line {
    const char *line, *where;
    bool gateway;
};
struct recon_settings {
    const struct layout_line *layouts;
    uint32_t n_layouts, window_days, settle_days;
    const char *reference_prefix; /* NULL = not known */
};

struct settings {
    const char *context;
    enum profile profile;
    bool production;
    /* URLs without a trailing slash */
    const char *api_url, *web_url, *ai_url, *typesense_url, *minio_url;
    const char *prometheus_url, *alertmanager_url, *loki_url, *promtail_url, *grafana_url;
    const char *urls[SERVICE_COUNT]; /* of probes with an own_url; NULL = not set */
    const char *typesense_key;
    const char *minio_access_key, *minio_secret_key, *minio_bucket;
    const char *grafana_token, *grafana_user, *grafana_password;
    bool has_postgres, has_pgbouncer, has_redis;
    struct pg_target postgres;     /* direct: no pooler; the three below are one */
    struct pg_target pooled;       /* the application database through PgBouncer */
    struct pg_target pool_console; /* dbname pgbouncer, stats user else admin */
    struct pg_target pool_admin;   /* the same as pgbouncer_admin; password NULL = not known */
    uint32_t pool_size, pool_max_client_conn;
    struct redis_target redis;
    const char *admin_user; /* GOODGO_ADMIN_USER: id or email of the console's user in "User" */
    const char *backup_dir, *report_file;
    const char *backup_bucket; /* of minio_url: copies of backups */
    bool skip_cleanup;         /* SKIP_CLEANUP=1: a drill keeps its database */
    uint32_t backup_retention_days;
    uint32_t backup_copies_keep_days; /* 0 = for ever */
    uint32_t backup_warn_age_s, backup_critical_age_s, drill_warn_age_s;
    uint32_t second_person_tier; /* acts from this tier on want two people; 0 = none does */
    uint32_t second_person_wait_s;
    const char *second_person_group; /* NULL = anybody else */
    struct poll_settings poll[SERVICE_COUNT];
    const struct pay_account *pay_accounts; /* per provider the current one before the older ones */
    uint32_t n_pay_accounts;
    struct replay_settings replay;
    struct recon_settings recon;
    uint32_t timeout_ms; /* --timeout; 0 = per probe */
};

#endif
