/* act/reindex_priv.h - the parts of the reindex: documents (reindex_doc_lib.c), import replies
 * (reindex_reply_lib.c), the search server (reindex_index.c, reindex_schema.c), sorted ids
 * (reindex_ids.c), the stream of batches (reindex_import.c, reindex_arrived.c),
 * comparing both sides (reindex_compare.c), going on after an interruption (reindex_resume.c), the
 * steps (reindex_steps.c, reindex_settle.c) and the two modes (reindex_modes.c). reindex.c has the
 * plan. */
#ifndef GOODGO_ACT_REINDEX_PRIV_H
#define GOODGO_ACT_REINDEX_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "act/act.h"
#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "io/ask.h"
#include "io/pgsession.h"

/* ---- documents: pure ---- */

#define DOC_MAX_BYTES ((size_t)16 << 20)
#define DOC_ID_BEFORE "{\"id\":"
#define DOC_FROM      " FROM \"Listing\" l JOIN \"Property\" p ON p.\"id\" = l.\"propertyId\""
/* The same in the order in which the listings lie in their table: OFFSET keeps the planner from
 * turning the join round. No sort of everything, and the first row comes at once. */
#define DOC_FROM_IN_PLACE                                                                          \
    " FROM \"Listing\" l CROSS JOIN LATERAL (SELECT * FROM \"Property\" p WHERE p.\"id\" = "       \
    "l.\"propertyId\" OFFSET 0) p"

struct doc_maker {
    struct str scratch;
    uint32_t block; /* of the table, where the last row lay */
};
void doc_maker_init(struct doc_maker *m);
void doc_maker_done(struct doc_maker *m);
/* The columns and tables that doc_from_copy() reads, without WHERE and ORDER BY. In place: a
 * condition may only speak of the listing (l). */
void doc_add_select(struct str *sql, bool in_place);
/* One line of COPY text (its newline is optional) becomes one of JSON with its newline. False, and
 * out as it was, for a line with another number of columns. */
bool doc_from_copy(struct doc_maker *m, const char *line, size_t n, struct str *out);
/* The text of a COPY line with one column. */
void doc_copy_text(const char *line, size_t n, struct str *out);
/* Bytes of the first line, its newline included. */
size_t doc_line_length(const char *line, const char *end);
/* The document's id from its JSON. */
bool doc_line_id(const char *line, size_t n, struct arena *a, const char **ret_id);

/* What a document says in the fields of the schema, whatever the order of its keys and the shape of
 * its numbers. The counters apart: they move with every view. */
struct doc_digest {
    uint64_t content, counters;
};
bool doc_digest(const char *line, size_t n, struct doc_digest *ret);
/* The first field of the schema in which they differ. */
bool doc_difference(const char *ours, size_t ours_n, const char *theirs, size_t theirs_n,
                    char *field, size_t size);

/* ---- replies of an import: pure ---- */

#define IMPORT_GROUPS     20
#define IMPORT_ERROR_SIZE 160
struct import_errors { /* grouped by sentence; numbers in it do not make another group */
    struct import_group {
        char error[IMPORT_ERROR_SIZE], id[64]; /* of the first one */
        int code;
        uint64_t n;
    } groups[IMPORT_GROUPS];
    uint32_t n_groups;
    uint64_t n_others; /* of sentences beyond IMPORT_GROUPS */
};
void import_errors_add(struct import_errors *e, int code, const char *error, const char *id);
/* Calls fn for every line of the reply that is not blank; i counts the documents sent. Returns how
 * many lines there were. A line that is not JSON still says success or not. */
uint32_t import_reply_read(const char *body, size_t n,
                           void (*fn)(void *ctx, uint32_t i, bool ok, int code, const char *error),
                           void *ctx);

/* ---- the search server ---- */

struct index {
    struct ask *ask;
    const char *url, *key;
    struct arena arena; /* of the last answer: the next question clears it */
    struct str whole_url;
    int status; /* of the last answer; 0 = none */
    uint32_t patience_ms, reply_timeout_ms;
    void (*note)(void *ctx, const char *words); /* told why it waits; NULL = nobody */
    void *note_ctx;
};
bool index_open(struct index *x, const struct settings *s, int cancel_fd,
                struct err *err) MUST_CHECK;
void index_close(struct index *x);

/* Asks and waits; backs off on 503, 429, a refused write and a refused connection until its
 * patience is over. True for 2xx; the reply lives until the next question. */
bool index_ask(struct index *x, const char *method, const char *path, const char *body,
               size_t body_n, struct http_reply *ret, struct err *err) MUST_CHECK;
/* An import to be sent with ask_begin() or ask_once(): clears the arena of the last answer. */
struct exchange index_import_exchange(struct index *x, const char *path, const char *body,
                                      size_t body_n);
bool index_is_retryable(int status, const char *body);
bool index_is_away(enum err_code code); /* nobody was reached, so nothing was done there */
/* Waits a growing, scattered time; false when the patience since start_mono_ms is over. */
bool index_back_off(struct index *x, uint32_t *attempt, int64_t start_mono_ms, const char *why,
                    struct err *err) MUST_CHECK;
/* Fills err for an answer that is not what was wanted. Always false. */
bool index_refuse(const struct index *x, const char *path, const struct http_reply *r,
                  struct err *err);
/* Lines of an export as they come. */
bool index_export(struct index *x, const char *collection, const char *query,
                  bool (*on_line)(void *ctx, const char *line, size_t n), void *ctx,
                  uint64_t *ret_lines, struct err *err) MUST_CHECK;
#define INDEX_MAX_IDS 128
/* "id:[`a`,`b`]", for at most INDEX_MAX_IDS ids that fit in one URL. Returns how many it took. */
uint32_t index_id_filter(struct str *filter, const char *const *ids, uint32_t n);
bool index_fetch(struct index *x, const char *collection, const char *const *ids, uint32_t n,
                 bool (*on_line)(void *ctx, const char *line, size_t n), void *ctx,
                 struct err *err) MUST_CHECK;
bool index_delete(struct index *x, const char *collection, const char *const *ids, uint32_t n,
                  uint64_t *ret_deleted, struct err *err) MUST_CHECK;
bool index_queued(struct index *x, int64_t *ret_queued, struct err *err) MUST_CHECK;

#define STATUSES 32
struct status_counts {
    struct status_count {
        char status[40];
        int64_t n;
    } at[STATUSES]; /* by name */
    uint32_t n;
    int64_t total;
};
bool index_counts(struct index *x, const char *collection, struct status_counts *ret,
                  struct err *err) MUST_CHECK;
void status_counts_add(struct status_counts *c, const char *status, int64_t n);
int64_t status_counts_of(const struct status_counts *c, const char *status); /* 0 = has none */
/* "ACTIVE 62, SOLD 9"; where b is not NULL only what differs: "ACTIVE 62 against 60". */
void status_counts_text(const struct status_counts *a, const struct status_counts *b,
                        struct str *out);

/* What stands behind the name `listings`. */
enum index_kind { INDEX_MISSING, INDEX_COLLECTION, INDEX_ALIAS };
struct index_look {
    enum index_kind kind;
    const char *real;        /* the collection; NULL where there is none */
    const char *dangling;    /* an alias to nothing: its target */
    const char *shadowed;    /* a collection hides an alias of its name: the alias's target */
    const char *other_alias; /* another alias that needs the same collection */
    const char *leftovers[8];
    uint32_t n_leftovers; /* collections listings_<time> that nothing points at */
    int64_t documents, created_s;
    const char *default_sorting_field, *settings; /* to be kept: JSON members, each with a comma */
    struct lines schema; /* what differs from the runbook, one sentence each */
    uint32_t n_extra;    /* of them: fields that the runbook does not have */
    uint32_t n_synonyms, n_overrides;
    bool counts_statuses; /* status is a facet: what is in there can be counted */
};
bool index_look(struct index *x, struct arena *a, struct index_look *ret,
                struct err *err) MUST_CHECK;
/* Only what a collection says of itself: documents, age, settings, schema, synonyms, overrides. */
bool index_look_closer(struct index *x, const char *real, struct arena *a, struct index_look *ret,
                       struct err *err) MUST_CHECK;
/* Makes a collection with the runbook's fields; the rest is taken over from `like`. */
bool index_create(struct index *x, const char *name, const struct index_look *like,
                  struct err *err) MUST_CHECK;
bool index_drop(struct index *x, const char *real, struct err *err) MUST_CHECK;
bool index_point_alias(struct index *x, const char *real, struct err *err) MUST_CHECK;
bool index_created(struct index *x, const char *real, int64_t *ret_created_s,
                   int64_t *ret_documents, struct err *err) MUST_CHECK;
bool index_copy_extras(struct index *x, const char *from, const char *to,
                       struct err *err) MUST_CHECK;
/* The JSON of a new collection. */
void index_schema_json(struct str *out, const char *name, const struct index_look *like);
/* Adds what differs between the runbook and `fields` (the JSON array of a collection). */
struct json;
void index_schema_diff(const struct json *fields, struct arena *a, struct index_look *ret);

/* ---- sorted ids ---- */

#define IDS_MAX_BYTES 2048u
struct id_entry {
    const char *id;
    size_t n;
    struct doc_digest digest;
};
struct ids; /* added in any order, then read in byte order, once */
struct ids *ids_new(const char *dir, struct err *err);
void ids_free(struct ids *s); /* NULL is fine */
bool ids_add(struct ids *s, const char *id, size_t n, const struct doc_digest *digest,
             struct err *err) MUST_CHECK;
/* The entry is valid until the next call. */
bool ids_next(struct ids *s, struct id_entry *ret, bool *ret_end, struct err *err) MUST_CHECK;
int id_compare(const char *a, size_t a_n, const char *b, size_t b_n);

/* ---- the database: reindex_source.c ---- */

struct source {
    struct pgsession *pg;
    struct arena *arena;
    bool active_only;
    const char *identity; /* of the cluster and database: "7312...:1:16389" */
    const char *file;     /* of the table Listing: another after it was rewritten */
    const char *xmin;     /* what the last snapshot can see is older than this; NULL before */
};
bool source_open(struct source *s, const struct settings *settings, bool active_only, int cancel_fd,
                 struct arena *a, struct err *err) MUST_CHECK;
void source_close(struct source *s);
/* A read-only snapshot; *ret_counts (may be NULL) is what it holds. */
bool source_begin(struct source *s, struct status_counts *ret_counts, struct err *err) MUST_CHECK;
bool source_end(struct source *s, struct err *err) MUST_CHECK;
/* Streams documents of the snapshot. `where` is a further condition, or NULL. IN_PLACE: in the
 * order of the table, where the planner allows it. */
enum doc_order { ORDER_NONE, ORDER_BY_ID, ORDER_IN_PLACE };
bool source_documents(struct source *s, const char *where, enum doc_order order,
                      bool (*on_line)(void *ctx, const char *line, size_t n), void *ctx,
                      uint64_t *ret_rows, struct err *err) MUST_CHECK;
bool source_ids(struct source *s, bool (*on_line)(void *ctx, const char *line, size_t n), void *ctx,
                struct err *err) MUST_CHECK;
/* The condition "changed since a snapshot with this xmin", however it was changed. */
const char *source_changed_since(struct arena *a, const char *xmin);
bool source_changed_ids(struct source *s, const char *table, const char *xmin,
                        bool (*on_line)(void *ctx, const char *line, size_t n), void *ctx,
                        struct err *err) MUST_CHECK;
/* "column IN ('a','b')" */
const char *source_in(struct arena *a, const char *column, const char *const *ids, uint32_t n);
/* Which of these ids the index should hold as of now: keep[i] is set. Outside a snapshot. */
bool source_living(struct source *s, const char *const *ids, uint32_t n, bool *keep,
                   struct err *err) MUST_CHECK;
/* About n documents from all over the table. */
bool source_sample(struct source *s, uint32_t n, int64_t total,
                   bool (*on_line)(void *ctx, const char *line, size_t n), void *ctx,
                   struct err *err) MUST_CHECK;

/* ---- lists of ids ---- */

#define ID_LIST_BYTES ((size_t)16 << 20)
struct id_list { /* NUL-terminated, one after the other */
    struct str bytes;
    uint64_t n, n_left_out;
};
void id_list_init(struct id_list *l);
void id_list_done(struct id_list *l);
void id_list_add(struct id_list *l, const char *id, size_t n);
/* The next at most max ids from *at on (0 at first); 0 at the end. */
uint32_t id_list_next(const struct id_list *l, size_t *at, const char **ids, uint32_t max);

/* ---- comparing ---- */

struct comparison {
    uint64_t database, index;                   /* listings, documents */
    uint64_t missing, surplus, stale, counters; /* counters: stale in nothing else */
    bool sampled; /* the figures are estimates from a sample of `sample` */
    uint32_t sample;
    char first[200]; /* of the sample: what differs in the first that does; "" = nothing */
};
/* The two sides of a comparison, and what is wanted of it. */
struct compare_request {
    struct index *index;
    const char *collection;
    struct source *source;
    const char *dir;                 /* for a sort of ids */
    bool content;                    /* compare documents too, not their ids alone */
    struct id_list *surplus, *wrong; /* wrong: missing, and with content stale; or NULL */
    void (*progress)(void *ctx, uint64_t done); /* ids of both sides so far; NULL = not told */
    void *ctx;
};
/* Both sides whole, in the order of ids. */
bool compare_whole(const struct compare_request *q, struct comparison *ret,
                   struct err *err) MUST_CHECK;
/* Some of the database's documents against the index; how many these are, `ret` says before. */
bool compare_sample(struct index *x, const char *collection, struct source *s, uint32_t n,
                    struct comparison *ret, struct err *err) MUST_CHECK;

/* ---- importing ---- */

#define BATCH_BYTES  ((size_t)2 << 20)
#define BATCH_DOCS   5000u
#define FAILURES_MAX 10000u /* listed in the job's failed.jsonl; all are counted */
struct batch {
    struct str lines;
    uint32_t n, block; /* of the last row */
};
/* Takes out of b what the index has already. */
bool batch_find_missing(struct job *j, struct index *x, const char *collection, struct batch *b,
                        const char *why, struct err *err) MUST_CHECK;
struct importer;
struct importer *importer_new(struct job *j, struct index *x, const char *collection,
                              uint32_t batch_docs);
void importer_free(struct importer *im); /* NULL is fine */
/* Told after each batch that is known to be in the index: every row in blocks before `block` is. */
void importer_on_batch(struct importer *im, void (*fn)(void *ctx, uint32_t block, uint64_t n),
                       void *ctx);
/* One line of COPY text. False stops; importer_finish() then says why. */
bool importer_line(void *im, const char *line, size_t n);
/* Sends what is left and waits for it. */
bool importer_finish(struct importer *im, struct err *err) MUST_CHECK;
bool importer_stopped(const struct importer *im); /* by itself: its own reason counts */
uint64_t importer_sent(const struct importer *im);
uint64_t importer_failed(const struct importer *im);
void importer_show_progress(struct importer *im); /* its documents move the job's progress */
/* The grouped failures into log and results. */
void importer_report(const struct importer *im);

/* ---- going on after an interruption ---- */

struct checkpoint {
    const char *identity, *file, *collection, *mode, *xmin, *staging;
    bool active_only;
    int64_t created_s, wall_ms, done;
    int64_t block; /* of the table: all rows before it are in; 0 = nothing to go on with */
};
const char *checkpoint_path(struct arena *a, const char *state_dir, const char *context);
/* False where there is none, or none that can be read: then all is done again. */
bool checkpoint_read(const char *path, struct arena *a, struct checkpoint *ret);
bool checkpoint_write(const char *path, const struct checkpoint *c, struct err *err) MUST_CHECK;
/* Whether a run on this source and collection may go on from c. */
bool checkpoint_fits(const struct checkpoint *c, const struct checkpoint *now);

/* ---- the run ---- */

struct reindex {
    struct job *job;
    struct arena *arena;
    const struct settings *settings;
    uint32_t batch_docs;
    double max_removed_pct;
    bool to_alias, keep_old;
    struct index x;
    struct index_look look;
    struct source source;
    struct checkpoint at;
    const char *checkpoint_path;
    int64_t saved_mono_ms;
    uint64_t n_imported, n_refused, n_removed;
};
/* One stream of documents through one importer; its figures join the run's. The main stream moves
 * the progress and the checkpoint. */
bool reindex_stream(struct reindex *r, const char *collection, const char *where, bool main_stream,
                    uint64_t *ret_rows, struct err *err) MUST_CHECK;
/* All listings into a collection, from the checkpoint on where it fits; then what changed since. */
bool reindex_fill(struct reindex *r, const char *collection, const char *mode,
                  struct err *err) MUST_CHECK;
/* What the collection has too much by the comparison's list is saved, then removed; what lives
 * again is kept. */
bool reindex_remove(struct reindex *r, const char *collection, const struct id_list *surplus,
                    struct err *err) MUST_CHECK;
bool reindex_share_ok(const struct reindex *r, uint64_t surplus, uint64_t documents,
                      struct err *err) MUST_CHECK;
/* Until the counts per status are equal, or what keeps them apart is known. */
bool reindex_settle(struct reindex *r, const char *collection, struct err *err) MUST_CHECK;
bool reindex_upsert(struct reindex *r, struct err *err) MUST_CHECK;
bool reindex_recreate(struct reindex *r, struct err *err) MUST_CHECK;

#endif
