/* base/clock.h - the two clocks, told apart. Only io, engine and app may read them; everything else
 * is handed a time. */
#ifndef GOODGO_BASE_CLOCK_H
#define GOODGO_BASE_CLOCK_H

#include <stddef.h>
#include <stdint.h>

int64_t clock_mono_ms(void);
int64_t clock_wall_ms(void);
int clock_utc_offset_s(int64_t wall_s);
/* ISO 8601 UTC "2026-04-11T10:30:00Z" (ms added where wall_ms has them). */
void clock_iso8601(int64_t wall_ms, char *buf, size_t size);
/* Parses RFC 3339 with fraction and zone ("...Z", "+07:00"); false when it is not one. */
_Bool clock_parse_rfc3339(const char *s, int64_t *ret_wall_ms);

#endif
