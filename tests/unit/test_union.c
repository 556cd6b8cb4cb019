/* SPDX-License-Identifier: BSD-3-Clause */
/* Counting disjunctions: the same totals as by windows, whatever way the lengths of the lists ask for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "query/ranked.h"
#include "query/results.h"
#include "tests/differential/deletions.h"
#include "tests/support/folders.h"

enum { ARTICLES = 70000 }; /* more than a chunk */

/* Words, each in one of so many articles. */
static const struct {
    const char *text;
    uint32_t every, from, end;
} words[] = {
    {"half", 2, 0, ARTICLES},     {"third", 3, 0, ARTICLES},           {"fifth", 5, 0, ARTICLES},     {"tenth", 10, 0, ARTICLES},
    {"twelfth", 12, 0, ARTICLES}, {"forty", 40, 0, ARTICLES},          {"fifty", 50, 0, ARTICLES},    {"some", 300, 0, ARTICLES},
    {"few", 2000, 0, ARTICLES},   {"fewer", 3000, 0, ARTICLES},        {"cluster", 1, 60000, 66000},  {"border", 1, 65535, 65537},
    {"first", 1, 0, 1},           {"last", 1, ARTICLES - 1, ARTICLES}, {"late", 20, 65536, ARTICLES}, {"early", 20, 0, 65536},
};

static const char *const queries[] = {
    /* One list, and none. */
    "half",
    "some",
    "last",
    "absent",
    "absent none",
    /* Two: dense and not, dense both, alike, far from alike. */
    "half third",
    "half forty",
    "half few",
    "half last",
    "forty fifty",
    "tenth twelfth",
    "forty some",
    "few fewer",
    "early late",
    "cluster late",
    "cluster border",
    "border first",
    "last first",
    "forty absent",
    "forty forty",
    "half half",
    /* More: to be merged, and by chunks. */
    "half few fewer last",
    "half some few",
    "half few some last few",
    "half third fifth few",
    "tenth few fewer",
    "tenth few border first last",
    "tenth twelfth forty",
    "forty fifty some few fewer",
    "cluster border early late",
    "half third some few first last",
    "few few fewer fewer half",
    "half third fifth tenth twelfth forty fifty some few fewer cluster border first last late early absent",
    "tenth few fewer border first last some cluster late early",
    /* Not all are allowed. */
    "half -forty",
    "forty fifty -half",
    "forty -few -cluster",
    "tenth -tenth",
    "few -half -third",
    "forty -absent",
    "half kind:odd",
    "few fewer kind:odd",
    "few -kind:odd",
    "half third -few kind:odd",
    "cluster border -late",
    /* Phrases. */
    "\"half third\" few",
    "\"half third\" \"third fifth\"",
    "\"half third\" half",
    "tenth forty -\"half third\"",
    "\"half absent\" few",
    "\"early cluster\" \"cluster border\" late",
    "\"half third\" kind:odd few",
};

static char folder[FOLDER_PATH];

static void make_index(const char *path)
{
    riffle_writer_options options = RIFFLE_WRITER_OPTIONS_INIT;
    riffle_writer *writer;
    riffle_error error;
    struct random random = {7};
    options.language = "none";
    options.passages = RIFFLE_PASSAGES_NONE;
    options.store = RIFFLE_STORE_NONE;
    assert_int_equal(riffle_writer_open(&writer, path, &options, &error), RIFFLE_OK);
    for (uint32_t i = 0; i < ARTICLES; i++) {
        char id[20], text[600];
        size_t n = 0;
        for (size_t w = 0; w < sizeof words / sizeof *words; w++)
            if (i >= words[w].from && i < words[w].end && !random_below(&random, words[w].every))
                for (size_t times = 1 + random_below(&random, 3) / 2; times > 0; times--)
                    n += (size_t)sprintf(text + n, "%s ", words[w].text);
        const riffle_field kind = {"kind", 4, "odd", 3};
        const riffle_article in = {.id = id,
                                   .id_length = (size_t)sprintf(id, "%u", i),
                                   .text = text,
                                   .text_length = n,
                                   .fields = &kind,
                                   .field_count = i % 3 == 1};
        assert_int_equal(riffle_writer_add(writer, &in, &error), RIFFLE_OK);
    }
    assert_int_equal(riffle_writer_commit(writer, &error), RIFFLE_OK);
    riffle_writer_close(writer);
}

static uint64_t total(riffle_status (*execute)(const struct rf_plan *plan, const struct rf_request *request, struct rf_best *hits,
                                               riffle_error *error),
                      const struct rf_plan *plan, const struct rf_request *request)
{
    struct rf_best hits = {.allocator = &rf_malloc_allocator};
    riffle_error error;
    if (execute(plan, request, &hits, &error))
        fail_msg("%s", error.message);
    assert_int_equal(hits.count, 0);
    assert_false(hits.incomplete);
    return hits.total;
}

/* The search makes a plan, which can be executed once more. */
static void compare(const riffle_index *index, const char *query)
{
    const struct rf_request request = {.count = true, .k1 = RF_USUAL_K1, .b = RF_USUAL_B};
    riffle_search_options options = RIFFLE_SEARCH_OPTIONS_INIT;
    riffle_results *results;
    riffle_error error;
    options.limit = 0;
    assert_int_equal(riffle_search(index, query, strlen(query), &options, &results, &error), RIFFLE_OK);
    assert_true(rf_ranked_fits(&results->plan, true));
    uint64_t slow = total(rf_execute_by_windows, &results->plan, &request);
    for (size_t i = 0; (rf_kernels = rf_kernels_at(i)); i++) {
        uint64_t fast = total(rf_execute_ranked, &results->plan, &request);
        if (fast != slow)
            fail_msg("%s: %llu, not %llu, with %s kernels", query, (unsigned long long)fast, (unsigned long long)slow,
                     rf_kernels->name);
    }
    rf_kernels = rf_kernels_at(0);
    riffle_results_free(results);
}

static void compare_all(const char *path)
{
    riffle_index *index;
    riffle_error error;
    assert_int_equal(riffle_index_open(&index, path, NULL, &error), RIFFLE_OK);
    for (size_t i = 0; i < sizeof queries / sizeof *queries; i++)
        compare(index, queries[i]);
    riffle_index_close(index);
}

static void totals_are_those_of_windows(void **state)
{
    (void)state;
    compare_all(folder_path(folder, "index"));
}

static void deleted_passages_do_not_count(void **state)
{
    (void)state;
    struct random random = {3};
    for (int i = 0; i < 4; i++) {
        deletions_write(folder_path(folder, "index"), &random);
        compare_all(folder_path(folder, "index"));
    }
}

static int set_up(void **state)
{
    (void)state;
    folder_make(folder, false);
    make_index(folder_path(folder, "index"));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    folder_remove(folder);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(totals_are_those_of_windows),
        cmocka_unit_test(deleted_passages_do_not_count),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
