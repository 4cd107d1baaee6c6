/* ui/acts.h - how an act is asked for on the screen: `a` opens the menu of this screen's acts, an
 * entry becomes a command line to complete, its plan is shown, and the typed word runs it. The
 * screen starts read-only; `:arm 5m REASON` opens a window; what only reads needs none. Nothing
 * here does anything: the app is asked (ui/input.h, UI_PLAN, UI_RUN) and answers with
 * acts_planned() or acts_refused(). */
#ifndef GOODGO_UI_ACTS_H
#define GOODGO_UI_ACTS_H

#include <stdbool.h>
#include <stdint.h>

#define UI_INPUT_MAX 2048 /* of a typed line: some seventy ids of marked rows */

struct snapshot;
struct ui_state;
struct view;

/* One entry of the menu; the app makes them from its acts. */
struct ui_act {
    const char *id, *title, *help; /* id: the sub-command, of one word or two */
    const char *view;              /* the screen that offers it */
    const char *usage; /* "--into DATABASE [--replace]": what may follow; "" = nothing */
    bool takes_row;    /* the selected row's key is its first word */
    bool takes_marked; /* or those of all marked rows, with commas between */
    const char *rows;  /* but only of these tables, "sessions|blocking"; NULL = of any */
};

#define ACTS_PLAN_MAX 12000
enum acts_step {
    ACTS_NONE,
    ACTS_MENU,
    ACTS_ASKED, /* for the plan */
    ACTS_PLAN   /* shown; waits for the word */
};
struct acts_state {
    const struct ui_act *list; /* NULL = this console has none */
    uint32_t n;
    bool locked; /* --read-only: never armed */
    int64_t armed_until_mono_ms;
    char reason[120];
    enum acts_step step;
    uint32_t at;             /* in the menu */
    uint32_t scroll, page;   /* of the plan: lines above the panel, lines that it showed last */
    int64_t asked_mono_ms;   /* when its plan was asked for */
    char line[UI_INPUT_MAX]; /* "backup --dir /x", as planned */
    char plan[ACTS_PLAN_MAX], word[160], id[20];
    int tier;
};

bool acts_armed(const struct ui_state *ui, int64_t now_mono_ms);
/* The app's answers. A plan that nobody waits for any more is dropped. */
void acts_planned(struct ui_state *ui, const char *plan, const char *word, const char *id,
                  int tier);
void acts_refused(struct ui_state *ui, const char *why);
/* The i-th act that `view` offers; NULL past the last. */
const struct ui_act *acts_of_view(const struct ui_state *ui, const char *view, uint32_t i);

/* The same as a claim about what is selected there, or shown. */
bool acts_apply(struct ui_state *ui, const struct view *v, const struct snapshot *s);

#endif
