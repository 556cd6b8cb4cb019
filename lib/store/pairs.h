/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Pairs: words that are both frequent, side by side. A segment has a list for each pair "a b" that stands in it, docs and how often in
 * each (overlapping ones count: "x x x" holds "x x" twice), so that phrases of frequent words, which cost most, need no positions. Of pairs
 * whose list would be long and save little there is df alone.
 * What writers and readers of them have to agree on.
 */
#ifndef RF_PAIRS_H
#define RF_PAIRS_H

#include "base/settings.h"

/*
 * The words whose neighbours are paired have df above a threshold that the segment names: a 40th of its docs, but at least RF_PAIR_DOCS or, if that
 * is less, a 20th: the fewer docs, the more of a list is its entry in the dictionary. Or, where more than RF_PAIR_WORDS words have that, as in very
 * long docs, the highest one that leaves no more than so many. Segments of fewer docs have no pairs: all of them together would take more
 * than 15 % of an index for phrases that take some microseconds anyway.
 * A list is left out that is longer than a block and than the RF_PAIR_PART-th part of the docs that would hold both words by chance, if these are not
 * more than the RF_PAIR_DEAR-th part of all.
 */
enum {
    RF_PAIR_SHARE = 40,
    RF_PAIR_MOST_SHARE = 20,
    RF_PAIR_DOCS = 3000,
    RF_PAIR_WORDS = 600,
    RF_PAIR_PART = 10,
    RF_PAIR_DEAR = 8,
    RF_PAIR_LEAST_DOCS = 2000
};

/* A word that may be part of a pair: without prefix, and without bytes that would make the order or the parting of keys doubtful. */
bool rf_pair_word(const char *word, size_t n);

/* The key of "a b": RF_PREFIX_PAIR, a, a space, b. Its length; 0 where it is too long for one, so that there is no such pair. */
size_t rf_pair_key(char key[RF_KEY_MAX], const char *a, size_t a_length, const char *b, size_t b_length);

#endif
