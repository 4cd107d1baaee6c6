/* codec/loglines.h - lines of the logs, which Loki holds: the question in LogQL, the address that
 * asks it, and what it answers. Pure. Contract: Loki 3.0's query_range; the labels are those that
 * the platform's Promtail gives (service, level, context), the lines are Pino's JSON where a
 * service of ours wrote them. */
#ifndef GOODGO_CODEC_LOGLINES_H
#define GOODGO_CODEC_LOGLINES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

enum log_level {
    LOG_LEVEL_NONE, /* it has none, or a word of its own */
    LOG_LEVEL_TRACE,
    LOG_LEVEL_DEBUG,
    LOG_LEVEL_INFO,
    LOG_LEVEL_WARN,
    LOG_LEVEL_ERROR,
    LOG_LEVEL_FATAL,
    LOG_LEVEL_COUNT
};
const char *log_level_name(enum log_level level); /* "trace" ... "fatal"; "" for NONE */
/* Of a label, in letters of either case: a word, one of the words that other programs have for it
 * ("err", "critical"), or Pino's number ("50"). NULL has none. */
enum log_level log_level_of(const char *label);

/* Which lines: NULL or NONE does not narrow it. */
struct log_question {
    const char *service;  /* the label */
    enum log_level level; /* that one and worse */
    const char *text;     /* stands in the line, as it is: a correlation id */
    const char *pattern;  /* RE2, in letters of either case */
};
/* The LogQL of it. False where a text of it is empty or has control characters. */
bool log_query(const struct log_question *q, struct str *out) MUST_CHECK;

/* Of which time: from a moment on or since_s ago by Loki's own clock, up to a moment (not of it) or
 * now. 0 = not given. */
struct log_span {
    int64_t since_s, from_ns, until_ns;
};
/* Loki refuses to answer more at once. */
#define LOG_LIMIT_MAX 5000
#define LOG_QUERY_MAX 4096
/* The address that asks for the newest `limit` of them. NULL where it would be too long. */
const char *log_url(struct arena *a, const char *base, const char *query, struct log_span span,
                    uint32_t limit);

/* One line. All texts are clean; NULL = it has none. */
struct log_line {
    int64_t at_ns;     /* by whoever wrote it, since 1970 */
    uint64_t identity; /* the same for the same line of the same stream, if two answers hold it */
    uint32_t place;    /* in the answer: of one moment the first is the newest */
    const char *service, *context, *message; /* message: Pino's, else the whole line */
    const char *level;                       /* as a word, where we know it; else the label */
    const char *correlation_id, *method, *url;
    bool has_status_code, has_duration;
    int64_t status_code;
    double duration_ms;
};
#define LOG_MESSAGE_COLS 4000
struct log_lines {
    struct log_line *list; /* newest first */
    uint32_t n;
};
#define LOG_ANSWER_MAX ((size_t)32 << 20)
/* Loki answers by stream: all of them in one order. Texts go to the arena. */
struct json;
void log_lines_take(const struct json *answer, struct arena *a, struct log_lines *ret);
/* The same of an answer in bytes. False where it is none of lines. */
bool log_lines_read(const char *bytes, size_t n, struct arena *a, struct log_lines *ret,
                    struct err *err) MUST_CHECK;

#endif
