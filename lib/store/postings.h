/* SPDX-License-Identifier: BSD-3-Clause */
/* Writing postings: the three files of dictionary, docs and positions, term by term in ascending order. list.c reads them. */
#ifndef RF_POSTINGS_H
#define RF_POSTINGS_H

#include "store/bounds.h"
#include "store/codec.h"
#include "store/dictionary.h"
#include "store/positions.h"

struct rf_postings_writer {
    const riffle_allocator *allocator;
    riffle_error error; /* sticks */
    struct rf_dictionary_writer dictionary;
    struct rf_container_writer docs, positions;
    const uint8_t *lengths;   /* length codes by doc, for the bounds */
    uint32_t segment_docs;    /* 0: a run, whose lists tell no more than their postings */
    struct rf_bounds *bounds; /* NULL in a run */
    /* The term at hand. */
    char term[RF_KEY_MAX];
    size_t term_length;
    struct rf_term info;
    uint32_t base; /* least doc that can come next */
    struct rf_buffer entries, records, extras, blocks, position_starts;
    uint8_t *bitmap; /* of a list that is dense already */
    bool is_dense;
    uint32_t block_base; /* of the docs block at hand */
    uint32_t count;      /* its postings */
    uint32_t block_docs[RF_BLOCK], block_tfs[RF_BLOCK];
    uint64_t block_positions; /* where its positions start */
    uint32_t position_count;  /* of the block of positions at hand */
    uint32_t position_values[RF_POSITIONS], position_gaps[RF_POSITIONS];
};

/* Creates the three files of segment `number` with so many docs. `lengths` must stay until the end, and hold every doc that is added.
 * `docs` is 0 for a run, which is only read to be merged: its lists get no bounds and no bitmaps. */
riffle_status rf_postings_create(struct rf_postings_writer *writer, const char *folder, uint32_t number, const uint8_t *lengths,
                                 uint32_t docs, const riffle_allocator *allocator, riffle_error *error);

/* Temporary files are not fsynced. */
void rf_postings_set_temporary(struct rf_postings_writer *writer, bool temporary);

/* Terms in ascending order of bytes, each with at least one posting, its docs ascending. */
void rf_postings_begin(struct rf_postings_writer *writer, const char *term, size_t n, bool has_positions);
/* `positions`: tf of them, ascending; NULL without positions. */
static inline void rf_postings_add(struct rf_postings_writer *writer, uint32_t doc, uint32_t tf, const uint32_t *positions);
/* What the dictionary now knows of the term. */
struct rf_term rf_postings_end(struct rf_postings_writer *writer);
/* A pair whose postings are left out; df is at least 2. */
void rf_postings_leave_out(struct rf_postings_writer *writer, const char *term, size_t n, uint32_t df);
/* A stem whose only surface form is `surface`. */
void rf_postings_alias(struct rf_postings_writer *writer, const char *stem, size_t n, const char *surface, size_t surface_n);

/* Maps what was written of the docs so far, for cursors over finished terms of this writer: the stems are made of them. */
riffle_status rf_postings_map_docs(struct rf_postings_writer *writer, struct rf_map *map, struct rf_span *docs,
                                   riffle_error *error);
/* The same of the positions: the pairs are made of both. */
riffle_status rf_postings_map_positions(struct rf_postings_writer *writer, struct rf_map *map, struct rf_span *positions,
                                        riffle_error *error);

/* Makes all three durable, and tells size and checksum of each. */
riffle_status rf_postings_finish(struct rf_postings_writer *writer, struct rf_segment_entry *entry, riffle_error *error);
void rf_postings_release(struct rf_postings_writer *writer, bool remove);

/* ---- The way of every posting ---- */

/* Encodes the docs block at hand, if it is full, and starts the next one. */
void rf_postings_start_block(struct rf_postings_writer *writer);
/* Encodes the positions at hand. */
void rf_postings_flush_positions(struct rf_postings_writer *writer);

static inline void rf_postings_add_positions(struct rf_postings_writer *writer, uint32_t tf, const uint32_t *positions)
{
    uint32_t least = 0; /* what the next one is at least */
    for (uint32_t i = 0; i < tf; i++) {
        writer->position_values[writer->position_count] = positions[i];
        writer->position_gaps[writer->position_count++] = positions[i] - least;
        least = positions[i] + 1;
        if (writer->position_count == RF_POSITIONS)
            rf_postings_flush_positions(writer);
    }
}

static inline void rf_postings_add(struct rf_postings_writer *writer, uint32_t doc, uint32_t tf, const uint32_t *positions)
{
    struct rf_term *info = &writer->info;
    if (writer->count % RF_BLOCK == 0)
        rf_postings_start_block(writer);
    writer->block_docs[writer->count] = doc;
    writer->block_tfs[writer->count++] = tf;
    writer->base = doc + 1;
    if (info->df++ == 0) {
        info->single_doc = doc;
        info->single_tf = tf;
        info->single_position = positions ? positions[0] : 0;
    }
    if (!positions)
        return;
    /* A term's only position stands in the dictionary: the first is held back until there is a second. */
    if (info->cf == 1)
        rf_postings_add_positions(writer, 1, &info->single_position);
    info->cf += tf;
    if (info->cf > 1)
        rf_postings_add_positions(writer, tf, positions);
}

#endif
