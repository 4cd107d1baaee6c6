/* tests/pty/test_notify.c - a job that ends while the screen is open: the bell, and what the
 * settings ask the terminal to show. The job is a directory of our own, its runner this process. */
#include "pty/console.h"

#include <sys/file.h>

#define JOB "20261126-010101-backup-0001"

static char job_dir[160];
static int runner_fd = -1;

static void put(const char *where, const char *name, int flags, const char *text) {
    char path[256];
    snprintf(path, sizeof path, "%s/%s", where, name);
    int fd = open(path, O_WRONLY | O_CREAT | flags, 0600);
    CU_ASSERT_FATAL(fd >= 0);
    CU_ASSERT_EQUAL(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
}

/* A running backup, and the screen that looks on. */
static void set_up(const char *config) {
    char state[96], settings[96], path[256];
    snprintf(dir, sizeof dir, "/tmp/goodgo-notify.XXXXXX");
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(dir));
    snprintf(env_file, sizeof env_file, "%s/.env", dir);
    snprintf(state, sizeof state, "%s/state", dir);
    snprintf(settings, sizeof settings, "%s/settings", dir);
    snprintf(path, sizeof path, "%s/jobs", state);
    snprintf(job_dir, sizeof job_dir, "%s/jobs/" JOB, state);
    CU_ASSERT_FATAL(mkdir(state, 0700) == 0 && mkdir(path, 0700) == 0 && mkdir(job_dir, 0700) == 0);
    put(dir, ".env", O_EXCL, "NODE_ENV=development\nDATABASE_URL=postgresql://a:b@127.0.0.1:9/x\n");
    put(dir, "settings", O_EXCL, config);
    put(job_dir, "plan.json", O_EXCL,
        "{\"schema\":\"goodgo.plan/"
        "1\",\"id\":\"cbdad2a493e8bc82\",\"action\":\"pgbouncer-control\","
        "\"context\":\"dev\",\"target\":\"pgbouncer goodgo\",\"tier\":2,\"count\":1,\"confirm\":"
        "\"dev "
        "1\",\"arguments\":{\"command\":\"RELOAD\"},\"facts\":{\"pooler\":\"127.0.0.1:20855\","
        "\"command\":\"RELOAD\"},\"changes\":[],\"commands\":[],\"warnings\":[]}");
    put(job_dir, "events.jsonl", O_EXCL,
        "{\"t\":1795658058233,\"state\":\"planned\",\"who\":\"minh @bastion\"}\n"
        "{\"t\":1795658058399,\"state\":\"running\",\"pid\":2}\n");
    snprintf(path, sizeof path, "%s/runner", job_dir);
    runner_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    CU_ASSERT_FATAL(runner_fd >= 0 && flock(runner_fd, LOCK_EX | LOCK_NB) == 0);
    const char *const argv[] = {GOODGO_BIN, "--env-file",  env_file, "--config",
                                settings,   "--state-dir", state,    NULL};
    console_open(100, 24, "xterm-256color", "C.UTF-8", argv);
    CU_ASSERT_TRUE_FATAL(wait_for("READ-ONLY"));
    keys("J");
    CU_ASSERT_TRUE_FATAL(wait_for("Jobs 1")); /* "is it running?" stands on the overview */
    CU_ASSERT_TRUE_FATAL(wait_for("running"));
    con.n_raw = 0;
}

static void job_ends(const char *event) {
    put(job_dir, "events.jsonl", O_APPEND, event);
    close(runner_fd);
}

static void tear_down(void) {
    close_console();
    remove_dir();
}

/* What came up to now without the bells that end an OSC. */
static bool rang(void) {
    bool inside = false;
    for (size_t i = 0; i < con.n_raw; i++) {
        if (con.raw[i] == '\033' && i + 1 < con.n_raw && con.raw[i + 1] == ']')
            inside = true;
        else if (con.raw[i] == '\a' && !inside)
            return true;
        else if (con.raw[i] == '\a')
            inside = false;
    }
    return false;
}

TEST(a_job_that_ends_rings_whatever_the_settings_say_and_no_more) {
    set_up("bell = no\n");
    CU_ASSERT_FALSE(rang());
    job_ends("{\"t\":1795658059399,\"state\":\"done\",\"exit\":0}\n");
    CU_ASSERT_TRUE(wait_for("pgbouncer-control done"));
    CU_ASSERT_TRUE(rang());
    CU_ASSERT_PTR_NULL(wrote("\033]9;"));
    CU_ASSERT_PTR_NULL(wrote("\033]777;"));
    tear_down();
}

TEST(it_is_told_to_the_terminal_where_the_settings_ask_for_it) {
    set_up("notify_osc9 = yes\nnotify_osc777 = yes\n");
    job_ends("{\"t\":1795658059399,\"state\":\"failed\",\"exit\":1,\"why\":\"disk full\"}\n");
    CU_ASSERT_TRUE(wait_for("pgbouncer-control failed"));
    CU_ASSERT_PTR_NOT_NULL(wrote("\033]9;GoodGo: pgbouncer-control failed: disk full\a"));
    CU_ASSERT_PTR_NOT_NULL(wrote("\033]777;notify;GoodGo;pgbouncer-control failed: disk full\a"));
    CU_ASSERT_TRUE(rang());
    tear_down();
}

TEST(a_job_whose_runner_died_says_on_the_screen_what_to_do_by_hand) {
    set_up("bell = no\n");
    job_ends("{\"t\":1795658059000,\"hand\":\"resume\",\"value\":\"RESUME --db goodgo\"}\n");
    CU_ASSERT_TRUE(wait_for("unknown"));
    CU_ASSERT_TRUE(wait_for("by hand"));
    CU_ASSERT_TRUE(wait_for("goodgo pgbouncer-control RESUME --db goodgo"));
    tear_down();
}

TEST(a_reason_from_outside_cannot_speak_to_the_terminal) {
    set_up("notify_osc9 = yes\n");
    job_ends("{\"t\":1795658059399,\"state\":\"failed\",\"exit\":1,"
             "\"why\":\"x\\u0007\\u001b]0;owned\\u0007 \\u009d y\"}\n");
    CU_ASSERT_TRUE(wait_for("pgbouncer-control failed"));
    CU_ASSERT_PTR_NOT_NULL(wrote("\033]9;GoodGo: pgbouncer-control failed: x"));
    CU_ASSERT_PTR_NULL(wrote("\033]0;"));
    CU_ASSERT_PTR_NULL(wrote("\302\235"));
    tear_down();
}

SUITE(notify, T(a_job_that_ends_rings_whatever_the_settings_say_and_no_more),
      T(it_is_told_to_the_terminal_where_the_settings_ask_for_it),
      T(a_job_whose_runner_died_says_on_the_screen_what_to_do_by_hand),
      T(a_reason_from_outside_cannot_speak_to_the_terminal))
