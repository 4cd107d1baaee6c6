/* tests/unit/test_jobs.c - job directories as anybody reads them: whole, torn, orphaned, hostile,
 * and just ending. */
#define _GNU_SOURCE /* RTLD_NEXT */
#include "harness.h"

#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "act/audit.h"
#include "act/job.h"
#include "base/clock.h"
#include "io/file.h"

static char dir[64], id[JOB_ID_SIZE];
static struct arena arena;
static struct err err;
static struct job_info info;
static int held = -1;

/* What the runner writes just before somebody looks whether it is there. */
static const char *last_words;

int flock(int fd, int operation) {
    const char *words = last_words;
    last_words = NULL;
    if (words && operation == (LOCK_SH | LOCK_NB))
        CU_ASSERT_TRUE(
            file_append(job_path(&arena, dir, id, "events.jsonl"), words, strlen(words), &err));
    return (int)syscall(SYS_flock, fd, operation);
}

/* How often the trail was opened: each reader first looks whether there is one. */
static int n_trails;

int access(const char *path, int mode) {
    size_t n = strlen(path);
    n_trails += n > 12 && strcmp(path + n - 12, "/audit.jsonl") == 0;
    return (int)syscall(SYS_faccessat, AT_FDCWD, path, mode);
}

/* So many jobs of an older day are the first that a directory gives. */
static int n_old;

struct dirent *readdir(DIR *d) {
    static struct dirent old;
    struct dirent *(*real)(DIR *);
    *(void **)&real = dlsym(RTLD_NEXT, "readdir");
    if (n_old <= 0)
        return real(d);
    snprintf(old.d_name, sizeof old.d_name, "20250101-%06d-x-0000", n_old--);
    return &old;
}

static void make_at(int64_t wall_ms) {
    struct plan p;
    snprintf(dir, sizeof dir, "/tmp/goodgo-jobs-XXXXXX");
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(dir));
    plan_init(&p, &arena, "backup", "dev", TIER_HARMLESS);
    p.target = "database goodgo";
    plan_fact(&p, "directory", "/b");
    plan_seal(&p);
    CU_ASSERT_TRUE_FATAL(job_create(dir, &p, "minh @bastion", wall_ms, id, &err));
}

static void make(void) {
    make_at(clock_wall_ms());
}

static const char *file(const char *name) {
    return job_path(&arena, dir, id, name);
}

static void event(const char *line) {
    CU_ASSERT_TRUE_FATAL(file_append(file("events.jsonl"), line, strlen(line), &err));
}

static void hold(void) {
    CU_ASSERT_TRUE_FATAL(file_lock(file("runner"), &held, &err));
    CU_ASSERT_TRUE_FATAL(held >= 0);
}

static void clean(void) {
    if (held >= 0)
        close(held);
    held = -1;
    pid_t pid = fork();
    if (pid == 0) {
        execl("/bin/rm", "rm", "-rf", dir, (char *)NULL);
        _exit(1);
    }
    waitpid(pid, NULL, 0);
}

static bool look(void) {
    return job_read(dir, id, &arena, &info, &err);
}

TEST(a_new_job_is_planned_and_says_by_whom) {
    make();
    CU_ASSERT_TRUE_FATAL(look());
    CU_ASSERT_EQUAL(info.state, JOB_PLANNED);
    CHECK_STR(info.who, "minh @bastion");
    CHECK_STR(info.action, "backup");
    CU_ASSERT_TRUE(info.created_wall_ms > 0);
    struct stat st;
    CU_ASSERT_EQUAL(stat(file(""), &st), 0);
    CU_ASSERT_EQUAL(st.st_mode & 077, 0);
    clean();
}

TEST(a_job_is_planned_as_long_as_its_runner_starts) {
    int log = -1;
    make_at(clock_wall_ms() - 3600000);
    CU_ASSERT_TRUE_FATAL(file_lock(file("log"), &log, &err) && log >= 0);
    CU_ASSERT_TRUE_FATAL(look());
    CU_ASSERT_EQUAL(info.state, JOB_PLANNED); /* however long that takes */
    close(log);
    CU_ASSERT_TRUE_FATAL(look());
    CU_ASSERT_EQUAL(info.state, JOB_UNKNOWN);
    CHECK_STR(info.why, "its runner never got to the first step: nothing was changed");
    last_words = "{\"t\":1000,\"state\":\"done\",\"exit\":0}\n";
    CU_ASSERT_TRUE_FATAL(look()); /* it ended between the two looks */
    CU_ASSERT_EQUAL(info.state, JOB_DONE);
    clean();
}

TEST(progress_gives_rate_and_estimate) {
    make();
    hold();
    event("{\"t\":1000,\"state\":\"running\",\"pid\":42}\n");
    event("{\"t\":2000,\"stage\":\"dump\",\"unit\":\"bytes\",\"total\":1000}\n");
    event("{\"t\":4000,\"done\":400,\"total\":1000,\"note\":\"public.User\"}\n");
    CU_ASSERT_TRUE_FATAL(look());
    CU_ASSERT_EQUAL(info.state, JOB_RUNNING);
    CU_ASSERT_EQUAL(info.runner_pid, 42);
    CHECK_STR(info.stage, "dump");
    CHECK_STR(info.note, "public.User");
    CU_ASSERT_EQUAL(info.unit, UNIT_BYTES);
    CU_ASSERT_DOUBLE_EQUAL(info.rate_per_s, 200, 0.1);
    CU_ASSERT_DOUBLE_EQUAL(info.eta_s, 3, 0.1);
    event("{\"t\":5000,\"done\":1001,\"total\":1000}\n");
    CU_ASSERT_TRUE_FATAL(look());
    CU_ASSERT(info.done == 1001 && info.total == 0 && info.eta_s < 0); /* never 101 % */
    CU_ASSERT_DOUBLE_EQUAL(info.rate_per_s, 333.7, 0.1);
    clean();
}

TEST(earlier_runs_add_the_stages_to_come) {
    static const char history[] =
        "{\"action\":\"other\",\"target\":\"database goodgo\",\"stages\":[{\"stage\":\"dump\","
        "\"total\":1,\"ms\":99999999}]}\n"
        "{\"action\":\"backup\",\"target\":\"database goodgo\",\"stages\":[{\"stage\":\"dump\"},{"
        "\"total\":1,\"ms\":1}]}\n"
        "{\"action\":\"backup\",\"target\":\"database goodgo\",\"stages\":[{\"stage\":\"dump\","
        "\"total\":1000,\"ms\":5000},{\"stage\":\"read back\",\"total\":9,\"ms\":7000}]}\n";
    make();
    hold();
    CU_ASSERT_TRUE(
        writefile(arena_printf(&arena, "%s/history.jsonl", dir), history, strlen(history), &err));
    event("{\"t\":1000,\"state\":\"running\"}\n");
    event("{\"t\":2000,\"stage\":\"dump\",\"unit\":\"bytes\",\"total\":1000}\n");
    CU_ASSERT_TRUE_FATAL(look());
    CU_ASSERT_DOUBLE_EQUAL(info.eta_s, 12, 0.1);
    clean();
}

TEST(a_running_job_without_runner_is_unknown) {
    make();
    event("{\"t\":1000,\"state\":\"running\",\"pid\":42}\n");
    event("{\"t\":2000,\"stage\":\"dump\",\"unit\":\"bytes\",\"total\":1000}\n");
    CU_ASSERT_TRUE_FATAL(look());
    CU_ASSERT_EQUAL(info.state, JOB_UNKNOWN);
    CHECK_STR(info.why, "its runner died in stage dump, or could not write its end: check by hand "
                        "what it was doing");
    CU_ASSERT_FALSE(job_cancel(dir, id, &err));
    clean();
}

TEST(one_that_is_being_started_can_be_cancelled) {
    make();
    hold();
    last_words = "{\"t\":1000,\"state\":\"waiting\",\"pid\":42}\n"; /* behind the first look */
    CU_ASSERT_TRUE(job_read_started(dir, id, &arena, &info, &err));
    CU_ASSERT_EQUAL(info.state, JOB_WAITING);
    CU_ASSERT_TRUE(job_may_cancel(&info, &err));
    clean();
}

TEST(one_that_ends_while_it_is_read_has_ended) {
    make();
    event("{\"t\":1000,\"state\":\"running\",\"pid\":1}\n");
    hold();
    close(held);
    held = -1;
    last_words = "{\"t\":2000,\"state\":\"done\",\"exit\":0}\n";
    CU_ASSERT_TRUE(look());
    CU_ASSERT_PTR_NULL(last_words);
    CU_ASSERT_EQUAL(info.state, JOB_DONE);
    CU_ASSERT_EQUAL(info.by_hand.n, 0);
    clean();
}

TEST(an_unknown_job_says_what_it_had_in_hand) {
    make();
    event("{\"t\":1000,\"state\":\"running\",\"pid\":42}\n");
    event("{\"t\":2000,\"stage\":\"dump\",\"unit\":\"bytes\",\"total\":1000}\n");
    event("{\"t\":2001,\"hand\":\"gone\",\"value\":\"1\"}\n{\"t\":2002,\"hand\":\"gone\",\"value\":"
          "null}\n");
    event("{\"t\":2003,\"hand\":\"part\",\"value\":\"/b/old\"}\n");
    event("{\"t\":2003,\"hand\":\"archive\",\"value\":\"/b/x\"}\n");
    event("{\"t\":2004,\"hand\":\"part\",\"value\":\"/b/\\u001bx.part\"}\n");
    CU_ASSERT_TRUE_FATAL(look());
    CU_ASSERT_EQUAL(info.hand.n, 2);
    CU_ASSERT_EQUAL_FATAL(info.by_hand.n, 2);
    CHECK_STR(info.by_hand.at[1],
              "/b/?x.part: if it is there, it is no whole dump and has no final "
              "name; the next goodgo backup into /b removes it");
    clean();
    make();
    event("{\"t\":1000,\"state\":\"waiting\"}\n");
    CU_ASSERT_TRUE_FATAL(look());
    CU_ASSERT_EQUAL(info.state, JOB_UNKNOWN);
    CU_ASSERT_EQUAL(info.by_hand.n, 0); /* nothing was changed */
    clean();
}

/* One record of the trail, as the runner of `job` writes it. */
static void recorded(const char *job, const char *event, const char *outcome, const char *why) {
    struct actor actor = {.login = "minh"};
    struct audit_record r = {.event = event,
                             .action = "backup",
                             .job_id = job,
                             .outcome = outcome,
                             .why = why,
                             .details = {{{"of", id}}, 1}};
    CU_ASSERT_TRUE_FATAL(audit_append(dir, &actor, &r, &err));
}

TEST(an_outcome_that_only_the_trail_has_is_told_with_the_runners_death) {
    make();
    event("{\"t\":1000,\"state\":\"running\",\"pid\":42}\n");
    recorded(id, "intent", NULL, NULL);
    hold();
    recorded(id, "result", "done", NULL);
    CU_ASSERT_TRUE_FATAL(look());
    CU_ASSERT_EQUAL(info.state, JOB_RUNNING); /* who lives may still write it */
    CU_ASSERT_FALSE(info.runner_died);
    close(held);
    held = -1;
    recorded("20260101-000000-backup-0000", "result", "failed", "another job"); /* names ours too */
    CU_ASSERT_TRUE_FATAL(look());
    CU_ASSERT_EQUAL(info.state, JOB_DONE);
    CU_ASSERT_TRUE(info.runner_died);
    CU_ASSERT_EQUAL(info.exit_code, 0);
    CU_ASSERT_TRUE(info.ended_wall_ms > 1000);
    CHECK_STR(info.why, "the audit trail has this outcome; its runner died, or could not write its "
                        "end, after it had recorded that");
    CU_ASSERT_EQUAL_FATAL(info.by_hand.n, 1);
    CHECK_STR(info.by_hand.at[0], "AdminAuditLog may lack the row of this act");
    clean();
}

TEST(a_failure_that_only_the_trail_has_keeps_its_reason) {
    make();
    event("{\"t\":1000,\"state\":\"running\",\"pid\":42}\n");
    recorded(id, "intent", NULL, NULL);
    recorded(id, "result", "failed", "disk full");
    CU_ASSERT_TRUE_FATAL(look());
    CU_ASSERT_EQUAL(info.state, JOB_FAILED);
    CU_ASSERT_EQUAL(info.exit_code, -1); /* it may have had one of its own */
    CU_ASSERT_TRUE(strncmp(info.why, "disk full; the audit trail has", 30) == 0);
    clean();
    make();
    event("{\"t\":1000,\"state\":\"waiting\",\"pid\":42}\n");
    recorded(id, "refused", "refused", "the lock is another's");
    CU_ASSERT_TRUE_FATAL(look());
    CU_ASSERT_EQUAL(info.state, JOB_REFUSED);
    CU_ASSERT_EQUAL(info.exit_code, 3);
    CU_ASSERT_EQUAL(info.by_hand.n, 0); /* nothing was changed */
    clean();
}

TEST(a_trail_without_its_outcome_leaves_a_job_unknown) {
    make();
    event("{\"t\":1000,\"state\":\"running\",\"pid\":42}\n");
    recorded(id, "result", "done", NULL); /* older than its intent: of another life */
    recorded(id, "approved", "approved", NULL);
    recorded(id, "intent", NULL, NULL);
    recorded("20260101-000000-backup-0000", "result", "done", NULL);
    CU_ASSERT_TRUE_FATAL(look());
    CU_ASSERT_EQUAL(info.state, JOB_UNKNOWN);
    CU_ASSERT_TRUE(info.runner_died);
    recorded(id, "result", "asleep", NULL);
    CU_ASSERT_TRUE_FATAL(look());
    CU_ASSERT_EQUAL(info.state, JOB_UNKNOWN);
    recorded(id, "result", "running", NULL);
    CU_ASSERT_TRUE_FATAL(look());
    CU_ASSERT_EQUAL(info.state, JOB_UNKNOWN);
    clean();
}

TEST(an_end_stays_an_end) {
    make();
    event("{\"t\":1000,\"state\":\"running\"}\n");
    event("{\"t\":1500,\"result\":{\"file\":\"x\"}}\n");
    event("{\"t\":2000,\"state\":\"failed\",\"exit\":2,\"why\":\"disk full\"}\n");
    CU_ASSERT_TRUE_FATAL(look());
    CU_ASSERT_EQUAL(info.state, JOB_FAILED);
    CU_ASSERT_EQUAL(info.exit_code, 2);
    CHECK_STR(info.why, "disk full");
    CHECK_STR(info.result.at[0].value, "x");
    clean();
}

TEST(half_a_line_and_rubbish_are_passed_over) {
    make();
    hold();
    event("{\"t\":1000,\"state\":\"running\"}\n");
    event("\033[2J rubbish\n[[[[\n{\"t\":\"x\"}\n{\"t\":1}\n");
    event("{\"t\":2000,\"stage\":\"a\\u001b[31mb\",\"unit\":\"parsec\",\"total\":-5}\n");
    event("{\"t\":2500,\"state\":\"asleep\"}\n{\"t\":2600,\"done\":7}\n");
    event("{\"t\":3000,\"state\":\"do");
    CU_ASSERT_TRUE_FATAL(look());
    CU_ASSERT_EQUAL(info.state, JOB_RUNNING);
    CU_ASSERT_PTR_NULL(strchr(info.stage, 033));
    CU_ASSERT_EQUAL(info.total, 0);
    CU_ASSERT_EQUAL(info.done, 7);
    clean();
}

TEST(a_job_is_found_by_prefix_and_as_last) {
    make();
    char first[JOB_ID_SIZE];
    struct plan p;
    memcpy(first, id, sizeof first);
    plan_init(&p, &arena, "verify", "dev", TIER_HARMLESS);
    plan_seal(&p);
    int64_t later = clock_wall_ms() / 1000 * 1000 + 60000;
    CU_ASSERT_TRUE_FATAL(job_create(dir, &p, "x", later, id, &err));
    CU_ASSERT_TRUE_FATAL(job_read(dir, "last", &arena, &info, &err));
    CHECK_STR(info.id, id);
    plan_init(&p, &arena, "backup", "dev",
              TIER_HARMLESS); /* in the same second, before it by name */
    plan_seal(&p);
    CU_ASSERT_TRUE_FATAL(job_create(dir, &p, "x", later + 1, id, &err));
    CU_ASSERT_TRUE_FATAL(job_read(dir, "last", &arena, &info, &err));
    CHECK_STR(info.id, id);
    CU_ASSERT_FALSE(job_read(dir, "2", &arena, &info, &err)); /* both begin with the year */
    CU_ASSERT_TRUE(job_read(dir, first, &arena, &info, &err));
    CU_ASSERT_FALSE(job_read(dir, "../jobs", &arena, &info, &err));
    CU_ASSERT_FALSE(job_read(dir, "", &arena, &info, &err));
    clean();
}

TEST(the_list_is_newest_first_and_names_what_cannot_be_read) {
    struct job_info *jobs;
    uint32_t n;
    make();
    CU_ASSERT_EQUAL(mkdir(arena_printf(&arena, "%s/jobs/20990101-000000-x-0000", dir), 0700), 0);
    CU_ASSERT_EQUAL(mkdir(arena_printf(&arena, "%s/jobs/not a job", dir), 0700), 0);
    CU_ASSERT_TRUE_FATAL(job_list(dir, &arena, 10, &jobs, &n, &err));
    CU_ASSERT_EQUAL_FATAL(n, 2);
    CU_ASSERT_EQUAL(jobs[0].state, JOB_UNKNOWN);
    CU_ASSERT_PTR_NOT_NULL(jobs[0].why);
    CHECK_STR(jobs[1].id, id);
    clean();
}

/* Of years of them: a directory may give the newest one last. */
TEST(of_very_many_jobs_the_newest_is_last) {
    struct job_info *jobs;
    uint32_t n;
    make_at(INT64_C(4102444800000)); /* 2100-01-01 */
    const char *first = arena_strdup(&arena, id);
    struct plan p;
    plan_init(&p, &arena, "verify", "dev", TIER_HARMLESS);
    plan_seal(&p);
    CU_ASSERT_TRUE_FATAL(job_create(dir, &p, "x", INT64_C(4102444799000), id, &err));
    n_old = 20000;
    CU_ASSERT_TRUE_FATAL(job_list(dir, &arena, 2, &jobs, &n, &err));
    CU_ASSERT_EQUAL_FATAL(n, 2);
    CHECK_STR(jobs[0].id, first);
    CHECK_STR(jobs[1].id, id);
    n_old = 20000;
    CU_ASSERT_TRUE(job_read(dir, "last", &arena, &info, &err));
    CHECK_STR(info.id, first);
    clean();
}

TEST(a_list_of_dead_jobs_reads_the_trail_once) {
    struct job_info *jobs;
    struct audit_record *records;
    uint32_t n;
    char first[JOB_ID_SIZE];
    make();
    event("{\"t\":1000,\"state\":\"running\",\"pid\":42}\n");
    recorded(id, "intent", NULL, NULL);
    recorded(id, "result", "done", NULL);
    memcpy(first, id, sizeof first);
    for (int i = 0; i < 3; i++) {
        struct plan p;
        plan_init(&p, &arena, "backup", "dev", TIER_HARMLESS);
        plan_seal(&p);
        CU_ASSERT_TRUE_FATAL(job_create(dir, &p, "minh", clock_wall_ms() + 60000, id, &err));
        event("{\"t\":1000,\"state\":\"running\",\"pid\":42}\n");
        recorded(id, "intent", NULL, NULL);
    }
    n_trails = 0;
    CU_ASSERT_TRUE_FATAL(job_list(dir, &arena, 10, &jobs, &n, &err));
    CU_ASSERT_EQUAL_FATAL(n, 4);
    CU_ASSERT_EQUAL(n_trails, 1);
    CU_ASSERT_EQUAL(jobs[0].state, JOB_UNKNOWN);
    CHECK_STR(jobs[3].id, first);
    CU_ASSERT_EQUAL(jobs[3].state, JOB_DONE);
    CU_ASSERT_TRUE_FATAL(audit_list(dir, &arena, 10, &records, &n, &err));
    n_trails = 0;
    audit_tell_dead(dir, &arena, records, n);
    CU_ASSERT_EQUAL(n_trails, 1);
    CHECK_STR(records[0].outcome, "unknown");
    clean();
}

TEST(a_state_directory_without_jobs_is_an_empty_list) {
    struct job_info *jobs;
    uint32_t n = 9;
    CU_ASSERT_TRUE(job_list("/nonexistent", &arena, 10, &jobs, &n, &err));
    CU_ASSERT_EQUAL(n, 0);
}

TEST(jobs_that_cannot_be_looked_for_are_not_called_none) {
    struct job_info *jobs;
    uint32_t n = 9;
    char broken[] = "/tmp/goodgo-jobs-XXXXXX";
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(broken));
    const char *file = arena_printf(&arena, "%s/jobs", broken);
    CU_ASSERT_TRUE_FATAL(writefile(file, "", 0, &err));
    CU_ASSERT_FALSE(job_list(broken, &arena, 10, &jobs, &n, &err));
    CU_ASSERT_EQUAL(err.code, E_IO);
    CU_ASSERT_EQUAL(n, 9);
    CU_ASSERT_FALSE(job_read(broken, "last", &arena, &(struct job_info){0}, &err));
    CU_ASSERT_EQUAL(err.code, E_IO);
    CU_ASSERT_EQUAL(job_list_mark(broken, 10), 0);
    unlink(file);
    rmdir(broken);
}

SUITE(jobs, T(a_new_job_is_planned_and_says_by_whom),
      T(a_job_is_planned_as_long_as_its_runner_starts), T(progress_gives_rate_and_estimate),
      T(earlier_runs_add_the_stages_to_come), T(a_running_job_without_runner_is_unknown),
      T(one_that_is_being_started_can_be_cancelled), T(one_that_ends_while_it_is_read_has_ended),
      T(an_unknown_job_says_what_it_had_in_hand),
      T(an_outcome_that_only_the_trail_has_is_told_with_the_runners_death),
      T(a_failure_that_only_the_trail_has_keeps_its_reason),
      T(a_trail_without_its_outcome_leaves_a_job_unknown), T(an_end_stays_an_end),
      T(half_a_line_and_rubbish_are_passed_over), T(a_job_is_found_by_prefix_and_as_last),
      T(the_list_is_newest_first_and_names_what_cannot_be_read),
      T(of_very_many_jobs_the_newest_is_last), T(a_list_of_dead_jobs_reads_the_trail_once),
      T(a_state_directory_without_jobs_is_an_empty_list),
      T(jobs_that_cannot_be_looked_for_are_not_called_none))
