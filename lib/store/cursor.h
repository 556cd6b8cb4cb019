/* SPDX-License-Identifier: BSD-3-Clause */
/* Walking the postings of one term, block by block; list.h decodes them. */
#ifndef RF_CURSOR_H
#define RF_CURSOR_H

#include "store/positions.h"

/*
 * A cursor over the postings of one term, by blocks of at most RF_BLOCK. Large (about 2 KB); lives where the caller puts it and needs no
 * release. Public fields are read only. After a failure every call returns the same status again.
 */
struct rf_cursor {
    /* The block at hand: docs ascending, then RF_NO_DOC up to RF_BLOCK + RF_PADDING. tfs[i] belongs to docs[i], once rf_cursor_tfs was called. */
    uint32_t docs[RF_BLOCK + RF_PADDING];
    uint32_t tfs[RF_BLOCK + RF_PADDING];
    uint32_t count;       /* postings in the block; 0 at the end of the list */
    uint32_t last_doc;    /* of the block; RF_NO_DOC at the end */
    uint32_t bound_tf;    /* no posting of the block has a higher tf ... */
    uint8_t bound_length; /* ... or a smaller length code */
    uint32_t df;
    bool has_positions;
    /* private */
    struct rf_list list;
    struct rf_block block; /* number UINT32_MAX: before the first; list.blocks: behind the last */
    riffle_status failed;  /* sticks */
    bool docs_ready, tfs_ready;
    struct rf_place place; /* of posting ... */
    uint32_t place_of;     /* ... this; UINT32_MAX: of none yet */
};

/* Starts before the first block: call rf_cursor_next_block or rf_cursor_seek_block first. */
riffle_status rf_cursor_open(struct rf_cursor *cursor, const struct rf_segment *segment, const struct rf_term *term,
                             riffle_error *error);

/* Goes to the next block (count 0 and last_doc RF_NO_DOC: there is none), and knows its last_doc and bounds. Decodes nothing, unless the list
 * is of one block. */
riffle_status rf_cursor_next_block(struct rf_cursor *cursor, riffle_error *error);

/* Goes forward to the first block whose last_doc is >= doc; stays where it is if that holds already. */
riffle_status rf_cursor_seek_block(struct rf_cursor *cursor, uint32_t doc, riffle_error *error);

/* Fill docs, tfs of the block at hand, once. */
riffle_status rf_cursor_docs(struct rf_cursor *cursor, riffle_error *error);
riffle_status rf_cursor_tfs(struct rf_cursor *cursor, riffle_error *error);

/* The positions, ascending, of posting i of the block at hand: exactly tfs[i] of them, into `out` (padded). Fastest one after the other. */
riffle_status rf_cursor_positions(struct rf_cursor *cursor, uint32_t i, uint32_t *out, riffle_error *error);

#endif
