/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The native engine against Xapian, which shares nothing with it but the analysis and the reading of queries: random documents in
 * both, made in one go, in several commits, by deletes and replaces, or split over two or three shards; and random queries.
 *
 * RIFFLE_SEED and RIFFLE_ROUNDS (sets of documents) in the environment make other and longer runs. A case that fails is made as small
 * as leaving out articles and parts of the query makes it, and printed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "edits.h"
#include "engine_cases.h"
#include "riffle-xapian.h"
#include "shrink.h"
#include "tests/support/folders.h"
#include "tests/support/xapian_server.h"

enum {
    ROUNDS = 100,
    QUERIES = 520,
    QUERIES_OF_MANY = 100,
    QUERIES_TO_SERVERS = 100,
    SERVER_ROUNDS = 6,
    SHARDS_MAX = 3,
    TRIES = 300
};

/* How the index of the other engine was made. */
enum history { ONE_COMMIT, COMMITS, REBUILD, EDITS, SHARDS, LOCAL_HISTORIES, SERVERS = LOCAL_HISTORIES, HISTORIES };
static const char *const history_names[HISTORIES] = {"one commit",           "several commits", "rebuild",
                                                     "deletes and replaces", "shards",          "shards, some on servers"};

static char folder[FOLDER_PATH]; /* for all indexes */
static struct loopback_server servers[SHARDS_MAX];
static size_t pairs; /* of document sets and queries that were compared */

struct round {
    struct engine_case test;
    enum history history;
    uint64_t seed; /* of the history */
};

/* ---- Indexes ---- */

static riffle_status make_shards(char *names, size_t size, const struct documents *documents, enum history history, uint64_t seed,
                                 riffle_error *error)
{
    riffle_status status = RIFFLE_OK;
    unsigned shards = 2 + seed / 2 % 2;
    *names = 0;
    for (unsigned number = 1; !status && number <= shards; number++) {
        struct documents shard = *documents;
        char path[FOLDER_PATH], name[20];
        shard.count = 0;
        shard.articles = calloc(documents->count + 1, sizeof *shard.articles);
        for (size_t i = 0; i < documents->count; i++)
            if (riffle_shard_of(documents->articles[i].id, strlen(documents->articles[i].id), shards) == number)
                shard.articles[shard.count++] = documents->articles[i];
        snprintf(name, sizeof name, "shard-%u", number);
        folder_join(path, folder, name);
        status = index_make(path, &shard, "xapian", shard.count && seed % 2 ? WAY_COMMITS : WAY_ONE_COMMIT, seed, error);
        if (!status && history == SERVERS && (number < shards || seed / 4 % 2)) {
            loopback_start(&servers[number - 1], path, false);
            snprintf(path, sizeof path, "127.0.0.1:%u", servers[number - 1].port);
        }
        snprintf(names + strlen(names), size - strlen(names), "%s%s", *names ? "," : "", path);
        free(shard.articles);
    }
    return status;
}

/* Makes the index of Xapian. *left, which has an array of its own, is what it holds, in its order. */
static riffle_status make_other(const struct round *round, const struct documents *documents, struct documents *left, char *path,
                                size_t size, riffle_error *error)
{
    static const enum way ways[] = {[ONE_COMMIT] = WAY_ONE_COMMIT, [COMMITS] = WAY_COMMITS, [REBUILD] = WAY_REBUILD};
    snprintf(path, size, "%s/xapian", folder);
    if (round->history == EDITS)
        return index_edit(path, documents, "xapian", round->seed, left, error);
    *left = *documents;
    left->articles = calloc(documents->count + 1, sizeof *left->articles);
    memcpy(left->articles, documents->articles, documents->count * sizeof *left->articles);
    if (round->history == SHARDS || round->history == SERVERS)
        return make_shards(path, size, documents, round->history, round->seed, error);
    return index_make(path, documents, "xapian", ways[round->history], round->seed, error);
}

static void close_indexes(struct round *round)
{
    riffle_index_close(round->test.native);
    riffle_index_close(round->test.other);
    round->test.native = round->test.other = NULL;
    for (int i = 0; i < SHARDS_MAX; i++)
        loopback_kill(&servers[i]);
}

/* Opens both, and looks at all that needs no query. */
static bool open_indexes(struct round *round, const struct documents *documents)
{
    struct engine_case *test = &round->test;
    char path[2 * FOLDER_PATH], native[FOLDER_PATH];
    riffle_error error = {RIFFLE_OK, ""};
    struct documents left;
    bool right = true;
    folder_join(native, folder, "native");
    if (make_other(round, documents, &left, path, sizeof path, &error) || riffle_index_open(&test->other, path, NULL, &error) ||
        index_make(native, &left, "native", WAY_ONE_COMMIT, 0, &error) || riffle_index_open(&test->native, native, NULL, &error)) {
        rf_buffer_printf(&test->report, "%s\n", error.message);
        right = false;
    }
    test->same_order = round->history != SHARDS && round->history != SERVERS;
    test->estimates = round->history == SERVERS;
    right = right && engine_case_statistics(test);
    for (size_t i = 0; right && i < documents->count; i += 1 + documents->count / 20)
        right = engine_case_article(test, documents->articles[i].kept_id, strlen(documents->articles[i].kept_id));
    free(left.articles);
    return right;
}

/* ---- Cases that fail ---- */

/* The same case with these documents only, from the beginning. */
static bool fails_with(void *context, const struct documents *documents)
{
    struct round *round = context;
    round->test.report.size = 0;
    bool right = open_indexes(round, documents) && engine_case_run(&round->test);
    close_indexes(round);
    return !right;
}

static void report_failure(struct round *round, const struct documents *documents, struct query *tree)
{
    struct engine_case *test = &round->test;
    struct documents less;
    struct failing failing = {documents, tree, &test->query, fails_with, round, TRIES};
    rf_buffer_append_byte(&test->report, 0);
    char *first_report = strdup((const char *)test->report.data);
    close_indexes(round);
    bool again = shrink(&failing, &less);
    if (again)
        fails_with(round, &less);
    struct rf_buffer out;
    rf_buffer_init(&out, &rf_malloc_allocator);
    documents_print(&out, &less);
    rf_buffer_printf(&out, "query ");
    append_escaped(&out, (const char *)test->query.data, test->query.size);
    rf_buffer_printf(&out, "\nk1 %g, b %g; Xapian by %s, seed %llu\n", test->options.k1, test->options.b,
                     history_names[round->history], (unsigned long long)round->seed);
    if (again)
        rf_buffer_append(&out, test->report.data, test->report.size);
    else
        rf_buffer_printf(&out, "did not fail again; it was:\n%s", first_report);
    fprintf(stderr, "%.*s", (int)out.size, (const char *)out.data);
    rf_buffer_release(&out);
    free(first_report);
    free(less.articles);
}

/* ---- Rounds ---- */

static void choose_options(struct engine_case *test, struct random *random)
{
    static const riffle_search_options defaults = RIFFLE_SEARCH_OPTIONS_INIT;
    test->options = defaults;
    if (chance(random, 40)) {
        test->options.k1 = chance(random, 20) ? 0 : 3 * random_unit(random);
        test->options.b = chance(random, 20) ? 0 : chance(random, 20) ? 1 : random_unit(random);
    }
    test->options.offset = chance(random, 70) ? 0 : random_size(random, 100) - 1;
    test->options.limit = chance(random, 50) ? 10 : random_size(random, 200) - 1;
    test->options.by_article = chance(random, 40);
    test->options.count_all = chance(random, 30);
    test->closely = chance(random, 10);
}

static bool run_query(struct round *round, const struct documents *documents, struct query *tree)
{
    round->test.report.size = 0;
    bool right = engine_case_run(&round->test);
    if (!right)
        report_failure(round, documents, tree);
    pairs++;
    return right;
}

static size_t run_round(uint64_t seed, bool on_servers)
{
    struct random random = {seed};
    enum documents_size size = DOCUMENTS_FEW;
    int queries = on_servers ? QUERIES_TO_SERVERS : QUERIES;
    if (!on_servers && seed % 50 == 0) {
        size = DOCUMENTS_MANY;
        queries = QUERIES_OF_MANY;
    } else if (!on_servers && seed % 4 == 0) {
        size = DOCUMENTS_SOME;
    }
    struct documents documents;
    documents_make(&documents, &random, size);
    struct round round = {.history = (enum history)random_below(&random, LOCAL_HISTORIES), .seed = random_next(&random)};
    if (on_servers)
        round.history = SERVERS;
    struct engine_case *test = &round.test;
    rf_buffer_init(&test->query, &rf_malloc_allocator);
    rf_buffer_init(&test->report, &rf_malloc_allocator);
    bool right = open_indexes(&round, &documents);
    if (!right)
        report_failure(&round, &documents, NULL);
    for (int i = 0; right && i < queries + queries / 8; i++) {
        struct query *query = i < queries ? query_make(&documents, &random) : NULL;
        test->query.size = 0;
        if (query)
            query_print(&test->query, query, &random);
        else
            query_make_bytes(&test->query, &documents, &random);
        choose_options(test, &random);
        right = run_query(&round, &documents, query);
        if (query)
            query_release(query);
    }
    if (!right)
        fprintf(stderr, "seed %llu\n", (unsigned long long)seed);
    close_indexes(&round);
    documents_release(&documents);
    rf_buffer_release(&test->query);
    rf_buffer_release(&test->report);
    return !right;
}

/* ---- Articles that random ones are not ---- */

enum { LONG_ID = 700, LONG_VALUE = 9000 };

/* `start`, and then as many characters as it takes, the last of which is `last`. */
static char *long_text(const char *start, size_t length, char last)
{
    char *text = malloc(length + 1);
    memset(text, 'v', length);
    memcpy(text, start, strlen(start));
    text[length - 1] = last;
    text[length] = 0;
    return text;
}

static struct article odd_article(const char *id, const char *title, const char *text, const char *name, const char *value)
{
    struct article article = {.id = strdup(id), .title = strdup(title), .text = strdup(text)};
    article.kept_id = strdup(id);
    if (name) {
        article.names[0] = name;
        article.values[0] = strdup(value);
        article.field_count = 1;
    }
    return article;
}

static void test_odd_articles(void **state)
{
    (void)state;
    static const char *const queries[] = {"word",     "+word title:odd", "\"line break\"", "section:vv*", "section:v..w",
                                          "source:x", "date:*",          "id:a,b:1",       "id:\\n",      "\"a=b\"",
                                          "-word",    "title:*",         "nothing"};
    char *one = long_text("id-", LONG_ID, '1'), *two = long_text("id-", LONG_ID, '2');
    char *value = long_text("v", LONG_VALUE, 'x'), *other = long_text("v", LONG_VALUE, 'y');
    char *one_query = long_text("id:id-", LONG_ID + 3, '1');
    struct article articles[] = {
        odd_article(one, "Odd", "A word of the first.", "section", value),
        odd_article(two, "", "A word of the second, with odd things.", "section", other),
        odd_article("a,b:1", "Line\nbreak", "line\nbreak\n\n\na=b\\n word", "line\nbreak", "x\ny"),
        odd_article("\\n", "\\ =", "", "odd=name\\n", "=\\e"),
        odd_article("id=\nx", "", "", "source", "x"),
        odd_article("Q\xF0\x9F\x99\x82", "the of and", "the of and", "source", " "),
        odd_article("last", "A title without a text, word by word", "", NULL, NULL),
    };
    struct documents documents = {.language = "english",
                                  .title_weight = 15,
                                  .split = true,
                                  .store = true,
                                  .articles = articles,
                                  .count = sizeof articles / sizeof *articles};
    for (int history = 0; history < HISTORIES; history++) {
        struct round round = {.history = (enum history)history, .seed = (uint64_t)history};
        struct engine_case *test = &round.test;
        struct random random = {(uint64_t)history};
        rf_buffer_init(&test->query, &rf_malloc_allocator);
        rf_buffer_init(&test->report, &rf_malloc_allocator);
        bool right = open_indexes(&round, &documents);
        for (size_t i = 0; right && i <= sizeof queries / sizeof *queries; i++) {
            const char *query = i < sizeof queries / sizeof *queries ? queries[i] : one_query;
            test->query.size = 0;
            rf_buffer_append(&test->query, query, strlen(query));
            choose_options(test, &random);
            test->closely = true;
            right = engine_case_run(test);
        }
        if (!right)
            fprintf(stderr, "%s: %.60s\n%.*s", history_names[history], (const char *)test->query.data, (int)test->report.size,
                    (const char *)test->report.data);
        assert_true(right);
        close_indexes(&round);
        rf_buffer_release(&test->query);
        rf_buffer_release(&test->report);
    }
    for (size_t i = 0; i < documents.count; i++)
        article_release(&articles[i]);
    free(one), free(two), free(value), free(other), free(one_query);
}

static uint64_t from_environment(const char *name, uint64_t otherwise)
{
    const char *value = getenv(name);
    return value && *value ? strtoull(value, NULL, 0) : otherwise;
}

static void test_native_against_xapian(void **state)
{
    (void)state;
    uint64_t seed = from_environment("RIFFLE_SEED", 1), rounds = from_environment("RIFFLE_ROUNDS", ROUNDS);
    size_t failures = 0;
    for (uint64_t round = 0; round < rounds && failures < 3; round++)
        failures += run_round(seed + round, false);
    print_message(
        "%zu pairs of documents and queries, %zu of them without a comparison of scores; %zu hits, %zu looked at closely\n", pairs,
        engine_case_counts.unscored, engine_case_counts.hits, engine_case_counts.looked_at);
    assert_int_equal(failures, 0);
}

/* Servers know Xapian's own weights alone, and search for themselves. */
static void test_servers(void **state)
{
    (void)state;
    uint64_t seed = from_environment("RIFFLE_SEED", 1), rounds = from_environment("RIFFLE_ROUNDS", ROUNDS);
    size_t failures = 0;
    pairs = 0;
    for (uint64_t round = 0; round < rounds * SERVER_ROUNDS / ROUNDS && !failures; round++)
        failures += run_round(seed + round, true);
    print_message("%zu pairs of documents and queries\n", pairs);
    assert_int_equal(failures, 0);
}

static int set_up(void **state)
{
    (void)state;
    riffle_error error;
    folder_make(folder, false);
    return riffle_xapian_register(&error) ? -1 : 0;
}

static int tear_down(void **state)
{
    (void)state;
    for (int i = 0; i < SHARDS_MAX; i++)
        loopback_kill(&servers[i]);
    folder_remove(folder);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_odd_articles), cmocka_unit_test(test_native_against_xapian),
                                       cmocka_unit_test(test_servers)};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
