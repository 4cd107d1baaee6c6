/* act/reindex_compare.c - what the index has too much, too little, or of yesterday: both sides
 * whole as a merge of two sorted streams, or a sample of documents field by field. */
#include <stdio.h>
#include <string.h>

#include "reindex_priv.h"

#define TICK 4096u

/* ---- lists of ids ---- */

void id_list_init(struct id_list *l) {
    *l = (struct id_list){0};
    str_init(&l->bytes, ID_LIST_BYTES);
}

void id_list_done(struct id_list *l) {
    str_done(&l->bytes);
}

void id_list_add(struct id_list *l, const char *id, size_t n) {
    if (l->bytes.len + n + 1 > ID_LIST_BYTES) {
        l->n_left_out++;
        return;
    }
    str_add(&l->bytes, id, n);
    str_putc(&l->bytes, '\0');
    l->n++;
}

uint32_t id_list_next(const struct id_list *l, size_t *at, const char **ids, uint32_t max) {
    uint32_t n = 0;
    while (n < max && *at < l->bytes.len) {
        ids[n++] = l->bytes.s + *at;
        *at += strlen(l->bytes.s + *at) + 1;
    }
    return n;
}

/* ---- the whole of both sides ---- */

struct merge {
    const struct compare_request *q;
    struct ids *ids;
    struct arena arena; /* of one line at a time */
    struct comparison *c;
    struct doc_maker maker;
    struct str id, json;
    struct id_entry now; /* of the index, the next one */
    bool end;
    uint64_t done;
    bool failed;
    struct err err;
};

static void tick(struct merge *m) {
    if (++m->done % TICK == 0 && m->q->progress)
        m->q->progress(m->q->ctx, m->done);
}

static bool stop(struct merge *m) {
    m->failed = true;
    return false;
}

static bool on_exported(void *ctx, const char *line, size_t n) {
    struct merge *m = ctx;
    struct doc_digest d = {0, 0};
    const char *id;
    arena_clear(&m->arena);
    if (!doc_line_id(line, n, &m->arena, &id) || (m->q->content && !doc_digest(line, n, &d))) {
        err_set(&m->err, E_PROTOCOL, "search", "export", "a line is no document: %.*s",
                (int)(n < 80 ? n : 80), line);
        return stop(m);
    }
    tick(m);
    return ids_add(m->ids, id, strlen(id), &d, &m->err) || stop(m);
}

static bool next(struct merge *m) {
    return ids_next(m->ids, &m->now, &m->end, &m->err) || stop(m);
}

static bool pass_surplus(struct merge *m) {
    m->c->surplus++;
    if (m->q->surplus)
        id_list_add(m->q->surplus, m->now.id, m->now.n);
    return next(m);
}

static void note_wrong(struct merge *m) {
    if (m->q->wrong)
        id_list_add(m->q->wrong, str_get(&m->id), m->id.len);
}

/* The same id on both sides. */
static void compare_content(struct merge *m, const char *line, size_t n) {
    struct doc_digest d;
    str_clear(&m->json);
    if (!doc_from_copy(&m->maker, line, n, &m->json) ||
        !doc_digest(str_get(&m->json), m->json.len, &d))
        return; /* the import will count it */
    if (d.content != m->now.digest.content) {
        m->c->stale++;
        note_wrong(m);
    } else if (d.counters != m->now.digest.counters) {
        m->c->counters++;
    }
}

static bool on_row(void *ctx, const char *line, size_t n) {
    struct merge *m = ctx;
    const char *tab = memchr(line, '\t', n);
    str_clear(&m->id);
    doc_copy_text(line, tab ? (size_t)(tab - line) : n, &m->id);
    m->c->database++;
    tick(m);
    while (!m->end && id_compare(m->now.id, m->now.n, str_get(&m->id), m->id.len) < 0)
        if (!pass_surplus(m))
            return false;
    if (m->end || id_compare(m->now.id, m->now.n, str_get(&m->id), m->id.len) != 0) {
        m->c->missing++;
        note_wrong(m);
        return true;
    }
    if (m->q->content)
        compare_content(m, line, n);
    return next(m);
}

static bool read_index(struct merge *m, struct err *err) {
    struct index *x = m->q->index;
    int64_t created, documents;
    uint64_t lines = 0;
    if (!index_created(x, m->q->collection, &created, &documents, err) ||
        !index_export(x, m->q->collection, m->q->content ? NULL : "include_fields=id", on_exported,
                      m, &lines, err))
        return false;
    m->c->index = lines;
    /* A failure in the middle shows only as an end; some may have been deleted meanwhile. */
    if (lines + lines / 20 + 1000 < (uint64_t)documents)
        return err_set(err, E_CLOSED, "search", x->url, "an export of %s documents ended at %s",
                       GROUPED(documents), GROUPED(lines));
    return true;
}

static bool merge_sides(struct merge *m, struct err *err) {
    struct source *s = m->q->source;
    bool ok =
        next(m) && (m->q->content ? source_documents(s, NULL, ORDER_BY_ID, on_row, m, NULL, err)
                                  : source_ids(s, on_row, m, err));
    while (ok && !m->end)
        ok = pass_surplus(m);
    return ok;
}

bool compare_whole(const struct compare_request *q, struct comparison *ret, struct err *err) {
    *ret = (struct comparison){0};
    struct merge m = {.q = q, .c = ret, .ids = ids_new(q->dir, err)};
    if (!m.ids)
        return false;
    arena_init(&m.arena);
    doc_maker_init(&m.maker);
    str_init(&m.id, DOC_MAX_BYTES);
    str_init(&m.json, DOC_MAX_BYTES);
    bool ok = read_index(&m, err) && merge_sides(&m, err);
    if (m.failed)
        *err = m.err; /* the stream only knows that it was stopped */
    ids_free(m.ids);
    arena_done(&m.arena);
    doc_maker_done(&m.maker);
    str_done(&m.id);
    str_done(&m.json);
    return ok;
}

/* ---- a sample ---- */

struct sample {
    struct arena arena;
    struct doc_maker maker;
    struct str json; /* of the documents of the database, one after the other */
    struct sampled {
        const char *id;
        size_t at, n; /* in json */
        bool there, differs, counts_only;
    } * docs;
    uint32_t n, max;
    struct comparison *c;
};

static bool on_sampled(void *ctx, const char *line, size_t n) {
    struct sample *s = ctx;
    size_t at = s->json.len;
    if (s->n == s->max || !doc_from_copy(&s->maker, line, n, &s->json))
        return true;
    struct sampled *d = &s->docs[s->n];
    *d = (struct sampled){.at = at, .n = s->json.len - at};
    s->n += doc_line_id(s->json.s + at, d->n, &s->arena, &d->id);
    return true;
}

static void compare_fields(struct sample *s, struct sampled *d, const char *line, size_t n) {
    char field[64];
    struct doc_digest ours, theirs;
    d->there = true;
    d->differs = doc_difference(s->json.s + d->at, d->n, line, n, field, sizeof field);
    if (!d->differs)
        return;
    d->counts_only = doc_digest(s->json.s + d->at, d->n, &ours) && doc_digest(line, n, &theirs) &&
                     ours.content == theirs.content;
    if (!*s->c->first && !d->counts_only)
        snprintf(s->c->first, sizeof s->c->first, "%s of %.120s", field, d->id);
}

static bool on_found(void *ctx, const char *line, size_t n) {
    struct sample *s = ctx;
    const char *id;
    if (!doc_line_id(line, n, &s->arena, &id))
        return true;
    for (uint32_t i = 0; i < s->n; i++)
        if (strcmp(s->docs[i].id, id) == 0)
            compare_fields(s, &s->docs[i], line, n);
    return true;
}

static bool look_up(struct sample *s, struct index *x, const char *collection, struct err *err) {
    const char **ids = arena_alloc(&s->arena, (s->n + 1) * sizeof *ids);
    for (uint32_t i = 0; i < s->n; i++)
        ids[i] = s->docs[i].id;
    return index_fetch(x, collection, ids, s->n, on_found, s, err);
}

static void sum_up(const struct sample *s) {
    struct comparison *c = s->c;
    c->sample = s->n;
    for (uint32_t i = 0; i < s->n; i++) {
        const struct sampled *d = &s->docs[i];
        c->missing += !d->there;
        c->stale += d->differs && !d->counts_only;
        c->counters += d->counts_only;
        if (!d->there && !*c->first)
            snprintf(c->first, sizeof c->first, "it has no %.120s", d->id);
    }
}

bool compare_sample(struct index *x, const char *collection, struct source *s, uint32_t n,
                    struct comparison *ret, struct err *err) {
    struct sample sample = {.max = n, .c = ret};
    int64_t total = (int64_t)ret->database;
    arena_init(&sample.arena);
    doc_maker_init(&sample.maker);
    str_init(&sample.json, ID_LIST_BYTES);
    sample.docs = arena_alloc(&sample.arena, (n + 1) * sizeof *sample.docs);
    ret->first[0] = '\0';
    bool ok = source_sample(s, n, total, on_sampled, &sample, err) &&
              look_up(&sample, x, collection, err);
    ret->sampled = true;
    if (ok)
        sum_up(&sample);
    arena_done(&sample.arena);
    doc_maker_done(&sample.maker);
    str_done(&sample.json);
    return ok;
}
