/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A writer is killed at random moments, again and again. What a commit reported is there each time, whole; what was not reported is
 * there whole or not at all; the next writer gets the lock, and removes what the dead one left. This shows that no moment between two
 * calls to the kernel is a bad one. It shows nothing about power cuts: what was written but not fsynced survives the process.
 *
 * RIFFLE_KILLS=10000 makes a longer storm, RIFFLE_SEED another one.
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/support/folders.h"
#include "tests/support/sample.h"

/* An index holds articles [first, end). After this many, the next commit replaces it by one article. */
enum { MOST_ARTICLES = 60, KILLS = 240 };

struct state {
    unsigned first, end;
};

/* What the commit behind this one makes: one to three articles more, or a new index of the next article. */
static struct state next_state(struct state now)
{
    if (now.end - now.first >= MOST_ARTICLES)
        return (struct state){now.end, now.end + 1};
    return (struct state){now.first, now.end + 1 + now.end % 3};
}

/* The child: commits until it is killed, and tells of each commit. It exits only when something is wrong. */
static void commit_on_and_on(const char *path, struct state now, int told)
{
    riffle_writer *writer = NULL;
    for (;;) {
        riffle_error error;
        struct state next = next_state(now);
        bool rebuild = next.first != now.first;
        riffle_writer_options options = RIFFLE_WRITER_OPTIONS_INIT;
        options.rebuild = rebuild;
        if (rebuild || now.end % 5 == 0) { /* now and then by another writer */
            riffle_writer_close(writer);
            writer = NULL;
        }
        riffle_status status = writer ? RIFFLE_OK : riffle_writer_open(&writer, path, &options, &error);
        for (unsigned number = rebuild ? next.first : now.end; !status && number < next.end; number++)
            status = sample_add(writer, number, &error);
        if (!status)
            status = riffle_writer_commit(writer, &error);
        if (status) {
            fprintf(stderr, "the writer failed: %s\n", error.message);
            _exit(1);
        }
        now = next;
        if (write(told, &now, sizeof now) != sizeof now)
            _exit(2);
    }
}

static uint32_t random_below(uint32_t limit)
{
    static uint64_t seed;
    if (!seed)
        seed = getenv("RIFFLE_SEED") ? strtoull(getenv("RIFFLE_SEED"), NULL, 10) : 88172645463325252u;
    seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17; /* Marsaglia's xorshift */
    return (uint32_t)(seed >> 32) % limit;
}

/* Lets a child write for `microseconds`, and kills it. Returns what it acknowledged last. */
static struct state kill_one(const char *path, struct state now, unsigned microseconds)
{
    int ends[2], status;
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        close(ends[0]);
        commit_on_and_on(path, now, ends[1]);
    }
    close(ends[1]);
    struct timespec wait = {0, (long)microseconds * 1000};
    while (nanosleep(&wait, &wait) < 0 && errno == EINTR)
        ;
    kill(child, SIGKILL);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status)); /* it had no reason to end before */
    struct state told;
    while (read(ends[0], &told, sizeof told) == sizeof told)
        now = told;
    close(ends[0]);
    return now;
}

static void storm(bool on_disk, unsigned kills)
{
    char scratch[FOLDER_PATH], path[FOLDER_PATH];
    struct state now = {0, 0};
    unsigned commits = 0, ahead = 0;
    folder_make(scratch, on_disk);
    folder_join(path, scratch, "index");
    unsigned pace = 4000; /* microseconds; found so that about half of the children get to a commit, however slow fsync is here */
    for (unsigned i = 0; i < kills; i++) {
        struct state before = now;
        /* Half of them die young, while they open the index and remove what their predecessor left. */
        now = kill_one(path, now, 100 + random_below(i % 2 ? pace : 3 * pace));
        bool committed = now.end != before.end;
        commits += committed;
        pace = committed ? pace - pace / 4 : pace + pace / 4;
        pace = pace < 1000 ? 1000 : pace > 300000 ? 300000 : pace;
        /* A commit that was not told may stand, but only the next one. */
        struct state next = next_state(now);
        long count = sample_count(path);
        if (count == (long)(next.end - next.first)) {
            now = next;
            ahead++;
        }
        sample_check(path, now.first, now.end);
        sample_check_next_writer(path);
        if (now.end == 0)
            folder_remove(path);
    }
    folder_remove(scratch);
    print_message("%u kills %s: %u saw a commit, %u came between one and its report\n", kills, on_disk ? "on disk" : "in memory",
                  commits, ahead);
    assert_true(commits + ahead > kills / 10);
}

static unsigned wanted_kills(void)
{
    const char *wanted = getenv("RIFFLE_KILLS");
    return wanted ? (unsigned)strtoul(wanted, NULL, 10) : KILLS;
}

static void test_in_memory(void **state)
{
    (void)state;
    storm(false, wanted_kills() - wanted_kills() / 4);
}

static void test_on_disk(void **state)
{
    (void)state;
    storm(true, wanted_kills() / 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_in_memory),
        cmocka_unit_test(test_on_disk),
    };
    return cmocka_run_group_tests_name("kill storm", tests, NULL, NULL);
}
