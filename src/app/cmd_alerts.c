/* app/cmd_alerts.c - `goodgo alerts`: what Prometheus says is pending or firing; exit 0 none, 1
 * some, 2 it cannot be asked. */
#include "app/command.h"
#include "base/jsonw.h"

static void write_json(const struct table *t, struct str *out) {
    struct jsonw w;
    jsonw_init(&w, out, JSONW_INDENTED);
    jsonw_open(&w, '{');
    jsonw_put_string(&w, "schema", "goodgo.alerts/1");
    jsonw_key(&w, "alerts");
    jsonw_open(&w, '[');
    for (uint32_t i = 0; i < t->n_rows; i++) {
        jsonw_open(&w, '{');
        jsonw_put_string(&w, "status", health_name(t->rows[i].health));
        for (uint32_t c = 0; c < t->n_columns; c++) {
            struct value v = t->rows[i].cells[c];
            jsonw_key(&w, t->columns[c].name);
            if (v.kind == VALUE_INT)
                jsonw_int(&w, v.i);
            else if (v.kind == VALUE_REAL)
                jsonw_real(&w, v.r);
            else
                jsonw_string(&w, v.kind == VALUE_TEXT ? v.t.s : NULL);
        }
        jsonw_close(&w, '}');
    }
    jsonw_close(&w, ']');
    jsonw_close(&w, '}');
}

static void write_lines(const struct table *t, int64_t now_wall_s, struct str *out) {
    for (uint32_t i = 0; i < t->n_rows; i++) {
        str_printf(out, "%s", health_sign(t->rows[i].health));
        for (uint32_t c = 0; c < t->n_columns; c++) {
            char value[200];
            value_format(t->rows[i].cells[c], t->columns[c].unit, now_wall_s, value, sizeof value);
            str_printf(out, "  %s", value);
        }
        str_putc(out, '\n');
    }
    if (!t->n_rows)
        str_puts(out, "no alert is pending or firing\n");
}

int cmd_alerts(struct app_context *app) {
    struct snapshot *s = app_ask_once(app, BIT(SERVICE_prometheus));
    const struct section *sec = s->sections[SERVICE_prometheus];
    const struct table *t = reading_table(&sec->reading, "alerts");
    struct err err = sec->err;
    int code;
    if (sec->failed || !t) {
        if (!sec->failed)
            err_set(&err, E_CONFIG, "alerts", "prometheus", "no list of alerts: %s",
                    sec->summary.s);
        code = app_fail(&err, EXIT_USAGE);
    } else {
        struct str out;
        str_init(&out, 4u << 20);
        if (app->options.json)
            write_json(t, &out);
        else
            write_lines(t, s->now_wall_ms / 1000, &out);
        code = !app_print(&out) ? EXIT_USAGE : t->n_rows ? EXIT_FAILED : EXIT_DONE;
        str_done(&out);
    }
    snapshot_unref(s);
    return code;
}
