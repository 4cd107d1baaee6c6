/* tests/pay_database.h - the platform's payments in a PostgreSQL of the test's own, VNPay calls
 * that are authentic, and a job to run an act in. After pg_server.h and pay_harness.h. */
#ifndef GOODGO_TESTS_PAY_DATABASE_H
#define GOODGO_TESTS_PAY_DATABASE_H

#include "../src/act/job_priv.h"
#include "act/act.h"
#include "base/clock.h"
#include "codec/payrow.h"
#include "pay_harness.h"
#include "pg_server.h"

static const char pay_database_sql[] =
    "CREATE TYPE \"PaymentProvider\" AS ENUM ('VNPAY', 'MOMO', 'ZALOPAY', 'BANK_TRANSFER');"
    "CREATE TYPE \"PaymentStatus\" AS ENUM ('PENDING', 'PROCESSING', 'COMPLETED', 'FAILED', "
    "'REFUNDED');"
    "CREATE TABLE \"Payment\" (\"id\" text PRIMARY KEY, \"userId\" text NOT NULL, "
    "\"transactionId\" text, \"provider\" \"PaymentProvider\" NOT NULL, \"type\" text NOT NULL, "
    "\"amountVND\" bigint NOT NULL, \"status\" \"PaymentStatus\" NOT NULL, \"providerTxId\" text, "
    "\"callbackData\" jsonb, \"idempotencyKey\" text, \"createdAt\" timestamp(3) NOT NULL, "
    "\"updatedAt\" timestamp(3) NOT NULL);"
    "CREATE TABLE \"User\" (\"id\" text PRIMARY KEY, \"email\" text, \"role\" text NOT NULL);"
    "INSERT INTO \"User\" VALUES ('u1', 'minh@goodgo.vn', 'ADMIN');"
    "CREATE TABLE \"AdminAuditLog\" (\"id\" text PRIMARY KEY, \"actorId\" text NOT NULL, "
    "\"action\" text NOT NULL, \"targetType\" text NOT NULL, \"targetId\" text NOT NULL, "
    "\"metadata\" jsonb, \"createdAt\" timestamp(3) NOT NULL DEFAULT now());";

/* The first cell of the answer in the arena of the bench, "" where there is none. */
static inline const char *pay_one(struct bench *b, const char *sql) {
    struct pgsession *s = pg_open("postgres");
    struct pg_rows rows = {0};
    struct err err = {0};
    bool ok = pgsession_rows(s, sql, PATIENCE_MS, &b->arena, &rows, &err);
    if (!ok)
        printf("\n%s\n", err.why);
    CU_ASSERT_TRUE(ok);
    pgsession_close(s);
    return ok && rows.n_rows && rows.cells[0][0] ? rows.cells[0][0] : "";
}

/* callback: JSON, or NULL. */
static inline void pay_put(struct bench *b, const char *id, const char *provider, int64_t vnd,
                           const char *status, int64_t age_s, const char *callback) {
    const char *json =
        callback ? arena_printf(&b->arena, "$json$%s$json$::jsonb", callback) : "NULL";
    pg_run("postgres",
           arena_printf(&b->arena,
                        "DELETE FROM \"Payment\" WHERE \"id\" = '%s'; INSERT INTO \"Payment\" "
                        "SELECT '%s', 'u2', NULL, '%s', 'DEPOSIT', %lld, '%s', NULL, %s, NULL, t, t"
                        " FROM (SELECT now() AT TIME ZONE 'UTC' - interval '%lld seconds' AS t) x",
                        id, id, provider, (long long)vnd, status, json, (long long)age_s));
}

/* VNPay's call about a payment that was made that long ago, as a JSON text. */
static inline const char *pay_told(struct bench *b, const char *id, int64_t vnd, const char *code,
                                   const char *state, int64_t age_s) {
    char utc[40], day[16];
    clock_iso8601((clock_wall_ms() / 1000 - age_s + CLOCK_VIETNAM_S) * 1000, utc, sizeof utc);
    snprintf(day, sizeof day, "%.4s%.2s%.2s%.2s%.2s%.2s", utc, utc + 5, utc + 8, utc + 11, utc + 14,
             utc + 17);
    const char *call = vnpay_call(
        b, arena_printf(&b->arena,
                        "vnp_Amount=%lld00&vnp_BankCode=NCB&vnp_OrderInfo=x&vnp_PayDate=%s"
                        "&vnp_ResponseCode=%s&vnp_TmnCode=DEMOSHP1&vnp_TransactionNo=%u"
                        "&vnp_TransactionStatus=%s&vnp_TxnRef=%s",
                        (long long)vnd, day, code, 70000000u + (unsigned)strlen(id), state, id));
    return arena_printf(&b->arena, "\"%s\"", call);
}

/* A job of that plan, opened for writing as its runner does it. */
static inline struct job *pay_job(const struct settings *s, const char *state_dir,
                                  const struct plan *p) {
    char id[JOB_ID_SIZE];
    struct job *j = NULL;
    struct err err = {0};
    bool ok = job_create(state_dir, p, "minh @test", clock_wall_ms(), id, &err) &&
              job_open(s, state_dir, arena_strdup(p->arena, id), &j, &err);
    if (!ok)
        printf("\n%s %s\n", err.target, err.why);
    CU_ASSERT_TRUE_FATAL(ok);
    return j;
}

static inline const char *pay_result_of(const struct job *j, const char *name) {
    const struct pairs *all = job_results(j);
    for (uint32_t i = 0; i < all->n; i++)
        if (!strcmp(all->at[i].name, name))
            return all->at[i].value;
    return "(none)";
}

#endif
