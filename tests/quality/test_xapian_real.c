/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The native engine against Xapian on real articles and the questions of the public benchmark and of test collections, by the rule
 * of tests/differential/answers.h. None of that is part of the project: without it the test is skipped.
 *
 * RIFFLE_ARTICLES and RIFFLE_QUERIES in the environment say how many; `make oracle` takes many more than the tests of every day.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <json-c/json.h>

#include "riffle-xapian.h"
#include "tests/differential/engine_cases.h"
#include "tests/quality/files.h"
#include "tests/support/folders.h"

#define SHARED "../shared"

enum { ARTICLES = 400, QUERIES = 200, LOOKED_AT_EVERY = 10 };

static const char *const collections[] = {SHARED "/corpora/news.jsonl.xz", SHARED "/corpora/wiki.jsonl.xz"};
static const char *const topics[] = {"wiki-questions", "cacm", "cisi", "cranfield", "vaswani"};

static size_t from_environment(const char *name, size_t otherwise)
{
    const char *value = getenv(name);
    return value && *value ? strtoull(value, NULL, 10) : otherwise;
}

/* ---- Articles ---- */

/* Appends the first `count` lines of a file. */
static void append_lines(FILE *to, const char *path, size_t count)
{
    char *command = text_of("xz -dc '%s' 2>/dev/null", path), *line = NULL;
    size_t capacity = 0;
    FILE *from = popen(command, "r");
    assert_non_null(from);
    for (ssize_t n; count > 0 && (n = getline(&line, &capacity, from)) > 0; count--)
        assert_int_equal(fwrite(line, 1, (size_t)n, to), n);
    pclose(from); /* which xz does not like when it is not done */
    assert_int_equal(count, 0);
    free(line);
    free(command);
}

/* The same number of articles of each collection in one file. */
static char *choose_articles(size_t count)
{
    char *path = scratch_path("oracle.jsonl");
    size_t parts = sizeof collections / sizeof *collections;
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    for (size_t i = 0; i < parts; i++)
        append_lines(file, collections[i], (count + i) / parts);
    assert_int_equal(fclose(file), 0);
    return path;
}

static char *index_path(const char *engine)
{
    char *name = text_of("oracle.%s", engine), *path = scratch_path(name);
    free(name);
    return path;
}

static riffle_index *index_articles(const char *articles, const char *engine)
{
    char *path = index_path(engine);
    riffle_writer_options options = RIFFLE_WRITER_OPTIONS_INIT;
    riffle_import_counts counts = {0};
    riffle_writer *writer;
    riffle_index *index;
    riffle_error error;
    options.engine = engine;
    folder_remove(path);
    if (riffle_writer_open(&writer, path, &options, &error) || riffle_writer_import(writer, articles, NULL, &counts, &error) ||
        riffle_writer_commit(writer, &error))
        fail_msg("%s", error.message);
    riffle_writer_close(writer);
    assert_int_equal(counts.left_out, 0);
    if (riffle_index_open(&index, path, NULL, &error))
        fail_msg("%s", error.message);
    free(path);
    return index;
}

/* All of it takes gigabytes. */
static void remove_all(char *articles)
{
    char *native = index_path("native"), *other = index_path("xapian");
    folder_remove(native);
    folder_remove(other);
    remove(articles);
    free(native);
    free(other);
    free(articles);
}

/* ---- Queries ---- */

struct queries {
    char **list;
    size_t count, capacity;
};

static void add_query(struct queries *queries, const char *text)
{
    if (queries->count == queries->capacity) {
        queries->capacity = 2 * queries->capacity + 100;
        queries->list = realloc(queries->list, queries->capacity * sizeof *queries->list);
        assert_non_null(queries->list);
    }
    queries->list[queries->count++] = text_of("%s", text);
}

static void read_benchmark(struct queries *queries)
{
    char *text = file_read(SHARED "/bench/queries.jsonl");
    for (char *rest = text, *line; (line = strsep(&rest, "\n")) != NULL;) {
        struct json_object *object = json_tokener_parse(line), *query;
        if (json_object_object_get_ex(object, "query", &query))
            add_query(queries, json_object_get_string(query));
        json_object_put(object);
    }
    free(text);
}

static void read_topics(struct queries *queries, const char *name)
{
    char *path = text_of(SHARED "/corpora/collections/%s/topics.tsv", name), *text = file_read(path);
    for (char *rest = text, *line; (line = strsep(&rest, "\n")) != NULL;) {
        strsep(&line, "\t");
        if (line)
            add_query(queries, line);
    }
    free(text);
    free(path);
}

/* Different ways to ask, in turn. */
static riffle_search_options options_of(size_t number)
{
    riffle_search_options options = RIFFLE_SEARCH_OPTIONS_INIT;
    options.count_all = number % 4 == 1;
    options.by_article = number % 4 == 2;
    options.offset = number % 4 == 3 ? 20 : 0;
    options.limit = number % 3 ? 10 : 100;
    if (number % 5 == 4) {
        options.k1 = 0.9;
        options.b = 0.4;
    }
    return options;
}

static size_t run_queries(struct engine_case *test, const struct queries *queries, size_t count)
{
    size_t failures = 0;
    for (size_t i = 0; i < count && failures < 5; i++) {
        const char *query = queries->list[i * queries->count / count];
        test->query.size = test->report.size = 0;
        rf_buffer_append(&test->query, query, strlen(query));
        test->options = options_of(i);
        test->closely = i % LOOKED_AT_EVERY == 0;
        if (engine_case_run(test))
            continue;
        failures++;
        print_error("%s\n%.*s", query, (int)test->report.size, (const char *)test->report.data);
    }
    return failures;
}

static void native_against_xapian_on_real_articles(void **state)
{
    (void)state;
    size_t articles = from_environment("RIFFLE_ARTICLES", ARTICLES), count = from_environment("RIFFLE_QUERIES", QUERIES);
    if (!file_exists(collections[0]) || !file_exists(collections[1]) || system("command -v xz >/dev/null") != 0)
        skip();
    char *path = choose_articles(articles);
    struct engine_case test = {
        .native = index_articles(path, "native"), .other = index_articles(path, "xapian"), .same_order = true};
    struct queries queries = {0};
    read_benchmark(&queries);
    for (size_t i = 0; i < sizeof topics / sizeof *topics; i++)
        read_topics(&queries, topics[i]);
    rf_buffer_init(&test.query, &rf_malloc_allocator);
    rf_buffer_init(&test.report, &rf_malloc_allocator);

    bool same = engine_case_statistics(&test);
    if (!same)
        print_error("%.*s", (int)test.report.size, (const char *)test.report.data);
    size_t failures = run_queries(&test, &queries, count < queries.count ? count : queries.count);
    print_message("%zu articles, %zu queries, %zu of them without a comparison of scores; %zu hits, %zu looked at closely\n",
                  articles, count, engine_case_counts.unscored, engine_case_counts.hits, engine_case_counts.looked_at);

    riffle_index_close(test.native);
    riffle_index_close(test.other);
    rf_buffer_release(&test.query);
    rf_buffer_release(&test.report);
    while (queries.count > 0)
        free(queries.list[--queries.count]);
    free(queries.list);
    remove_all(path);
    assert_true(same);
    assert_int_equal(failures, 0);
}

static int set_up(void **state)
{
    (void)state;
    return riffle_xapian_register(NULL) ? -1 : 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(native_against_xapian_on_real_articles)};
    return cmocka_run_group_tests(tests, set_up, NULL);
}
