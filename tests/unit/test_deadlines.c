/* SPDX-License-Identifier: BSD-3-Clause */
/* Deadlines of searches, and totals that need not be exact, on both engines. Time is made to pass: none of this waits for luck. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "query/index.h"
#include "query/plan.h"
#include "riffle-xapian.h"
#include "tests/support/sample.h"
#include "tests/support/scratch.h"
#include "tests/support/xapian_sample.h"

enum { ARTICLES = 40 };
static char folder[SCRATCH_PATH], native_path[SCRATCH_PATH + 20], xapian_path[SCRATCH_PATH + 20];

static int make(void **state)
{
    (void)state;
    riffle_error error;
    OK(riffle_xapian_register(&error));
    scratch_make(folder);
    snprintf(native_path, sizeof native_path, "%s/native", folder);
    snprintf(xapian_path, sizeof xapian_path, "%s/xapian", folder);
    sample_index(native_path, 0, ARTICLES / 2); /* two segments */
    sample_index(native_path, ARTICLES / 2, ARTICLES);
    sample_shard(xapian_path, 0, ARTICLES, 1, 1);
    return 0;
}

static int drop(void **state)
{
    (void)state;
    scratch_remove(folder);
    return 0;
}

static riffle_results *ask(const riffle_index *index, const riffle_search_options *options)
{
    riffle_results *results;
    riffle_error error;
    OK(riffle_search(index, "sampleword", strlen("sampleword"), options, &results, &error));
    return results;
}

/* ---- Where the time is over before anything was looked at ---- */

static const struct rf_reading *on_time;

static riffle_status begin_late(void *store, void **view, struct rf_facts *facts, riffle_error *error)
{
    const struct timespec pause = {.tv_nsec = 3000000};
    nanosleep(&pause, NULL);
    return on_time->begin(store, view, facts, error);
}

/* The index, with an engine that takes three milliseconds to begin. */
static riffle_index *open_slow(const char *path, struct rf_reading *slow)
{
    riffle_index *index = sample_open(path, false);
    on_time = index->engine;
    *slow = *on_time;
    slow->begin = begin_late;
    index->engine = slow;
    return index;
}

static void test_late_search(void **state)
{
    (void)state;
    struct rf_reading slow;
    riffle_index *index = open_slow(native_path, &slow);
    uint64_t all[2];
    for (int i = 0; i < 2; i++) {
        riffle_search_options options = RIFFLE_SEARCH_OPTIONS_INIT;
        options.limit = 0;
        options.by_article = i;
        riffle_results *results = ask(index, &options);
        all[i] = riffle_results_total(results);
        riffle_results_free(results);
    }
    for (int how = 0; how < 16; how++) {
        riffle_search_options options = RIFFLE_SEARCH_OPTIONS_INIT;
        options.deadline_ms = 1;
        options.count_all = how & 1;
        options.by_article = how >> 1 & 1;
        options.method = how >> 2 & 1 ? RIFFLE_METHOD_EXHAUSTIVE : RIFFLE_METHOD_FAST;
        options.limit = how >> 3 & 1 ? 0 : 10;
        riffle_results *results = ask(index, &options);
        uint64_t total = riffle_results_total(results);
        if (!riffle_results_incomplete(results)) { /* what takes no time needs none: how often one word is there */
            assert_true(options.limit == 0 && options.method == RIFFLE_METHOD_FAST);
            assert_true(riffle_results_total_is_exact(results) && total == all[options.by_article]);
        } else {
            assert_false(riffle_results_total_is_exact(results));
            assert_in_range(total, 0, all[options.by_article]);
        }
        assert_int_equal(riffle_results_count(results), 0);
        assert_string_equal(riffle_results_reading(results), "sampleword");
        riffle_results_free(results);
    }
    riffle_index_close(index);
}

/* A caller that was compiled before there were deadlines has none. */
static void test_older_caller(void **state)
{
    (void)state;
    struct rf_reading slow;
    riffle_index *index = open_slow(native_path, &slow);
    riffle_search_options options = RIFFLE_SEARCH_OPTIONS_INIT;
    options.deadline_ms = 1;
    options.size = offsetof(riffle_search_options, deadline_ms);
    riffle_results *results = ask(index, &options);
    assert_false(riffle_results_incomplete(results));
    assert_int_equal(riffle_results_count(results), 10);
    riffle_results_free(results);
    riffle_index_close(index);
}

/* libxapian stops when its own clock says so: what it has is right, and what it says of it. */
static void test_late_xapian(void **state)
{
    (void)state;
    struct rf_reading slow;
    riffle_index *index = open_slow(xapian_path, &slow);
    riffle_search_options options = RIFFLE_SEARCH_OPTIONS_INIT;
    uint64_t all = sample_total(index, "sampleword");
    for (int round = 0; round < 20; round++) {
        options.deadline_ms = 1;
        riffle_results *results = ask(index, &options);
        assert_int_equal(riffle_results_count(results), 10);
        assert_int_equal(riffle_results_incomplete(results), !riffle_results_total_is_exact(results));
        if (riffle_results_incomplete(results))
            assert_in_range(riffle_results_total(results), 10, all);
        else
            assert_int_equal(riffle_results_total(results), all);
        riffle_results_free(results);
    }
    riffle_index_close(index);
}

/* ---- Where there is time enough ---- */

static void test_ample_time(void **state)
{
    (void)state;
    const char *const paths[] = {native_path, xapian_path};
    for (size_t i = 0; i < 2; i++) {
        riffle_index *index = sample_open(paths[i], false);
        uint64_t all = sample_total(index, "sampleword");
        riffle_search_options options = RIFFLE_SEARCH_OPTIONS_INIT;
        options.deadline_ms = UINT32_MAX;
        for (int limit = 0; limit < 2; limit++) {
            options.limit = limit ? UINT64_MAX : 0;
            riffle_results *results = ask(index, &options);
            assert_false(riffle_results_incomplete(results));
            assert_true(riffle_results_count(results) == (limit ? all : 0) && riffle_results_total(results) == all);
            assert_true(limit || riffle_results_total_is_exact(results));
            riffle_results_free(results);
        }
        riffle_index_close(index);
    }
    assert_false(riffle_results_incomplete(NULL));
    assert_false(riffle_results_total_is_exact(NULL));
}

/* ---- What engines are asked ---- */

static struct rf_request asked;

static riffle_status note_request(void *view, struct rf_plan *plan, const struct rf_request *request, struct rf_arena *arena,
                                  struct rf_hits *hits, riffle_error *error)
{
    asked = *request;
    return on_time->execute(view, plan, request, arena, hits, error);
}

static void test_requests(void **state)
{
    (void)state;
    riffle_index *index = sample_open(native_path, false);
    on_time = index->engine;
    struct rf_reading noting = *on_time;
    noting.execute = note_request;
    index->engine = &noting;
    riffle_search_options options = RIFFLE_SEARCH_OPTIONS_INIT;
    riffle_results_free(ask(index, &options));
    assert_true(asked.wanted == 10 && !asked.count && !asked.deadline);
    options.count_all = 1;
    riffle_results_free(ask(index, &options));
    assert_true(asked.wanted == 10 && asked.count);
    options.count_all = 0;
    options.limit = 0;
    options.deadline_ms = 1000;
    uint64_t before = rf_clock();
    riffle_results_free(ask(index, &options));
    assert_true(asked.wanted == 0 && asked.count);
    assert_in_range(asked.deadline, before + 1000000000u, rf_clock() + 1000000000u);
    index->engine = on_time;
    riffle_index_close(index);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_late_search), cmocka_unit_test(test_older_caller), cmocka_unit_test(test_late_xapian),
        cmocka_unit_test(test_ample_time),  cmocka_unit_test(test_requests),
    };
    return cmocka_run_group_tests(tests, make, drop);
}
