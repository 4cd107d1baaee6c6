/* sandbox/relay_priv.h - what the files of the relay share: its gates (the published ports), the
 * links behind them, and the round that the one thread is in. All of it is that thread's alone. */
#ifndef GOODGO_SANDBOX_RELAY_PRIV_H
#define GOODGO_SANDBOX_RELAY_PRIV_H

#include "lifecycle.h"

enum { RELAY_CHUNK = 16384 };

/* The two sides of a link. */
enum { CLIENT = 0, SERVER = 1 };

struct gate;
struct link;

/* What an epoll event points to. */
struct watch {
    struct gate *gate; /* set: a listener */
    struct link *link;
    int side;
};

/* What was read from one side and is still owed to the other. */
struct flow {
    char data[RELAY_CHUNK];
    size_t from, to;
    bool ended;   /* the reading side has no more */
    bool shut;    /* the end was passed on */
    bool off;     /* the descriptor hung up and is no longer watched */
    uint64_t due; /* not to be passed on before */
};

struct link {
    struct link *next;
    struct gate *gate;
    int fd[2];
    uint32_t events[2];
    struct watch watch[2];
    struct flow flow[2]; /* [CLIENT]: from the client to the server */
    bool connecting, dialled, saying, fresh, dead;
    uint64_t end_at; /* saying: closed then at the latest */
};

struct gate {
    const struct platform *platform;
    int service;
    int listener; /* bound always, listening unless refused: the port cannot be lost */
    bool open;
    struct watch watch;
    enum sandbox_fault_mode mode; /* as asked */
    enum sandbox_fault_mode acts; /* as it acts now: flap is either up or stop */
    int arg;
    uint64_t since;
    struct proc proc;
    bool known, alive;
};

/* ---- relay.c ---- */
/* The monotonic clock, in ms, when this round began. */
uint64_t relay_now(void);
/* epoll_ctl() on the relay's own epoll. */
bool relay_watch(int op, int fd, uint32_t events, struct watch *watch);

/* ---- relay_gates.c ---- */
/* One for each real server of the platform; false where a port cannot be had (said on stderr). */
bool gates_open(const struct platform *p);
/* Each does as the faults say; `look_alive`: whether its server lives is looked at too. */
void gates_follow(const struct sandbox_fault faults[SB_N_SERVICES], bool look_alive);
void gate_accept(struct gate *g);
/* For good: closes all, and lets a server that hangs go on. */
void gates_close(void);

/* ---- relay_links.c ---- */
/* Takes the descriptor of a client. */
void link_new(struct gate *g, int fd);
void link_event(struct link *l, int side, uint32_t events);
void link_watch(struct link *l, int side, uint32_t events);
/* Freed by links_bury(), after the round: later events of the same round may still point here. */
void link_kill(struct link *l);
void links_bury(void);
void links_drop(const struct gate *g);
/* The gate serves again: what waited goes on. */
void links_resume(const struct gate *g);
/* The gate hangs: from now on nothing is watched but the end. */
void links_hold(const struct gate *g);
/* Does what is due (late answers whose time has come, clients that were told off and do not leave)
 * and tells when the next is; UINT64_MAX: nothing is. */
uint64_t links_due(void);

/* ---- relay_says.c: what a broken server says, in its own protocol ---- */
/* Where the client asks for encryption first, that is declined and the words wait. */
void link_say(struct link *l);
/* Waits for the client to leave. */
void link_drain(struct link *l);

#endif
