/* io/dns.c - names to numeric addresses without ever blocking: literals and localhost at once, the
 * rest by getaddrinfo on a worker thread, one question per name at a time. Answers are kept 30 s,
 * failures 2 s, at most CACHE_SIZE names. */
#include "link_priv.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"

#define CACHE_SIZE 32
#define GOOD_MS    30000
#define BAD_MS     2000
#define HOST_SIZE  256

struct dns_wait {
    struct dns_wait *next;
    struct dns_entry *entry;
    dns_done_fn done;
    void *ctx;
};

struct dns_entry {
    char host[HOST_SIZE];
    int64_t until_mono_ms; /* of the answer; 0 = none yet */
    bool asking;
    struct dns_answer answer;
    struct dns_wait *waits;
};

struct dns {
    struct link_hub *hub;
    struct dns_entry *entries[CACHE_SIZE];
};

struct dns_job {
    struct dns_entry *entry; /* only for the loop's side */
    char host[HOST_SIZE];
    struct dns_answer answer;
};

static void answer_add(struct dns_answer *a, const char *address) {
    for (uint32_t i = 0; i < a->n; i++)
        if (strcmp(a->addresses[i], address) == 0)
            return;
    if (a->n < DNS_MAX_ADDRESSES)
        str_copy(a->addresses[a->n++], DNS_ADDRESS_SIZE, address);
    a->ok = true;
}

bool dns_literal(const char *host, struct dns_answer *ret) {
    unsigned char bytes[16];
    memset(ret, 0, sizeof *ret);
    if (inet_pton(AF_INET, host, bytes) == 1 || inet_pton(AF_INET6, host, bytes) == 1) {
        answer_add(ret, host);
        return true;
    }
    if (strcasecmp(host, "localhost") != 0)
        return false;
    answer_add(ret, "127.0.0.1");
    answer_add(ret, "::1");
    return true;
}

void dns_lookup(const char *host, struct dns_answer *ret) {
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG};
    struct addrinfo *list = NULL;
    int rc = getaddrinfo(host, NULL, &hints, &list);
    memset(ret, 0, sizeof *ret);
    for (struct addrinfo *i = rc == 0 ? list : NULL; i; i = i->ai_next) {
        char text[DNS_ADDRESS_SIZE];
        if (getnameinfo(i->ai_addr, i->ai_addrlen, text, sizeof text, NULL, 0, NI_NUMERICHOST) == 0)
            answer_add(ret, text);
    }
    if (list)
        freeaddrinfo(list);
    if (!ret->ok)
        snprintf(ret->why, sizeof ret->why, "the name has no address (%s)",
                 rc ? gai_strerror(rc) : "empty answer");
}

/* On a thread: touches nothing but its job. */
static void job_work(void *arg) {
    struct dns_job *job = arg;
    dns_lookup(job->host, &job->answer);
}

static void entry_tell(struct dns_entry *e) {
    struct dns_answer answer = e->answer;
    struct dns_wait *w = e->waits;
    e->waits = NULL;
    for (struct dns_wait *i = w; i; i = i->next)
        i->entry = NULL; /* out of the list: cancelling one from another's done only silences it */
    while (w) {
        struct dns_wait *next = w->next;
        if (w->done)
            w->done(w->ctx, &answer);
        free(w);
        w = next;
    }
}

static void job_done(void *ctx, void *arg) {
    struct dns *d = ctx;
    struct dns_job *job = arg;
    struct dns_entry *e = job->entry;
    e->answer = job->answer;
    e->asking = false;
    e->until_mono_ms = clock_mono_ms() + (e->answer.ok ? GOOD_MS : BAD_MS);
    free(job);
    if (!e->waits)
        d->hub->late_replies++;
    entry_tell(e);
}

static struct dns_entry *entry_find(struct dns *d, const char *host) {
    for (uint32_t i = 0; i < CACHE_SIZE; i++)
        if (d->entries[i] && strcasecmp(d->entries[i]->host, host) == 0)
            return d->entries[i];
    return NULL;
}

/* A free slot, else that of the answer which ends first; NULL while all are being asked. */
static struct dns_entry *entry_make(struct dns *d, const char *host) {
    struct dns_entry *oldest = NULL;
    for (uint32_t i = 0; i < CACHE_SIZE; i++) {
        struct dns_entry *e = d->entries[i];
        if (!e) {
            oldest = d->entries[i] = mem_zeroed(sizeof *e);
            break;
        }
        if (!e->asking && !e->waits && (!oldest || e->until_mono_ms < oldest->until_mono_ms))
            oldest = e;
    }
    if (!oldest)
        return NULL;
    memset(oldest, 0, sizeof *oldest);
    str_copy(oldest->host, sizeof oldest->host, host);
    return oldest;
}

static bool entry_ask(struct dns *d, struct dns_entry *e) {
    struct dns_job *job = mem_zeroed(sizeof *job);
    job->entry = e;
    str_copy(job->host, sizeof job->host, e->host);
    if (!workers_start(d->hub->workers, job_work, job_done, free, d, job)) {
        free(job);
        return false;
    }
    e->asking = true;
    return true;
}

struct dns *dns_new(struct link_hub *h) {
    struct dns *d = mem_zeroed(sizeof *d);
    d->hub = h;
    return d;
}

void dns_free(struct dns *d) {
    for (uint32_t i = 0; d && i < CACHE_SIZE; i++) {
        struct dns_entry *e = d->entries[i];
        for (struct dns_wait *w = e ? e->waits : NULL, *next; w; w = next) {
            next = w->next;
            dns_cancel(w);
        }
        free(e);
    }
    free(d);
}

bool dns_known(struct dns *d, const char *host, struct dns_answer *ret_answer) {
    if (dns_literal(host, ret_answer))
        return true;
    if (host[0] == '\0' || strlen(host) >= HOST_SIZE) {
        str_copy(ret_answer->why, sizeof ret_answer->why, "this is not a host name");
        return true;
    }
    struct dns_entry *e = entry_find(d, host);
    if (!e || e->asking || clock_mono_ms() >= e->until_mono_ms)
        return false;
    *ret_answer = e->answer;
    return true;
}

struct dns_wait *dns_ask(struct dns *d, const char *host, dns_done_fn done, void *ctx) {
    struct dns_entry *e = entry_find(d, host);
    if (!e)
        e = entry_make(d, host);
    if (!e || (!e->asking && !entry_ask(d, e)))
        return NULL;
    struct dns_wait *w = mem_zeroed(sizeof *w);
    *w = (struct dns_wait){e->waits, e, done, ctx};
    e->waits = w;
    return w;
}

void dns_cancel(struct dns_wait *w) {
    if (!w)
        return;
    if (!w->entry) {
        w->done = NULL;
        return;
    }
    struct dns_wait **at = &w->entry->waits;
    while (*at && *at != w)
        at = &(*at)->next;
    if (*at)
        *at = w->next;
    free(w);
}
