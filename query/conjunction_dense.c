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

riffle_status rf_conjunction_match_dense(struct rf_conjunction *c, uint64_t *count)
{
    enum { PADDING = 2 }; /* words: parts of ranges are taken as a whole */
    uint64_t chunk[RF_CHUNK / 64];
    if (c->ranks && !(c->matches = rf_arena_array(&c->run->arena, (size_t)c->run->docs / 64 + PADDING, sizeof *c->matches)))
        return rf_fail_memory(c->run->error);
    *count = 0;
    for (uint64_t base = 0; base < c->run->docs; base += RF_CHUNK) {
        uint64_t docs = c->run->docs - base, *bits = c->matches ? c->matches + base / 64 : chunk;
        size_t words = (size_t)((docs < RF_CHUNK ? docs : RF_CHUNK) + 63) / 64;
        match_chunk(c, (uint32_t)base, words, bits);
        *count += rf_kernels->count_bits(bits, words);
    }
    return RIFFLE_OK;
}

/* ---- The best of them ---- */

static riffle_status keep_best(struct rf_conjunction *c)
{
    for (uint32_t i = 0; i < RF_BATCH; i++)
        c->batch.seats[i] = i;
    return rf_conjunction_keep_best(c);
}

/* Of parts of ranges only those that can hold a doc among the best: nearly each range has some passage that holds frequent words often. */
riffle_status rf_conjunction_rank_dense(struct rf_conjunction *c)
{
    enum { DOCS = 1 << RF_FINE_BITS };
    struct rf_batch *batch = &c->batch;
    riffle_status status = rf_conjunction_bound_parts(c);
    const uint32_t *rest = rf_row(c, 0);
    uint32_t parts = (c->run->docs - 1) / DOCS + 1;
    for (uint32_t part = 0; !status && part < parts && !c->run->late; part++) {
        if ((int32_t)(c->own[part] + rest[part]) < (int32_t)rf_ranked_threshold(c->run))
            continue;
        const uint8_t *bits = (const uint8_t *)(c->matches + (size_t)part * (DOCS / 64));
        batch->count += (uint32_t)rf_kernels->bits_to_ids(bits, 0, DOCS, part * DOCS, batch->docs + batch->count, DOCS);
        if (batch->count > RF_BATCH - DOCS && !rf_ranked_is_late(c->run))
            status = keep_best(c);
    }
    return status ? status : keep_best(c);
}
