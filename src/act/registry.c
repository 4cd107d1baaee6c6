/* act/registry.c - the acts of acts.def. */
#include "act/act.h"
#include "act/second.h"

#include <string.h>

#include "base/text.h"

#define ACT(id) extern const struct act act_##id;
#include "acts.def"
#undef ACT

const struct act *const acts[] = {
#define ACT(id) &act_##id,
#include "acts.def"
#undef ACT
};
const uint32_t n_acts = ARRAY_LEN(acts);

const struct act *act_find(const char *id) {
    for (uint32_t i = 0; i < n_acts; i++)
        if (strcmp(acts[i]->id, id) == 0)
            return acts[i];
    return NULL;
}

const char *act_argument(const struct act_input *a, const char *name) {
    return pairs_find(a->arguments, name);
}

bool act_plan(const struct act *act, const struct act_input *a, struct plan *p, struct err *err) {
    plan_init(p, a->arena, act->id, a->settings->context, TIER_CHANGES);
    p->arguments = *a->arguments;
    for (uint32_t i = 0; i < p->arguments.n; i++) {
        const char *value = p->arguments.at[i].value;
        if (!text_is_utf8(value, strlen(value)))
            return err_set(err, E_CONFIG, "plan", p->arguments.at[i].name,
                           "holds bytes that are no UTF-8, so no plan can keep it");
    }
    if (!act->plan(a, p, err))
        return false;
    if (second_needed(a->settings, p))
        plan_warning(p, "it waits for a second person%s%s: goodgo jobs approve",
                     a->settings->second_person_group ? " of the group " : "",
                     a->settings->second_person_group ? a->settings->second_person_group : "");
    plan_seal(p);
    return true;
}
