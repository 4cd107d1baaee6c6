/* sandbox/layout.c - the directory of one sandbox: claimed by a marker, filled with ports, secrets,
 * .env and state, and removed again. Never touches a directory without the marker. */
#include "lifecycle.h"

#include "text.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <openssl/evp.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

bool write_file(const char *path, mode_t mode, const char *format, ...) {
    va_list args;
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode);
    if (fd < 0 || fchmod(fd, mode) < 0) {
        if (fd >= 0) {
            close(fd);
        }
        return false;
    }
    va_start(args, format);
    bool ok = vdprintf(fd, format, args) >= 0;
    va_end(args);
    return close(fd) == 0 && ok;
}

/* ---- the directory ---- */

bool default_dir(char *out, size_t size) {
    const char *base = getenv("XDG_RUNTIME_DIR");
    int n = snprintf(out, size, "%s/goodgo-sandbox-%ld", base && *base == '/' ? base : "/tmp",
                     (long)getuid());
    return n > 0 && (size_t)n < size;
}

bool absolute_dir(const char *dir, char *out, size_t size, struct why *why) {
    char cwd[512] = "";
    if (*dir != '/' && !getcwd(cwd, sizeof cwd)) {
        return why_set(why, "the current directory has no name: %s", strerror(errno));
    }
    /* Socket paths and lines of configuration are made of it. */
    if (!*dir || strpbrk(dir, "\n\r'\"\\ \t%")) {
        return why_set(why, "--dir '%s': a name without blanks, quotes, %% and \\ is needed", dir);
    }
    int n = snprintf(out, size, *dir == '/' ? "%s%s" : "%s/%s", cwd, dir);
    while (n > 1 && (size_t)n < size && out[n - 1] == '/') {
        out[--n] = 0;
    }
    if (n < 2 || (size_t)n >= size || n > 400) {
        return why_set(why, "--dir '%s': too long, or the root directory", dir);
    }
    return true;
}

/* Only our own counts, for root too: in a public directory anybody could lay out a trap of pids. */
bool has_marker(const char *dir) {
    char path[600];
    struct stat st;
    return path_join(path, sizeof path, dir, MARKER_NAME) && lstat(path, &st) == 0 &&
           S_ISREG(st.st_mode) && st.st_uid == geteuid();
}

static bool is_empty(const char *dir) {
    DIR *d = opendir(dir);
    struct dirent *e;
    bool empty = d != NULL;
    while (d && (e = readdir(d))) {
        empty = empty && (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."));
    }
    if (d) {
        closedir(d);
    }
    return empty;
}

bool layout_lock(const char *dir, unsigned timeout_ms, int *ret_lock, struct why *why) {
    char path[600];
    path_join(path, sizeof path, dir, MARKER_NAME);
    int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    uint64_t until = clock_mono_ms() + timeout_ms;
    if (fd < 0) {
        return why_set(why, "%s: %s", path, strerror(errno));
    }
    while (flock(fd, LOCK_EX | LOCK_NB) < 0) {
        if (clock_mono_ms() >= until) {
            close(fd);
            return why_set(why, "another goodgo-sandbox is at work in %s: wait until it is done",
                           dir);
        }
        clock_pause_ms(50);
    }
    *ret_lock = fd;
    return true;
}

static bool refuse_foreign(const char *dir, struct why *why) {
    struct stat st;
    if (lstat(dir, &st) < 0) {
        return errno == ENOENT || why_set(why, "%s: %s", dir, strerror(errno));
    }
    if (!S_ISDIR(st.st_mode) || st.st_uid != geteuid()) {
        return why_set(why, "%s is not a directory of yours: choose another --dir", dir);
    }
    if (!has_marker(dir) && !is_empty(dir)) {
        return why_set(why,
                       "%s is not empty and no sandbox made it (no %s in it): choose another --dir",
                       dir, MARKER_NAME);
    }
    return true;
}

static bool make_dir(const char *dir, const char *name, mode_t mode) {
    char path[600];
    return path_join(path, sizeof path, dir, name) && (mkdir(path, mode) == 0 || errno == EEXIST) &&
           chmod(path, mode) == 0;
}

/* What a sandbox that died without `down` left behind. Its processes must be gone. */
static bool refuse_running(const char *dir, struct why *why) {
    struct proc list[MAX_PROCS];
    int n = procs_read(dir, list, MAX_PROCS);
    if (n > 0) {
        return why_set(why,
                       "a sandbox is already running in %s (%d process%s): use it ('goodgo-sandbox "
                       "env --dir %s'), end it ('goodgo-sandbox down --dir %s') or choose another "
                       "--dir",
                       dir, n, n == 1 ? "" : "es", dir, dir);
    }
    return true;
}

static bool make_claim(const char *dir, int *ret_lock, struct why *why) {
    char path[600];
    if (mkdir(dir, 0711) < 0 && errno != EEXIST) {
        return why_set(why, "%s cannot be made: %s", dir, strerror(errno));
    }
    path_join(path, sizeof path, dir, MARKER_NAME);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0 || write(fd, "goodgo-sandbox\n", 15) != 15) {
        int e = errno;
        if (fd >= 0) {
            close(fd);
        }
        return why_set(why, "%s cannot be written: %s", path, strerror(e));
    }
    close(fd);
    return layout_lock(dir, 0, ret_lock, why);
}

bool layout_claim(const char *dir, int *ret_lock, struct why *why) {
    if (!refuse_foreign(dir, why)) {
        return false;
    }
    if (has_marker(dir)) {
        int lock;
        if (!layout_lock(dir, 0, &lock, why) || !refuse_running(dir, why) ||
            !layout_remove(dir, why)) {
            return false;
        }
        close(lock);
    }
    if (!make_claim(dir, ret_lock, why)) {
        return false;
    }
    /* Another user's servers must be able to enter, nobody may list. */
    if (chmod(dir, 0711) < 0 || !make_dir(dir, "log", 0755) || !make_dir(dir, "backups", 0700)) {
        return why_set(why, "%s cannot be filled: %s", dir, strerror(errno));
    }
    return true;
}

/* ---- removal ---- */

static bool remove_tree_at(int parent, const char *name, const char *spare) {
    struct stat st;
    if (fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW) < 0) {
        return errno == ENOENT;
    }
    if (!S_ISDIR(st.st_mode)) {
        return unlinkat(parent, name, 0) == 0 || errno == ENOENT;
    }
    int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
    struct dirent *e;
    bool ok = d != NULL;
    while (d && (e = readdir(d))) {
        if (strcmp(e->d_name, ".") && strcmp(e->d_name, "..") &&
            !(spare && !strcmp(e->d_name, spare))) {
            ok = remove_tree_at(fd, e->d_name, NULL) && ok;
        }
    }
    if (ok && spare) {
        ok = unlinkat(fd, spare, 0) == 0;
    }
    if (d) {
        closedir(d);
    }
    return ok && (unlinkat(parent, name, AT_REMOVEDIR) == 0 || errno == ENOENT);
}

bool layout_remove(const char *dir, struct why *why) {
    char path[600], state[8192], work[512];
    if (!has_marker(dir)) {
        return why_set(why, "%s has no %s: it is not a sandbox's and stays", dir, MARKER_NAME);
    }
    if (path_join(path, sizeof path, dir, "state") && read_file(path, state, sizeof state) &&
        find_value(state, "work", work, sizeof work)) {
        postgres_forget_memory(work);
        if (has_marker(work) && strcmp(work, dir)) {
            remove_tree_at(AT_FDCWD, work, MARKER_NAME);
        }
    }
    /* The marker goes last: an interrupted removal can be taken up again. */
    if (!remove_tree_at(AT_FDCWD, dir, MARKER_NAME)) {
        return why_set(why, "%s could not be removed whole: %s", dir, strerror(errno));
    }
    return true;
}

/* ---- the servers' own user and place ---- */

static bool find_user(struct sandbox *sb, struct why *why) {
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
static bool make_work(struct sandbox *sb, struct why *why) {
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

/* ---- secrets ---- */

static bool random_bytes(unsigned char *out, size_t n) {
    return n <= 256 && getrandom(out, n, 0) == (ssize_t)n;
}

static void random_hex(char *out, size_t n_bytes) {
    unsigned char raw[64];
    if (n_bytes > sizeof raw || !random_bytes(raw, n_bytes)) {
        abort();
    }
    hex_write(raw, n_bytes, out);
}

static void random_base64(char *out) {
    unsigned char raw[48];
    if (!random_bytes(raw, sizeof raw)) {
        abort();
    }
    EVP_EncodeBlock((unsigned char *)out, raw, sizeof raw); /* 64 characters and the NUL */
}

static void make_secrets(struct sandbox *sb) {
    struct platform *p = &sb->p;
    snprintf(p->db_name, sizeof p->db_name, "goodgo");
    snprintf(p->db_user, sizeof p->db_user, "goodgo");
    snprintf(p->minio_bucket, sizeof p->minio_bucket, "goodgo-media");
    snprintf(p->grafana_user, sizeof p->grafana_user, "admin");
    random_hex(p->db_password, 20);
    random_hex(p->pgbouncer_admin_password, 16);
    random_hex(p->pgbouncer_stats_password, 16);
    random_hex(p->redis_password, 20);
    random_hex(p->typesense_api_key, 16);
    random_hex(p->minio_access_key, 10);
    random_hex(p->minio_secret_key, 20);
    random_hex(p->grafana_password, 16);
    snprintf(p->grafana_token, sizeof p->grafana_token, "glsa_");
    random_hex(p->grafana_token + 5, 20);
    random_base64(p->jwt_secret);
    random_base64(sb->jwt_refresh_secret);
    random_hex(sb->kyc_key, 32);
    random_hex(p->vnpay_hash_secret, 16);
    random_hex(p->momo_secret_key, 16);
    random_hex(p->momo_access_key, 8);
    random_hex(p->zalopay_key1, 16);
    random_hex(p->zalopay_key2, 16);
    random_hex(sb->monitor_password, 16);
}

/* ---- .env ---- */

static void env_database(FILE *f, const struct sandbox *sb) {
    const struct platform *p = &sb->p;
    unsigned pooled = p->port[SB_PGBOUNCER] ? p->port[SB_PGBOUNCER] : p->port[SB_POSTGRES];
    fprintf(f,
            "\n# database\nDB_HOST=127.0.0.1\nDB_PORT=%u\nDB_NAME=%s\nDB_USER=%s\nDB_PASSWORD=%s\n",
            (unsigned)p->port[SB_POSTGRES], p->db_name, p->db_user, p->db_password);
    fprintf(f, "DATABASE_URL=postgresql://%s:%s@127.0.0.1:%u/%s?schema=public%s\n", p->db_user,
            p->db_password, pooled, p->db_name, p->port[SB_PGBOUNCER] ? "&pgbouncer=true" : "");
    fprintf(f, "DATABASE_URL_DIRECT=postgresql://%s:%s@127.0.0.1:%u/%s?schema=public\n", p->db_user,
            p->db_password, (unsigned)p->port[SB_POSTGRES], p->db_name);
    fprintf(f, "GOODGO_MONITOR_USER=goodgo_monitor\nGOODGO_MONITOR_PASSWORD=%s\n",
            sb->monitor_password);
    fprintf(f, "BACKUP_DIR=%s/backups\nBACKUP_RETENTION_DAYS=7\nRETENTION_DAYS=7\n", p->dir);
    fprintf(f, "REPORT_FILE=%s/backups/verify-report.json\n", p->dir);
}

static void env_pgbouncer(FILE *f, const struct sandbox *sb) {
    const struct platform *p = &sb->p;
    if (!p->port[SB_POSTGRES]) { /* else the database's own lines hold them */
        fprintf(f, "\n# database\nDB_NAME=%s\nDB_USER=%s\nDB_PASSWORD=%s\n", p->db_name, p->db_user,
                p->db_password);
        fprintf(f, "DATABASE_URL=postgresql://%s:%s@127.0.0.1:%u/%s?schema=public&pgbouncer=true\n",
                p->db_user, p->db_password, (unsigned)p->port[SB_PGBOUNCER], p->db_name);
    }
    fprintf(f,
            "\n# pooling\nPGBOUNCER_POOL_SIZE=20\nPGBOUNCER_MAX_CLIENT_CONN=200\n"
            "PGBOUNCER_ADMIN_PASSWORD=%s\nPGBOUNCER_STATS_PASSWORD=%s\n"
            "GOODGO_PGBOUNCER_HOST=127.0.0.1\nGOODGO_PGBOUNCER_PORT=%u\n",
            p->pgbouncer_admin_password, p->pgbouncer_stats_password,
            (unsigned)p->port[SB_PGBOUNCER]);
}

static void env_redis(FILE *f, const struct sandbox *sb) {
    const struct platform *p = &sb->p;
    fprintf(f,
            "\n# cache\nREDIS_HOST=127.0.0.1\nREDIS_PORT=%u\nREDIS_PASSWORD=%s\n"
            "REDIS_URL=redis://:%s@127.0.0.1:%u\n",
            (unsigned)p->port[SB_REDIS], p->redis_password, p->redis_password,
            (unsigned)p->port[SB_REDIS]);
}

static void env_typesense(FILE *f, const struct sandbox *sb) {
    fprintf(f,
            "\n# search\nTYPESENSE_HOST=127.0.0.1\nTYPESENSE_PORT=%u\nTYPESENSE_PROTOCOL=http\n"
            "TYPESENSE_API_KEY=%s\n",
            (unsigned)sb->p.port[SB_TYPESENSE], sb->p.typesense_api_key);
}

static void env_minio(FILE *f, const struct sandbox *sb) {
    const struct platform *p = &sb->p;
    fprintf(f,
            "\n# objects\nMINIO_ENDPOINT=127.0.0.1\nMINIO_PORT=%u\nMINIO_CONSOLE_PORT=%u\n"
            "MINIO_ACCESS_KEY=%s\nMINIO_SECRET_KEY=%s\nMINIO_BUCKET=%s\nMINIO_USE_SSL=false\n",
            (unsigned)p->port[SB_MINIO], (unsigned)p->minio_console_port, p->minio_access_key,
            p->minio_secret_key, p->minio_bucket);
}

static void env_api(FILE *f, const struct sandbox *sb) {
    unsigned port = sb->p.port[SB_API];
    fprintf(f,
            "\n# api\nAPI_PORT=%u\nPORT=%u\nGOODGO_API_URL=http://127.0.0.1:%u\n"
            "NEXT_PUBLIC_API_URL=http://127.0.0.1:%u\n"
            "GOOGLE_CALLBACK_URL=http://127.0.0.1:%u/auth/google/callback\n"
            "ZALO_CALLBACK_URL=http://127.0.0.1:%u/auth/zalo/callback\n",
            port, port, port, port, port, port);
}

static void env_web(FILE *f, const struct sandbox *sb) {
    unsigned port = sb->p.port[SB_WEB];
    fprintf(f,
            "\n# web\nWEB_PORT=%u\nGOODGO_WEB_URL=http://127.0.0.1:%u\n"
            "FRONTEND_URL=http://127.0.0.1:%u\nCORS_ORIGINS=http://127.0.0.1:%u\n",
            port, port, port, port);
}

static void env_ai(FILE *f, const struct sandbox *sb) {
    unsigned port = sb->p.port[SB_AI];
    fprintf(f,
            "\n# ai-services\nAI_SERVICE_PORT=%u\nAI_SERVICE_URL=http://127.0.0.1:%u\n"
            "AI_DEBUG=false\nAI_LOG_LEVEL=info\n",
            port, port);
}

static void env_url(FILE *f, const struct sandbox *sb, int service, const char *name) {
    fprintf(f, "\n# %s\n%s=http://127.0.0.1:%u\n", sandbox_service_names[service], name,
            (unsigned)sb->p.port[service]);
}

static void env_loki(FILE *f, const struct sandbox *sb) {
    env_url(f, sb, SB_LOKI, "GOODGO_LOKI_URL");
}

static void env_promtail(FILE *f, const struct sandbox *sb) {
    env_url(f, sb, SB_PROMTAIL, "GOODGO_PROMTAIL_URL");
}

static void env_prometheus(FILE *f, const struct sandbox *sb) {
    env_url(f, sb, SB_PROMETHEUS, "GOODGO_PROMETHEUS_URL");
}

static void env_alertmanager(FILE *f, const struct sandbox *sb) {
    env_url(f, sb, SB_ALERTMANAGER, "GOODGO_ALERTMANAGER_URL");
}

static void env_grafana(FILE *f, const struct sandbox *sb) {
    const struct platform *p = &sb->p;
    env_url(f, sb, SB_GRAFANA, "GOODGO_GRAFANA_URL");
    fprintf(f,
            "GRAFANA_PORT=%u\nGRAFANA_ADMIN_USER=%s\nGRAFANA_ADMIN_PASSWORD=%s\n"
            "GOODGO_GRAFANA_TOKEN=%s\n",
            (unsigned)p->port[SB_GRAFANA], p->grafana_user, p->grafana_password, p->grafana_token);
}

static void (*const env_of[SB_N_SERVICES])(FILE *, const struct sandbox *) = {
    [SB_API] = env_api,
    [SB_WEB] = env_web,
    [SB_AI] = env_ai,
    [SB_POSTGRES] = env_database,
    [SB_PGBOUNCER] = env_pgbouncer,
    [SB_REDIS] = env_redis,
    [SB_TYPESENSE] = env_typesense,
    [SB_MINIO] = env_minio,
    [SB_LOKI] = env_loki,
    [SB_PROMTAIL] = env_promtail,
    [SB_PROMETHEUS] = env_prometheus,
    [SB_GRAFANA] = env_grafana,
    [SB_ALERTMANAGER] = env_alertmanager,
};

/* Where there is no stand-in, the gateways' own test hosts, as the runbook has them. */
static const char *gateway_host(const struct sandbox *sb, int service, const char *other, char *out,
                                size_t size) {
    unsigned port = sb->p.port[service];
    if (!port) {
        return other;
    }
    snprintf(out, size, "http://127.0.0.1:%u", port);
    return out;
}

static void env_payments(FILE *f, const struct sandbox *sb) {
    const struct platform *p = &sb->p;
    char host[40];
    const char *vnpay =
        gateway_host(sb, SB_VNPAY, "https://sandbox.vnpayment.vn", host, sizeof host);
    fprintf(f,
            "\n# payments\nVNPAY_TMN_CODE=%s\nVNPAY_HASH_SECRET=%s\n"
            "VNPAY_BASE_URL=%s/paymentv2/vpcpay.html\n"
            "VNPAY_API_URL=%s/merchant_webapi/api/transaction\n",
            SANDBOX_VNPAY_TMN_CODE, p->vnpay_hash_secret, vnpay, vnpay);
    fprintf(f,
            "MOMO_PARTNER_CODE=%s\nMOMO_ACCESS_KEY=%s\nMOMO_SECRET_KEY=%s\n"
            "MOMO_ENDPOINT=%s/v2/gateway/api\n",
            SANDBOX_MOMO_PARTNER, p->momo_access_key, p->momo_secret_key,
            gateway_host(sb, SB_MOMO, "https://test-payment.momo.vn", host, sizeof host));
    fprintf(f, "ZALOPAY_APP_ID=%s\nZALOPAY_KEY1=%s\nZALOPAY_KEY2=%s\nZALOPAY_ENDPOINT=%s/v2\n",
            SANDBOX_ZALOPAY_APP, p->zalopay_key1, p->zalopay_key2,
            gateway_host(sb, SB_ZALOPAY, "https://sb-openapi.zalopay.vn", host, sizeof host));
}

/* What belongs to no service of the sandbox: sign-in, mail and the like. */
static void env_rest(FILE *f, const struct sandbox *sb) {
    const struct platform *p = &sb->p;
    fprintf(f, "\n# sign-in\nJWT_SECRET=%s\nJWT_EXPIRES_IN=15m\nJWT_REFRESH_SECRET=%s\n",
            p->jwt_secret, sb->jwt_refresh_secret);
    fprintf(f, "JWT_REFRESH_EXPIRES_IN=7d\nGOOGLE_CLIENT_ID=\nGOOGLE_CLIENT_SECRET=\n"
               "ZALO_APP_ID=\nZALO_APP_SECRET=\n");
    fprintf(f,
            "\n# the rest\nKYC_ENCRYPTION_KEY=%s\nKYC_ENCRYPTION_KEY_VERSION=1\nLOG_LEVEL=info\n"
            "SMTP_HOST=127.0.0.1\nSMTP_PORT=1025\nSMTP_USER=\nSMTP_PASS=\n"
            "SMTP_FROM=noreply@goodgo.vn\nCLAUDE_API_KEY=\nNEXT_PUBLIC_MAPBOX_TOKEN=\n"
            "FIREBASE_SERVICE_ACCOUNT=\nSENTRY_DSN=\nNEXT_PUBLIC_SENTRY_DSN=\nSENTRY_AUTH_TOKEN=\n"
            "SENTRY_ORG=\nSENTRY_PROJECT=\n",
            sb->kyc_key);
}

static bool write_env(const struct sandbox *sb) {
    char path[600];
    path_join(path, sizeof path, sb->p.dir, ".env");
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    FILE *f = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (!f) {
        return false;
    }
    fprintf(f,
            "# A private GoodGo platform on loopback; end it with: goodgo-sandbox down --dir %s\n"
            "GOODGO_CONTEXT=dev\nNODE_ENV=development\n"
            "GOODGO_ADMIN_USER=nguoidung1@example.vn\n"
            "GOODGO_SANDBOX=yes # what is not named is off, not looked for on its usual port\n",
            sb->p.dir);
    for (int i = 0; i < SB_N_SERVICES; i++) {
        if (sb->p.port[i] && env_of[i]) {
            env_of[i](f, sb);
        }
    }
    env_payments(f, sb);
    env_rest(f, sb);
    bool ok = !ferror(f);
    return fclose(f) == 0 && ok;
}

/* ---- state ---- */

static bool write_state(const struct sandbox *sb) {
    char path[600];
    path_join(path, sizeof path, sb->p.dir, "state");
    FILE *f = fopen(path, "we");
    if (!f) {
        return false;
    }
    fprintf(f, "dir=%s\nwork=%s\nscale=%u\nrun_uid=%ld\nrun_gid=%ld\n", sb->p.dir, sb->work,
            sb->scale, (long)sb->run_uid, (long)sb->run_gid);
    for (int i = 0; i < SB_N_SERVICES; i++) {
        fprintf(f, "port.%s=%u\nbackend.%s=%u\n", sandbox_service_names[i], (unsigned)sb->p.port[i],
                sandbox_service_names[i], (unsigned)sb->p.backend[i]);
    }
    fprintf(f, "port.minio-console=%u\nend=1\n", (unsigned)sb->p.minio_console_port);
    bool ok = !ferror(f);
    return fclose(f) == 0 && ok;
}

static bool load_number(const char *text, const char *key, uint32_t *ret) {
    char value[24];
    return find_value(text, key, value, sizeof value) && parse_u32(value, 0, UINT32_MAX, ret);
}

bool sandbox_load(struct sandbox *sb, const char *dir, struct why *why) {
    char path[600], text[16384];
    uint32_t uid, gid;
    memset(sb, 0, sizeof *sb);
    if (!platform_load(&sb->p, dir, why->text, sizeof why->text)) {
        return false;
    }
    if (!path_join(path, sizeof path, dir, "state") || !read_file(path, text, sizeof text) ||
        !find_value(text, "work", sb->work, sizeof sb->work) ||
        !load_number(text, "scale", &sb->scale) || !load_number(text, "run_uid", &uid) ||
        !load_number(text, "run_gid", &gid)) {
        return why_set(why, "%s/state is cut", dir);
    }
    sb->run_uid = uid;
    sb->run_gid = gid;
    if (path_join(path, sizeof path, dir, ".env") && read_file(path, text, sizeof text)) {
        find_value(text, "GOODGO_MONITOR_PASSWORD", sb->monitor_password,
                   sizeof sb->monitor_password);
    }
    return true;
}

bool layout_fill(struct sandbox *sb, const bool wanted[SB_N_SERVICES], uint32_t port_base,
                 struct why *why) {
    if (!ports_choose(&sb->p, wanted, port_base, why) || !find_user(sb, why) ||
        !make_work(sb, why)) {
        return false;
    }
    make_secrets(sb);
    /* State first: it names the work directory that a later removal must find. */
    if (!write_state(sb) || !write_env(sb)) {
        return why_set(why, "%s cannot be filled: %s", sb->p.dir, strerror(errno));
    }
    return true;
}
