/* SPDX-License-Identifier: BSD-3-Clause */
/* The results of a search: made and freed in search.c, and asked in results.c. */
#ifndef RF_RESULTS_H
#define RF_RESULTS_H

#include "query/index.h"
#include "query/match.h"

struct rf_hit_view; /* results.c */

struct riffle_results {
    const riffle_index *index;
    struct rf_arena arena;
    struct rf_words words;
    struct rf_plan plan;
    struct rf_hits hits;
    uint64_t docs; /* of the index, when it was searched */
    double average_length, k1, b;
    size_t offset, count;
    struct rf_matcher *matcher;
    struct rf_hit_view **views; /* per hit */
    struct rf_hit_view *used;   /* those that are not NULL */
    struct rf_arena shown;      /* what views hold */
    struct rf_matches matches;  /* of the text that was read last; its tokens are in `words` */
    size_t read_rank;           /* that text; SIZE_MAX: none */
};

#endif
