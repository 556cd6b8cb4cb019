/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Xapian indexes that are changed, replaced or damaged under their readers, and memory that fails. */
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

#include <unistd.h>

#include "base/base.h"
#include "riffle-xapian.h"
#include "tests/support/failing_memory.h"
#include "tests/support/folders.h"
#include "tests/support/sample.h"
#include "tests/support/scratch.h"
#include "tests/support/xapian_sample.h"
#include "xapian/engine_folder.h"

enum { ARTICLES = 16 };

static riffle_error error;
static char scratch[FOLDER_PATH];

static const char *in_scratch(const char *name) { return folder_path(scratch, name); }

static int set_up(void **state)
{
    (void)state;
    folder_make(scratch, false);
    return riffle_xapian_register(&error) ? -1 : 0;
}

static int tear_down(void **state)
{
    (void)state;
    folder_remove(scratch);
    return 0;
}

/* ---- Indexes that change ---- */

static void test_newest_state(void **state)
{
    (void)state;
    const char *path = in_scratch("growing");
    sample_shard(path, 0, 3, 1, 1);
    riffle_index *index = sample_open(path, false);
    assert_int_equal(sample_total(index, "sampleword"), 3);
    for (unsigned n = 3; n < 8; n++) {
        sample_shard(path, n, n + 1, 1, 1);
        sample_check_open(index, 0, n + 1);
    }
    riffle_results *results = sample_search(index, "unique7x", false);
    assert_int_equal(riffle_results_count(results), 1);
    riffle_writer *writer = sample_writer(path, false, NULL);
    OK(riffle_writer_delete(writer, "article-7", 9, &error));
    sample_commit(writer);
    const char *text;
    assert_int_equal(riffle_results_explain(results, 0, &text, &error), RIFFLE_INVALID); /* it is gone */
    uint64_t article = sample_hit(results, 0).article;
    size_t length;
    assert_int_equal(riffle_index_field(index, article, "id", &text, &length, &error), RIFFLE_INVALID);
    riffle_results_free(results);
    sample_check_open(index, 0, 7);
    riffle_index_close(index);
}

/* Metadata fields that came with a later commit are known to the next search. */
static void test_new_field(void **state)
{
    (void)state;
    const char *path = in_scratch("fields");
    sample_shard(path, 0, 2, 1, 1);
    riffle_index *index = sample_open(path, false);
    static const char query[] = "author:\"A. Clerk\"";
    assert_int_equal(sample_total(index, query), 0);
    riffle_writer *writer = sample_writer(path, false, NULL);
    riffle_field field = {"Author", 6, "A. Clerk", 8};
    riffle_article article = {
        .id = "new", .id_length = 3, .text = "Words.", .text_length = 6, .title = "", .fields = &field, .field_count = 1};
    OK(riffle_writer_add(writer, &article, &error));
    sample_commit(writer);
    assert_int_equal(sample_total(index, query), 1);
    riffle_index_close(index);
}

static void test_replaced(void **state)
{
    (void)state;
    const char *path = in_scratch("replaced");
    sample_shard(path, 0, 4, 1, 1);
    riffle_index *index = sample_open(path, false);
    sample_check_open(index, 0, 4);
    /* The whole folder goes, and another comes with the same names in it, of the same number of commits. */
    folder_remove(path);
    sample_shard(path, 20, 22, 1, 1);
    sample_check_open(index, 20, 22);

    riffle_writer *writer = sample_writer(path, true, NULL);
    for (unsigned n = 10; n < 13; n++)
        OK(sample_add(writer, n, &error));
    sample_check_open(index, 20, 22);
    sample_commit(writer);
    sample_check_open(index, 10, 13);

    writer = sample_writer(path, true, "french");
    OK(sample_add(writer, 1, &error));
    sample_commit(writer);
    sample_cannot_search(index, RIFFLE_INVALID, path);
    folder_remove(path);
    sample_cannot_search(index, RIFFLE_NO_INDEX, path);
    riffle_index_close(index);
}

/* An index that was opened by a relative path stays the same one when the program goes elsewhere. */
static void test_relative_path(void **state)
{
    (void)state;
    char here[FOLDER_PATH];
    assert_non_null(getcwd(here, sizeof here));
    sample_shard(in_scratch("near"), 0, 4, 1, 1);
    assert_int_equal(chdir(scratch), 0);
    riffle_index *index = sample_open("near", false);
    assert_int_equal(chdir("/"), 0);
    sample_check_open(index, 0, 4);
    riffle_index_close(index);
    assert_int_equal(chdir(here), 0);
}

/* ---- Threads ---- */

enum { THREADS = 3, COMMITS = 60, EACH = 2 };

static struct {
    char path[FOLDER_PATH];
    riffle_index *index;
    atomic_uint reported; /* commits */
    atomic_uint begun;
    atomic_bool writing;
} busy;

struct worker {
    pthread_t thread;
    unsigned searches;
    riffle_error error; /* the first failure; cmocka's asserts are for the main thread alone */
};

/* Each answer is that of one commit, and none that is older than the last one reported before. */
static void *search_while_growing(void *argument)
{
    struct worker *worker = argument;
    do {
        riffle_results *results;
        riffle_search_options options = RIFFLE_SEARCH_OPTIONS_INIT;
        options.count_all = options.by_article = 1;
        options.limit = 1000;
        unsigned least = ARTICLES + EACH * atomic_load(&busy.reported);
        if (riffle_search(busy.index, "sampleword", 10, &options, &results, &worker->error))
            break;
        unsigned most = ARTICLES + EACH * atomic_load(&busy.begun), found = (unsigned)riffle_results_total(results);
        if (found < least || found > most || found % EACH != ARTICLES % EACH || found != riffle_results_count(results))
            rf_fail(&worker->error, RIFFLE_CORRUPT, "%u articles, not %u to %u", found, least, most);
        for (size_t rank = 0; !worker->error.status && rank < riffle_results_count(results); rank++) {
            riffle_hit hit = {.size = sizeof hit};
            uint64_t article;
            const char *text;
            char *whole_text;
            size_t length;
            riffle_results_hit(results, rank, &hit, &worker->error);
            if (!worker->error.status && rank % 5 == 0)
                riffle_results_explain(results, rank, &text, &worker->error);
            if (!worker->error.status && rank % 5 == 1)
                riffle_index_find(busy.index, hit.id, hit.id_length, &article, &worker->error);
            if (!worker->error.status && rank % 5 == 1 &&
                !riffle_index_text(busy.index, article, &whole_text, &length, &worker->error))
                riffle_text_free(busy.index, whole_text);
        }
        riffle_results_free(results);
        worker->searches++;
    } while (!worker->error.status && atomic_load(&busy.writing));
    return NULL;
}

static void run_workers(void *(*work)(void *), void (*write)(void))
{
    struct worker workers[THREADS] = {{0}};
    atomic_store(&busy.reported, 0);
    atomic_store(&busy.begun, 0);
    atomic_store(&busy.writing, true);
    busy.index = sample_open(busy.path, false);
    for (unsigned i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
    write();
    atomic_store(&busy.writing, false);
    for (unsigned i = 0; i < THREADS; i++)
        pthread_join(workers[i].thread, NULL);
    riffle_index_close(busy.index);
    for (unsigned i = 0; i < THREADS; i++) {
        if (workers[i].error.status)
            fail_msg("%s", workers[i].error.message);
        assert_true(workers[i].searches > 0);
    }
}

static void grow(void)
{
    riffle_writer *writer = sample_writer(busy.path, false, NULL);
    for (unsigned c = 0; c < COMMITS; c++) {
        for (unsigned i = 0; i < EACH; i++)
            OK(sample_add(writer, ARTICLES + c * EACH + i, &error));
        atomic_fetch_add(&busy.begun, 1);
        OK(riffle_writer_commit(writer, &error));
        atomic_fetch_add(&busy.reported, 1);
    }
    riffle_writer_close(writer);
}

static void test_commits_while_searching(void **state)
{
    (void)state;
    folder_join(busy.path, scratch, "busy");
    sample_shard(busy.path, 0, ARTICLES, 1, 1);
    run_workers(search_while_growing, grow);
}

/* The index holds articles [n, n + 4) for some n: whichever it is, an answer is of one n alone. */
static void *search_while_rebuilding(void *argument)
{
    struct worker *worker = argument;
    do {
        riffle_results *results;
        riffle_search_options options = RIFFLE_SEARCH_OPTIONS_INIT;
        options.count_all = options.by_article = 1;
        if (riffle_search(busy.index, "sampleword \"captains complained\"", 33, &options, &results, &worker->error))
            break;
        unsigned least = UINT32_MAX, most = 0;
        for (size_t rank = 0; rank < riffle_results_count(results); rank++) {
            riffle_hit hit = {.size = sizeof hit};
            riffle_results_hit(results, rank, &hit, NULL);
            unsigned number = (unsigned)atoi(hit.id + 8);
            least = number < least ? number : least;
            most = number > most ? number : most;
        }
        if (riffle_results_total(results) != 4 || riffle_results_count(results) != 4 || least % 4 != 0 || most != least + 3)
            rf_fail(&worker->error, RIFFLE_CORRUPT, "%u articles from %u to %u", (unsigned)riffle_results_count(results), least,
                    most);
        riffle_results_free(results);
        worker->searches++;
    } while (!worker->error.status && atomic_load(&busy.writing));
    return NULL;
}

static void rebuild_often(void)
{
    for (unsigned n = 4; n < 120; n += 4) {
        riffle_writer *writer = sample_writer(busy.path, true, NULL);
        for (unsigned i = 0; i < 4; i++)
            OK(sample_add(writer, n + i, &error));
        sample_commit(writer);
    }
}

static void test_rebuilds_while_searching(void **state)
{
    (void)state;
    folder_join(busy.path, scratch, "rebuilt");
    sample_shard(busy.path, 0, 4, 1, 1);
    run_workers(search_while_rebuilding, rebuild_often);
}

/* ---- Damage ---- */

/* Everything that can be asked. Failures are fine, crashes are not. */
static unsigned ask_everything(const char *path)
{
    riffle_index *index;
    if (riffle_index_open(&index, path, NULL, &error)) {
        assert_true(error.status != RIFFLE_OK && error.message[0]);
        return 1;
    }
    unsigned failures = 0;
    for (size_t i = 0; i < SAMPLE_QUERIES; i++) {
        riffle_results *results;
        if (riffle_search(index, sample_queries[i], strlen(sample_queries[i]), NULL, &results, &error)) {
            assert_true(error.status != RIFFLE_OK && error.message[0]);
            failures++;
            continue;
        }
        for (size_t rank = 0; rank < riffle_results_count(results); rank++) {
            riffle_snippet snippet;
            const char *text;
            failures += riffle_results_snippet(results, rank, 0, &snippet, &error) != RIFFLE_OK;
            failures += riffle_results_explain(results, rank, &text, &error) != RIFFLE_OK;
        }
        riffle_results_free(results);
    }
    for (uint64_t article = 0; article < ARTICLES; article++) {
        char *text;
        size_t length;
        if (riffle_index_text(index, article, &text, &length, &error) == RIFFLE_OK)
            riffle_text_free(index, text);
    }
    riffle_index_close(index);
    return failures;
}

static void test_damage(void **state)
{
    (void)state;
    char path[FOLDER_PATH], database[FOLDER_PATH], file[FOLDER_PATH];
    folder_join(path, scratch, "damaged");
    sample_shard(path, 0, ARTICLES, 1, 1);
    char *current = rf_xapian_database_path(&rf_malloc_allocator, path, rf_xapian_current(path));
    snprintf(database, sizeof database, "%s", current);
    rf_free(&rf_malloc_allocator, current);
    unsigned failures = ask_everything(path);
    assert_int_equal(failures, 0);
    struct folder_names names;
    folder_list(database, &names);
    assert_true(names.count >= 4);
    unsigned noticed = 0, ways = 0;
    for (size_t i = 0; i < names.count; i++) {
        size_t size;
        folder_join(file, database, names.list[i]);
        char *bytes = folder_read(file, &size);
        size_t lengths[] = {0, 1, 20, size / 2, size ? size - 1 : 0};
        for (size_t k = 0; k < sizeof lengths / sizeof *lengths; k++) {
            assert_int_equal(truncate(file, (off_t)lengths[k]), 0);
            noticed += ask_everything(path) > 0;
            ways++;
            scratch_write(database, names.list[i], bytes, size);
        }
        assert_int_equal(unlink(file), 0);
        noticed += ask_everything(path) > 0;
        ways++;
        scratch_write(database, names.list[i], bytes, size);
        free(bytes);
    }
    assert_true(noticed > ways / 2);
    assert_int_equal(ask_everything(path), 0);
    scratch_write(path, "XAPIANDB", "auto db-9\n", 10);
    sample_cannot_open(path, false, RIFFLE_IO, "db-9");
    scratch_write(path, "XAPIANDB", "", 0); /* to libxapian it stands for no documents */
    sample_cannot_open(path, false, RIFFLE_NO_INDEX, path);
    scratch_write(path, "XAPIANDB", "nonsense\n", 9);
    assert_true(ask_everything(path) > 0);
}

/* ---- Memory ---- */

/* Opens, searches, and looks into what it found and into an article. *sum stands for all that was found. */
static riffle_status use_all(const char *path, uint64_t *sum)
{
    riffle_index *index;
    riffle_index_options options = RIFFLE_INDEX_OPTIONS_INIT;
    options.allocator = &failing_memory;
    options.partial = 1;
    riffle_status status = riffle_index_open(&index, path, &options, &error);
    if (status)
        return status;
    riffle_results *results = NULL;
    uint64_t article = 0;
    const char *value = "", *explanation = "";
    char *text = NULL;
    size_t length = 0, text_length = 0;
    riffle_hit hit = {.size = sizeof hit};
    riffle_snippet snippet = {0};
    static const char query[] = "captain* \"harbour office\" source:\"harbour herald\"";
    status = riffle_search(index, query, sizeof query - 1, NULL, &results, &error);
    if (!status)
        status = riffle_results_hit(results, 0, &hit, &error);
    if (!status)
        status = riffle_results_snippet(results, 0, 0, &snippet, &error);
    if (!status)
        status = riffle_results_explain(results, 0, &explanation, &error);
    if (!status)
        status = riffle_index_find(index, "article-5", 9, &article, &error);
    if (!status)
        status = riffle_index_field(index, article, "date", &value, &length, &error);
    if (!status)
        status = riffle_index_text(index, article, &text, &text_length, &error);
    *sum = length + 1000 * text_length + (uint64_t)(1e6 * hit.score) + riffle_results_count(results) + snippet.length +
           strlen(explanation);
    riffle_text_free(index, text);
    riffle_results_free(results);
    riffle_index_close(index);
    return status;
}

static void test_memory(void **state)
{
    (void)state;
    char one[FOLDER_PATH], pair[2 * FOLDER_PATH + 10];
    folder_join(one, scratch, "whole");
    sample_shard(one, 0, ARTICLES, 1, 1);
    sample_shard(in_scratch("first"), 0, ARTICLES, 1, 2);
    sample_shard(in_scratch("second"), 0, ARTICLES, 2, 2);
    snprintf(pair, sizeof pair, "%s,%s", in_scratch("first"), in_scratch("second"));
    const char *paths[] = {one, pair};
    for (size_t i = 0; i < 2; i++) {
        uint64_t expected, sum;
        unsigned held = folder_held();
        failing_arm(SIZE_MAX, false);
        OK(use_all(paths[i], &expected));
        size_t calls = failing_calls();
        assert_true(calls > 50);
        for (int for_ever = 0; for_ever < 2; for_ever++)
            for (size_t n = 1; n <= calls; n++) {
                failing_arm(n, for_ever);
                riffle_status status = use_all(paths[i], &sum);
                if (status && (status != RIFFLE_NO_MEMORY || error.status != RIFFLE_NO_MEMORY))
                    fail_msg("allocation %zu of %zu: status %d: %s", n, calls, (int)status, error.message);
                if (!status && sum != expected)
                    fail_msg("allocation %zu of %zu: survived with another answer", n, calls);
                assert_int_equal(failing_live(), 0);
                assert_int_equal(folder_held(), held);
            }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_newest_state),
        cmocka_unit_test(test_new_field),
        cmocka_unit_test(test_replaced),
        cmocka_unit_test(test_relative_path),
        cmocka_unit_test(test_commits_while_searching),
        cmocka_unit_test(test_rebuilds_while_searching),
        cmocka_unit_test(test_damage),
        cmocka_unit_test(test_memory),
    };
    return cmocka_run_group_tests_name("Xapian indexes change under their readers", tests, set_up, tear_down);
}
