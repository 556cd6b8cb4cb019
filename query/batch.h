/* SPDX-License-Identifier: BSD-3-Clause */
/* Docs that may be hits, some hundred at a time, and the lists that they are looked up in. */
#ifndef RF_BATCH_H
#define RF_BATCH_H

#include "query/ranked.h"

enum {
    RF_BATCH = 512
}; /* docs: enough that several fall into one block of a frequent term, and few enough for the first-level cache */

/*
 * Docs of the lead that nothing has spoken against so far. Each keeps the number that it came with, its seat: what stages leave behind for
 * later ones stands in arrays by seat, so that dropping a doc moves little.
 */
struct rf_batch {
    uint32_t count;
    uint32_t docs[RF_BATCH + RF_PADDING]; /* ascending */
    uint32_t seats[RF_BATCH + RF_PADDING];
    uint32_t scores[RF_BATCH + RF_PADDING]; /* at most, by what has been looked at */
};

/* Leaves those at `count` places, which ascend. */
void rf_batch_keep(struct rf_batch *batch, const uint32_t *places, size_t count);
/* Leaves those at none of these places. */
void rf_batch_drop(struct rf_batch *batch, const uint32_t *places, size_t count);
/* Leaves those that can still reach the threshold: with rest[(doc >> shift) - first], a bound of what has not been looked at. */
void rf_batch_cut(struct rf_batch *batch, const uint32_t *rest, unsigned shift, uint32_t first, uint32_t threshold);
void rf_batch_allow(struct rf_batch *batch, const struct rf_ranked *run);

/*
 * Which of some docs, ascending, are in a list: their places in `docs` to `places`, and, where they are not NULL, their postings' numbers in
 * the list to `ordinals` and their term frequencies to `tfs`. All are padded. Docs behind those of the call before are found soonest.
 */
riffle_status rf_batch_join(struct rf_postings *postings, const uint32_t *docs, size_t n, uint32_t *places, uint32_t *ordinals,
                            uint32_t *tfs, size_t *found, riffle_error *error);

/* The term frequencies of postings by their numbers, which ascend; `tfs` may be where the numbers are. The list's block at hand stays as it is. */
riffle_status rf_batch_tfs(const struct rf_postings *postings, const uint32_t *ordinals, size_t n, uint32_t *tfs,
                           riffle_error *error);

#endif
