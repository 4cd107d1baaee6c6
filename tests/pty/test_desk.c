/* tests/pty/test_desk.c - what the screen keeps and shows of files: what s, P and y save, the log
 * of a job as it grows; and the keys that look at two moments. In the real binary, on a platform
 * whose every port is dead. */
#include "pty/dead_platform.h"

#include <dirent.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <time.h>

#define JOB "20261126-010203-backup-3fa9"

static void make_dir(const char *name) {
    char path[160];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    CU_ASSERT_TRUE(mkdir(path, 0700) == 0 || errno == EEXIST);
}

static void append(const char *name, const char *text) {
    char path[160];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *f = fopen(path, "a");
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    fputs(text, f);
    CU_ASSERT_EQUAL(fclose(f), 0);
}

/* The first file of the state directory whose name begins so, whole; "" when there is none. */
static const char *saved(const char *prefix) {
    static char text[1 << 20];
    char path[512], state[96];
    snprintf(state, sizeof state, "%s/state", dir);
    DIR *d = opendir(state);
    text[0] = 0;
    for (struct dirent *e; d && (e = readdir(d)) && !*text;) {
        if (strncmp(e->d_name, prefix, strlen(prefix)) != 0)
            continue;
        snprintf(path, sizeof path, "%s/%s", state, e->d_name);
        FILE *f = fopen(path, "r");
        text[f ? fread(text, 1, sizeof text - 1, f) : 0] = 0;
        if (f)
            fclose(f);
    }
    if (d)
        closedir(d);
    return text;
}

TEST(s_saves_all_readings_and_capital_p_the_screen) {
    start();
    keys("s");
    CU_ASSERT_TRUE(wait_for("saved to"));
    CU_ASSERT_TRUE(shows("snapshot-"));
    CU_ASSERT_PTR_NOT_NULL(strstr(saved("snapshot-"), "goodgo.snapshot/1"));
    keys("5P");
    CU_ASSERT_TRUE(wait_for("screen-redis-"));
    CU_ASSERT_PTR_NOT_NULL(strstr(saved("screen-redis-"), "[DEV] READ-ONLY"));
    keys("y");
    CU_ASSERT_TRUE(wait_for("there is no row to copy"));
    keys("1y");
    CU_ASSERT_TRUE(wait_for("sent to the terminal, and saved to"));
    close_console();
}

TEST(a_log_is_followed_as_it_grows) {
    make_dir("state");
    make_dir("state/jobs");
    make_dir("state/jobs/" JOB);
    append("state/jobs/" JOB "/events.jsonl", "{\"t\":1000,\"state\":\"done\"}\n");
    for (int i = 0; i < 100; i++)
        append("state/jobs/" JOB "/log", "pg_dump: a line of many\n");
    append("state/jobs/" JOB "/log", "pg_dump: error: the line of one\n");
    start();
    keys("J");
    CU_ASSERT_TRUE(wait_for("Jobs 1"));
    keys("\r");
    CU_ASSERT_TRUE(wait_for("the line of one"));
    CU_ASSERT_TRUE(shows("following"));
    append("state/jobs/" JOB "/log", "pg_dump: and another one\n");
    CU_ASSERT_TRUE(wait_for("and another one"));
    keys("g");
    CU_ASSERT_TRUE(wait_for("ITS LOG"));
    CU_ASSERT_FALSE(shows("another one"));
    keys("e");
    CU_ASSERT_TRUE(wait_for("the line of one"));
    close_console();
}

/* The files are there at once, whatever the database does; what is decided meanwhile is seen. */
TEST(proposals_are_shown_though_the_database_is_dead) {
#define PROPOSAL                                                                                   \
    "{\"order\":\"GGB1004A\",\"updated\":\"2026-03-10 01:03:00\",\"status\":\"PENDING\","          \
    "\"why\":\"almost names it\",\"evidence\":\"mb.csv:7 FT04\",\"dbVnd\":130000,"                 \
    "\"bankVnd\":130000,\"maker\":\"somebody\",\"makerUid\":4000000000,\"reason\":\"month end\","  \
    "\"made\":%lld,\"checker\":%s,\"checkerUid\":4000000001,\"approved\":%lld}"
    const char *path = "state/payments/proposals/3f0c5a1b2d4e6f70.json";
    char text[600], full[200], made[200];
    long long now = (long long)time(NULL);
    make_dir("state");
    make_dir("state/payments");
    make_dir("state/payments/proposals");
    snprintf(text, sizeof text, PROPOSAL, now, "null", 0LL);
    append(path, text);
    start();
    keys("p");
    CU_ASSERT_TRUE(wait_for("1 wait for a second person, 1 of them for you to decide"));
    CU_ASSERT_TRUE(shows("mb.csv:7 FT04"));
    CU_ASSERT_TRUE(wait_for("it is now not known: "));
    snprintf(text, sizeof text, PROPOSAL, now, "\"lan\"", now);
    append("state/payments/proposals/new", text);
    snprintf(made, sizeof made, "%s/state/payments/proposals/new", dir);
    snprintf(full, sizeof full, "%s/%s", dir, path);
    CU_ASSERT_EQUAL(rename(made, full), 0);
    CU_ASSERT_TRUE(wait_for("decided   approved by lan at"));
    CU_ASSERT_TRUE(shows("0 wait for a second person"));
    close_console();
}

TEST(a_moment_is_pinned_and_compared) {
    start();
    keys("=");
    CU_ASSERT_TRUE(wait_for("no moment is pinned"));
    keys("m");
    CU_ASSERT_TRUE(wait_for("is pinned; ="));
    CU_ASSERT_TRUE(wait_for("later at"));
    close_console();
}

TEST(y_shows_a_command_with_the_options_of_this_console) {
    start();
    keys("?Y");
    CU_ASSERT_TRUE(wait_for("goodgo --env-file"));
    CU_ASSERT_TRUE(shows(" keys"));
    keys("q");
    keys("0Y");
    CU_ASSERT_TRUE(wait_for("jq .self"));
    close_console();
}

static bool has_child(void) {
    int64_t end = now_ms() + PATIENCE_MS;
    while (!child_of(con.pid) && now_ms() < end)
        pump(10);
    return child_of(con.pid) > 1;
}

static bool is_reaped(pid_t pid) {
    int64_t end = now_ms() + PATIENCE_MS;
    while (kill(pid, 0) == 0 && now_ms() < end)
        pump(10);
    return kill(pid, 0) != 0 && errno == ESRCH;
}

TEST(who_leaves_before_the_plan_came_stops_whoever_makes_it) {
    static const char *const ways_out[] = {"\033", "q", "\003"};
    int fd = hanging_database();
    start();
    for (size_t i = 0; i < sizeof ways_out / sizeof *ways_out; i++) {
        keys(":cancel-session 1\r");
        CU_ASSERT_TRUE(wait_for("looking: cancel-session"));
        CU_ASSERT_TRUE_FATAL(has_child());
        pid_t asked = child_of(con.pid);
        keys(ways_out[i]);
        CU_ASSERT_TRUE(wait_for("left before its plan was made; nothing was done"));
        CU_ASSERT_TRUE(is_reaped(asked));
        CU_ASSERT_FALSE(con.over);
        keys("\014");
    }
    CU_ASSERT_EQUAL(child_of(con.pid), 0);
    close_console();
    close(fd);
}

static void copy_program(const char *to) {
    static char bytes[1 << 16];
    FILE *in = fopen(GOODGO_BIN, "rb"), *out = fopen(to, "wb");
    CU_ASSERT_TRUE_FATAL(in && out);
    for (size_t n; (n = fread(bytes, 1, sizeof bytes, in)) > 0;)
        CU_ASSERT_EQUAL(fwrite(bytes, 1, n, out), n);
    CU_ASSERT_EQUAL(fchmod(fileno(out), 0700), 0);
    CU_ASSERT_EQUAL(fclose(out), 0);
    fclose(in);
}

/* As an upgrade does it: the file is another one, and the screen goes on as the old one. */
TEST(a_program_that_was_replaced_makes_no_plan_and_says_so) {
    char own[160], state[96];
    snprintf(state, sizeof state, "%s/state", dir);
    snprintf(own, sizeof own, "%s/goodgo", dir);
    copy_program(own);
    const char *const argv[] = {own, "--env-file", env_file, "--state-dir", state, NULL};
    console_open(80, 24, "xterm-256color", "C.UTF-8", argv);
    CU_ASSERT_TRUE_FATAL(wait_for("READ-ONLY"));
    CU_ASSERT_EQUAL(unlink(own), 0);
    keys(":cancel-session 1\r");
    CU_ASSERT_TRUE(wait_for("goodgo was replaced while this screen was open: q quits"));
    close_console();
}

static int runner_says; /* a byte once it holds its job, another when it was asked to stop */

static void be_runner(const char *job, int says) {
    char path[200];
    sigset_t term;
    int signum;
    snprintf(path, sizeof path, "%s/%s/runner", dir, job);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* never longer than this test */
    sigemptyset(&term);
    sigaddset(&term, SIGTERM);
    if (fd < 0 || flock(fd, LOCK_EX) != 0 || sigprocmask(SIG_BLOCK, &term, NULL) != 0)
        _exit(1);
    for (;;)
        if (write(says, "r", 1) != 1 || sigwait(&term, &signum) != 0)
            _exit(1);
}

static bool runner_spoke(int ms) {
    struct pollfd p = {.fd = runner_says, .events = POLLIN};
    int64_t end = now_ms() + ms;
    char byte;
    while (poll(&p, 1, 0) == 0 && now_ms() < end)
        pump(10);
    return poll(&p, 1, 0) == 1 && read(runner_says, &byte, 1) == 1;
}

/* What holds the job as its runner does. */
static pid_t start_runner(const char *job) {
    char path[200], event[100];
    int ends[2];
    CU_ASSERT_EQUAL_FATAL(pipe(ends), 0);
    pid_t pid = fork();
    if (pid == 0)
        be_runner(job, ends[1]);
    close(ends[1]);
    runner_says = ends[0];
    snprintf(path, sizeof path, "%s/events.jsonl", job);
    snprintf(event, sizeof event,
             "{\"t\":1000,\"state\":\"running\",\"pid\":%d}\n{\"t\":1001,\"stage\":\"dump\"}\n",
             (int)pid);
    append(path, event);
    return pid;
}

TEST(a_running_job_is_cancelled_behind_its_plan_and_a_word) {
#define RUNNING     "20261126-020304-backup-3fa0"
#define RUNNING_DIR "state/jobs/" RUNNING
    make_dir("state");
    make_dir("state/jobs");
    make_dir(RUNNING_DIR);
    append(RUNNING_DIR "/plan.json",
           "{\"schema\":\"goodgo.plan/1\",\"id\":\"7bd684b60c1aba25\",\"action\":\"backup\","
           "\"context\":\"dev\",\"target\":\"database x\",\"tier\":1,\"count\":1,\"confirm\":\"dev "
           "1\","
           "\"arguments\":{},\"facts\":{},\"changes\":[],\"commands\":[],\"warnings\":[]}");
    pid_t runner = start_runner(RUNNING_DIR);
    start();
    CU_ASSERT_TRUE(runner_spoke(PATIENCE_MS));
    keys("J");
    CU_ASSERT_TRUE(wait_for("dump"));
    keys("a");
    CU_ASSERT_TRUE(wait_for("Cancel a job"));
    keys("\r");
    CU_ASSERT_TRUE(wait_for(":jobs cancel " RUNNING));
    keys("\r");
    CU_ASSERT_TRUE(wait_for("type y and Enter to run"));
    CU_ASSERT_TRUE(shows("backup on database x"));
    keys("\r"); /* Enter alone */
    keys("y\r");
    CU_ASSERT_TRUE(wait_for("read-only: :arm")); /* and nothing outside of a window */
    CU_ASSERT_FALSE(runner_spoke(0));
    keys("\033");
    CU_ASSERT_TRUE(wait_for("a acts"));
    keys(":arm 5m the shop is slow\r");
    CU_ASSERT_TRUE(wait_for("ARMED"));
    keys("\r"); /* on its own screen as well */
    CU_ASSERT_TRUE(wait_for("ITS LOG"));
    keys("a");
    CU_ASSERT_TRUE(wait_for("Cancel this job"));
    keys("\r");
    CU_ASSERT_TRUE(wait_for(":jobs cancel " RUNNING));
    keys("\r");
    CU_ASSERT_TRUE(wait_for("type y and Enter to run"));
    keys("y\r");
    CU_ASSERT_TRUE(wait_for("asked to stop; its state says when it has"));
    CU_ASSERT_TRUE(runner_spoke(PATIENCE_MS));
    keys(":jobs cancel nonsense\r");
    CU_ASSERT_TRUE(wait_for(" job.read nonsense: is no job here"));
    CU_ASSERT_FALSE(shows("goodgo: job.read"));
    kill(runner, SIGKILL);
    CU_ASSERT_EQUAL(waitpid(runner, NULL, 0), runner);
    close(runner_says);
    CU_ASSERT_PTR_NOT_NULL(strstr(saved("audit.jsonl"), "\"event\":\"cancel\""));
    CU_ASSERT_PTR_NOT_NULL(strstr(saved("audit.jsonl"), "the shop is slow"));
    close_console();
}

TEST(prepares_a_dead_platform) {
    write_env();
}

TEST(leaves_nothing_behind) {
    remove_dir();
}

SUITE(desk, T(prepares_a_dead_platform), T(s_saves_all_readings_and_capital_p_the_screen),
      T(a_log_is_followed_as_it_grows), T(proposals_are_shown_though_the_database_is_dead),
      T(a_moment_is_pinned_and_compared), T(y_shows_a_command_with_the_options_of_this_console),
      T(who_leaves_before_the_plan_came_stops_whoever_makes_it),
      T(a_program_that_was_replaced_makes_no_plan_and_says_so),
      T(a_running_job_is_cancelled_behind_its_plan_and_a_word), T(leaves_nothing_behind))
