/* tests/unit/test_audit.c - the trail: what was appended is found, what was touched is told. */
#include "harness.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "act/audit.h"
#include "act/job.h"
#include "io/file.h"

static char dir[64], trail[128], head[128];
static struct arena arena;
static struct err err;
static struct audit_verdict verdict;

static bool append(const char *outcome) {
    struct actor who = {"minh", "lan", "10.0.0.9 5 10.0.0.1 22", "bastion", "/dev/pts/3"};
    struct audit_record r = {.event = "result",
                             .action = "backup",
                             .context = "prod",
                             .target = "database goodgo",
                             .outcome = outcome,
                             .reason = "INC-231 \"quoted\" \n second line"};
    r.details.at[r.details.n++] = (struct pair){"file", "goodgo_1.sql.gz"};
    return audit_append(dir, &who, &r, &err);
}

/* One that announces a job, whose directory has such events and no living runner. */
static void intend(const char *job, const char *events) {
    struct actor who = {.login = "minh", .host = "bastion"};
    struct audit_record r = {.event = "intent", .action = "backup", .job_id = job};
    char id[JOB_ID_SIZE];
    struct plan p;
    plan_init(&p, &arena, "backup", "dev", TIER_HARMLESS);
    p.target = "database goodgo";
    plan_seal(&p);
    CU_ASSERT_TRUE_FATAL(job_create(dir, &p, "minh", 1, id, &err));
    CU_ASSERT_EQUAL_FATAL(rename(job_path(&arena, dir, id, ""), job_path(&arena, dir, job, "")), 0);
    CU_ASSERT_TRUE(
        file_append(job_path(&arena, dir, job, "events.jsonl"), events, strlen(events), &err));
    CU_ASSERT_TRUE(audit_append(dir, &who, &r, &err));
}

static void set_up(int records) {
    snprintf(dir, sizeof dir, "/tmp/goodgo-audit-XXXXXX");
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(dir));
    snprintf(trail, sizeof trail, "%s/audit.jsonl", dir);
    snprintf(head, sizeof head, "%s/audit.head", dir);
    for (int i = 0; i < records; i++)
        CU_ASSERT_TRUE(append(i % 2 ? "done" : "failed"));
}

static void tear_down(void) {
    char command[160];
    pid_t pid = fork();
    snprintf(command, sizeof command, "%s", dir);
    if (pid == 0) {
        execl("/bin/rm", "rm", "-rf", command, (char *)NULL);
        _exit(1);
    }
    waitpid(pid, NULL, 0);
}

static struct file_content content(void) {
    struct file_content f = {0};
    CU_ASSERT_TRUE_FATAL(readfile(&arena, trail, 1 << 20, &f, &err));
    return f;
}

static void put(const char *bytes, size_t n) {
    CU_ASSERT_TRUE_FATAL(writefile(trail, bytes, n, &err));
}

static bool holds(void) {
    CU_ASSERT_TRUE_FATAL(audit_verify(dir, &verdict, &err));
    return verdict.ok;
}

TEST(an_absent_trail_is_whole) {
    set_up(0);
    CU_ASSERT_TRUE(holds());
    CU_ASSERT_EQUAL(verdict.n_records, 0);
    tear_down();
}

TEST(records_are_chained_and_listed_newest_first) {
    struct audit_record *r;
    uint32_t n;
    set_up(3);
    CU_ASSERT_TRUE(holds());
    CU_ASSERT_EQUAL(verdict.n_records, 3);
    CU_ASSERT_TRUE_FATAL(audit_list(dir, &arena, 2, &r, &n, &err));
    CU_ASSERT_EQUAL_FATAL(n, 2);
    CU_ASSERT_EQUAL(r[0].seq, 3);
    CHECK_STR(r[0].outcome, "failed");
    CHECK_STR(r[1].outcome, "done");
    CHECK_STR(r[0].who, "minh (sudo from lan) @bastion from 10.0.0.9");
    CHECK_STR(r[0].details.at[0].value, "goodgo_1.sql.gz");
    CU_ASSERT_EQUAL(strlen(r[0].hash), 64);
    tear_down();
}

TEST(any_changed_byte_is_told) {
    set_up(3);
    struct file_content f = content();
    for (size_t i = 0; i < f.len; i += 7) {
        char *copy = arena_strndup(&arena, f.bytes, f.len);
        copy[i] ^= 1;
        put(copy, f.len);
        CU_ASSERT_FALSE(holds());
    }
    put(f.bytes, f.len);
    CU_ASSERT_TRUE(holds());
    tear_down();
}

TEST(any_cut_is_told) {
    set_up(3);
    struct file_content f = content();
    for (size_t n = 0; n < f.len; n += 11) {
        put(f.bytes, n);
        CU_ASSERT_FALSE(holds());
    }
    tear_down();
}

TEST(a_removed_moved_or_doubled_record_is_told) {
    set_up(3);
    struct file_content f = content();
    size_t a = (size_t)(strchr(f.bytes, '\n') + 1 - f.bytes);
    size_t b = (size_t)(strchr(f.bytes + a, '\n') + 1 - f.bytes);
    char *s = arena_alloc(&arena, 2 * f.len);
    memcpy(s, f.bytes + a, f.len - a); /* the first is gone */
    put(s, f.len - a);
    CU_ASSERT_FALSE(holds());
    memcpy(s, f.bytes + a, b - a); /* the first two swapped */
    memcpy(s + b - a, f.bytes, a);
    memcpy(s + b, f.bytes + b, f.len - b);
    put(s, f.len);
    CU_ASSERT_FALSE(holds());
    memcpy(s, f.bytes, f.len); /* the last one twice */
    memcpy(s + f.len, f.bytes + b, f.len - b);
    put(s, f.len + f.len - b);
    CU_ASSERT_FALSE(holds());
    tear_down();
}

TEST(a_whole_cut_tail_is_told_by_the_head) {
    set_up(3);
    struct file_content f = content();
    size_t a = (size_t)(strchr(f.bytes, '\n') + 1 - f.bytes);
    put(f.bytes, a);
    CU_ASSERT_FALSE(holds());
    CU_ASSERT_PTR_NOT_NULL(strstr(verdict.err.why, "end was cut"));
    unlink(head);
    put(f.bytes, f.len);
    CU_ASSERT_FALSE(holds());
    tear_down();
}

/* The writer died between the trail and the head. */
TEST(a_head_one_record_behind_is_no_breach) {
    struct file_content before;
    set_up(2);
    CU_ASSERT_TRUE_FATAL(readfile(&arena, head, 4096, &before, &err));
    CU_ASSERT_TRUE(append("done"));
    CU_ASSERT_TRUE(writefile(head, before.bytes, before.len, &err));
    CU_ASSERT_TRUE(holds());
    CU_ASSERT_TRUE(append("done"));
    CU_ASSERT_TRUE(holds());
    CU_ASSERT_EQUAL(verdict.n_records, 4);
    tear_down();
}

/* The head could not be written three times: its record still stands where it was. */
TEST(a_head_that_lags_is_no_breach_but_a_trail_that_was_cut_and_grew_again_is) {
    struct file_content old_head;
    set_up(2);
    CU_ASSERT_TRUE_FATAL(readfile(&arena, head, 4096, &old_head, &err));
    for (int i = 0; i < 3; i++)
        CU_ASSERT_TRUE(append("done"));
    CU_ASSERT_TRUE(writefile(head, old_head.bytes, old_head.len, &err));
    CU_ASSERT_TRUE(holds());
    CU_ASSERT_EQUAL(verdict.n_records, 5);
    struct file_content f = content(), five;
    CU_ASSERT_TRUE_FATAL(readfile(&arena, trail, 1 << 20, &five, &err));
    size_t first = (size_t)(strchr(f.bytes, '\n') + 1 - f.bytes);
    put(f.bytes, first); /* the records behind the first are cut off, and others take their place */
    CU_ASSERT_TRUE(append("refused"));
    CU_ASSERT_TRUE(append("refused"));
    CU_ASSERT_TRUE(writefile(head, old_head.bytes, old_head.len, &err));
    CU_ASSERT_FALSE(holds());
    tear_down();
}

TEST(an_unfinished_record_is_set_aside_and_the_chain_goes_on) {
    set_up(2);
    struct file_content f = content();
    char *s = arena_alloc(&arena, f.len + 20);
    memcpy(s, f.bytes, f.len);
    memcpy(s + f.len, "{\"seq\":3,\"tim", 13);
    put(s, f.len + 13);
    CU_ASSERT_FALSE(holds());
    CU_ASSERT_TRUE(append("done"));
    CU_ASSERT_TRUE(holds());
    CU_ASSERT_EQUAL(verdict.n_records, 3);
    CU_ASSERT_PTR_NOT_NULL(strstr(content().bytes, "13 bytes of an unfinished record"));
    tear_down();
}

TEST(a_link_in_place_of_the_trail_is_refused) {
    set_up(0);
    CU_ASSERT_EQUAL(symlink("/etc/hostname", trail), 0);
    CU_ASSERT_FALSE(append("done"));
    tear_down();
}

TEST(fifty_writers_at_once_make_one_chain) {
    set_up(0);
    for (int i = 0; i < 50; i++)
        if (fork() == 0)
            _exit(append("done") ? 0 : 1);
    int failures = 0, status;
    while (wait(&status) > 0)
        failures += status != 0;
    CU_ASSERT_EQUAL(failures, 0);
    CU_ASSERT_TRUE(holds());
    CU_ASSERT_EQUAL(verdict.n_records, 50);
    tear_down();
}

TEST(an_intent_whose_runner_died_is_unknown_and_says_what_to_check) {
    static const char running[] = "{\"t\":1,\"state\":\"running\",\"pid\":4}\n";
    static const char ended[] = "{\"t\":1,\"state\":\"running\",\"pid\":4}\n"
                                "{\"t\":2,\"state\":\"done\",\"exit\":0}\n";
    struct actor who = {.login = "minh"};
    struct audit_record *r,
        result = {.event = "result", .outcome = "failed", .job_id = "20260101-000000-backup-0002"};
    uint32_t n;
    set_up(0);
    intend("20260101-000000-backup-0001", running);
    intend("20260101-000000-backup-0002", running); /* it has a result: what else is there is old */
    intend("20260101-000000-backup-0003", ended);
    CU_ASSERT_TRUE(audit_append(dir, &who, &result, &err));
    CU_ASSERT_TRUE_FATAL(audit_list(dir, &arena, 10, &r, &n, &err));
    CU_ASSERT_EQUAL_FATAL(n, 4);
    audit_tell_dead(dir, &arena, r, n);
    CU_ASSERT_PTR_NULL(r[1].outcome);
    CU_ASSERT_PTR_NULL(r[2].outcome);
    CHECK_STR(r[3].outcome, "unknown");
    CHECK_STR(
        r[3].why,
        "its runner died, or could not write its end: check by hand what it was doing: "
        "database goodgo was only read, nothing there has to be undone; run goodgo backup again");
    CU_ASSERT_TRUE(audit_verify(dir, &verdict, &err) && verdict.ok);
    tear_down();
}

static void wipe(void) {
    CU_ASSERT_EQUAL(unlink(trail), 0);
    CU_ASSERT_EQUAL(unlink(head), 0);
}

TEST(a_trail_that_was_removed_whole_is_missed_by_the_jobs) {
    static const char waited[] = "{\"t\":1,\"state\":\"waiting\",\"pid\":4}\n";
    static const char ran[] = "{\"t\":1,\"state\":\"running\",\"pid\":4}\n"
                              "{\"t\":2,\"state\":\"done\",\"exit\":0}\n";
    set_up(0);
    intend("20260101-000000-backup-0001", waited);
    wipe();
    CU_ASSERT_TRUE(holds()); /* it never began */
    intend("20260101-000000-backup-0002", ran);
    CU_ASSERT_TRUE(holds());
    wipe();
    CU_ASSERT_FALSE(holds());
    CU_ASSERT_PTR_NOT_NULL(strstr(verdict.err.why, "backup-0002 has begun, and is not in it"));
    tear_down();
}

SUITE(audit, T(a_trail_that_was_removed_whole_is_missed_by_the_jobs),
      T(an_intent_whose_runner_died_is_unknown_and_says_what_to_check), T(an_absent_trail_is_whole),
      T(records_are_chained_and_listed_newest_first), T(any_changed_byte_is_told),
      T(any_cut_is_told), T(a_removed_moved_or_doubled_record_is_told),
      T(a_whole_cut_tail_is_told_by_the_head), T(a_head_one_record_behind_is_no_breach),
      T(a_head_that_lags_is_no_breach_but_a_trail_that_was_cut_and_grew_again_is),
      T(an_unfinished_record_is_set_aside_and_the_chain_goes_on),
      T(a_link_in_place_of_the_trail_is_refused), T(fifty_writers_at_once_make_one_chain))
