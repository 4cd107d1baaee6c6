/* app/cmd_version.c - `goodgo version`, with the libraries it runs with: the first question of a
 * bug report. */
#include <cjson/cJSON.h>
#include <curl/curl.h>
#include <curses.h>
#include <hiredis/hiredis.h>
#include <libpq-fe.h>
#include <openssl/crypto.h>
#include <utf8proc.h>
#include <uv.h>

#include "app/command.h"
#include "base/jsonw.h"

struct library {
    const char *name, *version;
};

static uint32_t libraries(struct arena *a, struct library *list) {
    int pq = PQlibVersion();
    uint32_t n = 0;
    list[n++] = (struct library){"libuv", uv_version_string()};
    list[n++] = (struct library){"libpq", arena_printf(a, "%d.%d", pq / 10000, pq % 10000)};
    list[n++] = (struct library){
        "hiredis", arena_printf(a, "%d.%d.%d", HIREDIS_MAJOR, HIREDIS_MINOR, HIREDIS_PATCH)};
    list[n++] = (struct library){"libcurl", curl_version_info(CURLVERSION_NOW)->version};
    list[n++] = (struct library){"cJSON", cJSON_Version()};
    list[n++] = (struct library){"OpenSSL", OpenSSL_version(OPENSSL_VERSION_STRING)};
    list[n++] = (struct library){"utf8proc", utf8proc_version()};
    list[n++] = (struct library){"ncurses", curses_version()};
    return n;
}

static void write_json(const struct library *list, uint32_t n, struct str *out) {
    struct jsonw w;
    jsonw_init(&w, out, JSONW_INDENTED);
    jsonw_open(&w, '{');
    jsonw_put_string(&w, "schema", "goodgo.version/1");
    jsonw_put_string(&w, "version", GOODGO_VERSION);
    jsonw_key(&w, "libraries");
    jsonw_open(&w, '{');
    for (uint32_t i = 0; i < n; i++)
        jsonw_put_string(&w, list[i].name, list[i].version);
    jsonw_close(&w, '}');
    jsonw_close(&w, '}');
}

int cmd_version(struct app_context *app) {
    struct library list[8];
    struct str out;
    uint32_t n = libraries(&app->arena, list);
    str_init(&out, 1u << 14);
    if (app->options.json)
        write_json(list, n, &out);
    else
        str_printf(&out, "goodgo %s\n", GOODGO_VERSION);
    for (uint32_t i = 0; i < n && !app->options.json; i++)
        str_printf(&out, "  %-10s %s\n", list[i].name, list[i].version);
    int code = app_print(&out) ? EXIT_DONE : EXIT_FAILED;
    str_done(&out);
    return code;
}
