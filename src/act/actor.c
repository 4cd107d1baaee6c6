/* act/actor.c - who acts, as the operating system knows them. */
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "act/audit.h"
#include "base/text.h"

static void take(char *dst, size_t size, const char *s) {
    text_clean_into(dst, size, s ? s : "", s ? strlen(s) : 0);
}

/* The real user id decides: LOGNAME and USER are anybody's to set. */
void actor_here(struct actor *a) {
    char host[64] = "";
    const struct passwd *pw = getpwuid(getuid());
    *a = (struct actor){{0}, {0}, {0}, {0}, {0}};
    gethostname(host, sizeof host - 1);
    take(a->login, sizeof a->login, pw ? pw->pw_name : NULL);
    if (!*a->login)
        snprintf(a->login, sizeof a->login, "uid %u", (unsigned)getuid());
    take(a->sudo_user, sizeof a->sudo_user, getenv("SUDO_USER"));
    take(a->ssh, sizeof a->ssh, getenv("SSH_CONNECTION"));
    take(a->host, sizeof a->host, host);
    take(a->tty, sizeof a->tty, isatty(STDERR_FILENO) ? ttyname(STDERR_FILENO) : NULL);
}

void actor_text(const struct actor *a, char *buf, size_t size) {
    const char *client_end = strchr(a->ssh, ' ');
    int client = client_end ? (int)(client_end - a->ssh) : (int)strlen(a->ssh);
    snprintf(buf, size, "%s%s%s%s @%s%s%.*s", a->login, *a->sudo_user ? " (sudo from " : "",
             a->sudo_user, *a->sudo_user ? ")" : "", a->host, client ? " from " : "", client,
             a->ssh);
}
