/* tests/unit/test_pgurl.c - URLs of servers, and Prisma's database URLs made fit for libpq. */
#include "harness.h"

#include <string.h>

#include "app/pgurl.h"
#include "app/url.h"
#include "base/str.h"

static struct arena arena;
static struct url url;
static struct pgurl pg;
static struct err err;

static void refused(const char *text, const char *why) {
    arena_clear(&arena);
    bool ok = str_starts(text, "postgres") ? pgurl_parse(&pg, &arena, text, &err)
                                           : url_parse(&url, &arena, text, "config.x", &err);
    CU_ASSERT_FALSE(ok);
    CHECK_STR(err.why, why);
    CHECK_STR(err.target, ""); /* the URL may hold a password: it is never repeated */
}

static const struct pg_target *parsed(const char *text) {
    arena_clear(&arena);
    CU_ASSERT_TRUE_FATAL(pgurl_parse(&pg, &arena, text, &err));
    return &pg.target;
}

TEST(splits_every_part) {
    CU_ASSERT_TRUE(url_parse(&url, &arena, "redis://u:p%40w@h.x:6380/a/b?c=d?e", "x", &err));
    CHECK_STR(url.scheme, "redis");
    CHECK_STR(url.user, "u");
    CHECK_STR(url.password, "p@w");
    CHECK_STR(url.host, "h.x");
    CU_ASSERT_EQUAL(url.port, 6380);
    CHECK_STR(url.path, "a/b");
    CHECK_STR(url.query, "c=d?e");
    CU_ASSERT_TRUE(url_parse(&url, &arena, "http://h", "x", &err));
    CU_ASSERT_PTR_NULL(url.user);
    CU_ASSERT_PTR_NULL(url.password);
    CU_ASSERT_PTR_NULL(url.path);
    CU_ASSERT_PTR_NULL(url.query);
    CU_ASSERT_EQUAL(url.port, 0);
    CU_ASSERT_TRUE(url_parse(&url, &arena, "http://h:1", "x", &err) && url.port == 1);
    CU_ASSERT_TRUE(url_parse(&url, &arena, "http://h:65535", "x", &err) && url.port == 65535);
    CU_ASSERT_TRUE(url_parse(&url, &arena, "redis://:pw@", "x", &err));
    CHECK_STR(url.user, "");
    CHECK_STR(url.password, "pw");
    CHECK_STR(url.host, "");
}

TEST(refuses_broken_urls) {
    refused("localhost:5432", "it is no URL: it should begin with scheme://");
    refused("://x", "it is no URL: it should begin with scheme://");
    refused("http://h:", "the port is not a number from 1 to 65535");
    refused("http://h:0", "the port is not a number from 1 to 65535");
    refused("http://h:65536", "the port is not a number from 1 to 65535");
    refused("http://h:80x", "the port is not a number from 1 to 65535");
    refused("http://%zz", "a broken %-escape in the host");
    refused("http://u%2@h", "a broken %-escape in user or password");
    refused("http://u:%@h", "a broken %-escape in user or password");
    refused("http://u:%00@h", "a broken %-escape in user or password");
    refused("http://h/%g0", "a broken %-escape in the path");
    refused("http://h/%0g", "a broken %-escape in the path");
    refused("http://[::1", "'[' without ']' in the host");
    refused("http://[::1]x", "'[' without ']' in the host");
    refused("http://[]", "between '[' and ']' an IPv6 address is expected");
    refused("http://[abc]", "between '[' and ']' an IPv6 address is expected");
    refused("http://[::x]", "between '[' and ']' an IPv6 address is expected");
}

TEST(the_platforms_own_url) {
    const struct pg_target *t =
        parsed("postgresql://goodgo:s3cret@db:5433/goodgo?schema=public&connection_limit=5");
    CHECK_STR(t->host, "db");
    CU_ASSERT_EQUAL(t->port, 5433);
    CHECK_STR(t->dbname, "goodgo");
    CHECK_STR(t->user, "goodgo");
    CHECK_STR(t->password, "s3cret");
    CU_ASSERT_PTR_NULL(t->sslmode);
    CU_ASSERT_FALSE(t->pooler);
    CHECK_STR(pg.schema, "public");
    CHECK_STR(pg.dropped, "schema, connection_limit");
}

TEST(defaults_and_missing_parts) {
    const struct pg_target *t = parsed("postgres://h");
    CU_ASSERT_EQUAL(t->port, 5432);
    CU_ASSERT_PTR_NULL(t->dbname);
    CU_ASSERT_PTR_NULL(t->user);
    CU_ASSERT_PTR_NULL(t->password);
    CU_ASSERT_PTR_NULL(pg.dropped);
    CU_ASSERT_PTR_NULL(parsed("postgres://@h/")->user);
    CU_ASSERT_PTR_NULL(parsed("postgres://h/?")->dbname);
    CU_ASSERT_PTR_NULL(parsed("postgres://h?&&=x&")->dbname);
}

TEST(passwords_with_odd_letters) {
    CHECK_STR(parsed("postgres://u:p%3A%2F%3F%23%25w@h/d")->password, "p:/?#%w");
    CHECK_STR(parsed("postgres://u%40:p%0Aw%40@h/d%2B")->password, "p\nw@"); /* at the end too */
    CHECK_STR(pg.target.user, "u@");
    CHECK_STR(pg.target.dbname, "d+");
    CHECK_STR(parsed("postgres://u:p@w@h/d")->password, "p@w"); /* nobody encoded it */
    CHECK_STR(pg.target.host, "h");
    CHECK_STR(parsed("postgres://u:a:b@h/d")->password, "a:b");
    CHECK_STR(parsed("postgres://u:@h/d")->password, "");
    CHECK_STR(parsed("postgres://u:m\341\272\255t@h/d")->password, "m\341\272\255t");
}

TEST(ipv6_and_unix_sockets) {
    CHECK_STR(parsed("postgres://u@[::1]:5433/d")->host, "::1");
    CU_ASSERT_EQUAL(pg.target.port, 5433);
    CHECK_STR(parsed("postgres://u@[fe80::1]/d")->host, "fe80::1");
    CHECK_STR(parsed("postgres://u@%2Fvar%2Frun%2Fpostgresql/d")->host, "/var/run/postgresql");
    CHECK_STR(parsed("postgres://u@localhost/d?host=/var/run")->host, "/var/run");
    CHECK_STR(parsed("postgres:///d?host=%2Ftmp")->host, "/tmp");
    CHECK_STR(parsed("postgres://h/d?host=")->host, "h");
    CHECK_STR(pg.dropped, "host");
}

TEST(options_are_kept_or_named) {
    CHECK_STR(parsed("postgres://h/d?sslmode=require&pgbouncer=true")->sslmode, "require");
    CU_ASSERT_TRUE(pg.target.pooler);
    CHECK_STR(pg.dropped, "pgbouncer");
    CU_ASSERT_FALSE(parsed("postgres://h/d?pgbouncer=false")->pooler);
    parsed("postgres://h/d?%1b[2J=1&flag");
    CHECK_STR(pg.dropped, "?[2J, flag"); /* a name is outside bytes too */
    char many[2000] = "postgres://h/d?";
    for (size_t n = strlen(many); n < 1900; n += 10)
        memcpy(many + n, "abcdefghi&", 11);
    parsed(many);
    CU_ASSERT_TRUE(strlen(pg.dropped) < 260);
}

#define FILE_HERE "/proc/self/exe" /* any that can be read */

TEST(files_for_tls_have_libpqs_meaning) {
    const struct pg_target *t = parsed("postgres://h/d?sslmode=verify-ca&sslrootcert=" FILE_HERE);
    CHECK_STR(t->sslrootcert, FILE_HERE);
    CU_ASSERT_PTR_NULL(pg.dropped);
    t = parsed("postgres://h/d?sslkey=" FILE_HERE "&sslcert=" FILE_HERE);
    CHECK_STR(t->sslcert, FILE_HERE);
    CHECK_STR(t->sslkey, FILE_HERE);
    CU_ASSERT_PTR_NULL(t->sslrootcert);
    t = parsed("postgres://h/d?sslkey=" FILE_HERE);
    CU_ASSERT(!t->sslcert && !t->sslkey);
    CHECK_STR(pg.dropped, "sslkey (no sslcert)");
}

/* Prisma calls the server's CA sslcert, and by default checks nothing with it. */
TEST(a_certificate_alone_is_prismas_ca) {
    const struct pg_target *t = parsed("postgres://h/d?sslmode=verify-full&sslcert=" FILE_HERE);
    CHECK_STR(t->sslrootcert, FILE_HERE);
    CU_ASSERT_PTR_NULL(t->sslcert);
    t = parsed("postgres://h/d?sslcert=" FILE_HERE "&sslmode=require&sslaccept=strict");
    CHECK_STR(t->sslrootcert, FILE_HERE);
    CHECK_STR(pg.dropped, "sslaccept");
    t = parsed("postgres://h/d?sslmode=require&sslcert=" FILE_HERE);
    CU_ASSERT(!t->sslrootcert && !t->sslcert);
    CHECK_STR(pg.dropped, "sslcert");
}

TEST(files_for_tls_that_are_not_there_are_named) {
    const struct pg_target *t = parsed("postgres://h/d?sslrootcert=/no/such.crt");
    CU_ASSERT_PTR_NULL(t->sslrootcert);
    CHECK_STR(pg.dropped, "sslrootcert (no such file)");
    CU_ASSERT_TRUE(pg.file_missing);
    t = parsed("postgres://h/d?sslcert=" FILE_HERE "&sslkey=client.key");
    CU_ASSERT(!t->sslcert && !t->sslkey);
    CHECK_STR(pg.dropped, "sslkey (no whole path)");
}

TEST(refuses_what_is_no_database_url) {
    refused("postgresq://h/d", "it should begin with postgresql://");
    refused("postgresql:/h/d", "it should begin with postgresql://");
    refused("postgresql://", "it names no host");
    refused("postgresql://u:p@/d", "it names no host");
    refused("postgresql://h/d?a=%", "a broken %-escape in an option");
    refused("postgresql://h/d?%=a", "a broken %-escape in an option");
    refused("postgresql://h1:1,h2:2/d", "the port is not a number from 1 to 65535");
    CU_ASSERT_FALSE(pgurl_parse(&pg, &arena, "mysql://h/d", &err));
}

/* libpq repeats what it does not know, and an & in a password makes an option of its end. */
TEST(an_sslmode_that_is_none_is_not_repeated) {
    static const char why[] =
        "its sslmode is none of disable, allow, prefer, require, verify-ca, verify-full";
    refused("postgres://u@h/d?sslmode=s3cret", why);
    refused("postgres://u@h/d?sslmode=require%1b[2J", why);
    refused("postgres://u@h/d?sslmode=Require", why);
    CU_ASSERT_PTR_NULL(parsed("postgres://h/d?sslmode=")->sslmode);
    arena_done(&arena);
}

SUITE(pgurl, T(splits_every_part), T(refuses_broken_urls), T(the_platforms_own_url),
      T(defaults_and_missing_parts), T(passwords_with_odd_letters), T(ipv6_and_unix_sockets),
      T(options_are_kept_or_named), T(files_for_tls_have_libpqs_meaning),
      T(a_certificate_alone_is_prismas_ca), T(files_for_tls_that_are_not_there_are_named),
      T(refuses_what_is_no_database_url), T(an_sslmode_that_is_none_is_not_repeated))
