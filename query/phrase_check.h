/* SPDX-License-Identifier: BSD-3-Clause */
/* How often a phrase occurs in a doc that holds all its words. */
#ifndef RF_PHRASE_CHECK_H
#define RF_PHRASE_CHECK_H

#include "query/batch.h"

/* A distinct word of a phrase. */
struct rf_phrase_word {
    struct rf_postings *postings;
    uint32_t *offsets; /* its places in the phrase */
    uint32_t offset_count;
    const uint32_t *ordinals; /* by seat, its postings' numbers */
    /* In the doc at hand. Docs of one block share what is known of it: all its term frequencies from the second of them on. */
    struct rf_block block;
    uint32_t at, tf;
    bool has_tfs;
    struct rf_place place; /* of the positions of the block's posting `place_at` */
    uint32_t place_at;
    uint32_t tfs[RF_BLOCK + RF_PADDING];
};

struct rf_phrase {
    struct rf_phrase_word *words; /* by rising df */
    uint32_t word_count;
    uint32_t *starts, *positions; /* padded */
    size_t room;                  /* of each of both */
    struct rf_arena *arena;
    riffle_error *error;
};

/* Goes to the doc in a seat. *most: the phrase occurs there no more often. */
riffle_status rf_phrase_seek(struct rf_phrase *phrase, uint32_t seat, uint32_t *most);
/* Asks the memory for what will be read of a doc soon. */
void rf_phrase_prefetch(const struct rf_phrase *phrase, uint32_t seat);
/* How often it occurs there: the number of its starts. */
riffle_status rf_phrase_count(struct rf_phrase *phrase, uint32_t *tf);

#endif
