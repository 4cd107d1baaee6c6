/* ui/view.h - a view is a pure function from (snapshot, ui state) to cells. It sees no clock, no
 * file, no socket: the linker of tests/golden refuses one that tries. One file in views/ and one
 * line in views/views.def. */
#ifndef GOODGO_UI_VIEW_H
#define GOODGO_UI_VIEW_H

#include "model/snapshot.h"
#include "ui/cell.h"
#include "ui/page.h"
#include "ui/state.h"

struct service_panel; /* views/panels_priv.h: what a service's screen is made of */

struct view {
    const char *id;    /* "redis"; also the word after `:` and in `goodgo render` */
    const char *title; /* "Redis" */
    const char *about; /* one sentence for Help; may be NULL */
    bool has_service;  /* a drill-down of `service`: polled faster while shown */
    enum service service;
    const struct service_panel *panel; /* of a drill-down, else NULL */
    /* Draws the body; r is below the header rows and above the footer. */
    void (*draw)(struct cellbuf *b, struct rect r, const struct snapshot *s, struct ui_state *ui);
    /* The table that has the keys' attention (pane ui->pane), or NULL. Memory: the snapshot's, or
     * `scratch`. */
    const struct table *(*table)(const struct snapshot *s, const struct ui_state *ui,
                                 struct arena *scratch);
    uint32_t (*panes)(const struct snapshot *s, const struct ui_state *ui); /* NULL = 1 */
    /* A text screen: its lines, searched and scrolled by the keys. NULL for the others. */
    const struct page *(*page)(const struct snapshot *s, const struct ui_state *ui,
                               struct arena *scratch);
    bool grows;          /* such a text gets longer at its end: F follows it, w wraps its lines */
    const char *command; /* what prints the same, where it is no service's; may be NULL */
    /* The same where it depends on what is shown; false = on nothing that is there. */
    bool (*shell)(const struct snapshot *s, const struct ui_state *ui, char *buf, size_t size);
    /* What the tabs show of it; NULL = the health of its service, if it has one. */
    enum health (*mark)(const struct snapshot *s);
    /* What an act of this screen is to be done to where none of the rows that it takes is
     * marked, into `out` (a capped one): one, or `many` with commas between. NULL = the selected
     * row's key. */
    void (*operands)(const struct snapshot *s, struct ui_state *ui, bool many, struct str *out);
    /* Why none of this screen's acts applies to what is selected or shown; NULL = some do. */
    const char *(*no_acts)(const struct snapshot *s, struct ui_state *ui);
    /* The cursor is at the first row and goes up (-1), or at the last and goes down (1): a view
     * that shows a part of a list may ask for the part beside it. True: it has. NULL = it shows
     * all. */
    bool (*beyond)(const struct snapshot *s, struct ui_state *ui, int step);
    /* Enter on the selected row; returns the view to open, or NULL. */
    const struct view *(*open)(const struct snapshot *s, struct ui_state *ui);
};

extern const struct view *const views[];
extern const uint32_t n_views;
/* By its id, else by a prefix that is one view's alone; NULL = there is none. ret_index may be
 * NULL. */
const struct view *view_find(const char *id, uint32_t *ret_index);

/* The whole frame: header rows, the view, prompt or notice, footer keys, panels. Works from 200x60
 * down to 1x1. */
void frame_draw(struct cellbuf *b, const struct snapshot *s, struct ui_state *ui);

#endif
