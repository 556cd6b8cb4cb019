/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Each allocation fails in its turn: the first, then the second, and so on until the work gets through; once alone, and for ever
 * after. Each time: the failure is told as RIFFLE_NO_MEMORY or was survived with the right answer, nothing leaks, and the index is as
 * the last commit left it. What json-c, libstemmer and the C library allocate does not come through the allocator.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"
#include "tests/support/failing_memory.h"
#include "tests/support/folders.h"
#include "tests/support/sample.h"
#include "tests/support/steps.h"

static void expect_no_memory(riffle_status status, const riffle_error *error, const char *what)
{
    if (status != RIFFLE_NO_MEMORY || error->status != RIFFLE_NO_MEMORY || !error->message[0])
        fail_msg("%s, allocation %zu: status %d (%d: %s)", what, failing_calls(), (int)status, (int)error->status, error->message);
}

/* ---- Writing ---- */

static char scratch[FOLDER_PATH], before[FOLDER_PATH], path[FOLDER_PATH];

/* Lets one allocation of the work fail, and checks what is left. false: none failed, the work needs fewer. */
static bool fail_writing(enum steps_kind kind, size_t fail_at, bool for_ever)
{
    struct steps steps;
    riffle_error error = {.status = RIFFLE_OK};
    folder_remove(path);
    if (kind != STEPS_NEW)
        folder_copy(before, path);
    failing_arm(fail_at, for_ever);
    riffle_status status = steps_run(kind, path, &failing_memory, &steps, &error);
    bool failed = failing_disarm();
    /* A commit that stands although the writer could not go on poisons it; only the next call tells. */
    bool between = kind == STEPS_TWICE && status == RIFFLE_POISONED && steps.end < steps.next_end;
    if (status && !between)
        expect_no_memory(status, &error, steps_name[kind]);
    if (!failed)
        assert_int_equal(status, RIFFLE_OK);
    if (failing_live())
        fail_msg("%s, allocation %zu: %ld blocks leak", steps_name[kind], fail_at, failing_live());
    sample_check(path, steps.first, steps.end);
    /* Without any memory at all, removing is left to the next writer. */
    if (!for_ever && kind != STEPS_RUNS)
        sample_check_files(path);
    if (!for_ever && kind == STEPS_NEW && status && folder_has(path))
        fail_msg("allocation %zu: a new index that failed leaves its folder", fail_at);
    sample_check_next_writer(path);
    return failed;
}

static void test_writing(void **state)
{
    enum steps_kind kind = *(enum steps_kind *)*state;
    unsigned held = folder_held();
    folder_join(before, scratch, "before");
    folder_join(path, scratch, "index");
    folder_remove(before);
    steps_prepare(kind, before);
    for (int for_ever = 0; for_ever < 2; for_ever++) {
        size_t n = 1;
        while (fail_writing(kind, n, for_ever))
            n += STEPS_STRIDE;
        assert_true(n > 50);
        if (!for_ever)
            print_message("%s: %zu allocations\n", steps_name[kind], n - 1);
    }
    assert_int_equal(folder_held(), held);
}

/* ---- Reading ---- */

/* All that an answer consists of, folded into one number. */
struct digest {
    uint64_t value;
};

static void note(struct digest *digest, const void *bytes, size_t n)
{
    digest->value = rf_hash_fold(digest->value ^ rf_hash(bytes ? bytes : "", n), 0x9e3779b97f4a7c15ull) + n + 1;
}

static void note_ranges(struct digest *digest, const riffle_range *ranges, size_t count)
{
    note(digest, ranges, count * sizeof *ranges);
}

/* Asks everything about a hit. */
static riffle_status read_hit(riffle_results *results, size_t rank, struct digest *digest, riffle_error *error)
{
    riffle_hit hit = {.size = sizeof hit};
    riffle_snippet snippet;
    const riffle_range *ranges;
    const char *text;
    size_t count, length;
    uint64_t start;
    riffle_status status = riffle_results_hit(results, rank, &hit, error);
    if (status)
        return status;
    note(digest, hit.id, hit.id_length);
    note(digest, hit.title, hit.title_length);
    note(digest, &hit.score, sizeof hit.score);
    note(digest, &hit.passage, sizeof hit.passage);
    if ((status = riffle_results_snippet(results, rank, 60, &snippet, error)))
        return status;
    note(digest, snippet.text, snippet.length);
    note_ranges(digest, snippet.marks, snippet.mark_count);
    if ((status = riffle_results_text(results, rank, &text, &length, &start, error)))
        return status;
    note(digest, text, length);
    if ((status = riffle_results_matches(results, rank, &ranges, &count, error)))
        return status;
    note_ranges(digest, ranges, count);
    if ((status = riffle_results_title_matches(results, rank, &ranges, &count, error)))
        return status;
    note_ranges(digest, ranges, count);
    if ((status = riffle_results_explain(results, rank, &text, error)))
        return status;
    note(digest, text, strlen(text));
    return RIFFLE_OK;
}

static riffle_status read_results(riffle_results *results, struct digest *digest, riffle_error *error)
{
    riffle_status status = RIFFLE_OK;
    uint64_t total = riffle_results_total(results);
    *digest = (struct digest){1};
    note(digest, &total, sizeof total);
    note(digest, riffle_results_reading(results), strlen(riffle_results_reading(results)));
    for (size_t rank = 0; !status && rank < riffle_results_count(results); rank++)
        status = read_hit(results, rank, digest, error);
    return status;
}

static riffle_index *open_before(void)
{
    riffle_index *index;
    riffle_error error;
    riffle_index_options options = RIFFLE_INDEX_OPTIONS_INIT;
    options.allocator = &failing_memory;
    assert_int_equal(riffle_index_open(&index, before, &options, &error), RIFFLE_OK);
    return index;
}

/* One search and all that can be asked of its hits: the index's first, or `again`, when it has memory from another one. */
static bool fail_search(const char *query, const riffle_search_options *options, const struct digest *expected,
                        struct digest *digest, size_t fail_at, bool for_ever, bool again)
{
    riffle_results *results;
    riffle_error error;
    riffle_index *index = open_before();
    if (again) {
        assert_int_equal(riffle_search(index, query, strlen(query), options, &results, &error), RIFFLE_OK);
        assert_int_equal(read_results(results, digest, &error), RIFFLE_OK);
        riffle_results_free(results);
    }
    failing_arm(fail_at, for_ever);
    riffle_status status = riffle_search(index, query, strlen(query), options, &results, &error);
    if (status)
        assert_null(results);
    else
        status = read_results(results, digest, &error);
    bool failed = failing_disarm();
    if (status)
        expect_no_memory(status, &error, query);
    if (status && results) /* the results are as good as before: with memory, all can be asked again */
        assert_int_equal(read_results(results, digest, &error), RIFFLE_OK);
    if (expected && (!status || results) && digest->value != expected->value)
        fail_msg("%s, allocation %zu: survived with another answer", query, fail_at);
    riffle_results_free(results);
    riffle_index_close(index);
    if (failing_live() != 0)
        fail_msg("%s, allocation %zu: %ld blocks leak", query, fail_at, failing_live());
    return failed;
}

static void test_search(void **state)
{
    (void)state;
    size_t most = 0;
    for (size_t i = 0; i < SAMPLE_QUERIES; i++)
        for (int variant = 0; variant < 4; variant++) {
            riffle_search_options search = RIFFLE_SEARCH_OPTIONS_INIT;
            struct digest expected, digest;
            search.limit = 4;
            search.by_article = variant & 1;
            search.count_all = variant & 1;
            search.method = variant & 2 ? RIFFLE_METHOD_EXHAUSTIVE : RIFFLE_METHOD_FAST;
            assert_false(fail_search(sample_queries[i], &search, NULL, &expected, SIZE_MAX, false, false));
            for (int how = 0; how < (variant ? 2 : 4); how++) {
                size_t n = 1;
                while (fail_search(sample_queries[i], &search, &expected, &digest, n, how & 1, how & 2))
                    n += STEPS_STRIDE;
                most = n > most ? n : most;
            }
        }
    assert_true(most > 20);
    print_message("a search and its hits: up to %zu allocations\n", most - 1);
}

/* Opens the index and looks into it without searching. */
static riffle_status look_into(riffle_error *error)
{
    riffle_index *index;
    riffle_index_options options = RIFFLE_INDEX_OPTIONS_INIT;
    options.allocator = &failing_memory;
    riffle_status status = riffle_index_open(&index, before, &options, error);
    if (status) {
        assert_null(index);
        return status;
    }
    riffle_statistics statistics = {.size = sizeof statistics};
    riffle_index_statistics(index, &statistics, NULL);
    for (uint64_t article = 0; !status && article < statistics.articles; article++) {
        const char *value;
        char *text = NULL;
        size_t length;
        uint64_t found;
        status = riffle_index_field(index, article, "id", &value, &length, error);
        if (!status)
            status = riffle_index_find(index, value, length, &found, error);
        if (!status && found != article)
            fail_msg("article %llu was not found", (unsigned long long)article);
        if (!status)
            status = riffle_index_text(index, article, &text, &length, error);
        if (!status)
            assert_non_null(text);
        riffle_text_free(index, text);
    }
    riffle_index_close(index);
    return status;
}

static void test_open(void **state)
{
    (void)state;
    for (int for_ever = 0; for_ever < 2; for_ever++)
        for (size_t n = 1;; n++) {
            riffle_error error;
            unsigned held = folder_held();
            failing_arm(n, for_ever);
            riffle_status status = look_into(&error);
            bool failed = failing_disarm();
            if (status)
                expect_no_memory(status, &error, "opening");
            assert_int_equal(folder_held(), held);
            assert_int_equal(failing_live(), 0);
            if (!failed) {
                assert_int_equal(status, RIFFLE_OK);
                assert_true(n > 20);
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

static int set_up_reading(void **state)
{
    (void)state;
    folder_join(before, scratch, "read");
    steps_prepare(STEPS_ADD, before);
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
    const struct CMUnitTest writing[] = {
        {"new index", test_writing, NULL, NULL, &kinds[0]}, {"added and merged", test_writing, NULL, NULL, &kinds[1]},
        {"rebuild", test_writing, NULL, NULL, &kinds[2]},   {"two commits", test_writing, NULL, NULL, &kinds[3]},
        {"runs", test_writing, NULL, NULL, &kinds[4]},
    };
    const struct CMUnitTest reading[] = {
        cmocka_unit_test_setup(test_open, set_up_reading),
        cmocka_unit_test(test_search),
    };
    int failures = cmocka_run_group_tests_name("memory fails while writing", writing, set_up, tear_down);
    return failures + cmocka_run_group_tests_name("memory fails while reading", reading, set_up, tear_down);
}
