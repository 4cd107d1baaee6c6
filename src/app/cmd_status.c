/* app/cmd_status.c - `goodgo status`: every service once, worst first, as a table or as
 * goodgo.status/1. */
#include "app/command.h"
#include "base/clock.h"
#include "base/jsonw.h"

#define WATCH_MS 2000

static int exit_of(enum health overall) {
    static const int codes[HEALTH_COUNT] = {[HEALTH_OFF] = 3,
                                            [HEALTH_OK] = 0,
                                            [HEALTH_UNKNOWN] = 3,
                                            [HEALTH_WARNING] = 1,
                                            [HEALTH_CRITICAL] = 2};
    return codes[overall];
}

static bool chosen(uint32_t only, enum service s) {
    return !only || (only & BIT(s));
}

/* Critical counts before unknown, as Nagios has it: what is known to be broken is more urgent. */
static enum health overall_of(const struct snapshot *s, uint32_t only) {
    enum health worst = HEALTH_OFF;
    for (uint32_t i = 0; i < SERVICE_COUNT; i++)
        if (chosen(only, (enum service)i))
            worst = health_worse(worst, section_shown_health(s->sections[i], s->now_mono_ms));
    return worst == HEALTH_OFF ? HEALTH_UNKNOWN : worst;
}

static void write_metrics(struct jsonw *w, const struct reading *r) {
    jsonw_key(w, "metrics");
    jsonw_open(w, '{');
    for (uint32_t i = 0; i < r->n_metrics; i++) {
        struct value v = r->metrics[i].value;
        jsonw_key(w, r->metrics[i].name);
        if (v.kind == VALUE_INT && r->metrics[i].unit == UNIT_BOOL)
            jsonw_bool(w, v.i != 0);
        else if (v.kind == VALUE_INT)
            jsonw_int(w, v.i);
        else if (v.kind == VALUE_REAL)
            jsonw_real(w, v.r);
        else
            jsonw_string(w, v.kind == VALUE_TEXT ? v.t.s : NULL);
    }
    jsonw_close(w, '}');
}

static void write_error(struct jsonw *w, const struct section *sec) {
    jsonw_key(w, "error");
    if (!sec->failed) {
        jsonw_null(w);
        return;
    }
    jsonw_open(w, '{');
    jsonw_put_string(w, "code", err_code_name(sec->err.code));
    jsonw_put_string(w, "op", sec->err.op);
    jsonw_put_string(w, "target", sec->err.target);
    jsonw_put_string(w, "why", sec->err.why);
    jsonw_put_string(w, "todo", sec->err.todo);
    jsonw_close(w, '}');
}

static void write_findings(struct jsonw *w, const struct reading *r) {
    jsonw_key(w, "findings");
    jsonw_open(w, '[');
    for (uint32_t i = 0; i < r->n_findings; i++) {
        jsonw_open(w, '{');
        jsonw_put_string(w, "status", health_name(r->findings[i].health));
        jsonw_put_string(w, "code", r->findings[i].code);
        jsonw_put_string(w, "what", r->findings[i].what.s);
        jsonw_put_string(w, "todo", r->findings[i].todo.s);
        jsonw_close(w, '}');
    }
    jsonw_close(w, ']');
}

static void write_service(struct jsonw *w, const struct snapshot *s, const struct section *sec) {
    jsonw_open(w, '{');
    jsonw_put_string(w, "name", service_name(sec->service));
    jsonw_put_string(w, "status", health_name(section_shown_health(sec, s->now_mono_ms)));
    jsonw_put_string(w, "summary", sec->summary.s);
    jsonw_put_real_if(w, "latencyMs", sec->has_reading, sec->latency_ms);
    jsonw_put_int_if(w, "ageMs", sec->has_reading, s->now_mono_ms - sec->taken_mono_ms);
    jsonw_put_string(w, "causedBy", sec->caused_by);
    write_error(w, sec);
    write_metrics(w, &sec->reading);
    write_findings(w, &sec->reading);
    jsonw_close(w, '}');
}

/* The document goodgo.status/1: only additions, ever. */
static void status_json(const struct snapshot *s, uint32_t only, struct str *out) {
    struct jsonw w;
    char time[40];
    jsonw_init(&w, out, JSONW_INDENTED);
    clock_iso8601(s->now_wall_ms, time, sizeof time);
    jsonw_open(&w, '{');
    jsonw_put_string(&w, "schema", "goodgo.status/1");
    jsonw_put_string(&w, "context", s->context);
    jsonw_put_string(&w, "time", time);
    jsonw_put_string(&w, "overall", health_name(overall_of(s, only)));
    jsonw_key(&w, "services");
    jsonw_open(&w, '[');
    for (uint32_t i = 0; i < SERVICE_COUNT; i++)
        if (chosen(only, (enum service)i))
            write_service(&w, s, s->sections[i]);
    jsonw_close(&w, ']');
    jsonw_close(&w, '}');
}

/* Worst first, as on the screen. */
static void add_findings(const struct reading *r, struct str *out) {
    for (int worst = HEALTH_CRITICAL; worst >= HEALTH_WARNING; worst--)
        for (uint32_t i = 0; i < r->n_findings; i++)
            if ((int)r->findings[i].health == worst)
                str_printf(out, "        %s%s%s\n", r->findings[i].what.s,
                           r->findings[i].todo.len ? " - " : "", r->findings[i].todo.s);
}

static void write_row(const struct app_context *app, const struct snapshot *s,
                      const struct section *sec, struct str *out) {
    enum health h = section_shown_health(sec, s->now_mono_ms);
    char latency[32] = "-", sentence[600];
    const char *colour = app_paint(app, h);
    if (sec->has_reading && !sec->failed)
        value_format(value_real(sec->latency_ms), UNIT_MS, 0, latency, sizeof latency);
    str_printf(out, "%s%s%s  %-12s %7s  %s", colour, health_sign(h), *colour ? "\033[0m" : "",
               service_name(sec->service), latency, sec->summary.s);
    if (sec->caused_by)
        str_printf(out, "  (a symptom of %s)", sec->caused_by);
    str_putc(out, '\n');
    if (sec->failed) {
        err_sentence(&sec->err, sentence, sizeof sentence);
        str_printf(out, "        %s\n", sentence);
    }
    add_findings(&sec->reading, out);
}

/* "no way from this machine to 3 of them: redis, minio, loki. Try: ..." */
static void add_cut_off(const struct snapshot *s, struct str *out) {
    uint32_t bits = snapshot_cut_off(s), n = 0;
    if (!bits)
        return;
    str_printf(out, "no way from this machine to %d of them:", __builtin_popcount(bits));
    for (uint32_t i = 0; i < SERVICE_COUNT; i++)
        if (bits & BIT(i))
            str_printf(out, "%s %s", n++ ? "," : "", service_name((enum service)i));
    str_printf(out, ". Try: %s\n", SNAPSHOT_CUT_OFF_TODO);
}

static void status_table(const struct app_context *app, const struct snapshot *s, uint32_t only,
                         struct str *out) {
    enum service order[SERVICE_COUNT];
    uint32_t counts[HEALTH_COUNT] = {0};
    snapshot_worst_first(s, order);
    for (uint32_t i = 0; i < SERVICE_COUNT; i++) {
        if (!chosen(only, order[i]))
            continue;
        counts[section_shown_health(s->sections[order[i]], s->now_mono_ms)]++;
        write_row(app, s, s->sections[order[i]], out);
    }
    uint32_t n_silent = snapshot_silent(s);
    if (n_silent)
        str_printf(out, "none of %u services answers. Try: %s\n", n_silent, SNAPSHOT_SILENT_TODO);
    add_cut_off(s, out);
    str_printf(out, "%s: %s  %u critical, %u warning, %u unknown, %u ok, %u off\n", s->context,
               health_name(overall_of(s, only)), counts[HEALTH_CRITICAL], counts[HEALTH_WARNING],
               counts[HEALTH_UNKNOWN], counts[HEALTH_OK], counts[HEALTH_OFF]);
}

struct status {
    struct app_context *app;
    uint32_t only;
    int code; /* of the last one */
};

/* False where there is nobody to print for any more. */
static bool status_print(void *ctx, struct snapshot *s) {
    struct status *st = ctx;
    struct str out;
    str_init(&out, 16u << 20);
    if (st->app->options.json)
        status_json(s, st->only, &out);
    else
        status_table(st->app, s, st->only, &out);
    bool printed = app_print(&out);
    st->code = exit_of(printed ? overall_of(s, st->only) : HEALTH_UNKNOWN);
    str_done(&out);
    return printed;
}

int cmd_status(struct app_context *app) {
    struct status st = {.app = app, .code = exit_of(HEALTH_UNKNOWN)};
    struct err err;
    if (app->options.only && !app_services(app->options.only, &st.only, &err))
        return app_fail(&err, EXIT_USAGE);
    if (app->options.watch) {
        app_ask_on(app, st.only, WATCH_MS, status_print, &st);
        return st.code;
    }
    struct snapshot *s = app_ask_once(app, st.only);
    status_print(&st, s);
    snapshot_unref(s);
    return st.code;
}
