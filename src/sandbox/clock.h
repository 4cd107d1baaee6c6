/* sandbox/clock.h - the two clocks of the sandbox, deadlines and pauses on the one that never
 * jumps, and the ISO form of the other. */
#ifndef GOODGO_SANDBOX_CLOCK_H
#define GOODGO_SANDBOX_CLOCK_H

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

uint64_t clock_mono_ms(void);
uint64_t clock_wall_ms(void);
uint64_t clock_wall_ns(void);
/* 2026-04-11T10:30:00.123Z of a wall time in ms. */
void clock_iso(uint64_t wall_ms, char *out, size_t size);

/* A condition whose deadlines are those of clock_deadline(): no step of the wall clock moves them.
 */
void clock_cond_init(pthread_cond_t *cond);
struct timespec clock_deadline(uint64_t from_now_ms);
/* The whole of it, signals or not. */
void clock_pause_ms(unsigned ms);

#endif
