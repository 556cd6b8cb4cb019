/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Threads: several search one opened index at once, and others open the newest, while a writer commits. Each answer must be the one
 * that the same query gives alone. Worth most under ThreadSanitizer (make tsan).
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"
#include "tests/support/folders.h"
#include "tests/support/sample.h"

enum { THREADS = 4, ROUNDS = 200, COMMITS = 12, ARTICLES = 16 };

static const char *const queries[] = {
    "harbour offices",   "\"the harbour office\"", "+sampleword -complained",
    "word* OR harb*",    "title:report captains",  "source:\"Harbour Herald\" waiting",
    "서류를 기다린다고",
};
enum { QUERIES = sizeof queries / sizeof *queries };

static char path[FOLDER_PATH];
static riffle_index *shared;
static uint64_t expected[QUERIES];
static atomic_uint commits; /* that were reported */
static atomic_bool writing;

/* The answer to a query as one number; 0: it failed. cmocka's asserts are for the main thread alone. */
static uint64_t answer(const riffle_index *index, unsigned query)
{
    riffle_results *results;
    riffle_search_options options = RIFFLE_SEARCH_OPTIONS_INIT;
    options.count_all = 1;
    options.by_article = query & 1;
    if (riffle_search(index, queries[query], strlen(queries[query]), &options, &results, NULL))
        return 0;
    uint64_t digest = riffle_results_total(results) + 1;
    bool good = true;
    for (size_t rank = 0; good && rank < riffle_results_count(results); rank++) {
        riffle_hit hit = {.size = sizeof hit};
        riffle_snippet snippet;
        const char *text;
        good = !riffle_results_hit(results, rank, &hit, NULL) && !riffle_results_snippet(results, rank, 80, &snippet, NULL) &&
               !riffle_results_explain(results, rank, &text, NULL);
        if (!good)
            break;
        uint64_t parts[] = {digest, rf_hash(hit.id, hit.id_length), rf_hash(snippet.text, snippet.length),
                            rf_hash(text, strlen(text)), hit.passage};
        digest = rf_hash(parts, sizeof parts) | 1;
    }
    riffle_results_free(results);
    return good ? digest : 0;
}

struct worker {
    pthread_t thread;
    unsigned number;
    unsigned failures, rounds;
};

/* Searches the index that all share, with stored text and lookups in between. */
static void *search_on_and_on(void *argument)
{
    struct worker *worker = argument;
    for (unsigned round = 0; round < ROUNDS || atomic_load(&writing); round++) {
        unsigned query = (round + worker->number) % QUERIES;
        worker->failures += answer(shared, query) != expected[query];
        char id[32], *text;
        size_t length;
        uint64_t article;
        snprintf(id, sizeof id, "article-%u", round % ARTICLES);
        if (riffle_index_find(shared, id, strlen(id), &article, NULL) || riffle_index_text(shared, article, &text, &length, NULL))
            worker->failures++;
        else
            riffle_text_free(shared, text);
        worker->rounds++;
    }
    return NULL;
}

/* Opens the newest generation again and again: never half a commit, never an older one than was reported before. */
static void *open_on_and_on(void *argument)
{
    struct worker *worker = argument;
    do {
        riffle_index *index;
        unsigned reported = atomic_load(&commits);
        if (riffle_index_open(&index, path, NULL, NULL)) {
            worker->failures++;
            continue;
        }
        riffle_statistics statistics = {.size = sizeof statistics};
        riffle_results *results;
        riffle_search_options options = RIFFLE_SEARCH_OPTIONS_INIT;
        options.by_article = options.count_all = 1;
        riffle_index_statistics(index, &statistics, NULL);
        worker->failures += statistics.articles < ARTICLES + reported || statistics.articles > ARTICLES + COMMITS;
        if (riffle_search(index, "sampleword", strlen("sampleword"), &options, &results, NULL)) {
            worker->failures++;
        } else {
            worker->failures += riffle_results_total(results) != statistics.articles;
            riffle_results_free(results);
        }
        riffle_index_close(index);
        worker->rounds++;
    } while (atomic_load(&writing));
    return NULL;
}

static void test_threads(void **state)
{
    (void)state;
    char scratch[FOLDER_PATH];
    struct worker workers[THREADS + 1] = {{0}};
    riffle_error error;
    riffle_writer *writer;
    folder_make(scratch, false);
    folder_join(path, scratch, "index");
    sample_index(path, 0, ARTICLES - 3);
    sample_index(path, ARTICLES - 3, ARTICLES);
    assert_int_equal(riffle_index_open(&shared, path, NULL, &error), RIFFLE_OK);
    for (unsigned i = 0; i < QUERIES; i++) {
        expected[i] = answer(shared, i);
        assert_true(expected[i] > 1); /* something is found */
    }
    atomic_store(&writing, true);
    for (unsigned i = 0; i <= THREADS; i++) {
        workers[i].number = i;
        assert_int_equal(pthread_create(&workers[i].thread, NULL, i < THREADS ? search_on_and_on : open_on_and_on, &workers[i]), 0);
    }
    riffle_status status = riffle_writer_open(&writer, path, NULL, &error);
    for (unsigned i = 0; !status && i < COMMITS; i++) {
        status = sample_add(writer, ARTICLES + i, &error);
        if (!status)
            status = riffle_writer_commit(writer, &error);
        atomic_fetch_add(&commits, !status);
    }
    riffle_writer_close(writer);
    atomic_store(&writing, false);
    for (unsigned i = 0; i <= THREADS; i++)
        pthread_join(workers[i].thread, NULL);
    if (status)
        fail_msg("the writer failed: %s", error.message);
    for (unsigned i = 0; i <= THREADS; i++) {
        print_message("%s thread: %u rounds\n", i < THREADS ? "searching" : "opening", workers[i].rounds);
        assert_int_equal(workers[i].failures, 0);
        assert_true(workers[i].rounds > 0);
    }
    sample_check_open(shared, 0, ARTICLES);
    riffle_index_close(shared);
    sample_check(path, 0, ARTICLES + COMMITS);
    sample_check_files(path);
    folder_remove(scratch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_threads)};
    return cmocka_run_group_tests_name("threads", tests, NULL, NULL);
}
