/* tests/pg_server.h - a PostgreSQL server of a test's own: a temporary directory, a free loopback
 * port and a Unix socket, trust for everybody, durability off. As root it runs as an ordinary user.
 * It dies with the test. Include once per test file. */
#ifndef GOODGO_TESTS_PG_SERVER_H
#define GOODGO_TESTS_PG_SERVER_H

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <grp.h>
#include <netinet/in.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "harness.h"
#include "io/pgsession.h"

struct pg_server {
    char dir[64], bin[128]; /* dir/data is the cluster, dir itself is free for the test's files */
    uint16_t port;
    pid_t pid;
    struct pg_target target; /* 127.0.0.1, database postgres, the superuser goodgo */
};

static struct pg_server pg; /* one per test binary is enough */

static inline void pg_ordinary_user(void) {
    const struct passwd *pw = getpwnam("postgres");
    pw = pw && pw->pw_uid ? pw : getpwnam("nobody");
    if (geteuid() == 0 && (!pw || setgroups(0, NULL) || setgid(pw->pw_gid) || setuid(pw->pw_uid)))
        _exit(126);
}

static inline void pg_own_dir(const char *dir) {
    const struct passwd *pw = getpwnam("postgres");
    pw = pw && pw->pw_uid ? pw : getpwnam("nobody");
    if (geteuid() == 0 && pw)
        CU_ASSERT_EQUAL(chown(dir, pw->pw_uid, pw->pw_gid), 0);
}

/* As the ordinary user, output into dir/log. */
static inline pid_t pg_spawn(const char *const *argv) {
    char log[128];
    snprintf(log, sizeof log, "%s/log", pg.dir);
    pid_t parent = getpid(), pid = fork();
    if (pid)
        return pid;
    pg_ordinary_user();
    prctl(PR_SET_PDEATHSIG, SIGQUIT); /* after setuid, which clears it */
    int fd = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (getppid() != parent || fd < 0)
        _exit(126);
    setpgid(0, 0);
    dup2(open("/dev/null", O_RDONLY), 0);
    dup2(fd, 1);
    dup2(fd, 2);
    for (fd = 3; fd < 1024; fd++)
        close(fd);
    execv(argv[0], (char *const *)argv);
    _exit(127);
}

static inline int pg_spawn_wait(const char *const *argv) {
    int status = -1;
    pid_t pid = pg_spawn(argv);
    if (pid < 0 || waitpid(pid, &status, 0) != pid)
        return -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

static inline uint16_t free_port(void) {
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof a;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool ok = fd >= 0 && bind(fd, (struct sockaddr *)&a, n) == 0 &&
              getsockname(fd, (struct sockaddr *)&a, &n) == 0;
    if (fd >= 0)
        close(fd);
    return ok ? ntohs(a.sin_port) : 0;
}

static inline bool pg_find_bin(void) {
    glob_t g;
    if (glob("/usr/lib/postgresql/*/bin/postgres", 0, NULL, &g) != 0)
        return false;
    snprintf(pg.bin, sizeof pg.bin, "%.*s", (int)(strlen(g.gl_pathv[g.gl_pathc - 1]) - 9),
             g.gl_pathv[g.gl_pathc - 1]);
    globfree(&g);
    return true;
}

static inline struct pgsession *pg_open(const char *dbname) {
    struct err err = {0};
    struct pgsession *s = NULL;
    struct pg_target t = pg.target;
    t.dbname = dbname;
    if (!pgsession_open(&t, "goodgo-test", PATIENCE_MS, -1, &s, &err))
        printf("\n%s %s\n", err.target, err.why);
    CU_ASSERT_PTR_NOT_NULL_FATAL(s);
    return s;
}

/* Any number of statements, which must succeed. */
static inline void pg_run(const char *dbname, const char *sql) {
    struct err err = {0};
    struct pgsession *s = pg_open(dbname);
    bool ok = pgsession_run(s, sql, 0, &err);
    if (!ok)
        printf("\n%s\n", err.why);
    CU_ASSERT_TRUE_FATAL(ok);
    pgsession_close(s);
}

static inline void pg_remove_dir(void) {
    const char *argv[] = {"/bin/rm", "-rf", pg.dir, NULL};
    pid_t pid = fork();
    if (pid == 0) {
        execv(argv[0], (char *const *)argv);
        _exit(127);
    }
    waitpid(pid, NULL, 0);
}

static inline void pg_server_stop(void) {
    if (pg.pid > 0) {
        kill(pg.pid, SIGINT);
        waitpid(pg.pid, NULL, 0);
    }
    pg.pid = 0;
    if (pg.dir[0])
        pg_remove_dir();
    pg.dir[0] = '\0';
}

/* Ours: another test's server may have got the port in between, and answers as well. */
static inline bool pg_is_ours(struct pgsession *s) {
    struct arena a;
    struct pg_rows rows = {0};
    struct err err;
    arena_init(&a);
    bool ours = pgsession_rows(s, "SHOW data_directory", PATIENCE_MS, &a, &rows, &err) &&
                rows.n_rows == 1 && strncmp(rows.cells[0][0], pg.dir, strlen(pg.dir)) == 0;
    arena_done(&a);
    return ours;
}

/* A server that got no port ends by itself. */
static inline bool pg_answers(void) {
    struct err err;
    struct pgsession *s = NULL;
    int64_t until = clock_mono_ms() + PATIENCE_MS;
    bool ours = false;
    while (!ours && clock_mono_ms() < until && waitpid(pg.pid, NULL, WNOHANG) == 0) {
        if (pgsession_open(&pg.target, "goodgo-test", PATIENCE_MS, -1, &s, &err)) {
            ours = pg_is_ours(s);
            pgsession_close(s);
        }
        if (!ours)
            nanosleep(&(struct timespec){0, 20000000}, NULL);
    }
    return ours;
}

static inline bool pg_server_launch(void) {
    char exe[160], data[80], port[8];
    pg.port = free_port();
    snprintf(exe, sizeof exe, "%s/postgres", pg.bin);
    snprintf(data, sizeof data, "%s/data", pg.dir);
    snprintf(port, sizeof port, "%u", pg.port);
    const char *argv[] = {exe,
                          "-D",
                          data,
                          "-p",
                          port,
                          "-k",
                          pg.dir,
                          "-c",
                          "listen_addresses=127.0.0.1",
                          "-c",
                          "fsync=off",
                          "-c",
                          "synchronous_commit=off",
                          "-c",
                          "full_page_writes=off",
                          "-c",
                          "autovacuum=off",
                          NULL};
    pg.pid = pg_spawn(argv);
    pg.target = (struct pg_target){.host = "127.0.0.1",
                                   .port = pg.port,
                                   .dbname = "postgres",
                                   .user = "goodgo",
                                   .sslmode = "disable"};
    return pg.pid > 0 && pg_answers();
}

static inline void pg_server_start(void) {
    char initdb[160], data[80];
    pg_env_forget();
    snprintf(pg.dir, sizeof pg.dir, "/tmp/goodgo-test-pg.XXXXXX");
    CU_ASSERT_TRUE_FATAL(pg_find_bin() && mkdtemp(pg.dir) != NULL);
    atexit(pg_server_stop);
    CU_ASSERT_EQUAL(chmod(pg.dir, 0755), 0);
    pg_own_dir(pg.dir);
    snprintf(initdb, sizeof initdb, "%s/initdb", pg.bin);
    snprintf(data, sizeof data, "%s/data", pg.dir);
    const char *argv[] = {initdb,  "-D", data, "-U",   "goodgo",           "-A",
                          "trust", "-N", "-E", "UTF8", "--locale=C.UTF-8", NULL};
    CU_ASSERT_EQUAL_FATAL(pg_spawn_wait(argv), 0);
    bool up = false;
    for (int i = 0; i < 3 && !up; i++) /* somebody may have taken the free port */
        up = pg_server_launch();
    CU_ASSERT_TRUE_FATAL(up);
}

#endif
