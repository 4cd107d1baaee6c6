/* tests/unit/test_pay_vectors.c - every published vector of the providers: what it says, which
 * rewritings it survives, and that no changed byte of it does. */
#include "pay_harness.h"

static struct vector *at; /* for the lines that tell of a failure */

static void check(bool ok, const char *what) {
    if (!ok)
        printf("\n    %s: %s (%s)\n", at->id, what, at->bench.r.reason ? at->bench.r.reason : "");
    CU_ASSERT(ok);
}

static bool is(struct vector *v, const char *bytes) {
    return bench_verify(&v->bench, v->kind, bytes);
}

/* --- what they say --- */

static bool same(const char *got, const struct json *expected, const char *name) {
    const char *text = json_string(expected, name);
    return got && text ? !strcmp(got, text) : !got && !text;
}

static void check_says(struct vector *v, const char *kind) {
    struct pay_result *r = &v->bench.r;
    char time[40] = "";
    int64_t amount = 0;
    bool success = false, has_amount = json_i64(v->expected, "amountVnd", 0, INT64_MAX, &amount);
    at = v;
    check(bench_verify(&v->bench, kind, v->raw), "valid");
    check(same(r->order_id, v->expected, "orderId"), "orderId");
    check(same(r->provider_tx_id, v->expected, "providerTxId"), "providerTxId");
    check(same(pay_status_name(r->status), v->expected, "status"), "status");
    check(json_bool(v->expected, "isSuccess", &success) && success == r->is_success, "isSuccess");
    check(has_amount == r->has_amount && (!has_amount || amount == r->amount_vnd), "amountVnd");
    if (r->has_pay_time)
        clock_iso8601(r->pay_time_wall_s * 1000, time, sizeof time);
    check(same(r->has_pay_time ? time : NULL, v->expected, "payTimeUtc"), "payTimeUtc");
}

static void says(struct vector *v) {
    check_says(v, v->kind);
    check_says(v, "auto");
}

TEST(says_what_each_vector_says) {
    CU_ASSERT(each_vector(says) >= 31);
}

/* --- no changed byte survives --- */

/* The signed content as another parser sees it: for JSON cJSON, else a decoder of this file. */
static void add_text(struct str *out, const char *name, const char *s) {
    str_printf(out, "%s=%s\n", name, s ? s : "(absent)");
}

static void content_json(const char *bytes, const struct pay_names *names, struct str *out) {
    struct err err;
    struct json *root = json_parse(bytes, strlen(bytes), 1 << 20, &err);
    for (uint32_t i = 0; root && i < names->n; i++) {
        const char *text = json_string(root, names->at[i]);
        double d = 0;
        if (!text && json_double(root, names->at[i], &d))
            str_printf(out, "%s=%.17g\n", names->at[i], d);
        else
            add_text(out, names->at[i], text);
    }
    json_free(root);
}

static int hex1(char c) {
    const char *digits = "0123456789abcdef", *found = c ? strchr(digits, c | 32) : NULL;
    return found ? (int)(found - digits) : -1;
}

static void decode(const char *s, size_t n, char *out) {
    size_t used = 0;
    for (size_t i = 0; i < n; i++) {
        if (s[i] == '%' && i + 2 < n && hex1(s[i + 1]) >= 0 && hex1(s[i + 2]) >= 0) {
            out[used++] = (char)(hex1(s[i + 1]) * 16 + hex1(s[i + 2]));
            i += 2;
        } else {
            out[used++] = s[i];
            if (s[i] == '+')
                out[used - 1] = ' ';
        }
    }
    out[used] = 0;
}

static void content_query(const char *bytes, const struct pay_names *names, struct str *out) {
    static char name[4096], value[4096];
    for (uint32_t i = 0; i < names->n; i++)
        for (const char *s = bytes; *s; s += strcspn(s, "&"), s += *s == '&') {
            size_t n = strcspn(s, "&"), equals = strcspn(s, "=&");
            decode(s, equals, name);
            decode(s + equals + (equals < n), n - equals - (equals < n), value);
            if (!strcmp(name, names->at[i]))
                add_text(out, name, value);
        }
}

/* Of header lines and of a signed text every byte counts, but the case of digits and of a header's
 * name, and blanks around a header. */
static void content_lines(const char *bytes, struct str *out) {
    const char *body = strchr(bytes, '{');
    for (const char *s = bytes; *s; s++)
        if (!body || s > body || !strchr(" \t\r\n", *s))
            str_putc(out, *s >= 'A' && *s <= 'Z' ? (char)(*s + 32) : *s);
}

/* `like` is what tells the form: a change may have made it unrecognisable. */
static void content(const char *like, const char *bytes, const struct pay_names *names,
                    struct str *out) {
    str_clear(out);
    if (like[0] == '{')
        content_json(bytes, names, out);
    else if (strchr(like, '\n'))
        content_lines(bytes, out);
    else
        content_query(bytes, names, out);
}

/* A change that stays valid must be another writing of the same content. */
static void check_changed(struct vector *v, char *bytes, const struct pay_names *names,
                          const struct str *original) {
    struct str now;
    if (!is(v, bytes))
        return;
    str_init(&now, 1 << 16);
    content(v->raw, bytes, names, &now);
    if (strcmp(str_get(&now), str_get(original)))
        check(false, bytes);
    str_done(&now);
    CU_ASSERT(v->bench.r.failure == PAY_OK);
}

/* The signed names of the vector, which the next call would throw away. */
static void copy_names(struct arena *a, const struct pay_names *from, struct pay_names *to) {
    for (uint32_t i = 0; i < from->n; i++) {
        const char **more = arena_alloc(a, (i + 1) * sizeof *more);
        if (i)
            memcpy(more, to->at, i * sizeof *more);
        more[i] = arena_strdup(a, from->at[i]);
        *to = (struct pay_names){more, i + 1, i + 1};
    }
}

struct original {
    struct arena arena;
    struct pay_names names;
    struct str text;
};

static void original_init(struct original *o, struct vector *v) {
    *o = (struct original){.names = {0}};
    at = v;
    check(is(v, v->raw), "valid before");
    copy_names(&o->arena, &v->bench.r.trace.signed_fields, &o->names);
    str_init(&o->text, 1 << 16);
    content(v->raw, v->raw, &o->names, &o->text);
}

static void original_done(struct original *o) {
    str_done(&o->text);
    arena_done(&o->arena);
}

/* Each byte gets two neighbours in value, two bytes that mean something to a parser, in turn, is
 * left out, and stands twice. */
static void change_each_byte(struct vector *v) {
    static const char others[] = {'&',  '=', '%',  '+',        ' ',       '"',
                                  '\\', '0', '\n', (char)0x80, (char)0xff};
    struct original o;
    size_t n = strlen(v->raw);
    char *bytes = malloc(n + 2);
    original_init(&o, v);
    for (size_t i = 0; i < n; i++) {
        const char changed[] = {(char)(v->raw[i] ^ 1), (char)(v->raw[i] ^ 0x20),
                                others[i % sizeof others], others[(i * 7 + 3) % sizeof others]};
        for (size_t k = 0; k < sizeof changed; k++) {
            memcpy(bytes, v->raw, n + 1);
            bytes[i] = changed[k];
            if (bytes[i] && bytes[i] != v->raw[i])
                check_changed(v, bytes, &o.names, &o.text);
        }
        memcpy(bytes, v->raw, i);
        memcpy(bytes + i, v->raw + i + 1, n - i);
        check_changed(v, bytes, &o.names, &o.text);
        memcpy(bytes, v->raw, i + 1);
        memcpy(bytes + i + 1, v->raw + i, n - i + 1);
        check_changed(v, bytes, &o.names, &o.text);
        arena_clear(&v->bench.arena);
    }
    original_done(&o);
    free(bytes);
}

TEST(no_changed_byte_of_what_is_signed_stays_valid) {
    each_vector(change_each_byte);
}

static void put_nul(struct vector *v) {
    size_t n = strlen(v->raw);
    char *bytes = malloc(n + 1);
    at = v;
    for (size_t i = 0; i < n; i++) {
        memcpy(bytes, v->raw, n);
        bytes[i] = 0;
        check(!bench_verify_n(&v->bench, v->kind, bytes, n), "a NUL inside");
    }
    free(bytes);
}

TEST(no_nul_byte_is_taken) {
    each_vector(put_nul);
}

static void cut(struct vector *v) {
    struct original o;
    original_init(&o, v);
    for (size_t n = 0; n < strlen(v->raw); n++) {
        char *bytes = arena_strndup(&o.arena, v->raw, n);
        check_changed(v, bytes, &o.names, &o.text);
        arena_clear(&v->bench.arena);
    }
    original_done(&o);
}

TEST(no_message_that_was_cut_off_stays_valid) {
    each_vector(cut);
}

/* --- allowed rewritings --- */

static bool is_query(const struct vector *v) {
    return v->raw[0] != '{' && !strchr(v->raw, '\n');
}

/* Pairs from last to first. */
static const char *reversed(struct arena *a, const char *query) {
    const char *out = NULL;
    for (const char *s = query; *s; s += strcspn(s, "&"), s += *s == '&')
        out = out ? arena_printf(a, "%.*s&%s", (int)strcspn(s, "&"), s, out)
                  : arena_printf(a, "%.*s", (int)strcspn(s, "&"), s);
    return out;
}

static const char *replace_all(struct arena *a, const char *s, const char *from, const char *to) {
    struct str out;
    str_init(&out, 1 << 18);
    for (const char *found; (found = strstr(s, from)); s = found + strlen(from)) {
        str_add(&out, s, (size_t)(found - s));
        str_puts(&out, to);
    }
    str_puts(&out, s);
    s = arena_strdup(a, str_get(&out));
    str_done(&out);
    return s;
}

/* Every letter of every value as %XX, in lower case. */
static const char *all_escaped(struct arena *a, const char *query) {
    struct str out;
    bool value = false;
    str_init(&out, 1 << 18);
    for (const char *s = query; *s; s++) {
        value = *s == '&' ? false : value;
        if (value && *s == '%') {
            str_printf(&out, "%%%c%c", s[1] | 32, s[2] | 32);
            s += 2;
        } else if (value && *s != '+') {
            str_printf(&out, "%%%02x", (unsigned char)*s);
        } else {
            str_putc(&out, *s);
        }
        value = *s == '=' ? true : value;
    }
    const char *made = arena_strdup(a, str_get(&out));
    str_done(&out);
    return made;
}

static void rewrite_query(struct vector *v) {
    struct arena *a = &v->bench.arena;
    at = v;
    if (!is_query(v))
        return;
    check(is(v, reversed(a, v->raw)), "fields in another order");
    check(is(v, replace_all(a, v->raw, "+", "%20")), "%20 for +");
    check(is(v, all_escaped(a, v->raw)), "needless escapes");
    check(is(v, arena_printf(a, "?%s", v->raw)), "a question mark in front");
    check(is(v, arena_printf(a, "https://goodgo.vn/pay?%s#top", v->raw)), "a whole address");
    check(is(v, arena_printf(a, "/pay/return?%s", v->raw)), "a path");
    check(is(v, arena_printf(a, "%s\r\n", v->raw)), "a line end behind");
    check(is(v, arena_printf(a, "utm_source=mail&%s&fbclid=1", v->raw)), "fields of others");
    check(is(v, arena_printf(a, "%s&", v->raw)), "an empty pair");
    check(!is(v, arena_printf(a, "%s&%s", v->raw, v->raw)), "every field twice");
    check(!is(v, replace_all(a, v->raw, "&", "&amp;")), "HTML escapes");
}

TEST(query_strings_survive_allowed_rewritings_only) {
    each_vector(rewrite_query);
}

/* Members from last to first, with blanks between: "{ "b" : 2 , "a" : 1 }". */
static const char *rewritten(struct vector *v) {
    struct err err;
    struct arena *a = &v->bench.arena;
    const struct jsontext *root = jsontext_parse(a, v->raw, strlen(v->raw), NULL, &err);
    const char *out = "}";
    for (const struct jsontext *j = root->first; j; j = j->next) {
        struct str value;
        str_init(&value, 1 << 16);
        jsontext_write(j, JSONTEXT_ASCII | JSONTEXT_SLASHES, &value);
        out = arena_printf(a, "\t\"%s\" : %s\r\n%s%s", j->name, str_get(&value),
                           j == root->first ? "" : ", ", out);
        str_done(&value);
    }
    return arena_printf(a, " { %s\n", out);
}

static void rewrite_json(struct vector *v) {
    struct arena *a = &v->bench.arena;
    at = v;
    if (v->raw[0] != '{')
        return;
    check(is(v, rewritten(v)), "another order, blanks and escapes");
    check(is(v, arena_printf(a, "{\"promotionInfo\":[{\"x\":null}],%s", v->raw + 1)),
          "a member more");
    check(!is(v, arena_printf(a, "[%s]", v->raw)), "a list around");
    check(!is(v, arena_printf(a, "%s%s", v->raw, v->raw)), "twice");
    check(!is(v, arena_printf(a, "%s,%s", v->raw, v->raw + 1)), "broken");
    check(!is(v, arena_printf(a, "{\"x\":{\"y\":1,\"y\":2},%s", v->raw + 1)),
          "a name twice, inside");
}

TEST(json_survives_allowed_rewritings_only) {
    each_vector(rewrite_json);
}

/* The longest run of hex digits: the signature. */
static char *signature_of(struct arena *a, const char *raw, char **ret_at) {
    char *copy = arena_strdup(a, raw);
    size_t best = 0;
    for (char *s = copy; *s; s++) {
        size_t n = strspn(s, "0123456789abcdefABCDEF");
        if (n > best) {
            best = n;
            *ret_at = s;
        }
        s += n ? n - 1 : 0;
    }
    CU_ASSERT_PTR_NOT_NULL_FATAL(*ret_at);
    return copy;
}

static void change_signature(struct vector *v) {
    char *digits = NULL, *bytes = signature_of(&v->bench.arena, v->raw, &digits);
    size_t n = strspn(digits, "0123456789abcdef");
    at = v;
    for (size_t i = 0; i < n; i++)
        digits[i] = digits[i] >= 'a' ? (char)(digits[i] - 32) : digits[i];
    check(is(v, bytes), "upper-case digits");
    char kept = digits[n - 1];
    memmove(digits + n - 1, digits + n, strlen(digits + n) + 1);
    check(!is(v, bytes), "a digit short");
    bytes = signature_of(&v->bench.arena, v->raw, &digits);
    digits[0] = digits[0] == '0' ? '1' : '0';
    check(!is(v, bytes), "one digit changed");
    bytes = signature_of(&v->bench.arena, v->raw, &digits);
    memmove(digits, digits + n, strlen(digits + n) + 1);
    check(!is(v, bytes), "no signature");
    (void)kept;
}

TEST(signatures_are_hexadecimal_of_either_case_and_whole) {
    each_vector(change_signature);
}

/* --- what is shown --- */

static void check_output(struct vector *v, const char *secret) {
    struct str out;
    str_init(&out, 1 << 22);
    pay_report_json(&v->bench.r, &out);
    pay_report_text(&v->bench.r, &out);
    check(!strstr(str_get(&out), secret), "a secret or a signature is shown");
    for (const char *s = str_get(&out); *s; s++)
        if ((unsigned char)*s < 0x20 && *s != '\n')
            check(false, "a control character is shown");
    str_done(&out);
}

/* Our own secret inside the message, in a name, a value, whole and in the middle of a text. */
static void show_secrets(struct vector *v) {
    const struct pay_provider *p = pay_provider_find(v->bench.accounts[0].provider);
    char *digits = NULL, *bytes = signature_of(&v->bench.arena, v->raw, &digits);
    at = v;
    v->bench.explain = true;
    (void)is(v, v->raw);
    digits[strspn(digits, "0123456789abcdef")] = 0;
    check_output(v, digits);
    (void)bytes;
    for (uint32_t i = 0; i < p->n_settings; i++) {
        const char *secret = v->bench.accounts[0].values[i];
        if (p->settings[i].role != PAY_SECRET || !secret)
            continue;
        (void)is(v, v->raw);
        check_output(v, secret);
        (void)is(v, arena_printf(&v->bench.arena,
                                 is_query(v) ? "%s=1&x=a%sb&%s" : "{\"%s\":1,\"x\":\"a%sb\",%s",
                                 secret, secret, v->raw + (v->raw[0] == '{')));
        check_output(v, secret);
        (void)bench_verify(&v->bench, "auto", secret);
        check_output(v, secret);
        (void)is(v, arena_printf(&v->bench.arena, "%s=%%zz\x1b[31m", secret));
        check_output(v, secret);
    }
}

TEST(no_output_shows_a_secret_a_signature_or_a_control_character) {
    each_vector(show_secrets);
}

SUITE(pay_vectors, T(says_what_each_vector_says), T(no_changed_byte_of_what_is_signed_stays_valid),
      T(no_nul_byte_is_taken), T(no_message_that_was_cut_off_stays_valid),
      T(query_strings_survive_allowed_rewritings_only), T(json_survives_allowed_rewritings_only),
      T(signatures_are_hexadecimal_of_either_case_and_whole),
      T(no_output_shows_a_secret_a_signature_or_a_control_character))
