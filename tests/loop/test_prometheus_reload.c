/* tests/loop/test_prometheus_reload.c - a Prometheus that does not let itself be reloaded. */
#include <stdlib.h>

#include "act/act.h"
#include "loop/misbehave.h"

extern const struct act act_prometheus_reload;

static const char *lifecycle; /* what the server says of the flag */

static void say(int fd, const char *status, const char *body) {
    char answer[1024];
    snprintf(answer, sizeof answer, "HTTP/1.1 %s\r\nContent-Length: %zu\r\n\r\n%s", status,
             strlen(body), body);
    bad_puts(fd, answer);
}

static void serve_prometheus(struct bad_server *s, int fd) {
    char buf[4096], flags[200];
    while (bad_read(s, fd, buf, sizeof buf) > 0) {
        snprintf(flags, sizeof flags, "{\"status\":\"success\",\"data\":{\"a\":\"b\"%s%s%s}}",
                 lifecycle ? ",\"web.enable-lifecycle\":\"" : "", lifecycle ? lifecycle : "",
                 lifecycle ? "\"" : "");
        if (strstr(buf, "/status/flags"))
            say(fd, "200 OK", flags);
        else if (strstr(buf, "/status/runtimeinfo"))
            say(fd, "200 OK",
                "{\"status\":\"success\",\"data\":{\"reloadConfigSuccess\":true,"
                "\"lastConfigTime\":\"2026-11-25T20:00:00Z\"}}");
        else
            say(fd, "403 Forbidden", "Lifecycle API is not enabled.");
    }
}

static bool plans(struct bad_server *server, struct err *err) {
    struct arena a;
    struct plan p;
    char url[64];
    struct settings settings = {.context = "dev", .prometheus_url = url};
    static const struct pairs none;
    struct act_input in = {.settings = &settings, .arena = &a, .arguments = &none};
    arena_init(&a);
    snprintf(url, sizeof url, "http://127.0.0.1:%u", server->port);
    bool ok = act_plan(&act_prometheus_reload, &in, &p, err);
    if (ok) {
        CU_ASSERT_EQUAL(p.tier, TIER_CHANGES);
        CU_ASSERT_PTR_NOT_NULL(strstr(p.commands.at[0], "/-/reload"));
    }
    arena_done(&a);
    return ok;
}

TEST(a_server_without_the_endpoint_is_refused_before_it_is_asked) {
    struct bad_server s;
    struct err err = {0};
    lifecycle = "false";
    bad_start(&s, serve_prometheus);
    CU_ASSERT_FALSE(plans(&s, &err));
    CU_ASSERT_EQUAL(err.code, E_CONFIG);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.why, "403"));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.todo, "--web.enable-lifecycle"));
    bad_stop(&s);
}

TEST(one_that_has_it_or_does_not_say_is_planned_for) {
    struct bad_server s;
    struct err err;
    bad_start(&s, serve_prometheus);
    lifecycle = "true";
    CU_ASSERT_TRUE(plans(&s, &err));
    lifecycle = NULL;
    CU_ASSERT_TRUE(plans(&s, &err));
    bad_stop(&s);
}

static void serve_other(struct bad_server *s, int fd) {
    char buf[4096];
    while (bad_read(s, fd, buf, sizeof buf) > 0)
        say(fd, "200 OK", "<html>hello</html>");
}

TEST(something_else_is_no_prometheus) {
    struct bad_server s;
    struct err err = {0};
    bad_start(&s, serve_other);
    CU_ASSERT_FALSE(plans(&s, &err));
    CU_ASSERT_EQUAL(err.code, E_WRONG_THING);
    bad_stop(&s);
}

SUITE(prometheus_reload, T(a_server_without_the_endpoint_is_refused_before_it_is_asked),
      T(one_that_has_it_or_does_not_say_is_planned_for), T(something_else_is_no_prometheus))
