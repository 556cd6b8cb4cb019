/* SPDX-License-Identifier: BSD-3-Clause */
/* A query, the indexes of one set of documents, and all that must hold between their answers and the naive search. */
#ifndef DIFFERENTIAL_CASES_H
#define DIFFERENTIAL_CASES_H

#include "indexes.h"
#include "naive.h"

struct test {
    const struct documents *documents;
    struct naive *naive;
    struct query *tree; /* NULL: bytes that nobody meant as a query */
    struct rf_buffer query;
    enum way way; /* of the second index */
    uint64_t way_seed;
    riffle_index *indexes[2]; /* the first by one commit */
    riffle_search_options options;
    bool look_closely; /* at texts, matches and snippets */
    struct rf_buffer report;
};

extern size_t case_hits; /* hits that were compared */

/* false: something is wrong, and the report says what. */
bool case_run(struct test *test);

/* Adds a line to the report. false. */
__attribute__((format(printf, 2, 3))) bool case_wrong(struct test *test, const char *format, ...);

#endif
