/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Rare words that need not be there. In nearly each range some doc holds one, so that bounds of ranges spare nearly all of the lead's docs; but
 * few of these hold one. Which do, bits tell; the others have to be good enough without.
 */
#include "query/conjunction.h"

enum {
    RARER = 2, /* times, than the lead: setting the bits of more costs as much as they save. Those of dense lists are there, ... */
    FREQUENT = 4 /* but one in so many docs holds too many of the lead's */
};

struct rare_list {
    const struct rf_list *list;
    uint32_t clause; /* its number */
    uint32_t next;   /* the block to go on from */
};

struct rf_rare {
    struct rare_list *lists;
    uint32_t count;
    /* The chunk at hand: what the lead needs in docs without any of them, by range; and which docs have one. */
    uint32_t needs[RF_CHUNK_RANGES];
    uint32_t others[RF_CHUNK_RANGES]; /* what all else can score at most */
    uint32_t planned, base;           /* the chunk that this is known of, and that bits are set for; UINT32_MAX: none yet */
    size_t seen, kept;                /* of the lead's postings */
    uint64_t bits[RF_CHUNK / 64 + 1];
};

/* What is left of the lead's postings: their places in its block, docs and scores. */
struct left {
    size_t count;
    uint32_t places[RF_BLOCK + RF_PADDING], docs[RF_BLOCK + RF_PADDING], scores[RF_BLOCK + RF_PADDING];
};

riffle_status rf_conjunction_open_rare(struct rf_conjunction *c)
{
    struct rf_arena *arena = &c->run->arena;
    struct rf_rare *rare = rf_arena_room(arena, 1, sizeof *rare);
    struct rare_list *lists = rf_arena_array(arena, c->clause_count - c->must_count, sizeof *lists);
    if (!rare || !lists)
        return rf_fail_memory(c->run->error);
    rare->lists = lists;
    rare->count = 0;
    rare->planned = rare->base = UINT32_MAX;
    rare->seen = rare->kept = 0;
    for (uint32_t i = c->must_count; i < c->clause_count; i++) {
        const struct rf_list *list = &c->clauses[i]->sources[0]->postings.list;
        if (list->df <= (list->bitmap ? c->run->docs / FREQUENT : c->lead->postings.list.df / RARER))
            lists[rare->count++] = (struct rare_list){list, i, 0};
    }
    c->rare = rare->count ? rare : NULL;
    return RIFFLE_OK;
}

/* What all else can score at most in the ranges of the chunk from `base` on. */
static void bound_others(struct rf_conjunction *c, uint32_t base)
{
    struct rf_rare *rare = c->rare;
    uint32_t first = (base >> c->shift) - c->first, *restrict others = rare->others;
    memcpy(others, rf_row(c, 0) + first, sizeof rare->others);
    for (uint32_t i = 0; i < rare->count; i++) {
        const uint32_t *restrict behind = rf_row(c, rare->lists[i].clause) + first;
        const uint32_t *restrict with = rf_row(c, rare->lists[i].clause - 1) + first;
        for (uint32_t r = 0; r < RF_CHUNK_RANGES; r++)
            others[r] -= (with[r] - behind[r]) & (RF_HOPELESS - 1);
    }
}

/* Would few of the lead's postings do without, but many with them? And did few of those so far, as a whole? */
static bool pays(const struct rf_conjunction *c, uint32_t base)
{
    enum { FEW = 4, SOME = 8 * RF_BLOCK };
    const struct rf_rare *rare = c->rare;
    const uint32_t *restrict own = c->own + ((base >> c->shift) - c->first), *restrict needs = rare->needs;
    uint32_t live = 0, high = 0;
    for (uint32_t r = 0; r < RF_CHUNK_RANGES; r++) {
        uint32_t is_live = c->needs[r] != UINT32_MAX;
        live += is_live;
        high += is_live & (needs[r] > own[r] / 4 * 3) & (c->needs[r] <= own[r] / 2);
    }
    return 2 * high > live && (rare->seen < SOME || rare->kept < rare->seen / FEW);
}

bool rf_conjunction_plan_rare(struct rf_conjunction *c, uint32_t base)
{
    struct rf_rare *rare = c->rare;
    bool again = rare->planned == base;
    if (again && !c->split)
        return false;
    if (!again)
        bound_others(c, base);
    rare->planned = base;
    uint32_t threshold = rf_ranked_threshold(c->run), *restrict needs = rare->needs;
    const uint32_t *restrict others = rare->others;
    for (uint32_t r = 0; r < RF_CHUNK_RANGES; r++) {
        uint32_t need = threshold > others[r] ? threshold - others[r] : 1;
        needs[r] = c->needs[r] == UINT32_MAX ? UINT32_MAX : need;
    }
    return again || pays(c, base);
}

/* ---- Which docs hold one ---- */

static riffle_status set_block(struct rf_rare *rare, const struct rf_list *list, struct rf_block *block, riffle_error *error)
{
    uint32_t docs[RF_BLOCK + RF_PADDING];
    riffle_status status = rf_list_docs(list, block, docs, error);
    for (uint32_t i = 0; !status && i < block->count; i++) {
        uint32_t place = docs[i] - rare->base;
        if (place < RF_CHUNK)
            rare->bits[place / 64] |= 1ull << place % 64;
    }
    return status;
}

static riffle_status set_list(const struct rf_conjunction *c, struct rare_list *one)
{
    struct rf_rare *rare = c->rare;
    const struct rf_list *list = one->list;
    uint32_t docs = c->run->docs - rare->base;
    docs = docs < RF_CHUNK ? docs : RF_CHUNK;
    for (size_t w = 0; list->bitmap && w < (docs + 63) / 64; w++)
        rare->bits[w] |= rf_load64(list->bitmap + rare->base / 8 + w * 8);
    if (list->bitmap)
        return RIFFLE_OK;
    one->next = rf_list_find_block(list, one->next, rare->base);
    for (; one->next < list->blocks; one->next++) {
        struct rf_block block;
        riffle_status status = rf_list_block(list, one->next, &block, c->run->error);
        if (!status && block.base >= rare->base + docs)
            break;
        if (!status)
            status = set_block(rare, list, &block, c->run->error);
        if (status || block.last >= rare->base + docs)
            return status;
    }
    return RIFFLE_OK;
}

static riffle_status set_bits(const struct rf_conjunction *c, uint32_t base)
{
    struct rf_rare *rare = c->rare;
    riffle_status status = RIFFLE_OK;
    if (rare->base == base)
        return status;
    rare->base = base;
    memset(rare->bits, 0, sizeof rare->bits);
    for (uint32_t i = 0; !status && i < rare->count; i++)
        status = set_list(c, &rare->lists[i]);
    return status;
}

/* ---- Blocks of the lead ---- */

/* Can a posting of the block be good enough without them? */
static bool is_enough(const struct rf_conjunction *c, const struct rf_chunk *chunk, const struct rf_block *block)
{
    const struct rf_scoring *scoring = &c->lead->clause->scoring;
    struct rf_most most = rf_list_most(&c->lead->postings.list, block->number);
    uint32_t from = block->base < chunk->base ? 0 : (block->base - chunk->base) >> chunk->bits;
    uint32_t to = (block->last - chunk->base) >> chunk->bits, least = UINT32_MAX;
    for (uint32_t r = from; r <= to && r < RF_CHUNK_RANGES; r++)
        least = c->rare->needs[r] < least ? c->rare->needs[r] : least;
    if (least == UINT32_MAX || most.tf == UINT32_MAX)
        return least != UINT32_MAX;
    return (1 + scoring->again) * rf_weigh(scoring->weight, rf_saturation(scoring->scorer, most.tf, most.length)) >= least;
}

/* The docs of the block that hold one of them. */
static size_t find_held(const struct rf_rare *rare, const struct rf_postings *postings, uint32_t *places)
{
    const struct rf_block *block = &postings->block;
    const uint8_t *bits = (const uint8_t *)((uintptr_t)rare->bits - rare->base / 8);
    bool before = block->base < rare->base, behind = block->last - rare->base >= RF_CHUNK;
    size_t from = before ? rf_kernels->count_below(postings->docs, block->count, rare->base) : 0;
    size_t to = behind ? rf_kernels->count_below(postings->docs, block->count, rare->base + RF_CHUNK) : block->count;
    size_t count = rf_kernels->filter_bits(bits, postings->docs + from, to - from, places);
    for (size_t i = 0; i < count; i++)
        places[i] += (uint32_t)from;
    return count;
}

/* Scores them. */
static void take_held(const struct rf_conjunction *c, const struct rf_chunk *chunk, const uint32_t *held, size_t count,
                      struct left *left)
{
    const struct rf_postings *postings = &c->lead->postings;
    uint32_t docs[RF_BLOCK + RF_PADDING], tfs[RF_BLOCK + RF_PADDING];
    for (size_t i = 0; i < count; i++) {
        docs[i] = postings->docs[held[i]];
        tfs[i] = postings->tfs[held[i]];
    }
    left->count =
        rf_kernels->score_filter(&c->lead->clause->scoring, chunk, docs, tfs, count, left->places, left->docs, left->scores);
    for (size_t i = 0; i < left->count; i++)
        left->places[i] = held[left->places[i]];
}

static void copy(const struct left *from, size_t at, uint32_t *places, uint32_t *docs, uint32_t *scores)
{
    memcpy(places, from->places + at, (from->count - at) * sizeof *places);
    memcpy(docs, from->docs + at, (from->count - at) * sizeof *docs);
    memcpy(scores, from->scores + at, (from->count - at) * sizeof *scores);
}

/* Those of both, in order; some are in both. */
static size_t merge(const struct left *a, const struct left *b, uint32_t *places, uint32_t *docs, uint32_t *scores)
{
    size_t i = 0, j = 0, count = 0;
    for (; i < a->count && j < b->count; count++) {
        uint32_t x = a->docs[i], y = b->docs[j];
        places[count] = x <= y ? a->places[i] : b->places[j];
        docs[count] = x <= y ? x : y;
        scores[count] = x <= y ? a->scores[i] : b->scores[j];
        i += x <= y;
        j += y <= x;
    }
    copy(a, i, places + count, docs + count, scores + count);
    count += a->count - i;
    copy(b, j, places + count, docs + count, scores + count);
    return count + b->count - j;
}

riffle_status rf_conjunction_take_rare(struct rf_conjunction *c, const struct rf_chunk *chunk, uint32_t *places, uint32_t *docs,
                                       uint32_t *scores, size_t *count)
{
    struct rf_postings *postings = &c->lead->postings;
    const struct rf_chunk without = {chunk->base, chunk->bits, c->rare->needs};
    uint32_t held[RF_BLOCK + RF_PADDING];
    struct left alone, with;
    alone.count = with.count = *count = 0; /* not the arrays */
    riffle_status status = set_bits(c, chunk->base);
    if (!status)
        status = rf_postings_docs(postings, c->run->error);
    if (status)
        return status;
    size_t held_count = find_held(c->rare, postings, held);
    c->rare->seen += postings->block.count;
    bool enough = is_enough(c, chunk, &postings->block);
    if (!held_count && !enough)
        return RIFFLE_OK;
    if ((status = rf_postings_tfs(postings, c->run->error)))
        return status;
    take_held(c, chunk, held, held_count, &with);
    if (enough)
        alone.count = rf_kernels->score_filter(&c->lead->clause->scoring, &without, postings->docs, postings->tfs,
                                               postings->block.count, alone.places, alone.docs, alone.scores);
    *count = merge(&alone, &with, places, docs, scores);
    c->rare->kept += *count;
    return RIFFLE_OK;
}
