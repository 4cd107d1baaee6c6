/* app/settings.c - resolves the platform's names into typed settings; see settings.h. */
#include "app/settings.h"

#include <string.h>

#include "app/accounts.h"
#include "app/pgurl.h"
#include "app/url.h"
#include "base/str.h"
#include "base/text.h"
#include "codec/probe.h"
#include "model/snapshot.h"

struct maker {
    struct settings *s;
    struct arena *a;
    const struct env *e;
    bool defaults; /* look at the runbook's ports for what is not named */
    struct err *err;
};

const char *settings_env(const struct env *e, const char *name) {
    const char *v = env_get(e, name);
    return v && (!strcmp(v, "CHANGE_ME") || str_starts(v, "<generate")) ? NULL : v;
}

static const char *get(const struct maker *m, const char *name) {
    return settings_env(m->e, name);
}

static bool wrong(const struct maker *m, const char *name, const char *why) {
    return err_set(m->err, E_CONFIG, "config.env", name, "%s", why);
}

static bool port(const struct maker *m, const char *name, uint16_t other, uint16_t *ret_port) {
    *ret_port = other;
    const char *v = get(m, name);
    int64_t n = other;
    if (v && !str_to_i64(v, 1, 65535, &n))
        return wrong(m, name, "is not a port from 1 to 65535");
    *ret_port = (uint16_t)n;
    return true;
}

/* What is shown as a shell command stands between single quotes there. */
static bool is_plain(const char *v) {
    for (; *v; v++)
        if (*v <= ' ' || *v > '~' || *v == '\'')
            return false;
    return true;
}

/* Without trailing slashes; only http and https, and no secret in it, for addresses are shown. */
static bool url(const struct maker *m, const char *name, const char *other, const char **ret_url) {
    struct url parts;
    struct err why;
    const char *v = get(m, name);
    if (!v)
        v = m->defaults ? other : NULL;
    if (!v)
        return true;
    if (!str_starts(v, "http://") && !str_starts(v, "https://"))
        return wrong(m, name, "should begin with http:// or https://");
    if (!is_plain(v))
        return wrong(m, name, "holds a blank, a quote or a character that is not ASCII");
    if (!url_parse(&parts, m->a, v, "config.env", &why))
        return wrong(m, name, why.why);
    if (!parts.host[0])
        return wrong(m, name, "names no host");
    if (parts.user || parts.query)
        return wrong(m, name, "is an address only: no user, no password, no query");
    size_t n = strlen(v);
    while (v[n - 1] == '/')
        n--;
    *ret_url = arena_strndup(m->a, v, n);
    return true;
}

/* A name or an address; NULL where it is not set. */
static bool host(const struct maker *m, const char *name, const char **ret_host) {
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._:";
    const char *v = *ret_host = get(m, name), *colon = v ? strchr(v, ':') : NULL;
    if (v && (v[strspn(v, letters)] || (colon && !strchr(colon + 1, ':'))))
        return wrong(m, name, "is a host alone: no http://, no port, no path, no blank");
    return true;
}

/* As it stands in a URL: IPv6 gets its brackets. */
static bool url_host(const struct maker *m, const char *name, const char **ret_host) {
    if (!host(m, name, ret_host))
        return false;
    if (!*ret_host)
        *ret_host = "localhost";
    if (strchr(*ret_host, ':'))
        *ret_host = arena_printf(m->a, "[%s]", *ret_host);
    return true;
}

static bool make_api(struct maker *m) {
    uint16_t api_port; /* C1: PORT, not API_PORT */
    if (!port(m, "PORT", 3001, &api_port))
        return false;
    const char *other = arena_printf(m->a, "http://localhost:%u", api_port);
    if (get(m, "PORT") && !get(m, "GOODGO_API_URL")) {
        m->s->api_url = other;
        return true;
    }
    return url(m, "GOODGO_API_URL", other, &m->s->api_url);
}

static bool make_typesense(struct maker *m) {
    const char *host, *protocol = get(m, "TYPESENSE_PROTOCOL");
    uint16_t p;
    m->s->typesense_key = get(m, "TYPESENSE_API_KEY");
    if (!port(m, "TYPESENSE_PORT", 8108, &p) || !url_host(m, "TYPESENSE_HOST", &host))
        return false;
    protocol = protocol ? protocol : "http";
    if (strcmp(protocol, "http") != 0 && strcmp(protocol, "https") != 0)
        return wrong(m, "TYPESENSE_PROTOCOL", "is http or https");
    if (get(m, "TYPESENSE_HOST") || m->defaults)
        m->s->typesense_url = arena_printf(m->a, "%s://%s:%u", protocol, host, p);
    return true;
}

static bool make_minio(struct maker *m) {
    const char *host, *ssl = get(m, "MINIO_USE_SSL"), *bucket = get(m, "MINIO_BUCKET");
    bool https = ssl && !strcmp(ssl, "true");
    uint16_t p;
    if (!port(m, "MINIO_PORT", 9000, &p) || !url_host(m, "MINIO_ENDPOINT", &host))
        return false;
    if (get(m, "MINIO_ENDPOINT") || m->defaults)
        m->s->minio_url = arena_printf(m->a, "%s://%s:%u", https ? "https" : "http", host, p);
    m->s->minio_access_key = get(m, "MINIO_ACCESS_KEY");
    m->s->minio_secret_key = get(m, "MINIO_SECRET_KEY");
    m->s->minio_bucket = bucket ? bucket : "goodgo-media";
    bucket = get(m, "GOODGO_BACKUP_BUCKET");
    m->s->backup_bucket = bucket ? bucket : "goodgo-backups";
    return true;
}

static bool make_observers(struct maker *m) {
    m->s->grafana_token = get(m, "GOODGO_GRAFANA_TOKEN");
    m->s->grafana_user = get(m, "GRAFANA_ADMIN_USER");
    m->s->grafana_password = get(m, "GRAFANA_ADMIN_PASSWORD");
    uint16_t grafana_port; /* C44 */
    if (!port(m, "GRAFANA_PORT", 3002, &grafana_port))
        return false;
    const char *grafana = arena_printf(m->a, "http://localhost:%u", grafana_port);
    return url(m, "GOODGO_WEB_URL", "http://localhost:3000", &m->s->web_url) &&
           url(m, "AI_SERVICE_URL", "http://localhost:8000", &m->s->ai_url) &&
           url(m, "GOODGO_PROMETHEUS_URL", "http://localhost:9090", &m->s->prometheus_url) &&
           url(m, "GOODGO_ALERTMANAGER_URL", NULL, &m->s->alertmanager_url) &&
           url(m, "GOODGO_LOKI_URL", "http://localhost:3100", &m->s->loki_url) &&
           url(m, "GOODGO_PROMTAIL_URL", "http://localhost:9080", &m->s->promtail_url) &&
           url(m, "GOODGO_GRAFANA_URL", grafana, &m->s->grafana_url);
}

/* Of services that the runbook does not list: nothing is asked that nobody named. */
static bool make_others(struct maker *m) {
    for (uint32_t i = 0; i < SERVICE_COUNT; i++)
        if (probes[i]->own_url && !url(m, probes[i]->endpoint_name, NULL, &m->s->urls[i]))
            return false;
    return true;
}

/* The parts win; the URL of .env.example is made of them and has no password (C12). */
static bool make_redis(struct maker *m) {
    struct redis_target *t = &m->s->redis;
    struct url parts = {0};
    struct err why;
    const char *text = get(m, "REDIS_URL");
    if (!host(m, "REDIS_HOST", &t->host))
        return false;
    t->password = get(m, "REDIS_PASSWORD");
    if (text && str_starts(text, "rediss://"))
        return wrong(m, "REDIS_URL",
                     "rediss:// needs TLS, which Debian 12's hiredis does not have");
    if (text && !t->host) {
        if (!url_parse(&parts, m->a, text, "config.env", &why))
            return wrong(m, "REDIS_URL", why.why);
        t->host = parts.host[0] ? parts.host : NULL;
        t->user = parts.user && parts.user[0] ? parts.user : NULL;
        t->password = t->password ? t->password : parts.password;
    }
    m->s->has_redis = t->host || m->defaults;
    if (!t->host)
        t->host = "localhost";
    return port(m, "REDIS_PORT", parts.port ? parts.port : 6379, &t->port);
}

static bool database_url(struct maker *m, const char *name, struct pgurl *u, bool *ret_found) {
    const char *v = get(m, name);
    *ret_found = v != NULL;
    if (!v)
        return true;
    struct err why;
    if (!pgurl_parse(u, m->a, v, &why))
        return wrong(m, name, why.why);
    return true;
}

static bool same_place(const struct pg_target *x, const struct pg_target *y) {
    return x->port == y->port && !strcmp(x->host, y->host);
}

/* DATABASE_URL_DIRECT, else the DB_ names, else DATABASE_URL where nothing pools it (C33). */
static bool make_postgres(struct maker *m, struct pgurl *pooled, bool has_pooled) {
    struct pgurl direct;
    bool has_direct;
    if (!database_url(m, "DATABASE_URL_DIRECT", &direct, &has_direct))
        return false;
    struct pg_target *t = &m->s->postgres;
    if (has_direct) {
        *t = direct.target;
    } else if (get(m, "DB_HOST") || m->defaults) {
        *t = (struct pg_target){
            .host = get(m, "DB_HOST"), .dbname = get(m, "DB_NAME"), .user = get(m, "DB_USER")};
        t->host = t->host ? t->host : "localhost";
        if (!port(m, "DB_PORT", 5432, &t->port))
            return false;
    } else if (has_pooled && !pooled->target.pooler) {
        *t = pooled->target;
    } else {
        return true;
    }
    t->pooler = false;
    t->dbname = t->dbname ? t->dbname : "goodgo";
    t->user = t->user ? t->user : "goodgo";
    t->password = t->password ? t->password : get(m, "DB_PASSWORD");
    m->s->has_postgres = true;
    return true;
}

static bool make_pgbouncer(struct maker *m, const struct pgurl *pooled, bool has_pooled) {
    const char *host = get(m, "GOODGO_PGBOUNCER_HOST");
    bool differs =
        has_pooled && (!m->s->has_postgres || !same_place(&pooled->target, &m->s->postgres));
    if (!host && !get(m, "GOODGO_PGBOUNCER_PORT") && !differs)
        return true;
    struct pg_target *t = &m->s->pooled;
    *t = has_pooled ? pooled->target : m->s->postgres;
    t->host = host ? host : t->host ? t->host : "localhost";
    if (!port(m, "GOODGO_PGBOUNCER_PORT", differs ? t->port : 6432, &t->port))
        return false;
    t->pooler = true;
    t->password = t->password ? t->password : get(m, "DB_PASSWORD");
    m->s->has_pgbouncer = true;
    m->s->pool_console = *t;
    m->s->pool_console.dbname = "pgbouncer";
    const char *stats = get(m, "PGBOUNCER_STATS_PASSWORD"),
               *admin = get(m, "PGBOUNCER_ADMIN_PASSWORD");
    m->s->pool_console.user = stats || !admin ? "pgbouncer_stats" : "pgbouncer_admin";
    m->s->pool_console.password = stats ? stats : admin;
    m->s->pool_admin = m->s->pool_console;
    m->s->pool_admin.user = "pgbouncer_admin";
    m->s->pool_admin.password = admin;
    return true;
}

static uint32_t count(const struct maker *m, const char *name, uint32_t other) {
    int64_t n;
    const char *v = get(m, name);
    return v && str_to_i64(v, 1, 1000000, &n) ? (uint32_t)n : other;
}

/* Of all commands the same directory, wherever each is started: the trail and the locks are in it.
 */
static bool check_state_dir(const struct maker *m) {
    const char *v = get(m, "GOODGO_STATE_DIR");
    return !v || v[0] == '/' || wrong(m, "GOODGO_STATE_DIR", "is a path that begins with /");
}

static bool make_database(struct maker *m) {
    struct pgurl pooled = {0};
    bool has_pooled;
    m->s->pool_size = count(m, "PGBOUNCER_POOL_SIZE", 20);
    m->s->pool_max_client_conn = count(m, "PGBOUNCER_MAX_CLIENT_CONN", 200);
    return database_url(m, "DATABASE_URL", &pooled, &has_pooled) &&
           make_postgres(m, &pooled, has_pooled) && make_pgbouncer(m, &pooled, has_pooled);
}

static void make_backups(struct maker *m, const struct config *c) {
    m->s->backup_dir = get(m, "BACKUP_DIR");
    m->s->report_file = get(m, "REPORT_FILE");
    m->s->admin_user = get(m, "GOODGO_ADMIN_USER");
    const char *skip_cleanup = get(m, "SKIP_CLEANUP");
    m->s->skip_cleanup = skip_cleanup && strcmp(skip_cleanup, "1") == 0;
    m->s->backup_retention_days = count(m, "BACKUP_RETENTION_DAYS", count(m, "RETENTION_DAYS", 7));
    m->s->backup_copies_keep_days = c->backup_copies_keep_days;
    m->s->backup_warn_age_s = c->backup_warn_age_s;
    m->s->backup_critical_age_s = c->backup_critical_age_s;
    m->s->drill_warn_age_s = c->drill_warn_age_s;
}

static void make_consent(struct settings *s, const struct config *c) {
    s->second_person_tier = c->second_person_tier;
    s->second_person_wait_s = c->second_person_wait_s;
    s->second_person_group = c->second_person_group;
}

static enum profile profile_of(const char *node_env) {
    if (node_env && !strcmp(node_env, "production"))
        return PROFILE_PROD;
    return node_env && !strcmp(node_env, "test") ? PROFILE_CI : PROFILE_DEV;
}

bool settings_production(const struct env *e, const char *context) {
    const char *own = settings_env(e, "GOODGO_CONTEXT"), *name = own ? own : context;
    return profile_of(settings_env(e, "NODE_ENV")) == PROFILE_PROD ||
           (name && str_starts(name, "prod"));
}

/* It stands whole on every screen and in every typed word, or it would be another one there. */
static bool make_context(struct maker *m, const char *context) {
    static const char *const names[] = {"dev", "prod", "ci"};
    const char *own = get(m, "GOODGO_CONTEXT"), *name = own ? own : context;
    m->s->profile = profile_of(get(m, "NODE_ENV"));
    m->s->production = settings_production(m->e, context);
    m->s->context = name ? name : names[m->s->profile];
    if (strlen(m->s->context) < SNAPSHOT_CONTEXT_SIZE &&
        strcmp(text_cleanz(m->a, m->s->context).s, m->s->context) == 0)
        return true;
    return wrong(m, own ? "GOODGO_CONTEXT" : "--context",
                 "is a name of at most 31 bytes, without control characters");
}

bool settings_make(struct settings *s, struct arena *a, const struct env *e, const struct config *c,
                   const char *context, struct err *err) {
    *s = (struct settings){0};
    struct maker m = {.s = s, .a = a, .e = e, .err = err};
    if (!make_context(&m, context))
        return false;
    m.defaults = c->runbook_defaults && s->profile == PROFILE_DEV && !get(&m, "GOODGO_SANDBOX");
    for (uint32_t i = 0; i < SERVICE_COUNT; i++)
        s->poll[i] = c->poll[i];
    make_backups(&m, c);
    make_consent(s, c);
    s->replay = c->replay;
    s->recon = (struct recon_settings){c->layouts, c->n_layouts, c->window_days, c->settle_days,
                                       c->reference_prefix};
    return make_api(&m) && make_typesense(&m) && make_minio(&m) && make_observers(&m) &&
           make_others(&m) && make_redis(&m) && make_database(&m) && check_state_dir(&m) &&
           accounts_make(s, a, e, c, err);
}
