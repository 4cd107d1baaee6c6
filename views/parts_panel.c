/* views/parts_panel.c - what the parts share: rects, and figures that one service or another has.
 */
#include "panels_priv.h"

#include <string.h>

struct rect rect_below(struct rect r, int rows) {
    if (rows > r.h)
        rows = r.h;
    return (struct rect){r.x, r.y + rows, r.w, r.h - rows};
}

struct rect rect_part(struct rect r, int i, int n, int gap) {
    int w = (r.w - gap * (n - 1)) / n;
    int x = r.x + i * (w + gap);
    return (struct rect){x, r.y, i == n - 1 ? r.x + r.w - x : w, r.h};
}

/* "prometheus/p95_s" is another service's. */
static const struct section *owner(const struct snapshot *s, const struct section *own,
                                   const char **name) {
    char word[32];
    enum service service;
    const char *slash = strchr(*name, '/');
    if (!slash)
        return own;
    size_t n = (size_t)(slash - *name);
    str_copy(word, n + 1 < sizeof word ? n + 1 : sizeof word, *name);
    *name = slash + 1;
    return service_parse(word, &service) ? s->sections[service] : own;
}

const struct metric *find_metric(const struct snapshot *s, const struct section *own,
                                 const char *name) {
    const struct section *sec = owner(s, own, &name);
    return sec && sec->has_reading ? reading_metric(&sec->reading, name) : NULL;
}

const struct series *find_series(const struct snapshot *s, const struct section *own,
                                 const char *name) {
    const struct section *sec = owner(s, own, &name);
    return sec ? section_series(sec, name) : NULL;
}

const struct trend *find_trend(const struct snapshot *s, const struct section *own,
                               const char *name) {
    const struct series *series = find_series(s, own, name);
    return series ? &series->trend : NULL;
}

void format_metric(const struct snapshot *s, const struct section *own, const char *name, char *buf,
                   size_t size) {
    const struct metric *m = find_metric(s, own, name);
    str_copy(buf, size, "-");
    if (m && m->value.kind != VALUE_NONE)
        value_format(m->value, m->unit, s->now_wall_ms / 1000, buf, size);
    /* "15.18 (Debian 15.18-0+deb12u1)": who packed it is for the probe's own reading. */
    char *packer = strcmp(name, "version") == 0 ? strstr(buf, " (") : NULL;
    if (packer)
        *packer = 0;
}
