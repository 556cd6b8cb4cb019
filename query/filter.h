/* SPDX-License-Identifier: BSD-3-Clause */
/* Filters: conditions on an article's metadata, which choose passages and score nothing. */
#ifndef RF_FILTER_H
#define RF_FILTER_H

#include "query/index.h"

enum rf_filter_kind {
    RF_FILTER_VALUE,  /* equal to `low`, folded */
    RF_FILTER_PREFIX, /* starts with `low` */
    RF_FILTER_RANGE,  /* from `low` to `high` or anything that starts with it; either may be empty: open */
    RF_FILTER_ID      /* the article's id is `low`, byte for byte */
};

struct rf_filter {
    enum rf_filter_kind kind;
    struct rf_bytes name;               /* folded */
    const struct rf_index_field *field; /* NULL: id */
    struct rf_bytes low, high;          /* folded */
    struct rf_bytes shown;              /* in the query language */
    uint32_t number;                    /* in the plan, from 0 */
    struct rf_filter *next;
};

/* Sets the bits of the segment's docs that the filter chooses: `bits` has room for all docs, and is zero. */
riffle_status rf_filter_choose(const struct rf_filter *filter, const riffle_index *index, uint32_t segment, uint64_t *bits,
                               riffle_error *error);

/* Does it choose this article of the segment? For one article at a time, and slow. */
riffle_status rf_filter_accepts(const struct rf_filter *filter, const riffle_index *index, uint32_t segment, uint32_t article,
                                bool *accepts, riffle_error *error);

#endif
