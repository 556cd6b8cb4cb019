/* SPDX-License-Identifier: BSD-3-Clause */
/* The same articles in one index, in two shards, and behind two servers. */
#ifndef COLLECTION_H
#define COLLECTION_H

#include <stdbool.h>
#include <stdio.h>

#include "riffle.h"
#include "tests/scaling/processes.h"
#include "tests/support/scratch.h"

/* Made up, beside those of corpus/. */
enum { COLLECTION_ARTICLES = 300 };

/* Of a shard that hangs: long enough for one that does not, on a busy machine. */
enum { COLLECTION_TIMEOUT_MS = 2000 };

extern struct collection {
    char folder[SCRATCH_PATH]; /* of all that follow; empty: there is nothing to serve with, and tests skip themselves */
    char one[SCRATCH_PATH + 20], shard[2][SCRATCH_PATH + 20], copy[SCRATCH_PATH + 20]; /* nothing is at `copy` */
    char server[2][30];                                                                /* names of the servers */
    char local[2 * SCRATCH_PATH + 50], remote[70];                                     /* both shards, and both servers */
    struct server servers[2];
} collection;

/* For the group of tests, as cmocka's setup and teardown: makes the indexes. */
int collection_begin(void **state);
int collection_end(void **state);
/* For each test: both servers run at its start, and none behind its end, failed or not. */
int collection_begin_test(void **state);
int collection_end_test(void **state);

riffle_index *collection_open(const char *name, int partial);

/* The index's answers to the query must be the other's. */
void collection_check_query(const riffle_index *index, const riffle_index *expected, const char *query, double how);

/* Since the test began, no SIGPIPE came to the program's handler, which is still in place. */
void collection_check_pipes(void);

/* Runs a script in the folder of the collection; it must end well. */
void collection_run(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Words as in the articles that were made up. */
void collection_write_words(FILE *file, uint64_t *random, uint64_t count);

#endif
