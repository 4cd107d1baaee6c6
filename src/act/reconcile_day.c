/* act/reconcile_day.c - the act `reconcile`: a day is closed by a job, for the screen and for
 * timers. It reads; what it leaves is report.json in the job's own directory, which the screen
 * shows (codec/reconreport.h), and where it is asked for the file for finance and proposals. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "act/act.h"
#include "act/gateway.h"
#include "act/payments.h"
#include "act/recon_out.h"
#include "base/clock.h"
#include "base/shell.h"
#include "base/text.h"
#include "codec/reconreport.h"
#include "io/file.h"
#include "io/pgsession.h"
#include "wire/digest.h"

#define OP        "reconcile"
#define FILES_MAX 40 /* their facts have to fit into one plan */

static const struct act_option options[] = {
    {"since", "DAY", "from that day in Vietnam on, instead of one day"},
    {"until", "DAY", "up to that day and with it; goes with --since"},
    {"statement", "FILE", "a bank's statement as CSV; may be given again"},
    {"gateway", "live|FILE", "a gateway's file of transactions, or its answers"},
    {"csv", "FILE", "every row as CSV for finance, whole or not at all"},
    {"propose", NULL, "keep what is suggested, for a second person to approve"},
    {NULL, NULL, NULL}};

/* --- arguments, so that the job reads what was meant here --- */

/* "~/x" and "$HOME/x" are meant so on the screen too, where no shell is asked. What is to be read
 * and is not where the console was started is looked for at home. */
static const char *whole_path(struct arena *a, const char *given, bool to_read) {
    const char *home = getenv("HOME");
    char here[PATH_MAX];
    bool has_home = home && *home == '/';
    for (size_t i = 0; i < 2 && has_home; i++) {
        static const char *const at_home[] = {"~/", "$HOME/"};
        if (str_starts(given, at_home[i]))
            return arena_printf(a, "%s/%s", home, given + strlen(at_home[i]));
    }
    if (*given == '/' || !getcwd(here, sizeof here))
        return given;
    if (to_read && has_home && access(given, F_OK) != 0)
        return arena_printf(a, "%s/%s", home, given);
    return arena_printf(a, "%s/%s", here, given);
}

static bool is_file(const struct pair *p) {
    return reconcile_is_option(p->name, "statement") ||
           (reconcile_is_option(p->name, "gateway") && strcmp(p->value, "live") != 0);
}

/* A plan's arguments have a name each. Those of a plan stay as they are. */
static const char *numbered(struct arena *a, const struct pairs *before, const char *option) {
    uint32_t n = 1;
    for (uint32_t i = 0; i < before->n; i++)
        n += reconcile_is_option(before->at[i].name, option);
    return n == 1 ? option : arena_printf(a, "%s.%u", option, n);
}

static const char *yesterday(struct arena *a, int64_t now_wall_ms) {
    char day[16];
    recon_day_text((now_wall_ms / 1000 + CLOCK_VIETNAM_S) / DAY_S - 1, day);
    return arena_strdup(a, day);
}

static bool settle_arguments(const struct act_input *in, struct pairs *ret, struct err *err) {
    static const char *const many[] = {"statement", "gateway"};
    const struct pairs *given = in->arguments;
    bool has_day = pairs_find(given, "day") || pairs_find(given, "since");
    uint32_t files = 0;
    *ret = (struct pairs){.n = 0};
    if (!has_day)
        ret->at[ret->n++] = (struct pair){"day", yesterday(in->arena, in->now_wall_ms)};
    if (given->n + ret->n > PLAN_MAX_PAIRS)
        return err_set(err, E_CONFIG, OP, "options", "are too many for one plan");
    for (uint32_t i = 0; i < given->n; i++) {
        struct pair p = given->at[i];
        files += is_file(&p);
        if (is_file(&p) || strcmp(p.name, "csv") == 0)
            p.value = whole_path(in->arena, p.value, is_file(&p));
        for (size_t k = 0; k < ARRAY_LEN(many); k++)
            if (reconcile_is_option(p.name, many[k]))
                p.name = numbered(in->arena, ret, many[k]);
        ret->at[ret->n++] = p;
    }
    return files <= FILES_MAX || err_set(err, E_TOO_BIG, OP, "files",
                                         "are %u, and a job takes %d: goodgo payments "
                                         "reconcile takes more",
                                         files, FILES_MAX);
}

/* --- what is to be read --- */

struct hashed {
    struct digest *digest;
    uint64_t n;
};

static bool on_part(void *ctx, const char *bytes, size_t n, struct err *err) {
    struct hashed *h = ctx;
    digest_add(h->digest, bytes, n);
    h->n += n;
    return true;
}

/* The plan holds for these bytes. */
static bool plan_file(struct plan *p, const struct pair *file, struct err *err) {
    struct hashed h = {.digest = digest_sha256_new()};
    char hex[DIGEST_HEX_SIZE];
    bool gateway = reconcile_is_option(file->name, "gateway");
    bool ok = readfile_parts(file->value, on_part, &h, err);
    digest_hex(h.digest, hex);
    if (!ok)
        return false;
    plan_fact(p, text_cleanz(p->arena, file->value).s, "%s", hex);
    plan_change(p, "reads the %s %s (%s bytes, SHA-256 %.16s...)",
                gateway ? "gateway's file" : "statement", file->value, GROUPED(h.n), hex);
    return true;
}

struct days {
    int64_t n, vnd, slowest; /* slowest: the most payments that one gateway is asked about */
    const char *providers;   /* "MOMO 2, VNPAY 10" */
    const char *asked, *silent;
};

static const char *listed(struct arena *a, const char *before, const char *name, int64_t n) {
    const char *comma = *before ? ", " : "";
    return n < 0 ? arena_printf(a, "%s%s%s", before, comma, name)
                 : arena_printf(a, "%s%s%s %s", before, comma, name, GROUPED(n));
}

static bool count_days(const struct act_input *in, const struct reconcile_request *q,
                       struct days *ret, struct err *err) {
    const char *sql = arena_printf(
        in->arena,
        "SELECT \"provider\"::text AS \"provider\", count(*) AS \"n\","
        " coalesce(sum(\"amountVND\"), 0)::bigint AS \"vnd\" FROM \"Payment\""
        " WHERE \"createdAt\" >= to_timestamp(%lld) AT TIME ZONE 'UTC'"
        " AND \"createdAt\" < to_timestamp(%lld) AT TIME ZONE 'UTC' GROUP BY 1 ORDER BY 1",
        (long long)q->from_day * DAY_S - CLOCK_VIETNAM_S,
        (long long)q->before_day * DAY_S - CLOCK_VIETNAM_S);
    struct pgsession *db = NULL;
    struct pg_rows rows = {0};
    *ret = (struct days){.providers = "", .asked = "", .silent = ""};
    if (!payments_open(in->settings, -1, &db, err))
        return false;
    bool ok = pgsession_rows(db, sql, PAYMENTS_TIMEOUT_MS, in->arena, &rows, err);
    pgsession_close(db);
    for (uint32_t i = 0; ok && i < rows.n_rows; i++) {
        const char *name = pg_cell(&rows, i, "provider");
        const struct pay_provider *p = name ? pay_provider_stored(name) : NULL;
        bool asked = p && gateway_is_set(in->settings, p);
        int64_t n = 0, vnd = 0;
        ok = name && pg_cell_i64(&rows, i, "n", &n) && pg_cell_i64(&rows, i, "vnd", &vnd);
        if (!ok)
            return err_set(err, E_PROTOCOL, OP, "payments", "no counts in the answer");
        ret->n += n;
        ret->vnd += vnd;
        ret->providers = listed(in->arena, ret->providers, name, n);
        ret->slowest = asked && n > ret->slowest ? n : ret->slowest;
        *(asked ? &ret->asked : &ret->silent) =
            listed(in->arena, asked ? ret->asked : ret->silent, name, -1);
    }
    return ok;
}

/* --- the plan --- */

static void plan_by_hand(struct plan *p) {
    struct str out;
    str_init(&out, (size_t)64 << 10); /* as many files as there may be */
    str_puts(&out, "goodgo payments reconcile");
    for (uint32_t i = 0; i < p->arguments.n; i++) {
        const struct pair *arg = &p->arguments.at[i];
        if (strcmp(arg->name, "propose") == 0) {
            str_puts(&out, " --propose");
        } else {
            str_printf(&out, " --%.*s ", (int)strcspn(arg->name, "."), arg->name);
            shell_put(&out, "%s", arg->value);
        }
    }
    plan_command(p, "%s", str_get(&out));
    str_done(&out);
}

/* "on 2026-10-09" "since 2026-10-01" "from 2026-10-01 to 2026-10-31" */
static const char *days_in_words(struct arena *a, const struct reconcile_request *q) {
    char first[16], last[16];
    recon_day_text(q->from_day, first);
    recon_day_text(q->before_day - 1, last);
    if (q->before_day == RECONCILE_NO_END)
        return arena_printf(a, "since %s", first);
    return q->before_day - q->from_day == 1 ? arena_printf(a, "on %s", first)
                                            : arena_printf(a, "from %s to %s", first, last);
}

static void plan_what(struct plan *p, const struct reconcile_request *q, const struct days *d) {
    char vnd[GROUPED_SIZE];
    plan_change(p, "matches %s, %s VND, made %s in Vietnam%s%s", COUNTED(d->n, "payment"),
                int_grouped(d->vnd, vnd), days_in_words(p->arena, q), d->n ? ": " : "",
                d->providers);
    if (q->live && *d->asked)
        plan_change(p, "asks %s about each of them, a question a second each: up to %lld s",
                    d->asked, (long long)d->slowest);
    if (q->live && *d->silent)
        plan_warning(p, "%s cannot be asked: NOT_CHECKED, unless a statement tells", d->silent);
    if (!q->live && !q->n_gateways && !q->n_statements)
        plan_warning(p, "no statement, no gateway: nearly all of it will be NOT_CHECKED");
}

static void plan_writes(struct plan *p) {
    const char *csv = plan_argument(p, "csv"), *propose = plan_argument(p, "propose");
    if (csv)
        plan_change(p, "writes every row into %s, for finance", csv);
    if (csv && access(csv, F_OK) == 0)
        plan_warning(p, "%s is there and is replaced", csv);
    if (propose)
        plan_change(p, "proposes what is SUGGESTED, for a second person to approve");
    if (propose && !plan_argument(p, PLAN_REASON))
        plan_warning(p, "a proposal needs --reason WHY; the screen gives that of :arm");
    plan_change(p, "%s its report into the job's directory, and changes nothing",
                csv || propose ? "writes" : "only writes");
    p->tier = csv || propose ? TIER_HARMLESS : TIER_READ;
}

static bool request_of(const struct settings *s, const char *state_dir, const struct plan *p,
                       struct arena *a, struct reconcile_request *ret, struct err *err) {
    return reconcile_request_make(s, state_dir, a, ret, err) &&
           reconcile_request_read(&p->arguments, a, ret, err);
}

static bool reconcile_plan(const struct act_input *in, struct plan *p, struct err *err) {
    struct reconcile_request q;
    struct days d;
    char first[16];
    if (!in->settings->has_postgres)
        return err_set(err, E_CONFIG, OP, "postgres", "this context has no database");
    if (!settle_arguments(in, &p->arguments, err) ||
        !request_of(in->settings, in->state_dir, p, in->arena, &q, err) ||
        !count_days(in, &q, &d, err))
        return false;
    recon_day_text(q.from_day, first);
    p->target = arena_printf(in->arena, "payments of %s", first);
    plan_what(p, &q, &d);
    for (uint32_t i = 0; i < p->arguments.n; i++)
        if (is_file(&p->arguments.at[i]) && !plan_file(p, &p->arguments.at[i], err))
            return false;
    plan_writes(p);
    plan_by_hand(p);
    return true;
}

/* --- the run --- */

static void on_stage(void *ctx, const char *stage, int64_t total) {
    job_stage(ctx, stage, UNIT_COUNT, total);
}

static void on_progress(void *ctx, int64_t done, const char *note) {
    job_progress(ctx, done, note);
}

/* What a job leaves in its directory. */
struct left {
    struct recon_doc doc;
    struct recon_kept *rows;
};

static void on_row(void *ctx, const struct recon_row *row, const char *proposal,
                   const struct recon_resolution *done) {
    struct left *l = ctx;
    recon_doc_row(&l->doc, row, proposal, done);
    recon_kept_row(l->rows, row, proposal, done);
}

static const char *in_job_dir(struct job *j, const char *name) {
    return arena_printf(job_arena(j), "%s/%s", job_dir(j), name);
}

static bool write_report(struct job *j, const struct recon_doc *doc, struct err *err) {
    const char *path = in_job_dir(j, RECON_REPORT_FILE);
    if (doc->out.toobig)
        return err_set(err, E_TOO_BIG, OP, path, "the report is too long: take fewer days");
    if (!writefile(path, str_get(&doc->out), doc->out.len, err))
        return false;
    job_result(j, "report", "%s", path);
    return true;
}

static void tell_unasked(struct job *j, const struct recon_asked *g) {
    struct str out;
    str_init(&out, 600);
    recon_asked_text(g, &out);
    job_result(j, "not asked", "%s", str_get(&out));
    str_done(&out);
}

static void tell(struct job *j, const struct recon_run *run, const struct recon_doc *doc) {
    const struct recon_sums *all = &run->report.reported;
    char vnd[GROUPED_SIZE];
    job_result(j, "run", "%s", run->report.run_id);
    job_result(j, "rows", "%llu", (unsigned long long)all->rows);
    if (all->rows > RECON_ROWS_MOST)
        job_result(j, "rows kept", "%s: --csv FILE has the others", GROUPED(RECON_ROWS_MOST));
    for (uint32_t i = 0; i < run->report.n_gateways; i++)
        if (run->report.gateways[i].not_asked)
            tell_unasked(j, &run->report.gateways[i]);
    job_result(j, "exceptions", "%llu", (unsigned long long)doc->n_exceptions);
    job_result(j, "difference", "%s VND", int_grouped(all->difference_vnd, vnd));
    if (run->csv) {
        job_result(j, "csv", "%s", run->csv);
        job_result(j, "sha256", "%s", run->csv_sha256);
    }
    if (run->propose)
        job_result(j, "proposed", "%u", run->proposed);
}

/* Its rows, to their end. */
static bool run_day(struct job *j, struct recon_run *run, const struct reconcile_request *q,
                    struct left *l, struct err *err) {
    struct err ignored;
    l->rows = recon_kept_open(in_job_dir(j, RECON_ROWS_FILE), err);
    if (!l->rows)
        return false;
    bool ok = recon_run(run, q, job_arena(j), err);
    return recon_kept_close(l->rows, ok, ok ? err : &ignored) && ok;
}

static bool reconcile_day(struct job *j, const struct plan *p, struct left *l, struct err *err) {
    const struct reconcile_watch watch = {on_stage, on_progress, j};
    const char *reason = plan_argument(p, PLAN_REASON);
    struct recon_run run = {.csv = plan_argument(p, "csv"), .on_row = on_row, .ctx = l};
    struct reconcile_request q;
    if (plan_argument(p, "propose") && !(run.propose = reason))
        return err_set(err, E_CONFIG, OP, "--propose", "needs --reason WHY");
    if (!request_of(job_settings(j), job_state_dir(j), p, job_arena(j), &q, err))
        return false;
    q.cancel_fd = job_cancel_fd(j);
    q.watch = &watch;
    bool ok = run_day(j, &run, &q, l, err);
    if (!ok && run.proposed)
        job_result(j, "proposed", "%u, and they stand: see goodgo payments proposals",
                   run.proposed);
    if (!ok)
        return false;
    recon_doc_end(&l->doc, &run.report, run.proposed, run.csv_sha256);
    tell(j, &run, &l->doc);
    return write_report(j, &l->doc, err);
}

static bool reconcile_run_job(struct job *j, const struct plan *p, struct err *err) {
    struct left l = {.rows = NULL};
    recon_doc_begin(&l.doc);
    bool ok = reconcile_day(j, p, &l, err);
    recon_doc_done(&l.doc);
    return ok;
}

static const struct act_remains remains[] = {
    {NULL, "nothing of {target} was changed, and there is no report of this run: start it again; "
           "what a gateway said meanwhile is kept and is not asked anew"},
    {NULL, "{csv}, where it is there, is whole: of this run or of one before"},
    {NULL, NULL},
};

extern const struct act act_reconcile_day;
const struct act act_reconcile_day = {
    .id = "reconcile",
    .title = "Reconcile a day",
    .help = "match payments, gateways and banks of a day, as a job",
    .about = "Closes a day as `goodgo payments reconcile` does, in a job of its own: the screen "
             "shows its report, with each category and its payments. DAY is a day in Vietnam, "
             "2026-11-25; without one it is yesterday. It reads, and asks for no word; with --csv "
             "or --propose it asks.",
    .example = "goodgo reconcile 2026-11-25 --statement vcb.csv\n"
               "goodgo reconcile --gateway live --detach",
    .operand = "day",
    .operand_typed = true,
    .options = options,
    .view = "reconciliation",
    .remains = remains,
    .plan = reconcile_plan,
    .run = reconcile_run_job,
};
