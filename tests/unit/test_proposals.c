/* tests/unit/test_proposals.c - a suggestion needs two persons, the same payment, and a week at the
 * most; what stands in the state directory is not believed when it is no proposal. */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "io/file.h"
#include "io/peer.h"
#include "src/act/proposal_priv.h"

#define NOW 1800000000

static char dir[64];
static struct arena arena;
static struct err err;
static const struct person maker = {1001, "minh"}, checker = {1002, "lan"};
static char id[PROPOSAL_ID_SIZE];

static struct recon_row row(void) {
    return (struct recon_row){.provider = "BANK_TRANSFER",
                              .order_id = "cm1",
                              .tx_id = "",
                              .has_db = true,
                              .db_vnd = 100000,
                              .bank_vnd = 100000,
                              .db_status = PAY_PENDING,
                              .category = RECON_SUGGESTED,
                              .why = "almost names it",
                              .evidence = "vcb.csv:12 FT1",
                              .updated = "2026-03-10 01:00:00"};
}

static void begin(void) {
    struct recon_row r = row();
    str_copy(dir, sizeof dir, "/tmp/goodgo-proposals.XXXXXX");
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(dir));
    proposal_id(&r, id);
    CU_ASSERT_TRUE_FATAL(proposal_make(dir, &r, &maker, "month end", NOW, &err));
}

static const char *file(void) {
    static char path[160];
    snprintf(path, sizeof path, "%s/payments/proposals/%s.json", dir, id);
    return path;
}

static void end(void) {
    char path[160];
    unlink(file());
    snprintf(path, sizeof path, "%s/payments/proposals", dir);
    rmdir(path);
    snprintf(path, sizeof path, "%s/payments", dir);
    rmdir(path);
    CU_ASSERT_EQUAL(rmdir(dir), 0); /* nothing else was left there */
    arena_done(&arena);
}

static bool decide(bool agree, const struct person *who, const char *updated, const char *status,
                   int64_t now) {
    struct proposal p;
    const struct proposal_version version = {"cm1", updated, status};
    const struct proposal_decision d = {agree, agree ? "seen" : "another one's", &version};
    CU_ASSERT_TRUE_FATAL(proposal_read(dir, &arena, id, &p, &err));
    return proposal_decide(dir, &p, who, &d, now, &err);
}

static bool approve(const struct person *who, const char *updated, const char *status,
                    int64_t now) {
    return decide(true, who, updated, status, now);
}

static void refused(const struct person *who, const char *updated, const char *status, int64_t now,
                    const char *why) {
    CU_ASSERT_FALSE(approve(who, updated, status, now));
    CU_ASSERT_EQUAL(err.code, E_AUTH);
    if (!strstr(err.why, why))
        CHECK_STR(err.why, why);
}

TEST(another_person_approves_once) {
    struct proposal *all;
    uint32_t n;
    struct stat st;
    begin();
    CU_ASSERT_EQUAL(stat(file(), &st), 0);
    CU_ASSERT_EQUAL(st.st_mode & 0777, 0600);
    CU_ASSERT_TRUE(approve(&checker, row().updated, "PENDING", NOW + 60));
    refused(&checker, row().updated, "PENDING", NOW + 61, "lan approved it already");
    CU_ASSERT_TRUE(proposal_list(dir, &arena, &all, &n, &err));
    CU_ASSERT_EQUAL_FATAL(n, 1);
    CHECK_STR(all[0].maker, "minh");
    CHECK_STR(all[0].checker, "lan");
    CHECK_STR(all[0].reason, "month end");
    CHECK_STR(all[0].decision_reason, "seen");
    CU_ASSERT_EQUAL(all[0].approved_wall_s, NOW + 60);
    CU_ASSERT_EQUAL(proposal_state(&all[0], NOW + 60), PROPOSAL_APPROVED);
    CU_ASSERT_FALSE(decide(false, &checker, row().updated, "PENDING", NOW + 62));
    end();
}

/* To say no, the payment need not be the same any more. */
TEST(another_person_declines_once) {
    const struct person third = {1003, "hoa"};
    struct recon_row r = row();
    struct proposal p;
    begin();
    CU_ASSERT_FALSE(decide(false, &maker, "", "", NOW + 60));
    CU_ASSERT_EQUAL(err.code, E_AUTH);
    CU_ASSERT_TRUE(decide(false, &checker, "2026-03-11 09:00:00", "COMPLETED", NOW + 60));
    refused(&third, row().updated, "PENDING", NOW + 61, "lan declined it already");
    CU_ASSERT_TRUE(proposal_read(dir, &arena, id, &p, &err));
    CU_ASSERT_EQUAL(p.declined_wall_s, NOW + 60);
    CU_ASSERT_EQUAL(p.approved_wall_s, 0);
    CHECK_STR(p.decision_reason, "another one's");
    CHECK_STR(proposal_state_name(proposal_state(&p, NOW + 60)), "declined");
    CU_ASSERT_FALSE(proposal_make(dir, &r, &maker, "again", NOW + 120, &err)); /* not at once */
    CU_ASSERT_EQUAL(err.code, E_NONE);
    CU_ASSERT_TRUE(proposal_make(dir, &r, &maker, "again", NOW + 8 * 86400, &err));
    CU_ASSERT_TRUE(proposal_read(dir, &arena, id, &p, &err));
    CU_ASSERT_EQUAL(proposal_state(&p, NOW + 8 * 86400), PROPOSAL_WAITS);
    end();
}

TEST(who_may_decide_is_told_before_anybody_tries) {
    struct proposal p;
    const struct proposal_version same = {"cm1", row().updated, "PENDING"},
                                  other = {"cm1", row().updated, "FAILED"};
    begin();
    CU_ASSERT_TRUE(proposal_read(dir, &arena, id, &p, &err));
    CU_ASSERT_PTR_NULL(proposal_refusal(&p, &checker, &same, NOW, &arena));
    CU_ASSERT_PTR_NULL(proposal_refusal(&p, &checker, NULL, NOW, &arena));
    CHECK_STR(proposal_refusal(&p, &maker, &same, NOW, &arena),
              "minh proposed it: another person has to decide");
    CU_ASSERT_PTR_NOT_NULL(
        strstr(proposal_refusal(&p, &checker, &other, NOW, &arena), "reconcile again"));
    CU_ASSERT_EQUAL(proposal_state(&p, NOW + 7 * 86400 + 1), PROPOSAL_EXPIRED);
    end();
}

TEST(the_mark_of_the_list_changes_with_what_is_made_or_decided) {
    uint64_t none = proposal_list_mark("/nonexistent"), made, decided;
    begin();
    made = proposal_list_mark(dir);
    CU_ASSERT_NOT_EQUAL(made, 0);
    CU_ASSERT_NOT_EQUAL(made, none);
    CU_ASSERT_EQUAL(made, proposal_list_mark(dir));
    CU_ASSERT_TRUE(approve(&checker, row().updated, "PENDING", NOW + 60));
    decided = proposal_list_mark(dir);
    CU_ASSERT_NOT_EQUAL(made, decided);
    end();
}

TEST(never_the_same_person_by_number_or_by_name) {
    const struct person renamed = {1001, "root"}, renumbered = {7, "minh"};
    begin();
    refused(&maker, row().updated, "PENDING", NOW, "minh proposed it: another person");
    refused(&renamed, row().updated, "PENDING", NOW, "another person has to decide");
    refused(&renumbered, row().updated, "PENDING", NOW, "another person has to decide");
    end();
}

TEST(never_for_a_payment_that_changed_or_after_a_week) {
    begin();
    refused(&checker, "2026-03-11 01:00:00", "PENDING", NOW, "reconcile again");
    refused(&checker, row().updated, "COMPLETED", NOW, "is COMPLETED of");
    refused(&checker, row().updated, "PENDING", NOW + 7 * 86400 + 1, "older than 7 days");
    CU_ASSERT_TRUE(approve(&checker, row().updated, "PENDING", NOW + 7 * 86400));
    end();
}

TEST(a_second_proposal_keeps_the_first_maker_for_a_week) {
    struct recon_row r = row();
    struct proposal p;
    begin();
    CU_ASSERT_FALSE(proposal_make(dir, &r, &checker, "me too", NOW + 1, &err));
    CU_ASSERT_EQUAL(err.code, E_NONE);
    CU_ASSERT_TRUE(proposal_read(dir, &arena, id, &p, &err));
    CHECK_STR(p.maker, "minh");
    CU_ASSERT_TRUE(proposal_make(dir, &r, &checker, "again", NOW + 8 * 86400, &err));
    CU_ASSERT_TRUE(proposal_read(dir, &arena, id, &p, &err));
    CHECK_STR(p.maker, "lan");
    end();
}

TEST(its_number_is_that_of_payment_version_and_evidence) {
    char other[PROPOSAL_ID_SIZE];
    struct recon_row rows[] = {row(), row(), row(), row(), row()};
    rows[0].order_id = "cm2";
    rows[1].updated = "2026-03-10 01:00:01";
    rows[2].evidence = "vcb.csv:13 FT2";
    rows[3].bank_vnd++;
    rows[4].db_status = PAY_PROCESSING;
    begin();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        proposal_id(&rows[i], other);
        CU_ASSERT_NOT_EQUAL(strcmp(id, other), 0);
    }
    end();
}

TEST(what_is_no_proposal_is_refused) {
    static const char *const texts[] = {
        "",         "{}",
        "[]",       "{\"maker\": 1}",
        "not json", "{\"maker\": \"a\", \"makerUid\": -1, \"checkerUid\": 0}"};
    struct proposal p, *all;
    uint32_t n;
    begin();
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        CU_ASSERT_TRUE(writefile(file(), texts[i], strlen(texts[i]), &err));
        CU_ASSERT_FALSE(proposal_read(dir, &arena, id, &p, &err));
        CU_ASSERT_EQUAL(err.code, E_PROTOCOL);
        CU_ASSERT_PTR_NOT_NULL(strstr(err.why, "is damaged, and nothing in it is believed"));
        CU_ASSERT_FALSE(proposal_list(dir, &arena, &all, &n, &err)); /* and hides no other */
        CU_ASSERT_PTR_NOT_NULL(strstr(err.target, "goodgo-proposals"));
    }
    unlink(file());
    CU_ASSERT_FALSE(proposal_read(dir, &arena, id, &p, &err));
    CU_ASSERT_EQUAL(err.code, E_IO);
    CU_ASSERT_FALSE(proposal_read(dir, &arena, "../../../etc/passwd", &p, &err));
    CU_ASSERT_EQUAL(err.code, E_CONFIG);
    CU_ASSERT_FALSE(proposal_read(dir, &arena, "0123456789ABCDEF", &p, &err));
    CU_ASSERT_EQUAL(err.code, E_CONFIG);
    end();
}

TEST(a_proposal_too_long_or_in_no_directory_is_not_made) {
    struct recon_row r = row();
    char *endless = mem_alloc(70000);
    memset(endless, 'x', 69999);
    endless[69999] = 0;
    begin();
    r.evidence = endless;
    CU_ASSERT_FALSE(proposal_make(dir, &r, &maker, "month end", NOW, &err));
    CU_ASSERT_EQUAL(err.code, E_TOO_BIG);
    r.evidence = "vcb.csv:14 FT3";
    CU_ASSERT_FALSE(proposal_make("/dev/null", &r, &maker, "month end", NOW, &err));
    CU_ASSERT_EQUAL(err.code, E_IO);
    free(endless);
    end();
}

TEST(other_files_in_the_directory_are_passed_over) {
    struct proposal *all;
    uint32_t n;
    char other[160];
    begin();
    snprintf(other, sizeof other, "%s/payments/proposals/notes.json", dir);
    CU_ASSERT_TRUE(writefile(other, "{}", 2, &err));
    CU_ASSERT_TRUE(proposal_list(dir, &arena, &all, &n, &err));
    CU_ASSERT_EQUAL(n, 1);
    unlink(other);
    end();
}

static int by_id(const void *a, const void *b) {
    return strcmp(((const struct proposal *)a)->id, ((const struct proposal *)b)->id);
}

TEST(a_row_finds_the_proposal_about_it) {
    static const char *const orders[] = {"cm1", "cm2", "cm3", "cm4", "cm5"};
    struct proposal list[ARRAY_LEN(orders)];
    struct recon_row r = row();
    struct recon_resolution done;
    char found[PROPOSAL_ID_SIZE];
    for (size_t i = 0; i < ARRAY_LEN(orders); i++) {
        r.order_id = orders[i];
        list[i] = (struct proposal){.order_id = orders[i],
                                    .approved_wall_s = i == 0 ? NOW : 0,
                                    .declined_wall_s = i == 1 ? NOW : 0};
        proposal_id(&r, list[i].id);
    }
    qsort(list, ARRAY_LEN(list), sizeof *list, by_id);
    for (size_t i = 0; i < ARRAY_LEN(orders); i++) {
        r.order_id = orders[i];
        const struct proposal *p = proposal_about(list, ARRAY_LEN(list), &r, found, &done);
        CU_ASSERT_PTR_NOT_NULL_FATAL(p);
        CHECK_STR(p->order_id, orders[i]);
        CHECK_STR(p->id, found);
        CHECK_STR(done.state, i == 0 ? "approved" : i == 1 ? "declined" : "proposed");
        CU_ASSERT_EQUAL(done.wall_s, i < 2 ? NOW : 0);
    }
    r.order_id = "cm6";
    CU_ASSERT_PTR_NULL(proposal_about(list, ARRAY_LEN(list), &r, found, &done));
    CU_ASSERT_EQUAL(strlen(found), PROPOSAL_ID_SIZE - 1);
    r = row();
    r.category = RECON_UNMATCHED;
    CU_ASSERT_PTR_NULL(proposal_about(list, ARRAY_LEN(list), &r, found, &done));
    CHECK_STR(found, "");
}

SUITE(proposals, T(another_person_approves_once), T(another_person_declines_once),
      T(who_may_decide_is_told_before_anybody_tries),
      T(the_mark_of_the_list_changes_with_what_is_made_or_decided),
      T(never_the_same_person_by_number_or_by_name),
      T(never_for_a_payment_that_changed_or_after_a_week),
      T(a_second_proposal_keeps_the_first_maker_for_a_week),
      T(its_number_is_that_of_payment_version_and_evidence), T(what_is_no_proposal_is_refused),
      T(a_proposal_too_long_or_in_no_directory_is_not_made),
      T(other_files_in_the_directory_are_passed_over), T(a_row_finds_the_proposal_about_it))
