/* app/cmd_audit.c - `goodgo audit` and its sub-commands: the trail, newest first; and whether its
 * chain holds (exit 2 when it does not). */

#include "act/audit.h"
#include "app/command.h"
#include "base/clock.h"
#include "base/jsonw.h"

#define LIST_MAX 1000

static const char *or_dash(const char *s) {
    return s ? s : "-";
}

static void list_text(const struct audit_record *r, uint32_t n, struct str *out) {
    char time[40];
    if (!n)
        str_puts(out, "nothing was done yet\n");
    for (uint32_t i = 0; i < n; i++) {
        clock_iso8601(r[i].wall_ms / 1000 * 1000, time, sizeof time);
        str_printf(out, "%5lld %s %-7s %-9s %-14s %s  %s", (long long)r[i].seq, time,
                   or_dash(r[i].event), or_dash(r[i].outcome), or_dash(r[i].action),
                   or_dash(r[i].who), or_dash(r[i].job_id));
        if (r[i].reason)
            str_printf(out, "  reason: %s", r[i].reason);
        str_printf(out, "%s%s\n", r[i].why ? "  " : "", r[i].why ? r[i].why : "");
    }
}

static void record_json(const struct audit_record *r, struct jsonw *w) {
    char time[40];
    const char *const texts[][2] = {
        {"event", r->event},   {"action", r->action}, {"context", r->context},
        {"target", r->target}, {"plan", r->plan_id},  {"job", r->job_id},
        {"who", r->who},       {"reason", r->reason}, {"outcome", r->outcome},
        {"why", r->why},       {"hash", r->hash},
    };
    clock_iso8601(r->wall_ms, time, sizeof time);
    jsonw_open(w, '{');
    jsonw_put_int(w, "seq", r->seq);
    jsonw_put_string(w, "time", time);
    jsonw_put_strings(w, texts, ARRAY_LEN(texts));
    jsonw_key(w, "details");
    jsonw_open(w, '{');
    for (uint32_t i = 0; i < r->details.n; i++)
        jsonw_put_string(w, r->details.at[i].name, r->details.at[i].value);
    jsonw_close(w, '}');
    jsonw_close(w, '}');
}

static void begin(struct jsonw *w, struct str *out, const char *schema) {
    jsonw_init(w, out, JSONW_INDENTED);
    jsonw_open(w, '{');
    jsonw_put_string(w, "schema", schema);
}

int cmd_audit(struct app_context *app) {
    struct audit_record *r;
    struct str out;
    struct jsonw w;
    struct err err;
    uint32_t n;
    if (!audit_list(app->state_dir, &app->arena, LIST_MAX, &r, &n, &err))
        return app_fail(&err, EXIT_USAGE);
    audit_tell_dead(app->state_dir, &app->arena, r, n);
    str_init(&out, 16u << 20);
    if (app->json) {
        begin(&w, &out, "goodgo.audit/1");
        jsonw_key(&w, "records");
        jsonw_open(&w, '[');
        for (uint32_t i = 0; i < n; i++)
            record_json(&r[i], &w);
        jsonw_close(&w, ']');
        jsonw_close(&w, '}');
    } else {
        list_text(r, n, &out);
    }
    bool ok = app_print(&out);
    str_done(&out);
    return ok ? EXIT_DONE : EXIT_FAILED;
}

static int audit_verify_command(struct app_context *app) {
    struct audit_verdict v;
    struct str out;
    struct jsonw w;
    struct err err;
    if (!audit_verify(app->state_dir, &v, &err))
        return app_fail(&err, EXIT_USAGE);
    str_init(&out, 65536);
    if (app->json) {
        begin(&w, &out, "goodgo.audit.verify/1");
        jsonw_put_bool(&w, "ok", v.ok);
        jsonw_put_int(&w, "records", v.n_records);
        jsonw_put_string(&w, "head", v.head);
        jsonw_put_string(&w, "why", v.ok ? NULL : v.err.why);
        jsonw_close(&w, '}');
    } else if (v.ok) {
        str_printf(&out, "whole: %s records, head %s\n", GROUPED(v.n_records), v.head);
    } else {
        str_printf(&out, "BROKEN after %s good records: %s\n", GROUPED(v.n_records), v.err.why);
    }
    bool printed = app_print(&out);
    str_done(&out);
    return !printed ? EXIT_FAILED : v.ok ? EXIT_DONE : EXIT_USAGE;
}

const struct command audit_commands[] = {
    {
        .name = "audit list",
        .operands = "",
        .options = "json state-dir",
        .help = "who did what, the newest first",
        .about = "Lists the audit trail, the newest first, 1000 records at the most: when, what, "
                 "how it ended, who, and why.",
        .example = "goodgo audit list\ngoodgo audit list --json | jq '.records[0].who'",
        .exits = EXITS_USUAL,
        .reads = "STATE/audit.jsonl",
        .writes = "nothing",
        .schema = "goodgo.audit/1",
        .needs = NEEDS_CONFIG,
        .run = cmd_audit,
    },
    {
        .name = "audit verify",
        .operands = "",
        .options = "json state-dir",
        .help = "is the trail whole and unchanged",
        .about = "Holds the chain of the trail's records, each of which has the hash of the one "
                 "before: what was changed, cut out or cut off is found. The head it prints is "
                 "worth a note elsewhere: with it a trail that was written anew is told apart.",
        .example = "goodgo audit verify\ngoodgo audit verify --json | jq -r .head",
        .exits = "0 whole, 1 not printed, 2 broken, or wrong use or set-up",
        .reads = "STATE/audit.jsonl and STATE/audit.head",
        .writes = "nothing",
        .schema = "goodgo.audit.verify/1",
        .needs = NEEDS_CONFIG,
        .run = audit_verify_command,
    },
    {.name = NULL},
};
