/* tests/loop/test_file.c - local files: nothing half-written, nothing followed into a FIFO, locks
 * that tell the truth. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"
#include "io/child.h"
#include "io/file.h"

static char dir[64];
static char path_buf[4][160];

static const char *path(const char *name) {
    static unsigned at;
    char *buf = path_buf[at++ % 4];
    if (!dir[0]) {
        snprintf(dir, sizeof dir, "/tmp/goodgo-test-file.XXXXXX");
        CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(dir));
    }
    snprintf(buf, 160, "%s/%s", dir, name);
    return buf;
}

static void check_content(const char *name, const char *expected) {
    struct arena a;
    struct file_content c = {0};
    struct err err = {0};
    arena_init(&a);
    CU_ASSERT_TRUE(readfile(&a, path(name), 65536, &c, &err));
    CHECK_STR(c.bytes ? c.bytes : "(none)", expected);
    arena_done(&a);
}

static unsigned mode_of(const char *name) {
    struct stat st;
    return stat(path(name), &st) == 0 ? st.st_mode & 07777 : 0;
}

static bool exists(const char *name) {
    return access(path(name), F_OK) == 0;
}

TEST(appends_lines_to_a_file_it_makes) {
    struct err err = {0};
    CU_ASSERT_TRUE(file_append(path("lines"), "one\n", 4, &err));
    CU_ASSERT_TRUE(file_append(path("lines"), "two\n", 4, &err));
    check_content("lines", "one\ntwo\n");
    CU_ASSERT_EQUAL(mode_of("lines"), 0600);
}

TEST(takes_back_half_a_line_when_the_disk_is_full) {
    struct err err = {0};
    struct rlimit old, small = {10, 10};
    CU_ASSERT_TRUE(file_append(path("full"), "kept...\n", 8, &err));
    getrlimit(RLIMIT_FSIZE, &old);
    small.rlim_max = old.rlim_max;
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &small);
    CU_ASSERT_FALSE(file_append(path("full"), "torn...\n", 8, &err));
    setrlimit(RLIMIT_FSIZE, &old);
    CU_ASSERT_EQUAL(err.code, E_IO);
    check_content("full", "kept...\n");
}

TEST(appends_to_no_fifo) {
    struct err err = {0};
    CU_ASSERT_EQUAL_FATAL(mkfifo(path("fifo"), 0600), 0);
    CU_ASSERT_FALSE(file_append(path("fifo"), "x\n", 2, &err));
    int reader = open(path("fifo"), O_RDONLY | O_NONBLOCK);
    CU_ASSERT_FALSE(file_append(path("fifo"), "x\n", 2, &err));
    CHECK_STR(err.why, "not a regular file");
    close(reader);
}

TEST(writes_whole_files_and_leaves_no_temporary_one) {
    struct err err = {0};
    CU_ASSERT_TRUE(writefile(path("whole"), "first", 5, &err));
    CU_ASSERT_TRUE(writefile(path("whole"), "second", 6, &err));
    check_content("whole", "second");
    CU_ASSERT_EQUAL(mode_of("whole"), 0600);
    CU_ASSERT_FALSE(writefile(path("missing/whole"), "x", 1, &err));
    CU_ASSERT_EQUAL(err.code, E_IO);
}

/* Only what has the form of such a name; a live writer holds a lock on his. */
TEST(removes_what_a_killed_writer_of_the_same_file_left) {
    struct err err = {0};
    int live = -1;
    CU_ASSERT_TRUE(writefile(path("swept.goodgo-Ab3xY9"), "dead", 4, &err));
    CU_ASSERT_TRUE(writefile(path("swept.goodgo-Ab3xY8"), "live", 4, &err));
    CU_ASSERT_TRUE(writefile(path("swept.backup"), "mine", 4, &err));
    CU_ASSERT_TRUE(writefile(path("swept.goodgo-old"), "mine", 4, &err));
    CU_ASSERT_TRUE(writefile(path("swept2.goodgo-Ab3xY9"), "another's", 9, &err));
    CU_ASSERT_TRUE_FATAL(file_lock(path("swept.goodgo-Ab3xY8"), &live, &err) && live >= 0);
    CU_ASSERT_TRUE(writefile(path("swept"), "whole", 5, &err));
    check_content("swept", "whole");
    CU_ASSERT_FALSE(exists("swept.goodgo-Ab3xY9"));
    CU_ASSERT_TRUE(exists("swept.goodgo-Ab3xY8"));
    CU_ASSERT_TRUE(exists("swept.goodgo-old"));
    CU_ASSERT_TRUE(exists("swept.backup"));
    CU_ASSERT_TRUE(exists("swept2.goodgo-Ab3xY9"));
    close(live);
}

TEST(publishes_under_a_free_name_only) {
    struct err err = {0};
    CU_ASSERT_TRUE(writefile(path("part"), "new", 3, &err));
    CU_ASSERT_TRUE(file_publish(path("part"), path("final"), PUBLISH_NEW, &err));
    CU_ASSERT_FALSE(exists("part"));
    check_content("final", "new");
    CU_ASSERT_TRUE(writefile(path("part"), "newer", 5, &err));
    CU_ASSERT_FALSE(file_publish(path("part"), path("final"), PUBLISH_NEW, &err));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.why, "there already"));
    check_content("final", "new");
    CU_ASSERT_TRUE(file_publish(path("part"), path("final"), PUBLISH_OVER, &err));
    check_content("final", "newer");
}

TEST(publishes_a_directory) {
    struct err err = {0};
    CU_ASSERT_TRUE(dir_make(path("archive.part"), &err));
    CU_ASSERT_TRUE(writefile(path("archive.part/toc.dat"), "t", 1, &err));
    CU_ASSERT_TRUE(file_publish(path("archive.part"), path("archive"), PUBLISH_NEW, &err));
    check_content("archive/toc.dat", "t");
    CU_ASSERT_FALSE(file_publish(path("nothing"), path("archive2"), PUBLISH_NEW, &err));
}

TEST(publishes_a_directory_under_a_free_name_only) {
    struct err err = {0};
    CU_ASSERT_TRUE(dir_make(path("archive2.part"), &err));
    CU_ASSERT_TRUE(dir_make(path("archive2"), &err));
    CU_ASSERT_FALSE(file_publish(path("archive2.part"), path("archive2"), PUBLISH_NEW, &err));
    CU_ASSERT_TRUE(exists("archive2.part"));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.why, "there already"));
}

TEST(locks_a_directory_that_it_makes) {
    struct err err = {0};
    int first = -2, second = -2;
    CU_ASSERT_TRUE(dir_lock(path("locked"), &first, &err) && first >= 0);
    CU_ASSERT_EQUAL(mode_of("locked"), 0700);
    CU_ASSERT_TRUE(file_is_locked(path("locked")));
    CU_ASSERT_TRUE(dir_lock(path("locked"), &second, &err));
    CU_ASSERT_EQUAL(second, -1);
    close(first);
    CU_ASSERT_FALSE(file_is_locked(path("locked")));
    CU_ASSERT_TRUE(writefile(path("plain file"), "", 0, &err));
    CU_ASSERT_FALSE(dir_lock(path("plain file"), &second, &err));
    CU_ASSERT_EQUAL(symlink("locked", path("way to it")), 0);
    CU_ASSERT_FALSE(dir_lock(path("way to it"), &second, &err));
}

TEST(removes_a_flat_directory_and_follows_no_link) {
    struct err err = {0};
    CU_ASSERT_TRUE(dir_make(path("flat/sub"), &err));
    CU_ASSERT_TRUE(writefile(path("flat/file"), "x", 1, &err));
    CU_ASSERT_TRUE(writefile(path("outside"), "kept", 4, &err));
    CU_ASSERT_EQUAL(symlink("../outside", path("flat/link")), 0);
    CU_ASSERT_FALSE(dir_remove(path("flat"), &err));
    CU_ASSERT_TRUE(exists("flat/file"));
    CU_ASSERT_EQUAL(rmdir(path("flat/sub")), 0);
    CU_ASSERT_EQUAL(symlink("flat", path("way in")), 0);
    CU_ASSERT_FALSE(dir_remove(path("way in"), &err));
    CU_ASSERT_TRUE(exists("flat/file"));
    CU_ASSERT_TRUE(dir_remove(path("flat"), &err));
    CU_ASSERT_FALSE(exists("flat"));
    check_content("outside", "kept");
    CU_ASSERT_FALSE(dir_remove(path("flat"), &err));
    CU_ASSERT_EQUAL(err.code, E_IO);
}

TEST(removes_a_name_once) {
    struct err err = {0};
    CU_ASSERT_TRUE(writefile(path("kept"), "kept", 4, &err));
    CU_ASSERT_EQUAL(symlink("kept", path("name")), 0);
    CU_ASSERT_TRUE(file_remove(path("name"), &err));
    check_content("kept", "kept");
    CU_ASSERT_TRUE(file_remove(path("name"), &err));
    CU_ASSERT_TRUE(dir_make(path("a"), &err));
    CU_ASSERT_FALSE(file_remove(path("a"), &err));
    CU_ASSERT_EQUAL(err.code, E_IO);
    CU_ASSERT_STRING_EQUAL(err.why, strerror(EISDIR));
    CU_ASSERT_TRUE(exists("a"));
}

TEST(makes_private_directories) {
    struct err err = {0};
    CU_ASSERT_TRUE(dir_make(path("a//b/c/"), &err));
    CU_ASSERT_TRUE(dir_make(path("a/b/c"), &err));
    CU_ASSERT_EQUAL(mode_of("a"), 0700);
    CU_ASSERT_EQUAL(mode_of("a/b/c"), 0700);
    CU_ASSERT_TRUE(writefile(path("plain"), "", 0, &err));
    CU_ASSERT_FALSE(dir_make(path("plain/under"), &err));
    CU_ASSERT_FALSE(dir_make(path("plain"), &err));
    CU_ASSERT_EQUAL(err.code, E_IO);
}

TEST(hands_on_what_a_directory_gives_its_group) {
    struct err err;
    int fd = -1;
    CU_ASSERT_TRUE(dir_make(path("ours"), &err));
    file_share_below(path("ours")); /* a private one: nothing is given */
    CU_ASSERT_TRUE(writefile(path("ours/private"), "x", 1, &err));
    CU_ASSERT_EQUAL(mode_of("ours/private"), 0600);
    CU_ASSERT_EQUAL(chmod(path("ours"), 02750), 0);
    file_share_below(path("ours"));
    mode_t before = umask(077);
    CU_ASSERT_TRUE(dir_make(path("ours/jobs/one"), &err));
    CU_ASSERT_TRUE(writefile(path("ours/jobs/one/plan"), "x", 1, &err));
    CU_ASSERT_TRUE(file_append(path("ours/jobs/one/events"), "x\n", 2, &err));
    CU_ASSERT_TRUE(file_lock(path("ours/jobs/one/runner"), &fd, &err));
    CU_ASSERT_TRUE(writefile(path("beside"), "x", 1, &err));
    umask(before);
    close(fd);
    CU_ASSERT_EQUAL(mode_of("ours/jobs"), 02750);
    CU_ASSERT_EQUAL(mode_of("ours/jobs/one"), 02750);
    CU_ASSERT_EQUAL(mode_of("ours/jobs/one/plan"), 0640);
    CU_ASSERT_EQUAL(mode_of("ours/jobs/one/events"), 0640);
    CU_ASSERT_EQUAL(mode_of("ours/jobs/one/runner"), 0640);
    CU_ASSERT_EQUAL(mode_of("beside"), 0600);
    file_share_below("/nonexistent");
}

TEST(lock_is_held_until_its_descriptor_closes) {
    struct err err = {0};
    int first = -2, second = -2;
    CU_ASSERT_FALSE(file_is_locked(path("lock")));
    CU_ASSERT_TRUE(file_lock(path("lock"), &first, &err));
    CU_ASSERT_FATAL(first >= 0);
    CU_ASSERT_TRUE(file_is_locked(path("lock")));
    CU_ASSERT_TRUE(file_lock(path("lock"), &second, &err));
    CU_ASSERT_EQUAL(second, -1);
    close(first);
    CU_ASSERT_FALSE(file_is_locked(path("lock")));
    CU_ASSERT_TRUE(file_lock(path("lock"), &second, &err));
    CU_ASSERT(second >= 0);
    close(second);
}

/* Who asks holds it shared, for a moment; one who never lets go is waited for no longer than half a
 * second. */
TEST(a_lock_that_is_asked_about_without_end_is_busy) {
    int fd = -1;
    struct err err;
    int asker = open(path("asked for long"), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    CU_ASSERT_FATAL(asker >= 0 && flock(asker, LOCK_SH | LOCK_NB) == 0);
    CU_ASSERT_TRUE(file_lock(path("asked for long"), &fd, &err));
    CU_ASSERT_EQUAL(fd, -1);
    close(asker);
    CU_ASSERT_TRUE(file_lock(path("asked for long"), &fd, &err) && fd >= 0);
    close(fd);
}

/* Who only asks holds the file for a moment; taking it must not mistake that for a holder. */
TEST(lock_is_taken_while_others_ask) {
    struct err err = {0};
    int fd, go[2];
    char byte;
    CU_ASSERT_EQUAL_FATAL(pipe(go), 0);
    CU_ASSERT_TRUE(file_append(path("asked"), "", 0, &err));
    const char *name = path("asked");
    pid_t asker = fork();
    if (asker == 0) {
        (void)!write(go[1], "g", 1);
        for (;;)
            (void)file_is_locked(name);
    }
    CU_ASSERT_EQUAL(read(go[0], &byte, 1), 1);
    int refused = 0;
    for (int i = 0; i < 20000; i++) {
        CU_ASSERT_TRUE(file_lock(name, &fd, &err));
        refused += fd < 0;
        if (fd >= 0)
            close(fd);
    }
    CU_ASSERT_EQUAL(refused, 0);
    kill(asker, SIGKILL);
    waitpid(asker, NULL, 0);
    close(go[0]);
    close(go[1]);
}

TEST(lock_follows_no_link_and_waits_for_no_fifo) {
    struct err err = {0};
    int fd = -1;
    CU_ASSERT_EQUAL(symlink(path("lock"), path("link")), 0);
    CU_ASSERT_FALSE(file_lock(path("link"), &fd, &err));
    CU_ASSERT_EQUAL(mkfifo(path("fifo2"), 0600), 0);
    CU_ASSERT_FALSE(file_is_locked(path("fifo2")));
}

/* In a child: 0 where nothing that is opened has a standard stream's number, and words into a
 * closed one fail. */
static int without_streams(void) {
    for (int fd = 0; fd <= 2; fd++)
        close(fd);
    if (!file_guard_streams())
        return 1;
    int fd = open("/dev/zero", O_RDWR);
    char c = 'x';
    if (fd <= 2)
        return 2;
    return read(0, &c, 1) < 0 && write(1, &c, 1) < 0 && write(2, &c, 1) < 0 && errno == EBADF ? 0
                                                                                              : 3;
}

TEST(gives_no_file_the_number_of_a_closed_stream) {
    int status = -1;
    pid_t child = fork();
    if (child == 0)
        _exit(without_streams());
    CU_ASSERT_EQUAL(waitpid(child, &status, 0), child);
    CU_ASSERT_EQUAL(WIFEXITED(status) ? WEXITSTATUS(status) : -1, 0);
}

TEST(leaves_streams_that_are_open) {
    struct stat before, after;
    CU_ASSERT_EQUAL(fstat(STDOUT_FILENO, &before), 0);
    CU_ASSERT_TRUE(file_guard_streams());
    CU_ASSERT_EQUAL(fstat(STDOUT_FILENO, &after), 0);
    CU_ASSERT_TRUE(before.st_dev == after.st_dev && before.st_ino == after.st_ino);
}

TEST(cleans_up) {
    const char *argv[] = {"/bin/rm", "-rf", dir, NULL};
    struct child_spec spec = {.argv = argv, .stdout_fd = -1, .cancel_fd = -1};
    struct child_result r;
    struct err err;
    CU_ASSERT_TRUE(child_run(&spec, &r, &err));
    CU_ASSERT_EQUAL(r.exit_code, 0);
}

SUITE(file, T(appends_lines_to_a_file_it_makes), T(takes_back_half_a_line_when_the_disk_is_full),
      T(appends_to_no_fifo), T(writes_whole_files_and_leaves_no_temporary_one),
      T(removes_what_a_killed_writer_of_the_same_file_left), T(publishes_under_a_free_name_only),
      T(publishes_a_directory), T(publishes_a_directory_under_a_free_name_only),
      T(locks_a_directory_that_it_makes), T(removes_a_flat_directory_and_follows_no_link),
      T(removes_a_name_once), T(makes_private_directories),
      T(hands_on_what_a_directory_gives_its_group), T(lock_is_held_until_its_descriptor_closes),
      T(a_lock_that_is_asked_about_without_end_is_busy), T(lock_is_taken_while_others_ask),
      T(lock_follows_no_link_and_waits_for_no_fifo), T(gives_no_file_the_number_of_a_closed_stream),
      T(leaves_streams_that_are_open), T(cleans_up))
