/* probe/minio.c - object storage: alive, ready, write quorum, and what the media bucket holds.
 * Runbook: `mc ready local` = GET /minio/health/live, 10 s interval, 5 retries; the time-out is not
 * given, so 5 s. /ready says 200 even before storage is there: its header tells. The bucket is
 * listed each 60 s, 10 pages of 1000 at the most.
 *
 * Metrics: live, ready, cluster (bool), server_status, cluster_status (text, where it is not well),
 * write_quorum, objects, bytes, capped (bool: there is more than was counted), copies_capped,
 * live_ms. Tables: buckets(name, created), prefixes(prefix, objects, bytes), copies(name, bytes):
 * the backups in their own bucket. */
#include "codec/probe.h"

#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/shell.h"
#include "http_priv.h"
#include "wire/backup.h"
#include "wire/xml.h"

#define LIST_MAX_PAGES 10
#define MAX_PREFIXES   200
#define MAX_BUCKETS    1000
#define MAX_COPIES     1000
#define KEY_BYTES      1100 /* S3 keys have at most 1024 */
#define TOKEN_BYTES    4096

static const char empty_sha256[] =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
static const char key_todo[] = "check MINIO_ACCESS_KEY and MINIO_SECRET_KEY";

/* ---- health, without a key ---- */

static bool is_minio(const struct http_reply *r) {
    const char *server = http_reply_header(r, "server");
    return (server && strncasecmp(server, "minio", 5) == 0) ||
           http_reply_header(r, "x-amz-request-id") ||
           http_reply_header(r, "x-minio-server-status");
}

static bool live_request(struct probe_run *run, struct exchange *ex) {
    return ask_get(run, ex, run->settings->minio_url, "/minio/health/live");
}

static bool live_parse(struct probe_run *run, const struct reply *reply, struct reading *out,
                       struct err *err) {
    const char *url = probe_url(run, run->settings->minio_url, "/minio/health/live");
    const struct http_reply *r = &reply->http;
    if (answer_is_html(r)) {
        probe_http_unexpected(run, url, r, "an empty 200", err);
        err->code = E_WRONG_THING;
        err->todo = "a web page: is this the console port (9001) instead of the API (9000)?";
        return false;
    }
    if (r->status != 200)
        return probe_http_unexpected(run, url, r, "an empty 200 of MinIO", err);
    if (r->body_len || !is_minio(r))
        return err_set(err, E_WRONG_THING, "http.answer", url,
                       "HTTP 200, but not the empty answer of MinIO");
    reading_int(out, "live", UNIT_BOOL, 1);
    reading_real(out, "live_ms", UNIT_MS, reply->took_ms);
    return true;
}

/* The header is set only where something is missing: "offline", "iam-offline", ... */
static const char *offline(const struct http_reply *r) {
    const char *s = http_reply_header(r, "x-minio-server-status");
    return s && strcasecmp(s, "online") != 0 ? s : NULL;
}

/* With an empty body it speaks of its drives; a body is an error of its own, such as ServerBusy. */
static bool is_verdict(const struct http_reply *r) {
    return r->status == 200 || (r->status == 503 && r->body_len == 0);
}

static bool ready_request(struct probe_run *run, struct exchange *ex) {
    return ask_get(run, ex, run->settings->minio_url, "/minio/health/ready");
}

static bool ready_parse(struct probe_run *run, const struct reply *reply, struct reading *out,
                        struct err *err) {
    const struct http_reply *r = &reply->http;
    const char *state = offline(r);
    if (!is_verdict(r))
        return probe_http_unexpected(
            run, probe_url(run, run->settings->minio_url, "/minio/health/ready"), r, "200", err);
    reading_int(out, "ready", UNIT_BOOL, r->status == 200 && !state);
    if (state)
        reading_text(out, "server_status", state, strnlen(state, 60));
    return true;
}

static bool cluster_request(struct probe_run *run, struct exchange *ex) {
    return ask_get(run, ex, run->settings->minio_url, "/minio/health/cluster");
}

static bool cluster_parse(struct probe_run *run, const struct reply *reply, struct reading *out,
                          struct err *err) {
    const struct http_reply *r = &reply->http;
    const char *quorum = http_reply_header(r, "x-minio-write-quorum"), *state = offline(r);
    int64_t n;
    if (!is_verdict(r))
        return probe_http_unexpected(
            run, probe_url(run, run->settings->minio_url, "/minio/health/cluster"), r, "200", err);
    reading_int(out, "cluster", UNIT_BOOL, r->status == 200);
    if (state)
        reading_text(out, "cluster_status", state, strnlen(state, 60));
    if (quorum && str_to_i64(quorum, 0, 10000, &n))
        reading_int(out, "write_quorum", UNIT_COUNT, n);
    return true;
}

/* ---- S3, signed ---- */

static bool has_keys(const struct settings *s) {
    return s->minio_access_key && s->minio_secret_key;
}

static bool ask_signed(struct probe_run *run, struct exchange *ex, const char *path) {
    ask_get(run, ex, run->settings->minio_url, path);
    ask_header(ex, "x-amz-content-sha256", empty_sha256);
    ex->http.sigv4 = true;
    ex->http.user = run->settings->minio_access_key;
    ex->http.password = run->settings->minio_secret_key;
    ex->http.max_body_bytes = 4u << 20;
    return has_keys(run->settings);
}

/* <Error><Code>...: says more than the status. Always false. */
static bool s3_error(struct probe_run *run, const char *path, const struct http_reply *r,
                     struct err *err) {
    struct xml doc = {r->body, r->body_len};
    char code[80];
    const char *url = probe_url(run, run->settings->minio_url, path);
    probe_http_unexpected(run, url, r, "a list of S3", err);
    if (xml_root_is(doc, "Error") && xml_string(doc, "Code", code, sizeof code)) {
        enum err_code kind = err->code;
        if (kind == E_WRONG_THING) /* it is S3, so it is not the wrong thing */
            kind = E_PROTOCOL;
        err_set(err, kind, "s3.list", url, "HTTP %d %s", r->status, code);
        if (strcmp(code, "RequestTimeTooSkewed") == 0) {
            err->todo = "the clocks of this host and of MinIO are more than 15 minutes apart";
            return false;
        }
    }
    return err_advise(err, E_AUTH, key_todo);
}

static bool s3_answer(struct probe_run *run, const char *path, const struct http_reply *r,
                      const char *root, struct xml *ret_doc, struct err *err) {
    *ret_doc = (struct xml){r->body ? r->body : "", r->body_len};
    if (r->status != 200)
        return s3_error(run, path, r, err);
    if (xml_root_is(*ret_doc, root))
        return true;
    char piece[100];
    answer_piece(r, piece, sizeof piece);
    return err_set(err, E_WRONG_THING, "s3.list", probe_url(run, run->settings->minio_url, path),
                   "no %s in the answer: %s", root, piece);
}

static const struct column bucket_columns[] = {
    {"name", "BUCKET", UNIT_NONE, 0, 0},
    {"created", "CREATED", UNIT_TIME, 8, 1},
};

static bool buckets_request(struct probe_run *run, struct exchange *ex) {
    return ask_signed(run, ex, "/");
}

static void add_bucket(struct reading *out, struct table *t, struct xml bucket) {
    char name[128], created[64];
    int64_t wall_ms;
    if (!xml_string(bucket, "Name", name, sizeof name))
        return;
    struct row *row = table_add_row(out, t, name, HEALTH_OFF);
    row_text(out, row, 0, name);
    if (xml_string(bucket, "CreationDate", created, sizeof created) &&
        clock_parse_rfc3339(created, &wall_ms))
        row_int(row, 1, wall_ms / 1000);
}

static bool buckets_parse(struct probe_run *run, const struct reply *reply, struct reading *out,
                          struct err *err) {
    struct xml doc, bucket;
    if (!s3_answer(run, "/", &reply->http, "ListAllMyBucketsResult", &doc, err))
        return false;
    struct table *t =
        reading_add_table(out, "buckets", "Buckets", bucket_columns, ARRAY_LEN(bucket_columns));
    for (size_t at = 0; t->n_rows < MAX_BUCKETS && xml_next(doc, &at, "Bucket", &bucket);)
        add_bucket(out, t, bucket);
    return true;
}

/* ---- the bucket, page by page ---- */

static const struct column prefix_columns[] = {
    {"prefix", "PREFIX", UNIT_NONE, 0, 0},
    {"objects", "OBJECTS", UNIT_COUNT, 9, 0},
    {"bytes", "SIZE", UNIT_BYTES, 9, 0},
};

/* The signature covers the query as it is sent: names sorted, values encoded. */
static const char *objects_path(struct probe_run *run) {
    const char *bucket = ask_encode(run->arena, run->settings->minio_bucket);
    if (!run->page || !run->cursor)
        return arena_printf(run->arena, "/%s?list-type=2&max-keys=1000", bucket);
    return arena_printf(run->arena, "/%s?continuation-token=%s&list-type=2&max-keys=1000", bucket,
                        ask_encode(run->arena, run->cursor));
}

static bool objects_request(struct probe_run *run, struct exchange *ex) {
    return run->settings->minio_bucket && run->settings->minio_bucket[0] &&
           ask_signed(run, ex, objects_path(run));
}

/* From the end: a list comes in the order of its names. */
static struct row *find_row(const struct table *t, const char *key) {
    for (uint32_t i = t->n_rows; i-- > 0;)
        if (strcmp(t->rows[i].key.s, key) == 0)
            return &t->rows[i];
    return NULL;
}

static struct row *prefix_row(struct probe_run *run, struct reading *out, struct table *t,
                              const char *prefix) {
    /* Within what a row's key may have, so that it is found again. */
    const char *key = text_clean(run->arena, prefix, strlen(prefix), 80).s;
    struct row *row = find_row(t, key);
    if (!row && t->n_rows >= MAX_PREFIXES) {
        key = "(others)";
        row = find_row(t, key);
    }
    if (row)
        return row;
    row = table_add_row(out, t, key, HEALTH_OFF);
    row_text(out, row, 0, key);
    row_int(row, 1, 0);
    row_int(row, 2, 0);
    return row;
}

static void count_object(struct probe_run *run, struct reading *out, struct table *t,
                         struct xml object, int64_t *objects, int64_t *bytes) {
    char key[KEY_BYTES], number[32];
    int64_t size = 0;
    if (!xml_string(object, "Key", key, sizeof key))
        return;
    if (!xml_string(object, "Size", number, sizeof number) ||
        !str_to_i64(number, 0, INT64_MAX, &size))
        size = 0;
    *objects += 1;
    *bytes = int_add(*bytes, size);
    char *slash = strchr(key, '/');
    if (slash)
        slash[1] = 0;
    struct row *row = prefix_row(run, out, t, slash ? key : "(top)");
    row_int(row, 1, row->cells[1].i + 1);
    row_int(row, 2, int_add(row->cells[2].i, size));
}

static int64_t so_far(const struct probe_run *run, const struct reading *out, const char *metric) {
    const struct metric *m = run->page ? reading_metric(out, metric) : NULL;
    return m && m->value.kind == VALUE_INT ? m->value.i : 0;
}

/* More to come: asks for the next page. Until that is there the count is a lower bound. */
static void next_page(struct probe_run *run, struct reading *out, struct xml doc,
                      const char *capped) {
    char truncated[8] = "", token[TOKEN_BYTES];
    bool more = xml_string(doc, "IsTruncated", truncated, sizeof truncated) &&
                strcmp(truncated, "true") == 0;
    bool can = more && run->page + 1 < LIST_MAX_PAGES &&
               xml_string(doc, "NextContinuationToken", token, sizeof token) && token[0];
    if (can) {
        run->again = true;
        run->cursor = arena_strdup(run->arena, token);
    }
    reading_int(out, capped, UNIT_BOOL, more);
}

static bool objects_parse(struct probe_run *run, const struct reply *reply, struct reading *out,
                          struct err *err) {
    struct xml doc, object;
    const struct http_reply *r = &reply->http;
    if (r->status == 404 && xml_root_is((struct xml){r->body, r->body_len}, "Error")) {
        reading_finding(out, HEALTH_CRITICAL, "no_bucket", "create it, or check MINIO_BUCKET",
                        "there is no bucket %.60s", run->settings->minio_bucket);
        return true;
    }
    if (!s3_answer(run, objects_path(run), r, "ListBucketResult", &doc, err))
        return false;
    struct table *t =
        probe_table(out, "prefixes", "Prefixes", prefix_columns, ARRAY_LEN(prefix_columns));
    int64_t objects = so_far(run, out, "objects"), bytes = so_far(run, out, "bytes");
    for (size_t at = 0; xml_next(doc, &at, "Contents", &object);)
        count_object(run, out, t, object, &objects, &bytes);
    reading_int(out, "objects", UNIT_COUNT, objects);
    reading_int(out, "bytes", UNIT_BYTES, bytes);
    next_page(run, out, doc, "capped");
    return true;
}

/* ---- copies of the backups, in a bucket of their own ---- */

static const struct column copy_columns[] = {
    {"name", "BACKUP", UNIT_NONE, 0, 0},
    {"bytes", "SIZE", UNIT_BYTES, 9, 0},
};

static const char *copies_path(struct probe_run *run) {
    const char *bucket = ask_encode(run->arena, run->settings->backup_bucket);
    const char *at = run->page && run->cursor ? arena_printf(run->arena, "continuation-token=%s&",
                                                             ask_encode(run->arena, run->cursor))
                                              : "";
    return arena_printf(run->arena, "/%s?%slist-type=2&max-keys=1000&prefix=" BACKUP_PREFIX, bucket,
                        at);
}

/* Only where there are backups that could have copies. */
static bool copies_request(struct probe_run *run, struct exchange *ex) {
    const struct settings *s = run->settings;
    return s->backup_dir && s->backup_bucket && s->backup_bucket[0] &&
           ask_signed(run, ex, copies_path(run));
}

/* A directory's copy counts from its last object on, which comes before its files by name. */
static void add_copy(struct reading *out, struct table *t, struct xml object) {
    char key[KEY_BYTES], number[32], name[BACKUP_NAME_SIZE];
    int64_t size;
    if (!xml_string(object, "Key", key, sizeof key) ||
        !xml_string(object, "Size", number, sizeof number) ||
        !str_to_i64(number, 0, INT64_MAX, &size))
        return;
    enum copy_part part = backup_copy_part(key, name);
    struct row *row = part == COPY_MEMBER ? find_row(t, name) : NULL;
    if (row)
        row_int(row, 1, int_add(row->cells[1].i, size));
    if ((part != COPY_ARCHIVE && part != COPY_INDEX) || t->n_rows >= MAX_COPIES)
        return;
    row = table_add_row(out, t, name, HEALTH_OFF);
    row_text(out, row, 0, name);
    row_int(row, 1, part == COPY_ARCHIVE ? size : 0);
}

/* The bucket is made by the first upload: before that there is none, and no copy. A key that may
 * not look is no fault of the store. */
static bool copies_parse(struct probe_run *run, const struct reply *reply, struct reading *out,
                         struct err *err) {
    struct xml doc, object;
    const struct http_reply *r = &reply->http;
    bool no_bucket = r->status == 404 && xml_root_is((struct xml){r->body, r->body_len}, "Error");
    if (r->status == 403) {
        reading_finding(out, HEALTH_OK, "copies_hidden",
                        "allow it s3:ListBucket there, to see which backups have a copy",
                        "this key may not list the bucket %.60s", run->settings->backup_bucket);
        return true;
    }
    if (!no_bucket && !s3_answer(run, copies_path(run), r, "ListBucketResult", &doc, err))
        return false;
    struct table *t =
        probe_table(out, "copies", "Copies of backups", copy_columns, ARRAY_LEN(copy_columns));
    if (no_bucket)
        return true;
    for (size_t at = 0; xml_next(doc, &at, "Contents", &object);)
        add_copy(out, t, object);
    next_page(run, out, doc, "copies_capped");
    return true;
}

static const struct probe_stage stages[] = {
    {"live", 0, 0, true, live_request, live_parse},
    {"ready", 0, 0, false, ready_request, ready_parse},
    {"cluster", 10000, 0, false, cluster_request, cluster_parse},
    {"buckets", 60000, 0, false, buckets_request, buckets_parse},
    {"objects", 60000, LIST_MAX_PAGES, false, objects_request, objects_parse},
    {"copies", 60000, LIST_MAX_PAGES, false, copies_request, copies_parse},
};
static const struct stage_words stage_words[] = {
    {"ready", "its readiness"},
    {"cluster", "the quorum"},
    {"copies", "copies of backups"},
    {NULL, NULL},
};

static bool configured(const struct settings *s, const char **ret_why_not) {
    *ret_why_not = "no address: set MINIO_ENDPOINT";
    return s->minio_url != NULL;
}

/* Users or settings that are not loaded stop it as missing drives do, and are mended elsewhere. */
static void judge_cluster(struct reading *r, const char *state) {
    if (state && strcasecmp(state, "offline") != 0)
        reading_finding(r, HEALTH_CRITICAL, "cluster_status",
                        "see its log: does it reach what holds its users and settings?",
                        "it serves nobody: %.40s", state);
    else
        reading_finding(r, HEALTH_CRITICAL, "no_quorum", "see its drives: writes fail meanwhile",
                        "there is no write quorum");
}

static void judge(struct probe_run *run, struct reading *r, struct verdict *v) {
    char objects[32], bytes[32];
    const char *state = reading_string(r, "server_status");
    if (!has_keys(run->settings))
        reading_finding(r, HEALTH_OK, "no_key", "set MINIO_ACCESS_KEY and MINIO_SECRET_KEY",
                        "buckets are not read: no key is set");
    if (metric_is_no(r, "ready"))
        reading_finding(r, HEALTH_CRITICAL, "not_ready", "it starts, or its drives are missing",
                        "storage is not ready: %.40s", state ? state : "503");
    else if (metric_is_no(r, "cluster"))
        judge_cluster(r, reading_string(r, "cluster_status"));
    show_counted(r, "objects", "object", objects, sizeof objects);
    show_metric(r, "bytes", bytes, sizeof bytes);
    if (reading_metric(r, "objects"))
        v->summary = text_printf(run->arena, "%s%s  %s", metric_is_yes(r, "capped") ? "over " : "",
                                 objects, bytes);
    else
        v->summary = text_printf(run->arena, "alive, bucket not read");
    judge_by_findings(run, r, v);
}

static void shell(const struct settings *s, const char *table, struct str *out) {
    bool buckets = strcmp(table, "buckets") == 0;
    str_printf(out,
               "curl -sS -m 5 --aws-sigv4 aws:amz:us-east-1:s3 "
               "-u \"${MINIO_ACCESS_KEY}:${MINIO_SECRET_KEY}\" -H 'x-amz-content-sha256: %s' ",
               empty_sha256);
    shell_put(out, "%s/%s%s", s->minio_url ? s->minio_url : "",
              s->minio_bucket && !buckets ? s->minio_bucket : "",
              buckets ? "" : "?list-type=2&max-keys=1000");
}

extern const struct probe probe_minio;
const struct probe probe_minio = {
    .service = SERVICE_minio,
    .title = "MinIO",
    .purpose = "object storage: ready, write quorum, size of the media bucket",
    .interval_ms = 10000,
    .timeout_ms = 5000,
    .retries = 5,
    .start_period_ms = 10000,
    .stages = stages,
    .n_stages = ARRAY_LEN(stages),
    .stage_words = stage_words,
    .key_metric = "bytes",
    .configured = configured,
    .judge = judge,
    .shell = shell,
    .endpoint_name = "MINIO_ENDPOINT",
};
