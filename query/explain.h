/* SPDX-License-Identifier: BSD-3-Clause */
/* How a score came about. */
#ifndef RF_EXPLAIN_H
#define RF_EXPLAIN_H

#include "query/index.h"

/* A hit, and the search that found it. */
struct rf_explained {
    const riffle_index *index;
    const struct rf_plan *plan;
    const struct rf_hit *hit;
    uint32_t length; /* of the passage */
    uint64_t docs;   /* of the index, when it was searched */
    double average_length, k1, b;
};

/* Appends lines of text to `out`: the sum, and what each leaf has to do with it. */
riffle_status rf_explain(const struct rf_explained *explained, struct rf_buffer *out, riffle_error *error);

#endif
