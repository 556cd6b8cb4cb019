/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Shards: two folders, and two servers on the loopback, answer as one index of the same articles does; and what becomes of
 * a search, by choice, when a server is killed, hangs, or comes back.
 */
#include <math.h>
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

#include "riffle-xapian.h"
#include "riffle.h"
#include "tests/scaling/processes.h"
#include "tests/support/scratch.h"

/* Of a shard that hangs: long enough for one that does not, on a busy machine. */
enum { TIMEOUT_MS = 2000 };

/* More hits than there are. */
enum { ALL = 1000000 };

static char one[SCRATCH_PATH + 20], shard[2][SCRATCH_PATH + 20], copy[SCRATCH_PATH + 20];
static char folder[SCRATCH_PATH], local_list[2 * SCRATCH_PATH + 50], remote_list[60], server_name[2][30];
static struct server servers[2];
static volatile sig_atomic_t broken_pipes;

/* ---- Answers ---- */

struct hit {
    double score;
    unsigned passage;
    char id[100];
};

struct answer {
    riffle_status status;
    char message[500], missing[100];
    uint64_t total;
    size_t count;
    struct hit *hits;
};

static void answer_free(struct answer *answer)
{
    free(answer->hits);
    answer->hits = NULL;
}

/* Calls nothing of cmocka, so that any thread may ask. */
static struct answer ask(const riffle_index *index, const char *query, uint64_t limit, int by_article)
{
    struct answer answer = {.status = RIFFLE_OK};
    riffle_error error;
    riffle_results *results = NULL;
    riffle_search_options options = RIFFLE_SEARCH_OPTIONS_INIT;
    options.limit = limit;
    options.count_all = 1;
    options.by_article = by_article;
    answer.status = riffle_search(index, query, strlen(query), &options, &results, &error);
    if (!answer.status) {
        answer.total = riffle_results_total(results);
        answer.count = riffle_results_count(results);
        answer.hits = calloc(answer.count + 1, sizeof *answer.hits);
        snprintf(answer.missing, sizeof answer.missing, "%s", riffle_results_missing(results));
    }
    for (size_t i = 0; !answer.status && i < answer.count; i++) {
        riffle_hit hit = {.size = sizeof hit};
        answer.status = riffle_results_hit(results, i, &hit, &error);
        if (answer.status)
            break;
        answer.hits[i].score = hit.score;
        answer.hits[i].passage = hit.passage;
        snprintf(answer.hits[i].id, sizeof answer.hits[i].id, "%.*s", (int)hit.id_length, hit.id);
    }
    if (answer.status) {
        snprintf(answer.message, sizeof answer.message, "%s", error.message);
        answer_free(&answer);
    }
    riffle_results_free(results);
    return answer;
}

static int by_place(const void *a, const void *b)
{
    const struct hit *x = a, *y = b;
    int order = strcmp(x->id, y->id);
    return order ? order : (x->passage > y->passage) - (x->passage < y->passage);
}

/* How far scores may be apart, for each point of them: as far as sums of doubles are, or as estimates are. */
static const double exactly = 1e-9, roughly = 0.1;

static bool are_near(double a, double b, double how) { return fabs(a - b) <= how * fmax(1, fabs(a)); }

/*
 * Are these the same answers, but for the order of ties? Writes why not. `all`: they hold all that matches, so that even at the end
 * ties cannot make a difference.
 */
static bool are_same(const struct answer *a, const struct answer *b, bool all, double how, char why[300])
{
    if (a->status || b->status) {
        snprintf(why, 300, "failed: %.100s%.100s", a->message, b->message);
        return false;
    }
    if (a->total != b->total || a->count != b->count) {
        snprintf(why, 300, "%zu of %llu hits, and %zu of %llu", a->count, (unsigned long long)a->total, b->count,
                 (unsigned long long)b->total);
        return false;
    }
    for (size_t i = 0; i < a->count; i++)
        if (!are_near(a->hits[i].score, b->hits[i].score, how)) {
            snprintf(why, 300, "at rank %zu %.17g and %.17g", i, a->hits[i].score, b->hits[i].score);
            return false;
        }
    if (!all)
        return true;
    qsort(a->hits, a->count, sizeof *a->hits, by_place);
    qsort(b->hits, b->count, sizeof *b->hits, by_place);
    for (size_t i = 0; i < a->count; i++)
        if (by_place(&a->hits[i], &b->hits[i]) || !are_near(a->hits[i].score, b->hits[i].score, how)) {
            snprintf(why, 300, "%s %u with %.17g, and %s %u with %.17g", a->hits[i].id, a->hits[i].passage, a->hits[i].score,
                     b->hits[i].id, b->hits[i].passage, b->hits[i].score);
            return false;
        }
    return true;
}

static riffle_index *open_index(const char *name, int partial)
{
    riffle_index *index = NULL;
    riffle_error error;
    riffle_index_options options = RIFFLE_INDEX_OPTIONS_INIT;
    options.timeout = TIMEOUT_MS;
    options.partial = partial;
    OK(riffle_index_open(&index, name, &options, &error));
    return index;
}

/* The index's answer to the query must be the other's. */
static void check_query(const riffle_index *index, const riffle_index *expected, const char *query, double how)
{
    char why[300];
    static const char *const names[] = {"all passages", "the best ten passages", "the best ten articles"};
    for (int kind = 0; kind < 3; kind++) {
        struct answer a = ask(expected, query, kind ? 10 : ALL, kind == 2);
        struct answer b = ask(index, query, kind ? 10 : ALL, kind == 2);
        if (!are_same(&a, &b, kind == 0, how, why))
            fail_msg("%s: %s: %s", query, names[kind], why);
        if (b.missing[0])
            fail_msg("%s: without %s", query, b.missing);
        answer_free(&a);
        answer_free(&b);
    }
}

/* ---- The articles: those of corpus/, and many that are made up ---- */

enum { ARTICLES = 300, WORDS = 300 };

/* Rarer with its number, roughly as words are. */
static void write_word(FILE *file, uint64_t *random)
{
    uint64_t below = random_below(random, WORDS) + 1;
    unsigned word = (unsigned)random_below(random, below);
    fprintf(file, "%c%c%s%u", "bdfglmnprst"[word % 11], "aeiou"[word % 5], word % 3 ? "ng" : "rk", word / 10);
}

static void write_words(FILE *file, uint64_t *random, uint64_t count)
{
    while (count--) {
        write_word(file, random);
        fputs(random_below(random, 12) ? " " : ". ", file);
    }
}

static void write_articles(const char *path)
{
    uint64_t random = 7;
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    for (unsigned i = 0; i < ARTICLES; i++) {
        fprintf(file, "{\"id\": \"made-up-%u\", \"date\": \"20%02u-%02u-11\", \"source\": \"%s\", \"title\": \"", i, i % 30,
                i % 12 + 1, i % 3 ? "Herald" : "Port Post");
        write_words(file, &random, 2 + i % 5);
        fputs("\", \"text\": \"", file);
        write_words(file, &random, 5 + random_below(&random, 200));
        fputs(i % 7 ? "\"}\n" : " 항구 사무소는 배들이 기다린다고 말했다. A ferry.\"}\n", file);
    }
    assert_int_equal(fclose(file), 0);
}

/* Makes the indexes of all tests, and starts the servers. */
static int begin(void **state)
{
    riffle_error error;
    if (processes_begin(state) || riffle_xapian_register(&error) || !processes_can_serve())
        return 0; /* each test skips itself where there is nothing to serve with */
    char path[SCRATCH_PATH + 20], script[4000], corpus[2000], *output;
    scratch_make(folder);
    snprintf(path, sizeof path, "%s/made-up.jsonl", folder);
    write_articles(path);
    assert_non_null(realpath("corpus", corpus));
    snprintf(one, sizeof one, "%s/one", folder);
    snprintf(shard[0], sizeof shard[0], "%s/a", folder);
    snprintf(shard[1], sizeof shard[1], "%s/b", folder);
    snprintf(copy, sizeof copy, "%s/copy", folder);
    snprintf(script, sizeof script,
             "ln -s '%s' articles\n"
             "riffle-index -q --engine=xapian -d one articles made-up.jsonl\n"
             "riffle-index -q --engine=xapian -d a --shard=1/2 articles made-up.jsonl\n"
             "riffle-index -q --engine=xapian -d b --shard=2/2 articles made-up.jsonl\n",
             corpus);
    int status = processes_run(folder, script, &output);
    if (status)
        fail_msg("exit status %d: %s", status, output);
    free(output);
    unsigned ports[2];
    processes_ports(ports, 2);
    for (int i = 0; i < 2; i++) {
        servers[i] = (struct server){.folder = shard[i], .port = ports[i]};
        snprintf(server_name[i], sizeof server_name[i], "127.0.0.1:%u", ports[i]);
        server_start(&servers[i]);
    }
    snprintf(local_list, sizeof local_list, "%s,%s", shard[0], shard[1]);
    snprintf(remote_list, sizeof remote_list, "%s,%s", server_name[0], server_name[1]);
    return 0;
}

static int end(void **state)
{
    processes_end(state);
    if (folder[0])
        scratch_remove(folder);
    return 0;
}

static void count_broken_pipe(int signal)
{
    (void)signal;
    broken_pipes++;
}

/* Before each test: both servers run, and a SIGPIPE is noticed. */
static int begin_test(void **state)
{
    (void)state;
    struct sigaction action = {.sa_handler = count_broken_pipe};
    for (int i = 0; i < 2 && folder[0]; i++)
        if (servers[i].pid == 0)
            server_start(&servers[i]);
    broken_pipes = 0;
    return sigaction(SIGPIPE, &action, NULL);
}

/* After it, failed or not: nothing that it stopped stays so. */
static int end_test(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        if (servers[i].folder)
            servers[i].folder = shard[i];
        server_kill(&servers[i]);
    }
    return 0;
}

/* The host's handler was never called, and is still in place. */
static void check_pipes(void)
{
    struct sigaction now;
    assert_int_equal(sigaction(SIGPIPE, NULL, &now), 0);
    assert_true(now.sa_handler == count_broken_pipe);
    assert_int_equal(broken_pipes, 0);
}

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
    if (!folder[0])
        skip();
    riffle_index *expected = open_index(one, 0), *local = open_index(local_list, 0), *remote = open_index(remote_list, 0);
    riffle_statistics facts[3] = {{.size = sizeof *facts}, {.size = sizeof *facts}, {.size = sizeof *facts}};
    riffle_error error;
    OK(riffle_index_statistics(expected, &facts[0], &error));
    OK(riffle_index_statistics(local, &facts[1], &error));
    OK(riffle_index_statistics(remote, &facts[2], &error));
    assert_true(facts[0].articles > ARTICLES && facts[0].passages > facts[0].articles);
    for (int i = 1; i < 3; i++) {
        assert_int_equal(facts[i].articles, facts[0].articles);
        assert_int_equal(facts[i].passages, facts[0].passages);
        assert_int_equal(facts[i].tokens, facts[0].tokens);
    }
    for (size_t i = 0; i < sizeof queries / sizeof *queries; i++) {
        check_query(local, expected, queries[i], exactly);
        check_query(remote, expected, queries[i], exactly);
    }
    for (size_t i = 0; i < sizeof estimated / sizeof *estimated; i++) {
        check_query(local, expected, estimated[i], exactly);
        check_query(remote, expected, estimated[i], roughly);
    }
    uint64_t random = 11;
    for (int i = 0; i < 25; i++) {
        char *query;
        size_t length;
        FILE *text = open_memstream(&query, &length);
        write_words(text, &random, 1 + random_below(&random, 4));
        fclose(text);
        check_query(local, expected, query, exactly);
        check_query(remote, expected, query, exactly);
        free(query);
    }
    riffle_index_close(remote);
    riffle_index_close(local);
    riffle_index_close(expected);
    check_pipes();
}

/* What belongs to a hit beside its score comes from the shard that has it. */
static void test_hits(void **state)
{
    (void)state;
    if (!folder[0])
        skip();
    riffle_index *expected = open_index(one, 0), *remote = open_index(remote_list, 0);
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

/* ---- Servers that fail ---- */

/* The failure must be that of the second server, and name it alone. */
static void check_failed(const struct answer *answer)
{
    if (answer->status != RIFFLE_SHARD)
        fail_msg("status %d: %s", (int)answer->status, answer->message);
    if (!strstr(answer->message, server_name[1]) || strstr(answer->message, server_name[0]))
        fail_msg("%s should be named, not: %s", server_name[1], answer->message);
}

/* The answer must be that of the first shard, and say so. */
static void check_partial(struct answer *answer, const riffle_index *first, const char *query)
{
    char why[300];
    if (answer->status)
        fail_msg("status %d: %s", (int)answer->status, answer->message);
    assert_string_equal(answer->missing, server_name[1]);
    struct answer expected = ask(first, query, ALL, 0);
    if (!are_same(&expected, answer, true, exactly, why))
        fail_msg("%s: %s", query, why);
    answer_free(&expected);
    answer_free(answer);
}

/* Asks until the answer is whole again: a shard that hung is left alone for a while. */
static void check_comes_back(const riffle_index *index, const riffle_index *expected)
{
    for (int tries = 0; tries < 200; tries++) {
        struct answer answer = ask(index, "ferry", 10, 0);
        bool whole = !answer.status && answer.missing[0] == '\0';
        answer_free(&answer);
        if (whole) {
            check_query(index, expected, "ferry crack hull", exactly);
            return;
        }
        usleep(100000);
    }
    fail_msg("the shard is back, and is not found");
}

static void test_killed_between_searches(void **state)
{
    (void)state;
    if (!folder[0])
        skip();
    riffle_index *expected = open_index(one, 0), *first = open_index(shard[0], 0);
    riffle_index *strict = open_index(remote_list, 0), *partial = open_index(remote_list, 1), *none = NULL;
    riffle_error error;
    check_query(strict, expected, "ferry", exactly);
    check_query(partial, expected, "ferry", exactly);

    for (int round = 0; round < 3; round++) {
        server_kill(&servers[1]);
        for (int again = 0; again < 3; again++) {
            struct answer answer = ask(strict, "ferry crack", 10, 0);
            check_failed(&answer);
            answer = ask(partial, "ferry crack", ALL, 0);
            check_partial(&answer, first, "ferry crack");
        }
        assert_int_equal(riffle_index_open(&none, remote_list, NULL, &error), RIFFLE_SHARD);
        assert_non_null(strstr(error.message, server_name[1]));
        riffle_index *late = open_index(remote_list, 1);
        struct answer answer = ask(late, "bridge", ALL, 0);
        check_partial(&answer, first, "bridge");

        server_start(&servers[1]);
        check_query(strict, expected, "ferry crack", exactly);
        check_comes_back(partial, expected);
        check_comes_back(late, expected);
        riffle_index_close(late);
    }

    /* Connections that end while nobody asks are made anew, and nothing is to be seen of it. */
    for (int i = 0; i < 4; i++) {
        server_drop_connections(&servers[i % 2]);
        check_query(strict, expected, "ferry crack", exactly);
        check_query(partial, expected, "ferry crack", exactly);
    }

    /* With no server at all there is nothing to answer with. */
    server_kill(&servers[0]);
    server_kill(&servers[1]);
    struct answer answer = ask(partial, "ferry", 10, 0);
    assert_int_equal(answer.status, RIFFLE_SHARD);
    riffle_index_close(partial);
    riffle_index_close(strict);
    riffle_index_close(first);
    riffle_index_close(expected);
    check_pipes();
}

struct question {
    const riffle_index *index;
    struct answer answer;
};

static void *ask_once(void *context)
{
    struct question *question = context;
    question->answer = ask(question->index, "ferry crack", ALL, 0);
    return NULL;
}

/* The server is stopped, so that the search cannot end before it is killed. */
static void test_killed_while_asked(void **state)
{
    (void)state;
    if (!folder[0])
        skip();
    riffle_index *expected = open_index(one, 0), *first = open_index(shard[0], 0);
    for (int partial = 0; partial < 2; partial++) {
        struct question question = {.index = open_index(remote_list, partial)};
        pthread_t thread;
        check_query(question.index, expected, "bridge", exactly);
        server_signal(&servers[1], SIGSTOP);
        assert_int_equal(pthread_create(&thread, NULL, ask_once, &question), 0);
        usleep(TIMEOUT_MS * 1000 / 10);
        server_kill(&servers[1]);
        pthread_join(thread, NULL);
        if (partial)
            check_partial(&question.answer, first, "ferry crack");
        else
            check_failed(&question.answer);
        server_start(&servers[1]);
        check_comes_back(question.index, expected);
        riffle_index_close((riffle_index *)question.index);
    }
    riffle_index_close(first);
    riffle_index_close(expected);
    check_pipes();
}

/*
 * A server that dies of each search, and is there again at once. Whose connection ended is not said; whoever is blamed for it, it
 * must not be the other.
 */
static void test_dies_of_each_search(void **state)
{
    (void)state;
    if (!folder[0])
        skip();
    unsigned port;
    processes_ports(&port, 1);
    pid_t breaker = breaker_start(port, servers[1].port);
    char name[30], list[2][80];
    snprintf(name, sizeof name, "127.0.0.1:%u", port);
    snprintf(list[0], sizeof list[0], "%s,%s", server_name[0], name);
    snprintf(list[1], sizeof list[1], "%s,%s", name, server_name[0]);
    for (int i = 0; i < 4; i++) {
        riffle_index *index = open_index(list[i / 2], i % 2);
        for (int again = 0; again < 2; again++) {
            struct answer answer = ask(index, "ferry crack", 10, 0);
            if (answer.status ? answer.status != RIFFLE_SHARD || !strstr(answer.message, name) : strcmp(answer.missing, name) != 0)
                fail_msg("%s%s: status %d, without \"%s\", %s", list[i / 2], i % 2 ? ", partial" : "", (int)answer.status,
                         answer.missing, answer.message);
            answer_free(&answer);
        }
        riffle_index_close(index);
    }
    kill(breaker, SIGKILL);
    check_pipes();
}

/* A search that waited for ever would be ended by processes_begin's alarm. */
static void test_hung(void **state)
{
    (void)state;
    if (!folder[0])
        skip();
    riffle_index *expected = open_index(one, 0), *first = open_index(shard[0], 0), *none = NULL;
    riffle_index *strict = open_index(remote_list, 0), *partial = open_index(remote_list, 1);
    riffle_index_options options = RIFFLE_INDEX_OPTIONS_INIT;
    riffle_error error;
    options.timeout = TIMEOUT_MS;
    check_query(strict, expected, "bridge", exactly);
    check_query(partial, expected, "bridge", exactly);

    server_signal(&servers[1], SIGSTOP);
    struct answer answer = ask(strict, "ferry crack", 10, 0);
    check_failed(&answer);
    answer = ask(partial, "ferry crack", ALL, 0);
    check_partial(&answer, first, "ferry crack");
    assert_int_equal(riffle_index_open(&none, remote_list, &options, &error),
                     RIFFLE_SHARD); /* its system still takes connections */
    assert_non_null(strstr(error.message, server_name[1]));

    server_signal(&servers[1], SIGCONT);
    check_comes_back(strict, expected);
    check_comes_back(partial, expected);
    riffle_index_close(partial);
    riffle_index_close(strict);
    riffle_index_close(first);
    riffle_index_close(expected);
    check_pipes();
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
        struct answer answer = ask(asker->index, query, ALL, 0);
        if (answer.status) {
            asker->without++;
            if (asker->partial || answer.status != RIFFLE_SHARD || !strstr(answer.message, server_name[1]) ||
                strstr(answer.message, server_name[0]))
                snprintf(asker->wrong, sizeof asker->wrong, "%s: status %d, %.200s", query, (int)answer.status, answer.message);
        } else {
            bool whole = answer.missing[0] == '\0';
            struct answer expected = ask(whole ? asker->expected : asker->first, query, ALL, 0);
            *(whole ? &asker->whole : &asker->without) += 1;
            if (!whole && (!asker->partial || strcmp(answer.missing, server_name[1]) != 0))
                snprintf(asker->wrong, sizeof asker->wrong, "%s: without %s", query, answer.missing);
            else if (!are_same(&expected, &answer, true, exactly, why))
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
    if (!folder[0])
        skip();
    enum { ASKERS = 4, KILLS = 12 };
    riffle_index *expected = open_index(one, 0), *first = open_index(shard[0], 0);
    riffle_index *opened[2] = {open_index(remote_list, 0), open_index(remote_list, 1)};
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
            server_drop_connections(&servers[1]);
            continue;
        }
        server_kill(&servers[1]);
        usleep((useconds_t)random_below(&random, 50000));
        server_start(&servers[1]);
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
    check_pipes();
}

/* ---- Other servers behind the same name ---- */

static void run(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void run(const char *format, ...)
{
    char script[1000], *output;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(script, sizeof script, format, arguments);
    va_end(arguments);
    int status = processes_run(folder, script, &output);
    if (status)
        fail_msg("exit status %d: %s\n%s", status, script, output);
    free(output);
}

static uint64_t total(const riffle_index *index, const char *query)
{
    struct answer answer = ask(index, query, 0, 0);
    if (answer.status || answer.missing[0])
        fail_msg("%s: %s%s", query, answer.message, answer.missing);
    answer_free(&answer);
    return answer.total;
}

/* An opened index sees commits, rebuilds, and a replica that takes the place of the original. */
static void test_replaced(void **state)
{
    (void)state;
    if (!folder[0])
        skip();
    unsigned port;
    riffle_index *expected = open_index(one, 0), *index = open_index(remote_list, 0);
    assert_int_equal(total(index, "zeppelin"), 0);
    run("echo '{\"id\": \"z\", \"text\": \"A zeppelin, new.\"}' >new.jsonl\n"
        "riffle-index -q -d a --update --shard=1/2 new.jsonl\n"
        "riffle-index -q -d b --update --shard=2/2 new.jsonl");
    assert_int_equal(total(index, "zeppelin"), 1);

    processes_ports(&port, 1);
    run("setsid xapian-replicate-server -I 127.0.0.1 -p %u . >copies.log 2>&1 &\n"
        "until xapian-replicate -h 127.0.0.1 -p %u -m b -r 0 -o copy 2>copy.log; do sleep 0.1; done",
        port, port);
    server_kill(&servers[1]);
    servers[1].folder = copy;
    server_start(&servers[1]);
    assert_int_equal(total(index, "zeppelin"), 1);

    /* Followed by changesets, and then by a whole copy, under readers of the replica. */
    for (int i = 0; i < 3; i++) {
        run("export XAPIAN_MAX_CHANGESETS=5\n"
            "riffle-index -q -d a --delete --shard=1/2 z\n"
            "riffle-index -q -d b --delete --shard=2/2 z\n"
            "xapian-replicate -h 127.0.0.1 -p %u -m b -r 0 -o copy",
            port);
        assert_int_equal(total(index, "zeppelin"), 0);
        run("export XAPIAN_MAX_CHANGESETS=5\n"
            "riffle-index -q -d a --update --shard=1/2 new.jsonl\n"
            "riffle-index -q -d b --update --shard=2/2 new.jsonl\n"
            "xapian-replicate -h 127.0.0.1 -p %u -m b -r 0 -o copy",
            port);
        assert_int_equal(total(index, "zeppelin"), 1);
    }
    run("riffle-index -q -d a --rebuild --shard=1/2 articles made-up.jsonl\n"
        "riffle-index -q -d b --rebuild --shard=2/2 articles made-up.jsonl\n"
        "xapian-replicate -h 127.0.0.1 -p %u -m b -r 0 -o copy",
        port);
    check_query(index, expected, "ferry crack", exactly);
    check_query(index, expected, "zeppelin", exactly);
    riffle_index_close(index);
    riffle_index_close(expected);
    check_pipes();
}

/* What is no shard of this collection is refused by its name, and never searched. */
static void test_wrong_shards(void **state)
{
    (void)state;
    if (!folder[0])
        skip();
    riffle_index *index = NULL;
    riffle_error error;
    char name[4 * SCRATCH_PATH];
    run("riffle-index -q --engine=xapian --title-weight=2 -d other --shard=2/2 articles\n"
        "mkdir -p empty && : >empty/XAPIANDB");
    snprintf(name, sizeof name, "%s,%s/other", server_name[0], folder);
    assert_int_equal(riffle_index_open(&index, name, NULL, &error), RIFFLE_INVALID);
    assert_non_null(strstr(error.message, "other"));
    snprintf(name, sizeof name, "%s,%s/empty", server_name[0], folder);
    assert_true(riffle_index_open(&index, name, NULL, &error) != RIFFLE_OK);
    assert_non_null(strstr(error.message, "empty"));

    /* A server of nothing that Riffle made: a replica before its first copy has come, say. */
    riffle_index_options options = RIFFLE_INDEX_OPTIONS_INIT;
    snprintf(name, sizeof name, "%s/empty", folder);
    server_kill(&servers[1]);
    servers[1].folder = name;
    server_start(&servers[1]);
    for (options.partial = 0; options.partial < 2; options.partial++) {
        assert_true(riffle_index_open(&index, remote_list, &options, &error) != RIFFLE_OK);
        assert_non_null(strstr(error.message, server_name[1]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_same_answers, begin_test, end_test),
        cmocka_unit_test_setup_teardown(test_hits, begin_test, end_test),
        cmocka_unit_test_setup_teardown(test_killed_between_searches, begin_test, end_test),
        cmocka_unit_test_setup_teardown(test_killed_while_asked, begin_test, end_test),
        cmocka_unit_test_setup_teardown(test_dies_of_each_search, begin_test, end_test),
        cmocka_unit_test_setup_teardown(test_hung, begin_test, end_test),
        cmocka_unit_test_setup_teardown(test_storm, begin_test, end_test),
        cmocka_unit_test_setup_teardown(test_replaced, begin_test, end_test),
        cmocka_unit_test_setup_teardown(test_wrong_shards, begin_test, end_test),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
