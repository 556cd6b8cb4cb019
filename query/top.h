/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The best hits of those that come in order of segments and docs. They are kept as they come, up to twice as many as are wanted; then the
 * worse half goes, which costs less than a heap where many are wanted.
 */
#ifndef RF_TOP_H
#define RF_TOP_H

#include "query/execute.h"

enum { RF_TOP_FEW = 32 }; /* hits: for more, keeping scores in order costs more than it saves */

struct rf_top {
    struct rf_best *hits; /* in the order in which they came */
    uint64_t wanted;
    size_t room;        /* so many are kept before the worse ones go */
    bool full;          /* there were as many as are wanted */
    uint32_t threshold; /* where full: what scores no more is not among the best */
    /* private: the hits' scores once more, one behind the other; the highest; and of how many the threshold knows */
    uint32_t *scores, highest;
    size_t scores_room, settled;
    /* Where few are wanted, the best scores in order, by which the threshold is known at once. */
    uint32_t best_count, best[RF_TOP_FEW];
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
/* Adds n docs of a segment, which ascend and come behind all so far. What they raise the threshold by may show only when it is settled. */
bool rf_top_add_all(struct rf_top *top, uint32_t segment, const uint32_t *docs, const uint32_t *scores, size_t n);

/* Raises the threshold about as high as it can be, if so many hits have come since that it pays. */
void rf_top_settle(struct rf_top *top);
/* Puts the best first, and leaves no others. false: no memory. */
bool rf_top_finish(struct rf_top *top);

/*
 * A number that at least k of the n numbers reach, in [low, high]: the highest one, or a lower one that no more than `most` reach. At least k of them
 * reach low, and none passes high. They are padded.
 */
uint32_t rf_kth_of(const uint32_t *numbers, size_t n, size_t k, size_t most, uint32_t low, uint32_t high);

#endif
