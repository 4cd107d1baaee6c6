/* sandbox/lifecycle.h - what the life-cycle half (up, down, status, env, fault, serve) shares among
 * its own files. The stand-ins see platform.h only. */
#ifndef GOODGO_SANDBOX_LIFECYCLE_H
#define GOODGO_SANDBOX_LIFECYCLE_H

#include "clock.h"
#include "platform.h"

#include <stddef.h>
#include <sys/types.h>

enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USE = 2 };

#define MARKER_NAME ".goodgo-sandbox"
/* The sentence where a directory has none that is ours. */
#define NO_SANDBOX "no sandbox of yours is in %s: say which with --dir"

/* One sentence (or a few lines) saying what went wrong and what to do. */
struct why {
    char text[3072];
};

/* Writes the sentence and returns false, so that a check reads `return why_set(why, ...)`. */
bool why_set(struct why *why, const char *format, ...) __attribute__((format(printf, 2, 3)));

struct sandbox {
    struct platform p;
    char work[512]; /* data of the real servers: DIR/data, or a directory of its own where the
                       servers' user cannot enter DIR */
    uint32_t scale;
    uid_t run_uid; /* what a server that refuses root runs as; our own when we are not root */
    gid_t run_gid;
    char jwt_refresh_secret[96], kyc_key[80];
};

/* Cuts never: false where it does not fit. */
bool path_join(char *out, size_t size, const char *dir, const char *name);
/* A whole number in lo..hi and nothing else. */
bool parse_u32(const char *s, uint32_t lo, uint32_t hi, uint32_t *ret);
/* -1 for an unknown name. */
int service_by_name(const char *name);
bool service_is_real(int service);

/* ---- layout*.c, ports.c: the directory, ports, secrets and the two files that hold them ---- */
bool default_dir(char *out, size_t size);
/* Makes `dir` absolute (it need not exist). */
bool absolute_dir(const char *dir, char *out, size_t size, struct why *why);
bool has_marker(const char *dir);
/* Takes the directory for our own; *ret_lock stays locked until closed. False: nothing was touched.
 */
bool layout_claim(const char *dir, int *ret_lock, struct why *why);
/* Locks a directory that is ours already; waits at most `timeout_ms`. */
bool layout_lock(const char *dir, unsigned timeout_ms, int *ret_lock, struct why *why);
/* Keeps the other writers of DIR/faults and DIR/gateways out until *ret_lock is closed; waits for
 * them. */
bool layout_hold(const char *dir, int *ret_lock, struct why *why);
/* Free ports, held against other sandboxes until this process ends; and by `serve` from then on. */
bool ports_choose(struct platform *p, const bool wanted[SB_N_SERVICES], uint32_t base,
                  struct why *why);
void ports_keep(const struct platform *p);
bool layout_fill(struct sandbox *sb, const bool wanted[SB_N_SERVICES], uint32_t port_base,
                 struct why *why);
/* Removes the directory (and the servers' own, where that is elsewhere). Needs the marker. */
bool layout_remove(const char *dir, struct why *why);
bool sandbox_load(struct sandbox *sb, const char *dir, struct why *why);
bool write_file(const char *path, mode_t mode, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
bool read_file(const char *path, char *out, size_t size);
/* Value of `key` in KEY=VALUE lines. */
bool find_value(const char *text, const char *key, char *out, size_t size);

/* ---- process.c: children, their records in DIR/pids, and their end ---- */
enum { MAX_PROCS = 64 };

struct proc {
    char name[24];
    pid_t pid;
    uint64_t start; /* of the process, in clock ticks since boot: a re-used pid never matches */
};

struct spawn {
    const char *name;        /* in DIR/pids; the log is DIR/log/NAME.log */
    const char *const *argv; /* argv[0] is the path */
    const char *const *env;  /* NAME=VALUE beside the inherited ones, or NULL */
    bool ordinary_user;      /* the server refuses root */
    int keep_fd;             /* becomes descriptor 3 of the child; -1 none */
    bool end_with_parent;
};

/* The child is recorded before it may run: it waits for a byte that comes after the record. */
bool proc_spawn(const struct sandbox *sb, const struct spawn *s, struct proc *ret_proc,
                struct why *why);
bool proc_alive(const struct proc *p);
int procs_read(const char *dir, struct proc *out, int max);
bool proc_find(const char *dir, const char *name, struct proc *ret);
/* Signals the process and all its descendants. */
void proc_signal_tree(const struct proc *p, int sig);
/* CONT, TERM, and KILL after 3 s, for each and its descendants; how many are still there. */
int procs_stop(const struct proc *list, int n);
/* Waits for a child of ours; false where it took longer (and is killed) or was not successful. */
bool proc_wait_done(const struct proc *p, unsigned timeout_ms);
/* Last lines of DIR/log/NAME.log. */
void log_tail(const char *dir, const char *name, char *out, size_t size);

/* ---- servers.c, servers_postgres.c: the real servers ---- */
typedef void (*progress_fn)(void *ctx, const char *line);
bool servers_installed(const bool wanted[SB_N_SERVICES], struct why *why);
/* Starts all and waits until they answer; the relay runs then. */
bool servers_start(struct sandbox *sb, progress_fn progress, void *ctx, struct why *why);
/* Starts again, with its data, each of them that is dead; service -1: whichever. */
bool servers_revive(struct sandbox *sb, int service, struct why *why);
/* The newest installed bin directory of PostgreSQL 13 or later. */
bool postgres_bin(char *out, size_t size);
/* Forgets the shared memory segment a killed PostgreSQL left behind. */
void postgres_forget_memory(const char *work);

/* ---- database.c: schema, seed and backups ---- */
bool database_fill(const struct sandbox *sb, struct why *why);
int dump_main(const char *dir);

/* ---- hog.c ---- */
int hog_main(const char *dir);

/* ---- faults.c, gateway.c, up.c: the commands ---- */
int fault_command(const char *dir, int argc, char **argv);
int payment_command(const char *dir, int argc, char **argv);
int status_command(const char *dir, bool json);
const char *fault_text(struct sandbox_fault f, char *out, size_t size);
/* The two readers of DIR/faults tell `fault` which change of it is in force with them, in a file
 * each; *told is the last one that was told. */
#define FAULTS_OF_RELAY    "faults.relay"
#define FAULTS_OF_STANDINS "faults.standins"
void faults_in_force(const char *dir, const char *reader, uint64_t change, uint64_t *told);

struct up_options {
    char dir[512];
    uint32_t port_base; /* 0: free ones */
    uint32_t scale;
    bool wanted[SB_N_SERVICES];
    bool json;
};
int up_command(const struct up_options *o);
int down_command(const char *dir);
int serve_main(const char *dir, int report_fd);
/* Starts `goodgo-sandbox COMMAND --dir DIR` as a recorded child. */
bool spawn_self(const struct sandbox *sb, const char *command, bool end_with_parent, int keep_fd,
                struct proc *ret, struct why *why);

extern const char *const sandbox_scenario_names[];
enum { N_SCENARIOS = 6 };
bool *scenario_flag(struct sandbox_scenarios *s, int i);

#endif
