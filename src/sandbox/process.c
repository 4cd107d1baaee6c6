/* sandbox/process.c - children of the sandbox: started behind a gate so that none ever runs
 * unrecorded, known again by pid and start time, and ended with all their descendants. */
#include "lifecycle.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <dirent.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

enum { STOP_AFTER_MS = 3000, KILL_AFTER_MS = 2000, MAX_TREE = 1024, MAX_ENV = 400 };

struct stat_line {
    char state;
    pid_t parent;
    uint64_t start;
};

/* The command name may hold blanks and parentheses: fields count from the last ')'. */
static bool read_stat(pid_t pid, struct stat_line *ret) {
    char path[48], text[1024];
    long parent;
    unsigned long long start;
    snprintf(path, sizeof path, "/proc/%ld/stat", (long)pid);
    if (!read_file(path, text, sizeof text)) {
        return false;
    }
    const char *s = strrchr(text, ')');
    if (!s || sscanf(s + 1,
                     " %c %ld %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s "
                     "%llu",
                     &ret->state, &parent, &start) != 3) {
        return false;
    }
    ret->parent = (pid_t)parent;
    ret->start = start;
    return true;
}

bool proc_alive(const struct proc *p) {
    struct stat_line line;
    return p->pid > 1 && read_stat(p->pid, &line) && line.start == p->start && line.state != 'Z' &&
           line.state != 'X';
}

/* ---- the record ---- */

static bool record(const char *dir, const struct proc *p) {
    char path[600], line[96];
    int n = snprintf(line, sizeof line, "%s %ld %llu\n", p->name, (long)p->pid,
                     (unsigned long long)p->start);
    if (!path_join(path, sizeof path, dir, "pids")) {
        return false;
    }
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    bool ok = fd >= 0 && write(fd, line, (size_t)n) == n;
    if (fd >= 0) {
        close(fd);
    }
    return ok;
}

static bool parse_record(const char *line, struct proc *p) {
    long pid;
    unsigned long long start;
    memset(p, 0, sizeof *p);
    if (sscanf(line, "%23s %ld %llu", p->name, &pid, &start) != 3 || pid <= 1) {
        return false;
    }
    p->pid = (pid_t)pid;
    p->start = start;
    return true;
}

int procs_read(const char *dir, struct proc *out, int max) {
    char path[600], line[128];
    int n = 0;
    FILE *f = path_join(path, sizeof path, dir, "pids") ? fopen(path, "re") : NULL;
    if (!f) {
        return 0;
    }
    while (fgets(line, sizeof line, f)) {
        struct proc p;
        /* Ended helpers pile up in a long life; only what lives takes a place. */
        if (n < max && parse_record(line, &p) && proc_alive(&p)) {
            out[n++] = p;
        }
    }
    fclose(f);
    return n;
}

bool proc_find(const char *dir, const char *name, struct proc *ret) {
    struct proc list[MAX_PROCS];
    int n = procs_read(dir, list, MAX_PROCS);
    for (int i = n - 1; i >= 0; i--) {
        if (!strcmp(list[i].name, name)) {
            *ret = list[i];
            return true;
        }
    }
    return false;
}

/* ---- starting ---- */

struct launch {
    int gate, log, null, keep;
    char *env[MAX_ENV];
};

static void child_become(const struct sandbox *sb) {
    if (geteuid() != 0) {
        return;
    }
    if (setgroups(0, NULL) < 0 || setgid(sb->run_gid) < 0 || setuid(sb->run_uid) < 0) {
        _exit(126);
    }
}

/* Between fork and exec in a process that may have threads: system calls only. */
static void child_run(const struct sandbox *sb, const struct spawn *s, const struct launch *l) {
    char byte;
    sigset_t none;
    sigemptyset(&none);
    if (s->end_with_parent) {
        prctl(PR_SET_PDEATHSIG, SIGTERM);
    }
    setsid();
    if (read(l->gate, &byte, 1) != 1) {
        _exit(125); /* the parent died before it could write the record */
    }
    dup2(l->null, 0);
    dup2(l->log, 1);
    dup2(l->log, 2);
    if (l->keep >= 0) {
        dup2(l->keep, 3);
    }
    close_range(l->keep >= 0 ? 4 : 3, ~0u, 0);
    signal(SIGCHLD, SIG_DFL);
    signal(SIGPIPE, SIG_DFL);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (s->ordinary_user) {
        child_become(sb);
    }
    execve(s->argv[0], (char *const *)s->argv, l->env);
    _exit(127);
}

static int open_log(const char *dir, const char *name) {
    char path[700];
    int n = snprintf(path, sizeof path, "%s/log/%s.log", dir, name);
    if (n < 0 || (size_t)n >= sizeof path) {
        return -1;
    }
    return open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
}

static void join_env(const struct spawn *s, struct launch *l) {
    int n = 0;
    for (const char *const *e = s->env; e && *e && n < MAX_ENV - 1; e++) {
        l->env[n++] = (char *)*e;
    }
    for (char **e = environ; *e && n < MAX_ENV - 1; e++) {
        l->env[n++] = *e;
    }
    l->env[n] = NULL;
}

static bool open_gate(int ret_gate[2], struct launch *l, const char *dir, const char *name) {
    l->log = open_log(dir, name);
    l->null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    return l->log >= 0 && l->null >= 0 && pipe2(ret_gate, O_CLOEXEC) == 0;
}

bool proc_spawn(const struct sandbox *sb, const struct spawn *s, struct proc *ret_proc,
                struct why *why) {
    struct launch l = {.keep = s->keep_fd};
    struct proc p;
    struct stat_line line;
    int gate[2] = {-1, -1};
    memset(&p, 0, sizeof p);
    snprintf(p.name, sizeof p.name, "%s", s->name);
    join_env(s, &l);
    if (!open_gate(gate, &l, sb->p.dir, s->name)) {
        return why_set(why, "%s cannot be started: %s", s->name, strerror(errno));
    }
    l.gate = gate[0];
    p.pid = fork();
    if (p.pid == 0) {
        close(gate[1]);
        child_run(sb, s, &l);
    }
    bool ok = p.pid > 0 && read_stat(p.pid, &line);
    p.start = ok ? line.start : 0;
    ok = ok && record(sb->p.dir, &p) && write(gate[1], "g", 1) == 1;
    close(gate[0]);
    close(gate[1]); /* where no byte was written the child reads the end and leaves */
    close(l.log);
    close(l.null);
    if (!ok) {
        return why_set(why, "%s cannot be started: %s", s->name, strerror(errno));
    }
    *ret_proc = p;
    return true;
}

bool proc_wait_done(const struct proc *p, unsigned timeout_ms) {
    uint64_t until = clock_mono_ms() + timeout_ms;
    int status;
    while (clock_mono_ms() < until) {
        pid_t r = waitpid(p->pid, &status, WNOHANG);
        if (r == p->pid) {
            return WIFEXITED(status) && WEXITSTATUS(status) == 0;
        }
        if (r < 0 && errno != EINTR) {
            return false;
        }
        clock_pause_ms(10);
    }
    kill(p->pid, SIGKILL);
    waitpid(p->pid, &status, 0);
    return false;
}

/* ---- ending ---- */

struct tree {
    struct proc proc[MAX_TREE];
    int n;
};

static bool tree_has(const struct tree *t, pid_t pid) {
    for (int i = 0; i < t->n; i++) {
        if (t->proc[i].pid == pid) {
            return true;
        }
    }
    return false;
}

static bool tree_add(struct tree *t, pid_t pid, uint64_t start, const char *name) {
    if (t->n == MAX_TREE || tree_has(t, pid)) {
        return false;
    }
    struct proc *p = &t->proc[t->n++];
    memset(p, 0, sizeof *p);
    snprintf(p->name, sizeof p->name, "%s", name);
    p->pid = pid;
    p->start = start;
    return true;
}

static bool tree_grow_once(struct tree *t) {
    bool grown = false;
    DIR *proc = opendir("/proc");
    struct dirent *e;
    while (proc && (e = readdir(proc))) {
        uint32_t pid;
        struct stat_line line;
        if (parse_u32(e->d_name, 2, INT32_MAX, &pid) && read_stat((pid_t)pid, &line) &&
            tree_has(t, line.parent)) {
            grown |= tree_add(t, (pid_t)pid, line.start, "");
        }
    }
    if (proc) {
        closedir(proc);
    }
    return grown;
}

/* PostgreSQL's children lead sessions of their own: the process group does not reach them. */
static void tree_grow(struct tree *t) {
    while (tree_grow_once(t)) {
    }
}

static void tree_signal(const struct tree *t, int sig) {
    for (int i = 0; i < t->n; i++) {
        if (proc_alive(&t->proc[i])) {
            kill(t->proc[i].pid, sig);
        }
    }
}

static int tree_wait(const struct tree *t, unsigned timeout_ms) {
    uint64_t until = clock_mono_ms() + timeout_ms;
    for (;;) {
        int left = 0;
        for (int i = 0; i < t->n; i++) {
            left += proc_alive(&t->proc[i]);
        }
        if (!left || clock_mono_ms() >= until) {
            return left;
        }
        clock_pause_ms(10);
    }
}

void proc_signal_tree(const struct proc *p, int sig) {
    struct tree *t = calloc(1, sizeof *t);
    if (t && proc_alive(p)) {
        tree_add(t, p->pid, p->start, p->name);
        tree_grow(t);
        tree_signal(t, sig);
    }
    free(t);
}

int procs_stop(const struct proc *list, int n) {
    struct tree *t = calloc(1, sizeof *t);
    if (!t) {
        return n;
    }
    for (int i = 0; i < n; i++) {
        if (proc_alive(&list[i])) {
            tree_add(t, list[i].pid, list[i].start, list[i].name);
        }
    }
    int roots = t->n;
    tree_grow(t);
    tree_signal(t, SIGCONT);
    for (int i = 0; i < roots; i++) {
        /* TERM makes PostgreSQL wait for its clients; INT is its fast shutdown. */
        bool postgres = !strcmp(t->proc[i].name, sandbox_service_names[SB_POSTGRES]);
        if (proc_alive(&t->proc[i])) {
            kill(t->proc[i].pid, postgres ? SIGINT : SIGTERM);
        }
    }
    int left = tree_wait(t, STOP_AFTER_MS);
    if (left) {
        tree_grow(t);
        tree_signal(t, SIGKILL);
        left = tree_wait(t, KILL_AFTER_MS);
    }
    free(t);
    return left;
}

void log_tail(const char *dir, const char *name, char *out, size_t size) {
    char path[700];
    int n = snprintf(path, sizeof path, "%s/log/%s.log", dir, name);
    int fd = n > 0 && (size_t)n < sizeof path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    out[0] = 0;
    if (fd < 0) {
        return;
    }
    off_t end = lseek(fd, 0, SEEK_END), want = (off_t)size - 1;
    lseek(fd, end > want ? end - want : 0, SEEK_SET);
    ssize_t got = read(fd, out, size - 1);
    out[got > 0 ? got : 0] = 0;
    close(fd);
}
