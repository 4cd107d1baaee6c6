/* sandbox/gateway.c - the payments that the gateways know, their signatures, their memory of
 * requests, and the command `payment`, which scripts them. */
#include "gateway.h"

#include "lifecycle.h"
#include "say.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/hmac.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { SEEN_MAX = 512, PAID_AFTER_MS = 80000, SLOW_MS = 4000, VIETNAM_S = 7 * 3600 };

static const char *const state_names[N_GATEWAY_STATES] = {
    "paid", "cancelled", "pending", "processing", "refunded", "busy", "forged", "slow",
};

/* ---- the file ---- */

static bool parse_state(const char *name, enum gateway_state *ret) {
    for (int i = 0; i < N_GATEWAY_STATES; i++) {
        if (!strcmp(name, state_names[i])) {
            *ret = (enum gateway_state)i;
            return true;
        }
    }
    return false;
}

static bool parse_payment(const char *line, char gateway[16], struct gateway_payment *ret) {
    char state[16];
    long long amount;
    unsigned long long created;
    if (sscanf(line, "%15s %95s %lld %15s %39s %llu", gateway, ret->order, &amount, state, ret->tx,
               &created) != 6 ||
        !parse_state(state, &ret->state)) {
        return false;
    }
    ret->amount_vnd = amount;
    ret->created_ms = created;
    return true;
}

static void print_payment(FILE *f, const char *gateway, const struct gateway_payment *p) {
    fprintf(f, "%s %s %lld %s %s %llu\n", gateway, p->order, (long long)p->amount_vnd,
            state_names[p->state], p->tx, (unsigned long long)p->created_ms);
}

static bool ends_with(const char *s, const char *end) {
    size_t n = strlen(s), k = strlen(end);
    return k && n >= k && !strcmp(s + n - k, end);
}

static bool find(enum sandbox_service gateway, const char *order, bool by_end,
                 struct gateway_payment *ret) {
    char path[600], line[512], name[16];
    bool found = false;
    path_join(path, sizeof path, standins_platform()->dir, "gateways");
    FILE *f = fopen(path, "re");
    while (f && !found && fgets(line, sizeof line, f)) {
        found = parse_payment(line, name, ret) && !strcmp(name, sandbox_service_names[gateway]) &&
                (by_end ? ends_with(ret->order, order) : !strcmp(ret->order, order));
    }
    if (f) {
        fclose(f);
    }
    return found;
}

bool gateway_find(enum sandbox_service gateway, const char *order, struct gateway_payment *ret) {
    return find(gateway, order, false, ret);
}

bool gateway_find_end(enum sandbox_service gateway, const char *end, struct gateway_payment *ret) {
    return find(gateway, end, true, ret);
}

uint64_t gateway_paid_ms(const struct gateway_payment *p) {
    return p->created_ms + PAID_AFTER_MS;
}

void gateway_dawdle(const struct gateway_payment *p) {
    if (p->state == GATEWAY_SLOW) {
        standins_sleep_ms(SLOW_MS);
    }
}

/* ---- signatures, values, memory, time ---- */

void gateway_hmac(const EVP_MD *digest, const char *key, const char *text,
                  char out[GATEWAY_HEX_SIZE]) {
    unsigned char mac[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    if (!HMAC(digest, key, (int)strlen(key), (const unsigned char *)text, strlen(text), mac, &n)) {
        abort();
    }
    hex_write(mac, n, out);
}

bool gateway_same_hex(const char *made, const char *given) {
    char lower[GATEWAY_HEX_SIZE];
    size_t n = strlen(made);
    if (strlen(given) != n) {
        return false;
    }
    for (size_t i = 0; i <= n; i++) {
        lower[i] = (char)(given[i] >= 'A' && given[i] <= 'F' ? given[i] + 32 : given[i]);
    }
    return CRYPTO_memcmp(made, lower, n) == 0;
}

bool gateway_value(const cJSON *body, const char *name, char out[GATEWAY_VALUE_SIZE]) {
    const cJSON *j = cJSON_GetObjectItemCaseSensitive(body, name);
    int n = -1;
    if (cJSON_IsString(j)) {
        n = snprintf(out, GATEWAY_VALUE_SIZE, "%s", j->valuestring);
    } else if (cJSON_IsNumber(j)) {
        n = snprintf(out, GATEWAY_VALUE_SIZE, "%.0f", j->valuedouble);
    }
    if (n < 0 || n >= GATEWAY_VALUE_SIZE) {
        out[0] = 0;
        return false;
    }
    return true;
}

bool gateway_seen(enum sandbox_service gateway, const char *id, const char *what, bool *ret_same) {
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static struct {
        enum sandbox_service gateway;
        char id[72], what[96];
    } seen[SEEN_MAX];
    static size_t n;
    bool found = false;
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < SEEN_MAX && i < n && !found; i++) {
        found = seen[i].gateway == gateway && !strcmp(seen[i].id, id);
        *ret_same = found && !strcmp(seen[i].what, what);
    }
    if (!found) {
        size_t at = n++ % SEEN_MAX;
        seen[at].gateway = gateway;
        snprintf(seen[at].id, sizeof seen[at].id, "%s", id);
        snprintf(seen[at].what, sizeof seen[at].what, "%s", what);
    }
    pthread_mutex_unlock(&lock);
    return found;
}

void gateway_vietnam(uint64_t wall_ms, char out[15]) {
    time_t t = (time_t)(wall_ms / 1000) + VIETNAM_S;
    struct tm tm;
    gmtime_r(&t, &tm);
    strftime(out, 15, "%Y%m%d%H%M%S", &tm);
}

/* ---- the command ---- */

static int list_payments(const char *path) {
    char line[512];
    FILE *f = fopen(path, "re");
    while (f && fgets(line, sizeof line, f)) {
        fputs(line, stdout);
    }
    if (f) {
        fclose(f);
    }
    return EXIT_DONE;
}

/* What is not said stays as it was. */
static bool take(int argc, char **argv, struct gateway_payment *p, bool known) {
    int64_t amount = p->amount_vnd;
    if (argc < 3 || argc > 5 || strlen(argv[1]) >= sizeof p->order || strpbrk(argv[1], " \t\n") ||
        !parse_state(argv[2], &p->state) || (argc < 4 && !known) ||
        (argc > 3 && (!string_to_i64(argv[3], &amount) || amount < 0)) ||
        (argc > 4 && (!*argv[4] || strlen(argv[4]) >= sizeof p->tx || strpbrk(argv[4], " \t\n")))) {
        return false;
    }
    p->amount_vnd = amount;
    if (!known) {
        snprintf(p->order, sizeof p->order, "%s", argv[1]);
        p->created_ms = clock_wall_ms() - PAID_AFTER_MS;
        snprintf(p->tx, sizeof p->tx, "%llu", (unsigned long long)(p->created_ms % 100000000u));
    }
    if (argc > 4) {
        snprintf(p->tx, sizeof p->tx, "%s", argv[4]);
    }
    return true;
}

static bool copy_others(const char *path, FILE *out, const char *gateway, const char *order,
                        struct gateway_payment *ret, bool *ret_known) {
    char line[512], name[16];
    struct gateway_payment p;
    FILE *in = fopen(path, "re");
    while (in && fgets(line, sizeof line, in)) {
        bool ours =
            parse_payment(line, name, &p) && !strcmp(name, gateway) && !strcmp(p.order, order);
        if (ours) {
            *ret = p;
            *ret_known = true;
        } else {
            fputs(line, out);
        }
    }
    if (in) {
        fclose(in);
    }
    return !ferror(out);
}

static int set_payment(const char *path, int argc, char **argv) {
    char temp[620];
    struct gateway_payment p = {.amount_vnd = 0};
    bool known = false;
    int service = service_by_name(argv[0]);
    if (argc < 3 || service < SB_VNPAY) {
        return say_code(EXIT_USE, "payment takes GATEWAY ORDER STATE [AMOUNT [TX]]; see "
                                  "'goodgo-sandbox payment --help'");
    }
    snprintf(temp, sizeof temp, "%s.new", path);
    FILE *out = fopen(temp, "we");
    bool ok = out && copy_others(path, out, argv[0], argv[1], &p, &known);
    bool taken = ok && take(argc, argv, &p, known);
    if (taken) {
        print_payment(out, argv[0], &p);
    }
    ok = out && fclose(out) == 0 && ok;
    if (ok && taken && rename(temp, path) == 0) {
        return EXIT_DONE;
    }
    unlink(temp);
    if (!ok || taken) {
        return say_code(EXIT_FAILED, "%s cannot be written: %s", path, strerror(errno));
    }
    return say_code(EXIT_USE, "states are paid cancelled pending processing refunded busy forged "
                              "slow; a new payment needs its AMOUNT in whole dong");
}

int payment_command(const char *dir, int argc, char **argv) {
    char path[600];
    struct why why;
    int lock;
    if (!has_marker(dir) || !path_join(path, sizeof path, dir, "gateways")) {
        return say_code(EXIT_USE, NO_SANDBOX, dir);
    }
    if (!layout_hold(dir, &lock, &why)) {
        return say_code(EXIT_FAILED, "%s", why.text);
    }
    int r = argc ? set_payment(path, argc, argv) : list_payments(path);
    close(lock);
    return r;
}
