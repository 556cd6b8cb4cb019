/* SPDX-License-Identifier: BSD-3-Clause */
/* A generation: the manifest of an index and the segments that it names, opened for reading. */
#ifndef RF_GENERATION_H
#define RF_GENERATION_H

#include "base/settings.h"
#include "store/segment.h"

struct rf_generation {
    riffle_allocator allocator;
    uint64_t number;
    struct rf_settings settings;
    struct rf_segment **segments;
    size_t segment_count;
    uint64_t bytes, text_bytes; /* of its files, and of those with stored text */
};

/* Opens the newest generation at `path`. Takes no lock; starts again where a writer replaced the manifest meanwhile. */
riffle_status rf_generation_open(struct rf_generation *generation, const char *path, const riffle_allocator *allocator,
                                 riffle_error *error);
void rf_generation_close(struct rf_generation *generation);

#endif
