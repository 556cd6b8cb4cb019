/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The best of a disjunction, chunk by chunk of 65,536 docs.
 *
 * Lists stand in order of falling df. In each range of 512 docs the bounds of all lists say whether a doc there can be among the best at all,
 * and which lists have to be read for it: the first ones, as long as their bounds together stay below the threshold, need not be, for a
 * doc that only they hold is not good enough. The others are streamed: each of their postings that could still make a good doc with all that
 * the other lists can add is added to the sum of its doc. Docs whose sum, with what the lists that were not streamed can add, reaches the
 * threshold are candidates; for these alone those lists are asked, when there are some hundred of them: first by closer bounds, and dense ones
 * whether they hold the doc at all.
 */
#include "query/disjunction.h"

#include <stdlib.h>

enum { MUCH_OF_FREQUENT = 300000 /* postings */ };

/* ---- Opening ---- */

/* Lists without stored bounds are short: they are decoded and scored at once, which bounds their ranges exactly. */
static riffle_status score_all(struct rf_disjunction *d, struct rf_member *member)
{
    struct rf_ranked *run = d->run;
    member->docs = rf_arena_room(&run->arena, (size_t)member->df + RF_BLOCK + RF_PADDING, sizeof *member->docs);
    member->scores = rf_arena_room(&run->arena, (size_t)member->df + RF_BLOCK + RF_PADDING, sizeof *member->scores);
    if (!member->docs || !member->scores)
        return rf_fail_memory(run->error);
    riffle_status status = rf_member_scores(d, member, member->docs, member->scores, &member->count);
    member->postings = NULL;
    return status;
}

static riffle_status open_phrase(struct rf_disjunction *d, struct rf_member *member)
{
    struct rf_ranked *run = d->run;
    uint32_t *tfs;
    riffle_status status = rf_phrase_postings(run, member->leaf, &member->docs, &tfs, &member->count);
    if (status)
        return status;
    member->df = (uint32_t)member->count;
    member->scores = tfs; /* so far */
    return RIFFLE_OK;
}

static riffle_status open_member(struct rf_disjunction *d, struct rf_member *member, const struct rf_leaf *leaf)
{
    struct rf_ranked *run = d->run;
    *member = (struct rf_member){.leaf = leaf, .scoring = {run->scorer, run->lengths, leaf->scaled_weight, 0}};
    if (leaf->kind == RF_LEAF_PHRASE)
        return open_phrase(d, member);
    const struct rf_term *term = rf_ranked_term(run, &leaf->slots[0]);
    member->df = term->df;
    if (!term->df)
        return RIFFLE_OK;
    member->postings = rf_arena_alloc(&run->arena, sizeof *member->postings);
    if (!member->postings)
        return rf_fail_memory(run->error);
    return rf_postings_open(member->postings, run->data, term, run->error);
}

/* Of a word that stands in the query again: the list that is there already. NULL: none. */
static struct rf_member *find_same(struct rf_disjunction *d, const struct rf_leaf *leaf)
{
    const struct rf_slot *slot = &leaf->slots[0];
    for (uint32_t l = 0; leaf->kind != RF_LEAF_PHRASE && l < d->count; l++) {
        const struct rf_leaf *other = d->list[l].leaf;
        const struct rf_bytes *a = &slot->keys[0], *b = &other->slots[0].keys[0];
        if (other->slots[0].df == slot->df && other->kind != RF_LEAF_PHRASE && a->length == b->length &&
            memcmp(a->data, b->data, a->length) == 0)
            return &d->list[l];
    }
    return NULL;
}

/* What the list can score, or, where it is short, does score. */
static riffle_status score_member(struct rf_disjunction *d, struct rf_member *member)
{
    if (!member->postings)
        rf_kernels->score(&member->scoring, member->docs, member->scores, member->count, member->scores);
    else if (!member->postings->list.maxima)
        return score_all(d, member);
    else
        member->bound = rf_ranked_bound(d->run, &member->postings->list, member->scoring.weight, 1 + member->scoring.again);
    return RIFFLE_OK;
}

static int by_falling_df(const void *a, const void *b)
{
    const struct rf_member *x = a, *y = b;
    if (x->df != y->df)
        return x->df < y->df ? 1 : -1;
    return (x->leaf->number > y->leaf->number) - (x->leaf->number < y->leaf->number);
}

static void sort_members(struct rf_member *list, uint32_t count)
{
    if (count > 16) {
        qsort(list, count, sizeof *list, by_falling_df);
        return;
    }
    for (uint32_t i = 1; i < count; i++) {
        struct rf_member moving = list[i];
        uint32_t at = i;
        for (; at && by_falling_df(&list[at - 1], &moving) > 0; at--)
            list[at] = list[at - 1];
        list[at] = moving;
    }
}

static riffle_status open_nots(struct rf_disjunction *d)
{
    struct rf_ranked *run = d->run;
    d->nots = rf_arena_array(&run->arena, run->not_count, sizeof(struct rf_postings *));
    d->phrases_out = rf_arena_array(&run->arena, run->not_count, sizeof *d->phrases_out);
    if (!d->nots || !d->phrases_out)
        return rf_fail_memory(run->error);
    riffle_status status = RIFFLE_OK;
    for (uint32_t i = 0; !status && i < run->not_count; i++) {
        const struct rf_leaf *leaf = run->nots[i];
        if (leaf->kind == RF_LEAF_PHRASE) {
            struct rf_member *phrase = &d->phrases_out[d->phrases_out_count++];
            if (!(status = open_member(d, phrase, leaf)))
                status = score_member(d, phrase);
            continue;
        }
        const struct rf_term *term = rf_ranked_term(run, &leaf->slots[0]);
        if (!term->df)
            continue;
        struct rf_postings *postings = rf_arena_alloc(&run->arena, sizeof *postings);
        if (!postings)
            return rf_fail_memory(run->error);
        d->nots[d->not_count++] = postings;
        status = rf_postings_open(postings, run->data, term, run->error);
    }
    return status;
}

/* Of scores that are there: the highest of each range. */
static void bound_scores(const struct rf_member *member, unsigned bits, uint32_t *bounds)
{
    for (size_t i = 0; i < member->count; i++) {
        uint32_t *bound = &bounds[member->docs[i] >> bits];
        *bound = member->scores[i] > *bound ? member->scores[i] : *bound;
    }
}

/*
 * Short ranges are worth their number where frequent terms have much to stream: in long ones nearly each of those has some passage with
 * a high score.
 */
static unsigned choose_bits(const struct rf_disjunction *d)
{
    uint64_t frequent = 0;
    for (uint32_t l = 0; l < d->count; l++)
        frequent += d->list[l].postings && d->list[l].postings->list.fine_maxima ? d->list[l].df : 0;
    return frequent > MUCH_OF_FREQUENT ? RF_FINE_BITS : RF_RANGE_BITS;
}

/* By the codes of a list's bounds. NULL: no memory. */
static uint32_t *bounds_of_codes(const struct rf_disjunction *d, const struct rf_member *member)
{
    enum { CODES = 256 };
    uint8_t codes[CODES];
    uint32_t *bounds = rf_arena_array(&d->run->arena, CODES, sizeof *bounds);
    for (size_t c = 0; c < CODES; c++)
        codes[c] = (uint8_t)c;
    if (bounds)
        rf_kernels->bounds(codes, CODES, member->bound.low, member->bound.step, bounds);
    return bounds;
}

static riffle_status bound_lists(struct rf_disjunction *d)
{
    struct rf_ranked *run = d->run;
    d->bits = choose_bits(d);
    size_t ranges = ((run->docs - 1) >> d->bits) + 1;
    d->chunks = (uint32_t)((ranges - 1) / RF_CHUNK_RANGES + 1);
    d->stride = (size_t)d->chunks * RF_CHUNK_RANGES;
    d->bounds = rf_arena_room(&run->arena, d->count * d->stride + RF_PADDING, sizeof *d->bounds);
    d->totals = rf_arena_array(&run->arena, d->stride, sizeof *d->totals);
    d->needs = rf_arena_room(&run->arena, (size_t)d->count * RF_CHUNK_RANGES, sizeof *d->needs);
    d->live = rf_arena_array(&run->arena, d->count, sizeof *d->live);
    d->rest = rf_arena_room(&run->arena, ((size_t)d->count + 1) * RF_REST, sizeof *d->rest);
    d->asked = rf_arena_array(&run->arena, d->count, sizeof *d->asked);
    d->row_lists = rf_arena_array(&run->arena, d->count, sizeof *d->row_lists);
    if (!d->bounds || !d->totals || !d->needs || !d->live || !d->rest || !d->asked || !d->row_lists)
        return rf_fail_memory(run->error);
    for (uint32_t l = 0; l < d->count; l++) {
        struct rf_member *member = &d->list[l];
        uint32_t *bounds = d->bounds + l * d->stride;
        if (member->postings) {
            rf_ranked_all_bounds(&member->postings->list, &member->bound, d->bits, ranges, bounds);
            memset(bounds + ranges, 0, (d->stride - ranges) * sizeof *bounds);
            if (d->bits != RF_FINE_BITS && member->postings->list.fine_maxima && !(member->closer = bounds_of_codes(d, member)))
                return rf_fail_memory(run->error);
        } else {
            memset(bounds, 0, d->stride * sizeof *bounds);
            bound_scores(member, d->bits, bounds);
        }
    }
    for (size_t r = 0; r < ranges && run->allowed; r++)
        for (uint32_t l = 0; l < d->count && !rf_ranked_allows_any(run, r, d->bits); l++)
            d->bounds[l * d->stride + r] = 0;
    for (uint32_t l = 0; l < d->count; l++) {
        const uint32_t *bounds = d->bounds + l * d->stride;
        for (size_t r = 0; r < ranges; r++)
            d->totals[r] += bounds[r];
    }
    return RIFFLE_OK;
}

static riffle_status open_lists(struct rf_disjunction *d)
{
    struct rf_ranked *run = d->run;
    d->list = rf_arena_array(&run->arena, run->should_count, sizeof *d->list);
    if (!d->list)
        return rf_fail_memory(run->error);
    riffle_status status = RIFFLE_OK;
    for (uint32_t i = 0; !status && i < run->should_count; i++) {
        struct rf_member *member = &d->list[d->count], *same = find_same(d, run->shoulds[i]);
        if (same) {
            same->scoring.again++;
            continue;
        }
        status = open_member(d, member, run->shoulds[i]);
        d->count += member->df > 0;
    }
    for (uint32_t l = 0; !status && l < d->count; l++)
        status = score_member(d, &d->list[l]);
    sort_members(d->list, d->count);
    if (!status && d->count)
        status = bound_lists(d);
    return status ? status : open_nots(d);
}

/* ---- The whole segment ---- */

riffle_status rf_disjunction(struct rf_ranked *run)
{
    struct rf_disjunction d = {
        .run = run, .work = run->work, .most = run->work->candidates, .docs = run->work->candidates + RF_PENDING};
    riffle_status status = open_lists(&d);
    if (!status && d.count)
        status = rf_disjunction_prime(&d);
    for (uint32_t c = 0; !status && d.count && c < d.chunks && !rf_ranked_is_late(run); c++)
        status = rf_disjunction_chunk(&d, (uint64_t)c * rf_chunk_docs(&d));
    if (!status && d.count)
        status = rf_disjunction_finish(&d);
    if (d.summing) { /* after a failure */
        memset(d.work->sums, 0, sizeof d.work->sums);
        memset(d.work->marks, 0, sizeof d.work->marks);
    }
    return status;
}
