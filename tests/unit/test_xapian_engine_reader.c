/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading Xapian indexes through riffle.h: articles and hits, several shards as one, shards that are missing. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "riffle-xapian.h"
#include "tests/support/folders.h"
#include "tests/support/sample.h"
#include "tests/support/scratch.h"
#include "tests/support/xapian_sample.h"

enum { ARTICLES = 16 };

static riffle_error error;
static char scratch[FOLDER_PATH], whole[FOLDER_PATH]; /* an index of sample articles [0, ARTICLES) */

static const char *in_scratch(const char *name) { return folder_path(scratch, name); }

static int set_up(void **state)
{
    (void)state;
    folder_make(scratch, false);
    folder_join(whole, scratch, "whole");
    if (riffle_xapian_register(&error))
        return -1;
    sample_shard(whole, 0, ARTICLES, 1, 1);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    folder_remove(scratch);
    return 0;
}

/* ---- One index ---- */

static void test_articles(void **state)
{
    (void)state;
    unsigned held = folder_held();
    riffle_index *index = sample_open(whole, false);
    sample_check_open(index, 0, ARTICLES);
    uint64_t article;
    const char *value;
    char *text;
    size_t length;
    assert_int_equal(riffle_index_find(index, "article", 7, &article, &error), RIFFLE_INVALID);
    assert_int_equal(riffle_index_find(index, "", 0, &article, &error), RIFFLE_INVALID);
    OK(riffle_index_find(index, "article-1", 9, &article, &error)); /* it has several passages */
    const uint64_t strangers[] = {article + 1, 1000000, UINT32_MAX - 1u, UINT32_MAX, (uint64_t)UINT32_MAX + 1, UINT64_MAX};
    for (size_t i = 0; i < sizeof strangers / sizeof *strangers; i++) {
        assert_int_equal(riffle_index_field(index, strangers[i], "id", &value, &length, &error), RIFFLE_INVALID);
        assert_int_equal(riffle_index_text(index, strangers[i], &text, &length, &error), RIFFLE_INVALID);
        assert_null(text);
    }
    OK(riffle_index_field(index, article, "author", &value, &length, &error));
    assert_int_equal(length, 0);
    riffle_index_close(index);
    assert_int_equal(folder_held(), held);
}

static void test_statistics(void **state)
{
    (void)state;
    const char *path = in_scratch("counted");
    sample_shard(path, 0, 5, 1, 1);
    riffle_index *index = sample_open(path, false);
    riffle_statistics s = {.size = sizeof s};
    OK(riffle_index_statistics(index, &s, &error));
    assert_int_equal(s.articles, 5);
    assert_true(s.passages > s.articles);
    assert_true(s.tokens > 20 * s.articles);
    assert_int_equal(s.segments, 1);
    assert_int_equal(s.generation, 1);
    assert_true(s.bytes > 10000);
    assert_int_equal(s.text_bytes, 0);
    assert_string_equal(s.engine, "xapian");
    assert_string_equal(s.language, "english");
    sample_shard(path, 5, 6, 1, 1);
    OK(riffle_index_statistics(index, &s, &error));
    assert_int_equal(s.articles, 6);
    assert_int_equal(s.generation, 2);
    riffle_index_close(index);
}

/* The number that a line of an explanation starts with, summed over all lines but the first, which has the score. */
static double sum_of_parts(const char *explanation)
{
    double sum = 0;
    while ((explanation = strchr(explanation, '\n')) && *++explanation)
        sum += atof(explanation);
    return sum;
}

static void test_hits(void **state)
{
    (void)state;
    unsigned held = folder_held();
    riffle_index *index = sample_open(whole, false);
    riffle_results *kept[20];
    for (size_t i = 0; i < 20; i++)
        kept[i] = sample_search(index, "captains reported \"harbour office\"", false);
    unsigned searched = folder_held();
    riffle_results *results = kept[0];
    assert_true(riffle_results_count(results) > 4);
    double last = INFINITY;
    for (size_t rank = 0; rank < riffle_results_count(results); rank++) {
        riffle_hit hit = sample_hit(results, rank);
        uint64_t article, start;
        const char *value, *text;
        size_t length, count;
        const riffle_range *ranges;
        riffle_snippet snippet;
        assert_true(hit.score > 0 && hit.score <= last);
        last = hit.score;
        assert_true(hit.passage < hit.passages);
        OK(riffle_index_find(index, hit.id, hit.id_length, &article, &error));
        assert_int_equal(article, hit.article);
        OK(riffle_results_field(results, rank, "section", &value, &length, &error));
        assert_true(length == 4 && memcmp(value, "news", 4) == 0);
        OK(riffle_results_field(results, rank, "id", &value, &length, &error));
        assert_int_equal(length, hit.id_length);
        OK(riffle_results_field(results, rank, "none", &value, &length, &error));
        assert_int_equal(length, 0);
        OK(riffle_results_text(results, rank, &text, &length, &start, &error));
        assert_true(length > 40 && (start == 0) == (hit.passage == 0));
        OK(riffle_results_matches(results, rank, &ranges, &count, &error));
        for (size_t i = 0; i < count; i++)
            assert_true(ranges[i].start >= start && ranges[i].end <= start + length);
        OK(riffle_results_snippet(results, rank, 0, &snippet, &error));
        assert_true(snippet.length > 0);
        OK(riffle_results_explain(results, rank, &text, &error));
        if (fabs(sum_of_parts(text) - hit.score) > 2e-5)
            fail_msg("a score of %f is explained by %s", hit.score, text);
    }
    for (size_t i = 0; i < 20; i++)
        riffle_results_free(kept[i]);
    assert_int_equal(folder_held(), searched); /* results keep nothing of Xapian open */
    riffle_index_close(index);
    assert_int_equal(folder_held(), held);
}

/* ---- Several shards ---- */

struct found {
    char id[32];
    uint32_t passage;
    double score;
};

static int by_name(const void *a, const void *b)
{
    const struct found *x = a, *y = b;
    int order = strcmp(x->id, y->id);
    return order ? order : (x->passage > y->passage) - (x->passage < y->passage);
}

static size_t collect(riffle_results *results, struct found *list)
{
    size_t count = riffle_results_count(results);
    assert_true(count <= 200);
    for (size_t rank = 0; rank < count; rank++) {
        riffle_hit hit = sample_hit(results, rank);
        list[rank] = (struct found){.passage = hit.passage, .score = hit.score};
        memcpy(list[rank].id, hit.id, hit.id_length);
        assert_true(!rank || hit.score <= list[rank - 1].score);
    }
    qsort(list, count, sizeof *list, by_name);
    return count;
}

/* Both find the same, with the same scores; of an article's passages with equal scores either may be its best. */
static void assert_same(const riffle_index *a, const riffle_index *b, const char *query, bool by_article)
{
    static struct found x[200], y[200];
    riffle_results *first = sample_search(a, query, by_article), *second = sample_search(b, query, by_article);
    size_t count = collect(first, x);
    assert_int_equal(collect(second, y), count);
    assert_int_equal(riffle_results_total(first), riffle_results_total(second));
    assert_string_equal(riffle_results_reading(first), riffle_results_reading(second));
    assert_string_equal(riffle_results_missing(first), "");
    for (size_t i = 0; i < count; i++)
        if (strcmp(x[i].id, y[i].id) != 0 || (!by_article && x[i].passage != y[i].passage) ||
            fabs(x[i].score - y[i].score) > 1e-9 * fmax(x[i].score, 1))
            fail_msg("%s: %s %u %.12f, and %s %u %.12f", query, x[i].id, x[i].passage, x[i].score, y[i].id, y[i].passage,
                     y[i].score);
    riffle_results_free(first);
    riffle_results_free(second);
}

static char pair[2 * FOLDER_PATH + 10], first_shard[FOLDER_PATH], second_shard[FOLDER_PATH], away[FOLDER_PATH];

static int set_up_shards(void **state)
{
    (void)state;
    folder_join(first_shard, scratch, "one");
    folder_join(second_shard, scratch, "two");
    folder_join(away, scratch, "away");
    sample_shard(first_shard, 0, ARTICLES, 1, 2);
    sample_shard(second_shard, 0, ARTICLES, 2, 2);
    snprintf(pair, sizeof pair, "%s,%s", first_shard, second_shard);
    return 0;
}

static int tear_down_shards(void **state)
{
    (void)state;
    folder_remove(first_shard);
    folder_remove(second_shard);
    return 0;
}

static void test_two_shards(void **state)
{
    (void)state;
    riffle_index *one = sample_open(whole, false), *two = sample_open(pair, false);
    for (size_t i = 0; i < SAMPLE_QUERIES; i++) {
        assert_same(one, two, sample_queries[i], false);
        assert_same(one, two, sample_queries[i], true);
    }
    sample_check_open(two, 0, ARTICLES);
    riffle_statistics a = {.size = sizeof a}, b = a;
    OK(riffle_index_statistics(one, &a, &error));
    OK(riffle_index_statistics(two, &b, &error));
    assert_int_equal(a.passages, b.passages);
    assert_int_equal(a.tokens, b.tokens);
    assert_int_equal(b.segments, 2);
    assert_int_equal(b.generation, 2);
    riffle_results *results = sample_search(two, "captains reported", false);
    for (size_t rank = 0; rank < riffle_results_count(results); rank++) {
        riffle_hit hit = sample_hit(results, rank);
        uint64_t article;
        const char *text;
        OK(riffle_index_find(two, hit.id, hit.id_length, &article, &error));
        assert_int_equal(article, hit.article);
        OK(riffle_results_explain(results, rank, &text, &error));
        assert_true(fabs(sum_of_parts(text) - hit.score) < 2e-5);
    }
    riffle_results_free(results);
    riffle_index_close(one);
    riffle_index_close(two);
}

/* Without the second shard: by choice an error, or the first one's hits, whose articles keep their numbers. */
static void test_missing_shard(void **state)
{
    (void)state;
    riffle_index *whole_pair = sample_open(pair, true), *strict = sample_open(pair, false);
    riffle_results *before = sample_search(whole_pair, "sampleword", false);
    uint64_t all = sample_total(whole_pair, "sampleword");
    assert_int_equal(all, ARTICLES);
    assert_int_equal(rename(second_shard, away), 0);

    sample_cannot_open(pair, false, RIFFLE_SHARD, second_shard);
    sample_cannot_search(strict, RIFFLE_SHARD, second_shard);
    riffle_index *opened_now = sample_open(pair, true);
    const riffle_index *both[] = {whole_pair, opened_now};
    for (size_t i = 0; i < 2; i++) {
        riffle_results *results = sample_search(both[i], "sampleword", false);
        assert_string_equal(riffle_results_missing(results), second_shard);
        assert_true(riffle_results_count(results) > 0 && riffle_results_total(results) < all);
        for (size_t rank = 0; rank < riffle_results_count(results); rank++) {
            riffle_hit hit = sample_hit(results, rank);
            uint64_t article;
            const char *value, *text;
            size_t length;
            assert_int_equal(riffle_shard_of(hit.id, hit.id_length, 2), 1);
            OK(riffle_index_find(both[i], hit.id, hit.id_length, &article, &error));
            assert_int_equal(article, hit.article);
            OK(riffle_index_field(both[i], article, "id", &value, &length, &error));
            assert_memory_equal(value, hit.id, length);
            OK(riffle_results_explain(results, rank, &text, &error));
            assert_true(fabs(sum_of_parts(text) - hit.score) < 2e-5);
        }
        riffle_results_free(results);
    }
    /* Hits from before are still known, but cannot all be weighed. */
    unsigned unreachable = 0;
    for (size_t rank = 0; rank < riffle_results_count(before); rank++) {
        const char *text;
        riffle_hit hit = sample_hit(before, rank);
        bool there = riffle_shard_of(hit.id, hit.id_length, 2) == 1;
        assert_int_equal(riffle_results_explain(before, rank, &text, &error), there ? RIFFLE_OK : RIFFLE_SHARD);
        unreachable += !there;
    }
    assert_true(unreachable > 0);
    riffle_results_free(before);

    assert_int_equal(rename(away, second_shard), 0);
    for (size_t i = 0; i < 2; i++) {
        riffle_results *results = sample_search(both[i], "sampleword", false);
        assert_string_equal(riffle_results_missing(results), "");
        assert_int_equal(riffle_results_total(results), all);
        riffle_results_free(results);
    }
    assert_int_equal(sample_total(strict, "sampleword"), all);
    riffle_index_close(whole_pair);
    riffle_index_close(opened_now);
    riffle_index_close(strict);
}

/* The first shard missing: numbers of documents count from the second's place. */
static void test_missing_first(void **state)
{
    (void)state;
    riffle_index *index = sample_open(pair, true);
    riffle_results *before = sample_search(index, "sampleword", false);
    assert_int_equal(rename(first_shard, away), 0);
    riffle_results *after = sample_search(index, "sampleword", false);
    assert_string_equal(riffle_results_missing(after), first_shard);
    assert_true(riffle_results_count(after) > 0);
    for (size_t i = 0; i < riffle_results_count(after); i++) {
        riffle_hit hit = sample_hit(after, i);
        bool known = false;
        for (size_t k = 0; k < riffle_results_count(before); k++) {
            riffle_hit old = sample_hit(before, k);
            known = known || (old.article == hit.article && old.passage == hit.passage && old.id_length == hit.id_length &&
                              memcmp(old.id, hit.id, hit.id_length) == 0);
        }
        assert_true(known);
    }
    riffle_results_free(before);
    riffle_results_free(after);
    assert_int_equal(rename(second_shard, in_scratch("away-too")), 0);
    sample_cannot_search(index, RIFFLE_SHARD, second_shard);
    sample_cannot_open(pair, true, RIFFLE_NO_INDEX, pair); /* of none there is anything left that tells the engine */
    assert_int_equal(rename(away, first_shard), 0);
    assert_int_equal(rename(in_scratch("away-too"), second_shard), 0);
    assert_int_equal(sample_total(index, "sampleword"), ARTICLES);
    riffle_index_close(index);
}

static void test_shards_that_do_not_fit(void **state)
{
    (void)state;
    char name[2 * FOLDER_PATH + 10];
    const char *other = in_scratch("french"), *foreign = in_scratch("foreign");
    riffle_writer *writer = sample_writer(other, false, "french");
    OK(sample_add(writer, 100, &error));
    sample_commit(writer);
    snprintf(name, sizeof name, "%s,%s", first_shard, other);
    sample_cannot_open(name, false, RIFFLE_INVALID, other);
    sample_cannot_open(name, true, RIFFLE_INVALID, other);

    rx_database *database;
    rx_error failure;
    assert_int_equal(rx_database_open_writable(foreign, RX_CREATE, RX_NO_SYNC, 0, &database, &failure), RX_OK);
    rx_database_free(database);
    sample_cannot_open(foreign, false, RIFFLE_NO_INDEX, foreign);
    snprintf(name, sizeof name, "%s,%s", first_shard, foreign);
    sample_cannot_open(name, false, RIFFLE_NO_INDEX, foreign);

    /* A stub that names two stands for neither. */
    char stub[FOLDER_PATH];
    folder_join(stub, scratch, "stub");
    FILE *file = fopen(stub, "w");
    assert_non_null(file);
    fprintf(file, "auto %s\nauto %s\n", first_shard, second_shard);
    fclose(file);
    sample_cannot_open(stub, false, RIFFLE_INVALID, stub);
    snprintf(name, sizeof name, "%s,", first_shard);
    sample_cannot_open(name, false, RIFFLE_INVALID, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_articles),
        cmocka_unit_test(test_statistics),
        cmocka_unit_test(test_hits),
        cmocka_unit_test_setup_teardown(test_two_shards, set_up_shards, tear_down_shards),
        cmocka_unit_test_setup_teardown(test_missing_shard, set_up_shards, tear_down_shards),
        cmocka_unit_test_setup_teardown(test_missing_first, set_up_shards, tear_down_shards),
        cmocka_unit_test_setup_teardown(test_shards_that_do_not_fit, set_up_shards, tear_down_shards),
    };
    return cmocka_run_group_tests_name("reading Xapian indexes", tests, set_up, tear_down);
}
