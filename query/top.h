/* SPDX-License-Identifier: BSD-3-Clause */
/* The best hits of those that come in order of segments and docs. */
#ifndef RF_TOP_H
#define RF_TOP_H

#include "query/execute.h"

struct rf_top {
    struct rf_best *hits; /* a heap with the worst on top, once `wanted` are there */
    uint64_t wanted;
    bool full;
    uint32_t threshold; /* where full: what scores no more is not among the best */
};

void rf_top_init(struct rf_top *top, struct rf_best *hits, uint64_t wanted);

/* false: no memory. */
bool rf_top_insert(struct rf_top *top, struct rf_found found);
static inline bool rf_top_add(struct rf_top *top, uint32_t score, uint32_t segment, uint32_t doc)
{
    /* Among equals the first stays: a later one has the higher doc. */
    return (top->full && score <= top->threshold) || rf_top_insert(top, (struct rf_found){score, segment, doc});
}

/* Puts the best first. */
void rf_top_finish(struct rf_top *top);

#endif
