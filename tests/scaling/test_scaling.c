/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Shards: two folders, and two servers on the loopback, answer as one index of the same articles does, and go on doing so when they
 * are updated, rebuilt, or replaced by a replica.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/scaling/collection.h"
#include "tests/scaling/shard_answers.h"

/* ---- The same answers ---- */

static const char *const queries[] = {
    "ferry",
    "ferry crack hull",
    "the ferry and the harbour office",
    "+ferry -crack",
    "ferry AND harbour",
    "(ferry OR bridge) NOT (crack OR hull)",
    "ferry^2.5 bridge^0.5 harbour",
    "\"liaison bureau\"",
    "\"the ferry\" bridge",
    "title:ferry",
    "title:\"liaison bureau\" delegation",
    "source:herald fark2",
    "date:2010..2014 fark2 bang1",
    "date:2031-03 ferry",
    "source:herald",
    "source:\"Port Post\" -source:herald date:2012",
    "id:made-up-17",
    "id:made-up-17 OR id:made-up-18 OR id:made-up-19",
    "항구 사무소",
    "배들이",
    "wi-fi",
    "round-the-clock",
    "Korea's customs union",
    "catamaran Tern",
    "nothinghasthisword",
    "ferry nothinghasthisword",
    "+ferry +nothinghasthisword",
    "NOT ferry",
    "",
};

/* Words that stand for several: how many passages have any of them is an estimate on a server, and so are the scores. */
static const char *const estimated[] = {"ferr*", "far* ban*", "+ferr* -cr?ck", "b?ng1 d?rk1", "title:ferr*"};

static void test_same_answers(void **state)
{
    (void)state;
    if (!collection.folder[0])
        skip();
    riffle_index *expected = collection_open(collection.one, 0), *local = collection_open(collection.local, 0),
                 *remote = collection_open(collection.remote, 0);
    riffle_statistics facts[3] = {{.size = sizeof *facts}, {.size = sizeof *facts}, {.size = sizeof *facts}};
    riffle_error error;
    OK(riffle_index_statistics(expected, &facts[0], &error));
    OK(riffle_index_statistics(local, &facts[1], &error));
    OK(riffle_index_statistics(remote, &facts[2], &error));
    assert_true(facts[0].articles > COLLECTION_ARTICLES && facts[0].passages > facts[0].articles);
    for (int i = 1; i < 3; i++) {
        assert_int_equal(facts[i].articles, facts[0].articles);
        assert_int_equal(facts[i].passages, facts[0].passages);
        assert_int_equal(facts[i].tokens, facts[0].tokens);
    }
    for (size_t i = 0; i < sizeof queries / sizeof *queries; i++) {
        collection_check_query(local, expected, queries[i], ANSWER_EXACTLY);
        collection_check_query(remote, expected, queries[i], ANSWER_EXACTLY);
    }
    for (size_t i = 0; i < sizeof estimated / sizeof *estimated; i++) {
        collection_check_query(local, expected, estimated[i], ANSWER_EXACTLY);
        collection_check_query(remote, expected, estimated[i], ANSWER_ROUGHLY);
    }
    uint64_t random = 11;
    for (int i = 0; i < 25; i++) {
        char *query;
        size_t length;
        FILE *text = open_memstream(&query, &length);
        collection_write_words(text, &random, 1 + random_below(&random, 4));
        fclose(text);
        collection_check_query(local, expected, query, ANSWER_EXACTLY);
        collection_check_query(remote, expected, query, ANSWER_EXACTLY);
        free(query);
    }
    riffle_index_close(remote);
    riffle_index_close(local);
    riffle_index_close(expected);
    collection_check_pipes();
}

/* What belongs to a hit beside its score comes from the shard that has it. */
static void test_hits(void **state)
{
    (void)state;
    if (!collection.folder[0])
        skip();
    riffle_index *expected = collection_open(collection.one, 0), *remote = collection_open(collection.remote, 0);
    for (unsigned number = 0; number < 20; number++) {
        char query[100];
        const char *values[2][5];
        size_t lengths[2][5];
        riffle_results *results[2];
        riffle_error error;
        snprintf(query, sizeof query, "+id:made-up-%u fark2 bang1 dark1 ferry", number * 7);
        for (int i = 0; i < 2; i++) {
            uint64_t start;
            riffle_snippet snippet;
            OK(riffle_search(i ? remote : expected, query, strlen(query), NULL, &results[i], &error));
            assert_true(riffle_results_count(results[i]) > 0);
            OK(riffle_results_field(results[i], 0, "date", &values[i][0], &lengths[i][0], &error));
            OK(riffle_results_field(results[i], 0, "title", &values[i][1], &lengths[i][1], &error));
            OK(riffle_results_text(results[i], 0, &values[i][2], &lengths[i][2], &start, &error));
            OK(riffle_results_snippet(results[i], 0, 0, &snippet, &error));
            values[i][3] = snippet.text, lengths[i][3] = snippet.length;
            values[i][4] = riffle_results_reading(results[i]), lengths[i][4] = strlen(values[i][4]);
            assert_true(lengths[i][0] == strlen("2031-03-11") && lengths[i][1] && lengths[i][2] && lengths[i][3]);
        }
        for (int j = 0; j < 5; j++) {
            assert_int_equal(lengths[0][j], lengths[1][j]);
            assert_memory_equal(values[0][j], values[1][j], lengths[0][j]);
        }
        riffle_results_free(results[0]);
        riffle_results_free(results[1]);
    }
    riffle_index_close(remote);
    riffle_index_close(expected);
}

/* ---- Other collection.servers behind the same name ---- */

static uint64_t total(const riffle_index *index, const char *query)
{
    struct answer answer = answer_of(index, query, 0, 0);
    if (answer.status || answer.missing[0])
        fail_msg("%s: %s%s", query, answer.message, answer.missing);
    answer_free(&answer);
    return answer.total;
}

/* An opened index sees commits, rebuilds, and a replica that takes the place of the original. */
static void test_replaced(void **state)
{
    (void)state;
    if (!collection.folder[0])
        skip();
    unsigned port;
    riffle_index *expected = collection_open(collection.one, 0), *index = collection_open(collection.remote, 0);
    assert_int_equal(total(index, "zeppelin"), 0);
    collection_run("echo '{\"id\": \"z\", \"text\": \"A zeppelin, new.\"}' >new.jsonl\n"
                   "riffle-index -q -d a --update --shard=1/2 new.jsonl\n"
                   "riffle-index -q -d b --update --shard=2/2 new.jsonl");
    assert_int_equal(total(index, "zeppelin"), 1);

    processes_ports(&port, 1);
    collection_run("setsid xapian-replicate-server -I 127.0.0.1 -p %u . >copies.log 2>&1 &\n"
                   "until xapian-replicate -h 127.0.0.1 -p %u -m b -r 0 -o copy 2>copy.log; do sleep 0.1; done",
                   port, port);
    server_kill(&collection.servers[1]);
    collection.servers[1].folder = collection.copy;
    server_start(&collection.servers[1]);
    assert_int_equal(total(index, "zeppelin"), 1);

    /* Both together would count everything twice. */
    riffle_index *none = NULL;
    riffle_error error;
    char both[3 * SCRATCH_PATH];
    snprintf(both, sizeof both, "%s,%s", collection.shard[1], collection.copy);
    assert_int_equal(riffle_index_open(&none, both, NULL, &error), RIFFLE_INVALID);

    /* Followed by changesets, and then by a whole copy, under readers of the replica. */
    for (int i = 0; i < 3; i++) {
        collection_run("export XAPIAN_MAX_CHANGESETS=5\n"
                       "riffle-index -q -d a --delete --shard=1/2 z\n"
                       "riffle-index -q -d b --delete --shard=2/2 z\n"
                       "xapian-replicate -h 127.0.0.1 -p %u -m b -r 0 -o copy",
                       port);
        assert_int_equal(total(index, "zeppelin"), 0);
        collection_run("export XAPIAN_MAX_CHANGESETS=5\n"
                       "riffle-index -q -d a --update --shard=1/2 new.jsonl\n"
                       "riffle-index -q -d b --update --shard=2/2 new.jsonl\n"
                       "xapian-replicate -h 127.0.0.1 -p %u -m b -r 0 -o copy",
                       port);
        assert_int_equal(total(index, "zeppelin"), 1);
    }
    collection_run("riffle-index -q -d a --rebuild --shard=1/2 articles made-up.jsonl\n"
                   "riffle-index -q -d b --rebuild --shard=2/2 articles made-up.jsonl\n"
                   "xapian-replicate -h 127.0.0.1 -p %u -m b -r 0 -o copy",
                   port);
    collection_check_query(index, expected, "ferry crack", ANSWER_EXACTLY);
    collection_check_query(index, expected, "zeppelin", ANSWER_EXACTLY);
    riffle_index_close(index);
    riffle_index_close(expected);
    collection_check_pipes();
}

/* What is no shard of this collection is refused by its name, and never searched. */
static void test_wrong_shards(void **state)
{
    (void)state;
    if (!collection.folder[0])
        skip();
    riffle_index *index = NULL;
    riffle_error error;
    char name[4 * SCRATCH_PATH];
    collection_run("riffle-index -q --engine=xapian --title-weight=2 -d other --shard=2/2 articles\n"
                   "mkdir -p empty && : >empty/XAPIANDB");
    snprintf(name, sizeof name, "%s,%s/other", collection.server[0], collection.folder);
    assert_int_equal(riffle_index_open(&index, name, NULL, &error), RIFFLE_INVALID);
    assert_non_null(strstr(error.message, "other"));
    snprintf(name, sizeof name, "%s,%s/empty", collection.server[0], collection.folder);
    assert_true(riffle_index_open(&index, name, NULL, &error) != RIFFLE_OK);
    assert_non_null(strstr(error.message, "empty"));

    /* A server of nothing that Riffle made: a replica before its first copy has come, say. */
    riffle_index_options options = RIFFLE_INDEX_OPTIONS_INIT;
    snprintf(name, sizeof name, "%s/empty", collection.folder);
    server_kill(&collection.servers[1]);
    collection.servers[1].folder = name;
    server_start(&collection.servers[1]);
    for (options.partial = 0; options.partial < 2; options.partial++) {
        assert_true(riffle_index_open(&index, collection.remote, &options, &error) != RIFFLE_OK);
        assert_non_null(strstr(error.message, collection.server[1]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_same_answers, collection_begin_test, collection_end_test),
        cmocka_unit_test_setup_teardown(test_hits, collection_begin_test, collection_end_test),
        cmocka_unit_test_setup_teardown(test_replaced, collection_begin_test, collection_end_test),
        cmocka_unit_test_setup_teardown(test_wrong_shards, collection_begin_test, collection_end_test),
    };
    return cmocka_run_group_tests(tests, collection_begin, collection_end);
}
