/* act/prometheus_reload.c - Prometheus reads its configuration and rules again (R47), and is asked
 * afterwards whether it took them. */
#include <string.h>

#include "act/act.h"
#include "base/shell.h"
#include "base/text.h"
#include "io/ask.h"
#include "wire/json.h"

#define ASK_MS    10000u
#define RELOAD_MS 60000u
#define BODY_MAX  ((size_t)1 << 20)

struct runtime {
    bool reloaded; /* the last reload was a success */
    const char *when;
};

static bool ask_http(struct ask *ask, const struct settings *s, const char *method,
                     const char *path, uint32_t timeout_ms, struct arena *a, struct http_reply *ret,
                     struct err *err) {
    struct reply reply;
    struct exchange ex = {.kind = EXCHANGE_HTTP};
    ex.http = (struct http_request){.method = method,
                                    .url = arena_printf(a, "%s%s", s->prometheus_url, path),
                                    .body = strcmp(method, "POST") == 0 ? "" : NULL,
                                    .max_body_bytes = BODY_MAX};
    if (!ask_once(ask, &ex, a, timeout_ms, &reply, err))
        return false;
    *ret = reply.http;
    return true;
}

static struct json *ask_json(struct ask *ask, const struct settings *s, const char *path,
                             struct arena *a, struct err *err) {
    struct http_reply r;
    if (!ask_http(ask, s, "GET", path, ASK_MS, a, &r, err))
        return NULL;
    struct json *j = r.status == 200 ? json_parse(r.body, r.body_len, BODY_MAX, err) : NULL;
    if (!j || !json_get(j, "data")) {
        json_free(j);
        err_set(err, E_WRONG_THING, "prometheus", s->prometheus_url, "%s: HTTP %d, no Prometheus",
                path, r.status);
        return NULL;
    }
    return j;
}

static bool read_runtime(struct ask *ask, const struct settings *s, struct arena *a,
                         struct runtime *ret, struct err *err) {
    struct json *j = ask_json(ask, s, "/api/v1/status/runtimeinfo", a, err);
    if (!j)
        return false;
    const char *when = json_string(j, "data.lastConfigTime");
    *ret = (struct runtime){.when = when ? arena_strdup(a, when) : "unknown"};
    if (!json_bool(j, "data.reloadConfigSuccess", &ret->reloaded))
        ret->reloaded = true;
    json_free(j);
    return true;
}

/* The endpoint exists only where the server was started with it. */
static bool is_enabled(struct ask *ask, const struct settings *s, struct arena *a, bool *ret,
                       struct err *err) {
    struct json *j = ask_json(ask, s, "/api/v1/status/flags", a, err);
    if (!j)
        return false;
    const struct json *flag = NULL;
    for (const struct json *f = json_first(json_get(j, "data")); f && !flag; f = json_next(f))
        flag = strcmp(json_key(f), "web.enable-lifecycle") == 0 ? f : NULL;
    const char *value = json_string(flag, "");
    *ret = !value || strcmp(value, "true") == 0; /* not said: let it answer itself */
    json_free(j);
    return true;
}

static bool not_enabled(const struct settings *s, struct err *err) {
    err_set(err, E_CONFIG, "prometheus", s->prometheus_url,
            "reloading over HTTP is off there (403)");
    err->todo = "start it with --web.enable-lifecycle, or send its process SIGHUP";
    return false;
}

static bool reload_plan(const struct act_input *in, struct plan *p, struct err *err) {
    const struct settings *s = in->settings;
    struct runtime now;
    bool enabled;
    if (!s->prometheus_url)
        return err_set(err, E_CONFIG, "prometheus", "GOODGO_PROMETHEUS_URL", "is not set");
    struct ask *ask = ask_new("goodgo-reload", -1);
    bool ok =
        is_enabled(ask, s, in->arena, &enabled, err) && read_runtime(ask, s, in->arena, &now, err);
    ask_free(ask);
    if (ok && !enabled)
        return not_enabled(s, err);
    if (!ok)
        return false;
    p->tier = TIER_CHANGES;
    p->count = 1;
    p->target = "prometheus";
    plan_fact(p, "server", "%s", s->prometheus_url);
    plan_fact(p, "loaded", "%s", now.when);
    plan_change(p,
                "reads prometheus.yml and the rule files again; the configuration in use was "
                "loaded at %s",
                now.when);
    plan_change(p, "keeps the old one when the new one is wrong, and says so");
    if (!now.reloaded)
        plan_warning(p, "its last reload failed: it runs an older configuration");
    plan_command(p, "curl -sS -X POST %s",
                 shell_word(p->arena, arena_printf(p->arena, "%s/-/reload", s->prometheus_url)));
    return true;
}

static bool reload_run(struct job *j, const struct plan *p, struct err *err) {
    const struct settings *s = job_settings(j);
    struct http_reply r = {0};
    struct runtime after;
    char words[160] = "";
    struct ask *ask = ask_new("goodgo-reload", job_cancel_fd(j));
    bool ok = ask_http(ask, s, "POST", "/-/reload", RELOAD_MS, job_arena(j), &r, err);
    if (ok && r.status == 403) {
        ok = not_enabled(s, err);
    } else if (ok && r.status != 200) {
        text_clean_into(words, sizeof words, r.body, r.body_len < 150 ? r.body_len : 150);
        ok = err_set(err, E_CONFIG, "prometheus", s->prometheus_url,
                     "HTTP %d: %s; the old configuration stays", r.status, words);
        err->todo = "`promtool check config prometheus.yml` names the line";
    }
    ok = ok && read_runtime(ask, s, job_arena(j), &after, err);
    if (ok && !after.reloaded)
        ok = err_set(err, E_PROTOCOL, "prometheus", s->prometheus_url,
                     "it answered well and says that the reload failed");
    if (ok)
        job_result(j, "loaded", "%s", after.when);
    ask_free(ask);
    return ok;
}

static const struct act_remains remains[] = {
    {NULL,
     "whether {target} was asked to reload is not known; it keeps the old configuration when "
     "the new one is wrong: goodgo status --only prometheus tells, and it may be asked again"},
    {NULL, NULL},
};

extern const struct act act_prometheus_reload;
const struct act act_prometheus_reload = {
    .id = "prometheus-reload",
    .title = "Reload Prometheus",
    .help = "make Prometheus read its configuration and rules again",
    .view = "prometheus",
    .remains = remains,
    .plan = reload_plan,
    .run = reload_run,
};
