/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The best hits of those that come in order of segments and docs. They are kept as they come, up to twice as many as are wanted; then the
 * worse half goes, which costs less than a heap where many are wanted.
 */
#ifndef RF_TOP_H
#define RF_TOP_H

#include "query/execute.h"

struct rf_top {
    struct rf_best *hits; /* in the order in which they came */
    uint64_t wanted;
    size_t room;        /* so many are kept before the worse ones go */
    bool full;          /* there were as many as are wanted */
    uint32_t threshold; /* where full: what scores no more is not among the best */
    uint32_t *scratch;  /* scores */
    size_t scratch_room;
};

void rf_top_init(struct rf_top *top, struct rf_best *hits, uint64_t wanted);
void rf_top_release(struct rf_top *top);

/* false: no memory. */
bool rf_top_insert(struct rf_top *top, struct rf_found found);
static inline bool rf_top_add(struct rf_top *top, uint32_t score, uint32_t segment, uint32_t doc)
{
    /* Among equals the first stays: a later one has the higher doc. */
    return (top->full && score <= top->threshold) || rf_top_insert(top, (struct rf_found){score, segment, doc});
}

/* Drops all but the best, so that the threshold is as high as it can be. false: no memory. */
bool rf_top_settle(struct rf_top *top);
/* Puts the best first, and leaves no others. false: no memory. */
bool rf_top_finish(struct rf_top *top);

/* The k-th largest of n >= k >= 1 numbers, which it puts into another order. */
uint32_t rf_top_kth(uint32_t *list, size_t n, size_t k);

#endif
