/* sandbox/layout_work.c - the real servers' own user and the place of their data. */
#include "layout_priv.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

bool find_user(struct sandbox *sb, struct why *why) {
    sb->run_uid = geteuid();
    sb->run_gid = getegid();
    if (geteuid() != 0) {
        return true;
    }
    const struct passwd *pw = getpwnam("postgres");
    pw = pw && pw->pw_uid ? pw : getpwnam("nobody");
    if (!pw || !pw->pw_uid) {
        return why_set(why, "neither user postgres nor nobody exists: run as an ordinary user");
    }
    sb->run_uid = pw->pw_uid;
    sb->run_gid = pw->pw_gid;
    return true;
}

static bool user_may_enter(const struct sandbox *sb, const char *dir) {
    int status = -1;
    if (geteuid() != 0) {
        return true;
    }
    pid_t pid = fork();
    if (pid == 0) {
        bool ok = setgroups(0, NULL) == 0 && setgid(sb->run_gid) == 0 && setuid(sb->run_uid) == 0 &&
                  access(dir, X_OK) == 0;
        _exit(ok ? 0 : 1);
    }
    return pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) &&
           WEXITSTATUS(status) == 0;
}

/* Below a directory that only root may enter (mktemp -d of root, /root) the servers' user could not
 * reach its data: then the data live in a directory of their own, with a marker of its own. */
bool make_work(struct sandbox *sb, struct why *why) {
    char path[600];
    if (user_may_enter(sb, sb->p.dir)) {
        path_join(sb->work, sizeof sb->work, sb->p.dir, "data");
        if (!make_dir(sb->p.dir, "data", 0711)) {
            return why_set(why, "%s: %s", sb->work, strerror(errno));
        }
    } else {
        snprintf(sb->work, sizeof sb->work, "/tmp/goodgo-sandbox-data-XXXXXX");
        if (!mkdtemp(sb->work) || chmod(sb->work, 0711) < 0) {
            return why_set(why, "%s: %s", sb->work, strerror(errno));
        }
    }
    path_join(path, sizeof path, sb->work, MARKER_NAME);
    if (!write_file(path, 0600, "goodgo-sandbox\n")) {
        return why_set(why, "%s: %s", path, strerror(errno));
    }
    return true;
}
