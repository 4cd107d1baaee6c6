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

/* "pass 3d ago, restored in 38m", "never", "never; a drill could not be set up 2h ago: ..." */
static void put_proof(const struct backup_state *s, int64_t now_s, struct str *out) {
    char ago[32], took[32];
    const struct backup_proof *p = &s->proof, *a = &s->attempt;
    str_puts(out, p->result == PROOF_FAIL ? "FAIL" : proof_result_name(p->result));
    value_format(value_int(now_s - p->at_wall_s), UNIT_SECONDS, now_s, ago, sizeof ago);
    if (p->at_wall_s)
        str_printf(out, " %s ago", ago);
    value_format(value_real((double)p->recovery_ms), UNIT_MS, now_s, took, sizeof took);
    if (p->result == PROOF_PASS && p->recovery_ms >= 0)
        str_printf(out, ", restored and checked in %s", took);
    if (p->result != PROOF_NONE && !backup_proof_fits(s))
        str_puts(out, ", of another file");
    value_format(value_int(now_s - a->at_wall_s), UNIT_SECONDS, now_s, ago, sizeof ago);
    if (a->result == PROOF_ERROR)
        str_printf(out, "; a drill came to no verdict %s ago", ago);
}

static void put_text(const struct backup_file *f, int64_t now_s, struct str *out) {
    char age[32], size[32];
    value_format(value_int(now_s - f->taken_wall_s), UNIT_SECONDS, now_s, age, sizeof age);
    value_format(value_int(f->state.size_bytes), UNIT_BYTES, now_s, size, sizeof size);
    str_printf(out, "%c  %-32s %8s %10s  %-9s %-11s ", f->grade, f->name, age, size,
               kind_names[f->kind], f->state.manifest.there ? "manifest" : "no manifest");
    put_proof(&f->state, now_s, out);
    str_putc(out, '\n');
}

static void put_time(struct jsonw *w, const char *key, int64_t wall_s) {
    char time[40];
    jsonw_key(w, key);
    clock_iso8601(wall_s * 1000, time, sizeof time);
    jsonw_string(w, wall_s ? time : NULL);
}

static void put_string(struct jsonw *w, const char *key, const char *s) {
    jsonw_key(w, key);
    jsonw_string(w, s && *s ? s : NULL);
}

static void put_number(struct jsonw *w, const char *key, int64_t n) {
    jsonw_key(w, key);
    if (n < 0)
        jsonw_string(w, NULL);
    else
        jsonw_int(w, n);
}

static void put_report(struct jsonw *w, const char *key, const struct backup_proof *p) {
    jsonw_key(w, key);
    if (p->result == PROOF_NONE) {
        jsonw_string(w, NULL);
        return;
    }
    jsonw_open(w, '{');
    put_string(w, "result", proof_result_name(p->result));
    put_time(w, "at", p->at_wall_s);
    put_string(w, "place", p->place);
    put_string(w, "against", p->against);
    put_number(w, "restoreMs", p->restore_ms);
    put_number(w, "recoveryTimeMs", p->recovery_ms);
    put_string(w, "sha256", p->sha256);
    put_number(w, "passed", p->passed);
    put_number(w, "failed", p->failed);
    put_number(w, "warnings", p->warnings);
    put_string(w, "firstFailure", p->first_failure);
    jsonw_close(w, '}');
}

static void put_json(const struct backup_file *f, struct jsonw *w) {
    char grade[2] = {f->grade, 0};
    const struct backup_state *s = &f->state;
    bool judged = s->proof.result == PROOF_PASS || s->proof.result == PROOF_FAIL;
    jsonw_open(w, '{');
    put_string(w, "file", f->path);
    put_time(w, "takenAt", f->taken_wall_s);
    put_number(w, "sizeBytes", s->size_bytes);
    put_string(w, "format", kind_names[f->kind]);
    jsonw_key(w, "readable");
    jsonw_bool(w, s->readable);
    jsonw_key(w, "manifest");
    jsonw_bool(w, s->manifest.there);
    put_string(w, "proof", judged ? proof_result_name(s->proof.result) : NULL);
    put_time(w, "provedAt", s->proof.at_wall_s);
    put_string(w, "grade", grade);
    put_string(w, "sha256", s->manifest.sha256);
    put_number(w, "tookMs", s->manifest.known ? s->manifest.took_ms : -1);
    put_number(w, "tables", s->manifest.known ? s->manifest.tables : -1);
    put_number(w, "rows", s->manifest.known ? s->manifest.rows : -1);
    put_report(w, "drill", &s->proof);
    put_report(w, "lastAttempt", &s->attempt);
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
