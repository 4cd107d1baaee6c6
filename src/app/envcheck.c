/* app/envcheck.c - the table of names and the rules between them; see envcheck.h. */
#include "app/envcheck.h"

#include <string.h>

#include "app/pgurl.h"
#include "app/settings.h"
#include "app/url.h"
#include "base/shell.h"
#include "base/str.h"
#include "codec/pay.h"
#include "codec/probe.h"

enum {
    SECRET = 1,
    REQUIRED = 2,
    REQUIRED_PROD = 4,
    URL_WITH_PASSWORD = 8,
    PORT = 16,
    NUMBER = 32,
    JWT = 64,       /* R113: at least 48 random bytes in base64 */
    HEX64 = 128,    /* R124 */
    GATEWAY = 256,  /* R84: no sandbox host in production */
    POSTGRES = 512, /* must read as a database URL */
    YES_NO = 1024   /* true or false, as the platform writes it */
};
static const struct name_row {
    const char *name; /* NULL: `help` is the title of the names that follow */
    unsigned flags;
    const char *help;
} names[] = {
#define GROUP(title)            {NULL, 0, title},
#define NAME(name, flags, help) {name, flags, help},
#include "app/envnames.def"
#undef GROUP
#undef NAME
};

struct check {
    struct env_report *r;
    struct arena *a;
    const struct env *e;
    const struct env_place *place;
    bool production;
};

static const char *get(const struct check *c, const char *name) {
    return env_get(c->e, name);
}

static bool is_placeholder(const char *v) {
    return strstr(v, "CHANGE_ME") || strstr(v, "<generate") || strstr(v, "changeme");
}

/* The last four letters tell two long secrets apart and give nothing away; a short secret shows
 * nothing. */
static const char *masked(struct arena *a, const char *v) {
    size_t n = strlen(v);
    return n >= 12 ? text_cleanz(a, arena_printf(a, "****%s", v + n - 4)).s : "****";
}

/* scheme://user:****@host/path; a query may hold a password too, so it is left out. */
static const char *masked_url(struct arena *a, const char *v) {
    const char *scheme = strstr(v, "://"), *at = strrchr(v, '@');
    if (!scheme)
        return "****";
    const char *host = at && at > scheme ? at : scheme + 3;
    const char *colon = memchr(scheme + 3, ':', (size_t)(host - scheme - 3));
    const char *user_end = colon ? colon : host;
    int tail = (int)strcspn(host, "?");
    const char *shown = arena_printf(a, "%.*s%s%.*s%s", (int)(user_end - v), v,
                                     colon ? ":****" : "", tail, host, host[tail] ? "?..." : "");
    return text_clean(a, shown, strlen(shown), 80).s;
}

static const char *shown(struct arena *a, const char *v, unsigned flags) {
    if (flags & SECRET)
        return masked(a, v);
    if ((flags & URL_WITH_PASSWORD) || (strstr(v, "://") && strpbrk(v, "@?")))
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

/* A URL that cannot be read is a fault; options that only Prisma knows are worth a word. */
static const char *postgres_note(const struct check *c, const char *v, enum health *ret_health) {
    struct pgurl u;
    struct err why;
    *ret_health = HEALTH_CRITICAL;
    if (!pgurl_parse(&u, c->a, v, &why))
        return arena_strdup(c->a, why.why);
    *ret_health = u.file_missing ? HEALTH_WARNING : HEALTH_OK;
    if (u.schema && u.schema[0] && strcmp(u.schema, "public") != 0) {
        *ret_health = HEALTH_WARNING;
        return arena_printf(c->a, "schema=%s: the console reads the schema public alone",
                            text_cleanz(c->a, u.schema).s);
    }
    return u.dropped ? arena_printf(c->a, "not passed on to the database: %s", u.dropped) : NULL;
}

/* What is to be said of a value by itself; NULL when nothing is. */
static const char *value_note(const struct check *c, const char *v, unsigned flags,
                              enum health *ret_health) {
    int64_t n;
    if (flags & POSTGRES)
        return postgres_note(c, v, ret_health);
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
    if ((flags & YES_NO) && strcmp(v, "true") != 0 && strcmp(v, "false") != 0)
        return "is not true, and so taken for false";
    if ((flags & GATEWAY) && c->production && is_sandbox_host(v))
        return "a sandbox host in production: no real money moves through it";
    *ret_health = HEALTH_OK;
    return NULL;
}

/* What is to be said of how a value stands there. Node's dotenv ends it at any #, Compose and this
 * reader only behind a blank. Compose takes $NAME for ${NAME}, Node's dotenv and this reader do
 * not. */
static const char *entry_note(const struct env_entry *entry) {
    if (entry->duplicate)
        return "set more than once: the last one counts";
    if (entry->bare_dollar)
        return "has a $ before a letter, which Docker Compose takes for a variable: put it in "
               "single quotes";
    return entry->bare_hash ? "has a # outside quotes, where the platform's dotenv ends the value: "
                              "put it in quotes"
                            : NULL;
}

static struct env_line *add_line(struct check *c, const char *name) {
    struct env_line *l = &c->r->lines[c->r->n_lines++];
    *l = (struct env_line){.name = name, .state = "unset", .health = HEALTH_OFF};
    return l;
}

static void check_name(struct check *c, const struct name_row *row) {
    struct env_line *l = add_line(c, row->name);
    const struct env_entry *entry = env_entry(c->e, row->name);
    const char *v = entry && entry->value[0] ? entry->value : NULL;
    l->required = (row->flags & REQUIRED) || (c->production && (row->flags & REQUIRED_PROD));
    l->line = entry ? entry->line : 0;
    if (!v) {
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
    l->note = value_note(c, v, row->flags, &l->health);
    if (l->health == HEALTH_OK && entry_note(entry)) {
        l->health = HEALTH_WARNING;
        l->note = entry_note(entry);
    }
}

/* --- rules between names --- */

static struct env_line *line_of(const struct check *c, const char *name) {
    uint32_t i = 0;
    while (i < c->r->n_lines && strcmp(c->r->lines[i].name, name) != 0)
        i++;
    return i < c->r->n_lines ? &c->r->lines[i] : NULL;
}

static void contradict(struct check *c, const char *name, const char *note) {
    struct env_line *l = line_of(c, name);
    if (l) {
        l->state = "contradictory";
        l->health = health_worse(l->health, HEALTH_WARNING);
        l->note = note;
    }
}

static bool differ(const struct check *c, const char *x, const char *y) {
    const char *a = get(c, x), *b = get(c, y);
    return a && b && strcmp(a, b) != 0;
}

static void check_ports(struct check *c) {
    const char *port = get(c, "PORT"), *web = get(c, "WEB_PORT"), *api_url;
    struct url u;
    if (differ(c, "API_PORT", "PORT")) /* C1 */
        contradict(c, "API_PORT",
                   "differs from PORT; the API listens on PORT, this name is ignored");
    if (web && port && !strcmp(web, port)) /* C2 */
        contradict(c, "WEB_PORT", "is the API's PORT: web and API look swapped");
    api_url = get(c, "NEXT_PUBLIC_API_URL");
    int64_t n;
    if (api_url && str_starts(api_url, "http://localhost:") && port &&
        str_to_i64(port, 1, 65535, &n) && url_parse(&u, c->a, api_url, "env", NULL) && u.port != n)
        contradict(c, "NEXT_PUBLIC_API_URL",
                   "does not point at PORT: the browser would ask the wrong service");
}

static bool is_not(const struct check *c, const char *name, const char *other) {
    const char *v = get(c, name);
    return v && other && strcmp(v, other) != 0;
}

static bool port_is_not(const struct check *c, const char *name, uint16_t port) {
    int64_t n;
    const char *v = get(c, name);
    return v && port && str_to_i64(v, 1, 65535, &n) && n != port;
}

/* C12, C14, C33: which of two names for one thing wins. */
static void check_addresses(struct check *c) {
    struct pgurl direct;
    struct url redis;
    const char *v = get(c, "DATABASE_URL_DIRECT");
    if (v && pgurl_parse(&direct, c->a, v, NULL)) {
        if (is_not(c, "DB_HOST", direct.target.host) ||
            is_not(c, "DB_NAME", direct.target.dbname) ||
            is_not(c, "DB_USER", direct.target.user) ||
            port_is_not(c, "DB_PORT", direct.target.port))
            contradict(c, "DATABASE_URL_DIRECT", "differs from the DB_ names; this URL wins");
        if (direct.target.pooler)
            contradict(c, "DATABASE_URL_DIRECT",
                       "goes through PgBouncer (pgbouncer=true): dumps and locks need it direct");
    }
    v = get(c, "REDIS_URL");
    if (v && url_parse(&redis, c->a, v, "env", NULL) &&
        (is_not(c, "REDIS_HOST", redis.host) || port_is_not(c, "REDIS_PORT", redis.port)))
        contradict(c, "REDIS_URL", "differs from REDIS_HOST and REDIS_PORT, which win");
    if (differ(c, "BACKUP_RETENTION_DAYS", "RETENTION_DAYS"))
        contradict(c, "RETENTION_DAYS", "differs from BACKUP_RETENTION_DAYS, which wins");
}

/* R113, R114 */
static void check_logins(struct check *c) {
    static const char *const pairs[][2] = {{"GOOGLE_CLIENT_ID", "GOOGLE_CLIENT_SECRET"},
                                           {"ZALO_APP_ID", "ZALO_APP_SECRET"}};
    for (size_t i = 0; i < ARRAY_LEN(pairs); i++)
        if (!get(c, pairs[i][0]) != !get(c, pairs[i][1]))
            contradict(c, pairs[i][get(c, pairs[i][0]) ? 0 : 1],
                       "is set without its other half: this login cannot work");
    if (get(c, "JWT_SECRET") && get(c, "JWT_REFRESH_SECRET") &&
        !differ(c, "JWT_SECRET", "JWT_REFRESH_SECRET"))
        contradict(c, "JWT_REFRESH_SECRET",
                   "is the same as JWT_SECRET: an access token would refresh");
    const char *node_env = get(c, "NODE_ENV");
    if (node_env && strcmp(node_env, "development") && strcmp(node_env, "production") &&
        strcmp(node_env, "test"))
        contradict(c, "NODE_ENV", "is development, production or test; taken for development");
}

/* The name of the file is what was typed; that in it is what every screen and every word shows. */
static void check_context(struct check *c) {
    const char *own = get(c, "GOODGO_CONTEXT"), *typed = c->place->context;
    if (own && typed && strcmp(own, typed) != 0)
        contradict(c, "GOODGO_CONTEXT",
                   text_printf(c->a,
                               "is not the name of its file, %s: screens and typed words say the "
                               "one in the file",
                               typed)
                       .s);
}

static bool in_table(const char *name) {
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (names[i].name && !strcmp(names[i].name, name))
            return true;
    return false;
}

/* The i-th name that a payment provider or a probe declares and the table does not have. */
static bool declared_at(uint32_t i, struct name_row *ret) {
    for (uint32_t p = 0; p < n_pay_providers; p++)
        for (uint32_t k = 0; k < pay_providers[p]->n_settings; k++) {
            const struct pay_setting *s = &pay_providers[p]->settings[k];
            if (in_table(s->env_name) || i-- != 0)
                continue;
            *ret = (struct name_row){s->env_name, s->role == PAY_SECRET ? SECRET : 0,
                                     pay_providers[p]->title};
            return true;
        }
    for (uint32_t p = 0; p < SERVICE_COUNT; p++)
        if (probes[p]->own_url && !in_table(probes[p]->endpoint_name) && i-- == 0) {
            *ret = (struct name_row){probes[p]->endpoint_name, 0, probes[p]->title};
            return true;
        }
    return false;
}

static void check_declared(struct check *c) {
    struct name_row row;
    for (uint32_t i = 0; declared_at(i, &row); i++)
        check_name(c, &row);
}

static void name_of_row(const struct name_row *row, struct env_name *ret) {
    *ret = (struct env_name){row->name, row->help, (row->flags & (SECRET | URL_WITH_PASSWORD)) != 0,
                             (row->flags & REQUIRED) != 0, (row->flags & REQUIRED_PROD) != 0};
}

bool env_name_at(uint32_t i, struct env_name *ret) {
    struct name_row row;
    if (i < ARRAY_LEN(names)) {
        name_of_row(&names[i], ret);
        return true;
    }
    if (!declared_at(i == ARRAY_LEN(names) ? 0 : i - (uint32_t)ARRAY_LEN(names) - 1, &row))
        return false;
    if (i == ARRAY_LEN(names))
        *ret = (struct env_name){.help = "Other payment providers and services"};
    else
        name_of_row(&row, ret);
    return true;
}

static bool known(const char *name) {
    struct name_row row;
    bool found = in_table(name);
    for (uint32_t i = 0; !found && declared_at(i, &row); i++)
        found = strcmp(row.name, name) == 0;
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
        if (c->production && is_placeholder(c->e->entries[i].value)) { /* R126: anywhere */
            l->health = HEALTH_CRITICAL;
            l->note = "still a placeholder: CHANGE_ME";
        }
    }
}

/* Of a name that is set; NULL for any other. */
static struct env_line *line_of_set(const struct check *c, const struct env *e, const char *name) {
    const struct env_entry *entry = env_entry(e, name);
    return entry && entry->value[0] ? line_of(c, name) : NULL;
}

/* What every other command refuses to start with, in its own words: one name after the other, each
 * blanked so that the next is found. */
static void check_settings(struct check *c, const struct config *config) {
    struct env rest = *c->e;
    rest.entries = arena_alloc(c->a, (c->e->n + 1) * sizeof *rest.entries);
    for (uint32_t i = 0; i < c->e->n; i++)
        rest.entries[i] = c->e->entries[i];
    struct env_line *l;
    struct settings s;
    struct err err;
    while (!settings_make(&s, c->a, &rest, config, c->place->context, &err) &&
           (l = line_of_set(c, &rest, err.target))) {
        rest.entries[env_entry(&rest, err.target) - rest.entries].value = "";
        if (l->health != HEALTH_CRITICAL)
            l->note = arena_strdup(c->a, err.why);
        l->health = HEALTH_CRITICAL;
    }
}

static void check_mode(struct check *c) {
    if (!(c->place->mode & 077))
        return;
    struct env_line *l = add_line(c, "(file)");
    l->state = "readable";
    l->health = c->production ? HEALTH_CRITICAL : HEALTH_WARNING;
    l->note = text_printf(c->a, "others may read it, and it holds secrets: chmod 600 %s",
                          shell_word(c->a, c->place->path))
                  .s;
    c->r->refused = c->production;
}

void envcheck(struct env_report *r, struct arena *a, const struct env *e,
              const struct config *config, const struct env_place *place) {
    size_t most =
        ARRAY_LEN(names) + (size_t)n_pay_providers * PAY_MAX_SETTINGS + SERVICE_COUNT + e->n + 1;
    *r = (struct env_report){.lines = arena_alloc(a, most * sizeof *r->lines)};
    struct check c = {r, a, e, place, settings_production(e, place->context)};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (names[i].name)
            check_name(&c, &names[i]);
    check_declared(&c);
    check_ports(&c);
    check_addresses(&c);
    check_logins(&c);
    check_context(&c);
    check_unknown(&c);
    check_settings(&c, config);
    check_mode(&c);
    for (uint32_t i = 0; i < r->n_lines; i++) {
        r->n_errors += r->lines[i].health == HEALTH_CRITICAL;
        r->n_warnings += r->lines[i].health == HEALTH_WARNING;
    }
}
