/* SPDX-License-Identifier: BSD-3-Clause */
/* Memory fails in searches over long lists, at each allocation in turn: the search says so, or its answer is right, and nothing leaks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "riffle.h"
#include "tests/support/failing_memory.h"
#include "tests/support/scratch.h"

enum { ARTICLES = 5000, LIMIT = 20 };

static char folder[SCRATCH_PATH];
static riffle_error error;

/* Words, each in one of so many articles. Of the first three there are pairs. */
static const struct {
    const char *text;
    uint32_t every;
} words[] = {{"most", 2}, {"many", 4}, {"some", 25}, {"few", 90}};

static const char *const queries[] = {
    "most many some few",         "most some -many",      "+many +some",
    "+most +many -few",           "+some most few",       "\"most many\"",
    "\"many some\" few",          "\"many most some\"",   "+\"most many\" +some",
    "few -\"most many\"",         "+some -\"many some\"", "\"many most\" \"most many\" some",
    "+(most some) many-most few",
};

static int make(void **unused)
{
    (void)unused;
    riffle_writer_options options = RIFFLE_WRITER_OPTIONS_INIT;
    riffle_writer *writer;
    uint64_t state = 1;
    options.language = "none";
    options.passages = RIFFLE_PASSAGES_NONE;
    options.store = RIFFLE_STORE_NONE;
    scratch_make(folder);
    OK(riffle_writer_open(&writer, folder, &options, &error));
    for (unsigned i = 0; i < ARTICLES; i++) {
        char id[20], text[400];
        size_t n = 0;
        for (size_t round = 0; round < 2; round++)
            for (size_t w = 0; w < sizeof words / sizeof *words; w++)
                if (random_below(&state, words[w].every) == 0)
                    n += (size_t)sprintf(text + n, "%s ", words[w].text);
        riffle_article article = {.id = id, .id_length = (size_t)sprintf(id, "%u", i), .text = text, .text_length = n};
        OK(riffle_writer_add(writer, &article, &error));
    }
    OK(riffle_writer_commit(writer, &error));
    riffle_writer_close(writer);
    return 0;
}

static int drop(void **unused)
{
    (void)unused;
    scratch_remove(folder);
    return 0;
}

struct answer {
    uint64_t total, articles[LIMIT];
    size_t count;
};

/* Did an allocation fail? Where the search survives that, its answer is to be the expected one. */
static bool search(const char *query, bool count, size_t fail_at, bool for_ever, struct answer *answer,
                   const struct answer *expected)
{
    riffle_index_options index_options = RIFFLE_INDEX_OPTIONS_INIT;
    riffle_search_options options = RIFFLE_SEARCH_OPTIONS_INIT;
    riffle_index *index;
    riffle_results *results;
    index_options.allocator = &failing_memory;
    OK(riffle_index_open(&index, folder, &index_options, &error));
    options.limit = LIMIT;
    options.count_all = count;
    failing_arm(fail_at, for_ever);
    riffle_status status = riffle_search(index, query, strlen(query), &options, &results, &error);
    bool failed = failing_disarm();
    if (status && status != RIFFLE_NO_MEMORY)
        fail_msg("%s, allocation %zu: status %d, '%s'", query, fail_at, (int)status, error.message);
    memset(answer, 0, sizeof *answer);
    if (!status) {
        answer->total = riffle_results_total(results);
        answer->count = riffle_results_count(results);
        for (size_t i = 0; i < answer->count; i++) {
            riffle_hit hit = {.size = sizeof hit};
            OK(riffle_results_hit(results, i, &hit, &error));
            answer->articles[i] = hit.article;
        }
        if (expected && memcmp(answer, expected, sizeof *answer) != 0)
            fail_msg("%s, allocation %zu: survived with another answer", query, fail_at);
        riffle_results_free(results);
    }
    riffle_index_close(index);
    if (failing_live() != 0)
        fail_msg("%s, allocation %zu: %ld blocks leak", query, fail_at, failing_live());
    return failed;
}

static void test_searches(void **unused)
{
    (void)unused;
    size_t most = 0;
    for (size_t q = 0; q < sizeof queries / sizeof *queries; q++)
        for (int how = 0; how < 4; how++) {
            struct answer expected, answer;
            assert_false(search(queries[q], how & 1, SIZE_MAX, false, &expected, NULL));
            assert_true(expected.count > 0);
            size_t n = 1;
            while (search(queries[q], how & 1, n, how & 2, &answer, &expected))
                n++;
            most = n > most ? n : most;
        }
    print_message("a search: up to %zu allocations\n", most - 1);
    assert_true(most > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_searches)};
    return cmocka_run_group_tests_name("memory fails over long lists", tests, make, drop);
}
