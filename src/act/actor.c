/* act/actor.c - who acts, as the operating system knows them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "act/audit.h"
#include "base/text.h"
#include "io/peer.h"

static void take(char *dst, size_t size, const char *s) {
    text_clean_into(dst, size, s ? s : "", s ? strlen(s) : 0);
}

/* The real user id decides: LOGNAME and USER are anybody's to set. */
void actor_here(struct actor *a) {
    char host[64] = "", tty[64];
    *a = (struct actor){{0}, {0}, {0}, {0}, {0}};
    gethostname(host, sizeof host - 1);
    user_name(getuid(), a->login, sizeof a->login);
    take(a->sudo_user, sizeof a->sudo_user, getenv("SUDO_USER"));
    take(a->ssh, sizeof a->ssh, getenv("SSH_CONNECTION"));
    take(a->host, sizeof a->host, host);
    take(a->tty, sizeof a->tty, ttyname_r(STDERR_FILENO, tty, sizeof tty) == 0 ? tty : NULL);
}

void actor_text(const struct actor *a, char *buf, size_t size) {
    const char *client_end = strchr(a->ssh, ' ');
    int client = client_end ? (int)(client_end - a->ssh) : (int)strlen(a->ssh);
    snprintf(buf, size, "%s%s%s%s @%s%s%.*s", a->login, *a->sudo_user ? " (sudo from " : "",
             a->sudo_user, *a->sudo_user ? ")" : "", a->host, client ? " from " : "", client,
             a->ssh);
}
