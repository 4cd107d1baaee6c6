/* sandbox/up.c - the commands up and down, and the process between them: `serve`, which starts the
 * real servers, runs the relay and the stand-ins, and stays until it is told to end. */
#include "lifecycle.h"

#include "array.h"
#include "loopback.h"
#include "say.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    UP_MS = 90000,
    UP_MS_PER_SCALE = 30000,
    PORTS_MS = 20000,
    SETTLE_MS = 8000,
    LOCK_MS = 5000,
    STOP_ROUNDS = 3,
};

static volatile sig_atomic_t interrupted;

static void on_signal(int sig) {
    interrupted = sig;
}

/* The program's own path; a replaced binary is still reachable through /proc. */
static void self_path(char *out, size_t size) {
    ssize_t n = readlink("/proc/self/exe", out, size - 1);
    out[n > 0 ? n : 0] = 0;
    if (n <= 0 || access(out, X_OK) < 0) {
        snprintf(out, size, "/proc/self/exe");
    }
}

bool spawn_self(const struct sandbox *sb, const char *command, bool end_with_parent, int keep_fd,
                struct proc *ret, struct why *why) {
    char program[600], dir[512];
    self_path(program, sizeof program);
    snprintf(dir, sizeof dir, "%s", sb->p.dir);
    const char *const argv[] = {program, command, "--dir", dir, NULL};
    struct spawn s = {
        .name = command, .argv = argv, .keep_fd = keep_fd, .end_with_parent = end_with_parent};
    return proc_spawn(sb, &s, ret, why);
}

/* ---- serve ---- */

static void report(void *ctx, const char *line) {
    dprintf(*(int *)ctx, "P%s\n", line);
}

static int stop_all(const char *dir, pid_t spare) {
    struct proc list[MAX_PROCS];
    int left = 0;
    /* More than once: a helper may have been started while the first round ran. */
    for (int round = 0; round < STOP_ROUNDS; round++) {
        int n = procs_read(dir, list, MAX_PROCS), kept = 0;
        for (int i = 0; i < n; i++) {
            if (list[i].pid != spare) {
                list[kept++] = list[i];
            }
        }
        if (!kept) {
            return 0;
        }
        left = procs_stop(list, kept);
    }
    return left;
}

/* What `up` waits for: its end of the pipe, and the first backup. And what `fault` waits for. */
struct settling {
    const char *dir;
    uint64_t change; /* of the faults, that was told last */
    int report_fd;   /* -1 once it was told */
    bool dumping;
    struct proc dump;
    uint64_t until_mono_ms;
};

static void start_dump(const struct sandbox *sb, struct settling *s) {
    struct why why;
    if (!sb->p.port[SB_POSTGRES]) {
        return;
    }
    s->dumping = spawn_self(sb, "dump", true, -1, &s->dump, &why);
    if (!s->dumping) {
        say("no backup was taken: %s", why.text);
    }
}

/* A large platform is ready before its index is: it is told so, and used meanwhile. */
static void on_tick(void *ctx, bool settled, uint64_t change) {
    struct settling *s = ctx;
    faults_in_force(s->dir, FAULTS_OF_STANDINS, change, &s->change);
    bool well = settled && !(s->dumping && proc_alive(&s->dump));
    if (s->report_fd < 0 || (!well && clock_mono_ms() < s->until_mono_ms)) {
        return;
    }
    if (!well) {
        report(&s->report_fd, settled ? "the first backup is still being taken"
                                      : "the search index is still being filled");
    }
    dprintf(s->report_fd, "R");
    close(s->report_fd);
    s->report_fd = -1;
}

/* From here on nobody waits for children: the kernel shall bury the dead. */
static void bury_children(void) {
    signal(SIGCHLD, SIG_IGN);
    while (waitpid(-1, NULL, WNOHANG) > 0) {
    }
}

int serve_main(const char *dir, int report_fd) {
    static struct sandbox sb;
    struct why why;
    signal(SIGPIPE, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    fcntl(report_fd, F_SETFD, FD_CLOEXEC);
    bool ok = sandbox_load(&sb, dir, &why);
    if (ok) {
        ports_keep(&sb.p);
    }
    if (!ok || !servers_start(&sb, report, &report_fd, &why)) {
        dprintf(report_fd, "F%s", why.text);
        bury_children();
        stop_all(dir, getpid());
        return EXIT_FAILED;
    }
    bury_children();
    struct settling settling = {
        .dir = dir, .report_fd = report_fd, .until_mono_ms = clock_mono_ms() + SETTLE_MS};
    start_dump(&sb, &settling);
    int r = standins_run(&sb.p, on_tick, &settling);
    relay_stop();
    stop_all(dir, getpid());
    return r ? EXIT_FAILED : EXIT_DONE;
}

/* ---- down ---- */

static bool take_down(const char *dir, struct why *why) {
    int left = stop_all(dir, -1);
    if (left) {
        return why_set(why, "%d process%s of the sandbox did not end; see 'goodgo-sandbox status'",
                       left, left == 1 ? "" : "es");
    }
    return layout_remove(dir, why);
}

int down_command(const char *dir) {
    struct why why;
    int lock;
    if (!has_marker(dir)) {
        return say_code(EXIT_USE, NO_SANDBOX, dir);
    }
    if (!layout_lock(dir, LOCK_MS, &lock, &why) || !take_down(dir, &why)) {
        return say_code(EXIT_FAILED, "%s", why.text);
    }
    close(lock);
    return EXIT_DONE;
}

/* ---- up ---- */

/* Takes whole lines out of the buffer; true once the answer is there. */
static bool take_reports(char *text, size_t *size, bool *ret_ready) {
    char *end;
    while (*size && text[0] == 'P' && (end = memchr(text, '\n', *size))) {
        *end = 0;
        fprintf(stderr, "  %s\n", text + 1);
        *size -= (size_t)(end + 1 - text);
        memmove(text, end + 1, *size);
    }
    *ret_ready = *size && text[0] == 'R';
    return *ret_ready;
}

static bool wait_report(int fd, uint64_t until, const char *dir, struct why *why) {
    char text[4096];
    size_t size = 0;
    bool ready = false;
    while (!interrupted && clock_mono_ms() < until) {
        struct pollfd p = {.fd = fd, .events = POLLIN};
        if (poll(&p, 1, 200) <= 0) {
            continue;
        }
        ssize_t n = read(fd, text + size, sizeof text - 1 - size);
        if (n > 0) {
            size += (size_t)n;
            if (take_reports(text, &size, &ready)) {
                return true;
            }
            continue;
        }
        text[size] = 0;
        if (size && text[0] == 'F') {
            return why_set(why, "%.2500s", text + 1);
        }
        char tail[1500];
        log_tail(dir, "serve", tail, sizeof tail);
        return why_set(why, "serve ended while starting; the end of its log:\n%s", tail);
    }
    return why_set(why, interrupted ? "interrupted" : "the platform did not get ready in time");
}

static bool wait_ports(const struct sandbox *sb, const struct proc *serve, struct why *why) {
    uint64_t until = clock_mono_ms() + PORTS_MS;
    for (int i = 0; i < SB_N_SERVICES; i++) {
        while (sb->p.port[i] && !loopback_accepts(sb->p.port[i], 500)) {
            char tail[1500];
            if (!interrupted && clock_mono_ms() < until && proc_alive(serve)) {
                clock_pause_ms(20);
                continue;
            }
            log_tail(sb->p.dir, "serve", tail, sizeof tail);
            return why_set(why, "%s does not answer on port %u; the end of serve's log:\n%s",
                           sandbox_service_names[i], (unsigned)sb->p.port[i], tail);
        }
    }
    return !interrupted || why_set(why, "interrupted");
}

static bool run_serve(const struct sandbox *sb, struct why *why) {
    struct proc serve;
    int fds[2];
    uint64_t until = clock_mono_ms() + UP_MS + (uint64_t)sb->scale * UP_MS_PER_SCALE;
    if (pipe2(fds, O_CLOEXEC) < 0) {
        return why_set(why, "pipe: %s", strerror(errno));
    }
    bool ok = spawn_self(sb, "serve", false, fds[1], &serve, why);
    close(fds[1]);
    ok = ok && wait_report(fds[0], until, sb->p.dir, why) && wait_ports(sb, &serve, why);
    close(fds[0]);
    return ok;
}

static void tell_missing(const bool wanted[SB_N_SERVICES]) {
    static const struct {
        int service, needs;
        const char *effect;
    } rows[] = {
        {SB_API, SB_POSTGRES, "its /health/ready answers 503"},
        {SB_API, SB_REDIS, "its /health/ready answers 503"},
        {SB_API, SB_TYPESENSE, "search falls back to the database"},
        {SB_WEB, SB_API, "its pages have no data"},
        {SB_PGBOUNCER, SB_POSTGRES, "clients wait for a server that never comes"},
        {SB_PROMTAIL, SB_LOKI, "it ships to nobody"},
        {SB_PROMETHEUS, SB_API, "it scrapes itself only"},
        {SB_PROMETHEUS, SB_ALERTMANAGER, "alerts stay in Prometheus"},
        {SB_GRAFANA, SB_PROMETHEUS, "its data source is empty"},
        {SB_GRAFANA, SB_LOKI, "its data source is empty"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (wanted[rows[i].service] && !wanted[rows[i].needs]) {
            fprintf(stderr, "  note: %s without %s: %s\n", sandbox_service_names[rows[i].service],
                    sandbox_service_names[rows[i].needs], rows[i].effect);
        }
    }
}

static void print_json(const struct sandbox *sb) {
    char path[600];
    cJSON *root = cJSON_CreateObject();
    path_join(path, sizeof path, sb->p.dir, ".env");
    cJSON_AddStringToObject(root, "schema", "goodgo-sandbox.up/1");
    cJSON_AddStringToObject(root, "dir", sb->p.dir);
    cJSON_AddStringToObject(root, "envFile", path);
    cJSON_AddNumberToObject(root, "scale", sb->scale);
    cJSON *services = cJSON_AddArrayToObject(root, "services");
    for (int i = 0; i < SB_N_SERVICES; i++) {
        if (sb->p.port[i]) {
            cJSON *s = cJSON_CreateObject();
            cJSON_AddStringToObject(s, "name", sandbox_service_names[i]);
            cJSON_AddNumberToObject(s, "port", sb->p.port[i]);
            cJSON_AddItemToArray(services, s);
        }
    }
    say_json(root);
}

static void catch_signals(void) {
    struct sigaction a;
    memset(&a, 0, sizeof a);
    a.sa_handler = on_signal;
    sigaction(SIGINT, &a, NULL);
    sigaction(SIGTERM, &a, NULL);
    sigaction(SIGHUP, &a, NULL);
}

static int give_up(const char *dir, const struct why *why, int code) {
    struct why second;
    say("%s", why->text);
    if (!take_down(dir, &second)) {
        say("%s", second.text);
    }
    return code;
}

int up_command(const struct up_options *o) {
    static struct sandbox sb;
    struct why why;
    int lock;
    uint64_t began = clock_mono_ms();
    umask(022);
    catch_signals();
    if (!servers_installed(o->wanted, &why) || !layout_claim(o->dir, &lock, &why)) {
        return say_code(EXIT_USE, "%s", why.text);
    }
    snprintf(sb.p.dir, sizeof sb.p.dir, "%s", o->dir);
    sb.scale = o->scale;
    say("a private platform in %s", o->dir);
    tell_missing(o->wanted);
    if (!layout_fill(&sb, o->wanted, o->port_base, &why)) {
        return give_up(o->dir, &why, EXIT_USE);
    }
    if (!run_serve(&sb, &why)) {
        return give_up(o->dir, &why, EXIT_FAILED);
    }
    close(lock);
    say("ready after %.1f s\n"
        "  use it:  goodgo --env-file %s/.env\n"
        "  break it: goodgo-sandbox fault --dir %s redis stop\n"
        "  end it:  goodgo-sandbox down --dir %s",
        (double)(clock_mono_ms() - began) / 1000, o->dir, o->dir, o->dir);
    if (o->json) {
        print_json(&sb);
    }
    return EXIT_DONE;
}
