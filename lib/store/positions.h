/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The positions of postings. Those of a block of postings stand one behind the other, in blocks of their own; a posting's are found by the term
 * frequencies of those before it.
 */
#ifndef RF_POSITIONS_H
#define RF_POSITIONS_H

#include "store/list.h"

enum { RF_POSITIONS_MAX = 1 + RF_POSITIONS * 4 + 8 }; /* bytes of a block, with those written behind it */

/* Encodes n positions; gaps[i] is how far the posting's one before is off, less 1, or the first position itself. Returns behind the last byte. */
uint8_t *rf_put_positions(uint8_t *out, const uint32_t *positions, const uint32_t *gaps, size_t n);

/* Where the positions of a posting are: in this block of positions from number `skip` on, and in those behind it up to `end`. */
struct rf_place {
    const uint8_t *block, *end;
    uint64_t skip;
};

/* For postings by their numbers, which ascend: their term frequencies, and where their positions are. The memory is asked for those. */
riffle_status rf_list_places(const struct rf_list *list, const uint32_t *ordinals, size_t n, uint32_t *tfs, struct rf_place *places,
                             riffle_error *error);
/* The first position of a posting. False: it is not packed so that it is found at once, or damaged. */
bool rf_positions_first(const struct rf_place *place, uint32_t *position);
/* Keeps in place those of *n numbers that `distance` behind them have one of a posting's positions. False: too many of both, or as above. */
bool rf_positions_follow(const struct rf_place *place, uint32_t tf, uint32_t distance, uint32_t *numbers, uint32_t *n);
/*
 * The tf positions of a posting. There is room for tf + RF_PADDING numbers at `out`, and *positions is somewhere in it. In sound files they ascend.
 * Then the place is that of the next posting of its block.
 */
riffle_status rf_positions_read(const struct rf_list *list, struct rf_place *place, uint32_t tf, uint32_t *out,
                                uint32_t **positions, riffle_error *error);

#endif
