/* tests/fuzz/fuzz_probes_rows.c - any rows to any stage of PostgreSQL and PgBouncer. The first byte
 * picks the stage, the second the version and whether the columns are the right ones; else the
 * first line names them. Cells are split by '|', rows by line ends. */
#include <stdint.h>
#include <stdlib.h>

#include "../probe_replies.h"
#include "../probe_rows.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const struct settings settings = {.pooled = {.host = "p", .dbname = "goodgo"},
                                             .production = true};
    static const int versions[] = {130014, 150020, 160003, 180000};
    struct probe_bench b;
    if (size < 2 || size > 4096)
        return 0;
    const struct pg_good *g = &pg_good[data[0] % (sizeof pg_good / sizeof pg_good[0])];
    bool postgres = g->service == SERVICE_postgres;
    bench_init(&b, probes[g->service], &settings);
    b.previous->has_reading = true;
    b.previous->taken_mono_ms = b.run.now_mono_ms - 5000;
    b.run.server_version = postgres ? versions[data[1] & 3] : 11800 + (data[1] & 7) * 100;
    const char *rows = arena_strndup(&b.arena, (const char *)data + 2, size - 2);
    const char *columns = g->columns;
    if (data[1] & 128) {
        size_t n = strcspn(rows, "\n");
        columns = arena_strndup(&b.arena, rows, n);
        rows += n + (rows[n] == '\n');
    }
    bool ok = bench_pg(&b, g->stage, b.run.server_version,
                       postgres       ? "16.3"
                       : data[1] & 64 ? NULL
                                      : "1.25.2/bouncer",
                       columns, rows);
    ok = ok || !bench_request(&b, g->stage); /* SHOW STATE is not for every version */
    (void)bench_judge(&b);
    if (!bench_is_clean(&b, ok))
        abort();
    bench_done(&b);
    return 0;
}
