/* act/reindex_priv.h - the parts of the reindex: documents (reindex_doc_lib.c), import replies
 * (reindex_reply_lib.c), the search server (reindex_index.c, reindex_schema.c), sorted ids
 * (reindex_ids.c), the stream of batches (reindex_import.c), comparing both sides
 * (reindex_compare.c), going on after an interruption (reindex_resume.c), and the two modes
 * (reindex_modes.c). reindex.c has the plan. */
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

struct doc_maker {
    struct str scratch;
};
void doc_maker_init(struct doc_maker *m);
void doc_maker_done(struct doc_maker *m);
/* The columns and tables that doc_from_copy() reads, without WHERE and ORDER BY. */
void doc_add_select(struct str *sql);
/* One line of COPY text (its newline is optional) becomes one of JSON with its newline. False, and
 * out as it was, for a line with another number of columns. */
bool doc_from_copy(struct doc_maker *m, const char *line, size_t n, struct str *out);
/* The text of a COPY line with one column. */
void doc_copy_text(const char *line, size_t n, struct str *out);
/* The document's id from its JSON. */
bool doc_line_id(const char *line, size_t n, struct arena *a, const char **ret_id);

/* What a document says in the fields of the schema, whatever the order of its keys and the shape of
 * its numbers. Numbers are compared as doubles. The counters apart: they move with every view. */
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
bool index_open(struct index *x, const struct settings *s, int cancel_fd, struct err *err);
void index_close(struct index *x);

/* Asks and waits; backs off on 503, 429, a refused write and a refused connection until its
 * patience is over. True for 2xx; the reply lives until the next question. */
bool index_ask(struct index *x, const char *method, const char *path, const char *body,
               size_t body_n, struct http_reply *ret, struct err *err) MUST_CHECK;
bool index_is_retryable(int status, const char *body);
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
bool status_counts_equal(const struct status_counts *a, const struct status_counts *b);
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
};
bool index_look(struct index *x, struct arena *a, struct index_look *ret,
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
uint64_t ids_count(const struct ids *s);
/* The entry is valid until the next call. */
bool ids_next(struct ids *s, struct id_entry *ret, bool *ret_end, struct err *err) MUST_CHECK;
int id_compare(const char *a, size_t a_n, const char *b, size_t b_n);

#endif
