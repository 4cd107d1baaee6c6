/* probe/http_priv.h - what the codecs of HTTP services share: short ways to ask, careful ways to
 * read an answer, and the last step of every judgement. */
#ifndef GOODGO_PROBE_HTTP_PRIV_H
#define GOODGO_PROBE_HTTP_PRIV_H

#include "codec/probe.h"
#include "wire/json.h"

#define PROBE_MAX_JSON_BYTES (4u << 20) /* some thousand alerts, in a storm of them */

/* GET base + path; always true, so that a request callback is one line. */
bool ask_get(struct probe_run *run, struct exchange *ex, const char *base, const char *path);
/* Adds a header; does nothing when value is NULL or the request is full. */
void ask_header(struct exchange *ex, const char *name, const char *value);
/* url_escape() into the arena, which is what S3 signatures want too. */
const char *ask_encode(struct arena *a, const char *s);

bool answer_is_html(const struct http_reply *r);
/* The page's title, else the first words of the body, cleaned; "" when there is none. */
void answer_piece(const struct http_reply *r, char *buf, size_t size);
/* The text between <title> tags as it is in the body; false when there is none. */
bool answer_title(const struct http_reply *r, const char **ret_title, size_t *ret_n);
/* The name of the service that only this answer can be from, with *ret_service; NULL where it could
 * be anybody's. */
const char *answer_who(const struct http_reply *r, enum service *ret_service);
/* A 200 with JSON, else NULL with err: AUTH, NOT_READY, FAILING or WRONG_THING. The caller frees
 * it. */
struct json *answer_json(const struct probe_run *run, const char *url, const struct http_reply *r,
                         const char *expected, struct err *err) MUST_CHECK;

/* Sets the next step of an error of this code; always false, so that `return err_advise(...)`. */
bool err_advise(struct err *err, enum err_code code, const char *todo);

/* Copies a number (or a text that is one) from j into a metric; absent, negative or absurd counts
 * leave the metric unset. */
void take_real(struct reading *out, const struct json *j, const char *path, const char *metric,
               enum unit unit);
void take_count(struct reading *out, const struct json *j, const char *path, const char *metric,
                enum unit unit);
void take_text(struct reading *out, const struct json *j, const char *path, const char *metric);

/* The table of this name, added when it is not there yet (a stage of several pages fills one). */
struct table *probe_table(struct reading *r, const char *name, const char *title,
                          const struct column *columns, size_t n_columns);
/* A metric is known and 0 / known and not 0. Absent is neither. */
bool metric_is_no(const struct reading *r, const char *name);
bool metric_is_yes(const struct reading *r, const char *name);
/* A count that an outside number claims: NaN, negatives and more than 2^53 are not one. */
bool count_from(double d, int64_t *ret_n);
/* "1.2ms" from a metric; "-" when it is not known. */
void show_ms(const struct reading *r, const char *name, char *buf, size_t size);
/* "5,000"; "-" when it is not known. */
void show_metric(const struct reading *r, const char *name, char *buf, size_t size);
/* "5,000 docs", "1 doc"; "- docs" when it is not known. See COUNTED(). */
void show_counted(const struct reading *r, const char *name, const char *noun, char *buf,
                  size_t size);
/* Ends judge(): health follows the worst finding; the worst finding's sentence replaces the
 * summary when something is wrong. */
void judge_by_findings(struct probe_run *run, const struct reading *r, struct verdict *v);

#endif
