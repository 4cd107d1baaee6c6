/* act/gateway.c - see act/gateway.h. */
#include "act/gateway.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "io/ask.h"
#include "io/file.h"
#include "wire/digest.h"

#define LOCK_GAP_MS  50
#define LOCK_MOST_MS 60000            /* somebody else's question may take its whole deadline */
#define WAIT_MOST_MS 15000            /* a longer pause is said and not waited for */
#define KEPT_MAX     ((size_t)262144) /* ten minutes of an answer a second */

struct gateway_asker {
    const struct settings *settings;
    const char *state_dir;
    struct ask *ask;
};

struct gateway_asker *gateway_open(const struct settings *s, const char *state_dir, int cancel_fd) {
    struct gateway_asker *g = mem_zeroed(sizeof *g);
    g->settings = s;
    g->state_dir = state_dir;
    g->ask = ask_new("goodgo-gateway", cancel_fd);
    return g;
}

void gateway_close(struct gateway_asker *g) {
    if (g)
        ask_free(g->ask);
    free(g);
}

bool gateway_is_set(const struct settings *s, const struct pay_provider *p) {
    const struct pay_account *a = p->gateway ? pay_account_current(s, p->id) : NULL;
    return a && pay_account_get(p, a, p->gateway->url);
}

/* --- the pace: "NEXT_WALL_MS BACK_OFF_MS", under the lock of the same file --- */

struct pace {
    int fd;
    int64_t next_wall_ms, back_off_ms;
};

static const char *state_file(const struct gateway_asker *g, struct arena *a, const char *name) {
    return arena_printf(a, "%s/gateways/%.60s.%s", g->state_dir, g->settings->context, name);
}

static bool pace_take(struct gateway_asker *g, const struct pay_provider *p, struct arena *a,
                      struct pace *ret, struct err *err) {
    const char *path = state_file(g, a, arena_printf(a, "%s.pace", p->id));
    int64_t start = clock_mono_ms();
    char line[64] = "";
    long long next = 0, back_off = 0;
    *ret = (struct pace){.fd = -1};
    if (!dir_make(arena_printf(a, "%s/gateways", g->state_dir), err))
        return false;
    while (ret->fd < 0) {
        if (!file_lock(path, &ret->fd, err))
            return false;
        if (ret->fd < 0 && clock_mono_ms() - start > LOCK_MOST_MS)
            return err_set(err, E_NOT_READY, "payments.ask", p->title,
                           "is being asked by another goodgo for over a minute");
        if (ret->fd < 0 && !ask_pause(g->ask, LOCK_GAP_MS, err))
            return false;
    }
    if (pread(ret->fd, line, sizeof line - 1, 0) > 0 &&
        sscanf(line, "%lld %lld", &next, &back_off) == 2) {
        ret->next_wall_ms = next;
        ret->back_off_ms = back_off;
    }
    return true;
}

static void pace_give(struct pace *t) {
    if (t->fd >= 0)
        close(t->fd);
}

/* A clock that was set back must not silence it for ever: no pause is longer than the longest. */
static bool pace_wait(struct gateway_asker *g, const struct pay_provider *p, const struct pace *t,
                      struct err *err) {
    int64_t wait_ms = t->next_wall_ms - clock_wall_ms();
    char until[40];
    if (wait_ms <= 0 || wait_ms > p->gateway->back_off_most_ms)
        return true;
    if (wait_ms <= WAIT_MOST_MS)
        return ask_pause(g->ask, (uint32_t)wait_ms, err);
    clock_iso8601(t->next_wall_ms, until, sizeof until);
    err_set(err, E_NOT_READY, "payments.ask", p->title,
            "was asked too often or did not answer: it is left alone until %s", until);
    err->todo = "wait until then; a question too many only makes it longer";
    return false;
}

static void pace_set(const struct pay_provider *p, struct pace *t, const struct pay_answer *r) {
    const struct pay_gateway *w = p->gateway;
    char line[64];
    int64_t next = t->back_off_ms ? 2 * t->back_off_ms : w->back_off_ms;
    bool trouble = r->said == PAY_SAID_NOTHING && r->retry;
    if (next > w->back_off_most_ms)
        next = w->back_off_most_ms;
    t->back_off_ms = trouble ? next : 0;
    t->next_wall_ms = clock_wall_ms() + (trouble ? next : w->pause_ms);
    int n = snprintf(line, sizeof line, "%lld %lld\n", (long long)t->next_wall_ms,
                     (long long)t->back_off_ms);
    if (ftruncate(t->fd, 0) != 0 || pwrite(t->fd, line, (size_t)n, 0) != n)
        return; /* the next one asks a little early */
}

/* --- what is kept: a line each, "KEY WALL_MS STATUS AMOUNT REFUNDED PAID_WALL_S SIGNED TX CODE"
 * --- */

struct kept {
    char key[25], tx[64], code[64];                              /* "-" where there is none */
    long long at_wall_ms, amount_vnd, refunded_vnd, paid_wall_s; /* -1 = not told */
    int status, is_signed;
};

static bool kept_read(const char *line, int64_t now_wall_ms, struct kept *ret) {
    return sscanf(line, "%24s %lld %d %lld %lld %lld %d %63s %63s", ret->key, &ret->at_wall_ms,
                  &ret->status, &ret->amount_vnd, &ret->refunded_vnd, &ret->paid_wall_s,
                  &ret->is_signed, ret->tx, ret->code) == 9 &&
           ret->status > PAY_STATUS_NONE && ret->status < PAY_STATUS_COUNT &&
           ret->at_wall_ms <= now_wall_ms &&
           now_wall_ms - ret->at_wall_ms <= GATEWAY_KEEP_S * 1000LL;
}

static void kept_key(const struct pay_question *q, struct arena *a, char key[DIGEST_HEX_SIZE]) {
    const char *name = arena_printf(a, "%d %s", (int)q->what, q->order);
    digest_sha256_hex(name, strlen(name), key);
    key[24] = 0;
}

static const char *kept_file(const struct gateway_asker *g, const struct pay_question *q,
                             struct arena *a) {
    return state_file(g, a, arena_printf(a, "%s.kept", q->provider->id));
}

/* "" where there is none. */
static const char *kept_lines(const struct gateway_asker *g, const struct pay_question *q,
                              struct arena *a) {
    struct file_content f;
    struct err ignored;
    return readfile(a, kept_file(g, q, a), KEPT_MAX, &f, &ignored)
               ? arena_strndup(a, f.bytes, f.len)
               : "";
}

static const char *next_line(struct arena *a, const char **text) {
    size_t n = strcspn(*text, "\n");
    const char *line = n ? arena_strndup(a, *text, n) : NULL;
    *text += n + ((*text)[n] == '\n');
    return line;
}

static void kept_add(struct str *out, const struct kept *k) {
    str_printf(out, "%s %lld %d %lld %lld %lld %d %s %s\n", k->key, k->at_wall_ms, k->status,
               k->amount_vnd, k->refunded_vnd, k->paid_wall_s, k->is_signed, k->tx, k->code);
}

/* Under the lock of the pace. What is too old, or said anew, goes. */
static void keep(const struct gateway_asker *g, const struct pay_question *q,
                 const struct pay_answer *r, struct arena *a) {
    const char *text = kept_lines(g, q, a), *line;
    char key[DIGEST_HEX_SIZE];
    struct kept k;
    struct err ignored;
    struct str out;
    kept_key(q, a, key);
    str_init(&out, KEPT_MAX);
    while ((line = next_line(a, &text)) != NULL)
        if (kept_read(line, q->now_wall_ms, &k) && strcmp(k.key, key) != 0)
            kept_add(&out, &k);
    if (r->said == PAY_SAID_FINAL) {
        k = (struct kept){.at_wall_ms = q->now_wall_ms,
                          .amount_vnd = r->has_amount ? r->amount_vnd : -1,
                          .refunded_vnd = r->refunded_vnd,
                          .paid_wall_s = r->has_pay_time ? r->pay_time_wall_s : -1,
                          .status = (int)r->status,
                          .is_signed = r->is_signed};
        str_copy(k.key, sizeof k.key, key);
        str_copy(k.tx, sizeof k.tx, r->provider_tx_id ? r->provider_tx_id : "-");
        str_copy(k.code, sizeof k.code, r->code ? r->code : "-");
        kept_add(&out, &k);
    }
    if (out.toobig || !writefile(kept_file(g, q, a), str_get(&out), out.len, &ignored))
        unlink(kept_file(g, q, a)); /* it is asked once more, then */
    str_done(&out);
}

static void answer_of(const struct kept *k, int64_t now_wall_ms, struct arena *a,
                      struct pay_answer *ret) {
    *ret = (struct pay_answer){.said = PAY_SAID_FINAL,
                               .status = (enum pay_status)k->status,
                               .is_signed = k->is_signed != 0,
                               .has_amount = k->amount_vnd >= 0,
                               .amount_vnd = k->amount_vnd,
                               .refunded_vnd = k->refunded_vnd,
                               .has_pay_time = k->paid_wall_s >= 0,
                               .pay_time_wall_s = k->paid_wall_s};
    ret->provider_tx_id = strcmp(k->tx, "-") ? arena_strdup(a, k->tx) : NULL;
    ret->code = strcmp(k->code, "-") ? arena_strdup(a, k->code) : NULL;
    ret->reason =
        arena_printf(a, "%s, as it said %lld s ago", k->code, (now_wall_ms - k->at_wall_ms) / 1000);
}

static bool recall(const struct gateway_asker *g, const struct pay_question *q, struct arena *a,
                   struct pay_answer *ret) {
    const char *text = kept_lines(g, q, a), *line;
    char key[DIGEST_HEX_SIZE];
    struct kept k;
    kept_key(q, a, key);
    while ((line = next_line(a, &text)) != NULL)
        if (kept_read(line, q->now_wall_ms, &k) && !strcmp(k.key, key)) {
            answer_of(&k, q->now_wall_ms, a, ret);
            return true;
        }
    return false;
}

/* --- asking --- */

static const char *request_id(struct arena *a, int64_t now_wall_ms) {
    unsigned char random[8];
    if (getentropy(random, sizeof random) != 0)
        memcpy(random, &now_wall_ms, sizeof random);
    char hex[17];
    for (size_t i = 0; i < sizeof random; i++)
        snprintf(hex + 2 * i, 3, "%02x", random[i]);
    return arena_printf(a, "%lld%s", (long long)now_wall_ms, hex);
}

static bool post(struct gateway_asker *g, const struct pay_question *q, const struct pay_post *p,
                 struct arena *a, struct pay_answer *ret, struct err *err) {
    uint32_t own = q->provider->gateway->timeout_ms;
    struct exchange ex = {.kind = EXCHANGE_HTTP};
    struct reply reply;
    char sentence[400];
    ex.http = (struct http_request){.method = "POST",
                                    .url = p->url,
                                    .headers = {{"Content-Type", p->content_type}},
                                    .body = p->body,
                                    .body_len = strlen(p->body),
                                    .max_body_bytes = PAY_ANSWER_MAX};
    if (ask_once(g->ask, &ex, a, g->settings->timeout_ms ? g->settings->timeout_ms : own, &reply,
                 err)) {
        pay_ask_read(q, g->settings, a, reply.http.status, reply.http.body, reply.http.body_len,
                     ret);
        return true;
    }
    if (err->code == E_CANCELLED)
        return false;
    err_sentence(err, sentence, sizeof sentence);
    *ret = (struct pay_answer){.retry = true, .reason = arena_strdup(a, sentence)};
    return true;
}

bool gateway_ask(struct gateway_asker *g, struct pay_question *q, bool kept, struct arena *a,
                 struct pay_answer *ret, struct err *err) {
    struct pay_post p;
    struct pace pace;
    q->now_wall_ms = clock_wall_ms();
    q->request_id = request_id(a, q->now_wall_ms);
    if (!pay_ask_make(q, g->settings, a, &p, err))
        return false;
    if (kept && recall(g, q, a, ret))
        return true;
    bool ok = pace_take(g, q->provider, a, &pace, err) && pace_wait(g, q->provider, &pace, err);
    q->now_wall_ms = clock_wall_ms(); /* it may have waited, and the time is signed */
    ok = ok && pay_ask_make(q, g->settings, a, &p, err) && post(g, q, &p, a, ret, err);
    if (ok) {
        pace_set(q->provider, &pace, ret);
        keep(g, q, ret, a);
    }
    pace_give(&pace);
    return ok;
}
