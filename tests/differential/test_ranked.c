/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The fast way to search against the exhaustive one: the same hits, scores and order, bit for bit, and the same totals. Random queries
 * about random collections that make every bound, bitmap and pair of words work; and the queries of the public search-benchmark-game on
 * real articles, where these are at hand. Each on one segment and on several, without deleted passages and with them, and with every
 * variant of the kernels that this processor can run.
 *
 * RIFFLE_SEED and RIFFLE_ROUNDS (collections) in the environment make other and longer runs, RIFFLE_ARTICLES takes more of the real
 * articles. A failure names the seed with which a run of one round repeats it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "deletions.h"
#include "folded.h"
#include "kernels/kernels.h"
#include "skewed.h"
#include "tests/support/folders.h"

enum {
    ROUNDS = 60,
    QUERIES = 50, /* about each collection, half of them with deleted passages */
    LARGE_EVERY = 10,
    ARTICLES = 300, /* of each real collection */
    HITS = 12000    /* that are compared */
};

static char folder[FOLDER_PATH];
static size_t compared; /* queries */

static uint64_t from_environment(const char *name, uint64_t otherwise)
{
    const char *value = getenv(name);
    return value && *value ? strtoull(value, NULL, 10) : otherwise;
}

/* A query on an index, and what the exhaustive way finds. */
struct trial {
    const riffle_index *index;
    struct rf_buffer query;
    struct random random;
    riffle_search_options options; /* what both ways have in common */
    riffle_results *all;
    uint64_t count, total;
    const char *where; /* for the report */
};

static riffle_results *search(struct trial *trial, const riffle_search_options *options)
{
    riffle_results *results;
    riffle_error error;
    if (riffle_search(trial->index, (const char *)trial->query.data, trial->query.size, options, &results, &error))
        fail_msg("%s: %.*s: %s", trial->where, (int)trial->query.size, (const char *)trial->query.data, error.message);
    return results;
}

static riffle_hit hit_at(riffle_results *results, size_t rank)
{
    riffle_hit hit = {.size = sizeof hit};
    riffle_error error;
    if (riffle_results_hit(results, rank, &hit, &error))
        fail_msg("%s", error.message);
    return hit;
}

__attribute__((format(printf, 3, 4), noreturn)) static void differ(const struct trial *trial, const riffle_search_options *options,
                                                                   const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr, "%s\n%s kernels, offset %llu, limit %llu, k1 %g, b %g%s%s: ", trial->where, rf_kernels->name,
            (unsigned long long)options->offset, (unsigned long long)options->limit, options->k1, options->b,
            options->by_article ? ", by article" : "", options->count_all ? ", all counted" : "");
    vfprintf(stderr, format, arguments);
    fprintf(stderr, "\nquery: %.*s\nread as: %s\n", (int)trial->query.size, (const char *)trial->query.data,
            riffle_results_reading(trial->all));
    va_end(arguments);
    fail();
    abort();
}

/* The fast way, with these options, gives its part of the exhaustive list. */
static void compare(struct trial *trial, uint64_t offset, uint64_t limit, bool count_all)
{
    riffle_search_options options = trial->options;
    options.offset = offset;
    options.limit = limit;
    options.count_all = count_all;
    riffle_results *fast = search(trial, &options);
    uint64_t left = trial->count > offset ? trial->count - offset : 0, wanted = left < limit ? left : limit;
    uint64_t total = riffle_results_total(fast), least = wanted ? offset + wanted : 0;
    size_t count = riffle_results_count(fast);
    for (size_t i = 0; i < count && i < wanted; i++) {
        riffle_hit a = hit_at(fast, i), b = hit_at(trial->all, i + offset);
        if (a.article != b.article || a.passage != b.passage || a.score != b.score)
            differ(trial, &options, "rank %zu is %llu.%u %.17g, not %llu.%u %.17g", i, (unsigned long long)a.article, a.passage,
                   a.score, (unsigned long long)b.article, b.passage, b.score);
    }
    if (count != wanted)
        differ(trial, &options, "%zu hits, not %llu", count, (unsigned long long)wanted);
    if (riffle_results_total_is_exact(fast) ? total != trial->total : count_all || !limit)
        differ(trial, &options, "%llu in all%s, not %llu", (unsigned long long)total,
               riffle_results_total_is_exact(fast) ? "" : " at least", (unsigned long long)trial->total);
    if (total > trial->total || total < least)
        differ(trial, &options, "%llu in all, not %llu", (unsigned long long)total, (unsigned long long)trial->total);
    riffle_results_free(fast);
}

/* One variant of those that this processor can run. */
static const struct rf_kernels *draw_kernels(struct random *random)
{
    size_t count = 1;
    while (rf_kernels_at(count))
        count++;
    return rf_kernels_at(random_below(random, count));
}

/* The numbers of hits that are asked for in practice, and a few others. */
static void run_trial(struct trial *trial)
{
    riffle_search_options plainly = trial->options;
    rf_kernels = rf_kernels_at(0);
    plainly.method = RIFFLE_METHOD_EXHAUSTIVE;
    plainly.limit = HITS;
    plainly.count_all = 1;
    trial->all = search(trial, &plainly);
    trial->count = riffle_results_count(trial->all);
    trial->total = riffle_results_total(trial->all);
    struct random *random = &trial->random;
    rf_kernels = draw_kernels(random);
    for (uint64_t k = 1; k <= 1000; k *= 10)
        compare(trial, 0, k, chance(random, 50));
    switch (random_below(random, 4)) {
    case 0:
        compare(trial, 0, 0, true);
        break;
    case 1:
        compare(trial, 0, 10000, chance(random, 50));
        break;
    case 2:
        compare(trial, random_size(random, 1500), random_size(random, 500), chance(random, 50));
        break;
    case 3:
        compare(trial, trial->count / 2, 10, chance(random, 50));
        break;
    }
    riffle_results_free(trial->all);
    compared++;
}

static riffle_index *open_index(const char *path)
{
    riffle_index *index;
    riffle_error error;
    if (riffle_index_open(&index, path, NULL, &error))
        fail_msg("%s", error.message);
    return index;
}

/* ---- Random collections ---- */

static void draw_options(riffle_search_options *options, struct random *random)
{
    static const struct {
        double k1, b;
    } parameters[] = {{0.9, 0.4}, {2, 1}, {1.2, 0}, {0, 0.5}, {100, 0.75}, {0.01, 1}};
    *options = (riffle_search_options)RIFFLE_SEARCH_OPTIONS_INIT;
    options->by_article = chance(random, 25);
    if (chance(random, 20)) {
        size_t i = random_below(random, 6);
        options->k1 = parameters[i].k1;
        options->b = parameters[i].b;
    }
}

static void run_queries(const struct skewed *all, const char *path, bool deleted, struct random *random)
{
    struct rf_buffer where;
    rf_buffer_init(&where, &rf_malloc_allocator);
    rf_buffer_printf(&where, "RIFFLE_SEED=%llu RIFFLE_ROUNDS=1, passages %s:\n", (unsigned long long)all->seed,
                     deleted ? "deleted" : "whole");
    skewed_print(&where, all);
    rf_buffer_append_byte(&where, 0);
    struct trial trial = {.index = open_index(path), .where = (const char *)where.data};
    rf_buffer_init(&trial.query, &rf_malloc_allocator);
    for (size_t i = 0; i < QUERIES / 2; i++) {
        trial.random.state = random_next(random);
        trial.query.size = 0;
        skewed_query(&trial.query, all, &trial.random);
        draw_options(&trial.options, &trial.random);
        run_trial(&trial);
    }
    riffle_index_close((riffle_index *)trial.index);
    rf_buffer_release(&trial.query);
    rf_buffer_release(&where);
}

static void fast_is_exhaustive_on_random_collections(void **state)
{
    (void)state;
    uint64_t seed = from_environment("RIFFLE_SEED", 1), rounds = from_environment("RIFFLE_ROUNDS", ROUNDS);
    const char *path = folder_path(folder, "random");
    for (uint64_t round = seed; round < seed + rounds; round++) {
        struct skewed all;
        struct random random = {round};
        skewed_draw(&all, round, round % LARGE_EVERY == 0);
        skewed_index(&all, path);
        run_queries(&all, path, false, &random);
        deletions_write(path, &random);
        run_queries(&all, path, true, &random);
        folder_remove(path);
    }
    print_message("%zu queries\n", compared);
}

/* ---- Real articles ---- */

/* A segment of articles [first, end) of each collection. */
static void add_articles(const char *path, size_t first, size_t end)
{
    riffle_writer_options options = RIFFLE_WRITER_OPTIONS_INIT;
    riffle_writer *writer;
    riffle_error error;
    options.language = "none";
    options.passages = RIFFLE_PASSAGES_NONE;
    options.store = RIFFLE_STORE_NONE;
    if (riffle_writer_open(&writer, path, &options, &error))
        fail_msg("%s", error.message);
    folded_add(writer, first, end);
    if (riffle_writer_commit(writer, &error))
        fail_msg("%s", error.message);
    riffle_writer_close(writer);
}

static void run_game(const struct folded_queries *queries, const char *path, const char *where)
{
    struct trial trial = {.index = open_index(path), .where = where, .options = RIFFLE_SEARCH_OPTIONS_INIT};
    for (size_t i = 0; i < queries->count; i++) {
        rf_buffer_init(&trial.query, &rf_malloc_allocator);
        rf_buffer_append(&trial.query, queries->list[i], strlen(queries->list[i]));
        run_trial(&trial);
        rf_buffer_release(&trial.query);
    }
    riffle_index_close((riffle_index *)trial.index);
}

static void fast_is_exhaustive_on_real_articles(void **state)
{
    (void)state;
    if (!folded_there())
        skip();
    size_t articles = from_environment("RIFFLE_ARTICLES", ARTICLES);
    const char *one = folder_path(folder, "one"), *several = folder_path(folder, "several");
    struct random random = {articles};
    struct folded_queries queries;
    folded_queries_read(&queries);
    add_articles(one, 0, articles);
    static const size_t ends[] = {1, 20, 50, 100}; /* percent of the articles up to the end of each of several segments */
    for (size_t i = 0, first = 0; i < sizeof ends / sizeof *ends; first = articles * ends[i++] / 100) {
        add_articles(several, first, articles * ends[i] / 100);
        deletions_write(several, NULL);
    }
    run_game(&queries, one, "real articles in one segment");
    run_game(&queries, several, "real articles in several segments");
    deletions_write(one, &random);
    deletions_write(several, &random);
    run_game(&queries, one, "real articles in one segment, passages deleted");
    run_game(&queries, several, "real articles in several segments, passages deleted");
    folded_queries_release(&queries);
}

static int set_up(void **state)
{
    (void)state;
    folder_make(folder, false);
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
        cmocka_unit_test(fast_is_exhaustive_on_random_collections),
        cmocka_unit_test(fast_is_exhaustive_on_real_articles),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
