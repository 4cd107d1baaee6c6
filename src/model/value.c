/* model/value.c - units, and one value: as a number, in order, in a person's words; see value.h. */
#include "model/value.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "model/reading.h"

static const char *const unit_names[UNIT_COUNT_OF_UNITS] = {
    [UNIT_NONE] = "",
    [UNIT_COUNT] = "count",
    [UNIT_BYTES] = "bytes",
    [UNIT_MS] = "ms",
    [UNIT_SECONDS] = "seconds",
    [UNIT_PERCENT] = "percent",
    [UNIT_PER_SECOND] = "per_second",
    [UNIT_BYTES_PER_SECOND] = "bytes_per_second",
    [UNIT_BOOL] = "bool",
    [UNIT_VND] = "vnd",
    [UNIT_TIME] = "time",
    [UNIT_STATE] = "state",
    [UNIT_MIXED] = "mixed",
};

const char *unit_name(enum unit u) {
    return (unsigned)u < UNIT_COUNT_OF_UNITS ? unit_names[u] : "";
}

bool unit_parse(const char *name, enum unit *ret_unit) {
    int i = str_index(unit_names, UNIT_COUNT_OF_UNITS, name);
    if (i >= 0)
        *ret_unit = (enum unit)i;
    return i >= 0;
}

struct value value_int(int64_t i) {
    return (struct value){.kind = VALUE_INT, .i = i};
}

struct value value_real(double r) {
    /* NaN and infinities are not figures: r - r is 0 only for finite r. */
    return r - r == 0 ? (struct value){.kind = VALUE_REAL, .r = r} : value_none();
}

struct value value_text(struct text t) {
    return (struct value){.kind = VALUE_TEXT, .t = t};
}

struct value value_none(void) {
    return (struct value){.kind = VALUE_NONE};
}

bool value_number(struct value v, double *ret_d) {
    if (v.kind != VALUE_INT && v.kind != VALUE_REAL)
        return false;
    *ret_d = v.kind == VALUE_INT ? (double)v.i : v.r;
    return true;
}

char *duration_text(int64_t seconds, char buf[DURATION_SIZE]) {
    value_format(value_int(seconds), UNIT_SECONDS, 0, buf, DURATION_SIZE);
    return buf;
}

int value_compare(struct value a, struct value b) {
    double x, y;
    bool an = value_number(a, &x), bn = value_number(b, &y);
    if (a.kind == VALUE_INT && b.kind == VALUE_INT)
        return (a.i > b.i) - (a.i < b.i);
    if (an && bn)
        return (x > y) - (x < y);
    if (a.kind == VALUE_TEXT && b.kind == VALUE_TEXT)
        return strcmp(a.t.s, b.t.s);
    /* numbers, then text, then what is not known */
    int ra = an ? 0 : a.kind == VALUE_TEXT ? 1 : 2, rb = bn ? 0 : b.kind == VALUE_TEXT ? 1 : 2;
    return ra - rb;
}

/* VND and counts; a column is as wide as 17 digits. */
static void format_grouped(int64_t n, char *buf, size_t size) {
    char digits[GROUPED_SIZE];
    const int64_t most = INT64_C(99999999999999999);
    if (n > most || n < -most)
        snprintf(buf, size, "%.6g", (double)n);
    else
        snprintf(buf, size, "%s", int_grouped(n, digits));
}

static void format_scaled(double d, double step, const char *const *suffixes, size_t n, char *buf,
                          size_t size) {
    size_t i = 0;
    while ((d >= step || d <= -step) && i + 1 < n) {
        d /= step;
        i++;
    }
    double magnitude = d < 0 ? -d : d;
    snprintf(buf, size,
             magnitude >= 1e6             ? "%.3g%s"
             : i == 0 || magnitude >= 100 ? "%.0f%s"
             : magnitude >= 10            ? "%.1f%s"
                                          : "%.2f%s",
             d, suffixes[i]);
}

static void format_bytes(double d, const char *per, char *buf, size_t size) {
    static const char *const suffixes[] = {" B", " KB", " MB", " GB", " TB", " PB"};
    char scaled[32];
    format_scaled(d, 1024, suffixes, ARRAY_LEN(suffixes), scaled, sizeof scaled);
    snprintf(buf, size, "%s%s", scaled, per);
}

static void format_count(double d, char *buf, size_t size) {
    static const char *const suffixes[] = {"", "k", "M", "G", "T"};
    if (d > -100000 && d < 100000)
        format_grouped((int64_t)d, buf, size);
    else
        format_scaled(d, 1000, suffixes, ARRAY_LEN(suffixes), buf, size);
}

static void format_duration(double seconds, char *buf, size_t size) {
    const char *sign = seconds < 0 ? "-" : "";
    if (seconds < 0)
        seconds = -seconds;
    if (seconds > 1e11)
        seconds = 1e11;
    long long s = (long long)seconds;
    if (s < 1 && seconds > 0)
        snprintf(buf, size, "%s%.0fms", sign, seconds * 1000);
    else if (s < 10 && seconds != (double)s)
        snprintf(buf, size, "%s%.1fs", sign, seconds);
    else if (s < 60)
        snprintf(buf, size, "%s%llds", sign, s);
    else if (s < 3600)
        snprintf(buf, size, "%s%lldm%02llds", sign, s / 60, s % 60);
    else if (s < 86400)
        snprintf(buf, size, "%s%lldh%02lldm", sign, s / 3600, s / 60 % 60);
    else
        snprintf(buf, size, "%s%lldd%02lldh", sign, s / 86400, s / 3600 % 24);
}

static void format_ms(double ms, char *buf, size_t size) {
    if (ms < 10 && ms > -10)
        snprintf(buf, size, "%.1fms", ms);
    else if (ms < 1000 && ms > -1000)
        snprintf(buf, size, "%.0fms", ms);
    else
        format_duration(ms / 1000, buf, size);
}

static void format_plain(struct value v, char *buf, size_t size) {
    double magnitude = v.r < 0 ? -v.r : v.r;
    if (v.kind == VALUE_INT)
        format_grouped(v.i, buf, size);
    else
        snprintf(buf, size, magnitude < 100 ? "%.2f" : magnitude < 1e15 ? "%.0f" : "%.6g", v.r);
}

/* A little is not nothing: two places below a tenth. */
static void format_per_second(double d, char *buf, size_t size) {
    double magnitude = d < 0 ? -d : d;
    snprintf(buf, size,
             magnitude > 0 && magnitude < 0.1 ? "%.2f/s"
             : magnitude < 10                 ? "%.1f/s"
             : magnitude < 1e9                ? "%.0f/s"
                                              : "%.2g/s",
             d);
}

static void format_percent(double d, char *buf, size_t size) {
    double magnitude = d < 0 ? -d : d;
    snprintf(buf, size,
             magnitude > 0 && magnitude < 0.1 ? "%.2f%%"
             : magnitude < 1e6                ? "%.1f%%"
                                              : "%.2g%%",
             d);
}

static void format_vnd(struct value v, double d, char *buf, size_t size) {
    if (v.kind == VALUE_REAL && !(d > -9e18 && d < 9e18))
        format_plain(v, buf, size);
    else
        format_grouped(v.kind == VALUE_INT ? v.i : (int64_t)d, buf, size);
}

static enum health health_of_state(double d) {
    return d > 0 && d <= HEALTH_COUNT ? (enum health)(HEALTH_COUNT - (int)d) : HEALTH_UNKNOWN;
}

static void format_number(struct value v, double d, enum unit unit, int64_t now_wall_s, char *buf,
                          size_t size) {
    switch (unit) {
    case UNIT_BYTES:
        format_bytes(d, "", buf, size);
        break;
    case UNIT_BYTES_PER_SECOND:
        format_bytes(d, "/s", buf, size);
        break;
    case UNIT_MS:
        format_ms(d, buf, size);
        break;
    case UNIT_SECONDS:
        format_duration(d, buf, size);
        break;
    case UNIT_TIME:
        format_duration((double)now_wall_s - d, buf, size);
        break;
    case UNIT_PERCENT:
        format_percent(d, buf, size);
        break;
    case UNIT_PER_SECOND:
        format_per_second(d, buf, size);
        break;
    case UNIT_BOOL:
        snprintf(buf, size, "%s", d != 0 ? "yes" : "no");
        break;
    case UNIT_STATE:
        snprintf(buf, size, "%s", health_sign(health_of_state(d)));
        break;
    case UNIT_VND:
        format_vnd(v, d, buf, size);
        break;
    case UNIT_COUNT:
        format_count(d, buf, size);
        break;
    default:
        format_plain(v, buf, size);
        break;
    }
}

void value_format(struct value v, enum unit unit, int64_t now_wall_s, char *buf, size_t size) {
    double d;
    if (v.kind == VALUE_TEXT)
        text_clean_into(buf, size, v.t.s, v.t.len);
    else if (value_number(v, &d))
        format_number(v, d, unit, now_wall_s, buf, size);
    else
        snprintf(buf, size, "-");
}
