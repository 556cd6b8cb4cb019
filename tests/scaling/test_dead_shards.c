/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What becomes of a search, by choice, when a server is killed, hangs, or comes back: a failure that names it, or an answer without it
 * that says so; never a hang, a wrong answer, or a signal.
 */
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
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

/* ---- What has to be seen ---- */

/* The failure must be that of the second server, and name it alone. */
static void check_failed(const struct answer *answer)
{
    if (answer->status != RIFFLE_SHARD)
        fail_msg("status %d: %s", (int)answer->status, answer->message);
    if (!strstr(answer->message, collection.server[1]) || strstr(answer->message, collection.server[0]))
        fail_msg("%s should be named, not: %s", collection.server[1], answer->message);
}

/* The answer must be that of the first shard, and say so. */
static void check_partial(struct answer *answer, const riffle_index *first, const char *query)
{
    char why[300];
    if (answer->status)
        fail_msg("status %d: %s", (int)answer->status, answer->message);
    assert_string_equal(answer->missing, collection.server[1]);
    struct answer expected = answer_of(first, query, ANSWER_ALL, 0);
    if (!answers_are_same(&expected, answer, true, ANSWER_EXACTLY, why))
        fail_msg("%s: %s", query, why);
    answer_free(&expected);
    answer_free(answer);
}

/* Asks until the answer is whole again: a shard that hung is left alone for a while. */
static void check_comes_back(const riffle_index *index, const riffle_index *expected)
{
    for (int tries = 0; tries < 200; tries++) {
        struct answer answer = answer_of(index, "ferry", 10, 0);
        bool whole = !answer.status && answer.missing[0] == '\0';
        answer_free(&answer);
        if (whole) {
            collection_check_query(index, expected, "ferry crack hull", ANSWER_EXACTLY);
            return;
        }
        usleep(100000);
    }
    fail_msg("the shard is back, and is not found");
}

/* ---- Servers that fail ---- */

static void test_killed_between_searches(void **state)
{
    (void)state;
    if (!collection.folder[0])
        skip();
    riffle_index *expected = collection_open(collection.one, 0), *first = collection_open(collection.shard[0], 0);
    riffle_index *strict = collection_open(collection.remote, 0), *partial = collection_open(collection.remote, 1), *none = NULL;
    riffle_error error;
    collection_check_query(strict, expected, "ferry", ANSWER_EXACTLY);
    collection_check_query(partial, expected, "ferry", ANSWER_EXACTLY);

    for (int round = 0; round < 3; round++) {
        server_kill(&collection.servers[1]);
        for (int again = 0; again < 3; again++) {
            struct answer answer = answer_of(strict, "ferry crack", 10, 0);
            check_failed(&answer);
            answer = answer_of(partial, "ferry crack", ANSWER_ALL, 0);
            check_partial(&answer, first, "ferry crack");
        }
        assert_int_equal(riffle_index_open(&none, collection.remote, NULL, &error), RIFFLE_SHARD);
        assert_non_null(strstr(error.message, collection.server[1]));
        riffle_index *late = collection_open(collection.remote, 1);
        struct answer answer = answer_of(late, "bridge", ANSWER_ALL, 0);
        check_partial(&answer, first, "bridge");

        server_start(&collection.servers[1]);
        collection_check_query(strict, expected, "ferry crack", ANSWER_EXACTLY);
        check_comes_back(partial, expected);
        check_comes_back(late, expected);
        riffle_index_close(late);
    }

    /* Connections that end while nobody asks are made anew, and nothing is to be seen of it. */
    for (int i = 0; i < 4; i++) {
        server_drop_connections(&collection.servers[i % 2]);
        collection_check_query(strict, expected, "ferry crack", ANSWER_EXACTLY);
        collection_check_query(partial, expected, "ferry crack", ANSWER_EXACTLY);
    }

    /* With no server at all there is nothing to answer with. */
    server_kill(&collection.servers[0]);
    server_kill(&collection.servers[1]);
    struct answer answer = answer_of(partial, "ferry", 10, 0);
    assert_int_equal(answer.status, RIFFLE_SHARD);
    riffle_index_close(partial);
    riffle_index_close(strict);
    riffle_index_close(first);
    riffle_index_close(expected);
    collection_check_pipes();
}

struct question {
    const riffle_index *index;
    struct answer answer;
};

static void *ask_once(void *context)
{
    struct question *question = context;
    question->answer = answer_of(question->index, "ferry crack", ANSWER_ALL, 0);
    return NULL;
}

/* The server is stopped, so that the search cannot end before it is killed. */
static void test_killed_while_asked(void **state)
{
    (void)state;
    if (!collection.folder[0])
        skip();
    riffle_index *expected = collection_open(collection.one, 0), *first = collection_open(collection.shard[0], 0);
    for (int partial = 0; partial < 2; partial++) {
        struct question question = {.index = collection_open(collection.remote, partial)};
        pthread_t thread;
        collection_check_query(question.index, expected, "bridge", ANSWER_EXACTLY);
        server_signal(&collection.servers[1], SIGSTOP);
        assert_int_equal(pthread_create(&thread, NULL, ask_once, &question), 0);
        usleep(COLLECTION_TIMEOUT_MS * 1000 / 10);
        server_kill(&collection.servers[1]);
        pthread_join(thread, NULL);
        if (partial)
            check_partial(&question.answer, first, "ferry crack");
        else
            check_failed(&question.answer);
        server_start(&collection.servers[1]);
        check_comes_back(question.index, expected);
        riffle_index_close((riffle_index *)question.index);
    }
    riffle_index_close(first);
    riffle_index_close(expected);
    collection_check_pipes();
}

/*
 * A server that dies of each search, and is there again at once. Whose connection ended is not said; whoever is blamed for it, it
 * must not be the other.
 */
static void test_dies_of_each_search(void **state)
{
    (void)state;
    if (!collection.folder[0])
        skip();
    unsigned port;
    processes_ports(&port, 1);
    pid_t breaker = breaker_start(port, collection.servers[1].port);
    char name[30], list[2][80];
    snprintf(name, sizeof name, "127.0.0.1:%u", port);
    snprintf(list[0], sizeof list[0], "%s,%s", collection.server[0], name);
    snprintf(list[1], sizeof list[1], "%s,%s", name, collection.server[0]);
    for (int i = 0; i < 4; i++) {
        riffle_index *index = collection_open(list[i / 2], i % 2);
        for (int again = 0; again < 2; again++) {
            struct answer answer = answer_of(index, "ferry crack", 10, 0);
            if (answer.status ? answer.status != RIFFLE_SHARD || !strstr(answer.message, name) : strcmp(answer.missing, name) != 0)
                fail_msg("%s%s: status %d, without \"%s\", %s", list[i / 2], i % 2 ? ", partial" : "", (int)answer.status,
                         answer.missing, answer.message);
            answer_free(&answer);
        }
        riffle_index_close(index);
    }
    kill(breaker, SIGKILL);
    collection_check_pipes();
}

/* A search that waited for ever would be ended by processes_begin's alarm. */
static void test_hung(void **state)
{
    (void)state;
    if (!collection.folder[0])
        skip();
    riffle_index *expected = collection_open(collection.one, 0), *first = collection_open(collection.shard[0], 0), *none = NULL;
    riffle_index *strict = collection_open(collection.remote, 0), *partial = collection_open(collection.remote, 1);
    riffle_index_options options = RIFFLE_INDEX_OPTIONS_INIT;
    riffle_error error;
    options.timeout = COLLECTION_TIMEOUT_MS;
    collection_check_query(strict, expected, "bridge", ANSWER_EXACTLY);
    collection_check_query(partial, expected, "bridge", ANSWER_EXACTLY);

    server_signal(&collection.servers[1], SIGSTOP);
    struct answer answer = answer_of(strict, "ferry crack", 10, 0);
    check_failed(&answer);
    answer = answer_of(partial, "ferry crack", ANSWER_ALL, 0);
    check_partial(&answer, first, "ferry crack");
    assert_int_equal(riffle_index_open(&none, collection.remote, &options, &error),
                     RIFFLE_SHARD); /* its system still takes connections */
    assert_non_null(strstr(error.message, collection.server[1]));

    server_signal(&collection.servers[1], SIGCONT);
    check_comes_back(strict, expected);
    check_comes_back(partial, expected);
    riffle_index_close(partial);
    riffle_index_close(strict);
    riffle_index_close(first);
    riffle_index_close(expected);
    collection_check_pipes();
}

/* ---- Searches all the time ---- */

struct asker {
    const riffle_index *index, *expected, *first;
    bool partial;
    atomic_bool *over;
    unsigned whole, without; /* answers with both shards; failures, or answers with the first alone */
    char wrong[500];
};

static const char *const storm_queries[] = {"ferry", "fark2 bang1 dark1", "\"the ferry\"", "+bang1 -fark2", "source:herald ferry"};

static void *ask_on_and_on(void *context)
{
    struct asker *asker = context;
    for (unsigned i = 0; !*asker->over && !asker->wrong[0]; i++) {
        const char *query = storm_queries[i % (sizeof storm_queries / sizeof *storm_queries)];
        char why[300];
        struct answer answer = answer_of(asker->index, query, ANSWER_ALL, 0);
        if (answer.status) {
            asker->without++;
            if (asker->partial || answer.status != RIFFLE_SHARD || !strstr(answer.message, collection.server[1]) ||
                strstr(answer.message, collection.server[0]))
                snprintf(asker->wrong, sizeof asker->wrong, "%s: status %d, %.200s", query, (int)answer.status, answer.message);
        } else {
            bool whole = answer.missing[0] == '\0';
            struct answer expected = answer_of(whole ? asker->expected : asker->first, query, ANSWER_ALL, 0);
            *(whole ? &asker->whole : &asker->without) += 1;
            if (!whole && (!asker->partial || strcmp(answer.missing, collection.server[1]) != 0))
                snprintf(asker->wrong, sizeof asker->wrong, "%s: without %s", query, answer.missing);
            else if (!answers_are_same(&expected, &answer, true, ANSWER_EXACTLY, why))
                snprintf(asker->wrong, sizeof asker->wrong, "%s, %s: %s", query, whole ? "whole" : "partial", why);
            answer_free(&expected);
        }
        answer_free(&answer);
    }
    return NULL;
}

/* Whatever moment a server is killed at, or its connections are: an answer is right and whole, or right and says what it lacks. */
static void test_storm(void **state)
{
    (void)state;
    if (!collection.folder[0])
        skip();
    enum { ASKERS = 4, KILLS = 12 };
    riffle_index *expected = collection_open(collection.one, 0), *first = collection_open(collection.shard[0], 0);
    riffle_index *opened[2] = {collection_open(collection.remote, 0), collection_open(collection.remote, 1)};
    atomic_bool over = false;
    struct asker askers[ASKERS];
    pthread_t threads[ASKERS];
    uint64_t random = 5;
    for (int i = 0; i < ASKERS; i++) {
        askers[i] = (struct asker){opened[i % 2], expected, first, i % 2, &over, 0, 0, ""};
        assert_int_equal(pthread_create(&threads[i], NULL, ask_on_and_on, &askers[i]), 0);
    }
    for (int i = 0; i < KILLS; i++) {
        usleep((useconds_t)(20000 + random_below(&random, 100000)));
        if (i % 3 == 2) {
            server_drop_connections(&collection.servers[1]);
            continue;
        }
        server_kill(&collection.servers[1]);
        usleep((useconds_t)random_below(&random, 50000));
        server_start(&collection.servers[1]);
    }
    usleep(1500000); /* a shard that failed is left alone for up to a second */
    over = true;
    for (int i = 0; i < ASKERS; i++)
        pthread_join(threads[i], NULL);
    for (int i = 0; i < ASKERS; i++) {
        if (askers[i].wrong[0])
            fail_msg("%s index: %s", askers[i].partial ? "partial" : "strict", askers[i].wrong);
        assert_true(askers[i].whole > 0);
        assert_true(askers[i].without > 0);
    }
    for (int i = 0; i < 2; i++) {
        check_comes_back(opened[i], expected);
        riffle_index_close(opened[i]);
    }
    riffle_index_close(first);
    riffle_index_close(expected);
    collection_check_pipes();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_killed_between_searches, collection_begin_test, collection_end_test),
        cmocka_unit_test_setup_teardown(test_killed_while_asked, collection_begin_test, collection_end_test),
        cmocka_unit_test_setup_teardown(test_dies_of_each_search, collection_begin_test, collection_end_test),
        cmocka_unit_test_setup_teardown(test_hung, collection_begin_test, collection_end_test),
        cmocka_unit_test_setup_teardown(test_storm, collection_begin_test, collection_end_test),
    };
    return cmocka_run_group_tests(tests, collection_begin, collection_end);
}
