/* sandbox/main.c - goodgo-sandbox: a private GoodGo platform on loopback. Reads the command line
 * and hands over; serve, hog and dump are its own children and of no use by hand. */
#include "lifecycle.h"

#include "array.h"
#include "say.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern char **environ;

#define SEE_HELP "; see 'goodgo-sandbox --help'"

enum {
    MAX_SCALE = 400,
    PORT_BASE_MIN = 1024,
    PORT_BASE_MAX = 65535 - SB_N_SERVICES,
    REPORT_FD = 3,
    DIR_SIZE = 512,
    LONG = 256 /* what getopt calls an option that is no letter: this and its row's letter */
};

static const char help[] =
    "goodgo-sandbox - a private GoodGo platform on loopback, to try the console against\n"
    "\n"
    "  goodgo-sandbox up      start it                 [--port-base N] [--services a,b] [--scale "
    "N]\n"
    "  goodgo-sandbox status  what runs                [--json]\n"
    "  goodgo-sandbox env     print its .env\n"
    "  goodgo-sandbox fault   break something, or list what is broken\n"
    "  goodgo-sandbox payment what the payment gateways know of a payment\n"
    "  goodgo-sandbox down    end it and remove its directory\n"
    "\n"
    "Every command takes --dir D (default $XDG_RUNTIME_DIR or /tmp, then goodgo-sandbox-UID) and\n"
    "--help. Exit codes: 0 done, 1 failed, 2 wrong use.\n";

static const char help_up[] =
    "goodgo-sandbox up [--dir D] [--port-base N] [--services a,b,...] [--scale N] [--json]\n"
    "\n"
    "Starts PostgreSQL with PostGIS, PgBouncer, Redis, Prometheus and Alertmanager for real and "
    "the\n"
    "other services as stand-ins, all on 127.0.0.1, with data, passwords and a .env of their own.\n"
    "  --dir D         where it lives; must be absent, empty or a former sandbox\n"
    "  --port-base N   ports N, N+1, ... instead of free ones; a taken port is refused\n"
    "  --services L    only these: api web ai-services postgres pgbouncer redis typesense minio\n"
    "                  loki promtail prometheus grafana alertmanager vnpay momo zalopay\n"
    "  --scale N       N times 5000 listings and what belongs to them (1-400)\n"
    "  --json          print the directory and the ports as one JSON document\n";

static const char help_fault[] =
    "goodgo-sandbox fault [--dir D]                     list the faults that are on\n"
    "goodgo-sandbox fault [--dir D] SERVICE MODE        stop | hang | slow MS | error CODE |\n"
    "                                                   garbage | flap | clear\n"
    "goodgo-sandbox fault [--dir D] SCENARIO [on|off]   search-behind | latency | errors-5xx |\n"
    "                                                   disk-full-search | pool-exhaustion |\n"
    "                                                   redis-down\n"
    "goodgo-sandbox fault [--dir D] clear               all is well again\n"
    "\n"
    "clear also starts a real server again that was\n"
    "killed, with its data.\n";

static const char help_payment[] =
    "goodgo-sandbox payment [--dir D]                   list what the gateways know\n"
    "goodgo-sandbox payment [--dir D] GATEWAY ORDER STATE [AMOUNT [TX]]\n"
    "\n"
    "GATEWAY is vnpay, momo or zalopay; ORDER its name for the order; AMOUNT whole dong; TX its "
    "own\n"
    "number. STATE is paid, cancelled, pending, processing, refunded, busy (it says nothing), "
    "forged\n"
    "(paid, in an answer that is not its own) or slow (paid, after some seconds).\n";

static const char help_status[] =
    "goodgo-sandbox status [--dir D] [--json]\n"
    "\n"
    "Lists each service with its port, process and fault; exit 1 when a process is dead.\n";

static const char help_env[] =
    "goodgo-sandbox env [--dir D]\n"
    "\n"
    "Prints the platform's .env (it holds secrets of the sandbox only).\n";

static const char help_down[] =
    "goodgo-sandbox down [--dir D]\n"
    "\n"
    "Ends the recorded processes and removes the directory, also after a crash.\n";

struct options {
    char dir[DIR_SIZE];
    struct up_options up;
    bool json, help;
    int n_operands;
    char **operands;
};

static bool parse_services(const char *list, bool wanted[SB_N_SERVICES]) {
    char name[32];
    memset(wanted, 0, sizeof *wanted * SB_N_SERVICES);
    while (*list) {
        size_t len = strcspn(list, ",");
        if (len >= sizeof name) {
            return false;
        }
        memcpy(name, list, len);
        name[len] = 0;
        int service = service_by_name(name);
        if (service < 0) {
            return false;
        }
        wanted[service] = true;
        list += len;
        if (*list == ',' && !*++list) {
            return false;
        }
    }
    for (int i = 0; i < SB_N_SERVICES; i++) {
        if (wanted[i]) {
            return true;
        }
    }
    return false;
}

static int take_option(int c, struct options *o) {
    struct why why;
    switch (c) {
    case 'd':
        if (!absolute_dir(optarg, o->dir, sizeof o->dir, &why)) {
            return say_code(EXIT_USE, "%s", why.text);
        }
        return EXIT_DONE;
    case 'p':
        return parse_u32(optarg, PORT_BASE_MIN, PORT_BASE_MAX, &o->up.port_base)
                   ? EXIT_DONE
                   : say_code(EXIT_USE, "--port-base %s: a port from %d to %d is needed" SEE_HELP,
                              optarg, PORT_BASE_MIN, PORT_BASE_MAX);
    case 's':
        return parse_services(optarg, o->up.wanted)
                   ? EXIT_DONE
                   : say_services(
                         EXIT_USE,
                         "--services %.80s: names with commas between are needed; of:", optarg);
    case 'n':
        return parse_u32(optarg, 1, MAX_SCALE, &o->up.scale)
                   ? EXIT_DONE
                   : say_code(EXIT_USE, "--scale %s: a number from 1 to %d is needed" SEE_HELP,
                              optarg, MAX_SCALE);
    case 'j':
        o->json = true;
        return EXIT_DONE;
    default:
        o->help = true;
        return EXIT_DONE;
    }
}

/* Of a letter getopt tells which it was, of a word only that it stands before optind. */
static int refuse_option(int found, char **argv) {
    const char letter[3] = {'-', (char)optopt, 0};
    bool is_letter = optopt > 0 && optopt < LONG;
    return say_code(EXIT_USE, "%.80s %s; see 'goodgo-sandbox %s --help'",
                    is_letter ? letter : argv[optind - 1],
                    found == ':'     ? "needs a value"
                    : optopt >= LONG ? "takes no value"
                                     : "is not an option, or not a whole one",
                    argv[0]);
}

static int parse(int argc, char **argv, const char *allowed, struct options *o) {
    static const struct option longs[] = {
        {"dir", required_argument, NULL, LONG + 'd'},
        {"port-base", required_argument, NULL, LONG + 'p'},
        {"services", required_argument, NULL, LONG + 's'},
        {"scale", required_argument, NULL, LONG + 'n'},
        {"json", no_argument, NULL, LONG + 'j'},
        {"help", no_argument, NULL, LONG + 'h'},
        {NULL, 0, NULL, 0},
    };
    int c, row = 0, r = EXIT_DONE;
    opterr = 0;
    while (r == EXIT_DONE && (c = getopt_long(argc, argv, ":h", longs, &row)) != -1) {
        if (c == '?' || c == ':') {
            return refuse_option(c, argv);
        }
        if (!strchr(allowed, c % LONG)) {
            return say_code(EXIT_USE, "'%s' does not take --%s; see 'goodgo-sandbox %s --help'",
                            argv[0], longs[row].name, argv[0]);
        }
        r = take_option(c % LONG, o);
    }
    return r;
}

/* A variable of the caller's must not bend the servers, libpq or the stand-ins' HTTP client. */
static void scrub_environment(void) {
    static const char *const names[] = {"http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY",
                                        "all_proxy",  "ALL_PROXY",   "LC_ALL",     "LANGUAGE"};
    char name[64];
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        unsetenv(names[i]);
    }
    for (char **e = environ; e && *e;) {
        size_t len = strcspn(*e, "=");
        if (!strncmp(*e, "PG", 2) && len < sizeof name) {
            memcpy(name, *e, len);
            name[len] = 0;
            unsetenv(name);
            e = environ;
        } else {
            e++;
        }
    }
    setenv("LC_ALL", "C.UTF-8", 1);
}

static int run_up(struct options *o) {
    o->up.json = o->json;
    snprintf(o->up.dir, sizeof o->up.dir, "%s", o->dir);
    return up_command(&o->up);
}

static int run_down(struct options *o) {
    return down_command(o->dir);
}

static int run_status(struct options *o) {
    return status_command(o->dir, o->json);
}

static int run_env(struct options *o) {
    char path[600], text[16384];
    if (!has_marker(o->dir) || !path_join(path, sizeof path, o->dir, ".env") ||
        !read_file(path, text, sizeof text)) {
        return say_code(EXIT_USE, NO_SANDBOX, o->dir);
    }
    fputs(text, stdout);
    return EXIT_DONE;
}

static int run_fault(struct options *o) {
    return fault_command(o->dir, o->n_operands, o->operands);
}

static int run_payment(struct options *o) {
    return payment_command(o->dir, o->n_operands, o->operands);
}

static int run_serve(struct options *o) {
    return serve_main(o->dir, REPORT_FD);
}

static int run_hog(struct options *o) {
    return hog_main(o->dir);
}

static int run_dump(struct options *o) {
    return dump_main(o->dir);
}

static const struct command {
    const char *name, *options, *help;
    bool operands;
    int (*run)(struct options *o);
} commands[] = {
    {"up", "dpsnjh", help_up, false, run_up},
    {"down", "dh", help_down, false, run_down},
    {"status", "djh", help_status, false, run_status},
    {"env", "dh", help_env, false, run_env},
    {"fault", "dh", help_fault, true, run_fault},
    {"payment", "dh", help_payment, true, run_payment},
    {"serve", "d", help, false, run_serve},
    {"hog", "d", help, false, run_hog},
    {"dump", "d", help, false, run_dump},
};

static int run_command(const struct command *c, int argc, char **argv) {
    static struct options o;
    o.up.scale = 1;
    for (int i = 0; i < SB_N_SERVICES; i++) {
        o.up.wanted[i] = true;
    }
    if (!default_dir(o.dir, sizeof o.dir)) {
        return say_code(EXIT_USE, "the default directory's name is too long" SEE_HELP);
    }
    int r = parse(argc, argv, c->options, &o);
    if (r != EXIT_DONE) {
        return r;
    }
    if (o.help) {
        fputs(c->help, stdout);
        return EXIT_DONE;
    }
    if (optind < argc && !c->operands) {
        return say_code(EXIT_USE, "'%s' is too much" SEE_HELP, argv[optind]);
    }
    scrub_environment();
    o.n_operands = argc - optind;
    o.operands = argv + optind;
    return c->run(&o);
}

static int run(int argc, char **argv) {
    if (argc < 2) {
        fputs(help, stderr);
        return EXIT_USE;
    }
    if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "help")) {
        fputs(help, stdout);
        return EXIT_DONE;
    }
    for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
        if (!strcmp(argv[1], commands[i].name)) {
            return run_command(&commands[i], argc - 1, argv + 1);
        }
    }
    return say_code(EXIT_USE, "there is no command '%s'" SEE_HELP, argv[1]);
}

/* A closed standard stream would lend its number to a log or a socket, and to REPORT_FD's pipe. */
static bool open_streams(void) {
    int fd = open("/dev/null", O_RDWR);
    while (fd >= 0 && fd <= 2) {
        fd = open("/dev/null", O_RDWR);
    }
    return fd >= 0 && close(fd) == 0;
}

/* What was printed has to have arrived, or it is no answer. */
int main(int argc, char **argv) {
    int r = open_streams() ? run(argc, argv) : EXIT_FAILED;
    if (fflush(stdout) == 0 && !ferror(stdout)) {
        return r;
    }
    say("what it printed did not arrive: %s", strerror(errno));
    return r == EXIT_DONE ? EXIT_FAILED : r;
}
