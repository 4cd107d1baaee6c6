/* tests/loop/test_settle_transfer.c - a bank transfer settled by its statement, in a real
 * PostgreSQL: one transaction with its evidence and its row in AdminAuditLog, or nothing at all. */
#define _GNU_SOURCE /* close_range of pg_server.h */
#include <pthread.h>

#include "io/file.h"
#include "pay_database.h"

extern const struct act act_settle_transfer;

static struct bench b;
static struct settings settings;
static char state_dir[96], evidence[96], empty[96], statement[96], back[96];
static struct pairs arguments;
static struct plan plan;
static struct err err;

static void begin(void) {
    b = (struct bench){.explain = false};
    settings = (struct settings){.context = "dev",
                                 .has_postgres = true,
                                 .postgres = pg.target,
                                 .admin_user = "minh@goodgo.vn"};
    pg_run("postgres", "TRUNCATE \"Payment\", \"AdminAuditLog\"");
    pay_put(&b, "t1", "BANK_TRANSFER", 5000, "PENDING", 3600, NULL);
}

static const char statement_text[] = "Transaction date;Reference;Description;Debit;Credit\n"
                                     "01/01/2026;FT26;a;;5,000\n"
                                     "01/01/2026;FT27;b;5,000;\n"
                                     "01/01/2026;;chuyen tien ft2900;;5,000\n"
                                     "01/01/2026;FT30;one of two;;2,000\n";

static const char back_text[] = "Transaction date;Reference;Description;Debit;Credit\n"
                                "01/01/2026;FT41;GGB1;;5,000\n"
                                "02/01/2026;FT41;tra lai;5,000;\n"
                                "02/01/2026;FT43;nham voi FT42;;5,000\n"
                                "02/01/2026;FT42;GGB2;;4,000\n";

/* NULL leaves an option out. */
static bool planned(const char *id, const char *ref, const char *amount, const char *file) {
    const struct pair given[] = {
        {"id", id}, {"ref", ref}, {"amount", amount}, {"evidence", file}, {PLAN_REASON, "D-1"}};
    struct act_input in = {.settings = &settings,
                           .state_dir = state_dir,
                           .arena = &b.arena,
                           .arguments = &arguments,
                           .now_wall_ms = clock_wall_ms()};
    arguments = (struct pairs){.n = 0};
    for (size_t i = 0; i < sizeof given / sizeof *given; i++)
        if (given[i].value)
            arguments.at[arguments.n++] = given[i];
    memset(&err, 0, sizeof err);
    return act_plan(&act_settle_transfer, &in, &plan, &err);
}

static void refused(const char *id, const char *ref, const char *amount, const char *file,
                    const char *why) {
    CU_ASSERT_FALSE(planned(id, ref, amount, file));
    if (!strstr(err.why, why))
        CHECK_STR(err.why, why);
}

static bool run(const char **ret_result) {
    struct job *j = pay_job(&settings, state_dir, &plan);
    memset(&err, 0, sizeof err);
    bool ok = act_settle_transfer.run(j, &plan, &err);
    *ret_result = arena_strdup(&b.arena, pay_result_of(j, "t1"));
    job_close(j);
    return ok;
}

static const char *row(void) {
    return pay_one(&b, "SELECT status::text || ' ' || coalesce(\"providerTxId\", '-') FROM "
                       "\"Payment\" WHERE id = 't1'");
}

static const char *logged(void) {
    return pay_one(&b, "SELECT count(*) FROM \"AdminAuditLog\"");
}

TEST(starts_a_server) {
    pg_server_start();
    pg_run("postgres", pay_database_sql);
    snprintf(state_dir, sizeof state_dir, "%s/state", pg.dir);
    snprintf(evidence, sizeof evidence, "%s/vcb.csv", pg.dir);
    snprintf(empty, sizeof empty, "%s/empty.csv", pg.dir);
    CU_ASSERT_TRUE_FATAL(writefile(evidence, "FT26,5000\n", 10, &err));
    CU_ASSERT_TRUE_FATAL(writefile(empty, "", 0, &err));
    snprintf(statement, sizeof statement, "%s/mb.csv", pg.dir);
    CU_ASSERT_TRUE_FATAL(writefile(statement, statement_text, strlen(statement_text), &err));
    snprintf(back, sizeof back, "%s/back.csv", pg.dir);
    CU_ASSERT_TRUE_FATAL(writefile(back, back_text, strlen(back_text), &err));
}

TEST(the_row_its_evidence_and_the_log_go_together) {
    const char *result;
    begin();
    CU_ASSERT_TRUE_FATAL(planned("t1", "FT26", "5000", evidence));
    CU_ASSERT_EQUAL(plan.tier, TIER_DESTROYS);
    CU_ASSERT_TRUE(run(&result));
    CHECK_STR(row(), "COMPLETED FT26");
    CU_ASSERT_PTR_NOT_NULL(strstr(result, "PENDING -> COMPLETED since "));
    CHECK_STR(pay_one(&b, "SELECT (\"callbackData\" ->> 'evidenceSha256') = encode(sha256("
                          "'FT26,5000\n'), 'hex') AND \"callbackData\" = l.metadata AND "
                          "l.\"actorId\" = 'u1' AND l.\"targetId\" = p.id FROM \"Payment\" p, "
                          "\"AdminAuditLog\" l"),
              "t");
    bench_done(&b);
}

TEST(what_the_statement_does_not_prove_is_refused) {
    begin();
    pay_put(&b, "v1", "VNPAY", 5000, "PENDING", 60, NULL);
    pay_put(&b, "t2", "BANK_TRANSFER", 5000, "COMPLETED", 60, NULL);
    pg_run("postgres", "UPDATE \"Payment\" SET \"providerTxId\" = 'FT1' WHERE id = 't2'");
    refused(NULL, "FT26", "5000", evidence, "name the payment");
    refused("t9", "FT26", "5000", evidence, "is no payment's id");
    refused("t1", NULL, "5000", evidence, "is no reference");
    refused("t1", "FT 26;", "5000", evidence, "is no reference");
    refused("t1", "FT26", NULL, evidence, "is no amount in whole dong");
    refused("t1", "FT26", "5000.5", evidence, "is no amount in whole dong");
    refused("t1", "FT26", "4999", evidence, "is of 5,000 VND, and the statement says 4,999");
    refused("t1", "FT26", "5000", NULL, "no money is settled on a word alone");
    refused("t1", "FT26", "5000", "vcb.csv", "is not a whole path");
    refused("t1", "FT26", "5000", empty, "is empty: it proves nothing");
    refused("t1", "FT26", "5000", "/no/such/file", "No such file");
    refused("v1", "FT26", "5000", evidence, "is a payment of VNPAY, no bank transfer");
    refused("t2", "FT26", "5000", evidence, "already done: it is COMPLETED");
    CU_ASSERT_EQUAL(err.code, E_NOT_READY);
    refused("t1", "FT1", "5000", evidence, "has settled payment t2 already");
    settings.has_postgres = false;
    refused("t1", "FT26", "5000", evidence, "is not set");
    bench_done(&b);
}

static bool tells(const struct lines *lines, const char *what) {
    for (uint32_t i = 0; i < lines->n; i++)
        if (strstr(lines->at[i], what))
            return true;
    return false;
}

TEST(a_statement_that_can_be_read_has_the_credit_in_it) {
    begin();
    CU_ASSERT_TRUE(planned("t1", "FT26", "5000", statement));
    CU_ASSERT_TRUE(tells(&plan.changes, "line 2 of it is this credit: FT26, 5,000 VND"));
    CU_ASSERT_TRUE(planned("t1", "FT2900", "5000", statement));
    CU_ASSERT_TRUE(tells(&plan.changes, "line 4 of it is this credit"));
    CU_ASSERT_TRUE(planned("t1", "FT30", "5000", statement));
    CU_ASSERT_TRUE(tells(&plan.warnings, "line 5 of mb.csv is a credit of 2,000 VND, the payment"));
    CU_ASSERT_TRUE(planned("t1", "FT26", "5000", evidence));
    CU_ASSERT_TRUE(tells(&plan.warnings, "vcb.csv is no statement that can be read"));
    refused("t1", "FT27", "5000", statement, "is money that goes out, in line 3 of mb.csv");
    refused("t1", "FT290", "5000", statement,
            "is the reference of no line of mb.csv; its line 2 has this amount: FT26");
    refused("t1", "FT290", "5001", statement, "and no line of it has this amount");
    bench_done(&b);
}

/* A credit that was taken back, and a word of a text that is not the line's reference. */
TEST(a_line_that_proves_less_than_it_seems_is_warned_of) {
    begin();
    CU_ASSERT_TRUE(planned("t1", "FT41", "5000", back));
    CU_ASSERT_TRUE(tells(&plan.changes, "line 2 of it is this credit"));
    CU_ASSERT_TRUE(tells(&plan.warnings, "line 3 of back.csv takes money out with FT41 too"));
    CU_ASSERT_FALSE(tells(&plan.warnings, "is only a word"));
    CU_ASSERT_TRUE(planned("t1", "GGB1", "5000", back));
    CU_ASSERT_TRUE(tells(&plan.warnings,
                         "GGB1 is only a word in the text of line 2, whose reference is FT41"));
    CU_ASSERT_FALSE(tells(&plan.warnings, "takes money out"));
    CU_ASSERT_TRUE(planned("t1", "FT42", "5000", back)); /* line 4 names it, and is another */
    CU_ASSERT_TRUE(tells(&plan.warnings, "line 5 of back.csv is a credit of 4,000 VND"));
    CU_ASSERT_TRUE(planned("t1", "FT2900", "5000", statement));
    CU_ASSERT_FALSE(tells(&plan.warnings, "is only a word"));
    bench_done(&b);
}

TEST(a_reference_written_otherwise_is_the_same_credit) {
    const char *result;
    begin();
    pay_put(&b, "t2", "BANK_TRANSFER", 5000, "PENDING", 60, NULL);
    CU_ASSERT_TRUE_FATAL(planned("t1", "ft26", "5000", statement));
    CU_ASSERT_TRUE(run(&result));
    CHECK_STR(row(), "COMPLETED FT26");
    refused("t2", "Ft26", "5000", statement, "has settled payment t1 already");
    bench_done(&b);
}

TEST(without_an_administrator_nothing_is_settled) {
    const char *result;
    begin();
    settings.admin_user = "nobody@goodgo.vn";
    CU_ASSERT_TRUE_FATAL(planned("t1", "FT26", "5000", evidence));
    CU_ASSERT_FALSE(run(&result));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.why, "without a row in AdminAuditLog nothing is settled"));
    CHECK_STR(row(), "PENDING -");
    CHECK_STR(logged(), "0");
    bench_done(&b);
}

/* --- somebody else is quicker --- */

struct settler {
    struct job *job;
    struct err err;
    bool ok;
    pthread_t thread;
};

static void *settle_in_a_thread(void *settler) {
    struct settler *s = settler;
    s->ok = act_settle_transfer.run(s->job, &plan, &s->err);
    return NULL;
}

/* True once the settler's statement waits for the lock of the row. */
static bool waits_for_the_row(void) {
    int64_t until = clock_mono_ms() + PATIENCE_MS;
    while (clock_mono_ms() < until) {
        if (!strcmp(pay_one(&b, "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = "
                                "'Lock' AND application_name = 'goodgo-settle'"),
                    "1"))
            return true;
        nanosleep(&(struct timespec){0, 2000000}, NULL);
    }
    return false;
}

TEST(a_status_that_changes_in_between_undoes_all_of_it) {
    struct settler s = {.ok = true};
    begin();
    CU_ASSERT_TRUE_FATAL(planned("t1", "FT26", "5000", evidence));
    s.job = pay_job(&settings, state_dir, &plan);
    struct pgsession *other = pg_open("postgres");
    CU_ASSERT_TRUE_FATAL(pgsession_run(other,
                                       "BEGIN; UPDATE \"Payment\" SET status = 'FAILED', "
                                       "\"updatedAt\" = now() WHERE id = 't1'",
                                       PATIENCE_MS, &err));
    CU_ASSERT_EQUAL_FATAL(pthread_create(&s.thread, NULL, settle_in_a_thread, &s), 0);
    CU_ASSERT_TRUE(waits_for_the_row());
    CU_ASSERT_TRUE(pgsession_run(other, "COMMIT", PATIENCE_MS, &err));
    pthread_join(s.thread, NULL);
    CU_ASSERT_FALSE(s.ok);
    CHECK_STR(row(), "FAILED -");
    CHECK_STR(logged(), "0");
    pgsession_close(other);
    job_close(s.job);
    bench_done(&b);
}

/* The same a moment earlier: the statement finds no row to settle. */
TEST(a_row_that_is_no_longer_so_is_left_alone) {
    const char *result;
    begin();
    CU_ASSERT_TRUE_FATAL(planned("t1", "FT26", "5000", evidence));
    pg_run("postgres",
           "CREATE FUNCTION gone() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';"
           "CREATE TRIGGER gone BEFORE UPDATE ON \"Payment\" FOR EACH ROW EXECUTE FUNCTION gone()");
    CU_ASSERT_FALSE(run(&result));
    CU_ASSERT_EQUAL(err.code, E_NOT_READY);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.why, "is no longer as the plan was made for"));
    CHECK_STR(row(), "PENDING -");
    CHECK_STR(logged(), "0");
    pg_run("postgres", "DROP TRIGGER gone ON \"Payment\"");
    bench_done(&b);
}

/* Between the plan and the run: another version of the row, or other bytes of the evidence. */
TEST(what_the_plan_did_not_see_is_not_settled) {
    const char *result;
    begin();
    CU_ASSERT_TRUE_FATAL(planned("t1", "FT26", "5000", evidence));
    pg_run("postgres", "UPDATE \"Payment\" SET \"updatedAt\" = \"updatedAt\" + interval '1 s'");
    CU_ASSERT_FALSE(run(&result));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.why, "or its evidence is not: nothing was done"));
    CU_ASSERT_TRUE_FATAL(planned("t1", "FT26", "5000", evidence));
    CU_ASSERT_TRUE_FATAL(writefile(evidence, "FT26,5001\n", 10, &err));
    CU_ASSERT_FALSE(run(&result));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.why, "or its evidence is not: nothing was done"));
    CU_ASSERT_TRUE(writefile(evidence, "FT26,5000\n", 10, &err));
    CHECK_STR(row(), "PENDING -");
    CHECK_STR(logged(), "0");
    bench_done(&b);
}

TEST(a_payment_that_was_settled_meanwhile_is_refused_by_the_run) {
    const char *result;
    begin();
    CU_ASSERT_TRUE_FATAL(planned("t1", "FT26", "5000", evidence));
    CU_ASSERT_TRUE(run(&result));
    CU_ASSERT_FALSE(run(&result));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.why, "already done: it is COMPLETED"));
    CHECK_STR(logged(), "1");
    bench_done(&b);
}

TEST(stops_the_server) {
    pg_server_stop();
}

SUITE(settle_transfer, T(starts_a_server), T(the_row_its_evidence_and_the_log_go_together),
      T(what_the_statement_does_not_prove_is_refused),
      T(a_statement_that_can_be_read_has_the_credit_in_it),
      T(a_line_that_proves_less_than_it_seems_is_warned_of),
      T(a_reference_written_otherwise_is_the_same_credit),
      T(without_an_administrator_nothing_is_settled),
      T(a_status_that_changes_in_between_undoes_all_of_it),
      T(a_row_that_is_no_longer_so_is_left_alone), T(what_the_plan_did_not_see_is_not_settled),
      T(a_payment_that_was_settled_meanwhile_is_refused_by_the_run), T(stops_the_server))
