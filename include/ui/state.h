/* ui/state.h - everything the screen remembers between frames, as plain values: which
 * view, what is selected (by key, never by index or pointer), filters, sort, prompts. Views read
 * it; ui/input.c changes it. */
#ifndef GOODGO_UI_STATE_H
#define GOODGO_UI_STATE_H

#include <stdbool.h>
#include <stdint.h>
#include "model/service.h"
#include "ui/acts.h"

#define UI_KEY_MAX   96
#define UI_MAX_PANES 16
#define UI_MAX_VIEWS 32
#define UI_MARKS_MAX 256

/* The rows that Space marked, by key, all of one table: marking in another begins afresh. */
struct marks {
    uint32_t view, pane, n;
    char keys[UI_MARKS_MAX][UI_KEY_MAX];
};
bool marks_have(const struct marks *m, const char *key); /* m may be NULL: none */

struct table_state {
    char selected[UI_KEY_MAX]; /* row key; "" = first row */
    uint32_t selected_index;   /* where it was: the neighbour is taken when the key is gone */
    uint32_t scroll;
    int sort_column; /* -1 = the probe's order */
    bool sort_descending;
    char filter[64];           /* folded containment; a leading '!' inverts */
    uint32_t shown;            /* bit set of the columns drawn last; 0 = not drawn yet */
    const struct marks *marks; /* those of ui_state, where they are of this table; NULL = none */
    /* Where draw_table() put the rows last, for the mouse; h = 0 when it is not on the screen. */
    int16_t rows_x, rows_y, rows_w, rows_h;
};

enum prompt {
    PROMPT_NONE,
    PROMPT_COMMAND,
    PROMPT_FILTER,
    PROMPT_SEARCH,
    PROMPT_ACT,    /* an act's command line, before its plan */
    PROMPT_CONFIRM /* the word under a plan */
};

struct keymap;
struct snapshot;

/* A part of a list that is too long to hold: whoever has it reads that part. */
struct rows_asked {
    char of[48]; /* a category, or a day and its provider; "" = all */
    uint32_t page;
    bool from_end; /* the cursor came from behind it: it stands on the last row when it is there */
};

struct ui_state {
    const struct keymap *keymap; /* what footer and help describe; NULL = the defaults */
    uint32_t view, last_view;    /* indices into views[] */
    uint32_t pane;               /* focused table of the view */
    struct table_state tables[UI_MAX_VIEWS][UI_MAX_PANES]; /* by view, by pane */
    struct marks marks;
    uint32_t scroll_text[UI_MAX_VIEWS]; /* by view: text views (help, about) */
    char search[64];                    /* in text views; "" = none */
    uint32_t search_line;               /* where the search stands */
    bool search_moved;                  /* the next frame brings that line onto the screen */
    bool on_problem;                    /* e or E stands there, not a search */
    bool follow, unwrapped;             /* in texts that grow: F stays at the end, w cuts lines */
    int body_cols;                      /* of the newest frame, for texts that wrap by themselves */
    const struct snapshot *pin;         /* m: the app holds it; NULL = none */
    char job[64];                       /* whose log the screen `job` shows; "" = the newest */
    struct rows_asked rows;             /* which rows of a closed day its screen wants to show */
    uint32_t unfolded;                  /* bit set of services whose symptoms Overview lists */
    bool frozen;                        /* z */
    bool news_shown;     /* a view lists the newest change on this frame: not below too */
    bool show_shell;     /* Y: the equivalent command, over the view */
    bool show_row;       /* d: the selected row in full, over the view */
    uint32_t row_scroll; /* how many of its columns are above the panel */
    bool mouse;
    enum prompt prompt;
    char input[UI_INPUT_MAX];
    uint32_t cursor; /* byte offset in input */
    char history[32][UI_INPUT_MAX];
    uint32_t n_history, history_at;
    uint32_t cycle, typed; /* Tab: which candidate is shown (from 1), bytes typed by hand before */
    char notice[240];      /* above the keys, and over them where it is long; cleared by time */
    int64_t notice_until_mono_ms;
    bool notice_bad;
    struct acts_state acts;
    /* The overview's order holds still while a person moves: set on a cursor key, let go 5 s later.
     */
    enum service held_order[SERVICE_COUNT];
    int64_t held_until_mono_ms;
    char shell[2048];   /* text of the Y panel, already masked */
    double link_rtt_ms; /* measured, < 0 = unknown */
    /* Real time, also while frozen; set by the app before each key and frame, 0 = the snapshot's.
     */
    int64_t now_mono_ms;
    bool quit_asked;            /* Ctrl-C was pressed once on Overview */
    uint8_t trail[16], n_trail; /* views that Enter came from: Esc goes back along them */
    uint8_t opened_from;        /* table of this view that Enter came from, + 1; 0 = none */
};

void ui_state_init(struct ui_state *ui);
struct table_state *ui_table(struct ui_state *ui, uint32_t pane); /* of the current view */
void marks_clear(struct ui_state *ui);

#endif
