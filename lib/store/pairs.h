/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Pairs: frequent words side by side. A segment has a list for each pair "a b" that stands in it, docs and how often in
 * each (overlapping ones count: "x x x" holds "x x" twice), so that phrases of frequent words, which cost most, need no positions. Of pairs
 * whose list would be long and save little there is df alone.
 * What writers and readers of them have to agree on.
 */
#ifndef RF_PAIRS_H
#define RF_PAIRS_H

#include "base/settings.h"

/*
 * Which words are paired, a threshold decides that the segment names. Chance would put two words together in df of the one times df of the other /
 * docs: pairs where that is above the threshold, for a phrase of the two would have to look at so many docs. Words that have to do with each other
 * are together more often: pairs of two words that both have more than RF_PAIR_BOTH times the threshold. The threshold is half of docs to the power
 * of 2/3, by which pairs take about the same share of indexes of 80 and of 800 thousand passages, for the fewer docs, the more of a list is its
 * entry in the dictionary; or, where that makes more than RF_PAIR_MOST pairs, as in very long docs, or pairs of more than RF_PAIR_MOST_WORDS words,
 * all of which are read at once to find them, the least that makes no more. Segments of fewer than RF_PAIR_LEAST_DOCS have none: they would take
 * more than 15 % of an index for phrases that take some microseconds anyway.
 * A list is left out that has more docs than a block and than the RF_PAIR_PART-th part of those that chance would put both words in, if these are
 * not more than the RF_PAIR_DEAR-th part of all.
 */
enum {
    RF_PAIR_BOTH = 4,
    RF_PAIR_MOST = 400000,
    RF_PAIR_MOST_WORDS = 10000,
    RF_PAIR_PART = 30,
    RF_PAIR_DEAR = 8,
    RF_PAIR_LEAST_DOCS = 2000
};

/* Words in so many docs, in a segment of `docs` with this threshold. */
static inline bool rf_pair_is_covered(uint32_t a_df, uint32_t b_df, uint32_t threshold, uint32_t docs)
{
    return (uint64_t)a_df * b_df > (uint64_t)threshold * docs || (a_df < b_df ? a_df : b_df) > (uint64_t)threshold * RF_PAIR_BOTH;
}

/* A word that may be part of a pair: without prefix, and without bytes that would make the order or the parting of keys doubtful. */
bool rf_pair_word(const char *word, size_t n);

/* The key of "a b": RF_PREFIX_PAIR, a, a space, b. Its length; 0 where it is too long for one, so that there is no such pair. */
size_t rf_pair_key(char key[RF_KEY_MAX], const char *a, size_t a_length, const char *b, size_t b_length);

#endif
