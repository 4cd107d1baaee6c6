/* act/quick.c - an archive against its manifest; see quick.h. */
#include "act/quick.h"

#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "drill_priv.h"

#define REPORT_MAX ((size_t)4 << 20)
#define TEXT_MAX   ((size_t)1 << 20)

struct quick {
    struct arena *arena;
    const char *path, *pg_restore;
    int cancel_fd;
    const struct quick_progress *progress;
    struct manifest manifest;
    struct content content;
    struct drill_report report;
    uint64_t total_bytes;
};

static bool on_bytes(void *ctx, uint64_t bytes, const char *table) {
    struct quick *q = ctx;
    if (q->progress && q->progress->fn)
        q->progress->fn(q->progress->ctx, bytes, q->total_bytes, table);
    return true;
}

static bool check_file(struct quick *q, struct err *err) {
    char hex[DIGEST_HEX_SIZE];
    struct archive_head head;
    if (!archive_head(q->path, &head, err))
        return false;
    q->report.size_bytes = head.size_bytes;
    if (head.size_bytes != q->manifest.size_bytes)
        report_add(&q->report, CHECK_FAIL, "File size", "%s bytes, the manifest says %s",
                   GROUPED(head.size_bytes), GROUPED(q->manifest.size_bytes));
    else
        report_add(&q->report, CHECK_PASS, "File size", "%s bytes as in the manifest",
                   GROUPED(head.size_bytes));
    if (!archive_sha256(q->path, q->cancel_fd, hex, err))
        return false;
    q->report.sha256 = arena_strdup(q->arena, hex);
    bool same = strcmp(hex, q->manifest.sha256) == 0;
    report_add(&q->report, same ? CHECK_PASS : CHECK_FAIL, "File checksum",
               same ? "SHA-256 %.12s... as in the manifest"
                    : "SHA-256 %.12s... is not the manifest's",
               hex);
    return true;
}

static void check_table(struct quick *q, const struct content_table *e) {
    char hex[33];
    const char *label = arena_printf(q->arena, "Content: %s", e->name);
    const struct content_table *f = content_find(&q->content, e->schema, e->name);
    if (!f) {
        report_add(&q->report, CHECK_FAIL, label, "is not in the archive");
        return;
    }
    content_hex(&f->sum, hex);
    if (content_equal(&e->sum, &f->sum))
        report_add(&q->report, CHECK_PASS, label, "%s, hashes match (%.12s...)",
                   COUNTED(f->sum.rows, "row"), hex);
    else
        report_add(&q->report, CHECK_FAIL, label, "%s, %s were dumped, or values differ",
                   COUNTED(f->sum.rows, "row"), GROUPED(e->sum.rows));
}

/* An archive that cannot be read to its end is a failed check, not a failed set-up; one for which
 * this machine's pg_restore is too old is the latter. */
static bool check_content(struct quick *q, struct err *err) {
    const struct archive_reading r = {q->path, q->pg_restore, q->cancel_fd, on_bytes, q};
    struct err why;
    if (!archive_content(&r, q->arena, &q->content, &why)) {
        report_add(&q->report, CHECK_FAIL, "Read back", "%s", why.why);
        *err = why;
        return why.code != E_CONFIG;
    }
    report_add(&q->report, CHECK_PASS, "Read back", "every block was read and decompressed");
    for (uint32_t i = 0; i < q->manifest.content.n; i++)
        check_table(q, &q->manifest.content.tables[i]);
    return true;
}

static void write_text(const struct drill_report *r, struct str *out) {
    static const char *const signs[] = {
        [CHECK_PASS] = "ok  ", [CHECK_FAIL] = "FAIL", [CHECK_WARNING] = "warn"};
    for (uint32_t i = 0; i < r->n; i++)
        str_printf(out, "%s %-28s %s\n", signs[r->checks[i].status], r->checks[i].check,
                   r->checks[i].detail);
    str_printf(out, "%s: %u passed, %u failed, in %lld ms; nothing was restored\n",
               report_passed(r) ? "pass" : "FAIL", report_count(r, CHECK_PASS),
               report_count(r, CHECK_FAIL), (long long)r->total_ms);
}

void quick_verdict_done(struct quick_verdict *v) {
    str_done(&v->report);
    str_done(&v->text);
}

bool quick_verify(const char *path, int cancel_fd, const struct quick_progress *progress,
                  struct arena *a, struct quick_verdict *ret, struct err *err) {
    int version;
    int64_t before = clock_mono_ms();
    struct quick q = {.arena = a, .path = path, .cancel_fd = cancel_fd, .progress = progress};
    struct archive_head head;
    q.report = (struct drill_report){.arena = a,
                                     .started_wall_ms = clock_wall_ms(),
                                     .backup_file = path,
                                     .test_database = "",
                                     .place = "nothing was restored",
                                     .against = "manifest"};
    ret->passed = false;
    str_init(&ret->report, REPORT_MAX);
    str_init(&ret->text, TEXT_MAX);
    if (!archive_head(path, &head, err))
        return false;
    if (access(manifest_path(a, path), F_OK) != 0) {
        err_set(err, E_CONFIG, "verify.quick", path, "has no manifest to compare with");
        err->todo = "the drill compares it with the live database: `goodgo verify FILE`";
        return false;
    }
    if (!manifest_read(manifest_path(a, path), a, &q.manifest, err) ||
        !pg_tool_find("pg_restore", 0, a, &q.pg_restore, &version, err) || !check_file(&q, err))
        return false;
    for (uint32_t i = 0; i < q.manifest.content.n; i++)
        q.total_bytes += q.manifest.content.tables[i].sum.bytes;
    if (!check_content(&q, err))
        return false;
    q.report.total_ms = clock_mono_ms() - before;
    report_json(&q.report, &ret->report);
    write_text(&q.report, &ret->text);
    ret->passed = report_passed(&q.report);
    return true;
}
