/* views/web.c - the Next.js front end. Data only: service_panel.c draws it. */
#include "panels_priv.h"

static const struct vital vitals[] = {
    {"status", "HTTP", NULL},
    {"load_ms", "loaded in", NULL},
    {"page_bytes", "page", NULL},
    {"title", "title", NULL},
};
static const struct pane panes[] = {
    {"pages", "Pages", "one page is asked: /", 80, NULL},
};

SERVICE_VIEW(web, "web", "Web", "the Next.js front end: does / load, and how fast", vitals, panes,
             .charts = {{"load_ms", "page", NULL}, {"page_bytes", "size", NULL}},
             .time = "load_ms");
