/* app/line_priv.h - times the line to the person's terminal; see line.c. */
#ifndef GOODGO_APP_LINE_PRIV_H
#define GOODGO_APP_LINE_PRIV_H

#include <stdbool.h>
#include <stdint.h>

struct term;
struct line_meter {
    double rtt_ms; /* < 0 = not known */
    int64_t asked_mono_ms;
    uint32_t n_asked;
    bool waits;
};

void line_init(struct line_meter *m);
void line_tick(struct line_meter *m, struct term *t, int64_t now_mono_ms);
/* After keys were read; true when rtt_ms is news. */
bool line_look(struct line_meter *m, struct term *t, int64_t now_mono_ms);

#endif
