/* tests/unit/test_store_prune.c - which copies in the bucket may go. */
#include "harness.h"

#include <stdio.h>
#include <string.h>

#include "act/backups.h"
#include "act/store.h"

#define DAY 86400

static struct arena arena;
static int64_t now_s;
static char names[10][BACKUP_NAME_SIZE];

/* One letter per copy, newest first, ten days apart: w whole, m whole without a manifest, d a
 * directory that is whole, h one that is not. `proved`: which of them has a file here whose drill
 * passed; -1 = none. Which go, as digits. */
static const char *pruned(const char *copies, uint32_t days, int proved) {
    static char gone[16];
    struct store_copy list[10] = {0};
    struct backup_file here = {.grade = 'A'};
    uint32_t n = (uint32_t)strlen(copies), old[10];
    now_s = 1775786400; /* 2026-04-10T02:00:00Z */
    for (uint32_t i = 0; i < n; i++) {
        char c = copies[i];
        backup_name(now_s - i * 10 * DAY, c == 'd' || c == 'h', names[i], sizeof names[i]);
        list[i] = (struct store_copy){
            .name = names[i], .whole = c != 'h', .indexed = c == 'd', .manifest = c != 'm'};
    }
    if (proved >= 0) {
        here.name = names[proved];
        here.state.proof = (struct backup_proof){PROOF_PASS, .size_bytes = -1, .sha256 = ""};
    }
    const struct store_retention r = {days, now_s, list, n, &here, proved >= 0};
    uint32_t n_old = store_to_prune(&r, &arena, old);
    for (uint32_t i = 0; i < n_old; i++)
        gone[i] = (char)('0' + old[i]);
    gone[n_old] = 0;
    arena_done(&arena);
    return gone;
}

TEST(copies_go_when_they_are_old_oldest_first) {
    CHECK_STR(pruned("wwdw", 7, -1), "321");
    CHECK_STR(pruned("wwdw", 25, -1), "3");
    CHECK_STR(pruned("wwdw", 0, -1), ""); /* for ever */
    CHECK_STR(pruned("", 7, -1), "");
}

TEST(the_newest_copy_stays_and_the_newest_whole_one) {
    CHECK_STR(pruned("w", 1, -1), "");
    CHECK_STR(pruned("hww", 1, -1), "2");
    CHECK_STR(pruned("hhw", 1, -1), "");
}

TEST(the_copy_of_the_last_proved_backup_stays) {
    CHECK_STR(pruned("wwww", 7, 2), "31");
    CHECK_STR(pruned("wwdw", 7, 2), "31");
}

TEST(what_is_not_surely_a_copy_of_ours_stays) {
    CHECK_STR(pruned("wmw", 7, -1), "2"); /* without a manifest */
    CHECK_STR(pruned("whw", 7, -1), "2"); /* half a directory: may be running */
}

SUITE(store_prune, T(copies_go_when_they_are_old_oldest_first),
      T(the_newest_copy_stays_and_the_newest_whole_one),
      T(the_copy_of_the_last_proved_backup_stays), T(what_is_not_surely_a_copy_of_ours_stays))
