/* sandbox/loki_params.c - times, ranges, limits and steps of a request to the Loki stand-in, with
 * the refusals of the real one. */
#include "loki_priv.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SECOND_NS 1000000000u
enum { MAX_LIMIT = 5000, MAX_POINTS = 11000 };
#define MAX_TIME_S 9e9 /* in nanoseconds it still fits */

/* Seconds (up to ten digits, or with a fraction), nanoseconds, or RFC 3339. */
static bool parse_time(const char *s, uint64_t *ret_ns) {
    char *end = NULL;
    size_t digits = strspn(s, "0123456789");
    if (digits && !s[digits]) {
        unsigned long long v = strtoull(s, NULL, 10);
        *ret_ns = digits <= 10 ? v * SECOND_NS : v;
        return true;
    }
    if (digits && s[digits] == '.') {
        double v = strtod(s, &end);
        *ret_ns = v <= MAX_TIME_S ? (uint64_t)(v * 1e9) : 0;
        return !*end && v <= MAX_TIME_S;
    }
    struct tm tm = {0};
    const char *rest = strptime(s, "%Y-%m-%dT%H:%M:%S", &tm);
    if (!rest) {
        return false;
    }
    double fraction = *rest == '.' ? strtod(rest, &end) : 0;
    if (*rest == '.') {
        rest = end;
    }
    time_t at_s = timegm(&tm);
    if (at_s < 0 || fraction >= 1 || strcmp(rest, "Z") != 0) { /* strtod() takes an exponent too */
        return false;
    }
    *ret_ns = (uint64_t)at_s * SECOND_NS + (uint64_t)(fraction * 1e9);
    return true;
}

bool loki_time_param(struct http_request *req, const char *name, uint64_t fallback_ns,
                     uint64_t *ret_ns) {
    const char *s = http_param(req, name);
    *ret_ns = fallback_ns;
    if (!s || parse_time(s, ret_ns)) {
        return true;
    }
    http_replyf(req, 400, loki_plain,
                "could not parse '%s' parameter: strconv.ParseInt: parsing \"%s\": invalid syntax",
                name, s);
    return false;
}

bool loki_range_params(struct http_request *req, uint64_t back_ns, uint64_t *ret_start,
                       uint64_t *ret_end) {
    uint64_t start = 0, end = 0;
    if (!loki_time_param(req, "end", clock_wall_ns(), &end)) {
        return false;
    }
    uint64_t since_ns = back_ns;
    const char *since = http_param(req, "since");
    if (since && !logql_duration(since, &since_ns)) {
        http_replyf(req, 400, loki_plain, "could not parse 'since' parameter: %s", since);
        return false;
    }
    if (!loki_time_param(req, "start", end > since_ns ? end - since_ns : 0, &start)) {
        return false;
    }
    if (end <= start) {
        http_reply(req, 400, loki_plain, "end timestamp must not be before or equal to start time");
        return false;
    }
    if (end - start > (uint64_t)(30 * 86400 + 3600) * SECOND_NS) {
        http_replyf(
            req, 400, loki_plain,
            "the query time range exceeds the limit (query length: %lluh0m0s, limit: 30d1h)",
            (unsigned long long)((end - start) / LOKI_HOUR_NS));
        return false;
    }
    *ret_start = start;
    *ret_end = end;
    return true;
}

bool loki_limit_param(struct http_request *req, size_t *ret_limit) {
    const char *s = http_param(req, "limit");
    int64_t v = 100;
    if (s && !string_to_i64(s, &v)) {
        http_replyf(req, 400, loki_plain, "strconv.Atoi: parsing \"%s\": invalid syntax", s);
    } else if (v <= 0) {
        http_reply(req, 400, loki_plain, "limit must be a positive value");
    } else if (v > MAX_LIMIT) {
        http_replyf(req, 400, loki_plain,
                    "max entries limit per query exceeded, limit > max_entries_limit "
                    "(%lld > %d)",
                    (long long)v, MAX_LIMIT);
    } else {
        *ret_limit = (size_t)v;
        return true;
    }
    return false;
}

/* Seconds, or a duration with its units; 0 where it is neither, or nothing that can be counted. */
static uint64_t step_ns(const char *s) {
    char *end = NULL;
    uint64_t ns = 0;
    double seconds = strtod(s, &end);
    if (*end) {
        return logql_duration(s, &ns) ? ns : 0;
    }
    return seconds >= 1e-9 && seconds <= MAX_TIME_S ? (uint64_t)(seconds * 1e9) : 0;
}

bool loki_step_param(struct http_request *req, uint64_t start, uint64_t end, uint64_t *ret_step) {
    const char *s = http_param(req, "step");
    *ret_step =
        s ? step_ns(s) : (uint64_t)fmax(1, floor((double)(end - start) / 1e9 / 250)) * SECOND_NS;
    if (!*ret_step) {
        http_reply(req, 400, loki_plain,
                   "zero or negative query resolution step widths are not accepted. Try a positive "
                   "integer");
        return false;
    }
    if ((end - start) / *ret_step > MAX_POINTS) {
        http_reply(req, 400, loki_plain,
                   "exceeded maximum resolution of 11,000 points per time series. Try increasing "
                   "the value of the step parameter");
        return false;
    }
    return true;
}
