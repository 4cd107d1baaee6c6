/* act/archive_tool.c - which of the installed PostgreSQL programs fits. Debian keeps one set per
 * major version; its /usr/bin/pg_dump is a script that picks one by rules of its own, so it is
 * passed over. */
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "archive_priv.h"
#include "base/str.h"
#include "io/child.h"

#define VERSION_MS 5000u

static bool is_wrapper(const char *path) {
    char real[PATH_MAX];
    const char *slash = realpath(path, real) ? strrchr(real, '/') : NULL;
    return slash && !strcmp(slash, "/pg_wrapper");
}

static bool take_text(void *ctx, const char *bytes, size_t n) {
    str_add(ctx, bytes, n);
    return true;
}

/* "pg_dump (PostgreSQL) 15.20 (Debian ...)" -> 150020; "17beta1" -> 170000; 0 = not said. */
static int version_parse(const char *text) {
    const char *at = strstr(text, "(PostgreSQL) ");
    if (!at)
        return 0;
    char *end;
    unsigned long major = strtoul(at + 13, &end, 10), minor = 0;
    if (*end == '.')
        minor = strtoul(end + 1, NULL, 10);
    return major < 1000 && minor < 10000 ? (int)(major * 10000 + minor) : 0;
}

#define WHY_SIZE 400

/* 0, and why, of what does not say it: a library that it misses, for one. */
static int version_of(const char *path, char why[WHY_SIZE]) {
    const char *const argv[] = {path, "--version", NULL};
    struct child_result result;
    struct err err;
    struct str text;
    str_init(&text, 200);
    struct child_spec spec = {.argv = argv,
                              .env = {"LC_ALL=C"},
                              .stdout_fd = -1,
                              .on_stdout = take_text,
                              .timeout_ms = VERSION_MS,
                              .ctx = &text,
                              .cancel_fd = -1};
    bool ran = child_run(&spec, &result, &err);
    int version = ran && result.exit_code == 0 ? version_parse(str_get(&text)) : 0;
    if (!version)
        str_copy(why, WHY_SIZE, ran ? result.last_line : err.why);
    str_done(&text);
    return version;
}

struct search {
    const char *tool;
    int wanted;                            /* major; 0 = any */
    char best[PATH_MAX], silent[PATH_MAX]; /* silent: is there, but does not say its version */
    char why_silent[WHY_SIZE];
    int best_version, newest;
};

/* The same major as the server's before a newer one: what a newer pg_dump writes, an older
 * pg_restore may not read. Otherwise the newest. */
static bool is_better(const struct search *s, int version) {
    if (version / 10000 < s->wanted)
        return false;
    bool same = s->wanted && version / 10000 == s->wanted;
    bool best_same = s->wanted && s->best_version / 10000 == s->wanted;
    return same != best_same ? same : version > s->best_version;
}

static void consider(struct search *s, const char *path) {
    if (access(path, X_OK) != 0 || is_wrapper(path))
        return;
    char why[WHY_SIZE];
    int version = version_of(path, why);
    if (!version) {
        str_copy(s->silent, sizeof s->silent, path);
        str_copy(s->why_silent, sizeof s->why_silent, why);
    }
    if (version > s->newest)
        s->newest = version;
    if (version && is_better(s, version) && str_copy(s->best, sizeof s->best, path))
        s->best_version = version;
}

static void consider_pattern(struct search *s, const char *directories) {
    char pattern[200];
    glob_t g;
    snprintf(pattern, sizeof pattern, "%s/%s", directories, s->tool);
    if (glob(pattern, 0, NULL, &g) != 0)
        return;
    for (size_t i = 0; i < g.gl_pathc; i++)
        consider(s, g.gl_pathv[i]);
    globfree(&g);
}

static void consider_path(struct search *s) {
    char path[PATH_MAX];
    const char *at = getenv("PATH");
    for (size_t n; at && *at; at += n + (at[n] == ':')) {
        n = strcspn(at, ":");
        int len = snprintf(path, sizeof path, "%.*s/%s", (int)n, at, s->tool);
        if (n && at[0] == '/' && len > 0 && (size_t)len < sizeof path)
            consider(s, path);
    }
}

static bool is_client_tool(const char *tool) {
    return str_starts(tool, "pg_dump") || str_starts(tool, "pg_restore") ||
           str_starts(tool, "psql");
}

bool pg_tool_find(const char *tool, int server_version, struct arena *a, const char **ret_path,
                  int *ret_version, struct err *err) {
    struct search s = {.tool = tool, .wanted = server_version / 10000};
    consider_pattern(&s, "/usr/lib/postgresql/*/bin");
    consider_pattern(&s, "/usr/pgsql-*/bin");
    consider_path(&s);
    if (s.best_version) {
        *ret_path = arena_strdup(a, s.best);
        *ret_version = s.best_version;
        return true;
    }
    const char *package = is_client_tool(tool) ? "postgresql-client" : "postgresql";
    if (s.newest)
        return err_set(err, E_CONFIG, "tool.find", tool,
                       "%d.%d is too old for PostgreSQL %d: install the package %s-%d",
                       s.newest / 10000, s.newest % 10000, s.wanted, package, s.wanted);
    if (*s.silent)
        return err_set(err, E_IO, "tool.find", tool, "%s does not say its version: %s", s.silent,
                       *s.why_silent ? s.why_silent : "does it run?");
    if (s.wanted)
        return err_set(err, E_CONFIG, "tool.find", tool,
                       "is not installed: install the package %s-%d", package, s.wanted);
    return err_set(err, E_CONFIG, "tool.find", tool, "is not installed: install the package %s",
                   package);
}

bool pg_tool_reads(const char *pg_restore, const char *path, int minor, struct err *err) {
    static const struct {
        int major, minor;
    } reads[] = {{17, 16}, {16, 15}, {12, 14}, {10, 13}, {9, 12}};
    char why[WHY_SIZE];
    int version = version_of(pg_restore, why), newest = 0, needed = 0;
    for (size_t i = 0; i < ARRAY_LEN(reads); i++) {
        if (version / 10000 >= reads[i].major && !newest)
            newest = reads[i].minor;
        if (reads[i].minor >= minor)
            needed = reads[i].major;
    }
    if (!version)
        return err_set(err, E_CONFIG, "tool.version", pg_restore, "does not run%s%s",
                       *why ? ": " : "", why);
    if (minor > newest)
        return err_set(err, E_CONFIG, "tool.reads", path_tail(path),
                       "archive format 1.%d needs pg_restore %d, here is %d: install the package "
                       "postgresql-client-%d",
                       minor, needed, version / 10000, needed);
    return true;
}
