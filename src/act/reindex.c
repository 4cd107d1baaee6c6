/* act/reindex.c - the search index from the database (R40-R46): what differs, what a run will do,
 * and the run's frame. The platform's own script needs tools that production images lack (C37); the
 * restart of the API that the runbook names leaves search empty (C38). */
#include <string.h>

#include "act/act.h"
#include "base/shell.h"
#include "model/listings.h"
#include "reindex_priv.h"

#define WHOLE_MAX       50000 /* documents: so many are compared one by one for a plan */
#define SAMPLE          1000u
#define REMOVED_PCT     10
#define PATIENCE_S      600
#define REPLY_S         600
#define PLAN_PATIENCE_S 3

static const struct act_option options[] = {
    {"mode", "upsert|recreate", "in place (default), or a new collection beside the old one"},
    {"active-only", NULL, "only listings with status ACTIVE"},
    {"batch", "N", "documents per request, 1 to 20000 (default 5000, 2 MiB at the most)"},
    {"max-removed-share", "PCT", "documents without a listing that may go (default 10)"},
    {"exact", NULL, "plan: compare every document however many there are"},
    {"to-alias", NULL, "recreate: make a real collection an alias; search is away for moments"},
    {"keep-old", NULL, "recreate of an alias: the old collection stays"},
    {"patience", "S", "how long to back off before giving up (default 600)"},
    {"reply-timeout", "S", "how long one batch may take (default 600)"},
    {NULL, NULL, NULL}};

struct wishes {
    bool recreate, active_only, exact, to_alias, keep_old;
    uint32_t batch_docs, patience_s, reply_s;
    double max_removed_pct;
};

static bool number(const char *name, const char *s, long long min, long long max, uint32_t *ret,
                   struct err *err) {
    int64_t n;
    if (!s)
        return true;
    if (!str_to_i64(s, min, max, &n))
        return err_set(err, E_CONFIG, "reindex", name, "is a number from %lld to %lld", min, max);
    *ret = (uint32_t)n;
    return true;
}

/* From the arguments, wherever they are kept. */
static bool wishes_read(struct wishes *w, const struct pairs *given, struct err *err) {
    const struct act_input in = {.arguments = given};
    const char *mode = act_argument(&in, "mode"), *share = act_argument(&in, "max-removed-share");
    *w = (struct wishes){.recreate = mode && strcmp(mode, "recreate") == 0,
                         .active_only = act_argument(&in, "active-only"),
                         .exact = act_argument(&in, "exact"),
                         .to_alias = act_argument(&in, "to-alias"),
                         .keep_old = act_argument(&in, "keep-old"),
                         .batch_docs = BATCH_DOCS,
                         .patience_s = PATIENCE_S,
                         .reply_s = REPLY_S,
                         .max_removed_pct = REMOVED_PCT};
    if (mode && !w->recreate && strcmp(mode, "upsert") != 0)
        return err_set(err, E_CONFIG, "reindex", "--mode", "is upsert or recreate");
    if (share && (!str_to_double(share, &w->max_removed_pct) ||
                  !(w->max_removed_pct >= 0 && w->max_removed_pct <= 100)))
        return err_set(err, E_CONFIG, "reindex", "--max-removed-share", "is from 0 to 100");
    return number("--batch", act_argument(&in, "batch"), 1, 20000, &w->batch_docs, err) &&
           number("--patience", act_argument(&in, "patience"), 0, 86400, &w->patience_s, err) &&
           number("--reply-timeout", act_argument(&in, "reply-timeout"), 1, 86400, &w->reply_s,
                  err);
}

/* ---- plan ---- */

struct survey {
    struct wishes wishes;
    struct index x;
    struct index_look look;
    struct source source;
    struct status_counts database, index;
    struct comparison c;
};

/* Small indexes are compared whole; of large ones a sample tells what the counts do not. */
static bool compare_both(struct survey *v, const char *state_dir, struct err *err) {
    struct comparison *c = &v->c;
    bool small = v->look.documents <= WHOLE_MAX && v->database.total <= WHOLE_MAX;
    if (small || v->wishes.exact)
        return compare_whole(&(struct compare_request){.index = &v->x,
                                                       .collection = v->look.real,
                                                       .source = &v->source,
                                                       .dir = state_dir,
                                                       .content = true},
                             c, err);
    c->database = (uint64_t)v->database.total;
    c->index = (uint64_t)v->look.documents;
    if (!compare_sample(&v->x, v->look.real, &v->source, SAMPLE, c, err))
        return false;
    double scale = c->sample ? (double)c->database / c->sample : 0;
    c->missing = (uint64_t)((double)c->missing * scale);
    c->stale = (uint64_t)((double)c->stale * scale);
    c->counters = (uint64_t)((double)c->counters * scale);
    uint64_t known = c->database - (c->missing < c->database ? c->missing : c->database);
    c->surplus = c->index > known ? c->index - known : 0;
    return true;
}

static bool survey_both(struct survey *v, const struct act_input *in, struct err *err) {
    return index_look(&v->x, in->arena, &v->look, err) &&
           source_begin(&v->source, &v->database, err) &&
           (!v->look.real || compare_both(v, in->state_dir, err)) &&
           (!v->look.counts_statuses || index_counts(&v->x, v->look.real, &v->index, err)) &&
           source_end(&v->source, err);
}

static void plan_facts(const struct survey *v, const struct act_input *in, struct plan *p) {
    static const char *const kinds[] = {"missing", "collection", "alias"};
    const struct index_look *l = &v->look;
    plan_fact(p, "database", "%s:%u/%s, cluster %s", in->settings->postgres.host,
              in->settings->postgres.port, in->settings->postgres.dbname, v->source.identity);
    plan_fact(p, "search", "%s", in->settings->typesense_url);
    plan_fact(p, LISTINGS_COLLECTION, "%s", kinds[l->kind]);
    if (l->real)
        plan_fact(p, "collection", "%s, made %lld", l->real, (long long)l->created_s);
    plan_fact(p, "schema", "%u differences from the runbook", l->schema.n);
    plan_fact(p, "rule", "%s", v->wishes.active_only ? "status ACTIVE" : "every status");
}

static void plan_counts(const struct survey *v, struct plan *p) {
    const struct comparison *c = &v->c;
    struct str s;
    str_init(&s, 2000);
    status_counts_text(&v->database, NULL, &s);
    plan_change(p, "the database has %s: %s", COUNTED(v->database.total, "listing"), str_get(&s));
    str_clear(&s);
    status_counts_text(&v->index, NULL, &s);
    if (v->look.real)
        plan_change(p, "%s has %s: %s", v->look.real, COUNTED(v->look.documents, "document"),
                    v->look.counts_statuses ? str_get(&s) : "of no known status");
    if (v->look.real)
        plan_change(
            p,
            "%s missing, %s stale (and %s in view and save counts only), %s "
            "surplus%s",
            GROUPED(c->missing), GROUPED(c->stale), GROUPED(c->counters), GROUPED(c->surplus),
            c->sampled ? arena_printf(p->arena, "; estimated from %s listings", GROUPED(c->sample))
                       : "; every document was compared");
    str_done(&s);
}

static void plan_upsert(const struct survey *v, struct plan *p) {
    const struct index_look *l = &v->look;
    p->tier = TIER_CHANGES;
    p->count = 1;
    if (!l->real)
        plan_change(p, "makes collection %s with the runbook's 26 fields",
                    l->dangling ? l->dangling : LISTINGS_COLLECTION);
    plan_change(p, "writes every listing into %s in batches of %s, then what changed meanwhile",
                l->real ? l->real : LISTINGS_COLLECTION, GROUPED(v->wishes.batch_docs));
    if (l->real)
        plan_change(p,
                    "then removes the documents that have no listing, kept in the job's "
                    "removed.jsonl; refuses above %g %%",
                    v->wishes.max_removed_pct);
}

static void plan_recreate(const struct survey *v, struct plan *p) {
    const struct index_look *l = &v->look;
    p->tier = TIER_DESTROYS;
    p->count = 2; /* one collection is made, one goes */
    plan_change(p, "makes a collection " LISTINGS_COLLECTION "_<time>, fills it, and compares "
                   "counts and 200 documents field by field");
    if (l->n_synonyms || l->n_overrides)
        plan_change(p, "takes over %u synonyms and %u overrides", l->n_synonyms, l->n_overrides);
    if (l->kind == INDEX_ALIAS)
        plan_change(p, "points alias " LISTINGS_COLLECTION " at it; %s %s", l->real,
                    v->wishes.keep_old || l->other_alias ? "stays" : "is dropped");
    else if (l->kind == INDEX_COLLECTION && v->wishes.to_alias)
        plan_change(p, "drops collection " LISTINGS_COLLECTION " and makes it an alias of the new "
                       "one: searches fail for a moment");
    else if (l->kind == INDEX_COLLECTION)
        plan_change(p, "drops collection " LISTINGS_COLLECTION ", makes it anew under the same "
                       "name and fills it again: searches find little until it is full");
}

static void plan_warnings(const struct survey *v, struct plan *p) {
    const struct index_look *l = &v->look;
    const struct comparison *c = &v->c;
    double pct = c->index ? 100.0 * (double)c->surplus / (double)c->index : 0;
    if (!v->wishes.recreate && pct > v->wishes.max_removed_pct)
        plan_warning(p,
                     "%.1f %% of the index have no listing here: the run will refuse before it "
                     "writes; is this the right database?",
                     pct);
    if (!v->wishes.recreate && l->real && !l->counts_statuses)
        plan_warning(p, "status is no facet there, so the result could not be checked: the run "
                        "will refuse; use --mode recreate");
    for (uint32_t i = 0; i < l->schema.n; i++)
        plan_warning(p, "schema: %s%s", l->schema.at[i],
                     v->wishes.recreate ? "" : " (only --mode recreate changes that)");
    if (l->n_extra)
        plan_warning(p, "fields that the runbook does not have are lost from every document");
    if (l->shadowed)
        plan_warning(p, "an alias of the same name to %s is hidden by the collection", l->shadowed);
    if (l->dangling)
        plan_warning(p, "the alias leads to %s, which does not exist", l->dangling);
    if (l->other_alias)
        plan_warning(p, "alias %s leads to %s too", l->other_alias, l->real);
    for (uint32_t i = 0; i < l->n_leftovers; i++)
        plan_warning(p, "nothing uses collection %s: the leftover of a run?", l->leftovers[i]);
}

/* One word of a command line: the address, and a path around a name. */
static const char *url_of(const struct survey *v, struct plan *p, const char *before,
                          const char *name, const char *behind) {
    return shell_word(p->arena,
                      arena_printf(p->arena, "%s/%s%s%s", v->x.url, before, name, behind));
}

static void plan_commands(const struct survey *v, struct plan *p) {
    const char *to = v->look.real ? v->look.real : LISTINGS_COLLECTION;
    static const char key[] = "-H \"X-TYPESENSE-API-KEY: ${TYPESENSE_API_KEY}\"";
    plan_command(p, "psql " PLAN_DATABASE " -c 'COPY (SELECT ... FROM \"Listing\" l JOIN "
                    "\"Property\" p ...) TO STDOUT' | (rows to JSON lines) > documents.jsonl");
    plan_command(p, "curl -sS %s --data-binary @documents.jsonl %s", key,
                 url_of(v, p, "collections/",
                        v->wishes.recreate ? LISTINGS_COLLECTION "_<time>" : to,
                        "/documents/import?action=upsert"));
    if (!v->wishes.recreate)
        plan_command(p, "curl -sS %s -X DELETE %s", key,
                     url_of(v, p, "collections/", to, "/documents?filter_by=id:[...]"));
    else if (v->look.kind == INDEX_ALIAS || v->wishes.to_alias)
        plan_command(p,
                     "curl -sS %s -X PUT %s -d "
                     "'{\"collection_name\":\"" LISTINGS_COLLECTION "_<time>\"}'",
                     key, url_of(v, p, "aliases/", LISTINGS_COLLECTION, ""));
    if (v->wishes.recreate && v->look.real)
        plan_command(p, "curl -sS %s -X DELETE %s", key, url_of(v, p, "collections/", to, ""));
}

/* Who asks for the old one must not lose it: a collection makes room for the new one of its name.
 */
static bool can_keep_old(const struct survey *v, struct err *err) {
    if (!v->wishes.recreate || !v->wishes.keep_old || v->look.kind != INDEX_COLLECTION)
        return true;
    err_set(err, E_CONFIG, "reindex", "--keep-old",
            LISTINGS_COLLECTION " is a collection and not an alias: it has to go");
    err->todo = "leave it out; once --to-alias has made the name an alias, --keep-old keeps";
    return false;
}

static bool reindex_plan(const struct act_input *in, struct plan *p, struct err *err) {
    struct survey v = {0};
    if (!wishes_read(&v.wishes, in->arguments, err) || !index_open(&v.x, in->settings, -1, err))
        return false;
    v.x.patience_ms = PLAN_PATIENCE_S * 1000;
    v.x.reply_timeout_ms = v.wishes.reply_s * 1000;
    p->target = "search " LISTINGS_COLLECTION;
    bool ok = source_open(&v.source, in->settings, v.wishes.active_only, -1, in->arena, err) &&
              survey_both(&v, in, err) && can_keep_old(&v, err);
    source_close(&v.source);
    if (ok) {
        plan_facts(&v, in, p);
        plan_counts(&v, p);
        if (v.wishes.recreate)
            plan_recreate(&v, p);
        else
            plan_upsert(&v, p);
        plan_warnings(&v, p);
        plan_commands(&v, p);
    }
    index_close(&v.x);
    return ok;
}

/* ---- run ---- */

static void note_wait(void *ctx, const char *words) {
    job_log(ctx, "%s", words);
}

static void report(struct reindex *r) {
    double s = (double)job_elapsed_ms(r->job) / 1000;
    job_result(r->job, "sent", "%s, %s per second", COUNTED(r->n_imported, "document"),
               GROUPED(int_of(s > 0 ? (double)r->n_imported / s : 0)));
    job_result(r->job, "refused", "%llu", (unsigned long long)r->n_refused);
    job_result(r->job, "removed", "%llu", (unsigned long long)r->n_removed);
}

static bool reindex_run(struct job *j, const struct plan *p, struct err *err) {
    struct wishes w;
    struct reindex r = {.job = j, .arena = job_arena(j), .settings = job_settings(j)};
    if (!wishes_read(&w, &p->arguments, err) ||
        !index_open(&r.x, r.settings, job_cancel_fd(j), err))
        return false;
    r.batch_docs = w.batch_docs;
    r.max_removed_pct = w.max_removed_pct;
    r.to_alias = w.to_alias;
    r.keep_old = w.keep_old;
    r.x.patience_ms = w.patience_s * 1000;
    r.x.reply_timeout_ms = w.reply_s * 1000;
    r.x.note = note_wait;
    r.x.note_ctx = j;
    r.at = (struct checkpoint){.staging = ""};
    r.checkpoint_path = checkpoint_path(r.arena, job_state_dir(j), p->context);
    bool ok = source_open(&r.source, r.settings, w.active_only, job_cancel_fd(j), r.arena, err) &&
              index_look(&r.x, r.arena, &r.look, err) &&
              (w.recreate ? reindex_recreate(&r, err) : reindex_upsert(&r, err));
    report(&r);
    source_close(&r.source);
    index_close(&r.x);
    return ok;
}

static const struct act_remains remains[] = {
    {NULL, "the database was only read; what differs now says goodgo reindex --dry-run"},
    {"compare", "no document was written yet: run it again"},
    {"import|verify|remove",
     "what was written is what the database has, and more may be missing or "
     "stale: run the same again, it goes on where it was"},
    {"import|verify", "collection {staging} is half filled; " LISTINGS_COLLECTION
                      " is still served by {collection} until a swap began"},
    {"remove", "what went is kept in {removed}: importing that file brings it back"},
    {NULL,
     "the swap to {swapping} had begun: search may miss " LISTINGS_COLLECTION
     " or find little in it; run the same again now, and do not drop {swapping} by hand: it is "
     "whole"},
    {NULL, NULL},
};

extern const struct act act_reindex;
const struct act act_reindex = {
    .id = "reindex",
    .title = "Reindex the search",
    .help = "write all listings into the search index, remove what has no listing",
    .about =
        "Brings the search index in step with the database: in place, or with --mode recreate "
        "in a new collection beside the old one. It backs off when the search server lags, and "
        "goes on where it was when it is run again.",
    .example = "goodgo reindex --dry-run\ngoodgo reindex --mode recreate",
    .options = options,
    .view = "typesense",
    .remains = remains,
    .plan = reindex_plan,
    .run = reindex_run,
};
