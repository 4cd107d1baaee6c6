/* ui/acts.c - the keys of an act: menu, command line, plan, word; and the window in which acts are
 * allowed. */
#include "ui/acts.h"

#include <stdio.h>
#include <string.h>

#include "acts_priv.h"
#include "base/text.h"

#define ARM_MAX_S 3600
#define NOTICE_MS 20000 /* a reason is read by who may have looked away while it was asked for */

bool acts_armed(const struct ui_state *ui, int64_t now_mono_ms) {
    return !ui->acts.locked && now_mono_ms < ui->acts.armed_until_mono_ms;
}

const struct ui_act *acts_of_view(const struct ui_state *ui, const char *view, uint32_t i) {
    for (uint32_t k = 0; k < ui->acts.n; k++)
        if (ui->acts.list[k].view && strcmp(ui->acts.list[k].view, view) == 0 && i-- == 0)
            return &ui->acts.list[k];
    return NULL;
}

/* An id may be of two words, as the name of a sub-command is. */
const struct ui_act *acts_of_line(const struct ui_state *ui, const char *line) {
    for (uint32_t i = 0; i < ui->acts.n; i++) {
        size_t n = strlen(ui->acts.list[i].id);
        if (strncmp(ui->acts.list[i].id, line, n) == 0 && (!line[n] || line[n] == ' '))
            return &ui->acts.list[i];
    }
    return NULL;
}

bool acts_knows(const struct ui_state *ui, const char *line) {
    return acts_of_line(ui, line) != NULL;
}

/* ---- the window ---- */

/* "5m", "90s", "1h"; 0 when it is none of those. */
static int64_t seconds_of(const char *word, size_t n) {
    char digits[8];
    int64_t count;
    if (n < 2 || n > sizeof digits)
        return 0;
    memcpy(digits, word, n - 1);
    digits[n - 1] = 0;
    int64_t each = word[n - 1] == 's' ? 1 : word[n - 1] == 'm' ? 60 : word[n - 1] == 'h' ? 3600 : 0;
    return each && str_to_i64(digits, 1, 100000, &count) ? count * each : 0;
}

enum ui_request acts_arm(struct input *in, const char *rest) {
    struct acts_state *a = &in->ui->acts;
    size_t n = strcspn(rest, " ");
    int64_t s = seconds_of(rest, n);
    const char *reason = rest + n + strspn(rest + n, " ");
    if (a->locked) {
        notice(in, true, "this console was started with --read-only and cannot be armed", "");
        return UI_REDRAW;
    }
    if (!s || s > ARM_MAX_S || !*reason) {
        notice(in, true, "arm takes a time up to 1h and a reason: ", "arm 5m INC-231 pool is full");
        return UI_REDRAW;
    }
    a->armed_until_mono_ms = in->now_mono_ms + s * 1000;
    text_clean_into(a->reason, sizeof a->reason, reason, strlen(reason));
    notice(in, false, "armed: ", a->reason);
    return request(in, UI_ARM, a->reason);
}

enum ui_request acts_disarm(struct input *in) {
    in->ui->acts.armed_until_mono_ms = 0;
    notice(in, false, "read-only again", "");
    return UI_REDRAW;
}

bool acts_apply(struct ui_state *ui, const struct view *v, const struct snapshot *s) {
    return acts_of_view(ui, v->id, 0) && !(v->no_acts && v->no_acts(s, ui));
}

/* ---- menu and line ---- */

/* "pg-backup, typesense, ...": where there are some. */
static void screens_with_acts(const struct ui_state *ui, struct str *out) {
    for (uint32_t v = 0; v < n_views; v++)
        if (acts_of_view(ui, views[v]->id, 0))
            str_printf(out, "%s%s", out->len ? ", " : "", views[v]->id);
}

enum ui_request act_acts(struct input *in) {
    struct ui_state *ui = in->ui;
    if (!acts_of_view(ui, view_now(ui)->id, 0) && !view_open_acts(in)) {
        struct str names;
        str_init(&names, 200);
        screens_with_acts(ui, &names);
        notice(in, true, "no acts here; they are on ",
               names.len ? str_get(&names) : "none of the screens");
        str_done(&names);
        return UI_REDRAW;
    }
    const struct view *v = view_now(ui);
    if (!acts_apply(ui, v, in->s)) {
        notice(in, true, v->no_acts(in->s, ui), "");
        return UI_REDRAW;
    }
    ui->acts.step = ACTS_MENU;
    ui->acts.at = 0;
    return UI_REDRAW;
}

/* Is it done to rows of that table? */
static bool is_of_table(const struct ui_act *act, const struct table *t) {
    for (const char *p = act->rows; t && p && *p; p += *p == '|') {
        size_t n = strcspn(p, "|");
        if (strlen(t->name) == n && strncmp(t->name, p, n) == 0)
            return true;
        p += n;
    }
    return !act->rows;
}

/* What the screen offers where no row that the act takes is marked; false where it offers nothing
 * of its own. */
static bool add_offered(struct input *in, const struct ui_act *act, const struct focus *f,
                        char *line, size_t size) {
    const struct view *v = view_now(in->ui);
    size_t n = strlen(line);
    struct str out;
    if (!v->operands || (act->takes_marked && f->ts->marks && is_of_table(act, f->t)))
        return false;
    str_init(&out, size - n - 2);
    v->operands(in->s, in->ui, act->takes_marked, &out);
    if (out.len)
        snprintf(line + n, size - n, " %s", str_get(&out));
    str_done(&out);
    return true;
}

/* The rows an act is meant for; false where their keys do not fit into one line. */
static bool add_rows(const struct ui_act *act, const struct focus *f, char *line, size_t size) {
    size_t n = strlen(line);
    if (!is_of_table(act, f->t))
        return true;
    bool marked = act->takes_marked && f->ts->marks, any = false;
    for (uint32_t i = marked ? 0 : f->at; i < (marked ? f->n : f->at + 1) && i < f->n; i++) {
        const char *key = f->t->rows[f->rows[i]].key.s;
        if (marked && !marks_have(f->ts->marks, key))
            continue;
        int more = snprintf(line + n, size - n, "%s%s", any ? "," : " ", key);
        if (more < 0 || n + (size_t)more + 2 > size)
            return false;
        n += (size_t)more;
        any = true;
    }
    return true;
}

/* "restore goodgo_20261125_020000.sql.gz --into ": what is missing is typed. */
static void menu_take(struct input *in) {
    struct ui_state *ui = in->ui;
    const struct ui_act *act = acts_of_view(ui, view_now(ui)->id, ui->acts.at);
    char line[UI_INPUT_MAX];
    struct focus f;
    ui->acts.step = ACTS_NONE;
    if (!act)
        return;
    focus_open(&f, ui, in->s);
    str_copy(line, sizeof line - 1, act->id);
    bool fits = !act->takes_row || add_offered(in, act, &f, line, sizeof line - 1) ||
                add_rows(act, &f, line, sizeof line - 1);
    focus_close(&f);
    if (!fits) {
        notice(in, true, "too many rows are marked for one act: {back} takes the marks away", "");
        return;
    }
    size_t n = strlen(line);
    str_copy(line + n, sizeof line - n, " ");
    prompt_open(in, PROMPT_ACT, line);
}

static enum ui_request menu_key(struct input *in) {
    struct ui_state *ui = in->ui;
    const char *view = view_now(ui)->id;
    switch (in->action) {
    case ACT_DOWN:
        ui->acts.at += acts_of_view(ui, view, ui->acts.at + 1) != NULL;
        break;
    case ACT_UP:
        ui->acts.at -= ui->acts.at > 0;
        break;
    case ACT_OPEN:
        menu_take(in);
        break;
    case ACT_BACK:
    case ACT_CANCEL:
    case ACT_ACTS:
        ui->acts.step = ACTS_NONE;
        break;
    default:
        return covered(in);
    }
    return UI_REDRAW;
}

enum ui_request acts_line(struct input *in, const char *line) {
    struct ui_state *ui = in->ui;
    if (!acts_knows(ui, line)) {
        notice(in, true, "no act is called that; {acts} lists those of a screen", "");
        return UI_REDRAW;
    }
    str_copy(ui->acts.line, sizeof ui->acts.line, line);
    ui->acts.step = ACTS_ASKED;
    ui->acts.asked_mono_ms = in->now_mono_ms;
    ui->acts.scroll = 0;
    return request(in, UI_PLAN, line);
}

/* ---- plan and word ---- */

void acts_planned(struct ui_state *ui, const char *plan, const char *word, const char *id,
                  int tier) {
    struct acts_state *a = &ui->acts;
    if (a->step != ACTS_ASKED)
        return;
    str_copy(a->plan, sizeof a->plan, plan);
    str_copy(a->word, sizeof a->word, word);
    str_copy(a->id, sizeof a->id, id);
    a->tier = tier;
    a->step = ACTS_PLAN;
    ui->prompt = PROMPT_CONFIRM;
    ui->input[0] = 0;
    ui->cursor = 0;
}

void acts_refused(struct ui_state *ui, const char *why) {
    ui->acts.step = ACTS_NONE;
    if (ui->prompt == PROMPT_CONFIRM)
        ui->prompt = PROMPT_NONE;
    text_clean_into(ui->notice, sizeof ui->notice, why, strlen(why));
    ui->notice_bad = true;
    ui->notice_until_mono_ms = ui->now_mono_ms + NOTICE_MS;
}

/* Enter alone never runs. */
enum ui_request acts_confirm(struct input *in) {
    struct ui_state *ui = in->ui;
    struct acts_state *a = &ui->acts;
    bool fits = strcmp(ui->input, a->word) == 0 || (a->tier <= 1 && strcmp(ui->input, "y") == 0);
    if (!*ui->input)
        return UI_REDRAW;
    if (!fits) {
        notice(in, true, "that is not the word; nothing was done. Type ",
               a->tier <= 1 ? "y" : a->word);
        line_set(ui, 0, "");
        return UI_REDRAW;
    }
    if (a->tier > 0 && !acts_armed(ui, in->now_mono_ms)) {
        notice(in, true, "read-only: ",
               a->locked ? "started with --read-only"
                         : ":arm 5m REASON opens a window, then again");
        line_set(ui, 0, "");
        return UI_REDRAW;
    }
    a->step = ACTS_NONE;
    ui->prompt = PROMPT_NONE;
    return request(in, UI_RUN, a->line);
}

static uint32_t line_count(const char *s) {
    uint32_t n = 0;
    for (; *s; s++)
        n += *s == '\n';
    return n;
}

void acts_scroll(struct ui_state *ui, int step) {
    if (step < 0 && ui->acts.scroll)
        ui->acts.scroll--;
    else if (step > 0 && ui->acts.scroll + 1 < line_count(ui->acts.plan))
        ui->acts.scroll++;
}

/* The last line that was shown may have been cut: it comes again, so that none is passed over. */
void acts_page(struct ui_state *ui, int step) {
    for (uint32_t i = 1; i < ui->acts.page || i == 1; i++)
        acts_scroll(ui, step);
}

void acts_leave(struct ui_state *ui) {
    ui->acts.step = ACTS_NONE;
}

enum ui_request acts_key(struct input *in) {
    if (in->ui->acts.step == ACTS_MENU)
        return menu_key(in);
    if (in->action == ACT_BACK || in->action == ACT_CANCEL) { /* no longer waits for the plan */
        acts_leave(in->ui);
        notice(in, false, "left before its plan was made; nothing was done", "");
        return UI_LEAVE_PLAN;
    }
    return covered(in);
}
