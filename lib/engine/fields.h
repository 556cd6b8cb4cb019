/* SPDX-License-Identifier: BSD-3-Clause */
/* The metadata fields of an index, by the names that people type: folded ones. */
#ifndef RF_FIELDS_H
#define RF_FIELDS_H

#include "engine/tree.h"

struct rf_fields {
    const riffle_allocator *allocator;
    struct rf_field *list;
    size_t count, capacity;
};

/* Adds the engine's column to the field that its name folds to. */
riffle_status rf_fields_add(struct rf_fields *fields, const struct rf_bytes *name, uint64_t column, riffle_error *error);
void rf_fields_release(struct rf_fields *fields);

#endif
