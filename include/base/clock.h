/* base/clock.h - the two clocks, told apart, and times as texts. Only io, engine, act and app may
 * read the clocks; everything else is handed a time: mono_ms counts from some moment before the
 * program and never jumps, wall_ms and wall_s count from 1970 in UTC. */
#ifndef GOODGO_BASE_CLOCK_H
#define GOODGO_BASE_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

#define DAY_S 86400
/* Days and times of payments without a zone are Vietnam's: GMT+7, all the year. */
#define CLOCK_VIETNAM_S (7 * 3600)

int64_t clock_mono_ms(void);
int64_t clock_wall_ms(void);
/* How far this machine's zone is ahead of UTC at that time. */
int clock_utc_offset_s(int64_t wall_s);

/* Days since 1970-01-01 of a date in the Gregorian calendar; false where there is no such day. */
bool clock_day_of(int64_t year, int64_t month, int64_t day, int64_t *ret_day) MUST_CHECK;

/* ISO 8601 in UTC, "2026-04-11T10:30:00Z", with ".250" where there are milliseconds; any
 * fits into 32 bytes. */
void clock_iso8601(int64_t wall_ms, char *buf, size_t size);
/* "14:28:07": the time of day, where clocks are utc_offset_s ahead of UTC. */
#define CLOCK_DAY_SIZE 9
void clock_day_time(int64_t wall_s, int utc_offset_s, char buf[CLOCK_DAY_SIZE]);
/* RFC 3339, to the end of s: with a fraction or without, "Z" or "+07:00" behind; false when it is
 * not one, or s is NULL. */
bool clock_parse_rfc3339(const char *s, int64_t *ret_wall_ms) MUST_CHECK;

#endif
