/* ui/navigate.c - between screens: numbers, names, Enter and the way back; and between moments. */
#include <string.h>

#include "input_priv.h"
#include "ui/draw.h"

static void show(struct input *in, uint32_t index) {
    struct ui_state *ui = in->ui;
    if (index == ui->view)
        return;
    ui->last_view = ui->view;
    ui->view = index;
    if (!ui->notice_bad) /* it was a word about the screen before */
        *ui->notice = 0;
    ui->pane = 0;
    ui->opened_from = 0;
    *ui->search = 0;
    ui->search_line = 0;
    ui->on_problem = false;
    ui->follow = views[index]->grows; /* a log is opened at its end */
}

void view_go(struct input *in, uint32_t index) {
    in->ui->n_trail = 0;
    show(in, index);
}

/* Esc will come back here. */
static void show_from_here(struct input *in, uint32_t index) {
    struct ui_state *ui = in->ui;
    if (ui->n_trail == ARRAY_LEN(ui->trail))
        memmove(ui->trail, ui->trail + 1, --ui->n_trail);
    ui->trail[ui->n_trail++] = (uint8_t)ui->view;
    show(in, index);
}

static uint32_t view_index(const struct view *v) {
    uint32_t i = 0;
    while (i < n_views && views[i] != v)
        i++;
    return i < n_views ? i : 0;
}

enum ui_request act_details(struct input *in) {
    struct focus f;
    focus_open(&f, in->ui, in->s);
    in->ui->show_row = f.n > 0;
    in->ui->row_scroll = 0;
    focus_close(&f);
    if (!in->ui->show_row)
        notice(in, false, "there is no row to show", "");
    return UI_REDRAW;
}

enum ui_request act_open(struct input *in) {
    const struct view *v = view_now(in->ui);
    if (!v->open)
        return v->table ? act_details(in) : no_use(in, "nothing on this screen can be opened");
    uint32_t pane = in->ui->pane;
    const struct view *next = v->open(in->s, in->ui);
    if (in->ui->pane != pane)
        in->ui->opened_from = (uint8_t)(pane + 1);
    if (next && next != v)
        show_from_here(in, view_index(next));
    return UI_REDRAW;
}

/* Of the row that the cursor is seen on; "" where there is none. */
static void selected_key(const struct snapshot *s, const struct ui_state *ui,
                         char key[UI_KEY_MAX]) {
    const struct view *v = view_now(ui);
    const struct table_state *ts = &ui->tables[ui->view % UI_MAX_VIEWS][ui->pane % UI_MAX_PANES];
    struct arena scratch;
    arena_init(&scratch);
    const struct table *t = v->table ? v->table(s, ui, &scratch) : NULL;
    const struct row *row = t ? table_selected_row(t, ts) : NULL;
    str_copy(key, UI_KEY_MAX, row ? row->key.s : "");
    arena_done(&scratch);
}

bool ui_service(const struct snapshot *s, const struct ui_state *ui, enum service *ret_service) {
    const struct view *v = view_now(ui);
    if (v->has_service) {
        *ret_service = v->service;
        return true;
    }
    char word[UI_KEY_MAX];
    selected_key(s, ui, word);
    word[strcspn(word, " :/\t")] = 0;
    return service_parse(word, ret_service);
}

bool view_open_acts(struct input *in) {
    enum service service;
    uint32_t next;
    if (!ui_service(in->s, in->ui, &service) || !view_find(service_name(service), &next) ||
        next == in->ui->view || !acts_of_view(in->ui, views[next]->id, 0))
        return false;
    show_from_here(in, next);
    return true;
}

void ui_table_name(const struct snapshot *s, const struct ui_state *ui, char *buf, size_t size) {
    const struct view *v = view_now(ui);
    struct arena scratch;
    arena_init(&scratch);
    const struct table *t = v->table ? v->table(s, ui, &scratch) : NULL;
    str_copy(buf, size, t ? t->name : "");
    arena_done(&scratch);
}

/* The first table of Loki's screen, with those lines alone that name the service. */
enum ui_request act_logs(struct input *in) {
    enum service service;
    uint32_t loki;
    bool one = ui_service(in->s, in->ui, &service) && service != SERVICE_loki;
    if (!view_find("loki", &loki))
        return UI_NOTHING;
    if (in->s->sections[SERVICE_loki]->health == HEALTH_OFF) {
        notice(in, true, "this platform has no Loki to read logs from", "");
        return UI_REDRAW;
    }
    if (loki != in->ui->view)
        show_from_here(in, loki);
    in->ui->pane = 0;
    str_copy(ui_table(in->ui, 0)->filter, sizeof ui_table(in->ui, 0)->filter,
             one ? service_name(service) : "");
    return UI_REDRAW;
}

static uint32_t overview_index(void) {
    uint32_t i = 0;
    view_find("overview", &i);
    return i;
}

static bool on_overview(const struct ui_state *ui) {
    return ui->view == overview_index();
}

/* Filter, marks or search, the table that Enter came from, on Overview the sort, then the screen:
 * one step each. Only a letter quits: Esc and Left are pressed too often. */
enum ui_request act_back(struct input *in) {
    struct ui_state *ui = in->ui;
    struct table_state *ts = ui_table(ui, ui->pane);
    if (*ts->filter && view_now(ui)->table) {
        *ts->filter = 0;
        return UI_REDRAW;
    }
    if (ts->marks) {
        marks_clear(ui);
        return UI_REDRAW;
    }
    if (*ui->search && view_now(ui)->page) {
        *ui->search = 0;
        return UI_REDRAW;
    }
    if (ui->opened_from) {
        ui->pane = ui->opened_from - 1;
        ui->opened_from = 0;
        return UI_REDRAW;
    }
    if (on_overview(ui) && ts->sort_column >= 0 && in->key.code >= KEY_NONE) {
        ts->sort_column = -1;
        notice(in, false, "worst first again", "");
        return UI_REDRAW;
    }
    if (on_overview(ui))
        return in->key.code < KEY_NONE ? UI_QUIT
                                       : no_use(in, "this is the first screen; {quit} quits");
    uint32_t to = ui->n_trail ? ui->trail[--ui->n_trail] : overview_index();
    show(in, to == ui->view ? overview_index() : to);
    return UI_REDRAW;
}

enum ui_request act_cancel(struct input *in) {
    if (!on_overview(in->ui))
        return act_back(in);
    if (in->ui->quit_asked)
        return UI_QUIT;
    in->ui->quit_asked = true;
    notice(in, false, "{cancel} again or {quit} to quit", "");
    return UI_REDRAW;
}

enum ui_request act_pane(struct input *in) {
    const struct view *v = view_now(in->ui);
    uint32_t n = v->panes ? v->panes(in->s, in->ui) : 1;
    if (n > UI_MAX_PANES)
        n = UI_MAX_PANES;
    if (n < 2)
        return no_use(in, "this screen has no other pane");
    in->ui->opened_from = 0;
    in->ui->pane = (in->ui->pane + (in->action == ACT_NEXT_PANE ? 1 : n - 1)) % n;
    return UI_REDRAW;
}

enum ui_request act_view(struct input *in) {
    uint32_t i;
    if (!view_find(action_table[in->action].name, &i))
        return UI_NOTHING;
    view_go(in, i);
    return UI_REDRAW;
}

enum ui_request act_other_view(struct input *in) {
    uint32_t at = in->ui->view % n_views;
    if (in->action == ACT_LAST_VIEW)
        view_go(in, in->ui->last_view % n_views);
    else
        view_go(in, (at + (in->action == ACT_NEXT_VIEW ? 1 : n_views - 1)) % n_views);
    return UI_REDRAW;
}

enum ui_request act_help(struct input *in) {
    uint32_t i;
    if (!view_find("help", &i) || i == in->ui->view)
        return no_use(in, "these are the keys; {back} goes back");
    in->ui->scroll_text[i % UI_MAX_VIEWS] = 0;
    show_from_here(in, i);
    return UI_REDRAW;
}

/* Payments leads there, and Esc leads back. */
enum ui_request act_proposals(struct input *in) {
    uint32_t i;
    if (view_find("proposals", &i) && i != in->ui->view)
        show_from_here(in, i);
    return UI_REDRAW;
}

enum ui_request act_freeze(struct input *in) {
    in->ui->frozen = !in->ui->frozen;
    return UI_FREEZE;
}

enum ui_request act_step(struct input *in) {
    if (in->action == ACT_STEP_ON && !in->ui->frozen) {
        notice(in, false, "this is the present; {step-back} steps back in time", "");
        return UI_REDRAW;
    }
    return request(in, UI_STEP, in->action == ACT_STEP_ON ? "on" : "back");
}

enum ui_request go_time(struct input *in, const char *when) {
    return request(in, UI_TIME, when);
}

enum ui_request act_go_time(struct input *in) {
    if (view_now(in->ui)->page)
        return act_page(in);
    prompt_open(in, PROMPT_COMMAND, "time ");
    return UI_REDRAW;
}
