/* act/backup_form.c - how an archive is to be written: what --format, --jobs and --compress say,
 * and which pg_dump can do it. Not said = the runbook's: custom format, gzip at level 6. */
#include <string.h>

#include "act/archive.h"
#include "backup_priv.h"
#include "base/str.h"
#include "drill_priv.h"

#define JOBS_MAX      64
#define GZIP_DEFAULT  6
#define METHODS_SINCE 160000 /* before, pg_dump knew a level of gzip alone */

static const struct {
    const char *name;
    int min, max, level; /* level 0 = pg_dump's own */
    bool by_method;      /* is told to pg_dump by its name */
} methods[] = {
    [COMPRESS_GZIP] = {"gzip", 1, 9, GZIP_DEFAULT, false},
    [COMPRESS_LZ4] = {"lz4", 1, 12, 0, true},
    [COMPRESS_ZSTD] = {"zstd", 1, 22, 0, true},
    [COMPRESS_NONE] = {"none", 0, 0, 0, false},
};

const struct backup_form backup_form_runbook = {.n_jobs = 1, .level = GZIP_DEFAULT};

static bool read_compress(const char *word, struct backup_form *f, struct err *err) {
    size_t n = strcspn(word, ":");
    for (size_t i = 0; i < ARRAY_LEN(methods); i++) {
        int64_t level = methods[i].level;
        if (strlen(methods[i].name) != n || strncmp(word, methods[i].name, n) != 0)
            continue;
        if (word[n] && !methods[i].max)
            return err_set(err, E_CONFIG, "act.compress", "--compress", "%s takes no level",
                           methods[i].name);
        if (word[n] && !str_to_i64(word + n + 1, methods[i].min, methods[i].max, &level))
            return err_set(err, E_CONFIG, "act.compress", "--compress",
                           "the level of %s is %d to %d", methods[i].name, methods[i].min,
                           methods[i].max);
        f->method = (enum backup_method)i;
        f->level = (int)level;
        return true;
    }
    return err_set(err, E_CONFIG, "act.compress", "--compress",
                   "is gzip, lz4, zstd or none, with :LEVEL where wanted");
}

bool backup_form_read(const struct plan *p, struct backup_form *ret, struct err *err) {
    struct backup_form f = backup_form_runbook;
    int64_t n_jobs = parallel_jobs();
    const char *format = plan_argument(p, "format"), *jobs = plan_argument(p, "jobs");
    const char *compress = plan_argument(p, "compress");
    f.directory = format && strcmp(format, "directory") == 0;
    if (format && !f.directory && strcmp(format, "custom") != 0)
        return err_set(err, E_CONFIG, "act.format", "--format", "is custom or directory");
    if (jobs && !f.directory)
        return err_set(err, E_CONFIG, "act.jobs", "--jobs",
                       "only a directory is written in parallel: say --format directory");
    if (jobs && !str_to_i64(jobs, 1, JOBS_MAX, &n_jobs))
        return err_set(err, E_CONFIG, "act.jobs", "--jobs", "is 1 to %d", JOBS_MAX);
    if (f.directory)
        f.n_jobs = (uint32_t)n_jobs;
    if (compress && !read_compress(compress, &f, err))
        return false;
    *ret = f;
    return true;
}

bool backup_form_tool(const struct backup_form *f, int server_version, struct arena *a,
                      const char **ret_path, int *ret_version, struct err *err) {
    struct err ignored;
    if (!pg_tool_find("pg_dump", server_version, a, ret_path, ret_version, err))
        return false;
    if (*ret_version >= METHODS_SINCE || !methods[f->method].by_method)
        return true;
    int here = *ret_version;
    if (pg_tool_find("pg_dump", METHODS_SINCE, a, ret_path, ret_version, &ignored))
        return true;
    return err_set(err, E_CONFIG, "tool.compress", methods[f->method].name,
                   "pg_dump %d.%d knows gzip and none; %s is known from version %d on: install the "
                   "package postgresql-client-%d",
                   here / 10000, here % 10000, methods[f->method].name, METHODS_SINCE / 10000,
                   METHODS_SINCE / 10000);
}

const char *backup_form_words(const struct backup_form *f, struct arena *a) {
    return f->level ? arena_printf(a, "%s:%d", methods[f->method].name, f->level)
                    : methods[f->method].name;
}

const char *backup_form_option(const struct backup_form *f, struct arena *a) {
    return methods[f->method].by_method ? arena_printf(a, "--compress=%s", backup_form_words(f, a))
                                        : arena_printf(a, "--compress=%d", f->level);
}
