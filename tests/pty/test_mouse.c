/* tests/pty/test_mouse.c - the mouse as a terminal reports it: asked for by `:mouse` alone, whole
 * reports and broken ones, and given back on every way out. */
#include "pty/dead_platform.h"

#define ON  "\033[?1006;1000h"
#define OFF "\033[?1006;1000l"

static void start_with_mouse(void) {
    start();
    CU_ASSERT_TRUE(wait_for(" redis "));
    CU_ASSERT_PTR_NULL(wrote(ON));
    keys(":mouse\r");
    CU_ASSERT_TRUE(wait_for("mouse on"));
    CU_ASSERT_PTR_NOT_NULL(wrote(ON));
}

/* The line of the screen that shows it, from 1; 0 when none does. */
static int line_of(const char *what) {
    char line[512];
    for (int y = 0; y < 24; y++) {
        VTermRect row = {y, y + 1, 0, 80};
        size_t n = vterm_screen_get_text(con.screen, line, sizeof line - 1, row);
        line[n < sizeof line ? n : sizeof line - 1] = 0;
        if (strstr(line, what))
            return y + 1;
    }
    return 0;
}

static void click_on(const char *service, int cut) {
    char report[32], row[40], opened[40];
    snprintf(row, sizeof row, " %s ", service);
    snprintf(report, sizeof report, "\033[<0;5;%dM", line_of(row));
    snprintf(opened, sizeof opened, "%s CR", service);
    CU_ASSERT_EQUAL(write(con.fd, report, (size_t)cut), cut);
    if (cut < (int)strlen(report))
        pump(50);
    keys(report + cut);
    keys("\033[<0;5;2m\r"); /* let go elsewhere, then Enter */
    CU_ASSERT_TRUE(wait_for(opened));
    keys("q");
    CU_ASSERT_TRUE(wait_for("q quit"));
}

TEST(a_click_selects_the_row_under_it) {
    start_with_mouse();
    CU_ASSERT_TRUE(wait_for_ms("CRIT 12", 2 * PATIENCE_MS));
    keys("z"); /* the rows stand where they are */
    CU_ASSERT_TRUE(wait_for("FROZEN"));
    click_on("redis", 3);
    click_on("minio", 5);
    click_on("redis", 8);
    keys(":mouse\r");
    CU_ASSERT_TRUE(wait_for("mouse off"));
    CU_ASSERT_PTR_NOT_NULL(wrote(OFF));
    close_console();
}

TEST(the_wheel_moves_in_a_text) {
    start_with_mouse();
    keys("?");
    CU_ASSERT_TRUE(wait_for("lines 1-"));
    keys("\033[<65;9;9M");
    CU_ASSERT_TRUE(wait_for("lines 4-"));
    keys("\033[<64;9;9M");
    CU_ASSERT_TRUE(wait_for("lines 1-"));
    close_console();
}

TEST(broken_reports_do_nothing_and_hurt_nothing) {
    char many[4096] = "\033[<";
    start_with_mouse();
    for (size_t n = 3; n + 3 < sizeof many; n += 2)
        memcpy(many + n, "1;", 3);
    keys(many);
    keys("M\033[<0;99999;99999M\033[<0M\033[<;;;;M\033[<0;1\033[<7;7;7;7;7;7;7;7;7;7;7;7M\033[M !");
    keys("!\033[<0;-1;2M");
    pump(200);
    CU_ASSERT_FALSE(con.over);
    CU_ASSERT_TRUE(shows("ST SERVICE"));
    CU_ASSERT_TRUE(shows("q quit"));
    keys("5");
    CU_ASSERT_TRUE(wait_for("back"));
    close_console();
}

static int count(const char *bytes) {
    int n = 0;
    for (size_t i = 0; i + strlen(bytes) <= con.n_raw; i++)
        n += memcmp(con.raw + i, bytes, strlen(bytes)) == 0;
    return n;
}

TEST(every_way_out_gives_it_back) {
    static const int signals[] = {SIGTERM, SIGHUP, SIGSEGV, SIGABRT, 0};
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
        start_with_mouse();
        CU_ASSERT_PTR_NULL(wrote(OFF));
        if (signals[i])
            kill(con.pid, signals[i]);
        else
            keys("q");
        CU_ASSERT_TRUE(ends_within(ENDS_MS));
        CU_ASSERT_EQUAL(count(OFF), 1);
        close_console();
    }
}

TEST(a_shell_in_between_has_no_mouse) {
    static const char script[] =
        "\"$0\" \"$@\"; echo in the shell; read -r; fg >/dev/null; echo over";
    const char *const argv[] = {"/bin/bash", "-mc",         script, GOODGO_BIN, "--env-file",
                                env_file,    "--state-dir", dir,    NULL};
    console_open(80, 24, "xterm-256color", "C.UTF-8", argv);
    CU_ASSERT_TRUE_FATAL(wait_for("READ-ONLY"));
    keys(":mouse\r");
    CU_ASSERT_TRUE(wait_for("mouse on"));
    keys("\032");
    CU_ASSERT_TRUE(wait_for("in the shell"));
    CU_ASSERT_TRUE(count(ON) == 1 && count(OFF) == 1);
    keys("\n");
    CU_ASSERT_TRUE(wait_for("READ-ONLY"));
    CU_ASSERT_TRUE(count(ON) >= 2 && count(OFF) == 1);
    close_console();
}

TEST(prepares_a_dead_platform) {
    write_env();
}

TEST(leaves_nothing_behind) {
    remove_dir();
}

SUITE(mouse, T(prepares_a_dead_platform), T(a_click_selects_the_row_under_it),
      T(the_wheel_moves_in_a_text), T(broken_reports_do_nothing_and_hurt_nothing),
      T(every_way_out_gives_it_back), T(a_shell_in_between_has_no_mouse), T(leaves_nothing_behind))
