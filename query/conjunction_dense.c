/* SPDX-License-Identifier: BSD-3-Clause */
/* Conjunctions of dense lists, and without others that must not be there: which docs match is an AND of their bits. */
#include "query/conjunction.h"

static void load_bits(const struct rf_list *list, uint32_t base, size_t words, uint64_t *bits)
{
    for (size_t i = 0; i < words; i++)
        bits[i] = rf_load64(list->bitmap + base / 8 + i * 8);
}

bool rf_conjunction_is_dense(const struct rf_conjunction *c)
{
    bool dense = !c->phrases && c->lead->postings.list.bitmap && !c->packed_count;
    for (uint32_t i = 0; i < c->nots_count; i++)
        dense &= !c->nots[i].source_count || c->nots[i].sources[0]->postings.list.bitmap;
    return dense;
}

/* The docs of the chunk that match, as bits; `words` of them. */
static void match_chunk(const struct rf_conjunction *c, uint32_t base, size_t words, uint64_t *bits)
{
    uint64_t other[RF_CHUNK / 64];
    uint32_t docs = c->run->docs - base;
    load_bits(&c->lead->postings.list, base, words, bits);
    if (words * 64 > docs)
        bits[words - 1] &= (1ull << docs % 64) - 1;
    for (uint32_t i = 0; i < c->filter_count; i++) {
        load_bits(&c->filters[i]->postings.list, base, words, other);
        rf_kernels->and_bits(bits, other, words);
    }
    for (uint32_t i = 0; i < c->nots_count; i++) {
        if (!c->nots[i].source_count)
            continue;
        load_bits(&c->nots[i].sources[0]->postings.list, base, words, other);
        rf_kernels->and_not_bits(bits, other, words);
    }
    if (c->run->allowed)
        rf_kernels->and_bits(bits, c->run->allowed + base / 64, words);
}

/* Takes the docs of the chunk that match, range by range, where they can be among the best. */
static riffle_status rank_chunk(struct rf_conjunction *c, uint32_t base, size_t words, const uint64_t *bits)
{
    enum { WORDS = RF_RANGE / 64 };
    struct rf_batch *batch = &c->batch;
    riffle_status status;
    rf_conjunction_bound_docs(c, base, base + (uint32_t)(words - 1) * 64);
    uint32_t at = (base >> RF_RANGE_BITS) - c->first;
    const uint32_t *own = c->own + at, *rest = rf_row(c, 0) + at;
    for (size_t word = 0, r = 0; word < words; word += WORDS, r++) {
        if ((int32_t)(own[r] + rest[r]) < (int32_t)rf_ranked_threshold(c->run))
            continue;
        size_t these = words - word < WORDS ? words - word : WORDS, count = rf_kernels->count_bits(bits + word, these);
        if (batch->count + count > RF_BATCH && (status = rf_conjunction_keep_best(c)))
            return status;
        rf_kernels->bits_to_ids((const uint8_t *)(bits + word), 0, these * 64, base + (uint32_t)word * 64,
                                batch->docs + batch->count, RF_BATCH - batch->count);
        for (uint32_t i = batch->count; i < batch->count + count; i++)
            batch->seats[i] = i;
        batch->count += (uint32_t)count;
    }
    return rf_conjunction_keep_best(c);
}

static size_t words_from(const struct rf_conjunction *c, uint32_t base)
{
    uint32_t docs = c->run->docs - base;
    return ((size_t)(docs < RF_CHUNK ? docs : RF_CHUNK) + 63) / 64;
}

uint64_t rf_conjunction_count_dense(const struct rf_conjunction *c)
{
    uint64_t bits[RF_CHUNK / 64], count = 0;
    for (uint64_t base = 0; base < c->run->docs; base += RF_CHUNK) {
        size_t words = words_from(c, (uint32_t)base);
        match_chunk(c, (uint32_t)base, words, bits);
        count += rf_kernels->count_bits(bits, words);
    }
    return count;
}

riffle_status rf_conjunction_rank_dense(struct rf_conjunction *c)
{
    uint64_t bits[RF_CHUNK / 64];
    riffle_status status = rf_conjunction_open_bounds(c);
    for (uint64_t base = 0; !status && base < c->run->docs && !rf_ranked_is_late(c->run); base += RF_CHUNK) {
        size_t words = words_from(c, (uint32_t)base);
        match_chunk(c, (uint32_t)base, words, bits);
        status = rank_chunk(c, (uint32_t)base, words, bits);
    }
    return status;
}
