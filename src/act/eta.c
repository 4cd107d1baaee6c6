/* act/eta.c - estimates: the present rate counts the more, the further a stage has come. */
#include "act/eta.h"

#include <math.h>
#include <stdbool.h>

#define EARLY_MS 1000

static double mean(const struct eta_history *h) {
    double sum = 0;
    for (uint32_t i = 0; i < h->n; i++)
        sum += h->ms_per_unit[i];
    return sum / h->n;
}

/* Standard deviation; one earlier run says nothing of the spread: a quarter is assumed. */
static double spread(const struct eta_history *h, double at) {
    double sum = 0;
    if (h->n < 2)
        return at / 4;
    for (uint32_t i = 0; i < h->n; i++)
        sum += (h->ms_per_unit[i] - at) * (h->ms_per_unit[i] - at);
    return sqrt(sum / (h->n - 1));
}

double eta_rate_per_s(int64_t done, int64_t total, int64_t elapsed_ms) {
    bool early = elapsed_ms < EARLY_MS && done < total / 100;
    return done > 0 && elapsed_ms > 0 && !early ? (double)done * 1000 / (double)elapsed_ms : -1;
}

void eta_estimate(const struct eta_history *h, int64_t done, int64_t total, int64_t elapsed_ms,
                  double *ret_left_s, double *ret_error_s) {
    *ret_left_s = *ret_error_s = -1;
    if (total <= 0 || done < 0 || done > total)
        return;
    double share = (double)done / (double)total, left = (double)(total - done);
    double rate = eta_rate_per_s(done, total, elapsed_ms), now = rate > 0 ? 1000 / rate : -1;
    double before = h->n ? mean(h) : -1;
    if (now < 0 && before < 0)
        return;
    double each = before < 0 ? now : now < 0 ? before : share * now + (1 - share) * before;
    double error = before < 0 ? now * (1 - share) / 2 : spread(h, before) * (1 - share / 2);
    *ret_left_s = left * each / 1000;
    *ret_error_s = left * error / 1000;
}
