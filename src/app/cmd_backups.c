/* app/cmd_backups.c - `goodgo backups`: the catalogue with ages, sizes, manifests, proofs, grades.
 */

#include <string.h>

#include "act/backups.h"
#include "act/store.h"
#include "app/command.h"
#include "base/clock.h"
#include "base/jsonw.h"

static const char *const kind_names[] = {
    [ARCHIVE_CUSTOM] = "custom", [ARCHIVE_DIRECTORY] = "directory",
    [ARCHIVE_TAR] = "tar",       [ARCHIVE_GZIP] = "gzip",
    [ARCHIVE_LZ4] = "lz4",       [ARCHIVE_ZSTD] = "zstd",
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

struct listing {
    const char *dir, *bucket; /* bucket NULL = the store was not asked */
    int64_t now_s;
    struct backup_file *files;
    struct store_copy *copies;
    uint32_t n, n_copies;
};

/* Of the same name and size: what an upload leaves, and nothing else does. */
static bool has_copy(const struct listing *l, const struct backup_file *f) {
    for (uint32_t i = 0; i < l->n_copies; i++)
        if (l->copies[i].whole && strcmp(l->copies[i].name, f->name) == 0 &&
            l->copies[i].size_bytes == f->state.size_bytes)
            return true;
    return false;
}

static bool is_here(const struct listing *l, const struct store_copy *c) {
    for (uint32_t i = 0; i < l->n; i++)
        if (strcmp(l->files[i].name, c->name) == 0)
            return true;
    return false;
}

static void put_text(const struct listing *l, const struct backup_file *f, struct str *out) {
    int64_t now_s = l->now_s;
    char age[32], size[32];
    value_format(value_int(now_s - f->taken_wall_s), UNIT_SECONDS, now_s, age, sizeof age);
    value_format(value_int(f->state.size_bytes), UNIT_BYTES, now_s, size, sizeof size);
    str_printf(out, "%c  %-32s %8s %10s  %-9s %-11s ", f->grade, f->name, age, size,
               kind_names[f->kind], f->state.manifest.there ? "manifest" : "no manifest");
    put_proof(&f->state, now_s, out);
    str_printf(out, "%s\n", !l->bucket ? "" : has_copy(l, f) ? "; copied" : "; NO COPY");
}

static void put_remote_text(const struct listing *l, const struct store_copy *c, struct str *out) {
    char age[32], size[32];
    int64_t taken_s = l->now_s;
    (void)backup_time_of_name(c->name, &taken_s); /* the list holds no other names */
    value_format(value_int(l->now_s - taken_s), UNIT_SECONDS, l->now_s, age, sizeof age);
    value_format(value_int(c->size_bytes), UNIT_BYTES, l->now_s, size, sizeof size);
    str_printf(out, "-  %-32s %8s %10s  ", c->name, age, size);
    if (c->n_files)
        str_printf(out, "%u files, ", c->n_files);
    if (c->whole)
        str_printf(out, "only in bucket %s: goodgo fetch-backup brings it\n", l->bucket);
    else
        str_printf(out, "NOT WHOLE in bucket %s%s\n", l->bucket,
                   c->indexed ? ": files are missing, too many or of another size"
                              : ": its upload was cut off, or is running");
}

static void put_number(struct jsonw *w, const char *key, int64_t n) {
    jsonw_put_int_if(w, key, n >= 0, n);
}

static void put_report(struct jsonw *w, const char *key, const struct backup_proof *p) {
    jsonw_key(w, key);
    if (p->result == PROOF_NONE) {
        jsonw_null(w);
        return;
    }
    jsonw_open(w, '{');
    jsonw_put_known(w, "result", proof_result_name(p->result));
    jsonw_put_time(w, "at", p->at_wall_s * 1000);
    jsonw_put_known(w, "place", p->place);
    jsonw_put_known(w, "against", p->against);
    put_number(w, "restoreMs", p->restore_ms);
    put_number(w, "recoveryTimeMs", p->recovery_ms);
    jsonw_put_known(w, "sha256", p->sha256);
    put_number(w, "passed", p->passed);
    put_number(w, "failed", p->failed);
    put_number(w, "warnings", p->warnings);
    jsonw_put_known(w, "firstFailure", p->first_failure);
    jsonw_close(w, '}');
}

static void put_json(const struct listing *l, const struct backup_file *f, struct jsonw *w) {
    char grade[2] = {f->grade, 0};
    const struct backup_state *s = &f->state;
    bool judged = s->proof.result == PROOF_PASS || s->proof.result == PROOF_FAIL;
    jsonw_open(w, '{');
    jsonw_put_known(w, "file", f->path);
    jsonw_put_time(w, "takenAt", f->taken_wall_s * 1000);
    put_number(w, "sizeBytes", s->size_bytes);
    jsonw_put_known(w, "format", kind_names[f->kind]);
    jsonw_put_bool(w, "readable", s->readable);
    jsonw_put_bool(w, "manifest", s->manifest.there);
    jsonw_put_known(w, "proof", judged ? proof_result_name(s->proof.result) : NULL);
    jsonw_put_time(w, "provedAt", s->proof.at_wall_s * 1000);
    jsonw_put_known(w, "grade", grade);
    jsonw_put_known(w, "sha256", s->manifest.sha256);
    put_number(w, "tookMs", s->manifest.known ? s->manifest.took_ms : -1);
    put_number(w, "tables", s->manifest.known ? s->manifest.tables : -1);
    put_number(w, "rows", s->manifest.known ? s->manifest.rows : -1);
    put_report(w, "drill", &s->proof);
    put_report(w, "lastAttempt", &s->attempt);
    jsonw_key(w, "copied");
    if (l->bucket)
        jsonw_bool(w, has_copy(l, f));
    else
        jsonw_null(w);
    jsonw_close(w, '}');
}

static void put_remote_json(const struct listing *l, struct jsonw *w) {
    jsonw_put_known(w, "bucket", l->bucket);
    jsonw_key(w, "copies");
    jsonw_open(w, '[');
    for (uint32_t i = 0; i < l->n_copies; i++) {
        jsonw_open(w, '{');
        jsonw_put_known(w, "key", l->copies[i].name);
        put_number(w, "sizeBytes", l->copies[i].size_bytes);
        put_number(w, "files", backup_is_directory(l->copies[i].name) ? l->copies[i].n_files : 1);
        jsonw_put_bool(w, "whole", l->copies[i].whole);
        jsonw_put_bool(w, "alsoHere", is_here(l, &l->copies[i]));
        jsonw_close(w, '}');
    }
    jsonw_close(w, ']');
}

static void put_document(const struct listing *l, struct str *out) {
    struct jsonw w;
    jsonw_init(&w, out, JSONW_INDENTED);
    jsonw_open(&w, '{');
    jsonw_put_known(&w, "schema", "goodgo.backups/1");
    jsonw_put_known(&w, "directory", l->dir);
    jsonw_key(&w, "backups");
    jsonw_open(&w, '[');
    for (uint32_t i = 0; i < l->n; i++)
        put_json(l, &l->files[i], &w);
    jsonw_close(&w, ']');
    if (l->bucket)
        put_remote_json(l, &w);
    jsonw_close(&w, '}');
}

static void put_lines(const struct listing *l, struct str *out) {
    for (uint32_t i = 0; i < l->n; i++)
        put_text(l, &l->files[i], out);
    for (uint32_t i = 0; i < l->n_copies; i++)
        if (!is_here(l, &l->copies[i]) || !l->copies[i].whole)
            put_remote_text(l, &l->copies[i], out);
    if (!l->n && !l->n_copies)
        str_printf(out, "no backups in %s: goodgo backup makes one\n", l->dir);
}

static bool read_copies(struct app_context *app, struct listing *l, struct err *err) {
    struct store *st = NULL;
    if (!store_open(app->settings, -1, &st, err))
        return false;
    bool ok = store_list(st, &app->arena, &l->copies, &l->n_copies, err);
    l->bucket = store_bucket(st);
    store_close(st);
    return ok;
}

int cmd_backups(struct app_context *app) {
    struct str out;
    struct err err;
    struct listing l = {.dir = app->argc ? app->argv[0] : app->settings->backup_dir,
                        .now_s = clock_wall_ms() / 1000};
    if (!l.dir) {
        err_set(&err, E_CONFIG, "backups", "BACKUP_DIR", "is not set: name a directory");
        return app_fail(&err, EXIT_USAGE);
    }
    if (!backups_list(l.dir, &app->arena, l.now_s, app->config.drill_warn_age_s, &l.files, &l.n,
                      &err) ||
        (app->options.remote && !read_copies(app, &l, &err)))
        return app_fail(&err, EXIT_USAGE);
    str_init(&out, 4u << 20);
    if (app->json)
        put_document(&l, &out);
    else
        put_lines(&l, &out);
    bool ok = app_print(&out);
    str_done(&out);
    return ok ? EXIT_DONE : EXIT_FAILED;
}
