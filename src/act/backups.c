/* act/backups.c - reads a backup directory; see backups.h. */
#include "act/backups.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "act/job.h"
#include "base/clock.h"
#include "base/str.h"
#include "io/file.h"
#include "model/value.h"
#include "wire/json.h"

#define PART           ".part"
#define LIST_MAX       1000u
#define PARTS_MAX      1000u
#define FILES_FIRST    64u
#define DIR_ANSWERS_MS 5000

/* ---- what lies beside a backup ---- */

/* False where there is no such file; *ret is NULL where it is none that can be read. */
static bool beside(const struct backup_file *b, const char *suffix, struct arena *a,
                   struct json **ret) {
    struct file_content f;
    struct err ignored;
    const char *path = arena_printf(a, "%s%s", b->path, suffix);
    if (access(path, F_OK) != 0)
        return false;
    *ret = readfile(a, path, BACKUP_NOTE_MAX, &f, &ignored)
               ? json_parse(f.bytes, f.len, BACKUP_NOTE_MAX, &ignored)
               : NULL;
    return true;
}

static void read_proof(const struct backup_file *b, const char *suffix, struct arena *a,
                       struct arena *scratch, struct backup_proof *ret) {
    struct json *j;
    if (!beside(b, suffix, scratch, &j))
        return;
    backup_proof_read(j, a, ret);
    json_free(j);
}

static void look(struct backup_file *b, struct arena *a, int64_t now_wall_s,
                 int64_t proof_max_age_s) {
    struct arena scratch;
    struct archive_head head = {.kind = ARCHIVE_OTHER};
    struct err ignored;
    struct json *manifest;
    bool directory = backup_is_directory(b->name);
    arena_init(&scratch);
    bool known = archive_head(b->path, &head, &ignored);
    if (directory)
        b->state.size_bytes = head.size_bytes;
    b->kind = known ? head.kind : b->state.size_bytes ? ARCHIVE_OTHER : ARCHIVE_EMPTY;
    b->state.readable = known && b->kind == (directory ? ARCHIVE_DIRECTORY : ARCHIVE_CUSTOM);
    read_proof(b, BACKUP_PROOF, a, &scratch, &b->state.proof);
    read_proof(b, BACKUP_ATTEMPT, a, &scratch, &b->state.attempt);
    if (beside(b, BACKUP_MANIFEST, &scratch, &manifest)) {
        backup_manifest_read(manifest, a, &b->state.manifest);
        json_free(manifest);
    }
    b->grade = backup_grade(&b->state, now_wall_s, proof_max_age_s);
    arena_done(&scratch);
}

/* ---- the directory ---- */

static int newest_first(const void *a, const void *b) {
    const struct backup_file *x = a, *y = b;
    return (x->taken_wall_s < y->taken_wall_s) - (x->taken_wall_s > y->taken_wall_s);
}

static bool open_dir(const char *dir, DIR **ret, struct err *err) {
    if (!dir_answers(dir, DIR_ANSWERS_MS, err))
        return false;
    *ret = opendir(dir);
    return *ret || err_set(err, E_IO, "backups.list", dir, "%s", strerror(errno));
}

/* All that there are: which are the newest is known only then. */
static struct backup_file *read_dir(DIR *d, const char *dir, struct arena *a, uint32_t *ret_n) {
    struct backup_file *files = NULL;
    struct dirent *entry;
    struct stat st;
    uint32_t n = 0, cap = 0;
    while ((entry = readdir(d))) {
        struct backup_file b = {0};
        if (!backup_time_of_name(entry->d_name, &b.taken_wall_s) ||
            fstatat(dirfd(d), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0 ||
            !(backup_is_directory(entry->d_name) ? S_ISDIR(st.st_mode) : S_ISREG(st.st_mode)))
            continue;
        b.name = arena_strdup(a, entry->d_name);
        b.path = arena_printf(a, "%s/%s", dir, entry->d_name);
        b.state.size_bytes = st.st_size;
        files = arena_grow(a, files, n, &cap, FILES_FIRST, sizeof *files);
        files[n++] = b;
    }
    if (n)
        qsort(files, n, sizeof *files, newest_first);
    *ret_n = n;
    return files;
}

bool backups_list(const char *dir, struct arena *a, int64_t now_wall_s, int64_t proof_max_age_s,
                  struct backup_file **ret, uint32_t *ret_n, struct err *err) {
    DIR *d;
    uint32_t n;
    if (!open_dir(dir, &d, err))
        return false;
    struct backup_file *files = read_dir(d, dir, a, &n);
    closedir(d);
    *ret = files;
    *ret_n = n < LIST_MAX ? n : LIST_MAX;
    for (uint32_t i = 0; i < *ret_n; i++)
        look(&files[i], a, now_wall_s, proof_max_age_s);
    return true;
}

static bool is_ours(const char *name) {
    return str_starts(name, BACKUP_PREFIX) || str_starts(name, BACKUP_SAFETY_PREFIX);
}

/* goodgo_... or safety_..., ending in .part: an archive or a manifest that never got its name. */
static bool is_part(const char *name) {
    size_t n = strlen(name);
    return is_ours(name) && n > strlen(PART) && strcmp(name + n - strlen(PART), PART) == 0;
}

/* Of directories only those that have our whole name: more is lost with one that is another's. */
static bool is_dir_part(const char *name, struct arena *a) {
    int64_t ignored_s;
    const char *of = is_part(name) ? arena_strndup(a, name, strlen(name) - strlen(PART)) : "";
    return backup_is_directory(of) && backup_time_of_name(of, &ignored_s);
}

/* goodgo_....json.goodgo-XXXXXX: a manifest or a proof whose writer was killed before the rename.
 */
static bool is_unnamed_json(const char *name) {
    char of[256];
    const char *dot = strrchr(name, '.');
    return is_ours(name) && dot &&
           snprintf(of, sizeof of, "%.*s", (int)(dot - name), name) < (int)sizeof of &&
           strlen(of) > 5 && strcmp(of + strlen(of) - 5, ".json") == 0 &&
           file_is_temporary(name, of);
}

bool backups_stale_parts(const char *dir, struct arena *a, const char ***ret_paths, uint32_t *ret_n,
                         struct err *err) {
    DIR *d;
    struct dirent *entry;
    struct stat st;
    uint32_t n = 0;
    if (!open_dir(dir, &d, err))
        return false;
    const char **paths = arena_alloc(a, PARTS_MAX * sizeof *paths);
    while (n < PARTS_MAX && (entry = readdir(d))) {
        const char *path = arena_printf(a, "%s/%s", dir, entry->d_name);
        bool directory = lstat(path, &st) == 0 && S_ISDIR(st.st_mode);
        bool part = directory ? is_dir_part(entry->d_name, a)
                              : is_part(entry->d_name) || is_unnamed_json(entry->d_name);
        if (part && !file_is_locked(path))
            paths[n++] = path;
    }
    closedir(d);
    *ret_paths = paths;
    *ret_n = n;
    return true;
}

bool backups_remove_part(const char *path, struct err *err) {
    struct stat st;
    if (lstat(path, &st) == 0 && S_ISDIR(st.st_mode))
        return dir_remove(path, err);
    return file_remove(path, err);
}

void backups_drop_part(const char *path, struct job *j) {
    struct err why;
    if (!backups_remove_part(path, &why))
        job_log(j, "%s stays until the next backup: %s", path, why.why);
}

bool backups_remove(const struct backup_file *f, struct arena *a, struct err *err) {
    static const char *const beside[] = {BACKUP_MANIFEST, BACKUP_PROOF, BACKUP_ATTEMPT};
    const char *part = arena_printf(a, "%s" PART, f->path);
    bool directory = backup_is_directory(f->name);
    if (directory && !dir_is_flat(f->path, err))
        return false; /* before it has lost its name */
    if ((directory ? rename(f->path, part) : unlink(f->path)) != 0)
        return err_set(err, E_IO, "backups.remove", f->name, "%s", strerror(errno));
    bool ok = true;
    for (size_t i = 0; i < ARRAY_LEN(beside); i++) {
        const char *path = arena_printf(a, "%s%s", f->path, beside[i]);
        ok = file_remove(path, err) && ok;
    }
    return (!directory || dir_remove(part, err)) && ok;
}

static uint32_t find_newest_good(const struct backup_file *files, uint32_t n) {
    uint32_t i = 0;
    while (i < n && files[i].grade == 'F')
        i++;
    return i;
}

bool backups_held_back(const struct backup_file *files, uint32_t n, uint32_t i) {
    uint32_t newest = find_newest_good(files, n);
    if (newest >= i || files[i].grade == 'F')
        return false;
    const struct backup_state *now = &files[newest].state, *then = &files[i].state;
    bool counted = now->manifest.known && then->manifest.known;
    return counted ? now->manifest.rows < then->manifest.rows / 2
                   : now->size_bytes < then->size_bytes / 2;
}

uint32_t backups_to_prune(const struct backup_file *files, uint32_t n, int64_t now_wall_s,
                          uint32_t days, uint32_t *ret_indices) {
    uint32_t n_old = 0, newest_good = find_newest_good(files, n), newest_proved = n;
    for (uint32_t i = n; i-- > 0;)
        if (files[i].state.proof.result == PROOF_PASS && backup_proof_fits(&files[i].state))
            newest_proved = i;
    for (uint32_t i = n; i-- > 0;)
        if (now_wall_s - files[i].taken_wall_s > (int64_t)days * DAY_S && i != 0 &&
            i != newest_good && i != newest_proved && !backups_held_back(files, n, i))
            ret_indices[n_old++] = i;
    return n_old;
}

/* The directory part of a path; "." where it has none. */
static const char *dir_of(const char *path, struct arena *a) {
    const char *slash = strrchr(path, '/');
    return !slash ? "." : slash == path ? "/" : arena_strndup(a, path, (size_t)(slash - path));
}

/* A bare name is one of the backup directory unless it is a file right here. */
static bool find_named(const char *dir, const char *file, struct arena *a, const char **ret_path,
                       struct err *err) {
    size_t n = strlen(file);
    while (n > 1 && file[n - 1] == '/') /* a shell completes a directory's name with one */
        n--;
    file = arena_strndup(a, file, n);
    bool bare = !strchr(file, '/') && dir && access(file, F_OK) != 0;
    *ret_path = bare ? arena_printf(a, "%s/%s", dir, file) : arena_strdup(a, file);
    return dir_answers(dir_of(*ret_path, a), DIR_ANSWERS_MS, err);
}

bool backup_find(const char *dir, const char *file, struct arena *a, const char **ret_path,
                 struct err *err) {
    struct backup_file *files;
    uint32_t n;
    if (strcmp(file, "latest") != 0)
        return find_named(dir, file, a, ret_path, err);
    if (!dir)
        return err_set(err, E_CONFIG, "backups.find", file, "BACKUP_DIR is not set: name a file");
    if (!backups_list(dir, a, 0, 0, &files, &n, err))
        return false;
    if (!n)
        return err_set(err, E_IO, "backups.find", dir,
                       "holds no goodgo_YYYYMMDD_HHMMSS.sql.gz or .dir");
    *ret_path = files[0].path;
    return true;
}

void backup_warn_future(struct plan *p, const char *path, int64_t now_wall_s) {
    char ahead[32];
    int64_t taken_s;
    const char *name = path_name(path);
    if (!backup_time_of_name(name, &taken_s) || taken_s - now_wall_s <= BACKUP_FUTURE_S)
        return;
    value_format(value_int(taken_s - now_wall_s), UNIT_SECONDS, now_wall_s, ahead, sizeof ahead);
    plan_warning(p,
                 "%s is dated %s ahead of this machine's clock: one clock was wrong, and until then"
                 " it stays the latest, whatever was taken since: goodgo backups lists all",
                 name, ahead);
}
