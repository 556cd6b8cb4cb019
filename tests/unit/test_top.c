/* SPDX-License-Identifier: BSD-3-Clause */
/* The best hits of random ones, against sorting them all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "query/top.h"

static uint64_t state = 1;
static uint32_t number(uint32_t below)
{
    state = state * 6364136223846793005u + 1442695040888963407u; /* Knuth's MMIX generator */
    return (uint32_t)((state >> 33) % below);
}

static int better_first(const void *a, const void *b)
{
    const struct rf_found *x = a, *y = b;
    if (x->score != y->score)
        return x->score < y->score ? 1 : -1;
    if (x->segment != y->segment)
        return x->segment < y->segment ? -1 : 1;
    return (x->doc > y->doc) - (x->doc < y->doc);
}

/* Adds those from `from` on, which are of one segment: all at once, or one by one. */
static void add(struct rf_top *top, const struct rf_found *all, size_t from, size_t to)
{
    uint32_t docs[1000], scores[1000];
    bool one_by_one = number(2);
    for (size_t i = from; i < to; i++) {
        docs[i - from] = all[i].doc;
        scores[i - from] = all[i].score;
        if (one_by_one)
            assert_true(rf_top_add(top, all[i].score, all[i].segment, all[i].doc));
    }
    if (!one_by_one)
        assert_true(rf_top_add_all(top, all[from].segment, docs, scores, to - from));
}

/* Adds `n` hits with scores below `scores`, of which one in `far` is far above, settles now and then, and compares list and threshold. */
static void check(size_t n, uint64_t wanted, uint32_t scores, bool rising, uint32_t far)
{
    struct rf_found *all = malloc((n + 1) * sizeof *all);
    struct rf_best best = {.allocator = &rf_malloc_allocator};
    struct rf_top top;
    rf_top_init(&top, &best, wanted);
    for (size_t i = 0, added = 0; i < n; i++) {
        uint32_t score = rising ? (uint32_t)(i * scores / n) : number(scores);
        if (!number(far))
            score = (1u << 30) + number(scores);
        all[i] = (struct rf_found){score, (uint32_t)(i / 1000), (uint32_t)(i % 1000 * 3)};
        if (i + 1 < n && i % 1000 < 999 && number(50))
            continue;
        add(&top, all, added, i + 1);
        added = i + 1;
        if (number(2))
            rf_top_settle(&top);
        assert_true(best.count <= top.room);
    }
    assert_true(rf_top_finish(&top));
    qsort(all, n, sizeof *all, better_first);
    size_t expected = n < wanted ? n : (size_t)wanted;
    assert_int_equal(best.count, expected);
    for (size_t i = 0; i < expected; i++) {
        assert_int_equal(best.list[i].score, all[i].score);
        assert_int_equal(best.list[i].segment, all[i].segment);
        assert_int_equal(best.list[i].doc, all[i].doc);
    }
    assert_int_equal(top.full, n >= wanted);
    if (wanted && n >= wanted)
        assert_int_equal(top.threshold, all[wanted - 1].score);
    rf_top_release(&top);
    free(best.list);
    free(all);
}

static void test_best_of_random_hits(void **unused)
{
    (void)unused;
    static const uint64_t wanted[] = {0, 1, 2, 3, 10, 31, 32, 33, 100, 1000, 5000, UINT64_MAX};
    static const uint32_t scores[] = {1, 2, 10, 1000, 1u << 30, UINT32_MAX};
    for (size_t w = 0; w < sizeof wanted / sizeof *wanted; w++)
        for (size_t s = 0; s < sizeof scores / sizeof *scores; s++)
            for (size_t n = 0; n < 6000; n = n * 3 + 1) {
                check(n, wanted[w], scores[s], false, UINT32_MAX);
                check(n, wanted[w], scores[s], true, UINT32_MAX);
            }
}

static void test_exactly_as_many_as_are_wanted(void **unused)
{
    (void)unused;
    for (uint64_t n = 1; n < 200; n++)
        check(n, n, 20, false, UINT32_MAX);
}

/* What tells most of them from each other is in the lowest bits. */
static void test_scores_close_to_each_other(void **unused)
{
    (void)unused;
    for (uint32_t scores = 2; scores < 1u << 20; scores *= 3)
        for (size_t n = 201; n < 6000; n *= 3) {
            check(n, n, scores, false, 300);
            check(n, n - n / 10, scores, false, 10);
            check(n, n, scores, true, 300);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_best_of_random_hits),
        cmocka_unit_test(test_exactly_as_many_as_are_wanted),
        cmocka_unit_test(test_scores_close_to_each_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
