/* tests/pty/test_hurt.c - "it cannot be hurt": the real binary on a real sandbox, with a relay of
 * ours before every service. A relay is true, or misbehaves in one of the ways below, all twelve at
 * once. The keys answer at once whatever they do, the readings turn to ?? and to what is wrong,
 * recovery shows within an interval, and nothing grows. */
#include "pty/console.h"

#include <ctype.h>
#include <dirent.h>
#include <limits.h>
#include <sys/stat.h>

#include "loop/bad_server.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

#define INTERVAL_MS 500
#define TIMEOUT_MS  2500 /* a true answer has all of it, however busy the machine is */
#define KEY_MS      (SANITIZED ? 1500 : 500) /* a blocked loop takes longer, each time */
#define KEYS        5
#define GROWTH_KB   6144

enum protocol { HTTP, REDIS, POSTGRES };
static struct relay {
    const char *service;
    enum protocol protocol;
    uint16_t port; /* of the true server */
    struct bad_server server;
} relays[] = {
    {"api", HTTP, 0, {0}},       {"web", HTTP, 0, {0}},          {"ai-services", HTTP, 0, {0}},
    {"typesense", HTTP, 0, {0}}, {"minio", HTTP, 0, {0}},        {"loki", HTTP, 0, {0}},
    {"promtail", HTTP, 0, {0}},  {"prometheus", HTTP, 0, {0}},   {"grafana", HTTP, 0, {0}},
    {"redis", REDIS, 0, {0}},    {"postgres", POSTGRES, 0, {0}}, {"pgbouncer", POSTGRES, 0, {0}},
};
#define N_RELAYS (sizeof relays / sizeof *relays)

/* --- the ways --- */

typedef void (*way_fn)(struct relay *r, int fd, unsigned turn);
static _Atomic(way_fn) way; /* NULL = true */
static atomic_uint turn_now;

static bool over(const struct relay *r, unsigned turn) {
    return atomic_load(&r->server.stop) || atomic_load(&turn_now) != turn;
}

/* Waits for the question; false when there will be none. PostgreSQL's ask for TLS is declined. */
static bool heard(struct relay *r, int fd, unsigned turn) {
    char buf[4096];
    while (!over(r, turn)) {
        struct pollfd p = {.fd = fd, .events = POLLIN};
        if (poll(&p, 1, 20) <= 0)
            continue;
        ssize_t n = read(fd, buf, sizeof buf);
        if (n <= 0)
            return false;
        if (r->protocol != POSTGRES || n != 8)
            return true;
        bad_puts(fd, "N");
    }
    return false;
}

static bool put(struct relay *r, int fd, unsigned turn, const void *bytes, size_t n) {
    const char *at = bytes;
    while (n && !over(r, turn)) {
        struct pollfd p = {.fd = fd, .events = POLLOUT};
        if (poll(&p, 1, 20) <= 0)
            continue;
        ssize_t sent = send(fd, at, n, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && errno != EAGAIN)
            return false;
        at += sent > 0 ? sent : 0;
        n -= sent > 0 ? (size_t)sent : 0;
    }
    return n == 0;
}

static void say(struct relay *r, int fd, unsigned turn, const char *http, const char *redis,
                const char *postgres) {
    const char *text = r->protocol == HTTP ? http : r->protocol == REDIS ? redis : postgres;
    put(r, fd, turn, text, strlen(text));
}

static void hang(struct relay *r, unsigned turn) {
    while (!over(r, turn))
        pause_ms(20);
}

static void way_half_open(struct relay *r, int fd, unsigned turn) {
    hang(r, turn);
}

static void way_reset(struct relay *r, int fd, unsigned turn) {
    struct linger now = {.l_onoff = 1, .l_linger = 0};
    heard(r, fd, turn);
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

static void way_close(struct relay *r, int fd, unsigned turn) {
    heard(r, fd, turn);
}

static void way_drip(struct relay *r, int fd, unsigned turn) {
    if (heard(r, fd, turn))
        say(r, fd, turn, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", "$1000\r\n", "R");
    for (unsigned i = 0; !over(r, turn); i++) {
        if (i % 50 == 0 && !put(r, fd, turn, "x", 1)) /* one byte a second */
            return;
        pause_ms(20);
    }
}

/* A hundred megabytes and no end. */
static void way_flood(struct relay *r, int fd, unsigned turn) {
    static char block[65536];
    if (!heard(r, fd, turn))
        return;
    say(r, fd, turn, "HTTP/1.1 200 OK\r\nContent-Length: 104857600\r\n\r\n", "$104857600\r\n",
        "N\006\100\000\000");
    for (int i = 0; i < 1600 && put(r, fd, turn, block, sizeof block); i++)
        continue;
}

static void way_deep(struct relay *r, int fd, unsigned turn) {
    if (!heard(r, fd, turn))
        return;
    say(r, fd, turn, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{\"status\":", "",
        "Z");
    for (int i = 0; i < 10000; i++)
        say(r, fd, turn, "[", "*1\r\n", "\177");
}

static void way_hostile_text(struct relay *r, int fd, unsigned turn) {
    static const char fatal[] =
        "E\0\0\0\062SFATAL\0C28000\0M\033]52;c;b3duZWQ=\007\033[2J\xff\xc0\x80\xc2\x9b"
        "31m\0\0";
    if (!heard(r, fd, turn))
        return;
    if (r->protocol == POSTGRES)
        put(r, fd, turn, fatal, sizeof fatal - 1);
    else
        say(r, fd, turn,
            "HTTP/1.1 500 \033[2J\033]0;x\007\r\nX-A: "
            "\033c\r\n\r\n{\"status\":\"\033]52;c;b3duZWQ=\007\xff"
            "\xfe\xc0\x80\033[?1049l\xc2\x9b"
            "31m\xe2\x80\xae\"}",
            "-ERR \033]52;c;b3duZWQ=\007\033[2J\xff\xfe\xc2\x9b"
            "31m\r\n",
            "");
}

static void way_no_header(struct relay *r, int fd, unsigned turn) {
    if (heard(r, fd, turn))
        say(r, fd, turn, "hello, this is HTTP/0.9\n", "hello\r\n", "hello\n");
}

static void way_endless_header(struct relay *r, int fd, unsigned turn) {
    char line[1024];
    if (!heard(r, fd, turn))
        return;
    say(r, fd, turn, "HTTP/1.1 200 OK\r\n", "+", "S");
    memset(line, 'a', sizeof line);
    memcpy(line, "X-A: ", 5);
    if (r->protocol == HTTP)
        memcpy(line + sizeof line - 2, "\r\n", 2);
    while (put(r, fd, turn, line, sizeof line))
        continue;
}

static void way_wrong_length(struct relay *r, int fd, unsigned turn) {
    if (heard(r, fd, turn))
        say(r, fd, turn, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"sta", "$100\r\nhalf",
            "R\377\377\377\377");
}

static void way_tls(struct relay *r, int fd, unsigned turn) {
    static const char alert[] = "\025\003\001\000\002\002\106";
    if (heard(r, fd, turn))
        put(r, fd, turn, alert, sizeof alert - 1);
}

static const struct {
    const char *name;
    way_fn fn;
} ways[] = {{"half-open", way_half_open},
            {"reset", way_reset},
            {"silent close", way_close},
            {"a byte a second", way_drip},
            {"100 MB", way_flood},
            {"10,000 deep", way_deep},
            {"escapes, bad UTF-8", way_hostile_text},
            {"HTTP/0.9", way_no_header},
            {"endless headers", way_endless_header},
            {"wrong length", way_wrong_length},
            {"TLS", way_tls}};
#define N_WAYS ((int)(sizeof ways / sizeof *ways))

/* --- the true way: both directions, until the way changes --- */

static bool forward(int from, int to) {
    char buf[16384];
    ssize_t n = recv(from, buf, sizeof buf, MSG_DONTWAIT);
    if (n < 0)
        return errno == EAGAIN;
    for (ssize_t at = 0; at < n;) {
        ssize_t sent = send(to, buf + at, (size_t)(n - at), MSG_NOSIGNAL);
        if (sent <= 0)
            return false;
        at += sent;
    }
    return n > 0;
}

static void be_true(struct relay *r, int fd, unsigned turn) {
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons(r->port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int back = socket(AF_INET, SOCK_STREAM, 0);
    bool open = back >= 0 && connect(back, (struct sockaddr *)&to, sizeof to) == 0;
    while (open && !over(r, turn)) {
        struct pollfd p[2] = {{.fd = fd, .events = POLLIN}, {.fd = back, .events = POLLIN}};
        if (poll(p, 2, 20) <= 0)
            continue;
        open = (!p[0].revents || forward(fd, back)) && (!p[1].revents || forward(back, fd));
    }
    if (back >= 0)
        close(back);
}

static void relay_talk(struct bad_server *s, int fd) {
    struct relay *r = relays;
    while (&r->server != s)
        r++;
    unsigned turn = atomic_load(&turn_now);
    way_fn fn = atomic_load(&way);
    if (fn)
        fn(r, fd, turn);
    else
        be_true(r, fd, turn);
}

/* From now on; what is open ends. */
static void go(way_fn fn) {
    atomic_store(&way, fn);
    atomic_fetch_add(&turn_now, 1);
}

static int n_open(void) {
    int n = 0;
    for (size_t i = 0; i < N_RELAYS; i++)
        n += atomic_load(&relays[i].server.n_open);
    return n;
}

/* --- the platform --- */

static char platform[96], config_file[96], out_file[96];

static bool run_sandbox(const char *command) {
    int status = -1;
    pid_t pid = fork();
    if (pid == 0) {
        int fd = open(out_file, O_WRONLY | O_CREAT | O_TRUNC, 0600);
        dup2(fd, STDOUT_FILENO);
        execl(SANDBOX_BIN, "goodgo-sandbox", command, "--dir", platform,
              strcmp(command, "up") == 0 ? "--json" : NULL, (char *)NULL);
        _exit(127);
    }
    return pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) &&
           WEXITSTATUS(status) == 0;
}

static char *read_whole(const char *path) {
    static char text[65536];
    int fd = open(path, O_RDONLY);
    ssize_t n = fd >= 0 ? read(fd, text, sizeof text - 1) : 0;
    if (fd >= 0)
        close(fd);
    text[n > 0 ? n : 0] = 0;
    return text;
}

static void write_whole(const char *path, const char *text) {
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    CU_ASSERT_EQUAL(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
}

static void read_ports(const char *json) {
    for (size_t i = 0; i < N_RELAYS; i++) {
        char name[64];
        snprintf(name, sizeof name, "\"name\":\"%s\",\"port\":", relays[i].service);
        const char *at = strstr(json, name);
        CU_ASSERT_PTR_NOT_NULL_FATAL(at);
        relays[i].port = (uint16_t)strtoul(at + strlen(name), NULL, 10);
    }
}

/* Every port of the platform in its env file becomes that of our relay. */
static void write_env(const char *env) {
    static char text[65536];
    size_t n = 0;
    for (const char *at = env; *at && n < sizeof text - 8;) {
        bool begins = (*at == ':' || *at == '=') && isdigit((unsigned char)at[1]);
        char *end = NULL;
        unsigned long number = begins ? strtoul(at + 1, &end, 10) : 0;
        text[n++] = *at++;
        for (size_t i = 0; begins && !isalnum((unsigned char)*end) && i < N_RELAYS; i++)
            if (relays[i].port == number) {
                n += (size_t)snprintf(text + n, sizeof text - n, "%u", relays[i].server.port);
                at = end;
                break;
            }
    }
    text[n] = 0;
    write_whole(env_file, text);
}

static void write_config(void) {
    char text[4096] = "bell = no\n";
    for (size_t i = 0; i < N_RELAYS; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text),
                 "poll.%s.interval_ms = %d\npoll.%s.timeout_ms = %d\npoll.%s.retries = 3\n",
                 relays[i].service, INTERVAL_MS, relays[i].service, TIMEOUT_MS, relays[i].service);
    write_whole(config_file, text);
}

TEST(starts_a_platform_behind_relays) {
    char path[160];
    snprintf(dir, sizeof dir, "/tmp/goodgo-hurt.XXXXXX");
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(dir));
    snprintf(platform, sizeof platform, "%s/platform", dir);
    snprintf(env_file, sizeof env_file, "%s/.env", dir);
    snprintf(config_file, sizeof config_file, "%s/config", dir);
    snprintf(out_file, sizeof out_file, "%s/up.json", dir);
    CU_ASSERT_TRUE_FATAL(run_sandbox("up"));
    read_ports(read_whole(out_file));
    for (size_t i = 0; i < N_RELAYS; i++)
        bad_start(&relays[i].server, relay_talk);
    snprintf(path, sizeof path, "%s/.env", platform);
    write_env(read_whole(path));
    write_config();
}

/* --- what row one says: CRIT 12 WARN 0 ?? 1 ok 0 --- */

static int count_of(const char *word) {
    char line[256], wanted[16];
    VTermRect row = {0, 1, 0, 120};
    size_t n = vterm_screen_get_text(con.screen, line, sizeof line - 1, row);
    line[n < sizeof line ? n : sizeof line - 1] = 0;
    snprintf(wanted, sizeof wanted, " %s ", word);
    const char *at = strstr(line, wanted);
    return at ? (int)strtol(at + strlen(wanted), NULL, 10) : 0;
}

/* The backups are files: they stay well. */
static bool none_is_well(void) {
    return count_of("ok") <= 1 && count_of("CRIT") + count_of("WARN") + count_of("??") >= 12;
}

static bool all_are_well(void) {
    return count_of("ok") + count_of("WARN") == N_RELAYS + 1;
}

static bool none_is_known(void) {
    return count_of("??") == N_RELAYS;
}

static bool all_are_down(void) {
    return count_of("CRIT") == N_RELAYS;
}

static bool comes(bool (*what)(void), int ms) {
    int64_t end = now_ms() + ms;
    while (!what())
        if (now_ms() >= end || pump(20))
            return what();
    return true;
}

static long rss_kb(void) {
    char path[64];
    long pages[2] = {0, 0};
    snprintf(path, sizeof path, "/proc/%d/statm", (int)con.pid);
    FILE *f = fopen(path, "r");
    bool ok = f && fscanf(f, "%ld %ld", &pages[0], &pages[1]) == 2;
    if (f)
        fclose(f);
    return ok ? pages[1] * (sysconf(_SC_PAGESIZE) / 1024) : 0;
}

/* -1 where they cannot be seen: the console does not let its memory or files be looked at. */
static int n_files(void) {
    char path[64];
    int n = 0;
    snprintf(path, sizeof path, "/proc/%d/fd", (int)con.pid);
    DIR *d = opendir(path);
    while (d && readdir(d))
        n++;
    if (d)
        closedir(d);
    return d ? n : -1;
}

static void open_screen(void) {
    const char *const argv[] = {GOODGO_BIN,  "--env-file",  env_file, "--config",
                                config_file, "--state-dir", dir,      NULL};
    console_open(120, 40, "xterm-256color", "C.UTF-8", argv);
    CU_ASSERT_TRUE_FATAL(comes(all_are_well, 2 * PATIENCE_MS));
}

/* A busy machine delays one or two of them, a blocked loop the most. */
static void keys_answer(const char *name) {
    int n_prompt = 0;
    for (int i = 0; i < KEYS; i++) {
        int64_t begin = now_ms();
        keys("?");
        CU_ASSERT_TRUE(wait_for("next row"));
        int64_t took = now_ms() - begin;
        n_prompt += took <= KEY_MS;
        if (took > KEY_MS)
            fprintf(stderr, "%s: a key took %lld ms\n", name, (long long)took);
        keys("q");
        CU_ASSERT_TRUE(wait_for("ST SERVICE"));
    }
    CU_ASSERT_TRUE(n_prompt > KEYS / 2);
}

TEST(no_server_can_hurt_it) {
    open_screen();
    pump(2000);
    long rss = rss_kb();
    int files = n_files(), n_prompt = 0;
    for (int i = 0; i < N_WAYS; i++) {
        go(ways[i].fn);
        bool seen = comes(none_is_well, PATIENCE_MS);
        keys_answer(ways[i].name);
        bool stayed = none_is_well();
        go(NULL);
        int64_t begin = now_ms();
        bool back = comes(all_are_well, PATIENCE_MS);
        int64_t took = now_ms() - begin;
        if (!seen || !stayed || !back)
            fprintf(stderr, "%s: seen %d, stayed %d, back %d\n", ways[i].name, seen, stayed, back);
        CU_ASSERT_TRUE(seen && stayed && back);
        n_prompt += took < INTERVAL_MS * 11 / 10 + TIMEOUT_MS + 1500;
        CU_ASSERT_FALSE_FATAL(con.over);
    }
    CU_ASSERT_TRUE(n_prompt >
                   N_WAYS / 2); /* as with keys: who backed off would be late each time */
    pump(2000);
    CU_ASSERT_TRUE(rss_kb() - rss < (SANITIZED ? LONG_MAX : GROWTH_KB));
    CU_ASSERT_TRUE(files < 0 || n_files() <= files + 4);
    CU_ASSERT_TRUE(n_open() <= (int)N_RELAYS * 3);
    CU_ASSERT_PTR_NULL(wrote("\033]52;"));
    CU_ASSERT_PTR_NULL(wrote("\033c"));
    close_console();
}

/* A hung server: first the last reading goes on with its age, then it is not known, then it is
 * called down. */
TEST(a_reading_grows_old_before_it_is_given_up) {
    go(NULL);
    open_screen();
    go(way_half_open);
    CU_ASSERT_TRUE(comes(none_is_known, PATIENCE_MS));
    CU_ASSERT_TRUE(comes(all_are_down, PATIENCE_MS));
    keys("5");
    CU_ASSERT_TRUE(wait_for("redis"));
    CU_ASSERT_TRUE(wait_for("allkeys-lru")); /* what was read last is still there */
    go(NULL);
    close_console();
}

TEST(everything_ends) {
    for (size_t i = 0; i < N_RELAYS; i++)
        bad_stop(&relays[i].server);
    CU_ASSERT_TRUE(run_sandbox("down"));
    struct stat st;
    CU_ASSERT_NOT_EQUAL(stat(platform, &st), 0);
    remove_dir();
}

SUITE(hurt, T(starts_a_platform_behind_relays), T(no_server_can_hurt_it),
      T(a_reading_grows_old_before_it_is_given_up), T(everything_ends))
