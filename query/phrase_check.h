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
};

/* A doc that may still hold the phrase. */
struct rf_phrase_doc {
    uint32_t number, seat; /* number: among those that were taken */
    uint32_t most;         /* it holds it no more often: at the end, so often */
    uint32_t start_count;  /* that the words so far leave ... */
    size_t first_start;    /* ... from this one on */
};

struct rf_phrase {
    struct rf_phrase_word *words; /* by rising df */
    uint32_t word_count;
    /* Those that are left, in order; the tfs of the word at hand, and where its positions are. */
    uint32_t doc_count;
    struct rf_phrase_doc docs[RF_PHRASE_DOCS];
    uint32_t tfs[RF_PHRASE_DOCS];
    struct rf_place places[RF_PHRASE_DOCS];
    uint32_t *starts, *found; /* padded */
    size_t start_room, starts_used, found_room;
    struct rf_arena *arena;
    riffle_error *error;
};

/* Without words; the large arrays stay as they are. */
void rf_phrase_init(struct rf_phrase *phrase, struct rf_arena *arena, riffle_error *error);
/* Takes docs by their seats, at most RF_PHRASE_DOCS, that hold all words. */
void rf_phrase_take(struct rf_phrase *phrase, const uint32_t *seats, uint32_t count);
/* Finds how often the next word, from 0 on, is in each, and where. */
riffle_status rf_phrase_find(struct rf_phrase *phrase, uint32_t word);
/* Then docs may be left out: the one at place `from` goes to place `to`, and in the end so many are left. */
static inline void rf_phrase_move(struct rf_phrase *phrase, uint32_t from, uint32_t to)
{
    phrase->docs[to] = phrase->docs[from];
    phrase->tfs[to] = phrase->tfs[from];
    phrase->places[to] = phrase->places[from];
}
/* Drops docs where that word does not stand with those before it. */
riffle_status rf_phrase_match(struct rf_phrase *phrase, uint32_t word);

#endif
