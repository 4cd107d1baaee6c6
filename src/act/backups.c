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

#include "base/clock.h"
#include "base/str.h"
#include "io/file.h"
#include "wire/json.h"

#define PREFIX     "goodgo_"
#define SUFFIX     ".sql.gz"
#define PART       ".part"
#define FILES_MAX  1000
#define REPORT_MAX ((size_t)4 << 20)

static bool all_digits(const char *s, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (s[i] < '0' || s[i] > '9')
            return false;
    return true;
}

void backup_name(int64_t wall_s, char *buf, size_t size) {
    char t[40];
    clock_iso8601(wall_s * 1000, t, sizeof t);
    snprintf(buf, size, PREFIX "%.4s%.2s%.2s_%.2s%.2s%.2s" SUFFIX, t, t + 5, t + 8, t + 11, t + 14,
             t + 17);
}

bool backup_time_of_name(const char *name, int64_t *ret_wall_s) {
    char iso[32];
    int64_t ms;
    const char *at = name + strlen(PREFIX);
    if (strlen(name) != strlen(PREFIX) + 15 + strlen(SUFFIX) || !str_starts(name, PREFIX) ||
        strcmp(at + 15, SUFFIX) != 0 || !all_digits(at, 8) || at[8] != '_' ||
        !all_digits(at + 9, 6))
        return false;
    snprintf(iso, sizeof iso, "%.4s-%.2s-%.2sT%.2s:%.2s:%.2sZ", at, at + 4, at + 6, at + 9, at + 11,
             at + 13);
    if (!clock_parse_rfc3339(iso, &ms))
        return false;
    *ret_wall_s = ms / 1000;
    return true;
}

/* ---- what lies beside a backup ---- */

static struct json *beside(const struct backup_file *b, const char *suffix, struct arena *a) {
    struct file_content f;
    struct err ignored;
    const char *path = arena_printf(a, "%s%s", b->path, suffix);
    if (access(path, F_OK) != 0 || !readfile(a, path, REPORT_MAX, &f, &ignored))
        return NULL;
    return json_parse(f.bytes, f.len, REPORT_MAX, &ignored);
}

static void read_proof(struct backup_file *b, struct arena *a) {
    int64_t ms;
    struct json *j = beside(b, ".proof.json", a);
    const char *result = j ? json_string(j, "result") : NULL;
    const char *time = j ? json_string(j, "timestamp") : NULL;
    if (result && time && clock_parse_rfc3339(time, &ms)) {
        b->proof = strcmp(result, "pass") == 0 ? PROOF_PASS : PROOF_FAIL;
        b->proved_wall_s = ms / 1000;
    }
    json_free(j);
}

/* -1 where there is no manifest. */
static int64_t manifest_size(struct backup_file *b, struct arena *a) {
    int64_t size = -1;
    struct json *j = beside(b, ".manifest.json", a);
    b->has_manifest = j && json_i64(j, "sizeBytes", 0, INT64_MAX, &size);
    json_free(j);
    return b->has_manifest ? size : -1;
}

static char grade(const struct backup_file *b, int64_t expected_bytes, int64_t now_wall_s,
                  int64_t proof_max_age_s) {
    if (!b->readable || b->kind != ARCHIVE_CUSTOM || b->proof == PROOF_FAIL ||
        (b->has_manifest && expected_bytes != b->size_bytes))
        return 'F';
    if (b->proof == PROOF_PASS && now_wall_s - b->proved_wall_s <= proof_max_age_s)
        return 'A';
    if (b->has_manifest)
        return 'B';
    return b->proof == PROOF_PASS ? 'D' : 'C';
}

static void look(struct backup_file *b, struct arena *a, int64_t now_wall_s,
                 int64_t proof_max_age_s) {
    struct arena scratch;
    struct archive_head head;
    struct err ignored;
    arena_init(&scratch);
    b->kind = b->size_bytes ? ARCHIVE_OTHER : ARCHIVE_EMPTY;
    b->readable = archive_head(b->path, &head, &ignored);
    if (b->readable)
        b->kind = head.kind;
    read_proof(b, &scratch);
    b->grade = grade(b, manifest_size(b, &scratch), now_wall_s, proof_max_age_s);
    arena_done(&scratch);
    (void)a;
}

/* ---- the directory ---- */

static int newest_first(const void *a, const void *b) {
    const struct backup_file *x = a, *y = b;
    return (x->taken_wall_s < y->taken_wall_s) - (x->taken_wall_s > y->taken_wall_s);
}

static bool open_dir(const char *dir, DIR **ret, struct err *err) {
    *ret = opendir(dir);
    return *ret || err_set(err, E_IO, "backups.list", dir, "%s", strerror(errno));
}

bool backups_list(const char *dir, struct arena *a, int64_t now_wall_s, int64_t proof_max_age_s,
                  struct backup_file **ret, uint32_t *ret_n, struct err *err) {
    DIR *d;
    struct dirent *entry;
    struct stat st;
    uint32_t n = 0;
    if (!open_dir(dir, &d, err))
        return false;
    struct backup_file *files = arena_alloc(a, FILES_MAX * sizeof *files);
    while (n < FILES_MAX && (entry = readdir(d))) {
        struct backup_file b = {.proof = PROOF_NONE};
        if (!backup_time_of_name(entry->d_name, &b.taken_wall_s) ||
            fstatat(dirfd(d), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(st.st_mode))
            continue;
        b.name = arena_strdup(a, entry->d_name);
        b.path = arena_printf(a, "%s/%s", dir, entry->d_name);
        b.size_bytes = st.st_size;
        files[n++] = b;
    }
    closedir(d);
    if (n)
        qsort(files, n, sizeof *files, newest_first);
    for (uint32_t i = 0; i < n; i++)
        look(&files[i], a, now_wall_s, proof_max_age_s);
    *ret = files;
    *ret_n = n;
    return true;
}

/* goodgo_..., ending in .part: an archive or a manifest that never got its name. */
static bool is_part(const char *name) {
    size_t n = strlen(name);
    return str_starts(name, PREFIX) && n > strlen(PART) &&
           strcmp(name + n - strlen(PART), PART) == 0;
}

bool backups_stale_parts(const char *dir, struct arena *a, const char ***ret_paths, uint32_t *ret_n,
                         struct err *err) {
    DIR *d;
    struct dirent *entry;
    uint32_t n = 0;
    if (!open_dir(dir, &d, err))
        return false;
    const char **paths = arena_alloc(a, FILES_MAX * sizeof *paths);
    while (n < FILES_MAX && (entry = readdir(d))) {
        const char *path = arena_printf(a, "%s/%s", dir, entry->d_name);
        if (is_part(entry->d_name) && !file_is_locked(path))
            paths[n++] = path;
    }
    closedir(d);
    *ret_paths = paths;
    *ret_n = n;
    return true;
}

uint32_t backups_to_prune(const struct backup_file *files, uint32_t n, int64_t now_wall_s,
                          uint32_t days, uint32_t *ret_indices) {
    uint32_t n_old = 0, newest_good = n, newest_proved = n;
    for (uint32_t i = n; i-- > 0;) {
        if (files[i].grade != 'F')
            newest_good = i;
        if (files[i].proof == PROOF_PASS)
            newest_proved = i;
    }
    for (uint32_t i = n; i-- > 0;)
        if (now_wall_s - files[i].taken_wall_s > (int64_t)days * 86400 && i != 0 &&
            i != newest_good && i != newest_proved)
            ret_indices[n_old++] = i;
    return n_old;
}

bool backup_find(const char *dir, const char *file, struct arena *a, const char **ret_path,
                 struct err *err) {
    struct backup_file *files;
    uint32_t n;
    if (strcmp(file, "latest") != 0) {
        bool bare = !strchr(file, '/') && access(file, F_OK) != 0 && dir;
        *ret_path = bare ? arena_printf(a, "%s/%s", dir, file) : arena_strdup(a, file);
        return true;
    }
    if (!dir)
        return err_set(err, E_CONFIG, "backups.find", file, "BACKUP_DIR is not set: name a file");
    if (!backups_list(dir, a, 0, 0, &files, &n, err))
        return false;
    if (!n)
        return err_set(err, E_IO, "backups.find", dir, "holds no goodgo_YYYYMMDD_HHMMSS.sql.gz");
    *ret_path = files[0].path;
    return true;
}
