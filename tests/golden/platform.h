/* tests/golden/platform.h - a platform made by hand at a fixed time, in several states; what the
 * goldens and the claims about views are drawn from. */
#ifndef GOODGO_TESTS_GOLDEN_PLATFORM_H
#define GOODGO_TESTS_GOLDEN_PLATFORM_H

#include "harness.h"

#include <stdio.h>
#include <string.h>

#include "backups.h"
#include "reconciliation.h"
#include "ui/view.h"
#include "views/panels_priv.h"

#define MONO_MS 10000000
#define WALL_MS 1775903527000LL /* 2026-04-11T10:32:07Z */

static const struct column session_columns[] = {
    {"pid", "PID", UNIT_NONE, 6, 0},          {"user", "USER", UNIT_NONE, 8, 4},
    {"waited", "WAITED", UNIT_SECONDS, 0, 3}, {"size", "SIZE", UNIT_BYTES, 0, 2},
    {"query", "QUERY", UNIT_NONE, 12, 1},
};

struct words {
    const char *summary, *user, *query, *finding;
};
static const struct words plain = {"all is well", "app", "UPDATE listings SET views = views + 1",
                                   "3 sessions wait for a lock"};
static const struct words hostile = {"\033[2J\033]0;owned\007 \302\233 31m red\r\nroot ok",
                                     "\342\200\256drowssap",
                                     "a\tb\\x1b[31m\033[31m'; DROP TABLE x; --",
                                     "\xff\xfe broken \xed\xa0\x80 \340\270\201\314\201\314\201"
                                     "\314\201\314\201\314\201\314\201\314\201"};
static const struct words nfc = {
    "Qu\341\272\255n B\303\254nh Th\341\272\241nh \304\221\341\272\247y", "Nguy\341\273\205n",
    "t\303\254m nh\303\240 \342\200\223 \346\274\242\345\255\227",
    "h\341\272\277t ch\341\273\227 trong h\341\273\223"};
static const struct words nfd = {
    "Qua\314\202\314\243n Bi\314\200nh Tha\314\243nh d\314\206a\314\202\314\200y",
    "Nguye\314\202\314\203n", "ti\314\200m nha\314\200 \342\200\223 \346\274\242\345\255\227",
    "he\314\202\314\201t cho\314\202\314\203 trong ho\314\202\314\200"};

static inline void add_rows(struct reading *r, const char *name, const struct words *w,
                            uint32_t n) {
    struct table *t =
        reading_add_table(r, name, "Rows", session_columns, ARRAY_LEN(session_columns));
    for (uint32_t i = 0; i < n; i++) {
        char key[16];
        snprintf(key, sizeof key, "%u", 8000 + i * 13);
        struct row *row = table_add_row(r, t, key, i % 5 == 1 ? HEALTH_WARNING : HEALTH_OFF);
        row_text(r, row, 0, key);
        row_text(r, row, 1, w->user);
        if (i % 3)
            row_int(row, 2, (int64_t)i * 61);
        row_int(row, 3, (int64_t)i * 1234567);
        row_text(r, row, 4, w->query);
    }
}

static inline bool ends_with(const char *s, const char *end) {
    size_t n = strlen(s), m = strlen(end);
    return n >= m && strcmp(s + n - m, end) == 0;
}

static inline enum unit unit_of_name(const char *name) {
    static const struct {
        const char *end;
        enum unit unit;
    } ends[] = {{"_per_s", UNIT_PER_SECOND}, {"rps", UNIT_PER_SECOND},
                {"rate", UNIT_PER_SECOND},   {"_ms", UNIT_MS},
                {"_s", UNIT_SECONDS},        {"pct", UNIT_PERCENT},
                {"bytes", UNIT_BYTES},       {"memory", UNIT_BYTES}};
    for (size_t i = 0; i < ARRAY_LEN(ends); i++)
        if (ends_with(name, ends[i].end))
            return ends[i].unit;
    return UNIT_COUNT;
}

/* Every figure and every table that the service's own screen asks for. */
static inline void add_panel(struct reading *r, const struct service_panel *p,
                             const struct words *w) {
    for (uint32_t i = 0; i < p->n_vitals; i++) {
        const char *name = p->vitals[i].metric;
        if (!strchr(name, '/') && !ends_with(name, "version"))
            reading_real(r, name, unit_of_name(name), 3.5 * (double)(i + 1));
        if (p->vitals[i].limit)
            reading_real(r, p->vitals[i].limit, unit_of_name(p->vitals[i].limit), 10);
    }
    for (uint32_t i = 0; i < p->n_panes && p->service != SERVICE_pg_backup; i++)
        if (strcmp(p->panes[i].table, "copies") == 0)
            add_copies(r);
        else
            add_rows(r, p->panes[i].table, w, i == 0 ? 30 : i % 3 ? 4 : 0);
}

/* A trend of every figure: 15 minutes of a saw's teeth that end at the figure itself. */
static inline void add_series(struct section *sec) {
    struct section *none = section_new(sec->service);
    section_keep_series(sec, none, true);
    section_unref(none);
    for (uint32_t k = 0; k < sec->n_series; k++) {
        struct trend *t = &sec->series[k].trend;
        float last = t->points[TREND_POINTS - 1];
        for (int i = 0; i < TREND_POINTS; i++)
            t->points[i] = last * (float)((i + 5) % 19 + 1) / 19;
    }
}

static inline struct section *make_section(enum service service, const struct words *w) {
    struct section *sec = section_new(service);
    sec->health = service % 5 == 3 ? HEALTH_WARNING : HEALTH_OK;
    sec->summary = text_cleanz(&sec->arena, w->summary);
    sec->has_reading = true;
    sec->taken_mono_ms = sec->tried_mono_ms = MONO_MS - 2000;
    sec->taken_wall_ms = WALL_MS - 2000;
    sec->since_mono_ms = MONO_MS - 252000;
    sec->latency_ms = 12.5;
    sec->interval_ms = 5000;
    sec->key_metric = "used_pct";
    reading_real(&sec->reading, "used_pct", UNIT_PERCENT, 61.5);
    reading_int(&sec->reading, "connections", UNIT_COUNT, 188);
    reading_int(&sec->reading, "size_bytes", UNIT_BYTES, 6123456789);
    reading_textz(&sec->reading, "version", w->summary);
    if (sec->health == HEALTH_WARNING)
        reading_finding(&sec->reading, HEALTH_WARNING, "lock_waits", "open postgres", "%s",
                        w->finding);
    const struct view *v = view_find(service_name(service), NULL);
    if (v && v->panel)
        add_panel(&sec->reading, v->panel, w);
    if (service == SERVICE_pg_backup)
        add_backups(&sec->reading, w->user, w->query);
    sec->depends = service == SERVICE_api         ? BIT(SERVICE_postgres) | BIT(SERVICE_redis)
                   : service == SERVICE_pgbouncer ? BIT(SERVICE_postgres)
                                                  : 0;
    sec->next_mono_ms = MONO_MS + 3000;
    sec->asked = 200;
    add_series(sec);
    return sec;
}

static inline void section_fail(struct section *sec, enum err_code code, const char *why) {
    sec->failed = true;
    sec->failures = 4;
    sec->health = HEALTH_CRITICAL;
    sec->tried_mono_ms = MONO_MS - 1000;
    err_set(&sec->err, code, "pg.connect", "127.0.0.1:5432", "%s", why);
}

/* The database is stuck: two services hang below it, an alert fires, one reading is old. */
static inline void make_incident(struct section *sec, const struct words *w) {
    switch (sec->service) {
    case SERVICE_postgres:
        sec->health = HEALTH_CRITICAL;
        sec->summary = TEXT_LIT("sessions wait for a lock, the longest for 4m12s");
        reading_finding(&sec->reading, HEALTH_CRITICAL, "lock_waits", "end the session at the root",
                        "%s", w->finding);
        break;
    case SERVICE_api:
    case SERVICE_pgbouncer:
        section_fail(sec, E_TIMEOUT, "no answer in 3000 ms");
        sec->caused_by = service_name(SERVICE_postgres);
        sec->lost = 12;
        break;
    case SERVICE_redis:
        sec->taken_mono_ms = MONO_MS - 600000;
        break;
    case SERVICE_web:
        err_set(&sec->last_err, E_CLOSED, "http.get", "http://127.0.0.1:3000/", "reset by peer");
        sec->last_err_wall_ms = WALL_MS - 720000;
        break;
    default:
        break;
    }
}

static inline struct events *make_events(const struct words *w) {
    static const struct event list[] = {
        {WALL_MS - 600000, EVENT_VERSION, SERVICE_grafana, HEALTH_OK, "grafana", "10.4.1", "11.0.0",
         "another version answers"},
        {WALL_MS - 252000, EVENT_HEALTH, SERVICE_postgres, HEALTH_CRITICAL, "postgres", "ok",
         "critical", "sessions wait for a lock"},
        {WALL_MS - 240000, EVENT_ALERT, SERVICE_prometheus, HEALTH_WARNING, "ApiLatencyHigh",
         "pending", "firing", "p95 above 1 s"},
    };
    struct events *events = NULL;
    for (size_t i = 0; i < ARRAY_LEN(list); i++)
        events = events_with(events, &list[i]);
    struct event last = list[1];
    last.service = SERVICE_api;
    str_copy(last.subject, sizeof last.subject, "api");
    text_clean_into(last.why, sizeof last.why, w->query, strlen(w->query));
    return events_with(events, &last);
}

/* ---- the console's own: jobs and trail ---- */

static const struct column job_columns[] = {
    {"state", "STATE", UNIT_NONE, 9, 0},       {"action", "ACT", UNIT_NONE, 8, 0},
    {"stage", "STAGE", UNIT_NONE, 8, 2},       {"pct", "DONE", UNIT_PERCENT, 6, 1},
    {"eta_s", "ETA", UNIT_SECONDS, 6, 1},      {"who", "BY", UNIT_NONE, 0, 4},
    {"progress", "PROGRESS", UNIT_NONE, 0, 9}, {"why", "WHY", UNIT_NONE, 0, 5},
    {"command", "COMMAND", UNIT_NONE, 0, 9},   {"by_hand", "BY HAND", UNIT_NONE, 0, 9},
};
static const struct column record_columns[] = {
    {"seq", "NO", UNIT_COUNT, 5, 3},    {"event", "EVENT", UNIT_NONE, 8, 0},
    {"action", "ACT", UNIT_NONE, 8, 0}, {"outcome", "OUTCOME", UNIT_NONE, 9, 0},
    {"who", "BY", UNIT_NONE, 0, 1},     {"reason", "REASON", UNIT_NONE, 0, 2},
};

static inline struct section *own_section(void) {
    struct section *sec = section_new(SERVICE_COUNT);
    sec->has_reading = true;
    sec->health = HEALTH_OK;
    sec->taken_mono_ms = MONO_MS - 500;
    return sec;
}

static inline struct section *make_jobs(const struct words *w) {
    static const char *const states[] = {"running", "done", "failed", "unknown"};
    static const enum health healths[] = {HEALTH_OFF, HEALTH_OK, HEALTH_CRITICAL, HEALTH_UNKNOWN};
    struct section *sec = own_section();
    struct reading *r = &sec->reading;
    struct table *t = reading_add_table(r, "jobs", "Jobs", job_columns, ARRAY_LEN(job_columns));
    for (uint32_t i = 0; i < ARRAY_LEN(states); i++) {
        char key[40];
        snprintf(key, sizeof key, "20260411-10300%u-verify-3fa%u", 9 - i, i);
        struct row *row = table_add_row(r, t, key, healths[i]);
        row_text(r, row, 0, states[i]);
        row_text(r, row, 1, "verify");
        row_text(r, row, 5, w->user);
        row_text(r, row, 8, arena_printf(r->arena, "goodgo jobs show %s", key));
        if (i == 0) {
            row_text(r, row, 2, "restore");
            row_real(row, 3, 41.2);
            row_int(row, 4, 360);
            row_text(r, row, 6, w->query);
        } else if (i > 1) {
            row_text(r, row, 7, w->finding);
        }
        if (healths[i] == HEALTH_UNKNOWN)
            row_text(r, row, 9, "drop the cluster in /tmp");
    }
    return sec;
}

static const struct column log_columns[] = {{"line", "LINE", UNIT_NONE, 0, 0}};

static const char long_line[] =
    "pg_restore: warning: a line so long that no screen of eighty columns shows the whole of it, "
    "however much one would like that";

/* Of the job at the top: it is written to while it is looked at. */
static inline struct section *make_log(const struct words *w) {
    const char *const lines[] = {
        "2026-04-11T10:30:09Z it begins",
        w->query,
        long_line,
        w->finding,
        "pg_restore: error: could not execute query: ERROR:  relation \"Listing\" exists",
    };
    struct section *sec = own_section();
    struct reading *r = &sec->reading;
    struct table *t = reading_add_table(r, "lines", "Log", log_columns, 1);
    reading_textz(r, "job", "20260411-103009-verify-3fa0");
    reading_int(r, "cut", UNIT_BOOL, 1);
    for (uint32_t i = 0; i < 30; i++) {
        char key[16];
        snprintf(key, sizeof key, "%u", i);
        row_text(r, table_add_row(r, t, key, HEALTH_OFF), 0, lines[i % ARRAY_LEN(lines)]);
    }
    return sec;
}

static inline struct section *make_trail(const struct words *w, bool broken) {
    struct section *sec = own_section();
    struct reading *r = &sec->reading;
    struct table *t =
        reading_add_table(r, "records", "Trail", record_columns, ARRAY_LEN(record_columns));
    for (int i = 3; i > 0; i--) {
        char key[8];
        snprintf(key, sizeof key, "%d", i);
        struct row *row = table_add_row(r, t, key, i == 3 ? HEALTH_WARNING : HEALTH_OK);
        row_int(row, 0, i);
        row_text(r, row, 1, i == 1 ? "armed" : i == 2 ? "intent" : "result");
        row_text(r, row, 2, i == 1 ? NULL : "backup");
        row_text(r, row, 3, i == 3 ? "failed" : NULL);
        row_text(r, row, 4, w->user);
        row_text(r, row, 5, w->query);
    }
    reading_int(r, "records", UNIT_COUNT, 3);
    if (broken)
        reading_textz(r, "broken", "line 2: was edited: its hash does not fit its text");
    return sec;
}

static const struct column class_columns[] = {
    {"class", "CLASS", UNIT_NONE, 17, 0},
    {"n", "N", UNIT_COUNT, 5, 0},
    {"vnd", "VND", UNIT_VND, 11, 0},
    {"oldest", "OLDEST", UNIT_TIME, 6, 1},
    {"heals", "HEALS BY ITSELF?", UNIT_NONE, 0, 2},
    {"todo", "WHAT TO DO", UNIT_NONE, 0, 3},
    {"what", "WHAT IT IS", UNIT_NONE, 0, 9},
};
static const struct column payment_columns[] = {
    {"class", "CLASS", UNIT_NONE, 17, 0},
    {"id", "PAYMENT", UNIT_NONE, 0, 5},
    {"age", "AGE", UNIT_TIME, 6, 0},
    {"provider", "PROVIDER", UNIT_NONE, 8, 3},
    {"amount_vnd", "VND", UNIT_VND, 11, 0},
    {"status", "OURS", UNIT_NONE, 10, 6},
    {"says", "PROVIDER SAYS", UNIT_NONE, 13, 4},
    {"signature", "SIG", UNIT_NONE, 3, 2},
    {"heals", "HEALS BY ITSELF?", UNIT_NONE, 0, 1},
    {"why", "WHY", UNIT_NONE, 0, 9},
    {"todo", "WHAT TO DO", UNIT_NONE, 0, 9},
    {"command", "COMMAND", UNIT_NONE, 0, 9},
    {"replay", "A REPLAY", UNIT_NONE, 0, 9},
};

static inline void add_class(struct reading *r, struct table *t, enum health h, const char *name,
                             int n, const char *todo) {
    struct row *row = table_add_row(r, t, name, h);
    row_text(r, row, 0, name);
    row_int(row, 1, n);
    row_int(row, 2, (int64_t)n * 5900000);
    row_int(row, 3, WALL_MS / 1000 - 9000);
    row_text(r, row, 4, n > 2 ? "1 expected" : "never");
    row_text(r, row, 5, todo);
    row_text(r, row, 6, "paid, as the provider's authentic message says, and open here");
}

/* `n` payments that are paid and not credited; those with a bad signature behind them. */
static inline struct section *make_payments(const struct words *w, int n) {
    struct section *sec = own_section();
    struct reading *r = &sec->reading;
    struct table *classes =
        reading_add_table(r, "classes", "Classes", class_columns, ARRAY_LEN(class_columns));
    struct table *t =
        reading_add_table(r, "payments", "Payments", payment_columns, ARRAY_LEN(payment_columns));
    if (n > 0) {
        add_class(r, classes, HEALTH_CRITICAL, "PAID-NOT-CREDITED", n - 1, "replay the message");
        add_class(r, classes, HEALTH_WARNING, "BAD-SIGNATURE", 1, w->finding);
    }
    for (int i = 0; i < n; i++) {
        char key[16];
        bool bad = i == n - 1;
        snprintf(key, sizeof key, "pay%02d", i);
        struct row *row = table_add_row(r, t, key, bad ? HEALTH_WARNING : HEALTH_CRITICAL);
        row_text(r, row, 0, bad ? "BAD-SIGNATURE" : "PAID-NOT-CREDITED");
        row_text(r, row, 1, key);
        row_int(row, 2, WALL_MS / 1000 - 9000 + i * 60);
        row_text(r, row, 3, i % 2 ? "MoMo" : "VNPay");
        row_int(row, 4, 5900000);
        row_text(r, row, 5, "PENDING");
        row_text(r, row, 6, bad ? "not authentic" : "paid 14:28");
        row_text(r, row, 7, bad ? "BAD" : "ok");
        row_text(r, row, 8, i ? "never" : "VNPay 3/10 at 14:38");
        row_text(r, row, 9, w->query);
        row_text(r, row, 10, "replay the stored message, unless it heals by itself");
        row_text(r, row, 11, arena_printf(r->arena, "goodgo payments show %s", key));
        row_text(r, row, 12, bad ? "changes nothing" : i ? "is due: COMPLETED" : "is not due yet");
    }
    reading_int(r, "to_act", UNIT_COUNT, n ? n - 1 : 0);
    reading_int(r, "to_act_vnd", UNIT_VND, n ? (n - 1) * (int64_t)5900000 : 0);
    reading_int(r, "oldest_s", UNIT_SECONDS, 9000);
    reading_int(r, "open", UNIT_COUNT, n > 5 ? 1204 : n);
    if (n > 5)
        reading_int(r, "unread", UNIT_COUNT, 1204 - n);
    reading_int(r, "open_vnd", UNIT_VND, n * (int64_t)5900000);
    reading_int(r, "credited_24h", UNIT_COUNT, 1204);
    reading_int(r, "verified", UNIT_COUNT, 300);
    reading_int(r, "verified_cut", UNIT_BOOL, n > 5);
    reading_int(r, "credited_24h_vnd", UNIT_VND, 9007199254740993);
    sec->health = n ? HEALTH_CRITICAL : HEALTH_OK;
    return sec;
}

/* Suggested matches: one for whoever looks, one of a payment that changed, and what was decided. */
static inline struct section *make_proposals(const struct words *w, bool stale, bool damaged) {
    static const struct column proposal_columns[] = {
        {"state", "STATE", UNIT_NONE, 8, 0},        {"made", "AGO", UNIT_TIME, 6, 1},
        {"payment", "PAYMENT", UNIT_NONE, 10, 0},   {"vnd", "VND", UNIT_VND, 11, 0},
        {"bank_vnd", "BANK VND", UNIT_VND, 11, 2},  {"fits", "FITS", UNIT_NONE, 4, 0},
        {"maker", "BY", UNIT_NONE, 8, 0},           {"why", "WHY", UNIT_NONE, 0, 3},
        {"evidence", "STATEMENT", UNIT_NONE, 0, 4}, {"now", "NOW", UNIT_NONE, 0, 9},
        {"decide", "YOU", UNIT_NONE, 0, 5},         {"checker", "DECIDED", UNIT_NONE, 0, 9},
        {"command", "COMMAND", UNIT_NONE, 0, 9},
    };
    static const char *const states[] = {"proposed", "proposed", "approved", "declined"};
    static const char *const fits[] = {"yes", "NO", "-", "-"};
    struct section *sec = section_new(SERVICE_COUNT);
    if (damaged) {
        section_fail(sec, E_PROTOCOL, "is damaged, and nothing in it is believed");
        sec->has_reading = false;
        return sec;
    }
    struct reading *r = &sec->reading;
    struct table *t = reading_add_table(r, "proposals", "Proposals", proposal_columns,
                                        ARRAY_LEN(proposal_columns));
    sec->has_reading = true;
    sec->health = HEALTH_WARNING;
    sec->taken_mono_ms = stale ? MONO_MS - 600000 : MONO_MS;
    for (unsigned i = 0; i < ARRAY_LEN(states); i++) {
        struct row *row = table_add_row(r, t, arena_printf(r->arena, "3f0c5a1b2d4e6f7%u", i),
                                        i == 0   ? HEALTH_WARNING
                                        : i == 2 ? HEALTH_OK
                                                 : HEALTH_OFF);
        row_text(r, row, 0, states[i]);
        row_int(row, 1, WALL_MS / 1000 - 3600 * (i + 1));
        row_text(r, row, 2, arena_printf(r->arena, "GGB100%uA", i + 4));
        row_int(row, 3, 130000);
        row_int(row, 4, 130000 - 70000 * (int64_t)(i == 1));
        row_text(r, row, 5, fits[i]);
        row_text(r, row, 6, w->user);
        row_text(r, row, 7, w->query);
        row_text(r, row, 8, "mb.csv:7 FT04");
        row_text(r, row, 9, i < 2 ? "PENDING since 2026-11-25 01:03:00" : NULL);
        row_text(r, row, 10,
                 i ? "lan approved it already" : "you may: approve-proposal or decline-proposal");
        row_text(r, row, 11, i < 2 ? NULL : "approved by lan at 2026-11-25T17:31: seen");
        row_text(r, row, 12, "goodgo payments proposals");
    }
    reading_int(r, "waiting", UNIT_COUNT, 2);
    reading_int(r, "for_you", UNIT_COUNT, 1);
    return sec;
}

static inline struct section *stuck_payments(const struct words *w, bool incident, bool stale,
                                             bool down) {
    struct section *sec = make_payments(w, incident ? 9 : w == &plain && !down && !stale ? 0 : 3);
    if (stale)
        sec->taken_mono_ms = MONO_MS - 600000;
    if (down) {
        section_fail(sec, E_REFUSED, "nobody listens there");
        sec->caused_by = "postgres";
    }
    return sec;
}

/* Clean where all is well; damaged where everything is down. */
static inline struct section *closed_day(const struct words *w, bool exceptions, bool down) {
    struct section *sec = own_section();
    if (down) {
        sec->has_reading = false;
        section_fail(sec, E_PROTOCOL, "they do not add up to what is reported");
        return sec;
    }
    make_report(&sec->reading, exceptions, w->user, w->query, WALL_MS / 1000 - 5400);
    sec->health = exceptions ? HEALTH_CRITICAL : HEALTH_OK;
    return sec;
}

static inline struct snapshot *with_own(struct snapshot *s, enum own o, struct section *sec) {
    struct snapshot *next = snapshot_with_own(s, o, sec);
    snapshot_unref(s);
    return next;
}

static inline struct snapshot *make(const char *name) {
    bool stale = strcmp(name, "stale") == 0, down = strcmp(name, "down") == 0;
    bool incident = strcmp(name, "incident") == 0;
    const struct words *w = strcmp(name, "hostile") == 0 ? &hostile
                            : strcmp(name, "nfc") == 0   ? &nfc
                            : strcmp(name, "nfd") == 0   ? &nfd
                                                         : &plain;
    struct snapshot *s = snapshot_new(down ? "prod" : "dev", down);
    for (int i = 0; i < SERVICE_COUNT && strcmp(name, "empty") != 0; i++) {
        struct section *sec = make_section((enum service)i, w);
        if (stale)
            sec->taken_mono_ms = MONO_MS - (i % 2 ? 13000 : 600000);
        if (down)
            section_fail(sec, i % 2 ? E_TIMEOUT : E_REFUSED,
                         i % 2 ? "no answer in 3000 ms" : "nobody listens there");
        if (incident)
            make_incident(sec, w);
        if (i == SERVICE_grafana && !incident) {
            sec->health = HEALTH_OFF;
            sec->summary = TEXT_LIT("GOODGO_GRAFANA_URL is not set");
            sec->has_reading = sec->failed = false;
        }
        struct snapshot *next = snapshot_with(s, sec);
        snapshot_unref(s);
        s = next;
    }
    if (incident || w == &hostile)
        s->events = make_events(w);
    if (strcmp(name, "empty") != 0) {
        s = with_own(s, OWN_JOBS, make_jobs(w));
        s = with_own(s, OWN_AUDIT, make_trail(w, down));
        s = with_own(s, OWN_LOG, make_log(w));
        s = with_own(s, OWN_PAYMENTS, stuck_payments(w, incident, stale, down));
        s = with_own(s, OWN_RECONCILIATION, closed_day(w, incident || w != &plain, down));
        s = with_own(s, OWN_PROPOSALS, make_proposals(w, stale, down));
    }
    s->now_mono_ms = MONO_MS;
    s->now_wall_ms = WALL_MS;
    s->utc_offset_s = 7 * 3600;
    s->self.started_wall_ms = WALL_MS - 3600000;
    return s;
}

static inline void go_to(struct ui_state *ui, uint32_t view) {
    ui_state_init(ui);
    ui->view = view;
    ui->link_rtt_ms = 182;
}

#endif
