/* SPDX-License-Identifier: BSD-3-Clause */
/* Building the postings of a segment from any number of sources: the one way in which flush, commit and merge write them. */
#ifndef RF_BUILD_H
#define RF_BUILD_H

#include "indexer/inverter.h"
#include "indexer/pair_writer.h"
#include "indexer/stems.h"
#include "store/dictionary.h"

/*
 * A source of surface forms in order of bytes, each with its postings: an inverter, or a segment, whose docs are renumbered
 * from `first_doc` on. Sources are given in order of their docs.
 */
struct rf_source {
    struct rf_inverter *inverter; /* or ... */
    struct rf_segment *segment;
    uint32_t first_doc;
    /* The term at hand; NULL at the end. */
    const char *term;
    size_t length;
    /* private */
    uint32_t *order;
    uint32_t next;
    struct rf_dictionary_walk walk;
    struct rf_buffer scratch;
    uint32_t *positions;
    size_t position_capacity;
};

/*
 * Writes the postings of segment `number` into `folder` from all sources. With `language`, pairs and stems too; NULL leaves them out and
 * makes the files temporary: a run, which waits for the merge. `lengths` are the codes of all `docs`. Of `memory`, which is the writer's
 * whole budget, the pairs take a part; the bytes written do not depend on it.
 */
riffle_status rf_build_postings(struct rf_source *sources, size_t count, const char *folder, uint32_t number, uint32_t docs,
                                const uint8_t *lengths, struct rf_language *language, uint64_t memory,
                                const riffle_allocator *allocator, struct rf_segment_entry *entry, riffle_error *error);

#endif
