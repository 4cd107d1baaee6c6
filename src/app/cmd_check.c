/* app/cmd_check.c - `goodgo check SERVICE|all`: one line with perfdata for Nagios and its kin; exit
 * 0 1 2 3. */
#include <stdio.h>
#include <string.h>

#include "app/command.h"

static const char *const words[HEALTH_COUNT] = {[HEALTH_OFF] = "UNKNOWN",
                                                [HEALTH_OK] = "OK",
                                                [HEALTH_UNKNOWN] = "UNKNOWN",
                                                [HEALTH_WARNING] = "WARNING",
                                                [HEALTH_CRITICAL] = "CRITICAL"};
static const int codes[HEALTH_COUNT] = {3, 0, 3, 1, 2};

/* Plugin output: '|' begins perfdata, so it may not stand in the text. */
static void add_text(struct str *out, const char *s) {
    for (; *s; s++)
        str_putc(out, *s == '|' ? '/' : *s);
}

static const char *perf_unit(enum unit u) {
    return u == UNIT_BYTES     ? "B"
           : u == UNIT_MS      ? "ms"
           : u == UNIT_SECONDS ? "s"
           : u == UNIT_PERCENT ? "%"
                               : "";
}

/* Monitoring takes digits and a point: no exponent. */
static void add_number(struct str *out, struct value v) {
    char digits[400];
    if (v.kind == VALUE_INT) {
        str_printf(out, "%lld", (long long)v.i);
        return;
    }
    size_t n = (size_t)snprintf(digits, sizeof digits, "%.6f", v.r);
    while (n && digits[n - 1] == '0')
        n--;
    n -= n && digits[n - 1] == '.';
    str_add(out, digits, n);
}

static void add_perfdata(struct str *out, const struct section *sec) {
    str_printf(out, " | latency=%.3fms", sec->latency_ms);
    for (uint32_t i = 0; i < sec->reading.n_metrics; i++) {
        const struct metric *m = &sec->reading.metrics[i];
        if (m->value.kind != VALUE_INT && m->value.kind != VALUE_REAL)
            continue;
        str_printf(out, " %s=", m->name);
        add_number(out, m->value);
        str_puts(out, perf_unit(m->unit));
    }
}

static int check_one(const struct snapshot *s, enum service service, struct str *out) {
    const struct section *sec = s->sections[service];
    enum health h = section_shown_health(sec, s->now_mono_ms);
    char sentence[600];
    str_printf(out, "%s %s: ", service_name(service), words[h]);
    if (sec->failed) {
        err_sentence(&sec->err, sentence, sizeof sentence);
        add_text(out, sentence);
    } else {
        add_text(out, sec->summary.s);
    }
    if (sec->has_reading)
        add_perfdata(out, sec);
    str_putc(out, '\n');
    return codes[h];
}

static int check_all(const struct snapshot *s, struct str *out) {
    uint32_t counts[HEALTH_COUNT];
    enum service order[SERVICE_COUNT];
    enum health overall = snapshot_overall(s);
    snapshot_count(s, counts);
    snapshot_worst_first(s, order);
    str_printf(out, "goodgo %s:", words[overall]);
    for (uint32_t i = 0; i < SERVICE_COUNT; i++) {
        enum health h = section_shown_health(s->sections[order[i]], s->now_mono_ms);
        if (h > HEALTH_OK)
            str_printf(out, " %s %s,", service_name(order[i]), health_name(h));
    }
    str_printf(out, " %u of %u ok", counts[HEALTH_OK],
               (unsigned)SERVICE_COUNT - counts[HEALTH_OFF]);
    str_printf(out, " | ok=%u warning=%u critical=%u unknown=%u\n", counts[HEALTH_OK],
               counts[HEALTH_WARNING], counts[HEALTH_CRITICAL], counts[HEALTH_UNKNOWN]);
    return codes[overall];
}

/* Monitoring reads standard output and the exit code alone: 2 would be a platform that is down. */
int cmd_check_refuse(const struct err *err) {
    char sentence[600];
    struct str out;
    str_init(&out, 1024);
    err_sentence(err, sentence, sizeof sentence);
    str_puts(&out, "goodgo UNKNOWN: ");
    add_text(&out, sentence);
    str_putc(&out, '\n');
    (void)app_print(&out);
    str_done(&out);
    return codes[HEALTH_UNKNOWN];
}

int cmd_check(struct app_context *app) {
    enum service service = SERVICE_COUNT;
    struct err err;
    bool all = app->argc == 1 && !strcmp(app->argv[0], "all");
    if (app->argc != 1 || (!all && !app_service(app->argv[0], &service))) {
        err_set(&err, E_CONFIG, "check", app->argc ? app->argv[0] : "",
                "name one service of the inventory, or all");
        return cmd_check_refuse(&err);
    }
    struct snapshot *s = app_ask_once(app, all ? 0 : BIT(service));
    struct str out;
    str_init(&out, 1u << 20);
    int code = all ? check_all(s, &out) : check_one(s, service, &out);
    if (!app_print(&out))
        code = 3;
    str_done(&out);
    snapshot_unref(s);
    return code;
}
