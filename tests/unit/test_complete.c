/* tests/unit/test_complete.c - what may follow a command line is what the command line takes. */
#include "harness.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "act/job.h"
#include "base/clock.h"
#include "io/file.h"
#include "src/app/complete_priv.h"

static struct app_context app;
static struct str out;

/* The words offered for a line whose words are separated by '|', with blanks between. */
static const char *offered(const char *line) {
    static char words[8192];
    char *argv[16], copy[256];
    int n = 0;
    str_copy(copy, sizeof copy, line);
    for (char *p = copy; p; n++) {
        argv[n] = p;
        p = strchr(p, '|');
        if (p)
            *p++ = 0;
    }
    arena_clear(&app.arena);
    app.options = (struct options){0};
    str_clear(&out);
    complete_words(&app, argv, n, &out);
    words[0] = 0;
    for (const char *p = str_get(&out); *p; p += strcspn(p, "\n") + 1) {
        size_t used = strlen(words);
        snprintf(words + used, sizeof words - used, "%s%.*s", used ? " " : "",
                 (int)strcspn(p, "\t\n"), p);
    }
    return words;
}

static void begin(void) {
    static bool begun;
    if (!begun)
        arena_init(&app.arena), str_init(&out, 1u << 20);
    begun = true;
}

TEST(offers_the_commands_that_begin_with_the_word) {
    begin();
    CHECK_STR(offered("sta"), "status");
    CHECK_STR(offered("--env-file|x|sta"), "status");
    CHECK_STR(offered("nosuch"), "");
    CU_ASSERT_PTR_NOT_NULL(strstr(offered(""), "version"));
}

TEST(a_command_comes_with_its_help) {
    begin();
    offered("them");
    CHECK_STR(str_get(&out), "themes\tthe colour themes\n");
}

TEST(offers_only_options_that_the_command_takes) {
    begin();
    CHECK_STR(offered("version|--"), "--json --help");
    CHECK_STR(offered("status|--o"), "--only");
    CHECK_STR(offered("check|--o"), "");
}

TEST(offers_no_option_twice) {
    begin();
    CHECK_STR(offered("version|--json|--"), "--help");
    CHECK_STR(offered("version|-j|--"), "--help");
}

TEST(offers_the_values_of_an_option) {
    begin();
    CHECK_STR(offered("render|--format|"), "text ansi svg");
    CHECK_STR(offered("render|overview|--theme|con"), "contrast");
    CHECK_STR(offered("--env-file|"), ":file");
    CHECK_STR(offered("-e|"), ":file");
    CHECK_STR(offered("--state-dir|"), ":dir");
    CHECK_STR(offered("--timeout|"), "");
}

TEST(keeps_what_stands_in_front_of_the_value) {
    begin();
    CHECK_STR(offered("render|--format=s"), "--format=svg");
    CHECK_STR(offered("status|--only|redis,typ"), "redis,typesense");
    CHECK_STR(offered("status|--only=api,red"), "--only=api,redis");
}

TEST(reads_an_equals_sign_that_bash_has_cut_off) {
    begin();
    CHECK_STR(offered("render|--format|="), "text ansi svg");
    CHECK_STR(offered("render|--format|=|sv"), "svg");
    CHECK_STR(offered("render|--format|=|svg|over"), "overview");
}

TEST(offers_the_operands_of_the_command) {
    begin();
    CHECK_STR(offered("env|"), "check names");
    CHECK_STR(offered("check|a"), "api ai-services all");
    CHECK_STR(offered("query|p9"), "p99 p95");
    CHECK_STR(offered("render|pg"), "pgbouncer pg-backup");
    CHECK_STR(offered("--timeout|100|check|-j|red"), "redis");
}

TEST(offers_sub_commands_and_then_what_each_of_them_takes) {
    begin();
    CHECK_STR(offered("payments|ver"), "verify");
    CHECK_STR(offered("audit|"), "list verify");
    CHECK_STR(offered("payments|--provider|vnpay|li"), "list");
    CHECK_STR(offered("payments|list|--c"), "--context --config --class --csv");
    CHECK_STR(offered("payments|show|--c"), "--context --config");
    CHECK_STR(offered("payments|settle-transfer|X|--ev"), "--evidence");
    CHECK_STR(offered("payments|list|--provider|mo"), "momo");
    CHECK_STR(offered("payments|list|--class|stuck,not_c"), "stuck,not_closed");
    CHECK_STR(offered("payments|list|--status|PENDING,F"), "PENDING,FAILED");
    CHECK_STR(offered("--state-dir|/nowhere|jobs|show|"), "last");
    CHECK_STR(offered("jobs|frob|"), "");
    CHECK_STR(offered("payments|kinds|"), "");
}

TEST(offers_nothing_behind_the_last_operand_or_an_unknown_command) {
    begin();
    CHECK_STR(offered("env|check|"), "");
    CHECK_STR(offered("nosuch|"), "");
    CHECK_STR(offered("status|"), "");
}

static void touch(const char *dir, const char *name) {
    char path[512];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *f = fopen(path, "we");
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    fclose(f);
}

static void remove_all(const char *dir, const char *const *names, size_t n) {
    char path[512];
    for (size_t i = 0; i < n; i++) {
        snprintf(path, sizeof path, "%s/%s", dir, names[i]);
        remove(path);
    }
}

TEST(offers_the_contexts_and_themes_that_are_files) {
    static const char *const files[] = {"goodgo/contexts/prod.env",
                                        "goodgo/contexts/staging.env",
                                        "goodgo/contexts/notes.txt",
                                        "goodgo/themes/mine.theme",
                                        "goodgo/contexts",
                                        "goodgo/themes",
                                        "goodgo",
                                        ""};
    char dir[] = "/tmp/goodgo-complete.XXXXXX", path[512];
    begin();
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(dir));
    for (size_t i = 7; i-- > 4;) {
        snprintf(path, sizeof path, "%s/%s", dir, files[i]);
        CU_ASSERT_EQUAL_FATAL(mkdir(path, 0700), 0);
    }
    for (size_t i = 0; i < 4; i++)
        touch(dir, files[i]);
    setenv("XDG_CONFIG_HOME", dir, 1);
    CHECK_STR(offered("--context|"), "prod staging");
    CHECK_STR(offered("-c|pr"), "prod");
    CHECK_STR(offered("render|--theme|m"), "mono mine");
    unsetenv("XDG_CONFIG_HOME");
    remove_all(dir, files, ARRAY_LEN(files));
}

/* Two hours ago, and done. */
static void make_job(const char *state_dir, char id[JOB_ID_SIZE]) {
    struct plan p;
    struct arena a;
    struct err err;
    char path[512], log[80];
    int64_t began_ms = clock_wall_ms() - 7200500;
    arena_init(&a);
    plan_init(&p, &a, "backup", "dev", TIER_HARMLESS);
    p.target = "db1";
    plan_seal(&p);
    CU_ASSERT_TRUE_FATAL(job_create(state_dir, &p, "me", began_ms, id, &err));
    snprintf(path, sizeof path, "%s/jobs/%s/events.jsonl", state_dir, id);
    snprintf(log, sizeof log, "{\"t\":%lld,\"state\":\"done\"}\n", (long long)began_ms);
    CU_ASSERT_TRUE_FATAL(writefile(path, log, strlen(log), &err));
    arena_done(&a);
}

TEST(offers_jobs_with_what_they_were) {
    char dir[] = "/tmp/goodgo-complete.XXXXXX", line[256], words[256], id[JOB_ID_SIZE];
    struct err err;
    begin();
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(dir));
    make_job(dir, id);
    snprintf(words, sizeof words, "last %s", id);
    snprintf(line, sizeof line, "--state-dir|%s|jobs|show|", dir);
    CHECK_STR(offered(line), words);
    CU_ASSERT_PTR_NOT_NULL(strstr(str_get(&out), "\tbackup of db1, done, 2h00m ago\n"));
    snprintf(line, sizeof line, "jobs|attach|--state-dir|=|%s|", dir); /* as bash cuts it */
    CHECK_STR(offered(line), words);
    snprintf(line, sizeof line, "--state-dir|%s|jobs|cancel|", dir); /* it has ended */
    CHECK_STR(offered(line), "last");
    snprintf(line, sizeof line, "%s/jobs/%s", dir, id);
    CU_ASSERT_TRUE(dir_remove(line, &err));
    snprintf(line, sizeof line, "%s/jobs", dir);
    CU_ASSERT_EQUAL(rmdir(line), 0);
    CU_ASSERT_EQUAL(rmdir(dir), 0);
}

TEST(offers_the_backups_of_the_directory) {
    static const char name[] = "goodgo_20260101_020000.sql.gz";
    char dir[] = "/tmp/goodgo-complete.XXXXXX", line[256], env[512];
    struct err err;
    begin();
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(dir));
    touch(dir, name);
    snprintf(line, sizeof line, "%s/.env", dir);
    snprintf(env, sizeof env, "BACKUP_DIR=%s\n", dir);
    CU_ASSERT_TRUE_FATAL(writefile(line, env, strlen(env), &err));
    snprintf(line, sizeof line, "--env-file|%s/.env|verify|", dir);
    CHECK_STR(offered(line), "goodgo_20260101_020000.sql.gz latest");
    CU_ASSERT_PTR_NOT_NULL(strstr(str_get(&out), "\tgrade F, "));
    snprintf(line, sizeof line, "--env-file|%s/.env|restore|--into|x|goo", dir);
    CHECK_STR(offered(line), name);
    snprintf(line, sizeof line, "--env-file|%s/.env|restore|./", dir); /* of elsewhere */
    CHECK_STR(offered(line), ":file");
    snprintf(line, sizeof line, "--env-file|%s/.env|fetch-backup|", dir); /* in the bucket */
    CHECK_STR(offered(line), ":file");
    snprintf(line, sizeof line, "--env-file|%s/none|restore|", dir);
    CHECK_STR(offered(line), ":file");
    CU_ASSERT_TRUE(dir_remove(dir, &err));
}

SUITE(complete, T(offers_the_commands_that_begin_with_the_word), T(a_command_comes_with_its_help),
      T(offers_only_options_that_the_command_takes), T(offers_no_option_twice),
      T(offers_the_values_of_an_option), T(keeps_what_stands_in_front_of_the_value),
      T(reads_an_equals_sign_that_bash_has_cut_off), T(offers_the_operands_of_the_command),
      T(offers_sub_commands_and_then_what_each_of_them_takes),
      T(offers_nothing_behind_the_last_operand_or_an_unknown_command),
      T(offers_the_contexts_and_themes_that_are_files), T(offers_jobs_with_what_they_were),
      T(offers_the_backups_of_the_directory))
