/* recon/figures.c - amounts and dates as Vietnamese banks write them. Never a double, never the
 * locale, never the month first. */
#include "statement_priv.h"

#include <string.h>

#include "base/clock.h"

#define SERIAL_1970 25569 /* the day number of a spreadsheet for 1970-01-01 */

static const char *skip_blanks(const char *s) {
    for (;;) {
        if (*s == ' ' || *s == '\t' || *s == '\r' || *s == '\n')
            s++;
        else if ((unsigned char)s[0] == 0xc2 && (unsigned char)s[1] == 0xa0)
            s += 2; /* a blank that does not break */
        else
            return s;
    }
}

/* --- amounts --- */

static bool refuse(const char **ret_why, const char *why) {
    *ret_why = why;
    return false;
}

/* `n` characters of digits, points and commas. */
static bool read_number(const char *s, size_t n, int64_t *ret, const char **ret_why) {
    size_t last = n, digits = 0;
    int64_t value = 0;
    char between = '\0';
    for (size_t i = 0; i < n; i++)
        if (!char_is_digit(s[i]))
            last = i;
    size_t behind = last < n ? n - last - 1 : 3;
    if (last < n && behind != 3 && behind != 1 && behind != 2)
        return refuse(ret_why, "its groups are not of three digits");
    size_t end = behind == 3 ? n : last, group = 0;
    for (size_t i = 0; i < end; i++) {
        if (char_is_digit(s[i])) {
            value = value * 10 + (s[i] - '0');
            group++;
            if (++digits > 15)
                return refuse(ret_why, "it is larger than any amount");
            continue;
        }
        if (between ? s[i] != between || group != 3 : group == 0 || group > 3)
            return refuse(ret_why, "its groups are not of three digits");
        between = s[i];
        group = 0;
    }
    if (digits == 0 || (between && group != 3))
        return refuse(ret_why, "its groups are not of three digits");
    if (end < n && between == s[last])
        return refuse(ret_why, "its groups are not of three digits");
    for (size_t i = end + 1; i < n; i++)
        if (s[i] != '0')
            return refuse(ret_why, "it has a fraction of a dong");
    *ret = value;
    return true;
}

static bool is_currency(const char *s) {
    static const char *const names[] = {"",         "VND",          "vnd", "VN\xC4\x90", "\xC4\x91",
                                        "\xC4\x90", "\xE2\x82\xAB", "D",   "d"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (!strcmp(s, names[i]))
            return true;
    return false;
}

bool statement_amount(const char *text, int64_t *ret, const char **ret_why) {
    const char *s = skip_blanks(text);
    bool negative = *s == '-';
    if (*s == '-' || *s == '+')
        s = skip_blanks(s + 1);
    size_t n = strspn(s, "0123456789.,");
    if (!n)
        return refuse(ret_why, "is no amount");
    char tail[8];
    const char *rest = skip_blanks(s + n);
    size_t tail_n = strlen(rest);
    while (tail_n && strchr(" \t\r\n", rest[tail_n - 1]))
        tail_n--;
    if (tail_n >= sizeof tail)
        return refuse(ret_why, "something stands behind the amount");
    memcpy(tail, rest, tail_n);
    tail[tail_n] = '\0';
    if (!is_currency(tail))
        return refuse(ret_why, "something stands behind the amount");
    if (!read_number(s, n, ret, ret_why))
        return false;
    *ret = negative ? -*ret : *ret;
    return true;
}

/* --- dates --- */

/* `n` digits; false when there are fewer. */
static bool digits(const char **s, uint32_t least, uint32_t most, int64_t *ret) {
    uint32_t n = 0;
    for (*ret = 0; n < most && char_is_digit((*s)[n]); n++)
        *ret = *ret * 10 + ((*s)[n] - '0');
    *s += n;
    return n >= least;
}

static bool day_of(int64_t y, int64_t m, int64_t d, int64_t *ret_day) {
    return y >= 1970 && y <= 2999 && clock_day_of(y, m, d, ret_day);
}

/* "HH:mm[:ss[.fff]]" where it stands; *s stays where there is none. */
static bool clock_of(const char **s, int64_t *ret_s) {
    int64_t h, m, sec = 0;
    const char *at = skip_blanks(*s + (**s == 'T'));
    if (!digits(&at, 1, 2, &h) || *at++ != ':')
        return true;
    if (!digits(&at, 2, 2, &m))
        return false;
    if (*at == ':' && (at++, !digits(&at, 2, 2, &sec)))
        return false;
    if (*at == '.')
        at += 1 + strspn(at + 1, "0123456789");
    if (h > 23 || m > 59 || sec > 60)
        return false;
    *ret_s = h * 3600 + m * 60 + sec;
    *s = at;
    return true;
}

/* "Z" "+07" "+07:00" "+0700" where it stands; *s stays where there is none. */
static bool zone_of(const char **s, int64_t *ret_s) {
    const char *at = *s;
    int64_t h, m = 0;
    if (*at == 'Z') {
        *ret_s = 0;
        *s = at + 1;
        return true;
    }
    if (*at != '+' && *at != '-')
        return true;
    bool west = *at++ == '-';
    if (!digits(&at, 2, 2, &h))
        return false;
    at += *at == ':';
    if ((char_is_digit(*at) && !digits(&at, 2, 2, &m)) || h > 23 || m > 59)
        return false;
    *ret_s = (h * 3600 + m * 60) * (west ? -1 : 1);
    *s = at;
    return true;
}

static bool with_clock(const char *s, bool zoned, int64_t day, int64_t *ret_day,
                       int64_t *ret_wall_s, const char **ret_rest) {
    int64_t clock_s = -1, zone_s = CLOCK_VIETNAM_S;
    if (!clock_of(&s, &clock_s) || (zoned && clock_s >= 0 && !zone_of(&s, &zone_s)))
        return false;
    *ret_wall_s = clock_s < 0 ? 0 : day * DAY_S + clock_s - zone_s;
    *ret_day = zone_s == CLOCK_VIETNAM_S ? day : (*ret_wall_s + CLOCK_VIETNAM_S) / DAY_S;
    *ret_rest = skip_blanks(s);
    return true;
}

/* Without separators: yyyyMMdd, yyyyMMddHHmmss, milliseconds, a spreadsheet's serial. */
static bool plain_number(const char *s, size_t n, int64_t *ret_day, int64_t *ret_wall_s,
                         const char **ret_rest) {
    int64_t y, m, d, h = 0, min = 0, sec = 0, value;
    const char *at = s;
    *ret_rest = skip_blanks(s + n);
    if (n == 13) {
        (void)digits(&at, 13, 13, &value);
        *ret_wall_s = value / 1000;
        *ret_day = (*ret_wall_s + CLOCK_VIETNAM_S) / DAY_S;
        return true;
    }
    if (n == 5) {
        (void)digits(&at, 5, 5, &value);
        *ret_wall_s = 0;
        *ret_day = value - SERIAL_1970;
        if (*at == '.') /* the time of day; the bank's own text of it is lost */
            *ret_rest = skip_blanks(at + 1 + strspn(at + 1, "0123456789"));
        return *ret_day >= 0;
    }
    if (n != 8 && n != 14)
        return false;
    (void)digits(&at, 4, 4, &y);
    (void)digits(&at, 2, 2, &m);
    (void)digits(&at, 2, 2, &d);
    if (n == 14) {
        (void)digits(&at, 2, 2, &h);
        (void)digits(&at, 2, 2, &min);
        (void)digits(&at, 2, 2, &sec);
    }
    if (h > 23 || min > 59 || sec > 60 || !day_of(y, m, d, ret_day))
        return false;
    *ret_wall_s = n == 14 ? *ret_day * DAY_S + h * 3600 + min * 60 + sec - CLOCK_VIETNAM_S : 0;
    return true;
}

bool statement_date(const char *text, int64_t *ret_day, int64_t *ret_wall_s,
                    const char **ret_rest) {
    const char *s = skip_blanks(text);
    int64_t a, b, c, day;
    size_t n = strspn(s, "0123456789");
    char between = s[n];
    if (between != '/' && between != '-')
        return plain_number(s, n, ret_day, ret_wall_s, ret_rest);
    bool year_first = n == 4 && between == '-';
    if (!digits(&s, 1, 4, &a) || *s++ != between || !digits(&s, 1, 2, &b) || *s++ != between ||
        !digits(&s, year_first ? 1 : 4, year_first ? 2 : 4, &c) || char_is_digit(*s))
        return false;
    if (!day_of(year_first ? a : c, b, year_first ? c : a, &day))
        return false;
    return with_clock(s, year_first, day, ret_day, ret_wall_s, ret_rest);
}
