/* sandbox/servers.c - the real servers of the sandbox: where their programs are, what their
 * configuration says, and when each is ready. They listen behind the relay (relay.c) on private
 * ports; the ports of .env are the relay's. */
#include "lifecycle.h"

#include "loopback.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <hiredis/hiredis.h>
#include <libpq-fe.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <unistd.h>

enum { INITDB_MS = 60000, READY_MS = 30000, AGAIN_MS = 10000, MAX_SOCKET_DIR = 80 };

static const char pgbouncer_path[] = "/usr/sbin/pgbouncer";
static const char redis_path[] = "/usr/bin/redis-server";
static const char prometheus_path[] = "/usr/bin/prometheus";
static const char alertmanager_path[] = "/usr/bin/prometheus-alertmanager";

/* ---- programs ---- */

static uint32_t postgres_major(void) {
    uint32_t best = 0;
    DIR *d = opendir("/usr/lib/postgresql");
    struct dirent *e;
    while (d && (e = readdir(d))) {
        char path[300];
        uint32_t major;
        int n = snprintf(path, sizeof path, "/usr/lib/postgresql/%.60s/bin/initdb", e->d_name);
        if (n > 0 && parse_u32(e->d_name, 15, 99, &major) && major > best &&
            access(path, X_OK) == 0) {
            best = major;
        }
    }
    if (d) {
        closedir(d);
    }
    return best;
}

bool postgres_bin(char *out, size_t size) {
    uint32_t major = postgres_major();
    snprintf(out, size, "/usr/lib/postgresql/%u/bin", major);
    return major > 0;
}

static bool postgres_installed(struct why *why) {
    char path[128];
    uint32_t major = postgres_major();
    if (!major) {
        return why_set(why, "PostgreSQL 15 or later is not installed: install the Debian package "
                            "postgresql");
    }
    snprintf(path, sizeof path, "/usr/share/postgresql/%u/extension/postgis.control", major);
    return access(path, R_OK) == 0 ||
           why_set(why,
                   "PostGIS is not installed: install the Debian package postgresql-%u-postgis-3",
                   major);
}

bool servers_installed(const bool wanted[SB_N_SERVICES], struct why *why) {
    static const struct {
        int service;
        const char *path, *package;
    } rows[] = {
        {SB_PGBOUNCER, pgbouncer_path, "pgbouncer"},
        {SB_REDIS, redis_path, "redis-server"},
        {SB_PROMETHEUS, prometheus_path, "prometheus"},
        {SB_ALERTMANAGER, alertmanager_path, "prometheus-alertmanager"},
    };
    if (wanted[SB_POSTGRES] && !postgres_installed(why)) {
        return false;
    }
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (wanted[rows[i].service] && access(rows[i].path, X_OK) < 0) {
            return why_set(why, "%s is missing: install the Debian package %s", rows[i].path,
                           rows[i].package);
        }
    }
    return true;
}

/* ---- small helpers ---- */

static bool work_path(const struct sandbox *sb, const char *name, char *out, size_t size) {
    return path_join(out, size, sb->work, name);
}

static bool give_to_servers(const struct sandbox *sb, const char *path) {
    return geteuid() != 0 || chown(path, sb->run_uid, sb->run_gid) == 0;
}

static bool make_server_dir(const struct sandbox *sb, const char *name, bool ordinary, mode_t mode,
                            char *out, size_t size) {
    return work_path(sb, name, out, size) && (mkdir(out, mode) == 0 || errno == EEXIST) &&
           chmod(out, mode) == 0 && (!ordinary || give_to_servers(sb, out));
}

/* ---- readiness ---- */

static bool http_ready(uint16_t port) {
    char reply[16] = "";
    int fd = loopback_dial(port, 500);
    static const char ask[] = "GET /-/ready HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n";
    if (fd < 0) {
        return false;
    }
    struct pollfd p = {.fd = fd, .events = POLLIN};
    bool ok = write(fd, ask, sizeof ask - 1) == (ssize_t)sizeof ask - 1 && poll(&p, 1, 1000) == 1 &&
              read(fd, reply, sizeof reply - 1) > 12 && !strncmp(reply + 8, " 200", 4);
    close(fd);
    return ok;
}

static bool redis_ready(const struct sandbox *sb) {
    struct timeval limit = {.tv_sec = 1};
    redisContext *c = redisConnectWithTimeout("127.0.0.1", sb->p.backend[SB_REDIS], limit);
    bool ok = c && !c->err && redisSetTimeout(c, limit) == REDIS_OK;
    redisReply *auth = ok ? redisCommand(c, "AUTH %s", sb->p.redis_password) : NULL;
    redisReply *pong = auth ? redisCommand(c, "PING") : NULL;
    ok = pong && pong->type == REDIS_REPLY_STATUS && !strcmp(pong->str, "PONG");
    if (auth) {
        freeReplyObject(auth);
    }
    if (pong) {
        freeReplyObject(pong);
    }
    if (c) {
        redisFree(c);
    }
    return ok;
}

static bool postgres_answers(uint16_t port) {
    char number[8];
    snprintf(number, sizeof number, "%u", (unsigned)port);
    const char *const keys[] = {"host", "port", "dbname", "user", "connect_timeout", NULL};
    const char *const values[] = {"127.0.0.1", number, "goodgo", "goodgo", "2", NULL};
    return PQpingParams(keys, values, 0) == PQPING_OK;
}

static bool is_ready(const struct sandbox *sb, int service) {
    switch (service) {
    case SB_POSTGRES:
    case SB_PGBOUNCER:
        return postgres_answers(sb->p.backend[service]);
    case SB_REDIS:
        return redis_ready(sb);
    case SB_PROMETHEUS:
    case SB_ALERTMANAGER:
        return http_ready(sb->p.backend[service]);
    default:
        return true;
    }
}

static bool fail_with_log(const struct sandbox *sb, const char *name, const char *what,
                          struct why *why) {
    char tail[1500];
    log_tail(sb->p.dir, name, tail, sizeof tail);
    return why_set(why, "%s %s; the end of its log:\n%s", name, what,
                   *tail ? tail : "(nothing was logged)\n");
}

static bool wait_ready(const struct sandbox *sb, int service, const struct proc *proc,
                       struct why *why) {
    const char *name = sandbox_service_names[service];
    uint64_t until = clock_mono_ms() + READY_MS;
    while (!is_ready(sb, service)) {
        if (!proc_alive(proc)) {
            return fail_with_log(sb, name, "ended while starting", why);
        }
        if (clock_mono_ms() >= until) {
            return fail_with_log(sb, name, "did not get ready within 30 s", why);
        }
        clock_pause_ms(30);
    }
    return true;
}

static bool start(const struct sandbox *sb, int service, const char *const *argv, bool ordinary,
                  struct proc *ret, struct why *why) {
    const char *const env[] = {"GOMAXPROCS=2", "LC_ALL=C.UTF-8", "TZ=UTC", NULL};
    struct spawn s = {.name = sandbox_service_names[service],
                      .argv = argv,
                      .env = env,
                      .ordinary_user = ordinary,
                      .keep_fd = -1};
    return proc_spawn(sb, &s, ret, why);
}

/* ---- PostgreSQL ---- */

static bool run_initdb(const struct sandbox *sb, const char *bin, const char *data,
                       struct why *why) {
    char program[200], password_file[600], option[640];
    struct proc proc;
    snprintf(program, sizeof program, "%s/initdb", bin);
    if (!work_path(sb, "initdb-password", password_file, sizeof password_file) ||
        !write_file(password_file, 0600, "%s\n", sb->p.db_password) ||
        !give_to_servers(sb, password_file)) {
        return why_set(why, "the password file of initdb cannot be written: %s", strerror(errno));
    }
    snprintf(option, sizeof option, "--pwfile=%s", password_file);
    const char *const argv[] = {program,
                                "-D",
                                data,
                                "-U",
                                sb->p.db_user,
                                option,
                                "-A",
                                "scram-sha-256",
                                "-E",
                                "UTF8",
                                "--locale=C.UTF-8",
                                "--no-sync",
                                "--no-instructions",
                                NULL};
    struct spawn s = {.name = "initdb", .argv = argv, .ordinary_user = true, .keep_fd = -1};
    bool ok = proc_spawn(sb, &s, &proc, why);
    if (ok && !proc_wait_done(&proc, INITDB_MS)) {
        ok = fail_with_log(sb, "initdb", "failed", why);
    }
    unlink(password_file);
    return ok;
}

/* fsync and full_page_writes are off while the database is filled; then database.c turns them on.
 */
static bool configure_postgres(const struct sandbox *sb, const char *data, const char *sockets,
                               struct why *why) {
    char path[700];
    path_join(path, sizeof path, data, "postgresql.auto.conf");
    bool ok = write_file(
        path, 0600,
        "listen_addresses = '127.0.0.1'\nport = %u\nunix_socket_directories = '%s'\n"
        "max_connections = 100\nshared_buffers = 64MB\ndynamic_shared_memory_type = mmap\n"
        "fsync = off\nsynchronous_commit = off\nfull_page_writes = off\njit = off\n"
        "wal_level = minimal\nmax_wal_senders = 0\nmax_wal_size = 1GB\n"
        "track_io_timing = on\nlog_line_prefix = '%%m [%%p] %%q%%u@%%d '\n"
        "log_lock_waits = on\ntimezone = 'UTC'\nlog_timezone = 'UTC'\n",
        (unsigned)sb->p.backend[SB_POSTGRES], strlen(sockets) <= MAX_SOCKET_DIR ? sockets : "");
    if (!ok || !give_to_servers(sb, path)) {
        return why_set(why, "%s: %s", path, strerror(errno));
    }
    return true;
}

static bool launch_postgres(struct sandbox *sb, struct proc *ret, struct why *why) {
    char bin[128], program[200], data[600];
    if (!postgres_bin(bin, sizeof bin) || !work_path(sb, "postgres", data, sizeof data)) {
        return why_set(why, "the programs of PostgreSQL are gone");
    }
    snprintf(program, sizeof program, "%s/postgres", bin);
    const char *const argv[] = {program, "-D", data, NULL};
    return start(sb, SB_POSTGRES, argv, true, ret, why);
}

static bool start_postgres(struct sandbox *sb, struct proc *ret, struct why *why) {
    char bin[128], data[600], sockets[600];
    if (!postgres_bin(bin, sizeof bin) ||
        !make_server_dir(sb, "postgres", true, 0700, data, sizeof data) ||
        !make_server_dir(sb, "run", true, 0711, sockets, sizeof sockets)) {
        return why_set(why, "the data directory of postgres cannot be made: %s", strerror(errno));
    }
    return run_initdb(sb, bin, data, why) && configure_postgres(sb, data, sockets, why) &&
           launch_postgres(sb, ret, why);
}

/* A killed postmaster cannot remove its System V segment; its pid file names it. */
void postgres_forget_memory(const char *work) {
    char path[700], text[1024];
    int id, line = 0;
    if (snprintf(path, sizeof path, "%s/postgres/postmaster.pid", work) >= (int)sizeof path ||
        !read_file(path, text, sizeof text)) {
        return;
    }
    for (const char *s = text; (s = strchr(s, '\n')); s++) {
        if (++line == 6 && sscanf(s + 1, "%*u %d", &id) == 1) {
            struct shmid_ds ds;
            if (shmctl(id, IPC_STAT, &ds) == 0 && ds.shm_nattch == 0) {
                shmctl(id, IPC_RMID, NULL);
            }
        }
    }
}

/* ---- PgBouncer ---- */

static bool configure_pgbouncer(const struct sandbox *sb, char *ini, size_t size, struct why *why) {
    char users[600];
    const struct platform *p = &sb->p;
    /* Through the relay of postgres, so that a fault there is felt here. */
    unsigned upstream = p->port[SB_POSTGRES] ? p->port[SB_POSTGRES] : 1;
    bool ok =
        work_path(sb, "pgbouncer.ini", ini, size) &&
        work_path(sb, "userlist.txt", users, sizeof users) &&
        write_file(
            users, 0600, "\"%s\" \"%s\"\n\"pgbouncer_admin\" \"%s\"\n\"pgbouncer_stats\" \"%s\"\n",
            p->db_user, p->db_password, p->pgbouncer_admin_password, p->pgbouncer_stats_password) &&
        write_file(ini, 0600,
                   "[databases]\n%s = host=127.0.0.1 port=%u dbname=%s\n\n[pgbouncer]\n"
                   "listen_addr = 127.0.0.1\nlisten_port = %u\nunix_socket_dir =\n"
                   "auth_type = md5\nauth_file = %s\npool_mode = transaction\n"
                   "default_pool_size = 20\nreserve_pool_size = 5\nmax_client_conn = 200\n"
                   "server_connect_timeout = 15\nserver_idle_timeout = 600\n"
                   "server_lifetime = 3600\nquery_wait_timeout = 120\nquery_timeout = "
                   "0\nserver_login_retry = 1\n"
                   "ignore_startup_parameters = extra_float_digits\n"
                   "admin_users = pgbouncer_admin\nstats_users = pgbouncer_stats\n",
                   p->db_name, upstream, p->db_name, (unsigned)p->backend[SB_PGBOUNCER], users) &&
        give_to_servers(sb, users) && give_to_servers(sb, ini);
    return ok ||
           why_set(why, "the configuration of pgbouncer cannot be written: %s", strerror(errno));
}

static bool start_pgbouncer(struct sandbox *sb, struct proc *ret, struct why *why) {
    char ini[600];
    if (!configure_pgbouncer(sb, ini, sizeof ini, why)) {
        return false;
    }
    const char *const argv[] = {pgbouncer_path, ini, NULL};
    return start(sb, SB_PGBOUNCER, argv, true, ret, why);
}

/* ---- Redis ---- */

static bool start_redis(struct sandbox *sb, struct proc *ret, struct why *why) {
    char data[600], conf[600];
    bool ok = make_server_dir(sb, "redis", false, 0700, data, sizeof data) &&
              work_path(sb, "redis.conf", conf, sizeof conf) &&
              write_file(conf, 0600,
                         "bind 127.0.0.1\nport %u\nrequirepass %s\nmaxmemory 256mb\n"
                         "maxmemory-policy allkeys-lru\nappendonly yes\nappendfsync everysec\n"
                         "save \"\"\ndir %s\ndaemonize no\nlogfile \"\"\n",
                         (unsigned)sb->p.backend[SB_REDIS], sb->p.redis_password, data);
    if (!ok) {
        return why_set(why, "the configuration of redis cannot be written: %s", strerror(errno));
    }
    const char *const argv[] = {redis_path, conf, NULL};
    return start(sb, SB_REDIS, argv, false, ret, why);
}

/* ---- Prometheus ---- */

/* The runbook's four rules; the windows are scaled down so that an alert fires within seconds. */
static const char alert_rules[] =
    "groups:\n"
    "  - name: goodgo-api-latency\n"
    "    rules:\n"
    "      - alert: ApiLatencyP99High\n"
    "        expr: histogram_quantile(0.99, "
    "sum(rate(goodgo_api_request_duration_seconds_bucket[20s])) by (le)) > 1\n"
    "        for: 5s\n"
    "        labels:\n"
    "          severity: warning\n"
    "          service: goodgo-api\n"
    "        annotations:\n"
    "          summary: API p99 latency is above 1s\n"
    "          description: 'p99 is {{ $value | humanizeDuration }} (threshold 1s).'\n"
    "          dashboard: /d/goodgo-api-latency/goodgo-api-latency\n"
    "          runbook_url: https://docs.goodgo.vn/runbooks/api-latency-high\n"
    "      - alert: ApiEndpointLatencyP99High\n"
    "        expr: histogram_quantile(0.99, "
    "sum(rate(goodgo_api_request_duration_seconds_bucket[20s])) by (le, method, route)) > 2\n"
    "        for: 5s\n"
    "        labels:\n"
    "          severity: warning\n"
    "          service: goodgo-api\n"
    "        annotations:\n"
    "          summary: '{{ $labels.method }} {{ $labels.route }} p99 latency is above 2s'\n"
    "          description: 'p99 of {{ $labels.method }} {{ $labels.route }} is "
    "{{ $value | humanizeDuration }} (threshold 2s).'\n"
    "          dashboard: /d/goodgo-api-latency/goodgo-api-latency\n"
    "          runbook_url: https://docs.goodgo.vn/runbooks/api-latency-high\n"
    "      - alert: ApiLatencyP99Critical\n"
    "        expr: histogram_quantile(0.99, "
    "sum(rate(goodgo_api_request_duration_seconds_bucket[20s])) by (le)) > 3\n"
    "        for: 5s\n"
    "        labels:\n"
    "          severity: critical\n"
    "          service: goodgo-api\n"
    "          slo: breach\n"
    "        annotations:\n"
    "          summary: API p99 latency is above 3s (SLO breach)\n"
    "          description: 'p99 is {{ $value | humanizeDuration }} (threshold 3s). Escalate.'\n"
    "          dashboard: /d/goodgo-api-latency/goodgo-api-latency\n"
    "          runbook_url: https://docs.goodgo.vn/runbooks/api-latency-critical\n"
    "  - name: goodgo-api-errors\n"
    "    rules:\n"
    "      - alert: ApiErrorRate5xxHigh\n"
    "        expr: (sum(rate(http_requests_total{status_code=~\"5..\"}[20s])) / "
    "sum(rate(http_requests_total[20s]))) * 100 > 1\n"
    "        for: 5s\n"
    "        labels:\n"
    "          severity: warning\n"
    "          service: goodgo-api\n"
    "        annotations:\n"
    "          summary: API 5xx error rate is above 1%\n"
    "          description: '{{ printf \"%.2f\" $value }}% of requests answer 5xx (threshold "
    "1%).'\n"
    "          dashboard: /d/goodgo-api-overview/goodgo-api-overview\n"
    "          runbook_url: https://docs.goodgo.vn/runbooks/api-error-rate-high\n";

static bool write_prometheus_yml(const struct sandbox *sb, const char *path) {
    const struct platform *p = &sb->p;
    FILE *f = fopen(path, "we");
    if (!f) {
        return false;
    }
    fputs("global:\n  scrape_interval: 1s\n  scrape_timeout: 1s\n  evaluation_interval: 1s\n"
          "rule_files:\n  - alert-rules.yml\n",
          f);
    if (p->port[SB_ALERTMANAGER]) {
        fprintf(f,
                "alerting:\n  alertmanagers:\n    - static_configs:\n"
                "        - targets: ['127.0.0.1:%u']\n",
                (unsigned)p->port[SB_ALERTMANAGER]);
    }
    fputs("scrape_configs:\n", f);
    if (p->port[SB_API]) {
        fprintf(f,
                "  - job_name: goodgo-api\n    metrics_path: /metrics\n    static_configs:\n"
                "      - targets: ['127.0.0.1:%u']\n        labels:\n"
                "          service: goodgo-api\n          environment: development\n",
                (unsigned)p->port[SB_API]);
    }
    fprintf(f, "  - job_name: prometheus\n    static_configs:\n      - targets: ['127.0.0.1:%u']\n",
            (unsigned)p->backend[SB_PROMETHEUS]);
    bool ok = !ferror(f);
    return fclose(f) == 0 && ok;
}

static bool start_prometheus(struct sandbox *sb, struct proc *ret, struct why *why) {
    char data[600], yml[700], rules[700], config[800], storage[800], listen[80], url[80];
    bool ok = make_server_dir(sb, "prometheus", false, 0700, data, sizeof data) &&
              path_join(yml, sizeof yml, data, "prometheus.yml") &&
              path_join(rules, sizeof rules, data, "alert-rules.yml") &&
              write_file(rules, 0600, "%s", alert_rules) && write_prometheus_yml(sb, yml);
    if (!ok) {
        return why_set(why, "the configuration of prometheus cannot be written: %s",
                       strerror(errno));
    }
    snprintf(config, sizeof config, "--config.file=%s", yml);
    snprintf(storage, sizeof storage, "--storage.tsdb.path=%s/tsdb", data);
    snprintf(listen, sizeof listen, "--web.listen-address=127.0.0.1:%u",
             (unsigned)sb->p.backend[SB_PROMETHEUS]);
    snprintf(url, sizeof url, "--web.external-url=http://127.0.0.1:%u/",
             (unsigned)sb->p.port[SB_PROMETHEUS]);
    const char *const argv[] = {prometheus_path,
                                config,
                                storage,
                                listen,
                                url,
                                "--storage.tsdb.retention.time=15d",
                                "--web.enable-lifecycle",
                                "--log.level=warn",
                                NULL};
    return start(sb, SB_PROMETHEUS, argv, false, ret, why);
}

static bool start_alertmanager(struct sandbox *sb, struct proc *ret, struct why *why) {
    char data[600], yml[700], config[800], storage[800], listen[80];
    bool ok = make_server_dir(sb, "alertmanager", false, 0700, data, sizeof data) &&
              path_join(yml, sizeof yml, data, "alertmanager.yml") &&
              write_file(yml, 0600,
                         "route:\n  receiver: nobody\n  group_by: [alertname]\n  group_wait: 1s\n"
                         "  group_interval: 1s\n  repeat_interval: 1h\n"
                         "receivers:\n  - name: nobody\n");
    if (!ok) {
        return why_set(why, "the configuration of alertmanager cannot be written: %s",
                       strerror(errno));
    }
    snprintf(config, sizeof config, "--config.file=%s", yml);
    snprintf(storage, sizeof storage, "--storage.path=%s/data", data);
    snprintf(listen, sizeof listen, "--web.listen-address=127.0.0.1:%u",
             (unsigned)sb->p.backend[SB_ALERTMANAGER]);
    const char *const argv[] = {
        alertmanager_path,  config, storage, listen, "--cluster.listen-address=",
        "--log.level=warn", NULL};
    return start(sb, SB_ALERTMANAGER, argv, false, ret, why);
}

/* ---- all of them ---- */

struct row {
    int service;
    bool (*start)(struct sandbox *, struct proc *, struct why *);
    bool (*again)(struct sandbox *, struct proc *, struct why *); /* with the data there are */
};

/* The quick ones first: they get ready while initdb works. */
static const struct row rows[] = {
    {SB_REDIS, start_redis, start_redis},
    {SB_ALERTMANAGER, start_alertmanager, start_alertmanager},
    {SB_PROMETHEUS, start_prometheus, start_prometheus},
    {SB_POSTGRES, start_postgres, launch_postgres},
    {SB_PGBOUNCER, start_pgbouncer, start_pgbouncer},
};

enum { N_ROWS = sizeof rows / sizeof rows[0] };

static bool settle(struct sandbox *sb, int service, const struct proc *proc, progress_fn progress,
                   void *ctx, struct why *why) {
    char line[96];
    uint64_t began = clock_mono_ms();
    if (!wait_ready(sb, service, proc, why)) {
        return false;
    }
    snprintf(line, sizeof line, "%s is ready", sandbox_service_names[service]);
    progress(ctx, line);
    if (service != SB_POSTGRES) {
        return true;
    }
    if (!database_fill(sb, why)) {
        return false;
    }
    snprintf(line, sizeof line, "the database is filled (%.1f s)",
             (double)(clock_mono_ms() - began) / 1000);
    progress(ctx, line);
    return true;
}

bool servers_start(struct sandbox *sb, progress_fn progress, void *ctx, struct why *why) {
    struct proc procs[N_ROWS];
    for (int i = 0; i < N_ROWS; i++) {
        if (sb->p.port[rows[i].service] && !rows[i].start(sb, &procs[i], why)) {
            return false;
        }
    }
    if (!relay_start(&sb->p)) {
        return why_set(why, "the relay could not listen; see %s/log/serve.log", sb->p.dir);
    }
    for (int i = 0; i < N_ROWS; i++) {
        if (sb->p.port[rows[i].service] &&
            !settle(sb, rows[i].service, &procs[i], progress, ctx, why)) {
            return false;
        }
    }
    return true;
}

/* The children of a killed postmaster hold its memory for a moment: a new one refuses until then.
 */
static bool start_again(struct sandbox *sb, const struct row *row, struct why *why) {
    struct proc proc = {.pid = 0};
    uint64_t until = clock_mono_ms() + AGAIN_MS;
    while (!row->again(sb, &proc, why) || !wait_ready(sb, row->service, &proc, why)) {
        if (proc_alive(&proc) || clock_mono_ms() >= until) {
            return false;
        }
        clock_pause_ms(100);
    }
    return true;
}

bool servers_revive(struct sandbox *sb, int service, struct why *why) {
    for (int i = 0; i < N_ROWS; i++) {
        struct proc proc;
        bool meant = service < 0 || service == rows[i].service;
        if (meant && sb->p.port[rows[i].service] &&
            !proc_find(sb->p.dir, sandbox_service_names[rows[i].service], &proc) &&
            !start_again(sb, &rows[i], why)) {
            return false;
        }
    }
    return true;
}
