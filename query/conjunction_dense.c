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

/* The docs from `base` on that match, as bits; `words` of them. */
static void match_bits(const struct rf_conjunction *c, uint32_t base, size_t words, uint64_t *bits)
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

static size_t words_from(const struct rf_conjunction *c, uint32_t base, uint32_t most)
{
    uint32_t docs = c->run->docs - base;
    return ((size_t)(docs < most ? docs : most) + 63) / 64;
}

uint64_t rf_conjunction_count_dense(const struct rf_conjunction *c)
{
    uint64_t bits[RF_CHUNK / 64], count = 0;
    for (uint64_t base = 0; base < c->run->docs; base += RF_CHUNK) {
        size_t words = words_from(c, (uint32_t)base, RF_CHUNK);
        match_bits(c, (uint32_t)base, words, bits);
        count += rf_kernels->count_bits(bits, words);
    }
    return count;
}

/* ---- The best of them ---- */

static riffle_status keep_best(struct rf_conjunction *c)
{
    for (uint32_t i = 0; i < RF_BATCH; i++)
        c->batch.seats[i] = i;
    return rf_conjunction_keep_best(c);
}

/* Takes the docs that match in parts of ranges that lie behind one another. */
static riffle_status rank_parts(struct rf_conjunction *c, uint32_t part, uint32_t count)
{
    enum { DOCS = 1 << RF_FINE_BITS };
    struct rf_batch *batch = &c->batch;
    uint64_t bits[64 * DOCS / 64];
    uint32_t base = part << RF_FINE_BITS;
    size_t words = words_from(c, base, count << RF_FINE_BITS);
    match_bits(c, base, words, bits);
    for (size_t word = 0; word < words; word += DOCS / 64) {
        size_t these = words - word < DOCS / 64 ? words - word : DOCS / 64;
        riffle_status status = batch->count > RF_BATCH - DOCS ? keep_best(c) : RIFFLE_OK;
        if (status)
            return status;
        batch->count += (uint32_t)rf_kernels->bits_to_ids((const uint8_t *)(bits + word), 0, these * 64, base + (uint32_t)word * 64,
                                                          batch->docs + batch->count, DOCS);
    }
    return RIFFLE_OK;
}

/* Of parts of ranges only those that can hold a doc among the best: the bounds of ranges are those of their best passages, which each has. */
riffle_status rf_conjunction_rank_dense(struct rf_conjunction *c)
{
    riffle_status status = rf_conjunction_bound_parts(c);
    const uint32_t *rest = rf_row(c, 0);
    for (uint32_t at = 0; !status && at < c->ranges_most && !rf_ranked_is_late(c->run); at += 64) {
        uint64_t live = 0;
        int32_t threshold = (int32_t)rf_ranked_threshold(c->run);
        for (uint32_t r = 0; r < 64; r++)
            live |= (uint64_t)((int32_t)(c->own[at + r] + rest[at + r]) >= threshold) << r;
        while (!status && live) {
            uint32_t first = (uint32_t)__builtin_ctzll(live);
            uint64_t behind = ~(live >> first);
            uint32_t count = behind ? (uint32_t)__builtin_ctzll(behind) : 64;
            status = rank_parts(c, at + first, count);
            live &= count < 64 ? ~(((1ull << count) - 1) << first) : 0;
        }
    }
    return status ? status : keep_best(c);
}
