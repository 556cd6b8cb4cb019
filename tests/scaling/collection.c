/* SPDX-License-Identifier: BSD-3-Clause */
/* Indexes and servers of the same articles; collection.h. */
#include "tests/scaling/collection.h"

#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "riffle-xapian.h"
#include "tests/scaling/shard_answers.h"

struct collection collection;

static volatile sig_atomic_t broken_pipes;

/* ---- The articles: those of corpus/, and many that are made up ---- */

enum { WORDS = 300 };

/* Rarer with its number, roughly as words are. */
static void write_word(FILE *file, uint64_t *random)
{
    uint64_t below = random_below(random, WORDS) + 1;
    unsigned word = (unsigned)random_below(random, below);
    fprintf(file, "%c%c%s%u", "bdfglmnprst"[word % 11], "aeiou"[word % 5], word % 3 ? "ng" : "rk", word / 10);
}

void collection_write_words(FILE *file, uint64_t *random, uint64_t count)
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
    for (unsigned i = 0; i < COLLECTION_ARTICLES; i++) {
        fprintf(file, "{\"id\": \"made-up-%u\", \"date\": \"20%02u-%02u-11\", \"source\": \"%s\", \"title\": \"", i, i % 30,
                i % 12 + 1, i % 3 ? "Herald" : "Port Post");
        collection_write_words(file, &random, 2 + i % 5);
        fputs("\", \"text\": \"", file);
        collection_write_words(file, &random, 5 + random_below(&random, 200));
        fputs(i % 7 ? "\"}\n" : " 항구 사무소는 배들이 기다린다고 말했다. A ferry.\"}\n", file);
    }
    assert_int_equal(fclose(file), 0);
}

void collection_run(const char *format, ...)
{
    char script[PATH_MAX + 1000], *output;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(script, sizeof script, format, arguments);
    va_end(arguments);
    int status = processes_run(collection.folder, script, &output);
    if (status)
        fail_msg("exit status %d: %s\n%s", status, script, output);
    free(output);
}

int collection_begin(void **state)
{
    riffle_error error;
    if (processes_begin(state) || riffle_xapian_register(&error))
        return -1;
    if (!processes_can_serve())
        return 0;
    char path[SCRATCH_PATH + 20], corpus[PATH_MAX];
    scratch_make(collection.folder);
    snprintf(path, sizeof path, "%s/made-up.jsonl", collection.folder);
    write_articles(path);
    assert_non_null(realpath("corpus", corpus));
    snprintf(collection.one, sizeof collection.one, "%s/one", collection.folder);
    snprintf(collection.shard[0], sizeof collection.shard[0], "%s/a", collection.folder);
    snprintf(collection.shard[1], sizeof collection.shard[1], "%s/b", collection.folder);
    snprintf(collection.copy, sizeof collection.copy, "%s/copy", collection.folder);
    collection_run("ln -s '%s' articles\n"
                   "riffle-index -q --engine=xapian -d one articles made-up.jsonl\n"
                   "riffle-index -q --engine=xapian -d a --shard=1/2 articles made-up.jsonl\n"
                   "riffle-index -q --engine=xapian -d b --shard=2/2 articles made-up.jsonl\n",
                   corpus);
    unsigned ports[2];
    processes_ports(ports, 2);
    for (int i = 0; i < 2; i++) {
        collection.servers[i] = (struct server){.folder = collection.shard[i], .port = ports[i]};
        snprintf(collection.server[i], sizeof collection.server[i], "127.0.0.1:%u", ports[i]);
        server_start(&collection.servers[i]);
    }
    snprintf(collection.local, sizeof collection.local, "%s,%s", collection.shard[0], collection.shard[1]);
    snprintf(collection.remote, sizeof collection.remote, "%s,%s", collection.server[0], collection.server[1]);
    return 0;
}

int collection_end(void **state)
{
    processes_end(state);
    if (collection.folder[0])
        scratch_remove(collection.folder);
    return 0;
}

static void count_broken_pipe(int signal)
{
    (void)signal;
    broken_pipes++;
}

int collection_begin_test(void **state)
{
    (void)state;
    struct sigaction action = {.sa_handler = count_broken_pipe};
    for (int i = 0; i < 2 && collection.folder[0]; i++)
        if (collection.servers[i].pid == 0)
            server_start(&collection.servers[i]);
    broken_pipes = 0;
    return sigaction(SIGPIPE, &action, NULL);
}

int collection_end_test(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        if (collection.servers[i].folder)
            collection.servers[i].folder = collection.shard[i];
        server_kill(&collection.servers[i]);
    }
    return 0;
}

void collection_check_pipes(void)
{
    struct sigaction now;
    assert_int_equal(sigaction(SIGPIPE, NULL, &now), 0);
    assert_true(now.sa_handler == count_broken_pipe);
    assert_int_equal(broken_pipes, 0);
}

/* ---- Asking ---- */

riffle_index *collection_open(const char *name, int partial)
{
    riffle_index *index = NULL;
    riffle_error error;
    riffle_index_options options = RIFFLE_INDEX_OPTIONS_INIT;
    options.timeout = COLLECTION_TIMEOUT_MS;
    options.partial = partial;
    OK(riffle_index_open(&index, name, &options, &error));
    return index;
}

void collection_check_query(const riffle_index *index, const riffle_index *expected, const char *query, double how)
{
    char why[300];
    static const char *const names[] = {"all passages", "the best ten passages", "the best ten articles"};
    for (int kind = 0; kind < 3; kind++) {
        struct answer a = answer_of(expected, query, kind ? 10 : ANSWER_ALL, kind == 2);
        struct answer b = answer_of(index, query, kind ? 10 : ANSWER_ALL, kind == 2);
        if (!answers_are_same(&a, &b, kind == 0, how, why))
            fail_msg("%s: %s: %s", query, names[kind], why);
        if (b.missing[0])
            fail_msg("%s: without %s", query, b.missing);
        answer_free(&a);
        answer_free(&b);
    }
}
