/* sandbox/platform.c - reads what is known of a platform (DIR/.env, DIR/state) and which faults are
 * on (DIR/faults). Both halves of the sandbox call this; nothing here writes. */
#include "lifecycle.h"

#include "array.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const char *const sandbox_service_names[SB_N_SERVICES] = {
    [SB_API] = "api",
    [SB_WEB] = "web",
    [SB_AI] = "ai-services",
    [SB_POSTGRES] = "postgres",
    [SB_PGBOUNCER] = "pgbouncer",
    [SB_REDIS] = "redis",
    [SB_TYPESENSE] = "typesense",
    [SB_MINIO] = "minio",
    [SB_LOKI] = "loki",
    [SB_PROMTAIL] = "promtail",
    [SB_PROMETHEUS] = "prometheus",
    [SB_GRAFANA] = "grafana",
    [SB_ALERTMANAGER] = "alertmanager",
    [SB_VNPAY] = "vnpay",
    [SB_MOMO] = "momo",
    [SB_ZALOPAY] = "zalopay",
};

const char *const sandbox_scenario_names[N_SCENARIOS] = {
    "search-behind", "latency", "errors-5xx", "disk-full-search", "pool-exhaustion", "redis-down",
};

bool *scenario_flag(struct sandbox_scenarios *s, int i) {
    bool *const flags[N_SCENARIOS] = {
        &s->search_behind,    &s->latency,         &s->errors_5xx,
        &s->disk_full_search, &s->pool_exhaustion, &s->redis_down,
    };
    return flags[i];
}

/* ---- small things all files need ---- */

bool why_set(struct why *why, const char *format, ...) {
    va_list args;
    va_start(args, format);
    vsnprintf(why->text, sizeof why->text, format, args);
    va_end(args);
    return false;
}

bool path_join(char *out, size_t size, const char *dir, const char *name) {
    int n = snprintf(out, size, "%s/%s", dir, name);
    return n > 0 && (size_t)n < size;
}

bool parse_u32(const char *s, uint32_t lo, uint32_t hi, uint32_t *ret) {
    char *end;
    if (*s < '0' || *s > '9') {
        return false;
    }
    errno = 0;
    unsigned long n = strtoul(s, &end, 10);
    if (errno || *end || n < lo || n > hi) {
        return false;
    }
    *ret = (uint32_t)n;
    return true;
}

int service_by_name(const char *name) {
    for (int i = 0; i < SB_N_SERVICES; i++) {
        if (!strcmp(name, sandbox_service_names[i])) {
            return i;
        }
    }
    return -1;
}

bool service_is_real(int service) {
    return service == SB_POSTGRES || service == SB_PGBOUNCER || service == SB_REDIS ||
           service == SB_PROMETHEUS || service == SB_ALERTMANAGER;
}

bool read_file(const char *path, char *out, size_t size) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    size_t have = 0;
    ssize_t n = -1;
    if (fd < 0) {
        return false;
    }
    while (have + 1 < size && (n = read(fd, out + have, size - 1 - have)) > 0) {
        have += (size_t)n;
    }
    close(fd);
    out[have] = 0;
    return n == 0; /* a file larger than the buffer counts as unreadable, never as cut */
}

bool find_value(const char *text, const char *key, char *out, size_t size) {
    size_t key_len = strlen(key);
    for (const char *line = text; line && *line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (!strncmp(line, key, key_len) && line[key_len] == '=') {
            const char *value = line + key_len + 1;
            size_t len = strcspn(value, "\n");
            if (len >= size) {
                return false;
            }
            memcpy(out, value, len);
            out[len] = 0;
            return true;
        }
    }
    return false;
}

/* ---- platform_load ---- */

static bool load_port(const char *text, const char *kind, const char *name, uint16_t *ret) {
    char key[48], value[16];
    uint32_t port;
    snprintf(key, sizeof key, "%s.%s", kind, name);
    if (!find_value(text, key, value, sizeof value) || !parse_u32(value, 0, 65535, &port)) {
        return false;
    }
    *ret = (uint16_t)port;
    return true;
}

static bool load_ports(struct platform *p, const char *state) {
    for (int i = 0; i < SB_N_SERVICES; i++) {
        const char *name = sandbox_service_names[i];
        if (!load_port(state, "port", name, &p->port[i]) ||
            !load_port(state, "backend", name, &p->backend[i])) {
            return false;
        }
    }
    return load_port(state, "port", "minio-console", &p->minio_console_port) &&
           strstr(state, "\nend=1\n");
}

/* A name that is not in the file belongs to a service this platform does not have. */
static void load_secrets(struct platform *p, const char *env) {
    const struct {
        const char *key;
        char *out;
        size_t size;
    } rows[] = {
        {"DB_NAME", p->db_name, sizeof p->db_name},
        {"DB_USER", p->db_user, sizeof p->db_user},
        {"DB_PASSWORD", p->db_password, sizeof p->db_password},
        {"PGBOUNCER_ADMIN_PASSWORD", p->pgbouncer_admin_password,
         sizeof p->pgbouncer_admin_password},
        {"PGBOUNCER_STATS_PASSWORD", p->pgbouncer_stats_password,
         sizeof p->pgbouncer_stats_password},
        {"REDIS_PASSWORD", p->redis_password, sizeof p->redis_password},
        {"TYPESENSE_API_KEY", p->typesense_api_key, sizeof p->typesense_api_key},
        {"MINIO_ACCESS_KEY", p->minio_access_key, sizeof p->minio_access_key},
        {"MINIO_SECRET_KEY", p->minio_secret_key, sizeof p->minio_secret_key},
        {"MINIO_BUCKET", p->minio_bucket, sizeof p->minio_bucket},
        {"GRAFANA_ADMIN_USER", p->grafana_user, sizeof p->grafana_user},
        {"GRAFANA_ADMIN_PASSWORD", p->grafana_password, sizeof p->grafana_password},
        {"GOODGO_GRAFANA_TOKEN", p->grafana_token, sizeof p->grafana_token},
        {"JWT_SECRET", p->jwt_secret, sizeof p->jwt_secret},
        {"VNPAY_HASH_SECRET", p->vnpay_hash_secret, sizeof p->vnpay_hash_secret},
        {"MOMO_ACCESS_KEY", p->momo_access_key, sizeof p->momo_access_key},
        {"MOMO_SECRET_KEY", p->momo_secret_key, sizeof p->momo_secret_key},
        {"ZALOPAY_KEY1", p->zalopay_key1, sizeof p->zalopay_key1},
        {"ZALOPAY_KEY2", p->zalopay_key2, sizeof p->zalopay_key2},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (!find_value(env, rows[i].key, rows[i].out, rows[i].size)) {
            rows[i].out[0] = 0;
        }
    }
}

bool platform_load(struct platform *p, const char *dir, char *why, unsigned long why_size) {
    char path[600], state[8192], env[16384];
    memset(p, 0, sizeof *p);
    if (snprintf(p->dir, sizeof p->dir, "%s", dir) >= (int)sizeof p->dir) {
        snprintf(why, why_size, "%s: the name of the directory is too long", dir);
        return false;
    }
    if (!path_join(path, sizeof path, dir, "state") || !read_file(path, state, sizeof state) ||
        !load_ports(p, state)) {
        snprintf(why, why_size, "%s/state is missing or cut: no platform runs there", dir);
        return false;
    }
    if (!path_join(path, sizeof path, dir, ".env") || !read_file(path, env, sizeof env)) {
        snprintf(why, why_size, "%s/.env cannot be read: %s", dir, strerror(errno));
        return false;
    }
    load_secrets(p, env);
    return true;
}

/* ---- platform_faults ---- */

static const struct {
    const char *name;
    enum sandbox_fault_mode mode;
} modes[] = {
    {"stop", FAULT_STOP},   {"hang", FAULT_HANG},       {"slow", FAULT_SLOW},
    {"error", FAULT_ERROR}, {"garbage", FAULT_GARBAGE}, {"flap", FAULT_FLAP},
};

/* The file is replaced by rename, so a changed inode, size or time is a changed file. */
struct seen {
    char dir[512];
    ino_t inode;
    off_t size;
    struct timespec changed;
    struct sandbox_fault faults[SB_N_SERVICES];
    struct sandbox_scenarios scenarios;
    uint64_t change;
};

static void parse_line(const char *line, struct seen *seen) {
    char first[32], second[32];
    int arg = 0;
    if (sscanf(line, "%31s %31s %d", first, second, &arg) < 2) {
        return;
    }
    if (!strcmp(first, "change")) {
        seen->change = strtoull(second, NULL, 10);
        return;
    }
    if (!strcmp(first, "scenario")) {
        for (int i = 0; i < N_SCENARIOS; i++) {
            if (!strcmp(second, sandbox_scenario_names[i])) {
                *scenario_flag(&seen->scenarios, i) = true;
            }
        }
        return;
    }
    int service = service_by_name(first);
    for (size_t i = 0; service >= 0 && i < ARRAY_LEN(modes); i++) {
        if (!strcmp(second, modes[i].name)) {
            seen->faults[service] = (struct sandbox_fault){modes[i].mode, arg};
        }
    }
}

static void parse_faults(const char *text, struct seen *seen) {
    char line[128];
    while (*text) {
        size_t len = strcspn(text, "\n");
        if (len < sizeof line) {
            memcpy(line, text, len);
            line[len] = 0;
            parse_line(line, seen);
        }
        text += len + (text[len] == '\n');
    }
}

static bool same_file(const struct seen *seen, const struct platform *p, const struct stat *st) {
    return !strcmp(seen->dir, p->dir) && seen->inode == st->st_ino && seen->size == st->st_size &&
           seen->changed.tv_sec == st->st_mtim.tv_sec &&
           seen->changed.tv_nsec == st->st_mtim.tv_nsec;
}

uint64_t platform_faults(const struct platform *p, struct sandbox_fault faults[SB_N_SERVICES],
                         struct sandbox_scenarios *scenarios) {
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static struct seen seen;
    char path[600], text[4096];
    struct stat st;
    memset(faults, 0, sizeof *faults * SB_N_SERVICES);
    memset(scenarios, 0, sizeof *scenarios);
    if (!path_join(path, sizeof path, p->dir, "faults") || stat(path, &st) < 0) {
        return 0;
    }
    pthread_mutex_lock(&lock);
    if (!same_file(&seen, p, &st) && read_file(path, text, sizeof text)) {
        memset(&seen, 0, sizeof seen);
        snprintf(seen.dir, sizeof seen.dir, "%s", p->dir);
        seen.inode = st.st_ino;
        seen.size = st.st_size;
        seen.changed = st.st_mtim;
        parse_faults(text, &seen);
    }
    memcpy(faults, seen.faults, sizeof seen.faults);
    *scenarios = seen.scenarios;
    uint64_t change = seen.change;
    pthread_mutex_unlock(&lock);
    return change;
}

const char *fault_text(struct sandbox_fault f, char *out, size_t size) {
    out[0] = 0;
    for (size_t i = 0; i < ARRAY_LEN(modes); i++) {
        if (modes[i].mode != f.mode) {
            continue;
        }
        bool with_arg = f.mode == FAULT_SLOW || f.mode == FAULT_ERROR;
        snprintf(out, size, with_arg ? "%s %d" : "%s", modes[i].name, f.arg);
    }
    return out;
}
