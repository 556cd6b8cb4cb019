/* SPDX-License-Identifier: BSD-3-Clause */
/* The chunks of a disjunction: which of their lists are streamed where, and which of their docs are candidates; disjunction.c. */
#include "query/disjunction.h"

/* ---- The plan of a chunk ---- */

/* Of list `l` in the chunk at hand; the sums of all lists are behind the last one's. */
static uint32_t *rest_of_chunk(const struct rf_disjunction *d, uint32_t l)
{
    return d->rest + (size_t)l * RF_REST + ((d->base >> d->bits) - d->first);
}

/* Where there are many lists: all are streamed wherever a doc can be good enough. */
static void stream_all(struct rf_disjunction *d, size_t first)
{
    for (uint32_t l = 0; l <= d->count; l++)
        memset(rest_of_chunk(d, l), 0, RF_CHUNK_RANGES * sizeof *d->rest);
    for (uint32_t r = 0; r < RF_CHUNK_RANGES; r++) {
        uint32_t total = d->totals[first + r];
        for (uint32_t l = 0; total >= d->threshold && l < d->count; l++) {
            uint32_t bound = d->bounds[l * d->stride + first + r], others = total - bound;
            if (!bound)
                continue;
            d->needs[(size_t)l * RF_CHUNK_RANGES + r] = d->threshold > others ? d->threshold - others : 1;
            d->live[l][r / 64] |= 1ull << r % 64;
        }
    }
}

/* Makes the chunk from `base` on the one at hand. False: there is nothing to do in it. */
static bool plan_chunk(struct rf_disjunction *d, uint64_t base)
{
    size_t first = (size_t)(base >> d->bits);
    d->base = (uint32_t)base;
    d->threshold = rf_ranked_threshold(d->run);
    if (!rf_kernels->count_from(d->totals + first, RF_CHUNK_RANGES, d->threshold))
        return false;
    rf_kernels->plan_chunk(d->bounds + first, d->stride, d->count, d->threshold, d->needs, rest_of_chunk(d, 0), RF_REST, d->live);
    if (d->count > RF_MANY_LISTS)
        stream_all(d, first);
    uint64_t any[2] = {0, 0};
    d->streamed = 0;
    for (uint32_t l = 0; l < d->count; l++) {
        d->streamed += d->live[l][0] || d->live[l][1];
        any[0] |= d->live[l][0];
        any[1] |= d->live[l][1];
    }
    for (uint32_t l = 0; l < d->count; l++)
        d->asked[l] |= (any[0] & ~d->live[l][0]) || (any[1] & ~d->live[l][1]);
    for (uint32_t l = 0; d->streamed && l < d->count; l++) {
        struct rf_member *member = &d->list[l];
        if (member->postings)
            continue;
        member->next = rf_member_seek(member, member->next, base);
        member->end = rf_member_seek(member, member->next, base + rf_chunk_docs(d));
    }
    return d->streamed;
}

/* The first live range at or behind `range`; RF_CHUNK_RANGES: none. */
static uint32_t next_live(const uint64_t *live, uint32_t range)
{
    if (range < 64 && live[0] >> range)
        return range + (uint32_t)__builtin_ctzll(live[0] >> range);
    range = range < 64 ? 64 : range;
    if (range < RF_CHUNK_RANGES && live[1] >> (range - 64))
        return range + (uint32_t)__builtin_ctzll(live[1] >> (range - 64));
    return RF_CHUNK_RANGES;
}

/* ---- Streaming ---- */

/* Can no posting of the block count? For blocks that lie in few ranges, whose bound may be lower than theirs. */
static bool is_hopeless(const struct rf_disjunction *d, const struct rf_member *member, const struct rf_block *block,
                        const uint32_t *need)
{
    uint32_t first = block->base > d->base ? (block->base - d->base) >> d->bits : 0;
    uint32_t last = (block->last - d->base) >> d->bits;
    struct rf_most most = rf_list_most(&member->postings->list, block->number);
    if (last >= RF_CHUNK_RANGES || last - first > 3 || most.tf == UINT32_MAX)
        return false;
    uint32_t least = need[first];
    for (uint32_t r = first + 1; r <= last; r++)
        least = need[r] < least ? need[r] : least;
    return rf_weigh(member->scoring.weight, rf_saturation(member->scoring.scorer, most.tf, most.length)) *
               (1 + member->scoring.again) <
           least;
}

/*
 * Where one list is streamed alone, its postings that are good enough are candidates as they come, with what the others can add; else their
 * scores are summed up first.
 */
static void add_candidates(struct rf_disjunction *d, size_t count)
{
    const uint32_t *rest = rest_of_chunk(d, d->count), *docs = d->docs + d->candidate_count;
    uint32_t *most = d->most + d->candidate_count, base = d->base;
    unsigned bits = d->bits;
    for (size_t i = 0; i < count; i++)
        most[i] += rest[(docs[i] - base) >> bits];
    d->candidate_count += count;
}

static void take_scores(struct rf_disjunction *d, const struct rf_chunk *chunk, const uint32_t *docs, const uint32_t *scores,
                        size_t n)
{
    struct rf_workspace *work = d->work;
    if (d->streamed > 1) {
        rf_kernels->accumulate_scores(chunk, docs, scores, n, work->sums, work->marks);
        return;
    }
    size_t count = rf_kernels->filter(chunk, docs, scores, n, work->places);
    for (size_t i = 0; i < count; i++) {
        d->docs[d->candidate_count + i] = docs[work->places[i]];
        d->most[d->candidate_count + i] = scores[work->places[i]];
    }
    add_candidates(d, count);
}

static void take_block(struct rf_disjunction *d, const struct rf_chunk *chunk, const struct rf_member *member)
{
    struct rf_workspace *work = d->work;
    const struct rf_postings *postings = member->postings;
    uint32_t n = postings->block.count;
    if (d->streamed > 1) {
        rf_kernels->accumulate(&member->scoring, chunk, postings->docs, postings->tfs, n, work->sums, work->marks);
        return;
    }
    add_candidates(d, rf_kernels->score_filter(&member->scoring, chunk, postings->docs, postings->tfs, n, work->places,
                                               d->docs + d->candidate_count, d->most + d->candidate_count));
}

static riffle_status stream(struct rf_disjunction *d, uint32_t l)
{
    struct rf_member *member = &d->list[l];
    riffle_error *error = d->run->error;
    const uint32_t *need = d->needs + (size_t)l * RF_CHUNK_RANGES;
    struct rf_chunk chunk = {d->base, d->bits, need};
    if (!member->postings) {
        take_scores(d, &chunk, member->docs + member->next, member->scores + member->next, member->end - member->next);
        return RIFFLE_OK;
    }
    struct rf_postings *postings = member->postings;
    const struct rf_block *block = &postings->block;
    uint32_t range = next_live(d->live[l], 0), doc = d->base + (range << d->bits);
    uint32_t behind = 0; /* the blocks so far */
    bool more;
    riffle_status status = rf_postings_seek(postings, doc, &more, error);
    while (!status && more) {
        if (block->base < behind) /* else a chunk could have more postings than docs */
            return rf_fail(error, RIFFLE_CORRUPT, "blocks of postings out of order");
        if (block->base > doc) { /* the range may have nothing of the list behind the blocks before */
            range = (block->base - d->base) >> d->bits;
            range = range < RF_CHUNK_RANGES ? next_live(d->live[l], range) : RF_CHUNK_RANGES;
            doc = d->base + (range << d->bits);
            if (range == RF_CHUNK_RANGES)
                break;
            if (block->last < doc) {
                status = rf_postings_seek(postings, doc, &more, error);
                continue;
            }
        }
        /* While this block is read, the next one comes. */
        uint32_t next = postings->list.blocks;
        behind = block->last + 1;
        bool needed = !is_hopeless(d, member, block, need);
        range = behind - d->base < rf_chunk_docs(d) ? next_live(d->live[l], (behind - d->base) >> d->bits) : RF_CHUNK_RANGES;
        if (range < RF_CHUNK_RANGES) {
            doc = d->base + (range << d->bits) > behind ? d->base + (range << d->bits) : behind;
            next = rf_list_find_block(&postings->list, block->number + 1, doc);
            rf_list_prefetch_docs(&postings->list, next);
        }
        if (needed) {
            if ((status = rf_postings_docs(postings, error)) || (status = rf_postings_tfs(postings, error)))
                return status;
            take_block(d, &chunk, member);
        }
        more = next < postings->list.blocks;
        if (more)
            status = rf_postings_enter(postings, next, error);
    }
    return status;
}

/* ---- Candidates ---- */

/*
 * Makes candidates of the docs that have sums, where these are good enough, and all sums zero again. Docs without one are not: what the lists that are
 * not streamed can add stays below the threshold.
 */
static void take_sums(struct rf_disjunction *d)
{
    d->candidate_count +=
        rf_kernels->take_sums(d->work->sums, d->work->marks, rf_chunk_docs(d), rest_of_chunk(d, d->count), d->bits, d->threshold,
                              d->base, d->docs + d->candidate_count, d->most + d->candidate_count);
    d->summing = false;
}

riffle_status rf_disjunction_chunk(struct rf_disjunction *d, uint64_t base)
{
    riffle_status status = RIFFLE_OK;
    size_t range = (size_t)(base >> d->bits);
    if (d->candidate_count && (d->candidate_count > RF_ENOUGH || range - d->first >= RF_REST))
        status = rf_disjunction_finish(d);
    if (!d->candidate_count) {
        d->first = range;
        memset(d->asked, 0, d->count * sizeof *d->asked);
    }
    if (status || !plan_chunk(d, base))
        return status;
    d->summing = d->streamed > 1;
    for (uint32_t l = d->count; !status && l-- > 0;)
        if (d->live[l][0] || d->live[l][1])
            status = stream(d, l);
    if (!status && d->summing)
        take_sums(d);
    return status;
}
