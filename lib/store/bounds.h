/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a long list tells of its scores, gathered while it is written: the term frequencies and length codes of its best postings, and the
 * highest saturation in each range of docs, and in each part of such a range. They are those of BM25 with RF_USUAL_K1, RF_USUAL_B and the segment's own average length.
 */
#ifndef RF_BOUNDS_H
#define RF_BOUNDS_H

#include "kernels/kernels.h"
#include "store/segment_files.h"

enum { RF_CELLS = RF_TABLE_TFS << 8 };

struct rf_bounds {
    struct rf_scorer scorer;
    /* A cell holds all postings of one length code and tf, the last row those of higher tfs too: cell = tf << 8 | length code. */
    uint32_t cells[RF_CELLS]; /* postings of the list at hand */
    uint16_t order[RF_CELLS - 256];
    uint32_t *parts, *maxima; /* parts of 2^RF_FINE_BITS docs that hold postings, in turn, and the highest saturation in each */
    uint32_t count;
};

/* For lists of `docs` docs with these length codes. To be released, whatever it returns. */
riffle_status rf_bounds_init(struct rf_bounds *bounds, const uint8_t *lengths, uint32_t docs, const riffle_allocator *allocator,
                             riffle_error *error);
void rf_bounds_release(struct rf_bounds *bounds, const riffle_allocator *allocator);

/* A list begins; its postings follow in order, with their length codes. */
void rf_bounds_begin(struct rf_bounds *bounds);
void rf_bounds_add(struct rf_bounds *bounds, const uint32_t *docs, const uint32_t *tfs, const uint8_t *codes, size_t n);

/* What the list has of them; docs/FORMAT.md has the bytes. `df` postings have been added. */
void rf_bounds_put_bests(const struct rf_bounds *bounds, uint32_t df, struct rf_buffer *out);
/* `fine`: for parts of ranges as well, and closer ones for these. */
void rf_bounds_put_maxima(struct rf_bounds *bounds, uint32_t docs, bool fine, struct rf_buffer *out);

#endif
