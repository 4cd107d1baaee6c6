/* act/fetch_backup.c - a copy out of the bucket back into the backup directory, verified before it
 * gets its name. */
#include <errno.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "act/act.h"
#include "act/backups.h"
#include "act/store.h"
#include "base/shell.h"

/* The newest that is whole: of a later one the upload may still be running. */
static bool newest_whole(struct store *st, struct arena *a, const char **ret, struct err *err) {
    struct store_copy *list;
    uint32_t n, i = 0;
    if (!store_list(st, a, &list, &n, err))
        return false;
    while (i < n && !list[i].whole)
        i++;
    if (i == n) {
        err_set(err, E_IO, "fetch.plan", store_bucket(st), "holds no backup that is whole");
        err->todo = "`goodgo backup --upload` puts one there, where the backups are";
        return false;
    }
    *ret = list[i].name;
    return true;
}

/* By its name, or the newest. */
static bool choose(struct store *st, struct arena *a, const char *name, struct store_copy *ret,
                   struct err *err) {
    int64_t ignored_s;
    if ((!name || strcmp(name, "latest") == 0) && !newest_whole(st, a, &name, err))
        return false;
    if (!backup_time_of_name(name, &ignored_s))
        return err_set(err, E_CONFIG, "fetch.plan", name,
                       "is no name of a backup: goodgo_YYYYMMDD_HHMMSS.sql.gz or .dir");
    if (!store_look(st, a, name, ret, err))
        return false;
    return !backup_is_directory(name) || ret->indexed ||
           err_set(err, E_IO, "fetch.plan", name,
                   "is not whole in bucket %s: there is no %s" BACKUP_INDEX
                   ", which is put there last",
                   store_bucket(st), name);
}

static bool plan_room(struct plan *p, const char *dir, const struct store_copy *c,
                      struct err *err) {
    struct statvfs fs;
    char size[32];
    if (access(dir, W_OK | X_OK) != 0 || statvfs(dir, &fs) != 0)
        return err_set(err, E_IO, "fetch.plan", dir, "%s", strerror(errno));
    value_format(value_int(c->size_bytes), UNIT_BYTES, 0, size, sizeof size);
    if ((int64_t)fs.f_bavail * (int64_t)fs.f_frsize < c->size_bytes)
        return err_set(err, E_IO, "fetch.plan", dir, "has no room for %s", size);
    if (backup_is_directory(c->name)) {
        plan_change(p, "writes directory %s (%u files, %s) and its manifest into %s", c->name,
                    c->n_files, size, dir);
        plan_change(p, "under a temporary name, until the SHA-256 of every file is the manifest's");
        return true;
    }
    plan_change(p, "writes %s (%s) and its manifest into %s", c->name, size, dir);
    plan_change(p, "under a temporary name, until size and SHA-256 are as they were put there");
    return true;
}

static void plan_by_hand(struct plan *p, const char *bucket, const char *name, const char *dir) {
    const char *from = shell_word(p->arena, arena_printf(p->arena, "STORE/%s/%s", bucket, name));
    const char *to = shell_word(p->arena, arena_printf(p->arena, "%s/%s", dir, name));
    if (!backup_is_directory(name)) {
        plan_command(p, "mc cp %s %s/", from, shell_word(p->arena, dir));
        return;
    }
    plan_command(p, "mc cp --recursive %s/ %s/", from, to);
    plan_command(p, "cd %s && mc cat %s" BACKUP_INDEX " | sha256sum -c", to, from);
}

static bool fetch_plan(const struct act_input *in, struct plan *p, struct err *err) {
    struct store *st = NULL;
    struct store_copy c = {.name = "", .etag = ""};
    struct backup_file *files;
    uint32_t n;
    const char *dir = in->settings->backup_dir;
    p->tier = TIER_HARMLESS;
    p->target = "backup directory";
    if (!dir)
        return err_set(err, E_CONFIG, "fetch.plan", "BACKUP_DIR", "is not set");
    if (!backups_list(dir, in->arena, in->now_wall_ms / 1000, 0, &files, &n, err) ||
        !store_open(in->settings, -1, &st, err))
        return false;
    bool ok = choose(st, in->arena, act_argument(in, "file"), &c, err);
    for (uint32_t i = 0; ok && i < n; i++)
        if (strcmp(files[i].name, c.name) == 0)
            ok = err_set(err, E_CONFIG, "fetch.plan", files[i].path, "is there already");
    if (ok) {
        backup_warn_future(p, c.name, in->now_wall_ms / 1000);
        plan_fact(p, "object", "%s/%s", store_bucket(st), c.name);
        plan_fact(p, "bytes", "%lld", (long long)c.size_bytes);
        plan_fact(p, "etag", "%s", c.etag);
        plan_fact(p, "directory", "%s", dir);
        plan_by_hand(p, store_bucket(st), c.name, dir);
        ok = plan_room(p, dir, &c, err);
    }
    store_close(st);
    return ok;
}

static bool fetch_run(struct job *j, const struct plan *p, struct err *err) {
    struct store *st = NULL;
    const char *name = path_name(pairs_find(&p->facts, "object"));
    const char *path =
        arena_printf(job_arena(j), "%s/%s", pairs_find(&p->facts, "directory"), name);
    bool ok = store_open(job_settings(j), job_cancel_fd(j), &st, err) &&
              store_fetch(st, j, name, path, err);
    store_close(st);
    return ok;
}

static const struct act_remains fetch_remains[] = {
    {NULL, "the store was only read; run goodgo fetch-backup again"},
    {NULL, "{part}: if it is there, it is no whole copy and has no final name; the next goodgo "
           "backup removes it"},
    {"checksum", "{archive}: if it is there, it is whole: goodgo verify --quick {archive}"},
    {NULL, NULL},
};

extern const struct act act_fetch_backup;
const struct act act_fetch_backup = {
    .id = "fetch-backup",
    .title = "Fetch a backup from the store",
    .help = "bring a copy back from the object store, verified before it gets its name",
    .about = "A copy that backup --upload put into GOODGO_BACKUP_BUCKET comes back into BACKUP_DIR "
             "with its manifest. It is held against its size and its SHA-256 before it gets its "
             "name, a directory file by file. Without FILE it is the newest that is whole.",
    .example = "goodgo backups --remote\ngoodgo fetch-backup goodgo_20260410_020000.sql.gz",
    .operand = "file",
    .view = "pg-backup",
    .remains = fetch_remains,
    .plan = fetch_plan,
    .run = fetch_run,
};
