/* probe/common.c - what every codec needs: addresses, rates of counters, and the one place that
 * turns an unexpected HTTP status into an error code. */
#include "codec/probe.h"

#include <string.h>

#include "http_priv.h"

/* Of this stage's own last answer where there is one: what the section holds may be older than the
 * section says, since a stage that could not be asked in time keeps its figures. */
bool probe_before(const struct probe_run *run, const char *metric, double *ret_value,
                  int64_t *ret_mono_ms) {
    const struct section *before = run->previous;
    const struct reading *r = run->kept;
    *ret_mono_ms = run->kept_mono_ms;
    if (!r && before && before->has_reading) {
        r = &before->reading;
        *ret_mono_ms = before->taken_mono_ms;
    }
    return r && reading_number(r, metric, ret_value);
}

bool probe_rate(const struct probe_run *run, const char *counter_name, double now_value,
                double *ret_per_s) {
    double value;
    int64_t at_mono_ms;
    if (!probe_before(run, counter_name, &value, &at_mono_ms))
        return false;
    int64_t elapsed_ms = run->now_mono_ms - at_mono_ms;
    if (elapsed_ms <= 0 || now_value < value)
        return false;
    *ret_per_s = (now_value - value) * 1000 / (double)elapsed_ms;
    return true;
}

void probe_rate_metric(const struct probe_run *run, struct reading *out, const char *counter_name,
                       const char *metric) {
    double now, per_s;
    if (reading_number(out, counter_name, &now) && probe_rate(run, counter_name, now, &per_s))
        reading_real(out, metric, UNIT_PER_SECOND, per_s);
}

/* None of ours says in HTML that it is not ready: a proxy does, of a service that it does not
 * reach.
 */
static bool is_proxy_page(const struct http_reply *r) {
    return r->status >= 502 && r->status <= 504 && answer_is_html(r);
}

static enum err_code code_of(const struct http_reply *r) {
    if (r->status == 401 || r->status == 403)
        return E_AUTH;
    if (r->status == 408 || r->status == 429 || (r->status == 503 && !is_proxy_page(r)))
        return E_NOT_READY;
    return r->status >= 500 ? E_FAILING : E_WRONG_THING;
}

/* A service of the platform that gives itself away, but not as the one that was asked for. */
static const char *other_service(const struct probe_run *run, const struct http_reply *r) {
    enum service who;
    const char *name = answer_who(r, &who);
    return name && run->previous && who != run->previous->service ? name : NULL;
}

/* What it says itself of the key: the message of a JSON body, else its beginning. */
static void refusal_words(const struct http_reply *r, char *buf, size_t size) {
    struct err ignored;
    struct json *j =
        json_parse(r->body ? r->body : "", r->body_len, PROBE_MAX_JSON_BYTES, &ignored);
    const char *said = json_string(j, "message");
    if (said)
        text_clean_into(buf, size, said, strlen(said));
    else
        answer_piece(r, buf, size);
    json_free(j);
}

static bool not_let_in(const char *url, const struct http_reply *r, struct err *err) {
    char words[120];
    refusal_words(r, words, sizeof words);
    return err_set(err, E_AUTH, "http.answer", url, "not let in (HTTP %d)%s%s", r->status,
                   words[0] ? ": " : "", words);
}

bool probe_http_unexpected(const struct probe_run *run, const char *url, const struct http_reply *r,
                           const char *expected, struct err *err) {
    char piece[100];
    const char *other = other_service(run, r);
    answer_piece(r, piece, sizeof piece);
    if (other)
        return err_set(err, E_WRONG_THING, "http.answer", url,
                       "%s answers here (HTTP %d), expected %s, got: %s", other, r->status,
                       expected, piece);
    if (code_of(r) == E_AUTH)
        return not_let_in(url, r, err);
    if (!piece[0])
        return err_set(err, code_of(r), "http.answer", url,
                       "HTTP %d with an empty body, expected %s", r->status, expected);
    err_set(err, code_of(r), "http.answer", url, "HTTP %d, expected %s, got: %s", r->status,
            expected, piece);
    if (is_proxy_page(r))
        err->todo = "a proxy answers in its place: is the service behind it up?";
    return false;
}

const char *probe_url(struct probe_run *run, const char *base, const char *path) {
    return arena_printf(run->arena, "%s%s", base ? base : "", path);
}

const char *probe_target(const struct probe_run *run, const char *host, uint16_t port) {
    return arena_printf(run->arena, "%s:%u", host ? host : "", port);
}

const char *shell_pick(const struct shell_words *list, const char *table) {
    while (list->table && strcmp(list->table, table) != 0)
        list++;
    return list->words;
}
