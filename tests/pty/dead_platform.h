/* tests/pty/dead_platform.h - a console on a platform whose every port is dead, with a directory of
 * its own. After pty/console.h. */
#ifndef GOODGO_TESTS_PTY_DEAD_PLATFORM_H
#define GOODGO_TESTS_PTY_DEAD_PLATFORM_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "pty/console.h"

static inline void write_env(void) {
    snprintf(dir, sizeof dir, "/tmp/goodgo-pty.XXXXXX");
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(dir));
    snprintf(env_file, sizeof env_file, "%s/.env", dir);
    int fd = open(env_file, O_WRONLY | O_CREAT | O_EXCL, 0600);
    CU_ASSERT_FATAL(fd >= 0);
    static const char text[] = "NODE_ENV=development\n"
                               "DATABASE_URL=postgresql://a:b@127.0.0.1:9/x\n"
                               "REDIS_HOST=127.0.0.1\nREDIS_PORT=9\n"
                               "GOODGO_API_URL=http://127.0.0.1:9\n"
                               "GOODGO_WEB_URL=http://127.0.0.1:9\n"
                               "AI_SERVICE_URL=http://127.0.0.1:9\n";
    CU_ASSERT_EQUAL(write(fd, text, sizeof text - 1), (ssize_t)sizeof text - 1);
    close(fd);
}

/* From now on its database accepts and never says a word: whoever asks it for a plan waits. Returns
 * the descriptor to close. */
static inline int hanging_database(void) {
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof at;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CU_ASSERT_EQUAL_FATAL(bind(fd, (struct sockaddr *)&at, size), 0);
    CU_ASSERT_EQUAL_FATAL(listen(fd, 1000), 0);
    CU_ASSERT_EQUAL_FATAL(getsockname(fd, (struct sockaddr *)&at, &size), 0);
    FILE *f = fopen(env_file, "a");
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    fprintf(f, "DATABASE_URL_DIRECT=postgresql://a:b@127.0.0.1:%u/x\n", ntohs(at.sin_port));
    CU_ASSERT_EQUAL(fclose(f), 0);
    return fd;
}

static inline void open_console(int w, int h, const char *term, const char *lang) {
    char state[96];
    snprintf(state, sizeof state, "%s/state", dir);
    const char *const argv[] = {GOODGO_BIN, "--env-file", env_file, "--state-dir", state, NULL};
    console_open(w, h, term, lang, argv);
}

static inline void start(void) {
    open_console(80, 24, "xterm-256color", "C.UTF-8");
    CU_ASSERT_TRUE_FATAL(wait_for("READ-ONLY"));
}

#endif
