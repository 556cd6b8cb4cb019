/* SPDX-License-Identifier: BSD-3-Clause */
/* An opened index: a generation, and what searches need to know of it as a whole. Nothing in it changes once it is open. */
#ifndef RF_INDEX_H
#define RF_INDEX_H

#include "query/arena.h"
#include "query/score.h"
#include "store/generation.h"

struct rf_language;

struct rf_index_column {
    uint32_t segment, column;
};

/* The columns, of all segments, whose names fold to the same. */
struct rf_index_field {
    struct rf_bytes name; /* folded */
    struct rf_index_column *columns;
    size_t column_count, column_capacity;
};

struct riffle_index {
    riffle_allocator allocator;
    struct rf_generation generation;
    struct rf_arena arena;
    struct rf_language *language; /* for searches to copy */
    uint64_t docs, articles;
    uint64_t length_sum;
    double average_length;
    struct rf_scorer usual_scorer;
    uint64_t *article_base; /* per segment: articles of the segments before it */
    struct rf_index_field *fields;
    size_t field_count, field_capacity;
};

/* The field whose name folds to these bytes, or NULL. */
const struct rf_index_field *rf_index_find_field(const riffle_index *index, const char *folded, size_t n);

#endif
