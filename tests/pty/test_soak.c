/* tests/pty/test_soak.c - wrong keys, pastes, broken sequences and sizes by the thousand, from one
 * seed: the real binary never crashes, never hangs, acts on nothing and leaves no process. On a
 * platform whose ports are dead and whose database hangs; SOAK_ENV names another one's .env,
 * SOAK_SEED another way through, SOAK_GESTURES a longer one. */
#include "pty/dead_platform.h"

#include <dirent.h>
#include <sys/prctl.h>

#define DEFAULT_SEED 20261126
#define DEFAULT_MANY 700
#define LIVE_MS      PATIENCE_MS /* a blocked loop never answers */

static uint64_t seed, state;

static unsigned below(unsigned n) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (unsigned)(state >> 33) % n;
}

static long long number_of(const char *name, long long otherwise) {
    const char *said = getenv(name);
    return said && *said ? strtoll(said, NULL, 10) : otherwise;
}

/* What the console does not take is not its fault: a full line is passed over. */
static void put(const void *bytes, size_t n) {
    struct pollfd p = {.fd = con.fd, .events = POLLOUT};
    if (poll(&p, 1, 100) > 0 && write(con.fd, bytes, n) < 0)
        pump(1);
}

static void put_words(const char *s) {
    put(s, strlen(s));
}

/* --- what a hand, a paste or a strange terminal does --- */

static void letters(void) {
    char c[4];
    for (size_t i = 0; i < sizeof c; i++)
        c[i] = (char)(' ' + below(95));
    put(c, 1 + below(sizeof c));
}

static void control(void) {
    char c = (char)below(32);
    put(&c, 1);
}

static void function(void) {
    static const char *const sequences[] = {
        "\033[A",        "\033[B",       "\033[C",
        "\033[D",        "\033OA",       "\033OB",
        "\033[5~",       "\033[6~",      "\033[H",
        "\033[F",        "\033[2~",      "\033[3~",
        "\033[Z",        "\033OP",       "\033OQ",
        "\033OR",        "\033OS",       "\033[15~",
        "\033[17~",      "\033[24~",     "\033[25;5~",
        "\033[1;5",      "\033[200",     "\033[M",
        "\033O",         "\033[I",       "\033[0n",
        "\033]0;x\007",  "\033x",        "\033[<0;",
        "\033[<65;9;9M", "\033[<0;7;9M", "\033[<0;1;1;1;1;1;1;1;1;1;1;1;1M"};
    put_words(sequences[below(sizeof sequences / sizeof *sequences)]);
}

static void command(void) {
    static const char *const words[] = {"overview",
                                        "alerts",
                                        "api",
                                        "web",
                                        "ai",
                                        "postgres",
                                        "pgbouncer",
                                        "redis",
                                        "typesense",
                                        "minio",
                                        "loki",
                                        "promtail",
                                        "prometheus",
                                        "grafana",
                                        "pg-backup",
                                        "payments",
                                        "reconciliation",
                                        "proposals",
                                        "changes",
                                        "compare",
                                        "jobs",
                                        "job",
                                        "audit",
                                        "about",
                                        "help",
                                        "mouse",
                                        "freeze",
                                        "theme",
                                        "theme mono",
                                        "sort",
                                        "sort name",
                                        "filter x",
                                        "time 5m",
                                        "ctx",
                                        "save",
                                        "arm 5m soak",
                                        "disarm",
                                        "backup",
                                        "reindex",
                                        "cancel-session 1",
                                        "verify x",
                                        "nonsense"};
    char line[64];
    int n = snprintf(line, sizeof line, ":%s\r", words[below(sizeof words / sizeof *words)]);
    put(line, (size_t)n);
}

static void paste(void) {
    static const char *const pieces[] = {"Nguy\341\273\205n",
                                         "\xf0\x9f\x8f\xa0",
                                         "e\xcc\x81",
                                         "\xff\xfe",
                                         "DROP TABLE",
                                         "\r",
                                         "\t",
                                         "yes ",
                                         "\xe2\x80\xae",
                                         "0123456789"};
    put_words("\033[200~");
    for (unsigned i = 0; i < 60; i++)
        put_words(pieces[below(sizeof pieces / sizeof *pieces)]);
    put_words("\033[201~");
}

static void garbage(void) {
    unsigned char bytes[64];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)(0x80 + below(0x80));
    put(bytes, 1 + below(sizeof bytes));
}

static void size(void) {
    static const int sizes[][2] = {{80, 24}, {120, 40}, {60, 16}, {20, 5}, {1, 1}, {200, 60}};
    const int *to = sizes[below(sizeof sizes / sizeof *sizes)];
    resize(to[0], to[1]);
}

static void act(void) { /* its menu, a line, and Enter alone */
    put_words("a");
    for (unsigned i = below(4); i; i--)
        put_words("j");
    put_words("\r\r\r");
}

static const struct {
    void (*fn)(void);
    unsigned weight;
} gestures[] = {{letters, 40}, {control, 12}, {function, 20}, {command, 12},
                {paste, 1},    {garbage, 2},  {size, 4},      {act, 3}};

static void gesture(void) {
    unsigned at = below(94);
    for (size_t i = 0; i < sizeof gestures / sizeof *gestures; i++) {
        if (at < gestures[i].weight) {
            gestures[i].fn();
            return;
        }
        at -= gestures[i].weight;
    }
}

/* --- what must hold --- */

static void open_soaked(void) {
    const char *other = getenv("SOAK_ENV");
    char states[96];
    snprintf(states, sizeof states, "%s/state", dir);
    const char *const argv[] = {GOODGO_BIN,    "--env-file", other ? other : env_file,
                                "--state-dir", states,       NULL};
    console_open(80, 24, "xterm-256color", "C.UTF-8", argv);
    CU_ASSERT_TRUE_FATAL(wait_for("[DEV]"));
    con.blind = true;
}

/* Of what it wrote the end is enough: there stands how it left. */
static void forget_most(void) {
    size_t keep = 4096;
    if (con.n_raw < RAW_MAX / 2)
        return;
    memmove(con.raw, con.raw + con.n_raw - keep, keep);
    con.n_raw = keep;
}

/* A redraw is drawn whatever is open. */
static bool answers(void) {
    int64_t end = now_ms() + LIVE_MS;
    pump(20);
    size_t before = con.n_all;
    while (!con.over && con.n_all == before && now_ms() < end) {
        put_words("\014");
        pump(20);
    }
    return con.over || con.n_all > before;
}

/* q and Ctrl-C Ctrl-C are among the keys: then it has to have left as it should. */
static void left_well(void) {
    CU_ASSERT_TRUE(WIFEXITED(con.status) && WEXITSTATUS(con.status) == 0);
    CU_ASSERT_TRUE(terminal_is_cooked());
    CU_ASSERT_PTR_NOT_NULL(wrote("\033[?1049l"));
}

static unsigned n_jobs(void) {
    char path[128];
    unsigned n = 0;
    snprintf(path, sizeof path, "%s/state/jobs", dir);
    DIR *d = opendir(path);
    for (struct dirent *e; d && (e = readdir(d));)
        n += *e->d_name != '.';
    if (d)
        closedir(d);
    return n;
}

/* Whoever it started and left is ours now; the killed need a moment to be reaped. */
static bool nobody_is_left(void) {
    int64_t end = now_ms() + PATIENCE_MS;
    while (now_ms() < end) {
        pid_t pid = waitpid(-1, NULL, WNOHANG);
        if (pid < 0)
            return errno == ECHILD;
        if (!pid)
            pause_ms(10);
    }
    return false;
}

/* Again where an Escape is read together with what follows: then that is another key. */
static void quit(void) {
    int64_t end = now_ms() + LIVE_MS;
    while (!con.over && now_ms() < end) {
        for (int i = 0; i < 8 && !con.over; i++) {
            put_words("\033");
            pump(60);
        }
        put_words(":q\r");
        ends_within(1000);
    }
    CU_ASSERT_TRUE(con.over);
    left_well();
    close_console();
}

TEST(wrong_keys_by_the_thousand_do_no_harm) {
    long long many = number_of("SOAK_GESTURES", DEFAULT_MANY), n = 0;
    bool well = true;
    int fd = hanging_database();
    state = seed = (uint64_t)number_of("SOAK_SEED", DEFAULT_SEED);
    CU_ASSERT_EQUAL(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
    open_soaked();
    while (well && n < many) {
        for (unsigned i = 0; i < 40 && !con.over; i++, n++) {
            gesture();
            pump(1);
            forget_most();
        }
        well = answers();
        if (con.over) {
            left_well();
            well = WIFEXITED(con.status);
            close_console();
            open_soaked();
        }
    }
    if (!well)
        fprintf(stderr, "SOAK_SEED=%llu: after %lld gestures\n", (unsigned long long)seed, n);
    CU_ASSERT_TRUE_FATAL(well);
    quit();
    CU_ASSERT_TRUE(nobody_is_left());
    CU_ASSERT_EQUAL(n_jobs(), 0);
    close(fd);
}

TEST(prepares_a_dead_platform) {
    write_env();
}

TEST(leaves_nothing_behind) {
    remove_dir();
}

SUITE(soak, T(prepares_a_dead_platform), T(wrong_keys_by_the_thousand_do_no_harm),
      T(leaves_nothing_behind))
