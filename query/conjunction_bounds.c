/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Bounds of conjunctions, kept by range of docs, as rows: row i is what the clauses behind clause i can score at most. So a doc with a score
 * by the clauses up to i lives as long as that and row i together reach the threshold.
 */
#include "query/conjunction.h"

enum { ROWS_MOST = 1 << 15 }; /* bounds at a time: with the batch they stay in the second-level cache */

/* With room for so many ranges. */
static riffle_status open_rows(struct rf_conjunction *c, unsigned shift, uint32_t ranges)
{
    c->shift = shift;
    c->ranges_most = ranges;
    for (uint32_t i = 0; i < c->clause_count; i++)
        rf_clause_bound(c->run, c->clauses[i]);
    c->rows = rf_arena_room(&c->run->arena, ((size_t)c->clause_count + 1) * c->ranges_most + RF_PADDING, sizeof *c->rows);
    if (!c->rows)
        return rf_fail_memory(c->run->error);
    c->own = rf_row(c, c->clause_count);
    return RIFFLE_OK;
}

riffle_status rf_conjunction_open_bounds(struct rf_conjunction *c)
{
    uint32_t all = (c->run->docs - 1) / RF_CHUNK + 1, most = ROWS_MOST / RF_CHUNK_RANGES / (c->clause_count + 1);
    if (!c->lead->postings.list.maxima)
        return open_rows(c, RF_UNRANGED, 2);
    return open_rows(c, RF_RANGE_BITS, (most < 1 ? 1 : most < all ? most : all) * RF_CHUNK_RANGES);
}

riffle_status rf_conjunction_bound_parts(struct rf_conjunction *c)
{
    uint32_t parts = ((c->run->docs - 1) >> RF_FINE_BITS) + 1;
    riffle_status status = open_rows(c, RF_FINE_BITS, (parts + RF_CHUNK_RANGES - 1) / RF_CHUNK_RANGES * RF_CHUNK_RANGES);
    for (; !status && c->bounded < c->ranges_most; c->bounded += RF_CHUNK_RANGES)
        rf_conjunction_bound_chunk(c, c->bounded);
    return status;
}

/* What a clause can score at most in the ranges of a chunk, into `bounds` (padded). */
static void bound_clause(const struct rf_conjunction *c, const struct rf_clause *clause, uint32_t base, uint32_t *bounds)
{
    uint32_t most = UINT32_MAX, other[RF_CHUNK_RANGES + RF_PADDING];
    bool ranged = false;
    for (uint32_t i = 0; i < clause->source_count; i++) {
        const struct rf_source *source = clause->sources[i];
        if (!source->postings.list.maxima) {
            most = source->bound.most < most ? source->bound.most : most;
            continue;
        }
        rf_ranked_bounds(c->run, &source->postings.list, &source->bound, c->shift, base, ranged ? other : bounds);
        for (uint32_t r = 0; ranged && r < RF_CHUNK_RANGES; r++)
            bounds[r] = other[r] < bounds[r] ? other[r] : bounds[r];
        ranged = true;
    }
    for (uint32_t r = 0; !ranged && r < RF_CHUNK_RANGES; r++)
        bounds[r] = most;
    for (uint32_t r = 0; ranged && most != UINT32_MAX && r < RF_CHUNK_RANGES; r++)
        bounds[r] = most < bounds[r] ? most : bounds[r];
    for (uint32_t r = 0; clause->scoring.again && r < RF_CHUNK_RANGES; r++)
        bounds[r] *= 1 + clause->scoring.again;
}

static void add_bounds(const uint32_t *restrict row, const uint32_t *restrict bounds, uint32_t *restrict sums)
{
    for (uint32_t r = 0; r < RF_CHUNK_RANGES; r++)
        sums[r] = row[r] + bounds[r];
}

/* Rows of the chunk whose ranges begin at place `at`. */
void rf_conjunction_bound_chunk(struct rf_conjunction *c, uint32_t at)
{
    uint32_t bounds[RF_CHUNK_RANGES + RF_PADDING], dead[RF_CHUNK_RANGES] = {0};
    memset(rf_row(c, c->clause_count - 1) + at, 0, RF_CHUNK_RANGES * sizeof *c->rows);
    for (uint32_t i = c->clause_count; i-- > 0;) {
        bound_clause(c, c->clauses[i], (c->first + at) << c->shift, bounds);
        for (uint32_t r = 0; i < c->must_count && r < RF_CHUNK_RANGES; r++)
            dead[r] |= (uint32_t)!bounds[r] * RF_HOPELESS;
        if (i)
            add_bounds(rf_row(c, i) + at, bounds, rf_row(c, i - 1) + at);
    }
    for (uint32_t r = 0; c->run->allowed && r < RF_CHUNK_RANGES; r++)
        dead[r] |= rf_ranked_allows_any(c->run, c->first + at + r, c->shift) ? 0 : RF_HOPELESS;
    /* No two of these overlap; a compiler that knows makes vectors of them. No branch: which ranges are hopeless is not to be foreseen. */
    uint32_t *restrict own = c->own + at, *restrict rest = rf_row(c, 0) + at;
    for (uint32_t r = 0; r < RF_CHUNK_RANGES; r++) {
        own[r] = bounds[r] & ((dead[r] >> 31) - 1);
        rest[r] |= dead[r];
    }
}

/* The same for all docs at once. */
void rf_conjunction_bound_all(struct rf_conjunction *c)
{
    uint32_t rest = 0;
    for (uint32_t i = c->clause_count; i-- > 0;) {
        const struct rf_clause *clause = c->clauses[i];
        uint32_t most = UINT32_MAX;
        rf_row(c, i)[0] = rf_row(c, i)[1] = rest;
        for (uint32_t j = 0; j < clause->source_count; j++)
            most = clause->sources[j]->bound.most < most ? clause->sources[j]->bound.most : most;
        rest += (1 + clause->scoring.again) * most;
        c->own[0] = c->own[1] = (1 + clause->scoring.again) * most;
    }
}

bool rf_conjunction_bound_docs(struct rf_conjunction *c, uint32_t from, uint32_t last)
{
    last >>= c->shift;
    if (c->shift == RF_UNRANGED) {
        if (!c->bounded)
            rf_conjunction_bound_all(c);
        c->bounded = 1;
        return true;
    }
    if (last - c->first >= c->ranges_most) {
        c->first = from >> RF_CHUNK_BITS << (RF_CHUNK_BITS - RF_RANGE_BITS);
        c->bounded = 0;
    }
    if (last - c->first >= c->ranges_most)
        return false;
    for (; c->first + c->bounded <= last; c->bounded += RF_CHUNK_RANGES)
        rf_conjunction_bound_chunk(c, c->bounded);
    return true;
}

void rf_conjunction_cut(struct rf_conjunction *c, uint32_t clause)
{
    if (c->purpose == RF_RANKING && !c->blind)
        rf_batch_cut(&c->batch, rf_row(c, clause), c->shift, c->first, rf_ranked_threshold(c->run));
}
