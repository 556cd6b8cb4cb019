/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The pairs of a segment; store/pairs.h says which there are. While the lists of the words are written, the frequent words are noted here;
 * when all are there, their positions are read back, doc after doc, and whoever stands behind whom is counted.
 */
#ifndef RF_PAIR_WRITER_H
#define RF_PAIR_WRITER_H

#include "store/postings.h"

struct rf_pairs {
    const riffle_allocator *allocator;
    uint32_t docs;      /* of the segment */
    uint32_t threshold; /* store/pairs.h; the words noted have more docs. 0: no pairs */
    void *words;   /* of struct word, in order of bytes */
    size_t count, capacity;
    struct rf_buffer names;
    bool failed;
};

void rf_pairs_init(struct rf_pairs *pairs, uint32_t docs, const riffle_allocator *allocator);
void rf_pairs_release(struct rf_pairs *pairs);
/* Notes a term, if it is a word and frequent, when its list has been written. */
void rf_pairs_note(struct rf_pairs *pairs, const char *term, size_t n, const struct rf_term *info);
/* Writes all pairs: behind the last surface form, before the first stem. About `budget` bytes of lists are held at a time. */
riffle_status rf_pairs_write(struct rf_pairs *pairs, struct rf_postings_writer *writer, uint64_t budget, riffle_error *error);

#endif
