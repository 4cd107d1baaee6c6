/* ui/registry.c - the list of views, made from views/views.def. */
#include "ui/view.h"

#include <string.h>

#define VIEW(id) extern const struct view view_##id;
#include "views/views.def"
#undef VIEW

const struct view *const views[] = {
#define VIEW(id) &view_##id,
#include "views/views.def"
#undef VIEW
};
const uint32_t n_views = sizeof views / sizeof *views;

const struct view *view_find(const char *id, uint32_t *ret_index) {
    uint32_t hits = 0, hit = 0;
    size_t n = strlen(id);
    for (uint32_t i = 0; i < n_views; i++) {
        if (strcmp(views[i]->id, id) == 0) {
            hit = i;
            hits = 1;
            break;
        }
        if (n && strncmp(views[i]->id, id, n) == 0) {
            hit = i;
            hits++;
        }
    }
    if (hits != 1)
        return NULL;
    if (ret_index)
        *ret_index = hit;
    return views[hit];
}
