/* SPDX-License-Identifier: BSD-3-Clause */
/* Which words are paired, and the numbers of their pairs; pair_words.h. */
#include "indexer/pair_words.h"

#include <math.h>
#include <stdlib.h>

void rf_pairs_init(struct rf_pairs *pairs, uint32_t docs, const riffle_allocator *allocator)
{
    *pairs = (struct rf_pairs){.allocator = allocator, .docs = docs};
    if (docs >= RF_PAIR_LEAST_DOCS)
        pairs->threshold = (uint32_t)lround(cbrt((double)docs * docs)) / 2;
    rf_buffer_init(&pairs->names, allocator);
}

void rf_pairs_release(struct rf_pairs *pairs)
{
    rf_buffer_release(&pairs->names);
    rf_free(pairs->allocator, pairs->words);
    pairs->words = NULL;
}

void rf_pairs_note(struct rf_pairs *pairs, const char *term, size_t n, const struct rf_term *info)
{
    if (!pairs->threshold || info->df <= pairs->threshold || !rf_pair_word(term, n))
        return;
    struct rf_pair_word word = {pairs->names.size, n, *info};
    rf_buffer_append(&pairs->names, term, n);
    if (pairs->names.failed || !rf_grow(pairs->allocator, (void **)&pairs->words, &pairs->capacity, pairs->count + 1, sizeof word))
        pairs->failed = true;
    else
        pairs->words[pairs->count++] = word;
}

static int ascending(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* In how many docs the words are, ascending. NULL: no memory. */
static uint32_t *sorted_dfs(const struct rf_pairs *pairs)
{
    uint32_t *dfs = rf_alloc(pairs->allocator, (pairs->count + 1) * sizeof *dfs);
    for (size_t i = 0; dfs && i < pairs->count; i++)
        dfs[i] = pairs->words[i].info.df;
    if (dfs)
        qsort(dfs, pairs->count, sizeof *dfs, ascending);
    return dfs;
}

/* Words in so many docs, ascending: each with each and with itself. */
static bool make_too_many(const uint32_t *dfs, size_t count, uint32_t threshold, uint32_t docs)
{
    uint64_t pairs = 0, words = 0;
    for (size_t low = 0, high = count; low < count; low++) { /* the more docs the one has, the fewer the other needs */
        while (high && rf_pair_is_covered(dfs[low], dfs[high - 1], threshold, docs))
            high--;
        pairs += count - high;
        words += count > high;
    }
    return pairs > RF_PAIR_MOST || words > RF_PAIR_MOST_WORDS;
}

bool rf_pairs_choose(struct rf_pairs *pairs)
{
    struct rf_pair_word *words = pairs->words;
    size_t kept = 0;
    uint32_t *dfs = sorted_dfs(pairs);
    if (!dfs)
        return false;
    uint32_t most = pairs->count ? dfs[pairs->count - 1] : 0;
    for (uint32_t low = pairs->threshold, high = pairs->docs; low < high;) { /* no pair is above all docs */
        uint32_t middle = low + (high - low) / 2;
        bool too_many = make_too_many(dfs, pairs->count, middle, pairs->docs);
        low = too_many ? middle + 1 : low;
        high = too_many ? high : middle;
        pairs->threshold = low;
    }
    rf_free(pairs->allocator, dfs);
    for (size_t i = 0; i < pairs->count; i++)
        if (rf_pair_is_covered(words[i].info.df, most, pairs->threshold, pairs->docs))
            words[kept++] = words[i];
    pairs->count = kept;
    return true;
}

/* ---- Numbers of pairs ---- */

/* Words in this many docs or fewer are not paired with one in `df`. */
static uint32_t least_second_df(const struct rf_pairs *pairs, uint32_t df)
{
    uint64_t by_chance = (uint64_t)pairs->threshold * pairs->docs / df, both = (uint64_t)pairs->threshold * RF_PAIR_BOTH;
    return (uint32_t)(df > both && both < by_chance ? both : by_chance);
}

/* How often the number of words with more docs than `df` can be halved; there is one. */
static uint32_t octave_above(const uint32_t *dfs, size_t count, uint32_t df)
{
    size_t low = 0;
    for (size_t high = count; low < high;) {
        size_t middle = low + (high - low) / 2;
        if (dfs[middle] > df)
            high = middle;
        else
            low = middle + 1;
    }
    return 31 - (uint32_t)__builtin_clz((uint32_t)(count - low));
}

/* The columns of an octave. Returns how many there are; 0: no memory. */
static uint32_t make_columns(struct rf_pair_numbers *numbers, const struct rf_pairs *pairs, uint32_t octave)
{
    uint32_t *columns = rf_alloc(pairs->allocator, pairs->count * sizeof *columns), width = 0;
    numbers->columns[octave] = columns;
    for (uint32_t b = 0; columns && b < numbers->words; b++) {
        columns[b] = width;
        width += pairs->words[b].info.df > numbers->second_df[octave];
    }
    return width;
}

bool rf_pair_numbers_init(struct rf_pair_numbers *numbers, const struct rf_pairs *pairs)
{
    const struct rf_pair_word *words = pairs->words;
    uint32_t width[RF_PAIR_OCTAVES] = {0}, *dfs = sorted_dfs(pairs);
    numbers->docs = pairs->docs;
    numbers->threshold = pairs->threshold;
    numbers->words = (uint32_t)pairs->count;
    numbers->first = rf_alloc(pairs->allocator, pairs->count * sizeof *numbers->first);
    memset(numbers->second_df, 0xff, sizeof numbers->second_df);
    for (uint32_t a = 0; dfs && numbers->first && a < numbers->words; a++) {
        uint32_t df = words[a].info.df, second_df = least_second_df(pairs, df), octave = octave_above(dfs, pairs->count, second_df);
        numbers->first[a] = (struct rf_pair_first){df, 0, octave};
        if (second_df < numbers->second_df[octave])
            numbers->second_df[octave] = second_df;
    }
    rf_free(pairs->allocator, dfs);
    if (!dfs || !numbers->first)
        return false;
    for (uint32_t a = 0; a < numbers->words; a++) {
        uint32_t octave = numbers->first[a].octave;
        if (!width[octave] && !(width[octave] = make_columns(numbers, pairs, octave)))
            return false;
        numbers->first[a].start = numbers->count;
        numbers->count += width[octave];
    }
    return true;
}

void rf_pair_numbers_release(struct rf_pair_numbers *numbers, const riffle_allocator *allocator)
{
    for (uint32_t octave = 0; octave < RF_PAIR_OCTAVES; octave++)
        rf_free(allocator, numbers->columns[octave]);
    rf_free(allocator, numbers->first);
}
