/* SPDX-License-Identifier: BSD-3-Clause */
/* Filters in the native engine: which passages of a segment they choose. */
#ifndef RF_FILTER_H
#define RF_FILTER_H

#include "query/native.h"

/* Sets the bits of the segment's docs that the filter chooses: `bits` has room for all docs, and is zero. */
riffle_status rf_filter_choose(const struct rf_filter *filter, const struct rf_native *index, uint32_t segment, uint64_t *bits,
                               riffle_error *error);

/* Does it choose this article of the segment? For one article at a time, and slow. */
riffle_status rf_filter_accepts(const struct rf_filter *filter, const struct rf_native *index, uint32_t segment, uint32_t article,
                                bool *accepts, riffle_error *error);

#endif
