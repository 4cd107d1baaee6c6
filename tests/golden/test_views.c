/* tests/golden/test_views.c - claims about screens that a picture does not prove: what folds and
 * opens, what a filter flattens, which words a state gets, and that the views name only what the
 * probes say. */
#include "harness.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "screen.h"
#include "views/panels_priv.h"

#ifndef TEST_DIR
#define TEST_DIR "tests"
#endif

static void has_not(const char *words) {
    if (strstr(screen(), words))
        printf("\n    '%s' is on this screen:\n%s", words, str_get(&out));
    CU_ASSERT_PTR_NULL(strstr(str_get(&out), words));
}

/* --- Overview --- */

static const char *line_with(const char *words) {
    static char line[1024];
    const char *text = screen(), *at = strstr(text, words), *from = at;
    if (!at)
        return "";
    while (from > text && from[-1] != '\n')
        from--;
    str_copy(line, strcspn(from, "\n") + 1 < sizeof line ? strcspn(from, "\n") + 1 : sizeof line,
             from);
    return line;
}

TEST(symptoms_fold_under_their_cause_and_open_with_enter) {
    begin("incident", "overview", 80, 24);
    has("api, pgbouncer fold under postgres (2)");
    has_not("!CR api");
    has(" CR \xe2\x94\x94\xe2\x96\xb8 api"); /* what is folded away still shows how bad it is */
    end();
}

TEST(a_standby_shows_how_far_it_is_behind_and_a_primary_nothing_of_it) {
    begin("ok", "postgres", 80, 24);
    has_not("behind ");
    has_not("WAL kept");
    struct reading *r = &snapshot->sections[SERVICE_postgres]->reading;
    reading_real(r, "standby_lag_s", UNIT_SECONDS, 4);
    reading_int(r, "receives_wal", UNIT_BOOL, 0);
    has("receives  no ");
    has("behind    4s");
    reading_int(r, "wal_kept_bytes", UNIT_BYTES, 48 << 20);
    has("WAL kept  48.0 MB");
    end();
}

TEST(a_table_that_is_asked_less_often_has_an_age_of_its_own) {
    begin("ok", "typesense", 120, 40);
    has_not(" ago ");
    const struct section *sec = snapshot->sections[SERVICE_typesense];
    for (uint32_t i = 0; i < sec->reading.n_tables; i++)
        if (strcmp(sec->reading.tables[i]->name, "collections") == 0)
            sec->reading.tables[i]->behind_ms = 42000;
    has("Collections 4 40s ago ");
    press("Tab"); /* with the brackets of the focus */
    has("[Collections 4] 40s ago ");
    end();
}

TEST(the_lines_of_a_silent_source_are_not_known) {
    begin("ok", "overview", 80, 24);
    struct section *prometheus = snapshot->sections[SERVICE_prometheus];
    has("firing, ");
    prometheus->taken_mono_ms = snapshot->now_mono_ms - 25000;
    prometheus->failed = true;
    CU_ASSERT_PTR_NOT_NULL(strstr(line_with("TRAFFIC "), "25s ago"));
    CU_ASSERT_PTR_NOT_NULL(strstr(line_with("ALERTS "), "25s ago"));
    prometheus->taken_mono_ms = snapshot->now_mono_ms - 300000;
    has("TRAFFIC ?? not known: last read 5m ago");
    has("ALERTS  ?? not known: last read 5m ago");
    has_not("firing, ");
    end();
}

/* Where it were missing, nothing would seem to be stuck, to fire or to be unproven. */
TEST(the_lines_of_a_source_that_never_answered_are_there) {
    begin("ok", "overview", 80, 30);
    struct section *payments = section_new(SERVICE_COUNT);
    section_fail(payments, E_TIMEOUT, "no answer in 3000 ms");
    snapshot = with_own(snapshot, OWN_PAYMENTS, payments);
    for (int i = 0; i < 2; i++) {
        enum service service = i ? SERVICE_pg_backup : SERVICE_prometheus;
        struct section *silent = section_new(service);
        section_fail(silent, E_TIMEOUT, "no answer in 3000 ms");
        struct snapshot *next = snapshot_with(snapshot, silent);
        snapshot_unref(snapshot);
        snapshot = next;
    }
    has("TRAFFIC ?? not known: no answer yet");
    has("ALERTS  ?? not known: no answer yet");
    has("MONEY   ?? not known: no answer yet");
    has("2?Alerts");
    end();
}

TEST(an_empty_table_of_a_silent_source_claims_nothing) {
    begin("ok", "redis", 120, 40);
    has("Slow log 0  no slow command");
    struct section *redis = snapshot->sections[SERVICE_redis];
    redis->taken_mono_ms = snapshot->now_mono_ms - 300000;
    has_not("no slow command");
    has("Slow log 0  not known: its last answer is too old");
    end();
}

TEST(esc_on_overview_goes_back_to_worst_first) {
    begin("incident", "overview", 80, 24);
    press(">");
    has_not(" fold under ");
    press("Esc");
    has(" fold under ");
    has("worst first again");
    press("Esc");
    has("this is the first screen");
    end();
}

TEST(the_cause_is_what_most_others_hang_on) {
    begin("incident", "overview", 120, 40);
    has("CAUSE?  postgres ");
    struct section *loki = snapshot->sections[SERVICE_loki]; /* before it, and nobody's cause */
    loki->health = HEALTH_CRITICAL;
    loki->caused_by = NULL;
    loki->since_mono_ms = 1;
    has("CAUSE?  postgres ");
    end();
}

TEST(a_second_cause_is_told_with_its_step) {
    begin("incident", "overview", 120, 40);
    has_not("CR redis");
    struct section *redis = snapshot->sections[SERVICE_redis];
    section_fail(redis, E_WRONG_THING, "this is not Redis");
    redis->summary = TEXT_LIT("something else answers here");
    has("CAUSE?  postgres ");
    has("CR redis       something else answers here  something else listens here: compare");
    redis->caused_by = "postgres";
    has_not("CR redis       something");
    redis->caused_by = NULL;
    snapshot->sections[SERVICE_postgres]->health = HEALTH_OK;
    snapshot->sections[SERVICE_api]->caused_by = "redis";
    snapshot->sections[SERVICE_pgbouncer]->caused_by = "redis";
    has("CAUSE?  redis ");
    has_not("CR redis       something");
    end();
}

TEST(why_a_service_fails_has_the_room_of_its_trend) {
    begin("incident", "overview", 120, 24);
    struct section *redis = snapshot->sections[SERVICE_redis];
    redis->summary = TEXT_LIT("something else answers here: this is not Redis: Protocol error");
    has("this is not Redis: Pro\xe2\x80\xa6 memory ");
    section_fail(redis, E_WRONG_THING, "this is not Redis");
    has("something else answers here: this is not Redis: Protocol error ");
    redis->summary = TEXT_LIT("timed out");
    CU_ASSERT_PTR_NOT_NULL(strstr(line_with("timed out"), "memory "));
    end();
}

/* On a small screen too: the last of the well services are wanted less. */
TEST(the_cause_and_its_step_are_whole_where_there_is_little_room) {
    begin("incident", "overview", 80, 24);
    struct section *postgres = snapshot->sections[SERVICE_postgres];
    section_fail(postgres, E_TIMEOUT, "no answer in 5000 ms");
    postgres->summary = TEXT_LIT("timed out: no answer in 5000 ms");
    has("timed out: no answer in 5000 ms \xe2\x86\x92 2 symptoms");
    has("NEXT    look for locks and a full pool: screens postgres, pgbouncer; is the\n"
        "        network path open?\n");
    cellbuf_resize(&b, 60, 16);
    has("CAUSE?  postgres: timed out: no answer in 5000 ms\n");
    has("NEXT    look for locks and a full pool: screens postgres,\n"
        "        pgbouncer; is the network path open?\n");
    has("1-6 of 12");
    end();
}

/* One of them would be a guess: the console's own machine, or what they share, is a better one. */
TEST(where_all_are_silent_this_machine_is_suspected) {
    begin("incident", "overview", 80, 24);
    for (int i = 0; i < SERVICE_COUNT; i++) {
        struct section *sec = snapshot->sections[i];
        sec->failed = true;
        sec->err.code = E_TIMEOUT;
    }
    has("CAUSE?  this machine's own network or load: none of 12 services answers");
    has("NEXT    `uptime`, `ip route` here first, then the host or network they share");
    snapshot->sections[SERVICE_loki]->err.code = E_REFUSED;
    has("CAUSE?  postgres ");
    end();
}

/* What the console's own machine finds no way to is one reason, whatever else is ill. */
TEST(services_on_a_network_that_cannot_be_reached_are_told_once) {
    static const enum service away[] = {SERVICE_redis, SERVICE_minio, SERVICE_loki};
    begin("ok", "overview", 80, 24);
    for (size_t i = 0; i < ARRAY_LEN(away); i++) {
        struct section *sec = snapshot->sections[away[i]];
        sec->failed = true;
        sec->health = HEALTH_CRITICAL;
        sec->err.code = E_UNREACHABLE;
    }
    has("CAUSE?  this machine's own network: no way to 3 services: redis, minio, loki");
    has("NEXT    `ip route` here first, then the host or network they share");
    end();
}

TEST(a_word_about_a_screen_goes_with_it) {
    begin("ok", "overview", 80, 24);
    press("Esc");
    has("this is the first screen");
    press("2");
    has_not("this is the first screen");
    end();
}

TEST(a_fold_opens_in_place_and_closes_again) {
    begin("incident", "overview", 80, 24);
    CHECK_STR(line_with(" \xe2\x94\x94 api "), "");
    press("j");
    press("Enter");
    CU_ASSERT_EQUAL(ui.view, 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(line_with(" \xe2\x94\x94 api"), "!CR"));
    CU_ASSERT_PTR_NOT_NULL(strstr(line_with(" \xe2\x94\x94 pgbounc"), "!CR"));
    press("Enter");
    CHECK_STR(line_with(" \xe2\x94\x94 api"), "");
    end();
}

TEST(sorted_or_filtered_the_list_is_flat) {
    begin("incident", "overview", 80, 24);
    press(">");
    has("!CR api");
    has_not("fold under");
    ui_table(&ui, 0)->sort_column = -1;
    str_copy(ui_table(&ui, 0)->filter, 64, "pgb");
    has("!CR pgbouncer");
    has_not("fold under");
    end();
}

TEST(the_cause_is_named_with_its_symptoms_and_the_next_step) {
    begin("incident", "overview", 120, 40);
    has("CAUSE?  postgres since 17:27:55: sessions wait for a lock");
    has("\xe2\x86\x92 api, pgbouncer");
    has("NEXT    end the session at the root");
    end();
    begin("ok", "overview", 120, 40);
    has_not("CAUSE?");
    has_not("NEXT ");
    end();
}

TEST(l_shows_the_logs_of_the_service_at_hand) {
    begin("ok", "overview", 120, 40);
    press("l");
    CHECK_STR(views[ui.view]->id, "loki");
    CHECK_STR(ui_table(&ui, 0)->filter, "postgres"); /* it stands first */
    has("Warnings and errors");
    press("Esc"); /* the filter, then the screen */
    press("Esc");
    CHECK_STR(views[ui.view]->id, "overview");
    go_to(&ui, ui.view);
    snapshot->sections[SERVICE_loki]->health = HEALTH_OFF;
    press("l");
    has("no Loki to read logs from");
    end();
}

/* Alerts are what Prometheus says of others: it is not the cause while it answers. */
TEST(a_messenger_is_not_called_the_cause) {
    begin("ok", "overview", 120, 40);
    snapshot->sections[SERVICE_prometheus]->health = HEALTH_CRITICAL;
    has("CAUSE?  not sure, alerts of prometheus");
    snapshot->sections[SERVICE_minio]->health = HEALTH_CRITICAL;
    has("CAUSE?  minio");
    end();
}

TEST(tabs_mark_the_screens_with_problems_without_moving) {
    begin("ok", "overview", 80, 24);
    has("3~Pg 4 Pool 5 Redis");
    end();
    begin("incident", "overview", 80, 24);
    has("3!Pg 4!Pool 5?Redis");
    end();
}

TEST(a_wide_overview_has_more_columns) {
    static const char *const words[] = {"RATE", "TROUBLE", "TIME", "VERSION", "FAILED"};
    begin("ok", "overview", 200, 60);
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        has(words[i]);
    /* A share, a count and a rate under one heading: each says what it is. */
    CU_ASSERT_PTR_NOT_NULL(strstr(line_with("ok api "), "  7.0% 5xx  "));
    CU_ASSERT_PTR_NOT_NULL(strstr(line_with("ok pgbouncer "), "     7 waiting "));
    CU_ASSERT_PTR_NOT_NULL(strstr(line_with("ok redis "), "  21/s evicted "));
    CU_ASSERT_PTR_NOT_NULL(strstr(line_with("ok web "), "     -  "));
    end();
    begin("ok", "overview", 80, 24);
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        has_not(words[i]);
    end();
}

/* Nothing but the summary may be cut at 80 columns: no ellipsis where the words are short. */
TEST(key_numbers_have_forty_columns_at_80) {
    begin("ok", "overview", 80, 24);
    struct section *sec = snapshot->sections[SERVICE_redis];
    sec->summary = TEXT_LIT("newest 31m25s  2.23 MB  2 kept  proven -");
    has("newest 31m25s  2.23 MB  2 kept  proven -");
    end();
}

/* --- services --- */

TEST(a_tall_screen_shows_every_table_a_low_one_the_focused) {
    begin("ok", "postgres", 200, 60);
    static const char *const titles[] = {"Sessions", "Blocking tree", "Tables",     "Listings",
                                         "Schema",   "Databases",     "Migrations", "Settings",
                                         "Progress", "Replication"};
    for (size_t i = 0; i < ARRAY_LEN(titles); i++)
        has(titles[i]);
    end();
    begin("ok", "postgres", 80, 24);
    for (int i = 0; i < 9; i++)
        press("Tab");
    has("[Replication");
    end();
}

TEST(an_empty_table_is_one_calm_line) {
    begin("ok", "postgres", 200, 60);
    has("Listings 0  no listing");
    end();
}

static const struct column lock_columns[] = {{"pid", "PID", UNIT_NONE, 0, 0},
                                             {"depth", "DEPTH", UNIT_COUNT, 0, 0}};

static void add_locks(struct section *sec) {
    static const struct {
        const char *pid;
        int depth;
    } rows[] = {{"8123", 0}, {"8390", 1}, {"8402", 1}, {"8417", 2}, {"9000", 0}};
    struct table *t = reading_add_table(&sec->reading, "blocking", "Locks", lock_columns, 2);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct row *row = table_add_row(&sec->reading, t, rows[i].pid, HEALTH_WARNING);
        row_text(&sec->reading, row, 0, rows[i].pid);
        row_int(row, 1, rows[i].depth);
    }
}

TEST(the_blocking_tree_has_its_root_first_and_branches) {
    begin("ok", "postgres", 200, 60);
    add_locks(snapshot->sections[SERVICE_postgres]);
    press("Tab");
    has("WA 8123");
    has("WA \xe2\x94\x9c"
        "8390");
    has("WA \xe2\x94\x94"
        "8402");
    has("WA  \xe2\x94\x94"
        "8417");
    has("WA 9000");
    end();
}

TEST(a_service_says_what_it_needs_and_who_needs_it) {
    begin("incident", "api", 120, 40);
    has("needs postgres CR, redis ??");
    has("a symptom of postgres: look there first");
    has("12 of 200 failed"); /* an answer of 401 was not lost */
    end();
    begin("ok", "typesense", 80, 24);
    struct section *silent = section_new(SERVICE_typesense);
    section_fail(silent, E_AUTH, "HTTP 401");
    struct snapshot *next = snapshot_with(snapshot, silent);
    snapshot_unref(snapshot);
    snapshot = next;
    has("it has given no figures since the console was started"); /* for it has answered */
    end();
    begin("incident", "postgres", 120, 40);
    has("needed by api CR, pgbouncer CR");
    end();
}

TEST(the_last_failure_is_kept_after_it_is_over) {
    begin("incident", "web", 120, 40);
    has("last failure 12m00s ago: http://127.0.0.1:3000/ reset by peer");
    end();
}

TEST(each_state_has_words_of_its_own) {
    static const struct {
        const char *name, *view, *words;
    } states[] = {
        {"ok", "grafana", "not part of this platform"},
        {"ok", "grafana", "GOODGO_GRAFANA_URL is not set"},
        {"empty", "redis", "the first answer is on its way"},
        {"empty", "overview", "the first answers are on their way"},
        {"stale", "redis", "13s old, the next answer is late"},
        {"stale", "api", "10m00s old: do not rely on them"},
        {"down", "redis", "no answer in 3000 ms. Try:"},
        {"ok", "changes", "nothing has changed since"},
    };
    for (size_t i = 0; i < ARRAY_LEN(states); i++) {
        begin(states[i].name, states[i].view, 80, 24);
        has(states[i].words);
        end();
    }
}

TEST(a_reading_too_old_never_looks_well) {
    begin("stale", "overview", 80, 24);
    CU_ASSERT_PTR_NOT_NULL(strstr(line_with("api "), "?? api"));
    CU_ASSERT_PTR_NOT_NULL(strstr(line_with("api "), " ??"));
    CU_ASSERT_PTR_NOT_NULL(strstr(line_with("redis"), " 13s"));
    end();
    begin("stale", "overview", 120, 40); /* what it found may be over since */
    has("WA postgres    3 sessions wait");
    has("?? loki        3 sessions wait");
    end();
}

TEST(a_remark_is_not_marked_as_well) {
    begin("ok", "redis", 120, 40);
    reading_finding(&snapshot->sections[SERVICE_redis]->reading, HEALTH_OK, "remark", "turn it on",
                    "AOF is off");
    CU_ASSERT_PTR_NOT_NULL(strstr(line_with("AOF is off"), "\xc2\xb7\xc2\xb7 AOF is off"));
    has("turn it on");
    end();
}

/* --- changes --- */

/* Lines of the screen that hold the words. */
static int lines_with(const char *words) {
    int n = 0;
    for (const char *at = screen(); (at = strstr(at, words)); at += strlen(words))
        n++;
    return n;
}

TEST(the_newest_change_stands_on_the_screen_once) {
    static const char *const ids[] = {"overview", "changes", "postgres", "redis"};
    for (int h = 8; h <= 60; h++)
        for (size_t i = 0; i < ARRAY_LEN(ids); i++) {
            begin("incident", ids[i], h % 2 ? 100 : 160, h);
            char stamp[16];
            snapshot->events->list[0].wall_ms += 1000; /* two of them are of one second */
            int64_t s = snapshot->events->list[0].wall_ms / 1000 + snapshot->utc_offset_s;
            snprintf(stamp, sizeof stamp, "%02d:%02d:%02d ", (int)(s / 3600 % 24),
                     (int)(s / 60 % 60), (int)(s % 60));
            int n = lines_with(stamp);
            if (n > 1)
                printf("\n    %s at %d rows:\n%s", ids[i], h, str_get(&out));
            CU_ASSERT(n <= 1);
            end();
        }
    begin("incident", "redis", 100, 30); /* not its own change: news */
    has("c changes");
    end();
}

TEST(changes_come_newest_first_and_open_their_service) {
    begin("incident", "changes", 120, 40);
    const char *text = screen();
    const char *api = strstr(text, "health  api"), *grafana = strstr(text, "version grafana");
    CU_ASSERT_PTR_NOT_NULL_FATAL(api);
    CU_ASSERT_TRUE(grafana > api);
    press("G");
    press("Enter");
    CHECK_STR(views[ui.view]->id, "grafana");
    press("Esc");
    CHECK_STR(views[ui.view]->id, "changes");
    end();
}

TEST(the_latest_change_stands_in_the_status_row) {
    begin("incident", "redis", 80, 24);
    has(" 17:27:55 api ok \xe2\x86\x92 critical");
    end();
}

/* --- help --- */

TEST(help_begins_with_the_screen_that_was_left) {
    begin("ok", "postgres", 80, 24);
    press("?");
    CHECK_STR(views[ui.view]->id, "help");
    has("ON PostgreSQL");
    has("Sessions, Blocking tree");
    has("PID, USER, WAITED");
    end();
}

TEST(every_action_is_in_help) {
    begin("ok", "overview", 200, 60);
    press("?");
    for (int a = 0; a < ACTION_COUNT; a++) {
        char said[160], words[24];
        keymap_say(&keymap, action_table[a].help, said, sizeof said);
        str_copy(words, sizeof words, said); /* as much as surely stands on a line */
        has(words);
    }
    end();
}

TEST(frozen_is_seen_with_its_age) {
    begin("ok", "overview", 80, 24);
    press("z");
    ui.now_mono_ms = MONO_MS + 62000;
    has("FROZEN -1m02s");
    has_not("poll");
    end();
}

/* What acts, acts now, whatever moment is looked at. */
TEST(an_open_window_is_seen_while_frozen) {
    begin("ok", "overview", 80, 24);
    ui.acts.armed_until_mono_ms = MONO_MS + 300000;
    press("z");
    has("FROZEN");
    has("ARMED 05:00");
    ui.now_mono_ms = MONO_MS + 300000;
    has_not("ARMED");
    end();
}

TEST(help_promises_no_list_where_none_follows) {
    begin("ok", "payments", 80, 24);
    press("?");
    has("the next table of this screen");
    has_not("the next table of this screen:");
    end();
}

TEST(a_list_of_services_that_is_not_whole_says_so) {
    static const int widths[] = {40, 60, 80, 200};
    for (size_t i = 0; i < ARRAY_LEN(widths); i++) {
        begin("ok", "overview", widths[i], 24);
        has_not(" of 12");
        press("/");
        press("r");
        press("e");
        press("d");
        press("Enter");
        has("1 of 12  /red");
        press("Esc");
        has_not(" of 12");
        end();
    }
}

TEST(a_beginning_of_several_names_tells_them) {
    begin("ok", "overview", 80, 24);
    press(":");
    press("p");
    press("r");
    press("Enter");
    has("'pr' begins promtail, prometheus, proposals");
    end();
}

/* A dash for each sentence that a job might have left would be all that is seen of it. */
TEST(a_row_in_full_leaves_out_what_is_neither_there_nor_in_a_table) {
    begin("incident", "jobs", 80, 24);
    press("d");
    has("STATE ");
    has_not("BY HAND");
    press("j");
    press("j");
    press("j");
    has("BY HAND");
    end();
}

/* What it is sorted by is no word: "2" was said of a service that warns. */
TEST(a_service_in_full_has_its_state_and_units) {
    begin("ok", "overview", 120, 40);
    press("d");
    CU_ASSERT_PTR_NOT_NULL(strstr(line_with(" ST   "), " WA "));
    CU_ASSERT_PTR_NOT_NULL(strstr(line_with(" RATE "), "/s "));
    CU_ASSERT_PTR_NOT_NULL(strstr(line_with(" TIME "), "s "));
    end();
}

/* Of api it is told in seconds. */
TEST(services_do_not_sort_by_troubles_of_several_units) {
    struct arena scratch;
    begin("ok", "overview", 200, 60);
    arena_init(&scratch);
    has("TROUBLE");
    const struct table *t = view_find("overview", NULL)->table(snapshot, &ui, &scratch);
    for (uint32_t i = 0; i < 2 * t->n_columns; i++) {
        press(">");
        screen();
        CU_ASSERT_NOT_EQUAL(ui_table(&ui, 0)->sort_column, table_column(t, "trouble"));
    }
    for (const char *p = ":sort trouble"; *p; p++)
        press(*p == ' ' ? "Space" : (char[]){*p, 0});
    press("Enter");
    has("this table has no column to sort by called trouble");
    press("?");
    has("VERSION, FAILED, AGE");
    has_not("TROUBLE");
    arena_done(&scratch);
    end();
}

TEST(services_sort_by_a_time_in_one_unit) {
    struct arena scratch;
    double ms = 0, s = 0;
    begin("ok", "overview", 120, 40);
    arena_init(&scratch);
    const struct table *t = view_find("overview", NULL)->table(snapshot, &ui, &scratch);
    CU_ASSERT_TRUE(reading_number(&snapshot->sections[SERVICE_prometheus]->reading, "p95_s", &s));
    for (uint32_t i = 0; i < t->n_rows; i++)
        if (strcmp(t->rows[i].key.s, "api") == 0)
            CU_ASSERT_TRUE(value_number(t->rows[i].cells[table_column(t, "time")], &ms));
    CU_ASSERT_DOUBLE_EQUAL(ms, 1000 * s, 1e-6);
    CU_ASSERT_TRUE(s > 0);
    arena_done(&scratch);
    end();
}

TEST(where_there_is_no_row_none_is_opened) {
    begin("empty", "pg-backup", 80, 24);
    press("Tab");
    press("Enter");
    CU_ASSERT_FALSE(ui.show_row);
    ui.show_row = true; /* it was there, and is gone */
    has("the row is gone   ");
    has("\xe2\x94\x8c\xe2\x94\x80");
    end();
}

TEST(help_is_read_on_a_narrow_screen) {
    begin("ok", "loki", 40, 24);
    press("?");
    has("finds");
    has_not("\xe2\x80\xa6"); /* nothing is cut */
    end();
}

TEST(tab_shows_the_candidate_it_is_at) {
    begin("ok", "overview", 40, 10);
    press(":");
    press("p");
    has("screens and commands, 5 of 7");
    has_not("proposals");
    for (int i = 0; i < 7; i++)
        press("Tab");
    has("proposals    Proposals");
    press("Tab");
    has("postgres     PostgreSQL");
    end();
}

/* Cell by cell, they stood among each other: "Enter2row  /2filter.3? keys". */
TEST(the_last_row_is_the_keys_alone) {
    for (uint32_t v = 0; v < n_views; v++)
        for (int h = 8; h < 26; h++) {
            begin("ok", views[v]->id, 40, h);
            const char *text = screen(), *last = text + strlen(text) - 1;
            while (last > text && last[-1] != '\n')
                last--;
            CU_ASSERT_TRUE(str_starts(last, "Enter ") || str_starts(last, "j down") ||
                           str_starts(last, "F "));
            CU_ASSERT_TRUE(strstr(last, "Esc back") || strstr(last, "q quit"));
            end();
        }
}

TEST(one_table_keeps_to_its_rows) {
    begin("ok", "web", 40, 10);
    has("1-2 of 30");
    end();
    begin("ok", "ai-services", 20, 5);
    has_not("live    3  1-1");
    end();
}

TEST(services_below_the_edge_are_counted) {
    begin("ok", "overview", 60, 12);
    has(" of 12");
    has_not("1 of 12");
    press("G");
    has("-12 of 12");
    end();
}

TEST(a_narrow_footer_names_the_key_of_the_other_tables) {
    static const struct ui_act act = {"x", "X", "x", "postgres", "", false, false, NULL};
    begin("ok", "postgres", 60, 16);
    ui.acts.list = &act;
    ui.acts.n = 1;
    has("a acts");
    has("Tab pane");
    has("Esc back");
    end();
}

/* The charts follow in the row below it, and must not be drawn over it. */
TEST(a_filter_that_no_service_matches_says_so_at_every_size) {
    static const int sizes[][2] = {{60, 16}, {80, 24}, {100, 40}, {200, 60}};
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        begin("ok", "overview", sizes[i][0], sizes[i][1]);
        str_copy(ui_table(&ui, 0)->filter, 64, "nothing is called that");
        has("no service matches the filter: Esc clears it");
        end();
    }
}

/* The logs of a service come with a filter that nobody typed. */
TEST(a_filter_that_no_row_passes_is_named_at_every_size) {
    static const int sizes[][2] = {{60, 16}, {80, 24}, {120, 40}, {200, 60}};
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        begin("ok", "loki", sizes[i][0], sizes[i][1]);
        str_copy(ui_table(&ui, 0)->filter, 64, "pgbouncer");
        has("no row passes the filter: Esc clears it");
        has("/pgbouncer  0 of ");
        end();
    }
}

/* Half a name is another name, or none. */
TEST(symptoms_have_whole_names) {
    begin("incident", "overview", 80, 24);
    press("j");
    press("Enter");
    has("\xe2\x94\x94 pgbouncer");
    end();
}

TEST(money_that_cannot_be_read_is_marked) {
    struct err err;
    begin("ok", "overview", 80, 24);
    struct section *sec = section_new(SERVICE_COUNT);
    sec->failed = true;
    sec->health = HEALTH_CRITICAL;
    err_set(&err, E_TIMEOUT, "pg.connect", "x", "no answer");
    sec->err = err;
    snapshot = with_own(snapshot, OWN_PAYMENTS, sec);
    has("7?Pay");
    end();
}

/* What stands below a list, and what Enter opens, is of the row that an act takes. */
TEST(the_row_that_is_told_is_the_one_under_the_cursor) {
    static const struct column columns[] = {{"name", "NAME", UNIT_NONE, 0, 0}};
    static struct table_state ts;
    struct arena a;
    struct reading r;
    arena_init(&a);
    reading_init(&r, &a);
    struct table *t = reading_add_table(&r, "t", "T", columns, 1);
    for (int i = 0; i < 1000; i++)
        row_text(&r, table_add_row(&r, t, arena_printf(&a, "row %d", i), HEALTH_OFF), 0, "x");
    ts = (struct table_state){.sort_column = -1};
    CHECK_STR(table_selected_row(t, &ts)->key.s, "row 0");
    str_copy(ts.selected, sizeof ts.selected, "row 900");
    CHECK_STR(table_selected_row(t, &ts)->key.s, "row 900");
    str_copy(ts.selected, sizeof ts.selected, "gone");
    ts.selected_index = 700;
    CHECK_STR(table_selected_row(t, &ts)->key.s, "row 700");
    arena_done(&a);
}

/* --- names --- */

static struct str sources;

static void read_sources(const char *dir) {
    char path[1024], buf[8192];
    DIR *d = opendir(dir);
    CU_ASSERT_PTR_NOT_NULL_FATAL(d);
    for (struct dirent *e; (e = readdir(d));) {
        snprintf(path, sizeof path, "%s/%s", dir, e->d_name);
        FILE *f = ends_with(path, ".c") ? fopen(path, "rb") : NULL;
        for (size_t n; f && (n = fread(buf, 1, sizeof buf, f)) > 0;)
            str_add(&sources, buf, n);
        if (f)
            fclose(f);
    }
    closedir(d);
}

static void known(const char *view, const char *name) {
    char quoted[80];
    const char *slash = strchr(name, '/');
    snprintf(quoted, sizeof quoted, "\"%s\"", slash ? slash + 1 : name);
    bool found = strstr(str_get(&sources), quoted) != NULL;
    if (!found)
        printf("\n    the view '%s' names %s, which no probe says\n", view, name);
    CU_ASSERT_TRUE(found);
}

/* A figure is named by a string on both sides: a view that asks for a name no probe has would show
 * a dash for ever. */
TEST(views_name_only_what_probes_say) {
    str_init(&sources, 8 << 20);
    read_sources(TEST_DIR "/../src/probe");
    for (uint32_t i = 0; i < n_views; i++) {
        const struct service_panel *p = views[i]->panel;
        for (uint32_t k = 0; p && k < p->n_vitals; k++) {
            known(views[i]->id, p->vitals[k].metric);
            if (p->vitals[k].limit)
                known(views[i]->id, p->vitals[k].limit);
        }
        for (uint32_t k = 0; p && k < PANEL_SOMETIMES; k++)
            if (p->sometimes[k].metric)
                known(views[i]->id, p->sometimes[k].metric);
        for (uint32_t k = 0; p && k < p->n_panes; k++)
            known(views[i]->id, p->panes[k].table);
        for (uint32_t k = 0; p && k < PANEL_CHARTS; k++)
            if (p->charts[k].metric)
                known(views[i]->id, p->charts[k].metric);
    }
    str_done(&sources);
}

static bool begins_with_a_pane(const char *words) {
    for (uint32_t i = 0; i < n_views; i++)
        for (uint32_t k = 0; views[i]->panel && k < views[i]->panel->n_panes; k++) {
            const char *title = views[i]->panel->panes[k].title;
            size_t n = strlen(title);
            if (strncmp(words, title, n) == 0 && !strchr("abcdefghijklmnopqrstuvwxyz", words[n]))
                return true;
        }
    return false;
}

/* "see Drift by status": whoever was sent there found no table of that name. */
TEST(advice_names_tables_by_their_titles) {
    int n = 0;
    str_init(&sources, 8 << 20);
    read_sources(TEST_DIR "/../src/probe");
    for (const char *at = str_get(&sources); (at = strstr(at, "see ")); at += 4) {
        bool name = at[4] >= 'A' && at[4] <= 'Z' && at[5] >= 'a' && at[5] <= 'z';
        bool in_sentence = at[-1] == '"' || strncmp(at - 2, ", ", 2) == 0;
        if (!name || !in_sentence)
            continue;
        n++;
        if (!begins_with_a_pane(at + 4))
            printf("\n    no table is called '%.30s'\n", at + 4);
        CU_ASSERT_TRUE(begins_with_a_pane(at + 4));
    }
    CU_ASSERT_TRUE(n > 5);
    str_done(&sources);
}

TEST(enter_goes_from_a_class_to_its_payments_and_back) {
    char command[200];
    begin("incident", "payments", 80, 24);
    has("[Classes 2]");
    CU_ASSERT_TRUE(ui_subcommand(snapshot, &ui, command, sizeof command));
    CHECK_STR(command, "goodgo payments list");
    press("j");
    press("Enter");
    has("[Payments 9]");
    has("/BAD-SIGNATURE");
    has_not("VNPay 3/10");
    CU_ASSERT_TRUE(ui_subcommand(snapshot, &ui, command, sizeof command));
    CU_ASSERT_STRING_EQUAL(command, "goodgo payments show pay08");
    press("Enter");
    has("COMMAND");
    press("Esc");
    press("Esc");
    has("VNPay 3/10");
    has("[Payments 9]");
    press("Esc");
    has("[Classes 2]");
    end();
}

TEST(enter_goes_from_a_category_to_its_payments_and_back) {
    char command[200];
    begin("incident", "reconciliation", 80, 24);
    has("[Categories 6]");
    has("2,000 more exceptions are behind their category: Enter on it");
    has("the last 53 rows of the report are not kept here: --csv FILE has them");
    CU_ASSERT_TRUE(ui_subcommand(snapshot, &ui, command, sizeof command));
    CHECK_STR(command, "goodgo payments reconcile --day 2026-04-10 --gateway live");
    press("j");
    has("claim it from the gateway");
    press("Enter"); /* not all of them are in the list: they are asked for */
    has("[Every row");
    has("MISSING_IN_STATEMENT: being read");
    CHECK_STR(ui.rows.of, "MISSING_IN_STATEMENT");
    press("z");
    has("MISSING_IN_STATEMENT: frozen; z goes on and reads them");
    press("z");
    press("Tab");
    press("Tab");
    has("[Exceptions 11]");
    press("G");
    has("statement      1,204,940,000 VND");
    press("Tab");
    press("Enter"); /* on the day: its rows */
    CHECK_STR(ui.rows.of, "2026-04-10 VNPAY");
    end();
}

TEST(every_row_of_a_day_is_a_page_at_a_time) {
    begin("incident", "reconciliation", 80, 24);
    press("G"); /* all of them */
    press("Enter");
    has("all: rows 1 to 12 of 1,219; / and < > look at these");
    press("j");
    CU_ASSERT_EQUAL(ui_table(&ui, ui.pane)->selected_index, 1);
    press("PgUp"); /* not at the first row yet */
    press("k");
    CU_ASSERT_EQUAL(ui.rows.page, 0);
    press("G");
    has("MATCHED");
    CU_ASSERT_EQUAL(ui.rows.page, 0);
    press("j");
    CU_ASSERT_EQUAL(ui.rows.page, 1);
    has("all: being read");
    press("j"); /* is not asked for twice */
    CU_ASSERT_EQUAL(ui.rows.page, 1);
    end();
}

TEST(a_category_without_exceptions_is_shown_too) {
    begin("ok", "reconciliation", 80, 24);
    has("exceptions 0");
    press("Enter");
    has("[Every row");
    has("NOT_PAID: being read");
    end();
}

TEST(a_report_that_is_damaged_is_not_shown) {
    begin("down", "reconciliation", 80, 24);
    has("they do not add up to what is reported");
    has_not("DUPLICATE");
    end();
    begin("empty", "reconciliation", 80, 24);
    has("the job directories are being read");
    end();
}

TEST(money_is_on_overview_only_where_there_is_some_to_act_on) {
    begin("incident", "overview", 120, 40);
    has("MONEY   8 payments to act on  47,200,000 VND");
    end();
    begin("ok", "overview", 120, 40);
    has_not("MONEY");
    end();
}

TEST(payments_lead_to_what_waits_for_a_second_person_and_back) {
    begin("incident", "payments", 80, 24);
    has("2 proposed for a second person, 1 of them for you: p shows them");
    press("p");
    CHECK_STR(views[ui.view]->id, "proposals");
    has("2 wait for a second person, 1 of them for you to decide");
    has("you may: approve-proposal or decline-proposal");
    press("j");
    has("lan approved it already"); /* of this row nobody is asked */
    press("p");
    press("Esc");
    CHECK_STR(views[ui.view]->id, "payments");
    snapshot_unref(snapshot);
    snapshot = make("empty");
    has_not("for a second person");
    press("p");
    has("the proposals are being read");
    end();
}

TEST(without_a_proposal_the_screen_says_how_one_is_made) {
    begin("ok", "proposals", 80, 24);
    struct table *t =
        (struct table *)reading_table(&snapshot->own[OWN_PROPOSALS]->reading, "proposals");
    t->n_rows = 0;
    has("nothing is proposed: goodgo payments reconcile --propose does");
    has_not("PROPOSAL ");
    cellbuf_resize(&b, 60, 16); /* not cut where it is too long for the line of the name */
    has("nothing is proposed: goodgo payments reconcile --propose");
    end();
}

/* All of them are asked at the start: a second of that is no rate of a minute. */
TEST(the_first_minute_is_not_told_as_a_rate) {
    begin("ok", "about", 80, 24);
    snapshot->self.started_wall_ms = snapshot->now_wall_ms - 200;
    snapshot->self.exchanges = 66;
    has("        66  over thirteen services");
    end();
}

TEST(old_payments_say_that_they_are_old) {
    begin("down", "payments", 80, 24);
    has("nobody listens there");
    has("a symptom of postgres");
    has("PAID-NOT-CREDITED");
    snapshot->own[OWN_PAYMENTS]->taken_mono_ms = snapshot->now_mono_ms - 600000;
    has("the figures below are 10m00s old: do not rely on them\nto act on ");
    end();
}

/* A bastion has UTC: "3/10 at 08:49" would be seven hours away by the clock above it. */
TEST(times_of_vietnam_are_told_where_the_clock_has_others) {
    static const int widths[] = {60, 80, 120};
    for (size_t i = 0; i < ARRAY_LEN(widths); i++) {
        begin("incident", "payments", widths[i], 24);
        has_not("times are +07");
        snapshot->utc_offset_s = 0;
        has("times are +07");
        end();
    }
}

/* Each who waits for a row waits for all before him too: such a queue is as deep as it is long. */
TEST(a_deep_blocking_tree_cuts_no_process_id) {
    static const struct column columns[] = {
        {"pid", "PID", UNIT_NONE, 7, 0},         {"blocked_by", "BLOCKED BY", UNIT_NONE, 10, 0},
        {"wait_s", "WAITS", UNIT_SECONDS, 6, 0}, {"query", "QUERY", UNIT_NONE, 0, 0},
        {"depth", "DEPTH", UNIT_COUNT, 0, 9},
    };
    begin("ok", "postgres", 60, 40);
    struct reading *r = &snapshot->sections[SERVICE_postgres]->reading;
    struct table *t = reading_add_table(r, "blocking", "Locks", columns, ARRAY_LEN(columns));
    for (int i = 0; i < 20; i++) {
        const char *pid = arena_printf(r->arena, "%d", 1234500 + i);
        struct row *row = table_add_row(r, t, pid, HEALTH_WARNING);
        row_text(r, row, 0, pid);
        row_text(r, row, 1, i ? "1234500,1234501,1234502" : "");
        row_text(r, row, 3, "UPDATE \"Listing\" SET \"viewCount\" = \"viewCount\" + 1");
        row_int(row, 4, i);
    }
    press("Tab");
    has("1234505 ");
    press("G");
    has("\xe2\x94\x94"
        "1234519 ");
    end();
}

TEST(help_has_the_width_of_a_screen_that_it_has_for_itself) {
    begin("ok", "help", 80, 40);
    has("every service, worst first; a symptom hangs folded under its\n");
    has("sort by the next column, or :sort and its name:\n");
    end();
}

/* Half a command is none, and half a hint no help. */
TEST(at_sixty_columns_no_command_is_cut) {
    begin("incident", "payments", 60, 16);
    has("1,195 older open ones are not here: goodgo payments list");
    end();
    begin("incident", "alerts", 40, 10); /* nor does a word run into the age */
    has("32 firing  35 pending               <10s");
    end();
    begin("incident", "changes", 60, 16);
    CHECK_STR(line_with("since the start"), "4 since the start, at most 200 are kept");
    end();
    begin("incident", "changes", 80, 24);
    has("at most 200 are kept; / filters, Enter opens the service");
    end();
}

/* --- Backups --- */

TEST(backups_show_grades_goals_and_what_is_due) {
    begin("ok", "pg-backup", 80, 24);
    has("RPO now 8h32m (goal 1d02h)   RTO proven 38m00s\nrestore proven 1d00h ago (goal 8d00h)");
    CU_ASSERT_PTR_NOT_NULL(strstr(line_with("2026-04-10T02"), "pass 38m00s A"));
    CU_ASSERT_PTR_NOT_NULL(strstr(line_with("2026-04-09T02"), "FAIL        F"));
    has("NEXT  nothing due: backup within 17h27m, drill within 7d00h");
    has("JOB  verify running");
    end();
}

static void set(const char *metric, int64_t i) {
    reading_int(&snapshot->sections[SERVICE_pg_backup]->reading, metric, UNIT_SECONDS, i);
}

TEST(backups_name_the_act_that_is_due) {
    begin("ok", "pg-backup", 60, 16);
    has("NEXT  nothing due: backup within 17h27m, drill within 7d00h");
    set("last_proof_age_s", 691201);
    has("NEXT  prove the newest: a, then verify");
    set("newest_age_s", 93601);
    has("NEXT  a backup is overdue: a, then backup");
    reading_textz(&snapshot->sections[SERVICE_pg_backup]->reading, "newest_grade", "F");
    has("NEXT  do not trust the newest: a, backup; then a, verify");
    snapshot->sections[SERVICE_pg_backup]->failed = true;
    has("NEXT  not known: so it was when the directory last answered");
    end();
}

TEST(enter_opens_a_backup_its_tables_and_its_drill) {
    begin("ok", "pg-backup", 80, 24);
    press("j");
    press("Enter");
    has("dump      goodgo_20260410_020000.sql.gz");
    has("sha-256   0d9c6f8f3c7d0f6a");
    has("drill     pass 1d00h ago, recovered in 38m00s, on scratch cluster");
    has("[Contents 4]");
    press("Tab");
    has("[Drill 3]");
    has("Test database created");
    press("Tab");
    press("j");
    press("Enter");
    has("dump      goodgo_20260409_020000.sql.gz");
    has("why       UPDATE listings");
    press("Esc"); /* back to the list that it was opened from, and only then to Overview */
    has("[Backups 5]");
    press("Esc");
    has("15 MIN");
    end();
    begin("ok", "pg-backup", 80, 24);
    press("Enter");
    press("Tab"); /* who went on has no list to come back to */
    press("Esc");
    has("15 MIN");
    end();
}

TEST(a_backup_without_a_manifest_says_so) {
    begin("ok", "pg-backup", 80, 24);
    press("G");
    press("Enter");
    has("dump      goodgo_20260407_020000.sql.gz");
    has("no manifest that could be read");
    has_not("sha-256");
    end();
}

TEST(a_backup_shows_whether_the_store_has_a_copy_of_it) {
    begin("ok", "pg-backup", 120, 40);
    CU_ASSERT_PTR_NOT_NULL(strstr(line_with("2026-04-11T"), "none"));
    CU_ASSERT_PTR_NOT_NULL(strstr(line_with("2026-04-10T"), "minio"));
    CU_ASSERT_PTR_NOT_NULL(strstr(line_with("2026-04-09T"), "none")); /* another archive */
    snapshot->sections[SERVICE_minio]->failed = true;
    CU_ASSERT_PTR_NOT_NULL(strstr(line_with("2026-04-10T"), "??"));
    snapshot->sections[SERVICE_minio]->failed = false;
    snapshot->sections[SERVICE_minio]->health = HEALTH_OFF;
    CU_ASSERT_PTR_NULL(strstr(line_with("2026-04-10T"), "??"));
    CU_ASSERT_PTR_NULL(strstr(line_with("2026-04-10T"), "minio"));
    snapshot->sections[SERVICE_minio]->health = HEALTH_OK;
    reading_int(&snapshot->sections[SERVICE_minio]->reading, "copies_capped", UNIT_BOOL, 1);
    CU_ASSERT_PTR_NOT_NULL(strstr(line_with("2026-04-11T"), "??")); /* it may be behind the end */
    CU_ASSERT_PTR_NOT_NULL(strstr(line_with("2026-04-10T"), "minio"));
    end();
}

TEST(the_list_of_backups_is_there_on_a_low_screen_too) {
    begin("incident", "pg-backup", 40, 10);
    has("2026-04-11");
    end();
}

/* What stands in the second row in the colour of what is selected. */
static const char *tab_shown(void) {
    static char name[64];
    size_t n = 0;
    for (int x = 0; x < b.w && n + 16 < sizeof name; x++) {
        const struct cell *c = cell_at(&b, x, 1);
        if (c->role != ROLE_SELECTED)
            continue;
        memcpy(name + n, *c->utf8 ? c->utf8 : " ", strlen(*c->utf8 ? c->utf8 : " "));
        n += strlen(*c->utf8 ? c->utf8 : " ");
    }
    name[n] = 0;
    return name;
}

/* A newcomer looks for it at the top: which screen is this? */
TEST(every_screen_says_its_name_at_every_width) {
    static const int widths[] = {200, 195, 150, 140, 120, 100, 80, 78, 60, 59, 40};
    begin("incident", "overview", 80, 24);
    for (size_t i = 0; i < ARRAY_LEN(widths); i++)
        for (ui.view = 0; ui.view < n_views; ui.view++) {
            const struct view *v = views[ui.view];
            cellbuf_resize(&b, widths[i], 24);
            frame_draw(&b, snapshot, &ui);
            /* The tab that is shown, or the rule where there are no tabs. */
            const char *name = widths[i] < 60 ? v->title : tab_shown();
            bool said = widths[i] < 60 ? text_contains(screen(), v->title) : strlen(name) > 2;
            if (!said)
                printf("\n    %s at %d columns: '%s'\n", v->id, widths[i], name);
            CU_ASSERT_TRUE(said);
        }
    ui.view = 0;
    end();
}

TEST(y_has_a_command_on_every_screen) {
    char command[512];
    begin("incident", "overview", 80, 24);
    for (ui.view = 0; ui.view < n_views; ui.view++) {
        const struct view *v = views[ui.view];
        enum service service;
        bool own = ui_subcommand(snapshot, &ui, command, sizeof command);
        bool any = own || ui_service(snapshot, &ui, &service);
        if (!any)
            printf("\n    %s has no command\n", v->id);
        CU_ASSERT_TRUE(any);
        if (own && !str_starts(command, "goodgo "))
            printf("\n    %s: %s\n", v->id, command);
        CU_ASSERT_TRUE(!own || str_starts(command, "goodgo "));
    }
    end();
}

TEST(enter_on_a_job_opens_its_log_at_the_end) {
    begin("incident", "jobs", 80, 24);
    press("Enter");
    CHECK_STR(views[ui.view]->id, "job");
    has("could not execute query");
    has("following");
    has_not("verify   ");
    press("g");
    has("THE END OF ITS LOG");
    has("verify");
    has("41.2%");
    has("to stop   goodgo jobs cancel 20260411-103009-verify-3fa0");
    press("w");
    has_not("would like that");
    press("w");
    has("would like that");
    press("Esc");
    CHECK_STR(views[ui.view]->id, "jobs");
    press("j");
    press("Enter"); /* another one, whose log was not read yet */
    has("it is being read");
    has_not("to stop");
    press("Esc");
    press("G");
    press("Enter"); /* one whose runner died: what is to be done, where it is looked at */
    press("g");
    has("by hand   drop the cluster");
    end();
}

TEST(a_pinned_moment_is_compared_with_the_one_shown) {
    begin("incident", "compare", 80, 24);
    struct snapshot *calm = make("ok");
    has("no moment is pinned");
    calm->now_mono_ms -= 600000;
    calm->now_wall_ms -= 600000;
    ui.pin = calm;
    has("17:22:07, and 10m00s later at 17:32:07");
    calm->sections[SERVICE_postgres]->health = HEALTH_OK;
    CU_ASSERT_PTR_NOT_NULL(strstr(line_with("postgres    state"), "ok"));
    CU_ASSERT_PTR_NOT_NULL(strstr(line_with("postgres    state"), "critical"));
    has_not("web         state");
    struct snapshot *now = snapshot; /* the other way round: the pin is the later one */
    snapshot = calm;
    ui.pin = now;
    has("17:22:07, and 10m00s later at 17:32:07 (pinned)");
    CU_ASSERT_PTR_NOT_NULL(strstr(line_with("postgres    state"), "ok       critical"));
    ui.pin = calm; /* with itself */
    has("nothing that counts is different");
    snapshot = now;
    snapshot_unref(calm);
    end();
}

/* With a pin on the same figures a second before: what a test changes in either is the difference.
 */
static struct snapshot *begin_compare(int width, int height) {
    begin("ok", "compare", width, height);
    struct snapshot *old = make("ok");
    ui.pin = old;
    old->now_mono_ms -= 1000;
    return old;
}

TEST(figures_are_compared_where_they_moved_far_enough) {
    struct snapshot *old = begin_compare(120, 40);
    struct reading *a = &old->sections[SERVICE_redis]->reading;
    struct reading *now = &snapshot->sections[SERVICE_redis]->reading;
    reading_int(a, "keys", UNIT_COUNT, 1000);
    reading_int(now, "keys", UNIT_COUNT, 1050);
    reading_int(a, "clients", UNIT_COUNT, 10);
    reading_int(now, "clients", UNIT_COUNT, 40);
    reading_int(a, "uptime_s", UNIT_SECONDS, 10);
    reading_int(now, "uptime_s", UNIT_SECONDS, 4000);
    reading_textz(a, "policy", "noeviction");
    reading_textz(now, "policy", "allkeys-lru");
    CU_ASSERT_PTR_NOT_NULL(strstr(line_with("redis       clients"), "40"));
    CU_ASSERT_PTR_NOT_NULL(strstr(line_with("redis       policy"), "allkeys-lru"));
    has_not("redis       keys");
    has_not("uptime_s");
    snapshot_unref(old);
    end();
}

/* "longest_xact_s" and "stage_blocking" are names for programs; cut at 80 columns they were none.
 */
TEST(what_changed_is_called_as_its_screen_calls_it) {
    struct snapshot *old = begin_compare(80, 24);
    struct reading *a = &old->sections[SERVICE_postgres]->reading;
    struct reading *now = &snapshot->sections[SERVICE_postgres]->reading;
    reading_int(a, "idle_in_transaction", UNIT_COUNT, 1);
    reading_int(now, "idle_in_transaction", UNIT_COUNT, 40);
    reading_int(a, "of_no_screen", UNIT_COUNT, 1);
    reading_int(now, "of_no_screen", UNIT_COUNT, 70);
    reading_finding(now, HEALTH_WARNING, "stage_blocking", "", "who blocks whom is not known");
    CU_ASSERT_PTR_NOT_NULL(strstr(line_with("postgres    idle tx"), "40"));
    CU_ASSERT_PTR_NOT_NULL(strstr(line_with("postgres    of_no_screen"), "70"));
    CU_ASSERT_PTR_NOT_NULL(
        strstr(line_with("postgres    finding"), "who blocks whom is not known"));
    has_not("stage_blocking");
    cellbuf_resize(&b, 60, 16); /* a column of "-" leaves its room to what is told */
    CU_ASSERT_PTR_NOT_NULL(strstr(line_with("postgres    finding"), "who blocks whom"));
    snapshot_unref(old);
    end();
}

SUITE(views, T(a_standby_shows_how_far_it_is_behind_and_a_primary_nothing_of_it),
      T(a_pinned_moment_is_compared_with_the_one_shown),
      T(what_changed_is_called_as_its_screen_calls_it),
      T(figures_are_compared_where_they_moved_far_enough),
      T(a_backup_shows_whether_the_store_has_a_copy_of_it),
      T(the_list_of_backups_is_there_on_a_low_screen_too),
      T(every_screen_says_its_name_at_every_width), T(y_has_a_command_on_every_screen),
      T(enter_on_a_job_opens_its_log_at_the_end),
      T(enter_goes_from_a_class_to_its_payments_and_back),
      T(enter_goes_from_a_category_to_its_payments_and_back),
      T(a_category_without_exceptions_is_shown_too), T(every_row_of_a_day_is_a_page_at_a_time),
      T(a_report_that_is_damaged_is_not_shown),
      T(money_is_on_overview_only_where_there_is_some_to_act_on),
      T(times_of_vietnam_are_told_where_the_clock_has_others),
      T(the_first_minute_is_not_told_as_a_rate), T(old_payments_say_that_they_are_old),
      T(payments_lead_to_what_waits_for_a_second_person_and_back),
      T(without_a_proposal_the_screen_says_how_one_is_made),
      T(symptoms_fold_under_their_cause_and_open_with_enter),
      T(a_table_that_is_asked_less_often_has_an_age_of_its_own),
      T(a_word_about_a_screen_goes_with_it), T(the_lines_of_a_silent_source_are_not_known),
      T(the_lines_of_a_source_that_never_answered_are_there),
      T(the_cause_and_its_step_are_whole_where_there_is_little_room),
      T(a_second_cause_is_told_with_its_step), T(why_a_service_fails_has_the_room_of_its_trend),
      T(where_all_are_silent_this_machine_is_suspected),
      T(services_on_a_network_that_cannot_be_reached_are_told_once),
      T(the_cause_is_what_most_others_hang_on), T(esc_on_overview_goes_back_to_worst_first),
      T(an_empty_table_of_a_silent_source_claims_nothing),
      T(a_fold_opens_in_place_and_closes_again), T(sorted_or_filtered_the_list_is_flat),
      T(the_cause_is_named_with_its_symptoms_and_the_next_step),
      T(a_messenger_is_not_called_the_cause), T(tabs_mark_the_screens_with_problems_without_moving),
      T(a_wide_overview_has_more_columns), T(key_numbers_have_forty_columns_at_80),
      T(a_tall_screen_shows_every_table_a_low_one_the_focused), T(an_empty_table_is_one_calm_line),
      T(the_blocking_tree_has_its_root_first_and_branches),
      T(a_service_says_what_it_needs_and_who_needs_it),
      T(the_last_failure_is_kept_after_it_is_over), T(each_state_has_words_of_its_own),
      T(a_reading_too_old_never_looks_well), T(a_remark_is_not_marked_as_well),
      T(changes_come_newest_first_and_open_their_service),
      T(the_latest_change_stands_in_the_status_row), T(help_begins_with_the_screen_that_was_left),
      T(every_action_is_in_help), T(frozen_is_seen_with_its_age),
      T(an_open_window_is_seen_while_frozen), T(help_promises_no_list_where_none_follows),
      T(a_list_of_services_that_is_not_whole_says_so), T(symptoms_have_whole_names),
      T(a_filter_that_no_service_matches_says_so_at_every_size),
      T(a_deep_blocking_tree_cuts_no_process_id),
      T(help_has_the_width_of_a_screen_that_it_has_for_itself),
      T(at_sixty_columns_no_command_is_cut), T(a_filter_that_no_row_passes_is_named_at_every_size),
      T(services_below_the_edge_are_counted), T(the_last_row_is_the_keys_alone),
      T(one_table_keeps_to_its_rows), T(help_is_read_on_a_narrow_screen),
      T(a_service_in_full_has_its_state_and_units),
      T(services_do_not_sort_by_troubles_of_several_units), T(services_sort_by_a_time_in_one_unit),
      T(where_there_is_no_row_none_is_opened),
      T(a_row_in_full_leaves_out_what_is_neither_there_nor_in_a_table),
      T(a_beginning_of_several_names_tells_them), T(tab_shows_the_candidate_it_is_at),
      T(a_narrow_footer_names_the_key_of_the_other_tables), T(money_that_cannot_be_read_is_marked),
      T(the_row_that_is_told_is_the_one_under_the_cursor), T(advice_names_tables_by_their_titles),
      T(views_name_only_what_probes_say), T(l_shows_the_logs_of_the_service_at_hand),
      T(the_newest_change_stands_on_the_screen_once), T(backups_show_grades_goals_and_what_is_due),
      T(backups_name_the_act_that_is_due), T(enter_opens_a_backup_its_tables_and_its_drill),
      T(a_backup_without_a_manifest_says_so))
