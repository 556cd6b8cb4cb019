/* SPDX-License-Identifier: BSD-3-Clause */
/* How often a phrase occurs in a doc that holds all its words. */
#ifndef RF_PHRASE_CHECK_H
#define RF_PHRASE_CHECK_H

#include "query/batch.h"
#include "store/positions.h"

enum { RF_PHRASE_DOCS = 64 }; /* that are looked at together, while memory brings what will be read of them */

/* A distinct word of a phrase. */
struct rf_phrase_word {
    uint32_t *offsets; /* its places in the phrase */
    uint32_t offset_count;
    const uint32_t *ordinals; /* by seat, its postings' numbers */
    const struct rf_list *list;
    /* Of the docs at hand. */
    uint32_t tfs[RF_PHRASE_DOCS];
    struct rf_place places[RF_PHRASE_DOCS];
};

struct rf_phrase {
    struct rf_phrase_word *words; /* by rising df */
    uint32_t word_count;
    uint32_t most[RF_PHRASE_DOCS]; /* in the docs at hand it occurs no more often */
    uint32_t *starts, *found;      /* padded */
    size_t room;                   /* of each of both */
    struct rf_arena *arena;
    riffle_error *error;
};

/* Asks the memory for what rf_phrase_take will read. */
void rf_phrase_prefetch(const struct rf_phrase *phrase, const uint32_t *seats, uint32_t count);
/* Takes docs by their seats, at most RF_PHRASE_DOCS: how often each word is in them, and where. */
riffle_status rf_phrase_take(struct rf_phrase *phrase, const uint32_t *seats, uint32_t count);
/* How often the phrase occurs in one of them, by its number among them: the number of its starts. They are asked for in order. */
riffle_status rf_phrase_count(struct rf_phrase *phrase, uint32_t doc, uint32_t *tf);

#endif
