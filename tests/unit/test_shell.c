/* tests/unit/test_shell.c - a word that goes through a shell is the word that was put in. */
#include "harness.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/shell.h"

static struct arena arena;

/* What the shell makes of the word. */
static void ask_shell(const char *word, char *buf, size_t size) {
    const char *line = arena_printf(&arena, "printf %%s. %s", shell_word(&arena, word));
    int ends[2];
    CU_ASSERT_EQUAL_FATAL(pipe(ends), 0);
    pid_t pid = fork();
    if (pid == 0) {
        dup2(ends[1], STDOUT_FILENO);
        execl("/bin/sh", "sh", "-c", line, (char *)NULL);
        _exit(127);
    }
    close(ends[1]);
    ssize_t n = read(ends[0], buf, size - 1); /* printf of a shell writes so little at once */
    close(ends[0]);
    int status = -1;
    waitpid(pid, &status, 0);
    CU_ASSERT_EQUAL(status, 0);
    buf[n > 0 ? n - 1 : 0] = '\0'; /* without the full stop, which keeps newlines at the end */
}

TEST(a_shell_reads_one_word_as_it_was) {
    static const char *const words[] = {
        "",
        "plain",
        "a b",
        "it's",
        "''",
        "'",
        "$(id)",
        "`id`",
        "$HOME",
        "a\"b",
        "a\\b",
        "*",
        "~",
        "~root",
        "a;b",
        "a&b",
        "a|b",
        "#a",
        "!a",
        "{a,b}",
        "[a]",
        "a?b",
        "<a>",
        "=ls",
        "a=b",
        "-x",
        "%s",
        "/x/y.dump",
        "Qu\xe1\xba\xadn 1",
        "http://h:1/p?q=1&r=2",
        "\\'\\",
    };
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        char got[100];
        arena_clear(&arena);
        ask_shell(words[i], got, sizeof got);
        CHECK_STR(got, words[i]);
    }
}

TEST(what_needs_no_quotes_has_none) {
    struct str out;
    str_init(&out, 100);
    shell_put(&out, "%s:%d/%s", "http://db-1.example.vn", 5432, "a_b.c,d@e%20+f=g");
    CHECK_STR(str_get(&out), "http://db-1.example.vn:5432/a_b.c,d@e%20+f=g");
    str_clear(&out);
    shell_put(&out, "%s", "");
    CHECK_STR(str_get(&out), "''");
    str_clear(&out);
    shell_put(&out, "%s", "=ls"); /* zsh would look for it */
    CHECK_STR(str_get(&out), "'=ls'");
    str_done(&out);
}

TEST(what_was_cut_says_so) {
    struct str out;
    static char long_word[70000];
    memset(long_word, 'a', sizeof long_word - 1);
    str_init(&out, 100000);
    shell_put(&out, "%s", long_word);
    CU_ASSERT_TRUE(out.toobig);
    str_done(&out);
}

SUITE(shell, T(a_shell_reads_one_word_as_it_was), T(what_needs_no_quotes_has_none),
      T(what_was_cut_says_so))
