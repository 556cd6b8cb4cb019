/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The best of a disjunction, chunk by chunk of 65,536 docs.
 *
 * Lists stand in order of falling df. In each range of 512 docs the bounds of all lists say whether a doc there can be among the best at all,
 * and which lists have to be read for it: the first ones, as long as their bounds together stay below the threshold, need not be, for a
 * doc that only they hold is not good enough. The others are streamed: each of their postings that could still make a good doc with all that
 * the other lists can add is added to the sum of its doc. Docs whose sum, with what the lists that were not streamed can add, reaches the
 * threshold are candidates; for these alone those lists are asked: first by closer bounds, and dense ones whether they hold the doc at all.
 */
#include "query/batch.h"

#include <stdlib.h>

enum {
    MUCH_TO_STREAM = 100000,   /* postings, and a thousand more for each hit that is wanted */
    MUCH_OF_FREQUENT = 300000, /* postings */
    MANY_LISTS = 64            /* asking so many for each candidate costs more than reading them */
};

/* A leaf in the segment at hand. */
struct member {
    const struct rf_leaf *leaf;
    uint32_t df;
    struct rf_scoring scoring;
    struct rf_postings *postings; /* NULL: all docs and scores are here already, */
    uint32_t *docs, *scores;      /* for there are few, or it is a phrase, */
    size_t count, next, end;      /* and those of the chunk are [next, end) */
    struct rf_bound bound;
    bool closer; /* there are bounds for parts of ranges */
};

struct disjunction {
    struct rf_ranked *run;
    struct member *list; /* by falling df */
    uint32_t count;
    struct rf_postings **nots;
    uint32_t not_count;
    struct member *phrases_out; /* phrases under NOT, by all their docs */
    uint32_t phrases_out_count;
    struct rf_workspace *work;
    /* Bounds by lists and ranges; and by ranges what all lists can add up to. */
    unsigned bits;   /* docs of a range: 2^bits */
    uint32_t chunks; /* of RF_CHUNK_RANGES ranges */
    uint32_t *bounds, *totals;
    size_t stride; /* from one list's bounds to the next one's */
    /* The chunk at hand, by lists and their ranges. */
    uint32_t base, threshold;
    size_t first; /* its first range */
    uint32_t *needs, *reach;
    uint64_t (*live)[2];
    uint32_t streamed; /* so many lists are */
    size_t touched_count;
    /* Docs that may be among the best: doc - base, and below that, in the low 32 bits, what it can score at most. */
    uint64_t *candidates;
    size_t candidate_count;
};

/* ---- Opening ---- */

/* Lists without stored bounds are short: they are decoded and scored at once, which bounds their ranges exactly. */
static riffle_status score_all(struct disjunction *d, struct member *member)
{
    struct rf_ranked *run = d->run;
    struct rf_postings *postings = member->postings;
    member->docs = rf_arena_array(&run->arena, (size_t)member->df + RF_BLOCK + RF_PADDING, sizeof *member->docs);
    member->scores = rf_arena_array(&run->arena, (size_t)member->df + RF_BLOCK + RF_PADDING, sizeof *member->scores);
    if (!member->docs || !member->scores)
        return rf_fail_memory(run->error);
    riffle_status status = RIFFLE_OK;
    for (uint32_t b = 0; !status && b < postings->list.blocks; b++) {
        uint32_t *docs = member->docs + member->count;
        if (!(status = rf_list_block(&postings->list, b, &postings->block, run->error)) &&
            !(status = rf_list_docs(&postings->list, &postings->block, docs, run->error)) &&
            !(status = rf_list_tfs(&postings->list, &postings->block, postings->tfs, run->error)))
            rf_kernels->score(&member->scoring, docs, postings->tfs, postings->block.count, member->scores + member->count);
        member->count += postings->block.count;
    }
    member->postings = NULL;
    return status;
}

static riffle_status open_phrase(struct disjunction *d, struct member *member)
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

static riffle_status open_member(struct disjunction *d, struct member *member, const struct rf_leaf *leaf)
{
    struct rf_ranked *run = d->run;
    *member = (struct member){.leaf = leaf, .scoring = {run->scorer, run->lengths, leaf->scaled_weight, 0}};
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
static struct member *find_same(struct disjunction *d, const struct rf_leaf *leaf)
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
static riffle_status score_member(struct disjunction *d, struct member *member)
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
    const struct member *x = a, *y = b;
    if (x->df != y->df)
        return x->df < y->df ? 1 : -1;
    return (x->leaf->number > y->leaf->number) - (x->leaf->number < y->leaf->number);
}

static void sort_members(struct member *list, uint32_t count)
{
    if (count > 16) {
        qsort(list, count, sizeof *list, by_falling_df);
        return;
    }
    for (uint32_t i = 1; i < count; i++) {
        struct member moving = list[i];
        uint32_t at = i;
        for (; at && by_falling_df(&list[at - 1], &moving) > 0; at--)
            list[at] = list[at - 1];
        list[at] = moving;
    }
}

static riffle_status open_nots(struct disjunction *d)
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
            struct member *phrase = &d->phrases_out[d->phrases_out_count++];
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
static void bound_scores(const struct member *member, unsigned bits, uint32_t *bounds)
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
static unsigned choose_bits(const struct disjunction *d)
{
    uint64_t frequent = 0;
    for (uint32_t l = 0; l < d->count; l++)
        frequent += d->list[l].postings && d->list[l].postings->list.fine_maxima ? d->list[l].df : 0;
    return frequent > MUCH_OF_FREQUENT ? RF_FINE_BITS : RF_RANGE_BITS;
}

static riffle_status bound_lists(struct disjunction *d)
{
    struct rf_ranked *run = d->run;
    d->bits = choose_bits(d);
    size_t ranges = ((run->docs - 1) >> d->bits) + 1;
    d->chunks = (uint32_t)((ranges - 1) / RF_CHUNK_RANGES + 1);
    d->stride = (size_t)d->chunks * RF_CHUNK_RANGES;
    size_t needs = (size_t)d->count * RF_CHUNK_RANGES;
    d->bounds = rf_arena_array(&run->arena, d->count * d->stride + RF_PADDING, sizeof *d->bounds);
    d->totals = rf_arena_array(&run->arena, d->stride, sizeof *d->totals);
    d->needs = rf_arena_array(&run->arena, needs + RF_CHUNK_RANGES, sizeof *d->needs);
    d->live = rf_arena_array(&run->arena, d->count, sizeof *d->live);
    if (!d->bounds || !d->totals || !d->needs || !d->live)
        return rf_fail_memory(run->error);
    d->reach = d->needs + needs;
    for (uint32_t l = 0; l < d->count; l++) {
        struct member *member = &d->list[l];
        uint32_t *bounds = d->bounds + l * d->stride;
        if (member->postings) {
            rf_ranked_all_bounds(&member->postings->list, &member->bound, d->bits, ranges, bounds);
            memset(bounds + ranges, 0, (d->stride - ranges) * sizeof *bounds);
            member->closer = d->bits != RF_FINE_BITS && member->postings->list.fine_maxima;
        } else {
            bound_scores(member, d->bits, bounds);
        }
    }
    for (uint32_t l = 0; l < d->count; l++) {
        const uint32_t *bounds = d->bounds + l * d->stride;
        for (size_t r = 0; r < ranges; r++)
            d->totals[r] += bounds[r];
    }
    return RIFFLE_OK;
}

static riffle_status open_lists(struct disjunction *d)
{
    struct rf_ranked *run = d->run;
    d->list = rf_arena_array(&run->arena, run->should_count, sizeof *d->list);
    if (!d->list)
        return rf_fail_memory(run->error);
    riffle_status status = RIFFLE_OK;
    for (uint32_t i = 0; !status && i < run->should_count; i++) {
        struct member *member = &d->list[d->count], *same = find_same(d, run->shoulds[i]);
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

/* ---- The plan of a chunk ---- */

static inline uint32_t chunk_docs(const struct disjunction *d) { return RF_CHUNK_RANGES << d->bits; }

/* Of docs that are here already: the first from number `from` on that is at or behind `doc`. */
static size_t first_behind(const struct member *member, size_t from, uint64_t doc)
{
    size_t step = 1, end = from;
    while (end < member->count && member->docs[end] < doc) {
        from = end + 1;
        end += step;
        step *= 2;
    }
    end = end < member->count ? end : member->count;
    while (from < end) {
        size_t middle = from + (end - from) / 2;
        if (member->docs[middle] < doc)
            from = middle + 1;
        else
            end = middle;
    }
    return from;
}

/* Where there are many lists: all are streamed wherever a doc can be good enough. */
static void stream_all(struct disjunction *d)
{
    for (uint32_t r = 0; r < RF_CHUNK_RANGES; r++) {
        uint32_t total = d->totals[d->first + r];
        d->reach[r] = d->threshold;
        for (uint32_t l = 0; total >= d->threshold && l < d->count; l++) {
            uint32_t bound = d->bounds[l * d->stride + d->first + r], others = total - bound;
            if (!bound)
                continue;
            d->needs[(size_t)l * RF_CHUNK_RANGES + r] = d->threshold > others ? d->threshold - others : 1;
            d->live[l][r / 64] |= 1ull << r % 64;
        }
    }
}

/* Makes the chunk from `base` on the one at hand. False: there is nothing to do in it, in those of its ranges that are `chosen` (NULL: in all). */
static bool plan_chunk(struct disjunction *d, uint64_t base, const uint64_t *chosen)
{
    d->base = (uint32_t)base;
    d->threshold = rf_ranked_threshold(d->run);
    d->first = (size_t)(base >> d->bits);
    rf_kernels->plan_chunk(d->bounds + d->first, d->stride, d->count, d->threshold, d->needs, d->reach, d->live);
    if (d->count > MANY_LISTS)
        stream_all(d);
    uint32_t left_out[RF_CHUNK_RANGES];
    for (uint32_t r = 0; chosen && r < RF_CHUNK_RANGES; r++)
        left_out[r] = (uint32_t)(chosen[r / 64] >> r % 64 & 1) - 1;
    for (uint32_t l = 0; chosen && l < d->count; l++) {
        d->live[l][0] &= chosen[0];
        d->live[l][1] &= chosen[1];
        for (uint32_t r = 0; r < RF_CHUNK_RANGES; r++)
            d->needs[(size_t)l * RF_CHUNK_RANGES + r] |= left_out[r];
    }
    d->streamed = 0;
    for (uint32_t l = 0; l < d->count; l++)
        d->streamed += d->live[l][0] || d->live[l][1];
    for (uint32_t l = 0; d->streamed && l < d->count; l++) {
        struct member *member = &d->list[l];
        if (member->postings)
            continue;
        member->next = first_behind(member, member->next, base);
        member->end = first_behind(member, member->next, base + chunk_docs(d));
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
static bool is_hopeless(const struct disjunction *d, const struct member *member, const struct rf_block *block,
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
static void add_candidate(struct disjunction *d, uint32_t doc, uint32_t score)
{
    uint32_t place = doc - d->base;
    d->candidates[d->candidate_count++] = (uint64_t)place << 32 | (score + (d->threshold - d->reach[place >> d->bits]));
}

static void take_scores(struct disjunction *d, const struct rf_chunk *chunk, const uint32_t *docs, const uint32_t *scores, size_t n)
{
    struct rf_workspace *work = d->work;
    if (d->streamed > 1) {
        d->touched_count += rf_kernels->accumulate_scores(chunk, docs, scores, n, work->sums, work->touched + d->touched_count);
        return;
    }
    size_t count = rf_kernels->filter(chunk, docs, scores, n, work->places);
    for (size_t i = 0; i < count; i++)
        add_candidate(d, docs[work->places[i]], scores[work->places[i]]);
}

static void take_block(struct disjunction *d, const struct rf_chunk *chunk, const struct member *member)
{
    struct rf_workspace *work = d->work;
    const struct rf_postings *postings = member->postings;
    uint32_t n = postings->block.count;
    if (d->streamed > 1) {
        d->touched_count += rf_kernels->accumulate(&member->scoring, chunk, postings->docs, postings->tfs, n, work->sums,
                                                   work->touched + d->touched_count);
        return;
    }
    size_t count =
        rf_kernels->score_filter(&member->scoring, chunk, postings->docs, postings->tfs, n, work->places, work->docs, work->tfs);
    for (size_t i = 0; i < count; i++)
        add_candidate(d, work->docs[i], work->tfs[i]);
}

static riffle_status stream(struct disjunction *d, uint32_t l)
{
    struct member *member = &d->list[l];
    riffle_error *error = d->run->error;
    const uint32_t *need = d->needs + (size_t)l * RF_CHUNK_RANGES;
    struct rf_chunk chunk = {d->base, d->bits, need};
    if (!member->postings) {
        take_scores(d, &chunk, member->docs + member->next, member->scores + member->next, member->end - member->next);
        return RIFFLE_OK;
    }
    struct rf_postings *postings = member->postings;
    uint32_t range = next_live(d->live[l], 0), doc = d->base + (range << d->bits);
    while (range < RF_CHUNK_RANGES) {
        bool more;
        riffle_status status = rf_postings_seek(postings, doc, &more, error);
        if (status || !more)
            return status;
        const struct rf_block *block = &postings->block;
        if (block->base > doc) { /* the range may have nothing of the list behind the blocks before */
            uint32_t first = (block->base - d->base) >> d->bits;
            range = first < RF_CHUNK_RANGES ? next_live(d->live[l], first) : RF_CHUNK_RANGES;
            doc = d->base + (range << d->bits);
            if (range == RF_CHUNK_RANGES || block->last < doc)
                continue;
        }
        if (!is_hopeless(d, member, block, need)) {
            if ((status = rf_postings_docs(postings, error)) || (status = rf_postings_tfs(postings, error)))
                return status;
            take_block(d, &chunk, member);
        }
        uint32_t behind = block->last + 1; /* in a live range? */
        if (behind - d->base >= chunk_docs(d))
            break;
        range = next_live(d->live[l], (behind - d->base) >> d->bits);
        doc = d->base + (range << d->bits) > behind ? d->base + (range << d->bits) : behind;
    }
    return RIFFLE_OK;
}

/* ---- Candidates ---- */

static uint32_t place_of(uint64_t candidate) { return (uint32_t)(candidate >> 32); }

/* What a list could add to a doc, as far as its range tells, where it was not streamed; 0 where it was. */
static inline uint32_t left_over(const struct disjunction *d, uint32_t l, uint32_t place)
{
    size_t range = place >> d->bits;
    return d->bounds[l * d->stride + d->first + range] & -(uint32_t)(d->needs[(size_t)l * RF_CHUNK_RANGES + range] == UINT32_MAX);
}

/* The same by the closer bounds of frequent terms. */
static inline uint32_t left_over_closely(const struct disjunction *d, uint32_t l, uint32_t place)
{
    const struct member *member = &d->list[l];
    if (!member->closer)
        return left_over(d, l, place);
    uint32_t code = member->postings->list.fine_maxima[(d->base + place) >> RF_FINE_BITS];
    uint32_t bound = (uint32_t)(int32_t)(member->bound.low + member->bound.step * (float)(int32_t)code);
    return bound & -(uint32_t)(code && left_over(d, l, place));
}

/* And by the bitmap of dense ones. */
static inline uint32_t could_add(const struct disjunction *d, uint32_t l, uint32_t place)
{
    const struct rf_postings *postings = d->list[l].postings;
    uint32_t most = left_over_closely(d, l, place), doc = d->base + place;
    if (!postings || !postings->list.bitmap)
        return most;
    return most & -(uint32_t)(postings->list.bitmap[doc >> 3] >> (doc & 7) & 1);
}

/* Makes candidates of the docs that were touched, and their sums zero again. */
static void find_candidates(struct disjunction *d)
{
    uint32_t *sums = d->work->sums, threshold = d->threshold;
    size_t kept = d->candidate_count;
    for (size_t i = 0; i < d->touched_count; i++) {
        uint32_t place = d->work->touched[i], sum = sums[place], reach = d->reach[place >> d->bits];
        sums[place] = 0;
        d->candidates[kept] =
            (uint64_t)place << 32 | (sum + (threshold - reach)); /* reach is the threshold less what is left over */
        kept += sum >= reach;
    }
    d->candidate_count = kept;
    d->touched_count = 0;
}

/* Takes away what frequent terms cannot add to a doc, though they can to others of its range. No branch is to be foreseen, so that many
 * docs are looked up at a time. */
static void look_closer(struct disjunction *d, uint32_t l)
{
    uint32_t threshold = d->threshold;
    size_t kept = 0;
    for (size_t i = 0; i < d->candidate_count; i++) {
        uint64_t candidate = d->candidates[i];
        uint32_t place = place_of(candidate);
        candidate -= left_over(d, l, place) - left_over_closely(d, l, place);
        d->candidates[kept] = candidate;
        kept += (uint32_t)candidate >= threshold;
    }
    d->candidate_count = kept;
}

/* And what dense ones cannot add, for they do not hold the doc. */
static void look_into_bitmap(struct disjunction *d, uint32_t l)
{
    uint32_t threshold = d->threshold;
    size_t kept = 0;
    for (size_t i = 0; i < d->candidate_count; i++) {
        uint64_t candidate = d->candidates[i];
        uint32_t place = place_of(candidate);
        candidate -= left_over_closely(d, l, place) - could_add(d, l, place);
        d->candidates[kept] = candidate;
        kept += (uint32_t)candidate >= threshold;
    }
    d->candidate_count = kept;
}

static void sort_candidates(struct disjunction *d)
{
    uint64_t *list = d->candidates, *other = d->work->sorting;
    size_t n = d->candidate_count, ordered = 1;
    while (ordered < n && list[ordered - 1] < list[ordered])
        ordered++;
    if (ordered >= n) /* one list was streamed */
        return;
    if (n <= 32) {
        for (size_t i = 1; i < n; i++) {
            uint64_t moving = list[i];
            size_t at = i;
            for (; at && list[at - 1] > moving; at--)
                list[at] = list[at - 1];
            list[at] = moving;
        }
        return;
    }
    for (unsigned shift = 32; shift < 32 + RF_CHUNK_BITS; shift += 8) { /* counting sort by a byte of the doc at a time */
        uint32_t starts[256] = {0}, sum = 0;
        for (size_t i = 0; i < n; i++)
            starts[list[i] >> shift & 255]++;
        for (unsigned b = 0; b < 256; b++) {
            uint32_t count = starts[b];
            starts[b] = sum;
            sum += count;
        }
        for (size_t i = 0; i < n; i++)
            other[starts[list[i] >> shift & 255]++] = list[i];
        uint64_t *sorted = other;
        other = list;
        list = sorted;
    }
}

/* The docs that hold a list, of d->work->docs: their places there, and their scores. */
static riffle_status probe(struct disjunction *d, struct member *member, size_t n, size_t *found)
{
    const uint32_t *docs = d->work->docs;
    uint32_t *places = d->work->places, *scores = d->work->tfs;
    *found = 0;
    if (!member->postings) {
        size_t at = first_behind(member, 0, d->base);
        for (size_t i = 0; i < n; i++) {
            at = first_behind(member, at, docs[i]);
            if (at < member->count && member->docs[at] == docs[i]) {
                places[*found] = (uint32_t)i;
                scores[(*found)++] = member->scores[at];
            }
        }
        return RIFFLE_OK;
    }
    riffle_status status = rf_batch_join(member->postings, docs, n, places, NULL, scores, found, d->run->error);
    for (size_t i = 0; !status && i < *found; i++)
        scores[i] = rf_score(&member->scoring, docs[places[i]], scores[i]);
    return status;
}

/* Puts the scores of list `l` in the place of what it could add, where it was not streamed, and keeps what can still be good enough. */
static riffle_status complete(struct disjunction *d, uint32_t l)
{
    struct rf_workspace *work = d->work;
    struct member *member = &d->list[l];
    size_t n = 0, found = 0, kept = 0;
    for (size_t i = 0; i < d->candidate_count; i++) {
        uint32_t place = place_of(d->candidates[i]), more = could_add(d, l, place);
        work->docs[n] = d->base + place;
        work->asked[n] = (uint32_t)i;
        work->could_add[n] = more;
        n += more > 0;
    }
    riffle_status status = n ? probe(d, member, n, &found) : RIFFLE_OK;
    if (status || !n)
        return status;
    for (size_t i = 0; i < n; i++)
        d->candidates[work->asked[i]] -= work->could_add[i];
    for (size_t i = 0; i < found; i++)
        d->candidates[work->asked[work->places[i]]] += work->tfs[i];
    for (size_t i = 0; i < d->candidate_count; i++) {
        uint64_t candidate = d->candidates[i];
        d->candidates[kept] = candidate;
        kept += (uint32_t)candidate >= d->threshold;
    }
    d->candidate_count = kept;
    return RIFFLE_OK;
}

/* Drops the candidates that a list holds. */
static riffle_status drop(struct disjunction *d, struct rf_postings *postings, struct member *member)
{
    struct rf_workspace *work = d->work;
    size_t n = d->candidate_count, kept = 0, found = 0;
    for (size_t i = 0; i < n; i++)
        work->docs[i] = d->base + place_of(d->candidates[i]);
    riffle_status status = postings ? rf_batch_join(postings, work->docs, n, work->places, NULL, NULL, &found, d->run->error)
                                    : probe(d, member, n, &found);
    for (size_t i = 0, at = 0; !status && i < n; i++) {
        bool was_found = at < found && work->places[at] == i;
        at += was_found;
        d->candidates[kept] = d->candidates[i];
        kept += !was_found;
    }
    d->candidate_count = kept;
    return status;
}

/* The docs that are good enough by their scores are held against filters and nots. */
static riffle_status exclude(struct disjunction *d)
{
    size_t kept = 0;
    for (size_t i = 0; d->run->allowed && i < d->candidate_count; i++) {
        d->candidates[kept] = d->candidates[i];
        kept += rf_ranked_allows(d->run, d->base + place_of(d->candidates[i]));
    }
    if (d->run->allowed)
        d->candidate_count = kept;
    riffle_status status = RIFFLE_OK;
    for (uint32_t i = 0; !status && i < d->not_count && d->candidate_count; i++)
        status = drop(d, d->nots[i], NULL);
    for (uint32_t i = 0; !status && i < d->phrases_out_count && d->candidate_count; i++)
        status = drop(d, NULL, &d->phrases_out[i]);
    return status;
}

static riffle_status finish_chunk(struct disjunction *d)
{
    find_candidates(d);
    for (uint32_t l = 0; l < d->count && d->candidate_count; l++)
        if (d->list[l].closer)
            look_closer(d, l);
    for (uint32_t l = 0; l < d->count && d->candidate_count; l++)
        if (d->list[l].postings && d->list[l].postings->list.bitmap)
            look_into_bitmap(d, l);
    if (!d->candidate_count)
        return RIFFLE_OK;
    sort_candidates(d);
    riffle_status status = RIFFLE_OK;
    for (uint32_t l = d->count; !status && l-- > 0 && d->candidate_count;)
        status = complete(d, l);
    if (!status)
        status = exclude(d);
    for (size_t i = 0; !status && i < d->candidate_count; i++)
        if (!rf_top_add(&d->run->top, (uint32_t)d->candidates[i], d->run->segment, d->base + place_of(d->candidates[i])))
            status = rf_fail_memory(d->run->error);
    rf_top_settle(&d->run->top);
    return status;
}

/* ---- The whole segment ---- */

static riffle_status search_chunk(struct disjunction *d, uint64_t base, const uint64_t *chosen)
{
    riffle_status status = RIFFLE_OK;
    d->candidate_count = 0;
    if (!plan_chunk(d, base, chosen))
        return status;
    for (uint32_t l = d->count; !status && l-- > 0;)
        if (d->live[l][0] || d->live[l][1])
            status = stream(d, l);
    return status ? status : finish_chunk(d);
}

/*
 * Searches the ranges that promise most, only for a threshold: as many docs as are wanted were found that score at least so much. It saves
 * more than it costs where there is much to stream.
 */
static riffle_status search_best_ranges(struct disjunction *d)
{
    struct rf_ranked *run = d->run;
    uint64_t postings = 0, wanted = run->request->wanted;
    for (uint32_t l = 0; l < d->count; l++)
        postings += d->list[l].postings ? d->list[l].df : 0;
    if (postings < MUCH_TO_STREAM + wanted * 1000)
        return RIFFLE_OK;
    uint64_t *chosen = rf_arena_array(&run->arena, d->stride / 64, sizeof *chosen);
    if (!chosen)
        return rf_fail_memory(run->error);
    if (!rf_ranked_choose(run, d->totals, d->stride, chosen))
        return RIFFLE_OK;
    struct rf_trial trial;
    rf_trial_begin(run, &trial);
    riffle_status status = RIFFLE_OK;
    for (uint32_t c = 0; !status && c < d->chunks && !rf_ranked_is_late(run); c++)
        if (chosen[2 * c] || chosen[2 * c + 1])
            status = search_chunk(d, (uint64_t)c * chunk_docs(d), &chosen[(size_t)2 * c]);
    rf_trial_end(run, &trial);
    for (uint32_t l = 0; l < d->count; l++)
        d->list[l].next = 0;
    return status;
}

riffle_status rf_disjunction(struct rf_ranked *run)
{
    struct disjunction d = {.run = run, .work = run->work, .candidates = run->work->candidates};
    riffle_status status = open_lists(&d);
    if (!status && d.count)
        status = search_best_ranges(&d);
    for (uint32_t c = 0; !status && d.count && c < d.chunks && !rf_ranked_is_late(run); c++)
        status = search_chunk(&d, (uint64_t)c * chunk_docs(&d), NULL);
    if (d.touched_count) /* after a failure */
        memset(d.work->sums, 0, sizeof d.work->sums);
    return status;
}
