/* sandbox/servers_start.c - what starting a real server takes, whichever it is: its place among the
 * data, its process, and a sentence with the end of its log where that failed. */
#include "servers_priv.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool work_path(const struct sandbox *sb, const char *name, char *out, size_t size) {
    return path_join(out, size, sb->work, name);
}

bool give_to_servers(const struct sandbox *sb, const char *path) {
    return geteuid() != 0 || chown(path, sb->run_uid, sb->run_gid) == 0;
}

bool make_server_dir(const struct sandbox *sb, const char *name, bool ordinary, mode_t mode,
                     char *out, size_t size) {
    return work_path(sb, name, out, size) && (mkdir(out, mode) == 0 || errno == EEXIST) &&
           chmod(out, mode) == 0 && (!ordinary || give_to_servers(sb, out));
}

bool server_spawn(const struct sandbox *sb, int service, const char *const *argv, bool ordinary,
                  struct proc *ret, struct why *why) {
    const char *const env[] = {"GOMAXPROCS=2", "LC_ALL=C.UTF-8", "TZ=UTC", NULL};
    struct spawn s = {.name = sandbox_service_names[service],
                      .argv = argv,
                      .env = env,
                      .ordinary_user = ordinary,
                      .keep_fd = -1};
    return proc_spawn(sb, &s, ret, why);
}

bool config_failed(struct why *why, const char *server) {
    return why_set(why, "the configuration of %s cannot be written: %s", server, strerror(errno));
}

bool fail_with_log(const struct sandbox *sb, const char *name, const char *what, struct why *why) {
    char tail[1500];
    log_tail(sb->p.dir, name, tail, sizeof tail);
    return why_set(why, "%s %s; the end of its log:\n%s", name, what,
                   *tail ? tail : "(nothing was logged)\n");
}
