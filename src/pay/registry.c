/* pay/registry.c - the providers, from providers.def, and look-ups in their tables. */
#include "codec/pay.h"

#include <string.h>

#define PROVIDER(id) extern const struct pay_provider pay_##id;
#include "providers.def"
#undef PROVIDER

const struct pay_provider *const pay_providers[] = {
#define PROVIDER(id) &pay_##id,
#include "providers.def"
#undef PROVIDER
};
const uint32_t n_pay_providers = ARRAY_LEN(pay_providers);

const struct pay_provider *pay_provider_find(const char *id) {
    for (uint32_t i = 0; i < n_pay_providers; i++)
        if (!strcmp(pay_providers[i]->id, id))
            return pay_providers[i];
    return NULL;
}

int pay_setting_index(const struct pay_provider *p, const char *env_name) {
    for (uint32_t i = 0; i < p->n_settings; i++)
        if (!strcmp(p->settings[i].env_name, env_name))
            return (int)i;
    return -1;
}

const char *pay_account_get(const struct pay_provider *p, const struct pay_account *a,
                            const char *env_name) {
    int i = pay_setting_index(p, env_name);
    return i < 0 ? NULL : a->values[i];
}

const struct pay_account *pay_account_current(const struct settings *s, const char *provider) {
    for (uint32_t i = 0; i < s->n_pay_accounts; i++)
        if (!strcmp(s->pay_accounts[i].provider, provider) && !s->pay_accounts[i].until_wall_s)
            return &s->pay_accounts[i];
    return NULL;
}
