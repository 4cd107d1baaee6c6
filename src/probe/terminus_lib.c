/* probe/terminus_lib.c - see terminus_priv.h. No standard fixes the shapes, so: members come from
 * `details`, else `checks`, else `info` and `error`; a member is a text or an object with `status`;
 * HTTP 503 wins over a body that says ok. */
#include "terminus_priv.h"

#include <string.h>
#include <strings.h>

#include "http_priv.h"

static const struct column check_columns[] = {
    {"name", "CHECK", UNIT_NONE, 0, 0},
    {"state", "STATE", UNIT_NONE, 8, 0},
    {"message", "MESSAGE", UNIT_NONE, 0, 1},
};

static const char *check_state_name(enum check_state s) {
    static const char *const names[] = {"up", "degraded", "down"};
    return names[s];
}

enum check_state terminus_word(const char *word) {
    static const char *const up[] = {"up",   "ok",    "healthy", "pass",
                                     "true", "ready", "alive",   "loaded"};
    static const char *const degraded[] = {"degraded", "warn", "warning"};
    if (!word)
        return CHECK_DOWN;
    for (size_t i = 0; i < ARRAY_LEN(up); i++)
        if (strcasecmp(word, up[i]) == 0)
            return CHECK_UP;
    for (size_t i = 0; i < ARRAY_LEN(degraded); i++)
        if (strcasecmp(word, degraded[i]) == 0)
            return CHECK_DEGRADED;
    return CHECK_DOWN;
}

static const char *keep(struct probe_run *run, const char *s) {
    return s ? arena_strndup(run->arena, s, strnlen(s, 300)) : NULL;
}

enum check_state terminus_member(const struct json *member, const char **ret_word) {
    const char *word = json_string(member, json_is_object(member) ? "status" : "");
    bool up;
    if (!word && !json_is_object(member) && json_bool(member, "", &up))
        word = up ? "true" : "false";
    *ret_word = word;
    return terminus_word(word);
}

static void add_check(struct probe_run *run, struct health_body *b, const struct json *member) {
    if (b->n_checks == TERMINUS_MAX_CHECKS || !json_key(member))
        return;
    struct health_check *c = &b->checks[b->n_checks++];
    const char *word;
    c->name = keep(run, json_key(member));
    c->state = terminus_member(member, &word);
    c->message = json_is_object(member) ? keep(run, json_string(member, "message")) : NULL;
    if (c->state > b->state)
        b->state = c->state;
}

static bool add_checks(struct probe_run *run, struct health_body *b, const struct json *j,
                       const char *key) {
    const struct json *members = json_get(j, key);
    if (!json_is_object(members))
        return false;
    for (const struct json *m = json_first(members); m; m = json_next(m))
        add_check(run, b, m);
    return true;
}

static void read_body(struct probe_run *run, const struct json *j, struct health_body *b) {
    b->status = keep(run, json_string(j, "status"));
    b->state = terminus_word(b->status);
    if (add_checks(run, b, j, "details") || add_checks(run, b, j, "checks"))
        return;
    add_checks(run, b, j, "info");
    add_checks(run, b, j, "error");
}

bool terminus_parse(struct probe_run *run, const char *url, const struct http_reply *r,
                    struct health_body *ret, struct err *err) {
    static const char expected[] = "a health answer (JSON with \"status\")";
    struct http_reply as_ok = *r;
    if (r->status == 503) /* its body carries the same information */
        as_ok.status = 200;
    struct err parse_err = {0};
    struct json *j = answer_json(run, url, &as_ok, expected, &parse_err);
    if (!j && r->status == 503)
        return probe_http_unexpected(run, url, r, expected, err);
    if (!j) {
        *err = parse_err;
        return false;
    }
    memset(ret, 0, sizeof *ret);
    if (json_is_object(j) && json_string(j, "status"))
        read_body(run, j, ret);
    json_free(j);
    if (!ret->status)
        return probe_http_unexpected(run, url, r, expected, err);
    if (r->status == 503)
        ret->state = CHECK_DOWN;
    return true;
}

const struct health_check *terminus_find(const struct health_body *b, const char *const *words) {
    for (uint32_t i = 0; i < b->n_checks; i++)
        for (const char *const *w = words; *w; w++)
            if (strstr(b->checks[i].name, *w))
                return &b->checks[i];
    return NULL;
}

void terminus_table(struct reading *out, const struct health_body *b) {
    static const enum health health[] = {HEALTH_OK, HEALTH_WARNING, HEALTH_CRITICAL};
    struct table *t =
        reading_add_table(out, "checks", "Checks", check_columns, ARRAY_LEN(check_columns));
    for (uint32_t i = 0; i < b->n_checks; i++) {
        const struct health_check *c = &b->checks[i];
        struct row *row = table_add_row(out, t, c->name, health[c->state]);
        row_text(out, row, 0, c->name);
        row_text(out, row, 1, check_state_name(c->state));
        row_text(out, row, 2, c->message);
    }
}
