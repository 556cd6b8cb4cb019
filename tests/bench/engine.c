/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Riffle as an engine of the public search-benchmark-game, by the public API alone, so that what is measured is what users get:
 *
 *   engine [--kernels NAME] [--exhaustive] INDEX
 *       --kernels      with these inner loops (portable, avx2, ...), not the fastest that the processor can run
 *       --exhaustive   every match is scored by the plain scorer that tests compare with
 *
 * protocol.h says what it reads and answers; the query syntax of the game is Riffle's own.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/kernels.h"
#include "riffle.h"
#include "tests/bench/protocol.h"

static void must(riffle_status status, const riffle_error *error)
{
    if (status == RIFFLE_OK)
        return;
    fprintf(stderr, "engine: %s\n", error->message[0] != '\0' ? error->message : riffle_status_text(status));
    exit(2);
}

static void show(riffle_results *results)
{
    riffle_error error;
    size_t count = riffle_results_count(results);
    for (size_t rank = 0; rank < count; rank++) {
        riffle_hit hit = {.size = sizeof hit};
        must(riffle_results_hit(results, rank, &hit, &error), &error);
        protocol_hit(hit.id, hit.id_length, hit.score);
    }
    protocol_hits_end();
}

static void serve(const riffle_index *index, int method)
{
    riffle_search_options options = RIFFLE_SEARCH_OPTIONS_INIT;
    options.method = method;
    for (struct protocol_question question; protocol_next(&question);) {
        riffle_results *results;
        riffle_error error;
        options.limit = question.best;
        options.count_all = question.counts;
        must(riffle_search(index, question.query, question.length, &options, &results, &error), &error);
        if (question.shows)
            show(results);
        else if (question.counts)
            protocol_count(riffle_results_total(results));
        else
            protocol_done();
        riffle_results_free(results);
    }
}

static _Noreturn void usage(void)
{
    fputs("usage: engine [--kernels NAME] [--exhaustive] INDEX\n", stderr);
    exit(2);
}

int main(int argc, char **argv)
{
    int method = RIFFLE_METHOD_FAST, at = 1;
    for (; at < argc && argv[at][0] == '-'; at++) {
        if (strcmp(argv[at], "--exhaustive") == 0)
            method = RIFFLE_METHOD_EXHAUSTIVE;
        else if (strcmp(argv[at], "--kernels") == 0 && at + 1 < argc)
            rf_kernels = rf_kernels_named(argv[++at]);
        else
            usage();
    }
    if (argc != at + 1)
        usage();
    if (rf_kernels == NULL) {
        fputs("engine: this processor has no such kernels\n", stderr);
        return 2;
    }
    riffle_index *index;
    riffle_error error;
    must(riffle_index_open(&index, argv[at], NULL, &error), &error);
    serve(index, method);
    riffle_index_close(index);
    return 0;
}
