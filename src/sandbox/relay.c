/* sandbox/relay.c - the thread of the relay: one round after the other it passes bytes between
 * clients and the real servers' private ports, and ten times a second looks which faults are on.
 * Also runs the hog of pool-exhaustion. */
#include "relay_priv.h"

#include "say.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { TICK_MS = 100, ALIVE_MS = 500, HOG_RETRY_MS = 2000 };

static struct {
    const struct platform *platform;
    struct sandbox sandbox;
    pthread_t thread;
    bool running;
    int epoll, wake;
    atomic_bool stopping;
    uint64_t now, next_tick, next_alive, change;
    struct proc hog;
    bool hog_wanted;
    uint64_t hog_retry;
} relay = {.epoll = -1, .wake = -1};

uint64_t relay_now(void) {
    return relay.now;
}

bool relay_watch(int op, int fd, uint32_t events, struct watch *watch) {
    struct epoll_event e = {.events = events, .data.ptr = watch};
    return epoll_ctl(relay.epoll, op, fd, &e) == 0;
}

/* ---- the hog ---- */

static void hog_start(void) {
    struct why why;
    relay.hog_retry = relay.now + HOG_RETRY_MS;
    if (!spawn_self(&relay.sandbox, "hog", true, -1, &relay.hog, &why)) {
        say("%s", why.text);
        relay.hog.pid = 0;
    }
}

static void hog_follow(bool wanted) {
    bool alive = relay.hog.pid && proc_alive(&relay.hog);
    if (wanted && !alive && relay.now >= relay.hog_retry) {
        hog_start();
    } else if (!wanted && alive) {
        kill(relay.hog.pid, SIGKILL);
        relay.hog.pid = 0;
    }
}

/* ---- the thread ---- */

static void tick(void) {
    struct sandbox_fault faults[SB_N_SERVICES];
    struct sandbox_scenarios scenarios;
    uint64_t change = platform_faults(relay.platform, faults, &scenarios);
    /* With a change, too: `clear` may have started a dead server before it. */
    bool look_alive = relay.now >= relay.next_alive || change != relay.change;
    relay.next_tick = relay.now + TICK_MS;
    if (look_alive) {
        relay.next_alive = relay.now + ALIVE_MS;
    }
    if (scenarios.redis_down) {
        faults[SB_REDIS] = (struct sandbox_fault){.mode = FAULT_STOP};
    }
    gates_follow(faults, look_alive);
    if (look_alive || scenarios.pool_exhaustion != relay.hog_wanted) {
        relay.hog_wanted = scenarios.pool_exhaustion;
        hog_follow(scenarios.pool_exhaustion);
    }
    faults_in_force(relay.platform->dir, FAULTS_OF_RELAY, change, &relay.change);
}

/* Until the next tick, or until a link has something to do before. */
static int wait_ms(uint64_t link_due) {
    uint64_t next = link_due < relay.next_tick ? link_due : relay.next_tick;
    return next > relay.now ? (int)(next - relay.now) : 0;
}

static void handle(const struct epoll_event *e) {
    struct watch *w = e->data.ptr;
    if (!w) {
        return; /* the wake-up of relay_stop() */
    }
    if (w->gate) {
        if (w->gate->open) {
            gate_accept(w->gate);
        }
    } else if (!w->link->dead) {
        link_event(w->link, w->side, e->events);
    }
}

static void *relay_main(void *arg) {
    struct epoll_event events[128];
    while (!atomic_load(&relay.stopping)) {
        relay.now = clock_mono_ms();
        if (relay.now >= relay.next_tick) {
            tick();
        }
        uint64_t link_due = links_due();
        links_bury();
        int n = epoll_wait(relay.epoll, events, 128, wait_ms(link_due));
        relay.now = clock_mono_ms();
        for (int i = 0; i < n; i++) {
            handle(&events[i]);
        }
        links_bury();
    }
    return arg;
}

static bool start_thread(void) {
    sigset_t all, old;
    /* Signals are the stand-ins' business: none may arrive here. */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    relay.running = pthread_create(&relay.thread, NULL, relay_main, NULL) == 0;
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    return relay.running;
}

bool relay_start(const struct platform *p) {
    struct why why;
    relay.platform = p;
    if (!sandbox_load(&relay.sandbox, p->dir, &why)) {
        say("%s", why.text);
        return false;
    }
    relay.epoll = epoll_create1(EPOLL_CLOEXEC);
    relay.wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return relay.epoll >= 0 && relay.wake >= 0 &&
           relay_watch(EPOLL_CTL_ADD, relay.wake, EPOLLIN, NULL) && gates_open(p) && start_thread();
}

void relay_stop(void) {
    uint64_t one = 1;
    atomic_store(&relay.stopping, true);
    if (relay.running && write(relay.wake, &one, sizeof one) == sizeof one) {
        pthread_join(relay.thread, NULL);
        relay.running = false;
    }
    gates_close();
    links_bury();
    hog_follow(false);
}
