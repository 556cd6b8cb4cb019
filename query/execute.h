/* SPDX-License-Identifier: BSD-3-Clause */
/* Executing a plan on the native engine: three ways, which give the same hits, scores and totals. Its `search` is a struct rf_native_search. */
#ifndef RF_EXECUTE_H
#define RF_EXECUTE_H

#include "query/native.h"

struct rf_found {
    uint32_t score, segment, doc;
};

/* The best hits, best first, and how many there are in all. */
struct rf_best {
    const riffle_allocator *allocator;
    struct rf_found *list;
    size_t count, capacity;
    uint64_t total;
    bool more;       /* than `total` there may be */
    bool incomplete; /* the request's deadline came first; what is there is in order all the same */
};

/* All ask for hits that were set up with their allocator alone; the list is to be freed, whatever they return. */

/* Document after document, each by the tree as it stands: slow, and plainly right. */
riffle_status rf_execute_exhaustively(const struct rf_plan *plan, const struct rf_request *request, struct rf_best *hits,
                                      riffle_error *error);

/* By bounds, which leave most documents out: for plans that fit, with the total or not. Passages, and articles, of which at least one is wanted. */
bool rf_ranked_fits(const struct rf_plan *plan, bool count);
riffle_status rf_execute_ranked(const struct rf_plan *plan, const struct rf_request *request, struct rf_best *hits,
                                riffle_error *error);
riffle_status rf_execute_by_article(const struct rf_plan *plan, const struct rf_request *request, struct rf_best *hits,
                                    riffle_error *error);

/* By windows of documents, a term at a time. */
riffle_status rf_execute_by_windows(const struct rf_plan *plan, const struct rf_request *request, struct rf_best *hits,
                                    riffle_error *error);

/* A better hit comes first: higher score, then lower segment, then lower doc. As qsort wants it. */
int rf_compare_found(const void *a, const void *b);

/* How often a leaf occurs in a doc, as its score counts it. */
riffle_status rf_leaf_tf(const struct rf_leaf *leaf, const struct rf_native *index, uint32_t segment, uint32_t doc, uint32_t *tf,
                         riffle_error *error);

#endif
