/* app/query.h - PromQL: what is asked, and what the answer says. Pure; cmd_query.c asks. */
#ifndef GOODGO_APP_QUERY_H
#define GOODGO_APP_QUERY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "wire/exchange.h"

#define QUERY_ANSWER_MAX ((size_t)8 << 20)

/* The expression of a preset's name (R142 to R148); what is none is an expression itself. */
const char *query_expression(const char *given);
/* "p99 p95 ..." */
void query_preset_names(struct str *out);
/* "90s" "5m" "1h" "7d", at most 90 days. */
bool query_range_parse(const char *s, int64_t *ret_s) MUST_CHECK;
/* The same of --range; *ret_s stays where there is none. False with a sentence of `op`. */
bool query_range_given(const char *op, const char *range, int64_t *ret_s,
                       struct err *err) MUST_CHECK;
/* range_s 0 = at this moment. A range is aligned to its step, so that the graph holds still. */
const char *query_url(struct arena *a, const char *base, const char *expression, int64_t range_s,
                      int64_t now_s);
/* Lines for people, with the course of a series drawn or in words, or a goodgo.query/1 document. */
enum query_form { QUERY_DRAWN, QUERY_PLAIN, QUERY_JSON };
struct query_asked {
    const char *target, *expression; /* target: the address of Prometheus */
    enum query_form form;
};
/* Writes the answer. False with err where it is a refusal or no answer of Prometheus; *ret_empty
 * tells that no series matched. */
bool query_answer(const struct query_asked *q, const struct http_reply *reply, struct arena *a,
                  struct str *out, bool *ret_empty, struct err *err) MUST_CHECK;

#endif
