/* ui/acts_panel.c - the menu of acts and the panel of a plan, over the view. */
#include <string.h>

#include "acts_priv.h"
#include "ui/draw.h"

static struct text text_of(const char *words) {
    uint32_t n = (uint32_t)strlen(words);
    return (struct text){words, n, text_cols(words, n)};
}

/* Of the longest sentence: the box must not move under the cursor. */
static int help_rows(const struct frame *f, const char *view, int w) {
    const struct ui_act *act;
    int most = 1;
    for (uint32_t i = 0; (act = acts_of_view(f->ui, view, i)); i++) {
        int rows = text_lines(text_of(act->help), w);
        most = rows > most ? rows : most;
    }
    return most;
}

static void draw_menu_row(const struct frame *f, struct rect line, const struct ui_act *act,
                          bool selected) {
    int x = line.x + draw_fmt(f->b, line, line.x, line.y, ROLE_KEY, "%-17s ", act->id);
    draw_lit(f->b, line, x, line.y, act->title, ROLE_POPUP);
    if (selected)
        cell_recolour(f->b, line, ROLE_SELECTED);
}

/* The acts, below them what the selected one does, in full, and how it goes on. */
static void draw_menu(const struct frame *f, struct rect body) {
    const char *view = frame_view(f)->id;
    int n = 0, help = help_rows(f, view, body.w - 4);
    while (acts_of_view(f->ui, view, (uint32_t)n))
        n++;
    int want = n + help + 3;
    struct rect box = {body.x, body.y, body.w, want < body.h ? want : body.h};
    struct rect in =
        draw_box(f->b, box,
                 acts_armed(f->ui, f->now_mono_ms) ? "acts of this screen"
                 : box.w >= 68 ? "acts of this screen (read-only: plans, and what only reads)"
                               : "acts of this screen, read-only");
    for (int i = 0; i < n && i < in.h; i++)
        draw_menu_row(f, (struct rect){in.x, in.y + i, in.w, 1},
                      acts_of_view(f->ui, view, (uint32_t)i), f->ui->acts.at == (uint32_t)i);
    const struct ui_act *act = acts_of_view(f->ui, view, f->ui->acts.at);
    if (act && n + help <= in.h)
        draw_wrapped(f->b, (struct rect){in.x, in.y + n, in.w, help}, text_of(act->help), ROLE_DIM);
    if (n + help < in.h)
        draw_said(f->b, in, in.x, in.y + n + help,
                  "{open} goes on to its plan; only a typed word acts", ROLE_DIM);
}

void draw_usage(const struct frame *f, struct rect body) {
    const struct ui_act *act = acts_of_line(f->ui, f->ui->input);
    if (!act || !*act->usage)
        return;
    struct text t = text_of(act->usage);
    int rows = text_lines(t, body.w - 4) + 2;
    struct rect box = {body.x, body.y + body.h - rows, body.w, rows};
    if (rows > body.h)
        return;
    draw_wrapped(f->b, draw_box(f->b, box, "what may follow"), t, ROLE_POPUP);
}

static enum role role_of_line(const char *line) {
    return strncmp(line, "  ! ", 4) == 0   ? ROLE_WARNING
           : strncmp(line, "  $ ", 4) == 0 ? ROLE_DIM
           : *line == ' '                  ? ROLE_POPUP
                                           : ROLE_TITLE;
}

static struct text next_line(const char **at) {
    size_t n = strcspn(*at, "\n");
    struct text t = {*at, (uint32_t)n, text_cols(*at, n)};
    *at += n + ((*at)[n] == '\n');
    return t;
}

/* From the scroll-th line on, wrapped; returns the lines that found no room. *ret_drawn: those that
 * found some. */
static int draw_plan_text(const struct frame *f, struct rect r, const char *plan, uint32_t scroll,
                          uint32_t *ret_drawn) {
    int left = 0;
    *ret_drawn = 0;
    for (const char *at = plan; *at;) {
        struct text t = next_line(&at);
        if (scroll) {
            scroll--;
            continue;
        }
        int used = r.h > 0 ? draw_wrapped(f->b, r, t, role_of_line(t.s)) : 0;
        left += used == 0;
        *ret_drawn += used > 0;
        r.y += used, r.h -= used;
    }
    return left;
}

static int plan_rows(const char *plan, int w) {
    int rows = 0;
    for (const char *at = plan; *at;)
        rows += text_lines(next_line(&at), w);
    return rows;
}

/* The last line of a plan. In a window that is closed the word runs nothing, also where a long plan
 * leaves no line to say how one is opened. */
static void draw_word(const struct frame *f, struct rect in, bool closed) {
    const struct acts_state *a = &f->ui->acts;
    int y = in.y + in.h - 1, x = in.x + draw_lit(f->b, in, in.x, y, "type ", ROLE_DIM);
    x += draw_fmt(f->b, in, x, y, ROLE_KEY, "%s", a->tier <= 1 ? "y" : a->word);
    x += draw_lit(f->b, in, x, y, " and Enter to run", ROLE_DIM);
    if (closed)
        draw_lit(f->b, in, x, y, a->locked ? ": not under --read-only" : ", once armed",
                 ROLE_WARNING);
    else
        draw_lit(f->b, in, x, y, "; Enter alone does nothing", ROLE_DIM);
}

/* What "tier 2" means stands in a manual, which nobody reads at night. */
static const char *plan_title(int tier) {
    return tier <= 0   ? "PLAN: only reads"
           : tier == 1 ? "PLAN: harmless"
           : tier == 2 ? "PLAN: changes the platform"
                       : "PLAN: destroys, or moves money";
}

static void draw_plan(const struct frame *f, struct rect body) {
    struct acts_state *a = &f->ui->acts;
    int want = plan_rows(a->plan, body.w - 4) + 5;
    struct rect box = {body.x, body.y, body.w, want < body.h ? want : body.h};
    struct rect in = draw_box(f->b, box, plan_title(a->tier));
    struct rect text = {in.x, in.y, in.w, in.h > 3 ? in.h - 2 : in.h - 1};
    int left = draw_plan_text(f, text, a->plan, a->scroll, &a->page);
    if (!left && a->scroll && want <= body.h)
        a->scroll = 0; /* all of it fits: there is nowhere to scroll to */
    int y = in.y + in.h - 1;
    bool closed = a->tier > 0 && !acts_armed(f->ui, f->now_mono_ms);
    if (in.h <= 3) /* every row is wanted for the plan itself */
        left = 0;
    else if (left > 0)
        draw_fmt(f->b, in, in.x, y - 1, ROLE_DIM, "%s: Down, PgDn", COUNTED(left, "more line"));
    else if (closed)
        draw_lit(f->b, in, in.x, y - 1,
                 a->locked ? "started with --read-only: Esc leaves, nothing runs from here"
                           : "read-only: leave with Esc, :arm 5m REASON, and come back",
                 ROLE_WARNING);
    draw_word(f, in, closed);
}

/* A plan asks whom it depends on, and one of them may hang. */
static void draw_asked(const struct frame *f, struct rect body) {
    struct rect box = {body.x, body.y, body.w, body.h < 4 ? body.h : 4};
    int64_t waited_ms = f->now_mono_ms - f->ui->acts.asked_mono_ms;
    char waited[32];
    struct rect in = draw_box(f->b, box, "PLAN");
    draw_fmt(f->b, in, in.x, in.y, ROLE_DIM, "looking: %s", f->ui->acts.line);
    if (in.h < 2 || waited_ms < 2000)
        return;
    format_age(waited_ms, waited, sizeof waited);
    int x = in.x + draw_fmt(f->b, in, in.x, in.y + 1, ROLE_WARNING, "%s so far", waited);
    draw_said(f->b, in, x, in.y + 1, ": somebody it asks is slow; {back} leaves", ROLE_WARNING);
}

void draw_acts(const struct frame *f, struct rect body) {
    switch (f->ui->acts.step) {
    case ACTS_MENU:
        draw_menu(f, body);
        break;
    case ACTS_ASKED:
        draw_asked(f, body);
        break;
    case ACTS_PLAN:
        draw_plan(f, body);
        break;
    case ACTS_NONE:
        break;
    }
}
