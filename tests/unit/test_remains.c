/* tests/unit/test_remains.c - what each act says that a runner which died may have left: every act
 * has its words, for every stage, of stages that there are, and real names stand in them. */
#include "harness.h"
#include "src/act/remains_priv.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "base/attr.h"
#include "base/str.h"
#include "io/file.h"

static struct arena arena;
static struct plan plan;
static struct job_info job;

static void begin(const char *target, const char *stage) {
    arena_init(&arena);
    plan_init(&plan, &arena, "any", "dev", TIER_CHANGES);
    plan.target = target;
    job = (struct job_info){.id = "1", .stage = stage, .state = JOB_UNKNOWN};
}

static void has(struct pairs *pairs, const char *name, const char *value) {
    pairs->at[pairs->n++] = (struct pair){name, value};
}

static void tell(const char *id) {
    const struct act *act = act_find(id);
    CU_ASSERT_PTR_NOT_NULL_FATAL(act);
    job.by_hand.n = 0;
    remains_tell(act->remains, &plan, &job, &arena, &job.by_hand);
}

static bool says(const char *part) {
    for (uint32_t i = 0; i < job.by_hand.n; i++)
        if (strstr(job.by_hand.at[i], part))
            return true;
    return false;
}

static void check_says(const char *part) {
    if (!says(part)) {
        printf("\n    nobody says \"%s\":\n", part);
        for (uint32_t i = 0; i < job.by_hand.n; i++)
            printf("    - %s\n", job.by_hand.at[i]);
    }
    CU_ASSERT_TRUE(says(part));
}

/* The first words of a stage's call in any source of the acts. */
static bool is_a_stage(const char *name, size_t n) {
    const char *dir = TEST_DIR "/../src/act";
    const char *call = arena_printf(&arena, "job, \"%.*s\", UNIT_", (int)n, name);
    const char *own = arena_printf(&arena, "(j, \"%.*s\", UNIT_", (int)n, name);
    struct dirent *d;
    struct err err;
    bool found = false;
    DIR *all = opendir(dir);
    CU_ASSERT_PTR_NOT_NULL_FATAL(all);
    while (!found && (d = readdir(all))) {
        struct file_content f;
        if (d->d_name[0] != '.' && readfile(&arena, arena_printf(&arena, "%s/%s", dir, d->d_name),
                                            (size_t)1 << 20, &f, &err))
            found = strstr(f.bytes, call) || strstr(f.bytes, own);
    }
    closedir(all);
    return found;
}

TEST(every_act_says_something_whatever_the_stage_and_whatever_is_known) {
    for (uint32_t i = 0; i < n_acts; i++) {
        begin("some target", "no such stage");
        tell(acts[i]->id);
        if (!job.by_hand.n)
            printf("\n    %s says nothing\n", acts[i]->id);
        CU_ASSERT_TRUE(job.by_hand.n > 0);
        arena_done(&arena);
    }
}

TEST(its_sentences_are_well_formed_and_of_stages_that_there_are) {
    begin("", "");
    for (uint32_t i = 0; i < n_acts; i++)
        for (const struct act_remains *r = acts[i]->remains; r->text; r++) {
            int open = 0;
            for (const char *c = r->text; *c; c++) {
                open += (*c == '{') - (*c == '}');
                CU_ASSERT_TRUE(open == 0 || open == 1);
            }
            CU_ASSERT_EQUAL(open, 0);
            CU_ASSERT_NOT_EQUAL(r->text[strlen(r->text) - 1], '.');
            for (const char *at = r->stages; at && *at;) {
                size_t n = strcspn(at, "|");
                if (!is_a_stage(at, n))
                    printf("\n    %s: %.*s is no stage\n", acts[i]->id, (int)n, at);
                CU_ASSERT_TRUE(is_a_stage(at, n));
                at += n + (at[n] == '|');
            }
        }
    arena_done(&arena);
}

TEST(a_backup_names_its_partial_file_and_what_is_whole) {
    begin("database goodgo", "dump");
    has(&plan.facts, "directory", "/b");
    has(&job.hand, "part", "/b/x.part");
    has(&job.hand, "archive", "/b/x");
    tell("backup");
    check_says("/b/x.part: if it is there, it is no whole dump");
    check_says("the next goodgo backup into /b removes it");
    CU_ASSERT_FALSE(says("is whole and read back"));
    job.stage = "publish";
    tell("backup");
    check_says("goodgo verify --quick /b/x)");
    has(&job.result, "file", "/b/x");
    has(&plan.facts, "bucket", "http://m/backups");
    job.stage = "upload";
    tell("backup");
    check_says("/b/x is whole and read back");
    check_says("of the copy in http://m/backups only a part");
    CU_ASSERT_FALSE(says("no whole dump"));
    arena_done(&arena);
}

TEST(a_restore_tells_before_the_swap_from_the_swap) {
    begin("database copy", "restore");
    has(&plan.arguments, "into", "copy");
    tell("restore");
    check_says("database copy is as it was");
    CU_ASSERT_FALSE(says("half restored")); /* it was not begun */
    has(&job.hand, "database", "copy_new_1");
    tell("restore");
    check_says("database copy_new_1 may be there, half restored");
    check_says("DROP DATABASE \"copy_new_1\"");
    has(&job.hand, "before", "copy_before_1");
    has(&job.result, "safety dump", "/b/x");
    job.stage = "change names";
    tell("restore");
    CU_ASSERT_FALSE(says("is as it was"));
    check_says("if copy_before_1 is there, it is what copy was");
    check_says("goodgo verify --quick /b/x");
    arena_done(&arena);
}

TEST(drills_name_their_database_or_their_cluster) {
    begin("restore drill", "restore");
    has(&job.hand, "database", "goodgo_verify_1");
    tell("verify");
    check_says("database goodgo_verify_1 may be there");
    CU_ASSERT_FALSE(says("cluster"));
    job.hand.n = 0;
    has(&job.hand, "cluster", "/tmp/goodgo-scratch-1");
    tell("verify");
    check_says("pg_ctl -D /tmp/goodgo-scratch-1/data");
    arena_done(&arena);
}

TEST(a_reindex_tells_what_is_filled_and_what_serves) {
    begin("search listings", "import");
    has(&plan.facts, "collection", "listings_1, made 7");
    tell("reindex");
    check_says("run the same again, it goes on");
    has(&job.hand, "staging", "listings_2");
    tell("reindex");
    check_says("collection listings_2 is half filled; listings is still served by listings_1");
    has(&job.hand, "swapping", "listings_2");
    job.stage = "swap";
    tell("reindex");
    check_says("the swap to listings_2 had begun");
    arena_done(&arena);
}

TEST(money_names_the_payment_that_may_have_moved) {
    begin("payments", "replay");
    has(&plan.arguments, "ids", "c1,c2");
    tell("replay");
    CU_ASSERT_FALSE(says("may have moved"));
    has(&job.hand, "payment", "c2");
    tell("replay");
    check_says("c2 was handed to the API and no answer is known");
    check_says("goodgo payments show c2, before you replay it again");
    plan.target = "payment c9";
    plan.arguments.n = 0;
    has(&plan.arguments, "id", "c9");
    has(&plan.arguments, "ref", "FT26");
    tell("settle-transfer");
    check_says("payment c9 is settled in one transaction");
    check_says("goodgo payments show c9 (COMPLETED with transaction FT26");
    arena_done(&arena);
}

TEST(a_pause_says_how_clients_go_on) {
    begin("pgbouncer goodgo", "");
    has(&plan.facts, "command", "PAUSE goodgo");
    tell("pgbouncer-control");
    CU_ASSERT_FALSE(says("RESUME --db"));
    has(&job.hand, "resume", "RESUME --db goodgo");
    tell("pgbouncer-control");
    check_says("PAUSE goodgo stays in force");
    check_says("goodgo pgbouncer-control RESUME --db goodgo");
    arena_done(&arena);
}

SUITE(remains, T(every_act_says_something_whatever_the_stage_and_whatever_is_known),
      T(its_sentences_are_well_formed_and_of_stages_that_there_are),
      T(a_backup_names_its_partial_file_and_what_is_whole),
      T(a_restore_tells_before_the_swap_from_the_swap),
      T(drills_name_their_database_or_their_cluster),
      T(a_reindex_tells_what_is_filled_and_what_serves),
      T(money_names_the_payment_that_may_have_moved), T(a_pause_says_how_clients_go_on))
