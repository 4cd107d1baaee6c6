/* app/cmd_query.c - `goodgo query EXPR|PRESET [--range 1h]`: PromQL through Prometheus' API. No
 * data is said, never shown as zero. Exit 0 with data, 1 without, 2 when it cannot be asked. */
#include "app/command.h"
#include "app/query.h"
#include "base/clock.h"
#include "io/ask.h"
#include "term/term.h"

#define TIMEOUT_MS 10000

static int show(struct app_context *app, const char *expression, const struct reply *reply) {
    struct err err;
    struct str out;
    bool empty;
    bool drawn = !app->options.plain && term_locale_is_utf8(); /* its bars are no ASCII */
    enum query_form form = app->options.json ? QUERY_JSON : drawn ? QUERY_DRAWN : QUERY_PLAIN;
    const struct query_asked q = {app->settings->prometheus_url, expression, form};
    str_init(&out, (size_t)64 << 20);
    int code = EXIT_USAGE;
    if (!query_answer(&q, &reply->http, &app->arena, &out, &empty, &err))
        app_fail(&err, EXIT_USAGE);
    else if (app_print(&out))
        code = empty ? EXIT_FAILED : EXIT_DONE;
    str_done(&out);
    return code;
}

static int query(struct app_context *app, const char *expression, int64_t range_s) {
    struct err err;
    const char *url = query_url(&app->arena, app->settings->prometheus_url, expression, range_s,
                                clock_wall_ms() / 1000);
    if (!url) {
        err_set(&err, E_CONFIG, "query", "", "the expression is too long for an address");
        return app_fail(&err, EXIT_USAGE);
    }
    struct exchange ex = {.kind = EXCHANGE_HTTP,
                          .http = {.url = url, .max_body_bytes = QUERY_ANSWER_MAX}};
    struct reply reply;
    struct ask *ask = ask_new("goodgo-console", -1);
    uint32_t timeout_ms = app->options.timeout_ms ? app->options.timeout_ms : TIMEOUT_MS;
    bool answered = ask_once(ask, &ex, &app->arena, timeout_ms, &reply, &err);
    ask_free(ask);
    return answered ? show(app, expression, &reply) : app_fail(&err, EXIT_USAGE);
}

static bool parse(const struct app_context *app, int64_t *ret_range_s, struct err *err) {
    struct str presets;
    if (app->argc != 1) {
        str_init(&presets, 512);
        query_preset_names(&presets);
        err_set(err, E_CONFIG, "query", "", "give one expression in quotes, or a preset: %s",
                str_get(&presets));
        str_done(&presets);
        return false;
    }
    if (!query_range_given("query", app->options.range, ret_range_s, err))
        return false;
    if (!app->settings->prometheus_url)
        return err_set(err, E_CONFIG, "query", "",
                       "this platform has no Prometheus: set GOODGO_PROMETHEUS_URL");
    return true;
}

int cmd_query(struct app_context *app) {
    struct err err;
    int64_t range_s = 0;
    if (!parse(app, &range_s, &err))
        return app_fail(&err, EXIT_USAGE);
    return query(app, query_expression(app->argv[0]), range_s);
}
