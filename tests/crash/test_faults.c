/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Each call to the operating system fails in its turn, once alone or it and all behind, with no space left or an I/O error. Each time
 * the index holds the old commit or the new one, whole; a writer that told of a failure can only be closed, keeps no descriptor, and
 * what it leaves behind is removed by the next one.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

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
    unsigned descriptors = folder_descriptors();
    arm(fail_at, for_ever, code);
    riffle_status status = steps_run(kind, path, NULL, &steps, &error);
    bool failed = disarm();
    assert_int_equal(folder_descriptors(), descriptors);
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
    for (int variant = 0; variant < 4; variant++) {
        unsigned n = 1;
        while (fail_call(kind, n, variant & 1, variant & 2 ? EIO : ENOSPC))
            n++;
        assert_true(n > 20);
        if (variant == 0)
            print_message("%s: %u calls\n", steps_name[kind], n - 1);
    }
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
            unsigned descriptors = folder_descriptors();
            arm(n, for_ever, EIO);
            riffle_status status = riffle_index_open(&index, before, NULL, &error);
            bool failed = disarm();
            assert_int_equal(folder_descriptors(), descriptors);
            if (status)
                assert_int_equal(status, RIFFLE_IO);
            else
                sample_check_open(index, 0, 9);
            riffle_index_close(index);
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
        {"new index", test_writing, NULL, stop_faults, &kinds[0]}, {"added and merged", test_writing, NULL, stop_faults, &kinds[1]},
        {"rebuild", test_writing, NULL, stop_faults, &kinds[2]},   {"two commits", test_writing, NULL, stop_faults, &kinds[3]},
        {"runs", test_writing, NULL, stop_faults, &kinds[4]},      cmocka_unit_test_teardown(test_open, stop_faults),
    };
    return cmocka_run_group_tests_name("files fail", tests, set_up, tear_down);
}
