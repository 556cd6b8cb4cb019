/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Each call to the operating system fails in its turn, once alone or it and all behind, with no space left or an I/O error. Each time
 * the index holds the old commit or the new one, whole; a writer that told of a failure can only be closed, keeps no descriptor, and
 * what it leaves behind is removed by the next one.
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "base/file.h"
#include "tests/support/folders.h"
#include "tests/support/sample.h"
#include "tests/support/steps.h"

/* ---- Calls that fail ---- */

static struct {
    unsigned calls, fail_at;
    bool for_ever;
    int code;
    char what[64]; /* the first that failed */
} faults;

static int on_call(const char *call, const char *path)
{
    faults.calls++;
    bool fails = faults.for_ever ? faults.calls >= faults.fail_at : faults.calls == faults.fail_at;
    if (faults.calls == faults.fail_at) {
        const char *name = strrchr(path, '/');
        snprintf(faults.what, sizeof faults.what, "%s %s", call, name ? name + 1 : path);
    }
    return fails ? faults.code : 0;
}

static void arm(unsigned fail_at, bool for_ever, int code)
{
    faults.calls = 0;
    faults.fail_at = fail_at;
    faults.for_ever = for_ever;
    faults.code = code;
    faults.what[0] = '\0';
    rf_file_fault = on_call;
}

/* Did any call fail? */
static bool disarm(void)
{
    rf_file_fault = NULL;
    return faults.calls >= faults.fail_at;
}

/* ---- Writing ---- */

static char scratch[FOLDER_PATH], before[FOLDER_PATH], path[FOLDER_PATH];

/* The index as it is now is the acknowledged one, or, after a commit that failed at its end, the one that was to be. */
static void check_state(enum steps_kind kind, const struct steps *steps, bool ok)
{
    long count = sample_count(path);
    unsigned first = steps->first, end = steps->end;
    if (!ok && count == (long)(steps->next_end - steps->next_first) && count != (long)(end - first)) {
        first = steps->next_first;
        end = steps->next_end;
    }
    if (count < 0 && first != end)
        fail_msg("%s, %s: the index is gone", steps_name[kind], faults.what);
    sample_check(path, first, end);
}

static bool fail_call(enum steps_kind kind, unsigned fail_at, bool for_ever, int code)
{
    struct steps steps;
    riffle_error error = {.status = RIFFLE_OK};
    folder_remove(path);
    if (kind != STEPS_NEW)
        folder_copy(before, path);
    unsigned held = folder_held();
    arm(fail_at, for_ever, code);
    riffle_status status = steps_run(kind, path, NULL, &steps, &error);
    bool failed = disarm();
    assert_int_equal(folder_held(), held);
    /* A commit that stands although the writer could not go on poisons it; only the next call tells. */
    bool between = kind == STEPS_TWICE && status == RIFFLE_POISONED && steps.end < steps.next_end;
    if (status && !between && (status != RIFFLE_IO || error.status != RIFFLE_IO || !strstr(error.message, strerror(code))))
        fail_msg("%s, %s: status %d: %s", steps_name[kind], faults.what, (int)status, error.message);
    if (!failed)
        assert_int_equal(status, RIFFLE_OK);
    check_state(kind, &steps, status == RIFFLE_OK);
    /* Nothing is left of a new index that failed, except where removing it, or the lock without which nobody may, failed. */
    bool removable = !for_ever && strncmp(faults.what, "unlink", 6) != 0 && strcmp(faults.what, "lock lock") != 0;
    if (kind == STEPS_NEW && status && removable && sample_count(path) < 0 && folder_has(path))
        fail_msg("%s: a new index that failed leaves its folder", faults.what);
    sample_check_next_writer(path);
    /* And it can be written as if nothing had been. */
    long count = sample_count(path);
    sample_index(path, 50, 51);
    assert_int_equal(sample_count(path), count < 0 ? 1 : count + 1);
    sample_check_files(path);
    return failed;
}

static void test_writing(void **state)
{
    enum steps_kind kind = *(enum steps_kind *)*state;
    folder_join(before, scratch, "before");
    folder_join(path, scratch, "index");
    folder_remove(before);
    steps_prepare(kind, before);
    for (int for_ever = 0; for_ever < 2; for_ever++) {
        unsigned n = 1;
        while (fail_call(kind, n, for_ever, n % 2 ? ENOSPC : EIO))
            n += STEPS_STRIDE;
        assert_true(n > 20);
        if (!for_ever)
            print_message("%s: %u calls\n", steps_name[kind], n - 1);
    }
}

/* Files may grow to this size and no further: the kernel writes a part, and then no more. */
static void test_short_writes(void **state)
{
    (void)state;
    struct rlimit before_limit, limit;
    struct steps steps;
    unsigned failures = 0;
    riffle_status status;
    folder_join(before, scratch, "short");
    folder_join(path, scratch, "index");
    steps_prepare(STEPS_ADD, before);
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before_limit), 0);
    for (rlim_t size = 0;; size = size + size / 8 + 40, failures++) {
        riffle_error error;
        folder_remove(path);
        folder_copy(before, path);
        limit = before_limit;
        limit.rlim_cur = size;
        setrlimit(RLIMIT_FSIZE, &limit);
        status = steps_run(STEPS_ADD, path, NULL, &steps, &error);
        setrlimit(RLIMIT_FSIZE, &before_limit);
        if (status == RIFFLE_OK)
            break;
        assert_int_equal(status, RIFFLE_IO);
        sample_check(path, 0, steps.end);
        sample_check_next_writer(path);
    }
    signal(SIGXFSZ, SIG_DFL);
    sample_check(path, 0, steps.next_end);
    assert_true(failures > 10);
}

/* ---- The order of things ---- */

enum { MOST_EVENTS = 1000 };
static struct event {
    char call[16];
    char path[FOLDER_PATH];
} events[MOST_EVENTS];
static int event_count;

static int record(const char *call, const char *file)
{
    assert_true(event_count < MOST_EVENTS);
    snprintf(events[event_count].call, sizeof events->call, "%s", call);
    snprintf(events[event_count++].path, sizeof events->path, "%s", file);
    return 0;
}

static bool is_event(int i, const char *call, const char *file)
{
    return strcmp(events[i].call, call) == 0 && (!file || strcmp(events[i].path, file) == 0);
}

/* The first such event in [from, to), or `to`. */
static int find_event(int from, int to, const char *call, const char *file)
{
    while (from < to && !is_event(from, call, file))
        from++;
    return from;
}

/*
 * What a power cut must not find: a manifest in place before all that it names is durable, data and names; an older one's files gone
 * before the newer manifest is there for good; a commit reported before that. So: each file's last write, its fsync, the folder's
 * fsync, the rename, the folder's fsync, and only then unlink. Everything that is written is fsynced, but for files that are gone
 * before the rename: runs.
 */
static void test_order(void **state)
{
    enum steps_kind kind = *(enum steps_kind *)*state;
    char aside[FOLDER_PATH], parent[FOLDER_PATH];
    struct steps steps;
    folder_join(path, scratch, "order");
    folder_remove(path);
    steps_prepare(kind, path);
    folder_join(aside, path, "manifest.new");
    folder_join(parent, scratch, "");
    struct folder_names names = {.count = 0}; /* what is there before */
    if (folder_has(path))
        folder_list(path, &names);
    event_count = 0;
    rf_file_fault = record;
    riffle_status status = steps_run(kind, path, NULL, &steps, NULL);
    rf_file_fault = NULL;
    assert_int_equal(status, RIFFLE_OK);
    int renamed = find_event(0, event_count, "rename", aside), durable = renamed - 1;
    assert_true(renamed < event_count);
    if (!is_event(durable, "fsync", path) || !is_event(renamed + 1, "open", path) || !is_event(renamed + 2, "fsync", path))
        fail_msg("the rename does not stand between two fsyncs of the folder");
    if (kind == STEPS_NEW && find_event(0, renamed, "fsync", parent) == renamed)
        fail_msg("the folder's own name is not made durable");
    unsigned written = 0;
    for (int i = 0; i < renamed; i++) {
        const char *file = events[i].path;
        bool gone = find_event(i, renamed, "unlink", file) < renamed;
        if (is_event(i, "write", NULL) && !gone && find_event(i, durable, "fsync", file) == durable)
            fail_msg("%s is not fsynced after its last write, before the folder is", file);
        written += is_event(i, "fsync", NULL) && strcmp(file, path) != 0;
    }
    for (size_t i = 0; i < names.count; i++) {
        char file[FOLDER_PATH];
        folder_join(file, path, names.list[i]);
        if (find_event(0, renamed + 3, "unlink", file) <= renamed + 2)
            fail_msg("%s is removed before the commit stands", file);
    }
    assert_true(written >= 6); /* a segment's five files and the manifest */
    print_message("%s: %d calls in a good order\n", steps_name[kind], event_count);
}

/* ---- Reading ---- */

static void test_open(void **state)
{
    (void)state;
    folder_join(before, scratch, "read");
    steps_prepare(STEPS_ADD, before);
    for (int for_ever = 0; for_ever < 2; for_ever++)
        for (unsigned n = 1;; n++) {
            riffle_index *index;
            riffle_error error;
            unsigned held = folder_held();
            arm(n, for_ever, EIO);
            riffle_status status = riffle_index_open(&index, before, NULL, &error);
            bool failed = disarm();
            if (status)
                assert_int_equal(status, RIFFLE_IO);
            else
                sample_check_open(index, 0, 9);
            riffle_index_close(index);
            assert_int_equal(folder_held(), held);
            if (!failed) {
                assert_int_equal(status, RIFFLE_OK);
                assert_true(n > 10);
                break;
            }
        }
}

static int set_up(void **state)
{
    (void)state;
    folder_make(scratch, false);
    return 0;
}

/* Where a test failed, calls must not go on failing. */
static int stop_faults(void **state)
{
    (void)state;
    rf_file_fault = NULL;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    folder_remove(scratch);
    return 0;
}

int main(void)
{
    static enum steps_kind kinds[] = {STEPS_NEW, STEPS_ADD, STEPS_REBUILD, STEPS_TWICE, STEPS_RUNS};
    const struct CMUnitTest tests[] = {
        {"new index", test_writing, NULL, stop_faults, &kinds[0]},
        {"added and merged", test_writing, NULL, stop_faults, &kinds[1]},
        {"rebuild", test_writing, NULL, stop_faults, &kinds[2]},
        {"two commits", test_writing, NULL, stop_faults, &kinds[3]},
        {"runs", test_writing, NULL, stop_faults, &kinds[4]},
        {"order: new index", test_order, NULL, stop_faults, &kinds[0]},
        {"order: added and merged", test_order, NULL, stop_faults, &kinds[1]},
        {"order: rebuild", test_order, NULL, stop_faults, &kinds[2]},
        {"order: runs", test_order, NULL, stop_faults, &kinds[4]},
        cmocka_unit_test_teardown(test_short_writes, stop_faults),
        cmocka_unit_test_teardown(test_open, stop_faults),
    };
    return cmocka_run_group_tests_name("files fail", tests, set_up, tear_down);
}
