/* sandbox/layout_secrets.c - the names and secrets of a new sandbox; chance is the kernel's. */
#include "layout_priv.h"

#include "text.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

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

void make_secrets(struct sandbox *sb) {
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
}
