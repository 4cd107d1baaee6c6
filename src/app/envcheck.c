/* app/envcheck.c - the table of names and the rules between them; see envcheck.h. */
#include "app/envcheck.h"

#include <string.h>

#include "base/str.h"
#include "codec/pay.h"

enum {
    SECRET = 1,
    REQUIRED = 2,
    REQUIRED_PROD = 4,
    URL_WITH_PASSWORD = 8,
    PORT = 16,
    NUMBER = 32,
    JWT = 64,     /* R113: at least 48 random bytes in base64 */
    HEX64 = 128,  /* R124 */
    GATEWAY = 256 /* R84: no sandbox host in production */
};
static const struct name_row {
    const char *name;
    unsigned flags;
} names[] = {
    {"DB_HOST", 0},
    {"DB_PORT", 0},
    {"DB_NAME", 0},
    {"DB_USER", 0},
    {"DB_PASSWORD", SECRET | REQUIRED},
    {"DATABASE_URL", URL_WITH_PASSWORD | REQUIRED},
    {"DATABASE_URL_DIRECT", URL_WITH_PASSWORD},
    {"PGBOUNCER_POOL_SIZE", NUMBER},
    {"PGBOUNCER_MAX_CLIENT_CONN", NUMBER},
    {"PGBOUNCER_ADMIN_PASSWORD", SECRET | REQUIRED_PROD},
    {"PGBOUNCER_STATS_PASSWORD", SECRET | REQUIRED_PROD},
    {"REDIS_HOST", REQUIRED},
    {"REDIS_PORT", PORT},
    {"REDIS_PASSWORD", SECRET | REQUIRED_PROD},
    {"REDIS_URL", URL_WITH_PASSWORD},
    {"TYPESENSE_HOST", REQUIRED},
    {"TYPESENSE_PORT", PORT},
    {"TYPESENSE_PROTOCOL", 0},
    {"TYPESENSE_API_KEY", SECRET | REQUIRED},
    {"MINIO_ENDPOINT", REQUIRED},
    {"MINIO_PORT", PORT},
    {"MINIO_CONSOLE_PORT", PORT},
    {"MINIO_ACCESS_KEY", SECRET | REQUIRED},
    {"MINIO_SECRET_KEY", SECRET | REQUIRED},
    {"MINIO_BUCKET", 0},
    {"MINIO_USE_SSL", 0},
    {"API_PORT", PORT},
    {"PORT", PORT},
    {"NODE_ENV", REQUIRED},
    {"CORS_ORIGINS", 0},
    {"JWT_SECRET", SECRET | REQUIRED | JWT},
    {"JWT_EXPIRES_IN", 0},
    {"JWT_REFRESH_SECRET", SECRET | REQUIRED | JWT},
    {"JWT_REFRESH_EXPIRES_IN", 0},
    {"GOOGLE_CLIENT_ID", 0},
    {"GOOGLE_CLIENT_SECRET", SECRET},
    {"GOOGLE_CALLBACK_URL", 0},
    {"ZALO_APP_ID", 0},
    {"ZALO_APP_SECRET", SECRET},
    {"ZALO_CALLBACK_URL", 0},
    {"FRONTEND_URL", 0},
    {"NEXT_PUBLIC_API_URL", 0},
    {"WEB_PORT", PORT},
    {"AI_SERVICE_PORT", PORT},
    {"AI_SERVICE_URL", 0},
    {"CLAUDE_API_KEY", SECRET},
    {"AI_DEBUG", 0},
    {"AI_LOG_LEVEL", 0},
    {"NEXT_PUBLIC_MAPBOX_TOKEN", SECRET},
    {"VNPAY_TMN_CODE", REQUIRED_PROD},
    {"VNPAY_HASH_SECRET", SECRET | REQUIRED_PROD},
    {"VNPAY_BASE_URL", GATEWAY},
    {"VNPAY_API_URL", GATEWAY},
    {"MOMO_PARTNER_CODE", REQUIRED_PROD},
    {"MOMO_ACCESS_KEY", SECRET | REQUIRED_PROD},
    {"MOMO_SECRET_KEY", SECRET | REQUIRED_PROD},
    {"MOMO_ENDPOINT", GATEWAY},
    {"ZALOPAY_APP_ID", REQUIRED_PROD},
    {"ZALOPAY_KEY1", SECRET | REQUIRED_PROD},
    {"ZALOPAY_KEY2", SECRET | REQUIRED_PROD},
    {"ZALOPAY_ENDPOINT", GATEWAY},
    {"SMTP_HOST", 0},
    {"SMTP_PORT", PORT},
    {"SMTP_USER", 0},
    {"SMTP_PASS", SECRET},
    {"SMTP_FROM", 0},
    {"FIREBASE_SERVICE_ACCOUNT", SECRET},
    {"SENTRY_DSN", SECRET},
    {"NEXT_PUBLIC_SENTRY_DSN", SECRET},
    {"SENTRY_AUTH_TOKEN", SECRET},
    {"SENTRY_ORG", 0},
    {"SENTRY_PROJECT", 0},
    {"KYC_ENCRYPTION_KEY", SECRET | REQUIRED_PROD | HEX64},
    {"KYC_ENCRYPTION_KEY_VERSION", 0},
    {"LOG_LEVEL", 0},
    {"GRAFANA_ADMIN_USER", 0},
    {"GRAFANA_ADMIN_PASSWORD", SECRET},
    {"GRAFANA_PORT", PORT},
    {"BACKUP_RETENTION_DAYS", NUMBER},
    {"RETENTION_DAYS", NUMBER},
    {"BACKUP_DIR", 0},
    {"REPORT_FILE", 0},
    {"SKIP_CLEANUP", 0},
    {"RUN_MIGRATIONS", 0},
    {"IMAGE_TAG", 0},
    {"GOODGO_CONTEXT", 0},
    {"GOODGO_ADMIN_USER", 0},
    {"GOODGO_API_URL", 0},
    {"GOODGO_WEB_URL", 0},
    {"GOODGO_PROMETHEUS_URL", 0},
    {"GOODGO_ALERTMANAGER_URL", 0},
    {"GOODGO_LOKI_URL", 0},
    {"GOODGO_PROMTAIL_URL", 0},
    {"GOODGO_GRAFANA_URL", 0},
    {"GOODGO_GRAFANA_TOKEN", SECRET},
    {"GOODGO_PGBOUNCER_HOST", 0},
    {"GOODGO_PGBOUNCER_PORT", PORT},
    {"GOODGO_DOCKER_SOCKET", 0},
    {"GOODGO_COMPOSE_PROJECT", 0},
    {"GOODGO_GITHUB_REPO", 0},
    {"GOODGO_GITHUB_API_URL", 0},
    {"GITHUB_TOKEN", SECRET},
    {"GOODGO_STATE_DIR", 0},
    {"GOODGO_VNPAY_HASH_TYPE", 0},
    {"GOODGO_VNPAY_VERSION", 0},
    {"GOODGO_SANDBOX", 0},
};

struct check {
    struct env_report *r;
    struct arena *a;
    const struct env *e;
    bool production;
};

static bool is_placeholder(const char *v) {
    return strstr(v, "CHANGE_ME") || strstr(v, "<generate") || strstr(v, "changeme");
}

/* The last four letters tell two long secrets apart and give nothing away; a short secret shows
 * nothing. */
static const char *masked(struct arena *a, const char *v) {
    size_t n = strlen(v);
    return n >= 12 ? text_cleanz(a, arena_printf(a, "****%s", v + n - 4)).s : "****";
}

/* user:****@host */
static const char *masked_url(struct arena *a, const char *v) {
    const char *scheme = strstr(v, "://"), *at = strrchr(v, '@');
    if (!scheme || !at || at < scheme)
        return scheme && !at ? text_clean(a, v, strlen(v), 80).s : "****";
    const char *colon = memchr(scheme + 3, ':', (size_t)(at - scheme - 3));
    if (!colon)
        return text_clean(a, v, strlen(v), 80).s;
    return text_cleanz(a, arena_printf(a, "%.*s:****%.60s", (int)(colon - v), v, at)).s;
}

static const char *shown(struct arena *a, const char *v, unsigned flags) {
    if (flags & SECRET)
        return masked(a, v);
    if (flags & URL_WITH_PASSWORD)
        return masked_url(a, v);
    return text_clean(a, v, strlen(v), 60).s;
}

static size_t base64_bytes(const char *v) {
    static const char set[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_";
    size_t n = strspn(v, set);
    return v[n + strspn(v + n, "=")] ? 0 : n * 3 / 4;
}

static bool is_hex64(const char *v) {
    return strlen(v) == 64 && strspn(v, "0123456789abcdefABCDEF") == 64;
}

static bool is_sandbox_host(const char *v) {
    return strstr(v, "sandbox") || strstr(v, "test-payment") || strstr(v, "sb-openapi");
}

/* What is wrong with a value by itself; NULL when nothing is. */
static const char *value_fault(const struct check *c, const char *v, unsigned flags,
                               enum health *ret_health) {
    long long n;
    *ret_health = HEALTH_CRITICAL;
    if ((flags & PORT) && !str_to_i64(v, 1, 65535, &n))
        return "should be a port from 1 to 65535";
    if ((flags & NUMBER) && !str_to_i64(v, 1, 1000000, &n))
        return "should be a number of 1 or more";
    if ((flags & HEX64) && !is_hex64(v))
        return "should be exactly 64 hex digits: openssl rand -hex 32";
    *ret_health = c->production ? HEALTH_CRITICAL : HEALTH_WARNING;
    if ((flags & JWT) && base64_bytes(v) < 48)
        return "should be 48 random bytes or more in base64: openssl rand -base64 48";
    *ret_health = HEALTH_WARNING;
    if ((flags & GATEWAY) && c->production && is_sandbox_host(v))
        return "a sandbox host in production: no real money moves through it";
    return NULL;
}

static struct env_line *add_line(struct check *c, const char *name) {
    struct env_line *l = &c->r->lines[c->r->n_lines++];
    *l = (struct env_line){.name = name, .state = "unset", .health = HEALTH_OFF};
    return l;
}

static void check_name(struct check *c, const struct name_row *row) {
    struct env_line *l = add_line(c, row->name);
    const struct env_entry *entry = env_entry(c->e, row->name);
    const char *v = env_get(c->e, row->name);
    l->required = (row->flags & REQUIRED) || (c->production && (row->flags & REQUIRED_PROD));
    l->line = entry ? entry->line : 0;
    if (!entry || !v) {
        l->health = l->required ? HEALTH_CRITICAL : HEALTH_OFF;
        l->note = l->required ? "required, and not set" : NULL;
        return;
    }
    l->state = "set";
    l->health = HEALTH_OK;
    l->shown = shown(c->a, v, row->flags);
    if (is_placeholder(v)) {
        l->state = "placeholder";
        l->shown = "(placeholder)";
        l->health = l->required || c->production ? HEALTH_CRITICAL : HEALTH_WARNING;
        l->note = "still the placeholder of .env.example: CHANGE_ME";
        return;
    }
    l->note = value_fault(c, v, row->flags, &l->health);
    if (!l->note) {
        l->health = entry->duplicate ? HEALTH_WARNING : HEALTH_OK;
        l->note = entry->duplicate ? "set more than once: the last one counts" : NULL;
    }
}

/* --- rules between names --- */

static struct env_line *line_of(struct check *c, const char *name) {
    for (uint32_t i = 0; i < c->r->n_lines; i++)
        if (!strcmp(c->r->lines[i].name, name))
            return &c->r->lines[i];
    return NULL;
}

static void contradict(struct check *c, const char *name, const char *note) {
    struct env_line *l = line_of(c, name);
    if (!l || !strcmp(l->state, "unset"))
        return;
    l->state = "contradictory";
    l->health = health_worse(l->health, HEALTH_WARNING);
    l->note = note;
}

static bool differ(const struct env *e, const char *x, const char *y) {
    const char *a = env_get(e, x), *b = env_get(e, y);
    return a && b && strcmp(a, b) != 0;
}

static void check_relations(struct check *c) {
    const struct env *e = c->e;
    const char *api_url = env_get(e, "NEXT_PUBLIC_API_URL"), *port = env_get(e, "PORT");
    if (differ(e, "API_PORT", "PORT")) /* C1 */
        contradict(c, "API_PORT",
                   "differs from PORT; the API listens on PORT, this name is ignored");
    if (env_get(e, "WEB_PORT") && port && !strcmp(env_get(e, "WEB_PORT"), port)) /* C2 */
        contradict(c, "WEB_PORT", "is the API's PORT: web and API look swapped");
    if (api_url && port && !strstr(api_url, port) && str_starts(api_url, "http://localhost:"))
        contradict(c, "NEXT_PUBLIC_API_URL",
                   "does not point at PORT: the browser would ask the wrong service");
    if (differ(e, "BACKUP_RETENTION_DAYS", "RETENTION_DAYS")) /* C33 */
        contradict(c, "RETENTION_DAYS", "differs from BACKUP_RETENTION_DAYS, which wins");
    if ((env_get(e, "JWT_SECRET") && env_get(e, "JWT_REFRESH_SECRET") &&
         !differ(e, "JWT_SECRET", "JWT_REFRESH_SECRET")))
        contradict(c, "JWT_REFRESH_SECRET",
                   "is the same as JWT_SECRET: an access token would refresh");
}

static bool in_table(const char *name) {
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (!strcmp(names[i].name, name))
            return true;
    return false;
}

/* What a payment provider declares and the runbook does not list. */
static void check_providers(struct check *c) {
    for (uint32_t p = 0; p < n_pay_providers; p++)
        for (uint32_t i = 0; i < pay_providers[p]->n_settings; i++) {
            const struct pay_setting *s = &pay_providers[p]->settings[i];
            if (!in_table(s->env_name))
                check_name(c, &(struct name_row){s->env_name, s->role == PAY_SECRET ? SECRET : 0});
        }
}

static bool known(const char *name) {
    bool found = in_table(name);
    for (uint32_t p = 0; p < n_pay_providers && !found; p++)
        found = pay_setting_index(pay_providers[p], name) >= 0;
    return found;
}

/* A name the runbook does not have: perhaps a slip of the pen. Its value may be anything, so none
 * is shown. */
static void check_unknown(struct check *c) {
    for (uint32_t i = 0; i < c->e->n; i++) {
        if (known(c->e->entries[i].name))
            continue;
        struct env_line *l = add_line(
            c, text_clean(c->a, c->e->entries[i].name, strlen(c->e->entries[i].name), 60).s);
        l->state = "unknown";
        l->line = c->e->entries[i].line;
        l->note = "not a name of the runbook";
    }
}

static void check_mode(struct check *c, const char *path, unsigned mode) {
    if (!(mode & 077))
        return;
    struct env_line *l = add_line(c, "(file)");
    l->state = "readable";
    l->health = c->production ? HEALTH_CRITICAL : HEALTH_WARNING;
    l->note =
        text_cleanz(c->a, arena_printf(
                              c->a, "others may read it, and it holds secrets: chmod 600 %s", path))
            .s;
    c->r->refused = c->production;
}

void envcheck(struct env_report *r, struct arena *a, const struct env *e, const char *path,
              unsigned mode) {
    const char *node_env = env_get(e, "NODE_ENV"), *context = env_get(e, "GOODGO_CONTEXT");
    size_t most = ARRAY_LEN(names) + (size_t)n_pay_providers * PAY_MAX_SETTINGS + e->n + 1;
    *r = (struct env_report){.lines = arena_alloc(a, most * sizeof *r->lines)};
    struct check c = {r, a, e,
                      (node_env && !strcmp(node_env, "production")) ||
                          (context && str_starts(context, "prod"))};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        check_name(&c, &names[i]);
    check_providers(&c);
    check_relations(&c);
    check_unknown(&c);
    check_mode(&c, path, mode);
    for (uint32_t i = 0; i < r->n_lines; i++) {
        r->n_errors += r->lines[i].health == HEALTH_CRITICAL;
        r->n_warnings += r->lines[i].health == HEALTH_WARNING;
    }
}
