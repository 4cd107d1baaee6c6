/* io/child.c - runs programs: fork and exec with an error pipe, one poll loop over output, exit and
 * cancel, and a kill ladder that leaves nothing behind. Between fork and exec only system calls:
 * other threads may hold locks. */
#define _GNU_SOURCE /* close_range, pidfd_open, F_SETPIPE_SZ */
#include "io/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "io/file.h"

#define TICK_MS         250
#define GRACE_MS        5000 /* between TERM and KILL */
#define NO_PIDFD_MS     50   /* how often to look for the exit where the kernel has no pidfd */
#define LINE_SIZE       4096
#define READ_SIZE       262144
#define PIPE_BYTES      1048576
#define DRAIN_MAX_READS 64

extern char **environ;

/* All that the new process needs, made before the fork. */
struct launch {
    const char *const *argv;
    char **env;
    int in, out, err, report; /* report: the errno of a failed exec; closed by a good one */
    pid_t parent;             /* 0 = is to outlive it */
};

struct run {
    const struct child_spec *spec;
    struct child_result *result;
    pid_t pid;
    int pidfd, out, err;
    char *buf;
    char line[LINE_SIZE + 1];
    size_t line_len;
    bool stopping, reaped;
    enum err_code why;
    int64_t kill_mono_ms, until_mono_ms, tick_mono_ms;
};

static void fd_close(int *fd) {
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static bool fail(struct err *err, const char *argv0) {
    return err_set(err, E_IO, "child.start", path_tail(argv0), "%s", strerror(errno));
}

/* --- the new process --- */

/* Above 2: where the caller has no standard streams a pipe would take their numbers. */
static int fd_lift(int fd) {
    if (fd < 0 || fd > 2)
        return fd;
    int high = fcntl(fd, F_DUPFD_CLOEXEC, 3);
    close(fd);
    return high;
}

static bool pipe_make(int ends[2]) {
    if (pipe2(ends, O_CLOEXEC) < 0)
        return false;
    ends[0] = fd_lift(ends[0]);
    ends[1] = fd_lift(ends[1]);
    return ends[0] >= 0 && ends[1] >= 0;
}

static int null_open(void) {
    return fd_lift(open("/dev/null", O_RDONLY | O_CLOEXEC));
}

static bool same_name(const char *a, const char *b) {
    size_t n = strcspn(a, "=");
    return strncmp(a, b, n) == 0 && b[n] == '=';
}

static bool overridden(const char *const *over, const char *variable) {
    for (; over && *over; over++)
        if (same_name(*over, variable))
            return true;
    return false;
}

static char **env_join(const char *const *over) {
    size_t n = 1, at = 0;
    for (char **e = environ; *e; e++)
        n++;
    for (const char *const *o = over; o && *o; o++)
        n++;
    char **env = mem_zeroed(n * sizeof *env);
    for (const char *const *o = over; o && *o; o++)
        env[at++] = (char *)*o;
    for (char **e = environ; *e; e++)
        if (!overridden(over, *e))
            env[at++] = *e;
    return env;
}

/* Handlers end with exec by themselves; what the console ignores would stay ignored. SIGHUP is
 * left: who started us under nohup meant our children too; and SIGXFSZ: the PostgreSQL tools then
 * say what they could not write. */
static void signals_reset(void) {
    static const int signals[] = {SIGINT, SIGQUIT, SIGTERM, SIGPIPE, SIGCHLD, SIGALRM};
    sigset_t none;
    for (size_t i = 0; i < ARRAY_LEN(signals); i++)
        signal(signals[i], SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static void report_and_exit(int report) {
    int code = errno;
    ssize_t ignored = write(report, &code, sizeof code);
    _exit(ignored < 0 ? 126 : 127);
}

static void become(const struct launch *l) {
    int report = l->report;
    /* TERM, not KILL: the PostgreSQL tools then cancel what they run on the server. The parent may
     * have died before the call. */
    if (l->parent && (prctl(PR_SET_PDEATHSIG, SIGTERM) < 0 || getppid() != l->parent))
        _exit(126);
    signals_reset();
    if (dup2(l->in, 0) < 0 || dup2(l->out, 1) < 0 || dup2(l->err, 2) < 0)
        report_and_exit(report);
    if (report != 3 && dup3(report, 3, O_CLOEXEC) < 0)
        report_and_exit(report);
    close_range(4, ~0u, 0);
    execve(l->argv[0], (char *const *)l->argv, l->env);
    report_and_exit(3);
}

/* True once the exec is done. */
static bool started(int report) {
    int code = 0;
    ssize_t n;
    do
        n = read(report, &code, sizeof code);
    while (n < 0 && errno == EINTR);
    if (n == (ssize_t)sizeof code)
        errno = code;
    return n == 0;
}

static pid_t launch(struct launch *l) {
    int report[2] = {-1, -1};
    pid_t pid = -1;
    l->in = null_open();
    if (l->in >= 0 && pipe_make(report)) {
        l->report = report[1];
        l->parent = getpid();
        pid = fork();
        if (pid == 0) {
            setpgid(0, 0);
            become(l);
        }
    }
    int saved = errno;
    fd_close(&report[1]);
    if (pid > 0) {
        setpgid(pid, pid); /* whoever comes first: a signal to the group must find it */
        if (!started(report[0])) {
            saved = errno;
            waitpid(pid, NULL, 0);
            pid = -1;
        }
    }
    fd_close(&report[0]);
    fd_close(&l->in);
    errno = saved;
    return pid;
}

/* --- its output --- */

/* "pg_dump: error: ..." is the reason, the "pg_dump: detail: ..." after it is not. */
static bool is_aside(const char *line) {
    return strstr(line, ": detail: ") || strstr(line, ": hint: ");
}

static void line_end(struct run *r) {
    size_t n = r->line_len;
    while (n && r->line[n - 1] == '\r')
        n--;
    r->line[n] = '\0';
    r->line_len = 0;
    for (size_t i = 0; i < n; i++)
        if (!r->line[i])
            r->line[i] = '?';
    if (n && !(r->result->last_line[0] && is_aside(r->line)))
        text_clean_into(r->result->last_line, sizeof r->result->last_line, r->line, n);
    if (r->spec->on_stderr)
        r->spec->on_stderr(r->spec->ctx, r->line);
}

static void lines_add(struct run *r, const char *bytes, size_t n) {
    for (size_t i = 0; i < n; i++) {
        if (bytes[i] == '\n')
            line_end(r);
        else if (r->line_len < LINE_SIZE)
            r->line[r->line_len++] = bytes[i];
    }
}

static void run_stop(struct run *r, enum err_code why) {
    if (r->stopping)
        return;
    r->stopping = true;
    r->why = why;
    r->kill_mono_ms = clock_mono_ms() + GRACE_MS;
    kill(-r->pid, SIGTERM);
    kill(-r->pid, SIGCONT); /* a stopped process would never see it */
}

/* False at the end of the stream. */
static bool drain(struct run *r, int *fd, bool is_err) {
    ssize_t n = read(*fd, r->buf, READ_SIZE);
    if (n < 0 && errno == EINTR)
        return true;
    if (n <= 0) {
        fd_close(fd);
        return false;
    }
    if (is_err)
        lines_add(r, r->buf, (size_t)n);
    else if (!r->stopping && r->spec->on_stdout &&
             !r->spec->on_stdout(r->spec->ctx, r->buf, (size_t)n))
        run_stop(r, E_CANCELLED);
    return true;
}

/* What it wrote before it ended is in the pipe. A process that left the group may hold the other
 * end and write for ever, so nothing is waited for and no more than a full pipe is read. */
static void drain_rest(struct run *r, int *fd, bool is_err) {
    for (int i = 0; *fd >= 0 && i < DRAIN_MAX_READS; i++) {
        struct pollfd p = {.fd = *fd, .events = POLLIN};
        if (poll(&p, 1, 0) <= 0 || !drain(r, fd, is_err))
            break;
    }
    fd_close(fd);
}

/* --- the loop --- */

static bool has_ended(const struct run *r) {
    siginfo_t info = {0};
    if (waitid(P_PID, (id_t)r->pid, &info, WEXITED | WNOHANG | WNOWAIT) < 0)
        return errno == ECHILD; /* somebody ignores SIGCHLD: it is gone without a code */
    return info.si_pid != 0;
}

static int wait_ms(const struct run *r) {
    int64_t now = clock_mono_ms(), at = now + 60000;
    if (r->spec->tick && r->tick_mono_ms < at)
        at = r->tick_mono_ms;
    if (!r->stopping && r->until_mono_ms && r->until_mono_ms < at)
        at = r->until_mono_ms;
    if (r->stopping && r->kill_mono_ms < at)
        at = r->kill_mono_ms;
    if (r->pidfd < 0 && now + NO_PIDFD_MS < at)
        at = now + NO_PIDFD_MS;
    return at > now ? (int)(at - now) : 0;
}

static void look_at_clock(struct run *r) {
    int64_t now = clock_mono_ms();
    if (r->spec->tick && now >= r->tick_mono_ms) {
        r->tick_mono_ms = now + (r->spec->tick_ms ? r->spec->tick_ms : TICK_MS);
        if (!r->spec->tick(r->spec->ctx))
            run_stop(r, E_CANCELLED);
    }
    if (r->until_mono_ms && now >= r->until_mono_ms)
        run_stop(r, E_TIMEOUT);
    if (r->stopping && now >= r->kill_mono_ms) {
        kill(-r->pid, SIGKILL);
        r->kill_mono_ms = now + 1000; /* in an uninterruptible wait it dies later */
    }
}

static void run_loop(struct run *r) {
    while (!has_ended(r)) {
        struct pollfd p[] = {{.fd = r->stopping ? -1 : r->spec->cancel_fd, .events = POLLIN},
                             {.fd = r->pidfd, .events = POLLIN},
                             {.fd = r->out, .events = POLLIN},
                             {.fd = r->err, .events = POLLIN}};
        if (poll(p, 4, wait_ms(r)) > 0) {
            if (p[0].revents)
                run_stop(r, E_CANCELLED);
            if (p[2].revents)
                drain(r, &r->out, false);
            if (p[3].revents)
                drain(r, &r->err, true);
        }
        look_at_clock(r);
    }
}

/* The group goes before its leader is reaped: afterwards the number may be another's. */
static void run_reap(struct run *r) {
    int status = 0;
    kill(-r->pid, SIGKILL);
    drain_rest(r, &r->out, false);
    drain_rest(r, &r->err, true);
    if (r->line_len)
        line_end(r);
    pid_t got;
    do
        got = waitpid(r->pid, &status, 0);
    while (got < 0 && errno == EINTR);
    r->result->exit_code = got < 0             ? 255
                           : WIFEXITED(status) ? WEXITSTATUS(status)
                                               : 128 + WTERMSIG(status);
    if (got > 0 && WIFSIGNALED(status)) /* what it said last is then no reason */
        snprintf(r->result->last_line, sizeof r->result->last_line, "was ended by signal %d (%s)",
                 WTERMSIG(status), strsignal(WTERMSIG(status)));
    r->result->stopped = r->stopping;
    fd_close(&r->pidfd);
}

static bool run_start(struct run *r, struct launch *l) {
    int out[2] = {-1, -1}, err[2] = {-1, -1};
    bool ok = (l->out >= 0 || pipe_make(out)) && pipe_make(err);
    if (ok) {
        bool own_pipe = l->out < 0;
        if (own_pipe)
            fcntl(out[0], F_SETPIPE_SZ, PIPE_BYTES); /* fewer turns; refused is fine */
        l->out = own_pipe ? out[1] : l->out;
        l->err = err[1];
        r->pid = launch(l);
        ok = r->pid > 0;
    }
    int saved = errno;
    fd_close(&out[1]);
    fd_close(&err[1]);
    r->out = out[0];
    r->err = err[0];
    if (!ok) {
        fd_close(&r->out);
        fd_close(&r->err);
    }
    errno = saved;
    return ok;
}

static bool run_verdict(const struct run *r, struct err *err) {
    const char *argv0 = r->spec->argv[0];
    if (!r->stopping)
        return true;
    if (r->why == E_TIMEOUT)
        return err_set(err, E_TIMEOUT, "child.run", argv0, "stopped after %u ms",
                       r->spec->timeout_ms);
    return err_set(err, E_CANCELLED, "child.run", argv0, "stopped as asked");
}

bool child_run(const struct child_spec *spec, struct child_result *ret, struct err *err) {
    struct launch l = {.argv = spec->argv, .env = env_join(spec->env), .out = spec->stdout_fd};
    struct run r = {.spec = spec, .result = ret, .pid = -1, .pidfd = -1, .out = -1, .err = -1};
    *ret = (struct child_result){0};
    bool ok = run_start(&r, &l);
    free(l.env);
    if (!ok)
        return fail(err, spec->argv[0]);
    int64_t now = clock_mono_ms();
    r.buf = mem_alloc(READ_SIZE);
    r.pidfd = pidfd_open(r.pid, 0);
    r.tick_mono_ms = now + (spec->tick_ms ? spec->tick_ms : TICK_MS);
    r.until_mono_ms = spec->timeout_ms ? now + spec->timeout_ms : 0;
    run_loop(&r);
    run_reap(&r);
    free(r.buf);
    return run_verdict(&r, err);
}

/* --- one that outlives us --- */

/* A second fork: the new parent is init, so nobody here has to wait for it. */
static void detach(struct launch *l) {
    setsid();
    pid_t pid = fork();
    if (pid == 0)
        become(l);
    if (pid < 0)
        report_and_exit(l->report);
    _exit(0);
}

bool child_detach(const char *const *argv, const char *log_path, struct err *err) {
    static const char *const none[] = {NULL};
    int report[2] = {-1, -1};
    struct launch l = {.argv = argv, .in = null_open()};
    int log = open(log_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
    file_share(log, log_path);
    /* The lock is the open file's, so it goes to the program with it. */
    bool ok = l.in >= 0 && log >= 0 && flock(log, LOCK_EX) == 0 && pipe_make(report);
    pid_t pid = -1;
    if (ok) {
        l.out = l.err = log;
        l.report = report[1];
        l.env = env_join(none);
        pid = fork();
        if (pid == 0)
            detach(&l);
        fd_close(&report[1]);
        ok = pid > 0 && started(report[0]);
    }
    if (!ok)
        fail(err, log < 0 ? log_path : argv[0]);
    if (pid > 0)
        waitpid(pid, NULL, 0);
    free(l.env);
    fd_close(&report[0]);
    fd_close(&report[1]);
    fd_close(&log);
    fd_close(&l.in);
    return ok;
}
