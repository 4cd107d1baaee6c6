/* probe/common.c - what every codec needs: addresses, rates of counters, and the one place that
 * turns an unexpected HTTP status into an error code. */
#include "codec/probe.h"

#include <string.h>
#include <strings.h>

#include "http_priv.h"

/* Both readings of a counter must come from the same beat: use it only in a stage that runs each
 * time (every_ms = 0), else a kept value would look like "no change". */
bool probe_rate(const struct probe_run *run, const char *counter_name, double now_value,
                double *ret_per_s) {
    const struct section *before = run->previous;
    double value;
    if (!before || !before->has_reading || !reading_number(&before->reading, counter_name, &value))
        return false;
    int64_t elapsed_ms = run->now_mono_ms - before->taken_mono_ms;
    if (elapsed_ms <= 0 || now_value < value)
        return false;
    *ret_per_s = (now_value - value) * 1000 / (double)elapsed_ms;
    return true;
}

static enum err_code code_of_status(int status) {
    if (status == 401 || status == 403)
        return E_AUTH;
    /* It knows what was asked and says that it cannot now; what else listens there says 404. */
    if (status == 408 || status == 429 || status >= 500)
        return E_NOT_READY;
    return E_WRONG_THING;
}

bool probe_http_unexpected(const struct probe_run *run, const char *url, const struct http_reply *r,
                           const char *expected, struct err *err) {
    char piece[100];
    (void)run;
    answer_piece(r, piece, sizeof piece);
    if (!piece[0])
        return err_set(err, code_of_status(r->status), "http.answer", url,
                       "HTTP %d with an empty body, expected %s", r->status, expected);
    return err_set(err, code_of_status(r->status), "http.answer", url,
                   "HTTP %d, expected %s, got: %s", r->status, expected, piece);
}

const char *probe_url(struct probe_run *run, const char *base, const char *path) {
    return arena_printf(run->arena, "%s%s", base ? base : "", path);
}
