/* act/gateway.c - see act/gateway.h. */
#include "act/gateway.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "io/ask.h"
#include "io/file.h"
#include "gateway_priv.h"
#include "wire/digest.h"

#define LOCK_GAP_MS  50
#define LOCK_MOST_MS 60000 /* somebody else's question may take its whole deadline */
#define WAIT_MOST_MS 15000 /* a longer pause is said and not waited for */

struct gateway_asker {
    const struct settings *settings;
    const char *state_dir;
    struct ask *ask;
    struct kept **kept; /* by provider; NULL = not looked at yet */
};

struct gateway_asker *gateway_open(const struct settings *s, const char *state_dir, int cancel_fd) {
    struct gateway_asker *g = mem_zeroed(sizeof *g);
    g->settings = s;
    g->state_dir = state_dir;
    g->ask = ask_new("goodgo-gateway", cancel_fd);
    g->kept = mem_zeroed(n_pay_providers * sizeof(struct kept *));
    return g;
}

void gateway_close(struct gateway_asker *g) {
    if (!g)
        return;
    ask_free(g->ask);
    for (uint32_t i = 0; i < n_pay_providers; i++)
        kept_close(g->kept[i]);
    free(g->kept);
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

static void pace_read(struct pace *t) {
    char line[64] = "";
    long long next = 0, back_off = 0;
    if (pread(t->fd, line, sizeof line - 1, 0) > 0 &&
        sscanf(line, "%lld %lld", &next, &back_off) == 2) {
        t->next_wall_ms = next;
        t->back_off_ms = back_off;
    }
}

static const char *state_file(const struct gateway_asker *g, struct arena *a, const char *name) {
    return arena_printf(a, "%s/gateways/%.60s.%s", g->state_dir, g->settings->context, name);
}

static bool pace_take(struct gateway_asker *g, const struct pay_provider *p, struct arena *a,
                      struct pace *ret, struct err *err) {
    const char *path = state_file(g, a, arena_printf(a, "%s.pace", p->id));
    int64_t start = clock_mono_ms();
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
    pace_read(ret);
    return true;
}

static void pace_give(struct pace *t) {
    if (t->fd >= 0)
        close(t->fd);
}

/* A clock that was set back must not silence it for ever: no pause is longer than the longest. */
static int64_t pace_left_ms(const struct pay_provider *p, const struct pace *t) {
    int64_t wait_ms = t->next_wall_ms - clock_wall_ms();
    return wait_ms <= 0 || wait_ms > p->gateway->back_off_most_ms ? 0 : wait_ms;
}

int64_t gateway_wait_ms(const struct gateway_asker *g, const struct pay_provider *p) {
    struct arena a;
    arena_init(&a);
    struct pace t = {
        .fd = open(state_file(g, &a, arena_printf(&a, "%s.pace", p->id)), O_RDONLY | O_CLOEXEC)};
    if (t.fd >= 0)
        pace_read(&t);
    pace_give(&t);
    arena_done(&a);
    return pace_left_ms(p, &t);
}

static bool pace_wait(struct gateway_asker *g, const struct pay_provider *p, const struct pace *t,
                      struct err *err) {
    int64_t wait_ms = pace_left_ms(p, t);
    char until[40];
    if (!wait_ms)
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
    snprintf(line, sizeof line, "%lld %lld\n", (long long)t->next_wall_ms,
             (long long)t->back_off_ms);
    file_lock_note(t->fd, line); /* or the next one asks a little early */
}

/* --- what was said already --- */

/* Of the same gateway, as the same merchant: another env file asks anew. And of the same day, for
 * some orders are: that there is none of another day says nothing of this one. */
static void kept_key(const struct gateway_asker *g, const struct pay_question *q, struct arena *a,
                     char key[KEPT_KEY_SIZE]) {
    const struct pay_provider *p = q->provider;
    const struct pay_account *account = pay_account_current(g->settings, p->id);
    const char *url = account ? pay_account_get(p, account, p->gateway->url) : NULL;
    const char *merchant = account && p->merchant ? pay_account_get(p, account, p->merchant) : NULL;
    char hex[DIGEST_HEX_SIZE];
    const char *name = arena_printf(
        a, "%d %s %s %s %lld", (int)q->what, url ? url : "-", merchant ? merchant : "-", q->order,
        q->what == PAY_ASK_PAYMENT ? (long long)q->created_wall_s : 0LL);
    digest_sha256_hex(name, strlen(name), hex);
    str_copy(key, KEPT_KEY_SIZE, hex);
}

static uint32_t index_of(const struct pay_provider *p) {
    uint32_t i = 0;
    while (pay_providers[i] != p)
        i++;
    return i;
}

static struct kept *kept_of(struct gateway_asker *g, const struct pay_provider *p,
                            struct arena *a) {
    struct kept **k = &g->kept[index_of(p)];
    if (!*k)
        *k = kept_open(state_file(g, a, arena_printf(a, "%s.kept", p->id)));
    return *k;
}

bool gateway_recall(struct gateway_asker *g, const struct pay_question *q, enum gateway_kept which,
                    struct arena *a, struct pay_answer *ret) {
    char key[KEPT_KEY_SIZE];
    kept_key(g, q, a, key);
    return kept_find(kept_of(g, q->provider, a), key, which, clock_wall_ms(), a, ret);
}

static void keep(struct gateway_asker *g, const struct pay_question *q, const struct pay_answer *r,
                 struct arena *a) {
    char key[KEPT_KEY_SIZE];
    kept_key(g, q, a, key);
    kept_add(kept_of(g, q->provider, a), key, q->now_wall_ms, r);
}

/* --- asking --- */

static const char *request_id(struct arena *a, int64_t now_wall_ms) {
    unsigned char random[8];
    if (getentropy(random, sizeof random) != 0)
        memcpy(random, &now_wall_ms, sizeof random);
    char hex[2 * sizeof random + 1];
    hex_encode(random, sizeof random, hex);
    return arena_printf(a, "%lld%s", (long long)now_wall_ms, hex);
}

static bool post(struct gateway_asker *g, const struct pay_question *q, const struct pay_post *p,
                 struct arena *a, struct pay_answer *ret, struct err *err) {
    uint32_t own = q->provider->gateway->timeout_ms;
    struct exchange ex = {.kind = EXCHANGE_HTTP};
    struct reply reply;
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
    /* What to do about it is for whoever asked to say. */
    *ret = (struct pay_answer){
        .retry = true, .silent = true, .reason = arena_printf(a, "%s: %s", err->target, err->why)};
    return true;
}

bool gateway_pause(struct gateway_asker *g, int64_t ms, struct err *err) {
    return ask_pause(g->ask, ms < WAIT_MOST_MS ? (uint32_t)ms : WAIT_MOST_MS, err);
}

bool gateway_ask(struct gateway_asker *g, struct pay_question *q, enum gateway_kept kept,
                 struct arena *a, struct pay_answer *ret, struct err *err) {
    struct pay_post p;
    struct pace pace;
    q->now_wall_ms = clock_wall_ms();
    q->request_id = request_id(a, q->now_wall_ms);
    if (!pay_ask_make(q, g->settings, a, &p, err))
        return false;
    if (gateway_recall(g, q, kept, a, ret))
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
