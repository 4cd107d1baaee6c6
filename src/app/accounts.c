/* app/accounts.c - see accounts.h. Knows no provider: each declares its settings (codec/pay.h). */
#include "app/accounts.h"

#include <stdio.h>
#include <string.h>

#include "app/settings.h"
#include "base/clock.h"
#include "codec/pay.h"

bool accounts_time(const char *text, int64_t *ret_wall_s) {
    char day[40];
    int64_t wall_ms;
    bool short_form = strlen(text) == 10;
    snprintf(day, sizeof day, "%.10sT00:00:00+07:00", text);
    if (!clock_parse_rfc3339(short_form ? day : text, &wall_ms))
        return false;
    *ret_wall_s = wall_ms / 1000;
    return true;
}

static bool is_choice(const char *choices, const char *value) {
    size_t n = strlen(value);
    for (const char *at = choices; at; at = strchr(at, '|') ? strchr(at, '|') + 1 : NULL)
        if (strcspn(at, "|") == n && !strncmp(at, value, n))
            return true;
    return false;
}

static bool check_value(const struct pay_setting *setting, const char *value, const char *where,
                        struct err *err) {
    if (value && setting->role == PAY_CHOICE && !is_choice(setting->choices, value))
        return err_set(err, E_CONFIG, "config.env", where, "%s is one of %s", setting->env_name,
                       setting->choices);
    return true;
}

static bool make_current(struct pay_account *account, const struct pay_provider *p,
                         const struct env *e, struct err *err) {
    *account = (struct pay_account){.provider = p->id, .name = "current"};
    for (uint32_t i = 0; i < p->n_settings; i++) {
        account->values[i] = settings_env(e, p->settings[i].env_name);
        if (!check_value(&p->settings[i], account->values[i], p->settings[i].env_name, err))
            return false;
    }
    return true;
}

/* --- the history --- */

struct line {
    struct arena *a;
    const struct env *e;
    const struct pay_provider *provider;
    const char *where;
    struct err *err;
};

static bool set_day(const struct line *l, const char *value, bool end, int64_t *ret_wall_s) {
    if (strlen(value) != 10 || !accounts_time(value, ret_wall_s))
        return err_set(l->err, E_CONFIG, "config", l->where, "\"%.40s\" is no day like 2021-06-30",
                       value);
    *ret_wall_s += end ? DAY_S : 0;
    return true;
}

static bool set_value(const struct line *l, struct pay_account *account, const char *name,
                      const char *value) {
    int i = pay_setting_index(l->provider, name);
    if (i < 0)
        return err_set(l->err, E_CONFIG, "config", l->where, "%s has no setting %.60s",
                       l->provider->title, name);
    bool secret = l->provider->settings[i].role == PAY_SECRET;
    account->values[i] = secret ? settings_env(l->e, value) : value;
    if (!account->values[i]) /* it may be a secret after all: do not repeat it */
        return err_set(l->err, E_CONFIG, "config", l->where,
                       "behind %s= stands the name of an entry of the env file, and there is none "
                       "of that name",
                       name);
    return check_value(&l->provider->settings[i], account->values[i], l->where, l->err);
}

static bool set_word(const struct line *l, struct pay_account *account, const char *word) {
    const char *equals = strchr(word, '=');
    if (!equals)
        return err_set(l->err, E_CONFIG, "config", l->where, "a word of it is not NAME=value");
    const char *name = arena_strndup(l->a, word, (size_t)(equals - word));
    if (!strcmp(name, "from"))
        return set_day(l, equals + 1, false, &account->from_wall_s);
    if (!strcmp(name, "until"))
        return set_day(l, equals + 1, true, &account->until_wall_s);
    return set_value(l, account, name, equals + 1);
}

static const char *next_word(struct arena *a, const char **text) {
    const char *s = *text + strspn(*text, " \t");
    size_t n = strcspn(s, " \t");
    *text = s + n;
    return n ? arena_strndup(a, s, n) : NULL;
}

static bool make_old(struct line *l, struct pay_account *all, uint32_t n, const char *text,
                     struct pay_account *ret) {
    const char *id = next_word(l->a, &text), *word;
    l->provider = id ? pay_provider_find(id) : NULL;
    if (!l->provider)
        return err_set(l->err, E_CONFIG, "config", l->where,
                       "begins with the name of a payment provider");
    for (uint32_t i = 0; i < n; i++)
        if (!strcmp(all[i].provider, id) && !all[i].until_wall_s)
            *ret = all[i];
    while ((word = next_word(l->a, &text)) != NULL)
        if (!set_word(l, ret, word))
            return false;
    if (!ret->until_wall_s)
        return err_set(l->err, E_CONFIG, "config", l->where, "lacks until=DAY");
    return true;
}

bool accounts_make(struct settings *s, struct arena *a, const struct env *e, const struct config *c,
                   struct err *err) {
    struct pay_account *all = arena_alloc(a, (n_pay_providers + c->n_history) * sizeof *all);
    uint32_t n = 0;
    for (; n < n_pay_providers; n++)
        if (!make_current(&all[n], pay_providers[n], e, err))
            return false;
    for (uint32_t i = 0; i < c->n_history; i++) {
        struct line l = {.a = a, .e = e, .where = c->history[i].where, .err = err};
        if (!make_old(&l, all, n, c->history[i].line, &all[n]))
            return false;
        all[n++].name = arena_printf(a, "history %u", i + 1);
    }
    s->pay_accounts = all;
    s->n_pay_accounts = n;
    return true;
}
