/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The positions of postings. Those of a list stand in blocks one behind the other, whatever postings they belong to; a posting's are found by
 * the term frequencies of those before it.
 */
#ifndef RF_POSITIONS_H
#define RF_POSITIONS_H

#include "store/list.h"

/* Where the positions of a posting are: in this block of positions from number `skip` on, and in those behind it. */
struct rf_place {
    const uint8_t *block;
    uint64_t skip;
};

/* For postings by their numbers, which ascend: their term frequencies, and where their positions are. */
riffle_status rf_list_places(const struct rf_list *list, const uint32_t *ordinals, size_t n, uint32_t *tfs, struct rf_place *places,
                             riffle_error *error);
/* Asks the memory for what that reads, and for where positions start. The records are there. */
void rf_list_prefetch_places(const struct rf_list *list, const uint32_t *ordinals, size_t n);

/*
 * A posting's positions, ascending, less `offset`; those that are less than it are left out. *n: how many those are, tf at most. There is room
 * for tf, which is what was said with the place.
 */
riffle_status rf_positions_read(const struct rf_list *list, const struct rf_place *place, uint32_t tf, uint32_t offset,
                                uint32_t *out, size_t *n, riffle_error *error);
/* Keeps in place those of *n numbers, which ascend, that `distance` behind them have one of the posting's positions. */
riffle_status rf_positions_follow(const struct rf_list *list, const struct rf_place *place, uint32_t tf, uint32_t distance,
                                  uint32_t *numbers, size_t *n, riffle_error *error);

/* For postings in a row, whose blocks of positions are decoded as a whole. */
struct rf_position_row {
    struct rf_place place; /* of the next posting */
    /* private */
    const uint8_t *decoded; /* block; NULL at first */
    uint32_t count, gaps[RF_BLOCK + RF_PADDING];
};
/* All positions of the next posting, exactly tf of them. */
riffle_status rf_positions_next(const struct rf_list *list, struct rf_position_row *row, uint32_t tf, uint32_t *out,
                                riffle_error *error);

#endif
