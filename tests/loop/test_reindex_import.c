/* tests/loop/test_reindex_import.c - batches into an index that refuses, lags, loses its answers or
 * writes on after the line is gone: every document ends up there exactly as often as it must. */
#include <ftw.h>
#include <stdlib.h>

#include "loop/misbehave.h"
#include "src/act/job_priv.h"
#include "src/act/reindex_priv.h"

#define DOCS_MAX 64

enum deed {
    TAKES,
    REFUSES,
    LAGS,
    FULL,
    LOSES_ANSWER,
    LOSES_HALF,
    CUTS_ANSWER,
    BREAKS_OFF,
    HANGS,
    FORBIDS
};

/* What the index does with import after import (the last goes on for ever), and what it holds. */
static struct {
    pthread_mutex_t lock;
    const enum deed *deeds;
    int n_deeds, n_imports, n_looks;
    char *docs[DOCS_MAX]; /* by the number in the id; the line */
    int n_written[DOCS_MAX];
    int queued;          /* in answers of /status, one less each time */
    struct index *index; /* of the importer: only what hangs has little time */
    bool refuse_odd;
} fake = {.lock = PTHREAD_MUTEX_INITIALIZER};

static int number_of(const char *line) {
    const char *at = strstr(line, "\"id\":\"d");
    return at ? (int)strtol(at + 7, NULL, 10) : 0;
}

static void write_doc(const char *line, size_t n) {
    char *copy = strndup(line, n);
    int i = number_of(copy);
    free(fake.docs[i]);
    fake.docs[i] = copy;
    fake.n_written[i]++;
}

/* Takes the first max documents; answers about them. */
static void import(char *body, int max, struct str *out) {
    char *line = body;
    for (int i = 0; *line && i < max; i++) {
        size_t n = strcspn(line, "\n");
        bool refused = fake.refuse_odd && number_of(line) % 2;
        if (!refused)
            write_doc(line, n);
        str_puts(out, refused ? "\n{\"code\":400,\"error\":\"odd\",\"success\":false}"
                              : "\n{\"success\":true}");
        line += n + (line[n] == '\n');
    }
}

static void export(const char *target, struct str *out) {
    for (int i = 0; i < DOCS_MAX; i++) {
        char id[16];
        snprintf(id, sizeof id, "d%02d", i);
        if (fake.docs[i] && strstr(target, id))
            str_printf(out, "%s\n", fake.docs[i]);
    }
}

static void answer(int fd, int status, const struct str *body) {
    char head[128];
    snprintf(head, sizeof head, "HTTP/1.1 %d X\r\nContent-Length: %zu\r\n\r\n", status, body->len);
    bad_puts(fd, head);
    bad_puts(fd, str_get(body));
}

/* False: the connection is to be closed without an answer. */
static bool do_import(struct bad_server *s, int fd, char *body, struct str *out) {
    int i = fake.n_imports++;
    enum deed deed = fake.deeds[i < fake.n_deeds ? i : fake.n_deeds - 1];
    switch (deed) {
    case REFUSES:
        str_puts(out, "{\"message\": \"Rate limit exceeded or blocked\"}");
        answer(fd, 429, out);
        return true;
    case LAGS:
        str_puts(out, "{\"message\": \"Not Ready or Lagging\"}");
        answer(fd, 503, out);
        return true;
    case FULL:
        str_puts(out,
                 "{\"message\": \"Rejecting write: running out of resource type: OUT_OF_DISK\"}");
        answer(fd, 422, out);
        return true;
    case FORBIDS:
        str_puts(out, "{\"message\": \"Forbidden\"}");
        answer(fd, 401, out);
        return true;
    case HANGS:
        fake.index->reply_timeout_ms = 4 * PATIENCE_MS; /* for the next; nobody asks meanwhile */
        pthread_mutex_unlock(&fake.lock);
        bad_hang(s, fd);
        pthread_mutex_lock(&fake.lock);
        return false;
    case LOSES_HALF:
        import(body, 3, out);
        return false;
    case LOSES_ANSWER:
        import(body, DOCS_MAX, out);
        return false;
    case BREAKS_OFF: /* in the middle of its answer */
        import(body, 3, out);
        bad_puts(fd, "HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n{\"success\":true}");
        return false;
    case CUTS_ANSWER:
        import(body, DOCS_MAX, out);
        out->len = out->len / 2;
        out->s[out->len] = '\0';
        answer(fd, 200, out);
        return true;
    default:
        import(body, DOCS_MAX, out);
        answer(fd, 200, out);
        return true;
    }
}

static bool serve_one(struct bad_server *s, int fd, char *request, char *body) {
    struct str out;
    bool go_on = true;
    str_init(&out, 1 << 20);
    pthread_mutex_lock(&fake.lock);
    if (strstr(request, "/documents/import")) {
        go_on = do_import(s, fd, body, &out);
    } else if (strncmp(request, "GET /status", 11) == 0) {
        str_printf(&out, "{\"state\":\"LEADER\",\"queued_writes\":%d}", fake.queued);
        fake.queued -= fake.queued > 0;
        answer(fd, 200, &out);
    } else {
        request[strcspn(request, "\r")] = '\0';
        fake.n_looks++;
        export(request, &out);
        answer(fd, 200, &out);
    }
    pthread_mutex_unlock(&fake.lock);
    str_done(&out);
    return go_on;
}

static void serve_index(struct bad_server *s, int fd) {
    static char buf[262144];
    for (;;) {
        size_t have = 0;
        char *body = NULL;
        long length = 0;
        while (!body || (long)(have - (size_t)(body - buf)) < length) {
            ssize_t n = bad_read(s, fd, buf + have, sizeof buf - have);
            if (n <= 0)
                return;
            have += (size_t)n;
            body = strstr(buf, "\r\n\r\n");
            body = body ? body + 4 : NULL;
            const char *said = body ? strstr(buf, "Content-Length: ") : NULL;
            length = said && said < body ? strtol(said + 16, NULL, 10) : 0;
        }
        if (!serve_one(s, fd, buf, body))
            return;
    }
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *walk) {
    return remove(path);
}

struct bench {
    struct bad_server server;
    char dir[64], url[64];
    struct settings settings;
    struct job *job;
    struct arena arena;
    struct index x;
    struct importer *im;
    struct err err;
    uint64_t told;
    uint32_t block;
};

static void told(void *ctx, uint32_t block, uint64_t n) {
    struct bench *b = ctx;
    b->told = n;
    b->block = block;
}

static void bench_start(struct bench *b, const enum deed *deeds, int n) {
    struct plan p;
    char id[JOB_ID_SIZE];
    *b = (struct bench){0};
    fake.deeds = deeds;
    fake.n_deeds = n;
    fake.n_imports = fake.n_looks = fake.queued = 0;
    fake.refuse_odd = false;
    arena_init(&b->arena);
    snprintf(b->dir, sizeof b->dir, "/tmp/goodgo-import.XXXXXX");
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(b->dir));
    bad_start(&b->server, serve_index);
    snprintf(b->url, sizeof b->url, "http://127.0.0.1:%u", b->server.port);
    b->settings =
        (struct settings){.context = "dev", .typesense_url = b->url, .typesense_key = "k"};
    plan_init(&p, &b->arena, "reindex", "dev", TIER_CHANGES);
    p.target = "search listings";
    plan_seal(&p);
    CU_ASSERT_TRUE_FATAL(job_create(b->dir, &p, "me", clock_wall_ms(), id, &b->err));
    CU_ASSERT_TRUE_FATAL(job_open(&b->settings, b->dir, id, &b->job, &b->err));
    CU_ASSERT_TRUE_FATAL(index_open(&b->x, &b->settings, job_cancel_fd(b->job), &b->err));
    b->x.patience_ms = b->x.reply_timeout_ms = 4 * PATIENCE_MS;
    fake.index = &b->x;
    if (*deeds == HANGS)
        b->x.reply_timeout_ms = 400;
    b->im = importer_new(b->job, &b->x, "listings", 5);
    importer_on_batch(b->im, told, b);
}

static void bench_stop(struct bench *b) {
    importer_free(b->im);
    index_close(&b->x);
    job_close(b->job);
    bad_stop(&b->server);
    for (int i = 0; i < DOCS_MAX; i++) {
        free(fake.docs[i]);
        fake.docs[i] = NULL;
        fake.n_written[i] = 0;
    }
    arena_done(&b->arena);
    CU_ASSERT_EQUAL(nftw(b->dir, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
}

static bool backwards; /* the rows come in no order of the table */

static bool feed(struct bench *b, int n) {
    for (int i = 0; i < n; i++) {
        char line[300];
        int len =
            snprintf(line, sizeof line,
                     "d%02d\tp\tT %d\tD\tHOUSE\tSALE\t%d\t1.5\t2\t1\t1\t1\tNORTH\ta\tw\td\tc\t"
                     "10.5\t106.5\t\\N\ts\tACTIVE\t5\t1\t1\t\\N\t{}\t(%d,1)\n",
                     i, i, i * 1000, backwards ? 30 - i : 10 + i);
        if (!importer_line(b->im, line, (size_t)len))
            break;
    }
    return importer_finish(b->im, &b->err);
}

static int there(void) {
    int n = 0;
    for (int i = 0; i < DOCS_MAX; i++)
        n += fake.docs[i] != NULL;
    return n;
}

static int most_written(void) {
    int most = 0;
    for (int i = 0; i < DOCS_MAX; i++)
        most = fake.n_written[i] > most ? fake.n_written[i] : most;
    return most;
}

/* All twelve arrive, in three batches, whatever happens to the first of them. */
static void arrives(const enum deed *deeds, int n, int n_imports, int written) {
    struct bench b;
    bench_start(&b, deeds, n);
    bool ok = feed(&b, 12);
    if (!ok)
        fprintf(stderr, "%s\n", b.err.why);
    CU_ASSERT_TRUE(ok);
    CU_ASSERT_EQUAL(there(), 12);
    CU_ASSERT_EQUAL(importer_sent(b.im), 12);
    CU_ASSERT_EQUAL(importer_failed(b.im), 0);
    CU_ASSERT_EQUAL(fake.n_imports, n_imports);
    CU_ASSERT_EQUAL(most_written(), written);
    CU_ASSERT_EQUAL(b.told, 12);
    CU_ASSERT_EQUAL(b.block, 21);
    bench_stop(&b);
}

TEST(all_is_well) {
    static const enum deed deeds[] = {TAKES};
    arrives(deeds, 1, 3, 1);
}
TEST(a_refused_batch_is_sent_again) {
    static const enum deed deeds[] = {LAGS, REFUSES, FULL, TAKES};
    arrives(deeds, 4, 6, 1);
}
TEST(a_lost_answer_is_not_a_lost_batch) {
    static const enum deed deeds[] = {LOSES_ANSWER, TAKES};
    arrives(deeds, 2, 3, 1); /* nothing was sent twice */
}
TEST(only_what_is_missing_is_sent_again) {
    static const enum deed deeds[] = {LOSES_HALF, TAKES};
    arrives(deeds, 2, 4, 1);
}
TEST(an_answer_that_breaks_off_is_a_lost_one) {
    static const enum deed deeds[] = {BREAKS_OFF, TAKES};
    arrives(deeds, 2, 4, 1);
}
TEST(an_answer_about_half_of_them_proves_nothing) {
    static const enum deed deeds[] = {CUTS_ANSWER, TAKES};
    arrives(deeds, 2, 3, 1);
}
TEST(a_time_out_is_looked_into) {
    static const enum deed deeds[] = {HANGS, TAKES};
    arrives(deeds, 2, 4, 1);
}

TEST(it_waits_while_the_server_still_writes) {
    static const enum deed deeds[] = {LOSES_HALF, TAKES};
    struct bench b;
    bench_start(&b, deeds, 2);
    fake.queued = 2;
    CU_ASSERT_TRUE(feed(&b, 5));
    CU_ASSERT_TRUE(fake.n_looks >= 3); /* two with writes queued, and one more that was the same */
    CU_ASSERT_EQUAL(there(), 5);
    bench_stop(&b);
}

TEST(refused_documents_are_counted_and_listed) {
    static const enum deed deeds[] = {TAKES};
    struct bench b;
    bench_start(&b, deeds, 1);
    fake.refuse_odd = true;
    CU_ASSERT_TRUE(feed(&b, 12));
    CU_ASSERT_EQUAL(importer_failed(b.im), 6);
    char path[512], line[200];
    snprintf(path, sizeof path, "%s/failed.jsonl", job_dir(b.job));
    FILE *f = fopen(path, "r");
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    CU_ASSERT_PTR_NOT_NULL(fgets(line, sizeof line, f));
    CHECK_STR(line, "{\"id\":\"d01\",\"code\":400,\"error\":\"odd\"}\n");
    int n = 1;
    while (fgets(line, sizeof line, f))
        n++;
    CU_ASSERT_EQUAL(n, 6);
    fclose(f);
    bench_stop(&b);
}

TEST(without_the_order_of_the_table_there_is_nothing_to_go_on_with) {
    static const enum deed deeds[] = {TAKES};
    struct bench b;
    bench_start(&b, deeds, 1);
    backwards = true;
    CU_ASSERT_TRUE(feed(&b, 12));
    backwards = false;
    CU_ASSERT_EQUAL(there(), 12);
    CU_ASSERT_EQUAL(b.told, 0);
    bench_stop(&b);
}

static void gives_up(const enum deed *deeds, uint32_t patience_ms, enum err_code code) {
    struct bench b;
    bench_start(&b, deeds, 1);
    b.x.patience_ms = patience_ms;
    CU_ASSERT_FALSE(feed(&b, 12));
    CHECK_STR(err_code_name(b.err.code), err_code_name(code));
    CU_ASSERT_EQUAL(there(), 0);
    bench_stop(&b);
}

TEST(patience_has_an_end) {
    static const enum deed lags[] = {LAGS}, full[] = {FULL};
    gives_up(lags, 700, E_NOT_READY);
    gives_up(full, 700, E_NOT_READY);
}
TEST(a_wrong_key_is_not_tried_again) {
    static const enum deed deeds[] = {FORBIDS};
    gives_up(deeds, 4 * PATIENCE_MS, E_AUTH);
    CU_ASSERT_EQUAL(fake.n_imports, 1);
}

TEST(cancelling_ends_it) {
    static const enum deed deeds[] = {LAGS};
    struct bench b;
    bench_start(&b, deeds, 1);
    job_ask_cancel(b.job);
    int64_t start = clock_mono_ms();
    CU_ASSERT_FALSE(feed(&b, 12));
    CU_ASSERT_EQUAL(b.err.code, E_CANCELLED);
    CU_ASSERT_TRUE(clock_mono_ms() - start < PATIENCE_MS);
    bench_stop(&b);
}

SUITE(reindex_import, T(all_is_well), T(a_refused_batch_is_sent_again),
      T(a_lost_answer_is_not_a_lost_batch), T(only_what_is_missing_is_sent_again),
      T(an_answer_that_breaks_off_is_a_lost_one), T(an_answer_about_half_of_them_proves_nothing),
      T(a_time_out_is_looked_into), T(it_waits_while_the_server_still_writes),
      T(refused_documents_are_counted_and_listed),
      T(without_the_order_of_the_table_there_is_nothing_to_go_on_with), T(patience_has_an_end),
      T(a_wrong_key_is_not_tried_again), T(cancelling_ends_it))
