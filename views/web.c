/* views/web.c - the Next.js front end. Data only: service_panel.c draws it. */
#include "service_panel_priv.h"

#include "base/attr.h"

static const struct vital vitals[] = {
    {"status", "HTTP", NULL},
    {"load_ms", "loaded in", NULL},
    {"page_bytes", "page", NULL},
    {"title", "title", NULL},
};
static const struct pane panes[] = {
    {"pages", "Pages", "one page is asked: /"},
};

SERVICE_VIEW(web, "web", "Web", vitals, panes);
