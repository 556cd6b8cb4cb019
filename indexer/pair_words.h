/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The words of a segment that are paired, by the rules of store/pairs.h, and a number for each pair. While the lists of the words are written, the
 * frequent ones are noted here; when all are there, it is known which are paired.
 */
#ifndef RF_PAIR_WORDS_H
#define RF_PAIR_WORDS_H

#include "store/pairs.h"
#include "store/postings.h"

struct rf_pair_word {
    size_t name, length; /* in names */
    struct rf_term info;
};

struct rf_pairs {
    const riffle_allocator *allocator;
    uint32_t docs;              /* of the segment */
    uint32_t threshold;         /* store/pairs.h; the words noted have more docs. 0: no pairs */
    struct rf_pair_word *words; /* in order of bytes */
    size_t count, capacity;
    struct rf_buffer names;
    bool failed;
};

void rf_pairs_init(struct rf_pairs *pairs, uint32_t docs, const riffle_allocator *allocator);
void rf_pairs_release(struct rf_pairs *pairs);
/* Notes a term, if it is a word and frequent, when its list has been written. */
void rf_pairs_note(struct rf_pairs *pairs, const char *term, size_t n, const struct rf_term *info);
/* When all are noted: where there would be too many pairs, raises the threshold; and forgets words that are in none. false: no memory. */
bool rf_pairs_choose(struct rf_pairs *pairs);

/*
 * The numbers of pairs go up with the first word, then with the second one. First words that have about as many second ones, by octaves, share
 * a column for each that any of them is paired with; so there are less than twice as many numbers as pairs.
 */
enum { RF_PAIR_OCTAVES = 16 };

struct rf_pair_numbers {
    uint32_t docs, threshold, count, words;
    uint32_t *columns[RF_PAIR_OCTAVES];  /* of each second word, for first ones of that octave; NULL: there are none */
    uint32_t second_df[RF_PAIR_OCTAVES]; /* second words have more */
    struct rf_pair_first {
        uint32_t df, start, octave;
    } * first;
};

/* false: no memory; release it all the same. */
bool rf_pair_numbers_init(struct rf_pair_numbers *numbers, const struct rf_pairs *pairs);
void rf_pair_numbers_release(struct rf_pair_numbers *numbers, const riffle_allocator *allocator);

/* By the numbers of two words. */
static inline bool rf_pair_has_number(const struct rf_pair_numbers *numbers, uint32_t a, uint32_t b)
{
    return rf_pair_is_covered(numbers->first[a].df, numbers->first[b].df, numbers->threshold, numbers->docs);
}

/* Of two that have one. */
static inline uint32_t rf_pair_number(const struct rf_pair_numbers *numbers, uint32_t a, uint32_t b)
{
    return numbers->first[a].start + numbers->columns[numbers->first[a].octave][b];
}

#endif
