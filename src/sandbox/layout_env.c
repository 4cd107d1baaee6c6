/* sandbox/layout_env.c - DIR/.env: what the platform's programs and the console read, a part for
 * each service there is. */
#include "layout_priv.h"

#include <fcntl.h>
#include <stdio.h>

static void env_database(FILE *f, const struct sandbox *sb) {
    const struct platform *p = &sb->p;
    unsigned pooled = p->port[SB_PGBOUNCER] ? p->port[SB_PGBOUNCER] : p->port[SB_POSTGRES];
    fprintf(f,
            "\n# database\nDB_HOST=127.0.0.1\nDB_PORT=%u\nDB_NAME=%s\nDB_USER=%s\nDB_PASSWORD=%s\n",
            (unsigned)p->port[SB_POSTGRES], p->db_name, p->db_user, p->db_password);
    fprintf(f, "DATABASE_URL=postgresql://%s:%s@127.0.0.1:%u/%s?schema=public%s\n", p->db_user,
            p->db_password, pooled, p->db_name, p->port[SB_PGBOUNCER] ? "&pgbouncer=true" : "");
    fprintf(f, "DATABASE_URL_DIRECT=postgresql://%s:%s@127.0.0.1:%u/%s?schema=public\n", p->db_user,
            p->db_password, (unsigned)p->port[SB_POSTGRES], p->db_name);
    fprintf(f, "BACKUP_DIR=%s/backups\nBACKUP_RETENTION_DAYS=7\nRETENTION_DAYS=7\n", p->dir);
    fprintf(f, "REPORT_FILE=%s/backups/verify-report.json\n", p->dir);
}

static void env_pgbouncer(FILE *f, const struct sandbox *sb) {
    const struct platform *p = &sb->p;
    if (!p->port[SB_POSTGRES]) { /* else the database's own lines hold them */
        fprintf(f, "\n# database\nDB_NAME=%s\nDB_USER=%s\nDB_PASSWORD=%s\n", p->db_name, p->db_user,
                p->db_password);
        fprintf(f, "DATABASE_URL=postgresql://%s:%s@127.0.0.1:%u/%s?schema=public&pgbouncer=true\n",
                p->db_user, p->db_password, (unsigned)p->port[SB_PGBOUNCER], p->db_name);
    }
    fprintf(f,
            "\n# pooling\nPGBOUNCER_POOL_SIZE=20\nPGBOUNCER_MAX_CLIENT_CONN=200\n"
            "PGBOUNCER_ADMIN_PASSWORD=%s\nPGBOUNCER_STATS_PASSWORD=%s\n"
            "GOODGO_PGBOUNCER_HOST=127.0.0.1\nGOODGO_PGBOUNCER_PORT=%u\n",
            p->pgbouncer_admin_password, p->pgbouncer_stats_password,
            (unsigned)p->port[SB_PGBOUNCER]);
}

static void env_redis(FILE *f, const struct sandbox *sb) {
    const struct platform *p = &sb->p;
    fprintf(f,
            "\n# cache\nREDIS_HOST=127.0.0.1\nREDIS_PORT=%u\nREDIS_PASSWORD=%s\n"
            "REDIS_URL=redis://:%s@127.0.0.1:%u\n",
            (unsigned)p->port[SB_REDIS], p->redis_password, p->redis_password,
            (unsigned)p->port[SB_REDIS]);
}

static void env_typesense(FILE *f, const struct sandbox *sb) {
    fprintf(f,
            "\n# search\nTYPESENSE_HOST=127.0.0.1\nTYPESENSE_PORT=%u\nTYPESENSE_PROTOCOL=http\n"
            "TYPESENSE_API_KEY=%s\n",
            (unsigned)sb->p.port[SB_TYPESENSE], sb->p.typesense_api_key);
}

static void env_minio(FILE *f, const struct sandbox *sb) {
    const struct platform *p = &sb->p;
    fprintf(f,
            "\n# objects\nMINIO_ENDPOINT=127.0.0.1\nMINIO_PORT=%u\nMINIO_CONSOLE_PORT=%u\n"
            "MINIO_ACCESS_KEY=%s\nMINIO_SECRET_KEY=%s\nMINIO_BUCKET=%s\nMINIO_USE_SSL=false\n",
            (unsigned)p->port[SB_MINIO], (unsigned)p->minio_console_port, p->minio_access_key,
            p->minio_secret_key, p->minio_bucket);
}

static void env_api(FILE *f, const struct sandbox *sb) {
    unsigned port = sb->p.port[SB_API];
    fprintf(f,
            "\n# api\nAPI_PORT=%u\nPORT=%u\nGOODGO_API_URL=http://127.0.0.1:%u\n"
            "NEXT_PUBLIC_API_URL=http://127.0.0.1:%u\n"
            "GOOGLE_CALLBACK_URL=http://127.0.0.1:%u/auth/google/callback\n"
            "ZALO_CALLBACK_URL=http://127.0.0.1:%u/auth/zalo/callback\n",
            port, port, port, port, port, port);
}

static void env_web(FILE *f, const struct sandbox *sb) {
    unsigned port = sb->p.port[SB_WEB];
    fprintf(f,
            "\n# web\nWEB_PORT=%u\nGOODGO_WEB_URL=http://127.0.0.1:%u\n"
            "FRONTEND_URL=http://127.0.0.1:%u\nCORS_ORIGINS=http://127.0.0.1:%u\n",
            port, port, port, port);
}

static void env_ai(FILE *f, const struct sandbox *sb) {
    unsigned port = sb->p.port[SB_AI];
    fprintf(f,
            "\n# ai-services\nAI_SERVICE_PORT=%u\nAI_SERVICE_URL=http://127.0.0.1:%u\n"
            "AI_DEBUG=false\nAI_LOG_LEVEL=info\n",
            port, port);
}

static void env_url(FILE *f, const struct sandbox *sb, int service, const char *name) {
    fprintf(f, "\n# %s\n%s=http://127.0.0.1:%u\n", sandbox_service_names[service], name,
            (unsigned)sb->p.port[service]);
}

static void env_loki(FILE *f, const struct sandbox *sb) {
    env_url(f, sb, SB_LOKI, "GOODGO_LOKI_URL");
}

static void env_promtail(FILE *f, const struct sandbox *sb) {
    env_url(f, sb, SB_PROMTAIL, "GOODGO_PROMTAIL_URL");
}

static void env_prometheus(FILE *f, const struct sandbox *sb) {
    env_url(f, sb, SB_PROMETHEUS, "GOODGO_PROMETHEUS_URL");
}

static void env_alertmanager(FILE *f, const struct sandbox *sb) {
    env_url(f, sb, SB_ALERTMANAGER, "GOODGO_ALERTMANAGER_URL");
}

static void env_grafana(FILE *f, const struct sandbox *sb) {
    const struct platform *p = &sb->p;
    env_url(f, sb, SB_GRAFANA, "GOODGO_GRAFANA_URL");
    fprintf(f,
            "GRAFANA_PORT=%u\nGRAFANA_ADMIN_USER=%s\nGRAFANA_ADMIN_PASSWORD=%s\n"
            "GOODGO_GRAFANA_TOKEN=%s\n",
            (unsigned)p->port[SB_GRAFANA], p->grafana_user, p->grafana_password, p->grafana_token);
}

static void (*const env_of[SB_N_SERVICES])(FILE *, const struct sandbox *) = {
    [SB_API] = env_api,
    [SB_WEB] = env_web,
    [SB_AI] = env_ai,
    [SB_POSTGRES] = env_database,
    [SB_PGBOUNCER] = env_pgbouncer,
    [SB_REDIS] = env_redis,
    [SB_TYPESENSE] = env_typesense,
    [SB_MINIO] = env_minio,
    [SB_LOKI] = env_loki,
    [SB_PROMTAIL] = env_promtail,
    [SB_PROMETHEUS] = env_prometheus,
    [SB_GRAFANA] = env_grafana,
    [SB_ALERTMANAGER] = env_alertmanager,
};

/* Where there is no stand-in, the gateways' own test hosts, as the runbook has them. */
static const char *gateway_host(const struct sandbox *sb, int service, const char *other, char *out,
                                size_t size) {
    unsigned port = sb->p.port[service];
    if (!port) {
        return other;
    }
    snprintf(out, size, "http://127.0.0.1:%u", port);
    return out;
}

static void env_payments(FILE *f, const struct sandbox *sb) {
    const struct platform *p = &sb->p;
    char host[40];
    const char *vnpay =
        gateway_host(sb, SB_VNPAY, "https://sandbox.vnpayment.vn", host, sizeof host);
    fprintf(f,
            "\n# payments\nVNPAY_TMN_CODE=%s\nVNPAY_HASH_SECRET=%s\n"
            "VNPAY_BASE_URL=%s/paymentv2/vpcpay.html\n"
            "VNPAY_API_URL=%s/merchant_webapi/api/transaction\n",
            SANDBOX_VNPAY_TMN_CODE, p->vnpay_hash_secret, vnpay, vnpay);
    fprintf(f,
            "MOMO_PARTNER_CODE=%s\nMOMO_ACCESS_KEY=%s\nMOMO_SECRET_KEY=%s\n"
            "MOMO_ENDPOINT=%s/v2/gateway/api\n",
            SANDBOX_MOMO_PARTNER, p->momo_access_key, p->momo_secret_key,
            gateway_host(sb, SB_MOMO, "https://test-payment.momo.vn", host, sizeof host));
    fprintf(f, "ZALOPAY_APP_ID=%s\nZALOPAY_KEY1=%s\nZALOPAY_KEY2=%s\nZALOPAY_ENDPOINT=%s/v2\n",
            SANDBOX_ZALOPAY_APP, p->zalopay_key1, p->zalopay_key2,
            gateway_host(sb, SB_ZALOPAY, "https://sb-openapi.zalopay.vn", host, sizeof host));
}

/* What belongs to no service of the sandbox: sign-in, mail and the like. */
static void env_rest(FILE *f, const struct sandbox *sb) {
    const struct platform *p = &sb->p;
    fprintf(f, "\n# sign-in\nJWT_SECRET=%s\nJWT_EXPIRES_IN=15m\nJWT_REFRESH_SECRET=%s\n",
            p->jwt_secret, sb->jwt_refresh_secret);
    fprintf(f, "JWT_REFRESH_EXPIRES_IN=7d\nGOOGLE_CLIENT_ID=\nGOOGLE_CLIENT_SECRET=\n"
               "ZALO_APP_ID=\nZALO_APP_SECRET=\n");
    fprintf(f,
            "\n# the rest\nKYC_ENCRYPTION_KEY=%s\nKYC_ENCRYPTION_KEY_VERSION=1\nLOG_LEVEL=info\n"
            "SMTP_HOST=127.0.0.1\nSMTP_PORT=1025\nSMTP_USER=\nSMTP_PASS=\n"
            "SMTP_FROM=noreply@goodgo.vn\nCLAUDE_API_KEY=\nNEXT_PUBLIC_MAPBOX_TOKEN=\n"
            "FIREBASE_SERVICE_ACCOUNT=\nSENTRY_DSN=\nNEXT_PUBLIC_SENTRY_DSN=\nSENTRY_AUTH_TOKEN=\n"
            "SENTRY_ORG=\nSENTRY_PROJECT=\n",
            sb->kyc_key);
}

bool write_env(const struct sandbox *sb) {
    char path[600];
    path_join(path, sizeof path, sb->p.dir, ".env");
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    FILE *f = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (!f) {
        return false;
    }
    fprintf(f,
            "# A private GoodGo platform on loopback; end it with: goodgo-sandbox down --dir %s\n"
            "GOODGO_CONTEXT=dev\nNODE_ENV=development\n"
            "GOODGO_ADMIN_USER=nguoidung1@example.vn\n"
            "GOODGO_SANDBOX=yes # what is not named is off, not looked for on its usual port\n",
            sb->p.dir);
    for (int i = 0; i < SB_N_SERVICES; i++) {
        if (sb->p.port[i] && env_of[i]) {
            env_of[i](f, sb);
        }
    }
    env_payments(f, sb);
    env_rest(f, sb);
    bool ok = !ferror(f);
    return fclose(f) == 0 && ok;
}
