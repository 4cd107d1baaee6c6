/* probe/promtext_priv.h - the Prometheus text exposition, one sample at a time, without allocating:
 * names and labels point into the body. Lines that are no sample are skipped and counted. */
#ifndef GOODGO_PROBE_PROMTEXT_PRIV_H
#define GOODGO_PROBE_PROMTEXT_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct promtext {
    const char *at, *end;
    uint32_t n_samples, n_broken;
};
struct promtext_sample {
    const char *name;
    size_t name_n;
    const char *labels; /* between the braces, still escaped */
    size_t labels_n;
    double value; /* may be NaN or infinite */
};

void promtext_init(struct promtext *p, const char *body, size_t n);
/* The next sample; false at the end. */
bool promtext_next(struct promtext *p, struct promtext_sample *ret);
bool promtext_is(const struct promtext_sample *s, const char *name);
/* The value of a label, unescaped, cut to size; false when it has none. */
bool promtext_label(const struct promtext_sample *s, const char *label, char *buf, size_t size);

#endif
