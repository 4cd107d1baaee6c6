/* sandbox/faults.c - the command `fault`: writes DIR/faults, which the relay and the stand-ins read
 * ten times a second. Also `status` and `env`, which only read. */
#include "lifecycle.h"

#include "array.h"
#include "say.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { IN_FORCE_MS = 20000, LOOK_MS = 10, HOG_SETTLE_MS = 3000, HOG_HOLDS_MS = 1000 };

struct faults {
    struct sandbox_fault of[SB_N_SERVICES];
    struct sandbox_scenarios scenarios;
    uint64_t change;
};

static bool faults_write(const struct platform *p, struct faults *f) {
    char path[600], temp[600], mode[32];
    path_join(path, sizeof path, p->dir, "faults");
    path_join(temp, sizeof temp, p->dir, "faults.new");
    FILE *out = fopen(temp, "we");
    if (!out) {
        return false;
    }
    for (int i = 0; i < SB_N_SERVICES; i++) {
        if (f->of[i].mode != FAULT_NONE) {
            fprintf(out, "%s %s\n", sandbox_service_names[i],
                    fault_text(f->of[i], mode, sizeof mode));
        }
    }
    for (int i = 0; i < N_SCENARIOS; i++) {
        if (*scenario_flag(&f->scenarios, i)) {
            fprintf(out, "scenario %s\n", sandbox_scenario_names[i]);
        }
    }
    uint64_t now = clock_mono_ms();
    f->change = now > f->change ? now : f->change + 1;
    fprintf(out, "change %" PRIu64 "\n", f->change);
    bool ok = !ferror(out);
    ok = fclose(out) == 0 && ok;
    return ok && rename(temp, path) == 0;
}

static int list(struct faults *f) {
    char mode[32];
    int n = 0;
    for (int i = 0; i < SB_N_SERVICES; i++) {
        if (f->of[i].mode != FAULT_NONE) {
            printf("%s %s\n", sandbox_service_names[i], fault_text(f->of[i], mode, sizeof mode));
            n++;
        }
    }
    for (int i = 0; i < N_SCENARIOS; i++) {
        if (*scenario_flag(&f->scenarios, i)) {
            printf("%s on\n", sandbox_scenario_names[i]);
            n++;
        }
    }
    if (!n) {
        printf("no fault is on\n");
    }
    return EXIT_DONE;
}

static bool parse_mode(int argc, char **argv, struct sandbox_fault *ret) {
    static const struct {
        const char *name;
        enum sandbox_fault_mode mode;
        uint32_t lo, hi; /* of the number it takes; 0: takes none */
    } rows[] = {
        {"stop", FAULT_STOP, 0, 0},       {"hang", FAULT_HANG, 0, 0},
        {"slow", FAULT_SLOW, 1, 600000},  {"error", FAULT_ERROR, 400, 599},
        {"garbage", FAULT_GARBAGE, 0, 0}, {"flap", FAULT_FLAP, 0, 0},
        {"clear", FAULT_NONE, 0, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        uint32_t number = 0;
        if (strcmp(argv[0], rows[i].name)) {
            continue;
        }
        if (argc != (rows[i].hi ? 2 : 1) ||
            (rows[i].hi && !parse_u32(argv[1], rows[i].lo, rows[i].hi, &number))) {
            return false;
        }
        *ret = (struct sandbox_fault){rows[i].mode, (int)number};
        return true;
    }
    return false;
}

/* The services a scenario needs. */
static int scenario_needs(int scenario) {
    static const int needs[N_SCENARIOS] = {SB_TYPESENSE, SB_API,       SB_API,
                                           SB_TYPESENSE, SB_PGBOUNCER, SB_REDIS};
    return needs[scenario];
}

static int set_scenario(const struct platform *p, struct faults *f, int scenario, int argc,
                        char **argv) {
    bool on = argc == 0 || !strcmp(argv[0], "on");
    int needs = scenario_needs(scenario);
    if (argc > 1 || (!on && strcmp(argv[0], "off"))) {
        return say_code(EXIT_USE, "a scenario is switched 'on' or 'off'");
    }
    if (!p->port[needs] || (needs == SB_PGBOUNCER && !p->port[SB_POSTGRES])) {
        return say_code(EXIT_USE, "%s needs %s, which this sandbox does not have",
                        sandbox_scenario_names[scenario], sandbox_service_names[needs]);
    }
    *scenario_flag(&f->scenarios, scenario) = on;
    return EXIT_DONE;
}

/* The thirteenth service of the platform is a directory: nobody listens there. */
static int say_unknown(const char *name) {
    if (!strcmp(name, "pg-backup")) {
        return say_code(EXIT_USE, "the backups are files, not a server: remove, cut or garble what "
                                  "is in the BACKUP_DIR of 'goodgo-sandbox env'");
    }
    char scenarios[256];
    size_t len = 0;
    for (int i = 0; i < N_SCENARIOS && len < sizeof scenarios; i++)
        len += (size_t)snprintf(scenarios + len, sizeof scenarios - len, " %s",
                                sandbox_scenario_names[i]);
    return say_services(EXIT_USE,
                        "'%.40s' is neither a scenario (%s) nor a service; these are:", name,
                        scenarios + 1);
}

static int change(const struct platform *p, struct faults *f, int argc, char **argv) {
    if (!strcmp(argv[0], "clear") && argc == 1) {
        memset(f, 0, sizeof *f);
        return EXIT_DONE;
    }
    for (int i = 0; i < N_SCENARIOS; i++) {
        if (!strcmp(argv[0], sandbox_scenario_names[i])) {
            return set_scenario(p, f, i, argc - 1, argv + 1);
        }
    }
    int service = service_by_name(argv[0]);
    if (service < 0) {
        return say_unknown(argv[0]);
    }
    if (!p->port[service]) {
        return say_code(EXIT_USE, "this sandbox has no %s", argv[0]);
    }
    if (argc < 2 || !parse_mode(argc - 1, argv + 1, &f->of[service])) {
        return say_code(EXIT_USE, "fault SERVICE takes: stop | hang | slow MS (1-600000) | error "
                                  "CODE (400-599) | garbage | flap | clear");
    }
    return EXIT_DONE;
}

void faults_in_force(const char *dir, const char *reader, uint64_t change, uint64_t *told) {
    char path[600];
    if (change != *told && path_join(path, sizeof path, dir, reader) &&
        write_file(path, 0600, "%" PRIu64 "\n", change)) {
        *told = change;
    }
}

static bool in_force(const char *dir, const char *reader, uint64_t change) {
    char path[600], text[32];
    return path_join(path, sizeof path, dir, reader) && read_file(path, text, sizeof text) &&
           strtoull(text, NULL, 10) >= change;
}

/* A platform whose `serve` has died keeps nobody waiting. */
static bool wait_for_readers(const struct platform *p, const struct faults *f) {
    uint64_t until = clock_mono_ms() + IN_FORCE_MS;
    struct proc serve;
    while (!in_force(p->dir, FAULTS_OF_RELAY, f->change) ||
           !in_force(p->dir, FAULTS_OF_STANDINS, f->change)) {
        if (!proc_find(p->dir, "serve", &serve) || !proc_alive(&serve)) {
            return true;
        }
        if (clock_mono_ms() >= until) {
            return false;
        }
        clock_pause_ms(LOOK_MS);
    }
    return true;
}

/* Returns when the faults are in force, and for the hog when it holds the pool. */
static int settle(const struct platform *p, const struct faults *f, bool hog_before) {
    struct proc hog;
    if (!wait_for_readers(p, f)) {
        return say_code(EXIT_FAILED, "%s/faults is written, and not in force after %d s", p->dir,
                        IN_FORCE_MS / 1000);
    }
    if (f->scenarios.pool_exhaustion && !hog_before) {
        uint64_t until = clock_mono_ms() + HOG_SETTLE_MS;
        while (!proc_find(p->dir, "hog", &hog) && clock_mono_ms() < until) {
            clock_pause_ms(LOOK_MS);
        }
        clock_pause_ms(HOG_HOLDS_MS);
    }
    return EXIT_DONE;
}

/* `clear` heals: a real server that somebody killed is started again. */
static bool heal(const char *dir, int argc, char **argv, struct why *why) {
    struct sandbox sb;
    if (!argc || strcmp(argv[argc - 1], "clear")) {
        return true;
    }
    return sandbox_load(&sb, dir, why) &&
           servers_revive(&sb, argc == 1 ? -1 : service_by_name(argv[0]), why);
}

int fault_command(const char *dir, int argc, char **argv) {
    struct platform p;
    struct faults f;
    struct why why;
    int lock;
    if (!platform_load(&p, dir, why.text, sizeof why.text)) {
        return say_code(EXIT_USE, "%s", why.text);
    }
    if (!layout_hold(dir, &lock, &why)) {
        return say_code(EXIT_FAILED, "%s", why.text);
    }
    f.change = platform_faults(&p, f.of, &f.scenarios);
    bool hog_before = f.scenarios.pool_exhaustion;
    int r = argc ? change(&p, &f, argc, argv) : list(&f);
    if (r == EXIT_DONE && !heal(dir, argc, argv, &why)) {
        r = say_code(EXIT_FAILED, "%s", why.text);
    }
    /* After that, so that the relay looks for what was started when it sees the change. */
    if (r == EXIT_DONE && argc && !faults_write(&p, &f)) {
        r = say_code(EXIT_FAILED, "%s/faults cannot be written: %s", dir, strerror(errno));
    }
    close(lock);
    return r == EXIT_DONE && argc ? settle(&p, &f, hog_before) : r;
}

/* ---- status ---- */

struct line {
    const char *name;
    unsigned port;
    long pid;
    bool alive;
    char fault[32];
};

static int gather(const struct platform *p, struct line *lines) {
    struct faults f;
    int n = 0;
    platform_faults(p, f.of, &f.scenarios);
    for (int i = 0; i < SB_N_SERVICES; i++) {
        struct proc proc = {.pid = 0};
        struct line *l = &lines[n];
        if (!p->port[i]) {
            continue;
        }
        l->name = sandbox_service_names[i];
        l->port = p->port[i];
        l->alive = proc_find(p->dir, service_is_real(i) ? l->name : "serve", &proc);
        l->pid = proc.pid;
        fault_text(f.of[i], l->fault, sizeof l->fault);
        if (i == SB_REDIS && f.scenarios.redis_down) {
            snprintf(l->fault, sizeof l->fault, "redis-down");
        }
        n++;
    }
    return n;
}

static void print_json(const struct platform *p, const struct line *lines, int n) {
    struct faults f;
    cJSON *root = cJSON_CreateObject();
    platform_faults(p, f.of, &f.scenarios);
    cJSON_AddStringToObject(root, "schema", "goodgo-sandbox.status/1");
    cJSON_AddStringToObject(root, "dir", p->dir);
    cJSON *services = cJSON_AddArrayToObject(root, "services");
    for (int i = 0; i < n; i++) {
        cJSON *s = cJSON_CreateObject();
        cJSON_AddStringToObject(s, "name", lines[i].name);
        cJSON_AddNumberToObject(s, "port", lines[i].port);
        cJSON_AddNumberToObject(s, "pid", (double)lines[i].pid);
        cJSON_AddBoolToObject(s, "alive", lines[i].alive);
        if (*lines[i].fault) {
            cJSON_AddStringToObject(s, "fault", lines[i].fault);
        } else {
            cJSON_AddNullToObject(s, "fault");
        }
        cJSON_AddItemToArray(services, s);
    }
    cJSON *scenarios = cJSON_AddArrayToObject(root, "scenarios");
    for (int i = 0; i < N_SCENARIOS; i++) {
        if (*scenario_flag(&f.scenarios, i)) {
            cJSON_AddItemToArray(scenarios, cJSON_CreateString(sandbox_scenario_names[i]));
        }
    }
    say_json(root);
}

static void print_table(const struct line *lines, int n) {
    printf("%-14s %6s %8s  %-6s %s\n", "SERVICE", "PORT", "PID", "STATE", "FAULT");
    for (int i = 0; i < n; i++) {
        printf("%-14s %6u %8ld  %-6s %s\n", lines[i].name, lines[i].port, lines[i].pid,
               lines[i].alive ? "alive" : "dead", *lines[i].fault ? lines[i].fault : "-");
    }
}

int status_command(const char *dir, bool json) {
    struct platform p;
    struct line lines[SB_N_SERVICES];
    struct why why;
    bool all = true;
    memset(lines, 0, sizeof lines);
    if (!platform_load(&p, dir, why.text, sizeof why.text)) {
        return say_code(EXIT_USE, "%s", why.text);
    }
    int n = gather(&p, lines);
    for (int i = 0; i < n; i++) {
        all = all && lines[i].alive;
    }
    if (json) {
        print_json(&p, lines, n);
    } else {
        print_table(lines, n);
    }
    return all ? EXIT_DONE : EXIT_FAILED;
}
