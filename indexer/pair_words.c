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

/* Words in so many docs, ascending: each with each and with itself. Their numbers have 16 bits. */
static bool make_too_many(const uint32_t *dfs, size_t count, uint32_t threshold, uint32_t docs)
{
    uint64_t pairs = 0, words = 0;
    for (size_t low = 0, high = count; low < count; low++) { /* the more docs the one has, the fewer the other needs */
        while (high && rf_pair_is_covered(dfs[low], dfs[high - 1], threshold, docs))
            high--;
        pairs += count - high;
        words += count > high;
    }
    return pairs > RF_PAIR_MOST || words > UINT16_MAX;
}

bool rf_pairs_choose(struct rf_pairs *pairs)
{
    struct rf_pair_word *words = pairs->words;
    size_t kept = 0;
    uint32_t *dfs = rf_alloc(pairs->allocator, (pairs->count + 1) * sizeof *dfs), most = 0;
    if (!dfs)
        return false;
    for (size_t i = 0; i < pairs->count; i++) {
        dfs[i] = words[i].info.df;
        most = dfs[i] > most ? dfs[i] : most;
    }
    qsort(dfs, pairs->count, sizeof *dfs, ascending);
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

static uint32_t octave_of(uint32_t df, uint32_t docs)
{
    uint32_t octave = 0;
    while (df <= docs >> (octave + 1))
        octave++;
    return octave;
}

/* Words in this many docs or fewer are paired with none of the octave. */
static uint32_t least_second_df(const struct rf_pairs *pairs, uint32_t octave)
{
    uint64_t most = pairs->docs >> octave, both = (uint64_t)pairs->threshold * RF_PAIR_BOTH;
    uint64_t by_chance = (uint64_t)pairs->threshold * pairs->docs / most;
    return (uint32_t)(most > both && both < by_chance ? both : by_chance);
}

bool rf_pair_numbers_init(struct rf_pair_numbers *numbers, const struct rf_pairs *pairs)
{
    const struct rf_pair_word *words = pairs->words;
    uint32_t width[RF_PAIR_OCTAVES] = {0};
    numbers->docs = pairs->docs;
    numbers->threshold = pairs->threshold;
    numbers->words = (uint32_t)pairs->count;
    numbers->first = rf_alloc(pairs->allocator, pairs->count * sizeof *numbers->first);
    if (!numbers->first)
        return false;
    for (uint32_t a = 0; a < numbers->words; a++) {
        uint32_t df = words[a].info.df, octave = octave_of(df, pairs->docs);
        if (!numbers->columns[octave]) {
            uint32_t *columns = rf_alloc(pairs->allocator, pairs->count * sizeof *columns);
            if (!columns)
                return false;
            numbers->columns[octave] = columns;
            numbers->second_df[octave] = least_second_df(pairs, octave);
            for (uint32_t b = 0; b < numbers->words; b++) {
                columns[b] = width[octave];
                width[octave] += words[b].info.df > numbers->second_df[octave];
            }
        }
        numbers->first[a] = (struct rf_pair_first){df, numbers->count, octave};
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
