/* tests/golden/test_acts.c - an act asked for with keys: menu, line, plan, word. No key, and no
 * Enter alone, ever gets as far as the app's UI_RUN. */
#include "harness.h"

#include <stdio.h>
#include <string.h>

#include "ui/input.h"
#include "ui/view.h"

#include "golden/platform.h"

static const struct ui_act list[] = {
    {"backup", "Back up the database", "pg_dump", "pg-backup", "[--dir D]", false, false, NULL},
    {"restore", "Restore a backup", "into a database", "pg-backup", "--into DATABASE", true, false,
     NULL},
    {"reindex", "Rebuild the index", "from the database", "typesense", "", false, false, NULL},
    {"replay", "Replay callbacks", "to the API again", "payments", "", true, true, "payments"},
    {"settle-transfer", "Settle a transfer", "by its statement", "payments", "", true, false, NULL},
    {"jobs cancel", "Cancel a job", "ask it to stop", "jobs", "", true, false, NULL},
    {"jobs cancel", "Cancel this job", "ask it to stop", "job", "", true, false, NULL},
    {"reconcile", "Reconcile a day", "as a job", "reconciliation", "[DAY] [--csv FILE]", false,
     false, NULL},
    {"cancel-session", "Cancel a session", "its statement", "postgres", "", true, false,
     "sessions|blocking"},
    {"pgbouncer-control", "Control it", "RELOAD ...", "pgbouncer", "COMMAND", true, false, ""},
};
static struct snapshot *s;
static struct ui_state ui;
static struct keymap keymap;
static char argument[UI_INPUT_MAX];
static enum ui_request last;

static void begin_in(const char *state, const char *view) {
    s = make(state);
    ui_state_init(&ui);
    keymap_init(&keymap);
    ui.acts.list = list;
    ui.acts.n = ARRAY_LEN(list);
    ui.now_mono_ms = MONO_MS;
    CU_ASSERT_PTR_NOT_NULL(view_find(view, &ui.view));
}

static void begin(const char *view) {
    begin_in("ok", view);
}

static void end(void) {
    snapshot_unref(s);
}

static void key(struct key k) {
    last = ui_key(&ui, &keymap, k, s, 20, argument, sizeof argument);
}

static void special(uint32_t code) {
    key((struct key){.code = code});
}

static void type(const char *text) {
    for (; *text; text++)
        key((struct key){.code = (unsigned char)*text});
}

static void arm(void) {
    type(":arm 5m INC-231");
    special(KEYC_ENTER);
}

static void show_plan(int tier) {
    type("a");
    special(KEYC_ENTER);
    special(KEYC_ENTER);
    CU_ASSERT_EQUAL(last, UI_PLAN);
    CHECK_STR(argument, "backup ");
    acts_planned(&ui, "it will\n  - write one file\n", "dev 1", "0123456789abcdef", tier);
}

TEST(the_menu_lists_the_acts_of_its_screen_only) {
    begin("pg-backup");
    CHECK_STR(acts_of_view(&ui, "pg-backup", 1)->id, "restore");
    CU_ASSERT_PTR_NULL(acts_of_view(&ui, "pg-backup", 2));
    type("a");
    CU_ASSERT_EQUAL(ui.acts.step, ACTS_MENU);
    special(KEYC_DOWN);
    special(KEYC_DOWN);
    CU_ASSERT_EQUAL(ui.acts.at, 1);
    special(KEYC_ESC);
    CU_ASSERT_EQUAL(ui.acts.step, ACTS_NONE);
    end();
    begin("redis");
    type("a");
    CU_ASSERT_EQUAL(ui.acts.step, ACTS_NONE);
    CU_ASSERT_TRUE(ui.notice_bad);
    end();
}

TEST(an_entry_becomes_a_line_with_the_selected_row) {
    begin("pg-backup");
    type("a");
    special(KEYC_DOWN);
    special(KEYC_ENTER);
    CU_ASSERT_EQUAL(ui.prompt, PROMPT_ACT);
    CU_ASSERT_TRUE(str_starts(ui.input, "restore "));
    type("--into goodgo_restored");
    special(KEYC_ENTER);
    CU_ASSERT_EQUAL(last, UI_PLAN);
    CU_ASSERT_PTR_NOT_NULL(strstr(argument, "--into goodgo_restored"));
    end();
}

TEST(an_entry_takes_all_marked_rows_where_its_act_does) {
    begin_in("incident", "payments");
    special(KEYC_TAB);
    type("  a"); /* the first two */
    special(KEYC_ENTER);
    CU_ASSERT_EQUAL(ui.prompt, PROMPT_ACT);
    const char *comma = strchr(ui.input, ',');
    CU_ASSERT_PTR_NOT_NULL_FATAL(comma);
    CU_ASSERT_TRUE(str_starts(ui.input, "replay "));
    CU_ASSERT_PTR_NULL(strchr(comma + 1, ','));
    CU_ASSERT_FALSE(strncmp(ui.input + strlen("replay "), comma + 1, 8) == 0);
    special(KEYC_ESC);
    special(KEYC_ESC); /* takes the marks away */
    type("a");
    special(KEYC_ENTER);
    CU_ASSERT_PTR_NULL(strchr(ui.input, ','));
    end();
}

/* "replay" and so many ids of the class's payments, as it was planned. */
TEST(an_act_on_a_class_takes_those_of_its_payments_that_are_due) {
    begin_in("incident", "payments");
    type("a");
    special(KEYC_ENTER);
    CHECK_STR(ui.input, "replay pay01,pay02,pay03,pay04,pay05,pay06,pay07 ");
    special(KEYC_ESC);
    type("ja"); /* the class with a bad signature: nothing is due */
    special(KEYC_ENTER);
    CHECK_STR(ui.input, "replay ");
    end();
}

/* The name of a class is no payment's id: the plan was refused. */
TEST(an_act_on_marked_classes_takes_the_payments_of_all_of_them) {
    begin_in("incident", "payments");
    for (int marked = 1; marked <= 2; marked++) {
        type(" a"); /* marks one, and goes on to a class of which nothing is due */
        special(KEYC_ENTER);
        CHECK_STR(ui.input, "replay pay01,pay02,pay03,pay04,pay05,pay06,pay07 ");
        special(KEYC_ESC);
    }
    end();
}

static bool on_screen(const char *words) {
    struct cellbuf b;
    struct str out;
    cellbuf_init(&b);
    cellbuf_resize(&b, 80, 24);
    str_init(&out, 1 << 20);
    frame_draw(&b, s, &ui);
    cellbuf_to_text(&b, &out);
    bool found = strstr(str_get(&out), words) != NULL;
    str_done(&out);
    cellbuf_done(&b);
    return found;
}

/* A class is no payment: its id is typed. One of many marked rows is the one under the cursor. */
TEST(an_act_on_one_payment_takes_that_one) {
    begin_in("incident", "payments");
    type("aj");
    special(KEYC_ENTER);
    CHECK_STR(ui.input, "settle-transfer ");
    special(KEYC_ESC);
    special(KEYC_TAB);
    type("  aj"); /* marks two, and stands on the last */
    special(KEYC_ENTER);
    CHECK_STR(ui.input, "settle-transfer pay02 ");
    end();
}

#define RUNNING_JOB "20260411-103009-verify-3fa0"
TEST(a_job_is_cancelled_like_an_act_from_its_list_and_its_screen) {
    static const char *const views_of_jobs[] = {"jobs", "job"};
    for (size_t i = 0; i < ARRAY_LEN(views_of_jobs); i++) {
        begin(views_of_jobs[i]);
        arm();
        CU_ASSERT_TRUE(on_screen("a acts"));
        type("a");
        special(KEYC_ENTER);
        CHECK_STR(ui.input, "jobs cancel " RUNNING_JOB " ");
        special(KEYC_ENTER);
        CU_ASSERT_EQUAL(last, UI_PLAN);
        acts_planned(&ui, "it will\n", "dev 1", "0123456789abcdef", 1);
        special(KEYC_ENTER);
        CU_ASSERT_NOT_EQUAL(last, UI_RUN);
        type("y");
        special(KEYC_ENTER);
        CU_ASSERT_EQUAL(last, UI_RUN);
        CHECK_STR(argument, "jobs cancel " RUNNING_JOB " ");
        end();
    }
}

TEST(a_job_that_has_ended_offers_no_cancel) {
    begin("jobs");
    arm();
    type("j"); /* to one that is done */
    CU_ASSERT_FALSE(on_screen("a acts"));
    type("a");
    CU_ASSERT_EQUAL(ui.acts.step, ACTS_NONE);
    CU_ASSERT_TRUE(on_screen("this job has ended: there is nothing to cancel"));
    special(KEYC_ENTER); /* its own screen */
    CHECK_STR(views[ui.view]->id, "job");
    type("a");
    CU_ASSERT_EQUAL(ui.acts.step, ACTS_NONE);
    CU_ASSERT_TRUE(on_screen("this job has ended: there is nothing to cancel"));
    end();
    begin_in("empty", "jobs");
    arm();
    type("a");
    CU_ASSERT_TRUE(on_screen("no job is here that could be cancelled"));
    end();
}

static void check_operand(const char *view, uint32_t pane, const char *line) {
    begin_in("incident", view);
    ui.pane = pane;
    type("a");
    special(KEYC_ENTER);
    CHECK_STR(ui.input, line);
    end();
}

/* The name of a table is no session, and that of a pool is no command. */
TEST(an_act_takes_rows_of_its_own_tables_only) {
    check_operand("postgres", 0, "cancel-session 8000 ");
    check_operand("postgres", 1, "cancel-session 8000 ");
    check_operand("postgres", 2, "cancel-session ");
    check_operand("pgbouncer", 0, "pgbouncer-control ");
}

static void session_of_state(const char *state, const char *line) {
    static const struct column columns[] = {{"pid", "PID", UNIT_NONE, 7, 0},
                                            {"state", "STATE", UNIT_NONE, 0, 0}};
    begin("postgres");
    struct reading *r = &s->sections[SERVICE_postgres]->reading;
    struct table *t = reading_add_table(r, "blocking", "Locks", columns, ARRAY_LEN(columns));
    struct row *row = table_add_row(r, t, "8123", HEALTH_CRITICAL);
    row_text(r, row, 0, "8123");
    row_text(r, row, 1, state);
    ui.pane = 1;
    type("a");
    special(KEYC_ENTER);
    CHECK_STR(ui.input, line);
    end();
}

/* Of the root of a blocking tree, which mostly runs nothing, the cancel was offered and refused. */
TEST(an_idle_session_is_offered_to_be_ended_and_not_cancelled) {
    session_of_state("idle in transaction", "cancel-session 8123 --terminate ");
    session_of_state("idle in transaction (aborted)", "cancel-session 8123 --terminate ");
    session_of_state("active", "cancel-session 8123 ");
    session_of_state("not visible", "cancel-session 8123 ");
}

/* In the tables of one dump too. */
TEST(an_act_on_a_backup_takes_the_dump_that_is_shown) {
    begin("pg-backup");
    type("aj");
    special(KEYC_ENTER);
    char line[200];
    str_copy(line, sizeof line, ui.input);
    CU_ASSERT_TRUE(strlen(line) > strlen("restore goodgo_"));
    special(KEYC_ESC);
    special(KEYC_TAB);
    type("aj");
    special(KEYC_ENTER);
    CHECK_STR(ui.input, line);
    end();
}

TEST(the_screen_of_a_running_job_names_the_key) {
    begin("job");
    CU_ASSERT_TRUE(on_screen("to stop   a here, or goodgo jobs cancel " RUNNING_JOB));
    ui.acts.n = 0; /* a console without acts, as `goodgo render` is */
    CU_ASSERT_TRUE(on_screen("to stop   goodgo jobs cancel " RUNNING_JOB));
    CU_ASSERT_FALSE(on_screen("a acts"));
    end();
}

/* An act's two words are one, and the screen of the first word stays a screen. */
TEST(a_line_of_two_words_is_an_act_or_a_screen) {
    begin("overview");
    type(":jobs");
    special(KEYC_ENTER);
    CHECK_STR(views[ui.view]->id, "jobs");
    type(":jobs cancel x");
    special(KEYC_ENTER);
    CU_ASSERT_EQUAL(last, UI_PLAN);
    CHECK_STR(argument, "jobs cancel x");
    CU_ASSERT_EQUAL(ui.n_history, 1); /* the screen's */
    end();
}

/* Whatever the window: `y` runs what only reads, and nothing else. */
/* "pg_dump with a manifest, read back i..." was what 80 columns left of it. */
TEST(the_menu_says_in_full_what_the_selected_act_does) {
    static const struct ui_act acts[] = {
        {"verify", "Prove that a backup restores",
         "restore drill of FILE or the latest; exit 0 pass, 1 failed, 2 set-up", "pg-backup", "",
         false, false, NULL},
        {"fetch-backup", "Fetch a backup from the store", "bring a copy back", "pg-backup", "",
         false, false, NULL},
    };
    begin("pg-backup");
    ui.acts.list = acts;
    ui.acts.n = ARRAY_LEN(acts);
    type("a");
    CU_ASSERT_TRUE(
        on_screen("restore drill of FILE or the latest; exit 0 pass, 1 failed, 2 set-up"));
    CU_ASSERT_FALSE(on_screen("bring a copy back"));
    type("j");
    CU_ASSERT_TRUE(on_screen("bring a copy back"));
    end();
}

TEST(a_plan_says_in_words_how_far_it_goes) {
    static const char *const words[] = {"PLAN: only reads", "PLAN: harmless",
                                        "PLAN: changes the platform",
                                        "PLAN: destroys, or moves money"};
    for (int tier = 0; tier < (int)ARRAY_LEN(words); tier++) {
        begin("pg-backup");
        show_plan(tier);
        CU_ASSERT_TRUE(on_screen(words[tier]));
        end();
    }
}

TEST(what_only_reads_runs_without_a_window) {
    for (int locked = 0; locked < 2; locked++) {
        begin("pg-backup");
        ui.acts.locked = locked != 0;
        show_plan(0);
        special(KEYC_ENTER);
        CU_ASSERT_EQUAL(last, UI_REDRAW);
        type("y");
        special(KEYC_ENTER);
        CU_ASSERT_EQUAL(last, UI_RUN);
        end();
        begin("pg-backup");
        ui.acts.locked = locked != 0;
        show_plan(1);
        type("y");
        special(KEYC_ENTER);
        CU_ASSERT_EQUAL(last, UI_REDRAW);
        CU_ASSERT_TRUE(ui.notice_bad);
        end();
    }
}

TEST(an_act_whose_operand_is_typed_takes_no_row) {
    begin_in("incident", "reconciliation");
    type("a");
    special(KEYC_ENTER);
    CHECK_STR(ui.input, "reconcile ");
    end();
}

TEST(what_may_follow_stands_there_while_the_line_is_typed) {
    begin("reconciliation");
    type("a");
    CU_ASSERT_FALSE(on_screen("[DAY] [--csv FILE]"));
    special(KEYC_ENTER);
    CU_ASSERT_TRUE(on_screen("[DAY] [--csv FILE]"));
    special(KEYC_ESC);
    CU_ASSERT_FALSE(on_screen("[DAY] [--csv FILE]"));
    end();
}

TEST(a_long_line_is_run_as_it_was_planned) {
    static char line[600];
    begin("payments");
    arm();
    memset(line, 'x', sizeof line - 1);
    memcpy(line, "replay ", 7);
    type(":");
    type(line);
    special(KEYC_ENTER);
    CU_ASSERT_EQUAL(last, UI_PLAN);
    CHECK_STR(argument, line);
    acts_planned(&ui, "it will\n", "dev 1", "0123456789abcdef", 2);
    type("dev 1");
    special(KEYC_ENTER);
    CU_ASSERT_EQUAL(last, UI_RUN);
    CHECK_STR(argument, line);
    end();
}

TEST(the_typed_word_runs_it_while_armed) {
    begin("pg-backup");
    arm();
    CU_ASSERT_EQUAL(last, UI_ARM);
    CHECK_STR(argument, "INC-231");
    show_plan(2);
    type("dev 1");
    special(KEYC_ENTER);
    CU_ASSERT_EQUAL(last, UI_RUN);
    CHECK_STR(argument, "backup ");
    CU_ASSERT_EQUAL(ui.acts.step, ACTS_NONE);
    CU_ASSERT_EQUAL(ui.prompt, PROMPT_NONE);
    end();
}

TEST(enter_alone_a_wrong_word_and_y_do_nothing) {
    static const char *const wrong[] = {"", "y", "dev", "dev 2", "prod 1", "DEV 1", "dev 1 "};
    begin("pg-backup");
    arm();
    show_plan(2);
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        type(wrong[i]);
        special(KEYC_ENTER);
        CU_ASSERT_NOT_EQUAL(last, UI_RUN);
        CU_ASSERT_EQUAL(ui.acts.step, ACTS_PLAN);
    }
    end();
}

static bool drawn_on(int w, int h, const char *words) {
    struct cellbuf b;
    struct str text;
    cellbuf_init(&b);
    cellbuf_resize(&b, w, h);
    frame_draw(&b, s, &ui);
    str_init(&text, 1 << 20);
    cellbuf_to_text(&b, &text);
    bool has = strstr(str_get(&text), words) != NULL;
    str_done(&text);
    cellbuf_done(&b);
    return has;
}

static bool drawn_has(int w, const char *words) {
    return drawn_on(w, 24, words);
}

/* Who waits for a plan sees for how long, and which keys there are. */
TEST(a_plan_that_takes_long_says_so_and_can_be_left) {
    begin("typesense");
    type("a");
    CU_ASSERT_TRUE(drawn_has(80, "k j choose  Esc leave  Enter goes on to its plan"));
    special(KEYC_ENTER);
    special(KEYC_ENTER);
    CU_ASSERT_EQUAL(ui.acts.step, ACTS_ASKED);
    CU_ASSERT_TRUE(drawn_has(80, "its plan is being made  Esc leave"));
    CU_ASSERT_FALSE(drawn_has(80, "s so far"));
    ui.now_mono_ms += 12000;
    CU_ASSERT_TRUE(drawn_has(60, "12s so far: somebody it asks is slow; Esc leaves"));
    type("jx");
    CU_ASSERT_EQUAL(ui.acts.step, ACTS_ASKED);
    special(KEYC_ESC);
    CU_ASSERT_EQUAL(last, UI_LEAVE_PLAN);
    CU_ASSERT_EQUAL(ui.acts.step, ACTS_NONE);
    CU_ASSERT_TRUE(drawn_has(80, "a acts"));
    end();
}

/* The prompt has the row where it would stand otherwise. */
TEST(a_wrong_word_is_answered_on_the_screen) {
    begin("pg-backup");
    arm();
    show_plan(2);
    type("dev 2");
    special(KEYC_ENTER);
    CU_ASSERT_TRUE(drawn_has(80, "that is not the word; nothing was done. Type dev 1"));
    end();
}

TEST(a_long_refusal_takes_two_rows) {
    begin("pg-backup");
    type("a");
    special(KEYC_ENTER);
    special(KEYC_ENTER);
    acts_refused(&ui, "backup.dir /srv/backups: there is room for 1.2 GB and the dump will have "
                      "some 6 GB. Try: free space or another --dir");
    CU_ASSERT_TRUE(drawn_has(80, "backup.dir /srv/backups: there is room"));
    CU_ASSERT_TRUE(drawn_has(80, "Try: free space or another --dir"));
    end();
}

TEST(a_screen_without_acts_names_those_that_have_some) {
    begin("redis");
    type("a");
    CU_ASSERT_TRUE(drawn_has(80, "no acts here; they are on postgres, pgbouncer, typesense"));
    end();
}

TEST(a_row_that_opens_a_screen_with_acts_has_those) {
    begin("overview");
    uint32_t overview = ui.view;
    str_copy(ui.tables[overview][0].selected, UI_KEY_MAX, "redis");
    type("a");
    CU_ASSERT_EQUAL(ui.view, overview);
    str_copy(ui.tables[overview][0].selected, UI_KEY_MAX, "pg-backup");
    type("a");
    CHECK_STR(views[ui.view]->id, "pg-backup");
    CU_ASSERT_EQUAL(ui.acts.step, ACTS_MENU);
    special(KEYC_ESC);
    special(KEYC_ESC);
    CU_ASSERT_EQUAL(ui.view, overview);
    end();
}

TEST(asking_for_acts_opens_no_fold) {
    begin_in("incident", "overview");
    CU_ASSERT_TRUE(on_screen("fold under"));
    for (int i = 0; i < 14; i++) {
        type("a");
        special(KEYC_ESC);
        CU_ASSERT_EQUAL(ui.unfolded, 0);
        ui.view = 0;
        type("j");
    }
    end();
}

TEST(y_is_enough_for_what_is_harmless) {
    begin("pg-backup");
    arm();
    show_plan(1);
    type("y");
    special(KEYC_ENTER);
    CU_ASSERT_EQUAL(last, UI_RUN);
    end();
}

TEST(without_a_window_the_plan_is_shown_and_not_run) {
    begin("pg-backup");
    show_plan(1);
    type("dev 1");
    special(KEYC_ENTER);
    CU_ASSERT_EQUAL(last, UI_REDRAW);
    CU_ASSERT_PTR_NOT_NULL(strstr(ui.notice, "read-only"));
    end();
}

TEST(the_window_closes_by_itself) {
    begin("pg-backup");
    arm();
    show_plan(1);
    ui.now_mono_ms += 5 * 60 * 1000;
    type("y");
    special(KEYC_ENTER);
    CU_ASSERT_NOT_EQUAL(last, UI_RUN);
    end();
}

TEST(arming_wants_a_time_and_a_reason) {
    static const char *const bad[] = {
        ":arm",      ":arm 5m",    ":arm INC-231",        ":arm 2h INC",
        ":arm 0m x", ":arm -5m x", ":arm 99999999999m x", ":arm 5x reason"};
    begin("overview");
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        type(bad[i]);
        special(KEYC_ENTER);
        CU_ASSERT_FALSE(acts_armed(&ui, MONO_MS));
    }
    arm();
    CU_ASSERT_TRUE(acts_armed(&ui, MONO_MS));
    type(":disarm");
    special(KEYC_ENTER);
    CU_ASSERT_FALSE(acts_armed(&ui, MONO_MS));
    ui.acts.locked = true;
    arm();
    CU_ASSERT_FALSE(acts_armed(&ui, MONO_MS));
    end();
}

TEST(a_plan_nobody_waits_for_is_dropped) {
    begin("pg-backup");
    type("a");
    special(KEYC_ENTER);
    special(KEYC_ENTER);
    special(KEYC_ESC);
    acts_planned(&ui, "late", "dev 1", "0", 1);
    CU_ASSERT_EQUAL(ui.acts.step, ACTS_NONE);
    CU_ASSERT_EQUAL(ui.prompt, PROMPT_NONE);
    end();
}

/* Each line of it comes to be seen, on a low screen too. */
static void check_pages(int w, int h) {
    char line[40];
    int seen = 0;
    for (int page = 0; page < 60 && seen < 60; page++) {
        for (; seen < 60; seen++) {
            snprintf(line, sizeof line, "- line %d of", seen);
            if (!drawn_on(w, h, line))
                break;
        }
        special(KEYC_PGDN);
    }
    CU_ASSERT_EQUAL(seen, 60);
    for (int page = 0; page < 60; page++)
        special(KEYC_PGUP);
    CU_ASSERT_TRUE(drawn_on(w, h, "- line 0 of"));
}

TEST(a_long_plan_is_paged) {
    static char plan[8000];
    size_t n = 0;
    begin("pg-backup");
    show_plan(2);
    for (int i = 0; i < 60; i++)
        n +=
            (size_t)snprintf(plan + n, sizeof plan - n,
                             "  - line %d of many, and so long that a narrow screen wraps it\n", i);
    ui.acts.step = ACTS_ASKED;
    acts_planned(&ui, plan, "dev 1", "0123456789abcdef", 2);
    CU_ASSERT_TRUE(on_screen("more lines: Down, PgDn"));
    check_pages(80, 24);
    check_pages(60, 16);
    check_pages(40, 10);
    end();
}

TEST(leaving_the_plan_leaves_the_act) {
    begin("pg-backup");
    show_plan(3);
    type("de");
    special(KEYC_ESC);
    CU_ASSERT_EQUAL(ui.acts.step, ACTS_NONE);
    CU_ASSERT_EQUAL(ui.prompt, PROMPT_NONE);
    end();
}

TEST(acts_are_never_in_the_history) {
    begin("overview");
    type(":reindex");
    special(KEYC_ENTER);
    CU_ASSERT_EQUAL(last, UI_PLAN);
    CU_ASSERT_EQUAL(ui.n_history, 0);
    end();
}

/* Keys that kill or restart elsewhere, all of them, in every step. */
TEST(no_other_key_runs_anything) {
    begin("pg-backup");
    arm();
    for (int step = 0; step < 3; step++) {
        if (step == 1)
            type("a");
        for (uint32_t code = 1; code < 127; code++) {
            for (int ctrl = 0; ctrl < 2; ctrl++) {
                key((struct key){.code = code, .ctrl = ctrl});
                CU_ASSERT_NOT_EQUAL(last, UI_RUN);
                special(KEYC_ESC);
                special(KEYC_ESC);
                if (step == 1)
                    type("a");
            }
        }
    }
    end();
}

/* A long plan leaves no line for the way to a window, and one cannot be had under --read-only. */
TEST(a_plan_says_whether_its_word_runs_it) {
    begin("pg-backup");
    show_plan(2);
    CU_ASSERT_TRUE(on_screen("leave with Esc, :arm 5m REASON"));
    CU_ASSERT_TRUE(on_screen("type dev 1 and Enter to run, once armed"));
    str_copy(ui.acts.plan, sizeof ui.acts.plan,
             "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n13\n14\n15\n16\n17\n18\n19\n20\n");
    CU_ASSERT_TRUE(on_screen("more line"));
    CU_ASSERT_TRUE(on_screen("type dev 1 and Enter to run, once armed"));
    str_copy(ui.acts.plan, sizeof ui.acts.plan, "it will\n");
    ui.acts.locked = true;
    CU_ASSERT_TRUE(on_screen("started with --read-only"));
    CU_ASSERT_FALSE(on_screen(":arm"));
    ui.acts.locked = false;
    special(KEYC_ESC);
    arm();
    show_plan(2);
    CU_ASSERT_TRUE(on_screen("type dev 1 and Enter to run; Enter alone does nothing"));
    end();
}

TEST(menu_and_plan_are_drawn_at_every_size) {
    static const struct {
        int w, h;
    } all[] = {{120, 40}, {80, 24}, {60, 16}, {40, 10}, {20, 5}, {1, 1}};
    struct cellbuf b;
    struct str out;
    begin("pg-backup");
    cellbuf_init(&b);
    for (size_t i = 0; i < ARRAY_LEN(all); i++) {
        cellbuf_resize(&b, all[i].w, all[i].h);
        type("a");
        frame_draw(&b, s, &ui);
        special(KEYC_ESC);
        show_plan(3);
        frame_draw(&b, s, &ui);
        str_init(&out, 1 << 20);
        cellbuf_to_text(&b, &out);
        if (all[i].w >= 80)
            CU_ASSERT_PTR_NOT_NULL(strstr(str_get(&out), "type dev 1 and Enter to run"));
        str_done(&out);
        special(KEYC_ESC);
    }
    cellbuf_done(&b);
    end();
}

SUITE(acts, T(the_menu_lists_the_acts_of_its_screen_only),
      T(an_entry_becomes_a_line_with_the_selected_row),
      T(an_entry_takes_all_marked_rows_where_its_act_does),
      T(a_plan_that_takes_long_says_so_and_can_be_left),
      T(an_act_on_a_class_takes_those_of_its_payments_that_are_due),
      T(an_act_on_marked_classes_takes_the_payments_of_all_of_them),
      T(an_act_on_one_payment_takes_that_one), T(a_plan_says_whether_its_word_runs_it),
      T(a_job_is_cancelled_like_an_act_from_its_list_and_its_screen),
      T(a_job_that_has_ended_offers_no_cancel), T(the_screen_of_a_running_job_names_the_key),
      T(an_act_takes_rows_of_its_own_tables_only),
      T(an_idle_session_is_offered_to_be_ended_and_not_cancelled),
      T(an_act_on_a_backup_takes_the_dump_that_is_shown),
      T(a_line_of_two_words_is_an_act_or_a_screen), T(what_only_reads_runs_without_a_window),
      T(a_plan_says_in_words_how_far_it_goes), T(the_menu_says_in_full_what_the_selected_act_does),
      T(what_may_follow_stands_there_while_the_line_is_typed),
      T(an_act_whose_operand_is_typed_takes_no_row), T(a_long_line_is_run_as_it_was_planned),
      T(the_typed_word_runs_it_while_armed), T(enter_alone_a_wrong_word_and_y_do_nothing),
      T(a_wrong_word_is_answered_on_the_screen), T(a_long_refusal_takes_two_rows),
      T(a_screen_without_acts_names_those_that_have_some),
      T(a_row_that_opens_a_screen_with_acts_has_those), T(asking_for_acts_opens_no_fold),
      T(y_is_enough_for_what_is_harmless), T(without_a_window_the_plan_is_shown_and_not_run),
      T(the_window_closes_by_itself), T(arming_wants_a_time_and_a_reason),
      T(a_plan_nobody_waits_for_is_dropped), T(a_long_plan_is_paged),
      T(leaving_the_plan_leaves_the_act), T(acts_are_never_in_the_history),
      T(no_other_key_runs_anything), T(menu_and_plan_are_drawn_at_every_size))
