/* app/cmd_backups.c - `goodgo backups`: the catalogue with ages, sizes, manifests, proofs, grades.
 */
#include <stdio.h>

#include "act/backups.h"
#include "app/command.h"
#include "base/clock.h"
#include "base/jsonw.h"
#include "model/reading.h"

static const char *const kind_names[] = {
    [ARCHIVE_CUSTOM] = "custom", [ARCHIVE_DIRECTORY] = "directory",
    [ARCHIVE_TAR] = "tar",       [ARCHIVE_GZIP] = "gzip",
    [ARCHIVE_SQL] = "sql",       [ARCHIVE_EMPTY] = "empty",
    [ARCHIVE_OTHER] = "other",
};
static const char *const proof_names[] = {
    [PROOF_NONE] = "never", [PROOF_PASS] = "pass", [PROOF_FAIL] = "FAIL"};

static void put_text(const struct backup_file *f, int64_t now_s, struct str *out) {
    char age[32], size[32], proved[32] = "";
    value_format(value_int(now_s - f->taken_wall_s), UNIT_SECONDS, now_s, age, sizeof age);
    value_format(value_int(f->size_bytes), UNIT_BYTES, now_s, size, sizeof size);
    if (f->proved_wall_s)
        value_format(value_int(now_s - f->proved_wall_s), UNIT_SECONDS, now_s, proved,
                     sizeof proved);
    str_printf(out, "%c  %-32s %8s %10s  %-9s %-11s %s%s%s\n", f->grade, f->name, age, size,
               kind_names[f->kind], f->has_manifest ? "manifest" : "no manifest",
               proof_names[f->proof], *proved ? " " : "", proved);
}

static void put_time(struct jsonw *w, const char *key, int64_t wall_s) {
    char time[40];
    jsonw_key(w, key);
    clock_iso8601(wall_s * 1000, time, sizeof time);
    jsonw_string(w, wall_s ? time : NULL);
}

static void put_json(const struct backup_file *f, struct jsonw *w) {
    char grade[2] = {f->grade, 0};
    jsonw_open(w, '{');
    jsonw_key(w, "file");
    jsonw_string(w, f->path);
    put_time(w, "takenAt", f->taken_wall_s);
    jsonw_key(w, "sizeBytes");
    jsonw_int(w, f->size_bytes);
    jsonw_key(w, "format");
    jsonw_string(w, kind_names[f->kind]);
    jsonw_key(w, "readable");
    jsonw_bool(w, f->readable);
    jsonw_key(w, "manifest");
    jsonw_bool(w, f->has_manifest);
    jsonw_key(w, "proof");
    jsonw_string(w, f->proof == PROOF_NONE ? NULL : f->proof == PROOF_PASS ? "pass" : "fail");
    put_time(w, "provedAt", f->proved_wall_s);
    jsonw_key(w, "grade");
    jsonw_string(w, grade);
    jsonw_close(w, '}');
}

int cmd_backups(struct app_context *app) {
    struct backup_file *files;
    struct str out;
    struct jsonw w;
    struct err err;
    uint32_t n;
    int64_t now_s = clock_wall_ms() / 1000;
    const char *dir = app->argc ? app->argv[0] : app->settings->backup_dir;
    if (!dir) {
        err_set(&err, E_CONFIG, "backups", "BACKUP_DIR", "is not set: name a directory");
        return app_fail(&err, EXIT_USAGE);
    }
    if (!backups_list(dir, &app->arena, now_s, app->config.drill_warn_age_s, &files, &n, &err))
        return app_fail(&err, EXIT_USAGE);
    str_init(&out, 4u << 20);
    if (app->json) {
        jsonw_init(&w, &out, true);
        jsonw_open(&w, '{');
        jsonw_key(&w, "schema");
        jsonw_string(&w, "goodgo.backups/1");
        jsonw_key(&w, "directory");
        jsonw_string(&w, dir);
        jsonw_key(&w, "backups");
        jsonw_open(&w, '[');
    }
    for (uint32_t i = 0; i < n; i++)
        app->json ? put_json(&files[i], &w) : put_text(&files[i], now_s, &out);
    if (app->json) {
        jsonw_close(&w, ']');
        jsonw_close(&w, '}');
    } else if (!n) {
        str_printf(&out, "no backups in %s: goodgo backup makes one\n", dir);
    }
    bool ok = app_print(&out);
    str_done(&out);
    return ok ? EXIT_DONE : EXIT_FAILED;
}
