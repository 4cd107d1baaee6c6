/* sandbox/loki_priv.h - what the files of the Loki stand-in share: the ring of lines with their
 * labels, a LogQL query, and the parameters of a request. */
#ifndef GOODGO_SANDBOX_LOKI_PRIV_H
#define GOODGO_SANDBOX_LOKI_PRIV_H

#include "standins.h"

#include <regex.h>

/* ---- loki_ring.c ---- */

enum label {
    LABEL_COMPONENT,
    LABEL_CONTAINER,
    LABEL_CONTEXT,
    LABEL_JOB,
    LABEL_LEVEL,
    LABEL_SERVICE,
    N_LABELS
};

enum { LOKI_ALL_LABELS = (1u << N_LABELS) - 1 };

extern const char *const loki_label_names[N_LABELS];

/* Whoever looks at lines holds the lock; a line lives until it is released. */
void ring_lock(void);
void ring_unlock(void);
bool ring_init(void);
void ring_done(void);
/* 0 is the oldest. */
struct log_line *ring_line(size_t i);
/* The first line not older than `at_ns`. */
size_t ring_find(uint64_t at_ns);

const char *line_label(const struct log_line *l, enum label label);
/* By name; "" where there is no such label. */
const char *line_label_named(const struct log_line *l, const char *name);
/* Do the labels of `mask` (a bit each) agree? */
bool loki_same_stream(const struct log_line *a, const struct log_line *b, unsigned mask);
void loki_add_labels(struct text *t, const struct log_line *l, unsigned mask);

/* ---- logql.c, logql_match.c ---- */
enum { LOGQL_MAX_STAGES = 16 };

enum logql_op { OP_EQ, OP_NE, OP_RE, OP_NRE, OP_GT, OP_GE, OP_LT, OP_LE };

enum stage_kind { STAGE_MATCHER, STAGE_LINE, STAGE_FIELD };

struct logql_stage {
    enum stage_kind kind;
    enum logql_op op;
    char name[64]; /* of the label or field */
    char *value;
    regex_t re;
    bool re_on;
};

struct logql {
    struct logql_stage stage[LOGQL_MAX_STAGES];
    int n_stages;
    char function[24]; /* "" for a log query */
    uint64_t range_ns;
    bool sum, by;
    unsigned by_labels; /* bit per enum label */
    char error[512];
};

/* False, with a sentence in q->error, where it is none. logql_done() is owed either way. */
bool logql_read(struct logql *q, const char *text);
void logql_done(struct logql *q);
/* "1h30m" and nothing behind it; at most a century. */
bool logql_duration(const char *text, uint64_t *ret_ns);
bool logql_matches(const struct logql *q, const struct log_line *l);

/* ---- loki_params.c: false where the reply is made already ---- */
bool loki_time_param(struct http_request *req, const char *name, uint64_t fallback_ns,
                     uint64_t *ret_ns);
/* start, end and since; `back_ns` is how far back the start lies by itself. */
bool loki_range_params(struct http_request *req, uint64_t back_ns, uint64_t *ret_start,
                       uint64_t *ret_end);
bool loki_limit_param(struct http_request *req, size_t *ret_limit);
bool loki_step_param(struct http_request *req, uint64_t start, uint64_t end, uint64_t *ret_step);

/* ---- standin_loki.c ---- */
enum { LOKI_MAX_SERIES = 500 };
#define LOKI_HOUR_NS 3600000000000u

extern const char loki_json[], loki_plain[];
void loki_add_stats(struct text *t, size_t lines, size_t bytes, size_t returned);
/* Reads the query and runs it; a wrong one is answered with its error. */
void loki_with_query(struct http_request *req, const char *text,
                     void (*run)(struct http_request *req, const struct logql *q));

/* ---- the answers ---- */
void loki_answer_logs(struct http_request *req, const struct logql *q, uint64_t start,
                      uint64_t end);
void loki_answer_stats(struct http_request *req, const struct logql *q);
void loki_answer_matrix(struct http_request *req, const struct logql *q, uint64_t start,
                        uint64_t end);
void loki_answer_vector(struct http_request *req, const struct logql *q, uint64_t at);
void loki_labels(struct http_request *req);
void loki_label_values(struct http_request *req);
void loki_series(struct http_request *req);

#endif
