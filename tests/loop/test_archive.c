/* tests/loop/test_archive.c - archives of a real pg_dump: what they are, what is in them, and that
 * none of many kinds of damage goes unseen or makes the console wait. */
#define _GNU_SOURCE /* memmem */
#include <sys/syscall.h>

#include "../../src/act/archive_priv.h"
#include "base/str.h"
#include "io/child.h"
#include "io/file.h"
#include "odd_database.h"
#include "wire/digest.h"

static struct arena arena;
static struct err err;

/* Instead of libc's, for the whole binary: a disk that has lost what lies behind that byte. */
static off_t lost_from = -1;

ssize_t pread(int fd, void *bytes, size_t n, off_t from) {
    if (lost_from < 0 || from < lost_from)
        return syscall(SYS_pread64, fd, bytes, n, from);
    errno = EIO;
    return -1;
}

static const char *pg_restore;
static char good[100]; /* the undamaged archive */
static struct content live;
static struct file_content original;

static const char *path_of(const char *name) {
    return arena_printf(&arena, "%s/%s", pg.dir, name);
}

static bool head(const char *path, struct archive_head *ret) {
    memset(&err, 0, sizeof err);
    memset(ret, 0xff, sizeof *ret);
    return archive_head(path, ret, &err);
}

static bool content(const char *path, struct content *ret) {
    memset(&err, 0, sizeof err);
    return archive_content(&(struct archive_reading){path, pg_restore, -1, NULL, NULL}, &arena, ret,
                           &err);
}

static void put(const char *path, const char *bytes, size_t n) {
    CU_ASSERT_TRUE_FATAL(writefile(path, bytes, n, &err));
}

static bool scan_live(const char *dbname, struct content *c) {
    struct pg_target t = pg.target;
    struct pgsession *s = pg_open(dbname);
    t.dbname = dbname;
    bool ok = content_tables(s, &arena, c, &err);
    pgsession_close(s);
    return ok && content_scan_finish(content_scan_start(&t, NULL, 2, -1, c), &err);
}

TEST(makes_an_archive_of_an_odd_database) {
    arena_init(&arena);
    pg_server_start();
    odd_database_make("odd");
    pg_run("odd", "SELECT lo_from_bytea(0, 'a large object');"
                  "SELECT lo_from_bytea(0, decode(repeat('ab', 100000), 'hex'));"
                  "INSERT INTO spatial_ref_sys (srid, auth_name) VALUES (998999, 'ours')");
    snprintf(good, sizeof good, "%s/good", pg.dir);
    odd_database_dump("odd", good);
    CU_ASSERT_TRUE_FATAL(scan_live("odd", &live));
    CU_ASSERT_TRUE_FATAL(readfile(&arena, good, 100000000, &original, &err));
}

TEST(finds_the_tool_of_the_servers_version) {
    int version = 0;
    struct pgsession *s = pg_open("odd");
    CU_ASSERT_TRUE(
        pg_tool_find("pg_restore", pgsession_version(s), &arena, &pg_restore, &version, &err));
    CU_ASSERT_EQUAL(version / 10000, pgsession_version(s) / 10000);
    CHECK_STR(pg_restore, arena_printf(&arena, "%s/pg_restore", pg.bin));
    CU_ASSERT_FALSE(pg_tool_find("pg_dump", 990000, &arena, &pg_restore, &version, &err));
    CU_ASSERT_EQUAL(err.code, E_CONFIG);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.why, "install the package postgresql-client-99"));
    CU_ASSERT_FALSE(pg_tool_find("pg_nothing", 0, &arena, &pg_restore, &version, &err));
    CU_ASSERT_TRUE(pg_tool_find("pg_restore", 0, &arena, &pg_restore, &version, &err));
    pgsession_close(s);
}

TEST(knows_an_archive_by_its_bytes) {
    struct archive_head h;
    CU_ASSERT_TRUE(head(good, &h));
    CU_ASSERT_EQUAL(h.kind, ARCHIVE_CUSTOM);
    CU_ASSERT_EQUAL(h.major, 1);
    CU_ASSERT(h.minor >= 12 && h.minor <= 16);
    CU_ASSERT_EQUAL(h.size_bytes, (int64_t)original.len);
}

static void check_no_archive(const char *name, const char *bytes, size_t n, enum archive_kind kind,
                             const char *why) {
    struct archive_head h;
    struct content c;
    put(path_of(name), bytes, n);
    CU_ASSERT_FALSE(head(path_of(name), &h));
    CU_ASSERT_EQUAL(h.kind, kind);
    CU_ASSERT_EQUAL(err.code, E_WRONG_THING);
    if (!strstr(err.why, why))
        CHECK_STR(err.why, why);
    CU_ASSERT_FALSE(content(path_of(name), &c));
}

TEST(says_what_a_file_is_that_is_none) {
    static const char gzip[] = "\x1f\x8b\x08\0\0\0\0\0\0\3", zstd[] = "\x28\xb5\x2f\xfd\0\0\0",
                      lz4[] = "\x04\x22\x4d\x18\x40\x40\xc0";
    check_no_archive("empty", "", 0, ARCHIVE_EMPTY, "empty");
    check_no_archive("gzip.sql.gz", gzip, sizeof gzip, ARCHIVE_GZIP, "gzip");
    check_no_archive("plain.sql.gz", "--\n-- PostgreSQL database dump\n", 31, ARCHIVE_SQL, "text");
    check_no_archive("zstd", zstd, sizeof zstd, ARCHIVE_ZSTD, "unzstd it");
    check_no_archive("lz4", lz4, sizeof lz4, ARCHIVE_LZ4, "unlz4 it");
    check_no_archive("short", "PGDMP\1", 6, ARCHIVE_OTHER, "no archive");
    check_no_archive("newer", "PGDMP\1\x11\0\4\x8\1 and more", 20, ARCHIVE_CUSTOM,
                     "archive format 1.17");
    check_no_archive("version2", "PGDMP\2\0\0\4\x8\1 and more", 20, ARCHIVE_CUSTOM,
                     "archive format 2.0");
}

TEST(follows_no_link_and_waits_for_no_fifo) {
    struct archive_head h;
    struct content c;
    char hex[65];
    CU_ASSERT_EQUAL(symlink(good, path_of("link")), 0);
    CU_ASSERT_FALSE(head(path_of("link"), &h));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.why, "link"));
    CU_ASSERT_EQUAL(mkfifo(path_of("fifo"), 0600), 0);
    CU_ASSERT_FALSE(head(path_of("fifo"), &h));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.why, "FIFO"));
    CU_ASSERT_FALSE(content(path_of("fifo"), &c));
    CU_ASSERT_FALSE(archive_sha256(path_of("fifo"), -1, hex, &err));
    CU_ASSERT_FALSE(head(path_of("missing"), &h));
    CU_ASSERT_EQUAL(err.code, E_IO);
    CU_ASSERT_FALSE(head("/dev/null", &h));
    CU_ASSERT_FALSE(head(pg.dir, &h)); /* a directory without toc.dat */
}

TEST(sha256_is_that_of_the_bytes) {
    char hex[65], expected[65];
    int ends[2];
    digest_sha256_hex(original.bytes, original.len, expected);
    CU_ASSERT_TRUE(archive_sha256(good, -1, hex, &err));
    CHECK_STR(hex, expected);
    CU_ASSERT_EQUAL_FATAL(pipe(ends), 0);
    CU_ASSERT_EQUAL(write(ends[1], "c", 1), 1);
    CU_ASSERT_FALSE(archive_sha256(good, ends[0], hex, &err));
    CU_ASSERT_EQUAL(err.code, E_CANCELLED);
    close(ends[0]);
    close(ends[1]);
}

static const struct archive_entry *entry(const struct archive_toc *t, const char *type,
                                         const char *name) {
    for (uint32_t i = 0; i < t->n; i++)
        if (!strcmp(t->entries[i].type, type) && !strcmp(t->entries[i].name, name))
            return &t->entries[i];
    return NULL;
}

TEST(lists_the_table_of_contents_exactly) {
    struct archive_toc t;
    CU_ASSERT_TRUE_FATAL(archive_toc(good, pg_restore, -1, &arena, &t, &err));
    CHECK_STR(t.database, "odd");
    CU_ASSERT_EQUAL(strncmp(t.dumped_from, t.dumped_by, 2), 0);
    CU_ASSERT_EQUAL(strlen(t.created), 19);
    CU_ASSERT_PTR_NOT_NULL(entry(&t, "EXTENSION", "postgis"));
    CU_ASSERT_PTR_NOT_NULL(entry(&t, "TABLE DATA", "line\nbreak (x"));
    const struct archive_entry *e = entry(&t, "TABLE", "a \"b\", (c)");
    CU_ASSERT_PTR_NOT_NULL_FATAL(e);
    CHECK_STR(e->schema, "odd \"schema\".x");
    CHECK_STR(e->owner, "goodgo");
    /* As many as pg_restore lists. */
    const char *arguments[] = {"--list", "--file", path_of("list"), good};
    char exe[160];
    snprintf(exe, sizeof exe, "%s/pg_restore", pg.bin);
    const char *argv[] = {exe, arguments[0], arguments[1], arguments[2], arguments[3], NULL};
    CU_ASSERT_EQUAL(pg_spawn_wait(argv), 0);
    struct file_content list;
    CU_ASSERT_TRUE_FATAL(readfile(&arena, path_of("list"), 1000000, &list, &err));
    uint32_t n = 0, n_ours = 0;
    for (const char *s = list.bytes; *s; s = strchr(s, '\n') + 1)
        n += *s != ';' && *s != '\n';
    for (uint32_t i = 0; i < t.n; i++) /* the database itself: listed with --create only */
        n_ours += !str_starts(t.entries[i].type, "DATABASE");
    CU_ASSERT_EQUAL(n_ours, n);
}

static void check_same(const struct content *a, const struct content *b) {
    CU_ASSERT_EQUAL_FATAL(a->n, b->n);
    for (uint32_t i = 0; i < a->n; i++) {
        bool equal = content_equal(&a->tables[i].sum, &b->tables[i].sum);
        if (!equal)
            printf("\n    %s differs", a->tables[i].name);
        CU_ASSERT_TRUE(equal);
        CHECK_STR(a->tables[i].schema, b->tables[i].schema);
        CHECK_STR(a->tables[i].name, b->tables[i].name);
        CHECK_STR(a->tables[i].columns, b->tables[i].columns);
    }
}

static bool note_bytes(void *ctx, uint64_t bytes, const char *table) {
    CU_ASSERT(bytes >= *(uint64_t *)ctx);
    *(uint64_t *)ctx = bytes;
    return true;
}

TEST(content_equals_that_of_the_live_database) {
    struct content c;
    uint64_t told = 0, sum = 0;
    bool ok = archive_content(&(struct archive_reading){good, pg_restore, -1, note_bytes, &told},
                              &arena, &c, &err);
    if (!ok)
        printf("\n%s\n", err.why);
    CU_ASSERT_TRUE_FATAL(ok);
    check_same(&live, &c);
    for (uint32_t i = 0; i < c.n; i++)
        sum += c.tables[i].sum.bytes;
    CU_ASSERT(told > 0 && told <= sum + 100);
}

static void dump_as(const char *format, const char *more, const char *path) {
    char file[160], kind[40];
    snprintf(file, sizeof file, "--file=%s", path);
    snprintf(kind, sizeof kind, "--format=%s", format);
    const char *arguments[] = {kind, more, file, "odd"};
    setenv("PGTZ", "UTC", 1);
    CU_ASSERT_EQUAL_FATAL(pg_tool("pg_dump", arguments, 4), 0);
    unsetenv("PGTZ");
}

TEST(reads_the_other_formats_too) {
    static const struct {
        const char *format, *more;
        enum archive_kind kind;
    } cases[] = {{"directory", "--jobs=2", ARCHIVE_DIRECTORY},
                 {"tar", "--no-comments", ARCHIVE_TAR},
                 {"custom", "--compress=0", ARCHIVE_CUSTOM}};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct archive_head h;
        struct archive_toc t;
        struct content c = {0};
        const char *path = path_of(cases[i].format);
        dump_as(cases[i].format, cases[i].more, path);
        CU_ASSERT_TRUE(head(path, &h));
        CU_ASSERT_EQUAL(h.kind, cases[i].kind);
        CU_ASSERT(h.size_bytes > 1000);
        CU_ASSERT_TRUE(archive_toc(path, pg_restore, -1, &arena, &t, &err));
        bool ok = content(path, &c);
        if (!ok)
            printf("\n%s: %s\n", cases[i].format, err.why);
        CU_ASSERT_TRUE_FATAL(ok);
        check_same(&live, &c);
    }
}

/* --- a directory --- */

static bool keep(void *ctx, const char *bytes, size_t n) {
    str_add(ctx, bytes, n);
    return true;
}

/* The first word that a shell command prints, in the test's directory. */
static const char *run(const char *command) {
    const char *full = arena_printf(&arena, "export LC_ALL=C; cd %s && %s", pg.dir, command);
    const char *argv[] = {"/bin/sh", "-c", full, NULL};
    struct child_result result;
    struct str out;
    str_init(&out, 4096);
    struct child_spec spec = {
        .argv = argv, .stdout_fd = -1, .on_stdout = keep, .ctx = &out, .cancel_fd = -1};
    CU_ASSERT_TRUE(child_run(&spec, &result, &err));
    if (result.exit_code)
        printf("\n    %s: %s", command, result.last_line);
    CU_ASSERT_EQUAL(result.exit_code, 0);
    const char *text = str_get(&out);
    const char *word = arena_strndup(&arena, text, strcspn(text, " \n"));
    str_done(&out);
    return word;
}

/* What is wrong with a copy of the directory that `command` was let loose on; "" = nothing is. */
static const char *damaged_directory(const char *command) {
    struct content c = {0};
    run("rm -rf copy && cp -r directory copy");
    run(arena_printf(&arena, "cd copy && { %s; }", command));
    return content(path_of("copy"), &c) ? "" : arena_strdup(&arena, err.why);
}

static void check_directory(const char *command, const char *why) {
    const char *got = damaged_directory(command);
    if (!*got || !strstr(got, why))
        printf("\n    %s: %s", command, *got ? got : "not seen");
    CU_ASSERT(*got && strstr(got, why));
}

TEST(sha256_of_a_directory_is_what_coreutils_make_of_it) {
    char hex[65];
    CU_ASSERT_TRUE(archive_sha256(path_of("directory"), -1, hex, &err));
    CHECK_STR(hex, run("cd directory && sha256sum * | LC_ALL=C sort -k2 | sha256sum"));
    CU_ASSERT_EQUAL(archive_size(path_of("directory")), atoll(run("cat directory/* | wc -c")));
    CU_ASSERT_EQUAL(archive_size(path_of("nowhere")), -1);
}

TEST(sees_a_file_of_a_directory_that_is_missing_or_too_many) {
    CHECK_STR(damaged_directory("true"), "");
    check_directory("rm toc.dat", "there is no toc.dat in it");
    check_directory("rm blob_*.dat.gz", "a large object is missing: there is no blob_");
    check_directory("rm blobs.toc", "there is no blobs.toc in it");
    check_directory("rm $(ls [0-9]*.dat.gz | head -n 1)", "are missing: there is no ");
    check_directory("touch extra", "extra is no part of the archive");
    check_directory("touch .hidden", ".hidden is no part of the archive");
    check_directory("cp toc.dat toc.dat.gz", "toc.dat.gz is no part of the archive");
    check_directory("echo 'x y' >>blobs.toc", "the list of large objects is damaged");
}

TEST(follows_no_link_inside_a_directory) {
    char hex[65];
    check_directory("f=$(ls [0-9]*.dat.gz | head -n 1); mv $f ../moved; ln -s ../moved $f",
                    "in it is a link: pg_dump makes files alone");
    CU_ASSERT_FALSE(archive_sha256(path_of("copy"), -1, hex, &err));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.why, "is a link"));
    check_directory("mv toc.dat ../moved; ln -s ../moved toc.dat", "toc.dat in it is a link");
    check_directory("mkdir sub", "sub in it is a directory");
    check_directory("mkfifo fifo", "fifo in it is a FIFO");
    /* The table of contents itself names a file elsewhere: 3421.dat becomes ../1.dat. */
    check_directory("sed -i 's/[0-9]\\{4\\}\\.dat/..\\/1.dat/' toc.dat", "is damaged before byte");
}

TEST(sees_damage_inside_the_files_of_a_directory) {
    struct content c;
    check_directory("f=$(ls -S [0-9]*.dat.gz | head -n 1); truncate -s -20 $f", "");
    check_directory("f=$(ls -S [0-9]*.dat.gz | head -n 1); gunzip $f; truncate -s -10 ${f%.gz}",
                    "");
    check_directory("truncate -s -1 toc.dat", "it is cut short");
    check_directory("echo >>toc.dat", "1 bytes follow the last data block");
    check_directory("printf '\\001' | dd of=toc.dat bs=1 seek=10 conv=notrunc status=none",
                    "no archive of pg_dump");
    check_directory("printf '\\021' | dd of=toc.dat bs=1 seek=6 conv=notrunc status=none",
                    "archive format 1.17");
    /* Two that changed places: each is whole, and the sums are not those of the tables. */
    run("rm -rf copy && cp -r directory copy && cd copy && set -- $(ls -S [0-9]*.dat.gz) && "
        "mv $1 x && mv $2 $1 && mv x $2");
    bool same = content(path_of("copy"), &c) && c.n == live.n;
    for (uint32_t k = 0; same && k < c.n; k++)
        same = content_equal(&c.tables[k].sum, &live.tables[k].sum);
    CU_ASSERT_FALSE(same);
}

/* As pg_dump 16 writes it: another head, and files that end in .zst. */
TEST(knows_a_directory_that_only_a_newer_pg_restore_reads) {
    struct archive_head h;
    struct content c;
    struct toc t;
    run("rm -rf copy && cp -r directory copy && cd copy && "
        "for f in *.gz; do mv $f ${f%.gz}.zst; done && "
        "{ head -c 6 toc.dat; printf '\\017'; tail -c +8 toc.dat | head -c 4; printf '\\003'; "
        "tail -c +17 toc.dat; } >x && mv x toc.dat");
    CU_ASSERT_TRUE(head(path_of("copy"), &h));
    CU_ASSERT(h.kind == ARCHIVE_DIRECTORY && h.minor == 15);
    CU_ASSERT_TRUE(archive_read_toc(path_of("copy"), true, -1, &arena, &t, &err));
    if (strstr(pg.bin, "/15/")) {
        CU_ASSERT_FALSE(content(path_of("copy"), &c));
        CU_ASSERT_EQUAL(err.code, E_CONFIG);
        CHECK_STR(err.why, "archive format 1.15 needs pg_restore 16, here is 15: install the "
                           "package postgresql-client-16");
    }
}

TEST(says_that_inserts_cannot_be_summed) {
    struct content c;
    dump_as("custom", "--inserts", path_of("inserts"));
    CU_ASSERT_FALSE(content(path_of("inserts"), &c));
    CU_ASSERT_EQUAL(err.code, E_WRONG_THING);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.why, "INSERT"));
}

/* --- damage --- */

static void check_damaged(const char *bytes, size_t n, const char *what, const char *why) {
    struct content c;
    const char *path = path_of("damaged");
    put(path, bytes, n);
    bool ok = content(path, &c);
    if (ok || err.code != E_PROTOCOL || !strstr(err.why, why))
        printf("\n    %s: %s", what, ok ? "not seen" : err.why);
    CU_ASSERT_FALSE(ok);
    CU_ASSERT_EQUAL(err.code, E_PROTOCOL);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.why, why));
}

TEST(sees_a_file_that_is_cut_short_anywhere) {
    for (size_t i = 0; i < 40; i++) {
        size_t n = original.len * i / 40 + 11;
        check_damaged(original.bytes, n, arena_printf(&arena, "cut at %zu", n), "cut short");
    }
    check_damaged(original.bytes, original.len - 1, "cut by one", "cut short");
}

/* Where the next data block begins; the end of the file where there is none. */
static size_t block_after(size_t at) {
    struct toc t;
    size_t best = original.len;
    CU_ASSERT_TRUE_FATAL(archive_read_toc(good, false, -1, &arena, &t, &err));
    for (uint32_t i = 0; i < t.n; i++)
        if (t.entries[i].state == TOC_AT_KNOWN && (size_t)t.entries[i].at > at &&
            (size_t)t.entries[i].at < best)
            best = (size_t)t.entries[i].at;
    return best;
}

/* Not "it is cut short": the next thing to do is another. */
TEST(says_that_the_disk_does_not_give_it_back) {
    struct content c;
    const off_t from[] = {0, 1, 256 * 1024};
    for (size_t i = 0; i < ARRAY_LEN(from); i++) {
        lost_from = from[i];
        CU_ASSERT_FALSE(content(good, &c));
        CU_ASSERT_EQUAL(err.code, E_IO);
        CHECK_STR(err.op, "archive.read");
        CU_ASSERT_PTR_NOT_NULL(strstr(err.why, strerror(EIO)));
    }
    lost_from = -1;
}

TEST(sees_what_was_appended) {
    struct str s;
    str_init(&s, 100000000);
    str_add(&s, original.bytes, original.len);
    size_t n = s.len;
    str_puts(&s, "\n");
    check_damaged(s.s, s.len, "a newline", "1 bytes follow the last data block");
    str_add(&s, original.bytes, original.len);
    check_damaged(s.s, s.len, "concatenated", "follow the last data block");
    s.len = n;
    str_add(&s, original.bytes, original.len);
    check_damaged(s.s, s.len, "concatenated", "something was appended");
    s.len = n;
    str_add(&s, "\0\0\0\0\0\0\0\0\0", 9);
    check_damaged(s.s, s.len, "zeros", "9 bytes follow the last data block");
    /* A second copy of a block that was read already. */
    s.len = n;
    size_t first = block_after(0), second = block_after(first);
    str_add(&s, original.bytes + first, second - first);
    check_damaged(s.s, s.len, "a block twice", "follow the last data block");
    str_done(&s);
}

TEST(sees_blocks_that_changed_places) {
    struct str s;
    size_t first = block_after(0), second = block_after(first), third = block_after(second);
    str_init(&s, 100000000);
    str_add(&s, original.bytes, first);
    str_add(&s, original.bytes + second, third - second);
    str_add(&s, original.bytes + first, second - first);
    str_add(&s, original.bytes + third, original.len - third);
    check_damaged(s.s, s.len, "swapped", "the table of contents says");
    str_done(&s);
}

/* The text of a block is changed before it is packed: whole to zlib, and not to us. */
TEST(sees_rows_that_do_not_end_or_go_on_behind_their_end) {
    static const struct {
        const char *from, *to, *why;
    } cases[] = {{"\\.\n\n\n", "\\,\n\n\n", "do not come to an end"},
                 {"\\.\n\n\n", "\\.\nx\n\n", "go on behind the end of its rows"},
                 {"\\.\n\n\n", "\\.\n\nx", "go on behind the end of its rows"}};
    struct file_content plain;
    CU_ASSERT_TRUE_FATAL(readfile(&arena, path_of("custom"), 100000000, &plain, &err));
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char *bytes = arena_strndup(&arena, plain.bytes, plain.len);
        char *at = memmem(bytes, plain.len, cases[i].from, strlen(cases[i].from));
        CU_ASSERT_PTR_NOT_NULL_FATAL(at);
        memcpy(at, cases[i].to, strlen(cases[i].to));
        check_damaged(bytes, plain.len, cases[i].to, cases[i].why);
    }
}

static bool want_no_more(void *ctx, uint64_t bytes, const char *table) {
    return false;
}

TEST(ends_when_who_is_told_wants_no_more) {
    struct content c;
    CU_ASSERT_FALSE(archive_content(
        &(struct archive_reading){good, pg_restore, -1, want_no_more, NULL}, &arena, &c, &err));
    CU_ASSERT_EQUAL(err.code, E_CANCELLED);
}

/* Bit flips in a data block are seen by its own checksum, by its lengths or by the sums. */
TEST(sees_a_flipped_bit_in_the_data) {
    char *bytes = arena_strndup(&arena, original.bytes, original.len);
    struct archive_toc t;
    size_t n_seen = 0, n_tried = 0;
    CU_ASSERT_TRUE(archive_toc(good, pg_restore, -1, &arena, &t, &err));
    for (size_t i = 0; i < 60; i++) {
        struct content c;
        size_t at = original.len / 2 + (original.len / 2 - 1) * i / 60;
        bytes[at] = (char)(bytes[at] ^ (1 << (i % 8)));
        put(path_of("flipped"), bytes, original.len);
        bool same = content(path_of("flipped"), &c) && c.n == live.n;
        for (uint32_t k = 0; same && k < c.n; k++)
            same = content_equal(&c.tables[k].sum, &live.tables[k].sum);
        n_tried++;
        n_seen += !same;
        if (same)
            printf("\n    byte %zu bit %zu", at, i % 8);
        bytes[at] = original.bytes[at];
    }
    CU_ASSERT_EQUAL(n_seen, n_tried);
}

/* Whatever is flipped in head and table of contents: never a crash, a hang or other sums under the
 * right names. */
TEST(survives_any_flipped_bit_before_the_data) {
    char *bytes = arena_strndup(&arena, original.bytes, original.len);
    uint32_t n_wrong = 0;
    for (size_t i = 0; i < 150; i++) {
        struct content c;
        struct archive_head h;
        size_t at = i < 60 ? i : 60 + 211 * i % 20000;
        bytes[at] = (char)(bytes[at] ^ (1 << (i % 8)));
        put(path_of("flipped"), bytes, original.len);
        (void)head(path_of("flipped"), &h);
        if (content(path_of("flipped"), &c))
            for (uint32_t k = 0; k < c.n; k++)
                for (uint32_t m = 0; m < live.n; m++)
                    n_wrong += !strcmp(c.tables[k].name, live.tables[m].name) &&
                               !strcmp(c.tables[k].schema, live.tables[m].schema) &&
                               !content_equal(&c.tables[k].sum, &live.tables[m].sum);
        bytes[at] = original.bytes[at];
    }
    CU_ASSERT_EQUAL(n_wrong, 0);
}

TEST(can_be_stopped) {
    struct content c;
    int ends[2];
    CU_ASSERT_EQUAL_FATAL(pipe(ends), 0);
    CU_ASSERT_EQUAL(write(ends[1], "c", 1), 1);
    CU_ASSERT_FALSE(archive_content(
        &(struct archive_reading){good, pg_restore, ends[0], NULL, NULL}, &arena, &c, &err));
    CU_ASSERT_EQUAL(err.code, E_CANCELLED);
    close(ends[0]);
    close(ends[1]);
}

SUITE(archive, T(makes_an_archive_of_an_odd_database), T(finds_the_tool_of_the_servers_version),
      T(knows_an_archive_by_its_bytes), T(says_what_a_file_is_that_is_none),
      T(follows_no_link_and_waits_for_no_fifo), T(sha256_is_that_of_the_bytes),
      T(lists_the_table_of_contents_exactly), T(content_equals_that_of_the_live_database),
      T(reads_the_other_formats_too), T(sha256_of_a_directory_is_what_coreutils_make_of_it),
      T(sees_a_file_of_a_directory_that_is_missing_or_too_many),
      T(follows_no_link_inside_a_directory), T(sees_damage_inside_the_files_of_a_directory),
      T(knows_a_directory_that_only_a_newer_pg_restore_reads),
      T(says_that_inserts_cannot_be_summed), T(sees_a_file_that_is_cut_short_anywhere),
      T(says_that_the_disk_does_not_give_it_back), T(sees_what_was_appended),
      T(sees_blocks_that_changed_places), T(sees_rows_that_do_not_end_or_go_on_behind_their_end),
      T(ends_when_who_is_told_wants_no_more), T(sees_a_flipped_bit_in_the_data),
      T(survives_any_flipped_bit_before_the_data), T(can_be_stopped))
