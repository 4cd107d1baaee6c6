/* tests/bench/ptyends.c - what a terminal program does when it is badly treated: resized without
 * end, fed garbage, signalled, left without a terminal, stopped and continued. Each trial is a
 * fresh start. Prints a JSON array of {"what", "ok", "detail"}.
 *
 *     ptyends TEXT_OF_A_FULL_FRAME QUIT_KEY -- COMMAND [ARG...]
 */
#define _GNU_SOURCE
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"

#define GARBAGE_BYTES (64 * 1024)
#define RESIZES       200

struct trial {
    const char *text, *quit;
    const char *const *argv;
    struct child child;
    bool ok;
    char detail[160];
};

/* Notes the first thing that went wrong. */
static bool expect(struct trial *t, bool holds, const char *what) {
    if (!holds && t->ok)
        snprintf(t->detail, sizeof t->detail, "%s", what);
    t->ok &= holds;
    return holds;
}

static uint32_t random_next(void) {
    static uint32_t x = 2463534242u; /* the same trial each time */
    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    return x;
}

static bool shows(struct trial *t, const char *text, double limit_ms) {
    return child_wait_text(&t->child, 1, text, now_ms() - t->child.started_ms + limit_ms) >= 0;
}

static bool begin(struct trial *t) {
    t->ok = true;
    snprintf(t->detail, sizeof t->detail, "restored");
    if (!child_start(&t->child, 120, 40, t->argv))
        return expect(t, false, "did not start");
    return expect(t, shows(t, t->text, 5000), "no full frame in 5 s");
}

static void ended(struct trial *t, double ms) {
    if (expect(t, child_ends_within(&t->child, ms), "did not end"))
        expect(t, child_restored(&t->child), "the terminal is not as it was");
}

static void quit(struct trial *t) {
    child_press(&t->child, t->quit, strlen(t->quit));
    ended(t, 2000);
    expect(t, WIFEXITED(t->child.status) && WEXITSTATUS(t->child.status) == 0,
           "exit status is not 0");
}

/* --- trials --- */

static void trial_resizes(struct trial *t) {
    for (int i = 0; i < RESIZES; i++) {
        child_resize(&t->child, 20 + (int)(random_next() % 281), 5 + (int)(random_next() % 96));
        child_read_for(&t->child, (double)(random_next() % 20));
    }
    child_resize(&t->child, 111, 33);
    child_read_for(&t->child, 600);
    char first[1024], last[1024];
    screen_row(&t->child.screen, 0, first, sizeof first);
    screen_row(&t->child.screen, 32, last, sizeof last);
    expect(t, *first && strstr(last, t->text), "the last size is not drawn whole");
    quit(t);
}

/* Any byte but those that ask it to end or to stop: that it does so is tried elsewhere. */
static char garbage_byte(const struct trial *t) {
    char c;
    do
        c = (char)random_next();
    while (c == 3 || c == 4 || c == 26 || c == 28 || c == 'Q' || strchr(t->quit, c));
    return c;
}

static void trial_garbage(struct trial *t) {
    struct child *c = &t->child;
    double end = now_ms() + 20000;
    for (int sent = 0; sent < GARBAGE_BYTES && !c->over;) {
        if (!expect(t, now_ms() < end, "does not read its keys any more"))
            return;
        char bytes[256];
        bool any;
        for (size_t i = 0; i < sizeof bytes; i++)
            bytes[i] = garbage_byte(t);
        ssize_t n = write(c->fd, bytes, sizeof bytes);
        sent += n > 0 ? (int)n : 0;
        child_read(c, n > 0 ? 0 : 5, &any);
    }
    child_read_for(c, 500);
    if (c->over) {
        expect(t, WIFEXITED(c->status) && child_restored(c), "ended, and not cleanly");
        snprintf(t->detail, sizeof t->detail, "%s", t->ok ? "ended cleanly" : t->detail);
        return;
    }
    for (int i = 0; i < 4; i++) { /* out of whatever it opened */
        child_press(c, "\033", 1);
        child_read_for(c, 150);
    }
    uint64_t before = c->bytes;
    child_press(c, "\014", 1);
    child_read_for(c, 300);
    expect(t, c->bytes > before, "alive, but does not answer");
    kill(c->pid, SIGTERM);
    ended(t, 2000);
}

static void signalled(struct trial *t, int number) {
    kill(t->child.pid, number);
    ended(t, 2000);
}
static void trial_term(struct trial *t) {
    signalled(t, SIGTERM);
}
static void trial_int(struct trial *t) {
    signalled(t, SIGINT);
}
static void trial_hup(struct trial *t) {
    signalled(t, SIGHUP);
}

static void trial_lost(struct trial *t) {
    struct child *c = &t->child;
    close(c->fd);
    close(c->slave);
    c->fd = c->slave = -1;
    double start = now_ms();
    while (!c->over && now_ms() - start < 3000) {
        sleep_ms(5);
        c->over = waitpid(c->pid, &c->status, WNOHANG) == c->pid;
    }
    if (expect(t, c->over, "still runs 3 s later"))
        snprintf(t->detail, sizeof t->detail, "ended after %.0f ms", now_ms() - start);
}

/* --- Ctrl-Z needs a shell with job control above the program --- */

/* The least such shell: puts the job in front, says "z" when it stops, continues it at a byte. */
static void shell_main(int to_us, int from_us, const char *const *argv) {
    signal(SIGTTOU, SIG_IGN);
    int status = 0;
    char byte;
    pid_t job = fork();
    if (job == 0) {
        setpgid(0, 0);
        signal(SIGTTOU, SIG_DFL);
        execvp(argv[0], (char *const *)argv);
        _exit(127);
    }
    setpgid(job, job);
    tcsetpgrp(0, job);
    while (waitpid(job, &status, WUNTRACED) == job && WIFSTOPPED(status)) {
        tcsetpgrp(0, getpgrp());
        if (write(to_us, "z", 1) != 1 || read(from_us, &byte, 1) != 1)
            break;
        tcsetpgrp(0, job);
        kill(-job, SIGCONT);
    }
    _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 99);
}

static bool stopped_within(struct trial *t, int from_shell, double ms) {
    double end = now_ms() + ms;
    struct pollfd p = {.fd = from_shell, .events = POLLIN};
    char byte;
    bool any;
    while (now_ms() < end && !t->child.over) {
        if (poll(&p, 1, 0) > 0)
            return read(from_shell, &byte, 1) == 1;
        child_read(&t->child, 10, &any);
    }
    return false;
}

static void trial_stop(struct trial *t, int from_shell, int to_shell) {
    child_press(&t->child, "\032", 1);
    if (!expect(t, stopped_within(t, from_shell, 2000), "does not stop"))
        return;
    child_read_for(&t->child, 100);
    expect(t, child_restored(&t->child), "stopped, and the terminal is not as it was");
    expect(t, write(to_shell, "c", 1) == 1 && shows(t, t->text, 2000), "not drawn again");
    child_read_for(&t->child, 300);
    quit(t);
}

/* This program itself, as the shell of the job: `ptyends --shell IN OUT COMMAND...`. */
static void run_stop(struct trial *t, const char *self) {
    const char *const *argv = t->argv;
    const char *shell[64] = {self, "--shell"};
    char in[16], out[16];
    int down[2], up[2];
    if (pipe(down) != 0 || pipe(up) != 0)
        return;
    dup2(down[0], 100); /* child.c closes what is below 64 */
    dup2(up[1], 101);
    snprintf(in, sizeof in, "%d", 100);
    snprintf(out, sizeof out, "%d", 101);
    shell[2] = in, shell[3] = out;
    for (size_t i = 0; argv[i] && i < 58; i++)
        shell[4 + i] = argv[i];
    t->argv = shell;
    if (begin(t))
        trial_stop(t, up[0], down[1]);
    child_end(&t->child);
    t->argv = argv;
    for (int i = 0; i < 2; i++)
        close(down[i]), close(up[i]);
    close(100), close(101);
}

static void print(const struct trial *t, const char *what, bool last) {
    printf("{\"what\":\"%s\",\"ok\":%s,\"detail\":\"%s\"}%s\n", what, t->ok ? "true" : "false",
           t->detail, last ? "]" : ",");
}

int main(int argc, char **argv) {
    static const struct {
        const char *what;
        void (*run)(struct trial *t);
    } trials[] = {
        {"200 random resizes", trial_resizes},
        {"64 KiB of garbage keys", trial_garbage},
        {"SIGTERM", trial_term},
        {"SIGINT", trial_int},
        {"SIGHUP", trial_hup},
        {"terminal lost", trial_lost},
    };
    const char *const *words = (const char *const *)argv;
    struct trial t = {0};
    setlocale(LC_CTYPE, "C.UTF-8");
    if (argc > 4 && strcmp(argv[1], "--shell") == 0)
        shell_main((int)strtol(argv[3], NULL, 10), (int)strtol(argv[2], NULL, 10), words + 4);
    if (argc < 5 || strcmp(argv[3], "--") != 0)
        return 2;
    t.text = argv[1], t.quit = argv[2], t.argv = words + 4;
    printf("[");
    for (size_t i = 0; i < sizeof trials / sizeof *trials; i++) {
        if (begin(&t))
            trials[i].run(&t);
        child_end(&t.child);
        print(&t, trials[i].what, false);
    }
    run_stop(&t, argv[0]);
    print(&t, "Ctrl-Z and back", true);
    return 0;
}
