/* app/pay_history.c - what happened to a payment: our trail, the platform's AdminAuditLog, and the
 * lines of Loki that name it. */
#include "pay_show_priv.h"

#include <string.h>

#include "act/audit.h"
#include "base/clock.h"
#include "base/text.h"
#include "io/ask.h"
#include "io/pgsession.h"
#include "logs_priv.h"

#define TRAIL_MAX   5000 /* newest records that are looked through */
#define ROWS_MAX    20
#define PG_MS       5000
#define LOKI_MS     5000
#define BEFORE_S    600          /* the customer's way to the payment */
#define LOKI_SPAN_S (30 * DAY_S) /* longer than this Loki is not asked for in one question */
#define NS_PER_S    INT64_C(1000000000)

static void add(struct pay_story *st, struct pay_event e) {
    uint32_t at = st->n_events;
    if (at == PAY_EVENTS_MAX)
        return;
    while (at > 0 && st->events[at - 1].wall_ms < e.wall_ms) {
        st->events[at] = st->events[at - 1];
        at--;
    }
    st->events[at] = e;
    st->n_events++;
}

static const char *clean(struct arena *a, const char *s) {
    return s ? text_clean(a, s, strlen(s), 200).s : NULL;
}

/* --- our own trail --- */

/* As a whole word: "pay1" is not "pay10". */
static bool names(const char *text, const char *id) {
    static const char part[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-";
    size_t n = strlen(id);
    for (const char *at = text ? strstr(text, id) : NULL; at; at = strstr(at + 1, id))
        if ((at == text || !strchr(part, at[-1])) && (!at[n] || !strchr(part, at[n])))
            return true;
    return false;
}

static bool about(const struct audit_record *r, const char *id) {
    bool found = names(r->target, id) || names(r->reason, id) || names(r->why, id);
    for (uint32_t i = 0; i < r->details.n && !found; i++)
        found = names(r->details.at[i].value, id);
    return found;
}

static void from_trail(struct app_context *app, struct pay_story *st) {
    struct audit_record *r;
    struct err err;
    uint32_t n;
    struct arena *a = &app->arena;
    if (!audit_list(app->state_dir, a, TRAIL_MAX, &r, &n, &err)) {
        st->history_missing = arena_strdup(a, err.why);
        return;
    }
    for (uint32_t i = 0; i < n; i++)
        if (about(&r[i], st->row.id))
            add(st, (struct pay_event){
                        .wall_ms = r[i].wall_ms,
                        .source = "trail",
                        .what = clean(
                            a, arena_printf(a, "%s %s%s%s", r[i].action ? r[i].action : "",
                                            r[i].event ? r[i].event : "", r[i].outcome ? ": " : "",
                                            r[i].outcome ? r[i].outcome : "")),
                        .who = clean(a, r[i].who),
                        .why = clean(a, r[i].why ? r[i].why : r[i].reason)});
}

/* --- the platform's --- */

static void from_platform(struct app_context *app, struct pgsession *session,
                          struct pay_story *st) {
    static const char sql[] =
        "SELECT l.\"action\"::text AS action, coalesce(u.\"email\", l.\"actorId\") AS who,"
        " floor(extract(epoch FROM l.\"createdAt\") * 1000)::bigint AS ms,"
        " pg_catalog.left(l.\"metadata\"::text, 400) AS metadata FROM public.\"AdminAuditLog\" l"
        " LEFT JOIN public.\"User\" u ON u.\"id\" = l.\"actorId\""
        " WHERE l.\"targetType\" = 'PAYMENT' AND l.\"targetId\" = $1"
        " ORDER BY l.\"createdAt\" DESC LIMIT 20";
    const char *params[] = {st->row.id};
    struct arena *a = &app->arena;
    struct pg_rows rows = {0};
    struct err err;
    const struct pg_statement ask = {
        .sql = sql, .params = params, .n_params = 1, .max_rows = ROWS_MAX, .timeout_ms = PG_MS};
    if (!pgsession_exec(session, &ask, a, &rows, &err)) {
        st->history_missing = arena_printf(a, "AdminAuditLog: %s", err.why);
        return;
    }
    for (uint32_t i = 0; i < rows.n_rows; i++) {
        int64_t ms;
        if (pg_cell_i64(&rows, i, "ms", &ms))
            add(st, (struct pay_event){.wall_ms = ms,
                                       .source = "AdminAuditLog",
                                       .what = clean(a, pg_cell(&rows, i, "action")),
                                       .who = clean(a, pg_cell(&rows, i, "who")),
                                       .why = clean(a, pg_cell(&rows, i, "metadata"))});
    }
}

void pay_history(struct app_context *app, struct pgsession *session, struct pay_story *st) {
    from_trail(app, st);
    from_platform(app, session, st);
}

/* --- Loki --- */

void pay_logs(struct app_context *app, int64_t now_wall_s, struct pay_story *st) {
    struct err err;
    struct str query;
    int64_t from = st->row.created_wall_ms / 1000 - BEFORE_S;
    if (!app->settings->loki_url) {
        st->logs_missing = "this platform has no Loki: GOODGO_LOKI_URL is not set";
        return;
    }
    if (now_wall_s - from > LOKI_SPAN_S)
        from = now_wall_s - LOKI_SPAN_S;
    str_init(&query, LOG_QUERY_MAX);
    if (!log_query(&(struct log_question){.text = st->row.id}, &query)) {
        st->logs_missing = "its id is no text to look for";
    } else {
        struct log_span span = {.from_ns = from * NS_PER_S,
                                .until_ns = (now_wall_s + 1) * NS_PER_S};
        struct ask *ask = ask_new("goodgo-console", -1);
        struct logs_asked asked = {app->settings->loki_url, str_get(&query), span, PAY_LINES_MAX};
        if (!logs_ask(ask, &asked, LOKI_MS, &app->arena, &st->logs, &err))
            st->logs_missing = arena_strdup(&app->arena, err.why);
        ask_free(ask);
    }
    str_done(&query);
}
