/* probe/backup_files_lib.c - the dumps in the backup directory by their names, sizes and first
 * bytes: goodgo_*.sql.gz is in truth a pg_dump custom archive, so the magic decides and never the
 * suffix. goodgo_*.dir is a directory, of which the table of contents is looked at. */
#include "backup_files_priv.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "wire/backup.h"

#define DIRECTORY_BYTE 3  /* in the head of a directory's table of contents */
#define METHOD_AT      11 /* in the head of an archive from format 1.15 on */
#define LEVEL_AT       12 /* in that of an older one, whose only method is gzip */
#define METHOD_MINOR   15
#define LAST_TIME_S    INT64_C(253402300799) /* the end of the year 9999 */

enum archive {
    ARCHIVE_EMPTY,
    ARCHIVE_CUSTOM,
    ARCHIVE_DIRECTORY,
    ARCHIVE_GZIP,
    ARCHIVE_TEXT,
    ARCHIVE_OTHER
};
static const char *const archive_names[] = {
    [ARCHIVE_EMPTY] = "empty", [ARCHIVE_CUSTOM] = "custom", [ARCHIVE_DIRECTORY] = "directory",
    [ARCHIVE_GZIP] = "gzip",   [ARCHIVE_TEXT] = "text SQL", [ARCHIVE_OTHER] = "unknown",
};

struct backup {
    const struct file_entry *file;
    int64_t taken_s;
    bool named; /* its time comes from its name, not from the file */
    enum archive archive;
};

static const struct column columns[] = {
    [B_TAKEN] = {"taken", "TAKEN", UNIT_NONE, 20, 0},
    [B_AGE] = {"age", "AGE", UNIT_SECONDS, 6, 1},
    [B_SIZE] = {"size", "SIZE", UNIT_BYTES, 8, 0},
    [B_TOOK] = {"took_ms", "DUMP", UNIT_MS, 6, 4},
    [B_TABLES] = {"tables", "TABLES", UNIT_COUNT, 6, 5},
    [B_MANIFEST] = {"manifest", "MANIFEST", UNIT_BOOL, 8, 2},
    [B_RESTORED] = {"restored", "RESTORED", UNIT_NONE, 11, 0},
    [B_GRADE] = {"grade", "GRADE", UNIT_NONE, 5, 0},
    [B_FORMAT] = {"format", "FORMAT", UNIT_NONE, 0, 6},
    [B_READABLE] = {"readable", "READABLE", UNIT_BOOL, 8, 7},
    [B_NAME] = {"name", "FILE", UNIT_NONE, 0, 8},
};

bool backup_files_request(struct probe_run *run, struct exchange *ex) {
    ex->kind = EXCHANGE_FILES;
    ex->files = (struct files_request){.dir = run->settings->backup_dir,
                                       .prefix = BACKUP_PREFIX,
                                       .suffix = BACKUP_SUFFIX,
                                       .max_files = BACKUP_MAX_FILES,
                                       .head_bytes = 64,
                                       .dir_suffix = BACKUP_DIR,
                                       .dir_head = "toc.dat"};
    return run->settings->backup_dir != NULL;
}

/* 0 for what only a broken file system says. */
static int64_t time_of_file(const struct file_entry *f) {
    return f->modified_wall_s > 0 && f->modified_wall_s <= LAST_TIME_S ? f->modified_wall_s : 0;
}

static bool looks_like_text(const struct file_entry *f) {
    for (uint32_t i = 0; i < f->head_len; i++)
        if ((f->head[i] < ' ' && f->head[i] != '\n' && f->head[i] != '\r' && f->head[i] != '\t') ||
            f->head[i] == 0x7f)
            return false;
    return f->head_len > 0;
}

static enum archive archive_of(const struct file_entry *f) {
    bool dump = f->head_len >= 5 && memcmp(f->head, "PGDMP", 5) == 0;
    if (f->size_bytes == 0)
        return ARCHIVE_EMPTY;
    if (f->kind == 'd')
        return dump && f->head_len > 10 && f->head[10] == DIRECTORY_BYTE ? ARCHIVE_DIRECTORY
                                                                         : ARCHIVE_OTHER;
    if (dump)
        return ARCHIVE_CUSTOM;
    if (f->head_len >= 2 && f->head[0] == 0x1f && f->head[1] == 0x8b)
        return ARCHIVE_GZIP;
    return looks_like_text(f) ? ARCHIVE_TEXT : ARCHIVE_OTHER;
}

static bool is_readable(const struct backup *b) {
    return b->file->readable && b->archive != ARCHIVE_EMPTY && b->archive != ARCHIVE_OTHER;
}

static int newest_first(const void *a, const void *b) {
    int64_t x = ((const struct backup *)a)->taken_s, y = ((const struct backup *)b)->taken_s;
    return (x < y) - (x > y);
}

static struct backup *collect(const struct probe_run *run, const struct file_list *list,
                              size_t *ret_n) {
    struct backup *all = arena_alloc(run->arena, (list->n_entries + 1) * sizeof *all);
    size_t n = 0;
    for (size_t i = 0; i < list->n_entries; i++) {
        const struct file_entry *f = &list->entries[i];
        if (f->kind != (backup_is_directory(f->name) ? 'd' : 'f'))
            continue;
        struct backup *b = &all[n++];
        *b = (struct backup){.file = f, .taken_s = time_of_file(f), .archive = archive_of(f)};
        b->named = backup_time_of_name(f->name, &b->taken_s);
    }
    if (n)
        qsort(all, n, sizeof *all, newest_first);
    *ret_n = n;
    return all;
}

static bool is_dump(enum archive a) {
    return a == ARCHIVE_CUSTOM || a == ARCHIVE_DIRECTORY;
}

/* "custom 1.14": the archive's version decides which pg_restore reads it. */
static const char *format_text(const struct probe_run *run, const struct backup *b) {
    const char *name = archive_names[b->archive];
    return is_dump(b->archive) && b->file->head_len >= 7
               ? arena_printf(run->arena, "%s %u.%u", name, b->file->head[5], b->file->head[6])
               : name;
}

static void add_backup(const struct probe_run *run, struct reading *out, struct table *t,
                       const struct backup *b) {
    char taken[32];
    struct row *row =
        table_add_row(out, t, b->file->name, is_readable(b) ? HEALTH_OK : HEALTH_WARNING);
    clock_iso8601(b->taken_s * 1000, taken, sizeof taken);
    row_text(out, row, B_NAME, b->file->name);
    row_text(out, row, B_TAKEN, taken);
    row_int(row, B_AGE, run->now_wall_ms / 1000 - b->taken_s);
    row_int(row, B_SIZE, b->file->size_bytes);
    row_text(out, row, B_FORMAT, format_text(run, b));
    row_int(row, B_READABLE, is_readable(b));
}

static void set_newest(const struct probe_run *run, struct reading *out, const struct backup *b) {
    reading_set(out, "newest_at", UNIT_TIME, value_int(b->taken_s));
    reading_int(out, "newest_age_s", UNIT_SECONDS, run->now_wall_ms / 1000 - b->taken_s);
    reading_int(out, "newest_bytes", UNIT_BYTES, b->file->size_bytes);
    reading_textz(out, "newest_name", b->file->name);
}

/* How pg_dump compressed an archive: 0 not at all, 1 gzip, 2 lz4, 3 zstd; -1 where it is no archive
 * or its head is cut. */
static int method_of(const struct backup *b) {
    const struct file_entry *f = b->file;
    if (!is_dump(b->archive) || f->head_len <= LEVEL_AT)
        return -1;
    return f->head[6] >= METHOD_MINOR ? f->head[METHOD_AT] : f->head[LEVEL_AT] != 0;
}

/* The newest of those before it that were written alike: of another form or method the same rows
 * have another size. */
static const struct backup *find_before(const struct backup *all, size_t n) {
    for (size_t i = 1; i < n; i++)
        if (all[i].archive == all[0].archive && method_of(&all[i]) == method_of(&all[0]))
            return &all[i];
    return NULL;
}

static void judge_content(struct reading *out, const struct backup *all, size_t n) {
    const struct backup *newest = &all[0], *before = find_before(all, n);
    if (!newest->file->readable)
        reading_finding(out, HEALTH_WARNING, "unreadable",
                        "let this user read the backups: group and mode of the directory",
                        "the newest backup may not be read by this user");
    else if (!is_readable(newest))
        reading_finding(out, HEALTH_CRITICAL, "newest_broken",
                        "see /var/log/pg-backup.log, then take a backup now",
                        "the newest backup is no archive: %s", archive_names[newest->archive]);
    else if (before && newest->file->size_bytes < before->file->size_bytes / 2)
        reading_finding(out, HEALTH_WARNING, "size_drop",
                        "compare row counts: was data lost, or was the dump cut?",
                        "the newest backup is less than half the size of %s", before->file->name);
    if (!newest->named)
        reading_finding(out, HEALTH_OK, "odd_name",
                        "expected " BACKUP_PREFIX "YYYYMMDD_HHMMSS" BACKUP_SUFFIX,
                        "the newest backup has no time in its name: the file's own is used");
}

static void judge_space(struct reading *out, int64_t free_bytes, int64_t newest_bytes) {
    if (free_bytes < 0 || newest_bytes <= 0 || free_bytes - newest_bytes > newest_bytes)
        return;
    reading_finding(out, free_bytes < newest_bytes ? HEALTH_CRITICAL : HEALTH_WARNING, "space",
                    "free space on the backup volume", "there is room for %s more backup",
                    free_bytes < newest_bytes ? "no" : "hardly one");
}

bool backup_files_parse(struct probe_run *run, const struct reply *reply, struct reading *out,
                        struct err *err) {
    const struct file_list *list = &reply->files;
    size_t n;
    struct backup *all = collect(run, list, &n);
    struct table *t = reading_add_table(out, "backups", "Backups", columns, ARRAY_LEN(columns));
    for (size_t i = 0; i < n; i++)
        add_backup(run, out, t, &all[i]);
    if (list->n_total > list->n_entries) /* only the newest of so many were looked at */
        t->n_total = (uint32_t)list->n_total;
    reading_int(out, "count", UNIT_COUNT, t->n_total);
    reading_int(out, "total_bytes", UNIT_BYTES, list->total_bytes);
    if (list->free_bytes >= 0)
        reading_int(out, "free_bytes", UNIT_BYTES, list->free_bytes);
    if (!n)
        return true;
    set_newest(run, out, &all[0]);
    judge_content(out, all, n);
    judge_space(out, list->free_bytes, all[0].file->size_bytes);
    return true;
}

bool backup_is_dump(const char *format) {
    return str_starts(format, archive_names[ARCHIVE_CUSTOM]) ||
           str_starts(format, archive_names[ARCHIVE_DIRECTORY]);
}
