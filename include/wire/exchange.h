/* wire/exchange.h - what is asked of a back-end and what came back, as plain values: no handle, no
 * client library type. Codecs (probe/) make requests and read replies; io/link.h carries one to the
 * other. All pointers live in the arena that the maker was given, and are valid until that run
 * ends. */
#ifndef GOODGO_WIRE_EXCHANGE_H
#define GOODGO_WIRE_EXCHANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/err.h"

enum exchange_kind { EXCHANGE_HTTP, EXCHANGE_PG, EXCHANGE_PG_PING, EXCHANGE_REDIS, EXCHANGE_FILES };

#define HTTP_MAX_HEADERS 6
struct http_header {
    const char *name, *value;
};
struct http_request {
    const char *method; /* NULL = GET */
    const char *url;
    struct http_header headers[HTTP_MAX_HEADERS]; /* ends at the first NULL name */
    const char *user, *password;                  /* basic, or the key pair of sigv4 */
    bool sigv4; /* sign for S3 "aws:amz:us-east-1:s3": the URL's query has to be sorted and encoded
                 */
    const char *body;
    size_t body_len;
    size_t max_body_bytes; /* 0 = 2 MiB; more ends the exchange with E_TOO_BIG */
    /* Where not NULL, a 2xx body is not kept (reply.body is empty, no cap): its pieces go here as
     * they come. False ends the exchange with E_CANCELLED. */
    bool (*on_body)(void *ctx, const char *bytes, size_t n);
    void *body_ctx;
};

struct pg_target {
    const char *host; /* a name, an address, or a directory for the Unix socket */
    uint16_t port;
    const char *dbname, *user, *password, *sslmode; /* sslmode NULL = prefer */
    bool pooler; /* PgBouncer: no `options`, and so no statement_timeout, at the start; simple
                    protocol only */
    /* Absolute paths of the CA, and of the client's certificate and key; NULL = libpq's own. */
    const char *sslrootcert, *sslcert, *sslkey;
};
struct pg_request {
    struct pg_target target;
    const char *sql;   /* one statement, simple protocol */
    uint32_t max_rows; /* 0 = 1,000, at most 10,000; more are left out, and reply.pg.cut. A cell is
                          cut at 64 KiB */
};

#define REDIS_MAX_ARGS 16
struct redis_target {
    const char *host;
    uint16_t port;
    const char *user, *password; /* NULL = none */
};
struct redis_request {
    struct redis_target target;
    int argc;
    const char *argv[REDIS_MAX_ARGS];
};

/* Newest files of a directory whose names match prefix...suffix, with their first bytes. */
struct files_request {
    const char *dir, *prefix, *suffix;
    uint32_t max_files;     /* 0 = 1,000, which is the most */
    uint32_t head_bytes;    /* at most 64 */
    uint32_t content_bytes; /* files up to this size are read whole; 0 = none is */
    /* Directories too whose names match prefix...dir_suffix: their size is that of the files in
     * them, their first bytes are those of the file `dir_head` in them. NULL = none is. */
    const char *dir_suffix, *dir_head;
};

struct exchange {
    enum exchange_kind kind;
    union {
        struct http_request http;
        struct pg_request pg; /* PG_PING uses only target */
        struct redis_request redis;
        struct files_request files;
    };
};

/* Makes it a question to a database; true, for a probe's request to end with. */
bool exchange_query(struct exchange *ex, const struct pg_target *target, const char *sql,
                    uint32_t max_rows);

struct http_reply {
    int status;
    const char *body; /* NUL-terminated beyond body_len */
    size_t body_len;
    struct http_header *headers; /* lower-case names */
    size_t n_headers;
};
const char *http_reply_header(const struct http_reply *r, const char *lower_name); /* or NULL */

struct pg_rows {
    int server_version; /* PQserverVersion */
    const char *server_version_text;
    uint32_t n_cols, n_rows;
    bool cut;            /* more rows than max_rows */
    const char **names;  /* n_cols */
    const char ***cells; /* cells[row][col]; NULL = SQL NULL */
    char sqlstate[6];    /* set with reply.ok == false where the server said one */
};
/* NULL where there is no such row or column, or it is SQL NULL. The numbers are false then, and
 * where the text is not wholly one. */
const char *pg_cell(const struct pg_rows *r, uint32_t row, const char *column);
bool pg_cell_i64(const struct pg_rows *r, uint32_t row, const char *column,
                 int64_t *ret_n) MUST_CHECK;
bool pg_cell_double(const struct pg_rows *r, uint32_t row, const char *column,
                    double *ret_d) MUST_CHECK;

enum pg_ping { PG_PING_OK, PG_PING_REJECT, PG_PING_NO_RESPONSE, PG_PING_NO_ATTEMPT };

enum redis_type { REDIS_NIL, REDIS_STRING, REDIS_STATUS, REDIS_ERROR, REDIS_INTEGER, REDIS_ARRAY };
struct redis_val {
    enum redis_type type;
    int64_t integer;
    const char *s; /* string, status, error; NUL-terminated beyond len */
    size_t len;
    const struct redis_val *items; /* array */
    size_t n_items;
};

struct file_entry {
    const char *name; /* cleaned by the reader of the reply, not here */
    int64_t size_bytes, modified_wall_s;
    char kind; /* 'f' regular, 'd' directory, 'l' link, 'o' other */
    bool readable;
    uint32_t mode;
    uint8_t head[64];
    uint32_t head_len;
    const char *content; /* NULL where it was not asked for, is too big, or may not be read */
    size_t content_len;
};
struct file_list {
    const struct file_entry *entries; /* newest name first */
    size_t n_entries, n_total;
    int64_t total_bytes, free_bytes; /* free on the file system; -1 = not known */
};

struct reply {
    enum exchange_kind kind;
    bool ok; /* an answer in the protocol came; HTTP 500 and a Redis -ERR are answers */
    struct err err;
    double took_ms;
    union {
        struct http_reply http;
        struct pg_rows pg;
        enum pg_ping ping;
        struct redis_val redis;
        struct file_list files;
    };
};

#endif
