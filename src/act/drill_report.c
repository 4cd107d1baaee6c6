/* act/drill_report.c - the report of a drill: the runbook's keys in the runbook's order, so that
 * what reads it today reads it tomorrow; further checks have the same shape. */
#include "drill_priv.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/jsonw.h"
#include "base/text.h"

static const char *const status_names[] = {
    [CHECK_PASS] = "pass", [CHECK_FAIL] = "fail", [CHECK_WARNING] = "warning"};

void report_add(struct drill_report *r, enum check_status status, const char *check,
                const char *fmt, ...) {
    char buf[1024];
    va_list args;
    if (r->n == CHECKS_MAX)
        return;
    va_start(args, fmt);
    vsnprintf(buf, sizeof buf, fmt, args);
    va_end(args);
    r->checks[r->n].check = text_cleanz(r->arena, check).s;
    r->checks[r->n].detail = text_cleanz(r->arena, buf).s;
    r->checks[r->n++].status = status;
}

uint32_t report_count(const struct drill_report *r, enum check_status status) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < r->n; i++)
        n += r->checks[i].status == status;
    return n;
}

bool report_passed(const struct drill_report *r) {
    return !r->unfit && r->n > 0 && report_count(r, CHECK_FAIL) == 0;
}

/* As `du -h` prints it: "150M", "2.2M". */
static void size_text(int64_t bytes, char *buf, size_t size) {
    static const char units[] = {'\0', 'K', 'M', 'G', 'T'};
    double d = (double)bytes;
    size_t u = 0;
    while (d >= 1024 && u + 1 < sizeof units) {
        d /= 1024;
        u++;
    }
    if (u == 0)
        snprintf(buf, size, "%lld", (long long)bytes);
    else
        snprintf(buf, size, d < 9.95 ? "%.1f%c" : "%.0f%c", d, units[u]);
}

static void put_checks(struct jsonw *w, const struct drill_report *r) {
    jsonw_key(w, "checks");
    jsonw_open(w, '[');
    for (uint32_t i = 0; i < r->n; i++) {
        jsonw_open(w, '{');
        jsonw_put_string(w, "check", r->checks[i].check);
        jsonw_put_string(w, "status", status_names[r->checks[i].status]);
        jsonw_put_string(w, "detail", r->checks[i].detail);
        jsonw_close(w, '}');
    }
    jsonw_close(w, ']');
}

void report_json(const struct drill_report *r, struct str *out) {
    char time[40], size[32];
    struct jsonw w;
    clock_iso8601(r->started_wall_ms / 1000 * 1000, time, sizeof time);
    size_text(r->size_bytes, size, sizeof size);
    jsonw_init(&w, out, JSONW_INDENTED);
    jsonw_open(&w, '{');
    jsonw_put_string(&w, "timestamp", time);
    jsonw_put_string(&w, "backupFile", r->backup_file);
    jsonw_put_string(&w, "backupSize", size);
    jsonw_put_string(&w, "testDatabase", r->test_database);
    jsonw_put_int(&w, "restoreDurationSeconds", (r->restore_ms + 500) / 1000);
    jsonw_put_int(&w, "passed", report_count(r, CHECK_PASS));
    jsonw_put_int(&w, "failed", report_count(r, CHECK_FAIL));
    jsonw_put_int(&w, "warnings", report_count(r, CHECK_WARNING));
    jsonw_put_string(&w, "result", r->unfit ? "error" : report_passed(r) ? "pass" : "fail");
    put_checks(&w, r);
    jsonw_put_string(&w, "schema", "goodgo.verify/1"); /* ours, behind the runbook's keys */
    jsonw_put_int(&w, "recoveryTimeMs", r->total_ms);
    jsonw_put_int(&w, "sizeBytes", r->size_bytes);
    jsonw_put_string(&w, "sha256", r->sha256);
    jsonw_put_string(&w, "place", r->place);
    jsonw_put_string(&w, "against", r->against);
    jsonw_close(&w, '}');
}
