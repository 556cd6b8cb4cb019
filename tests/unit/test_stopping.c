/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Searches by bounds that are late in the midst of their work: they stop soon, and what they have found is right. The deadline comes in a
 * kernel, after so many calls of it: none of this waits for luck, nor for anything else.
 */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "query/ranked.h"
#include "query/results.h"
#include "tests/support/scratch.h"

enum { ARTICLES = 200000 }; /* some chunks */

static char folder[SCRATCH_PATH];
static riffle_index *one_index;
static riffle_error error;

/* Words, each in one of so many articles. Of the first two there is a pair. */
static const struct {
    const char *text;
    uint32_t every;
} words[] = {{"most", 2}, {"many", 3}, {"some", 30}, {"few", 60}, {"rare", 300}, {"single", ARTICLES}};

static int make(void **state)
{
    (void)state;
    riffle_writer_options options = RIFFLE_WRITER_OPTIONS_INIT;
    riffle_writer *writer;
    uint64_t random = 3;
    options.language = "none";
    options.passages = RIFFLE_PASSAGES_NONE;
    options.store = RIFFLE_STORE_NONE;
    scratch_make(folder);
    OK(riffle_writer_open(&writer, folder, &options, &error));
    for (uint32_t i = 0; i < ARTICLES; i++) {
        char id[20], text[200];
        size_t n = 0;
        for (size_t w = 0; w < sizeof words / sizeof *words; w++)
            if (random_below(&random, words[w].every) == 0)
                for (uint64_t times = 1 + random_below(&random, 3) / 2; times; times--)
                    n += (size_t)sprintf(text + n, "%s ", words[w].text);
        riffle_article article = {.id = id, .id_length = (size_t)sprintf(id, "%u", (unsigned)i), .text = text, .text_length = n};
        OK(riffle_writer_add(writer, &article, &error));
    }
    OK(riffle_writer_commit(writer, &error));
    riffle_writer_close(writer);
    OK(riffle_index_open(&one_index, folder, NULL, &error));
    return 0;
}

static int drop(void **state)
{
    (void)state;
    riffle_index_close(one_index);
    scratch_remove(folder);
    return 0;
}

/* ---- Kernels in which time passes ---- */

static const struct rf_kernels *usual;
static struct rf_request request;
static unsigned calls, calls_in_time;

static void tick(void)
{
    if (calls++ == calls_in_time)
        request.deadline = 1; /* long ago */
}

static void unpack(const uint8_t *in, size_t n, unsigned width, uint32_t *values)
{
    tick();
    usual->unpack(in, n, width, values);
}

static void unpack_gaps(const uint8_t *in, size_t n, unsigned width, const struct rf_exceptions *exceptions, uint32_t base,
                        uint32_t *docs)
{
    tick();
    usual->unpack_gaps(in, n, width, exceptions, base, docs);
}

static size_t match_gaps(const struct rf_gaps *gaps, const uint32_t *wanted, size_t from, size_t to, uint32_t first,
                         uint32_t *which, uint32_t *where, uint32_t *last)
{
    tick();
    return usual->match_gaps(gaps, wanted, from, to, first, which, where, last);
}

static void unpack_planes(const uint8_t *in, size_t n, unsigned planes, uint32_t least, uint32_t *values)
{
    tick();
    usual->unpack_planes(in, n, planes, least, values);
}

static size_t bits_to_ids(const uint8_t *bits, size_t from, size_t to, uint32_t base, uint32_t *ids, size_t most)
{
    tick();
    return usual->bits_to_ids(bits, from, to, base, ids, most);
}

/* ---- Stopping ---- */

static const char *const queries[] = {
    /* Conjunctions: dense, with a bitmap each and none, led by few and by many. */
    "+most +many",
    "+some +few",
    "+some +most",
    "+rare +many",
    "+most +many +some",
    "+most +many some few",
    "+some -few",
    "+most -many",
    "+most -some",
    /* Phrases: of a pair, of words without one, with others. */
    "\"most many\"",
    "\"many some\"",
    "\"some few\"",
    "\"most some\" \"many most\" few rare -single",
    "\"most many some\"",
    "\"most many\" some",
    "\"many some\" few",
    "+\"most many\" +some",
    "+\"many some\" few",
    "+few -\"many some\"",
    "some -\"most many\"",
    /* Disjunctions. */
    "most",
    "some",
    "most many",
    "some few rare",
    "most many some few rare single",
    "+most some",
    "most -some",
};
enum { QUERIES = sizeof queries / sizeof *queries };

/* ---- What is right ---- */

static uint32_t score_of[ARTICLES]; /* 0: does not match */
static struct rf_best all;

static struct rf_best execute(riffle_status (*way)(const struct rf_plan *, const struct rf_request *, struct rf_best *,
                                                   riffle_error *),
                              const struct rf_plan *plan, uint64_t wanted, bool count)
{
    struct rf_best hits = {.allocator = &rf_malloc_allocator};
    request = (struct rf_request){.wanted = wanted, .count = count, .k1 = RF_USUAL_K1, .b = RF_USUAL_B};
    calls = 0;
    OK(way(plan, &request, &hits, &error));
    return hits;
}

/* What was found in time matches, scores what it says, and is in order; the total is of what is known. */
static void check_part(const struct rf_best *hits, const char *query)
{
    assert_true(hits->count <= request.wanted && hits->total >= hits->count && hits->total <= all.total);
    for (size_t i = 0; i < hits->count; i++) {
        const struct rf_found *found = &hits->list[i];
        if (found->segment || found->doc >= ARTICLES || found->score != score_of[found->doc])
            fail_msg("%s: article %u does not score %u", query, (unsigned)found->doc, (unsigned)found->score);
        assert_true(!i || rf_compare_found(&hits->list[i - 1], found) < 0);
    }
}

static void check_whole(const struct rf_best *hits)
{
    assert_int_equal(hits->count, all.total < request.wanted ? all.total : request.wanted);
    assert_memory_equal(hits->list, all.list, hits->count * sizeof *all.list);
    assert_true(!request.count || hits->total == all.total);
}

/* ---- Stopping ---- */

enum { WAYS = 4 };
static const struct {
    uint64_t wanted;
    bool count;
} ways[WAYS] = {{10, false}, {1000, false}, {10, true}, {0, true}};

/* Calls: the docs and term frequencies of a chunk's 512 blocks, and a little. */
enum { SOON = 1100 };

static void check_way(const struct rf_plan *plan, const char *query, int way)
{
    calls_in_time = UINT_MAX;
    struct rf_best hits = execute(rf_execute_ranked, plan, ways[way].wanted, ways[way].count);
    assert_false(hits.incomplete);
    check_whole(&hits);
    rf_free(hits.allocator, hits.list);
    unsigned whole = calls, worst = 0, late = 0;
    for (unsigned in_time = 0; in_time < whole; in_time += 1 + in_time / 3) {
        calls_in_time = in_time;
        hits = execute(rf_execute_ranked, plan, ways[way].wanted, ways[way].count);
        check_part(&hits, query);
        if (!hits.incomplete)
            check_whole(&hits);
        rf_free(hits.allocator, hits.list);
        late += hits.incomplete;
        worst = calls - in_time > worst ? calls - in_time : worst;
    }
    assert_true(late || !whole);
    if (worst > SOON)
        fail_msg("%s: went on for %u calls", query, worst);
}

static struct rf_kernels make_ticking(void)
{
    struct rf_kernels ticking = *(usual = rf_kernels);
    ticking.unpack = unpack;
    ticking.unpack_gaps = unpack_gaps;
    ticking.match_gaps = match_gaps;
    ticking.unpack_planes = unpack_planes;
    ticking.bits_to_ids = bits_to_ids;
    return ticking;
}

static void test_late(void **state)
{
    (void)state;
    struct rf_kernels ticking = make_ticking();
    for (size_t q = 0; q < QUERIES; q++) {
        riffle_search_options options = RIFFLE_SEARCH_OPTIONS_INIT;
        riffle_results *results;
        OK(riffle_search(one_index, queries[q], strlen(queries[q]), &options, &results, &error));
        const struct rf_plan *plan = &results->plan; /* which can be executed again */
        assert_true(rf_ranked_fits(plan, true));
        calls_in_time = UINT_MAX;
        all = execute(rf_execute_by_windows, plan, UINT64_MAX, true);
        memset(score_of, 0, sizeof score_of);
        for (size_t i = 0; i < all.count; i++)
            score_of[all.list[i].doc] = all.list[i].score;
        rf_kernels = &ticking;
        for (int way = 0; way < WAYS; way++)
            check_way(plan, queries[q], way);
        rf_kernels = usual;
        rf_free(all.allocator, all.list);
        riffle_results_free(results);
    }
}

/* ---- Articles ---- */

enum { LONG_ARTICLES = 100, PASSAGES = 60 };

static riffle_index *make_long_articles(const char *path)
{
    riffle_writer_options options = RIFFLE_WRITER_OPTIONS_INIT;
    riffle_writer *writer;
    riffle_index *index;
    struct rf_buffer text;
    options.language = "none";
    options.store = RIFFLE_STORE_NONE;
    OK(riffle_writer_open(&writer, path, &options, &error));
    rf_buffer_init(&text, &rf_malloc_allocator);
    for (int i = 0; i < PASSAGES * 150; i++)
        rf_buffer_printf(&text, "%s ", i % 15 ? "some" : "few.");
    for (int i = 0; i < LONG_ARTICLES; i++) {
        char id[20];
        riffle_article article = {
            .id = id, .id_length = (size_t)sprintf(id, "%d", i), .text = (const char *)text.data, .text_length = text.size};
        OK(riffle_writer_add(writer, &article, &error));
    }
    OK(riffle_writer_commit(writer, &error));
    riffle_writer_close(writer);
    rf_buffer_release(&text);
    OK(riffle_index_open(&index, path, NULL, &error));
    return index;
}

/* The best passages are of few articles, so that more have to be asked for: a deadline that comes then leaves what there was before. */
static void test_late_articles(void **state)
{
    (void)state;
    enum { WANTED = LONG_ARTICLES / 2 };
    char path[SCRATCH_PATH];
    struct rf_kernels ticking = make_ticking();
    scratch_make(path);
    riffle_index *index = make_long_articles(path);
    riffle_search_options options = RIFFLE_SEARCH_OPTIONS_INIT;
    riffle_results *results;
    OK(riffle_search(index, "few", 3, &options, &results, &error));
    rf_kernels = &ticking;
    calls_in_time = UINT_MAX;
    struct rf_best hits = execute(rf_execute_by_article, &results->plan, WANTED, false);
    assert_int_equal(hits.count, WANTED);
    rf_free(hits.allocator, hits.list);
    size_t before = 0, part = 0;
    for (unsigned in_time = 0, whole = calls; in_time < whole; in_time++) {
        calls_in_time = in_time;
        hits = execute(rf_execute_by_article, &results->plan, WANTED, false);
        rf_free(hits.allocator, hits.list);
        assert_true(hits.count >= before);
        before = hits.count;
        part += hits.incomplete && hits.count;
    }
    rf_kernels = usual;
    assert_true(part > 0);
    riffle_results_free(results);
    riffle_index_close(index);
    scratch_remove(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_late), cmocka_unit_test(test_late_articles)};
    return cmocka_run_group_tests_name("stopping", tests, make, drop);
}
