/* sandbox/loki_metrics.c - answers of numbers: lines or bytes counted by step and series. */
#include "loki_priv.h"

#include <stdlib.h>
#include <string.h>

struct series {
    const struct log_line *first; /* stands for its labels */
    double *value;                /* one per step */
};

struct matrix {
    struct series series[LOKI_MAX_SERIES];
    int n;
    size_t n_steps;
    uint64_t start, step;
    unsigned mask;
};

static struct matrix *matrix_new(void) {
    struct matrix *m = calloc(1, sizeof *m);
    if (!m) {
        abort();
    }
    return m;
}

static void matrix_free(struct matrix *m) {
    for (int i = 0; i < m->n; i++) {
        free(m->series[i].value);
    }
    free(m);
}

static struct series *series_for(struct matrix *m, const struct log_line *l) {
    for (int i = 0; i < m->n; i++) {
        if (loki_same_stream(m->series[i].first, l, m->mask)) {
            return &m->series[i];
        }
    }
    if (m->n == LOKI_MAX_SERIES) {
        return NULL;
    }
    struct series *s = &m->series[m->n++];
    s->first = l;
    s->value = calloc(m->n_steps, sizeof *s->value);
    if (!s->value) {
        abort();
    }
    return s;
}

/* A step at time t covers (t - range, t]. */
static void matrix_add(struct matrix *m, const struct logql *q, const struct log_line *l) {
    double weight = strncmp(q->function, "bytes", 5) == 0 ? (double)strlen(l->text) : 1;
    uint64_t first = l->at_ns <= m->start ? 0 : (l->at_ns - m->start + m->step - 1) / m->step;
    struct series *s = NULL;
    for (size_t i = (size_t)first; i < m->n_steps; i++) {
        uint64_t t = m->start + i * m->step;
        if (t >= l->at_ns + q->range_ns) {
            break;
        }
        s = s ? s : series_for(m, l);
        if (!s) {
            return;
        }
        s->value[i] += weight;
    }
}

static void matrix_fill(struct matrix *m, const struct logql *q) {
    uint64_t last = m->start + (m->n_steps - 1) * m->step;
    size_t from = ring_find(m->start > q->range_ns ? m->start - q->range_ns : 0);
    size_t to = ring_find(last + 1);
    m->mask = !q->sum ? (unsigned)LOKI_ALL_LABELS : q->by ? q->by_labels : 0;
    for (size_t i = from; i < to; i++) {
        if (logql_matches(q, ring_line(i))) {
            matrix_add(m, q, ring_line(i));
        }
    }
}

static double point_of(const struct logql *q, double sum) {
    bool per_second = strcmp(q->function, "rate") == 0 || strcmp(q->function, "bytes_rate") == 0;
    return per_second ? sum / ((double)q->range_ns / 1e9) : sum;
}

static void add_matrix(struct text *t, const struct matrix *m, const struct logql *q, bool vector) {
    for (int k = 0; k < m->n; k++) {
        int n = 0;
        text_puts(t, k ? ",{\"metric\":" : "{\"metric\":");
        loki_add_labels(t, m->series[k].first, m->mask);
        text_puts(t, vector ? ",\"value\":" : ",\"values\":[");
        for (size_t i = 0; i < m->n_steps; i++) {
            uint64_t at_ms = (m->start + i * m->step) / 1000000;
            if (m->series[k].value[i] > 0) {
                text_addf(t, "%s[%.15g,\"%.15g\"]", n++ ? "," : "", (double)at_ms / 1000.0,
                          point_of(q, m->series[k].value[i]));
            }
        }
        text_puts(t, vector ? "}" : "]}");
    }
}

static void answer_metric(struct http_request *req, const struct logql *q, struct matrix *m,
                          bool vector) {
    http_replyf(req, 200, loki_json,
                "{\"status\":\"success\",\"data\":{\"resultType\":\"%s\",\"result\":[",
                vector ? "vector" : "matrix");
    ring_lock();
    matrix_fill(m, q);
    add_matrix(&req->reply, m, q, vector);
    ring_unlock();
    text_puts(&req->reply, "],");
    loki_add_stats(&req->reply, 0, 0, (size_t)m->n);
    text_puts(&req->reply, "}}");
}

void loki_answer_matrix(struct http_request *req, const struct logql *q, uint64_t start,
                        uint64_t end) {
    struct matrix *m = matrix_new();
    if (loki_step_param(req, start, end, &m->step)) {
        m->start = start / m->step * m->step + (start % m->step ? m->step : 0);
        m->n_steps = end >= m->start ? (size_t)((end - m->start) / m->step) + 1 : 1;
        answer_metric(req, q, m, false);
    }
    matrix_free(m);
}

void loki_answer_vector(struct http_request *req, const struct logql *q, uint64_t at) {
    struct matrix *m = matrix_new();
    m->start = at;
    m->step = 1000000000u;
    m->n_steps = 1;
    answer_metric(req, q, m, true);
    matrix_free(m);
}
