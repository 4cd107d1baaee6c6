/* tests/unit/test_file_faults.c - local files where the system refuses what it hardly ever refuses:
 * the calls are this program's own, before libc's, and fail as a test says. */
#define _GNU_SOURCE /* renameat2, RTLD_NEXT */
#include "harness.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io/file.h"

/* --- the calls --- */

static const char *failing; /* the call that fails now; NULL: none */
static int with, seen;      /* its errno; how often it was called */

static bool fails(const char *call) {
    if (!failing || strcmp(failing, call) != 0)
        return false;
    seen++;
    errno = with;
    return true;
}

/* Of directories only. */
int fsync(int fd) {
    struct stat st;
    return fstat(fd, &st) == 0 && S_ISDIR(st.st_mode) && fails("fsync")
               ? -1
               : (int)syscall(SYS_fsync, fd);
}

/* "swept": another writer removes the file just before its lock is taken. */
int flock(int fd, int operation) {
    char link[64], name[256] = "";
    if (fails("flock"))
        return -1;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    if (fails("swept") && readlink(link, name, sizeof name - 1) > 0)
        unlink(name);
    return (int)syscall(SYS_flock, fd, operation);
}

ssize_t pread(int fd, void *bytes, size_t n, off_t from) {
    return fails("pread") ? -1 : syscall(SYS_pread64, fd, bytes, n, from);
}

/* Takes half, and another program's byte comes behind it before we look. */
ssize_t write(int fd, const void *bytes, size_t n) {
    if (!fails("write"))
        return syscall(SYS_write, fd, bytes, n);
    long half = syscall(SYS_write, fd, bytes, n / 2);
    CU_ASSERT_EQUAL(syscall(SYS_write, fd, "!", 1), 1);
    return half;
}

/* "rename" is a system that does it, whatever the name; renameat2 a file system without its flags.
 */
int rename(const char *from, const char *to) {
    if (fails("rival")) { /* it writes the same file in between */
        failing = NULL;
        CU_ASSERT_TRUE(writefile(to, "rival", 5, &(struct err){0}));
    }
    return fails("rename") ? 0 : (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
}

int renameat2(int from_dir, const char *from, int to_dir, const char *to, unsigned flags) {
    return fails("renameat2") ? -1 : (int)syscall(SYS_renameat2, from_dir, from, to_dir, to, flags);
}

/* Somebody removes the directory just after the first time that it was made. */
int mkdir(const char *path, mode_t mode) {
    int result = (int)syscall(SYS_mkdirat, AT_FDCWD, path, mode);
    if (fails("mkdir") && seen == 1)
        rmdir(path);
    return result;
}

DIR *fdopendir(int fd) {
    DIR *(*real)(int) = NULL;
    *(void **)&real = dlsym(RTLD_NEXT, "fdopendir");
    return fails("fdopendir") || !real ? NULL : real(fd);
}

/* --- the tests' own --- */

static char dir[64];
static struct err err;

static const char *path(const char *name) {
    static char buf[4][160];
    static unsigned at;
    char *p = buf[at++ % 4];
    snprintf(p, sizeof buf[0], "%s/%s", dir, name);
    return p;
}

static void begin(const char *call, int error) {
    if (!dir[0]) {
        snprintf(dir, sizeof dir, "/tmp/goodgo-file-faults.XXXXXX");
        CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(dir));
    }
    err = (struct err){0};
    failing = call;
    with = error;
    seen = 0;
}

static void put(const char *name, const char *text) {
    CU_ASSERT_TRUE(writefile(path(name), text, strlen(text), &err));
}

static void holds(const char *name, const char *expected) {
    struct arena a;
    struct file_content c = {0};
    arena_init(&a);
    CU_ASSERT_TRUE(readfile(&a, path(name), 4096, &c, &err));
    CHECK_STR(c.bytes, expected);
    arena_done(&a);
}

static bool exists(const char *name) {
    struct stat st;
    return lstat(path(name), &st) == 0;
}

static char *longer_than_a_path(void) {
    static char name[5001];
    memset(name, 'x', sizeof name - 1);
    name[0] = '/';
    name[sizeof name - 3] = '/'; /* its parent is as long */
    return name;
}

/* --- reading --- */

TEST(what_cannot_be_read_in_the_end_is_said) {
    struct arena a;
    struct file_content c;
    begin(NULL, 0);
    put("end", "text");
    begin("pread", EIO);
    arena_init(&a);
    CU_ASSERT_FALSE(readfile_end(&a, path("end"), 100, &c, &err));
    CHECK_STR(err.why, strerror(EIO));
    CU_ASSERT_EQUAL(c.len, 0);
    arena_done(&a);
}

TEST(what_a_shell_handed_on_is_read_by_its_number) {
    struct arena a;
    struct file_content c;
    int fds[2];
    char name[32];
    begin(NULL, 0);
    CU_ASSERT_EQUAL_FATAL(pipe(fds), 0);
    CU_ASSERT_EQUAL(write(fds[1], "secret", 6), 6);
    close(fds[1]);
    snprintf(name, sizeof name, "/dev/fd/%d", fds[0]);
    arena_init(&a);
    CU_ASSERT_TRUE(readfile(&a, name, 100, &c, &err));
    CHECK_STR(c.bytes, "secret");
    arena_done(&a);
    close(fds[0]);
}

TEST(names_are_in_order_without_their_suffix) {
    struct arena a;
    const char **names;
    begin(NULL, 0);
    CU_ASSERT_TRUE(dir_make(path("names"), &err));
    put("names/b.csv", "");
    put("names/a.csv", "");
    put("names/.c.csv", "");
    put("names/.csv", "");
    put("names/d.txt", "");
    arena_init(&a);
    CU_ASSERT_EQUAL_FATAL(readnames(&a, path("names"), ".csv", &names), 2);
    CHECK_STR(names[0], "a");
    CHECK_STR(names[1], "b");
    CU_ASSERT_EQUAL(readnames(&a, path("none"), ".csv", &names), 0);
    arena_done(&a);
}

/* --- writing --- */

static int temporaries(void) {
    int n = 0;
    DIR *d = opendir(dir);
    for (struct dirent *e; d && (e = readdir(d));)
        n += file_is_temporary(e->d_name, "kept");
    if (d)
        closedir(d);
    return n;
}

TEST(gives_up_on_temporary_names_that_are_swept_away) {
    begin(NULL, 0);
    put("kept", "old");
    begin("swept", 0);
    CU_ASSERT_FALSE(writefile(path("kept"), "new", 3, &err));
    CHECK_STR(err.why, strerror(EAGAIN));
    CU_ASSERT_EQUAL(seen, 10);
    begin(NULL, 0);
    holds("kept", "old");
}

TEST(says_why_a_temporary_file_cannot_be_locked_and_leaves_none) {
    begin("flock", ENOLCK);
    CU_ASSERT_FALSE(writefile(path("kept"), "new", 3, &err));
    CHECK_STR(err.why, strerror(ENOLCK));
    begin(NULL, 0);
    holds("kept", "old");
    CU_ASSERT_EQUAL(temporaries(), 0);
}

/* Two writers of one file: neither takes the other's away just before it has its name. */
TEST(no_other_writer_sweeps_a_file_on_its_way) {
    begin("rival", 0);
    CU_ASSERT_TRUE(writefile(path("kept"), "first", 5, &err));
    CU_ASSERT_EQUAL(seen, 1);
    begin(NULL, 0);
    holds("kept", "first");
    put("kept", "old");
    CU_ASSERT_EQUAL(temporaries(), 0);
}

TEST(appends_through_no_link_to_nowhere) {
    begin(NULL, 0);
    CU_ASSERT_EQUAL(symlink(path("nowhere"), path("lost")), 0);
    CU_ASSERT_FALSE(file_append(path("lost"), "x\n", 2, &err));
    CHECK_STR(err.why, strerror(EEXIST));
    CU_ASSERT_FALSE(exists("nowhere"));
}

/* Half a line of ours, and a byte of another behind it: cutting ours off would take the other's. */
TEST(takes_nothing_back_once_another_has_written) {
    begin(NULL, 0);
    CU_ASSERT_TRUE(file_append(path("shared"), "kept\n", 5, &err));
    begin("write", ENOSPC);
    CU_ASSERT_FALSE(file_append(path("shared"), "torn", 4, &err));
    CHECK_STR(err.why, strerror(ENOSPC));
    begin(NULL, 0);
    holds("shared", "kept\nto!");
}

/* --- publishing --- */

TEST(publishes_without_the_flag_of_newer_file_systems) {
    begin(NULL, 0);
    put("part", "new");
    put("taken", "old");
    CU_ASSERT_TRUE(dir_make(path("parts"), &err) && dir_make(path("full/inside"), &err));
    begin("renameat2", EINVAL);
    CU_ASSERT_FALSE(file_publish(path("part"), path("taken"), PUBLISH_NEW, &err));
    CHECK_HAS(err.why, "there already");
    CU_ASSERT_FALSE(file_publish(path("parts"), path("full"), PUBLISH_NEW, &err));
    CHECK_HAS(err.why, "there already");
    CU_ASSERT_TRUE(file_publish(path("part"), path("free"), PUBLISH_NEW, &err));
    CU_ASSERT_TRUE(file_publish(path("parts"), path("whole/"), PUBLISH_NEW, &err));
    begin(NULL, 0);
    holds("taken", "old");
    holds("free", "new");
    CU_ASSERT_FALSE(exists("part") || exists("parts"));
    CU_ASSERT_TRUE(exists("whole") && exists("full/inside"));
    begin("renameat2", EXDEV);
    CU_ASSERT_FALSE(file_publish(path("free"), path("elsewhere"), PUBLISH_NEW, &err));
    CHECK_STR(err.why, strerror(EXDEV));
}

TEST(syncs_all_of_a_directory_before_it_has_its_name) {
    begin(NULL, 0);
    CU_ASSERT_TRUE(dir_make(path("odd.part"), &err));
    CU_ASSERT_EQUAL(symlink("nothing", path("odd.part/file")), 0);
    CU_ASSERT_FALSE(file_publish(path("odd.part"), path("odd"), PUBLISH_NEW, &err));
    CHECK_STR(err.why, strerror(ENOENT));
    CU_ASSERT_FALSE(exists("odd"));
}

TEST(a_name_that_cannot_be_synced_is_taken_back) {
    begin(NULL, 0);
    put("unsure.part", "x");
    /* All is done but the sync of a directory that has no name of a path's length. */
    begin("rename", 0);
    CU_ASSERT_FALSE(file_publish(path("unsure.part"), longer_than_a_path(), PUBLISH_OVER, &err));
    CU_ASSERT_EQUAL(seen, 1);
    begin("fsync", EIO);
    CU_ASSERT_FALSE(file_publish(path("unsure.part"), path("unsure"), PUBLISH_NEW, &err));
    CHECK_STR(err.why, strerror(EIO));
    CU_ASSERT_TRUE(exists("unsure.part"));
    CU_ASSERT_FALSE(exists("unsure"));
}

/* --- directories --- */

TEST(what_is_no_directory_and_cannot_be_one_is_said) {
    begin(NULL, 0);
    CU_ASSERT_FALSE(dir_make("/proc/none/of/these", &err));
    CU_ASSERT_EQUAL(err.code, E_IO);
    CU_ASSERT_EQUAL(symlink("nothing", path("dangling")), 0);
    CU_ASSERT_FALSE(dir_make(path("dangling"), &err));
    CHECK_STR(err.why, strerror(ENOENT));
    CU_ASSERT_FALSE(dir_make(longer_than_a_path(), &err));
    CHECK_STR(err.why, "the path is too long");
    begin("fdopendir", ENOMEM);
    CU_ASSERT_FALSE(dir_is_flat(dir, &err));
    CHECK_STR(err.why, strerror(ENOMEM));
}

/* --- locks --- */

TEST(a_lock_that_the_system_refuses_is_no_holder) {
    int fd = -2;
    begin("flock", ENOLCK);
    CU_ASSERT_FALSE(file_lock(path("lock"), &fd, &err));
    CHECK_STR(err.why, strerror(ENOLCK));
    CU_ASSERT_EQUAL(fd, -2);
    begin(NULL, 0);
    CU_ASSERT_FALSE(dir_lock("/proc/none/lock", &fd, &err));
    CU_ASSERT_EQUAL(err.code, E_IO);
}

TEST(makes_the_directory_again_that_was_removed_meanwhile) {
    int fd = -2;
    begin("mkdir", 0);
    CU_ASSERT_TRUE(dir_lock(path("again"), &fd, &err));
    CU_ASSERT_EQUAL(seen, 2);
    CU_ASSERT_TRUE(fd >= 0 && exists("again"));
    close(fd);
}

TEST(cleans_up) {
    int status = -1;
    pid_t rm = fork();
    if (rm == 0) {
        execl("/bin/rm", "rm", "-rf", dir, (char *)NULL);
        _exit(1);
    }
    CU_ASSERT_TRUE(rm > 0 && waitpid(rm, &status, 0) == rm && status == 0);
}

SUITE(file_faults, T(what_cannot_be_read_in_the_end_is_said),
      T(what_a_shell_handed_on_is_read_by_its_number), T(names_are_in_order_without_their_suffix),
      T(gives_up_on_temporary_names_that_are_swept_away),
      T(says_why_a_temporary_file_cannot_be_locked_and_leaves_none),
      T(no_other_writer_sweeps_a_file_on_its_way), T(appends_through_no_link_to_nowhere),
      T(takes_nothing_back_once_another_has_written),
      T(publishes_without_the_flag_of_newer_file_systems),
      T(syncs_all_of_a_directory_before_it_has_its_name),
      T(a_name_that_cannot_be_synced_is_taken_back),
      T(what_is_no_directory_and_cannot_be_one_is_said),
      T(a_lock_that_the_system_refuses_is_no_holder),
      T(makes_the_directory_again_that_was_removed_meanwhile), T(cleans_up))
