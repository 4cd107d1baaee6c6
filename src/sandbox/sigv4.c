/* sandbox/sigv4.c - AWS Signature Version 4, the verifying side. */
#include "sigv4.h"

#include <ctype.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

enum { SKEW_S = 15 * 60 };

static const char empty_hash[] = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

struct authorisation {
    char key[128], date[16], region[32], service[16], end[16];
    char signed_headers[512], signature[80];
};

/* ---- digests ---- */

/* Lower-case hexadecimal; `out` holds 65. */
static void sha256_hex(const void *data, size_t size, char *out) {
    unsigned char d[EVP_MAX_MD_SIZE];
    unsigned int n = 0;
    EVP_Digest(size ? data : "", size, d, &n, EVP_sha256(), NULL);
    hex_write(d, n, out);
}

void md5_hex(const void *data, size_t size, char *out) {
    unsigned char d[EVP_MAX_MD_SIZE];
    unsigned int n = 0;
    EVP_Digest(size ? data : "", size, d, &n, EVP_md5(), NULL);
    hex_write(d, n, out);
}

static void hmac(const void *key, size_t key_size, const char *text, unsigned char out[32]) {
    unsigned int n = 32;
    HMAC(EVP_sha256(), key, (int)key_size, (const unsigned char *)text, strlen(text), out, &n);
}

/* ---- the Authorization header ---- */

/* Copies what stands between `name` and the next comma. */
static bool pick(const char *from, const char *name, char *out, size_t size) {
    const char *at = strstr(from, name);
    if (!at) {
        return false;
    }
    at += strlen(name);
    size_t n = strcspn(at, ", ");
    if (n == 0 || n >= size) {
        return false;
    }
    memcpy(out, at, n);
    out[n] = 0;
    return true;
}

/* The key itself may hold slashes: the scope is counted from the end. */
static bool split_credential(char *credential, struct authorisation *a) {
    char *const parts[] = {a->end, a->service, a->region, a->date};
    const size_t sizes[] = {sizeof a->end, sizeof a->service, sizeof a->region, sizeof a->date};
    for (int i = 0; i < 4; i++) {
        char *slash = strrchr(credential, '/');
        if (!slash || strlen(slash + 1) >= sizes[i]) {
            return false;
        }
        snprintf(parts[i], sizes[i], "%s", slash + 1);
        *slash = 0;
    }
    if (strlen(credential) >= sizeof a->key) {
        return false;
    }
    memcpy(a->key, credential, strlen(credential) + 1);
    return strcmp(a->end, "aws4_request") == 0;
}

static bool parse_authorisation(const char *header, struct authorisation *a) {
    char credential[256];
    *a = (struct authorisation){0};
    return strncmp(header, "AWS4-HMAC-SHA256 ", 17) == 0 &&
           pick(header, "Credential=", credential, sizeof credential) &&
           pick(header, "SignedHeaders=", a->signed_headers, sizeof a->signed_headers) &&
           pick(header, "Signature=", a->signature, sizeof a->signature) &&
           split_credential(credential, a);
}

/* ---- the canonical request ---- */

static void add_encoded(struct text *t, const char *s, bool keep_slash) {
    for (; *s; s++) {
        unsigned char c = (unsigned char)*s;
        if (isalnum(c) || strchr("-_.~", c) || (keep_slash && c == '/')) {
            text_add(t, s, 1);
        } else {
            text_addf(t, "%%%02X", c);
        }
    }
}

static void add_path(struct text *t, const struct http_request *req) {
    add_encoded(t, req->path, true);
    text_puts(t, "\n");
}

static int compare_pairs(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void add_query(struct text *t, const struct http_request *req) {
    char *pairs[HTTP_MAX_PARAMS];
    for (int i = 0; i < req->n_params; i++) {
        struct text pair = {0};
        add_encoded(&pair, req->param[i].name, false);
        text_puts(&pair, "=");
        add_encoded(&pair, req->param[i].value, false);
        pairs[i] = pair.data;
    }
    qsort(pairs, (size_t)req->n_params, sizeof pairs[0], compare_pairs);
    for (int i = 0; i < req->n_params; i++) {
        text_puts(t, i ? "&" : "");
        text_puts(t, pairs[i]);
        free(pairs[i]);
    }
    text_puts(t, "\n");
}

struct gather {
    const char *name;
    struct text *t;
    int n;
};

/* Trimmed, inner runs of spaces made one, several headers joined by a comma. */
static void gather_value(void *ctx, const char *name, const char *value) {
    struct gather *g = ctx;
    if (strcasecmp(name, g->name) != 0) {
        return;
    }
    text_puts(g->t, g->n++ ? "," : "");
    bool space = false, any = false;
    for (; *value; value++) {
        if (*value == ' ' || *value == '\t') {
            space = any;
            continue;
        }
        text_puts(g->t, space ? " " : "");
        text_add(g->t, value, 1);
        space = false;
        any = true;
    }
}

static bool add_headers(struct text *t, const struct http_request *req, const char *names) {
    while (*names) {
        char name[128];
        size_t n = strcspn(names, ";");
        if (n == 0 || n >= sizeof name) {
            return false;
        }
        memcpy(name, names, n);
        name[n] = 0;
        names += n + (names[n] == ';');
        text_addf(t, "%s:", name);
        struct gather g = {name, t, 0};
        http_headers_each(req, gather_value, &g);
        if (!g.n) {
            return false;
        }
        text_puts(t, "\n");
    }
    text_puts(t, "\n");
    return true;
}

static bool canonical(const struct http_request *req, const struct authorisation *a,
                      const char *payload, struct text *t) {
    text_addf(t, "%s\n", req->method);
    add_path(t, req);
    add_query(t, req);
    if (!add_headers(t, req, a->signed_headers)) {
        return false;
    }
    text_addf(t, "%s\n%s", a->signed_headers, payload);
    return true;
}

/* ---- the verdict ---- */

static void sign(const struct authorisation *a, const char *secret, const char *date,
                 const struct text *request, char out[65]) {
    char first[160], hash[65];
    unsigned char k[32];
    struct text to_sign = {0};
    snprintf(first, sizeof first, "AWS4%s", secret);
    hmac(first, strlen(first), a->date, k);
    hmac(k, 32, a->region, k);
    hmac(k, 32, a->service, k);
    hmac(k, 32, "aws4_request", k);
    sha256_hex(request->data, request->size, hash);
    text_addf(&to_sign, "AWS4-HMAC-SHA256\n%s\n%s/%s/%s/aws4_request\n%s", date, a->date, a->region,
              a->service, hash);
    hmac(k, 32, to_sign.data, k);
    hex_write(k, 32, out);
    text_done(&to_sign);
}

static bool has_signed(const char *names, const char *wanted) {
    size_t n = strlen(wanted);
    for (const char *at = names; (at = strstr(at, wanted)); at++) {
        if ((at == names || at[-1] == ';') && (at[n] == ';' || !at[n])) {
            return true;
        }
    }
    return false;
}

static bool time_is_near(const char *date, bool *ret_parsed) {
    struct tm tm = {0};
    const char *end = strptime(date, "%Y%m%dT%H%M%SZ", &tm);
    *ret_parsed = end && !*end;
    if (!*ret_parsed) {
        return false;
    }
    double off = difftime(timegm(&tm), time(NULL));
    return off < SKEW_S && off > -SKEW_S;
}

static enum sigv4_verdict check_body(const struct http_request *req, const char *declared) {
    char hash[65];
    if (!declared || strcmp(declared, "UNSIGNED-PAYLOAD") == 0) {
        return SIGV4_OK;
    }
    sha256_hex(req->body.data, req->body.size, hash);
    return strcasecmp(hash, declared) == 0 ? SIGV4_OK : SIGV4_WRONG_BODY;
}

enum sigv4_verdict sigv4_check(const struct http_request *req, const char *access_key,
                               const char *secret_key) {
    const char *header = http_header(req, "Authorization");
    const char *date = http_header(req, "x-amz-date");
    const char *declared = http_header(req, "x-amz-content-sha256");
    struct authorisation a;
    bool parsed = false;
    if (!header) {
        return SIGV4_ANONYMOUS;
    }
    if (!parse_authorisation(header, &a) || !has_signed(a.signed_headers, "host")) {
        return SIGV4_MALFORMED;
    }
    if (strcmp(a.key, access_key) != 0) {
        return SIGV4_UNKNOWN_KEY;
    }
    if (strcmp(a.region, "us-east-1") != 0) {
        return SIGV4_WRONG_REGION;
    }
    if (!date || strncmp(date, a.date, 8) != 0 || strcmp(a.service, "s3") != 0) {
        return SIGV4_MALFORMED;
    }
    bool near = time_is_near(date, &parsed);
    if (!parsed) {
        return SIGV4_MALFORMED;
    }
    if (!near) {
        return SIGV4_SKEWED;
    }
    if (declared && strncmp(declared, "STREAMING-", 10) == 0) {
        return SIGV4_NOT_IMPLEMENTED;
    }
    struct text request = {0};
    char wanted[65];
    if (!canonical(req, &a, declared ? declared : empty_hash, &request)) {
        text_done(&request);
        return SIGV4_UNSIGNED;
    }
    sign(&a, secret_key, date, &request, wanted);
    text_done(&request);
    if (strlen(a.signature) != 64 || CRYPTO_memcmp(a.signature, wanted, 64) != 0) {
        return SIGV4_MISMATCH;
    }
    return check_body(req, declared);
}
