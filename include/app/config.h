/* app/config.h - the console's own settings: `key = value` lines, one row of a table each
 * (config.c). */
#ifndef GOODGO_APP_CONFIG_H
#define GOODGO_APP_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "codec/settings.h"

#define CONFIG_MAX_KEYS    64
#define CONFIG_MAX_HISTORY 32
#define CONFIG_MAX_LAYOUTS 32
struct config {
    const char *theme, *state_dir;
    const char *theme_where; /* "FILE:LINE" that chose it; NULL: nobody did */
    bool mouse, bell, notify_osc9, notify_osc777, runbook_defaults;
    uint32_t backup_copies_keep_days;
    uint32_t backup_warn_age_s, backup_critical_age_s, drill_warn_age_s;
    uint32_t second_person_tier, second_person_wait_s;
    const char *second_person_group;
    struct replay_settings replay;
    struct poll_settings poll[SERVICE_COUNT];
    struct {
        const char *action, *keys, *where; /* "config:3" */
    } keys[CONFIG_MAX_KEYS];
    uint32_t n_keys;
    struct {
        const char *line, *where; /* see app/accounts.h */
    } history[CONFIG_MAX_HISTORY];
    uint32_t n_history;
    struct layout_line layouts[CONFIG_MAX_LAYOUTS];
    uint32_t n_layouts;
    const char *reference_prefix;
    uint32_t window_days, settle_days;
};

void config_init(struct config *c);
bool config_parse(struct config *c, struct arena *a, const char *file, const char *bytes, size_t n,
                  struct err *err) MUST_CHECK;

/* The table, for `goodgo settings` and goodgo(1). False past its last row. */
struct setting {
    const char *key, *help;
    const char *value, *standard; /* as in the file; NULL when unset, and for keys with a NAME */
};
bool config_setting(struct arena *a, const struct config *c, uint32_t i, struct setting *ret);

#endif
