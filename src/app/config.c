/* app/config.c - reads the console's own settings file; every key is one row of the table below. */
#include "app/config.h"

#include <string.h>

#include "base/str.h"
#include "base/text.h"

enum kind { KIND_TEXT, KIND_PATH, KIND_BOOL, KIND_U32 };
static const struct option_row {
    const char *key;
    enum kind kind;
    size_t offset;
    uint32_t min, max;
    const char *help;
} rows[] = {
    {"theme", KIND_TEXT, offsetof(struct config, theme), 0, 0,
     "colours of the screen; goodgo themes lists them"},
    {"state_dir", KIND_PATH, offsetof(struct config, state_dir), 0, 0,
     "where jobs, the trail and saved screens are; unset: ~/.local/state/goodgo"},
    {"mouse", KIND_BOOL, offsetof(struct config, mouse), 0, 0,
     "clicks and the wheel work; the terminal's own selection then wants Shift"},
    {"bell", KIND_BOOL, offsetof(struct config, bell), 0, 0,
     "ring when more services are critical than before; a job that ends rings always"},
    {"notify_osc9", KIND_BOOL, offsetof(struct config, notify_osc9), 0, 0,
     "a job that ends is told to the terminal as OSC 9 (iTerm2, WezTerm, Windows Terminal)"},
    {"notify_osc777", KIND_BOOL, offsetof(struct config, notify_osc777), 0, 0,
     "the same as OSC 777 (rxvt, foot, VTE)"},
    {"runbook_defaults", KIND_BOOL, offsetof(struct config, runbook_defaults), 0, 0,
     "in development, look for what the env file does not name at the runbook's ports here"},
    {"backup.warn_age_s", KIND_U32, offsetof(struct config, backup_warn_age_s), 60, 31536000,
     "seconds after which the newest backup is a warning"},
    {"backup.critical_age_s", KIND_U32, offsetof(struct config, backup_critical_age_s), 60,
     31536000, "seconds after which the newest backup is critical"},
    {"backup.copies_keep_days", KIND_U32, offsetof(struct config, backup_copies_keep_days), 0,
     36500, "days after which backup --upload deletes old copies in the store; 0: never"},
    {"drill.warn_age_s", KIND_U32, offsetof(struct config, drill_warn_age_s), 60, 31536000,
     "seconds after which the last restore drill is a warning"},
    {"second_person.tier", KIND_U32, offsetof(struct config, second_person_tier), 0, 3,
     "acts from this tier on wait for somebody else's consent; 0: none does"},
    {"second_person.group", KIND_TEXT, offsetof(struct config, second_person_group), 0, 0,
     "the Unix group that may consent; unset: anybody else on this machine"},
    {"second_person.wait_s", KIND_U32, offsetof(struct config, second_person_wait_s), 1, 86400,
     "seconds such an act waits before it gives up"},
    {"payments.replay_most", KIND_U32, offsetof(struct config, replay.most), 1, REPLAY_MOST_EVER,
     "callbacks that one replay may hand to the API"},
    {"payments.replay_age_s", KIND_U32, offsetof(struct config, replay.max_age_s), 60, 31536000,
     "seconds after which a payment is too old to be replayed"},
    {"payments.replay_pause_ms", KIND_U32, offsetof(struct config, replay.pause_ms), 0, 60000,
     "between two callbacks of one replay"},
    {"payments.reference_prefix", KIND_TEXT, offsetof(struct config, reference_prefix), 0, 0,
     "what our references in bank transfers begin with: A-Z and 0-9"},
    {"payments.window_days", KIND_U32, offsetof(struct config, window_days), 0, 60,
     "days after its order in which a bank transfer may arrive"},
    {"payments.settle_days", KIND_U32, offsetof(struct config, settle_days), 1, 60,
     "days after which a gateway has paid out"},
};
static const struct option_row poll_rows[] = {
    {"interval_ms", KIND_U32, offsetof(struct poll_settings, interval_ms), 500, 3600000,
     "how often that service is asked; unset: as the runbook says"},
    {"timeout_ms", KIND_U32, offsetof(struct poll_settings, timeout_ms), 50, 60000,
     "deadline of one answer; unset: as the runbook says"},
    {"retries", KIND_U32, offsetof(struct poll_settings, retries), 1, 100,
     "failures in a row until it is critical; unset: as the runbook says"},
};

void config_init(struct config *c) {
    *c = (struct config){
        .theme = "dark",
        .bell = true,
        .runbook_defaults = true,
        .backup_warn_age_s = 26 * 3600,
        .backup_critical_age_s = 50 * 3600,
        .drill_warn_age_s = 8 * 86400,
        .second_person_wait_s = 15 * 60,
        .replay = {.most = 20, .max_age_s = 7 * 86400, .pause_ms = 2000},
        .window_days = 7,
        .settle_days = 3,
    };
}

static bool set(void *base, const struct option_row *row, const char *value, const char *at,
                struct err *err) {
    void *field = (char *)base + row->offset;
    int64_t n;
    switch (row->kind) {
    case KIND_PATH: /* no shell reads "~" here, and each working directory has another "state" */
        if (value[0] != '/')
            return err_set(err, E_CONFIG, "config", at, "%s is a path that begins with /",
                           row->key);
        *(const char **)field = value;
        return true;
    case KIND_TEXT:
        if (!*value)
            return err_set(err, E_CONFIG, "config", at, "%s is empty: leave the line out",
                           row->key);
        *(const char **)field = value;
        return true;
    case KIND_BOOL:
        if (strcmp(value, "yes") && strcmp(value, "no"))
            return err_set(err, E_CONFIG, "config", at, "%s is yes or no", row->key);
        *(bool *)field = value[0] == 'y';
        return true;
    default:
        if (!str_to_i64(value, row->min, row->max, &n))
            return err_set(err, E_CONFIG, "config", at, "%s is a number from %u to %u", row->key,
                           row->min, row->max);
        *(uint32_t *)field = (uint32_t)n;
        return true;
    }
}

static bool set_poll(struct config *c, struct arena *a, const char *key, const char *value,
                     const char *at, struct err *err) {
    const char *dot = strrchr(key, '.');
    enum service service;
    if (!dot || !service_parse(arena_strndup(a, key, (size_t)(dot - key)), &service))
        return err_set(err, E_CONFIG, "config", at, "poll.%s names no service", key);
    for (size_t i = 0; i < ARRAY_LEN(poll_rows); i++)
        if (!strcmp(dot + 1, poll_rows[i].key))
            return set(&c->poll[service], &poll_rows[i], value, at, err);
    return err_set(err, E_CONFIG, "config", at,
                   "poll.SERVICE. takes interval_ms, timeout_ms or retries");
}

static bool set_key(struct config *c, const char *action, const char *keys, const char *at,
                    struct err *err) {
    if (c->n_keys == CONFIG_MAX_KEYS)
        return err_set(err, E_CONFIG, "config", at, "more than %d keys lines", CONFIG_MAX_KEYS);
    c->keys[c->n_keys].action = action;
    c->keys[c->n_keys].keys = keys;
    c->keys[c->n_keys++].where = at;
    return true;
}

static bool set_history(struct config *c, const char *line, const char *at, struct err *err) {
    if (c->n_history == CONFIG_MAX_HISTORY)
        return err_set(err, E_CONFIG, "config", at, "more than %d payments.history lines",
                       CONFIG_MAX_HISTORY);
    c->history[c->n_history].line = line;
    c->history[c->n_history++].where = at;
    return true;
}

static bool set_layout(struct config *c, bool gateway, const char *line, const char *at,
                       struct err *err) {
    if (c->n_layouts == CONFIG_MAX_LAYOUTS)
        return err_set(err, E_CONFIG, "config", at, "more than %d layouts of files",
                       CONFIG_MAX_LAYOUTS);
    c->layouts[c->n_layouts].line = line;
    c->layouts[c->n_layouts].where = at;
    c->layouts[c->n_layouts++].gateway = gateway;
    return true;
}

static bool set_one(struct config *c, struct arena *a, const char *key, const char *value,
                    const char *at, struct err *err) {
    if (str_starts(key, "poll."))
        return set_poll(c, a, key + 5, value, at, err);
    if (str_starts(key, "keys."))
        return set_key(c, key + 5, value, at, err);
    if (!strcmp(key, "payments.history"))
        return set_history(c, value, at, err);
    if (!strcmp(key, "payments.statement") || !strcmp(key, "payments.gateway"))
        return set_layout(c, key[9] == 'g', value, at, err);
    if (!strcmp(key, "theme"))
        c->theme_where = at;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (!strcmp(key, rows[i].key))
            return set(c, &rows[i], value, at, err);
    return err_set(err, E_CONFIG, "config", at, "there is no setting \"%s\"", key);
}

static const char *trimmed(struct arena *a, const char *s, size_t n) {
    while (n && (*s == ' ' || *s == '\t'))
        s++, n--;
    while (n && (s[n - 1] == ' ' || s[n - 1] == '\t' || s[n - 1] == '\r'))
        n--;
    return arena_strndup(a, s, n);
}

static bool parse_line(struct config *c, struct arena *a, const char *s, size_t n, const char *at,
                       struct err *err) {
    const char *text = trimmed(a, s, n), *equals = strchr(text, '=');
    if (memchr(s, 0, n))
        return err_set(err, E_CONFIG, "config", at, "a NUL byte inside a line");
    if (!*text || *text == '#')
        return true;
    if (!equals)
        return err_set(err, E_CONFIG, "config", at, "expected key = value");
    const char *key = trimmed(a, text, (size_t)(equals - text));
    return set_one(c, a, key, trimmed(a, equals + 1, strlen(equals + 1)), at, err);
}

bool config_parse(struct config *c, struct arena *a, const char *file, const char *bytes, size_t n,
                  struct err *err) {
    const char *end = bytes + n, *tail = strlen(file) > 70 ? file + strlen(file) - 70 : file;
    const char *at = n >= 3 && !memcmp(bytes, "\xEF\xBB\xBF", 3) ? bytes + 3 : bytes;
    const struct text_wide *wide = text_wide(bytes, n);
    if (wide) {
        err_set(err, E_CONFIG, "config", tail, "it is %s, and only UTF-8 is read", wide->name);
        err->todo = wide->todo;
        return false;
    }
    for (uint32_t line = 1; at < end; line++) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        const char *stop = newline ? newline : end;
        if (!parse_line(c, a, at, (size_t)(stop - at), arena_printf(a, "%s:%u", tail, line), err))
            return false;
        at = newline ? newline + 1 : end;
    }
    return true;
}

static const char *value_text(struct arena *a, const struct config *c, const struct option_row *r) {
    const void *field = (const char *)c + r->offset;
    switch (r->kind) {
    case KIND_TEXT:
    case KIND_PATH:
        return *(const char *const *)field;
    case KIND_BOOL:
        return *(const bool *)field ? "yes" : "no";
    default:
        return arena_printf(a, "%u", *(const uint32_t *)field);
    }
}

bool config_setting(struct arena *a, const struct config *c, uint32_t i, struct setting *ret) {
    static const struct setting others[] = {
        {"keys.ACTION", "keys of an action; goodgo keys lists both", NULL, NULL},
        {"payments.history", "older credentials of a payment provider; see PAYMENTS.md", NULL,
         NULL},
        {"payments.statement", "columns of another bank's statements; see PAYMENTS.md", NULL, NULL},
        {"payments.gateway", "columns of another gateway's files; see PAYMENTS.md", NULL, NULL},
    };
    struct config defaults;
    config_init(&defaults);
    if (i < ARRAY_LEN(rows)) {
        *ret = (struct setting){rows[i].key, rows[i].help, value_text(a, c, &rows[i]),
                                value_text(a, &defaults, &rows[i])};
        return true;
    }
    i -= ARRAY_LEN(rows);
    if (i < ARRAY_LEN(poll_rows)) {
        const char *key = arena_printf(a, "poll.SERVICE.%s", poll_rows[i].key);
        *ret = (struct setting){key, poll_rows[i].help, NULL, NULL};
        return true;
    }
    i -= ARRAY_LEN(poll_rows);
    if (i >= ARRAY_LEN(others))
        return false;
    *ret = others[i];
    return true;
}
