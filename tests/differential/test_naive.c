/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Random documents and random queries: what the library answers, by both of its methods and from indexes made in different ways,
 * against a naive scan of the texts.
 *
 * RIFFLE_SEED and RIFFLE_ROUNDS (sets of documents) in the environment make other and longer runs. A case that fails is made as small
 * as leaving out articles makes it, and printed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cases.h"
#include "shrink.h"
#include "tests/support/folders.h"

enum { ROUNDS = 200, QUERIES = 105, QUERIES_OF_MANY = 25, TRIES = 400 };

static char folder[300]; /* for all indexes */
static size_t pairs;     /* of document sets and queries that were compared with the naive scan */

/* ---- Making cases small ---- */

static void path_of(char *path, size_t size, int which) { snprintf(path, size, "%s/index-%d", folder, which); }

static bool open_indexes(struct test *test)
{
    char path[400], other[400];
    riffle_error error;
    for (int i = 0; i < 2; i++) {
        path_of(path, sizeof path, i);
        if (index_make(path, test->documents, "native", i ? test->way : WAY_ONE_COMMIT, test->way_seed, &error) ||
            riffle_index_open(&test->indexes[i], path, NULL, &error))
            return case_wrong(test, "index by %s: %s", way_names[i ? test->way : WAY_ONE_COMMIT], error.message);
    }
    path_of(path, sizeof path, 0);
    path_of(other, sizeof other, 1);
    if (test->way != WAY_COMMITS && !index_same_bytes(path, other))
        return case_wrong(test, "the index by %s has other bytes", way_names[test->way]);
    return true;
}

static void close_indexes(struct test *test)
{
    for (int i = 0; i < 2; i++) {
        riffle_index_close(test->indexes[i]);
        test->indexes[i] = NULL;
    }
}

/* The same case with these documents only, from the beginning. */
static bool run_with(struct test *test, const struct documents *documents)
{
    struct naive naive;
    naive_make(&naive, documents);
    test->documents = documents;
    test->naive = &naive;
    test->report.size = 0;
    bool right = open_indexes(test) && case_run(test);
    close_indexes(test);
    naive_release(&naive);
    return right;
}

static bool fails_with(void *test, const struct documents *documents) { return !run_with(test, documents); }

/* Makes the case small, and says all about it. */
static void report_failure(struct test *test)
{
    struct documents less;
    struct failing failing = {test->documents, test->tree, &test->query, fails_with, test, TRIES};
    rf_buffer_append_byte(&test->report, 0);
    char *first_report = strdup((const char *)test->report.data);
    close_indexes(test);
    bool again = shrink(&failing, &less);
    if (again)
        run_with(test, &less);
    struct rf_buffer out;
    rf_buffer_init(&out, &rf_malloc_allocator);
    documents_print(&out, &less);
    rf_buffer_printf(&out, "query ");
    append_escaped(&out, (const char *)test->query.data, test->query.size);
    rf_buffer_printf(&out, "\nk1 %g, b %g; index 0 by one commit, index 1 by %s, seed %llu\n%.*s", test->options.k1,
                     test->options.b, way_names[test->way], (unsigned long long)test->way_seed, again ? (int)test->report.size : 0,
                     again ? (const char *)test->report.data : "");
    if (!again)
        rf_buffer_printf(&out, "did not fail again; it was:\n%s", first_report);
    fprintf(stderr, "%.*s", (int)out.size, (const char *)out.data);
    rf_buffer_release(&out);
    free(first_report);
    free(less.articles);
}

/* ---- Rounds ---- */

static void choose_options(struct test *test, struct random *random)
{
    static const riffle_search_options defaults = RIFFLE_SEARCH_OPTIONS_INIT;
    test->options = defaults;
    if (chance(random, 40)) {
        test->options.k1 = chance(random, 10) ? 0 : 3 * random_unit(random);
        test->options.b = chance(random, 10) ? 0 : chance(random, 10) ? 1 : random_unit(random);
    }
    test->options.offset = chance(random, 70) ? 0 : random_size(random, 100) - 1;
    test->options.limit = chance(random, 50) ? 10 : random_size(random, 200) - 1;
    test->options.by_article = chance(random, 30);
    test->options.count_all = chance(random, 30);
}

static size_t run_round(uint64_t seed, bool many)
{
    struct random random = {seed};
    struct documents documents;
    struct naive naive;
    size_t failures = 0;
    documents_make(&documents, &random, many ? DOCUMENTS_MANY : DOCUMENTS_SOME);
    struct test test = {.documents = &documents, .way = (enum way)random_below(&random, WAYS), .way_seed = random_next(&random)};
    rf_buffer_init(&test.query, &rf_malloc_allocator);
    rf_buffer_init(&test.report, &rf_malloc_allocator);
    naive_make(&naive, &documents);
    bool opened = open_indexes(&test);
    if (!opened) {
        report_failure(&test);
        failures++;
    }
    int queries = many ? QUERIES_OF_MANY : QUERIES;
    for (int i = 0; opened && !failures && i < queries + queries / 4; i++) {
        struct query *query = i < queries ? query_make(&documents, &random) : NULL;
        test.naive = &naive;
        test.documents = &documents;
        test.tree = query;
        test.query.size = test.report.size = 0;
        test.look_closely = chance(&random, 35);
        if (query)
            query_print(&test.query, query, &random);
        else
            query_make_bytes(&test.query, &documents, &random);
        choose_options(&test, &random);
        if (!case_run(&test)) {
            fprintf(stderr, "seed %llu, query %d\n", (unsigned long long)seed, i);
            report_failure(&test);
            failures++;
        }
        pairs += query != NULL;
        if (query)
            query_release(query);
    }
    close_indexes(&test);
    naive_release(&naive);
    documents_release(&documents);
    rf_buffer_release(&test.query);
    rf_buffer_release(&test.report);
    return failures;
}

static uint64_t from_environment(const char *name, uint64_t otherwise)
{
    const char *value = getenv(name);
    return value && *value ? strtoull(value, NULL, 0) : otherwise;
}

static void test_library_against_scan(void **state)
{
    (void)state;
    uint64_t seed = from_environment("RIFFLE_SEED", 1), rounds = from_environment("RIFFLE_ROUNDS", ROUNDS);
    size_t failures = 0;
    for (uint64_t round = 0; round < rounds && failures < 3; round++)
        failures += run_round(seed + round, round % 20 == 19);
    print_message("%zu pairs of documents and queries, %zu hits\n", pairs, case_hits);
    assert_int_equal(failures, 0);
}

static int set_up(void **state)
{
    (void)state;
    /* In memory where that can be: more than a thousand commits would wait for the disk. */
    const char *memory = "/dev/shm", *temporary = getenv("TMPDIR");
    if (!temporary || !*temporary)
        temporary = access(memory, W_OK) == 0 ? memory : P_tmpdir;
    snprintf(folder, sizeof folder, "%s/riffle-naive-XXXXXX", temporary);
    return mkdtemp(folder) ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    char path[400];
    for (int i = 0; i < 2; i++) {
        path_of(path, sizeof path, i);
        folder_remove(path);
    }
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_library_against_scan)};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
