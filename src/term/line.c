/* term/line.c - a question that the person's own terminal answers, so that the line to it can be
 * timed. Not asked where somebody nearer would answer (tmux, screen, mosh), on this machine's own
 * terminal, or of a terminal that may not know it: no figure is better than a wrong one. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "term_priv.h"

#define ANCESTORS_MAX 16

/* Name and parent of a process; false when it cannot be read. */
static bool process_of(long pid, char *name, size_t size, long *ret_parent) {
    char path[48], line[512];
    snprintf(path, sizeof path, "/proc/%ld/stat", pid);
    FILE *f = fopen(path, "re");
    size_t n = f ? fread(line, 1, sizeof line - 1, f) : 0;
    if (f)
        fclose(f);
    line[n] = 0;
    char *open = strchr(line, '('), *close = strrchr(line, ')');
    if (!open || !close || close[1] == 0 || close[2] == 0)
        return false;
    *close = 0;
    str_copy(name, size, open + 1);
    *ret_parent = strtol(close + 4, NULL, 10); /* ") S 123" */
    return true;
}

static bool under_mosh(void) {
    char name[32];
    long pid = getppid();
    for (int i = 0; i < ANCESTORS_MAX && pid > 1; i++) {
        if (!process_of(pid, name, sizeof name, &pid))
            return false;
        if (strcmp(name, "mosh-server") == 0)
            return true;
    }
    return false;
}

void term_line_init(struct term *t) {
    const char *type = getenv("TERM");
    bool remote = getenv("SSH_CONNECTION") || getenv("SSH_TTY");
    bool nearer = getenv("TMUX") || getenv("STY") || (type && str_starts(type, "tmux")) ||
                  (type && str_starts(type, "screen"));
    bool knows = type && strcmp(type, "dumb") != 0 && !t->notice[0];
    t->may_ask = remote && !nearer && knows && !under_mosh();
}

bool term_ask(struct term *t) {
    static const char status_report[] = "\033[5n";
    if (!t->may_ask || t->lost || t->n_pending)
        return false;
    t->answered = false;
    term_send(t, status_report, sizeof status_report - 1);
    return true;
}

bool term_answered(struct term *t) {
    bool answered = t->answered;
    t->answered = false;
    return answered;
}

void term_sequence_seen(struct term *t, const char *sequence) {
    t->answered |= strcmp(sequence, "0n") == 0 || strcmp(sequence, "3n") == 0;
}
