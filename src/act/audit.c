/* act/audit.c - the hash-chained trail. A record's hash covers its own bytes up to `,"hash":`, and
 * those hold the hash of the record before. */
#define _GNU_SOURCE /* memmem */
#include "act/audit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/jsonw.h"
#include "base/mem.h"
#include "base/text.h"
#include "io/file.h"
#include "job_priv.h"
#include "wire/digest.h"
#include "wire/json.h"

#define RECORD_MAX 65536
#define TRAIL_MAX  ((size_t)256 << 20)
#define HASH_KEY   ",\"hash\":\""
#define NO_HASH    "0000000000000000000000000000000000000000000000000000000000000000"

struct tail {
    int64_t seq;
    char hash[DIGEST_HEX_SIZE];
    char repaired[160]; /* what was done with an unfinished record; "" = there was none */
};

static bool fail(struct err *err, const char *op, const char *path) {
    return err_set(err, E_IO, op, path, "%s", strerror(errno));
}

static const char *state_path(char *buf, size_t size, const char *state_dir, const char *name) {
    snprintf(buf, size, "%s/%s", state_dir, name);
    return buf;
}

/* Where the record's own hash begins; NULL when the line does not end in one. */
static const char *hash_of_line(const char *line, size_t n, char hex[DIGEST_HEX_SIZE]) {
    size_t end = strlen(HASH_KEY) + 64 + 2;
    if (n < end || memcmp(line + n - end, HASH_KEY, strlen(HASH_KEY)) != 0 ||
        memcmp(line + n - 2, "\"}", 2) != 0)
        return NULL;
    memcpy(hex, line + n - 66, 64);
    hex[64] = 0;
    return line + n - end;
}

/* ---- appending ---- */

/* A record without its newline was never announced: its writer died in the write. It is kept aside
 * and taken off, or nothing could be recorded ever again. */
static bool set_aside(int fd, const char *state_dir, off_t from, const char *bytes, size_t n,
                      struct tail *t, struct err *err) {
    char path[4096], name[64];
    snprintf(name, sizeof name, "audit.torn-%lld", (long long)clock_wall_ms());
    if (!writefile(state_path(path, sizeof path, state_dir, name), bytes, n, err))
        return false;
    if (ftruncate(fd, from) != 0 || fsync(fd) != 0)
        return fail(err, "audit.append", state_dir);
    snprintf(t->repaired, sizeof t->repaired, "%zu bytes of an unfinished record moved to %s", n,
             name);
    return true;
}

/* Reads the end of the trail; an absent one has seq 0. */
static bool read_tail(int fd, const char *state_dir, struct tail *t, struct err *err) {
    static char buf[2 * RECORD_MAX + 2];
    struct stat st;
    *t = (struct tail){0, NO_HASH, ""};
    if (fstat(fd, &st) != 0)
        return fail(err, "audit.append", state_dir);
    off_t from = st.st_size > (off_t)sizeof buf - 1 ? st.st_size - ((off_t)sizeof buf - 1) : 0;
    ssize_t n = pread(fd, buf, sizeof buf - 1, from);
    if (n < 0)
        return fail(err, "audit.append", state_dir);
    size_t whole = (size_t)n;
    while (whole && buf[whole - 1] != '\n')
        whole--;
    if (whole < (size_t)n &&
        !set_aside(fd, state_dir, from + (off_t)whole, buf + whole, (size_t)n - whole, t, err))
        return false;
    if (!whole)
        return true;
    size_t start = whole - 1;
    while (start && buf[start - 1] != '\n')
        start--;
    struct json *j = json_parse(buf + start, whole - 1 - start, RECORD_MAX, err);
    bool ok = j && json_i64(j, "seq", 1, INT64_MAX - 1, &t->seq) &&
              hash_of_line(buf + start, whole - 1 - start, t->hash);
    json_free(j);
    return ok || err_set(err, E_PROTOCOL, "audit.append", state_dir,
                         "the last record of the trail is damaged: see goodgo audit verify");
}

static void put(struct jsonw *w, const char *key, const char *value) {
    if (!value || !*value)
        return;
    jsonw_put_string(w, key, value);
}

static void write_record(const struct audit_record *r, const struct actor *actor,
                         const struct tail *t, struct str *line) {
    char time[40], who[320], hex[DIGEST_HEX_SIZE];
    struct jsonw w;
    clock_iso8601(r->wall_ms, time, sizeof time);
    actor_text(actor, who, sizeof who);
    jsonw_init(&w, line, JSONW_LINE);
    jsonw_open(&w, '{');
    jsonw_put_int(&w, "seq", r->seq);
    put(&w, "time", time);
    put(&w, "event", r->event);
    put(&w, "action", r->action);
    put(&w, "context", r->context);
    put(&w, "target", r->target);
    put(&w, "plan", r->plan_id);
    put(&w, "job", r->job_id);
    put(&w, "who", who);
    put(&w, "tty", actor->tty);
    put(&w, "ssh", actor->ssh);
    put(&w, "reason", r->reason);
    put(&w, "outcome", r->outcome);
    put(&w, "why", r->why);
    put(&w, "repaired", t->repaired);
    jsonw_key(&w, "details");
    jsonw_open(&w, '{');
    for (uint32_t i = 0; i < r->details.n; i++)
        put(&w, r->details.at[i].name, r->details.at[i].value);
    jsonw_close(&w, '}');
    put(&w, "prev", t->hash);
    digest_sha256_hex(str_get(line), line->len, hex);
    put(&w, "hash", hex);
    jsonw_close(&w, '}');
    str_putc(line, '\n');
}

static bool append_line(int fd, const char *state_dir, const struct str *line, int64_t seq,
                        struct err *err) {
    char path[4096], head[128];
    struct stat st;
    if (line->toobig || line->len > RECORD_MAX)
        return err_set(err, E_TOO_BIG, "audit.append", state_dir, "a record over %d bytes",
                       RECORD_MAX);
    if (fstat(fd, &st) != 0)
        return fail(err, "audit.append", state_dir);
    if (!file_write_all(fd, str_get(line), line->len) || fsync(fd) != 0) {
        fail(err, "audit.append", state_dir);
        int left = ftruncate(fd, st.st_size); /* where it stays, the next writer sets it aside */
        (void)left;
        return false;
    }
    snprintf(head, sizeof head, "%lld %.64s\n", (long long)seq, str_get(line) + line->len - 67);
    return writefile(state_path(path, sizeof path, state_dir, "audit.head"), head, strlen(head),
                     err);
}

static bool append_locked(const char *state_dir, const struct actor *actor, struct audit_record *r,
                          struct err *err) {
    static char hash[DIGEST_HEX_SIZE];
    char path[4096];
    struct tail t;
    struct str line;
    int fd = open(state_path(path, sizeof path, state_dir, "audit.jsonl"),
                  O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    file_share(fd, path);
    if (fd < 0)
        return fail(err, "audit.append", path);
    str_init(&line, RECORD_MAX + 1);
    bool ok = read_tail(fd, state_dir, &t, err);
    if (ok) {
        r->seq = t.seq + 1;
        r->wall_ms = r->wall_ms ? r->wall_ms : clock_wall_ms();
        write_record(r, actor, &t, &line);
        ok = append_line(fd, state_dir, &line, r->seq, err);
    }
    if (ok) {
        hash_of_line(str_get(&line), line.len - 1, hash);
        r->hash = hash;
    }
    str_done(&line);
    close(fd);
    return ok;
}

bool audit_append(const char *state_dir, const struct actor *actor, struct audit_record *r,
                  struct err *err) {
    char path[4096];
    if (!dir_make(state_dir, err))
        return false;
    int lock = open(state_path(path, sizeof path, state_dir, "audit.lock"),
                    O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (lock < 0)
        return fail(err, "audit.append", path);
    while (flock(lock, LOCK_EX) != 0) /* held for one write: never long */
        if (errno != EINTR) {
            fail(err, "audit.append", path);
            close(lock);
            return false;
        }
    bool ok = append_locked(state_dir, actor, r, err);
    close(lock);
    return ok;
}

/* ---- reading ---- */

static bool read_trail(const char *state_dir, struct arena *a, struct file_content *f,
                       struct err *err) {
    char path[4096];
    *f = (struct file_content){.bytes = ""};
    state_path(path, sizeof path, state_dir, "audit.jsonl");
    /* One that may not be looked at is not one where nothing was done. */
    bool none = access(path, F_OK) != 0 && errno == ENOENT;
    return none || readfile(a, path, TRAIL_MAX, f, err);
}

static const char *copied(struct arena *a, const struct json *j, const char *key) {
    const char *s = json_string(j, key);
    return s ? text_cleanz(a, s).s : NULL;
}

static void read_details(struct arena *a, const struct json *j, struct pairs *pairs) {
    for (const struct json *c = json_first(json_get(j, "details")); c; c = json_next(c))
        if (pairs->n < PLAN_MAX_PAIRS && json_string(c, ""))
            pairs->at[pairs->n++] =
                (struct pair){text_cleanz(a, json_key(c)).s, text_cleanz(a, json_string(c, "")).s};
}

static bool read_record(struct arena *a, const char *line, size_t n, struct audit_record *r) {
    struct err ignored;
    struct json *j = json_parse(line, n, RECORD_MAX, &ignored);
    *r = (struct audit_record){0};
    if (!j)
        return false;
    const char *time = json_string(j, "time");
    bool ok =
        json_i64(j, "seq", 1, INT64_MAX, &r->seq) && time && clock_parse_rfc3339(time, &r->wall_ms);
    const struct {
        const char *key, **ret;
    } texts[] = {
        {"event", &r->event},     {"action", &r->action}, {"context", &r->context},
        {"target", &r->target},   {"plan", &r->plan_id},  {"job", &r->job_id},
        {"outcome", &r->outcome}, {"why", &r->why},       {"who", &r->who},
        {"reason", &r->reason},   {"hash", &r->hash},
    };
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        *texts[i].ret = copied(a, j, texts[i].key);
    read_details(a, j, &r->details);
    json_free(j);
    return ok;
}

/* Records from the newest on. False at the beginning; a line that is no record is passed over. */
struct backwards {
    struct file_content f;
    size_t end;
    const char *having; /* only lines with these bytes are read at all; NULL = every line */
};

static bool next_record(struct backwards *b, struct arena *a, struct audit_record *ret) {
    while (b->end) {
        const char *bytes = b->f.bytes;
        size_t stop = bytes[b->end - 1] == '\n' ? b->end - 1 : b->end, start = stop;
        while (start && bytes[start - 1] != '\n')
            start--;
        b->end = start;
        if ((!b->having || memmem(bytes + start, stop - start, b->having, strlen(b->having))) &&
            read_record(a, bytes + start, stop - start, ret))
            return true;
    }
    return false;
}

bool audit_list(const char *state_dir, struct arena *a, uint32_t max, struct audit_record **ret,
                uint32_t *ret_n, struct err *err) {
    struct backwards b = {.having = NULL};
    struct arena file;
    arena_init(&file);
    bool ok = read_trail(state_dir, &file, &b.f, err);
    b.end = ok ? b.f.len : 0;
    *ret = arena_alloc(a, (max + 1) * sizeof **ret);
    *ret_n = 0;
    while (*ret_n < max && next_record(&b, a, &(*ret)[*ret_n]))
        ++*ret_n;
    arena_done(&file);
    return ok;
}

struct audit_trail {
    char *state_dir;
    struct arena file;
    struct file_content f;
    bool read;
};

struct audit_trail *audit_trail_new(const char *state_dir) {
    struct audit_trail *t = mem_alloc(sizeof *t);
    *t = (struct audit_trail){.state_dir = mem_strdup(state_dir)};
    arena_init(&t->file);
    return t;
}

void audit_trail_free(struct audit_trail *t) {
    if (!t)
        return;
    arena_done(&t->file);
    free(t->state_dir);
    free(t);
}

bool audit_end_of(struct audit_trail *t, const char *job_id, struct arena *a,
                  struct audit_record *ret) {
    struct err ignored;
    if (!t->read && !read_trail(t->state_dir, &t->file, &t->f, &ignored))
        t->f = (struct file_content){.bytes = ""};
    t->read = true;
    struct backwards b = {.f = t->f, .end = t->f.len, .having = job_id};
    bool ended = false, began = false;
    while (!ended && !began && next_record(&b, a, ret)) {
        bool its = str_is(ret->job_id, job_id);
        ended = its && (str_is(ret->event, "result") || str_is(ret->event, "refused"));
        began = its && str_is(ret->event, "intent"); /* nothing older is its end */
    }
    return ended;
}

/* ---- verifying ---- */

static bool broken(struct audit_verdict *v, const char *why) {
    v->ok = false;
    err_set(&v->err, E_PROTOCOL, "audit.verify", "audit.jsonl", "line %lld: %s", (long long)v->line,
            why);
    return false;
}

/* What audit.head says. It is written after the trail, so after a crash or a failed write in
 * between it names an earlier record, which must still be there as it was: a trail that was cut, or
 * cut and written on, has no such record. */
struct head {
    int64_t seq;
    char hash[DIGEST_HEX_SIZE];
    bool there, met;
};

static void read_head(const char *state_dir, struct head *h) {
    struct arena a;
    struct file_content f;
    struct err ignored;
    char path[4096];
    *h = (struct head){.seq = -1};
    arena_init(&a);
    h->there = access(state_path(path, sizeof path, state_dir, "audit.head"), F_OK) == 0;
    if (h->there && readfile(&a, path, 127, &f, &ignored)) {
        char *end;
        long long seq = strtoll(f.bytes, &end, 10);
        if (seq > 0 && *end == ' ' && strlen(end) == 66 && end[65] == '\n') {
            h->seq = seq;
            memcpy(h->hash, end + 1, 64);
        }
    }
    arena_done(&a);
}

static bool verify_line(struct audit_verdict *v, struct head *h, const char *line, size_t n) {
    char claimed[DIGEST_HEX_SIZE], found[DIGEST_HEX_SIZE];
    int64_t seq;
    v->line++;
    const char *hash_at = hash_of_line(line, n, claimed);
    if (!hash_at)
        return broken(v, "does not end in a hash: cut or edited");
    digest_sha256_hex(line, (size_t)(hash_at - line), found);
    if (strcmp(found, claimed) != 0)
        return broken(v, "was edited: its hash does not fit its text");
    struct json *j = json_parse(line, n, RECORD_MAX, &v->err);
    const char *prev = j ? json_string(j, "prev") : NULL;
    bool linked = prev && strcmp(prev, v->head) == 0;
    bool numbered = j && json_i64(j, "seq", 1, INT64_MAX, &seq) && seq == v->n_records + 1;
    json_free(j);
    if (!linked || !numbered)
        return broken(v, "does not follow the line before: a record was removed, added or moved");
    memcpy(v->head, claimed, sizeof v->head);
    v->n_records++;
    h->met = h->met || (v->n_records == h->seq && strcmp(v->head, h->hash) == 0);
    return true;
}

/* Of a trail that was removed whole, head and all, the jobs still tell. */
static bool verify_absence(struct audit_verdict *v, const char *state_dir) {
    struct arena a;
    char why[160];
    arena_init(&a);
    const char *job = job_begun(state_dir, &a);
    if (job)
        snprintf(why, sizeof why, "the trail was removed: job %s has begun, and is not in it", job);
    arena_done(&a);
    return !job || broken(v, why);
}

static bool verify_head(struct audit_verdict *v, const struct head *h) {
    bool fresh = v->n_records <= 1 && !h->there;
    if (h->met || fresh)
        return true;
    return broken(v, h->there
                         ? "the trail is shorter or other than audit.head says: its end was cut"
                         : "audit.head is missing: whether the end was cut cannot be told");
}

bool audit_verify(const char *state_dir, struct audit_verdict *ret, struct err *err) {
    struct arena a;
    struct file_content f;
    struct head head;
    *ret = (struct audit_verdict){.ok = true, .head = NO_HASH};
    read_head(state_dir, &head);
    arena_init(&a);
    bool ok = read_trail(state_dir, &a, &f, err);
    const char *end = ok ? f.bytes + f.len : NULL;
    for (const char *at = ok ? f.bytes : NULL; at < end && ret->ok;) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        if (!newline) {
            ret->line++;
            broken(ret, "is not finished: its writer died, or the file was cut");
            break;
        }
        verify_line(ret, &head, at, (size_t)(newline - at));
        at = newline + 1;
    }
    arena_done(&a);
    if (ok && ret->ok && verify_head(ret, &head) && !ret->n_records)
        verify_absence(ret, state_dir);
    return ok;
}
