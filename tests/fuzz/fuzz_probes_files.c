/* tests/fuzz/fuzz_probes_files.c - any directory to the backup probe: names, sizes, times, kinds
 * and first bytes are the input, a record of 72 bytes a file; behind a NUL record, a document that
 * stands beside a dump as its manifest, its proof and the last report. */
#include <stdint.h>
#include <stdlib.h>

#include "../probe_harness.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { RECORD = 72, NAME = 32 };

static struct file_entry entry(struct arena *a, const uint8_t *p) {
    struct file_entry f = {.kind = "fdlo"[p[0] & 3], .readable = !(p[0] & 4)};
    memcpy(&f.size_bytes, p + 1, 8);
    memcpy(&f.modified_wall_s, p + 9, 8);
    f.name =
        p[0] & 8 ? "goodgo_20261122_020000.sql.gz" : arena_strndup(a, (const char *)p + 17, NAME);
    f.head_len = p[0] >> 5 ? 16 : p[0] >> 4 & 1;
    memcpy(f.head, p + 17 + NAME, 16);
    return f;
}

/* The document as each of the three kinds, and the tables that come of it as grades. */
static bool notes(struct probe_bench *b, const uint8_t *data, size_t size) {
    static const char *const names[] = {
        "goodgo_20261122_020000.sql.gz.manifest.json", "goodgo_20261122_020000.sql.gz.proof.json",
        "goodgo_20261122_020000.sql.gz.attempt.json", "report.json"};
    struct file_entry files[4];
    for (size_t i = 0; i < 4; i++)
        files[i] =
            (struct file_entry){.name = names[i],
                                .kind = 'f',
                                .size_bytes = (int64_t)size,
                                .content = arena_strndup(&b->arena, (const char *)data, size),
                                .content_len = size};
    struct reply r = {.kind = EXCHANGE_FILES, .ok = true};
    r.files = (struct file_list){.entries = files, .n_entries = 4, .n_total = 4};
    bool ok = bench_reply(b, "notes", &r);
    return bench_reply(b, "report", &r) && ok;
}

/* Where the records end: a record of NULs alone. */
static size_t records_of(const uint8_t *data, size_t size) {
    static const uint8_t end[RECORD];
    size_t n = 0;
    while ((n + 1) * RECORD <= size && memcmp(data + n * RECORD, end, RECORD) != 0)
        n++;
    return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const struct settings settings = {
        .backup_dir = "/b", .report_file = "/b/report.json", .production = true};
    struct probe_bench b;
    size_t n = records_of(data, size), used = (n + 1) * RECORD;
    bench_init(&b, probes[SERVICE_pg_backup], &settings);
    struct file_entry *entries = arena_alloc(&b.arena, (n + 1) * sizeof *entries);
    for (size_t i = 0; i < n; i++)
        entries[i] = entry(&b.arena, data + i * RECORD);
    struct reply r = {.kind = EXCHANGE_FILES, .ok = true};
    r.files = (struct file_list){.entries = entries,
                                 .n_entries = n,
                                 .n_total = n,
                                 .free_bytes = n ? entries[0].size_bytes : 0};
    bool ok = bench_reply(&b, "files", &r);
    if (used < size)
        ok = notes(&b, data + used, size - used) && ok;
    (void)bench_judge(&b);
    if (!bench_is_clean(&b, ok))
        abort();
    bench_done(&b);
    return 0;
}
