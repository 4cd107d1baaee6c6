/* tests/pty/test_screen.c - the real binary in a pseudo-terminal, its output read by a terminal
 * emulator. Every port of its platform is dead: the screen must not care. */
#include "pty/console.h"
#include "pty/dead_platform.h"

TEST(first_frame_is_complete_before_any_answer) {
    open_console(80, 24, "xterm-256color", "C.UTF-8");
    CU_ASSERT_TRUE(wait_for("READ-ONLY"));
    CU_ASSERT_TRUE(shows("[DEV]"));
    CU_ASSERT_TRUE(shows("1 Over 2"));
    CU_ASSERT_TRUE(wait_for("quit"));
    CU_ASSERT_PTR_NOT_NULL(wrote("\033[?1049h"));
    close_console();
}

TEST(keys_change_screens_and_q_leaves_the_terminal_whole) {
    start();
    keys("5");
    CU_ASSERT_TRUE(wait_for("back"));
    keys("?");
    CU_ASSERT_TRUE(wait_for("next row"));
    keys("qq");
    CU_ASSERT_TRUE(wait_for("q quit"));
    keys("q");
    CU_ASSERT_TRUE(ends_within(ENDS_MS));
    CU_ASSERT(WIFEXITED(con.status) && WEXITSTATUS(con.status) == 0);
    CU_ASSERT_PTR_NOT_NULL(wrote("\033[?1049l"));
    close_console();
}

TEST(command_line_and_freeze_work) {
    start();
    keys(":rediz\r");
    CU_ASSERT_TRUE(wait_for("did you mean redis"));
    keys("z");
    CU_ASSERT_TRUE(wait_for("FROZEN"));
    keys("z");
    CU_ASSERT_TRUE(wait_for("READ-ONLY"));
    keys(":q\r");
    CU_ASSERT_TRUE(ends_within(ENDS_MS));
    close_console();
}

TEST(resizing_to_almost_nothing_and_back_redraws) {
    start();
    resize(20, 5);
    CU_ASSERT_TRUE(wait_for("[DEV]"));
    resize(1, 1);
    pump(200);
    CU_ASSERT_FALSE(con.over);
    resize(200, 60);
    CU_ASSERT_TRUE(wait_for("1 Over 2"));
    resize(80, 24);
    CU_ASSERT_TRUE(wait_for("1 Over 2"));
    close_console();
}

TEST(starts_in_any_size) {
    static const int sizes[][2] = {{20, 5}, {1, 1}, {2, 1}, {1, 100}, {200, 60}, {60, 16}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        open_console(sizes[i][0], sizes[i][1], "xterm-256color", "C.UTF-8");
        CU_ASSERT_TRUE(sizes[i][0] < 20 ? wait_for_bytes("\033[?1049h") : wait_for("[DEV]"));
        CU_ASSERT_FALSE(pump(sizes[i][0] < 20 ? 150 : 0));
        keys("q");
        CU_ASSERT_TRUE(ends_within(ENDS_MS));
        CU_ASSERT(WIFEXITED(con.status) && WEXITSTATUS(con.status) == 0);
        CU_ASSERT_TRUE(terminal_is_cooked());
        close_console();
    }
}

static uint32_t random_next(uint32_t *state) {
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

TEST(two_hundred_random_resizes_are_drawn_as_a_few) {
    uint32_t seed = 20261125;
    start();
    size_t before = con.n_all;
    for (int i = 0; i < 200; i++) {
        int w = 1 + (int)(random_next(&seed) % 250), h = 1 + (int)(random_next(&seed) % 80);
        resize(w, h);
        pump(5);
    }
    CU_ASSERT_FALSE_FATAL(con.over);
    resize(80, 24);
    CU_ASSERT_TRUE(wait_for("1 Over 2"));
    CU_ASSERT_TRUE(wait_for("q quit"));
    CU_ASSERT_TRUE(con.n_all - before < 200u * 20000u);
    keys("5");
    CU_ASSERT_TRUE(wait_for("back"));
    close_console();
}

/* A frame or a wait for each would be seconds, each time; a busy machine delays one or two. */
TEST(three_hundred_pasted_keys_are_taken_at_once) {
    char paste[302];
    bool at_once = false;
    start();
    memset(paste, 'j', 300);
    paste[300] = '?';
    paste[301] = 0;
    for (int i = 0; i < 5 && !at_once; i++) {
        int64_t begin = now_ms();
        keys(paste);
        CU_ASSERT_TRUE(wait_for("next row"));
        at_once = now_ms() - begin < 1500;
        keys("q");
        CU_ASSERT_TRUE(wait_for("ST SERVICE"));
    }
    CU_ASSERT_TRUE(at_once);
    close_console();
}

/* Brackets of a paste, focus and keys that no terminfo knows are no typing: "200" is not three
 * screens. */
TEST(sequences_that_are_no_keys_are_not_typed) {
    char paste[400], typed[301];
    start();
    memset(typed, 'j', 300);
    typed[300] = 0;
    snprintf(paste, sizeof paste, "\033[200~%s\033[201~\033[I\033[O\033[25;5~\033O5\033[<0;7;9M",
             typed);
    keys(paste);
    pump(300);
    CU_ASSERT_FALSE(con.over);
    CU_ASSERT_TRUE(shows("q quit"));
    CU_ASSERT_TRUE(shows("ST SERVICE"));
    close_console();
}

TEST(garbage_from_the_keyboard_does_no_harm) {
    char junk[4096];
    start();
    for (size_t i = 0; i < sizeof junk; i++) /* neither q, ':' nor Ctrl-C, Ctrl-Z, which end it */
        junk[i] = (char)(0x80 + (i * 37 + i / 7) % 0x7f);
    for (int n = 0; n < 4; n++) {
        CU_ASSERT_EQUAL(write(con.fd, junk, sizeof junk), (ssize_t)sizeof junk);
        pump(50);
    }
    CU_ASSERT_FALSE(con.over);
    keys("\0331");
    CU_ASSERT_TRUE(wait_for("[DEV]"));
    close_console();
}

/* Flow control would freeze a slow line: the keys are the program's, and mean nothing. */
TEST(ctrl_s_and_ctrl_q_do_nothing) {
    start();
    keys("\023");
    pump(50);
    keys("5");
    CU_ASSERT_TRUE(wait_for("back"));
    keys("\021");
    pump(100);
    CU_ASSERT_FALSE(con.over);
    CU_ASSERT_TRUE(shows("back"));
    close_console();
}

TEST(the_mouse_is_left_alone) {
    start();
    pump(200);
    CU_ASSERT_PTR_NULL(wrote("\033[?1000h"));
    CU_ASSERT_PTR_NULL(wrote("\033[?1002h"));
    CU_ASSERT_PTR_NULL(wrote("\033[?1006h"));
    close_console();
}

TEST(unknown_terminals_get_a_screen_and_a_notice) {
    open_console(80, 24, "no-such-terminal", "C.UTF-8");
    CU_ASSERT_TRUE(wait_for("not known here"));
    CU_ASSERT_TRUE(shows("[DEV]"));
    close_console();
}

static bool drew_ascii_only(void) {
    for (size_t i = 0; i < con.n_raw; i++)
        if ((unsigned char)con.raw[i] >= 0x80)
            return false;
    return true;
}

TEST(any_terminal_and_any_locale_gets_its_screen) {
    static const struct {
        const char *term, *lang;
        bool ascii;
    } rows[] = {{NULL, "C.UTF-8", false},
                {"", "C.UTF-8", false},
                {"dumb", NULL, true},
                {"vt100", NULL, true},
                {"vt100", "C.UTF-8", false},
                {"linux", "LC_ALL=C", true},
                {"xterm", NULL, true},
                {"xterm", "LC_ALL=C", true},
                {"tmux-256color", "vi_VN.UTF-8", false}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        open_console(80, 24, rows[i].term, rows[i].lang);
        CU_ASSERT_TRUE(wait_for("READ-ONLY"));
        CU_ASSERT_TRUE(wait_for("quit"));
        CU_ASSERT_TRUE(wait_for("1 Over 2"));
        CU_ASSERT_EQUAL(drew_ascii_only(), rows[i].ascii);
        if (rows[i].ascii)
            CU_ASSERT_TRUE(shows("--------------------"));
        keys("q");
        CU_ASSERT_TRUE(ends_within(ENDS_MS));
        CU_ASSERT(WIFEXITED(con.status) && WEXITSTATUS(con.status) == 0);
        CU_ASSERT_TRUE(terminal_is_cooked());
        close_console();
    }
}

/* The text of one row of the screen, without the blanks at its end. */
static const char *row_text(int row) {
    static char text[1024];
    int w, h;
    vterm_get_size(con.vt, &h, &w);
    size_t n =
        vterm_screen_get_text(con.screen, text, sizeof text - 1, (VTermRect){row, row + 1, 0, w});
    while (n > 0 && text[n - 1] == ' ')
        n--;
    text[n] = 0;
    return text;
}

/* Once the frame is whole. */
static bool starts(int row, const char *words) {
    int64_t end = now_ms() + PATIENCE_MS;
    while (strncmp(row_text(row), words, strlen(words)) != 0 && now_ms() < end && !pump(10))
        continue;
    bool ok = strncmp(row_text(row), words, strlen(words)) == 0;
    if (!ok)
        printf("\n    row %d does not begin with '%s': %s\n", row, words, row_text(row));
    return ok;
}

/* Some descriptions promise that a full line wraps at once, and their terminals wait with it: what
 * follows a full line must not land one line too high. */
TEST(what_follows_a_full_line_stands_where_it_belongs) {
    static const char *const terms[] = {"ansi",   "vt100", "linux",         "xterm",
                                        "screen", "tmux",  "xterm-256color"};
    for (size_t i = 0; i < sizeof terms / sizeof *terms; i++) {
        open_console(80, 24, terms[i], NULL);
        CU_ASSERT_TRUE(wait_for("quit"));
        keys("?");
        CU_ASSERT_TRUE(wait_for("next row"));
        CU_ASSERT_TRUE(starts(0, "[DEV]"));
        CU_ASSERT_TRUE(starts(1, "1 Ov"));
        CU_ASSERT_TRUE(starts(2, "-----"));
        CU_ASSERT_TRUE(starts(3, "No single key"));
        keys("jj\f");
        CU_ASSERT_TRUE(wait_for("lines 3-"));
        CU_ASSERT_TRUE(starts(2, "-----"));
        CU_ASSERT_TRUE(starts(3, "--- ON Overview"));
        CU_ASSERT_TRUE(starts(23, "j down"));
        keys(":q\r");
        CU_ASSERT_TRUE(ends_within(ENDS_MS));
        close_console();
    }
}

static void dies_of(int number, int code) {
    start();
    CU_ASSERT_FALSE(terminal_is_cooked());
    kill(con.pid, number);
    CU_ASSERT_TRUE(ends_within(ENDS_MS));
    CU_ASSERT(WIFEXITED(con.status) && WEXITSTATUS(con.status) == code);
    CU_ASSERT_PTR_NOT_NULL(wrote("\033[?1049l"));
    CU_ASSERT_TRUE(terminal_is_cooked());
    close_console();
}

TEST(sigterm_restores_the_terminal) {
    dies_of(SIGTERM, 143);
}
TEST(sighup_restores_the_terminal) {
    dies_of(SIGHUP, 129);
}
TEST(sigint_restores_the_terminal) {
    dies_of(SIGINT, 130);
}

/* First the terminal, then one line, then the death that the parent can see. */
static void crashes_of(int number, const char *line) {
    start();
    kill(con.pid, number);
    CU_ASSERT_TRUE(ends_within(ENDS_MS));
    CU_ASSERT(WIFSIGNALED(con.status) && WTERMSIG(con.status) == number);
    const char *left = wrote("\033[?1049l"), *said = wrote(line);
    CU_ASSERT_TRUE(left && said && left < said);
    CU_ASSERT_TRUE(said && !strstr(said + 1, "crashed ("));
    CU_ASSERT_TRUE(terminal_is_cooked());
    close_console();
}

TEST(a_crash_restores_the_terminal_and_says_so) {
    crashes_of(SIGSEGV, "crashed (SIGSEGV)");
    crashes_of(SIGABRT, "crashed (SIGABRT)");
    crashes_of(SIGBUS, "crashed (SIGBUS)");
    crashes_of(SIGFPE, "crashed (SIGFPE)");
}

TEST(a_lost_terminal_ends_the_process_and_costs_nothing) {
    start();
    pump(300);
    int64_t before = cpu_ms(con.pid);
    close(con.fd);
    CU_ASSERT_TRUE(dies_within(ENDS_MS));
    CU_ASSERT_TRUE(before >= 0 && used_ms() - before < 1000);
    con.fd = open("/dev/null", O_RDONLY);
    close_console();
}

/* Under a shell with job control, as a person does it. */
static void open_under_a_shell(void) {
    static const char script[] = "\"$0\" \"$@\"; echo \"in the shell: $(stty -a | grep -o -- "
                                 "'-\\?icanon')\"; read -r; fg >/dev/null; echo \"ended with $?\"";
    const char *const argv[] = {"/bin/bash", "-mc",         script, GOODGO_BIN, "--env-file",
                                env_file,    "--state-dir", dir,    NULL};
    console_open(80, 24, "xterm-256color", "C.UTF-8", argv);
    CU_ASSERT_TRUE_FATAL(wait_for("READ-ONLY"));
    keys("5");
    CU_ASSERT_TRUE(wait_for("back"));
}

static void is_in_the_shell_and_comes_back(void) {
    CU_ASSERT_TRUE(wait_for("in the shell: icanon"));
    CU_ASSERT_FALSE(shows("READ-ONLY"));
    CU_ASSERT_TRUE(terminal_is_cooked());
    keys("\n");
    CU_ASSERT_TRUE(wait_for("READ-ONLY"));
    CU_ASSERT_TRUE(wait_for("back"));
    resize(100, 30);
    keys("1");
    CU_ASSERT_TRUE(wait_for("q quit"));
    keys("q");
    CU_ASSERT_TRUE(wait_for("ended with 0"));
    CU_ASSERT_TRUE(ends_within(ENDS_MS));
    close_console();
}

TEST(ctrl_z_gives_the_terminal_back_and_fg_takes_it_again) {
    open_under_a_shell();
    keys("\032");
    is_in_the_shell_and_comes_back();
}

TEST(a_stop_from_outside_does_the_same) {
    open_under_a_shell();
    pid_t goodgo = child_of(con.pid);
    CU_ASSERT_TRUE_FATAL(goodgo > 1);
    kill(goodgo, SIGTSTP);
    is_in_the_shell_and_comes_back();
}

TEST(a_plain_stop_and_a_shell_in_between_are_survived) {
    start();
    kill(con.pid, SIGSTOP);
    struct termios cooked;
    CU_ASSERT_EQUAL(tcgetattr(con.fd, &cooked), 0);
    cooked.c_lflag |= ICANON | ECHO | ISIG;
    CU_ASSERT_EQUAL(tcsetattr(con.fd, TCSANOW, &cooked), 0);
    kill(con.pid, SIGCONT);
    int64_t end = now_ms() + PATIENCE_MS;
    while (terminal_is_cooked() && now_ms() < end)
        pump(10);
    CU_ASSERT_FALSE(terminal_is_cooked());
    keys("5");
    CU_ASSERT_TRUE(wait_for("back"));
    close_console();
}

static void stall(void) {
    for (int i = 0; i < 60; i++) { /* nobody reads: the line fills up */
        keys("\014");
        pause_ms(5);
    }
}

TEST(a_stalled_terminal_blocks_no_end) {
    start();
    stall();
    con.n_raw = 0;
    kill(con.pid, SIGTERM);
    CU_ASSERT_TRUE(dies_within(ENDS_MS));
    pump(ENDS_MS); /* whoever reads again finds the terminal as it was */
    CU_ASSERT_PTR_NOT_NULL(wrote("\033[?1049l"));
    CU_ASSERT_TRUE(terminal_is_cooked());
    close_console();
}

TEST(a_stalled_terminal_goes_on_where_the_keys_are) {
    start();
    stall();
    int64_t before = cpu_ms(con.pid);
    keys("5");
    pause_ms(3000);
    CU_ASSERT_TRUE(before >= 0 && cpu_ms(con.pid) - before < 300);
    CU_ASSERT_TRUE(wait_for("back"));
    CU_ASSERT_FALSE(con.over);
    keys("q");
    CU_ASSERT_TRUE(wait_for("q quit"));
    close_console();
}

static void open_remote(const char *also) {
    const char *const argv[] = {"/usr/bin/env",
                                "SSH_CONNECTION=192.0.2.1 22 192.0.2.2 22",
                                also,
                                GOODGO_BIN,
                                "--env-file",
                                env_file,
                                "--state-dir",
                                dir,
                                NULL};
    console_open(80, 24, "xterm-256color", "C.UTF-8", argv);
    CU_ASSERT_TRUE_FATAL(wait_for("READ-ONLY"));
}

TEST(the_time_of_the_line_is_measured) {
    int64_t before = now_ms(); /* the question is asked after this, and seen a moment later */
    open_remote("LINE=slow");
    CU_ASSERT_FALSE(shows("link "));
    CU_ASSERT_TRUE_FATAL(wait_for_bytes("\033[5n"));
    pause_ms(200);
    keys("\033[0n");
    CU_ASSERT_TRUE(wait_for("link "));
    int64_t told_ms = strtol(strstr(row_text(0), "link ") + 5, NULL, 10);
    CU_ASSERT_TRUE(told_ms >= 200 && told_ms <= now_ms() - before);
    CU_ASSERT_TRUE(wait_for("q quit")); /* no key was seen in it */
    close_console();
}

TEST(the_line_is_not_timed_where_somebody_nearer_would_answer) {
    static const char *const nearer[] = {"TMUX=/tmp/tmux-0/default,1,0", "STY=1.pts", "TERM=dumb",
                                         "TERM=screen-256color", "TERM=no-such-terminal"};
    for (size_t i = 0; i < sizeof nearer / sizeof *nearer; i++) {
        open_remote(nearer[i]);
        pump(150);
        CU_ASSERT_PTR_NULL(wrote("\033[5n"));
        close_console();
    }
    char mosh[96];
    snprintf(mosh, sizeof mosh, "%s/mosh-server", dir);
    CU_ASSERT_EQUAL(symlink("/bin/bash", mosh), 0);
    const char *const argv[] = {"/usr/bin/env",
                                "SSH_CONNECTION=192.0.2.1 22 192.0.2.2 22",
                                mosh,
                                "-c",
                                "\"$0\" \"$@\"; exit",
                                GOODGO_BIN,
                                "--env-file",
                                env_file,
                                "--state-dir",
                                dir,
                                NULL};
    console_open(80, 24, "xterm-256color", "C.UTF-8", argv);
    CU_ASSERT_TRUE(wait_for("READ-ONLY"));
    pump(150);
    CU_ASSERT_PTR_NULL(wrote("\033[5n"));
    keys("q");
    CU_ASSERT_TRUE(ends_within(ENDS_MS));
    close_console();
    start(); /* nor on this machine */
    pump(150);
    CU_ASSERT_PTR_NULL(wrote("\033[5n"));
    close_console();
}

TEST(without_a_terminal_it_says_so) {
    int out[2];
    char buf[512] = "";
    CU_ASSERT_EQUAL_FATAL(pipe(out), 0);
    pid_t pid = fork();
    if (pid == 0) {
        dup2(open("/dev/null", O_RDONLY), 0);
        dup2(out[1], 1);
        dup2(out[1], 2);
        child_environment("xterm", "C.UTF-8");
        execl(GOODGO_BIN, "goodgo", "--env-file", env_file, (char *)NULL);
        _exit(127);
    }
    close(out[1]);
    size_t n = 0;
    for (ssize_t got; (got = read(out[0], buf + n, sizeof buf - 1 - n)) > 0;)
        n += (size_t)got;
    int status;
    waitpid(pid, &status, 0);
    close(out[0]);
    CU_ASSERT(WIFEXITED(status) && WEXITSTATUS(status) == 2);
    CU_ASSERT_PTR_NOT_NULL(strstr(buf, "not a terminal"));
}

TEST(prepares_a_dead_platform) {
    write_env();
    struct stat st;
    CU_ASSERT_EQUAL(stat(env_file, &st), 0);
}

TEST(leaves_nothing_behind) {
    remove_dir();
}

SUITE(screen, T(prepares_a_dead_platform), T(first_frame_is_complete_before_any_answer),
      T(keys_change_screens_and_q_leaves_the_terminal_whole), T(command_line_and_freeze_work),
      T(resizing_to_almost_nothing_and_back_redraws), T(starts_in_any_size),
      T(two_hundred_random_resizes_are_drawn_as_a_few),
      T(three_hundred_pasted_keys_are_taken_at_once), T(sequences_that_are_no_keys_are_not_typed),
      T(garbage_from_the_keyboard_does_no_harm), T(ctrl_s_and_ctrl_q_do_nothing),
      T(the_mouse_is_left_alone), T(unknown_terminals_get_a_screen_and_a_notice),
      T(any_terminal_and_any_locale_gets_its_screen),
      T(what_follows_a_full_line_stands_where_it_belongs), T(sigterm_restores_the_terminal),
      T(sighup_restores_the_terminal), T(sigint_restores_the_terminal),
      T(a_crash_restores_the_terminal_and_says_so),
      T(a_lost_terminal_ends_the_process_and_costs_nothing),
      T(ctrl_z_gives_the_terminal_back_and_fg_takes_it_again), T(a_stop_from_outside_does_the_same),
      T(a_plain_stop_and_a_shell_in_between_are_survived), T(a_stalled_terminal_blocks_no_end),
      T(a_stalled_terminal_goes_on_where_the_keys_are), T(the_time_of_the_line_is_measured),
      T(the_line_is_not_timed_where_somebody_nearer_would_answer), T(without_a_terminal_it_says_so),
      T(leaves_nothing_behind))
