/* base/clock.c - reads the two clocks; parses and prints the one time format that travels. */
#include "base/clock.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/str.h"

static int64_t clock_ms(clockid_t id) {
    struct timespec t;
    clock_gettime(id, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t clock_mono_ms(void) {
    return clock_ms(CLOCK_MONOTONIC);
}

int64_t clock_wall_ms(void) {
    return clock_ms(CLOCK_REALTIME);
}

int clock_utc_offset_s(int64_t wall_s) {
    struct tm local;
    time_t t = (time_t)wall_s;
    return localtime_r(&t, &local) ? (int)local.tm_gmtoff : 0;
}

void clock_iso8601(int64_t wall_ms, char *buf, size_t size) {
    struct tm utc;
    int ms = (int)(wall_ms % 1000);
    time_t t = (time_t)(wall_ms / 1000);
    char date[32] = "";
    if (ms < 0) { /* before 1970: the second that it lies in */
        ms += 1000;
        t--;
    }
    gmtime_r(&t, &utc); /* 64 bits of ms are no year that it would refuse */
    strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &utc);
    if (ms)
        snprintf(buf, size, "%s.%03dZ", date, ms);
    else
        snprintf(buf, size, "%sZ", date);
}

void clock_day_time(int64_t wall_s, int utc_offset_s, char buf[CLOCK_DAY_SIZE]) {
    unsigned day = (unsigned)(((wall_s + utc_offset_s) % DAY_S + DAY_S) % DAY_S);
    snprintf(buf, CLOCK_DAY_SIZE, "%02u:%02u:%02u", day / 3600, day / 60 % 60, day % 60);
}

static bool digits(const char **s, int n, int *ret) {
    int value = 0;
    for (int i = 0; i < n; i++) {
        char c = (*s)[i];
        if (!char_is_digit(c))
            return false;
        value = value * 10 + (c - '0');
    }
    *s += n;
    *ret = value;
    return true;
}

static bool literal(const char **s, const char *any_of) {
    if (!**s || !strchr(any_of, **s))
        return false;
    (*s)++;
    return true;
}

static int month_days(int64_t y, int64_t m) {
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
    return days[m - 1] + (m == 2 && leap);
}

/* A year begins in March here, so that a leap day is its last: 153 days are five months. */
bool clock_day_of(int64_t y, int64_t m, int64_t d, int64_t *ret_day) {
    if (y < 0 || y > 9999 || m < 1 || m > 12 || d < 1 || d > month_days(y, m))
        return false;
    int64_t from_march = y + 400 - (m <= 2); /* never negative: 400 years are 146,097 days */
    int64_t day = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
    *ret_day = from_march * 365 + from_march / 4 - from_march / 100 + from_march / 400 + day -
               719468 - 146097;
    return true;
}

static bool parse_fraction(const char **s, int *ret_ms) {
    int scale = 100;
    *ret_ms = 0;
    if (**s != '.')
        return true;
    (*s)++;
    if (!char_is_digit(**s))
        return false;
    for (; char_is_digit(**s); (*s)++, scale /= 10)
        *ret_ms += (**s - '0') * scale;
    return true;
}

static bool parse_zone(const char **s, int *ret_offset_s) {
    *ret_offset_s = 0;
    if (literal(s, "Zz"))
        return true;
    int sign = **s == '-' ? -1 : 1, h, m;
    if (!literal(s, "+-") || !digits(s, 2, &h) || !literal(s, ":") || !digits(s, 2, &m))
        return false;
    *ret_offset_s = sign * (h * 3600 + m * 60);
    return h < 24 && m < 60;
}

bool clock_parse_rfc3339(const char *s, int64_t *ret_wall_ms) {
    int y, mo, d, h, mi, sec, ms, offset_s;
    int64_t day;
    if (!s || !digits(&s, 4, &y) || !literal(&s, "-") || !digits(&s, 2, &mo) || !literal(&s, "-") ||
        !digits(&s, 2, &d) || !literal(&s, "Tt ") || !digits(&s, 2, &h) || !literal(&s, ":") ||
        !digits(&s, 2, &mi) || !literal(&s, ":") || !digits(&s, 2, &sec) ||
        !parse_fraction(&s, &ms) || !parse_zone(&s, &offset_s) || *s)
        return false;
    if (!clock_day_of(y, mo, d, &day) || h > 23 || mi > 59 || sec > 60)
        return false;
    int64_t wall_s = day * DAY_S + h * 3600 + mi * 60 + sec - offset_s;
    *ret_wall_ms = wall_s * 1000 + ms;
    return true;
}
